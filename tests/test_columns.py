"""Columns as they are once they are read: gaps, codes, flags eight in a byte, different values, rows taken."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mdpoverty.tables import columns
from mdpoverty.tables.columns import Codes, Distinct, Flags, Numbers, PackedFlags, combined, looked_up, small
from tests.profiles import closely
from tests.values import kinds

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


@pytest.mark.parametrize("dtype", ["u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f4", "f8"])
def test_numbers_of_any_type_are_told_apart_by_what_they_are(dtype: str) -> None:
    most = 100 if dtype[0] == "f" else int(np.iinfo(dtype).max)
    held = np.array([most, 7, most, 0, 7], dtype)
    for missing in (None, np.array([False, True, False, False, False])):
        listed = [None if missing is not None and missing[row] else value for row, value in enumerate(held.tolist())]
        found = columns.distinct(Numbers(held, missing))
        assert found.listed() == listed
        assert list(found.values) == list(dict.fromkeys(value for value in listed if value is not None))
