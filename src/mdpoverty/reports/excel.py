"""The forms as an Excel workbook in the official layout."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from pathlib import Path as FilePath
from textwrap import wrap
from typing import Any

from attrs import define, field

from mdpoverty.extras import need, progress_bar
from mdpoverty.law.fields import Label
from mdpoverty.numbers import Language
from mdpoverty.reports.columns import UNITS, Balance, Column, Form, Rate, Ref
from mdpoverty.reports.lists import TEXTS, begins, list_header
from mdpoverty.reports.paper import MOTTO, NATION, SEAL, SIGN, Paper, measure_of, number_note, number_of
from mdpoverty.reports.tables import Cell, Filled, Row, header, risky
from mdpoverty.ternary import is_missing
from mdpoverty.workbooks import new_workbook

__all__ = ["write"]

EXTRA = ("excel", "Writing Excel")
FONT = {"font_name": "Times New Roman", "font_size": 11}
LONGEST = 8_000  # of the 8,192 characters that a formula may have
SHEET = Label("Biểu", "Form")
WIDTHS = (7, 28, 10)  # of the numbering, of the places, and at least of every other column
WIDEST = 17  # of the other columns, where there is room on the page
LIST_WIDTHS = (6, 30, 16, 28, 9)  # of a list: numbering, place, household, name, and every other column
POINTS, PADDING = 6.0, 4.4  # a column's width in points: for each letter, and besides; fonts differ, so rather more
ONE_PAGE = 60  # lines of the sheet of sources that can still be read on one page
PRINTABLE = (842 - 0.8 * 72 - 10, 595 - 1.1 * 72 - 16)  # A4 across without margins, in points, and some room to spare


def sheet_name(form: Form | int, lang: Language) -> str:
    """Return the name of a form's sheet: by its official number in the official layout."""
    if isinstance(form, Form) and form.layout == "official":
        return f"{Label('Mẫu', 'Form').in_(lang)} {form.official}"
    return f"{SHEET.in_(lang)} {form.number if isinstance(form, Form) else form}"


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
    paper: Paper | None,
    source: Sequence[tuple[str, str]],
    progress: bool = False,
) -> None:
    """Write the workbook.

    Parameters
    ----------
    path : str or pathlib.Path
        Where to.
    sheets : mapping of int to Filled or DataFrame
        The forms, and the lists, by number, in the order of the sheets.
    lang, period, authority, paper
        As in :meth:`Forms.to_excel`.
    source : sequence of (str, str)
        What the numbers were computed from, for the last sheet.
    progress : bool
        Whether a bar shows how many rows are done.
    """
    filled = {number: form for number, form in sheets.items() if isinstance(form, Filled)}
    offsets = {number: _rows_above(period, authority, paper) + form.form.depth() + 1 for number, form in filled.items()}
    kept = json.loads(dict(source)["JSON"])
    rows = sum(len(form.rows) if isinstance(form, Filled) else len(form) for form in sheets.values())
    with (
        new_workbook(path, EXTRA[1], {"default_format_properties": FONT}) as book,
        progress_bar(progress, rows, "rows") as done,
    ):
        book.set_properties({"title": "mdpoverty", "comments": f"standard {kept['standard']} {kept['digest']}"})
        for number, form in sheets.items():
            name = sheet_name(form.form if isinstance(form, Filled) else number, lang)
            page = _Page(book, book.add_worksheet(name), lang, period, authority, paper, done)
            if number in filled:
                page.write_form(filled[number], offsets, filled)
            else:
                page.write_list(form)
        last = book.add_worksheet(Label("Nguồn số liệu", "Source").in_(lang))
        _Page(book, last, lang, "", "", None, done).write_source(source)


def _rows_above(period: str, authority: str, paper: Paper | None) -> int:
    """Return how many rows stand above a heading."""
    if paper is not None:  # who issues it and the nation in three rows, a blank one, title, period, unit
        return 3 + 1 + 1 + bool(period) + 1
    return bool(authority) + 1 + bool(period) + 1  # authority, title, period, a blank one


def breaks(heights: Sequence[float], first: float, later: float) -> list[int]:
    """Return before which blocks a page ends, given their heights, and the room on the first and on later pages.

    >>> breaks([10, 10, 10, 25], 20, 30)
    [2, 3]
    """
    found: list[int] = []
    room = first
    for at, height in enumerate(heights):
        if height > room and at:
            found.append(at)
            room = later
        room -= height
    return found


@define(eq=False)
class _Page:
    """A sheet being written."""

    book: Any
    sheet: Any
    lang: Language
    period: str
    authority: str
    paper: Paper | None
    done: Callable[[int], object]
    heights: dict[int, float] = field(factory=dict)
    _formats: dict[tuple[Any, ...], Any] = field(factory=dict)
    _numbers: dict[tuple[bool, bool], Any] = field(factory=dict)

    def look(self, **properties: Any) -> Any:
        """Return a format with the common font."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format({**FONT, "valign": "vcenter", **properties})
        return self._formats[key]

    def height(self, row: int, points: float) -> None:
        """Set a row's height, which merged cells don't find by themselves, and remember it."""
        self.heights[row] = points
        self.sheet.set_row(row, points)

    def text(self, row: int, column: int, value: str, **properties: Any) -> None:
        """Write text as text; what could become a formula is marked as text besides."""
        self.sheet.write_string(row, column, value, self._text_look(risky(value), **properties))

    def _text_look(self, risk: bool, **properties: Any) -> Any:
        return self.look(**properties, quote_prefix=True) if risk else self.look(**properties)

    def merged(self, first: int, column: int, last: int, until: int, value: str, **properties: Any) -> None:
        """Write text into merged cells, or into the one cell where there is only one."""
        if (first, column) == (last, until):
            self.text(first, column, value, **properties)
        else:
            self.sheet.merge_range(first, column, last, until, "", self.look(**properties))
            self.text(first, column, value, **properties)

    def begin(self, title: str, widths: Sequence[int], form: Form | None = None) -> int:
        """Set up the page and write what stands above the table; return the row of its heading."""
        self.sheet.set_landscape()
        self.sheet.set_paper(9)  # A4
        self.sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        self.sheet.center_horizontally()
        self.sheet.set_footer('&C&"Times New Roman"&9&P/&N')
        for column, width in enumerate(widths):
            self.sheet.set_column(column, column, width)
        row, last = 0, len(widths) - 1
        if self.paper is not None:
            number = number_of(form, self.lang) if form is not None else ""
            for left, right, look in zip(
                (*self.paper.issuer(self.lang), number),
                (NATION.in_(self.lang), MOTTO.in_(self.lang), self.paper.signed(self.lang)),
                ({"bold": True}, {"bold": True, "underline": True}, {"italic": True}),
                strict=True,
            ):
                self.halves(row, widths, (left, right), ({**look, "underline": 0}, look))
                row += 1
            row += 1
        elif self.authority:
            self.merged(row, 0, row, last, self.authority, bold=True)
            row += 1
        self.merged(row, 0, row, last, title.upper(), bold=True, font_size=14, align="center", text_wrap=True)
        self.height(row, 20 * max(2, len(wrap(title, int(sum(widths) * 0.7)))))
        row += 1
        if self.period:
            self.merged(row, 0, row, last, self.period, italic=True, align="center")
            row += 1
        if self.paper is not None and form is not None:
            self.merged(row, 0, row, last, measure_of(form).in_(self.lang), italic=True, align="right")
        return row + 1

    def halves(
        self, row: int, widths: Sequence[int], texts: tuple[str, str], looks: tuple[dict[str, Any], dict[str, Any]]
    ) -> None:
        """Write two texts side by side, each in one half of the table's width."""
        last, total = len(widths) - 1, sum(widths)
        half = next(at for at in range(1, last + 1) if at == last or sum(widths[: at + 1]) * 2 >= total)
        for first, until, text, look in ((0, half - 1, texts[0], looks[0]), (half, last, texts[1], looks[1])):
            self.merged(row, first, row, until, text, align="center", text_wrap=True, **look)

    def signatures(self, row: int, widths: Sequence[int]) -> None:
        """Write who signs below a table."""
        if self.paper is None:
            return
        bold, italic = {"bold": True}, {"italic": True, "font_size": 10}
        self.halves(row, widths, self.paper.titles(self.lang), (bold, bold))
        self.halves(row + 1, widths, (SIGN.in_(self.lang), SEAL.in_(self.lang)), (italic, italic))
        self.halves(row + 6, widths, (self.paper.preparer, self.paper.head), (bold, bold))

    def break_pages(
        self, top: int, first: int, blocks: Sequence[int], last: int, end: int, widths: Sequence[int]
    ) -> None:
        """Break pages between places or households, so that none is cut, and keep the last one with the signatures.

        Parameters
        ----------
        top, first : int
            The first row of the heading, which stands on every page, and the first below it.
        blocks : sequence of int
            The first row of each place, or of each household.
        last, end : int
            The first row below the table, and below everything.
        """
        scale = min(100, int(100 * PRINTABLE[0] / _points(widths)))
        self.sheet.set_print_scale(scale)  # fitting to the width would make Excel ignore the breaks
        page = PRINTABLE[1] * 100 / scale
        later = page - self.tall(top, first)
        starts = [*(blocks or [first]), end]
        if self.tall(starts[-2], end) > later:  # more rows than a page holds: who signs stays with the last of them
            starts[-1:] = [*range(starts[-2] + 1, last), end]
        heights = [self.tall(one, other) for one, other in pairwise(starts)]
        rows = breaks(heights, page - self.tall(0, first), later)
        self.sheet.set_h_pagebreaks([starts[at] for at in rows])

    def tall(self, first: int, end: int) -> float:
        """Return how tall rows are together, in points."""
        return sum(self.heights.get(row, 15.0) for row in range(first, end))

    def heading(self, top: int, cells: Sequence[Cell], depth: int, widths: Sequence[int]) -> None:
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
        for row, lines in enumerate(_lines(cells, depth, widths)):
            self.height(top + row, (15 if row < depth else 11) * lines + 3)
        self.sheet.repeat_rows(top, top + depth)

    def write_form(self, filled: Filled, offsets: Mapping[int, int], others: Mapping[int, Filled]) -> None:
        """Write one of the forms 1–13."""
        form, stubs = filled.form, filled.form.stubs(self.lang)
        widths = _widths(filled, len(stubs))
        top = self.begin(form.title.in_(self.lang), widths, form)
        self.heading(top, header(form, self.lang), form.depth(), widths)
        first = top + form.depth() + 1
        assert first == offsets[form.number]
        self.sheet.freeze_panes(first, len(stubs))
        for at, row in enumerate(filled.rows):
            self.done(1)
            self._stub(filled, first, at, row)
            for number, column in enumerate(form.columns, len(stubs)):
                self._number(filled, offsets, others, at, number, column)
        end = first + len(filled.rows)
        below = self._notes(end + 1, widths, [note.in_(self.lang) for note in (*filled.notes, number_note(form))])
        self.signatures(below + 1, widths)
        self.break_pages(
            top, first, [first + at for at in range(0, len(filled.rows), form.height)], end, below + 8, widths
        )

    def _stub(self, filled: Filled, first: int, at: int, row: Row) -> None:
        form, here = filled.form, first + at
        bold = {"bold": True} if row.place.whole else {}
        name = row.name(form, self.lang)
        lines = len(wrap(name, WIDTHS[1] - 4))
        if form.by_class:
            if lines > 1:
                self.height(here, 15 * lines)
            self.text(here, 0, "" if row.unit else row.place.number, border=1, align="center", **bold)
            indented = {"indent": 1} if row.unit else {"bold": True}
            self.text(here, 1, name, border=1, text_wrap=True, **{**bold, **indented})
            return
        units = len(form.units)
        if at % units == 0:
            last = here + units - 1
            self.merged(here, 0, last, 0, row.place.number, border=1, align="center", **bold)
            self.merged(here, 1, last, 1, name, border=1, text_wrap=True, **bold)
            for each in range(here, last + 1) if lines > units else ():  # merged cells don't grow with their text
                self.height(each, 15 * lines / units)
        if units > 1 and row.unit:
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
        look = self._number_look(spec.rate, row.place.whole)
        here, value = offsets[filled.form.number] + at, row.values[spec.id]
        live = self._formula(filled, offsets, others, at, column, spec)
        if value is None and (live is None or not _is_empty(filled, others, at, spec)):
            self.sheet.write_blank(here, column, None, look)
        elif live is None:
            self.sheet.write_number(here, column, _as_number(value), look)
        else:
            self.sheet.write_formula(here, column, live, look, "" if value is None else _as_number(value))

    def _number_look(self, rate: bool, whole: bool) -> Any:
        known = self._numbers.get((rate, whole))
        if known is None:
            bold = {"bold": True} if whole else {}
            known = self.look(border=1, align="right", num_format="0.00" if rate else "#,##0", **bold)
            self._numbers[rate, whole] = known
        return known

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
        form, height = filled.form, filled.form.height
        here = offsets[form.number] + at
        if spec.formula is not None:
            formula = spec.formula.within(form.ids)
            if any(ref.form is not None and ref.form not in offsets for ref in formula.refs):
                return None

            def cell(ref: Ref) -> str:
                other = filled if ref.form is None else others[ref.form]
                before = len(other.form.stubs(self.lang))
                name = _name(
                    here if ref.form is None else offsets[ref.form] + at, before + other.form.ids.index(ref.column)
                )
                return name if ref.form is None else f"'{sheet_name(other.form, self.lang)}'!{name}"

            return _live(formula, cell)
        place = filled.rows[at].place
        if not place.children or filled.rows[at].unit is None:
            return None
        rows = [offsets[form.number] + child * height + at % height for child in place.children]
        if height == 1 and rows == list(range(rows[0], rows[-1] + 1)):
            return f"=SUM({_name(rows[0], column)}:{_name(rows[-1], column)})"
        text = "=" + "+".join(_name(row, column) for row in rows)
        return text if len(text) <= LONGEST else None

    def _notes(self, row: int, widths: Sequence[int], notes: Sequence[str]) -> int:
        """Write notes below a table; return the row below them."""
        for text in notes:
            self.merged(row, 0, row, len(widths) - 1, text, italic=True, font_size=9, text_wrap=True)
            self.height(row, 13 * len(wrap(text, int(sum(widths) * 1.05))) + 2)
            row += 1
        return row

    def write_list(self, frame: Any) -> None:
        """Write one of the lists 14 and 15."""
        widths = [*LIST_WIDTHS[:4], *[LIST_WIDTHS[4]] * (len(frame.columns) - 4)]
        top = self.begin(frame.attrs["title"], widths)
        self.heading(top, list_header(frame), 2, widths)
        first = top + 3
        self.sheet.freeze_panes(first, 3)
        end = first + len(frame)
        aligned = ["left" if column in TEXTS else "center" for column in range(len(widths))]
        numbers = [self.look(border=1, align=align) for align in aligned]
        texts = [
            [self._text_look(risk, text_wrap=True, border=1, align=align) for risk in (False, True)]
            for align in aligned
        ]
        lined = {"type": "formula", "criteria": "=TRUE", "format": self.book.add_format({"border": 1})}
        for column, align in enumerate(aligned):  # what is written into blank cells later stands as the others do
            self.sheet.set_column(column, column, widths[column], self.look(align=align, text_wrap=True))
        if end > first:  # blank cells, which most are, have their lines without being written
            self.sheet.conditional_format(first, 0, end - 1, len(widths) - 1, lined)
        for row, values in enumerate(frame.itertuples(index=False, name=None), first):
            self.done(1)
            lines = 1
            for column, value in enumerate(values):
                if isinstance(value, str):
                    self.sheet.write_string(row, column, value, texts[column][risky(value)])
                    if len(value) >= widths[column]:
                        lines = max(lines, len(wrap(value, widths[column] - 1)))
                elif not is_missing(value):
                    self.sheet.write_number(row, column, float(value), numbers[column])
            self.height(row, 15 * lines)
        below = self._notes(end + 1, widths, frame.attrs["notes"])
        self.signatures(below + 1, widths)
        self.break_pages(top, first, [first + row for row in begins(frame)], end, below + 8, widths)

    def write_source(self, lines: Sequence[tuple[str, str]]) -> None:
        """Write what the numbers were computed from, on one page across."""
        widths = (24, 100)
        self.sheet.set_landscape()
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, 1 if len(lines) <= ONE_PAGE else 0)
        for column, width in enumerate(widths):
            self.sheet.set_column(column, column, width)
        for row, (name, value) in enumerate(lines):
            look = {"valign": "top", "text_wrap": True}
            self.text(row, 0, name, bold=True, **look)
            self.text(row, 1, value, **look)
            self.height(
                row, 15 * max(1, *(len(wrap(text, width)) for text, width in zip((name, value), widths, strict=True)))
            )


def _points(widths: Sequence[int]) -> float:
    """Return how wide columns are together, in points."""
    return sum(POINTS * width + PADDING for width in widths)


def _widths(filled: Filled, stubs: int) -> list[int]:
    """Return the widths of a form's columns: as wide as the page allows, and never narrower than their numbers."""
    counted = [value for row in filled.rows for value in row.values.values() if value is not None]
    needed = max((len(f"{value:,}") for value in counted), default=0) + 2
    columns = len(filled.form.columns)
    units = [WIDTHS[2]] * (stubs - 2)
    room = PRINTABLE[0] - _points([*WIDTHS[:2], *units])
    each = int((room / columns - PADDING) / POINTS)
    return [*WIDTHS[:2], *units, *[max(WIDTHS[2], needed, min(WIDEST, each))] * columns]


def _lines(cells: Sequence[Cell], depth: int, widths: Sequence[int]) -> list[int]:
    """Return how many lines of text each row of a heading needs."""
    lines = [1] * (depth + 1)
    for cell in sorted(cells, key=lambda cell: cell.rows):  # cells of one row first: tall ones need what is lacking
        if cell.column > 1:
            letters = sum(widths[cell.column : cell.column + cell.columns]) - cell.columns
            needed = len(wrap(cell.text, letters, break_on_hyphens=True))
            last = cell.row + cell.rows - 1
            lines[last] += max(0, needed - sum(lines[cell.row : last + 1]))
    return lines


def _is_empty(filled: Filled, others: Mapping[int, Filled], at: int, spec: Column) -> bool:
    """Return whether a rate is blank because there is nobody to divide by, so that its formula may stand."""
    if not isinstance(spec.formula, Rate):
        return False
    row = filled.rows[at]
    whole = spec.formula.whole
    values = row.values if whole.form is None or row.unit is None else others[whole.form].rows[at].values
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
