"""A column of labels (places, strata, groups) as codes: each row's place among the sorted labels that occur."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import narwhals as nw
import numpy as np

from mdpoverty.tables import cells
from mdpoverty.tables.columns import Array, Bools

GroupLabel: TypeAlias = Any
"""A value that names a group: text, a number, a flag, a day; ``None`` for the group of those where it is missing."""

DENSE = 1 << 22
"""Largest table of places; beyond it a sort is cheaper than clearing and scanning it."""

SMALL = 1 << 16
"""A table of so many places is cheaper than a sort, however few the rows."""


def label_order(label: GroupLabel) -> tuple[Any, ...]:
    """Sort labels of one type in their own order, whole types one after the other, and None last."""
    if label is None:
        return (2, "", 0)
    if isinstance(label, (int, float)):
        return (0, "", label)
    return (1, type(label).__name__, label)


def encode_labels(column: Any) -> tuple[Array, tuple[GroupLabel, ...]]:
    """Turn a column, or an array, into ``int32`` codes and the sorted labels that occur (None for missing ones)."""
    series = column if isinstance(column, nw.Series) else as_series(column)
    dtype = series.dtype
    if dtype.is_integer() or dtype == nw.Boolean:
        values, missing = cells.raw(series)
        if len(values):
            low, high = int(values.min()), int(values.max())
            if high - low < max(DENSE, 4 * len(values)):
                return _dense(values, missing, low, high)
    if dtype.is_numeric() and not dtype.is_decimal():
        return _numbers(*cells.numeric(series))
    if dtype.is_temporal():
        return _sorted(*_days(series))
    return _sorted(*cells.encode(series))


def as_series(values: Any) -> nw.Series[Any]:
    """Return values of any kind as a column."""
    import pandas as pd

    array = values if hasattr(values, "dtype") else np.asarray(values)
    if getattr(array, "dtype", None) is not None and array.dtype.kind == "U":
        array = array.astype(object)
    return nw.from_native(pd.Series(array, copy=False), series_only=True)


def _dense(values: Array, missing: Bools | None, low: int, high: int) -> tuple[Array, tuple[GroupLabel, ...]]:
    """Encode whole numbers or flags that lie close together through a table of places."""
    # codes that start at zero and leave none out are codes already
    offset = values.view(np.uint8) if values.dtype == bool else values
    if low:
        offset = values.astype(np.int64) - low
    if missing is not None:  # whatever stands in the place of a missing value is no label
        offset = np.where(missing, high - low + 1, offset)
    found, codes = renumber(offset, high - low + 1 + (missing is not None))
    labels: list[GroupLabel] = (found + low).tolist()
    if missing is not None:
        labels.pop()
    named = map(bool, labels) if values.dtype == bool else labels
    return codes, (*named, *((None,) if missing is not None else ()))


def _numbers(values: Array, missing: Bools | None) -> tuple[Array, tuple[GroupLabel, ...]]:
    """Encode numbers, those that are missing last."""
    known = values if missing is None else values[~missing]
    found, places = np.unique(known, return_inverse=True)
    labels = tuple(found.tolist())
    if missing is None:
        return places.astype(np.int32, copy=False), labels
    codes = np.full(len(values), len(labels), np.int32)
    codes[~missing] = places
    return codes, (*labels, None)


def _days(series: nw.Series[Any]) -> tuple[Array, Sequence[GroupLabel]]:
    """Encode days and times as Python's own."""
    import pandas as pd

    values = series.to_numpy()
    if values.dtype.kind == "M":
        # nanoseconds have no Python value; what is beyond microseconds is no label
        whole = values if values.dtype == "datetime64[D]" else values.astype("datetime64[us]")
        codes, found = pd.factorize(whole, use_na_sentinel=True)
        unit = "D" if values.dtype == "datetime64[D]" else "us"
        return np.asarray(codes), np.asarray(found).astype(f"datetime64[{unit}]").astype(object).tolist()
    return cells.encode(series)


def _sorted(places: Array, names: Sequence[GroupLabel]) -> tuple[Array, tuple[GroupLabel, ...]]:
    """Bring codes into the order of their labels, leaving out those that don't occur."""
    occurs = np.zeros(len(names) + 1, bool)
    occurs[places] = True  # a missing code, -1, is the last
    there = [position for position in range(len(names)) if occurs[position]]
    order = sorted(there, key=lambda position: label_order(_python(names[position])))
    rank = np.full(len(names) + 1, len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    labels = tuple(_python(names[position]) for position in order)
    return rank[places], (*labels, None) if occurs[-1] else labels


def _python(label: Any) -> GroupLabel:
    return label.item() if isinstance(label, np.generic) else label


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
