"""Every problem has a code, its words in two languages and its place, and names nobody."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import mdpoverty as mdp
from mdpoverty import messages
from mdpoverty.errors import InvalidInput, MdpovertyError, Problem
from mdpoverty.tables.meanings import refused
from mdpoverty.texts import bare, folded
from tests.files.answers import DATE, VN, households, members, texts
from tests.profiles import in_turn

BAD_HOUSEHOLDS: dict[str, tuple[str, dict[str, Any]]] = {
    "text for a number": ("is_text", {"floor_area": ["40", "đâu đó", "30"]}),
    "text for an amount": ("is_text", {"income": pd.Series([1, "nhiều", 3], dtype=object)}),
    "a negative amount": ("not_an_answer", {"income": [1, -5, 3]}),
    "half a person": ("not_an_answer", {"household_size": [2, 1.5, 1]}),
    "two for a flag": ("not_an_answer", {"television": [0, 2, 1]}),
    "a word for a flag": ("not_an_answer", {"television": ["true", "maybe", "false"]}),
    "a mistyped code": ("not_an_answer", {"toilet": ["septic", "septik", "vip"]}),
    "a blank at the end": ("not_an_answer", {"toilet": ["septic", "septic ", "vip"]}),
    "a size that differs": ("size_differs", {"household_size": [2, 4, 1]}),
    "a key twice": ("key_duplicate", {"household_id": ["A", "A", "C"]}),
    "a key missing": ("key_missing", {"household_id": ["A", None, "C"]}),
    "imprecise amounts": ("float32", {"income": pd.Series([1, 2, 3], dtype="float32")}),
}
BAD_MEMBERS: dict[str, tuple[str, dict[str, Any]]] = {
    "too old": ("not_an_answer", {"age": [40, 10, 130 + 1, 35, 50]}),
    "a text for an age": ("is_text", {"age": ["40", "mười", "30", "35", "50"]}),
    "an unknown school": ("not_an_answer", {"attending": ["none", "primary", "none", "lycée", "none"]}),
    "a lost member": ("orphan", {"household_id": ["A", "A", "B", "B", "X"]}),
    "keys of another type": ("orphan_types", {"household_id": [1, 1, 2, 2, 3]}),
}


def problems(call: Callable[[], Any]) -> tuple[Problem, ...]:
    """Return the problems that a call raises, or that its result reports."""
    try:
        return tuple(call().problems)
    except InvalidInput as error:
        return error.problems


def check(problem: Problem) -> None:
    """What a form can rely on."""
    assert problem.code in messages.MESSAGES
    assert pickle.loads(pickle.dumps(problem)) == problem
    vi, en = problem.text("vi"), problem.text("en")
    assert vi != en
    assert str(problem) == en
    assert "{" not in vi + en
    assert "()" not in vi + en
    assert not any(word in vi for word in (" row", " got ", "expected", "did you mean", "characters", "digits"))
    assert problem.column in vi
    assert problem.column in en
    data = problem.to_dict()
    assert data["text"] == {"vi": vi, "en": en}
    assert (data["code"], data["rows"], data["table"]) == (problem.code, problem.rows, problem.table)
    assert data["field"] == problem.field or not problem.field
    if problem.rows:
        assert 1 <= len(problem.places) == min(problem.rows, 5)
        assert len(data["places"]) == len(problem.places)


@pytest.mark.parametrize("name", BAD_HOUSEHOLDS)
def test_a_problem_of_the_households_says_what_and_where(name: str) -> None:
    code, spoilt = BAD_HOUSEHOLDS[name]
    found = problems(lambda: VN.classify(households(**spoilt), members(), date=DATE))
    assert code in {problem.code for problem in found}
    for problem in found:
        check(problem)
    problem = next(problem for problem in found if problem.code == code)
    assert problem.table == "households"
    assert problem.column in spoilt
    if code != "float32":  # which is a fault of the whole column
        rows = [place.row for place in problem.places]
        assert 3 in rows  # row 1 has the names
        assert problem.places[rows.index(3)].key == spoilt.get("household_id", ["A", "B", "C"])[1]


@pytest.mark.parametrize("name", BAD_MEMBERS)
def test_a_problem_of_the_members_says_whose(name: str) -> None:
    code, spoilt = BAD_MEMBERS[name]
    found = problems(lambda: VN.classify(households(), members(**spoilt), date=DATE))
    for problem in found:
        check(problem)
    problem = next(problem for problem in found if problem.code == code)
    assert problem.table == "members"
    assert all(place.row is not None and place.member is not None for place in problem.places)
    if name == "too old":
        (place,) = problem.places
        assert (place.key, place.row, place.member) == ("B", 4, 1)


@pytest.mark.parametrize("missing", ["income", "area", "toilet"])
def test_a_missing_column_is_a_problem_with_its_field(missing: str) -> None:
    found = problems(lambda: VN.classify(households().drop(columns=missing), members(), date=DATE))
    assert [(problem.code, problem.field) for problem in found] == [("missing_column", missing)]
    check(found[0])


@pytest.mark.parametrize(
    ("words", "got"),
    [(["true", "false", "true"], "'true', 'false'"), (["Có", "Không", None], "'Có', 'Không'"), ("101", "'1', '0'")],
)
def test_words_for_yes_and_no_are_said_to_be_texts(words: Any, got: str) -> None:
    (found,) = problems(lambda: VN.classify(households(television=list(words)), members(), date=DATE))
    check(found)
    assert found.text("en").split(" (")[:2] == [
        f"households.television: expected true or false, got {got}",
        "which are texts, and not yet true or false)",
    ]
    assert f"{got} (là chữ, chưa phải đúng hoặc sai)" in found.text("vi")
    (mistyped,) = problems(lambda: VN.classify(households(television=["treu", None, None]), members(), date=DATE))
    assert "'treu' (did you mean 'true'?)" in mistyped.text("en")


def test_no_members_and_no_keys_are_problems_with_codes() -> None:
    whole = households()
    for call in (
        lambda: VN.classify(whole, date=DATE),
        lambda: VN.classify(whole.drop(columns="household_id"), members(), date=DATE),
        lambda: VN.classify(whole, members().drop(columns="household_id"), date=DATE),
    ):
        found = problems(call)
        assert found
        for problem in found:
            check(problem)


def test_more_than_five_rows_are_counted() -> None:
    n = 12
    frame = pd.concat([households(toilet=["gold"] * 3).iloc[:1]] * n, ignore_index=True)
    frame["household_id"] = [f"H{i}" for i in range(n)]
    found = problems(lambda: VN.classify(frame, given="all")) and problems(lambda: VN.indicators["toilet"].score(frame))
    (problem,) = found
    check(problem)
    assert problem.rows == n
    assert f"and {n - 5} more" in problem.text("en")
    assert f"và {n - 5} dòng khác" in problem.text("vi")


FORMS: dict[str, tuple[str, dict[str, Any], list[dict[str, Any]]]] = {
    "a code": ("not_an_answer", {"toilet": "gold"}, []),
    "an amount": ("not_an_answer", {"income": -5}, []),
    "a member's age": ("not_an_answer", {}, [{"age": 20}, {"age": 300}]),
    "a text": ("not_an_answer", {}, [{"age": "muời"}]),
    "the size": ("size_stated", {"household_size": 3}, [{"age": 20}]),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_problem_of_a_form_says_what_and_where(name: str) -> None:
    code, household, people = FORMS[name]
    found = problems(lambda: VN.assess({"household_id": "HH-7", "area": "rural", **household}, people, date=DATE))
    (problem,) = found
    check(problem)
    assert problem.code == code
    assert problem.field in {*household, *(field for person in people for field in person)}
    if name == "a member's age":
        assert problem.places[0].member == 2
        assert "thành viên 2" in problem.text("vi")


def test_two_ways_that_contradict_each_other_are_a_problem_with_a_code() -> None:
    answers = {"area": "rural", "income": 1_000_000, "total_income": 90_000_000, "household_size": 2}
    (problem,) = problems(lambda: VN.assess({**answers, **dict.fromkeys(VN.indicators, True)}, given="all", date=DATE))
    assert problem.code == "contradiction"
    check(problem)


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u200b"])
def test_a_blank_too_many_is_named_as_what_it_is(blank: str) -> None:
    for column in (["septic", f"septic{blank}", "vip"], ["septic", f"{blank}septic", "vip"]):
        (problem,) = problems(lambda column=column: VN.classify(households(toilet=column), members(), date=DATE))
        assert "did you mean 'septic'? there is a blank too many" in str(problem)
        assert "có phải 'septic'? thừa dấu cách" in problem.text("vi")


# ------------------------------------------------------------------------------------------------ nobody is named

PEOPLE = ("Nguyễn Thị Ví Dụ", "0912345678", "079123456789", "Thơ", "linh", "NỤ", "linh85")
ANSWERS = [name for name in households() if name != "household_id"]
OF_MEMBERS = [name for name in members() if name != "household_id"]


def said(call: Callable[[], Any]) -> str:
    """Return all that a call says: its error with what it is caused by, or the problems that its result reports."""
    try:
        result = call()
    except MdpovertyError as error:
        parts: list[Any] = [error, repr(error), getattr(error, "__cause__", None)]
        for problem in getattr(error, "problems", ()):
            parts += [problem.text("vi"), problem.to_dict(), problem.details, repr(problem)]
        return "\n".join(map(str, parts))
    return "\n".join(
        f"{problem} {problem.text('vi')} {problem.to_dict()}" for problem in getattr(result, "problems", ())
    )


def with_person(frame: pd.DataFrame, name: str, person: Any) -> pd.DataFrame:
    spoilt = frame.astype({name: object})
    spoilt.loc[1, name] = person
    return spoilt


def named(text: str) -> list[str]:
    return [person for person in (*PEOPLE, *(str(int(p)) for p in PEOPLE if p.isdigit())) if person in text]


NAMES = (*ANSWERS, *OF_MEMBERS)
PERSONS = (*PEOPLE, *(int(each) for each in PEOPLE if each.isdigit()))
WAYS: dict[str, Callable[[pd.DataFrame, pd.DataFrame, str], Any]] = {
    "classify": lambda ours, theirs, _: VN.classify(ours, theirs, date=DATE),
    "invalid": lambda ours, theirs, _: VN.classify(ours, theirs, date=DATE, invalid="missing"),
    "codes": lambda ours, theirs, name: VN.classify(ours, theirs, date=DATE, codes={name: {"1": None}}),
    "score": lambda ours, theirs, _: VN.score(ours, theirs, date=DATE),
    "tally": lambda ours, theirs, _: VN.tally(ours, theirs, date=DATE),
}


@pytest.mark.parametrize(("name", "person", "as_text", "way"), in_turn(NAMES, PERSONS, [False, True], [*WAYS]))
def test_no_table_tells_who_somebody_is(name: str, person: Any, as_text: bool, way: str) -> None:
    homes, people = households(), members()
    if name in homes:
        homes = with_person(homes, name, person)
    else:
        people = with_person(people, name, person)
    tables = (texts(homes), texts(people)) if as_text else (homes, people)
    text = said(lambda: WAYS[way](*tables, name))
    assert named(text) == [], text


@pytest.mark.parametrize(("name", "person"), in_turn(NAMES, PERSONS))
def test_no_form_tells_who_somebody_is(name: str, person: Any) -> None:
    home = {"area": "rural"}
    text = said(lambda: VN.assess({**home, name: person}, [{"age": 30, name: person}], date=DATE))
    assert named(text) == [], text


@pytest.mark.parametrize("person", [*PEOPLE, int(PEOPLE[1])])
@pytest.mark.parametrize("name", ["toilet", "weight", "k", "psu"])
def test_no_measure_tells_who_somebody_is(name: str, person: Any) -> None:
    frame = pd.DataFrame({"toilet": [0, 1, 1], "water": [1, 0, 1], "weight": [1, 2, 3], "psu": [1, 1, 2]})
    frame["k"] = ["a", "b", "c"]
    frame = with_person(frame, name, person)
    spec = mdp.AlkireFoster(weights={"toilet": "1/2", "water": "1/2"}, k="1/2")
    for call in (
        lambda: spec.measure(frame, weight="weight"),
        lambda: spec.measure(frame, weight="weight", design=mdp.SurveyDesign(psu="psu"), by=["k"]),
        lambda: mdp.Tally.from_frame(frame, ["toilet", "water"], weight="weight", by=["k"]),
    ):
        text = said(call)
        assert named(text) == [], text


def test_refused_values_are_listed_in_the_order_of_their_rows() -> None:
    words = [f"x{number}" for number in range(20, 0, -1)]
    n = len(words)
    frame = pd.concat([households().iloc[:1]] * n, ignore_index=True)
    frame["household_id"] = range(n)
    for column in ("toilet", "television", "floor_area"):
        spoilt = frame.assign(**{column: pd.Series(["".join(list(word)) for word in words], dtype=object)})
        found = problems(lambda spoilt=spoilt, column=column: VN.indicators[_of(column)].score(spoilt, members()))
        problem = next(problem for problem in found if problem.column == column)
        assert ", ".join(map(repr, words[:5])) in str(problem)


def _of(column: str) -> str:
    return {"television": "information_devices", "floor_area": "housing_area"}.get(column, column)


GIVEN = "An Bảo Cúc Đào Đức Giang Hà Hoa Hùng Khánh Lan Lê Linh Mai Minh Năm Nụ Quý Sơn Tâm Thanh Thu Thơ Tú Vân Vy Yến"


@pytest.mark.parametrize(
    "field", [each for each in VN.fields.values() if each.kind != "money"], ids=lambda each: each.id
)
def test_no_given_name_is_shown_unless_it_is_a_word_of_the_answers(field: Any) -> None:
    words = {folded(label) for code in field.codes for label in (code.id, code.label.vi, code.label.en)}
    names = [
        form for name in GIVEN.split() for form in (name, name.lower(), name.upper(), bare(name), f"{bare(name)}85")
    ]
    for name in names:
        got = refused([name], field, [code.id for code in field.codes])["got"]
        assert (got == (repr(name),)) == (folded(name) in words), (field.id, name, got)
