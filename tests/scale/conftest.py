from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scale.databases import Database, DuckDB, PostgreSQL, postgresql


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgreSQL]:
    with postgresql() as server:
        yield server


@pytest.fixture(scope="session", params=["duckdb", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    found: Database = DuckDB() if request.param == "duckdb" else request.getfixturevalue("postgres")
    return found
