"""What a column is once it is read: numbers, flags or codes, and where they are missing."""

from __future__ import annotations

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

    def own(self) -> Flags:
        """Return the same in memory of its own."""
        return Flags(_own(self.values), _own(self.missing))

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
