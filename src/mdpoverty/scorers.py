"""Rules as values.

A rule is a small frozen tree, built with ordinary operators and a few functions::

    crowded = column("floor_area") < 8 * column("household_size")
    flimsy = at_least(2, ~column("wall_durable"), ~column("pillar_durable"), ~column("roof_durable"))
    uninsured = any_member((column("age") >= 6) & ~column("insured"))

It can be compared, hashed, printed and pickled, and it does nothing by itself. One method, :meth:`Node.fold`, hands the
tree to an interpreter (an :class:`Algebra`): numpy arrays, one household with its reasons, text, JSON and SQL are five
readings of the same tree, so no rule is ever written twice.

``==`` between scorers says whether two rules are the same rule. To match codes write ``.equals(…)`` or ``.is_in(…)``.

A rule speaks about a household or about one member of it. :func:`any_member`, :func:`all_members` and
:func:`count_members` lift what is true of members to their household; a column inside them is the member's, outside
it is the household's, and ``column("area", level="household")`` inside them reads the answer of the member's
household.
"""

from __future__ import annotations

from collections.abc import Mapping

from mdpoverty.doors import door
from mdpoverty.errors import RuleError
from mdpoverty.numbers import Level, Number, number
from mdpoverty.rules.nodes import (
    Algebra,
    Amount,
    And,
    AnyMember,
    AtLeast,
    Column,
    Compare,
    Constant,
    CountMembers,
    Deprivations,
    FirstKnown,
    Flag,
    IndicatorRef,
    IsIn,
    Node,
    Not,
    Or,
    Points,
    Product,
    Rule,
    Step,
    Total,
    Value,
    aligned,
    all_of,
    any_of,
    as_rule,
    as_value,
    member_rule,
)

__all__ = [
    "Algebra",
    "Amount",
    "And",
    "AnyMember",
    "AtLeast",
    "Column",
    "Compare",
    "Constant",
    "CountMembers",
    "Deprivations",
    "FirstKnown",
    "Flag",
    "IndicatorRef",
    "IsIn",
    "Node",
    "Not",
    "Or",
    "Points",
    "Product",
    "Rule",
    "Step",
    "Total",
    "Value",
    "all_members",
    "all_of",
    "any_member",
    "any_of",
    "at_least",
    "column",
    "count_members",
    "deprivations",
    "first_known",
    "indicator",
    "points",
    "threshold",
]


@door
def column(name: str, *, level: Level | None = None) -> Column:
    """Return the answer of that name.

    Parameters
    ----------
    name : str
        The column's name.
    level : {"household", "member"}, optional
        Whose answer it is. By default a member's inside :func:`any_member` and its kin, a household's elsewhere.

    Examples
    --------
    >>> column("age") >= 6
    column("age") >= 6
    >>> ~column("insured")
    ~column("insured")
    """
    if not isinstance(name, str) or not name:
        raise RuleError(f"a column needs a name, got {name!r}")
    if level not in (None, "household", "member"):
        raise RuleError(f'level is "household" or "member", not {level!r}')
    return Column(name, level)


@door
def threshold(
    amounts: str | Mapping[str, Number | float | str] | Number | float, *, by: str | Column | None = None
) -> Amount:
    """Return a legal amount.

    Parameters
    ----------
    amounts : str, number or mapping
        The name of one of the standard's thresholds; or an amount; or the amounts themselves, one for each code of
        ``by``.
    by : str or Column
        With a mapping: the column whose code decides which amount applies.

    Examples
    --------
    >>> column("income") <= threshold({"rural": 400_000, "urban": 600_000}, by="area")
    column("income") <= threshold({"rural": 400000, "urban": 600000}, by="area")
    """
    if isinstance(amounts, str):
        if by is not None:
            raise RuleError("a threshold named by a standard knows itself what it depends on: leave out by=")
        return Amount(amounts)
    if not isinstance(amounts, Mapping):
        if by is not None:
            raise RuleError("by= goes with a mapping of amounts, one for each code")
        return Amount("", None, (Step(None, ((None, number(amounts)),)),))
    if by is None or not amounts:
        raise RuleError('amounts by code need the column that decides, as in threshold({"rural": 1}, by="area")')
    decides = by if isinstance(by, Column) else column(by)
    return Amount("", decides, (Step(None, tuple((str(code), number(each)) for code, each in amounts.items())),))


@door
def at_least(minimum: int, /, *rules: Rule | Column) -> Rule:
    """Return the rule "at least ``minimum`` of these hold".

    >>> at_least(2, ~column("wall_durable"), ~column("pillar_durable"), ~column("roof_durable"))
    at_least(2, ~column("wall_durable"), ~column("pillar_durable"), ~column("roof_durable"))
    """
    if isinstance(minimum, bool) or not isinstance(minimum, int):
        raise RuleError(f"at_least takes how many first, then the rules; got {minimum!r}")
    if not 1 <= minimum <= len(rules):
        raise RuleError(f"at_least({minimum}, …) of {len(rules)} rules is always or never so; it must lie between")
    return AtLeast(minimum, aligned(tuple(as_rule(rule, "at_least") for rule in rules)))


@door
def first_known(*rules: Rule | Column) -> Rule:
    """Return the rule that is the first of these with an answer: for one thing that may be asked in several ways."""
    return FirstKnown(aligned(tuple(as_rule(rule, "first_known") for rule in rules)))


@door
def any_member(rule: Rule | Column) -> Rule:
    """Return the household rule "this holds of at least one member", and of the same member throughout.

    A household without member rows has an *unknown* answer, not *no*.

    >>> any_member((column("age") >= 6) & ~column("insured"))
    any_member((column("age") >= 6) & ~column("insured"))
    """
    return AnyMember(member_rule(rule, "any_member"))


@door
def all_members(rule: Rule | Column) -> Rule:
    """Return the household rule "this holds of every member"."""
    return ~any_member(~as_rule(rule, "all_members"))


@door
def count_members(rule: Rule | Column) -> Value:
    """Return the number of members of whom a rule holds, to be compared.

    >>> 2 * count_members(column("age") < 16) > column("household_size")
    2 * count_members(column("age") < 16) > column("household_size")
    """
    return CountMembers(member_rule(rule, "count_members"))


@door
def points(*terms: tuple[Rule | Column, Value | Number | float | str]) -> Value:
    """Return the sum of the points of those rules that hold, to be compared.

    >>> points((column("refrigerator"), 10), (column("motorbike"), 15)) <= 20
    points((column("refrigerator"), 10), (column("motorbike"), 15)) <= 20
    """
    if not terms or not all(isinstance(term, tuple) and len(term) == 2 for term in terms):
        raise RuleError("points takes pairs of a rule and its points, as in points((rule, 10), (other, 5))")
    pairs = [(as_rule(rule, "points"), as_value(worth)) for rule, worth in terms]
    together = aligned(tuple(Points((rule,), (worth,)) for rule, worth in pairs))
    return Points(tuple(term.rules[0] for term in together), tuple(term.worths[0] for term in together))


@door
def deprivations(dimension: str | None = None) -> Value:
    """Return the weighted number of deprivations among the standard's indicators, or one dimension's, to compare."""
    return Deprivations(dimension)


@door
def indicator(name: str) -> Rule:
    """Return the rule "deprived in that indicator of the standard"."""
    return IndicatorRef(name)
