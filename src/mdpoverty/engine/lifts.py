"""Members to households: what is asked of members, row by row, reduced to what holds of their household.

The answers are packed into bytes and reduced by segmented doubling, a handful of passes of byte arithmetic whatever the
rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import frozen

from mdpoverty.engine.kernel import Batch, Interval, RuleStep
from mdpoverty.rules import nodes as s
from mdpoverty.tables.columns import Array, Bools

if TYPE_CHECKING:
    from mdpoverty.engine.inputs import Inputs

_BITS = tuple(np.uint8(1 << bit) for bit in range(8))
MEMBER_BLOCK = 131_072  # rows at a time: what they are computed in stays in the processor's cache


@frozen(eq=False)
class Lifts:
    """What members add up to, for each household: by node a pair (any) or an interval (count).

    ``conflict`` says in which households two ways of asking some member the same thing gave contradicting answers.
    """

    by_node: Mapping[s.Node, Any]
    conflict: Bools | None = None

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


def lift(nodes: Sequence[s.Node], steps: Sequence[RuleStep], inputs: Inputs) -> Lifts:
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
    conflict = np.zeros(n + 1, bool)  # the last is nobody's, where -1 leads
    if roster.homes is not None:
        _scatter(nodes, steps, inputs, results, exact, conflict)
    first = 0 if roster.homes is None else n
    while first < n:
        ahead = int(roster.starts[first]) + MEMBER_BLOCK
        last = (
            max(first + 1, int(np.searchsorted(roster.starts, ahead, side="right")) - 1) if ahead < roster.rows else n
        )
        _lift_block(nodes, steps, inputs, slice(first, last), results, exact, conflict)
        first = last
    empty = roster.empty
    return Lifts(
        {
            node: _lifted(node, result[0], result[1], empty, sharp)
            for node, result, sharp in zip(nodes, results, exact, strict=True)
        },
        conflict[:n] if conflict[:n].any() else None,
    )


def _lift_block(
    nodes: Sequence[s.Node],
    steps: Sequence[RuleStep],
    inputs: Inputs,
    households: slice,
    results: list[Array],
    exact: list[bool],
    conflict: Bools,
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
            words[-1] |= flags.view(np.uint8) * _BITS[bit]
            places.append((position, side, words[-1], bit))
            bit += 1
    if block.conflict is not None:
        conflict[np.repeat(np.arange(households.start, households.stop), sizes)[block.conflict]] = True
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
    nodes: Sequence[s.Node],
    steps: Sequence[RuleStep],
    inputs: Inputs,
    results: list[Array],
    exact: list[bool],
    conflict: Bools,
) -> None:
    """Evaluate members as their table has them, in no order, and count each answer in their household's result.

    Several counts travel in one word, each in a field that holds the longest household, so that a household is looked
    for once for all of them.
    """
    roster = inputs.roster
    assert roster is not None
    assert roster.homes is not None
    n = inputs.households
    longest = int(roster.sizes.max(initial=0))
    kind = next(kind for kind in (np.uint8, np.uint16, np.uint32) if longest <= np.iinfo(kind).max)
    spread = _spread(np.dtype(kind))
    together = spread.shape[0].bit_length() - 1
    groups = [range(start, min(start + together, len(nodes))) for start in range(0, len(nodes), together)]
    # one more than there are households: the last is nobody's, where -1 leads
    sure, more = ([np.zeros(n + 1, np.uint64) for _ in groups] for _ in range(2))
    for begin in range(0, len(roster.homes), MEMBER_BLOCK):
        rows = slice(begin, min(begin + MEMBER_BLOCK, len(roster.homes)))
        at = roster.homes[rows]
        block = Batch(rows.stop - rows.start, inputs.member_reader(rows, slice(0, n)))
        pairs = [step(block) for step in steps]
        if block.conflict is not None:
            conflict[at[block.conflict]] = True
        exact[:] = [sharp and low is high for sharp, (low, high) in zip(exact, pairs, strict=True)]
        for group, sure_words, more_words in zip(groups, sure, more, strict=True):
            low = _bits([pairs[i][0] for i in group])
            np.add.at(sure_words, at, spread.take(low))
            if any(pairs[i][0] is not pairs[i][1] for i in group):  # those who are only maybe counted, besides
                np.add.at(more_words, at, spread.take(low ^ _bits([pairs[i][1] for i in group])))
    for group, *both in zip(groups, sure, more, strict=True):
        low, high = (words[:-1].view(kind).reshape(n, together) for words in both)
        for field, i in enumerate(group):
            counted = low[:, field], np.add(low[:, field], high[:, field])
            for side, count in enumerate(counted):
                results[i][side] = count != 0 if isinstance(nodes[i], s.AnyMember) else count


@lru_cache(maxsize=4)
def _spread(kind: np.dtype[Any]) -> Array:
    """Return for each pattern of bits the word that has a 1 in the field of each that is set."""
    fields = 8 // kind.itemsize
    patterns = np.unpackbits(np.arange(1 << fields, dtype=np.uint8)[:, None], axis=1, bitorder="little")[:, :fields]
    return np.ascontiguousarray(patterns.astype(kind)).view(np.uint64)[:, 0]


def _bits(flags: list[Array]) -> Array:
    """Return rows of up to eight flags as bits of a byte."""
    found = flags[0].view(np.uint8).copy()
    for bit, each in enumerate(flags[1:], start=1):
        found |= each.view(np.uint8) << np.uint8(bit)
    return found


def _reduce(words: list[Array], sums: list[Array], starts: Array, sizes: Array) -> None:
    """OR words and add sums over each household's rows, leaving the result at its first row, in place.

    Segmented doubling: after pass *k* a row holds what it and the next 2ᵏ-1 rows of its household add up to; ``same``
    is 1 where the row at that distance belongs to the same household.
    """
    rows = len((words or sums)[0])
    longest = int(sizes.max())
    same = np.ones(rows, dtype=np.uint8)
    same[starts + sizes - 1] = 0  # of an empty household that is the last row of the one before, or of all
    step = 1
    while step < longest:
        same = same[: rows - step]
        for word in words:
            word[:-step] |= word[step:] * same
        for total in sums:
            total[:-step] += total[step:] * same
        same = same[: max(0, rows - 2 * step)] * same[step:]
        step *= 2


def _lifted(node: s.Node, low: Array, high: Array, empty: Bools | None, exact: bool) -> Any:
    """Return one lift's result, unknown where a household has no member row."""
    if isinstance(node, s.CountMembers):
        return Interval(low, low if exact else high, empty)
    sure = low.view(bool)
    maybe = sure if exact else high.view(bool)
    return (sure & ~empty, maybe | empty) if empty is not None else (sure, maybe)
