"""Worked examples from the literature (reference/worked_examples.json says which were read in the source)."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mdpoverty.measures import AlkireFoster, Measures, SurveyDesign
from mdpoverty.measures.income import fgt, gini, sen, sst, watts


@pytest.fixture(scope="session")
def examples(shared_reference: Path) -> dict[str, Any]:
    found = json.loads((shared_reference / "worked_examples.json").read_text(encoding="utf-8"))
    return {example["id"]: example for example in found}


def table_of(g0: list[list[int]], names: str = "abcdefghij", **columns: Any) -> dict[str, Any]:
    return {names[j]: np.array(g0)[:, j] for j in range(len(g0[0]))} | columns


def equal_weights(example: dict[str, Any], k: Any = None) -> AlkireFoster:
    names = "abcd"
    return AlkireFoster(
        dict(zip(names, example["inputs"]["w"], strict=True)), k=example["inputs"]["k"] if k is None else k
    )


def each(m: Measures, measure: str, names: str = "abcd") -> list[float]:
    return [m.value(measure, indicator=name) for name in names]


def test_running_example(examples: dict[str, Any]) -> None:
    example = examples["AF_2x_4x4_binary"]
    want, spec, frame = example["expected"], equal_weights(example), table_of(example["inputs"]["g0"])
    m = spec.measure(frame)
    assert [m.value(name) for name in ("H", "A", "M0")] == [want["H"], want["A"], want["M0"]]
    assert each(m, "headcount") == want["raw_hc"]
    assert each(m, "censored_headcount") == want["cens_hc"]
    assert each(m, "contribution") == pytest.approx(want["pct"], abs=1e-15)
    scores, whole = spec.scores(np.array(example["inputs"]["g0"], bool))
    assert (scores / whole).tolist() == want["score"]
    for k, key in (("union", "k_union_0p25"), ("intersection", "k_intersection_1")):
        at_k = spec.with_k(k).measure(frame)
        assert {name: at_k.value(name) for name in want[key]} == want[key]


def test_cardinal_example(examples: dict[str, Any]) -> None:
    example = examples["AF_cardinal_4x4"]
    x, z = np.array(example["inputs"]["X"]), np.array(example["inputs"]["z"])
    want, deprived, gap = example["expected"], x < z, np.maximum((z - x) / z, 0)
    assert deprived.astype(int).tolist() == want["g0"]
    frame = table_of(deprived, **{f"gap_{name}": gap[:, j] for j, name in enumerate("abcd")})
    m = equal_weights(example).measure(frame, gaps={name: f"gap_{name}" for name in "abcd"})
    for name in ("H", "A", "M0", "M1", "M2", "G", "S"):
        assert m.value(name) == pytest.approx(want[name], abs=1e-15), name


@pytest.mark.parametrize("name", ["AF2015_Box5.5_X", "AF2015_Box5.5_Xprime"])
def test_same_m0_other_composition(examples: dict[str, Any], name: str) -> None:
    example = examples[name]
    # any deprivations with these score vectors will do
    g0 = [[int(i < round(4 * score)) for i in range(4)] for score in example["inputs"]["score"]]
    spec = AlkireFoster(dict.fromkeys("abcd", 1), k=2)
    assert spec.is_poor(np.array(g0)).astype(int).tolist() == example["expected"]["poor"]
    m = spec.measure(table_of(g0))
    assert [m.value(n) for n in ("H", "A", "M0")] == [example["expected"][n] for n in ("H", "A", "M0")]


def test_vignette_of_mpitbr(examples: dict[str, Any]) -> None:
    example = examples["mpitbR_vignette_5persons"]
    want = example["expected"]
    frame = table_of(example["inputs"]["g0"], region=example["inputs"]["region"])
    m = equal_weights(example).measure(frame)
    assert [m.value(n) for n in ("M0", "H", "A")] == pytest.approx([want["M0"], want["H"], want["A"]], abs=1e-7)
    assert each(m, "headcount") == pytest.approx(want["raw_hc"])
    assert each(m, "censored_headcount") == pytest.approx(want["cens_hc"])
    assert [100 * c for c in each(m, "contribution")] == pytest.approx(want["pct_exact"], abs=1e-12)
    by_region = equal_weights(example).measure(frame, by="region")
    assert by_region.value("M0", region="N") == want["M0_N"]
    assert by_region.value("M0", region="S") == pytest.approx(want["M0_S"], abs=1e-7)
    for region, share in want["pop_share"].items():
        assert by_region.value("share", region=region) == pytest.approx(share)


def test_undp_note_and_the_trap_of_household_weights(examples: dict[str, Any]) -> None:
    example = examples["HDR_technical_note_MPI_4households"]
    want, names = example["expected"], "abcdefghij"
    spec = AlkireFoster.nested({"education": [*names[:2]], "health": [*names[2:4]], "living": [*names[4:]]}, k="1/3")
    frame = table_of(example["inputs"]["g0_households"], size=np.array(example["inputs"]["size"]))
    people = spec.measure(frame, size="size")
    assert people.of == "people"
    assert [people.value(n) for n in ("H", "A", "M0")] == pytest.approx([want["H"], want["A"], want["MPI"]])
    for dimension, share in want["contribution_exact"].items():
        assert 100 * people.value("dimension_contribution", indicator=dimension) == pytest.approx(share)
    # the same as a weight, and not the same as households
    assert spec.measure(frame, weight="size").value("M0") == people.value("M0")
    households = spec.measure(frame, size="size", of="households")
    assert households.of == "households"
    trap = want["household_unweighted_trap"]
    assert [households.value(n) for n in ("H", "M0")] == pytest.approx([trap["H"], trap["M0"]])


def test_hand_computed_standard_error(examples: dict[str, Any]) -> None:
    example = examples["afmpi_public_test_4households_SE"]
    want, inputs = example["expected"], example["inputs"]
    spec = AlkireFoster(dict.fromkeys("abcd", "1/4"), k="1/3")
    frame = table_of(inputs["g0"], size=np.array(inputs["size"]), psu=inputs["psu"], two=[1, 1, 2, 2], one=[1] * 4)
    m = spec.measure(frame, size="size", design=SurveyDesign(psu="psu"))
    row = m.table.iloc[m.find(measure="M0")]
    assert (row.estimate, row.df) == (pytest.approx(want["M0"]), want["df"])
    assert row.se == pytest.approx(want["SE"], abs=5e-7)
    two = spec.measure(frame, size="size", design=SurveyDesign(psu="two"))
    assert two.table["se"].iloc[two.find(measure="M0")] == pytest.approx(want["SE_psu_1122"])
    one = spec.measure(frame, size="size", design=SurveyDesign(psu="one", lonely="zero"))
    assert np.isnan(one.table["se"]).all()


def test_income_poverty_of_country_c(examples: dict[str, Any]) -> None:
    example = examples["WB_Handbook_ch4_country_C"]
    want, y, z = example["expected"], example["inputs"]["y"], example["inputs"]["z"]
    assert [fgt(y, z, a) for a in (0, 1, 2)] == pytest.approx([want["P0"], want["P1"], want["P2"]])
    assert watts(y, z) == pytest.approx(want["Watts"])
    assert gini(y) == pytest.approx(want["Gini"])
    assert (sen(y, z), sst(y, z)) == pytest.approx((want["Sen_plugin"], want["SST"]))


def test_levels_of_mpitbr_on_its_synthetic_sample(shared_reference: Path) -> None:
    """All 654 levels of R mpitbR 1.0.1 on syn_cdta: points, standard errors and logit limits."""
    pd = pytest.importorskip("pandas")
    sample = pd.read_csv(shared_reference / "syn_cdta.csv.gz")
    expected = pd.read_csv(shared_reference / "syn_cdta_levels_expected.csv")
    living = ["d_elct", "d_sani", "d_wtr", "d_hsg", "d_ckfl", "d_asst"]
    dimensions = {"health": ["d_nutr", "d_cm"], "education": ["d_satt", "d_educ"], "living": living}
    spec = AlkireFoster.nested(dimensions, k="1/3")
    design = SurveyDesign(strata="stratum", psu="psu", weight="weight")
    names = {
        "hd": "headcount",
        "hdk": "censored_headcount",
        "actb": "absolute_contribution",
        "pctb": "contribution",
    }
    compared = 0
    for wave, rows in expected.groupby("t"):
        frame = sample[sample.t == wave]
        for over in ("nat", "area"):
            m = spec.measure(
                frame,
                by=() if over == "nat" else "area",
                design=design,
                missing="drop",
                ks=["0.2", "0.33", "0.5"],
            )
            for want in rows[rows.loa == over].itertuples():
                figure: dict[str, Any] = {"measure": names.get(want.measure, want.measure)}
                figure |= {} if over == "nat" else {"area": int(want.subg)}
                figure |= {} if want.indicator != want.indicator else {"indicator": want.indicator}
                figure |= {} if want.k != want.k else {"k": Fraction(int(want.k), 100)}
                got = m.table.iloc[m.find(**figure)]
                assert got.estimate == pytest.approx(want.b, abs=1e-8), figure
                if want.se == want.se:
                    assert got.se == pytest.approx(want.se, rel=1e-6), figure
                    assert (got.ci_low, got.ci_high) == pytest.approx((want.ll, want.ul), abs=1e-7), figure
                compared += 1
    assert compared == len(expected)
