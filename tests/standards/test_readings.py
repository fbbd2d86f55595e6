"""Disputed points of the law, read in the other way: what changes, for whom, and that every result says so."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import pytest

import mdpoverty as mdp
from mdpoverty import examples
from mdpoverty.errors import StandardError, UnknownKey, UnknownStandard
from mdpoverty.law.readings import Ambiguity, Interpretation
from mdpoverty.testing import check_standard
from mdpoverty.verification import verify
from tests.profiles import scaled

VN = mdp.standards["vn-2022"]
OTHERS = [
    {"insurance": "children"},
    {"school_age": "calendar_year"},
    {"insurance": "children", "school_age": "calendar_year"},
]


def state(standard: mdp.Standard, indicator: str, people: list[dict[str, Any]], day: str | None = None) -> int:
    return standard.assess({"area": "rural", "income": 1}, people, date=day, provisional=True).indicators[indicator]


# ----------------------------------------------------------------------------------------------------- insurance


@pytest.mark.parametrize(
    ("age", "any_person", "children"),
    [(5, 0, 0), (6, 2, 2), (15, 2, 2), (16, 2, 0), (40, 2, 0), (80, 2, 0), (None, 1, 1)],
)
@pytest.mark.parametrize("id", ["vn-2022", "vn-2027"])
def test_insurance_of_any_person_or_of_children(id: str, age: int | None, any_person: int, children: int) -> None:
    standard = mdp.standards[id]
    people = [{"age": age, "insured": False}]
    assert state(standard, "health_insurance", people) == any_person
    assert state(standard.read_as(insurance="children"), "health_insurance", people) == children


# ----------------------------------------------------------------------------------------------------- school age


def _age(birth: date, day: date) -> int:
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


@pytest.mark.parametrize(
    ("birth", "day", "attending", "completed_years", "calendar_year"),
    [
        # turned 6 in March, and in May lawfully still in preschool: flagged by completed years only
        ("2018-03-10", "2024-05-15", "preschool", 2, 0),
        ("2018-03-10", "2024-08-31", "preschool", 2, 0),
        ("2018-03-10", "2024-09-01", "preschool", 2, 2),
        ("2018-03-10", "2024-05-15", "none", 2, 2),
        ("2018-03-10", "2024-09-01", "primary", 0, 0),
        # turns 6 in November, and belongs into the first grade from September
        ("2018-11-20", "2024-08-31", "preschool", 0, 0),
        ("2018-11-20", "2024-09-15", "preschool", 0, 2),
        ("2018-11-20", "2024-11-20", "preschool", 2, 2),
        # turned 12 in March: until September, the level is that of the year in which it turned 11
        ("2012-03-10", "2024-05-15", "primary", 2, 0),
        ("2012-03-10", "2024-09-01", "primary", 2, 2),
        ("2012-11-20", "2024-10-15", "primary", 0, 2),
        ("2012-11-20", "2024-10-15", "lower_secondary", 0, 0),
        # who is asked at all goes by completed years in both
        ("2021-10-01", "2024-09-15", "none", 0, 0),  # 2
        ("2021-09-15", "2024-09-15", "none", 2, 2),  # 3
        ("2008-10-01", "2024-09-15", "none", 2, 2),  # 15
        ("2008-09-15", "2024-09-15", "none", 0, 0),  # 16
    ],
)
def test_the_level_by_completed_years_or_by_the_year(
    birth: str, day: str, attending: str, completed_years: int, calendar_year: int
) -> None:
    born = date.fromisoformat(birth)
    people = [{"age": _age(born, date.fromisoformat(day)), "birth_year": born.year, "attending": attending}]
    other = VN.read_as(school_age="calendar_year")
    assert state(VN, "child_schooling", people, day) == completed_years
    assert state(other, "child_schooling", people, day) == calendar_year


def test_it_is_the_year_of_the_running_school_year_that_counts() -> None:
    """Against the definition, for every birthday and review in some years; and the guard that spares the question."""
    other = VN.read_as(school_age="calendar_year")
    days = [date(year, month, 15) for year in (2023, 2024) for month in range(1, 13)]
    births = [date(year, month, 3) for year in range(2007, 2023) for month in (1, 5, 8, 9, 12)]
    levels = ("none", "preschool", "primary", "lower_secondary", "upper_secondary")
    for day in days:
        school_year = day.year if day.month >= 9 else day.year - 1
        homes, people, expected = [], [], []
        for n, (born, attending) in enumerate(itertools.product(births, levels)):
            age, by_year = _age(born, day), school_year - born.year
            asked = "lower_secondary" if by_year >= 12 else "primary" if by_year >= 6 else "preschool"
            homes.append(n)
            people.append((n, age, born.year, attending))
            expected.append(2 * (3 <= age < 16 and levels.index(attending) < levels.index(asked)))
        table = dict(zip(("household_id", "age", "birth_year", "attending"), zip(*people, strict=True), strict=True))
        members = {name: list(values) for name, values in table.items()}
        score = other.indicators["child_schooling"].score
        assert score({"household_id": homes}, members, date=day.isoformat()).tolist() == expected
        spared = [
            None if abs(age - 6) > 1 and abs(age - 12) > 1 else born
            for age, born in zip(members["age"], members["birth_year"], strict=True)
        ]
        unasked = score({"household_id": homes}, {**members, "birth_year": spared}, date=day.isoformat())
        assert unasked.tolist() == expected


def test_without_the_year_of_birth_or_the_day_it_is_open() -> None:
    other = VN.read_as(school_age="calendar_year")
    people = [{"age": 6, "attending": "preschool"}]
    assert state(other, "child_schooling", people, "2024-05-15") == 1
    assert state(other, "child_schooling", [{**people[0], "birth_year": 2018}]) == 1
    assert state(other, "child_schooling", [{"age": 8, "attending": "preschool"}]) == 2
    assert state(other, "child_schooling", [{"age": 4, "attending": "preschool"}]) == 0


# ------------------------------------------------------------------------------------------------- who is touched


def test_a_province_runs_both_and_sees_which_households_differ() -> None:
    lacking = {name: [True, True] for name in ("employment", "toilet")}
    given = {name: [False, False] for name in VN.indicators if name not in (*lacking, "health_insurance")}
    homes = {"household_id": ["adult", "child"], "area": ["rural"] * 2, "income": [1_000_000] * 2, **lacking, **given}
    members = {"household_id": ["adult", "child"], "age": [40, 9], "insured": [False, False]}
    change = mdp.compare(VN, VN.read_as(insurance="children"), homes, members, given=[*lacking, *given])
    assert change.changed[["household", "before", "after", "why"]].values.tolist() == [
        ["adult", "poor", "near_poor", "health_insurance"]
    ]


def test_a_province_with_its_own_lines_can_read_them_otherwise_too() -> None:
    lines = {"income": {"rural": 1_800_000, "urban": 2_300_000}}
    mine = VN.evolve(id="vn-xx-2024", citation=mdp.Citation("made up"), thresholds=lines)
    other = mine.read_as(insurance="children")
    assert other.id == "vn-xx-2024+insurance=children"
    assert other.thresholds["income"].amounts == lines["income"]
    assert other.indicators["health_insurance"] != mine.indicators["health_insurance"]


def test_what_a_province_settles_itself_is_no_longer_ambiguous() -> None:
    cited = mdp.Citation("made up")
    settled = VN.evolve(id="x", citation=cited, indicators={"health_insurance": ~mdp.column("phone")})
    assert list(settled.readings) == ["school_age"]
    assert list(VN.evolve(id="x", citation=cited, indicators={"child_schooling": None}).readings) == ["insurance"]
    assert list(VN.evolve(id="x", citation=cited, thresholds={"cutoff": 4}).readings) == ["insurance", "school_age"]


# ------------------------------------------------------------------------------------------- names, receipts, files


@pytest.mark.parametrize("chosen", OTHERS, ids=str)
@pytest.mark.parametrize("id", ["vn-2022", "vn-2027"])
def test_the_other_reading_is_a_sound_standard_that_says_what_it_is(id: str, chosen: dict[str, str]) -> None:
    standard = mdp.standards[id]
    other = standard.read_as(**chosen)
    assert other.id == id + "".join(f"+{name}={reading}" for name, reading in chosen.items())
    assert other.revision == standard.revision
    assert other.digest != standard.digest
    assert {name: point.used for name, point in other.readings.items()} == {
        "insurance": "any_person",
        "school_age": "completed_years",
        **chosen,
    }
    assert mdp.standards[other.id] == other
    assert other.id in mdp.standards
    assert other.id not in list(mdp.standards)
    assert mdp.Standard.from_json(other.to_json()) == other
    check_standard(other, better={"income": "more", "total_income": "more"}, examples=scaled(50))


def test_the_default_stays() -> None:
    assert VN.read_as() == VN
    assert VN.read_as(insurance="any_person", school_age="completed_years") == VN
    assert mdp.standards.on("2024-11-15") == VN
    assert VN.read_as(insurance="children").read_as(insurance="children") == VN.read_as(insurance="children")


def test_one_after_the_other_is_both_at_once() -> None:
    both = VN.read_as(insurance="children", school_age="calendar_year")
    assert VN.read_as(insurance="children").read_as(school_age="calendar_year") == both
    assert VN.read_as(school_age="calendar_year").read_as(insurance="children") == both


def test_a_receipt_says_how_the_law_was_read_and_verifies() -> None:
    other = VN.read_as(insurance="children")
    answers, people = {"area": "rural", "income": 1}, [{"age": 40, "insured": False}]
    receipt = other.assess(answers, people).receipt.to_dict()
    assert receipt["standard"] == "vn-2022+insurance=children"
    assert verify(receipt, answers, people)
    table = {"household_id": [1], **{name: [answer] for name, answer in answers.items()}}
    members = {"household_id": [1], "age": [40], "insured": [False]}
    given = [name for name in VN.indicators if name != "health_insurance"]
    table |= {name: [False] for name in given}
    assert verify(other.classify(table, members, given=given).receipt.to_dict(), table, members)


@pytest.mark.parametrize(
    "id",
    ["vn-2022+insurance=nobody", "vn-2022+pension=yes", "vn-2016+insurance=children", "vn-1999+insurance=children"],
)
def test_a_reading_that_there_is_not(id: str) -> None:
    assert id not in mdp.standards
    with pytest.raises(UnknownStandard, match=r"no standard is called|can't be read as"):
        mdp.standards[id]


def test_an_earlier_revision_had_no_readings() -> None:
    with pytest.raises(UnknownStandard, match="'vn-2022', revision 1, can't be read as insurance=children"):
        mdp.standards.revision("vn-2022+insurance=children", 1)
    assert mdp.standards.revision("vn-2022+insurance=children", 2).revision == 2
    with pytest.raises(UnknownStandard, match=r"no revision 99; there are \[1, 2\]"):
        mdp.standards.revision("vn-2022+insurance=children", 99)


def test_mistakes_are_named() -> None:
    with pytest.raises(UnknownKey, match=r"'pension'.*insurance, school_age"):
        VN.read_as(pension="yes")
    with pytest.raises(UnknownKey, match=r"'nobody'.*any_person, children"):
        VN.read_as(insurance="nobody")
    with pytest.raises(StandardError, match="start from the standard that reads it as 'any_person'"):
        VN.read_as(insurance="children").read_as(insurance="any_person")
    label = mdp.Label("a", "a")
    with pytest.raises(StandardError, match="exactly one"):
        Ambiguity("x", label, "a", [Interpretation("a", label), Interpretation("b", label)])
    with pytest.raises(UnknownKey, match="'c'"):
        Ambiguity("x", label, "c", [Interpretation("a", label)])


def test_a_file_may_be_based_on_another_reading() -> None:
    text = """{
        "format": 1, "based_on": "vn-2022+insurance=children", "id": "vn-xx-2025", "until": "2026-12-31",
        "citation": {"instrument": "made up", "confirmed": false}
    }"""
    ours = mdp.Standard.from_json(text)
    assert ours.readings["insurance"].used == "children"
    assert ours.indicators == VN.read_as(insurance="children").indicators


def test_a_score_sheet_has_the_readings_of_its_indicators() -> None:
    sheet = mdp.ScoreSheet.from_frame({"item": ["alone"], "condition": ["household_size == 1"], "points": [180]})
    ours = sheet.standard(id="vn-example", citation=mdp.Citation("A made-up sheet"))
    people = [{"age": 40, "insured": False}]
    read = [ours, ours.read_as(insurance="children")]
    assert [each.assess({}, people).indicators["health_insurance"] for each in read] == [2, 0]


@pytest.mark.parametrize("chosen", [{}, *OTHERS], ids=str)
def test_every_engine_reads_it_alike(chosen: dict[str, str]) -> None:
    duckdb = pytest.importorskip("duckdb")
    law, day = VN.read_as(**chosen), "2024-05-15"
    homes, people = examples.commune(600)
    people["birth_year"] = 2024 - people["age"] - people.index % 2
    people.loc[::7, "birth_year"] = None
    assessment = law.classify(homes, people, date=day)
    rosters: dict[str, list[dict[str, Any]]] = {}
    for person in people.to_dict("records"):
        rosters.setdefault(person.pop("household_id"), []).append(person)
    one = [
        law.assess(row, rosters.get(row["household_id"]), date=day, unknown_keys="ignore")  # places too
        for row in homes.to_dict("records")
    ]
    assert assessment.category.tolist() == [each.category for each in one]
    with duckdb.connect() as connection:
        connection.register("households", homes)
        connection.register("members", people)
        rows = connection.sql(law.to_sql(date=day)).fetchall()
        columns = connection.sql(law.to_sql(date=day)).columns
    by_sql = {row[columns.index("household_id")]: row[columns.index("category")] for row in rows}
    assert [by_sql[key] for key in homes["household_id"]] == [each.category for each in one]
