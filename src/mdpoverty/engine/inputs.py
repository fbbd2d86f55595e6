"""The two tables of a review, read and checked: every answer that the rules need, and everything that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

import numpy as np
from attrs import define, evolve, field

from mdpoverty.engine import roster as rosters
from mdpoverty.engine.roster import Roster
from mdpoverty.errors import BadTable, BadValues, MissingColumns, Problem
from mdpoverty.law.fields import known_columns
from mdpoverty.law.program import Key, Program, reads_here
from mdpoverty.numbers import Level
from mdpoverty.rules import nodes as s
from mdpoverty.tables.columns import Answers, Bools, Numbers
from mdpoverty.tables.lookup import Positions
from mdpoverty.tables.memory import keep_memory
from mdpoverty.tables.options import KEY, Reading
from mdpoverty.tables.reading import Table, open_table
from mdpoverty.tables.spellings import Pairs
from mdpoverty.texts import nearest

TABLES: dict[Level, str] = {"household": "households", "member": "members"}
"""What the two tables are called, in messages too."""

_SIZE: Key = ("household", s.SIZE)


@define(eq=False)
class Inputs:
    """What the rules read, as arrays.

    Attributes
    ----------
    table, people : Table
        The tables as they came; ``people`` is ``None`` where there is no members table.
    reading : Reading
        How they were read.
    key : str or None
        The households' key column, under our name; ``None`` where there is none and rows are known by position.
    roster : Roster or None
        Who belongs to which household.
    answers : dict
        The answers by level and name, in the order of their tables.
    sizes : Numbers or None
        The household sizes, counted or answered.
    problems : list of Problem
        What was wrong and is left out or counted as missing, where the caller chose to go on.
    ways : tuple of str
        The answers that may be given in several ways, and so contradict each other.
    """

    table: Table
    people: Table | None
    reading: Reading
    key: str | None
    roster: Roster | None = None
    answers: dict[Key, Answers] = field(factory=dict)
    sizes: Numbers | None = None
    problems: list[Problem] = field(factory=list)
    ways: tuple[str, ...] = ()

    @property
    def households(self) -> int:
        """How many households there are."""
        return len(self.table)

    def household_reader(self, rows: slice) -> Callable[[s.Column], Answers | None]:
        """Return what reads the households' answers in those rows; ``None`` stands for "nobody answered"."""
        whole = rows == slice(0, self.households)

        def read_column(column: s.Column) -> Answers | None:
            answers = self.answers.get(("household", column.name))
            return answers if answers is None or whole else answers.take(rows)

        return read_column

    def member_reader(self, rows: slice, households: slice) -> Callable[[s.Column], Answers | None]:
        """Return what reads the answers of those households' members, and for them their household's."""
        roster = self.roster
        assert roster is not None
        assert self.people is not None
        whole = rows == slice(0, len(self.people))

        def read_column(column: s.Column) -> Answers | None:
            answers = self.answers.get((column.own_level or "member", column.name))
            if answers is None:
                return None
            if column.own_level != "household":
                return answers if whole else answers.take(rows)
            if roster.homes is not None:  # who is of no household reads the last one's answers, and counts for nobody
                return answers.take(roster.homes[rows])
            return answers.take(np.repeat(np.arange(households.start, households.stop), roster.sizes[households]))

        return read_column

    def in_order(self, level: Level, answers: Answers) -> Answers:
        """Return answers in the households' order, members' household after household."""
        order = self.roster.order if level == "member" and self.roster is not None else None
        return answers if order is None else answers.take(order)

    def refuse_conflict(self, conflict: Bools | None, rows: slice = slice(None)) -> None:
        """Report households of which two answers to the same question contradict each other."""
        if conflict is None:
            return
        positions = np.flatnonzero(conflict) + (rows.start or 0)
        columns = ", ".join(self.table.own(name) for name in self.ways)
        problem = evolve(self.table.problem("contradiction", self.ways[0], positions), column=columns)
        if self.reading.invalid == "error":
            raise BadValues([problem])
        self.problems.append(problem)


def open_inputs(
    program: Program,
    reading: Reading,
    households: object,
    members: object = None,
    roster: Roster | None = None,
    *,
    keep: bool = False,
) -> Inputs:
    """Open both tables and read what the rules need.

    Parameters
    ----------
    program, reading, households, members
        Which rules, how the tables are read, and the tables.
    roster : Roster, optional
        Who belongs to whom, where that is known already.
    keep : bool
        Whether a result keeps them: then they are taken as they are now, whatever becomes of the tables afterwards.

    Raises
    ------
    BadTable
        If one of them is no table.
    MissingColumns
        If a column is missing that the rules need (the error lists bad values besides).
    BadValues
        If values can't be answers, keys are missing or there twice, or members belong to no household.
    """
    keep_memory()
    homes_kept, people_kept = None, None
    if keep:  # any column of households may be a group or a weight; members' answers are read now, and kept as read
        homes_kept = ()
        people_kept = [reading.names(1).get(name, name) for level, name in program.reads if level == "member"]
    table = open_table(
        households, TABLES["household"], reading.names(0), reading.codes, fold=reading.fold, keep=homes_kept
    )
    people = None
    if members is not None:
        people = open_table(
            members, TABLES["member"], reading.names(1), reading.codes, fold=reading.fold, keep=people_kept
        )
    return _Opening(program, reading, table, people, roster, keep).inputs()


@define(eq=False)
class _Opening:
    """The work of opening: it gathers problems and raises them all at once."""

    program: Program
    reading: Reading
    table: Table
    people: Table | None
    known: Roster | None
    keep: bool
    absent: list[Problem] = field(factory=list)
    wrong: list[Problem] = field(factory=list)
    tolerated: list[Problem] = field(factory=list)

    def inputs(self) -> Inputs:
        self._check_names()
        key = KEY if KEY in self.table else None
        gone = self._gone()
        self._note_absent(gone - {_SIZE} if self.people is not None else gone)  # sizes are where members are
        roster = self._roster(key)
        found = Inputs(self.table, self.people, self.reading, key, roster, ways=self.program.ways)
        for level, name in self.program.reads:
            table = self._side(level)
            if table is not None and (level, name) not in gone:
                found.answers[level, name] = self._read(table, level, name)
        found.sizes = self._sizes(found)
        if found.sizes is not None:
            found.answers[("household", s.SIZE)] = found.sizes
        if self.absent:
            absent = {(each.table, each.column): each for each in reversed(self.absent)}
            raise MissingColumns([*reversed(absent.values()), *self.wrong], self._advice())
        if self.wrong:
            raise BadValues(self.wrong, self._ways_on())
        found.problems.extend(self.tolerated)
        return found

    def _side(self, level: Level) -> Table | None:
        return self.table if level == "household" else self.people

    # -- which columns

    def _check_names(self) -> None:
        """Refuse options that name nothing: answers that no rule knows, and columns that aren't there."""
        tables = [table for table in (self.table, self.people) if table is not None]
        asked_for = self.reading.columns or self.reading.codes
        known = {KEY, s.SIZE, *self.program.fields, *(name for _, name in self.program.reads)} if asked_for else set()
        for option, names in (("columns", self.reading.columns), ("codes", self.reading.codes)):
            for name in names:
                guess = nearest(name, known) if name not in known else None
                if name not in known and (guess or not any(name in table for table in tables)):  # else a name of theirs
                    hint = f": did you mean {guess!r}?" if guess else ""
                    raise BadTable(f"{option}= speaks of {name!r}, which is no column that the rules read{hint}")
        for name in self.reading.columns:
            level = self.program.fields[name].level if name in self.program.fields else None
            asked = tables if level is None else [table for table in (self._side(level),) if table is not None]
            if asked and not any(name in table for table in asked):
                self.absent.append(asked[0].absent(name, self.program.readers.get((level or "household", name), ())))
        for side, table in enumerate(tables):
            own = self.reading.names(0 if side == 0 else 1)[KEY]
            if own != KEY and KEY not in table and KEY not in self.reading.columns:
                self.absent.append(table.absent(KEY))

    def _gone(self) -> frozenset[Key]:
        """Return the answers that aren't there."""
        tables = {"household": self.table, "member": () if self.people is None else self.people}
        return frozenset([key for key in self.program.reads if key[1] not in tables[key[0]]])

    def _note_absent(self, gone: frozenset[Key]) -> None:
        """Note the columns that are missing, each with the rules that need it; of alternatives one must be there."""
        for (level, column), names in _needing(self.program, gone).items() if gone else ():
            table = self._side(level)
            if table is not None:
                self.absent.append(table.absent(column, names))
            else:
                self.absent.append(
                    Problem.of("missing_members", column, needed_by=names, table=TABLES[level], field=column)
                )

    def _advice(self) -> str:
        advice = (
            'Name your own columns with columns={"income": "your name"}, and indicators that are columns with given=.'
        )
        tables = [table for table in (self.table, self.people) if table is not None]
        known = known_columns(self.program.fields.values(), [name for table in tables for name in table.names])
        if known:
            advice += f" What is here by a known name would be read with columns={known}."
        if self.people is None and any(problem.table == "members" for problem in self.absent):
            advice += " Pass the members' table as the second argument."
        return advice

    def _ways_on(self) -> str:
        """Return how to go on in spite of what is wrong, where that is possible: without sound keys it isn't."""
        orphans = [problem for problem in self.wrong if problem.code in ("orphan", "orphan_spelling")]
        values = [each for each in self.wrong if each not in orphans and each.field != KEY]
        ways = []
        if values:
            ways.append('To go on with such values counted as not answered, pass invalid="missing".')
        if orphans:
            ways.append('To go on without members of no listed household, pass orphans="report"; they are listed.')
        if any(problem.code == "orphan_spelling" for problem in self.wrong):
            ways.insert(0, "To read keys as one that differ only in spelling, pass fold=True.")
        return " ".join(ways)

    # -- rosters and keys

    def _roster(self, key: str | None) -> Roster | None:
        if self.people is not None and key is None:
            self.absent.append(Problem.of("missing_household_key", self.table.own(KEY), field=KEY))
        if key is not None:
            self.wrong.extend(rosters.check_keys(self.table))
        if self.people is None or key is None:
            return None
        if KEY not in self.people:
            own = self.people.own(KEY)
            self.absent.append(Problem.of("missing_member_key", own, table=self.people.what, field=KEY))
            return None
        if self.known is not None and not self.wrong:
            self._note_folded(self.people)
            return self.known
        inexact = rosters.check_exact(self.people)
        self.wrong.extend(inexact)
        if inexact or any(problem.code == "key_inexact" for problem in self.wrong):
            return None  # who belongs where can't be told at all
        sound = not self.wrong  # without sound keys there is no telling who belongs where, only who belongs nowhere
        roster, lost = rosters.match(self.table, self.people) if sound else (None, None)
        lost = lost if sound else rosters.lost(self.table, self.people)
        if lost is not None:
            self._note_orphans(self.people, lost)
        self._note_folded(self.people)
        return roster

    def _note_folded(self, people: Table) -> None:
        if self.reading.fold:
            rows, homes = rosters.read_as_one(self.table, people)
            if len(rows):
                self.tolerated.append(people.problem("key_folded", KEY, rows, self._pairs(people, rows, homes)))

    def _pairs(self, people: Table, rows: Positions, homes: Positions) -> dict[str, Pairs]:
        """Return the first keys of each table that are the same but for their spelling."""
        first = people.key_values(rows[:5].tolist()), self.table.key_values(homes[:5].tolist())
        return {"pairs": Pairs(tuple(dict.fromkeys(zip(*first, strict=True))))}

    def _note_orphans(self, people: Table, lost: Bools) -> None:
        types = self.table.keys.type_clash(people.keys, lost)
        if types is not None:  # nobody means to leave out people whose keys are only written in another way
            details = {"ours": types[0], "theirs": types[1]}
            self.wrong.append(people.problem("orphan_types", KEY, np.flatnonzero(lost), details))
            return
        noted = self.tolerated if self.reading.orphans == "report" else self.wrong
        rows, homes = rosters.nearly(self.table, people, np.flatnonzero(lost))
        if len(rows):
            noted.append(people.problem("orphan_spelling", KEY, rows, self._pairs(people, rows, homes)))
        rest = np.setdiff1d(np.flatnonzero(lost), rows)
        if len(rest):
            noted.append(people.problem("orphan", KEY, rest))

    # -- answers

    def _read(self, table: Table, level: Level, name: str) -> Answers:
        needed_by = self.program.readers.get((level, name), ())
        answers, problems = table.read(name, self.program.field(level, name), needed_by)
        self._note(problems)
        return answers.own() if self.keep and table is self.people else answers

    def _note(self, problems: list[Problem]) -> None:
        (self.tolerated if self.reading.invalid == "missing" else self.wrong).extend(problems)

    def _sizes(self, found: Inputs) -> Numbers | None:
        """Return the household sizes: counted where there are members, answered elsewhere; they must agree."""
        stated = found.answers.get(("household", s.SIZE))
        if stated is None and s.SIZE in self.table:
            stated = self._read(self.table, "household", s.SIZE)
        if isinstance(stated, Numbers):
            stated = _whole(stated)
        if found.roster is None:
            return stated if isinstance(stated, Numbers) else None
        counted, none = found.roster.sizes, found.roster.empty
        counted = counted.astype(np.int16 if counted.max(initial=0) < 32_767 else np.int64)
        if not isinstance(stated, Numbers):
            self._note_copies(found, counted > 1)
            return Numbers(counted, none)
        same = stated.values == counted
        if stated.missing is not None:
            same &= ~stated.missing
        if none is None and same.all():
            return Numbers(counted, None)
        self._note_copies(found, ~same & (counted > 1))  # a stated size says that so many are meant
        none = np.zeros(len(same), bool) if none is None else none
        differ = ~none & ~same if stated.missing is None else ~none & ~same & ~stated.missing
        if differ.any():
            self._note([self.table.problem("size_differs", s.SIZE, np.flatnonzero(differ))])
        open_ = differ if stated.missing is None else differ | (none & stated.missing)
        return Numbers(np.where(none, stated.values, counted), open_ if open_.any() else None)

    def _note_copies(self, found: Inputs, among: Bools) -> None:
        """Report members that stand twice in some households."""
        roster, people = found.roster, self.people
        assert roster is not None
        assert people is not None
        if not people.whole or not among.any():
            return
        read = [answers for (level, _), answers in found.answers.items() if level == "member"]
        known = {*people.key_columns, *map(people.own, self.program.fields)}
        known |= {people.own(name) for level, name in self.program.reads if level == "member"}
        twice, mistaken = rosters.copies(roster, people, read, known, among)
        if len(twice):
            code = "member_twice" if mistaken else "members_alike"
            noted = self.wrong if mistaken else self.tolerated
            noted.append(people.problem(code, KEY, twice))


def _whole(sizes: Numbers) -> Numbers:
    """Return sizes as integers where they are whole, as tables with gaps and files of text hold them as floats."""
    values = sizes.values
    if values.dtype.kind != "f":
        return sizes
    values = values if sizes.missing is None else np.where(sizes.missing, 0, values)
    whole = bool(((values == np.floor(values)) & (np.abs(values) < 2.0**63)).all())
    return Numbers(values.astype(np.int64), sizes.missing) if whole else sizes


@lru_cache(maxsize=1024)
def _needing(program: Program, gone: frozenset[Key]) -> Mapping[Key, tuple[str, ...]]:
    """Return which of some answers the rules of a program can't do without, and which of them."""

    def lacks(node: s.Node) -> Iterator[Key]:
        if isinstance(node, s.FirstKnown):
            yield from min((list(lacks(rule)) for rule in node.rules), key=len)
            return
        yield from (key for key, _ in reads_here(node) if key in gone)
        for part in node.parts:
            yield from lacks(part)

    asking = {name for key in gone for name in program.readers.get(key, ())}
    found: dict[Key, list[str]] = {}
    for name, rule in program.rules:
        for key in dict.fromkeys(lacks(rule)) if name in asking else ():
            found.setdefault(key, []).append(name)
    return {key: tuple(names) for key, names in found.items()}
