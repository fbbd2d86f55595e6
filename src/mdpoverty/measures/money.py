"""Income poverty of a sample: indices by group, with the errors of the design, and of a line that the sample tells.

Each index has an influence function (``income``); its variance is that of the total of weighted influences over
sampling units, as of any linearised figure (``inference``). With replicate weights all is worked out again under each,
the line included.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from attrs import frozen

from mdpoverty.doors import door
from mdpoverty.errors import BadValues, Problem, SpecError
from mdpoverty.law.fields import Field, Label
from mdpoverty.measures import inference
from mdpoverty.measures.income import (
    Poverty,
    Ranked,
    bandwidth,
    density,
    gini_influence,
    gini_of,
    over_line,
    quintile_ratio,
    quintile_ratio_influence,
)
from mdpoverty.measures.persons import PersonEstimates, PersonMeasures, Persons, groups_named
from mdpoverty.tables.columns import Array, Numbers
from mdpoverty.tables.options import one_name
from mdpoverty.tables.reading import Table, open_table
from mdpoverty.tally import SurveyDesign
from mdpoverty.tally import rows as reading

#: The indices, in the order of the table.
MEASURES = ("FGT0", "FGT1", "FGT2", "watts", "sen", "sst", "gini", "qsr")

INCOME = Field("income", "household", "number", Label("Thu nhập", "Income"), Label("", ""), minimum=0)
LINE = Field("line", "household", "number", Label("Chuẩn nghèo", "Poverty line"), Label("", ""), minimum=0)
_RELATIVE = re.compile(r"(\d+(?:\.\d+)?)\s*%\s*(?:of\s+)?(?:the\s+)?(median|mean|quantile)")


@frozen
class RelativeLine:
    """A line that incomes tell: a share of their median or mean, or a quantile.

    Attributes
    ----------
    share : float
        Of the median or mean; for a quantile the share of people up to it.
    of : {"median", "mean", "quantile"}
    """

    share: float
    of: str

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read ``"60% median"``, ``"50% mean"``, ``"20% quantile"``; None if it isn't one."""
        found = _RELATIVE.fullmatch(text.strip().lower())
        if found is None:
            return None
        share = float(found[1]) / 100
        if not share > 0 or (found[2] == "quantile" and share >= 1):
            raise SpecError(f"line={text!r}: a share of the {found[2]} is above 0 %, and a quantile is below 100 %.")
        return cls(share, found[2])

    @property
    def _quantile(self) -> float:
        return 0.5 if self.of == "median" else self.share

    def value(self, y: Ranked) -> float:
        """Return the line."""
        if self.of == "mean":
            return self.share * y.mean(y.values)
        return (1.0 if self.of == "quantile" else self.share) * y.quantile(self._quantile)

    def influence(self, y: Ranked, width: float) -> Array:
        """Return by how much each person moves the logarithm of the line."""
        if self.of == "mean":
            mean = y.mean(y.values)
            return np.asarray((y.values - mean) / mean)
        at = y.quantile(self._quantile)
        return np.asarray((self._quantile - (y.values <= at)) / (density(y, at, width) * at))


@frozen(eq=False, slots=False)
class IncomeEstimates(PersonEstimates):
    """Indices of every group as arrays, and their errors.

    Attributes
    ----------
    persons : Persons
    income : float array, shape (rows,)
    line : RelativeLine, or float array, shape (rows,)
    """

    income: Array
    line: RelativeLine | Array

    @property
    def names(self) -> tuple[str, ...]:
        """The indices."""
        return MEASURES

    @cached_property
    def everyone(self) -> Ranked:
        """All incomes."""
        return Ranked.of(self.income, self.persons.weight)

    def _line_at(self, line: float, members: Array) -> Array | float:
        return self.line[members] if isinstance(self.line, np.ndarray) else line

    @cached_property
    def lines(self) -> Array:
        """The relative line, in the sample and under each replicate; NaN where lines are given."""
        weight, replicates = self.persons.weight, self.persons.replicates
        columns = [weight] if replicates is None else [weight, *replicates.T]
        if not isinstance(self.line, RelativeLine):
            return np.full(len(columns), math.nan)
        return np.array([self.line.value(self.everyone.weighted(w)) for w in columns])

    @cached_property
    def _ranked(self) -> list[tuple[Ranked, Ranked]]:
        """The incomes of each group, and these over their lines."""
        found = []
        for members in self.persons.members:
            y = Ranked.of(self.income[members], self.persons.weight[members])
            x = Ranked.of(over_line(y.values, self._line_at(float(self.lines[0]), members)), y.weights)
            found.append((y, x))
        return found

    @cached_property
    def estimates(self) -> Array:
        """Shape (groups, measures)."""
        return np.array([_indices(y, Poverty(x)) for y, x in self._ranked])

    @cached_property
    def _width(self) -> float:
        return bandwidth(self.everyone)

    @cached_property
    def line_influence(self) -> Array:
        """By how much each person moves the logarithm of the line, by weight: adds up over sampling units."""
        if not isinstance(self.line, RelativeLine):
            return np.zeros(len(self.income))
        found = self.line.influence(self.everyone, self._width)
        return np.asarray(found * self.persons.weight / self.everyone.total)

    def influence(self, group: int) -> Array:
        """Return the linearised values of a group's indices in each sampling unit, shape (units, measures)."""
        persons, (y, x), members = self.persons, self._ranked[group], self.persons.members[group]
        out = np.zeros((persons.frame.units, len(MEASURES)))
        relative, line = isinstance(self.line, RelativeLine), float(self.lines[0])
        # of incomes over the line, at 1
        at_line = line * density(y, line, self._width) if relative and len(members) else 0.0
        with np.errstate(invalid="ignore"):
            for f, (influence, slope) in enumerate(_influences(y, Poverty(x), at_line)):
                linear = np.where(y.weights > 0, influence * y.weights, 0.0) / y.total
                out[:, f] = persons.to_units(linear, members)
                if relative:
                    out[:, f] += slope * self._line_by_unit
        return out

    @cached_property
    def _line_by_unit(self) -> Array:
        return self.persons.to_units(self.line_influence)

    @cached_property
    def replicated(self) -> Array:
        """Every index of every group under each replicate, shape (replicates, groups, measures)."""
        replicates = self.persons.replicates
        assert replicates is not None
        out = np.empty((replicates.shape[1], *self.estimates.shape))
        for r, weights in enumerate(replicates.T):
            for g, (members, (y, x)) in enumerate(zip(self.persons.members, self._ranked, strict=True)):
                w = weights[members]
                under = x.weighted(w)
                if isinstance(self.line, RelativeLine):
                    under = Ranked(over_line(y.values, self.lines[r + 1]), w, y.order)
                out[r, g] = _indices(y.weighted(w), Poverty(under))
        return out

    @cached_property
    def line_error(self) -> float:
        """The standard error of a relative line."""
        design = self.tally.design
        if design is None or not isinstance(self.line, RelativeLine):
            return math.nan
        if design.replicates:
            found = inference.replicate_deviations(design, self.lines[:1], self.lines[1:, None])
            return math.sqrt(float((found**2).sum()))
        by_unit = self._line_by_unit
        return float(self.lines[0]) * math.sqrt(
            max(float(self.persons.frame.cross_product(by_unit[:, None])[0, 0]), 0.0)
        )


def _indices(y: Ranked, found: Poverty) -> list[float]:
    """Return all indices of some people, in the order of ``MEASURES``."""
    if not y.total > 0:
        return [math.nan] * len(MEASURES)
    fgt = [found.fgt(alpha) for alpha in (0, 1, 2)]
    return [*fgt, found.watts(), found.sen(), found.sst(), gini_of(y), quintile_ratio(y)]


def _influences(y: Ranked, found: Poverty, at_line: float) -> list[tuple[Array, float]]:
    """Return the influence of each person on each index, and how that moves with the logarithm of the line."""
    if not y.total > 0:
        return [(np.full(len(y.values), np.nan), math.nan)] * len(MEASURES)
    fgt = [found.fgt_influence(alpha, at_line) for alpha in (0, 1, 2)]
    others = [found.watts_influence(at_line), found.sen_influence(at_line), found.sst_influence(at_line)]
    return [*fgt, *others, (gini_influence(y), 0.0), (quintile_ratio_influence(y), 0.0)]


@frozen(eq=False, repr=False, slots=False)
class IncomePoverty(PersonMeasures):
    """Income poverty of groups of people, with errors; made by :func:`~mdpoverty.measures.income_poverty`.

    The measures of ``table``: ``FGT0`` (share at or below the line), ``FGT1`` (mean gap), ``FGT2`` (mean squared gap),
    ``watts``, ``sen``, ``sst`` (Sen–Shorrocks–Thon), ``gini`` and ``qsr`` (quintile share ratio S80/S20).

    Attributes
    ----------
    estimates : IncomeEstimates
        The same as arrays, for those who extend the library.
    level : float
        The level of confidence intervals.
    """

    estimates: IncomeEstimates
    level: float = 0.95
    what: ClassVar[str] = "Income poverty"
    shares: ClassVar[frozenset[str]] = frozenset(MEASURES) - {"watts", "qsr"}

    @property
    def line(self) -> dict[str, float]:
        """A relative line: its ``estimate`` and ``se``; NaN where lines were given."""
        return {"estimate": float(self.estimates.lines[0]), "se": self.estimates.line_error}


@door
def income_poverty(
    frame: Any,
    *,
    income: str,
    line: float | str,
    by: str | Sequence[str] = (),
    weight: str | None = None,
    size: str | None = None,
    design: SurveyDesign | None = None,
    missing: str | None = None,
    level: float = 0.95,
) -> IncomePoverty:
    """Measure income poverty and inequality by group, with design-based errors.

    Parameters
    ----------
    frame : dataframe of any kind, or mapping of name to array
        A row per person or household. Not changed.
    income : str
        Column of the income of each: zero or more.
    line : float or str
        The poverty line: a number; a column of numbers above zero (which may differ by area or year); or one that the
        incomes tell, ``"60% median"``, ``"50% mean"`` or ``"20% quantile"``. Such a line is that of everyone, in all
        groups, and its own variance counts.
    by : str or sequence of str
        Group columns; several are crossed.
    weight : str, optional
        Column: how many units of the population a row stands for.
    size : str, optional
        Column: persons in the household, where rows are households. Figures are then of people.
    design : SurveyDesign, optional
        How the rows were sampled. Without it there are no standard errors.
    missing : {"drop"}, optional
        Leave rows without an income out of the figures (not of the design); needed if there are any.
    level : float
        The level of confidence intervals.

    Returns
    -------
    IncomePoverty
        With :attr:`~mdpoverty.measures.IncomePoverty.table`.

    Raises
    ------
    MissingColumns, BadValues
        All problems of the table at once.
    SpecError
        Options that can't be meant.

    Notes
    -----
    Conventions. Poor is at or below the line. A quantile is the least income that at least that share of people don't
    exceed. Ranks are in the middle of ties, with no correction for the size of the sample. Errors are by influence
    functions (Deville 1999; Osier 2009), the density of incomes at the line and at its quantile by a Gaussian kernel of
    width σ/N^(1/5), with N the sum of weights, as in R `convey` and `vardpoor`; or by replicate weights, under which
    the line is worked out again. Sen's index is that of large populations.

    Examples
    --------
    >>> people = {"income": [100, 110, 150, 160], "psu": [1, 2, 3, 4]}
    >>> m = income_poverty(people, income="income", line=125, design=SurveyDesign(psu="psu"))
    >>> round(m.value("FGT2"), 4), round(float(m.table["se"][0]), 4)
    (0.0136, 0.2887)
    """
    names, income = groups_named(by), str(one_name(income, "income="))
    if missing not in (None, "drop"):
        raise SpecError(f"missing is {missing!r}, and can be 'drop'.")
    inference.check_level(level)
    table = open_table(frame)
    weight = reading.one_weight(weight, design)
    wanted = reading.Wanted((), names, weight, one_name(size, "size="), design)
    lines = _which_line(table, line)
    columns = (income, *((lines,) if isinstance(lines, str) else ()))
    table.require({name: (option,) for name, option in zip(columns, ("income", "line"), strict=False)})
    arrays = reading.read_columns(table, wanted)
    rows = reading.Rows(len(table))
    found, kept = _read_income(rows, table, income, missing)
    line_of: RelativeLine | Array
    if isinstance(lines, RelativeLine):
        line_of = lines
    elif isinstance(lines, str):
        line_of = rows.numbers(table, lines, LINE, ("line",)).astype(np.float64)
    else:
        line_of = np.full(rows.n, lines)
    if isinstance(line_of, np.ndarray) and not (line_of > 0).all():
        low = np.flatnonzero(~(line_of > 0))
        told = {"expected": "a number above 0"}
        rows.problems.append(table.problem("not_an_answer", str(lines), low, told, ("line",)))
    rows.raise_problems()
    persons = Persons.of(arrays, design, kept)
    if not persons.weight.sum() > 0:
        raise BadValues([Problem.of("no_incomes", "income", table="table")])
    return IncomePoverty(IncomeEstimates(persons, found, line_of), level)


def _which_line(table: Table, line: Any) -> float | str | RelativeLine:
    if isinstance(line, str):
        relative = None if line in table else RelativeLine.parse(line)
        if relative is None and "%" in line and line not in table:
            raise SpecError(
                f"line={line!r} is no column, and relative lines are '60% median', '50% mean', '20% quantile'."
            )
        return relative if relative is not None else line
    try:
        found = float(line)
    except (TypeError, ValueError):
        raise SpecError(
            "line= is a number, the name of a column, or a relative line as '60% median', "
            f"not a {type(line).__name__}; put lines that differ into a column."
        ) from None
    if not (math.isfinite(found) and found > 0):
        raise SpecError(f"line is {line!r}, and must be above zero.")
    return found


def _read_income(rows: reading.Rows, table: Table, name: str, missing: str | None) -> tuple[Array, Array]:
    """Read incomes, and who has one."""
    if missing is None:
        return rows.numbers(table, name, INCOME, ("income",)).astype(np.float64), np.ones(rows.n, bool)
    answers, problems = table.read(name, INCOME, ("income",))
    rows.problems += problems
    assert isinstance(answers, Numbers)
    values = answers.values.astype(np.float64)
    known = np.ones(rows.n, bool) if answers.missing is None else ~answers.missing
    return np.where(known, values, 0.0), known
