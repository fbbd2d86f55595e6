"""Kleene's laws, on integers and on arrays, and the two ways of carrying an answer."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from mdpoverty.ternary import NO, UNKNOWN, YES, both, either, negate, to_codes, to_flags

ANSWERS = (NO, UNKNOWN, YES)
COMPLETIONS = {NO: {False}, UNKNOWN: {False, True}, YES: {True}}


def settled(outcomes: set[bool]) -> int:
    return UNKNOWN if len(outcomes) == 2 else YES if outcomes == {True} else NO


@pytest.mark.parametrize(("a", "b"), list(product(ANSWERS, repeat=2)))
def test_two_answers_say_what_their_completions_agree_on(a: int, b: int) -> None:
    pairs = list(product(COMPLETIONS[a], COMPLETIONS[b]))
    assert both(a, b) == settled({x and y for x, y in pairs})
    assert either(a, b) == settled({x or y for x, y in pairs})
    assert negate(a) == settled({not x for x in COMPLETIONS[a]})


@pytest.mark.parametrize(("a", "b", "c"), list(product(ANSWERS, repeat=3)))
def test_the_laws(a: int, b: int, c: int) -> None:
    assert negate(negate(a)) == a
    assert negate(both(a, b)) == either(negate(a), negate(b))
    assert both(a, either(b, c)) == either(both(a, b), both(a, c))
    assert either(a, both(a, b)) == a
    assert both(a, both(b, c)) == both(both(a, b), c)


def test_arrays_are_as_their_elements() -> None:
    first, second = (np.array(side, np.uint8) for side in zip(*product(ANSWERS, repeat=2), strict=True))
    pairs = list(zip(first.tolist(), second.tolist(), strict=True))
    assert both(first, second).tolist() == [both(a, b) for a, b in pairs]
    assert either(first, second).tolist() == [either(a, b) for a, b in pairs]
    assert negate(first).tolist() == [negate(a) for a in first.tolist()]
    sure, maybe = to_flags(first)
    assert to_codes(sure, maybe).tolist() == first.tolist()
    assert not (sure & ~maybe).any()
