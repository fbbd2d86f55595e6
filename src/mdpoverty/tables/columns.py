"""What a column is once it is read: numbers, flags or codes, and where they are missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
from attrs import frozen

Bools: TypeAlias = npt.NDArray[np.bool_]
Array: TypeAlias = npt.NDArray[Any]


Held = TypeVar("Held", Array, Array | None)

_ROWS = 1 << 15


def _own(array: Held) -> Held:
    return array if array is None or array.base is None else array.copy()


@frozen(eq=False)
class Numbers:
    """A column of numbers; ``missing`` is ``None`` where nothing is."""

    values: Array
    missing: Bools | None

    def take(self, rows: Any) -> Numbers:
        """Return some rows: a slice or positions."""
        return Numbers(self.values[rows], None if self.missing is None else self.missing[rows])

    def own(self) -> Numbers:
        """Return the same in memory of its own: tables of every kind may lie over arrays of their caller."""
        return Numbers(_own(self.values), _own(self.missing))


@frozen(eq=False)
class Flags:
    """A column of yes-or-no answers; ``missing`` is ``None`` where nothing is, and hides whatever stands there."""

    values: Bools
    missing: Bools | None

    def take(self, rows: Any) -> Flags:
        """Return some rows: a slice or positions."""
        return Flags(self.values[rows], None if self.missing is None else self.missing[rows])

    def own(self) -> Flags | PackedFlags:
        """Return the same in memory of its own: of many flags eight in a byte, since new memory is what costs."""
        if len(self.values) < _ROWS:
            return Flags(_own(self.values), _own(self.missing))
        valid = None if self.missing is None else ~np.packbits(self.missing, bitorder="little")
        return PackedFlags(np.packbits(self.values, bitorder="little"), valid, 0, len(self.values))

    def pair(self) -> tuple[Bools, Bools]:
        """Return where the answer is surely yes and where it is maybe yes; one array twice where nothing is missing."""
        if self.missing is None:
            return self.values, self.values
        return self.values & ~self.missing, self.values | self.missing


@frozen(eq=False)
class PackedFlags:
    """A column of flags as Arrow holds it, eight in a byte: unpacked only in the rows and when they are asked for.

    Attributes
    ----------
    bits, valid : array of uint8
        The answers, and where there is one; ``valid`` is ``None`` where there is one everywhere.
    skip : int
        How many bits stand before the first row.
    rows : int
    """

    bits: Array
    valid: Array | None
    skip: int
    rows: int

    def take(self, rows: Any) -> PackedFlags | Flags:
        """Return some rows: a slice stays packed, positions don't."""
        if not isinstance(rows, slice):
            return Flags(self.values, self.missing).take(rows)
        start, stop, _ = rows.indices(self.rows)
        first, skip = divmod(self.skip + start, 8)
        held = slice(first, -(-(self.skip + stop) // 8))
        return PackedFlags(self.bits[held], None if self.valid is None else self.valid[held], skip, stop - start)

    def own(self) -> PackedFlags:
        """Return the same in memory of its own."""
        return PackedFlags(_own(self.bits), _own(self.valid), self.skip, self.rows)

    def _unpack(self, packed: Array) -> Bools:
        flags: Bools = np.unpackbits(packed, count=self.skip + self.rows, bitorder="little")[self.skip :].view(bool)
        return flags

    @property
    def values(self) -> Bools:
        """The answers, whatever stands in the place of missing ones."""
        return self._unpack(self.bits)

    @property
    def missing(self) -> Bools | None:
        """Where they are missing."""
        return None if self.valid is None else self._unpack(~self.valid)

    def pair(self) -> tuple[Bools, Bools]:
        """Return where the answer is surely yes and where it is maybe yes, as :meth:`Flags.pair` does."""
        if self.valid is None:
            values = self.values
            return values, values
        return self._unpack(self.bits & self.valid), self._unpack(self.bits | ~self.valid)


@frozen(eq=False)
class Codes:
    """A column of codes: positions in ``names``, -1 where missing."""

    codes: Array
    names: tuple[str, ...]
    gaps: bool

    def take(self, rows: Any) -> Codes:
        """Return some rows: a slice or positions."""
        return Codes(self.codes[rows], self.names, self.gaps)

    def own(self) -> Codes:
        """Return the same in memory of its own."""
        return Codes(_own(self.codes), self.names, self.gaps)


Answers: TypeAlias = Numbers | Flags | PackedFlags | Codes


def small(codes: Array, count: int) -> Array:
    """Return codes in the smallest type that holds them: comparing bytes is eight times as fast."""
    return codes.astype(np.int8 if count < 127 else np.int16 if count < 32_767 else np.int32, copy=False)


def looked_up(table: Array, places: Array) -> Array:
    """Return what a table says at each place, -1 being its last; bytes as text is translated, which is fast."""
    if table.itemsize > 1 or places.itemsize > 1 or len(table) > 256:
        found = np.empty(len(places), table.dtype)
        for start in range(0, len(places), _ROWS):  # in the processor's cache
            rows = slice(start, start + _ROWS)
            found[rows] = table.take(places[rows], mode="wrap")
        return found
    every = np.zeros(256, table.dtype)
    every[: len(table) - 1], every[255] = table[:-1], table[-1]
    return np.frombuffer(bytearray(np.ascontiguousarray(places).data).translate(every.tobytes()), table.dtype)


@frozen(eq=False)
class Distinct:
    """A column as its different values, so that whatever is asked of them is asked once of each.

    Attributes
    ----------
    places : array of int, shape (rows,)
        Which of the values each row has, -1 where it has none.
    values : sequence
        The values; ``None`` is none of them. ``True`` and 1 are two.
    """

    places: Array
    values: Sequence[Any]

    def __len__(self) -> int:
        return len(self.places)

    @property
    def missing(self) -> Bools:
        """Where there is no value."""
        return np.asarray(self.places < 0)

    def take(self, rows: Any) -> Distinct:
        """Return some rows; a row of -1 has no value."""
        places = self.places if len(self.places) else np.full(1, -1, np.int8)
        return Distinct(np.where(np.asarray(rows) < 0, places.dtype.type(-1), places[rows]), self.values)

    def where(self, holds: Callable[[Any], Any]) -> Bools:
        """Return the rows whose value is one that something holds of."""
        return looked_up(np.array([*map(bool, map(holds, self.values)), False]), self.places).astype(bool, copy=False)

    def map(self, read: Callable[[Any], Any], missing: Any = None) -> Distinct:
        """Return what something makes of each value, ``None`` being no value; ``missing`` is for rows without one."""
        numbered: dict[Any, int] = {}
        values: list[Any] = []
        table = np.full(len(self.values) + 1, -1, np.int64)
        for place, value in enumerate([*map(read, self.values), missing]):
            if value is not None:
                table[place] = numbered.setdefault((type(value) is bool, value), len(values))
                if table[place] == len(values):
                    values.append(value)
        return Distinct(looked_up(small(table, len(values)), self.places), values)

    def occurring(self) -> Distinct:
        """Return it with those values only that some row has, in the order of their first rows."""
        first, places = _by_first_row(self.places, len(self.values))
        return Distinct(places, [self.values[at] for at in self.places[first].tolist()])

    def objects(self) -> Array:
        """Return the column as an array of objects, ``None`` where there is no value."""
        held = np.empty(len(self.values) + 1, dtype=object)
        for place, value in enumerate(self.values):  # one by one: numpy would take tuples apart
            held[place] = value
        found: Array = held[self.places]
        return found

    def listed(self) -> list[Any]:
        """Return the column as Python values, ``None`` where there is none."""
        listed: list[Any] = self.objects().tolist()
        return listed


def combined(columns: Sequence[Distinct], rows: int) -> Distinct:
    """Return several columns as one of tuples, in the order of their first rows; a part of them may be ``None``."""
    if not columns:
        return Distinct(np.zeros(rows, np.int8), [()] if rows else [])
    code: Array = np.zeros(rows, np.int64)
    total = 1
    for column in columns:
        if total > 2**62 // (len(column.values) + 1):
            total, code = rows, np.unique(code, return_inverse=True)[1].astype(np.int64)
        code = code * (len(column.values) + 1) + (column.places + np.int64(1))
        total *= len(column.values) + 1
    first, places = _by_first_row(code, total)
    parts = (column.take(first).listed() for column in columns)
    return Distinct(places, list(zip(*parts, strict=True)))


def _by_first_row(codes: Array, total: int) -> tuple[Array, Array]:
    """Number codes below ``total`` in the order of their first rows, and return these rows; -1 stays what it is."""
    rows = len(codes)
    if total > 4 * rows + _ROWS:
        found, codes = np.unique(codes, return_inverse=True)
        gaps = int(len(found) > 0 and found[0] < 0)
        codes, total = codes - gaps, len(found) - gaps
    first = np.full(total + 1, rows)
    first[codes[::-1]] = np.arange(rows)[::-1]
    there = np.flatnonzero(first[:-1] < rows)
    there = there[np.argsort(first[there])]
    numbers = np.full(total + 1, -1)
    numbers[there] = np.arange(len(there))
    return first[there], looked_up(small(numbers, len(there)), codes)


def distinct(answers: Answers) -> Distinct:
    """Return answers as the different ones that occur."""
    if isinstance(answers, Codes):
        return Distinct(answers.codes, list(answers.names)).occurring()
    held, missing = answers.values, answers.missing
    if not isinstance(answers, Numbers):
        places: Array = held.view(np.int8)
        values: Sequence[Any] = (False, True)
    elif held.dtype.kind == "u" and held.dtype.itemsize == 1:  # as they lie
        places, values = held.astype(np.int16), range(256)
    else:
        found, places = np.unique(held, return_inverse=True)
        values = found.tolist()
    return Distinct(places if missing is None else np.where(missing, places.dtype.type(-1), places), values).occurring()


def plain(answers: Answers) -> list[Any]:
    """Return a column as plain Python values, ``None`` where missing."""
    if isinstance(answers, Codes):
        listed: list[Any] = np.array([*answers.names, None], dtype=object)[answers.codes].tolist()
        return listed
    listed = answers.values.tolist()
    if answers.missing is not None:
        for row in np.flatnonzero(answers.missing).tolist():
            listed[row] = None
    return listed


def plain_at(answers: Answers, row: int) -> Any:
    """Return one answer as a plain Python value, ``None`` where it is missing."""
    return plain(answers.take(slice(row, row + 1)))[0]
