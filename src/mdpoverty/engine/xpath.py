"""Rules as XPath: calculated fields with which a form on a tablet finds the class itself, from the same trees.

XPath knows no third answer, so a rule becomes two conditions: that it *surely* holds, and that it *may* hold. *Not*
swaps them, *and* and *or* join them side by side. An answer that isn't there is an empty text, as a number NaN,
which makes every comparison false: ``a < b`` is then not sure, and ``not(a >= b)`` still possible, without a word about
gaps.
What is asked of each member is a pair of 0-or-1 fields in the repeat of members, and their sum at the household.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from math import lcm
from typing import TypeAlias

from attrs import define, evolve, field, frozen

from mdpoverty.engine.sql_text import (
    AND,
    ATOM,
    COMPARE,
    OR,
    PRODUCT,
    SUM,
    End,
    Range,
    Text,
    denominators,
    fixed,
    plus,
    tight,
    times,
    written,
)
from mdpoverty.errors import SpecError
from mdpoverty.law.program import Key, Program, reads, reads_here
from mdpoverty.numbers import Number, machine
from mdpoverty.rules import nodes as s

MEMBERS = "members"
"""The name of the repeat of members."""


@frozen
class Answer:
    """A rule as two conditions: that it surely holds, and that it may."""

    sure: Text
    maybe: Text


@frozen
class Calculation:
    """A calculated field: its name and its expression."""

    name: str
    expression: str


@frozen
class Calculations:
    """The rules of a program as calculated fields.

    Attributes
    ----------
    members, household : tuple of Calculation
        Those inside the repeat of members, and those of the household, each after those that it uses.
    indicators, categories : mapping of str to str
        The fields that are 0, 1 or 2 for each indicator, and 0 or 1 for each class that may still be the first.
    category, possible : str
        The fields with the class (empty while open) and with the classes that are still possible, between spaces.
    asked_if : mapping of (level, name) to str
        When an answer is asked for at all; an empty text where always.
    """

    members: tuple[Calculation, ...]
    household: tuple[Calculation, ...]
    indicators: Mapping[str, str]
    categories: Mapping[str, str]
    category: str
    possible: str
    asked_if: Mapping[Key, str]


def reference(name: str) -> str:
    """Refer to a field as XLSForms do."""
    return "${" + name + "}"


def literal(text: str) -> str:
    """Write text as XPath does, which has no way to write both kinds of quotes at once.

    Raises
    ------
    SpecError
        If the text can't be written or would be read as a reference.
    """
    if "'" in text or "${" in text:
        raise SpecError(f"a code in a form can hold neither a quote nor a reference, as {text!r} does")
    return f"'{text}'"


def decimal(value: Number | float) -> str:
    """Write a number in full: XPath knows no exponents."""
    number = machine(value) if not isinstance(value, float) else value
    return str(number) if isinstance(number, int) else format(Decimal(repr(number)), "f")


def _number(value: Number | float) -> Text:
    return decimal(value), ATOM if value >= 0 else PRODUCT


def either(parts: Sequence[Text], word: str) -> Text:
    """Join conditions with *and* or *or*."""
    bind = AND if word == "and" else OR
    unique = list(dict.fromkeys(parts))
    return unique[0] if len(unique) == 1 else (f" {word} ".join(tight(part, bind + 1) for part in unique), bind)


def denied(text: Text) -> Text:
    """Return the condition that another doesn't hold."""
    return f"not({text[0]})", ATOM


def _counted(parts: Sequence[Text]) -> str:
    return " + ".join(f"if({part[0]}, 1, 0)" for part in parts)


@define
class _Sheet:
    """The calculated fields in the making."""

    program: Program
    taken: set[str]
    members: list[Calculation] = field(factory=list)
    household: list[Calculation] = field(factory=list)
    lifts: dict[s.Node, tuple[str, str]] = field(factory=dict)
    numbers: dict[s.Node, Range] = field(factory=dict)
    indicators: dict[str, str] = field(factory=dict)
    counts: dict[str | None, Range] = field(factory=dict)
    current: str = ""

    def name(self, base: str) -> str:
        """Return a name that is free."""
        plain = re.sub(r"\W+", "_", base, flags=re.ASCII).strip("_").lower() or "value"
        plain = plain if plain[0].isalpha() else f"x_{plain}"
        name = next(n for n in (plain, *(f"{plain}_{i}" for i in range(2, 10_000))) if n not in self.taken)
        self.taken.add(name)
        return name

    def calculate(self, base: str, expression: str, *, of_member: bool = False) -> Text:
        """Add a calculated field, and return the reference to it."""
        name = self.name(base)
        (self.members if of_member else self.household).append(Calculation(name, expression))
        return reference(name), ATOM

    def lift(self, node: s.AnyMember | s.CountMembers, rule: Answer) -> tuple[str, str]:
        """Ask each member, and return the references to the two fields that say how many it surely and maybe is."""
        if node not in self.lifts:
            sure, maybe = (
                self.calculate(f"{self.current}_{word}", f"if({text[0]}, 1, 0)", of_member=True)[0]
                for word, text in (("sure", rule.sure), ("maybe", rule.maybe))
            )
            self.lifts[node] = sure, maybe
        return self.lifts[node]

    def count(self, node: s.CountMembers, rule: Answer) -> Range:
        """Return of how many members a rule holds; not known (no number) where nobody is listed."""
        if node not in self.numbers:
            nobody = f"count({reference(MEMBERS)}) = 0"
            low, high = (
                self.calculate(f"{self.current}_count{side}", f"if({nobody}, '', sum({each}))")
                for side, each in zip(("", "_max"), self.lift(node, rule), strict=True)
            )
            self.numbers[node] = Range(low, high, positive=True)
        return self.numbers[node]

    def deprivations(self, dimension: str | None) -> Range:
        """Return the weighted number of deprivations in units of ``1 / scale``."""
        if dimension not in self.counts:
            counted = [(self.indicators[name], weight) for name, weight in self.program.counted(dimension) if weight]
            base = "deprivations" if dimension is None else f"deprivations_{dimension}"
            ends = []
            for side, codes in (("", "= 2"), ("_max", "> 0")):
                terms = [f"if({reference(name)} {codes}, {weight}, 0)" for name, weight in counted]
                ends.append(self.calculate(base + side, " + ".join(terms) or "0"))
            self.counts[dimension] = Range(ends[0], ends[1], self.program.scale, positive=True)
        return self.counts[dimension]


class _XPath:
    """The interpretation as XPath."""

    def __init__(self, sheet: _Sheet) -> None:
        self._sheet = sheet

    # -- numbers

    def column(self, node: s.Column) -> Range:
        its = self._sheet.program.field(node.own_level or "household", node.name)
        text = reference(node.name), ATOM
        return Range(text, text, 1, its.kind == "number", its.minimum is not None and its.minimum >= 0)

    def constant(self, node: s.Constant) -> Range:
        return fixed(node.value, node.value)

    def amount(self, node: s.Amount) -> Range:
        if node.by is None:
            return fixed(*node.cases[0][1:])
        return _by_code(node, lcm(*denominators(node)))

    def product(self, node: s.Product, left: Range, right: Range) -> Range:
        scale, floating = left.scale * right.scale, left.floating or right.floating
        if (left.exact and right.exact) or (left.positive and right.positive):
            positive = left.positive and right.positive
            return Range(times(left.low, right.low), times(left.high, right.high), scale, floating, positive)
        corners = list(dict.fromkeys(times(x, y) for x in (left.low, left.high) for y in (right.low, right.high)))
        listed = ", ".join(written(corner)[0] for corner in corners)
        return Range((f"min({listed})", ATOM), (f"max({listed})", ATOM), scale, floating)

    def total(self, node: s.Total, left: Range, right: Range) -> Range:
        return _added(left, right)

    def points(self, node: s.Points, rules: tuple[Answer, ...], worths: tuple[Range, ...]) -> Range:
        total = Range(0, 0)
        for rule, worth in zip(rules, worths, strict=True):
            low, high = _worth(rule, worth.low, ">="), _worth(rule, worth.high, "<=")
            total = _added(total, Range(low, high, worth.scale, worth.floating))
        return total

    def count_members(self, node: s.CountMembers, rule: Answer) -> Range:
        return self._sheet.count(node, rule)

    def deprivations(self, node: s.Deprivations) -> Range:
        return self._sheet.deprivations(node.dimension)

    # -- rules

    def flag(self, node: s.Flag) -> Answer:
        name = reference(node.column.name)
        return Answer((f"{name} = '1'", COMPARE), (f"{name} != '0'", COMPARE))

    def compare(self, node: s.Compare, left: Range, right: Range) -> Answer:
        if isinstance(node.left, s.Column) and isinstance(node.right, s.Constant | s.Amount):
            right = _nearest(node.right)  # a fraction beside an answer is the double nearest to it
        else:
            left, right = _same_scale(left, right)
        operator, opposite = node.operator, node.operator.opposite
        hard, easy = ((left.high, right.low), (left.low, right.high))
        if operator not in ("<", "<="):
            hard, easy = easy, hard
        sure, excluded = (
            f"{tight(written(a), SUM)} {sign} {tight(written(b), SUM)}"
            for (a, b), sign in ((hard, operator), (easy, opposite))
        )
        return Answer((sure, COMPARE), denied((excluded, COMPARE)))

    def is_in(self, node: s.IsIn) -> Answer:
        name = reference(node.column.name)
        codes = [literal(code) if isinstance(code, str) else decimal(code) for code in node.codes]
        one = [(f"{name} = {code}", COMPARE) for code in codes]
        return Answer(either(one, "or"), either([(f"{name} = ''", COMPARE), *one], "or"))

    def negation(self, node: s.Not, rule: Answer) -> Answer:
        return Answer(denied(rule.maybe), denied(rule.sure))

    def conjunction(self, node: s.And, rules: tuple[Answer, ...]) -> Answer:
        return Answer(either([r.sure for r in rules], "and"), either([r.maybe for r in rules], "and"))

    def disjunction(self, node: s.Or, rules: tuple[Answer, ...]) -> Answer:
        return Answer(either([r.sure for r in rules], "or"), either([r.maybe for r in rules], "or"))

    def at_least(self, node: s.AtLeast, rules: tuple[Answer, ...]) -> Answer:
        sure, maybe = _counted([r.sure for r in rules]), _counted([r.maybe for r in rules])
        return Answer((f"{sure} >= {node.minimum}", COMPARE), (f"{maybe} >= {node.minimum}", COMPARE))

    def first_known(self, node: s.FirstKnown, rules: tuple[Answer, ...]) -> Answer:
        # the form asks a later way only where the earlier ones leave it open, so that they can't contradict each other
        return Answer(either([r.sure for r in rules], "or"), either([r.maybe for r in rules], "and"))

    def any_member(self, node: s.AnyMember, rule: Answer) -> Answer:
        sure, maybe = self._sheet.lift(node, rule)
        nobody = f"count({reference(MEMBERS)}) = 0", COMPARE
        return Answer((f"sum({sure}) > 0", COMPARE), either([nobody, (f"sum({maybe}) > 0", COMPARE)], "or"))

    def indicator(self, node: s.IndicatorRef) -> Answer:
        name = reference(self._sheet.indicators[node.name])
        return Answer((f"{name} = 2", COMPARE), (f"{name} > 0", COMPARE))


def _by_code(node: s.Amount, scale: int) -> Range:
    """Return the amount that a code decides, or the interval over all codes; with scale 0 as nearest doubles."""
    assert node.by is not None
    factor, ends = scale or 1, []
    lows = [(code, low * factor) for code, low, _ in node.cases]
    highs = [(code, high * factor) for code, _, high in node.cases]
    for amounts, pick in ((lows, min), (highs, max)):
        text = decimal(pick(amount for _, amount in amounts))
        for code, amount in reversed(amounts):
            text = f"if({reference(node.by.name)} = {literal(str(code))}, {decimal(amount)}, {text})"
        ends.append((text, ATOM))
    return Range(ends[0], ends[1], factor, positive=all(case[1] >= 0 for case in node.cases))


def _nearest(node: s.Constant | s.Amount) -> Range:
    if isinstance(node, s.Amount) and node.by is not None:
        return _by_code(node, 0)
    low, high = (node.value, node.value) if isinstance(node, s.Constant) else node.cases[0][1:]
    return Range(_number(low), _number(high), positive=low >= 0)


def _added(a: Range, b: Range) -> Range:
    a, b = _same_scale(a, b)
    low = plus(a.low, b.low)
    high = low if a.exact and b.exact else plus(a.high, b.high)
    return Range(low, high, a.scale, a.floating or b.floating)


def _same_scale(a: Range, b: Range) -> tuple[Range, Range]:
    """Bring two numbers to one scale: exactly in integers; beside doubles, a fraction is its nearest double."""
    if a.scale == b.scale:
        return a, b
    if a.floating or b.floating:
        return _divided(a), _divided(b)
    scale = lcm(a.scale, b.scale)
    first, second = (
        evolve(x, low=times(x.low, scale // x.scale), high=times(x.high, scale // x.scale), scale=scale) for x in (a, b)
    )
    return first, second


def _divided(interval: Range) -> Range:
    def side(end: End) -> End:
        if isinstance(end, int):
            return _number(end / interval.scale)
        return f"{tight(end, ATOM)} div {interval.scale}", PRODUCT

    if interval.scale == 1:
        return interval
    return Range(side(interval.low), side(interval.high), 1, True)


def _worth(rule: Answer, worth: End, harmless: str) -> Text:
    """Return what a rule adds at least (harmless is ">=") or at most ("<="): nothing where it surely doesn't hold."""
    text = written(worth)
    if isinstance(worth, int):
        nothing = worth >= 0 if harmless == ">=" else worth <= 0
        return f"if({(rule.sure if nothing else rule.maybe)[0]}, {text[0]}, 0)", ATOM
    perhaps = f"if({tight(text, SUM)} {harmless} 0, 0, {text[0]})"
    return f"if({rule.sure[0]}, {text[0]}, if({rule.maybe[0]}, {perhaps}, 0))", ATOM


# -------------------------------------------------------------------------------------------------------- the whole


def calculations(program: Program, questions: Sequence[Key], reserved: Sequence[str]) -> Calculations:
    """Write the rules of a program as calculated fields of a form.

    Parameters
    ----------
    program : Program
        The rules.
    questions : sequence of (level, name)
        The questions in the order in which they are asked, those of the household before those of members.
    reserved : sequence of str
        Other names in the form.
    """
    sheet = _Sheet(program, {name for _, name in questions} | set(reserved))
    algebra = _XPath(sheet)
    asked_if = _asked_if(program, questions, algebra)
    for name, rule in program.indicators:
        sheet.current = name
        answer: Answer = rule.fold(algebra)
        text = f"if({answer.sure[0]}, 2, if({answer.maybe[0]}, 1, 0))"
        sheet.indicators[name] = _plain(sheet.calculate(f"deprived_{name}", text))
    sheet.deprivations(None)
    categories: dict[str, str] = {}
    before: list[str] = []
    for name, rule in program.categories:
        sheet.current = name
        answer = rule.fold(algebra)
        is_it = sheet.calculate(f"is_{name}", f"if({answer.sure[0]}, 2, if({answer.maybe[0]}, 1, 0))")[0]
        first = " and ".join([f"{is_it} > 0", *(f"{earlier} < 2" for earlier in before)])
        categories[name] = _plain(sheet.calculate(f"may_be_{name}", f"if({first}, 1, 0)"))
        before.append(is_it)
    one = " + ".join(map(reference, categories.values()))
    found = "''"
    for name, its in reversed(categories.items()):
        found = f"if({reference(its)} = 1, {literal(name)}, {found})"
    listed = ", ".join(f"if({reference(its)} = 1, {literal(f'{name} ')}, '')" for name, its in categories.items())
    category = _plain(sheet.calculate("class", f"if({one} = 1, {found}, '')"))
    possible = _plain(sheet.calculate("possible", f"concat(' ', {listed})"))
    return Calculations(
        tuple(sheet.members), tuple(sheet.household), sheet.indicators, categories, category, possible, asked_if
    )


def _plain(text: Text) -> str:
    return text[0][2:-1]


# ------------------------------------------------------------------------------------------------------ what to ask

Condition: TypeAlias = tuple[Callable[[Answer], Text], s.Rule]


def _asked_if(program: Program, questions: Sequence[Key], algebra: _XPath) -> dict[Key, str]:
    """Find for each question the condition, on earlier answers, that some rule still depends on its answer."""
    order = {key: position for position, key in enumerate(questions)}
    ways: dict[Key, list[list[Text]]] = {}
    for _, rule in program.rules:
        for key, conditions in _occurrences(rule, ()):
            if key in order:
                usable = [(ask, other) for ask, other in conditions if _earlier(other, order, order[key])]
                ways.setdefault(key, []).append(list(dict.fromkeys(ask(other.fold(algebra)) for ask, other in usable)))
    asked: dict[Key, str] = {}
    for key, alternatives in ways.items():
        always = any(not conditions for conditions in alternatives)
        asked[key] = "" if always else either([either(each, "and") for each in alternatives], "or")[0]
    return asked


def _earlier(rule: s.Rule, order: Mapping[Key, int], position: int) -> bool:
    if any(isinstance(part, s.AnyMember | s.CountMembers | s.Deprivations | s.IndicatorRef) for part in rule.walk()):
        return False
    return all(order.get(key, position) < position for key in reads(rule))


def _occurrences(node: s.Node, conditions: tuple[Condition, ...]) -> Iterator[tuple[Key, tuple[Condition, ...]]]:
    """Yield each answer that is read, with what must hold beside it for its value to matter."""
    for key, _ in reads_here(node):
        yield key, conditions
    if isinstance(node, s.And | s.Or | s.FirstKnown):
        for position, part in enumerate(node.rules):
            if isinstance(node, s.FirstKnown):
                others: Sequence[s.Rule] = node.rules[:position]
                more = [(_is_open, other) for other in others]
            else:
                others = [other for place, other in enumerate(node.rules) if place != position]
                more = [(_may if isinstance(node, s.And) else _not_sure, other) for other in others]
            yield from _occurrences(part, (*conditions, *more))
        return
    for below in node.parts:
        yield from _occurrences(below, conditions)


def _may(answer: Answer) -> Text:
    return answer.maybe


def _not_sure(answer: Answer) -> Text:
    return denied(answer.sure)


def _is_open(answer: Answer) -> Text:
    return either([answer.maybe, denied(answer.sure)], "and")
