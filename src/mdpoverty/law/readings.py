"""What a text lets be read in more than one way: the interpretations by name, of which a law goes by one."""

from __future__ import annotations

import re
from collections.abc import Iterable

from attrs import field, frozen

from mdpoverty.errors import StandardError
from mdpoverty.law.fields import Field, Label, Named, named
from mdpoverty.law.parts import Indicator, Threshold

__all__ = ["Ambiguity", "Interpretation", "suffix", "without_suffix"]


@frozen
class Interpretation:
    """One way of reading what the text leaves open, with what it changes in the law.

    Attributes
    ----------
    id, label
        Its name, such as ``"children"``.
    fields, thresholds, indicators : Named
        Whole ones, to add or to put in the place of those of the same id. None at all: the law stands so already.
    """

    id: str
    label: Label
    fields: Named[Field] = field(factory=Named, converter=named)
    thresholds: Named[Threshold] = field(factory=Named, converter=named)
    indicators: Named[Indicator] = field(factory=Named, converter=named)

    @property
    def parts(self) -> tuple[str, ...]:
        """The ids of what it adds or replaces."""
        return (*self.fields, *self.thresholds, *self.indicators)


@frozen
class Ambiguity:
    """A point that the text leaves to be read in several ways.

    Attributes
    ----------
    id, label
        Its name, such as ``"insurance"``.
    used : str
        The interpretation that the law goes by.
    interpretations : Named of Interpretation
        All of them; one changes nothing, which is the default.
    """

    id: str
    label: Label
    used: str
    interpretations: Named[Interpretation] = field(converter=named)

    def __attrs_post_init__(self) -> None:
        """Refuse one without a default, or that goes by what isn't there."""
        _ = self.interpretations[self.used]
        if sum(not each.parts for each in self.interpretations.values()) != 1:
            raise StandardError(f"of the readings of {self.id!r} exactly one, the default, changes nothing")

    @property
    def default(self) -> str:
        """The interpretation that changes nothing."""
        return next(each.id for each in self.interpretations.values() if not each.parts)

    def touches(self, parts: Iterable[str]) -> bool:
        """Return whether an interpretation adds or replaces one of these parts."""
        return not {part for each in self.interpretations.values() for part in each.parts}.isdisjoint(parts)

    def change_to(self, chosen: str) -> Interpretation:
        """Return what changes if the law is to go by that interpretation.

        Raises
        ------
        UnknownKey
            If there is no such interpretation.
        StandardError
            If the law goes by another one than the default, and so has lost what to go back to.
        """
        interpretation = self.interpretations[chosen]
        if chosen == self.used:
            return self.interpretations[self.default]
        if self.used != self.default:
            raise StandardError(
                f"{self.id!r} is read as {self.used!r} here: start from the standard that reads it as {self.default!r}"
            )
        return interpretation


def suffix(readings: Iterable[Ambiguity]) -> str:
    """Return what the id of a law ends in that isn't read by default, such as ``"+insurance=children"``."""
    return "".join(f"+{each.id}={each.used}" for each in readings if each.used != each.default)


def without_suffix(id: str) -> tuple[str, dict[str, str]]:
    """Return an id without what :func:`suffix` added, and that as a mapping.

    >>> without_suffix("vn-2022+insurance=children")
    ('vn-2022', {'insurance': 'children'})
    """
    found = re.fullmatch(r"(.*?)((?:\+\w+=\w+)+)", id)
    if found is None:
        return id, {}
    pairs = (each.partition("=") for each in found[2][1:].split("+"))
    return found[1], {name: chosen for name, _, chosen in pairs}
