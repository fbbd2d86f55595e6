"""Printed forms read back: from Excel workbooks and CSV files, ours or somebody's."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path as FilePath
from typing import Any

from attrs import frozen

from mdpoverty.errors import BadTable
from mdpoverty.extras import need
from mdpoverty.reports.areas import Path
from mdpoverty.reports.columns import UNITS, Column, Form, Unit, Value, stub
from mdpoverty.reports.discrepancies import Discrepancy
from mdpoverty.reports.tables import risky
from mdpoverty.ternary import is_missing
from mdpoverty.texts import composed

__all__ = ["Sheet", "column_id", "read_csv", "read_excel", "read_sheet"]

_NUMBER = re.compile(r"\(?([0-9]{1,3}|[A-Za-z])\)?(?:\s*=.*)?")
_UNITS = ("hộ", "nhân khẩu", "khẩu", "households", "people")


def read_excel(path: str | FilePath, sheets: Mapping[str, int] | None = None) -> dict[int, Any]:
    """Read forms from an Excel workbook into tables that :func:`mdpoverty.reports.check` takes.

    A form is found by the row of its column numbers (``1``, ``2``, ``4=3/1*100``, …) below its headings.

    Parameters
    ----------
    path : str or pathlib.Path
        The workbook. Formulas count with the values that were saved with them.
    sheets : mapping, optional
        Which sheet is which form. By default the number in the sheet's name: ``"Biểu 3"``, ``"Form 3"``, ``"3"``.
        The lists 14 and 15 are left out.

    Returns
    -------
    dict
        Tables with the columns ``tt``, ``area``, ``unit`` where there is one, and the numbers, by form.

    Raises
    ------
    BadTable
        If a sheet has no row of column numbers.
    """
    openpyxl = need("openpyxl", "excel", "Reading Excel")
    book = openpyxl.load_workbook(path, data_only=True)
    found = {}
    for sheet in book.worksheets:
        number = sheets.get(sheet.title) if sheets is not None else _in_name(sheet.title)
        if number is not None and number <= 13:
            found[number] = _table(list(sheet.iter_rows(values_only=True)), sheet.title)
    return found


def _in_name(title: str) -> int | None:
    found = re.search(r"\d+$", title.strip())
    return int(found.group()) if found else None


def read_csv(path: str | FilePath) -> Any:
    """Read a form from a CSV file, as :meth:`Forms.to_csv` or a spreadsheet wrote it; a byte order mark may be there.

    Returns
    -------
    pandas.DataFrame
        As :func:`read_excel` gives it.
    """
    with FilePath(path).open(encoding="utf-8-sig", newline="") as file:
        rows = [[_revived(cell) for cell in row] for row in csv.reader(file)]
    return _table(rows, FilePath(path).name)


def _revived(cell: str) -> str | None:
    """Take away the apostrophe that kept a text from becoming a formula."""
    text = composed(cell)
    return (text[1:] if text.startswith("'") and risky(text[1:]) else text) or None


def _table(rows: Sequence[Sequence[Any]], name: str) -> Any:
    """Return what stands below the row of column numbers."""
    import pandas as pd

    at = next((i for i, row in enumerate(rows) if _is_numbers(row)), None)
    if at is None:
        raise BadTable(f"{name}: no row of column numbers (1, 2, 3, …) below the headings")
    numbers = [_id(cell) for cell in rows[at]]
    if (numbers[0] or "1").isalpha():  # letters over the columns of numbering and places: they aren't the form's
        ones = numbers.index("1")
        numbers[:ones] = [None] * ones
    first = next(i for i, id in enumerate(numbers) if id is not None)
    body: list[list[Any]] = []
    for row in rows[at + 1 :]:
        if all(is_missing(cell) or not str(cell).strip() for cell in row[first:]):
            if body:  # below the table: notes and signatures; a row of blanks in between ends it
                break
            continue
        body.append(list(row))
    heads = _stubs(body, first)
    columns = [*heads, *(id or f"?{i}" for i, id in enumerate(numbers[first:], first))]
    frame = pd.DataFrame(body, columns=columns, dtype=object)
    for head in ("tt", "area"):
        if head in frame:
            texts = [None if is_missing(value) else _plain(value) for value in frame[head].tolist()]
            frame[head] = pd.Series(texts, index=frame.index, dtype=object)
    return frame[[column for column in columns if not column.startswith("?")]]


def _plain(value: Any) -> str:
    text = str(int(value)) if isinstance(value, float) and value == int(value) else str(value)
    return composed(text).strip()


def _is_numbers(row: Sequence[Any]) -> bool:
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
    names = [column_id(name) for name in frame.columns]
    columns = tuple(name for name in names if name in form.ids)
    missing = [name for name in ("area", *(("unit",) if len(form.units) > 1 else ())) if name not in names]
    if missing or not columns:
        raise BadTable(
            f"form {form.number} as a table needs the columns tt, area"
            + (", unit" if len(form.units) > 1 else "")
            + f" and the printed numbers ({', '.join(form.ids)}); got {', '.join(names)}"
        )
    data = {name: frame.iloc[:, at].tolist() for at, name in enumerate(names)}
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
    for unit, label in UNITS.items():
        if text in (unit, label.vi.casefold(), label.en.casefold()):
            return unit  # type: ignore[return-value]  # the keys of UNITS are the units
    raise BadTable(f"form {form.number}: a row is of {UNITS['households']} or of {UNITS['people']}, not of {value!r}")


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
            key = roman = (number,)
        names.setdefault(key, area)
        if number:
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


def _number(value: Any, column: Column) -> tuple[Value, str]:
    """Read a cell; return its number and what is wrong with it."""
    if is_missing(value) or (isinstance(value, str) and not value.strip()):
        return None, ""
    try:
        exact = Decimal(value.strip().replace(",", ".") if isinstance(value, str) else str(value))
    except InvalidOperation:
        raise BadTable(f"column {column.id}: {value!r} is no number") from None
    wrong = "negative" if exact < 0 else ""
    if column.rate:
        return exact, wrong or ("rate_over_100" if exact > 100 else "")
    return (int(exact), wrong) if exact == exact.to_integral_value() else (exact, "whole")
