"""What is read of one household's answers, and what is said of those that can't be read."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import product
from types import MappingProxyType, SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from mdpoverty import scorers as s
from mdpoverty.engine.record import Case, compile_program, first_that_holds, possible_classes, read_record, run
from mdpoverty.errors import BadTable, BadValues, Place, Problem, SpecError, StandardError
from mdpoverty.law.program import Program
from mdpoverty.standard import Category, Dimension, Indicator, Standard, Threshold
from mdpoverty.ternary import NO, UNKNOWN, YES
from tests.profiles import closely
from tests.strategies import field
from tests.toy import LAW, TOY, both

TOYS = TOY.program()
NAN = float("nan")
REFUSED = object()
NUMBERS: list[tuple[str, Any, Any]] = [
    # (answer, as given, as read)
    *[
        (name, value, None)
        for name in ("shells", "household_size", "huts")
        for value in (None, NAN, pd.NA, Decimal("nan"))
    ],
    *[(name, value, value) for name in ("shells", "huts") for value in (0, 1, 0.0, 2.5, 3.0, 10**20)],
    *[(name, Decimal("5"), 5) for name in ("shells", "huts", "household_size")],
    *[(name, Decimal("5.5"), 5.5) for name in ("shells", "huts")],
    *[(name, "5", 5) for name in ("shells", "huts", "household_size")],
    *[(name, " 5.5 ", 5.5) for name in ("shells", "huts")],
    *[(name, np.int8(5), 5) for name in ("shells", "huts", "household_size")],
    *[(name, np.float32(2.5), 2.5) for name in ("shells", "huts")],
    *[
        (name, value, REFUSED)
        for name in ("shells", "huts", "household_size", "age")
        for value in (
            -1,
            -0.5,
            "-1",
            float("inf"),
            float("-inf"),
            Decimal("inf"),
            True,
            np.True_,
            "x",
            "1.500",
            "",
            [],
            {},
            [1],
        )
    ],
    *[(name, Fraction(1, 2), REFUSED) for name in ("shells", "huts")],
    *[("shells", value, REFUSED) for value in (np.datetime64("2024-01-01"), 1j, b"1", np.array([5, 6]))],
    *[("household_size", value, value) for value in (1, 2, 999, 1000)],
    *[("household_size", value, 2) for value in (2.0, np.float64(2), Decimal("2.0"), "2")],
    *[
        ("household_size", value, REFUSED)
        for value in (0, 1001, 0.0, 1001.0, 2.5, Decimal("2.5"), "2.5", np.float32(2.5))
    ],
    *[("age", value, value) for value in (0, 130)],
    *[("household_size", value, 1000) for value in (1000.0, "1000", Decimal(1000), np.int16(1000))],
    *[("household_size", value, 1) for value in (1.0, "1", Decimal(1), np.int16(1))],
    *[("age", value, 130) for value in (130.0, "130", np.uint8(130))],
    *[("age", value, REFUSED) for value in (np.int16(131), "130.5")],
    *[("age", value, REFUSED) for value in (131, 130.5, "131")],
]
CHOICES: list[tuple[str, Any, Any]] = [
    *[(name, value, YES) for name in ("boat", "swims") for value in (True, 1, 1.0, np.True_, np.int8(1), Decimal(1))],
    *[(name, value, NO) for name in ("boat", "swims") for value in (False, 0, 0.0, np.False_)],
    *[(name, value, UNKNOWN) for name in ("boat", "swims") for value in (None, NAN, pd.NA, pd.NaT)],
    *[(name, value, REFUSED) for name in ("boat", "swims") for value in (2, -1, 0.5, "true", "1", "", [], [True], {})],
    *[("coast", value, value) for value in ("east", "west")],
    *[("trade", value, value) for value in ("sailor", "potter", "none")],
    *[(name, value, None) for name in ("coast", "trade") for value in (None, NAN, pd.NA)],
    *[(name, value, REFUSED) for name in ("coast", "trade") for value in ("East", "east ", "", 1, True, ["east"], {})],
]
OF_MEMBERS = ("age", "trade", "swims")


@pytest.mark.parametrize("beside", [{}, {"hook": NAN}, {"hook": True}, {"hook": 1, "net": None}])
def test_each_answer_is_read_as_what_it_is(beside: Mapping[str, Any]) -> None:
    """An answer that isn't plain has all read one by one: the same as at once."""
    for name, value, want in NUMBERS + CHOICES:
        of_member = name in OF_MEMBERS
        home, people = (dict(beside), [{name: value}]) if of_member else ({name: value, **beside}, None)
        if want is REFUSED:
            with pytest.raises(BadValues) as caught:
                read_record(TOYS, home, people)
            (problem,) = caught.value.problems
            table = "members" if of_member else "households"
            assert (problem.code, problem.column, problem.table) == ("not_an_answer", name, table), (name, value)
            continue
        case = read_record(TOYS, home, people)
        its = case.members[0] if of_member else case.answers
        assert (type(its[name]), its[name]) == (type(want), want), (name, value)
        assert case.answers["hook"] == (YES if beside.get("hook") == 1 else UNKNOWN)
        others = {
            "coast": None,
            "shells": None,
            "huts": None,
            "boat": 1,
            "net": 1,
            "household_size": 1 if of_member else None,
        }
        assert {k: v for k, v in case.answers.items() if k not in (name, "hook")} == {
            k: v for k, v in others.items() if k != name
        }


@pytest.mark.parametrize("odd", [SimpleNamespace(dtype="float64"), SimpleNamespace(item=lambda: 5)])
def test_what_is_only_half_a_number_of_numpys_is_none(odd: Any) -> None:
    with pytest.raises(BadValues):
        read_record(TOYS, {"shells": odd}, None)


def test_a_code_that_no_standard_lists_is_any_text() -> None:
    program = Program.alone(s.column("area", level="household").is_in(["x", "y"]))
    for value, want in (("x", "x"), ("z", "z"), ("", ""), (None, None), (NAN, None)):
        assert read_record(program, {"area": value}, None).answers == {"area": want, "household_size": None}
    for wrong in (1, True, ["x"], b"x"):
        with pytest.raises(BadValues):
            read_record(program, {"area": wrong}, None)
    numbered = Program.alone(s.column("code", level="household").is_in([1, 2.5]))
    for value, code in ((1, YES), (1.0, YES), (2.5, YES), ("2.5", YES), (2, NO), (None, UNKNOWN)):
        case = run(numbered, {"code": value}, None)
        assert [answer(case, None) for _, answer in compile_program(numbered).categories] == [code]


HOME = {"household_id": "T-1", "coast": "east"}


def problems(home: Any, people: Any = None) -> list[dict[str, Any]]:
    with pytest.raises(BadValues) as caught:
        read_record(TOYS, home, people)
    return [each.to_dict() for each in caught.value.problems]


def told(code: str, column: str, details: dict[str, Any] | None = None, **also: Any) -> dict[str, Any]:
    return Problem.of(code, column, details, **also).to_dict()


def test_a_wrong_answer_is_said_with_its_place() -> None:
    (found,) = problems({**HOME, "boat": "maybe"})
    assert found["places"] == [{"key": "T-1", "row": None, "member": None, "file": ""}]
    assert (found["table"], found["field"], found["rows"]) == ("households", "boat", 1)
    assert found["needed_by"] == ["no_gear"]
    assert found["text"]["en"] == (
        "households.boat: expected true or false, got 'maybe' (1 row: T-1) [needed by no_gear]"
    )
    (without,) = problems({"coast": "eas"})
    assert without["places"] == [{"key": None, "row": None, "member": None, "file": ""}]
    assert without["needed_by"] == ["poor", "short", "fine"]
    assert "did you mean 'east'" in without["text"]["en"]


@closely()
@given(st.lists(st.tuples(st.sampled_from([3, "x", None]), st.sampled_from([True, "y"])), max_size=9))
@example([("x", "y")] * 7)
@example([("x", True)] * 5)
def test_wrong_answers_of_members_are_one_problem_for_each_column(rows: list[tuple[Any, Any]]) -> None:
    people = [{"age": age, "swims": swims} for age, swims in rows]
    wrong = {
        "age": [row for row, (age, _) in enumerate(rows, start=1) if age == "x"],
        "swims": [row for row, (_, swims) in enumerate(rows, start=1) if swims == "y"],
    }
    if not wrong["age"] and not wrong["swims"]:
        case = read_record(TOYS, HOME, people)
        assert [who["age"] for who in case.members] == [age for age, _ in rows]
        assert case.key == "T-1"
        return
    found = problems(HOME, people)
    assert {each["column"]: each["rows"] for each in found} == {name: len(its) for name, its in wrong.items() if its}
    with pytest.raises(BadValues) as caught:
        read_record(TOYS, HOME, people)
    for each in caught.value.problems:
        assert each.table == "members"
        assert [(place.key, place.member) for place in each.places] == [(None, row) for row in wrong[each.column][:5]]
        assert each.first == tuple(f"member {row}" for row in wrong[each.column][:5])
        assert each.needed_by == {"age": ("cannot_swim", "idle"), "swims": ("cannot_swim",)}[each.column]


def test_one_column_of_both_tables_is_two_problems() -> None:
    program = Program.alone(s.column("old", level="household") & s.any_member(s.column("old") & s.column("ill")))
    with pytest.raises(BadValues) as caught:
        read_record(program, {"old": "x"}, [{"old": "x"}, {"ill": "x"}, {"old": "x"}])
    assert [(each.table, each.column, each.rows) for each in caught.value.problems] == [
        ("households", "old", 1),
        ("members", "old", 2),
        ("members", "ill", 1),
    ]


@pytest.mark.parametrize("key", ["T-1", 7, None])
def test_a_size_that_is_stated_must_be_that_of_the_list(key: Any) -> None:
    for stated, people in ((2, 2), (None, 2), (5, 0), (None, 0)):
        case = read_record(TOYS, {"household_size": stated}, [{}] * people)
        assert case.answers["household_size"] == (people or stated)
    for stated, people in ((1, 2), (3, 2)):
        (found,) = problems({"household_id": key, "household_size": stated}, [{}] * people)
        first = () if key is None else (str(key),)
        details = {"stated": stated, "counted": people}
        also: dict[str, Any] = {"rows": 1, "first": first, "places": (Place(key),), "field": "household_size"}
        assert found == told("size_stated", "household_size", details, **also)


@closely()
@given(st.integers(0, 8), st.booleans())
@example(8, True)
@example(6, False)
@example(5, False)
def test_names_that_no_answer_has_are_said_once_each(many: int, of_home: bool) -> None:
    people = [{"agee": 1, "age": 3, "coast": "east"}] * many + [{"age": 4}]
    home = {**HOME, **({"shels": 1, "swims": True, 5: 1} if of_home else {})}
    if not many and not of_home:
        read_record(TOYS, home, people)
        return
    found = problems(home, people)
    at_home: dict[str, Any] = {"rows": 1, "first": ("T-1",), "places": (Place("T-1"),), "table": "households"}
    members = tuple(Place(member=row) for row in range(1, many + 1))[:5]
    of_members: dict[str, Any] = {
        "rows": many,
        "first": tuple(f"member {place.member}" for place in members),
        "places": members,
        "table": "members",
    }
    want = [
        told("unknown_key", "5", {"meant": None}, **at_home),
        told("unknown_key", "shels", {"meant": "shells"}, **at_home),
        told("key_of_member", "swims", **at_home),
    ] * of_home
    if many:
        want += [
            told("unknown_key", "agee", {"meant": "age"}, **of_members),
            told("key_of_household", "coast", **of_members),
        ]
    assert found == want
    assert read_record(TOYS, home, people, "ignore") == read_record(TOYS, HOME, [{"age": 3}] * many + [{"age": 4}])


def test_a_name_is_meant_of_its_own_table_and_given_indicators_are_said() -> None:
    (found,) = problems({"idel": True})
    assert found["code"] == "unknown_key"
    assert [each["code"] for each in problems({"idle": True})] == ["key_not_given"]
    assert [each["code"] for each in problems({}, [{"idle": True}])] == ["unknown_key"]
    given_ = TOYS.prepared(None, "idle")
    assert read_record(given_, {"idle": True}, None).answers["idle"] == YES
    with pytest.raises(SpecError, match='unknown_keys is "error" or "ignore", not \'drop\''):
        read_record(TOYS, {}, None, "drop")  # type: ignore[arg-type]  # the point of the test


def test_answers_that_other_readings_ask_for_are_known_names() -> None:
    program = evolve(TOYS, asked_elsewhere=(("household", "hut_made_of"), ("member", "sings")))
    assert read_record(program, {"hut_made_of": "reed"}, [{"sings": True}]) == read_record(program, {}, [{}])
    for home, people, code in (
        ({"sings": True}, [{}], "key_of_member"),
        ({}, [{"hut_made_of": "reed"}], "key_of_household"),
        ({"sing": True}, [{}], "unknown_key"),
    ):
        with pytest.raises(BadValues) as caught:
            read_record(program, home, people)
        assert [each.code for each in caught.value.problems] == [code]


@pytest.mark.parametrize(
    ("home", "people", "said"),
    [
        (None, None, "not None"),
        ([1], None, "not a list; for a table of households use classify"),
        ("area", [], "one household's answers are a mapping"),
        (3, [{}], "not an int"),
        ({}, {"age": 3}, "the members are a list of mappings, one for each person, not a dict"),
        ({}, "ab", "one for each person, not a str"),
        ({}, b"ab", "one for each person, not a bytes"),
        ({}, 3, "one for each person, not an int"),
        ({}, iter([]), "one for each person, not a list_iterator"),
        ({}, [{}, 3], "member 2's answers are a mapping, not an int"),
        ({}, (None,), "member 1's answers are a mapping, not None"),
        (MappingProxyType({}), [3], "member 1's answers are a mapping, not an int"),
    ],
)
def test_answers_that_are_no_mappings_are_refused(home: Any, people: Any, said: str) -> None:
    with pytest.raises(BadTable) as caught:
        read_record(TOYS, home, people)
    assert said in str(caught.value)


def test_any_mapping_and_sequence_is_read() -> None:
    home, people = {"shells": 1}, [{"age": 3}, {"age": 4}]
    plain = read_record(TOYS, home, people)
    assert read_record(TOYS, MappingProxyType(home), tuple(map(MappingProxyType, people))) == plain
    assert read_record(TOYS, home, [MappingProxyType(people[0]), people[1]]) == plain
    assert read_record(TOYS, MappingProxyType(home), None) == read_record(TOYS, home, ())


# --------------------------------------------------------------------------------------------------------- the classes


@given(st.lists(st.sampled_from([NO, UNKNOWN, YES]), max_size=5))
def test_no_class_is_possible_after_one_that_surely_holds(codes: list[int]) -> None:
    rules = tuple((f"c{at}", lambda h, m, code=code: code) for at, code in enumerate(codes))
    upto = codes.index(YES) + 1 if YES in codes else len(codes)
    assert first_that_holds(rules, Case({})) == tuple(f"c{at}" for at, code in enumerate(codes[:upto]) if code != NO)


def test_a_household_that_no_class_holds_and_answers_that_contradict_are_errors() -> None:
    poor = TOY.categories["poor"]
    program = evolve(TOY, categories=[Category("poor", both("poor"), poor.rule, LAW)]).program()
    rich = {**HOME, "shells": 1000}
    with pytest.raises(StandardError, match="in 'toyland' no class holds for 1 household: its classes must leave"):
        possible_classes(program, run(program, rich, None))
    ways = s.first_known(s.column("boat") | s.column("net"), s.column("hook"))
    for rule in (ways, ~ways):
        two = evolve(
            TOY, categories=[Category("a", both("a"), rule, LAW), Category("b", both("b"), ~rule, LAW)]
        ).program()
        assert possible_classes(two, run(two, {"boat": True}, None)) == (("a",) if rule is ways else ("b",))
        assert possible_classes(two, run(two, {}, None)) == ("a", "b")
        with pytest.raises(BadValues) as caught:
            run(two, {"household_id": 7, "boat": True, "hook": False}, None)
        (problem,) = caught.value.problems
        assert (problem.code, problem.column, problem.rows, problem.first) == ("contradiction", "boat, hook", 1, ("7",))
        assert (problem.places, problem.table, problem.field) == ((Place(7),), "households", "boat, hook")


# --------------------------------------------------------------------------------------------------- numbers compared

SIGNS: dict[str, Any] = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
VALUES = [None, -1, 0, 1, 1.5, 2, 2.0, 3, 4, 4.5, 5, 0.1, 1 / 3]
LIMITS: dict[str, tuple[Any, Any, Any]] = {
    # what stands in the rule, and what it may be at least and at most
    "a whole number": (2, 2, 2),
    "zero": (0, 0, 0),
    "a fraction": (Fraction(3, 2), 1.5, 1.5),
    "a third": (Fraction(1, 3), 1 / 3, 1 / 3),
    "a sum": (s.column("other") + 1, 2, 2),
    "a product": (2 * s.column("other"), 2, 2),
    "fixed": (s.threshold("fixed"), 2, 2),
    "raised": (s.threshold("raised"), 2, 4),
    "lowered": (s.threshold("lowered"), 1, 4.5),
    "raised product": (s.threshold("raised") * s.column("other"), 2, 4),
    "product raised": (s.column("other") * s.threshold("raised"), 2, 4),
    "negative product": (-1 * s.threshold("lowered") + 5, 0.5, 4),
    "sum raised": (s.column("other") + s.threshold("raised"), 3, 5),
    "by code": (s.threshold("by_code"), 2, 2),
    "by any code": (s.threshold("by_other_code"), 1, 4),
}
LEVELS: list[Any] = ["household", "member"]


@cache
def one_rule(level: Any, sign: str, limit: str, mirrored: bool) -> Standard:
    asked = s.column("x", level=level)
    value = LIMITS[limit][0]
    condition = SIGNS[sign](value, asked) if mirrored else SIGNS[sign](asked, value)
    rule = condition if level == "household" else s.any_member(condition)
    fields = [field("other", level, "number"), field("code", level, "code"), field("none", level, "code")]
    amounts: dict[str, tuple[Any, str | None]] = {
        "fixed": (2, None),
        "raised": ([(None, 2), ("2025-01-01", 4)], None),
        "lowered": ([(None, "4.5"), ("2025-01-01", 1)], None),
        "by_code": ({"a": 2, "b": 3, "c": 9}, "code"),
        "by_other_code": ({"a": 1, "b": 3, "c": 4}, "none"),
    }
    named = {part.name for part in value.walk() if isinstance(part, s.Amount)} if isinstance(value, s.Node) else set()
    asked_by = [(name, its) for name, its in amounts.items() if name in named]
    return Standard(
        id="one-rule",
        title=both("one rule"),
        citation=LAW,
        in_force="2020-01-01",
        until=None,
        fields=[field("x", level, "number"), *fields],
        thresholds=[Threshold(name, both(name), its, LAW, by=by) for name, (its, by) in asked_by],
        dimensions=[Dimension("one", both("one"), LAW)],
        indicators=[Indicator("asked", "one", both("asked"), rule, LAW)],
        categories=[
            Category("yes", both("yes"), s.indicator("asked"), LAW),
            Category("no", both("no"), ~s.indicator("asked"), LAW),
        ],
    )


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("mirrored", [False, True])
def test_an_answer_against_a_limit(level: Any, sign: str, limit: str, mirrored: bool) -> None:
    _, least, most = LIMITS[limit]
    law = one_rule(level, sign, limit, mirrored)
    wanted = []
    for value in VALUES:
        answers = {"x": value, "other": 1, "code": "a", "none": None}
        home, people = (answers, None) if level == "household" else ({}, [answers])
        said = (
            {SIGNS[sign](edge, value) if mirrored else SIGNS[sign](value, edge) for edge in (least, most)}
            if value is not None
            else {True, False}
        )
        wanted.append(UNKNOWN if len(said) == 2 else YES if True in said else NO)
        assert run(law.program(), home, people, "ignore").codes["asked"] == wanted[-1], value
    rows = len(VALUES)
    table = {
        "household_id": list(range(rows)),
        "x": np.array([NAN if value is None else value for value in VALUES]),
        "other": [1] * rows,
        "code": ["a"] * rows,
        "none": np.array([None] * rows, object),
    }
    for its in (table, {**table, "x": np.array(VALUES, object)}):
        tables = (its, None) if level == "household" else ({"household_id": list(range(rows))}, its)
        assert law.classify(*tables).indicator("asked").tolist() == wanted


@pytest.mark.parametrize("factor", [Fraction(2, 3), Fraction(1, 10), Fraction(7, 3), 3, 0.5])
def test_products_beside_floats_are_those_of_arrays(factor: Any) -> None:
    x, y = s.column("x", level="household"), s.column("y", level="household")
    floats = [0.1, 0.7, 1.1, 2.3, 4.35, 4.5, 1e15 / 3, -0.3, 5, 7]
    table = {"x": np.array([a for a in floats for _ in floats]), "y": np.array([b for _ in floats for b in floats])}
    rules = [(factor * x >= y), (x * factor >= y), (factor * x <= x * factor), (x * y >= factor), (x * y <= y * x)]
    rules += [factor * x >= Fraction(factor) * float(each) for each in floats[:4]]
    for rule in rules:
        ((_, answer),) = compile_program(Program.alone(rule)).categories
        alone = [answer(Case({"x": a, "y": b}), None) for a in floats for b in floats]
        assert rule.score(table).tolist() == alone


@pytest.mark.parametrize("worth", [1, 2, Fraction(1, 2), -1, Fraction(-1, 2), 0])
@pytest.mark.parametrize("flag", [True, False, None])
def test_points_of_an_open_rule_are_all_or_nothing(worth: Any, flag: bool | None) -> None:
    x, y = s.column("x", level="household"), s.column("y", level="household")
    answers = {"x": [flag], "y": [True]}
    sums = {worth * each + 1 for each in ((True, False) if flag is None else (flag,))}
    for limit in (0, Fraction(1, 2), 1, Fraction(3, 2), 2, 3):
        for sign in SIGNS.values():
            rule = sign(s.points((x, worth), (y, 1)), limit)
            ((_, answer),) = compile_program(Program.alone(rule)).categories
            said = {sign(each, limit) for each in sums}
            want = UNKNOWN if len(said) == 2 else YES if said == {True} else NO
            assert answer(Case({"x": {True: YES, False: NO, None: UNKNOWN}[flag], "y": YES}), None) == want
            assert rule.score(answers).tolist() == [want]


def test_points_of_unknown_worth_are_unknown_only_where_they_may_count() -> None:
    x, y = s.column("x", level="household"), s.column("y", level="household")
    rule = s.points((x, y)) >= 1
    for flag, worth, want in (
        (YES, None, UNKNOWN),
        (UNKNOWN, None, UNKNOWN),
        (NO, None, NO),
        (YES, 1, YES),
        (YES, 0, NO),
    ):
        ((_, answer),) = compile_program(Program.alone(rule)).categories
        assert answer(Case({"x": flag, "y": worth}), None) == want
        table = {
            "x": [{YES: True, NO: False, UNKNOWN: None}[flag]],
            "y": np.array([np.nan if worth is None else worth]),
        }
        assert rule.score(table).tolist() == [want]


@pytest.mark.parametrize("signs", [(1, 1), (1, -1), (-1, 1), (-1, -1)])
@pytest.mark.parametrize("open_", [(True, True), (True, False), (False, True)])
def test_products_and_sums_of_intervals_reach_their_corners(signs: tuple[int, int], open_: tuple[bool, bool]) -> None:
    amounts = [{"a": 2 * sign, "b": 3 * sign, "c": -5 * sign} for sign in signs]
    one, other = (s.threshold(each, by=s.column(f"k{at}", level="household")) for at, each in enumerate(amounts))
    codes = [None if its else "b" for its in open_]
    meant = [list(each.values()) if its else [each["b"]] for its, each in zip(open_, amounts, strict=True)]
    for value, combine in ((one * other, operator.mul), (one + other, operator.add)):
        reached = {combine(a, b) for a in meant[0] for b in meant[1]}
        for limit in sorted({each + by for each in reached for by in (-1, 0, 1)}):
            for sign in SIGNS.values():
                said = {sign(each, limit) for each in (min(reached), max(reached))}
                want = UNKNOWN if len(said) == 2 else YES if said == {True} else NO
                rule = sign(value, limit)
                ((_, answer),) = compile_program(Program.alone(rule)).categories
                assert answer(Case({"k0": codes[0], "k1": codes[1]}), None) == want
                table = {f"k{at}": np.array([code, "a"], object) for at, code in enumerate(codes)}
                assert rule.score(table).tolist()[0] == want


# ------------------------------------------------------------------------------------------------- connectives, counts

THREE = (NO, UNKNOWN, YES)
SAID = {NO: {False}, UNKNOWN: {False, True}, YES: {True}}


def settled(outcomes: set[bool]) -> int:
    return UNKNOWN if len(outcomes) == 2 else YES if outcomes == {True} else NO


def alone(rule: s.Rule, home: dict[str, Any], people: Sequence[dict[str, Any]] = ()) -> int:
    ((_, answer),) = compile_program(Program.alone(rule)).categories
    return answer(Case(home, list(people)), None)


@pytest.mark.parametrize("given_", list(product(THREE, repeat=3)))
def test_connectives_say_what_all_ways_to_fill_the_gaps_agree_on(given_: tuple[int, int, int]) -> None:
    a, b, c = (s.column(name, level="household") for name in "abc")
    home = dict(zip("abc", given_, strict=True))
    filled = list(product(*(SAID[each] for each in given_)))
    for rule, means in (
        (a & b & c, all),
        (a | b | c, any),
        (a & b, lambda its: its[0] and its[1]),
        (b | c, lambda its: its[1] or its[2]),
        ((a | b) & c, lambda its: (its[0] or its[1]) and its[2]),
        (s.at_least(1, a, b, c), any),
        (s.at_least(2, a, b, c), lambda its: sum(its) >= 2),
        (s.at_least(3, a, b, c), all),
        (~(a & b & c), lambda its: not all(its)),
        (~(a | b | c), lambda its: not any(its)),
    ):
        assert alone(rule, home) == settled({bool(means(its)) for its in filled})
    known = [each for each in given_ if each != UNKNOWN]
    if len(set(known)) < 2:
        assert alone(s.first_known(a, b, c), home) == (known[0] if known else UNKNOWN)


@pytest.mark.parametrize("given_", [given_ for many in range(4) for given_ in product(THREE, repeat=many)])
def test_members_are_counted_who_surely_and_who_perhaps_are_meant(given_: tuple[int, ...]) -> None:
    people = [{"ill": each} for each in given_]
    counted = s.count_members(s.column("ill"))
    filled = list(product(*(SAID[each] for each in given_)))
    sums = {sum(its) for its in filled}
    for limit in range(-1, 5):
        for sign in SIGNS.values():
            want = settled({sign(each, limit) for each in sums}) if given_ else UNKNOWN
            assert alone(sign(counted, limit), {}, people) == want
            assert alone(sign(3 * counted + 1, 3 * limit + 1), {}, people) == want
            assert alone(sign(-2 * limit, -2 * counted), {}, people) == want
    ill = s.any_member(s.column("ill"))
    assert alone(ill, {}, people) == (settled({any(its) for its in filled}) if given_ else UNKNOWN)


@pytest.mark.parametrize("weights", [[1, 2, 4], ["1/2", "1/2", 1], ["1/3", "1/6", 0]])
@pytest.mark.parametrize("given_", list(product(THREE, repeat=3)))
def test_weights_of_deprivations_add_up(weights: list[Any], given_: tuple[int, int, int]) -> None:
    exact = [Fraction(each) for each in weights]
    enough = s.deprivations() >= s.threshold("half")
    own = [
        Indicator(name, "sea", both(name), s.column(name) | s.column(name), LAW, weight)
        for name, weight in zip(("boat", "net", "hook"), weights, strict=True)
    ]
    law = evolve(
        TOY,
        dimensions=[TOY.dimensions["sea"]],
        indicators=own,
        categories=[Category("in", both("in"), enough, LAW), Category("out", both("out"), ~enough, LAW)],
    )
    record = {
        name: {NO: False, YES: True, UNKNOWN: None}[each]
        for name, each in zip(("boat", "net", "hook"), given_, strict=True)
    }
    verdict = law.assess(record)
    low = sum(weight for weight, each in zip(exact, given_, strict=True) if each == YES)
    high = sum(weight for weight, each in zip(exact, given_, strict=True) if each != NO)
    assert (verdict.deprivations, verdict.deprivations_max) == (low, high)
    whole = all(weight.denominator == 1 for weight in exact)
    assert type(verdict.deprivations) is int or not whole
    case = run(law.program(), record, None)
    possible_classes(law.program(), case)
    ends = case.counted[None] if type(case.counted[None]) is tuple else (case.counted[None],)
    assert {type(each) for each in ends} == {int if whole else Fraction}
    half = Fraction(1, 2)
    assert (
        verdict.possible == {NO: ("out",), YES: ("in",), UNKNOWN: ("in", "out")}[settled({low >= half, high >= half})]
    )
