"""Money-metric poverty: an income each, and a line (one for all, or one each).

Poor means income *at or below* the line where that matters (P0), as Vietnam's law says ("từ … trở xuống");
the other measures give someone at the line a gap of zero either way. Ranks are those in the middle of a tie, so that
equal incomes count alike, however the rows are ordered.

Each index is written once, over weighted incomes, with its influence function besides: by how much it moves if a person
weighs a little more (Deville 1999). Errors of samples are made from these (:func:`~mdpoverty.measures.income_poverty`).
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from attrs import evolve, frozen

from mdpoverty.doors import door
from mdpoverty.errors import BadValues, Problem
from mdpoverty.tables.columns import Array


def _read(income: Any, line: Any, weight: Any) -> tuple[Array, Array, Array]:
    """Read incomes, lines and weights, which add up to 1; whoever weighs nothing is left out."""
    problems = []

    def numbers(name: str, values: Any, rule: str) -> Array:
        try:
            found = np.asarray(values, dtype=np.float64)
            if isinstance(values, np.ma.MaskedArray):
                found = np.where(np.ma.getmaskarray(values), np.nan, found)
        except (TypeError, ValueError, OverflowError):
            problems.append(Problem.of(rule, name, table="table"))
            return np.ones(())
        index = getattr(values, "index", None)
        own = getattr(income, "index", None)
        if index is not None and own is not None and hasattr(own, "equals") and not own.equals(index):
            problems.append(Problem.of("other_index", name, table="table"))
        return found

    y = numbers("income", income, "must_be_numbers")
    lines = numbers("line", line, "line_numbers")
    w = np.ones(y.shape) if weight is None else numbers("weight", weight, "must_be_numbers")
    if y.ndim != 1 or not (np.isfinite(y).all() and (y >= 0).all()):
        problems.append(Problem.of("income_known", "income", table="table"))
    if w.shape != y.shape or not (np.isfinite(w).all() and (w >= 0).all() and w.sum() > 0):
        problems.append(Problem.of("weight_each", "weight", table="table"))
    if lines.shape not in ((), y.shape) or not (lines > 0).all():
        problems.append(Problem.of("line_above", "line", table="table"))
    if problems:
        raise BadValues(problems)
    counts = w > 0
    return y[counts], np.broadcast_to(lines, y.shape)[counts], w[counts] / w.sum()


@frozen(eq=False, slots=False)
class Ranked:
    """Values of people, with weights, in their order.

    Attributes
    ----------
    values, weights : float arrays, shape (people,)
        As the people come.
    order : int array, shape (people,)
        What sorts them by value.
    """

    values: Array
    weights: Array
    order: Array

    @classmethod
    def of(cls, values: Array, weights: Array) -> Ranked:
        """Sort people by their values."""
        return cls(values, weights, np.argsort(values, kind="stable"))

    def weighted(self, weights: Array) -> Ranked:
        """Return the same people with other weights."""
        return evolve(self, weights=weights)

    @cached_property
    def total(self) -> float:
        """The weights added up."""
        return float(self.weights.sum())

    @cached_property
    def _ties(self) -> tuple[Array, Array]:
        """Where each run of equal values starts, in the order, and which run each place is of."""
        found = self.values[self.order]
        new = np.concatenate([[True], found[1:] != found[:-1]])
        return np.flatnonzero(new), np.cumsum(new) - 1

    def mean(self, values: Array) -> float:
        """Return a mean over everyone."""
        return float(self.weights @ values) / self.total

    def _back(self, by_run: Array) -> Array:
        out = np.empty(len(self.values))
        out[self.order] = by_run[self._ties[1]]
        return out

    @cached_property
    def rank(self) -> Array:
        """The share of people with less, and half of those with as much."""
        run = np.add.reduceat(self.weights[self.order], self._ties[0])
        return self._back((np.cumsum(run) - run / 2) / self.total)

    def above(self, values: Array) -> Array:
        """Return what those with more add to the mean of ``values``, and half of those with as much."""
        run = np.add.reduceat((self.weights * values)[self.order], self._ties[0])
        return self._back((run.sum() - np.cumsum(run) + run / 2) / self.total)

    def quantile(self, share: float) -> float:
        """Return the least value that at least this share of people don't exceed."""
        running = np.cumsum(self.weights[self.order])
        # a share that is reached exactly is not missed by the last bit of a sum
        place = int(np.searchsorted(running, share * running[-1] * (1 - 1e-12)))
        return float(self.values[self.order[min(place, len(running) - 1)]])


@frozen(eq=False, slots=False)
class Poverty:
    """Incomes as shares of the line, and what indices of poverty are made of.

    Attributes
    ----------
    x : Ranked
        Incomes over their lines.
    """

    x: Ranked

    @cached_property
    def poor(self) -> Array:
        """Who is at or below the line, as 0 and 1."""
        return (self.x.values <= 1).astype(np.float64)

    @cached_property
    def gap(self) -> Array:
        """What each lacks to the line, as a share of it."""
        return np.asarray(np.maximum(1 - self.x.values, 0))

    @cached_property
    def logs(self) -> Array:
        """The logarithm of line over income, of the poor; infinite without any income."""
        with np.errstate(divide="ignore"):
            found = -np.log(np.minimum(self.x.values, 1))
        return np.where(self.x.weights > 0, found, 0.0)

    @cached_property
    def incomes(self) -> Array:
        """The incomes of the poor over the line, 0 of all others."""
        return self.x.values * self.poor

    @cached_property
    def headcount(self) -> float:
        """The share of the poor."""
        return self.x.mean(self.poor)

    @cached_property
    def income(self) -> float:
        """What the poor have, per person of everyone."""
        return self.x.mean(self.incomes)

    @cached_property
    def ranked_income(self) -> float:
        """The same times their ranks."""
        return self.x.mean(self.incomes * self.x.rank)

    # Each index gives its value; the influence of each person; and how it moves with the logarithm of the line, where
    # ``density`` is that of x at 1.

    def fgt(self, alpha: float) -> float:
        """Foster, Greer and Thorbecke's measure."""
        return self.headcount if alpha == 0 else self.x.mean(self.gap**alpha)

    def fgt_influence(self, alpha: float, density: float) -> tuple[Array, float]:
        """Influence and slope of :meth:`fgt`; a slope of powers between 0 and 1 is infinite at the line."""
        if alpha == 0:
            return self.poor - self.headcount, density
        slope = alpha * self.x.mean(self.gap ** (alpha - 1) * self.incomes)
        return np.asarray(self.gap**alpha - self.fgt(alpha)), slope

    def watts(self) -> float:
        """Watts' index."""
        return self.x.mean(self.logs)

    def watts_influence(self, density: float) -> tuple[Array, float]:
        """Influence and slope of :meth:`watts`."""
        return self.logs - self.watts(), self.headcount

    def sen(self) -> float:
        """Sen's index."""
        if not self.headcount > 0:
            return 0.0
        return self.x.mean(self.poor - 2 * self.incomes) + 2 * self.ranked_income / self.headcount

    def sen_influence(self, density: float) -> tuple[Array, float]:
        """Influence and slope of :meth:`sen`."""
        h, b, c = self.headcount, self.income, self.ranked_income
        if not h > 0:
            return np.zeros(len(self.poor)), 0.0
        ranked = self.incomes * self.x.rank + self.x.above(self.incomes) - 2 * c
        influence = (self.poor - h) * (1 - 2 * c / h**2) - 2 * (self.incomes - b) + 2 * ranked / h
        return influence, density * (1 - 2 * c / h**2) + 2 * (b - c / h)

    def sst(self) -> float:
        """Sen, Shorrocks and Thon's index."""
        return 2 * self.x.mean(self.gap * (1 - self.x.rank))

    def sst_influence(self, density: float) -> tuple[Array, float]:
        """Influence and slope of :meth:`sst`."""
        first, ranked = self.x.mean(self.gap), self.x.mean(self.gap * self.x.rank)
        influence = 2 * (self.gap - first) - 2 * (self.gap * self.x.rank + self.x.above(self.gap) - 2 * ranked)
        return influence, 2 * (self.income - self.ranked_income)


def over_line(income: Array, line: Array | float) -> Array:
    """Return incomes over their lines; above the line is above 1, to the last bit."""
    found = income / line
    return np.asarray(np.where(income > line, np.maximum(found, np.nextafter(1, 2)), found))


def bandwidth(y: Ranked) -> float:
    """Return the width of the kernel for densities of incomes: their standard deviation over N^(1/5), N the population.

    As Eurostat, R `convey` and `vardpoor` have it (Osier 2009).
    """
    mean = y.mean(y.values)
    return float(np.sqrt(max(y.mean((y.values - mean) ** 2), 0.0)) / y.total**0.2)


def density(y: Ranked, at: float, width: float) -> float:
    """Return the density of incomes at a point, by a Gaussian kernel."""
    if not width > 0:
        return np.nan
    return float(y.mean(np.exp(-(((at - y.values) / width) ** 2) / 2)) / (width * np.sqrt(2 * np.pi)))


def gini_of(y: Ranked) -> float:
    """Gini's index: twice the covariance of incomes and ranks, over the mean."""
    mean = y.mean(y.values)
    # the mean rank is exactly one half
    return 0.0 if mean == 0 else 2 * y.mean(y.values * (y.rank - 0.5)) / mean


def gini_influence(y: Ranked) -> Array:
    """Influence of each person on :func:`gini_of`."""
    mean, ranked = y.mean(y.values), y.mean(y.values * y.rank)
    if mean == 0:
        return np.full(len(y.values), np.nan)
    moved = y.values * y.rank + y.above(y.values) - 2 * ranked
    return np.asarray(2 * moved / mean - 2 * ranked * (y.values - mean) / mean**2)


def quintile_ratio(y: Ranked) -> float:
    """What the richest fifth have over what the poorest fifth have (S80/S20)."""
    poorest = y.mean(y.values * (y.values <= y.quantile(0.2)))
    return y.mean(y.values * (y.values > y.quantile(0.8))) / poorest if poorest > 0 else np.nan


def quintile_ratio_influence(y: Ranked) -> Array:
    """Influence of each person on :func:`quintile_ratio`; the density of incomes at the quintiles cancels out."""
    first, fourth = y.quantile(0.2), y.quantile(0.8)
    low, high = y.values <= first, y.values > fourth
    poorest, richest = y.mean(y.values * low), y.mean(y.values * high)
    if not poorest > 0:
        return np.full(len(y.values), np.nan)
    below = y.values * low + first * (0.2 - low) - poorest
    over = y.values * high + fourth * (0.2 - high) - richest
    return np.asarray((over - richest / poorest * below) / poorest)


@door
def fgt(income: Any, line: Any, alpha: float, weight: Any = None) -> float:
    """Return the Foster–Greer–Thorbecke measure P_α: headcount (0), gap (1), squared gap (2).

    Source: Foster, Greer & Thorbecke, Econometrica 52 (1984).

    Examples
    --------
    >>> round(fgt([100, 110, 150, 160], 125, 2), 4)
    0.0136
    """
    return _poverty(income, line, weight).fgt(alpha)


@door
def watts(income: Any, line: Any, weight: Any = None) -> float:
    """Return the Watts index, the mean of ln(line/income) among the poor times their share; infinite for a
    zero income.

    Examples
    --------
    >>> round(watts([100, 110, 150, 160], 125), 4)
    0.0877
    """
    return _poverty(income, line, weight).watts()


@door
def gini(income: Any, weight: Any = None) -> float:
    """Return the Gini index: half the relative mean difference, by covariance with the (mid) rank.

    Examples
    --------
    >>> round(gini([1, 3]), 4)
    0.25
    """
    y, _, w = _read(income, 1.0, weight)
    return gini_of(Ranked.of(y, w))


@door
def qsr(income: Any, weight: Any = None) -> float:
    """Return the quintile share ratio S80/S20: what those above the fourth quintile have, over what those up to the
    first have.

    Quintiles are the least incomes that at least a fifth (four fifths) of people don't exceed.

    Examples
    --------
    >>> qsr([1, 2, 3, 4, 5])
    5.0
    """
    y, _, w = _read(income, 1.0, weight)
    return float(quintile_ratio(Ranked.of(y, w)))


@door
def sen(income: Any, line: Any, weight: Any = None) -> float:
    """Return Sen's index H·(I + (1 − I)·G_p), with the gap I and the Gini G_p of incomes among the poor.

    Source: Sen, Econometrica 44 (1976), in the form for large populations.

    Examples
    --------
    >>> round(sen([100, 110, 150, 160], 125), 4)
    0.09
    """
    return _poverty(income, line, weight).sen()


@door
def sst(income: Any, line: Any, weight: Any = None) -> float:
    """Return the Sen–Shorrocks–Thon index P1·(1 + Gini of the gaps of everyone).

    Source: Shorrocks, Econometrica 63 (1995).

    Examples
    --------
    >>> round(sst([100, 110, 150, 160], 125), 4)
    0.125
    """
    return _poverty(income, line, weight).sst()


def _poverty(income: Any, line: Any, weight: Any) -> Poverty:
    y, z, w = _read(income, line, weight)
    return Poverty(Ranked.of(over_line(y, z), w))
