"""Columns as their libraries store them: what their types hold, and each of their values once."""

from __future__ import annotations

from decimal import Decimal
from itertools import count, product
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdpoverty.tables import cells, objects, stored
from mdpoverty.tables.stored import Stored, listed
from tests.profiles import closely
from tests.values import NAN, kinds

ONES = [pa.array([1]), pa.array(["1"])]  # the columns that a union chooses from
FIRST = pa.array([0], pa.int8())  # which of them it chose in its only row


@pytest.mark.parametrize(
    ("native", "holds", "library"),
    [
        (np.array([True]), "FLAGS", "pandas"),
        (np.array([1], np.uint8), "WHOLE", "pandas"),
        (np.array([1.0]), "FLOATS", "pandas"),
        (np.array([1.0], np.float32), "SINGLES", "pandas"),
        (np.array([1.0], np.float16), "SINGLES", "pandas"),
        (np.array([None], object), "OBJECTS", "pandas"),
        (np.array(["2024"], "datetime64[s]"), "TIMES", "pandas"),
        (pd.Series([1]), "WHOLE", "pandas"),
        (pd.Series([1], dtype="Int8"), "WHOLE", "pandas"),
        (pd.Series([1.0], dtype="Float32"), "SINGLES", "pandas"),
        (pd.Series([True], dtype="boolean"), "FLAGS", "pandas"),
        (pd.Series(["a"], dtype=pd.StringDtype("python")), "TEXT", "pandas"),
        (pd.Series(["a"], dtype=pd.StringDtype("pyarrow")), "TEXT", "pyarrow"),
        (pd.Series([1], dtype=pd.ArrowDtype(pa.int8())), "WHOLE", "pyarrow"),
        (pd.Series(["a"], dtype="category"), "CATEGORIES", "pandas"),
        (pd.Series(pd.Categorical(["a"], ordered=True)), "ORDERED", "pandas"),
        (pd.Series(["2024"], dtype="datetime64[ns]"), "TIMES", "pandas"),
        (pl.Series([True]), "FLAGS", "polars"),
        (pl.Series([1]), "WHOLE", "polars"),
        (pl.Series([1], dtype=pl.Int128), "WHOLE", "polars"),
        (pl.Series([2**100], dtype=pl.Int128), "TEXT", "polars"),
        (pl.Series([1.5], dtype=pl.Float32), "SINGLES", "polars"),
        (pl.Series([Decimal("1.5")]), "DECIMALS", "polars"),
        (pl.Series(["a"]), "TEXT", "polars"),
        (pl.Series(["a"], dtype=pl.Categorical), "CATEGORIES", "polars"),
        (pl.Series(["a"], dtype=pl.Enum(["a"])), "ORDERED", "polars"),
        (pl.Series([[1]]), "NESTED", "polars"),
        (pl.Series([{"a": 1}]), "NESTED", "polars"),
        (pl.Series([None]), "OTHER", "polars"),
        (pl.Series([b"a"]), "OTHER", "polars"),
        (pa.chunked_array([[True]]), "FLAGS", "pyarrow"),
        (pa.chunked_array([[1]]), "WHOLE", "pyarrow"),
        (pa.chunked_array([[1.5]]), "FLOATS", "pyarrow"),
        (pa.chunked_array([["a"]]), "TEXT", "pyarrow"),
        (pa.chunked_array([pa.array(["a"]).dictionary_encode()]), "CATEGORIES", "pyarrow"),
        (pa.chunked_array([pa.array([Decimal("1.5")])]), "DECIMALS", "pyarrow"),
        (pa.chunked_array([[None]]), "OTHER", "pyarrow"),
        (pa.chunked_array([[[1]]]), "NESTED", "pyarrow"),
        (pa.chunked_array([pa.UnionArray.from_sparse(FIRST, ONES)]), "MIXED", "pyarrow"),
        (pa.chunked_array([pa.UnionArray.from_dense(FIRST, pa.array([0], pa.int32()), ONES)]), "MIXED", "pyarrow"),
        (pa.chunked_array([pa.RunEndEncodedArray.from_arrays([1], [1])]), "WHOLE", "pyarrow"),
    ],
)
def test_what_a_column_holds_is_told_by_its_type(native: Any, holds: str, library: str) -> None:
    stored._type.cache_clear()  # each type is looked at here, whoever has met it before
    its = Stored.of(native)
    assert (its.holds.name, its.library) == (holds, library)
    assert len(its) == len(native)
    for again in (its.take(np.array([0])), Stored.of(its.native)):
        assert (again.holds, again.library) == (its.holds, its.library)
        if holds not in ("OBJECTS", "TIMES"):
            assert again.to_list() == its.to_list()
    assert (its.arrow is None) == (library == "pandas")


def test_an_index_is_listed_as_its_values() -> None:
    for index in (pd.Index([1, 2]), pd.Index(["a", None]), pd.Index([1, 2], dtype=pd.ArrowDtype(pa.int8()))):
        assert listed(index) == [None if each != each else each for each in index.tolist()]


@pytest.mark.parametrize("held", [np.array([3, 300]), np.array([3, 7], np.int8), np.array([True, False])])
def test_an_array_is_read_as_a_view_of_it(held: np.ndarray) -> None:
    """By which a result knows that it has to copy it, so as to stay what it is."""
    values, missing = cells.raw(Stored.of(held))
    assert values is not held
    assert (values.base is held, values.flags.writeable, missing) == (True, True, None)


# -------------------------------------------------------------------------------------------------------------- objects


@closely()
@given(
    st.lists(st.integers(0, 14), max_size=40), st.sampled_from([1, 3, 4_096]), st.sampled_from([2, 256]), st.booleans()
)
def test_each_different_object_is_looked_at_once(rows: list[int], sample: int, few: int, strided: bool) -> None:
    held = [f"text {row}" for row in range(15)]
    values = np.array([*(held[row] for row in rows for _ in range(1 + strided)), None], dtype=object)[:-1]
    values = values[::2] if strided else values
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(objects, "_SAMPLE", sample)
        patch.setattr(objects, "_FEW", few)
        patch.setattr(objects, "_ROWS", 3)
        found = objects.distinct(values)
    if found is None:
        assert len(set(rows)) > few
        return
    places, its = found
    assert [its[place] for place in places.tolist()] == values.tolist()
    assert len(its) == len({id(each) for each in its})


@pytest.mark.parametrize("others", [1, 8, 9, 12])
@pytest.mark.parametrize("far", [0, -1])
def test_an_object_that_the_sample_does_not_show_is_found(
    others: int, far: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever in memory it lies: below or above all that it shows."""
    monkeypatch.setattr(objects, "_SAMPLE", 2 * others)
    held = sorted((f"text {row}" for row in range(others + 1)), key=id)
    hidden = held.pop(far)
    values = np.array([held[row // 2 % others] for row in range(4 * others)], dtype=object)
    values[5 if others > 1 else 1] = hidden
    places, its = objects.distinct(values)  # type: ignore[misc]  # few enough to be found
    assert all(its[place] is value for place, value in zip(places.tolist(), values, strict=True))


@pytest.mark.parametrize("different", [1, 7, 8, 9, 127, 128, 255, 256, 257])
def test_columns_of_few_objects_and_of_many(different: int) -> None:
    held = [object() for _ in range(different)]
    values = np.array([held[row % different] for row in range(2 * different)], dtype=object)
    found = objects.distinct(values)
    if different > 256:
        assert found is None
        return
    assert found is not None
    assert all(found[1][place] is value for place, value in zip(found[0].tolist(), values, strict=True))
    late = np.array([held[0]] * 5_000 + held, dtype=object)  # which the sample hardly shows
    places, its = objects.distinct(late)  # type: ignore[misc]  # few enough to be found
    assert all(its[place] is value for place, value in zip(places.tolist(), late, strict=True))


# ------------------------------------------------------------------------------------------------------ each value once


_NEW = count()


@given(
    st.lists(st.sampled_from(["a", "b", None, "c", "d"]), min_size=1, max_size=30),
    st.integers(0, 3),
    st.sampled_from([1, 3, 4_096]),
)
def test_polars_categories_are_their_own_whoever_else_has_some(values: list[Any], unlike: int, first: int) -> None:
    new = next(_NEW)  # words that polars hasn't numbered yet, as it has those of earlier examples
    others = pl.Series([f"other {new} {row}" for row in range(unlike * 200)], dtype=pl.Categorical)
    values = [value and f"{value} {new}" for value in values]
    series = pl.Series(values, dtype=pl.Categorical)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cells, "_FIRST", first)
        patch.setattr(cells, "_SHORT", 0)
        places, names = cells.encode(Stored.of(series))
    assert [None if place < 0 else names[place] for place in places.tolist()] == values
    assert places.min() >= -1
    assert len(names) == len({each for each in values if each is not None})
    assert len(others) == unlike * 200


@pytest.mark.parametrize(
    ("many", "short"), [*product([0, 1, 124, 125, 126, 127, 128, 255, 256, 257, 300], [0, 127]), (33_000, 127)]
)
def test_columns_of_many_texts_are_encoded(many: int, short: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "_SHORT", short)
    texts: list[Any] = [f"t{row}" for row in range(many)] + [None, "t0"][: 1 + bool(many)]
    natives: list[Any] = [
        pl.Series(texts),
        pl.Series(texts, dtype=pl.Enum(texts[:many])),
        pl.Series(texts, dtype=pl.Categorical),
        pa.chunked_array([texts]),
        pa.chunked_array([pa.array(texts[:5], pa.string()), pa.array(texts[5:], pa.string())]).dictionary_encode(),
        pd.Series(texts, dtype=pd.StringDtype("python")),
        pd.Series(texts, dtype="category"),
        np.array(texts, object),
    ]
    for native in natives:
        places, names = cells.encode(Stored.of(native))
        assert places.min() == -1  # which leads to the last of any table
        assert [None if place < 0 else names[place] for place in places.tolist()] == texts


def test_objects_that_are_equal_and_of_two_kinds_are_two() -> None:
    values = [True, 1, 1.0, np.int8(1), np.True_, "1", None, NAN, Decimal(1), [1], [1]]
    native = np.empty(len(values), object)
    for row, value in enumerate(values):
        native[row] = value
    places, names = cells.encode(Stored.of(native))
    found = [None if place < 0 else names[place] for place in places.tolist()]
    assert kinds(found[:7]) == kinds([True, found[1], found[1], found[1], True, "1", None])
    assert found[7:] == [None, 1, [1], [1]]
    assert type(found[1]) is not bool
    assert len(names) == 5
