"""The forms, cell by cell against one filled by hand, and against sums made another way."""

from __future__ import annotations

import unicodedata
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdpoverty import reports
from mdpoverty.errors import BadValues, MissingColumns, SpecError
from mdpoverty.numbers import per_cent
from mdpoverty.reports.columns import formula
from tests.review.reviews import ABOVE, AREAS, AVERAGE, NAMES, NEAR, OPEN, PLACES, POOR, Pair, kind, pairs, review, vn

XA_1, XA_2, XA_3 = ({"district": district, "commune": commune} for district, commune in PLACES)


def numbers(filled: reports.Forms, form: int) -> list[list[Any]]:
    frame = filled.form(form, heading="numbers")
    return [[None if pd.isna(value) else value for value in row] for row in frame.to_numpy(dtype=object).tolist()]


# ------------------------------------------------------------------------------------- one commune, filled by hand

BEFORE = [
    {"household_id": 1, **XA_1, **POOR, "household_size": 4},
    {"household_id": 2, **XA_1, **POOR, "household_size": 5},
    {"household_id": 3, **XA_1, **POOR, "household_size": 1},
    {"household_id": 4, **XA_1, **NEAR, "household_size": 3},
    {"household_id": 5, **XA_1, **NEAR, "household_size": 6},
    {"household_id": 6, **XA_1, **ABOVE, "household_size": 2},
    {"household_id": 7, **XA_1, **AVERAGE, "household_size": 4},
    {"household_id": 8, **XA_1, **POOR, "household_size": 3},
]
AFTER = [
    {"household_id": 1, **XA_1, **POOR, "household_size": 5, "producer": True},  # one more person
    {"household_id": 2, **XA_1, **NEAR, "household_size": 4, "producer": True},  # one less, and near-poor
    # 3, alone, has died
    {"household_id": 4, **XA_1, **POOR, "household_size": 3, "producer": False},
    {"household_id": 5, **XA_1, **ABOVE, "household_size": 6, "producer": True},
    {"household_id": 6, **XA_1, **POOR, "household_size": 2, "producer": True},  # was on the list in 2021
    {"household_id": 7, **XA_1, **POOR, "household_size": 4, "producer": True},
    {"household_id": 8, **XA_1, **AVERAGE, "household_size": 3, "producer": True},
    {"household_id": 9, **XA_1, **POOR, "household_size": 2, "producer": True},  # moved in
]
TOTALS = {"district": ["Huyện A"], "commune": ["Xã 1"], "households": [320], "people": [1_300]}
HISTORY = {"2021-12-15": {"household_id": [6], "category": ["near_poor"]}}


@pytest.fixture(scope="module")
def by_hand() -> reports.Forms:
    return reports.build(
        review(AFTER), before=review(BEFORE), area_columns=AREAS, totals=TOTALS, history=HISTORY, look_back=5
    )


def test_form_1_by_hand(by_hand: reports.Forms) -> None:
    cells = [320, 1_300, 5, 1.56, 1, 0.31, 1, 0.31, 16, 1.23, 4, 0.31, 3, 0.23]
    assert numbers(by_hand, 1) == [["", "Huyện A", *cells], ["1", "Xã 1", *cells]]


def test_form_2_by_hand(by_hand: reports.Forms) -> None:
    # poor at first: 1, 2, 3, 8 with 4 + 5 + 1 + 3 people. 2 is near-poor (as 4 people: it lost one), 8 left with 3,
    # 3 died, 1 has one more; 4 was near-poor, 6 fell back, 7 is new, 9 moved in.
    households = [4, 1, 1, 1, 1, 1, 1, 1, 5]
    people = [13, 4, 3, 1 + 1, 3, 2, 4, 2 + 1, 16]
    assert numbers(by_hand, 2) == [
        ["", "Huyện A", "Hộ", *households],
        ["", "Huyện A", "Nhân khẩu", *people],
        ["1", "Xã 1", "Hộ", *households],
        ["1", "Xã 1", "Nhân khẩu", *people],
    ]


def test_form_3_by_hand(by_hand: reports.Forms) -> None:
    assert numbers(by_hand, 3)[2:] == [
        ["1", "Xã 1", "Hộ", 2, 1, 1, 0, 1, 0, 0, 0, 1],
        ["1", "Xã 1", "Nhân khẩu", 9, 6, 3, 0, 4, 0, 0, 0, 4],
    ]


def test_forms_4_to_7_by_hand(by_hand: reports.Forms) -> None:
    first, rest = [5] * 4, [0] * 8
    assert numbers(by_hand, 4)[1] == ["1", "Xã 1", 5, 20, *first, *rest]
    assert numbers(by_hand, 5)[1] == ["1", "Xã 1", 5, *[100.0] * 4, *[0.0] * 8]
    assert numbers(by_hand, 6)[1] == ["1", "Xã 1", 1, 1, 1, *[0] * 11]
    assert numbers(by_hand, 7)[1] == ["1", "Xã 1", 1, 100.0, *[0.0] * 11]


HEADINGS_2 = [
    ("TT", "", "", ""),
    ("Địa bàn", "", "", ""),
    ("Đơn vị tính", "", "", ""),
    ("Số hộ, nhân khẩu đầu kỳ", "", "", "1"),
    ("Diễn biến giảm trong kỳ", "Thoát nghèo", "Trở thành hộ cận nghèo", "2"),
    ("Diễn biến giảm trong kỳ", "Thoát nghèo", "Vượt chuẩn cận nghèo", "3"),
    (
        "Diễn biến giảm trong kỳ",
        "Giảm khác (thay đổi nhân khẩu, hộ đơn thân chết, chuyển đi, tách, nhập hộ…)",
        "",
        "4",
    ),
    ("Diễn biến tăng trong kỳ", "Hộ cận nghèo trở thành hộ nghèo", "", "5"),
    ("Diễn biến tăng trong kỳ", "Bổ sung trong kỳ", "Tái nghèo", "6"),
    ("Diễn biến tăng trong kỳ", "Bổ sung trong kỳ", "Phát sinh mới", "7"),
    ("Diễn biến tăng trong kỳ", "Tăng khác (chuyển đến, tách, nhập hộ…)", "", "8"),
    ("Số hộ, nhân khẩu cuối kỳ", "", "", "9=1-2-3-4+5+6+7+8"),
]


def test_headings_and_printed_formulas(by_hand: reports.Forms) -> None:
    assert by_hand.form(2).columns.tolist() == HEADINGS_2
    printed = [column[-1] for column in by_hand.form(1).columns]
    assert printed[2:] == [
        *("1", "2", "3", "4=3/1*100", "5", "6=5/1*100", "7", "8=7/1*100"),
        *("9", "10=9/2*100", "11", "12=11/2*100", "13", "14=13/2*100"),
    ]
    assert [column[-1] for column in by_hand.form(3).columns][-1] == "9=1-2-3-4+5+6+7+8"
    assert [column[1] for column in by_hand.form(3).columns][4:6] == ["Thoát cận nghèo", "Trở thành hộ nghèo"]
    assert [column[-1] for column in by_hand.form(8).columns][-1] == "10=6-7-8-9"
    english = by_hand.form(2, lang="en").columns.tolist()
    assert english[4] == ("Decrease", "Left poverty", "Became near-poor", "2")
    # the twelve indicators stand in the order of the law
    assert [column[1] for column in by_hand.form(4).columns][4:] == [vn.indicators[name].label.vi for name in NAMES]


def test_a_frame_says_which_form_it_is(by_hand: reports.Forms) -> None:
    for number, form in ((number, filled.form) for number, filled in by_hand.filled.items()):
        said = by_hand.form(number, lang="en").attrs
        assert (said["form"], said["title"]) == (number, form.title.en)
        assert (said["official"], said["confirmed"], said["layout"]) == (form.official, form.confirmed, form.layout)


def test_a_sound_set_has_no_findings(by_hand: reports.Forms) -> None:
    assert by_hand.findings == ()
    assert by_hand.check() == ()


# -------------------------------------------------------------------------- totals, by another way, on random reviews


def reference(pair: Pair, place: tuple[str, str], category: str, listed: set[str]) -> dict[str, list[int]]:
    """Count the movements of one list in one commune household by household, as form 2 or 3 means them."""
    other = {"poor": "near_poor", "near_poor": "poor"}[category]
    out = {"households": [0] * 9, "people": [0] * 9}
    sides = [{row["household_id"]: row for row in rows} for rows in (pair.rows_before, pair.rows_after)]
    for key in {**sides[0], **sides[1]}:
        old, new = sides[0].get(key), sides[1].get(key)
        sizes = [(row or {}).get("household_size") or 0 for row in (old, new)]
        at = [None if row is None else (row["district"], row["commune"]) for row in (old, new)]
        classes = [None if row is None else kind(row) or "open" for row in (old, new)]
        stays = at[0] == at[1]
        if at[0] == place and classes[0] == category:
            add(out, 1, sizes[0])
            if not stays:
                add(out, 4, sizes[0])
            else:
                out["people"][3 if sizes[1] < sizes[0] else 7] += abs(sizes[1] - sizes[0])
                if classes[1] == other:
                    add(out, 2 if category == "poor" else 3, sizes[1])
                elif classes[1] in ("average_living", "above_average"):
                    add(out, 3 if category == "poor" else 2, sizes[1])
        if at[1] == place and classes[1] == category:
            add(out, 9, sizes[1])
            if not stays:
                add(out, 8, sizes[1])
            elif classes[0] == other:
                add(out, 5, sizes[1])
            elif classes[0] in ("average_living", "above_average"):
                add(out, 6 if key in listed else 7, sizes[1])
    return out


def add(out: dict[str, list[int]], column: int, size: int) -> None:
    out["households"][column - 1] += 1
    out["people"][column - 1] += size


@given(pairs())
def test_changes_equal_sums_over_households(pair: Pair) -> None:
    filled = reports.build(
        pair.after,
        before=pair.before,
        area_columns=AREAS,
        changes=pair.changes,
        history=pair.history,
        totals="assessed",
    )
    listed = set(pair.history["2022-11-15"]["household_id"])
    for form, category in ((2, "poor"), (3, "near_poor")):
        frame = filled.form(form, heading="numbers")
        for place in PLACES:
            rows = frame[frame["area"] == place[1]]
            expected = reference(pair, place, category, listed)
            if rows.empty:
                assert expected == {"households": [0] * 9, "people": [0] * 9}
                continue
            columns = [str(number) for number in range(1, 10)]
            assert rows[columns].to_numpy().tolist() == [expected["households"], expected["people"]]
    assert [found for found in filled.check() if found.rule != "people"] == []


@given(pairs())
def test_results_equal_sums_over_households(pair: Pair) -> None:
    filled = reports.build(pair.after, area_columns=AREAS, totals="assessed")
    one = filled.form(1, heading="numbers").set_index("area")
    four = filled.form(4, heading="numbers").set_index("area")
    for place in {(row["district"], row["commune"]) for row in pair.rows_after}:
        here = [row for row in pair.rows_after if (row["district"], row["commune"]) == place]
        its = {name: [row for row in here if kind(row) == name] for name in ("poor", "near_poor", None)}
        counts = one.loc[place[1]]
        assert counts["1"] == len(here)
        assert [counts[column] for column in "35"] == [len(its["poor"]), len(its["near_poor"])]
        assert [counts[column] for column in ("9", "11")] == [
            sum(row["household_size"] or 0 for row in its[name]) for name in ("poor", "near_poor")
        ]
        if its[None]:
            assert counts["a"] == len(its[None])
        assert four.loc[place[1], "B"] == sum(row["lacks"] for row in its["poor"])
    if pair.rows_after:
        top = filled.form(1, heading="numbers").iloc[0]
        assert top["1"] == len(pair.rows_after)
        assert top["3"] == sum(kind(row) == "poor" for row in pair.rows_after)
    assert len(filled.open) == sum(kind(row) is None for row in pair.rows_after)


# ------------------------------------------------------------------------------------------------ rates and blanks


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_rates_are_rounded_per_cent(part: int, whole: int) -> None:
    with localcontext(prec=60):
        exact = Decimal(part * 100) / Decimal(whole)
        assert per_cent(part, whole) == exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


@pytest.mark.parametrize(
    ("part", "whole", "printed"),
    [(1, 16_000, "0.01"), (1, 800, "0.13"), (3, 800, "0.38"), (201, 20_000, "1.01"), (1, 3, "33.33"), (2, 3, "66.67")],
)
def test_ties_go_up(part: int, whole: int, printed: str) -> None:
    assert str(per_cent(part, whole)) == printed


def test_nobody_to_divide_by_is_blank_and_not_0() -> None:
    filled = reports.build(review([{"household_id": 1, **XA_1, **NEAR}]), area_columns=AREAS, totals=TOTALS)
    assert numbers(filled, 4)[1] == ["1", "Xã 1", 0, 0, *[0] * 12]
    assert numbers(filled, 5)[1] == ["1", "Xã 1", 0, *[None] * 12]


def test_without_residents_their_columns_are_blank() -> None:
    filled = reports.build(review([{"household_id": 1, **XA_1, **POOR, "producer": True}]), area_columns=AREAS)
    assert numbers(filled, 1)[1][2:8] == [None, None, 1, None, 0, None]
    assert filled.check() == ()


def test_a_rate_over_100_is_found_and_not_printed() -> None:
    rows = [{"household_id": key, **XA_1, **POOR} for key in range(3)]
    few = {**TOTALS, "households": [2], "people": [2]}
    filled = reports.build(review(rows), area_columns=AREAS, totals=few)
    assert numbers(filled, 1)[1][2:6] == [2, 2, 3, None]
    found = {(each.form, each.column, each.found) for each in filled.findings if each.path[-1] == "Xã 1"}
    assert (1, "4", Decimal("150.00")) in found
    assert "rate_over_100" in {each.rule for each in filled.check()}


@pytest.mark.parametrize(("households", "people"), [(-1, 5), (7, 5), (None, 5), (2.5, 5)])
def test_impossible_residents_are_found(households: Any, people: Any) -> None:
    totals = {**TOTALS, "households": [households], "people": [people]}
    filled = reports.build(review([{"household_id": 1, **XA_1, **POOR}]), area_columns=AREAS, totals=totals)
    assert (filled.findings[0].rule, filled.findings[0].path) == ("residents", ("Huyện A", "Xã 1"))
    assert numbers(filled, 1)[1][2:6] == [None, None, 1, None]


def test_a_place_without_residents_is_found_and_leaves_the_total_blank() -> None:
    rows = [{"household_id": 1, **XA_1, **POOR}, {"household_id": 2, **XA_2, **POOR}]
    filled = reports.build(review(rows), area_columns=AREAS, totals=TOTALS)
    assert [(each.rule, each.path) for each in filled.findings] == [("residents", ("Huyện A", "Xã 2"))]
    assert [row[2] for row in numbers(filled, 1)] == [None, 320, None]


def test_a_place_that_stands_twice_in_the_residents_is_refused() -> None:
    totals = {name: values * 2 for name, values in TOTALS.items()}
    with pytest.raises(BadValues, match="stands twice"):
        reports.build(review([{"household_id": 1, **XA_1}]), area_columns=AREAS, totals=totals)


# ------------------------------------------------------------------------------------------------------- the places


def three_communes(**rows: Any) -> list[dict[str, Any]]:
    return [{"household_id": key, **place, **POOR, **rows} for key, place in enumerate((XA_3, XA_1, XA_2))]


def places(area_columns: list[str], rows: list[dict[str, Any]], **options: Any) -> list[tuple[str, str]]:
    frame = reports.build(review(rows), area_columns=area_columns, **options).form(1, heading="numbers")
    return list(zip(frame["tt"], frame["area"], strict=True))


def test_numbering_by_districts() -> None:
    assert places(AREAS, three_communes()) == [
        ("", "Tổng cộng"),
        ("1", "Huyện A"),
        ("1.1", "Xã 1"),
        ("1.2", "Xã 2"),
        ("2", "Huyện B"),
        ("2.1", "Xã 3"),
    ]


def test_places_in_the_order_of_appearance_on_request() -> None:
    assert places(AREAS, three_communes(), order="appearance") == [
        ("", "Tổng cộng"),
        ("1", "Huyện B"),
        ("1.1", "Xã 3"),
        ("2", "Huyện A"),
        ("2.1", "Xã 1"),
        ("2.2", "Xã 2"),
    ]
    with pytest.raises(SpecError, match="order is"):
        places(AREAS, three_communes(), order="size")


def test_places_in_the_order_of_the_vietnamese_alphabet() -> None:
    names = ["Xã Đạo", "Xã 10", None, "Xã Âu", "Thị trấn Ơ", "Xã Dao", "Xã 2", "Xã An", "Phường Ô", "Xã Dào"]
    rows = [{"household_id": key, "commune": name, **POOR} for key, name in enumerate(names)]
    expected = ["Phường Ô", "Thị trấn Ơ", "Xã 2", "Xã 10", "Xã An", "Xã Âu", "Xã Dao", "Xã Dào", "Xã Đạo"]
    assert [name for _, name in places(["commune"], rows)] == ["Tổng cộng", *expected, "(không rõ địa bàn)"]
    blocks = reports.build(review(rows), area_columns="commune").official().form(4, heading="numbers")["area"].tolist()
    assert [name for name in blocks if name in expected] == expected


def test_a_province_is_the_first_row() -> None:
    rows = three_communes(province="Tỉnh Ví Dụ")
    assert places(["province", *AREAS], rows)[:3] == [("", "Tỉnh Ví Dụ"), ("1", "Huyện A"), ("1.1", "Xã 1")]


def test_without_districts_since_july_2025() -> None:
    rows = three_communes(province="Tỉnh Ví Dụ")
    assert places(["province", "commune"], rows) == [
        ("", "Tỉnh Ví Dụ"),
        ("1", "Xã 1"),
        ("2", "Xã 2"),
        ("3", "Xã 3"),
    ]
    assert places([], rows) == [("", "Tổng cộng")]


def test_a_place_that_isnt_given_is_not_lost() -> None:
    rows = [{"household_id": 1, **XA_1, **POOR}, {"household_id": 2, "district": None, "commune": None, **POOR}]
    assert ("2.1", "(không rõ địa bàn)") in places(AREAS, rows)


def test_names_that_are_written_in_two_ways_are_one_place() -> None:
    rows = [
        {"household_id": 1, **POOR, "commune": unicodedata.normalize("NFD", "Xã Ví Dụ")},
        {"household_id": 2, **POOR, "commune": "Xã Ví Dụ "},
    ]
    assert places(["commune"], rows) == [("", "Tổng cộng"), ("1", "Xã Ví Dụ")]


def test_communes_that_were_merged_between_the_reviews() -> None:
    before = [{"household_id": 1, **XA_1, **POOR}, {"household_id": 2, **XA_2, **POOR}]
    merged = {"district": "Huyện A", "commune": "Xã mới"}
    after = [{"household_id": 1, **merged, **POOR}, {"household_id": 2, **merged, **NEAR}]
    moved = reports.build(review(after), before=review(before), area_columns=AREAS)
    assert [row[1] for row in numbers(moved, 2)][::2] == ["Huyện A", "Xã 1", "Xã 2", "Xã mới"]
    renamed = dict.fromkeys(PLACES[:2], ("Huyện A", "Xã mới"))
    filled = reports.build(review(after), before=review(before), area_columns=AREAS, before_areas=renamed)
    assert numbers(filled, 2)[2] == ["1", "Xã mới", "Hộ", 2, 1, 0, 0, 0, 0, 0, 0, 1]


def test_area_columns_must_be_there() -> None:
    with pytest.raises(MissingColumns, match="province"):
        reports.build(review([{"household_id": 1, **XA_1}]), area_columns=["province"])


# --------------------------------------------------------------------------------------------------- open households


def test_open_households_have_columns_of_their_own() -> None:
    before = [{"household_id": key, **XA_1, **kind_} for key, kind_ in enumerate((POOR, OPEN, OPEN, NEAR))]
    after = [{"household_id": key, **XA_1, **kind_} for key, kind_ in enumerate((OPEN, POOR, OPEN, OPEN))]
    filled = reports.build(review(after), before=review(before), area_columns=AREAS, totals=TOTALS)
    assert numbers(filled, 1)[1][-2:] == [3, 12]
    assert numbers(filled, 2)[2][3:] == [1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1]
    assert numbers(filled, 3)[2][3:] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]
    assert filled.form(2).columns[11][-1] == "9=1-2-3-4+5+6+7+8-a+b"
    assert filled.open["household_id"].tolist() == [0, 2, 3]
    assert set(filled.open["possible"]) == {"poor|near_poor"}
    assert "3 hộ (12 nhân khẩu) chưa xác định" in filled.form(4).attrs["notes"][0]
    assert filled.check() == ()


# --------------------------------------------------------------------------------------------- groups, causes, lists


def test_target_groups_that_overlap_are_found() -> None:
    rows = [
        {"household_id": 1, **XA_1, **POOR, "ethnic_minority": True, "merit": True, "unable_to_work": False},
        {"household_id": 2, **XA_1, **POOR, "ethnic_minority": False, "merit": False, "unable_to_work": False},
        {"household_id": 3, **XA_1, **NEAR, "ethnic_minority": False, "merit": True, "unable_to_work": None},
    ]
    filled = reports.build(review(rows), area_columns=AREAS)
    assert numbers(filled, 8)[2][3:] == [2, 1, 0, 1, 0, 1, 0, 0, 1, 0]
    (found,) = filled.findings
    assert (found.rule, found.column, found.found, found.expected) == ("overlap", "5", 0, 1)
    assert any("1 hộ còn để ngỏ" in note for note in filled.form(8).attrs["notes"])


def test_ethnic_groups_and_causes() -> None:
    rows = [
        {"household_id": 1, **XA_1, **POOR, "ethnic_group": "Tày", "cause_land": True, "von": True},
        {"household_id": 2, **XA_1, **POOR, "ethnic_group": "Kinh", "cause_land": True, "von": False},
        {"household_id": 3, **XA_1, **NEAR, "ethnic_group": "Dao", "cause_land": False, "von": True},
        {"household_id": 4, **XA_1, **NEAR, "ethnic_group": None, "cause_land": False, "von": True},
    ]
    filled = reports.build(review(rows), area_columns=AREAS, columns={"cause_capital": "von"})
    heads = [column[1] for column in filled.form(9).columns][3:]
    assert heads == ["Tổng số", "Kinh", "Tổng dân tộc thiểu số", "Dao", "Tày", "Chưa rõ dân tộc"] * 2
    assert numbers(filled, 9)[2][3:] == [2, 1, 1, 0, 1, 0, 2, 0, 1, 1, 0, 1]
    assert numbers(filled, 10)[2][3:] == [2, 2, 1, *[None] * 6, 2, 0, 2, *[None] * 6]
    assert numbers(filled, 13)[1][8:10] == [0, 1]
    assert filled.check() == ()


def person(key: int, age: int | None, **answers: Any) -> dict[str, Any]:
    school = "none" if age is None or age < 3 or age > 15 else "primary"
    return {
        "household_id": key,
        "age": age,
        "insured": True,
        "stunted": False,
        "underweight": False,
        "attending": school,
        **answers,
    }


def test_children_and_the_lists() -> None:
    rows = [
        {"household_id": 1, **XA_1, **POOR, "household_size": 4, "support_credit": True},
        {"household_id": 2, **XA_1, **NEAR, "household_size": 1},
    ]
    members = pd.DataFrame(
        [
            person(1, 40, name="=Nguyễn Văn Ví Dụ"),
            person(1, 15, attending="none"),  # out of school
            person(1, 5, insured=False, stunted=True),  # below the age of which insurance is asked
            person(1, 8, insured=False),
            person(2, 17, insured=False),
        ]
    )
    filled = reports.build(review(rows, members=members), before=review(rows), area_columns=AREAS)
    assert numbers(filled, 11)[1] == ["1", "Xã 1", 3, 1, 1, 1, 0, 0, 0, 0]  # 5 in primary school is above its age
    poor = filled.form(15)
    assert poor["TT"].tolist() == [1, None, None, None]
    assert poor["Tuổi"].tolist() == [40, 15, 5, 8]
    assert poor["Họ và tên"][0] == "=Nguyễn Văn Ví Dụ"
    assert poor["Diện hộ"]["Hộ cũ"].tolist() == ["x", None, None, None]
    assert poor["Nhu cầu hỗ trợ"]["Tín dụng"].tolist() == ["x", None, None, None]
    assert filled.form(14, lang="en")["Age"].tolist() == [17]


def test_without_ages_there_is_no_form_of_children() -> None:
    people = pd.DataFrame({"household_id": [1, 1], "name": ["Lê Thị Ví Dụ", "Lê Văn Ví Dụ"]})
    rows = [{"household_id": 1, **XA_1, **POOR, "household_size": 2}]
    filled = reports.build(review(rows, members=people), area_columns=AREAS)
    assert 11 not in filled.available
    with pytest.raises(SpecError, match="form 11 can't be made without members"):
        filled.form(11)


def test_a_child_is_below_the_age_and_an_age_that_is_missing_is_said() -> None:
    homes = [
        {"household_id": key, **XA_1, **answers, "household_size": n}
        for key, answers, n in ((1, POOR, 3), (2, ABOVE, 2))
    ]
    ages = [(1, 15), (1, 16), (1, None), (2, 15), (2, None)]
    people = pd.DataFrame([person(key, age) for key, age in ages])
    filled = reports.build(review(homes, members=people), area_columns=AREAS)
    assert numbers(filled, 11)[1][2] == 1
    assert any("Tuổi: 1 nhân khẩu còn để ngỏ" in note for note in filled.form(11).attrs["notes"])


# ------------------------------------------------------------------------------- what is counted, and what is noted


FLAGS = ("merit", "unable_to_work", "female_head", "local_ethnic", "ethnic_minority", "cause_land")
COUNTED = [  # by class, what is said of every flag, whether they farm, and of how many people
    (POOR, True, True, 2),
    (POOR, False, None, 2),
    (POOR, None, None, 3),
    (NEAR, True, None, 4),
    (NEAR, None, True, 2),
    (AVERAGE, None, True, 1),
    (AVERAGE, None, False, 1),
    (AVERAGE, None, None, 1),
    (ABOVE, True, True, 7),
    (OPEN, None, None, 8),
]
PEOPLE = [
    *((0, 40, {}), (0, None, {})),
    *((1, 9, {"insured": None}), (1, 8, {"insured": False})),
    *((3, None, {}), (3, None, {}), (3, 8, {"insured": None}), (3, 16, {"insured": False})),
    *((4, 8, {"insured": None}), (4, 7, {"insured": False, "attending": "none"})),
    (5, None, {}),
]


@pytest.fixture(scope="module")
def counted() -> reports.Forms:
    """Ten households of Xã 1; in Xã 2 a poor one and one above the lines, of whom two indicators are open."""
    rows = [
        {"household_id": n, **XA_1, **kind, "household_size": size, "producer": farms, **dict.fromkeys(FLAGS, said)}
        for n, (kind, said, farms, size) in enumerate(COUNTED)
    ]
    rows.append({"household_id": 10, **XA_2, "lacks": 4, "gaps": 2, "household_size": 9})
    rows.append({"household_id": 11, **XA_2, **ABOVE, "lacks": 4, "gaps": 2, "household_size": 9})
    people = pd.DataFrame([person(key, age, **answers) for key, age, answers in PEOPLE])
    return reports.build(review(rows, members=people), area_columns=AREAS)


def notes(filled: reports.Forms, form: int) -> list[str]:
    """What stands below a form besides how many households are open, and that the residents aren't known."""
    usual = ("1 households (8 people) are open", "The residents of the places")
    assert len(filled.form(form).attrs["notes"]) == len(filled.form(form, lang="en").attrs["notes"])
    return [note for note in filled.form(form, lang="en").attrs["notes"] if not note.startswith(usual)]


UNCOUNTED = "These households aren't counted in that column."


def test_flags_are_counted_where_they_are_known_and_noted_where_not(counted: reports.Forms) -> None:
    assert numbers(counted, 8)[2:] == [
        ["1", "Xã 1", "Hộ", 3, 1, 1, 1, 0, 2, 1, 1, 1, -1],
        ["1", "Xã 1", "Nhân khẩu", 7, 2, 2, 2, 1, 6, 4, 4, 4, -6],
        ["2", "Xã 2", "Hộ", 1, 0, 0, 0, 1, 0, 0, 0, 0, 0],
        ["2", "Xã 2", "Nhân khẩu", 9, 0, 0, 0, 9, 0, 0, 0, 0, 0],
    ]
    said = [
        f"{label}: open in 3 households"
        for label in ("Ethnic minority", "Nobody able to work", "With a person of merit")
    ]
    assert notes(counted, 8) == [f"{'; '.join(said)}. {UNCOUNTED}"]
    assert [numbers(counted, number)[1][8:] for number in (12, 13)] == [[1, 1, 1, 1, 1, 1], [0, 1, 1, 1, 1, 1]]
    more = [f"{label}: open in 3 households" for label in ("Local ethnic minority", "Female head")]
    assert notes(counted, 12) == notes(counted, 13) == [f"{'; '.join([*said, *more])}. {UNCOUNTED}"]
    assert numbers(counted, 10)[2] == ["1", "Xã 1", "Hộ", 3, 1, *[None] * 7, 2, 1, *[None] * 7]
    absent, unknown = notes(counted, 10)
    assert absent.startswith("Not known: Lack of capital; Lack of labour; Lack of tools; ")
    assert "Lack of land" not in absent
    assert unknown == f"Lack of land: open in 3 households. {UNCOUNTED}"


def test_farming_is_asked_of_households_on_no_list(counted: reports.Forms) -> None:
    assert [row[8] for row in numbers(counted, 1)] == [1, 1, 0]
    assert notes(counted, 1) == [f"Farming, forestry, fishery: open in 2 households. {UNCOUNTED}"]


def test_ethnicity_that_is_told_as_a_minority_or_not(counted: reports.Forms) -> None:
    heads = [column[1] for column in counted.form(9, lang="en").columns][3:]
    assert heads == ["Total", "Kinh", "All ethnic minorities", "Ethnicity not known"] * 2
    assert numbers(counted, 9)[2:] == [
        ["1", "Xã 1", "Hộ", 3, 1, 1, 1, 2, 0, 1, 1],
        ["1", "Xã 1", "Nhân khẩu", 7, 2, 2, 3, 6, 0, 4, 2],
        ["2", "Xã 2", "Hộ", 1, 0, 0, 1, 0, 0, 0, 0],
        ["2", "Xã 2", "Nhân khẩu", 9, 0, 0, 9, 0, 0, 0, 0],
    ]
    rows = [{"household_id": n, **XA_1, **kind, "ethnic_minority": True} for n, kind in enumerate((POOR, NEAR))]
    rows.append({"household_id": 2, **XA_1, **ABOVE, "ethnic_minority": None})
    known = reports.build(review(rows), area_columns=AREAS)
    assert numbers(known, 9)[2] == ["1", "Xã 1", "Hộ", 1, 0, 1, 1, 0, 1]
    unasked = reports.build(review([{"household_id": 1, **XA_1, **POOR}]), area_columns=AREAS)
    assert numbers(unasked, 9)[2] == ["1", "Xã 1", "Hộ", 1, None, None, 0, None, None]
    assert notes(unasked, 9) == ["Not known: Ethnic minority. The columns that need it are blank."]


def test_deprivations_that_are_open_are_noted_of_listed_households(counted: reports.Forms) -> None:
    assert [row[2:5] for row in numbers(counted, 4)] == [[4, 16, 4], [3, 12, 3], [1, 4, 1]]
    said = "Adult education: open in 1 households; Child schooling: open in 1 households"
    assert notes(counted, 4) == notes(counted, 6) == [f"{said}. {UNCOUNTED}"]


def test_children_of_both_lists_are_counted_and_what_is_open_of_them_is_noted_once(counted: reports.Forms) -> None:
    assert [row[2:] for row in numbers(counted, 11)[1:]] == [[2, 1, 0, 0, 3, 1, 0, 1], [0] * 8]
    assert notes(counted, 11) == [
        "Age: open of 3 people; Health insurance: open of 3 people. These people aren't counted as children."
    ]


def test_a_flag_that_is_neither_says_where_and_what() -> None:
    said = [True, 2, False, "x", 3, "y", "z", None, 5]
    rows = [{"household_id": f"VD-{n}", **XA_1, **POOR, "merit": answer} for n, answer in enumerate(said)]
    with pytest.raises(BadValues) as raised:
        reports.build(review(rows), area_columns=AREAS).form(8)
    (problem,) = raised.value.problems
    assert (problem.code, problem.field, problem.rows) == ("yes_or_no", "merit", 6)
    assert problem.first == ("VD-1", "VD-3", "VD-4", "VD-5", "VD-6")
    assert [place.key for place in problem.places] == list(problem.first)
    assert problem.details["got"] == ("2", "'x'", "3")


@pytest.mark.parametrize(("people", "printed"), [(199, "99.50"), (200, "100.00"), (201, None), (202, None)])
def test_a_rate_is_blank_as_soon_as_it_is_over_100(people: int, printed: str | None) -> None:
    row = {"household_id": 1, **XA_1, **POOR, "household_size": people}
    filled = reports.build(review([row]), area_columns=AREAS, totals={**TOTALS, "households": [100], "people": [200]})
    assert numbers(filled, 1)[1][10:12] == [people, printed and float(printed)]
    found = {(each.column, each.found, each.expected) for each in filled.findings if each.form == 1}
    assert found == (set() if printed else {("10", Decimal(people) / 2, Decimal(100))})


def test_a_row_is_found_by_its_place_and_what_it_counts(counted: reports.Forms) -> None:
    for forms in (counted, counted.official()):
        for filled in forms.filled.values():
            places = list(dict.fromkeys(row.place for row in filled.rows))
            assert len(filled.rows) == len(places) * filled.form.height
            found = [filled.row(at, unit) for at in range(len(places)) for unit in filled.form.units]
            assert found == [row for row in filled.rows if row.unit is not None]
            assert [row.unit for row in found] == list(filled.form.units) * len(places)


def test_what_cant_be_made_says_why() -> None:
    filled = reports.build(review([{"household_id": 1, **XA_1}]), area_columns=AREAS)
    assert filled.available == (1, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15)
    for number, need in ((2, "before="), (3, "before="), (11, "members")):
        with pytest.raises(SpecError, match=need):
            filled.form(number)
    with pytest.raises(SpecError, match="no form 16"):
        filled.form(16)


def test_a_formula_that_is_none_is_refused() -> None:
    for text in ("3/1", "1*2", "", "1-", "=1"):
        with pytest.raises(SpecError, match="no formula"):
            formula(text)


def test_all_vietnamese_is_composed() -> None:
    for form in reports.forms(vn, ["Tày", None], undetermined=True).values():
        texts = [form.title, *(label for column in form.columns for label in column.heading)]
        for label in texts:
            assert unicodedata.is_normalized("NFC", label.vi)
            assert label.vi
            assert label.en
