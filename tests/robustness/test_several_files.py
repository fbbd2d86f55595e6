"""Files of one table that don't all have the same columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest

import mdpoverty as mdp
from mdpoverty.errors import BadTable, BadValues, MissingColumns

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


@pytest.mark.parametrize("kind", ["parquet", "csv"])
@pytest.mark.parametrize("lacking", [0, 1])
def test_a_column_that_the_rules_need_must_be_in_every_file(tmp_path: Path, kind: str, lacking: int) -> None:
    files = [rows(0, income=[1_000_000] * 2), rows(2, income=[1_000_000] * 2)]
    del files[lacking]["toilet"]
    with pytest.raises(MissingColumns, match=rf"toilet.*{lacking}\.{kind}"):
        vn.tally(mdp.scan(written(tmp_path, kind, *files)), given="all")


@pytest.mark.parametrize(
    ("one", "other", "named"),
    [
        ({"household_id": ["a", "b"]}, {}, "household_id"),
        ({"income": ["1000000", "2000000"]}, {"income": [1, 2]}, "income"),
        ({"toilet": ["true", "false"]}, {}, "toilet"),
    ],
)
def test_parquet_files_that_disagree_about_a_type_are_named(tmp_path: Path, one: Rows, other: Rows, named: str) -> None:
    usual = {"income": [1_000_000, 1_000_000]}
    files = written(tmp_path, "parquet", rows(0, **usual) | other, rows(2, **usual) | one)
    with pytest.raises(BadTable, match=rf"0\.parquet.*1\.parquet.*{named}"):
        vn.tally(mdp.scan(files, block=2), given="all")


def test_numbers_of_several_types_and_columns_without_a_value_go_together(tmp_path: Path) -> None:
    nothing = pa.nulls(2)
    files = [{"income": [1, 2]}, {"income": [1.0, None]}, {"income": nothing}, {"income": pa.array([1, 2], pa.int16())}]
    scan = mdp.scan(written(tmp_path, "parquet", *(rows(2 * i, **its) for i, its in enumerate(files))), block=3)
    counts = vn.tally(scan, given="all").counts().set_index("category")["n"]
    assert counts["poor"], counts["open"] == (5, 3)
