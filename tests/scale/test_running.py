"""How a scan runs: by how many threads, with what progress, which columns it reads, and what it says at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

import mdpoverty as mdp
from mdpoverty.errors import BadValues, MissingColumns, SpecError
from mdpoverty.scale import partition, sources, stream
from mdpoverty.scale.report import add_up
from mdpoverty.tables.options import Reading
from tests.scale.toys import given_homes, toy
from tests.toy import TOY


@pytest.mark.parametrize("threads", [0, -1, "2", 1.5, None])
def test_threads_are_a_number_of_them(tmp_path: Path, threads: Any) -> None:
    scan = mdp.scan(given_homes([1]))
    with pytest.raises(SpecError, match="threads="):
        TOY.tally(scan, given="all", threads=threads)
    with pytest.raises(SpecError, match="threads="):
        TOY.classify(scan, given="all", threads=threads, sink=tmp_path / "out.parquet")


@pytest.mark.parametrize("threads", [1, 2, 9])
def test_blocks_are_read_one_further_than_there_are_threads(threads: int, tmp_path: Path) -> None:
    """And what becomes of them comes in their order."""
    read: list[int] = []

    def rows() -> Iterator[pa.RecordBatch]:
        for key in range(8):
            read.append(key)
            yield from given_homes([key]).to_batches()

    held: list[int] = []

    class Watched(stream.Sink):
        def write(self, table: Any) -> None:
            held.append(len(read))
            super().write(table)

    reader = pa.RecordBatchReader.from_batches(given_homes([0]).schema, rows())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream, "Sink", Watched)
        found = TOY.classify(mdp.scan(reader, block=1), given="all", sink=tmp_path / "out.parquet", threads=threads)
    assert pl.read_parquet(found.files)["household_id"].to_list() == list(range(8))
    assert held == [min(done + threads + 1, 8) for done in range(8)]


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("known", [True, False])
def test_progress_arrives_where_it_goes(
    threads: int, known: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bars: list[tuple[bool, int | None, str, list[int]]] = []

    @contextmanager
    def progress_bar(shown: bool, total: int | None, unit: str) -> Iterator[Callable[[int], object]]:
        bars.append((shown, total, unit, []))
        yield bars[-1][3].append

    monkeypatch.setattr(stream, "progress_bar", progress_bar)
    homes = given_homes(range(7))

    def scan() -> Any:
        return mdp.scan(homes if known else pa.RecordBatchReader.from_stream(homes), block=2)

    TOY.tally(scan(), given="all", threads=threads, progress=True)
    TOY.classify(scan(), given="all", threads=threads, progress=True, sink=tmp_path / "out.parquet")
    TOY.tally(scan(), given="all", threads=threads)
    assert list(stream.classes(stream.Job(TOY, Reading(given="all")), scan()))
    assert [(shown, unit, done) for shown, _, unit, done in bars] == [
        (shown, "households", [2, 2, 2, 1]) for shown in (True, True, False, False)
    ]
    assert [total for shown, total, *_ in bars if shown] == [7 if known else None] * 2


def test_a_weight_is_read_though_nothing_else_asks_for_it() -> None:
    homes = given_homes([1, 2, 3], w=pa.array([2, 3, 5]), place=pa.array(["a", "b", "a"]))
    for columns, names in ((None, {"weight": "w", "by": "place"}), ({"w": "gewicht", "place": "ort"}, {})):
        table = homes if columns is None else homes.rename_columns([columns.get(n, n) for n in homes.column_names])
        options = {"weight": "w", "by": "place"} | names
        tally = TOY.tally(mdp.scan(table, block=2), given="all", columns=columns, **options)
        assert tally == TOY.classify(table, given="all", columns=columns).tally(**options)
        assert tally.total("households") == 10


def test_places_and_units_of_csv_files_are_texts_and_what_is_counted_with_are_numbers(tmp_path: Path) -> None:
    """Stratum ``01`` isn't ``1``, and a weight of ``01`` is one."""
    with (tmp_path / "h.csv").open("w") as file:
        file.write("household_id,s,p,w,f," + ",".join(TOY.indicators) + ",shells,coast\n")
        for key, (stratum, unit) in enumerate((s, p) for s in ("01", "1") for p in ("1", "01", "2", "02")):
            flags = ",".join(str(int(key % 3 == 0)) for _ in TOY.indicators)
            file.write(f"{key},{stratum},{unit},0{key + 1},10,{flags},{5 if key % 2 else 500},east\n")
    design = mdp.SurveyDesign(strata="s", psu="p", weight="w", fpc="f", nested=True)
    rows = pl.read_csv(tmp_path / "h.csv", schema_overrides={"s": pl.String, "p": pl.String})
    expected = TOY.classify(rows, given="all").tally(design=design)
    found = TOY.tally(mdp.scan(tmp_path / "h.csv", block=3), given="all", design=design)
    assert found.total("households") == expected.total("households") == 36
    assert {name: len(cells) for name, cells in found.cells.items()} == {
        name: len(cells) for name, cells in expected.cells.items()
    }


@pytest.mark.parametrize("aligned", [True, False])
@pytest.mark.parametrize("together", [0, partition.TOGETHER])
def test_a_key_column_that_is_not_there_is_named(aligned: bool, together: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partition, "TOGETHER", together)
    homes, people = toy([1, 1])
    for ours, theirs, table in (
        (homes.drop("household_id"), people, "households"),
        (homes, people.drop("household_id"), "members"),
        (homes.drop("household_id"), people.drop("household_id"), "households"),
    ):
        with pytest.raises(MissingColumns) as raised:
            TOY.tally(mdp.scan(ours, theirs, aligned=aligned))
        assert (table, "household_id") in {(each.table, each.column) for each in raised.value.problems}


def test_tables_without_rows_are_counted_and_what_they_lack_is_said_of_no_rows() -> None:
    assert TOY.tally(mdp.scan(given_homes(pa.array([], pa.int64()))), given="all").n == 0
    homes, people = toy([])
    assert TOY.tally(mdp.scan(homes, people)).n == 0
    with pytest.raises(MissingColumns, match=r"^(?!In ).*problem") as raised:
        TOY.tally(mdp.scan(homes.drop("huts"), people))
    assert [each.column for each in raised.value.problems] == ["huts"]
    with pytest.raises(MissingColumns, match=r"^In households, rows 0 to 0; members, rows 0 to 0: "):
        TOY.tally(mdp.scan(*(frame.drop(name) for frame, name in zip(toy([1]), ("huts", "age"), strict=True))))


def test_files_of_classes_come_with_what_was_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "BATCH", 2)
    homes = given_homes(range(6)).set_column(1, "shells", pa.array([1.0, -1.0, 2.0, 3.0, -1.0, 5.0]))
    people = pa.table({"household_id": [0, 2, 9, 9], "name": list("abcd")})
    found = TOY.classify(
        mdp.scan(homes, people, block=2),
        given="all",
        invalid="missing",
        orphans="report",
        sink=tmp_path / "classes.parquet",
    )
    assert [(each.column, each.rows, each.first) for each in found.problems] == [
        ("shells", 2, (1, 4)),
        ("household_id", 2, (9, 9)),
    ]
    assert found.households == found.tally.n == 6


@pytest.mark.parametrize("keys", [[1, 2, 3, 2], [4, 3, 2, 4], [1, 1, 2, 3], ["b", "a", "b", "c"]])
@pytest.mark.parametrize("block", [1, 2, 3])
def test_no_files_of_classes_are_left_if_a_key_stands_twice(tmp_path: Path, keys: list[Any], block: int) -> None:
    homes = given_homes(keys).rename_columns(["hộ", *given_homes(keys).column_names[1:]])
    with pytest.raises(BadValues, match="duplicate key") as raised:
        TOY.classify(
            mdp.scan(homes, block=block), given="all", household_id=("hộ", "của hộ"), sink=tmp_path / "out.parquet"
        )
    (problem,) = raised.value.problems
    assert (problem.column, problem.rows) == ("hộ", 1)
    assert not list(tmp_path.iterdir())


def test_what_is_read_once_need_not_be_in_order_where_one_block_has_it_all() -> None:
    homes = pa.RecordBatchReader.from_stream(given_homes([3, 1, 2]))
    assert TOY.tally(mdp.scan(homes, block=3), given="all").n == 3


def test_tallies_that_wait_are_added_up_before_they_are_many() -> None:
    """Small ones soon, beside a large one later, so that this isn't added up again at every few blocks."""

    def counted(places: int) -> Any:
        rows = given_homes(range(places), place=pa.array([str(place) for place in range(places)]))
        return TOY.classify(rows, given="all").tally("place")

    one = counted(1)
    for first, blocks, least, most in ((1, 40, 4, 20), (90, 60, 20, 60)):
        parts: list[Any] = [counted(first)]
        lengths = []
        for _ in range(blocks):
            stream._gather(parts, one)
            lengths.append(len(parts))
        assert least < max(lengths) < most
        assert min(lengths) == 1
        assert add_up(parts).n == first + blocks
