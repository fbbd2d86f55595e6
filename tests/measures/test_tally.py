from __future__ import annotations

import datetime
import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from tests.toy import TOY

from mdpoverty.errors import BadTable, BadValues, MissingColumns, SpecError
from mdpoverty.measures import AlkireFoster, SurveyDesign, Tally
from mdpoverty.tally import counting

IND = ("a", "b", "c")


def rows(n: int = 200, seed: int = 0, *, gaps: bool = True) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    frame: dict[str, Any] = {name: rng.integers(0, 2, n).astype(float) for name in IND}
    if gaps:
        frame["b"][rng.random(n) < 0.1] = np.nan
    frame["region"] = np.array(["north", "south", "east"], object)[rng.integers(0, 3, n)]
    frame["area"] = rng.integers(0, 2, n)
    frame["stratum"] = rng.integers(0, 4, n)
    frame["psu"] = rng.integers(0, 6, n)
    frame["w"] = rng.integers(1, 5, n)
    frame["size"] = rng.integers(1, 8, n)
    return frame


DESIGNS = {
    "census": None,
    "units": SurveyDesign(strata="stratum", psu="psu", weight="w", lonely="zero"),
    "rows": SurveyDesign(strata="stratum", weight="w", lonely="zero"),
}


def part(frame: dict[str, Any], where: Any) -> dict[str, Any]:
    return {name: values[where] for name, values in frame.items()}


@pytest.mark.parametrize("design", DESIGNS.values(), ids=DESIGNS)
def test_parts_add_up_to_the_whole_in_any_order(design: SurveyDesign | None) -> None:
    frame = rows()

    def count(table: dict[str, Any]) -> Tally:
        return Tally.from_frame(table, IND, by=["region", "area"], size="size", design=design)

    whole = count(frame)
    parts = [count(part(frame, np.arange(200) % 3 == i)) for i in range(3)]
    assert parts[0] + parts[1] + parts[2] == whole
    assert Tally.merge(reversed(parts)) == whole
    assert sum(parts) == whole
    assert parts[0] + parts[1] != whole
    assert whole.total("people") == int((frame["size"] * (frame["w"] if design else 1)).sum())


@pytest.mark.parametrize("design", DESIGNS.values(), ids=DESIGNS)
def test_written_and_read_back(design: SurveyDesign | None, tmp_path: Path) -> None:
    meta = {"spec": {"k": "1/3"}, "receipt": {"library": "mdpoverty"}}
    t = Tally.from_frame(rows(), IND, by=["region"], size="size", design=design, meta=meta)
    for back in (
        Tally.from_json(t.to_json()),
        (t.to_parquet(tmp_path / "t.parquet"), Tally.from_parquet(tmp_path / "t.parquet"))[1],
    ):
        assert back == t
        assert back.meta == meta
        assert back.design == design


def test_a_changed_file_is_noticed() -> None:
    plain = json.loads(Tally.from_frame(rows(), IND).to_json())
    plain["sums"]["n"][0] += 1
    with pytest.raises(BadValues, match="digest"):
        Tally.from_json(json.dumps(plain))


def test_replicates_and_gaps_are_kept(tmp_path: Path) -> None:
    frame = rows(gaps=False) | {"r1": np.linspace(0, 1, 200), "r2": np.linspace(1, 0, 200)}
    design = SurveyDesign(replicates=["r1", "r2"], kind="jk1")
    t = Tally.from_frame(frame, IND, design=design, by="region")
    t.to_parquet(tmp_path / "t.parquet")
    assert Tally.from_parquet(tmp_path / "t.parquet") == t
    assert t.sums["weight_rep"].sum(axis=0) == pytest.approx([100, 100])
    persons = Tally.from_frame(frame, IND, design=design, size="size")
    assert persons.sums["people_rep"].sum(axis=0) == pytest.approx(
        [(frame[name] * frame["size"]).sum() for name in ("r1", "r2")]
    )
    with pytest.raises(SpecError, match="'zz', which is no indicator"):
        Tally.from_arrays(["a"], np.array([1], np.uint8), gaps={"zz": np.array([0.5])})


@pytest.mark.parametrize(("share", "told"), [(20.5, False), (19.5, True), (1 / 19.5, True), (1 / 20.5, False)])
def test_replicates_that_add_up_to_something_else_are_no_weights(share: float, told: bool) -> None:
    frame = {"a": [1, 0], "r1": [share, share], "r2": [share, share]}
    design = SurveyDesign(replicates=["r1", "r2"], kind="jk1")
    if told:
        assert Tally.from_frame(frame, ["a"], design=design).n == 2
    else:
        with pytest.raises(SpecError, match="add up to"):
            Tally.from_frame(frame, ["a"], design=design)


@pytest.mark.parametrize(("n", "several", "told"), [(50, 10, True), (49, 10, False), (50, 9, False)])
def test_factors_are_taken_for_weights_only_where_they_are_too_few_to_tell(n: int, several: int, told: bool) -> None:
    rng = np.random.default_rng(3)
    factors = {f"r{j}": rng.permutation(np.resize([0.5, 1.5], n)) for j in range(several)}
    frame = {"a": np.ones(n), "w": rng.uniform(1, 10, n)} | factors
    design = SurveyDesign(weight="w", replicates=[*factors], kind="jk1")
    if told:
        with pytest.raises(SpecError, match="not higher where the full weight is"):
            Tally.from_frame(frame, ["a"], design=design)
    else:
        assert Tally.from_frame(frame, ["a"], design=design).n == n


def test_dates_and_nothing_are_labels() -> None:
    days = [datetime.date(2024, 1, 1), datetime.date(2023, 1, 1), None, datetime.date(2024, 1, 1)]
    t = Tally.from_frame({"a": [1, 0, 1, 1], "day": np.array(days, object)}, ["a"], by="day")
    assert t.group_labels() == {"day": [days[1], days[0], None]}
    assert Tally.from_json(t.to_json()) == t


FRAMES = {
    "dict": lambda f: f,
    "pandas": pd.DataFrame,
    "polars": pl.DataFrame,
    "pyarrow": lambda f: pa.table(f),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_every_kind_of_frame_counts_the_same(kind: str) -> None:
    frame = rows()
    want = Tally.from_frame(frame, IND, by=["region", "area"], weight="w")
    assert Tally.from_frame(FRAMES[kind](frame), IND, by=["region", "area"], weight="w") == want


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float32", "float64", "object", "boolean", "Int8"])
def test_every_kind_of_flag(dtype: str) -> None:
    frame = pd.DataFrame({"a": pd.Series([1, 0, 1]).astype(dtype)})
    assert Tally.from_frame(frame, ["a"]) == Tally.from_frame({"a": [1, 0, 1]}, ["a"])
    if dtype in ("float64", "object", "boolean", "Int8"):
        frame.loc[2, "a"] = None
        assert Tally.from_frame(frame, ["a"]) == Tally.from_frame({"a": [1, 0, None]}, ["a"])


def test_categorical_groups() -> None:
    frame = pd.DataFrame({"a": [1, 0, 1], "g": pd.Categorical(["x", "y", "x"], categories=["z", "y", "x"])})
    assert Tally.from_frame(frame, ["a"], by="g") == Tally.from_frame(
        {"a": [1, 0, 1], "g": ["x", "y", "x"]}, ["a"], by="g"
    )
    frame["g"] = frame["g"].where([True, False, True])
    assert Tally.from_frame(frame, ["a"], by="g").group_labels() == {"g": ["x", None]}


def test_flags_and_labels_with_nulls_in_any_frame() -> None:
    flags, labels = [True, None, False, True], ["x", None, "y", "x"]
    want = Tally.from_frame({"a": flags, "g": np.array(labels, object)}, ["a"], by="g")
    assert want.group_labels() == {"g": ["x", "y", None]}
    for frame in (
        pl.DataFrame({"a": flags, "g": labels}),
        pl.DataFrame({"a": flags, "g": labels}, schema_overrides={"g": pl.Categorical}),
        pa.table({"a": flags, "g": labels}),
        pd.DataFrame({"a": pd.array(flags, "boolean"), "g": labels}),
    ):
        assert Tally.from_frame(frame, ["a"], by="g") == want


def test_times_as_groups() -> None:
    days = np.array(["2024-01-01", "2023-05-01", "2024-01-01"], "datetime64[ns]")
    want = [datetime.datetime(2023, 5, 1), datetime.datetime(2024, 1, 1)]
    for frame in ({"a": [1, 0, 1], "t": days}, pd.DataFrame({"a": [1, 0, 1], "t": days})):
        t = Tally.from_frame(frame, ["a"], by="t")
        assert t.group_labels() == {"t": want}
        assert Tally.from_json(t.to_json()) == t
    assert Tally.from_frame(pl.DataFrame({"a": [1, 0, 1], "t": days}), ["a"], by="t").group_labels() == {"t": want}


def test_numbers_that_are_missing_are_a_group() -> None:
    t = Tally.from_frame(pd.DataFrame({"a": [1, 0, 1], "g": [2.5, None, 1.0]}), ["a"], by="g")
    assert t.group_labels() == {"g": [1.0, 2.5, None]}
    t = Tally.from_frame(pd.DataFrame({"a": [1, 0, 1], "g": pd.array([2, None, 1], "Int64")}), ["a"], by="g")
    assert t.group_labels() == {"g": [1, 2, None]}
    assert Tally.from_frame({"a": [1, 0], "g": [-5, 10**12]}, ["a"], by="g").group_labels() == {"g": [-5, 10**12]}


def test_dense_and_sorted_counting_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = rows(1000)
    design = DESIGNS["units"]

    def count() -> Tally:
        return Tally.from_frame(frame, IND, by=["region", "area"], design=design)

    want = count()
    monkeypatch.setattr(counting, "BLOCK", 64)
    assert count() == want
    monkeypatch.setattr(counting, "DENSE", 0)
    assert count() == want


def test_rows_sorted_by_unit_are_counted_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = rows(1000)
    order = np.lexsort((frame["psu"], frame["stratum"]))
    for reordered in (order, order[::-1]):
        ordered = part(frame, reordered)
        want = Tally.from_frame(frame, IND, by=["region"], design=DESIGNS["units"])
        with monkeypatch.context() as patch:
            patch.setattr(counting, "BLOCK", 64)
            assert Tally.from_frame(ordered, IND, by=["region"], design=DESIGNS["units"]) == want
    # one unit with more rows than a block
    one = {"a": np.arange(500) % 2, "psu": np.zeros(500, int)}
    monkeypatch.setattr(counting, "BLOCK", 64)
    assert Tally.from_frame(one, ["a"], design=SurveyDesign(psu="psu")).sums["n"].tolist() == [250, 250]


# ------------------------------------------------------------------------------------ what Python counts row by row

LABELS = st.sampled_from(
    [
        [None, "", "north", "Hòa ", "10", "9"],
        [None, 3, -1, 10**12],
        [None, 2.5, 1.0, -0.5],
        [True, False, None],
        [None, datetime.date(2024, 2, 29), datetime.date(1999, 1, 1)],
    ]
)


@st.composite
def counted_rows(draw: st.DrawFn) -> tuple[dict[str, Any], SurveyDesign | None]:
    """Rows with gaps, ugly labels, weights of any size, and perhaps a design."""
    n = draw(st.integers(0, 30))

    def column(values: st.SearchStrategy[Any]) -> list[Any]:
        return draw(st.lists(values, min_size=n, max_size=n))

    indicators = draw(st.sampled_from([1, 2, 3, 8, 9, 31, 32, 33, 63, 64]))
    words = st.one_of(st.sampled_from([0, 1, 1 << indicators - 1]), st.integers(0, (1 << indicators) - 1))
    rows = column(st.tuples(words, words | st.just(0)))
    frame: dict[str, Any] = {
        f"i{j}": [None if gaps >> j & 1 else sure >> j & 1 for sure, gaps in rows] for j in range(indicators)
    }
    frame["g"], frame["h"] = (column(st.sampled_from(draw(LABELS))) for _ in range(2))
    whole = draw(st.booleans())
    frame["w"] = column(st.integers(0, 2**20) if whole else st.integers(0, 99).map(lambda quarters: quarters / 4))
    frame["size"], frame["class"] = column(st.integers(0, 9)), column(st.sampled_from(["poor", "near", None]))
    frame["stratum"], frame["psu"] = column(st.sampled_from(["x", "y", "z"])), column(st.integers(0, 3))
    design = draw(
        st.sampled_from([None, SurveyDesign(strata="stratum", psu="psu"), SurveyDesign(psu="psu"), SurveyDesign()])
    )
    ordered = draw(st.sampled_from(["", "stratum", "psu", "size"]))
    if ordered:  # rows that come unit by unit take a way of their own
        order = sorted(range(n), key=frame[ordered].__getitem__)
        frame = {name: [values[row] for row in order] for name, values in frame.items()}
    return frame, design


def by_hand(frame: dict[str, Any], indicators: list[str], design: SurveyDesign | None) -> dict[Any, list[Any]]:
    """Return rows, weight and persons (and squares) by what tells cells apart."""
    found: dict[Any, list[Any]] = {}
    for row in range(len(frame["w"])):
        named = (None, None) if design is None else (design.strata, design.psu)
        unit = tuple(frame[name][row] if isinstance(name, str) else None for name in named)
        flags = tuple(frame[name][row] for name in indicators)
        sums = found.setdefault((unit, frame["g"][row], frame["h"][row], flags, frame["class"][row]), [0] * 5)
        weight, persons = frame["w"][row], frame["w"][row] * frame["size"][row]
        for place, added in enumerate((1, weight, persons, float(weight) ** 2, float(persons) ** 2)):
            sums[place] += added
    return found


def told(tally: Tally) -> dict[Any, list[Any]]:
    """Return the same of a tally's cells."""
    cells, found = tally.cells, {}
    for row in range(len(cells["unit"])):
        stratum, psu = (int(code) for code in tally.units[cells["unit"][row]])
        unit = (tally.strata[stratum] if stratum >= 0 else None, tally.psus[psu] if psu >= 0 else None)
        group = [labels[code] for labels, code in zip(tally.levels, tally.groups[cells["group"][row]], strict=True)]
        sure, open_ = (int(word) for word in tally.profiles[cells["profile"][row]])
        flags = tuple(None if open_ >> j & 1 else sure >> j & 1 for j in range(len(tally.indicators)))
        place = int(cells["category"][row])
        key = (unit, *group, flags, tally.categories[place - 1] if place else None)
        assert key not in found  # cells are told apart by what they are
        found[key] = [
            tally.sums[name][row].tolist()
            for name in ("n", "weight", "people", "weight_sq", "people_sq")
            if name in tally.sums
        ]
    return found


@given(counted_rows(), st.sampled_from([4, 12, 1 << 20]), st.sampled_from([0, 1 << 22]), st.integers(1, 3))
def test_a_tally_holds_what_python_counts(
    drawn: tuple[dict[str, Any], SurveyDesign | None], block: int, dense: int, parts: int
) -> None:
    frame, design = drawn
    names = [name for name in frame if name[0] == "i"]

    def count(table: dict[str, Any]) -> Tally:
        arrays = {name: np.array([*values, None], object)[:-1] for name, values in table.items()}
        return Tally.from_frame(
            arrays,
            names,
            by=["g", "h"],
            weight="w",
            size="size",
            design=design,
            category="class",
            categories=["poor", "near"],
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "BLOCK", block)
        patch.setattr(counting, "DENSE", dense)
        whole = count(frame)
        cut = [count({name: values[i::parts] for name, values in frame.items()}) for i in range(parts)]
        merged = Tally.merge(cut)
    expected = by_hand(frame, names, design)
    found = told(whole)
    kept = 5 if design is not None and design.psu is None else 3  # squares, where each row is drawn by itself
    assert found == {key: sums[:kept] for key, sums in expected.items()}
    assert told(merged) == found
    assert merged == whole
    assert told(Tally.from_json(whole.to_json())) == found
    counts = whole.counts(by="g")
    for label, group in counts.groupby("g", dropna=False, sort=False):
        its = None if pd.isna(label) else label
        for name, place in (("n", 0), ("households", 1), ("people", 2)):
            sums = {
                kind: sum(s[place] for k, s in expected.items() if k[1] == its and (k[-1] or "open") == kind)
                for kind in ("poor", "near", "open")
            }
            assert dict(zip(group["category"], group[name], strict=True)) == sums


def test_gaps_add_up_where_units_have_names() -> None:
    frame = rows(60, gaps=False) | {"gap": np.linspace(0, 1, 60)}
    for design in (None, DESIGNS["units"], DESIGNS["rows"]):
        parts = [
            Tally.from_frame(part(frame, np.arange(60) % 2 == i), IND, design=design, gaps={"a": "gap"}) for i in (0, 1)
        ]
        if design is not None and design.psu is None:
            with pytest.raises(SpecError, match="have no names"):
                Tally.merge(parts)
            assert Tally.merge(parts[:1]) == parts[0]
            continue
        whole, merged = Tally.from_frame(frame, IND, design=design, gaps={"a": "gap"}), Tally.merge(parts)
        assert merged.total() == whole.total()
        for power in (1, 2):
            weights = 1 if design is None else frame["w"]
            expected = (weights * frame["gap"] ** power).sum()
            assert merged.sums[f"weight_gap{power}:a"].sum() == pytest.approx(expected)


def test_finite_populations_merge() -> None:
    design = SurveyDesign(strata="s", psu="p", fpc="f")
    north = {"a": [1, 0], "s": ["n", "n"], "p": [1, 2], "f": [9, 9]}
    south = {"a": [1, 1], "s": ["s", "s"], "p": [1, 2], "f": [4, 4]}
    both = Tally.from_frame({k: south[k] + north[k] for k in north}, ["a"], design=design)
    parts = [Tally.from_frame(f, ["a"], design=design) for f in (north, south)]
    assert Tally.merge(parts) == both
    assert both.fpc is not None
    assert both.fpc.tolist() == [9, 4]
    with pytest.raises(SpecError, match="differs between"):
        parts[0] + Tally.from_frame(north | {"f": [8, 8]}, ["a"], design=design)
    alone = {k: south[k] + north[k] for k in north} | {"f": [1, 1, 9, 9]}  # one unit in all, and it was drawn
    found = Tally.from_frame(alone, ["a"], design=design).fpc
    assert found is not None
    assert found.tolist() == [9, 1]
    for wrong, says in (([9, 8], "within a stratum"), ([0, 0], "above zero")):
        with pytest.raises(BadValues, match=says):
            Tally.from_frame(north | {"f": wrong}, ["a"], design=design)
    with pytest.raises(BadValues, match="one of the two"):
        Tally.from_frame({k: south[k] + north[k] for k in north} | {"f": [0.5, 0.5, 9, 9]}, ["a"], design=design)


def test_the_callers_numbers_are_not_kept() -> None:
    frame = {"a": np.array([1, 0]), "w": np.array([0.5, 1.5]), "g": [1, 2]}
    t = Tally.from_frame(frame, ["a"], by="g", weight="w")
    frame["w"][:] = 9
    assert t.total() == 2


def test_sixty_four_indicators() -> None:
    rng = np.random.default_rng(0)
    flags = rng.integers(0, 2, (50, 64)).astype(np.uint8)
    names = [f"i{j}" for j in range(64)]
    t = Tally.from_frame(dict(zip(names, flags.T, strict=True)), names)
    m = t.measure(AlkireFoster(dict.fromkeys(names, 1), k=32))
    assert m.value("H") == pytest.approx((flags.sum(axis=1) >= 32).mean())
    assert m.value("headcount", indicator="i63") == pytest.approx(flags[:, 63].mean())
    with pytest.raises(SpecError, match="64"):
        Tally.from_frame({}, [f"i{j}" for j in range(65)])


def test_very_many_units_and_groups_still_fit_a_key() -> None:
    n = 3000
    rng = np.random.default_rng(1)
    names = [f"i{j}" for j in range(40)]
    frame: dict[str, Any] = {name: rng.integers(0, 2, n).astype(np.uint8) for name in names}
    frame |= {"psu": rng.permutation(n), "commune": rng.integers(0, n, n)}
    t = Tally.from_frame(frame, names, by="commune", design=SurveyDesign(psu="psu"))
    assert t.n == n == len(t.cells["unit"])
    from mdpoverty.tally.rows import Key, count

    sizes = (1 << 30, 1 << 20, 1 << 20, 1)
    keys = {name: Key([codes], [size]) for (name, codes), size in zip(t.cells.items(), sizes, strict=True)}
    order = rng.permutation(n)
    shuffled = {name: Key([key.columns[0][order]], key.sizes) for name, key in keys.items()}
    cells, tables, sums = count(shuffled, {name: values[order] for name, values in t.sums.items()})
    assert all((tables[name][cells[name], 0] == t.cells[name]).all() for name in cells)
    assert (sums["n"] == t.sums["n"]).all()


def test_whole_numbers_stay_whole() -> None:
    big = 2**60
    t = Tally.from_frame({"a": [1, 1, 0], "w": np.array([big, 1, 3])}, ["a"], weight="w")
    assert t.total() == big + 4
    assert t.sums["weight"].dtype == np.int64


def test_all_problems_at_once() -> None:
    frame = {"a": [1, 2, 0], "b": ["yes", "no", "no"], "w": [1.0, -1.0, np.nan]}
    with pytest.raises(MissingColumns) as missing:
        Tally.from_frame(frame, ["a", "zz"], by="region", weight="ww")
    assert {p.column for p in missing.value.problems} == {"zz", "region", "ww"}
    with pytest.raises(BadValues) as bad:
        Tally.from_frame(frame, ["a", "b"])
    assert {p.column: p.rows for p in bad.value.problems} == {"a": 1, "b": 3}
    with pytest.raises(BadValues) as weights:
        Tally.from_frame({"a": [1, 0, 1], "w": frame["w"]}, ["a"], weight="w")
    assert weights.value.problems[0].rows == 2
    with pytest.raises(BadValues, match="also set"):
        Tally.from_arrays(["a"], np.array([1], np.uint8), np.array([1], np.uint8))
    with pytest.raises(BadValues, match="beyond"):
        Tally.from_arrays(["a"], np.array([2], np.uint8))
    with pytest.raises(BadValues, match="rows"):
        Tally.from_arrays(["a"], np.array([1], np.uint8), weight=np.array([1, 2]))


def test_different_tallies_do_not_add_up() -> None:
    one = Tally.from_frame({"a": [1]}, ["a"])
    for other in (
        Tally.from_frame({"b": [1]}, ["b"]),
        Tally.from_frame({"a": [1], "g": [1]}, ["a"], by="g"),
        Tally.from_frame({"a": [1], "s": [1]}, ["a"], size="s"),
        Tally.from_frame({"a": [1]}, ["a"], design=SurveyDesign()),
    ):
        with pytest.raises(SpecError, match="add up"):
            one + other
    with pytest.raises(SpecError, match=r"another lacks: people\."):
        one + Tally.from_frame({"a": [1], "s": [1]}, ["a"], size="s")
    with pytest.raises(SpecError):
        Tally.merge([])


def test_what_tallies_have_in_common_is_kept_when_they_are_added() -> None:
    def counted(labels: list[str], order: list[str] | None, meta: dict[str, Any], **more: Any) -> Tally:
        group: Any = pd.Categorical(labels, order, ordered=True) if order else np.array(labels, object)
        return Tally.from_frame(pd.DataFrame({"a": [1, 0], "g": group, **more}), ["a"], by="g", meta=meta)

    order = ["z", "y", "x"]
    first = counted(["z", "x"], order, {"one": 1, "two": 2})
    other = counted(["x", "y"], order, {"one": 1, "two": 3, "three": 4})
    assert (first + other).group_labels() == {"g": ["z", "y", "x"]}
    assert (first + other).sums["n"].tolist() == [1, 1, 1, 1]
    assert (first + other).meta == {"one": 1}
    assert (first + other).orders == (("z", "y", "x"),)
    plain = counted(["x", "y"], None, {})
    assert (first + plain).orders == (("z", "y", "x"),)
    assert (plain + plain).orders == (None,)
    turned = counted(["x", "y"], ["x", "y", "z"], {})
    for mixed in (first + turned, first + turned + first):
        assert mixed.orders == ((),)
        assert mixed.group_labels() == {"g": ["x", "y", "z"]}


def test_products_of_replicates_add_up_where_all_have_them() -> None:
    frame = {"a": [1, 0], "r1": [1.0, 2.0], "r2": [0.5, 1.5]}
    t = Tally.from_frame(frame, ["a"], design=SurveyDesign(replicates=["r1", "r2"], kind="jk1"))
    expected = np.array([[5.0, 3.5], [3.5, 2.5]])
    assert t.replicate_products is not None
    assert t.replicate_products.tolist() == expected.tolist()
    unknown = evolve(t, replicate_products=None)
    assert (t + unknown).replicate_products is None  # of some only they tell nothing of all
    both = (t + t).replicate_products
    assert both is not None
    assert both.tolist() == (2 * expected).tolist()
    plain = json.loads(t.to_json())
    found = Tally.from_json(json.dumps(plain)).replicate_products
    assert found is not None
    assert found.tolist() == expected.tolist()


def test_a_tally_is_written_in_letters(tmp_path: Path) -> None:
    t = Tally.from_frame({"a": [1], "xã": ["Hoà Bình"]}, ["a"], by="xã", meta={"nguồn": "rà soát"})
    written = t.to_json()
    t.to_parquet(tmp_path / "t.parquet")
    head = pq.read_schema(tmp_path / "t.parquet").metadata[b"mdpoverty"].decode()
    for word in ("xã", "Hoà Bình", "nguồn", "rà soát"):
        assert word in written
        assert word in head


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"indicators": ["b"]}, r"indicators is \('a',\) in one and \('b',\) in another"),
        ({"by": "g"}, r"by is \(\) in one and \('g',\) in another"),
        ({"category": "c"}, r"categories is \(\) in one and \('x', 'y'\) in another"),
        ({"design": SurveyDesign()}, r"design is None in one and SurveyDesign"),
        ({"size": "s"}, r"one has sums that another lacks: people\."),
        ({"weight": "s"}, None),
    ],
)
def test_what_tells_two_tallies_apart_is_said(other: dict[str, Any], says: str | None) -> None:
    frame = {"a": [1, 0], "b": [0, 1], "g": [1, 2], "c": ["x", "y"], "s": [1, 2]}
    one, two = Tally.from_frame(frame, ["a"]), Tally.from_frame(frame, **{"indicators": ["a"], **other})
    for first, second in ((one, two), (two, one)):
        if says is None:
            assert (first + second).total() == 5
        elif first is one:
            with pytest.raises(SpecError, match=says):
                first + second
        else:
            with pytest.raises(SpecError, match="Tallies add up when they count the same"):
                first + second


def test_a_finite_population_is_known_of_all_or_of_none() -> None:
    design = SurveyDesign(psu="p", fpc="f")
    frame = {"a": [1, 0], "p": [1, 2], "f": [9, 9]}
    t = Tally.from_frame(frame, ["a"], design=design)
    assert t.fpc is not None
    assert t.fpc.tolist() == [9]
    found = (t + t).fpc
    assert found is not None
    assert found.tolist() == [9]
    without = evolve(t, fpc=None)
    for pair in ((t, without), (without, t)):
        with pytest.raises(SpecError, match=r"another lacks: fpc\."):
            Tally.merge(pair)
    with pytest.raises(SpecError, match="of stratum None differs"):
        t + Tally.from_frame(frame | {"f": [8, 8]}, ["a"], design=design)


def test_labels_of_every_kind_are_read_back_as_they_were(tmp_path: Path) -> None:
    labels = [True, 3, 2.5, "x", datetime.date(2024, 2, 29), datetime.datetime(2024, 2, 29, 1, 2), None]
    for label in labels:
        t = Tally.from_arrays(["a"], np.array([1], np.uint8), by={"g": (np.zeros(1, np.int32), (label,))})
        for back in (
            Tally.from_json(t.to_json()),
            (t.to_parquet(tmp_path / "t"), Tally.from_parquet(tmp_path / "t"))[1],
        ):
            assert back.levels == ((label,),)
            assert type(back.levels[0][0]) is type(label)
    strange = Tally.from_arrays(["a"], np.array([1], np.uint8), by={"g": (np.zeros(1, np.int32), (Decimal(1),))})
    with pytest.raises(SpecError, match="type Decimal can't be written down"):
        strange.to_json()


def test_what_is_kept_beside_a_tally_is_written_plainly() -> None:
    day = datetime.date(2024, 2, 29)
    meta = {
        "array": np.array([1, 2]),
        "number": np.float64(0.5),
        "day": day,
        "half": Fraction(1, 2),
        "d": Decimal("0.1"),
    }
    t = Tally.from_frame({"a": [1]}, ["a"], meta={**meta, "path": Path("a") / "b"})
    said = {
        "array": [1, 2],
        "number": 0.5,
        "day": "2024-02-29",
        "half": "1/2",
        "d": "0.1",
        "path": str(Path("a") / "b"),
    }
    assert Tally.from_json(t.to_json()).meta == said
    with pytest.raises(SpecError, match="with a set in it"):
        Tally.from_frame({"a": [1]}, ["a"], meta={"x": {1}}).to_json()


def test_files_that_are_no_tally_say_so(tmp_path: Path) -> None:
    t = Tally.from_frame({"a": [1]}, ["a"])
    plain = json.loads(t.to_json())
    cases: list[tuple[str, str, dict[str, Any]]] = [
        (json.dumps(plain | {"format": 2}), "tally_format", {"found": "2", "known": 1}),
        (
            json.dumps({name: each for name, each in plain.items() if name != "format"}),
            "tally_format",
            {"found": "None"},
        ),
        ("[", "tally_broken", {}),
        (
            json.dumps({name: each for name, each in plain.items() if name != "units"}),
            "tally_broken",
            {"how": "KeyError"},
        ),
    ]
    for text, code, details in cases:
        with pytest.raises(BadValues) as raised:
            Tally.from_json(text)
        (problem,) = raised.value.problems
        assert problem.code == code
        assert {name: problem.details[name] for name in details} == details
    pd.DataFrame({"x": [1]}).to_parquet(tmp_path / "other.parquet")
    with pytest.raises(BadValues) as raised:
        Tally.from_parquet(tmp_path / "other.parquet")
    assert raised.value.problems[0].code == "no_tally"
    older = {name: each for name, each in plain.items() if name not in ("orders", "replicate_products")}
    assert Tally.from_json(json.dumps(older)).n == 1


@pytest.mark.parametrize("name", ["category", "n", "households", "people", "households_share", "people_share"])
def test_a_group_column_that_counts_have_too_is_refused(name: str) -> None:
    t = Tally.from_frame({"a": [1], name: ["x"], "c": ["y"]}, ["a"], by=[name], category="c")
    with pytest.raises(SpecError, match=f"'{name}' is a column of the table of counts too"):
        t.counts()


def test_shares_of_nobody_are_not_known() -> None:
    frame: dict[str, Any] = {"a": [1, 1, 0], "w": [0, 2, 2], "g": list("xyy"), "c": ["p", None, "p"], "s": [1, 2, 3]}
    found = Tally.from_frame(frame, ["a"], by="g", weight="w", size="s", category="c").counts()
    assert found["g"].tolist() == ["x", "x", "y", "y"]
    assert found["category"].tolist() == ["p", "open"] * 2
    assert found["households"].tolist() == [0, 0, 2, 2]
    assert found["people"].tolist() == [0, 0, 6, 4]
    assert found["n"].tolist() == [1, 0, 1, 1]
    assert found["households_share"].tolist()[2:] == [0.5, 0.5]
    assert found["people_share"].tolist()[2:] == [0.6, 0.4]
    assert (
        found["households_share"].isna().tolist() == found["people_share"].isna().tolist() == [True, True, False, False]
    )
    assert "people" not in Tally.from_frame(frame, ["a"], category="c").counts()
    lightly = {**frame, "w": [weight / 1024 for weight in frame["w"]]}
    light = Tally.from_frame(lightly, ["a"], by="g", weight="w", size="s", category="c").counts()
    for share in ("households_share", "people_share"):  # however little all weigh together
        assert light[share].tolist() == pytest.approx(found[share].tolist(), nan_ok=True)


def test_classes_of_households_and_people() -> None:
    frame = {
        "a": [1, 1, 0, 0],
        "size": [6, 2, 1, 3],
        "class": np.array(["poor", "near_poor", None, "poor"], object),
        "g": [1, 1, 1, 2],
    }
    t = Tally.from_frame(
        frame, ["a"], by="g", size="size", category="class", categories=["poor", "near_poor", "average"]
    )
    found = t.counts(by=())
    assert found["category"].tolist() == ["poor", "near_poor", "average", "open"]
    assert found["households"].tolist() == [2, 1, 0, 1]
    assert found["people"].tolist() == [9, 2, 0, 1]
    assert found["households_share"].tolist() == [0.5, 0.25, 0, 0.25]
    assert found["people_share"].tolist() == pytest.approx([9 / 12, 2 / 12, 0, 1 / 12])
    by_group = t.counts()
    assert by_group[by_group["g"] == 2]["category"].tolist() == ["poor", "near_poor", "average", "open"]
    m = t.measure(AlkireFoster({"a": 1}, k=1), by=())
    assert m.value("class_share", indicator="poor") == pytest.approx(9 / 12)
    households = t.measure(AlkireFoster({"a": 1}, k=1), by=(), of="households")
    assert households.value("class_share", indicator="open") == 0.25
    for answered in ("poor", None):  # where all are settled there is no share that are open, where none is, it is all
        alike = {"a": [1, 0], "class": np.array([answered] * 2, object)}
        told = Tally.from_frame(alike, ["a"], category="class", categories=["poor", "fine"])
        shares = told.measure(AlkireFoster({"a": 1}, k=1)).table.query("measure == 'class_share'")
        found = dict(zip(shares["indicator"], shares["estimate"], strict=True))
        assert found == ({"poor": 1, "fine": 0} if answered else {"poor": 0, "fine": 0, "open": 1})
    with pytest.raises(SpecError, match="no class"):
        Tally.from_frame({"a": [1]}, ["a"]).counts()
    with pytest.raises(BadValues, match="not in categories"):
        Tally.from_frame(frame, ["a"], category="class", categories=["poor"])


def test_a_column_whose_name_means_two_is_refused() -> None:
    homes = {
        name: [value] for name, value in (("coast", "east"), ("khu", "west"), ("huts", 9), ("nhà", 8), ("shells", 1))
    }
    homes |= {name: [True] for name in ("boat", "net", "hook")} | {"household_size": [1], "household_id": [1]}
    people = {"household_id": [1], "age": [30], "swims": [True], "trade": ["none"]}
    found = TOY.classify(homes, people, columns={"coast": "khu", "huts": "nhà"})
    assert found.tally(by=["khu"], weight="nhà").total("households") == 8
    asks: list[tuple[dict[str, Any], str]] = [
        ({"by": ["coast"]}, "'coast' and 'khu'"),
        ({"weight": "huts"}, "'huts' and 'nhà'"),
        ({"design": SurveyDesign(psu="coast")}, "'coast' and 'khu'"),
    ]
    for asked, says in asks:
        with pytest.raises(BadTable, match=f"{says} of the households are the same column"):
            found.tally(**asked)


def test_the_tally_says_by_what_it_was_counted() -> None:
    t = Tally.from_frame(rows(), IND, by=["region"])
    with pytest.raises(SpecError, match="not counted by 'area'"):
        t.regroup("area")
    with pytest.raises(SpecError, match="persons"):
        t.total("people")
    with pytest.raises(SpecError, match="does not hold zz"):
        t.measure(AlkireFoster({"zz": 1}, k=1))
