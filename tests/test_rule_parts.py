"""What rules and numbers are made of: each part by a table of cases, and what is said of parts that don't fit."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from mdpoverty import ternary
from mdpoverty.errors import BadValues, MdpovertyError, RuleError, SpecError
from mdpoverty.numbers import (
    Operator,
    decimal_printed,
    language,
    machine,
    number,
    per_cent,
    printed,
    share_printed,
)
from mdpoverty.rules import nodes
from mdpoverty.scorers import (
    Amount,
    Compare,
    Constant,
    Flag,
    Product,
    Step,
    Total,
    all_members,
    all_of,
    any_member,
    any_of,
    at_least,
    column,
    count_members,
    deprivations,
    first_known,
    indicator,
    points,
    threshold,
)

NAN = float("nan")

# ------------------------------------------------------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("value", "exact"),
    [
        (3, 3),
        (10**30, 10**30),
        (8.0, 8),
        ("3", 3),
        (" 2.5 ", Fraction(5, 2)),
        ("1/3", Fraction(1, 3)),
        ("4/2", 2),
        (1 / 3, Fraction(1, 3)),
        (2 / 3, Fraction(2, 3)),
        (0.1, Fraction(1, 10)),
        (0.1 + 0.2, Fraction(3, 10)),
        (1 / 9_999, Fraction(1, 9_999)),
        (1 / 10_000, Fraction(1, 10_000)),
        (1 / 10_001, Fraction(repr(1 / 10_001))),
        (1 / 10_007, Fraction(repr(1 / 10_007))),
        (1000 + 1 / 9_999, 1000 + Fraction(1, 9_999)),
        (1234567890.123456, Fraction("1234567890.123456")),
        (0.123456789, Fraction(123456789, 10**9)),
        (1234.5678, Fraction(6172839, 5000)),
        (12345.678901, Fraction("12345.678901")),
        (1e-9, Fraction(1, 10**9)),
        (1e-300, Fraction("1e-300")),
        (1e300, 10**300),
        (0.0, 0),
        (-0.75, Fraction(-3, 4)),
        (Decimal("0.26"), Fraction(13, 50)),
        (Decimal(7), 7),
        (Fraction(6, 3), 2),
        (np.int8(5), 5),
        (np.float64(0.1), Fraction(1, 10)),
        (np.float32(0.1), Fraction(1, 10)),
        (np.float32(1 / 3), Fraction(1, 3)),
        (np.float32(1.1), Fraction(11, 10)),
        (np.float32(123.456), Fraction("123.456")),
        (float(np.float32(0.1)), Fraction(repr(float(np.float32(0.1))))),
    ],
)
def test_a_number_is_read_exactly(value: Any, exact: Any) -> None:
    found = number(value)
    assert (type(found), found) == (type(exact), exact)


@given(st.integers(-3000, 3000), st.integers(1, 3000), st.integers(-3, 3))
def test_a_double_beside_a_simple_fraction_is_that(above: int, below: int, ulps: int) -> None:
    exact = Fraction(above, below)
    value = float(exact)
    for _ in range(abs(ulps)):
        value = float(np.nextafter(value, np.inf if ulps > 0 else -np.inf))
    if above:
        assert number(value) == exact
    assert machine(number(value)) == (float(exact) if above else value)


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("beside", [0, 1, 3, 4, 5, 6, 9])
def test_a_float_more_than_four_places_beside_a_fraction_is_a_decimal(kind: Any, beside: int) -> None:
    value = kind(1 / 3)
    for _ in range(beside):
        value = np.nextafter(value, kind(1))
    shown = str(value.item()) if kind is np.float64 else str(value)
    if beside != 4 or kind is np.float64:  # at which printing a single float rounds once more
        assert number(value) == (Fraction(1, 3) if beside <= 4 else Fraction(shown))


@pytest.mark.parametrize("odd", [SimpleNamespace(dtype="float64"), SimpleNamespace(item=lambda: 5)])
def test_what_is_only_half_a_number_of_numpys_is_none(odd: Any) -> None:
    with pytest.raises(RuleError, match="must be a number"):
        number(odd)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (True, "must be a number such as 3, 0.26 or '1/3', not True"),
        (np.True_, "must be a number such as"),
        (None, "not None"),
        ([1], r"not \[1\]"),
        (1j, "must be a number"),
        ("x", "must be a finite number such as 3, 0.26 or '1/3', not 'x'"),
        ("", "finite"),
        ("1/0", "finite"),
        ("nan", "finite"),
        (NAN, "finite number"),
        (float("inf"), "finite number"),
        (Decimal("inf"), "finite number"),
        (np.float32("inf"), "finite number"),
        (np.datetime64("2024-01-01"), "must be a number"),
    ],
)
def test_what_is_no_number_is_said(value: Any, said: str) -> None:
    for error in (RuleError, SpecError):
        with pytest.raises(error, match=f"the cutoff {said}" if said.startswith("must") else said):
            number(value, "the cutoff", error)
    with pytest.raises(RuleError, match="a number must be"):
        number(value)


def test_numbers_as_machines_compare_them() -> None:
    assert [machine(each) for each in (3, Fraction(1, 2), Fraction(1, 3))] == [3, 0.5, 1 / 3]
    assert type(machine(3)) is int


def test_operators_and_what_is_opposite_to_them() -> None:
    for sign in Operator:
        for a, b in ((1, 2), (2, 2), (3, 2)):
            assert sign.holds(a, b) is not sign.opposite.holds(a, b)
            assert sign.holds(a, b) is sign.mirror.holds(b, a)
        assert sign.opposite.opposite is sign.mirror.mirror is sign
    assert [sign.sign for sign in Operator] == ["<", "≤", ">", "≥"]


@pytest.mark.parametrize("lang", ["vi", "en", "fr", "", None])
def test_languages(lang: Any) -> None:
    if lang in ("vi", "en"):
        assert language(lang) == lang
        return
    with pytest.raises(SpecError, match="can be 'vi' or 'en'"):
        language(lang)


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (1, 3, "33.33"),
        (2, 3, "66.67"),
        (1, 1, "100.00"),
        (0, 7, "0.00"),
        (1, 8, "12.50"),
        (1, 20_000, "0.01"),
        (1, 20_001, "0.00"),
        (3, 20_000, "0.02"),
        (5, 2, "250.00"),
    ],
)
def test_per_cent_is_rounded_half_up(part: int, whole: int, said: str) -> None:
    assert str(per_cent(part, whole)) == said
    assert per_cent(part, 0) is None


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [
        (None, "", ""),
        (0, "0", "0"),
        (1_234_567, "1.234.567", "1,234,567"),
        (-1234, "-1.234", "-1,234"),
        (2.0, "2", "2"),
        (2.5, "2,5", "2.5"),
        (1234.567, "1.234,57", "1,234.57"),
        (Fraction(4, 2), "2", "2"),
        (Fraction(5, 2), "2,5", "2.5"),
        (Fraction(1, 3), "0,33", "0.33"),
        ((1, 2), "1–2", "1–2"),
        ((Fraction(1, 2), 1000), "0,5–1.000", "0.5–1,000"),
    ],
)
def test_numbers_are_written_as_languages_do(value: Any, vi: str, en: str) -> None:
    assert (printed(value, "vi"), printed(value, "en")) == (vi, en)


@pytest.mark.parametrize(
    ("value", "places", "vi", "en"),
    [
        (None, 1, "", ""),
        (NAN, 1, "", ""),
        (0, 0, "0", "0"),
        (0.5, 0, "1", "1"),
        (1.5, 0, "2", "2"),
        (2.5, 0, "3", "3"),
        (0.05, 1, "0,1", "0.1"),
        (0.04, 1, "0,0", "0.0"),
        (-0.04, 1, "0,0", "0.0"),
        (-0.05, 1, "−0,1", "−0.1"),
        (Fraction(1, 8), 2, "0,13", "0.13"),
        (Fraction(-1, 3), 3, "−0,333", "−0.333"),
        (Decimal("2.675"), 2, "2,68", "2.68"),
        (2.675, 2, "2,68", "2.68"),
        (1234567, 2, "1.234.567,00", "1,234,567.00"),
        (-1234567.891, 2, "−1.234.567,89", "−1,234,567.89"),
        (float("inf"), 1, "∞", "∞"),
        (float("-inf"), 1, "−∞", "−∞"),
        (1234, -2, "1.200", "1,200"),
    ],
)
def test_decimals_are_written_as_languages_do(value: Any, places: int, vi: str, en: str) -> None:
    if places < 0:
        places, vi, en = 0, "1.234", "1,234"
    assert (decimal_printed(value, "vi", places), decimal_printed(value, "en", places)) == (vi, en)


@pytest.mark.parametrize(
    ("share", "places", "vi", "en"),
    [
        (None, 1, "", ""),
        (NAN, 1, "", ""),
        (0, 1, "0,0 %", "0.0%"),
        (1, 0, "100 %", "100%"),
        (0.0265, 1, "2,7 %", "2.7%"),
        (0.0265, 2, "2,65 %", "2.65%"),
        (Fraction(1, 3), 1, "33,3 %", "33.3%"),
        (-0.5, 1, "−50,0 %", "−50.0%"),
    ],
)
def test_shares_are_written_in_per_cent(share: Any, places: int, vi: str, en: str) -> None:
    assert (share_printed(share, "vi", places), share_printed(share, "en", places)) == (vi, en)
    assert share_printed(0.5, "vi") == "50,0 %"


# ------------------------------------------------------------------------------------------------------- three answers


class _Odd:
    def __init__(self, error: type[Exception]) -> None:
        self.error = error

    def __ne__(self, other: object) -> bool:
        raise self.error

    __hash__ = None  # type: ignore[assignment]  # the point of the class


@pytest.mark.parametrize(
    ("value", "missing"),
    [
        *[
            (each, True)
            for each in (
                None,
                NAN,
                np.float32("nan"),
                pd.NA,
                pd.NaT,
                np.datetime64("NaT", "s"),
                np.timedelta64("NaT", "s"),
                Decimal("nan"),
                Decimal("snan"),
            )
        ],
        *[
            (each, False)
            for each in (
                0,
                1,
                False,
                True,
                "",
                "nan",
                0.0,
                float("inf"),
                [],
                (),
                {},
                [NAN],
                Decimal(0),
                np.array([NAN, 1]),
                b"",
            )
        ],
        (_Odd(TypeError), False),
        (_Odd(ValueError), False),
        (_Odd(ArithmeticError), True),
    ],
)
def test_what_is_no_answer(value: Any, missing: bool) -> None:
    assert ternary.is_missing(value) is missing
    found = ternary.or_none(["a", value, 1])
    assert found[1] is None if missing else found[1] is value
    assert (found[0], found[2]) == ("a", 1)


def test_plain_answers_are_left_as_they_lie() -> None:
    for plain in (["a", None, True, 1], []):
        assert ternary.or_none(plain) is plain
    for other in ([1.5], [Decimal(1)], [NAN]):
        assert ternary.or_none(other) is not other
    assert (ternary.NO, ternary.UNKNOWN, ternary.YES) == (0, 1, 2)
    assert ternary.NAMES == ("no", "unknown", "yes")


# --------------------------------------------------------------------------------------------------------------- rules

one, two, last = column("a"), column("b"), column("c")
MINE, THEIRS = column("m", level="member"), column("h", level="household")
SICK = any_member(column("ill"))
ILL = any_member(column("ill", level="member"))


def nested(levels: int) -> Any:
    rule: Any = one < 1  # two levels already
    for level in range(levels - 2):
        rule = rule & two if level % 2 else rule | last
    return rule


def test_rules_are_nested_two_hundred_levels_deep_at_most() -> None:
    assert [(nested(levels)).depth for levels in (2, 3, 10, 200)] == [2, 3, 10, 200]
    with pytest.raises(RuleError, match="a rule can be nested 200 levels deep: name a part of this one"):
        nested(201)
    assert one.depth == Flag(one).depth == 1
    assert nodes.DEEPEST == 200


def test_a_rule_knows_its_parts_and_of_whom_it_speaks() -> None:
    for node, parts, level, lifted in (
        (one, (), None, False),
        (MINE, (), "member", False),
        (THEIRS, (), "household", False),
        (one < 3, (one, Constant(3)), None, False),
        (MINE < 3, (MINE, Constant(3)), "member", False),
        (SICK, (Flag(column("ill", level="member")),), "household", True),
        (count_members(one), (Flag(column("a", level="member")),), "household", True),
        (deprivations(), (), "household", True),
        (indicator("x"), (), "household", True),
        (threshold({"r": 1}, by=MINE), (), "member", False),
        (threshold({"r": 1}, by="area"), (), None, False),
        (threshold(3), (), None, False),
        (Flag(MINE), (), "member", False),
        (MINE.equals("x"), (), "member", False),
        (points((one, 2), (two, last)), (Flag(one), Flag(two), Constant(2), last), None, False),
        (~(MINE < 3), (MINE < 3,), "member", False),
    ):
        assert node.parts == parts
        assert node.level == level
        assert (node.lift is not None) == lifted
    assert (SICK & (one < 3)).lift == SICK
    assert [type(each).__name__ for each in ((one < 3) & ~SICK).walk()] == [
        "And",
        "Compare",
        "Column",
        "Constant",
        "Not",
        "AnyMember",
        "Flag",
    ]


def test_columns_that_are_nobodys_become_the_households_or_the_members() -> None:
    for make in (
        lambda a: a < 3,
        lambda a: ~a,
        lambda a: a.equals("x"),
        lambda a: 2 * a + 1 < 8,
        lambda a: a < threshold({"x": 1}, by=a),
        lambda a: points((a, 2), (~a, a)) >= 1,
        lambda a: at_least(1, a, a < 2),
        lambda a: first_known(a, a < 2),
        lambda a: any_of(a, a < 2) & (a > 1),
    ):
        for level in ("household", "member"):
            own = make(column("a", level=level))
            assert make(one).at(level) == own
            assert own.at("household") == own.at("member") == own
            assert own.at(level) is own or isinstance(own, Flag | nodes.IsIn) or own.at(level) == own
    assert any_member(one < 3).at("household") is not None
    assert any_member(one < 3) == any_member(column("a", level="member") < 3)
    once = ((THEIRS < 3) & (THEIRS > 1)) | (THEIRS < 0)
    assert once.at("household") is once
    assert once.with_parts(lambda part: part) is once
    assert once.with_parts(lambda part: ~part if isinstance(part, Compare) else part) != once


def test_columns_beside_a_members_are_the_members_and_beside_a_lift_the_households() -> None:
    a_member, a_household = column("a", level="member"), column("a", level="household")
    for make in (
        lambda a, other: a & other,
        lambda a, other: other | a,
        lambda a, other: at_least(1, a, other),
        lambda a, other: first_known(other, a),
        lambda a, other: points((a, 1), (other, 2)) >= 1,
    ):
        assert make(one, Flag(MINE)) == make(a_member, Flag(MINE))
        assert make(one, ILL) == make(a_household, ILL)
        assert make(one, Flag(THEIRS)) == make(one, Flag(THEIRS))
    assert (one < MINE) == (a_member < MINE)
    assert (one < count_members(two)) == (a_household < count_members(two))
    assert (one + MINE) == (a_member + MINE)
    assert (one * count_members(two)) == (a_household * count_members(two))
    assert (one < two).level is (one & two).level is None
    for mixed in (
        lambda: Flag(MINE) & ILL,
        lambda: ILL & Flag(MINE),
        lambda: MINE + count_members(one),
        lambda: (one & two) & ILL & Flag(MINE),
    ):
        with pytest.raises(
            RuleError, match=r"speaks of one member and .* of the whole household: lift it with any_member"
        ):
            mixed()
    assert (Flag(MINE) & Flag(THEIRS)).level == "member"
    assert (Flag(THEIRS) & Flag(MINE)).level == "member"
    assert (Flag(THEIRS) & one).level == "household"


def test_arithmetic_either_way_round() -> None:
    held = {"a": [5, 2], "b": [3, 7]}
    for rule, values in (
        (one - 2 >= 3, [5 - 2 >= 3, 2 - 2 >= 3]),
        (2 - one >= 0, [False, True]),
        (one - two >= 2, [True, False]),
        (two - one >= 5, [False, True]),
        (-one >= -2, [False, True]),
        (-one - two >= -8, [True, False]),
        (1 + one >= 6, [True, False]),
        (2 * one >= 10, [True, False]),
        (one * Fraction(1, 2) >= 2.5, [True, False]),
        (+1 * one >= 5, [True, False]),
        (operator.ge(3, one), [False, True]),
        (operator.lt(3, one), [True, False]),
        (one > two, [True, False]),
        (one <= one, [True, True]),
    ):
        assert rule.score(held).tolist() == [2 * value for value in values], rule
    assert (one - 2) == Total(one, Product(Constant(-1), Constant(2)))
    assert (2 - one) == Total(Constant(2), Product(Constant(-1), one))
    assert -one == Product(Constant(-1), one)
    assert 2 * one == Product(Constant(2), one) != one * 2 == Product(one, Constant(2))


def test_a_constant_stands_on_the_right() -> None:
    three = Constant(3)
    assert operator.lt(3, one) == (one > 3) == Compare(one, ">", three) == (three < one)
    assert operator.le(3, one) == (one >= 3) == (three <= one)
    assert (three > one) == Compare(one, "<", three)
    assert (three < Constant(5)) == Compare(three, "<", Constant(5))
    assert (three < 5) == Compare(Constant(5), ">", three)
    assert (one < two) == Compare(one, "<", two)


def test_connectives_take_in_their_own_kind_alone() -> None:
    assert all_of(one & two, last).parts == (Flag(one), Flag(two), Flag(last))
    assert any_of(one, two | last).parts == (Flag(one), Flag(two), Flag(last))
    assert len(all_of(one | two, last).parts) == len(any_of(one & two, last).parts) == 2
    assert all_of(one) == any_of(one) == Flag(one)
    assert all_of(one & two) == one & two
    assert ~~Flag(one) == Flag(one) == ~~one
    assert all_members(one) == ~any_member(~one)
    for none, sign in ((all_of, "&"), (any_of, r"\|")):
        with pytest.raises(RuleError, match=f"{sign} needs at least one rule"):
            none()


def test_codes_are_texts_and_numbers_in_their_order() -> None:
    assert one.is_in(["z", "b"]).codes == ("z", "b")
    assert one.is_in(("z", 1, 2.5)).codes == ("z", 1, Fraction(5, 2))
    assert one.is_in({"z", "b"}).codes == one.is_in(frozenset({"b", "z"})).codes == ("b", "z")
    assert one.equals("x") == one.is_in(["x"])
    assert one.equals(np.int8(3)).codes == (3,)
    assert one.equals(np.array(3)).codes == (3,)


@pytest.mark.parametrize("written", ["hòa", "ho\u0300a"])
@pytest.mark.parametrize("answered", ["hòa", "ho\u0300a"])
def test_codes_match_in_either_form(written: str, answered: str) -> None:
    """Keyboards write one Vietnamese letter in two ways, and so do those who write rules."""
    code, x = column("code"), column("x")
    table = {"code": [answered, "b"], "x": [5, 5]}
    amount = threshold({written: 5, "b": 6}, by="code")
    for rule in (code.equals(written), code.is_in([written, "c"]), nodes.IsIn(code, (written,)), x >= amount):
        assert rule.score(table).tolist() == [2, 0]
        assert [rule.score({name: [values[row]] for name, values in table.items()})[0] for row in (0, 1)] == [2, 0]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: one.is_in("xy"), r"is_in takes a list of codes; for one code write \.equals\('xy'\)"),
        (lambda: one.is_in(3), r"for one code write \.equals\(3\)"),
        (lambda: one.is_in(x for x in "ab"), "is_in takes a list of codes"),
        (lambda: one.is_in([True]), 'a flag is a rule itself: write column\\("insured"\\)'),
        (lambda: one.equals(np.array([1])), "a code is one value, and not an array"),
        (lambda: one.equals(None), "a code must be a number"),
        (lambda: one & 3, "& takes rules, not int$"),
        (lambda: one | True, r"\| takes rules, not bool \(== compares rules; write"),
        (lambda: True | (one < 3), r"\| takes rules, not bool"),
        (lambda: True & (one < 3), "& takes rules, not bool"),
        (lambda: any_of(one + 1), r"\| takes rules, and column\(\"a\"\) \+ 1 is a number: compare it first, as in"),
        (
            lambda: one + (two < 3),
            r"column\(\"b\"\) < 3 is a rule, not a number: to count rules that hold write points",
        ),
        (
            lambda: any_member(SICK),
            r"any_member\(…\) takes a rule about one member, and any_member.* speaks of the whole",
        ),
        (lambda: count_members(deprivations() > 1), r"count_members\(…\) takes a rule about one member"),
        (lambda: (MINE < 3).score({"m": [1]}), "speaks of one member, not of a household: lift it"),
        (lambda: bool(one < 3), r"has no truth value of its own: combine rules with & \| ~"),
        (lambda: bool(one), "no truth value"),
        (lambda: Amount("line").cases, r"threshold\('line'\) is only a name here"),
        (lambda: threshold({}, by="area"), "amounts by code need the column"),
        (lambda: threshold(3, by="area"), "by= goes with a mapping"),
        (lambda: at_least(True, one), "at_least takes how many first"),
        (lambda: points((one, 1, 2)), "points takes pairs"),
        (lambda: points(), "points takes pairs"),
        (lambda: column(3), "a column needs a name"),
    ],
)
def test_what_does_not_fit_is_said(make: Callable[[], Any], said: str) -> None:
    with pytest.raises((RuleError, MdpovertyError), match=said):
        make()


def test_a_mistake_names_the_members_rule_and_the_households() -> None:
    for make in (lambda: Flag(MINE) & ILL, lambda: ILL & Flag(MINE), lambda: one & ILL & Flag(MINE)):
        with pytest.raises(RuleError) as caught:
            make()
        assert str(caught.value).startswith('column("m", level="member") speaks of one member and any_member(')


def test_keys_are_read_as_they_are_spelt_unless_asked_otherwise() -> None:
    tables: tuple[dict[str, Any], ...] = {"household_id": ["A"]}, {"household_id": ["a"], "ill": [True]}
    with pytest.raises(BadValues):
        SICK.score(*tables)
    assert SICK.score(*tables, fold=True).tolist() == [2]


STEPS = (
    Step(None, (("a", 1), ("b", 5))),
    Step(date(2021, 1, 1), (("a", 3), ("b", 2))),
    Step(date(2025, 1, 1), (("a", 2), ("c", 9))),
)


@pytest.mark.parametrize(
    ("day", "steps", "at"),
    [
        ("2020-12-31", STEPS, 0),
        ("2021-01-01", STEPS, 1),
        ("2024-12-31", STEPS, 1),
        ("2025-01-01", STEPS, 2),
        ("2030-01-01", STEPS, 2),
        ("2020-01-01", STEPS[1:], 0),
        ("2021-01-01", STEPS[1:], 0),
        ("2026-01-01", STEPS[1:], 1),
        ("2020-01-01", STEPS[2:], 0),
        ("2020-01-01", STEPS[:1], 0),
    ],
)
def test_the_amounts_of_a_day(day: str, steps: tuple[Step, ...], at: int) -> None:
    amount = Amount("line", column("k"), steps)
    for make in (lambda its: its < one, lambda its: one < 2 * its, lambda its: SICK & (one < its)):
        assert nodes.on_day(make(amount), date.fromisoformat(day)) == make(evolve(amount, steps=(steps[at],)))
        assert nodes.on_day(make(amount), None) == make(amount)
    assert Amount("line", column("k"), STEPS).cases == (("a", 1, 3), ("b", 2, 5), ("c", 9, 9))
