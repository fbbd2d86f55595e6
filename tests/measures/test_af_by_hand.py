"""Every figure of every policy, under every kind of basis, against sums that Python adds up row by row."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdpoverty.errors import SpecError
from mdpoverty.measures import AlkireFoster, SurveyDesign, Tally
from mdpoverty.measures import figures as figures_module

NAMES = ("a", "b", "c", "d")
NESTED = AlkireFoster.nested({"x": ["a"], "y": ["b", "c", "d"]}, k="1/3")
SPECS = st.sampled_from(
    [
        NESTED,
        AlkireFoster(dict.fromkeys(NAMES, 1), k=2),
        AlkireFoster({"d": "1/2", "b": "1/4", "c": "1/8", "a": "1/8"}, k="5/8"),
        AlkireFoster({"c": "1/3", "a": "2/3"}, k="union", dimensions={"z": ["a", "c"]}),
        AlkireFoster({"a": "0.400000000000000000001", "b": "0.3", "c": "0.2", "d": "0.099999999999999999999"}, k="0.4"),
    ]
)
Row = dict[str, Any]


def row(spec: AlkireFoster, frame: Row, at: int, policy: str | None) -> Row | None:
    """What a spec makes of one row: the weights it counts with, its score; nothing where it is left out."""
    flags = {name: frame[name][at] for name in spec.indicators}
    weights = dict(spec.weights)
    gone = {name for name, flag in flags.items() if math.isnan(flag)}
    if gone and policy != "reweight":
        return None
    for names in spec.dimensions.values():
        known = [name for name in names if name not in gone]
        if not known:
            return None
        whole, left = (sum((spec.weights[name] for name in each), Fraction(0)) for each in (names, known))
        weights |= {name: spec.weights[name] * whole / left if name in known else Fraction(0) for name in names}
    deprived = {name: not math.isnan(flag) and bool(flag) for name, flag in flags.items()}
    return {
        "weights": weights,
        "known": {name: name not in gone for name in flags},
        "deprived": deprived,
        "score": sum((weights[name] for name in flags if deprived[name]), Fraction(0)),
        "gaps": {name: Fraction(frame[f"gap_{name}"][at]) if deprived[name] else Fraction(0) for name in flags},
        "times": Fraction(frame["w"][at]) * (frame["size"][at] if "size" in frame else 1),
        "class": frame["class"][at],
        "g": frame["g"][at],
    }


def expected(
    spec: AlkireFoster, frame: Row, policy: str | None, group: Any, ks: tuple[Fraction, ...]
) -> dict[tuple[str, Any, Any], Fraction | None]:
    """Every figure of a group, ``None`` where there is nobody to divide by; by measure, indicator and cut-off."""
    everyone = [its for at in range(len(frame["w"])) if (its := row(spec, frame, at, policy)) is not None]
    here = [its for its in everyone if group is None or its["g"] == group]
    all_rows = [at for at in range(len(frame["w"])) if group is None or frame["g"][at] == group]
    sizes = frame.get("size", [1] * len(frame["w"]))

    def total(rows: list[Row], what: Any = lambda its: 1) -> Fraction:
        return sum((its["times"] * what(its) for its in rows), Fraction(0))

    def ratio(top: Fraction, bottom: Fraction) -> Fraction | None:
        return top / bottom if bottom else None

    found: dict[tuple[str, Any, Any], Fraction | None] = {("share", None, None): ratio(total(here), total(everyone))}
    people = total(here)
    for name in spec.indicators:
        known = [its for its in here if its["known"][name]]
        found["headcount", name, None] = ratio(total(here, lambda its, n=name: its["deprived"][n]), total(known))
    found["mean_deprivations", None, None] = ratio(total(here, lambda its: sum(its["deprived"].values())), people)
    for count in range(len(spec.indicators) + 1):
        same = total(here, lambda its, c=count: sum(its["deprived"].values()) == c)
        found["count_share", str(count), None] = ratio(same, people)
    of_rows = sum((Fraction(frame["w"][at]) * int(sizes[at]) for at in all_rows), Fraction(0))
    for name in ("near", "poor", None):
        its = [at for at in all_rows if frame["class"][at] == name]
        some = sum((Fraction(frame["w"][at]) * int(sizes[at]) for at in its), Fraction(0))
        found["class_share", name or "open", None] = ratio(some, of_rows)
    for k in ks:
        poor = [its for its in here if its["score"] >= k]
        score = total(poor, lambda its: its["score"])
        of_all = total([its for its in everyone if its["score"] >= k], lambda its: its["score"])
        found["H", None, k] = ratio(total(poor), people)
        found["A", None, k] = ratio(score, total(poor))
        found["M0", None, k] = ratio(score, people)
        parts = {
            name: total(poor, lambda its, n=name: its["deprived"][n] * its["weights"][n]) for name in spec.indicators
        }
        for name, part in parts.items():
            known = [its for its in here if its["known"][name]]
            censored = total(poor, lambda its, n=name: its["deprived"][n])
            found["censored_headcount", name, k] = ratio(censored, total(known))
            found["absolute_contribution", name, k] = ratio(part, people)
            found["contribution", name, k] = ratio(part, score)
        if any(len(names) > 1 for names in spec.dimensions.values()):
            for name, names in spec.dimensions.items():
                part = sum((parts[each] for each in names), Fraction(0))
                found["absolute_dimension_contribution", name, k] = ratio(part, people)
                found["dimension_contribution", name, k] = ratio(part, score)
        deprivations = total(poor, lambda its: sum(its["deprived"].values()))
        found["mean_deprivations_poor", None, k] = ratio(deprivations, total(poor))
        found["group_contribution", None, k] = ratio(score, of_all)
        found["number_poor", None, k] = total(poor)
        for power, names in ((1, ("M1", "G")), (2, ("M2", "S"))):
            gaps = total(
                poor, lambda its, p=power: sum(its["weights"][n] * its["gaps"][n] ** p for n in spec.indicators)
            )
            found[names[0], None, k] = ratio(gaps, people)
            found[names[1], None, k] = ratio(gaps, score)
    return found


@st.composite
def frames(draw: st.DrawFn) -> Row:
    n = draw(st.integers(1, 10))

    def column(values: list[Any]) -> list[Any]:
        return draw(st.lists(st.sampled_from(values), min_size=n, max_size=n))

    gaps = draw(st.booleans())
    frame: Row = {name: column([0.0, 1.0, 1.0, math.nan] if gaps else [0.0, 1.0]) for name in NAMES}
    frame |= {f"gap_{name}": column([0.0, 0.25, 0.5, 1.0]) for name in NAMES}
    frame |= {"g": column(["u", "v", "w"]), "class": column(["poor", "near", None])}
    frame["w"] = column(draw(st.sampled_from([[1], [0, 1, 2], [0.5, 1.25]])))
    if draw(st.booleans()):
        frame["size"] = column([1, 2, 5])
    return frame


def counted(frame: Row, by: str | tuple[str, ...], **options: Any) -> Tally:
    arrays = {name: np.array([*values, None], object)[:-1] for name, values in frame.items()}
    return Tally.from_frame(
        arrays,
        NAMES,
        by=by,
        weight="w",
        size="size" if "size" in frame else None,
        category="class",
        categories=["near", "poor"],
        gaps={name: f"gap_{name}" for name in NAMES},
        **options,
    )


def asserted(measures: Any, spec: AlkireFoster, frame: Row, policy: str, ks: tuple[Fraction, ...], by: str) -> None:
    """Compare a table with what Python adds up."""
    table = measures.table
    for group in sorted(set(frame["g"])) if by else [None]:
        lines = (table[table["g"] == group] if by else table).to_dict("records")
        told = {
            (
                line["measure"],
                line["indicator"] if isinstance(line["indicator"], str) else None,
                None if pd.isna(line["k"]) else float(line["k"]),
            ): line["estimate"]
            for line in lines
        }
        figures = expected(spec, frame, policy, group, ks)
        for (measure, indicator, k), value in figures.items():
            key = (measure, indicator, None if k is None else float(k))
            if measure == "class_share" and key not in told:
                assert indicator == "open"
                assert None not in frame["class"]
            elif value is None:
                assert math.isnan(told[key]), key
            else:
                assert told[key] == pytest.approx(float(value), abs=1e-12), key
        assert len(told) == len(lines) <= len(figures)
        kept = [its for at in range(len(frame["w"])) if (its := row(spec, frame, at, policy)) is not None]
        kept = [its for its in kept if group in (None, its["g"])]
        assert {line["n"] for line in lines} == {len(kept)}
        assert {float(line["population"]) for line in lines} == {float(sum(its["times"] for its in kept))}


@given(frames(), SPECS, st.sampled_from(["drop", "reweight"]), st.sampled_from(["", "g"]), st.sampled_from([1, 3, 99]))
def test_every_figure_is_what_python_adds_up(frame: Row, spec: AlkireFoster, policy: str, by: str, chunk: int) -> None:
    ks = tuple(sorted({spec.k, min(spec.weights.values()), Fraction(1)}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures_module, "CHUNK", chunk)
        one = spec.measure_tally(counted(frame, by or ()), missing=policy, ks=list(ks))
        asserted(one, spec, frame, policy, ks, by)
        finer = spec.measure_tally(counted(frame, ("class", "g")), missing=policy, ks=list(ks)).over(by or ())
        asserted(finer, spec, frame, policy, ks, by)


@given(frames(), SPECS, st.sampled_from(["drop", "reweight"]), st.data())
def test_every_figure_under_a_replicate_is_that_of_its_weights(
    frame: Row, spec: AlkireFoster, policy: str, data: st.DataObject
) -> None:
    n = len(frame["w"])
    frame["w"] = [1] * n
    drawn = [data.draw(st.lists(st.sampled_from([0.5, 1.0, 2.0]), min_size=n, max_size=n)) for _ in range(2)]
    design = SurveyDesign(weight="w", replicates=["r0", "r1"], kind="jk1")
    tally = counted(frame | {"r0": drawn[0], "r1": drawn[1]}, "g", design=design)
    ks = [spec.k, Fraction(1)]
    found = np.concatenate(spec.measure_tally(tally, missing=policy, ks=ks).estimates.replicates, axis=2)
    for weights, figures in zip(drawn, found, strict=True):
        again = spec.measure_tally(counted(frame | {"w": weights}, "g"), missing=policy, ks=ks)
        assert figures == pytest.approx(np.concatenate(again.estimates.ratios[0], axis=1), nan_ok=True)


def test_variances_in_a_simple_sample_by_hand() -> None:
    frame = {"a": [1, 0, 1, 1, 0], "b": [1, 1, 0, 1, 0], "w": [1, 2, 3, 1, 3], "g": list("uuuuv"), "c": list("xyxxy")}
    spec = AlkireFoster({"a": "3/4", "b": "1/4"}, k="1/2")
    design = SurveyDesign(weight="w")
    m = spec.measure_tally(Tally.from_frame(frame, ["a", "b"], by="g", weight="w", category="c", design=design))
    found = {
        (line["measure"], line["indicator"]): variance
        for line, variance in zip(m.table.to_dict("records"), m.estimates.simple_variances.ravel(), strict=True)
        if line["g"] == "u"
    }
    weights, poor = np.array([1, 2, 3, 1]), np.array([1, 0, 1, 1])
    score = np.array([1, 0, 0.75, 1])
    n, people = 4, weights.sum()

    def variance(values: Any, by: Any = 1) -> float:
        """Of a mean, or of a ratio of two."""
        below = np.ones(n) * by
        ratio = (weights @ values) / (weights @ below)
        scale = people / (weights @ below)
        return float((weights @ (values - ratio * below) ** 2) / people * scale**2 / (n - 1))

    named = {name: value for (name, indicator), value in found.items() if not isinstance(indicator, str)}
    assert named["H"] == pytest.approx(variance(poor))
    assert named["M0"] == pytest.approx(variance(score))
    assert named["A"] == pytest.approx(variance(score, poor))
    assert named["number_poor"] == pytest.approx(variance(poor) * people**2)
    assert named["mean_deprivations"] == pytest.approx(variance(np.array([2, 1, 1, 2])))
    assert named["mean_deprivations_poor"] == pytest.approx(variance(np.array([2, 0, 1, 2]), poor))
    assert found["headcount", "b"] == pytest.approx(variance(np.array([1, 1, 0, 1])))
    assert found["censored_headcount", "b"] == pytest.approx(variance(np.array([1, 0, 0, 1])))
    assert found["contribution", "a"] == pytest.approx(variance(np.array([0.75, 0, 0.75, 0.75]), score))
    share = 5 / 7
    assert found["class_share", "x"] == pytest.approx(share * (1 - share) / (n - 1))
    assert found["count_share", "1"] == pytest.approx(variance(np.array([0, 1, 1, 0])))
    assert np.isnan(named["share"])
    assert np.isnan(named["group_contribution"])


def test_unknown_indicators_need_a_policy() -> None:
    frame = {"a": [1, np.nan, np.nan, 0], "b": [np.nan, 1, np.nan, 0], "c": [np.nan] * 4}
    spec = AlkireFoster({"b": "1/2", "a": "1/2"}, k=1)
    with pytest.raises(SpecError, match=r"^3 of 4 rows have an unknown indicator \(b 2, a 2\)\. Say what") as raised:
        spec.measure(frame)
    assert vars(raised.value)["rows"] == 3
    with pytest.raises(SpecError, match="missing is 'x', and can be 'drop', 'reweight', 'bounds'"):
        spec.measure(frame, missing="x")
    many = {"a": [np.nan] * 1200 + [1], "b": [1] * 1201}
    with pytest.raises(SpecError, match=r"^1,200 of 1,201 rows .* \(a 1,200\)"):
        spec.measure(many)
    assert spec.measure({"a": [1, 0], "b": [1, 0], "c": [np.nan] * 2}).value("H") == 0.5
    assert AlkireFoster({"c": 1}, k=1).measure(frame, missing="drop").table["n"].unique().tolist() == [0]


def test_what_figures_are_shares_of() -> None:
    frame = {"a": [1, 0, 0], "s": [1, 2, 1], "w": [2, 1, 1]}
    spec = AlkireFoster({"a": 1}, k=1)
    for size, of, said, value in (
        (None, None, "rows", 0.5),
        (None, "households", "households", 0.5),
        ("s", None, "people", 2 / 5),
        ("s", "people", "people", 2 / 5),
        ("s", "households", "households", 0.5),
    ):
        m = spec.measure(frame, weight="w", size=size, of=of)
        assert m.estimates.of == said
        assert m.value("H") == pytest.approx(value)
    with pytest.raises(SpecError, match="persons"):
        spec.measure(frame, of="people")


def test_populations_stay_whole_where_weights_are() -> None:
    spec = AlkireFoster({"a": 1}, k=1)
    for weights, whole in (([2**52, 2**52 - 1], True), ([2**52, 2**52], False), ([0.5, 1.0], False), ([1, 2], True)):
        found = spec.measure({"a": [1, 0], "w": weights}, weight="w").table["population"]
        assert (found.dtype.kind == "i") is whole
        assert found.tolist() == [sum(weights)] * len(found)


def test_rows_without_gaps_are_measured_exactly_alike_whatever_is_done_about_gaps() -> None:
    """Only the last division rounds: a weight of 1/49 is no float."""
    spec = AlkireFoster({"a": "1/49", "b": "20/49", "c": "28/49"}, k="1/49")
    frame = {"a": [1, 1, 0, 1, np.nan], "b": [1, 0, 0, 1, 1], "c": [1, 0, 0, 0, 1], "w": [3, 1, 1, 7, 5]}
    known = {name: values[:4] for name, values in frame.items()}
    alone = spec.measure(known, weight="w").table
    for table, policy in ((frame, "drop"), (known, "drop"), (known, "reweight"), (known, "bounds")):
        found = spec.measure(table, weight="w", missing=policy).table
        assert found["estimate"].tolist() == alone["estimate"].tolist()
