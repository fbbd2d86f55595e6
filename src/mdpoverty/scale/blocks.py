"""From two streams of rows to blocks of households with all of their members.

Members come in the order of their households. A block takes the households that are next and, from the members that are
next, those up to the first who belongs to none of them; who is left waits for a later block. So a household that the
edge of a file or a batch cuts in two is whole again, and no more is held than a block and a batch.

Members in no order are looked up instead, where the households are few enough to be held: then all are one block.
"""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any, Literal

import numpy as np
from attrs import define, field, frozen

from mdpoverty.engine import roster as rosters
from mdpoverty.engine.roster import Roster
from mdpoverty.errors import BadTable, BadValues, Place, Problem
from mdpoverty.extras import arrow
from mdpoverty.scale.keyed import MATCHED, refuse_two_kinds, two_kinds
from mdpoverty.scale.report import Span
from mdpoverty.scale.scans import Scan
from mdpoverty.scale.sources import Piece, Wanted, joined, two_types
from mdpoverty.tables.keys import Keys, matched_part
from mdpoverty.tables.lookup import Positions
from mdpoverty.tables.options import KEY
from mdpoverty.tables.reading import Origin

UNORDERED = (
    "Members must come in the order of their households, household after household; if they don't, pass aligned=False "
    "to scan(…)."
)
_AT_ONCE = 1 << 22  # members whose households are looked up together


@frozen(eq=False)
class Block:
    """Some households, their members, where both stand, and who belongs to whom if that is known.

    ``whole`` says whether all columns of the members' table are here; ``beside``, what each table's others are called.
    """

    households: Any
    members: Any
    where: str
    roster: Roster | None = None
    origins: tuple[Origin | None, Origin | None] = (None, None)
    as_text: tuple[bool, bool] = (False, False)
    whole: bool = False
    beside: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    @property
    def sides(self) -> tuple[tuple[Literal[0], Any], tuple[Literal[1], Any]]:
        """Both tables, each with its place in what there is one of for each table."""
        return (0, self.households), (1, self.members)


@define(eq=False)
class _Queue:
    """Pieces that were read and not used up, and whether their keys have increased so far.

    Attributes
    ----------
    pieces : iterator of Piece
    strictly : bool
        Whether a key mustn't follow itself.
    ordered : bool
        Whether keys increase, of all that was read.
    trusting : bool
        Whether order is only looked at where it is asked for: members whose runs are those of increasing households
        need no look of their own.
    kind : Arrow type, or None
        What keys are read as; ``None`` for what they are.
    first, last
        The first key, and the last as long as they increase; ``None`` before any was read.
    """

    pieces: Iterator[Piece]
    strictly: bool
    ordered: bool = True
    trusting: bool = False
    kind: Any = None
    first: Any = None
    last: Any = None
    waiting: deque[Piece] = field(factory=deque)

    def read(self) -> bool:
        """Read on; return whether there was something."""
        piece = next(self.pieces, None)
        if piece is None:
            return False
        if not self.trusting:
            self._look(piece)
        self.waiting.append(piece)
        return True

    def _look(self, piece: Piece) -> None:
        self.ordered = self.ordered and (not piece.table.num_rows or self._follows(piece))

    def in_order(self, taken: Sequence[Piece] = ()) -> bool:
        """Return whether keys have increased so far, those in hand included; from now on each piece is looked at."""
        if self.trusting:
            self.trusting = False
            for piece in (*taken, *self.waiting):
                self._look(piece)
        return self.ordered

    def head(self) -> Piece | None:
        """Return the next rows, reading on where none wait; ``None`` at the end."""
        while self.waiting or self.read():
            if self.waiting[0].table.num_rows:
                return self.waiting[0]
            self.waiting.popleft()
        return None

    def take(self, rows: int) -> Piece:
        """Return the first rows of the head."""
        table, name, start = self.waiting.popleft()
        if rows < table.num_rows:
            self.waiting.appendleft(Piece(table.slice(rows), name, start + rows))
        return Piece(table.slice(0, rows), name, start)

    def keys(self, piece: Piece) -> Any:
        """Return a piece's keys."""
        keys = _key(piece.table)
        if self.kind is None or keys.type == self.kind:
            return keys
        refuse_two_kinds(self.kind, keys.type)
        try:
            return keys.cast(self.kind)
        except arrow().ArrowException:
            raise two_kinds(self.kind, keys.type, f" ({piece.name})") from None

    def put_back(self, pieces: list[Piece]) -> None:
        """Let the next rows be those again that were taken last."""
        self.waiting.extendleft(reversed(pieces))

    def next(self, rows: int) -> list[Piece]:
        """Return the next rows, as many as that if there are so many."""
        taken: list[Piece] = []
        while rows and (piece := self.head()) is not None:
            taken.append(self.take(min(rows, piece.table.num_rows)))
            rows -= taken[-1].table.num_rows
        return taken

    def _follows(self, piece: Piece) -> bool:
        """Return whether keys go on increasing."""
        if MATCHED not in piece.table.column_names:
            return True
        keys = self.keys(piece)
        if self.first is None:
            self.first = keys[0].as_py()
        if not _increasing(keys, strictly=self.strictly):
            return False
        first, before, self.last = keys[0].as_py(), self.last, keys[-1].as_py()
        if before is None:
            return True
        return type(first) is type(before) and bool(first > before if self.strictly else first >= before)


@define(eq=False)
class _Left:
    """Members who belong to nobody: how many they are, and where the first five stand."""

    key: tuple[str, ...]
    rows: int = 0
    first: list[Place] = field(factory=list)

    def add(self, piece: Piece, rows: Positions) -> None:
        """Note some rows of a piece."""
        origin, places = _origin([piece]), rows[: 5 - len(self.first)]
        shown = piece.table.take(arrow().array(places))
        columns = [shown.column(name).to_pylist() for name in self.key]
        keys = columns[0] if len(columns) == 1 else list(zip(*columns, strict=True))
        for key, (file, row) in zip(keys, map(origin.at, places.tolist()), strict=True):
            self.first.append(Place(key, row, None, file))
        self.rows += len(rows)

    def problem(self, code: str) -> Problem:
        """Return what is to be said of them."""
        places, name = tuple(self.first), ", ".join(self.key)
        first = tuple(place.key for place in places)
        return Problem.of(code, name, rows=self.rows, first=first, places=places, table="members", field=KEY)


@define(eq=False)
class Blocks:
    """The blocks of a scan, to be iterated over once.

    Attributes
    ----------
    key : tuple of str
        The members' columns that make up their key.
    together : bool
        Whether all households are one block, whose members come in any order.
    parted : bool
        Whether each piece of ``members`` is those of one block, and what comes after the last block belongs to nobody.
    skip : bool
        Whether to leave members of no household to whoever classifies a block, as far as increasing keys show that
        they are.
    whole : bool
        Whether all columns of the members are read.
    beside : pair of tuples of str
        What the columns of each table are called that aren't read.
    spans : tuple of Span
        The span of the households' keys, if there are any: one at most.
    ordered : bool
        Whether the households' keys have increased so far.
    """

    scan: Scan
    households: Iterator[Piece]
    members: Iterator[Piece] | None
    wanted: tuple[Wanted, Wanted]
    key: tuple[str, ...]
    together: bool = False
    parted: bool = False
    skip: bool = False
    whole: bool = False
    beside: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    spans: tuple[Span, ...] = ()
    ordered: bool = True
    _by_order: bool = True
    _count: int = 0
    _left: _Left = field(init=False)

    @_left.default
    def _nobody(self) -> _Left:
        return _Left(self.key)

    def __iter__(self) -> Iterator[Block]:
        homes = _Queue(self.households, strictly=True)
        people = None if self.members is None else _Queue(self.members, strictly=False, trusting=True)
        if people is not None and self.parted:
            people.read()  # reads all of both tables, before the households are opened: some can't be open twice
        keyed = MATCHED in self.wanted[0] and MATCHED in self.wanted[1]
        while True:
            taken = homes.next(sys.maxsize if self.together else self.scan.block)
            self.ordered = homes.ordered
            self.spans = () if homes.first is None else (Span(homes.first, homes.last, homes.ordered),)
            if not taken and self._count:
                break
            table = _together(taken, self.wanted[0])
            self._count += 1
            theirs: list[Piece] = []
            roster = None
            if people is not None and not keyed:
                theirs = people.next(1)  # whoever classifies the first block will say what is missing
            elif people is not None and self.together:
                theirs, roster = self._all_of(table, people)
            elif people is not None and (taken or self.parted):
                theirs, roster = self._members_of(table, people)
            members = None if people is None else _together(theirs, self.wanted[1])
            yield Block(
                table,
                members,
                "" if self.together else _where(taken, theirs),
                roster,
                (_origin(taken), _origin(theirs)),
                self._as_text,
                self.whole,
                self.beside,
            )
        if people is not None and keyed:
            self._end(people)

    def _members_of(self, households: Any, people: _Queue) -> tuple[list[Piece], Roster | None]:
        """Take the members of some households: all up to the last key where keys increase, else all that come next."""
        if self.parted:
            if not people.waiting:
                people.read()
            return [piece for piece in [people.waiting.popleft()] if piece.table.num_rows], None
        keys = _key(households)
        people.kind = people.kind or _common(keys.type)
        keys = keys.cast(people.kind)
        if self.ordered and self._by_order:
            taken = self._take(people, lambda theirs: _up_to(theirs, keys) if people.ordered else 0)
            roster = _roster(keys, [people.keys(piece) for piece in taken])
            if roster is not None and people.ordered:  # which shows their order; who waits comes later
                return taken, roster
            if people.in_order(taken) and (roster is not None or self.skip or not taken):
                return taken, roster
            people.put_back(taken)  # somebody is of none of these households: perhaps of one that comes later
            self._by_order = False
        return self._take(people, lambda theirs: _leading(theirs, keys)), None

    def _all_of(self, households: Any, people: _Queue) -> tuple[list[Piece], Roster | None]:
        """Take all members who are of some household, and note who is of none."""
        ours = _key(households)
        keys = Keys((matched_part(ours),))
        taken: list[Piece] = []
        found: list[Positions] = []
        while pieces := people.next(_AT_ONCE):
            theirs = [_key(piece.table) for piece in pieces]
            for each in theirs if len(ours) else ():  # of no household the type isn't known
                refuse_two_kinds(ours.type, each.type)
            homes = keys.find(Keys((matched_part(arrow().chunked_array(theirs)),)))
            for piece, at in zip(pieces, np.split(homes, np.cumsum([len(each) for each in theirs])[:-1]), strict=True):
                strangers = np.flatnonzero(at < 0)
                if len(strangers):
                    self._left.add(piece, strangers)
                    rows = np.flatnonzero(at >= 0)
                    piece, at = Piece(piece.table.take(arrow().array(rows)), piece.name, -1), at[rows]
                taken.append(piece)
                found.append(at)
        if not taken or len(self.key) > 1:  # several columns were put together as text: whoever reads them sees types
            return taken, None
        return taken, rosters.of_homes(np.concatenate(found), len(households))

    def close(self) -> None:
        """Read no further, and let go of files that were only written to bring members to their households."""
        for pieces in (self.households, self.members):
            if isinstance(pieces, Generator):
                pieces.close()

    def _take(self, people: _Queue, count: Callable[[Any], int]) -> list[Piece]:
        """Take the rows that are next, as many of each piece as are counted, until there is one with others."""
        taken: list[Piece] = []
        while (piece := people.head()) is not None:
            rows = count(people.keys(piece))
            if not rows:
                break
            taken.append(people.take(rows))
        return taken

    def _end(self, people: _Queue) -> None:
        """Refuse members that no household claimed, or say how many they are where that is what they are for sure."""
        people.in_order()  # from here on each piece is looked at
        left, lost = self._left, _Left(self.key)
        passed = None  # where others wait behind those of nobody: the households, once more, to tell who is whose
        if not self._by_order and self.ordered and not self.scan.households.once:
            passed = _Queue(self.scan.households.pieces({MATCHED: "key"}), strictly=True, kind=people.kind)
        while (piece := people.head()) is not None:
            left.add(piece, np.arange(len(piece.table)))
            if passed is not None and people.ordered:
                lost.add(piece, _strangers(people.keys(piece), passed))
            people.take(len(piece.table))
        if left.rows:
            in_order = self.ordered and people.ordered and (self._by_order or passed is not None)
            sure = self.together or self.parted or in_order
            told = left if passed is None or not sure else lost
            raise LostMembers([told.problem("orphan" if sure else "maybe_orphan")], sure)

    @property
    def _as_text(self) -> tuple[bool, bool]:
        members = self.scan.members
        return self.scan.households.as_text, members is not None and members.as_text

    @property
    def may_repeat(self) -> bool:
        """Whether a key may stand in two blocks for all that is known."""
        return not self.ordered and self._count > 1


class LostMembers(BadValues):
    """Members that belong to no household of the scan: for sure, or because they are out of order."""

    def __init__(self, problems: list[Problem], sure: bool) -> None:
        super().__init__(problems, "" if sure else UNORDERED)
        self.sure = sure
        self._attributes["sure"] = sure


def _common(kind: Any) -> Any:
    """Return the type that keys of that type are compared in, whichever file they are from."""
    pa = arrow()
    return pa.int64() if pa.types.is_integer(kind) and kind != pa.uint64() else kind


def _up_to(theirs: Any, ours: Any) -> int:
    """Return how many sorted keys come up to the last of ours, or up to the first member without a key."""
    if theirs.null_count:
        theirs = theirs[: arrow(".compute").index(theirs.is_null(), True).as_py()]
    if _whole(theirs):
        return int(np.searchsorted(_numpy(theirs), _numpy(ours)[-1], side="right"))
    return bisect_right(theirs, ours[-1].as_py(), key=_plain)


def _roster(ours: Any, theirs: list[Any]) -> Roster | None:
    """Return who belongs to whom; ``None`` if somebody belongs to nobody, or they come in another order."""
    if not theirs:
        return None
    pa = arrow()
    total, starts, run_keys, last = 0, [], [], None
    for piece in theirs:
        begins = Keys((matched_part(piece),)).runs()
        if last is not None and last.is_valid and last.equals(piece[0]):  # a piece's edge cuts a household in two
            begins = begins[1:]
        starts.append(begins + total)
        run_keys.append(piece.take(pa.array(begins)))
        total, last = total + len(piece), piece[-1]
    homes, runs = Keys((matched_part(ours),)), Keys((matched_part(pa.chunked_array(run_keys)),))
    found = rosters.of_runs(homes, runs, np.concatenate(starts), total)
    return found if isinstance(found, Roster) else None


def _leading(theirs: Any, ours: Any) -> int:
    """Return how many members come before the first who isn't ours."""
    if _increasing(ours, strictly=True) and _increasing(theirs, strictly=False):  # a small set is searched faster
        start = bisect_left(ours, theirs[0].as_py(), key=_plain)
        ours = ours[start : bisect_right(ours, theirs[-1].as_py(), key=_plain)]
    pc = arrow(".compute")
    found = pc.index(pc.is_in(theirs, value_set=ours, skip_nulls=True), False).as_py()
    return len(theirs) if found < 0 else int(found)


def _strangers(theirs: Any, homes: _Queue) -> Positions:
    """Return which of some members are of no household; both come in order, and households that went by are dropped."""
    pc = arrow(".compute")
    known = np.zeros(len(theirs), bool)
    while (piece := homes.head()) is not None:
        ours = homes.keys(piece)
        known |= pc.is_in(theirs, value_set=ours).to_numpy(zero_copy_only=False)
        if ours[-1].as_py() >= theirs[-1].as_py():
            break
        homes.take(len(ours))
    return np.flatnonzero(~known)


def _plain(key: Any) -> Any:
    return key.as_py()


def _increasing(keys: Any, *, strictly: bool) -> bool:
    """Return whether keys without gaps increase, or at least don't decrease."""
    pc = arrow(".compute")
    if keys.null_count:
        return False
    if _whole(keys):
        values = _numpy(keys)
        return bool((values[1:] > values[:-1]).all() if strictly else (values[1:] >= values[:-1]).all())
    compare = pc.less if strictly else pc.less_equal
    return bool(pc.all(compare(keys[:-1], keys[1:])).as_py() is not False)


def _whole(keys: Any) -> bool:
    return bool(arrow().types.is_integer(keys.type))


def _numpy(keys: Any) -> Any:
    return keys.to_numpy()


def _key(table: Any) -> Any:
    """Return a table's keys as one plain array."""
    pa = arrow()
    column = table.column(MATCHED)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def _together(pieces: list[Piece], wanted: Wanted) -> Any:
    """Return pieces as one table; without any, an empty one of the same columns."""
    pa = arrow()
    if not pieces:
        types = {"flag": pa.bool_(), "number": pa.int64(), "money": pa.int64()}
        return pa.table({name: pa.array([], types.get(role, pa.string())) for name, role in wanted.items()})
    try:
        return joined([piece.table for piece in pieces])
    except pa.ArrowException:
        raise _apart(pieces) from None


def _apart(pieces: list[Piece]) -> BadTable:
    """Return the error that says which column of some pieces can't become one, and of which types it is there."""
    pa = arrow()
    first = pieces[0]
    for piece in pieces[1:]:
        for name in first.table.column_names:
            sides = [each.table.select([name]) for each in (first, piece)]
            try:
                joined(sides)
            except pa.ArrowException:
                one, other = (side.column(0).type for side in sides)
                return two_types(name, (one, first.name), (other, piece.name))
    names = dict.fromkeys(piece.name for piece in pieces)
    return BadTable(f"columns are of different types in {', '.join(names)}: make each one type in all files")


def _origin(pieces: list[Piece]) -> Origin:
    """Note which files rows are from; of members who were brought to their households only that is known no more."""
    return Origin(tuple((piece.name, piece.start if piece.start >= 0 else None, len(piece.table)) for piece in pieces))


def _where(*sides: list[Piece]) -> str:
    """Say where rows stand, file by file."""
    found: dict[str, list[int]] = {}
    for piece in (piece for side in sides for piece in side):
        start = max(piece.start, 0)
        span = found.setdefault(piece.name, [start, start])
        span[1] = max(span[1], start + piece.table.num_rows)
    return "; ".join(f"{name}, rows {start:,} to {stop - 1:,}" for name, (start, stop) in found.items())
