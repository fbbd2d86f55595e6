"""Income poverty with errors: the indices by hand, their influence by derivatives, their errors by other means."""

from __future__ import annotations

import math
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from tests.profiles import SHORT

import mdpoverty as mdp
from mdpoverty.errors import BadValues, MissingColumns, SpecError
from mdpoverty.measures import SurveyDesign, income_poverty
from mdpoverty.measures.income import Poverty, Ranked, fgt, gini, qsr, sen, sst, watts
from mdpoverty.measures.money import MEASURES

SRS = SurveyDesign()


def incomes(n: int, seed: int = 1) -> dict[str, Any]:
    """Made-up people in 60 sampling units of 6 strata."""
    rng = np.random.default_rng(seed)
    psu = rng.integers(0, 60, n)
    level = np.random.default_rng(99).normal(0, 0.3, 60)
    return {
        "psu": psu,
        "stratum": psu // 10,
        "area": np.where(psu % 3 == 0, "urban", "rural"),
        "wave": rng.integers(1, 3, n),
        "income": np.round(np.exp(7 + level[psu] + rng.normal(0, 0.7, n)), -1) + 10,
        "w": rng.uniform(0.5, 3, n).round(2),
    }


def se(m: Any, measure: str, **group: Any) -> float:
    return float(m.table["se"][m.find(measure=measure, **group)])


# ---- estimates -------------------------------------------------------------------------------------------------------


def test_the_table_has_the_indices_of_the_functions() -> None:
    frame = incomes(400)
    m = mdp.measures.income_poverty(frame, income="income", line=900, weight="w", by="area")
    table = m.table
    assert table.columns.tolist() == ["area", "measure", "estimate", "se", "ci_low", "ci_high", "n", "population", "df"]
    assert table["measure"].tolist() == list(MEASURES) * 2
    assert table["se"].isna().all()
    for area in ("rural", "urban"):
        y, w = frame["income"][frame["area"] == area], frame["w"][frame["area"] == area]
        expected = [fgt(y, 900, a, w) for a in (0, 1, 2)]
        expected += [watts(y, 900, w), sen(y, 900, w), sst(y, 900, w), gini(y, w), qsr(y, w)]
        assert [m.value(name, area=area) for name in MEASURES] == pytest.approx(expected)
        assert table[table["area"] == area]["population"].iloc[0] == pytest.approx(w.sum())


def test_by_hand() -> None:
    y = [1, 2, 3, 4, 10]
    m = income_poverty({"y": y}, income="y", line=3)
    # at the line is poor; gaps 2/3, 1/3, 0
    assert [m.value(name) for name in ("FGT0", "FGT1", "FGT2")] == pytest.approx([3 / 5, 1 / 5, 1 / 9])
    assert m.value("watts") == pytest.approx((math.log(3) + math.log(1.5)) / 5)
    assert m.value("gini") == pytest.approx(sum(abs(a - b) for a in y for b in y) / (2 * 25 * 4))
    assert m.value("qsr") == 10
    # Sen: H(I + (1 − I)G), with the gap and the Gini of 1, 2, 3
    assert m.value("sen") == pytest.approx(0.6 * (1 / 3 + 2 / 3 * (8 / (2 * 9 * 2))))
    gaps = [2 / 3, 1 / 3, 0, 0, 0]
    spread = sum(abs(a - b) for a in gaps for b in gaps) / (2 * 25 * 0.2)
    assert m.value("sst") == pytest.approx(0.2 * (1 + spread))


def test_lines_that_incomes_tell() -> None:
    y = np.array([1.0, 2, 3, 4, 10])
    for line, value in (("60% median", 1.8), ("50% of the mean", 2.0), ("20% quantile", 1.0), ("40 % quantile", 2.0)):
        m = income_poverty({"y": y}, income="y", line=line)
        assert m.line["estimate"] == pytest.approx(value)
        assert m.value("FGT0") == pytest.approx((y <= value).mean())
    with pytest.raises(SpecError, match="60% median"):
        income_poverty({"y": y}, income="y", line="60% modus")
    with pytest.raises(SpecError, match="quantile"):
        income_poverty({"y": y}, income="y", line="100% quantile")
    # the line of everyone holds in each group
    m = income_poverty({"y": y, "g": [1, 1, 2, 2, 2]}, income="y", line="60% median", by="g")
    assert m.line["estimate"] == pytest.approx(1.8)
    assert (m.value("FGT0", g=1), m.value("FGT0", g=2)) == (0.5, 0.0)


def test_a_line_of_each_row_and_sizes() -> None:
    frame = {"y": [90, 110, 500], "z": [100, 100, 600], "persons": [4, 1, 5]}
    m = income_poverty(pl.DataFrame(frame), income="y", line="z", size="persons")
    assert m.value("FGT0") == pytest.approx(0.9)
    assert m.value("FGT1") == pytest.approx(0.04 + 0.5 / 6)


def test_missing_incomes_and_what_cannot_be_meant() -> None:
    frame = {"y": [1.0, None, 3.0, 5.0], "g": list("aabb"), "psu": [1, 2, 3, 4]}
    with pytest.raises(BadValues, match=r"y.*1 row"):
        income_poverty(frame, income="y", line=2)
    m = income_poverty(frame, income="y", line=2, missing="drop", design=SurveyDesign(psu="psu"))
    assert m.value("FGT0") == pytest.approx(1 / 3)
    assert m.table["n"].unique().tolist() == [3]
    assert m.table["df"].unique().tolist() == [3]  # the row stays in the design
    for wrong, says in (
        ({"line": -1}, "above zero"),
        ({"line": [1, 2]}, "column"),
        ({"line": 2, "missing": "mean"}, "drop"),
        ({"line": 2, "level": 95}, "0.95"),
        ({"line": 2, "by": "measure"}, "Rename"),
    ):
        options: dict[str, Any] = {"missing": "drop", **wrong}
        with pytest.raises(SpecError, match=says):
            income_poverty(frame | {"measure": [1, 1, 2, 2]}, income="y", **options)
    with pytest.raises(MissingColumns, match="lin"):
        income_poverty(frame, income="y", line="lin")
    with pytest.raises(BadValues, match="line"):
        income_poverty({"y": [1, 2], "line": [0, 1]}, income="y", line="line")
    with pytest.raises(BadValues, match="income"):
        income_poverty({"y": [None, None], "w": [1, 1]}, income="y", line=1, missing="drop")
    with pytest.raises(BadValues):
        income_poverty({"y": [-5, 2]}, income="y", line=1)


def test_no_income_at_all_and_nobody_poor() -> None:
    m = income_poverty({"y": [0, 0, 0, 0], "psu": [1, 2, 3, 4]}, income="y", line=1, design=SurveyDesign(psu="psu"))
    assert m.value("FGT1") == 1
    assert m.value("watts") == math.inf
    assert math.isnan(se(m, "watts"))
    assert math.isnan(m.value("qsr"))
    m = income_poverty({"y": [5, 6, 7, 8]}, income="y", line=1, design=SRS)
    assert [m.value(name) for name in ("FGT0", "FGT1", "watts", "sen", "sst")] == [0] * 5
    assert se(m, "gini") > 0


# ---- influence: the derivative by a person's weight ------------------------------------------------------------------


SMOOTH = ("FGT1", "FGT2", "watts", "sst", "gini")


@cache
def slopes(line: Any) -> dict[str, Any]:
    """Return how each index changes with each person's weight, measured by changing it a little."""
    frame, step = incomes(90, seed=3), 1e-4
    found: dict[str, list[float]] = {measure: [] for measure in ("FGT0", "sen", *SMOOTH)}
    for i in range(90):
        ends = []
        for sign in (1, -1):
            moved = frame["w"].copy()
            moved[i] += sign * step
            ends.append(income_poverty(frame | {"w": moved}, income="income", line=line, weight="w"))
        for measure, its in found.items():
            its.append((ends[0].value(measure) - ends[1].value(measure)) / (2 * step))
    return {measure: np.array(its) for measure, its in found.items()}


@pytest.mark.parametrize(
    ("line", "measure"),
    # the number of the poor is no smooth function of the line, so it has no derivative here
    [(900.0, measure) for measure in ("FGT0", "sen", *SMOOTH)] + [("50% mean", measure) for measure in SMOOTH],
)
def test_errors_are_those_of_derivatives(line: Any, measure: str) -> None:
    frame = incomes(90, seed=3)
    m = income_poverty(frame, income="income", line=line, weight="w", design=SRS)
    z = slopes(line)[measure] * frame["w"]
    assert z.sum() == pytest.approx(0, abs=1e-6)
    assert se(m, measure) == pytest.approx(math.sqrt(90 / 89 * ((z - z.mean()) ** 2).sum()), rel=1e-5)


def test_influences_add_up_to_nothing() -> None:
    frame = incomes(500)
    m = income_poverty(frame, income="income", line=700, weight="w", by="area", design=SRS)
    assert all(np.abs(m.estimates.influence(g).sum(axis=0)[:7]).max() < 1e-12 for g in (0, 1))
    x = Poverty(Ranked.of(frame["income"] / 700, frame["w"]))
    assert abs(float(frame["w"] @ x.sen_influence(0.0)[0])) < 1e-9


# ---- errors by other means -------------------------------------------------------------------------------------------


def drawn_again(frame: dict[str, Any], line: Any, times: int = 400, **options: Any) -> pd.DataFrame:
    """A bootstrap of sampling units within strata (n − 1 of n, rescaled)."""
    rng = np.random.default_rng(5)
    stratum = np.arange(60) // 10
    found = []
    for _ in range(times):
        count = np.concatenate([rng.multinomial(9, np.full(10, 0.1)) for _ in range(6)]) * 10 / 9
        assert len(count) == len(stratum)
        w = frame["w"] * count[frame["psu"]]
        found.append(income_poverty(frame | {"w": w}, income="income", line=line, weight="w", **options).table)
    return pd.concat(found)


@pytest.mark.parametrize("line", [900, "60% median", "50% mean", "20% quantile"])
def test_errors_are_near_those_of_a_bootstrap(line: Any) -> None:
    frame = incomes(3000)
    design = SurveyDesign(strata="stratum", psu="psu")
    m = income_poverty(frame, income="income", line=line, weight="w", by="area", design=design)
    again = drawn_again(frame, line, 60 if SHORT else 200, by="area").groupby(["area", "measure"])["estimate"].std()
    for (area, measure), spread in again.items():
        assert se(m, measure, area=area) == pytest.approx(spread, rel=0.3), (area, measure)
    assert m.table["df"].unique().tolist() == [54]


def test_replicates_work_the_line_out_again() -> None:
    frame = incomes(1200)
    rng = np.random.default_rng(6)
    names = [f"b{r}" for r in range(120)]
    for name in names:
        count = np.concatenate([rng.multinomial(9, np.full(10, 0.1)) for _ in range(6)]) * 10 / 9
        frame[name] = frame["w"] * count[frame["psu"]]
    replicated = SurveyDesign(weight="w", replicates=names, kind="bootstrap")
    by_hand = {
        name: income_poverty(frame, income="income", line="60% median", weight=name, by="area").table["estimate"]
        for name in names
    }
    m = income_poverty(frame, income="income", line="60% median", by="area", design=replicated)
    deviations = pd.DataFrame(by_hand).sub(m.table["estimate"], axis=0)
    expected = np.sqrt((deviations**2).sum(axis=1) / 119)
    assert m.table["se"].to_numpy() == pytest.approx(expected.to_numpy())
    linear = income_poverty(
        frame,
        income="income",
        line="60% median",
        weight="w",
        by="area",
        design=SurveyDesign(strata="stratum", psu="psu"),
    )
    assert m.line["se"] == pytest.approx(linear.line["se"], rel=0.35)
    assert m.cov([0, 8]) == pytest.approx(np.cov(pd.DataFrame(by_hand).loc[[0, 8]], bias=False), rel=0.2, abs=2e-5)


def test_the_jackknife_agrees_where_the_index_is_smooth() -> None:
    frame = incomes(600, seed=8)
    m = income_poverty(frame, income="income", line=900, weight="w", design=SurveyDesign(psu="psu"))
    units = np.unique(frame["psu"])
    left = []
    for unit in units:
        w = np.where(frame["psu"] == unit, 0, frame["w"])
        left.append(
            income_poverty(frame | {"w": w}, income="income", line=900, weight="w").table["estimate"].to_numpy()
        )
    n = len(units)
    spread = np.sqrt((n - 1) / n * ((np.array(left) - np.mean(left, axis=0)) ** 2).sum(axis=0))
    for measure, expected in zip(MEASURES[:7], spread, strict=False):
        assert se(m, measure) == pytest.approx(expected, rel=0.03), measure


def test_the_share_of_the_poor_is_that_of_survey_means() -> None:
    frame = incomes(800)
    frame["poor"] = (frame["income"] <= 800).astype(int)
    design = SurveyDesign(strata="stratum", psu="psu", weight="w")
    m = income_poverty(frame, income="income", line=800, by="area", design=design)
    af = mdp.AlkireFoster({"poor": 1}, k=1).measure(frame, by="area", design=design)
    for area in ("rural", "urban"):
        row, other = m.table.iloc[m.find(measure="FGT0", area=area)], af.table.iloc[af.find(measure="H", area=area)]
        for name in ("estimate", "se", "ci_low", "ci_high", "df", "n"):
            assert row[name] == pytest.approx(other[name]), name
    test = m.test({"measure": "FGT0", "area": "rural"}, {"measure": "FGT0", "area": "urban"})
    expected = af.test({"measure": "H", "area": "rural"}, {"measure": "H", "area": "urban"})
    assert test == pytest.approx(expected)


def test_a_quantile_as_the_line_leaves_the_share_of_the_poor_as_it_is() -> None:
    frame = incomes(3000)
    m = income_poverty(frame, income="income", line="20% quantile", weight="w", design=SurveyDesign(psu="psu"))
    fixed = income_poverty(frame, income="income", line=m.line["estimate"], weight="w", design=SurveyDesign(psu="psu"))
    assert m.value("FGT0") == pytest.approx(0.2, abs=1e-2)
    # a fifth are at or below the fifth's quantile by definition: what varies is next to nothing
    assert se(m, "FGT0") < 1e-3
    assert se(fixed, "FGT0") > 0.01
    assert se(m, "gini") == se(fixed, "gini")


# ---- properties ------------------------------------------------------------------------------------------------------


def test_order_scale_and_waves() -> None:
    frame = incomes(500)
    order = np.random.default_rng(2).permutation(500)
    shuffled = {name: values[order] for name, values in frame.items()}
    scaled = frame | {"income": frame["income"] * 1000}
    design = SurveyDesign(strata="stratum", psu="psu", weight="w")
    m = income_poverty(frame, income="income", line="60% median", design=design)
    for other in (shuffled, scaled, pd.DataFrame(frame), pl.DataFrame(frame)):
        again = income_poverty(other, income="income", line="60% median", design=design)
        pd.testing.assert_frame_equal(again.table, m.table, rtol=1e-9)
    by_wave = income_poverty(frame, income="income", line=900, by="wave", design=design)
    change = by_wave.change("wave", years={1: 2016, 2: 2020})
    rows = change[(change["measure"] == "gini") & (change["kind"] == "absolute")]
    test = by_wave.test({"measure": "gini", "wave": 2}, {"measure": "gini", "wave": 1})
    assert rows["estimate"].iloc[0] == pytest.approx(test["difference"])
    assert rows["se"].iloc[0] == pytest.approx(test["se"])
    wide = by_wave.change("wave", years={1: 2016, 2: 2020})
    assert set(wide["kind"]) == {"absolute", "relative", "annual_absolute", "annual_relative"}


def test_levels_and_repr() -> None:
    frame = incomes(200)
    narrow, wide = (
        income_poverty(frame, income="income", line=900, design=SurveyDesign(psu="psu"), level=level).table
        for level in (0.9, 0.99)
    )
    assert (narrow["ci_low"] >= wide["ci_low"]).all()
    assert (narrow["ci_high"] <= wide["ci_high"]).all()
    assert "FGT0" in repr(income_poverty(frame, income="income", line=900))
    with pytest.raises(SpecError, match="FGT0"):
        income_poverty(frame, income="income", line=900).value("FGT")


def test_a_group_in_one_unit_has_no_error() -> None:
    frame = incomes(300)
    frame["g"] = np.where(frame["psu"] == 7, "rare", "usual")
    m = income_poverty(frame, income="income", line="60% median", by="g", design=SurveyDesign(psu="psu"))
    assert math.isnan(se(m, "FGT0", g="rare"))
    assert m.without_errors["g"].tolist() == ["rare"]
    assert "one sampling unit" in m.without_errors["reason"][0]
    assert se(m, "FGT0", g="usual") > 0


# ---- R `survey` 4.1.1, with indices written by their definitions: income.R and income.Rout ---------------------------

FOLDER = Path(__file__).parents[1] / "reference"


def session() -> dict[str, dict[str, tuple[float, float]]]:
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for line in (FOLDER / "income.Rout").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            found[title := line[3:].strip()] = {}
        elif match := re.fullmatch(r"(\w+)\s+(-?\d+\.\d{12}) (\d+\.\d{12})\s*", line):
            found[title][match[1]] = (float(match[2]), float(match[3]))
    return found


SESSION = session()


def test_linearised_errors_are_those_of_survey() -> None:
    sample = pd.read_csv(FOLDER / "income_sample.csv")
    design = SurveyDesign(strata="stratum", psu="psu", weight="w")
    m = income_poverty(sample, income="income", line=1100, by="area", design=design)
    for area in ("rural", "urban"):
        quoted = SESSION[f"linearised, line 1100: {area}"]
        assert len(quoted) == 4
        for measure, (estimate, error) in quoted.items():
            assert m.value(measure, area=area) == pytest.approx(estimate, abs=1e-11)
            assert se(m, measure, area=area) == pytest.approx(error, rel=1e-9)


@pytest.mark.parametrize("line", [1100, "60% median", "50% mean", "20% quantile"])
def test_replicated_errors_are_those_of_survey(line: Any) -> None:
    sample = pd.read_csv(FOLDER / "income_sample.csv")
    names = [name for name in sample.columns if name.startswith("jkn")]
    design = SurveyDesign(weight="w", replicates=names, kind="jkn", rscales=[5 / 6] * 24)
    m = income_poverty(sample, income="income", line=line, by="area", design=design)
    for area in ("rural", "urban"):
        quoted = SESSION[f"replicates, line {line}: {area}"]
        assert list(quoted) == list(MEASURES)
        for measure, (estimate, error) in quoted.items():
            assert m.value(measure, area=area) == pytest.approx(estimate, abs=1e-10), measure
            assert se(m, measure, area=area) == pytest.approx(error, rel=1e-7), measure
    assert m.table["df"].unique().tolist() == [20]  # replicates − strata
