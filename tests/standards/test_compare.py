"""Two standards on the same households: who changes class, and why."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdpoverty as mdp
from mdpoverty.comparison import compare
from mdpoverty.scorers import column, count_members

VN = mdp.standards["vn-2022"]
CITED = mdp.Citation("A made-up resolution of a made-up province", note="made up")
OURS = VN.evolve(id="vn-example", thresholds={"income": {"rural": 1_800_000, "urban": 2_300_000}}, citation=CITED)


def tables(incomes: list[Any], deprivations: list[int]) -> dict[str, Any]:
    lacking = {name: [i < n for n in deprivations] for i, name in enumerate(VN.indicators)}
    return {
        "household_id": [f"H{i}" for i in range(len(incomes))],
        "area": ["rural"] * len(incomes),
        "income": incomes,
        **lacking,
    }


def test_who_changes_class_and_why() -> None:
    change = compare(VN, OURS, tables([1_500_000, 1_800_000, 1_800_000, 1_800_001], [3, 3, 2, 3]), given="all")
    assert change.changed.to_dict("records") == [
        {
            "household": "H1",
            "before": "average_living",
            "after": "poor",
            "deprivations_before": 3,
            "deprivations_after": 3,
            "why": "income",
        },
        {
            "household": "H2",
            "before": "average_living",
            "after": "near_poor",
            "deprivations_before": 2,
            "deprivations_after": 2,
            "why": "income",
        },
    ]
    assert change.table.loc["average_living", "poor"] == 1
    assert change.table.to_numpy().sum() == 4
    assert repr(change) == "<Comparison by vn-2022 and vn-example: 2 of 4 households change class>"


def test_the_words_for_one_household() -> None:
    change = compare(VN, OURS, tables([1_800_000], [3]), given="all")
    text = change.why("H0", "en")
    assert text.index("vn-2022: Household of average living standard") < text.index("vn-example: Poor household")


def test_a_changed_indicator_is_the_reason() -> None:
    stricter = VN.evolve(
        id="vn-stricter",
        indicators={"housing_area": column("floor_area") < 10 * column("household_size")},
        citation=CITED,
    )
    others = {name: [True, True] for name in list(VN.indicators)[:2]} | {
        name: [False, False] for name in list(VN.indicators)[2:] if name != "housing_area"
    }
    households = {
        "area": ["rural"] * 2,
        "income": [1_000_000] * 2,
        "floor_area": [9.0, 10.0],
        "household_size": [1, 1],
        **others,
    }
    change = compare(VN, stricter, households, given=list(others))
    assert change.changed[["household", "before", "after", "why"]].values.tolist() == [
        [0, "near_poor", "poor", "housing_area"]
    ]


def test_a_changed_cutoff_is_the_reason() -> None:
    milder = VN.evolve(id="vn-milder", thresholds={"cutoff": 4}, citation=CITED)
    change = compare(VN, milder, tables([1_000_000] * 2, [3, 4]), given="all")
    assert change.changed["why"].tolist() == ["cutoff"]


def test_open_households_are_a_class_of_their_own() -> None:
    change = compare(VN, OURS, tables([None, 1_600_000], [0, 0]), given="all")
    assert change.changed[["household", "before", "after"]].values.tolist() == [["H1", "average_living", "near_poor"]]
    assert change.table.loc["open", "open"] == 1


def test_the_rules_of_2016_and_2022_side_by_side() -> None:
    old = mdp.standards["vn-2016"]
    none = {name: [False] for name in {*VN.indicators, *old.indicators}}
    change = compare(old, VN, {"area": ["rural"], "income": [700_000], **none}, given="all")
    # at the old poverty line without a deprivation: poor by the first branch of 2016, near-poor by the "and" of 2022
    assert change.changed[["before", "after"]].values.tolist() == [["poor", "near_poor"]]
    assert change.changed["why"].tolist() == ["poverty_line|near_poverty_line|income"]


def test_members_and_options_reach_both_standards() -> None:
    few = VN.evolve(
        id="vn-few",
        indicators={"nutrition": count_members((column("age") < 5) & column("stunted")) >= 2},
        citation=CITED,
    )
    given = [name for name in VN.indicators if name != "nutrition"]
    households = {"hh": [1], "kv": ["NT"], "income": [1_000_000], **{name: [name in given[:2]] for name in given}}
    members = {"hh": [1, 1], "age": [4, 8], "stunted": [True, True], "underweight": [False, False]}
    options: dict[str, Any] = {"columns": {"area": "kv"}, "codes": {"area": {"NT": "rural"}}, "household_id": "hh"}
    change = compare(VN, few, households, members, given=given, **options)
    assert change.changed[["before", "after", "why"]].values.tolist() == [["poor", "near_poor", "nutrition"]]


@given(
    st.lists(
        st.tuples(
            st.none() | st.sampled_from([1_500_000, 1_500_001, 1_800_000, 1_800_001, 2_250_001]), st.integers(0, 12)
        ),
        min_size=1,
        max_size=8,
    )
)
def test_changed_is_what_differs_and_why_is_never_empty(rows: list[tuple[Any, int]]) -> None:
    households = tables([income for income, _ in rows], [n for _, n in rows])
    change = compare(VN, OURS, households, given="all")
    before, after = (np.array([c or "open" for c in each.category]) for each in (change.before, change.after))
    assert change.changed["household"].tolist() == [f"H{i}" for i in np.flatnonzero(before != after)]
    assert all(change.changed["why"])
    assert len(compare(VN, VN, households, given="all").changed) == 0


def test_an_unknown_household_is_an_error() -> None:
    with pytest.raises(mdp.errors.UnknownKey):
        compare(VN, OURS, tables([1], [0]), given="all").why("nobody")
