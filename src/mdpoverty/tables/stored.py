"""A column as its library stores it, and what its type says that it holds: looked at once, and known from then on.

pandas, polars and Arrow each have a door of their own to what lies in memory, which is taken for what every table is
asked. What few tables are asked, narwhals asks of all of them in one way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum, auto
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, Final, Literal

import narwhals as nw
import numpy as np
from attrs import frozen

from mdpoverty.tables import arrow_types
from mdpoverty.tables.columns import Array

Library = Literal["pandas", "polars", "pyarrow"]


class Holds(Enum):
    """What a column holds, as far as its type says."""

    FLAGS = auto()
    WHOLE = auto()
    FLOATS = auto()
    SINGLES = auto()  # floats of 32 bits and fewer, which money isn't trusted to
    DECIMALS = auto()
    TEXT = auto()
    CATEGORIES = auto()
    ORDERED = auto()  # categories whose order counts
    TIMES = auto()
    NESTED = auto()
    MIXED = auto()  # values each of which has a type of its own, in a union of Arrow's
    OBJECTS = auto()  # Python's own
    OTHER = auto()  # what isn't read, or has no value


@frozen(eq=False)
class Stored:
    """A column of a dataframe.

    Attributes
    ----------
    native : numpy.ndarray, pandas.api.extensions.ExtensionArray, polars.Series or pyarrow.ChunkedArray
        The column; of pandas its array, and of what pandas holds in Arrow's memory what lies there.
    library : {"pandas", "polars", "pyarrow"}
        Whose it is.
    holds : Holds
    """

    native: Any
    library: Library
    holds: Holds

    @classmethod
    def of(cls, native: Any) -> Stored:
        """Look at a column, or at the array of one of pandas."""
        if type(native) is np.ndarray:
            if not native.dtype.isnative:  # from another kind of machine, or an old file
                native = native.astype(native.dtype.newbyteorder("="))
            return cls(native, "pandas", _type(native.dtype)[0])
        library = _LIBRARIES.get(type(native).__module__.partition(".")[0], "pandas")
        if library == "pandas" and hasattr(native, "iloc"):
            native = native.to_numpy() if isinstance(native.dtype, np.dtype) else native.array
        dtype = native.type if library == "pyarrow" else native.dtype
        name = type(dtype).__name__
        if name in ("CategoricalDtype", "Categorical", "Enum"):  # looked up, they would be hashed with all they hold
            ordered = name == "Enum" or getattr(dtype, "ordered", False)
            return cls(native, library, Holds.ORDERED if ordered else Holds.CATEGORIES)
        if name in _MASKED and library == "pandas":
            return cls(native, library, _MASKED[name])
        holds, readable = _type(dtype)
        return cls(native, library, holds) if readable is None else cls.of(readable(native))

    def __len__(self) -> int:
        return len(self.native)

    @property
    def series(self) -> nw.Series[Any]:
        """The column as narwhals has it."""
        if self.library != "pandas":
            return nw.from_native(self.native, series_only=True)
        import pandas as pd

        return nw.from_native(pd.Series(self.native, copy=False), series_only=True)

    @property
    def arrow(self) -> Any:
        """The column as Arrow has it, in one piece or several; ``None`` where that isn't how it lies."""
        if self.library == "pyarrow":
            return self.native
        return self.native.to_arrow() if self.library == "polars" and has_arrow() else None

    def take(self, rows: Array) -> Stored:
        """Return some rows."""
        return Stored(
            self.native.take(rows) if self.library != "polars" else self.native[rows], self.library, self.holds
        )

    def to_list(self) -> list[Any]:
        """Return the values as the library gives them to Python."""
        listed: list[Any] = self.native.to_pylist() if self.library == "pyarrow" else self.series.to_list()
        return listed


_MASKED: Final[Mapping[str, Holds]] = {
    "BooleanDtype": Holds.FLAGS,
    **{f"{sign}Int{bits}Dtype": Holds.WHOLE for sign in ("", "U") for bits in (8, 16, 32, 64)},
    "Float32Dtype": Holds.SINGLES,
    "Float64Dtype": Holds.FLOATS,
}
"""What pandas' columns with gaps hold, by their type's name: its types are slow to look up."""

_LIBRARIES: Final[Mapping[str, Library]] = {"polars": "polars", "pyarrow": "pyarrow"}


def listed(index: Any) -> list[Any]:
    """Return the values of an index of pandas."""
    values: list[Any] = index.array.__arrow_array__().to_pylist() if in_arrow(index.dtype) else index.tolist()
    return values


@lru_cache(maxsize=1)
def has_arrow() -> bool:
    """Return whether pyarrow is there, which only an extra asks for."""
    return find_spec("pyarrow") is not None


def in_arrow(dtype: Any) -> bool:
    """Return whether a type of pandas is one of columns that lie in Arrow's memory."""
    return hasattr(dtype, "pyarrow_dtype") or getattr(dtype, "storage", "") in ("pyarrow", "pyarrow_numpy")


@lru_cache(maxsize=1024)
def _type(dtype: Any) -> tuple[Holds, Callable[[Any], Any] | None]:
    """Return what columns of a type hold, and what brings one into a type that can be read where that one can't be."""
    if getattr(dtype, "kind", "") == "O" and isinstance(dtype, np.dtype):
        return Holds.OBJECTS, None
    if isinstance(dtype, np.dtype) and dtype == np.float16:  # which older releases of narwhals don't know
        return Holds.SINGLES, None
    if in_arrow(dtype):
        return Holds.OTHER, _lying_in_arrow
    in_tables = type(dtype).__module__.startswith("pyarrow.") or hasattr(dtype, "storage_type")
    if in_tables and arrow_types.unusual(dtype) is not None:
        return Holds.OTHER, arrow_types.usual
    if in_tables and arrow_types.is_union(dtype):
        return Holds.MIXED, None
    its = _empty(dtype).dtype
    if its in (nw.Int128, nw.UInt128):
        return Holds.OTHER, _in_64_bits
    return _held(its), None


def _empty(dtype: Any) -> nw.Series[Any]:
    """Return a column of a type, with nothing in it."""
    library = type(dtype).__module__.partition(".")[0]
    if library == "pyarrow":
        import pyarrow as pa

        return nw.from_native(pa.chunked_array([], dtype), series_only=True)
    if library == "polars":
        import polars as pl

        return nw.from_native(pl.Series([], dtype=dtype), series_only=True)
    import pandas as pd

    return nw.from_native(pd.Series([], dtype=dtype), series_only=True)


def _held(dtype: nw.dtypes.DType) -> Holds:
    if dtype == nw.Boolean:
        return Holds.FLAGS
    if dtype.is_integer():
        return Holds.WHOLE
    if dtype.is_float():
        return Holds.FLOATS if dtype == nw.Float64 else Holds.SINGLES
    if dtype.is_decimal():
        return Holds.DECIMALS
    if dtype == nw.String:
        return Holds.TEXT
    if dtype == nw.Categorical:  # of Arrow: those of others are told by their names
        return Holds.CATEGORIES
    if dtype.is_temporal():
        return Holds.TIMES
    return Holds.NESTED if dtype.is_nested() else Holds.OTHER


def _lying_in_arrow(array: Any) -> Any:
    import pyarrow as pa

    held = array.__arrow_array__()
    return held if isinstance(held, pa.ChunkedArray) else pa.chunked_array([held])


def _in_64_bits(series: Any) -> Any:
    import polars as pl

    try:
        return series.cast(pl.Int64)
    except pl.exceptions.InvalidOperationError:  # numbers that don't fit
        return series.cast(pl.String)
