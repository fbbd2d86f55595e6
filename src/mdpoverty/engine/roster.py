"""People to households: which member rows belong to which household, in any order of either."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt
from attrs import frozen

from mdpoverty.errors import Problem
from mdpoverty.tables.keys import Keys, Positions
from mdpoverty.tables.options import KEY
from mdpoverty.tables.reading import Table


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
        if len(self.homes) >= 2**31:
            order: Positions = np.argsort(self.homes, kind="stable")
        else:  # a household and a row in one number: numbers are sorted much faster than places are found
            order = np.sort((self.homes << 32) | np.arange(len(self.homes))) & 0xFFFF_FFFF
        return order[len(order) - self.rows :]  # rows of no household sort first

    @property
    def empty(self) -> npt.NDArray[np.bool_] | None:
        """Households without a member row, or ``None`` where every one has some."""
        none = self.sizes == 0
        return none if none.any() else None

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
        copies = households.same_rows(twice, keys.find(keys.take(twice)))
        for code, rows in (("rows_twice", twice[copies]), ("key_duplicate", twice[~copies])):
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
        run_keys, starts, lengths = theirs, np.arange(total), np.ones(total, np.int64)
    else:
        run_keys, lengths = theirs.take(starts), _lengths(starts, total)
    in_order = of_runs(ours, run_keys, starts, total)
    if isinstance(in_order, Roster):
        return in_order, None
    homes = np.repeat(in_order, lengths) if len(in_order) < total else in_order
    lost = homes < 0
    none = bool(lost.any())
    sizes = np.bincount(homes[~lost] if none else homes, minlength=n).astype(np.int64, copy=False)
    return Roster(homes, _begin(sizes), sizes, int(sizes.sum())), lost if none else None


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


def _begin(sizes: Positions) -> Positions:
    return np.cumsum(sizes) - sizes


def _lengths(starts: Positions, total: int) -> Positions:
    lengths = np.empty_like(starts)
    np.subtract(starts[1:], starts[:-1], out=lengths[:-1])
    lengths[-1:] = total - starts[-1:]
    return lengths
