"""From two streams of rows to blocks of households with all of their members.

Members come in the order of their households. A block takes the households that are next and, from the members that are
next, those up to the first who belongs to none of them; who is left waits for a later block. So a household that the
edge of a file or a batch cuts in two is whole again, and no more is held than a block and a batch. Members in any order
come in pieces of a block each instead (:mod:`mdpoverty.scale.partition`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Generator, Iterator
from typing import Any

import numpy as np
from attrs import define, field, frozen

from mdpoverty.errors import BadTable, BadValues, Problem
from mdpoverty.scale.extras import arrow
from mdpoverty.scale.scans import Scan
from mdpoverty.scale.sources import Piece, Wanted

UNORDERED = (
    "Members must come in the order of their households, household after household; if they don't, pass aligned=False "
    "to scan(…)."
)


@frozen(eq=False)
class Block:
    """Some households, their members, and where both stand."""

    households: Any
    members: Any
    where: str


@define(eq=False)
class _Queue:
    """Pieces that were read and not used up."""

    pieces: Iterator[Piece]
    waiting: deque[Piece] = field(factory=deque)

    def head(self) -> Piece | None:
        """Return the next rows, reading on where none wait; ``None`` at the end."""
        while not self.waiting:
            piece = next(self.pieces, None)
            if piece is None:
                return None
            if piece.table.num_rows:
                self.waiting.append(piece)
        return self.waiting[0]

    def take(self, rows: int) -> Piece:
        """Return the first rows of the head."""
        table, name, start = self.waiting.popleft()
        if rows < table.num_rows:
            self.waiting.appendleft(Piece(table.slice(rows), name, start + rows))
        return Piece(table.slice(0, rows), name, start)


@define(eq=False)
class Blocks:
    """The blocks of a scan, to be iterated over once.

    Attributes
    ----------
    parted : bool
        Whether each piece of ``members`` is those of one block, and what comes after the last block belongs to nobody.
    skip : bool
        Whether to go on after members who belong to no household, as far as sorted keys show that they do.
    lost : int
        How many members belong to no household.
    """

    scan: Scan
    households: Iterator[Piece]
    members: Iterator[Piece] | None
    wanted: tuple[Wanted, Wanted]
    keys: tuple[str, str]
    parted: bool = False
    skip: bool = False
    lost: int = 0
    ordered: bool = True
    _lost_at: str = ""
    _lost_first: tuple[Any, ...] = ()
    _last: Any = None
    _count: int = 0

    def __iter__(self) -> Iterator[Block]:
        homes = _Queue(self.households)
        people = None if self.members is None else _Queue(self.members)
        if people is not None and self.parted:
            people.waiting.append(next(people.pieces))  # that reads all of both, and some tables can't be open twice
        while True:
            taken = _next(homes, self.scan.block)
            if not taken and self._count:
                break
            table = _together(taken, self.wanted[0])
            self._count += 1
            theirs: list[Piece] = []
            if self.keys[0] in table.column_names:
                keys = _key(table, self.keys[0])
                self._check_order(keys)
                theirs = [] if people is None else self._members_of(keys, people)
            members = None if people is None else _together(theirs, self.wanted[1])
            yield Block(table, members, _where(taken, theirs))
            if not taken:
                break
        if people is not None:
            self._end(people)

    def close(self) -> None:
        """Let go of files that were only written to bring members to their households."""
        if isinstance(self.members, Generator):
            self.members.close()

    # -- members

    def _members_of(self, keys: Any, people: _Queue) -> list[Piece]:
        if self.parted:
            theirs = people.waiting.popleft() if people.waiting else next(people.pieces)
            return [theirs] if theirs.table.num_rows else []
        owners = _Owners(keys)
        taken = []
        while (piece := people.head()) is not None:
            if self.keys[1] not in piece.table.column_names:
                taken.append(people.take(piece.table.num_rows))  # the first block says what is missing
                continue
            theirs = _key(piece.table, self.keys[1])
            ours, rows = owners.leading(theirs, piece.name)
            if ours:
                taken.append(people.take(rows))
            elif self.skip and self.ordered and owners.passed(theirs[rows - 1]):
                self._set_aside(people.take(rows))
            else:
                break
        return taken

    def _set_aside(self, piece: Piece) -> None:
        """Note members of nobody."""
        if not self.lost:
            self._lost_at = f"in {piece.name}, from row {piece.start:,} on"
        self.lost += piece.table.num_rows
        self._lost_first += tuple(_key(piece.table, self.keys[1])[: 5 - len(self._lost_first)].to_pylist())

    def _end(self, people: _Queue) -> None:
        """Refuse members that no household claimed, or say how many they are where that is what they are for sure."""
        while (piece := people.head()) is not None:
            self._set_aside(people.take(piece.table.num_rows))
        if not self.lost:
            return
        sure = self.parted or (self.skip and self.ordered)
        what = "a member of no listed household" + ("" if sure else ", or out of the households' order")
        text = what if self.parted else f"{what} ({self._lost_at})"
        raise LostMembers([Problem(self.keys[1], text, self.lost, self._lost_first, table="members")], sure)

    # -- households

    def _check_order(self, keys: Any) -> None:
        """Note whether keys go on increasing, which shows that none stands twice."""
        if not len(keys) or not self.ordered:
            return
        first, last = keys[0].as_py(), keys[-1].as_py()
        follows = self._last is None or (type(first) is type(self._last) and first > self._last)
        self.ordered = bool(follows and _increasing(keys, strictly=True))
        self._last = last

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


@define(eq=False)
class _Owners:
    """Tells which members belong to some households."""

    keys: Any
    increasing: bool = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.increasing = bool(len(self.keys)) and _increasing(self.keys, strictly=True)

    def leading(self, theirs: Any, name: str) -> tuple[bool, int]:
        """Return whether the first members are ours, and for how many rows that holds (or doesn't)."""
        pa, pc = arrow(), arrow(".compute")
        if theirs.type != self.keys.type:
            try:
                theirs = theirs.cast(self.keys.type)
            except pa.ArrowInvalid:
                raise BadTable(
                    f"the keys are {self.keys.type} in the households and {theirs.type} in the members ({name}): "
                    "make them one type"
                ) from None
        near = self._near(theirs)
        if near is not self.keys and _whole(theirs):
            return _leading_runs(_numpy(theirs), _numpy(near))
        ours = pc.is_in(theirs, value_set=near, skip_nulls=True)
        first = bool(ours[0].as_py())
        change = pc.index(ours, not first).as_py()
        return first, len(theirs) if change < 0 else int(change)

    def _near(self, theirs: Any) -> Any:
        """Return the keys that sorted members can have: a small set is searched faster."""
        if not self.increasing or not _increasing(theirs, strictly=False):
            return self.keys
        start = bisect_left(self.keys, theirs[0].as_py(), key=_plain)
        stop = bisect_right(self.keys, theirs[-1].as_py(), key=_plain)
        return self.keys[start:stop]

    def passed(self, key: Any) -> bool:
        """Return whether sorted households have passed by a key."""
        return self.increasing and key.is_valid and bool(key.as_py() < self.keys[-1].as_py())


def _leading_runs(theirs: Any, ours: Any) -> tuple[bool, int]:
    """Do the same for sorted numbers, looking at each household once instead of at each member."""
    starts = np.concatenate(([0], np.flatnonzero(theirs[1:] != theirs[:-1]) + 1))
    found = np.isin(theirs[starts], ours, assume_unique=True)
    changes = np.flatnonzero(found != found[0])
    return bool(found[0]), int(starts[changes[0]]) if len(changes) else len(theirs)


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
    try:
        compare = pc.less if strictly else pc.less_equal
        return bool(pc.all(compare(keys[:-1], keys[1:])).as_py() is not False)
    except arrow().ArrowNotImplementedError:
        return False


def _whole(keys: Any) -> bool:
    return bool(arrow().types.is_integer(keys.type)) and not keys.null_count


def _numpy(keys: Any) -> Any:
    return keys.to_numpy(zero_copy_only=False)


def _key(table: Any, name: str) -> Any:
    """Return a table's keys as one plain array."""
    pa = arrow()
    column = table.column(name)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def _next(queue: _Queue, rows: int) -> list[Piece]:
    """Take the next rows."""
    taken: list[Piece] = []
    while rows and (piece := queue.head()) is not None:
        taken.append(queue.take(min(rows, piece.table.num_rows)))
        rows -= taken[-1].table.num_rows
    return taken


def _together(pieces: list[Piece], wanted: Wanted) -> Any:
    """Return pieces as one table; without any, an empty one of the same columns."""
    pa = arrow()
    if not pieces:
        types = {"flag": pa.bool_(), "number": pa.int64()}
        return pa.table({name: pa.array([], types.get(role, pa.string())) for name, role in wanted.items()})
    try:
        return pa.concat_tables([piece.table for piece in pieces], promote_options="permissive")
    except pa.ArrowException as error:
        names = sorted({piece.name for piece in pieces})
        raise BadTable(f"columns are of different types in {' and '.join(names)}: {error}") from error


def _where(*sides: list[Piece]) -> str:
    """Say where rows stand, file by file."""
    found: dict[str, list[int]] = {}
    for piece in (piece for side in sides for piece in side):
        span = found.setdefault(piece.name, [piece.start, piece.start])
        span[1] = max(span[1], piece.start + piece.table.num_rows)
    return "; ".join(f"{name}, rows {start:,} to {stop - 1:,}" for name, (start, stop) in found.items())
