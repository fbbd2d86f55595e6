"""Decree 07/2021/NĐ-CP, clause by clause. All people here are made up."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdpoverty as mdp
from mdpoverty import scorers as s
from mdpoverty.numbers import machine
from mdpoverty.ternary import NO, YES
from tests import oracle, vn_answers
from tests.vn_answers import child, home, person

vn = mdp.standards["vn-2022"]
DATE = "2024-11-15"


def lacks(name: str, household: dict[str, Any], *members: dict[str, Any], day: str = DATE) -> bool:
    """Return whether a household is deprived in one indicator, and in no other."""
    codes = dict(vn.assess(household, list(members), date=day).indicators)
    code = codes.pop(name)
    assert set(codes.values()) == {NO}, f"deprived elsewhere: {codes}"
    assert code in (NO, YES)
    return code == YES


def test_the_household_to_start_from_lacks_nothing() -> None:
    verdict = vn.assess(home(), [person()], date=DATE)
    assert verdict.deprivations_max == 0
    assert verdict.category == "near_poor"


# ------------------------------------------------------------------------------------------- article 3, the classes

POOR_HOME = {"wall_durable": False, "pillar_durable": False, "toilet": "none", "water_source": "surface"}


@pytest.mark.parametrize(
    ("area", "line", "ceiling"), [("rural", 1_500_000, 2_250_000), ("urban", 2_000_000, 3_000_000)]
)
def test_income_lines_are_inclusive(area: str, line: int, ceiling: int) -> None:
    """“từ 1.500.000 đồng trở xuống”: at the line is in; “trên … đến …”: the ceiling is in, the line is not."""

    def category(income: int, **answers: Any) -> str | None:
        return vn.assess(home(area=area, income=income, **answers), [person()], date=DATE).category

    assert category(line, **POOR_HOME) == "poor"
    assert category(line) == "near_poor"
    assert category(line + 1, **POOR_HOME) == category(line + 1) == "average_living"
    assert category(ceiling, **POOR_HOME) == category(ceiling) == "average_living"
    assert category(ceiling + 1, **POOR_HOME) == category(ceiling + 1) == "above_average"


@pytest.mark.parametrize(
    ("count", "category"), [(0, "near_poor"), (1, "near_poor"), (2, "near_poor"), (3, "poor"), (12, "poor")]
)
def test_from_three_deprivations_on_a_household_is_poor(count: int, category: str) -> None:
    """“thiếu hụt từ 03 chỉ số trở lên” / “dưới 03 chỉ số”: none at all is near-poor too."""
    given_ = {name: i < count for i, name in enumerate(vn.indicators)}
    assert vn.assess({"area": "rural", "income": 1_500_000, **given_}, given="all").category == category


def test_both_conditions_and_not_either() -> None:
    """“… trở xuống và thiếu hụt …”: twelve deprivations one đồng above the line are average living standard."""
    everything = dict.fromkeys(vn.indicators, True)
    assert vn.assess({"area": "rural", "income": 1_500_001, **everything}, given="all").category == "average_living"
    assert vn.assess({"area": "urban", "income": 2_000_001, **everything}, given="all").category == "average_living"


def test_total_income_is_compared_without_dividing() -> None:
    def category(total: int) -> str | None:
        household = home(total_income=total) | {"income": None}
        return vn.assess(household, [person(), person(), person()], date=DATE).category

    assert category(4_500_000) == "near_poor"
    assert category(4_500_001) == "average_living"  # 1,500,000.33 each
    assert category(6_750_000) == "average_living"
    assert category(6_750_001) == "above_average"


def test_two_contradicting_incomes_are_refused() -> None:
    household = home(total_income=4_500_001)
    with pytest.raises(mdp.errors.BadValues, match="contradict"):
        vn.assess(household, [person()] * 3, date=DATE)
    frame = pd.DataFrame([{**home(total_income=total), "household_id": i} for i, total in enumerate([1_500_000, 2])])
    members = pd.DataFrame([{"household_id": i, **person()} for i in range(2)])
    assert vn.classify(frame, members, date=DATE).category.tolist() == ["near_poor", "near_poor"]
    frame.loc[1, "total_income"] = 1_500_001
    with pytest.raises(mdp.errors.BadValues, match=r"contradict.*\(1 row: 1 \(row 3\)\)"):
        vn.classify(frame, members, date=DATE)
    going_on = vn.classify(frame, members, date=DATE, invalid="missing")
    assert going_on.category.tolist() == ["near_poor", None]
    found = going_on.explain(1)
    assert found.category is None
    assert [ask.field for ask in found.ask] == ["income"]  # what else was answered is known


# --------------------------------------------------------------------------------------- the annex, its indicators


def test_1_work_someone_seeks_or_has_no_contract() -> None:
    """“không tìm được việc làm …; hoặc có việc làm công ăn lương nhưng không có hợp đồng lao động”."""
    assert lacks("employment", home(), person(), person(employment="seeking"))
    assert lacks("employment", home(), person(employment="no_contract"))
    for employment in ("own_account", "contract", "not_seeking"):
        assert not lacks("employment", home(), person(employment=employment))
    assert not lacks("employment", home(), person(), person(employment="seeking", able_to_work=False))


def test_1_work_one_and_the_same_member_must_meet_it() -> None:
    seeks_but_cannot = person(employment="seeking", able_to_work=False)
    could_but_works = person(employment="own_account", able_to_work=True)
    assert not lacks("employment", home(), seeks_but_cannot, could_but_works)


@pytest.mark.parametrize(
    ("sex", "day", "first_retired"),
    [
        ("male", "2022-06-30", 61),  # 60 years and 6 months: 60 is still of working age
        ("male", "2023-12-31", 61),
        ("male", "2024-01-01", 61),  # 61 sharp
        ("male", "2025-01-01", 62),  # 61 years and 3 months
        ("male", "2026-12-31", 62),
        ("female", "2022-01-01", 56),  # 55 years and 8 months
        ("female", "2023-01-01", 56),  # 56 sharp
        ("female", "2024-01-01", 57),
        ("female", "2026-01-01", 57),  # 57 sharp
    ],
)
def test_1_work_ends_with_the_retirement_age_of_the_year(sex: str, day: str, first_retired: int) -> None:
    def seeking(age: int) -> bool:
        return lacks("employment", home(), person(sex=sex, age=age, employment="seeking"), day=day)

    assert seeking(first_retired - 1)
    assert not seeking(first_retired)
    assert lacks("employment", home(), person(age=15, employment="seeking", attending="lower_secondary"), person())
    assert not lacks("employment", home(), child(14, employment="seeking"), person())


def test_1_work_without_a_sex_only_what_both_readings_agree_on() -> None:
    def code(age: int) -> int:
        people = [person(age=age, sex=None, employment="seeking")]
        return vn.assess(home(), people, date=DATE).indicators["employment"]

    assert [code(age) for age in (15 + 40, 56, 57, 60, 61)] == [YES, YES, 1, 1, NO]


def test_2_dependents_more_than_half() -> None:
    """“lớn hơn 50%”: two of four are not, three of five are."""
    adults = [person(), person(), person()]
    assert not lacks("dependents", home(), *adults[:2], child(1), child(2))
    assert lacks("dependents", home(), *adults[:2], child(1), child(2), child(15))
    assert not lacks("dependents", home(), *adults, child(15), child(1))
    assert not lacks("dependents", home(), *adults[:1], person(age=16, attending="lower_secondary"))


def test_2_dependents_the_elderly_and_disabled_only_with_an_allowance() -> None:
    old = {"age": 60, "employment": "not_seeking"}
    assert lacks("dependents", home(), person(**old, social_allowance=True))
    assert not lacks("dependents", home(), person(**old, social_allowance=False))
    assert not lacks("dependents", home(), person(**{**old, "age": 59}, social_allowance=True))
    assert lacks("dependents", home(), person(disabled=True, social_allowance=True))
    assert not lacks("dependents", home(), person(disabled=True, social_allowance=False))


@pytest.mark.parametrize("measure", ["stunted", "underweight"])
def test_3_nutrition_of_children_under_16(measure: str) -> None:
    assert lacks("nutrition", home(), person(), child(15, **{measure: True}))
    assert not lacks("nutrition", home(), person(), person(age=16, attending="lower_secondary", **{measure: True}))


def test_4_insurance_from_six_on() -> None:
    """“từ đủ 6 tuổi trở lên”."""
    assert lacks("health_insurance", home(), person(), child(6, insured=False))
    assert not lacks("health_insurance", home(), person(), child(5, insured=False))
    assert lacks("health_insurance", home(), person(), person(age=90, insured=False, employment="not_seeking"))


def test_5_adult_education_from_16_to_30() -> None:
    """“từ 16 tuổi đến 30 tuổi”: both ends are in; the diploma that is asked changes at 18."""
    nothing = {"qualification": "none", "attending": "none"}
    for age, asked in ((15, False), (16, True), (17, True), (18, True), (30, True), (31, False)):
        attending = {"attending": "lower_secondary"} if age < 16 else {}
        assert lacks("adult_education", home(), person(), person(age=age, **{**nothing, **attending})) is asked
    lower = {"qualification": "lower_secondary", "attending": "none"}
    assert not lacks("adult_education", home(), person(), person(age=17, **lower))
    assert lacks("adult_education", home(), person(), person(age=18, **lower))
    for diploma in ("upper_secondary", "vocational", "tertiary"):
        assert not lacks("adult_education", home(), person(), person(age=30, qualification=diploma, attending="none"))


def test_5_adult_education_studying_or_training_is_enough() -> None:
    nothing = {"qualification": "primary", "attending": "none"}
    assert not lacks("adult_education", home(), person(), person(age=17, **{**nothing, "attending": "lower_secondary"}))
    assert lacks("adult_education", home(), person(), person(age=18, **{**nothing, "attending": "lower_secondary"}))
    assert not lacks("adult_education", home(), person(), person(age=18, **{**nothing, "attending": "vocational"}))
    for age in (16, 30):
        assert not lacks("adult_education", home(), person(), person(age=age, **nothing, workplace_training=True))


def test_6_schooling_at_the_level_of_ones_age() -> None:
    """“đúng bậc, cấp học phù hợp với độ tuổi”: a level above is no deprivation, a level below is."""
    needed = {
        2: "none",
        3: "preschool",
        5: "preschool",
        6: "primary",
        11: "primary",
        12: "lower_secondary",
        15: "lower_secondary",
    }
    levels = ["none", "preschool", "primary", "lower_secondary", "upper_secondary", "vocational", "tertiary"]
    for age, level in needed.items():
        for attending in levels:
            short = levels.index(attending) < levels.index(level)
            assert lacks("child_schooling", home(), person(), child(age, attending=attending)) is short
    sixteen = person(age=16, attending="none", qualification="lower_secondary")
    assert not lacks("child_schooling", home(), person(), sixteen)


def test_7_housing_quality_two_of_three() -> None:
    """“ít nhất hai” of walls, pillars, roof."""
    parts = ("wall_durable", "pillar_durable", "roof_durable")
    for bad in range(8):
        flimsy = {part: not bad >> i & 1 for i, part in enumerate(parts)}
        assert lacks("housing_quality", home(**flimsy), person()) is (bad.bit_count() >= 2)


@pytest.mark.parametrize(
    ("area", "persons", "short"), [(8.0, 1, False), (7.99, 1, True), (39.9, 5, True), (40, 5, False)]
)
def test_8_housing_area_less_than_eight(area: float, persons: int, short: bool) -> None:
    """“nhỏ hơn 8m2”: eight is enough."""
    assert lacks("housing_area", home(floor_area=area), *[person()] * persons) is short


def test_9_water_from_the_six_accepted_sources() -> None:
    accepted = {"piped", "borehole", "protected_well", "protected_spring", "rainwater", "bottled"}
    for code in vn.fields["water_source"].codes:
        assert lacks("water_source", home(water_source=code.id), person()) is (code.id not in accepted)


def test_10_toilet_of_the_five_accepted_kinds() -> None:
    accepted = {"septic", "pour_flush", "vip", "pit_with_seat", "two_vault"}
    for code in vn.fields["toilet"].codes:
        assert lacks("toilet", home(toilet=code.id), person()) is (code.id not in accepted)


def test_11_12_a_phone_but_no_internet() -> None:
    offline = person(uses_internet=False)
    assert lacks("telecommunication", home(television=False, phone=True), offline)
    assert not lacks("telecommunication", home(), offline, person(uses_internet=True))


@pytest.mark.parametrize("device", vn_answers.DEVICES)
def test_12_one_device_of_seven_is_enough(device: str) -> None:
    without = dict.fromkeys(vn_answers.DEVICES, False)
    assert lacks("information_devices", home(**without), person())
    assert not lacks("information_devices", home(**without | {device: True}), person())


def test_an_indicator_that_concerns_nobody_is_not_deprived() -> None:
    old = person(age=75, employment="not_seeking")
    codes = vn.assess(home(), [old], date=DATE).indicators
    assert {codes[name] for name in ("nutrition", "adult_education", "child_schooling")} == {NO}


def test_what_is_not_asked_of_someone_is_not_needed_of_them() -> None:
    adult = person() | dict.fromkeys(("stunted", "underweight", "qualification", "attending", "workplace_training"))
    infant = child(1) | dict.fromkeys(
        ("employment", "able_to_work", "qualification", "attending", "workplace_training", "insured", "sex")
    )
    verdict = vn.assess(home(), [adult, infant], date=DATE)
    assert verdict.deprivations == verdict.deprivations_max == 0


# -------------------------------------------------------------------------------------------------- all together


@given(vn_answers.households, st.sampled_from(sorted(oracle.RETIREMENT_MONTHS)))
def test_any_household_is_as_the_pencil_says(pair: tuple[dict[str, Any], list[dict[str, Any]]], year: int) -> None:
    household, members = pair
    verdict = vn.assess(household, members, date=date(year, 10, 1))
    assert {name: code == YES for name, code in verdict.indicators.items()} == oracle.deprived(household, members, year)
    assert verdict.category == oracle.classify(household, members, year)


@given(st.lists(vn_answers.with_gaps(), min_size=1, max_size=5))
def test_a_table_is_as_its_households(pairs: list[tuple[dict[str, Any], list[dict[str, Any]]]]) -> None:
    households = [{**household, "household_id": f"VD-{i}"} for i, (household, _) in enumerate(pairs)]
    members = [{**member, "household_id": f"VD-{i}"} for i, (_, people) in enumerate(pairs) for member in people]
    many = vn.classify(pd.DataFrame(households), pd.DataFrame(members), date=DATE)
    for i, (household, people) in enumerate(pairs):
        one = vn.assess(household, people, date=DATE)
        assert many.category[i] == one.category
        assert many.explain(f"VD-{i}").possible == one.possible
        assert {name: many.indicator(name)[i] for name in vn.indicators} == one.indicators


WORSE: dict[str, Any] = {
    **dict.fromkeys(("wall_durable", "pillar_durable", "roof_durable", *vn_answers.DEVICES), False),
    "toilet": "none",
    "water_source": "surface",
    "floor_area": 0,
    "income": 0,
}


@given(vn_answers.households, st.sampled_from(sorted(WORSE)))
def test_worse_answers_never_improve_the_class(pair: tuple[dict[str, Any], list[dict[str, Any]]], name: str) -> None:
    household, members = pair
    ranks = list(vn.categories)
    before = vn.assess(household, members, date=DATE).category
    after = vn.assess({**household, name: WORSE[name]}, members, date=DATE).category
    assert ranks.index(str(after)) <= ranks.index(str(before))


# --------------------------------------------------- every threshold, just below, on and just above, from the rules


def comparisons() -> list[Any]:
    """Return every comparison of an answer with an amount, in every indicator and class, with each of its amounts."""
    found = []
    program = vn.program(DATE)
    for name, rule in (*program.indicators, *program.categories):
        for node in rule.walk():
            if isinstance(node, s.Compare) and isinstance(node.left, s.Column) and isinstance(node.right, s.Amount):
                for code, amount, _ in node.right.cases:
                    label = f"{name}: {node.left.name} {node.operator} {node.right.name} {code or ''}"
                    found.append(pytest.param(node, code, amount, id=label))
    return found


@pytest.mark.parametrize(("node", "code", "amount"), comparisons())
def test_every_threshold_just_below_on_and_above(node: s.Compare, code: str | None, amount: Any) -> None:
    from mdpoverty.engine.record import Case, compile_program
    from mdpoverty.law.program import Program

    assert isinstance(node.left, s.Column)
    assert isinstance(node.right, s.Amount)
    step = 1 if amount == int(amount) else amount - int(amount)
    around = [amount - step, amount, amount + step]
    expected = {"<": [2, 0, 0], "<=": [2, 2, 0], ">": [0, 0, 2], ">=": [0, 2, 2]}[node.operator]
    answers = {node.left.name: None} | ({node.right.by.name: code} if node.right.by is not None else {})
    answer = node.fold(compile_program(Program.alone(node)).algebra)
    rows = [{**answers, node.left.name: machine(value) if step != 1 else int(value)} for value in around]
    assert [answer(Case(row), row) for row in rows] == expected
    if node.level == "household":
        columns = {name: [row[name] for row in rows] for name in answers}
        assert node.score(columns).tolist() == expected
    else:
        members = {"household_id": [0, 1, 2], **{name: [row[name] for row in rows] for name in answers}}
        assert s.any_member(node).score({"household_id": [0, 1, 2]}, members).tolist() == expected


def test_the_boundaries_are_all_there() -> None:
    named = {param.values[0].right.name for param in comparisons()}
    compared_otherwise = {"cutoff", "floor_area"}
    assert named | compared_otherwise == set(vn.thresholds)


# ------------------------------------------------------------------------------------------------- the law as data


def test_the_standard_says_what_the_law_says() -> None:
    assert vn.in_force == date(2022, 1, 1)
    assert vn.until == date(2026, 12, 31)
    assert list(vn.indicators) == list(oracle.ORDER)
    assert [len([i for i in vn.indicators.values() if i.dimension == d]) for d in vn.dimensions] == [2] * 6
    assert list(vn.categories) == ["poor", "near_poor", "average_living", "above_average"]
    assert vn.thresholds["income"].amounts == {"rural": 1_500_000, "urban": 2_000_000}
    assert vn.thresholds["average_living"].amounts == {"rural": 2_250_000, "urban": 3_000_000}
    assert vn.thresholds["cutoff"].amounts == {None: 3}


def test_what_is_not_confirmed_says_so() -> None:
    doubtful = {name for name, indicator in vn.indicators.items() if not indicator.citation.confirmed}
    assert doubtful == {"health_insurance"}
    ages = {name for name, threshold in vn.thresholds.items() if not threshold.citation.confirmed}
    assert ages == {"primary_age", "lower_secondary_age"}
    assert {"working_age", "missing", "wording", "school_levels"} <= {gap.id for gap in vn.gaps}


@pytest.mark.parametrize(("day", "known"), [("2022-01-01", True), ("2026-12-31", True), ("2015-12-31", False)])
def test_the_registry_answers_by_day(day: str, known: bool) -> None:
    if known:
        assert mdp.standards.on(day) == vn
    else:
        with pytest.raises(mdp.errors.NoStandardInForce, match="vn-2022"):
            mdp.standards.on(day)


def test_a_province_may_set_its_own_line() -> None:
    mine = vn.evolve(
        id="vn-example-2024",
        thresholds={"income": {"rural": 1_800_000, "urban": 2_300_000}},
        citation=mdp.Citation("Nghị quyết ví dụ", note="made up"),
    )
    household = home(income=1_800_000)
    assert mine.assess(household, [person()], date=DATE).category == "near_poor"
    assert vn.assess(household, [person()], date=DATE).category == "average_living"
    assert mine.assess(home(income=1_800_001), [person()], date=DATE).category == "average_living"
    assert vn.thresholds["income"].amounts["rural"] == 1_500_000
    assert mine.digest != vn.digest


def test_every_level_is_a_scorer() -> None:
    households = pd.DataFrame([{"household_id": 1, **home()}, {"household_id": 2, **home(**POOR_HOME)}])
    members = pd.DataFrame([{"household_id": 2, **person(insured=False)}, {"household_id": 1, **person()}])
    assert vn.indicators["health_insurance"].score(households, members).tolist() == [NO, YES]
    assert vn.dimensions["health"].score(households, members).tolist() == [NO, YES]
    assert vn.categories["near_poor"].score(households, members, date=DATE).tolist() == [YES, NO]
    assert vn.score(households, members, date=DATE).tolist() == [NO, YES]
    only = members[["household_id", "age", "insured"]]
    assert vn.indicators["health_insurance"].score(households[["household_id"]], only).tolist() == [NO, YES]
