"""A scan of CSV files and the same files in memory: one answer, one set of problems, one set of places."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import mdpoverty as mdp
from mdpoverty import examples
from mdpoverty.errors import BadTable, BadValues, InvalidInput

VN = mdp.standards["vn-2022"]
DATE = "2024-11-15"


def written(folder: Path, households: pd.DataFrame, members: pd.DataFrame) -> tuple[str, str]:
    paths = folder / "households.csv", folder / "members.csv"
    for path, table in zip(paths, (households, members), strict=True):
        table.to_csv(path, index=False)
    return str(paths[0]), str(paths[1])


@pytest.fixture
def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    households, members = examples.commune(40, seed=5, gaps=0.1)
    return households.astype(object), members.astype(object)


def problems(run: Any) -> list[tuple[Any, ...]]:
    with pytest.raises(InvalidInput) as caught:
        run()
    return sorted((p.table, p.column, p.what, p.rows, p.first) for p in caught.value.problems)


def test_the_same_classes(tmp_path: Path, tables: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    paths = written(tmp_path, *tables)
    scanned = VN.tally(mdp.scan(*paths, block=7), by="village", date=DATE)
    assert scanned == VN.classify(*map(pd.read_csv, paths), date=DATE).tally("village")


@pytest.mark.parametrize("block", [7, 1000])
def test_codes_on_a_column_of_numbers(tmp_path: Path, tables: tuple[pd.DataFrame, pd.DataFrame], block: int) -> None:
    households, members = tables
    households.loc[[3, 30], "income"] = -99
    paths = written(tmp_path, households, members)
    codes = {"income": {"-99": None}}
    scanned = VN.tally(mdp.scan(*paths, block=block), date=DATE, codes=codes)
    whole = VN.classify(*map(pd.read_csv, paths), date=DATE, codes=codes)
    assert scanned == whole.tally()
    assert [whole.answers("income")[row] for row in (3, 30)] == [None, None]
    assert None not in [whole.answers("income")[row] for row in (0, 1, 2)]


def test_a_value_that_is_none_is_told_with_its_column_file_and_row(
    tmp_path: Path, tables: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    households, members = tables
    households.loc[12, "income"] = "khoảng 2 triệu"
    households.loc[31, "toilet"] = "hố xí"
    paths = written(tmp_path, households, members)
    told = problems(lambda: VN.tally(mdp.scan(*paths), date=DATE))
    assert told == problems(lambda: VN.classify(*map(pd.read_csv, paths), date=DATE))
    assert [each[1] for each in told] == ["income", "toilet"]
    with pytest.raises(BadValues, match=r"households.income: .*\(1 row: VD-000013 \(row 14 of households.csv\)\)"):
        VN.tally(mdp.scan(*paths), date=DATE)
    missing = VN.tally(mdp.scan(*paths, block=9), date=DATE, invalid="missing")
    assert missing == VN.classify(*map(pd.read_csv, paths), date=DATE, invalid="missing").tally()


def test_a_place_may_be_called_na(tmp_path: Path, tables: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    households, members = tables
    households["province"] = ["NA", "null", ""] * 13 + ["NA"]
    tally = VN.tally(mdp.scan(*written(tmp_path, households, members)), by="province", date=DATE)
    assert tally.levels == (("NA", "null", None),)


def test_a_doubled_header_is_an_error_where_it_is_needed(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("household_id,income,income,area\n1,5,6,rural\n", encoding="utf-8")
    with pytest.raises(BadTable, match=r"several columns of .*a\.csv are called 'income'"):
        VN.tally(mdp.scan(tmp_path / "a.csv"), date=DATE, given="all")


HOME = "household_id,area,income\n1,rural,5\n"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (f"sep=,\n{HOME}".encode(), "Expected 2 columns, got 3: a file begins with the line of its columns' names"),
        (f"DANH SÁCH HỘ\n{HOME}".encode(), "Expected 1 columns, got 3: a file begins with"),
        (f"{HOME}2,rural,1,5\n".encode(), "Expected 3 columns, got 4: .* a cell with a comma in it stands between"),
        (b"", "there is nothing in it"),
        (b"household_id,area,income", "a line of names that doesn't end"),
        (HOME.encode("utf-16-le"), "isn't written in UTF-8"),
        (HOME.encode("utf-16"), "isn't written in UTF-8"),
        (b"PK\x03\x04" + bytes(90), "is a workbook or an archive"),
        (b"\xd0\xcf\x11\xe0" + bytes(90), "is a workbook or an archive"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_what_to_do(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "h.csv"
    path.write_bytes(content)
    with pytest.raises(BadTable, match=rf"h\.csv.*{told}"):
        VN.tally(mdp.scan(path), date=DATE, given="all")


def test_no_row_of_a_file_gets_into_a_message(tmp_path: Path) -> None:
    path = tmp_path / "broken.csv"
    path.write_text("household_id,area,income\n1,rural,5\n2,Nguyễn Thị Ví Dụ,0912345678,x\n", encoding="utf-8")
    with pytest.raises(BadTable, match="Expected 3 columns, got 4") as caught:
        VN.tally(mdp.scan(path), date=DATE, given="all")
    assert "Nguyễn" not in str(caught.value)
    assert "0912345678" not in str(caught.value)
