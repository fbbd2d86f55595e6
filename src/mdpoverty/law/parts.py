"""The parts of a law: amounts, dimensions, indicators and classes, each with the words of the law beside it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import date as Date
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from attrs import evolve, field, frozen

from mdpoverty.doors import doors
from mdpoverty.errors import StandardError, UnknownKey
from mdpoverty.law.fields import UNSAID, Label, remark, to_date
from mdpoverty.law.program import Outside, Program
from mdpoverty.numbers import Language, Number, number
from mdpoverty.rules.nodes import Column, Flag, IndicatorRef, Rule, Step, any_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


Found = Literal["words", "rule", "nothing"]
"""What of a citation was found in a source."""


@frozen
class Citation:
    """Where a rule stands, in whose words, and whether we have read them there.

    :attr:`found` says which of three states it is in: its exact words were found in a source, or the rule (the number)
    without them, or neither.

    Attributes
    ----------
    instrument : str
        The legal instrument, as in ``"Nghị định 07/2021/NĐ-CP"``.
    place : str
        Article, clause, point or annex.
    words : str
        The quoted words that fix the rule and its operators, in the law's language.
    confirmed : bool
        Whether the words, or at least the rule or the number, were found in a source. What isn't confirmed is listed by
        ``standard.gaps``.
    note : Label
        A reading of ours, or what is doubtful; one text stands for both languages.
    rule_only : bool
        Whether only the rule or the number was found: ``words`` are then what is commonly quoted, and aren't exact.

    Examples
    --------
    >>> import mdpoverty as mdp
    >>> vn = mdp.standards["vn-2022"]
    >>> [vn.indicators[name].citation.found for name in ("housing_area", "employment", "health_insurance")]
    ['words', 'rule', 'nothing']
    """

    instrument: str
    place: str = ""
    words: str = ""
    confirmed: bool = True
    note: Label = field(default=UNSAID, converter=remark)
    rule_only: bool = False

    @property
    def found(self) -> Found:
        """What was found in a source: the exact ``"words"``, only the ``"rule"`` (the number), or ``"nothing"``.

        A citation that quotes no words has found the rule at most.
        """
        if not self.confirmed:
            return "nothing"
        return "rule" if self.rule_only or not self.words else "words"

    def in_(self, lang: Language) -> str:
        """Return where it stands, with a mark if its exact words weren't found, in that language.

        >>> Citation("Nghị định 07/2021/NĐ-CP", "Phụ lục", confirmed=False).in_("vi")
        'Nghị định 07/2021/NĐ-CP, Phụ lục [chưa xác nhận]'
        """
        marks = {
            "words": Label("", ""),
            "rule": Label(" [chỉ có quy định]", " [rule only]") if self.rule_only else Label("", ""),
            "nothing": Label(" [chưa xác nhận]", " [unconfirmed]"),
        }
        return ", ".join(filter(None, (self.instrument, self.place))) + marks[self.found].in_(lang)

    def __str__(self) -> str:
        return self.in_("en")


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


def as_flag_rule(rule: Rule | Column) -> Rule:
    """Take the column of a flag for the rule that it is."""
    return Flag(rule) if isinstance(rule, Column) else rule


def _weight(weight: Any) -> Fraction:
    return Fraction(number(weight, "a weight", StandardError))


def _short(rule: Rule, letters: int = 160) -> str:
    text = repr(rule)
    return text if len(text) <= letters else f"{text[: letters - 1]}…"


@doors
class Scorer(ABC):
    """What a dimension, an indicator and a class have in common: each can be scored alone."""

    __slots__ = ()

    id: str
    program: Program | None

    @property
    @abstractmethod
    def scored(self) -> Rule:
        """The rule that is scored within the program."""

    def score(
        self,
        households: Any,
        members: Any = None,
        *,
        date: Date | str | None = None,
        given: Iterable[str] | Literal["all"] = (),
        provisional: bool = False,
        outside: Outside = "error",
        **options: Any,
    ) -> npt.NDArray[np.uint8]:
        """Return 0, 1 or 2 for each household: deprived (in at least one indicator of a dimension), or in the class?

        Parameters
        ----------
        households, members, date, given, provisional, outside
            As in :meth:`mdpoverty.Standard.classify`; only the columns that are needed must be there.
        **options
            As in :meth:`mdpoverty.scorers.Rule.score`.
        """
        if self.program is None:
            raise StandardError(f"{self.id!r} is part of no standard yet: nothing to score")
        day = to_date(date)
        self.program.refuse_provisional(provisional)
        self.program.refuse_outside(day, outside)
        program = self.program.prepared(None, given if isinstance(given, str) else tuple(given))
        return self.scored.score(households, members, within=program, date=day, **options)


@frozen
class Dimension(Scorer):
    """A dimension of well-being. It can be scored alone: a household is deprived in it if in any of its indicators."""

    id: str
    label: Label
    citation: Citation
    program: Program | None = field(default=None, eq=False, repr=False)

    @property
    def scored(self) -> Rule:
        """Deprived in at least one of its indicators."""
        within = [] if self.program is None else self.program.counted(self.id)
        if not within:
            raise StandardError(f"the dimension {self.id!r} has no indicator: nothing to score")
        return any_of(*(IndicatorRef(name) for name, _ in within))


@frozen
class Indicator(Scorer):
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
    program: Program | None = field(default=None, eq=False, repr=False)

    def __repr__(self) -> str:
        return f"<Indicator {self.id} of {self.dimension}: {self.label}; {_short(self.rule)}>"

    @property
    def scored(self) -> Rule:
        """Deprived in it."""
        return IndicatorRef(self.id)


@frozen
class Category(Scorer):
    """A class of households: poor, near-poor, …, with the rule that puts a household into it.

    A household is in the first class that holds, in the order of the law.
    """

    id: str
    label: Label
    rule: Rule = field(converter=as_flag_rule)
    citation: Citation
    program: Program | None = field(default=None, eq=False, repr=False)

    def __repr__(self) -> str:
        return f"<Category {self.id}: {self.label}; {_short(self.rule)}>"

    @property
    def scored(self) -> Rule:
        """Its rule as the program has it."""
        return self.rule if self.program is None else dict(self.program.categories)[self.id]
