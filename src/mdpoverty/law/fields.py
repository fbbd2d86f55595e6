"""What an answer may be: fields with their codes, in two languages; and the days of laws and reviews."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date as Date
from datetime import datetime
from html import escape
from typing import Any, Generic, Literal, Protocol, TypeVar, overload

from attrs import field, frozen
from attrs.validators import in_, instance_of

from mdpoverty.errors import BadDate, StandardError, UnknownKey
from mdpoverty.faces import Face, Faced, Html
from mdpoverty.numbers import Language, Level, Number, printed
from mdpoverty.texts import composed

Kind = Literal["flag", "code", "count", "number", "money"]


class HasId(Protocol):
    """Whatever goes by an id."""

    @property
    def id(self) -> str:
        """The id."""


T = TypeVar("T", bound=HasId)
D = TypeVar("D")


class Named(Mapping[str, T], Generic[T]):
    """An immutable mapping from ids to the things that bear them, in the order of the law.

    >>> Named([Code("a", Label("một", "one"))])["a"].label.en
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

    def __bool__(self) -> bool:
        return bool(self.vi or self.en)

    def __str__(self) -> str:
        return f"{self.vi} ({self.en})"


UNSAID = Label("", "")


def remark(text: Label | str) -> Label:
    """Read a remark on a part of a law: in two languages, or one text that stands in both."""
    return Label(text, text) if isinstance(text, str) else text


def remarks(*texts: Label) -> Label:
    """Return several remarks as one, a sentence after the other.

    >>> str(remarks(Label("Một.", "One."), UNSAID, Label("Hai.", "Two.")))
    'Một. Hai. (One. Two.)'
    """
    said = [text for text in texts if text]
    return Label(" ".join(text.vi for text in said), " ".join(text.en for text in said))


@frozen
class Gap:
    """Something that the text says and the standard can't express, or that it says without a confirmed source."""

    id: str
    text: Label


@frozen
class Code:
    """One of a field's codes, and what it stands for."""

    id: str = field(converter=composed)
    label: Label


@frozen
class Lookalike:
    """A name that is taken for that of an answer and means something else, and why."""

    name: str
    why: str


UNITS: Mapping[str, Label] = {
    "VND/person/month": Label("đồng/người/tháng", "VND per person per month"),
    "VND/person/year": Label("đồng/người/năm", "VND per person per year"),
    "VND/household/month": Label("đồng/hộ/tháng", "VND per household per month"),
    "VND/household/12 months": Label("đồng/hộ/12 tháng", "VND per household in 12 months"),
    "MXN/person/month": Label("peso/người/tháng", "MXN per person per month"),
    "persons": Label("người", "persons"),
    "indicators": Label("chỉ số", "indicators"),
    "deprivations": Label("thiếu hụt", "deprivations"),
    "of the weight": Label("tổng trọng số", "of the weight"),
    "points": Label("điểm", "points"),
    "completed years": Label("tuổi tròn", "completed years"),
    "years": Label("tuổi", "years"),
    "minutes": Label("phút", "minutes"),
    "m²/person": Label("m²/người", "m² per person"),
}
"""What units are called; ``"year"`` is one of the calendar, and no number of them."""

LEVELS: Mapping[str, Label] = {
    "household": Label("hộ", "household"),
    "member": Label("thành viên", "member"),
}
"""Whose answer a field is."""

KINDS: Mapping[str, Label] = {
    "flag": Label("có / không", "yes or no"),
    "code": Label("một mã", "a code"),
    "count": Label("số nguyên", "whole number"),
    "number": Label("số", "number"),
    "money": Label("số tiền", "amount of money"),
}
"""What kinds of answers are called."""


def unit_name(unit: str, lang: Language) -> str:
    """Return a unit's name in that language; a unit that isn't known here as it stands."""
    return UNITS[unit].in_(lang) if unit in UNITS else unit


@frozen
class Field(Faced):
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
    note : Label
        Of whom it is asked, and other advice; one text stands for both languages.
    known_as : tuple of str
        The names that other systems' tables have for it. They are never read in its place unasked: see
        :meth:`mdpoverty.Standard.known_columns`.
    lookalikes : tuple of Lookalike
        Names of something else that are taken for it.
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
    note: Label = field(default=UNSAID, converter=remark)
    known_as: tuple[str, ...] = ()
    lookalikes: tuple[Lookalike, ...] = ()

    def __repr__(self) -> str:
        kind = ", ".join(filter(None, (f"{self.kind} of a {self.level}", self.unit)))
        return f"<Field {self.id}: {self.label}; {kind}>"

    def _face(self, face: Face) -> Html:
        codes = [(Html(f"<code>{escape(code.id)}</code>"), code.label) for code in self.codes]
        known = (
            (Label("Câu hỏi", "Question"), self.question),
            (Label("Của", "Whose"), face.say(LEVELS[self.level])),
            (Label("Loại", "Kind"), face.say(KINDS[self.kind])),
            (Label("Đơn vị", "Unit"), unit_name(self.unit, face.lang)),
            (Label("Phải là", "Must be"), "" if codes else face.say(self.expectation)),
            (Label("Ghi chú", "Note"), self.note),
            (Label("Tên khác", "Known as"), ", ".join(self.known_as)),
        )
        heads = (Label("Mã", "Code"), Label("Nghĩa", "Means"))
        return face.page(
            Html(f"{face.name(self.label)} <code>{escape(self.id)}</code>"),
            face.facts(known),
            *([face.table(heads, codes)] if codes else []),
        )

    @property
    def expectation(self) -> Label:
        """What a value must be, in words."""
        if self.kind == "flag":
            return Label("đúng hoặc sai (true, false)", "true or false")
        if self.kind == "code":
            listed = ", ".join(code.id for code in self.codes)
            return Label(f"một trong các mã {listed}", f"one of {listed}") if listed else Label("một mã", "a code")
        what = {
            "count": Label("số nguyên", "a whole number"),
            "number": Label("số", "a number"),
            "money": Label("số tiền", "an amount"),
        }[self.kind]
        low, high = self.minimum, self.maximum
        if low is not None and high is not None:
            return Label(
                f"{what.vi} từ {printed(low, 'vi')} đến {printed(high, 'vi')}", f"{what.en} from {low:,} to {high:,}"
            )
        return (
            what
            if low is None
            else Label(f"{what.vi} từ {printed(low, 'vi')} trở lên", f"{what.en} of at least {low:,}")
        )

    @property
    def expected(self) -> str:
        """What a value must be, in English words."""
        return self.expectation.en


def to_date(day: Date | str | None) -> Date | None:
    """Read a day: a ``date`` or ISO text such as ``"2024-11-15"``."""
    if isinstance(day, str):
        try:
            return Date.fromisoformat(day)
        except ValueError:
            harmless = re.fullmatch(r"[\d\s./-]*", day) and sum(map(str.isdigit, day)) <= 8  # longer ones number people
            told = repr(day) if harmless else f"a text of {len(day)} characters"
            raise BadDate(f"a day is written like 2024-11-15, not {told}") from None
    if day is not None and (not isinstance(day, Date) or day != day):  # pandas' NaT is a datetime
        raise BadDate(f"a day is a date or text like 2024-11-15, not {type(day).__name__}")
    return day.date() if isinstance(day, datetime) else day


def any_field(name: str, level: Level, kind: Kind) -> Field:
    """Describe an answer of which no standard says more than how a rule reads it."""
    return Field(name, level, kind, Label(name, name), Label(name, name))


def spelled(name: str) -> str:
    """Return a name without what spellings differ in: case, marks, blanks and signs.

    >>> spelled("Điểm B1"), spelled("diem_b1")
    ('diemb1', 'diemb1')
    """
    decomposed = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    return "".join(letter for letter in decomposed if letter.isalnum())


def known_columns(fields: Iterable[Field], names: Iterable[str]) -> dict[str, str]:
    """Return which of the names are known to mean one of the fields, by the field's id; none where several are."""
    listed = [name for name in names if isinstance(name, str)]
    found = {}
    for each in fields:
        known = {spelled(name) for name in each.known_as}
        its = [name for name in listed if spelled(name) in known]
        if len(its) == 1 and each.id not in listed:
            found[each.id] = its[0]
    return found


def doubts(fields: Iterable[Field], columns: Mapping[str, str]) -> Iterator[str]:
    """Yield what speaks against the names that columns are mapped to: each is known to mean something else."""
    listed = {each.id: each for each in fields}
    for name, own in columns.items():
        if name not in listed or not isinstance(own, str):
            continue
        for lookalike in listed[name].lookalikes:
            if spelled(lookalike.name) in spelled(own):
                yield f"columns= reads {own!r} as {name!r}: {lookalike.why}"
        for other in listed.values():
            if other.id != name and spelled(own) in {spelled(known) for known in other.known_as}:
                yield f"columns= reads {own!r} as {name!r}: it is a known name of {other.id!r}"
