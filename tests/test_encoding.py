"""Columns of few values: each library's own encoding, read as places in a list of values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdpoverty.tables import cells
from mdpoverty.tables.cells import encode
from mdpoverty.tables.columns import Flags, looked_up
from mdpoverty.tables.reading import open_table
from mdpoverty.tables.stored import Stored
from tests.profiles import in_turn


def decoded(column: Any) -> list[Any]:
    places, values = encode(Stored.of(column))
    return [values[place] if place >= 0 else None for place in places.tolist()]


KINDS = {
    "polars categories": lambda values: pl.Series(values, dtype=pl.Categorical),
    "polars text": lambda values: pl.Series(values, dtype=pl.String),
    "pandas text": lambda values: pd.Series(values, dtype="str"),
    "pandas objects": lambda values: pd.Series(values, dtype=object),
    "pandas categories": lambda values: pd.Series(values, dtype="str").astype("category"),
    "Arrow text": lambda values: pa.chunked_array([values[:3], values[3:]], pa.string()),
    "Arrow dictionary": lambda values: pa.chunked_array([pa.array(values, pa.string()).dictionary_encode()]),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("rows", "rare"), [(0, []), (1, []), (7, ["x"]), (9000, ["x", None]), (20_000, [None, "x"]), (20_000, [])]
)
def test_values_are_those_that_are_there(kind: str, rows: int, rare: list[str | None]) -> None:
    rng = np.random.default_rng(rows)
    values = [[None, "piped", "borehole", "Hòa"][i] for i in rng.integers(0, 4, rows)] + rare  # rare ones come last
    assert decoded(KINDS[kind](values)) == values


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [126, 127, 300, 9000])
def test_many_values(kind: str, count: int) -> None:
    values = [f"value {i}" for i in range(count)] * 2 + [None]
    assert decoded(KINDS[kind](values)) == values


@pytest.mark.parametrize(
    ("texts", "rows", "pieces", "gaps"),
    in_turn([(64, 0), (65, 0), (3, 1), (0, 2), (1, 0)], [16_383, 16_384, 20_000], [1, 7], [False, False, True, True]),
)
def test_texts_are_numbered_by_their_first_rows(texts: tuple[int, int], rows: int, pieces: int, gaps: bool) -> None:
    """A long column is read by the texts of its first rows, where these are few and all; in whatever way, in order."""
    first, later = texts
    names = [f"v{i}" for i in range(first)]
    values: list[str | None] = [names[i % first] if first else None for i in range(rows - later)]
    values += [f"new {i}" for i in range(later)]
    if gaps:
        values[5] = values[-later - 1] = None
    held = pa.chunked_array([values[i * rows // pieces : (i + 1) * rows // pieces] for i in range(pieces)], pa.string())
    places, found = encode(Stored.of(held))
    assert found == list(dict.fromkeys(value for value in values if value is not None))
    assert [found[place] if place >= 0 else None for place in places.tolist()] == values


@pytest.mark.parametrize("kept", [(0, 2), (1, 3), (3,), (0, 1, 2, 3)])
@pytest.mark.parametrize("gap", [[], [None]])
def test_polars_categories_of_which_some_do_not_occur(kept: tuple[int, ...], gap: list[None]) -> None:
    words = [f"{kept} {gap} {i}" for i in range(4)]  # that polars hasn't numbered yet: one after the other
    column = pl.Series(words, dtype=pl.Categorical)
    values = [*gap, *(words[i] for i in kept)] * 200
    held = pl.concat([column, pl.Series(values, dtype=pl.Categorical)]).slice(len(column))
    assert decoded(held) == values


@pytest.mark.parametrize("others", [0, 300])
@pytest.mark.parametrize("gap", [[], [None]])
def test_polars_categories_of_which_the_first_rows_show_the_last(
    others: int, gap: list[None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cells, "_FIRST", 4)
    store = pl.Series([f"{others} {gap} other {i}" for i in range(others)], dtype=pl.Categorical)
    words = pl.Series([f"{others} {gap} {i}" for i in range(4)], dtype=pl.Categorical)  # numbered one after the other
    values = [*gap, words[3], words[2], words[3], *[words[place] for place in (0, 1, 2)] * 10_000, *gap]
    held = pl.Series(values, dtype=pl.Categorical)
    assert held.to_physical().max() - held.to_physical().min() == 3
    assert decoded(held) == values
    assert len(store) == others  # it is still there


@pytest.mark.parametrize("many", [126, 127, 128, 200, 254, 255, 256, 257, 300])
@pytest.mark.parametrize("gap", [[], [None]])
def test_polars_categories_with_a_store_of_their_own(many: int, gap: list[None]) -> None:
    values = [*gap, *(f"{i}" for i in range(many)), *gap] * 2
    held = pl.Series(values, dtype=pl.Categorical(pl.Categories.random()))
    assert (held.to_physical().min(), held.to_physical().max()) == (0, many - 1)
    assert decoded(held) == values


@pytest.mark.parametrize("gap", [[], [None]])
def test_polars_categories_far_up_in_the_store_that_all_share(gap: list[None]) -> None:
    store = pl.Series([f"other {i}" for i in range(20_000)], dtype=pl.Categorical)
    values = [*gap, "new", "newer", *gap, "new"]
    assert decoded(pl.Series(values, dtype=pl.Categorical)) == values
    assert decoded(pl.Series([None, None], dtype=pl.Categorical)) == [None, None]
    assert len(store) == 20_000  # it is still there


@given(st.lists(st.integers(-1, 200), max_size=50), st.sampled_from([np.int8, np.int16, np.int64]), st.data())
def test_bytes_are_looked_up_as_numbers_are(places: list[int], kind: Any, data: st.DataObject) -> None:
    table = np.array(data.draw(st.lists(st.integers(-1, 100), min_size=202, max_size=202)), np.int8)
    held = np.array([place for place in places if place <= np.iinfo(kind).max], kind)
    assert looked_up(table, held).tolist() == [table[place] for place in held.tolist()]
    assert looked_up(table > 5, held).tolist() == [table[place] > 5 for place in held.tolist()]


def test_columns_of_pandas_are_found_by_its_public_ways_too(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": pd.array([True, None], "boolean"), "c": pd.Categorical(["x", "y"])})
    quick = {name: open_table(frame).column(name).to_list() for name in frame}
    monkeypatch.delattr(pd.DataFrame, "_get_column_array")
    assert {name: open_table(frame).column(name).to_list() for name in frame} == quick


@pytest.mark.parametrize("gaps", [False, True])
def test_flags_of_their_own_are_the_same_and_nobody_elses(gaps: bool) -> None:
    rng = np.random.default_rng(1)
    values = rng.random(40_001) < 0.3
    missing = rng.random(40_001) < 0.1 if gaps else None
    given = Flags(values, missing)
    expected = [each.copy() for each in given.pair()]
    own = given.own()
    values[:] = True
    if missing is not None:
        missing[:] = True
    assert all(np.array_equal(one, other) for one, other in zip(own.pair(), expected, strict=True))
    rows = slice(32_771, 40_001)
    part = zip(own.take(rows).pair(), expected, strict=True)
    assert all(np.array_equal(one, other[rows]) for one, other in part)
