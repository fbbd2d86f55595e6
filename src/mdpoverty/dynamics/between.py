"""Two reviews side by side: what became of each household."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date as Date
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
from attrs import evolve, frozen

from mdpoverty.doors import door, doors
from mdpoverty.dynamics.escaped import years_later
from mdpoverty.dynamics.matching import Matcher, rows_of, spelt_in_two_forms
from mdpoverty.dynamics.places import Places, paths_of, read_crosswalk, respelt
from mdpoverty.dynamics.reviews import (
    ABOVE,
    ABSENT,
    IN_NEAR,
    IN_POOR,
    Meanings,
    Side,
    class_codes,
    key_columns,
    keyed,
    word,
)
from mdpoverty.errors import BadDate, BadValues, SpecError
from mdpoverty.faces import Face, Faced, Html
from mdpoverty.law.fields import Label, Named, to_date
from mdpoverty.law.program import OPEN_CODE
from mdpoverty.numbers import Language, language
from mdpoverty.results.assessment import Assessment
from mdpoverty.results.digests import of_rows
from mdpoverty.results.receipt import Receipt
from mdpoverty.tables.lookup import Positions
from mdpoverty.tables.meanings import shown
from mdpoverty.tables.options import KEY
from mdpoverty.tables.spellings import NoneInBoth, Spelling
from mdpoverty.version import VERSION, source_revision
from mdpoverty.words.tables import HEADS, Names, told

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["MOVEMENTS", "Flows", "Movement", "Side", "flows"]

Which = Literal["before", "after"]
Counted = Literal["households", "people_before", "people_after"]


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

# By every name of a movement, as it is looked up.
_CHANGES = {
    word(name): movement.id
    for movement in MOVEMENTS.values()
    for name in (movement.id, movement.label.vi, movement.label.en)
}

# What may be recorded of a household in `changes`, by where it stands.
_RECORDABLE = {
    "before": ("moved_out", "split", "merged", "dissolved"),
    "after": ("moved_in", "split", "merged"),
    "both": ("split", "merged"),
}
_STANDS = {
    "before": Label("chỉ có ở kỳ trước", "the review before only"),
    "after": Label("chỉ có ở kỳ sau", "the review after only"),
    "both": Label("có ở cả hai kỳ", "both reviews"),
}


@doors
@frozen(eq=False, repr=False)
class Flows(Faced):
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
    findings : tuple of Spelling and NoneInBoth
        Keys that differ only by blanks, case, Unicode form or the tone mark's place, and how they were read; or that
        no household is in both reviews. Each has ``text("vi")`` and ``text("en")``.
    area_columns : tuple of str
        The columns that name places.
    places : Places or None
        Where the households of the earlier review live by the places of the later one, where a crosswalk says so.
    """

    _table: pd.DataFrame
    on: str | tuple[str, ...]
    before: Side
    after: Side
    rows_before: npt.NDArray[np.int64]
    rows_after: npt.NDArray[np.int64]
    states_before: npt.NDArray[np.uint8]
    states_after: npt.NDArray[np.uint8]
    findings: tuple[Spelling | NoneInBoth, ...] = ()
    area_columns: tuple[str, ...] = ()
    places: Places | None = None

    def __len__(self) -> int:
        return len(self._table)

    @property
    def table(self) -> pd.DataFrame:
        """The households' movements; a table of one's own, whatever becomes of it."""
        return self._table.copy()

    @property
    def keys(self) -> list[Any]:
        """The households' keys, in the order of the table; of several columns they are tuples."""
        if isinstance(self.on, str):
            return list(self._table[self.on])
        return list(zip(*(self._table[name] for name in self.on), strict=True))

    @property
    def receipt(self) -> Receipt:
        """What the movements were computed from, and digests of the reviews and of what came out."""
        out, unordered_out = of_rows(_written(self._table, 1 if isinstance(self.on, str) else len(self.on)))
        then = getattr(self.before.source, "receipt", None)
        now = getattr(self.after.source, "receipt", None)
        parts = {"movements": unordered_out}
        if isinstance(then, Receipt):
            parts["before"] = then.unordered_digest
        known = (
            now if isinstance(now, Receipt) else Receipt(VERSION, "", 0, "", None, out, unordered_digest=unordered_out)
        )
        return evolve(known, kind="flows", parts=parts, source=source_revision())

    @property
    def unrecorded(self) -> Any:
        """The households of one review only of which nobody recorded why: counted as moved in or out."""
        return self._table[~self._table["recorded"]]

    def column(self, name: str, which: Which) -> npt.NDArray[np.object_]:
        """Return a column of one review for every row of the table, ``None`` where the household isn't in it.

        Places of the earlier review are those of the later one where there is a crosswalk.
        """
        side, rows = (self.before, self.rows_before) if which == "before" else (self.after, self.rows_after)
        column = None
        if which == "before" and self.places is not None and name in self.area_columns:
            level = self.area_columns.index(name)
            column = self.places.paths.map(lambda path: path[level])
        return (side.distinct(name) if column is None else column).take(rows).objects()

    def counts(self, by: str | Sequence[str] = (), lang: Language | None = None) -> Any:
        """Count households and people by movement.

        Parameters
        ----------
        by : str or sequence of str
            Columns of the households to count within: of the later review, or of the earlier for who isn't in it.
        lang : {"vi", "en"}, optional
            For the reader: movements and the answers' codes by their names.

        Returns
        -------
        pandas.DataFrame
            ``by``, ``movement`` (all of them), ``households``, ``people_before``, ``people_after`` (each review's own
            sizes) and ``size_missing``: households whose size isn't known in a review they are in.
        """
        import pandas as pd

        names = [by] if isinstance(by, str) else list(by)
        frame = pd.DataFrame({name: self._place(name) for name in names}, index=self._table.index)
        frame["movement"] = self._table["movement"]
        frame["households"] = 1
        lacking = np.zeros(len(self), bool)
        for which in ("before", "after"):
            sizes = self._table[f"size_{which}"]
            frame[f"people_{which}"] = sizes.fillna(0).astype("int64")
            lacking |= (self._table[f"in_{which}"] & sizes.isna()).to_numpy()
        frame["size_missing"] = lacking.astype(np.int64)
        sums = frame.groupby([*names, "movement"], observed=False, dropna=False, sort=True).sum().reset_index()
        found = sums.merge(frame[names].drop_duplicates(), on=names, how="inner") if names else sums
        if lang is None:
            return found
        labels = {movement.id: movement.label for movement in MOVEMENTS.values()}
        return told(found, lang, self.names(names), groups=names, movements=labels)

    def names(self, groups: Sequence[str] = ()) -> Names:
        """Return what ids are called in tables for the reader: classes, and the codes of group columns."""
        return self.after.names(groups).with_categories(self.before.names())

    def _place(self, name: str) -> npt.NDArray[np.object_]:
        after = self.column(name, "after")
        return np.where(self.rows_after >= 0, after, self.column(name, "before")) if self.before.has(name) else after

    def matrix(
        self,
        what: Counted = "households",
        lang: Language | None = None,
    ) -> Any:
        """Return the transition matrix: classes before in rows, classes after in columns.

        Open households have a row and a column of their own (``"open"``), and so have those that aren't in a review
        (``"absent"``); all cells together are all households.

        Parameters
        ----------
        what : {"households", "people_before", "people_after"}
            What to count: households, or people by the sizes of either review.
        lang : {"vi", "en"}, optional
            For the reader: classes by their names.

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
            named = self._table[f"category_{which}"].astype(object)
            named = named.where(named.notna(), "open").where(self._table[f"in_{which}"], "absent")
            ids[which] = pd.Categorical(named, [*side.categories, "open", "absent"])
        weight = 1 if what == "households" else self._table[f"size_{what[7:]}"].fillna(0).astype("int64")
        frame = pd.DataFrame({**ids, "n": weight}, index=self._table.index)
        found = frame.groupby(["before", "after"], observed=False)["n"].sum().unstack("after").astype("int64")
        if lang is None:
            return found
        names, lang = self.names(), language(lang)
        found.index = pd.Index([names.category(id, lang) for id in found.index], name=HEADS["before"].in_(lang))
        found.columns = pd.Index([names.category(id, lang) for id in found.columns], name=HEADS["after"].in_(lang))
        return found

    def plot(self, kind: str | None = None, **options: Any) -> Axes:
        """Draw from which class to which households went (extra ``plots``).

        Parameters
        ----------
        kind : str, optional
            ``"flows"``, the only one.
        **options
            What the picture takes: ``ax=``, ``lang=``, ``caption=`` …. See :func:`mdpoverty.plots.draw`.

        Returns
        -------
        matplotlib Axes
        """
        from mdpoverty.plots.which import draw  # later: it brings in numpy and what draws

        return draw(self, kind, **options)

    def _face(self, face: Face) -> Html:
        counted = self.counts(lang=face.lang)
        counted = counted[counted[face.say(HEADS["households"])] > 0]
        corner = face.say(Label("Trước ↓ / sau →", "Before ↓ / after →"))
        matrix = self.matrix(lang=face.lang).reset_index(names=corner)
        doubts = Label("Khóa viết hai cách, và tương tự: {}", "Keys spelt in two ways, and the like: {}")
        notes = face.listed(finding.text(face.lang) for finding in self.findings)
        title = Label("Biến động của {} hộ giữa hai kỳ rà soát", "Flows of {} households between two reviews")
        return face.page(
            face.say(title, len(self)),
            face.frame(matrix),
            face.folded(Label("Theo loại biến động", "By movement"), face.frame(counted)),
            face.folded(face.say(doubts, len(self.findings)), notes) if self.findings else Html(""),
        )

    def __repr__(self) -> str:
        counted = self._table["movement"].value_counts(sort=False)
        return f"<Flows of {len(self)} households: {', '.join(f'{k} {n}' for k, n in counted.items() if n)}>"


@door
def flows(
    before: Any,
    after: Any,
    *,
    on: str | Sequence[str] = KEY,
    history: Any = None,
    look_back: int | None = None,
    date: Date | str | None = None,
    changes: Any = None,
    codes: Mapping[str, Meanings] | None = None,
    fold: bool = False,
    area_columns: str | Sequence[str] = (),
    crosswalk: Any = None,
) -> Flows:
    """Tell what became of every household between two reviews.

    Parameters
    ----------
    before, after : Assessment or table
        The earlier and the later review. A table has the key, ``category`` (null while open) and, for counting people,
        ``household_size``. Classes are ids, labels in either language ("Hộ nghèo") or what ``codes`` says; any other
        word is an error.
    on : str or list of str
        The key that a household keeps from one review to the next: a column, or several that make a key together.
        120000000001.0 and 120000000001 are one key; text and numbers are never matched.
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
        ``dissolved``, or their names in :data:`MOVEMENTS` ("Chuyển đến").
        Without a record, who is in one review only counts as moved in or out and is listed in ``flows.unrecorded``.
        A household in both reviews moves by its classes, whatever it split off or took in.
    codes : mapping, optional
        What your codes for classes mean, in all tables: ``{"category": {1: "poor", 2: "near_poor", 0: "not_poor"}}``;
        ``None`` as a meaning is an open class.
    fold : bool
        Whether keys and places that differ only by blanks, case, Unicode form or the place of a tone mark (Hòa, Hoà)
        are one. By default they are two, and are listed in ``flows.findings``.
    area_columns : str or sequence of str
        The columns that name places, from the top; a crosswalk needs them.
    crosswalk : table or mapping, optional
        Where places were merged, renamed or divided between the reviews: ``old`` and ``new``, and for divided places
        ``household``; see :func:`mdpoverty.reports.read_crosswalk`. Columns of the earlier review then hold today's
        places.

    Returns
    -------
    Flows

    Raises
    ------
    MissingColumns, BadValues
        If keys are missing, stand twice or are text here and numbers there, a class isn't known, a recorded change
        contradicts where the household stands, or the crosswalk and the places don't fit.

    Examples
    --------
    >>> before = {"household_id": [1, 2, 3], "category": ["poor", "near_poor", "average_living"]}
    >>> after = {"household_id": [1, 2, 4], "category": ["near_poor", "poor", "poor"]}
    >>> flows(before, after).table["movement"].tolist()
    ['poor_to_near_poor', 'near_poor_to_poor', 'moved_out', 'moved_in']
    """
    import pandas as pd

    area_columns = (area_columns,) if isinstance(area_columns, str) else tuple(area_columns)
    law = next((review.standard for review in (after, before) if isinstance(review, Assessment)), None)
    matcher = Matcher(key_columns(on, after, before), class_codes(codes), fold, law)
    (later, now), (earlier, then) = matcher.side(after, "after"), matcher.side(before, "before")
    matcher.findings += spelt_in_two_forms(earlier, later, matcher.name)
    there = np.zeros(matcher.count, bool)
    there[then] = True
    if len(earlier) and len(later) and not matcher.findings and not there[now].any():
        one, other = (side.matched.take(_FIRST).listed()[0] for side in (earlier, later))
        matcher.findings.append(NoneInBoth(matcher.name, one, other))
    households = np.concatenate([then, now[~there[now]]])
    rows = rows_of(then, households, matcher.count), rows_of(now, households, matcher.count)
    state = [np.append(side.states, np.uint8(ABSENT))[at] for side, at in zip((earlier, later), rows, strict=True)]
    movement = _movements(*state)

    day = to_date(date) or (after.date if isinstance(after, Assessment) else None)
    reviews = matcher.reviews(history)
    place = rows_of(households, np.arange(matcher.count), matcher.count)
    listed, unsure = _listings(reviews, place, len(households), _since(look_back, day), day)
    fell = ~np.equal(listed, np.array(None))
    for new, again in _FELL_BACK.items():
        movement[(movement == _CODES[new]) & fell] = _CODES[again]
    recorded = _record(changes, matcher, households, state, movement)

    table = pd.DataFrame(matcher.columns(households))
    table["movement"] = pd.Categorical.from_codes(movement, pd.Index(list(MOVEMENTS)))
    for which, side, at in (("before", earlier, rows[0]), ("after", later, rows[1])):
        ranks = np.array([*map(side.categories.index, side.classes.values), -1])[side.classes.take(at).places]
        table[f"category_{which}"] = pd.Categorical.from_codes(ranks, pd.Index(list(side.categories)))
        table[f"in_{which}"] = at >= 0
        table[f"size_{which}"] = pd.arrays.IntegerArray(side.sizes, ~side.known).take(at, allow_fill=True)
    table["recorded"], table["last_listed"], table["history_open"] = recorded, listed, unsure
    places = None
    if crosswalk is not None:
        places = _moved(earlier, later, area_columns, crosswalk, fold)
    named, found = matcher.on[0] if len(matcher.on) == 1 else matcher.on, tuple(matcher.findings)
    return Flows(table, named, earlier, later, *rows, state[0], state[1], found, area_columns, places)


def _moved(earlier: Side, later: Side, area_columns: Sequence[str], given: Any, fold: bool) -> Places:
    """Return where the households of the earlier review live by the places of the later one."""
    crosswalk = read_crosswalk(given, area_columns)
    old, new = (paths_of([side.distinct(name) for name in area_columns], len(side)) for side in (earlier, later))
    if fold:
        names: dict[Hashable, str | None] = {}
        new, old = (paths.map(lambda path: respelt(path, names)) for paths in (new, old))
        crosswalk = crosswalk.respelt(names)
    crosswalk.check(old.values, new.values)
    return crosswalk.move(old, earlier.matched, later.matched, new)


_FIRST = np.zeros(1, np.int64)
_CODES = {name: code for code, name in enumerate(MOVEMENTS)}


def _movements(before: npt.NDArray[np.uint8], after: npt.NDArray[np.uint8]) -> npt.NDArray[np.int8]:
    """Tell what became of each household by where it stands in the two reviews, as a place among the movements."""
    found = np.full(len(before), _CODES["undetermined"], np.int8)
    for (was, is_), name in _BETWEEN.items():
        found[(before == was) & (after == is_)] = _CODES[name]
    found[before == ABSENT], found[after == ABSENT] = _CODES["moved_in"], _CODES["moved_out"]
    return found


def _written(table: pd.DataFrame, keys: int) -> Iterator[str]:
    """Yield each row as text, its keys first; what rows have besides, in which few differ, is written once."""
    names, rest = list(table.columns[:keys]), list(table.columns[keys:])
    alike = table.groupby(rest, dropna=False, observed=True, sort=False).ngroup().to_numpy()
    first = table[rest].iloc[np.unique(alike, return_index=True)[1]]
    texts = ["|".join(map(str, row)) for row in zip(*(first[name].tolist() for name in rest), strict=True)]
    theirs = np.array([*texts, None], dtype=object)[alike]
    return map("|".join, zip(*(map(str, table[name].tolist()) for name in names), theirs.tolist(), strict=True))


def _since(look_back: int | None, day: Date | None) -> Date | None:
    """Return the first day that still counts; ``None`` where all of history does."""
    if look_back is None:
        return None
    if day is None:
        raise BadDate("look_back counts from the day of the later review: pass date=")
    return years_later(day, -look_back)


def _listings(
    reviews: Iterable[tuple[Date, Side, Positions]],
    place: Positions,
    rows: int,
    since: Date | None,
    until: Date | None,
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.bool_]]:
    """Return when each household was last on a list, and whether an open class may have been a listing."""
    listed = np.full(rows, None, dtype=object)
    unsure = np.zeros(rows, bool)
    for day, side, numbers in reviews:
        if (since is not None and day < since) or (until is not None and day >= until):
            continue  # the later review itself, if it stands in history too, is no history
        at = place[numbers]
        listed[at[(at >= 0) & (side.states <= IN_NEAR)]] = day
        unsure[at[(at >= 0) & (side.states == OPEN_CODE)]] = True
    return listed, unsure


def _record(
    changes: Any,
    matcher: Matcher,
    of: Positions,
    state: list[npt.NDArray[np.uint8]],
    movement: npt.NDArray[np.int8],
) -> npt.NDArray[np.bool_]:
    """Put recorded changes into the movements; return of whom nothing had to be, or was, recorded."""
    recorded: npt.NDArray[np.bool_] = (state[0] != ABSENT) & (state[1] != ABSENT)
    if changes is None:
        return recorded
    table = keyed(changes, "changes", matcher.on, ["change"])
    numbers = matcher.numbers(table.keys, "changes")
    places = np.append(rows_of(of, np.arange(matcher.count), matcher.count), -1)[numbers]
    said = table.distinct("change").map(lambda change: _CHANGES.get(word(change), change)).listed()
    wrong: dict[tuple[str, tuple[tuple[str, Any], ...]], list[int]] = {}
    done: dict[int, str] = {}
    for row, (change, at) in enumerate(zip(said, places.tolist(), strict=True)):
        if at < 0:
            wrong.setdefault(("change_of_nobody", ()), []).append(row)
            continue
        where = "after" if state[0][at] == ABSENT else "before" if state[1][at] == ABSENT else "both"
        if change not in _RECORDABLE[where]:
            allowed, what = ", ".join(_RECORDABLE[where]), shown(change, _RECORDABLE[where])
            details = (("what", what), ("stands", _STANDS[where]), ("allowed", allowed))
            wrong.setdefault(("change_not_here", details), []).append(row)
        elif done.setdefault(at, change) != change:
            wrong.setdefault(("change_twice", ()), []).append(row)
        elif where != "both":
            movement[at], recorded[at] = _CODES[change], True
    if wrong:
        raise BadValues(
            table.problem(code, "change", np.array(its), dict(details)) for (code, details), its in wrong.items()
        )
    return recorded
