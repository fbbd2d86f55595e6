"""Standards that are not sound are refused when they are made, with everything that is wrong with them."""

from __future__ import annotations

from typing import Any

import pytest

from mdpoverty.errors import MdpovertyError, StandardError
from mdpoverty.scorers import any_member, column, deprivations, indicator, threshold
from mdpoverty.standard import Category, Indicator, Threshold
from tests.toy import LAW, TOY, both

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "an amount for a code that isn't": ({"thresholds": {"line": {"east": 1, "north": 2}}}, "east, north"),
    "a code without its amount": ({"thresholds": {"line": {"east": 1}}}, "has the codes east, west"),
    "one amount where codes decide": ({"thresholds": {"line": 5}}, "one amount for each code"),
    "an unknown threshold": (
        {"indicators": {"crowded": column("huts") < threshold("huts")}},
        "names the threshold 'huts'",
    ),
    "an unknown field": ({"indicators": {"crowded": ~column("wings")}}, "'wings', which is none of its fields"),
    "a member's answer outside": ({"indicators": {"crowded": column("age") < 3}}, "as a household's answer"),
    "a household's answer inside": (
        {"indicators": {"crowded": any_member(column("huts") < 3)}},
        r"column\('huts', level='household'\)",
    ),
    "a member's rule": ({"indicators": {"crowded": column("swims", level="member") & column("swims")}}, "lift"),
    "a flag read as a number": ({"indicators": {"crowded": column("boat") < 3}}, "as a number, and it is a flag"),
    "a code that isn't": ({"indicators": {"crowded": column("coast").equals("north")}}, "'north', which is none"),
    "counting inside an indicator": ({"indicators": {"crowded": deprivations() >= 3}}, "only a class can"),
    "an unknown indicator": ({"categories": {"fine": indicator("gold")}}, "names the indicator 'gold'"),
    "an unknown dimension": ({"categories": {"fine": deprivations("sky") >= 1}}, "dimension 'sky'"),
    "a foreign dimension": (
        {"indicators": {"new": Indicator("new", "sky", both("new"), column("boat"), LAW)}},
        "none of its dimensions",
    ),
    "a negative weight": (
        {"indicators": {"new": Indicator("new", "sea", both("new"), column("boat"), LAW, -1)}},
        "negative weight",
    ),
    "no class": ({"categories": dict.fromkeys(TOY.categories)}, "no class"),
    "ending before it begins": ({"until": "2019-12-31"}, "before it begins"),
    "steps out of order": (
        {"thresholds": {"half": Threshold("half", both("half"), [("2030-01-01", 1), ("2020-01-01", 2)], LAW)}},
        "out of order",
    ),
    "a rule for what isn't there": ({"indicators": {"gold": column("boat")}}, "pass a whole one"),
}


@pytest.mark.parametrize("what", WRONG)
def test_an_unsound_standard_is_refused(what: str) -> None:
    change, message = WRONG[what]
    with pytest.raises(StandardError, match=message) as caught:
        TOY.evolve(id="wrong", citation=LAW, **change)
    assert isinstance(caught.value, MdpovertyError)


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(StandardError) as caught:
        TOY.evolve(
            id="wrong",
            citation=LAW,
            until="2019-12-31",
            thresholds={"line": {"east": 1}},
            indicators={"crowded": ~column("wings")},
        )
    assert len(str(caught.value).splitlines()) == 4


def test_names_stand_once() -> None:
    twice = [*TOY.categories.values(), Category("fine", both("Fine"), column("boat"), LAW)]
    with pytest.raises(StandardError, match="used twice: fine"):
        type(TOY.categories)(twice)
