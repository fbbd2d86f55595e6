"""People to households: which member rows belong to which household, in any order of either."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import frozen

from mdpoverty.errors import Problem
from mdpoverty.tables.columns import Answers, Bools, Codes, Numbers
from mdpoverty.tables.keys import Keys
from mdpoverty.tables.lookup import Positions
from mdpoverty.tables.options import KEY
from mdpoverty.tables.reading import Table, comparable

_LARGE = 40  # members from which on not every two are compared
_TELLING = 20  # pairs of people that a column tells apart, so that it is no chance
_AT_ONCE = 1 << 16  # households of which members are compared at a time
_FOLDED = 1_000_000  # households among which a key of another spelling is looked for


@frozen(eq=False)
class Roster:
    """The members of each household.

    Attributes
    ----------
    homes : array of int64, or None
        For each member row its household, -1 for none; ``None`` where the table has one household's members after
        another's in the households' order.
    starts : array of int64, shape (households,)
        Where each household's members begin in the households' order.
    sizes : array of int64, shape (households,)
        How many member rows each household has.
    rows : int
        How many member rows there are in that order.
    """

    homes: Positions | None
    starts: Positions
    sizes: Positions
    rows: int

    @cached_property
    def order(self) -> Positions | None:
        """The member rows in the households' order; ``None`` where the table has them so."""
        if self.homes is None:
            return None
        if len(self.homes) > np.iinfo(np.int32).max:
            order: Positions = np.argsort(self.homes, kind="stable")
        else:  # a household and a row in one number: numbers are sorted much faster than places are found
            order = np.sort((self.homes << 32) | np.arange(len(self.homes))) & 0xFFFF_FFFF
        return order[len(order) - self.rows :]  # rows of no household sort first

    @cached_property
    def empty(self) -> npt.NDArray[np.bool_] | None:
        """Households without a member row, or ``None`` where every one has some."""
        return None if self.sizes.min(initial=1) else self.sizes == 0

    def of(self, household: int) -> list[int]:
        """Return the rows of one household's members in their table."""
        start = int(self.starts[household])
        rows = range(start, start + int(self.sizes[household]))
        order = self.order
        return list(rows) if order is None else [int(order[row]) for row in rows]


def check_keys(households: Table) -> list[Problem]:
    """Return what is wrong with the households' keys: missing or inexact ones, and keys that stand twice."""
    keys = households.keys
    problems = []
    missing = keys.missing
    if missing is not None:
        problems.append(households.problem("key_missing", KEY, np.flatnonzero(missing)))
    inexact = check_exact(households)
    twice = keys.repeated() if not inexact else np.zeros(0, np.int64)
    if len(twice):
        first = keys.find(keys.take(twice))
        copies = households.same_rows(twice, first)
        spelt = np.zeros(len(twice), bool)
        if households.fold:
            exact = households.exact_keys
            spelt = exact.find(exact.take(twice)) != first
        for code, rows in (
            ("rows_twice", twice[copies]),
            ("key_duplicate", twice[~copies & ~spelt]),
            ("key_spelt_twice", twice[~copies & spelt]),
        ):
            if len(rows):
                problems.append(households.problem(code, KEY, rows))
    return problems + inexact


def check_exact(table: Table) -> list[Problem]:
    """Return which keys are too large for the floats that they went through: they may be another's."""
    inexact = table.keys.inexact
    return [] if inexact is None else [table.problem("key_inexact", KEY, np.flatnonzero(inexact))]


def match(households: Table, members: Table) -> tuple[Roster, npt.NDArray[np.bool_] | None]:
    """Return who belongs to which household, and which member rows belong to none (``None``: there are none such).

    Members that come one household after another are matched run by run; else each row is looked up.
    """
    ours, theirs = households.keys, members.keys
    n, total = len(ours), len(theirs)
    if not total:
        nothing = np.zeros(n, dtype=np.int64)
        return Roster(None, nothing, nothing, 0), None
    starts = theirs.runs() if theirs.in_runs() else None
    if starts is None or (2 * len(starts) >= total and len(starts) > n):  # nearly every row is a run of its own
        run_keys, starts = theirs, np.arange(total)
    else:
        run_keys = theirs.take(starts)
    in_order = of_runs(ours, run_keys, starts, total)
    if isinstance(in_order, Roster):
        return in_order, None
    homes = np.repeat(in_order, _lengths(starts, total)) if len(in_order) < total else in_order
    lost = homes < 0
    if not lost.any():
        return of_homes(homes, n), None
    sizes = _counted(homes[~lost], n)
    return Roster(homes, _begin(sizes), sizes, int(sizes.sum())), lost


def of_homes(homes: Positions, households: int) -> Roster:
    """Return the roster of members each of whom is of a household, in any order."""
    sizes = _counted(homes, households)
    in_order = bool((homes[1:] >= homes[:-1]).all())
    return Roster(None if in_order else homes, _begin(sizes), sizes, len(homes))


def _counted(homes: Positions, households: int) -> Positions:
    return np.bincount(homes, minlength=households).astype(np.int64, copy=False)


def of_runs(ours: Keys, run_keys: Keys, starts: Positions, total: int) -> Roster | Positions:
    """Return the roster of members who come household after household, in the households' order.

    Parameters
    ----------
    ours : Keys, shape (households,)
    run_keys : Keys, shape (runs,)
        The key of each run of members of one household.
    starts : array of int64, shape (runs,)
        Where each run begins.
    total : int
        How many members there are.

    Returns
    -------
    Roster or array of int64
        The household of each run, -1 for none, where they come in another order or not all are of a household.
    """
    n = len(ours)
    if n == len(run_keys) and ours.plain and run_keys.plain and ours.equals(run_keys):
        return Roster(None, starts, _lengths(starts, total), total)
    homes = ours.find(run_keys)
    if not len(homes) or homes[0] < 0 or not bool((homes[1:] > homes[:-1]).all()):
        return homes
    sizes = np.zeros(n, dtype=np.int64)
    sizes[homes] = _lengths(starts, total)
    return Roster(None, _begin(sizes), sizes, total)


def lost(households: Table, members: Table) -> npt.NDArray[np.bool_] | None:
    """Return which member rows belong to no household, ``None`` where every row does."""
    none: npt.NDArray[np.bool_] = households.keys.find(members.keys) < 0
    return none if none.any() else None


def nearly(households: Table, members: Table, rows: Positions) -> tuple[Positions, Positions]:
    """Return which of some member rows have a key that differs from a household's only in spelling, and whose."""
    if households.fold or len(households) > _FOLDED:
        return rows[:0], rows[:0]
    found = households.keys.folded().find(members.keys.take(rows).folded())
    return rows[found >= 0], found[found >= 0]


def read_as_one(households: Table, members: Table) -> tuple[Positions, Positions]:
    """Return which member rows have a key that is spelt otherwise than their household's, and whose it is."""
    exact = households.exact_keys.find(members.exact_keys)
    found = households.keys.find(members.keys)
    rows = np.flatnonzero((found >= 0) & (exact != found))
    return rows, found[rows]


def copies(
    roster: Roster, members: Table, answers: Sequence[Answers], known: Collection[str], among: Bools
) -> tuple[Positions, bool]:
    """Return which member rows are exact copies of another row of their household, and whether they must be mistakes.

    Two people of a household may well have the same answers. Where a column of no known answer tells all others of
    their households apart (a name, a number), a copy of a row is the same person twice.

    Parameters
    ----------
    roster : Roster
    members : Table
    answers : sequence of Answers
        What was read of members, in the order of their table: what differs in it needs no closer look.
    known : collection of str
        The key, and the columns of answers that people may share.
    among : array of bool, shape (households,)
        The households to look at.
    """
    quick = [each for each in answers if isinstance(each, Numbers | Codes)]
    quick.sort(key=lambda each: isinstance(each, Codes))  # ages tell most people apart
    found = [_again(roster, members, np.flatnonzero(among & (roster.sizes > _LARGE)))]
    among = among & (roster.sizes <= _LARGE)
    for one, other in _pairs(roster, among):
        for each in quick:
            if len(one):
                same = _alike(each, one, other)
                one, other = one[same], other[same]
        found.append(other[members.same_rows(other, one)])
    twice = np.unique(np.concatenate(found))
    if not len(twice):
        return twice, False
    left = [name for name in members.columns if name not in known]
    compared = 0
    for one, other in _pairs(roster, among):
        kept = ~np.isin(one, twice) & ~np.isin(other, twice)
        compared += int(kept.sum())
        left = [name for name in left if not members.same_in(name, one[kept], other[kept]).any()]
    return twice, compared >= _TELLING and bool(left)


def _again(roster: Roster, members: Table, homes: Positions) -> Positions:
    """Return the rows of large households that are copies of an earlier one there."""
    found: list[int] = []
    for home in homes.tolist():
        rows = np.array(roster.of(home))
        seen: set[tuple[Any, ...]] = set()
        for row, values in zip(rows.tolist(), members.records(rows), strict=True):
            looked_up = tuple(map(comparable, values))
            if looked_up in seen:
                found.append(row)
            seen.add(looked_up)
    return np.array(found, np.int64)


def _pairs(roster: Roster, among: Bools) -> Iterator[tuple[Positions, Positions]]:
    """Yield every two member rows of a household, by their distance, for some households at a time."""
    order, chosen = roster.order, np.flatnonzero(among)
    for start in range(0, len(chosen), _AT_ONCE):
        homes = chosen[start : start + _AT_ONCE]
        begin, sizes = roster.starts[homes], roster.sizes[homes]
        ends = np.repeat(begin + sizes, sizes)
        at = np.arange(len(ends)) + np.repeat(begin - _begin(sizes), sizes)
        for distance in range(1, int(sizes.max(initial=0))):
            near = at + distance < ends
            at, ends = at[near], ends[near]
            one, other = at, at + distance
            yield (one, other) if order is None else (order[one], order[other])


def _alike(answers: Numbers | Codes, rows: Positions, others: Positions) -> Bools:
    one, other = answers.take(rows), answers.take(others)
    same: Bools
    if isinstance(one, Codes) and isinstance(other, Codes):
        same = np.equal(one.codes, other.codes)
        return same
    assert isinstance(one, Numbers)
    assert isinstance(other, Numbers)
    same = np.equal(one.values, other.values)
    if one.missing is None or other.missing is None:
        return same
    same = (same | one.missing) & (one.missing == other.missing)
    return same


def _begin(sizes: Positions) -> Positions:
    return np.cumsum(sizes) - sizes


def _lengths(starts: Positions, total: int) -> Positions:
    lengths = np.empty_like(starts)
    np.subtract(starts[1:], starts[:-1], out=lengths[:-1])
    lengths[-1:] = total - starts[-1:]
    return lengths
