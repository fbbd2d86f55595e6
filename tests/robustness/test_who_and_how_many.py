"""Who belongs to whom, how many they are, what a cell says, what an amount of an unknown day leaves open."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdpoverty as mdp
from mdpoverty.errors import BadValues
from mdpoverty.scorers import any_member, column, count_members, threshold
from mdpoverty.standard import Category, Dimension, Field, Indicator, Standard, Threshold
from tests.review.reviews import AREAS, pairs
from tests.toy import LAW, TOY, both, codes

TABLES: dict[str, Any] = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table, "lists": dict}
KEYS = {"numbers": lambda key: key, "text": lambda key: f"xã {key}", "long text": lambda key: f"{key:040}"}


# ------------------------------------------------------------------------------------------------------- members


@st.composite
def rosters(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    """Keys of households in any order, and of members: in runs, cut runs, mixed, in order or not."""
    households = draw(st.lists(st.integers(1, 9), min_size=1, max_size=6, unique=True))
    runs = draw(st.lists(st.tuples(st.sampled_from(households), st.integers(1, 3)), max_size=8))
    members = [key for key, times in runs for _ in range(times)]
    return households, draw(st.sampled_from([members, sorted(members), sorted(members, key=households.index)]))


@given(rosters(), st.sampled_from(sorted(KEYS)), st.sampled_from(sorted(TABLES)), st.sampled_from([(), (0,), (10, 11)]))
def test_every_member_counts_for_its_own_household(
    roster: tuple[list[int], list[int]], kind: str, table: str, strays: tuple[int, ...]
) -> None:
    households, members = roster
    members = [*strays[:1], *members, *strays[1:]] if 0 in strays else [*members, *strays]
    ages = list(range(len(members)))
    named = KEYS[kind]
    if not members:  # a table of nobody has no types
        return
    homes = TABLES[table]({"household_id": [named(key) for key in households]})
    people = TABLES[table]({"household_id": list(map(named, members)), "age": ages, "old": [a > 2 for a in ages]})
    its = {key: [age for age, home in zip(ages, members, strict=True) if home == key] for key in households}
    for least in range(4):
        found = (count_members(column("age") >= 1) >= least).score(homes, people, orphans="report")
        counted = [sum(age >= 1 for age in its[key]) for key in households]
        assert found.tolist() == [
            1 if not its[key] else 2 * (n >= least) for key, n in zip(households, counted, strict=True)
        ]
    if strays:
        with pytest.raises(BadValues) as caught:
            any_member(column("old")).score(homes, people)
        assert sum(problem.rows for problem in caught.value.problems) == len(strays)
    old = any_member(column("old")).score(homes, people, orphans="report")
    assert old.tolist() == [1 if not its[key] else 2 * any(a > 2 for a in its[key]) for key in households]


@given(rosters(), st.sampled_from(sorted(TABLES)))
def test_an_assessment_hands_out_each_households_own_members(roster: tuple[list[int], list[int]], table: str) -> None:
    households, members = roster
    answers = {"coast": "east", "shells": 100, "huts": 9, "boat": True, "net": True, "hook": True}
    homes = {"household_id": households, **{name: [value] * len(households) for name, value in answers.items()}}
    ages = list(range(10, 10 + len(members)))
    rest = {"trade": ["potter"] * len(ages), "swims": [a % 3 == 0 for a in ages]}
    people = {"household_id": members, "age": ages, **rest}
    if not members:  # a table of nobody has no types
        return
    found = TOY.classify(TABLES[table](homes), TABLES[table](people))
    its = {key: [age for age, home in zip(ages, members, strict=True) if home == key] for key in households}
    listed: dict[int, list[int]] = {key: [] for key in households}
    for row, age in zip(found.member_rows.tolist(), found.answers("age", "member"), strict=True):
        listed[households[row]].append(age)
    assert listed == its
    sorted_rows = sorted(range(len(ages)), key=lambda row: households.index(members[row]))
    again = TOY.classify(homes, {name: [values[row] for row in sorted_rows] for name, values in people.items()})
    assert again.receipt.inputs_digest == found.receipt.inputs_digest
    assert again.receipt.unordered_digest == found.receipt.unordered_digest
    sizes, known = found.sizes
    assert sizes.tolist() == [len(its[key]) for key in households]
    assert known.tolist() == [bool(its[key]) for key in households]
    for key, code in zip(households, found.indicator("cannot_swim").tolist(), strict=True):
        swimmers = [{"age": age, "trade": "potter", "swims": age % 3 == 0} for age in its[key]]
        assert found.explain(key).indicators["cannot_swim"] == code
        assert TOY.assess(answers, swimmers).indicators["cannot_swim"] == code


@pytest.mark.parametrize("order", ["as listed", "runs", "mixed", "one lost", "the last run again"])
@pytest.mark.parametrize("odds", [(0, 0.97, 0.02, 0.01), (0.1, 0.3, 0.3, 0.3)], ids=["nearly all alone", "families"])
@pytest.mark.parametrize("listed", ["in order", "in no order"])
def test_members_of_thousands_of_households_are_their_own(order: str, odds: tuple[float, ...], listed: str) -> None:
    rng = np.random.default_rng(5)
    keys = np.arange(5_000) * 3 + 7
    sizes = rng.choice(4, len(keys), p=odds)
    members = np.repeat(keys, sizes)
    if order == "runs":
        chosen = rng.permutation(len(keys))
        members = np.repeat(keys[chosen], sizes[chosen])
    elif order == "mixed":
        rng.shuffle(members)
    elif order == "one lost":
        members[2_500] = 1
    elif order == "the last run again":
        members = np.append(members, [members[0], members[-1]])
    homes = keys if listed == "in order" else rng.permutation(keys)
    ages = rng.integers(0, 2, len(members))
    found = mdp.scorers.points(*((count_members(column("age") >= 1) >= least, 1) for least in range(1, 4)))
    counted = dict.fromkeys(homes.tolist(), 0)
    sizes_of = dict(counted)
    for key, age in zip(members.tolist(), ages.tolist(), strict=True):
        if key in counted:
            counted[key] += age
            sizes_of[key] += 1
    for least in range(1, 4):
        scored = (found >= least).score(
            {"household_id": homes}, {"household_id": members, "age": ages}, orphans="report"
        )
        assert scored.tolist() == [2 * (n >= least) if sizes_of[key] else 1 for key, n in counted.items()]


# ---------------------------------------------------------------------------------------------------------- sizes


@st.composite
def counted_and_stated(draw: st.DrawFn) -> list[tuple[int, int | None]]:
    """How many members there are and how many are stated: in all households alike, or anyhow."""
    counts = draw(st.lists(st.integers(0, 3), min_size=1, max_size=8))
    if draw(st.booleans()):
        return [(count, count or None) for count in counts]
    return [(count, draw(st.sampled_from([count or None, None, 1, 2, 4]))) for count in counts]


@given(
    counted_and_stated(),
    st.booleans(),
    st.sampled_from(["Int64", "Int8", "float64", "object"]),
)
def test_a_size_is_counted_where_there_are_members_and_else_as_stated(
    homes: list[tuple[int, int | None]], given_members: bool, kind: str
) -> None:
    answers = {"coast": "east", "shells": 100, "huts": 1, "boat": True, "net": True, "hook": True}
    table = pd.DataFrame([{"household_id": i, **answers} for i in range(len(homes))])
    stated_sizes = [stated for _, stated in homes]
    table["household_size"] = pd.Series(stated_sizes, dtype=kind)  # type: ignore[call-overload]  # one of four names
    one = {"age": 30, "trade": "none", "swims": True}
    rows = [{"household_id": i, **one} for i, (count, _) in enumerate(homes) for _ in range(count)]
    people = pd.DataFrame(rows, columns=["household_id", *one])
    both_of = [(count if given_members else 0, stated) for count, stated in homes]
    differ = [i for i, (count, stated) in enumerate(both_of) if count and stated not in (None, count)]
    options: dict[str, Any] = {"given": ["cannot_swim", "idle"]}
    table["cannot_swim"], table["idle"] = False, False
    members = people if given_members else None
    if differ:
        with pytest.raises(BadValues) as caught:
            TOY.classify(table, members, **options)
        assert [problem.code for problem in caught.value.problems] == ["size_differs"]
        assert caught.value.problems[0].rows == len(differ)
    found = TOY.classify(table, members, **options, invalid="missing")
    sizes, known = found.sizes
    expected = [None if i in differ else count or stated for i, (count, stated) in enumerate(both_of)]
    assert [int(s) if k else None for s, k in zip(sizes, known, strict=True)] == expected
    crowded = [1 if size is None else 2 * (size / 2 > 1) for size in expected]
    assert found.indicator("crowded").tolist() == crowded
    assert int(found.counts()["people"].sum()) == sum(size or 0 for size in expected)
    assert int(found.counts()["size_missing"].sum()) == sum(size is None for size in expected)


@pytest.mark.parametrize("many", [127, 128, 40_000])
def test_households_of_any_size_are_counted(many: int) -> None:
    crowded = column("huts") < column("household_size")
    homes = {"household_id": [1, 2], "huts": [many - 1, many]}
    assert crowded.score(homes, {"household_id": [1] * many + [2] * many, "age": [3] * 2 * many}).tolist() == [2, 0]


# ---------------------------------------------------------------------------------------------------------- cells


def _objects(values: list[Any], kind: Any) -> Any:
    return np.array([None if value is None else kind(value) for value in values] + [None], dtype=object)[:-1]


NUMBERS = {
    "int64": lambda v: pd.array(v, dtype="Int64"),
    "int16": lambda v: pd.array(v, dtype="Int16"),
    "float64": lambda v: np.array([np.nan if x is None else x for x in v], np.float64),
    "float32": lambda v: np.array([np.nan if x is None else x for x in v], np.float32),
    "decimal": lambda v: _objects(v, Decimal),
    "text": lambda v: _objects(v, str),
    "mixed": lambda v: _objects(v, lambda x: (x, float(x), Decimal(x))[x % 3]),
}


@given(st.lists(st.none() | st.integers(-3, 200), min_size=1, max_size=8), st.sampled_from(sorted(NUMBERS)))
def test_numbers_of_every_type_are_read_with_gaps_beside_what_is_refused(values: list[int | None], kind: str) -> None:
    field_ = Field("age", "household", "count", both("Age"), both("?"), minimum=0, maximum=130)
    rule = column("age") >= 60
    law = Standard(
        **{"id": "ages", "title": both("ages"), "citation": LAW, "in_force": "2020-01-01", "until": None},
        fields=[field_],
        thresholds=[],
        dimensions=[Dimension("d", both("d"), LAW)],
        indicators=[Indicator("old", "d", both("old"), rule, LAW)],
        categories=[Category("old", both("old"), rule, LAW), Category("young", both("young"), ~rule, LAW)],
    )
    table = pd.DataFrame({"age": NUMBERS[kind](values)})
    wrong = [value is not None and not 0 <= value <= 130 for value in values]
    said = [1 if value is None or bad else 2 * (value >= 60) for value, bad in zip(values, wrong, strict=True)]
    found = law.classify(table, invalid="missing")
    assert found.indicator("old").tolist() == said
    assert sum(problem.rows for problem in found.problems) == sum(wrong)
    for option in ({}, {"codes": {"age": {-9: None, "x": 5}}}):
        if any(wrong):
            with pytest.raises(BadValues):
                law.classify(table, **option)
    # a code that means an answer, and one that means none
    meant = {"codes": {"age": {-1: 99, -2: None, -3: 0, None: 70}}}
    told = {-1: 99, -2: None, -3: 0, None: 70}
    really = [told.get(value, value) for value in values]
    bad = [value is not None and value > 130 for value in really]
    expected = [1 if value is None or b else 2 * (value >= 60) for value, b in zip(really, bad, strict=True)]
    assert law.classify(table, invalid="missing", **meant).indicator("old").tolist() == expected


@given(
    st.lists(st.sampled_from([True, False, None, 7]), min_size=1, max_size=8),
    st.sampled_from(["objects", "Int64", "float64"]),
)
def test_flags_under_codes_are_what_these_list(values: list[Any], kind: str) -> None:
    number = {True: 1, False: 2, None: None, 7: 7}
    listed = [number[value] for value in values]
    series = {
        "objects": lambda: pd.Series(listed, dtype=object),
        "Int64": lambda: pd.Series(listed, dtype="Int64"),
        "float64": lambda: pd.Series(listed, dtype="float64"),
    }[kind]()
    households = pd.DataFrame({"boat": series})
    meanings: dict[Any, Any]
    for meanings in ({1: True, 2: False}, {1: True, 2: False, None: True}, {"1": True, "2": False, "": None}):
        blank = meanings.get(None)
        said = [None if value == 7 else blank if value is None else value for value in values]
        expected = [1 if value is None else 2 * value for value in said]
        if 7 in values:
            with pytest.raises(BadValues):
                _flag(households, meanings)
        assert _flag(households, meanings, invalid="missing") == expected


def _flag(households: Any, meanings: dict[Any, Any], **options: Any) -> list[int]:
    rule = column("boat") | column("boat")
    found: list[int] = rule.score(households, codes={"boat": meanings}, **options).tolist()
    return found


# ------------------------------------------------------------------------------------------- amounts of an unknown day


@st.composite
def stepped(draw: st.DrawFn) -> tuple[list[tuple[str | None, dict[str, int]]], int, int]:
    days = draw(st.lists(st.sampled_from(["2021-01-01", "2022-07-01", "2025-01-01"]), unique=True, max_size=3))
    amounts = [{kind: draw(st.integers(-4, 4)) for kind in ("a", "b")} for _ in range(len(days) + 1)]
    steps = list(zip([None, *sorted(days)], amounts, strict=True))
    return steps, draw(st.sampled_from([-2, -1, 1, 3])), draw(st.integers(-2, 2))


@given(
    stepped(), st.sampled_from(["plain", "product", "of an answer", "sum"]), st.sampled_from([None, "kind"]), st.data()
)
def test_without_a_day_an_amount_is_all_that_it_ever_is(
    drawn: tuple[list[tuple[str | None, dict[str, int]]], int, int], where: str, by: str | None, data: st.DataObject
) -> None:
    steps, factor, added = drawn
    amounts: Any = steps if by else [(day, amount["a"]) for day, amount in steps]
    amount = threshold("line")
    sides = {
        "plain": amount,
        "product": factor * amount,
        "of an answer": amount * column("m"),
        "sum": amount + added * column("m"),
    }
    rule = column("n") <= sides[where]
    law = Standard(
        **{"id": "steps", "title": both("steps"), "citation": LAW, "in_force": "2020-01-01", "until": None},
        fields=[
            Field("n", "household", "number", both("n"), both("?")),
            Field("m", "household", "number", both("m"), both("?")),
            Field("kind", "household", "code", both("kind"), both("?"), codes=codes("a", "b")),
        ],
        thresholds=[Threshold("line", both("line"), amounts, LAW, by=by)],
        dimensions=[Dimension("d", both("d"), LAW)],
        indicators=[Indicator("under", "d", both("under"), rule, LAW)],
        categories=[Category("under", both("u"), rule, LAW), Category("over", both("o"), ~rule, LAW)],
    )
    number = st.none() | st.integers(-8, 8)
    rows = data.draw(
        st.lists(
            st.fixed_dictionaries({"n": number, "m": number, "kind": st.sampled_from(["a", "b", None])}),
            min_size=1,
            max_size=6,
        )
    )
    table = pd.DataFrame(rows, dtype=object)
    days = ["2020-06-01", "2021-06-01", "2023-06-01", "2026-06-01"]
    by_day = [law.classify(table, date=day).indicator("under").tolist() for day in days]
    ever = [set(each) for each in zip(*by_day, strict=True)]
    expected = [each.pop() if len(each) == 1 else 1 for each in ever]
    assert law.classify(table).indicator("under").tolist() == expected
    for row, code, every in zip(rows, expected, zip(*by_day, strict=True), strict=True):
        assert law.assess(row).indicators["under"] == code
        assert [law.assess(row, date=day).indicators["under"] for day in days] == list(every)


# ---------------------------------------------------------------------------------------------------------- flows


@given(pairs())
def test_a_column_of_flows_is_that_of_the_review_it_is_asked_of(pair: Any) -> None:
    found = mdp.flows(pair.before, pair.after, area_columns=AREAS)
    for which, rows in (("before", pair.rows_before), ("after", pair.rows_after)):
        known = {row["household_id"]: row for row in rows}
        for name in (*AREAS, "household_size"):
            told = found.column(name, which).tolist()
            assert told == [known[key].get(name) if key in known else None for key in found.keys]
