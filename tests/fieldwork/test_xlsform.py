"""The questionnaire for tablets: pyxform takes it without a warning, and ODK's engine finds what ``assess`` finds."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

import mdpoverty as mdp
from mdpoverty.engine.record import run
from mdpoverty.errors import ProvisionalStandard, SpecError
from mdpoverty.standard import Standard
from tests import strategies, vn_answers
from tests.strategies import Review
from tests.toy import TOY

pytest.importorskip("xlsxwriter", reason="a form is written with xlsxwriter: pip install 'mdpoverty[excel]'")
openpyxl = pytest.importorskip("openpyxl", reason="a form is read with openpyxl: pip install 'mdpoverty[excel]'")
pyxform = pytest.importorskip("pyxform.xls2xform", reason="forms are checked with pyxform: pip install pyxform")

VN = mdp.standards["vn-2022"]
MODULES = os.environ.get("MDPOVERTY_XFORMS", "")
engine = pytest.mark.skipif(
    not MODULES or not shutil.which("node"),
    reason="needs node, and MDPOVERTY_XFORMS: the node_modules with @getodk/xforms-engine and jsdom",
)


def xform(standard: Standard, path: Path, **options: Any) -> str:
    """Write the form and convert it: without a warning."""
    standard.to_xlsform(path, **options)
    result = pyxform.convert(path)
    assert result.warnings == []
    return str(result.xform)


def sheet(path: Path, name: str) -> list[dict[str, Any]]:
    head, *rows = openpyxl.load_workbook(path)[name].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def written(row: dict[str, Any]) -> dict[str, str]:
    """Answers as a form holds them: texts, and nothing where one is missing."""
    flags = {True: "1", False: "0"}
    return {
        name: flags[value] if isinstance(value, bool) else str(value)
        for name, value in row.items()
        if value is not None
    }


def fill(form: str, cases: list[tuple[dict[str, Any], list[dict[str, Any]]]]) -> list[dict[str, Any]]:
    """Fill the form in ODK's engine, question by question, leaving out what it doesn't ask."""
    texts = [
        {
            "household": written({**household, **({"household_size": len(members)} if members else {})}),
            "members": [written(member) for member in members],
        }
        for household, members in cases
    ]
    script = Path(__file__).with_name("run_form.mjs")
    done = subprocess.run(
        ["node", str(script), MODULES],
        input=json.dumps({"form": form, "cases": texts}),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    assert len(found) == len(cases)
    return found


def agree(
    standard: Standard,
    form: str,
    cases: list[tuple[dict[str, Any], list[dict[str, Any]]]],
    **options: Any,
) -> list[dict[str, Any]]:
    """The form's class, possible classes and deprivations are those of ``assess``, of all answers, asked for or not."""
    found = fill(form, cases)
    for (household, members), its in zip(cases, found, strict=True):
        verdict = standard.assess(household, members, **options)
        expected = {
            "class": verdict.category or "",
            "possible": list(verdict.possible),
            **{f"deprived_{name}": str(code) for name, code in codes(standard, household, members, **options).items()},
        }
        said = its["calculated"]
        assert {name: said[name].split() if name == "possible" else said[name] for name in expected} == expected
    return found


def codes(
    standard: Standard, household: dict[str, Any], members: list[dict[str, Any]], **options: Any
) -> dict[str, int]:
    return run(standard.program(options.get("date")), household, members).codes


@pytest.mark.parametrize("name", [each.id for each in mdp.standards.list()])
def test_every_standard_has_a_form_without_warnings(name: str, tmp_path: Path) -> None:
    xform(mdp.standards[name], tmp_path / "form.xlsx", provisional=True)


def test_the_form_asks_every_answer_once_in_both_languages(tmp_path: Path) -> None:
    VN.to_xlsform(tmp_path / "form.xlsx")
    survey = {row["name"]: row for row in sheet(tmp_path / "form.xlsx", "survey") if row["name"]}
    for name in {name for _, name in VN.program().reads}:
        its = VN.fields[name]
        assert survey[name]["label::Tiếng Việt (vi)"] == its.question.vi
        assert survey[name]["label::English (en)"] == its.question.en
        assert its.label.vi in survey[name]["hint::Tiếng Việt (vi)"]
        if its.codes:
            listed = [row for row in sheet(tmp_path / "form.xlsx", "choices") if row["list_name"] == name]
            assert [(row["name"], row["label::English (en)"]) for row in listed] == [
                (code.id, code.label.en) for code in its.codes
            ]
    assert survey["age"]["constraint"] == ". >= 0 and . <= 130"
    assert survey["stunted"]["relevant"] == "not(${age} >= 16)"
    assert survey["standard_digest"]["calculation"] == f"'{VN.digest}'"


def test_one_language_alone(tmp_path: Path) -> None:
    xform(VN, tmp_path / "form.xlsx", lang="vi")
    assert not any("English" in column for column in sheet(tmp_path / "form.xlsx", "survey")[0])


def test_what_cannot_be_a_form_is_refused(tmp_path: Path) -> None:
    french: Any = "fr"  # as of callers who check no types
    with pytest.raises(SpecError, match="lang"):
        VN.to_xlsform(tmp_path / "form.xlsx", lang=french)
    with pytest.raises(ProvisionalStandard):
        mdp.standards["vn-2027"].to_xlsform(tmp_path / "form.xlsx")


@engine
def test_the_tablet_says_what_assess_says_of_vietnamese_households(tmp_path: Path) -> None:
    drawn: list[Any] = []

    @settings(max_examples=60, database=None, derandomize=True, phases=[Phase.generate], deadline=None)
    @given(vn_answers.with_gaps())
    def draw(case: Any) -> None:
        drawn.append(case)

    draw()
    random.Random(15).shuffle(drawn)
    form = xform(VN, tmp_path / "form.xlsx", date="2024-11-15")
    found = agree(
        VN, form, [*drawn, (vn_answers.home(), []), (vn_answers.home(), [vn_answers.person()])], date="2024-11-15"
    )
    assert len({its["calculated"]["class"] for its in found}) == 5, "all classes, and open"
    child = next(person for its in found for person in its["people"] if int(person.get("age", 99)) < 15)
    assert "able_to_work" not in child, "what no rule asks of a child isn't asked"


@engine
def test_total_income_is_asked_where_income_per_person_is_not_known(tmp_path: Path) -> None:
    home = {**vn_answers.home(), "income": None, "total_income": 3_000_001}
    form = xform(VN, tmp_path / "form.xlsx", date="2024-11-15")
    people = [vn_answers.person(), vn_answers.person()]
    cases = [(home | {"total_income": amount}, people) for amount in (3_000_000, 3_000_001, 4_500_001)]
    found = agree(VN, form, cases, date="2024-11-15")
    assert [its["calculated"]["class"] for its in found] == ["near_poor", "average_living", "above_average"]


@engine
@settings(
    max_examples=12, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(standard=strategies.standards(), review=strategies.reviews())
def test_the_tablet_says_what_assess_says_of_random_rules(standard: Standard, review: Review, tmp_path: Path) -> None:
    form = xform(standard, tmp_path / "random.xlsx")
    agree(standard, form, list(zip(review.households, review.members, strict=True)))


@engine
def test_amounts_that_change_from_day_to_day(tmp_path: Path) -> None:
    home = {"household_id": "1", "coast": "east", "shells": 100, "huts": 1, "boat": True, "net": False, "hook": None}
    people = [{"age": 42, "trade": "sailor", "swims": None}, {"age": 4, "trade": None, "swims": True}]
    for date in (None, "2029-12-31", "2030-01-01"):
        form = xform(TOY, tmp_path / "toy.xlsx", date=date)
        agree(TOY, form, [(home, people), (home | {"coast": None}, people)], date=date)
