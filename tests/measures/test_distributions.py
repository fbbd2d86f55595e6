"""Against scipy 1.x (stats.t, stats.f, special.betainc); the numbers are typed from its session."""

from __future__ import annotations

import math

import pytest

from mdpoverty.measures.distributions import f_tail, incomplete_beta, t_quantile, t_tail


@pytest.mark.parametrize(
    ("level", "df", "want"),
    [
        (0.95, 1, 12.706204736174694),
        (0.95, 2.5, 3.5746548420036817),
        (0.99, 5, 4.032142983555228),
        (0.95, 30, 2.0422724563012378),
        (0.9, 597, 1.647409993462619),
        (0.95, 1e6, 1.959966356814107),
        (0.95, math.inf, 1.959963984540054),
    ],
)
def test_t_quantile(level: float, df: float, want: float) -> None:
    assert t_quantile(level, df) == pytest.approx(want, rel=1e-9)


@pytest.mark.parametrize(
    ("t", "df", "want"),
    [
        (0.1, 1, 0.936548965138893),
        (2, 4, 0.11611652351681556),
        (5, 10, 0.0005373336027564527),
        (12, 33.3, 1.2232760160435537e-13),
        (-40, 200, 2.2487396535202197e-97),
    ],
)
def test_t_tail(t: float, df: float, want: float) -> None:
    assert t_tail(t, df) == pytest.approx(want, rel=1e-9)


def test_f_tail_and_incomplete_beta() -> None:
    assert f_tail(1, 2, 10) == pytest.approx(0.4018775720164609, rel=1e-12)
    assert f_tail(3.2, 5, 40) == pytest.approx(0.015979639022047465, rel=1e-12)
    assert f_tail(10, 1, 3) == pytest.approx(0.05078186628649377, rel=1e-12)
    assert incomplete_beta(0.5, 0.5, 0.3) == pytest.approx(0.36901011956554536, rel=1e-12)
    assert incomplete_beta(10, 2, 0.9) == pytest.approx(0.6973568802000002, rel=1e-12)
    assert incomplete_beta(300, 0.5, 0.999) == pytest.approx(0.438654268870091, rel=1e-10)
    assert (incomplete_beta(2, 3, 0), incomplete_beta(2, 3, 1)) == (0, 1)


def test_no_degrees_of_freedom_no_answer() -> None:
    assert math.isnan(t_quantile(0.95, 0))
    assert math.isnan(t_quantile(0.95, math.nan))
    assert math.isnan(t_tail(1, 0))
    assert math.isnan(f_tail(math.nan, 1, 1))
