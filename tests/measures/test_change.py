"""Changes between waves: the delta method, what waves share, and identities."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mdpoverty.errors import SpecError
from mdpoverty.measures import AlkireFoster, SurveyDesign, Tally

SPEC = AlkireFoster({"a": "1/2", "b": "1/4", "c": "1/4"}, k="1/2")
DESIGN = SurveyDesign(strata="s", psu="psu", weight="w")
YEARS = {"2014": 2014, "2018": 2018.5}


def wave(seed: int, n: int = 600) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    psu = rng.integers(0, 30, n)
    poor = rng.random(30)[psu]
    frame = {name: (rng.random(n) < 0.2 + 0.5 * poor).astype(int) for name in "abc"}
    return pd.DataFrame(frame | {"s": psu // 10, "psu": psu, "w": rng.uniform(1, 2, n), "g": rng.choice(["x", "y"], n)})


def tallied(frame: pd.DataFrame) -> Tally:
    return Tally.from_frame(frame, ["a", "b", "c"], by="g", design=DESIGN)


def row(table: pd.DataFrame, **wanted: Any) -> Any:
    for name, value in wanted.items():
        table = table[table[name] == value]
    assert len(table) == 1
    return table.iloc[0]


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    first = wave(1)
    rng = np.random.default_rng(9)
    second = first.assign(**{n: np.where(rng.random(len(first)) < 0.3, 0, first[n]) for n in "abc"})
    return pd.concat([first.assign(wave="2014"), second.assign(wave="2018")], ignore_index=True)


def test_the_kinds_of_change_and_their_errors(panel: pd.DataFrame) -> None:
    m = SPEC.measure(panel, by=["wave", "g"], design=DESIGN)
    found = m.change("wave", years=YEARS)
    figures = [{"measure": "M0", "wave": w, "g": "x"} for w in YEARS]
    a, b = (m.value(**f) for f in figures)
    matrix = m.cov(figures)
    assert matrix[0, 1] > 0
    kinds = {
        "absolute": lambda a, b: b - a,
        "relative": lambda a, b: b / a - 1,
        "annual_absolute": lambda a, b: (b - a) / 4.5,
        "annual_relative": lambda a, b: (b / a) ** (1 / 4.5) - 1,
    }
    for kind, f in kinds.items():
        got = row(found, measure="M0", g="x", kind=kind)
        slopes = [(f(a + 1e-6, b) - f(a - 1e-6, b)) / 2e-6, (f(a, b + 1e-6) - f(a, b - 1e-6)) / 2e-6]
        assert got.estimate == pytest.approx(f(a, b))
        assert got.se == pytest.approx(math.sqrt(slopes @ matrix @ slopes), rel=1e-6)
        assert (got["from"], got["to"]) == ("2014", "2018")
    tested = m.test(figures[1], figures[0])
    got = row(found, measure="M0", g="x", kind="absolute")
    assert [got.estimate, got.se, got.p, got.ci_low] == pytest.approx(
        [tested[name] for name in ("difference", "se", "p", "ci_low")]
    )
    assert got.df == tested["df"]


def test_a_wave_against_itself_has_not_changed() -> None:
    one = tallied(wave(2))
    found = Tally.stack({1: one, 2: one}, same_units=True).measure(SPEC).change("wave", years={1: 1, 2: 3})
    known = found[found["estimate"].notna() & ~found["measure"].isin(["share", "group_contribution"])]
    assert known["estimate"].abs().max() < 1e-12
    assert known["se"].max() < 1e-7
    assert len(known) > 50


def test_independent_waves_have_the_sum_of_variances() -> None:
    one, two = tallied(wave(3)), tallied(wave(4))
    both = Tally.stack({"2014": one, "2018": two}, same_units=False)
    found = both.measure(SPEC).change("wave")
    for measure in ("H", "A", "M0"):
        each = [t.measure(SPEC) for t in (one, two)]
        rows = [m.table.iloc[m.find(measure=measure, g="y")] for m in each]
        got = row(found, measure=measure, g="y", kind="absolute")
        assert got.estimate == pytest.approx(rows[1].estimate - rows[0].estimate)
        assert got.se**2 == pytest.approx(sum(r.se**2 for r in rows))
        assert got.df == sum(r.df for r in rows)
    assert Tally.from_json(both.to_json()) == both


def test_stacking_is_tallying_both_by_the_wave(panel: pd.DataFrame) -> None:
    parts = {str(name): tallied(part) for name, part in panel.groupby("wave")}
    assert Tally.stack(parts, same_units=True) == Tally.from_frame(
        panel, ["a", "b", "c"], by=["wave", "g"], design=DESIGN
    )


def test_the_change_of_m0_is_that_of_its_parts(panel: pd.DataFrame) -> None:
    found = SPEC.measure(panel, by=["wave"], design=DESIGN).change("wave")
    parts = found[(found["measure"] == "absolute_contribution") & (found["kind"] == "absolute")]
    assert parts["estimate"].sum() == pytest.approx(row(found, measure="M0", kind="absolute").estimate)


def test_pairs_of_waves_in_the_order_of_their_years() -> None:
    waves = {name: tallied(wave(seed)) for seed, name in enumerate(["new", "mid", "old"], 5)}
    m = Tally.stack(waves, same_units=False).measure(SPEC, by="wave")
    years = {"old": 2010, "mid": 2014, "new": 2019}

    def pairs(which: str) -> list[tuple[str, str]]:
        found = m.change("wave", years=years, pairs=which)
        chosen = found[(found["measure"] == "H") & (found["kind"] == "absolute")]
        return list(zip(chosen["from"], chosen["to"], strict=True))

    assert pairs("consecutive") == [("old", "mid"), ("mid", "new")]
    assert pairs("first") == [("old", "mid"), ("old", "new")]
    assert pairs("all") == [("old", "mid"), ("old", "new"), ("mid", "new")]


def test_changes_that_cannot_be_meant(panel: pd.DataFrame) -> None:
    m = SPEC.measure(panel, by="wave", weight="w")
    assert m.change("wave")["se"].isna().all()
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"over": "g"}, "not by 'g'"),
        ({"over": "wave", "pairs": "some"}, "pairs"),
        ({"over": "wave", "years": {"2014": 2014}}, "no year for '2018'"),
        ({"over": "wave", "years": {"2014": 2014, "2018": 2014}}, "same year"),
    )
    for options, says in wrong:
        with pytest.raises(SpecError, match=says):
            m.change(**options)
    with pytest.raises(SpecError, match="already"):
        Tally.stack({1: tallied(wave(1))}, name="g", same_units=True)


FOLDER = Path(__file__).parents[1] / "reference"


def test_changes_are_those_of_r_survey() -> None:
    """R `survey` 4.1.1: the session is tests/reference/change.Rout, the script change.R beside it."""
    sample = pd.read_csv(FOLDER / "survey_sample.csv")
    m = SPEC.measure(sample, by="area", design=SurveyDesign(strata="stratum", psu="psu", weight="w"))
    found = m.change("area", years={"rural": 0, "urban": 4.5})
    text = (FOLDER / "change.Rout").read_text(encoding="utf-8")
    quoted = re.findall(r"^## (\w+)|^(\w+) +(-?\d\.\d{12}) (\d\.\d{12})$", text, re.M)
    compared, measure = 0, ""
    for title, kind, estimate, se in quoted:
        if title:
            measure = title
            continue
        got = row(found, measure=measure, kind=kind)
        assert got.estimate == pytest.approx(float(estimate), abs=1e-11)
        assert got.se == pytest.approx(float(se), abs=1e-11)
        compared += 1
    assert compared == 12


# ---- what a change is made of ----------------------------------------------------------------------------------------

NESTED = AlkireFoster({"a": "1/2", "b": "1/4", "c": "1/4"}, k="1/2")


def two_waves(n: int = 4000) -> dict[str, Any]:
    """Made-up people of two waves in the same 80 sampling units, in three regions whose shares change."""
    rng = np.random.default_rng(31)
    psu, wave = rng.integers(0, 80, n), rng.integers(1, 3, n)
    level = np.random.default_rng(32).uniform(-0.15, 0.15, 80)[psu]
    region = np.where(rng.random(n) < 0.2 + 0.1 * wave, "east", rng.choice(["north", "south"], n))
    frame: dict[str, Any] = {"psu": psu, "wave": wave, "region": region, "w": rng.uniform(1, 3, n)}
    for j, name in enumerate("abc"):
        frame[name] = (rng.random(n) < 0.45 + level - 0.06 * j * (wave - 1)).astype(int)
    return frame


@pytest.mark.parametrize("among", [None, "region"])
def test_parts_add_up_to_the_change(among: str | None) -> None:
    m = NESTED.measure(
        two_waves(), by=["wave", "region"], weight="w", design=SurveyDesign(psu="psu"), ks=["1/4", "1/2"]
    )
    parts = m.decompose_change("wave", among)
    change = m.change("wave") if among is None else m.over("wave").change("wave")
    change = change[(change["measure"] == "M0") & (change["kind"] == "absolute")].reset_index(drop=True)
    total = parts[parts["part"] == "total"].reset_index(drop=True)
    for name in ("estimate", "se", "ci_low", "ci_high", "p", "df"):
        assert total[name].to_numpy() == pytest.approx(change[name].to_numpy()), name
    assert total["share"].tolist() == [1] * len(total)
    keys = ["k"] if among else ["region", "k"]
    sums = parts.groupby([*keys, "part"])["estimate"].sum().unstack()
    if among is None:
        assert (sums["incidence"] + sums["intensity"]).to_numpy() == pytest.approx(sums["total"].to_numpy())
        assert sums["indicator"].to_numpy() == pytest.approx(sums["total"].to_numpy())
        h = change.merge(parts[parts["part"] == "incidence"], on=["region", "k"])
        assert len(h) == 6
    else:
        each = parts[parts["region"].notna()].groupby(["k", "part"])["estimate"].sum().unstack()
        whole = parts[parts["region"].isna()].set_index(["k", "part"])["estimate"].unstack()
        assert each["within"].to_numpy() == pytest.approx(whole["within"].to_numpy())
        assert each["population"].to_numpy() == pytest.approx(whole["population"].to_numpy(), abs=1e-12)
        assert (whole["within"] + whole["population"]).to_numpy() == pytest.approx(whole["total"].to_numpy())
    backwards = m.decompose_change("wave", among, years={1: 2020, 2: 2016})
    assert backwards["estimate"].to_numpy() == pytest.approx(-parts["estimate"].to_numpy())
    assert backwards["se"].to_numpy() == pytest.approx(parts["se"].to_numpy())


@pytest.mark.parametrize("among", [None, "region"])
def test_errors_of_parts_are_near_those_of_a_jackknife(among: str | None) -> None:
    frame = two_waves()
    by = ["wave", *([among] if among else [])]
    parts = NESTED.measure(frame, by=by, weight="w", design=SurveyDesign(psu="psu")).decompose_change("wave", among)
    left_out = {f"r{j}": np.where(frame["psu"] == j, 0, frame["w"] * 80 / 79) for j in range(80)}
    again = NESTED.measure(
        frame | left_out, by=by, design=SurveyDesign(weight="w", replicates=list(left_out), kind="jk1")
    ).decompose_change("wave", among)
    alone = [
        NESTED.measure(frame, by=by, weight="w").decompose_change("wave", among)["estimate"]
        for frame in (frame | {"w": r} for r in left_out.values())
    ]
    spread = np.sqrt(79 / 80 * ((np.array(alone) - parts["estimate"].to_numpy()) ** 2).sum(axis=0))
    shares = np.array([each / each[0] for each in np.array(alone)])
    of_shares = np.sqrt(79 / 80 * ((shares - parts["share"].to_numpy()) ** 2).sum(axis=0))
    assert parts["share_se"].to_numpy() == pytest.approx(of_shares, rel=0.1, abs=1e-9)
    assert again["se"].to_numpy() == pytest.approx(spread, rel=0.03)
    assert parts["se"].to_numpy() == pytest.approx(spread, rel=0.05)
    assert again["estimate"].to_numpy() == pytest.approx(parts["estimate"].to_numpy())


def test_parts_where_nobody_is_poor_and_where_a_group_comes() -> None:
    frame = {
        "a": [1, 1, 0, 0, 0, 0],
        "b": [1, 0, 0, 0, 0, 0],
        "wave": [1, 1, 1, 2, 2, 2],
        "region": ["x", "x", "y", "x", "y", "z"],
    }
    spec = AlkireFoster({"a": 1, "b": 1}, k=1)
    parts = spec.measure(frame, by="wave").decompose_change("wave").set_index("part")["estimate"]
    assert parts["total"] == pytest.approx(-0.5)
    assert (parts["incidence"], parts["intensity"]) == (pytest.approx(-0.5), 0)
    m = spec.measure(frame, by=["wave", "region"])
    found = m.decompose_change("wave", "region").set_index(["part", "region"])["estimate"]
    assert found["population", "z"] == 0  # nobody there is poor, and nothing else is known of them
    # ½(2/3 + 1/3)·(0 − 3/4), and ½(3/4 + 0)·(1/3 − 2/3)
    assert found["within", "x"] == pytest.approx(-0.375)
    assert found["population", "x"] == pytest.approx(-0.125)
    nothing = spec.measure(frame | {"a": [0] * 6, "b": [0] * 6}, by="wave").decompose_change("wave")
    assert (nothing["estimate"] == 0).all()
    assert nothing["share"].isna().all()


def test_decompositions_that_cannot_be_meant() -> None:
    m = NESTED.measure(two_waves(200), by=["wave", "region"])
    for over, among in (("year", None), ("wave", "wave"), ("wave", "district")):
        with pytest.raises(SpecError):
            m.decompose_change(over, among)
    with pytest.raises(SpecError, match="level"):
        m.decompose_change("wave", level=95)
