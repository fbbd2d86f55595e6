"""The whole statement: answers read, members asked, households scored, as a query, a view or a function."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date as Date
from typing import Final, Literal

from attrs import define, field

from mdpoverty.engine.sql import Builder, cited
from mdpoverty.engine.sql_dialects import DIALECTS, Dialect, DialectId, Kind, Name
from mdpoverty.engine.sql_text import (
    Item,
    comment_lines,
    double,
    indented,
    items,
    layers,
    quoted,
    text_literal,
    written,
)
from mdpoverty.errors import SpecError
from mdpoverty.law.fields import to_date
from mdpoverty.law.files import digest
from mdpoverty.law.law import Law
from mdpoverty.rules.nodes import SIZE
from mdpoverty.texts import nearest

KINDS: Final = ("query", "view", "function")
_SIZES = "the stated size differs from the number of member rows"
_TWICE = "a household's key is missing, or a duplicate"
_MATCHED = "the key as it is matched: texts in one Unicode form, and never with a number"
_NOBODYS = "a member of no listed household"


def to_sql(
    law: Law,
    dialect: DialectId = "duckdb",
    *,
    kind: Kind = "query",
    name: Name | None = None,
    households: Name = "households",
    members: Name | None = "members",
    household_id: str = "household_id",
    given: Iterable[str] | Literal["all"] = (),
    date: Date | str | None = None,
) -> str:
    """Write a standard's rules as one SQL statement; see :meth:`mdpoverty.Standard.to_sql`."""
    its = DIALECTS[_one_of("dialect", dialect, DIALECTS)]
    _one_of("kind", kind, KINDS)
    if (name is None) != (kind == "query"):
        raise SpecError(f"a {kind} {'needs a name: name=' if name is None else 'has no name: leave name= out'}")
    if kind == "function" and its.id != "postgresql":
        raise SpecError(f"a function is written for PostgreSQL only; for {its.id} there are a query and a view")
    program = law.program(date, given)
    needed = list(dict.fromkeys([*program.reads, ("household", SIZE)]))
    if members is None and (asked := sorted(answer for level, answer in needed if level == "member")):
        raise SpecError(f"the rules ask members for {', '.join(asked)}: name their table with members=")
    text = _Statement(
        Builder(law, program, its, needed),
        its.name(households, "households"),
        None if members is None else its.name(members, "members"),
        its.check(household_id, "household_id"),
        alone=kind == "function",
    )
    head = _head(law, to_date(date))
    if name is None:
        return head + text.query()
    return head + (text.view if kind == "view" else text.function)(its.name(name, "name"))


def _one_of(option: str, value: object, known: Iterable[str]) -> str:
    names = list(known)
    if value in names:
        return str(value)
    guess = nearest(value, names)
    listed = ", ".join(f'"{each}"' for each in names)
    raise SpecError(f"{option} is {value!r}, not one of {listed}{f' (did you mean {guess!r}?)' if guess else ''}")


def _head(law: Law, day: Date | None) -> str:
    lines = [
        _which(law),
        cited(law.citation),
        "PROVISIONAL: parts of it aren't confirmed." if law.provisional else "",
        f"Amounts as of {day}." if day else "No day was given: amounts that change from day to day are intervals.",
        "NULL means not known throughout. A value that can't be an answer stops the query with its column's name. The "
        "key must be unique, and every member must belong to a household.",
    ]
    return "".join(map(comment_lines, lines))


def _which(law: Law) -> str:
    return f"{law.title}: {law.id}, revision {law.revision}, digest {digest(law)}"


@define
class _Statement:
    """The text around the columns.

    Attributes
    ----------
    households, members : str
        The names of the tables, as SQL writes them.
    household_id : str
        The name of their key.
    alone : bool
        Whether only the household with the key ``$1`` is classified.
    matching : str
        The name of the column with the key as it is matched.
    parts : list of str
        The parts so far, in their order.
    """

    builder: Builder
    households: str
    members: str | None
    household_id: str
    alone: bool
    matching: str = field(init=False)
    parts: list[str] = field(factory=list)

    @matching.default
    def _free(self) -> str:
        return self.builder.home.free("matched_key")

    @property
    def key(self) -> str:
        """The key's name as SQL writes it."""
        return quoted(self.household_id)

    @property
    def dialect(self) -> Dialect:
        """Whose SQL."""
        return self.builder.dialect

    # -- parts

    def called(self, name: str) -> str:
        """Return a name for a part that hides none of the tables."""
        tables = [(table or "").strip('"').lower() for table in (self.households, self.members)]
        while name in tables:
            name += "_"
        return name

    def part(self, name: str, comment: str, body: str) -> str:
        """Add a part of the statement, and return its name."""
        called = self.called(name)
        self.parts.append(f"{called} AS (  -- {comment}\n  {indented(body)}\n)")
        return called

    def layered(self, base: str, source: str, alias: str, comment: str, columns: list[Item]) -> str:
        """Add columns to a part, layer by layer, and return the last one's name."""
        found = layers(columns)
        for position, layer in enumerate(found, 1):
            name = base if position == len(found) else f"{base}_{position}"
            body = f"SELECT\n  {alias}.*,\n{items(layer)}\nFROM {source} AS {alias}{self.fence}"
            source = self.part(name, comment if position == 1 else "what follows from that", body)
        return source

    @property
    def fence(self) -> str:
        """What ends a part whose columns are used more than once."""
        return f"\n{self.dialect.fence}" if self.dialect.fence else ""

    def matched(self, alias: str) -> str:
        """Return the key of a table's rows as it is matched."""
        return self.dialect.matched.format(x=f"{alias}.{self.key}")

    def rows(self, table: str) -> str:
        """Return the rows of a table that are classified."""
        return f"(SELECT * FROM {table} WHERE {self.key} = $1)" if self.alone else table

    # -- reading

    def homes(self) -> str:
        """Add the parts that read the households' answers and count their members."""
        builder = self.builder
        names = [name for level, name in builder.needed if level == "household"]
        columns = [(name, builder.read("household", name), "") for name in names]
        rows = self.rows(self.households)
        own = [("household_id", f"h.{self.key}", "")]
        if self.members is not None:
            own.append((self.matching, self.matched("h"), _MATCHED))
        listed = items([*own, *columns])
        absent = [name for name in names if name in builder.program.optional]
        nothing = ", ".join(f"NULL::{builder.type('household', name)}" for name in absent)
        listed_there = ", ".join(dict.fromkeys((self.key, *map(quoted, names))))
        source = (
            f"(VALUES ({nothing})) AS absent ({', '.join(map(quoted, absent))})"
            "  -- answers for which the table may lack a column: they are missing then\n"
            f"CROSS JOIN LATERAL (SELECT {listed_there} FROM {rows} AS t) AS h"
        )
        read = f"SELECT\n{listed}\nFROM {source}{self.fence}"
        if self.members is None:
            return self.part("homes", "what households answered", read)
        key = quoted(self.matching)
        answered = self.part("answered", "what households answered", read)
        counted = self.part(
            "counted",
            "who lives in each household",
            f"SELECT {self.matched('m')} AS {key}, count(*) AS members\nFROM {self.rows(self.members)} AS m\n"
            "GROUP BY 1",
        )
        size = quoted(SIZE)
        columns = [
            *((name, f"a.{quoted(name)}", "") for name in ("household_id", self.matching, *names) if name != SIZE),
            (SIZE, f"coalesce(c.members, a.{size})", ""),
            ("size_differs", f"c.members <> a.{size}", ""),
        ]
        return self.part(
            "homes",
            "households with their size: counted, or as stated where there are no member rows",
            f"SELECT\n{items(columns)}\nFROM {answered} AS a\n"
            f"FULL JOIN {counted} AS c ON c.{key} = a.{key}{self.fence}",
        )

    def lifted(self, homes: str) -> str:
        """Add the parts that read members' answers, ask each of them, and bring it to households."""
        builder = self.builder
        assert self.members is not None
        names = [name for level, name in builder.needed if level == "member"]
        key = quoted(self.matching)
        read = [(self.matching, self.matched("m"), ""), *((name, builder.read("member", name), "") for name in names)]
        carried = [(name, f"h.{quoted(name)}", "") for name in builder.person.carried]
        join = f"\nJOIN {homes} AS h ON h.{key} = {self.matched('m')}" if carried else ""
        persons = self.part(
            "persons",
            "what members answered",
            f"SELECT\n{items([*read, *carried])}\nFROM {self.rows(self.members)} AS m{join}{self.fence}",
        )
        asked = self.layered("asked", persons, "m", "what the rules ask of each member", builder.person.columns)
        listed = ",\n".join(f"  {column}" for column in (key, *builder.reductions()))
        return self.part(
            "lifted",
            "of a household: NULL where an open answer of somebody decides",
            f"SELECT\n{listed}\nFROM {asked}\nGROUP BY {key}",
        )

    # -- the whole

    def query(self) -> str:
        """Return the statement whose rows are those of ``Assessment.to_frame``."""
        builder = self.builder
        twice = f"(SELECT count(*) > count(DISTINCT {self.matched('t')}) FROM {self.rows(self.households)} AS t)"
        builder.stops.append((twice, _TWICE))
        if self.members is not None:
            builder.stops += [("h.household_id IS NULL", _NOBODYS), ("h.size_differs", _SIZES)]
        builder.fold()
        source = self.homes()
        if builder.lifts:
            source = f"(SELECT * FROM {source} LEFT JOIN {self.lifted(source)} USING ({quoted(self.matching)}))"
        comment = "indicators, and the conditions of each class"
        scored = self.layered("scored", source, "h", comment, builder.home.columns)
        parts = ",\n\n".join(self.parts)
        return f"WITH\n{parts}\n\nSELECT\n{items(self.answer())}\nFROM {scored}\n"

    def answer(self) -> list[Item]:
        """Return the columns of ``Assessment.to_frame``."""
        builder = self.builder
        possible = builder.possible[0]
        counted = builder.deprivations(builder.home, None)
        scale = builder.program.scale

        def units(side: str) -> str:
            text = written(counted.low if side == "low" else counted.high)
            return f"{double(text)} / {scale}" if scale > 1 else text[0]

        return [
            (self.household_id, "household_id", ""),
            (
                "category",
                f"CASE WHEN strpos({possible}, '|') = 0 THEN {possible} END",
                "the class, NULL while open answers could change it",
            ),
            ("possible", possible, "the classes that are still possible"),
            ("deprivations", units("low"), ""),
            ("deprivations_max", units("high"), ""),
            *((name, builder.indicator[name][0], "") for name in self.indicators),
        ]

    @property
    def indicators(self) -> list[str]:
        """The indicators, which are columns of the answer."""
        return [self.dialect.check(name, "an indicator") for name in self.builder.law.indicators]

    def view(self, name: str) -> str:
        """Return the query as a view that is called so, with the citations kept as comments of the database."""
        return f"CREATE OR REPLACE VIEW {name} AS\n{self.query().rstrip()};\n\n{self.remarks(name)}"

    def function(self, name: str) -> str:
        """Return the query as a function of a household's key that is called so."""
        key = f"{self.households}.{self.key}%TYPE"
        columns = [
            f"{self.key} {key}",
            "category TEXT",
            "possible TEXT",
            *(f"deprivations{end} {'FLOAT8' if self.builder.program.scale > 1 else 'BIGINT'}" for end in ("", "_max")),
            *(f"{quoted(each)} BOOLEAN" for each in self.indicators),
        ]
        listed = ",\n  ".join(columns)
        which = text_literal(_which(self.builder.law))
        return (
            f"CREATE OR REPLACE FUNCTION {name} ({key})\nRETURNS TABLE (\n  {listed}\n)\nLANGUAGE sql STABLE\n"
            f"BEGIN ATOMIC\n{self.query().rstrip()};\nEND;\n\n"
            f"COMMENT ON FUNCTION {name} ({key}) IS {which};\n"
        )

    def remarks(self, view: str) -> str:
        """Return the statements that keep beside a view and its columns what they come from."""
        law = self.builder.law
        said = {
            "category": "; ".join(
                f"{each.id}: {each.label}: {cited(each.citation)}" for each in law.categories.values()
            ),
            **{each.id: f"{each.label}. {cited(each.citation)}" for each in law.indicators.values()},
        }
        lines = [f"COMMENT ON VIEW {view} IS {text_literal(_which(law))};"]
        lines += [f"COMMENT ON COLUMN {view}.{quoted(name)} IS {text_literal(text)};" for name, text in said.items()]
        return "\n".join(lines) + "\n"
