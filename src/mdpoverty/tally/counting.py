"""Codes in, cells out: rows that agree on all keys are added up (:func:`add_up`).

That is where the time goes, so it picks between a dense count, a hash table and a sort; all give the same cells in the
same order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mdpoverty.tables.columns import Array as Array
from mdpoverty.tables.labels import DENSE, SMALL, renumber

#: Rows per block: big enough to hide the cost of a numpy call, small enough for key and row number to share
#: 64 bits.
BLOCK = 1 << 20
#: Whole numbers up to here are exact in float64, so ``bincount`` may add them.
EXACT_FLOAT = 1 << 53
_SAMPLE = 1 << 12


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
    falls = int(np.count_nonzero(key[1:] < key[:-1]))
    if falls:
        row_bits = (len(key) - 1).bit_length()
        if total << row_bits < 1 << 63:
            packed = key << row_bits
            packed |= np.arange(len(key))
            packed.sort(kind="stable" if falls < len(key) >> 6 else None)  # a few runs that are sorted are merged
            order = packed & ((1 << row_bits) - 1)
            packed >>= row_bits
            key = packed
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
    if flat and small and total <= min(DENSE, max(4 * len(key), SMALL)):
        counts = np.bincount(key, minlength=total)
        found = np.flatnonzero(counts)
        return found, _added_at(found, key, counts, sums)
    if flat and small and _mostly_repeated(key):
        import pandas as pd

        places, known = pd.factorize(key)
        by_key = np.argsort(known)
        return known[by_key], _added_at(by_key, places, np.bincount(places, minlength=len(known)), sums)
    order, starts = sort_rows(key, total)
    first = starts if order is None else order[starts]
    out: dict[str, Array] = {}
    for name, values in sums.items():
        if values is None:
            out[name] = np.diff(np.append(starts, len(key))).astype(np.int64)
        else:
            out[name] = _added_in_runs(values, order, starts)
    return key[first], out


def _added_in_runs(values: Array, order: Array | None, starts: Array) -> Array:
    wide = _wide(values if order is None else values[order])
    total: Array = np.add.reduceat(wide, starts, axis=0) if len(starts) else wide[:0]
    return total


def _added_at(found: Array, places: Array, counts: Array, sums: Mapping[str, Array | None]) -> dict[str, Array]:
    """Return what the rows of some places add up to; ``counts`` says how many rows each place has."""
    added = {}
    for name, values in sums.items():
        total = counts[found] if values is None else np.bincount(places, values, minlength=len(counts))[found]
        added[name] = total if values is not None and values.dtype.kind == "f" else total.astype(np.int64)
    return added


def _mostly_repeated(key: Array) -> bool:
    """Return whether rows that aren't sorted have few keys, as far as a sample tells: then they are hashed faster."""
    if len(key) < 4 * _SAMPLE or (key[1:] >= key[:-1]).all():
        return False
    sample = np.sort(key[:: len(key) // _SAMPLE])
    return int(np.count_nonzero(sample[1:] != sample[:-1])) < len(sample) // 2


def _wide(values: Array) -> Array:
    return values.astype(np.float64 if values.dtype.kind == "f" else np.int64, copy=False)


def _fits_float(values: Array) -> bool:
    return not len(values) or int(values.max()) * len(values) < EXACT_FLOAT
