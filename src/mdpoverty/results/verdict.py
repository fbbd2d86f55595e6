"""One household: its class, the reasons, what is still to be asked, and what would change the class."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date as Date
from fractions import Fraction
from html import escape
from typing import Any, Literal

from attrs import field, frozen

from mdpoverty.doors import doors
from mdpoverty.engine import record as engine
from mdpoverty.engine.record import Case, UnknownKeys
from mdpoverty.faces import Face, Faced, Html
from mdpoverty.law.law import Law
from mdpoverty.law.program import Program
from mdpoverty.numbers import Language
from mdpoverty.results.reasons import Ask, Finding, Margin, Questions, Reasons, jsonable
from mdpoverty.results.receipt import SCHEMA, Receipt, knowing, receipt_of
from mdpoverty.results.wording import Writer
from mdpoverty.ternary import NAMES, UNKNOWN, YES
from mdpoverty.words.tables import OPEN_LABEL

LANGUAGES: tuple[Language, ...] = ("vi", "en")

__all__ = ["Ask", "Finding", "Margin", "Verdict", "assess"]


@doors
@frozen(repr=False)
class Verdict(Faced):
    """The class of one household, with the reasons.

    Attributes
    ----------
    standard : Standard
        By which standard.
    date : datetime.date or None
        The day of the review, where one was given.
    possible : tuple of str
        The classes still possible; one once the class is settled.
    """

    standard: Law
    date: Date | None
    given: tuple[str, ...]
    possible: tuple[str, ...]
    _case: Case = field(hash=False, repr=False)

    @property
    def indicators(self) -> Mapping[str, int]:
        """0, 1 or 2 for each indicator: not deprived, unknown, deprived."""
        return dict(self._case.codes)

    @property
    def category(self) -> str | None:
        """The class, or ``None`` while open answers could still change it."""
        return self.possible[0] if len(self.possible) == 1 else None

    @property
    def deprivations(self) -> Any:
        """How many (weighted) deprivations there are at least."""
        return self._counted(YES)

    @property
    def deprivations_max(self) -> Any:
        """How many (weighted) deprivations there are at most."""
        return self._counted(UNKNOWN)

    def _counted(self, at_least: int) -> Any:
        weights = self.standard.indicators
        total = sum((weights[name].weight for name, code in self.indicators.items() if code >= at_least), Fraction(0))
        return int(total) if total.denominator == 1 else total

    @property
    def _program(self) -> Program:
        return self.standard.program(self.date, self.given)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The reasons: each condition of the classes, down to indicators, members and the words of the law."""
        return Reasons(self.standard, self._program, self._case).findings()

    @property
    def ask(self) -> tuple[Ask, ...]:
        """The open answers that could still change the class, most useful first."""
        return () if self.category is not None else Questions(self._program, self._case).asks()

    @property
    def margins(self) -> tuple[Margin, ...]:
        """The lines and cut-offs that the class hangs on, and how far this household is from each."""
        return Reasons(self.standard, self._program, self._case).margins(self.category)

    @property
    def receipt(self) -> Receipt:
        """What the verdict was computed from."""
        case = self._case
        home, members = _written(_plain(case.answers)), [_written(_plain(member)) for member in case.members]
        text, same = (_WRITTEN % (home, ", ".join(each)) for each in (members, map(_written, sorted(members))))
        ordered, unordered = (hashlib.sha256(its.encode(errors="surrogatepass")).hexdigest() for its in (text, same))
        options = {"given": list(self.given), **knowing(self.standard, self.date)}
        return receipt_of(self.standard, self.date, ordered, unordered, options)

    def text(self, lang: Language = "vi") -> str:
        """Return the class and the reasons as text, in Vietnamese or English."""
        return Writer(self.standard, lang).text(self.possible, self.findings, self.ask, self.margins)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data for JSON; ``"schema"`` is the version of its shape."""
        return {
            "schema": SCHEMA,
            "standard": self.standard.id,
            "category": self.category,
            "possible": list(self.possible),
            "deprivations": jsonable(self.deprivations),
            "deprivations_max": jsonable(self.deprivations_max),
            "indicators": {name: NAMES[code] for name, code in self.indicators.items()},
            "findings": [finding.to_dict() for finding in self.findings],
            "ask": [
                {
                    "field": ask.field,
                    "level": ask.level,
                    "member": ask.member,
                    "question": {"vi": ask.question.vi, "en": ask.question.en},
                    "decides": list(ask.decides),
                }
                for ask in self.ask
            ],
            "margins": [
                {
                    "id": margin.id,
                    "unit": margin.unit,
                    "value": jsonable(margin.value),
                    "limit": jsonable(margin.limit),
                    "distance": jsonable(margin.distance),
                    "operator": str(margin.operator),
                    "becomes": margin.becomes,
                }
                for margin in self.margins
            ],
            "receipt": self.receipt.to_dict(),
        }

    def __repr__(self) -> str:
        named = self.category or f"open, {' or '.join(self.possible)}"
        return f"<Verdict by {self.standard.id}: {named}>"

    def _face(self, face: Face) -> Html:
        labels = ", ".join(face.name(self.standard.categories[name].label) for name in self.possible)
        title = Html(labels if self.category else f"{face.name(OPEN_LABEL)}: {labels}")
        told = {lang: Html(f"<pre>{escape(self.text(lang))}</pre>") for lang in LANGUAGES}
        if face.both:
            return face.page(title, told["vi"], face.folded("English", told["en"]))
        return face.page(title, told[face.lang])


def assess(
    law: Law,
    record: Mapping[str, Any],
    members: Sequence[Mapping[str, Any]] | None = None,
    *,
    date: Date | None = None,
    given: Iterable[str] | Literal["all"] = (),
    unknown_keys: UnknownKeys = "error",
) -> Verdict:
    """Classify one household; see :meth:`mdpoverty.Standard.assess`."""
    program = law.program(date, given)
    case = engine.run(program, record, members, unknown_keys)
    return Verdict(law, date, program.given, engine.possible_classes(program, case), case)


_written = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=str).encode
_WRITTEN = '{"household": %s, "members": [%s]}'
"""One household's answers as JSON has them, from what is written already: of members their texts, or texts of these."""


def _plain(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return answers with 34.0 as 34: which of the two it was is the table's affair, not the household's."""
    return {
        name: int(value) if isinstance(value, float) and value.is_integer() else value
        for name, value in answers.items()
    }
