"""The proof of a standard finds what is wrong with one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

import mdpoverty as mdp
from mdpoverty.scorers import column, deprivations, threshold
from mdpoverty.testing import Record, boundaries, check_standard, records

LABEL = mdp.Label("một", "one")
CITED = mdp.Citation("A made-up law", words="made up")
VN = mdp.standards["vn-2022"]
POOR, REST = column("income") <= threshold("line"), column("income") > threshold("line")


def toy(poor: Any = POOR, rest: Any = REST, **also: Any) -> mdp.Standard:
    parts: dict[str, Any] = {
        "id": "toy",
        "title": LABEL,
        "citation": CITED,
        "in_force": "2020-01-01",
        "until": None,
        "fields": [
            mdp.Field("income", "household", "money", LABEL, LABEL, minimum=0),
            mdp.Field("lacks", "household", "flag", LABEL, LABEL),
        ],
        "thresholds": [mdp.Threshold("line", LABEL, 1000, CITED)],
        "dimensions": [mdp.Dimension("d", LABEL, CITED)],
        "indicators": [mdp.Indicator("lacking", "d", LABEL, column("lacks"), CITED)],
        "categories": [mdp.Category("poor", LABEL, poor, CITED), mdp.Category("rest", LABEL, rest, CITED)],
    }
    return mdp.Standard(**{**parts, **also})


def test_a_sound_one_passes() -> None:
    check_standard(toy(), better={"income": "more"}, examples=50)


@pytest.mark.parametrize(
    ("broken", "better", "said"),
    [
        (toy(rest=column("income") > 1001), {}, "in no class"),
        (toy(rest=column("income") >= threshold("line")), {}, "in several classes"),
        (toy(poor=REST, rest=POOR), {"income": "more"}, "worse class"),
        (toy(poor=deprivations() < 1, rest=deprivations() >= 1), {}, "in a better class"),
        (toy(citation=mdp.Citation("")), {}, "names no instrument"),
        (toy(thresholds=[mdp.Threshold("line", LABEL, 1000, mdp.Citation("A made-up law"))]), {}, "neither quotes"),
        (toy(title=mdp.Label("", "one")), {}, "no Vietnamese"),
        (toy(gaps=(mdp.Gap("g", mdp.Label("một", " ")),)), {}, "no English"),
    ],
)
def test_an_unsound_one_is_found_out(broken: mdp.Standard, better: Any, said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        check_standard(broken, better=better, examples=200)


@given(records(VN))
def test_made_up_answers_can_be_read(record: Record) -> None:
    assert VN.assess(record.household, record.members).possible


@given(records(VN, gaps=False))
def test_whole_answers_have_no_gaps(record: Record) -> None:
    assert record.members
    assert all(value is not None for member in record.members for value in member.values())
    missing = {name for name, value in record.household.items() if value is None}
    assert missing in ({"income"}, {"total_income"})  # income is asked in one way


def test_every_named_threshold_that_a_rule_compares_with_is_a_boundary() -> None:
    found = {amount for _, _, amount in boundaries(VN)}
    assert {1_500_000, 2_000_000, 2_250_000, 3_000_000, 3, 8, 16, 30} <= found
