"""How closely the tests look: ``MDPOVERTY_PROFILE`` is ``short``, ``long`` or ``thorough``.

``short``, the default, is what everybody runs, on two cores in two minutes or three; ``long`` is what CI runs, and
``thorough`` looks for hours before a release. All run the same tests. They differ in

- the examples that hypothesis makes up (``EXAMPLES``, ``costly``, ``scaled``);
- combinations of cases: in ``short`` each two cases of different kinds meet (``crossed``), or each case meets some of
  another kind (``in_turn``), otherwise all do;
- how much is made up where a test would find nothing else in less (``SHORT``).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import product
from typing import Any

from hypothesis import HealthCheck, settings

PROFILE = os.environ.get("MDPOVERTY_PROFILE", "short")
SHORT = PROFILE == "short"
EXAMPLES = {"short": 12, "long": 100, "thorough": 1_500}


def load() -> None:
    """Have hypothesis look as closely as the profile says."""
    for name, examples in EXAMPLES.items():
        settings.register_profile(
            name, max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow]
        )
    settings.load_profile(PROFILE)


def scaled(examples: int) -> int:
    """Return a number of examples, or in the short profile a fifth of it."""
    return max(5, examples // 5) if SHORT else examples


def costly(examples: int | None = None) -> settings:
    """Return settings for a test each of whose examples takes long: a fifth of them in the short profile."""
    return settings(max_examples=scaled(examples or EXAMPLES[PROFILE]))


def closely() -> settings:
    """Return settings for a test whose examples take next to nothing: a hundred of them at least."""
    return settings(max_examples=max(100, EXAMPLES[PROFILE]))


def crossed(*cases: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return combinations with one case of each kind: all, or in the short profile so many that each two cases meet."""
    if not SHORT:
        return list(product(*cases))
    order = sorted(range(len(cases)), key=lambda kind: -len(cases[kind]))  # those with most cases first
    rows = _pairs([len(cases[kind]) for kind in order])
    at = [order.index(kind) for kind in range(len(cases))]
    return [tuple(each[row[place]] for each, place in zip(cases, at, strict=True)) for row in rows]


def in_turn(*cases: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return combinations with one case of each kind: all, or in the short profile so many that each case is in one."""
    if not SHORT:
        return list(product(*cases))
    return [tuple(each[turn % len(each)] for each in cases) for turn in range(max(map(len, cases)))]


def _pairs(sizes: list[int]) -> list[list[int]]:
    """Return rows of numbers below the sizes, so that each two numbers in two columns stand in some row."""
    rows = [list(row) for row in product(*map(range, sizes[:2]))]
    for size in sizes[2:]:
        width = len(rows[0])
        unmet = {(place, its, new) for place in range(width) for its in range(sizes[place]) for new in range(size)}
        for count, row in enumerate(rows):
            turn = [(count + new) % size for new in range(size)]
            gains = [len(unmet & {(place, its, new) for place, its in enumerate(row)}) for new in turn]
            new = turn[gains.index(max(gains))]
            unmet -= {(place, its, new) for place, its in enumerate(row)}
            row.append(new)
        while unmet:
            new = min(each[2] for each in unmet)
            left = [[its for place, its, other in sorted(unmet) if (place, other) == (at, new)] for at in range(width)]
            row = [its[0] if its else 0 for its in left]
            unmet -= {(place, its, new) for place, its in enumerate(row)}
            rows.append([*row, new])
    return rows
