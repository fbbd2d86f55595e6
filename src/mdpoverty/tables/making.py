"""Columns of results out: a table of the same kind as the one that the answers came in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mdpoverty.tables.reading import Array, Codes, Flags, Numbers, Table

Made = Numbers | Flags | Codes | Array


def build_frame(like: Table, key: str | None, columns: Mapping[str, Made]) -> Any:
    """Return a table of the same kind as another, with its key, its order and its index."""
    if like.kind == "dict":
        keys = {like.own(key): like.native[like.own(key)]} if key else {}
        return {**keys, **{name: _as_numpy(column) for name, column in columns.items()}}
    implementation = like.frame.implementation
    if implementation.is_polars():
        return _polars(like, key, columns)
    if implementation.is_pyarrow():
        return _pyarrow(like, key, columns)
    import narwhals as nw
    import pandas as pd

    native = like.native if implementation.is_pandas() else None
    keys = {like.own(key): like.column(key).to_native()} if key else {}
    made = {name: _as_pandas(column) for name, column in columns.items()}
    frame = pd.DataFrame({**keys, **made}, index=native.index if native is not None else None, copy=False)
    if native is not None:
        return frame
    lists = {str(name): values for name, values in frame.to_dict("list").items()}
    return nw.from_dict(lists, backend=implementation).to_native()


def _as_numpy(column: Made) -> Array:
    if isinstance(column, Flags):
        values = column.values.astype(object)
        if column.missing is not None:
            values[column.missing] = None
        return values
    if isinstance(column, Codes):
        return np.array([*column.names, None], dtype=object)[column.codes]
    return column.values if isinstance(column, Numbers) else column


def _as_pandas(column: Made) -> Any:
    import pandas as pd

    if isinstance(column, Flags):
        missing = np.zeros(len(column.values), bool) if column.missing is None else column.missing
        return pd.arrays.BooleanArray(column.values, missing, copy=True)
    if isinstance(column, Codes):
        return pd.Categorical.from_codes(column.codes, pd.Index(column.names, dtype="str"))
    return column.values if isinstance(column, Numbers) else column


def _polars(like: Table, key: str | None, columns: Mapping[str, Made]) -> Any:
    import polars as pl

    made = [like.native[like.own(key)]] if key else []
    for name, column in columns.items():
        if isinstance(column, Flags):
            flags = pl.Series(name, column.values)
            if column.missing is not None:
                flags = flags.to_frame().select(pl.when(pl.Series(~column.missing)).then(pl.col(name))).to_series()
            made.append(flags)
        elif isinstance(column, Codes):
            names = pl.Series(name, column.names, dtype=pl.Enum(column.names))
            codes = pl.Series(column.codes.astype(np.int64))
            made.append(names.gather(pl.select(pl.when(codes >= 0).then(codes)).to_series()))
        else:
            made.append(pl.Series(name, column.values if isinstance(column, Numbers) else column))
    return pl.DataFrame(made)


def _pyarrow(like: Table, key: str | None, columns: Mapping[str, Made]) -> Any:
    import pyarrow as pa

    made: dict[str, Any] = {like.own(key): like.native[like.own(key)]} if key else {}
    for name, column in columns.items():
        if isinstance(column, Flags):
            made[name] = pa.array(column.values, mask=column.missing)
        elif isinstance(column, Codes):
            codes = pa.array(column.codes, mask=column.codes < 0)
            made[name] = pa.DictionaryArray.from_arrays(codes, pa.array(column.names, pa.string()))
        else:
            made[name] = pa.array(column.values if isinstance(column, Numbers) else column)
    return pa.table(made)
