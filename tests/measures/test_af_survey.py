"""Against R `survey` 4.1.1 (R 4.2.2): the session is tests/reference/survey.Rout, the script survey.R beside
it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mdpoverty.errors import SpecError
from mdpoverty.measures import AlkireFoster, Measures, SurveyDesign
from mdpoverty.measures.distributions import t_quantile

FOLDER = Path(__file__).parents[1] / "reference"
SPEC = AlkireFoster({"a": "1/2", "b": "1/4", "c": "1/4"}, k="1/2")
STRATIFIED = SurveyDesign(strata="stratum", psu="psu", weight="w")
FIGURES: dict[str, dict[str, Any]] = {
    "H": {"measure": "H"},
    "A": {"measure": "A"},
    "M0": {"measure": "M0"},
    "headcount_b": {"measure": "headcount", "indicator": "b"},
    "censored_b": {"measure": "censored_headcount", "indicator": "b"},
    "contribution_b": {"measure": "contribution", "indicator": "b"},
    "mean_poor": {"measure": "mean_deprivations_poor"},
}


def session() -> dict[str, dict[str, tuple[float, float]]]:
    """What the session printed, by title and figure; degrees of freedom under "degf"."""
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for line in (FOLDER / "survey.Rout").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            found[title := line[3:].strip()] = {}
        elif match := re.fullmatch(r"(\w+)\s+(\d+\.\d+) (\d+\.\d+)", line.strip()):
            found[title][match[1]] = (float(match[2]), float(match[3]))
        elif match := re.fullmatch(r"degf (\d+)\s*", line):
            found[title]["degf"] = (float(match[1]), 0.0)
    return found


SESSION = session()


@pytest.fixture(scope="module")
def sample() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "survey_sample.csv")


def compare(title: str, m: Measures, by_area: Measures | None = None, rel: float = 1e-9, **group: str) -> None:
    quoted = SESSION[title]
    assert len(quoted) >= 8
    for name, (estimate, se) in quoted.items():
        if name == "degf":
            continue
        if name in FIGURES:
            row = m.table.iloc[m.find(**FIGURES[name], **group)]
        else:
            assert by_area is not None
            row = by_area.table.iloc[by_area.find(measure=name.removesuffix("_urban"), area="urban")]
        assert row.estimate == pytest.approx(estimate, abs=1e-11), name
        assert row.se == pytest.approx(se, rel=rel), name


@pytest.mark.parametrize(
    ("title", "design", "shares"),
    [
        ("strata, units, weights", STRATIFIED, True),
        ("units, no strata", SurveyDesign(psu="psu", weight="w"), False),
        ("strata, rows as units", SurveyDesign(strata="stratum", weight="w"), True),
        ("simple random sample, weights", SurveyDesign(weight="w"), False),
        ("fpc", SurveyDesign(strata="stratum", psu="psu", weight="w", fpc="fpc"), True),
        ("lonely: certainty", SurveyDesign(strata="lonely", psu="psu", weight="w", lonely="zero"), True),
        ("lonely: adjust", SurveyDesign(strata="lonely", psu="psu", weight="w", lonely="center"), True),
    ],
)
def test_linearised(sample: pd.DataFrame, title: str, design: SurveyDesign, shares: bool) -> None:
    m = SPEC.measure(sample, design=design)
    compare(title, m, SPEC.measure(sample, by="area", design=design) if shares else None)
    assert m.table["df"].unique().tolist() == [SESSION[title]["degf"][0]]


def test_a_number_typed_from_the_session(sample: pd.DataFrame) -> None:
    m = SPEC.measure(sample, design=STRATIFIED)
    assert m.value("M0") == pytest.approx(0.425171736997, abs=1e-12)
    assert m.table["se"].iloc[m.find(measure="M0")] == pytest.approx(0.054083423722, abs=1e-12)


@pytest.mark.parametrize("area", ["rural", "urban"])
def test_domains_keep_the_design(sample: pd.DataFrame, area: str) -> None:
    m = SPEC.measure(sample, by="area", design=STRATIFIED)
    compare(f"domain: {area}", m, area=area)


def test_lonely_units_with_fpc(sample: pd.DataFrame) -> None:
    frame = sample.assign(fpc=sample["fpc"].where(sample["lonely"] != 7, 3))
    design = SurveyDesign(strata="lonely", psu="psu", weight="w", fpc="fpc", lonely="center")
    compare("lonely: adjust, fpc", SPEC.measure(frame, design=design))


def test_fpc_as_a_share(sample: pd.DataFrame) -> None:
    frame = sample.assign(fpc=2 / sample["fpc"])
    design = SurveyDesign(strata="stratum", psu="psu", weight="w", fpc="fpc")
    compare("fpc", SPEC.measure(frame, design=design), SPEC.measure(frame, by="area", design=design))


def test_lonely_units_are_an_error_unless_said_otherwise(sample: pd.DataFrame) -> None:
    # R: "Stratum (6) has only one PSU at stage 1"
    m = SPEC.measure(sample, design=SurveyDesign(strata="lonely", psu="psu", weight="w"))
    with pytest.raises(SpecError, match="2 strata have one sampling unit") as raised:
        _ = m.table
    error: Any = raised.value  # whose facts are attributes
    assert error.strata == (6, 7)


def test_covariance_and_difference(sample: pd.DataFrame) -> None:
    # R: cov 0.00189914143169; svycontrast 0.14126442, SE 0.10799
    m = SPEC.measure(sample, by="area", design=STRATIFIED)
    rural, urban = ({"measure": "H", "area": area} for area in ("rural", "urban"))
    assert m.cov([rural, urban])[0, 1] == pytest.approx(0.00189914143169, rel=1e-10)
    found = m.test(rural, urban)
    assert found["difference"] == pytest.approx(0.14126442, abs=1e-8)
    assert found["se"] == pytest.approx(0.10799, abs=5e-6)
    joint = m.test_equal([rural, urban])
    assert joint["F"] == pytest.approx(found["t"] ** 2)
    assert joint["p"] == pytest.approx(found["p"])


KINDS: dict[str, dict[str, Any]] = {
    "jk1": {},
    "jkn": {"rscales": [0.5] * 12},
    "brr": {},
    "fay": {"fay": 0.3},
    # R's (Canty and Davison) bootstrap draws n of n units, so it scales by n/(n − 1)/(R − 1) = 2/19
    "bootstrap": {"scale": 2 / 19},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("center", "mse"), [("estimate", "TRUE"), ("mean", "FALSE")])
def test_replicates(sample: pd.DataFrame, kind: str, center: str, mse: str) -> None:
    columns = [name for name in sample.columns if re.fullmatch(rf"{kind}\d+", name)]
    design = SurveyDesign(weight="w", replicates=columns, kind=kind, center=center, **KINDS[kind])
    m, by_area = SPEC.measure(sample, design=design), SPEC.measure(sample, by="area", design=design)
    compare(f"replicates: {kind}, mse={mse}", m, by_area)
    assert m.table["df"].unique().tolist() == [SESSION[f"replicates: {kind}, mse={mse}"]["degf"][0]]


# ---- intervals, totals, design effects: intervals.Rout ---------------------------------------------------------------


def printed() -> dict[str, dict[str, list[float]]]:
    found: dict[str, dict[str, list[float]]] = {}
    title = ""
    for line in (FOLDER / "intervals.Rout").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            found[title := line[3:].strip()] = {}
        elif match := re.fullmatch(r"(\S.*?)\s+((?:-?\d+\.\d{12}\s*)+)|(degf) (\d+)\s*", line):
            name, numbers = (match[1], match[2]) if match[1] else (match[3], match[4])
            if title:
                found[title][name] = [float(number) for number in numbers.split()]
    return found


PRINTED = printed()


def figure(m: Measures, name: str, *columns: str, **group: str) -> list[float]:
    row = m.table.iloc[m.find(**FIGURES.get(name, {"measure": name}), **group)]
    return [float(row[column]) for column in columns]


def test_lonely_units_averaged(sample: pd.DataFrame) -> None:
    m = SPEC.measure(sample, design=SurveyDesign(strata="lonely", psu="psu", weight="w", lonely="average"))
    for name, quoted in (("H", "poor"), ("M0", "score")):
        assert figure(m, name, "estimate", "se") == pytest.approx(PRINTED["lonely: average"][quoted], rel=1e-9)


def test_successive_differences(sample: pd.DataFrame) -> None:
    replicates = pd.read_csv(FOLDER / "sdr_sample.csv").drop(columns="psu")
    assert len(replicates.columns) == 16
    design = SurveyDesign(weight="w", replicates=list(replicates.columns), kind="sdr")
    m = SPEC.measure(pd.concat([sample, replicates], axis=1), design=design)
    for name, quoted in (("H", "poor"), ("M0", "score")):
        assert figure(m, name, "estimate", "se") == pytest.approx(PRINTED["successive differences"][quoted], rel=1e-9)
    assert m.table["df"].unique().tolist() == PRINTED["successive differences"]["degf"]


def test_the_number_of_the_poor(sample: pd.DataFrame) -> None:
    quoted = PRINTED["totals"]
    m, by_area = SPEC.measure(sample, design=STRATIFIED), SPEC.measure(sample, by="area", design=STRATIFIED)
    assert figure(m, "number_poor", "estimate", "se") == pytest.approx(quoted["poor"], rel=1e-9)
    assert figure(m, "number_poor", "ci_low", "ci_high") == pytest.approx(quoted["poor, 95 %"], rel=1e-6)
    assert figure(by_area, "number_poor", "estimate", "se", area="rural") == pytest.approx(
        quoted["poor, rural"], rel=1e-9
    )


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
@pytest.mark.parametrize(("interval", "method"), [("logit", "logit"), ("t", "mean"), ("korn-graubard", "beta")])
def test_intervals_of_a_share(sample: pd.DataFrame, level: float, interval: str, method: str) -> None:
    m = SPEC.measure(sample, design=STRATIFIED, level=level, interval=interval)
    quoted = PRINTED["intervals of a share"][f"{method} {level:g}"]
    assert figure(m, "H", "estimate", "ci_low", "ci_high") == pytest.approx(quoted, rel=1e-7)


def test_design_effects(sample: pd.DataFrame) -> None:
    quoted = PRINTED["design effects"]
    m, by_area = SPEC.measure(sample, design=STRATIFIED), SPEC.measure(sample, by="area", design=STRATIFIED)
    for found, name, title, group in (
        (m, "H", "poor", {}),
        (m, "M0", "score", {}),
        (m, "A", "A", {}),
        (by_area, "H", "poor, rural", {"area": "rural"}),
    ):
        row = found.deff.iloc[found.find(measure=name, **group)]
        assert row["deff"] == pytest.approx(quoted[title][0], rel=1e-9), title
        assert row["deft"] ** 2 == pytest.approx(row["deff"])
    of_all = m.deff["measure"].isin(["share", "group_contribution"])
    assert m.deff[of_all]["deff"].isna().all()
    assert m.deff[~of_all]["deff"].notna().all()


def test_design_effects_of_rows_drawn_simply_are_one() -> None:
    frame = {"a": [1, 0, 1, 1, 0, 0, 1, 0], "b": [0, 0, 1, 1, 1, 0, 0, 1]}
    m = AlkireFoster({"a": 1, "b": 1}, k=1).measure(frame, design=SurveyDesign())
    assert m.deff["deff"].dropna().to_numpy() == pytest.approx(1)


def test_levels_of_every_table(sample: pd.DataFrame) -> None:
    m = SPEC.measure(sample, by="area", design=STRATIFIED, level=0.9)
    row = m.table.iloc[m.find(measure="mean_deprivations", area="rural")]
    half = (row["ci_high"] - row["ci_low"]) / 2
    assert half / row["se"] == pytest.approx(t_quantile(0.9, 6))
    rural, urban = ({"measure": "H", "area": area} for area in ("rural", "urban"))
    narrow, wide = m.test(rural, urban), m.test(rural, urban, level=0.99)
    assert (narrow["ci_high"] - narrow["ci_low"]) / (2 * narrow["se"]) == pytest.approx(t_quantile(0.9, 6))
    assert (wide["ci_high"] - wide["ci_low"]) / (2 * wide["se"]) == pytest.approx(t_quantile(0.99, 6))
    change = m.change("area").query("measure == 'H' and kind == 'absolute'").iloc[0]
    assert (change["ci_high"] - change["ci_low"]) / (2 * change["se"]) == pytest.approx(t_quantile(0.9, 6))
    assert m.over(()).level == 0.9
    assert any("90" in head for head in m.to_table("en").columns)
    open_frame = sample.assign(a=sample["a"].where(sample.index > 3).astype("Int64"))
    bounds = [
        SPEC.measure(open_frame, design=STRATIFIED, missing="bounds", level=level).table.set_index("measure").loc["H"]
        for level in (0.5, 0.99)
    ]
    assert bounds[1]["ci_low"] < bounds[0]["ci_low"] < bounds[0]["low"]
    for level, interval in ((95, "logit"), (0.95, "wald")):
        with pytest.raises(SpecError, match=r"0\.95|logit"):
            SPEC.measure(sample, level=level, interval=interval)


def test_nobody_and_everybody_have_an_interval_of_korn_and_graubard() -> None:
    frame = {"a": [0] * 20, "b": [1] * 20, "psu": [1, 2, 3, 4] * 5}
    spec = AlkireFoster({"a": "1/2", "b": "1/2"}, k=1)
    m = spec.measure(frame, design=SurveyDesign(psu="psu"), interval="korn-graubard")
    low, high = figure(m, "H", "ci_low", "ci_high")
    size = 20 * (t_quantile(0.95, 19) / t_quantile(0.95, 3)) ** 2
    assert (low, high) == (0, pytest.approx(1 - 0.025 ** (1 / size)))
    row = m.table.iloc[m.find(measure="headcount", indicator="b")]
    assert (row["ci_low"], row["ci_high"]) == (pytest.approx(0.025 ** (1 / size)), 1)
