"""What each part of a rule is over arrays: the algebra that numpy computes.

An answer to a rule is a pair of boolean arrays: *sure* (yes) and *maybe* (yes or unknown). A number is an interval,
with a mask of where it is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import ceil, floor, lcm
from typing import Any, TypeVar

import numpy as np
from attrs import define, field, frozen

from mdpoverty.numbers import Number, Operator, machine
from mdpoverty.rules import nodes as s
from mdpoverty.tables.columns import Answers, Array, Bools, Codes, Flags, Numbers, PackedFlags

Pair = tuple[Bools, Bools]
"""Sure and maybe; the same array twice where nothing is open."""


@frozen(eq=False)
class Interval:
    """Numbers between ``low / scale`` and ``high / scale``; ``unknown`` (or ``None``) where not even that is known."""

    low: Any
    high: Any
    unknown: Bools | None = None
    scale: int = 1


@define(eq=False)
class Batch:
    """Some rows of a table, and what has been computed for them."""

    rows: int
    read: Callable[[s.Column], Answers | None]
    lifted: Mapping[s.Node, Any] = field(factory=dict)
    indicators: Mapping[str, Pair] = field(factory=dict)
    weights: Mapping[str | None, tuple[tuple[str, int], ...]] = field(factory=dict)
    scale: int = 1  # what weights are counted in
    conflict: Bools | None = None
    done: dict[int, Any] = field(factory=dict)

    def constant(self, sure: bool, maybe: bool) -> Pair:
        """Return one answer for every row."""
        first = np.full(self.rows, sure)
        return first, first if sure == maybe else np.full(self.rows, maybe)


T = TypeVar("T")
RuleStep = Callable[[Batch], Pair]
ValueStep = Callable[[Batch], Interval]
Limit = tuple[int, int | float]
"""What whole numbers are compared with, and what fractions are."""


class _Numpy:
    """The interpretation over arrays: each node becomes a function of a block, computed once for it."""

    def __init__(self, shared: set[s.Node]) -> None:
        self._shared = {node: slot for slot, node in enumerate(shared)}

    def _once(self, node: s.Node, step: Callable[[Batch], T]) -> Callable[[Batch], T]:
        """Return the step for a node; what several rules share is computed only once for each block."""
        slot = self._shared.get(node)
        if slot is None:
            return step

        def remembered(block: Batch) -> T:
            if slot not in block.done:
                block.done[slot] = step(block)
            known: T = block.done[slot]
            return known

        return remembered

    # -- numbers

    def column(self, node: s.Column) -> ValueStep:
        def step(block: Batch) -> Interval:
            answers = block.read(node)
            if answers is None:
                return Interval(0, 0, np.ones(block.rows, dtype=bool))
            assert isinstance(answers, Numbers)
            return Interval(answers.values, answers.values, answers.missing)

        return step

    def constant(self, node: s.Constant) -> ValueStep:
        interval = _fixed(node.value, node.value)
        return lambda block: interval

    def amount(self, node: s.Amount) -> ValueStep:
        cases = node.cases
        if node.by is None:
            interval = _fixed(*cases[0][1:])
            return lambda block: interval
        by = node.by
        scale = lcm(*(number.denominator for case in cases for number in case[1:]))
        low = {str(code): int(least * scale) for code, least, _ in cases}
        high = {str(code): int(most * scale) for code, _, most in cases}

        def step(block: Batch) -> Interval:
            answers = block.read(by)
            codes, names = (answers.codes, answers.names) if isinstance(answers, Codes) else (None, ())
            if codes is None:
                return Interval(min(low.values()), max(high.values()), None, scale)
            least = np.array([low.get(name, min(low.values())) for name in names] + [min(low.values())])
            most = np.array([high.get(name, max(high.values())) for name in names] + [max(high.values())])
            lows = least[codes]  # -1, a missing code, takes the last: the interval over all codes
            return Interval(lows, lows if (least == most).all() else most[codes], None, scale)

        return self._once(node, step)

    def product(self, node: s.Product, left: ValueStep, right: ValueStep) -> ValueStep:
        def step(block: Batch) -> Interval:
            a, b = left(block), right(block)
            unknown, scale = _either(a.unknown, b.unknown), a.scale * b.scale
            if isinstance(a.low, int) and a.low is a.high and a.low >= 0 and isinstance(b.low, np.ndarray):
                low = _times_constant(b.low, a.low)
                return Interval(low, low if b.low is b.high else _times_constant(b.high, a.low), unknown, scale)
            if a.low is a.high and b.low is b.high:
                exact = _multiplied(a.low, b.low)
                return Interval(exact, exact, unknown, scale)
            corners = [_multiplied(x, y) for x in (a.low, a.high) for y in (b.low, b.high)]
            low, high = corners[0], corners[0]
            for corner in corners[1:]:
                low, high = np.minimum(low, corner), np.maximum(high, corner)
            return Interval(low, high, unknown, scale)

        return self._once(node, step)

    def total(self, node: s.Total, left: ValueStep, right: ValueStep) -> ValueStep:
        def step(block: Batch) -> Interval:
            a, b = _same_scale(left(block), right(block))
            low = _added(a.low, b.low)
            exact = a.low is a.high and b.low is b.high
            high = low if exact else _added(a.high, b.high)
            return Interval(low, high, _either(a.unknown, b.unknown), a.scale)

        return self._once(node, step)

    def points(self, node: s.Points, rules: tuple[RuleStep, ...], worths: tuple[ValueStep, ...]) -> ValueStep:
        def step(block: Batch) -> Interval:
            total = Interval(np.zeros(block.rows, np.int64), np.zeros(block.rows, np.int64))
            for rule, worth in zip(rules, worths, strict=True):
                sure, maybe = rule(block)
                least, total = _same_scale(worth(block), total)
                low, high = _wide(least.low), _wide(least.high)
                unknown = least.unknown & maybe if least.unknown is not None else None
                lows = np.where(sure, low, np.where(maybe, np.minimum(low, 0), 0))
                highs = np.where(sure, high, np.where(maybe, np.maximum(high, 0), 0))
                add = _added if isinstance(low, np.ndarray) else np.add  # a few fixed amounts are far from wrapping
                total = Interval(
                    add(total.low, lows), add(total.high, highs), _either(total.unknown, unknown), total.scale
                )
            return total

        return self._once(node, step)

    def count_members(self, node: s.CountMembers, rule: RuleStep) -> ValueStep:
        def step(block: Batch) -> Interval:
            interval: Interval = block.lifted[node]
            return interval

        return step

    def deprivations(self, node: s.Deprivations) -> ValueStep:
        def step(block: Batch) -> Interval:
            counted = block.weights[node.dimension]
            kind: Any = np.uint8 if sum(weight for _, weight in counted) < 256 else np.int64
            pairs = [(block.indicators[name], weight) for name, weight in counted]
            low: Array = np.zeros(block.rows, kind)
            for (sure, _), weight in pairs:
                low += _times(sure, weight, kind)
            high = low.copy()  # and what is only maybe; most indicators of most blocks are settled
            for (sure, maybe), weight in pairs:
                if sure is not maybe:
                    high += _times(sure ^ maybe, weight, kind)
            return Interval(low, low if all(sure is maybe for (sure, maybe), _ in pairs) else high, None, block.scale)

        return self._once(node, step)

    # -- rules

    def flag(self, node: s.Flag) -> RuleStep:
        def step(block: Batch) -> Pair:
            answers = block.read(node.column)
            if answers is None:
                return block.constant(False, True)
            assert isinstance(answers, Flags | PackedFlags)
            return answers.pair()

        return self._once(node, step)

    def compare(self, node: s.Compare, left: ValueStep, right: ValueStep) -> RuleStep:
        if isinstance(node.left, s.Column) and isinstance(node.right, s.Constant | s.Amount):
            return self._once(node, _against(node.left, node.operator, node.right))
        operator = node.operator
        if operator in (">", ">="):
            left, right, operator = right, left, operator.mirror
        less = operator.holds

        def step(block: Batch) -> Pair:
            a, b = _same_scale(left(block), right(block))
            unknown = _either(a.unknown, b.unknown)
            exact = a.low is a.high and b.low is b.high
            sure = less(a.high, b.low)
            if np.ndim(sure) == 0:
                sure = np.full(block.rows, bool(sure))
            maybe = sure if exact else np.broadcast_to(less(a.low, b.high), sure.shape)
            if unknown is not None:
                sure, maybe = sure & ~unknown, maybe | unknown
            return sure, maybe

        return self._once(node, step)

    def is_in(self, node: s.IsIn) -> RuleStep:
        wanted = set(node.codes)

        def step(block: Batch) -> Pair:
            answers = block.read(node.column)
            if answers is None:
                return block.constant(False, True)
            if isinstance(answers, Numbers):
                sure = np.isin(answers.values, [machine(code) for code in node.codes if not isinstance(code, str)])
                if answers.missing is None:
                    return sure, sure
                return sure & ~answers.missing, sure | answers.missing
            assert isinstance(answers, Codes)
            sure = _matches(answers.codes, [i for i, name in enumerate(answers.names) if name in wanted])
            return sure, sure | (answers.codes < 0) if answers.gaps else sure

        return self._once(node, step)

    def negation(self, node: s.Not, rule: RuleStep) -> RuleStep:
        def step(block: Batch) -> Pair:
            sure, maybe = rule(block)
            negated = ~maybe
            return negated, negated if sure is maybe else ~sure

        return self._once(node, step)

    def conjunction(self, node: s.And, rules: tuple[RuleStep, ...]) -> RuleStep:
        def step(block: Batch) -> Pair:
            return _fold(np.logical_and, [rule(block) for rule in rules])

        return self._once(node, step)

    def disjunction(self, node: s.Or, rules: tuple[RuleStep, ...]) -> RuleStep:
        def step(block: Batch) -> Pair:
            return _fold(np.logical_or, [rule(block) for rule in rules])

        return self._once(node, step)

    def at_least(self, node: s.AtLeast, rules: tuple[RuleStep, ...]) -> RuleStep:
        kind = np.uint8 if len(rules) < 256 else np.int64

        def step(block: Batch) -> Pair:
            pairs = [rule(block) for rule in rules]
            sure = _count([pair[0] for pair in pairs], kind) >= node.minimum
            if all(pair[0] is pair[1] for pair in pairs):
                return sure, sure
            return sure, _count([pair[1] for pair in pairs], kind) >= node.minimum

        return self._once(node, step)

    def first_known(self, node: s.FirstKnown, rules: tuple[RuleStep, ...]) -> RuleStep:
        def step(block: Batch) -> Pair:
            asked = [rule for rule, part in zip(rules, node.rules, strict=True) if _answered(part, block)]
            sure, maybe = asked[0](block)
            clash = np.zeros(block.rows, bool)
            for rule in asked[1:]:
                other_sure, other_maybe = rule(block)
                open_, other_open = maybe & ~sure, other_maybe & ~other_sure
                clash |= ~open_ & ~other_open & (sure != other_sure)
                sure, maybe = sure | (open_ & other_sure), sure | (open_ & other_maybe)
            if clash.any():
                block.conflict = clash if block.conflict is None else block.conflict | clash
                sure, maybe = sure & ~clash, maybe | clash
            return sure, maybe

        return self._once(node, step)

    def any_member(self, node: s.AnyMember, rule: RuleStep) -> RuleStep:
        def step(block: Batch) -> Pair:
            pair: Pair = block.lifted[node]
            return pair

        return step

    def indicator(self, node: s.IndicatorRef) -> RuleStep:
        return lambda block: block.indicators[node.name]


def array_algebra(shared: set[s.Node]) -> s.Algebra[ValueStep, RuleStep]:
    """Return the interpretation over arrays; ``shared`` are the parts that several rules have, computed once each."""
    return _Numpy(shared)


def _answered(rule: s.Rule, block: Batch) -> bool:
    """Return whether a way of asking can have an answer: a comparison with a column that isn't there can't."""
    if not isinstance(rule, s.Compare):
        return True
    return all(
        block.read(node) is not None
        for node in rule.walk()
        if isinstance(node, s.Column) and node.own_level != "member"
    )


def _against(column: s.Column, operator: Operator, right: s.Constant | s.Amount) -> RuleStep:
    """Compare an answer with a fixed amount, or with one for each code: most of what rules ask, so without detours.

    Against whole numbers a fraction is compared through the whole number beside it, which needs no wider type.
    """
    compare = operator.holds
    cases = right.cases if isinstance(right, s.Amount) else ((None, right.value, right.value),)
    by = right.by if isinstance(right, s.Amount) else None

    def limit(amount: Number) -> Limit:
        return _whole(amount, operator), machine(amount)

    pairs = {code: (low, high) if operator in ("<", "<=") else (high, low) for code, low, high in cases}
    hardest = limit((min if operator in ("<", "<=") else max)(pair[0] for pair in pairs.values()))
    easiest = limit((max if operator in ("<", "<=") else min)(pair[1] for pair in pairs.values()))
    limits = {code: (limit(hard), limit(easy)) for code, (hard, easy) in pairs.items()}

    def step(block: Batch) -> Pair:
        answers = block.read(column)
        if answers is None:
            return block.constant(False, True)
        assert isinstance(answers, Numbers)
        values = answers.values

        fractions = values.dtype.kind not in "iu"

        def against(limit: Limit) -> Bools:
            flags: Bools = compare(values, limit[fractions])
            return flags

        codes = block.read(by) if by is not None else None
        if isinstance(codes, Codes):
            sure, maybe = _by_code(codes, limits, hardest, easiest, against)
        else:
            sure = against(hardest)
            maybe = sure if hardest == easiest else against(easiest)
        if answers.missing is not None:
            sure, maybe = sure & ~answers.missing, maybe | answers.missing
        return sure, maybe

    return step


def _by_code(
    codes: Codes,
    limits: Mapping[str | None, tuple[Limit, Limit]],
    hardest: Limit,
    easiest: Limit,
    against: Callable[[Limit], Bools],
) -> Pair:
    """Compare with each code's amount where the code is that; where it is missing, or has none, with all of them."""
    known = not codes.gaps and all(name in limits for name in codes.names)
    exact = known and all(first == last for first, last in limits.values())
    sides = []
    for side in (0,) if exact else (0, 1):
        flags: Bools | None = None
        for position, name in enumerate(codes.names):
            limit = limits[name][side] if name in limits else (hardest, easiest)[side]
            met = against(limit) & (codes.codes == position)
            flags = met if flags is None else np.logical_or(flags, met, out=flags)
        if codes.gaps or flags is None:
            met = against((hardest, easiest)[side]) & (codes.codes < 0)
            flags = met if flags is None else np.logical_or(flags, met, out=flags)
        sides.append(flags)
    return sides[0], sides[-1]


def _whole(amount: Number, operator: Operator) -> int:
    """Return the whole number that whole numbers compare with just as with the amount."""
    return ceil(amount) if operator in ("<", ">=") else floor(amount)


def _fixed(low: Number, high: Number) -> Interval:
    scale = lcm(low.denominator, high.denominator)
    least, most = int(low * scale), int(high * scale)
    return Interval(least, least if least == most else most, None, scale)


def _same_scale(a: Interval, b: Interval) -> tuple[Interval, Interval]:
    """Bring two intervals to one scale: exactly in integers; beside floats, a fraction is its nearest double."""
    if a.scale == b.scale:
        return a, b
    if _is_float(a) or _is_float(b):
        return _divided(a), _divided(b)
    scale = lcm(a.scale, b.scale)
    return _scaled(a, scale), _scaled(b, scale)


def _is_float(interval: Interval) -> bool:
    return isinstance(interval.low, float) or getattr(interval.low, "dtype", np.dtype(int)).kind == "f"


def _divided(interval: Interval) -> Interval:
    if interval.scale == 1:
        return interval
    low = interval.low / interval.scale
    return Interval(low, low if interval.low is interval.high else interval.high / interval.scale, interval.unknown)


def _scaled(interval: Interval, scale: int) -> Interval:
    factor = scale // interval.scale
    low = _multiplied(interval.low, factor)
    high = low if interval.low is interval.high else _multiplied(interval.high, factor)
    return Interval(low, high, interval.unknown, scale)


def _wide(values: Any) -> Any:
    """Return integers in 64 bits before they are added or multiplied; those beyond 2⁶³ as floats, which don't wrap."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "iu" and values.dtype != np.int64:
        return values.astype(np.int64 if values.dtype != np.uint64 else np.float64)
    return values


def _multiplied(a: Any, b: Any) -> Any:
    """Multiply, whole numbers exactly as long as 64 bits hold every product; beyond as floats."""
    a, b = _wide(a), _wide(b)
    return a * b if _are_python(a, b) or _largest(a) * _largest(b) < 2**63 else _floating(a) * _floating(b)


def _added(a: Any, b: Any) -> Any:
    """Add up, whole numbers exactly as long as 64 bits hold every sum; beyond as floats."""
    a, b = _wide(a), _wide(b)
    return a + b if _are_python(a, b) or _largest(a) + _largest(b) < 2**63 else _floating(a) + _floating(b)


def _are_python(a: Any, b: Any) -> bool:
    """Return whether both are Python's own numbers, which never wrap."""
    return not (isinstance(a, np.ndarray) or isinstance(b, np.ndarray))


def _largest(values: Any) -> int:
    """Return how far whole numbers are from 0 at most; 0 for floats, which don't wrap."""
    if not isinstance(values, np.ndarray):
        return abs(values) if isinstance(values, int) else 0
    return max(-int(values.min()), int(values.max())) if values.dtype.kind == "i" and len(values) else 0


def _floating(values: Any) -> Any:
    return values.astype(np.float64) if isinstance(values, np.ndarray) else float(values)


def _times_constant(values: Array, factor: int) -> Array:
    """Multiply by a whole number in the smallest type that holds every product: small types are fast to compare."""
    product: Array
    if values.dtype.kind not in "iu" or values.dtype == np.uint64:
        product = _wide(values) * factor
        return product
    bounds = np.iinfo(values.dtype)
    largest = max(abs(int(bounds.min)), int(bounds.max)) * abs(factor)
    kind = next((kind for kind in (np.int16, np.int32) if largest <= np.iinfo(kind).max), None)
    product = _multiplied(values, factor) if kind is None else np.multiply(values, factor, dtype=kind)
    return product


def _either(a: Bools | None, b: Bools | None) -> Bools | None:
    if a is None or b is None:
        return b if a is None else a
    return a | b


def _times(flags: Bools, weight: int, kind: Any) -> Array:
    numbers = flags.view(np.uint8)
    return numbers if weight == 1 else np.multiply(numbers, kind(weight), dtype=kind)


def _count(flags: Sequence[Bools], kind: Any) -> Array:
    total = np.zeros(len(flags[0]), kind)
    for each in flags:
        total += each.view(np.uint8)
    return total


def _matches(codes: Array, positions: list[int]) -> Bools:
    """Return where a code is one of those positions; a missing one, -1, is none.

    Positions that lie side by side, as levels do in their order, take one or two comparisons instead of one each: read
    as unsigned, -1 is beyond them all.
    """
    if not positions:
        return np.zeros(len(codes), dtype=bool)
    first, last = positions[0], positions[-1]
    found: Bools
    if first == last:
        found = codes == first
    elif last - first + 1 == len(positions):
        unsigned = codes.view(f"u{codes.itemsize}")
        found = unsigned <= last if first == 0 else unsigned - unsigned.dtype.type(first) <= last - first
    else:
        found = codes == first
        for position in positions[1:]:
            found |= codes == position
    return found


def _fold(connect: Any, pairs: list[Pair]) -> Pair:
    if len(pairs) == 1:
        return pairs[0]
    sure = connect(pairs[0][0], pairs[1][0])
    for pair in pairs[2:]:
        connect(sure, pair[0], out=sure)
    if all(pair[0] is pair[1] for pair in pairs):
        return sure, sure
    maybe = connect(pairs[0][1], pairs[1][1])
    for pair in pairs[2:]:
        connect(maybe, pair[1], out=maybe)
    return sure, maybe
