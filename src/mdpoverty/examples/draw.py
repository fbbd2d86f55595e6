"""One grain of 10,000 households and their members, drawn so that all answers of a household fit each other.

The numbers are set so that the shares of households that lack something come out near those of the survey;
`tests/test_examples.py` holds them to it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, TypeAlias

import numpy as np

from mdpoverty.standards import standards
from mdpoverty.tables.columns import Array
from mdpoverty.tables.making import Made

# A grain is drawn from its own seed, so any part of a population can be made alone, and blocks of any size are cut from
# the same data. 10,000 households keep a grain's arrays in the processor's cache.
GRAIN: Final = 10_000

# One commune of 1,000 households, village by village. Small ones come first: few households already show both areas.
VILLAGES: Final = np.array([25, 35, 95, 140, 110, 120, 80, 150, 105, 65, 75])
IS_URBAN: Final = np.array([0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1], dtype=bool)

_VILLAGE_NAMES: Final = tuple(
    f"{'Tổ dân phố' if urban else 'Thôn'} Ví Dụ {one}" for one, urban in enumerate(IS_URBAN, start=1)
)

_AREA: Final = ("rural", "urban")
_SEX: Final = ("female", "male")
_EMPLOYMENT: Final = ("contract", "no_contract", "own_account", "seeking", "not_seeking")
_QUALIFICATION: Final = ("none", "primary", "lower_secondary", "upper_secondary", "vocational", "tertiary")
_ATTENDING: Final = ("none", "preschool", *_QUALIFICATION[1:])
_SAFE_WATER: Final = ("piped", "borehole", "protected_well", "protected_spring", "rainwater", "bottled")
_WATER: Final = (*_SAFE_WATER, "unprotected_well", "unprotected_spring", "surface", "other")
_TOILET: Final = ("septic", "pour_flush", "vip", "pit_with_seat", "two_vault", "other", "none")
_DEVICES: Final = ("television", "radio", "desktop", "phone", "laptop", "tablet", "smartphone")


Drawn: TypeAlias = dict[str, Made]


def cut(column: Made, rows: Array | slice) -> Made:
    """Return some rows of a column."""
    missing = None if column.missing is None else column.missing[rows]
    return column._replace(values=column.values[rows], missing=missing)


def below(parts: list[Drawn]) -> Drawn:
    """Put tables below each other; always a copy, since grains are kept for the next block."""

    def joined(columns: list[Made]) -> Made:
        missing = [column.missing for column in columns if column.missing is not None]
        return Made(
            np.concatenate([column.values for column in columns]),
            np.concatenate(missing) if missing else None,
            columns[0].labels,
        )

    return {name: joined([part[name] for part in parts]) for name in parts[0]}


class _Dice:
    """Draws for ``size`` rows whose welfare is ``welfare``: a standard normal that ties all answers together."""

    def __init__(self, rng: np.random.Generator, welfare: Array) -> None:
        self.rng, self.welfare = rng, welfare

    def uniform(self) -> Array:
        """Draw numbers from 0 to 1."""
        numbers: Array = self.rng.random(len(self.welfare))
        return numbers

    def chance(self, rate: Any, pull: float = 0.0) -> Array:
        """Draw yes with ``rate`` on average, and more often the lower the welfare, by ``pull``."""
        lean = np.exp(-pull * self.welfare - pull * pull / 2) if pull else 1.0
        return np.asarray(self.uniform() < rate * lean)

    def pick(self, *shares: float) -> Array:
        """Draw 0, 1, … with the given shares."""
        numbers: Array = np.searchsorted(np.cumsum(shares[:-1]), self.uniform(), side="right")
        return numbers

    def spread(self, *points: tuple[float, float]) -> Array:
        """Draw a whole number whose cumulative shares are given at some points, even in between."""
        shares, values = zip(*points, strict=True)
        numbers: Array = np.interp(self.uniform(), shares, values).astype(np.int16)
        return numbers


def _by_age(age: Array, **points: float) -> Array:
    """Read a rate off a line through ``a15=0.9, a60=0.5, …``."""
    rates: Array = np.interp(age, [int(name[1:]) for name in points], list(points.values()))
    return rates


@lru_cache(maxsize=2)
def grain(number: int, seed: int, gaps: float) -> tuple[Drawn, Drawn, Array]:
    """Return households, members and the number of member rows of each household."""
    # A spawn key names the grain's own seed without spawning the ones before it. Gaps have their own dice, so that they
    # hide answers and don't change them.
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number, 0)))
    forget = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number, 1)))

    per_commune = VILLAGES.sum()
    village = np.tile(np.repeat(np.arange(len(VILLAGES)), VILLAGES), GRAIN // per_commune)
    place = np.arange(GRAIN) // per_commune * len(VILLAGES) + village
    neighbours = rng.standard_normal(place[-1] + 1)[place]
    welfare = np.sqrt(0.9) * rng.standard_normal(GRAIN) + np.sqrt(0.1) * neighbours
    dice, urban = _Dice(rng, welfare), IS_URBAN[village]

    home, age, male = _people(dice)
    size = np.bincount(home, minlength=GRAIN).astype(np.int16)
    members = _answers_of_members(dice, _Dice(rng, welfare[home]), home, age, male, urban)
    households = _answers_of_households(dice, urban, village, size)

    # Gaps gather where the officer was in a hurry: a fifth of the households has most of them.
    hurry = np.where(forget.random(GRAIN) < 0.2, 3.8, 0.3) * gaps
    unseen = forget.random(GRAIN) < gaps / 5
    if gaps:
        households = {name: _forget(forget, name, column, hurry) for name, column in households.items()}
        members = {name: _forget(forget, name, column, hurry[home]) for name, column in members.items()}
        seen = ~unseen[home]
        members = {name: cut(column, seen) for name, column in members.items()}
        return households, members, np.where(unseen, 0, size)
    return households, members, size


def _forget(rng: np.random.Generator, name: str, column: Made, rate: Array) -> Made:
    if name in ("village", "area", "ethnic_minority", "household_size"):
        return column
    share = 1.2 if column.values.dtype == bool else 0.6
    lost = rng.random(len(rate), dtype=np.float32) < share * rate
    return column._replace(missing=lost if column.missing is None else column.missing | lost)


def _people(dice: _Dice) -> tuple[Array, Array, Array]:
    """Return each person's household number, age and whether male: one household after the other, its head first.

    Each household has eleven places, and the empty ones are dropped: head, spouse, four children, a child's spouse,
    two grandchildren, two parents of the head.
    """
    absent = np.int16(-1)
    head = dice.spread((0, 22), (0.09, 30), (0.32, 40), (0.56, 50), (0.77, 60), (0.9, 70), (0.97, 80), (1, 93))
    head_male = dice.chance(0.74)
    paired = _by_age(head, a22=0.62, a30=0.9, a50=0.9, a60=0.82, a70=0.66, a80=0.45, a93=0.2)
    apart = dice.spread((0, -3), (0.2, 0), (0.9, 6), (1, 12))
    spouse = np.clip(np.where(head_male, head - apart, head + apart), 18, 97)
    spouse = np.where(dice.chance(paired * np.where(head_male, 1.0, 0.42)), spouse, absent)

    wish = _by_age(head, a22=0.3, a30=0.42, a40=0.5, a50=0.5, a60=0.42, a93=0.3)
    children = [
        np.where(dice.chance(wish * share, 0.1), head - dice.spread((0, 20), (0.85, 33), (1, 40)), absent)
        for share in (1.75, 1.5, 0.62, 0.27)
    ]
    children = [np.where(dice.chance(_by_age(c, a22=1, a26=0.62, a34=0.42)), c, absent) for c in children]

    heir = np.maximum(children[0], children[1])
    grown = (heir >= 24) & dice.chance(0.62)
    in_law = np.where(grown & dice.chance(0.85), heir + dice.spread((0, -4), (1, 4)), absent)
    grandchildren = [
        np.where(grown & dice.chance(share), heir - dice.spread((0, 21), (1, 32)), absent) for share in (0.9, 0.6)
    ]
    elder = dice.chance(np.where(head < 60, 0.17, 0.03))
    elders = [
        np.where(elder & dice.chance(share), np.minimum(head + dice.spread((0, 20), (1, 33)), 99), absent)
        for share in (1.0, 0.35)
    ]
    ages = np.stack([head, spouse, *children, in_law, *grandchildren, *elders], axis=1)

    males = dice.rng.random(ages.shape, dtype=np.float32) < 0.51
    males[:, 0], males[:, 1] = head_male, ~head_male
    males[:, 9] = dice.chance(0.3)
    males[:, 10] = ~males[:, 9]
    there = (ages >= 0).ravel()
    home = np.repeat(np.arange(len(head)), ages.shape[1])[there]
    return home, ages.ravel()[there].astype(np.int16), males.ravel()[there]


def _schooling(dice: _Dice, age: Array) -> tuple[Array, Array]:
    """Return what each person attends and the highest certificate, as positions in the two lists of codes."""
    # Children: the level of their age, one below at its first years, or none.
    right = np.select([age < 3, age < 6, age < 12, age < 16], [0, 1, 2, 3], 0)
    slip = _by_age(age, a3=0.75, a4=0.5, a5=0.26, a6=0.6, a7=0.14, a11=0.09, a12=0.62, a13=0.32, a14=0.28, a15=0.36)
    late = np.isin(age, (6, 12, 13))
    child = np.where(dice.chance(slip, 0.45), np.where(late, right - 1, 0), right)
    child = np.where(np.isin(age, (5, 11)) & dice.chance(0.04), right + 1, child)

    # Grown people: how far each one gets in the end, and how far that is at this age. Older people had less school.
    drive = 0.6 * dice.welfare + 0.8 * dice.rng.standard_normal(len(age))
    final = np.searchsorted([-2.1, -1.1, 0.14, 0.8, 1.15], drive - 0.012 * np.maximum(age - 30, 0))
    studies = np.select(
        [
            (age < 18) & (final >= 3),
            (age == 18) & (final >= 3) & dice.chance(0.25),
            (age < 20) & ((final == 4) | (final == 2) & dice.chance(0.12)),
            (age < 23) & (final == 5),
            (age < 31) & (final >= 3) & dice.chance(0.03),
        ],
        [4, 4, 5, 6, 6],
        0,
    )
    # While attending, the certificate is the one that the course asks for.
    qualification = np.select([studies == 4, studies > 4], [2, np.minimum(final, 3)], final)
    return np.where(age < 16, child, studies), qualification


def _answers_of_members(house: _Dice, dice: _Dice, home: Array, age: Array, male: Array, urban: Array) -> Drawn:
    attending, qualification = _schooling(dice, age)
    disabled = dice.chance(_by_age(age, a0=0.008, a50=0.02, a60=0.045, a80=0.12, a95=0.25), 0.2)
    able = dice.chance(_by_age(age, a15=0.985, a55=0.97, a65=0.85, a75=0.55, a90=0.12))
    able &= ~(disabled & dice.chance(0.6))
    allowance = np.select([age >= 80, disabled, age >= 60], [0.88, 0.55, 0.06], 0.004)

    works = _by_age(age, a15=0.2, a17=0.55, a20=0.86, a25=0.94, a50=0.94, a58=0.85, a62=0.6, a70=0.3, a80=0.05)
    works = dice.chance(np.where(attending > 0, 0.06, np.where(able, works, 0.1 * works)))
    formal = dice.chance(np.where(urban[home], 0.55, 0.32) * np.array([0.3, 0.4, 0.6, 1, 1.6, 2])[qualification])
    informal = dice.chance(np.where(age < 60, 0.232, 0.08), 0.35)
    seeks = able & (attending == 0) & (age < 60) & dice.chance(0.2, 0.2)
    employment = np.select([works & informal, works & formal & (age < 62), works, seeks], [1, 0, 2, 3], 4)

    # Insurance is lost by the household: whoever pays for one mostly pays for all.
    lapsed = house.chance(0.22, 0.15)[home] & dice.chance(
        _by_age(age, a5=0, a6=0.3, a16=0.3, a18=0.62, a79=0.5, a80=0.05)
    )
    online = ~house.chance(0.056, 0.8)[home] & dice.chance(
        _by_age(age, a0=0, a3=0.05, a10=0.6, a16=0.95, a45=0.95, a60=0.75, a75=0.4, a90=0.05)
    )
    stunted = dice.chance(0.31, 0.35)
    underweight = dice.chance(np.where(stunted, 0.35, 0.06), 0.3)

    young, adult, grown = age >= 16, age < 15, age < 16
    pupil = (age < 3) | (age > 30)

    def ask(values: Array, not_asked: Array, labels: tuple[str, ...] | None = None) -> Made:
        values = values if labels is None else values.astype(np.uint8)
        return Made(np.where(not_asked, values.dtype.type(0), values), not_asked, labels)

    return {
        "age": Made(age),
        "sex": Made(male.astype(np.uint8), None, _SEX),
        "able_to_work": ask(able, adult),
        "employment": ask(employment, adult, _EMPLOYMENT),
        "disabled": Made(disabled),
        "social_allowance": Made(dice.chance(allowance)),
        "stunted": ask(stunted, young),
        "underweight": ask(underweight, young),
        "insured": Made(~lapsed),
        "qualification": ask(qualification, grown, _QUALIFICATION),
        "attending": ask(attending, pupil, _ATTENDING),
        "workplace_training": ask(works & (age < 56) & dice.chance(0.05), grown),
        "uses_internet": Made(online),
    }


def _answers_of_households(dice: _Dice, urban: Array, village: Array, size: Array) -> Drawn:
    # Which of wall, pillar and roof don't last: two or three where the house is bad, at most one elsewhere.
    bad = dice.chance(np.where(urban, 0.008, 0.043), 0.8)
    which = np.where(bad, dice.pick(0.15, 0.45, 0.1, 0.3), dice.pick(0.92, 0.02, 0.01, 0.05) + 4)
    flimsy = np.array([3, 5, 6, 7, 0, 1, 2, 4])[which]

    area = 33 * size**0.55 * np.exp(0.2 * dice.welfare + 0.43 * dice.rng.standard_normal(len(size)))
    area = np.where(dice.chance(0.85), np.rint(area), np.rint(area * 2) / 2).clip(6)
    area = np.where((abs(area / size - 8) < 0.5) & dice.chance(0.3), 8.0 * size, area)

    unsafe_water = dice.chance(np.where(urban, 0.004, 0.029), 0.9)
    water = np.where(
        urban,
        dice.pick(0.82, 0.12, 0.01, 0.0, 0.01, 0.04),
        dice.pick(0.4, 0.38, 0.08, 0.05, 0.06, 0.03),
    )
    water = np.where(unsafe_water, 6 + dice.pick(0.35, 0.35, 0.25, 0.05), water)
    unsafe_toilet = dice.chance(np.where(urban, 0.006, 0.044), 0.9)
    toilet = np.where(urban, dice.pick(0.94, 0.05, 0.0, 0.0, 0.01), dice.pick(0.7, 0.12, 0.02, 0.06, 0.1))
    toilet = np.where(unsafe_toilet, 5 + dice.pick(0.6, 0.4), toilet)

    isolated = dice.chance(0.004, 1.0)
    owns = {
        device: dice.chance(rate, pull) & ~isolated
        for device, rate, pull in zip(
            _DEVICES, (0.9, 0.08, 0.1, 0.5, 0.26, 0.1, 0.88), (0, 0, -0.4, 0, -0.5, -0.5, -0.05), strict=True
        )
    }
    owns["phone"] |= ~(np.logical_or.reduce(list(owns.values())) | isolated)

    return {
        "village": Made(village.astype(np.uint8), None, _VILLAGE_NAMES),
        "area": Made(urban.astype(np.uint8), None, _AREA),
        "ethnic_minority": Made(dice.chance(np.where(urban, 0.05, 0.19), 0.5)),
        "household_size": Made(size),
        "income": Made(_income(dice, urban, size)),
        "wall_durable": Made(flimsy & 1 == 0),
        "pillar_durable": Made(flimsy & 2 == 0),
        "roof_durable": Made(flimsy & 4 == 0),
        "floor_area": Made(area),
        "water_source": Made(water.astype(np.uint8), None, _WATER),
        "toilet": Made(toilet.astype(np.uint8), None, _TOILET),
        **{device: Made(flags) for device, flags in owns.items()},
    }


def _income(dice: _Dice, urban: Array, size: Array) -> Array:
    """Return đồng per person per month, as an officer writes it down."""
    noise = dice.rng.standard_normal(len(size))
    income = np.where(urban, 5_400_000, 3_250_000) * np.exp(0.45 * dice.welfare + 0.35 * noise - 0.04 * (size - 3.6))
    # To the thousand as a rule, to a rounder sum often, and now and then to the đồng: a total shared among the members.
    unit = np.array([1_000, 10_000, 50_000, 100_000, 1])[dice.pick(0.6, 0.18, 0.1, 0.09, 0.03)]
    income = np.rint(income / unit) * unit
    # And some who are about on the line are written on the line.
    lines = standards["vn-2022"].thresholds["income"]
    line = np.where(urban, int(lines["urban"]), int(lines["rural"]))
    return np.where((abs(income / line - 1) < 0.05) & dice.chance(0.25), line, income).astype(np.int64)
