"""The parts of a standard: amounts, dimensions, indicators and classes, each with the words of the law beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date as Date
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar, overload

from attrs import evolve, field, frozen
from attrs.validators import in_, instance_of

from mdpoverty.errors import BadDate, StandardError, UnknownKey
from mdpoverty.numbers import Language, Level, Number, number
from mdpoverty.rules.nodes import Amount, Column, Flag, IsIn, Rule, Step

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


Kind = Literal["flag", "code", "count", "number", "money"]


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_HasId)
D = TypeVar("D")


class Named(Mapping[str, T], Generic[T]):
    """An immutable mapping from ids to the things that bear them, in the order of the law.

    >>> Named([Gap("k", Label("một", "one"))])["k"].text.en
    'one'
    """

    __slots__ = ("_by_id",)

    def __init__(self, things: Iterable[T] = ()) -> None:
        listed = list(things)
        by_id = {thing.id: thing for thing in listed}
        if len(by_id) < len(listed):
            ids = [thing.id for thing in listed]
            raise StandardError(f"used twice: {', '.join(sorted({i for i in ids if ids.count(i) > 1}))}")
        self._by_id = by_id

    def __getitem__(self, key: str) -> T:
        try:
            return self._by_id[key]
        except KeyError:
            raise UnknownKey(f"there is no {key!r} here, only {', '.join(self._by_id) or 'nothing'}") from None

    def __contains__(self, key: object) -> bool:
        return key in self._by_id

    @overload
    def get(self, key: str, default: None = None, /) -> T | None: ...
    @overload
    def get(self, key: str, default: T | D, /) -> T | D: ...
    def get(self, key: str, default: Any = None, /) -> Any:
        """Return what bears that id, or the default: without the detour over an error that a mapping takes."""
        return self._by_id.get(key, default)

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)

    def __hash__(self) -> int:
        return hash(tuple(self._by_id.values()))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Named):
            return NotImplemented
        return list(self._by_id.values()) == list(other._by_id.values())

    def __repr__(self) -> str:
        return f"Named({list(self._by_id)})"


def named(things: Any) -> Any:
    """Read parts from a list of them or a mapping of them."""
    return things if isinstance(things, Named) else Named(things.values() if isinstance(things, Mapping) else things)


@frozen
class Label:
    """A name in Vietnamese, the law's language, and in English."""

    vi: str = field(validator=instance_of(str))
    en: str = field(validator=instance_of(str))

    def in_(self, lang: Language) -> str:
        """Return the name in that language."""
        return self.vi if lang == "vi" else self.en

    def __str__(self) -> str:
        return f"{self.vi} ({self.en})"


@frozen
class Citation:
    """Where a rule stands, in whose words, and whether we have read them there.

    Attributes
    ----------
    instrument : str
        The legal instrument, as in ``"Nghị định 07/2021/NĐ-CP"``.
    place : str
        Article, clause, point or annex.
    words : str
        The quoted words that fix the rule and its operators, in the law's language.
    confirmed : bool
        Whether the words or the number were found in a source. What isn't confirmed is listed by ``standard.gaps``.
    note : str
        A reading of ours, or what is doubtful.
    """

    instrument: str
    place: str = ""
    words: str = ""
    confirmed: bool = True
    note: str = ""

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.instrument, self.place))) + ("" if self.confirmed else " [unconfirmed]")


@frozen
class Code:
    """One of a field's codes, and what it stands for."""

    id: str
    label: Label


@frozen
class Field:
    """An answer that the rules read.

    Attributes
    ----------
    id : str
        The column's name.
    level : {"household", "member"}
        Whose answer it is.
    kind : {"flag", "code", "count", "number", "money"}
        Yes or no; one of ``codes``; a whole number; any number; an exact amount of money.
    label, question : Label
        What it is, and how a form asks for it.
    unit : str
        The unit of a number.
    codes : tuple of Code
        The codes that a ``"code"`` may have.
    minimum, maximum : number, optional
        The least and the greatest believable value; others are refused as bad input.
    note : str
        Of whom it is asked, and other advice.
    """

    id: str
    level: Level = field(validator=in_(("household", "member")))
    kind: Kind = field(validator=in_(("flag", "code", "count", "number", "money")))
    label: Label
    question: Label
    unit: str = ""
    codes: tuple[Code, ...] = ()
    minimum: Number | None = None
    maximum: Number | None = None
    note: str = ""

    @property
    def expected(self) -> str:
        """What a value must be, in words."""
        if self.kind == "flag":
            return "true or false"
        if self.kind == "code":
            return "one of " + ", ".join(code.id for code in self.codes)
        what = {"count": "a whole number", "number": "a number", "money": "an amount"}[self.kind]
        if self.minimum is not None and self.maximum is not None:
            return f"{what} from {self.minimum:,} to {self.maximum:,}"
        return what if self.minimum is None else f"{what} of at least {self.minimum:,}"


def _steps(amounts: Any) -> tuple[Step, ...]:
    """Read amounts: one number, one for each code, or pairs of a day and either of these."""
    if isinstance(amounts, tuple) and all(isinstance(step, Step) for step in amounts):
        return amounts
    if isinstance(amounts, Mapping):
        if not amounts:
            raise StandardError("a threshold needs at least one amount")
        return (Step(None, tuple((str(code), number(amount)) for code, amount in amounts.items())),)
    if isinstance(amounts, Sequence) and not isinstance(amounts, str):
        return tuple(evolve(_steps(each)[0], since=to_date(since)) for since, each in amounts)
    return (Step(None, ((None, number(amounts)),)),)


@frozen
class Threshold:
    """A legal amount: a line, a cut-off, an age.

    Attributes
    ----------
    id : str
        The name that rules use: ``threshold("income")``.
    label : Label
        What it is.
    steps : tuple of Step
        The amounts, for one code or all, and from which day on. Given as a number, as ``{code: number}``, or as pairs
        ``(day, number or mapping)`` where the law's amounts change; ``None`` for a first day that isn't known.
    citation : Citation
        Where it stands.
    by : str
        The field whose code decides which amount applies; empty where one amount holds for all.
    unit : str
        Of the amounts.
    """

    id: str
    label: Label
    steps: tuple[Step, ...] = field(converter=_steps)
    citation: Citation
    by: str = ""
    unit: str = ""

    @property
    def amounts(self) -> dict[str | None, Number]:
        """The amounts in force last, by code (``None``: for all)."""
        return dict(self.steps[-1].amounts)

    def __getitem__(self, code: str | None) -> Number:
        """Return the amount for a code: ``standard.thresholds["income"]["rural"]``."""
        if code not in self.amounts:
            raise UnknownKey(f"the threshold {self.id!r} has no amount for {code!r}, only {list(self.amounts)}")
        return self.amounts[code]


@frozen
class Dimension:
    """A dimension of well-being. It can be scored alone: a household is deprived in it if in any of its indicators."""

    id: str
    label: Label
    citation: Citation
    rule: Rule | None = field(default=None, eq=False, repr=False)
    fields: Named[Field] = field(factory=Named, eq=False, repr=False)

    def score(self, households: Any, members: Any = None, **options: Any) -> npt.NDArray[np.uint8]:
        """Return 0, 1 or 2 for each household: deprived in at least one of the dimension's indicators?

        Takes what :meth:`mdpoverty.scorers.Rule.score` takes.
        """
        return _score(self, households, members, options)


def as_flag_rule(rule: Rule | Column) -> Rule:
    """Take the column of a flag for the rule that it is."""
    return Flag(rule) if isinstance(rule, Column) else rule


def _weight(weight: Any) -> Fraction:
    return Fraction(number(weight, "a weight"))


@frozen
class Indicator:
    """A deprivation: who counts as deprived, in the words of the law.

    Attributes
    ----------
    id, label
        Its name.
    dimension : str
        The dimension it belongs to.
    rule : Rule
        A household is deprived if this holds.
    citation : Citation
        Where it stands.
    weight : Fraction
        What a deprivation counts for; 1 where the law counts indicators.
    """

    id: str
    dimension: str
    label: Label
    rule: Rule = field(converter=as_flag_rule)
    citation: Citation
    weight: Fraction = field(default=Fraction(1), converter=_weight)
    fields: Named[Field] = field(factory=Named, eq=False, repr=False)

    def score(self, households: Any, members: Any = None, **options: Any) -> npt.NDArray[np.uint8]:
        """Return 0, 1 or 2 for each household: deprived?

        Takes what :meth:`mdpoverty.scorers.Rule.score` takes.
        """
        return _score(self, households, members, options)


@frozen
class Category:
    """A class of households: poor, near-poor, …, with the rule that puts a household into it."""

    id: str
    label: Label
    rule: Rule = field(converter=as_flag_rule)
    citation: Citation
    standard: Any = field(default=None, eq=False, repr=False)  # the Standard it is part of, set by that

    def score(self, households: Any, members: Any = None, **options: Any) -> npt.NDArray[np.uint8]:
        """Return 0, 1 or 2 for each household: in this class? Takes what ``standard.classify`` takes."""
        if self.standard is None:
            raise StandardError(f"the class {self.id!r} is part of no standard yet, so it has no indicators to count")
        codes: npt.NDArray[np.uint8] = self.standard.classify(households, members, **options).in_category(self.id)
        return codes


@frozen
class Gap:
    """Something that the text says and the standard can't express, or that it says without a confirmed source."""

    id: str
    text: Label


def to_date(day: Date | str | None) -> Date | None:
    """Read a day: a ``date`` or ISO text such as ``"2024-11-15"``."""
    if isinstance(day, str):
        try:
            return Date.fromisoformat(day)
        except ValueError:
            raise BadDate(f"a day is written like 2024-11-15, not {day!r}") from None
    if day is not None and not isinstance(day, Date):
        raise BadDate(f"a day is a date or text like 2024-11-15, not {type(day).__name__}")
    return day.date() if isinstance(day, datetime) else day


def reads(rule: Rule) -> dict[tuple[Level, str], Kind]:
    """Return the answers that a rule reads, and as what: a flag, a code or a number.

    Raises
    ------
    StandardError
        If the same answer is read in two ways.
    """
    found: dict[tuple[Level, str], Kind] = {}

    def note(column: Column, kind: Kind) -> None:
        key = (column.own_level or "household", column.name)
        if found.setdefault(key, kind) != kind:
            raise StandardError(
                f"column {column.name!r} is read as a {found[key]} in one place and a {kind} in another"
            )

    for node in rule.walk():
        if isinstance(node, Flag):
            note(node.column, "flag")
        elif isinstance(node, IsIn):
            note(node.column, "code" if all(isinstance(code, str) for code in node.codes) else "number")
        elif isinstance(node, Column):
            note(node, "number")
        elif isinstance(node, Amount) and node.by is not None:
            note(node.by, "code")
    return found


def _score(
    part: Dimension | Indicator, households: Any, members: Any, options: dict[str, Any]
) -> npt.NDArray[np.uint8]:
    from mdpoverty.engine.arrays import score

    if part.rule is None:
        raise StandardError(f"{part.id!r} is part of no standard yet, or has no indicator: nothing to score")
    return score(part.rule, households, members, fields=part.fields, **options)
