"""Labels of groups: one value is one label, in whatever part and type it comes, and it comes out as it went in."""

from __future__ import annotations

import datetime
import itertools
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mdpoverty.errors import SpecError
from mdpoverty.measures import AlkireFoster, SurveyDesign, Tally

ONE = AlkireFoster({"a": 1}, k=1)
BIG = 10_000_000_000_000_001


def tally(labels: Any) -> Tally:
    return Tally.from_frame({"a": [1] * len(labels), "g": labels}, ["a"], by="g")


PARTS: list[list[Any]] = [
    [[1, 2], [1.0, 2.5]],
    [[1, 2], [1.0, math.nan]],
    [[1.0, 2.0], [2, 3], [math.nan, 3.0]],
    [[True, False], [1, 0]],
    [[True, False], [1.0, math.nan]],
    [["1", "x"], [1, 2]],
    [[Decimal(1), Decimal("0.1")], [1, 2], [0.1, 1.0]],
    [[datetime.datetime(2020, 1, 1)], [pd.Timestamp("2020-01-01")]],
]


@pytest.mark.parametrize("parts", PARTS)
def test_parts_merge_to_one_tally_in_any_order(parts: list[list[Any]]) -> None:
    found = [Tally.merge([tally(np.array(part, object)) for part in order]) for order in itertools.permutations(parts)]
    assert all(each == found[0] for each in found)
    whole = tally(np.array([label for part in parts for label in part], object))
    assert whole == found[0]
    assert [type(label) for label in whole.levels[0]] == [type(label) for label in found[0].levels[0]]


def test_true_and_one_are_two_groups() -> None:
    both = tally([True, False]) + tally([1, 0]) + tally([1, 2])
    assert both.levels == ((0, 1, 2, False, True),)
    assert [type(label) for label in both.levels[0]] == [int, int, int, bool, bool]
    m = both.measure(ONE)
    assert m.table.loc[m.find(measure="H", g=True), "n"] == 1
    assert m.table.loc[m.find(measure="H", g=1), "n"] == 2
    flags = tally([True, False]).measure(ONE)
    assert flags.find(measure="H", g=1) == flags.find(measure="H", g=True)
    stacked = Tally.stack({True: tally(["x"]), 2: tally(["x"])}, same_units=False)
    assert stacked.levels[0] == (2, True)


COLUMNS: list[Any] = [
    pd.array([BIG, BIG + 2, None], dtype="Int64"),
    pd.Series([BIG, BIG + 2, None], dtype="Int64"),
    np.array([BIG, BIG + 2, None], object),
    pl.Series([BIG, BIG + 2, None]),
    pa.array([BIG, BIG + 2, None]),
    pa.chunked_array([[BIG], [BIG + 2, None]]),
]


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: f"{type(column).__module__}.{type(column).__name__}")
def test_whole_numbers_stay_whole_beside_a_missing_one(column: Any) -> None:
    found = tally(column)
    assert found.levels == ((BIG, BIG + 2, None),)
    m = found.measure(ONE)
    for table in (m.table, m.missing, m.to_wide().reset_index()):
        assert [None if pd.isna(x) else int(x) for x in table["g"].drop_duplicates()] == [BIG, BIG + 2, None]
    polars = m.to_frame("polars")
    assert polars["g"].unique(maintain_order=True).to_list() == [BIG, BIG + 2, None]
    assert Tally.from_json(found.to_json()) == found


def test_unsigned_labels_beyond_63_bits() -> None:
    assert tally(np.array([2**63 + 1, 2**63], np.uint64)).levels == ((2**63, 2**63 + 1),)


@pytest.mark.parametrize("kind", ["pandas", "polars", "polars in a dict"])
def test_ordered_categories_keep_their_order(kind: str) -> None:
    names, order = ["low", "high", "mid", "low"], ["low", "mid", "high", "never"]
    column: Any = pd.Categorical(names, categories=order, ordered=True)
    if kind != "pandas":
        column = pl.Series(names, dtype=pl.Enum(order))
    columns = {"a": [1, 0, 1, 0], "g": column}
    frame: Any = pd.DataFrame(columns) if kind == "pandas" else pl.DataFrame(columns) if kind == "polars" else columns
    whole = Tally.from_frame(frame, ["a"], by="g")
    assert whole.levels == (("low", "mid", "high"),)
    table = whole.measure(ONE).table
    assert table["g"].drop_duplicates().tolist() == ["low", "mid", "high"]
    assert table["g"].cat.ordered
    assert table["g"].cat.categories.tolist() == order
    assert Tally.from_json(whole.to_json()).orders == whole.orders
    some = Tally.from_frame({"a": [1], "g": pd.Categorical(["high"], order, ordered=True)}, ["a"], by="g")
    more = Tally.from_frame({"a": [1], "g": pd.Categorical(["low"], order, ordered=True)}, ["a"], by="g")
    assert (some + more).levels == (more + some).levels == (("low", "high"),)
    plain = tally(["mid", "other"])
    assert (some + plain).levels == (plain + some).levels == (("mid", "high", "other"),)


def test_categories_in_two_orders_are_sorted_in_any_order_of_parts() -> None:
    parts = [
        Tally.from_frame({"a": [1, 1], "g": pd.Categorical(["b", "a"], order, ordered=True)}, ["a"], by="g")
        for order in (["b", "a"], ["a", "b"], ["b", "a"])
    ]
    for first, second, third in itertools.permutations(parts):
        assert ((first + second) + third).levels == (first + (second + third)).levels == (("a", "b"),)


def test_categories_of_numbers_stay_numbers() -> None:
    for ordered in (False, True):
        column = pd.Series(pd.Categorical([3, 1, 2], categories=[3, 2, 1], ordered=ordered))
        found = Tally.from_frame(pd.DataFrame({"a": [1, 1, 1], "g": column}), ["a"], by="g")
        assert found.levels == ((3, 2, 1) if ordered else (1, 2, 3),)
        assert {type(label) for label in found.levels[0]} == {int}
        m = found.measure(ONE)
        assert m.table["g"].drop_duplicates().tolist() == list(found.levels[0])


def test_waves_named_by_words_keep_the_order_they_are_given_in() -> None:
    found = Tally.stack({"pre": tally(["x"]), "post": tally(["x"])}, same_units=False)
    change = found.measure(ONE).change("wave")
    assert set(zip(change["from"], change["to"], strict=True)) == {("pre", "post")}


def test_waves_labelled_by_numpy_are_written_down() -> None:
    found = Tally.stack({np.int64(2023): tally(["x"]), np.int64(2022): tally(["x"])}, same_units=False)
    assert found.levels[0] == (2022, 2023)
    assert Tally.from_json(found.to_json()) == found


def test_groups_of_true_and_one_change_by_themselves() -> None:
    frame = {
        "a": [1, 0, 1, 1, 0, 1],
        "g": np.array([True, True, True, 1, 1, 1], object),
        "wave": [1, 1, 2, 1, 2, 2],
    }
    change = ONE.measure(frame, by=["g", "wave"]).change("wave")
    rows = change[(change["measure"] == "H") & (change["kind"] == "absolute")]
    assert rows["estimate"].tolist() == [-0.5, 0.5]
    assert [type(label) for label in rows["g"]] == [int, bool]


# ---- values in the place of names, and what can't be written down ----------------------------------------------------


@pytest.mark.parametrize("option", ["weight", "size"])
@pytest.mark.parametrize("values", [pd.Series([1, 2], name="w"), np.array([1, 2]), [1, 2], 2, pl.Series("w", [1, 2])])
def test_values_in_the_place_of_a_name_are_refused_with_a_hint(option: str, values: Any) -> None:
    with pytest.raises(SpecError, match=rf"{option}= takes the name of a column.*name"):
        ONE.measure({"a": [1, 0], "w": [1, 2]}, **{option: values})


def test_groups_are_named_once_and_by_names() -> None:
    frame = {"a": [1, 0], "g": ["x", "y"]}
    with pytest.raises(SpecError, match="twice"):
        ONE.measure(frame, by=["g", "g"])
    with pytest.raises(SpecError, match="by= takes the name of a column"):
        ONE.measure(frame, by=pd.Series(["x", "y"], name="g"))
    assert ONE.measure(frame, by=None).value("H") == 0.5
    assert len(ONE.measure(frame, by=np.array(["g"])).tally.groups) == 2
    as_people_pass_it: Any = {"psu": "g"}
    with pytest.raises(SpecError, match="SurveyDesign"):
        ONE.measure(frame, design=as_people_pass_it)


def test_what_numpy_gives_is_written_down() -> None:
    from_numpy: dict[str, Any] = {"strata": np.str_("s"), "df": np.int64(3), "nested": np.bool_(True)}
    design = SurveyDesign(**from_numpy)
    frame = {"a": [1, 0, 1, 0], "s": [1, 1, 2, 2]}
    meta = {"rows": np.int64(4), "from": Path("x.csv"), "shares": np.array([0.5]), "on": datetime.date(2024, 1, 1)}
    found = Tally.from_frame(frame, ["a"], design=design, meta=meta)
    again = Tally.from_json(found.to_json())
    assert again == found
    assert again.design == design
    assert again.meta["shares"] == [0.5]
    assert ONE.measure(frame, design=design).table["df"].unique().tolist() == [3]
    kinds = SurveyDesign(
        replicates=np.array(["r1", "r2"]), kind="fay", fay=np.float32(0.5), rscales=np.array([0.5, 1.0])
    )
    assert SurveyDesign(**kinds.to_dict()) == kinds
    assert {type(value) for value in (kinds.fay, *kinds.rscales)} == {float}


def test_strata_and_units_of_several_columns() -> None:
    rng = np.random.default_rng(8)
    n = 240
    frame: dict[str, Any] = {
        "a": rng.integers(0, 2, n),
        "region": rng.choice(["n", "s"], n),
        "urban": rng.integers(0, 2, n),
        "village": rng.integers(0, 5, n),
    }
    frame["together"] = [f"{r}{u}" for r, u in zip(frame["region"], frame["urban"], strict=True)]
    one = ONE.measure(frame, design=SurveyDesign(strata="together", psu="village")).table
    two = ONE.measure(frame, design=SurveyDesign(strata=["region", "urban"], psu="village")).table
    pd.testing.assert_frame_equal(one, two)
    units = SurveyDesign(strata="region", psu=["urban", "village"])
    frame["unit"] = [f"{u}-{v}" for u, v in zip(frame["urban"], frame["village"], strict=True)]
    three = ONE.measure(frame, design=SurveyDesign(strata="region", psu="unit")).table
    pd.testing.assert_frame_equal(ONE.measure(frame, design=units).table, three)
    halves = [{name: np.asarray(values)[part] for name, values in frame.items()} for part in (slice(99), slice(99, n))]
    parts = [Tally.from_frame(half, ["a"], design=units) for half in halves]
    assert parts[0] + parts[1] == Tally.from_frame(frame, ["a"], design=units)
    with pytest.raises(Exception, match="must be known in every row"):
        ONE.measure(frame | {"urban": [None, *frame["urban"][1:]]}, design=units)
