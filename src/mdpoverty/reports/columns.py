"""What a form is made of: columns with headings, and formulas that are read from their printed text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Literal

from attrs import field, frozen

from mdpoverty.errors import SpecError
from mdpoverty.law.fields import Label
from mdpoverty.numbers import Language, per_cent

__all__ = ["Balance", "Column", "Form", "Formula", "Layout", "Rate", "Ref", "Unit", "formula"]

Unit = Literal["households", "people", "poor", "near_poor"]
Layout = Literal["province", "official"]
Value = int | Decimal | None


@frozen
class Ref:
    """A column that a formula speaks of; ``form`` where it stands in another form."""

    column: str
    form: int | None = None

    def __str__(self) -> str:
        return self.column if self.form is None else f"{self.form}:{self.column}"


Get = Callable[[Ref], Value]


@frozen
class Balance:
    """A sum of columns with signs, as in ``9=1-2-3-4+5+6+7+8``."""

    terms: tuple[tuple[int, Ref], ...]

    @property
    def refs(self) -> tuple[Ref, ...]:
        """The columns it speaks of."""
        return tuple(ref for _, ref in self.terms)

    def within(self, columns: Iterable[str]) -> Balance:
        """Leave out what a form has no column for: those of open households, where there are none."""
        there = set(columns)
        return Balance(tuple((sign, ref) for sign, ref in self.terms if ref.column in there))

    def value(self, get: Get) -> int | None:
        """Return the sum; ``None`` where a term is blank."""
        total = 0
        for sign, ref in self.terms:
            each = get(ref)
            if each is None:
                return None
            total += sign * int(each)
        return total

    def written(self, name: Callable[[Ref], str]) -> str:
        """Return the formula with each column under a name."""
        text = "".join(f"{'+' if sign > 0 else '-'}{name(ref)}" for sign, ref in self.terms)
        return text.removeprefix("+")

    def __str__(self) -> str:
        return self.written(str)


@frozen
class Rate:
    """A rate in per cent, as in ``4=3/1*100``: rounded half-up to two decimals, blank where the whole is 0."""

    part: Ref
    whole: Ref

    @property
    def refs(self) -> tuple[Ref, ...]:
        """The columns it speaks of."""
        return (self.part, self.whole)

    def within(self, columns: Iterable[str]) -> Rate:
        """Return it as it is: a rate needs both of its columns."""
        return self

    def value(self, get: Get) -> Decimal | None:
        """Return the rate; ``None`` where the whole is 0 or either is blank."""
        part, whole = get(self.part), get(self.whole)
        return None if part is None or whole is None else per_cent(int(part), int(whole))

    def written(self, name: Callable[[Ref], str]) -> str:
        """Return the formula with each column under a name."""
        return f"{name(self.part)}/{name(self.whole)}*100"

    def __str__(self) -> str:
        return self.written(str)


Formula = Balance | Rate

_REF = r"(?:(\d+):)?([0-9A-Za-z]+)"
_RATE = re.compile(rf"{_REF}/{_REF}\*100")
_TERM = re.compile(rf"([+-]?){_REF}")


def formula(text: str) -> Formula:
    """Read a printed formula; ``4:1`` is column 1 of form 4.

    Raises
    ------
    SpecError
        If it is none.

    Examples
    --------
    >>> get = {"1": 400, "3": 10}
    >>> formula("3/1*100").value(lambda ref: get[ref.column])
    Decimal('2.50')
    >>> str(formula("1-2-3+5"))
    '1-2-3+5'
    """
    rate = _RATE.fullmatch(text)
    if rate:
        form, part, of, whole = rate.groups()
        return Rate(Ref(part, int(form) if form else None), Ref(whole, int(of) if of else None))
    if not re.fullmatch(rf"(?:{_TERM.pattern})+", text):
        raise SpecError(f"{text!r} is no formula: write it like 3/1*100 or 1-2-3+5")
    return Balance(
        tuple(
            (-1 if sign == "-" else 1, Ref(column, int(form) if form else None))
            for sign, form, column in _TERM.findall(text)
        )
    )


def _read(given: Formula | str | None) -> Formula | None:
    return formula(given) if isinstance(given, str) else given


@frozen
class Column:
    """A column of a form.

    Attributes
    ----------
    id : str
        Its printed number; a letter where the form prints none.
    heading : tuple of Label
        From the outermost to its own.
    source : str
        What is counted in it; empty where the formula gives it.
    unit : {"households", "people"}, optional
        What is counted; ``None`` where the row says so.
    formula : Formula, optional
        Given as it is printed.
    """

    id: str
    heading: tuple[Label, ...]
    source: str = ""
    unit: Unit | None = None
    formula: Formula | None = field(default=None, converter=_read)

    @property
    def rate(self) -> bool:
        """Whether it holds a rate."""
        return isinstance(self.formula, Rate)

    def number(self, columns: Iterable[str]) -> str:
        """Return the number as it is printed, with the formula behind it where there is one."""
        if self.formula is None or any(ref.form is not None for ref in self.formula.refs):
            return self.id
        return f"{self.id}={self.formula.within(columns)}"


@frozen
class Form:
    """One of the forms: its title, columns and rows.

    Attributes
    ----------
    number : int
        Our number for it.
    title : Label
        As printed.
    columns : tuple of Column
        In order.
    units : tuple of {"households", "people"}, or of {"poor", "near_poor"}
        The rows of each place: what they count, or of which class they are.
    sums : tuple of (str, Balance)
        Columns that others add up to, though the form prints no formula.
    needs : str
        What it can't be made without: ``""``, ``"before"`` or ``"members"``.
    official : str
        The number of the official form (Mẫu) that it is, or is by the order of the annex; empty for a province's own.
    confirmed : bool
        Whether that number stands on official templates that were read.
    layout : {"province", "official"}
        As a province's review software prints it, or as the official template does.
    """

    number: int
    title: Label
    columns: tuple[Column, ...]
    units: tuple[Unit, ...] = ("households",)
    needs: str = ""
    sums: tuple[tuple[str, Balance], ...] = ()
    official: str = ""
    confirmed: bool = False
    layout: Layout = "province"

    @property
    def by_class(self) -> bool:
        """Whether its rows are of classes: a place then has a row with its name above them."""
        return self.units[0] in ("poor", "near_poor")

    @property
    def height(self) -> int:
        """How many rows a place has."""
        return len(self.units) + self.by_class

    def stubs(self, lang: Language) -> list[tuple[str, str]]:
        """Return the ids and headings of the columns before the numbered ones."""
        return stub(1 if self.by_class else len(self.units), lang)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The numbers of its columns."""
        return tuple(column.id for column in self.columns)

    def column(self, id: str) -> Column:
        """Return a column by its number."""
        for column in self.columns:
            if column.id == id:
                return column
        raise SpecError(f"form {self.number} has no column {id!r}, only {', '.join(self.ids)}")

    @cached_property
    def wholes(self) -> tuple[tuple[str, str], ...]:
        """The pairs of columns of which the first counts a part of what the second counts."""
        return tuple(
            (part.id, whole.id)
            for part in self.columns
            for whole in self.columns
            if whole.source
            and whole.unit == part.unit
            and part.source.startswith((f"{whole.source}&", f"{whole.source}:"))
        )

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The pairs of columns that count the same households, and the people in them."""
        return tuple(
            (one.id, two.id)
            for one in self.columns
            for two in self.columns
            if one.source and one.source == two.source and (one.unit, two.unit) == ("households", "people")
        )

    def depth(self) -> int:
        """Return how many levels its headings have."""
        return max(len(column.heading) for column in self.columns)


UNITS: Mapping[str, Label] = {
    "households": Label("Hộ", "Households"),
    "people": Label("Nhân khẩu", "People"),
    "poor": Label("- Hộ nghèo", "- Poor households"),
    "near_poor": Label("- Hộ cận nghèo", "- Near-poor households"),
}


def stub(units: int, lang: Language) -> list[tuple[str, str]]:
    """Return the ids and headings of the columns that stand before the numbered ones."""
    heads = [("tt", Label("TT", "No.")), ("area", Label("Địa bàn", "Area"))]
    if units > 1:
        heads.append(("unit", Label("Đơn vị tính", "Unit")))
    return [(id, label.in_(lang)) for id, label in heads]
