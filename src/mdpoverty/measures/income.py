"""Money-metric poverty, for comparison: one line, one income each.

Poor means income *at or below* the line where that matters (P0), as Vietnam's law says ("từ … trở xuống");
the other measures give someone at the line a gap of zero either way.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mdpoverty.errors import BadValues, Problem
from mdpoverty.tables.columns import Array


def _read(income: Any, line: float, weight: Any) -> tuple[Array, Array]:
    y = np.asarray(income, dtype=np.float64)
    w = np.ones(len(y)) if weight is None else np.asarray(weight, dtype=np.float64)
    problems = []
    if not (np.isfinite(y).all() and (y >= 0).all()):
        problems.append(Problem("income", "must be known, and zero or more"))
    if len(w) != len(y) or not (np.isfinite(w).all() and (w >= 0).all() and w.sum() > 0):
        problems.append(Problem("weight", "must be zero or more for each income, and not all zero"))
    if not line > 0:
        problems.append(Problem("line", "must be above zero"))
    if problems:
        raise BadValues(problems)
    return y, w / w.sum()


def fgt(income: Any, line: float, alpha: float, weight: Any = None) -> float:
    """Return the Foster–Greer–Thorbecke measure P_α: headcount (0), gap (1), squared gap (2).

    Source: Foster, Greer & Thorbecke, Econometrica 52 (1984).

    Examples
    --------
    >>> round(fgt([100, 110, 150, 160], 125, 2), 4)
    0.0136
    """
    y, w = _read(income, line, weight)
    gap = np.maximum(1 - y / line, 0)
    return float(w @ (y <= line) if alpha == 0 else w @ gap**alpha)


def watts(income: Any, line: float, weight: Any = None) -> float:
    """Return the Watts index, the mean of ln(line/income) among the poor times their share; infinite for a
    zero income.

    Examples
    --------
    >>> round(watts([100, 110, 150, 160], 125), 4)
    0.0877
    """
    y, w = _read(income, line, weight)
    with np.errstate(divide="ignore"):
        return float(w @ np.log(line / np.minimum(y, line)))


def gini(income: Any, weight: Any = None) -> float:
    """Return the Gini index: half the relative mean difference, by covariance with the (mid) rank.

    Examples
    --------
    >>> round(gini([1, 3]), 4)
    0.25
    """
    y, w = _read(income, 1.0, weight)
    order = np.argsort(y, kind="stable")
    y, w = y[order], w[order]
    mean = w @ y
    if mean == 0:
        return 0.0
    rank = np.cumsum(w) - w / 2
    # 2·cov(y, rank) / mean; the mean rank is exactly one half
    return float(2 * (w @ (y * (rank - 0.5))) / mean)


def sen(income: Any, line: float, weight: Any = None) -> float:
    """Return Sen's index H·(I + (1 − I)·G_p), with the gap I and the Gini G_p of incomes among the poor.

    Source: Sen, Econometrica 44 (1976), in the form for large populations.

    Examples
    --------
    >>> round(sen([100, 110, 150, 160], 125), 4)
    0.09
    """
    y, w = _read(income, line, weight)
    poor = y <= line
    if not w[poor].sum() > 0:
        return 0.0
    share = w[poor].sum()
    gap = w[poor] @ (1 - y[poor] / line) / share
    return float(share * (gap + (1 - gap) * gini(y[poor], w[poor])))


def sst(income: Any, line: float, weight: Any = None) -> float:
    """Return the Sen–Shorrocks–Thon index P1·(1 + Gini of the gaps of everyone).

    Source: Shorrocks, Econometrica 63 (1995).

    Examples
    --------
    >>> round(sst([100, 110, 150, 160], 125), 4)
    0.125
    """
    y, w = _read(income, line, weight)
    gap = np.maximum(1 - y / line, 0)
    return float((w @ gap) * (1 + gini(gap, w)))
