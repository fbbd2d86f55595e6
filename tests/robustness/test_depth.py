"""Rules of any depth: what they cost grows with their size, and there is a limit that says so."""

from __future__ import annotations

import inspect
import pickle
import sys
from typing import Any

import pytest

import mdpoverty as mdp
from mdpoverty.errors import RuleError, StandardError
from mdpoverty.rules.nodes import DEEPEST
from mdpoverty.scorers import any_member, at_least, column


def nested(levels: int) -> Any:
    """Return a rule in which so many stand below each other."""
    rule = column("a") < 5
    while rule.depth < levels:
        rule = ~(rule & (column("b") < rule.depth))
    return rule


def calls(levels: int) -> int:
    """Count what building such a rule takes, in calls of functions."""
    counted = 0

    def count(frame: Any, event: str, argument: Any) -> None:
        nonlocal counted
        counted += event == "call"

    sys.setprofile(count)
    try:
        nested(levels)
    finally:
        sys.setprofile(None)
    return counted


def test_building_a_rule_takes_as_long_as_it_is_deep() -> None:
    assert calls(160) < 3 * calls(80)


def test_a_rule_as_deep_as_may_be_is_scored_lifted_printed_and_kept() -> None:
    rule = nested(DEEPEST - 4)
    assert rule.score({"a": [1, 9, None], "b": [500, 500, 500]}).shape == (3,)
    lifted = any_member(nested(DEEPEST - 5))
    households, members = {"household_id": [1]}, {"household_id": [1, 1], "a": [1, 9], "b": [500, 500]}
    assert lifted.score(households, members).shape == (1,)
    assert pickle.loads(pickle.dumps(rule)) == rule
    assert repr(rule)


def test_a_standard_with_a_rule_as_deep_as_may_be_is_written_or_refused() -> None:
    rule = column("floor_area") < 5
    while rule.depth < DEEPEST - 1:
        rule = at_least(2, rule, column("phone"), column("floor_area") < rule.depth)
    deep = mdp.standards["vn-2022"].evolve(
        id="deep", indicators={"toilet": rule}, citation=mdp.Citation("made up by a test")
    )

    def below(frames: int) -> str:
        return below(frames - 1) if frames else deep.to_json()

    depth = len(inspect.stack(0))
    assert '"id": "deep"' in below(0)
    with pytest.raises(StandardError, match="nested too deeply"):
        below(sys.getrecursionlimit() - depth - 200)


def test_a_deeper_rule_is_refused() -> None:
    with pytest.raises(RuleError, match=f"{DEEPEST} levels deep"):
        nested(DEEPEST + 2)
    with pytest.raises(RuleError, match=f"{DEEPEST} levels deep"):
        sum([column("x")] * (DEEPEST + 2), start=column("x"))
