"""What can hardly be meant is said: lines of 1.8, incomes in thousands, classes that nobody can reach."""

from __future__ import annotations

import ast
import codecs
from pathlib import Path
from string import Formatter
from typing import Any

import pandas as pd
import pytest

import mdpoverty as mdp
from mdpoverty.errors import BadTable, BadValues
from mdpoverty.messages import MESSAGES
from mdpoverty.reports import read_crosswalk

VN = mdp.standards["vn-2022"]
SOURCE = mdp.Citation("A made-up resolution of a made-up province")


def evolved(**amounts: Any) -> mdp.Standard:
    return VN.evolve(id="vn-made-up", thresholds={"income": amounts}, citation=SOURCE)


# -------------------------------------------------------------------------------------------------------- standards


@pytest.mark.parametrize("name", list(mdp.standards))
def test_no_shipped_standard_is_doubtful(name: str) -> None:
    assert mdp.standards[name].doubts() == ()


@pytest.mark.parametrize("amounts", [("1.8", "2.3"), (1800, 2300), ("1.8", 2_300_000)])
def test_a_line_in_another_unit_is_doubted(amounts: tuple[Any, Any]) -> None:
    with pytest.warns(UserWarning, match=r"Amounts are in đồng"):
        mine = evolved(rural=amounts[0], urban=amounts[1])
    assert "income" in mine.doubts()[0].en
    assert "1,8 triệu" in mine.doubts()[0].vi


def test_a_class_that_nobody_can_reach_is_doubted() -> None:
    ceiling = max(VN.thresholds["average_living"].amounts.values())
    with pytest.warns(UserWarning, match="nobody can be in the class"):
        mine = evolved(rural=ceiling, urban=ceiling)
    (doubt,) = mine.doubts()
    assert "average_living" in doubt.en
    assert "mức sống trung bình" in doubt.vi


def test_a_class_that_one_household_can_reach_is_not_doubted() -> None:
    lowest = VN.thresholds["average_living"]["rural"]
    assert evolved(rural=lowest - 1, urban=lowest - 1).doubts() == ()


def test_a_file_of_a_standard_is_doubted_too(tmp_path: Path) -> None:
    text = """
        id = "vn-made-up"
        based_on = "vn-2022"
        citation = {instrument = "A made-up resolution", confirmed = false}
        [[thresholds]]
        id = "income"
        steps = [{amounts = {rural = "1.8", urban = "2.3"}}]
    """
    for start in (b"", codecs.BOM_UTF8):
        path = tmp_path / "mine.toml"
        path.write_bytes(start + "\n".join(line.strip() for line in text.splitlines()).encode())
        with pytest.warns(UserWarning, match="Amounts are in đồng"):
            assert mdp.Standard.from_file(path).id == "vn-made-up"


# ---------------------------------------------------------------------------------------------------------- incomes


def homes(incomes: list[Any]) -> dict[str, Any]:
    return {"area": ["rural"] * len(incomes), "income": incomes, **{n: [False] * len(incomes) for n in VN.indicators}}


@pytest.mark.parametrize("unit", [1_000, 1_000_000])
def test_incomes_in_another_unit_are_noted(unit: int) -> None:
    incomes = [1_400_000 / unit, 9_000_000 / unit, None, 0.0] * 4
    (problem,) = VN.classify(homes(incomes), given="all").problems
    assert (problem.code, problem.rows, problem.field) == ("too_small", 12, "income")
    assert "nghìn" in problem.text("vi")
    assert "thousands" in problem.text()


@pytest.mark.parametrize("incomes", [[1400.0] * 9, [1400.0] * 20 + [1_400_000.0], [0.0] * 20, [None] * 20])
def test_few_or_mixed_incomes_say_nothing(incomes: list[Any]) -> None:
    assert VN.classify(homes(incomes), given="all").problems == ()


# --------------------------------------------------------------------------------------------------------- problems


def test_every_problem_is_made_from_a_code() -> None:
    made = [
        f"{path.name}:{node.lineno}"
        for path in Path(mdp.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem"
    ]
    assert not made


@pytest.mark.parametrize("code", MESSAGES)
def test_messages_say_the_same_in_both_languages(code: str) -> None:
    filled = [sorted(name for _, name, _, _ in Formatter().parse(text) if name) for text in MESSAGES[code]]
    assert filled[0] == filled[1]
    assert MESSAGES[code][0] != MESSAGES[code][1]


def test_problems_of_one_households_form_have_their_place() -> None:
    answers = {"household_id": "A", "area": "rural", "income": 1_000_000, "household_size": 3}
    with pytest.raises(BadValues) as error:
        VN.assess(answers, members=[{"age": 3}, {"age": 40}])
    (problem,) = error.value.problems
    assert (problem.code, problem.rows, problem.places[0].key) == ("size_stated", 1, "A")


def problems(call: Any) -> list[dict[str, Any]]:
    with pytest.raises(BadValues) as error:
        call()
    return error.value.to_dict()


REVIEW = {"household_id": ["a", "b"], "category": ["poor", "porr"]}
FINE = {"household_id": ["a", "b"], "category": ["poor", "near_poor"]}


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: mdp.flows(FINE, REVIEW), "class_unknown"),
        (lambda: mdp.flows(FINE, FINE, changes={"household_id": ["c"], "change": ["split"]}), "change_of_nobody"),
        (lambda: mdp.flows(FINE, FINE, changes={"household_id": ["a"], "change": ["moved_in"]}), "change_not_here"),
        (lambda: mdp.flows(FINE, {**FINE, "household_id": [1, 2]}), "key_types"),
        (lambda: mdp.flows(FINE, {**FINE, "household_size": ["x", 3]}), "not_a_size"),
        (lambda: read_crosswalk({"old": ["A"], "new": [None]}, ["province"]), "crosswalk_row"),
        (lambda: read_crosswalk({"old": ["A"], "new": ["B"], "share": ["0.5"]}, ["province"]), "shares_sum"),
    ],
)
def test_problems_say_what_is_wrong_to_a_form_in_both_languages(call: Any, code: str) -> None:
    (problem,) = problems(call)
    assert problem["code"] == code
    assert problem["text"]["vi"] != problem["text"]["en"]


def test_an_unknown_class_has_its_place_and_the_nearest_word() -> None:
    (problem,) = problems(lambda: mdp.flows(FINE, REVIEW))
    assert problem["places"] == [{"key": "b", "row": 3, "member": None, "file": ""}]
    assert "'porr'" in problem["text"]["vi"]
    assert "có phải 'poor'" in problem["text"]["vi"]


# ------------------------------------------------------------------------------------------------------ files of text


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"sep": ";"}, "semicolons"),
        ({"sep": "\t"}, "tabs"),
        ({"encoding": "utf-16"}, "UTF-8"),
        ({"encoding": "cp1252"}, "UTF-8"),
    ],
)
def test_other_csv_files_say_what_to_do(tmp_path: Path, how: dict[str, str], says: str) -> None:
    frame = pd.DataFrame({**homes([1_400_000] * 3), "village": ["Thôn Bê", "Thôn Cê", "Thôn Đê".replace("Đ", "D")]})
    frame.to_csv(tmp_path / "homes.csv", index=False, **how)
    with pytest.raises(BadTable, match=says):
        VN.tally(mdp.scan(tmp_path / "homes.csv"), given="all", by="village")
