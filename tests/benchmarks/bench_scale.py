"""A nation from Parquet files to tables by province and area, against hand-written engines and against merely reading.

    python tests/benchmarks/bench_scale.py FOLDER [--millions 1] [--gaps 0.02] [--ids text] [--usual] [--repeat 3]
        [--only NAME …]

Made-up households with their members are kept as Parquet in FOLDER, a million households in a file: as quick to read as
files can be, with codes as categories, or with ``--usual`` as pandas and pyarrow write them by default, with codes as
text and compressed by Snappy. Each way runs in a process of its own, after the files have been read once; best wall
time. Peak memory is that of the process and of all that it has started (Spark's JVM and its workers), each at its own
peak, added up. Rivals count classes and deprivations, raw and censored, by province and area, and know nothing of
missing answers; with ``--gaps 0`` their classes are checked equal to the library's.

Spark is a local one on two cores, and is timed warm: it starts and does the whole work once before the clock runs. The
ways on Dask and Spark are left out where these aren't installed.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from decree import AVERAGE_CEILING as CEILING
from decree import CLASSES, DATE, DEVICES, ENOUGH, HYGIENIC, SAFE_WATER
from decree import ORDER as INDICATORS
from decree import POVERTY_LINE as LINE

BY = ["province", "area"]
Counts = dict[str, int]


def make(folder: Path, millions: int, gaps: float, ids: Any = "int", *, usual: bool = False) -> Path:
    """Write the files that aren't there yet, aside first."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from mdpoverty import examples

    data = folder / f"{millions}m-gaps-{gaps}{'-text' if ids == 'text' else ''}{'-usual' if usual else ''}"
    if data.exists():
        return data
    aside = folder / f"{data.name}.partial"
    for what in ("households", "members"):
        (aside / what).mkdir(parents=True, exist_ok=True)
    for i, tables in enumerate(examples.population(millions * 1_000_000, gaps=gaps, kind="pyarrow", ids=ids)):
        if usual:
            tables = tuple(
                table.cast(pa.schema([(it.name, _plain(it.type)) for it in table.schema])) for table in tables
            )
        if i % 10 == 0:
            paths = [aside / what / f"part-{i // 10:03}.parquet" for what in ("households", "members")]
            schemas = [table.schema for table in tables]
            compression = "snappy" if usual else "lz4"
            writers = [
                pq.ParquetWriter(path, its, compression=compression) for path, its in zip(paths, schemas, strict=True)
            ]
        for writer, table in zip(writers, tables, strict=True):
            writer.write_table(table)
        if i % 10 == 9:
            for writer in writers:
                writer.close()
    aside.rename(data)
    return data


def _plain(kind: Any) -> Any:
    return getattr(kind, "value_type", kind)


def shuffle(data: Path) -> None:
    """Write the members once more, in no order at all, if that isn't there yet."""
    import duckdb

    path = data / "shuffled.parquet"
    if path.exists():
        return
    aside = path.with_suffix(".partial")
    members = f"SELECT * FROM read_parquet('{data}/members/*.parquet') ORDER BY hash(household_id, age, random())"
    duckdb.execute(f"COPY ({members}) TO '{aside}' (FORMAT parquet, COMPRESSION lz4_raw)")
    aside.rename(path)


# ------------------------------------------------------------------------------------------------------------- ways


def reading(data: Path) -> Counts:
    """Decode every column of both tables with pyarrow, and do nothing with it."""
    import pyarrow.parquet as pq

    for path in sorted(data.glob("*/*.parquet")):
        for _ in pq.ParquetFile(path).iter_batches(131_072):
            pass
    return {}


def measured(scan: Any, threads: int = 1) -> Counts:
    """Classify, count, and make the table of measures by province and area."""
    import mdpoverty as mdp

    standard = mdp.standards["vn-2022"]
    tally = standard.tally(scan, by=BY, date=DATE, threads=threads)
    _ = mdp.AlkireFoster.from_standard(standard).measure_tally(tally, missing="drop").table
    return dict(zip(*(tally.counts(())[name].tolist() for name in ("category", "n")), strict=True))


def library(data: Path, threads: int = 1) -> Counts:
    """Read in blocks, in this process."""
    import mdpoverty as mdp

    return measured(mdp.scan(data / "households", data / "members"), threads)


def files(data: Path) -> Counts:
    """Write the class and indicators of every household."""
    import mdpoverty as mdp

    with TemporaryDirectory() as folder:
        scan = mdp.scan(data / "households", data / "members")
        counts = mdp.standards["vn-2022"].classify(scan, sink=f"{folder}/out/*.parquet", date=DATE).counts()
        return dict(zip(counts["category"].tolist(), counts["n"].tolist(), strict=True))


def unordered(data: Path) -> Counts:
    """The same as the library's, with members shuffled."""
    import mdpoverty as mdp

    scan = mdp.scan(data / "households", data / "shuffled.parquet", aligned=False)
    tally = mdp.standards["vn-2022"].tally(scan, by=BY, date=DATE)
    return dict(zip(*(tally.counts(())[name].tolist() for name in ("category", "n")), strict=True))


def sql(data: Path) -> Counts:
    """Run the library's rules as SQL, missing answers and all."""
    import duckdb

    import mdpoverty as mdp

    query = mdp.standards["vn-2022"].to_sql(date=DATE)
    with duckdb.connect() as database:
        for what in ("households", "members"):
            database.execute(f"CREATE VIEW {what} AS SELECT * FROM read_parquet('{data / what}/*.parquet')")
        found = database.execute(f"SELECT coalesce(category, 'open'), count(*) FROM ({query}) GROUP BY 1")
        return dict(found.fetchall())


def polars(data: Path) -> Counts:
    """As someone who knows polars writes it, for its streaming engine."""
    import polars as pl
    from rivals import _ANY, _polars_flags

    members = pl.scan_parquet(data / "members" / "*.parquet").with_columns(pl.col(pl.Categorical).cast(pl.String))
    flags = members.select("household_id", *_polars_flags())
    house = flags.group_by("household_id").agg(pl.col(_ANY).any(), pl.col("dependent").sum())
    households = pl.scan_parquet(data / "households" / "*.parquet").with_columns(pl.col(pl.Categorical).cast(pl.String))
    size, urban = pl.col("household_size"), pl.col("area") == "urban"
    flimsy = sum((~pl.col(part)).cast(pl.UInt8) for part in ("wall_durable", "pillar_durable", "roof_durable"))
    low = pl.col("income") <= pl.when(urban).then(LINE["urban"]).otherwise(LINE["rural"])
    middle = pl.col("income") <= pl.when(urban).then(CEILING["urban"]).otherwise(CEILING["rural"])
    deprived = households.join(house, on="household_id", how="left").with_columns(
        dependents=pl.col("dependent") * 2 > size,
        housing_quality=flimsy >= 2,
        housing_area=pl.col("floor_area") < 8 * size,
        water_source=~pl.col("water_source").is_in(SAFE_WATER),
        toilet=~pl.col("toilet").is_in(HYGIENIC),
        telecommunication=~pl.col("uses_internet"),
        information_devices=~pl.any_horizontal(DEVICES),
    )
    many = pl.sum_horizontal(INDICATORS) >= ENOUGH
    classes = pl.when(low & many).then(0).when(low).then(1).when(middle).then(2).otherwise(3).alias("class")
    table = (
        deprived.with_columns(classes, many=many)
        .group_by(*BY, "class")
        .agg(
            pl.len(),
            size.sum(),
            *((pl.col(name) * size).sum().alias(name) for name in INDICATORS),
            *((pl.col(name) * size).filter(pl.col("many")).sum().alias(f"censored_{name}") for name in INDICATORS),
        )
        .collect(engine="streaming")
    )
    counts = table.group_by("class").agg(pl.col("len").sum())
    return {CLASSES[code]: n for code, n in counts.rows()}


def _by_place() -> str:
    """Return the query for classes and deprivations by province and area."""
    from rivals import _SQL

    inner = _SQL.replace("SELECT h.household_id, area,", "SELECT h.household_id, province, household_size, area,")
    inner = inner.replace("SELECT CASE WHEN", "SELECT province, area, household_size, CASE WHEN")
    inner = inner.replace("ORDER BY household_id", "")
    total = " + ".join(f"{name}::INT" for name in INDICATORS)
    sums = ", ".join(f"sum(household_size * {name}::INT) AS {name}" for name in INDICATORS)
    censored = ", ".join(
        f"sum(household_size * {name}::INT) FILTER ({total} >= {ENOUGH}) AS c_{name}" for name in INDICATORS
    )
    return f"SELECT province, area, class, count(*) AS n, {sums}, {censored} FROM ({inner}) GROUP BY ALL"


def duckdb_sql(data: Path) -> Counts:
    """As someone who knows DuckDB writes it."""
    import duckdb

    with duckdb.connect() as database:
        for what in ("households", "members"):
            database.execute(f"CREATE VIEW {what} AS SELECT * FROM read_parquet('{data / what}/*.parquet')")
        table = database.execute(_by_place()).fetchnumpy()
    return {name: int(table["n"][table["class"] == code].sum()) for code, name in enumerate(CLASSES)}


def dask_pairs(data: Path) -> Counts:
    """The library over pairs of files, on Dask's threads."""
    import mdpoverty as mdp

    return measured(mdp.scan(data / "households", data / "members", engine="dask"))


def spark() -> Any:
    """Return a local session, the same at each call."""
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    settings = {
        "spark.driver.memory": "8g",
        "spark.ui.enabled": "false",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.sql.shuffle.partitions": "64",
    }
    return SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()


def spark_pairs(data: Path) -> Counts:
    """The library over pairs of files, in Spark's workers."""
    import mdpoverty as mdp

    return measured(mdp.scan(data / "households", data / "members", engine=spark()))


def spark_frames(data: Path) -> Counts:
    """The library over Spark's frames, brought together by Spark."""
    import mdpoverty as mdp

    frames = [spark().read.parquet(str(data / what)) for what in ("households", "members")]
    return measured(mdp.scan(*frames))


def spark_sql(data: Path) -> Counts:
    """As someone who knows Spark SQL writes it."""
    for what in ("households", "members"):
        spark().read.parquet(str(data / what)).createOrReplaceTempView(what)
    counts = dict.fromkeys(CLASSES, 0)
    for row in spark().sql(_by_place().replace("FILTER (", "FILTER (WHERE ")).collect():
        counts[CLASSES[row["class"]]] += row["n"]
    return counts


WAYS: dict[str, Callable[[Path], Counts]] = {
    "reading": reading,
    "mdpoverty": library,
    "mdpoverty, 2 threads": lambda data: library(data, 2),
    "mdpoverty, files of classes": files,
    "mdpoverty, members unordered": unordered,
    "mdpoverty, as SQL in DuckDB": sql,
    "polars, streaming": polars,
    "DuckDB, SQL": duckdb_sql,
}
ON_DASK: dict[str, Callable[[Path], Counts]] = {"Dask, file pairs": dask_pairs}
ON_SPARK: dict[str, Callable[[Path], Counts]] = {
    "Spark, file pairs": spark_pairs,
    "Spark frames, shuffled": spark_frames,
    "Spark SQL, by hand": spark_sql,
}
WAYS |= (ON_DASK if find_spec("dask") else {}) | (ON_SPARK if find_spec("pyspark") else {})


def peak() -> float:
    """Return the peak memory of this process and of those below it, in MB; elsewhere than on Linux of this one."""
    if not Path("/proc/self/status").exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    parents, peaks = {}, {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        except OSError:  # it has just ended
            continue
        process = int(lines["Pid"])
        parents[process] = int(lines["PPid"])
        peaks[process] = int(lines.get("VmHWM", "0 kB").split()[0]) / 1024
    below = {os.getpid()}
    while more := {process for process, parent in parents.items() if parent in below} - below:
        below |= more
    return sum(peaks[process] for process in below)


def run(name: str, data: Path) -> None:
    """Take one way in this process, and print what it took."""
    for module in ("numpy", "pandas", "pyarrow.parquet", "pyarrow.compute", "mdpoverty.scale"):
        import_module(module)  # imports aren't the work
    if name in ON_SPARK:
        WAYS[name](data)
    start = time.perf_counter()
    counts = WAYS[name](data)
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "peak": peak(), "counts": counts}))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--millions", type=int, default=1)
    parser.add_argument("--gaps", type=float, default=0.02)
    parser.add_argument("--ids", choices=["int", "text"], default="int", help="keys: whole numbers, or text")
    parser.add_argument("--usual", action="store_true", help="files as pandas and pyarrow write them")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=list(WAYS), default=list(WAYS))
    parser.add_argument("--run", choices=list(WAYS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        return run(options.run, options.folder)
    data = make(options.folder, options.millions, options.gaps, options.ids, usual=options.usual)
    reading(data)
    if "mdpoverty, members unordered" in options.only:
        shuffle(data)
    files = "files as pandas writes them" if options.usual else "compact files"
    print(f"{options.millions} million households, {options.ids} keys, {files}, gaps {options.gaps}, ", end="")
    print(f"best of {options.repeat}")
    print(f"{'':32}{'seconds':>9}{'× reading':>11}{'× library':>11}{'peak MB':>9}")
    best: dict[str, Any] = {}
    for _ in range(options.repeat):  # in turns, so that a busy moment of the machine hits all alike
        for name in options.only:
            command = [sys.executable, __file__, str(data), "--run", name]
            found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            best[name] = min(best.get(name, found), found, key=lambda each: each["seconds"])
    for name, found in best.items():
        to = [best[other]["seconds"] for other in ("reading", "mdpoverty") if other in best]
        ratios = [f"{found['seconds'] / seconds:11.2f}" for seconds in to]
        print(f"{name:32}{found['seconds']:9.2f}{''.join(ratios)}{found['peak']:9.0f}")
    if options.gaps == 0:
        counted = {name: [found["counts"].get(c, 0) for c in CLASSES] for name, found in best.items()}
        counted.pop("reading", None)
        assert len({tuple(counts) for counts in counted.values()}) == 1, counted
        print("classes equal:", ", ".join(counted))
    return None


if __name__ == "__main__":
    main()
