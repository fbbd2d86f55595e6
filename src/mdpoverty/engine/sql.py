"""Rules as SQL: one statement that a database runs and an auditor reads, from the same trees as every other engine.

A rule becomes a boolean whose NULL means *not known*: SQL's own AND, OR and NOT are Kleene's, so they need no help.
Aggregates do, since they drop NULLs in silence: that some member is so is TRUE where one surely is, FALSE only where
all surely aren't, and NULL otherwise. A number is one column, or two where all that is known is an interval.

Whatever is long and used more than once becomes a column of its own, named after what the law calls it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import chain, combinations, count
from math import lcm
from typing import Any, TypeAlias

from attrs import define, evolve, field

from mdpoverty.engine.sql_dialects import Dialect
from mdpoverty.engine.sql_text import (
    AND,
    ATOM,
    COMPARE,
    LONG,
    NOT,
    OR,
    SUM,
    End,
    Item,
    Range,
    Text,
    added,
    compared,
    denominators,
    fixed,
    joined,
    number_literal,
    quoted,
    same_scale,
    text_literal,
    three_valued,
    tight,
    times,
    worth_of,
    written,
)
from mdpoverty.law.law import Law
from mdpoverty.law.parts import Citation
from mdpoverty.law.program import Program
from mdpoverty.numbers import Level, Number
from mdpoverty.rules import nodes as s

NOWHERE = "no class holds for a household: the classes must leave nobody out"
CLASH = "two ways of asking the same thing contradict each other"


@define
class Select:
    """The columns about a household or a member in the making; later ones may use the names of earlier ones.

    Attributes
    ----------
    level : {"household", "member"}
        Whom they are about.
    taken : set of str
        The names that are no longer free, anywhere in the statement.
    columns : list of Item
        What has been named so far.
    carried : dict of str to None
        The answers of the household that members are asked by, in the order in which they turn up.
    """

    level: Level
    taken: set[str]
    columns: list[Item] = field(factory=list)
    carried: dict[str, None] = field(factory=dict)
    done: dict[object, Any] = field(factory=dict)

    def free(self, base: str, *, if_taken: str = "", ends: tuple[str, ...] = ("",)) -> str:
        """Take a name that is free with all of these ends, after which it has that ending or a number if need be."""
        plain = (re.sub(r"\W+", "_", base).strip("_").lower() or "value").encode()[:40].decode(errors="ignore")
        first = (plain, plain + if_taken) if if_taken else (plain,)
        names = chain(first, (f"{plain}_{i}" for i in count(1)))
        name = next(n for n in names if self.taken.isdisjoint(n + end for end in ends))
        self.taken.update(name + end for end in ends)
        return name

    def name(self, base: str, text: Text, comment: str = "", *, if_taken: str = "") -> Text:
        """Make an expression a column, and return its name."""
        name = self.free(base, if_taken=if_taken)
        self.columns.append((name, text[0], comment))
        return quoted(name), ATOM

    def answer(self, node: s.Column) -> Text:
        """Return the name of an answer."""
        if self.level == "member" and node.own_level != "member":
            self.carried[node.name] = None
        return f"{self.level[0]}.{quoted(node.name)}", ATOM

    def once(self, key: object, make: Callable[[], Any]) -> Any:
        """Return what was made for a key, making it the first time."""
        if key not in self.done:
            self.done[key] = make()
        return self.done[key]

    def short(self, text: Text, base: str) -> Text:
        """Return an expression that is short enough to be written more than once."""
        return text if len(text[0]) <= LONG else self.once(("short", text[0]), lambda: self.name(base, text))

    def short_side(self, side: End) -> End:
        """Do the same for one side of an interval."""
        return side if isinstance(side, int) else self.short(side, "part")


RuleStep: TypeAlias = Callable[[Select], Text]
ValueStep: TypeAlias = Callable[[Select], Range]


class _Sql:
    """The interpretation as SQL: each node becomes a function of the SELECT in which it stands."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder

    # -- numbers

    def column(self, node: s.Column) -> ValueStep:
        field = self._builder.program.field(node.own_level or "household", node.name)
        positive = field.minimum is not None and field.minimum >= 0

        def make(select: Select) -> Range:
            text = select.answer(node)
            return Range(text, text, 1, field.kind == "number", positive)

        return make

    def constant(self, node: s.Constant) -> ValueStep:
        interval = fixed(node.value, node.value)
        return lambda select: interval

    def amount(self, node: s.Amount) -> ValueStep:
        if node.by is None:
            interval = fixed(*node.cases[0][1:])
            return lambda select: interval
        return lambda select: self._by_code(select, node, lcm(*denominators(node)))

    def _by_code(self, select: Select, node: s.Amount, scale: int) -> Range:
        """Return the amount that a code decides: where the code isn't known, the interval over all codes.

        With scale 0 fractions are written as doubles.
        """

        def written(number: Number) -> str:
            return str(int(number * scale)) if scale else number_literal(number)

        def make() -> Range:
            assert node.by is not None
            cases = [(code, written(low), written(high)) for code, low, high in node.cases]
            base, comment = node.name or "amount", self._builder.amount_comment(node)
            positive = all(low >= 0 for _, low, _ in node.cases)
            texts = []
            outermost = min(low for _, low, _ in node.cases), max(high for _, _, high in node.cases)
            for side, otherwise in enumerate(outermost, 1):
                whens = "".join(f" WHEN {text_literal(str(case[0]))} THEN {case[side]}" for case in cases)
                text = f"CASE {select.answer(node.by)[0]}{whens} ELSE {written(otherwise)} END"
                texts.append(f"({text})::BIGINT" if scale else text)  # products must not end at 31 bits
            if texts[0] == texts[1]:
                one = select.name(base, (texts[0], ATOM), comment)
                return Range(one, one, scale or 1, positive=positive)
            low = select.name(f"{base}_low", (texts[0], ATOM), comment)
            return Range(low, select.name(f"{base}_high", (texts[1], ATOM)), scale or 1, positive=positive)

        found: Range = select.once((node, scale), make)
        return found

    def product(self, node: s.Product, left: ValueStep, right: ValueStep) -> ValueStep:
        def make(select: Select) -> Range:
            a, b = left(select), right(select)
            scale, floating = a.scale * b.scale, a.floating or b.floating
            if (a.exact and b.exact) or (a.positive and b.positive):
                positive = a.positive and b.positive
                return Range(times(a.low, b.low), times(a.high, b.high), scale, floating, positive)
            a, b = (evolve(x, low=select.short_side(x.low), high=select.short_side(x.high)) for x in (a, b))
            corners = list(dict.fromkeys(times(x, y) for x in (a.low, a.high) for y in (b.low, b.high)))
            whole = [corner for corner in corners if isinstance(corner, int)]
            if len(whole) == len(corners):
                return Range(min(whole), max(whole), scale, floating)
            listed = ", ".join(written(corner)[0] for corner in corners)
            return Range((f"least({listed})", ATOM), (f"greatest({listed})", ATOM), scale, floating)

        return make

    def total(self, node: s.Total, left: ValueStep, right: ValueStep) -> ValueStep:
        def make(select: Select) -> Range:
            return added(left(select), right(select))

        return make

    def points(self, node: s.Points, rules: tuple[RuleStep, ...], worths: tuple[ValueStep, ...]) -> ValueStep:
        def make(select: Select) -> Range:
            total = Range(0, 0)
            for rule, worth in zip(rules, worths, strict=True):
                holds, counts = select.short(rule(select), "condition"), worth(select)
                low = worth_of(holds, select.short_side(counts.low), "<")
                high = worth_of(holds, select.short_side(counts.high), ">")
                total = added(total, Range(low, high, counts.scale, counts.floating))
            return total

        return make

    def count_members(self, node: s.CountMembers, rule: RuleStep) -> ValueStep:
        return lambda select: self._builder.lifted_count(node, rule)

    def deprivations(self, node: s.Deprivations) -> ValueStep:
        def make(select: Select) -> Range:
            return self._builder.deprivations(select, node.dimension)

        return make

    # -- rules

    def flag(self, node: s.Flag) -> RuleStep:
        return lambda select: select.answer(node.column)

    def compare(self, node: s.Compare, left: ValueStep, right: ValueStep) -> RuleStep:
        plain = isinstance(node.left, s.Column) and isinstance(node.right, s.Constant | s.Amount)

        def make(select: Select) -> Text:
            a = left(select)
            b = self._plain_amount(select, node.right) if plain else right(select)
            a, b = (a, b) if plain else same_scale(a, b)
            counted = any(isinstance(part, s.Deprivations) for part in node.walk())
            text = compared(a, node.operator, b)
            return select.once(node, lambda: select.name(f"{_about(node)}_met", text)) if counted else text

        return make

    def _plain_amount(self, select: Select, node: s.Value) -> Range:
        """Return an amount as an answer compares with it: a fraction as the double nearest to it."""
        if isinstance(node, s.Constant):
            cases: tuple[tuple[str | None, Number, Number], ...] = ((None, node.value, node.value),)
        else:
            assert isinstance(node, s.Amount)
            cases = node.cases
            if node.by is not None:
                return self._by_code(select, node, 1 if set(denominators(node)) == {1} else 0)
        low, high = (number_literal(number) for number in cases[0][1:])
        return Range((low, ATOM), (high, ATOM))

    def is_in(self, node: s.IsIn) -> RuleStep:
        codes = [text_literal(code) if isinstance(code, str) else number_literal(code) for code in node.codes]
        test = f"= {codes[0]}" if len(codes) == 1 else f"IN ({', '.join(codes)})"
        return lambda select: (f"{select.answer(node.column)[0]} {test}", COMPARE)

    def negation(self, node: s.Not, rule: RuleStep) -> RuleStep:
        return lambda select: (f"NOT {tight(rule(select), NOT)}", NOT)

    def conjunction(self, node: s.And, rules: tuple[RuleStep, ...]) -> RuleStep:
        return lambda select: joined("AND", AND, [tight(rule(select), NOT) for rule in rules])

    def disjunction(self, node: s.Or, rules: tuple[RuleStep, ...]) -> RuleStep:
        return lambda select: joined("OR", OR, [tight(rule(select), NOT) for rule in rules])

    def at_least(self, node: s.AtLeast, rules: tuple[RuleStep, ...]) -> RuleStep:
        def make(select: Select) -> Text:
            named = [select.short(rule(select), "condition") for rule in rules]
            sure = " + ".join(f"({tight(rule, SUM)} IS TRUE)::INT" for rule in named)
            maybe = sure.replace(" IS TRUE)::INT", " IS NOT FALSE)::INT")
            return three_valued(f"{sure} >= {node.minimum}", f"{maybe} < {node.minimum}")

        return make

    def first_known(self, node: s.FirstKnown, rules: tuple[RuleStep, ...]) -> RuleStep:
        def make(select: Select) -> Text:
            parts = zip(rules, node.rules, strict=True)
            named = [select.short(rule(select), _met(part, "way")) for rule, part in parts]
            self._builder.clash(select, [f"{tight(a, SUM)} <> {tight(b, SUM)}" for a, b in combinations(named, 2)])
            text = f"coalesce({', '.join(text for text, _ in named)})"
            return select.name(f"within_{_about(node)}", (text, ATOM))

        return lambda select: select.once(node, lambda: make(select))

    def any_member(self, node: s.AnyMember, rule: RuleStep) -> RuleStep:
        return lambda select: self._builder.lifted_any(node, rule)

    def indicator(self, node: s.IndicatorRef) -> RuleStep:
        return lambda select: self._builder.indicator[node.name]


def _about(node: s.Node) -> str:
    """Return the name of the amount that a condition is about."""
    return next((part.name for part in node.walk() if isinstance(part, s.Amount) and part.name), "amount")


def _met(node: s.Node, otherwise: str) -> str:
    """Name a comparison after the answer that it looks at."""
    return f"{node.left.name}_met" if isinstance(node, s.Compare) and isinstance(node.left, s.Column) else otherwise


# ------------------------------------------------------------------------------------------------- the whole law

_CODE_READ = "CASE WHEN {x}::VARCHAR IN ({codes}) THEN {x}::VARCHAR WHEN {x} IS NOT NULL THEN {error} END"
_NUMBER_READ = "CASE WHEN {test} THEN {x}::{type} WHEN {x}::FLOAT8 <> 'NaN'::FLOAT8 THEN {error} END"
_TYPES = {"flag": "BOOLEAN", "code": "TEXT", "count": "BIGINT"}


@define(eq=False)
class Builder:
    """Gathers what the statement needs while the rules are read.

    Attributes
    ----------
    person, home : Select
        What is asked of each member, and of each household.
    lifts : dict of Node to str
        What is brought from members to their household: the column of ``person``.
    indicator : dict of str to Text
        The columns of the indicators.
    stops : list of (str, str)
        What must not be so of any household, and the message where it is.
    clashes : list of str
        Where two ways of asking the same thing contradict each other.
    possible : Text
        The column with the classes that are still possible.
    """

    law: Law
    program: Program
    dialect: Dialect
    needed: list[tuple[Level, str]]
    stops: list[tuple[str, str]] = field(factory=list)
    person: Select = field(init=False)
    home: Select = field(init=False)
    lifts: dict[s.AnyMember | s.CountMembers, str] = field(factory=dict)
    indicator: dict[str, Text] = field(factory=dict)
    clashes: list[str] = field(factory=list)
    personal_clashes: list[str] = field(factory=list)
    possible: Text = ("", ATOM)
    current: str = "member"

    def __attrs_post_init__(self) -> None:
        taken = {name.lower() for _, name in self.needed} | {"household_id", "size_differs"}
        self.person, self.home = Select("member", taken), Select("household", taken)

    def amount_comment(self, node: s.Amount) -> str:
        """Return where an amount stands in the law."""
        if node.name not in self.law.thresholds:
            return ""
        legal = self.law.thresholds[node.name]
        return f"{legal.label}: {cited(legal.citation)}"

    def clash(self, select: Select, texts: list[str]) -> None:
        """Keep where two ways of asking the same thing contradict each other, of a household or one of its members."""
        if select.level == "household":
            self.clashes += texts
            return
        for text in texts:
            name = select.name("clash", (text, COMPARE))[0]
            self.personal_clashes.append(name)
            self.clashes.append(f"h.{name}")

    # -- members to households

    def lifted_any(self, node: s.AnyMember, rule: RuleStep) -> Text:
        """Return whether a rule holds of some member, as a column of its household."""
        return f"h.{quoted(self._lift(node, rule, 'any'))}", ATOM

    def lifted_count(self, node: s.CountMembers, rule: RuleStep) -> Range:
        """Return of how many members a rule holds, as two columns of their household."""
        name = self._lift(node, rule, "count", ends=("", "_low", "_high"))
        low, high = ((f"h.{quoted(f'{name}_{side}')}", ATOM) for side in ("low", "high"))
        return Range(low, high, positive=True)

    def _lift(
        self, node: s.AnyMember | s.CountMembers, rule: RuleStep, what: str, ends: tuple[str, ...] = ("",)
    ) -> str:
        if node not in self.lifts:
            text = rule(self.person)[0]
            name = self.person.free(f"{self.current}_{what}", ends=ends)
            self.person.columns.append((name, text, f"asked for {self.current}"))
            self.lifts[node] = name
        return self.lifts[node]

    def reductions(self) -> list[str]:
        """Return the aggregates that bring members' answers to their household."""
        columns = []
        for node, name in self.lifts.items():
            x = quoted(name)
            if isinstance(node, s.AnyMember):
                columns.append(f"CASE WHEN bool_or({x}) THEN TRUE WHEN count({x}) = count(*) THEN FALSE END AS {x}")
            else:
                low, high = quoted(f"{name}_low"), quoted(f"{name}_high")
                columns.append(f"count(*) FILTER (WHERE {x}) AS {low}")
                columns.append(f"count(*) FILTER (WHERE {x} IS NOT FALSE) AS {high}")
        return [*columns, *(f"bool_or({name}) AS {name}" for name in self.personal_clashes)]

    # -- what counts indicators

    def deprivations(self, select: Select, dimension: str | None) -> Range:
        """Return the weighted number of deprivations, as two columns in units of ``1 / scale``."""

        def make() -> Range:
            program = self.program
            names = [(self.indicator[name], weight) for name, weight in program.counted(dimension) if weight]
            if not names:
                return Range(0, 0, program.scale)
            base = "deprivations" if dimension is None else f"deprivations_{dimension}"
            texts = [
                " + ".join(written(times((f"({name[0]} {test})::INT", ATOM), w))[0] for name, w in names)
                for test in ("IS TRUE", "IS NOT FALSE")
            ]
            units = f" in units of 1/{program.scale}" if program.scale > 1 else ""
            low = select.name(f"{base}_low", (texts[0], SUM), f"deprivations for sure, and at most{units}")
            return Range(low, select.name(f"{base}_high", (texts[1], SUM)), program.scale)

        found: Range = select.once(("deprivations", dimension), make)
        return found

    # -- reading answers

    def type(self, level: Level, name: str) -> str:
        """Return the type of an answer as the rules read it."""
        return _TYPES.get(self.program.field(level, name).kind, "FLOAT8")

    def read(self, level: Level, name: str) -> str:
        """Return an answer as the rules read it; what can't be one stops the query."""
        field = self.program.field(level, name)
        x = f"{level[0]}.{quoted(name)}"
        kind = self.type(level, name)
        error = self.dialect.error(f"{name}: expected {field.expected}", kind, x)
        if field.kind == "flag":
            return self.dialect.flag.format(x=x, error=error)
        if field.kind == "code":
            codes = ", ".join(text_literal(code.id) for code in field.codes)
            return _CODE_READ.format(x=x, codes=codes, error=error) if codes else f"{x}::VARCHAR"
        # NaN comes after infinity; and what is no number can't be compared with one
        low, high = (
            number_literal(bound) if bound is not None else f"'{sign}infinity'::FLOAT8"
            for bound, sign in ((field.minimum, "-"), (field.maximum, ""))
        )
        tests = [
            f"{x} {'>' if field.minimum is None else '>='} {low}",
            f"{x} {'<' if field.maximum is None else '<='} {high}",
        ]
        tests += [f"{x} = floor({x}::FLOAT8)"] if field.kind == "count" else []
        tests += [self.dialect.single.format(x=x)] if field.kind == "money" else []
        return _NUMBER_READ.format(x=x, test=" AND ".join(tests), type=kind, error=error)

    # -- the rules

    def fold(self) -> None:
        """Read the rules into columns: indicators, then what counts them, then the classes."""
        algebra = _Sql(self)
        for name, rule in self.program.indicators:
            self.current = name
            indicator = self.law.indicators[name]
            text = rule.fold(algebra)(self.home)
            comment = f"{indicator.label}. {cited(indicator.citation)}"
            self.indicator[name] = self.home.name(name, text, comment, if_taken="_deprived")
        self.deprivations(self.home, None)
        classes = []
        for name, rule in self.program.categories:
            self.current = name
            category = self.law.categories[name]
            text = rule.fold(algebra)(self.home)
            comment = f"{category.label}. {cited(category.citation)}"
            classes.append((name, self.home.name(f"is_{name}", text, comment)[0]))
        columns = [column for _, column in classes]

        def may(position: int, name: str) -> str:
            before = f"WHEN {' OR '.join(columns[:position])} THEN NULL " if position else ""
            return f"CASE {before}WHEN {columns[position]} IS NOT FALSE THEN {text_literal(name)} END"

        stops = [
            *self.stops,
            *([(" OR ".join(self.clashes), CLASH)] if self.clashes else []),
            (f"NOT ({' OR '.join(columns)})", NOWHERE),
        ]
        # here, since whoever asks for the class asks for this column, and a database may leave out the others
        checked = "".join(
            f"WHEN {where} THEN {self.dialect.error(message, 'TEXT', columns[0])}\n" for where, message in stops
        )
        listed = ",\n  ".join(may(position, name) for position, (name, _) in enumerate(classes))
        text = f"CASE {checked}ELSE concat_ws('|',\n  {listed}) END", ATOM
        self.possible = self.home.name("possible", text, "the classes that may be the first that holds")


def cited(citation: Citation) -> str:
    """Return a citation with the words that it cites."""
    words = f": “{citation.words}”" if citation.words else ""
    return f"{citation}{words}"
