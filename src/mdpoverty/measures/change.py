"""Changes between waves, with errors that know of the sampling units that waves share.

Each change is a smooth function of two levels a and b, so its variance is gᵀ·Σ·g with its slopes g and the covariance
matrix Σ of the levels (the delta method). Where waves share sampling units Σ has their covariance; where they don't,
nothing links them.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from mdpoverty.errors import SpecError
from mdpoverty.measures import inference
from mdpoverty.measures.distributions import t_quantile, t_tail
from mdpoverty.tables.columns import Array
from mdpoverty.tally import Tally

if TYPE_CHECKING:
    import pandas as pd

#: Which waves are compared.
PAIRS = ("consecutive", "first", "all")
#: Columns of the table of changes, beside those of groups.
COLUMNS = ("k", "measure", "indicator", "from", "to", "kind", "estimate", "se", "t", "p", "ci_low", "ci_high", "df")


class Named(NamedTuple):
    """The names of figures of one cut-off, or of none."""

    k: Fraction | None
    measure: list[str]
    indicator: list[str | None]


class Levels(Protocol):
    """What is compared: figures of groups, with their covariance."""

    @property
    def tally(self) -> Tally:
        """The groups, and the design."""

    @property
    def sets(self) -> Sequence[Any]:
        """The names of the figures, as :class:`Named` has them."""

    @property
    def ratios(self) -> tuple[list[Array], Any]:
        """The figures of each set, shape (groups, figures)."""

    def covariance(self, places: Sequence[tuple[int, int, int]]) -> Array:
        """Return the covariance matrix of figures, each named by its group, figure set and place there."""

    def df_of(self, groups: Sequence[int]) -> float:
        """Degrees of freedom of a comparison."""


def table(found: Levels, over: str, years: Mapping[Any, float] | None, pairs: str, level: float = 0.95) -> pd.DataFrame:
    """Return every change of every figure and group; see :meth:`Measures.change`."""
    import pandas as pd

    inference.check_level(level)
    compared = pairs_of_waves(found, over, years, pairs)
    place = found.tally.by.index(over)
    others = [name for name in found.tally.by if name != over]
    levels, codes = found.tally.levels[place], found.tally.groups
    # by codes, since Python holds some labels equal that are two groups
    rest = [tuple(row) for row in np.delete(codes, place, axis=1).tolist()]
    group_of = {(rest[g], wave): g for g, wave in enumerate(codes[:, place].tolist())}
    rows: list[tuple[Any, ...]] = []
    ends: list[tuple[int, int]] = []
    for others_of, (first, last) in itertools.product(dict.fromkeys(rest), compared):
        groups = group_of.get((others_of, first)), group_of.get((others_of, last))
        if groups[0] is None or groups[1] is None:
            continue
        span = None if years is None else float(years[levels[last]]) - float(years[levels[first]])
        for head, figures in _changes(found, (groups[0], groups[1]), span, level):
            rows += [(*head, *figure) for figure in figures]
            ends += [(groups[0], groups[1])] * len(figures)
    first_groups, last_groups = np.array(ends, np.int64).reshape(-1, 2).T
    heads = found.tally.group_frame(first_groups)
    table = pd.DataFrame(rows, columns=[name for name in COLUMNS if name not in ("from", "to")])
    table.insert(3, "from", heads[over])
    table.insert(4, "to", found.tally.group_frame(last_groups)[over])
    found_changes = pd.concat([heads[others], table], axis=1)
    found_changes.attrs["level"] = level
    return found_changes


def pairs_of_waves(found: Levels, over: str, years: Mapping[Any, float] | None, pairs: str) -> list[tuple[int, int]]:
    """Return the waves that are compared, as codes of their labels."""
    _check(found, over, years, pairs)
    levels = found.tally.levels[found.tally.by.index(over)]
    waves = list(range(len(levels)))
    if years is not None:
        waves.sort(key=lambda wave: float(years[levels[wave]]))
    return _pairs(waves, pairs)


def _check(found: Levels, over: str, years: Mapping[Any, float] | None, pairs: str) -> None:
    by = found.tally.by
    if over not in by:
        raise SpecError(
            f"The measures are not by {over!r}, but by {', '.join(by) or 'nothing'}; measure by the wave too."
        )
    taken = [name for name in by if name != over and name in COLUMNS]
    if taken:
        raise SpecError(
            f"{', '.join(map(repr, taken))} is a column of the table of changes too. Rename the group column."
        )
    if pairs not in PAIRS:
        raise SpecError(f"pairs is {pairs!r}, and can be {', '.join(map(repr, PAIRS))}.")
    waves = found.tally.levels[by.index(over)]
    absent = [] if years is None else [wave for wave in waves if wave not in years]
    if absent:
        raise SpecError(f"years= has no year for {', '.join(map(repr, absent))}.")
    if years is not None and len({float(years[wave]) for wave in waves}) < len(waves):
        raise SpecError("years= gives two waves the same year, and a change between them has no rate.")


def _pairs(waves: list[int], pairs: str) -> list[tuple[int, int]]:
    if pairs == "consecutive":
        return list(itertools.pairwise(waves))
    return [(a, b) for a, b in itertools.combinations(waves, 2) if pairs == "all" or a == waves[0]]


def _changes(
    found: Levels, groups: tuple[int, int], span: float | None, level: float
) -> Iterator[tuple[tuple[Any, ...], list[tuple[Any, ...]]]]:
    """Yield each figure's name, and its changes."""
    sampled = found.tally.design is not None and found.tally.n > 0
    df = found.df_of(groups) if sampled else math.nan
    for number, figures in enumerate(found.sets):
        k = math.nan if figures.k is None else float(figures.k)
        for f, (measure, indicator) in enumerate(zip(figures.measure, figures.indicator, strict=True)):
            a, b = (float(found.ratios[0][number][g, f]) for g in groups)
            matrix = found.covariance([(g, number, f) for g in groups]) if sampled else np.full((2, 2), math.nan)
            yield (
                (k, measure, indicator),
                [
                    (kind, *described(estimate, slopes, matrix, df, level))
                    for kind, estimate, slopes in _kinds(a, b, span)
                ],
            )


def _kinds(a: float, b: float, span: float | None) -> list[tuple[str, float, Array]]:
    """Return each kind of change from a to b, with its slopes by a and b; the relative ones as fractions of a."""
    nothing = np.full(2, math.nan)
    kinds = [("absolute", b - a, np.array([-1.0, 1.0]))]
    relative = a > 0 and not math.isnan(b)
    kinds.append(("relative", b / a - 1, np.array([-b / a**2, 1 / a])) if relative else ("relative", math.nan, nothing))
    if span is not None:
        kinds.append(("annual_absolute", (b - a) / span, np.array([-1.0, 1.0]) / span))
        rate = (b / a) ** (1 / span) if relative else math.nan
        slopes = rate / span * np.array([-1 / a, 1 / b]) if relative and b > 0 else nothing
        kinds.append(("annual_relative", rate - 1, slopes))
    return kinds


def described(estimate: float, slopes: Array, matrix: Array, df: float, level: float) -> tuple[float, ...]:
    """Return an estimate, its error, t, p, limits and df, from its slopes by figures of that covariance."""
    variance = float(slopes @ matrix @ slopes)
    # what is left of terms that cancel is rounding
    terms = float(np.abs(slopes) @ np.abs(matrix) @ np.abs(slopes))
    se = (0.0 if variance < 1e-14 * terms else math.sqrt(variance)) if variance == variance and df > 0 else math.nan
    t = estimate / se if se > 0 else math.nan
    half = t_quantile(level, df) * se if se > 0 else math.nan
    return estimate, se, t, t_tail(t, df), estimate - half, estimate + half, df
