"""Score sheets: a table of items, conditions and points by region becomes a rule, and with it a standard by points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import frozen

from mdpoverty import scorers as s
from mdpoverty.doors import doors
from mdpoverty.errors import BadTable, MdpovertyError, StandardError
from mdpoverty.law.program import reads
from mdpoverty.numbers import Level, Number, number
from mdpoverty.rules.conditions import condition
from mdpoverty.rules.nodes import household_rule
from mdpoverty.standard import Citation, Code, Field, Label, Standard

__all__ = ["ScoreRow", "ScoreSheet", "condition"]

REGION = "region"
"""The answer that says which column of points applies."""


@frozen
class ScoreRow:
    """One line of a sheet: what it is about, when it holds, and its points in each region."""

    item: str
    rule: s.Rule
    points: tuple[tuple[str, Number], ...]


@doors
@frozen
class ScoreSheet:
    """A table of points. The sum over the lines that hold is a household's points A.

    Attributes
    ----------
    rows : tuple of ScoreRow
        The lines.
    """

    rows: tuple[ScoreRow, ...]

    @classmethod
    def from_frame(
        cls,
        frame: Any,
        *,
        item: str = "item",
        condition: str = "condition",
        regions: Sequence[str] | None = None,
    ) -> ScoreSheet:
        """Read a sheet from a table with one line for each item.

        Parameters
        ----------
        frame : dataframe, dict of columns, or list of dicts
            The table.
        item, condition : str
            The columns that say what the line is about, and when it holds: text as :func:`condition` reads it, or a
            rule.
        regions : list of str, optional
            The columns of points; by default all others. One alone holds everywhere; of several, the answer
            ``region`` picks one, by the column's name.

        Raises
        ------
        BadTable
            If columns are missing or there is no line.
        StandardError
            With every line that can't be read.

        Examples
        --------
        >>> sheet = ScoreSheet.from_frame({
        ...     "item": ["alone", "fridge"],
        ...     "condition": ["household_size == 1", "refrigerator"],
        ...     "delta": [75, 10],
        ...     "urban": [80, 5],
        ... })
        >>> answers = {"household_size": [1, 1], "refrigerator": [True, False], "region": ["urban", "delta"]}
        >>> (sheet.points <= 80).score(answers).tolist()
        [0, 2]
        """
        lines = _lines(frame)
        if not lines:
            raise BadTable("a score sheet needs at least one line")
        columns = list(regions) if regions is not None else [name for name in lines[0] if name not in (item, condition)]
        absent = [name for name in (item, condition, *columns) if name not in lines[0]]
        if absent or not columns:
            raise BadTable(
                f"a score sheet needs the columns {item!r}, {condition!r} and at least one of points"
                + (f"; there is no {', '.join(map(repr, absent))}" if absent else "")
            )
        rows, wrong = [], []
        for position, line in enumerate(lines, start=1):
            try:
                rows.append(_row(line, item, condition, columns))
            except MdpovertyError as error:
                wrong.append(f"  - line {position} ({line[item]}): {error.message}")
        if wrong:
            raise StandardError("the score sheet can't be read:\n" + "\n".join(wrong))
        return cls(tuple(rows))

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions that have points of their own; one where the points hold everywhere."""
        return tuple(name for name, _ in self.rows[0].points)

    @property
    def points(self) -> s.Value:
        """The sum of the points of the lines that hold, to be compared."""
        if len(self.regions) == 1:
            return s.points(*((row.rule, row.points[0][1]) for row in self.rows))
        return s.points(*((row.rule, s.threshold(dict(row.points), by=REGION)) for row in self.rows))

    def standard(self, *, id: str, citation: Citation, fields: Iterable[Field] = ()) -> Standard:
        """Return Decree 07/2021's standard with points A by this sheet and points B by the twelve indicators.

        Parameters
        ----------
        id, citation
            Its name, and where the sheet stands.
        fields : iterable of Field
            The answers that the sheet reads besides those of ``vn-2022``. Flags and numbers that aren't described are
            taken by their names; answers with codes must be described.

        Raises
        ------
        StandardError
            If answers with codes aren't described, or the parts don't fit.
        """
        from mdpoverty.standards import vn_2022, vn_2022_scores

        known = {field.id: field for field in (*vn_2022.STANDARD.fields.values(), *fields)}
        within = self.points <= s.threshold("points_a")
        needed = reads(within.at("household"))
        for (level, name), kind in needed.items():
            if name not in known:
                known[name] = self._described(name, level, kind)
        counted = s.threshold("points_per_indicator") * s.deprivations()
        lines = [each for each in vn_2022.THRESHOLDS if each.id not in ("income", "average_living", "cutoff")]
        scores = vn_2022_scores.STANDARD
        return Standard(
            id=id,
            title=Label(f"{scores.title.vi}: {id}", f"{scores.title.en}: {id}"),
            citation=citation,
            in_force=scores.in_force,
            until=scores.until,
            fields=known,
            thresholds=(*vn_2022_scores.THRESHOLDS, *lines),
            dimensions=vn_2022.DIMENSIONS,
            indicators=vn_2022.INDICATORS,
            categories=vn_2022_scores.classes(within, counted >= s.threshold("points_b")),
            gaps=tuple(gap for gap in scores.gaps if gap.id != "score_sheet"),
            readings=vn_2022.STANDARD.readings,
        )

    def _described(self, name: str, level: Level, kind: Any) -> Field:
        if name == REGION:
            codes = tuple(Code(region, Label(region, region)) for region in self.regions)
            label = Label("Vùng", "Region")
            return Field(name, level, "code", label, Label("Hộ ở vùng nào?", "In which region?"), codes=codes)
        if kind == "code":
            raise StandardError(
                f"the score sheet reads codes of {name!r}: describe them with fields=[Field({name!r}, …)]"
            )
        return Field(name, level, "flag" if kind == "flag" else "number", Label(name, name), Label(name, name))


def _lines(frame: Any) -> list[dict[str, Any]]:
    if isinstance(frame, Mapping):
        names = list(frame)
        if not all(hasattr(frame[name], "__len__") for name in names):
            raise BadTable("each column of the score sheet is a list or an array")
        lengths = {len(frame[name]) for name in names}
        if len(lengths) > 1:
            raise BadTable("the columns of the score sheet have different lengths")
        return [dict(zip(names, values, strict=True)) for values in zip(*frame.values(), strict=True)]
    if isinstance(frame, list | tuple):
        if not all(isinstance(line, Mapping) for line in frame):
            raise BadTable("each line of the score sheet is a dict")
        return [dict(line) for line in frame]
    import narwhals as nw

    try:
        rows: list[dict[str, Any]] = nw.from_native(frame, eager_only=True).rows(named=True)
    except TypeError:
        raise BadTable(f"a score sheet is a table, not a {type(frame).__name__}") from None
    return rows


def _row(line: Mapping[str, Any], item: str, where: str, regions: Sequence[str]) -> ScoreRow:
    given = line[where]
    rule = given if isinstance(given, s.Rule) else condition(given)
    worths = tuple((str(name), number(line[name], f"the points of {name!r}")) for name in regions)
    return ScoreRow(str(line[item]), household_rule(rule), worths)
