"""Two reviews side by side: what became of each household, and who has newly escaped poverty."""

from __future__ import annotations

import calendar
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date as Date
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from mdpoverty.errors import BadDate, BadValues, MissingColumns, Problem, SpecError
from mdpoverty.law.fields import Label, Named, to_date
from mdpoverty.law.program import OPEN_CODE
from mdpoverty.results.assessment import Assessment
from mdpoverty.tables.reading import open_table
from mdpoverty.ternary import is_missing

__all__ = ["MOVEMENTS", "Flows", "Movement", "Side", "flows", "newly_escaped"]

POOR, NEAR_POOR = "poor", "near_poor"
LISTED = (POOR, NEAR_POOR)
PRODUCERS = "producer_average_living"  # a class of vn-2022-producers

# What a household is in one review: on one of the two lists, on neither, left open (OPEN_CODE), or not in it at all.
IN_POOR, IN_NEAR, ABOVE, ABSENT = range(4)

Which = Literal["before", "after"]


@frozen
class Movement:
    """What became of a household between two reviews."""

    id: str
    label: Label


MOVEMENTS: Named[Movement] = Named(
    Movement(id, Label(vi, en))
    for id, vi, en in (
        ("stays_poor", "Vẫn là hộ nghèo", "Stays poor"),
        ("poor_to_near_poor", "Hộ nghèo trở thành hộ cận nghèo", "Poor to near-poor"),
        ("poor_to_above", "Hộ nghèo vượt chuẩn cận nghèo", "Poor to above the near-poor line"),
        ("near_poor_to_poor", "Hộ cận nghèo trở thành hộ nghèo", "Near-poor to poor"),
        ("stays_near_poor", "Vẫn là hộ cận nghèo", "Stays near-poor"),
        ("near_poor_to_above", "Thoát cận nghèo", "Near-poor to above the line"),
        ("newly_poor", "Hộ nghèo phát sinh mới", "Newly poor"),
        ("fell_back", "Tái nghèo", "Fell back into poverty"),
        ("newly_near_poor", "Hộ cận nghèo phát sinh mới", "Newly near-poor"),
        ("fell_back_to_near_poor", "Tái cận nghèo", "Fell back to near-poor"),
        ("stays_above", "Vẫn trên chuẩn cận nghèo", "Stays above the line"),
        ("undetermined", "Chưa xác định", "Undetermined: open in one of the reviews"),
        ("moved_in", "Chuyển đến", "Moved in"),
        ("moved_out", "Chuyển đi", "Moved out"),
        ("split", "Tách hộ", "Split"),
        ("merged", "Nhập hộ", "Merged"),
        ("dissolved", "Không còn hộ", "Dissolved"),
    )
)

# By (before, after); what isn't here is open in a review, or stands in one of them only.
_BETWEEN = {
    (IN_POOR, IN_POOR): "stays_poor",
    (IN_POOR, IN_NEAR): "poor_to_near_poor",
    (IN_POOR, ABOVE): "poor_to_above",
    (IN_NEAR, IN_POOR): "near_poor_to_poor",
    (IN_NEAR, IN_NEAR): "stays_near_poor",
    (IN_NEAR, ABOVE): "near_poor_to_above",
    (ABOVE, IN_POOR): "newly_poor",
    (ABOVE, IN_NEAR): "newly_near_poor",
    (ABOVE, ABOVE): "stays_above",
}
_FELL_BACK = {"newly_poor": "fell_back", "newly_near_poor": "fell_back_to_near_poor"}

# What may be recorded of a household in `changes`, by where it stands.
_RECORDABLE = {
    "before": ("moved_out", "split", "merged", "dissolved"),
    "after": ("moved_in", "split", "merged"),
    "both": ("split", "merged"),
}


def objects(values: Sequence[Any]) -> npt.NDArray[np.object_]:
    """Return values of any kind as an array of as many objects."""
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


@frozen(eq=False, repr=False)
class Side:
    """One of the two reviews, read: keys, classes and sizes of its households, in its own order.

    Attributes
    ----------
    keys : list
        The households.
    category : array of object, shape (households,)
        Class ids; ``None`` while open.
    categories : tuple of str
        The classes there are, in the order of the standard.
    sizes : array of int64
        Persons; 0 where not known.
    known : array of bool
        Whether the size is known.
    states : array of uint8
        Each household's place: on the list of the poor, of the near-poor, on neither, or open.
    """

    keys: list[Any]
    category: npt.NDArray[np.object_]
    categories: tuple[str, ...]
    sizes: npt.NDArray[np.int64]
    known: npt.NDArray[np.bool_]
    source: Any
    states: npt.NDArray[np.uint8] = field(init=False)

    @states.default
    def _states(self) -> npt.NDArray[np.uint8]:
        by_name = {POOR: IN_POOR, NEAR_POOR: IN_NEAR, None: OPEN_CODE}
        return np.array([by_name.get(name, ABOVE) for name in self.category.tolist()], np.uint8)

    def column(self, name: str) -> list[Any]:
        """Return a column of the households, ``None`` where missing; text in the composed form (NFC)."""
        if isinstance(self.source, Assessment):
            values = self.source.answers(name)
        elif name in self.source:
            values = [None if is_missing(value) else value for value in self.source.column(name).to_list()]
        else:
            raise MissingColumns([Problem(name, "there is no such column")])
        return [unicodedata.normalize("NFC", value) if isinstance(value, str) else value for value in values]

    def has(self, name: str) -> bool:
        """Return whether there is a column of that name."""
        return self.source.has(name) if isinstance(self.source, Assessment) else name in self.source


def read_side(review: Any, on: str, what: str) -> Side:
    """Read a review: an assessment, or a table with the key, ``category`` and perhaps ``household_size``.

    Raises
    ------
    MissingColumns, BadValues
        If the key or the class is missing, or a key is missing or stands twice.
    """
    if isinstance(review, Assessment):
        keys = review.keys if on == review.key_name else review.answers(on)
        side = Side(keys, review.category, tuple(review.standard.categories), *review.sizes, review)
    else:
        side = _read_table(review, on, what)
    seen: dict[Any, int] = {}
    for key in side.keys:
        seen[key] = seen.get(key, 0) + 1
    problems = []
    if any(is_missing(key) for key in seen):
        count = sum(n for key, n in seen.items() if is_missing(key))
        problems.append(Problem(on, f"a household of the review {what} has no key", count))
    twice = [key for key, n in seen.items() if n > 1 and not is_missing(key)]
    if twice:
        problems.append(
            Problem(on, f"this key stands more than once in the review {what}", len(twice), tuple(twice[:5]))
        )
    if problems:
        raise BadValues(problems)
    return side


def _read_table(review: Any, on: str, what: str) -> Side:
    table = open_table(review, f"review {what}")
    absent = [name for name in (on, "category") if name not in table]
    if absent:
        raise MissingColumns([Problem(name, f"the review {what} has no such column") for name in absent])
    category = [None if is_missing(value) else str(value) for value in table.column("category").to_list()]
    sizes: list[Any] = table.column("household_size").to_list() if "household_size" in table else [None] * len(table)
    known = np.array([not is_missing(size) for size in sizes], bool)
    counted = np.array([0 if is_missing(size) else int(size) for size in sizes], np.int64)
    names = [name for name in dict.fromkeys(category) if name is not None and name not in LISTED]
    return Side(table.column(on).to_list(), objects(category), (*LISTED, *sorted(names)), counted, known, table)


@frozen(eq=False, repr=False)
class Flows:
    """What became of every household between two reviews: each stands exactly once.

    Attributes
    ----------
    table : pandas.DataFrame
        One row for each household of either review, those of ``before`` first: the key; ``movement``
        (:data:`MOVEMENTS`); ``category_before`` and ``category_after`` (null while open or absent); ``in_before`` and
        ``in_after``; ``size_before`` and ``size_after`` (persons, each review's own; null where not known);
        ``recorded`` (false for households of one review only of which ``changes`` gives no reason); ``last_listed``
        (the last day in ``history`` on which the household was poor or near-poor) and ``history_open`` (whether an
        open class in ``history`` could have been one).
    before, after : Side
        The two reviews.
    """

    table: Any
    on: str
    before: Side
    after: Side
    rows_before: npt.NDArray[np.int64]
    rows_after: npt.NDArray[np.int64]
    states_before: npt.NDArray[np.uint8]
    states_after: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.table)

    @property
    def unrecorded(self) -> Any:
        """The households of one review only of which nobody recorded why: counted as moved in or out."""
        return self.table[~self.table["recorded"]]

    def column(self, name: str, which: Which) -> npt.NDArray[np.object_]:
        """Return a column of one review for every row of the table, ``None`` where the household isn't in it."""
        side, rows = (self.before, self.rows_before) if which == "before" else (self.after, self.rows_after)
        return objects([*side.column(name), None])[rows]

    def counts(self, by: str | Sequence[str] = ()) -> Any:
        """Count households and people by movement.

        Parameters
        ----------
        by : str or sequence of str
            Columns of the households to count within: of the later review, or of the earlier for who isn't in it.

        Returns
        -------
        pandas.DataFrame
            ``by``, ``movement`` (all of them), ``households``, ``people_before``, ``people_after`` (each review's own
            sizes) and ``size_missing``: households whose size isn't known in a review they are in.
        """
        import pandas as pd

        names = [by] if isinstance(by, str) else list(by)
        frame = pd.DataFrame({name: self._place(name) for name in names}, index=self.table.index)
        frame["movement"] = self.table["movement"]
        frame["households"] = 1
        lacking = np.zeros(len(self), bool)
        for which in ("before", "after"):
            sizes = self.table[f"size_{which}"]
            frame[f"people_{which}"] = sizes.fillna(0).astype("int64")
            lacking |= (self.table[f"in_{which}"] & sizes.isna()).to_numpy()
        frame["size_missing"] = lacking.astype(np.int64)
        sums = frame.groupby([*names, "movement"], observed=False, dropna=False, sort=True).sum().reset_index()
        return sums.merge(frame[names].drop_duplicates(), on=names, how="inner") if names else sums

    def _place(self, name: str) -> npt.NDArray[np.object_]:
        after = self.column(name, "after")
        return np.where(self.rows_after >= 0, after, self.column(name, "before")) if self.before.has(name) else after

    def matrix(self, what: Literal["households", "people_before", "people_after"] = "households") -> Any:
        """Return the transition matrix: classes before in rows, classes after in columns.

        Open households have a row and a column of their own (``"open"``), and so have those that aren't in a review
        (``"absent"``); all cells together are all households.

        Parameters
        ----------
        what : {"households", "people_before", "people_after"}
            What to count: households, or people by the sizes of either review.

        Returns
        -------
        pandas.DataFrame
            Of int64.

        Examples
        --------
        >>> before = {"household_id": [1, 2], "category": ["poor", None]}
        >>> after = {"household_id": [1, 3], "category": ["near_poor", "poor"]}
        >>> matrix = flows(before, after).matrix()
        >>> list(matrix.columns), matrix.loc["poor"].tolist(), matrix.loc["absent"].tolist()
        (['poor', 'near_poor', 'open', 'absent'], [0, 1, 0, 0], [1, 0, 0, 0])
        """
        import pandas as pd

        if what not in ("households", "people_before", "people_after"):
            raise SpecError('what is "households", "people_before" or "people_after"')
        ids = {}
        for which, side in (("before", self.before), ("after", self.after)):
            named = self.table[f"category_{which}"].astype(object)
            named = named.where(named.notna(), "open").where(self.table[f"in_{which}"], "absent")
            ids[which] = pd.Categorical(named, [*side.categories, "open", "absent"])
        weight = 1 if what == "households" else self.table[f"size_{what[7:]}"].fillna(0).astype("int64")
        frame = pd.DataFrame({**ids, "n": weight}, index=self.table.index)
        return frame.groupby(["before", "after"], observed=False)["n"].sum().unstack("after").astype("int64")

    def __repr__(self) -> str:
        listed = self.table["movement"].value_counts(sort=False)
        return f"<Flows of {len(self)} households: {', '.join(f'{k} {n}' for k, n in listed.items() if n)}>"


def flows(
    before: Any,
    after: Any,
    *,
    on: str = "household_id",
    history: Any = None,
    look_back: int | None = None,
    date: Date | str | None = None,
    changes: Any = None,
) -> Flows:
    """Tell what became of every household between two reviews.

    Parameters
    ----------
    before, after : Assessment or table
        The earlier and the later review. A table has the key, ``category`` (null while open) and, for counting people,
        ``household_size``.
    on : str
        The key that a household keeps from one review to the next.
    history : mapping of days to reviews, or table, optional
        Still earlier reviews, ``{"2022-12-15": review, …}``, or one table with the key, ``date`` and ``category``: who
        was poor or near-poor there, was above the line in ``before`` and is poor again has *fallen back* (tái nghèo).
    look_back : int, optional
        How many years before the later review a listing in ``history`` counts. The law's own span is not confirmed, so
        by default all of ``history`` counts.
    date : datetime.date or ISO text, optional
        The day of the later review, the assessment's by default: what ``history`` has from that day on doesn't count,
        and ``look_back`` counts from it.
    changes : table, optional
        The key and ``change`` of households that came or went: ``moved_in``, ``moved_out``, ``split``, ``merged``,
        ``dissolved``. Without a record, who is in one review only counts as moved in or out and is listed in
        ``flows.unrecorded``. A household in both reviews moves by its classes, whatever it split off or took in.

    Returns
    -------
    Flows

    Raises
    ------
    MissingColumns, BadValues
        If keys are missing or stand twice, or a recorded change contradicts where the household stands.

    Examples
    --------
    >>> before = {"household_id": [1, 2, 3], "category": ["poor", "near_poor", "average_living"]}
    >>> after = {"household_id": [1, 2, 4], "category": ["near_poor", "poor", "poor"]}
    >>> flows(before, after).table["movement"].tolist()
    ['poor_to_near_poor', 'near_poor_to_poor', 'moved_out', 'moved_in']
    """
    import pandas as pd

    earlier, later = read_side(before, on, "before"), read_side(after, on, "after")
    first, second = _index(earlier.keys), _index(later.keys)
    keys = [*earlier.keys, *(key for key, old in zip(later.keys, first.get_indexer(second), strict=True) if old < 0)]
    both = _index(keys)
    rows = first.get_indexer(both), second.get_indexer(both)
    state = [np.append(side.states, np.uint8(ABSENT))[at] for side, at in zip((earlier, later), rows, strict=True)]
    movement = _movements(*state)

    day = to_date(date) or (after.date if isinstance(after, Assessment) else None)
    listed, unsure = _listings(history, on, both, _since(look_back, day), day)
    fell = np.array([each is not None for each in listed.tolist()], bool)
    for new, again in _FELL_BACK.items():
        movement[(movement == new) & fell] = again
    recorded = _record(changes, on, both, state, movement)

    table = pd.DataFrame({on: keys})
    table["movement"] = pd.Categorical(movement, list(MOVEMENTS))
    for which, side, at in (("before", earlier, rows[0]), ("after", later, rows[1])):
        table[f"category_{which}"] = pd.Categorical(objects([*side.category, None])[at], list(side.categories))
        table[f"in_{which}"] = at >= 0
        known = np.append(side.known, False)[at]
        table[f"size_{which}"] = pd.array(np.append(side.sizes, 0)[at], "Int64").astype("Int64")
        table.loc[~known, f"size_{which}"] = pd.NA
    table["recorded"], table["last_listed"], table["history_open"] = recorded, listed, unsure
    return Flows(table, on, earlier, later, *rows, *state)


def _movements(before: npt.NDArray[np.uint8], after: npt.NDArray[np.uint8]) -> npt.NDArray[np.object_]:
    """Name what became of each household by where it stands in the two reviews."""
    names = np.full(len(before), "undetermined", dtype=object)
    for (was, is_), name in _BETWEEN.items():
        names[(before == was) & (after == is_)] = name
    names[before == ABSENT], names[after == ABSENT] = "moved_in", "moved_out"
    return names


def _index(keys: Sequence[Any]) -> Any:
    import pandas as pd

    return pd.Index(list(keys), dtype=None if len(keys) else object)


def _since(look_back: int | None, day: Date | None) -> Date | None:
    """Return the first day that still counts; ``None`` where all of history does."""
    if look_back is None:
        return None
    if day is None:
        raise BadDate("look_back counts from the day of the later review: pass date=")
    return years_later(day, -look_back)


def years_later(day: Date, years: int) -> Date:
    """Return the same day some years later; the month's last day where that year has no such day.

    >>> years_later(Date(2024, 2, 29), 3).isoformat()
    '2027-02-28'
    """
    year = day.year + years
    return day.replace(year=year, day=min(day.day, calendar.monthrange(year, day.month)[1]))


def _reviews(history: Any, on: str) -> list[tuple[Date, list[Any], npt.NDArray[np.uint8]]]:
    """Read earlier reviews in the order of their days."""
    found = []
    if isinstance(history, Mapping) and not (on in history and "category" in history):
        for day, review in history.items():
            at = to_date(day)
            assert at is not None
            side = read_side(review, on, f"of {at}")
            found.append((at, side.keys, side.states))
    elif history is not None:
        table = open_table(history, "history")
        absent = [name for name in (on, "date", "category") if name not in table]
        if absent:
            raise MissingColumns([Problem(name, "history has no such column") for name in absent])
        days = [to_date(day.date() if hasattr(day, "date") else day) for day in table.column("date").to_list()]
        rows: dict[Date, list[int]] = {}
        for row, when in enumerate(days):
            if when is None:
                raise BadDate("every row of history needs its day")
            rows.setdefault(when, []).append(row)
        keys, categories = table.column(on).to_list(), table.column("category").to_list()
        for when, its in rows.items():
            part = {on: [keys[row] for row in its], "category": [categories[row] for row in its]}
            side = read_side(part, on, f"of {when}")
            found.append((when, side.keys, side.states))
    return sorted(found, key=lambda review: review[0])


def _listings(
    history: Any, on: str, both: Any, since: Date | None, until: Date | None
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.bool_]]:
    """Return when each household was last on a list, and whether an open class may have been a listing."""
    listed = np.full(len(both), None, dtype=object)
    unsure = np.zeros(len(both), bool)
    for day, keys, states in _reviews(history, on):
        if (since is not None and day < since) or (until is not None and day >= until):
            continue  # the later review itself, if it stands in history too, is no history
        at = both.get_indexer(_index(keys))
        listed[at[(at >= 0) & (states <= IN_NEAR)]] = day
        unsure[at[(at >= 0) & (states == OPEN_CODE)]] = True
    return listed, unsure


def _record(
    changes: Any, on: str, both: Any, state: list[npt.NDArray[np.uint8]], movement: npt.NDArray[np.object_]
) -> npt.NDArray[np.bool_]:
    """Put recorded changes into the movements; return of whom nothing had to be, or was, recorded."""
    recorded: npt.NDArray[np.bool_] = (state[0] != ABSENT) & (state[1] != ABSENT)
    if changes is None:
        return recorded
    table = open_table(changes, "changes")
    absent = [name for name in (on, "change") if name not in table]
    if absent:
        raise MissingColumns([Problem(name, "changes has no such column") for name in absent])
    keys, said = table.column(on).to_list(), table.column("change").to_list()
    wrong: dict[str, list[Any]] = {}
    done: dict[Any, str] = {}
    for key, change, at in zip(keys, said, both.get_indexer(_index(keys)), strict=True):
        if at < 0:
            wrong.setdefault("a household of neither review", []).append(key)
            continue
        where = "after" if state[0][at] == ABSENT else "before" if state[1][at] == ABSENT else "both"
        if change not in _RECORDABLE[where]:
            allowed = ", ".join(_RECORDABLE[where])
            stands = "both reviews" if where == "both" else f"the review {where} only"
            wrong.setdefault(f"{change!r} of a household in {stands}, where it may be {allowed}", []).append(key)
        elif done.setdefault(key, change) != change:
            wrong.setdefault("two different changes of one household", []).append(key)
        elif where != "both":
            movement[at], recorded[at] = change, True
    if wrong:
        raise BadValues(
            Problem("change", what, len(its), tuple(its[:5]), table="changes") for what, its in wrong.items()
        )
    return recorded


def newly_escaped(history: Any, date: Date | str, *, on: str = "household_id", years: int = 3) -> Any:
    """Return the households that have newly escaped poverty (hộ mới thoát nghèo) on a day.

    Who was poor or near-poor, has by a yearly review an income above the near-poor line, and left the list at most
    three years ago. That is another notion than *thoát nghèo* in the official forms: there a poor household that
    becomes near-poor counts too, here it doesn't.

    Parameters
    ----------
    history : mapping of days to reviews, or table
        All reviews, as in :func:`flows`: ``{"2023-12-20": assessment, …}``. The day is the day the list is recognised:
        the list is left on the day of the first review that finds the household above the line.
    date : datetime.date or ISO text
        The day on which it is asked; later reviews don't count.
    on : str
        The key.
    years : int
        The span, its last day included.

    Returns
    -------
    pandas.DataFrame
        One row for each household that is or may be: the key; ``newly_escaped`` (true, or null while open classes
        decide); ``last_listed``; ``left`` (the day it left the list; null where open); ``until`` (the last day of
        the span from there). A household that is missing from later reviews is taken as its last review found it.

    Notes
    -----
    Decision 28/2015/QĐ-TTg, continued by Decision 02/2021/QĐ-TTg: "kể từ khi ra khỏi danh sách hộ nghèo, hộ cận nghèo
    tối đa là 3 năm".

    Examples
    --------
    >>> history = {
    ...     "2022-12-20": {"household_id": [1, 2], "category": ["poor", "poor"]},
    ...     "2023-12-20": {"household_id": [1, 2], "category": ["near_poor", "average_living"]},
    ... }
    >>> newly_escaped(history, "2026-12-20")["household_id"].tolist()
    [2]
    >>> len(newly_escaped(history, "2026-12-21"))
    0
    """
    import pandas as pd

    asked = to_date(date)
    if asked is None:
        raise BadDate("newly_escaped needs the day on which it is asked")
    courses: dict[Any, list[tuple[Date, int]]] = {}
    for day, keys, states in _reviews(history, on):
        if day <= asked:
            for key, state in zip(keys, states.tolist(), strict=True):
                courses.setdefault(key, []).append((day, state))
    rows = []
    for key, course in courses.items():
        escaped, last_listed, left = _escape(course, asked, years)
        if escaped is not False:
            rows.append((key, escaped, last_listed, left, years_later(left, years) if left else None))
    frame = pd.DataFrame(rows, columns=[on, "newly_escaped", "last_listed", "left", "until"])
    return frame.astype({"newly_escaped": "boolean"})


def _escape(course: list[tuple[Date, int]], asked: Date, years: int) -> tuple[bool | None, Date | None, Date | None]:
    """Return whether a household has newly escaped (``None``: open), when it was last listed, and when it left."""
    *earlier, last = (state for _, state in course)
    listed = [position for position, state in enumerate(earlier) if state <= IN_NEAR]
    maybe = [position for position, state in enumerate(earlier) if state <= IN_NEAR or state == OPEN_CODE]
    if last <= IN_NEAR or not maybe:
        return False, None, None
    # At the latest it left with the first review after the last that may have listed it, at the earliest after the
    # last that did.
    latest = course[maybe[-1] + 1][0]
    if years_later(latest, years) < asked:
        return False, None, None
    last_listed = course[listed[-1]][0] if listed else None
    if last == OPEN_CODE or not listed:
        return None, last_listed, None
    earliest = course[listed[-1] + 1][0]
    if years_later(earliest, years) < asked:
        return None, last_listed, None
    return True, last_listed, latest if earliest == latest else None
