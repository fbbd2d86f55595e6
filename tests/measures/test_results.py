from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from mdpoverty.errors import BadValues, SpecError
from mdpoverty.measures import AlkireFoster, Measures, SurveyDesign, Tally

SPEC = AlkireFoster.nested({"x": ["a", "b"], "y": ["c"]}, k="1/2")


def people(n: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({name: rng.integers(0, 2, n) for name in "abc"})
    return frame.assign(
        region=rng.choice(["n", "s"], n),
        area=rng.choice(["r", "u"], n),
        psu=rng.integers(0, 30, n),
        w=rng.uniform(1, 3, n),
    )


@pytest.fixture(scope="module")
def m() -> Measures:
    design = SurveyDesign(psu="psu", weight="w")
    return SPEC.measure(people(), by=["region", "area"], design=design, ks=["1/2", 1])


def test_columns_and_blocks(m: Measures) -> None:
    columns = ["k", "measure", "indicator", "estimate", "se", "ci_low", "ci_high", "n", "population", "df"]
    assert list(m.table.columns) == ["region", "area", *columns]
    assert list(SPEC.measure(people()).table.columns) == columns
    blocks = m.table.groupby(["region", "area"]).size()
    assert len(blocks) == 4
    assert blocks.nunique() == 1
    assert {"H", "A", "M0", "headcount", "censored_headcount", "contribution", "share"} <= set(m.table["measure"])
    assert m.table["n"].groupby([m.table["region"], m.table["area"]]).first().sum() == 300
    figures = ["region", "area", "k", "measure", "indicator"]
    assert not m.table.duplicated(figures).any()
    no_cut_off = {"share", "headcount", "mean_deprivations", "count_share"}
    assert set(m.table[m.table["k"].isna()]["measure"]) == no_cut_off
    assert m.table["ci_low"].le(m.table["estimate"]).where(m.table["ci_low"].notna(), True).all()


def test_without_a_design_there_is_no_sampling_error() -> None:
    m = SPEC.measure(people(), by="region")
    assert m.table[["se", "ci_low", "ci_high", "df"]].isna().all(axis=None)
    with pytest.raises(SpecError, match="Give design="):
        m.cov([0, 1])


def test_groups_of_a_crossing_are_the_groups_of_the_rows(m: Measures) -> None:
    frame = people()
    part = frame[(frame.region == "n") & (frame.area == "u")]
    alone = SPEC.measure(part, weight="w", ks=["1/2", 1])
    for measure in ("H", "M0"):
        assert m.value(measure, k=1, region="n", area="u") == pytest.approx(alone.value(measure, k=1))
    by_region = m.tally.measure(SPEC, by="region")
    assert by_region.value("H", region="n") == pytest.approx(
        SPEC.measure(frame, by="region", weight="w").value("H", region="n")
    )


def test_finding_one_figure(m: Measures) -> None:
    row = m.table.iloc[m.find(measure="contribution", indicator="c", k=0.5, region="s", area="r")]
    assert (row.measure, row.indicator, row.k, row.region, row.area) == ("contribution", "c", 0.5, "s", "r")
    for figure, says in (
        ({"measure": "H", "region": "n", "area": "u"}, "2 figures"),
        ({"measure": "H", "k": "1/3", "region": "n", "area": "u"}, "No figures"),
        ({"measure": "H", "province": "n"}, "region, area"),
        ({"k": 1}, "named by measure"),
    ):
        with pytest.raises(SpecError, match=says):
            m.find(**figure)


def test_a_difference_between_cut_offs_is_certain_when_nobody_is_between() -> None:
    frame = {"a": [1, 0, 1, 0], "b": [1, 0, 1, 0], "psu": [1, 2, 3, 4]}
    m = AlkireFoster({"a": 1, "b": 1}, k=1).measure(frame, design=SurveyDesign(psu="psu"), ks=[1, 2])
    found = m.test({"measure": "H", "k": 1}, {"measure": "H", "k": 2})
    assert (found["difference"], found["se"]) == (0.0, 0.0)
    assert math.isnan(found["p"])


def test_covariances_hold_the_tables_errors(m: Measures) -> None:
    rows = [0, 5, 20, 33, len(m.table) - 1]
    matrix = m.cov(rows)
    assert np.sqrt(np.diag(matrix)) == pytest.approx(m.table["se"].to_numpy()[rows], rel=1e-8)
    assert matrix == pytest.approx(matrix.T)


def test_other_shapes(m: Measures) -> None:
    wide = m.to_wide()
    assert wide.shape[0] == 4 * 2
    assert wide.loc[("n", "u", 1.0), "H"] == m.value("H", k=1, region="n", area="u")
    assert wide.loc[("n", "u", 0.5), "contribution:c"] == m.value(
        "contribution", indicator="c", k="1/2", region="n", area="u"
    )
    assert (
        m.to_wide("se").loc[("n", "u", 1.0), "H"] == m.table["se"].iloc[m.find(measure="H", k=1, region="n", area="u")]
    )
    assert isinstance(m.to_frame("polars"), pl.DataFrame)
    assert m.to_frame("polars")["estimate"].to_list()[:3] == m.table["estimate"].to_list()[:3]
    assert m.to_frame("polars")["indicator"].null_count() == m.table["indicator"].isna().sum()
    for same in (m.to_frame(), m.to_frame(people())):
        pd.testing.assert_frame_equal(same, m.table)
    assert isinstance(m.to_frame(pl.DataFrame({"x": [1]})), pl.DataFrame)
    assert "<table" in m._repr_html_()
    assert "M0" in repr(m)


def test_wide_rows_are_the_figures_of_their_group_and_cut_off(m: Measures) -> None:
    wide = m.to_wide()
    assert wide.index.names == ["region", "area", "k"]
    for (region, area, k), row in zip(wide.index, wide.to_dict("records"), strict=True):
        of_group = m.table[(m.table["region"] == region) & (m.table["area"] == area)]
        of_group = of_group[of_group["k"].isna() | (of_group["k"] == k)]
        names = of_group["measure"] + (":" + of_group["indicator"].astype("string")).fillna("")
        assert list(row) == names.tolist()
        assert list(row.values()) == pytest.approx(of_group["estimate"].tolist(), rel=0, nan_ok=True)
    assert SPEC.measure(people()).to_wide().index.tolist() == [0.5]
    assert m.to_wide("n").dtypes.unique().tolist() == [np.dtype(np.int64)]


def test_figures_of_many_groups_are_found_without_going_through_all(
    m: Measures, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh, calls = Measures(m.estimates), []
    labels = Tally.group_labels
    monkeypatch.setattr(Tally, "group_labels", lambda tally: calls.append(1) or labels(tally))
    found = [fresh.value("H", region=r, area=a, k=1) for r in "ns" for a in "ru"]
    fresh.to_wide()
    assert len(calls) <= 3  # the table, the index of groups and the wide table: not each figure
    assert len(set(found)) == 4
    with pytest.raises(SpecError, match="No figures"):
        fresh.value("H", region=["n"], area="u", k=1)


def test_the_receipt(m: Measures) -> None:
    receipt = m.receipt
    assert receipt["spec"]["weights"] == {"a": "1/4", "b": "1/4", "c": "1/2"}
    assert receipt["ks"] == ["1/2", "1"]
    assert receipt["n"] == 300
    assert receipt["tally"] == m.tally.digest
    assert receipt["design"]["psu"] == "psu"
    import json

    json.dumps(receipt)


def test_measures_can_be_sent_to_another_process(m: Measures) -> None:
    again = pickle.loads(pickle.dumps(m))
    pd.testing.assert_frame_equal(again.table, m.table)


def test_gaps() -> None:
    frame: dict[str, Any] = {
        "a": [1, 1, 0],
        "b": [1, 0, 0],
        "ga": [0.5, 0.2, 0.9],
        "gb": [1.0, 0.3, 0],
        "psu": [1, 2, 3],
    }
    spec = AlkireFoster({"a": 1, "b": 1}, k=2)
    m = spec.measure(frame, gaps={"a": "ga", "b": "gb"}, design=SurveyDesign(psu="psu"))
    assert m.value("M1") == pytest.approx(0.75 / 3)
    assert m.value("M2") == pytest.approx((0.25 + 1) / 2 / 3)
    # only the first unit is poor: z = 2/3·0.75/3·(1, −½, −½)/… as for a mean of (0.75, 0, 0)
    assert m.table["se"].iloc[m.find(measure="M1")] == pytest.approx(np.std([0.75, 0, 0], ddof=1) / math.sqrt(3))
    with pytest.raises(SpecError, match="b have none"):
        spec.measure(frame, gaps={"a": "ga"})
    # rows as sampling units are what sampling units of one row are
    rows = spec.measure(frame, gaps={"a": "ga", "b": "gb"}, design=SurveyDesign())
    pd.testing.assert_frame_equal(rows.table, m.table)


GAPS = {"a": "ga", "b": "gb", "c": "gc"}


def gap_frame(n: int = 120, *, unknown: bool = False) -> dict[str, Any]:
    """Made-up people with gaps; where an indicator isn't known, neither is its gap."""
    rng = np.random.default_rng(21)
    frame: dict[str, Any] = {
        "w": rng.integers(1, 5, n) / 2,
        "g": rng.choice(["x", "y"], n),
        "psu": np.repeat(np.arange(n // 6), 6),
    }
    for name in "abc":
        frame[name] = rng.integers(0, 2, n).astype(float)
        frame[f"g{name}"] = frame[name] * rng.uniform(0, 1, n)
        if unknown and name != "c":
            gone = rng.random(n) < 0.15
            frame[name][gone], frame[f"g{name}"][gone] = np.nan, np.nan
    return frame


NESTED = AlkireFoster({"a": "1/4", "b": "1/4", "c": "1/2"}, k="1/2", dimensions={"one": ["a", "b"], "two": ["c"]})


def sum_of_gaps(frame: dict[str, Any], power: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Each person's part of M1 or M2 by hand, re-weighted within dimensions, and who is kept."""
    known = {name: ~np.isnan(frame[name]) for name in "abc"}
    first = known["a"].astype(float) + known["b"]
    share = {name: np.where(known[name], 0.5 / np.maximum(first, 1), 0) for name in "ab"} | {
        "c": np.full(len(first), 0.5)
    }
    held = {name: np.nan_to_num(frame[name]) for name in "abc"}
    score = sum(share[name] * held[name] for name in "abc")
    gaps = sum(share[name] * held[name] * np.nan_to_num(frame[f"g{name}"]) ** power for name in "abc")
    return np.where(score >= 0.5 - 1e-12, gaps, 0.0), first > 0


@pytest.mark.parametrize("power", [1, 2])
def test_gaps_reweighted_with_rows_as_units_and_replicates(power: int) -> None:
    frame = gap_frame(unknown=True)
    each, kept = sum_of_gaps(frame, power)
    w = frame["w"] * kept
    mean = float(w @ each / w.sum())
    z = w * (each - mean) / w.sum()
    measure = f"M{power}"
    for design, units in (
        (SurveyDesign(weight="w"), z),
        (SurveyDesign(weight="w", psu="psu"), z.reshape(-1, 6).sum(1)),
    ):
        m = NESTED.measure(frame, gaps=GAPS, design=design, missing="reweight")
        row = m.table.iloc[m.find(measure=measure)]
        n = len(units)
        assert row["estimate"] == pytest.approx(mean)
        assert row["se"] == pytest.approx(math.sqrt(n / (n - 1) * ((units - units.mean()) ** 2).sum()))
        assert row["df"] == n - 1
    units = len(np.unique(frame["psu"]))
    left_out = {f"r{j}": np.where(frame["psu"] == j, 0, frame["w"] * units / (units - 1)) for j in range(units)}
    design = SurveyDesign(weight="w", replicates=list(left_out), kind="jk1")
    m = NESTED.measure(frame | left_out, by="g", gaps=GAPS, design=design, missing="reweight")
    for group in ("x", "y"):
        own = kept & (frame["g"] == group)
        values = [float((r * own) @ each / (r * own).sum()) for r in (frame["w"], *left_out.values())]
        row = m.table.iloc[m.find(measure=measure, g=group)]
        assert row["estimate"] == pytest.approx(values[0])
        squares = ((np.array(values[1:]) - values[0]) ** 2).sum()
        assert row["se"] == pytest.approx(math.sqrt((units - 1) / units * squares))


def test_gaps_of_known_indicators_are_needed() -> None:
    frame = gap_frame(unknown=True)
    dropped = NESTED.measure(frame, gaps=GAPS, missing="drop")
    known = ~np.isnan(frame["a"]) & ~np.isnan(frame["b"])
    each = sum_of_gaps({name: values[known] for name, values in frame.items()}, 1)[0]
    assert dropped.value("M1") == pytest.approx(each.mean())
    wrong = frame | {"gc": np.where(np.arange(120) == 7, np.nan, frame["gc"])}
    with pytest.raises(BadValues, match=r"gc.*1 row"):
        NESTED.measure(wrong, gaps=GAPS, missing="drop")


def test_rows_without_names_are_not_added_up() -> None:
    tallies = [Tally.from_frame(gap_frame(), ["a", "b", "c"], gaps=GAPS, design=SurveyDesign()) for _ in "ab"]
    with pytest.raises(SpecError, match="Name a psu"):
        _ = tallies[0] + tallies[1]
    waves = Tally.stack({1: tallies[0], 2: tallies[1]}, same_units=False)
    change = NESTED.measure_tally(waves).change("wave")
    rows = change[(change["measure"] == "M1") & (change["kind"] == "absolute")]
    one = NESTED.measure_tally(tallies[0])
    assert rows["estimate"].iloc[0] == pytest.approx(0)
    assert rows["se"].iloc[0] == pytest.approx(math.sqrt(2) * one.table["se"][one.find(measure="M1")])
    assert len(Tally.from_json(waves.to_json()).psus) == 120


def test_designs_that_cannot_be_meant() -> None:
    for options, says in (
        ({"lonely": "drop"}, "lonely"),
        ({"replicates": ["r"]}, "how the replicates"),
        ({"kind": "jk1"}, "name their columns"),
        ({"replicates": ["r"], "kind": "fay"}, "ρ"),
        ({"replicates": ["r"], "kind": "jkn"}, "rscales"),
        ({"replicates": ["r"], "kind": "jkn", "rscales": [1, 1]}, "1 replicates have 2"),
        ({"center": "median"}, "center"),
    ):
        with pytest.raises(SpecError, match=says):
            SurveyDesign(**options)
    frame = people().assign(fpc=1)
    with pytest.raises(SpecError, match="differ"):
        SPEC.measure(frame, weight="psu", design=SurveyDesign(weight="w"))
    assert SurveyDesign(**SurveyDesign(psu="p", replicates=["r"], kind="jk1").to_dict()).replicates == ("r",)


def test_a_lonely_policy_can_be_chosen_when_measuring() -> None:
    frame = {"a": [1, 0, 1], "s": [1, 1, 2], "psu": [1, 2, 3]}
    t = Tally.from_frame(frame, ["a"], design=SurveyDesign(strata="s", psu="psu"))
    spec = AlkireFoster({"a": 1}, k=1)
    with pytest.raises(SpecError, match="one sampling unit"):
        _ = t.measure(spec).table
    zero, centre = (t.measure(spec, lonely=policy).table["se"].sum() for policy in ("zero", "center"))
    assert centre > zero > 0
