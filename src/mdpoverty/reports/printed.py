"""Printed forms read back: from Excel workbooks and CSV files, ours or somebody's."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path as FilePath
from typing import Any

from attrs import evolve, frozen

from mdpoverty.doors import door
from mdpoverty.dynamics.places import Path
from mdpoverty.errors import BadTable, SpecError, there
from mdpoverty.law.fields import Label
from mdpoverty.reports.columns import UNITS, Column, Form, Unit, Value, stub
from mdpoverty.reports.discrepancies import Discrepancy
from mdpoverty.reports.tables import risky
from mdpoverty.tables.meanings import shown_en
from mdpoverty.ternary import is_missing
from mdpoverty.texts import bare, composed, nearest
from mdpoverty.workbooks import open_workbook

__all__ = [
    "Printed",
    "Sheet",
    "column_id",
    "is_blank",
    "is_numbers",
    "read_csv",
    "read_excel",
    "read_sheet",
]

_NUMBER = re.compile(r"\(?([0-9]{1,3}|[A-Za-z])\)?(?:\s*=.*)?")
_UNITS = ("hộ", "nhân khẩu", "khẩu", "households", "people")


class Printed(dict[int, Any]):
    """Forms read from a file, by number, and what of the file wasn't read.

    Attributes
    ----------
    findings : tuple of Discrepancy
        Sheets, columns and cells that weren't read; :func:`mdpoverty.reports.check` reports them too.
    """

    def __init__(self, tables: Mapping[int, Any] | None = None, findings: Iterable[Discrepancy] = ()) -> None:
        super().__init__(tables or {})
        self.findings = tuple(findings)


@door
def read_excel(path: str | FilePath, sheets: Mapping[str, int] | None = None) -> Printed:
    """Read forms from an Excel workbook into tables that :func:`mdpoverty.reports.check` takes.

    A form is found by the row of its column numbers (``1``, ``2``, ``4=3/1*100``, …) below its headings.

    Parameters
    ----------
    path : str or pathlib.Path
        The workbook. Formulas count with the values that were saved with them.
    sheets : mapping, optional
        Which sheet is which form. By default the number in the sheet's name: ``"Biểu 3"``, ``"Form 3"``, ``"Mẫu 7.3"``,
        ``"3"``. The lists 14 and 15 are left out.

    Returns
    -------
    Printed
        A dict of tables with the columns ``tt``, ``area``, ``unit`` where there is one, and the numbers, by form. Its
        ``findings`` say what wasn't read: sheets that no form is told by, a second sheet of one form, formulas without
        a saved value, columns without a number.

    Raises
    ------
    FileError
        If there is no such file.
    BadTable
        If the file is no workbook of the kind .xlsx, or a form's sheet has no row of column numbers.
    SpecError
        If ``sheets`` names a sheet that isn't there, or a form twice.
    """
    book, formulas = open_workbook(path), open_workbook(path, values=False)
    if sheets is not None:
        _check_sheets(sheets, [sheet.title for sheet in book.worksheets])
    found: dict[int, Any] = {}
    names: dict[int, str] = {}
    findings: list[Discrepancy] = []
    for sheet in book.worksheets:
        rows = list(sheet.iter_rows(values_only=True))
        number = sheets.get(sheet.title) if sheets is not None else form_in_name(sheet.title)
        if number is None:
            if sheets is None and sheet.title not in _SOURCES and _has_content(rows):
                findings.append(_unread(0, sheet.title, "tên trang không có số biểu", "no form's number in its name"))
        elif number in names:
            findings.append(
                _unread(number, sheet.title, f"biểu đã có ở trang {names[number]!r}", f"it is in {names[number]!r} too")
            )
        elif number <= LAST_FORM:
            names[number] = sheet.title
            found[number], faults = _table(rows, sheet.title, number)
            unsaved = _unsaved(formulas[sheet.title], rows)
            findings += faults
            if unsaved:
                cells = f"{', '.join(unsaved[:5])}{', …' if len(unsaved) > 5 else ''}"
                vi = f"{len(unsaved)} công thức chưa lưu giá trị ({cells}): mở bằng Excel rồi lưu lại"
                en = f"{len(unsaved)} formulas without a saved value ({cells}): open it in Excel and save it"
                findings.append(_unread(number, sheet.title, vi, en))
    return Printed(found, findings)


LAST_FORM = 13
LISTS = (14, 15)
_SOURCES = ("Nguồn số liệu", "Source")  # what our own workbooks have besides
_ENCODINGS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def _check_sheets(sheets: Mapping[str, int], titles: Sequence[str]) -> None:
    for title in sheets:
        if title not in titles:
            like = nearest(title, titles)
            raise SpecError(f"there is no sheet {title!r}" + (f"; is it {like!r}?" if like else f", only {titles}"))
    twice = [number for number in sheets.values() if list(sheets.values()).count(number) > 1]
    if twice:
        raise SpecError(f"sheets= gives form {twice[0]} to more than one sheet")


def form_in_name(title: str) -> int | None:
    """Return the number of the form that a sheet's name tells; ``None`` where it tells none, or more than one.

    >>> [form_in_name(name) for name in ("Biểu 3", "Mẫu 7.10", "B02 - Hộ nghèo", "Năm 2024", "Biểu 1 và 2", "Sheet")]
    [3, 10, 2, None, None, None]
    """
    said = {int(number) for number in re.findall(r"(?<![\d.])(?:7\.)?0?(\d{1,2})(?![\d.])", title)}
    numbers = {number for number in said if 1 <= number <= max(LISTS)}
    return numbers.pop() if len(numbers) == 1 else None


def _has_content(rows: Iterable[Sequence[Any]]) -> bool:
    return any(not is_blank(cell) for row in rows for cell in row)


def _unsaved(sheet: Any, rows: Sequence[Sequence[Any]]) -> list[str]:
    """Return the cells that hold a formula and no value."""
    return [
        cell.coordinate
        for row, values in zip(sheet.iter_rows(), rows, strict=False)
        for cell, value in zip(row, values, strict=False)
        if value is None and cell.data_type == "f"
    ]


def _unread(form: int, sheet: str, vi: str, en: str) -> Discrepancy:
    return Discrepancy("unread", form, (), detail=sheet, why=Label(vi, en))


@door
def read_csv(path: str | FilePath, *, encoding: str | None = None) -> Any:
    """Read a form from a CSV file, as :meth:`Forms.to_csv` or a spreadsheet wrote it.

    Commas, semicolons or tabs stand between the cells; after semicolons and tabs a comma in a number is a decimal
    comma.

    Parameters
    ----------
    path : str or pathlib.Path
        The file.
    encoding : str, optional
        UTF-8, with a byte order mark or without, and UTF-16 with one, are known by themselves; give another, such as
        ``"cp1258"``.

    Returns
    -------
    pandas.DataFrame
        As :func:`read_excel` gives it.

    Raises
    ------
    FileError
        If there is no such file.
    BadTable
        If it isn't in that encoding, or has no row of column numbers.
    """
    data, name = there(path).read_bytes(), FilePath(path).name
    try:
        text = data.decode(encoding or _ENCODINGS.get(data[:2], "utf-8-sig"))
    except (ValueError, LookupError):  # not so written, or no encoding
        raise BadTable(
            f'{name} is not written in {encoding or "UTF-8"}: save it as "CSV UTF-8", or give encoding="cp1258" '
            "(or what it is in)"
        ) from None
    between = _separator(text)
    rows = [[_revived(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=between)]
    table, findings = _table(rows, name, 0)
    table.attrs["findings"] = tuple(findings)
    return table


def _separator(text: str) -> str:
    """Return what stands between the cells: what parts the row of column numbers into the most."""
    counted = {each: max((_numbers_in(line.split(each)) for line in text.splitlines()), default=0) for each in ",;\t"}
    return max(counted, key=lambda each: counted[each])


def _numbers_in(cells: Sequence[str]) -> int:
    ids = [_id(cell.strip('"')) for cell in cells if cell.strip().strip('"')]
    return len(ids) if None not in ids else 0


def _revived(cell: str) -> str | None:
    """Take away the apostrophe that kept a text from becoming a formula."""
    text = composed(cell)
    return (text[1:] if text.startswith("'") and risky(text[1:]) else text) or None


def _table(rows: Sequence[Sequence[Any]], name: str, number: int) -> tuple[Any, list[Discrepancy]]:
    """Return what stands below the row of column numbers, and the columns with content that have no number."""
    import pandas as pd

    width = max(map(len, rows), default=0)
    rows = [[*row, *[None] * (width - len(row))] for row in rows]  # some programs leave out a row's last, blank cells
    at = next((i for i, row in enumerate(rows) if is_numbers(row)), None)
    if at is None:
        raise BadTable(f"{name}: no row of column numbers (1, 2, 3, …) below the headings")
    numbers = [_id(cell) for cell in rows[at]]
    if (numbers[0] or "1").isalpha():  # letters over the columns of numbering and places: they aren't the form's
        ones = numbers.index("1")
        numbers[:ones] = [None] * ones
    if number in (0, *_WITH_TOTALS):
        _name_totals(numbers, rows[:at])
    first = next(i for i, id in enumerate(numbers) if id is not None)
    body = _body(rows[at + 1 :], first, [i for i, id in enumerate(numbers) if id is not None])
    heads = _stubs(body, first)
    columns = [*heads, *(id or f"?{i}" for i, id in enumerate(numbers[first:], first))]
    frame = pd.DataFrame(body, columns=columns, dtype=object)
    for head in ("tt", "area"):
        if head in frame:
            texts = [None if is_missing(value) else _plain(value) for value in frame[head].tolist()]
            frame[head] = pd.Series(texts, index=frame.index, dtype=object)
    frame.attrs["headings"] = {id: _heading(rows[:at], i) for i, id in enumerate(numbers) if id is not None}
    frame.attrs["printed"] = {id: str(rows[at][i]).strip() for i, id in enumerate(numbers) if id is not None}
    unnumbered = [i for i, column in enumerate(columns) if column.startswith("?")]
    unread = [i for i in unnumbered if any(not is_blank(row[i]) for row in body)]
    findings = []
    if unread:
        listed = ", ".join(str(i + 1) for i in unread)
        vi, en = f"cột thứ {listed} không có số cột", f"column {listed} of the sheet has no column number"
        findings.append(_unread(number, name, vi, en))
    return frame[[column for column in columns if not column.startswith("?")]], findings


_WITH_TOTALS = range(4, 8)  # the forms of deprivations, whose columns of totals templates print without a number


def _name_totals(numbers: list[str | None], above: Sequence[Sequence[Any]]) -> None:
    """Name the columns of all households and of all deprivations, A and B, by their headings before the column 1."""
    for column in range(2, numbers.index("1")):
        words = bare(_heading(above, column))
        if numbers[column] is None and words.startswith("tong so"):
            numbers[column] = "B" if "thieu hut" in words else "A"


def _heading(rows: Sequence[Sequence[Any]], column: int) -> str:
    """Return what stands nearest above a column's number."""
    cells = [str(row[column]).strip() for row in rows if column < len(row) and not is_blank(row[column])]
    return cells[-1] if cells else ""


def _body(rows: Sequence[Sequence[Any]], first: int, numbered: Sequence[int]) -> list[list[Any]]:
    """Return a table's rows: from its first to its last that has numbers, without blank ones.

    Notes and signatures stand below; a row that only names a block, or a blank one between blocks, doesn't end it.
    """

    def counted(row: Sequence[Any]) -> int:
        return sum(i < len(row) and _is_count(row[i]) for i in numbered)

    enough = min(2, len(numbered))
    begun = last = None
    for at, row in enumerate(rows):
        blank = all(is_blank(cell) for cell in row[first:])
        gap = last is not None and at > last + 1
        if begun is None and any(not is_blank(cell) for cell in row):
            begun = at  # perhaps only a block's name
        if blank or counted(row) < (enough if gap else 1):
            if not blank and last is None:
                last = at  # a first row that can't be read as numbers is for the check to refuse
            continue
        last = at
    if begun is None or last is None:
        return []
    return [list(row) for row in rows[begun : last + 1] if any(not is_blank(cell) for cell in row)]


def is_blank(cell: Any) -> bool:
    """Return whether a cell holds nothing."""
    return is_missing(cell) or not str(cell).strip()


def _is_count(cell: Any) -> bool:
    if is_blank(cell):
        return False
    if not isinstance(cell, str):
        return isinstance(cell, int | float | Decimal)
    return cell.strip() in NOTHING or is_error(cell) or bool(re.fullmatch(r"[-+]?\d[\d.,\s]*", cell.strip()))


def _plain(value: Any) -> str:
    text = str(int(value)) if isinstance(value, float) and value == int(value) else str(value)
    return composed(text).strip()


def is_numbers(row: Sequence[Any]) -> bool:
    """Return whether a row holds column numbers: 1 beside others like it, each once, and nothing else."""
    texts = [str(cell).strip() for cell in row if not is_missing(cell) and str(cell).strip()]
    ids = [_id(cell) for cell in texts]
    return len(ids) > 1 and None not in ids and "1" in ids and len(set(ids)) == len(ids)


def _id(cell: Any) -> str | None:
    if is_missing(cell):
        return None
    text = str(int(cell)) if isinstance(cell, float) and cell == int(cell) else str(cell).strip()
    found = _NUMBER.fullmatch(text)
    return found.group(1) if found else None


def _stubs(body: Sequence[Sequence[Any]], first: int) -> list[str]:
    """Name the columns before the numbers: a column of units is told by its words, the place stands before it."""
    names = [id for id, _ in stub(2, "vi")]
    if not first:
        raise BadTable("there is no column of places before the numbers")
    last = {str(row[first - 1]).strip().casefold() for row in body if not is_missing(row[first - 1])}
    with_units = bool(last) and last <= set(_UNITS)
    own = names if with_units else names[:2]
    heads = own[-first:] if first < len(own) else own
    return [*heads, *(f"?{i}" for i in range(len(heads), first))]


# ------------------------------------------------------------------------------------------------ as numbers, by place


@frozen(eq=False)
class Sheet:
    """A form as numbers: by place, row and column; and which places make up which."""

    form: Form
    columns: tuple[str, ...]
    cells: Mapping[tuple[Path, Unit], Mapping[str, Value]]
    children: Mapping[Path, tuple[Path, ...]]
    faults: tuple[Discrepancy, ...]

    def get(self, path: Path, unit: Unit, column: str) -> Value:
        """Return a cell's number; ``None`` where it is blank or there is no such cell."""
        return self.cells.get((path, unit), {}).get(column)

    def moved(self, to: Callable[[Path], Path]) -> Sheet:
        """Return it with other paths for its places; the first row of a place that then stands twice stays."""
        cells: dict[tuple[Path, Unit], Mapping[str, Value]] = {}
        faults = list(self.faults)
        for (path, unit), values in self.cells.items():
            if cells.setdefault((to(path), unit), values) is not values:
                faults.append(Discrepancy("duplicate", self.form.number, to(path), unit))
        children = _children(list(dict.fromkeys(path for path, _ in cells)))
        return evolve(self, cells=cells, children=children, faults=tuple(faults))

    def rows(self) -> Iterator[tuple[Path, Unit, Mapping[str, Value]]]:
        """Yield every row: its place, what it counts, and its numbers by column."""
        for (path, unit), values in self.cells.items():
            yield path, unit, values


def read_sheet(frame: Any, form: Form) -> Sheet:
    """Read a form's table as numbers, and note cells that can't be what they stand for.

    Raises
    ------
    BadTable
        If it hasn't the columns of that form, or a cell holds no number.
    """
    if form.by_class:
        frame = _classes_apart(frame, form)
    names = [column_id(name) for name in frame.columns]
    columns = tuple(name for name in names if name in form.ids)
    missing = [name for name in ("area", *(("unit",) if len(form.units) > 1 else ())) if name not in names]
    if missing or not columns:
        raise BadTable(
            f"form {form.number} as a table needs the columns tt, area"
            + (", unit" if len(form.units) > 1 else "")
            + f" and the printed numbers ({', '.join(form.ids)}); got {', '.join(names)}"
        )
    data = {name: column.tolist() for name, (_, column) in zip(names, frame.items(), strict=True)}
    areas = [None if is_missing(area) else " ".join(str(area).split()) for area in data["area"]]
    units = [_unit(value, form) for value in data.get("unit", [None] * len(areas))]
    # Only the first of a place's rows need name it: the cells of the others may be merged with it.
    numbers = ["" if is_missing(tt) else str(tt).strip() for tt in data.get("tt", [""] * len(areas))]
    paths = _paths(numbers, areas, units)
    cells: dict[tuple[Path, Unit], dict[str, Value]] = {}
    faults: list[Discrepancy] = []
    for row, (path, unit) in enumerate(zip(paths, units, strict=True)):
        if (path, unit) in cells:
            faults.append(Discrepancy("duplicate", form.number, path, unit))
            continue
        values: dict[str, Value] = {}
        for column in columns:
            values[column], wrong = _number(data[column][row], form.column(column))
            if wrong:
                faults.append(Discrepancy(wrong, form.number, path, unit, column, values[column]))
        cells[path, unit] = values
    return Sheet(form, columns, cells, _children(list(dict.fromkeys(paths))), tuple(faults))


def _children(paths: list[Path]) -> dict[Path, tuple[Path, ...]]:
    """Return what each place is made up of: the places right below it."""
    known = set(paths)
    children: dict[Path, list[Path]] = {}
    for path in paths:
        above = next((path[:n] for n in range(len(path) - 1, -1, -1) if path[:n] in known), None)
        if path and above is not None:
            children.setdefault(above, []).append(path)
    return {parent: tuple(its) for parent, its in children.items()}


_STUBS = {head: id for lang in ("vi", "en") for id, head in stub(2, lang)} | {"STT": "tt"}


def column_id(name: Any) -> str:
    """Return a column's id from its name, or from the last level of its heading: ``"4=3/1*100"`` is 4."""
    levels = [str(level).strip() for level in (name if isinstance(name, tuple) else (name,))]
    last = levels[-1] or levels[0]
    return _STUBS.get(last, last.partition("=")[0].strip())


def _unit(value: Any, form: Form) -> Unit:
    if len(form.units) == 1 or is_missing(value):
        return form.units[0]
    text = str(value).strip().casefold()
    for unit in form.units:
        if text in (unit, UNITS[unit].vi.casefold(), UNITS[unit].en.casefold()):
            return unit
    kinds = " or of ".join(f"{UNITS[unit]}" for unit in form.units)
    raise BadTable(f"form {form.number}: a row is of {kinds}, not of {value!r}")


def _classes_apart(frame: Any, form: Form) -> Any:
    """Take a table in which a place's name stands above its classes apart: one row for each class, with both."""
    import pandas as pd

    names = [column_id(name) for name in frame.columns]
    if "area" not in names:
        return frame
    words = {
        bare(name.lstrip("- ")): UNITS[unit].vi for unit in form.units for name in (UNITS[unit].vi, UNITS[unit].en)
    }
    place: dict[str, Any] = {}
    rows = []
    for values in frame.itertuples(index=False, name=None):
        row = dict(zip(names, values, strict=True))
        text = "" if is_missing(row["area"]) else str(row["area"])
        unit = words.get(bare(text.lstrip("-–+• ")))
        if unit is None:
            place = {"tt": row.get("tt"), "area": row["area"]}
        else:
            rows.append({**row, **place, "unit": unit})
    return pd.DataFrame(rows, columns=[*dict.fromkeys(["tt", "area", "unit", *names])], dtype=object)


_ROMAN = re.compile(r"[IVXLC]+")


def _paths(numbers: list[str], areas: list[str | None], units: list[Unit]) -> list[Path]:
    """Return each row's place from the numbering: 1 and 1.1, or I and 1; a row without a number is the total."""
    if not any(numbers):
        return [() if _is_total(area) else (area,) for area in _filled(areas)]
    paths: list[Path] = []
    names: dict[tuple[str, ...], str | None] = {}
    roman: tuple[str, ...] = ()
    for number, area, unit in zip(numbers, areas, units, strict=True):
        if paths and not number and (area is None or unit == "people") and (area is None or area == _last(paths)):
            paths.append(paths[-1])
            continue
        key: tuple[str, ...] = (*roman, *number.strip(".").split(".")) if number else ()
        if _ROMAN.fullmatch(number):
            key = roman = () if _is_total(area) else (number,)
        names.setdefault(key, area)
        if key:
            paths.append(tuple(names.get(key[:n], key[n - 1]) for n in range(1, len(key) + 1)))
        else:
            paths.append(())
    return paths


def _is_total(area: str | None) -> bool:
    return area is not None and area.casefold().startswith(("tổng", "total"))


def _filled(areas: list[str | None]) -> Iterator[str | None]:
    """Yield the names, that of the row above where a row has none."""
    last = None
    for area in areas:
        last = area if area is not None else last
        yield last


def _last(paths: list[Path]) -> str | None:
    return paths[-1][-1] if paths[-1] else None


NOTHING = ("-", "–", "—", "--", "…", "...")
"""What printed tables have in a cell that has no number."""


def is_error(value: Any) -> bool:
    """Return whether a cell holds an error of a spreadsheet's: ``#REF!``, ``#DIV/0!``."""
    return isinstance(value, str) and bool(re.fullmatch(r"#[A-Z/0!?]+", value.strip()))


def _number(value: Any, column: Column) -> tuple[Value, str]:
    """Read a cell; return its number and what is wrong with it."""
    if type(value) is int and not column.rate:
        return value, "negative" if value < 0 else ""
    if is_blank(value) or (isinstance(value, str) and value.strip() in NOTHING):
        return None, ""
    if is_error(value):
        return None, "error"
    try:
        exact = Decimal(value.strip().replace(",", ".") if isinstance(value, str) else str(value))
    except InvalidOperation:
        exact = Decimal("nan")
    if not exact.is_finite():
        raise BadTable(f"column {column.id}: {shown_en(value)} is no number")
    wrong = "negative" if exact < 0 else ""
    if column.rate:
        return exact, wrong or ("rate_over_100" if exact > 100 else "")
    return (int(exact), wrong) if exact == exact.to_integral_value() else (exact, "whole")
