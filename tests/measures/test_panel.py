"""Households followed from wave to wave: by hand, against changes of stacked waves, and with households that go."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import mdpoverty as mdp
from mdpoverty import examples
from mdpoverty.errors import BadValues, MissingColumns, SpecError
from mdpoverty.measures import AlkireFoster, SurveyDesign, Tally

SPEC = AlkireFoster({"a": "1/2", "b": "1/4", "c": "1/4"}, k="1/2")


def two_waves(n: int = 600) -> tuple[dict[str, Any], dict[str, Any]]:
    """The same made-up households twice, in 40 sampling units; the second time in another order."""
    rng = np.random.default_rng(41)
    psu = np.repeat(np.arange(40), n // 40)
    common = {"id": [f"HH-{i}" for i in range(n)], "psu": psu, "w": rng.uniform(1, 4, n), "area": psu % 2}
    first = {name: rng.integers(0, 2, n) for name in "abc"}
    second = {name: np.where(rng.random(n) < 0.6, values, rng.integers(0, 2, n)) for name, values in first.items()}
    return common | first, common | second


def shuffled(frame: dict[str, Any], rows: Any) -> dict[str, Any]:
    return {name: np.asarray(values)[rows] for name, values in frame.items()}


def test_by_hand() -> None:
    before = {
        "id": [1, 2, 3, 4, 9],
        "a": [1, 1, 0, 0, 1],
        "b": [0, 1, 0, 0, 1],
        "c": [0, 0, 1, 0, 1],
        "w": [1, 2, 3, 4, 9],
    }
    after = {"id": [4, 3, 2, 1, 7], "a": [0, 1, 1, 0, 1], "b": [0, 0, 1, 0, 1], "c": [0, 0, 1, 1, 1]}
    found = SPEC.panel(pd.DataFrame(before), pl.DataFrame(after), id="id", weight="w")
    # 1 left (score 1/2), 2 stayed (3/4 to 1), 3 entered (1/2), 4 never was poor; 9 and 7 are in one wave
    expected = {
        "never": 0.4,
        "entered": 0.3,
        "left": 0.1,
        "stayed": 0.2,
        "entry_rate": 3 / 7,
        "exit_rate": 1 / 3,
        "H_before": 0.3,
        "H_after": 0.5,
        "M0_before": 0.05 + 0.15,
        "M0_after": 0.15 + 0.2,
        "M0_change": 0.15,
        "M0_entered": 0.15,
        "M0_left": -0.05,
        "M0_stayed": 0.05,
    }
    assert found.table["measure"].tolist() == list(expected)
    for name, value in expected.items():
        assert found.value(name) == pytest.approx(value), name
    assert found.households == {"both": 4, "before": 1, "after": 1, "unknown": 0}
    assert found.table["n"].unique().tolist() == [4]
    assert found.table["se"].isna().all()
    assert "entered" in repr(found)


def test_the_change_is_that_of_stacked_waves_with_its_error() -> None:
    before, after = two_waves()
    design = SurveyDesign(psu="psu", weight="w")
    rows = np.random.default_rng(1).permutation(600)
    found = SPEC.panel(before, shuffled(after, rows), id="id", by="area", design=design)
    waves = {t: Tally.from_frame(f, list("abc"), by="area", design=design) for t, f in ((1, before), (2, after))}
    change = SPEC.measure_tally(Tally.stack(waves, same_units=True)).change("wave")
    change = change[(change["measure"] == "M0") & (change["kind"] == "absolute")].set_index("area")
    for area in (0, 1):
        row = found.table.iloc[found.find(measure="M0_change", area=area)]
        for name in ("estimate", "se", "ci_low", "ci_high", "df"):
            assert row[name] == pytest.approx(change[name][area]), name
        parts = [found.value(name, area=area) for name in ("M0_entered", "M0_left", "M0_stayed")]
        assert sum(parts) == pytest.approx(row["estimate"])
        shares = [found.value(name, area=area) for name in ("never", "entered", "left", "stayed")]
        assert sum(shares) == pytest.approx(1)
        assert shares[1] - shares[2] == pytest.approx(
            found.value("H_after", area=area) - found.value("H_before", area=area)
        )
    test = found.test({"measure": "exit_rate", "area": 0}, {"measure": "exit_rate", "area": 1})
    assert test["df"] == 39
    assert 0 < test["p"] <= 1


def test_rates_are_domain_means_with_errors_near_a_jackknife() -> None:
    before, after = two_waves()
    found = SPEC.panel(before, after, id="id", design=SurveyDesign(psu="psu", weight="w"))
    left_out = {f"r{j}": np.where(before["psu"] == j, 0, before["w"] * 40 / 39) for j in range(40)}
    design = SurveyDesign(weight="w", replicates=list(left_out), kind="jk1")
    again = SPEC.panel(before | left_out, after, id="id", design=design)
    assert again.table["se"].to_numpy() == pytest.approx(found.table["se"].to_numpy(), rel=0.05)
    assert again.table["df"].unique().tolist() == [39]
    weights = np.array(
        [SPEC.panel(before | {"w": w}, after, id="id", weight="w").value("exit_rate") for w in left_out.values()]
    )
    spread = math.sqrt(39 / 40 * ((weights - found.value("exit_rate")) ** 2).sum())
    assert again.table["se"][again.find(measure="exit_rate")] == pytest.approx(spread)
    # who is not followed stays in the design
    fewer = SPEC.panel(before, shuffled(after, np.arange(580)), id="id", design=SurveyDesign(psu="psu", weight="w"))
    assert fewer.table["df"].unique().tolist() == [39]
    assert fewer.table["n"].unique().tolist() == [580]
    assert fewer.households == {"both": 580, "before": 20, "after": 0, "unknown": 0}


def test_unknown_indicators_and_keys_that_do_not_fit() -> None:
    before, after = two_waves(40)
    gone = after | {"a": np.where(np.arange(40) < 3, np.nan, after["a"].astype(float))}
    with pytest.raises(SpecError, match="3 households"):
        SPEC.panel(before, gone, id="id")
    found = SPEC.panel(before, gone, id="id", missing="drop")
    assert found.households == {"both": 40, "before": 0, "after": 0, "unknown": 3}
    assert found.table["n"].unique().tolist() == [37]
    twice = after | {"id": ["HH-1", *after["id"][1:]]}
    with pytest.raises(BadValues, match="duplicate key"):
        SPEC.panel(before, twice, id="id")
    with pytest.raises(MissingColumns):
        SPEC.panel(before, after, id="household")
    with pytest.raises(BadValues, match="both waves"):
        SPEC.panel(before, after | {"id": [f"X-{i}" for i in range(40)]}, id="id")
    with pytest.raises(BadValues):
        SPEC.panel(before | {"id": np.arange(40)}, after | {"id": [str(i) for i in range(40)]}, id="id")
    with pytest.raises(SpecError, match="drop"):
        SPEC.panel(before, after, id="id", missing="reweight")
    with pytest.raises(SpecError, match="two waves"):
        SPEC.panel(before, after, id="id").change("area")
    two = SPEC.panel(before, after, id=["area", "id"])
    assert two.value("stayed") == SPEC.panel(before, after, id="id").value("stayed")


def test_two_reviews_of_the_law() -> None:
    vn = mdp.standards["vn-2022"]
    homes, people = examples.commune(300)
    first = vn.classify(homes, people, date="2024-11-15")
    second = vn.classify(homes.iloc[::-1], people, date="2024-11-15")
    found = first.panel(second, missing="drop")
    assert found.value("entered") == found.value("left") == found.value("M0_change") == 0
    assert found.value("M0_before") == pytest.approx(found.value("M0_after"))
    assert found.households is not None
    assert found.households["both"] == 300
    same = first.measure(missing="drop")
    assert found.value("H_before") == pytest.approx(same.value("H"))
