from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mdpoverty.errors import BadValues, MissingColumns, SpecError
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


def test_finite_populations_merge() -> None:
    design = SurveyDesign(strata="s", psu="p", fpc="f")
    north = {"a": [1, 0], "s": ["n", "n"], "p": [1, 2], "f": [9, 9]}
    south = {"a": [1, 1], "s": ["s", "s"], "p": [1, 2], "f": [4, 4]}
    both = Tally.from_frame({k: south[k] + north[k] for k in north}, ["a"], design=design)
    parts = [Tally.from_frame(f, ["a"], design=design) for f in (north, south)]
    assert Tally.merge(parts) == both
    assert both.fpc.tolist() == [9, 4]  # type: ignore[union-attr]  # it has one
    with pytest.raises(SpecError, match="differs between"):
        parts[0] + Tally.from_frame(north | {"f": [8, 8]}, ["a"], design=design)
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
    with pytest.raises(SpecError):
        Tally.merge([])


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
    with pytest.raises(SpecError, match="no class"):
        Tally.from_frame({"a": [1]}, ["a"]).counts()
    with pytest.raises(BadValues, match="not in categories"):
        Tally.from_frame(frame, ["a"], category="class", categories=["poor"])


def test_the_tally_says_by_what_it_was_counted() -> None:
    t = Tally.from_frame(rows(), IND, by=["region"])
    with pytest.raises(SpecError, match="not counted by 'area'"):
        t.regroup("area")
    with pytest.raises(SpecError, match="persons"):
        t.total("people")
    with pytest.raises(SpecError, match="does not hold zz"):
        t.measure(AlkireFoster({"zz": 1}, k=1))
