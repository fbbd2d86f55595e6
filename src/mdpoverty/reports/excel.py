"""The forms as an Excel workbook in the official layout."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path as FilePath
from textwrap import wrap
from typing import Any

from attrs import define, field

from mdpoverty.extras import need
from mdpoverty.reports.columns import UNITS, Balance, Column, Rate, Ref, stub
from mdpoverty.reports.tables import Cell, Filled, Row, header, risky
from mdpoverty.standard import Label, Language
from mdpoverty.ternary import is_missing

__all__ = ["write"]

EXTRA = ("excel", "Writing Excel")
FONT = {"font_name": "Times New Roman", "font_size": 11}
LONGEST = 8_000  # of the 8,192 characters that a formula may have
SHEET = Label("Biểu", "Form")
UNCONFIRMED = Label(
    "Số thứ tự biểu là của thư viện; số hiệu mẫu chính thức (Mẫu 7.1 …) chưa được xác nhận.",
    "Form numbers are the library's; the official ones (Mẫu 7.1 …) are not confirmed.",
)


def sheet_name(number: int, lang: Language) -> str:
    """Return the name of a form's sheet."""
    return f"{SHEET.in_(lang)} {number}"


def _name(row: int, column: int) -> str:
    """Return a cell's name, as in ``"C7"``."""
    name: str = need("xlsxwriter.utility", *EXTRA).xl_rowcol_to_cell(row, column)
    return name


def write(
    path: str | FilePath,
    sheets: Mapping[int, Any],
    *,
    lang: Language,
    period: str,
    authority: str,
    source: Sequence[tuple[str, str]],
) -> None:
    """Write the workbook.

    Parameters
    ----------
    path : str or pathlib.Path
        Where to.
    sheets : mapping of int to Filled or DataFrame
        The forms, and the lists, by number, in the order of the sheets.
    lang, period, authority
        As in :meth:`Forms.to_excel`.
    source : sequence of (str, str)
        What the numbers were computed from, for the last sheet.
    """
    xlsxwriter = need("xlsxwriter", *EXTRA)
    # Text is never read as a formula, a number or a link: what looks like one stays the text it is.
    plain = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    filled = {number: form for number, form in sheets.items() if isinstance(form, Filled)}
    offsets = {number: _first_row(form, bool(period), bool(authority)) for number, form in filled.items()}
    said = dict(source)
    with xlsxwriter.Workbook(str(path), {**plain, "default_format_properties": FONT}) as book:
        book.set_properties(
            {"title": "mdpoverty", "comments": f"standard {said.get('standard', '')} {said.get('digest', '')}"}
        )
        for number, form in sheets.items():
            page = _Page(book, book.add_worksheet(sheet_name(number, lang)), lang, period, authority)
            if number in filled:
                page.write_form(filled[number], offsets, filled)
            else:
                page.write_list(form)
        last = book.add_worksheet(Label("Nguồn số liệu", "Source").in_(lang))
        _Page(book, last, lang, "", "").write_source(source)


def _first_row(filled: Filled, period: bool, authority: bool) -> int:
    """Return the row of the first place: below authority, title, period, a blank row, headings and numbers."""
    return int(authority) + 1 + int(period) + 1 + filled.form.depth() + 1


@define(eq=False)
class _Page:
    """A sheet being written."""

    book: Any
    sheet: Any
    lang: Language
    period: str
    authority: str
    _formats: dict[tuple[Any, ...], Any] = field(factory=dict)

    def look(self, **properties: Any) -> Any:
        """Return a format with the common font."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format({**FONT, "valign": "vcenter", **properties})
        return self._formats[key]

    def text(self, row: int, column: int, value: str, **properties: Any) -> None:
        """Write text as text; what could become a formula is marked as text besides."""
        if risky(value):
            properties["quote_prefix"] = True
        self.sheet.write_string(row, column, value, self.look(**properties))

    def merged(self, first: int, column: int, last: int, until: int, value: str, **properties: Any) -> None:
        """Write text into merged cells, or into the one cell where there is only one."""
        if (first, column) == (last, until):
            self.text(first, column, value, **properties)
        else:
            self.sheet.merge_range(first, column, last, until, "", self.look(**properties))
            self.text(first, column, value, **properties)

    def begin(self, title: str, width: int) -> int:
        """Set up the page and write what stands above the table; return the row of its heading."""
        self.sheet.set_landscape()
        self.sheet.set_paper(9)  # A4
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        self.sheet.center_horizontally()
        self.sheet.set_footer('&C&"Times New Roman"&9&P/&N')
        row = 0
        if self.authority:
            self.merged(row, 0, row, width - 1, self.authority, bold=True)
            row += 1
        self.merged(row, 0, row, width - 1, title.upper(), bold=True, font_size=14, align="center", text_wrap=True)
        self.sheet.set_row(row, 40)
        row += 1
        if self.period:
            self.merged(row, 0, row, width - 1, self.period, italic=True, align="center")
            row += 1
        return row + 1

    def heading(self, top: int, cells: Sequence[Cell], depth: int) -> None:
        """Write the heading, with the row of numbers below it, and repeat both on every page."""
        for cell in cells:
            number = cell.row == depth
            look = {"italic": True, "font_size": 9} if number else {"bold": True}
            row, until = top + cell.row, cell.column + cell.columns - 1
            self.merged(
                row,
                cell.column,
                row + cell.rows - 1,
                until,
                cell.text,
                border=1,
                align="center",
                text_wrap=True,
                **look,
            )
        for row, lines in enumerate(_lines(cells, depth)):
            self.sheet.set_row(top + row, (15 if row < depth else 11) * lines + 3)
        self.sheet.repeat_rows(top, top + depth)

    def write_form(self, filled: Filled, offsets: Mapping[int, int], others: Mapping[int, Filled]) -> None:
        """Write one of the forms 1–13."""
        form, stubs = filled.form, stub(len(filled.form.units), self.lang)
        width = len(stubs) + len(form.columns)
        top = self.begin(form.title.in_(self.lang), width)
        self.heading(top, header(form, self.lang), form.depth())
        first = top + form.depth() + 1
        assert first == offsets[form.number]
        self.sheet.set_column(0, 0, 7)
        self.sheet.set_column(1, 1, 28)
        self.sheet.set_column(2, width - 1, 10)
        self.sheet.freeze_panes(first, len(stubs))
        for at, row in enumerate(filled.rows):
            self._stub(filled, first, at, row)
            for number, column in enumerate(form.columns, len(stubs)):
                self._number(filled, offsets, others, at, number, column)
        self._notes(first + len(filled.rows) + 1, width, [*filled.notes, UNCONFIRMED])

    def _stub(self, filled: Filled, first: int, at: int, row: Row) -> None:
        units = len(filled.form.units)
        bold = {"bold": True} if row.place.children or not row.place.path else {}
        here = first + at
        if at % units == 0:
            last = here + units - 1
            self.merged(here, 0, last, 0, row.place.number, border=1, align="center", **bold)
            self.merged(here, 1, last, 1, row.place.name(self.lang), border=1, text_wrap=True, **bold)
        if units > 1:
            self.text(here, 2, UNITS[row.unit].in_(self.lang), border=1, **bold)

    def _number(
        self,
        filled: Filled,
        offsets: Mapping[int, int],
        others: Mapping[int, Filled],
        at: int,
        column: int,
        spec: Column,
    ) -> None:
        row = filled.rows[at]
        look = {"border": 1, "align": "right", "num_format": "0.00" if spec.rate else "#,##0"}
        if row.place.children or not row.place.path:
            look["bold"] = True
        here, value = offsets[filled.form.number] + at, row.values[spec.id]
        live = self._formula(filled, offsets, others, at, column, spec)
        if value is None and (live is None or not _is_empty(filled, others, at, spec)):
            self.sheet.write_blank(here, column, None, self.look(**look))
        elif live is None:
            self.sheet.write_number(here, column, _as_number(value), self.look(**look))
        else:
            self.sheet.write_formula(here, column, live, self.look(**look), "" if value is None else _as_number(value))

    def _formula(
        self,
        filled: Filled,
        offsets: Mapping[int, int],
        others: Mapping[int, Filled],
        at: int,
        column: int,
        spec: Column,
    ) -> str | None:
        """Return a cell's live formula: as printed, or the sum of the places below; ``None`` for a plain number."""
        form, units = filled.form, len(filled.form.units)
        here = offsets[form.number] + at
        if spec.formula is not None:
            formula = spec.formula.within(form.ids)
            if any(ref.form is not None and ref.form not in offsets for ref in formula.refs):
                return None

            def cell(ref: Ref) -> str:
                other = filled if ref.form is None else others[ref.form]
                before = len(stub(len(other.form.units), self.lang))
                name = _name(
                    here if ref.form is None else offsets[ref.form] + at, before + other.form.ids.index(ref.column)
                )
                return name if ref.form is None else f"'{sheet_name(ref.form, self.lang)}'!{name}"

            return _live(formula, cell)
        place = filled.rows[at].place
        if not place.children:
            return None
        rows = [offsets[form.number] + child * units + at % units for child in place.children]
        if units == 1 and rows == list(range(rows[0], rows[-1] + 1)):
            return f"=SUM({_name(rows[0], column)}:{_name(rows[-1], column)})"
        text = "=" + "+".join(_name(row, column) for row in rows)
        return text if len(text) <= LONGEST else None

    def _notes(self, row: int, width: int, notes: Sequence[Label]) -> None:
        for at, note in enumerate(notes, row):
            self.merged(at, 0, at, width - 1, note.in_(self.lang), italic=True, font_size=9, text_wrap=True)
            self.sheet.set_row(at, 26)

    def write_list(self, frame: Any) -> None:
        """Write one of the lists 14 and 15."""
        columns = [tuple(name) for name in frame.columns]
        top = self.begin(frame.attrs["title"], len(columns))
        cells = []
        for at, (upper, lower) in enumerate(columns):
            if not lower:
                cells.append(Cell(0, at, 2, 1, upper))
                continue
            cells.append(Cell(1, at, 1, 1, lower))
            if at == 0 or columns[at - 1][0] != upper:
                cells.append(Cell(0, at, 1, sum(name[0] == upper for name in columns), upper))
        cells += [Cell(2, at, 1, 1, str(at + 1)) for at in range(len(columns))]
        self.heading(top, cells, 2)
        self.sheet.set_column(0, 0, 6)
        self.sheet.set_column(1, 3, 22)
        self.sheet.set_column(4, len(columns) - 1, 9)
        self.sheet.freeze_panes(top + 3, 3)
        for row, values in enumerate(frame.itertuples(index=False, name=None), top + 3):
            for column, value in enumerate(values):
                if is_missing(value):
                    self.sheet.write_blank(row, column, None, self.look(border=1))
                elif isinstance(value, str):
                    self.text(row, column, value, border=1, text_wrap=True)
                else:
                    self.sheet.write_number(row, column, float(value), self.look(border=1))

    def write_source(self, lines: Sequence[tuple[str, str]]) -> None:
        """Write what the numbers were computed from."""
        self.sheet.set_column(0, 0, 24)
        self.sheet.set_column(1, 1, 90)
        for row, (name, value) in enumerate(lines):
            self.text(row, 0, name, bold=True)
            self.text(row, 1, value, text_wrap=True)


def _lines(cells: Sequence[Cell], depth: int) -> list[int]:
    """Return how many lines of text each row of a heading needs, its narrow columns being some ten letters wide."""
    lines = [1] * (depth + 1)
    for cell in sorted(cells, key=lambda cell: cell.rows):  # cells of one row first: tall ones need what is lacking
        if cell.column > 1:
            needed = len(wrap(cell.text, 9 * cell.columns, break_on_hyphens=True))
            last = cell.row + cell.rows - 1
            lines[last] += max(0, needed - sum(lines[cell.row : last + 1]))
    return lines


def _is_empty(filled: Filled, others: Mapping[int, Filled], at: int, spec: Column) -> bool:
    """Return whether a rate is blank because there is nobody to divide by, so that its formula may stand."""
    if not isinstance(spec.formula, Rate):
        return False
    row = filled.rows[at]
    whole = spec.formula.whole
    values = row.values if whole.form is None else others[whole.form].rows[at].values
    return values[whole.column] == 0


def _as_number(value: int | Decimal | None) -> int | float:
    assert value is not None
    return float(value) if isinstance(value, Decimal) else value


def _live(formula: Balance | Rate, cell: Callable[[Ref], str]) -> str:
    """Return a formula as Excel has it."""
    if isinstance(formula, Balance):
        return f"={formula.written(cell)}"
    part, whole = cell(formula.part), cell(formula.whole)
    return f'=IF({whole}=0,"",ROUND({part}/{whole}*100,2))'
