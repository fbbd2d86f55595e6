"""From drawn answers to a frame of any kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from mdpoverty.errors import MissingExtra

Array: TypeAlias = npt.NDArray[Any]


class Column(NamedTuple):
    """Answers as numbers; ``labels`` are the words of a coded answer, ``missing`` is None where nothing ever is."""

    values: Array
    missing: Array | None = None
    labels: tuple[str, ...] | None = None


Table: TypeAlias = dict[str, Column]


def cut(column: Column, rows: Array | slice) -> Column:
    """Return some rows of a column."""
    missing = None if column.missing is None else column.missing[rows]
    return column._replace(values=column.values[rows], missing=missing)


def join(parts: list[Table]) -> Table:
    """Put tables below each other; always a copy, since grains are kept for the next block."""

    def below(columns: list[Column]) -> Column:
        missing = [column.missing for column in columns if column.missing is not None]
        return Column(
            np.concatenate([column.values for column in columns]),
            np.concatenate(missing) if missing else None,
            columns[0].labels,
        )

    return {name: below([part[name] for part in parts]) for name in parts[0]}


def _to_pandas(table: Table) -> Any:
    import pandas as pd

    def series(column: Column) -> Any:
        values, missing, labels = column
        if labels is not None:
            codes: npt.NDArray[np.signedinteger[Any]] = values.astype(np.int16 if len(labels) > 127 else np.int8)
            if missing is not None:
                codes[missing] = -1
            return pd.Categorical.from_codes(codes, categories=pd.Index(list(labels)))
        if values.dtype.kind == "U":
            return pd.array(values.astype(object), dtype="str")
        if missing is None:
            return values
        if values.dtype.kind == "f":
            return np.where(missing, np.nan, values)
        if values.dtype == bool:
            return pd.arrays.BooleanArray(values, missing)
        return pd.arrays.IntegerArray(values, missing)

    return pd.DataFrame({name: series(column) for name, column in table.items()}, copy=False)


def _to_polars(table: Table) -> Any:
    pl = _need("polars", "polars")

    def series(column: Column) -> Any:
        values, missing, labels = column
        if labels is None:
            there = pl.Series(values)
        else:  # by position, since how a number becomes an Enum differs from release to release
            there = pl.Series(labels, dtype=pl.Enum(labels)).gather(pl.Series(values.astype(np.uint32)))
        return there if missing is None else pl.select(pl.when(pl.Series(~missing)).then(there)).to_series()

    return pl.DataFrame({name: series(column) for name, column in table.items()})


def _to_pyarrow(table: Table) -> Any:
    pa = _need("pyarrow", "mdpoverty[arrow]")

    def array(column: Column) -> Any:
        values, missing, labels = column
        if labels is None:
            return pa.array(values, mask=missing)
        codes = pa.array(values.astype(np.int16 if len(labels) > 127 else np.int8), mask=missing)
        return pa.DictionaryArray.from_arrays(codes, pa.array(list(labels)))

    return pa.table({name: array(column) for name, column in table.items()})


def _to_dict(table: Table) -> dict[str, Array]:
    def array(column: Column) -> Array:
        values, missing, labels = column
        if labels is not None:
            values = np.array(labels, dtype=object)[values]
        if missing is None:
            return values.astype(object) if values.dtype.kind == "U" else values
        if values.dtype.kind in "if":
            return np.where(missing, np.nan, values)
        words = values.astype(object)
        words[missing] = None
        return words

    return {name: array(column) for name, column in table.items()}


MAKERS: Final[dict[str, Callable[[Table], Any]]] = {
    "pandas": _to_pandas,
    "polars": _to_polars,
    "pyarrow": _to_pyarrow,
    "dict": _to_dict,
}


def _need(package: str, install: str) -> Any:
    from importlib import import_module

    try:
        return import_module(package)
    except ImportError as error:
        raise MissingExtra(
            f'kind="{package}" needs the package {package}. Install it: pip install "{install}"',
            extra=install,
        ) from error
