"""The rules inside PostgreSQL against the same rows fetched and classified.

    python -m tests.benchmarks.bench_postgresql [--households 100000]

Starts a server of its own on a socket, with the settings that it comes with. Made-up households with gaps; best wall
time of three. Fetching is done in the two ways that people use: row by row into a frame, and as CSV by COPY.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

import polars as pl
from tests.scale.databases import PostgreSQL, postgresql

import mdpoverty as mdp
from mdpoverty import examples

VN = mdp.standards["vn-2022"]
DATE = "2024-11-15"


def best(what: str, run: Callable[[], Any], times: int = 3) -> Any:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        found = run()
        taken.append(time.perf_counter() - start)
    print(f"{what:<48}{1000 * min(taken):>10,.1f} ms")
    return found


def copied(server: PostgreSQL, table: str) -> pl.DataFrame:
    with server.connection.cursor().copy(f"COPY {table} TO STDOUT (FORMAT csv, HEADER)") as copy:
        data = BytesIO(b"".join(copy))
    flags = [field.id for field in VN.fields.values() if field.kind == "flag"]
    frame = pl.read_csv(data, infer_schema_length=None)
    return frame.with_columns(pl.col(name) == "t" for name in flags if frame.schema.get(name) == pl.String)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, default=100_000)
    homes, people = examples.commune(parser.parse_args().households, gaps=0.02, kind="polars")
    with postgresql() as server:
        for name, frame in (("households", homes), ("members", people)):
            server.load(VN, name, frame)
            server.execute(f"CREATE INDEX ON {name} (household_id); ANALYZE {name}")
        print(f"{len(homes):,} households, {len(people):,} members")
        text = VN.to_sql("postgresql", date=DATE)
        server.execute(VN.to_sql("postgresql", kind="function", name="class_of", date=DATE))
        count = "SELECT coalesce(category, 'open') AS category, count(*) FROM ({}) AS a GROUP BY 1"
        inside = best("counted in the database", lambda: server.table(count.format(text)))
        best("classified in the database, rows fetched", lambda: server.connection.execute(text).fetchall())
        server.execute("SET jit = off")
        best("counted in the database, without its compiler", lambda: server.table(count.format(text)))
        one = "SELECT * FROM class_of('VD-000777')"
        best("one household by its key, statement planned anew", lambda: server.connection.execute(one, prepare=False))
        best("one household by its key, statement prepared", lambda: server.connection.execute(one, prepare=True), 20)
        rows = best("rows fetched by COPY", lambda: [copied(server, name) for name in ("households", "members")])
        found = best("… and classified", lambda: VN.classify(*rows, date=DATE))
        best("rows fetched one by one", lambda: [server.table(f"TABLE {name}") for name in ("households", "members")])
    outside = found.to_frame()["category"].cast(pl.String).fill_null("open").value_counts()
    assert dict(inside.iter_rows()) == dict(outside.iter_rows()), "one class each, wherever it is computed"


if __name__ == "__main__":
    main()
