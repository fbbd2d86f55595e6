"""From two streams of rows to blocks of households with all of their members.

Members come in the order of their households. A block takes the households that are next and, from the members that are
next, those up to the first who belongs to none of them; who is left waits for a later block. So a household that the
edge of a file or a batch cuts in two is whole again, and no more is held than a block and a batch.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

import numpy as np
from attrs import define, field, frozen

from mdpoverty.engine.scale.extras import arrow
from mdpoverty.engine.scale.scans import Scan
from mdpoverty.engine.scale.sources import Piece, Wanted
from mdpoverty.errors import BadTable, BadValues, Problem

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
    lost : int
        How many members at the end belong to no household.
    """

    scan: Scan
    households: Iterator[Piece]
    members: Iterator[Piece] | None
    wanted: tuple[Wanted, Wanted]
    keys: tuple[str, str]
    sorted_by_us: bool = False
    lost: int = 0
    ordered: bool = True
    _last: Any = None
    _count: int = 0

    def __iter__(self) -> Iterator[Block]:
        homes = _Queue(self.households)
        people = None if self.members is None else _Queue(self.members)
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

    # -- members

    def _members_of(self, keys: Any, people: _Queue) -> list[Piece]:
        owners = _Owners(keys)
        taken = []
        while (piece := people.head()) is not None:
            if self.keys[1] not in piece.table.column_names:
                taken.append(people.take(piece.table.num_rows))  # the first block says what is missing
                continue
            rows = owners.leading(_key(piece.table, self.keys[1]), piece)
            if rows:
                taken.append(people.take(rows))
            if rows < piece.table.num_rows:
                break
        return taken

    def _end(self, people: _Queue) -> None:
        """Refuse members that no household claimed, or count them where that is what they are for sure."""
        piece = people.head()
        if piece is None:
            return
        first = tuple(_key(piece.table, self.keys[1])[:5].to_pylist())
        name, start = piece.name, piece.start
        while (piece := people.head()) is not None:
            self.lost += people.take(piece.table.num_rows).table.num_rows
        what = "a member of no listed household, or out of the households' order"
        if self.sorted_by_us:
            what = "a member of no listed household"
        problem = Problem(self.keys[1], f"{what} (in {name}, from row {start:,} on)", self.lost, first, table="members")
        raise LostMembers([problem], "" if self.sorted_by_us else UNORDERED)

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
    """Members that belong to no household of the scan."""


@define(eq=False)
class _Owners:
    """Tells which members belong to some households."""

    keys: Any
    increasing: bool = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.increasing = bool(len(self.keys)) and _increasing(self.keys, strictly=True)

    def leading(self, theirs: Any, piece: Piece) -> int:
        """Return how many of the first rows have one of our keys; in sorted tables, one up to our last."""
        pa, pc = arrow(), arrow(".compute")
        if theirs.type != self.keys.type:
            try:
                theirs = theirs.cast(self.keys.type)
            except pa.ArrowInvalid:
                raise BadTable(
                    f"the keys are {self.keys.type} in the households and {theirs.type} in the members ({piece.name}): "
                    "make them one type"
                ) from None
        if self.increasing and _increasing(theirs, strictly=False):
            return _up_to(theirs, self.keys[-1])
        ours = pc.is_in(theirs, value_set=self.keys, skip_nulls=True)
        first = pc.index(ours, False).as_py()
        return len(theirs) if first < 0 else int(first)


def _up_to(sorted_keys: Any, last: Any) -> int:
    """Return how many keys are at most the last."""
    if _whole(sorted_keys):
        return int(np.searchsorted(_numpy(sorted_keys), last.as_py(), side="right"))
    pc = arrow(".compute")
    return int(pc.sum(pc.less_equal(sorted_keys, last)).as_py() or 0)


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
