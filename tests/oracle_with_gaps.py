"""Decree 07/2021 of answers with gaps: every way to fill them is tried, indicator by indicator.

What each indicator says of complete answers is the pencil's affair (``tests.oracle``). Here a missing answer is
replaced by everything that it may be, among the answers that the indicator speaks of; where that changes what the
pencil says, the indicator is open. A household's class is open between all that its indicators and its income leave.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from itertools import product
from typing import Any

from tests.oracle import AVERAGE_CEILING, CLASSES, DEVICES, ENOUGH, ORDER, POVERTY_LINE, deprived

NO, UNKNOWN, YES = 0, 1, 2
MATERIALS = ("wall_durable", "pillar_durable", "roof_durable")
LEVELS = ("none", "primary", "lower_secondary", "upper_secondary", "vocational", "tertiary")
WATER = (
    *("piped", "borehole", "protected_well", "protected_spring", "rainwater", "bottled"),
    *("unprotected_well", "unprotected_spring", "surface", "other"),
)
TOILETS = ("septic", "pour_flush", "vip", "pit_with_seat", "two_vault", "other", "none")
EMPLOYMENT = ("contract", "no_contract", "own_account", "seeking", "not_seeking")
AGES = (*range(35), *range(54, 64), 90)
_FLAG = (False, True)
MAY_BE: dict[str, tuple[Any, ...]] = {
    "age": AGES,
    "sex": ("female", "male"),
    "employment": EMPLOYMENT,
    "qualification": LEVELS,
    "attending": ("none", "preschool", *LEVELS[1:]),
    "floor_area": (0, 10**9),
    "water_source": WATER,
    "toilet": TOILETS,
}
OF_MEMBERS = {
    "employment": ("age", "sex", "able_to_work", "employment"),
    "dependents": ("age", "disabled", "social_allowance"),
    "nutrition": ("age", "stunted", "underweight"),
    "health_insurance": ("age", "insured"),
    "adult_education": ("age", "qualification", "attending", "workplace_training"),
    "child_schooling": ("age", "attending"),
    "telecommunication": ("uses_internet",),
}
OF_HOUSEHOLDS = {
    "housing_quality": MATERIALS,
    "water_source": ("water_source",),
    "toilet": ("toilet",),
    "information_devices": DEVICES,
}
_HOME: dict[str, Any] = {
    **dict.fromkeys((*MATERIALS, *DEVICES), True),
    **{"floor_area": 100, "water_source": "piped", "toilet": "septic"},
}
_PERSON: dict[str, Any] = {
    **{"age": 40, "sex": "female", "able_to_work": True, "employment": "contract", "qualification": "tertiary"},
    **{"attending": "none", "disabled": False, "social_allowance": False, "stunted": False, "underweight": False},
    **{"insured": True, "workplace_training": False, "uses_internet": True},
}


def _filled(names: tuple[str, ...], answers: tuple[Any, ...]) -> Iterator[dict[str, Any]]:
    """Yield those answers with every gap filled in every way."""
    choices = [MAY_BE.get(n, _FLAG) if value is None else (value,) for n, value in zip(names, answers, strict=True)]
    for chosen in product(*choices):
        yield dict(zip(names, chosen, strict=True))


@cache
def _of_member(indicator: str, answers: tuple[Any, ...], year: int) -> int:
    """Return whether a member alone would make a household deprived."""
    ways = _filled(OF_MEMBERS[indicator], answers)
    return _joined({deprived(_HOME, [{**_PERSON, **way}], year)[indicator] for way in ways})


@cache
def _of_household(indicator: str, answers: tuple[Any, ...], year: int) -> int:
    ways = _filled(OF_HOUSEHOLDS[indicator], answers)
    return _joined({deprived({**_HOME, **way}, [_PERSON], year)[indicator] for way in ways})


def _joined(found: set[bool]) -> int:
    return UNKNOWN if len(found) > 1 else YES if True in found else NO


def indicators(household: dict[str, Any], members: list[dict[str, Any]], year: int) -> dict[str, int]:
    """Return 0, 1 or 2 for each indicator."""
    found = dict.fromkeys(ORDER, UNKNOWN)
    for name, asked in OF_HOUSEHOLDS.items():
        found[name] = _of_household(name, tuple(household[each] for each in asked), year)
    if not members:
        return found
    for name, asked in OF_MEMBERS.items():
        each = [_of_member(name, tuple(who[a] for a in asked), year) for who in members]
        found[name] = max(each)
        if name == "telecommunication":  # nobody, rather than anybody
            found[name] = min(each)
        if name == "dependents":
            sure, most = each.count(YES), len(each) - each.count(NO)
            found[name] = YES if 2 * sure > len(each) else UNKNOWN if 2 * most > len(each) else NO
    area = household["floor_area"]
    found["housing_area"] = UNKNOWN if area is None else YES if area < 8 * len(members) else NO
    return found


def possible(household: dict[str, Any], members: list[dict[str, Any]], found: dict[str, int]) -> set[str]:
    """Return the classes that a household may be in, from what its indicators say."""
    income = household["income"]
    if income is None and household.get("total_income") is not None and members:
        income = Fraction(household["total_income"], len(members))
    areas = ("rural", "urban") if household["area"] is None else (household["area"],)
    least, most = list(found.values()).count(YES), len(found) - list(found.values()).count(NO)
    classes: set[str] = set()
    for area, amount in product(areas, (0, POVERTY_LINE["urban"] + 1, 10**12) if income is None else (income,)):
        if amount <= POVERTY_LINE[area]:
            classes |= {CLASSES[0]} if most >= ENOUGH else set()
            classes |= {CLASSES[1]} if least < ENOUGH else set()
        else:
            classes.add(CLASSES[2 if amount <= AVERAGE_CEILING[area] else 3])
    if income is None:
        classes.add(CLASSES[2])  # between the line and the ceiling, wherever it is
    return classes
