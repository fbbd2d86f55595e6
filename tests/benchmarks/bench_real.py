"""Time the files that people have against rivals by hand: ``python tests/benchmarks/bench_real.py [--households N]``.

Text keys in order and shuffled, frames as ``pd.read_csv`` leaves them (flags with gaps are objects), the caller's
``codes=``, polars, Arrow, and one row. Each is from answers in memory to classes and indicators, the best of several
runs in turns: in milliseconds, and in those of the processor, all cores together, which others' work disturbs less.
Rivals get the same keys in the same order, in their own kind of table, and know nothing of missing answers: their data
are complete, and so are the library's beside them. Their results are checked equal, household by household.
"""

from __future__ import annotations

import argparse
import gc
import io
import time
from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import rivals

import mdpoverty as mdp
from mdpoverty import examples

DATE = "2024-10-01"
FLAGS = ("insured", "disabled", "social_allowance", "uses_internet", "workplace_training", "able_to_work")
YES_NO = {"Có": True, "Không": False}
Frames = tuple[Any, Any]


def keyed(tables: Frames, ids: str, order: str) -> Frames:
    """Give keys another type, and members another order."""
    homes, people = tables
    if ids != "int":
        width = 8 if ids == "text" else 0
        keys = [pd.array("HH-" + t["household_id"].astype("str").str.zfill(width), dtype="str") for t in tables]
        homes, people = (t.assign(household_id=key) for t, key in zip(tables, keys, strict=True))
    return homes, people if order == "in order" else people.sample(frac=1, random_state=1).reset_index(drop=True)


def from_csv(tables: Frames) -> tuple[Frames, float]:
    """Write tables as CSV, and return them as ``pd.read_csv`` reads them, with the processor's seconds that takes."""
    texts = [table.to_csv(index=False) for table in tables]
    start = time.process_time()
    homes, people = (pd.read_csv(io.StringIO(text), keep_default_na=False, na_values=[""]) for text in texts)
    return (homes, people), time.process_time() - start


def classified(tables: Frames, **options: Any) -> Callable[[], np.ndarray]:
    """Return the library's way."""
    return lambda: mdp.standards["vn-2022"].classify(*tables, date=DATE, **options).codes


def by_hand(rival: Callable[..., Any], tables: Frames) -> Callable[[], np.ndarray]:
    """Return a rival's way."""
    return lambda: np.asarray(rival(*tables).classes)


def in_duckdb(tables: Frames) -> Callable[[], np.ndarray]:
    """Return DuckDB's way, with tables of its own; it answers in the order of the keys."""
    database = duckdb.connect()
    for name, table in zip(("households", "members"), tables, strict=True):
        database.register("given", pa.Table.from_pandas(table))
        database.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
    return lambda: np.asarray(rivals.duckdb_sql(database).classes)


def ways(n: int) -> dict[str, Callable[[], np.ndarray]]:
    """Return every way that is timed, by name; what begins with the same word is checked equal."""
    whole = examples.commune(n, gaps=0, ids="int")
    gaps = examples.commune(n, gaps=0.02, ids="int")
    found: dict[str, Callable[[], np.ndarray]] = {}
    for ids, order in (("int", "in order"), ("int", "shuffled"), ("text", "in order"), ("text", "shuffled")):
        found[f"complete: {ids} keys, {order}"] = classified(keyed(whole, ids, order))
    found["complete: text keys of several lengths, shuffled"] = classified(keyed(whole, "varied", "shuffled"))
    shuffled = keyed(whole, "text", "shuffled")
    in_polars = tuple(map(pl.from_pandas, shuffled))
    found["complete: text keys, shuffled, polars tables"] = classified(in_polars)
    found["complete: text keys, shuffled, pandas by hand"] = by_hand(rivals.pandas_tidy, shuffled)
    found["complete: text keys, shuffled, polars by hand"] = by_hand(rivals.polars_eager, in_polars)
    found["complete: text keys, shuffled, DuckDB by hand"] = in_duckdb(shuffled)
    found["complete: int keys, in order, polars tables"] = classified(tuple(map(pl.from_pandas, whole)))
    found["complete: int keys, in order, Arrow tables"] = classified(tuple(map(pa.Table.from_pandas, whole)))
    found["gaps: int keys"] = classified(gaps)
    found["gaps: polars tables"] = classified(tuple(map(pl.from_pandas, gaps)))
    found["gaps: Arrow tables"] = classified(tuple(map(pa.Table.from_pandas, gaps)))
    csv, seconds = from_csv(gaps)
    print(f"pd.read_csv of both tables takes {seconds * 1e3:,.0f} ms")
    found["gaps: as pd.read_csv leaves them"] = classified(csv)
    people = gaps[1].assign(
        **{name: gaps[1][name].astype(object).map({True: "Có", False: "Không"}) for name in FLAGS if name in gaps[1]}
    )
    coded, _ = from_csv((gaps[0], people))
    found["gaps: as pd.read_csv leaves them, codes="] = classified(coded, codes=dict.fromkeys(FLAGS, YES_NO))
    one = gaps[0].head(1)
    its = gaps[1][gaps[1]["household_id"] == one["household_id"].iloc[0]]
    found["one: a table of one row"] = classified((one, its))
    return found


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=300_000)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    best: dict[str, tuple[float, float]] = {}
    results: dict[str, np.ndarray] = {}
    asked = ways(options.households)
    for _ in range(options.repeat):  # in turns, so that a busy moment of the machine hits all alike
        for name, way in asked.items():
            gc.collect()
            start = time.perf_counter(), time.process_time()
            classes = way()
            took = time.perf_counter() - start[0], time.process_time() - start[1]
            best[name] = tuple(map(min, best.get(name, took), took))
            first = results.setdefault(name.partition(":")[0], classes)
            assert np.array_equal(first, classes), f"{name}: classes differ"
    base = best["complete: int keys, in order"]
    print(f"{options.households:,} households, best of {options.repeat}; all classes equal")
    print(f"{'':55}{'ms':>9}{'ratio':>8}{'processor ms':>15}{'ratio':>8}")
    for name, took in best.items():
        shown = [f"{its * 1e3:{width}.1f}{its / of:8.2f}" for its, of, width in zip(took, base, (9, 15), strict=True)]
        print(f"{name:55}{''.join(shown)}")


if __name__ == "__main__":
    main()
