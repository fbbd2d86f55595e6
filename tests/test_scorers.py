"""Rules as values: how they are built, printed, compared, and what is refused while they are."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given

from mdpoverty import scorers as s
from mdpoverty.errors import MdpovertyError, RuleError
from mdpoverty.numbers import number
from mdpoverty.scorers import any_member, at_least, column, count_members, points, threshold
from tests import strategies

NAMESPACE = {**{name: getattr(s, name) for name in s.__all__}, "Fraction": Fraction}


@given(strategies.rules("household", 3))
def test_a_rule_prints_as_the_python_that_builds_it(rule: s.Rule) -> None:
    again = s.all_of(eval(repr(rule), dict(NAMESPACE)))  # a flag alone prints as its column
    assert again.at("household") == rule.at("household")
    assert hash(again.at("household")) == hash(rule.at("household"))


@given(strategies.rules("household", 2))
def test_a_rule_survives_pickling_and_copying(rule: s.Rule) -> None:
    assert pickle.loads(pickle.dumps(rule)) == copy.deepcopy(rule) == rule


@given(strategies.rules("household", 2))
def test_not_of_not_is_the_rule(rule: s.Rule) -> None:
    assert ~~rule == rule


def test_operators_mean_what_they_say() -> None:
    a, b, c = column("a"), column("b"), column("c")
    assert (a & b) & c == a & (b & c) == s.all_of(a, b, c)
    assert (a | b) | c == s.any_of(a, b, c)
    assert (column("age") < 16) == (column("age") < 16)
    assert repr(8 * column("size") + 1 >= a) == '8 * column("size") + 1 >= column("a")'


def test_equality_is_of_rules_not_of_answers() -> None:
    assert (column("age") >= 16) == (column("age") >= 16)
    assert (column("age") >= 16) != (column("age") > 16)
    assert s.any_of(column("a"), column("b")) != s.all_of(column("a"), column("b"))
    assert at_least(1, column("a"), column("b")) != at_least(2, column("a"), column("b"))


def test_rules_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        (column("age") >= 16).operator = "<"  # type: ignore[misc,attr-defined]  # the point of the test


MEMBER = column("age", level="member") >= 6
LIFTED = any_member(column("ill"))

MISTAKES: dict[str, tuple[Callable[[], Any], str]] = {
    "if": (lambda: bool(column("a") < 8), "no truth value"),
    "and": (lambda: (column("a") < 8) and column("b"), "& | ~ instead of and, or, not"),
    "chained": (lambda: 3 <= column("age") < 16, r"\(column\('age'\) >= 3\)"),
    "column in if": (lambda: bool(column("a")), "no truth value"),
    "== for a code": (lambda: any_member(column("toilet") == "none"), r"\.equals"),
    "bool with &": (lambda: (column("a") < 8) & True, "takes rules, not bool"),
    "bool first": (lambda: True & (column("a") < 8), "takes rules, not bool"),
    "unlifted beside lifted": (lambda: MEMBER & LIFTED, "lift it with any_member"),
    "lifted beside unlifted": (lambda: LIFTED | MEMBER, "lift it with any_member"),
    "unlifted number": (lambda: column("age", level="member") + count_members(column("ill")), "lift it"),
    "unlifted scored": (lambda: MEMBER.score({"x": [1]}), "lift it with any_member"),
    "lift in a lift": (lambda: any_member(column("a") & LIFTED), "beside any_member"),
    "a number as rule": (lambda: any_member(column("age") * 2), "compare it first"),
    "a rule as number": (lambda: 2 * (column("a") < 3), "unsupported"),
    "a rule compared": (lambda: column("a") < (column("b") < 3), "is a rule, not a number"),
    "too many": (lambda: at_least(3, column("a"), column("b")), "lie between"),
    "none at all": (lambda: at_least(0, column("a")), "lie between"),
    "at_least without number": (lambda: at_least(column("a"), column("b")), "how many first"),
    "is_in a text": (lambda: column("toilet").is_in("none"), r"\.equals\('none'\)"),
    "equals a flag": (lambda: column("insured").equals(True), r"~column\(\"insured\"\)"),
    "a name": (lambda: column(""), "needs a name"),
    "a level": (lambda: column("a", level="person"), '"household" or "member"'),  # type: ignore[arg-type]
    "infinite": (lambda: column("a") < float("inf"), "finite"),
    "nan": (lambda: column("a") < float("nan"), "finite"),
    "text number": (lambda: column("a") < "many", "finite number"),
    "points": (lambda: points(column("a")), "pairs"),
    "amounts without by": (lambda: threshold({"rural": 1}), "column that decides"),
    "named with by": (lambda: threshold("income", by="area"), "leave out by="),
    "unbound": (lambda: (column("a") < threshold("line")).score({"a": [1]}), "only a name here"),
    "counting outside a standard": (lambda: (s.deprivations() >= 3).score({"a": [1]}), "standard's classes"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_says_what_to_write_instead(mistake: str) -> None:
    make, message = MISTAKES[mistake]
    with pytest.raises(TypeError, match=message) as caught:
        make()
    if mistake != "a rule as number":  # Python's own operator error
        assert isinstance(caught.value, RuleError)
        assert isinstance(caught.value, MdpovertyError)
        again = pickle.loads(pickle.dumps(caught.value))
        assert str(again) == str(caught.value)


def test_a_column_speaks_of_whom_it_stands_with() -> None:
    inside = any_member(column("age") >= 6)
    assert inside == any_member(column("age", level="member") >= 6)
    beside = inside & (column("huts") < 3)
    assert beside == inside & (column("huts", level="household") < 3)
    assert (column("age") >= 6).level is None


def test_numbers_are_read_exactly() -> None:
    assert number("1/3") == Fraction(1, 3)
    assert number(0.1) == Fraction(1, 10)
    assert number(8.0) == 8
    assert isinstance(number(8.0), int)
