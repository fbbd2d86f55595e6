"""The parts that rules are made of: small frozen values, and the interpretations that read them.

:mod:`mdpoverty.scorers` builds them; this module says what they are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date as Date
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, NoReturn, Protocol, TypeVar

from attrs import evolve, field, frozen

from mdpoverty.doors import door, doors
from mdpoverty.errors import RuleError
from mdpoverty.numbers import HouseholdId, Level, Number, Operator, number
from mdpoverty.rules.source import source
from mdpoverty.texts import composed

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

SIZE = "household_size"
"""The one column with a meaning of its own: counted from the members wherever they are given."""

V = TypeVar("V")
R = TypeVar("R")
N = TypeVar("N", bound="Node")

DEEPEST = 200
"""How many nodes of a rule can stand below each other: what reads a tree calls itself for each."""

LIFT = "lift it with any_member(…), all_members(…) or count_members(…)"


class Algebra(Protocol, Generic[V, R]):
    """An interpretation of rules: what a value becomes (``V``) and what a rule becomes (``R``).

    Each method gets the node and the results for its parts. ``engine.record`` and ``engine.arrays`` are the two to read
    first; a new one needs nothing but these methods.
    """

    def column(self, node: Column) -> V:
        """Return what an answer, read as a number, becomes."""

    def constant(self, node: Constant) -> V:
        """Return what a fixed number becomes."""

    def amount(self, node: Amount) -> V:
        """Return what an amount becomes that depends on a code, such as a line for rural and urban areas."""

    def product(self, node: Product, left: V, right: V) -> V:
        """Return what ``left × right`` becomes."""

    def total(self, node: Total, left: V, right: V) -> V:
        """Return what ``left + right`` becomes."""

    def points(self, node: Points, rules: tuple[R, ...], worths: tuple[V, ...]) -> V:
        """Return what the sum of points over the rules that hold becomes."""

    def count_members(self, node: CountMembers, rule: R) -> V:
        """Return what the number of members of whom the rule holds becomes."""

    def deprivations(self, node: Deprivations) -> V:
        """Return what the weighted number of a standard's deprivations becomes."""

    def flag(self, node: Flag) -> R:
        """Return what a yes-or-no answer becomes."""

    def compare(self, node: Compare, left: V, right: V) -> R:
        """Return what a comparison becomes."""

    def is_in(self, node: IsIn) -> R:
        """Return what "the answer is one of these codes" becomes."""

    def negation(self, node: Not, rule: R) -> R:
        """Return what *not* becomes."""

    def conjunction(self, node: And, rules: tuple[R, ...]) -> R:
        """Return what *and* becomes."""

    def disjunction(self, node: Or, rules: tuple[R, ...]) -> R:
        """Return what *or* becomes."""

    def at_least(self, node: AtLeast, rules: tuple[R, ...]) -> R:
        """Return what "at least so many of these hold" becomes."""

    def any_member(self, node: AnyMember, rule: R) -> R:
        """Return what "it holds of at least one member" becomes."""

    def first_known(self, node: FirstKnown, rules: tuple[R, ...]) -> R:
        """Return what "the first of these that has an answer" becomes."""

    def indicator(self, node: IndicatorRef) -> R:
        """Return what "deprived in that indicator of the standard" becomes."""


@frozen(repr=False, order=False, cache_hash=True)
class Node:
    """A part of a rule. Immutable, hashable, equal to any node built alike."""

    _method: ClassVar[str]  # the algebra's method that interprets the node
    _below: ClassVar[tuple[str, ...]] = ()  # the attributes that hold its parts: a node each, or a tuple of nodes
    _level: ClassVar[Level | None] = None  # of whom the node speaks, whatever its parts speak of

    def __attrs_post_init__(self) -> None:
        _ = self.level  # mixing levels is an error where it is written
        if self.depth > DEEPEST:
            raise RuleError(f"a rule can be nested {DEEPEST} levels deep: name a part of this one an indicator, say")

    @cached_property
    def parts(self) -> tuple[Node, ...]:
        """The nodes directly below."""
        held = [getattr(self, name) for name in self._below]
        return tuple(part for each in held if each is not None for part in (each if type(each) is tuple else (each,)))

    @cached_property
    def level(self) -> Level | None:
        """Of whom the node speaks; ``None`` where nothing inside says."""
        return self._level or _join(self.parts)

    @cached_property
    def lift(self) -> Node | None:
        """The first part that speaks of a household by its nature, or ``None``."""
        return self if self._level else next((part.lift for part in self.parts if part.lift is not None), None)

    @cached_property
    def depth(self) -> int:
        """How many nodes stand below each other."""
        return 1 + max((part.depth for part in self.parts), default=0)

    def with_parts(self: N, change: Callable[[Node], Node]) -> N:
        """Return the node with each part replaced by ``change(part)``: itself, where none becomes another."""
        changed: dict[str, Any] = {}
        for name in self._below:
            held = getattr(self, name)
            if type(held) is tuple:
                new = tuple(map(change, held))
                if any(one is not other for one, other in zip(new, held, strict=True)):
                    changed[name] = new
            elif held is not None and (one := change(held)) is not held:
                changed[name] = one
        return evolve(self, **changed) if changed else self

    def at(self: N, level: Level) -> N:
        """Return the node with every column that isn't anybody's yet made the household's or the member's."""
        return self if self._level else self.with_parts(lambda part: part.at(level))

    def fold(self, algebra: Algebra[Any, Any]) -> Any:
        """Interpret the tree from its leaves up: ``algebra``'s method for this node, given the results of its parts."""
        done: list[Any] = []
        for name in self._below:
            held = getattr(self, name)
            done.append(tuple(part.fold(algebra) for part in held) if type(held) is tuple else held.fold(algebra))
        return getattr(algebra, self._method)(self, *done)

    def walk(self) -> Iterator[Node]:
        """Yield this node and all below it, outermost first."""
        yield self
        for part in self.parts:
            yield from part.walk()

    def __bool__(self) -> NoReturn:
        raise RuleError(
            f"the rule {self!r} has no truth value of its own: combine rules with & | ~ instead of and, or, not "
            "(for a range write (column('age') >= 3) & (column('age') < 16)), and call .score(…) for answers"
        )

    def __repr__(self) -> str:
        return source(self)


def _join(parts: tuple[Node, ...]) -> Level | None:
    """Return the level of a node with these parts; a member rule beside a lifted one is a mistake."""
    level: Level | None = None
    lifted: Node | None = None
    for part in parts:
        if lifted is None:
            lifted = part.lift
        its = part.level  # asked once: each level asks those below it
        if its == "member" or level is None:
            level = its or level
    if level == "member" and lifted is not None:
        rule = next(part for part in parts if part.level == "member")
        raise RuleError(
            f"{rule!r} speaks of one member and {lifted!r} of the whole household: {LIFT} before you combine them"
        )
    return level


@frozen(repr=False, order=False, cache_hash=True)
class Value(Node):
    """A number: an answer, a constant, an amount, a count or a sum of points."""

    def __lt__(self, other: Any) -> Rule:
        return _compare(self, Operator.LESS, other)

    def __le__(self, other: Any) -> Rule:
        return _compare(self, Operator.AT_MOST, other)

    def __gt__(self, other: Any) -> Rule:
        return _compare(self, Operator.MORE, other)

    def __ge__(self, other: Any) -> Rule:
        return _compare(self, Operator.AT_LEAST, other)

    def __mul__(self, other: Value | Number | float) -> Value:
        return _arithmetic(Product, self, other)

    def __rmul__(self, other: Number | float) -> Value:
        return _arithmetic(Product, as_value(other), self)

    def __add__(self, other: Value | Number | float) -> Value:
        return _arithmetic(Total, self, other)

    def __radd__(self, other: Number | float) -> Value:
        return _arithmetic(Total, as_value(other), self)

    def __neg__(self) -> Value:
        return -1 * self

    def __sub__(self, other: Value | Number | float) -> Value:
        return self + -1 * as_value(other)

    def __rsub__(self, other: Number | float) -> Value:
        return other + -1 * self


@frozen(repr=False, order=False, cache_hash=True)
class Rule(Node):
    """Something that holds of a household (or a member), doesn't, or can't be told: a scorer."""

    def __and__(self, other: Rule | Column) -> Rule:
        return all_of(self, other)

    def __rand__(self, other: object) -> Rule:
        return all_of(as_rule(other, "&"), self)

    def __or__(self, other: Rule | Column) -> Rule:
        return any_of(self, other)

    def __ror__(self, other: object) -> Rule:
        return any_of(as_rule(other, "|"), self)

    def __invert__(self) -> Rule:
        return self.rule if isinstance(self, Not) else Not(self)

    def score(
        self,
        households: Any,
        members: Any = None,
        *,
        household_id: HouseholdId = "household_id",
        columns: Mapping[str, str] | None = None,
        codes: Mapping[str, Mapping[Any, Any]] | None = None,
        date: Date | str | None = None,
        orphans: Literal["error", "report"] = "error",
        fold: bool = False,
        invalid: Literal["error", "missing"] = "error",
        within: Any = None,
    ) -> npt.NDArray[np.uint8]:
        """Score households by this rule alone.

        Parameters
        ----------
        households, members
            Tables as in :meth:`mdpoverty.Standard.classify`. Only the columns that the rule reads are needed.
        household_id, columns, codes, date, orphans, fold, invalid
            As in :meth:`mdpoverty.Standard.classify`.
        within : Program, optional
            Whose indicators a rule means that counts them: ``standard.program()``. It also says what answers may be.

        Returns
        -------
        numpy.ndarray of uint8, shape (households,)
            0 (no), 1 (unknown) or 2 (yes), in the order of ``households``.

        Raises
        ------
        MissingColumns, BadValues
            With everything that is wrong with the input.
        RuleError
            If the rule speaks of one member and wasn't lifted, or names a threshold that no standard has bound.

        Examples
        --------
        >>> from mdpoverty.scorers import column
        >>> crowded = column("floor_area") < 8 * column("household_size")
        >>> crowded.score({"floor_area": [40.0, 39.9, None], "household_size": [5, 5, 5]}).tolist()
        [0, 2, 1]
        """
        from mdpoverty.engine.arrays import score

        options = {
            "household_id": household_id,
            "columns": columns,
            "codes": codes,
            "orphans": orphans,
            "fold": fold,
            "invalid": invalid,
        }
        return score(household_rule(self), households, members, within, date, options)


def household_rule(rule: Rule) -> Rule:
    """Return the rule as one about households, or say that it must be lifted first."""
    if rule.level == "member":
        raise RuleError(f"{rule!r} speaks of one member, not of a household: {LIFT}")
    return rule.at("household")


def member_rule(rule: Rule | Column, where: str) -> Rule:
    """Return the rule as one about a member, to be lifted by ``where``, or say why it can't be."""
    checked = as_rule(rule, where)
    lifted = checked.lift
    if lifted is not None:
        raise RuleError(
            f"{where}(…) takes a rule about one member, and {lifted!r} speaks of the whole household already: "
            f"write it beside {where}(…), not inside"
        )
    return checked.at("member")


# ---------------------------------------------------------------------------------------------------- values


@doors
@frozen(repr=False, order=False, cache_hash=True)
class Column(Value):
    """An answer of that name: a number to compare, a flag to combine, or a code to match."""

    _method = "column"
    name: str
    own_level: Level | None = None

    @cached_property
    def level(self) -> Level | None:
        """Whose answer it is."""
        return self.own_level

    def at(self, level: Level) -> Column:
        """Return the column as the household's or the member's, unless it is somebody's already."""
        return self if self.own_level else evolve(self, own_level=level)

    def is_in(self, codes: Collection[object]) -> Rule:
        """Return the rule "the answer is one of these codes".

        >>> Column("toilet").is_in(["septic", "vip"])
        column("toilet").is_in(["septic", "vip"])
        """
        if isinstance(codes, str) or not isinstance(codes, list | tuple | set | frozenset):
            raise RuleError(f"is_in takes a list of codes; for one code write .equals({codes!r})")
        ordered = sorted(codes, key=str) if isinstance(codes, set | frozenset) else codes
        return IsIn(self, tuple(_code(code) for code in ordered))

    def equals(self, code: object) -> Rule:
        """Return the rule "the answer is this code"."""
        return IsIn(self, (_code(code),))

    def __invert__(self) -> Rule:
        return ~Flag(self)

    def __and__(self, other: Rule | Column) -> Rule:
        return all_of(self, other)

    def __or__(self, other: Rule | Column) -> Rule:
        return any_of(self, other)

    def score(self, households: Any, members: Any = None, **options: Any) -> npt.NDArray[np.uint8]:
        """Score households by this flag alone; see :meth:`Rule.score`."""
        return Flag(self).score(households, members, **options)


@frozen(repr=False, order=False, cache_hash=True)
class Constant(Value):
    """A fixed number."""

    _method = "constant"
    value: Number = field(converter=number)


def _of_codes(amounts: Iterable[tuple[str | None, Number]]) -> tuple[tuple[str | None, Number], ...]:
    return tuple((None if code is None else composed(code), amount) for code, amount in amounts)


@frozen
class Step:
    """The amounts that hold from a day on (``None``: from the beginning), one for each code or one for all."""

    since: Date | None
    amounts: tuple[tuple[str | None, Number], ...] = field(converter=_of_codes)


@frozen(repr=False, order=False, cache_hash=True)
class Amount(Value):
    """A legal amount, by name; what it amounts to is bound by the standard.

    ``by`` is the column whose code decides which amount applies. Where the law's amounts change from day to day there
    are several ``steps``, until :func:`on_day` picks the one in force. An unknown code, or a day that wasn't given,
    leaves the interval over all that are still possible.
    """

    _method = "amount"
    name: str
    by: Column | None = None
    steps: tuple[Step, ...] = ()

    @cached_property
    def level(self) -> Level | None:
        """That of the answer that decides."""
        return self.by.level if self.by is not None else None

    def at(self, level: Level) -> Amount:
        """Return the amount decided by the household's or the member's answer."""
        return evolve(self, by=self.by.at(level)) if self.by is not None else self

    @property
    def cases(self) -> tuple[tuple[str | None, Number, Number], ...]:
        """Each code with the least and the greatest amount that may apply to it."""
        if not self.steps:
            raise RuleError(
                f"threshold({self.name!r}) is only a name here: score the rule through a standard that has this "
                'threshold, or write the amounts, as in threshold({"rural": 1, "urban": 2}, by="area")'
            )
        over: dict[str | None, list[Number]] = {}
        for step in self.steps:
            for code, amount in step.amounts:
                over.setdefault(code, []).append(amount)
        return tuple((code, min(amounts), max(amounts)) for code, amounts in over.items())


@frozen(repr=False, order=False, cache_hash=True)
class Product(Value):
    """``left × right``."""

    _method, _below = "product", ("left", "right")
    left: Value
    right: Value


@frozen(repr=False, order=False, cache_hash=True)
class Total(Value):
    """``left + right``."""

    _method, _below = "total", ("left", "right")
    left: Value
    right: Value


@frozen(repr=False, order=False, cache_hash=True)
class Points(Value):
    """The sum of points over the rules that hold; an open rule leaves an interval."""

    _method, _below = "points", ("rules", "worths")
    rules: tuple[Rule, ...]
    worths: tuple[Value, ...]


@frozen(repr=False, order=False, cache_hash=True)
class CountMembers(Value):
    """The number of members of whom a rule holds: an interval where some answers are open."""

    _method, _below, _level = "count_members", ("rule",), "household"
    rule: Rule


@frozen(repr=False, order=False, cache_hash=True)
class Deprivations(Value):
    """The weighted number of deprivations among a standard's indicators, or among one dimension's."""

    _method, _level = "deprivations", "household"
    dimension: str | None = None


# ----------------------------------------------------------------------------------------------------- rules


@frozen(repr=False, order=False, cache_hash=True)
class Flag(Rule):
    """A yes-or-no answer."""

    _method = "flag"
    column: Column

    @cached_property
    def level(self) -> Level | None:
        """Whose answer it is."""
        return self.column.level

    def at(self, level: Level) -> Flag:
        """Return the flag of the household or the member, unless it is somebody's already."""
        return Flag(self.column.at(level))


def _as_matched(codes: Iterable[str | Number]) -> tuple[str | Number, ...]:
    return tuple(composed(code) if isinstance(code, str) else code for code in codes)


@frozen(repr=False, order=False, cache_hash=True)
class IsIn(Rule):
    """The answer is one of these codes."""

    _method = "is_in"
    column: Column
    codes: tuple[str | Number, ...] = field(converter=_as_matched)

    @cached_property
    def level(self) -> Level | None:
        """Whose answer it is."""
        return self.column.level

    def at(self, level: Level) -> IsIn:
        """Return the match of the household's or the member's answer, unless it is somebody's already."""
        return IsIn(self.column.at(level), self.codes)


@frozen(repr=False, order=False, cache_hash=True)
class Compare(Rule):
    """A comparison of two numbers by the operator that the law's words fix."""

    _method, _below = "compare", ("left", "right")
    left: Value
    operator: Operator = field(converter=Operator)
    right: Value


@frozen(repr=False, order=False, cache_hash=True)
class Not(Rule):
    """The rule doesn't hold."""

    _method, _below = "negation", ("rule",)
    rule: Rule


@frozen(repr=False, order=False, cache_hash=True)
class And(Rule):
    """All of the rules hold."""

    _method, _below = "conjunction", ("rules",)
    rules: tuple[Rule, ...]


@frozen(repr=False, order=False, cache_hash=True)
class Or(Rule):
    """At least one of the rules holds."""

    _method, _below = "disjunction", ("rules",)
    rules: tuple[Rule, ...]


@frozen(repr=False, order=False, cache_hash=True)
class AtLeast(Rule):
    """At least ``minimum`` of the rules hold."""

    _method, _below = "at_least", ("rules",)
    minimum: int
    rules: tuple[Rule, ...]


@frozen(repr=False, order=False, cache_hash=True)
class FirstKnown(Rule):
    """The first of several ways to ask the same thing that has an answer."""

    _method, _below = "first_known", ("rules",)
    rules: tuple[Rule, ...]


@frozen(repr=False, order=False, cache_hash=True)
class AnyMember(Rule):
    """The rule holds of at least one member of the household: of one and the same member."""

    _method, _below, _level = "any_member", ("rule",), "household"
    rule: Rule


@frozen(repr=False, order=False, cache_hash=True)
class IndicatorRef(Rule):
    """Deprived in that indicator of the standard."""

    _method, _level = "indicator", "household"
    name: str


# ------------------------------------------------------------------------------------------------- putting together


@door
def all_of(*rules: Rule | Column) -> Rule:
    """Return the rule "all of these hold"; ``a & b`` is the same."""
    return several(And, rules, "&")


@door
def any_of(*rules: Rule | Column) -> Rule:
    """Return the rule "at least one of these holds"; ``a | b`` is the same."""
    return several(Or, rules, "|")


def on_day(rule: Rule, day: Date | None) -> Rule:
    """Return the rule with the amounts that were in force on that day; without a day, the rule as it is."""
    if day is None:
        return rule

    def pick(part: Node) -> Node:
        if not isinstance(part, Amount) or len(part.steps) < 2:
            return part.with_parts(pick)
        begun = [step for step in part.steps if step.since is None or step.since <= day]
        return evolve(part, steps=(begun[-1] if begun else part.steps[0],))

    return rule.with_parts(pick)


def several(kind: type[And] | type[Or], rules: tuple[Rule | Column, ...], sign: str) -> Rule:
    """Return rules under one connective, those of the same connective taken in."""
    flat: list[Rule] = []
    for each in rules:
        rule = as_rule(each, sign)
        flat.extend(rule.rules if isinstance(rule, kind) else (rule,))
    if not flat:
        raise RuleError(f"{sign} needs at least one rule")
    return flat[0] if len(flat) == 1 else kind(aligned(tuple(flat)))


def aligned(parts: tuple[N, ...]) -> tuple[N, ...]:
    """Make columns that are nobody's yet the household's or the member's, where another part settles which."""
    if _join(parts) == "member":
        return tuple(part.at("member") for part in parts)
    lifted = any(part.lift is not None for part in parts)
    return tuple(part.at("household") for part in parts) if lifted else parts


def as_rule(rule: object, where: str) -> Rule:
    """Return a rule, a column as the flag that it is, and refuse anything else in words that help."""
    if isinstance(rule, Rule):
        return rule
    if isinstance(rule, Column):
        return Flag(rule)
    if isinstance(rule, Value):
        raise RuleError(f"{where} takes rules, and {rule!r} is a number: compare it first, as in {rule!r} >= 1")
    hint = " (== compares rules; write .equals(…) or .is_in(…) to match a code)" if isinstance(rule, bool) else ""
    raise RuleError(f"{where} takes rules, not {type(rule).__name__}{hint}")


def as_value(value: object) -> Value:
    """Return a number that rules can be made of, a plain one as a constant."""
    if isinstance(value, Value):
        return value
    if isinstance(value, Rule):
        raise RuleError(f"{value!r} is a rule, not a number: to count rules that hold write points((rule, 1), …)")
    return Constant(value)


def _compare(left: Value, operator: Operator, right: object) -> Rule:
    if isinstance(right, Constant) or not isinstance(left, Constant):
        parts = aligned((left, as_value(right)))
        return Compare(parts[0], operator, parts[1])
    return _compare(as_value(right), operator.mirror, left)


def _arithmetic(kind: type[Product] | type[Total], left: Value, right: object) -> Value:
    parts = aligned((left, as_value(right)))
    return kind(parts[0], parts[1])


def _code(code: object) -> str | Number:
    if isinstance(code, str):
        return code
    if isinstance(code, bool):
        raise RuleError('a flag is a rule itself: write column("insured") or ~column("insured")')
    if getattr(code, "shape", ()) != ():
        raise RuleError("a code is one value, and not an array: several are given to is_in")
    return number(code, "a code")
