"""Rules as values: how they are built, printed, compared, and what is refused while they are."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@st.composite
def number_written(draw: st.DrawFn, names: str, depth: int = 2) -> str:
    """A number as Python writes it, with each operator either way round."""
    sign = draw(st.sampled_from(["", "+", "-", "*", "negative"])) if depth else ""
    if not sign:
        return draw(st.sampled_from(names))
    inner = draw(number_written(names, depth - 1))
    if sign == "negative":
        return f"-{inner}"
    one, other = draw(st.permutations([inner, draw(constants | number_written(names, depth - 1))]))
    return f"({one} {sign} {other})"


@st.composite
def rule_written(draw: st.DrawFn, names: str = "xy", depth: int = 2) -> str:
    """A rule as Python writes it; what it asks of members is written as a text."""
    kinds = ["compared", "compared", "among", "flagged"]
    kinds += ["no", "every", "some", "least"] if depth else []
    kinds += ["anybody", "everybody", "counted"] if names == "xy" else []
    kind = draw(st.sampled_from(kinds))
    if kind == "compared":
        one, other = draw(st.permutations([draw(number_written(names)), draw(constants | number_written(names))]))
        return f"{one} {draw(st.sampled_from(['<', '<=', '>', '>=']))} {other}"
    if kind == "among":
        return f"among({draw(st.lists(st.sampled_from('pqr'), min_size=1, max_size=2, unique=True))})"
    if kind == "flagged":
        return "flagged()"
    if kind in ("anybody", "everybody", "counted"):
        asked = f"{kind}({draw(rule_written('mn', 1))!r})"
        return f"{asked} >= {draw(st.integers(0, 3))}" if kind == "counted" else asked
    several = draw(st.lists(rule_written(names, depth - 1), min_size=1, max_size=3 if kind != "no" else 1))
    least = f"{draw(st.integers(1, len(several)))}, " if kind == "least" else ""
    return f"{kind}({least}{', '.join(several)})"


constants = strategies.constants.map(repr)
SCORED: dict[str, Any] = {
    **{name: column(name) for name in "xymn"},
    **{"Fraction": Fraction, "no": lambda rule: ~rule, "every": s.all_of, "some": s.any_of, "least": at_least},
}


def as_scorer(text: str, home: bool = True) -> s.Rule:
    its = {"among": column("c" if home else "d").is_in, "flagged": lambda: s.all_of(column("f" if home else "g"))}
    over = {"anybody": any_member, "everybody": s.all_members, "counted": count_members}
    lifted = {name: lambda asked, lift=lift: lift(as_scorer(asked, home=False)) for name, lift in over.items()}
    rule: s.Rule = eval(text, {**SCORED, **its, **lifted})
    return rule


def as_python(text: str, row: dict[str, Any], members: list[dict[str, Any]]) -> Any:
    its = {
        **{"Fraction": Fraction, "no": lambda held: not held, "every": lambda *held: all(held)},
        **{"some": lambda *held: any(held), "least": lambda least, *held: sum(held) >= least},
        **{"among": lambda codes: row["code"] in codes, "flagged": lambda: row["flag"]},
        **{"anybody": lambda asked: any(as_python(asked, who, []) for who in members)},
        **{"everybody": lambda asked: all(as_python(asked, who, []) for who in members)},
        **{"counted": lambda asked: sum(as_python(asked, who, []) for who in members)},
    }
    return eval(text, {**its, **row})


def answers_to(names: str) -> st.SearchStrategy[dict[str, Any]]:
    numbers = dict.fromkeys(names, strategies.small)
    return st.fixed_dictionaries({**numbers, "code": st.sampled_from("pqr"), "flag": st.booleans()})


@given(
    rule_written(),
    st.lists(st.tuples(answers_to("xy"), st.lists(answers_to("mn"), min_size=1, max_size=3)), min_size=1, max_size=4),
)
def test_a_rule_means_what_python_means_by_the_same_operators(
    written: str, homes: list[tuple[dict[str, Any], list[dict[str, Any]]]]
) -> None:
    renamed = [{"household_id": i, "c": row["code"], "f": row["flag"], **row} for i, (row, _) in enumerate(homes)]
    people = [
        {"household_id": i, "d": who["code"], "g": who["flag"], **who} for i, (_, w) in enumerate(homes) for who in w
    ]
    tables = ({name: [row[name] for row in rows] for name in rows[0]} for rows in (renamed, people))
    expected = [2 * bool(as_python(written, row, members)) for row, members in homes]
    assert as_scorer(written).score(*tables).tolist() == expected


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
