"""Rules as SQL: one statement that a database runs and an auditor reads, from the same trees as every other engine.

A rule becomes a boolean whose NULL means *not known*: SQL's own AND, OR and NOT are Kleene's, so they need no help.
Aggregates do, since they drop NULLs in silence: that some member is so is TRUE where one surely is, FALSE only where
all surely aren't, and NULL otherwise. A number is one column, or two where all that is known is an interval.

Whatever is long and used more than once becomes a column of its own, named after what the law calls it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date as Date
from itertools import combinations
from math import lcm
from typing import Any, Literal, TypeAlias

from attrs import define, evolve, field

from mdpoverty.engine.sql_text import (
    AND,
    ATOM,
    COMPARE,
    LONG,
    NOT,
    OR,
    SUM,
    End,
    Range,
    Text,
    added,
    comment_lines,
    compared,
    denominators,
    fixed,
    items,
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
from mdpoverty.errors import SpecError
from mdpoverty.law.fields import to_date
from mdpoverty.law.files import digest
from mdpoverty.law.law import Law
from mdpoverty.law.parts import Citation
from mdpoverty.law.program import Program, reads
from mdpoverty.numbers import Level, Number
from mdpoverty.rules import nodes as s


@define
class Select:
    """The columns of a SELECT in the making; later ones may use the names of earlier ones."""

    builder: _Builder
    taken: set[str] = field(factory=set)
    columns: list[tuple[str, str, str]] = field(factory=list)  # name, expression, comment
    done: dict[object, Any] = field(factory=dict)

    def name(self, base: str, text: Text, comment: str = "", *, if_taken: str = "") -> Text:
        """Make an expression a column, and return its name; where a name is taken, it gets that ending or a number."""
        plain = re.sub(r"\W+", "_", base).strip("_").lower() or "value"
        others = (f"{plain}_{i}" for i in range(1, 10_000))
        name = next(n for n in (plain, *([plain + if_taken] if if_taken else []), *others) if n not in self.taken)
        self.taken.add(name)
        self.columns.append((name, text[0], comment))
        return quoted(name), ATOM

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

    def __init__(self, builder: _Builder) -> None:
        self._builder = builder

    # -- numbers

    def column(self, node: s.Column) -> ValueStep:
        text = self._builder.column(node)
        field = self._builder.program.field(node.own_level or "household", node.name)
        positive = field.minimum is not None and field.minimum >= 0
        return lambda select: Range(text, text, 1, field.kind == "number", positive)

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
            for side, pick in ((1, min), (2, max)):
                whens = "".join(f" WHEN {text_literal(str(case[0]))} THEN {case[side]}" for case in cases)
                otherwise = pick([str(case[side]) for case in cases], key=float)
                text = f"CASE {self._builder.column(node.by)[0]}{whens} ELSE {otherwise} END"
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
        text = self._builder.column(node.column)
        return lambda select: text

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
        column = self._builder.column(node.column)[0]
        text = f"{column} = {codes[0]}" if len(codes) == 1 else f"{column} IN ({', '.join(codes)})"
        return lambda select: (text, COMPARE)

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
            self._builder.clashes += [f"{tight(a, SUM)} <> {tight(b, SUM)}" for a, b in combinations(named, 2)]
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


# -------------------------------------------------------------------------------------------------------- statements

_FLAG_READ = "CASE WHEN {x}::DOUBLE IN (0, 1) THEN {x}::BOOLEAN WHEN NOT isnan({x}::DOUBLE) THEN {error} END"
_CODE_READ = "CASE WHEN {x}::VARCHAR IN ({codes}) THEN {x}::VARCHAR WHEN {x} IS NOT NULL THEN {error} END"
_NOWHERE = "no class holds for a household: the classes must leave nobody out"
_CLASH = "two ways of asking the same thing contradict each other"
_SIZES = "the stated size differs from the number of member rows"
_TWICE = "a household's key is missing, or a duplicate"
_NUMBER_READ = "CASE WHEN {test} THEN {x}::{type} WHEN NOT isnan({x}::DOUBLE) THEN {error} END"


@define(eq=False)
class _Builder:
    """Gathers what the statement needs while the rules are read."""

    law: Law
    program: Program
    members: str | None
    needed: list[tuple[Level, str]]
    person: Select = field(init=False)
    home: Select = field(init=False)
    lifts: dict[s.AnyMember | s.CountMembers, str] = field(factory=dict)
    indicator: dict[str, Text] = field(factory=dict)
    clashes: list[str] = field(factory=list)
    possible: Text = ("", ATOM)
    current: str = "member"

    def __attrs_post_init__(self) -> None:
        homes = {name.lower() for level, name in self.needed if level == "household"} | {"household_id"}
        persons = {name.lower() for _, name in self.needed} | {"household_id"}
        self.person, self.home = Select(self, persons), Select(self, homes)

    def column(self, node: s.Column) -> Text:
        """Return the name of an answer."""
        return f"{'m' if node.own_level == 'member' else 'h'}.{quoted(node.name)}", ATOM

    def amount_comment(self, node: s.Amount) -> str:
        """Return where an amount stands in the law."""
        if node.name not in self.law.thresholds:
            return ""
        legal = self.law.thresholds[node.name]
        return f"{legal.label}: {_cited(legal.citation)}"

    # -- members to households

    def lifted_any(self, node: s.AnyMember, rule: RuleStep) -> Text:
        """Return whether a rule holds of some member, as a column of its household."""
        return f"l.{quoted(self._lift(node, rule, 'any'))}", ATOM

    def lifted_count(self, node: s.CountMembers, rule: RuleStep) -> Range:
        """Return of how many members a rule holds, as two columns of their household."""
        name = self._lift(node, rule, "count")
        low, high = ((f"l.{quoted(f'{name}_{side}')}", ATOM) for side in ("low", "high"))
        return Range(low, high, positive=True)

    def _lift(self, node: s.AnyMember | s.CountMembers, rule: RuleStep, what: str) -> str:
        if node not in self.lifts:
            comment = f"asked for {self.current}"
            text = self.person.name(f"{self.current}_{what}", rule(self.person), comment)
            self.lifts[node] = text[0].strip('"')
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
        return columns

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

    def read(self, level: Level, name: str) -> str:
        """Return an answer as the rules read it; what can't be one stops the query."""
        field = self.program.field(level, name)
        x = f"{'m' if level == 'member' else 'h'}.{quoted(name)}"
        error = f"error({text_literal(f'{name}: expected {field.expected}')})"
        if field.kind == "flag":
            return _FLAG_READ.format(x=x, error=error)
        if field.kind == "code":
            codes = ", ".join(text_literal(code.id) for code in field.codes)
            return _CODE_READ.format(x=x, codes=codes, error=error) if codes else f"{x}::VARCHAR"
        tests = [f"isfinite({x}::DOUBLE)"]
        tests += [f"{x} >= {number_literal(field.minimum)}"] if field.minimum is not None else []
        tests += [f"{x} <= {number_literal(field.maximum)}"] if field.maximum is not None else []
        tests += [f"{x} = floor({x}::DOUBLE)"] if field.kind == "count" else []
        tests += [f"typeof({x}) <> 'FLOAT'"] if field.kind == "money" else []  # 24 bits can't hold every amount
        kind = "BIGINT" if field.kind == "count" else "DOUBLE"
        return _NUMBER_READ.format(x=x, test=" AND ".join(tests), type=kind, error=error)


def _cited(citation: Citation) -> str:
    words = f": “{citation.words}”" if citation.words else ""
    return f"{citation}{words}"


def to_sql(
    law: Law,
    dialect: Literal["duckdb"] = "duckdb",
    *,
    households: str = "households",
    members: str | None = "members",
    household_id: str = "household_id",
    given: Iterable[str] | Literal["all"] = (),
    date: Date | str | None = None,
) -> str:
    """Write a standard's rules as one SQL statement; see :meth:`mdpoverty.Standard.to_sql`."""
    if dialect != "duckdb":
        raise SpecError(f'dialect is {dialect!r}, and the one there is so far is "duckdb"')
    program = law.program(date, given)
    needed = list(dict.fromkeys([*program.reads, ("household", s.SIZE)]))
    asks_members = any(level == "member" for level, _ in needed)
    if members is None and asks_members:
        names = sorted(name for level, name in needed if level == "member")
        raise SpecError(f"the rules ask members for {', '.join(names)}: name their table with members=")
    builder = _Builder(law, program, members, needed)
    _fold(builder, program)
    key = quoted(household_id)
    parts = [_head(law, to_date(date)), "WITH\n", _homes(builder, households, members, key)]
    if builder.lifts:
        assert members is not None
        parts += [",\n\n", _persons(builder, members, key)]
    parts += [",\n\n", _scored(builder), "\n\n", _answer(builder, household_id)]
    return "".join(parts)


def _fold(builder: _Builder, program: Program) -> None:
    """Read the rules into columns: indicators, then what counts them, then the classes."""
    algebra = _Sql(builder)
    for name, rule in program.indicators:
        builder.current = name
        indicator = builder.law.indicators[name]
        text = rule.fold(algebra)(builder.home)
        comment = f"{indicator.label}. {_cited(indicator.citation)}"
        builder.indicator[name] = builder.home.name(name, text, comment, if_taken="_deprived")
    builder.deprivations(builder.home, None)
    classes = []
    for name, rule in program.categories:
        builder.current = name
        category = builder.law.categories[name]
        text = rule.fold(algebra)(builder.home)
        comment = f"{category.label}. {_cited(category.citation)}"
        classes.append((name, builder.home.name(f"is_{name}", text, comment)[0]))
    columns = [column for _, column in classes]

    def may(position: int, name: str) -> str:
        before = f"WHEN {' OR '.join(columns[:position])} THEN NULL " if position else ""
        return f"CASE {before}WHEN {columns[position]} IS NOT FALSE THEN {text_literal(name)} END"

    listed = ",\n  ".join(may(position, name) for position, (name, _) in enumerate(classes))
    nowhere = f"WHEN NOT ({' OR '.join(columns)}) THEN error({text_literal(_NOWHERE)})\n"
    # here and not where they clash: DuckDB refuses to use a column by its name that may raise an error
    clash = f"WHEN {' OR '.join(builder.clashes)} THEN error({text_literal(_CLASH)})\n" if builder.clashes else ""
    text = f"CASE {clash}{nowhere}ELSE concat_ws('|',\n  {listed}) END", ATOM
    builder.possible = builder.home.name("possible", text, "the classes that may be the first that holds")


def _head(law: Law, day: Date | None) -> str:
    lines = [
        f"{law.title}: {law.id}, revision {law.revision}, digest {digest(law)}",
        _cited(law.citation),
        "PROVISIONAL: parts of it aren't confirmed." if law.provisional else "",
        f"Amounts as of {day}." if day else "No day was given: amounts that change from day to day are intervals.",
        "NULL means not known throughout. A value that can't be an answer stops the query with its column's name. The "
        "key must be unique, and every member must belong to a household.",
    ]
    return "".join(map(comment_lines, lines))


def _homes(builder: _Builder, households: str, members: str | None, key: str) -> str:
    """Write the CTEs that read the households' answers and count their members."""
    names = [name for level, name in builder.needed if level == "household"]
    optional = builder.program.optional
    nothing = ", ".join(f"NULL::{_type(builder, name)} AS {quoted(name)}" for name in names if name in optional)
    source = f"(SELECT * FROM {quoted(households)} UNION ALL BY NAME SELECT {nothing} WHERE FALSE) AS h"
    columns = [(name, builder.read("household", name), "") for name in names]
    twice = f"(SELECT count(*) > count(DISTINCT {key}) FROM {quoted(households)})"
    unique = f"CASE WHEN {twice} THEN error({text_literal(_TWICE)}) ELSE h.{key} END"
    listed = items([("household_id", unique, ""), *columns])
    if members is None:
        return f"homes AS (  -- what households answered\n  SELECT\n{listed}\n  FROM {source}\n)"
    return (
        f"answered AS (  -- what households answered\n  SELECT\n{listed}\n  FROM {source}\n),\n\n"
        "counted AS (  -- who lives in each household\n"
        f"  SELECT {key} AS household_id, count(*) AS members FROM {quoted(members)} GROUP BY ALL\n),\n\n"
        "homes AS (  -- households with their size: counted, or as stated where there are no member rows\n"
        "  SELECT a.* REPLACE (\n"
        "    CASE WHEN a.household_id IS NULL THEN error('a member of no listed household') ELSE a.household_id END "
        "AS household_id,\n"
        f"    CASE WHEN c.members <> a.household_size THEN error({text_literal(_SIZES)})\n"
        "      ELSE coalesce(c.members, a.household_size) END AS household_size)\n"
        "  FROM answered AS a\n  FULL JOIN counted AS c ON c.household_id = a.household_id\n)"
    )


def _type(builder: _Builder, name: str) -> str:
    types = {"flag": "BOOLEAN", "code": "VARCHAR", "count": "BIGINT"}
    return types.get(builder.program.field("household", name).kind, "DOUBLE")


def _persons(builder: _Builder, members: str, key: str) -> str:
    """Write the CTEs that read members' answers, ask each of them, and bring it to households."""
    names = [name for level, name in builder.needed if level == "member"]
    read = items([("household_id", f"m.{key}", ""), *((name, builder.read("member", name), "") for name in names)])
    asked = items([("household_id", "m.household_id", ""), *builder.person.columns])
    at_home = any(level == "household" for lift in builder.lifts for level, _ in reads(lift.rule))
    join = "\n  JOIN homes AS h ON h.household_id = m.household_id" if at_home else ""
    lifted = ",\n".join(f"    {column}" for column in ("household_id", *builder.reductions()))
    return (
        f"persons AS (  -- what members answered\n  SELECT\n{read}\n  FROM {quoted(members)} AS m\n),\n\n"
        f"asked AS (  -- what the rules ask of each member\n  SELECT\n{asked}\n  FROM persons AS m{join}\n),\n\n"
        f"lifted AS (  -- of a household: NULL where an open answer of somebody decides\n"
        f"  SELECT\n{lifted}\n  FROM asked\n  GROUP BY household_id\n)"
    )


def _scored(builder: _Builder) -> str:
    listed = items([("household_id", "h.household_id", ""), *builder.home.columns])
    join = "\n  LEFT JOIN lifted AS l ON l.household_id = h.household_id" if builder.lifts else ""
    head = "scored AS (  -- indicators, and the conditions of each class\n  SELECT"
    return f"{head}\n{listed}\n  FROM homes AS h{join}\n)"


def _answer(builder: _Builder, household_id: str) -> str:
    """Write the outermost SELECT: the columns of ``Assessment.to_frame``."""
    possible = builder.possible[0]
    counted = builder.deprivations(builder.home, None)
    share = f" / {builder.program.scale}" if builder.program.scale > 1 else ""
    category = f"CASE WHEN NOT contains({possible}, '|') THEN {possible} END"
    columns = [
        (household_id, "household_id", ""),
        ("category", category, "the class, NULL while open answers could change it"),
        ("possible", possible, "the classes that are still possible"),
        ("deprivations", f"{written(counted.low)[0]}{share}", ""),
        ("deprivations_max", f"{written(counted.high)[0]}{share}", ""),
        *((name, builder.indicator[name][0], "") for name in builder.law.indicators),
    ]
    return f"SELECT\n{items(columns)}\nFROM scored\n"
