"""The rules as SQL, run by DuckDB and by a PostgreSQL server: the answers of the library, gaps and all, and no answer
from what can't be one.
"""

from __future__ import annotations

import math
import unicodedata
from typing import Any

import polars as pl
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

import mdpoverty as mdp
from mdpoverty import examples
from mdpoverty.engine.sql_text import quoted
from mdpoverty.errors import BadValues, SpecError, StandardError
from mdpoverty.scorers import any_member, column, first_known
from mdpoverty.standard import Field, Indicator, Label, Standard
from tests import strategies, vn_answers
from tests.profiles import costly, in_turn, scaled
from tests.scale.databases import Database, PostgreSQL
from tests.strategies import Review
from tests.tables import KINDS
from tests.toy import LAW, TOY, both, codes

VN = mdp.standards["vn-2022"]


def query(
    database: Database, standard: Standard, households: pl.DataFrame, members: pl.DataFrame | None, **options: Any
) -> pl.DataFrame:
    database.load(standard, "households", households)
    if members is not None:
        database.load(standard, "members", members)
    else:
        options["members"] = None
    return database.table(standard.to_sql(database.id, **options))


def compare(
    database: Database, standard: Standard, households: pl.DataFrame, members: pl.DataFrame | None, **options: Any
) -> None:
    """Run both and compare every column, row by row."""
    try:
        expected = standard.classify(households, members, **options).to_frame().sort("household_id")
    except StandardError:  # somebody is in no class at all, and SQL must stop at that too
        with pytest.raises(database.Error, match="no class"):
            query(database, standard, households, members, **options)
        return
    same(query(database, standard, households, members, **options), expected)


def same(found: pl.DataFrame, expected: pl.DataFrame) -> None:
    found = found.sort("household_id")
    assert found.columns == expected.columns
    texts = {"category", "possible"}
    for name in expected.columns:
        its = expected[name].cast(pl.String) if name in texts else expected[name]
        assert found[name].to_list() == its.to_list(), name


@costly()
@given(standard=strategies.standards(incomplete=True), review=strategies.reviews())
def test_sql_says_what_arrays_say_of_random_rules(database: Database, standard: Standard, review: Review) -> None:
    households, members = KINDS["polars"](review.household_columns()), KINDS["polars"](review.member_columns())
    compare(database, standard, households, members)


@costly()
@given(standard=strategies.standards(incomplete=True), review=strategies.reviews())
def test_without_members_what_depends_on_them_is_not_known(
    database: Database, standard: Standard, review: Review
) -> None:
    households, nobody = KINDS["polars"](review.household_columns()), KINDS["polars"](review.member_columns([]))
    compare(database, standard, households, nobody)


def vn_tables(review: list[tuple[dict[str, Any], list[dict[str, Any]]]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    homes = [{"household_id": f"VD-{i}", **household} for i, (household, _) in enumerate(review)]
    people = [{"household_id": f"VD-{i}", **member} for i, (_, its) in enumerate(review) for member in its]
    answers = {"household_id": "", **vn_answers.person()}
    return pl.DataFrame(homes, infer_schema_length=None, strict=False), pl.DataFrame(
        people, schema={name: pl.DataFrame({"x": [value]}).schema["x"] for name, value in answers.items()}
    )


@costly()
@given(
    review=st.lists(vn_answers.with_gaps(), min_size=1, max_size=6),
    date=st.sampled_from([None, "2024-11-15", "2026-01-01"]),
)
def test_sql_says_what_arrays_say_of_vietnams_standard(database: Database, review: Any, date: str | None) -> None:
    households, members = vn_tables(review)
    columns = {name: dtype for name, dtype in households.schema.items() if dtype != pl.Null}
    assert set(columns) | {"household_id"}
    compare(database, VN, households, members, date=date)


@pytest.mark.parametrize("date", ["2024-11-15", None])
def test_a_whole_commune(database: Database, date: str | None) -> None:
    compare(database, VN, *examples.commune(3000, gaps=0.05, kind="polars"), date=date)


def test_indicators_that_are_answers_already_need_no_members(database: Database) -> None:
    households = pl.DataFrame(
        {
            "household_id": [1, 2, 3],
            "area": ["rural", "urban", None],
            "total_income": [6_000_000, 8_000_001, 6_000_000],
            "household_size": [4, 4, 4],
            **{name: [True, False, None] for name in VN.indicators},
        }
    )
    compare(database, VN, households, None, given="all")


def test_amounts_that_depend_on_the_day_and_sizes_as_stated(database: Database) -> None:
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
        compare(database, TOY, households, members, date=date)


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


def test_sound_tables_are_no_problem(database: Database) -> None:
    compare(database, TOY, HOMES, PEOPLE)


@pytest.mark.parametrize(
    ("households", "members", "message"),
    [
        (HOMES.with_columns(coast=pl.lit("north")), PEOPLE, "coast: expected one of east, west"),
        (HOMES.with_columns(shells=pl.lit(-1.0)), PEOPLE, "shells: expected an amount of at least 0"),
        (HOMES.with_columns(shells=pl.lit(1.0, pl.Float32)), PEOPLE, "shells: expected"),
        (HOMES.with_columns(boat=pl.lit(2)), PEOPLE, "boat: expected true or false"),
        (HOMES.with_columns(huts=pl.lit(float("inf"))), PEOPLE, "huts: expected"),
        (HOMES.with_columns(huts=pl.lit("1")), PEOPLE, "[Cc]annot compare|operator does not exist"),
        (HOMES.with_columns(huts=pl.lit(True)), PEOPLE, "[Cc]annot compare|operator does not exist|No function"),
        (HOMES, PEOPLE.with_columns(age=pl.lit(4.5)), "age: expected a whole number from 0 to 130"),
        (HOMES.with_columns(household_size=pl.lit(2)), PEOPLE, "differs from the number of member rows"),
        (HOMES.with_columns(household_id=pl.lit(1)), PEOPLE.head(1), "duplicate"),
        (HOMES, PEOPLE.with_columns(household_id=pl.lit(9)), "a member of no listed household"),
        (HOMES.drop("huts"), PEOPLE, "huts"),
    ],
)
def test_no_answer_comes_from_what_is_none(
    database: Database, households: pl.DataFrame, members: pl.DataFrame, message: str
) -> None:
    with pytest.raises(database.Error, match=message):
        query(database, TOY, households, members)


FORMS = [unicodedata.normalize("NFC", "Hộ Đặng"), unicodedata.normalize("NFD", "Hộ Đặng"), "Hô\u0323 Đă\u0323ng"]


def with_keys(table: pl.DataFrame, *keys: Any) -> pl.DataFrame:
    return table.with_columns(household_id=pl.Series(keys))


@pytest.mark.parametrize("form", FORMS)
def test_keys_in_another_unicode_form_are_the_same(database: Database, form: str) -> None:
    for own in FORMS:
        households, members = with_keys(HOMES, own, "x"), with_keys(PEOPLE, form, "x")
        compare(database, TOY, households, members)
        two = pl.concat([PEOPLE[:1], PEOPLE[:1], PEOPLE[1:]])
        compare(database, TOY, households, with_keys(two, own, form, "x"))
        with pytest.raises(BadValues, match="duplicate key"):
            TOY.classify(with_keys(HOMES, own, form), PEOPLE)
        with pytest.raises(database.Error, match="duplicate"):
            query(database, TOY, with_keys(HOMES, own, form), with_keys(PEOPLE, own, own))


WHOLE = [pl.Int16, pl.Int32, pl.Int64, pl.Float32, pl.Float64]


@pytest.mark.parametrize("kinds", in_turn(WHOLE, [*WHOLE[1:], WHOLE[0]]))
def test_whole_numbers_of_every_type_are_the_same_key(database: Database, kinds: Any) -> None:
    keys = [-3, 1200] if pl.Float32 in kinds or pl.Int16 in kinds else [-3, 123_000_000]
    households, members = (
        table.with_columns(household_id=pl.Series(keys, dtype=kind))
        for table, kind in zip((HOMES, PEOPLE), kinds, strict=True)
    )
    compare(database, TOY, households, members)


@pytest.mark.parametrize(
    ("ours", "theirs", "message"),
    [
        (["7", "8"], [7, 8], "a member of no listed household"),
        ([7, 8], ["7", "8"], "a member of no listed household"),
        (["A", "B"], ["A ", "B"], "a member of no listed household"),
        (["A", "B"], ["a", "B"], "a member of no listed household"),
        (["1", "2"], ["1.0", "2"], "a member of no listed household"),
        (["A", " "], ["A", "A"], "missing"),
        (["A", "B"], ["A", " "], "a member of no listed household"),
        ([1.0, math.nan], [1.0, 1.0], "missing"),
    ],
)
def test_keys_that_tables_do_not_match_are_not_matched(
    database: Database, ours: list[Any], theirs: list[Any], message: str
) -> None:
    households, members = with_keys(HOMES, *ours), with_keys(PEOPLE, *theirs)
    with pytest.raises(BadValues):
        TOY.classify(households, members)
    with pytest.raises(database.Error, match=message):
        query(database, TOY, households, members)


MONEY = pl.DataFrame(
    {
        "household_id": [1],
        "area": ["rural"],
        "income": [1_500_000],
        "total_income": [6_000_001],
        "household_size": [4],
        **{name: [True] for name in VN.indicators},
    }
)


def test_two_ways_of_giving_income_must_agree(database: Database) -> None:
    with pytest.raises(database.Error, match="contradict"):
        query(database, VN, MONEY, None, given="all")


def test_two_ways_of_asking_a_member_must_agree(database: Database) -> None:
    rule = any_member(first_known(column("age") >= 50, ~column("swims")))
    law = evolve(TOY, indicators=[*TOY.indicators.values(), Indicator("old", "land", both("old"), rule, LAW, 0)])
    compare(database, law, HOMES, PEOPLE.with_columns(age=pl.Series([None, 60]), swims=pl.Series([False, None])))
    with pytest.raises(database.Error, match="contradict"):
        query(database, law, HOMES, PEOPLE.with_columns(age=pl.Series([20, 60]), swims=pl.Series([None, True])))


def test_money_in_24_bits_is_refused_where_its_column_might_be_missing_too(database: Database) -> None:
    single = MONEY.drop("total_income").with_columns(pl.col("income").cast(pl.Float32))
    with pytest.raises(database.Error, match="income: expected"):
        query(database, VN, single, None, given="all")


def test_flags_are_booleans_or_numbers_and_missing_as_nan(database: Database) -> None:
    flags = [*VN.indicators]
    table = pl.DataFrame({"household_id": [1, 2, 3], "area": ["rural"] * 3, "income": [1, 2, 3]})
    values = {
        name: [[True, False, None], [1, 0, None], [1.0, 0.0, float("nan")]][i % 3] for i, name in enumerate(flags)
    }
    compare(
        database,
        VN,
        table.with_columns(**{n: pl.Series(v, strict=False) for n, v in values.items()}),
        None,
        given="all",
    )


# ------------------------------------------------------------------------------------------------------------ names


def test_names_that_are_no_plain_words_are_quoted(database: Database) -> None:
    homes, people = (frame.rename({"household_id": "Mã hộ"}) for frame in (HOMES, PEOPLE))
    database.load(TOY, "select", homes)
    database.load(TOY, 'thành "viên"', people)
    text = TOY.to_sql(database.id, households="select", members='thành "viên"', household_id="Mã hộ")
    expected = TOY.classify(HOMES, PEOPLE).category.tolist()
    assert database.table(text).sort("Mã hộ")["category"].to_list() == expected


@pytest.mark.parametrize("name", ["homes", "answered", "counted", "persons", "asked", "lifted", "scored", "scored_1"])
def test_tables_may_be_called_what_parts_of_the_statement_are_called(database: Database, name: str) -> None:
    expected = TOY.classify(HOMES, PEOPLE).to_frame()
    for first, second in ((name, "members"), ("households", name), (name, f"{name}_")):
        database.load(TOY, first, HOMES)
        database.load(TOY, second, PEOPLE)
        same(database.table(TOY.to_sql(database.id, households=first, members=second)), expected)


def test_a_dot_parts_the_schema_from_the_name_and_in_a_list_none_does(database: Database) -> None:
    expected = TOY.classify(HOMES, PEOPLE).to_frame()
    database.execute("CREATE SCHEMA IF NOT EXISTS review")
    database.load(TOY, ["review", "of.2024"], HOMES)
    database.load(TOY, ["review", "people"], PEOPLE)
    text = TOY.to_sql(database.id, households=["review", "of.2024"], members="review.people")
    same(database.table(text), expected)


NASTY = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=15
) | st.sampled_from(
    [
        "x; DROP TABLE canary; --",
        'x"; DROP TABLE canary; --',
        "x'); DROP TABLE canary; --",
        "\\'; --",
        "$$",
        "a\nb",
        '"',
        "*/",
    ]
)


@given(name=NASTY, other=NASTY, key=NASTY)
def test_no_name_is_ever_read_as_sql(database: Database, name: str, other: str, key: str) -> None:
    lower = {name.lower(), other.lower()}
    if (
        len(lower) < 2
        or key.lower() in (each.lower() for each in (*HOMES.columns, *PEOPLE.columns))
        or "arrived" in lower
    ):
        return
    homes, people = HOMES.rename({"household_id": key}), PEOPLE.rename({"household_id": key})
    database.execute("CREATE TABLE IF NOT EXISTS canary (x integer)")
    try:
        database.load(TOY, [name], homes)
        database.load(TOY, [other], people)
        text = TOY.to_sql(database.id, households=[name], members=[other], household_id=key)
        assert database.table(text)["category"].to_list() != []
    finally:
        for table in (name, other):
            database.execute(f"DROP TABLE IF EXISTS {quoted(table)} CASCADE")
    assert database.table("SELECT count(*) AS n FROM canary")["n"].to_list() == [0]


def test_words_of_a_law_are_never_read_as_sql(database: Database) -> None:
    words = "'; DROP TABLE canary; --\n DROP TABLE canary; /* \\'; DROP TABLE canary; -- $$ \u2028 DROP TABLE canary;"
    nasty = evolve(LAW, words=words)
    law = evolve(
        TOY,
        id="x'; DROP TABLE canary; --",
        title=Label(words, words),
        citation=nasty,
        fields=[
            *TOY.fields.values(),
            Field("say", "household", "code", both("?"), both("?"), codes=codes("a\n  b", "\\'", "c")),
        ],
        indicators=[
            *(evolve(each, citation=nasty, label=Label(words, words)) for each in TOY.indicators.values()),
            Indicator("said", "sea", both("?"), column("say").is_in(["a\n  b", "\\'"]), nasty, 0),
        ],
    )
    database.execute("CREATE TABLE IF NOT EXISTS canary (x integer)")
    homes = pl.concat([HOMES, HOMES.with_columns(household_id=pl.col("household_id") + 2)]).with_columns(
        say=pl.Series(["a\n  b", "\\'", "c", None])
    )
    compare(database, law, homes, PEOPLE)
    database.execute(law.to_sql(database.id, kind="view", name="classes"))
    assert database.table("SELECT count(*) AS n FROM canary")["n"].to_list() == [0]


@pytest.mark.parametrize("name", ["", "a\0b", [], ["review", ""], 7, "review..households"])
def test_what_cannot_be_a_name_is_refused(name: Any) -> None:
    for options in ({"households": name}, {"members": name}):
        with pytest.raises(SpecError, match="name"):
            TOY.to_sql(**options)


def test_names_that_postgresql_would_cut_off_are_refused() -> None:
    name = "đ" * 32
    with pytest.raises(SpecError, match="63"):
        TOY.to_sql("postgresql", households=name)
    assert name in TOY.to_sql("duckdb", households=name)


def test_names_of_columns_stay_short_and_apart_where_ids_are_long(database: Database) -> None:
    first, second = ("x" * 50 + end for end in ("_one", "_two"))
    law = evolve(
        TOY,
        indicators=[
            *TOY.indicators.values(),
            *(Indicator(i, "sea", both(i), ~column("boat"), LAW, 0) for i in (first, second)),
        ],
    )
    compare(database, law, HOMES, PEOPLE)


def test_every_keyword_is_quoted(database: Database) -> None:
    words = {
        "duckdb": "SELECT keyword_name AS w FROM duckdb_keywords() WHERE keyword_category <> 'unreserved'",
        "postgresql": "SELECT word AS w FROM pg_get_keywords() WHERE catcode <> 'U'",
    }[database.id]
    assert [word for word in database.table(words)["w"] if not quoted(word).startswith('"')] == []


# ------------------------------------------------------------------------------------------------ views, functions


def test_a_view_gives_the_same_and_keeps_its_citations(database: Database) -> None:
    database.execute("CREATE SCHEMA IF NOT EXISTS review")
    homes, people = examples.commune(300, gaps=0.05, kind="polars")
    database.load(VN, ["review", "households"], homes)
    database.load(VN, ["review", "members"], people)
    options = {"households": "review.households", "members": "review.members", "date": "2024-11-15"}
    for _ in range(2):  # it replaces itself
        database.execute(VN.to_sql(database.id, kind="view", name="review.classes", **options))
    expected = VN.classify(homes, people, date="2024-11-15").to_frame().sort("household_id")
    same(database.table("SELECT * FROM review.classes"), expected)
    comments = {
        "duckdb": "SELECT comment AS c FROM duckdb_columns() WHERE table_name = 'classes' AND comment IS NOT NULL",
        "postgresql": "SELECT description AS c FROM pg_description WHERE objoid = 'review.classes'::regclass",
    }[database.id]
    kept = " ".join(database.table(comments)["c"])
    assert all(each.citation.words in kept for each in (*VN.indicators.values(), *VN.categories.values()))


def test_a_function_classifies_one_household(postgres: PostgreSQL) -> None:
    homes, people = examples.commune(50, gaps=0.1, kind="polars")
    postgres.load(VN, "households", homes)
    postgres.load(VN, "members", people)
    postgres.execute(VN.to_sql("postgresql", kind="function", name="class_of", date="2024-11-15"))
    expected = VN.classify(homes, people, date="2024-11-15").to_frame().sort("household_id")
    found = postgres.table("SELECT c.* FROM households AS h, LATERAL class_of(h.household_id) AS c")
    same(found, expected)
    assert postgres.table("SELECT * FROM class_of('nobody')").height == 0
    postgres.execute("UPDATE households SET toilet = 'gold' WHERE household_id = 'VD-000007'")
    with pytest.raises(postgres.Error, match="toilet: expected"):
        postgres.table("SELECT * FROM class_of('VD-000007')")
    assert postgres.table("SELECT * FROM class_of('VD-000008')").height == 1, "another's answers are another's"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "view"}, "needs a name"),
        ({"name": "classes"}, "has no name"),
        ({"kind": "function", "name": "class_of"}, "PostgreSQL only"),
        ({"kind": "veiw", "name": "classes"}, "did you mean 'view'"),
        ({"dialect": "postgres"}, "did you mean 'postgresql'"),
        ({"dialect": "oracle"}, "duckdb"),
        ({"members": None}, "members"),
    ],
)
def test_what_cannot_be_written_is_refused(options: Any, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        VN.to_sql(**options)


def test_every_citation_stands_beside_its_rule() -> None:
    for dialect in ("duckdb", "postgresql"):
        text = " ".join(VN.to_sql(dialect).replace("--", "").split())
        for part in (*VN.indicators.values(), *VN.categories.values()):
            assert " ".join(part.citation.words.split()) in text
        assert VN.digest in text


# ------------------------------------------------------------------------------------------------------ PostgreSQL


def test_a_district_of_households_with_gaps(postgres: PostgreSQL) -> None:
    households, members = examples.commune(scaled(100_000), gaps=0.05, kind="polars")
    postgres.load(VN, "households", households)
    postgres.load(VN, "members", members.sample(fraction=1, shuffle=True, seed=1))
    expected = VN.classify(households, members, date="2024-11-15").to_frame().sort("household_id")
    assert expected["category"].null_count() > len(expected) // 100
    same(postgres.table(VN.to_sql("postgresql", date="2024-11-15")), expected)


def test_a_setting_of_the_server_opens_no_gap(postgres: PostgreSQL) -> None:
    """With the strings of old a backslash begins an escape in any text, and would hide the quote that ends it."""
    law = evolve(
        TOY,
        fields=[*TOY.fields.values(), Field("say", "household", "code", both("?"), both("?"), codes=codes("\\", "c"))],
        indicators=[*TOY.indicators.values(), Indicator("said", "sea", both("?"), column("say").equals("\\"), LAW, 0)],
    )
    postgres.execute("SET standard_conforming_strings = off; SET escape_string_warning = off")
    try:
        compare(postgres, law, HOMES.with_columns(say=pl.Series(["\\", "c"])), PEOPLE)
    finally:
        postgres.execute("RESET standard_conforming_strings; RESET escape_string_warning")
