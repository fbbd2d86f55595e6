"""The rules of a law on a day: what engines run, and what they read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date as Date
from fractions import Fraction
from functools import cached_property, lru_cache
from math import lcm
from typing import Any, Final, Literal, TypeAlias, get_args

from attrs import evolve, field, frozen

from mdpoverty.doors import warn_caller
from mdpoverty.errors import BadDate, ProvisionalStandard, RuleError, SpecError, StandardError
from mdpoverty.law.fields import Field, Gap, Kind, Named, any_field
from mdpoverty.numbers import Level
from mdpoverty.rules.nodes import (
    SIZE,
    Amount,
    Column,
    Deprivations,
    FirstKnown,
    Flag,
    IndicatorRef,
    IsIn,
    Node,
    Rule,
    household_rule,
    on_day,
)

Outside: TypeAlias = Literal["error", "warn", "accept"]
"""What becomes of a day on which a law isn't in force."""

Key = tuple[Level, str]
"""Whose answer it is, and its name."""

OPEN: Final = "open"
"""What tables call the class of a household that open answers leave open."""

OPEN_CODE: Final = 255
"""The code of such a class in arrays of bytes; read as a signed byte it is -1, the last place."""

THE_RULE: Final = "the rule"
"""The name of a rule that stands alone."""


@frozen(cache_hash=True)
class Program:
    """The rules of a law on a day, ready for an interpreter: what the engines run.

    A household is in the first of the classes that holds, in their order. Those are possible that may still be the
    first.

    Attributes
    ----------
    law : str
        Whose rules they are; empty for a rule that stands alone.
    indicators, categories : tuple of (str, Rule)
        The rules by id, as household rules with every amount bound.
    weights : tuple of int
        What each indicator counts for, in units of ``1 / scale``.
    scale : int
        The units in one whole.
    dimensions : tuple of str
        The dimension of each indicator.
    fields : Named of Field
        What the answers must be.
    given_fields : Named of Field
        For each indicator the answer that says outright whether a household is deprived in it.
    unconfirmed : tuple of Gap, or None
        Why the law is provisional; ``None`` if it isn't.
    asked_elsewhere : tuple of Key
        Answers that only other readings of the law ask for.
    given : tuple of str
        The indicators that are answers already.
    in_force, until : datetime.date or None
        From when and to when the law is in force; ``None`` where that has no end.
    """

    law: str
    indicators: tuple[tuple[str, Rule], ...]
    categories: tuple[tuple[str, Rule], ...]
    weights: tuple[int, ...]
    scale: int
    dimensions: tuple[str, ...]
    fields: Named[Field]
    given_fields: Named[Field] = field(factory=Named)
    unconfirmed: tuple[Gap, ...] | None = None
    asked_elsewhere: tuple[Key, ...] = ()
    given: tuple[str, ...] = ()
    in_force: Date | None = None
    until: Date | None = None

    @classmethod
    def alone(cls, rule: Rule) -> Program:
        """Make a program of one rule that counts no indicator."""
        counts = [node for node in rule.walk() if isinstance(node, Deprivations | IndicatorRef)]
        if counts:
            raise RuleError(
                f"{rule!r} counts a standard's indicators: score it as one of the standard's classes, or say whose "
                "indicators are meant with within=standard.program()"
            )
        return cls("", (), ((THE_RULE, rule),), (), 1, (), Named())

    # -- which rules

    def prepared(self, day: Date | None, given: tuple[str, ...] | str = ()) -> Program:
        """Take the amounts of a day, and indicators as answers that are given.

        Without a day, amounts that change stay intervals. Indicators that are given are flags of the household under
        their own names: one, several, or ``"all"``.

        Raises
        ------
        UnknownKey
            If there is no such indicator.
        """
        return _prepared(self, day, given)

    def narrowed(self, rule: Rule) -> Program:
        """Keep what a rule needs: itself as the only class, and the indicators that it counts."""
        counted = {node.name for node in rule.walk() if isinstance(node, IndicatorRef)}
        for node in rule.walk():
            if isinstance(node, Deprivations):
                counted.update(name for name, _ in self.counted(node.dimension))
        kept = [position for position, (name, _) in enumerate(self.indicators) if name in counted]
        return evolve(
            self,
            indicators=tuple(self.indicators[i] for i in kept),
            weights=tuple(self.weights[i] for i in kept),
            dimensions=tuple(self.dimensions[i] for i in kept),
            categories=((THE_RULE, household_rule(rule)),),
        )

    # -- what they read

    @cached_property
    def rules(self) -> tuple[tuple[str, Rule], ...]:
        """All rules by id: those of the indicators, then those of the classes."""
        return (*self.indicators, *self.categories)

    @cached_property
    def reads(self) -> Mapping[Key, Kind]:
        """The answers that the rules read, and as what."""
        found: dict[Key, Kind] = {}
        for _, rule in self.rules:
            for key, kind in reads(rule).items():
                found.setdefault(key, kind)
        return found

    @cached_property
    def readers(self) -> Mapping[Key, tuple[str, ...]]:
        """Which rules read each answer."""
        found: dict[Key, list[str]] = {}
        for name, rule in self.rules:
            for key in reads(rule):
                found.setdefault(key, []).append(name)
        return {key: tuple(names) for key, names in found.items()}

    @cached_property
    def ways(self) -> tuple[str, ...]:
        """The answers that are given in one of several ways: the first column of each alternative."""
        alternatives = (part for _, rule in self.rules for part in rule.walk() if isinstance(part, FirstKnown))
        firsts = (
            next((name for node in way.walk() for (_, name), _ in reads_here(node)), "")
            for part in alternatives
            for way in part.rules
        )
        return tuple(name for name in dict.fromkeys(firsts) if name)

    @cached_property
    def optional(self) -> frozenset[str]:
        """The households' answers that may be asked in another way, or counted: tables may lack them."""
        alternatives = (part for _, rule in self.rules for part in rule.walk() if isinstance(part, FirstKnown))
        return frozenset(name for part in alternatives for level, name in reads(part) if level == "household") | {SIZE}

    def field(self, level: Level, name: str) -> Field:
        """Say what an answer may be."""
        known = self.fields.get(name)
        if known is not None and known.level == level:
            return known
        return any_field(name, level, self.reads.get((level, name), "count" if name == SIZE else "number"))

    def counted(self, dimension: str | None = None) -> tuple[tuple[str, int], ...]:
        """List the indicators of a dimension, or all of them, each with its weight in units of ``1 / scale``."""
        both = zip(self.indicators, self.weights, self.dimensions, strict=True)
        return tuple((name, weight) for (name, _), weight, its in both if dimension in (None, its))

    def refuse_provisional(self, provisional: bool) -> None:
        """Raise ``ProvisionalStandard`` if parts aren't confirmed and the caller didn't say that they know."""
        if self.unconfirmed is not None and not provisional:
            lines = [f"{self.law!r} is provisional: pass provisional=True to apply it all the same. What is open:"]
            lines += [f"  - {gap.text.en}" for gap in self.unconfirmed]
            raise ProvisionalStandard("\n".join(lines), gaps=self.unconfirmed)

    def covers(self, day: Date) -> bool:
        """Return whether the law is in force on that day."""
        return (self.in_force is None or self.in_force <= day) and (self.until is None or day <= self.until)

    def refuse_outside(self, day: Date | None, outside: Outside) -> None:
        """Raise ``BadDate``, or warn, if the law isn't in force on a day."""
        if outside == "error" and (day is None or self.covers(day)):
            return  # the usual case, told quickly
        if outside not in get_args(Outside):
            raise SpecError(f"outside is {', '.join(map(repr, get_args(Outside)))}, not {outside!r}")
        if day is None or outside == "accept" or self.covers(day):
            return
        last = "no end that is known" if self.until is None else f"{self.until}"
        said = f"{self.law!r} isn't in force on {day}: it is from {self.in_force} to {last}"
        if outside == "error":
            raise BadDate(f'{said}. To apply it to that day all the same, pass outside="warn" or "accept"')
        warn_caller(said)


@lru_cache(maxsize=256)  # a program is a value: equal ones share what is prepared, and few are kept
def _prepared(program: Program, day: Date | None, given: tuple[str, ...] | str) -> Program:
    if isinstance(given, str):
        given = tuple(name for name, _ in program.indicators) if given == "all" else (given,)
    return _taking(_on(program, day), given)


def _on(program: Program, day: Date | None) -> Program:
    if day is None:
        return program
    indicators, categories = (
        tuple((name, on_day(rule, day)) for name, rule in rules) for rules in (program.indicators, program.categories)
    )
    return evolve(program, indicators=indicators, categories=categories)


def _taking(program: Program, given: tuple[str, ...]) -> Program:
    if not given:
        return program
    flags = {name: Flag(Column(name, "household")) for name in given}
    fields = {**program.fields, **{name: program.given_fields[name] for name in given}}
    indicators = tuple((name, flags.get(name, rule)) for name, rule in program.indicators)
    return evolve(program, indicators=indicators, fields=Named(fields.values()), given=given)


def no_class(program: Program, households: int, keys: tuple[Any, ...] = ()) -> StandardError:
    """Return the error that says that the classes of a law leave households out."""
    listed = f" (the first: {', '.join(map(str, keys))})" if keys else ""
    return StandardError(
        f"in {program.law!r} no class holds for {households:,} household{'s' if households != 1 else ''}{listed}: its "
        "classes must leave nobody out; add one for all the others"
    )


def common_scale(weights: Iterable[Fraction]) -> int:
    """Find the smallest number of units in which all weights are whole."""
    return lcm(*(weight.denominator for weight in weights))


def reads(node: Node) -> dict[Key, Kind]:
    """Return the answers that a rule reads, and as what: a flag, a code or a number.

    Raises
    ------
    StandardError
        If the same answer is read in two ways.
    """
    found: dict[Key, Kind] = {}
    for part in node.walk():
        for key, kind in reads_here(part):
            if found.setdefault(key, kind) != kind:
                raise StandardError(f"column {key[1]!r} is read as a {found[key]} in one place and a {kind} in another")
    return found


def reads_here(node: Node) -> Iterator[tuple[Key, Kind]]:
    """Yield the answers that a node reads itself, not its parts, and as what."""
    kind: Kind = "number"
    if isinstance(node, Flag):
        column, kind = node.column, "flag"
    elif isinstance(node, IsIn):
        column, kind = node.column, "code" if all(isinstance(code, str) for code in node.codes) else "number"
    elif isinstance(node, Column):
        column = node
    elif isinstance(node, Amount) and node.by is not None:
        column, kind = node.by, "code"
    else:
        return
    yield (column.own_level or "household", column.name), kind
