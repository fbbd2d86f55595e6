"""Measures as a line of code and a notebook show them: the main figures by group, and the others folded away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from attrs import frozen

from mdpoverty.faces import Html, face, folded, paragraph, table
from mdpoverty.measures.estimates import Estimates
from mdpoverty.numbers import share_printed
from mdpoverty.words.tables import FIGURES, figure_printed

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Shown"]

MAIN = ("H", "A", "M0")
#: How many groups are printed, and how many columns of groups a face has.
LINES, COLUMNS = 4, 8


@frozen(eq=False)
class Shown:
    """What is shown of measures: their table, group by group."""

    estimates: Estimates
    frame: pd.DataFrame

    @property
    def _groups(self) -> list[tuple[Any, ...]]:
        tally = self.estimates.tally
        return list(zip(*tally.group_labels().values(), strict=True)) or [()] * len(tally.groups)

    def _rows(self) -> Iterator[tuple[tuple[Any, ...], Fraction, dict[str, str]]]:
        """Yield each group and cut-off with its main figures as they are printed."""
        frame, groups = self.frame, self._groups
        width = len(frame) // max(len(groups), 1)
        main = frame["measure"].isin(MAIN).to_numpy()
        for g, group in enumerate(groups):
            rows = slice(g * width, (g + 1) * width)
            block = frame.iloc[rows][main[rows]]
            for k in self.estimates.ks:
                its = block[block["k"] == float(k)]
                yield group, k, {row["measure"]: _cell(row) for row in _records(its)}

    def lines(self) -> str:
        """Return the main figures of the first groups, a line each."""
        found, tally = self.estimates, self.estimates.tally
        by = f" by {', '.join(tally.by)}" if tally.by else ""
        lines = [f"Measures of {found.of}{by}, k = {', '.join(map(str, found.ks))}: {tally.n:,} rows"]
        rows = list(self._rows())
        for group, k, cells in rows[:LINES]:
            name = ", ".join([*map(str, group), *([f"k = {k}"] if len(found.ks) > 1 else [])])
            lines.append(f"  {name}{': ' * bool(name)}" + ", ".join(f"{id} {cell}" for id, cell in cells.items()))
        if len(rows) > LINES:
            lines.append(f"  … and {len(rows) - LINES:,} more rows")
        return "\n".join(lines)

    def face(self, dropped: int) -> str:
        """Return the HTML face; ``dropped`` rows are left out of the figures."""
        found, tally = self.estimates, self.estimates.tally
        several = len(found.ks) > 1
        heads = [*(tally.names.column(name, "en") for name in tally.by), *(["k"] if several else [])]
        body = [
            [*self._called(group), *([share_printed(k, "en")] if several else []), *cells.values()]
            for group, k, cells in self._rows()
        ]
        figures = [FIGURES[name].en for name in MAIN]
        said = [f"{tally.n:,} rows" + (f", of which {dropped:,} left out: unknown indicators" if dropped else "")]
        if self.frame["ci_low"].notna().any():
            said.append("[95% interval]")
        return face(
            f"Measures of {found.of}, k = {', '.join(share_printed(k, 'en') for k in found.ks)}",
            paragraph(" ".join(said)),
            table([*heads, *figures], body, range(len(heads), len(heads) + len(figures))),
            *self._folded(),
        )

    def _called(self, group: tuple[Any, ...]) -> list[str]:
        tally = self.estimates.tally
        return [tally.names.group(name, value, "en") for name, value in zip(tally.by, group, strict=True)]

    def _folded(self) -> Iterator[Html]:
        """Yield the figures of indicators, dimensions and classes: a table of each, with a column for each group."""
        names, groups = self.estimates.tally.names, [", ".join(self._called(group)) for group in self._groups]
        frame = self.frame[self.frame["k"].isna() | (self.frame["k"] == float(self.estimates.ks[0]))]
        width = len(frame) // max(len(groups), 1)
        first, shown = frame.iloc[:width], range(min(len(groups), COLUMNS))
        cells = [[_cell(row) for row in _records(frame.iloc[g * width : (g + 1) * width])] for g in shown]
        more = len(groups) - len(shown)
        for measure in dict.fromkeys(first.loc[first["indicator"].notna(), "measure"]):
            rows = [
                [names.part(measure, id, "en"), *(column[i] for column in cells)]
                for i, (each, id) in enumerate(zip(first["measure"], first["indicator"], strict=True))
                if each == measure
            ]
            heads = ["", *(groups[g] for g in shown)]
            rest = paragraph(f"… and {more:,} more groups" if more else "", quiet=True)
            yield folded(FIGURES[measure].en, table(heads, rows, range(1, len(heads))), rest)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _cell(row: Mapping[str, Any]) -> str:
    """Write a figure as it is printed, with its bounds or its interval where it has one."""

    def written(name: str) -> str:
        return figure_printed(row["measure"], row[name], "en")

    if "low" in row and row["low"] != row["high"]:
        return f"{written('low')}–{written('high')}"
    limits = f" [{written('ci_low')}–{written('ci_high')}]" if row["ci_low"] == row["ci_low"] else ""
    return f"{written('estimate')}{limits}"
