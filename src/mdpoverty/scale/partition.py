"""What takes all rows at once, where memory needn't hold them: on disk, and DuckDB says which rows belong together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from attrs import define

from mdpoverty.engine.sql_text import text_literal
from mdpoverty.errors import BadTable, BadValues, Problem
from mdpoverty.extras import arrow, need
from mdpoverty.scale.keyed import MATCHED, refuse_two_kinds, shown
from mdpoverty.scale.sources import BATCH, Piece, Source, Wanted, is_text, spare_folder, two_types
from mdpoverty.tables.arrow_types import is_single, widest
from mdpoverty.tables.keys import Keys, arrow_part
from mdpoverty.tables.options import KEY

MEMORY = "600MB"
"""What DuckDB may use before it goes to disk."""

PARTS = 128
"""How many files members are written to at once; if there are more blocks, several share one."""

RANGES = 256
"""How many ranges of keys to tell apart; if there are more blocks, each member's household is looked up."""

HELD = 1 << 21
"""Of how many households keys are held in memory."""

TOGETHER = 1 << 20
"""How many households are held in memory with all their members, where these come in no order."""

_WAITING = 1 << 20  # rows that are written at a time, over all files


def by_block(households: Source, members: Source, wanted: Wanted, block: int) -> Iterator[Piece]:
    """Yield the members of each block of households, in any order within it; after the last block, those of nobody.

    Nothing is sorted: DuckDB says to which block each member belongs, and Arrow writes some blocks to a file of theirs.

    Parameters
    ----------
    households, members : Source
        Both tables, with keys as they are matched. The households' are read once more for this, and once again where
        blocks overlap in them.
    wanted : Wanted
        The members' columns.
    block : int
        How many households are in a block.
    """
    key = f"c{list(wanted).index(MATCHED)}"
    words: dict[str, Any] = {}
    with spare_folder() as folder:
        blocks = max(-(-counted(households) // block), 1)
        each = -(-blocks // PARTS)
        parts = -(-blocks // each)
        theirs = _in_numbers(members.pieces(wanted), wanted, words)
        with _Engine.start(folder, "Bringing members to their households", list(wanted)) as engine:
            _write(_joined(engine, households, theirs, key, block, parts * each), folder, each)
        for part in range(parts):
            found = list(_read(folder, part, wanted, words))
            for table in _split(found, part * each, min((part + 1) * each, blocks)):
                yield Piece(table, "their members", -1)
        for table, _ in _read(folder, parts, wanted, words):
            yield Piece(table, "the members", -1)


def counted(households: Source) -> int:
    """Return how many households there are, who have to be read once more for what is asked of them."""
    if households.once:
        raise BadTable("households that can be read only once can't be brought together with members: give a table")
    rows = households.rows()
    return sum(len(piece.table) for piece in households.pieces({MATCHED: "key"})) if rows is None else rows


def _held(households: Source) -> tuple[Any, int]:
    """Return the households' keys, unless they are too many to hold, and how many there are."""
    pa = arrow()
    held: list[Any] | None = []
    count, first = 0, None
    for piece in households.pieces({MATCHED: "key"}):
        column = piece.table.column(MATCHED)
        piece = piece._replace(table=pa.table({"key": column.cast(_kind(column))}))
        first = first or piece
        count += piece.table.num_rows
        held = None if held is None or count > HELD else [*held, _as(first, piece).column(0)]
    if held is None:
        return None, count
    return pa.chunked_array(
        [chunk for column in held for chunk in column.chunks], held[0].type if held else pa.null()
    ), count


def _in_bulk(pieces: Iterator[Piece]) -> Iterator[Any]:
    """Yield pieces as tables of many rows, all of the types of the first piece."""
    first: Piece | None = None
    waiting: list[Any] = []
    for piece in pieces:
        first = first or piece
        waiting.append(_as(first, piece))
        if sum(map(len, waiting)) >= _WAITING:
            yield arrow().concat_tables(waiting).combine_chunks()
            waiting.clear()
    if waiting:
        yield arrow().concat_tables(waiting).combine_chunks()


def _joined(
    engine: _Engine, households: Source, pieces: Iterator[Piece], key: str, block: int, nobody: int
) -> Iterator[tuple[Any, Any]]:
    """Yield members, and beside them which block each belongs to, as DuckDB finds it."""
    ours = engine.give("homes", ("key", "block"), _numbered(households, block))
    ranges = engine.database.sql("SELECT block, min(key), max(key) FROM homes GROUP BY 1 ORDER BY 1").fetchall()
    owner, join = _range_of(key, ranges), ""
    if not owner:
        engine.give("homes", ("key", "block"), _numbered(households, block))
        owner, join = "homes.block", f"LEFT JOIN homes ON {key} = key"
    theirs = engine.give("people", (key,), pieces)
    refuse_two_kinds(ours.field("key").type, theirs.field(key).type)
    query = f"SELECT people.*, coalesce({owner}, {nobody})::INT AS block FROM people {join}"
    for table in _in_bulk(Piece(arrow().table(batch), "members", 0) for batch in engine.stream(query)):
        yield table.drop_columns("block"), table.column("block").to_numpy()


def _range_of(key: str, ranges: list[tuple[int, Any, Any]]) -> str:
    """Return as SQL which range a key is in; nothing if ranges overlap, or are too many, or of no plain kind."""
    kinds = {type(edge) for _, *edges in ranges for edge in edges}
    if kinds not in ({int}, {str}) or len(ranges) > RANGES or any(a[2] >= b[1] for a, b in pairwise(ranges)):
        return ""
    edges = [[text_literal(edge) if kinds == {str} else str(edge) for edge in each] for _, *each in ranges]

    def among(start: int, stop: int) -> str:
        if stop - start == 1:
            return str(start)
        middle = (start + stop) // 2
        return f"CASE WHEN {key} < {edges[middle][0]} THEN {among(start, middle)} ELSE {among(middle, stop)} END"

    return f"CASE WHEN {key} BETWEEN {edges[0][0]} AND {edges[-1][1]} THEN {among(0, len(ranges))} END"


def refuse_repeated(households: Source, key: str) -> None:
    """Raise an error if a key, by that name, is a duplicate in a table too large to look at as a whole."""
    if households.once:
        raise BadTable(
            "households that can be read only once must come with increasing keys, since nothing else shows without a "
            "second look that there is no duplicate: sort them, or give a table or files"
        )
    homes, _ = _held(households)
    if homes is not None:
        keys = Keys((arrow_part(homes),))
        rows = keys.repeated()
        if len(rows):
            raise repeated(key, len(rows), sorted(set(keys.take(rows).listed())))
        return
    with (
        spare_folder() as folder,
        _Engine.start(folder, "Looking for duplicate keys") as engine,
    ):
        engine.give("homes", ("key", "block"), _numbered(households, 1))
        query = "SELECT key, count(*) FROM homes GROUP BY key HAVING count(*) > 1 ORDER BY key"
        found = engine.database.sql(query).fetchall()
    if found:
        raise repeated(key, sum(times - 1 for _, times in found), [again for again, _ in found])


def repeated(key: str, rows: int, keys: Sequence[Any]) -> BadValues:
    """Return the error that says which keys stand more than once, and how many rows that are too many have them."""
    return BadValues([Problem.of("key_duplicate", key, rows=rows, first=shown(list(keys)), field=KEY)])


# ------------------------------------------------------------------------------------------------------------ DuckDB


@define(eq=False)
class _Engine:
    """DuckDB, what is read with it, and what went wrong in a table while DuckDB read it."""

    database: Any
    wanted: Sequence[str] = ()
    failure: Exception | None = None

    @classmethod
    @contextmanager
    def start(cls, folder: str, what: str, wanted: Sequence[str] = ()) -> Iterator[_Engine]:
        """Connect for a while; what is wrong with a table is said as it was, not as DuckDB repeats it."""
        with need("duckdb", "scale", what).connect() as database:
            database.execute(f"SET temp_directory = {text_literal(folder)}")
            database.execute(f"SET memory_limit = '{MEMORY}'")
            database.execute("SET enable_progress_bar = false")
            engine = cls(database, wanted)
            try:
                yield engine
            except Exception as error:
                if type(error).__name__ == "NotImplementedException":
                    read = ", ".join(name for name in wanted if name != MATCHED)
                    raise BadTable(
                        f"{what}: DuckDB doesn't know the type of a column that is read ({read}), as of decimals with "
                        "more than 38 digits: make it whole numbers, floats or text"
                    ) from None
                if type(error).__name__ in ("IOException", "OutOfMemoryException"):  # DuckDB's, which goes to disk too
                    error = OSError(str(error).partition("\n")[0])
                raise engine.failure or error from None

    def give(self, name: str, columns: Iterable[str], pieces: Iterator[Piece]) -> Any:
        """Let DuckDB read a table, once, and return its schema; without any rows it has some columns of no type."""
        pa = arrow()
        first = next(pieces, None) or Piece(pa.table({column: pa.nulls(0) for column in columns}), name, 0)

        def batches() -> Iterator[Any]:
            try:
                for piece in chain([first], pieces):
                    yield from _as(first, piece, self.wanted).to_batches()
            except Exception as error:
                self.failure = error
                raise

        self.database.register(name, pa.RecordBatchReader.from_batches(first.table.schema, batches()))
        return first.table.schema

    def stream(self, query: str) -> Any:
        """Return what a query finds as one Arrow stream."""
        found = self.database.sql(query)
        return (found.to_arrow_reader if hasattr(found, "to_arrow_reader") else found.fetch_arrow_reader)(BATCH)


def _as(first: Piece, piece: Piece, wanted: Sequence[str] = ()) -> Any:
    """Return a piece's rows in the types of the first piece; columns may be called after their places in ``wanted``."""
    if piece.table.schema == first.table.schema:
        return piece.table
    columns = {}
    its = zip(piece.table.column_names, piece.table.columns, strict=True)
    for (name, kind), (called, column) in zip(_fields(first), its, strict=True):
        try:
            if called != name:  # text in one of them
                raise ValueError(called)
            columns[name] = column.cast(kind if is_single(kind) else widest(kind)).cast(kind)
        except (arrow().ArrowException, ValueError):
            own = wanted[int(name[1:])] if name[1:].isdecimal() else MATCHED
            sides = (_in_files(name, kind), first.name), (_in_files(called, column.type), piece.name)
            raise two_types("the key" if own == MATCHED else own, *sides) from None
    return arrow().table(columns)


def _in_files(name: str, kind: Any) -> Any:
    """Return the type that a column has in files: of text only places are held."""
    return arrow().string() if name.startswith("w") else kind


def _fields(piece: Piece) -> Iterator[tuple[str, Any]]:
    return zip(piece.table.column_names, piece.table.schema.types, strict=True)


# ------------------------------------------------------------------------------------------------------------- Arrow


def _numbered(households: Source, block: int) -> Iterator[Piece]:
    """Yield the households' keys, each with the number of its block."""
    row = 0
    for piece in households.pieces({MATCHED: "key"}):
        numbers = (np.arange(row, row + piece.table.num_rows) // block).astype(np.int32)
        column = piece.table.column(MATCHED)
        yield piece._replace(table=arrow().table({"key": column.cast(_kind(column)), "block": numbers}))
        row += len(numbers)


def _in_numbers(pieces: Iterator[Piece], wanted: Wanted, words: dict[str, Any]) -> Iterator[Piece]:
    """Yield tables without texts but keys: places in a list of words take less room. Columns are named c0, …, w0, …"""
    pa = arrow()
    for piece in pieces:
        columns = {}
        for i, (name, role) in enumerate(wanted.items()):
            column = piece.table.column(name)
            kind = _kind(column)
            unknown = pa.types.is_null(kind) and role in ("code", "label")
            if role != "key" and (is_text(kind) or unknown):
                columns[f"w{i}"], words[name] = _places(column, words.get(name, pa.array([], pa.string())))
            else:
                columns[f"c{i}"] = column.cast(kind)
        yield piece._replace(table=pa.table(columns))


def _places(column: Any, words: Any) -> tuple[Any, Any]:
    """Return where a column's texts stand in a list of words, and the list with those that it didn't have yet."""
    pa, pc = arrow(), arrow(".compute")
    if not pa.types.is_dictionary(column.type):
        column = column.cast(pa.string()).dictionary_encode()
    found = []
    for chunk in column.chunks:
        own = chunk.dictionary.cast(pa.string())
        new = own.filter(pc.invert(pc.is_in(own, value_set=words))).drop_null().unique()
        words = pa.concat_arrays([words, new]) if len(new) else words
        found.append(pc.index_in(own, value_set=words).take(chunk.indices))
    return pa.chunked_array(found, pa.int32()), words


def _kind(column: Any) -> Any:
    """Return the type of a column's values."""
    return column.type.value_type if arrow().types.is_dictionary(column.type) else column.type


def _write(tables: Iterator[tuple[Any, Any]], folder: str, each: int) -> None:
    """Write the members of ``each`` blocks to a file of their own, beside them the number of their block."""
    pa = arrow()
    with ExitStack() as files:
        writers: dict[int, Any] = {}
        for table, blocks in tables:
            parts = (blocks // each).astype(np.uint8)
            order = np.argsort(parts, kind="stable")
            table = table.append_column("block", pa.array(blocks)).take(pa.array(order))
            edges = np.concatenate([[0], np.cumsum(np.bincount(parts))])
            for part, (first, last) in enumerate(pairwise(edges.tolist())):
                if first == last:
                    continue
                if part not in writers:
                    sink = files.enter_context(pa.OSFile(str(Path(folder, str(part))), "wb"))
                    writers[part] = files.enter_context(pa.ipc.new_stream(sink, table.schema))
                writers[part].write_table(table.slice(first, last - first))


def _read(folder: str, part: int, wanted: Wanted, words: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Yield what was written of a part, texts being texts again, and beside it the number of each row's block."""
    pa = arrow()
    path = Path(folder, str(part))
    if not path.exists():
        return
    with pa.memory_map(str(path)) as file, pa.ipc.open_stream(file) as batches:
        for batch in batches:
            *columns, numbers = batch.columns
            for i, name in enumerate(wanted):
                if name in words:
                    columns[i] = pa.DictionaryArray.from_arrays(columns[i], words[name])
            yield pa.table(columns, list(wanted)), numbers.to_numpy()


def _split(found: list[tuple[Any, Any]], start: int, stop: int) -> Iterator[Any]:
    """Yield the rows of each block of a part."""
    pa = arrow()
    table = pa.concat_tables([table for table, _ in found]) if found else pa.table({})
    numbers = np.concatenate([np.empty(0, np.int32), *(numbers for _, numbers in found)])
    if bool((numbers[1:] < numbers[:-1]).any()):
        order = np.argsort(numbers, kind="stable")
        table, numbers = table.take(order), numbers[order]
    edges = np.searchsorted(numbers, np.arange(start, stop + 1))
    for first, last in pairwise(edges.tolist()):
        yield table.slice(first, last - first)
