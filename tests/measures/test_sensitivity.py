from __future__ import annotations

import math

import numpy as np
import pytest

from mdpoverty.errors import SpecError
from mdpoverty.measures import AlkireFoster, SurveyDesign, Tally
from mdpoverty.measures.sensitivity import (
    _agreement,
    attainable,
    bootstrap,
    rank_robustness,
    redundancy,
    sweep,
)

SPEC = AlkireFoster({"a": "1/2", "b": "1/4", "c": "1/4"}, k="1/2")


def sample(n: int = 1200) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(2)
    group = rng.integers(0, 5, n)
    frame = {name: (rng.random(n) < 0.15 + 0.1 * group).astype(int) for name in "abc"}
    psu = rng.integers(0, 8, n) + 8 * group
    return frame | {"g": group, "stratum": group // 2, "psu": psu, "w": rng.uniform(1, 2, n)}


@pytest.fixture(scope="module")
def tally() -> Tally:
    design = SurveyDesign(strata="stratum", psu="psu", weight="w")
    return Tally.from_frame(sample(), ("a", "b", "c"), by="g", design=design)


def test_a_sweep_is_each_measure_alone(tally: Tally) -> None:
    other = AlkireFoster(dict.fromkeys("abc", 1), k=1)
    found = sweep(tally, {"nested": SPEC, "equal": other}, by=())
    assert attainable(tally, SPEC) == [0.25, 0.5, 0.75, 1]
    for name, spec in (("nested", SPEC), ("equal", other)):
        for k in attainable(tally, spec):
            row = found[(found.spec == name) & (found.measure == "M0") & np.isclose(found.k, float(k))]
            assert row["estimate"].item() == tally.measure(spec, by=(), ks=[k]).value("M0")


def test_redundancy_by_hand() -> None:
    # 4 both, 2 only a, 1 only b, 3 neither
    frame = {"a": [1] * 6 + [0] * 4, "b": [1] * 4 + [0] * 2 + [1] + [0] * 3}
    t = Tally.from_frame(frame, ["a", "b"])
    row = redundancy(t, AlkireFoster({"a": 1, "b": 1}, k=1)).iloc[0]
    assert [row.both, row.only_first, row.only_second, row.neither] == [0.4, 0.2, 0.1, 0.3]
    assert row.cramers_v == pytest.approx((4 * 3 - 2 * 1) / math.sqrt(6 * 4 * 5 * 5))
    assert row.cramers_v == pytest.approx(np.corrcoef(frame["a"], frame["b"])[0, 1])
    assert row.r0 == 4 / 5
    censored = redundancy(t, AlkireFoster({"a": 1, "b": 1}, k=2), k=2).iloc[0]
    assert [censored.both, censored.only_first, censored.neither] == [0.4, 0, 0.6]
    nobody = redundancy(Tally.from_frame({"a": [0], "b": [1]}, ["a", "b"]), AlkireFoster({"a": 1, "b": 1}, k=1))
    assert math.isnan(nobody["r0"].item())


def test_redundancy_takes_who_is_known() -> None:
    frame = {"a": [1, 1, np.nan, 0], "b": [1, 0, 1, 0], "c": [np.nan, 1, 1, 1]}
    found = redundancy(Tally.from_frame(frame, ["a", "b", "c"]), SPEC)
    assert found["both"].tolist() == pytest.approx([1 / 3, 1 / 2, 1 / 3])


def test_the_bootstrap_agrees_with_linearisation(tally: Tally) -> None:
    m = tally.measure(SPEC, ks=["1/4", "1/2"])
    for measure in ("H", "M0", "A", "group_contribution"):
        draws = bootstrap(m, measure, replicates=2000, seed=1)
        assert draws.shape == (2000, 5, 2)
        want = [[m.table["se"].iloc[m.find(measure=measure, k=k, g=g)] for k in m.ks] for g in range(5)]
        ratio = np.nanstd(draws, axis=0, ddof=1) / np.array(want)
        assert ratio.min() > 0.85
        assert ratio.max() < 1.15
    assert (bootstrap(m, "H", replicates=5, seed=3) == bootstrap(m, "H", replicates=5, seed=3)).all()
    with pytest.raises(SpecError, match="psu="):
        bootstrap(SPEC.measure(sample(), by="g"), "H")
    with pytest.raises(SpecError, match="no figure"):
        bootstrap(m, "happiness")


def test_rank_correlations() -> None:
    # scipy.stats: kendalltau 0.4444444444444444, spearmanr 0.5263157894736843
    found = _agreement(np.array([[0.1, 0.3, 0.2, 0.2, 0.5], [0.2, 0.2, 0.1, 0.4, 0.6]]).T)
    assert found["kendall"] == pytest.approx([1, 4 / 9])
    assert found["spearman"] == pytest.approx([1, 0.5263157894736843])
    # nine strict orders in the first column; the second keeps six
    assert found["pairs_kept"] == pytest.approx([1, 6 / 9])


def test_rank_robustness(tally: Tally) -> None:
    other = AlkireFoster(dict.fromkeys("abc", 1), k=2)
    summary, pairs = rank_robustness(tally, {"base": SPEC, "equal": other}, ks=["1"], replicates=50)
    assert summary[["spec", "k"]].to_numpy().tolist() == [
        ["base", 0.5],
        ["base", 1],
        ["equal", 2 / 3],
        ["equal", 1],
    ]
    first = summary.iloc[0]
    assert (first.kendall, first.spearman, first.pairs_kept, first.kendall_se) == pytest.approx((1, 1, 1, 0))
    assert summary["spearman_se"].iloc[1] >= 0
    assert len(pairs) == 10
    assert pairs["share_robust"].between(0.25, 1).all()
    top = pairs[(pairs["first"] == 4) & (pairs["second"] == 0)].iloc[0]
    assert (top.share_robust, top.certainty) == (1, 1)
