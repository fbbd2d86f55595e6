"""Who belongs to which household, and who stands there twice, against what Python says row by row."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdpoverty.engine import roster as rosters
from mdpoverty.errors import Problem
from mdpoverty.tables import keys
from mdpoverty.tables.keys import keys_of
from mdpoverty.tables.reading import Table, open_table
from tests.profiles import SHORT, closely
from tests.strategies import field

KINDS: list[Any] = [pd.DataFrame, pl.DataFrame, pa.table, dict]


def table(columns: dict[str, list[Any]], what: str = "members", kind: Any = dict, fold: bool = False) -> Table:
    return open_table(kind(columns), what, fold=fold)


@st.composite
def matched(draw: st.DrawFn) -> tuple[list[Any], list[Any]]:
    """Draw the keys of households, and those of members: in their order or in none, some of nobody."""
    texts = draw(st.booleans())
    homes = draw(st.lists(st.integers(0, 9), unique=True, max_size=7))
    people: list[Any] = [key for key in homes for _ in range(draw(st.sampled_from([0, 1, 1, 2, 4])))]
    how = draw(st.sampled_from(["in order", "in another", "in runs", "in no order"]))
    if how == "in another":
        homes = draw(st.permutations(homes))
    elif how == "in runs":
        people = [key for key in draw(st.permutations(homes)) for _ in range(draw(st.integers(0, 3)))]
    elif how == "in no order":
        people = draw(st.permutations(people))
    strange = draw(st.lists(st.sampled_from([None, 98, 99]), max_size=2))
    for key in strange:
        people.insert(draw(st.integers(0, len(people))), key)
    if texts:
        return [f"H{key}" for key in homes], [None if key is None else f"H{key}" for key in people]
    return homes, people


@closely()
@given(matched(), st.sampled_from([2, 4_096]))
def test_every_member_row_is_of_its_household(pair: tuple[list[Any], list[Any]], sample: int) -> None:
    homes, people = pair
    tables = table({"household_id": homes}, "households"), table({"household_id": people})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "_SAMPLE", sample)
        found, lost = rosters.match(*tables)
    want = [[row for row, key in enumerate(people) if key == home] for home in homes]
    assert [found.of(home) for home in range(len(homes))] == want
    assert found.sizes.tolist() == list(map(len, want))
    assert found.starts.tolist() == [sum(map(len, want[:home])) for home in range(len(homes))] or not people
    assert found.rows == sum(map(len, want))
    ordered = [row for rows in want for row in rows]
    assert (list(range(len(people))) if found.order is None else found.order.tolist()) == ordered
    alone = [not rows for rows in want]
    assert (found.empty is None) == (not any(alone))
    assert found.empty is None or found.empty.tolist() == alone
    nobodys = [key is None or key not in homes for key in people]
    for said in (lost, rosters.lost(*tables)):
        assert (said is None) == (not any(nobodys))
        assert said is None or said.tolist() == nobodys
    if found.homes is not None:
        assert found.homes.tolist() == [homes.index(key) if key in homes else -1 for key in people]


@closely()
@given(st.lists(st.integers(1, 3), max_size=6), st.data())
def test_members_in_the_households_order_need_no_search(sizes: list[int], data: st.DataObject) -> None:
    homes = list(range(len(sizes)))
    runs = data.draw(st.lists(st.sampled_from(homes), unique=True)) if homes else []
    runs = sorted(runs) if data.draw(st.booleans()) else runs
    starts = np.array([sum(sizes[run] for run in runs[:at]) for at in range(len(runs))], np.int64)
    total = sum(sizes[run] for run in runs)
    found = rosters.of_runs(keys_of(homes), keys_of(runs), starts, total)
    if not runs or runs != sorted(runs):
        assert isinstance(found, np.ndarray)
        assert found.tolist() == runs
        return
    assert isinstance(found, rosters.Roster)
    assert found.homes is None
    assert found.sizes.tolist() == [sizes[home] if home in runs else 0 for home in homes]
    begun = [sum(found.sizes.tolist()[:home]) for home in homes]
    assert found.starts.tolist() == begun
    assert found.rows == total
    assert rosters.of_runs(keys_of(homes[1:]), keys_of([0]), np.array([0]), 2).tolist() == [-1]  # type: ignore[union-attr]


def said(problems: list[Problem]) -> list[tuple[str, int, list[int | None]]]:
    return [(each.code, each.rows, [place.row for place in each.places]) for each in problems]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_wrong_with_the_households_keys(kind: Any) -> None:
    homes = {
        "household_id": ["A", "B", None, "A", "A", "b ", "C", " ", "b "],
        "income": [1, 2, 3, 1, 4, 2, 5, 6, 9],
    }
    missing = ("key_missing", 2, [4, 9])
    plain = [missing, ("rows_twice", 1, [5]), ("key_duplicate", 2, [6, 10])]
    folded = [missing, ("rows_twice", 1, [5]), ("key_duplicate", 1, [6]), ("key_spelt_twice", 2, [7, 10])]
    assert said(rosters.check_keys(table(homes, "households", kind))) == plain
    assert said(rosters.check_keys(table(homes, "households", kind, fold=True))) == folded
    sound = table({"household_id": ["A", "B", "b"]}, "households", kind)
    assert rosters.check_keys(sound) == rosters.check_exact(sound) == []
    large = {"household_id": [2.0**53, 1.0, 1.0, 2.0**53]}  # nobody knows which of those stand twice
    for problems in (rosters.check_keys(table(large)), rosters.check_exact(table(large))):
        assert said(problems) == [("key_inexact", 2, [2, 5])]


SPELT = ["A", "b", "Hòa", "X"], ["a", "A", "hoà ", None, "Y", "B", "x", "A"]


def test_keys_that_differ_in_spelling_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    homes, people = table({"household_id": SPELT[0]}, "households"), table({"household_id": SPELT[1]})
    lost = np.array([0, 2, 3, 4, 5, 6])
    rows, of = rosters.nearly(homes, people, lost)
    assert (rows.tolist(), of.tolist()) == ([0, 2, 5, 6], [0, 2, 1, 3])
    for most, found in ((3, 0), (4, 4), (5, 4)):
        monkeypatch.setattr(rosters, "_FOLDED", most)
        assert list(map(len, rosters.nearly(homes, people, lost))) == [found, found]
    folded = [table({"household_id": each}, "households", fold=True) for each in SPELT]
    assert list(map(len, rosters.nearly(*folded, lost))) == [0, 0]
    rows, of = rosters.read_as_one(*folded)
    assert (rows.tolist(), of.tolist()) == ([0, 2, 5, 6], [0, 2, 1, 3])
    assert [each.tolist() for each in rosters.read_as_one(folded[0], folded[0])] == [[], []]


Person = st.tuples(
    st.integers(0, 3), st.sampled_from([1, 2, None]), st.sampled_from(["p", "q", None]), st.integers(0, 2)
)


@closely()
@given(
    st.lists(Person, max_size=14),
    st.sampled_from([1, 3, 40]),
    st.sampled_from([1, 2, 1 << 16]),
    st.sampled_from([0, 3, 20]),
    st.sampled_from(KINDS),
    st.lists(st.booleans(), min_size=4, max_size=4),
)
def test_copies_are_found_among_the_members_of_each_household(
    people: list[Any], large: int, at_once: int, telling: int, kind: Any, chosen: list[bool]
) -> None:
    names = ("household_id", "hn", "hc", "name")
    held: dict[str, list[Any]] = {name: [row[at] for row in people] for at, name in enumerate(names)}
    tables = table({"household_id": [0, 1, 2, 3]}, "households"), table(held, "members", kind)
    found = rosters.match(*tables)[0]
    answers = [tables[1].read("hc", field("hc", "member", "code"))[0]] if people else []
    answers += [tables[1].read("hn", field("hn", "member", "number"))[0]] if people else []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rosters, "_LARGE", large)
        patch.setattr(rosters, "_AT_ONCE", at_once)
        patch.setattr(rosters, "_TELLING", telling)
        rows, mistaken = rosters.copies(found, tables[1], answers, {*names[:3]}, np.array(chosen))
    homes = [[at for at, row in enumerate(people) if row[0] == home] for home in range(4) if chosen[home]]
    twice = {other for its in homes for one, other in combinations(its, 2) if people[one] == people[other]}
    assert rows.tolist() == sorted(twice)
    others = [
        (one, other)
        for its in homes
        if len(its) <= large
        for one, other in combinations(its, 2)
        if not {one, other} & twice
    ]
    tells = all(people[one][3] != people[other][3] for one, other in others)
    assert mistaken == (bool(twice) and len(others) >= telling and tells)


@pytest.mark.parametrize(("pairs", "many"), [(19, 2), (20, 2), (21, 2), (20, 40), (20, 41)])
def test_a_copy_is_a_mistake_where_something_tells_twenty_pairs_apart(pairs: int, many: int) -> None:
    people = [(0, 7)] * many + [(1 + pair, 2 * pair + one) for pair in range(pairs) for one in (0, 1)]
    held = {"household_id": [home for home, _ in people], "name": [name for _, name in people]}
    homes = table({"household_id": list(range(30))}, "households")
    its = rosters.match(homes, table(held))[0]
    rows, mistaken = rosters.copies(its, table(held), [], {"household_id"}, np.ones(30, bool))
    assert rows.tolist() == list(range(1, many))
    assert mistaken == (pairs >= 20)
    assert rosters.copies(its, table(held), [], {"household_id", "name"}, np.ones(30, bool))[1] is False


@pytest.mark.parametrize("many", [40, 41] if SHORT else [39, 40, 41, 42])
@pytest.mark.parametrize(
    "pair",
    [
        pa.array([1.5, float("nan")]),
        pa.array([1.5, None]),
        pl.Series([1.5, float("nan")]),
        pd.Series([1.5, np.nan]),
        pd.Series([2.0, -0.0]),
        pd.Series([1, 1.0], dtype=object),
        pd.Series([[1], [2]]),
        pd.Series([np.arange(3), np.arange(2000)]),
        pd.Series([{"a": np.arange(2)}, {"a": np.arange(3)}]),
    ],
    ids=str,
)
def test_copies_are_the_same_in_households_of_any_size(many: int, pair: Any) -> None:
    told = [pair[0]] * (many - 2) + [pair[1]] * 2
    held: dict[str, Any] = {"household_id": [1] * many, "age": [*range(many - 1), many - 2], "told": told}
    if isinstance(pair, pa.Array):
        held["told"] = pa.array([each.as_py() for each in told], pair.type)
    elif isinstance(pair, pl.Series):
        held["told"] = pl.Series(told)
    else:
        held["told"] = np.array([*told, None], object)[:-1] if pair.dtype == object else np.array(told)
    members, homes = open_table(held, "members"), table({"household_id": [1]}, "households")
    its = rosters.match(homes, members)[0]
    rows, mistaken = rosters.copies(its, members, [], {"household_id", "age", "told"}, np.array([True]))
    assert (rows.tolist(), mistaken) == ([many - 1], False)
    other = open_table({**held, "age": list(range(many))}, "members")
    assert rosters.copies(its, other, [], {"household_id"}, np.array([True]))[0].tolist() == []


@pytest.mark.parametrize(("many", "mistaken"), [(39, True), (40, True), (41, False)])
def test_in_a_household_of_more_than_forty_copies_are_no_mistakes(many: int, mistaken: bool) -> None:
    held = {"household_id": [1] * many, "name": [*range(many - 1), 5]}
    its = rosters.match(table({"household_id": [1]}, "households"), table(held))[0]
    found = rosters.copies(its, table(held), [], {"household_id"}, np.array([True]))
    assert (found[0].tolist(), found[1]) == ([many - 1], mistaken)


@pytest.mark.parametrize(("many", "found"), [(1_000_000, 1), (1_000_001, 0)])
def test_other_spellings_are_looked_for_among_a_million_households(many: int, found: int) -> None:
    homes = open_table({"household_id": pa.array(np.arange(many)).cast(pa.string())}, "households")
    people = open_table({"household_id": pa.array([" 7"])}, "members")
    assert [len(each) for each in rosters.nearly(homes, people, np.array([0]))] == [found, found]


def test_nobody_at_all_is_a_roster_too() -> None:
    for homes in ([], ["A", "B"]):
        found, lost = rosters.match(table({"household_id": homes}, "households"), table({"household_id": []}))
        assert (found.rows, found.sizes.tolist(), found.order, lost) == (0, [0] * len(homes), None, None)
        rows, mistaken = rosters.copies(found, table({"household_id": []}), [], set(), np.ones(len(homes), bool))
        assert (rows.tolist(), mistaken) == ([], False)
