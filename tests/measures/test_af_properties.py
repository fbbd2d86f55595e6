"""Identities that hold for any data, and slow, plain re-computations of everything that is computed
cleverly."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.profiles import costly

from mdpoverty.measures import AlkireFoster, Measures, SurveyDesign, Tally, bounds

NAMES = ("a", "b", "c", "d")
SPECS = st.sampled_from(
    [
        AlkireFoster(dict.fromkeys(NAMES, 1), k=2),
        AlkireFoster.nested({"x": ["a"], "y": ["b", "c", "d"]}, k="1/3"),
        AlkireFoster.nested({"x": ["a", "b"], "y": ["c", "d"]}, k="union"),
        AlkireFoster({"a": "1/2", "b": "1/4", "c": "1/8", "d": "1/8"}, k="5/8"),
        AlkireFoster({"a": "0.400000000000000000001", "b": "0.3", "c": "0.2", "d": "0.099999999999999999999"}, k="0.4"),
    ]
)


@st.composite
def samples(draw: st.DrawFn, *, gaps: bool = False, whole: bool = False, min_size: int = 1) -> dict[str, Any]:
    n = draw(st.integers(min_size, 14))
    cell = st.sampled_from([0.0, 1.0, math.nan] if gaps else [0.0, 1.0])

    def column(values: st.SearchStrategy[Any]) -> Any:
        return np.array(draw(st.lists(values, min_size=n, max_size=n)))

    frame: dict[str, Any] = {name: column(cell) for name in NAMES}
    frame["g"] = column(st.sampled_from("uvw"))
    frame["stratum"] = column(st.integers(0, 2))
    frame["psu"] = column(st.integers(0, 2))
    frame["w"] = column(st.integers(0 if whole else 1, 6)) if whole else column(st.integers(1, 24)) / 8
    return frame


def get(m: Measures, measure: str, **figure: Any) -> float:
    return m.value(measure, **figure)


@given(samples(whole=True), SPECS)
def test_identities(frame: dict[str, Any], spec: AlkireFoster) -> None:
    m, by = (spec.measure(frame, by=g, weight="w", ks=[spec.k, "union", 1]) for g in ((), "g"))
    groups = sorted(set(frame["g"]))
    counts = [get(m, "count_share", indicator=str(c)) for c in range(5)]
    if frame["w"].sum() == 0:
        assert math.isnan(get(m, "H", k="union"))
        return
    assert sum(counts) == pytest.approx(1)
    assert sum(c * s for c, s in enumerate(counts)) == pytest.approx(get(m, "mean_deprivations"))
    for k in m.ks:
        h, a, m0 = (get(m, name, k=k) for name in ("H", "A", "M0"))
        absolute = [get(m, "absolute_contribution", indicator=name, k=k) for name in NAMES]
        censored = [get(m, "censored_headcount", indicator=name, k=k) for name in NAMES]
        assert sum(absolute) == pytest.approx(m0)
        assert sum(float(spec.weights[n]) * c for n, c in zip(NAMES, censored, strict=True)) == pytest.approx(m0)
        assert all(c <= get(m, "headcount", indicator=n) + 1e-12 for n, c in zip(NAMES, censored, strict=True))
        shares = {g: get(by, "share", g=g) for g in groups}
        assert sum(shares.values()) == pytest.approx(1)
        parts = [shares[g] * get(by, "M0", g=g, k=k) for g in groups if shares[g] > 0]
        assert sum(parts) == pytest.approx(m0)
        if h == 0:
            assert m0 == 0
            assert math.isnan(a)
            continue
        assert h * a == pytest.approx(m0)
        assert sum(get(m, "contribution", indicator=n, k=k) for n in NAMES) == pytest.approx(1)
        assert sum(get(by, "group_contribution", g=g, k=k) for g in groups) == pytest.approx(1)
        if any(len(members) > 1 for members in spec.dimensions.values()):
            assert sum(get(m, "dimension_contribution", indicator=d, k=k) for d in spec.dimensions) == pytest.approx(1)


@given(samples(), SPECS, st.integers(2, 4), st.randoms(use_true_random=False))
def test_replication_and_order_change_nothing(
    frame: dict[str, Any], spec: AlkireFoster, times: int, random: Any
) -> None:
    order = list(range(len(frame["g"]))) * times
    random.shuffle(order)
    again = {name: values[order] for name, values in frame.items()}
    one, many = (spec.measure(f, by="g", weight="w").table for f in (frame, again))
    expected = one["estimate"].where(one["measure"] != "number_poor", times * one["estimate"])  # a total, no share
    assert many["estimate"].to_numpy() == pytest.approx(expected.to_numpy(), nan_ok=True)
    assert (many["n"] == times * one["n"]).all()


@given(samples(whole=True, min_size=3), SPECS, st.lists(st.integers(0, 2), min_size=14, max_size=14))
def test_tallies_merge_in_any_order(frame: dict[str, Any], spec: AlkireFoster, where: list[int]) -> None:
    design = SurveyDesign(strata="stratum", psu="psu", weight="w", lonely="center")
    n = len(frame["g"])
    place = np.array(where[:n])
    parts = [
        Tally.from_frame({c: v[place == i] for c, v in frame.items()}, NAMES, by="g", design=design)
        for i in range(3)
        if (place == i).any()
    ]
    whole = Tally.from_frame(frame, NAMES, by="g", design=design)
    for order in itertools.permutations(parts):
        assert Tally.merge(order) == whole


def figures_of(spec: AlkireFoster, frame: dict[str, Any], weight: Any, group: Any) -> dict[tuple[str, Any], float]:
    """All figures of one group, the plain way: row by row."""
    g0 = np.column_stack([frame[name] for name in NAMES]).astype(bool)
    score = np.array([float(sum((spec.weights[NAMES[j]] for j in np.flatnonzero(row)), Fraction(0))) for row in g0])
    poor = spec.is_poor(g0)
    own = weight * (frame["g"] == group)
    w = own / own.sum()
    m0 = w @ (score * poor)
    out = {
        ("share", None): own.sum() / weight.sum(),
        ("H", None): w @ poor,
        ("A", None): m0 / (w @ poor),
        ("M0", None): m0,
        ("mean_deprivations", None): w @ g0.sum(axis=1),
        ("mean_deprivations_poor", None): w @ (g0.sum(axis=1) * poor) / (w @ poor),
        ("group_contribution", None): own @ (score * poor) / (weight @ (score * poor)),
    }
    for j, name in enumerate(NAMES):
        part = float(spec.weights[name]) * (w @ (g0[:, j] & poor))
        out |= {
            ("headcount", name): w @ g0[:, j],
            ("censored_headcount", name): w @ (g0[:, j] & poor),
            ("absolute_contribution", name): part,
            ("contribution", name): part / m0,
        }
    return out


@given(samples(min_size=4), SPECS, st.sampled_from(["units", "rows"]))
@costly(60)
def test_linearised_errors_are_the_delta_method(frame: dict[str, Any], spec: AlkireFoster, kind: str) -> None:
    """The variance of each figure, from numerical derivatives by the weight of each row, unit by unit and
    stratum by stratum."""
    psu = frame["psu"] if kind == "units" else np.arange(len(frame["g"]))
    design = SurveyDesign(strata="stratum", psu="psu" if kind == "units" else None, weight="w", lonely="center")
    m = spec.measure(frame, by="g", design=design)
    w = frame["w"].astype(float)
    group = m.tally.group_labels()["g"][0]
    with np.errstate(all="ignore"):
        middle = figures_of(spec, frame, w, group)
        step = 1e-5
        slopes: dict[tuple[str, Any], list[float]] = {name: [] for name in middle}
        for i in range(len(w)):
            up, down = w.copy(), w.copy()
            up[i] += step
            down[i] -= step
            high, low = figures_of(spec, frame, up, group), figures_of(spec, frame, down, group)
            for name in middle:
                slopes[name].append((high[name] - low[name]) / (2 * step))
    df = m.table["df"].iloc[0]
    own = frame["g"] == group
    held = len(set(zip(frame["stratum"][own], psu[own], strict=True)))
    for (measure, indicator), slope in slopes.items():
        z = w * np.array(slope)
        variance = 0.0
        for h in set(frame["stratum"]):
            units = [z[(frame["stratum"] == h) & (psu == u)].sum() for u in set(psu[frame["stratum"] == h])]
            if len(units) == 1:
                variance += units[0] ** 2
            else:
                variance += len(units) / (len(units) - 1) * ((np.array(units) - np.mean(units)) ** 2).sum()
        figure = {"measure": measure, "g": group} | ({} if indicator is None else {"indicator": indicator})
        got = m.table.iloc[m.find(**figure)]
        if math.isnan(middle[measure, indicator]):
            assert math.isnan(got.se)
        elif held == 1 and measure not in ("share", "group_contribution"):
            assert math.isnan(got.se)  # one sampling unit tells nothing of others
        elif df > 0:
            assert got.se == pytest.approx(math.sqrt(variance), rel=1e-5, abs=1e-8), figure
            assert m.cov([figure])[0, 0] == pytest.approx(got.se**2, rel=1e-8, abs=1e-15)


@given(samples(min_size=3), SPECS, st.integers(3, 6), st.integers(0, 2**32 - 1))
@costly(40)
def test_replicate_errors_are_the_loop(frame: dict[str, Any], spec: AlkireFoster, count: int, seed: int) -> None:
    drawn = np.random.default_rng(seed).uniform(0.5, 2, (len(frame["g"]), count))
    columns = {f"r{i}": drawn[:, i] for i in range(count)}
    design = SurveyDesign(weight="w", replicates=list(columns), kind="bootstrap")
    m = spec.measure(frame | columns, by="g", design=design)
    group = m.tally.group_labels()["g"][-1]
    with np.errstate(all="ignore"):
        middle = figures_of(spec, frame, frame["w"], group)
        replicates = [figures_of(spec, frame, drawn[:, i], group) for i in range(count)]
    for (measure, indicator), estimate in middle.items():
        se = math.sqrt(sum((r[measure, indicator] - estimate) ** 2 for r in replicates) / (count - 1))
        figure = {"measure": measure, "g": group} | ({} if indicator is None else {"indicator": indicator})
        got = m.table["se"].iloc[m.find(**figure)]
        assert got == pytest.approx(se, rel=1e-9, abs=1e-12, nan_ok=True)


@given(samples(gaps=True, min_size=1).filter(lambda f: 0 < sum(np.isnan(f[n]).sum() for n in NAMES) <= 5), SPECS)
@costly(60)
def test_bounds_hold_every_completion_and_are_reached(frame: dict[str, Any], spec: AlkireFoster) -> None:
    bounds = spec.measure(frame, by="g", weight="w", missing="bounds").table
    low, high = bounds["low"].to_numpy(), bounds["high"].to_numpy()
    holes = [(name, i) for name in NAMES for i in np.flatnonzero(np.isnan(frame[name]))]
    least, most = np.full(len(low), np.inf), np.full(len(low), -np.inf)
    for answers in itertools.product([0.0, 1.0], repeat=len(holes)):
        full = {name: values.copy() for name, values in frame.items()}
        for (name, i), answer in zip(holes, answers, strict=True):
            full[name][i] = answer
        found = spec.measure(full, by="g", weight="w").table["estimate"].to_numpy()
        least, most = np.fmin(least, found), np.fmax(most, found)
    defined = np.isfinite(least)
    assert low[defined] == pytest.approx(least[defined], abs=1e-12)
    assert high[defined] == pytest.approx(most[defined], abs=1e-12)
    assert np.isnan(low[~defined]).all()


@costly(200)
@given(
    st.lists(st.integers(1, 9) | st.integers(1, 10**12) | st.integers(1, 10**30), max_size=9),
    st.lists(st.integers(1, 40) | st.integers(1, 3 * 10**30), min_size=1, max_size=4),
    st.sampled_from([1, 12]),
)
def test_the_least_subset_sum_that_reaches(steps: list[int], needed: list[int], listed: int) -> None:
    every = [sum(chosen) for n in range(len(steps) + 1) for chosen in itertools.combinations(steps, n)]
    want = [min((s for s in every if s >= need), default=-1) for need in needed]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bounds, "LISTED", listed)  # few steps go through the halves as well
        dtype = np.int64 if max(*needed, *steps, 0) < 1 << 60 else object
        assert bounds.least_reaching(tuple(sorted(steps)), np.array(needed, dtype)).tolist() == want


@given(samples(gaps=True), SPECS)
def test_reweighting_one_row_at_a_time(frame: dict[str, Any], spec: AlkireFoster) -> None:
    """Against the definition, in fractions, row by row."""
    n = len(frame["g"])
    parts, poor, kept = np.zeros((n, 4)), np.zeros(n, bool), np.ones(n, bool)
    for i in range(n):
        score = Fraction(0)
        for members in spec.dimensions.values():
            known = [name for name in members if not np.isnan(frame[name][i])]
            if not known:
                kept[i] = False
                break
            whole, left = (sum(spec.weights[name] for name in names) for names in (members, known))
            for name in known:
                part = spec.weights[name] * whole / left * int(frame[name][i])
                parts[i, NAMES.index(name)] = float(part)
                score += part
        poor[i] = kept[i] and score >= spec.k
    m = spec.measure(frame, weight="w", missing="reweight")
    w = frame["w"] * kept
    assert int(m.missing["n_dropped"].iloc[0]) == int((~kept).sum())
    if not kept.any():
        assert math.isnan(m.value("H"))
        return
    assert m.value("H") == pytest.approx(w @ poor / w.sum())
    assert m.value("M0") == pytest.approx(w @ (parts.sum(axis=1) * poor) / w.sum())
    for j, name in enumerate(NAMES):
        got = m.value("absolute_contribution", indicator=name)
        assert got == pytest.approx(w @ (parts[:, j] * poor) / w.sum())
        known = kept & ~np.isnan(frame[name])
        if (w * known).sum() > 0:
            deprived = frame[name] == 1
            assert m.value("headcount", indicator=name) == pytest.approx((w * known) @ deprived / (w * known).sum())


@given(samples(gaps=True), SPECS)
def test_dropping_is_measuring_the_complete_rows(frame: dict[str, Any], spec: AlkireFoster) -> None:
    complete = ~np.any([np.isnan(frame[name]) for name in NAMES], axis=0)
    m = spec.measure(frame, weight="w", missing="drop")
    assert int(m.missing["n_dropped"].iloc[0]) == int((~complete).sum())
    if complete.any():
        kept = spec.measure({name: v[complete] for name, v in frame.items()}, weight="w")
        assert m.table["estimate"].to_numpy() == pytest.approx(kept.table["estimate"].to_numpy(), nan_ok=True)


@given(
    samples(gaps=True, min_size=2),
    SPECS,
    st.sampled_from(["units", "rows", "none"]),
    st.sampled_from(["drop", "reweight"]),
)
def test_coarser_groups_are_measured_as_if_anew(
    frame: dict[str, Any], spec: AlkireFoster, kind: str, missing: str
) -> None:
    frame["h"] = frame["psu"] % 2
    designs = {
        "units": SurveyDesign(strata="stratum", psu="psu", weight="w", lonely="center"),
        "rows": SurveyDesign(strata="stratum", weight="w", lonely="center"),
        "none": None,
    }
    tally = Tally.from_frame(frame, NAMES, by=["g", "h"], design=designs[kind])
    fine = tally.measure(spec, missing=missing, ks=["union", spec.k])
    for by in ((), "g", ("h",), ("h", "g")):
        once, anew = fine.over(by), tally.measure(spec, by=by, missing=missing, ks=["union", spec.k])
        assert list(once.table.columns) == list(anew.table.columns)
        numbers = once.table.select_dtypes("number").columns
        assert once.table[numbers].to_numpy(float) == pytest.approx(
            anew.table[numbers].to_numpy(float), abs=1e-9, nan_ok=True
        )
        assert once.missing.equals(anew.missing)
        for figure in (0, len(once.table) // 2):
            if kind != "none":
                assert once.cov([figure]) == pytest.approx(anew.cov([figure]), abs=1e-12, nan_ok=True)


def test_a_group_that_is_all_there_is_has_a_share_without_error() -> None:
    """However the sums round: nobody outside the group is poor, so its share of the whole is 1, for sure."""
    rng = np.random.default_rng(5)
    spec = AlkireFoster({"a": Fraction(1, 3), "b": Fraction(2, 3)}, k="union")
    design = SurveyDesign(strata="stratum", weight="w", lonely="center")
    for _ in range(40):
        n = int(rng.integers(6, 14))
        ours = np.arange(n) < n // 2
        frame = {
            "a": np.where(ours, 1.0, 0.0),
            "b": np.where(np.arange(n) == 0, 1.0, np.where(ours, rng.choice([0, 1, np.nan], n), 0.0)),
            "g": np.where(ours, "ours", "theirs"),
            "h": rng.choice(["x", "y"], n),
            "stratum": rng.integers(0, 3, n),
            "w": rng.integers(1, 90, n) / 7,
        }
        fine = Tally.from_frame(frame, ["a", "b"], by=["g", "h"], design=design).measure(spec, missing="reweight")
        table = fine.over("g").table.set_index("g").loc["ours"]
        share = table[table["measure"] == "group_contribution"].iloc[0]
        assert (share["estimate"], share["se"]) == (1, 0)
        assert np.isnan([share["ci_low"], share["ci_high"]]).all()
