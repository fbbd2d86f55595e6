"""What the caller's own codes mean: just what is said, and nothing that isn't."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mdpoverty as mdp
from mdpoverty.errors import BadValues, SpecError
from tests.files.answers import DATE, DEVICES, VN, households, lists, members

KINDS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "pandas": lambda frame: frame,
    "polars": lambda frame: pl.DataFrame(lists(frame)),
    "pyarrow": lambda frame: pa.table(lists(frame)),
    "dict": lists,
}


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def cells(*values: Any) -> pd.Series:
    """A column of whatever the values are, as pandas reads a mixed one."""
    return pd.Series(list(values), dtype=object)


def answers(field: str, column: Any, meanings: Mapping[Any, Any], **options: Any) -> list[Any]:
    """Return what a column of the households is read as."""
    frame = households(**{field: column})
    read = VN.classify(frame, members(), date=DATE, codes={field: meanings}, **options).answers(field)
    return [None if pd.isna(value) else value for value in read]


def test_a_code_that_is_not_listed_is_no_answer() -> None:
    with pytest.raises(BadValues) as caught:
        answers("television", [2, 1, 0], {2: True, 0: False})
    (problem,) = caught.value.problems
    assert (problem.code, problem.column, problem.rows) == ("unlisted", "television", 1)
    assert problem.places[0].key == "B"
    assert "got 1 " in str(problem)
    assert answers("television", [2, 1, 0], {2: True, 0: False}, invalid="missing") == [True, None, False]


def test_unlisted_true_and_false_are_no_answers_either() -> None:
    with pytest.raises(BadValues, match="television"):
        answers("television", cells("x", True, "x"), {"x": True})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("blank", [None, ""])
@pytest.mark.parametrize("written", [None, ""])
def test_a_blank_means_what_the_codes_say(kind: str, blank: Any, written: Any) -> None:
    spoilt = households(television=cells("x", written, "x"), toilet=cells("septic", "septic", written))
    codes = {"television": {"x": True, blank: False}, "toilet": {blank: "none"}}
    read = VN.classify(KINDS[kind](spoilt), KINDS[kind](members()), date=DATE, codes=codes)
    assert list(read.indicator("information_devices") == mdp.YES) == [False, True, False]
    assert list(read.indicator("toilet") == mdp.YES) == [False, False, True]


@pytest.mark.parametrize("blank", [None, ""])
@pytest.mark.parametrize("column", [[40.5, np.nan, 30.0], cells("40.5", "", "30"), cells(40.5, None, 30)])
def test_a_blank_number_means_what_the_codes_say(blank: Any, column: Any) -> None:
    assert answers("floor_area", column, {blank: 0}) == [40.5, 0, 30]


@pytest.mark.parametrize("blank", [None, ""])
@pytest.mark.parametrize(
    "column",
    [cells(True, None, False), pd.array([True, None, False], "boolean"), [1.0, np.nan, 0.0], cells(1, "", 0)],
    ids=["objects", "boolean", "numbers", "mixed"],
)
def test_where_only_a_blank_is_said_to_mean_something_the_rest_is_read_as_ever(blank: Any, column: Any) -> None:
    assert answers("television", column, {blank: False}) == [True, False, False]
    assert answers("television", column, {blank: True}) == [True, True, False]


def test_a_blank_of_which_nothing_is_said_is_missing() -> None:
    assert answers("television", cells("x", None, "x"), {"x": True}) == [True, None, True]
    assert answers("floor_area", [40.5, np.nan, 30.0], {-99: None}) == [40.5, None, 30]


@pytest.mark.parametrize("code", ["-99", -99, -99.0])
@pytest.mark.parametrize(
    "column", [[40, -99, 30], [40.0, -99.0, 30.0], cells("40", "-99", "30"), cells(40, -99, "30")], ids=str
)
def test_a_code_for_a_missing_number_is_found_as_text_and_as_number(code: Any, column: Any) -> None:
    assert answers("floor_area", column, {code: None}) == [40, None, 30]


@pytest.mark.parametrize(("listed", "written"), [("1", 1), (1, "1"), ("1", 1.0), (1.0, "1"), (1, "1.0")])
def test_text_and_number_are_the_same_code(listed: Any, written: Any) -> None:
    read = VN.classify(
        households(toilet=cells(written, written, written)), members(), date=DATE, codes={"toilet": {listed: "none"}}
    )
    assert list(read.indicator("toilet") == mdp.YES) == [True] * 3


@pytest.mark.parametrize("device", DEVICES)
def test_true_and_one_are_two_codes(device: str) -> None:
    with pytest.raises(BadValues, match=device):
        answers(device, cells(True, 1, True), {1: True})


@pytest.mark.parametrize(
    ("field", "meanings", "says"),
    [
        ("television", {"x": "yes"}, "did you mean True?"),
        ("television", {"x": "không"}, "did you mean False?"),
        ("television", {"x": 2}, "true or false"),
        ("toilet", {"1": "septik"}, "did you mean 'septic'?"),
        ("toilet", {"1": 3}, "one of septic"),
        ("floor_area", {"-99": "missing"}, "a number"),
        ("income", {"-99": "0"}, "an amount"),
    ],
)
def test_a_meaning_that_the_column_can_not_have_is_refused(field: str, meanings: Any, says: str) -> None:
    with pytest.raises(SpecError) as caught:
        answers(field, households()[field], meanings)
    assert says in str(caught.value)
    assert field in str(caught.value)


@pytest.mark.parametrize("decomposed", ["columns of the table", "columns=", "cells", "codes="])
@pytest.mark.parametrize("kind", KINDS)
def test_decomposed_letters_are_the_same_letters(kind: str, decomposed: str) -> None:
    def of(what: str, text: str) -> str:
        return nfd(text) if what == decomposed else text

    names = {"household_id": "Mã hộ", "toilet": "Nhà tiêu"}
    frame = households(toilet=[of("cells", "tự hoại"), of("cells", "không có"), of("cells", "tự hoại")])
    frame = frame.rename(columns={name: of("columns of the table", own) for name, own in names.items()})
    read = VN.classify(
        KINDS[kind](frame),
        KINDS[kind](members()),
        date=DATE,
        household_id=(of("columns=", "Mã hộ"), "household_id"),
        columns={"toilet": of("columns=", "Nhà tiêu")},
        codes={"toilet": {of("codes=", "tự hoại"): "septic", of("codes=", "không có"): "none"}},
    )
    assert list(read.indicator("toilet") == mdp.YES) == [False, True, False]
