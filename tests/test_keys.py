"""Keys: exact or refused, of one column or of several, in any order; never another household's members."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdpoverty as mdp
from mdpoverty import examples
from mdpoverty import scorers as s
from mdpoverty.errors import BadTable, BadValues, MissingColumns, SpecError, UnknownKey
from mdpoverty.tables import lookup
from mdpoverty.tables.reading import open_table

BIG = 2**53
young = s.any_member(s.column("age") < 5)
count = s.count_members(s.column("age") < 100) >= 2


def scored(ours: Any, theirs: Any, ages: list[int], kind: Any = pd.DataFrame, **options: Any) -> list[int]:
    """Score whether a young child lives there."""
    homes = kind({"household_id": ours})
    people = kind({"household_id": theirs, "age": ages})
    codes: list[int] = young.score(homes, people, **options).tolist()
    return codes


def told(error: pytest.ExceptionInfo[BadValues]) -> str:
    return str(error.value)


# --------------------------------------------------------------------------------------------------- exact, or an error


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table, dict])
def test_large_whole_keys_are_exact(kind: Any) -> None:
    ours = np.array([BIG, BIG + 1, 2**62 + 1])
    assert scored(ours, ours[[1, 0, 2, 1]], [30, 3, 40, 50], kind) == [2, 0, 0]


@pytest.mark.parametrize("side", [0, 1])
def test_large_keys_that_went_through_float_are_refused(side: int) -> None:
    tables = [np.array([BIG, BIG + 1]), np.array([BIG, BIG + 1])]
    tables[side] = tables[side].astype(float)
    with pytest.raises(BadValues, match="float can't hold a key this large exactly") as error:
        scored(*tables, [3, 30], orphans="report")
    assert error.value.problems[0].code == "key_inexact"
    assert error.value.problems[0].table == ("households", "members")[side]


@pytest.mark.parametrize("key", [2.0**63, 1e300, float("inf")])
def test_floats_beyond_every_integer_are_refused(key: float) -> None:
    with pytest.raises(BadValues, match="float can't hold"):
        scored([1.0, key], [1.0, key], [3, 3])


def test_float32_keys_are_exact_below_2_to_the_24() -> None:
    assert scored(np.array([1, 2**24 - 1]), np.array([2**24 - 1, 1], np.float32), [3, 30]) == [0, 2]
    with pytest.raises(BadValues, match="float can't hold"):
        scored(np.array([2**24, 2**24 + 1]), np.array([2**24, 2**24], np.float32), [3, 30])


def test_keys_beyond_63_bits_are_exact() -> None:
    ours = np.array([2**64 - 1, 2**63, 5], np.uint64)
    assert scored(ours, ours[::-1], [3, 30, 40]) == [0, 0, 2]
    with pytest.raises(BadValues, match="no listed household"):
        scored(ours, np.array([-1, 5, 5]), [3, 30, 40])  # the same 64 bits as 2**64 - 1
    assert scored([2**70, 2**70 + 1], [2**70 + 1, 2**70], [3, 30]) == [0, 2]


def test_whole_floats_are_whole_numbers() -> None:
    assert scored([1, 2, 3], [3.0, 1.0, 2.0], [3, 30, 30]) == [0, 0, 2]
    assert scored([1.5, 2, -0.0], [2, 0, 1], [3, 3, 3], orphans="report") == [1, 2, 2]


def test_a_missing_key_is_nobodys() -> None:
    assert scored([1, 2], [1, np.nan, 2], [3, 3, 30], orphans="report") == [2, 0]
    assert scored(["a", "b"], ["b", None, "a"], [3, 3, 30], orphans="report") == [0, 2]
    with pytest.raises(BadValues, match="needs a key"):
        scored([1, np.nan], [1, np.nan], [3, 3])


GAPPY = {
    "pandas": lambda keys: pd.DataFrame({"household_id": pd.array(keys, "Int64")}),
    "polars": lambda keys: pl.DataFrame({"household_id": pl.Series(keys, dtype=pl.Int64)}),
    "pyarrow": lambda keys: pa.table({"household_id": pa.array(keys, pa.int64())}),
}


@pytest.mark.parametrize("kind", GAPPY)
@pytest.mark.parametrize(
    "theirs", [[None, 1, 2], [0, None, 2], [0, 1, None], [2, None, 0], [None, None, None], [1, None, None]]
)
def test_whatever_stands_in_the_place_of_a_missing_key_is_nobodys(kind: str, theirs: list[int | None]) -> None:
    homes, people = GAPPY[kind]([0, 1, 2]), GAPPY[kind](theirs)
    ours, others = (open_table(table).keys for table in (homes, people))
    assert ours.find(others).tolist() == [-1 if key is None else key for key in theirs]
    with pytest.raises(BadValues) as caught:
        s.any_member(s.column("household_id") > 1).score(homes, people)
    assert [(each.code, each.rows) for each in caught.value.problems] == [("orphan", theirs.count(None))]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(["ab", "c"], ["a", "bc"]), (["ab", "c"], ["ab", "d"]), (["ab", "c"], ["ab", "c"]), (["a", "ab"], ["ab", "a"])],
)
def test_texts_of_two_arrow_types_match_as_texts_do(ours: list[str], theirs: list[str]) -> None:
    for one, other in ((pa.string(), pa.large_string()), (pa.large_string(), pa.string())):
        homes, people = pa.array(ours, one), pa.array(theirs, other)
        expected = [theirs.index(key) if key in theirs else None for key in ours]
        ages = [3, 30]
        found = scored(homes, people, ages, pa.table, orphans="report")
        assert found == [1 if place is None else 2 * (ages[place] < 5) for place in expected]


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table, dict])
@pytest.mark.parametrize("blank", ["", " ", "\u00a0", None])
def test_a_blank_key_is_missing(kind: Any, blank: str | None) -> None:
    assert scored(["a", "b"], ["b", blank, "a"], [3, 3, 30], kind, orphans="report") == [0, 2]
    with pytest.raises(BadValues, match="needs a key") as error:
        scored(["a", blank], ["a", "a"], [3, 3], kind)
    assert error.value.problems[0].places[0].key is None


@pytest.mark.parametrize("orphans", ["error", "report"])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(["1", "2"], [1, 2]), ([1, 2], ["1", "2"]), ([1, "2a"], ["1", "2a"]), (["1", "2a"], [1, "2a"])],
)
def test_text_and_numbers_are_told_apart(ours: list[Any], theirs: list[Any], orphans: str) -> None:
    with pytest.raises(BadValues) as error:
        scored(ours, theirs, [3, 3], orphans=orphans)
    assert error.value.problems[0].code == "orphan_types"
    types = error.value.problems[0].details
    assert {types["ours"].name, types["theirs"].name} == {"text", "number"}


def test_columns_of_numbers_and_text_match_exactly() -> None:
    assert scored([1, "2a", "1"], ["1", 1, "2a"], [3, 30, 30]) == [0, 0, 2]


@pytest.mark.parametrize("bad", [[True, False], [[1], [2]], [{"a": 1}, {"a": 2}]])
def test_flags_and_lists_are_no_keys(bad: list[Any]) -> None:
    for kind in (pd.DataFrame, pa.table):
        with pytest.raises(BadTable, match="can't be a key"):
            scored(bad, bad, [3, 3], kind)
    with pytest.raises(BadTable, match="can't be a key"):
        scored([True, "a"], ["a"], [3], dict)


def test_decimals_match_the_numbers_that_they_are() -> None:
    ours = [Decimal("1"), Decimal("2.50")]
    assert scored(ours, [Decimal("2.5"), Decimal("1.0")], [3, 30]) == [0, 2]
    assert scored(ours, [1, 2.5], [3, 30]) == [2, 0]
    assert scored(pa.array(ours), pa.array(ours), [3, 30], pa.table) == [2, 0]


def test_texts_compare_in_composed_form() -> None:
    assert scored(["Xã Hòa", "B"], ["Xã Ho\u0300a".replace("ã", "a\u0303"), "B"], [3, 30]) == [2, 0]


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table, dict])
@pytest.mark.parametrize(
    "ours",
    [
        ["a", "a\0", "b", "a\0\0"],
        ["x" * 8, "x" * 9, "x" * 16, "x" * 17],
        ["y" * 300, "y" * 299, "y" * 300 + "z", "w"],
        ["Hộ 1", "Hộ 2", "Hộ 10", "Hộ 11"],
        [str(number).zfill(24) for number in (5, 2**64 + 5, 2**65 + 5, 5 * 10**20)],
        ["0" * 17 + "1", "0" * 17 + "2", "1" + "0" * 17, "9" * 18],
    ],
)
def test_texts_match_byte_by_byte(kind: Any, ours: list[str]) -> None:
    for position in range(4):
        ages = [3 if i == position else 30 for i in (2, 0, 3, 1)]
        expected = [2 if i == position else 0 for i in range(4)]
        assert scored(ours, [ours[i] for i in (2, 0, 3, 1)], ages, kind) == expected


def test_categories_are_keys_too() -> None:
    ours, theirs = pd.Series(["b", "a"], dtype="category"), pd.Series(["a", "b", "a"], dtype="category")
    assert scored(ours, theirs, [3, 30, 30]) == [0, 2]
    tables = [pl.Series(["b", "a"], dtype=pl.Categorical), pl.Series(["a", "b", "a"], dtype=pl.Enum(["a", "b"]))]
    assert scored(*tables, [3, 30, 30], pl.DataFrame) == [0, 2]
    assert scored(*(pa.array(each).dictionary_encode() for each in (["b", "a"], ["a", "b", "a"])), [3, 9, 9], pa.table)


values = st.one_of(st.integers(-3, 3), st.integers(2**62, 2**62 + 3), st.text("ab\0é", min_size=1, max_size=20))


@given(ours=st.lists(values, unique=True, min_size=1), data=st.data(), collide=st.booleans())
def test_keys_are_found_as_python_finds_them(ours: list[Any], data: st.DataObject, collide: bool) -> None:
    theirs = data.draw(st.lists(st.one_of(values, st.sampled_from(ours))))
    for kind in (int, str):
        one, other = ([key for key in side if isinstance(key, kind)] for side in (ours, theirs))
        if not one or not other:
            continue
        tables = [open_table({"household_id": side}) for side in (one, other)]
        with pytest.MonkeyPatch.context() as patch:
            if collide:  # as keys made up to share their hashes would
                patch.setattr(lookup, "_hash", lambda words: np.zeros(len(words[0]), np.uint64))
            found = tables[0].keys.find(tables[1].keys).tolist()
            again = tables[1].keys.repeated().tolist()
        assert found == [one.index(key) if key in one else -1 for key in other]
        assert again == [row for row, key in enumerate(other) if key in other[:row]]


@given(
    before=st.text("H-7é\0", max_size=9),
    after=st.text("x0", max_size=3),
    digits=st.integers(0, 17),
    data=st.data(),
)
def test_numbered_texts_are_found_as_python_finds_them(
    before: str, after: str, digits: int, data: st.DataObject
) -> None:
    number = st.integers(0, min(10**digits - 1, 10**17))
    written = number.map(lambda n: f"{before}{str(n).zfill(digits) if digits else ''}{after}")
    odd = st.tuples(written, st.integers(0, 40), st.sampled_from("/:\0 09aðx\x16")).map(
        lambda drawn: drawn[0][: drawn[1]] + drawn[2] + drawn[0][drawn[1] + 1 :]
    )
    ours = data.draw(st.lists(written, min_size=1)) + data.draw(st.lists(odd, max_size=1))
    theirs = data.draw(st.lists(st.one_of(written, odd, st.sampled_from(ours)), min_size=1))
    one, other = (open_table({"household_id": side}) for side in (ours, theirs))
    want = [ours.index(key) if key.strip() and key in ours else -1 for key in theirs]  # a blank is no key
    assert one.keys.find(other.keys).tolist() == want


@pytest.mark.parametrize("longest", [3, 300, 70_000])
def test_members_of_large_households_in_no_order_are_counted(longest: int) -> None:
    rng = np.random.default_rng(longest)
    theirs = rng.permutation(np.repeat([5, 1, 9], [longest, 2, 1]))
    ages = np.where(theirs == 1, 3, 30)
    homes, people = {"household_id": [1, 9, 5, 4]}, {"household_id": theirs, "age": ages}
    many = s.count_members(s.column("age") > 5)
    assert young.score(homes, people).tolist() == [2, 0, 0, 1]
    assert (many >= longest).score(homes, people).tolist() == [0, 0, 2, 1]
    assert (many >= longest + 1).score(homes, people).tolist() == [0, 0, 0, 1]
    gappy = {"household_id": theirs, "age": pd.array([None, *ages[1:]], dtype="Int64")}
    unsure = 1 if theirs[0] == 5 else 2
    assert (many >= longest).score(homes, gappy).tolist()[2] == unsure


@given(data=st.data(), text=st.booleans())
def test_members_in_any_order_are_their_households(data: st.DataObject, text: bool) -> None:
    sizes = data.draw(st.lists(st.integers(0, 4), min_size=1, max_size=8))
    names = [f"H{i}" if text else i for i in range(len(sizes))]
    rows = data.draw(st.permutations([(name, 3 if n == 2 else 30) for name, n in zip(names, sizes, strict=True)] * 2))
    homes, people = {"household_id": names}, {"household_id": [r[0] for r in rows], "age": [r[1] for r in rows]}
    assert young.score(homes, people).tolist() == [2 if n == 2 else 0 for n in sizes]
    assert count.score(homes, people).tolist() == [2] * len(sizes)


# ------------------------------------------------------------------------------------------------------ several columns

vn = mdp.standards["vn-2022"]
HOMES = {
    "commune": ["A", "A", "B", "B"],
    "code": [1, 2, 1, 2],
    "area": ["rural"] * 4,
    "income": [1_000_000, 9_000_000, 1_000_000, 2_000_000],
    **{name: [True, False, False, True] for name in vn.indicators},
}
PEOPLE = {"commune": ["B", "A", "B", "A", "B"], "code": [1, 2, 2, 1, 1], "age": [3, 30, 40, 50, 60]}
BOTH = ["commune", "code"]


def both(kind: Any = pd.DataFrame, **options: Any) -> Any:
    return vn.classify(kind(HOMES), kind(PEOPLE), given="all", **{"household_id": BOTH, **options})


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table, dict])
def test_a_key_of_several_columns(kind: Any) -> None:
    assessment = both(kind)
    assert assessment.category.tolist() == ["poor", "above_average", "near_poor", "average_living"]
    assert assessment.sizes[0].tolist() == [1, 1, 2, 1]
    assert assessment.keys == [("A", 1), ("A", 2), ("B", 1), ("B", 2)]
    frame = assessment.to_frame()
    assert list(frame.keys() if kind is dict else getattr(frame, "column_names", None) or frame.columns)[:2] == BOTH
    assert assessment.explain(("B", 1)).category == "near_poor"
    for wrong in (("B", 3), "B", ("B", 1, 2), ("B", "1")):
        with pytest.raises(UnknownKey):
            assessment.explain(wrong)


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table, dict])
@pytest.mark.parametrize("order", [1, -1])
def test_one_of_several_columns_of_a_key_has_the_name_of_keys(kind: Any, order: int) -> None:
    def renamed(table: dict[str, Any]) -> Any:
        return kind({{"code": "household_id"}.get(name, name): values for name, values in table.items()})

    key = ["commune", "household_id"][::order]
    homes, people = renamed(HOMES), renamed(PEOPLE)
    found = vn.classify(homes, people, given="all", household_id=key)
    assert found.category.tolist() == both(kind).category.tolist()
    assert found.sizes[0].tolist() == [1, 1, 2, 1]
    assert found.keys == [key[::order] for key in [("A", 1), ("A", 2), ("B", 1), ("B", 2)]]
    frame = found.to_frame()
    assert list(frame.keys() if kind is dict else getattr(frame, "column_names", None) or frame.columns)[:2] == key
    assert found.answers("household_id") == HOMES["code"]
    assert mdp.verify(found.receipt, homes, people)
    moves = mdp.flows(found, found)
    assert len(moves.table) == 4
    with pytest.raises(BadValues, match="duplicate key"):
        vn.classify(renamed({**HOMES, "code": [1, 1, 1, 2]}), given="all", household_id=key)
    if kind is not dict:
        tally = vn.tally(mdp.scan(homes, people, aligned=False, block=1), given="all", household_id=key)
        assert tally == found.tally()


def test_a_column_of_a_key_may_have_the_name_of_another_answer() -> None:
    homes = pd.DataFrame(
        {"place": HOMES["area"], "area": HOMES["commune"], **{k: HOMES[k] for k in HOMES if k != "area"}}
    )
    people = pd.DataFrame(PEOPLE).rename(columns={"commune": "area"})
    found = vn.classify(homes, people, given="all", household_id=["area", "code"], columns={"area": "place"})
    assert found.category.tolist() == both().category.tolist()
    assert found.keys == both().keys


def test_columns_of_a_key_have_other_names_in_each_table() -> None:
    people = pd.DataFrame(PEOPLE).rename(columns={"commune": "xa", "code": "so"})
    assessment = vn.classify(pd.DataFrame(HOMES), people, given="all", household_id=(BOTH, ["xa", "so"]))
    assert assessment.sizes[0].tolist() == [1, 1, 2, 1]
    tables = [pd.DataFrame({"one": [1, 2]}), pd.DataFrame({"other": [2, 1, 2], "age": [3, 30, 30]})]
    for pair in (("one", "other"), (["one"], ["other"]), ("one", ["other"])):
        assert young.score(*tables, household_id=pair).tolist() == [0, 2]


def test_problems_show_the_whole_key() -> None:
    homes = {**HOMES, "code": [1, 1, 1, 2]}
    with pytest.raises(BadValues) as error:
        vn.classify(homes, given="all", household_id=BOTH)
    problem = error.value.problems[0]
    assert (problem.column, problem.first) == ("commune, code", (("A", 1),))
    people = {**PEOPLE, "code": [1, 2, 2, 1, 7]}
    with pytest.raises(BadValues) as error:
        vn.classify(HOMES, people, given="all", household_id=BOTH)
    assert error.value.problems[0].first == (("B", 7),)
    with pytest.raises(BadValues, match="needs a key"):
        vn.classify({**HOMES, "code": [1, 2, None, 2]}, given="all", household_id=BOTH)
    with pytest.raises(BadValues) as error:
        vn.classify(HOMES, {**PEOPLE, "code": list("12211")}, given="all", household_id=BOTH, orphans="report")
    assert error.value.problems[0].code == "orphan_types"
    with pytest.raises(MissingColumns, match="cod"):
        vn.classify(HOMES, given="all", household_id=["commune", "cod"])


@pytest.mark.parametrize("pair", [BOTH, (BOTH, BOTH)])
def test_a_receipt_of_a_key_of_several_columns_is_verified(pair: Any) -> None:
    assessment = both(household_id=pair)
    receipt = assessment.receipt
    for kept in (receipt, json.loads(json.dumps(receipt.to_dict()))):
        found = mdp.verify(kept, pd.DataFrame(HOMES), pd.DataFrame(PEOPLE))
        assert found
        assert found.result.keys == assessment.keys
    assert not mdp.verify(receipt, pd.DataFrame({**HOMES, "code": [1, 2, 1, 3]}), None)


@pytest.mark.parametrize("wrong", [[], ["a", "a"], (["a", "b"], ["c"]), ("a", "b", "c"), [1, 2], 3, None, ("a",)])
def test_what_names_no_key_is_refused(wrong: Any) -> None:
    with pytest.raises(SpecError, match="household_id"):
        vn.classify(HOMES, given="all", household_id=wrong)


def test_columns_of_a_key_are_not_renamed_besides() -> None:
    with pytest.raises(SpecError, match="columns="):
        both(columns={"household_id": "code"})


# --------------------------------------------------------------------------------------------- no Python object per row


def _refused(*_: Any, **__: Any) -> Any:
    raise AssertionError("a Python object for each row")


@pytest.mark.parametrize("order", ["in order", "shuffled"])
@pytest.mark.parametrize("ids", ["int", "text"])
def test_no_python_object_is_made_of_a_row(order: str, ids: str, monkeypatch: pytest.MonkeyPatch) -> None:
    homes, people = examples.commune(300, ids="int", seed=1)
    if ids == "text":
        homes, people = (t.assign(household_id="HH-" + t["household_id"].astype("str")) for t in (homes, people))
    people = people if order == "in order" else people.sample(frac=1, random_state=1)
    expected = vn.classify(homes, people, date="2024-10-01").codes
    for name in ("to_list", "tolist", "__iter__"):
        monkeypatch.setattr(pd.Series, name, _refused)
    assert vn.classify(homes, people, date="2024-10-01").codes.tolist() == expected.tolist()
