"""One household: the reasons, what to ask, what would change, in words and as data."""

from __future__ import annotations

import hashlib
import json
import pickle
import subprocess
import sys
from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

import mdpoverty as mdp
from mdpoverty.errors import BadValues, SpecError
from mdpoverty.scorers import any_member, column, count_members, deprivations, threshold
from mdpoverty.standard import Code, Label
from mdpoverty.ternary import NO, UNKNOWN, YES
from tests import vn_answers
from tests.toy import TOY
from tests.vn_answers import child, home, person

vn = mdp.standards["vn-2022"]
DATE = "2024-11-15"
POOR = (
    home(income=1_400_000, toilet="none", floor_area=20),
    [person(), person(insured=False, employment="no_contract"), child(9, attending="preschool")],
)


def find(verdict: mdp.Verdict, name: str) -> mdp.Finding:
    return next(finding for top in verdict.findings for finding in top.walk() if finding.id == name)


def test_the_reasons_go_down_to_members_and_the_words_of_the_law() -> None:
    verdict = vn.assess(*POOR, date=DATE)
    assert verdict.category == "poor"
    assert verdict.deprivations == verdict.deprivations_max == 5
    assert [finding.id for finding in verdict.findings] == ["income", "cutoff", "average_living"]
    income = find(verdict, "income")
    assert (income.value, income.operator, income.limit, income.answer) == (1_400_000, "<=", 1_500_000, YES)
    assert income.answers == {"area": "rural", "income": 1_400_000}
    insured = find(verdict, "health_insurance")
    assert (insured.answer, insured.members) == (YES, (1,))
    assert insured.citation is not None
    assert "từ đủ 6 tuổi" in insured.citation.words
    assert find(verdict, "employment").members == (1,)
    assert find(verdict, "child_schooling").members == (2,)
    assert find(verdict, "housing_area").answers == {"floor_area": 20, "household_size": 3}
    assert find(verdict, "toilet").answers == {"toilet": "none"}
    assert find(verdict, "health").answer == YES
    assert find(verdict, "information").answer == NO
    assert len([1 for top in verdict.findings for f in top.walk() if f.id in vn.indicators]) == 12


def test_open_reasons_name_the_members_who_are_open() -> None:
    verdict = vn.assess(POOR[0], [person(), person(insured=None), child(5, insured=None)], date=DATE)
    insured = find(verdict, "health_insurance")
    assert (insured.answer, insured.open_members) == (UNKNOWN, (1,))
    assert find(verdict, "cutoff").value == (2, 3)


def test_what_would_change_the_class() -> None:
    margins = {margin.id: margin for margin in vn.assess(*POOR, date=DATE).margins}
    assert (margins["income"].distance, margins["income"].operator, margins["income"].becomes) == (
        100_000,
        ">",
        "average_living",
    )
    assert (margins["cutoff"].distance, margins["cutoff"].operator, margins["cutoff"].becomes) == (-2, "<", "near_poor")
    on_the_line = {m.id: m for m in vn.assess(home(), [person()], date=DATE).margins}
    assert (on_the_line["income"].distance, on_the_line["income"].becomes) == (0, "average_living")
    assert (on_the_line["cutoff"].distance, on_the_line["cutoff"].becomes) == (3, "poor")
    rich = {m.id: m.becomes for m in vn.assess(home(income=9_000_000), [person()], date=DATE).margins}
    assert rich == {"income": "near_poor", "average_living": "average_living"}
    total = vn.assess(home(total_income=3_000_000) | {"income": None}, [person(), person()], date=DATE)
    assert {m.id: (m.value, m.limit) for m in total.margins}["income"] == (3_000_000, 3_000_000)


STEPS = {">": 1, "<": -1, ">=": 0, "<=": 0}


@given(st.integers(0, 5), st.sampled_from([1_500_000, 2_250_000]), st.integers(-2, 2))
def test_a_margin_says_what_becomes_of_the_household_beyond_it(lacks: int, line: int, beside: int) -> None:
    def verdict(deprived: int, income: int) -> mdp.Verdict:
        flags = {name: at < deprived for at, name in enumerate(vn.indicators)}
        return vn.assess({"area": "rural", "income": income, "household_size": 4, **flags}, given="all", date=DATE)

    found = verdict(lacks, line + beside)
    assert {"income", "average_living"} & {margin.id for margin in found.margins}
    for margin in found.margins:
        assert margin.distance == margin.limit - margin.value
        beyond = margin.limit + STEPS[margin.operator]
        changed = verdict(beyond, line + beside) if margin.id == "cutoff" else verdict(lacks, beyond)
        if margin.becomes is not None:
            assert changed.category == margin.becomes


def test_what_is_written_of_a_verdict_is_all_that_it_says() -> None:
    record, members = POOR
    verdict = vn.assess(record, members, date=DATE)

    def same(finding: mdp.Finding, written: dict[str, Any]) -> int:
        assert written.get("answers", {}) == dict(finding.answers)
        children = written.get("children", [])
        return 1 + sum(same(each, its) for each, its in zip(finding.children, children, strict=True))

    plain = verdict.to_dict()["findings"]
    assert sum(same(each, its) for each, its in zip(verdict.findings, plain, strict=True)) > 20
    again = vn.assess(dict(reversed(record.items())), [dict(reversed(who.items())) for who in members], date=DATE)
    assert again.receipt.inputs_digest == verdict.receipt.inputs_digest


CITED = {
    "instrument": "Toyland Act",
    "place": "article 1",
    "words": "at or under the line, and half of the weight or more",
    "found": "words",
    "confirmed": True,
}


def written(id: str, label: str, answer: str, children: Any = (), **rest: Any) -> dict[str, Any]:
    """What is written of a finding; its reasons only where it has any."""
    plain = {"id": id, "label": {"vi": label, "en": label}, "answer": answer, "citation": CITED, **rest}
    return plain | ({"children": list(children)} if children else {})


def test_all_that_is_written_of_a_settled_household() -> None:
    answers = {"coast": "east", "shells": 100, "household_size": 3, "huts": 1.4}
    people = [
        {"age": 40, "swims": True, "trade": "none"},
        {"age": 6, "swims": False, "trade": "sailor"},
        {"age": 49, "swims": False, "trade": "none"},
    ]
    gear = {"boat": False, "net": True, "hook": False}
    plain = TOY.assess(answers | gear, people, date="2029-12-31").to_dict()
    assert plain.pop("receipt")["date"] == "2029-12-31"
    sea = [
        written("cannot_swim", "Swimming", "yes", members=[1, 2], open_members=[]),
        written("no_gear", "Gear", "yes", answers=gear),
    ]
    land = [
        written("crowded", "Room", "yes", answers={"huts": 1.4, "household_size": 3}),
        written("idle", "Trade", "yes", members=[0, 2], open_members=[], answers={"household_size": 3}),
    ]
    line = {"value": 100, "operator": "<=", "limit": 100, "unit": "shells"}
    half = {"value": "1", "operator": ">=", "limit": "1/2", "unit": "weight"}
    dimensions = [written("sea", "Sea", "yes", sea), written("land", "Land", "yes", land)]
    crossed = {"id": "line", "unit": "shells", "value": 100, "limit": 100, "distance": 0, "operator": ">"}
    fewer = {"id": "half", "unit": "weight", "value": "1", "limit": "1/2", "distance": "-1/2", "operator": "<"}
    assert plain == {
        "schema": 1,
        "standard": "toyland",
        "category": "poor",
        "possible": ["poor"],
        "deprivations": 1,
        "deprivations_max": 1,
        "indicators": dict.fromkeys(("cannot_swim", "no_gear", "crowded", "idle"), "yes"),
        "findings": [
            written("line", "Line", "yes", comparison=line, answers={"shells": 100, "coast": "east"}),
            written("half", "Half", "yes", dimensions, comparison=half),
        ],
        "ask": [],
        "margins": [crossed | {"becomes": "fine"}, fewer | {"becomes": "short"}],
    }


def test_all_that_is_written_of_an_open_household() -> None:
    answers = {"coast": None, "shells": 120, "household_size": 2, "huts": 1, "boat": False, "net": None, "hook": True}
    people = [{"age": 40, "swims": None, "trade": "none"}, {"age": 6, "swims": False, "trade": None}]
    verdict = TOY.assess(answers, people)
    plain = verdict.to_dict()
    assert plain.pop("receipt")["date"] is None
    sea = [
        written("cannot_swim", "Swimming", "yes", members=[1], open_members=[]),
        written("no_gear", "Gear", "unknown", answers={"boat": False, "hook": True}),
    ]
    land = [
        written("crowded", "Room", "no"),
        written("idle", "Trade", "unknown", members=[0], open_members=[1], answers={"household_size": 2}),
    ]
    line = {"value": 120, "operator": "<=", "limit": [100, 150], "unit": "shells"}
    half = {"value": ["1/3", "3/4"], "operator": ">=", "limit": "1/2", "unit": "weight"}
    dimensions = [written("sea", "Sea", "yes", sea), written("land", "Land", "unknown", land)]
    asked = [("coast", "household", None, "Which coast?", "line"), ("net", "household", None, "A net?", "no_gear")]
    asked += [("trade", "member", 1, "Which trade?", "idle")]
    assert plain == {
        "schema": 1,
        "standard": "toyland",
        "category": None,
        "possible": ["poor", "short", "fine"],
        "deprivations": "1/3",
        "deprivations_max": "3/4",
        "indicators": {"cannot_swim": "yes", "no_gear": "unknown", "crowded": "no", "idle": "unknown"},
        "findings": [
            written("line", "Line", "unknown", comparison=line, answers={"shells": 120}),
            written("half", "Half", "unknown", dimensions, comparison=half),
        ],
        "ask": [
            {"field": field, "level": level, "member": at, "question": {"vi": text, "en": text}, "decides": [what]}
            for field, level, at, text, what in asked
        ],
        "margins": [],
    }
    assert [repr(found) for found in verdict.findings] == [
        "<Finding line: unknown (120 <= (100, 150))>",
        "<Finding half: unknown ((Fraction(1, 3), Fraction(3, 4)) >= 1/2), 2 reasons>",
    ]
    assert repr(find(verdict, "idle")) == "<Finding idle: unknown>"


def test_what_is_asked_first_decides_most() -> None:
    """One answer that the class waits for; then by how few others the indicators wait for that it decides."""
    gear = {"boat": False, "net": None, "hook": None}
    verdict = TOY.assess(
        {"coast": None, "shells": 120, "household_size": 2, "huts": None, **gear},
        [{"age": 40, "swims": None, "trade": None}, {"age": 6, "swims": True, "trade": None}],
    )
    assert [(ask.field, ask.member, ask.decides) for ask in verdict.ask] == [
        ("coast", None, ("line",)),
        ("swims", 0, ("cannot_swim",)),
        ("huts", None, ("crowded",)),
        ("net", None, ("no_gear",)),
        ("hook", None, ("no_gear",)),
        ("trade", 0, ("idle",)),
        ("date", None, ("idle",)),
        ("trade", 1, ("idle",)),
    ]
    assert verdict.ask[6].question.en == "On which day is the review?"
    assert {ask.field for ask in TOY.assess({"coast": "west", "shells": 9}, []).ask} >= {"members", "huts", "net"}


def test_an_answer_that_several_indicators_wait_for_is_asked_before_one_that_shares_an_indicator() -> None:
    who = person(age=None, uses_internet=None, insured=None, employment="seeking")
    where = home(income=None, toilet=None, wall_durable=None, pillar_durable=False)
    asked = vn.assess(where, [who], date=DATE).ask
    fields = [ask.field for ask in asked]
    assert fields[-5:] == ["age", "wall_durable", "toilet", "uses_internet", "insured"]
    assert "income" in fields[:-5]
    assert asked[-5].decides == ("employment", "dependents", "health_insurance", "child_schooling")
    assert asked[-1].decides == ("health_insurance",)


def test_an_answer_of_the_household_that_a_rule_asks_of_each_member_is_asked_once() -> None:
    grown = column("age") >= threshold({"east": 16, "west": 18}, by=column("coast", level="household"))
    rule = any_member(grown & ~column("swims"))
    law = evolve(
        TOY, indicators=[evolve(TOY.indicators["cannot_swim"], rule=rule, weight=1)], dimensions=TOY.dimensions
    )
    people = [{"age": 17, "swims": False}, {"age": 17, "swims": None}, {"age": 9, "swims": None}]
    asked = law.assess({"coast": None, "shells": 90}, people).ask
    assert [(ask.field, ask.level, ask.member) for ask in asked] == [
        ("coast", "household", None),
        ("swims", "member", 1),
    ]


def test_conditions_of_a_dimension_and_of_a_flag_alone() -> None:
    at_sea, boat = deprivations("sea") >= threshold("half"), column("boat")
    law = evolve(
        TOY,
        categories=[
            evolve(TOY.categories["poor"], rule=at_sea & ~boat),
            evolve(TOY.categories["short"], rule=at_sea & boat),
            evolve(TOY.categories["fine"], rule=~at_sea),
        ],
    )
    gear = {"boat": False, "net": True, "hook": False}
    answers = {"coast": "east", "shells": 90, "household_size": 1, "huts": 0, **gear}
    verdict = law.assess(answers, [{"age": 9, "swims": False, "trade": "none"}], date="2029-12-31")
    assert verdict.category == "poor"
    half, flag = verdict.findings
    assert [child.id for child in half.children] == ["sea"]
    assert (half.value, half.answer, flag.answer, flag.operator, flag.limit) == (Fraction(1, 2), YES, NO, "", None)
    assert flag.answers == {"boat": False}
    assert [(margin.id, margin.distance, margin.becomes) for margin in verdict.margins] == [("half", 0, "fine")]


def test_members_are_named_who_make_a_rule_hold_and_not_those_who_keep_it_from_holding() -> None:
    swimmers, idle = any_member(column("swims")), 2 * count_members(column("trade").equals("none"))
    rules = {"cannot_swim": ~swimmers | any_member(column("age") < 6), "idle": idle > column("household_size")}
    kept = [evolve(TOY.indicators[name], rule=rule, weight="1/2") for name, rule in rules.items()]
    law = evolve(TOY, id="toyland-2", indicators=kept)
    people = [
        {"age": 40, "swims": True, "trade": "none"},
        {"age": 5, "swims": False, "trade": "none"},
        {"age": 30, "swims": True, "trade": "potter"},
    ]
    verdict = law.assess({"coast": "east", "shells": 90, "household_size": 3}, people)
    assert verdict.deprivations == 1
    assert find(verdict, "cannot_swim").members == (1,)
    assert find(verdict, "idle").members == (0, 1)
    unknown = [person | {"swims": None, "age": 9} for person in people]
    verdict = law.assess({"coast": "east", "shells": 90, "household_size": 3}, unknown)
    assert find(verdict, "cannot_swim").open_members == (0, 1, 2)
    assert find(verdict, "cannot_swim").members == ()


def test_findings_of_a_household_that_lacks_nothing_are_all_no() -> None:
    answers = {"coast": "east", "shells": 101, "household_size": 1, "huts": 1, "boat": True, "net": True, "hook": True}
    verdict = TOY.assess(answers, [{"age": 9, "swims": True, "trade": "potter"}], date="2029-12-31")
    assert {found.id: found.answer for top in verdict.findings for found in top.walk()} == dict.fromkeys(
        ("line", "half", "sea", "cannot_swim", "no_gear", "land", "crowded", "idle"), NO
    )
    assert find(verdict, "half").value == 0
    assert all(not (found.answers or found.members) for found in verdict.findings[1].walk())


def test_the_condition_is_told_by_the_first_way_of_asking_that_has_an_answer() -> None:
    both = vn.assess({**home(income=1_600_000), "total_income": 3_200_000}, [person(), person()], date=DATE)
    assert (find(both, "income").value, find(both, "income").limit) == (1_600_000, 1_500_000)
    total = vn.assess({**home(income=None), "total_income": 3_200_000}, [person(), person()], date=DATE)
    assert (find(total, "income").value, find(total, "income").limit) == (3_200_000, 3_000_000)
    assert find(total, "income").answers["total_income"] == 3_200_000
    neither = find(vn.assess(home(income=None), [person()], date=DATE), "income")
    assert (neither.answer, neither.value, neither.limit) == (UNKNOWN, None, 1_500_000)
    assert "income" not in neither.answers


def test_the_digest_is_that_of_the_answers_as_they_are_written() -> None:
    coasts = tuple(Code(id, Label(id, id)) for id in ("đông", "tây"))
    line = evolve(TOY.thresholds["line"], steps={"đông": 100, "tây": 150})
    fields = [evolve(each, codes=coasts) if each.id == "coast" else each for each in TOY.fields.values()]
    thresholds = [line if each.id == "line" else each for each in TOY.thresholds.values()]
    law = evolve(TOY, fields=fields, thresholds=thresholds)
    receipt = law.assess({"coast": "đông", "shells": 90.0}, [{"age": 7}]).receipt
    home = {"boat": 1, "coast": "đông", "hook": 1, "household_size": 1, "huts": None, "net": 1, "shells": 90}
    member = {"age": 7, "swims": 1, "trade": None}
    text = f'{{"household": {json.dumps(home, ensure_ascii=False)}, "members": [{json.dumps(member)}]}}'
    assert receipt.inputs_digest == hashlib.sha256(text.encode()).hexdigest()


def test_amounts_without_a_name_have_no_margins() -> None:
    small = column("huts") <= 2
    classes = [evolve(TOY.categories["poor"], rule=small), evolve(TOY.categories["fine"], rule=~small)]
    verdict = evolve(TOY, id="toyland-2", categories=classes).assess({"huts": 1})
    assert (verdict.category, verdict.margins) == ("poor", ())


def test_amounts_that_members_are_compared_with_have_no_margins() -> None:
    young = any_member(column("age") < threshold("rest"))
    classes = [evolve(TOY.categories["poor"], rule=young), evolve(TOY.categories["fine"], rule=~young)]
    verdict = evolve(TOY, id="toyland-2", categories=classes).assess({}, [{"age": 30, "trade": "potter"}])
    assert (verdict.category, verdict.margins) == ("poor", ())
    assert [(found.id, found.value, found.operator, found.limit) for found in verdict.findings] == [
        ("rest", None, "", None)
    ]


def test_margins_of_open_answers_are_left_out() -> None:
    assert vn.assess({}).margins == ()


@given(vn_answers.with_gaps())
def test_a_verdict_is_data(pair: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    verdict = vn.assess(*pair, date=DATE)
    plain = verdict.to_dict()
    assert json.loads(json.dumps(plain, ensure_ascii=False)) == plain
    assert plain["schema"] == 1
    assert plain["category"] == verdict.category
    assert plain["receipt"]["standard"] == "vn-2022"
    assert pickle.loads(pickle.dumps(verdict)).possible == verdict.possible
    for margin in verdict.margins:
        assert margin.becomes != verdict.category


@given(vn_answers.with_gaps())
def test_a_verdict_reads_in_both_languages(pair: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    verdict = vn.assess(*pair, date=DATE)
    vietnamese, english = verdict.text("vi"), verdict.text("en")
    assert len(vietnamese.splitlines()) == len(english.splitlines())
    for name, code in verdict.indicators.items():
        label = vn.indicators[name].label
        deprived = code == YES or (code == UNKNOWN and verdict.category is None)
        assert (f"/ {label.vi}:" in vietnamese) is deprived
        assert (f"/ {label.en}:" in english) is deprived
    if verdict.category:
        assert vietnamese.startswith(vn.categories[verdict.category].label.vi)
        assert english.startswith(vn.categories[verdict.category].label.en)
    else:
        assert vietnamese.startswith("Chưa xác định")
        assert "Cần hỏi thêm" in vietnamese


def test_the_words_of_a_verdict() -> None:
    text = vn.assess(*POOR, date=DATE).text("vi")
    assert text.splitlines()[:2] == [
        "Hộ nghèo (theo Nghị định 07/2021/NĐ-CP, Điều 3, khoản 2 điểm a)",
        "  Chuẩn nghèo về thu nhập: 1.400.000 đồng/người/tháng, cần từ 1.500.000 trở xuống – đạt",
    ]
    assert "    - Y tế / Bảo hiểm y tế: thiếu hụt (thành viên 2) [chưa tìm thấy trong nguồn nào]" in text
    assert text.splitlines()[-2:] == [
        "  ~ Chuẩn nghèo về thu nhập: > 1.500.000 đồng/người/tháng (nay là 1.400.000) → Hộ có mức sống trung bình",
        "  ~ Số chỉ số thiếu hụt của hộ nghèo: < 3 chỉ số (nay là 5) → Hộ cận nghèo",
    ]


def test_numbers_are_written_as_the_language_does() -> None:
    from mdpoverty.numbers import printed

    assert printed(Fraction(1, 2), "vi") == "0,5"
    assert printed(1234567.25, "en") == "1,234,567.25"
    assert printed((0, 9), "vi") == "0–9"


def test_weights_stay_exact() -> None:
    hungry = {"coast": "east", "shells": 100, "huts": 0, "boat": False, "net": False, "hook": True}
    verdict = TOY.assess(hungry, [{"age": 9, "swims": True, "trade": "potter"}])
    assert verdict.deprivations == Fraction(5, 12)
    assert verdict.category == "short"
    verdict = TOY.assess(hungry, [{"age": 9, "swims": False, "trade": "potter"}])
    assert verdict.deprivations == Fraction(3, 4)
    assert verdict.category == "poor"
    # crowded and idle are a quarter each: exactly half is poor
    half = TOY.assess({**hungry, "net": True}, [{"age": 9, "swims": True, "trade": "none"}])
    assert half.deprivations == Fraction(1, 2)
    assert half.category == "poor"
    assert half.to_dict()["deprivations"] == "1/2"


def test_assessing_one_household_needs_neither_pandas_nor_numpy() -> None:
    code = (
        "import sys, mdpoverty as mdp\n"
        "v = mdp.standards['vn-2022'].assess({'area': 'rural', 'income': 1}, [{'age': 3}])\n"
        "v.text('vi'), v.text('en'), v.to_dict(), v.margins, v.ask\n"
        "print([name for name in ('pandas', 'numpy', 'narwhals') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_equal_verdicts_are_one_in_a_set() -> None:
    first, second = vn.assess(*POOR, date=DATE), vn.assess(*POOR, date=DATE)
    assert len({first, second}) == 1
    assert len({*first.findings, *second.findings}) == len(first.findings)
    assert len({*first.margins, *second.margins}) == len(first.margins)


def test_verdicts_cannot_be_changed() -> None:
    verdict = vn.assess(*POOR, date=DATE)
    with pytest.raises(AttributeError):
        verdict.possible = ("near_poor",)  # type: ignore[misc]  # the point of the test
    with pytest.raises(AttributeError):
        verdict.findings[0].answer = NO  # type: ignore[misc]  # the point of the test
    assert "<pre>" in verdict._repr_html_()


# ------------------------------------------------------------------------------------------- names that no answer has


def test_a_mistyped_name_is_an_error_with_the_nearest_one() -> None:
    people = [{"age": 40, "insured": True}, {"age": 7, "insurd": True, "Tên": "made up"}]
    with pytest.raises(BadValues) as caught:
        vn.assess({"household_id": "VD-1", "toilt": "none", "area": "rural"}, people)
    found = {(each.table, each.column): each for each in caught.value.problems}
    assert set(found) == {("households", "toilt"), ("members", "insurd"), ("members", "Tên")}
    assert found["households", "toilt"].code == "unknown_key"
    assert "did you mean 'toilet'?" in str(caught.value)
    assert found["households", "toilt"].places[0].key == "VD-1"
    assert found["members", "insurd"].text("vi") == (
        "thành viên.insurd: không có câu hỏi nào tên như vậy (có phải 'insured'?) (1 dòng: thành viên 2)"
    )
    assert found["members", "Tên"].details["meant"] is None


def test_names_are_wrong_together_with_values() -> None:
    with pytest.raises(BadValues) as caught:
        vn.assess({"area": "rurl", "incom": 1})
    assert [each.code for each in caught.value.problems] == ["unknown_key", "not_an_answer"]


@pytest.mark.parametrize(
    ("record", "members", "code"),
    [
        ({"insured": True}, None, "key_of_member"),
        ({}, [{"toilet": "none"}], "key_of_household"),
        ({"toilet": "none", "housing_area": True}, None, "key_not_given"),
    ],
)
def test_an_answer_in_the_wrong_place_says_where_it_belongs(record: Any, members: Any, code: str) -> None:
    with pytest.raises(BadValues) as caught:
        vn.assess(record, members)
    assert [each.code for each in caught.value.problems] == [code]


def test_other_names_are_ignored_on_request_and_change_nothing() -> None:
    plain, also = {"area": "rural", "income": 2_300_000}, {"name": "made up", 5: "x"}
    strict = vn.assess(plain, [{"age": 40}])
    lax = vn.assess({**plain, **also}, [{"age": 40, **also}], unknown_keys="ignore")
    assert lax.to_dict() == strict.to_dict()
    assert mdp.verify(strict.receipt, {**plain, **also}, [{"age": 40}])
    with pytest.raises(SpecError, match="unknown_keys"):
        vn.assess(plain, unknown_keys="drop")  # type: ignore[arg-type]  # the point of the test


@given(vn_answers.with_gaps())
def test_every_answer_of_the_template_is_a_known_name(pair: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    households, members = vn.template("dict")
    record = {**dict.fromkeys(households), **pair[0]}
    vn.assess(record, [{**dict.fromkeys(members), **member} for member in pair[1]], date=DATE)
