"""Rules over arrays of every type, at the edges of what each type holds, against Python's own numbers."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdpoverty import scorers as s
from mdpoverty.engine import arrays, kernel, lifts
from mdpoverty.engine.inputs import open_inputs
from mdpoverty.errors import MissingColumns, StandardError
from mdpoverty.standard import Category, Dimension, Indicator, Standard, Threshold
from mdpoverty.tables.columns import Codes
from mdpoverty.tables.options import Reading
from mdpoverty.ternary import NO, UNKNOWN, YES
from tests.profiles import closely
from tests.strategies import field
from tests.toy import LAW, both

SIGNS: dict[str, Any] = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
TYPES: list[Any] = [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.float32, np.float64]


def settled(outcomes: set[bool]) -> int:
    return UNKNOWN if len(outcomes) == 2 else YES if outcomes == {True} else NO


# ------------------------------------------------------------------------------------------------------------- numbers


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("factor", [0, 1, 2, -1, -3, 127, 128, 255, 256, 2**15, 2**31, Fraction(1, 3), Fraction(7, 2)])
def test_products_and_sums_hold_more_than_the_type_they_are_computed_from(kind: Any, factor: Any) -> None:
    whole = np.dtype(kind).kind in "iu"
    if not whole and factor == Fraction(1, 3):
        factor = Fraction(1, 4)  # of which doubles hold every multiple here
    edges = [int(np.iinfo(kind).min), int(np.iinfo(kind).max)] if whole else [-(2**24), 2**24]
    numbers = [*dict.fromkeys([*edges, *(each for each in (-128, -1, 0, 1, 127, 255) if edges[0] <= each <= edges[1])])]
    numbers = [each for each in numbers if abs(each * 2**33) < 2**63]
    x = s.column("x")
    held = {"x": np.array(numbers, kind), "y": np.array(numbers[::-1], kind)}
    for number in numbers:
        limit = factor * number
        for name, sign in SIGNS.items():
            for rule in (sign(factor * x, limit), sign(x * factor + 1, limit + 1), sign(limit, factor * x)):
                mirrored = rule == sign(limit, factor * x)
                want = [
                    2 * bool(sign(limit, factor * each) if mirrored else sign(factor * each, limit)) for each in numbers
                ]
                assert rule.score(held).tolist() == want, (name, number)
        total, product = s.column("x") + s.column("y"), s.column("x") * s.column("y")
        pairs = list(zip(numbers, numbers[::-1], strict=True))
        assert (total >= number).score(held).tolist() == [2 * (a + b >= number) for a, b in pairs]
        assert (total > number).score(held).tolist() == [2 * (a + b > number) for a, b in pairs]
        small = [(a, b) for a, b in pairs if abs(a * b) < 2**53]
        its = {name: held[name][[abs(a * b) < 2**53 for a, b in pairs]] for name in held}
        assert (product >= number).score(its).tolist() == [2 * (a * b >= number) for a, b in small]


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("gaps", [False, True])
def test_answers_of_every_type_against_limits(kind: Any, gaps: bool) -> None:
    """A limit between two numbers is one for whole numbers too."""
    limits: list[Any] = [0, 1, 2, 3, Fraction(1, 2), Fraction(5, 2), Fraction(9, 4), Fraction(1, 3), 255, 256, 1000]
    numbers = [0, 1, 2, 3, 100, 127] + ([0.5, 2.25, 2.5] if np.dtype(kind).kind == "f" else [])
    held = pd.Series(np.array(numbers, kind))
    if gaps:
        held = pd.Series(
            pd.array(
                np.array(numbers, kind),
                dtype=held.dtype.name.replace("i", "I").replace("u", "U").replace("f", "F").replace("UI", "UI"),
            )
        )
        held[len(numbers) - 1] = None
    for limit in limits:
        exact = Fraction(limit)
        for sign in SIGNS.values():
            want = [2 * bool(sign(Fraction(each), exact)) for each in numbers]
            back = [2 * bool(sign(exact, Fraction(each))) for each in numbers]
            if gaps:
                want[-1] = back[-1] = UNKNOWN
            for value in (s.threshold(limit), Fraction(limit)):
                assert sign(s.column("x"), value).score({"x": held}).tolist() == want
                assert sign(value, s.column("x")).score({"x": held}).tolist() == back
            assert sign(s.column("x") + 0, exact).score({"x": held}).tolist() == want


@pytest.mark.parametrize("kind", [np.int64, np.uint64])
@pytest.mark.parametrize("above", [Fraction(1, 3), Fraction(3, 2), Fraction(1)])
def test_whole_numbers_that_no_float_holds_meet_fractions_exactly(kind: Any, above: Fraction) -> None:
    numbers, limit = [2**62 + each for each in (-1, 0, 1, 2)], 2**62 + above
    table = {"x": np.array(numbers, kind), "code": ["a"] * len(numbers)}
    for sign in SIGNS.values():
        want = [2 * bool(sign(each, limit)) for each in numbers]
        for value in (limit, s.threshold(limit), s.threshold({"a": limit, "b": 0}, by="code")):
            assert sign(s.column("x"), value).score(table).tolist() == want


AMOUNTS: dict[str, Any] = {"a": 2, "b": Fraction(5, 2), "c": -1}


@pytest.mark.parametrize("kind", [np.int8, np.int64, np.float64])
@pytest.mark.parametrize(
    "codes", [["a", "b", "c"], ["c", "b", "a"], ["a", "a", "a"], ["b", None, "c"], [None] * 3, None]
)
@pytest.mark.parametrize("where", ["alone", "in a sum", "in a product"])
def test_amounts_by_code(kind: Any, codes: list[Any] | None, where: str) -> None:
    rows = [(x, code) for x in (-2, -1, 0, 2, 3) for code in codes or [None]]
    table: dict[str, Any] = {"x": np.array([x for x, _ in rows], kind)}
    if codes is not None:
        table["code"] = pl.Series([code for _, code in rows], dtype=pl.String).to_list()
        if all(code is None for code in codes):
            table["code"] = np.array([None] * len(rows), object)
    amount = s.threshold(AMOUNTS, by="code")
    right: dict[str, Any] = {"alone": amount, "in a sum": amount + 1, "in a product": 2 * amount}
    said = {"alone": lambda a: a, "in a sum": lambda a: a + 1, "in a product": lambda a: 2 * a}[where]
    for sign in SIGNS.values():
        for mirrored in (False, True):
            rule = sign(right[where], s.column("x")) if mirrored else sign(s.column("x"), right[where])
            want = []
            for x, code in rows:
                meant = [said(each) for each in (AMOUNTS.values() if code is None else [AMOUNTS[code]])]
                want.append(settled({bool(sign(each, x) if mirrored else sign(x, each)) for each in meant}))
            if codes is None:
                with pytest.raises(MissingColumns):
                    rule.score(table)
            else:
                assert rule.score(table).tolist() == want


@pytest.mark.parametrize("pair", [(2, Fraction(5, 2)), (Fraction(5, 2), 3), (3, Fraction(5, 2)), (Fraction(1, 3), 1)])
@pytest.mark.parametrize("by", [None, "code"])
def test_amounts_of_a_day_that_was_not_given_are_those_of_any(pair: tuple[Any, Any], by: str | None) -> None:
    days = (None, date(2024, 1, 1))
    decides = None if by is None else s.column(by)
    code = None if by is None else "a"
    steps = tuple(s.Step(day, ((code, Fraction(each)),)) for day, each in zip(days, pair, strict=True))
    amount = s.Amount("", decides, steps)
    table = {"x": np.arange(8), "code": ["a"] * 8}
    for sign in SIGNS.values():
        for factor in (1, 2, 6):
            want = [settled({bool(sign(x, factor * each)) for each in pair}) for x in range(8)]
            assert sign(s.column("x"), factor * amount).score(table).tolist() == want
        want = [settled({bool(sign(x, each)) for each in pair}) for x in range(8)]
        assert sign(s.column("x"), amount).score(table).tolist() == want


def test_shares_of_doubles_are_compared_before_they_are_rounded() -> None:
    doubles = [1.5 + place * 2.0**-52 for place in range(7)]  # of which some have the same third
    table = {"x": doubles[:-1], "y": doubles[1:]}
    x, y = (s.column(name) * Fraction(1, 3) for name in "xy")
    for sign in SIGNS.values():
        assert sign(x, y).score(table).tolist() == [2 * bool(sign(0, 1))] * 6


def test_a_code_without_an_amount_of_its_own_may_have_any() -> None:
    table = {"x": [1, 3, 9, 2, 1, 6], "code": ["a", "b", "z", "z", "z", "z"]}
    amount = s.threshold({"a": 1, "b": 5}, by="code")
    alone, summed = s.column("x") <= amount, 1 * s.column("x") <= amount
    assert alone.score(table).tolist() == summed.score(table).tolist() == [YES, YES, NO, UNKNOWN, YES, NO]
    strange = {"x": [1, 3, 9], "code": ["z", "z", "z"]}
    assert alone.score(strange).tolist() == summed.score(strange).tolist() == [YES, UNKNOWN, NO]


@pytest.mark.parametrize("least", [2**63, 2**64 - 1])
def test_numbers_too_large_for_a_sign_stay_large(least: int) -> None:
    table = {"x": np.array([least, 5], np.uint64), "household_size": np.array([least, 5], np.uint64)}
    for column in (s.column("x"), s.column("household_size")):
        for value in (column, 1 * column, 2 * column, column + 0, column + column):
            assert (value >= 100).score(table).tolist() == [YES, NO]
            assert (value > -1).score(table).tolist() == [YES, YES]
    floats = {"household_size": [1e300, 5.0]}
    assert (s.column("household_size") >= 100).score(floats).tolist() == [YES, NO]


@pytest.mark.parametrize("large", [2**32, 2**40, 2**62])
def test_products_of_columns_do_not_wrap(large: int) -> None:
    table = {"x": [large, 3, -large], "y": [large, 3, large]}
    product = s.column("x") * s.column("y")
    assert (product >= 100).score(table).tolist() == [YES, NO, NO]
    assert (product >= -100).score(table).tolist() == [YES, YES, NO]


LARGE = [2**63 - 1, 2**62, -(2**62), -(2**63), 2**61, 5, 0]


@pytest.mark.parametrize("beside", [[1], [2**63 - 1, -(2**63), 3, 7, 2, -1, 0]])
def test_what_is_multiplied_or_added_up_does_not_wrap(beside: list[int]) -> None:
    y = beside * (len(LARGE) // len(beside))
    table = {"x": np.array(LARGE, np.int64), "y": np.array(y, np.int64)}
    x, other = s.column("x"), s.column("y")
    said: list[tuple[Any, Any]] = [
        (2 * x, lambda x, y: 2 * x),
        (-3 * x, lambda x, y: -3 * x),
        (10**6 * x, lambda x, y: 10**6 * x),
        (x * other, lambda x, y: x * y),
        (x + other, lambda x, y: x + y),
        (x + x, lambda x, y: x + x),
        (s.points((x > -(2**63), x), (x > -(2**63), other)), lambda x, y: x + y if x > -(2**63) else 0),
        (x + Fraction(1, 3), lambda x, y: x + Fraction(1, 3)),
        (Fraction(2, 3) * x, lambda x, y: Fraction(2, 3) * x),
    ]
    for value, exact in said:
        for limit in (-(10**12), 100, 10**12):
            want = [YES if exact(*row) > limit else NO for row in zip(LARGE, y, strict=True)]
            assert (value > limit).score(table).tolist() == want


@pytest.mark.parametrize(
    ("one", "other"), [((2, 3), (5, 7)), ((-3, 2), (5, 7)), ((-3, -2), (-7, 5)), ((2, 3), (-7, -5))]
)
def test_a_product_lies_between_the_least_and_the_most_of_its_corners(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    first, second = (s.threshold(dict(zip("ab", its, strict=True)), by=by) for its, by in ((one, "x"), (other, "y")))
    corners = [a * b for a in one for b in other]
    codes = {name: np.array(["a", "b", None], object) for name in "xy"}
    values = sorted({*corners, *(each - 1 for each in corners), *(each + 1 for each in corners)})
    for value in values:
        table = {"v": [value] * 3, **codes}
        for sign in SIGNS.values():
            want = [2 * bool(sign(value, corners[0])), 2 * bool(sign(value, corners[3]))]
            want.append(settled({bool(sign(value, each)) for each in corners}))
            assert sign(s.column("v"), first * second).score(table).tolist() == want


@pytest.mark.parametrize("many", [254, 255, 256, 257])
def test_more_rules_than_a_byte_can_count(many: int) -> None:
    yes, maybe = s.column("yes", level="household"), s.column("open", level="household")
    table = {"yes": [True, False, True], "open": [True, False, None]}
    for minimum in (1, many - 1, many):
        rule = s.at_least(minimum, *([yes | yes] * (many - 1)), maybe | maybe)
        assert rule.score(table).tolist() == [YES, NO, UNKNOWN if minimum == many else YES]


def law(
    weights: Sequence[Any], classes: Sequence[tuple[str, s.Rule]] = (), rules: Sequence[s.Rule] = (), cutoff: Any = 1
) -> Standard:
    """Return a law whose indicators are flags ``f0``, ``f1`` …, or other rules, by turns of two dimensions."""
    asked = list(rules) or [s.column(f"f{at}") | s.column(f"f{at}") for at in range(len(weights))]
    enough = s.deprivations() >= s.threshold("cutoff")
    return Standard(
        id="law",
        title=both("law"),
        citation=LAW,
        in_force="2020-01-01",
        until=None,
        fields=[field(f"f{at}", "household", "flag") for at in range(len(weights))]
        + [field("x", "household", "number"), field("age", "member", "number"), field("ill", "member", "flag")],
        thresholds=[Threshold("cutoff", both("cutoff"), cutoff, LAW)],
        dimensions=[Dimension("one", both("one"), LAW), Dimension("two", both("two"), LAW)],
        indicators=[
            Indicator(f"i{at}", ("one", "two")[at % 2], both(f"i{at}"), rule, LAW, weight)
            for at, (rule, weight) in enumerate(zip(asked, weights, strict=True))
        ],
        categories=[
            Category(name, both(name), its, LAW) for name, its in classes or [("in", enough), ("out", ~enough)]
        ],
    )


@pytest.mark.parametrize(
    "weights", [[1, 1, 1], [100, 155], [100, 156], [100, 157, 2], [300, 1, 700], ["1/3", "1/6", "1/2"], [0, 1, 2]]
)
def test_weights_are_added_up_whatever_they_come_to(weights: list[Any]) -> None:
    states = [[False], [None], [True]]
    rows = [[]]
    for _ in weights:
        rows = [row + state for row in rows for state in states]
    table = {f"f{at}": [row[at] for row in rows] for at in range(len(weights))}
    exact = [Fraction(weight) for weight in weights]
    sums = [
        (
            sum(weight for weight, its in zip(exact, row, strict=True) if its),
            sum(weight for weight, its in zip(exact, row, strict=True) if its is not False),
        )
        for row in rows
    ]
    for cutoff in sorted({low for low, _ in sums}):
        found = law(weights, cutoff=cutoff).classify(table)
        want = [settled({low >= cutoff, high >= cutoff}) for low, high in sums]
        assert found.in_category("in").tolist() == want, cutoff
        for at in range(len(weights)):
            assert found.indicator(f"i{at}").tolist() == [{None: 1, True: 2, False: 0}[row[at]] for row in rows]


@pytest.mark.parametrize("many", [1, 2, 7, 8, 9, 12])
def test_of_many_classes_the_first_that_holds(many: int) -> None:
    rules = [(f"c{at}", (s.column("x") >= at + 1) if at < many - 1 else (s.column("x") >= -1000)) for at in range(many)]
    rules = rules[:-1][::-1] + rules[-1:]
    table = {"x": pd.array([None, 0, 1, many - 1, many, 50], "Int64")}
    found = law([1], rules).classify({**table, "f0": [True] * 6})
    for row, x in enumerate([None, 0, 1, many - 1, many, 50]):
        holds = [name for name, _ in rules if x is not None and (name == f"c{many - 1}" or x >= int(name[1:]) + 1)]
        assert found.category[row] == (holds[0] if holds else "c0" if many == 1 else None)
        for name, _ in rules:
            want = UNKNOWN if x is None and many > 1 else 2 * (many == 1 or name == holds[0])
            assert found.in_category(name)[row] == want, (x, name)


@pytest.mark.parametrize("many", [2, 8, 9])
def test_a_household_that_no_class_holds_is_named(many: int) -> None:
    rules = [(f"c{at}", s.column("x") >= many - at) for at in range(many)]
    table = {"household_id": ["A", "B", "C", "D"], "x": [1, 0, 5, -3], "f0": [True] * 4}
    with pytest.raises(StandardError, match=r"no class holds for 2 households \(the first: B, D\)"):
        law([1], rules).classify(table)


@closely()
@given(
    st.lists(st.integers(-1, 9), max_size=12),
    st.lists(st.integers(0, 9), unique=True),
    st.sampled_from([np.int8, np.int16]),
)
def test_codes_are_matched_whichever_lie_side_by_side(codes: list[int], wanted: list[int], kind: Any) -> None:
    names = tuple(f"n{at}" for at in range(10))
    found = kernel._matches(np.array(codes, kind), sorted(wanted))
    assert found.tolist() == [code in wanted for code in codes]
    step = kernel.array_algebra(set()).is_in(
        s.column("c").is_in([names[at] for at in wanted or [0]]),
    )
    answers = Codes(np.array(codes, kind), names, -1 in codes)
    sure, maybe = step(kernel.Batch(len(codes), lambda _: answers))
    asked = wanted or [0]
    assert sure.tolist() == [code in asked for code in codes]
    assert maybe.tolist() == [code in asked or code < 0 for code in codes]
    sure, maybe = step(kernel.Batch(3, lambda _: None))
    assert (sure.tolist(), maybe.tolist()) == ([False] * 3, [True] * 3)


def test_numbers_are_among_numbers() -> None:
    rule = s.column("x").is_in([1, Fraction(5, 2)])
    for held in ([1, 2.5, 2, None], pd.array([1, 2, 3, None], "Int64"), np.array([1.0, 2.5, 0.5, np.nan])):
        want = [UNKNOWN if pd.isna(each) else 2 * (each in (1, 2.5)) for each in list(held)]
        assert rule.score({"x": held}).tolist() == want


def test_numbers_beyond_63_bits_stay_what_they_are() -> None:
    held = {"x": np.array([2**63, 2**63 + 2**40, 5], np.uint64)}
    for value in (s.column("x"), s.column("x") + 1, s.column("x") * 1, s.points((s.column("x") > 0, s.column("x")))):
        assert (value >= 2**62).score(held).tolist() == [2, 2, 0]
        assert (value < 2**62).score(held).tolist() == [0, 0, 2]


def test_a_connective_of_one_rule_is_that_rule() -> None:
    held = {"x": [True, None, False]}
    for kind in (s.And, s.Or):
        assert kind((s.Flag(s.column("x")),)).score(held).tolist() == [2, 1, 0]


# ------------------------------------------------------------------------------------------------------------- members


@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from([1, 2, 3, None]), st.sampled_from([True, False, None])), max_size=4),
        max_size=6,
    ),
    st.booleans(),
    st.sampled_from([1, 2, 5, 131_072]),
    st.integers(1, 12),
    st.randoms(),
)
def test_many_rules_of_members_at_once(
    homes: list[list[tuple[Any, Any]]], ordered: bool, block: int, many: int, shuffled: Any
) -> None:
    conditions = [(at % 3 + 1, at % 2 == 0) for at in range(many)]
    rules: list[s.Rule] = []
    for age, ill in conditions:
        asked = (s.column("age") >= age) & (s.column("ill") if ill else ~s.column("ill"))
        rules += [s.any_member(asked), s.count_members(asked) >= 2, -3 * s.count_members(asked) > -6]
    people = [(home, *who) for home, its in enumerate(homes) for who in its]
    if not ordered:
        shuffled.shuffle(people)
    households = {"household_id": list(range(len(homes)))}
    members = {
        "household_id": [who[0] for who in people],
        "age": pd.array([who[1] for who in people], "Int64"),
        "ill": pd.array([who[2] for who in people], "boolean"),
    }
    one = law([1] * len(rules), rules=rules)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lifts, "MEMBER_BLOCK", block)
        patch.setattr(arrays, "HOUSEHOLD_BLOCK", block)
        found = one.classify(households, members) if homes else None
    for at, (age, ill) in enumerate(conditions):
        for home, its in enumerate(homes):
            low = high = 0
            for its_age, its_ill in its:
                old = {True, False} if its_age is None else {its_age >= age}
                sick = {True, False} if its_ill is None else {its_ill == ill}
                answers = {a and b for a in old for b in sick}
                low += answers == {True}
                high += True in answers
            any_, two, few = (
                [UNKNOWN] * 3
                if not its
                else [settled({low > 0, high > 0}), settled({low > 1, high > 1}), settled({low < 2, high < 2})]
            )
            assert found is not None
            assert [found.indicator(f"i{3 * at + k}")[home] for k in range(3)] == [any_, two, few]


@pytest.mark.parametrize("order", ["in order", "in no order"])
@pytest.mark.parametrize("size", [254, 255, 256, 257, 65_536])
def test_households_as_large_as_a_type_can_count(order: str, size: int) -> None:
    theirs = np.repeat([1, 2, 3], [2, size, 1])
    if order == "in no order":
        theirs = theirs[np.argsort(np.arange(len(theirs)) % 7, kind="stable")]
    ill = np.ones(len(theirs), bool)
    ill[-1] = False
    open_ = np.ones(len(theirs))
    open_[0] = np.nan
    homes = {"household_id": [1, 2, 3]}
    of = np.array([(theirs == home).sum() for home in (1, 2, 3)])
    off = np.array([theirs[-1] == home for home in (1, 2, 3)])
    gap = np.array([theirs[0] == home for home in (1, 2, 3)])
    counted = s.count_members(s.column("ill"))
    for limit in (1, 2, size - 1, size, size + 1) if size < 1000 else (size,):
        members = {"household_id": theirs, "ill": ill}
        assert (counted >= limit).score(homes, members).tolist() == [2 * bool(n >= limit) for n in of - off]
        unsure = (counted >= limit).score(homes, {"household_id": theirs, "ill": open_}).tolist()
        assert unsure == [settled({bool(n >= limit), bool(n - one >= limit)}) for n, one in zip(of, gap, strict=True)]


def test_without_a_members_table_nothing_is_known_of_members() -> None:
    asked = s.column("age") >= 5
    for rule in (s.any_member(asked), s.count_members(asked) >= 1, s.count_members(asked) < 1):
        with pytest.raises(MissingColumns):
            rule.score({"household_id": [1, 2]})
        either = s.first_known(rule, s.column("told"))
        assert either.score({"household_id": [1, 2, 3], "told": [True, False, None]}).tolist() == [YES, NO, UNKNOWN]


def test_equal_parts_of_several_rules_are_one() -> None:
    young = s.any_member(s.column("age") < 5)
    rules = [young & (s.column("x") < 3), young | (s.column("x") < 3), ~young, s.column("x") < 3]
    table = {"household_id": [1, 2, 3], "x": [2, 5, None]}, {"household_id": [1, 1, 2, 3], "age": [3, 40, 9, 2]}
    found = law([1] * 4, rules=rules).classify(*table)
    assert [found.indicator(f"i{at}").tolist() for at in range(4)] == [[2, 0, 1], [2, 0, 2], [0, 2, 0], [2, 0, 1]]
    for at, rule in enumerate(rules):
        assert rule.score(*table).tolist() == found.indicator(f"i{at}").tolist()


def test_what_the_rules_say_is_never_changed() -> None:
    one = law([1, 1])
    for f0 in ([True, False], [True, None]):
        inputs = open_inputs(one.program(), Reading(), {"f0": f0, "f1": [True, True]})
        found = arrays.run(one.program(), inputs)
        for each in (found.possible, found.classes, *found.sure, *found.maybe):
            assert not each.flags.writeable
