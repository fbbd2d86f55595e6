"""Tables out: columns made into a dataframe of any kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Literal, NamedTuple, cast

import numpy as np

from mdpoverty.errors import BadTable
from mdpoverty.extras import need
from mdpoverty.law.fields import Field
from mdpoverty.tables.columns import Array, small
from mdpoverty.tables.options import KEY
from mdpoverty.tables.reading import Table

TableKind = Literal["pandas", "polars", "pyarrow", "dict"]


class Made(NamedTuple):
    """A column to be made: its values, or places among ``labels``; ``missing`` is None where nothing ever is."""

    values: Array
    missing: Array | None = None
    labels: tuple[str, ...] | None = None


def make(kind: str, columns: Mapping[str, Made]) -> Any:
    """Make a table of that kind.

    Raises
    ------
    BadTable
        If there is no such kind.
    MissingExtra
        If that kind of table needs a package that isn't installed.
    """
    if kind not in MAKERS:
        raise BadTable(f"tables are made as {', '.join(MAKERS)}, not {kind!r}")
    return MAKERS[kind](columns)


def empty(kind: str, fields: Iterable[Field]) -> Any:
    """Make a table without rows: the key, and a column for each field, of the type that its answers have."""
    none = np.empty(0, bool)
    coded = kind in ("pandas", "polars")
    types: dict[str, Any] = {"flag": np.bool_, "number": np.float64}

    def column(field: Field) -> Made:
        if field.kind == "code":
            labels = tuple(code.id for code in field.codes)
            return Made(np.empty(0, np.int8), none, labels) if coded else Made(np.empty(0, np.str_))
        return Made(np.empty(0, types.get(field.kind, np.int64)), none)

    listed = list(fields)
    if kind == "dict":  # arrays have no missing values of their own
        return {KEY: np.empty(0, np.str_), **{field.id: column(field).values for field in listed}}
    table = make(kind, {KEY: Made(np.empty(0, np.str_)), **{field.id: column(field) for field in listed}})
    if kind == "pandas":
        return table.astype({KEY: "string", **{field.id: "Float64" for field in listed if field.kind == "number"}})
    return table


def build_frame(like: Table, key: str | None, columns: Mapping[str, Made]) -> Any:
    """Make a table of the same kind as another, with its key, its order and its index."""
    own_keys = like.key_columns if key else ()
    if like.kind == "dict":
        keys = {own: np.asarray(like.given(own)).copy() for own in own_keys}
        return {**keys, **{name: _numpy(column) for name, column in columns.items()}}
    if like.kind == "polars":
        import polars as pl

        return pl.DataFrame(
            [*(like.given(own) for own in own_keys), *(_polars(each).alias(n) for n, each in columns.items())]
        )
    if like.kind == "pyarrow":
        import pyarrow as pa

        own = {name: like.given(name) for name in own_keys}
        return pa.table({**own, **{name: _arrow(column) for name, column in columns.items()}})
    import pandas as pd

    keys = {own: like.given(own).copy() for own in own_keys}
    made = {name: _pandas(column) for name, column in columns.items()}
    frame = pd.DataFrame({**keys, **made}, index=like.index.view(), copy=False)
    if like.kind == "pandas":
        return frame
    import narwhals as nw

    lists = {str(name): values for name, values in frame.to_dict("list").items()}
    return nw.from_dict(lists, backend=cast(Any, like.kind)).to_native()


# ------------------------------------------------------------------------------------------------ one column, by kind


def _places(column: Made) -> Array:
    """Return the places among labels as signed numbers, -1 where missing."""
    assert column.labels is not None
    places = small(column.values, len(column.labels)).copy()
    if column.missing is not None:
        places[column.missing] = -1
    return places


def _pandas(column: Made) -> Any:
    import pandas as pd

    values, missing, labels = column
    if labels is not None:
        return pd.Categorical.from_codes(_places(column), categories=pd.Index(list(labels), dtype="str"))
    if values.dtype.kind == "U":
        return pd.array(values.astype(object), dtype="str")
    if values.dtype == bool and missing is not None:
        return pd.arrays.BooleanArray(values, missing, copy=True)
    if missing is None:
        return values
    return np.where(missing, np.nan, values) if values.dtype.kind == "f" else pd.arrays.IntegerArray(values, missing)


def _polars(column: Made) -> Any:
    pl = need("polars", "polars", "A polars table")
    values, missing, labels = column
    if labels is None:
        there = pl.Series(values)
        return there if missing is None else pl.select(pl.when(pl.Series(~missing)).then(there)).to_series()
    places = pl.Series(_places(column).astype(np.int64))  # by position, since how a number becomes an Enum varies
    return pl.Series(labels, dtype=pl.Enum(labels)).gather(pl.select(pl.when(places >= 0).then(places)).to_series())


def _arrow(column: Made) -> Any:
    pa = need("pyarrow", "arrow", "An Arrow table")
    values, missing, labels = column
    if labels is None:
        return pa.array(values, mask=missing)
    places = _places(column)
    return pa.DictionaryArray.from_arrays(pa.array(places, mask=places < 0), pa.array(list(labels), pa.string()))


def _numpy(column: Made) -> Array:
    values, missing, labels = column
    if labels is not None:
        return np.array([*labels, None], dtype=object)[_places(column)]
    if missing is None:
        return values.astype(object) if values.dtype.kind == "U" else values
    if values.dtype.kind in "if":
        return np.where(missing, np.nan, values)
    words: Array = values.astype(object)
    words[missing] = None
    return words


def _to_pandas(columns: Mapping[str, Made]) -> Any:
    import pandas as pd

    return pd.DataFrame({name: _pandas(column) for name, column in columns.items()}, copy=False)


def _to_polars(columns: Mapping[str, Made]) -> Any:
    frame = need("polars", "polars", "A polars table").DataFrame
    return frame({name: _polars(column) for name, column in columns.items()})


def _to_arrow(columns: Mapping[str, Made]) -> Any:
    table = need("pyarrow", "arrow", "An Arrow table").table
    return table({name: _arrow(column) for name, column in columns.items()})


MAKERS: Final[dict[str, Callable[[Mapping[str, Made]], Any]]] = {
    "pandas": _to_pandas,
    "polars": _to_polars,
    "pyarrow": _to_arrow,
    "dict": lambda columns: {name: _numpy(column) for name, column in columns.items()},
}
