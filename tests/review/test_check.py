"""Reconciliation finds each kind of error that printed tables have, and nothing in a sound set."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdpoverty import reports
from mdpoverty.errors import BadTable
from mdpoverty.reports import RULES, Discrepancy, deprivation_bounds, discrepancies_frame
from tests.review.reviews import ABOVE, AREAS, AVERAGE, KINDS, NEAR, PLACES, POOR, review, vn

Tables = dict[int, pd.DataFrame]


def rows(year: int) -> list[dict[str, Any]]:
    """Sixty households, settled or open, that change from year to year in a pattern without chance."""
    kinds = (*KINDS, ABOVE, AVERAGE, POOR, NEAR)
    return [
        {
            "household_id": key,
            **dict(zip(AREAS, PLACES[key % 3], strict=True)),
            **kinds[(key * key * 7 + key * year * 5 + year) % 31 % len(kinds)],
            "household_size": 1 + (key + year) % 6,
            "producer": key % 2 == 0,
            "ethnic_group": ("Kinh", "Kinh", "Kinh", "Tày", "Dao")[key % 5],
            "merit": key % 5 == 0,
            "unable_to_work": key % 5 == 1,
            "cause_land": key % 4 == 0,
        }
        for key in range(60)
        if (key + year) % 13
    ]


TOTALS = pd.DataFrame(
    [(*place, 300 + 10 * at, 1_000 + at) for at, place in enumerate(PLACES)], columns=[*AREAS, "households", "people"]
)


def forms(year: int) -> reports.Forms:
    return reports.build(review(rows(year)), before=review(rows(year - 1)), area_columns=AREAS, totals=TOTALS)


@pytest.fixture(scope="module")
def made() -> reports.Forms:
    return forms(5)


@pytest.fixture
def printed(made: reports.Forms) -> Tables:
    return {number: made.form(number, heading="numbers") for number in made.specs}


def test_a_sound_set_has_no_findings(made: reports.Forms, printed: Tables) -> None:
    assert made.check() == ()
    assert reports.check(printed, standard=vn) == ()
    assert made.check(previous=forms(4)) == ()
    full = {number: made.form(number) for number in made.specs}  # with the headings as column levels
    assert reports.check(full, standard=vn) == ()
    english = {number: made.form(number, lang="en") for number in made.specs}
    assert reports.check(english, standard=vn) == ()


def change(tables: Tables, form: int, place: str, unit: str | None, column: str, by: Any) -> None:
    frame = tables[form]
    here = frame["area"] == place
    if unit is not None:
        here &= frame["unit"] == unit
    assert here.sum() == 1
    frame.loc[here, column] += by


PLANTED = [
    # form, place, row, column, by how much; what must be found there, and in which column
    (1, "Xã 1", None, "4", 0.01, ("formula", 1, "4")),
    (2, "Xã 1", "Hộ", "9", 1, ("formula", 2, "9")),
    (2, "Xã 1", "Nhân khẩu", "7", 1, ("formula", 2, "9")),
    (4, "Xã 2", None, "B", 1, ("formula", 4, "B")),
    (5, "Xã 2", None, "3", 1.0, ("formula", 5, "3")),
    (8, "Xã 3", "Hộ", "5", -1, ("formula", 8, "5")),
    (2, "Huyện A", "Hộ", "1", 1, ("subtotal", 2, "1")),
    (12, "Tổng cộng", None, "2", 100, ("subtotal", 12, "2")),
    (2, "Xã 1", "Hộ", "2", 1, ("agreement", 2, "2")),
    (3, "Xã 1", "Nhân khẩu", "3", 1, ("agreement", 2, "5")),
    (10, "Xã 2", "Hộ", "1", 1, ("agreement", 10, "1")),
    (13, "Xã 3", None, "5", 2, ("agreement", 13, "5")),
    (12, "Xã 1", None, "1", 5, ("agreement", 12, "1")),
    (4, "Xã 1", None, "B", -40, ("least", 4, "B")),
    (6, "Xã 1", None, "B", 60, ("most", 6, "B")),
    (4, "Xã 2", None, "12", 50, ("part", 4, "12")),
    (10, "Xã 2", "Hộ", "2", 99, ("part", 10, "2")),
    (1, "Xã 3", None, "9", -40, ("people", 1, "9")),
    (2, "Xã 3", "Nhân khẩu", "1", -60, ("people", 2, "1")),
    (1, "Xã 2", None, "3", -30, ("negative", 1, "3")),
    (1, "Xã 2", None, "4", 200.0, ("rate_over_100", 1, "4")),
]


@pytest.mark.parametrize(("form", "place", "unit", "column", "by", "expected"), PLANTED)
def test_a_planted_error_is_found(
    printed: Tables, form: int, place: str, unit: str | None, column: str, by: Any, expected: tuple[str, int, str]
) -> None:
    change(printed, form, place, unit, column, by)
    found = reports.check(printed, standard=vn)
    matching = [each for each in found if (each.rule, each.form, each.column) == expected]
    assert matching
    at = {each.path[-1] if each.path else "Tổng cộng" for each in matching}
    assert place in at
    for each in matching:
        assert each.text("vi") != each.text("en")


@given(st.data())
def test_any_changed_count_is_found(data: st.DataObject) -> None:
    made = _SOUND
    tables = {number: made.form(number, heading="numbers") for number in made.specs}
    form = data.draw(st.sampled_from([n for n in tables if n not in (9, 11)]))
    row = data.draw(st.integers(0, len(tables[form]) - 1))
    column = data.draw(
        st.sampled_from([each.id for each in made.specs[form].columns if tables[form][each.id].notna().all()])
    )
    tables[form].loc[row, column] += data.draw(st.sampled_from([-3, -1, 1, 2]))
    found = reports.check(tables, standard=vn)
    assert any(each.form == form or f"{form}:" in each.detail for each in found)


_SOUND = forms(5)


def test_the_numbers_and_the_difference(printed: Tables) -> None:
    change(printed, 2, "Huyện A", "Hộ", "1", 3)
    at = next(each for each in reports.check(printed) if each.rule == "subtotal" and each.path)
    frame = printed[2].set_index(["area", "unit"])["1"]
    true = int(frame["Xã 1", "Hộ"] + frame["Xã 2", "Hộ"])
    assert at == Discrepancy("subtotal", 2, ("Huyện A",), "households", "1", true + 3, true)
    assert at.difference == 3
    assert (
        at.text("vi")
        == f"Biểu 2, Huyện A, Hộ, cột 1: {true + 3}, phải là {true} (+3): khác tổng của các địa bàn bên dưới"
    )
    table = discrepancies_frame([at], "vi")
    assert table.iloc[0][["rule", "area", "found", "difference"]].tolist() == ["subtotal", "Huyện A", true + 3, 3]


def test_last_years_end_is_this_years_beginning(made: reports.Forms, printed: Tables) -> None:
    before = {number: forms(4).form(number, heading="numbers") for number in (1, 2, 3)}
    assert reports.check(printed, previous=before) == ()
    assert reports.check(printed, previous={1: before[1]}) == ()
    change(before, 2, "Xã 1", "Nhân khẩu", "9", 1)
    (found,) = [each for each in reports.check(printed, previous=before) if each.rule == "last_year"]
    assert (found.form, found.path, found.unit, found.difference) == (2, ("Huyện A", "Xã 1"), "people", -1)
    change(before, 1, "Xã 1", None, "5", 2)
    (found,) = [each for each in reports.check(printed, previous={1: before[1]}) if each.rule == "last_year"]
    assert (found.form, found.path, found.difference) == (3, ("Huyện A", "Xã 1"), -2)
    assert {each.rule for each in made.check(previous=before)} == {"last_year"}


def test_places_that_are_missing_or_stand_twice(printed: Tables) -> None:
    printed[4] = printed[4][printed[4]["area"] != "Xã 2"]
    found = reports.check(printed)
    assert ("place", 1, ("Huyện A", "Xã 2")) in {(each.rule, each.form, each.path) for each in found}
    twice = {1: pd.concat([printed[1], printed[1].tail(1)])}
    assert [each.rule for each in reports.check(twice)] == ["duplicate"]


def test_a_rate_must_be_blank_where_there_is_nobody() -> None:
    table = pd.DataFrame({"tt": ["1"], "area": ["Xã A"], "1": [0], "3": [0], "4": [0.0]})
    assert [each.rule for each in reports.check({1: table})] == ["formula"]
    table["4"] = None
    assert reports.check({1: table}) == ()


def test_another_rounding_can_be_tolerated() -> None:
    # 1 of 800 is 0.125 %: half-up prints 0.13, rounding to even 0.12
    table = pd.DataFrame({"tt": ["1"], "area": ["Xã A"], "1": [800], "3": [1], "4": [0.12]})
    (found,) = reports.check({1: table})
    assert (found.found, found.expected) == (Decimal("0.12"), Decimal("0.13"))
    assert reports.check({1: table}, tolerance="0.01") == ()


def test_printed_tables_come_in_many_hands() -> None:
    """Roman numerals for districts, decimal commas as text, merged cells, half a person."""
    table = pd.DataFrame(
        {
            "STT": ["", "I", "1", "2", "II", "1"],
            "area": ["Tổng số", "Huyện A", "Xã 1", "Xã 2", "Huyện B", "Xã 1"],
            "1": [60, 30, 10, 20, 30, 30],
            "3": [6, 3, 1, 1, 3, 3],
            "4=3/1*100": ["10,00", "10,00", "10", "5,00", "10,00", None],
        }
    )
    found = reports.check({1: table})
    assert [(each.rule, each.path, each.column) for each in found] == [
        ("formula", ("Huyện B", "Xã 1"), "4"),
        ("subtotal", ("Huyện A",), "3"),
    ]
    table["3"] = [6, 3, 1, 2.5, 3, 3]
    assert "whole" in {each.rule for each in reports.check({1: table})}
    merged = pd.DataFrame(
        {
            "tt": ["1", None, "2", None],
            "area": ["Xã A", None, "Xã B", None],
            "unit": ["Hộ", "Nhân khẩu"] * 2,
            "1": [5, 3, 5, 9],
        }
    )
    assert [(each.rule, each.path) for each in reports.check({2: merged})] == [("people", ("Xã A",))]
    unnumbered = pd.DataFrame({"area": ["Tổng cộng", "Xã A", "Xã B"], "1": [5, 2, 2]})
    assert [(each.rule, each.path, each.found) for each in reports.check({1: unnumbered})] == [("subtotal", (), 5)]


def test_tables_that_cant_be_read_say_so() -> None:
    with pytest.raises(BadTable, match="needs the columns tt, area"):
        reports.check({1: pd.DataFrame({"Xã": ["A"], "1": [2]})})
    with pytest.raises(BadTable, match="is no number"):
        reports.check({1: pd.DataFrame({"area": ["A"], "1": ["hai"]})})
    for strange in ("forms", [1], {1: 5}):
        with pytest.raises(BadTable, match=r"needs Forms|must be a pandas DataFrame"):
            reports.check(strange)  # type: ignore[arg-type]
    with pytest.raises(BadTable, match="there is no form 99"):
        reports.check({99: pd.DataFrame()})
    with pytest.raises(BadTable, match="not of 'Người'"):
        reports.check({2: pd.DataFrame({"area": ["A"], "unit": ["Người"], "1": [2]})})


def test_bounds_come_from_the_standard() -> None:
    assert deprivation_bounds(vn, "poor") == (3, 12)
    assert deprivation_bounds(vn, "near_poor") == (0, 2)
    assert deprivation_bounds(vn, "average_living") == (0, 12)
    stricter = vn.evolve(id="vn-stricter", thresholds={"cutoff": 4}, citation=vn.citation)
    assert deprivation_bounds(stricter, "poor") == (4, 12)


def test_every_rule_has_both_names() -> None:
    for label in RULES.values():
        assert label.vi != label.en
