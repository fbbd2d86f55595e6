"""A rule as the Python expression that builds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from mdpoverty.numbers import Number
    from mdpoverty.rules import nodes as s


def source(node: s.Node) -> str:
    """Return the Python expression that builds the node; it is every scorer's ``repr``.

    >>> from mdpoverty.scorers import any_member, column
    >>> source(any_member((column("age") < 16) & (column("stunted") | column("underweight"))))
    'any_member((column("age") < 16) & (column("stunted") | column("underweight")))'
    """
    text: str = node.fold(_Source())[0]
    return text


# How tightly Python binds, loosest first: a part that binds looser than its place needs brackets.
COMPARE, OR, AND, SUM, PRODUCT, NOT, ATOM = range(7)
Text: TypeAlias = tuple[str, int]


def tight(text: Text, needed: int) -> str:
    """Return text in brackets where it binds looser than its place needs."""
    return text[0] if text[1] >= needed else f"({text[0]})"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _literal(value: Number) -> str:
    """Write a number so that it reads back as itself."""
    return str(value) if isinstance(value, int) else f"Fraction({value.numerator}, {value.denominator})"


class _Source:
    def column(self, node: s.Column) -> Text:
        implied = "member" if self._inside else "household"
        level = f", level={_quoted(node.own_level)}" if node.own_level not in (None, implied) else ""
        return f"column({_quoted(node.name)}{level})", ATOM

    _inside = False

    def constant(self, node: s.Constant) -> Text:
        return _literal(node.value), ATOM if node.value >= 0 else PRODUCT

    def amount(self, node: s.Amount) -> Text:
        if node.name:
            return f"threshold({_quoted(node.name)})", ATOM
        amounts = node.steps[-1].amounts
        if node.by is None:
            return f"threshold({_literal(amounts[0][1])})", ATOM
        cases = ", ".join(f"{_quoted(str(code))}: {_literal(amount)}" for code, amount in amounts)
        return f"threshold({{{cases}}}, by={_quoted(node.by.name)})", ATOM

    def product(self, node: s.Product, left: Text, right: Text) -> Text:
        return f"{tight(left, PRODUCT)} * {tight(right, NOT)}", PRODUCT

    def total(self, node: s.Total, left: Text, right: Text) -> Text:
        return f"{tight(left, SUM)} + {tight(right, PRODUCT)}", SUM

    def points(self, node: s.Points, rules: tuple[Text, ...], worths: tuple[Text, ...]) -> Text:
        pairs = zip(rules, worths, strict=True)
        return "points(" + ", ".join(f"({rule[0]}, {worth[0]})" for rule, worth in pairs) + ")", ATOM

    def count_members(self, node: s.CountMembers, rule: Text) -> Text:
        return f"count_members({_inner(node.rule)})", ATOM

    def deprivations(self, node: s.Deprivations) -> Text:
        return f"deprivations({_quoted(node.dimension) if node.dimension else ''})", ATOM

    def flag(self, node: s.Flag) -> Text:
        return self.column(node.column)

    def compare(self, node: s.Compare, left: Text, right: Text) -> Text:
        return f"{tight(left, OR)} {node.operator} {tight(right, OR)}", COMPARE

    def is_in(self, node: s.IsIn) -> Text:
        column = self.column(node.column)[0]
        codes = ", ".join(_quoted(code) if isinstance(code, str) else str(code) for code in node.codes)
        return f"{column}.equals({codes})" if len(node.codes) == 1 else f"{column}.is_in([{codes}])", ATOM

    def negation(self, node: s.Not, rule: Text) -> Text:
        return f"~{tight(rule, NOT)}", NOT

    def conjunction(self, node: s.And, rules: tuple[Text, ...]) -> Text:
        return " & ".join(tight(rule, SUM) for rule in rules), AND

    def disjunction(self, node: s.Or, rules: tuple[Text, ...]) -> Text:
        return " | ".join(tight(rule, AND) for rule in rules), OR

    def at_least(self, node: s.AtLeast, rules: tuple[Text, ...]) -> Text:
        return f"at_least({', '.join([str(node.minimum), *(rule[0] for rule in rules)])})", ATOM

    def first_known(self, node: s.FirstKnown, rules: tuple[Text, ...]) -> Text:
        return f"first_known({', '.join(rule[0] for rule in rules)})", ATOM

    def any_member(self, node: s.AnyMember, rule: Text) -> Text:
        return f"any_member({_inner(node.rule)})", ATOM

    def indicator(self, node: s.IndicatorRef) -> Text:
        return f"indicator({_quoted(node.name)})", ATOM


class _MemberSource(_Source):
    _inside = True


def _inner(rule: s.Rule) -> str:
    text: str = rule.fold(_MemberSource())[0]
    return text
