"""Where files are written and read: clear errors for what can't be."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

import mdpoverty as mdp
from mdpoverty import reports
from mdpoverty.errors import BadTable, FileError, MdpovertyError
from mdpoverty.workbooks import new_workbook, open_workbook, writable
from tests.review.reviews import POOR, review, vn

ROW = {"household_id": 1, "district": "Huyện A", "commune": "Xã 1", **POOR}


def test_an_old_ending_says_how_to_call_it(tmp_path: Path) -> None:
    forms = reports.build(review([ROW]), area_columns="commune")
    with pytest.raises(FileError, match=r"biểu\.xls would be written as \.xlsx: call it 'biểu.xlsx'"):
        forms.to_excel(tmp_path / "biểu.xls")
    with pytest.raises(FileError, match=r"phiếu\.xlsx"):
        vn.to_xlsform(tmp_path / "phiếu")
    with pytest.raises(FileError, match=r"biểu\.html"):
        forms.to_html(tmp_path / "biểu.doc")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    forms = reports.build(review([ROW]), area_columns="commune")
    for write in (lambda: forms.to_excel(tmp_path / "năm" / "x.xlsx"), lambda: forms.to_html(tmp_path / "năm/x.html")):
        with pytest.raises(FileError, match=r"there is no folder '.*năm' to write"):
            write()
    with pytest.raises(FileError, match="is a folder"):
        writable(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    for read in (reports.read_excel, reports.read_csv, reports.read_list, open_workbook):
        with pytest.raises(FileError, match=r"there is no file '.*không có.xlsx'"):
            read(tmp_path / "không có.xlsx")
    with pytest.raises(OSError, match="there is no file"):  # the built-in that a caller expects
        reports.read_excel("không có.xlsx")


def test_another_kind_of_file_is_said_to_be_one(tmp_path: Path) -> None:
    old = tmp_path / "cũ.xls"
    old.write_bytes(b"\xd0\xcf\x11\xe0")
    with pytest.raises(BadTable, match=r"cũ.xls can't be read as an Excel workbook"):
        reports.read_excel(old)


def test_a_failed_workbook_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), new_workbook(tmp_path / "x.xlsx", "Writing Excel"):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_the_error_is_one_of_the_family() -> None:
    error = pickle.loads(pickle.dumps(FileError("there is no such folder", file="x.xlsx")))
    assert isinstance(error, MdpovertyError)
    assert str(error) == "there is no such folder"
    assert mdp.errors.FileError is FileError
