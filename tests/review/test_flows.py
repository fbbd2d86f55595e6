"""What becomes of households between two reviews: each stands once, and nothing is lost."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdpoverty.dynamics import MOVEMENTS, flows, newly_escaped
from mdpoverty.dynamics.escaped import years_later
from mdpoverty.errors import BadDate, BadValues, MissingColumns, SpecError
from tests.review.reviews import Pair, kind, pairs, review

Rows = dict[str, str | None]


def table(rows: Rows) -> dict[str, Any]:
    return {"household_id": list(rows), "category": list(rows.values())}


def moved(before: Rows, after: Rows, **options: Any) -> dict[str, str]:
    found = flows(table(before), table(after), **options).table
    return dict(zip(found["household_id"], found["movement"], strict=True))


@pytest.mark.parametrize(
    ("before", "after", "movement"),
    [
        ("poor", "poor", "stays_poor"),
        ("poor", "near_poor", "poor_to_near_poor"),
        ("poor", "average_living", "poor_to_above"),
        ("poor", "above_average", "poor_to_above"),
        ("near_poor", "poor", "near_poor_to_poor"),
        ("near_poor", "near_poor", "stays_near_poor"),
        ("near_poor", "above_average", "near_poor_to_above"),
        ("average_living", "poor", "newly_poor"),
        ("above_average", "near_poor", "newly_near_poor"),
        ("average_living", "above_average", "stays_above"),
        (None, "poor", "undetermined"),
        ("poor", None, "undetermined"),
    ],
)
def test_every_pair_of_classes(before: str | None, after: str | None, movement: str) -> None:
    assert moved({"a": before}, {"a": after}) == {"a": movement}


def test_who_is_in_one_review_only() -> None:
    before: Rows = {"gone": "poor", "joined": "poor", "died": None, "stays": "poor"}
    after: Rows = {"stays": "poor", "part": "near_poor", "came": "poor"}
    assert moved(before, after) == {
        "gone": "moved_out",
        "joined": "moved_out",
        "died": "moved_out",
        "stays": "stays_poor",
        "part": "moved_in",
        "came": "moved_in",
    }
    changes = {"household_id": ["joined", "died", "part", "stays"], "change": ["merged", "dissolved", "split", "split"]}
    found = flows(table(before), table(after), changes=changes)
    movements = dict(zip(found.table["household_id"], found.table["movement"], strict=True))
    assert movements == {
        "gone": "moved_out",
        "joined": "merged",
        "died": "dissolved",
        "stays": "stays_poor",
        "part": "split",
        "came": "moved_in",
    }
    assert found.unrecorded["household_id"].tolist() == ["gone", "came"]


@pytest.mark.parametrize(
    ("key", "change", "message"),
    [
        ("stays", "moved_out", "both reviews"),
        ("came", "moved_out", "the review after only"),
        ("gone", "moved_in", "the review before only"),
        ("nobody", "split", "neither review"),
        ("gone", "vanished", "moved_out, split, merged, dissolved"),
    ],
)
def test_a_record_that_cant_be_is_refused(key: str, change: str, message: str) -> None:
    before, after = table({"gone": "poor", "stays": "poor"}), table({"stays": "poor", "came": "poor"})
    with pytest.raises(BadValues, match=message):
        flows(before, after, changes={"household_id": [key], "change": [change]})


def test_falling_back_needs_a_listing_within_the_look_back() -> None:
    before: Rows = {
        "old": "above_average",
        "older": "average_living",
        "never": "above_average",
        "open": "above_average",
    }
    after: Rows = {"old": "poor", "older": "near_poor", "never": "poor", "open": "poor"}
    history = {
        "2019-12-01": table({"older": "poor"}),
        "2021-12-01": table({"old": "near_poor", "never": "average_living", "open": None}),
    }
    assert moved(before, after, history=history) == {
        "old": "fell_back",
        "older": "fell_back_to_near_poor",
        "never": "newly_poor",
        "open": "newly_poor",
    }
    near = {"history": history, "look_back": 3, "date": "2024-12-01"}
    assert moved(before, after, **near)["old"] == "fell_back"  # the first day of the span counts
    assert moved(before, after, **near)["older"] == "newly_near_poor"
    found = flows(table(before), table(after), history=history).table.set_index("household_id")
    assert found.loc["old", "last_listed"] == date(2021, 12, 1)
    assert found["history_open"].tolist() == [False, False, False, True]
    with pytest.raises(BadDate, match="pass date="):
        flows(table(before), table(after), history=history, look_back=3)


def test_the_later_review_itself_is_no_history() -> None:
    before, after = table({"a": "above_average"}), table({"a": "poor"})
    history = {"2023-12-01": before, "2024-12-01": after}
    assert flows(before, after, history=history, date="2024-12-01").table["movement"].tolist() == ["newly_poor"]
    later = review([{"household_id": "a", "lacks": 4}], "2024-12-01")
    assert flows(before, later, history=history).table["movement"].tolist() == ["newly_poor"]


def test_history_as_one_table() -> None:
    rows = pd.DataFrame(
        {
            "household_id": ["a", "b", "a"],
            "date": pd.to_datetime(["2020-12-01", "2020-12-01", "2021-12-01"]),
            "category": ["poor", "above_average", "above_average"],
        }
    )
    assert moved({"a": "above_average", "b": "above_average"}, {"a": "poor", "b": "poor"}, history=rows) == {
        "a": "fell_back",
        "b": "newly_poor",
    }


def test_keys_must_be_there_once() -> None:
    with pytest.raises(BadValues, match="duplicate key"):
        flows({"household_id": [1, 1], "category": ["poor", None]}, table({}))
    with pytest.raises(BadValues, match="needs a key"):
        flows({"household_id": [1, None], "category": ["poor", None]}, table({}))
    with pytest.raises(MissingColumns, match="category"):
        flows({"household_id": [1]}, table({}))


def test_moving_house_is_no_movement_of_class() -> None:
    rows = {"household_id": "a", "district": "Huyện A", "commune": "Xã 1", "lacks": 4}
    elsewhere = {**rows, "commune": "Xã 2"}
    assert flows(review([rows]), review([elsewhere])).table["movement"].tolist() == ["stays_poor"]


@given(pairs())
def test_flows_partition_every_household_once(pair: Pair) -> None:
    found = flows(pair.before, pair.after, changes=pair.changes, history=pair.history)
    keys = {row["household_id"] for row in (*pair.rows_before, *pair.rows_after)}
    assert sorted(found.table["household_id"]) == sorted(keys)
    assert found.table["movement"].notna().all()
    for which, rows in (("before", pair.rows_before), ("after", pair.rows_after)):
        here = found.table[found.table[f"in_{which}"]].set_index("household_id")
        assert sorted(here.index) == sorted(row["household_id"] for row in rows)
        for row in rows:
            category, size = here.loc[row["household_id"], [f"category_{which}", f"size_{which}"]]
            assert (None if pd.isna(category) else category) == kind(row)
            assert (None if pd.isna(size) else size) == row["household_size"]


@given(pairs())
def test_counts_and_matrix_hold_everybody(pair: Pair) -> None:
    found = flows(pair.before, pair.after, changes=pair.changes)
    both = (("before", pair.rows_before), ("after", pair.rows_after))
    people = {which: sum(row["household_size"] or 0 for row in rows) for which, rows in both}
    for by in ([], ["commune"]):
        counts = found.counts(by)
        assert counts["households"].sum() == len(found)
        assert counts["people_before"].sum() == people["before"]
        assert counts["people_after"].sum() == people["after"]
        sizes = {which: {row["household_id"]: row["household_size"] for row in rows} for which, rows in both}
        homes = {row["household_id"]: row["commune"] for row in (*pair.rows_before, *pair.rows_after)}
        became = dict(zip(found.table["household_id"], found.table["movement"], strict=True))
        for line in counts[counts["households"] > 0].to_dict("records"):
            keys = [k for k, movement in became.items() if movement == line["movement"]]
            keys = [key for key in keys if not by or homes[key] == line["commune"]]
            assert line["households"] == len(keys)
            lacking = [key for key in keys if any(key in its and its[key] is None for its in sizes.values())]
            assert line["size_missing"] == len(lacking)
            for which, its in sizes.items():
                assert line[f"people_{which}"] == sum(its.get(key) or 0 for key in keys)
    with pytest.raises(SpecError, match="people_before"):
        found.matrix("people")  # type: ignore[arg-type]  # the point of the test
    assert found.matrix().to_numpy().sum() == len(found)
    assert found.matrix("people_before").to_numpy().sum() == people["before"]
    assert found.matrix("people_after").to_numpy().sum() == people["after"]
    matrix = found.matrix()
    assert matrix.loc["poor", "near_poor"] == (found.table["movement"] == "poor_to_near_poor").sum()
    assert matrix.loc["absent", "absent"] == 0
    assert matrix["open"].sum() == sum(kind(row) is None for row in pair.rows_after)
    assert matrix.loc["open"].sum() == sum(kind(row) is None for row in pair.rows_before)


def test_a_column_of_the_earlier_review_has_the_places_of_the_later_one() -> None:
    before = {**table({"a": "poor", "b": "poor", "c": None}), "xa": ["Xã 1", "Xã 2", "Xã 1"], "thôn": [1, 2, 3]}
    after = {**table({"b": "poor", "d": "poor"}), "xa": ["Xã Mới", "Xã Mới"], "thôn": [4, 5]}
    crosswalk = pd.DataFrame({"old": ["Xã 1", "Xã 2"], "new": ["Xã Mới", "Xã Mới"]})
    found = flows(before, after, area_columns=["xa"], crosswalk=crosswalk)
    assert list(found.keys) == ["a", "b", "c", "d"]
    assert found.column("xa", "before").tolist() == ["Xã Mới"] * 3 + [None]
    assert found.column("xa", "after").tolist() == [None, "Xã Mới", None, "Xã Mới"]
    assert found.column("thôn", "before").tolist() == [1, 2, 3, None]
    assert found.column("thôn", "after").tolist() == [None, 4, None, 5]


def test_reviews_that_have_no_household_in_common_are_noted() -> None:
    found = flows(table({"a": "poor", "b": "poor"}), table({"c": "poor", "d": "poor"}))
    (noted,) = found.findings
    assert "'a'" in str(noted)
    assert "'c'" in str(noted)
    assert flows(table({"a": "poor", "b": "poor"}), table({"c": "poor", "b": "poor"})).findings == ()


def test_every_movement_has_both_names() -> None:
    assert len(MOVEMENTS) == 17
    for movement in MOVEMENTS.values():
        assert movement.label.vi != movement.label.en


# ------------------------------------------------------------------------------------------------ newly escaped


def escaped(courses: dict[str, Rows], day: str, **options: Any) -> dict[str, bool | None]:
    found = newly_escaped({when: table(rows) for when, rows in courses.items()}, day, **options)
    flags = [None if pd.isna(flag) else bool(flag) for flag in found["newly_escaped"]]
    return dict(zip(found["household_id"], flags, strict=True))


def test_newly_escaped_for_three_years_to_the_day() -> None:
    courses: dict[str, Rows] = {
        "2020-12-20": {"p": "poor", "n": "near_poor", "never": "average_living", "stays": "poor"},
        "2021-12-20": {"p": "above_average", "n": "average_living", "never": "above_average", "stays": "near_poor"},
    }
    everyone = {"p": True, "n": True}
    assert escaped(courses, "2021-12-19") == {}
    assert escaped(courses, "2021-12-20") == everyone
    assert escaped(courses, "2024-12-20") == everyone
    assert escaped(courses, "2024-12-21") == {}
    assert escaped(courses, "2024-12-21", years=4) == everyone


def test_a_poor_household_that_becomes_near_poor_has_not_newly_escaped() -> None:
    courses: dict[str, Rows] = {"2022-12-20": {"a": "poor"}, "2023-12-20": {"a": "near_poor"}}
    assert escaped(courses, "2024-01-01") == {}
    assert moved(courses["2022-12-20"], courses["2023-12-20"]) == {"a": "poor_to_near_poor"}  # "thoát nghèo" in form 2


def test_the_29th_of_february() -> None:
    assert years_later(date(2024, 2, 29), 3) == date(2027, 2, 28)
    assert years_later(date(2024, 2, 29), 4) == date(2028, 2, 29)


categories = st.sampled_from(["poor", "near_poor", "average_living", None])
courses = st.lists(st.tuples(st.integers(0, 6), categories), min_size=1, max_size=5, unique_by=lambda pair: pair[0])


@given(courses, st.integers(0, 8))
def test_open_classes_give_what_completing_them_gives(course: list[tuple[int, str | None]], asked: int) -> None:
    """Whoever is surely newly escaped is so in every completion, who isn't in the table in none, the rest in some."""
    day = date(2015 + asked, 6, 1)
    reviews = {str(date(2015 + year, 5, 31) + timedelta(days=year % 3)): category for year, category in course}
    said = escaped({when: {"a": category} for when, category in reviews.items()}, day.isoformat()).get("a", False)
    gaps = [when for when, category in reviews.items() if category is None]
    completions = set()
    for filled in product(["poor", "average_living"], repeat=len(gaps)):
        whole = {**reviews, **dict(zip(gaps, filled, strict=True))}
        completions.add(
            escaped({when: {"a": category} for when, category in whole.items()}, day.isoformat()).get("a", False)
        )
    assert None not in completions
    assert said == (completions.pop() if len(completions) == 1 else None)
