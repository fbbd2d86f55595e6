"""Tables that a result keeps: as they are now, whatever becomes of them, or of the arrays that they lie over."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import narwhals as nw

from mdpoverty.tables.reading import Table

_FEW = 1_000  # rows


def kept(data: Any, read: Collection[str] = ()) -> Any:
    """Return a table that nobody else can change.

    polars and Arrow share the memory of numpy's arrays without a word, and pandas does when it is told to, so columns
    of numbers, flags and days are copied. Text is shared: nobody changes that in place.

    Parameters
    ----------
    data
        A dataframe or a dict of arrays; what is none is returned as it is, and :func:`open_table` refuses it.
    read : collection of str
        Columns that aren't copied, since whoever asks reads them now and keeps what was read.
    """
    if isinstance(data, Table):  # of a scan: a block in memory of its own
        return data
    data = nw.to_native(data, pass_through=True)
    if isinstance(data, Mapping):
        return {name: values if name in read else _column(values) for name, values in data.items()}
    module = _module(data)
    if module == "pandas" and hasattr(data, "columns"):
        return _pandas(data, read)
    if module == "polars" and hasattr(data, "get_columns"):
        return data.with_columns(_polars(data.select(name for name in data.columns if name not in read)))
    if module == "pyarrow" and hasattr(data, "column_names"):
        names = data.column_names
        columns = [its if name in read else _arrow(its) for name, its in zip(names, data.columns, strict=True)]
        return type(data).from_arrays(columns, names=names)
    return data.copy() if hasattr(data, "copy") else data


def _module(data: Any) -> str:
    return type(data).__module__.partition(".")[0]


def _column(values: Any) -> Any:
    module = _module(values)
    if module == "polars" and hasattr(values, "to_frame"):
        return values.to_frame().with_columns(_polars(values.to_frame())).to_series()
    if module == "pyarrow" and hasattr(values, "type"):
        return _arrow(values)
    if module == "pandas" and hasattr(values, "dtype"):
        return _series(values)
    if isinstance(values, str | bytes):
        return values
    return values.copy() if hasattr(values, "copy") else list(values) if isinstance(values, Sequence) else values


def _pandas(data: Any, read: Collection[str]) -> Any:
    """Copy what pandas' own copy on write doesn't: columns over arrays of somebody else's."""
    import pandas as pd

    lazily = int(pd.__version__.partition(".")[0]) >= 3 or pd.options.mode.copy_on_write is True
    whole = not lazily or data.shape[0] < _FEW  # all at once, which puts columns of one type together besides
    made = data.copy(deep=whole)
    for position, dtype in enumerate(data.dtypes.to_numpy()):
        if isinstance(dtype, pd.ArrowDtype) or not (whole or data.columns[position] in read):
            made.isetitem(position, _series(data.iloc[:, position]))
    return made


def _series(series: Any) -> Any:
    import pandas as pd

    if not isinstance(series.dtype, pd.ArrowDtype):
        return series.copy()
    fresh = type(series.array)(_arrow(series.array.__arrow_array__()))
    return pd.Series(fresh, index=series.index, name=series.name)


def _polars(frame: Any) -> Any:
    """Return the columns of a frame that may lie over somebody's arrays, in memory of their own."""
    import polars as pl

    held = frame.select(name for name, type_ in frame.schema.items() if type_.is_numeric() or type_.is_temporal())
    first = held.head(1)  # what is put together is written anew
    return held if not len(held) else pl.concat([first, held], rechunk=True).slice(1)


def _arrow(column: Any) -> Any:
    import pyarrow as pa

    if not (pa.types.is_primitive(column.type) or pa.types.is_dictionary(column.type)) or not len(column):
        return column
    chunks = column.chunks if hasattr(column, "chunks") else [column]
    pieces = [piece for chunk in chunks for piece in (chunk[:1], chunk[1:])]
    fresh = pa.concat_arrays([pieces[0][:0], *pieces])  # what is put together is written anew
    return pa.chunked_array([fresh]) if hasattr(column, "chunks") else fresh
