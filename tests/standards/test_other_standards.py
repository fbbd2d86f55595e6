"""Producers, low-income workers, provinces, Mexico's shape: one readable case for each clause."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdpoverty as mdp
from mdpoverty.errors import BadValues
from mdpoverty.standards.mexico import coneval
from mdpoverty.standards.vn_2022_producers import COSTS, RECEIPTS, income_per_person

PRODUCERS = mdp.standards["vn-2022-producers"]
WORKERS = mdp.standards["vn-2025-low-income-workers"]
HCMC = mdp.standards["vn-sg-2026"]
DA_NANG = mdp.standards["vn-dn-2016"]

# ------------------------------------------------------------------------- agriculture, forestry, fishery and salt

NOTHING = {field.id: 0 for field in RECEIPTS} | {COSTS.id: 0}


@pytest.mark.parametrize(
    ("area", "per_month", "expected"),
    [
        # "trên 1,5 triệu đồng đến 2,25 triệu đồng ở khu vực nông thôn"
        ("rural", 1_500_000, "other"),
        ("rural", 1_500_001, "producer_average_living"),
        ("rural", 2_250_000, "producer_average_living"),
        ("rural", 2_250_001, "other"),
        # "trên 2 triệu đồng đến 3 triệu đồng ở khu vực thành thị"
        ("urban", 2_000_000, "other"),
        ("urban", 2_000_001, "producer_average_living"),
        ("urban", 3_000_000, "producer_average_living"),
        ("urban", 3_000_001, "other"),
    ],
)
@pytest.mark.parametrize("way", ["net", "items"])
def test_the_band_by_the_income_of_twelve_months(area: str, per_month: int, expected: str, way: str) -> None:
    year = 12 * 4 * per_month
    items = {**NOTHING, "crops": year, "salt": 1_000, "production_costs": 1_000}
    income = {"net_income": year} if way == "net" else items
    household = {"area": area, "household_size": 4, "producer": True, **income}
    assert PRODUCERS.assess(household).category == expected
    assert PRODUCERS.assess({**household, "producer": False}).category == "other"


def test_one_dong_a_year_decides() -> None:
    household = {"area": "rural", "household_size": 5, "producer": True}
    assert PRODUCERS.assess({**household, "net_income": 90_000_000}).category == "other"  # 1,500,000 each a month
    assert PRODUCERS.assess({**household, "net_income": 90_000_001}).category == "producer_average_living"


def test_a_loss_is_an_income_too() -> None:
    household = {"area": "rural", "household_size": 1, "producer": True}
    assert PRODUCERS.assess({**household, **NOTHING, "production_costs": 5_000_000}).category == "other"


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(1, 12))
def test_the_helper_and_the_standard_say_the_same(receipts: int, costs: int, persons: int) -> None:
    items = {**NOTHING, "fishery": receipts, "production_costs": costs}
    per_month = income_per_person(items, persons)
    assert per_month == Fraction(receipts - costs, 12 * persons)
    household = {"area": "urban", "household_size": persons, "producer": True, **items}
    inside = 2_000_000 < per_month <= 3_000_000
    assert PRODUCERS.assess(household).category == ("producer_average_living" if inside else "other")


def test_social_assistance_is_no_receipt() -> None:
    with pytest.raises(BadValues, match="social_assistance: is no item"):
        income_per_person({**NOTHING, "social_assistance": 6_000_000}, 3)
    with pytest.raises(BadValues, match="crops: not answered"):
        income_per_person({name: 0 for name in NOTHING if name != "crops"}, 3)
    with pytest.raises(BadValues, match="at least one member"):
        income_per_person(NOTHING, 0)


# ------------------------------------------------------------------------------------------- low-income workers


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        # "Khu vực nông thôn: … từ 2.250.000 đồng trở xuống"
        ({"area": "rural", "income": 2_250_000, "household_category": "average_living"}, "low_income_worker"),
        ({"area": "rural", "income": 2_250_001, "household_category": "above_average"}, "other"),
        # "Khu vực thành thị: từ 3.000.000 đồng trở xuống"
        ({"area": "urban", "income": 3_000_000, "household_category": "average_living"}, "low_income_worker"),
        ({"area": "urban", "income": 3_000_001, "household_category": "above_average"}, "other"),
        # "không bao gồm người lao động thuộc hộ nghèo, hộ cận nghèo"
        ({"area": "rural", "income": 1_000_000, "household_category": "poor"}, "other"),
        ({"area": "rural", "income": 1_000_000, "household_category": "near_poor"}, "other"),
    ],
)
def test_the_worker_of_decree_30(answers: dict[str, Any], expected: str) -> None:
    assert WORKERS.assess({"worker": True, **answers}).category == expected
    assert WORKERS.assess({"worker": False, **answers}).category == "other"


def test_workers_are_tagged_one_row_for_each_person() -> None:
    people = {
        "worker": [True, False, True],
        "household_category": ["average_living", "average_living", "near_poor"],
        "area": ["rural"] * 3,
        "income": [2_000_000, 2_000_000, 1_500_000],
    }
    assert WORKERS.score(people).tolist() == [2, 0, 0]


# -------------------------------------------------------------------------------------------------- provinces


@pytest.mark.parametrize(
    ("income", "expected"),
    [
        # "từ 46 triệu đồng/năm trở xuống"; "trên 46 … đến 54 triệu đồng/năm"
        ({"annual_income": 46_000_000}, "poor"),
        ({"annual_income": 46_000_001}, "near_poor"),
        ({"annual_income": 54_000_000}, "near_poor"),
        ({"annual_income": 54_000_001}, "not_poor"),
        # a month: 46 million / 12 = 3,833,333.33…
        ({"income": 3_833_333}, "poor"),
        ({"income": 3_833_334}, "near_poor"),
        ({"income": 4_500_000}, "near_poor"),
        ({"income": 4_500_001}, "not_poor"),
        # three people, 11,500,000 a month together: exactly 46 million each a year
        ({"total_income": 11_500_000, "household_size": 3}, "poor"),
        ({"total_income": 11_500_001, "household_size": 3}, "near_poor"),
    ],
)
def test_ho_chi_minh_city_counts_in_years(income: dict[str, int], expected: str) -> None:
    assert HCMC.assess(income, provisional=True).category == expected


def test_ho_chi_minh_city_has_one_line_for_both_areas() -> None:
    assert "area" not in HCMC.fields
    assert mdp.standards.on("2026-06-01", "VN-SG") is HCMC


@pytest.mark.parametrize(
    ("area", "income", "expected"),
    [
        ("rural", 1_100_000, "poor"),
        ("rural", 1_100_001, "near_poor"),
        ("rural", 1_430_000, "near_poor"),
        ("rural", 1_430_001, "not_poor"),
        ("urban", 1_300_000, "poor"),
        ("urban", 1_300_001, "near_poor"),
        ("urban", 1_690_000, "near_poor"),
        ("urban", 1_690_001, "not_poor"),
    ],
)
def test_da_nang_by_income_alone(area: str, income: int, expected: str) -> None:
    assert DA_NANG.assess({"area": area, "income": income}).category == expected


def test_da_nangs_lines_are_thirteen_tenths_apart() -> None:
    poor, near = (DA_NANG.thresholds[name].amounts for name in ("poor", "near_poor"))
    assert all(Fraction(13, 10) * poor[area] == near[area] for area in poor)


# --------------------------------------------------------------------------------------------- Mexico's shape

MX = coneval(
    income={"rural": 3000, "urban": 4000},
    extreme={"rural": 1500, "urban": 2000},
    citation=mdp.Citation("Made-up lines"),
    in_force="2024-01-01",
)


@pytest.mark.parametrize(
    ("income", "deprivations", "expected"),
    [
        (1499, 3, "extremely_poor"),
        (1499, 2, "poor"),
        (1500, 3, "poor"),
        (2999, 1, "poor"),
        (2999, 0, "vulnerable_by_income"),
        (3000, 1, "vulnerable_by_deprivation"),
        (3000, 0, "not_poor"),
    ],
)
def test_the_five_classes_of_coneval(income: int, deprivations: int, expected: str) -> None:
    lacking = {name: i < deprivations for i, name in enumerate(MX.indicators)}
    assert MX.assess({"area": "rural", "income": income, **lacking}).category == expected
