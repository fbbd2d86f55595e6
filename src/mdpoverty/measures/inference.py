"""Design-based errors: Taylor linearisation and replicate weights, from the totals of sampling units.

A figure is R = N/D, a ratio of two totals; its linearised value in a sampling unit is z = (n − R·d)/D, and
its variance is that of the total of z: Σ_h (1 − f_h) n_h/(n_h − 1) Σ_i (z_hi − z̄_h)², over strata h and
their units i (Binder 1983; Wolter 2007, ch. 6). Units without anyone of a group count as zeros there: a group
is a domain of the whole design, never a sample of its own. So numerator and denominator vary together, and
the error of M0 = H·A holds their covariance by itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import frozen

from mdpoverty.errors import SpecError
from mdpoverty.measures.distributions import beta_quantile, f_tail, t_quantile, t_tail
from mdpoverty.measures.figures import FigureSet, Totals
from mdpoverty.tables.columns import Array
from mdpoverty.tally import SurveyDesign, Tally, counting

__all__ = [
    "Frame",
    "Runs",
    "SurveyDesign",
    "coarser",
    "coarser_runs",
    "intervals",
    "linearised",
    "read_sample",
    "replicated",
    "squares",
    "wald",
]

#: Variances below this share of their terms have lost their digits, and are taken again from the linearised
#: values.
LOST_DIGITS = 1e-9
#: Why there is no error.
NO_DEGREES = "no degrees of freedom: as many strata as sampling units"
ONE_UNIT = "the group lives in one sampling unit, which tells nothing of others"
#: Kinds of intervals of shares.
INTERVALS = ("logit", "t", "korn-graubard")
#: Variances of contrasts below this share of the greatest are none, and differences below this share of the figures.
RANK, SAME = 1e-12, 1e-9
#: OpenBLAS multiplies a·b by b·c matrices in one thread up to this a·b·c.
BLAS_THREADS = 1 << 18


@frozen(eq=False)
class Frame:
    """The sampling units of a tally, one row per unit and group it has people in, sorted by group and
    stratum.

    Attributes
    ----------
    place : int array, shape (cells,)
        Where each cell of the tally counts; places follow the cells, which are sorted by unit.
    order : int array, shape (rows,)
        The place of each row.
    starts : int array, shape (groups + 1,)
        Group g has rows ``starts[g]:starts[g + 1]``.
    unit, stratum : int arrays, shape (rows,)
    square, mean : float arrays, shape (rows,) and (strata,)
        The variance of the total of z is Σ_rows square·z² − Σ_strata mean·(Σ z)².
    sampled : float array, shape (strata,)
        Number of units drawn in each stratum.
    units : int
        Number of units (of places in ``unit``).
    df : float array, shape (groups,)
        Degrees of freedom.
    count : float array, shape (rows,)
        How many sampling units a row stands for: 1, or the rows of a cell where rows are the units.
    """

    place: Array
    order: Array
    starts: Array
    unit: Array
    stratum: Array
    square: Array
    mean: Array
    sampled: Array
    units: int
    df: Array
    count: Array

    @property
    def lone(self) -> Array:
        """Groups that live in one sampling unit, of which not all were drawn: nothing there tells their error."""
        first = self.starts[:-1]
        return np.asarray((np.add.reduceat(self.count, first) == 1) & (self.square[first] > 0))

    def degrees(self, design: SurveyDesign, groups: Sequence[int]) -> float:
        """Degrees of freedom of what is said of several groups together."""
        rows = np.concatenate([np.arange(self.starts[g], self.starts[g + 1]) for g in groups])
        _, first = np.unique(self.unit[rows], return_index=True)
        rows, none = rows[first], np.zeros(len(first), np.int64)
        return float(_degrees(design, self.sampled, none, self.stratum[rows], self.count[rows], 1)[0])

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.unit)

    def add_cells(self, values: Array) -> Array:
        """Add up values of cells to rows."""
        return np.asarray(np.bincount(self.place, values, minlength=len(self.order))[self.order])

    def of(self, group: int) -> slice:
        """Return the rows of a group."""
        return slice(int(self.starts[group]), int(self.starts[group + 1]))

    def cross_product(self, z: Array) -> Array:
        """Return the covariance matrix of the totals of z, shape (units, q), values per unit."""
        weighted = z * self.unit_values(self.square)[:, None]
        by_stratum = np.zeros((len(self.mean), z.shape[1]))
        np.add.at(by_stratum, self.unit_values(self.stratum).astype(np.int64), z)
        found: Array = z.T @ weighted - by_stratum.T @ (by_stratum * self.mean[:, None])
        return found

    def unit_values(self, values: Array) -> Array:
        """Return values of rows, shape (rows,), by unit; rows of one unit have the same."""
        out = np.zeros(self.units, values.dtype)
        out[self.unit] = values
        return out

    def to_units(self, values: Array, rows: slice | None = None) -> Array:
        """Add up values of rows, shape (rows, q), to their units."""
        out = np.zeros((self.units, values.shape[1]))
        np.add.at(out, self.unit if rows is None else self.unit[rows], values)
        return out


def read_sample(tally: Tally, basis: str) -> Frame:
    """Set up the frame: which unit, stratum and group each cell belongs to, and what a unit counts for.

    Without a design each group is one row, and nothing is random. Where rows are their own units, a cell of
    like rows takes the place of a unit: with weights w, Σ (w·u)² = u²·Σw², so its square counts Σw²/(Σw)²
    times.
    """
    design = tally.design
    group, unit = tally.cells["group"], tally.cells["unit"]
    groups = len(tally.groups)
    if design is None or design.replicates or not len(unit):
        nothing = np.zeros(groups, np.int64)
        df = np.full(groups, math.nan)
        return Frame(
            group,
            np.arange(groups),
            np.arange(groups + 1),
            np.arange(groups),
            nothing,
            nothing * 0.0,
            np.zeros(1),
            np.zeros(1),
            groups,
            df,
            np.ones(groups),
        )
    strata = max(len(tally.strata), 1)
    unit_stratum = np.maximum(tally.units[:, 0], 0).astype(np.int64)
    if f"{basis}_sq" in tally.sums:
        sampled = np.bincount(unit_stratum[unit], tally.sums["n"], minlength=strata)
        place = np.arange(len(unit))
        frame_stratum, weight = unit_stratum[unit], _row_squares(tally, basis)
        order = np.lexsort((frame_stratum, group))
        frame_group, frame_unit, units = group[order], np.arange(len(order)), len(order)
        frame_stratum, weight, count = frame_stratum[order], weight[order], tally.sums["n"][order].astype(np.float64)
    else:
        if not design.nested:
            _refuse_shared_units(tally)
        sampled = np.bincount(unit_stratum, minlength=strata).astype(np.float64)
        place, table = counting.combine([unit, group], [len(tally.units), groups])
        order = np.argsort(table[:, 1], kind="stable")
        frame_unit, frame_group = table[order, 0].astype(np.int64), table[order, 1]
        frame_stratum, weight, units = unit_stratum[frame_unit], np.ones(len(table)), len(tally.units)
        count = weight
    square, mean = _stratum_factors(tally, design, sampled)
    starts = np.searchsorted(frame_group, np.arange(groups + 1))
    df = _degrees(design, sampled, frame_group, frame_stratum, count, groups)
    square = square[frame_stratum] * weight
    return Frame(place, order, starts, frame_unit, frame_stratum, square, mean, sampled, units, df, count)


def _degrees(design: SurveyDesign, sampled: Array, group: Array, stratum: Array, count: Array, groups: int) -> Array:
    """Degrees of freedom of each group: units − strata, over those that ``design.df`` names."""
    if isinstance(design.df, int | float):
        return np.full(groups, float(design.df))
    if design.df == "design":
        return np.full(groups, float(sampled.sum() - (sampled > 0).sum()))
    pairs = np.unique(group.astype(np.int64) * len(sampled) + stratum)
    if design.df == "units":
        return np.bincount(group, count, minlength=groups) - np.bincount(pairs // len(sampled), minlength=groups)
    return np.bincount(pairs // len(sampled), sampled[pairs % len(sampled)] - 1, minlength=groups)


def coarser(frame: Frame, totals: Totals, design: SurveyDesign, new_group: Array, groups: int) -> tuple[Frame, Totals]:
    """Add up the rows of a frame, and their totals, to fewer groups.

    Parameters
    ----------
    new_group : int array, shape (old groups,)
        The group that each old group becomes part of.
    groups : int
        Number of new groups.
    """
    group = np.repeat(new_group, np.diff(frame.starts))
    order = np.lexsort((frame.unit, frame.stratum, group))
    group, unit, stratum = group[order], frame.unit[order], frame.stratum[order]
    first = _changes(group, unit)
    place = np.empty(len(order), np.int64)
    place[frame.order[order]] = np.repeat(np.arange(len(first)), np.diff(first, append=len(order)))
    group, unit, stratum = group[first], unit[first], stratum[first]
    new = Frame(
        place[frame.place],
        np.arange(len(first)),
        np.searchsorted(group, np.arange(groups + 1)),
        unit,
        stratum,
        frame.square[order][first],
        frame.mean,
        frame.sampled,
        frame.units,
        _degrees(design, frame.sampled, group, stratum, frame.count[order][first], groups),
        frame.count[order][first],
    )
    moved = totals.arrange(order)
    return new, moved if len(first) == len(order) else moved.add_up(first)


def _row_squares(tally: Tally, basis: str) -> Array:
    """How often the square of a cell counts, where each of its rows is a sampling unit: Σw²/(Σw)²."""
    total, squares = tally.sums[basis].astype(np.float64), tally.sums[f"{basis}_sq"].astype(np.float64)
    return np.divide(squares, total**2, where=total > 0, out=np.zeros_like(total))


def _refuse_shared_units(tally: Tally) -> None:
    strata_of = np.bincount(tally.units[:, 1])
    shared = np.flatnonzero(strata_of > 1)
    if len(shared):
        names = ", ".join(repr(tally.psus[i]) for i in shared[:5])
        raise SpecError(
            f"{len(shared)} sampling units are in more than one stratum "
            f"({names}{', …' if len(shared) > 5 else ''}). "
            "If their numbers start again in each stratum, say nested=True."
        )


def sampling_fractions(tally: Tally, sampled: Array) -> Array:
    """Return the share of each stratum's sampling units that was drawn; 0 where the design doesn't say."""
    if tally.fpc is None:
        return np.zeros(len(sampled))
    fraction = np.where(tally.fpc > 1, sampled / tally.fpc, tally.fpc)
    if (fraction > 1).any():
        raise SpecError("The finite population correction gives fewer sampling units in a stratum than were drawn.")
    return np.asarray(fraction)


def _stratum_factors(tally: Tally, design: SurveyDesign, sampled: Array) -> tuple[Array, Array]:
    """Return what squares of units, and of stratum totals, count for in each stratum."""
    left = 1 - sampling_fractions(tally, sampled)
    _refuse_second_stage(tally, left)
    lonely = np.flatnonzero((sampled == 1) & (left > 0))
    if len(lonely) and design.lonely == "error":
        names = ", ".join(repr(tally.strata[i]) for i in lonely[:5]) if tally.strata else "the only stratum"
        raise SpecError(
            f"{len(lonely)} strata have one sampling unit ({names}{', …' if len(lonely) > 5 else ''}), "
            "so no variance of their own. Merge strata, or choose lonely='zero', 'center' or 'average'.",
            strata=tuple(tally.strata[i] for i in lonely) if tally.strata else (),
        )
    several = sampled > 1
    square = np.where(several, left * sampled / np.maximum(sampled - 1, 1), 0.0)
    mean = np.where(several, left / np.maximum(sampled - 1, 1), 0.0)
    if design.lonely == "center":
        # the linearised values of all strata have mean zero, so the distance from it is the value itself
        square[lonely] = left[lonely]
    if design.lonely == "average" and len(lonely):
        drawn = int((sampled > 0).sum())
        if drawn == len(lonely):
            raise SpecError("Every stratum has one sampling unit: there is no variance to average.")
        square, mean = (factor * drawn / (drawn - len(lonely)) for factor in (square, mean))
    return square, mean


def _refuse_second_stage(tally: Tally, left: Array) -> None:
    """Refuse strata whose units were all drawn, with several rows each: their error is that of a second stage."""
    every = np.flatnonzero(left <= 0)
    if not len(every) or not tally.psus or (tally.design is not None and tally.design.whole_units):
        return
    stratum = np.maximum(tally.units[:, 0], 0)
    several = np.bincount(tally.cells["unit"], tally.sums["n"], minlength=len(stratum)) > 1
    found = np.unique(stratum[several & np.isin(stratum, every)])
    if len(found):
        names = ", ".join(repr(tally.strata[i]) for i in found[:5]) if tally.strata else "the only stratum"
        raise SpecError(
            f"All sampling units of {len(found)} strata were drawn ({names}{', …' if len(found) > 5 else ''}), so what "
            "varies there is who was asked in them, a second stage. Make each of these units a stratum, with the "
            "households in it as sampling units and their number as fpc. If everyone in them was asked, say "
            "whole_units=True.",
            strata=tuple(tally.strata[i] for i in found) if tally.strata else (),
        )


def squares(frame: Frame, bases: list[Array]) -> list[Array]:
    """Return what squares and products of base totals add up to in each group, shape (groups, totals, totals)."""
    slices = [frame.of(g) for g in range(len(frame.starts) - 1)]
    return [np.array([_products(base[:, rows], frame.square[rows]) for rows in slices]) for base in bases]


@frozen(eq=False)
class Runs:
    """The strata of each group: runs of a frame's rows that are of one group and one stratum.

    Attributes
    ----------
    first : int array, shape (runs,)
        The first row of each.
    group, stratum : int arrays, shape (runs,)
    starts : int array, shape (groups + 1,)
        Group g has runs ``starts[g]:starts[g + 1]``.
    """

    first: Array
    group: Array
    stratum: Array
    starts: Array

    @classmethod
    def of(cls, frame: Frame) -> Runs:
        """Return the runs of a frame."""
        groups = len(frame.starts) - 1
        group = np.repeat(np.arange(groups), np.diff(frame.starts))
        first = _changes(group, frame.stratum)
        group = group[first]
        return cls(first, group, frame.stratum[first], np.searchsorted(group, np.arange(groups + 1)))


def _changes(*columns: Array) -> Array:
    """Return the rows in which a column has another value than in the row before."""
    changed = np.ones(len(columns[0]), bool)
    changed[1:] = np.any([column[1:] != column[:-1] for column in columns], axis=0)
    return np.flatnonzero(changed)


def coarser_runs(runs: Runs, totals: Totals, new_group: Array) -> Totals:
    """Add up the totals of runs to those of fewer groups; see :func:`coarser`."""
    group = new_group[runs.group]
    order = np.lexsort((runs.stratum, group))
    return totals.arrange(order).add_up(_changes(group[order], runs.stratum[order]))


def linearised(
    frame: Frame, runs: Runs, bases: list[Array], sums: list[Array], squares: list[Array], sets: list[FigureSet]
) -> list[Array]:
    """Return the variance of every figure of every group.

    Parameters
    ----------
    bases, sums : lists of arrays, shape (base totals, rows) and (base totals, runs)
        The base totals of each figure set.
    squares : list of arrays, shape (groups, base totals, base totals)
        What :func:`squares` gives.

    Returns
    -------
    list of arrays, shape (groups, figures)
        One per figure set.
    """
    groups = len(frame.starts) - 1
    out = [np.empty((groups, len(figures.measure))) for figures in sets]
    shares = _Shares.of(frame, runs)
    for base, total, square, figures, variance in zip(bases, sums, squares, sets, out, strict=True):
        for g in range(groups):
            variance[g] = _variances(frame, runs, g, base, total, square[g], figures)
        for f in np.flatnonzero(figures.of_all):
            # such a figure is the group's part of a total, so both forms are the same
            variance[:, f] = shares.variance(figures.numerator[f], base, total, square)
    return out


def _variances(
    frame: Frame, runs: Runs, group: int, base: Array, sums: Array, squares: Array, figures: FigureSet
) -> Array:
    """Variances of a group's figures: the covariance matrix of its base totals, along each figure's slope."""
    its = slice(int(runs.starts[group]), int(runs.starts[group + 1]))
    by_stratum, mean = sums[:, its], frame.mean[runs.stratum[its]]
    matrix = squares - _products(by_stratum, mean)
    total = by_stratum.sum(axis=1)
    top, bottom = figures.numerator @ total, np.where(figures.totals, 1.0, figures.denominator @ total)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = top / bottom
        slope = (figures.numerator - ratio[:, None] * figures.denominator) / bottom[:, None]
        variance = np.einsum("fi,fi->f", slope @ matrix, slope)
        scale = np.einsum("fi,fi->f", np.abs(slope) @ np.abs(matrix), np.abs(slope))
        lost = np.flatnonzero(variance < LOST_DIGITS * scale)
    if len(lost):
        rows = frame.of(group)
        part, square, first = base[:, rows], frame.square[rows], runs.first[its] - rows.start
    for f in lost:
        z = (along(figures.numerator[f], part) - ratio[f] * along(figures.denominator[f], part)) / bottom[f]
        variance[f] = max(float(z**2 @ square - np.add.reduceat(z, first) ** 2 @ mean), 0.0)
    return np.asarray(variance)


def _products(values: Array, factor: Array) -> Array:
    """Return values · diag(factor) · valuesᵀ for few rows of many columns.

    In blocks that stay in the cache, and below the size at which BLAS starts threads: those cost more than
    they give here.
    """
    out = np.zeros((len(values), len(values)))
    step = max(BLAS_THREADS // max(len(values), 1) ** 2, 16)
    for start in range(0, values.shape[1], step):
        block = values[:, start : start + step]
        out += (block * factor[start : start + step]) @ block.T
    return out


def along(form: Array, base: Array) -> Array:
    """Return a linear form of base totals, over the few that it names, shape (rows,)."""
    out = np.zeros(base.shape[1])
    for place in np.flatnonzero(form):
        out += form[place] * base[place]
    return out


@frozen(eq=False)
class _Shares:
    """How groups are compared with the whole, and whether no sampling unit is in two of them."""

    frame: Frame
    runs: Runs
    apart: bool

    @classmethod
    def of(cls, frame: Frame, runs: Runs) -> _Shares:
        return cls(frame, runs, int(np.bincount(frame.unit).max(initial=0)) < 2)

    def variance(self, form: Array, base: Array, sums: Array, squares: Array) -> Array:
        """Variance of each group's share of the total of a linear form over the whole population."""
        frame, runs = self.frame, self.runs
        groups, strata = len(frame.starts) - 1, len(frame.mean)
        value_sums = along(form, sums)
        part = np.add.reduceat(value_sums, runs.starts[:-1])
        total = part.sum()  # of the parts as they are rounded: where one is all there is, its share is 1
        if groups == 1:
            return np.where(total > 0, np.zeros(1), np.nan)
        whole_sums = np.bincount(runs.stratum, value_sums, minlength=strata)
        mean = frame.mean[runs.stratum]
        if self.apart:
            own = mixed = np.einsum("i,gij,j->g", form, squares, form)
            every = own.sum()
        else:
            value = along(form, base)
            unit_whole = np.bincount(frame.unit, value, minlength=frame.units)
            own = np.add.reduceat(frame.square * value**2, frame.starts[:-1])
            mixed = np.add.reduceat(frame.square * value * unit_whole[frame.unit], frame.starts[:-1])
            every = (frame.unit_values(frame.square) * unit_whole**2).sum()
        own = own - np.bincount(runs.group, mean * value_sums**2, minlength=groups)
        mixed = mixed - np.bincount(runs.group, mean * value_sums * whole_sums[runs.stratum], minlength=groups)
        every = every - (frame.mean * whole_sums**2).sum()
        with np.errstate(divide="ignore", invalid="ignore"):
            share = part / total
            variance = (own - 2 * share * mixed + share**2 * every) / total**2
        return np.where(share == 1, 0.0, np.maximum(variance, 0))


def replicated(totals: Totals, sets: list[FigureSet], groups: int) -> list[Array]:
    """Return every figure under every replicate: arrays of shape (replicates, groups, figures), per figure set."""
    out = []
    for number, figures in enumerate(sets):
        base = totals.base(number)
        top, bottom = (
            (form @ base).reshape(len(form), -1, groups).transpose(1, 2, 0)
            for form in (figures.numerator, figures.denominator)
        )
        out.append(ratios(top, bottom, figures))
    return out


def ratios(top: Array, bottom: Array, figures: FigureSet) -> Array:
    """Divide, with the denominators of shares taken over all groups; shape (…, groups, figures)."""
    bottom[..., figures.totals] = 1.0
    bottom[..., figures.of_all] = bottom[..., figures.of_all].sum(axis=-2, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(top / bottom)


def replicate_deviations(design: SurveyDesign, estimate: Array, replicates: Array) -> Array:
    """Return deviations scaled so that their cross products are covariances; replicates along the first axis.

    Replicates in which a figure doesn't exist count for nothing there; a mean is one over the others.
    """
    factors = np.array(design.replicate_factors).reshape(-1, *[1] * (replicates.ndim - 1))
    used = np.isfinite(replicates)
    values = np.where(used, replicates, 0.0)
    counted = used & (factors > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        middle = (values * counted).sum(axis=0) / counted.sum(axis=0) if design.center == "mean" else estimate
        share = len(replicates) / used.sum(axis=0) if design.means else 1.0
        deviations = np.where(used, np.sqrt(factors * share) * (values - middle), 0.0)
    # a jackknife that leaves out the only unit of a group tells nothing of it, however many replicates are left
    nothing = (used.sum(axis=0) < 2) | (~used.all(axis=0) & (np.abs(deviations).max(axis=0) <= SAME * np.abs(middle)))
    return np.where(nothing, np.nan, deviations)


def replicate_rank(products: Array) -> int:
    """Return the rank of the matrix of replicate weights, from the products of its columns; R's tolerance, 1e-5."""
    size = np.sqrt(np.diag(products))
    kept = size > 0
    scaled = products[np.ix_(kept, kept)] / np.outer(size[kept], size[kept])
    return int((np.linalg.eigvalsh(scaled) > 1e-10).sum())


def replicate_degrees(design: SurveyDesign, products: Array | None) -> float:
    """Degrees of freedom of replicates: the rank of their matrix − 1, unless they were given."""
    if isinstance(design.df, int | float):
        return float(design.df)
    return float((len(design.replicates) if products is None else replicate_rank(products)) - 1)


def check_level(level: float, method: str = "logit") -> None:
    """Refuse levels of confidence, and kinds of intervals, that are none."""
    if not isinstance(level, int | float) or not 0 < level < 1:
        raise SpecError(f"level is {level!r}, and is a share between 0 and 1: 0.95 for 95 %.")
    if method not in INTERVALS:
        raise SpecError(f"interval is {method!r}, and can be {', '.join(map(repr, INTERVALS))}.")


def _korn_graubard(share: float, se: float, n: float, ratio: float, level: float) -> tuple[float, float]:
    """Clopper and Pearson's limits with the effective size of the sample, brought to the design's degrees of freedom.

    Where everyone or nobody is, there is no variance to tell an effective size, and the rows are taken for it.
    """
    size = (share * (1 - share) / se**2 if se > 0 else n) * ratio**2
    if math.isnan(size):
        return math.nan, math.nan
    yes, no = share * size, (1 - share) * size
    low = 0.0 if yes <= 0 else beta_quantile((1 - level) / 2, yes, no + 1)
    high = 1.0 if no <= 0 else beta_quantile((1 + level) / 2, yes + 1, no)
    return low, high


def place(row: int, rows: int) -> int:
    """Return the place of a row of a table, from its start or, below zero, from its end."""
    if not -rows <= row < rows:
        raise SpecError(f"there is no row {row}: the table has {rows}")
    return row % rows


def difference(estimates: Array, matrix: Array, df: float, level: float) -> dict[str, Any]:
    """Test whether two figures differ, from their covariance matrix; see :meth:`~mdpoverty.Measures.test`."""
    found = float(estimates[0] - estimates[1])
    se = math.sqrt(max(matrix[0, 0] - 2 * matrix[0, 1] + matrix[1, 1], 0.0))
    t = found / se if se > 0 else math.nan
    half = t_quantile(level, df) * se if se > 0 else math.nan
    reason = "" if se > 0 else "a figure has no error" if math.isnan(se) else "the difference has no variance"
    return {
        "difference": found,
        "se": se,
        "t": t,
        "df": df,
        "p": t_tail(t, df),
        "ci_low": found - half,
        "ci_high": found + half,
        "reason": reason if df > 0 else "no degrees of freedom",
    }


def wald(estimates: Array, covariance: Array, df: float) -> tuple[float, float, float, float, str]:
    """Test whether figures are all equal; return F, its degrees of freedom, p, and why there is none ("" if there is).

    The contrasts are orthonormal, so neither the order of the figures nor which is first matters, and the rank of their
    covariance is the number of equalities that can be tested.
    """
    # an orthonormal basis of what adds up to zero
    contrast = np.linalg.svd(np.ones((1, len(estimates))))[2][1:]
    difference, matrix = contrast @ estimates, contrast @ covariance @ contrast.T
    if not (np.isfinite(matrix).all() and np.isfinite(difference).all()):
        return math.nan, math.nan, math.nan, math.nan, "a figure has no error"
    values, axes = np.linalg.eigh(matrix)
    size = max(float(np.abs(covariance).max(initial=0)), 0.0)
    kept = values > max(RANK * size, 1e-300)
    along_axes = axes.T @ difference
    scale = float(np.abs(estimates).max(initial=0))
    if not kept.any() or (np.abs(along_axes[~kept]) > SAME * scale).any():
        return math.nan, float(kept.sum()), math.nan, math.nan, "some of the differences have no variance"
    q = int(kept.sum())
    df2 = df - q + 1
    if not df2 > 0:
        return math.nan, float(q), df2, math.nan, "too few sampling units for so many equalities"
    f = float((along_axes[kept] ** 2 / values[kept]).sum()) * df2 / (df * q)
    return f, float(q), df2, f_tail(f, q, df2), ""


def intervals(
    estimate: Array,
    se: Array,
    df: Array,
    bounded: Array,
    level: float = 0.95,
    method: str = "logit",
    n: Array | None = None,
) -> tuple[Array, Array]:
    """Return confidence limits: of shares (``bounded``) by the method, plain for the rest; all by t.

    Where a share is 0 or 1 the logit does not exist, and neither do the limits (NaN). The method of Korn and Graubard
    needs the rows ``n`` behind each figure.
    """
    values, place = np.unique(df, return_inverse=True)
    t = np.array([t_quantile(level, float(d)) for d in values])[place.reshape(-1)]
    if method == "t":
        bounded = np.zeros(len(estimate), bool)
    if method == "korn-graubard" and n is not None:
        low, high = intervals(estimate, se, df, bounded, level, "t")
        by_n = np.array([t_quantile(level, float(d)) for d in np.maximum(n - 1, 0)])
        for i in np.flatnonzero(bounded & np.isfinite(se) & (estimate >= 0) & (estimate <= 1)):
            low[i], high[i] = _korn_graubard(float(estimate[i]), float(se[i]), float(n[i]), by_n[i] / t[i], level)
        return low, high
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        logit = np.log(estimate / (1 - estimate))
        half = t * se / (estimate * (1 - estimate))
        low = np.where(bounded, 1 / (1 + np.exp(half - logit)), estimate - t * se)
        high = np.where(bounded, 1 / (1 + np.exp(-half - logit)), estimate + t * se)
    return low, high
