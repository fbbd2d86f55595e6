"""Money-metric poverty, for comparison: an income each, and a line (one for all, or one each).

Poor means income *at or below* the line where that matters (P0), as Vietnam's law says ("từ … trở xuống");
the other measures give someone at the line a gap of zero either way.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mdpoverty.errors import BadValues, Problem
from mdpoverty.tables.columns import Array


def _read(income: Any, line: Any, weight: Any) -> tuple[Array, Array, Array]:
    """Read incomes, lines and weights, which add up to 1; whoever weighs nothing is left out."""
    problems = []

    def numbers(name: str, values: Any, rule: str) -> Array:
        try:
            found = np.asarray(values, dtype=np.float64)
        except (TypeError, ValueError):
            problems.append(Problem(name, rule, table="table"))
            return np.ones(())
        index = getattr(values, "index", None)
        own = getattr(income, "index", None)
        if index is not None and own is not None and hasattr(own, "equals") and not own.equals(index):
            problems.append(Problem(name, "has another index than the incomes: bring both in one order", table="table"))
        return found

    y = numbers("income", income, "must be numbers")
    lines = numbers("line", line, "must be a number above zero, or one for each income")
    w = np.ones(y.shape) if weight is None else numbers("weight", weight, "must be numbers")
    if y.ndim != 1 or not (np.isfinite(y).all() and (y >= 0).all()):
        problems.append(Problem("income", "must be known, and zero or more", table="table"))
    if w.shape != y.shape or not (np.isfinite(w).all() and (w >= 0).all() and w.sum() > 0):
        problems.append(Problem("weight", "must be zero or more for each income, and not all zero", table="table"))
    if lines.shape not in ((), y.shape) or not (lines > 0).all():
        problems.append(Problem("line", "must be above zero: one number, or one for each income", table="table"))
    if problems:
        raise BadValues(problems)
    counts = w > 0
    return y[counts], np.broadcast_to(lines, y.shape)[counts], w[counts] / w.sum()


def fgt(income: Any, line: Any, alpha: float, weight: Any = None) -> float:
    """Return the Foster–Greer–Thorbecke measure P_α: headcount (0), gap (1), squared gap (2).

    Source: Foster, Greer & Thorbecke, Econometrica 52 (1984).

    Examples
    --------
    >>> round(fgt([100, 110, 150, 160], 125, 2), 4)
    0.0136
    """
    y, z, w = _read(income, line, weight)
    gap = np.maximum(1 - y / z, 0)
    return float(w @ (y <= z) if alpha == 0 else w @ gap**alpha)


def watts(income: Any, line: Any, weight: Any = None) -> float:
    """Return the Watts index, the mean of ln(line/income) among the poor times their share; infinite for a
    zero income.

    Examples
    --------
    >>> round(watts([100, 110, 150, 160], 125), 4)
    0.0877
    """
    y, z, w = _read(income, line, weight)
    with np.errstate(divide="ignore"):
        return float(w @ np.log(z / np.minimum(y, z)))


def gini(income: Any, weight: Any = None) -> float:
    """Return the Gini index: half the relative mean difference, by covariance with the (mid) rank.

    Examples
    --------
    >>> round(gini([1, 3]), 4)
    0.25
    """
    y, _, w = _read(income, 1.0, weight)
    order = np.argsort(y, kind="stable")
    y, w = y[order], w[order]
    mean = w @ y
    if mean == 0:
        return 0.0
    rank = np.cumsum(w) - w / 2
    # 2·cov(y, rank) / mean; the mean rank is exactly one half
    return float(2 * (w @ (y * (rank - 0.5))) / mean)


def sen(income: Any, line: Any, weight: Any = None) -> float:
    """Return Sen's index H·(I + (1 − I)·G_p), with the gap I and the Gini G_p of incomes among the poor.

    Source: Sen, Econometrica 44 (1976), in the form for large populations.

    Examples
    --------
    >>> round(sen([100, 110, 150, 160], 125), 4)
    0.09
    """
    y, z, w = _read(income, line, weight)
    poor = y <= z
    if not w[poor].sum() > 0:
        return 0.0
    share = w[poor].sum()
    gap = w[poor] @ (1 - y[poor] / z[poor]) / share
    return float(share * (gap + (1 - gap) * gini(y[poor] / z[poor], w[poor])))


def sst(income: Any, line: Any, weight: Any = None) -> float:
    """Return the Sen–Shorrocks–Thon index P1·(1 + Gini of the gaps of everyone).

    Source: Shorrocks, Econometrica 63 (1995).

    Examples
    --------
    >>> round(sst([100, 110, 150, 160], 125), 4)
    0.125
    """
    y, z, w = _read(income, line, weight)
    gap = np.maximum(1 - y / z, 0)
    return float((w @ gap) * (1 + gini(gap, w)))
