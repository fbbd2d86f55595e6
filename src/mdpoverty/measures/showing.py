"""Measures as a line of code and a notebook show them: the main figures by group, and the others folded away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from attrs import frozen

from mdpoverty.faces import Face, Html
from mdpoverty.law.fields import Label
from mdpoverty.measures.estimates import Estimates
from mdpoverty.numbers import Language, share_printed
from mdpoverty.words.tables import FIGURES, figure_printed, level_told

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Shown"]

MAIN = ("H", "A", "M0")
_TITLE = Label("Thước đo nghèo theo {}, k = {}", "Measures of {}, k = {}")
_OF = {
    "people": Label("người", "people"),
    "households": Label("hộ", "households"),
    "rows": Label("dòng", "rows"),
}
#: How many groups are printed, and how many columns of groups a face has.
LINES, COLUMNS = 4, 8


@frozen(eq=False)
class Shown:
    """What is shown of measures: their table, group by group."""

    estimates: Estimates
    frame: pd.DataFrame
    lang: Language = "en"
    level: float = 0.95

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
                yield group, k, {row["measure"]: _cell(row, self.lang) for row in _records(its)}

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

    def page(self, face: Face, dropped: int) -> Html:
        """Return the HTML face; ``dropped`` rows are left out of the figures."""
        found, tally, lang = self.estimates, self.estimates.tally, self.lang
        several = len(found.ks) > 1
        heads = [*(tally.names.column(name, lang) for name in tally.by), *(["k"] if several else [])]
        body = [
            [*self._called(group), *([share_printed(k, lang)] if several else []), *cells.values()]
            for group, k, cells in self._rows()
        ]
        said = [face.say(Label("{} dòng", "{} rows"), tally.n)]
        if dropped:
            unknown = Label(", trong đó bỏ ra {} dòng chưa rõ chỉ số", ", of which {} left out: unknown indicators")
            said.append(face.say(unknown, dropped))
        if self.frame["ci_low"].notna().any():
            said.append(level_told(face.say(Label(" [khoảng tin cậy 95 %]", " [95% interval]")), self.level))
        cut_offs = ", ".join(share_printed(k, lang) for k in found.ks)
        return face.page(
            face.say(_TITLE, face.say(_OF[found.of]), cut_offs),
            face.paragraph("".join(said)),
            face.table([*heads, *(FIGURES[name] for name in MAIN)], body, range(len(heads), len(heads) + len(MAIN))),
            *self._folded(face),
        )

    def _called(self, group: tuple[Any, ...]) -> list[str]:
        tally = self.estimates.tally
        return [tally.names.group(name, value, self.lang) for name, value in zip(tally.by, group, strict=True)]

    def _folded(self, face: Face) -> Iterator[Html]:
        """Yield the figures of indicators, dimensions and classes: a table of each, with a column for each group."""
        names, groups = self.estimates.tally.names, [", ".join(self._called(group)) for group in self._groups]
        frame = self.frame[self.frame["k"].isna() | (self.frame["k"] == float(self.estimates.ks[0]))]
        width = len(frame) // max(len(groups), 1)
        first, shown = frame.iloc[:width], range(min(len(groups), COLUMNS))
        cells = [[_cell(row, self.lang) for row in _records(frame.iloc[g * width : (g + 1) * width])] for g in shown]
        more = len(groups) - len(shown)
        for measure in dict.fromkeys(first.loc[first["indicator"].notna(), "measure"]):
            rows = [
                [names.part(measure, id, self.lang), *(column[i] for column in cells)]
                for i, (each, id) in enumerate(zip(first["measure"], first["indicator"], strict=True))
                if each == measure
            ]
            heads = ["", *(groups[g] for g in shown)]
            said = face.say(Label("… và {} nhóm nữa", "… and {} more groups"), more) if more else ""
            rest = face.paragraph(said, quiet=True)
            yield face.folded(FIGURES[measure], face.table(heads, rows, range(1, len(heads))), rest)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _cell(row: Mapping[str, Any], lang: Language) -> str:
    """Write a figure as it is printed, with its bounds or its interval where it has one."""

    def written(name: str) -> str:
        return figure_printed(row["measure"], row[name], lang)

    if "low" in row and row["low"] != row["high"]:
        return f"{written('low')}–{written('high')}"
    limits = f" [{written('ci_low')}–{written('ci_high')}]" if row["ci_low"] == row["ci_low"] else ""
    return f"{written('estimate')}{limits}"
