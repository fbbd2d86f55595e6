"""A column of labels (places, strata, groups) as codes: each row's place among the sorted labels that occur."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from mdpoverty.errors import BadTable
from mdpoverty.tables import cells
from mdpoverty.tables.columns import Array, Bools
from mdpoverty.tables.meanings import hashable
from mdpoverty.tables.stored import Holds, Stored

if TYPE_CHECKING:
    import pandas as pd

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
    if isinstance(label, (int, float)) and not isinstance(label, bool):
        return (0, "", label)
    return (1, type(label).__name__, label)


def label_key(label: GroupLabel) -> tuple[bool, GroupLabel]:
    """Return what a label is told from others by: True and 1 are two labels, though Python holds them equal."""
    return isinstance(label, bool), label


def declared_order(column: Any) -> tuple[GroupLabel, ...] | None:
    """Return the categories of an ordered categorical (pandas) or an Enum (polars) in their order; else None."""
    found = column if isinstance(column, Stored) else _of_values(column)
    if found.holds is not Holds.ORDERED:
        return None
    return tuple(map(plain_label, found.native.dtype.categories))


def label_column(
    labels: Sequence[GroupLabel], codes: Array, order: Sequence[GroupLabel] | None = None
) -> pd.Series[Any]:
    """Return the labels at ``codes`` as a column.

    With an order it is a categorical; whole numbers stay whole beside a missing label.
    """
    import pandas as pd

    codes = np.asarray(codes, np.int64)
    if order:
        place = {label_key(label): i for i, label in enumerate(order)}
        places = np.array([place.get(label_key(label), -1) for label in labels], np.int64)
        return pd.Series(pd.Categorical.from_codes(places[codes], pd.Index(list(order)), ordered=True))
    known = [label for label in labels if label is not None]
    whole = all(type(label) is int and abs(label) < 2**63 for label in known)
    dtype: Any = "Int64" if known and whole and len(known) < len(labels) else None
    if {type(label) for label in known} >= {bool, int}:
        dtype = object
    column: pd.Series[Any] = pd.Series(list(labels), dtype=dtype)
    return column.take(codes).reset_index(drop=True)


def encode_labels(column: Any) -> tuple[Array, tuple[GroupLabel, ...]]:
    """Turn a column, or an array, into ``int32`` codes and the labels that occur (None, for missing ones, last).

    Labels are sorted; those of ordered categories are in their order.
    """
    found = column if isinstance(column, Stored) else _of_values(column)
    if found.holds is Holds.ORDERED:
        places, names = cells.encode(found)
        return _sorted(places, names, list(range(len(names))))
    if found.holds in (Holds.WHOLE, Holds.FLAGS):
        values, missing = cells.raw(found)
        if len(values):
            low, high = int(values.min()), int(values.max())
            if high < 2**63 and high - low < max(DENSE, 4 * len(values)):
                return _dense(values, missing, low, high)
    if found.holds in (Holds.WHOLE, Holds.FLOATS, Holds.SINGLES):
        return _numbers(*cells.numeric(found))
    return _sorted(*(_days(found) if found.holds is Holds.TIMES else cells.encode(found)))


def _of_values(values: Any) -> Stored:
    """Return values of any kind as a column."""
    import pandas as pd

    array = values if hasattr(values, "dtype") else np.asarray(values)
    if getattr(array, "dtype", None) is not None and array.dtype.kind == "U":
        array = array.astype(object)
    return Stored.of(array if array.dtype.kind in "biuf" else pd.Series(array, copy=False))


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
    listed = found.tolist()
    labels = tuple(listed if found.dtype.kind in "iu" else map(plain_label, listed))
    if missing is None:
        return places.astype(np.int32, copy=False), labels
    codes = np.full(len(values), len(labels), np.int32)
    codes[~missing] = places
    return codes, (*labels, None)


def _days(column: Stored) -> tuple[Array, Sequence[GroupLabel]]:
    """Encode days and times as Python's own."""
    import pandas as pd

    values = column.series.to_numpy()
    if values.dtype.kind == "M":
        # nanoseconds have no Python value; what is beyond microseconds is no label
        whole = values if values.dtype == "datetime64[D]" else values.astype("datetime64[us]")
        codes, found = pd.factorize(whole, use_na_sentinel=True)
        unit = "D" if values.dtype == "datetime64[D]" else "us"
        return np.asarray(codes), np.asarray(found).astype(f"datetime64[{unit}]").astype(object).tolist()
    return cells.encode(column)


def _sorted(
    places: Array, names: Sequence[GroupLabel], order: Sequence[int] | None = None
) -> tuple[Array, tuple[GroupLabel, ...]]:
    """Bring codes into the order of their labels (or a given one), leaving out those that don't occur."""
    occurs = np.zeros(len(names) + 1, bool)
    occurs[places.astype(np.intp, copy=False)] = True  # a missing code, -1, is the last
    plain = [plain_label(name) for name in names]
    if not all(map(hashable, plain)):
        raise BadTable("a column of groups holds lists or the like, and not one value in each row")
    there = [position for position in (range(len(names)) if order is None else order) if occurs[position]]
    if order is None:
        try:
            there.sort(key=lambda position: label_order(plain[position]))
        except TypeError:
            raise BadTable("a column of groups holds values without an order, such as complex numbers") from None
    rank_of: dict[Any, int] = {}
    labels: list[GroupLabel] = []
    rank = np.zeros(len(names) + 1, np.int32)
    for position in there:
        key = label_key(plain[position])
        if key not in rank_of:
            rank_of[key] = len(labels)
            labels.append(plain[position])
        rank[position] = rank_of[key]
    rank[-1] = len(labels)
    return rank.take(places, mode="wrap"), (*labels, None) if occurs[-1] else tuple(labels)


def plain_label(label: Any) -> GroupLabel:
    """Return a label in the one way that it is held: 1.0 is 1, and a decimal the float that it prints as.

    Parts of a table are read by themselves, and one may hold as floats what another holds as whole numbers.
    """
    if isinstance(label, np.generic):
        label = label.item()
    if isinstance(label, Decimal | Fraction):
        label = int(label) if abs(label) != math.inf and label == int(label) else float(label)
    if isinstance(label, float) and label.is_integer() and abs(label) < 2**53:
        return int(label)
    if isinstance(label, datetime.datetime) and hasattr(label, "to_pydatetime"):
        return label.to_pydatetime(warn=False)
    return label


def renumber(key: Array, total: int) -> tuple[Array, Array]:
    """Return the values that occur in ``key``, sorted, and each row's place among them."""
    if total > max(SMALL, 4 * len(key)):
        return np.unique(key, return_inverse=True)
    present = np.zeros(total, bool)
    present[key.astype(np.intp, copy=False)] = True
    found = np.flatnonzero(present)
    if len(found) == total:
        return found, key
    return found, (np.cumsum(present, dtype=np.int32) - np.int32(1)).take(key)
