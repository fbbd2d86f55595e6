"""The officer's workbook: what it asks and allows, and that it comes back as it was filled in, however it was typed."""

from __future__ import annotations

import io
import unicodedata
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdpoverty as mdp
from mdpoverty import examples
from mdpoverty.errors import BadTable, BadValues, FileError, MissingColumns, SpecError
from mdpoverty.numbers import printed
from mdpoverty.tables.meanings import from_writing
from tests.profiles import costly

vn = mdp.standards["vn-2022"]
IDS = [*mdp.standards]
HOMES = ["Mã hộ", "Khu vực", "Thu nhập bình quân đầu người", "Diện tích nhà ở", "Nhà tiêu", "Tivi"]
PEOPLE = ["Mã hộ", "Tuổi", "Có bảo hiểm y tế"]


def workbook(
    tmp_path: Path, homes: list[list[Any]], people: list[list[Any]] | None = None, titles: tuple[str, ...] = ()
) -> Path:
    """Write two sheets as an officer types them."""
    book = openpyxl.Workbook()
    book.active.title = titles[0] if titles else "Hộ"
    for row in homes:
        book.active.append(row)
    if people is not None:
        sheet = book.create_sheet(titles[1] if titles else "Thành viên")
        for row in people:
            sheet.append(row)
    book.save(tmp_path / "phiếu.xlsx")
    return tmp_path / "phiếu.xlsx"


# ------------------------------------------------------------------------------------------------------- the template


def sheets(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def test_the_template_asks_in_vietnamese_with_lists_and_limits() -> None:
    book = sheets(vn.template("excel"))
    assert book.sheetnames == ["Hộ", "Thành viên", "Danh mục"]
    assert book["Danh mục"].sheet_state == "hidden"
    homes = book["Hộ"]
    heads = [cell.value for cell in homes[1]]
    assert heads[:4] == ["Mã hộ", "Khu vực", "Thu nhập bình quân đầu người", "Tổng thu nhập của hộ"]
    assert homes.cell(2, 2).value == "Hộ cư trú ở khu vực nào? Chọn trong danh sách."
    rules = {str(each.sqref).split(":")[0]: each for each in homes.data_validations.dataValidation}
    area = rules["B3"]
    assert area.type == "list"
    where = area.formula1.replace("'", "").replace("$", "").split("!")
    assert [cell.value for row in book[where[0]][where[1]] for cell in row] == ["Nông thôn", "Thành thị"]
    income = rules["C3"]
    assert (income.type, float(income.formula1), float(income.formula2)) == ("decimal", 0, 1e12)
    assert income.error == "Từ 0 đến 1.000.000.000.000"
    assert homes["C3"].number_format == "#,##0"
    assert [homes.cell(row, 1).value for row in range(3, 7)] == ["Ví dụ 1", "Ví dụ 2", "Ví dụ 3", None]
    assert homes["A9"].number_format == "General"
    assert (
        homes.column_dimensions["A"].number_format if hasattr(homes.column_dimensions["A"], "number_format") else True
    )


@pytest.mark.parametrize("id", IDS)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_standard_has_one_that_is_read_back_without_its_examples(tmp_path: Path, id: str, lang: Any) -> None:
    standard = mdp.standards[id]
    content = standard.template("excel", tmp_path / "mẫu.xlsx", lang=lang)
    assert (tmp_path / "mẫu.xlsx").read_bytes() == content
    read = mdp.read_workbook(tmp_path / "mẫu.xlsx", standard, lang=lang)
    assert len(read.households) == 0
    plain = standard.template()
    assert set(read.households) == set(plain.households)
    assert read.members is None or (len(read.members) == 0 and set(read.members) == set(plain.members))
    assert len(standard.classify(read.households, read.members, provisional=True)) == 0


@pytest.mark.parametrize("id", IDS)
def test_its_examples_are_answers(tmp_path: Path, id: str) -> None:
    standard = mdp.standards[id]
    book = sheets(standard.template("excel"))
    for sheet in book.worksheets[:2]:
        for row in range(3, sheet.max_row + 1):
            if str(sheet.cell(row, 1).value).startswith("Ví dụ"):
                sheet.cell(row, 1).value = sheet.cell(row, 1).value.replace("Ví dụ", "VD")
    book.save(tmp_path / "x.xlsx")
    read = mdp.read_workbook(tmp_path / "x.xlsx", standard)
    assert len(read.households) == 3
    assert len(standard.classify(read.households, read.members, provisional=True)) == 3


def test_an_unknown_language_or_place_is_an_error(tmp_path: Path) -> None:
    french: Any = "fr"  # as of callers who check no types
    with pytest.raises(SpecError, match="lang"):
        vn.template("excel", lang=french)
    with pytest.raises(SpecError, match="lang"):
        mdp.read_workbook(tmp_path / "x.xlsx", vn, lang=french)
    with pytest.raises(FileError, match=r"mẫu\.xlsx"):
        vn.template("excel", tmp_path / "mẫu.xls")
    with pytest.raises(FileError, match="no file"):
        mdp.read_workbook(tmp_path / "x.xlsx", vn)


# ------------------------------------------------------------------------------------------------------ what is typed


def test_numbers_and_words_as_vietnamese_write_them(tmp_path: Path) -> None:
    homes = [
        HOMES,
        ["A1", "Nông thôn", "1.500.000", "40,5", "Tự hoại/bán tự hoại", "Có"],
        [2, "NÔNG  THÔN", 1500001, 40.5, "septic", "x"],
        ["3", "nong thon", "1 500 002 đ", "40,5 m²", "Không có", "không"],
        [None, "", None, None, None, None],
        ["4", "Rural", None, "", None, None],
    ]
    read = mdp.read_workbook(workbook(tmp_path, homes, [PEOPLE, [2, 40, "Có"], ["A1", "7", 0]]), vn)
    assert read.households["household_id"].tolist() == ["A1", "2", "3", "4"]
    assert read.households["income"].tolist()[:3] == [1_500_000, 1_500_001, 1_500_002]
    assert read.households["floor_area"].tolist()[:3] == [40.5] * 3
    assert read.households["area"].tolist() == ["rural"] * 4
    assert read.households["toilet"].tolist()[:2] == ["septic"] * 2
    assert read.households["television"].tolist()[:3] == [True, True, False]
    assert read.households.iloc[3].isna().sum() == 4
    assert read.members.to_dict("list") == {"household_id": ["2", "A1"], "age": [40, 7], "insured": [True, False]}
    assert vn.indicators["health_insurance"].score(*read).tolist() == [2, 0, 1, 1]


def test_headings_in_any_unicode_form_case_or_language_or_by_id(tmp_path: Path) -> None:
    heads = [
        unicodedata.normalize("NFD", "MÃ  HỘ"),
        "area",
        "Income per person",
        " diện tích nhà ơ",
        "Nhà tiêu",
        "Thôn",
    ]
    homes = [["PHIẾU RÀ SOÁT"], [], heads, ["A", "rural", 5, 9, unicodedata.normalize("NFD", "Hố xí khác"), "Thôn 1 "]]
    homes[3][4] = None
    read = mdp.read_workbook(workbook(tmp_path, homes), vn)
    assert list(read.households) == ["household_id", "area", "income", "floor_area", "toilet", "Thôn"]
    assert read.households["Thôn"].tolist() == ["Thôn 1"]
    assert read.members is None


def test_what_is_wrong_is_said_at_once_with_the_rows_of_the_sheet(tmp_path: Path) -> None:
    homes = [
        HOMES,
        ["A", "Nôn thôn", "1,500", "-4", "vàng", "có lẽ"],
        ["B", "Nông thôn", "khoảng 2 triệu", "40.125", None, 2],
        [None, "Nông thôn", None, None, None, None],
    ]
    with pytest.raises(BadValues) as raised:
        mdp.read_workbook(workbook(tmp_path, homes, [PEOPLE, ["A", "bốn mươi", None]]), vn)
    doubtful = [(each.field, each.places[0].row) for each in raised.value.problems if each.code == "two_ways"]
    assert doubtful == [("income", 2), ("floor_area", 3)]  # 1,500 đồng; 40.125 m²: forty, or forty thousand?
    found = {problem.field: problem for problem in raised.value.problems if problem.code != "two_ways"}
    assert set(found) == {"household_id", "area", "income", "floor_area", "toilet", "television", "age"}
    assert found["area"].places[0].row == 2
    assert (
        found["area"]
        .text("vi")
        .startswith("hộ.Khu vực: cần chọn trong danh sách: Nông thôn; Thành thị, gặp 'Nôn thôn' (có phải 'Nông thôn'?)")
    )
    assert [place.row for place in found["income"].places] == [3]
    assert found["household_id"].places[0].row == 4
    assert found["television"].rows == 2
    assert found["age"].table == "members"
    assert "Nguyễn" not in str(raised.value)


def test_later_errors_name_the_rows_of_the_sheet_too(tmp_path: Path) -> None:
    rows = [["A", "Nông thôn", 1, 9, None, None]] * 2
    read = mdp.read_workbook(workbook(tmp_path, [HOMES, [None] * 6, *rows]), vn)
    assert read.households.index.tolist() == [1, 2]  # as a table that begins in the second row of a spreadsheet
    toilet_only = vn.indicators["toilet"]
    with pytest.raises(BadValues, match=r"duplicate key.* \(1 row: A \(row 4\)\)"):
        toilet_only.score(read.households)


def test_a_formula_without_a_value_is_no_missing_answer(tmp_path: Path) -> None:
    homes = [HOMES, ["A", "Nông thôn", "=1000000+5", 9, None, None]]
    with pytest.raises(BadValues, match="formula without a saved value"):
        mdp.read_workbook(workbook(tmp_path, homes), vn)


def test_sheets_are_found_by_their_names(tmp_path: Path) -> None:
    rows = [HOMES, ["A", "Nông thôn", 1, 9, None, None]]
    other = workbook(tmp_path, rows, [PEOPLE, ["A", 4, "Có"]], ("Danh sách hộ", "Người"))
    with pytest.raises(SpecError, match="there is no sheet 'Hộ'"):
        mdp.read_workbook(other, vn)
    read = mdp.read_workbook(other, vn, households="danh sách hộ", members="Người")
    assert len(read.members) == 1
    with pytest.raises(SpecError, match="is it 'Người'"):
        mdp.read_workbook(other, vn, households="Danh sách hộ", members="Nguwoi")
    alone = workbook(tmp_path, rows, titles=("Trang 1",))
    assert len(mdp.read_workbook(alone, vn).households) == 1


def test_sheets_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(BadTable, match="no headings"):
        mdp.read_workbook(workbook(tmp_path, [["x", "y"]]), vn)
    with pytest.raises(BadTable, match="no headings"):
        mdp.read_workbook(workbook(tmp_path, []), vn)
    with pytest.raises(BadTable, match="several columns for area"):
        mdp.read_workbook(workbook(tmp_path, [["Mã hộ", "Khu vực", "area"], ["A", "rural", "rural"]]), vn)
    with pytest.raises(MissingColumns, match="Mã hộ"):
        mdp.read_workbook(workbook(tmp_path, [["Khu vực", "Nhà tiêu"], ["Nông thôn", None]]), vn)


# --------------------------------------------------------------------------------------------------- what always holds


@given(
    st.one_of(st.integers(-(10**15), 10**15), st.decimals(-(10**9), 10**9, places=2).map(float)),
    st.sampled_from(["vi", "en"]),
)
def test_a_number_as_the_library_prints_it_is_read_as_itself(value: Any, lang: Any) -> None:
    assert from_writing(printed(value, lang), lang, whole=True) == pytest.approx(value)


@costly(10)
@given(st.integers(0, 5), st.sampled_from(["vi", "en"]), st.sampled_from(["label", "id"]))
def test_a_commune_goes_through_the_workbook_unchanged(seed: int, lang: Any, by: str) -> None:
    homes, people = examples.commune(20, seed=seed)
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, table in (("Hộ", homes), ("Thành viên", people)):
        sheet = book.create_sheet(title)
        fields = {name: vn.fields[name] for name in table if name in vn.fields}
        sheet.append([fields[name].label.in_(lang) if name in fields and by == "label" else name for name in table])
        for row in table.astype(object).to_dict("records"):
            sheet.append([_typed(value, fields.get(name), lang, by) for name, value in row.items()])
    held = io.BytesIO()
    book.save(held)
    read = mdp.read_workbook(held, vn, lang=lang)
    one = vn.classify(homes, people, date="2024-11-15")
    other = vn.classify(read.households, read.members, date="2024-11-15")
    assert other.category.tolist() == one.category.tolist()
    assert other.receipt.inputs_digest == one.receipt.inputs_digest


def _typed(value: Any, its: Any, lang: Any, by: str) -> Any:
    if pd.isna(value):
        return None
    if its is None or by == "id":
        return bool(value) if isinstance(value, bool) else value
    if its.kind == "flag":
        return {"vi": ("Không", "Có"), "en": ("No", "Yes")}[lang][bool(value)]
    if its.kind == "code":
        return next(code.label.in_(lang) for code in its.codes if code.id == value)
    return printed(value, lang) if its.kind == "money" else value
