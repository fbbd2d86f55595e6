"""The same answers as every kind of table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

FLAGS = ("hf", "hg", "mf", "mg", "boat", "net", "hook", "swims")
TEXT = ("hc", "mc", "coast", "trade")


def _pandas_nullable(columns: dict[str, list[Any]]) -> pd.DataFrame:
    types = {name: "boolean" if name in FLAGS else "string" if name in TEXT else "Float64" for name in columns}
    return pd.DataFrame({name: pd.array(values, dtype=types[name]) for name, values in columns.items()})


def _pandas_categorical(columns: dict[str, list[Any]]) -> pd.DataFrame:
    frame = _pandas_nullable(columns)
    for name in columns:
        if name in TEXT:
            frame[name] = frame[name].astype("category")
    return frame.set_index(pd.Index([f"row {i}" for i in range(len(frame))], dtype="object"))


def _pandas_arrow(columns: dict[str, list[Any]]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.array(values, dtype=_arrow(name)) for name, values in columns.items()})


def _arrow(name: str) -> pd.ArrowDtype:
    return pd.ArrowDtype(pa.bool_() if name in FLAGS else pa.string() if name in TEXT else pa.float64())


def _polars(columns: dict[str, list[Any]]) -> pl.DataFrame:
    types = {name: pl.Boolean if name in FLAGS else pl.String if name in TEXT else pl.Float64 for name in columns}
    return pl.DataFrame({name: pl.Series(name, values, types[name], strict=False) for name, values in columns.items()})


def _polars_categorical(columns: dict[str, list[Any]]) -> pl.DataFrame:
    return _polars(columns).with_columns(pl.col(pl.String).cast(pl.Categorical))


def _pyarrow(columns: dict[str, list[Any]]) -> pa.Table:
    types = {name: pa.bool_() if name in FLAGS else pa.string() if name in TEXT else pa.float64() for name in columns}
    return pa.table({name: pa.array(values, types[name]) for name, values in columns.items()})


def _pyarrow_chunked(columns: dict[str, list[Any]]) -> pa.Table:
    whole = _pyarrow(columns)
    dictionary = {name: whole[name].dictionary_encode() if name in TEXT else whole[name] for name in columns}
    table = pa.table(dictionary)
    half = len(table) // 2
    return pa.concat_tables([table.slice(0, half), table.slice(half)])


def _arrays(columns: dict[str, list[Any]]) -> dict[str, Any]:
    return {name: np.array([*values, None], dtype=object)[:-1] for name, values in columns.items()}


KINDS = {
    "pandas": pd.DataFrame,
    "pandas-nullable": _pandas_nullable,
    "pandas-categorical": _pandas_categorical,
    "pandas-arrow": _pandas_arrow,
    "polars": _polars,
    "polars-categorical": _polars_categorical,
    "pyarrow": _pyarrow,
    "pyarrow-chunked": _pyarrow_chunked,
    "dict of lists": dict,
    "dict of arrays": _arrays,
}
