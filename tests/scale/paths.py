"""The ways in which the same two tables can reach the library, for tests to take each of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.dataset
import pyarrow.parquet as pq

from tests.tables import KINDS

Columns = dict[str, list[Any]]
Path_ = Callable[[Columns, Path, str], Any]


def _parquet(columns: Columns, folder: Path, name: str) -> Path:
    path = folder / f"{name}.parquet"
    pq.write_table(KINDS["pyarrow"](columns), path, row_group_size=2)
    return path


def _parquet_polars(columns: Columns, folder: Path, name: str) -> str:
    KINDS["polars-categorical"](columns).write_parquet(folder / f"{name}.parquet")
    return str(folder / f"{name}.parquet")


def _several_files(columns: Columns, folder: Path, name: str) -> str:
    """Cut a table anywhere: the files of one table needn't fit those of the other."""
    (folder / name).mkdir()
    table = KINDS["pyarrow"](columns)
    edges = [0, len(table) // 3, len(table) // 3, 2 * len(table) // 3, len(table)]
    for i, (start, stop) in enumerate(pairwise(edges)):  # one of them is empty
        pq.write_table(table.slice(start, stop - start), folder / name / f"part-{i}.parquet")
    return str(folder / name / "*.parquet")


def _csv(columns: Columns, folder: Path, name: str) -> Path:
    path = folder / f"{name}.csv"
    pa.csv.write_csv(KINDS["pyarrow"](columns), path)
    return path


def _dataset(columns: Columns, folder: Path, name: str) -> Any:
    return pa.dataset.dataset(_parquet(columns, folder, name))


def _lazy(columns: Columns, folder: Path, name: str) -> Any:
    return pl.scan_parquet(_parquet(columns, folder, name))


def _reader(columns: Columns, folder: Path, name: str) -> Any:
    table = KINDS["pyarrow"](columns)
    return pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=2))


def _duckdb(columns: Columns, folder: Path, name: str) -> Any:
    import duckdb

    _open.append(duckdb.connect())
    return _open[-1].read_parquet(str(_parquet(columns, folder, name)))


_open: deque[Any] = deque(maxlen=4)  # DuckDB's old releases close what nobody holds, though it is still read from


PATHS: dict[str, Path_] = {
    "parquet": _parquet,
    "parquet by polars": _parquet_polars,
    "several files": _several_files,
    "csv": _csv,
    "dataset": _dataset,
    "pyarrow": lambda columns, folder, name: KINDS["pyarrow"](columns),
    "pyarrow chunked": lambda columns, folder, name: KINDS["pyarrow-chunked"](columns),
    "polars": lambda columns, folder, name: KINDS["polars"](columns),
    "pandas": lambda columns, folder, name: KINDS["pandas-nullable"](columns),
    "polars lazy": _lazy,
    "arrow stream": _reader,
    "duckdb": _duckdb,
}
ONCE = {"arrow stream"}
