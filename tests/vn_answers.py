"""Made-up answers to Vietnam's review: well-off people to change one answer of, and random ones."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

DEVICES = ("television", "radio", "desktop", "phone", "laptop", "tablet", "smartphone")
LEVELS = ("primary", "lower_secondary", "upper_secondary", "vocational", "tertiary")


def home(**answers: Any) -> dict[str, Any]:
    """A rural household at the poverty line that lacks nothing."""
    return {
        "area": "rural",
        "income": 1_500_000,
        "wall_durable": True,
        "pillar_durable": True,
        "roof_durable": True,
        "floor_area": 100,
        "water_source": "piped",
        "toilet": "septic",
        **dict.fromkeys(DEVICES, False),
        "television": True,
        **answers,
    }


def person(**answers: Any) -> dict[str, Any]:
    """An adult who lacks nothing."""
    return {
        "age": 40,
        "sex": "female",
        "able_to_work": True,
        "employment": "own_account",
        "disabled": False,
        "social_allowance": False,
        "stunted": False,
        "underweight": False,
        "insured": True,
        "qualification": "upper_secondary",
        "attending": "none",
        "workplace_training": False,
        "uses_internet": True,
        **answers,
    }


def child(age: int, **answers: Any) -> dict[str, Any]:
    """A child who lacks nothing."""
    attending = "none" if age < 3 else "preschool" if age < 6 else "primary" if age < 12 else "lower_secondary"
    return person(
        **{"age": age, "employment": "not_seeking", "qualification": "none", "attending": attending, **answers}
    )


# Ages on and beside every age that the law names; amounts likewise.
AGES = sorted({age + d for age in (3, 6, 12, 15, 16, 18, 30, 56, 57, 60, 61, 62) for d in (-1, 0, 1)} | {0, 45, 90})
INCOMES = [line + d for line in (1_500_000, 2_000_000, 2_250_000, 3_000_000) for d in (-1, 0, 1)] + [
    0,
    700_000,
    9_000_000,
]

people = st.fixed_dictionaries(
    {
        "age": st.sampled_from(AGES),
        "sex": st.sampled_from(["female", "male"]),
        "able_to_work": st.booleans(),
        "employment": st.sampled_from(["contract", "no_contract", "own_account", "seeking", "not_seeking"]),
        **dict.fromkeys(
            (
                "disabled",
                "social_allowance",
                "stunted",
                "underweight",
                "insured",
                "workplace_training",
                "uses_internet",
            ),
            st.booleans(),
        ),
        "qualification": st.sampled_from(["none", *LEVELS]),
        "attending": st.sampled_from(["none", "preschool", *LEVELS]),
    }
)
homes = st.fixed_dictionaries(
    {
        "area": st.sampled_from(["rural", "urban"]),
        "income": st.sampled_from(INCOMES),
        **dict.fromkeys(("wall_durable", "pillar_durable", "roof_durable", *DEVICES), st.booleans()),
        "floor_area": st.sampled_from([0, 7, 8, 15, 15.9, 16, 24, 31, 32, 39.9, 40, 48]),
        "water_source": st.sampled_from(
            [
                "piped",
                "borehole",
                "protected_well",
                "protected_spring",
                "rainwater",
                "bottled",
                "unprotected_well",
                "unprotected_spring",
                "surface",
                "other",
            ]
        ),
        "toilet": st.sampled_from(["septic", "pour_flush", "vip", "pit_with_seat", "two_vault", "other", "none"]),
    }
)
households = st.tuples(homes, st.lists(people, min_size=1, max_size=6))


@st.composite
def with_gaps(draw: st.DrawFn) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A household some of whose answers are missing."""
    household, members = draw(households)

    def thinned(row: dict[str, Any]) -> dict[str, Any]:
        lost = draw(st.sets(st.sampled_from(sorted(row)), max_size=4))
        return {name: None if name in lost else value for name, value in row.items()}

    return thinned(household), [thinned(member) for member in members]
