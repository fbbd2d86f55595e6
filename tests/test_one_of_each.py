"""What exists once can't disagree with itself: names, numbers, classes, tables and problems are read in one way."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import mdpoverty as mdp
from mdpoverty import Category, Dimension, Field, Indicator, Standard, Threshold
from mdpoverty import scorers as s
from mdpoverty.errors import BadTable, BadValues, MdpovertyError, StandardError
from mdpoverty.examples import commune
from tests.toy import LAW, both
from tests.vn_answers import home, person

VN = mdp.standards["vn-2022"]
SIZE, AREA = "so_nhan_khau", "khu_vuc"
OWN = {"household_size": SIZE, "area": AREA}


def law(categories: list[tuple[str, s.Rule]], weights: tuple[Any, ...] = (1,), cutoff: Any = 1) -> Standard:
    """A standard of an amount ``x`` and a flag for each weight."""
    flags = [f"f{position}" for position in range(len(weights))]
    return Standard(
        id="small",
        title=both("small"),
        citation=LAW,
        in_force="2020-01-01",
        until=None,
        fields=[
            Field("x", "household", "number", both("x"), both("x?"), minimum=0),
            *(Field(name, "household", "flag", both(name), both(name)) for name in flags),
        ],
        thresholds=[Threshold("cutoff", both("cut-off"), cutoff, LAW)],
        dimensions=[Dimension("d", both("d"), LAW)],
        indicators=[
            Indicator(f"i_{name}", "d", both(name), s.Flag(s.column(name)), LAW, weight)
            for name, weight in zip(flags, weights, strict=True)
        ],
        categories=[Category(name, both(name), rule, LAW) for name, rule in categories],
    )


# ---- one rule for names ----------------------------------------------------------------------------------------------


def renamed() -> tuple[mdp.Assessment, mdp.Assessment]:
    """The same commune under the library's names, and under the caller's."""
    homes, people = commune(60, gaps=0)
    theirs = homes.rename(columns=OWN)
    return VN.classify(homes, people), VN.classify(theirs, people, columns=OWN)


@pytest.mark.parametrize("weight", ["household_size", SIZE])
def test_the_size_as_weight_counts_persons_once_under_either_name(weight: str) -> None:
    plain, own = renamed()
    expected, found = plain.measure(weight="household_size").table, own.measure(weight=weight).table
    assert set(found["population"]) == {sum(plain.answers("household_size"))}
    pd.testing.assert_frame_equal(found, expected)


@pytest.mark.parametrize("name", ["area", AREA])
def test_groups_and_answers_go_by_either_name(name: str) -> None:
    plain, own = renamed()
    assert own.answers(name) == plain.answers("area")
    for found, expected in (
        (own.counts(by=name), plain.counts(by="area")),
        (own.measure(by=[name]).table, plain.measure(by=["area"]).table),
    ):
        assert found[name].tolist() == expected["area"].tolist()
        pd.testing.assert_frame_equal(found.drop(columns=name), expected.drop(columns="area"))


@pytest.mark.parametrize("name", ["area", AREA])
@pytest.mark.parametrize("part", ["strata", "psu"])
def test_a_design_goes_by_either_name(part: str, name: str) -> None:
    plain, own = renamed()

    def design(called: str) -> mdp.SurveyDesign:
        # two areas as sampling units, or villages within two areas
        strata, psu = (called, "household_id") if part == "strata" else (None, called)
        return mdp.SurveyDesign(strata=strata, psu=psu)

    pd.testing.assert_frame_equal(own.measure(design=design(name)).table, plain.measure(design=design("area")).table)


ASKED: dict[str, Callable[[mdp.Assessment], object]] = {
    "by": lambda a: a.counts(by="area"),
    "measure by": lambda a: a.measure(by=["area"]),
    "strata": lambda a: a.measure(design=mdp.SurveyDesign(strata="area", psu="household_id")),
    "psu": lambda a: a.measure(design=mdp.SurveyDesign(psu="area")),
    "answers": lambda a: a.answers("area"),
}


@pytest.mark.parametrize("asked", ASKED)
def test_two_different_columns_for_one_name_are_an_error(asked: str) -> None:
    homes, people = commune(60, gaps=0)
    theirs = homes.rename(columns={"area": AREA}).assign(area="rural")
    with pytest.raises(BadTable, match=rf"area.*{AREA}|{AREA}.*area"):
        ASKED[asked](VN.classify(theirs, people, columns={"area": AREA}))


def test_two_different_columns_of_sizes_are_an_error() -> None:
    homes, people = commune(60, gaps=0)
    theirs = homes.rename(columns={"household_size": SIZE}).assign(household_size=1)
    with pytest.raises(BadTable, match=rf"household_size.*{SIZE}|{SIZE}.*household_size"):
        VN.classify(theirs, people, columns={"household_size": SIZE}).measure(weight="household_size")


# ---- one reader of exact numbers -------------------------------------------------------------------------------------

FLOATS = [
    ((1 / 6, 1 / 6, 2 / 3), "1/3"),
    ((1 / 3, 1 / 3, 1 / 3), 2 / 3),
    ((0.1, 0.2, 0.7), 0.3),
    ((1 / 7, 2 / 7, 4 / 7), 3 / 7),
]


@pytest.mark.parametrize(("weights", "cutoff"), FLOATS)
def test_a_float_weight_means_the_same_in_a_class_and_in_a_measure(weights: tuple[float, ...], cutoff: Any) -> None:
    enough = s.deprivations() >= s.threshold("cutoff")
    standard = law([("poor", enough), ("not_poor", ~enough)], weights, cutoff)
    answers = {"household_id": [1, 2], "f0": [True, True], "f1": [True, False], "f2": [False, False], "x": [0, 0]}
    assert standard.classify(answers).category.tolist() == ["poor", "not_poor"]
    assert standard.assess({"f0": True, "f1": True, "f2": False}).category == "poor"
    measure = mdp.AlkireFoster(weights={f"f{i}": weight for i, weight in enumerate(weights)}, k=cutoff)
    table = measure.measure(pl.DataFrame({name: [int(v) for v in answers[name]] for name in ("f0", "f1", "f2")})).table
    assert table.loc[table["measure"] == "H", "estimate"].tolist() == [0.5]


@pytest.mark.parametrize("kind", [float, np.float64, np.float32])
def test_a_float_of_any_width_is_the_fraction_that_it_stands_for(kind: Any) -> None:
    for weights in ("1/6", "1/3", "1/2"), ("1/7", "2/7", "4/7"), ("0.26", "0.29", "0.45"):
        exact = mdp.AlkireFoster(weights=dict(zip("abc", weights, strict=True)), k="1/3")
        given = {name: kind(float(Fraction(weight))) for name, weight in zip("abc", weights, strict=True)}
        assert mdp.AlkireFoster(weights=given, k=kind(1 / 3)) == exact


@pytest.mark.parametrize("number", [1 / 3, 1 / 6, 2 / 7, 0.1, 7.6])
def test_thresholds_points_and_comparisons_read_floats_alike(number: float) -> None:
    exact = Fraction(number).limit_denominator(100)
    x = s.column("x")
    assert (x <= number) == (x <= exact)
    assert number * x == exact * x
    assert s.points((s.column("f"), number)) == s.points((s.column("f"), exact))
    assert s.threshold({"a": number}, by=x) == s.threshold({"a": exact}, by=x)
    assert Threshold("k", both("k"), number, LAW) == Threshold("k", both("k"), exact, LAW)
    assert Indicator("i", "d", both("i"), x > 0, LAW, number) == Indicator("i", "d", both("i"), x > 0, LAW, exact)
    assert (
        mdp.AlkireFoster(weights={"a": 1}, k=number / 10).to_dict()
        == mdp.AlkireFoster(weights={"a": 1}, k=exact / 10).to_dict()
    )


# ---- one rule for classes --------------------------------------------------------------------------------------------

X = s.column("x")
FIRST = s.Flag(s.column("f0")) & (X <= 10)
OVERLAP = law([("low", X <= 10), ("middle", X <= 20), ("high", X > 20)])
LATER = law([("first", FIRST), ("second", X <= 20), ("third", X <= 30), ("last", X > 30)])
CASES: list[tuple[Standard, float | None, bool | None, str]] = [
    (OVERLAP, 5, True, "low"),
    (OVERLAP, 10, True, "low"),
    (OVERLAP, 15, True, "middle"),
    (OVERLAP, 25, True, "high"),
    (OVERLAP, None, True, "low|middle|high"),
    (LATER, 5, True, "first"),
    (LATER, 5, False, "second"),
    (LATER, 5, None, "first|second"),  # the second holds for sure: later ones are out, the earlier may still be first
    (LATER, 15, None, "second"),
    (LATER, 25, None, "third"),
    (LATER, 31, None, "last"),
    (LATER, None, False, "second|third|last"),
]
ids = [f"{next(iter(each[0].categories))}-{each[1]}-{each[2]}" for each in CASES]


def table(x: float | None, flag: bool | None) -> pl.DataFrame:
    schema = {"household_id": pl.Int64, "x": pl.Float64, "f0": pl.Boolean}
    return pl.DataFrame({"household_id": [1], "x": [x], "f0": [flag]}, schema=schema)


def by_sql(standard: Standard, homes: pl.DataFrame) -> tuple[Any, ...]:
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect() as database:
        database.register("households", homes)
        found: tuple[Any, ...] = database.sql(standard.to_sql(members=None)).pl().select("category", "possible").row(0)
        return found


@pytest.mark.parametrize(("standard", "x", "flag", "possible"), CASES, ids=ids)
def test_the_class_is_the_first_that_holds(standard: Standard, x: Any, flag: Any, possible: str) -> None:
    category = None if "|" in possible else possible
    verdict = standard.assess({"x": x, "f0": flag})
    assert (verdict.category, "|".join(verdict.possible)) == (category, possible)
    many = standard.classify(table(x, flag))
    assert many.to_frame().select("category", "possible").row(0) == (category, possible)
    assert many.category.tolist() == [category]
    assert by_sql(standard, table(x, flag)) == (category, possible)


INCOMPLETE = law([("low", X <= 10), ("middle", X <= 20)])


def test_a_household_in_no_class_is_an_error_of_the_standard() -> None:
    for run in (
        lambda: INCOMPLETE.assess({"x": 21, "f0": True}),
        lambda: INCOMPLETE.classify({"household_id": [1, 2, 3], "x": [21, 5, 22], "f0": [True] * 3}),
    ):
        with pytest.raises(StandardError, match=r"small.*no class"):
            run()
    with pytest.raises(StandardError, match="2 households"):
        INCOMPLETE.classify({"household_id": [1, 2, 3], "x": [21, 5, 22], "f0": [True] * 3})


def test_sql_stops_at_a_household_in_no_class() -> None:
    duckdb = pytest.importorskip("duckdb")
    with pytest.raises(duckdb.Error, match="no class"):
        by_sql(INCOMPLETE, table(21, True))


# ---- one reader of tables --------------------------------------------------------------------------------------------

HALF = mdp.AlkireFoster(weights={"f0": "1/2", "f1": "1/2"}, k="1/2")
PAIR = law([("yes", s.deprivations() >= 1), ("no", ~(s.deprivations() >= 1))], (1, 1))


def doors() -> dict[str, Callable[[Any], Any]]:
    """Every way for a table of households into the library."""
    return {
        "classify": PAIR.classify,
        "score": PAIR.indicators["i_f0"].score,
        "tally": lambda frame: mdp.Tally.from_frame(frame, indicators=["f0", "f1"]),
        "measure": HALF.measure,
        "flows": lambda frame: mdp.flows(frame, frame, on="household_id"),
    }


def message(door: str, frame: Any) -> str:
    with pytest.raises(BadTable) as caught:
        doors()[door](frame)
    said = str(caught.value)  # each door calls the table what it is to its caller
    for own in ("households", "review before", "review after"):
        said = said.replace(own, "table")
    return said.replace("'category'", "'f0'")


WRONG = {
    "a doubled column": pd.DataFrame(
        [[1, "poor", "poor", 1, 1, 0, 0, 1]],
        columns=["household_id", "category", "category", "f0", "f0", "f1", "f1", "x"],
    ),
    "columns of different length": {"household_id": [1, 2], "f0": [1], "f1": [1, 0], "x": [1, 1]},
    "a number": 5,
    "text": "households.csv",
    "nothing": None,
    "a list": [1, 2],
    "a series": pd.Series([1, 2]),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("door", ["score", "tally", "measure", "flows"])
def test_what_is_not_a_table_is_refused_in_the_same_words_at_every_door(door: str, wrong: str) -> None:
    assert message(door, WRONG[wrong]) == message("classify", WRONG[wrong])


GAPS = {"pd.NA": pd.NA, "None": None, "nan": float("nan"), "NaT": pd.NaT}


@pytest.mark.parametrize("gap", GAPS)
def test_a_gap_in_an_object_column_is_missing_at_every_door(gap: str) -> None:
    column = pd.Series([True, GAPS[gap], False], dtype=object)
    frame = pd.DataFrame({"household_id": [1, 2, 3], "f0": column, "f1": [True, True, False], "x": [1, 1, 1]})
    plain = frame.assign(f0=pd.array([True, None, False], dtype="boolean"))
    assert PAIR.indicators["i_f0"].score(frame).tolist() == [2, 1, 0]
    assert mdp.Tally.from_frame(frame, indicators=["f0", "f1"]) == mdp.Tally.from_frame(plain, indicators=["f0", "f1"])
    found, expected = (HALF.measure(each, missing="drop").table for each in (frame, plain))
    pd.testing.assert_frame_equal(found, expected)
    named = pd.Series(["A", GAPS[gap], "A"], dtype=object)
    assessment = PAIR.classify(frame.assign(place=named))
    counts = assessment.counts(by="place")
    assert counts.groupby("place", dropna=False)["households"].sum().tolist() == [2, 1]
    assert assessment.measure(by="place", missing="drop").table["place"].isna().any()


@pytest.mark.parametrize("yes", [Decimal(1), Decimal("1.0"), 1, 1.0])
def test_flags_as_numbers_are_read_alike_at_every_door(yes: Any) -> None:
    column = pd.Series([yes, yes - yes], dtype=object)
    frame = pd.DataFrame({"household_id": [1, 2], "f0": column, "f1": column, "x": [1, 1]})
    assert PAIR.classify(frame).indicator("i_f0").tolist() == [2, 0]
    expected = mdp.Tally.from_frame({"f0": [True, False], "f1": [True, False]}, indicators=["f0", "f1"])
    assert mdp.Tally.from_frame(frame, indicators=["f0", "f1"]) == expected
    assert HALF.measure(frame).table.query("measure == 'H'")["estimate"].tolist() == [0.5]


# ---- one name for a table --------------------------------------------------------------------------------------------


def problems(run: Callable[[], object]) -> BadValues:
    with pytest.raises(BadValues) as caught:
        run()
    return caught.value


@pytest.mark.parametrize(
    ("household", "member"),
    [
        ({"income": -5}, {}),
        ({"household_size": 9}, {}),
        ({}, {"age": -1}),
        ({"household_id": "VD-1", "income": -5}, {"age": -1}),
    ],
    ids=["value", "size", "member", "both"],
)
def test_problems_of_one_household_name_their_table_as_those_of_many_do(household: Any, member: Any) -> None:
    error = problems(lambda: VN.assess(household, members=[member]))
    assert {each.table for each in error.problems} <= {"households", "members"}
    members = {each.column: each.table for each in error.problems}
    assert {name: "members" if name in member else "households" for name in members} == members


def test_no_message_lists_rows_that_it_does_not_name() -> None:
    for run in (
        lambda: VN.assess({"income": -5}),
        lambda: VN.assess({"income": -5}, members=[{"age": -1}, {"age": 900}]),
        lambda: VN.classify({"household_id": ["", ""], **{name: [None, None] for name in VN.fields}}, given="all"),
    ):
        with pytest.raises(MdpovertyError) as caught:
            run()
        assert "row: ," not in str(caught.value)
        assert ": , " not in str(caught.value)


def test_a_contradiction_names_the_table_of_households() -> None:
    error = problems(lambda: VN.assess(home(income=1_000_000, total_income=9_000_000), members=[person()]))
    assert [each.table for each in error.problems] == ["households"]
