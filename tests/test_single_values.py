"""Single values: numbers and flags told apart, text read as numbers, what codes mean, and what is shown of a value."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mdpoverty.errors import SpecError
from mdpoverty.standard import Field
from mdpoverty.tables.meanings import (
    Meanings,
    from_text,
    from_writing,
    is_flag,
    is_number,
    refuse_meanings,
    refused,
    shown,
    shown_en,
    shown_kind,
    two_ways,
)
from tests.toy import both, codes
from tests.values import NAN, field, kinds


@pytest.mark.parametrize(
    ("value", "number", "flag"),
    [
        (0, True, True),
        (1, True, True),
        (2, True, False),
        (-1, True, False),
        (1.0, True, True),
        (0.5, True, False),
        (Decimal(1), True, True),
        (NAN, True, False),
        (True, False, True),
        (np.True_, False, True),
        (np.int8(1), True, True),
        (np.uint8(3), True, False),
        (np.float32(0), True, True),
        (np.array([1]), False, False),
        (np.array(1), True, True),
        (np.datetime64("2024"), False, False),
        ("1", False, False),
        (None, False, False),
        (1j, False, False),
        (Fraction(1), False, False),
    ],
)
def test_numbers_and_flags_are_told_apart(value: Any, number: bool, flag: bool) -> None:
    assert (is_number(value), bool(is_flag(value))) == (number, flag)


@pytest.mark.parametrize(
    ("text", "people", "programs"),
    [
        ("0", 0, 0),
        ("-7", -7, -7),
        ("+7 ", 7, 7),
        ("1.5", 1.5, 1.5),
        ("1.50", 1.5, 1.5),
        ("1.500", None, 1.5),
        ("-12.500", None, -12.5),
        ("999.999", None, 999.999),
        ("1234.500", 1234.5, 1234.5),
        ("1.5000", 1.5, 1.5),
        (".5", None, None),
        ("5.", None, None),
        ("1,5", None, None),
        ("1e5", None, None),
        ("", None, None),
        ("9" * 18, int("9" * 18), int("9" * 18)),
        ("9" * 19, None, None),
        ("٣", 3, 3),
        ("--1", None, None),
        ("1 000", None, None),
    ],
)
def test_numbers_written_plainly(text: str, people: Any, programs: Any) -> None:
    assert (from_text(text), from_text(text, by_people=False)) == (people, programs)
    assert type(from_text(text)) is type(people)


@pytest.mark.parametrize(
    ("text", "vi", "en", "doubtful"),
    [
        ("1.500", None, None, True),
        ("1,500", None, None, True),
        ("-999.999", None, None, True),
        ("0.500", 0.5, 0.5, False),
        ("0,500", 0.5, 0.5, False),
        ("1.500.000", 1_500_000, 1_500_000, False),
        ("1,500,000", 1_500_000, 1_500_000, False),
        ("1 500 000", 1_500_000, 1_500_000, False),
        ("1 500.000", 1500.0, 1500.0, False),
        ("1.500,25", 1500.25, 1500.25, False),
        ("1,500.25", 1500.25, 1500.25, False),
        ("1.500.000,5", 1_500_000.5, 1_500_000.5, False),
        ("40,5", 40.5, 40.5, False),
        ("40.5", 40.5, 40.5, False),
        ("40", 40, 40, False),
        ("1.50.000", None, None, False),
        ("40,x", None, None, False),
        ("x", None, None, False),
        ("", None, None, False),
    ],
)
def test_numbers_as_people_write_them(text: str, vi: Any, en: Any, doubtful: bool) -> None:
    assert two_ways(text) == doubtful
    found = from_writing(text, "vi"), from_writing(text, "en")
    assert kinds([*found]) == kinds([vi, en])


@pytest.mark.parametrize(("text", "vi", "en"), [("1.500", 1500, None), ("1,500", None, 1500), ("2.750", 2750, None)])
def test_one_mark_in_a_column_of_whole_numbers_stands_between_thousands(text: str, vi: Any, en: Any) -> None:
    assert (from_writing(text, "vi", whole=True), from_writing(text, "en", whole=True)) == (vi, en)


@pytest.mark.parametrize(
    ("given_", "asked", "listed_", "meant"),
    [
        ({1: "x"}, 1, True, "x"),
        ({1: "x"}, 1.0, True, "x"),
        ({1: "x"}, "1", True, "x"),
        ({1: "x"}, " 1", True, "x"),
        ({1: "x"}, True, False, True),
        ({True: "x"}, 1, False, 1),
        ({True: "x"}, np.True_, True, "x"),
        ({"1": "x"}, 1, True, "x"),
        ({"1": "x"}, 1.0, True, "x"),
        ({"1.5": "x"}, 1.5, True, "x"),
        ({"-99": None}, -99, True, None),
        ({1: "x", "1": "y"}, "1", True, "y"),
        ({1: "x", "1": "y"}, 1, True, "x"),
        ({None: "x"}, None, True, "x"),
        ({None: "x"}, NAN, True, "x"),
        ({None: "x"}, "", True, "x"),
        ({"": "x"}, None, True, "x"),
        ({"": "x", None: "y"}, "", True, "x"),
        ({"": "x", None: "y"}, pd.NA, True, "y"),
        ({"a": "x"}, None, False, None),
        ({"Ho\u0300a": "x"}, "Hòa", True, "x"),
        ({"Hòa": "x"}, "Ho\u0300a", True, "x"),
        ({"a": "x"}, [1], False, [1]),
        ({"a": "x"}, "b", False, "b"),
        ({(1, 2): "x"}, (1, 2), True, "x"),
        ({"a": "x"}, (1, 2), False, (1, 2)),
        ({"a": "x"}, date(2024, 1, 2), False, date(2024, 1, 2)),
        ({1: "x"}, float("inf"), False, float("inf")),
        ({1: "x"}, -np.float32("inf"), False, float("-inf")),
        ({1: "x"}, Decimal("inf"), False, Decimal("inf")),
        ({"inf": "x"}, float("inf"), True, "x"),
    ],
)
def test_codes_are_found_by_whatever_type_they_have(given_: Any, asked: Any, listed_: bool, meant: Any) -> None:
    assert Meanings(given_).of(asked) == (listed_, meant)


@pytest.mark.parametrize(
    ("given_", "blanks"),
    [
        ({None: 1}, True),
        ({"": 1}, True),
        ({None: 1, "": 2}, True),
        ({NAN: 1}, True),
        ({None: 1, 2: 3}, False),
        ({}, True),
    ],
)
def test_codes_of_blanks_alone_are_told(given_: Any, blanks: bool) -> None:
    assert Meanings(given_).of_blanks == blanks


@pytest.mark.parametrize(
    ("kind", "meaning", "hint"),
    [
        *[(kind, None, None) for kind in ("flag", "code", "count", "number", "money")],
        *[("flag", meaning, None) for meaning in (True, False, 1, 0, 1.0, np.True_)],
        ("flag", "yes", "did you mean True?"),
        ("flag", "Không", "did you mean False?"),
        ("flag", "perhaps", ""),
        ("flag", 2, ""),
        ("code", "a", None),
        ("code", "c", ""),
        ("code", 1, ""),
        *[(kind, 1, None) for kind in ("count", "number", "money")],
        *[(kind, 1.5, None) for kind in ("number", "money")],
        *[(kind, "1", "") for kind in ("count", "number", "money")],
        *[(kind, True, "") for kind in ("count", "number", "money")],
    ],
)
def test_codes_must_mean_what_the_column_can_be(kind: str, meaning: Any, hint: str | None) -> None:
    if hint is None:
        refuse_meanings("X", field(kind), {7: meaning})
        return
    with pytest.raises(SpecError) as caught:
        refuse_meanings("X", field(kind), {8: None, 7: meaning})
    said = str(caught.value)
    told = "a text of 7 characters" if meaning == "perhaps" else repr(meaning)  # it might be somebody's name
    assert f"7 of 'X' means {told}, and it can only be {field(kind).expected}" in said
    assert ("did you mean" in said) == bool(hint)
    assert hint in said


def test_a_mistyped_meaning_is_answered_with_the_nearest() -> None:
    its = Field("x", "household", "code", both("x"), both("?"), codes=codes("septic", "none"))
    with pytest.raises(SpecError, match="did you mean 'septic'"):
        refuse_meanings("X", its, {1: "septik"})
    refuse_meanings("X", Field("x", "household", "code", both("x"), both("?")), {1: "anything"})


@pytest.mark.parametrize(
    ("value", "digits", "said"),
    [
        (1984, 4, "1984"),
        (19_845, 4, "a number of 5 digits"),
        (19_845, 5, "19845"),
        (1984.0, 4, "1984"),
        (-1.25, 4, "-1.25"),
        (NAN, 4, "nan"),
        (float("inf"), 4, "inf"),
        (2**63, 30, "a number of 19 digits"),
        (-(2**63), 30, "a number of 19 digits"),
        (2**63 - 1, 30, str(2**63 - 1)),
        (10**30, 40, "a number of 31 digits"),
        (1e30, 40, "1e+30"),
        (1e19, 40, "1e+19"),
        (2.0**63, 40, "9.223372036854776e+18"),
        (2.0**62, 40, str(2**62)),
        (np.uint64(2**63 + 1), 4, "a number of 19 digits"),
        (True, 4, "True"),
        (np.int8(7), 4, "7"),
        ("abc", 4, "a text of 3 characters"),
        ("Ann", 4, "a text of 3 characters"),
        ("Anna", 4, "a text of 4 characters"),
        (" An ", 4, "a text of 4 characters"),
        (" A1", 4, "' A1'"),
        ("...", 4, "'...'"),
        ("#REF!", 4, "'#REF!'"),
        ("latrine", 4, "a text of 7 characters"),
        ("a_code_1", 4, "a text of 8 characters"),
        ("nguyenvana", 4, "a text of 10 characters"),
        ("nguyen_van_a", 4, "a text of 12 characters"),
        ("40,5", 4, "'40,5'"),
        ("1.500.000", 8, "'1.500.000'"),
        ("1.500.000", 4, "a text of 9 characters"),
        ("079.123.456", 8, "a text of 11 characters"),
        ("12.03.1984", 8, "a text of 10 characters"),
        ("12-03-84", 8, "a text of 8 characters"),
        ("code12", 4, "a text of 6 characters"),
        ("x1", 4, "'x1'"),
        ("a-?", 4, "'a-?'"),
        ("a--?", 4, "a text of 4 characters"),
        ("Không", 4, "'Không'"),
        ("không rõ", 4, "'không rõ'"),
        ("septi", 4, "'septi'"),
        ("sep", 4, "a text of 3 characters"),
        ("septicabcd", 4, "'septicabcd'"),
        ("septicabcde", 4, "a text of 11 characters"),
        ("code123", 4, "a text of 7 characters"),
        ("x12", 1, "a text of 3 characters"),
        ("Septik", 4, "'Septik'"),
        ([1], 4, "a list"),
        (None, 4, "None"),
    ],
)
def test_refused_values_are_shown_where_they_name_nobody(value: Any, digits: int, said: str) -> None:
    found = shown(value, ["septic"], digits)
    assert (found if isinstance(found, str) else found.en) == said
    if digits == 4:
        assert shown_en(value, ["septic"]) == said
    if not isinstance(found, str):
        many = [each for each in said.split() if each.isdigit()]
        assert [each for each in found.vi.split() if each.isdigit()] == many


@pytest.mark.parametrize(
    ("text", "word", "harmless"),
    [
        ("xyzb", "xyza", True),
        ("xyab", "xyza", True),
        ("xybb", "xyza", False),
        ("xyza", "xyz", False),
        ("xyz", "xyza", False),
        ("xyb", "xya", False),
        (" XYA", "xya", True),
        ("hoà", "hòa", True),
    ],
)
def test_a_word_like_one_that_is_expected_is_shown_where_it_has_four_letters(
    text: str, word: str, harmless: bool
) -> None:
    assert (shown(text, ["zzzzzzzz", word]) == repr(text)) == harmless


def test_kinds_of_things_have_their_article() -> None:
    assert [shown_kind(each) for each in (1, "a", Exception(), None, {})] == [
        "an int",
        "a str",
        "an Exception",
        "None",
        "a dict",
    ]


def test_what_was_perhaps_meant_is_said() -> None:
    its = field("code")
    words = ["septic", "Hố xí"]
    assert refused(["septik"], its, words)["meant"] == "septic"
    assert refused([5, "zzzzzz", "septik"], its, words)["meant"] == "septic"
    assert refused([" septic"], its, words) == {
        "expected": its.expectation,
        "got": ("' septic'",),
        "blanks": True,
        "meant": "septic",
    }
    assert "blanks" not in refused(["SEPTIC"], its, words)
    assert refused(["SEPTIC"], its, words)["meant"] == "septic"
    assert "meant" not in refused([5, "zzzzzz"], its, words)
    assert refused([1, 1, 2, 3, 4, 5, 6], its)["got"] == ("1", "2", "3", "4")
    money = refused([12_345_678, 123_456_789], field("money"))["got"]
    assert (money[0], money[1].en) == ("12345678", "a number of 9 digits")
    assert refused([12_345], field("number"))["got"][0].en == "a number of 5 digits"
