from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from mdpoverty.errors import SpecError
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
    assert m.to_frame() is m.table
    assert m.to_frame(people()) is m.table
    assert isinstance(m.to_frame(pl.DataFrame({"x": [1]})), pl.DataFrame)
    assert "<table" in m._repr_html_()
    assert "M0" in repr(m)


def test_wide_rows_are_the_figures_of_their_group_and_cut_off(m: Measures) -> None:
    wide = m.to_wide()
    assert wide.index.names == ["region", "area", "k"]
    for (region, area, k), row in zip(wide.index, wide.to_dict("records"), strict=True):
        of_group = m.table[(m.table["region"] == region) & (m.table["area"] == area)]
        of_group = of_group[of_group["k"].isna() | (of_group["k"] == k)]
        names = of_group["measure"] + (":" + of_group["indicator"].astype("str")).fillna("")
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
    with pytest.raises(SpecError, match="name a psu"):
        spec.measure(frame, gaps={"a": "ga", "b": "gb"}, design=SurveyDesign())


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
