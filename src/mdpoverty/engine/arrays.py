"""Rules over arrays: every rule of a program, for all households, in blocks that stay in the processor's cache."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date as Date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from attrs import frozen

from mdpoverty.engine.kernel import Array, Block, Bools, Pair, RuleStep, array_algebra
from mdpoverty.engine.lifts import lift
from mdpoverty.errors import RuleError
from mdpoverty.rules import nodes as s

if TYPE_CHECKING:
    from mdpoverty.engine.inputs import Inputs
    from mdpoverty.standard import Field, Program

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
    sure, maybe : array of bool, shape (indicators, households)
        Deprived for sure; deprived, or unknown.
    possible : array of uint64, shape (households,)
        Bit *i* is set where the household may be in class *i*.
    conflict : array of bool, or None
        Where two ways of asking the same thing gave contradicting answers.
    """

    sure: Bools
    maybe: Bools
    possible: Array
    conflict: Bools | None


def run(program: Program, inputs: Inputs) -> Results:
    """Run a standard's rules over all households."""
    n = inputs.households
    compiled = _compile_program(program)
    lifts = lift(list(compiled.lifts), list(compiled.lift_steps), inputs)
    names = [name for name, _ in program.indicators]
    counted: dict[str | None, tuple[tuple[str, int], ...]] = {None: tuple(zip(names, program.weights, strict=True))}
    for dimension in dict.fromkeys(program.dimensions):
        counted[dimension] = tuple(
            pair for pair, its in zip(counted[None], program.dimensions, strict=True) if its == dimension
        )
    sure = np.empty((len(names), n), bool)
    maybe = sure
    possible = np.zeros(n, np.uint8 if len(program.categories) <= 8 else np.uint64)
    conflict: Bools | None = None
    for rows in _blocks(n):
        block = Block(
            rows.stop - rows.start,
            inputs.household_reader(rows),
            lifted=lifts.take(rows),
            weights=counted,
            scale=program.scale,
        )
        pairs = {name: step(block) for name, step in zip(names, compiled.steps, strict=True)}
        block.indicators = pairs
        for position, pair in enumerate(pairs.values()):
            sure[position, rows] = pair[0]
            if maybe is sure and pair[0] is not pair[1]:
                maybe = sure.copy()  # two arrays only from where the first answer is open
            if maybe is not sure:
                maybe[position, rows] = pair[1]
        possible[rows] = _possible([step(block) for step in compiled.class_steps], possible.dtype)
        if block.conflict is not None:
            conflict = np.zeros(n, bool) if conflict is None else conflict
            conflict[rows] = block.conflict
    return Results(sure, maybe, possible, conflict)


@lru_cache(maxsize=256)
def _compile_program(program: Program) -> Compiled:
    rules, classes = ([rule for _, rule in named] for named in (program.indicators, program.categories))
    return compile_rules(tuple(rules), tuple(classes))


def _blocks(n: int) -> list[slice]:
    return [slice(begin, min(n, begin + HOUSEHOLD_BLOCK)) for begin in range(0, n, HOUSEHOLD_BLOCK)]


def _possible(pairs: list[Pair], kind: Any) -> Array:
    """Return the classes that a household may be in, as bits: the sure one alone, or all that aren't excluded."""
    rows = len(pairs[0][0])
    may, settled = np.zeros(rows, kind), np.zeros(rows, kind)
    for position, (sure, maybe) in enumerate(pairs):
        bit = kind.type(1 << position)
        may |= maybe.view(np.uint8) * bit
        settled |= sure.view(np.uint8) * bit
    return np.where(settled != 0, settled, may) if any(pair[0] is not pair[1] for pair in pairs) else settled


def score(
    rule: s.Rule,
    households: Any,
    members: Any = None,
    *,
    fields: Mapping[str, Field] | None = None,
    household_id: str | tuple[str, str] = "household_id",
    columns: Mapping[str, str] | None = None,
    codes: Mapping[str, Mapping[Any, Any]] | None = None,
    date: Date | str | None = None,
) -> npt.NDArray[np.uint8]:
    """Score households by one rule; see :meth:`mdpoverty.scorers.Rule.score`."""
    from mdpoverty.engine.inputs import open_inputs
    from mdpoverty.standard import to_date
    from mdpoverty.ternary import to_codes

    if any(isinstance(node, s.Deprivations | s.IndicatorRef) for node in rule.walk()):
        raise RuleError(f"{rule!r} counts a standard's indicators: score it as one of the standard's classes")
    dated = s.on_day(rule, to_date(date))
    inputs = open_inputs(
        [("the rule", dated)],
        households,
        members,
        fields=fields or {},
        household_id=household_id,
        columns=columns,
        codes=codes,
    )
    compiled = compile_rules((dated,))
    lifts = lift(list(compiled.lifts), list(compiled.lift_steps), inputs)
    answers = np.empty(inputs.households, np.uint8)
    for rows in _blocks(inputs.households):
        block = Block(rows.stop - rows.start, inputs.household_reader(rows), lifted=lifts.take(rows))
        answers[rows] = to_codes(*compiled.steps[0](block))
        inputs.refuse_conflict(block.conflict, rows)
    return answers
