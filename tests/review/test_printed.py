"""Printed forms read back: what isn't read is found, what can't be read says why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from mdpoverty import reports
from mdpoverty.errors import BadTable, SpecError
from tests.review.reviews import AREAS, POOR, review, vn
from tests.review.test_check import TOTALS, rows

FORM = [
    ["TT", "Địa bàn", "Số hộ dân cư", "Số hộ nghèo", "Tỷ lệ"],
    [None, None, "1", "3", "4=3/1*100"],
    [None, "Tổng cộng", 30, 3, 10],
    [1, "Xã Một", 10, 1, 10],
    [2, "Xã Hai", 20, 2, 10],
]


def workbook(path: Path, **sheets: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, cells in sheets.items():
        sheet = book.create_sheet(title.replace("_", " "))
        for row in cells:
            sheet.append(row)
    book.save(path)
    return path


@pytest.fixture(scope="module")
def made() -> reports.Forms:
    return reports.build(review(rows(5)), before=review(rows(4)), area_columns=AREAS, totals=TOTALS)


# ------------------------------------------------------------------------------------------------------------- sheets


def test_sheets_that_tell_no_form_are_found(tmp_path: Path) -> None:
    path = workbook(tmp_path / "f.xlsx", Biểu_1=FORM, Kết_quả=FORM, Năm_2024=FORM, Trống=[])
    read = reports.read_excel(path)
    assert list(read) == [1]
    assert [(each.rule, each.form, each.detail) for each in read.findings] == [
        ("unread", 0, "Kết quả"),
        ("unread", 0, "Năm 2024"),
    ]
    assert "Kết quả" in read.findings[0].text("vi")
    assert [each.rule for each in reports.check(read)] == ["unread", "unread"]


def test_a_second_sheet_of_a_form_doesnt_replace_the_first(tmp_path: Path) -> None:
    other = [*FORM[:2], [None, "Tổng cộng", 99, 9, 9.09]]
    path = workbook(tmp_path / "f.xlsx", Biểu_1=FORM, Form_1=other)
    read = reports.read_excel(path)
    assert read[1]["1"].tolist() == [30, 10, 20]
    (found,) = reports.check(read)
    assert (found.rule, found.form, found.detail) == ("unread", 1, "Form 1")
    assert "'Biểu 1'" in found.text()


def test_names_of_sheets_that_tell_a_form(tmp_path: Path) -> None:
    path = workbook(tmp_path / "f.xlsx", **{"Mẫu 7.1": FORM, "Biểu số 08 - nhóm": FORM})
    assert list(reports.read_excel(path)) == [1, 8]


def test_sheets_that_are_named_must_be_there_once(tmp_path: Path) -> None:
    path = workbook(tmp_path / "f.xlsx", KQ=FORM, Khác=FORM)
    assert list(reports.read_excel(path, {"KQ": 1})) == [1]
    with pytest.raises(SpecError, match="is it 'KQ'"):
        reports.read_excel(path, {"KQQ": 1})
    with pytest.raises(SpecError, match="form 1 to more than one sheet"):
        reports.read_excel(path, {"KQ": 1, "Khác": 1})


def test_our_own_workbook_has_nothing_unread(made: reports.Forms, tmp_path: Path) -> None:
    made.to_excel(tmp_path / "forms.xlsx", period="Năm 2024")
    read = reports.read_excel(tmp_path / "forms.xlsx")
    assert read.findings == ()
    assert reports.check(read, standard=vn) == ()


def test_formulas_without_a_saved_value_are_found(tmp_path: Path) -> None:
    cells = [*FORM[:2], [None, "Tổng cộng", "=C4+C5", 3, "=D3/C3*100"], *FORM[3:]]
    read = reports.read_excel(workbook(tmp_path / "f.xlsx", Biểu_1=cells))
    (found,) = [each for each in reports.check(read) if each.rule == "unread"]
    assert "2 formulas without a saved value (C3, E3)" in found.text()
    assert "2 công thức" in found.text("vi")


def test_columns_without_a_number_are_found(tmp_path: Path) -> None:
    cells = [[*FORM[0], "Ghi chú"], [*FORM[1], None], *([*row, "x"] for row in FORM[2:])]
    read = reports.read_excel(workbook(tmp_path / "f.xlsx", Biểu_1=cells))
    assert read[1].columns.tolist() == ["tt", "area", "1", "3", "4"]
    assert "column 6" in read.findings[0].text()


def test_blocks_with_blank_rows_between_are_read_to_the_end(tmp_path: Path) -> None:
    cells = [
        *FORM[:3],
        ["I", "Thành thị", 10, 1, 10],
        ["1", "Phường Một", 10, 1, 10],
        [None] * 5,
        ["II", "Nông thôn", 20, 2, 10],
        ["1", "Xã Hai", 20, 3, 15],
        [None] * 5,
        [None, None, None, "Ngày 14 tháng 12 năm 2024", None],
        [None, "Người lập biểu", None, "Thủ trưởng đơn vị", None],
    ]
    read = reports.read_excel(workbook(tmp_path / "f.xlsx", Biểu_1=cells))
    assert read[1]["area"].tolist() == ["Tổng cộng", "Thành thị", "Phường Một", "Nông thôn", "Xã Hai"]
    (found,) = reports.check(read)
    assert (found.rule, found.path, found.column, found.found, found.expected) == (
        "subtotal", ("Nông thôn",), "3", 2, 3,
    )  # fmt: skip


# -------------------------------------------------------------------------------------------------------------- cells


@pytest.mark.parametrize("dash", ["-", "–", " - ", "--", "…"])
def test_a_dash_is_a_blank(tmp_path: Path, dash: str) -> None:
    cells = [*FORM[:2], [None, "Tổng cộng", 10, 1, 10], [1, "Xã Một", 10, 1, 10], [2, "Xã Hai", dash, dash, dash]]
    read = reports.read_excel(workbook(tmp_path / "f.xlsx", Biểu_1=cells))
    assert len(read[1]) == 3
    assert reports.check(read) == ()


@pytest.mark.parametrize("error", ["#REF!", "#DIV/0!", "#N/A", "#VALUE!", "#NAME?"])
def test_a_spreadsheets_error_is_found(tmp_path: Path, error: str) -> None:
    cells = [*FORM[:4], [2, "Xã Hai", error, 2, error]]
    read = reports.read_excel(workbook(tmp_path / "f.xlsx", Biểu_1=cells))
    found = [(each.path, each.column) for each in reports.check(read) if each.rule == "error"]
    assert found == [(("Xã Hai",), "1"), (("Xã Hai",), "4")]


@pytest.mark.parametrize("value", ["hai", "nan", "inf", True])
def test_what_is_no_number_says_so(value: Any) -> None:
    with pytest.raises(BadTable, match="is no number"):
        reports.check({1: pd.DataFrame({"area": ["A"], "1": [value]})})


def test_no_name_is_repeated_from_a_cell() -> None:
    with pytest.raises(BadTable) as raised:
        reports.check({1: pd.DataFrame({"area": ["A"], "1": ["Nguyễn Văn Ví Dụ"]})})
    assert "Nguyễn" not in str(raised.value)


# -------------------------------------------------------------------------------------------------------------- files


@pytest.mark.parametrize("name", ["forms.xls", "forms.ods", "forms.xlsx"])
def test_other_kinds_of_files_say_what_to_do(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 not a workbook")
    with pytest.raises(BadTable, match=rf"{name} can't be read as an Excel workbook \(\.xlsx\).* save it as \.xlsx"):
        reports.read_excel(path)


def csv_text(made: reports.Forms, folder: Path) -> str:
    (file,) = made.to_csv(folder, forms=[1], bom=False)
    return file.read_text(encoding="utf-8")


def test_csv_in_a_windows_code_page(made: reports.Forms, tmp_path: Path) -> None:
    text = csv_text(made, tmp_path)
    path = tmp_path / "windows.csv"
    path.write_bytes("".join(each for each in text if each.isascii() or each in "âêôăơưđÂÊÔĂƠƯĐ").encode("cp1258"))
    with pytest.raises(BadTable, match=r'windows\.csv is not written in UTF-8.* encoding="cp1258"'):
        reports.read_csv(path)
    read = reports.read_csv(path, encoding="cp1258")
    assert read["1"].tolist() == reports.read_csv(tmp_path / "form_01.csv")["1"].tolist()
    with pytest.raises(BadTable, match="not written in cp9999"):
        reports.read_csv(path, encoding="cp9999")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-8"])
@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_csv_of_other_settings(made: reports.Forms, tmp_path: Path, encoding: str, between: str) -> None:
    csv_text(made, tmp_path)
    own = reports.read_csv(tmp_path / "form_01.csv")
    frame = pd.read_csv(tmp_path / "form_01.csv", header=None, dtype=str, keep_default_na=False)
    frame.to_csv(tmp_path / "other.csv", sep=between, index=False, header=False, encoding=encoding)
    pd.testing.assert_frame_equal(reports.read_csv(tmp_path / "other.csv"), own)


def test_csv_whose_rows_are_of_several_lengths(made: reports.Forms, tmp_path: Path) -> None:
    made.to_csv(tmp_path)
    lines = (tmp_path / "form_01.csv").read_text(encoding="utf-8-sig").splitlines()
    whole = reports.read_csv(tmp_path / "form_01.csv")
    numbers = next(at for at, line in enumerate(lines) if line.startswith(",,1,"))
    short = [line.rstrip(",") for line in lines]
    more = [line + ",,," * (at == numbers + 1) for at, line in enumerate(lines)]
    note = [*more[: numbers + 2], more[numbers + 2] + ",xem ghi chú", *more[numbers + 3 :]]
    for name, given, found in (("short", short, 0), ("more", more, 0), ("note", note, 1)):
        (tmp_path / f"{name}.csv").write_text("\n".join(given) + "\n", encoding="utf-8")
        read = reports.read_csv(tmp_path / f"{name}.csv")
        pd.testing.assert_frame_equal(read, whole)
        assert len(read.attrs["findings"]) == found, "what has no column number is said"


def test_csv_for_a_vietnamese_excel(made: reports.Forms, tmp_path: Path) -> None:
    files = made.to_csv(tmp_path, dialect="vietnamese", forms=[1, 2, 5])
    assert files[0].read_bytes().startswith(b"\xef\xbb\xbf")
    text = files[0].read_text(encoding="utf-8-sig")
    rate = made.form(1, heading="numbers")["4"].dropna().iloc[0]
    assert f";{rate:.2f};".replace(".", ",") in text
    assert all(line.count(";") == text.splitlines()[0].count(";") for line in text.splitlines())
    read = {number: reports.read_csv(file) for number, file in zip((1, 2, 5), files, strict=True)}
    assert reports.check({1: read[1], 2: read[2]}, standard=vn) == ()
    files = made.to_csv(tmp_path / "plain", forms=[1, 2, 5])
    plain = {number: reports.read_csv(file) for number, file in zip((1, 2, 5), files, strict=True)}
    for number, frame in read.items():
        assert frame.replace(",", ".", regex=True).equals(plain[number])
    with pytest.raises(SpecError, match="dialect"):
        made.to_csv(tmp_path, dialect="french")  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------------------- places


def test_places_that_differ_only_in_spelling_are_found_or_read_as_one() -> None:
    one = pd.DataFrame({"tt": ["", "1", "2"], "area": ["Tổng cộng", "Xã Hòa", "Xã B"], "3": [3, 1, 2]})
    two = pd.DataFrame(
        {"tt": ["", "1", "2"], "area": ["Tổng cộng", "Xã Hoà", "XÃ  B"], "A": [3, 2, 1], "B": [9, 6, 3], "1": [3, 2, 1]}
    )
    found = reports.check({1: one, 4: two})
    assert {each.rule for each in found} >= {"spelling"}
    assert "place" not in {each.rule for each in found}
    spelt = [each.text() for each in found if each.rule == "spelling"]
    assert len(spelt) == 2
    assert any("'Xã Hòa'" in text and "'Xã Hoà'" in text and "read as two" in text for text in spelt)
    folded = reports.check({1: one, 4: two}, fold=True)
    assert [(each.path, each.found, each.expected) for each in folded if each.rule == "agreement"] == [
        (("Xã Hòa",), 2, 1),
        (("Xã B",), 1, 2),
    ]
    assert sum("read as one" in each.text() for each in folded) == 2


def test_html_and_excel_escape_what_a_finding_repeats(tmp_path: Path) -> None:
    named = [{"household_id": key, "commune": name, **POOR} for key, name in enumerate(("=A1", "=a1"))]
    filled = reports.build(review(named), area_columns=["commune"])
    assert [each.rule for each in filled.findings] == ["spelling"]
    filled.to_excel(tmp_path / "forms.xlsx")
    book = openpyxl.load_workbook(tmp_path / "forms.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" and "A1'" in str(cell.value)]
