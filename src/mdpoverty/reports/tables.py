"""A filled form: rows of places with their numbers, as a DataFrame, and its cells as they are laid out on paper."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import pairwise
from pathlib import Path as FilePath
from typing import Any, Literal

from attrs import evolve, frozen

from mdpoverty.errors import writing
from mdpoverty.law.fields import Label
from mdpoverty.law.law import Law
from mdpoverty.numbers import Language
from mdpoverty.reports.areas import Place
from mdpoverty.reports.columns import UNITS, Form, Ref, Unit, Value
from mdpoverty.reports.counter import Counter
from mdpoverty.reports.discrepancies import Discrepancy
from mdpoverty.ternary import is_missing

__all__ = ["Cell", "Filled", "FilledForms", "Row", "annotate", "fill", "header", "risky", "write_csv"]

HUNDRED = Decimal(100)


@frozen
class Row:
    """One row: a place, what is counted, and the numbers by column; ``None`` is blank.

    A form with rows of classes has a row without unit and numbers for the place's name.
    """

    place: Place
    unit: Unit | None
    values: Mapping[str, Value]

    def name(self, form: Form, lang: Language) -> str:
        """Return what stands in the column of places."""
        return UNITS[self.unit].in_(lang) if form.by_class and self.unit else self.place.name(lang)


@frozen
class Filled:
    """A form with its rows.

    Attributes
    ----------
    form : Form
        Which one.
    rows : tuple of Row
        For each place one row, or one for households and one for people, or its name and one for each class.
    notes : tuple of Label
        What a reader must know: how many households are open, which columns are blank and why.
    """

    form: Form
    rows: tuple[Row, ...]
    notes: tuple[Label, ...] = ()

    def row(self, place: int, unit: Unit) -> Row:
        """Return a row by the position of its place and by what it counts."""
        return self.rows[place * self.form.height + self.form.by_class + self.form.units.index(unit)]

    def to_frame(self, lang: Language = "vi", heading: Literal["full", "numbers"] = "full") -> Any:
        """Return it as a pandas DataFrame.

        Counts are ``Int64`` and rates ``Float64``; a blank cell is null. The columns are the headings, as levels, with
        the printed number as the last level; or only ``tt``, ``area``, ``unit`` and the numbers.
        """
        import pandas as pd

        stubs = self.form.stubs(lang)
        data: dict[Any, Any] = {
            "tt": ["" if self.form.by_class and row.unit else row.place.number for row in self.rows],
            "area": [row.name(self.form, lang) for row in self.rows],
            "unit": [UNITS[row.unit].in_(lang) if row.unit else "" for row in self.rows],
        }
        filled: dict[str, Any] = {id: pd.Series(data[id], dtype=object) for id, _ in stubs}
        for column in self.form.columns:
            values = [row.values[column.id] for row in self.rows]
            # Rates are exact until here: the nearest float prints as the same two decimals.
            plain = [None if value is None else float(value) if column.rate else int(value) for value in values]
            filled[column.id] = pd.array(plain, dtype="Float64" if column.rate else "Int64")
        frame = pd.DataFrame(filled)
        if heading == "full":
            frame.columns = pd.MultiIndex.from_tuples(_levels(self.form, lang))
        frame.attrs = {"form": self.form.number, "title": self.form.title.in_(lang)}
        frame.attrs["notes"] = [note.in_(lang) for note in self.notes]
        frame.attrs |= {"official": self.form.official, "confirmed": self.form.confirmed, "layout": self.form.layout}
        return frame


@frozen(eq=False)
class FilledForms:
    """Forms that were filled together.

    Attributes
    ----------
    standard : Law
        By which the households were classified.
    filled : mapping of int to Filled
        The forms, by number.
    """

    standard: Law
    filled: Mapping[int, Filled]


def _levels(form: Form, lang: Language) -> list[tuple[str, ...]]:
    depth = form.depth()
    levels = [(head, *[""] * (depth - 1), "") for _, head in form.stubs(lang)]
    for column in form.columns:
        names = [label.in_(lang) for label in column.heading]
        levels.append((*names, *[""] * (depth - len(names)), column.number(form.ids)))
    return levels


@frozen
class Cell:
    """A cell of the heading: where it begins, how far it reaches, and its text."""

    row: int
    column: int
    rows: int
    columns: int
    text: str


def header(form: Form, lang: Language) -> list[Cell]:
    """Return the heading's cells, equal neighbours merged, with the row of printed numbers below."""
    depth = form.depth()
    stubs = form.stubs(lang)
    cells = [Cell(0, at, depth, 1, head) for at, (_, head) in enumerate(stubs)]
    headings = [column.heading for column in form.columns]
    for at, (before, heading) in enumerate(pairwise([(), *headings])):
        for level, label in enumerate(heading[:-1]):
            above = heading[: level + 1]
            if above != before[: level + 1]:
                after = (place for place, other in enumerate(headings[at:]) if other[: level + 1] != above)
                wide = next(after, len(headings) - at)
                cells.append(Cell(level, len(stubs) + at, 1, wide, label.in_(lang)))
        level = len(heading) - 1
        cells.append(Cell(level, len(stubs) + at, depth - level, 1, heading[-1].in_(lang)))
    cells += [Cell(depth, at, 1, 1, "") for at in range(len(stubs))]
    cells += [Cell(depth, at, 1, 1, column.number(form.ids)) for at, column in enumerate(form.columns, len(stubs))]
    return cells


def fill(form: Form, counter: Counter, others: Mapping[int, Filled]) -> tuple[Filled, list[Discrepancy]]:
    """Fill a form from a counter; return it with the rates that can't be.

    Parameters
    ----------
    form : Form
        The form.
    counter : Counter
        What counts.
    others : mapping
        Forms that are filled already, for formulas that speak of them.
    """
    areas = counter.areas
    counted: dict[tuple[str, Unit], list[int | None]] = {}
    blank: list[int | None] = [None] * areas.leaves
    for column in form.columns:
        if column.source:
            for unit in form.units if form.by_class else ():
                counted[column.id, unit] = areas.up((counter.count(f"{unit}&{column.source}") or (blank, blank))[0])
            if not form.by_class:
                households, people = counter.count(column.source) or (blank, blank)
                counted[column.id, "households"] = areas.up(households)
                counted[column.id, "people"] = areas.up(people)
    rows: list[Row] = []
    found: list[Discrepancy] = []
    nothing: dict[str, Value] = dict.fromkeys(form.ids)
    for at, place in enumerate(areas.places):
        if form.by_class:
            rows.append(Row(place, None, nothing))
        for unit in form.units:
            values: dict[str, Value] = {
                column.id: counted[column.id, column.unit or unit][at] if column.source else None
                for column in form.columns
            }
            get = _getter(values, others, at, unit)
            found += _compute(form, values, get, place, unit)
            rows.append(Row(place, unit, values))
    return Filled(form, tuple(rows)), found


def _getter(values: Mapping[str, Value], others: Mapping[int, Filled], at: int, unit: Unit) -> Callable[[Ref], Value]:
    def get(ref: Ref) -> Value:
        if ref.form is None:
            return values[ref.column]
        return others[ref.form].row(at, unit).values[ref.column]

    return get


def _compute(
    form: Form, values: dict[str, Value], get: Callable[[Ref], Value], place: Place, unit: Unit
) -> list[Discrepancy]:
    """Put in what formulas give; a rate over 100 % is left blank and found."""
    found = []
    for column in form.columns:
        if column.formula is None:
            continue
        value = column.formula.within(form.ids).value(get)
        if column.rate and isinstance(value, Decimal) and value > HUNDRED:
            found.append(Discrepancy("rate_over_100", form.number, place.path, unit, column.id, value, HUNDRED))
            value = None
        values[column.id] = value
    return found


def annotate(filled: Filled, notes: list[Label]) -> Filled:
    """Return a form with more notes."""
    return evolve(filled, notes=(*filled.notes, *notes))


# ---------------------------------------------------------------------------------------- text that a spreadsheet opens


def risky(text: str) -> bool:
    """Return whether a spreadsheet that reads the text anew would take it for a formula or a command.

    >>> [risky(text) for text in ("=1+1", "-2", "−2", "@cmd", "＝1+1", "Xã Ví Dụ")]
    [True, True, True, True, True, False]
    """
    if text[:1].isascii() and text[:1].isalnum():  # as nearly all begin
        return False
    # Blanks of any kind and marks of no width may be gone in the next program, and full-width signs be made plain.
    plain = unicodedata.normalize("NFKC", text)
    kinds = [unicodedata.category(letter) for letter in plain]
    begins = next((at for at, kind in enumerate(kinds) if kind[0] not in "ZC"), len(plain))
    return "Cc" in kinds[:begins] or plain.startswith(("=", "+", "-", "−", "@", "|", "%"), begins)


def write_csv(frame: Any, path: FilePath, *, bom: bool, vietnamese: bool) -> FilePath:
    """Write a form with its headings, one line for each level, and return the file.

    Parameters
    ----------
    frame : pandas.DataFrame
        The form.
    path : pathlib.Path
        Where to.
    bom : bool
        Whether a byte order mark stands in front, which tells Excel that it is UTF-8.
    vietnamese : bool
        Whether numbers have decimal commas and semicolons stand between the cells, as a Vietnamese Excel reads them.
    """
    heads = [frame.columns.get_level_values(level).tolist() for level in range(frame.columns.nlevels)]
    rows = [*heads, *frame.itertuples(index=False, name=None)]
    lines = [["" if is_missing(value) else _written(value, vietnamese) for value in row] for row in rows]
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8-sig" if bom else "utf-8", newline="") as file:
            csv.writer(file, delimiter=";" if vietnamese else ",").writerows(lines)
    return path


def _written(value: Any, vietnamese: bool) -> str:
    if isinstance(value, str):
        return _harmless(value)
    text = f"{value:.2f}" if isinstance(value, float) else str(value)
    return text.replace(".", ",") if vietnamese else text


def _harmless(text: str) -> str:
    return f"'{text}" if risky(text) else text
