"""Two tables opened for the rules: sizes, answers in blocks, and where in the tables something is wrong."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mdpoverty as mdp
from mdpoverty import scorers as s
from mdpoverty.engine import arrays, lifts
from mdpoverty.engine.inputs import Inputs, open_inputs
from mdpoverty.errors import BadValues, MissingColumns, Problem
from mdpoverty.law.program import Program
from mdpoverty.tables import columns
from mdpoverty.tables.options import Reading

KIDS = s.count_members(s.column("age") < 16)
WITH_SIZE = Program.alone(s.column("household_size") < 2 * KIDS)


def opened(homes: Any, people: Any = None, program: Program = WITH_SIZE, **options: Any) -> Inputs:
    return open_inputs(program, Reading(**options), homes, people)


def said(problems: Any) -> list[tuple[str, str, int, list[int | None]]]:
    return [(each.code, each.table, each.rows, [place.row for place in each.places]) for each in problems]


# --------------------------------------------------------------------------------------------------------------- sizes

STATED: list[Any] = [None, 1, 2, 3]


@pytest.mark.parametrize("kind", [float, "Int64", object])
@pytest.mark.parametrize(("one", "other"), list(product(STATED, repeat=2)))
@pytest.mark.parametrize("counted", [(2, 1), (2, 0), (0, 0)])
def test_a_size_is_counted_or_else_stated_and_both_must_agree(
    one: Any, other: Any, counted: tuple[int, int], kind: Any
) -> None:
    people = {"household_id": np.repeat(["A", "B"], counted), "age": 30 + np.arange(sum(counted))}
    homes = pd.DataFrame({"household_id": ["A", "B"], "household_size": pd.Series([one, other], dtype=kind)})
    differ = [row for row, (n, its) in enumerate(zip(counted, (one, other), strict=True)) if n and its not in (None, n)]
    want = [
        None if row in differ else (n or its) for row, (n, its) in enumerate(zip(counted, (one, other), strict=True))
    ]
    if differ:
        with pytest.raises(BadValues) as caught:
            opened(homes, people)
        assert said(caught.value.problems) == [("size_differs", "households", len(differ), [2 + row for row in differ])]
    found = opened(homes, people, invalid="missing")
    assert found.sizes is not None
    assert columns.plain(found.sizes) == want
    assert (found.sizes.missing is None) == (None not in want)
    assert found.sizes.values.dtype.kind in "iu"
    assert found.answers["household", "household_size"] is found.sizes
    assert len(found.problems) == bool(differ)
    alone = opened(homes.drop(columns=["household_size"]), people)
    assert alone.sizes is not None
    assert columns.plain(alone.sizes) == [n or None for n in counted]


def test_a_size_that_is_no_whole_number_is_an_answer_all_the_same() -> None:
    homes = {"household_id": ["A", "B"], "household_size": [2.0, 2.5]}
    program = Program.alone(s.column("household_size") >= 2.25)
    assert columns.plain(opened(homes, None, program).answers["household", "household_size"]) == [2.0, 2.5]
    with pytest.raises(BadValues) as caught:
        opened(homes, {"household_id": ["A", "A", "B"]}, program)
    assert said(caught.value.problems) == [("size_differs", "households", 1, [3])]


@pytest.mark.parametrize("size", [2.0**62, 2.0**63, -(2.0**63), 2.0**64, 1e300])
def test_a_size_too_large_for_a_whole_number_is_the_float_that_it_is(size: float) -> None:
    homes = {"household_id": ["A", "B"], "household_size": [size, 2.0]}
    found = opened(homes, None, Program.alone(s.column("household_size") > 1))
    assert columns.plain(found.answers["household", "household_size"]) == [size, 2]


@pytest.mark.parametrize("many", [32_766, 32_767, 32_768])
def test_sizes_of_any_number_of_members(many: int) -> None:
    found = opened(
        {"household_id": [1, 2]}, {"household_id": np.repeat([1, 2], [many, 1]), "age": np.full(many + 1, 3)}
    )
    assert found.sizes is not None
    assert found.sizes.values.tolist() == [many, 1]
    for stated in (many, many - 1):
        homes = {"household_id": [1, 2], "household_size": [stated, 1]}
        people = {"household_id": np.repeat([1, 2], [many, 1]), "age": np.full(many + 1, 3)}
        again = opened(homes, people, invalid="missing")
        assert [each.code for each in again.problems if each.code == "size_differs"] == ["size_differs"] * (
            stated != many
        )


# ------------------------------------------------------------------------------------------------------------- members


@pytest.mark.parametrize("stated", [None, 2, 3])
@pytest.mark.parametrize("members", [1, 2, 3])
def test_members_alike_are_told_where_no_size_says_that_they_are_so_many(stated: int | None, members: int) -> None:
    homes: dict[str, Any] = {"household_id": ["A", "B"]}
    if stated is not None:
        homes["household_size"] = pd.array([stated, None], "Int64")
    people = {"household_id": ["B", *["A"] * members], "age": [9, *[30] * members]}
    found = opened(homes, people, invalid="missing")
    alike = members - 1 if stated != members else 0
    assert [(each.code, each.rows) for each in found.problems if each.code == "members_alike"] == (
        [("members_alike", alike)] if alike else []
    )
    assert [(each.code, each.rows) for each in found.problems if each.code == "size_differs"] == (
        [("size_differs", 1)] if stated not in (None, members) else []
    )


@pytest.mark.parametrize("orphans", ["error", "report"])
def test_keys_spelt_otherwise_are_shown_with_five_of_their_households(orphans: str) -> None:
    names = [f"H{row}" for row in range(8)]
    homes = {"household_id": names}
    people = {"household_id": [name.lower() for name in names] + ["Z"], "age": [3] * 9}
    problems: list[Problem]
    if orphans == "error":
        with pytest.raises(BadValues) as caught:
            opened(homes, people, orphans=orphans)
        problems = list(caught.value.problems)
    else:
        problems = opened(homes, people, orphans=orphans).problems
    rows = list(range(2, 7))
    assert said(problems) == [("orphan_spelling", "members", 8, rows), ("orphan", "members", 1, [10])]
    pairs = tuple((name.lower(), name) for name in names[:5])
    assert problems[0].details["pairs"].pairs == pairs
    folded = opened(homes, {name: values[:8] for name, values in people.items()}, fold=True)
    assert said(folded.problems) == [("key_folded", "members", 8, rows)]
    assert folded.problems[0].details["pairs"].pairs == pairs
    assert opened(homes, {"household_id": names, "age": [3] * 8}, fold=True).problems == []


WAYS = s.first_known(s.column("a"), s.column("b"))


@pytest.mark.parametrize("block", [1, 2, 3, 65_536])
def test_contradictions_are_said_of_their_rows(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "HOUSEHOLD_BLOCK", block)
    homes = {
        "household_id": list("ABCDE"),
        "x": [True, True, False, True, None],
        "b": [True, False, None, False, False],
    }
    for invalid in ("error", "missing"):
        rows = [3, 5]
        if invalid == "error":
            with pytest.raises(BadValues) as caught:
                WAYS.score(homes, columns={"a": "x"}, invalid=invalid)
            (problem,) = caught.value.problems
            within = [row for row in rows if (row - 2) // block == (rows[0] - 2) // block]
            assert said([problem]) == [("contradiction", "households", len(within), within)]
            assert (problem.column, problem.field) == ("x, b", "a")
        else:
            assert WAYS.score(homes, columns={"a": "x"}, invalid=invalid).tolist() == [2, 1, 0, 1, 0]


def test_contradictions_of_two_questions_are_said_of_the_rows_of_both() -> None:
    both = WAYS | s.first_known(s.column("c"), s.column("d"))
    homes = {
        "a": [True, False, True, None],
        "b": [False, False, True, True],
        "c": [False, True, True, False],
        "d": [False, False, True, False],
    }
    with pytest.raises(BadValues) as caught:
        both.score(homes)
    (problem,) = caught.value.problems
    assert said([problem]) == [("contradiction", "households", 2, [2, 3])]


@pytest.mark.parametrize("block", [1, 2, 65_536])
def test_a_way_of_asking_that_is_not_there_is_nobodys_answer_in_any_block(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrays, "HOUSEHOLD_BLOCK", block)
    monkeypatch.setattr(lifts, "MEMBER_BLOCK", block)
    assert WAYS.score({"b": [True, None, False]}).tolist() == [2, 1, 0]
    both = s.first_known((s.column("x") < 5) & s.column("b"), s.column("c"))  # no to a part is no to both
    assert both.score({"b": [False, True, True], "c": [None, True, None]}).tolist() == [0, 2, 1]
    ill = s.any_member(s.first_known(s.column("age") < 5, s.column("young")))
    people = {"household_id": [1, 2, 2, 3], "young": [True, False, None, False]}
    assert ill.score({"household_id": [1, 2, 3]}, people).tolist() == [2, 1, 0]


@pytest.mark.parametrize("block", [1, 2, 3, 100])
@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4, 5], [5, 0, 3, 1, 4, 2]])
def test_members_read_their_own_households_answers_in_any_block(
    block: int, order: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifts, "MEMBER_BLOCK", block)
    monkeypatch.setattr(arrays, "HOUSEHOLD_BLOCK", block)
    rule = s.count_members(s.column("age") > s.column("limit", level="household")) >= 1
    homes = {"household_id": [1, 2, 3, 4], "limit": [10, 20, 30, 40]}
    theirs, ages = [1, 1, 2, 3, 3, 4], [5, 11, 20, 31, 1, 50]
    people = {"household_id": [theirs[row] for row in order], "age": [ages[row] for row in order]}
    assert rule.score(homes, people).tolist() == [2, 0, 2, 2]
    points = s.points((s.column("age") > 10, 1), (s.column("age") < s.column("limit", level="household"), 2))
    assert s.any_member(points > 2).score(homes, people).tolist() == [0, 0, 0, 0]
    assert s.any_member(points >= 2).score(homes, people).tolist() == [2, 0, 2, 0]


@pytest.mark.parametrize("block", [1, 2, 3, 4, 5, 6, 7])
@pytest.mark.parametrize("sizes", [[3], [1, 3], [2, 3], [1, 0, 3, 0], [2, 1, 2, 1], [1, 2, 4]])
def test_households_of_any_size_end_blocks_where_they_end(
    block: int, sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifts, "MEMBER_BLOCK", block)
    homes = {"household_id": list(range(len(sizes))), "limit": [10 * home for home in range(len(sizes))]}
    theirs = [home for home, size in enumerate(sizes) for _ in range(size)]
    ages = [10 * home + at % 3 for at, home in enumerate(theirs)]
    people = {"household_id": theirs, "age": ages}
    none = [1 if size == 0 else None for size in sizes]
    plain = s.count_members(s.column("age") >= 10) >= 1
    both = s.count_members(s.column("age") > s.column("limit", level="household")) >= 1
    for rule, holds in ((plain, lambda age, home: age >= 10), (both, lambda age, home: age > 10 * home)):
        met = {home for age, home in zip(ages, theirs, strict=True) if holds(age, home)}
        want = [unknown or 2 * (home in met) for home, unknown in enumerate(none)]
        assert rule.score(homes, people).tolist() == want


@pytest.mark.parametrize("table", ["households", "members"])
def test_keys_that_went_through_floats_are_said_of_the_table_that_has_them(table: str) -> None:
    exact, inexact = [2**53 + 1, 3], [float(2**53 + 2), 3.0]
    homes = {"household_id": inexact if table == "households" else exact}
    people = {"household_id": inexact if table == "members" else exact, "age": [3, 4]}
    with pytest.raises(BadValues) as caught:
        opened(homes, people)
    assert said(caught.value.problems) == [("key_inexact", table, 1, [2])]


def test_what_is_missing_is_advised_on() -> None:
    advice = 'Name your own columns with columns={"income": "your name"}, and indicators that are columns with given=.'
    with pytest.raises(MissingColumns) as caught:
        opened({"household_id": ["A"]}, None)
    assert str(caught.value).endswith(f"{advice} Pass the members' table as the second argument.")
    with pytest.raises(MissingColumns) as caught:
        opened({"household_id": ["A"]}, {"household_id": ["A"]})
    assert str(caught.value).endswith(advice)
    for homes, people, code, column in (
        ({"x": [1]}, {"household_id": ["A"], "age": [3]}, "missing_household_key", "household_id"),
        ({"household_id": ["A"]}, {"age": [3]}, "missing_member_key", "household_id"),
    ):
        with pytest.raises(MissingColumns) as caught:
            opened(homes, people)
        assert [(each.code, each.column) for each in caught.value.problems] == [(code, column)]
        assert len({each.table for each in caught.value.problems}) == 1
    for own, at in ((("h", "m"), 0), (("household_id", "m"), 1)):
        with pytest.raises(MissingColumns) as caught:
            opened({"household_id": ["A"]}, {"household_id": ["A"], "age": [3]}, household_id=own)
        tables = ["households", "members"][at:]
        assert sorted({each.table for each in caught.value.problems}) == tables


# ------------------------------------------------------------------------------------------------------------ names


@pytest.mark.parametrize("names", [("a", "b"), ("household_id", "b"), ("a", "household_id"), ("a", "a")])
@pytest.mark.parametrize("there", list(product([False, True], repeat=2)))
def test_a_key_is_missed_under_its_own_name_in_each_table(names: tuple[str, str], there: tuple[bool, bool]) -> None:
    homes, people = {"household_size": [1]}, {"age": [30]}
    for table, name, has in zip((homes, people), names, there, strict=True):
        table |= {name if has else "other": [7]}
    alone = Program.alone(s.column("household_size") > 1)
    if there[0] or names[0] == "household_id":  # without members a key may be missing, unless it was named
        assert opened(homes, None, alone, household_id=names).key == ("household_id" if there[0] else None)
    else:
        with pytest.raises(MissingColumns) as caught:
            opened(homes, None, alone, household_id=names)
        assert [(each.table, each.column) for each in caught.value.problems] == [("households", names[0])]
    if all(there):
        assert opened(homes, people, household_id=names).households == 1
        return
    with pytest.raises(MissingColumns) as caught:
        opened(homes, people, household_id=names)
    found = {(each.table, each.column) for each in caught.value.problems}
    assert len(found) == len(caught.value.problems)
    whose = zip(("households", "members"), names, there, strict=True)
    missed = {(table, name) for table, name, has in whose if not has}
    if not any(there):  # a member's key under our own name is missed where households can be found by theirs
        missed -= {("members", "household_id")}
    assert found == missed


def test_columns_that_are_known_by_another_name_are_told() -> None:
    table = {"area": ["rural"], "Điểm B2": [10.0]}
    with pytest.raises(MissingColumns, match=r"would be read with columns=\{'points_b': 'Điểm B2'\}"):
        mdp.standards["vn-2022-scores"].classify(table, date="2024-11-15")


def test_no_way_on_is_told_where_a_key_is_missing() -> None:
    with pytest.raises(BadValues) as caught:
        opened({"household_id": ["A", None]}, {"household_id": ["A"], "age": [14]})
    assert [each.code for each in caught.value.problems] == ["key_missing"]
    assert 'invalid="missing"' not in str(caught.value)
    with pytest.raises(BadValues, match='pass invalid="missing"'):
        opened({"household_id": ["A", "B"]}, {"household_id": ["A"], "age": ["x"]})
