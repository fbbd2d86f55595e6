"""Any dataframe in: columns of answers read into arrays, with what can't be an answer set apart.

narwhals knows the dataframe libraries; only dictionary-encoded columns are read by each library's own means, since the
codes of a categorical have no common door.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from mdpoverty.errors import BadTable
from mdpoverty.ternary import is_missing

if TYPE_CHECKING:
    import narwhals as nw

    from mdpoverty.standard import Field, Kind

Bools = npt.NDArray[np.bool_]
Array = npt.NDArray[Any]

_TEXTLIKE = 24  # longer text, or text with blanks, may be a person's name: never repeated in a message


@frozen(eq=False)
class Numbers:
    """A column of numbers; ``missing`` is ``None`` where nothing is."""

    values: Array
    missing: Bools | None

    def take(self, rows: Any) -> Numbers:
        """Return some rows: a slice or positions."""
        return Numbers(self.values[rows], None if self.missing is None else self.missing[rows])


@frozen(eq=False)
class Flags:
    """A column of yes-or-no answers; ``missing`` is ``None`` where nothing is, and hides whatever stands there."""

    values: Bools
    missing: Bools | None

    def take(self, rows: Any) -> Flags:
        """Return some rows: a slice or positions."""
        return Flags(self.values[rows], None if self.missing is None else self.missing[rows])

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


Answers = Numbers | Flags | PackedFlags | Codes


@frozen(eq=False)
class Bad:
    """Values that can't be answers: what was expected, and in which rows."""

    what: str
    rows: Bools


@frozen(eq=False)
class Table:
    """A dataframe of any kind, or a dict of arrays."""

    frame: nw.DataFrame[Any]
    native: Any
    kind: str
    rename: Mapping[str, str] = field(factory=dict)
    names: frozenset[str] = field(init=False)

    @names.default
    def _names(self) -> frozenset[str]:
        return frozenset(self.frame.columns)

    def __len__(self) -> int:
        return len(self.frame)

    def __contains__(self, name: str) -> bool:
        return self.own(name) in self.names

    def own(self, name: str) -> str:
        """Return the caller's own name for a column."""
        return self.rename.get(name, name)

    def column(self, name: str) -> nw.Series[Any]:
        """Return a column as narwhals has it."""
        return self.frame.get_column(self.own(name))


def open_table(data: Any, what: str, rename: Mapping[str, str] | None = None) -> Table:
    """Read a dataframe of any kind that narwhals knows, or a dict of equally long arrays.

    Raises
    ------
    BadTable
        If it is neither, is lazy, or has two columns of one name.
    """
    import narwhals as nw

    rename = rename or {}
    if isinstance(data, Mapping):
        return Table(_from_dict(data, what), data, "dict", rename)
    try:
        frame = nw.from_native(data)
    except TypeError:
        raise BadTable(
            f"{what} must be a dataframe (pandas, polars, pyarrow, …) or a dict of arrays, not {type(data).__name__}"
        ) from None
    except nw.exceptions.NarwhalsError as error:
        raise BadTable(f"{what} can't be read: {error}") from None
    if not isinstance(frame, nw.DataFrame):
        how = ".pl() or .to_arrow_table()" if frame.implementation.is_duckdb() else ".collect()"
        raise BadTable(f"{what} is not computed yet (a lazy {type(data).__name__}): call {how} first")
    return Table(frame, data, str(frame.implementation), rename)


def _from_dict(data: Mapping[str, Any], what: str) -> nw.DataFrame[Any]:
    import narwhals as nw
    import pandas as pd

    arrays = {name: values if hasattr(values, "dtype") else _column(values) for name, values in data.items()}
    lengths = {name: len(values) for name, values in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise BadTable(f"the arrays of {what} differ in length: {lengths}")
    return nw.from_native(pd.DataFrame(arrays, copy=False), eager_only=True)


def _column(values: Any) -> Any:
    """Keep a list's values as they are where they are of several kinds: pandas would turn [True, None] into objects."""
    import pandas as pd

    return pd.Series(list(values), dtype=None if len(values) else object)


# ---------------------------------------------------------------------------------------------- reading columns


def read(series: nw.Series[Any], field: Field, meanings: Mapping[Any, Any] | None) -> tuple[Answers, list[Bad]]:
    """Read a column as the field says, with the caller's codes translated; what can't be an answer counts as missing.

    Returns
    -------
    (Answers, list of Bad)
        The answers, and the values that are none.
    """
    if meanings is not None:
        return _translated(series, field, meanings)
    if not _typed(series, field) and _all_missing(series):
        return _nothing(len(series), field.kind), []
    if field.kind == "flag":
        return _flags(series, field)
    if field.kind == "code":
        codes, values = encode(series)
        return _codes(codes, values, field)
    return _numbers(series, field)


def _typed(series: nw.Series[Any], field: Field) -> bool:
    """Return whether a column's type tells what it holds, so that missing values are read as any others."""
    nw, dtype = _nw(), series.dtype
    if field.kind == "code":
        return dtype in (nw.String, nw.Categorical) or isinstance(dtype, nw.Enum)
    return bool(dtype == nw.Boolean) if field.kind == "flag" else dtype.is_numeric() and dtype != nw.Float32


def _all_missing(series: nw.Series[Any]) -> bool:
    """Return whether a column has no value at all, and so perhaps no type to speak of."""
    return not len(series) or (bool(series[:1].is_null()[0]) and bool(series.is_null().all()))


def has_gaps(series: nw.Series[Any]) -> bool:
    """Return whether a column has missing values, without looking where its type can have none."""
    native = series.to_native()
    if series.implementation.is_pandas() and isinstance(native.dtype, np.dtype) and native.dtype.kind in "iub":
        return False
    return bool(series.null_count()) if not series.implementation.is_pandas() else bool(series.is_null().any())


def _nothing(n: int, kind: Kind) -> Answers:
    none = np.ones(n, dtype=bool)
    if kind == "flag":
        return Flags(none, none)
    if kind == "code":
        return Codes(np.full(n, -1, dtype=np.int8), (), True)
    return Numbers(np.zeros(n, dtype=np.int64), none)


def _flags(series: nw.Series[Any], field: Field) -> tuple[Answers, list[Bad]]:
    if series.dtype == _nw().Boolean:
        packed = series.implementation.is_pyarrow() and len(series) > 0
        return _packed(series.to_native()) if packed else Flags(*_raw(series)), []
    if series.dtype.is_numeric() and not series.dtype.is_decimal():
        values, missing = _numeric(series)
        sure = values == 1
        bad = ~(sure | (values == 0))
        return _settle(sure, bad if missing is None else bad & ~missing, missing, field)
    return _flags_by_value(series, field)


def _raw(series: nw.Series[Any]) -> tuple[Array, Bools | None]:
    """Return a column's values, whatever stands in the place of missing ones, and where they are missing."""
    native = series.to_native()
    if series.implementation.is_pandas():
        held = native.array
        if hasattr(held, "_data") and isinstance(getattr(held, "_mask", None), np.ndarray):
            # pandas' masked arrays, read as they lie: filling their gaps first would cost more than the rules
            return held._data, held._mask if held._mask.any() else None
        if isinstance(native.dtype, np.dtype):
            return native.to_numpy(), None
    if series.implementation.is_pyarrow():
        return _raw_arrow(native)
    if not series.null_count():
        return series.to_numpy(), None
    return series.fill_null(0 if series.dtype.is_numeric() else False).to_numpy(), series.is_null().to_numpy()


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
    """Return an Arrow column of whole numbers as it lies, and where they are missing."""
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
    whole = column.combine_chunks()
    return whole.chunk(0) if hasattr(whole, "chunks") else whole  # which of the two depends on pyarrow's release


def _flags_by_value(series: nw.Series[Any], field: Field) -> tuple[Answers, list[Bad]]:
    values = series.to_list()
    sure = np.fromiter((_is_flag(value) and bool(value) for value in values), bool, len(values))
    missing = np.fromiter((is_missing(value) for value in values), bool, len(values))
    bad = np.fromiter((not _is_flag(value) for value in values), bool, len(values)) & ~missing
    return _settle(sure, bad, missing, field)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool | np.bool_) or (isinstance(value, int | float | np.number) and value in (0, 1))


def _settle(sure: Bools, bad: Bools, missing: Bools | None, field: Field) -> tuple[Flags, list[Bad]]:
    found = [Bad(f"expected {field.expected}", bad)] if bad.any() else []
    if found:
        missing = bad if missing is None else missing | bad
    return Flags(sure, missing), found


def _numbers(series: nw.Series[Any], field: Field) -> tuple[Answers, list[Bad]]:
    nw = _nw()
    found: list[Bad] = []
    if field.kind == "money" and series.dtype in (nw.Float32,):
        rows = ~series.is_null().to_numpy()
        what = "float32 can't hold every amount of money exactly (it has 24 bits): give integers or float64"
        return _nothing(len(series), "number"), [Bad(what, rows)]
    if series.dtype.is_decimal():
        series = series.cast(nw.Float64)
    missing: Bools | None
    if series.dtype.is_numeric():
        values, missing = _numeric(series)
    else:
        values, missing, text = _numbers_by_value(series)
        if text.any():
            found.append(Bad(f"expected {field.expected}, found something else (text?)", text))
    wrong = _outside(values, field)
    if wrong is not None and missing is not None:
        wrong &= ~missing
    if wrong is not None and wrong.any():
        found.append(Bad(f"expected {field.expected}", wrong))
        missing = wrong if missing is None else missing | wrong
    return Numbers(_small_numbers(values), missing), found


def _small_numbers(values: Array) -> Array:
    """Return whole numbers that fit into a byte in bytes: ages are compared often, and bytes eight times as fast."""
    wide = values.dtype.kind in "iu" and values.dtype.itemsize > 1 and len(values) > 0
    return values.astype(np.uint8) if wide and values.min() >= 0 and values.max() <= 255 else values


def _numeric(series: nw.Series[Any]) -> tuple[Array, Bools | None]:
    """Return the values of a numeric column and where they are missing; floats carry their gaps as NaN besides."""
    if series.dtype.is_float():
        values = series.to_numpy()
        if values.dtype != np.float64:
            values = values.astype(np.float64)
        nan = np.isnan(values)
        return values, nan if nan.any() else None
    values, missing = _raw(series)
    return _signed(values), missing


def _signed(values: Array) -> Array:
    return values.astype(np.int64) if values.dtype == np.uint64 and not (values >> 63).any() else values


def _numbers_by_value(series: nw.Series[Any]) -> tuple[Array, Bools, Bools]:
    values = series.to_list()
    missing = np.fromiter((is_missing(value) for value in values), bool, len(values))
    text = np.fromiter((not _is_number(value) for value in values), bool, len(values)) & ~missing
    usable = [0 if unusable else value for value, unusable in zip(values, missing | text, strict=True)]
    whole = all(isinstance(value, int) and abs(value) < 2**63 for value in usable)
    return np.array(usable, dtype=np.int64 if whole else np.float64), missing | text, text


def _is_number(value: Any) -> bool:
    from decimal import Decimal

    return isinstance(value, int | float | Decimal | np.number) and not isinstance(value, bool)


def _outside(values: Array, field: Field) -> Bools | None:
    """Return where values are none that the field may have; ``None`` where that is nowhere."""
    wrong: Bools | None = None
    if not len(values):
        return None
    if field.minimum is not None and not values.min() >= field.minimum:  # NaN makes the test fail, as it must
        wrong = values < field.minimum
    if field.maximum is not None and not values.max() <= field.maximum:
        above = values > field.maximum
        wrong = above if wrong is None else wrong | above
    if values.dtype.kind == "f":
        with np.errstate(invalid="ignore"):
            odd = np.isinf(values) if field.kind != "count" else ~np.isnan(values) & (values != np.floor(values))
        if odd.any():
            wrong = odd if wrong is None else wrong | odd
    return wrong


def _codes(codes: Array, values: list[Any], field: Field) -> tuple[Answers, list[Bad]]:
    known = {code.id for code in field.codes}
    unknown = [value for value in values if known and value not in known]
    found: list[Bad] = []
    if unknown:
        bad = np.isin(codes, [values.index(value) for value in unknown])
        if bad.any():
            shown = [str(value) for value in unknown if _shows_nobody(value)][:5]
            listed = f"; unknown codes: {', '.join(map(repr, shown))}" if shown else ""
            found.append(Bad(f"expected {field.expected}{listed}", bad))
            codes = np.where(bad, codes.dtype.type(-1), codes)
    return Codes(codes, tuple(str(value) for value in values), bool(codes.min(initial=0) < 0)), found


def _shows_nobody(value: Any) -> bool:
    text = str(value)
    return len(text) <= _TEXTLIKE and not any(character.isspace() for character in text)


def _translated(series: nw.Series[Any], field: Field, meanings: Mapping[Any, Any]) -> tuple[Answers, list[Bad]]:
    """Read a column through the caller's own codes; what they don't list is read as it stands."""
    codes, values = encode(series)
    said = [meanings[value] if _hashable(value) and value in meanings else value for value in values]
    if field.kind == "code":
        known = {code.id for code in field.codes}
        names: list[Any] = []
        table = np.full(len(said) + 1, -1, dtype=np.int64)
        for position, value in enumerate(said):
            if not is_missing(value):
                kept = value if value in known else values[position]
                if kept not in names:
                    names.append(kept)
                table[position] = names.index(kept)
        return _codes(_small(table[codes], len(names)), names, field)
    import pandas as pd

    by_row = pd.Series([*said, None], dtype=object).to_numpy()[codes]
    column = _nw().from_native(pd.Series(by_row, dtype=object), series_only=True)
    return _flags_by_value(column, field) if field.kind == "flag" else _numbers(column, field)


def _hashable(value: Any) -> bool:
    return getattr(value, "__hash__", None) is not None


def encode(series: nw.Series[Any]) -> tuple[Array, list[Any]]:
    """Return a column as positions in the list of its values (-1 where missing), and that list."""
    native, implementation = series.to_native(), series.implementation
    if implementation.is_pandas():
        return _encode_pandas(native)
    if implementation.is_polars():
        return _encode_polars(native)
    if implementation.is_pyarrow():
        import pyarrow as pa

        encoded = native if pa.types.is_dictionary(native.type) else native.dictionary_encode()
        chunks = encoded.unify_dictionaries().chunks
        names = chunks[0].dictionary.to_pylist() if chunks else []
        return np.concatenate([np.zeros(0, np.int8), *(_places(chunk.indices, len(names)) for chunk in chunks)]), names
    import pandas as pd

    return _encode_pandas(pd.Series(series.to_list(), dtype=object))


def _places(indices: Any, count: int) -> Array:
    """Return an Arrow array of places in a dictionary in the smallest type, -1 where missing."""
    codes, missing = _raw_arrow(indices)
    codes = _small(codes, count)
    if missing is not None:
        codes = codes | -missing.view(np.int8)  # all bits set, which is -1
    return codes.view(f"i{codes.itemsize}")


def _encode_polars(series: Any) -> tuple[Array, list[Any]]:
    import polars as pl

    if isinstance(series.dtype, pl.Categorical):
        # Its numbers come from a store that all categoricals share: only those of its own values are ours.
        uniques = series.unique().drop_nulls()
        numbers = uniques.to_physical().to_numpy()
        places = np.full(int(numbers.max(initial=0)) + 2, -1)
        places[numbers] = np.arange(len(numbers))
        held = series.to_physical().fill_null(len(places) - 1).to_numpy()
        return _small(places, len(numbers))[held], uniques.cast(pl.String).to_list()
    if isinstance(series.dtype, pl.String):
        series = series.cast(pl.Enum(series.unique().drop_nulls()))
    if not isinstance(series.dtype, pl.Enum):
        import pandas as pd

        return _encode_pandas(pd.Series(series.to_list(), dtype=object))
    names = series.dtype.categories.to_list()
    held = series.to_physical()
    if held.dtype == pl.UInt8 and len(names) < 127:  # as they lie: the byte 255 is -1
        held = held.fill_null(255) if held.null_count() else held
        return held.to_numpy().view(np.int8), names
    return _small(held.cast(pl.Int32).fill_null(-1).to_numpy(), len(names)), names


def _encode_pandas(series: Any) -> tuple[Array, list[Any]]:
    import pandas as pd

    if isinstance(series.dtype, pd.CategoricalDtype):
        return series.cat.codes.to_numpy(), series.cat.categories.tolist()
    codes, uniques = pd.factorize(series, use_na_sentinel=True)
    return _small(np.asarray(codes), len(uniques)), list(uniques.tolist())


def _small(codes: Array, count: int) -> Array:
    """Return codes in the smallest type that holds them: comparing bytes is eight times as fast."""
    return codes.astype(np.int8 if count < 127 else np.int16 if count < 32_767 else np.int32, copy=False)


def _nw() -> Any:
    import narwhals as nw

    return nw
