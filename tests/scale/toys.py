"""Small tables that the tests of scans share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

import mdpoverty as mdp
from tests.toy import TOY


def toy(sizes: list[int]) -> tuple[pl.DataFrame, pl.DataFrame]:
    keys = list(range(10, 10 + len(sizes)))
    homes = pl.DataFrame(
        {
            "household_id": keys,
            "coast": ["east"] * len(keys),
            "shells": [50.0] * len(keys),
            "huts": [1.0] * len(keys),
            **{name: [True] * len(keys) for name in ("boat", "net", "hook")},
        },
        schema_overrides={"household_id": pl.Int64, "coast": pl.String, "shells": pl.Float64, "huts": pl.Float64},
    )
    owners = [key for key, size in zip(keys, sizes, strict=True) for _ in range(size)]
    people = pl.DataFrame(
        {
            "household_id": owners,
            "age": [20 + i % 30 for i in range(len(owners))],
            "trade": ["none"] * len(owners),
            "swims": [i % 7 > 0 for i in range(len(owners))],
        },
        schema={"household_id": pl.Int64, "age": pl.Int64, "trade": pl.String, "swims": pl.Boolean},
    )
    return homes, people


def write(folder: Path, homes: Any, people: Any) -> mdp.scale.Scan:
    for name, frame in (("homes", homes), ("people", people)):
        (folder / name).mkdir(exist_ok=True)
        half = len(frame) // 2
        frame[:half].write_parquet(folder / name / "1.parquet")
        frame[half:].write_parquet(folder / name / "2.parquet")
    return mdp.scan(folder / "homes", folder / "people", block=10)


def type_of(kind: type) -> pa.DataType:
    return pa.int64() if kind is int else pa.string()


def given_homes(keys: Any, **more: Any) -> pa.Table:
    """Households whose indicators are all given, so that no members are needed."""
    table: dict[str, Any] = {"household_id": keys if isinstance(keys, pa.Array) else pa.array(keys)}
    n = len(table["household_id"])
    columns = {"shells": [1.0] * n, "coast": ["east"] * n, **{name: [True] * n for name in TOY.indicators}}
    types = {"shells": pa.float64(), "coast": pa.string()}
    table |= {name: pa.array(its, types.get(name, pa.bool_())) for name, its in columns.items()}
    return pa.table(table | more)
