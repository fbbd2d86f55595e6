"""Rules over arrays: every rule of a program, for all households, in blocks that stay in the processor's cache."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date as Date
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import frozen

from mdpoverty.engine.inputs import Inputs, open_inputs
from mdpoverty.engine.kernel import Batch, Pair, RuleStep, array_algebra
from mdpoverty.engine.lifts import lift
from mdpoverty.law.program import OPEN_CODE, Program, no_class
from mdpoverty.rules import nodes as s
from mdpoverty.tables.columns import Array, Bools
from mdpoverty.tables.options import Reading
from mdpoverty.ternary import to_codes

HOUSEHOLD_BLOCK = 65_536


@frozen(eq=False)
class Compiled:
    """Rules ready to run: what is asked of members, then the rules of households, then what counts those."""

    lifts: tuple[s.Node, ...]
    lift_steps: tuple[RuleStep, ...]
    steps: tuple[RuleStep, ...]
    class_steps: tuple[RuleStep, ...]


@lru_cache(maxsize=256)
def compile_rules(rules: tuple[s.Rule, ...], classes: tuple[s.Rule, ...] = ()) -> Compiled:
    """Turn rules into steps over blocks. Equal parts, wherever they stand, are computed once."""
    plain = [_simplified(rule) for rule in (*rules, *classes)]
    seen = Counter(node for rule in plain for node in rule.walk())
    algebra = array_algebra({node for node, times in seen.items() if times > 1})
    lifts = list(
        dict.fromkeys(node for rule in plain for node in rule.walk() if isinstance(node, s.AnyMember | s.CountMembers))
    )
    return Compiled(
        lifts=tuple(lifts),
        lift_steps=tuple(lift.rule.fold(algebra) for lift in lifts),
        steps=tuple(rule.fold(algebra) for rule in plain[: len(rules)]),
        class_steps=tuple(rule.fold(algebra) for rule in plain[len(rules) :]),
    )


def _simplified(node: Any) -> Any:
    """Turn amounts that are one number into constants, so that equal comparisons under two names are computed once."""
    if isinstance(node, s.Amount) and node.by is None and node.cases[0][1] == node.cases[0][2]:
        return s.Constant(node.cases[0][1])
    return node.with_parts(_simplified)


@frozen(eq=False)
class Results:
    """What a program says of each household.

    Attributes
    ----------
    sure, maybe : tuple of array of bool, shape (households,)
        For each indicator: deprived for sure; deprived, or unknown. They are one array where nobody is unknown.
    possible : array of uint8 or uint64, shape (households,)
        Bit *i* is set where class *i* may be the first that holds.
    classes : array of uint8, shape (households,)
        The place of the class; 255 (-1 as a signed byte) where several are possible.
    conflict : array of bool, or None
        Where two ways of asking the same thing gave contradicting answers.
    """

    sure: tuple[Bools, ...]
    maybe: tuple[Bools, ...]
    possible: Array
    classes: npt.NDArray[np.uint8]
    conflict: Bools | None

    @property
    def settled(self) -> bool:
        """Whether no indicator is open for any household."""
        return all(one is other for one, other in zip(self.sure, self.maybe, strict=True))

    def in_class(self, position: int) -> npt.NDArray[np.uint8]:
        """Return 0, 1 or 2 for each household: in that class?"""
        may: Bools = (self.possible & self.possible.dtype.type(1 << position)) != 0
        return to_codes(may & (self.classes == position), may)


@frozen(eq=False)
class _Answered:
    """What the rules say of the households of one block."""

    rows: slice
    indicators: list[Pair]
    classes: list[Pair]
    conflict: Bools | None


def _answered(program: Program, inputs: Inputs) -> Iterator[_Answered]:
    """Ask every rule of a program, block by block."""
    compiled, counted = _compile_program(program)
    lifts = lift(compiled.lifts, compiled.lift_steps, inputs)
    names = [name for name, _ in program.indicators]
    for begin in range(0, inputs.households, HOUSEHOLD_BLOCK):
        rows = slice(begin, min(inputs.households, begin + HOUSEHOLD_BLOCK))
        block = Batch(
            rows.stop - rows.start,
            inputs.household_reader(rows),
            lifted=lifts.take(rows),
            weights=counted,
            scale=program.scale,
            conflict=None if lifts.conflict is None else lifts.conflict[rows],
        )
        block.indicators = {name: step(block) for name, step in zip(names, compiled.steps, strict=True)}
        classes = [step(block) for step in compiled.class_steps]
        yield _Answered(rows, list(block.indicators.values()), classes, block.conflict)


def run(program: Program, inputs: Inputs) -> Results:
    """Run a law's rules over all households.

    Raises
    ------
    StandardError
        If no class can hold for some household: the classes leave something out.
    """
    n = inputs.households
    sure: tuple[Bools, ...] = tuple(np.empty(n, bool) for _ in program.indicators)
    maybe: list[Bools] = list(sure)
    possible = np.zeros(n, np.uint8 if len(program.categories) <= 8 else np.uint64)
    classes = np.empty(n, np.uint8)
    only = _only(len(program.categories), possible.dtype)
    conflict: Bools | None = None
    for block in _answered(program, inputs):
        rows = block.rows
        for position, pair in enumerate(block.indicators):
            sure[position][rows] = pair[0]
            if maybe[position] is sure[position] and pair[0] is not pair[1]:
                maybe[position] = sure[position].copy()  # two arrays only from where the first answer is open
            if maybe[position] is not sure[position]:
                maybe[position][rows] = pair[1]
        possible[rows] = _possible(block.classes, possible.dtype)
        classes[rows] = only(possible[rows])
        if block.conflict is not None:
            conflict = np.zeros(n, bool) if conflict is None else conflict
            conflict[rows] = block.conflict
    if n and not possible.all():
        nowhere = np.flatnonzero(possible == 0)
        raise no_class(program, len(nowhere), inputs.table.keys_at(nowhere))
    for found in (*sure, *maybe, possible, classes):
        found.flags.writeable = False  # results are values
    return Results(sure, tuple(maybe), possible, classes, conflict)


@lru_cache(maxsize=256)
def _compile_program(program: Program) -> tuple[Compiled, Mapping[str | None, tuple[tuple[str, int], ...]]]:
    """Return a program's steps, and what each dimension's indicators (and all, under ``None``) count for."""
    rules, classes = ([rule for _, rule in named] for named in (program.indicators, program.categories))
    counted = {dimension: program.counted(dimension) for dimension in (None, *program.dimensions)}
    return compile_rules(tuple(rules), tuple(classes)), counted


def _possible(pairs: list[Pair], kind: Any) -> Array:
    """Return as bits the classes that may be the first that holds: none after one that surely does."""
    possible = pairs[0][1].view(np.uint8).astype(kind)
    before = pairs[0][0]
    for position, (sure, maybe) in enumerate(pairs[1:], start=1):
        possible |= (maybe & ~before).view(np.uint8) * kind.type(1 << position)
        before = before | sure
    return possible


def _only(count: int, kind: Any) -> Callable[[Array], npt.NDArray[np.uint8]]:
    """Return what tells the place of the one class that is possible, and 255 where there are several."""
    bits = [1 << position for position in range(count)]
    if kind == np.uint8:  # a byte has a table of its own
        table = np.full(256, OPEN_CODE, np.uint8)
        table[bits] = range(count)
        return lambda possible: table[possible]

    def only(possible: Array) -> npt.NDArray[np.uint8]:
        classes = np.full(len(possible), OPEN_CODE, np.uint8)
        for position, bit in enumerate(bits):
            classes[possible == kind.type(bit)] = position
        return classes

    return only


def score(
    rule: s.Rule,
    households: Any,
    members: Any,
    within: Program | None,
    date: Date | str | None,
    options: Mapping[str, Any],
) -> npt.NDArray[np.uint8]:
    """Score households by one rule; see :meth:`mdpoverty.scorers.Rule.score`."""
    reading = Reading(date=date, **options)
    if within is not None:
        position = next((i for i, (_, its) in enumerate(within.categories) if its == rule), None)
        if position is not None:  # a class is the first that holds, not only its own rule
            program = within.prepared(reading.date)
            inputs = open_inputs(program, reading, households, members)
            results = run(program, inputs)
            inputs.refuse_conflict(results.conflict)
            return results.in_class(position)
    program = (within.narrowed(rule) if within is not None else Program.alone(rule)).prepared(reading.date)
    return settle(program, open_inputs(program, reading, households, members))


def settle(program: Program, inputs: Inputs) -> npt.NDArray[np.uint8]:
    """Return 0, 1 or 2 for each household: does the only rule of a program hold?"""
    codes = np.empty(inputs.households, np.uint8)
    for block in _answered(program, inputs):
        codes[block.rows] = to_codes(*block.classes[0])
        inputs.refuse_conflict(block.conflict, block.rows)
    return codes
