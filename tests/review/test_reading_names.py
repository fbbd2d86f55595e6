"""Names of places are read once for each different one, and as one by one."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mdpoverty.dynamics.places import plain, plain_all, respelt
from mdpoverty.tables.spellings import folded_key
from mdpoverty.ternary import is_missing, or_none

names = st.sampled_from(
    ["Xã Hòa", "Xã Hòa", " Xã Hòa ", "", " ", 1, 1.0, True, np.True_, Decimal(1), np.int64(1), 2.5, None, math.nan, [1]]
)


@given(st.lists(names))
def test_names_are_read_as_one_by_one(values: list[Any]) -> None:
    assert plain_all(values) == [plain(value) for value in values]
    assert list(map(repr, or_none(values))) == [repr(None if is_missing(value) else value) for value in values]


@given(st.lists(st.tuples(st.sampled_from(["A", "a", None]), st.sampled_from(["Hòa", "Hoà", "hòa", "B"]))))
def test_places_are_spelt_as_they_were_first(paths: list[tuple[str | None, str]]) -> None:
    known: dict[Any, str | None] = {}
    one_by_one = [
        tuple(known.setdefault(folded_key(path[:level]), path[level - 1]) for level in (1, 2)) for path in paths
    ]
    assert respelt(paths, {}) == one_by_one
