"""Printed forms read back: from Excel workbooks and CSV files, ours or somebody's."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

from mdpoverty.errors import BadTable, MissingExtra
from mdpoverty.reports.columns import stub
from mdpoverty.reports.excel import risky
from mdpoverty.ternary import is_missing

__all__ = ["read_csv", "read_excel", "write_csv"]

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
    try:
        import openpyxl
    except ImportError as error:
        raise MissingExtra(
            'Reading Excel needs the package openpyxl. Install it: pip install "mdpoverty[excel]"',
            extra="mdpoverty[excel]",
        ) from error
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
    text = unicodedata.normalize("NFC", cell)
    return (text[1:] if text.startswith("'") and risky(text[1:]) else text) or None


def write_csv(frame: Any, path: FilePath, bom: bool) -> FilePath:
    """Write a form with its headings, one line for each level, and return the file."""
    heads = [frame.columns.get_level_values(level).tolist() for level in range(frame.columns.nlevels)]
    rows = [*heads, *frame.itertuples(index=False, name=None)]
    lines = [["" if is_missing(value) else _written(value) for value in row] for row in rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig" if bom else "utf-8", newline="") as file:
        csv.writer(file).writerows(lines)
    return path


def _written(value: Any) -> str:
    return _harmless(value) if isinstance(value, str) else f"{value:.2f}" if isinstance(value, float) else str(value)


def _harmless(text: str) -> str:
    return f"'{text}" if risky(text) else text


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
    return unicodedata.normalize("NFC", text).strip()


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
