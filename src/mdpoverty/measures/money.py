"""Income poverty of a sample: indices by group, with the errors of the design, and of a line that the sample tells.

Each index has an influence function (``income``); its variance is that of the total of weighted influences over
sampling units, as of any linearised figure (``inference``). With replicate weights all is worked out again under each,
the line included.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from attrs import field, frozen

from mdpoverty.errors import BadValues, Problem, SpecError
from mdpoverty.law.fields import Field, Label
from mdpoverty.measures import change, inference
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
from mdpoverty.tables.columns import Array, Numbers
from mdpoverty.tables.options import one_name, several_names
from mdpoverty.tables.reading import Table, open_table
from mdpoverty.tally import SurveyDesign, Tally, counting
from mdpoverty.tally import rows as reading
from mdpoverty.texts import nearest

if TYPE_CHECKING:
    import pandas as pd

#: The indices, in the order of the table.
MEASURES = ("FGT0", "FGT1", "FGT2", "watts", "sen", "sst", "gini", "qsr")
#: Those that lie between 0 and 1; the others' limits are on the plain scale.
SHARES = frozenset(MEASURES) - {"watts", "qsr"}
#: Columns of the table, which no group column may be named like.
COLUMNS = ("measure", "estimate", "se", "ci_low", "ci_high", "n", "population", "df")

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
class IncomeEstimates:
    """Indices of every group as arrays, and their errors.

    Attributes
    ----------
    tally : Tally
        The people, without any deprivation: groups, sampling units, design.
    income : float array, shape (people,)
    line : RelativeLine, or float array, shape (people,)
    weight : float array, shape (people,)
        0 for those who are left out.
    replicates : float array, shape (people, replicates), or None
    group, unit : int arrays, shape (people,)
    """

    tally: Tally
    income: Array
    line: RelativeLine | Array
    weight: Array
    replicates: Array | None
    group: Array
    unit: Array
    policy: None = field(default=None, init=False)

    @cached_property
    def everyone(self) -> Ranked:
        """All incomes."""
        return Ranked.of(self.income, self.weight)

    @cached_property
    def _members(self) -> list[Array]:
        """The people of each group, whoever weighs something."""
        groups = len(self.tally.groups)
        counted = np.flatnonzero(self._counted)
        order = counted[np.argsort(self.group[counted], kind="stable")]
        return np.split(order, np.searchsorted(self.group[order], np.arange(1, groups)))

    @cached_property
    def _counted(self) -> Array:
        found = self.weight > 0
        return found if self.replicates is None else found | (self.replicates != 0).any(axis=1)

    def _line_at(self, line: float | None, members: Array) -> Array | float:
        return self.line[members] if isinstance(self.line, np.ndarray) else float(line or math.nan)

    @cached_property
    def lines(self) -> Array:
        """The relative line, in the sample and under each replicate; NaN where lines are given."""
        columns = [self.weight] if self.replicates is None else [self.weight, *self.replicates.T]
        if not isinstance(self.line, RelativeLine):
            return np.full(len(columns), math.nan)
        return np.array([self.line.value(self.everyone.weighted(w)) for w in columns])

    @cached_property
    def _ranked(self) -> list[tuple[Ranked, Ranked]]:
        """The incomes of each group, and these over their lines."""
        found = []
        for members in self._members:
            y = Ranked.of(self.income[members], self.weight[members])
            x = Ranked.of(over_line(y.values, self._line_at(self.lines[0], members)), y.weights)
            found.append((y, x))
        return found

    @cached_property
    def estimates(self) -> Array:
        """Shape (groups, measures)."""
        return np.array([_indices(y, Poverty(x)) for y, x in self._ranked])

    @property
    def ratios(self) -> tuple[list[Array], None]:
        """The estimates, as of one set of figures."""
        return [self.estimates], None

    @property
    def sets(self) -> list[change.Named]:
        """The names of the figures."""
        return [change.Named(None, list(MEASURES), [None] * len(MEASURES))]

    @cached_property
    def frame(self) -> inference.Frame:
        """The sampling units."""
        return inference.read_sample(self.tally, "weight")

    @cached_property
    def _width(self) -> float:
        return bandwidth(self.everyone)

    @cached_property
    def line_influence(self) -> Array:
        """By how much each person moves the logarithm of the line, by weight: adds up over sampling units."""
        if not isinstance(self.line, RelativeLine):
            return np.zeros(len(self.income))
        found = self.line.influence(self.everyone, self._width)
        return np.asarray(found * self.weight / self.everyone.total)

    @cached_property
    def influences(self) -> Array:
        """Linearised values of each measure of each group in each sampling unit, shape (groups, units, measures)."""
        out = np.zeros((len(self._members), self.frame.units, len(MEASURES)))
        line_by_unit = np.bincount(self.unit, self.line_influence, minlength=self.frame.units)
        relative = isinstance(self.line, RelativeLine)
        for g, (members, (y, x)) in enumerate(zip(self._members, self._ranked, strict=True)):
            line = float(self.lines[0])
            # of incomes over the line, at 1
            at_line = line * density(y, line, self._width) if relative and len(members) else 0.0
            with np.errstate(invalid="ignore"):
                for f, (influence, slope) in enumerate(_influences(y, Poverty(x), at_line)):
                    linear = np.where(y.weights > 0, influence * y.weights, 0.0) / y.total
                    out[g, :, f] = np.bincount(self.unit[members], linear, minlength=self.frame.units)
                    if relative:
                        out[g, :, f] += slope * line_by_unit
        return out

    @cached_property
    def replicated(self) -> Array:
        """Every index of every group under each replicate, shape (replicates, groups, measures)."""
        assert self.replicates is not None
        out = np.empty((self.replicates.shape[1], *self.estimates.shape))
        for r, weights in enumerate(self.replicates.T):
            for g, (members, (y, x)) in enumerate(zip(self._members, self._ranked, strict=True)):
                w = weights[members]
                under = x.weighted(w)
                if isinstance(self.line, RelativeLine):
                    under = Ranked(over_line(y.values, self.lines[r + 1]), w, y.order)
                out[r, g] = _indices(y.weighted(w), Poverty(under))
        return out

    @cached_property
    def errors(self) -> tuple[Array, Array]:
        """Standard errors, shape (groups, measures), and degrees of freedom, shape (groups,)."""
        design, groups = self.tally.design, len(self.estimates)
        if design is None or not self.tally.n:
            return np.full(self.estimates.shape, np.nan), np.full(groups, np.nan)
        if design.replicates:
            deviations = inference.replicate_deviations(design, self.estimates, self.replicated)
            variance = (deviations**2).sum(axis=0)
            df = np.full(groups, inference.replicate_degrees(design, self.tally.replicate_products))
        else:
            variance = np.array([np.diag(self.frame.cross_product(z)) for z in self.influences])
            variance = np.where(self.frame.lone[:, None], np.nan, np.maximum(variance, 0))
            df = self.frame.df
        finite = np.isfinite(self.estimates) & (df[:, None] > 0)
        return np.where(finite, np.sqrt(variance), np.nan), df

    @cached_property
    def line_error(self) -> float:
        """The standard error of a relative line."""
        design = self.tally.design
        if design is None or not isinstance(self.line, RelativeLine):
            return math.nan
        if design.replicates:
            found = inference.replicate_deviations(design, self.lines[:1], self.lines[1:, None])
            return math.sqrt(float((found**2).sum()))
        by_unit = np.bincount(self.unit, self.line_influence, minlength=self.frame.units)
        return float(self.lines[0]) * math.sqrt(max(float(self.frame.cross_product(by_unit[:, None])[0, 0]), 0.0))

    def covariance(self, places: Sequence[tuple[int, int, int]]) -> Array:
        """Return the covariance matrix of indices, each named by its group, 0, and its place among the measures."""
        design = self.tally.design
        if design is not None and design.replicates:
            chosen = np.column_stack([self.replicated[:, g, f] for g, _, f in places])
            chosen[~np.isfinite(chosen).all(axis=1)] = np.nan
            estimate = np.array([self.estimates[g, f] for g, _, f in places])
            deviations = inference.replicate_deviations(design, estimate, chosen)
            return np.asarray(deviations.T @ deviations)
        values = np.column_stack([self.influences[g, :, f] for g, _, f in places])
        lone = [bool(self.frame.lone[g]) or not math.isfinite(self.estimates[g, f]) for g, _, f in places]
        values[:, lone] = np.nan
        return self.frame.cross_product(values)

    def df_of(self, groups: Sequence[int]) -> float:
        """Degrees of freedom of a comparison: as of one group that holds all that are compared."""
        design, several = self.tally.design, sorted(set(groups))
        if design is None or design.replicates or len(several) == 1:
            return float(self.errors[1][several[0]])
        return self.frame.degrees(design, several)

    @cached_property
    def sizes(self) -> tuple[Array, Array]:
        """People asked and population behind the indices, per group."""
        n = np.array([int((self.weight[members] > 0).sum()) for members in self._members], np.int64)
        return n, np.array([float(self.weight[members].sum()) for members in self._members])


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
class IncomePoverty:
    """Income poverty of groups of people, with errors; made by :func:`~mdpoverty.measures.income_poverty`.

    Attributes
    ----------
    estimates : IncomeEstimates
        The same as arrays, for those who extend the library.
    level : float
        The level of confidence intervals.
    """

    estimates: IncomeEstimates
    level: float = 0.95

    @property
    def tally(self) -> Tally:
        """The people counted, by the groups of the table."""
        return self.estimates.tally

    @cached_property
    def table(self) -> pd.DataFrame:
        """The indices, tidy: one row for each measure of each group.

        Columns
        -------
        (group columns)
            None without ``by``.
        measure : str
            ``FGT0`` (share at or below the line), ``FGT1`` (mean gap), ``FGT2`` (mean squared gap), ``watts``, ``sen``,
            ``sst`` (Sen–Shorrocks–Thon), ``gini`` and ``qsr`` (quintile share ratio S80/S20).
        estimate, se, ci_low, ci_high : float
            Limits by the logit for shares, plain for ``watts`` and ``qsr``, both by t. NaN where there is no design, or
            no such number.
        n : int
            People (or households, as the rows are) with an income and a weight.
        population : float
            The same by weight.
        df : float
            Degrees of freedom.
        """
        import pandas as pd

        found = self.estimates
        se, df = found.errors
        groups, width = found.estimates.shape
        df_rows = np.repeat(df, width)
        bounded = np.tile([name in SHARES for name in MEASURES], groups)
        low, high = inference.intervals(found.estimates.ravel(), se.ravel(), df_rows, bounded, self.level)
        n, population = found.sizes
        figures = {
            "measure": np.tile(np.array(MEASURES, object), groups),
            "estimate": found.estimates.ravel(),
            "se": se.ravel(),
            "ci_low": low,
            "ci_high": high,
            "n": np.repeat(n, width),
            "population": np.repeat(population, width),
            "df": df_rows,
        }
        heads = self.tally.group_frame(np.repeat(np.arange(groups), width))
        return pd.concat([heads, pd.DataFrame(figures)], axis=1)

    @property
    def line(self) -> dict[str, float]:
        """A relative line: its ``estimate`` and ``se``; NaN where lines were given."""
        return {"estimate": float(self.estimates.lines[0]), "se": self.estimates.line_error}

    def find(self, **figure: Any) -> int:
        """Return the row of ``table`` that fits: ``measure``, and group columns as needed.

        Raises
        ------
        SpecError
            No row fits, or several do.
        """
        unknown = set(figure) - {"measure", *self.tally.by}
        if unknown or "measure" not in figure:
            names = ", ".join(self.tally.by) or "none"
            raise SpecError(f"An index is named by measure and the group columns ({names}); got {', '.join(figure)}.")
        if figure["measure"] not in MEASURES:
            guess = nearest(str(figure["measure"]), MEASURES)
            raise SpecError(
                f"measure is {figure['measure']!r}, and can be {', '.join(MEASURES)}"
                + (f"; is {guess!r} meant?" if guess else ".")
            )
        labels = self.tally.group_labels()
        wanted = {name: value for name, value in figure.items() if name != "measure"}
        groups = [
            g for g in range(len(self.tally.groups)) if all(labels[name][g] == value for name, value in wanted.items())
        ]
        if len(groups) != 1:
            raise SpecError(f"{len(groups) or 'No'} groups fit {wanted}; name the group so that one does.")
        return groups[0] * len(MEASURES) + MEASURES.index(figure["measure"])

    def value(self, measure: str, **group: Any) -> float:
        """Return one estimate; see :meth:`find`."""
        return float(self.estimates.estimates.ravel()[self.find(measure=measure, **group)])

    def cov(self, rows: Sequence[int | Mapping[str, Any]]) -> Array:
        """Return the covariance matrix of chosen indices: rows of ``table``, or figures as for :meth:`find`."""
        if self.tally.design is None:
            raise SpecError(
                "Without a design the rows are the whole population: there is no sampling error. Give design=."
            )
        found = [self.find(**row) if isinstance(row, Mapping) else row for row in rows]
        return self.estimates.covariance([(row // len(MEASURES), 0, row % len(MEASURES)) for row in found])

    def test(self, first: int | Mapping[str, Any], second: int | Mapping[str, Any]) -> dict[str, Any]:
        """Test whether two indices differ, with their covariance; returns what :meth:`Measures.test` does."""
        rows = [self.find(**row) if isinstance(row, Mapping) else row for row in (first, second)]
        df = self.estimates.df_of([row // len(MEASURES) for row in rows])
        return inference.difference(self.estimates.estimates.ravel()[rows], self.cov(rows), df, self.level)

    def change(self, over: str, years: Mapping[Any, float] | None = None, pairs: str = "consecutive") -> pd.DataFrame:
        """Return how every index of every group changed from wave to wave; as :meth:`Measures.change`."""
        return change.table(self.estimates, over, years, pairs, self.level)

    def __repr__(self) -> str:
        """Show the table, rounded."""
        by = f" by {', '.join(self.tally.by)}" if self.tally.by else ""
        shown = self.table.drop(columns=["population", "df"]).round(4)
        return f"Income poverty{by}: {self.tally.n:,} rows\n{shown.to_string(index=False)}"


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
    names, income = several_names(by, "by="), str(one_name(income, "income="))
    taken = [name for name in names if name in COLUMNS]
    if taken:
        raise SpecError(
            f"{', '.join(map(repr, taken))} is a column of the table of measures too. Rename the group column."
        )
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
    return IncomePoverty(_estimates(arrays, design, found, line_of, kept), level)


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


def _estimates(
    arrays: dict[str, Any], design: SurveyDesign | None, income: Array, line: RelativeLine | Array, kept: Array
) -> IncomeEstimates:
    """Set up groups, sampling units and weights from the columns that were read."""
    n = len(income)
    weight = np.ones(n) if arrays["weight"] is None else arrays["weight"].astype(np.float64)
    sizes = np.ones(n) if arrays["sizes"] is None else arrays["sizes"].astype(np.float64)
    sampled = design is not None and not design.replicates
    psu = arrays.get("psu")
    if sampled and psu is None:  # each row is its own
        psu = np.arange(n, dtype=np.int32), tuple(range(n))
    stratum = arrays.get("strata")
    tally = Tally.from_arrays(
        ["income"],
        np.zeros(n, np.uint8),
        weight=np.where(kept, weight * sizes, 0.0),
        by=arrays["by"],
        strata=stratum if sampled else None,
        psu=psu if sampled else None,
        fpc=arrays.get("fpc") if sampled else None,
        replicates=arrays.get("replicates"),
        design=design,
    )
    if not kept.any() or not tally.total() > 0:
        raise BadValues([Problem("income", "nobody has both an income and a weight", table="table")])
    group, _ = counting.combine(
        [codes for codes, *_ in arrays["by"].values()] or [np.zeros(n, np.int32)],
        [len(labels) for _, labels, *_ in arrays["by"].values()] or [1],
    )
    nothing = (np.zeros(n, np.int32), (None,))
    parts = [nothing if each is None else each for each in (stratum, psu)] if sampled else [nothing]
    unit, _ = counting.combine([codes for codes, _ in parts], [len(labels) for _, labels in parts])
    replicates = arrays.get("replicates")
    if replicates is not None:
        replicates = replicates * (kept * sizes)[:, None]
    return IncomeEstimates(tally, income, line, np.where(kept, weight * sizes, 0.0), replicates, group, unit)
