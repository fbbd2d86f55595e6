"""Decree 351/2025: what is known of 2027–2030, and the year before it."""

from __future__ import annotations

import pytest

import mdpoverty as mdp

VN = mdp.standards["vn-2027"]


@pytest.mark.parametrize(
    ("area", "income", "deprivations", "expected"),
    [
        # "từ 2.200.000 … trở xuống và thiếu hụt từ 3 chỉ số … trở lên"
        ("rural", 2_200_000, 3, "poor"),
        ("urban", 2_800_000, 12, "poor"),
        # "và thiếu hụt dưới 3 chỉ số"
        ("rural", 2_200_000, 2, "near_poor"),
        ("urban", 2_800_000, 0, "near_poor"),
        ("rural", 2_200_001, 12, "not_poor"),
        ("urban", 2_800_001, 0, "not_poor"),
    ],
)
def test_the_classes(area: str, income: int, deprivations: int, expected: str) -> None:
    lacking = {name: i < deprivations for i, name in enumerate(VN.indicators)}
    verdict = VN.assess({"area": area, "income": income, **lacking}, given="all", provisional=True)
    assert verdict.category == expected


def test_the_list_is_that_of_the_officials_statement() -> None:
    """“Information means” removed, “digital services, internet access” and “domestic waste” added."""
    ours, before = set(VN.indicators), set(mdp.standards["vn-2022"].indicators)
    assert len(ours) == 12
    assert before - ours == {"information_devices"}
    assert ours - before == {"waste_treatment"}
    assert VN.provisional
    assert {"indicators", "thresholds", "average_living", "telecommunication", "review_2026"} <= {
        gap.id for gap in VN.gaps
    }
    for indicator in VN.indicators.values():
        assert "Phó Chánh Văn phòng Quốc gia về giảm nghèo" in indicator.citation.place
        assert indicator.citation.found == "nothing"  # the thresholds as enacted weren't found
    assert "reworded" in VN.indicators["telecommunication"].citation.note.en


def test_the_old_standard_and_the_new_on_the_same_households() -> None:
    old = mdp.standards["vn-2022"]
    none = {name: [False] * 4 for name in (*VN.indicators, "information_devices")}
    homes = {
        "household_id": ["in both", "only by income", "by devices", "by waste"],
        "area": ["rural"] * 4,
        "income": [1_500_000, 2_200_000, 1_400_000, 1_400_000],
        **none,
        "toilet": [True, True, True, True],
        "water_source": [True, True, True, True],
        "housing_area": [True, True, False, False],
        "information_devices": [False, False, True, False],
        "waste_treatment": [False, False, False, True],
    }
    change = mdp.compare(old, VN, homes, given="all", provisional=True)
    assert change.before.category.tolist() == ["poor", "average_living", "poor", "near_poor"]
    assert change.after.category.tolist() == ["poor", "poor", "near_poor", "poor"]
    assert change.changed["household"].tolist() == ["only by income", "by devices", "by waste"]
    whys = [set(why.split("|")) for why in change.changed["why"]]
    assert [why & {"income", "information_devices", "waste_treatment"} for why in whys] == [
        {"income"},
        {"information_devices"},
        {"waste_treatment"},
    ]


def test_an_average_living_standard_is_not_made_up() -> None:
    assert "average_living" not in VN.thresholds
    assert "average_living" not in VN.categories


@pytest.mark.parametrize(
    ("day", "income", "expected"),
    [
        ("2026-12-31", 1_500_000, "near_poor"),
        ("2026-12-31", 1_500_001, "average_living"),
        ("2027-01-01", 1_500_001, "near_poor"),
        ("2027-01-01", 2_200_001, "not_poor"),
    ],
)
def test_the_line_switches_on_new_years_day(day: str, income: int, expected: str) -> None:
    standard = mdp.standards.on(day)
    none = dict.fromkeys(standard.indicators, False)
    answers = {"area": "rural", "income": income, **none}
    assert standard.assess(answers, given="all", date=day, provisional=True).category == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2021-12-31", "poor"), ("2022-01-01", "near_poor")],  # without a deprivation
)
def test_the_shape_of_the_rule_switches_in_2022(day: str, expected: str) -> None:
    standard = mdp.standards.on(day)
    none = dict.fromkeys(standard.indicators, False)
    assert standard.assess({"area": "rural", "income": 700_000, **none}, given="all", date=day).category == expected
