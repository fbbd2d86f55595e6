"""The messy spreadsheet is messy where it says so, sound elsewhere, and the same each time."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

SCRIPT = Path(__file__).parents[1] / "examples" / "make_messy_spreadsheet.py"


@pytest.fixture(scope="module")
def messy() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_messy_spreadsheet", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_mistakes_are_where_they_are_said_to_be(messy: ModuleType) -> None:
    households, members = messy.make()
    h = pd.DataFrame(households, dtype=object).set_index(pd.Index([row["Mã hộ"].strip() for row in households]))
    m = pd.DataFrame(members, dtype=object)
    income = "Thu nhập BQĐN (đồng/tháng)"
    assert h.loc["VD-000012", income] == -1_200_000
    assert h.loc["VD-000031", income] == "khoảng 2 triệu"
    assert h.index[h.index.duplicated()].tolist() == ["VD-000047"]
    assert h.loc["VD-000047", income].nunique() == 2
    assert h.loc["VD-000063", "Nguồn nước (mã)"] == 99
    assert m["Tuổi"].max() == 400
    assert set(m["Mã hộ"]) - set(h.index) == {"VD-999999"}
    listed = m["Mã hộ"].value_counts()
    differ = [key for key, size in h["Số nhân khẩu"].items() if key in listed and size != listed[key]]
    assert differ == ["VD-000070"]
    named = {"VD-000012", "VD-000031", "VD-000047", "VD-000058", "VD-000063", "VD-000070", "VD-999999"}
    assert set(messy.MISTAKES) == named


def test_it_is_the_same_each_time_and_leaves_blanks(messy: ModuleType) -> None:
    assert messy.make() == messy.make()
    households, members = messy.make()
    assert {row["Tường bền chắc"] for row in households} >= {"Có", "Không", "Có ", None}
    assert {row["Ti vi"] for row in households} == {"x", "?", None}
    assert {row["Khu vực"] for row in households} >= {"Nông thôn", "NT", "Thành thị", "TT"}
    assert {row["Việc làm (mã)"] for row in members} == {1, 2, 3, 4, 5, None}
    for name, meanings in messy.MEANINGS.items():
        assert len(meanings) == len(messy.CODES[name])


def test_files_open_in_what_people_open_them_with(
    messy: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    messy.main(tmp_path)
    assert "VD-000012" in capsys.readouterr().out
    assert (tmp_path / "ho_gia_dinh.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    for sheet, file in zip(messy.SHEETS, ("ho_gia_dinh.csv", "thanh_vien.csv"), strict=True):
        text = pd.read_csv(tmp_path / file, dtype=str)
        book = pd.read_excel(tmp_path / "ra_soat.xlsx", sheet_name=sheet, header=messy.TITLE_ROWS, dtype=object)
        assert list(text) == list(book)
        assert len(text) == len(book)
        assert text["Mã hộ"].tolist() == book["Mã hộ"].tolist()
    assert len(pd.read_excel(tmp_path / "ra_soat.xlsx", sheet_name="Mã")) == 22
