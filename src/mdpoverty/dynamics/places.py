"""Places as paths of names, their spellings, and how places of one year became those of the next."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from attrs import evolve, field, frozen

from mdpoverty.doors import door
from mdpoverty.errors import BadValues, MdpovertyError, Place, Problem, SpecError
from mdpoverty.numbers import number
from mdpoverty.tables.columns import Distinct, combined
from mdpoverty.tables.keys import Keys, exact, keys_of, read_part
from mdpoverty.tables.reading import Table, open_table
from mdpoverty.tables.spellings import Spelling, folded_key, spellings
from mdpoverty.ternary import is_missing
from mdpoverty.texts import composed, nearest

__all__ = ["Crosswalk", "Path", "Places", "paths_of", "place_spellings", "plain", "read_crosswalk", "respelt"]

Path = tuple[str | None, ...]
BETWEEN = " / "


def plain(value: Any) -> str | None:
    """Return a name as text in the composed form (NFC), without blanks around it; ``None`` where there is none."""
    return (None if is_missing(value) else composed(str(exact(value))).strip()) or None


def written(path: Path) -> str:
    """Write a path as messages show it."""
    return BETWEEN.join(name or "?" for name in path)


# ----------------------------------------------------------------------------------------------------------- spellings


def place_spellings(paths: Iterable[Path], columns: Sequence[str], *, as_one: bool) -> list[Spelling]:
    """Find places of which the names differ only in spelling, level by level."""
    places = dict.fromkeys(paths)
    found = (
        Spelling(column, each.one[-1], each.other[-1], as_one)
        for level, column in enumerate(columns, 1)
        for each in spellings((path[:level] for path in places), column, as_one=as_one)
        if each.one[-1] != each.other[-1]  # else it is the place around it that is spelt in two ways
    )
    return list(dict.fromkeys(found))


def respelt(path: Path, names: dict[Hashable, str | None]) -> Path:
    """Give a place the spelling that it was first met with; ``names`` remembers them from call to call."""
    return tuple(names.setdefault(folded_key(path[:level]), path[level - 1]) for level in range(1, len(path) + 1))


# ----------------------------------------------------------------------------------------------------------- crosswalk


@frozen
class Places:
    """Where the households of an earlier review live by the places of the later one.

    Attributes
    ----------
    paths : Distinct
        The place of each household, as a path of names.
    unplaced : mapping of tuple to list
        Households of divided places of which nothing says to which part they belong, by the old place: their keys.
    """

    paths: Distinct
    unplaced: Mapping[Path, list[Any]]


@frozen(eq=False)
class Crosswalk:
    """How places of one year became those of the next: merged, renamed or divided.

    Attributes
    ----------
    columns : tuple of str
        The columns that name places, from the top.
    parts : mapping of tuple to mapping
        Each old place, or all places in it, with its new ones: to each its share, ``None`` where none is given.
    households : mapping
        Households of divided places, with the old and the new place.
    strict : bool
        Whether every old place must be one of the earlier review; a table may also hold rows of elsewhere.
    also : tuple of tuple
        Places that there are today besides those in which the later review finds somebody.
    """

    columns: tuple[str, ...]
    parts: Mapping[Path, Mapping[Path, Fraction | None]]
    households: Mapping[Any, tuple[Path, Path]] = field(factory=dict)
    strict: bool = False
    also: tuple[Path, ...] = ()

    def respelt(self, names: dict[Hashable, str | None]) -> Crosswalk:
        """Return it with the places' names as they are spelt elsewhere; see :func:`respelt`."""

        def one(path: Path) -> Path:
            return respelt(path, names)

        parts: dict[Path, dict[Path, Fraction | None]] = {}
        for old, its in self.parts.items():
            parts.setdefault(one(old), {}).update({one(new): share for new, share in its.items()})
        households = {key: (one(old), one(new)) for key, (old, new) in self.households.items()}
        return evolve(self, parts=parts, households=households, also=tuple(map(one, self.also)))

    def source(self, path: Path) -> Path | None:
        """Return the old place of the crosswalk that a place is or lies in; ``None`` where it speaks of none."""
        return next((path[:level] for level in range(len(path), 0, -1) if path[:level] in self.parts), None)

    def check(self, old: Iterable[Path], new: Iterable[Path]) -> None:
        """Hold it against the places there were and the places there are.

        Raises
        ------
        BadValues
            If it names an old or a new place that isn't there, or lacks one that is gone; with the nearest name.
        """
        before, now = _all_levels(old), _all_levels([*new, *self.also])
        problems = [*self._unknown(before), *self._lacking(set(old), now), *self._unknown_new(before, now)]
        if problems:
            raise BadValues(problems)

    def _unknown(self, before: set[Path]) -> list[Problem]:
        strange = [path for path in self.parts if path not in before]
        found = []
        for path in strange:
            like = _nearest(path, before - self.parts.keys())
            if like or self.strict or len(strange) == len(self.parts):
                found.append(_problem("old", "place_not_before", path, like))
        return found

    def _lacking(self, old: set[Path], now: set[Path]) -> list[Problem]:
        gone = [path for path in old if self.source(path) is None and path not in now and None not in path]
        return [
            _problem("old", "place_gone", path, _nearest(path, self.parts.keys())) for path in sorted(gone, key=written)
        ]

    def _unknown_new(self, before: set[Path], now: set[Path]) -> list[Problem]:
        used = dict.fromkeys(part for path, parts in self.parts.items() if path in before for part in parts)
        used |= dict.fromkeys(new for _, new in self.households.values())
        return [_problem("new", "place_not_after", path, _nearest(path, now)) for path in used if path not in now]

    def move(self, paths: Distinct, keys: Keys, later: Keys, now: Distinct) -> Places:
        """Move households to the new places: those of divided places one by one.

        A household of a divided place goes where its own row says, else to that part in which the later review finds
        it; else it is unplaced.

        Parameters
        ----------
        paths : Distinct
            Where each household lived.
        keys : Keys
            The households.
        later : Keys
            Those of the later review.
        now : Distinct
            Where the later review finds them.
        """
        said = self._check_households(paths, keys)
        moved: list[Path | None] = []  # of each old place: where all of its households went
        for path in paths.values:
            source = self.source(path)
            parts = [path[:0]] if source is None else list(self.parts[source])
            moved.append((*parts[0], *path[len(source or ()) :]) if len(parts) == 1 else None)
        unplaced: dict[Path, list[Any]] = {}
        listed = Distinct(paths.places, moved)
        alone = np.union1d(np.flatnonzero(listed.where(lambda path: path is None)), np.array([*said], np.int64))
        found = now.take(later.find(keys.take(alone))).listed()
        single: list[Path] = []
        rows = zip(alone.tolist(), paths.take(alone).listed(), keys.take(alone).listed(), found, strict=True)
        for row, path, key, here in rows:
            source = self.source(path)
            assert source is not None
            new = said[row] if row in said else self._part(source, here)
            if new is None:
                unplaced.setdefault(source, []).append(key)
            single.append((None,) * len(path) if new is None else (*new, *path[len(source) :]))
        places = paths.places.astype(np.int64)
        places[alone] = len(moved) + np.arange(len(alone))
        return Places(Distinct(places, [*moved, *single]).map(lambda path: path), unplaced)

    def _part(self, source: Path, now: Path | None) -> Path | None:
        parts = self.parts[source]
        return next((part for part in parts if now is not None and now[: len(part)] == part), None)

    def _check_households(self, lived: Distinct, keys: Keys) -> dict[int, Path]:
        """Return the new place of those households that the crosswalk names, by their row."""
        named = list(self.households)
        said = keys_of(named, "household", "crosswalk")
        keys.refuse(said, "household", ("the earlier review", "the crosswalk"))
        rows = keys.find(said)
        paths = lived.take(rows).listed()
        olds, news = zip(*self.households.values(), strict=True) if named else ((), ())
        wrong = [
            key for key, old, path in zip(named, olds, paths, strict=True) if path is None or path[: len(old)] != old
        ]
        if wrong:
            raise BadValues([_of_households("crosswalk_household", wrong)])
        return dict(zip(rows.tolist(), news, strict=True))

    def add_up(self, table: Any, numbers: Sequence[str]) -> Any:
        """Add up a table of counts of old places by the new ones.

        Parameters
        ----------
        table : table
            One row for each old place (or each old place and year, …): the area columns, and counts. What is neither
            stays apart: years aren't added up.
        numbers : sequence of str
            The columns of counts.

        Returns
        -------
        pandas.DataFrame
            One row for each new place. Where a place was divided by shares, an estimate: households, not shares, say
            who lives where.

        Raises
        ------
        SpecError
            If a place was divided without shares.
        """
        import pandas as pd

        opened = open_table(table, "counts")
        opened.require(dict.fromkeys((*self.columns, *numbers), ()))
        rest = [name for name in opened.columns if name not in (*self.columns, *numbers)]
        values = {name: opened.column(name).to_list() for name in (*self.columns, *rest, *numbers)}
        paths = paths_of([opened.distinct(name) for name in self.columns], len(opened)).listed()
        sums: dict[tuple[Any, ...], list[Any]] = {}
        for row, path in enumerate(paths):
            for new, share in self._shares(path).items():
                total = sums.setdefault((*new, *(values[name][row] for name in rest)), [0] * len(numbers))
                for at, name in enumerate(numbers):
                    total[at] += share * number(values[name][row], f"{name} of {written(path)}", SpecError)
        rows = [(*key, *(int(each) if each == int(each) else float(each) for each in its)) for key, its in sums.items()]
        return pd.DataFrame(rows, columns=[*self.columns, *rest, *numbers])

    def _shares(self, path: Path) -> dict[Path, int | Fraction]:
        source = self.source(path)
        if source is None:
            return {path: 1}
        parts, rest = self.parts[source], path[len(source) :]
        if len(parts) == 1:
            return {(*new, *rest): 1 for new in parts}
        if None in parts.values():
            raise SpecError(f"{written(source)} was divided: counts can be added up only with the column share")
        return {(*new, *rest): share for new, share in parts.items() if share is not None}


def _all_levels(paths: Iterable[Path]) -> set[Path]:
    return {path[:level] for path in set(paths) for level in range(1, len(path) + 1)}


def _nearest(path: Path, among: Iterable[Path]) -> Path | None:
    named = {written(each): each for each in among if len(each) == len(path)}
    like = nearest(written(path), named)
    return None if like is None else named[like]


def _problem(column: str, code: str, path: Path, like: Path | None = None, **details: Any) -> Problem:
    details |= {"place": repr(written(path)), "meant": like and written(like)}
    return Problem.of(code, column, details, table="crosswalk")


def _of_households(code: str, keys: Sequence[Any]) -> Problem:
    first = tuple(keys[:5])
    return Problem.of(
        code, "household", rows=len(keys), first=first, places=tuple(map(Place, first)), table="crosswalk"
    )


def paths_of(columns: Sequence[Distinct], rows: int) -> Distinct:
    """Return a path for each row from the columns of names, from the top."""
    return combined([column.map(plain) for column in columns], rows)


@door
def read_crosswalk(given: Any, columns: Sequence[str]) -> Crosswalk:
    """Read a crosswalk of places.

    Parameters
    ----------
    given : Crosswalk, table, or mapping of old to new places
        A table has one row for each old place and each new place that it became (or became part of): ``old`` and
        ``new``, or ``old_<column>`` and ``new_<column>`` for the area columns from the top; where a place was divided,
        ``household`` (the key of a household that went there) or ``share``. A place of an upper level stands for all
        places in it. In a mapping places are names, or tuples of names from the top.
    columns : sequence of str
        The columns that name places, from the top.

    Raises
    ------
    MissingColumns, BadValues, SpecError
        If columns are missing, a place has no name, or shares don't add up to 1.

    Examples
    --------
    >>> merged = read_crosswalk({"Hải Dương": "Hải Phòng", "Hải Phòng": "Hải Phòng"}, ["province"])
    >>> merged.add_up({"province": ["Hải Phòng", "Hải Dương"], "poor": [10, 20]}, ["poor"]).values.tolist()
    [['Hải Phòng', 30]]
    """
    if isinstance(given, Crosswalk):
        return given
    if not columns:
        raise SpecError("a crosswalk needs the columns that name places: give area_columns=")
    if isinstance(given, Mapping) and not {"old", "new", f"old_{columns[0]}"} & set(map(str, given)):
        parts = {_path(old, columns): {_path(new, columns): None} for old, new in given.items()}
        return Crosswalk(tuple(columns), parts, strict=True)
    table = open_table(given, "crosswalk")
    olds, news = (_side(table, side, columns) for side in ("old", "new"))
    shares = table.column("share").to_list() if "share" in table else [None] * len(table)
    whose = _household_keys(table) if "household" in table else [None] * len(table)
    parts_: dict[Path, dict[Path, Fraction | None]] = {}
    households: dict[Any, tuple[Path, Path]] = {}
    whole: set[Path] = set()  # places with a row of their own: with one such row, that is where the others go
    for row, (old, new, share, key) in enumerate(zip(olds, news, shares, whose, strict=True)):
        if not old or not new or None in (*old, *new):
            raise BadValues([evolve(table.problem("crosswalk_row", "old", np.array([row])), column="old, new")])
        if key is None:
            parts_.setdefault(old, {})[new] = None if is_missing(share) else _share(share, old)
            whole.add(old)
        elif households.setdefault(key, (old, new)) != (old, new):
            raise BadValues([_of_households("household_in_two", [key])])
    for old, new in households.values():
        if old not in whole or len(parts_[old]) > 1:
            parts_.setdefault(old, {}).setdefault(new, None)
    _check_shares(parts_)
    return Crosswalk(tuple(columns), parts_, households)


def _household_keys(table: Table) -> list[Any]:
    keys = Keys((read_part(table.column("household"), "household", "crosswalk"),))
    keys.refuse_inexact("household", "crosswalk")
    return keys.listed()


def _side(table: Table, side: str, columns: Sequence[str]) -> list[Path]:
    """Read the old or the new places of a table."""
    if side in table:
        return [_path(value, columns) for value in table.column(side).to_list()]
    named = [f"{side}_{column}" for column in columns]
    there = [name for name in named if name in table]
    if not there or there != named[: len(there)]:
        table.require({side: ()})
    return paths_of([table.distinct(name) for name in there], len(table)).listed()


def _path(given: Any, columns: Sequence[str]) -> Path:
    """Read a place: a name, names with slashes between them where there are several levels, or a tuple of names."""
    if isinstance(given, str) and len(columns) > 1:
        given = tuple(given.split(BETWEEN.strip()))
    path = tuple(map(plain, given)) if isinstance(given, tuple | list) else (plain(given),)
    if len(path) > len(columns):
        raise SpecError(f"{written(path)!r} has more levels than the area columns {', '.join(columns)}")
    return path


def _share(value: Any, old: Path) -> Fraction:
    try:
        share = Fraction(number(value))
    except MdpovertyError:
        share = Fraction(-1)
    if not 0 < share <= 1:
        raise BadValues([_problem("share", "share_range", old)])
    return share


def _check_shares(parts: Mapping[Path, Mapping[Path, Fraction | None]]) -> None:
    problems = []
    for old, its in parts.items():
        given = [share for share in its.values() if share is not None]
        if given and (len(given) < len(its) or sum(given) != 1):
            problems.append(_problem("share", "shares_sum", old, total=f"{float(sum(given)):g}"))
    if problems:
        raise BadValues(problems)
