"""Random rules, and random tables with gaps for them to be asked of."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

from attrs import frozen
from hypothesis import strategies as st

from mdpoverty import scorers as s
from mdpoverty.standard import Field

# Columns of every kind at both levels. Few values, so that comparisons often hit their boundary.
NUMBERS = {"household": ("hn", "hm"), "member": ("mn",)}
FLAGS = {"household": ("hf", "hg"), "member": ("mf", "mg")}
CODES = {"household": ("hc",), "member": ("mc",)}
KINDS = ("a", "b", "c")

small = st.integers(-3, 6)
fractions = st.fractions(-3, 6, max_denominator=4) | st.integers(-30, 60).map(lambda tenths: Fraction(tenths, 10))
constants = small | fractions


@cache
def _column(names: tuple[str, ...], level: str) -> st.SearchStrategy[s.Column]:
    return st.sampled_from(names).map(lambda name: s.column(name, level=level))


@cache
def values(level: str, depth: int = 2) -> st.SearchStrategy[s.Value]:
    """Numbers: answers, amounts by a code, sums, products, points, counts of members."""
    leaf = _column(NUMBERS[level], level) | _amounts(level)
    if depth == 0:
        return leaf
    inner = values(level, depth - 1)
    options = [
        leaf,
        st.tuples(constants, inner).map(lambda pair: pair[0] * pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] + pair[1]),
        st.lists(st.tuples(rules(level, depth - 1), constants), min_size=1, max_size=3).map(
            lambda terms: s.points(*terms)
        ),
    ]
    if level == "household":
        options.append(rules("member", depth - 1).map(s.count_members))
    return st.one_of(options)


@cache
def _amounts(level: str) -> st.SearchStrategy[s.Value]:
    by = _column(CODES[level], level)
    return st.tuples(by, st.tuples(constants, constants, constants)).map(
        lambda pair: s.threshold(dict(zip(KINDS, pair[1], strict=True)), by=pair[0])
    )


@cache
def compared(level: str, depth: int) -> st.SearchStrategy[s.Rule]:
    """Comparisons of two numbers."""
    sides = st.tuples(values(level, depth), values(level, depth) | constants, st.sampled_from(["<", "<=", ">", ">="]))
    by_sign = {"<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b}
    return sides.map(lambda three: by_sign[three[2]](three[0], three[1]))


@cache
def rules(level: str, depth: int = 2) -> st.SearchStrategy[s.Rule]:
    """Rules about a household, or about one member."""
    leaf = st.one_of(
        _column(FLAGS[level], level).map(s.Flag),
        st.tuples(_column(CODES[level], level), st.lists(st.sampled_from(KINDS), min_size=1, max_size=2)).map(
            lambda pair: pair[0].is_in(pair[1])
        ),
        st.tuples(_column(NUMBERS[level], level), st.lists(constants, min_size=1, max_size=3)).map(
            lambda pair: pair[0].is_in(pair[1])
        ),
        compared(level, 0),
    )
    if depth == 0:
        return leaf
    inner = rules(level, depth - 1)
    several = st.lists(inner, min_size=2, max_size=3)
    options = [
        leaf,
        compared(level, depth - 1),
        inner.map(lambda rule: ~rule),
        several.map(lambda rules: s.all_of(*rules)),
        several.map(lambda rules: s.any_of(*rules)),
        st.tuples(st.integers(1, 2), several).map(lambda pair: s.at_least(pair[0], *pair[1])),
    ]
    if level == "household":
        members = rules("member", depth - 1)
        options += [members.map(s.any_member), members.map(s.all_members)]
    return st.one_of(options)


@frozen
class Review:
    """Made-up households and members, as records: what every table of a test is built from."""

    households: list[dict[str, Any]]
    members: list[list[dict[str, Any]]]

    def household_columns(self) -> dict[str, list[Any]]:
        names = ("household_id", *NUMBERS["household"], *FLAGS["household"], *CODES["household"])
        return {name: [row[name] for row in self.households] for name in names}

    def member_columns(self, order: list[int] | None = None) -> dict[str, list[Any]]:
        rows = [row for people in self.members for row in people]
        rows = rows if order is None else [rows[i] for i in order]
        names = ("household_id", *NUMBERS["member"], *FLAGS["member"], *CODES["member"])
        return {name: [row[name] for row in rows] for name in names}


@cache
def answer(name: str) -> st.SearchStrategy[Any]:
    """What may be answered in a column."""
    return {"n": small, "m": small, "f": st.booleans(), "g": st.booleans(), "c": st.sampled_from(KINDS)}[name[1]]


def _answers(level: str, gaps: bool) -> st.SearchStrategy[dict[str, Any]]:
    def perhaps(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return values | st.none() if gaps else values

    return st.fixed_dictionaries(
        {
            **{name: perhaps(small) for name in NUMBERS[level]},
            **{name: perhaps(st.booleans()) for name in FLAGS[level]},
            **{name: perhaps(st.sampled_from(KINDS)) for name in CODES[level]},
        }
    )


@cache
def _households(gaps: bool, fewest: int, most: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(_answers("household", gaps), min_size=fewest, max_size=most)


@cache
def _people(gaps: bool) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(_answers("member", gaps), min_size=0 if gaps else 1, max_size=4)


@cache
def _keys(n: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(0, 99), min_size=n, max_size=n, unique=True)


@st.composite
def reviews(draw: st.DrawFn, gaps: bool = True, max_households: int = 6, min_households: int = 1) -> Review:
    """Households with their members; some without any where there may be gaps."""
    households = draw(_households(gaps, min_households, max_households))
    members = [draw(_people(gaps)) for _ in households]
    keys = draw(_keys(len(households)))
    return Review(
        [{"household_id": key, **row} for key, row in zip(keys, households, strict=True)],
        [[{"household_id": key, **row} for row in its] for key, its in zip(keys, members, strict=True)],
    )


def field(name: str, level: Any, kind: Any) -> Field:
    """What a column may be, for tests that need a Field."""
    from tests.toy import both, codes

    return Field(name, level, kind, both(name), both(f"{name}?"), codes=codes(*KINDS) if kind == "code" else ())


FIELDS = [
    *(field(name, level, "number") for level, names in NUMBERS.items() for name in names),
    *(field(name, level, "flag") for level, names in FLAGS.items() for name in names),
    *(field(name, level, "code") for level, names in CODES.items() for name in names),
]


_some_rules = st.lists(rules("household", 1), min_size=1, max_size=3)
_indicators = st.lists(rules("household", 2), min_size=1, max_size=4)
_cutoffs = st.fractions(0, 3, max_denominator=6)
_ways = {
    incomplete: st.sampled_from(["apart", "overlapping", *(["incomplete"] if incomplete else [])])
    for incomplete in (False, True)
}


@cache
def _weights(n: int) -> st.SearchStrategy[list[Fraction]]:
    return st.lists(st.fractions(0, 1, max_denominator=6), min_size=n, max_size=n)


@st.composite
def classes(draw: st.DrawFn, incomplete: bool = False) -> list[tuple[str, s.Rule]]:
    """Rules for classes: apart and complete; overlapping, with a last one for the rest; or neither."""
    enough = s.deprivations() >= s.threshold("cutoff")
    condition = draw(rules("household", 1))
    apart = [
        ("both", condition & enough),
        ("first", condition & ~enough),
        ("second", ~condition & enough),
        ("neither", ~condition & ~enough),
    ]
    kind = draw(_ways[incomplete])
    if kind == "apart":
        return apart
    some = draw(_some_rules)
    drawn = [*((f"c{position}", rule) for position, rule in enumerate(some)), ("enough", enough)]
    drawn = draw(st.permutations(drawn))
    return [*drawn, ("rest", s.any_of(condition, ~condition))] if kind == "overlapping" else drawn


@st.composite
def standards(draw: st.DrawFn, incomplete: bool = False) -> Any:
    """Standards with random indicators, weights, cut-offs and classes; some leave households out if asked for."""
    from mdpoverty.standard import Category, Dimension, Indicator, Standard, Threshold
    from tests.toy import LAW, both

    chosen = draw(_indicators)
    weights = draw(_weights(len(chosen)))
    return Standard(
        id="random",
        title=both("random"),
        citation=LAW,
        in_force="2020-01-01",
        until="2029-12-31",
        fields=FIELDS,
        thresholds=[Threshold("cutoff", both("cut-off"), draw(_cutoffs), LAW)],
        dimensions=[Dimension("one", both("one"), LAW), Dimension("two", both("two"), LAW)],
        indicators=[
            Indicator(f"i{i}", ("one", "two")[i % 2], both(f"i{i}"), rule, LAW, weight)
            for i, (rule, weight) in enumerate(zip(chosen, weights, strict=True))
        ],
        categories=[Category(name, both(name), rule, LAW) for name, rule in draw(classes(incomplete))],
    )
