"""Files of one table that don't all have the same columns."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest

import mdpoverty as mdp
from mdpoverty.errors import BadTable, BadValues, MissingColumns
from mdpoverty.scale import partition

vn = mdp.standards["vn-2022"]
Rows = dict[str, list[Any]]


def rows(first: int, **also: Any) -> Rows:
    """Return two households, poor by their indicators."""
    answers = {name: [True, True] for name in vn.indicators}
    return {"household_id": [first, first + 1], "area": ["rural"] * 2, **answers, **also}


def written(folder: Path, kind: str, *files: Rows) -> Any:
    for position, its in enumerate(files):
        if kind == "csv":
            pd.DataFrame(its).to_csv(folder / f"{position}.csv", index=False)
        else:
            pq.write_table(pa.table(its), folder / f"{position}.parquet")
    return pa.dataset.dataset(folder) if kind == "dataset" else folder


@pytest.mark.parametrize("block", [1, 3, 100])
@pytest.mark.parametrize("kind", ["parquet", "csv", "dataset"])
def test_an_answer_that_only_a_later_file_asks_for_is_read(tmp_path: Path, kind: str, block: int) -> None:
    files = written(
        tmp_path,
        kind,
        rows(0, household_size=[2, 2]),
        rows(2, total_income=[1_000_000, 99_000_000], household_size=[2, 2]),
        rows(4, income=[1_000_000, 99_000_000]),
        rows(6, income=[1_000_000, 1_000_000], total_income=[2_000_000, 2_000_000], household_size=[2, 2]),
    )
    classified = vn.classify(mdp.scan(files, block=block), given="all", sink=tmp_path / "out" / "classes.parquet")
    table = pq.read_table(classified.files[0])
    found = dict(zip(table["household_id"].cast(pa.int64()).to_pylist(), table["category"].to_pylist(), strict=True))
    expected = [None, None, "poor", "above_average", "poor", "above_average", "poor", "poor"]
    assert found == dict(enumerate(expected))


@pytest.mark.parametrize("kind", ["parquet", "csv", "dataset"])
def test_a_contradiction_in_a_later_file_is_seen(tmp_path: Path, kind: str) -> None:
    again = rows(2, income=[1_000_000] * 2, total_income=[2_000_000, 50_000_000], household_size=[2, 2])
    files = written(tmp_path, kind, rows(0, income=[1_000_000] * 2), again)
    with pytest.raises(BadValues, match="contradict") as caught:
        vn.tally(mdp.scan(files), given="all")
    assert [str(key) for key in caught.value.problems[0].first] == ["3"]


@pytest.mark.parametrize("kind", ["parquet", "csv", "dataset"])
@pytest.mark.parametrize("lacking", [0, 1])
def test_a_column_that_the_rules_need_must_be_in_every_file(tmp_path: Path, kind: str, lacking: int) -> None:
    files = [rows(0, income=[1_000_000] * 2), rows(2, income=[1_000_000] * 2)]
    del files[lacking]["toilet"]
    with pytest.raises(MissingColumns, match=rf"toilet.*{lacking}\.(csv|parquet)"):
        vn.tally(mdp.scan(written(tmp_path, kind, *files)), given="all")


@pytest.mark.parametrize("kind", ["parquet", "dataset"])
@pytest.mark.parametrize(
    ("one", "other", "named"),
    [
        ({"household_id": ["a", "b"]}, {}, "household_id"),
        ({"household_id": ["07", "7"]}, {}, "household_id"),
        ({"income": ["1000000", "2000000"]}, {"income": [1, 2]}, "income"),
        ({"toilet": ["true", "false"]}, {}, "toilet"),
        ({"toilet": [2, 1]}, {}, "toilet"),
    ],
)
def test_parquet_files_that_disagree_about_a_type_are_named(
    tmp_path: Path, one: Rows, other: Rows, named: str, kind: str
) -> None:
    usual = {"income": [1_000_000, 1_000_000]}
    files = written(tmp_path, kind, rows(0, **usual) | other, rows(2, **usual) | one)
    with pytest.raises(BadTable, match=rf"0\.parquet.*1\.parquet.*{named}"):
        vn.tally(mdp.scan(files, block=2), given="all")


@pytest.mark.parametrize("kind", ["parquet", "dataset"])
@pytest.mark.parametrize("first", range(4))
def test_numbers_of_several_types_and_columns_without_a_value_go_together(
    tmp_path: Path, kind: str, first: int
) -> None:
    files = [pa.nulls(2), [1, 2], [1.5, None], pa.array([1, 2], pa.int16())]
    files = [rows(2 * i, income=its) for i, its in enumerate(files[first:] + files[:first])]
    counts = vn.tally(mdp.scan(written(tmp_path, kind, *files), block=3), given="all").counts()
    assert dict(zip(counts["category"], counts["n"], strict=True)) == {"poor": 5, "open": 3} | dict.fromkeys(
        ("near_poor", "average_living", "above_average"), 0
    )


def held(values: list[int], kind: Any) -> Any:
    return pa.array(list(map(Decimal, values)), kind) if pa.types.is_decimal(kind) else pa.array(values).cast(kind)


@pytest.mark.parametrize("block", [2, 3, 100])
@pytest.mark.parametrize("aligned", [True, False])
def test_decimals_and_numbers_of_any_room_go_together(
    tmp_path: Path, block: int, aligned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Arrow by itself knows no type for whole numbers of 64 bits beside decimals of 22 digits."""
    monkeypatch.setattr(partition, "TOGETHER", 0)
    kinds = [pa.decimal128(22, 3), pa.uint64(), pa.float64(), pa.decimal128(9, 0), pa.decimal256(30, 2), pa.int8()]
    files = [{"income": held([1, 2], kind)} for kind in kinds]
    people = [{"household_id": [2 * i, 2 * i + 1], "size": held([30, 40], kind)} for i, kind in enumerate(kinds)]
    homes, members = tmp_path / "homes", tmp_path / "members"
    for folder, tables in ((homes, [rows(2 * i, **its) for i, its in enumerate(files)]), (members, people)):
        folder.mkdir()
        written(folder, "parquet", *tables)
    scan = mdp.scan(homes, members, block=block, aligned=aligned)
    assert vn.tally(scan, given="all").counts().set_index("category")["n"]["poor"] == 12


@pytest.mark.parametrize("kind", ["parquet", "dataset"])
@pytest.mark.parametrize("aligned", [True, False])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        (pa.decimal256(76, 75), pa.int64()),
        (pa.decimal128(38, 37), pa.decimal256(60, 3)),
        (pa.float32(), pa.float64()),
        (pa.int64(), pa.float32()),
        (pa.decimal128(22, 3), pa.float16()),
    ],
)
def test_types_that_nothing_unites_are_named_with_their_column_and_files(
    tmp_path: Path, one: Any, other: Any, aligned: bool, kind: str
) -> None:
    for first, second in ((one, other), (other, one)):
        files = [rows(2 * i, income=held([1, 2], its)) for i, its in enumerate((first, second))]
        scan = mdp.scan(written(tmp_path, kind, *files), aligned=aligned)
        with pytest.raises(BadTable) as caught:
            vn.tally(scan, given="all")
        told = str(caught.value)
        assert re.search(r"0\.parquet and .*1\.parquet: households\.income is ", told)
        assert f"is {first} in one and {second} in the other; make it one type" in told


def test_a_dataset_is_read_as_whoever_made_it_says(tmp_path: Path) -> None:
    files = [rows(0, income=[1, 2]), rows(2, household_id=["2", "02"], income=["3", "4"], note=["a", "b"])]
    data = written(tmp_path, "dataset", *files)
    kinds = {"household_id": pa.string(), "income": pa.float64()}
    schema = pa.schema([each.with_type(kinds.get(each.name, each.type)) for each in data.schema])
    named = pa.dataset.dataset(tmp_path, schema=schema)
    assert vn.tally(mdp.scan(named), given="all").n == 4
    folder = tmp_path / "g"
    for place, its in (("x", rows(4, income=[5, 6])), ("y", rows(6, income=[7.5, 8.0], note=[1, 2]))):
        (folder / f"place={place}").mkdir(parents=True)
        pq.write_table(pa.table(its), folder / f"place={place}" / "rows.parquet")
    places = pa.dataset.dataset(folder, partitioning="hive")
    counts = vn.tally(mdp.scan(places), by="place", given="all").counts(by="place")
    assert counts.groupby("place")["n"].sum().to_dict() == {"x": 2, "y": 2}
    both = pa.dataset.dataset([pa.dataset.dataset(folder), data])
    with pytest.raises(BadTable, match=r"rows\.parquet and .*1\.parquet: households\.household_id is int64 in one"):
        vn.tally(mdp.scan(both), given="all")


def test_a_dataset_that_is_filtered_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    size = {"household_size": [2, 2]}
    files = rows(0, income=[1, 2], **size), rows(2, total_income=[1_000_000, 99_000_000], **size)
    kept = written(tmp_path, "dataset", *files).filter(pa.compute.field("household_id") != 1)
    counts = vn.tally(mdp.scan(kept), given="all").counts().set_index("category")["n"]
    assert (counts["poor"], counts["above_average"], counts.sum()) == (2, 1, 3)
    with pytest.raises(BadTable, match="must be files"):
        mdp.scan(kept.scanner())


def test_counts_in_floats_of_32_bits_beside_decimals_are_what_they_were(tmp_path: Path) -> None:
    """Arrow makes 6.0000005 of the decimal 6.000 when it makes such a float of it."""
    sizes = [pa.array([5, 6], pa.float32()), held([6, 7], pa.decimal128(22, 3))]
    files = written(tmp_path, "parquet", *(rows(2 * i, income=[1, 1], household_size=n) for i, n in enumerate(sizes)))
    assert vn.tally(mdp.scan(files), given="all").counts()["people"].sum() == 24


def test_what_duckdb_has_no_type_for_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partition, "TOGETHER", 0)
    homes = pa.table(rows(0, income=[1, 2]))
    for kind in (pa.float16(), pa.decimal256(30, 0)):
        ages = pa.table({"household_id": [0, 1], "age": held([30, 40], kind)})
        assert vn.tally(mdp.scan(homes, ages, aligned=False), given="all").n == 2
    ages = pa.table({"household_id": held([0, 1], pa.decimal256(60, 0))})
    with pytest.raises(BadTable, match="DuckDB doesn't know the type"):
        vn.tally(mdp.scan(homes, ages, aligned=False), given="all")
