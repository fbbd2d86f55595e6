"""Columns read as what their fields say: flags, numbers and codes, and what is set apart because it can't be one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mdpoverty.scorers import column
from mdpoverty.standard import Field
from mdpoverty.tables import cells, columns, stored
from mdpoverty.tables.columns import Codes, Flags, Numbers, PackedFlags
from mdpoverty.tables.meanings import shown
from mdpoverty.tables.stored import Stored
from mdpoverty.ternary import NO, UNKNOWN, YES
from tests.toy import both, codes
from tests.values import NAN, field


def answers_of(native: Any, its: Field) -> tuple[Any, list[Any]]:
    return cells.read(Stored.of(native), its, None, False)


@pytest.mark.parametrize("kind", [pl.Float64, pl.Float32])
@pytest.mark.parametrize("first", [1, 4_096])
def test_gaps_of_polars_floats_are_missing_however_long_they_are(
    kind: Any, first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cells, "_FIRST", first)
    native = pl.Series([1.5, None, float("nan"), 2.5], dtype=kind)
    values, missing = cells.numeric(Stored.of(native))
    assert values.dtype == np.float64
    assert values[[0, 3]].tolist() == [1.5, 2.5]
    assert missing is not None
    assert missing.tolist() == [False, True, True, False]
    values, missing = cells.numeric(Stored.of(native[[0, 3]]))
    assert (values.tolist(), missing) == ([1.5, 2.5], None)


def read(native: Any, its: Field, meanings: Any = None, as_text: bool = False) -> tuple[list[Any], list[Any]]:
    answers, bad = cells.read(Stored.of(native), its, meanings, as_text)
    return columns.plain(answers), [
        (each.code, np.flatnonzero(each.rows).tolist(), each.details.get("got")) for each in bad
    ]


LEAST, MOST = -2, 5


@pytest.mark.parametrize("gap", [False, True])
@pytest.mark.parametrize(
    "limits",
    [{}, {"minimum": 1}, {"maximum": -1}, {"minimum": LEAST}, {"maximum": MOST}, {"minimum": LEAST, "maximum": MOST}],
)
@pytest.mark.parametrize("kind", ["count", "number", "money"])
def test_numbers_are_believed_up_to_their_limits(kind: str, limits: dict[str, int], gap: bool) -> None:
    least, most = limits.get("minimum", -(10**6)), limits.get("maximum", 10**6)
    for values in (
        [-3, -2, -1, 5, 6],
        [-2, 5],
        [-3, 0],
        [0, 6],
        [-2.5, 1, 5.5],
        [1, float("inf")],
        [float("-inf"), 2],
        [],
    ):
        held = [*values, None] if gap else values
        fits = [each is None or (least <= each <= most and (kind != "count" or each == int(each))) for each in held]
        wrong = [row for row, fit in enumerate(fits) if not fit]
        want = [value if fit else None for value, fit in zip(held, fits, strict=True)]
        natives: list[Any] = [
            pl.Series(held, dtype=pl.Float64),
            np.array([NAN if each is None else each for each in held], float),
            np.array([*held, None], object)[:-1],
        ]
        if all(each is None or isinstance(each, int) for each in held):
            natives += [pl.Series(held, dtype=pl.Int8), pa.chunked_array([pa.array(held, pa.int64())])]
            natives += [pd.Series(pd.array(held, "Int64"))]
        for native in natives:
            found, bad = read(native, field(kind, **limits))
            assert found == want
            got = tuple(dict.fromkeys(shown(float(held[row])) for row in wrong))[:5]
            assert bad == ([("not_an_answer", wrong, got)] if wrong else [])


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([0, 255], np.uint8),
        ([0, 256], np.int32),
        ([-1, 255], np.int32),
        ([-(2**31), 2**31 - 1], np.int32),
        ([0, 2**31], np.int64),
        ([-(2**31) - 1, 0], np.int64),
    ],
)
def test_whole_numbers_are_kept_in_as_few_bytes_as_they_need(values: list[int], kind: Any) -> None:
    answers, bad = answers_of(np.array(values, np.int64), field("number"))
    assert isinstance(answers, Numbers)
    assert (answers.values.dtype, answers.values.tolist(), bad) == (kind, values, [])
    for dtype in (np.int8, np.uint8, np.int16, np.float64):
        its, _ = answers_of(np.array([1, 2], dtype), field("number"))
        assert its.values.dtype == (np.uint8 if dtype == np.int16 else dtype)  # type: ignore[union-attr]  # numbers
    for single in (np.float32, np.float16):
        its, _ = answers_of(np.array([0.1, 2], single), field("number"))
        assert its.values.dtype == np.float64
    for large in ([2**64 - 1, 2**63], [2**63, 2**63 + 2], [2**63 - 1, 2]):
        unsigned, _ = answers_of(np.array(large, np.uint64), field("number"))
        assert columns.plain(unsigned) == large


FLAGGED: list[tuple[Any, list[Any], list[Any]]] = [
    (np.array([0, 1, 1]), [False, True, True], []),
    (np.array([0, 1, 2, -1]), [False, True, None, None], [2, 3]),
    (np.array([], np.int8), [], []),
    (np.array([-1, 0]), [None, False], [0]),
    (np.array([1, 2], np.uint8), [True, None], [1]),
    (np.array([0.0, 1.0, NAN, 0.5]), [False, True, None, None], [3]),
    (pd.Series(pd.array([1, None, 3, 0], "Int64")), [True, None, None, False], [2]),
    (pl.Series([1, None, 0], dtype=pl.UInt8), [True, None, False], []),
    (np.array([True, 1, 0.0, None, np.True_, Decimal(1)], object), [True, True, False, None, True, True], []),
    (np.array([True, 2, "yes", "1"], object), [True, None, None, None], [1, 2, 3]),
    (pd.Series(["true", "0", None]), [None, None, None], [0, 1]),
]


@pytest.mark.parametrize(
    "native", [pl.Series([True, None]), pa.chunked_array([[True, None]]), pd.Series([True, None], dtype="boolean")]
)
def test_flags_are_neither_numbers_nor_codes(native: Any) -> None:
    for kind in ("number", "count", "money", "code"):
        found, bad = read(native, field(kind))
        assert found == [None, None]
        assert [rows for _, rows, _ in bad] == [[0]]
    assert isinstance(answers_of(native, field("flag"))[0], Flags | PackedFlags)
    assert read(native, field("flag")) == ([True, None], [])


@pytest.mark.parametrize("kind", ["code", "flag", "number"])
def test_lists_are_no_answers_in_any_row(kind: str) -> None:
    found, bad = read(pa.chunked_array([[["a"], None, ["b"]]]), field(kind))
    assert found == [None, None, None]
    assert [rows for _, rows, _ in bad] == [[0, 2]]


@pytest.mark.parametrize("kind", [pa.int16(), pa.int64(), pa.float64(), pa.bool_(), pa.string()])
@pytest.mark.parametrize("pieces", [[], [[]], [[], []]])
def test_no_rows_are_no_answers(kind: pa.DataType, pieces: list[list[Any]]) -> None:
    empty = pa.chunked_array(pieces, kind)
    for of in ("number", "flag", "code"):
        assert read(empty, field(of)) == ([], [])
        assert read(pl.Series(empty), field(of)) == ([], [])


def test_no_rows_may_have_no_memory() -> None:
    for kind in (pa.int64(), pa.float64()):
        empty = pa.chunked_array([pa.Array.from_buffers(kind, 0, [None, None])])
        for of in ("number", "flag", "code"):
            assert read(empty, field(of)) == ([], [])


@pytest.mark.parametrize("kind", ["int8", "uint8", "int16", "uint16", "int32", "int64", "uint64"])
def test_ones_and_noughts_of_every_width_are_flags(kind: str) -> None:
    cells_ = [True, False, False, True, True]
    numbers = np.array(cells_, kind)
    assert read(numbers, field("flag")) == (cells_, [])
    assert read(pa.chunked_array([numbers]), field("flag")) == (cells_, [])
    gap = pd.array([1, 0, None, 1], dtype=kind.replace("i", "I").replace("uI", "UI"))
    assert read(gap, field("flag")) == ([True, False, None, True], [])
    assert [rows for _, rows, _ in read(np.array([1, 2, 0], kind), field("flag"))[1]] == [[1]]


@pytest.mark.parametrize("cells_", [[], [True, False], [True, None, False], [None, True]])
def test_polars_is_read_without_arrow_too(cells_: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "has_arrow", lambda: False)
    numbers = [None if each is None else int(each) for each in cells_]
    assert read(pl.Series(cells_, dtype=pl.Boolean), field("flag")) == (cells_, [])
    assert read(pl.Series(numbers, dtype=pl.Int64), field("number")) == (numbers, [])
    assert read(pl.Series(numbers, dtype=pl.Int8), field("flag")) == (cells_, [])
    assert read(pl.Series(numbers, dtype=pl.Float64), field("number")) == (numbers, [])


@pytest.mark.parametrize("pieces", [[], [[]], [[True]], [[True, None], []], [[], [False], [None, True]]])
def test_columns_in_pieces_are_put_together(pieces: list[list[Any]]) -> None:
    cells_ = [each for piece in pieces for each in piece]
    flags = pa.chunked_array(pieces, pa.bool_())
    numbers = pa.chunked_array([[None if each is None else int(each) for each in its] for its in pieces], pa.int64())
    later = pa.chunked_array([pa.array([True, *its], pa.bool_()).slice(1) for its in pieces], pa.bool_())
    for native in (flags, later, numbers):
        assert read(native, field("flag")) == (cells_, [])
    assert read(numbers, field("number")) == ([None if each is None else int(each) for each in cells_], [])


@pytest.mark.parametrize(("native", "want", "wrong"), FLAGGED)
def test_flags_are_read_from_numbers_and_objects(native: Any, want: list[Any], wrong: list[int]) -> None:
    found, bad = read(native, field("flag"))
    assert (found, [rows for _, rows, _ in bad]) == (want, [wrong] if wrong else [])
    assert [code for code, _, _ in bad] == ["not_an_answer"] * bool(wrong)


def test_what_is_written_in_a_file_of_text_is_read_as_it_says() -> None:
    flags = ["true", "False", " 1 ", "0", "TRUE", "", "NA", "yes", None]
    found, bad = read(pl.Series(flags), field("flag"), None, True)
    assert found == [True, False, True, False, True, None, None, None, None]
    assert [(code, rows) for code, rows, _ in bad] == [("not_an_answer", [7])]
    numbers = ["1", "1.500", "N/A", "2.5", "x", "", "1e3", None, "1" + "0" * 400]
    found, bad = read(pl.Series(numbers), field("number"), None, True)
    assert found == [1, 1.5, None, 2.5, None, None, None, None, None]
    assert [(code, rows) for code, rows, _ in bad] == [("is_text", [4, 6, 8])]
    found, bad = read(pl.Series(numbers), field("number"))
    assert found == [1, None, None, 2.5, None, None, None, None, None]
    assert [(code, rows) for code, rows, _ in bad] == [("is_text", [1, 2, 4, 5, 6, 8])]
    found, bad = read(pl.Series(["1500", "950.000", "2.5", ""]), field("money"), None, True)
    assert found == [1500, None, 2.5, None]
    assert [(code, rows) for code, rows, _ in bad] == [("is_text", [1])]
    _, bad = read(pl.Series(["x", "-3", "2"]), field("number", minimum=0), None, True)
    assert [(code, rows) for code, rows, _ in bad] == [("is_text", [0]), ("not_an_answer", [1])]
    texts = ["a", "NA", "", "null", "b", None, "A"]
    assert read(pl.Series(texts), field("code"), None, True) == (
        ["a", None, None, None, "b", None, None],
        [("not_an_answer", [6], ("'A'",))],
    )
    assert read(pl.Series(texts), field("code"))[1] == [
        ("not_an_answer", [1, 2, 3, 6], ("'NA'", "''", "'null'", "'A'"))
    ]


@pytest.mark.parametrize(
    ("values", "want", "wrong"),
    [
        ([1, "2", 2.5, "x", None], [1, 2, 2.5, None, None], [3]),
        ([2**63 - 1, "1"], [2**63 - 1, 1], []),
        ([2**63, "1"], [float(2**63), 1.0], []),
        ([2**63, 1], [float(2**63), 1.0], []),
        ([-(2**63), 1], [-(2**63), 1], []),
        ([-(2**63) - 1, 1], [-float(2**63), 1.0], []),
        ([-(2**63) - 1, "1"], [-float(2**63), 1.0], []),
        ([-(2**63), 2**53 + 1], [-(2**63), 2**53 + 1], []),
        ([-(2**63), 2**53 + 1, None], [-(2**63), 2**53 + 1, None], []),
        ([-(2**63), 2**53 + 1, "1"], [-(2**63), 2**53 + 1, 1], []),
        ([10**400, 1], [None, 1], [0]),
        ([-(10**400), 1], [None, 1], [0]),
        ([1 << 1000, 1], [float(1 << 1000), 1.0], []),
        ([1 << 1000, "1"], [float(1 << 1000), 1.0], []),
        ([(1 << 1000) + 1, "1"], [None, 1], [0]),
        ([True, 1], [None, 1], [0]),
        ([Decimal("1.5"), Decimal(2)], [1.5, 2.0], []),
        ([Decimal("1.5"), None, 2], [1.5, None, 2.0], []),
        ([[1], 1], [None, 1], [0]),
        ([1, None, 3], [1, None, 3], []),
        ([None, None], [None, None], []),
    ],
)
def test_numbers_among_objects(values: list[Any], want: list[Any], wrong: list[int]) -> None:
    native = np.empty(len(values), object)
    for row, value in enumerate(values):
        native[row] = value
    found, bad = read(native, field("number"))
    assert found == want
    assert [(code, rows) for code, rows, _ in bad] == ([("is_text", wrong)] if wrong else [])


@given(st.lists(st.none() | st.decimals(-(10**13), 10**13, places=3), max_size=20))
@example([None, Decimal("7.6"), Decimal("0.3"), Decimal("0.7"), Decimal("-4.35")])
def test_decimals_are_the_doubles_nearest_to_them(values: list[Decimal | None]) -> None:
    want = [None if value is None else float(value) for value in values]
    held = [pa.chunked_array([pa.array(values, kind)]) for kind in (pa.decimal128(18, 3), pa.decimal256(40, 5))]
    held += [pa.chunked_array([each, each]).slice(len(values)) for each in (pa.array(values, pa.decimal128(38, 10)),)]
    for native in (*held, pl.Series(values, dtype=pl.Decimal(30, 4)), pd.Series(values, dtype=object)):
        found, bad = read(native, field("number"))
        assert (found, bad) == (want, [])
    if values:
        table = {"x": held[0]}
        for value in {value for value in values if value is not None}:
            reached = (column("x") <= str(value)).score(table).tolist()
            assert reached == [UNKNOWN if each is None else YES if each <= value else NO for each in values]


MEANT: list[tuple[str, list[Any], dict[Any, Any], list[Any], list[int]]] = [
    ("number", [1, -99, None], {-99: None}, [1, None, None], []),
    ("number", ["1", "-99", None], {-99: None, None: 5}, [1, None, 5], []),
    ("number", [1, 7], {"7": 8}, [1, 8], []),
    ("flag", [1, 2, None, 3], {1: True, 2: False}, [True, False, None, None], [3]),
    ("flag", [1, 2, None], {1: True, 2: False, None: False}, [True, False, False], []),
    ("flag", [True, False, None], {None: False}, [True, False, False], []),
    ("flag", [True, False, None], {"": True}, [True, False, True], []),
    ("flag", ["x", "y", "z"], {"x": 1, "y": None}, [True, None, None], [2]),
    ("code", ["A", "B", "c", None], {"A": "a", "B": "b"}, ["a", "b", None, None], [2]),
    ("code", ["A", "a", None], {"A": "a", None: "b"}, ["a", "a", "b"], []),
    ("code", [1, 2, 3], {1: "a", "2": "b"}, ["a", "b", None], [2]),
]


@pytest.mark.parametrize(("kind", "values", "meanings", "want", "wrong"), MEANT)
def test_codes_of_the_caller_are_what_they_mean(
    kind: str, values: list[Any], meanings: dict[Any, Any], want: list[Any], wrong: list[int]
) -> None:
    natives: list[Any] = [np.array([*values, None], object)[:-1], pl.Series(values), pd.Series(values)]
    for native in natives:
        found, bad = read(native, field(kind), meanings)
        assert found == want
        assert [(code, rows) for code, rows, _ in bad] == ([("unlisted", wrong)] if wrong else [])


def test_codes_are_composed_and_refused_where_no_row_has_them_no_more() -> None:
    its = Field("x", "household", "code", both("x"), both("?"), codes=codes("hòa", "b"))
    for native in (pd.Series(["ho\u0300a", "hòa", "b"]), pl.Series(["ho\u0300a", "hòa", "b"])):
        assert read(native, its) == (["hòa", "hòa", "b"], [])
    for native in (pd.Series(["ho\u0300a"]), pl.Series(["ho\u0300a"])):
        assert read(native, its) == (["hòa"], [])
    flags = pd.Series(pd.Categorical(["x", None], ["zz", "x"]))
    assert read(flags, field("flag"), {"x": True}) == ([True, None], [])
    unused = pd.Series(pd.Categorical(["b", None], ["zz", "b"]))
    answers, bad = answers_of(unused, field("code"))
    assert (columns.plain(answers), bad, answers.gaps) == (["b", None], [], True)  # type: ignore[union-attr]  # codes
    for values, gaps in ((["a", "b"], False), (["a", None], True), (["a", "x"], True), ([], False)):
        answers, _ = answers_of(pl.Series(values, dtype=pl.String), field("code"))
        assert answers.gaps is gaps  # type: ignore[union-attr]  # codes
    free = Field("x", "household", "code", both("x"), both("?"))
    assert read(np.array(["u", 1, [2], None], object), free) == (["u", "1", "[2]", None], [])


@pytest.mark.parametrize("make", [pd.Series, pl.Series, lambda values: pa.chunked_array([values])])
def test_codes_of_either_form_are_one_and_what_files_write_for_nothing_is_none(make: Any) -> None:
    for form in ("hòa", "ho\u0300a"):
        its = Field("x", "household", "code", both("x"), both("?"), codes=codes(form, "NA"))
        assert [code.id for code in its.codes] == ["hòa", "NA"]
        for as_text in (False, True):
            for values in (["ho\u0300a"], ["hòa"], ["hòa", "ho\u0300a"]):
                answers, bad = cells.read(Stored.of(make(values)), its, None, as_text)
                assert (columns.plain(answers), bad) == (["hòa"] * len(values), [])
            answers, bad = cells.read(Stored.of(make(["NA", "hòa"])), its, None, as_text)
            assert (columns.plain(answers), bad) == ([None if as_text else "NA", "hòa"], [])


def test_what_a_blank_means_counts_in_a_column_of_nothing() -> None:
    for native in (pl.Series([None, None]), np.array([NAN, NAN], np.float32)):
        assert read(native, field("number"), {None: 5}) == ([5, 5], [])
        assert read(native, field("flag"), {None: True}) == ([True, True], [])


@pytest.mark.parametrize("kind", ["flag", "code", "count", "number", "money"])
@pytest.mark.parametrize(
    "native",
    [
        pl.Series([None, None]),
        pa.chunked_array([pa.nulls(2)]),
        pl.Series([None, None], dtype=pl.List(pl.Int8)),
        np.array([NAN, NAN], np.float32),
        pl.Series([], dtype=pl.Null),
    ],
)
def test_a_column_of_nothing_is_of_every_kind(kind: str, native: Any) -> None:
    answers, bad = answers_of(native, field(kind))
    assert columns.plain(answers) == [None] * len(native)
    assert bad == []
    assert (answers.gaps if isinstance(answers, Codes) else answers.missing is not None) == (len(native) > 0)
    assert isinstance(answers, {"flag": Flags, "code": Codes}.get(kind, Numbers))


def test_a_value_far_down_is_a_value() -> None:
    for row in (0, 1, 999, 1000, 1001):
        native = np.full(1002, NAN, np.float32)
        native[row] = 1
        found, _ = read(native, field("number"))
        assert [at for at, value in enumerate(found) if value == 1] == [row]
        assert read(native, field("money"))[1] == [("float32", [row], None)]
