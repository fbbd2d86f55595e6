"""What takes all rows at once, left to DuckDB, which does it on disk where memory doesn't hold it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from tempfile import TemporaryDirectory
from typing import Any

from mdpoverty.engine.sql_text import quoted
from mdpoverty.errors import BadTable, BadValues, Problem, first_five
from mdpoverty.scale.extras import arrow, need
from mdpoverty.scale.sources import BATCH, Piece, Source, Wanted

MEMORY = "1GB"
"""What DuckDB may use before it goes to disk."""


def in_order(households: Source, members: Source, keys: tuple[str, str], wanted: Wanted) -> Iterator[Piece]:
    """Yield the members in the order of their households; those of none come last.

    Parameters
    ----------
    households, members : Source
        Both tables; the households' keys are read once more for this.
    keys : (str, str)
        The key column of one and the other.
    wanted : Wanted
        The members' columns.
    """
    if households.once:
        raise BadTable("households that can be read only once can't be put in order with their members: give a table")
    duckdb = need("duckdb", "scale", "Sorting members")
    with TemporaryDirectory(prefix="mdpoverty-") as folder, duckdb.connect() as database:
        database.execute(f"SET temp_directory = '{folder}'")
        database.execute(f"SET memory_limit = '{MEMORY}'")
        database.register("homes", _positions(households, keys[0]))
        database.register("people", _reader(members, wanted))
        columns = ", ".join(f"p.{quoted(name)}" for name in wanted)
        query = f"""
            SELECT {columns} FROM people AS p LEFT JOIN homes AS h ON p.{quoted(keys[1])} = h.key
            ORDER BY h.position NULLS LAST
        """
        row = 0
        for batch in database.sql(query).to_arrow_reader(BATCH):
            table = arrow().Table.from_batches([batch])
            yield Piece(table, "the sorted members", row)
            row += table.num_rows


def _reader(source: Source, wanted: Wanted) -> Any:
    """Return a source as one Arrow stream."""
    pa = arrow()
    pieces = source.pieces(wanted)
    first = next(pieces, None)
    if first is None:
        return pa.table({name: pa.array([], pa.string()) for name in wanted})
    schema = first.table.schema

    def batches() -> Iterator[Any]:
        yield from first.table.to_batches()
        for piece in pieces:
            yield from piece.table.cast(schema).to_batches()

    return pa.RecordBatchReader.from_batches(schema, batches())


def _positions(households: Source, key: str) -> Any:
    """Return the households' keys, numbered, as one Arrow stream."""
    pa = arrow()
    reader = _reader(households, {key: "key"})
    schema = pa.schema([("key", reader.schema.field(key).type), ("position", pa.int64())])

    def batches() -> Iterator[Any]:
        row = 0
        for batch in reader if hasattr(reader, "read_next_batch") else reader.to_batches():
            numbers = pa.array(range(row, row + batch.num_rows), pa.int64())
            yield pa.RecordBatch.from_arrays([batch.column(0), numbers], schema=schema)
            row += batch.num_rows

    return pa.RecordBatchReader.from_batches(schema, batches())


def refuse_repeated(households: Source, key: str) -> None:
    """Raise an error if a key stands twice in a table too large to look at as a whole."""
    if households.once:
        raise BadTable(
            "households that can be read only once must come with increasing keys, since nothing else shows without a "
            "second look that none stands twice: sort them, or give a table or files"
        )
    duckdb = need("duckdb", "scale", "Looking for keys that stand twice")
    with TemporaryDirectory(prefix="mdpoverty-") as folder, duckdb.connect() as database:
        database.execute(f"SET temp_directory = '{folder}'")
        database.execute(f"SET memory_limit = '{MEMORY}'")
        database.register("homes", _positions(households, key))
        query = "SELECT key, count(*) FROM homes GROUP BY key HAVING count(*) > 1 ORDER BY key"
        found = database.sql(query).fetchall()
    if found:
        raise repeated(key, sum(times - 1 for _, times in found), [again for again, _ in found])


def repeated(key: str, rows: int, keys: Sequence[Any]) -> BadValues:
    """Return the error that says which keys stand more than once, and how many rows that are too many have them."""
    return BadValues([Problem(key, "this key stands more than once", rows, first_five(keys))])
