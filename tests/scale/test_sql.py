"""The rules as SQL, run by DuckDB: the answers of the library, gaps and all, and no answer from what can't be one."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdpoverty as mdp
from mdpoverty import examples
from mdpoverty.errors import SpecError, StandardError
from mdpoverty.standard import Standard
from tests import strategies, vn_answers
from tests.strategies import Review
from tests.tables import KINDS
from tests.toy import TOY

duckdb = pytest.importorskip("duckdb", reason="the rules as SQL are run by DuckDB: pip install duckdb")

VN = mdp.standards["vn-2022"]


def query(standard: Standard, households: pl.DataFrame, members: pl.DataFrame | None, **options: Any) -> pl.DataFrame:
    with duckdb.connect() as database:
        database.register("households", households)
        if members is not None:
            database.register("members", members)
        else:
            options["members"] = None
        return database.sql(standard.to_sql(**options)).pl()


def compare(standard: Standard, households: pl.DataFrame, members: pl.DataFrame | None, **options: Any) -> None:
    """Run both and compare every column, row by row."""
    try:
        expected = standard.classify(households, members, **options).to_frame().sort("household_id")
    except StandardError:  # somebody is in no class at all, and SQL must stop at that too
        with pytest.raises(duckdb.Error, match="no class"):
            query(standard, households, members, **options)
        return
    found = query(standard, households, members, **options).sort("household_id")
    assert found.columns == expected.columns
    texts = {"category", "possible"}
    for name in expected.columns:
        column = expected[name].cast(pl.String) if name in texts else expected[name]
        assert found[name].to_list() == column.to_list(), name


@given(strategies.standards(incomplete=True), strategies.reviews())
def test_sql_says_what_arrays_say_of_random_rules(standard: Standard, review: Review) -> None:
    compare(standard, KINDS["polars"](review.household_columns()), KINDS["polars"](review.member_columns()))


@given(strategies.standards(incomplete=True), strategies.reviews())
def test_without_members_what_depends_on_them_is_not_known(standard: Standard, review: Review) -> None:
    households, nobody = KINDS["polars"](review.household_columns()), KINDS["polars"](review.member_columns([]))
    compare(standard, households, nobody)


def vn_tables(review: list[tuple[dict[str, Any], list[dict[str, Any]]]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    homes = [{"household_id": f"VD-{i}", **household} for i, (household, _) in enumerate(review)]
    people = [{"household_id": f"VD-{i}", **member} for i, (_, its) in enumerate(review) for member in its]
    answers = {"household_id": "", **vn_answers.person()}
    return pl.DataFrame(homes, infer_schema_length=None, strict=False), pl.DataFrame(
        people, schema={name: pl.DataFrame({"x": [value]}).schema["x"] for name, value in answers.items()}
    )


@given(st.lists(vn_answers.with_gaps(), min_size=1, max_size=6), st.sampled_from([None, "2024-11-15", "2026-01-01"]))
def test_sql_says_what_arrays_say_of_vietnams_standard(review: Any, date: str | None) -> None:
    households, members = vn_tables(review)
    columns = {name: dtype for name, dtype in households.schema.items() if dtype != pl.Null}
    assert set(columns) | {"household_id"}
    compare(VN, households, members, date=date)


@pytest.mark.parametrize("date", ["2024-11-15", None])
def test_a_whole_commune(date: str | None) -> None:
    compare(VN, *examples.commune(3000, gaps=0.05, kind="polars"), date=date)


def test_indicators_that_are_answers_already_need_no_members() -> None:
    households = pl.DataFrame(
        {
            "household_id": [1, 2, 3],
            "area": ["rural", "urban", None],
            "total_income": [6_000_000, 8_000_001, 6_000_000],
            "household_size": [4, 4, 4],
            **{name: [True, False, None] for name in VN.indicators},
        }
    )
    compare(VN, households, None, given="all")


def test_amounts_that_depend_on_the_day_and_sizes_as_stated() -> None:
    households = pl.DataFrame(
        {
            "household_id": [1, 2, 3],
            "coast": ["east", None, "west"],
            "shells": [100.0, 100.0, None],
            "household_size": [2, None, 3],
            "huts": [0.5, 1.0, 1.5],
            **{name: [True, False, None] for name in ("boat", "net", "hook")},
        }
    )
    members = pl.DataFrame(
        {
            "household_id": [1, 1, 2],
            "age": [42, 42, 45],
            "trade": ["sailor", "none", None],
            "swims": [None, True, False],
        }
    )
    for date in (None, "2029-12-31", "2030-01-01"):
        compare(TOY, households, members, date=date)


HOMES = pl.DataFrame(
    {
        "household_id": [1, 2],
        "coast": ["east", "west"],
        "shells": [1.0, 2.0],
        "huts": [1.0, 2.0],
        **{name: [1, 0] for name in ("boat", "net", "hook")},
    }
)
PEOPLE = pl.DataFrame({"household_id": [1, 2], "age": [30, 4], "trade": ["none", "potter"], "swims": [True, False]})


def test_sound_tables_are_no_problem() -> None:
    compare(TOY, HOMES, PEOPLE)


@pytest.mark.parametrize(
    ("households", "members", "message"),
    [
        (HOMES.with_columns(coast=pl.lit("north")), PEOPLE, "coast: expected one of east, west"),
        (HOMES.with_columns(shells=pl.lit(-1.0)), PEOPLE, "shells: expected an amount of at least 0"),
        (HOMES.with_columns(shells=pl.lit(1.0, pl.Float32)), PEOPLE, "shells: expected"),
        (HOMES.with_columns(boat=pl.lit(2)), PEOPLE, "boat: expected true or false"),
        (HOMES.with_columns(huts=pl.lit(float("inf"))), PEOPLE, "huts: expected"),
        (HOMES, PEOPLE.with_columns(age=pl.lit(4.5)), "age: expected a whole number from 0 to 130"),
        (HOMES.with_columns(household_size=pl.lit(2)), PEOPLE, "differs from the number of member rows"),
        (HOMES.with_columns(household_id=pl.lit(1)), PEOPLE.head(1), "duplicate"),
        (HOMES, PEOPLE.with_columns(household_id=pl.lit(9)), "a member of no listed household"),
        (HOMES.drop("huts"), PEOPLE, "huts"),
    ],
)
def test_no_answer_comes_from_what_is_none(households: pl.DataFrame, members: pl.DataFrame, message: str) -> None:
    with pytest.raises(duckdb.Error, match=message):
        query(TOY, households, members)


def test_two_ways_of_giving_income_must_agree() -> None:
    households = pl.DataFrame(
        {
            "household_id": [1],
            "area": ["rural"],
            "income": [1_500_000],
            "total_income": [6_000_001],
            "household_size": [4],
            **{name: [True] for name in VN.indicators},
        }
    )
    with pytest.raises(duckdb.Error, match="contradict"):
        query(VN, households, None, given="all")


def test_names_that_are_no_plain_words_are_quoted() -> None:
    homes, people = (frame.rename({"household_id": "Mã hộ"}) for frame in (HOMES, PEOPLE))
    with duckdb.connect() as database:
        database.register("select", homes)
        database.register('thành "viên"', people)
        text = TOY.to_sql(households="select", members='thành "viên"', household_id="Mã hộ")
        found = database.sql(text).pl().sort("Mã hộ")
    expected = TOY.classify(HOMES, PEOPLE).category.tolist()
    assert found["category"].to_list() == expected


def test_every_citation_stands_beside_its_rule() -> None:
    text = " ".join(VN.to_sql().replace("--", "").split())
    for part in (*VN.indicators.values(), *VN.categories.values()):
        assert " ".join(part.citation.words.split()) in text
    assert VN.digest in text


def test_other_dialects_and_lacking_tables_are_refused() -> None:
    with pytest.raises(SpecError, match="duckdb"):
        VN.to_sql("oracle")  # type: ignore[arg-type]  # on purpose
    with pytest.raises(SpecError, match="members"):
        VN.to_sql(members=None)
