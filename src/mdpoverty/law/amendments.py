"""A law by what it changes in another: the short file that a province keeps beside the national standard."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date as Date
from typing import Any, TypeVar

from attrs import field, frozen

from mdpoverty.errors import StandardError
from mdpoverty.law.fields import Field, Gap, Label, Named
from mdpoverty.law.law import Law
from mdpoverty.law.parts import Category, Citation, Indicator
from mdpoverty.rules.nodes import Step

__all__ = ["BASED_ON", "Amendment"]

L = TypeVar("L", bound=Law)

BASED_ON = "based_on"
"""The key by which a file says that it amends another standard."""


BASES: list[Mapping[str, Law]] = []
"""Where the laws are known that a file may name as its base: the registry of standards puts itself here."""


@frozen
class NewAmounts:
    """The new amounts of one of the base's thresholds."""

    id: str
    steps: tuple[Step, ...]


@frozen
class Amendment:
    """What a standard changes in another; the keys of its file.

    Attributes
    ----------
    based_on : str
        The id of the standard that it changes, in the registry.
    id, citation
        Its own name, and the instrument that sets it. Each citation of a file must say whether it is ``confirmed``.
    digest : str
        The digest of the base, where the file wants to be sure of it.
    title, jurisdiction, in_force, revision, provisional
        Its own; what is left out is the base's.
    until : datetime.date, optional
        Its last day. The base's doesn't hold for it: without one, no end is known.
    thresholds : list
        The new amounts: ``{id, steps}``.
    fields, indicators, categories : list
        Whole ones, to add or to put in the place of those of the same id.
    without_indicators : list of str
        Indicators of the base that it hasn't got.
    gaps : list
        Its own, beside the base's.
    """

    based_on: str
    id: str
    citation: Citation
    digest: str = ""
    title: Label | None = None
    jurisdiction: str | None = None
    in_force: Date | None = None
    until: Date | None = None
    revision: int = 1
    provisional: bool | None = None
    thresholds: tuple[NewAmounts, ...] = ()
    fields: Named[Field] = field(factory=Named)
    indicators: Named[Indicator] = field(factory=Named)
    categories: Named[Category] = field(factory=Named)
    without_indicators: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()

    def apply(self, base: L) -> L:
        """Return the law that comes of it.

        Raises
        ------
        StandardError
            If the base has no such parts.
        """
        for kind, names in (
            ("thresholds", [each.id for each in self.thresholds]),
            ("indicators", list(self.without_indicators)),
        ):
            absent = [name for name in names if name not in getattr(base, kind)]
            if absent:
                raise StandardError(f"{kind}: {base.id!r} has no {', '.join(map(repr, absent))}")
        changed: dict[str, Any] = {**self.indicators, **dict.fromkeys(self.without_indicators)}
        return base.evolve(
            id=self.id,
            citation=self.citation,
            title=self.title,
            thresholds={each.id: each.steps for each in self.thresholds},
            fields=self.fields,
            indicators=changed,
            categories=self.categories,
            gaps=(*base.gaps, *self.gaps),
            in_force=self.in_force,
            until=self.until,
            jurisdiction=self.jurisdiction,
            revision=self.revision,
            provisional=self.provisional,
        )
