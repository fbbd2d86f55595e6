"""Keys of rows, of one column or of several: read once, matched exactly, compared as the bytes that they consist of.

Text is composed (NFC), whole numbers are whole whatever type held them, and a blank text is no key. Text and numbers
are never matched, and a number that a float can't hold exactly is nobody's. How keys are *spelt* is another question,
which :mod:`mdpoverty.tables.spellings` answers.

A whole number is one machine word, a text as many as it has eight bytes, and a key of several columns has the words of
them all. So there is one way to find keys in keys (a hash table that is filled and asked by whole arrays, every hit
compared in full), and no Python object is made of a row. What isn't numbers or text is numbered by pandas first.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import Any, Literal

import narwhals as nw
import numpy as np
import numpy.typing as npt
from attrs import evolve, frozen

from mdpoverty.errors import BadTable, BadValues, Problem
from mdpoverty.extras import arrow
from mdpoverty.messages import Lang
from mdpoverty.tables import cells
from mdpoverty.tables.columns import Array, Bools
from mdpoverty.tables.stored import Holds, Stored, has_arrow
from mdpoverty.ternary import is_missing
from mdpoverty.texts import composed, folded

Positions = npt.NDArray[np.int64]
Words = list[npt.NDArray[np.uint64]]

EXACT_FLOATS = 2**53
"""From here on a double stands for more than one whole number."""

_EXACT_FLOATS32 = 2**24
_BITS = 1000  # of a whole number; a larger one isn't written out
_NUMBER = 18  # digits that fit into a word
_LONG = 128  # bytes of a text from which on its words would take more room than it is worth
_ROWS = 1 << 15  # rows whose words are put together at a time, in the processor's cache
_ROUNDS = 8
_SPARSE = 8  # places for each number up to which numbers are looked up by what they are
_SAMPLE = 4_096
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_ALL, _ZEROS, _SIXES, _NIBBLES = (int(each * 8, 16) for each in ("ff", "30", "06", "0f"))
_STEPS = ((1 + (10 << 8), 0x00FF00FF00FF00FF), (1 + (100 << 16), 0x0000FFFF0000FFFF), (1 + (10_000 << 32), 0xFFFFFFFF))
_MASKS = np.array([(1 << 8 * held) - 1 for held in range(9)], np.uint64)


# ---------------------------------------------------------------------------------------------------- a column of them


@frozen(eq=False)
class Part:
    """One column of keys.

    Attributes
    ----------
    kind : {"whole", "float", "text", "object"}
        What ``values`` are: an array of 64-bit integers, of doubles, an Arrow array of text, an array of objects.
    values
        The keys.
    missing : array of bool, or None
        Where there is none.
    inexact : array of bool, or None
        Where a number is too large for the floats that it went through.
    width : int
        How many bytes each text has, if all have as many; else 0.
    """

    kind: Literal["whole", "float", "text", "object"]
    values: Any
    missing: Bools | None
    inexact: Bools | None
    width: int = 0

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: Positions) -> Part:
        """Return some rows."""
        values = self.values.take(arrow().array(rows)) if self.kind == "text" else self.values[rows]
        return evolve(self, values=values, missing=None if self.missing is None else self.missing[rows], inexact=None)

    def changes(self) -> Bools:
        """Return for each row but the first whether its key is another than the one before."""
        if self.kind == "text" and 0 < self.width <= 16 and self.missing is None:
            _, data = _bytes(self.values)
            begins = {0, max(self.width - 8, 0)}  # where the two words that hold a text begin
            words = [_read_at(data, len(self), self.width, begin) for begin in sorted(begins)]
            words = words if self.width >= 8 else [words[0] & _MASKS[self.width]]
            differ = [np.asarray(word[1:] != word[:-1], bool) for word in words]
            return differ[0] if len(differ) == 1 else differ[0] | differ[1]
        if self.kind == "text":
            other = arrow(".compute").not_equal(self.values[1:], self.values[:-1]).fill_null(True)
            changed: Bools = other.to_numpy(zero_copy_only=False)
            return changed
        changed = np.asarray(self.values[1:] != self.values[:-1], bool)
        return changed if self.missing is None else changed | self.missing[1:] | self.missing[:-1]

    def equals(self, other: Part) -> bool:
        """Return whether two columns without gaps are the same, row by row, as far as that shows at little cost."""
        if self.kind != other.kind or self.kind == "object" or len(self) != len(other):
            return False
        if self.kind == "text":
            if self.values.type == other.values.type:
                return bool(self.values.equals(other.values))
            (edges, data), (others, its) = _bytes(self.values), _bytes(other.values)
            return np.array_equal(edges, others) and np.array_equal(data, its)
        return self.values.dtype == other.values.dtype and bool((self.values == other.values).all())

    def increases(self) -> bool:
        """Return whether each key is greater than the one before, and none is missing."""
        if self.missing is not None or self.kind == "object":
            return False
        if self.kind == "text":
            return _true(arrow(".compute").less(self.values[:-1], self.values[1:]))
        return bool((self.values[1:] > self.values[:-1]).all())

    def folded(self) -> Part:
        """Return the keys as they are compared where their spelling doesn't count."""
        if self.kind == "text":
            return evolve(_text(_folded(self.values)), missing=self.missing)
        if self.kind == "object":
            made = [folded(value) if isinstance(value, str) else value for value in self.values.tolist()]
            return evolve(self, values=np.array([*made, None], dtype=object)[:-1])
        return self

    def listed(self) -> list[Any]:
        """Return the keys as Python values, ``None`` where there is none."""
        listed: list[Any] = self.values.to_pylist() if self.kind == "text" else self.values.tolist()
        if self.kind == "float":
            listed = [exact(value) for value in listed]
        if self.missing is None:
            return listed
        return [None if gone else value for value, gone in zip(listed, self.missing.tolist(), strict=True)]

    @property
    def types(self) -> dict[str, KeyType]:
        """The types that keys have here, each with its first key."""
        found: dict[str, KeyType] = {}
        rows = self if self.missing is None else self.take(np.flatnonzero(~self.missing))
        for value in (rows if self.kind == "object" else rows.take(np.arange(min(len(rows), 1)))).listed():
            found.setdefault(_type(value), KeyType(_type(value), value))
        return found


def _true(found: Any) -> bool:
    return bool(arrow(".compute").all(found).as_py() is not False)


def _type(value: Any) -> str:
    if isinstance(value, str):
        return "text"
    return "number" if isinstance(value, int | float | Decimal | Fraction | np.number) else type(value).__name__


@frozen
class KeyType:
    """A type that keys have somewhere.

    Attributes
    ----------
    name : str
        ``"text"``, ``"number"``, or the name of another.
    example : object
        A key of it.
    """

    name: str
    example: Any

    def in_(self, lang: Lang) -> str:
        """Say it in a language."""
        named = {"text": "chữ", "number": "số"}.get(self.name, self.name) if lang == "vi" else self.name
        return f"{named} ({self.example!r})"


def exact(value: Any) -> Any:
    """Return a single value as keys are matched: text composed, whole numbers as ``int`` whatever type held them.

    >>> exact(120000000001.0), exact("Ho\u0300a") == "Hòa", exact(("A", 1.0))
    (120000000001, True, ('A', 1))
    """
    if hasattr(value, "dtype") and hasattr(value, "item"):
        value = value.item()
    if isinstance(value, str):
        return composed(value)
    if isinstance(value, tuple):
        return tuple(map(exact, value))
    if isinstance(value, float | Decimal | Fraction) and isfinite(value) and value == int(value):
        return int(value)
    return value


def read_part(column: Stored, name: str, what: str) -> Part:
    """Read a column of keys.

    Raises
    ------
    BadTable
        If it holds flags or lists, which are no keys.
    """
    holds = column.holds
    if holds is Holds.OBJECTS:
        return _objects(column.native, name, what)
    if holds in (Holds.FLAGS, Holds.NESTED):
        its = column.series.dtype
        raise BadTable(f"{name!r} of the {what} can't be a key: it is {its}, and keys are numbers or text")
    if holds in (Holds.CATEGORIES, Holds.ORDERED):
        return read_part(_plain(column), name, what)
    if holds is Holds.WHOLE:
        values, missing = cells.raw(column)
        return Part("whole", _words_of(values), missing, None)
    if holds in (Holds.FLOATS, Holds.SINGLES):
        values, missing = cells.numeric(column)
        return _floats(values, missing, EXACT_FLOATS if holds is Holds.FLOATS else _EXACT_FLOATS32)
    if holds is Holds.TEXT and has_arrow():
        return _text(_arrow_text(column))
    return _objects(np.array([*column.to_list(), None], dtype=object)[:-1], name, what)


def keys_of(values: Sequence[Any], name: str = "the key", what: str = "question") -> Keys:
    """Read keys that are Python values; tuples are keys of several columns.

    Raises
    ------
    BadTable
        If they are flags or lists, or not all of as many columns.
    """
    tuples = [value for value in values if isinstance(value, tuple)]
    width = len(tuples[0]) if tuples else 1
    if len(tuples) not in (0, len(values)) or any(len(value) != width for value in tuples):
        raise BadTable(f"{name!r} of the {what}: some keys are of several columns, and not all of as many")
    columns = list(zip(*tuples, strict=True)) if tuples else [values]
    return Keys(tuple(_objects(np.array([*column, None], dtype=object)[:-1], name, what) for column in columns))


def _plain(column: Stored) -> Stored:
    """Return a column of categories as the column of their values."""
    native = column.native
    if column.library == "pandas":
        return Stored.of(native.astype(native.categories.dtype))
    if column.library == "pyarrow":
        return Stored.of(native.cast(native.type.value_type))
    return Stored.of(column.series.cast(nw.String).to_native())


def _words_of(values: Array) -> Array:
    """Return whole numbers in 64 bits, unsigned only where one doesn't fit otherwise."""
    if values.dtype.kind == "u" and values.dtype.itemsize == 8 and len(values) and int(values.max()) >= 2**63:
        return values
    return values.astype(np.int64, copy=False)


def _floats(values: Array, missing: Bools | None, limit: int) -> Part:
    """Read floats: whole ones are whole numbers, as far as floats are exact."""
    known = values if missing is None else np.where(missing, 0, values)
    large = ~(np.abs(known) < limit)  # infinity too
    inexact = large if large.any() else None
    known = known if inexact is None else np.where(large, 0, known)
    if bool((known == np.floor(known)).all()):
        return Part("whole", known.astype(np.int64), missing, inexact)
    return Part("float", known.astype(np.float64) + 0.0, missing, inexact)  # 0.0 makes of -0.0 the one zero


def _objects(values: Array, name: str, what: str) -> Part:
    """Read Python objects: numbers and text as such where all are, others as they are."""
    import pandas as pd

    kind = pd.api.types.infer_dtype(values, skipna=True)
    if kind == "string" and has_arrow():
        return _text(arrow().array(values, from_pandas=True))
    missing = np.array([is_missing(value) or _blank(value) for value in values.tolist()], bool)
    gaps = missing if missing.any() else None
    if kind == "integer":
        try:
            return Part("whole", np.where(missing, 0, values).astype(np.int64), gaps, None)
        except OverflowError:
            pass
    if kind == "floating":
        return _floats(np.where(missing, np.nan, values).astype(np.float64), gaps, EXACT_FLOATS)
    plain = [None if gone else value for gone, value in zip(missing.tolist(), values.tolist(), strict=True)]
    if any(isinstance(value, int) and value.bit_length() > _BITS for value in plain):
        raise BadTable(f"{name!r} of the {what} can't be a key: it holds a number of hundreds of digits")
    wrong = next((value for value in plain if isinstance(value, bool | np.bool_) or not _hashable(value)), None)
    if wrong is not None:
        raise BadTable(
            f"{name!r} of the {what} can't be a key: it holds {type(wrong).__name__} values, and keys are numbers or "
            "text"
        )
    large = np.array([isinstance(v, float) and not (isfinite(v) and abs(v) < EXACT_FLOATS) for v in plain], bool)
    held = np.array([*map(exact, plain), None], dtype=object)[:-1]
    return Part("object", held, gaps, large if large.any() else None)


def _blank(value: Any) -> bool:
    return isinstance(value, str) and not value.strip()


def _hashable(value: Any) -> bool:
    return getattr(value, "__hash__", None) is not None


# ------------------------------------------------------------------------------------------------------------ text


def _arrow_text(column: Stored) -> Any:
    """Return a column of text as Arrow's, as it lies where that is what it is."""
    if column.library == "polars":
        from polars import CompatLevel

        return column.native.to_arrow(compat_level=CompatLevel.oldest())
    return column.native if column.library == "pyarrow" else arrow().array(column.native, from_pandas=True)


def arrow_part(values: Any) -> Part:
    """Read an Arrow array of keys, in one piece or in several."""
    pa = arrow()
    whole = values if isinstance(values, pa.ChunkedArray) else pa.chunked_array([values])
    return read_part(Stored.of(whole), "the key", "table")


def _text(values: Any) -> Part:
    """Read Arrow text, in the composed form: keyboards write one Vietnamese letter in two ways."""
    pc = arrow(".compute")
    values = _one_array(values)
    _, data = _bytes(values)
    least, most = (int(data.min()), int(data.max())) if len(data) else (0, 0)
    if most > 127:
        values = _in_composed_form(values)
    edges, _ = _bytes(values)
    lengths = edges[1:] - edges[:-1]
    shortest, longest = (int(lengths.min()), int(lengths.max())) if len(lengths) else (0, 0)
    missing = None
    if values.null_count:
        missing = values.is_null().to_numpy(zero_copy_only=False)
    if not shortest or _may_be_blank(least, most):
        blank = pc.equal(pc.utf8_trim_whitespace(values), "").fill_null(False).to_numpy(zero_copy_only=False)
        missing = _any_of([missing, blank if blank.any() else None])
    return Part("text", values, missing, None, longest if shortest == longest else 0)


def _one_array(values: Any) -> Any:
    """Return Arrow text in one piece."""
    pa = arrow()
    if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)) or values.nbytes >= 2**31:
        values = values.cast(pa.large_string())
    if isinstance(values, pa.ChunkedArray):
        values = values.chunk(0) if values.num_chunks == 1 else values.combine_chunks()
        if isinstance(values, pa.ChunkedArray):  # in some releases even now
            values = values.chunk(0) if values.num_chunks else pa.array([], pa.string())
    return values


def _may_be_blank(lowest: int, highest: int) -> bool:
    """Return whether a blank is among bytes: an ASCII one, or part of another letter."""
    return lowest <= ord(" ") or highest > 127


def _in_composed_form(values: Any) -> Any:
    """Return texts in the composed form, also where Arrow takes letters apart instead, as older releases do."""
    pa, pc = arrow(), arrow(".compute")
    if pc.utf8_normalize(pa.array(["a\u0301"]), form="NFC")[0].as_py() == "\u00e1":
        return pc.utf8_normalize(values, form="NFC")
    return pa.array([None if text is None else composed(text) for text in values.to_pylist()], values.type)


def _folded(values: Any) -> Any:
    """Fold texts as :func:`mdpoverty.texts.folded` does; plain ones at once, since only their case and blanks count."""
    pa, pc = arrow(), arrow(".compute")
    _, data = _bytes(values)
    if len(data) and data.max() > 127:
        places = values.dictionary_encode()
        return pa.array(list(map(folded, places.dictionary.to_pylist())), pa.large_string()).take(places.indices)
    lower = pc.ascii_lower(values)
    if len(data) and data.min() <= ord(" "):
        lower = pc.ascii_trim(pc.replace_substring_regex(lower, "[\\t-\\r\\x1c-\\x20]+", " "), " ")
    return lower


def recomposed(column: Stored) -> Positions:
    """Return the rows of a column of keys that hold text in another form than the composed one."""
    if column.holds is Holds.TEXT and has_arrow():
        given = _one_array(_arrow_text(column))
        if not arrow(".compute").all(arrow(".compute").string_is_ascii(given)).as_py():
            other = arrow(".compute").not_equal(given, _in_composed_form(given)).fill_null(False)
            return np.flatnonzero(other.to_numpy(zero_copy_only=False))
    elif column.holds in (Holds.OBJECTS, Holds.TEXT, Holds.CATEGORIES, Holds.ORDERED):
        texts = [text if isinstance(text, str) else "" for text in column.to_list()]
        return np.flatnonzero(np.array([composed(text) != text for text in texts], bool))
    return np.zeros(0, np.int64)


def _bytes(values: Any) -> tuple[Array, npt.NDArray[np.uint8]]:
    """Return where each text begins and the last one ends, and the bytes of all."""
    kind = np.int64 if arrow().types.is_large_string(values.type) else np.int32
    _, offsets, data = values.buffers()
    if not len(values) or offsets is None:
        return np.zeros(1, np.int64), np.zeros(0, np.uint8)
    edges = np.frombuffer(offsets, kind, len(values) + 1, values.offset * np.dtype(kind).itemsize)
    first, last = int(edges[0]), int(edges[-1])
    held = np.frombuffer(data, np.uint8, last - first, first) if last > first else np.zeros(0, np.uint8)
    return np.subtract(edges, first, dtype=kind) if first else edges, held


def _text_words(one: Part, other: Part) -> tuple[Words, Words]:
    """Return the words of two columns of text, as many for each, so that equal texts and no others have equal ones."""
    held = [_bytes(side.values) for side in (one, other)]
    if one.width and one.width == other.width:
        numbers = _digits([(data, len(edges) - 1) for edges, data in held], one.width)
        if numbers is not None:
            return numbers
    lengths = [np.diff(edges).astype(np.int64, copy=False) for edges, _ in held]
    longest = max(int(each.max(initial=0)) for each in lengths)
    if longest > _LONG:
        return _places(one.values, other.values)
    count = max(1, -(-longest // 8))
    first, second = (
        _fixed(data, len(each), count) if side.width else _varied(edges.astype(np.int64, copy=False), data, each, count)
        for side, (edges, data), each in zip((one, other), held, lengths, strict=True)
    )
    if any(len(data) and not data.min() for _, data in held):  # what fills up a text isn't part of it
        first, second = ([*words, each.view(np.uint64)] for words, each in zip((first, second), lengths, strict=True))
    return first, second


def _digits(sides: Sequence[tuple[npt.NDArray[np.uint8], int]], width: int) -> tuple[Words, Words] | None:
    """Return texts of one length that differ in digits only as the numbers that these are; ``None`` if ours don't.

    Eight digits are read at a time, in pairs, fours and all. A text that isn't one of ours but for its digits gets a
    number that none of ours has.
    """
    if not 0 < width <= _NUMBER:
        return None
    # (where a word begins, its bytes that count, how many these are): the last eight, those before them, and the rest
    ends = range(width, 0, -8)
    windows = [(max(end - 8, 0), _ALL >> 8 * (8 - min(end, 8)), min(end, 8)) for end in reversed(ends)]
    loads = [[_read_at(data, rows, width, begin) for begin, _, _ in windows] for data, rows in sides]
    codes = []  # of each word: what its bytes are but for the digits, and which of them are digits
    for word, (_, mask, _) in zip(loads[0], windows, strict=True):
        varied = int(np.bitwise_or.reduce(word ^ word[0])) & mask
        digits = sum((0xFF << at for at in range(0, 64, 8) if varied >> at & 0xFF), 0)
        codes.append((int(word[0]) & mask & ~digits | _ZEROS & digits, digits))
    found: list[npt.NDArray[np.uint64]] = []
    for words, (_, rows) in zip(loads, sides, strict=True):
        numbers = np.zeros(rows, np.uint64)
        for start in range(0, rows, _ROWS):
            part, odd = slice(start, start + _ROWS), np.zeros(1, np.uint64)
            for word, (_, mask, held), (plain, digits) in zip(words, windows, codes, strict=True):
                value = word[part] ^ np.uint64(plain)
                if held < 8:
                    value &= np.uint64(mask)
                if not digits:
                    odd = odd | value
                    continue
                high = value + np.uint64(_SIXES & digits)
                high |= value
                high &= np.uint64(~(_NIBBLES & digits) & _ALL)
                odd = odd | high
                value <<= np.uint64(8 * (8 - held))
                numbers[part] *= np.uint64(10**held)
                numbers[part] += _number(value)
            wrong = odd != 0
            if wrong.any():
                if not found:
                    return None
                np.copyto(numbers[part], np.uint64(_ALL), where=wrong)
        found.append(numbers)
    return [found[0]], [found[1]]


def _read_at(data: npt.NDArray[np.uint8], rows: int, width: int, begin: int) -> npt.NDArray[np.uint64]:
    """Return the eight bytes of each text from a place on, as they lie; what follows a shorter text is read with it."""
    data = data if width >= 8 else np.concatenate([data, np.zeros(8, np.uint8)])
    return np.ndarray(rows, np.uint64, data.data, begin, (width,))


def _number(digits: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return the number that eight digits are, one in each byte, the first in the lowest; in place."""
    for places, (factor, kept) in enumerate(_STEPS):
        digits *= np.uint64(factor)
        digits >>= np.uint64(8 << places)
        digits &= np.uint64(kept)
    return digits


def _fixed(data: npt.NDArray[np.uint8], rows: int, count: int) -> Words:
    """Return the words of texts that all have one length."""
    width = len(data) // rows
    words = []
    for start in range(0, 8 * count, 8):
        held = min(8, width - start)
        if held <= 0:
            words.append(np.zeros(rows, np.uint64))
        elif held == 8:
            words.append(_read_at(data, rows, width, start).copy())
        elif width < 8:
            words.append(_read_at(data, rows, width, 0) & _MASKS[held])
        else:  # the last word is the end of the text, without what was read
            words.append(_read_at(data, rows, width, width - 8) >> np.uint64(8 * (8 - held)))
    return words


def _varied(edges: Positions, data: npt.NDArray[np.uint8], lengths: Positions, count: int) -> Words:
    """Return the words of texts of several lengths: each from the two aligned words that it lies in."""
    aligned = np.concatenate([data, np.zeros(16 - len(data) % 8, np.uint8)]).view(np.uint64)
    words = [np.empty(len(lengths), np.uint64) for _ in range(count)]
    one, most = np.uint64(1), np.uint64(63)
    for start in range(0, len(lengths), _ROWS):
        rows = slice(start, start + _ROWS)
        for i, word in enumerate(words):
            at = edges[:-1][rows] + 8 * i
            place, shift = at >> 3, ((at & 7) << 3).view(np.uint64)
            low = aligned.take(place, mode="clip") >> shift
            high = (aligned.take(place + 1, mode="clip") << one) << (most - shift)
            word[rows] = (low | high) & _MASKS.take(np.clip(lengths[rows] - 8 * i, 0, 8))
    return words


def _places(one: Any, other: Any) -> tuple[Words, Words]:
    """Return long texts as places among the first side's, those that aren't there as one that no text has."""
    pa, pc = arrow(), arrow(".compute")
    one, other = (side.cast(pa.large_string()) for side in (one, other))
    known = one.drop_null().unique()
    first, second = (
        [pc.index_in(side, value_set=known).fill_null(-1).cast("int64").to_numpy().view(np.uint64)]
        for side in (one, other)
    )
    return first, second


# --------------------------------------------------------------------------------------------------- keys, of columns


@frozen(eq=False)
class Keys:
    """The keys of a table's rows.

    Attributes
    ----------
    parts : tuple of Part
        The columns that a key consists of.
    """

    parts: tuple[Part, ...]

    def __len__(self) -> int:
        return len(self.parts[0])

    @property
    def missing(self) -> Bools | None:
        """Where a part of the key is missing; ``None`` where none is."""
        return _any_of([part.missing for part in self.parts])

    @property
    def inexact(self) -> Bools | None:
        """Where a part of the key went through a float that is too large to be exact; ``None`` where none did."""
        return _any_of([part.inexact for part in self.parts])

    @property
    def plain(self) -> bool:
        """Whether keys are numbers or text, without gaps and exact."""
        return self.missing is None and self.inexact is None and all(part.kind != "object" for part in self.parts)

    def take(self, rows: Positions) -> Keys:
        """Return some rows."""
        return Keys(tuple(part.take(rows) for part in self.parts))

    def folded(self) -> Keys:
        """Return the keys as they are compared where blanks, case and the tone mark's place don't count."""
        return Keys(tuple(part.folded() for part in self.parts))

    def equals(self, other: Keys) -> bool:
        """Return whether two tables have the same keys, row by row, as far as that shows at little cost."""
        return all(one.equals(its) for one, its in zip(self.parts, other.parts, strict=True))

    def runs(self) -> Positions:
        """Return where a key differs from the one before, the first row included."""
        found = np.flatnonzero(self._changes())
        starts = np.empty(len(found) + 1, np.int64)
        starts[0] = 0
        np.add(found, 1, out=starts[1:])
        return starts

    def _changes(self) -> Bools:
        changes = self.parts[0].changes()
        for part in self.parts[1:]:
            changes = changes | part.changes()
        return changes

    def in_runs(self) -> bool:
        """Return whether rows of a key seem to come one after another, from the first thousands."""
        if len(self) <= _SAMPLE:
            return True
        first = self.take(np.arange(_SAMPLE))._changes()
        return bool(np.count_nonzero(first) < 0.9 * len(first))

    def repeated(self) -> Positions:
        """Return the rows whose key is that of an earlier row; missing keys are nobody's."""
        if len(self.parts) == 1 and self.parts[0].increases():
            return np.zeros(0, np.int64)
        found = self.find(self)
        return np.flatnonzero((found != np.arange(len(self))) & (found >= 0))

    def find(self, others: Keys) -> Positions:
        """Return for each of the others which row has its key, the first if several have; -1 for none or a missing."""
        if not len(self) or not len(others):
            return np.full(len(others), -1, np.int64)
        ours: Words = []
        theirs: Words = []
        for one, other in zip(self.parts, others.parts, strict=True):
            pair = _words(one, other)
            ours += pair[0]
            theirs += pair[1]
        return look_up(ours, theirs, self.missing, others.missing)

    def listed(self) -> list[Any]:
        """Return the keys as Python values, ``None`` where there is none; of several columns they are tuples."""
        columns = [part.listed() for part in self.parts]
        return columns[0] if len(columns) == 1 else [None if None in key else key for key in zip(*columns, strict=True)]

    def type_clash(self, others: Keys, lost: Bools | None = None) -> tuple[KeyType, KeyType] | None:
        """Return the types of keys here and there where those that belong to nobody are of another type.

        That is where the two tables have no type in common, or where a key that was lost is written just as one here
        of another type is: ``"7"`` and ``7``, ``"007"`` and ``7``.
        """
        if not len(self) or not len(others):
            return None
        if len(self.parts) != len(others.parts):
            raise BadTable(f"keys are of {len(self.parts)} columns here and of {len(others.parts)} there")
        for one, other in zip(self.parts, others.parts, strict=True):
            ours, theirs = one.types, other.types
            if not ours or not theirs or (ours.keys() == theirs.keys() and len(ours) == 1):
                continue
            if not ours.keys() & theirs.keys():
                return next(iter(ours.values())), next(iter(theirs.values()))
            none = self.find(others) < 0 if lost is None else lost
            pair = _twins(one, other.take(np.flatnonzero(none)))
            if pair is not None:
                return pair
        return None

    def refuse(self, others: Keys, name: str, where: tuple[str, str]) -> None:
        """Refuse keys that can't match because one table has them as text and the other as numbers.

        Tables may have both kinds (12 beside "12A"), as long as none of them means the other's key.

        Raises
        ------
        BadValues
            The message names both types, and what the two tables are called.
        """
        clash = self.type_clash(others)
        if clash is not None:
            details = {"ours": clash[0], "theirs": clash[1], "here": where[0], "there": where[1]}
            raise BadValues([Problem.of("key_types", name, details, field=name)])

    def refuse_inexact(self, name: str, where: str) -> None:
        """Refuse numbers that went through a float that can't hold them.

        Raises
        ------
        BadValues
            The message says where.
        """
        inexact = self.inexact
        if inexact is not None:
            raise BadValues([Problem.of("key_inexact", name, rows=int(inexact.sum()), table=where, field=name)])


def _twins(ours: Part, lost: Part) -> tuple[KeyType, KeyType] | None:
    """Return the types of a lost key and of one of ours that is written as it is."""
    written: dict[str, dict[str, KeyType]] = {}
    for value in dict.fromkeys(ours.listed()):
        written.setdefault(_written(value), {}).setdefault(_type(value), KeyType(_type(value), value))
    for value in dict.fromkeys(lost.listed()):
        for name, ours_ in written.get(_written(value), {}).items() if value is not None else ():
            if name != _type(value):
                return ours_, KeyType(_type(value), value)
    return None


def _written(key: Any) -> str:
    return str(key).strip().lstrip("0")


def _any_of(masks: Sequence[Bools | None]) -> Bools | None:
    found: Bools | None = None
    for mask in masks:
        if mask is not None:
            found = mask if found is None else found | mask
    return found


def _words(one: Part, other: Part) -> tuple[Words, Words]:
    """Return the words of two columns of keys, such that equal keys and no others have equal words."""
    kinds = {one.kind, other.kind}
    if kinds == {"text"}:
        return _text_words(one, other)
    if kinds == {"whole"} and not _sign_matters(one.values, other.values):
        return [one.values.view(np.uint64)], [other.values.view(np.uint64)]
    if kinds <= {"whole", "float"} and "float" in kinds:
        # floats are exact below 2**53, where whole numbers are doubles too; beyond, none of them equals a whole number
        return [one.values.astype(np.float64).view(np.uint64)], [other.values.astype(np.float64).view(np.uint64)]
    return _numbered(one, other)


def _sign_matters(one: Array, other: Array) -> bool:
    if one.dtype == other.dtype:
        return False
    signed = one if one.dtype.kind == "i" else other
    return bool((signed < 0).any())


def _numbered(one: Part, other: Part) -> tuple[Words, Words]:
    """Number what is neither all numbers nor all text."""
    import pandas as pd

    listed = [each.values.to_pylist() if each.kind == "text" else each.values.tolist() for each in (one, other)]
    codes, _ = pd.factorize(np.array([*listed[0], *listed[1], None], dtype=object), use_na_sentinel=True)
    words = np.asarray(codes).astype(np.int64).view(np.uint64)
    return [words[: len(one)]], [words[len(one) : -1]]


# -------------------------------------------------------------------------------------------------------- hash table


def look_up(ours: Words, theirs: Words, our_gaps: Bools | None = None, their_gaps: Bools | None = None) -> Positions:
    """Return for each of their keys the first of ours that is equal, -1 where there is none.

    Ours are put into a table by some bits of a hash, whoever is first at a place. Theirs look at one place each, and
    compare in full. Who found a place taken goes on to the next round, by other bits, as does who hasn't been found.
    """
    if len(ours) == 1 and our_gaps is None:
        dense = _dense(ours[0], theirs[0], their_gaps)
        if dense is not None:
            return dense
    rows, seekers = np.arange(len(ours[0])), np.arange(0)
    rows = rows if our_gaps is None else rows[~our_gaps]
    found = np.full(len(theirs[0]), -1, np.int64)
    hashes, their_hashes = _hash(ours), _hash(theirs)
    hashes = hashes if our_gaps is None else hashes[rows]
    first = True
    for _ in range(_ROUNDS):
        bits = max(4, (4 * len(rows)).bit_length())
        table: npt.NDArray[Any] = np.full(1 << bits, -1, np.int32 if len(ours[0]) < 2**31 else np.int64)
        away = np.uint64(64 - bits)
        places = (hashes >> away).view(np.int64)
        table[places[::-1]] = rows[::-1]
        at: npt.NDArray[Any] = table.take((their_hashes >> away).view(np.int64))
        asked = theirs if first else [word[seekers] for word in theirs]
        same = at >= 0
        for word, its in zip(ours, asked, strict=True):
            same &= word.take(at, mode="wrap") == its
        if first:
            np.copyto(found, at, where=same)
            seekers = np.flatnonzero(~same)
        else:
            found[seekers[same]] = at[same]
            seekers = seekers[~same]
        holders = table.take(places)
        rest = holders != rows
        if rest.any():  # but who is the holder's equal has been found already
            again = np.flatnonzero(rest)
            twin = np.ones(len(again), bool)
            for word in ours:
                twin &= word[holders[again]] == word[rows[again]]
            rest[again[twin]] = False
        if not rest.any() or not len(seekers):
            break
        rows, hashes = rows[rest], _again(hashes[rest])
        their_hashes = _again(their_hashes[~same])
        first = False
    else:
        _one_by_one(ours, theirs, rows, seekers, found)
    if their_gaps is not None:
        found[their_gaps] = -1
    return found


def _dense(ours: npt.NDArray[np.uint64], theirs: npt.NDArray[np.uint64], gaps: Bools | None) -> Positions | None:
    """Look numbers up by what they are, where they lie close together; ``None`` where they don't."""
    least = ours.min()
    width = int(ours.max() - least) + 1
    if width > _SPARSE * len(ours) + 1024:
        return None
    table = np.full(width + 1, -1, np.int64)
    table[(ours[::-1] - least).view(np.int64)] = np.arange(len(ours) - 1, -1, -1)
    found: Positions = table.take(np.minimum(theirs - least, np.uint64(width)).view(np.int64))
    if gaps is not None:
        found[gaps] = -1
    return found


def _hash(words: Words) -> npt.NDArray[np.uint64]:
    mixed = words[0] * _SPREAD
    for word in words[1:]:
        mixed ^= mixed >> np.uint64(32)
        mixed += word
        mixed *= _SPREAD
    mixed ^= mixed >> np.uint64(29)
    mixed *= _SPREAD
    return mixed


def _again(hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    return (hashes ^ (hashes >> np.uint64(31))) * _SPREAD


def _one_by_one(ours: Words, theirs: Words, rows: Positions, seekers: Positions, found: Positions) -> None:
    """Find what no round has: only keys made up so as to share their hashes come to that."""
    known: dict[tuple[int, ...], int] = {}
    for row, key in zip(rows.tolist(), zip(*(word[rows].tolist() for word in ours), strict=True), strict=True):
        known.setdefault(key, row)
    for row, key in zip(seekers.tolist(), zip(*(word[seekers].tolist() for word in theirs), strict=True), strict=True):
        found[row] = known.get(key, -1)
