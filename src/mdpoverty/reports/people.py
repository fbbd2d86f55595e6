"""Lists of households read back: one row for each person, with the household's cells only in its first row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path as FilePath
from typing import Any

from mdpoverty.doors import door
from mdpoverty.errors import BadTable, SpecError
from mdpoverty.reports.printed import is_blank, is_numbers
from mdpoverty.texts import folded, nearest, tidy
from mdpoverty.workbooks import open_workbook

__all__ = ["read_list"]


@door
def read_list(path: str | FilePath, sheet: str | int = 0, *, household: Sequence[str] | None = None) -> Any:
    """Read a list with one row for each person, and fill the household's cells down to all of its people.

    Official lists (and our lists 14 and 15) have what concerns the household in the row of its first person only; a
    row with a number in its first column begins a household. The table begins below the row of column numbers, or where
    the first column says 1.

    Parameters
    ----------
    path : str or pathlib.Path
        The workbook (.xlsx).
    sheet : str or int
        The sheet, by name or by position from 0.
    household : sequence of str, optional
        The columns to fill down. By default those that have something in first rows only.

    Returns
    -------
    pandas.DataFrame
        One row for each person, of objects. The columns are named by their headings, levels joined by " / ";
        ``attrs["household"]`` lists those that were filled down, ``attrs["rows"]`` the row of the sheet that each
        person stands in.

    Raises
    ------
    BadTable
        If no row begins a household.
    SpecError
        If there is no such sheet or column.
    """
    import pandas as pd

    book = open_workbook(path)
    page = _sheet(book, sheet)
    rows = [list(row) for row in page.iter_rows(values_only=True)]
    first = _first(rows, page.title)
    names = _names(page, rows, first)
    body = [(at, rows[at]) for at in range(first, _end(rows, first)) if any(not is_blank(cell) for cell in rows[at])]
    begins = [not is_blank(row[0]) for _, row in body]
    if household is None:
        whose = [at for at in range(len(names)) if _in_first_rows_only([row[at] for _, row in body], begins)]
    else:
        whose = [_position(name, names) for name in household]
    data: list[list[Any]] = []
    head: list[Any] = []
    for (_, row), begun in zip(body, begins, strict=True):
        head = row if begun else head
        data.append([head[at] if at in whose and head else row[at] for at in range(len(names))])
    frame = pd.DataFrame(data, columns=names, dtype=object)
    frame.attrs = {"household": [names[at] for at in whose], "rows": [at + 1 for at, _ in body]}
    return frame


def _sheet(book: Any, sheet: str | int) -> Any:
    titles = [each.title for each in book.worksheets]
    if isinstance(sheet, int):
        if not -len(titles) <= sheet < len(titles):
            raise SpecError(f"there are {len(titles)} sheets, none at {sheet}")
        return book.worksheets[sheet]
    if sheet not in titles:
        like = nearest(sheet, titles)
        raise SpecError(f"there is no sheet {sheet!r}" + (f"; is it {like!r}?" if like else f", only {titles}"))
    return book[sheet]


def _first(rows: Sequence[Sequence[Any]], title: str) -> int:
    """Return the first row of people."""
    for at, row in enumerate(rows):
        if is_numbers(row):
            return at + 1
        if row and _is_count(row[0]) and int(float(row[0])) == 1:
            return at
    raise BadTable(f"{title}: no row of column numbers (1, 2, 3, …), and none whose first cell is 1")


def _is_count(cell: Any) -> bool:
    return not is_blank(cell) and str(cell).strip().removesuffix(".0").isdigit()


def _end(rows: Sequence[Sequence[Any]], first: int) -> int:
    """Return the row below the last household's people: notes and signatures stand below a blank one."""
    end = max((at for at in range(first, len(rows)) if _is_count(rows[at][0])), default=first - 1) + 1
    while end < len(rows) and any(not is_blank(cell) for cell in rows[end]):
        end += 1
    return end


def _names(page: Any, rows: Sequence[Sequence[Any]], first: int) -> list[str]:
    """Name the columns by the headings above: merged cells count for all that they cover."""
    spread = {
        (row - 1, column - 1): rows[its.min_row - 1][its.min_col - 1]
        for its in page.merged_cells.ranges
        for row in range(its.min_row, its.max_row + 1)
        for column in range(its.min_col, its.max_col + 1)
    }
    width = max(map(len, rows))
    heads: list[int] = []
    for at in range(first - 1, -1, -1):
        texts = [cell for column, cell in enumerate(rows[at]) if not is_blank(spread.get((at, column), cell))]
        if is_numbers(rows[at]) or (not texts and not heads):
            continue
        if len(set(map(str, texts))) < 2 and len(texts) < 3 and not _covered(spread, at, width):
            break
        heads.insert(0, at)
    made: list[str] = []
    for column in range(width):
        levels = [spread.get((at, column), rows[at][column]) for at in heads]
        name = " / ".join(dict.fromkeys(tidy(str(level)) for level in levels if not is_blank(level)))
        made.append(name if name and name not in made else f"{name or 'column'} ({column + 1})")
    return made


def _covered(spread: dict[tuple[int, int], Any], row: int, width: int) -> bool:
    """Return whether a row of merged cells has more than one of them: a title is one cell over all columns."""
    return len({str(value) for (at, _), value in spread.items() if at == row and not is_blank(value)}) > 1


def _in_first_rows_only(cells: Sequence[Any], begins: Sequence[bool]) -> bool:
    some = any(not is_blank(cell) for cell, begun in zip(cells, begins, strict=True) if begun)
    return some and all(is_blank(cell) for cell, begun in zip(cells, begins, strict=True) if not begun)


def _position(name: str, names: Sequence[str]) -> int:
    for at, each in enumerate(names):
        if folded(each) == folded(name):
            return at
    like = nearest(name, names)
    raise SpecError(f"the list has no column {name!r}" + (f"; is it {like!r}?" if like else f", only {list(names)}"))
