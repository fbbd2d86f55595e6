"""The official layout: forms as their templates print them, filled by hand, written, printed, read back, checked."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdpoverty import reports
from mdpoverty.errors import BadDate, BadTable, BadValues, SpecError
from mdpoverty.reports.excel import breaks
from tests.review.reviews import ABOVE, AVERAGE, NAMES, NEAR, OPEN, POOR, Pair, pairs, review, vn

URBAN = {"commune": "Phường A", "area": "urban", "income": 2_000_000}
RURAL = {"commune": "Xã B", "area": "rural"}
LAND, ILL = {"cause_land": True}, {"cause_illness": True}
BEFORE = [
    {"household_id": 1, **URBAN, **POOR},
    {"household_id": 2, **URBAN, **POOR},
    {"household_id": 3, **URBAN, **NEAR},
    {"household_id": 4, **RURAL, **POOR},
    {"household_id": 5, **RURAL, **POOR},
    {"household_id": 6, **RURAL, **ABOVE},
    {"household_id": 7, **RURAL, **AVERAGE},
]
AFTER = [
    {"household_id": 1, **URBAN, **POOR, "ethnic_group": "Kinh", **LAND},  # stays
    {"household_id": 2, **URBAN, **NEAR, "ethnic_group": "Tày", **LAND, **ILL},  # left poverty, near-poor
    {"household_id": 3, **URBAN, **POOR, "ethnic_group": "tày", **ILL},  # near-poor that became poor
    # 4 has moved away
    {"household_id": 5, **RURAL, **ABOVE, "ethnic_group": "Kinh"},  # above the near-poor line
    {"household_id": 6, **RURAL, **POOR, "ethnic_group": "Hoa", **LAND},  # was on the list in 2021
    {"household_id": 7, **RURAL, **POOR, "ethnic_group": "Khác", **LAND},  # new
    {"household_id": 8, **RURAL, **POOR, "ethnic_group": "Kinh", **ILL},  # moved in
]
HISTORY = {"2021-12-15": {"household_id": [6], "category": ["poor"]}}


def built(after: Any = AFTER, before: Any = BEFORE) -> reports.Forms:
    return reports.build(review(after), before=review(before), area_columns=["commune"], history=HISTORY)


@pytest.fixture(scope="module")
def made() -> reports.Forms:
    return built().official()


def cells(forms: reports.Forms, number: int) -> list[list[Any]]:
    frame = forms.form(number, heading="numbers")
    return [[None if pd.isna(value) else value for value in row] for row in frame.to_numpy(dtype=object).tolist()]


# --------------------------------------------------------------------------------------------- filled by hand (§13.2)


def test_7_2_by_hand(made: reports.Forms) -> None:
    assert cells(made, 2) == [
        ["I", "Khu vực thành thị", 2, 1, 0, 0, 1, 0, 0, 0, 2],
        ["1", "Phường A", 2, 1, 0, 0, 1, 0, 0, 0, 2],
        ["II", "Khu vực nông thôn", 2, 0, 1, 1, 0, 1, 1, 1, 3],
        ["1", "Xã B", 2, 0, 1, 1, 0, 1, 1, 1, 3],
        ["III", "Tổng cộng (I + II)", 4, 1, 1, 1, 1, 1, 1, 1, 5],
    ]
    assert made.form(2).columns.tolist() == [
        ("TT", "", "", ""),
        ("Địa bàn", "", "", ""),
        ("Tổng số hộ nghèo đầu năm (theo Quyết định phê duyệt của cấp có thẩm quyền)", "", "", "1"),
        ("Diễn biến giảm số hộ nghèo trong năm", "Số hộ thoát nghèo", "Trở thành hộ cận nghèo", "2"),
        ("Diễn biến giảm số hộ nghèo trong năm", "Số hộ thoát nghèo", "Vượt chuẩn cận nghèo", "3"),
        (
            "Diễn biến giảm số hộ nghèo trong năm",
            "Nguyên nhân: thay đổi nhân khẩu, hộ nghèo đơn thân chết đi, chuyển đi nơi khác, tách, nhập với hộ khác,…",
            "",
            "4",
        ),
        ("Diễn biến tăng số hộ nghèo trong năm", "Số hộ cận nghèo trở thành hộ nghèo", "", "5"),
        (
            "Diễn biến tăng số hộ nghèo trong năm",
            "Số hộ ngoài danh sách hộ nghèo, hộ cận nghèo gặp khó khăn đột xuất trong năm",
            "Tái nghèo",
            "6",
        ),
        (
            "Diễn biến tăng số hộ nghèo trong năm",
            "Số hộ ngoài danh sách hộ nghèo, hộ cận nghèo gặp khó khăn đột xuất trong năm",
            "Phát sinh mới",
            "7",
        ),
        (
            "Diễn biến tăng số hộ nghèo trong năm",
            "Nguyên nhân: thay đổi nhân khẩu, chuyển đến, tách, nhập với hộ khác,...",
            "",
            "8",
        ),
        ("Tổng số hộ nghèo cuối năm (theo Quyết định phê duyệt của cấp có thẩm quyền)", "", "", "9"),
    ]


def test_7_4_and_7_5_by_hand(made: reports.Forms) -> None:
    first, rest = [2] * 4, [0] * 8
    assert cells(made, 4) == [
        ["I", "Khu vực thành thị", 2, *first, *rest],
        ["1", "Phường A", 2, *first, *rest],
        ["II", "Khu vực nông thôn", 3, *[3] * 4, *rest],
        ["1", "Xã B", 3, *[3] * 4, *rest],
        ["III", "Tổng cộng (I + II)", 5, *[5] * 4, *rest],
    ]
    assert [row[2:] for row in cells(made, 5)] == [[n, *[100.0] * 4, *[0.0] * 8] for n in (2, 2, 3, 3, 5)]
    heads = [column[1] for column in made.form(4).columns][3:]
    assert heads == [vn.indicators[name].label.vi for name in NAMES]  # no column of their sum


def test_7_9_by_hand(made: reports.Forms) -> None:
    columns = made.form(9).columns.tolist()
    assert [column[1] for column in columns[2:]] == [
        *("Tổng số hộ nghèo", "Tổng số (trừ DT Kinh)", "Kinh", "Hoa", "Tày", "Khác"),
        *("Tổng số hộ cận nghèo", "Tổng số (trừ DT Kinh)", "Kinh", "Hoa", "Tày", "Khác"),
    ]
    assert [column[2] for column in columns[2:]] == [
        *("1", "2=1-3", "3", "4", "5", "6"),
        *("7", "8=7-9", "9", "10", "11", "12"),
    ]
    assert cells(made, 9) == [
        ["I", "Khu vực thành thị", 2, 1, 1, 0, 1, 0, 1, 1, 0, 0, 1, 0],
        ["1", "Phường A", 2, 1, 1, 0, 1, 0, 1, 1, 0, 0, 1, 0],
        ["II", "Khu vực nông thôn", 3, 2, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0],
        ["1", "Xã B", 3, 2, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0],
        ["III", "Tổng cộng (I + II)", 5, 3, 2, 1, 1, 1, 1, 1, 0, 0, 1, 0],
    ]


def test_7_10_by_hand(made: reports.Forms) -> None:
    blank = [None] * 8
    assert [column[0] for column in made.form(10).columns][2:] == [
        "Không có đất sản xuất",
        "Không có vốn sản xuất, kinh doanh",
        "Không có lao động",
        "Không có công cụ/ phương tiện sản xuất",
        "Không có kiến thức về sản xuất",
        "Không có kỹ năng lao động, sản xuất",
        "Có người ốm đau, bệnh nặng, tai nạn...",
        "Nguyên nhân khác (ghi rõ)",
    ]
    assert [[0 if each is None else each for each in row] for row in cells(made, 10)] == [
        [0 if each is None else each for each in row]
        for row in [
            ["I", "Khu vực thành thị", *blank],
            ["", "- Hộ nghèo", 1, 0, 0, 0, 0, 0, 1, 0],
            ["", "- Hộ cận nghèo", 1, 0, 0, 0, 0, 0, 1, 0],
            ["1", "Phường A", *blank],
            ["", "- Hộ nghèo", 1, 0, 0, 0, 0, 0, 1, 0],
            ["", "- Hộ cận nghèo", 1, 0, 0, 0, 0, 0, 1, 0],
            ["II", "Khu vực nông thôn", *blank],
            ["", "- Hộ nghèo", 2, 0, 0, 0, 0, 0, 1, 0],
            ["", "- Hộ cận nghèo", 0, 0, 0, 0, 0, 0, 0, 0],
            ["1", "Xã B", *blank],
            ["", "- Hộ nghèo", 2, 0, 0, 0, 0, 0, 1, 0],
            ["", "- Hộ cận nghèo", 0, 0, 0, 0, 0, 0, 0, 0],
            ["III", "Tổng cộng (I + II)", *blank],
            ["", "- Hộ nghèo", 3, 0, 0, 0, 0, 0, 2, 0],
            ["", "- Hộ cận nghèo", 1, 0, 0, 0, 0, 0, 1, 0],
        ]
    ]


def test_what_a_province_adds_is_an_option() -> None:
    more = built().official(people=True, deprivations=True, undetermined=True)
    assert [row[2] for row in cells(more, 2)][:2] == ["Hộ", "Nhân khẩu"]
    assert [column[-1] for column in more.form(2).columns][-2:] == ["a", "b"]
    assert [column[-1] for column in more.form(4).columns][2:4] == ["A", "B=1+2+3+4+5+6+7+8+9+10+11+12"]
    assert more.check() == ()


def test_only_known_layouts_are_given(made: reports.Forms) -> None:
    assert made.available == (2, 4, 5, 9, 10)
    with pytest.raises(SpecError, match="official layout of form 3 isn't known"):
        made.form(3)
    alone = reports.build(review(AFTER), area_columns=["commune"]).official()
    assert alone.available == (4, 5, 9, 10)
    with pytest.raises(SpecError, match="before="):
        alone.form(2)


def test_both_numbers_and_which_is_confirmed() -> None:
    province = built()
    assert {n: (spec.official, spec.confirmed) for n, spec in province.specs.items() if n in (1, 2, 10, 12)} == {
        1: ("7.1", False),
        2: ("7.2", True),
        10: ("7.10", True),
        12: ("", False),
    }
    assert province.form(2).attrs["official"] == "7.2"
    assert province.official().form(9).attrs["layout"] == "official"
    assert {n for n, (_, confirmed) in reports.OFFICIAL.items() if confirmed} == {2, 4, 5, 9, 10}


# ------------------------------------------------------------------------------------------------- blocks and findings


def test_unknown_ethnicity_falls_under_the_minorities_and_is_found() -> None:
    after = [*AFTER, {"household_id": 9, **RURAL, **POOR, "ethnic_group": None}]
    forms = built(after).official()
    (found,) = [each for each in forms.findings if each.rule == "ethnic_unknown"]
    assert (found.form, found.found) == (9, 1)
    assert cells(forms, 9)[4][2:8] == [6, 4, 2, 1, 1, 1]
    assert {(each.rule, each.column) for each in forms.check()} == {("sum", "2")}


def test_open_households_are_no_part_and_found() -> None:
    after = [{**row, **OPEN} if row["household_id"] == 1 else row for row in AFTER]
    forms = built(after).official()
    assert cells(forms, 2)[4][2:] == [4, 1, 1, 1, 1, 1, 1, 1, 4]
    assert {(each.rule, each.form, each.column) for each in forms.check()} == {("sum", 2, "9")}
    assert "1 hộ" in forms.form(2).attrs["notes"][0]
    assert built(after).official(undetermined=True).check() == ()


def test_households_without_an_area_have_a_block_of_their_own() -> None:
    before = {"household_id": [1, 99], "category": ["poor", "poor"], "commune": ["Phường A", "Xã B"]}
    forms = reports.build(review(AFTER), before=before, area_columns=["commune"]).official()
    frame = forms.form(2, heading="numbers")
    assert frame["area"].tolist() == [
        "Khu vực thành thị", "Phường A", "Khu vực nông thôn", "Xã B", "Chưa rõ khu vực", "Xã B",
        "Tổng cộng (I + II + III)",
    ]  # fmt: skip
    assert frame["1"].tolist() == [1, 1, 0, 0, 1, 1, 2]  # 1 is where it is today, 99 is gone
    assert forms.check() == ()
    bad = {**before, "area": ["urban", "núi"]}
    with pytest.raises(BadValues, match="area: expected urban or rural, got a text of 3 characters"):
        reports.build(review(AFTER), before=bad, area_columns=["commune"]).official()


def test_a_commune_that_became_urban_is_no_movement() -> None:
    before = [{**row, "area": "rural", "income": 1} if row["commune"] == "Phường A" else row for row in BEFORE]
    assert cells(built(before=before).official(), 2) == cells(built().official(), 2)


@given(pairs(), st.randoms(use_true_random=False))
def test_the_blocks_add_up_to_the_provinces_forms(pair: Pair, random: Any) -> None:
    rows = [[{**row, "area": "rural"} for row in its] for its in (pair.rows_before, pair.rows_after)]
    for its in rows:
        for row in its:
            if random.random() < 0.4:
                row |= {"area": "urban"}
    forms = reports.build(
        review(rows[1]), before=review(rows[0]), area_columns=["district", "commune"], changes=pair.changes
    )
    official = forms.official(undetermined=True, deprivations=True)
    assert official.check() == ()
    top = {number: forms.form(number, heading="numbers").iloc[0] for number in (1, 4)}
    assert official.form(2, heading="numbers").iloc[-1]["9"] == top[1]["3"]
    assert official.form(4, heading="numbers").iloc[-1]["B"] == top[4]["B"]


# --------------------------------------------------------------------------------------------------------------- files

PAPER = reports.Paper(
    authority="UBND HUYỆN VÍ DỤ", office="UBND XÃ VÍ DỤ", place="Xã Ví Dụ", date="2024-12-04", head="Trần Thị Ví Dụ"
)


@pytest.fixture(scope="module")
def book(made: reports.Forms, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("official") / "official.xlsx"
    made.to_excel(path, period="Năm 2024", paper=PAPER)
    return path


def test_the_page_as_an_office_issues_it(book: Path) -> None:
    workbook = openpyxl.load_workbook(book)
    assert workbook.sheetnames[:5] == ["Mẫu 7.2", "Mẫu 7.4", "Mẫu 7.5", "Mẫu 7.9", "Mẫu 7.10"]
    for name in workbook.sheetnames[:5]:
        sheet = workbook[name]
        texts = [cell.value for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
        for text in (
            "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
            "Độc lập - Tự do - Hạnh phúc",
            "UBND HUYỆN VÍ DỤ",
            "UBND XÃ VÍ DỤ",
            f"Mẫu số {name[4:]}",
            "Xã Ví Dụ, ngày 04 tháng 12 năm 2024",
            "Năm 2024",
            "Người lập biểu",
            "Thủ trưởng đơn vị",
            "Trần Thị Ví Dụ",
        ):
            assert text in texts
        assert any(text.startswith("Đơn vị tính: hộ") for text in texts)
        assert sheet.print_title_rows
        assert sheet.oddFooter.center.text == "&P/&N" or "&P/&N" in str(sheet.oddFooter.center.text)
        assert sheet.page_setup.orientation == "landscape"


def test_blanks_to_be_filled_in_by_hand(made: reports.Forms, tmp_path: Path) -> None:
    made.to_excel(tmp_path / "blank.xlsx", paper=reports.Paper(), forms=[4])
    sheet = openpyxl.load_workbook(tmp_path / "blank.xlsx")["Mẫu 7.4"]
    texts = [cell.value for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert "…………, ngày …… tháng …… năm ………" in texts
    text = made.to_html(paper=PAPER, forms=[2, 10])
    for part in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Mẫu số 7.10", "Người lập biểu", "- Hộ cận nghèo"):
        assert part in text
    assert "SOCIALIST REPUBLIC" in made.to_html(lang="en", paper=PAPER)
    with pytest.raises(BadDate):
        reports.Paper(date="14/12/2024")


def test_reading_back_what_was_written(made: reports.Forms, book: Path, tmp_path: Path) -> None:
    read = reports.read_excel(book)
    assert list(read) == [2, 4, 5, 9, 10]
    assert read.findings == ()
    assert reports.check(read, standard=vn) == ()
    for number, frame in read.items():
        own = made.form(number, heading="numbers")
        assert frame.columns.tolist() == own.columns.tolist()
        assert frame["area"].tolist() == own["area"].tolist()
        numbers = [column for column in own if column not in ("tt", "area")]
        assert frame[numbers].astype(float).equals(own[numbers].astype(float))
    for dialect in ("international", "vietnamese"):
        files = made.to_csv(tmp_path / dialect, dialect=dialect)
        assert reports.check({n: reports.read_csv(f) for n, f in zip(read, files, strict=True)}, standard=vn) == ()


PLANTED = [
    (2, 4, "9", 1, "sum"),
    (2, 2, "1", 1, "subtotal"),
    (4, 1, "A", 9, "least"),
    (5, 4, "3", 1, "formula"),
    (9, 4, "3", 1, "formula"),
    (9, 1, "5", 1, "sum"),
    (10, 13, "1", 1, "subtotal"),
    (10, 4, "7", 1, "subtotal"),
]


@pytest.mark.parametrize(("form", "row", "column", "by", "rule"), PLANTED)
def test_a_planted_error_is_found(book: Path, form: int, row: int, column: str, by: int, rule: str) -> None:
    read = reports.read_excel(book)
    read[form].loc[row, column] += by
    found = reports.check(read, standard=vn)
    assert (rule, form) in {(each.rule, each.form) for each in found}


def test_a_template_filled_by_somebody_else(tmp_path: Path) -> None:
    """Blocks with roman numerals, a table that begins in row 10, classes in rows, a total named I + II."""
    rows: list[list[Any]] = [
        ["UBND TỈNH VÍ DỤ"], [], ["Mẫu số 7.10"], [], ["PHÂN TÍCH THEO NGUYÊN NHÂN"], [], [],
        ["STT", "Khu vực/Đơn vị", *["Không có …"] * 8],
        ["A", "B", *range(1, 9)],
        ["I", "Khu vực thành thị"],
        [None, "- Hộ nghèo", 1, 0, 0, 0, 0, 0, 0, 0],
        [None, "- Hộ cận nghèo", 2, 0, 0, 0, 0, 0, 0, 0],
        [1, "Phường A"],
        [None, "- Hộ nghèo", 1, 0, 0, 0, 0, 0, 0, 0],
        [None, "-  HỘ CẬN NGHÈO", 2, 0, 0, 0, 0, 0, 0, 0],
        ["II", "Khu vực nông thôn"],
        [None, "- Hộ nghèo", 5, "-", 0, 0, 0, 0, 0, 0],
        [None, "- Hộ cận nghèo", 4, 0, 0, 0, 0, 0, 0, 0],
        [1, "Xã B"],
        [None, "- Hộ nghèo", 4, "-", 0, 0, 0, 0, 0, 0],
        [None, "- Hộ cận nghèo", 4, 0, 0, 0, 0, 0, 0, 0],
        ["III", "Tổng cộng I + II"],
        [None, "- Hộ nghèo", 6, 0, 0, 0, 0, 0, 0, 0],
        [None, "- Hộ cận nghèo", 6, 0, 0, 0, 0, 0, 0, 0],
        [], [None, None, None, "Thủ trưởng đơn vị"],
    ]  # fmt: skip
    book = openpyxl.Workbook()
    book.active.title = "Mẫu 7.10"
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "template.xlsx")
    found = reports.check(reports.read_excel(tmp_path / "template.xlsx"), standard=vn)
    assert [(each.rule, each.path, each.unit, each.column, each.found, each.expected) for each in found] == [
        ("subtotal", ("Khu vực nông thôn",), "poor", "1", 5, 4)
    ]
    assert "- Hộ nghèo" in found[0].text("vi")


@pytest.mark.parametrize("numbers", [["A", "B", "C"], ["A", "B", None], [None, None, None]])
def test_the_total_of_form_4_is_read_where_the_template_prints_no_number_for_it(
    tmp_path: Path, numbers: list[str | None]
) -> None:
    whole = ["TT", "Khu vực/ Đơn vị", "Tổng số hộ nghèo", *(f"Chỉ số {at}" for at in range(1, 13))]
    rows: list[list[Any]] = [
        ["UBND TỈNH VÍ DỤ"], [], ["PHÂN TÍCH CÁC CHỈ SỐ THIẾU HỤT"], [], [], [],
        whole,
        [*numbers, *range(1, 13)],
        ["I", "Khu vực thành thị", 5, 5, 5, 5, *["-"] * 9],
        [1, "Phường A", 5, 5, 5, 5, *[None] * 9],
        [],
        ["II", "Khu vực nông thôn", 7, 7, 7, 6, *[0] * 9],  # 20 deprivations of 7 poor households: fewer than 3 each
        [1, "Xã B", 4, 4, 4, 4, *[0] * 9],
        [2, "Xã C", 3, 3, 3, 2, *[0] * 9],
        ["III", "Tổng cộng I + II", 12, 12, 12, 11, *[0] * 9],
        [], [None, "Người lập biểu", None, None, "Thủ trưởng đơn vị"],
    ]  # fmt: skip
    book = openpyxl.Workbook()
    book.active.title = "Mẫu số 7.4"
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "template.xlsx")
    read = reports.read_excel(tmp_path / "template.xlsx")
    assert read.findings == ()
    assert read[4]["A"].tolist() == [5, 5, 7, 4, 3, 12]
    found = reports.check(read, standard=vn)
    assert [(each.rule, each.path, each.found, each.expected) for each in found] == [
        ("least", ("Khu vực nông thôn",), 20, 21),
        ("least", ("Khu vực nông thôn", "Xã C"), 8, 9),
        ("least", (), 35, 36),
    ]


def test_the_official_forms_keep_only_findings_of_their_own() -> None:
    both = [{**row, "unable_to_work": True, "merit": True, "ethnic_minority": True} for row in AFTER]
    forms = built(both)
    assert {each.rule for each in forms.findings} == {"overlap"}  # of form 8, which has no official layout here
    assert forms.official().findings == ()


def test_the_layout_of_form_9_is_told_by_its_headings(tmp_path: Path) -> None:
    def table(second: str, third: str, printed: str) -> dict[int, Any]:
        rows = [
            ["TT", "Địa bàn", "Tổng", second, third, "Tày", "Tổng", second, third, "Tày"],
            ["", "", "1", printed, "3", "4", "5", "6", "7", "8"],
            ["I", "Khu vực nông thôn", 10, 4, 6, 4, 2, 0, 2, 0],
        ]
        pd.DataFrame(rows).to_excel(tmp_path / "nine.xlsx", sheet_name="Biểu 9", header=False, index=False)
        return reports.read_excel(tmp_path / "nine.xlsx")

    assert reports.check(table("Tổng số (trừ DT Kinh)", "Kinh", "2"), standard=vn) == ()
    assert reports.check(table("DTTS", "Kinh", "2=1-3"), standard=vn) == ()
    plain = table("DTTS", "Kinh", "2")
    assert reports.check(plain, standard=vn, layout="official") == ()
    plain[9].loc[0, "2"] = 5
    found = reports.check(plain, standard=vn, layout="official")
    assert [(each.rule, each.column, each.found, each.expected) for each in found] == [
        ("formula", "2", 5, 4),  # minorities and Kinh are all
        ("sum", "2", 5, 4),  # and the groups are the minorities
    ]
    assert reports.check(plain, standard=vn) == ()  # as a province prints it, 5 of 10 are Kinh
    with pytest.raises(BadTable, match="official layout of form 3"):
        reports.check({3: plain[9]}, layout="official")


def test_pages_break_between_places_and_keep_the_signatures() -> None:
    assert breaks([10] * 5, 25, 30) == [2]
    assert breaks([10] * 6, 25, 30) == [2, 5]
    assert breaks([50, 10], 25, 30) == [1]
    assert breaks([], 25, 30) == []


@pytest.mark.skipif(
    not (shutil.which("soffice") and shutil.which("pdftotext")), reason="LibreOffice or poppler isn't installed"
)
def test_the_printed_pages(tmp_path: Path) -> None:
    """As PDF: headings on every page, no name is cut, the signatures stand together, no page for a lost column."""
    names = [f"Xã Ví Dụ số {at:02}" for at in range(30)]
    after = [{"household_id": (name, key), "commune": name, **POOR} for name in names for key in range(2)]
    rows = [{**row, "household_id": str(row["household_id"])} for row in after]
    forms = reports.build(review(rows), before=review(rows), area_columns=["commune"])
    books = [tmp_path / "official.xlsx", tmp_path / "province.xlsx"]
    for book, its in zip(books, (forms.official(), forms), strict=True):
        its.to_excel(book, forms=[2, 4, 9, 10], paper=PAPER, period="Năm 2024")
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf",
         "--outdir", str(tmp_path), *map(str, books)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    for book in books:
        text = subprocess.run(
            ["pdftotext", "-layout", str(book.with_suffix(".pdf")), "-"], check=True, capture_output=True
        ).stdout.decode()
        pages = [page for page in text.split("\f") if page.strip()][:-1]  # the last is the source of the numbers
        assert all("Địa bàn" in page for page in pages)
        flat = " ".join(text.split())
        for at in range(30):
            assert flat.count(f"số {at:02}") == 4
        signed = [page for page in pages if "Người lập biểu" in page]
        assert len(signed) == 4
        assert all("Trần Thị Ví Dụ" in page and "Thủ trưởng đơn vị" in page for page in signed)


# --------------------------------------------------------------------------------------------------------------- lists


def test_our_lists_are_read_back_with_the_households_cells_filled_down(tmp_path: Path) -> None:
    rows = [
        {"household_id": key, **RURAL, **POOR, "household_size": 2, "support_credit": key == "h1"}
        for key in ("h1", "h2")
    ]
    members = pd.DataFrame(
        [{"household_id": key, "age": age, "name": f"Người {key}-{age}"} for key in ("h1", "h2") for age in (40, 12)]
    )
    forms = reports.build(review(rows, members=members), before=review(rows), area_columns=["commune"])
    forms.to_excel(tmp_path / "lists.xlsx", forms=[15], paper=PAPER, period="Năm 2024")
    read = reports.read_list(tmp_path / "lists.xlsx", "Biểu 15")
    assert read["Mã hộ"].tolist() == ["h1", "h1", "h2", "h2"]
    assert read["Họ và tên"].tolist() == ["Người h1-40", "Người h1-12", "Người h2-40", "Người h2-12"]
    assert read["Tuổi"].tolist() == [40, 12, 40, 12]
    assert read["Diện hộ / Hộ cũ"].tolist() == ["x"] * 4
    assert read["Nhu cầu hỗ trợ / Tín dụng"].tolist() == ["x", "x", None, None]
    assert read.attrs["household"][:4] == ["TT", "Địa bàn", "Mã hộ", "Số nhân khẩu"]


def test_somebody_elses_list_without_column_numbers(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["UBND XÃ VÍ DỤ"], [], ["DANH SÁCH HỘ NGHÈO, HỘ CẬN NGHÈO"], [], [],
        ["STT", "Họ và tên", "Ngày sinh", "Phân loại", "B1", "B2"],
        [],
        [1, "Người Một", "01/02/1980", 1, 120, 30],
        [None, "Người Hai", "03/04/2010", None, None, None],
        [2, "Người Ba", "05/06/1970", 2, 130, 20],
        [],
        [None, None, None, "Người lập biểu"],
    ]  # fmt: skip
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "list.xlsx")
    read = reports.read_list(tmp_path / "list.xlsx")
    assert read.columns.tolist() == ["STT", "Họ và tên", "Ngày sinh", "Phân loại", "B1", "B2"]
    assert read["Phân loại"].tolist() == [1, 1, 2]
    assert read["B1"].tolist() == [120, 120, 130]
    assert read.attrs["rows"] == [8, 9, 10]
    chosen = reports.read_list(tmp_path / "list.xlsx", household=["phân loại"])
    assert chosen["B1"].tolist() == [120, None, 130]
    with pytest.raises(SpecError, match="is it 'Phân loại'"):
        reports.read_list(tmp_path / "list.xlsx", household=["Phân lọai hộ"])
    with pytest.raises(SpecError, match="no sheet 'X'"):
        reports.read_list(tmp_path / "list.xlsx", "X")
    with pytest.raises(BadTable, match="save it as"):
        reports.read_list(Path(__file__))
