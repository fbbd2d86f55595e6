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
from attrs import evolve, frozen

from mdpoverty.errors import BadTable, BadValues, Problem
from mdpoverty.extras import arrow
from mdpoverty.messages import Lang
from mdpoverty.tables import cells
from mdpoverty.tables.arrow_text import (
    MASKS,
    edges_and_bytes,
    folded_texts,
    in_composed_form,
    one_array,
    text_words,
    words_at,
)
from mdpoverty.tables.columns import Array, Bools
from mdpoverty.tables.lookup import Positions, Words, look_up
from mdpoverty.tables.stored import Holds, Stored, has_arrow
from mdpoverty.ternary import is_missing
from mdpoverty.texts import composed, folded

EXACT_FLOATS = 2**53
"""From here on a double stands for more than one whole number."""

_EXACT_FLOATS32 = 2**24
_BITS = 1000  # of a whole number; a larger one isn't written out
_SAMPLE = 4_096
_AT_ONCE = 1 << 16  # rows compared with the one before, in the processor's cache


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

    def part(self, rows: slice) -> Part:
        """Return rows that follow one another, over the same memory."""
        return evolve(
            self,
            values=self.values[rows],
            missing=None if self.missing is None else self.missing[rows],
            inexact=None if self.inexact is None else self.inexact[rows],
        )

    def changes(self) -> Bools:
        """Return for each row but the first whether its key is another than the one before."""
        if self.kind == "text" and 0 < self.width <= 16 and self.missing is None:
            _, data = edges_and_bytes(self.values)
            begins = {0, max(self.width - 8, 0)}  # where the two words that hold a text begin
            words = [words_at(data, len(self), self.width, begin) for begin in sorted(begins)]
            words = words if self.width >= 8 else [words[0] & MASKS[self.width]]
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
            (edges, data), (others, its) = edges_and_bytes(self.values), edges_and_bytes(other.values)
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
            return evolve(_text(folded_texts(self.values)), missing=self.missing)
        if self.kind == "object":
            made = [composed(folded(value)) if isinstance(value, str) else value for value in self.values.tolist()]
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
    if tuples and (len(tuples) < len(values) or len({len(value) for value in tuples}) > 1):
        raise BadTable(f"{name!r} of the {what}: some keys are of several columns, and not all of as many")
    columns = list(zip(*tuples, strict=True)) if tuples else [values]
    return Keys(tuple(_objects(np.array([*column, None], dtype=object)[:-1], name, what) for column in columns))


def _plain(column: Stored) -> Stored:
    """Return a column of categories as the column of their values."""
    native = column.native
    if column.library == "pandas":
        try:
            return Stored.of(native.astype(native.categories.dtype))
        except ValueError:  # whole numbers have no room for a gap
            return Stored.of(native.astype(object))
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

    kind = pd.api.types.infer_dtype(values)
    if kind == "string" and has_arrow():
        return _text(arrow().array(values, from_pandas=True))
    missing = np.array([is_missing(value) or _blank(value) for value in values.tolist()], bool)
    gaps = missing if missing.any() else None
    if gaps is not None:  # of which some releases make a kind of their own
        kind = pd.api.types.infer_dtype(values[~missing])
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
    return column.native if column.library == "pyarrow" else arrow().array(column.native)


def arrow_part(values: Any) -> Part:
    """Read an Arrow array of keys, in one piece or in several."""
    pa = arrow()
    whole = values if isinstance(values, pa.ChunkedArray) else pa.chunked_array([values])
    return read_part(Stored.of(whole), "the key", "table")


def matched_part(values: Any) -> Part:
    """Read an Arrow array of keys as they are matched, read before: composed, with gaps where there are none."""
    pa = arrow()
    if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
        return arrow_part(values)
    values = one_array(values)
    lengths = np.diff(edges_and_bytes(values)[0])
    same = len(lengths) and lengths.min() == lengths.max()
    missing = values.is_null().to_numpy(zero_copy_only=False) if values.null_count else None
    return Part("text", values, missing, None, int(lengths[0]) if same else 0)


def _text(values: Any) -> Part:
    """Read Arrow text, in the composed form: keyboards write one Vietnamese letter in two ways."""
    pc = arrow(".compute")
    values = one_array(values)
    _, data = edges_and_bytes(values)
    least, most = (int(data.min()), int(data.max())) if len(data) else (0, 0)
    if most > 127:
        values = in_composed_form(values)
    edges, _ = edges_and_bytes(values)
    lengths = edges[1:] - edges[:-1]
    shortest, longest = (int(lengths.min()), int(lengths.max())) if len(lengths) else (0, 0)
    missing = None
    if values.null_count:
        missing = values.is_null().to_numpy(zero_copy_only=False)
    if not shortest or _may_be_blank(least, most):
        blank = pc.equal(pc.utf8_trim_whitespace(values), "").fill_null(False).to_numpy(zero_copy_only=False)
        missing = _any_of([missing, blank if blank.any() else None])
    return Part("text", values, missing, None, longest if shortest == longest else 0)


def _may_be_blank(lowest: int, highest: int) -> bool:
    """Return whether a blank is among bytes: an ASCII one, or part of another letter."""
    return lowest <= ord(" ") or highest > 127


def recomposed(column: Stored) -> Positions:
    """Return the rows of a column of keys that hold text in another form than the composed one."""
    if column.holds in (Holds.CATEGORIES, Holds.ORDERED):
        column = _plain(column)
    if column.holds not in (Holds.OBJECTS, Holds.TEXT):
        return np.zeros(0, np.int64)
    given = _all_text(column) if has_arrow() else None
    if given is None:
        texts = [text if isinstance(text, str) else "" for text in column.to_list()]
        return np.flatnonzero(np.array([composed(text) != text for text in texts], bool))
    given = one_array(given)
    if arrow(".compute").all(arrow(".compute").string_is_ascii(given)).as_py():
        return np.zeros(0, np.int64)
    other = arrow(".compute").not_equal(given, in_composed_form(given)).fill_null(False)
    return np.flatnonzero(other.to_numpy(zero_copy_only=False))


def _all_text(column: Stored) -> Any:
    """Return a column as Arrow text, ``None`` if it holds objects and not all of them are text."""
    if column.holds is Holds.TEXT:
        return _arrow_text(column)
    try:
        return arrow().array(column.native, arrow().string(), from_pandas=True)
    except (arrow().ArrowInvalid, arrow().ArrowTypeError):
        return None


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
        starts = [np.zeros(1, np.int64)]
        for begin in range(0, len(self) - 1, _AT_ONCE):
            found = np.flatnonzero(self._part(slice(begin, begin + _AT_ONCE + 1))._changes())
            starts.append(found + (begin + 1))
        return np.concatenate(starts)

    def _part(self, rows: slice) -> Keys:
        """Return rows that follow one another, over the same memory."""
        return Keys(tuple(part.part(rows) for part in self.parts))

    def _changes(self) -> Bools:
        changes = self.parts[0].changes()
        for part in self.parts[1:]:
            changes = changes | part.changes()
        return changes

    def in_runs(self) -> bool:
        """Return whether rows of a key seem to come one after another, from the first thousands."""
        if len(self) <= _SAMPLE:
            return True
        first = self._part(slice(_SAMPLE))._changes()
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
        return text_words(one.values, other.values, (one.width, other.width))
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
