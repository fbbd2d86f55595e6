"""What public code has got wrong on real data: one test each."""

from __future__ import annotations

import copy
import functools
import math
import operator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mdpoverty.errors import SpecError
from mdpoverty.measures import AlkireFoster, SurveyDesign, Tally

TEN = [f"i{j}" for j in range(10)]
GLOBAL = AlkireFoster.nested({"health": TEN[:2], "education": TEN[2:4], "living": TEN[4:]}, k="1/3")


def people(**columns: Any) -> dict[str, Any]:
    return {name: np.array(values) for name, values in columns.items()}


def test_everyone_exactly_at_the_cut_off_is_poor() -> None:
    # six of twelve: 0.49999999999999994 when 1/12 is added six times as a float
    names = [f"i{j}" for j in range(12)]
    assert functools.reduce(operator.add, [1 / 12] * 6) < 1 / 2  # not sum(), which compensates from Python 3.12 on
    frame = {name: np.full(7, int(j < 6)) for j, name in enumerate(names)}
    for weight in (1, "1/12", 1 / 12):
        m = AlkireFoster(dict.fromkeys(names, weight), k="1/2").measure(frame)
        assert (m.value("H"), m.value("A")) == (1.0, 0.5)
    # one sixth and three eighteenths, in any order of the columns
    mixed = {name: np.full(7, int(j in (0, 4, 5, 6))) for j, name in enumerate(TEN)}
    for ordered in (mixed, dict(reversed(mixed.items()))):
        assert GLOBAL.measure(ordered).value("H") == 1.0


def test_the_error_of_m0_has_the_covariance_of_h_and_a() -> None:
    rng = np.random.default_rng(3)
    frame = {name: rng.integers(0, 2, 400) for name in "abc"}
    m = AlkireFoster(dict.fromkeys("abc", 1), k=2).measure(frame, design=SurveyDesign())
    h, a = m.value("H"), m.value("A")
    v = m.cov([{"measure": "H"}, {"measure": "A"}])
    delta = a**2 * v[0, 0] + h**2 * v[1, 1] + 2 * h * a * v[0, 1]
    assert m.table["se"].iloc[m.find(measure="M0")] == pytest.approx(math.sqrt(delta))


def test_clusters_and_strata_matter() -> None:
    # five copies of each person in a cluster: five times the rows, and no more information
    one = people(a=[1, 0, 1, 0, 0, 1, 1, 0], psu=range(8))
    five = {name: np.repeat(values, 5) for name, values in one.items()}
    spec, design = AlkireFoster({"a": 1}, k=1), SurveyDesign(psu="psu")
    se = [spec.measure(f, design=design).table["se"].iloc[0 + 4] for f in (one, five)]
    assert se[1] == pytest.approx(se[0])
    rows = spec.measure(five, design=SurveyDesign())
    assert rows.table["se"].iloc[rows.find(measure="H")] < 0.5 * se[0]


def test_dimensions_of_equal_size() -> None:
    spec = AlkireFoster.nested({"x": ["a", "b"], "y": ["c", "d"]}, k="1/2")
    m = spec.measure(people(a=[1, 0], b=[1, 0], c=[0, 0], d=[0, 1]))
    assert [m.value("dimension_contribution", indicator=d) for d in "xy"] == [1.0, 0.0]


@pytest.mark.parametrize("design", [None, SurveyDesign(), SurveyDesign(psu="psu")])
def test_nobody_poor(design: SurveyDesign | None) -> None:
    m = AlkireFoster({"a": 1, "b": 1}, k=2).measure(people(a=[1, 0, 0], b=[0, 0, 1], psu=[1, 2, 3]), design=design)
    assert (m.value("H"), m.value("M0"), m.value("headcount", indicator="a")) == (
        0.0,
        0.0,
        pytest.approx(1 / 3),
    )
    for name in ("A", "mean_deprivations_poor"):
        assert math.isnan(m.value(name))
    assert math.isnan(m.value("contribution", indicator="a"))
    if design is not None:
        row = m.table.iloc[m.find(measure="H")]
        assert row.se == 0
        assert math.isnan(row.ci_low)  # certain zero is not what the data say, and the logit has no answer


@pytest.mark.parametrize("design", [None, SurveyDesign(), SurveyDesign(psu="psu")])
def test_everybody_poor(design: SurveyDesign | None) -> None:
    m = AlkireFoster({"a": 1, "b": 1}, k=1).measure(
        people(a=[1, 1, 1], b=[0, 1, 1], w=[0.1, 0.7, 0.3], psu=[1, 2, 3]), design=design, weight="w"
    )
    assert m.value("H") == 1.0
    if design is not None:
        assert m.table["se"].iloc[m.find(measure="H")] == 0
        assert m.table["se"].iloc[m.find(measure="M0")] > 0


def test_one_person() -> None:
    m = AlkireFoster({"a": 1}, k=1).measure(people(a=[1]), design=SurveyDesign(lonely="zero"))
    assert (m.value("H"), m.value("share")) == (1.0, 1.0)
    assert m.table[["se", "ci_low", "ci_high"]].isna().all(axis=None)
    assert (m.table["df"] == 0).all()


NOBODY = {name: np.zeros(0) for name in ("a", "g", "s", "psu", "r1", "r2")}


@pytest.mark.parametrize(
    "design",
    [
        None,
        SurveyDesign(),
        SurveyDesign(strata="s", psu="psu"),
        SurveyDesign(replicates=["r1", "r2"], kind="jk1"),
    ],
)
@pytest.mark.parametrize("missing", ["drop", "reweight", "bounds"])
def test_nobody_at_all(design: SurveyDesign | None, missing: str) -> None:
    spec = AlkireFoster({"a": 1}, k=1)
    m = spec.measure(NOBODY, design=design, missing=missing)
    assert math.isnan(m.value("H"))
    assert (m.table["n"] == 0).all()
    assert m.table["se"].isna().all()
    by_group = spec.measure(NOBODY, by="g", design=design, missing=missing)
    assert by_group.table.empty
    assert math.isnan(by_group.over(()).value("H"))
    assert Tally.from_json(m.tally.to_json()) == m.tally


def test_limits_of_rare_things_are_quiet() -> None:
    frame = people(a=[1] + [0] * 5, w=[1e-9, 1, 1, 1, 1, 1], psu=range(6))
    m = AlkireFoster({"a": 1}, k=1).measure(frame, weight="w", design=SurveyDesign(psu="psu"))
    assert 0 <= m.table["ci_low"].iloc[m.find(measure="H")] < 1e-9


def test_weights_of_zero() -> None:
    frame = people(a=[1, 0, 1, 0], w=[0, 2, 1, 0], g=["x", "x", "x", "y"], psu=[1, 2, 3, 4])
    for design in (None, SurveyDesign(), SurveyDesign(psu="psu")):
        m = AlkireFoster({"a": 1}, k=1).measure(frame, by="g", weight="w", design=design)
        assert m.value("H", g="x") == pytest.approx(1 / 3)
        assert math.isnan(m.value("H", g="y"))
        assert m.value("share", g="y") == 0
        assert m.tally.n == 4


def test_a_group_with_one_sampling_unit() -> None:
    frame = people(a=[1, 0, 1, 1, 0, 0], g=["x", "x", "y", "y", "y", "y"], s=[1] * 6, psu=[1, 1, 2, 3, 4, 4])
    m = AlkireFoster({"a": 1}, k=1).measure(frame, by="g", design=SurveyDesign(strata="s", psu="psu"))
    row = m.table.iloc[m.find(measure="H", g="x")]
    # z = (0, 0, 0, 0), whatever the unit holds: that is no error of zero, but none that can be told
    assert (row.estimate, row.df) == (0.5, 3)
    assert math.isnan(row.se)
    assert math.isnan(row.ci_low)
    assert m.table["se"].iloc[m.find(measure="share", g="x")] > 0


def test_a_category_level_that_never_occurs() -> None:
    frame = pd.DataFrame({"a": [1, 0], "g": pd.Categorical(["x", "x"], categories=["x", "never"])})
    assert AlkireFoster({"a": 1}, k=1).measure(frame, by="g").table["g"].unique().tolist() == ["x"]


def test_the_callers_frame_is_unchanged() -> None:
    frame = pd.DataFrame({"a": [1.0, np.nan, 0], "g": ["x", None, "y"], "w": [1, 2, 3], "psu": [1, 2, 3]})
    before = copy.deepcopy(frame)
    AlkireFoster({"a": 1}, k=1).measure(
        frame, by="g", weight="w", missing="drop", design=SurveyDesign(psu="psu", lonely="zero")
    ).table.to_string()
    pd.testing.assert_frame_equal(frame, before)
    arrays = {"a": np.array([1.0, np.nan]), "w": np.array([1.0, 2.0])}
    for values in arrays.values():
        values.setflags(write=False)
    AlkireFoster({"a": 1}, k=1).measure(arrays, weight="w", missing="bounds").table.to_string()


def test_missing_is_never_not_deprived_without_a_word() -> None:
    frame = people(a=[1.0, np.nan, 0.0], b=[1.0, 1.0, np.nan])
    spec = AlkireFoster({"a": 1, "b": 1}, k=1)
    with pytest.raises(SpecError, match=r"2 of 3 rows.*a 1, b 1.*drop.*reweight.*bounds"):
        spec.measure(frame)
    with pytest.raises(SpecError, match="can be 'drop'"):
        spec.measure(frame, missing="zero")
    # an indicator that the spec does not use may be missing
    assert AlkireFoster({"b": 1}, k=1).measure(people(b=[1, 0], a=[np.nan, 0])).value("H") == 0.5
    t = Tally.from_frame(frame, ["a", "b"])
    assert t.measure(AlkireFoster({"b": 1}, k=1), missing="drop").value("H") == 1.0
    m = spec.measure(frame, missing="drop")
    assert m.missing.iloc[0].to_dict() == {
        "n": 3, "population": 3, "n_incomplete": 2, "population_incomplete": 2, "n_dropped": 2,
        "population_dropped": 2, "share_dropped": 2 / 3,
    }  # fmt: skip
    assert m.receipt["missing"] == "drop"
    assert m.receipt["n_dropped"] == 2


def test_bounds_have_the_errors_of_their_ends() -> None:
    rng = np.random.default_rng(0)
    frame = people(
        **{n: rng.integers(0, 2, 60).astype(float) for n in "ab"},
        g=rng.integers(0, 2, 60),
        psu=rng.integers(0, 9, 60),
    )
    gappy = frame | {"a": frame["a"].copy()}
    gappy["a"][:7] = np.nan
    spec, design = AlkireFoster({"a": 1, "b": 1}, k=1), SurveyDesign(psu="psu")
    m = spec.measure(gappy, by="g", design=design, missing="bounds")
    for end, answer in (("low", 0.0), ("high", 1.0)):
        full = spec.measure(gappy | {"a": np.where(np.isnan(gappy["a"]), answer, gappy["a"])}, by="g", design=design)
        for figure in ({"measure": "H"}, {"measure": "headcount", "indicator": "a"}, {"measure": "M0"}):
            got, want = (x.table.iloc[x.find(**figure, g=1)] for x in (m, full))
            assert got[end] == pytest.approx(want.estimate)
            limit = {"low": "ci_low", "high": "ci_high"}[end]
            assert got[limit] == pytest.approx(want[limit])
    known = {"measure": "headcount", "indicator": "b", "g": 1}
    complete = spec.measure(frame, by="g", design=design, missing="bounds")
    assert list(complete.table.columns) == list(m.table.columns)
    got, want = (x.table.iloc[x.find(**known)] for x in (m, complete))
    assert got.drop("indicator").tolist() == pytest.approx(want.drop("indicator").tolist(), nan_ok=True)


def test_rows_that_are_dropped_stay_in_the_design() -> None:
    frame = people(a=[1.0, 0.0, np.nan, 1.0], psu=[1, 2, 3, 4])
    m = AlkireFoster({"a": 1}, k=1).measure(frame, design=SurveyDesign(psu="psu"), missing="drop")
    assert (m.table["df"] == 3).all()
    assert (m.table["n"] == 3).all()


def test_people_and_households_are_not_confused() -> None:
    frame = people(a=[1, 0], size=[6, 2], w=[10, 10], psu=[1, 2])
    spec = AlkireFoster({"a": 1}, k=1)
    assert spec.measure(frame, size="size", weight="w").value("H") == 0.75
    assert spec.measure(frame, size="size", weight="w", of="households").value("H") == 0.5
    assert spec.measure(frame, size="size", weight="w").receipt["population"] == 80
    with pytest.raises(SpecError, match="persons per household"):
        spec.measure(frame, of="people")


def test_the_same_unit_number_in_two_strata() -> None:
    frame = people(a=[1, 0, 1, 0], s=[1, 1, 2, 2], psu=[1, 2, 1, 3])
    spec = AlkireFoster({"a": 1}, k=1)
    nested = spec.measure(frame, design=SurveyDesign(strata="s", psu="psu"))
    assert (nested.table["df"] == 2).all()
    with pytest.raises(SpecError, match="1 sampling units are in more than one stratum"):
        _ = spec.measure(frame, design=SurveyDesign(strata="s", psu="psu", nested=False)).table
