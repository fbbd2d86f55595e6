"""Decision 59/2015: one readable case for each clause."""

from __future__ import annotations

from typing import Any

import pytest

import mdpoverty as mdp

VN = mdp.standards["vn-2016"]
INDICATORS = list(VN.indicators)


def household(area: str, income: int, deprivations: int) -> str | None:
    lacking = {name: i < deprivations for i, name in enumerate(INDICATORS)}
    return VN.assess({"area": area, "income": income, **lacking}, given="all").category


@pytest.mark.parametrize(
    ("area", "income", "deprivations", "expected"),
    [
        # Điều 2: "từ đủ 700.000 đồng trở xuống" is poor, however few the deprivations
        ("rural", 700_000, 0, "poor"),
        ("rural", 0, 0, "poor"),
        ("urban", 900_000, 0, "poor"),
        # "trên 700.000 đồng đến 1.000.000 đồng và thiếu hụt từ 03 chỉ số trở lên"
        ("rural", 700_001, 3, "poor"),
        ("rural", 1_000_000, 3, "poor"),
        ("urban", 900_001, 3, "poor"),
        ("urban", 1_300_000, 10, "poor"),
        # "… và thiếu hụt dưới 03 chỉ số"
        ("rural", 700_001, 2, "near_poor"),
        ("rural", 1_000_000, 2, "near_poor"),
        ("urban", 900_001, 0, "near_poor"),
        ("urban", 1_300_000, 2, "near_poor"),
        # above the near-poverty line deprivations aren't asked
        ("rural", 1_000_001, 10, "average_living"),
        ("rural", 1_500_000, 0, "average_living"),
        ("rural", 1_500_001, 10, "above_average"),
        ("urban", 1_300_001, 10, "average_living"),
        ("urban", 1_950_000, 0, "average_living"),
        ("urban", 1_950_001, 10, "above_average"),
    ],
)
def test_the_classes(area: str, income: int, deprivations: int, expected: str) -> None:
    assert household(area, income, deprivations) == expected


def test_the_ten_indicators_in_legal_order() -> None:
    assert INDICATORS == [
        "health_access",
        "health_insurance",
        "adult_education",
        "child_schooling",
        "housing_quality",
        "housing_area",
        "water_source",
        "toilet",
        "telecommunication",
        "information_assets",
    ]


def test_open_deprivations_do_not_matter_under_the_poverty_line() -> None:
    assert VN.assess({"area": "rural", "income": 700_000}).category == "poor"
    assert VN.assess({"area": "rural", "income": 700_001}).possible == ("poor", "near_poor")


def test_a_total_is_compared_without_dividing() -> None:
    assert VN.assess({"area": "rural", "total_income": 2_100_000, "household_size": 3}).category == "poor"
    assert VN.assess({"area": "rural", "total_income": 2_100_001, "household_size": 3}).possible == (
        "poor",
        "near_poor",
    )


def member(indicator: str, **answers: Any) -> int:
    return VN.assess({}, [answers]).indicators[indicator]


@pytest.mark.parametrize(
    ("indicator", "answers", "expected"),
    [
        ("health_access", {"ill_untreated": True}, 2),
        ("health_access", {"ill_untreated": False}, 0),
        ("health_insurance", {"age": 5, "insured": False}, 0),
        ("health_insurance", {"age": 6, "insured": False}, 2),
        # ≥ 15, born 1986 or later, without a lower-secondary diploma and not studying
        ("adult_education", {"age": 30, "birth_year": 1986, "qualification": "primary", "attending": "none"}, 2),
        ("adult_education", {"age": 31, "birth_year": 1985, "qualification": "primary", "attending": "none"}, 0),
        ("adult_education", {"age": 14, "birth_year": 2004, "qualification": "none", "attending": "none"}, 0),
        ("adult_education", {"age": 15, "birth_year": 2003, "qualification": "none", "attending": "none"}, 2),
        (
            "adult_education",
            {"age": 20, "birth_year": 1998, "qualification": "lower_secondary", "attending": "none"},
            0,
        ),
        ("adult_education", {"age": 20, "birth_year": 1998, "qualification": "none", "attending": "vocational"}, 0),
        # 5 to under 15
        ("child_schooling", {"age": 4, "attending": "none"}, 0),
        ("child_schooling", {"age": 5, "attending": "none"}, 2),
        ("child_schooling", {"age": 5, "attending": "preschool"}, 0),
        ("child_schooling", {"age": 14, "attending": "none"}, 2),
        ("child_schooling", {"age": 15, "attending": "none"}, 0),
        # nobody has either
        ("telecommunication", {"uses_telephone": False, "uses_internet": False}, 2),
        ("telecommunication", {"uses_telephone": True, "uses_internet": False}, 0),
        ("telecommunication", {"uses_telephone": False, "uses_internet": True}, 0),
        ("telecommunication", {"uses_telephone": False}, 1),
    ],
)
def test_what_is_asked_of_members(indicator: str, answers: dict[str, Any], expected: int) -> None:
    assert member(indicator, **answers) == expected


_NO_ASSETS = dict.fromkeys(("television", "radio", "desktop", "laptop", "loudspeaker"), False)


@pytest.mark.parametrize(
    ("indicator", "answers", "expected"),
    [
        ("housing_quality", {"dwelling": "semi_solid"}, 0),
        ("housing_quality", {"dwelling": "weak"}, 2),
        ("housing_quality", {"dwelling": "simple"}, 2),
        ("housing_area", {"floor_area": 24, "household_size": 3}, 0),
        ("housing_area", {"floor_area": 23.9, "household_size": 3}, 2),
        ("water_source", {"hygienic_water": False}, 2),
        ("toilet", {"hygienic_toilet": True}, 0),
        ("information_assets", _NO_ASSETS, 2),
        ("information_assets", {**_NO_ASSETS, "loudspeaker": True}, 0),
        ("information_assets", {**_NO_ASSETS, "laptop": True}, 0),
    ],
)
def test_what_is_asked_of_the_household(indicator: str, answers: dict[str, Any], expected: int) -> None:
    assert VN.assess(answers).indicators[indicator] == expected
