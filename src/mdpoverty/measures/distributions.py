"""The few probability functions that inference needs: Student's t and Fisher's F, from the incomplete beta function."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist


def incomplete_beta(a: float, b: float, x: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b).

    By its continued fraction (Lentz's method), on the side where that converges fast.

    Examples
    --------
    >>> round(incomplete_beta(2, 3, 0.5), 4)
    0.6875
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    tiny = 1e-300
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d or tiny)
    fraction = d
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for step in (even, odd):
            d = 1 / ((1 + step * d) or tiny)
            c = (1 + step / c) or tiny
            fraction *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return math.exp(log_front) * fraction / a


def beta_quantile(p: float, a: float, b: float) -> float:
    """Return x such that a share ``p`` of the beta distribution lies below it.

    Examples
    --------
    >>> round(beta_quantile(0.025, 3, 8), 6)
    0.06674
    """
    low, high = 0.0, 1.0
    for _ in range(200):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        low, high = (middle, high) if incomplete_beta(a, b, middle) < p else (low, middle)
    return (low + high) / 2


def t_tail(t: float, df: float) -> float:
    """Return the two-sided p-value of a t statistic; ``df`` may be infinite.

    Examples
    --------
    >>> round(t_tail(2.776, 4), 4)
    0.05
    """
    if math.isnan(t) or not df > 0:
        return math.nan
    if math.isinf(df):
        return 2 * NormalDist().cdf(-abs(t))
    return incomplete_beta(df / 2, 0.5, df / (df + t * t))


def f_tail(f: float, df1: float, df2: float) -> float:
    """Return the upper tail of the F distribution.

    Examples
    --------
    >>> round(f_tail(4.0, 1, 10), 4) == round(t_tail(2.0, 10), 4)
    True
    """
    if math.isnan(f) or not (df1 > 0 and df2 > 0):
        return math.nan
    return incomplete_beta(df2 / 2, df1 / 2, df2 / (df2 + df1 * f)) if f > 0 else 1.0


@lru_cache(maxsize=256)
def t_quantile(level: float, df: float) -> float:
    """Return t such that a share ``level`` of Student's distribution lies within ± t; NaN without degrees of
    freedom.

    Examples
    --------
    >>> round(t_quantile(0.95, 597), 6)
    1.963946
    """
    if not df > 0:
        return math.nan
    normal = NormalDist().inv_cdf((1 + level) / 2)
    if math.isinf(df):
        return normal
    low, high = 0.0, max(normal, 1.0)
    while t_tail(high, df) > 1 - level:
        low, high = high, 2 * high
    # Newton's steps, by halves where one would leave the bracket
    log_peak = math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - math.log(df * math.pi) / 2
    t = min(max(normal * (1 + (normal**2 + 1) / (4 * df)), low), high)
    for _ in range(200):
        excess = t_tail(t, df) - (1 - level)
        low, high = (t, high) if excess > 0 else (low, t)
        density = math.exp(log_peak - (df + 1) / 2 * math.log1p(t * t / df))
        step = t + excess / (2 * density)
        new = step if low < step < high else (low + high) / 2
        if abs(new - t) <= 2 * math.ulp(t):
            break
        t = new
    return t
