"""A column of any dataframe, read as what its field says; what can't be an answer is set apart, and counts as missing.

What has a type is read as it lies. Everything else (text, objects, the caller's own codes) is read once for each
different value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

import narwhals as nw
import numpy as np
from attrs import frozen

from mdpoverty.extras import arrow
from mdpoverty.tables import objects
from mdpoverty.tables.columns import Answers, Array, Bools, Codes, Flags, Numbers, PackedFlags, looked_up, small
from mdpoverty.tables.meanings import (
    FALSE,
    NO_VALUE,
    TRUE,
    Meanings,
    from_text,
    hashable,
    is_flag,
    is_number,
    refused,
)
from mdpoverty.tables.stored import Holds, Library, Stored, listed
from mdpoverty.ternary import is_missing
from mdpoverty.texts import composed, written

if TYPE_CHECKING:
    from mdpoverty.law.fields import Field, Kind


_FIRST = 4_096  # rows that are looked at before all are
_FEW = 64  # different texts up to which those of the first rows are looked up
_SHORT = 127  # rows of a column whose values are soonest numbered one by one


@frozen(eq=False)
class Bad:
    """Values that can't be answers: what is wrong with them, by its code, and in which rows."""

    code: str
    rows: Bools
    details: Mapping[str, Any]


def read(column: Stored, field: Field, meanings: Mapping[Any, Any] | None, as_text: bool) -> tuple[Answers, list[Bad]]:
    """Read a column as the field says, with the caller's codes translated.

    Parameters
    ----------
    column : Stored
        The column.
    field : Field
        What it may hold.
    meanings : mapping, optional
        What the caller's codes mean.
    as_text : bool
        Whether the column comes from a file that holds nothing but text, so that numbers and flags are written out.

    Returns
    -------
    (Answers, list of Bad)
        The answers, and the values that are none, which count as missing.
    """
    holds = column.holds
    known = None if meanings is None else Meanings(meanings)
    if known is None and holds in _VAGUE and _all_missing(column):
        return nothing(len(column), field.kind), []
    if field.kind == "code":
        return _codes(*encode(column), field, known, as_text)
    if known is None and holds is Holds.FLAGS and field.kind == "flag":
        held = column.arrow if len(column) else None
        return Flags(*raw(column)) if held is None else _packed(held), []
    if known is None and holds in _NUMBERS:
        return _numeric_flags(column, field) if field.kind == "flag" else _numbers(column, field)
    if field.kind == "flag":
        return _flags_by_value(*encode(column), field, known, as_text)
    if known is None and holds is Holds.DECIMALS:
        # by their text, since libraries that multiply by a tenth read 7.6 as another double than the nearest
        return _numbers(Stored.of(column.series.cast(nw.String).cast(nw.Float64).to_native()), field)
    return _numbers_by_value(column, field, known, as_text)


_NUMBERS = (Holds.WHOLE, Holds.FLOATS, Holds.SINGLES)
_VAGUE = (Holds.SINGLES, Holds.NESTED, Holds.MIXED, Holds.OTHER)
"""What columns hold that may be of no better type because they are empty."""


def nothing(n: int, kind: Kind) -> Answers:
    """Return a column in which everything is missing."""
    none = np.ones(n, dtype=bool)
    missing = none if n else None
    if kind == "flag":
        return Flags(none, missing)
    if kind == "code":
        return Codes(np.full(n, -1, dtype=np.int8), (), missing is not None)
    return Numbers(np.zeros(n, dtype=np.int64), missing)


def _all_missing(column: Stored) -> bool:
    """Return whether a column has no value at all, and so perhaps no type to speak of."""
    series = column.series
    return all(bool(series[:rows].is_null().all()) for rows in (1, 1_000, len(column)))  # most show it at once


# ------------------------------------------------------------------------------------------------------- as it lies


def raw(column: Stored) -> tuple[Array, Bools | None]:
    """Return a column's values, whatever stands in the place of missing ones, and where they are missing.

    What is the column's own memory is a view of it, which ``Answers.own`` knows by its base.
    """
    held = column.native
    if isinstance(held, np.ndarray):
        return held.view(), None
    mask = getattr(held, "_mask", None)
    if isinstance(mask, np.ndarray):
        # pandas' masked arrays, read as they lie: filling their gaps first would cost more than the rules
        return held._data.view(), mask.view() if np.count_nonzero(mask) else None
    held = column.arrow if column.holds in _NUMBERS else None
    if held is not None:
        return _raw_arrow(held)
    series = column.series
    if not series.null_count():
        return series.to_numpy(), None
    return series.fill_null(False if column.holds is Holds.FLAGS else 0).to_numpy(), series.is_null().to_numpy()


def _packed(column: Any) -> PackedFlags:
    """Return an Arrow column of flags as it lies."""
    whole = _one_chunk(column)
    valid, bits = (_held(buffer, whole) for buffer in whole.buffers())
    assert bits is not None
    return PackedFlags(bits, valid if whole.null_count else None, whole.offset % 8, len(whole))


def _held(buffer: Any, chunk: Any) -> Array | None:
    """Return the bytes that hold a chunk's bits."""
    if buffer is None:
        return None
    first, skip = divmod(chunk.offset, 8)
    return np.frombuffer(buffer, np.uint8, -(-(skip + len(chunk)) // 8), first)


def _raw_arrow(column: Any) -> tuple[Array, Bools | None]:
    """Return an Arrow column of numbers as it lies, and where they are missing."""
    whole = _one_chunk(column)
    kind = np.dtype(whole.type.to_pandas_dtype())
    if not len(whole):
        return np.zeros(0, kind), None
    values = np.frombuffer(whole.buffers()[1], kind, len(whole), whole.offset * kind.itemsize)
    valid = _held(whole.buffers()[0], whole)
    if valid is None or not whole.null_count:
        return values, None
    return values, PackedFlags(~valid, None, whole.offset % 8, len(whole)).values


def _one_chunk(column: Any) -> Any:
    chunks = getattr(column, "chunks", [column])
    if len(chunks) == 1:
        return chunks[0]
    return arrow().concat_arrays([arrow().array([], column.type), *chunks])


# ---------------------------------------------------------------------------------------------------------- numbers


def numeric(column: Stored) -> tuple[Array, Bools | None]:
    """Return the values of a numeric column and where they are missing; floats carry their gaps as NaN besides."""
    if column.holds is Holds.WHOLE:
        values, missing = raw(column)
        return _signed(values), missing
    if isinstance(column.native, np.ndarray):
        values = column.native.view()
    elif column.library == "polars" and len(column) > _FIRST and column.native.null_count():
        values = column.native.fill_null(math.nan).to_numpy()  # in long columns faster than as it lies with its gaps
    else:
        values = column.series.to_numpy()
    if values.dtype != np.float64:
        values = values.astype(np.float64)
    nan = np.isnan(values)
    return values, nan if np.count_nonzero(nan) else None


def _signed(values: Array) -> Array:
    return values.astype(np.int64) if values.dtype == np.uint64 and not (values >> 63).any() else values


def _numeric_flags(column: Stored, field: Field) -> tuple[Answers, list[Bad]]:
    """Read numbers as flags: 1 is yes, 0 is no."""
    values, missing = numeric(column)
    if values.dtype.kind in "iu" and len(values) and values.max() <= 1 and values.min() >= 0:
        return Flags(values.view(np.bool_) if values.itemsize == 1 else values == 1, missing), []
    sure = values == 1
    bad = ~(sure | (values == 0))
    if missing is not None:
        bad &= ~missing
    if not bad.any():
        return Flags(sure, missing), []
    details = refused(dict.fromkeys(values[bad][:1000].tolist()), field)
    return Flags(sure, bad if missing is None else missing | bad), [Bad("not_an_answer", bad, details)]


def _numbers(column: Stored, field: Field) -> tuple[Answers, list[Bad]]:
    if field.kind == "money" and column.holds is Holds.SINGLES:
        return nothing(len(column), "number"), [Bad("float32", ~column.series.is_null().to_numpy(), {})]
    return _believed(*numeric(column), field)


def _believed(values: Array, missing: Bools | None, field: Field) -> tuple[Numbers, list[Bad]]:
    """Set apart numbers that the field can't be."""
    if not len(values):
        return Numbers(values, missing), []
    found: list[Bad] = []
    least, most = values.min(), values.max()
    wrong = _outside(values, least, most, field)
    if wrong is not None and missing is not None:
        wrong &= ~missing
    if wrong is not None and wrong.any():
        details = refused(dict.fromkeys(values[wrong][:1000].tolist()), field)
        found.append(Bad("not_an_answer", wrong, details))
        missing = wrong if missing is None else missing | wrong
    return Numbers(_narrow(values, least, most), missing), found


def _narrow(values: Array, least: Any, most: Any) -> Array:
    """Return whole numbers in bytes or in 32 bits where they fit: the fewer bytes, the faster they are compared."""
    if values.dtype.kind not in "iu":
        return values
    if values.dtype.itemsize > 1 and least >= 0 and most <= 255:
        return values.astype(np.uint8)
    return values.astype(np.int32) if values.dtype.itemsize > 4 and least >= -(2**31) and most < 2**31 else values


def _outside(values: Array, least: Any, most: Any, field: Field) -> Bools | None:
    """Return where values are none that the field may have; ``None`` where that is nowhere."""
    wrong: Bools | None = None
    if field.minimum is not None and not least >= field.minimum:  # NaN makes the test fail, as it must
        wrong = values < field.minimum
    if field.maximum is not None and not most <= field.maximum:
        above = values > field.maximum
        wrong = above if wrong is None else wrong | above
    if values.dtype.kind == "f" and (field.kind == "count" or not (np.isfinite(least) and np.isfinite(most))):
        with np.errstate(invalid="ignore"):
            odd = np.isinf(values)
            if field.kind == "count":
                odd |= ~np.isnan(values) & (values != np.floor(values))
        if odd.any():
            wrong = odd if wrong is None else wrong | odd
    return wrong


def _numbers_by_value(
    column: Stored, field: Field, meanings: Meanings | None, as_text: bool
) -> tuple[Answers, list[Bad]]:
    """Read numbers among objects or text, or through the caller's codes."""
    plain = _plain_objects(column) if meanings is None else None
    if plain is not None:
        return _believed(*plain, field)
    places, values = encode(column)
    said = _said(values, meanings, as_text)
    by_people = not as_text or field.kind == "money"  # no program writes đồng with three decimals, and people do
    numbers = [from_text(v, by_people) if isinstance(v, str) else v for v in said]
    none = np.array([is_missing(value) for value in said])
    # what is no number even if it is read as one
    text = np.array([not _is_finite_number(value) for value in numbers]) & ~none
    usable: list[Any] = [
        0 if unusable else value for value, unusable in zip(numbers, (text | none).tolist(), strict=True)
    ]
    whole = all(isinstance(value, int | np.integer) and -(2**63) <= int(value) < 2**63 for value in usable)
    kind = np.int64 if whole else np.float64
    held = np.array([int(v) if whole else float(v) for v in usable], kind)
    missing = (none | text)[places]
    answers, found = _believed(held[places], missing if missing.any() else None, field)
    if text[places].any():
        details = refused(_in_order(places, values, text[places]), field)
        found.insert(0, Bad("is_text", text[places], details))
    return answers, found


def _is_finite_number(value: Any) -> bool:
    """Return whether a value is a number that a float can be near to."""
    return is_number(value) and not (isinstance(value, int) and abs(value) > _LARGEST)


_LARGEST = 1 << 1000


def _plain_objects(column: Stored) -> tuple[Array, Bools | None] | None:
    """Return a column of Python's numbers and gaps as an array, whole where all are; ``None`` if it holds others."""
    if column.holds is not Holds.OBJECTS:
        return None
    import pandas as pd

    values = column.native
    kind = pd.api.types.infer_dtype(values)
    if kind not in ("integer", "floating", "mixed-integer-float", "decimal"):
        return None
    missing = np.asarray(pd.isna(values))
    gaps = bool(missing.any())
    if kind == "integer":
        try:
            return np.where(missing, 0, values).astype(np.int64) if gaps else values.astype(np.int64), (
                missing if gaps else None
            )
        except OverflowError:  # whole numbers beyond 64 bits
            pass
    try:
        return np.where(missing, np.nan, values).astype(np.float64), missing if gaps else None
    except OverflowError:  # or beyond any float
        return None


# ------------------------------------------------------------------------------------------------ once for each value


def _in_order(places: Array, values: Sequence[Any], rows: Bools) -> list[Any]:
    """Return the values in some rows, each once, in the order of the rows."""
    return [values[place] for place in dict.fromkeys(places[rows].tolist())]


def _said(values: Sequence[Any], meanings: Meanings | None, as_text: bool) -> list[Any]:
    """Return what each value means, and last what a missing one does; what codes don't list stays as it is."""
    said = [*values, None]
    if meanings is not None:
        said = [meanings.of(value)[1] for value in said]
    if as_text:
        said = [None if isinstance(value, str) and value in NO_VALUE else value for value in said]
    return said


def _flags_by_value(
    places: Array, values: Sequence[Any], field: Field, meanings: Meanings | None, as_text: bool
) -> tuple[Answers, list[Bad]]:
    """Read flags from the values that there are; the last place, -1, is a missing value."""
    said = _said(values, meanings, as_text)
    if meanings is not None and not meanings.of_blanks:  # only what they list: an unlisted 1 isn't a yes where 2 is
        listed = np.array([is_missing(value) or meanings.of(value)[0] for value in [*values, None]])
    else:
        listed = np.ones(len(said), bool)
        if as_text:
            said = [_WRITTEN.get(value.strip().lower(), value) if isinstance(value, str) else value for value in said]
    sure = np.array([is_flag(value) and bool(value) for value in said]) & listed
    none = np.array([is_missing(value) for value in said]) & listed
    bad = ~(np.array([is_flag(value) for value in said]) & listed) & ~none
    missing = looked_up(none | bad, places)
    flags = Flags(looked_up(sure, places), missing if missing.any() else None)
    if not bad.any() or not looked_up(bad, places).any():
        return flags, []
    words = ["true", "false"] if meanings is None else [written(code) for code in meanings.given]
    details = refused(_in_order(places, values, bad[places]), field, words)
    return flags, [Bad("not_an_answer" if meanings is None else "unlisted", looked_up(bad, places), details)]


_WRITTEN = {**dict.fromkeys(TRUE, True), **dict.fromkeys(FALSE, False)}


def _codes(
    places: Array, values: Sequence[Any], field: Field, meanings: Meanings | None, as_text: bool
) -> tuple[Answers, list[Bad]]:
    """Read codes from the values that there are, and say which of them are none."""
    ids = [code.id for code in field.codes]
    if meanings is None and not as_text and all(isinstance(v, str) and v in ids for v in values):  # as in most columns
        return Codes(places, tuple(map(str, values)), bool(places.min(initial=0) < 0)), []
    said = _said(values, meanings, as_text)
    if meanings is not None or as_text or any(not isinstance(v, str) or not v.isascii() for v in values):
        names: dict[Any, int] = {}
        table = np.full(len(said), -1, dtype=np.int64)
        for position, value in enumerate(said):
            if not is_missing(value):
                named = composed(value) if isinstance(value, str) else value
                table[position] = names.setdefault(named if hashable(named) else written(named), len(names))
        places, values = looked_up(small(table, len(names)), places), list(names)
    unknown = [position for position, value in enumerate(values) if ids and value not in ids]
    found: list[Bad] = []
    if unknown:
        bad = np.isin(places, unknown)
        if bad.any():
            words = ids if meanings is None else [*map(written, meanings.given), *ids]
            details = refused(_in_order(places, values, bad), field, words)
            found.append(Bad("not_an_answer" if meanings is None else "unlisted", bad, details))
            places = np.where(bad, places.dtype.type(-1), places)
    return Codes(places, tuple(map(written, values)), bool(places.min(initial=0) < 0)), found


# --------------------------------------------------------------------------------------------------------- encoding


def encode(column: Stored) -> tuple[Array, list[Any]]:
    """Return a column as places in the list of its values (-1 where missing), and that list."""
    return _ENCODERS[column.library](column)


def _encode_arrow(column: Stored) -> tuple[Array, list[Any]]:
    if column.holds in (Holds.NESTED, Holds.MIXED):
        return _encode_objects(np.array([*column.to_list(), None], dtype=object)[:-1])
    known = _known_texts(column.native) if column.holds is Holds.TEXT else None
    if known is not None:
        indices, names = known
    else:
        encoded = column.native if column.holds is Holds.CATEGORIES else column.native.dictionary_encode()
        chunks = encoded.unify_dictionaries().chunks
        names = chunks[0].dictionary.to_pylist() if chunks else []
        indices = [each.indices for each in chunks]
    found = [_arrow_places(each, len(names)) for each in indices]
    return found[0] if len(found) == 1 else np.concatenate([np.zeros(0, np.int8), *found]), names


def _known_texts(values: Any) -> tuple[list[Any], list[Any]] | None:
    """Number texts by those of the first rows, which are found faster than new ones; ``None`` where others follow."""
    if len(values) < 4 * _FIRST:
        return None
    pc = arrow(".compute")
    names = values[:_FIRST].combine_chunks().unique().drop_null()
    if len(names) > _FEW:
        return None
    places = pc.index_in(values, value_set=names)
    return (places.chunks, names.to_pylist()) if places.null_count == values.null_count else None


def _arrow_places(indices: Any, count: int) -> Array:
    """Return an Arrow array of places in a dictionary in the smallest type, -1 where missing."""
    codes, missing = _raw_arrow(indices)
    codes = small(codes, count)
    if missing is not None:
        codes = codes | -missing.view(np.int8)  # all bits set, which is -1
    return codes.view(f"i{codes.itemsize}")


def _encode_polars(column: Stored) -> tuple[Array, list[Any]]:
    import polars as pl

    series = column.native
    if len(series) < _SHORT and column.holds in (Holds.CATEGORIES, Holds.TEXT):
        values = series.to_list()
        place = {value: at for at, value in enumerate(dict.fromkeys(each for each in values if each is not None))}
        return np.array([place.get(value, -1) for value in values], np.int8), list(place)
    if column.holds is Holds.CATEGORIES:
        return _encode_categorical(series)
    if column.holds is Holds.TEXT:
        series = series.cast(pl.Enum(series.unique().drop_nulls()))
    elif column.holds is not Holds.ORDERED:
        return _encode_objects(np.array([*column.to_list(), None], dtype=object)[:-1])
    names = series.dtype.categories.to_list()
    held = series.to_physical()
    if held.dtype == pl.UInt8 and len(names) < 127:  # as they lie: the byte 255 is -1
        held = held.fill_null(255) if held.null_count() else held
        return held.to_numpy().view(np.int8), names
    return small(held.cast(pl.Int32).fill_null(-1).to_numpy(), len(names)), names


def _encode_categorical(series: Any) -> tuple[Array, list[Any]]:
    """Encode polars' categoricals: their numbers come from a store that all share, and only their own are ours."""
    physical = series.to_physical()
    held, missing = raw(Stored.of(physical))
    top = (physical.max() or 0) + 1
    if top > 4 * len(held) + _FIRST:
        known = np.arange(len(held)) if missing is None else np.flatnonzero(~missing)
        numbers, first, places = np.unique(held[known], return_index=True, return_inverse=True)
        found: Array = np.full(len(held), -1)
        found[known] = places
        return small(found, len(numbers)), [series[int(row)] for row in known[first]]
    none = None if missing is None else -missing.view(np.int8)  # all bits set, which is -1
    if top < 256:
        held = held.astype(np.uint8)
        if none is not None:
            held |= none.view(np.uint8)
    row_of = np.full(top, -1)
    known = np.arange(min(_FIRST, len(held)))  # the first rows show most numbers
    known = known if missing is None else known[~missing[:_FIRST]]
    while True:
        row_of[held[known]] = known
        numbers = np.flatnonzero(row_of >= 0)
        low = int(numbers[0]) if len(numbers) else 0
        if held.itemsize == 1 and len(numbers) == top - low < 127 and int(held.min(initial=low)) == low:
            held -= np.uint8(low)  # all that there are, one after the other
            found = held.view(np.int8)
        else:
            places = np.full(top + 1, -2)  # of numbers that haven't been seen
            places[numbers] = np.arange(len(numbers))
            found = looked_up(small(places, len(numbers)), held)
        if none is not None:
            found |= none
        if found.min(initial=-1) == -1:
            break
        known = np.flatnonzero(found == -2)
    return found, [series[row] for row in row_of[numbers].tolist()]


def _encode_pandas(column: Stored) -> tuple[Array, list[Any]]:
    import pandas as pd

    held = column.native
    if column.holds in (Holds.CATEGORIES, Holds.ORDERED):
        return held.codes, listed(held.categories)
    if column.holds is Holds.OBJECTS:
        return _encode_objects(held)
    codes, uniques = pd.factorize(held, use_na_sentinel=True)
    return small(np.asarray(codes), len(uniques)), list(uniques.tolist())


def _encode_objects(values: Array) -> tuple[Array, list[Any]]:
    """Encode Python objects: equal ones of one kind are one value, so that True and 1 stay two."""
    import pandas as pd

    found = objects.distinct(values)
    if found is None:
        try:
            codes, uniques = pd.factorize(values, use_na_sentinel=True)
            found = np.asarray(codes), list(uniques)
        except TypeError:  # lists and the like can't be looked up
            found = np.arange(len(values)), values.tolist()
    places, held = found
    numbered: dict[Any, int] = {}
    names: list[Any] = []
    table = np.full(len(held) + 1, -1, np.int64)
    for position, value in enumerate(held):
        if is_missing(value):
            if isinstance(value, Decimal) and value.is_snan():
                raise InvalidOperation  # whatever compares such a number stops
            continue
        if isinstance(value, np.number | np.bool_):  # which some numbers of Python can't be compared with
            value = value.item()
        key = (type(value) is bool, value) if hashable(value) else (id(value),)
        if key not in numbered:
            numbered[key] = len(names)
            names.append(value)
        table[position] = numbered[key]
    return looked_up(small(table, len(names)), places), names


_ENCODERS: Final[Mapping[Library, Callable[[Stored], tuple[Array, list[Any]]]]] = {
    "pandas": _encode_pandas,
    "polars": _encode_polars,
    "pyarrow": _encode_arrow,
}
