"""Bad input: every problem at once, in words that help, with nobody's data, and never a lost row."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdpoverty as mdp
from mdpoverty.errors import BadTable, BadValues, MdpovertyError, MissingColumns, Problem, UnknownKey
from tests.toy import TOY
from tests.vn_answers import child, home, person

vn = mdp.standards["vn-2022"]
DATE = "2024-11-15"


def tables(n: int = 4) -> tuple[pd.DataFrame, pd.DataFrame]:
    households = pd.DataFrame([{"household_id": f"VD-{i}", **home()} for i in range(n)])
    members = pd.DataFrame(
        [{"household_id": f"VD-{i}", **each} for i in range(n) for each in (person(), person(sex="male"), child(9))]
    )
    return households, members


def problems(households: Any, members: Any = None, **options: Any) -> dict[str, Problem]:
    """Return what is wrong, by column."""
    with pytest.raises(MdpovertyError) as caught:
        vn.classify(households, members, date=DATE, **options)
    assert isinstance(caught.value, BadValues | MissingColumns)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.problems) == (str(caught.value), caught.value.problems)
    for problem in caught.value.problems:
        assert problem.column in str(caught.value)
    return {problem.column: problem for problem in caught.value.problems}


def test_sound_tables_are_no_problem() -> None:
    assessment = vn.classify(*tables(), date=DATE)
    assert assessment.problems == ()
    assert assessment.category.tolist() == ["near_poor"] * 4


def test_everything_wrong_is_said_at_once() -> None:
    households, members = tables()
    households["toilet"] = ["septic", "bucket", "septic", "latrine"]
    households["floor_area"] = [30.0, -1.0, 40.0, np.inf]
    households["income"] = [-5, 1, 2, 3]
    members["age"] = [400, 30, 9] + [40, 30, 9] * 3
    members["insured"] = ["Có", True, False] + [True] * 9
    found = problems(households.drop(columns=["water_source"]), members)
    assert set(found) == {"toilet", "floor_area", "income", "age", "insured", "water_source"}
    assert found["water_source"].needed_by == ("water_source",)
    assert (found["toilet"].rows, found["toilet"].first) == (2, ("VD-1", "VD-3"))
    assert "got a text of 6 characters, a text of 7 characters" in found["toilet"].what
    assert "septic" in found["toilet"].what
    assert (found["floor_area"].rows, found["floor_area"].first) == (2, ("VD-1", "VD-3"))
    assert found["income"].first == ("VD-0",)
    assert "adult_education" in found["age"].needed_by
    assert found["age"].first == ("VD-0",)
    assert found["insured"].table == "members"


def test_a_double_key_hides_no_other_problem() -> None:
    households, members = tables()
    households["household_id"] = ["VD-0", "VD-1", "VD-1", "VD-3"]
    members["age"] = [400] + [30] * (len(members) - 1)
    found = problems(households, members)
    assert set(found) == {"household_id", "age"}
    assert "a member of no listed household (3 rows: VD-2 (row 8, member 1), VD-2 (row 9, member 2)" in str(
        found["household_id"]
    )


def test_missing_columns_name_those_who_need_them() -> None:
    households, members = tables()
    found = problems(households.drop(columns=["floor_area", "area"]), members.drop(columns=["age", "insured"]))
    assert found["floor_area"].needed_by == ("housing_area",)
    assert set(found["area"].needed_by) == {"poor", "near_poor", "average_living", "above_average"}
    assert "employment" in found["age"].needed_by
    assert isinstance(found["age"], Problem)
    with pytest.raises(KeyError):
        vn.classify(households.drop(columns=["area"]), members, date=DATE)


OF_TOY = {
    "households": {
        **{"coast": ("poor", "short", "fine"), "shells": ("poor", "short", "fine"), "huts": ("crowded",)},
        **dict.fromkeys(("boat", "net", "hook"), ("no_gear",)),
    },
    "members": {"age": ("cannot_swim", "idle"), "swims": ("cannot_swim",), "trade": ("idle",)},
}
TOY_HOMES: dict[str, list[Any]] = {
    **{"household_id": ["A"], "coast": ["east"], "shells": [1], "huts": [1]},
    **{name: [True] for name in ("boat", "net", "hook")},
}
TOY_PEOPLE: dict[str, list[Any]] = {"household_id": ["A"], "age": [3], "swims": [True], "trade": ["none"]}


@given(
    st.sets(st.sampled_from([*TOY_HOMES, "household_size"])),
    st.sets(st.sampled_from(sorted(TOY_PEOPLE))),
    st.booleans(),
    st.booleans(),
)
def test_columns_that_are_missing_are_all_named_with_who_needs_them(
    gone: set[str], lost: set[str], with_members: bool, renamed: bool
) -> None:
    own = {"huts": "lều", "age": "tuổi"} if renamed else {}
    homes, people = (
        {own.get(name, name): values for name, values in table.items() if name not in absent}
        for table, absent in (({**TOY_HOMES, "household_size": [1]}, gone), (TOY_PEOPLE, lost))
    )
    members = people if with_members else None
    named = {"households": gone, "members": lost if with_members else {*TOY_PEOPLE}}
    expected = {
        ("missing_column" if table == "households" or with_members else "missing_members", table, name, needing)
        for table, columns in OF_TOY.items()
        for name, needing in columns.items()
        if name in named[table]
    }
    if not with_members and "household_size" in gone:
        expected.add(("missing_column", "households", "household_size", ("crowded", "idle")))
    if with_members and "household_id" in gone:
        expected.add(("missing_household_key", "households", "household_id", ()))
    elif with_members and "household_id" in lost:
        expected.add(("missing_member_key", "members", "household_id", ()))
    if not expected:
        assert TOY.classify(homes, members, columns=own).problems == ()
        return
    with pytest.raises(MissingColumns) as caught:
        TOY.classify(homes, members, columns=own)
    told = [(each.code, each.table, each.field, each.needed_by) for each in caught.value.problems]
    assert sorted(told) == sorted(expected)
    for each in caught.value.problems:  # a table that isn't there has no names of its own
        assert each.column == (own.get(each.field, each.field) if each.code == "missing_column" else each.field)
    assert ("Pass the members' table as the second argument" in str(caught.value)) == (not with_members)


@pytest.mark.parametrize("option", ["columns", "codes"])
@pytest.mark.parametrize(("name", "says"), [("shels", "did you mean 'shells'"), ("zzz", "the rules read$")])
def test_an_option_that_names_nothing_is_refused(option: str, name: str, says: str) -> None:
    meant = "coins" if option == "columns" else {1: 2}
    with pytest.raises(BadTable, match=f"{option}= speaks of '{name}', which is no column that .*{says}"):
        TOY.classify(TOY_HOMES, TOY_PEOPLE, **{option: {name: meant}})
    if name == "zzz":  # their own name for a column of theirs
        for homes, people in ((1, 0), (0, 1)):
            tables = (
                {**TOY_HOMES, **({"coins": [1]} if homes else {})},
                {**TOY_PEOPLE, **({"coins": [1]} if people else {})},
            )
            assert TOY.classify(*tables, columns={"zzz": "coins"}).problems == ()


def test_an_answer_that_no_rule_reads_is_still_looked_for_in_its_own_table() -> None:
    given = {"given": ["cannot_swim"], "columns": {"swims": "S"}}
    homes = {**TOY_HOMES, "cannot_swim": [True]}
    assert TOY.classify(homes, {**TOY_PEOPLE, "S": [True]}, **given).problems == ()
    with pytest.raises(MissingColumns) as caught:
        TOY.classify({**homes, "S": [True]}, TOY_PEOPLE, **given)
    assert [(each.table, each.column, each.needed_by) for each in caught.value.problems] == [("members", "S", ())]


def test_one_household_is_named_in_what_is_wrong_with_it() -> None:
    record = {"household_id": "VD-7", **home()}
    for answers, code in (
        ({"household_size": 7}, "size_stated"),
        ({"income": 1_000_000, "total_income": 90_000_000}, "contradiction"),
    ):
        with pytest.raises(BadValues) as caught:
            _ = vn.assess({**record, **answers}, [person()], date=DATE)
        assert [(each.code, each.first) for each in caught.value.problems] == [(code, ("VD-7",))]
        with pytest.raises(BadValues) as caught:
            _ = vn.assess({**home(), **answers}, [person()], date=DATE)
        assert [(each.code, each.first) for each in caught.value.problems] == [(code, ())]


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table, dict])
def test_people_none_of_whom_has_a_key_are_nobodys(kind: Any) -> None:
    with pytest.raises(BadValues) as caught:
        TOY.classify(kind(TOY_HOMES), kind({**TOY_PEOPLE, "household_id": [None]}))
    assert [(each.code, each.rows) for each in caught.value.problems] == [("orphan", 1)]


def test_the_ways_to_go_on_are_those_that_help() -> None:
    ways = {
        "fold": "To read keys as one that differ only in spelling, pass fold=True.",
        "invalid": 'To go on with such values counted as not answered, pass invalid="missing".',
        "orphans": 'To go on without members of no listed household, pass orphans="report"; they are listed.',
    }
    for key, huts, named in (
        *(("a", 1, ("fold", "orphans")), ("B", 1, ("orphans",)), ("A", -1, ("invalid",))),
        *(("a", -1, ("fold", "invalid", "orphans")), (1, -1, ("invalid",))),
    ):
        with pytest.raises(BadValues) as caught:
            TOY.classify({**TOY_HOMES, "huts": [huts]}, {**TOY_PEOPLE, "household_id": [key]})
        assert str(caught.value).endswith("\n" + " ".join(ways[name] for name in named))


def test_income_may_come_either_way_but_must_come() -> None:
    households, members = tables()
    total = households.assign(total_income=4_500_000).drop(columns=["income"])
    assert vn.classify(total, members, date=DATE).category.tolist() == ["near_poor"] * 4
    assert "income" in problems(households.drop(columns=["income"]), members)


def test_members_are_needed_only_by_who_asks_them() -> None:
    households, _ = tables()
    found = problems(households)
    assert "there is no members table" in found["age"].what
    given = {name: [False] for name in vn.indicators}
    only = vn.classify({"area": ["urban"], "income": [2_000_000], **given}, given="all")
    assert only.category.tolist() == ["near_poor"]
    with pytest.raises(MissingColumns, match="employment"):
        vn.classify({"area": ["urban"], "income": [2_000_000]}, given=["employment"])
    with pytest.raises(UnknownKey, match="employments"):
        vn.classify({"area": ["urban"], "income": [2_000_000]}, given=["employments"])


def test_some_indicators_given_and_the_rest_from_answers() -> None:
    households, members = tables()
    households["nutrition"] = [True, False, None, False]
    members = members.drop(columns=["stunted", "underweight"])
    assessment = vn.classify(households, members, given=["nutrition"], date=DATE)
    assert assessment.indicator("nutrition").tolist() == [2, 0, 1, 0]
    assert vn.classify(households, members, given="nutrition", date=DATE).given == ("nutrition",)


def test_members_of_nobody_are_an_error_or_a_report() -> None:
    households, members = tables()
    lost = pd.concat([members, pd.DataFrame([{"household_id": "VD-99", **person()}])])
    found = problems(households, lost)
    assert found["household_id"].first == ("VD-99",)
    with pytest.raises(BadValues, match='orphans="report"'):
        vn.classify(households, lost, date=DATE)
    assessment = vn.classify(households, lost, date=DATE, orphans="report")
    assert assessment.category.tolist() == ["near_poor"] * 4
    assert [(p.column, p.rows) for p in assessment.problems] == [("household_id", 1)]


def test_keys_of_two_types_are_told_apart() -> None:
    households, members = tables()
    households["household_id"] = range(4)
    found = problems(households, members)
    assert "number (0)" in found["household_id"].what
    assert found["household_id"].rows == len(members)


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table, dict])
@pytest.mark.parametrize("keys", [[1, 2, 2, 3], [3, 1, 2, 1], ["a", "b", "b", "c"]])
def test_a_key_that_stands_twice_is_an_error(kind: Any, keys: list[Any]) -> None:
    columns = {"household_id": keys, "area": ["rural"] * 4, "income": [1] * 4}
    table = kind({**columns, **{name: [False] * 4 for name in vn.indicators}})
    assert problems(table, given="all")["household_id"].rows == 1


@pytest.mark.parametrize("keys", [[1, None, 3], ["a", None, None]])
def test_a_household_needs_a_key(keys: list[Any]) -> None:
    columns = {"household_id": keys, "area": ["rural"] * 3, "income": [1] * 3}
    found = problems({**columns, **{name: [False] * 3 for name in vn.indicators}}, given="all")
    assert found["household_id"].first[0] == "row 3"


def test_a_size_that_disagrees_with_the_roster() -> None:
    households, members = tables()
    households["household_size"] = [3, 4, 3, 3]
    assert problems(households, members)["household_size"].first == ("VD-1",)
    going_on = vn.classify(households, members, date=DATE, invalid="missing")
    assert going_on.category.tolist()[0] == "near_poor"
    assert going_on.problems[0].column == "household_size"
    with pytest.raises(BadValues, match="stated size is 4"):
        vn.assess({**home(), "household_size": 4}, [person()] * 3)


def test_a_stated_size_serves_where_there_are_no_members() -> None:
    households, members = tables(2)
    households["household_size"] = [None, 12]
    households["floor_area"] = 40
    members = members[members["household_id"] == "VD-0"]
    assert vn.classify(households, members, date=DATE).indicator("housing_area").tolist() == [0, 2]


@pytest.mark.parametrize(
    ("column", "value"),
    [("income", -1), ("income", 10**13), ("floor_area", -0.5), ("household_size", 0), ("household_size", 2.5)],
)
def test_impossible_numbers_are_refused_everywhere(column: str, value: Any) -> None:
    with pytest.raises(BadValues, match=column):
        vn.assess({**home(), column: value})
    households = pd.DataFrame([{**home(), column: value, "household_id": 1}])
    nobody = pd.DataFrame([{"household_id": 1, **person()}]).iloc[:0]
    assert column in problems(households, nobody)


@pytest.mark.parametrize("age", [-1, 131, 400, 7.5])
def test_ages_are_completed_years(age: float) -> None:
    with pytest.raises(BadValues, match="age"):
        vn.assess(home(), [person(age=age)])
    households, members = tables(1)
    members["age"] = [float(age), 30.0, 9.0]
    assert problems(households, members)["age"].first == ("VD-0",)


def test_float32_money_is_refused() -> None:
    households, members = tables()
    households["income"] = households["income"].astype("float32")
    assert "float32" in problems(households, members)["income"].what
    households["floor_area"] = households["floor_area"].astype("float32")
    households["income"] = households["income"].astype("float64")
    assert vn.classify(households, members, date=DATE).category.tolist() == ["near_poor"] * 4


def test_a_plain_number_in_text_is_that_number() -> None:
    households, members = tables()
    expected = vn.classify(households, members, date=DATE).category.tolist()
    for texts in (households["income"].astype(str), households["income"].astype("str").astype(object)):
        found = vn.classify(households.assign(income=texts), members, date=DATE).category.tolist()
        assert found == expected
    assert vn.assess({**home(), "income": "1500000"}).margins == vn.assess({**home(), "income": 1500000}).margins


@pytest.mark.parametrize("text", ["1.500.000", "1500000 đ", "khoảng 2 triệu", ""])
def test_text_that_is_no_plain_number_is_refused(text: str) -> None:
    households, members = tables()
    households["income"] = [text, 1, 2, None]
    assert problems(households, members)["income"].rows == 1
    households["income"] = pd.Series([text] * 4, dtype="str")
    assert problems(households, members)["income"].rows == 4
    with pytest.raises(BadValues, match="income"):
        vn.assess({**home(), "income": text})


@pytest.mark.parametrize("flag", ["yes", 2, -1, 0.5, "1"])
def test_what_is_no_flag_is_refused(flag: Any) -> None:
    households, members = tables()
    households["television"] = pd.Series([flag, True, False, None], dtype=object)
    assert problems(households, members)["television"].rows == 1
    with pytest.raises(BadValues, match="television"):
        vn.assess({**home(), "television": flag})


@pytest.mark.parametrize("flags", [[1, 0, 1, 0], [1.0, 0.0, None, 0.0], [True, False, None, False]])
def test_flags_may_be_numbers(flags: list[Any]) -> None:
    households, members = tables()
    households["television"] = flags
    households["radio"] = True
    assert vn.classify(households, members, date=DATE).category.tolist() == ["near_poor"] * 4


def test_going_on_counts_bad_values_as_missing_and_lists_them() -> None:
    households, members = tables()
    households["toilet"] = ["septic", "bucket", "septic", "septic"]
    households["income"] = [1_500_000, 1_500_000, -4, 3_000_000]
    assessment = vn.classify(households, members, date=DATE, invalid="missing")
    assert assessment.indicator("toilet").tolist() == [0, 1, 0, 0]
    assert assessment.category.tolist() == ["near_poor", "near_poor", None, "above_average"]
    assert {problem.column: problem.rows for problem in assessment.problems} == {"toilet": 1, "income": 1}
    assert assessment.explain("VD-2").ask[0].field == "income"


def test_no_name_of_a_person_gets_into_a_message() -> None:
    households, members = tables()
    households["toilet"] = "Nguyễn Thị Ví Dụ"
    members["employment"] = "0912 345 678"
    with pytest.raises(BadValues) as caught:
        vn.classify(households, members, date=DATE)
    assert "Nguyễn" not in str(caught.value)
    assert "345" not in str(caught.value)
    with pytest.raises(BadValues) as single:
        vn.assess({**home(), "toilet": "Nguyễn Thị Ví Dụ"}, [person(age=77777)])
    assert "Nguyễn" not in str(single.value)
    assert "77777" not in str(single.value)


def test_an_empty_table_gives_an_empty_result() -> None:
    households, members = tables()
    assessment = vn.classify(households.iloc[:0], members.iloc[:0], date=DATE)
    assert len(assessment) == 0
    assert len(assessment.to_frame()) == 0
    assert assessment.counts()["households"].sum() == 0
    template = vn.template()
    assert len(vn.classify(template.households, template.members).to_frame()) == 0


@pytest.mark.parametrize("what", [None, 3, "households.csv", [1, 2]])
def test_what_is_no_table_is_refused(what: Any) -> None:
    with pytest.raises(BadTable, match="dataframe"):
        vn.classify(what)


def test_lazy_and_uneven_tables_are_refused() -> None:
    with pytest.raises(BadTable, match="collect"):
        vn.classify(pl.DataFrame({"area": ["rural"]}).lazy())
    with pytest.raises(BadTable, match="length"):
        vn.classify({"area": ["rural"], "income": [1, 2]})
    twice = pd.DataFrame([[1, 2]], columns=["area", "area"])
    with pytest.raises(BadTable, match="several columns of the households are called 'area'"):
        vn.classify(twice)


def test_columns_and_codes_of_ones_own() -> None:
    households = pd.DataFrame(
        {
            "ma_ho": ["a", "b", "c"],
            "khu_vuc": ["NT", "TT", "NT"],
            "thu_nhap": [100.0, 151.0, 90.0],
            "thuyen": ["Có", "Không", None],
            "net": ["x", "", "x"],
            "hook": [1, 0, 1],
            "huts": [9, 9, 9],
        }
    )
    members = pd.DataFrame(
        {"ho": ["a", "b", "c"], "age": [9, 9, 9], "trade": [3, 1, 2], "swims": ["Có", "Có", "Không"]}
    )
    assessment = TOY.classify(
        households,
        members,
        household_id=("ma_ho", "ho"),
        columns={"coast": "khu_vuc", "shells": "thu_nhap", "boat": "thuyen"},
        codes={
            "coast": {"NT": "east", "TT": "west"},
            "boat": {"Có": True, "Không": False},
            "net": {"x": True, "": False},
            "swims": {"Có": True, "Không": False},
            "trade": {1: "sailor", 2: "potter", 3: None},
        },
    )
    assert assessment.category.tolist() == ["short", "fine", "short"]
    assert list(assessment.to_frame().columns[:2]) == ["ma_ho", "category"]
    assert assessment.explain("b").category == "fine"
    with pytest.raises(BadValues, match=r"thuyen.*\(1 row: b \(row 3\)\)"):
        TOY.classify(
            households,
            members.assign(swims=True, trade="sailor"),
            household_id=("ma_ho", "ho"),
            columns={"coast": "khu_vuc", "shells": "thu_nhap", "boat": "thuyen"},
            codes={"coast": {"NT": "east", "TT": "west"}, "boat": {"Có": True}, "net": {"x": True, "": False}},
        )


def test_a_record_says_everything_wrong_at_once() -> None:
    with pytest.raises(BadValues) as caught:
        vn.assess({**home(), "toilet": 5, "income": -1}, [person(age=-1, sex="x"), person(age=999)])
    found = {problem.column: problem for problem in caught.value.problems}
    assert set(found) == {"toilet", "income", "age", "sex"}
    assert found["age"].rows == 2
    assert found["age"].first == ("member 1", "member 2")


def test_wrong_days_are_said_plainly() -> None:
    for day in ("15/11/2024", 20241115):
        with pytest.raises(ValueError, match="2024-11-15"):
            vn.assess(home(), date=day)  # type: ignore[arg-type]


def test_a_query_of_duckdb_is_told_how_to_become_a_table() -> None:
    duckdb = pytest.importorskip("duckdb")
    with pytest.raises(BadTable, match=r"\.to_arrow_table"):
        vn.classify(duckdb.sql("SELECT 1 AS area"))
