"""People to households: which member rows belong to which household, in any order of either."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from attrs import frozen

from mdpoverty.errors import Problem
from mdpoverty.engine.frames import Table

if TYPE_CHECKING:
    import narwhals as nw

Positions = npt.NDArray[np.int64]


@frozen(eq=False)
class Roster:
    """The members of each household.

    Attributes
    ----------
    order : array of int64, or None
        The member rows, one household's after another's; ``None`` where the table has them so already.
    starts : array of int64, shape (runs,)
        Where each run of one household's members begins in that order.
    rows : int
        How many member rows there are in that order.
    household : array of int64, or None
        The household of each run; ``None`` where run *i* is household *i*.
    sizes : array of int64, shape (households,)
        How many member rows each household has.
    """

    order: Positions | None
    starts: Positions
    rows: int
    household: Positions | None
    sizes: Positions

    @property
    def empty(self) -> npt.NDArray[np.bool_] | None:
        """Households without a member row, or ``None`` where every one has some."""
        none = self.sizes == 0
        return none if none.any() else None

    def ends(self) -> Positions:
        """Return where each run ends."""
        return np.append(self.starts[1:], self.rows)


def check_keys(households: Table, key: str) -> list[Problem]:
    """Return what is wrong with the households' keys: missing ones, and keys that stand twice."""
    series = households.column(key)
    problems = []
    if series.null_count():
        rows = np.flatnonzero(series.is_null().to_numpy())
        first = tuple(f"row {row}" for row in rows[:5].tolist())
        problems.append(Problem(households.own(key), "a household needs a key", len(rows), first))
    if not _increasing(series):
        import pandas as pd

        keys = pd.Series(series.to_numpy() if series.dtype.is_numeric() else series.to_list())
        twice = keys.duplicated(keep="first") & keys.notna()
        if twice.any():
            first = tuple(keys[twice].head(5).tolist())
            problems.append(Problem(households.own(key), "this key stands more than once", int(twice.sum()), first))
    return problems


def _increasing(series: nw.Series[Any]) -> bool:
    if not series.dtype.is_integer() or series.null_count():
        return False
    keys = series.to_numpy()
    return bool((keys[1:] > keys[:-1]).all())


def match(households: Table, members: Table, key: str, member_key: str) -> tuple[Roster, npt.NDArray[np.bool_] | None]:
    """Return who belongs to which household, and which member rows belong to none (``None``: there are none such).

    Members that come one household after another are matched run by run; only then is each row looked up.
    """
    ours, theirs = households.column(key), members.column(member_key)
    if not len(theirs):
        empty = np.zeros(0, dtype=np.int64)
        return Roster(None, empty, 0, empty, np.zeros(len(ours), dtype=np.int64)), None
    starts = _run_starts(theirs)
    run_keys = theirs if len(starts) == len(theirs) else theirs[starts]
    if len(starts) == len(ours) and ours.dtype == theirs.dtype and bool((run_keys == ours).all()):
        sizes = np.diff(starts, append=len(theirs))
        return Roster(None, starts, len(theirs), None, sizes), None
    return _looked_up(ours, theirs, run_keys, starts)


def _run_starts(series: nw.Series[Any]) -> Positions:
    if series.dtype.is_numeric() and not series.null_count():
        keys = series.to_numpy()
        changes = keys[1:] != keys[:-1]
    else:
        changes = (series != series.shift(1)).fill_null(True).to_numpy()[1:].astype(bool)
    return np.flatnonzero(np.concatenate(([True], changes)))


def _looked_up(
    ours: nw.Series[Any], theirs: nw.Series[Any], run_keys: nw.Series[Any], starts: Positions
) -> tuple[Roster, npt.NDArray[np.bool_] | None]:
    index = _index(ours)
    runs = index.get_indexer(_plain(run_keys))
    total = len(theirs)
    lengths = np.diff(starts, append=total)
    sizes = np.bincount(runs[runs >= 0], weights=lengths[runs >= 0], minlength=len(ours)).astype(np.int64)
    grouped = len(np.unique(runs)) == len(runs) and not (runs < 0).any()
    if grouped:
        return Roster(None, starts, total, runs.astype(np.int64), sizes), None
    by_row = np.repeat(runs, lengths)
    order = np.argsort(by_row, kind="stable")
    lost = by_row < 0
    order = order[int(lost.sum()) :]  # rows of no household sort first
    household = np.flatnonzero(sizes)
    starts = np.concatenate(([0], np.cumsum(sizes[household])[:-1])).astype(np.int64) if len(household) else household
    return Roster(order, starts, len(order), household, sizes), lost if lost.any() else None


def _index(series: nw.Series[Any]) -> Any:
    import pandas as pd

    return pd.Index(_plain(series))


def _plain(series: nw.Series[Any]) -> Any:
    """Return keys as numbers or Python objects, whole floats as integers: 7.0 and 7 are one key."""
    if not series.dtype.is_numeric():
        return np.array(series.to_list() or [], dtype=object)
    keys = series.to_numpy()
    if keys.dtype.kind == "f" and not (np.isnan(keys).any() or (keys != np.floor(keys)).any()):
        return keys.astype(np.int64)
    return keys
