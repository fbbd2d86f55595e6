"""The two tables of a review, read and checked: every answer that the rules need, and everything that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
from attrs import define, field

from mdpoverty.engine import roster as rosters
from mdpoverty.errors import BadTable, BadValues, MissingColumns, Problem, RuleError
from mdpoverty.numbers import Level
from mdpoverty.rules import nodes as s
from mdpoverty.standard import Field, Kind, Label, reads
from mdpoverty.tables.reading import Answers, Bad, Codes, Flags, Numbers, Table, open_table, read

if TYPE_CHECKING:
    from mdpoverty.engine.roster import Roster

Bools = npt.NDArray[np.bool_]
Key = tuple[Level, str]


@define(eq=False)
class Inputs:
    """What the rules read, as arrays.

    Attributes
    ----------
    table, people : Table
        The tables as they came; ``people`` is ``None`` where there is no members table.
    key : str or None
        The households' key column, under our name; ``None`` where there is none and rows are known by position.
    roster : Roster or None
        Who belongs to which household.
    answers : dict
        The answers by level and name; members' in the order of the roster.
    sizes : Numbers or None
        The household sizes, counted or answered.
    problems : list of Problem
        What was wrong and is left out or counted as missing, where the caller chose to go on.
    ways : tuple of str
        The answers that may be given in several ways, and so contradict each other.
    """

    table: Table
    people: Table | None
    key: str | None
    roster: Roster | None = None
    answers: dict[Key, Answers] = field(factory=dict)
    sizes: Numbers | None = None
    problems: list[Problem] = field(factory=list)
    go_on: bool = False
    ways: tuple[str, ...] = ()

    @property
    def households(self) -> int:
        """How many households there are."""
        return len(self.table)

    def household_reader(self, rows: slice) -> Callable[[s.Column], Answers | None]:
        """Return what reads the households' answers in those rows; ``None`` stands for "nobody answered"."""

        def read_column(column: s.Column) -> Answers | None:
            answers = self.answers.get(("household", column.name))
            return answers.take(rows) if answers is not None else None

        return read_column

    def member_reader(self, rows: slice, households: slice) -> Callable[[s.Column], Answers | None]:
        """Return what reads the answers of those households' members, and for them their household's."""
        roster = self.roster
        assert roster is not None

        def read_column(column: s.Column) -> Answers | None:
            answers = self.answers.get((column.own_level or "member", column.name))
            if answers is None or column.own_level != "household":
                return answers.take(rows) if answers is not None else None
            return answers.take(np.repeat(np.arange(households.start, households.stop), roster.sizes[households]))

        return read_column

    def keys_at(self, positions: npt.NDArray[np.int64]) -> tuple[Any, ...]:
        """Return the keys of the first five of those households; their positions where they have no keys."""
        return keys_at(self.table, self.key, positions)

    def refuse_conflict(self, conflict: Bools | None, rows: slice = slice(None)) -> None:
        """Report households of which two answers to the same question contradict each other."""
        if conflict is None:
            return
        positions = np.flatnonzero(conflict) + (rows.start or 0)
        columns = ", ".join(self.table.own(name) for name in self.ways)
        problem = Problem(columns, s.CONTRADICTION, len(positions), self.keys_at(positions))
        if not self.go_on:
            raise BadValues([problem])
        self.problems.append(problem)


def keys_at(table: Table, key: str | None, positions: npt.NDArray[np.int64]) -> tuple[Any, ...]:
    """Return the keys in the first five of those rows."""
    first = positions[:5].tolist()
    if key is None:
        return tuple(f"row {position}" for position in first)
    return tuple(table.column(key)[first].to_list()) if first else ()


def open_inputs(
    rules: list[tuple[str, s.Rule]],
    households: Any,
    members: Any = None,
    *,
    fields: Mapping[str, Field],
    household_id: str | tuple[str, str] = "household_id",
    columns: Mapping[str, str] | None = None,
    codes: Mapping[str, Mapping[Any, Any]] | None = None,
    orphans: Literal["error", "report"] = "error",
    invalid: Literal["error", "missing"] = "error",
    roster: Roster | None = None,
) -> Inputs:
    """Open both tables and read what the rules need; a roster says who belongs to whom, where that is known already.

    Raises
    ------
    BadTable
        If one of them is no table.
    MissingColumns
        If a column is missing that the rules need (the error lists bad values besides).
    BadValues
        If values can't be answers, keys are missing or stand twice, or members belong to no household.
    """
    if orphans not in ("error", "report") or invalid not in ("error", "missing"):
        raise RuleError('orphans is "error" or "report", and invalid is "error" or "missing"')
    keys = (household_id, household_id) if isinstance(household_id, str) else household_id
    rename = dict(columns or {})
    table = open_table(households, "households", {**rename, "household_id": rename.get("household_id", keys[0])})
    people = None
    if members is not None:
        people = open_table(members, "members", {**rename, "household_id": rename.get("household_id", keys[1])})
    return _Opening(rules, table, people, dict(fields), dict(codes or {}), orphans, invalid, roster).inputs()


ORPHAN = "a member of no listed household"


@define(eq=False)
class _Opening:
    """The work of opening: it gathers problems and raises them all at once."""

    rules: list[tuple[str, s.Rule]]
    table: Table
    people: Table | None
    fields: dict[str, Field]
    codes: dict[str, Mapping[Any, Any]]
    orphans: str
    invalid: str
    known: Roster | None = None
    readers: dict[Key, list[str]] = field(factory=dict)
    absent: list[Problem] = field(factory=list)
    wrong: list[Problem] = field(factory=list)
    tolerated: list[Problem] = field(factory=list)

    def inputs(self) -> Inputs:
        key = "household_id" if "household_id" in self.table else None
        needed = self._needed()
        roster = self._roster(key)
        found = Inputs(self.table, self.people, key, roster, go_on=self.invalid == "missing")
        found.ways = _ways(tuple(rule for _, rule in self.rules))
        for (level, name), kind in needed.items():
            table = self.table if level == "household" else self.people
            if table is not None and name in table:
                answers = self._read(table, level, name, kind, needed_by=self._needing(level, name))
                order = roster.order if roster is not None and level == "member" else None
                found.answers[(level, name)] = answers if order is None else answers.take(order)
        found.sizes = self._sizes(found)
        if found.sizes is not None:
            found.answers[("household", s.SIZE)] = found.sizes
        self._check_codes()
        if self.absent:
            raise MissingColumns([*self.absent, *self.wrong], self._advice())
        if self.wrong:
            raise BadValues(self.wrong, self._ways_on())
        found.problems.extend(self.tolerated)
        return found

    # -- which columns

    def _needed(self) -> dict[Key, Kind]:
        """Return the columns to read, noting those that are missing; of alternatives at least one must be there."""
        needed: dict[Key, Kind] = {}
        for name, rule in self.rules:
            read_here = _reads(rule)
            for key, kind in read_here.items():
                needed.setdefault(key, kind)
                self.readers.setdefault(key, []).append(name)
            if not all(map(self._has, read_here)):
                for level, column in self._absent(rule):
                    self._note_absent(level, column, name)
        return needed

    def _absent(self, node: s.Node) -> list[Key]:
        """Return the columns that a rule can't do without and that aren't there."""
        if isinstance(node, s.FirstKnown):
            lacking = [self._absent(rule) for rule in node.rules]
            return min(lacking, key=len)
        own = [key for key in reads_here(node) if not self._has(key)]
        return own + [key for part in node.parts for key in self._absent(part)]

    def _has(self, key: Key) -> bool:
        level, name = key
        if level == "member":
            return self.people is not None and name in self.people
        return name in self.table or (name == s.SIZE and self.people is not None)

    def _note_absent(self, level: Level, column: str, needed_by: str) -> None:
        table, where = (self.table, "households") if level == "household" else (self.people, "members")
        name = table.own(column) if table is not None else column
        what = "there is no such column" if table is not None else "there is no members table"
        for position, problem in enumerate(self.absent):
            if (problem.column, problem.table) == (name, where):
                if needed_by not in problem.needed_by:
                    self.absent[position] = Problem(name, what, 0, (), (*problem.needed_by, needed_by), where)
                return
        self.absent.append(Problem(name, what, 0, (), (needed_by,), where))

    def _needing(self, level: Level, column: str) -> tuple[str, ...]:
        return tuple(self.readers[(level, column)])

    def _advice(self) -> str:
        advice = (
            'Name your own columns with columns={"income": "your name"}, and indicators that are columns with given=.'
        )
        if self.people is None and any(problem.table == "members" for problem in self.absent):
            advice += " Pass the members' table as the second argument."
        return advice

    def _ways_on(self) -> str:
        """Return how to go on in spite of what is wrong, where that is possible: without sound keys it isn't."""
        key = ("households", self.table.own("household_id"))
        orphans = [problem for problem in self.wrong if problem.what.startswith(ORPHAN)]
        values = [each for each in self.wrong if each not in orphans and (each.table, each.column) != key]
        ways = []
        if values:
            ways.append('To go on with such values counted as not answered, pass invalid="missing".')
        if orphans:
            ways.append('To go on without members of no listed household, pass orphans="report"; they are listed.')
        return " ".join(ways)

    # -- rosters and keys

    def _roster(self, key: str | None) -> Roster | None:
        if self.people is not None and key is None:
            self.absent.append(Problem(self.table.own("household_id"), "there is no key column to find the members by"))
        if key is not None:
            self.wrong.extend(rosters.check_keys(self.table, key))
        if self.people is None or key is None:
            return None
        if "household_id" not in self.people:
            what = "there is no key column to find the households by"
            self.absent.append(Problem(self.people.own("household_id"), what, table="members"))
            return None
        if self.known is not None and not self.wrong:
            return self.known
        sound = not self.wrong  # without sound keys there is no telling who belongs where, only who belongs nowhere
        roster, lost = rosters.match(self.table, self.people, "household_id") if sound else (None, None)
        lost = lost if sound else rosters.lost(self.table, self.people, "household_id")
        if lost is not None:
            self._note_orphans(lost)
        return roster

    def _note_orphans(self, lost: Bools) -> None:
        assert self.people is not None
        what = ORPHAN
        if lost.all():
            types = [table.column("household_id").dtype for table in (self.table, self.people)]
            if types[0].is_numeric() != types[1].is_numeric():
                what += f" (the keys are {types[0]} in one table and {types[1]} in the other)"
        first = keys_at(self.people, "household_id", np.flatnonzero(lost))
        problem = Problem(self.people.own("household_id"), what, int(lost.sum()), first, table="members")
        (self.tolerated if self.orphans == "report" else self.wrong).append(problem)

    # -- answers

    def _read(self, table: Table, level: Level, name: str, kind: Kind, needed_by: tuple[str, ...]) -> Answers:
        known = self.fields.get(name)
        expected = known if known is not None and known.level == level else _any(name, level, kind)
        answers, bad = read(table.column(name), expected, self.codes.get(name))
        for each in bad:
            self._note_bad(table, level, name, each, needed_by)
        return answers

    def _note_bad(self, table: Table, level: Level, name: str, bad: Bad, needed_by: tuple[str, ...]) -> None:
        positions = np.flatnonzero(bad.rows)
        key = "household_id" if "household_id" in table else None
        problem = Problem(
            table.own(name),
            bad.what,
            len(positions),
            keys_at(table, key, positions),
            needed_by,
            "households" if level == "household" else "members",
        )
        (self.tolerated if self.invalid == "missing" else self.wrong).append(problem)

    def _sizes(self, found: Inputs) -> Numbers | None:
        """Return the household sizes: counted where there are members, answered elsewhere; they must agree."""
        stated = found.answers.get(("household", s.SIZE))
        if stated is None and s.SIZE in self.table:
            stated = self._read(self.table, "household", s.SIZE, "count", needed_by=())
        if isinstance(stated, Numbers):
            stated = _whole(stated)
        if found.roster is None:
            return stated if isinstance(stated, Numbers) else None
        counted = found.roster.sizes
        counted = counted.astype(np.int16 if counted.max(initial=0) < 32_767 else np.int64)
        none = counted == 0
        if not isinstance(stated, Numbers):
            return Numbers(counted, none if none.any() else None)
        if np.array_equal(stated.values, counted) and not none.any():  # as it should be; nothing stated is missing then
            return Numbers(counted, None)
        differ = ~none & (stated.values != counted)
        if stated.missing is not None:
            differ &= ~stated.missing
        if differ.any():
            what = "the stated size differs from the number of member rows"
            self._note_bad(self.table, "household", s.SIZE, Bad(what, differ), ())
        open_ = none & stated.missing if stated.missing is not None else None
        if differ.any():
            open_ = differ if open_ is None else open_ | differ
        values = np.where(none, stated.values, counted)
        return Numbers(values, open_ if open_ is not None and open_.any() else None)

    def _check_codes(self) -> None:
        tables = [table for table in (self.table, self.people) if table is not None]
        for name in self.codes:
            if name not in self.fields and not any(name in table for table in tables):
                raise BadTable(f"codes= speaks of {name!r}, which is no column that the rules read")


def _whole(sizes: Numbers) -> Numbers:
    """Return sizes as integers where they are whole, as tables with gaps and files of text hold them as floats."""
    values = sizes.values
    if values.dtype.kind != "f":
        return sizes
    values = values if sizes.missing is None else np.where(sizes.missing, 0, values)
    return Numbers(values.astype(np.int64), sizes.missing) if (values == np.floor(values)).all() else sizes


def reads_here(node: s.Node) -> list[Key]:
    """Return the answers that a node reads itself, not its parts."""
    columns = []
    if isinstance(node, s.Column):
        columns.append(node)
    elif isinstance(node, s.Flag | s.IsIn):
        columns.append(node.column)
    elif isinstance(node, s.Amount) and node.by is not None:
        columns.append(node.by)
    return [(column.own_level or "household", column.name) for column in columns]


# what blocks of one table, and single rows in a service, would ask of the same rules again and again
_reads = lru_cache(maxsize=1024)(reads)
_ways = lru_cache(maxsize=256)(s.ways)


def _any(name: str, level: Level, kind: Kind) -> Field:
    """Return what a column may be of which no standard says more."""
    return Field(name, level, kind, Label(name, name), Label(name, name))


__all__ = ["Codes", "Flags", "Inputs", "Numbers", "open_inputs", "reads_here"]
