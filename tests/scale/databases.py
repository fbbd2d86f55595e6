"""Databases that run the rules as SQL: DuckDB in this process, and a PostgreSQL server started for the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mdpoverty.engine.sql_text import quoted
from mdpoverty.standard import Standard

Name = str | Sequence[str]


def written(name: Name) -> str:
    return ".".join(map(quoted, [name] if isinstance(name, str) else name))


class DuckDB:
    id = "duckdb"

    def __init__(self) -> None:
        self.module = pytest.importorskip("duckdb", reason="the rules as SQL are run by DuckDB: pip install duckdb")
        self.Error = self.module.Error
        self.connection = self.module.connect()

    def execute(self, text: str) -> None:
        self.connection.execute(text)

    def load(self, standard: Standard, name: Name, frame: pl.DataFrame) -> None:
        self.connection.register("arrived", frame)
        self.execute(f"CREATE OR REPLACE TABLE {written(name)} AS SELECT * FROM arrived")
        self.connection.unregister("arrived")

    def table(self, text: str) -> pl.DataFrame:
        found: pl.DataFrame = self.connection.sql(text).pl()
        return found


class PostgreSQL:
    id = "postgresql"

    def __init__(self, connection: Any) -> None:
        self.Error = pytest.importorskip("psycopg").Error
        self.connection = connection

    def execute(self, text: str) -> None:
        self.connection.execute(text)

    def load(self, standard: Standard, name: Name, frame: pl.DataFrame) -> None:
        """Make the table and fill it; a column without any answer has the type of its field."""
        kinds = {"flag": "boolean", "code": "text", "count": "integer"}

        def type_of(column: str, dtype: Any) -> str:
            if dtype == pl.Null:
                its = standard.fields.get(column)
                return kinds.get(its.kind, "double precision") if its is not None else "boolean"
            integers = {pl.Int8: "smallint", pl.Int16: "smallint", pl.Int32: "integer", pl.Int64: "bigint"}
            floats = {pl.Float32: "real", pl.Float64: "double precision", pl.Boolean: "boolean"}
            return {**integers, **floats}.get(dtype.base_type(), "text")

        columns = ", ".join(f"{quoted(column)} {type_of(column, dtype)}" for column, dtype in frame.schema.items())
        self.execute(f"DROP TABLE IF EXISTS {written(name)} CASCADE; CREATE TABLE {written(name)} ({columns})")
        with self.connection.cursor().copy(f"COPY {written(name)} FROM STDIN (FORMAT csv)") as copy:
            copy.write(frame.write_csv(include_header=False).encode())

    def table(self, text: str) -> pl.DataFrame:
        cursor = self.connection.execute(text)
        names = [column.name for column in cursor.description]
        return pl.DataFrame(cursor.fetchall(), schema=names, orient="row", infer_schema_length=None)


Database = DuckDB | PostgreSQL


def _binaries() -> Path | None:
    """Find the programs of the newest server: on the path, or where Debian puts them."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    here = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return here[-1].parent if here else None


@contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    """Start a server on a socket in a temporary folder, without a network; skip where there is none."""
    psycopg = pytest.importorskip("psycopg", reason="PostgreSQL is asked with psycopg: pip install 'psycopg[binary]'")
    binaries = _binaries()
    if binaries is None:
        pytest.skip("there is no PostgreSQL server here: apt-get install postgresql")
    owner: dict[str, Any] = {}
    folder = tempfile.mkdtemp(prefix="pg")  # a socket's path must be short
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # a server refuses to be run by root
        owner = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        shutil.chown(folder, "nobody", "nogroup")

    def run(program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(binaries / program), "-D", f"{folder}/data", *arguments],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=60, check=False, cwd="/", **owner,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    try:
        run("initdb", "-A", "trust", "-U", "tests", "-E", "UTF8", "--locale=C", "--no-sync")
        run("pg_ctl", "-w", "-l", f"{folder}/log", "-o", f"-F -k {folder} -c listen_addresses=''", "start")
        try:
            with psycopg.connect(host=folder, user="tests", dbname="postgres", autocommit=True) as connection:
                connection.execute("SET client_min_messages = error")
                yield PostgreSQL(connection)
        finally:
            run("pg_ctl", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
