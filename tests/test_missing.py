"""Missing answers: settled where nothing open matters, open where something does, and never guessed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdpoverty as mdp
from mdpoverty.standard import Standard
from tests import strategies
from tests.strategies import Review
from tests.tables import KINDS
from tests.toy import TOY

VALUES: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("hn", "hm", "mn"), strategies.small),
    **dict.fromkeys(("hf", "hg", "mf", "mg"), st.booleans()),
    **dict.fromkeys(("hc", "mc"), st.sampled_from(strategies.KINDS)),
}


def verdicts(standard: Standard, review: Review) -> list[mdp.Verdict]:
    return [standard.assess(*pair) for pair in zip(review.households, review.members, strict=True)]


def fill_some(data: st.DataObject, review: Review, share: st.SearchStrategy[bool]) -> Review:
    """Fill some of the gaps."""

    def filled(row: dict[str, Any]) -> dict[str, Any]:
        return {
            name: data.draw(VALUES[name]) if value is None and data.draw(share) else value
            for name, value in row.items()
        }

    return Review(list(map(filled, review.households)), [list(map(filled, people)) for people in review.members])


@given(strategies.standards(), strategies.reviews(), st.data())
def test_more_answers_never_widen_what_is_possible(standard: Standard, review: Review, data: st.DataObject) -> None:
    after = verdicts(standard, fill_some(data, review, st.booleans()))
    for before, now in zip(verdicts(standard, review), after, strict=True):
        assert before.possible, "a household is always in some class"
        assert set(now.possible) <= set(before.possible)
        assert before.category in (None, now.category)
        assert before.deprivations <= now.deprivations <= now.deprivations_max <= before.deprivations_max


@given(strategies.standards(), strategies.reviews(), st.data())
def test_what_is_asked_settles_the_class_and_nothing_else_can(
    standard: Standard, review: Review, data: st.DataObject
) -> None:
    for household, members in zip(review.households, review.members, strict=True):
        verdict = standard.assess(household, members)
        assert bool(verdict.ask) == (verdict.category is None)
        asked = {(ask.level, ask.field, ask.member) for ask in verdict.ask}
        if ("household", "members", None) in asked:
            continue  # a roster isn't one answer

        def answered(row: dict[str, Any], level: str, position: int | None, those: bool, asked: Any = asked) -> Any:
            fill = {name for name, value in row.items() if value is None}
            fill = {name for name in fill if ((level, name, position) in asked) == those}
            return {name: data.draw(VALUES[name]) if name in fill else value for name, value in row.items()}

        def again(those: bool, household: Any = household, members: Any = members) -> mdp.Verdict:
            people = [answered(member, "member", i, those) for i, member in enumerate(members)]
            return standard.assess(answered(household, "household", None, those), people)

        assert again(those=True).category is not None
        assert again(those=False).possible == verdict.possible


@given(strategies.standards(), strategies.reviews(), st.sampled_from(list(KINDS)))
def test_many_households_are_each_as_one(standard: Standard, review: Review, kind: str) -> None:
    households, members = KINDS[kind](review.household_columns()), KINDS[kind](review.member_columns())
    many = standard.classify(households, members)
    single = verdicts(standard, review)
    assert many.category.tolist() == [verdict.category for verdict in single]
    possible = [tuple(each.split("|")) for each in pd.Series(list(many.to_frame()["possible"])).astype(str)]
    assert possible == [verdict.possible for verdict in single]
    scale = standard.program().scale
    assert (many.deprivations * scale).round().tolist() == [verdict.deprivations * scale for verdict in single]
    assert (many.deprivations_max * scale).round().tolist() == [verdict.deprivations_max * scale for verdict in single]
    for name in standard.indicators:
        assert many.indicator(name).tolist() == [verdict.indicators[name] for verdict in single]
    for position, household in enumerate(review.households):
        explained = many.explain(household["household_id"])
        assert explained.possible == single[position].possible
        assert [ask.field for ask in explained.ask] == [ask.field for ask in single[position].ask]


@given(strategies.standards(), strategies.reviews(gaps=False))
def test_without_gaps_every_household_has_its_class(standard: Standard, review: Review) -> None:
    for verdict in verdicts(standard, review):
        assert verdict.category is not None
        assert verdict.ask == ()


MISSING = [None, float("nan"), np.nan, pd.NA, pd.NaT, np.float32("nan"), np.datetime64("NaT", "D")]


@pytest.mark.parametrize("missing", MISSING, ids=repr)
def test_every_way_of_not_answering_is_one(missing: Any) -> None:
    verdict = TOY.assess(
        {"coast": missing, "shells": missing, "huts": missing, "boat": missing},
        [{"age": missing, "trade": missing, "swims": missing}],
    )
    assert verdict.possible == ("poor", "short", "fine")
    column = pd.Series([missing, missing], dtype=object)
    households = {"household_id": [1, 2], **dict.fromkeys(("coast", "shells", "huts", "boat", "net", "hook"), column)}
    members = {"household_id": [1, 2], "age": column, "trade": column, "swims": column}
    assert TOY.classify(households, members).category.tolist() == [None, None]


def test_a_gap_that_cannot_matter_is_no_obstacle() -> None:
    rich = TOY.assess({"coast": "west", "shells": 151})
    assert rich.category == "fine"
    assert rich.ask == ()
    # 100 shells are at the line in the east and below it in the west: the coast needn't be known.
    assert "fine" not in TOY.assess({"shells": 100}).possible
    assert TOY.assess({"shells": 101}).possible == ("poor", "short", "fine")
    assert TOY.assess({"shells": 151}).category == "fine"


def test_asking_starts_with_what_decides_most() -> None:
    asked = TOY.assess({}, [{"age": 30}]).ask
    assert {ask.field for ask in asked[:2]} == {"coast", "shells"}
    assert {ask.field for ask in asked} == {"coast", "shells", "huts", "boat", "net", "hook", "swims", "trade"}


def test_the_day_is_asked_for_only_where_it_matters() -> None:
    poor = {"coast": "east", "shells": 1, "huts": 9, "boat": True, "net": True, "hook": True}
    idle = {"trade": "none", "swims": False}
    assert TOY.assess(poor, [{**idle, "age": 49}]).category == "poor"
    sailor = TOY.evolve(
        id="sailors",
        citation=TOY.citation,
        indicators={
            "idle": mdp.scorers.any_member(mdp.column("age") < mdp.scorers.threshold("rest")),
        },
    )
    open_ = sailor.assess(poor, [{"trade": "sailor", "swims": False, "age": 42}])
    assert [ask.field for ask in open_.ask] == ["date"]
    assert sailor.assess(poor, [{"trade": "sailor", "swims": False, "age": 42}], date="2029-12-31").category == "short"
    assert sailor.assess(poor, [{"trade": "sailor", "swims": False, "age": 42}], date="2030-01-01").category == "poor"
    households = {"household_id": [1], **{name: [value] for name, value in poor.items()}}
    members = {"household_id": [1], "trade": ["sailor"], "swims": [False], "age": [42]}
    assert sailor.classify(households, members).category.tolist() == [None]
    assert sailor.classify(households, members, date="2030-01-01").category.tolist() == ["poor"]


def test_the_way_that_lacks_least_is_asked() -> None:
    ways = mdp.scorers.first_known(mdp.column("boat") | mdp.column("net"), mdp.column("hook"))
    law = TOY.evolve(id="fishers", citation=TOY.citation, indicators={"no_gear": ~ways})
    poor = {"coast": "east", "shells": 100, "household_size": 1, "huts": 1}
    member = [{"trade": "potter", "swims": False, "age": 42}]

    def asked(**given: Any) -> list[str]:
        return [ask.field for ask in law.assess({**poor, **given}, member).ask]

    assert asked() == ["hook"]
    assert asked(boat=False) == ["net"]
