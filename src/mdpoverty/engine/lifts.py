"""Members to households: what is asked of members, row by row, reduced to what holds of their household.

The answers are packed into bytes and reduced by segmented doubling, a handful of passes of byte arithmetic whatever the
rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import frozen

from mdpoverty.engine.kernel import Batch, Interval, RuleStep
from mdpoverty.rules import nodes as s
from mdpoverty.tables.columns import Array, Bools

if TYPE_CHECKING:
    from mdpoverty.engine.inputs import Inputs

MEMBER_BLOCK = 131_072  # rows at a time: what they are computed in stays in the processor's cache


_WORDS = (np.uint8, np.uint16, np.uint32, np.uint64)


@frozen(eq=False)
class Lifts:
    """What members add up to, for each household: by node a pair (any) or an interval (count)."""

    by_node: Mapping[s.Node, Any]

    def take(self, rows: slice) -> dict[s.Node, Any]:
        """Return some households'; what is one array twice, because nothing is open, stays so."""
        return {node: _some(value, rows) for node, value in self.by_node.items()}


def _some(value: Any, rows: slice) -> Any:
    if isinstance(value, tuple):
        sure = value[0][rows]
        return sure, sure if value[0] is value[1] else value[1][rows]
    low = value.low[rows]
    high = low if value.low is value.high else value.high[rows]
    return Interval(low, high, None if value.unknown is None else value.unknown[rows])


def lift(nodes: list[s.Node], steps: list[RuleStep], inputs: Inputs) -> Lifts:
    """Evaluate what is asked of members and reduce it to households."""
    roster = inputs.roster
    n = inputs.households
    if not nodes:
        return Lifts({})
    if roster is None:
        unknown = np.ones(n, dtype=bool)
        nothing = (~unknown, unknown)
        zero = np.zeros(n, np.uint8)
        return Lifts(
            {node: nothing if isinstance(node, s.AnyMember) else Interval(zero, zero, unknown) for node in nodes}
        )
    longest = int(roster.sizes.max()) if n else 0
    kind = np.uint8 if longest < 256 else np.uint16 if longest < 65_536 else np.uint32
    results = [np.zeros((2, n), np.uint8 if isinstance(node, s.AnyMember) else kind) for node in nodes]
    exact = [True] * len(nodes)
    if roster.homes is not None:
        _scatter(nodes, steps, inputs, results, exact)
    first = 0 if roster.homes is None else n
    while first < n:
        ahead = int(roster.starts[first]) + MEMBER_BLOCK
        last = (
            max(first + 1, int(np.searchsorted(roster.starts, ahead, side="right")) - 1) if ahead < roster.rows else n
        )
        _lift_block(nodes, steps, inputs, slice(first, last), results, exact)
        first = last
    empty = roster.empty
    return Lifts(
        {
            node: _lifted(node, result[0], result[1], empty, sharp)
            for node, result, sharp in zip(nodes, results, exact, strict=True)
        }
    )


def _lift_block(
    nodes: list[s.Node],
    steps: list[RuleStep],
    inputs: Inputs,
    households: slice,
    results: list[Array],
    exact: list[bool],
) -> None:
    """Evaluate and reduce the members of some households, writing low and high into each node's result."""
    roster = inputs.roster
    assert roster is not None
    sizes = roster.sizes[households]
    begin = int(roster.starts[households.start])
    end = begin + int(sizes.sum())
    if begin == end:
        return
    block = Batch(end - begin, inputs.member_reader(slice(begin, end), households))
    words: list[Array] = []
    sums: list[Array] = []
    places: list[tuple[int, int, Array, int]] = []  # result, its side, the array that holds it, the bit there
    bit = 8
    for position, (node, step) in enumerate(zip(nodes, steps, strict=True)):
        sure, maybe = step(block)
        exact[position] = exact[position] and sure is maybe
        for side, flags in enumerate((sure,) if sure is maybe else (sure, maybe)):
            if isinstance(node, s.CountMembers):
                sums.append(flags.astype(results[position].dtype))
                places.append((position, side, sums[-1], -1))
                continue
            if bit == 8:
                words.append(np.zeros(len(flags), np.uint8))
                bit = 0
            words[-1] |= flags.view(np.uint8) * np.uint8(1 << bit)
            places.append((position, side, words[-1], bit))
            bit += 1
    starts = roster.starts[households] - begin
    _reduce(words, sums, starts, sizes)
    # An empty household's start is somebody else's row, or none at all: what it reads there is overwritten later.
    at_start = {id(array): array.take(starts, mode="clip") for array in (*words, *sums)}
    for position, side, array, its_bit in places:
        value = at_start[id(array)]
        value = value if its_bit < 0 else (value >> np.uint8(its_bit)) & np.uint8(1)
        results[position][side, households] = value
        if side == 0:  # where nothing is open there is no other side
            results[position][1, households] = value


def _scatter(
    nodes: list[s.Node], steps: list[RuleStep], inputs: Inputs, results: list[Array], exact: list[bool]
) -> None:
    """Evaluate members as their table has them, in no order, and add each to their household's result.

    Up to 64 answers travel in one word, so that a household is looked for once for all of them.
    """
    roster = inputs.roster
    assert roster is not None
    assert roster.homes is not None
    n = inputs.households
    flags = [position for position, node in enumerate(nodes) if isinstance(node, s.AnyMember)]
    groups = [flags[start : start + 64] for start in range(0, len(flags), 64)]
    kinds = [next(kind for kind in _WORDS if np.iinfo(kind).bits >= len(group)) for group in groups]
    # one more than there are households: the last is nobody's, where -1 leads
    words = [[np.zeros(n + 1, kind) for kind in kinds] for _ in range(2)]
    sums = {i: np.zeros((2, n + 1), results[i].dtype) for i in range(len(nodes)) if i not in flags}
    for begin in range(0, len(roster.homes), MEMBER_BLOCK):
        rows = slice(begin, min(begin + MEMBER_BLOCK, len(roster.homes)))
        at = roster.homes[rows]
        block = Batch(rows.stop - rows.start, inputs.member_reader(rows, slice(0, n)))
        pairs = [step(block) for step in steps]
        exact[:] = [sharp and sure is maybe for sharp, (sure, maybe) in zip(exact, pairs, strict=True)]
        for group, sure_words, maybe_words in zip(groups, *words, strict=True):
            np.bitwise_or.at(sure_words, at, _word([pairs[i][0] for i in group], sure_words.dtype))
            if any(pairs[i][0] is not pairs[i][1] for i in group):
                np.bitwise_or.at(maybe_words, at, _word([pairs[i][1] for i in group], maybe_words.dtype))
        for i, total in sums.items():
            sure, maybe = pairs[i]
            np.add.at(total[0], at, sure.astype(total.dtype))
            if sure is not maybe:  # those who are only maybe counted, besides
                np.add.at(total[1], at, (maybe & ~sure).astype(total.dtype))
    for group, sure_words, maybe_words in zip(groups, *words, strict=True):
        for bit, i in enumerate(group):
            for side, word in enumerate((sure_words, sure_words | maybe_words)):
                results[i][side] = (word[:-1] >> word.dtype.type(bit)) & word.dtype.type(1)
    for i, total in sums.items():
        results[i][0], results[i][1] = total[0][:-1], total[0][:-1] + total[1][:-1]


def _word(flags: list[Array], kind: Any) -> Array:
    """Return rows of flags as bits of one word for each row."""
    word = np.zeros(len(flags[0]), kind)
    for bit, each in enumerate(flags):
        word |= each.view(np.uint8).astype(kind, copy=False) << kind.type(bit)
    return word


def _reduce(words: list[Array], sums: list[Array], starts: Array, sizes: Array) -> None:
    """OR words and add sums over each household's rows, leaving the result at its first row, in place.

    Segmented doubling: after pass *k* a row holds what it and the next 2ᵏ-1 rows of its household add up to; ``same``
    is 1 where the row at that distance belongs to the same household.
    """
    rows = len((words or sums)[0])
    longest = int(sizes.max())
    same = np.ones(rows, dtype=np.uint8)
    same[(starts + sizes)[sizes > 0] - 1] = 0
    step = 1
    while step < longest:
        same = same[: rows - step]
        for word in words:
            word[:-step] |= word[step:] * same
        for total in sums:
            total[:-step] += total[step:] * same
        same = same[: max(0, rows - 2 * step)] * same[step : max(step, rows - step)]
        step *= 2


def _lifted(node: s.Node, low: Array, high: Array, empty: Bools | None, exact: bool) -> Any:
    """Return one lift's result, unknown where a household has no member row."""
    if isinstance(node, s.CountMembers):
        return Interval(low, low if exact else high, empty)
    sure = low.view(bool)
    maybe = sure if exact else high.view(bool)
    return (sure & ~empty, maybe | empty) if empty is not None else (sure, maybe)
