"""Rules as text: the Python that builds them, and sentences in Vietnamese and English."""

from __future__ import annotations

from typing import Literal

from mdpoverty import scorers as s

Language = Literal["vi", "en"]


def source(node: s.Node) -> str:
    """Return the Python expression that builds the node; it is every scorer's ``repr``.

    >>> source(s.any_member((s.column("age") < 16) & (s.column("stunted") | s.column("underweight"))))
    'any_member((column("age") < 16) & (column("stunted") | column("underweight")))'
    """
    text: str = node.fold(_Source())[0]
    return text


# How tightly Python binds, loosest first: a part that binds looser than its place needs brackets.
_COMPARE, _OR, _AND, _SUM, _PRODUCT, _NOT, _ATOM = range(7)
_Text = tuple[str, int]


def _tight(text: _Text, needed: int) -> str:
    return text[0] if text[1] >= needed else f"({text[0]})"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _literal(value: s.Number) -> str:
    """Write a number so that it reads back as itself."""
    return str(value) if isinstance(value, int) else f"Fraction({value.numerator}, {value.denominator})"


class _Source:
    def column(self, node: s.Column) -> _Text:
        implied = "member" if self._inside else "household"
        level = f", level={_quoted(node.own_level)}" if node.own_level not in (None, implied) else ""
        return f"column({_quoted(node.name)}{level})", _ATOM

    _inside = False

    def constant(self, node: s.Constant) -> _Text:
        return _literal(node.value), _ATOM if node.value >= 0 else _PRODUCT

    def amount(self, node: s.Amount) -> _Text:
        if node.name:
            return f"threshold({_quoted(node.name)})", _ATOM
        amounts = node.steps[-1].amounts
        if node.by is None:
            return f"threshold({_literal(amounts[0][1])})", _ATOM
        cases = ", ".join(f"{_quoted(str(code))}: {_literal(amount)}" for code, amount in amounts)
        return f"threshold({{{cases}}}, by={_quoted(node.by.name)})", _ATOM

    def product(self, node: s.Product, left: _Text, right: _Text) -> _Text:
        return f"{_tight(left, _PRODUCT)} * {_tight(right, _NOT)}", _PRODUCT

    def total(self, node: s.Total, left: _Text, right: _Text) -> _Text:
        return f"{_tight(left, _SUM)} + {_tight(right, _PRODUCT)}", _SUM

    def points(self, node: s.Points, rules: tuple[_Text, ...], worths: tuple[_Text, ...]) -> _Text:
        pairs = zip(rules, worths, strict=True)
        return "points(" + ", ".join(f"({rule[0]}, {worth[0]})" for rule, worth in pairs) + ")", _ATOM

    def count_members(self, node: s.CountMembers, rule: _Text) -> _Text:
        return f"count_members({_inner(node.rule)})", _ATOM

    def deprivations(self, node: s.Deprivations) -> _Text:
        return f"deprivations({_quoted(node.dimension) if node.dimension else ''})", _ATOM

    def flag(self, node: s.Flag) -> _Text:
        return self.column(node.column)

    def compare(self, node: s.Compare, left: _Text, right: _Text) -> _Text:
        return f"{_tight(left, _OR)} {node.operator} {_tight(right, _OR)}", _COMPARE

    def is_in(self, node: s.IsIn) -> _Text:
        column = self.column(node.column)[0]
        codes = ", ".join(_quoted(code) if isinstance(code, str) else str(code) for code in node.codes)
        return f"{column}.equals({codes})" if len(node.codes) == 1 else f"{column}.is_in([{codes}])", _ATOM

    def negation(self, node: s.Not, rule: _Text) -> _Text:
        return f"~{_tight(rule, _NOT)}", _NOT

    def conjunction(self, node: s.And, rules: tuple[_Text, ...]) -> _Text:
        return " & ".join(_tight(rule, _SUM) for rule in rules), _AND

    def disjunction(self, node: s.Or, rules: tuple[_Text, ...]) -> _Text:
        return " | ".join(_tight(rule, _AND) for rule in rules), _OR

    def at_least(self, node: s.AtLeast, rules: tuple[_Text, ...]) -> _Text:
        return f"at_least({', '.join([str(node.minimum), *(rule[0] for rule in rules)])})", _ATOM

    def first_known(self, node: s.FirstKnown, rules: tuple[_Text, ...]) -> _Text:
        return f"first_known({', '.join(rule[0] for rule in rules)})", _ATOM

    def any_member(self, node: s.AnyMember, rule: _Text) -> _Text:
        return f"any_member({_inner(node.rule)})", _ATOM

    def indicator(self, node: s.IndicatorRef) -> _Text:
        return f"indicator({_quoted(node.name)})", _ATOM


class _MemberSource(_Source):
    _inside = True


def _inner(rule: s.Rule) -> str:
    text: str = rule.fold(_MemberSource())[0]
    return text
