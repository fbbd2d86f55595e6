"""Who has newly escaped poverty, by all reviews up to a day."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from datetime import MAXYEAR, MINYEAR
from datetime import date as Date
from typing import Any

import numpy as np

from mdpoverty.doors import door
from mdpoverty.dynamics.matching import Matcher
from mdpoverty.dynamics.reviews import ABSENT, IN_NEAR, Meanings, class_codes, key_columns
from mdpoverty.errors import BadDate
from mdpoverty.law.fields import to_date
from mdpoverty.law.program import OPEN_CODE
from mdpoverty.tables.columns import Distinct, combined
from mdpoverty.tables.options import KEY

__all__ = ["newly_escaped", "years_later"]


@door
def newly_escaped(
    history: Any,
    date: Date | str,
    *,
    on: str | Sequence[str] = KEY,
    years: int = 3,
    codes: Mapping[str, Meanings] | None = None,
    fold: bool = False,
) -> Any:
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
    on : str or list of str
        The key.
    years : int
        The span, its last day included.
    codes, fold
        As in :func:`flows`.

    Returns
    -------
    pandas.DataFrame
        One row for each household that is or may be: the key; ``newly_escaped`` (true, or null while open classes
        decide); ``last_listed``; ``left`` (the day it left the list; null where open); ``until`` (the last day of
        the span from there). A household that is missing from later reviews is taken as its last review found it.
        ``attrs["findings"]`` has the keys that differ only in spelling.

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
    matcher = Matcher(key_columns(on), class_codes(codes), fold, None)
    reviews = [review for review in matcher.reviews(history) if review[0] <= asked]
    every = np.concatenate([np.zeros(0, np.int64), *(numbers for *_, numbers in reviews)])
    households = every[np.sort(np.unique(every, return_index=True)[1])]
    columns = []
    for _, side, numbers in reviews:
        states = np.full(matcher.count, ABSENT, np.int64)
        states[numbers] = side.states
        columns.append(Distinct(states[households], range(OPEN_CODE + 1)))
    courses = combined(columns, len(households))  # few are different, and each of these is looked at once
    days = [day for day, *_ in reviews]
    found = [
        _escape([(day, its) for day, its in zip(days, course, strict=True) if its != ABSENT], asked, years)
        for course in courses.values
    ]
    at_all = np.array([escaped is not False for escaped, *_ in found], bool)[courses.places]
    rows = [
        (*found[course], years_later(left, years) if (left := found[course][2]) else None)
        for course in courses.places[at_all].tolist()
    ]
    frame = pd.DataFrame(rows, columns=["newly_escaped", "last_listed", "left", "until"])
    for at, (name, values) in enumerate(matcher.columns(households[at_all]).items()):
        frame.insert(at, name, pd.Series(values, dtype=None if values else object))
    frame = frame.astype({"newly_escaped": "boolean"})
    frame.attrs["findings"] = tuple(matcher.findings)
    return frame


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


def years_later(day: Date, years: int) -> Date:
    """Return the same day some years later; the month's last day where that year has no such day.

    >>> years_later(Date(2024, 2, 29), 3).isoformat()
    '2027-02-28'
    """
    year = day.year + years
    if not MINYEAR <= year <= MAXYEAR:
        raise BadDate(f"there is no such year, so many years from {day.year}")
    return day.replace(year=year, day=min(day.day, calendar.monthrange(year, day.month)[1]))
