"""What a part of the tables reports, how reports become one, and whether a key may stand in two parts."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field, frozen

from mdpoverty.errors import Problem

if TYPE_CHECKING:
    from mdpoverty.tally import Tally


def add_up(tallies: Iterable[Tally]) -> Tally:
    """Merge tallies of parts of one table: persons are counted only if every part could count them."""
    listed = list(tallies)
    common = set.intersection(*(set(tally.sums) for tally in listed))
    return type(listed[0]).merge(
        evolve(tally, sums={name: sums for name, sums in tally.sums.items() if name in common}) for tally in listed
    )


@define(eq=False)
class Problems:
    """What was wrong and left out, over all blocks: each kind once, with how often and the first five keys."""

    found: dict[tuple[str, str, str], Problem] = field(factory=dict)

    def add(self, problems: Iterable[Problem]) -> None:
        """Note the problems of a block."""
        for each in problems:
            key = (each.table, each.column, each.what)
            known = self.found.get(key)
            rows = each.rows + (known.rows if known else 0)
            first = ((known.first if known else ()) + each.first)[:5]
            places = ((known.places if known else ()) + each.places)[:5]
            self.found[key] = evolve(each, rows=rows, first=first, places=places)

    @property
    def all(self) -> tuple[Problem, ...]:
        """All of them."""
        return tuple(self.found.values())


@frozen
class Span:
    """The keys of a part's households.

    Attributes
    ----------
    first, last
        The key of the first and of the last household.
    increasing : bool
        Whether each key is greater than the one before.
    """

    first: Any
    last: Any
    increasing: bool


def apart(spans: Iterable[Span]) -> bool:
    """Return whether spans alone show that no key stands in two parts, in whatever order the parts are."""
    listed = list(spans)
    if len(listed) < 2:
        return True
    if not all(span.increasing for span in listed) or len({type(span.first) for span in listed}) > 1:
        return False
    listed.sort(key=lambda span: span.first)
    return all(one.last < other.first for one, other in pairwise(listed))


@frozen(eq=False)
class Report:
    """What is known of one part or of several.

    Attributes
    ----------
    tally : Tally
    problems : tuple of Problem
        What was left out or counted as missing, because the caller chose to go on.
    spans : tuple of Span
        One for each part that has households; none where a key can't be in two parts.
    """

    tally: Tally
    problems: tuple[Problem, ...]
    spans: tuple[Span, ...] = ()

    @classmethod
    def merge(cls, reports: Iterable[Report]) -> Report:
        """Make one of several."""
        listed = list(reports)
        problems = Problems()
        for each in listed:
            problems.add(each.problems)
        spans = tuple(span for each in listed for span in each.spans)
        return cls(add_up(each.tally for each in listed), problems.all, spans)

    def whole(self) -> Tally:
        """Return the tally, which from here on says what was left out."""
        if self.problems:
            self.tally.meta["problems"] = [str(problem) for problem in self.problems]
        return self.tally
