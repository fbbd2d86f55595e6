"""Corners of inference: no variance, few units, names that collide, numbers too large, ties."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mdpoverty.errors import BadValues, SpecError
from mdpoverty.measures import AlkireFoster, SurveyDesign, Tally
from mdpoverty.measures.income import fgt, gini, sen, sst, watts
from mdpoverty.measures.sensitivity import bootstrap, rank_robustness

ONE = AlkireFoster({"a": 1}, k=1)


# ---- tests of equality -----------------------------------------------------------------------------------------------


def three(mix: list[int]) -> dict[str, Any]:
    return {"a": [1] * 10 + [0] * 10 + mix, "g": ["all"] * 10 + ["none"] * 10 + ["mix"] * len(mix)}


def h(group: str) -> dict[str, Any]:
    return {"measure": "H", "g": group}


@pytest.mark.parametrize("order", list(itertools.permutations(["all", "none", "mix"])))
def test_groups_that_differ_without_variance_have_no_test_in_any_order(order: tuple[str, ...]) -> None:
    m = ONE.measure(three([1, 0, 1, 0, 1, 0, 1, 0, 1, 0]), by="g", design=SurveyDesign())
    found = m.test_equal([h(g) for g in order])
    assert math.isnan(found["F"])
    assert math.isnan(found["p"])
    assert "no variance" in found["reason"]


def test_the_order_of_groups_does_not_change_a_test() -> None:
    rng = np.random.default_rng(3)
    frame = {"a": rng.integers(0, 2, 400), "g": rng.choice(list("wxyz"), 400), "psu": rng.integers(0, 40, 400)}
    m = ONE.measure(frame, by="g", design=SurveyDesign(psu="psu"))
    found = [m.test_equal([h(g) for g in order]) for order in itertools.permutations("wxyz")]
    assert [one["F"] for one in found] == pytest.approx([found[0]["F"]] * len(found))
    assert found[0]["reason"] == ""
    assert (found[0]["df1"], found[0]["df2"]) == (3, 39 - 3 + 1)


def test_a_figure_named_twice_is_one_equality_less() -> None:
    rng = np.random.default_rng(4)
    frame = {"a": rng.integers(0, 2, 300), "g": rng.choice(list("xy"), 300), "psu": rng.integers(0, 30, 300)}
    m = ONE.measure(frame, by="g", design=SurveyDesign(psu="psu"))
    two, doubled = m.test_equal([h("x"), h("y")]), m.test_equal([h("x"), h("y"), h("x")])
    assert doubled["df1"] == 1
    assert doubled["F"] == pytest.approx(two["F"])
    assert doubled["p"] == pytest.approx(two["p"])


def test_no_variance_and_too_few_units_are_said() -> None:
    m = ONE.measure({"a": [1, 1, 1, 1], "g": list("xxyy")}, by="g", design=SurveyDesign())
    found = m.test_equal([h("x"), h("y")])
    assert math.isnan(found["p"])
    assert "no variance" in found["reason"]
    one = m.test(h("x"), h("y"))
    assert (one["difference"], one["se"]) == (0, 0)
    assert all(math.isnan(one[name]) for name in ("t", "p", "ci_low", "ci_high"))
    assert "no variance" in one["reason"]
    few = {"a": [1, 0, 1, 0, 0, 1, 0, 0, 1], "g": list("xyzxyzxyz"), "psu": [1, 1, 1, 2, 2, 2, 2, 2, 2]}
    found = ONE.measure(few, by="g", design=SurveyDesign(psu="psu")).test_equal([h(g) for g in "xyz"])
    assert math.isnan(found["p"])
    assert found["reason"]


# ---- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["k", "measure", "indicator", "estimate", "se", "ci_low", "n", "population", "df", "low"]
)
def test_a_group_column_named_like_one_of_the_table_is_refused(name: str) -> None:
    with pytest.raises(SpecError, match=f"'{name}'.*[Rr]ename"):
        ONE.measure({"a": [1, 0], name: ["x", "y"]}, by=name)


@pytest.mark.parametrize(
    ("name", "table"),
    [("reason", "without_errors"), ("used", "left_out_replicates"), ("deff", "deff")],
)
def test_tables_beside_refuse_group_columns_named_like_theirs(name: str, table: str) -> None:
    m = ONE.measure({"a": [1, 0, 1], name: ["x", "y", "x"]}, by=name, design=SurveyDesign())
    assert m.table[name].tolist()[0] == "x"
    with pytest.raises(SpecError, match=f"'{name}'.*[Rr]ename"):
        getattr(m, table)


@pytest.mark.parametrize("name", ["category", "n", "households", "people_share"])
def test_counts_refuse_group_columns_named_like_theirs(name: str) -> None:
    frame = {"a": [1, 0], name: ["x", "y"], "class": ["p", "q"]}
    with pytest.raises(SpecError, match=f"'{name}'.*[Rr]ename"):
        Tally.from_frame(frame, ["a"], by=name, category="class").counts()


# ---- large whole numbers ---------------------------------------------------------------------------------------------


def test_whole_weights_that_do_not_fit_are_refused_and_not_wrapped() -> None:
    big = np.full(3, 2**62)
    with pytest.raises(BadValues, match=r"2\*\*63"):
        Tally.from_frame({"a": [1, 0, 1], "w": big}, ["a"], weight="w")
    with pytest.raises(BadValues, match=r"2\*\*63"):
        Tally.from_frame({"a": [1, 0], "w": [2**40] * 2, "s": [2**30] * 2}, ["a"], weight="w", size="s")
    half = Tally.from_frame({"a": [1], "w": [2**62]}, ["a"], weight="w")
    assert half.total() == 2**62
    with pytest.raises(BadValues, match=r"2\*\*63"):
        _ = half + half
    floats = Tally.from_frame({"a": [1, 0, 1], "w": big.astype(float)}, ["a"], weight="w")
    assert floats.measure(ONE).value("H") == pytest.approx(2 / 3)


# ---- groups in one sampling unit -------------------------------------------------------------------------------------


def test_a_group_in_one_sampling_unit_has_no_error() -> None:
    rng = np.random.default_rng(5)
    frame = {"a": rng.integers(0, 2, 100), "psu": np.repeat(np.arange(10), 10), "g": ["rare"] * 10 + ["usual"] * 90}
    m = ONE.measure(frame, by="g", design=SurveyDesign(psu="psu"))
    rows = m.table[m.table["g"] == "rare"].set_index(["measure", "indicator"], drop=False)
    of_the_group = rows[rows["measure"] != "share"]
    of_the_group = of_the_group[of_the_group["measure"] != "group_contribution"]
    assert of_the_group[["se", "ci_low", "ci_high"]].isna().all(axis=None)
    assert rows[rows["measure"] == "share"]["se"].iloc[0] > 0
    assert m.table[(m.table["g"] == "usual") & (m.table["measure"] == "H")]["se"].iloc[0] > 0
    assert m.without_errors["g"].tolist() == ["rare"]
    assert "one sampling unit" in m.without_errors["reason"][0]


# ---- ranks -----------------------------------------------------------------------------------------------------------


def test_groups_that_tie_exactly_stay_tied_under_other_scales_of_weights() -> None:
    rng = np.random.default_rng(6)
    part = {"a": rng.integers(0, 2, 30), "b": rng.integers(0, 2, 30)}
    order = rng.permutation(30)
    frame = {name: np.concatenate([values, values[order]]) for name, values in part.items()}
    weights = rng.integers(1, 9, 30)
    for scale in (1, 1 / 3, 0.1, 1 / 7):
        w = np.concatenate([weights, weights[order]]) * scale
        whole = Tally.from_frame(frame | {"w": w, "g": np.repeat(["x", "y"], 30)}, ["a", "b"], by="g", weight="w")
        _, pairs = rank_robustness(whole, AlkireFoster({"a": "1/3", "b": "2/3"}, k="1/3"), ks=["2/3", 1])
        assert pairs["share_robust"].tolist() == [0.0]


def test_the_baseline_is_no_alternative_to_itself() -> None:
    frame = {"a": [1, 1, 0, 0], "b": [0, 0, 1, 1], "g": list("xxyy")}
    first = AlkireFoster({"a": "2/3", "b": "1/3"}, k="2/3")
    other = AlkireFoster({"a": "1/3", "b": "2/3"}, k="2/3")
    whole = Tally.from_frame(frame, ["a", "b"], by="g")
    _, pairs = rank_robustness(whole, {"first": first, "other": other})
    assert pairs["share_robust"].tolist() == [0.0]
    _, alone = rank_robustness(whole, first)
    assert math.isnan(alone["share_robust"][0])


# ---- the bootstrap ---------------------------------------------------------------------------------------------------


def test_the_bootstrap_knows_of_finite_populations() -> None:
    rng = np.random.default_rng(7)
    frame = {"a": rng.integers(0, 2, 600), "psu": np.repeat(np.arange(60), 10), "fpc": np.full(600, 80)}
    m = ONE.measure(frame, design=SurveyDesign(psu="psu", fpc="fpc"))
    se = m.table["se"].iloc[m.find(measure="H")]
    drawn = bootstrap(m, "H", replicates=4000)[:, 0, 0]
    assert drawn.std() == pytest.approx(se, rel=0.05)
    census = SurveyDesign(psu="psu", fpc="fpc", whole_units=True)
    whole = ONE.measure(frame | {"fpc": np.full(600, 60)}, design=census)
    assert np.ptp(bootstrap(whole, "H", replicates=50)) < 1e-12


def test_the_bootstrap_does_not_draw_what_people_draw() -> None:
    rng = np.random.default_rng(0)
    multipliers = rng.multinomial(9, np.full(10, 1 / 10), size=20) * (10 / 9)
    a = np.arange(10) % 2
    m = ONE.measure({"a": a, "psu": np.arange(10)}, design=SurveyDesign(psu="psu"))
    drawn = bootstrap(m, "H", replicates=20)[:, 0, 0]
    assert not np.allclose(drawn, multipliers @ a / multipliers.sum(axis=1))
    assert (drawn == bootstrap(m, "H", replicates=20, seed=0)[:, 0, 0]).all()


# ---- income ----------------------------------------------------------------------------------------------------------


def test_income_of_weight_zero_counts_for_nothing() -> None:
    assert watts([0, 100, 150], 125, [0, 1, 1]) == pytest.approx(math.log(1.25) / 2)
    assert watts([0, 100], 125) == math.inf


def test_income_and_weight_are_matched_by_their_index_or_refused() -> None:
    income = pd.Series([100.0, 200.0], index=["p", "q"])
    with pytest.raises(BadValues, match="index"):
        fgt(income, 150, 0, pd.Series([3.0, 1.0], index=["q", "p"]))
    assert fgt(income, 150, 0, pd.Series([3.0, 1.0], index=["p", "q"])) == 0.75


def test_a_line_may_differ_by_household() -> None:
    income, line = [100, 100, 300], [90, 120, 400]
    assert fgt(income, line, 0) == pytest.approx(2 / 3)
    assert fgt(income, line, 1) == pytest.approx((1 / 6 + 1 / 4) / 3)
    assert watts(income, line) == pytest.approx((math.log(1.2) + math.log(4 / 3)) / 3)
    for index in (sen, sst):
        assert index(income, [125] * 3) == pytest.approx(index(income, 125))
    with pytest.raises(BadValues, match="line"):
        fgt(income, [1, 2], 0)
    with pytest.raises(BadValues, match="line"):
        fgt(income, "high", 0)
    assert gini([1, 3]) == pytest.approx(0.25)


# ---- degrees of freedom ----------------------------------------------------------------------------------------------


def test_degrees_of_freedom_by_name() -> None:
    frame = {
        "a": [1, 0] * 12,
        "s": np.repeat(["p", "q", "r"], 8),
        "psu": np.repeat(np.arange(12), 2),
        # in two units of stratum p and one of q
        "g": (["x", "x"] * 2 + ["y", "y"] * 2) + (["x", "x"] + ["y", "y"] * 3) + ["y", "y"] * 4,
    }
    for df, own, both in (("design", 9, 9), ("strata", 6, 9), ("units", 1, 9), (5, 5, 5), (None, 6, 9)):
        m = ONE.measure(frame, by="g", design=SurveyDesign(strata="s", psu="psu", df=df))
        assert m.table["df"].iloc[m.find(measure="H", g="x")] == own
        assert m.test({"measure": "H", "g": "x"}, {"measure": "H", "g": "y"})["df"] == both
        assert m.over(()).table["df"].iloc[0] == (5 if df == 5 else 9)
    for wrong in ("rows", -1, math.nan):
        with pytest.raises(SpecError, match="df"):
            SurveyDesign(df=wrong)


def test_replicate_weights_that_cannot_be_meant() -> None:
    for options, says in (
        ({"replicates": ["r1", "r1"], "kind": "brr"}, "twice"),
        ({"replicates": ["r1", "w"], "kind": "brr", "weight": "w"}, "full weight"),
        ({"replicates": ["r1", "r2"], "kind": "brr", "scale": -1.0}, "scale"),
        ({"replicates": ["r1", "r2"], "kind": "jkn", "rscales": [0.5, -0.5]}, "rscales"),
    ):
        with pytest.raises(SpecError, match=says):
            SurveyDesign(**options)
    frame = {"a": [1, 0, 1], "w": [200.0, 300.0, 100.0], "r1": [1.0, 0.0, 2.0], "r2": [2.0, 1.0, 0.0]}
    design = SurveyDesign(weight="w", replicates=["r1", "r2"], kind="brr")
    with pytest.raises(SpecError, match="factors"):
        ONE.measure(frame, design=design)
    acs = frame | {"r1": [210.0, -5.0, 300.0], "r2": [390.0, 310.0, 0.0]}
    assert ONE.measure(acs, design=design).table["se"].iloc[0] >= 0
    assert Fraction(1, 2) == ONE.with_k("1/2").k


def made_up(rows: int = 240) -> tuple[dict[str, np.ndarray[Any, Any]], np.random.Generator]:
    rng = np.random.default_rng(11)
    psu = np.repeat(np.arange(12), rows // 12)
    groups = np.where(psu == 0, "rare", np.where(psu < 4, "some", "usual"))
    return {"a": rng.integers(0, 2, rows), "w": rng.uniform(1, 4, rows), "psu": psu, "g": groups}, rng


def test_a_jackknife_tells_nothing_of_a_group_in_one_unit() -> None:
    frame, _ = made_up()
    left_out = {f"r{j}": np.where(frame["psu"] == j, 0, frame["w"] * 12 / 11) for j in range(12)}
    design = SurveyDesign(weight="w", replicates=list(left_out), kind="jk1")
    m = ONE.measure(frame | left_out, by="g", design=design)
    rows = m.table[m.table["measure"] == "H"].set_index("g")
    assert math.isnan(rows["se"]["rare"])
    assert (rows["se"][["some", "usual"]] > 0).all()
    assert m.without_errors["g"].tolist() == ["rare"]
    assert set(m.left_out_replicates["g"]) == {"rare"}
    assert set(m.left_out_replicates["used"]) == {11}


def test_a_group_of_which_nothing_is_counted_is_not_one_that_lives_in_one_unit() -> None:
    frame, _ = made_up()
    frame["a"] = np.where(frame["g"] == "some", np.nan, frame["a"])
    left_out = {f"r{j}": np.where(frame["psu"] == j, 0, frame["w"] * 12 / 11) for j in range(12)}
    design = SurveyDesign(weight="w", replicates=list(left_out), kind="jk1")
    m = ONE.measure(frame | left_out, by="g", design=design, missing="drop")
    assert set(m.table["n"][m.table["g"] == "some"]) == {0}
    assert m.without_errors["g"].tolist() == ["rare"]


def test_a_group_empty_in_some_replicates_takes_the_others() -> None:
    frame, rng = made_up()
    drawn = {f"r{j}": frame["w"] * rng.multinomial(12, np.full(12, 1 / 12))[frame["psu"]] for j in range(60)}
    frame["g"] = np.where(frame["psu"] < 2, "rare", "usual")
    for scale, factor in ((None, None), (0.02, 0.02)):
        design = SurveyDesign(weight="w", replicates=list(drawn), kind="bootstrap", scale=scale)
        m = ONE.measure(frame | drawn, by="g", design=design)
        rare = frame["g"] == "rare"
        ratios = np.array([np.average(frame["a"][rare], weights=r[rare]) for r in drawn.values() if r[rare].sum() > 0])
        assert 40 < len(ratios) < 60
        squares = ((ratios - m.value("H", g="rare")) ** 2).sum()
        se = m.table["se"][m.find(measure="H", g="rare")]
        # a mean over the replicates that there are; a factor that was given stays as it is
        assert se == pytest.approx(math.sqrt(squares * (factor or 60 / 59 / len(ratios))))
        told = m.left_out_replicates
        assert set(told["used"][(told["g"] == "rare") & (told["measure"] == "H")]) == {len(ratios)}
        assert m.without_errors.empty
        rows = [{"measure": "H", "g": g} for g in ("rare", "usual")]
        both = [{g: np.average(frame["a"][its], weights=r[its]) for g, its in (("rare", rare), ("usual", ~rare))}
                for r in drawn.values() if r[rare].sum() > 0]  # fmt: skip
        away = np.array([[each[row["g"]] - m.value("H", g=row["g"]) for row in rows] for each in both])
        assert m.cov(rows) == pytest.approx(away.T @ away * (factor or 60 / 59 / len(both)))


def test_factors_in_the_place_of_weights_and_the_full_weight_are_refused() -> None:
    frame, rng = made_up()
    factors = {f"r{j}": (1.0 * rng.multinomial(12, np.full(12, 1 / 12)))[frame["psu"]] for j in range(30)}
    design = SurveyDesign(replicates=list(factors), kind="bootstrap")
    with pytest.raises(SpecError, match="factors"):
        ONE.measure(frame | factors, weight="w", design=design)
    weights = {name: values * frame["w"] for name, values in factors.items()}
    assert ONE.measure(frame | weights, weight="w", design=design).table["se"].iloc[0] >= 0
    with pytest.raises(SpecError, match="full weight"):
        ONE.measure(frame | weights, weight="r1", design=design)


def test_the_rank_of_replicates_is_that_of_their_rows_in_parts_too() -> None:
    frame, rng = made_up()
    halves = {f"r{j}": frame["w"] * rng.choice([0.0, 2.0], 12)[frame["psu"]] for j in range(9)}
    halves["r9"] = 2 * frame["w"] - halves["r0"] + halves["r1"] * 0  # its rank is one less, with the full sample's
    halves["r10"] = halves["r0"] + halves["r1"] - halves["r2"]
    design = SurveyDesign(weight="w", replicates=list(halves), kind="brr", scale=0.1)
    whole = {name: np.asarray(values) for name, values in (frame | halves).items()}
    expected = np.linalg.matrix_rank(np.column_stack(list(halves.values()))) - 1
    assert expected == 9
    assert ONE.measure(whole, design=design).table["df"].unique().tolist() == [expected]
    parts = [
        Tally.from_frame({n: v[rows] for n, v in whole.items()}, ["a"], design=design)
        for rows in (slice(0, 70), slice(70, 240))
    ]
    for merged in (parts[0] + parts[1], Tally.from_json((parts[1] + parts[0]).to_json())):
        assert merged.measure(ONE).table["df"].unique().tolist() == [expected]


def test_a_second_stage_is_no_error_of_zero() -> None:
    rng = np.random.default_rng(12)
    frame = {"a": rng.integers(0, 2, 120), "psu": np.repeat(np.arange(6), 20), "all": np.full(120, 1.0)}
    with pytest.raises(SpecError, match=r"second stage.*whole_units=True"):
        _ = ONE.measure(frame, design=SurveyDesign(psu="psu", fpc="all")).table
    told = ONE.measure(frame, design=SurveyDesign(psu="psu", fpc="all", whole_units=True)).table
    assert (told["se"].dropna() == 0).all()
    # as the message says: units as strata, households in them as units
    stage = frame | {"home": np.arange(120), "homes": np.full(120, 400)}
    found = ONE.measure(stage, design=SurveyDesign(strata="psu", psu="home", fpc="homes"))
    p = np.array([frame["a"][frame["psu"] == i].mean() for i in range(6)])
    assert found.table["se"][found.find(measure="H")] == pytest.approx(math.sqrt((0.95 * p * (1 - p) / 19).sum() / 36))
    census = {"a": frame["a"], "all": frame["all"]}
    assert (ONE.measure(census, design=SurveyDesign(fpc="all")).table["se"].dropna() == 0).all()


def test_lonely_units_that_are_all_there_is_have_no_average() -> None:
    frame = {"a": [1, 0, 1, 0], "s": [1, 1, 2, 2], "psu": [1, 1, 2, 2]}
    with pytest.raises(SpecError, match="no variance to average"):
        _ = ONE.measure(frame, design=SurveyDesign(strata="s", psu="psu", lonely="average")).table
