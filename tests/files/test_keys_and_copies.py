"""Keys that differ only in spelling, keys of several columns in files, and rows that stand twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdpoverty as mdp
from mdpoverty.errors import BadValues, SpecError, UnknownKey
from mdpoverty.scorers import any_member, column

vn = mdp.standards["vn-2022"]
GIVEN = {name: [False, False, True] for name in vn.indicators}
HOMES: dict[str, list[Any]] = {
    "household_id": ["A", "B", "C"],
    "area": ["rural"] * 3,
    "income": [1_000_000, 9_000_000, 1_400_000],
    **GIVEN,
}
KINDS = [pd.DataFrame, pl.DataFrame, pa.table, dict]
SPELT = [
    ("Hòa-1", "Hoà-1", "the tone mark's place", "vị trí dấu thanh"),
    ("A1", "A1 ", "blanks", "khoảng trắng"),
    ("A1", "a1", "case", "chữ hoa"),
    ("A 1", "A\u00a01", "blanks", "khoảng trắng"),
]


def classify(homes: Any, people: Any, **options: Any) -> mdp.Assessment:
    return vn.classify(homes, people, given="all", **options)


# ------------------------------------------------------------------------------------------------------------ spelling


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("one", "other", "en", "vi"), SPELT)
def test_members_whose_key_is_spelt_otherwise_are_shown_with_their_household(
    kind: Any, one: str, other: str, en: str, vi: str
) -> None:
    homes, people = (
        kind({**HOMES, "household_id": [one, "B", "C"]}),
        kind({"household_id": ["B", other], "age": [3, 4]}),
    )
    with pytest.raises(BadValues, match="fold=True") as error:
        classify(homes, people)
    (problem,) = error.value.problems
    assert (problem.code, problem.places[0].row) == ("orphan_spelling", 3)
    assert all(repr(each) in problem.text() for each in (one, other))
    assert en in problem.text()
    assert vi in problem.text("vi")
    reported = classify(homes, people, orphans="report")
    assert [each.code for each in reported.problems] == ["orphan_spelling"]
    assert reported.sizes[0].tolist() == [0, 1, 0]
    folded = classify(homes, people, fold=True)
    assert folded.sizes[0].tolist() == [1, 1, 0]
    assert [each.code for each in folded.problems] == ["key_folded"]
    assert repr(other) in folded.problems[0].text("vi")
    assert folded.receipt.options["fold"] is True
    assert "fold" not in reported.receipt.options
    assert folded.explain(other).category == folded.category[0]


@pytest.mark.parametrize(("one", "other", "en", "vi"), SPELT)
def test_households_that_are_one_but_for_their_spelling_are_two_unless_read_as_one(
    one: str, other: str, en: str, vi: str
) -> None:
    homes = {**HOMES, "household_id": [one, other, "C"]}
    assert len(classify(homes, None)) == 3
    with pytest.raises(BadValues) as error:
        classify(homes, None, fold=True)
    assert error.value.problems[0].code == "key_spelt_twice"


def test_other_keys_are_nobodys_in_either_spelling() -> None:
    people = {"household_id": ["A ", "X", None], "age": [1, 2, 3]}
    with pytest.raises(BadValues) as error:
        classify(HOMES, people)
    assert [(each.code, each.rows) for each in error.value.problems] == [("orphan_spelling", 1), ("orphan", 2)]
    with pytest.raises(BadValues) as error:
        classify(HOMES, people, fold=True)
    assert [(each.code, each.rows) for each in error.value.problems] == [("orphan", 2)]


def test_rules_alone_read_spellings_as_one_too() -> None:
    young = any_member(column("age") < 5)
    assert young.score(HOMES, {"household_id": ["a ", "B"], "age": [3, 30]}, fold=True).tolist() == [2, 0, 1]


def dirty(key: str, how: int) -> str:
    return (key, f" {key}", key.lower(), key.replace("òa", "oà"), f"{key}\u00a0")[how]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 4)), max_size=9), st.booleans(), st.integers(1, 3))
def test_a_table_and_its_twin_of_other_spellings_give_the_same(
    rows: list[tuple[int, int]], aligned: bool, block: int
) -> None:
    names = ["Hòa A", "Hòa B", "C"]
    rows = sorted(rows) if aligned else rows
    homes = pd.DataFrame({**HOMES, "household_id": names})
    clean = pd.DataFrame({"household_id": [names[row] for row, _ in rows], "age": range(len(rows))}, dtype=object)
    spelt = clean.assign(household_id=[dirty(names[row], how) for row, how in rows])
    expected, found = classify(homes, clean), classify(homes, spelt, fold=True)
    assert (found.sizes[0].tolist(), found.codes.tolist()) == (expected.sizes[0].tolist(), expected.codes.tolist())
    people = pa.table(
        {name: pa.array(spelt[name], kind) for name, kind in (("household_id", "string"), ("age", "int64"))}
    )
    scan = mdp.scan(pa.Table.from_pandas(homes), people, aligned=aligned, block=block)
    tally = vn.tally(scan, given="all", fold=True)
    pd.testing.assert_frame_equal(tally.counts(), expected.tally().counts())
    told = any(each.code == "key_folded" for each in found.problems)
    assert told == (spelt["household_id"].tolist() != clean["household_id"].tolist())
    assert told == ("are read as one" in str(tally.meta.get("problems")))


@pytest.mark.parametrize("aligned", [True, False])
@pytest.mark.parametrize(
    ("second", "code"), [("A", "key_duplicate"), ("a", "key_spelt_twice"), (None, "key_missing"), ("B", "size_differs")]
)
def test_nobody_is_counted_where_it_is_not_sure_whose_members_are_whose(
    second: str | None, code: str, aligned: bool
) -> None:
    homes = {**HOMES, "household_id": ["A", second, "C"], "household_size": [3, 1, 1]}
    people = {"household_id": ["A", "A", "C"], "age": [3, 4, 5]}
    scan = mdp.scan(pa.table(homes), pa.table(people), aligned=aligned)
    for asked in (
        lambda: classify(homes, people, fold=True),
        lambda: vn.tally(scan, given="all", fold=True),
    ):
        with pytest.raises(BadValues) as error:
            asked()
        assert [each.code for each in error.value.problems] == [code]


# ----------------------------------------------------------------------------------------------------- several columns

BOTH = ["commune", "code"]
PLACED = {
    **{name: its for name, its in HOMES.items() if name != "household_id"},
    "commune": list("XXY"),
    "code": [1, 2, 1],
}
PEOPLE = {"commune": list("XXXY"), "code": [1, 1, 2, 1], "age": [5, 6, 4, 3]}


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("aligned", [True, False])
@pytest.mark.parametrize("block", [1, 2, 10])
def test_files_are_matched_by_several_columns(tmp_path: Path, suffix: str, aligned: bool, block: int) -> None:
    order = [0, 1, 2, 3] if aligned else [3, 1, 2, 0]
    tables = pd.DataFrame(PLACED), pd.DataFrame(PEOPLE).iloc[order]
    paths = [tmp_path / f"{name}.{suffix}" for name in ("homes", "people")]
    for table, path in zip(tables, paths, strict=True):
        table.to_csv(path, index=False) if suffix == "csv" else table.to_parquet(path, index=False)
    expected = classify(*tables, household_id=BOTH)
    assert expected.sizes[0].tolist() == [2, 1, 1]
    counted = vn.tally(mdp.scan(*paths, aligned=aligned, block=block), given="all", household_id=BOTH)
    pd.testing.assert_frame_equal(counted.counts(), expected.tally().counts())
    scan = mdp.scan(*paths, aligned=aligned, block=block)
    vn.classify(scan, given="all", household_id=BOTH, sink=tmp_path / "classes.parquet")
    classes = pd.read_parquet(tmp_path / "classes.parquet")
    assert classes["category"].tolist() == expected.category.tolist()
    assert classes[BOTH].astype(str).values.tolist() == [["X", "1"], ["X", "2"], ["Y", "1"]]


@pytest.mark.parametrize("block", [1, 10])
def test_what_is_wrong_with_keys_of_several_columns_in_a_scan_is_said(block: int) -> None:
    homes, people = pd.DataFrame(PLACED), pd.DataFrame(PEOPLE)

    def problem(homes: Any, people: Any) -> Any:
        with pytest.raises(BadValues) as error:
            vn.tally(mdp.scan(homes, people, aligned=False, block=block), given="all", household_id=BOTH)
        return error.value.problems[0]

    found = problem(homes.iloc[[0, 1, 2, 0]], people)
    assert (found.column, found.rows) == ("commune, code", 1)
    assert [list(map(str, key)) for key in found.first] == [["X", "1"]]
    assert problem(homes, people.assign(code=[1, 1, 2, 7])).code == "orphan"
    assert problem(homes, people.assign(code=list("1121"))).code == "orphan_types"
    with pytest.raises(SpecError, match="one column"):
        mdp.standards["vn-2022"].tally(
            mdp.scan(*(_dask(table) for table in (homes, people))), given="all", household_id=BOTH
        )


def _dask(table: pd.DataFrame) -> Any:
    return pytest.importorskip("dask.dataframe").from_pandas(table, npartitions=1)


def test_parts_of_a_key_are_never_run_together() -> None:
    homes = pd.DataFrame({**PLACED, "commune": ["a\x1f", "a", "a"], "code": ["b", "\x1fb", "b"]})
    people = pd.DataFrame({"commune": ["a", "a"], "code": ["\x1fb", "b"], "age": [3, 4]})
    expected = classify(homes, people, household_id=BOTH).sizes[0].tolist()
    assert expected == [0, 1, 1]
    tally = vn.tally(mdp.scan(homes, people, aligned=False, block=1), given="all", household_id=BOTH)
    assert tally.n == 3


def test_keys_in_a_scan_match_as_in_memory() -> None:
    homes = pd.DataFrame({**HOMES, "household_id": ["Hòa", "b", "c"]})
    people = pd.DataFrame({"household_id": ["c", "Ho\u0300a", "b"], "age": [1, 2, 3]})
    for aligned in (False, True):
        ours = people if not aligned else people.iloc[[1, 2, 0]]
        assert vn.tally(mdp.scan(homes, ours, aligned=aligned, block=1), given="all").n == 3
    numbers = pd.DataFrame({**HOMES, "household_id": [1, 2, 3]})
    floats = pd.DataFrame({"household_id": [1.0, 2.0, 3.0], "age": [1, 2, 3]})
    assert vn.tally(mdp.scan(numbers, floats), given="all").n == 3
    large = floats.assign(household_id=[1.0, 2.0**53, 3.0])
    for aligned in (False, True):
        with pytest.raises(BadValues) as error:
            vn.tally(mdp.scan(numbers, large, aligned=aligned), given="all")
        assert error.value.problems[0].code == "key_inexact"


def test_flows_and_forms_by_several_columns() -> None:
    before, after = classify(PLACED, PEOPLE, household_id=BOTH), classify(PLACED, PEOPLE, household_id=BOTH)
    found = mdp.flows(before, after)
    assert list(found.table.columns[:3]) == [*BOTH, "movement"]
    assert found.keys == [("X", 1), ("X", 2), ("Y", 1)]
    assert set(found.table["movement"]) <= {"stays_poor", "stays_near_poor", "stays_above"}
    listed = {**{name: PLACED[name] for name in BOTH}, "category": ["poor", "poor", "near_poor"]}
    other = {**{name: PLACED[name] for name in BOTH}, "category": ["near_poor", "poor", "poor"]}
    moved = mdp.flows(listed, other, on=BOTH, changes={"commune": ["X"], "code": [2], "change": ["split"]})
    assert moved.table["movement"].tolist() == ["poor_to_near_poor", "stays_poor", "near_poor_to_poor"]
    history = {"2020-01-01": {**listed, "category": ["poor", "poor", "above_average"]}}
    again = mdp.flows({**listed, "category": ["above_average"] * 3}, other, on=BOTH, history=history)
    assert again.table["movement"].tolist() == ["fell_back_to_near_poor", "fell_back", "newly_poor"]
    filled = mdp.reports.build(after, before=before, area_columns=["commune"], totals="assessed")
    assert len(filled.form(1)) == 3
    assert filled.findings == ()
    with pytest.raises(BadValues, match="text"):
        mdp.flows(listed, {**other, "code": list("121")}, on=BOTH)
    spelt = mdp.flows(listed, {**other, "commune": ["X ", "x", "Y"]}, on=BOTH, fold=True)
    assert spelt.table["movement"].tolist() == moved.table["movement"].tolist()
    assert len(spelt.findings) == 2
    with pytest.raises(UnknownKey):
        after.explain(("X", "1"))
    wrong: Any  # as of callers who check no types
    for wrong in ([], ["commune", "commune"], 3):
        with pytest.raises(SpecError, match="on="):
            mdp.flows(listed, other, on=wrong)


# ------------------------------------------------------------------------------------------------------- rows twice


@pytest.mark.parametrize("kind", KINDS)
def test_an_exact_copy_of_a_household_is_said_to_be_one(kind: Any) -> None:
    homes = pd.DataFrame(HOMES)
    rows = pd.concat([homes, homes.iloc[:1], homes.iloc[1:2].assign(income=5)])
    table = kind({name: rows[name].tolist() for name in rows})
    with pytest.raises(BadValues) as error:
        classify(table, None)
    found = {each.code: (each.rows, each.first) for each in error.value.problems}
    assert found == {"rows_twice": (1, ("A",)), "key_duplicate": (1, ("B",))}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("order", [[0, 1, 2, 3], [1, 3, 0, 2]])
def test_people_who_look_alike_are_counted_and_reported(kind: Any, order: list[int]) -> None:
    people = pd.DataFrame({"household_id": list("AABC"), "age": [1, 1, 3, 4]}).iloc[order]
    found = classify(kind(HOMES), kind({name: people[name].tolist() for name in people}))
    assert found.sizes[0].tolist() == [2, 1, 1]
    (problem,) = found.problems
    assert (problem.code, problem.rows, problem.places[0].key) == ("members_alike", 1, "A")


def test_who_is_as_many_as_stated_is_not_reported() -> None:
    people = {"household_id": list("AABC"), "age": [1, 1, 3, 4]}
    assert classify({**HOMES, "household_size": [2, 1, 1]}, people).problems == ()
    with pytest.raises(BadValues) as error:
        classify({**HOMES, "household_size": [1, 1, 1]}, people)
    assert error.value.problems[0].code == "size_differs"


@pytest.mark.parametrize("kind", KINDS)
def test_a_person_who_stands_twice_is_an_error(kind: Any) -> None:
    rows = {"household_id": list("A" * 9 + "C"), "age": [1, 1, *range(2, 10)], "person": [1, 1, *range(2, 9), 1]}
    rows["note"] = [None] * 10
    with pytest.raises(BadValues) as error:
        classify(kind(HOMES), kind(rows))
    (problem,) = error.value.problems
    assert (problem.code, problem.places[0].row, problem.places[0].member) == ("member_twice", 3, 2)
    assert "hai lần" in problem.text("vi")
    assert classify(kind(HOMES), kind({**rows, "person": [9, 1, *range(2, 9), 1]})).problems == ()


def test_a_column_that_tells_few_people_apart_may_do_so_by_chance() -> None:
    rows = {"household_id": list("AAAC"), "age": [1, 1, 3, 4], "note": ["x", "x", "y", "z"]}
    assert [each.code for each in classify(HOMES, rows).problems] == ["members_alike"]


def test_a_scan_reports_who_looks_alike_where_it_reads_all_columns() -> None:
    homes, people = pd.DataFrame(HOMES), pd.DataFrame({"household_id": list("AABC")})
    tally = vn.tally(mdp.scan(homes, people, block=1), given="all")
    assert "exact copy" in str(tally.meta["problems"])
    named = people.assign(person=range(4))  # which isn't read
    assert "problems" not in vn.tally(mdp.scan(homes, named, block=1), given="all").meta


@st.composite
def people_with_copies(draw: st.DrawFn) -> list[tuple[Any, ...]]:
    """People of two households with few answers, numbered apart or nearly so, and some of their rows again."""
    homes = ["A"] * draw(st.integers(1, 7)) + ["B"] * draw(st.integers(1, 6))
    numbers = draw(st.permutations(range(len(homes))))
    if draw(st.booleans()):
        numbers[0] = numbers[-1]
    answers = st.tuples(st.sampled_from([None, 3, 4]), st.sampled_from([None, "none"]), st.sampled_from([None, True]))
    rows = [(home, *draw(answers), number) for home, number in zip(homes, numbers, strict=True)]
    rows += draw(st.lists(st.sampled_from(rows), min_size=draw(st.integers(0, 3)), max_size=3))
    return draw(st.permutations(rows)) if draw(st.booleans()) else sorted(rows, key=lambda row: row[0])


@given(people_with_copies(), st.sampled_from(["", "", "", "A", "B", "AB"]).map(set))
def test_copies_are_those_that_python_finds(rows: list[tuple[Any, ...]], stated: set[str]) -> None:
    names = ["household_id", "age", "attending", "insured", "number"]
    people = pd.DataFrame(rows, columns=names).astype({"insured": "boolean", "age": "Int16"})
    counts = [sum(row[0] == home for row in rows) for home in "AB"]
    sizes = [n if home in stated and n else None for home, n in zip("AB", counts, strict=True)]
    homes = pd.DataFrame({name: its[:2] for name, its in HOMES.items()}).assign(household_size=pd.array(sizes, "Int64"))
    given = [name for name in vn.indicators if name not in ("child_schooling", "health_insurance")]
    asked = [row for row in rows if row[0] not in stated]
    copies = len(asked) - len(set(asked))
    kept = [row for at, row in enumerate(asked) if row not in asked[:at]]
    pairs = [(one, other) for at, one in enumerate(kept) for other in kept[:at] if one[0] == other[0]]
    mistaken = len(pairs) >= 20 and all(one[-1] != other[-1] for one, other in pairs)
    if copies and mistaken:
        with pytest.raises(BadValues) as error:
            vn.classify(homes, people, given=given)
        assert [(each.code, each.rows) for each in error.value.problems] == [("member_twice", copies)]
    else:
        found = [(each.code, each.rows) for each in vn.classify(homes, people, given=given).problems]
        assert found == ([("members_alike", copies)] if copies else [])


def test_people_of_a_large_household_are_compared_too() -> None:
    ages = [*range(100), 7, 7]
    people = {"household_id": ["A"] * len(ages) + ["B", "B"], "age": [*ages, 3, 3]}
    (problem,) = classify(HOMES, people).problems
    assert (problem.code, problem.rows) == ("members_alike", 3)
