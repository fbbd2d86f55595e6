"""Columns in, cells out: what the tally needs to read any table and to add up like rows.

Three jobs, each small: read a column of any table as numpy (:class:`Columns`, :func:`read_flags`,
:func:`read_numbers`), turn labels into codes (:func:`encode`), and add up the rows that agree on all keys
(:func:`add_up`). The last one is where the time goes, so it picks between a dense count and a sort; both give
the same cells in the same order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import narwhals as nw
import numpy as np
import numpy.typing as npt

from mdpoverty.errors import BadValues, MissingColumns, Problem, first_five

Array: TypeAlias = npt.NDArray[Any]
Label: TypeAlias = Any

#: Rows per block: big enough to hide the cost of a numpy call, small enough for key and row number to share
#: 64 bits.
BLOCK = 1 << 20
#: Largest dense table of counts; beyond it a sort is cheaper than clearing and scanning the bins.
DENSE = 1 << 22
#: A table of this many places is cheaper than a sort, however few the rows.
SMALL = 1 << 16
#: Whole numbers up to here are exact in float64, so ``bincount`` may add them.
EXACT_FLOAT = 1 << 53


class Columns:
    """One way to ask any table for a column: a dataframe of any kind that narwhals knows, or a mapping of arrays."""

    def __init__(self, frame: Any) -> None:
        if isinstance(frame, Mapping):
            self._columns: Any = {str(name): np.asarray(values) for name, values in frame.items()}
            lengths = {len(values) for values in self._columns.values()}
            if len(lengths) > 1:
                raise BadValues([Problem("(all)", f"columns of different lengths: {sorted(lengths)}")])
            self.names = tuple(self._columns)
            self.rows = lengths.pop() if lengths else 0
        else:
            self._columns = nw.from_native(frame, eager_only=True)
            self.names = tuple(self._columns.columns)
            self.rows = len(self._columns)

    def require(self, wanted: Mapping[str, Sequence[str]]) -> None:
        """Raise one :class:`~mdpoverty.errors.MissingColumns` for all absent columns; values say who needs them."""
        absent = [
            Problem(name, "no such column", needed_by=tuple(needed_by))
            for name, needed_by in wanted.items()
            if name not in self.names
        ]
        if absent:
            raise MissingColumns(absent, f"The table has: {', '.join(map(str, self.names))}.")

    def __getitem__(self, name: str) -> Any:
        return self._columns.get_column(name) if isinstance(self._columns, nw.DataFrame) else self._columns[name]


def _split(column: Any) -> tuple[Array, Array | None]:
    """Return a column as numpy values and, if it has any, where it is null."""
    if not isinstance(column, nw.Series):
        values = np.asarray(column)
        if values.dtype == object:
            null = np.fromiter((v is None or v != v for v in values), dtype=bool, count=len(values))
            return values, null if null.any() else None
        return values, None
    if column.null_count() == 0:
        return column.to_numpy(), None
    null = column.is_null().to_numpy()
    if column.dtype == nw.Boolean:
        column = column.cast(nw.Int8)
    if column.dtype.is_numeric():
        return column.fill_null(0).to_numpy(), null
    return np.asarray(column.to_list(), dtype=object), null


def read_flags(column: Any, name: str, problems: list[Problem]) -> tuple[Array, Array | None]:
    """Read a column of 0/1 (or False/True) as ``uint8`` ones, and, where there are gaps, a mask of the
    unknown rows.

    Null and NaN are unknown. Anything else that is not 0 or 1 is added to ``problems``.
    """
    values, null = _split(column)
    if values.dtype == bool or (values.dtype == np.uint8 and (not len(values) or values.max() <= 1)):
        return values.view(np.uint8), null
    if values.dtype == object:
        values = np.array([_flag_value(v) for v in values], dtype=np.float64)
    if values.dtype.kind not in "iuf":
        problems.append(Problem(name, f"0 and 1 (or true and false) are needed, and this is {values.dtype}"))
        return np.zeros(len(values), np.uint8), null
    ones, zeros = values == 1, values == 0
    if np.count_nonzero(ones) + np.count_nonzero(zeros) < len(values):
        unknown = np.isnan(values) if values.dtype.kind == "f" else np.zeros(len(values), bool)
        if null is not None:
            unknown |= null
        bad = np.flatnonzero(~(ones | zeros | unknown))
        if len(bad):
            problems.append(
                Problem(
                    name,
                    "0 and 1 are needed, and nothing else (leave what is not known empty)",
                    len(bad),
                    first_five(bad.tolist()),
                )
            )
        null = unknown
    if null is not None:
        ones = ones & ~null
    return ones.view(np.uint8), null


def _flag_value(value: Any) -> float:
    if value is None or value is True or value is False:
        return np.nan if value is None else float(value)
    try:
        return float(value) if not isinstance(value, str) else 2.0
    except (TypeError, ValueError):
        return np.nan if value != value else 2.0


def read_numbers(column: Any, name: str, problems: list[Problem], *, what: str = "a weight") -> Array:
    """Read a column that must be a finite number, zero or more, in every row: ``int64`` if whole by type,
    else ``float64``.

    float32 is widened; text, nulls, negatives and infinities are added to ``problems``.
    """
    values, null = _split(column)
    if values.dtype == object and null is None and all(isinstance(v, int) for v in values):
        values = values.astype(np.int64)
    if values.dtype.kind not in "iuf":
        problems.append(Problem(name, f"{what} must be a number, and this is {values.dtype}"))
        return np.ones(len(values))
    wide = values.astype(np.float64 if values.dtype.kind == "f" else np.int64, copy=False)
    low = wide.min(initial=0)
    if null is None and low >= 0 and wide.max(initial=0) < np.inf:
        return wide
    bad = ~np.isfinite(wide) | (wide < 0)
    if null is not None:
        bad |= null
    where = np.flatnonzero(bad)
    problems.append(Problem(name, f"{what} must be a number, zero or more", len(where), first_five(where.tolist())))
    return np.where(bad, 1, wide)


def label_order(label: Label) -> tuple[Any, ...]:
    """Sort key that puts labels of one type in their own order, whole types one after the other, and None last."""
    if label is None:
        return (2, "", 0)
    if isinstance(label, (int, float)):
        return (0, "", label)
    return (1, type(label).__name__, label)


def encode(column: Any) -> tuple[Array, tuple[Label, ...]]:
    """Turn a column of labels into ``int32`` codes and the sorted labels that occur (None for null and NaN)."""
    values, null = (column, None) if isinstance(column, nw.Series) else _split(column)
    if isinstance(values, nw.Series):
        if not values.dtype.is_integer() or values.null_count():
            return _encode_series(values)
        values = values.to_numpy()
    if values.dtype.kind in "bui" and null is None and len(values):
        low, high = int(values.min()), int(values.max())
        if high - low < max(DENSE, 4 * len(values)):
            return _encode_dense(values, low, high)
    return _encode_any(values, null)


def _encode_dense(values: Array, low: int, high: int) -> tuple[Array, tuple[Label, ...]]:
    # codes that start at zero and leave none out are codes already
    offset = values.view(np.uint8) if values.dtype == bool else values
    if low:
        offset = values.astype(np.int64) - low
    found, codes = renumber(offset, high - low + 1)
    labels = (found + low).tolist()
    return codes, tuple(map(bool, labels) if values.dtype == bool else labels)


def _encode_series(series: Any) -> tuple[Array, tuple[Label, ...]]:
    """Let the table's own engine find and replace the labels: strings never become Python objects row by row."""
    text = series.dtype in (nw.Categorical, nw.String) or isinstance(series.dtype, nw.Enum)
    if text and series.implementation.is_pyarrow():
        return _encode_arrow(series)
    if series.dtype == nw.Categorical or isinstance(series.dtype, nw.Enum):
        series = series.cast(nw.String)
    if series.dtype.is_float():
        return _encode_any(series.to_numpy(), None)
    if series.dtype == nw.Boolean and series.null_count():
        return _encode_any(np.asarray(series.to_list(), dtype=object), None)  # labels stay True and False beside a gap
    if series.dtype == nw.Object or not (series.dtype == nw.String or series.dtype.is_integer()):
        values, null = _split(series)
        return _encode_any(values, null)
    labels = sorted(series.drop_nulls().unique().to_list(), key=label_order)
    null = series.is_null().to_numpy() if series.null_count() else None
    if null is not None:
        series = series.drop_nulls()
    if labels:
        found = series.replace_strict(labels, list(range(len(labels))), return_dtype=nw.Int32).to_numpy()
    else:
        found = np.zeros(0, np.int32)
    if null is None:
        return found.astype(np.int32, copy=False), tuple(labels)
    codes = np.full(len(null), len(labels), np.int32)
    codes[~null] = found
    return codes, (*labels, None)


def _encode_arrow(series: Any) -> tuple[Array, tuple[Label, ...]]:
    """Take the codes that an Arrow column has already, in the order of their labels."""
    from mdpoverty.tables.reading import encode as read_codes

    codes, names = read_codes(series)
    occurs = np.zeros(len(names) + 1, bool)
    occurs[codes] = True  # a missing code, -1, is the last
    labels = sorted((name for name, there in zip(names, occurs, strict=False) if there), key=label_order)
    place = {label: i for i, label in enumerate(labels)}
    rank = np.array([place.get(name, -1) for name in names] + [len(labels)], np.int32)
    return rank[codes], (*labels, None) if occurs[-1] else tuple(labels)


def _encode_any(values: Array, null: Array | None) -> tuple[Array, tuple[Label, ...]]:
    import pandas as pd

    if values.dtype.kind == "M":
        # nanoseconds have no Python value; what is beyond microseconds is no label
        values = values.astype("datetime64[us]") if values.dtype != "datetime64[D]" else values
        values = values.astype(object)
    if null is not None and values.dtype != object:
        values = values.astype(object)
    if null is not None:
        values = values.copy()
        values[null] = None
    codes, uniques = pd.factorize(values, use_na_sentinel=True)
    found = [v.item() if isinstance(v, np.generic) else v for v in uniques]
    order = sorted(range(len(found)), key=lambda i: label_order(found[i]))
    rank = np.empty(len(found) + 1, np.int32)
    rank[order] = np.arange(len(found), dtype=np.int32)
    rank[-1] = len(found)
    labels = [found[i] for i in order]
    if (codes < 0).any():
        labels.append(None)
    return rank[codes], tuple(labels)


def pack(flags: Sequence[Array]) -> Array:
    """Pack up to 64 columns of 0/1 ``uint8`` into one word a row, column j in bit j; the smallest word that fits."""
    width = next(bits for bits in (8, 16, 32, 64) if len(flags) <= bits)
    rows = len(flags[0]) if flags else 0
    words = np.zeros(rows, np.dtype(f"uint{width}"))
    for start in range(0, rows, BLOCK // 4):
        part = slice(start, start + BLOCK // 4)
        for first in range(0, len(flags), 8):
            byte = np.zeros(len(words[part]), np.uint8)
            for j, column in enumerate(flags[first : first + 8]):
                # a product by a power of two is a shift, and unlike a shift of bytes it is vectorised
                byte |= column[part] * np.uint8(1 << j)
            words[part] |= byte.astype(words.dtype) << words.dtype.type(first)
    return words


def combine(columns: Sequence[Array], sizes: Sequence[int]) -> tuple[Array, Array]:
    """Number the combinations of codes that occur, in the order of the columns.

    Returns
    -------
    code : int32 array, shape (n,)
        Which combination each row has.
    table : int32 array, shape (combinations, columns)
        The codes of each combination, sorted.
    """
    rows = len(columns[0])
    # a column of one label tells nothing apart
    varied = [i for i, size in enumerate(sizes) if size > 1]
    if not varied:
        return nothing(rows), np.zeros((min(rows, 1), len(columns)), np.int32)
    found, key = renumber(columns[varied[0]], sizes[varied[0]])
    parts = {varied[0]: found}
    for i in varied[1:]:
        found, key = renumber(key.astype(np.int64) * sizes[i] + columns[i], len(found) * sizes[i])
        parts = {j: part[found // sizes[i]] for j, part in parts.items()} | {i: found % sizes[i]}
    table = np.zeros((len(found), len(columns)), np.int32)
    for i, part in parts.items():
        table[:, i] = part
    return key.astype(np.int32, copy=False), table


def nothing(rows: int) -> Array:
    """Return a column of code 0 that takes no memory (and can't be written to)."""
    return np.broadcast_to(np.int32(0), (rows,))


def renumber(key: Array, total: int) -> tuple[Array, Array]:
    """Return the values that occur in ``key``, sorted, and each row's place among them."""
    if total > max(SMALL, 4 * len(key)):
        return np.unique(key, return_inverse=True)
    present = np.zeros(total, bool)
    present[key] = True
    found = np.flatnonzero(present)
    if len(found) == total:
        return found, key
    return found, (np.cumsum(present, dtype=np.int32) - np.int32(1))[key]


def join_bits(columns: Sequence[Array], sizes: Sequence[int]) -> tuple[Array, int]:
    """Put columns of codes side by side in the bits of one ``int64`` key that sorts as they do.

    Returns the keys, and their range.
    """
    key = np.zeros(len(columns[0]), np.int64)
    total = 1
    for column, size in zip(columns, sizes, strict=True):
        width = bits_for(size)
        if not width:
            continue
        if total == 1:
            key = column.astype(np.int64)
        else:
            key <<= width
            key |= column.astype(np.int64)
        total <<= width
    return key, total


def split_bits(key: Array, sizes: Sequence[int]) -> list[Array]:
    """Undo :func:`join_bits`."""
    columns = []
    for size in reversed(sizes):
        width = bits_for(size)
        columns.append((key & ((1 << width) - 1)).astype(np.int32 if width < 32 else np.int64))
        key = key >> width
    return columns[::-1]


def bits_for(size: int) -> int:
    """Bits that hold the codes ``0 … size − 1``."""
    return max(size - 1, 0).bit_length()


def sort_rows(key: Array, total: int) -> tuple[Array | None, Array]:
    """Return the order that sorts ``key`` (None if it is sorted already) and the first place of each run of
    equals.

    Row numbers ride in the low bits of the key, so one sort of plain words does the work of an argsort.
    """
    if not len(key):
        return None, np.zeros(0, np.int64)
    order: Array | None = None
    if not (key[1:] >= key[:-1]).all():
        row_bits = (len(key) - 1).bit_length()
        if total << row_bits < 1 << 63:
            packed = (key << row_bits) | np.arange(len(key))
            packed.sort()
            order = packed & ((1 << row_bits) - 1)
            key = packed >> row_bits
        else:
            order = np.argsort(key, kind="stable")
            key = key[order]
    starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    return order, starts


def block_edges(first: Array, block: int) -> list[int]:
    """Cut rows into blocks of about ``block`` rows.

    Where rows come sorted by their first code, blocks end between two codes, so that no cell is cut in two,
    and the cells of one block follow those of the one before.
    """
    rows = len(first)
    edges = list(range(block, rows, block))
    if edges and first.strides[0] and (first[1:] >= first[:-1]).all():
        edges = sorted(set(np.searchsorted(first, first[edges]).tolist()) - {0})
    return [0, *edges, rows]


def add_up(key: Array, total: int, sums: Mapping[str, Array | None]) -> tuple[Array, dict[str, Array]]:
    """Add up rows of equal key.

    Parameters
    ----------
    key : int64 array, shape (n,)
    total : int
        Keys lie in ``range(total)``.
    sums : mapping of name to array (n,) or (n, r), or None
        What to add; None counts rows. Whole numbers are added exactly.

    Returns
    -------
    keys : int64 array, shape (cells,)
        The keys that occur, sorted.
    sums : dict of name to array
        ``int64`` for whole numbers and counts, ``float64`` otherwise.
    """
    flat = all(values is None or values.ndim == 1 for values in sums.values())
    small = all(values is None or values.dtype.kind == "f" or _fits_float(values) for values in sums.values())
    if total <= min(DENSE, max(4 * len(key), SMALL)) and flat and small:
        counts = np.bincount(key, minlength=total)
        keys = np.flatnonzero(counts)
        dense = {}
        for name, values in sums.items():
            added = counts[keys] if values is None else np.bincount(key, values, minlength=total)[keys]
            dense[name] = added if values is not None and values.dtype.kind == "f" else added.astype(np.int64)
        return keys, dense
    order, starts = sort_rows(key, total)
    first = starts if order is None else order[starts]
    out: dict[str, Array] = {}
    for name, values in sums.items():
        if values is None:
            out[name] = np.diff(np.append(starts, len(key))).astype(np.int64)
        else:
            arranged = values if order is None else values[order]
            wide = _wide(arranged)
            out[name] = np.add.reduceat(wide, starts, axis=0) if len(starts) else wide[:0]
    return key[first], out


def _wide(values: Array) -> Array:
    return values.astype(np.float64 if values.dtype.kind == "f" else np.int64, copy=False)


def _fits_float(values: Array) -> bool:
    return not len(values) or int(values.max()) * len(values) < EXACT_FLOAT
