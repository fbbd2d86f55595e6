"""Names of places are read once for each different one, and as one by one."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from mdpoverty.dynamics.places import paths_of, plain, respelt
from mdpoverty.tables.columns import Distinct, combined
from mdpoverty.tables.reading import open_table
from mdpoverty.tables.spellings import folded_key
from mdpoverty.ternary import is_missing, or_none

names = st.sampled_from(
    ["Xã Hòa", "Xã Hòa", " Xã Hòa ", "", " ", 1, 1.0, True, np.True_, Decimal(1), np.int64(1), 2.5, None, math.nan]
)


def column(values: list[Any]) -> Distinct:
    return open_table(pd.DataFrame({"x": pd.Series(values, dtype=object)})).distinct("x")


def shown(values: list[Any]) -> list[tuple[bool, Any]]:
    """Values as they are told apart: 1 and 1.0 are one, True is another."""
    plain_values = [value.item() if isinstance(value, np.generic) else value for value in values]
    return [(isinstance(value, bool), value) for value in plain_values]


@given(st.lists(names))
def test_a_column_is_read_once_for_each_value_and_as_row_by_row(values: list[Any]) -> None:
    read = column(values)
    known = [None if is_missing(value) else value for value in values]
    assert shown(read.listed()) == shown(known)
    assert [1 if each else 0 for each in read.missing] == [value is None for value in known]
    assert read.map(plain).listed() == [plain(value) for value in read.listed()]
    assert read.where(lambda value: value == 1).tolist() == [value is not None and value == 1 for value in known]
    assert shown(list(read.values)) == list(dict.fromkeys(each for each in shown(known) if each[1] is not None))
    assert list(map(repr, or_none(values))) == [repr(None if is_missing(value) else value) for value in values]


@given(st.lists(st.tuples(names, names, st.sampled_from(["a", None]))), st.data())
def test_columns_go_together_and_rows_apart(rows: list[tuple[Any, ...]], data: st.DataObject) -> None:
    columns = [column([row[at] for row in rows]) for at in range(3)]
    paths = paths_of(columns, len(rows))
    assert paths.listed() == list(zip(*([plain(value) for value in each.listed()] for each in columns), strict=True))
    assert paths.values == list(dict.fromkeys(paths.listed()))
    chosen = data.draw(st.lists(st.integers(-1, len(rows) - 1)))
    assert paths.take(np.array(chosen, np.int64)).listed() == [
        None if at < 0 else path for at in chosen for path in [(paths.listed() or [None])[at]]
    ]


def test_so_many_columns_that_their_codes_fill_no_word_are_told_apart_all_the_same() -> None:
    rng = np.random.default_rng(1)
    columns = [Distinct(rng.integers(-1, 4_000, 500), list(range(4_000))) for _ in range(9)]
    columns = [each.take(np.tile(np.arange(500), 2)) for each in columns]
    together = combined(columns, 1_000)
    assert together.listed() == list(zip(*(each.listed() for each in columns), strict=True))
    assert together.values == together.listed()[:500]


@given(st.lists(st.tuples(st.sampled_from(["A", "a", None]), st.sampled_from(["Hòa", "Hoà", "hòa", "B"]))))
def test_places_are_spelt_as_they_were_first(paths: list[tuple[str | None, str]]) -> None:
    known: dict[Any, str | None] = {}
    one_by_one = [
        tuple(known.setdefault(folded_key(path[:level]), path[level - 1]) for level in (1, 2)) for path in paths
    ]
    names: dict[Any, str | None] = {}
    assert [respelt(path, names) for path in paths] == one_by_one
