"""Bounds: the interval that holds a figure under every way to fill in what is unknown (Manski's worst case).

Headcounts, H and M0 only rise when an unknown indicator turns out to be a deprivation, so their bounds are
the two extreme completions. A, contributions and the like are ratios that an answer can move either way:
someone barely poor lowers A. For those each profile chooses between not being poor (if it may) and its best
way of being poor, which is a fractional programme, solved exactly by Dinkelbach's method (1967). The least
score that still reaches the cut-off is a subset sum, in whole numbers of any size. Each interval
is as narrow as the data allow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from attrs import frozen

from mdpoverty.errors import SpecError
from mdpoverty.measures import inference
from mdpoverty.measures.estimates import Estimates
from mdpoverty.measures.figures import UNBOUNDED, Profiles
from mdpoverty.measures.weights import Weights, whole_numbers
from mdpoverty.tables.columns import Array
from mdpoverty.tally import OPEN

if TYPE_CHECKING:
    import pandas as pd

#: What each profile adds to a numerator and to a denominator.
Choice: TypeAlias = tuple[Array, Array]


#: Up to so many steps, all their sums are listed.
LISTED = 12


@lru_cache(maxsize=1 << LISTED)
def subset_sums(steps: tuple[int, ...]) -> Array:
    """Return the sums of all subsets of whole numbers, each once, sorted; Python integers where they could overflow.

    Examples
    --------
    >>> subset_sums((2, 5)).tolist()
    [0, 2, 5, 7]
    """
    if not steps:
        return np.zeros(1, np.int64)
    before = subset_sums(steps[:-1])
    before = before if int(before[-1]) + steps[-1] < 1 << 62 else before.astype(object)
    return np.unique(np.concatenate([before, before + steps[-1]]))


def least_reaching(steps: tuple[int, ...], needed: Array) -> Array:
    """Return the least sum of any of ``steps`` that is at least each of ``needed`` (> 0); −1 where there is none.

    Many steps are taken in two halves, so that the sums to look through grow with the root of the number of subsets,
    and not with the size of the numbers.

    Examples
    --------
    >>> least_reaching((2, 5), np.array([3, 6, 8])).tolist()
    [5, 7, -1]
    """
    half = max(len(steps) - max(LISTED, len(steps) // 2), 0)
    sums = subset_sums(steps[:half]), subset_sums(steps[half:])
    first, second, needed = (part.astype(np.result_type(*sums, needed), copy=False) for part in (*sums, needed))
    out = np.full(len(needed), -1, needed.dtype)
    for taken in first if len(first) <= len(needed) else ():
        place = np.searchsorted(second, needed - taken)
        found = np.flatnonzero(place < len(second))
        total = second[place[found]] + taken
        better = (out[found] < 0) | (total < out[found])
        out[found[better]] = total[better]
    for i in range(len(needed)) if len(first) > len(needed) else ():
        place = np.searchsorted(second, needed[i] - first)
        found = np.flatnonzero(place < len(second))
        out[i] = (second[place[found]] + first[found]).min() if len(found) else -1
    return out


@frozen(eq=False)
class Completions:
    """The extreme completions of each profile at one cut-off, in whole numbers of ``whole``."""

    deprived: Array
    unknown: Array
    points: Array
    whole: int
    target: int

    @classmethod
    def of(cls, spec: Weights, profiles: Profiles, k: Fraction) -> Completions:
        """Set up for a spec and a cut-off."""
        points, whole = whole_numbers(list(spec.weights.values()))
        target = -(-k.numerator * whole // k.denominator)
        return cls(profiles.deprived, profiles.unknown, points, whole, target)

    def sums(self, where: Array, chosen: Sequence[int]) -> Array:
        """Sum of points over the chosen indicators where the flags are set."""
        chosen = list(chosen)
        return np.asarray(where[:, chosen].astype(self.points.dtype) @ self.points[chosen])

    def share(self, sums: Array) -> Array:
        """Return sums as shares of the whole."""
        return np.asarray(sums / self.whole, np.float64)

    def least(self, chosen: Sequence[int], others: Array) -> Array:
        """Least sum over the chosen indicators that reaches the cut-off together with ``others``; −1 where
        none does.
        """
        out = self.sums(self.deprived, chosen)
        needed = self.target - others - out
        short = np.flatnonzero(needed > 0)
        if not len(short):
            return out
        unknown, points = self.unknown[short][:, list(chosen)], self.points[list(chosen)]
        bits = np.uint64(1) << np.arange(len(chosen), dtype=np.uint64)
        _, first, place = np.unique(unknown @ bits, return_index=True, return_inverse=True)
        alike = np.split(np.argsort(place, kind="stable"), np.cumsum(np.bincount(place))[:-1])
        for pattern, rows in zip(unknown[first], alike, strict=True):
            steps, same = tuple(sorted(int(p) for p in points[pattern])), short[rows]
            found = least_reaching(steps, needed[same])
            out[same] = np.where(found < 0, -1, out[same] + found)
        return out

    @property
    def may_be_poor(self) -> Array:
        """Profiles that some completion makes poor."""
        return self.sums(self.deprived | self.unknown, range(len(self.points))) >= self.target

    @property
    def is_poor(self) -> Array:
        """Profiles that are poor in every completion."""
        return self.sums(self.deprived, range(len(self.points))) >= self.target

    def part_of_score(self, chosen: Sequence[int], *, most: bool) -> Choice:
        """Return the part of a poor profile's score from the chosen indicators, and the score, at their most
        or least share.
        """
        rest = [j for j in range(len(self.points)) if j not in chosen]
        full = self.deprived | self.unknown
        if most:
            part = self.sums(full, chosen)
            other = self.least(rest, part)
        else:
            other = self.sums(full, rest)
            part = self.least(chosen, other)
        return self.share(part), self.share(part + other)

    def fewest(self) -> Array:
        """Fewest deprivations with which each profile is poor: the heaviest unknown ones first."""
        count, score = self.deprived.sum(axis=1), self.sums(self.deprived, range(len(self.points)))
        for j in sorted(range(len(self.points)), key=lambda j: -self.points[j]):
            more = self.unknown[:, j] & (score < self.target)
            count, score = count + more, score + more.astype(self.points.dtype) * self.points[j]
        return np.asarray(count)


def extreme_ratio(weights: Array, choice: Choice, must: Array, may: Array, *, most: bool) -> Choice:
    """Choose who of those who may be poor is, so that Σ w·numerator / Σ w·denominator is most or least.

    Returns numerator and denominator of each profile under that choice; zeros where the ratio is nowhere
    defined.
    """
    top, bottom = (np.where(may, part, 0.0) for part in choice)
    sign = 1 if most else -1
    taken = may & (weights > 0)
    for _ in range(200):
        below = (weights * bottom)[taken].sum()
        if not below > 0:
            break
        ratio = (weights * top)[taken].sum() / below
        better = may & (weights > 0) & (must | (sign * (top - ratio * bottom) > 1e-15))
        if (better == taken).all() or not (weights * bottom)[better].sum() > 0:
            break
        taken = better
    return np.where(taken, top, 0.0), np.where(taken, bottom, 0.0)


def table(found: Estimates, level: float = 0.95, method: str = "logit") -> pd.DataFrame:
    """Return the table of figures with ``low`` and ``high``.

    Limits reach from the lower limit of ``low`` to the upper limit of ``high``, so they hold the whole
    interval.
    """
    import pandas as pd

    tally, sets = found.tally, found.sets
    if found.layout.gaps:
        raise SpecError(
            "Bounds of M1 and M2 are not defined here: an unknown indicator has no known gap. Count without gaps."
        )
    if tally.design is not None and tally.design.replicates:
        raise SpecError("Bounds take linearised errors; use strata and units, or no design.")
    names = [(s, m, i) for s in sets for m, i in zip(s.measure, s.indicator, strict=True)]
    columns: dict[str, list[Any]] = {
        **{name: [] for name in ("k", "measure", "indicator", "estimate", "low", "high")},
        **{name: [] for name in ("se", "ci_low", "ci_high", "n", "population", "df")},
    }
    engine = _Engine(found)
    n, population = found.sizes
    for g in range(len(tally.groups)):
        for s, measure, indicator in names:
            low, high = engine.interval(g, s.k, measure, indicator)
            df = float(found.frame.df[g])
            same = low.value == high.value
            row = {"k": math.nan if s.k is None else float(s.k), "measure": measure, "indicator": indicator}
            row |= {"estimate": low.value if same else math.nan, "low": low.value, "high": high.value}
            row |= {"se": low.se if same else math.nan, "n": n[g], "population": population[g], "df": df}
            row["ci_low"], row["ci_high"] = _limits(low, high, df, measure, n[g], level, method)
            for name, value in row.items():
                columns[name].append(value)
    groups = tally.group_frame(np.repeat(np.arange(len(tally.groups)), len(names)))
    return pd.concat([groups, pd.DataFrame(columns)], axis=1)


def _limits(low: Bound, high: Bound, df: float, measure: str, n: int, level: float, method: str) -> tuple[float, float]:
    values, errors = np.array([low.value, high.value]), np.array([low.se, high.se])
    shares = np.full(2, measure not in UNBOUNDED)
    lower, upper = inference.intervals(values, errors, np.full(2, df), shares, level, method, np.full(2, n))
    return float(lower[0]), float(upper[1])


@frozen
class Bound:
    """One end of an interval, with the standard error of that end."""

    value: float
    se: float


class _Engine:
    """Works out intervals group by group; keeps what figures share."""

    def __init__(self, found: Estimates) -> None:
        self.spec, self.tally = found.spec, found.tally
        self.frame, self.profiles = found.frame, found.profiles
        self.lone = self.frame.lone
        self.weight = self.tally.sums[found.basis].astype(np.float64)
        cells, size = self.tally.cells, len(self.tally.profiles)
        key = cells["group"].astype(np.int64) * size + cells["profile"]
        self.weights = np.bincount(key, self.weight, minlength=len(self.tally.groups) * size).reshape(-1, size)
        self.completions = {k: Completions.of(self.spec, self.profiles, k) for k in found.ks}
        self.choices: dict[tuple[Any, ...], Choice] = {}

    def interval(self, g: int, k: Fraction | None, measure: str, indicator: str | None) -> tuple[Bound, Bound]:
        """Return both ends for one figure of one group."""
        if measure in ("share", "class_share"):
            return (self._settled(g, measure, indicator),) * 2
        if measure == "group_contribution":
            assert k is not None
            return self._group_contribution(g, k, most=False), self._group_contribution(g, k, most=True)
        low, high = (self._choice(g, k, measure, indicator, most) for most in (False, True))
        total = measure == "number_poor"
        return self._bound(g, *low, total=total), self._bound(g, *high, total=total)

    def _bound(self, g: int, top: Array, bottom: Array, *, total: bool = False) -> Bound:
        # not a dot product: for one, BLAS may start threads that cost more than they give
        above, below = (self.weights[g] * top).sum(), 1.0 if total else (self.weights[g] * bottom).sum()
        if not below > 0:
            return Bound(math.nan, math.nan)
        value = float(above / below)
        if self.lone[g] or not self.frame.df[g] > 0:
            return Bound(value, math.nan)
        chosen = self.tally.cells["group"] == g
        linear = (top - value * bottom)[self.tally.cells["profile"]] * self.weight * chosen / below
        return Bound(value, self._se(g, linear))

    def _se(self, g: int, linear: Array) -> float:
        if not self.frame.df[g] > 0:
            return math.nan
        z = self.frame.to_units(self.frame.add_cells(linear)[:, None])
        return math.sqrt(max(float(self.frame.cross_product(z)[0, 0]), 0.0))

    def _settled(self, g: int, measure: str, indicator: str | None) -> Bound:
        """Figures that no unknown indicator can change."""
        own = (self.tally.cells["group"] == g) * self.weight
        whole = self.weight if measure == "share" else own
        if measure == "class_share":
            place = ((OPEN, *self.tally.categories)).index(str(indicator))
            own = own * (self.tally.cells["category"] == place)
        total = whole.sum()
        if not total > 0:
            return Bound(math.nan, math.nan)
        value = float(own.sum() / total)
        return Bound(value, self._se(g, (own - value * whole) / total))

    def _group_contribution(self, g: int, k: Fraction, *, most: bool) -> Bound:
        """The group's own poor at one end, everyone else's at the other."""
        # where both ends are zero, the share is only defined once somebody is poor, and then it is 0 or 1
        for own_end, other_end in ((most, not most), (True, True)):
            ours, theirs = (self._choice(g, k, "M0", None, most=end)[0] for end in (own_end, other_end))
            profile, own = self.tally.cells["profile"], self.tally.cells["group"] == g
            part = np.where(own, ours[profile], 0.0) * self.weight
            whole = part + np.where(own, 0.0, theirs[profile]) * self.weight
            total = whole.sum()
            if total > 0:
                value = float(part.sum() / total)
                return Bound(value, self._se(g, (part - value * whole) / total))
        return Bound(math.nan, math.nan)

    def _choice(self, g: int, k: Fraction | None, measure: str, indicator: str | None, most: bool) -> Choice:
        """Return what each profile adds to numerator and denominator at one end."""
        ratio = measure in ("A", "contribution", "dimension_contribution", "mean_deprivations_poor")
        key = (k, measure, indicator, most)
        if key not in self.choices:
            self.choices[key] = self._parts(k, measure, indicator, most)
        parts = self.choices[key]
        if not ratio:
            return parts
        assert k is not None
        completions = self.completions[k]
        return extreme_ratio(self.weights[g], parts, completions.is_poor, completions.may_be_poor, most=most)

    def _parts(self, k: Fraction | None, measure: str, indicator: str | None, most: bool) -> Choice:
        p = self.profiles
        full = p.deprived | p.unknown if most else p.deprived
        ones = np.ones(len(full))
        names = self.spec.indicators
        if measure == "headcount":
            return full[:, names.index(str(indicator))].astype(np.float64), ones
        if measure == "mean_deprivations":
            return full.sum(axis=1).astype(np.float64), ones
        if measure == "count_share":
            fewest, most_of = p.deprived.sum(axis=1), (p.deprived | p.unknown).sum(axis=1)
            count = int(str(indicator))
            certain = (fewest == count) & (most_of == count)
            return ((fewest <= count) & (most_of >= count) if most else certain).astype(np.float64), ones
        assert k is not None
        c = self.completions[k]
        everything = range(len(names))
        poor = (c.may_be_poor if most else c.is_poor).astype(np.float64)
        if measure == "H":
            return poor, ones
        if measure == "number_poor":
            return poor, np.zeros(len(full))
        if measure == "M0":
            return poor * c.share(c.sums(full, everything)), ones
        if measure == "A":
            score = c.sums(full, everything) if most else c.least(everything, np.zeros(len(full), c.points.dtype))
            return c.share(score), ones
        if measure == "mean_deprivations_poor":
            return (full.sum(axis=1) if most else c.fewest()).astype(np.float64), ones
        return self._indicator_parts(c, measure, str(indicator), full, poor, most)

    def _indicator_parts(self, c: Completions, measure: str, name: str, full: Array, poor: Array, most: bool) -> Choice:
        ones, names = np.ones(len(full)), self.spec.indicators
        if measure == "censored_headcount":
            return poor * full[:, names.index(name)], ones
        members = self.spec.dimensions[name] if "dimension" in measure else (name,)
        chosen = [names.index(member) for member in members]
        if measure.startswith("absolute"):
            return poor * c.share(c.sums(full, chosen)), ones
        return c.part_of_score(chosen, most=most)
