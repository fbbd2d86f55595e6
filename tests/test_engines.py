"""One household, arrays and every kind of table give one answer, whatever the rule and whatever is missing."""

from __future__ import annotations

import operator
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from mdpoverty import scorers as s
from mdpoverty.engine import arrays, lifts
from mdpoverty.errors import BadValues, MissingColumns, StandardError
from mdpoverty.law.program import reads
from mdpoverty.standard import Category, Dimension, Indicator, Standard
from mdpoverty.ternary import NO, UNKNOWN, YES
from tests import strategies
from tests.strategies import Review
from tests.tables import KINDS
from tests.toy import LAW, TOY, both


def one_rule(rule: s.Rule, categories: list[Category]) -> Standard:
    return Standard(
        id="one-rule",
        title=both("one rule"),
        citation=LAW,
        in_force="2020-01-01",
        until=None,
        fields=strategies.FIELDS,
        thresholds=[],
        dimensions=[Dimension("one", both("one"), LAW)],
        indicators=[Indicator("asked", "one", both("asked"), rule, LAW)],
        categories=categories,
    )


def one_by_one(rule: s.Rule, review: Review) -> list[int]:
    """Answer a rule for each household as a form does, one at a time: the reference of all others."""
    found = s.indicator("asked")
    standard = one_rule(rule, [Category("yes", both("yes"), found, LAW), Category("no", both("no"), ~found, LAW)])
    return [
        standard.assess(household, members).indicators["asked"]
        for household, members in zip(review.households, review.members, strict=True)
    ]


def first_possible(standard: Standard, review: Review) -> list[tuple[str, ...]]:
    """Say for each household which classes may be the first that holds, from each class asked by itself."""

    def alone(rule: s.Rule) -> Standard:
        return evolve(
            standard, categories=[Category("in", both("in"), rule, LAW), Category("out", both("out"), ~rule, LAW)]
        )

    once = {each.rule: name for name, each in reversed([*standard.categories.items()])}
    asked = {name: alone(each.rule) for name, each in standard.categories.items() if once[each.rule] == name}
    found = []
    for household, members in zip(review.households, review.members, strict=True):
        may = []
        for name, its in asked.items():
            possible = its.assess(household, members).possible
            if "in" in possible:
                may.append(name)
            if possible == ("in",):
                break
        found.append(tuple(may))
    return found


@given(standard=strategies.standards(incomplete=True), review=strategies.reviews())
def test_the_class_is_the_first_that_holds_and_possible_are_those_that_may_be_first(
    standard: Standard, review: Review
) -> None:
    expected = first_possible(standard, review)
    for household, members, possible in zip(review.households, review.members, expected, strict=True):
        if possible:
            assert standard.assess(household, members).possible == possible
        else:
            with pytest.raises(StandardError, match="random"):
                standard.assess(household, members)
    if not all(expected):
        with pytest.raises(StandardError, match="random"):
            standard.classify(review.household_columns(), review.member_columns())
    for kind, make in KINDS.items():
        if all(expected):
            found = standard.classify(make(review.household_columns()), make(review.member_columns()))
            for name in standard.categories:
                codes = [
                    (NO, YES)[own == (name,)] if name not in own or own == (name,) else UNKNOWN for own in expected
                ]
                assert found.in_category(name).tolist() == codes, kind
            settled = [possible[0] if len(possible) == 1 else None for possible in expected]
            assert found.category.tolist() == settled, kind


@given(standard=strategies.standards(), review=strategies.reviews(max_households=2), data=st.data())
def test_what_is_asked_is_open_and_settles_the_class(standard: Standard, review: Review, data: st.DataObject) -> None:
    for household, members in zip(review.households, review.members, strict=True):
        verdict = standard.assess(household, members)
        assert bool(verdict.ask) == (len(verdict.possible) > 1)
        home, people = dict(household), [dict(who) for who in members]
        for ask in verdict.ask:
            if ask.field == "members":
                assert not members
                people = [{**dict.fromkeys(("mn", "mf", "mg", "mc")), "household_id": household["household_id"]}]
                continue
            row = home if ask.member is None else people[ask.member]
            assert (ask.level, row[ask.field]) == ("household" if ask.member is None else "member", None)
            row[ask.field] = data.draw(strategies.answer(ask.field))
        if people and not members:  # whose answers are asked next
            people = [{k: data.draw(strategies.answer(k)) if v is None else v for k, v in people[0].items()}]
        assert len(standard.assess(home, people).possible) == 1


@pytest.mark.parametrize("kind", KINDS)
@given(rule=strategies.rules("household"), review=strategies.reviews())
def test_every_table_gives_the_answers_of_one_household_at_a_time(kind: str, rule: s.Rule, review: Review) -> None:
    make = KINDS[kind]
    scored = rule.score(make(review.household_columns()), make(review.member_columns()))
    assert scored.dtype == np.uint8
    assert scored.tolist() == one_by_one(rule, review)


@given(rule=strategies.rules("household", 3), review=strategies.reviews(), data=st.data())
def test_the_order_of_members_and_households_does_not_matter(rule: s.Rule, review: Review, data: st.DataObject) -> None:
    expected = dict(zip([row["household_id"] for row in review.households], one_by_one(rule, review), strict=True))
    rows = sum(map(len, review.members))
    members = review.member_columns(data.draw(st.permutations(range(rows))))
    households = data.draw(st.permutations(review.households))
    columns = {name: [row[name] for row in households] for name in review.household_columns()}
    scored = rule.score(columns, members).tolist()
    assert dict(zip(columns["household_id"], scored, strict=True)) == expected


@pytest.mark.parametrize("block", [1, 2, 3, 5])
@given(rule=strategies.rules("household"), review=strategies.reviews(max_households=8))
def test_the_size_of_blocks_does_not_matter(block: int, rule: s.Rule, review: Review) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lifts, "MEMBER_BLOCK", block)
        patch.setattr(arrays, "HOUSEHOLD_BLOCK", block)
        scored = rule.score(review.household_columns(), review.member_columns())
    assert scored.tolist() == one_by_one(rule, review)


def test_an_answer_that_is_open_in_one_block_is_settled_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifts, "MEMBER_BLOCK", 1)
    homes = {"household_id": [1, 2, 3], "coast": ["east"] * 3}
    people = {"household_id": [1, 2, 3], "swims": [True, None, False]}
    assert s.any_member(s.column("swims")).score(homes, people).tolist() == [YES, UNKNOWN, NO]
    assert (s.count_members(s.column("swims")) >= 1).score(homes, people).tolist() == [YES, UNKNOWN, NO]


@given(strategies.standards(), strategies.reviews(max_households=4))
def test_each_class_is_scored_as_households_are_classified(standard: Standard, review: Review) -> None:
    homes, people = review.household_columns(), review.member_columns()
    possible = [
        standard.assess(household, members, unknown_keys="ignore").possible
        for household, members in zip(review.households, review.members, strict=True)
    ]
    for name, category in standard.categories.items():
        want = [NO if name not in each else YES if len(each) == 1 else UNKNOWN for each in possible]
        assert category.score(homes, people).tolist() == want


@given(rule=strategies.rules("household", 1), review=strategies.reviews(max_households=4), after=st.booleans())
def test_nobody_is_in_a_class_that_repeats_an_earlier_ones_rule(rule: s.Rule, review: Review, after: bool) -> None:
    first, again, rest = (
        Category(name, both(name), its, LAW)
        for name, its in {"first": rule, "again": rule, "rest": s.any_of(rule, ~rule)}.items()
    )
    once = one_rule(rule, [first, rest])
    twice = one_rule(rule, [first, rest, again] if after else [first, again, rest])
    homes, people = review.household_columns(), review.member_columns()
    several = [law.classify(homes, people) for law in (once, twice)]
    for name in once.categories:
        assert several[1].in_category(name).tolist() == several[0].in_category(name).tolist()
    for household, members in zip(review.households, review.members, strict=True):
        assert twice.assess(household, members).possible == once.assess(household, members).possible
    for name, category in once.categories.items():
        assert twice.categories[name].score(homes, people).tolist() == category.score(homes, people).tolist()
    assert twice.categories["again"].score(homes, people).tolist() == [NO] * len(review.households)
    assert twice.categories["again"].rule == twice.categories["first"].rule  # what the law says, it says still


@given(rule=strategies.rules("household", 3), review=strategies.reviews(max_households=2), data=st.data())
def test_a_settled_answer_holds_for_every_way_to_fill_the_gaps(
    rule: s.Rule, review: Review, data: st.DataObject
) -> None:
    def filled(row: dict[str, Any]) -> dict[str, Any]:
        return {name: data.draw(strategies.answer(name)) if value is None else value for name, value in row.items()}

    whole = Review(
        [filled(row) for row in review.households], [[filled(row) for row in people] for people in review.members]
    )
    for before, after in zip(one_by_one(rule, review), one_by_one(rule, whole), strict=True):
        assert before in (UNKNOWN, after)


@given(
    rule=strategies.compared("household", 1) | strategies.rules("household"),
    review=strategies.reviews(),
    data=st.data(),
)
def test_decimals_are_compared_alike(rule: s.Rule, review: Review, data: st.DataObject) -> None:
    """Amounts such as 0.1 lie between two doubles: which one is taken must not depend on the path."""
    decimal = st.integers(-30, 60).map(lambda tenths: tenths / 10) | st.sampled_from([1 / 3, 2 / 3, -0.7])

    def decimals(row: dict[str, Any]) -> dict[str, Any]:
        numbers = ("hn", "hm", "mn")
        return {
            name: data.draw(decimal) if name in numbers and value is not None else value for name, value in row.items()
        }

    review = Review(
        [decimals(row) for row in review.households], [[decimals(row) for row in p] for p in review.members]
    )
    assert rule.score(review.household_columns(), review.member_columns()).tolist() == one_by_one(rule, review)


SIGNS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


@given(
    worths=st.tuples(*[strategies.constants] * 3),
    amounts=st.tuples(*[strategies.constants] * 3),
    factor=strategies.constants,
    sign=st.sampled_from(sorted(SIGNS)),
    fixed=strategies.constants,
    review=strategies.reviews(max_households=4),
    chosen=st.lists(st.sampled_from(["points", "amount", "count"]), min_size=1, unique=True),
)
def test_an_interval_is_just_what_the_gaps_leave_open(
    worths: tuple[Any, ...],
    amounts: tuple[Any, ...],
    factor: Any,
    sign: str,
    fixed: Any,
    review: Review,
    chosen: list[str],
) -> None:
    """Points, amounts and counts that each hang on answers of their own: open if, and only if, filling gaps tells."""
    of_code = dict(zip(strategies.KINDS, amounts, strict=True))
    counted = s.count_members(s.column("mf"))
    terms = {
        "points": s.points((s.column("hf"), worths[0]), (~s.column("hg"), worths[1])),
        "amount": factor * s.threshold(of_code, by="hc"),
        "count": counted * worths[2],
    }

    def filled(household: dict[str, Any], people: list[dict[str, Any]]) -> dict[str, set[Any]]:
        flags = {name: [False, True] if household[name] is None else [household[name]] for name in ("hf", "hg")}
        codes = strategies.KINDS if household["hc"] is None else (household["hc"],)
        open_ = sum(who["mf"] is None for who in people)
        sure = sum(who["mf"] is True for who in people)
        return {
            "points": {worths[0] * one + worths[1] * (not other) for one in flags["hf"] for other in flags["hg"]},
            "amount": {factor * of_code[code] for code in codes},
            "count": {worths[2] * n for n in range(sure, sure + open_ + 1)},
        }

    tables = review.household_columns(), review.member_columns()
    homes = list(zip(review.households, review.members, strict=True))
    value = sum((terms[name] for name in chosen[1:]), terms[chosen[0]])
    rule = SIGNS[sign](value, fixed)
    expected = []
    for household, people in homes:
        sums = {sum(parts) for parts in product(*(filled(household, people)[name] for name in chosen))}
        said = {SIGNS[sign](each, fixed) for each in sums}
        asked = people or "count" not in chosen
        expected.append(UNKNOWN if not asked or len(said) > 1 else YES if said == {True} else NO)
    assert rule.score(*tables).tolist() == expected
    assert one_by_one(rule, review) == expected


@given(rule=strategies.rules("household", 3), review=strategies.reviews(gaps=False))
def test_without_gaps_every_answer_is_settled(rule: s.Rule, review: Review) -> None:
    assert UNKNOWN not in one_by_one(rule, review)


def test_fractions_beside_answers_are_exact_on_either_side() -> None:
    hn, flag = s.column("hn", level="household"), s.column("hf", level="household")
    third = Fraction(1, 3)
    cases: list[tuple[s.Rule, float | None, int]] = [
        *((rule, 4.5, YES) for rule in (Fraction(2, 3) * hn <= 3, hn * Fraction(2, 3) >= 3, Fraction(2, 3) * hn >= 3)),
        *((rule, 4.5, NO) for rule in (Fraction(2, 3) * hn < 3, hn * Fraction(2, 3) > 3, hn * Fraction(2, 3) > 3)),
        *((rule, 4.75, NO) for rule in (Fraction(2, 3) * hn <= 3, hn * Fraction(2, 3) <= 3)),
        *(
            (rule, 0.1, YES)
            for rule in (hn + 0 <= Fraction(1, 10), Fraction(1, 10) <= hn + 0, hn + 0 >= Fraction(1, 10))
        ),
        *((rule, 0.1, NO) for rule in (hn + 0 < Fraction(1, 10), Fraction(1, 10) < hn + 0)),
        (s.points((flag, third), (flag | flag, third)) >= 2 * third, 1.0, YES),
        (s.points((flag, third), (flag | flag, third)) > 2 * third, 1.0, NO),
        (hn * Fraction(1, 10) + hn * Fraction(2, 10) >= Fraction(9, 10), 3, YES),
        (Fraction(1, 10) * hn + Fraction(2, 10) * hn >= Fraction(9, 10), 3, YES),
        (s.points((flag, hn)) >= 0, None, UNKNOWN),
        (s.points((~flag, hn)) >= 0, None, YES),
    ]
    rest = {"household_id": 1, "hm": 0, "hf": True, "hg": True, "hc": "a"}
    for rule, answer, expected in cases:
        review = Review([{**rest, "hn": answer}], [[]])
        assert one_by_one(rule, review) == [expected], rule
        assert rule.score({"hn": [answer], "hf": [True]}).tolist() == [expected], rule


@pytest.mark.parametrize("size", [255, 256, 300, 70_000])
def test_one_huge_household_among_small_ones(size: int) -> None:
    keys = [1, *[2] * size, 3, 3]
    old = [False, *[True] * size, True, False]
    rule = s.count_members(s.column("old")) >= size
    scored = rule.score({"household_id": [1, 2, 3]}, {"household_id": keys, "old": old})
    assert scored.tolist() == [NO, YES, NO]
    assert s.any_member(s.column("old")).score(
        {"household_id": [1, 2, 3]}, {"household_id": keys, "old": old}
    ).tolist() == [
        NO,
        YES,
        YES,
    ]


def test_small_integers_do_not_overflow() -> None:
    area, size = np.array([250, 100], np.uint8), np.array([40, 12], np.int8)
    rule = s.column("floor_area") < 8 * s.column("household_size")
    assert rule.score({"floor_area": area, "household_size": size}).tolist() == [YES, NO]


@pytest.mark.parametrize("kind", [float, int])
def test_a_fraction_is_met_exactly(kind: type) -> None:
    third, tenth = s.column("x") <= s.threshold(Fraction(1, 3)), s.column("y") <= s.threshold(0.1)
    assert third.score({"x": np.array([0, 1], kind)}).tolist() == [YES, NO]
    assert tenth.score({"y": [0.1, 0.10000000000000002]}).tolist() == [YES, NO]


def test_nothing_at_all_gives_nothing() -> None:
    rule = s.any_member(s.column("old")) & s.column("poor")
    assert rule.score({"household_id": [], "poor": []}, {"household_id": [], "old": []}).tolist() == []


def test_a_household_without_members_is_unknown_not_no() -> None:
    rule = s.any_member(s.column("old"))
    assert rule.score({"household_id": [1, 2]}, {"household_id": [2], "old": [False]}).tolist() == [UNKNOWN, NO]


def test_one_member_must_meet_all_conditions() -> None:
    households = {"household_id": [1, 2]}
    members = {"household_id": [1, 1, 2], "child": [True, False, True], "ill": [False, True, True]}
    assert s.any_member(s.column("child") & s.column("ill")).score(households, members).tolist() == [NO, YES]


def test_a_members_rule_can_ask_their_household() -> None:
    rule = s.any_member(s.column("coast", level="household").equals("east") & s.column("old"))
    households = {"household_id": [7, 8, 9], "coast": ["east", "west", None]}
    members = {"household_id": [9, 7, 8, 7], "old": [True, False, True, True]}
    assert rule.score(households, members).tolist() == [YES, NO, UNKNOWN]


@given(
    ways=st.lists(strategies.rules("household", 1), min_size=2, max_size=3),
    review=strategies.reviews(),
    gone=st.sets(st.sampled_from(["hn", "hm", "hf", "hg", "hc"]), max_size=3),
)
def test_of_several_ways_to_ask_those_with_an_answer_count_and_must_agree(
    ways: list[s.Rule], review: Review, gone: set[str]
) -> None:
    asked = [{name for _, name in reads(way)} for way in ways]
    homes = {name: values for name, values in review.household_columns().items() if name not in gone}
    tables = homes, review.member_columns()
    rule = s.first_known(*ways)
    if all(names & gone for names in asked):  # none can have an answer
        with pytest.raises(MissingColumns):
            rule.score(*tables)
        return
    lacking = Review([{**row, **dict.fromkeys(gone)} for row in review.households], review.members)
    said = list(zip(*(one_by_one(way, lacking) for way in ways), strict=True))
    known = [{code for code in codes if code != UNKNOWN} for codes in said]
    expected = [codes.pop() if len(codes) == 1 else UNKNOWN for codes in map(set, known)]
    contradicting = sum(len(codes) > 1 for codes in known)
    assert rule.score(*tables, invalid="missing").tolist() == expected
    for row, people, codes, code in zip(lacking.households, lacking.members, known, expected, strict=True):
        alone = Review([row], [people])
        if len(codes) < 2:
            assert one_by_one(rule, alone) == [code]
        else:
            with pytest.raises(BadValues, match="contradict"):
                one_by_one(rule, alone)
    if contradicting:
        with pytest.raises(BadValues, match="contradict") as caught:
            rule.score(*tables)
        assert [problem.rows for problem in caught.value.problems] == [contradicting]


TWO_WAYS = evolve(
    TOY,
    indicators=[
        *TOY.indicators.values(),
        Indicator(
            "old",
            "land",
            both("old"),
            s.any_member(s.first_known(s.column("age") >= 50, ~s.column("swims"))),
            LAW,
            0,
        ),
    ],
)


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 1, 0, 2]], ids=["in order", "in no order"])
def test_a_member_whose_answers_contradict_each_other_is_a_problem_of_the_household(order: list[int]) -> None:
    rows = [(1, 20, True), (1, 60, True), (2, 60, None), (3, None, None)]
    people: dict[str, list[Any]] = {
        name: [rows[i][at] for i in order] for at, name in enumerate(("household_id", "age", "swims"))
    }
    people["trade"] = ["none"] * 4
    flags = {name: [True] * 3 for name in ("boat", "net", "hook")}
    homes = {"household_id": [1, 2, 3], "coast": ["east"] * 3, "shells": [1.0] * 3, "huts": [9.0] * 3, **flags}
    with pytest.raises(BadValues, match=r"contradict.*1"):
        TWO_WAYS.classify(homes, people)
    with pytest.raises(BadValues, match=r"contradict.*1"):
        TWO_WAYS.categories["poor"].score(homes, people)
    found = TWO_WAYS.classify(homes, people, invalid="missing")
    assert found.indicator("old").tolist() == [UNKNOWN, YES, UNKNOWN]
    assert [problem.code for problem in found.problems] == ["contradiction"]
    home = {name: values[0] for name, values in homes.items()}
    with pytest.raises(BadValues, match="contradict"):
        TWO_WAYS.assess(home, [{"age": 20, "swims": True}, {"age": 60, "swims": True}])


SETTLED: dict[str, s.Rule] = {"no": s.column("net") & ~s.column("net"), "yes": s.column("net") | ~s.column("net")}
HOME_WAYS = s.first_known(s.column("boat"), s.column("hook"))
MEMBER_WAYS = s.first_known(s.column("age") >= 50, ~s.column("swims"))


@pytest.mark.parametrize(
    "rule",
    [
        SETTLED["no"] & HOME_WAYS,
        HOME_WAYS & SETTLED["no"],
        SETTLED["yes"] | HOME_WAYS,
        SETTLED["yes"] | ~(SETTLED["no"] & HOME_WAYS),
        SETTLED["no"] & s.any_member(MEMBER_WAYS),
        SETTLED["yes"] | (s.count_members(MEMBER_WAYS) >= 1),
        s.any_member((s.column("age") < 30) | MEMBER_WAYS),
    ],
    ids=lambda rule: repr(rule)[:40],
)
@pytest.mark.parametrize("place", ["indicator", "class"])
def test_a_contradiction_is_said_also_where_the_answer_does_not_hang_on_it(rule: s.Rule, place: str) -> None:
    if place == "indicator":
        law = evolve(TOY, indicators=[*TOY.indicators.values(), Indicator("told", "land", both("told"), rule, LAW, 0)])
    else:
        first = Category("first", both("first"), s.column("shells") >= 0, LAW)  # everybody is in it
        law = evolve(TOY, categories=[first, Category("told", both("told"), rule, LAW), *TOY.categories.values()])
    home = {"household_id": 1, "coast": "east", "shells": 1.0, "huts": 9.0, "net": True, "boat": True, "hook": False}
    people = [{"age": 20, "swims": False, "trade": "none"}, {"age": 60, "swims": True, "trade": "none"}]
    tables = (
        {name: [value] for name, value in home.items()},
        {"household_id": [1, 1], **{name: [each[name] for each in people] for name in people[0]}},
    )
    with pytest.raises(BadValues, match="contradict"):
        law.classify(*tables)
    with pytest.raises(BadValues, match="contradict"):
        law.assess(home, people)
    sound = {**home, "hook": True}
    agreeing = [{**each, "swims": each["age"] < 50} for each in people]
    assert law.assess(sound, agreeing).possible
