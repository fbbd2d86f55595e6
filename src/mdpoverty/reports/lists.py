"""The lists 14 and 15: near-poor and poor households, one row for each of their members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mdpoverty.dynamics.places import Path, plain
from mdpoverty.law.fields import Label
from mdpoverty.numbers import Language
from mdpoverty.reports.counter import Counter, flags
from mdpoverty.reports.tables import Cell

__all__ = ["LISTS", "SUPPORT", "TEXTS", "begins", "household_list", "list_header"]

LISTS: Mapping[int, tuple[str, Label]] = {
    14: ("near_poor", Label("Danh sách chi tiết hộ cận nghèo", "Detailed list of near-poor households")),
    15: ("poor", Label("Danh sách chi tiết hộ nghèo", "Detailed list of poor households")),
}

SUPPORT: Mapping[str, Label] = {
    "support_health": Label("Y tế", "Health"),
    "support_education": Label("Giáo dục", "Education"),
    "support_production": Label("Sản xuất", "Production"),
    "support_credit": Label("Tín dụng", "Credit"),
    "support_housing": Label("Nhà ở", "Housing"),
    "support_other": Label("Khác", "Other"),
}

_OLD = Label("Hộ cũ", "Was listed")
_NEW = Label("Phát sinh mới", "New")
_AGAIN = {
    "poor": Label("Tái nghèo", "Fell back"),
    "near_poor": Label("Tái cận nghèo", "Fell back to near-poor"),
}
_HEADS: Mapping[str, Label] = {
    "tt": Label("TT", "No."),
    "area": Label("Địa bàn", "Area"),
    "household": Label("Mã hộ", "Household"),
    "name": Label("Họ và tên", "Name"),
    "age": Label("Tuổi", "Age"),
    "sex": Label("Giới tính", "Sex"),
    "size": Label("Số nhân khẩu", "Size"),
    "deprivations": Label("Số chỉ số thiếu hụt", "Deprivations"),
}
TEXTS = range(1, 4)  # the columns of names, which are longer than others
_NO_REVIEW = Label(
    "Chưa có kết quả rà soát kỳ trước: các cột diện hộ để trống.",
    "There is no review before: whether a household was listed, is new or fell back is left blank.",
)
_NO_SUPPORT = Label(
    "Chưa có thông tin về nhu cầu hỗ trợ: các cột tương ứng để trống.",
    "The support that households need isn't known: these columns are blank.",
)
_SEXES = {"female": Label("Nữ", "Female"), "male": Label("Nam", "Male")}
_STATUS, _NEEDS = Label("Diện hộ", "Status"), Label("Nhu cầu hỗ trợ", "Support needed")


def household_list(number: int, counter: Counter, lang: Language) -> Any:
    """Return one of the lists as a DataFrame with two levels of headings.

    One row for each member; the household's own cells stand in the row of its first. A household without member rows
    has one row. A place is written from its lowest level up, without the levels above that all places share. Was it
    listed, is it new, did it fall back is known only where there is a review before (and a history); the support
    needed, where the households have columns ``support_health`` … ``support_other``.
    """
    import pandas as pd

    category, title = LISTS[number]
    a, side = counter.assessment, counter.side
    chosen = np.flatnonzero(counter.of_class(category))
    of_home: dict[int, list[int]] = {int(home): [] for home in chosen}
    rows = np.flatnonzero(counter.of_class(category)[a.member_rows])
    for row, home in zip(rows.tolist(), a.member_rows[rows].tolist(), strict=True):
        of_home[home].append(row)
    leaves = _places(counter.areas.paths)
    homes = sorted(of_home, key=lambda home: (counter.at[home], home))
    whose = [(n, home, row) for n, home in enumerate(homes, 1) for row in (of_home[home] or [-1])]
    first = [row == (of_home[home] or [-1])[0] for _, home, row in whose]

    def once(values: Any) -> list[Any]:
        return [value if shown else None for value, shown in zip(values, first, strict=True)]

    _, known = a.sizes
    counted = a.deprivations.tolist()
    data: dict[str, list[Any]] = {
        "tt": once(n for n, _, _ in whose),
        "area": once(leaves[int(counter.at[home])] for _, home, _ in whose),
        "household": once(side.matched.take(np.array([home for _, home, _ in whose], np.int64)).listed()),
        "name": _members(counter, "name", whose),
        "age": _members(counter, "age", whose),
        "sex": [_SEXES[sex].in_(lang) if sex in _SEXES else None for sex in _members(counter, "sex", whose)],
        "size": once(int(side.sizes[home]) if known[home] else None for _, home, _ in whose),
        "deprivations": once(counted[home] for _, home, _ in whose),
    }
    frame: dict[tuple[str, str], Any] = {(_HEADS[id].in_(lang), ""): values for id, values in data.items()}
    status = _status(counter, category, [home for _, home, _ in whose])
    for label, marks in zip((_OLD, _NEW, _AGAIN[category]), status, strict=True):
        frame[_STATUS.in_(lang), label.in_(lang)] = once("x" if mark else None for mark in marks)
    asked = [column for column in SUPPORT if counter.has(column)]
    for column, label in SUPPORT.items():
        wanted = np.zeros(len(side), bool)
        if counter.has(column):
            wanted, _ = flags(counter.column(column), column, side.matched)
        frame[_NEEDS.in_(lang), label.in_(lang)] = once("x" if wanted[home] else None for _, home, _ in whose)
    made = pd.DataFrame({key: pd.Series(values, dtype=object) for key, values in frame.items()})
    made.columns = pd.MultiIndex.from_tuples(list(frame))
    notes = [_NO_REVIEW] * (counter.flows is None) + [_NO_SUPPORT] * (not asked)
    made.attrs = {"form": number, "title": title.in_(lang), "notes": [note.in_(lang) for note in notes]}
    return made


def _places(paths: list[Path]) -> list[str]:
    """Name places from the lowest level up, leaving out the levels above that all of them share."""
    levels = len(paths[0])
    above = next((level for level in range(levels) if len({path[: level + 1] for path in paths}) > 1), levels - 1)
    return [", ".join(name or "?" for name in reversed(path[max(above, 0) :])) for path in paths]


def list_header(frame: Any) -> list[Cell]:
    """Return the heading's cells of a list, with the row of its columns' numbers below."""
    columns = [tuple(name) for name in frame.columns]
    cells = []
    for at, (upper, lower) in enumerate(columns):
        if not lower:
            cells.append(Cell(0, at, 2, 1, upper))
            continue
        cells.append(Cell(1, at, 1, 1, lower))
        if at == 0 or columns[at - 1][0] != upper:
            cells.append(Cell(0, at, 1, sum(name[0] == upper for name in columns), upper))
    return [*cells, *(Cell(2, at, 1, 1, str(at + 1)) for at in range(len(columns)))]


def begins(frame: Any) -> list[int]:
    """Return the rows of a list in which a household begins."""
    return [row for row, number in enumerate(frame.iloc[:, 0].tolist()) if number is not None]


def _members(counter: Counter, name: str, whose: list[tuple[int, int, int]]) -> list[Any]:
    values = counter.member_column(name)
    if values is None:
        return [None] * len(whose)
    read = values.take(np.array([row for *_, row in whose], np.int64)).listed()
    return [plain(value) if isinstance(value, str) else value for value in read]


def _status(counter: Counter, category: str, homes: list[int]) -> tuple[list[bool], list[bool], list[bool]]:
    """Return whether each household was listed before, is new, fell back; nothing where no review before is known."""
    if counter.flows is None:
        nothing = [False] * len(homes)
        return nothing, nothing, nothing
    row_of = np.full(len(counter.side) + 1, -1)  # the last is for who isn't in this review
    row_of[counter.flows.rows_after] = np.arange(len(counter.flows))
    was = counter.flows.table["movement"].iloc[row_of[np.array(homes, np.int64)]].tolist()
    old = [movement in ("stays_poor", "stays_near_poor", "near_poor_to_poor", "poor_to_near_poor") for movement in was]
    new = [movement in ("newly_poor", "newly_near_poor") for movement in was]
    again = [movement in ("fell_back", "fell_back_to_near_poor") for movement in was]
    return old, new, again
