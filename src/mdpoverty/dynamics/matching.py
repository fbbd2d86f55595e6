"""Households of several reviews by one key: who is whom, and whose key is spelt in two ways."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date as Date
from functools import cached_property
from typing import Any

import numpy as np
from attrs import define, evolve, field, frozen

from mdpoverty.dynamics.reviews import Meanings, Side, keyed, read_side, refuse_spelt_twice
from mdpoverty.errors import BadDate
from mdpoverty.law.fields import to_date
from mdpoverty.law.law import Law
from mdpoverty.tables.keys import Keys, keys_of
from mdpoverty.tables.lookup import Positions
from mdpoverty.tables.spellings import NoneInBoth, Spelling

__all__ = ["Matcher", "rows_of", "spelt_in_two_forms"]

_NONE = np.zeros(0, np.int64)


@frozen(eq=False)
class _Met:
    """A table that was read: where it is, its keys, and the numbers of the households that they are of."""

    where: str
    keys: Keys
    numbers: Positions

    @cached_property
    def folded(self) -> Keys:
        """The keys as they are compared where spelling doesn't count."""
        return self.keys.folded()


@define
class Matcher:
    """Reads reviews, histories and records by one key, so that all of them match or say why they can't.

    Each household gets a number, from 0, when it is first met.
    """

    on: tuple[str, ...]
    codes: Mapping[str, Meanings]
    fold: bool
    law: Law | None = None
    findings: list[Spelling | NoneInBoth] = field(factory=list)
    met: list[_Met] = field(factory=list)
    first: list[Keys] = field(factory=list)  # the keys of all households as they were first spelt, by their numbers
    count: int = 0

    def side(self, review: Any, what: str) -> tuple[Side, Positions]:
        """Read a review; where spelling doesn't count, by the first spelling of its keys."""
        side = read_side(review, self.on, what, self.codes, self.law)
        if self.fold:
            refuse_spelt_twice(side, self.on, what)
        noted = len(self.findings)
        numbers = self.numbers(side.matched, f"the review {what}")
        if self.fold and len(self.findings) > noted:
            side = evolve(side, matched=keys_of(self.listed(numbers)))
        return side, numbers

    @property
    def name(self) -> str:
        """The key, as messages call it."""
        return ", ".join(self.on)

    def listed(self, numbers: Positions) -> list[Any]:
        """Return the keys of households."""
        keys: list[Any] = []
        rows: list[Positions] = []
        start = 0
        for its in self.first:
            here = np.flatnonzero((numbers >= start) & (numbers < start + len(its)))
            keys += its.take(numbers[here] - start).listed()
            rows.append(here)
            start += len(its)
        return [keys[at] for at in np.argsort(np.concatenate([*rows, _NONE]), kind="stable").tolist()]

    def columns(self, numbers: Positions) -> dict[str, list[Any]]:
        """Return the keys of households as the columns of a table."""
        keys = self.listed(numbers)
        if len(self.on) == 1:
            return {self.on[0]: keys}
        return {name: [key[at] for key in keys] for at, name in enumerate(self.on)}

    def numbers(self, keys: Keys, where: str) -> Positions:
        """Return the numbers of a table's households, -1 without a key, and note keys that were spelt otherwise before.

        Raises
        ------
        BadValues
            If its keys are text, and those of a table before numbers, or the other way round.
        """
        for met in self.met:
            met.keys.refuse(keys, self.name, (met.where, where))
        found = np.full(len(keys), -1, np.int64)
        left = np.arange(len(keys)) if keys.missing is None else np.flatnonzero(~keys.missing)
        for met in self.met:
            at = met.keys.find(keys.take(left))
            found[left[at >= 0]] = met.numbers[at[at >= 0]]
            left = left[at < 0]
        strange = keys.take(left)
        first = _first(strange)
        new = np.flatnonzero(first == np.arange(len(left)))
        found[left[new]] = self._new(strange.take(new))
        found[left] = found[left[first]]
        self.met.append(_Met(where, keys, found))
        return found

    def _new(self, keys: Keys) -> Positions:
        """Number households that nobody of was met by this key, each once."""
        folded = keys.folded()
        alike = np.full(len(keys), -1, np.int64)  # the first that is spelt otherwise
        for met in self.met:
            left = np.flatnonzero(alike < 0)
            at = met.folded.find(folded.take(left))
            alike[left[at >= 0]] = met.numbers[at[at >= 0]]
        first = _first(folded)
        fresh = (alike < 0) & (first == np.arange(len(keys))) if self.fold else np.ones(len(keys), bool)
        numbers = np.where(fresh, self.count - 1 + np.cumsum(fresh), alike)
        alike = np.where((alike < 0) & (first != np.arange(len(keys))), numbers[first], alike)
        self.first.append(keys.take(np.flatnonzero(fresh)))
        self.count += int(fresh.sum())
        spelt = np.flatnonzero(alike >= 0)
        pairs = zip(self.listed(alike[spelt]), keys.take(spelt).listed(), strict=True)
        self.findings += [Spelling(self.name, *pair, self.fold) for pair in pairs]
        return np.where(fresh, numbers, alike)

    def reviews(self, history: Any) -> list[tuple[Date, Side, Positions]]:
        """Read earlier reviews in the order of their days."""
        found = [(day, *self.side(review, f"of {day}")) for day, review in _by_day(history, self.on)]
        return sorted(found, key=lambda review: review[0])


def _first(keys: Keys) -> Positions:
    """Return for each row the first that has its key."""
    return keys.find(keys) if len(keys.repeated()) else np.arange(len(keys))


def spelt_in_two_forms(earlier: Side, later: Side, on: str) -> list[Spelling]:
    """Return the keys that stand in the two reviews in two Unicode forms, and are one."""
    keys = list(dict.fromkeys([*earlier.given, *later.given]))
    asked = keys_of(keys)
    there = (earlier.matched.find(asked) >= 0) & (later.matched.find(asked) >= 0)
    both = [key for key, its in zip(keys, there.tolist(), strict=True) if its]
    pairs = [(earlier.given.get(key, key), later.given.get(key, key)) for key in both]
    return [Spelling(on, one, other, True) for one, other in pairs if one != other]


def rows_of(of: Positions, asked: Positions, count: int) -> Positions:
    """Return at which row each household asked for stands, -1 where at none; households are numbers below ``count``."""
    at = np.full(count, -1, np.int64)
    at[of] = np.arange(len(of))
    return at[asked]


def _by_day(history: Any, on: tuple[str, ...]) -> list[tuple[Date, Any]]:
    """Take a history apart into the reviews of its days."""
    if history is None:
        return []
    if isinstance(history, Mapping) and not {*on, "category"} <= history.keys():
        return [(_day(day), review) for day, review in history.items()]
    table = keyed(history, "history", on, ["date", "category"])
    days = table.distinct("date").map(lambda when: _day(when.date() if hasattr(when, "date") else when))
    if days.missing.any():
        _day(None)  # which is an error
    rows = [np.flatnonzero(days.places == place) for place in range(len(days.values))]
    return [(day, evolve(table.take(its), what=f"review of {day}")) for day, its in zip(days.values, rows, strict=True)]


def _day(given: Any) -> Date:
    day = to_date(given)
    if day is None:
        raise BadDate("every review of history needs its day")
    return day
