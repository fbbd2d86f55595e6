"""People to households: which member rows belong to which household, in any order of either."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from attrs import frozen

from mdpoverty.errors import Problem
from mdpoverty.tables.cells import has_gaps
from mdpoverty.tables.reading import Table

if TYPE_CHECKING:
    import narwhals as nw

Positions = npt.NDArray[np.int64]


@frozen(eq=False)
class Roster:
    """The members of each household.

    Attributes
    ----------
    order : array of int64, or None
        The member rows, one household's after another's in the households' order; ``None`` where the table has them so.
    starts : array of int64, shape (households,)
        Where each household's members begin in that order.
    sizes : array of int64, shape (households,)
        How many member rows each household has.
    rows : int
        How many member rows there are in that order.
    """

    order: Positions | None
    starts: Positions
    sizes: Positions
    rows: int

    @property
    def empty(self) -> npt.NDArray[np.bool_] | None:
        """Households without a member row, or ``None`` where every one has some."""
        none = self.sizes == 0
        return none if none.any() else None

    def of(self, household: int) -> range:
        """Return the rows of one household's members."""
        start = int(self.starts[household])
        return range(start, start + int(self.sizes[household]))


def check_keys(households: Table, key: str) -> list[Problem]:
    """Return what is wrong with the households' keys: missing ones, and keys that stand twice."""
    series = households.column(key)
    problems = []
    if has_gaps(series):
        rows = np.flatnonzero(series.is_null().to_numpy())
        problems.append(households.problem("key_missing", key, rows))
    if not _increasing(series):
        import pandas as pd

        keys = pd.Series(series.to_numpy() if series.dtype.is_numeric() else series.to_list())
        twice = keys.duplicated(keep="first") & keys.notna()
        if twice.any():
            problems.append(households.problem("key_duplicate", key, np.flatnonzero(twice)))
    return problems


def _increasing(series: nw.Series[Any]) -> bool:
    if not series.dtype.is_integer() or has_gaps(series):
        return False
    keys = series.to_numpy()
    return bool((keys[1:] > keys[:-1]).all())


def match(households: Table, members: Table, key: str) -> tuple[Roster, npt.NDArray[np.bool_] | None]:
    """Return who belongs to which household, and which member rows belong to none (``None``: there are none such).

    Members that come one household after another are matched run by run; only then is each row looked up.
    """
    ours, theirs = households.column(key), members.column(key)
    n, total = len(ours), len(theirs)
    if not total:
        nothing = np.zeros(n, dtype=np.int64)
        return Roster(None, nothing, nothing, 0), None
    whole = all(keys.dtype.is_integer() and not has_gaps(keys) for keys in (ours, theirs))
    our_keys: Any = ours.to_numpy() if whole else ours
    their_keys: Any = theirs.to_numpy() if whole else theirs
    starts = _run_starts(their_keys)
    run_keys = their_keys[starts]
    in_order = of_runs(our_keys, run_keys, starts, total) if whole else None
    if in_order is not None:
        return in_order, None
    lengths = _lengths(starts, total)
    runs = _positions(*(keys if whole else _plain(keys) for keys in (our_keys, run_keys)))
    if bool((runs[1:] > runs[:-1]).all()) and (not len(runs) or runs[0] >= 0):
        sizes = np.zeros(n, dtype=np.int64)
        sizes[runs] = lengths
        return Roster(None, _begin(sizes), sizes, total), None
    by_row = np.repeat(runs, lengths)
    order = np.argsort(by_row, kind="stable")
    lost = by_row < 0
    order = order[int(lost.sum()) :]  # rows of no household sort first
    sizes = np.bincount(by_row[~lost], minlength=n).astype(np.int64)
    return Roster(order, _begin(sizes), sizes, len(order)), lost if lost.any() else None


def of_runs(ours: Any, run_keys: Any, starts: Positions, total: int) -> Roster | None:
    """Return the roster of members who come household after household, in the households' order, by whole keys.

    Parameters
    ----------
    ours : array of int, shape (households,)
    run_keys : array of int, shape (runs,)
        The key of each run of members of one household.
    starts : array of int64, shape (runs,)
        Where each run begins.
    total : int
        How many members there are.

    Returns
    -------
    Roster or None
        ``None`` if not all of them are members of a household, or if that can't be told at little cost.
    """
    if ours.dtype != run_keys.dtype:
        return None
    lengths = _lengths(starts, total)
    if len(run_keys) == len(ours) and bool((run_keys == ours).all()):
        return Roster(None, starts, lengths, total)
    if not (bool((ours[1:] > ours[:-1]).all()) and bool((run_keys[1:] > run_keys[:-1]).all())):
        return None
    present = np.isin(ours, run_keys)
    if int(np.count_nonzero(present)) < len(run_keys):
        return None
    sizes = np.zeros(len(ours), dtype=np.int64)
    sizes[present] = lengths
    return Roster(None, _begin(sizes), sizes, total)


def lost(households: Table, members: Table, key: str) -> npt.NDArray[np.bool_] | None:
    """Return which member rows belong to no household, ``None`` where every row does."""
    import pandas as pd

    none: npt.NDArray[np.bool_] = ~pd.Index(_plain(members.column(key))).isin(_plain(households.column(key)))
    return none if none.any() else None


def _begin(sizes: Positions) -> Positions:
    return np.cumsum(sizes) - sizes


def _lengths(starts: Positions, total: int) -> Positions:
    lengths = np.empty_like(starts)
    np.subtract(starts[1:], starts[:-1], out=lengths[:-1])
    lengths[-1:] = total - starts[-1:]
    return lengths


def _run_starts(keys: Any) -> Positions:
    """Return where a key differs from the one before, of an array or a column."""
    if isinstance(keys, np.ndarray):
        changes = keys[1:] != keys[:-1]
    else:
        changes = (keys != keys.shift(1)).fill_null(True).to_numpy()[1:].astype(bool)
    found = np.flatnonzero(changes)
    starts = np.empty(len(found) + 1, found.dtype)
    starts[0] = 0
    np.add(found, 1, out=starts[1:])
    return starts


def _positions(our_keys: Any, their_keys: Any) -> Positions:
    """Return for each of their keys which of ours it is, -1 for none."""
    import pandas as pd

    found: Positions = pd.Index(our_keys).get_indexer(pd.Index(their_keys)).astype(np.int64)
    return found


def _plain(series: nw.Series[Any]) -> Any:
    """Return keys as numbers or Python objects, whole floats as integers: 7.0 and 7 are one key."""
    if not series.dtype.is_numeric() or has_gaps(series):
        return np.array([*series.to_list(), None], dtype=object)[:-1]
    keys = series.to_numpy()
    if keys.dtype.kind == "f" and not (np.isnan(keys).any() or (keys != np.floor(keys)).any()):
        return keys.astype(np.int64)
    return keys
