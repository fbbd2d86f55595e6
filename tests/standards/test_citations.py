"""What of each citation was found, by hand from the facts: exact words, only the rule or the number, or nothing.

A line here is changed only when something is found, or found wrong, and then the standard gets another revision.
"""

from __future__ import annotations

from typing import Any

import pytest

import mdpoverty as mdp

# Decree 07/2021: section 2 of the facts, and section 13.1, which holds where it differs.
_2022 = {
    # article 3, clause 1
    "income": "words",
    # article 3, clause 2, points a, b and c
    "average_living": "words",
    "cutoff": "words",
    "poor": "words",
    "near_poor": "words",
    "above_average": "rule",  # what remains: the decree doesn't name it
    # other laws, whose words are found; that the annex means them is a gap
    "working_age": "words",  # Labour Code, article 3
    "retirement_age": "words",  # Decree 135/2020, article 4, clause 1
    "elderly_age": "words",  # Law on the Elderly, article 2
    # the annex: rules confirmed by a translation, and the exact sentences of 1, 2, 4 and 11 still not found
    "employment": "rule",
    "dependents": "rule",
    "telecommunication": "rule",
    "insured_from": "rule",
    "health_insurance": "nothing",  # of any person, or of children?
    "nutrition": "words",
    "adult_education": "words",
    "child_schooling": "words",
    "housing_quality": "words",
    "housing_area": "words",
    "water_source": "words",
    "toilet": "words",
    "information_devices": "words",
    "child_age": "words",
    "upper_secondary_age": "words",
    "adult_education_until": "words",
    "preschool_age": "words",
    "floor_area": "words",
    "primary_age": "nothing",  # the annex's own bands are not found
    "lower_secondary_age": "nothing",
}

# Decree 351/2025: the lines and the cut-off; the list is an official's statement, and no threshold was found.
_2027 = {
    "income": "words",
    "cutoff": "words",
    "poor": "words",
    "near_poor": "words",
    "not_poor": "rule",
    **dict.fromkeys(
        (
            "working_age", "retirement_age", "elderly_age", "child_age", "insured_from", "upper_secondary_age",
            "adult_education_until", "preschool_age", "primary_age", "lower_secondary_age", "floor_area",
            "employment", "dependents", "nutrition", "health_insurance", "adult_education", "child_schooling",
            "housing_quality", "housing_area", "water_source", "toilet", "telecommunication", "waste_treatment",
        ),
        "nothing",
    ),
}  # fmt: skip

# Circular 07/2021: 140, 175, 30 and 10 with their signs in a third source.
_SCORES = {
    **dict.fromkeys(("points_a", "points_b", "points_per_indicator", "poor", "near_poor"), "words"),
    "not_poor": "rule",
}

# Decision 24/2021, read in English; the band is the decree's.
_PRODUCERS = {
    "income": "words",
    "average_living": "words",
    "producer_average_living": "rule",
    "other": "rule",
}


def _states(standard: mdp.Standard) -> dict[str, str]:
    """The state of each part; a class and a threshold of one name must agree."""
    parts = [*standard.thresholds.values(), *standard.indicators.values(), *standard.categories.values()]
    found: dict[str, set[str]] = {}
    for each in parts:
        found.setdefault(each.id, set()).add(each.citation.found)
    assert all(len(its) == 1 or name == "floor_area" for name, its in found.items())
    return {name: its.pop() for name, its in found.items()}


@pytest.mark.parametrize(
    ("id", "expected"),
    [("vn-2022", _2022), ("vn-2027", _2027), ("vn-2022-scores", _SCORES), ("vn-2022-producers", _PRODUCERS)],
)
def test_what_was_found(id: str, expected: dict[str, str]) -> None:
    assert _states(mdp.standards[id]) == expected


VN = mdp.standards["vn-2022"]


@pytest.mark.parametrize(
    ("part", "instrument", "place", "words"),
    [
        ("working_age", "45/2019/QH14", "Điều 3", "đủ 15 tuổi"),
        ("retirement_age", "135/2020/NĐ-CP", "Điều 4 khoản 1", "đủ 60 tuổi 03 tháng đối với lao động nam"),
        ("elderly_age", "39/2009/QH12", "Điều 2", "từ đủ 60 tuổi trở lên"),
        ("average_living", "07/2021/NĐ-CP", "Điều 3, khoản 2 điểm c", "trên 1,5 triệu đồng đến 2,25 triệu đồng"),
    ],
)
def test_where_an_amount_stands(part: str, instrument: str, place: str, words: str) -> None:
    citation = VN.thresholds[part].citation
    assert instrument in citation.instrument
    assert citation.place == place
    assert words in citation.words


def test_the_classes_stand_in_points_a_b_and_c() -> None:
    places = [each.citation.place for each in VN.categories.values()]
    assert places == ["Điều 3, khoản 2 điểm a", "Điều 3, khoản 2 điểm b", "Điều 3, khoản 2 điểm c", "Điều 3"]


def test_what_is_open_is_a_gap() -> None:
    new = {"insurance", "school_age", "social_pension", "review_2026"}
    assert new <= {gap.id for gap in VN.gaps}
    assert {"working_age", "elderly"} <= {gap.id for gap in VN.gaps}  # that the annex means these ages
    assert "review_2026" in {gap.id for gap in mdp.standards["vn-2027"].gaps}
    before = {gap.id for gap in mdp.standards.revision("vn-2022", 1).gaps}
    assert {gap.id for gap in VN.gaps} == before | new


def test_no_rule_and_no_amount_has_changed() -> None:
    """The second revision changes what is known of the law, not what is computed."""
    for id in ("vn-2022", "vn-2027", "vn-2022-scores", "vn-2022-producers"):
        old, new = mdp.standards.revision(id, 1), mdp.standards[id]
        assert {name: each.steps for name, each in old.thresholds.items()} == {
            name: each.steps for name, each in new.thresholds.items()
        }
        for kind in ("indicators", "categories"):
            assert [(each.id, each.rule) for each in getattr(old, kind).values()] == [
                (each.id, each.rule) for each in getattr(new, kind).values()
            ]
        assert list(old.fields) == list(new.fields)


# ---------------------------------------------------------------------------------------------- the three states


@pytest.mark.parametrize(
    ("given", "found", "confirmed", "said"),
    [
        ({"words": "dưới 3"}, "words", True, "Luật"),
        ({"words": "dưới 3", "rule_only": True}, "rule", True, "Luật [rule only]"),
        ({}, "rule", True, "Luật"),  # no words, so none can have been found
        ({"words": "dưới 3", "confirmed": False}, "nothing", False, "Luật [unconfirmed]"),
        ({"words": "dưới 3", "confirmed": False, "rule_only": True}, "nothing", False, "Luật [unconfirmed]"),
    ],
)
def test_a_citation_is_in_one_of_three_states(given: dict[str, Any], found: str, confirmed: bool, said: str) -> None:
    citation = mdp.Citation("Luật", **given)
    assert (citation.found, citation.confirmed, str(citation)) == (found, confirmed, said)


@pytest.mark.parametrize(
    ("lang", "rule", "nothing"),
    [
        (
            "vi",
            "Việc làm / Việc làm: thiếu hụt (thành viên 1) [đã tìm thấy quy định, chưa thấy nguyên văn]",
            "Y tế / Bảo hiểm y tế: thiếu hụt (thành viên 1) [chưa tìm thấy trong nguồn nào]",
        ),
        (
            "en",
            "Jobs / Employment: deprived (member 1) [rule found, not its exact words]",
            "Health / Health insurance: deprived (member 1) [not confirmed in a source]",
        ),
    ],
)
def test_a_verdict_says_the_state_of_each_reason(lang: Any, rule: str, nothing: str) -> None:
    people = [{"age": 40, "employment": "no_contract", "insured": False}]
    verdict = VN.assess({"area": "rural", "income": 1_000_000, "floor_area": 7, "household_size": 1}, people)
    lines = [line.strip(" -") for line in verdict.text(lang).splitlines()]
    assert rule in lines
    assert nothing in lines
    area = next(line for line in lines if VN.indicators["housing_area"].label.in_(lang) in line)
    assert "[" not in area  # its words were found
    told = {
        each["id"]: each["citation"]["found"]
        for finding in verdict.findings
        for child in finding.children
        for each in [reason.to_dict() for reason in child.children]
    }
    assert (told["employment"], told["health_insurance"], told["housing_area"]) == ("rule", "nothing", "words")


def test_a_file_keeps_the_state() -> None:
    again = mdp.Standard.from_json(VN.to_json())
    assert _states(again) == _2022
