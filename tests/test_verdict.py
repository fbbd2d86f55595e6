"""One household: the reasons, what to ask, what would change, in words and as data."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given

import mdpoverty as mdp
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
        "  Chuẩn nghèo về thu nhập: 1.400.000 ≤ 1.500.000 đồng/người/tháng – đạt điều kiện",
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


def test_verdicts_cannot_be_changed() -> None:
    verdict = vn.assess(*POOR, date=DATE)
    with pytest.raises(AttributeError):
        verdict.possible = ("near_poor",)  # type: ignore[misc]  # the point of the test
    with pytest.raises(AttributeError):
        verdict.findings[0].answer = NO  # type: ignore[misc]  # the point of the test
    assert "<pre>" in verdict._repr_html_()
