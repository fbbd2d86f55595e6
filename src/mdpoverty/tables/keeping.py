"""Columns that a result keeps: as they are now, whatever becomes of the arrays that they lie over."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

_LONG = 1 << 19  # rows from which on numpy asks for memory in larger pages, which come faster


def owned(at: Callable[[int], Any], places: Iterable[int]) -> Callable[[int], Any]:
    """Return what finds a table's columns by their places, some of them in memory that nobody else can change.

    polars and Arrow share the memory of numpy's arrays without a word, and pandas does when it is told to, so columns
    of numbers, flags and days are copied. Text is shared: nobody changes that in place.
    """
    held = {place: _owned(at(place)) for place in places}
    return partial(_kept, at, held)


def _kept(at: Callable[[int], Any], held: dict[int, Any], place: int) -> Any:
    return held[place] if place in held else at(place)


def _owned(column: Any) -> Any:
    module = type(column).__module__.partition(".")[0]
    if module == "polars":
        return _polars(column)
    if module == "pyarrow":
        return _arrow(column)
    if hasattr(column, "iloc"):
        column = column.to_numpy() if isinstance(column.dtype, np.dtype) else column.array
    if hasattr(column.dtype, "pyarrow_dtype"):
        return type(column)(_arrow(column.__arrow_array__()))
    return column.copy()


def _polars(column: Any) -> Any:
    import polars as pl

    if not len(column) or not (column.dtype.is_numeric() or column.dtype.is_temporal()):
        return column
    plain = column.dtype.is_numeric() and hasattr(np, str(column.dtype).lower()) and not column.null_count()
    if plain and len(column) >= _LONG:
        return pl.Series(column.name, column.to_numpy().copy(), column.dtype)
    return pl.concat([column.head(1), column], rechunk=True).slice(1)  # what is put together is written anew


def _arrow(column: Any) -> Any:
    import pyarrow as pa

    if not (pa.types.is_primitive(column.type) or pa.types.is_dictionary(column.type)) or not len(column):
        return column
    chunks = column.chunks if hasattr(column, "chunks") else [column]
    pieces = [piece for chunk in chunks for piece in (chunk[:1], chunk[1:])]
    fresh = pa.concat_arrays([pieces[0][:0], *pieces])  # what is put together is written anew
    return pa.chunked_array([fresh]) if hasattr(column, "chunks") else fresh
