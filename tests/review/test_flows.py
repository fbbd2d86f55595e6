"""What becomes of households between two reviews: each stands once, and nothing is lost."""

from __future__ import annotations

from datetime import date, timedelta
from hashlib import sha256
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdpoverty.dynamics import MOVEMENTS, flows, newly_escaped
from mdpoverty.dynamics.escaped import years_later
from mdpoverty.dynamics.matching import Matcher
from mdpoverty.errors import BadDate, BadValues, MissingColumns, SpecError
from mdpoverty.tables.keys import keys_of
from mdpoverty.tables.spellings import Spelling
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


def test_history_as_columns_needs_a_day_for_each_row() -> None:
    history: dict[str, Any] = {"household_id": ["a"], "category": ["poor"]}
    with pytest.raises(MissingColumns) as caught:
        newly_escaped(history, "2026-12-20")
    assert [problem.column for problem in caught.value.problems] == ["date"]
    assert len(newly_escaped({**history, "date": ["2022-12-20"]}, "2026-12-20")) == 0


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


# -------------------------------------------------------------------------------------------- tables filled by hand

THEN = {
    "household_id": ["a", "b", "c", "d", "e"],
    "category": ["poor", "near_poor", None, "above_average", "poor"],
    "household_size": [4, 3, 2, None, 1],
    "xa": ["X", "X", "Y", "Y", "X"],
}
NOW = {
    "household_id": ["f", "d", "c", "b", "a"],
    "category": ["near_poor", "poor", "poor", None, "near_poor"],
    "household_size": [7, 6, 2, 3, 5],
    "xa": ["Y", "Y", "Y", "X", "Y"],
}


def test_a_table_of_movements_by_hand() -> None:
    found = flows(THEN, NOW)
    plain = found.table.astype(object).where(found.table.notna(), None)
    assert plain.drop(columns=["last_listed", "history_open"]).to_numpy().tolist() == [
        ["a", "poor_to_near_poor", "poor", True, 4, "near_poor", True, 5, True],
        ["b", "undetermined", "near_poor", True, 3, None, True, 3, True],
        ["c", "undetermined", None, True, 2, "poor", True, 2, True],
        ["d", "newly_poor", "above_average", True, None, "poor", True, 6, True],
        ["e", "moved_out", "poor", True, 1, None, False, None, False],
        ["f", "moved_in", None, False, None, "near_poor", True, 7, False],
    ]
    assert plain["last_listed"].tolist() == [None] * 6
    assert plain["history_open"].tolist() == [False] * 6
    assert repr(found) == (
        "<Flows of 6 households: poor_to_near_poor 1, newly_poor 1, undetermined 2, moved_in 1, moved_out 1>"
    )
    assert found.rows_before.tolist() == [0, 1, 2, 3, 4, -1]
    assert found.rows_after.tolist() == [4, 3, 2, 1, -1, 0]


def test_a_matrix_by_hand() -> None:
    found = flows(THEN, NOW)
    heads = ["poor", "near_poor", "above_average", "open", "absent"]
    matrix = found.matrix()
    assert (matrix.index.name, matrix.columns.name) == ("before", "after")
    assert matrix.index.tolist() == heads
    assert matrix.columns.tolist() == [head for head in heads if head != "above_average"]
    assert matrix.to_numpy().tolist() == [[0, 1, 0, 1], [0, 0, 1, 0], [1, 0, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0]]
    before, after = found.matrix("people_before"), found.matrix("people_after")
    assert before.to_numpy().tolist() == [[0, 4, 0, 1], [0, 0, 3, 0], [0, 0, 0, 0], [2, 0, 0, 0], [0, 0, 0, 0]]
    assert after.to_numpy().tolist() == [[0, 5, 0, 0], [0, 0, 3, 0], [6, 0, 0, 0], [2, 0, 0, 0], [0, 7, 0, 0]]
    told = found.matrix(lang="en")
    assert told.to_numpy().tolist() == matrix.to_numpy().tolist()
    assert told.index.tolist()[:2] == ["Poor household", "Near-poor household"]
    assert (told.index.tolist()[3:], told.columns.tolist()[2:]) == (["Open", "Not in that review"],) * 2
    assert (told.index.name, told.columns.name) == ("Before", "After")


def test_counts_by_hand() -> None:
    found = flows(THEN, NOW)
    counts = found.counts()
    assert counts.columns.tolist() == ["movement", "households", "people_before", "people_after", "size_missing"]
    assert counts["movement"].tolist() == list(MOVEMENTS)
    some = counts[counts["households"] > 0].set_index("movement")
    assert {name: row.tolist() for name, row in some.iterrows()} == {
        "poor_to_near_poor": [1, 4, 5, 0],
        "newly_poor": [1, 0, 6, 1],
        "undetermined": [2, 5, 5, 0],
        "moved_in": [1, 0, 7, 0],
        "moved_out": [1, 1, 0, 0],
    }
    by = found.counts("xa")
    assert len(by) == 2 * len(MOVEMENTS)
    here = {(row["xa"], row["movement"]): row["households"] for row in by.to_dict("records") if row["households"]}
    assert here == {
        ("X", "undetermined"): 1,
        ("X", "moved_out"): 1,
        ("Y", "poor_to_near_poor"): 1,
        ("Y", "newly_poor"): 1,
        ("Y", "undetermined"): 1,
        ("Y", "moved_in"): 1,
    }
    told = found.counts("xa", lang="en")
    assert told.columns.tolist()[:3] == ["xa", "Movement", "Households"]
    assert told["Movement"].tolist() == [MOVEMENTS[name].label.en for name in by["movement"]]


def test_what_is_shown_of_flows_are_the_movements_that_occur() -> None:
    found = flows(THEN, NOW)
    html = found.to_html(lang="en")
    counts = found.counts().set_index("movement")["households"]
    for name, movement in MOVEMENTS.items():
        assert (f"<td>{movement.label.en}</td>" in html) is bool(counts[name])
    assert "Flows of 6 households between two reviews" in html
    assert "Keys spelt in two ways" not in html
    spelt = flows(table({"vd-1": "poor"}), table({"VD-1": "poor"}))
    assert "Keys spelt in two ways, and the like: 1" in spelt.to_html(lang="en")


def test_counts_by_a_column_of_the_later_review_alone() -> None:
    then = {name: values for name, values in THEN.items() if name != "xa"}
    by = flows(then, NOW).counts("xa")
    here = {(row["xa"] if isinstance(row["xa"], str) else None): 0 for row in by.to_dict("records")}
    for row in by.to_dict("records"):
        here[row["xa"] if isinstance(row["xa"], str) else None] += row["households"]
    assert here == {"X": 1, "Y": 4, None: 1}


def test_a_receipt_of_flows_says_what_went_in_and_what_came_out() -> None:
    rows = [{"household_id": n, "lacks": 4 - n} for n in range(3)]
    then, now = review(rows, "2023-11-15"), review(rows[::-1], "2024-11-15")
    receipt = flows(then, now).receipt
    assert (receipt.kind, receipt.standard, receipt.date) == ("flows", "vn-2022", date(2024, 11, 15))
    assert receipt.unordered_digest == now.receipt.unordered_digest
    assert receipt.parts["before"] == then.receipt.unordered_digest
    turned = flows(review(rows[::-1], "2023-11-15"), now).receipt
    assert turned.parts == receipt.parts
    assert flows(then, review(rows[:2], "2024-11-15")).receipt.parts["movements"] != receipt.parts["movements"]
    plain = flows(THEN, NOW).receipt
    assert (plain.kind, plain.standard, plain.revision, plain.date) == ("flows", "", 0, None)
    assert set(plain.parts) == {"movements"}
    assert plain.parts["movements"] == plain.unordered_digest
    assert "2 households between" in flows(table({"a": "poor"}), table({"b": "poor"})).to_html(lang="en")


@given(pairs())
def test_the_digest_of_movements_is_that_of_all_rows_as_text(pair: Pair) -> None:
    found = flows(pair.before, pair.after, changes=pair.changes, history=pair.history)
    rows = zip(*(found.table[name].tolist() for name in found.table), strict=True)
    lines = sorted("|".join(map(str, row)) for row in rows)
    assert found.receipt.parts["movements"] == sha256("\n".join(lines).encode()).hexdigest()


# --------------------------------------------------------------------------------------------- histories and records


def test_the_last_listing_before_the_review_is_told_whatever_the_order_of_days() -> None:
    before, after = table(dict.fromkeys("abc", "above_average")), table(dict.fromkeys("abc", "poor"))
    history = {
        "2022-12-01": table({"a": "near_poor", "b": None}),
        "2020-12-01": table({"a": "poor", "b": "poor", "z": "poor"}),
        "2021-12-01": table({"a": "above_average", "c": None}),
    }
    found = flows(before, after, history=history).table
    assert found["last_listed"].tolist() == [date(2022, 12, 1), date(2020, 12, 1), None]
    assert found["history_open"].tolist() == [False, True, True]
    assert found["household_id"].tolist() == ["a", "b", "c"]
    first = flows(before, after, history={"2022-12-01": table({"a": None})}).table
    assert first["history_open"].tolist() == [True, False, False]
    near = flows(before, after, history=history, date="2023-12-01", look_back=2).table
    assert near["last_listed"].tolist() == [date(2022, 12, 1), None, None]
    assert near["movement"].tolist() == ["fell_back", "newly_poor", "newly_poor"]
    assert near["history_open"].tolist() == [False, True, True]
    ended = flows(before, after, history=history, date="2022-12-01").table
    assert ended["last_listed"].tolist() == [date(2020, 12, 1)] * 2 + [None]


def test_history_needs_days() -> None:
    with pytest.raises(BadDate, match="needs its day"):
        moved({"a": "poor"}, {"a": "poor"}, history={None: table({"a": "poor"})})
    rows = {"household_id": ["a"], "date": [None], "category": ["poor"]}
    with pytest.raises(BadDate, match="needs its day"):
        moved({"a": "poor"}, {"a": "poor"}, history=rows)
    with pytest.raises(MissingColumns, match="date"):
        moved({"a": "poor"}, {"a": "poor"}, history=table({"a": "poor"}))
    texts = {"household_id": ["a", "a"], "date": ["2022-12-01", "2021-12-01"], "category": ["above_average", "poor"]}
    assert moved({"a": "above_average"}, {"a": "poor"}, history=texts) == {"a": "fell_back"}


def test_years_later_end_with_the_calendar() -> None:
    assert years_later(date(2024, 5, 31), -2023) == date(1, 5, 31)
    assert years_later(date(2024, 5, 31), 7975) == date(9999, 5, 31)
    for years in (-2024, 7976):
        with pytest.raises(BadDate, match="from 2024"):
            years_later(date(2024, 5, 31), years)


def test_records_that_cannot_be_are_said_with_their_rows() -> None:
    changes = {
        "household_id": ["e", "x", "f", "e", "a", "y", "f", "b", "z"],
        "change": ["Chuyển đi", "split", "moved_out", "merged", "moved_in", "split", "split", "split", "dissolved"],
    }
    with pytest.raises(BadValues) as raised:
        flows(THEN, NOW, changes=changes)
    assert {(each.code, each.rows, each.first, each.details.get("allowed")) for each in raised.value.problems} == {
        ("change_of_nobody", 3, ("x", "y", "z"), None),
        ("change_not_here", 1, ("f",), "moved_in, split, merged"),
        ("change_twice", 1, ("e",), None),
        ("change_not_here", 1, ("a",), "split, merged"),
    }
    assert {each.column for each in raised.value.problems} == {"change"}
    again = {"household_id": ["e", "e", "a", "f"], "change": ["dissolved", "dissolved", "merged", "Moved in"]}
    found = flows(THEN, NOW, changes=again).table.set_index("household_id")
    assert found["movement"].to_dict() == {
        "a": "poor_to_near_poor",
        "b": "undetermined",
        "c": "undetermined",
        "d": "newly_poor",
        "e": "dissolved",
        "f": "moved_in",
    }
    assert found["recorded"].all()


def test_codes_of_other_columns_are_refused() -> None:
    said = flows({"household_id": [1], "category": [1]}, {"household_id": [1], "category": [0]},
                 codes={"category": {1: "poor", 0: None}}).table  # fmt: skip
    assert said["movement"].tolist() == ["undetermined"]
    with pytest.raises(SpecError, match="speaks of 'area', but only codes of category are read"):
        flows(THEN, NOW, codes={"category": {}, "area": {1: "rural"}})


# ---------------------------------------------------------------------------------------------------- matching keys


def test_keys_of_several_columns_match_together() -> None:
    then = {"xa": ["X", "X", "Y"], "số": [1, 2, 1], "category": ["poor", "poor", "near_poor"]}
    now = {"xa": ["Y", "X", "Y"], "số": [2, 2, 1], "category": ["poor", "near_poor", "poor"]}
    found = flows(then, now, on=["xa", "số"])
    assert found.on == ("xa", "số")
    assert found.keys == [("X", 1), ("X", 2), ("Y", 1), ("Y", 2)]
    assert found.table["xa"].tolist() == ["X", "X", "Y", "Y"]
    assert found.table["số"].tolist() == [1, 2, 1, 2]
    assert found.table["movement"].tolist() == ["moved_out", "poor_to_near_poor", "near_poor_to_poor", "moved_in"]
    left = newly_escaped({"2022-12-01": then, "2023-12-01": {**now, "category": ["poor", "average_living", None]}},
                         "2024-01-01", on=["xa", "số"])  # fmt: skip
    assert left[["xa", "số"]].to_numpy().tolist() == [["X", 2], ["Y", 1]]


@pytest.mark.parametrize("fold", [False, True])
def test_keys_spelt_otherwise_are_found_and_one_only_on_request(fold: bool) -> None:
    then: Rows = {"vd-1": "poor", "VD-2": "poor", "VD-3": "above_average"}
    now: Rows = {"VD-1": "near_poor", "VD-2": "poor", "VD-3": "poor"}
    history = {"2020-12-01": table({"vd-3 ": "poor", "VD-9": "poor"})}
    found = flows(table(then), table(now), history=history, fold=fold)
    said = [each.text("en") for each in found.findings]
    assert [("VD-1" in text, "vd-3" in text) for text in said] == [(True, False), (False, True)]
    movements = dict(zip(found.table["household_id"], found.table["movement"], strict=True))
    if fold:
        assert movements == {"VD-1": "poor_to_near_poor", "VD-2": "stays_poor", "VD-3": "fell_back"}
    else:
        assert movements == {"vd-1": "moved_out", "VD-1": "moved_in", "VD-2": "stays_poor", "VD-3": "newly_poor"}
    assert flows(table({"a": "poor"}), table({"a": "poor"}), fold=fold).findings == ()


@pytest.mark.parametrize("fold", [False, True])
def test_every_other_spelling_is_told_beside_the_first(fold: bool) -> None:
    now, then = table({"VD-1": "poor", "VD-2": "poor"}), table({"vd-1": "poor", "vd-3": "poor"})
    history = {"2020-12-01": table({"Vd-1": "poor", "VD-3": "near_poor"}), "2021-12-01": table({"vD-1": None})}
    if not fold:
        history["2020-12-01"] = table({"Vd-1": "poor", "VD-3": "near_poor", "Vd-1 ": "poor"})
    found = flows(then, now, history=history, fold=fold).findings
    pairs = [
        ("VD-1", "vd-1"),
        ("VD-1", "Vd-1"),
        ("vd-3", "VD-3"),
        *([] if fold else [("VD-1", "Vd-1 ")]),
        ("VD-1", "vD-1"),
    ]
    said = [each.text("en") for each in found]
    assert len(said) == len(pairs)
    for text, pair in zip(said, pairs, strict=True):
        assert all(repr(key) in text for key in pair), (text, pair)


def test_unicode_forms_are_told_of_keys_that_stand_in_both_reviews() -> None:
    composed, apart = "H\u00f2a", "Ho\u0300a"
    (finding,) = flows(table({apart: "poor", "x": "poor"}), table({composed: "poor", "y": "poor"})).findings
    assert isinstance(finding, Spelling)
    assert flows(table({apart: "poor", "x": "poor"}), table({"x": "poor"})).findings == ()
    assert flows(table({"x": "poor"}), table({apart: "poor", "x": "poor"})).findings == ()
    assert flows(table({apart: "poor"}), table({apart: "near_poor"})).findings == ()
    assert moved({apart: "poor"}, {composed: "near_poor"}) == {composed: "poor_to_near_poor"}


def test_keys_of_text_and_of_numbers_never_match() -> None:
    with pytest.raises(BadValues):
        flows({"household_id": ["1"], "category": ["poor"]}, {"household_id": [1], "category": ["poor"]})
    numbers = {"household_id": [1], "category": ["poor"]}
    with pytest.raises(BadValues):
        flows(numbers, numbers, history={"2020-12-01": table({"1": "poor"})})
    with pytest.raises(BadValues):
        flows(numbers, numbers, changes={"household_id": ["1"], "change": ["split"]})


def test_newly_escaped_by_hand() -> None:
    history = {
        "2021-12-20": table({"out": "poor", "open": "near_poor", "back": "poor", "gap": "poor", "late": None}),
        "2022-12-20": table({"out": "average_living", "open": None, "back": "above_average", "gap": None}),
        "2023-12-20": table({"open": "average_living", "back": "near_poor", "gap": None, "late": "average_living"}),
        "2024-12-20": table({"new": "poor", "out": "poor"}),
    }
    found = newly_escaped(history, "2024-01-01")
    plain = found.astype(object).where(found.notna(), None)
    first, second = date(2021, 12, 20), date(2022, 12, 20)
    assert plain.to_numpy().tolist() == [
        ["out", True, first, second, date(2025, 12, 20)],
        ["open", True, first, None, None],
        ["gap", None, first, None, None],
        ["late", None, None, None, None],
    ]
    assert found.columns.tolist() == ["household_id", "newly_escaped", "last_listed", "left", "until"]
    assert str(found["newly_escaped"].dtype) == "boolean"
    assert found.attrs["findings"] == ()
    assert len(newly_escaped(history, "2024-12-20")) == 3  # who is poor again isn't
    assert len(newly_escaped({}, "2024-12-20")) == 0
    with pytest.raises(BadDate, match="the day on which it is asked"):
        newly_escaped(history, None)  # type: ignore[arg-type]  # the point of the test


def test_a_household_of_which_only_an_early_leaving_is_too_long_ago_is_open() -> None:
    courses: dict[str, Rows] = {
        "2020-12-20": {"a": "poor"},
        "2021-12-20": {"a": None},
        "2022-12-20": {"a": "average_living"},
    }
    assert escaped(courses, "2024-12-20") == {"a": True}
    assert escaped(courses, "2024-12-21") == {"a": None}
    assert escaped(courses, "2025-12-20") == {"a": None}
    assert escaped(courses, "2025-12-21") == {}


def test_households_are_numbered_when_they_are_first_met_and_rows_without_a_key_never() -> None:
    plain, folding = (Matcher(("household_id",), {}, fold) for fold in (False, True))
    for matcher in (plain, folding):
        assert matcher.numbers(keys_of(["a", "b", None, "a", "c"]), "the first").tolist() == [0, 1, -1, 0, 2]
        assert matcher.numbers(keys_of([None, "c", "d", "d", "a"]), "the second").tolist() == [-1, 2, 3, 3, 0]
        assert matcher.findings == []
    assert plain.numbers(keys_of(["A", None, "a", "E", "e"]), "the third").tolist() == [4, -1, 0, 5, 6]
    assert folding.numbers(keys_of(["A", None, "a", "E", "e"]), "the third").tolist() == [0, -1, 0, 4, 4]
    assert plain.listed(np.array([6, 0, 3])) == ["e", "a", "d"]
    assert folding.listed(np.array([4, 0, 3])) == ["E", "a", "d"]
    assert plain.columns(np.array([1])) == folding.columns(np.array([1])) == {"household_id": ["b"]}
