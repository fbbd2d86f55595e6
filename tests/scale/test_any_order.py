"""Members and households in any order: brought together in memory or on disk, and no key stands twice."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

import mdpoverty as mdp
from mdpoverty.errors import BadTable, BadValues, MissingColumns
from mdpoverty.scale import blocks, partition, sources, stream
from mdpoverty.scale.keyed import MATCHED
from mdpoverty.tables.options import Reading
from tests.profiles import crossed
from tests.scale.toys import given_homes, toy, write
from tests.toy import TOY


@pytest.mark.parametrize(
    ("kind", "ordered", "block"),
    crossed([pl.Int64, pl.Int32, pl.String, pl.Categorical], [True, False], [1, 2, 7, 1000]),
)
def test_unordered_members_of_every_kind_of_key(tmp_path: Path, kind: Any, ordered: bool, block: int) -> None:
    homes, people = toy([0, 3, 1, 0, 2, 5, 0])
    homes = homes if ordered else homes.sample(fraction=1, shuffle=True, seed=1)
    ours, theirs = (frame.with_columns(pl.col("household_id").cast(pl.String)) for frame in (homes, people))
    if kind in (pl.Int64, pl.Int32):
        ours, theirs = homes, people
    theirs = theirs.with_columns(pl.col("household_id").cast(kind)).sample(fraction=1, shuffle=True, seed=2)
    (tmp_path / "people").mkdir()
    for i, rows in enumerate((theirs[:4], theirs[4:4], theirs[4:])):
        rows.write_parquet(tmp_path / "people" / f"{i}.parquet")
    scan = mdp.scan(ours, tmp_path / "people", block=block, aligned=False)
    assert TOY.tally(scan) == TOY.tally(homes, people)
    classified = TOY.classify(scan, sink=tmp_path / "out.parquet")
    keys = pl.read_parquet(classified.files)["household_id"]
    assert keys.cast(pl.String).to_list() == ours["household_id"].cast(pl.String).to_list()


@pytest.mark.parametrize("kind", [pl.Int64, pl.String])
@pytest.mark.parametrize("block", [1, 2, 1000])
def test_households_without_any_member_in_any_order(tmp_path: Path, kind: Any, block: int) -> None:
    homes, people = toy([0, 0, 0])
    people.write_parquet(tmp_path / "people.parquet")
    homes = homes.with_columns(pl.col("household_id").cast(kind) if kind == pl.Int64 else pl.lit("x") + pl.col("coast"))
    for ours in (homes, homes[::-1], homes[:0]):
        for theirs in (people, tmp_path / "people.parquet"):
            assert TOY.tally(mdp.scan(ours, theirs, block=block, aligned=False)) == TOY.tally(ours, people)


@pytest.mark.parametrize(
    ("kind", "ordered", "block", "lost"),
    crossed([pl.Int64, pl.String], [True, False], [1, 2, 1000], [[5], [25], [99], [5, 25, 25, 99], [None]]),
)
def test_unordered_members_of_nobody_are_named(kind: Any, ordered: bool, block: int, lost: list[Any]) -> None:
    homes, people = toy([1, 2, 1, 2])
    homes, people = (frame.with_columns(pl.col("household_id") * 2) for frame in (homes, people))  # 20, 22, 24, 26
    strangers = (
        people.head(1).select(pl.exclude("household_id")).join(pl.DataFrame({"household_id": lost}), how="cross")
    )
    strangers = strangers.select(people.columns).with_columns(pl.col("household_id").cast(pl.Int64))
    homes, everyone = (
        frame.with_columns(pl.col("household_id").cast(kind))
        for frame in (homes if ordered else homes[::-1], pl.concat([strangers, people, strangers]))
    )
    scan = mdp.scan(homes, everyone, block=block, aligned=False)
    tally = TOY.tally(scan, orphans="report")
    assert tally == TOY.tally(homes, everyone, orphans="report")
    (problem,) = tally.meta["problems"]
    assert f"({2 * len(lost)} row" in problem
    with pytest.raises(BadValues, match="no listed household") as caught:
        TOY.tally(scan)
    assert set(caught.value.problems[0].first) <= set(pl.Series(lost, dtype=pl.Int64).cast(kind))


@pytest.mark.parametrize("together", [0, partition.TOGETHER])
def test_what_is_wrong_with_unordered_members_is_said_and_no_file_stays(
    tmp_path: Path, together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partition, "TOGETHER", together)
    homes, people = toy([2] * 40)
    write(tmp_path, homes, people)
    broken = tmp_path / "people" / "2.parquet"
    content = broken.read_bytes()
    (tmp_path / "aside").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "aside"))
    scan = mdp.scan(tmp_path / "homes", tmp_path / "people", block=10, aligned=False)
    TOY.tally(scan)
    assert not os.listdir(tmp_path / "aside")
    broken.write_bytes(content[: len(content) // 2])
    with pytest.raises(BadTable, match=r"^.*people.2\.parquet can't be read"):
        TOY.tally(scan)
    people[40:].select("household_id", "age").write_parquet(broken)
    with pytest.raises(MissingColumns, match=r"2\.parquet has no such column"):
        TOY.tally(scan)
    people[40:].with_columns(trade=1).write_parquet(broken)
    with pytest.raises(BadTable, match=r"different types in .*1\.parquet and .*2\.parquet"):
        TOY.tally(scan)
    people[40:].with_columns(age=-1).write_parquet(broken)
    with pytest.raises(
        BadValues, match=r"30 \(row 1 of 2.parquet" if together else "their members, rows 0 to"
    ) as caught:
        TOY.tally(scan)
    assert caught.tb
    assert not os.listdir(tmp_path / "aside")  # though the error with its frames is still there
    with pytest.raises(BadTable, match="int64 in the households and"):
        TOY.tally(mdp.scan(homes, people.with_columns(household_id=pl.lit("a")), aligned=False))


@pytest.mark.parametrize("held", [0, partition.HELD])
@pytest.mark.parametrize("keys", [[1, 2, 3, 2], [4, 3, 2, 4]])
def test_a_key_that_stands_in_two_blocks_is_an_error(
    keys: list[int], held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partition, "HELD", held)
    homes, _ = toy([1, 1, 1, 1])
    homes = homes.with_columns(household_id=pl.Series(keys), **dict.fromkeys(TOY.indicators, True))
    for block in (1, 2, 9):
        with pytest.raises(BadValues, match=rf"duplicate key.*\(1 row: {keys[-1]}\b"):
            TOY.tally(mdp.scan(homes, block=block), given="all")
    once = pa.RecordBatchReader.from_stream(homes.to_arrow())
    with pytest.raises(BadTable, match="only once"):
        TOY.tally(mdp.scan(once, block=2), given="all")


@pytest.mark.parametrize("together", [0, partition.TOGETHER])
def test_keys_of_two_types_are_told_apart(together: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partition, "TOGETHER", together)
    homes, people = toy([1, 1])
    for text in (pl.lit("a"), pl.col("household_id").cast(pl.String)):
        theirs = people.with_columns(household_id=text)
        for aligned in (True, False):
            with pytest.raises(BadTable, match=r"int64 in the households and .*string in the members: make them one"):
                TOY.tally(mdp.scan(homes, theirs, aligned=aligned))
            with pytest.raises(BadTable, match=r"string in the households and int64 in the members: make them one"):
                TOY.tally(mdp.scan(homes.with_columns(household_id=text), people, aligned=aligned))
    dates = people.with_columns(household_id=pl.lit("2024-11-15").str.to_date())
    for aligned in (True, False):
        with pytest.raises(BadTable, match=r"int64 in the households and date32.* in the members: make them one type"):
            TOY.tally(mdp.scan(homes, dates, aligned=aligned))
    halves = people.with_columns(household_id=pl.lit(10.5))
    with pytest.raises(BadTable, match=r"int64 in the households and double in the members \(members\): make them"):
        TOY.tally(mdp.scan(homes, halves))
    shown = r"2 rows: 10.5 \(row 2\), 10.5 \(row 3\)" if together else "2 rows: 10.5, 10.5"
    with pytest.raises(BadValues, match=rf"no listed household \({shown}\)"):
        TOY.tally(mdp.scan(homes, halves, aligned=False))


def brought(keys: list[int], owners: list[int], block: int) -> list[list[int]]:
    scan = stream.Job(TOY, Reading()).keyed(
        mdp.scan(pa.table({"household_id": keys}), pa.table({"household_id": owners, "n": owners}))
    )
    wanted: Any = {"household_id": "key", "n": "number", MATCHED: "key"}
    assert scan.members is not None
    pieces = partition.by_block(scan.households, scan.members, wanted, block)
    return [sorted(piece.table.column("n").to_pylist()) if piece.table.num_rows else [] for piece in pieces]


@pytest.mark.parametrize(("blocks", "place"), [(255, 0), (256, 0), (257, 257), (258, 258)])
def test_strangers_are_in_a_block_where_at_most_256_ranges_tell_blocks(blocks: int, place: int) -> None:
    found = brought(list(range(0, 2 * blocks, 2)), [1, 2], 1)
    assert {at: rows for at, rows in enumerate(found) if rows} == {1: [2], place: [1]}


def test_who_is_of_a_key_that_two_blocks_share_is_in_both() -> None:
    assert brought([1, 2, 2, 3], [2, 1, 3], 2) == [[1, 2], [2, 3]]
    assert brought([1, 2, 3, 4], [3, 2, 1], 2) == [[1, 2], [3]]


@pytest.mark.parametrize(
    ("limits", "kind", "block"),
    crossed([(128, 256), (2, 4), (3, 3), (2, 256)], ["int", "text", "unordered"], [1, 2, 5, 100]),
)
def test_members_are_brought_to_the_block_of_their_household(
    limits: tuple[int, int], kind: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts, ranges = limits
    for name, value in (("PARTS", parts), ("RANGES", ranges), ("_WAITING", 3)):
        monkeypatch.setattr(partition, name, value)
    monkeypatch.setattr(sources, "BATCH", 2)
    keys: list[Any] = [7, 3, 9, 1, 8, 2, 6] if kind == "unordered" else [1, 2, 3, 6, 7, 8, 9]
    owners: list[Any] = [9, 1, 4, 2, 9, 3, 6, 0, 8, 7, 10, 7, 2]
    words = ["x", None, "y"] * 4 + ["z"]
    if kind == "text":
        keys, owners = [f"k{key}" for key in keys], [f"k{owner}" for owner in owners if owner < 10]
    n = list(range(len(owners)))
    job = stream.Job(TOY, Reading())
    scan = job.keyed(
        mdp.scan(
            pa.table({"household_id": keys}),
            pa.table({"household_id": owners, "n": n, "digit": n, "word": words[: len(n)]}),
        )
    )
    wanted: Any = {"household_id": "key", "n": "number", "word": "code", "digit": "code", MATCHED: "key"}
    pieces = list(partition.by_block(scan.households, scan.members, wanted, block))
    rows = [
        list(zip(*(piece.table.column(name).to_pylist() for name in ("household_id", "n", "word")), strict=True))
        for piece in pieces
    ]
    assert all(piece.table.column("digit").to_pylist() == piece.table.column("n").to_pylist() for piece in pieces)
    starts = range(0, len(keys), block)
    by_range = len(starts) <= ranges and (kind != "unordered" or len(starts) == 1)

    def place(owner: Any) -> int:
        """The block of a member; where ranges tell blocks, a stranger is in one, for its assessment to refuse."""
        if owner in keys:
            return int(keys.index(owner) // block)
        if by_range and min(keys) <= owner <= max(keys):
            return max(number for number, start in enumerate(starts) if min(keys[start : start + block]) <= owner)
        return len(starts)

    own = list(zip(owners, n, words, strict=False))
    expected = [sorted((row for row in own if place(row[0]) == number), key=str) for number in range(len(starts) + 1)]
    found = [*rows[: len(starts)], [row for its in rows[len(starts) :] for row in its]]
    assert [sorted(its, key=str) for its in found] == expected
    assert [piece.name for piece in pieces[: len(starts)]] == ["their members"] * len(starts)
    assert {piece.name for piece in pieces[len(starts) :]} <= {"the members"}


@pytest.mark.parametrize("held", [0, 2, 1 << 21])
def test_keys_that_stand_twice_are_counted_and_shown(held: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partition, "HELD", held)
    for keys, rows, shown in (([3, 1, 3, 2, 1, 3], 3, (1, 3)), ([2, 1, 1], 1, (1,)), (list("ba" * 8), 14, ("a", "b"))):
        scan = stream.Job(TOY, Reading()).keyed(mdp.scan(pa.table({"household_id": keys})))
        with pytest.raises(BadValues) as raised:
            partition.refuse_repeated(scan.households, "household_id")
        (problem,) = raised.value.problems
        assert (problem.code, problem.rows, problem.first) == ("key_duplicate", rows, shown)
    once = stream.Job(TOY, Reading()).keyed(mdp.scan(pa.table({"household_id": [2, 1]})))
    partition.refuse_repeated(once.households, "household_id")


@pytest.mark.parametrize("sizes", [[1] * 7, [2, 2, 2, 1], [9, 1], [3, 3], []])
def test_small_pieces_are_put_together(sizes: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partition, "_WAITING", 3)
    rows = iter(range(sum(sizes)))
    pieces = [sources.Piece(pa.table({"n": [next(rows) for _ in range(size)]}), "people", 0) for size in sizes]
    found = [table.column("n").to_pylist() for table in partition._in_bulk(iter(pieces))]
    assert [row for its in found for row in its] == list(range(sum(sizes)))
    assert all(3 <= len(its) < 3 + max(sizes) for its in found[:-1])


def test_more_blocks_than_files_share_them() -> None:
    keys, owners = list(range(300)), [299, 0, 150, 300, 2, 150]
    scan = stream.Job(TOY, Reading()).keyed(
        mdp.scan(pa.table({"household_id": keys}), pa.table({"household_id": owners}))
    )
    wanted: Any = {"household_id": "key", MATCHED: "key"}
    pieces = list(partition.by_block(scan.households, scan.members, wanted, 1))
    found = [piece.table.column("household_id").to_pylist() if len(piece.table) else [] for piece in pieces]
    assert found == [*([key] * owners.count(key) for key in keys), [300]]


@pytest.mark.parametrize(
    ("parts", "block", "owners"),
    crossed([1, 2, 3, 7, 128], [1, 2, 9], [[12, 0, 99, 4, 2, 12, 6, 8, 10, 98, 0], [99, 12, 10, 8, 6, 4, 2, 0]]),
)
def test_each_file_holds_the_members_of_its_blocks_and_nobody_else(
    tmp_path: Path, owners: list[int], block: int, parts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many files as there are blocks, if they needn't share any, and one for those of nobody; none stays."""
    for name, value in (("PARTS", parts), ("_WAITING", 2)):
        monkeypatch.setattr(partition, name, value)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    keys = list(range(0, 14, 2))
    scan = stream.Job(TOY, Reading()).keyed(
        mdp.scan(pa.table({"household_id": keys}), pa.table({"household_id": owners}), block=block)
    )
    wanted: Any = {"household_id": "key", MATCHED: "key"}
    pieces = partition.by_block(scan.households, scan.members, wanted, block)
    first = next(pieces)
    assert sorted(first.table["household_id"].to_pylist()) == sorted(o for o in owners if o in keys[:block])
    (folder,) = (each for each in tmp_path.iterdir() if each.is_dir())
    found = []
    for path in folder.iterdir():
        with pa.OSFile(str(path)) as file, pa.ipc.open_stream(file) as batches:
            found.append(sorted(batches.read_all().column(0).to_pylist()))
    blocks = -(-len(keys) // block)
    each = -(-blocks // parts) * block
    whose = [keys[at : at + each] for at in range(0, len(keys), each)]
    expected = [sorted(owner for owner in owners if owner in its) for its in whose]
    assert sorted(found) == sorted([*expected, sorted(owner for owner in owners if owner not in keys)])
    assert len(whose) <= parts
    brought = [sorted(piece.table["household_id"].to_pylist()) for piece in [first, *pieces]]
    assert brought[:blocks] == [
        sorted(owner for owner in owners if owner in keys[at : at + block]) for at in range(0, len(keys), block)
    ]
    assert sum(map(len, brought)) == len(owners)
    assert list(tmp_path.iterdir()) == []


def test_words_are_kept_as_places_in_a_list_of_them() -> None:
    """Which takes less room; a column of which some files know no value is of texts if others say so."""
    scan = stream.Job(TOY, Reading()).keyed(mdp.scan(pa.table({"household_id": [1, 2]})))
    keys, nothing = pa.array([2, 1]), pa.nulls(2)
    words = pa.array(["x", "y"])
    tables = [
        {"word": nothing, "place": words.dictionary_encode(), "n": nothing},
        {"word": words, "place": pa.array(["z", None]).dictionary_encode(), "n": nothing},
        {"word": words.dictionary_encode(), "place": pa.chunked_array([["y"], ["w"]]), "n": nothing},
    ]

    class Members:
        once = False

        def pieces(self, wanted: Any) -> Iterator[sources.Piece]:
            for number, table in enumerate(tables):
                yield sources.Piece(pa.table({"household_id": keys, MATCHED: keys, **table}), str(number), 0)

    wanted: Any = {"household_id": "key", "word": "code", "place": "label", "n": "number", MATCHED: "key"}
    two, one = (piece.table for piece in partition.by_block(scan.households, Members(), wanted, 1))  # type: ignore[arg-type]
    assert sorted(map(str, two["place"].to_pylist())) == ["None", "w", "y"]
    assert sorted(map(str, two["word"].to_pylist())) == ["None", "y", "y"]
    assert sorted(map(str, one["place"].to_pylist())) == ["x", "y", "z"]
    assert sorted(map(str, one["word"].to_pylist())) == ["None", "x", "x"]
    kinds = {name: one.schema.field(name).type for name in wanted}
    assert all(pa.types.is_dictionary(kinds[name]) for name in ("word", "place"))
    assert kinds["n"] in (pa.null(), pa.int32())  # of which older releases of DuckDB make the other


@pytest.mark.parametrize("together", [0, partition.TOGETHER])
@pytest.mark.parametrize("kind", [pa.int64(), pa.string(), pa.null()])
@pytest.mark.parametrize("other", [pa.int64(), pa.string(), pa.null()])
def test_a_table_without_keys_is_of_no_kind(
    together: int, kind: Any, other: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partition, "TOGETHER", together)
    keys = pa.array([1, 2]).cast(kind) if not pa.types.is_null(kind) else pa.nulls(0)
    homes = given_homes(keys)
    owners = pa.array([2, 2]).cast(other) if not pa.types.is_null(other) else pa.nulls(2)
    people = pa.table({"household_id": owners, "name": ["a", "b"]})
    scan = mdp.scan(homes, people, aligned=False, block=1)
    if kind != other and not pa.types.is_null(kind) and not pa.types.is_null(other):
        with pytest.raises(BadTable, match=f"{kind} in the households and {other} in the members"):
            TOY.tally(scan, given="all")
        return
    if kind == other and len(keys):
        assert TOY.tally(scan, given="all").n == 2
        return
    with pytest.raises(BadValues, match="no listed household") as raised:
        TOY.tally(scan, given="all")
    assert raised.value.problems[0].rows == 2


def test_what_duckdb_may_take_is_limited_and_what_it_writes_goes_to_the_folder(tmp_path: Path) -> None:
    with partition._Engine.start(str(tmp_path), "Whatever") as engine:
        ask = "SELECT current_setting('temp_directory'), current_setting('memory_limit')"
        ((folder, memory),) = engine.database.sql(ask).fetchall()
    assert folder == str(tmp_path)
    number, unit = memory.split()
    assert 500 < float(number) < 600
    assert unit == "MiB"


@pytest.mark.parametrize("held", [0, partition.HELD])
def test_members_are_lost_to_no_error(tmp_path: Path, held: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes wrong while members are read is said as it was, and ends the scan."""
    monkeypatch.setattr(partition, "HELD", held)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    scan = stream.Job(TOY, Reading()).keyed(mdp.scan(pa.table({"household_id": [1, 2]})))
    wrong = BadTable("the second piece is broken")

    class Members:
        once = False

        def pieces(self, wanted: Any) -> Iterator[sources.Piece]:
            yield sources.Piece(pa.table({"household_id": [1], MATCHED: [1]}), "members", 0)
            raise wrong

    with pytest.raises(BadTable) as raised:
        list(partition.by_block(scan.households, Members(), {"household_id": "key", MATCHED: "key"}, 1))  # type: ignore[arg-type]
    assert raised.value is wrong
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("held", [0, partition.HELD])
def test_pieces_of_members_are_of_the_first_ones_types(held: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partition, "HELD", held)
    scan = stream.Job(TOY, Reading()).keyed(mdp.scan(pa.table({"household_id": [1, 2]})))
    wanted: Any = {"n": "number", MATCHED: "key"}

    class Members:
        once = False

        def __init__(self, *values: Any) -> None:
            self.values = values

        def pieces(self, wanted: Any) -> Iterator[sources.Piece]:
            for name, value in zip("ab", self.values, strict=True):
                yield sources.Piece(pa.table({"n": [value], MATCHED: [1]}), name, 0)

    (one, _) = partition.by_block(scan.households, Members(2, 3.0), wanted, 1)  # type: ignore[arg-type]
    assert one.table["n"].to_pylist() == [2, 3]
    for values in ((2, 3.5), (2, [3]), (2, "3")):
        with pytest.raises(BadTable, match=r"different types in a and b: n is int64 in one and (double|list|.*string)"):
            list(partition.by_block(scan.households, Members(*values), wanted, 1))  # type: ignore[arg-type]


@pytest.mark.parametrize("at_once", [1, 3, 1 << 20])
def test_who_is_held_together_stands_where_files_have_them(
    at_once: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Strangers are left out, however many are looked up at a time, and rows are still those of the files."""
    monkeypatch.setattr(blocks, "_AT_ONCE", at_once)
    monkeypatch.setattr(sources, "BATCH", 2)
    homes, people = toy([2, 1, 0, 3])
    strangers = people[:2].with_columns(household_id=pl.Series([99, None], dtype=pl.Int64))
    mixed = pl.concat([strangers[:1], people[4:], strangers[1:], people[:4].with_columns(age=pl.lit(-1, pl.Int64))])
    write(tmp_path, homes, mixed)
    scan = mdp.scan(tmp_path / "homes", tmp_path / "people", block=1, aligned=False)
    assert TOY.tally(scan, orphans="report", invalid="missing") == TOY.tally(
        homes, mixed, orphans="report", invalid="missing"
    )
    with pytest.raises(BadValues) as caught:
        TOY.tally(scan, orphans="report")
    (problem,) = caught.value.problems
    assert (problem.field, problem.rows) == ("age", 4)
    whole = [(place.row, place.file) for place in problem.places if place.row is not None]
    assert whole == [(row, "2.parquet") for row in (1, 2, 3, 4)]
    with pytest.raises(BadValues) as caught:
        TOY.tally(scan, invalid="missing")
    (lost,) = caught.value.problems
    assert [(place.key, place.row, place.file) for place in lost.places] == [
        (99, 1, "1.parquet"),
        (None, 4, "1.parquet"),
    ]


@pytest.mark.parametrize(("held", "asked"), [(2, True), (9, False)])
def test_more_keys_than_may_be_held_are_not(held: int, asked: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB looks through them then."""
    monkeypatch.setattr(partition, "HELD", held)
    monkeypatch.setattr(sources, "BATCH", 1)
    needed: list[str] = []
    need = partition.need
    monkeypatch.setattr(partition, "need", lambda name, *more: needed.append(name) or need(name, *more))
    scan = stream.Job(TOY, Reading()).keyed(mdp.scan(pa.table({"household_id": [4, 3, 2, 1]})))
    partition.refuse_repeated(scan.households, "household_id")
    assert needed == ["duckdb"] * asked
