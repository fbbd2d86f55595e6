"""Columns of keys: what each of their methods says, against what Python says of the same values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise, product
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdpoverty.errors import BadTable, BadValues
from mdpoverty.tables import arrow_text, keys, lookup
from mdpoverty.tables.keys import Keys, KeyType, Part, exact, keys_of, read_part, recomposed
from mdpoverty.tables.stored import Stored
from mdpoverty.texts import composed, folded
from tests.profiles import closely

MAKE: dict[str, Callable[[list[Any]], Any]] = {
    "int64": lambda values: pa.chunked_array([pa.array(values, pa.int64())]),
    "int8": lambda values: pl.Series(values, dtype=pl.Int8),
    "Int64": lambda values: pd.Series(pd.array(values, "Int64")),
    "double": lambda values: pa.chunked_array([pa.array(values, pa.float64())]),
    "float32": lambda values: pl.Series(values, dtype=pl.Float32),
    "string": lambda values: pa.chunked_array([pa.array(values, pa.string())]),
    "pieces": lambda values: pa.chunked_array([pa.array(values[:1], pa.string()), pa.array(values[1:], pa.string())]),
    "large": lambda values: pa.chunked_array([pa.array([*values, "z"], pa.large_string()).slice(0, len(values))]),
    "later": lambda values: pa.chunked_array([pa.array(["zz", *values], pa.string()).slice(1)]),
    "view": lambda values: pl.Series(values, dtype=pl.String),
    "python": lambda values: pd.Series(pd.array(values, pd.StringDtype("python"))),
    "categories": lambda values: pd.Series(values, dtype="category"),
    "enum": lambda values: pl.Series(values, dtype=pl.Enum(sorted({each for each in values if each is not None}))),
    "objects": lambda values: np.array([*values, None], dtype=object)[:-1],
}
WHOLE = ["int64", "int8", "Int64", "double", "float32", "objects"]
NUMBERED = st.text("0159", min_size=1, max_size=18)
TEXT = ["string", "pieces", "large", "later", "view", "python", "categories", "enum", "objects"]


def part(values: list[Any], kind: str) -> Part:
    return read_part(Stored.of(MAKE[kind](values)), "id", "survey")


def gap(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


@st.composite
def columns(draw: st.DrawFn) -> tuple[str, list[Any]]:
    """Draw what a column is made of, few different keys among them, with gaps or without."""
    texts = draw(st.booleans())
    kind = draw(st.sampled_from(TEXT if texts else WHOLE))
    width = draw(st.sampled_from([0, 1, 2, 7, 8, 9, 15, 16, 17, 24, 130]))
    if not texts:
        key: st.SearchStrategy[Any] = st.integers(-4, 4)
        if kind in ("double", "float32", "objects"):
            key = st.one_of(key, st.sampled_from([0.5, -0.5]))
    elif width:  # of one length: places at which they differ are drawn
        key = st.tuples(st.integers(0, width - 1), st.sampled_from("12")).map(
            lambda drawn: "7" * drawn[0] + drawn[1] + "7" * (width - drawn[0] - 1)
        )
    else:
        key = st.text("aé\0 1", max_size=3)
    if draw(st.booleans()):
        key = st.one_of(key, st.none())
    values = draw(st.lists(key, min_size=1, max_size=12))
    return kind, values


def meant(values: list[Any]) -> list[Any]:
    return [None if gap(each) else exact(each) for each in values]


@closely()
@given(columns())
def test_a_column_of_keys_says_of_itself_what_python_says(column: tuple[str, list[Any]]) -> None:
    kind, values = column
    its, want = part(values, kind), meant(values)
    assert [(type(key), key) for key in its.listed()] == [(type(key), key) for key in want]
    assert len(its) == len(values)
    assert (its.missing is None) == (None not in want)
    pairs = [*pairwise(want)]
    for (one, other), changed in zip(pairs, its.changes().tolist(), strict=True):
        assert changed == (one != other) or (one is None and other is None)
    assert Keys((its,)).runs().tolist() == [0, *(np.flatnonzero(its.changes()) + 1).tolist()]
    if its.kind != "object":
        assert its.increases() == (None not in want and all(one < other for one, other in pairs))
    assert Keys((its,)).repeated().tolist() == [
        row for row, key in enumerate(want) if key is not None and key in want[:row]
    ]
    some = list(range(len(values)))[1::2]
    assert its.take(np.array(some, np.int64)).listed() == [want[row] for row in some]
    assert list(its.types) == list(
        dict.fromkeys("text" if isinstance(key, str) else "number" for key in want if key is not None)
    )


@closely()
@given(columns(), st.data())
def test_two_columns_are_the_same_where_each_key_is(column: tuple[str, list[Any]], data: st.DataObject) -> None:
    kind, values = column
    values = [each for each in values if not gap(each)] or [1]
    kinds = TEXT if isinstance(values[0], str) else WHOLE
    halves = any(isinstance(each, float) for each in values)
    kind = kind if kind in kinds else kinds[0]
    other = data.draw(st.sampled_from(["double", "float32", "objects"] if halves else kinds))
    place = data.draw(st.integers(0, len(values) - 1))
    changed = [*values]
    changed[place] = data.draw(st.sampled_from(values))
    one, same, its, shorter = part(values, kind), part(values, other), part(changed, other), part(values[1:], other)
    looked = "object" not in (one.kind, same.kind)
    assert one.equals(same) == looked
    assert one.equals(its) == (looked and meant(values) == meant(changed))
    assert not one.equals(shorter)
    assert Keys((one, one)).equals(Keys((same, its))) == one.equals(its)
    assert Keys((one,)).find(Keys((its,))).tolist() == [meant(values).index(each) for each in meant(changed)]


def test_whole_numbers_and_halves_or_text_are_never_the_same_column() -> None:
    assert not part([1, 2], "int64").equals(part([1, 2.5], "double"))
    assert not part([1, 2], "int64").equals(part(["1", "2"], "string"))
    assert not part([1, "2"], "objects").equals(part([1, "2"], "objects"))  # which costs more than to look them up


@pytest.mark.parametrize(
    ("values", "kind", "known"),
    [
        ([1, 2], "int64", True),
        ([1, None], "int64", False),
        ([2**53, 1], "double", False),
        ([None, 2**53], "double", False),
        (["a", "b"], "string", True),
        ([1, "a"], "objects", False),
    ],
)
def test_keys_are_plain_without_gaps_and_exact(values: list[Any], kind: str, known: bool) -> None:
    plain = part([7] * len(values), "int64")
    for parts in ((part(values, kind),), (plain, part(values, kind)), (part(values, kind), plain)):
        assert Keys(parts).plain == known


@pytest.mark.parametrize(
    ("kind", "value", "fits"),
    [
        ("double", 2.0**53 - 1, True),
        ("double", -(2.0**53) + 1, True),
        ("double", 2.0**53, False),
        ("double", -(2.0**53), False),
        ("double", float("-inf"), False),
        ("float32", 2.0**24 - 1, True),
        ("float32", 1 - 2.0**24, True),
        ("float32", 2.0**24, False),
        ("float32", -(2.0**24), False),
        ("objects", 2.0**53, False),
        ("objects", -(2.0**53) + 1, True),
    ],
)
@pytest.mark.parametrize("beside", [0.5, None, "a", 1.0])
def test_floats_are_exact_up_to_what_they_can_hold(kind: str, value: float, fits: bool, beside: Any) -> None:
    if kind != "objects" and beside == "a":
        beside = 2.0  # no text among floats
    its = part([1.0, value, beside], kind)
    assert (its.inexact is None) == fits
    if its.inexact is not None:
        assert its.inexact.tolist() == [False, True, False]
        with pytest.raises(BadValues) as caught:
            Keys((its,)).refuse_inexact("id", "survey")
        (problem,) = caught.value.problems
        assert (problem.code, problem.rows, problem.table, problem.column) == ("key_inexact", 1, "survey", "id")
    else:
        assert its.listed() == [1, int(value), beside]
        Keys((its,)).refuse_inexact("id", "survey")


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (np.float32(3.0), 3),
        (np.int8(-1), -1),
        (Decimal("4.0"), 4),
        (Decimal("4.5"), Decimal("4.5")),
        (Fraction(6, 2), 3),
        (Fraction(1, 2), Fraction(1, 2)),
        (2.5, 2.5),
        (float("inf"), float("inf")),
        (np.str_("Ho\u0300a"), "Hòa"),
        (("Ho\u0300a", (1.0, 2)), ("Hòa", (1, 2))),
        (None, None),
    ],
)
def test_a_single_key_is_exact(value: Any, key: Any) -> None:
    assert exact(value) == key
    assert type(exact(value)) is type(key)


@pytest.mark.parametrize("odd", [SimpleNamespace(dtype="float64"), SimpleNamespace(item=lambda: 5)])
def test_what_is_only_half_a_scalar_of_numpys_is_a_key_as_it_is(odd: Any) -> None:
    assert exact(odd) is odd


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2], "whole"),
        ([1, None], "whole"),
        ([2.0, None], "whole"),
        ([0.5, 2.0], "float"),
        (["a", None], "text"),
        ([2**63, 1], "object"),
        ([1, " ", None, 2], "whole"),
        (["", 0.5, 2.0], "float"),
        ([1, "a"], "object"),
        ([Decimal(1)], "object"),
    ],
)
def test_objects_that_are_all_numbers_or_all_text_are_these(values: list[Any], kind: str) -> None:
    assert part(values, "objects").kind == kind


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([3, 1, 3], "int64"),
        ([3, 1, 3], "uint8"),
        ([2.5, 1.0, 2.5], "float64"),
        ([2.0**24, 1.0, 2.5], "float32"),  # which floats of 32 bits can't tell from the next number
        ([2.0**24 - 1, 1.0], "float32"),
        ([2.0**24, 1.0], "float64"),
        ([2.0**53, 1.0], "float64"),
        (["a", "e\u0301", "a"], object),
        ([3, "3"], object),
    ],
)
@pytest.mark.parametrize("gap", [False, True])
def test_categories_are_the_keys_that_their_values_are(values: list[Any], dtype: Any, gap: bool) -> None:
    plain, many = np.array(values, dtype), len(values)
    its = read_part(Stored.of(plain), "id", "survey")
    different = pd.Index(pd.unique(plain))
    places = [*different.get_indexer(plain).tolist(), *([-1] if gap else [])]
    natives: list[Any] = [pd.Categorical.from_codes(places, different)]
    if dtype is not object:
        held = pa.array([None if place < 0 else place for place in places], pa.int8())
        natives.append(pa.chunked_array([pa.DictionaryArray.from_arrays(held, pa.array(different.to_numpy()))]))
    for native in natives:
        found = read_part(Stored.of(native), "id", "survey")
        assert found.listed() == its.listed() + [None] * gap
        assert (None if found.inexact is None else found.inexact[:many].tolist()) == (
            None if its.inexact is None else its.inexact.tolist()
        )


def test_days_and_decimals_are_keys_as_they_are() -> None:
    days: list[Any] = [date(2024, 1, 2), None, date(2024, 1, 2)]
    amounts = [None if day is None else Decimal("2.5") for day in days]
    for values, natives in (
        (days, [pl.Series(days), pa.chunked_array([days]), np.array(days, object)]),
        (amounts, [pl.Series(amounts), pa.chunked_array([amounts]), np.array(amounts, object)]),
    ):
        for native in natives:
            its = read_part(Stored.of(native), "id", "survey")
            assert (its.kind, its.listed()) == ("object", values)
            assert Keys((its,)).repeated().tolist() == [2]
    told = read_part(Stored.of(pd.Series(pd.to_datetime(["2024-01-02", None]))), "id", "survey")
    assert list(told.types) == ["Timestamp"]


@pytest.mark.parametrize("bits", [999, 1000, 1001])
def test_numbers_of_hundreds_of_digits_are_no_keys(bits: int) -> None:
    values = [1 << (bits - 1), "a"]
    if bits <= 1000:
        assert part(values, "objects").listed() == values
        return
    with pytest.raises(BadTable, match=r"'id' of the survey can't be a key.*hundreds of digits"):
        part(values, "objects")


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (pa.chunked_array([[True, False]]), "Boolean"),
        (pl.Series([True, None]), "Boolean"),
        (pa.chunked_array([[[1], [2]]]), "List"),
        (np.array([True, "a"], dtype=object), "bool"),
        (np.array(["a", None, [1]], dtype=object), "list"),
        (np.array([{"a": 1}, 1], dtype=object), "dict"),
        (np.array([np.bool_(True), 1], dtype=object), "bool"),
    ],
)
def test_what_is_no_key_is_named(column: Any, said: str) -> None:
    with pytest.raises(BadTable, match=rf"'id' of the survey can't be a key: it (is|holds) {said}.*numbers or text"):
        read_part(Stored.of(column), "id", "survey")


def test_unsigned_numbers_beyond_63_bits_stay_what_they_are() -> None:
    for values, kind in (([2**63, 1], "u"), ([2**63 - 1, 1], "i"), ([], "i")):
        its = read_part(Stored.of(np.array(values, np.uint64)), "id", "survey")
        assert its.values.dtype.kind == kind
        assert its.listed() == values
    for dtype in (np.uint32, np.int64, np.uint8):
        assert read_part(Stored.of(np.array([7], dtype)), "id", "survey").values.dtype == np.int64
    large, negative = np.array([2**64 - 1, 3], np.uint64), np.array([-1, 3], np.int64)
    ours, theirs = (Keys((read_part(Stored.of(each), "id", "survey"),)) for each in (large, negative))
    assert ours.find(theirs).tolist() == theirs.find(ours).tolist() == [-1, 1]
    assert ours.find(keys_of([3, 4])).tolist() == [1, -1]


def test_keys_of_python_values() -> None:
    assert keys_of([]).listed() == []
    assert keys_of([("A", 1.0), ("B", None)]).listed() == [("A", 1), None]
    assert len(keys_of([("A", 1, "x")]).parts) == 3
    for wrong in ([("A", 1), "B"], [("A", 1), ("B",)], [("A",), ("B", 1)], ["A", ("B", 1)]):
        with pytest.raises(BadTable, match="'the key' of the question: some keys are of several columns"):
            keys_of(wrong)
    with pytest.raises(BadTable, match="keys are of 2 columns here and of 1 there"):
        keys_of([("A", 1)]).type_clash(keys_of(["A"]))


MIXED = st.lists(
    st.one_of(st.integers(0, 30), st.sampled_from(["0", "1", "007", " 7", "a", "30", "", None])), max_size=5
)


@closely()
@given(MIXED, MIXED)
def test_keys_of_two_types_clash_where_one_is_written_as_the_other(ours: list[Any], theirs: list[Any]) -> None:
    one, other = keys_of(ours), keys_of(theirs)
    here, there = meant(ours), meant(theirs)
    assert one.find(other).tolist() == [here.index(key) if key in here and key is not None else -1 for key in there]
    kinds = [{type(key) for key in side if key is not None} for side in (here, there)]
    lost = [key for key in there if key is not None and key not in here]

    def written(key: Any) -> str:
        return str(key).strip().lstrip("0")

    twins = any(
        written(key) == written(its) and type(key) is not type(its) for key in lost for its in here if its is not None
    )
    clash = one.type_clash(other)
    assert (clash is not None) == (all(kinds) and (not kinds[0] & kinds[1] or (twins and kinds != [{int}] * 2)))
    if clash is None:
        one.refuse(other, "id", ("here", "there"))
        return
    assert clash[0].name != clash[1].name
    assert [type(each.example) for each in clash] == [str if each.name == "text" else int for each in clash]
    assert clash[0].example in here
    assert clash[1].example in there
    with pytest.raises(BadValues) as caught:
        one.refuse(other, "id", ("our list", "their list"))
    said = [f"{each.in_('en')} in {where}" for each, where in zip(clash, ("our list", "their list"), strict=True)]
    assert f"the keys are {said[0]} and {said[1]}" in str(caught.value)
    assert (caught.value.problems[0].code, caught.value.problems[0].column) == ("key_types", "id")


def test_which_keys_are_lost_may_be_known() -> None:
    ours, theirs = keys_of([1, "a"]), keys_of(["1", "a"])
    assert ours.type_clash(theirs) is not None
    assert ours.type_clash(theirs, np.array([False, False])) is None
    assert ours.type_clash(theirs, np.array([True, False])) is not None
    assert ours.type_clash(keys_of(["1", 5, "a"])) == (KeyType("number", 1), KeyType("text", "1"))
    both = [keys_of([("A", 1), ("B", "x")]), keys_of([("A", "1"), ("B", "x")])]
    assert both[0].type_clash(both[1]) == (KeyType("number", 1), KeyType("text", "1"))


def test_a_type_is_said_in_both_languages() -> None:
    for type_, english, vietnamese in (
        (KeyType("text", "7"), "text ('7')", "chữ ('7')"),
        (KeyType("number", 7), "number (7)", "số (7)"),
        (KeyType("date", 0), "date (0)", "date (0)"),
    ):
        assert (type_.in_("en"), type_.in_("vi")) == (english, vietnamese)
    named = part([Decimal("0.5"), Fraction(1, 3), np.datetime64("2024-01-01")], "objects").types
    assert list(named) == ["number", "date"]


@pytest.mark.parametrize("kind", TEXT)
@pytest.mark.parametrize(
    "values",
    [["a", "b"], ["Ho\u0300a", "Hòa", "é"], ["é", None, "e\u0301"], [" \u00a0", "\u1e9b\u0323", "a"], ["x", "e\u0301"]],
)
def test_texts_are_composed_and_folded_and_what_was_otherwise_is_told(kind: str, values: list[Any]) -> None:
    column = Stored.of(MAKE[kind](values))
    assert recomposed(column).tolist() == [row for row, text in enumerate(values) if text and composed(text) != text]
    its = read_part(column, "id", "survey")
    assert its.listed() == meant(values)
    assert its.folded().listed() == [None if each is None else composed(folded(each)) for each in meant(values)]


def test_numbers_are_in_no_other_form() -> None:
    assert recomposed(Stored.of(MAKE["int64"]([1, 2]))).tolist() == []
    assert recomposed(Stored.of(MAKE["objects"]([1, "e\u0301", None, "a", 0.5]))).tolist() == [1]
    assert part([1, 2], "int64").folded().listed() == [1, 2]
    assert part([1, " B  b"], "objects").folded().listed() == [1, "b b"]


def test_spellings_of_text_beside_numbers_are_found_among_texts_alone() -> None:
    mixed, texts = Keys((part([1, "Hòa  1"], "objects"),)), Keys((part(["hoà 1"], "string"),))
    assert mixed.folded().find(texts.folded()).tolist() == [1]
    assert texts.folded().find(mixed.folded()).tolist() == [-1, 0]


@pytest.mark.parametrize("text", ["1", "12", "123", "\x00162", "1234567", "123456789", "k1", "12345678901234567"])
def test_one_key_is_found_among_many_of_its_length(text: str) -> None:
    ours, other = keys_of([text]), text[:-1] + ("3" if text[-1] != "3" else "4")
    for theirs in ([text, text], [text, text, other], [other, text, other, text, text], [other] * 3):
        assert ours.find(keys_of(theirs)).tolist() == [0 if each == text else -1 for each in theirs]


def test_keys_that_are_no_counted_ones_stay_apart() -> None:
    for texts in (["b1x", "a2", "a1", "b1x"], ["k" + "1" * 17, "k" + "2" * 17, "k1", "k" + "1" * 17]):
        assert keys_of(texts).repeated().tolist() == [3]
        assert keys_of(texts).find(keys_of([*texts[::-1], "k1x"])).tolist() == [0, 2, 1, 0, -1]


def test_releases_of_arrow_that_take_letters_apart_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    import pyarrow.compute as pc

    texts = pa.array(["Ho\u0300a", None, "a"])
    want = ["Hòa", None, "a"]
    assert arrow_text.in_composed_form(texts).to_pylist() == want
    monkeypatch.setattr(pc, "utf8_normalize", lambda values, form: values)
    assert arrow_text.in_composed_form(texts).to_pylist() == want
    assert arrow_text.in_composed_form(texts).type == texts.type


@pytest.mark.parametrize("gaps", [(), (None,)])
def test_nobody_is_found_where_there_is_nobody(gaps: tuple[None, ...]) -> None:
    none, some = keys_of([]), keys_of(["a", 1, *gaps])
    assert none.find(some).tolist() == [-1] * len(some)
    assert some.find(none).tolist() == none.find(none).tolist() == []
    assert none.repeated().tolist() == []
    assert none.type_clash(some) is some.type_clash(none) is None
    assert none.type_clash(keys_of([("A", 1)])) is keys_of([("A", 1)]).type_clash(none) is None


@given(st.lists(st.text("aB \t\x1c\x1f0é\u0300\u00a0", max_size=5), max_size=5))
def test_texts_fold_at_once_as_one_by_one(texts: list[str]) -> None:
    for kind in (pa.string(), pa.large_string()):
        column = pa.array(["zz", *texts, "é"], kind).slice(1, len(texts))
        assert arrow_text.folded_texts(column).to_pylist() == [folded(text) for text in texts]
    for kind in (pa.string(), pa.large_string()):  # the texts of a slice that was cast begin late in their memory
        cut = pa.array(["Xx", *texts], pa.large_string() if kind == pa.string() else pa.string())[1:].cast(kind)
        assert arrow_text.folded_texts(cut).to_pylist() == [folded(text) for text in texts]


@pytest.mark.parametrize("places", [None, pa.py_buffer(b""), pa.py_buffer(bytes(4))])
def test_a_column_of_no_texts_may_lack_their_places(places: Any) -> None:
    none = pa.Array.from_buffers(pa.string(), 0, [None, places, pa.py_buffer(b"")])
    assert arrow_text.folded_texts(none).to_pylist() == []


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_runs_begin_once_however_many_rows_are_compared_at_once(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_AT_ONCE", at_once)
    for drawn in product([1, 2, 3], repeat=5):
        starts = [row for row in range(5) if not row or drawn[row] != drawn[row - 1]]
        assert keys_of(drawn).runs().tolist() == starts


def test_rows_in_runs_are_told_from_the_first_thousands() -> None:
    most = keys._SAMPLE
    assert keys_of(range(most)).in_runs()
    assert not keys_of(range(most + 1)).in_runs()
    assert keys_of([row // 2 for row in range(2 * most)]).in_runs()
    assert not keys_of([*range(most), *[7] * most]).in_runs()
    pairs = [(row // 2, row) for row in range(most + 1)]
    assert not keys_of(pairs).in_runs()
    assert keys_of(pairs[: most // 2] * 2).repeated().tolist() == list(range(most // 2, 2 * (most // 2)))


# --------------------------------------------------------------------------------------------------------------- words


@given(st.lists(st.integers(0, 10**8 - 1), min_size=1))
def test_eight_digits_are_the_number_that_they_write(numbers: list[int]) -> None:
    digits = np.frombuffer("".join(f"{each:08}" for each in numbers).encode(), np.uint64)
    assert arrow_text._number(digits & np.uint64(arrow_text._NIBBLES)).tolist() == numbers


@closely()
@given(
    st.integers(1, 3),
    st.data(),
    st.sampled_from(
        [
            None,
            lambda words: words[0] * np.uint64(0),
            lambda words: words[0] << np.uint64(60),
            lambda words: words[0] << np.uint64(33),
        ]
    ),
)
def test_words_are_found_as_python_finds_them(wide: int, data: st.DataObject, hashes: Any) -> None:
    word = st.one_of(st.integers(0, 3), st.integers(2**64 - 3, 2**64 - 1), st.sampled_from([2**31, 2**32, 1024, 1040]))
    key = st.tuples(*[word] * wide)
    ours = data.draw(st.lists(key, min_size=1, max_size=30))
    theirs = data.draw(st.lists(st.one_of(key, st.sampled_from(ours)), min_size=1, max_size=30))
    gaps = [
        np.array(data.draw(st.lists(st.booleans(), min_size=len(side), max_size=len(side)))) for side in (ours, theirs)
    ]
    gaps = [each if data.draw(st.booleans()) else None for each in gaps]
    known = {key: row for row, key in reversed([*enumerate(ours)]) if gaps[0] is None or not gaps[0][row]}
    want = [-1 if gaps[1] is not None and gaps[1][row] else known.get(key, -1) for row, key in enumerate(theirs)]
    words = [[np.array(column, np.uint64) for column in zip(*side, strict=True)] for side in (ours, theirs)]
    with pytest.MonkeyPatch.context() as patch:
        if hashes is not None:  # few bits, so that many share a place for a while
            patch.setattr(lookup, "_hash", hashes)
        assert lookup.look_up(*words, *gaps).tolist() == want


@pytest.mark.parametrize("wide", [1, 2, 3])
def test_hashes_spread_so_that_no_key_is_left_to_be_looked_up_alone(wide: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> None:
        raise AssertionError

    rows = np.arange(20_000, dtype=np.uint64)
    monkeypatch.setattr(lookup, "_one_by_one", refused)
    for last in (rows * np.uint64(1000), rows << np.uint64(40), rows.astype(np.float64).view(np.uint64)):
        words = [np.zeros(len(rows), np.uint64)] * (wide - 1)
        for one in ([*words, last], [last, *words]):
            assert (lookup.look_up(one, [word[::-1] for word in one]) == rows[::-1]).all()


@pytest.mark.parametrize("spread", [1, 2, 8, 9, 50])
@pytest.mark.parametrize("least", [0, 5, 2**64 - 60_000])
def test_numbers_close_together_are_looked_up_by_what_they_are(spread: int, least: int) -> None:
    ours = np.arange(1000, dtype=np.uint64)[::-1] * np.uint64(spread) + np.uint64(least)
    place = {number: row for row, number in enumerate(ours.tolist())}
    asked = [least, least + 999 * spread, (least - 1) % 2**64, (least + 999 * spread + 1) % 2**64, least + spread]
    asked += [(least + 1000 * spread) % 2**64, 0, 2**63, 2**64 - 1]
    found = lookup.look_up([ours], [np.array(asked, np.uint64)]).tolist()
    assert found == [place.get(number, -1) for number in asked]
    assert (lookup._dense(ours, ours, None) is None) == (999 * spread + 1 > 8 * 1000 + 1024)


@closely()
@given(
    width=st.integers(1, 30),
    alphabet=st.sampled_from(["01", "0123456789", "09/:", "0a", "/0", "\0001", "7é", "01x"]),
    data=st.data(),
)
def test_texts_of_one_length_have_the_same_words_where_they_are_the_same(
    width: int, alphabet: str, data: st.DataObject
) -> None:
    start = data.draw(st.text(alphabet, min_size=width, max_size=width))
    # one or two letters away from one another, so that what differs in one place alone is asked often
    near = st.lists(st.tuples(st.integers(0, width - 1), st.sampled_from(alphabet)), max_size=2).map(
        lambda changes: "".join(dict(changes).get(place, letter) for place, letter in enumerate(start))
    )
    ours = data.draw(st.lists(near, min_size=1, max_size=8))
    theirs = data.draw(st.lists(near, min_size=1, max_size=8))
    one, other = (Keys((part(side, "string"),)) for side in (ours, theirs))
    want = [-1 if gap(key) else ours.index(key) if key in ours else -1 for key in theirs]
    assert one.find(other).tolist() == want


@pytest.mark.parametrize("length", [1, 7, 8, 9, 16, 17, 18, 19, 24, 126, 127, 128, 129, 136])
@pytest.mark.parametrize("letter", ["1", "x", "\0"])
def test_texts_that_differ_in_any_one_place_are_told_apart(length: int, letter: str) -> None:
    base = "5" * length
    keys_ = [base, *(base[:place] + letter + base[place + 1 :] for place in range(length)), base + letter, base + "55"]
    for changed in keys_[1 : length + 1]:
        assert part([base, changed], "string").changes().tolist() == [base != changed]
    for texts in (keys_, keys_[:-2]):
        one = part(texts, "string")
        for kind in ("string", "large", "later"):
            assert Keys((one,)).find(Keys((part(texts[::-1], kind),))).tolist() == list(range(len(texts)))[::-1]
        if len(texts) > 1:
            assert one.changes().all()
            assert Keys((one,)).repeated().tolist() == []


@closely()
@given(st.lists(st.sampled_from([1, 3, 8, 9, 17, 130]), min_size=1, max_size=3), st.data())
def test_texts_of_other_lengths_are_others(widths: list[int], data: st.DataObject) -> None:
    others = data.draw(st.lists(st.sampled_from([1, 2, 3, 8, 9, 16, 17, 24, 130]), min_size=1, max_size=3))
    ours, theirs = (["5" * width for width in side] for side in (widths, others))
    found = Keys((part(ours, "string"),)).find(Keys((part(theirs, "string"),))).tolist()
    assert found == [ours.index(key) if key in ours else -1 for key in theirs]


@closely()
@given(
    st.sampled_from(["", "H", "HH-", "Xã ", "1234567", "1234567-", "12345678-", "a\0"]),
    st.sampled_from([NUMBERED, st.one_of(NUMBERED, st.text("0159/:aé\0", max_size=20))]),
    st.data(),
)
def test_a_beginning_and_a_number_of_any_length_is_found_as_python_finds_it(
    head: str, ends: st.SearchStrategy[str], data: st.DataObject
) -> None:
    ours = data.draw(st.lists(ends.map(lambda end: head + end), min_size=1, max_size=12))
    strangers = st.one_of(ends.map(lambda end: head + end), st.text("H0159", max_size=20), st.just(head), st.none())
    theirs = data.draw(st.lists(st.one_of(st.sampled_from(ours), strangers), min_size=1, max_size=12))
    known = {key: row for row, key in reversed([*enumerate(ours)]) if key.strip()}
    for kind in ("string", "large", "later"):
        mine, others = (Keys((part(side, kind),)) for side in (ours, theirs))
        assert mine.find(others).tolist() == [known.get(key, -1) for key in theirs]
        assert mine.find(mine).tolist() == [known.get(key, -1) for key in ours]


HEADS = ["", "H-", "Xã ", "1234567-"]


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("most", [1, 2, 8, 9, 10, 16])
def test_a_beginning_and_a_number_are_one_word_and_come_in_order(head: str, most: int) -> None:
    ours = ["0", *(f"{digit}" * many for many in range(1, most + 1) for digit in range(10))]
    ours += [f"{digit}{'0' * many}" for many in range(most) for digit in range(10)]
    ours += [f"{'0' * many}{digit}" for many in range(most) for digit in range(10)]
    ours = sorted({*ours}, key=lambda end: (len(end), end))
    others = ["", "x", "x0", "0x", "0" * 17, "1" * 17, "9" * 17, "0" * 30]
    one, other = (pa.array([head + end for end in side]) for side in (ours, [*ours, *others]))
    words = arrow_text.text_words(one, other, (0, 0))
    assert [len(side) for side in words] == [1, 1]
    assert (words[0][0][1:] > words[0][0][:-1]).all()
    assert words[1][0][: len(ours)].tolist() == words[0][0].tolist()
    assert not np.isin(words[1][0][len(ours) :], words[0][0]).any()


@pytest.mark.parametrize("head", [*HEADS, "12345678-"])
@pytest.mark.parametrize("digits", [1, 2, 7, 8, 9])
@pytest.mark.parametrize("tail", ["", "-VN"])
def test_numbers_of_one_length_are_one_word_and_come_in_order(head: str, digits: int, tail: str) -> None:
    ends = {f"{digit}" * digits for digit in range(10)}
    ends |= {f"{'0' * before}{digit}{'0' * (digits - before - 1)}" for before in range(digits) for digit in range(10)}
    ours = [head + end + tail for end in sorted(ends)]
    width = len(ours[0].encode())
    others = [head + "x" * digits + tail, "z" * (width - len(tail)) + tail]
    others += [head + "0" * digits + "x" * len(tail)] if tail else []
    one, other = (pa.array(side) for side in (ours, [*ours, *others]))
    words = arrow_text.text_words(one, other, (width, width))
    if width > 18:
        assert len(words[0]) > 1
        return
    assert [len(side) for side in words] == [1, 1]
    assert (words[0][0][1:] > words[0][0][:-1]).all()
    assert words[1][0][: len(ours)].tolist() == words[0][0].tolist()
    assert not np.isin(words[1][0][len(ours) :], words[0][0]).any()


@pytest.mark.parametrize("head", ["", "Xã "])
@pytest.mark.parametrize("length", [1, 8, 9, 16])
def test_a_text_that_would_amount_to_a_number_is_none(head: str, length: int) -> None:
    """What a letter adds if it is taken for a digit is found as the digits that amount to as much."""

    def fewer(digits: int) -> int:
        return (10**digits - 10) // 9

    for place, letter in product(range(length), ":/x"):
        end = "7" * place + letter + "7" * (length - place - 1)
        amounts = fewer(length) + sum((ord(each) ^ ord("0")) * 10**at for at, each in enumerate(reversed(end)))
        digits = max(many for many in range(1, 17) if fewer(many) <= amounts)
        same = f"{amounts - fewer(digits):0{digits}}"
        one, other = (Keys((part([head + each for each in side], "string"),)) for side in (["7", same], ["7", end]))
        assert one.find(other).tolist() == [0, -1]
        assert other.find(one).tolist() == [0, -1]


def test_texts_are_matched_beyond_a_block() -> None:
    for wide in (6, 0):
        texts = [str(number).zfill(wide) for number in range(40_000)]
        one = Keys((part(texts, "string"),))
        assert one.find(Keys((part(texts[::-1], "string"),))).tolist() == list(range(40_000))[::-1]


@pytest.mark.parametrize("before", ["", "H-", "0123456", "01234567", "H-0123456789ab"])
@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("least", [0, 111])
def test_a_letter_among_digits_is_no_number(before: str, place: int, least: int) -> None:
    ours = [f"{before}{number:03}" for number in range(least, 1000)]
    one = Keys((part(ours, "string"),))
    beside = [chr(code) for code in range(1, 128)]
    theirs = [f"{before}{'55'[:place]}{letter}{'55'[place:]}" for letter in beside]
    found = one.find(Keys((part(theirs, "string"),))).tolist()
    assert found == [ours.index(key) if key in ours else -1 for key in theirs]
    both = Keys((part([*ours, *(key for key in theirs if key not in ours)], "string"),))
    assert both.repeated().tolist() == []


@pytest.mark.parametrize(
    "nothing", [None, float("nan"), pd.NA, pd.NaT, np.datetime64("NaT", "s"), Decimal("nan"), "", " "]
)
@pytest.mark.parametrize("beside", [["a", "b"], [1, 2], [0.5, 1.0], ["a", 1], [2**70, "a"], []])
def test_whatever_stands_for_nothing_is_no_key(nothing: Any, beside: list[Any]) -> None:
    its = part([*beside, nothing, nothing], "objects")
    assert its.listed() == [*beside, None, None]
    assert its.inexact is None
    assert Keys((its,)).repeated().tolist() == []


def test_bytes_that_add_up_to_digits_are_none() -> None:
    """The two bytes of ʰ carry, one after the other, into what "04O7" amounts to."""
    one, other = (Keys((part(texts, "string"),)) for texts in (["04O7", "15O8"], ["1ʰ7", "1ʰ8"]))
    assert one.find(other).tolist() == [-1, -1]


@pytest.mark.parametrize("pieces", [[], [[]], [["a"]], [["a", None], []], [[], ["a"], ["b", None]]])
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view(), pa.null()])
def test_text_in_pieces_is_put_together(pieces: list[list[Any]], kind: Any) -> None:
    if kind == pa.null():
        pieces = [[None] * len(each) for each in pieces]
    given_ = pa.chunked_array(pieces, kind)
    whole = arrow_text.one_array(given_)
    assert whole.to_pylist() == given_.to_pylist()
    assert whole.type == (kind if kind in (pa.string(), pa.large_string()) else pa.large_string())
    assert arrow_text.one_array(whole).equals(whole)


def test_text_that_offsets_in_32_bits_do_not_reach_has_longer_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    given_ = pa.chunked_array([["Hòa", None], ["b"]])
    assert arrow_text._REACHED == 2**31 - 1
    for reached, kind in ((given_.nbytes, pa.string()), (given_.nbytes - 1, pa.large_string())):
        monkeypatch.setattr(arrow_text, "_REACHED", reached)
        whole = arrow_text.one_array(given_)
        assert (whole.type, whole.to_pylist()) == (kind, ["Hòa", None, "b"])


@pytest.mark.parametrize("rounds", [1, 2])
def test_keys_that_no_round_finds_are_found_one_by_one(rounds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "_ROUNDS", rounds)
    monkeypatch.setattr(lookup, "_hash", lambda words: words[0] * np.uint64(0))  # all share one place in every round
    ours, theirs = (
        [np.array(word, np.uint64) for word in words]
        for words in (([1, 1, 9, 2], [5, 5, 5, 6]), ([9, 1, 1, 2], [5, 6, 5, 6]))
    )
    assert lookup.look_up(ours, theirs).tolist() == [2, -1, 0, 3]
    gaps = np.array([True, False, False, False])
    assert lookup.look_up(ours, theirs, gaps, gaps).tolist() == [-1, -1, 1, 3]


def test_a_key_that_lacks_any_of_its_columns_is_missing() -> None:
    both = Keys((part([1, None, 1, None], "Int64"), part(["a", "a", None, None], "string")))
    assert both.missing is not None
    assert both.missing.tolist() == [False, True, True, True]
    assert both.find(both).tolist() == [0, -1, -1, -1]
    assert both.repeated().tolist() == []


LARGE = [0, 1, 2**53, 2**53 + 1, 2**63 - 1]


@pytest.mark.parametrize("below", [[], [-(2**63), -2, -1]])
@pytest.mark.parametrize("above", [[], [2**63, 2**63 + 1, 2**64 - 2, 2**64 - 1]])
def test_large_numbers_are_what_they_are_with_a_sign_and_without(below: list[int], above: list[int]) -> None:
    ours, theirs = [*below, *LARGE], [*above, *LARGE[::-1]]
    one, other = (
        Keys((read_part(Stored.of(np.array(side, kind)), "id", "survey"),))
        for side, kind in ((ours, np.int64), (theirs, np.uint64))
    )
    assert one.find(other).tolist() == [ours.index(key) if key in ours else -1 for key in theirs]
    assert other.find(one).tolist() == [theirs.index(key) if key in theirs else -1 for key in ours]


@pytest.mark.parametrize("ours", [[-1], [-1, 5], [5]])
def test_a_number_below_zero_is_no_large_one(ours: list[int]) -> None:
    one = Keys((read_part(Stored.of(np.array(ours)), "id", "survey"),))
    theirs = np.array([2**64 - 1, 5], np.uint64)
    other = Keys((read_part(Stored.of(theirs), "id", "members"),))
    assert one.find(other).tolist() == [-1, ours.index(5) if 5 in ours else -1]
