"""Who lives in each place, and the places of a set of forms: from the reviews, a table of residents and a crosswalk."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from attrs import define, field

from mdpoverty.dynamics.places import Path, paths_of, place_spellings, plain, respelt
from mdpoverty.errors import BadValues, MdpovertyError, Problem
from mdpoverty.law.fields import Label
from mdpoverty.numbers import Number, number
from mdpoverty.reports.discrepancies import Discrepancy
from mdpoverty.tables.columns import Distinct
from mdpoverty.tables.meanings import shown
from mdpoverty.tables.reading import Table, open_table
from mdpoverty.tables.spellings import Spelling
from mdpoverty.ternary import is_missing

__all__ = ["PlaceReader", "read_residents", "spelling_finding"]


@define
class PlaceReader:
    """Reads places from several tables, and notes those that are spelt in two ways.

    Attributes
    ----------
    columns : tuple of str
        The columns that name places, from the top.
    fold : bool
        Whether names that differ only in spelling are one place: by the spelling that came first.
    """

    columns: tuple[str, ...]
    fold: bool
    names: dict[Hashable, str | None] = field(factory=dict)
    met: dict[Path, None] = field(factory=dict)
    written: dict[tuple[int, str], str] = field(factory=dict)
    found: dict[Spelling, None] = field(factory=dict)

    def read(self, columns: Sequence[Distinct], rows: int) -> Distinct:
        """Return each row's place, as a path, from its columns, from the top."""
        for level, column in enumerate(columns):
            for value in column.values:
                if isinstance(value, str):
                    self._note(level, value)
        paths = paths_of(columns, rows)
        if columns:
            self.met.update(dict.fromkeys(paths.values))
        return paths.map(lambda path: respelt(path, self.names)) if self.fold else paths

    def _note(self, level: int, value: str | None) -> None:
        """Note a name that was written otherwise before, though blanks around it and Unicode forms never count."""
        name = plain(value)
        if value is not None and name is not None and self.written.setdefault((level, name), value) != value:
            self.found[Spelling(self.columns[level], self.written[level, name], value, True)] = None

    def findings(self) -> list[Discrepancy]:
        """Return the names that are spelt in two ways."""
        spelt = place_spellings(self.met, self.columns, as_one=self.fold)
        return [spelling_finding(each, 1, (plain(each.one),)) for each in (*self.found, *spelt)]


def spelling_finding(spelling: Spelling, form: int, path: Path = ()) -> Discrepancy:
    """Return two spellings as what doesn't agree in a form."""
    why = Label(spelling.text("vi"), spelling.text("en"))
    return Discrepancy("spelling", form, path, detail=f"{spelling.one!r}, {spelling.other!r}", why=why)


def read_residents(
    totals: Any, places: PlaceReader
) -> tuple[dict[Path, tuple[int, int]], list[Path], list[Discrepancy]]:
    """Read the table of residents; impossible numbers are found and left out.

    Returns
    -------
    (dict, list, list)
        Households and people of each place; all places of the table; what can't be.

    Raises
    ------
    MissingColumns, BadValues
        If columns are missing, a place stands twice, or a cell holds no number.
    """
    table = open_table(totals, "totals")
    table.require(dict.fromkeys((*places.columns, "households", "people"), ()))
    paths = places.read([table.distinct(name) for name in places.columns], len(table)).listed()
    twice = [path for path in dict.fromkeys(paths) if paths.count(path) > 1] if len(set(paths)) < len(paths) else []
    if twice:
        where = ", ".join(places.columns) or "totals"
        first = tuple(" / ".join(name or "?" for name in path) for path in twice[:5])
        raise BadValues([Problem.of("place_twice", where, rows=len(twice), first=first, table="totals")])
    counts = [_counts(table, name) for name in ("households", "people")]
    found: dict[Path, tuple[int, int]] = {}
    wrong: list[Discrepancy] = []
    for path, households, people in zip(paths, *counts, strict=True):
        if isinstance(households, int) and isinstance(people, int) and 0 <= households <= people:
            found[path] = (households, people)
        else:
            wrong.append(Discrepancy("residents", 1, path, "households", "1"))
    return found, paths, wrong


def _counts(table: Table, name: str) -> list[Number | None]:
    """Read a column of numbers, also from text; whether they can be counts is the caller's to see."""
    read: list[Number | None] = []
    bad: list[tuple[int, Any]] = []
    for row, value in enumerate(table.column(name).to_list()):
        try:
            read.append(None if is_missing(value) else number(value.strip() if isinstance(value, str) else value))
        except MdpovertyError:
            bad.append((row, value))
    if bad:
        details = {"got": tuple(dict.fromkeys(shown(value) for _, value in bad))[:3]}
        raise BadValues([table.problem("not_whole", name, np.array([row for row, _ in bad]), details)])
    return read
