"""What can hardly be meant is said: lines of 1.8, incomes in thousands, classes that nobody can reach."""

from __future__ import annotations

import ast
import codecs
import warnings
from fractions import Fraction
from pathlib import Path
from string import Formatter
from typing import Any

import pandas as pd
import pytest
from attrs import evolve

import mdpoverty as mdp
from mdpoverty.errors import BadTable, BadValues
from mdpoverty.messages import MESSAGES
from mdpoverty.reports import read_crosswalk
from mdpoverty.scorers import column, first_known, threshold
from mdpoverty.standard import Category, Code, Field, Indicator, Label, Threshold
from tests.toy import TOY

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


@pytest.mark.parametrize(("amount", "doubted"), [(0, False), (1, True), (9_999, True), (10_000, False)])
def test_amounts_below_ten_thousand_are_doubted(amount: int, doubted: bool) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        mine = evolved(rural=amount, urban=20_000)
    said = [doubt.en for doubt in mine.doubts() if "Amounts are in" in doubt.en]
    assert said == ([f"income: {amount} đồng? Amounts are in đồng: 1.8 million is 1800000"] if doubted else [])
    assert bool(said) == any("Amounts are in" in str(each.message) for each in caught)


def made_up(fields: Any, thresholds: Any, **categories: Any) -> mdp.Standard:
    """A law of its own whose classes hang on the household's income, or on what kind of household it is, alone."""
    never = Indicator("never", "sea", Label("X", "X"), column("fish") > 0, SOURCE)
    fish = Field("fish", "household", "count", Label("X", "X"), Label("X?", "X?"))
    classes = [Category(name, Label(name, name), rule, SOURCE) for name, rule in categories.items()]
    return evolve(TOY, fields=[*fields, fish], thresholds=thresholds, indicators=[never], categories=classes)


INCOME = Field("income", "household", "money", Label("X", "X"), Label("X?", "X?"), "VND/person/month", minimum=0)


def line(id: str, amount: int) -> Threshold:
    return Threshold(id, Label(id, id), amount, SOURCE, unit="VND/person/month")


def test_a_class_beside_a_line_or_far_from_every_line_is_reached() -> None:
    for first, second in ((1, 20_000), (2, 20_000), (20_000, 30_000)):
        low, high = (column("income") < threshold("low")), (column("income") >= threshold("high"))
        lines = [line("low", first), line("high", second)]
        mine = made_up([INCOME], lines, below=low, between=~low & ~high, high=high)
        assert not [doubt for doubt in mine.doubts() if "nobody" in doubt.en]
    some, less = (column("income") > 0), (column("income") < threshold("low"))
    for first in (1, 2):  # a class of the one đồng beside a line
        few = (column("income") <= 2 * threshold("low")) & ~(column("income") <= threshold("low"))
        rest = ~few & ~(some & less)
        lines = [line("low", first), line("high", 20_000)]
        parts = {"few": few, "rest": rest} | ({"below": some & less} if first > 1 else {})
        assert not [doubt for doubt in made_up([INCOME], lines, **parts).doubts() if "nobody" in doubt.en]
    far = column("income") > Fraction(3, 2) * threshold("high")
    mine = made_up([INCOME], [line("high", 20_000)], far=far, near=~far)
    assert mine.doubts() == ()


@pytest.mark.parametrize("beside", [-1, 0, 1])
def test_a_class_of_one_income_at_a_line_is_reached(beside: int) -> None:
    at = (column("income") + beside >= threshold("low")) & (column("income") + beside <= threshold("low"))
    mine = made_up([INCOME], [line("low", 20_000), line("high", 50_000)], at=at, elsewhere=~at)
    assert mine.doubts() == ()


@pytest.mark.parametrize("times", [2, 10, 100])
def test_a_class_that_begins_far_above_every_line_is_reached(times: int) -> None:
    for far in (
        column("income") > (times - Fraction(1, 2)) * threshold("high"),
        (column("income") >= times * threshold("high")) & (column("income") <= times * threshold("high")),
    ):
        mine = made_up([INCOME], [line("low", 10_000), line("high", 20_000)], far=far, near=~far)
        assert mine.doubts() == ()


def test_a_class_is_doubted_whichever_way_the_income_is_told() -> None:
    told = [evolve(INCOME, id=name) for name in ("income", "declared")]
    ways = first_known(*(column(each.id) <= threshold("low") for each in told))
    mine = made_up(told, [line("low", 20_000)], ours=ways, theirs=ways & (threshold("low") > 20_000), others=~ways)
    assert [doubt.en.split(":")[0] for doubt in mine.doubts()] == ["nobody can be in the class 'theirs'"]


@pytest.mark.parametrize(("number", "tried"), [(5_000, True), (5_001, False)])
def test_classes_are_doubted_after_at_most_five_thousand_households(number: int, tried: bool) -> None:
    names = [f"kind-{n}" for n in range(number)]
    kinds = tuple(Code(name, Label(name, name)) for name in names)
    kind = Field("kind", "household", "code", Label("X", "X"), Label("X?", "X?"), codes=kinds)
    share = Threshold("share", Label("X", "X"), dict.fromkeys(names, 1), SOURCE, by="kind", unit="weight")
    last = threshold("share") > 1
    mine = made_up([kind], [share], ours=~last, theirs=last)
    said = [doubt.en.split(":")[0] for doubt in mine.doubts()]
    assert said == (["nobody can be in the class 'theirs'"] if tried else [])


# ---------------------------------------------------------------------------------------------------------- incomes


def homes(incomes: list[Any]) -> dict[str, Any]:
    return {"area": ["rural"] * len(incomes), "income": incomes, **{n: [False] * len(incomes) for n in VN.indicators}}


@pytest.mark.parametrize("unit", [1_000, 1_000_000])
def test_incomes_in_another_unit_are_noted(unit: int) -> None:
    incomes = [1_400_000 / unit, 9_000_000 / unit, None, 0.0, 0.0, 0.0] * 6
    (problem,) = VN.classify(homes(incomes), given="all").problems
    assert (problem.code, problem.rows, problem.field) == ("too_small", 12, "income")
    assert "nghìn" in problem.text("vi")
    assert "thousands" in problem.text()


LEAST = min(VN.thresholds["income"].amounts.values()) / 100  # as far below every line as is noted


@pytest.mark.parametrize(
    "incomes",
    [
        [1400.0] * 9,
        [1400.0] * 9 + [None] * 9,
        [1400.0] * 9 + [0.0] * 9,
        [1400.0] * 20 + [1_400_000.0] * 20,
        [LEAST] * 20,
        [0.0] * 20,
        [None] * 20,
    ],
)
def test_few_or_mixed_incomes_say_nothing(incomes: list[Any]) -> None:
    assert VN.classify(homes(incomes), given="all").problems == ()


@pytest.mark.parametrize("more", [[1_400_000], [40_000] * 3, [LEAST] * 19])
def test_a_few_large_incomes_hide_nothing(more: list[Any]) -> None:
    (problem,) = VN.classify(homes([1_400] * 20 + more), given="all").problems
    assert (problem.code, problem.rows) == ("too_small", 20)


@pytest.mark.parametrize(("income", "gaps"), [(LEAST - 1, 0), (LEAST - 1, 9), (0.5, 0)])
def test_ten_incomes_far_below_every_line_are_noted(income: float, gaps: int) -> None:
    columns = {"thu nhập": [None] * gaps + [income] * 10}
    flags = {name: [False] * len(columns["thu nhập"]) for name in VN.indicators}
    table = {"area": ["rural"] * len(columns["thu nhập"]), **columns, **flags}
    (problem,) = VN.classify(table, given="all", columns={"income": "thu nhập"}).problems
    assert (problem.code, problem.column, problem.rows) == ("too_small", "thu nhập", 10)
    assert problem.details["line"] == f"{int(LEAST * 100):,}"


def test_numbers_that_are_no_money_are_not_taken_for_thousands() -> None:
    land = Field("land", "household", "number", Label("X", "X"), Label("X?", "X?"), "m2", minimum=0)
    line = Threshold("line", Label("X", "X"), 10_000, SOURCE, unit="m2")
    little = column("land") <= threshold("line")
    mine = made_up([land], [line], little=little, much=~little)
    assert mine.classify({"land": [1] * 20, "fish": [0] * 20}).problems == ()


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
