"""What a column is once it is read, value by value: its type, gaps, codes, flags eight in a byte, different values."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import count, product
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mdpoverty.errors import SpecError
from mdpoverty.scorers import column
from mdpoverty.standard import Field
from mdpoverty.tables import cells, columns, objects, stored
from mdpoverty.tables.columns import Codes, Distinct, Flags, Numbers, PackedFlags, combined, looked_up, small
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
from mdpoverty.tables.stored import Stored, listed
from mdpoverty.ternary import NO, UNKNOWN, YES
from tests.profiles import closely
from tests.toy import both, codes

NAN = float("nan")
Rows = st.lists(st.sampled_from([True, False, None]), max_size=40)


def parts(cells_: list[Any]) -> tuple[np.ndarray, np.ndarray | None]:
    missing = np.array([each is None for each in cells_], bool)
    return np.array([bool(each) for each in cells_], bool), missing if missing.any() else None


def packed(cells_: list[Any], skip: int, noise: bool) -> PackedFlags:
    """Return flags as Arrow holds them, behind others and with whatever stands in the place of missing ones."""
    values, missing = parts(cells_)
    before = np.full(skip, noise)
    values = values if missing is None else np.where(missing, noise, values)
    valid = None if missing is None else np.packbits(np.append(before, ~missing), bitorder="little")
    return PackedFlags(np.packbits(np.append(before, values), bitorder="little"), valid, skip, len(cells_))


def same_flags(found: Flags | PackedFlags, cells_: list[Any]) -> None:
    missing = np.zeros(len(cells_), bool) if found.missing is None else found.missing
    said = [None if gone else value for value, gone in zip(found.values.tolist(), missing.tolist(), strict=True)]
    assert said == cells_
    sure, maybe = found.pair()
    assert sure.tolist() == [each is True for each in cells_]
    assert maybe.tolist() == [each is not False for each in cells_]
    assert sure.dtype == maybe.dtype == bool


@closely()
@given(Rows, st.integers(0, 7), st.booleans(), st.integers(0, 40), st.integers(0, 40))
def test_flags_eight_in_a_byte_are_the_flags(cells_: list[Any], skip: int, noise: bool, start: int, many: int) -> None:
    stop = start + many
    its, plain = packed(cells_, skip, noise), Flags(*parts(cells_))
    for flags in (its, plain):
        same_flags(flags, cells_)
        same_flags(flags.take(slice(start % 9, stop)), cells_[start % 9 : stop])
        same_flags(flags.take(slice(start % 9, None)), cells_[start % 9 :])
        same_flags(flags.take(slice(start % 9, None)).take(slice(1, 9)), cells_[start % 9 :][1:9])
        rows = [row for row in (stop, start, 0, start) if row < len(cells_)]
        same_flags(flags.take(np.array(rows, np.int64)), [cells_[row] for row in rows])
        assert columns.plain(flags) == cells_
        assert columns.distinct(flags).listed() == cells_
    assert isinstance(its.take(slice(start, stop)), PackedFlags)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "_ROWS", 10)
        for own in (its.own(), plain.own()):
            same_flags(own, cells_)
        assert isinstance(plain.own(), PackedFlags) == (len(cells_) >= 10)
    none = None not in cells_
    for flags in (its, plain, its.own(), plain.own()):
        assert (flags.missing is None) == none
        assert (flags.pair()[0] is flags.pair()[1]) <= none


@pytest.mark.parametrize("skip", [0, 1, 7])
def test_flags_eight_in_a_byte_are_taken_from_any_place_to_any(skip: int) -> None:
    cells_ = [(True, False, None)[row * row % 7 % 3] for row in range(26)]
    flags = packed(cells_, skip, True)
    for start in range(26):
        for stop in (start, start + 1, start + 8, start + 9, 26):
            same_flags(flags.take(slice(start, stop)), cells_[start:stop])


def test_what_is_kept_lies_in_memory_of_its_own() -> None:
    for lying in (np.arange(8), np.arange(8)[2:]):
        mask = np.zeros(len(lying), bool)[:]
        kept = (
            Numbers(lying, None).own().values,
            Codes(lying, (), False).own().codes,
            Flags(lying.view(np.uint8).astype(bool), mask[:]).own().missing,
            Numbers(lying, mask[:]).own().missing,
            PackedFlags(lying, lying, 0, 8).own().bits,
            PackedFlags(lying, lying, 0, 8).own().valid,
        )
        for each in kept:
            assert each is not None
            assert each.base is None
    many = np.arange(40_000) % 3 == 0  # so many flags are packed
    kept_flags = Flags(many[:], many[::-1]).own()
    assert np.array_equal(kept_flags.values, many)
    assert np.array_equal(kept_flags.missing, many[::-1])
    whole = np.arange(8)
    assert Numbers(whole, None).own().values is whole  # nobody else's already
    assert Numbers(whole, None).own().missing is None


@closely()
@given(st.lists(st.none() | st.integers(-3, 300), max_size=9), st.data())
def test_numbers_and_codes_are_taken_and_listed(cells_: list[Any], data: st.DataObject) -> None:
    missing = np.array([each is None for each in cells_], bool)
    numbers = Numbers(np.array([each or 0 for each in cells_], np.int64), missing if missing.any() else None)
    names = tuple(sorted({str(each) for each in cells_ if each is not None}))
    places = np.array([-1 if each is None else names.index(str(each)) for each in cells_], np.int8)
    coded = Codes(places, names, bool(missing.any()))
    texts = [None if each is None else str(each) for each in cells_]
    rows = data.draw(st.lists(st.integers(0, max(len(cells_) - 1, 0)), max_size=3)) if cells_ else []
    for its, want in ((numbers, cells_), (coded, texts)):
        assert columns.plain(its) == want
        assert columns.distinct(its).listed() == want
        assert columns.plain(its.take(np.array(rows, np.int64))) == [want[row] for row in rows]
        assert columns.plain(its.take(slice(1, 3))) == want[1:3]
        for row, value in enumerate(want):
            assert columns.plain_at(its, row) == value
    near = Numbers(np.array([(each or 0) % 9 - 4 for each in cells_], np.int8), numbers.missing)
    assert columns.distinct(near).listed() == [None if each is None else each % 9 - 4 for each in cells_]
    few = Numbers(np.array([(each or 0) % 256 for each in cells_], np.uint8), numbers.missing)
    assert columns.distinct(few).listed() == [None if each is None else each % 256 for each in cells_]
    assert columns.distinct(few).values == list(dict.fromkeys(each % 256 for each in cells_ if each is not None))


@pytest.mark.parametrize(
    ("count", "kind"), [(0, np.int8), (126, np.int8), (129, np.int16), (32_766, np.int16), (32_769, np.int32)]
)
def test_codes_are_of_the_smallest_type_that_holds_them(count: int, kind: Any) -> None:
    places = np.array([-1, count - 1], np.int64)
    assert small(places, count).dtype == kind
    assert small(places, count).tolist() == places.tolist()
    assert small(places.astype(kind), count).dtype == kind


@closely()
@given(
    st.sampled_from([1, 2, 127, 128, 129, 255, 256, 257, 300]),
    st.sampled_from([np.int8, np.uint8, np.int16, np.int32, np.int64]),
    st.sampled_from([np.bool_, np.int8, np.int16, np.int64]),
    st.data(),
)
def test_a_table_is_looked_up_with_its_last_place_for_minus_one(
    length: int, places_: Any, kind: Any, data: Any
) -> None:
    table = ((np.arange(length) * 7 + 1) % 251 % (2 if kind is np.bool_ else 120)).astype(kind)
    most = min(length - 2, int(np.iinfo(places_).max) - (places_ is np.uint8))
    least = 0 if places_ is np.uint8 else -1
    drawn = data.draw(st.lists(st.integers(least, max(most, least)), max_size=20)) if length > 1 or least < 0 else []
    drawn += [most, least] if most >= 0 else []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "_ROWS", data.draw(st.sampled_from([3, 1 << 15])))
        found = looked_up(table, np.array([*drawn, 0], places_)[:-1])
    assert found.dtype == table.dtype
    assert found.tolist() == [table[place].item() for place in drawn]


Value = st.sampled_from([None, True, False, 1, 0, 2, "a", "b", (1, 2)])


def encoded(cells_: list[Any], unseen_last: bool = False) -> Distinct:
    listed_ = [*cells_, "unseen"] if unseen_last else ["unseen", *cells_]
    keys = list(dict.fromkeys((type(each) is bool, each) for each in listed_ if each is not None))
    at = {key: place for place, key in enumerate(keys)}
    places = [-1 if each is None else at[type(each) is bool, each] for each in cells_]
    return Distinct(np.array([*places, 0], np.int8)[:-1], [value for _, value in keys])


def kinds(values: list[Any]) -> list[tuple[type, Any]]:
    return [(type(each), each) for each in values]


@closely()
@given(st.lists(Value, max_size=9), st.lists(Value, min_size=9, max_size=9), st.data())
def test_a_column_of_different_values_is_the_column(cells_: list[Any], others: list[Any], data: st.DataObject) -> None:
    its, n = encoded(cells_, data.draw(st.booleans())), len(cells_)
    assert kinds(its.listed()) == kinds(cells_)
    assert len(its) == n
    assert its.missing.tolist() == [each is None for each in cells_]
    asked: list[Any] = []

    def text(value: Any) -> bool:
        asked.append(value)
        return isinstance(value, str)

    assert its.where(text).tolist() == [isinstance(each, str) for each in cells_]
    assert len(asked) == len(its.values)
    table: dict[Any, Any] = {"a": 1, True: True, 2: 1, 0: None, "b": True}
    read = {(type(key) is bool, key): value for key, value in table.items()}
    for missing in (None, 7, True):
        made = its.map(lambda value: read.get((type(value) is bool, value)), missing)
        want = [missing if each is None else read.get((type(each) is bool, each)) for each in cells_]
        assert kinds(made.listed()) == kinds(want)
        assert len({(type(each), each) for each in made.values}) == len(made.values)
    seen = list(dict.fromkeys((type(each) is bool, each) for each in cells_ if each is not None))
    assert kinds(list(its.occurring().values)) == kinds([value for _, value in seen])
    assert kinds(its.occurring().listed()) == kinds(cells_)
    rows = data.draw(st.lists(st.integers(-1, n - 1), max_size=4))
    assert kinds(its.take(np.array(rows, np.int64)).listed()) == kinds(
        [None if row < 0 else cells_[row] for row in rows]
    )
    both_ = combined([its, encoded(others[:n]), its], n)
    pairs = list(zip(cells_, others, cells_, strict=False))
    assert [kinds(list(each)) for each in both_.listed()] == [kinds(list(each)) for each in pairs]
    assert len(both_.values) == len({tuple((type(x) is bool, x) for x in each) for each in pairs})
    assert combined([], n).listed() == [()] * n


@closely()
@given(st.lists(st.integers(-1, 4), max_size=12), st.sampled_from([0, 10**6, 2**40]), st.booleans())
@example([-1], 10**6, True)
@example([-1, 0], 10**6, True)
@example([], 10**6, True)
@example([2], 10**6, True)
def test_codes_are_numbered_by_their_first_rows(drawn: list[int], far: int, few: bool) -> None:
    codes_ = [code if code < 1 else code * max(far, 1) for code in drawn]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "_ROWS", 2 if few else 1 << 15)
        first, places = columns._by_first_row(np.array(codes_, np.int64), 4 * max(far, 1) + 1)
    order = list(dict.fromkeys(code for code in codes_ if code >= 0))
    assert places.tolist() == [-1 if code < 0 else order.index(code) for code in codes_]
    assert first.tolist() == [codes_.index(code) for code in order]


@pytest.mark.parametrize("sizes", list(product([1, 2, 3], repeat=3)))
def test_rows_that_differ_in_any_column_stay_apart(sizes: tuple[int, ...]) -> None:
    rows = list(product(*([None, *range(size)] for size in sizes)))
    drawn = [
        Distinct(np.array([-1 if each is None else each for each in its]), range(size))
        for its, size in zip(zip(*rows, strict=True), sizes, strict=True)
    ]
    found = combined(drawn, len(rows))
    assert found.listed() == rows
    assert len(found.values) == len(rows)


def test_more_columns_than_a_word_can_number_are_combined() -> None:
    rows = 50
    many = [Distinct(np.arange(rows) % (3 + at), range(10_000)) for at in range(8)]
    found = combined(many, rows)
    assert found.listed() == list(zip(*(each.listed() for each in many), strict=True))
    alike = Distinct(np.zeros(rows, np.int8), range(2**16 - 1))  # five of which shift a word by more than it has
    assert combined([many[7], *[alike] * 5], rows).listed() == [(row % 10, *[0] * 5) for row in range(rows)]


# ------------------------------------------------------------------------------------------------------------- objects


@closely()
@given(
    st.lists(st.integers(0, 14), max_size=40), st.sampled_from([1, 3, 4_096]), st.sampled_from([2, 256]), st.booleans()
)
def test_each_different_object_is_looked_at_once(rows: list[int], sample: int, few: int, strided: bool) -> None:
    held = [f"text {row}" for row in range(15)]
    values = np.array([*(held[row] for row in rows for _ in range(1 + strided)), None], dtype=object)[:-1]
    values = values[::2] if strided else values
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(objects, "_SAMPLE", sample)
        patch.setattr(objects, "_FEW", few)
        patch.setattr(objects, "_ROWS", 3)
        found = objects.distinct(values)
    if found is None:
        assert len(set(rows)) > few
        return
    places, its = found
    assert [its[place] for place in places.tolist()] == values.tolist()
    assert len(its) == len({id(each) for each in its})


@pytest.mark.parametrize("others", [1, 8, 9, 12])
@pytest.mark.parametrize("far", [0, -1])
def test_an_object_that_the_sample_does_not_show_is_found(
    others: int, far: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever in memory it lies: below or above all that it shows."""
    monkeypatch.setattr(objects, "_SAMPLE", 2 * others)
    held = sorted((f"text {row}" for row in range(others + 1)), key=id)
    hidden = held.pop(far)
    values = np.array([held[row // 2 % others] for row in range(4 * others)], dtype=object)
    values[5 if others > 1 else 1] = hidden
    places, its = objects.distinct(values)  # type: ignore[misc]  # few enough to be found
    assert all(its[place] is value for place, value in zip(places.tolist(), values, strict=True))


@pytest.mark.parametrize("different", [1, 7, 8, 9, 127, 128, 255, 256, 257])
def test_columns_of_few_objects_and_of_many(different: int) -> None:
    held = [object() for _ in range(different)]
    values = np.array([held[row % different] for row in range(2 * different)], dtype=object)
    found = objects.distinct(values)
    if different > 256:
        assert found is None
        return
    assert found is not None
    assert all(found[1][place] is value for place, value in zip(found[0].tolist(), values, strict=True))
    late = np.array([held[0]] * 5_000 + held, dtype=object)  # which the sample hardly shows
    places, its = objects.distinct(late)  # type: ignore[misc]  # few enough to be found
    assert all(its[place] is value for place, value in zip(places.tolist(), late, strict=True))


# ------------------------------------------------------------------------------------------------------ what types hold


@pytest.mark.parametrize(
    ("native", "holds", "library"),
    [
        (np.array([True]), "FLAGS", "pandas"),
        (np.array([1], np.uint8), "WHOLE", "pandas"),
        (np.array([1.0]), "FLOATS", "pandas"),
        (np.array([1.0], np.float32), "SINGLES", "pandas"),
        (np.array([1.0], np.float16), "SINGLES", "pandas"),
        (np.array([None], object), "OBJECTS", "pandas"),
        (np.array(["2024"], "datetime64[s]"), "TIMES", "pandas"),
        (pd.Series([1]), "WHOLE", "pandas"),
        (pd.Series([1], dtype="Int8"), "WHOLE", "pandas"),
        (pd.Series([1.0], dtype="Float32"), "SINGLES", "pandas"),
        (pd.Series([True], dtype="boolean"), "FLAGS", "pandas"),
        (pd.Series(["a"], dtype=pd.StringDtype("python")), "TEXT", "pandas"),
        (pd.Series(["a"], dtype=pd.StringDtype("pyarrow")), "TEXT", "pyarrow"),
        (pd.Series([1], dtype=pd.ArrowDtype(pa.int8())), "WHOLE", "pyarrow"),
        (pd.Series(["a"], dtype="category"), "CATEGORIES", "pandas"),
        (pd.Series(pd.Categorical(["a"], ordered=True)), "ORDERED", "pandas"),
        (pd.Series(["2024"], dtype="datetime64[ns]"), "TIMES", "pandas"),
        (pl.Series([True]), "FLAGS", "polars"),
        (pl.Series([1]), "WHOLE", "polars"),
        (pl.Series([1], dtype=pl.Int128), "WHOLE", "polars"),
        (pl.Series([2**100], dtype=pl.Int128), "TEXT", "polars"),
        (pl.Series([1.5], dtype=pl.Float32), "SINGLES", "polars"),
        (pl.Series([Decimal("1.5")]), "DECIMALS", "polars"),
        (pl.Series(["a"]), "TEXT", "polars"),
        (pl.Series(["a"], dtype=pl.Categorical), "CATEGORIES", "polars"),
        (pl.Series(["a"], dtype=pl.Enum(["a"])), "ORDERED", "polars"),
        (pl.Series([[1]]), "NESTED", "polars"),
        (pl.Series([{"a": 1}]), "NESTED", "polars"),
        (pl.Series([None]), "OTHER", "polars"),
        (pl.Series([b"a"]), "OTHER", "polars"),
        (pa.chunked_array([[True]]), "FLAGS", "pyarrow"),
        (pa.chunked_array([[1]]), "WHOLE", "pyarrow"),
        (pa.chunked_array([[1.5]]), "FLOATS", "pyarrow"),
        (pa.chunked_array([["a"]]), "TEXT", "pyarrow"),
        (pa.chunked_array([pa.array(["a"]).dictionary_encode()]), "CATEGORIES", "pyarrow"),
        (pa.chunked_array([pa.array([Decimal("1.5")])]), "DECIMALS", "pyarrow"),
        (pa.chunked_array([[None]]), "OTHER", "pyarrow"),
        (pa.chunked_array([[[1]]]), "NESTED", "pyarrow"),
        (pa.chunked_array([pa.RunEndEncodedArray.from_arrays([1], [1])]), "WHOLE", "pyarrow"),
    ],
)
def test_what_a_column_holds_is_told_by_its_type(native: Any, holds: str, library: str) -> None:
    stored._type.cache_clear()  # each type is looked at here, whoever has met it before
    its = Stored.of(native)
    assert (its.holds.name, its.library) == (holds, library)
    assert len(its) == len(native)
    for again in (its.take(np.array([0])), Stored.of(its.native)):
        assert (again.holds, again.library) == (its.holds, its.library)
        if holds not in ("OBJECTS", "TIMES"):
            assert again.to_list() == its.to_list()
    assert (its.arrow is None) == (library == "pandas")


def test_an_index_is_listed_as_its_values() -> None:
    for index in (pd.Index([1, 2]), pd.Index(["a", None]), pd.Index([1, 2], dtype=pd.ArrowDtype(pa.int8()))):
        assert listed(index) == [None if each != each else each for each in index.tolist()]


# ----------------------------------------------------------------------------------------------------- read as a field


def field(kind: Any, **limits: Any) -> Field:
    return Field(
        "x", "household", kind, both("x"), both("?"), codes=codes("a", "b") if kind == "code" else (), **limits
    )


def answers_of(native: Any, its: Field) -> tuple[Any, list[Any]]:
    return cells.read(Stored.of(native), its, None, False)


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


@pytest.mark.parametrize("held", [np.array([3, 300]), np.array([3, 7], np.int8), np.array([True, False])])
def test_an_array_is_read_as_a_view_of_it(held: np.ndarray) -> None:
    """By which a result knows that it has to copy it, so as to stay what it is."""
    values, missing = cells.raw(Stored.of(held))
    assert values is not held
    assert (values.base is held, values.flags.writeable, missing) == (True, True, None)


@pytest.mark.parametrize("dtype", ["u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f4", "f8"])
def test_numbers_of_any_type_are_told_apart_by_what_they_are(dtype: str) -> None:
    most = 100 if dtype[0] == "f" else int(np.iinfo(dtype).max)
    held = np.array([most, 7, most, 0, 7], dtype)
    for missing in (None, np.array([False, True, False, False, False])):
        listed = [None if missing is not None and missing[row] else value for row, value in enumerate(held.tolist())]
        found = columns.distinct(Numbers(held, missing))
        assert found.listed() == listed
        assert list(found.values) == list(dict.fromkeys(value for value in listed if value is not None))


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


_NEW = count()


@given(
    st.lists(st.sampled_from(["a", "b", None, "c", "d"]), min_size=1, max_size=30),
    st.integers(0, 3),
    st.sampled_from([1, 3, 4_096]),
)
def test_polars_categories_are_their_own_whoever_else_has_some(values: list[Any], unlike: int, first: int) -> None:
    new = next(_NEW)  # words that polars hasn't numbered yet, as it has those of earlier examples
    others = pl.Series([f"other {new} {row}" for row in range(unlike * 200)], dtype=pl.Categorical)
    values = [value and f"{value} {new}" for value in values]
    series = pl.Series(values, dtype=pl.Categorical)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cells, "_FIRST", first)
        patch.setattr(cells, "_SHORT", 0)
        places, names = cells.encode(Stored.of(series))
    assert [None if place < 0 else names[place] for place in places.tolist()] == values
    assert places.min() >= -1
    assert len(names) == len({each for each in values if each is not None})
    assert len(others) == unlike * 200


@pytest.mark.parametrize(
    ("many", "short"), [*product([0, 1, 124, 125, 126, 127, 128, 255, 256, 257, 300], [0, 127]), (33_000, 127)]
)
def test_columns_of_many_texts_are_encoded(many: int, short: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "_SHORT", short)
    texts: list[Any] = [f"t{row}" for row in range(many)] + [None, "t0"][: 1 + bool(many)]
    natives: list[Any] = [
        pl.Series(texts),
        pl.Series(texts, dtype=pl.Enum(texts[:many])),
        pl.Series(texts, dtype=pl.Categorical),
        pa.chunked_array([texts]),
        pa.chunked_array([pa.array(texts[:5], pa.string()), pa.array(texts[5:], pa.string())]).dictionary_encode(),
        pd.Series(texts, dtype=pd.StringDtype("python")),
        pd.Series(texts, dtype="category"),
        np.array(texts, object),
    ]
    for native in natives:
        places, names = cells.encode(Stored.of(native))
        assert places.min() == -1  # which leads to the last of any table
        assert [None if place < 0 else names[place] for place in places.tolist()] == texts


def test_objects_that_are_equal_and_of_two_kinds_are_two() -> None:
    values = [True, 1, 1.0, np.int8(1), np.True_, "1", None, NAN, Decimal(1), [1], [1]]
    native = np.empty(len(values), object)
    for row, value in enumerate(values):
        native[row] = value
    places, names = cells.encode(Stored.of(native))
    found = [None if place < 0 else names[place] for place in places.tolist()]
    assert kinds(found[:7]) == kinds([True, found[1], found[1], found[1], True, "1", None])
    assert found[7:] == [None, 1, [1], [1]]
    assert type(found[1]) is not bool
    assert len(names) == 5


# ------------------------------------------------------------------------------------------------------- single values


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
