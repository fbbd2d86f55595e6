"""Kleene's laws, on the answers of rules, and the two ways of carrying an answer."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from mdpoverty.scorers import Rule, all_of, any_of, column
from mdpoverty.ternary import NO, UNKNOWN, YES, to_codes

ANSWERS = (NO, UNKNOWN, YES)
COMPLETIONS = {NO: {False}, UNKNOWN: {False, True}, YES: {True}}
SAID = {NO: False, UNKNOWN: None, YES: True}
A, B, C = column("a"), column("b"), column("c")


def settled(outcomes: set[bool]) -> int:
    return UNKNOWN if len(outcomes) == 2 else YES if outcomes == {True} else NO


def answer(rule: Rule, *given: int) -> int:
    table = {name: [SAID[each]] for name, each in zip("abc", given, strict=False)}
    return int(rule.score(table)[0])


@pytest.mark.parametrize(("a", "b"), list(product(ANSWERS, repeat=2)))
def test_two_answers_say_what_their_completions_agree_on(a: int, b: int) -> None:
    pairs = list(product(COMPLETIONS[a], COMPLETIONS[b]))
    assert answer(A & B, a, b) == settled({x and y for x, y in pairs})
    assert answer(A | B, a, b) == settled({x or y for x, y in pairs})
    assert answer(~A, a) == settled({not x for x in COMPLETIONS[a]})


@pytest.mark.parametrize("given", list(product(ANSWERS, repeat=3)))
def test_the_laws(given: tuple[int, int, int]) -> None:
    for one, other in (
        (~(A & B), ~A | ~B),
        (A & (B | C), (A & B) | (A & C)),
        (A & all_of(B, C), all_of(A, B) & C),
        (A | any_of(B, C), any_of(A, B) | C),
    ):
        assert answer(one, *given) == answer(other, *given)
    assert answer(~(~(A & B)), *given) == answer(A & B, *given)
    assert answer(A | (A & B), *given) == given[0]


def test_arrays_are_as_their_elements() -> None:
    first, second = zip(*product(ANSWERS, repeat=2), strict=True)
    table = {name: [SAID[each] for each in side] for name, side in (("a", first), ("b", second))}
    pairs = list(zip(first, second, strict=True))
    assert (A & B).score(table).tolist() == [answer(A & B, *pair) for pair in pairs]
    assert (A | B).score(table).tolist() == [answer(A | B, *pair) for pair in pairs]
    assert (~A).score(table).tolist() == [answer(~A, *pair) for pair in pairs]
    sure, maybe = np.array(first) == YES, np.array(first) >= UNKNOWN
    assert to_codes(sure, maybe).tolist() == list(first)
