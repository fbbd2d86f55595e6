"""The forms as files: the workbook's layout, formulas that give the same numbers, text that stays text."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from mdpoverty import reports
from mdpoverty.errors import BadTable, SpecError
from mdpoverty.reports.tables import risky
from mdpoverty.texts import alphabetical
from tests.review.reviews import AREAS, POOR, review, vn
from tests.review.test_check import TOTALS, rows

NASTY = '=HYPERLINK("http://example.org","Xã")'
DANGEROUS = (NASTY, "+84 Xã", "-Xã", "−Xã", "@Xã")


@pytest.fixture(scope="module")
def made() -> reports.Forms:
    return reports.build(review(rows(5)), before=review(rows(4)), area_columns=AREAS, totals=TOTALS)


@pytest.fixture(scope="module")
def book(made: reports.Forms, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("excel") / "forms.xlsx"
    made.to_excel(path, period="Năm 2024", authority="UBND tỉnh Ví Dụ")
    return path


def same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    def plain(frame: pd.DataFrame) -> list[list[Any]]:
        values = frame.drop(columns=["tt", "area", "unit"], errors="ignore").to_numpy(dtype=object).tolist()
        return [[None if pd.isna(value) else float(value) for value in row] for row in values]

    return plain(one) == plain(other)


def test_every_program_sees_the_numbers(made: reports.Forms, book: Path) -> None:
    back = reports.read_excel(book)
    assert list(back) == list(made.specs)
    for number, frame in back.items():
        own = made.form(number, heading="numbers")
        assert list(frame.columns) == list(own.columns)
        assert same(frame, own)
        assert [area for area in frame["area"] if area] == own["area"].tolist()[:: len(own) // own["area"].nunique()]
    assert reports.check(back, standard=vn) == ()


def test_the_layout(made: reports.Forms, book: Path) -> None:
    sheet = openpyxl.load_workbook(book)["Biểu 2"]
    assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
    # Fitted by its scale: Excel breaks pages where it is told to only without "fit to page".
    assert not sheet.sheet_properties.pageSetUpPr.fitToPage
    assert 10 <= sheet.page_setup.scale <= 100
    assert {cell.font.name for row in sheet.iter_rows() for cell in row if cell.value is not None} == {
        "Times New Roman"
    }
    assert [sheet.cell(row, 1).value for row in (1, 2, 3)] == [
        "UBND tỉnh Ví Dụ",
        "TỔNG HỢP DIỄN BIẾN HỘ NGHÈO",
        "Năm 2024",
    ]
    merged = {str(each) for each in sheet.merged_cells.ranges}
    assert {"A2:N2", "A5:A7", "D5:D7", "E5:G5", "E6:F6", "G6:G7", "H5:K5", "I6:J6", "L5:L7"} <= merged
    assert [cell.value for cell in sheet[7]][4:6] == ["Trở thành hộ cận nghèo", "Vượt chuẩn cận nghèo"]
    assert [cell.value for cell in sheet[8]][3:12] == [*"12345678", "9=1-2-3-4+5+6+7+8-a+b"]
    assert sheet["E8"].font.italic
    # Total, district and commune: the first two in bold, each with a row of households and one of people.
    assert [sheet.cell(row, 2).value for row in (9, 11, 13)] == ["Tổng cộng", "Huyện A", "Xã 1"]
    assert [sheet.cell(row, 1).value for row in (11, 13)] == ["1", "1.1"]
    assert [sheet.cell(row, 4).font.bold for row in (9, 11, 13)] == [True, True, False]
    assert {"A9:A10", "B9:B10", "A13:A14"} <= merged
    assert sheet.print_title_rows == "$5:$8"
    assert all(cell.border.left.style == "thin" for cell in sheet[13][:14])


def test_formulas_are_live(book: Path) -> None:
    workbook = openpyxl.load_workbook(book)
    first, second, fifth = (workbook[f"Biểu {number}"] for number in (1, 2, 5))
    cells = {cell.value for row in second.iter_rows() for cell in row if isinstance(cell.value, str)}
    assert "=D11+D17" in cells  # the total is the sum of the districts,
    assert "=D13+D15" in cells  # the district of its communes,
    assert "=D13-E13-F13-G13+H13+I13+J13+K13-M13+N13" in cells  # and column 9 what is printed above it
    rates = [cell.value for row in first.iter_rows() for cell in row if str(cell.value).startswith("=IF(")]
    assert '=IF(C9=0,"",ROUND(E9/C9*100,2))' in rates
    assert "=SUM(C11:C12)" in {cell.value for row in first.iter_rows() for cell in row}
    others = [cell.value for row in fifth.iter_rows() for cell in row if str(cell.value).startswith("=IF(")]
    assert any("'Biểu 4'!" in value for value in others)


def test_a_form_alone_has_no_formula_into_a_sheet_that_isnt_there(made: reports.Forms, tmp_path: Path) -> None:
    made.to_excel(tmp_path / "five.xlsx", forms=[5], lang="en")
    sheet = openpyxl.load_workbook(tmp_path / "five.xlsx")["Form 5"]
    assert not [cell for row in sheet.iter_rows() for cell in row if "!" in str(cell.value)]
    assert same(reports.read_excel(tmp_path / "five.xlsx")[5], made.form(5, heading="numbers"))
    with pytest.raises(SpecError, match="form 11"):
        made.to_excel(tmp_path / "eleven.xlsx", forms=[11])


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
def test_libreoffice_recalculates_the_same_numbers(made: reports.Forms, book: Path, tmp_path: Path) -> None:
    # openpyxl drops the saved values, so whoever opens the copy must calculate
    bare = openpyxl.load_workbook(book)
    bare.save(tmp_path / "bare.xlsx")
    without = reports.read_excel(tmp_path / "bare.xlsx")
    assert not same(without[1], made.form(1, heading="numbers"))
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx",
         "--outdir", str(tmp_path / "out"), str(tmp_path / "bare.xlsx")],
        check=True,
        capture_output=True,
        timeout=180,
    )  # fmt: skip
    again = reports.read_excel(tmp_path / "out" / "bare.xlsx")
    for number, frame in again.items():
        assert same(frame, made.form(number, heading="numbers"))
    assert reports.check(again, standard=vn) == ()


# ------------------------------------------------------------------------------------------- text that stays text


@pytest.fixture(scope="module")
def nasty() -> reports.Forms:
    named = [{"household_id": text, "commune": text, **POOR, "household_size": 1} for text in DANGEROUS]
    members = pd.DataFrame({"household_id": DANGEROUS, "age": 30, "ten": DANGEROUS})
    return reports.build(review(named, members=members), area_columns=["commune"], columns={"name": "ten"})


def test_text_cant_become_a_formula_in_excel(nasty: reports.Forms, tmp_path: Path) -> None:
    nasty.to_excel(tmp_path / "nasty.xlsx", forms=[1, 15])
    book = openpyxl.load_workbook(tmp_path / "nasty.xlsx")
    found = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value in DANGEROUS]
    assert {cell.value for cell in found} == set(DANGEROUS)
    assert len(found) == 5 + 3 * 5
    for cell in found:
        assert cell.data_type == "s"
        assert cell.quotePrefix


def test_text_cant_become_a_formula_in_csv(nasty: reports.Forms, tmp_path: Path) -> None:
    first, _ = nasty.to_csv(tmp_path, forms=[1, 15])
    text = first.read_text(encoding="utf-8-sig")
    assert not re.search(r"(^|,)\"?[=+\-−@]", text, re.MULTILINE)
    assert reports.read_csv(first)["area"].tolist() == ["Tổng cộng", *sorted(DANGEROUS, key=alphabetical)]


def test_text_is_escaped_in_html() -> None:
    rows_ = [{"household_id": 1, "commune": "<b>Xã & xã</b>", **POOR}]
    text = reports.build(review(rows_), area_columns=["commune"]).to_html()
    assert "<b>Xã" not in text
    assert "&lt;b&gt;Xã &amp; xã&lt;/b&gt;" in text


def test_what_is_risky() -> None:
    assert all(risky(text) for text in (*DANGEROUS, " =1", "\t=1"))
    blanks = ("\u00a0", "\ufeff", "\u200b", "\u2060", "\v", "\f", "\x00", "\u3000", " \u00a0\ufeff")
    assert all(
        risky(f"{blank}{sign}1+1") for blank in ("", *blanks) for sign in ("=", "＝", "﹦", "+", "＋", "@", "＠", "-")
    )
    assert not any(risky(text) for text in ("\u00a0Xã 1", "\ufeffXã", "Xã ＝ 1"))
    assert not any(risky(text) for text in ("Xã 1", "1", "", "Hộ – nhân khẩu"))


# --------------------------------------------------------------------------------------- Vietnamese there and back


@pytest.mark.parametrize("bom", [True, False])
def test_csv_round_trip(made: reports.Forms, tmp_path: Path, bom: bool) -> None:
    files = made.to_csv(tmp_path, bom=bom, forms=[1, 2, 9])
    assert [file.name for file in files] == ["form_01.csv", "form_02.csv", "form_09.csv"]
    for number, file in zip((1, 2, 9), files, strict=True):
        assert file.read_bytes().startswith(b"\xef\xbb\xbf") == bom
        back, own = reports.read_csv(file), made.form(number, heading="numbers")
        assert list(back.columns) == list(own.columns)
        assert same(back, own)
        assert back["area"].tolist() == own["area"].tolist()
    assert reports.check({1: reports.read_csv(files[0]), 2: reports.read_csv(files[1])}) == ()


def test_vietnamese_stays_composed(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "Xã Ví Dụ Mường Đặng")
    composed = unicodedata.normalize("NFC", decomposed)
    filled = reports.build(review([{"household_id": 1, "commune": decomposed, **POOR}]), area_columns=["commune"])
    filled.to_excel(tmp_path / "forms.xlsx")
    assert reports.read_excel(tmp_path / "forms.xlsx")[1]["area"].tolist() == ["Tổng cộng", composed]
    (file, *_) = filled.to_csv(tmp_path)
    assert reports.read_csv(file)["area"].tolist() == ["Tổng cộng", composed]
    for text in (file.read_text(encoding="utf-8-sig"), filled.to_html()):
        assert composed in text
        assert unicodedata.is_normalized("NFC", text)
    texts = [v for sheet in openpyxl.load_workbook(tmp_path / "forms.xlsx") for row in sheet.values for v in row]
    assert all(unicodedata.is_normalized("NFC", text) for text in texts if isinstance(text, str))


class _Cells(HTMLParser):
    """Gathers a page's tables as rows of cells, spans filled in."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.taken: dict[tuple[int, int], str] = {}
        self.row, self.text, self.spans = -1, "", (1, 1)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "table":
            self.taken, self.row = {}, -1
        elif tag == "tr":
            self.row += 1
        elif tag in ("td", "th"):
            self.text, self.spans = "", (int(given.get("rowspan") or 1), int(given.get("colspan") or 1))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            column = next(i for i in range(1_000) if (self.row, i) not in self.taken)
            for down in range(self.spans[0]):
                for right in range(self.spans[1]):
                    self.taken[self.row + down, column + right] = self.text
        elif tag == "table":
            width = 1 + max(column for _, column in self.taken)
            self.tables.append([[self.taken[row, c] for c in range(width)] for row in range(self.row + 1)])


def test_html_tables_are_whole(made: reports.Forms, tmp_path: Path) -> None:
    text = made.to_html(tmp_path / "forms.html", forms=[1, 2], lang="en", period="2024")
    assert (tmp_path / "forms.html").read_text(encoding="utf-8") == text
    parser = _Cells()
    parser.feed(text)
    for table, number in zip(parser.tables, (1, 2), strict=True):
        own = made.form(number, lang="en")
        depth = made.specs[number].depth()
        assert table[0][3 + (number == 2)] == own.columns[3 + (number == 2)][0]
        assert table[depth] == [column[-1] for column in own.columns]
        rows, (foot, *_) = table[depth + 1 : -1], table[-1]
        assert rows == [[shown(value) for value in row] for row in own.to_numpy(dtype=object).tolist()]
        assert all(note in foot for note in own.attrs["notes"])


def test_who_signs_stays_with_the_last_rows_on_paper(made: reports.Forms) -> None:
    paper = reports.Paper(office="UBND xã Ví Dụ", head="Người Ví Dụ B")
    text = made.to_html(forms=[1, 2, 15], paper=paper)
    for section in text.split("<section")[1:]:
        table = section.partition("<table>")[2].partition("</table>")[0]
        assert "Người Ví Dụ B" in table.rpartition("<tbody>")[2].partition("<tfoot>")[2]
    # Browsers heed the wish to avoid a break before it only between the groups of rows of a table.
    assert "tfoot { display: table-row-group; break-before: avoid; }" in text
    assert "tbody, tfoot { break-inside: avoid; }" in text


def shown(value: Any) -> Any:
    if pd.isna(value):
        return ""
    return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else value


def test_numbers_are_written_as_their_language_does() -> None:
    totals = {"households": [1_234], "people": [5_000]}
    filled = reports.build(review([{"household_id": 1, **POOR}]), totals=totals)
    assert "<td>1.234</td>" in filled.to_html()
    assert "<td>0,08</td>" in filled.to_html()
    assert "<td>1,234</td>" in filled.to_html(lang="en")


def test_lists_are_in_html_only_when_asked_for(made: reports.Forms) -> None:
    assert 'id="form-15"' not in made.to_html()
    assert 'id="form-15"' in made.to_html(forms=[15])


def test_a_workbook_without_numbered_columns_says_so(tmp_path: Path) -> None:
    pd.DataFrame({"a": ["x"]}).to_excel(tmp_path / "other.xlsx", sheet_name="Biểu 1", index=False)
    with pytest.raises(BadTable, match="no row of column numbers"):
        reports.read_excel(tmp_path / "other.xlsx")
    assert reports.read_excel(tmp_path / "other.xlsx", sheets={}) == {}


def test_somebody_elses_workbook(tmp_path: Path) -> None:
    """A table with a title, headings, bracketed numbers, and a signature below."""
    rows_ = [
        ["ỦY BAN NHÂN DÂN", None, None, None, None],
        ["STT", "Đơn vị", "Tổng số hộ", "Hộ nghèo", None],
        [None, None, None, "Số hộ", "Tỷ lệ"],
        ["A", "B", "(1)", "(3)", "(4)=(3)/(1)"],
        ["", "TỔNG", 30, 3, 10],
        [1, "Xã Một", 10, 1, 10],
        [2, "Xã Hai", 20, 1, 5],
        [None, None, None, None, None],
        [None, None, None, "Người lập biểu", None],
    ]
    path = tmp_path / "printed.xlsx"
    pd.DataFrame(rows_).to_excel(path, sheet_name="KQ", header=False, index=False)
    read = reports.read_excel(path, sheets={"KQ": 1})
    assert read[1].columns.tolist() == ["tt", "area", "1", "3", "4"]
    (found,) = reports.check(read)
    assert (found.rule, found.column, found.found, found.expected) == ("subtotal", "3", 3, 2)


# ------------------------------------------------------------------------------------------- lists, notes, other pages


def listed(**also: Any) -> reports.Forms:
    homes = [
        {"household_id": f"VD-{key}", "province": "Tỉnh Ví Dụ", **place, **POOR, "household_size": 3, **also}
        for key, place in enumerate(
            ({"district": "Huyện B", "commune": "Xã 1"}, {"district": "Huyện A", "commune": "Xã 10"},
             {"district": "Huyện A", "commune": "Xã 2"})
        )
    ]  # fmt: skip
    people = pd.DataFrame(
        {"household_id": [f"VD-{at // 3}" for at in range(9)], "age": range(20, 29), "name": "Người Ví Dụ"}
    )
    return reports.build(review(homes, members=people), area_columns=["province", "district", "commune"])


def test_a_list_names_places_from_the_lowest_level_and_leaves_out_what_all_share() -> None:
    frame = listed().form(15)
    assert [area for area in frame[("Địa bàn", "")] if area] == ["Xã 2, Huyện A", "Xã 10, Huyện A", "Xã 1, Huyện B"]
    one = reports.build(review([{"household_id": 1, "commune": "Xã 1", **POOR}]), area_columns="commune").form(15)
    assert one[("Địa bàn", "")].tolist() == ["Xã 1"]


def test_a_list_says_why_its_columns_are_blank() -> None:
    assert listed().form(15).attrs["notes"] == [
        "Chưa có kết quả rà soát kỳ trước: các cột diện hộ để trống.",
        "Chưa có thông tin về nhu cầu hỗ trợ: các cột tương ứng để trống.",
    ]
    assert len(listed(support_health=True).form(15).attrs["notes"]) == 1


def test_a_list_in_excel(tmp_path: Path) -> None:
    listed(support_health=True).to_excel(tmp_path / "list.xlsx", forms=[15], paper=reports.Paper())
    sheet = openpyxl.load_workbook(tmp_path / "list.xlsx")["Biểu 15"]
    top = next(row for row in range(1, 20) if sheet.cell(row, 1).value == "1")
    first = sheet[top + 1]
    assert [cell.value for cell in sheet[top]][:17] == [str(at) for at in range(1, 18)]
    dimensions = [sheet.column_dimensions[name] for name in "ABCDE"]  # which blank cells have their look from
    assert (dimensions[-1].min, dimensions[-1].max) == (5, 17)
    columns = [each.alignment.horizontal for each in (*dimensions, *[dimensions[-1]] * 12)]
    assert columns == ["center", "left", "left", "left", *["center"] * 13]
    for cell, its in zip(first[:17], columns, strict=True):
        assert cell.value is None or (cell.alignment.horizontal, cell.border.left.style) == (its, "thin")
    (lined,) = sheet.conditional_formatting
    assert str(lined.sqref) == f"A{top + 1}:Q{top + 9}"
    assert lined.rules[0].dxf.border.left.style == "thin"
    assert first[11].value == "x"
    assert first[11].alignment.horizontal == "center"
    assert sheet.row_dimensions[top + 1].height in (None, 15)  # as high as its text, which is one line
    blocks = [row for row in range(top + 1, top + 10) if sheet.cell(row, 1).value]
    assert blocks == [top + 1, top + 4, top + 7]
    assert any("kỳ trước" in str(cell.value) for row in sheet.iter_rows() for cell in row)


def test_notes_are_in_an_officers_words() -> None:
    open_one = {"household_id": 2, **POOR, "cause_land": None, "commune": "Xã A", "merit": None}
    rows = [{"household_id": 1, **POOR, "cause_land": True, "commune": "Xã A", "merit": True}, open_one]
    forms = reports.build(review(rows), area_columns="commune")
    assert forms.form(1).attrs["notes"] == [
        "Không có thông tin về: Làm nông, lâm, ngư nghiệp. Các cột tương ứng để trống.",
        "Chưa có tổng số hộ, nhân khẩu của các địa bàn tại thời điểm rà soát: các cột dân cư và tỷ lệ ở đó để trống.",
    ]
    absent, unknown = forms.form(10).attrs["notes"]
    assert absent.startswith("Không có thông tin về: Thiếu vốn sản xuất, kinh doanh; Thiếu lao động; ")
    assert unknown == "Thiếu đất sản xuất: 1 hộ còn để ngỏ. Các hộ này không được tính vào cột tương ứng."
    assert not any("_" in note for number in forms.filled for note in forms.form(number).attrs["notes"])
    totals = {"commune": ["Xã A", "Xã B"], "households": [5, 0], "people": [20, -1]}
    some = reports.build(review(rows), area_columns="commune", totals=totals).form(1).attrs["notes"]
    assert any("nhân khẩu của 1 địa bàn" in note for note in some)
    all_known = reports.build(review(rows), area_columns="commune", totals="assessed").form(1).attrs["notes"]
    assert not any("tổng số hộ" in note for note in all_known)


def test_pages_break_without_a_paper_too(tmp_path: Path) -> None:
    rows = [{"household_id": at, "commune": f"Xã {at}", **POOR} for at in range(60)]
    forms = reports.build(review(rows), before=review(rows), area_columns="commune")
    forms.to_excel(tmp_path / "plain.xlsx", forms=[2])
    sheet = openpyxl.load_workbook(tmp_path / "plain.xlsx")["Biểu 2"]
    places = [row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 3).value == "Hộ"]
    breaks = [each.id for each in sheet.row_breaks.brk]
    assert breaks
    assert all(row + 1 in places for row in breaks)  # before a place's first row, never between its two


def test_who_signs_isnt_alone_below_a_household_of_more_people_than_a_page_holds(tmp_path: Path) -> None:
    people = pd.DataFrame({"household_id": 1, "age": range(120), "name": "Người Ví Dụ"})
    rows = [{"household_id": 1, "commune": "Xã 1", "household_size": 120, **POOR}]
    listed = reports.build(review(rows, members=people), area_columns="commune")
    listed.to_excel(tmp_path / "list.xlsx", forms=[15], paper=reports.Paper(office="UBND xã Ví Dụ"))
    sheet = openpyxl.load_workbook(tmp_path / "list.xlsx").worksheets[0]
    filled = [cell.row for row in sheet.iter_rows() for cell in row if cell.value == "Người Ví Dụ"]
    last_break = max(each.id for each in sheet.row_breaks.brk)
    assert filled[0] < last_break < filled[-1]  # the rows after it are the household's last ones


def test_html_lists_and_forms_have_the_same_page_around_them() -> None:
    forms = listed(support_health=True)
    paper = reports.Paper(office="UBND xã Ví Dụ", head="Người Ví Dụ B")
    text = forms.to_html(forms=[2, 15] if 2 in forms.filled else [1, 15], paper=paper, period="Năm 2024")
    sections = text.split("<section")[1:]
    for section in sections:
        assert "UBND xã Ví Dụ" in section
        assert "Thủ trưởng đơn vị" in section
        assert "Năm 2024" in section
        assert section.count("<thead>") == 1
    assert 'colspan="6" scope="col" class="long">Nhu cầu hỗ trợ' in sections[1]
    assert '<tr class=numbers><th rowspan="1" colspan="1" scope="col">1</th>' in sections[1]
    assert sections[1].count("<tbody>") == 3  # a body for each household: no page's end cuts it
    plain = forms.to_html(forms=[1], authority="UBND xã <Ví Dụ>")
    assert "<b>UBND xã &lt;Ví Dụ&gt;</b>" in plain
