"""The one reader of tables: it opens any dataframe once, knows the caller's names and codes, and hands out columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import InvalidOperation
from functools import cached_property, partial
from pathlib import Path
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
from attrs import evolve, field, frozen

from mdpoverty.errors import BadTable, MissingColumns, Place, Problem
from mdpoverty.law.fields import Field
from mdpoverty.tables import cells
from mdpoverty.tables.columns import Answers, Array, Bools, Distinct, plain
from mdpoverty.tables.keeping import owned
from mdpoverty.tables.keys import Keys, read_part
from mdpoverty.tables.labels import GroupLabel, declared_order, encode_labels
from mdpoverty.tables.meanings import hashable, refuse_meanings, shown_kind
from mdpoverty.tables.options import KEY
from mdpoverty.tables.stored import Holds, Stored, listed
from mdpoverty.ternary import is_missing, or_none
from mdpoverty.texts import composed, nearest


@frozen
class Origin:
    """Which files the rows of a table are from, run by run.

    Attributes
    ----------
    runs : tuple of (str, int or None, int)
        For each run of rows the file, the place of the first row there (``None`` if unknown), and how many rows.
    """

    runs: tuple[tuple[str, int | None, int], ...]

    def at(self, position: int) -> tuple[str, int | None]:
        """Return the file of a row, and the row as a spreadsheet shows it: CSV files begin with a line of names."""
        for name, start, rows in self.runs:
            if position < rows:
                of_names = 0 if name.endswith((".parquet", ".pq")) else 1
                last = Path(name).name
                return last if "." in last else "", None if start is None else start + position + 1 + of_names
            position -= rows
        return "", None


@frozen(eq=False)
class Table:
    """A dataframe of any kind, or a dict of arrays, as its user sees it.

    Columns go by the library's names or the caller's, whichever are asked for.

    Attributes
    ----------
    what : str
        What messages call it: ``"households"``, ``"members"``, ``"table"``.
    kind : str
        ``"dict"``, or the name of the library.
    index : pandas.Index or None
        What pandas calls the rows.
    columns : mapping of str to int
        The names that are there once, and where.
    rename : mapping
        The caller's names of columns, by ours; of a key of several columns a tuple.
    codes : mapping
        What the caller's codes mean, by our names of columns.
    twice : tuple of str
        Names that several columns have: none of these can be read.
    as_text : bool
        Whether the table comes from a file that holds nothing but text.
    origin : Origin or None
        Which files the rows are from, where that is known.
    fold : bool
        Whether keys are one that differ only in spelling.
    whole : bool
        Whether all columns of the caller's table are here, and not only those that are read.
    beside : tuple of str
        What those are called that aren't here: one of them may be meant where a column is missing.
    """

    what: str
    kind: str
    index: Any
    columns: Mapping[str, int]
    _at: Callable[[int], Any]
    _rows: int
    rename: Mapping[str, Any] = field(factory=dict)
    codes: Mapping[str, Mapping[Any, Any]] = field(factory=dict)
    twice: tuple[str, ...] = ()
    as_text: bool = False
    origin: Origin | None = None
    fold: bool = False
    whole: bool = True
    beside: tuple[str, ...] = ()
    names: frozenset[str] = field(init=False)

    @names.default
    def _names(self) -> frozenset[str]:
        return frozenset((*self.columns, *self.twice))

    @cached_property
    def _composed(self) -> Mapping[str, str]:
        """The columns by their names in composed form: keyboards write one Vietnamese letter in two ways."""
        return {composed(name): name for name in self.names if isinstance(name, str)}

    def __len__(self) -> int:
        return self._rows

    def __contains__(self, name: str) -> bool:
        if name == KEY:
            return all(own in self.names for own in self.key_columns)
        return (name in self.names and name not in self.rename) or self.own(name) in self.names

    # -- names

    def own(self, name: str) -> str:
        """Return the caller's own name for a column, as the table writes it."""
        own = self.rename.get(name, name)
        return ", ".join(map(self._written, own)) if isinstance(own, tuple) else self._written(own)

    def _written(self, own: Any) -> Any:
        """Return one of the caller's names as the table writes it."""
        return own if own in self.names else self._composed.get(composed(own), own) if isinstance(own, str) else own

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The caller's own names of the columns that a row's key consists of; one of these may be ``household_id``."""
        own = self.rename.get(KEY, KEY)
        return tuple(map(self._written, own if isinstance(own, tuple) else (own,)))

    @cached_property
    def keys(self) -> Keys:
        """The rows' keys, as they are matched.

        Raises
        ------
        BadTable
            If a column can't be one of keys, or several have its name.
        """
        return self.exact_keys.folded() if self.fold else self.exact_keys

    @cached_property
    def exact_keys(self) -> Keys:
        """The rows' keys as they are spelt.

        Raises
        ------
        BadTable
            If a column can't be one of keys, or several have its name.
        """
        try:
            return Keys(tuple(read_part(self._only(name), name, self.what) for name in self.key_columns))
        except InvalidOperation:
            raise self._signalling(KEY) from None

    def key_parts(self) -> list[Stored]:
        """Return the columns that a row's key consists of."""
        return [self._only(name) for name in self.key_columns]

    def key_values(self, rows: Sequence[int] | None = None) -> list[Any]:
        """Return the keys of all rows, or of some, as the caller sees them; of several columns they are tuples."""
        return _rows_of(self.key_parts(), rows)

    def ours(self, name: str) -> str:
        """Return the library's name for a column that the caller may call by either.

        Raises
        ------
        BadTable
            If both names are those of columns here, and these differ.
        """
        own = self.own(name)
        if own != name and own in self.names and name in self.names and not self._same(own, name):
            raise BadTable(
                f"columns= says that {name!r} and {own!r} of the {self.what} are the same column, and they differ: "
                "leave one of them out"
            )
        return next((ours for ours, its in self.rename.items() if its == name), name)

    def _same(self, one: str, other: str) -> bool:
        return bool(_equal(self._stored(one), self._stored(other)).all())

    def same_in(self, name: str, rows: Array, others: Array) -> Bools:
        """Return for each row whether another one is the same in a column, missing values too."""
        column = self._stored(name)
        return _equal(column.take(rows), column.take(others))

    def same_rows(self, rows: Array, others: Array) -> Bools:
        """Return for each row whether another one is the same in every column."""
        left = np.arange(len(rows))
        for name in self.columns:
            if len(left):
                left = left[self.same_in(name, rows[left], others[left])]
        same = np.zeros(len(rows), bool)
        same[left] = True
        return same

    def column(self, name: str) -> Stored:
        """Return a column as its library has it.

        Raises
        ------
        BadTable
            If several columns have that name.
        """
        own = self.rename.get(name, name)
        return self._only(self._written(name if isinstance(own, tuple) else own))

    def _only(self, own: str) -> Stored:
        """Return a column by its own name, which must be that of one: ours may be that of several of a key."""
        if own in self.twice:
            raise BadTable(f"several columns of the {self.what} are called {own!r}: leave one of them")
        return self._stored(own)

    def given(self, own: str) -> Any:
        """Return a column, by its own name, as it lies in its table: of pandas, its array."""
        return self._at(self.columns[own])

    def _stored(self, own: str) -> Stored:
        return Stored.of(self.given(own))

    def _signalling(self, name: str) -> BadTable:
        """Return the error that says that a column holds signalling NaNs: whatever compares such a number stops."""
        own = self.own(name)
        return BadTable(f"{own!r} of the {self.what} holds a signalling NaN, which is no number: leave it empty")

    def take(self, rows: Array) -> Table:
        """Return some rows."""
        index = None if self.index is None else self.index[rows]

        def at(place: int) -> Any:
            column = self._at(place)
            return column.take(rows) if self.kind == "pandas" else Stored.of(column).take(rows).native

        return evolve(self, at=at, rows=len(rows), index=index, origin=None)

    def records(self, rows: Array) -> list[tuple[Any, ...]]:
        """Return all values of some rows, as their library gives them to Python."""
        return list(zip(*(self._stored(name).take(rows).to_list() for name in self.columns), strict=True))

    def require(self, wanted: Mapping[str, Iterable[str]]) -> None:
        """Raise one ``MissingColumns`` for all columns that aren't there; values say who needs them."""
        absent = [self.absent(name, tuple(needed_by)) for name, needed_by in wanted.items() if name not in self]
        if absent:
            raise MissingColumns(absent, f"There are: {', '.join(map(str, self.columns))}.")

    def absent(self, name: str, needed_by: tuple[str, ...] = ()) -> Problem:
        """Say that a column isn't there, and which one is perhaps meant."""
        own = str(self.own(name))
        if name == KEY:
            own = ", ".join(each for each in self.key_columns if each not in self.names)
        guess = nearest(own, [str(column) for column in (*self.columns, *self.beside)])
        details = {"meant": guess} if guess is not None else {}
        return Problem.of("missing_column", own, details, needed_by=needed_by, table=self.what, field=name)

    # -- columns

    def read(self, name: str, expected: Field, needed_by: tuple[str, ...] = ()) -> tuple[Answers, list[Problem]]:
        """Read a column as what a field says; what can't be an answer counts as missing, and is a problem."""
        meanings = self.codes.get(name)
        if meanings is not None:
            refuse_meanings(self.own(name), expected, meanings)
        try:
            answers, bad = cells.read(self.column(name), expected, meanings, self.as_text)
        except InvalidOperation:
            raise self._signalling(name) from None
        wrong = [(each, np.flatnonzero(each.rows)) for each in bad]
        return answers, [self.problem(each.code, name, at, each.details, needed_by) for each, at in wrong]

    def labels(self, name: str) -> tuple[Array, tuple[GroupLabel, ...]]:
        """Read a column of labels as ``int32`` codes and the sorted labels that occur, ``None`` (missing) last."""
        try:
            return encode_labels(self.column(name))
        except InvalidOperation:
            raise self._signalling(name) from None

    def order(self, name: str) -> tuple[GroupLabel, ...] | None:
        """Return the order of a column's categories, where it has one."""
        return declared_order(self.column(name))

    def plain(self, name: str) -> list[Any]:
        """Return a column as plain Python values, ``None`` where missing."""
        return list(or_none(self.column(name).to_list()))

    def distinct(self, name: str) -> Distinct:
        """Return a column as the different values that occur.

        Raises
        ------
        BadTable
            If it holds lists or the like.
        """
        try:
            found = Distinct(*cells.encode(self.column(name)))
        except InvalidOperation:
            raise self._signalling(name) from None
        if not all(map(hashable, found.values)):
            raise BadTable(f"{self.own(name)} holds lists or the like, and not one value in each row")
        return found.occurring()

    # -- problems

    def problem(
        self,
        code: str,
        name: str,
        rows: Array,
        details: Mapping[str, Any] | None = None,
        needed_by: tuple[str, ...] = (),
    ) -> Problem:
        """Say what is wrong with a column in some rows, and where the first five are."""
        places = self.places_at(rows)
        return Problem.of(
            code,
            str(self.own(name)),
            details,
            rows=len(rows),
            first=_keys_of(places),
            places=places,
            needed_by=needed_by,
            table=self.what,
            field=name,
        )

    def keys_at(self, rows: Array | Sequence[int]) -> tuple[Any, ...]:
        """Return the keys in the first five of those rows; the rows' numbers where there are no keys."""
        return _keys_of(self.places_at(rows))

    def places_at(self, rows: Array | Sequence[int]) -> tuple[Place, ...]:
        """Return where the first five of those rows are: their keys, and the rows as a spreadsheet shows them."""
        first = [int(row) for row in rows[:5]]
        if not first:
            return ()
        known = KEY in self and not set(self.key_columns) & set(self.twice)
        columns = self.key_parts() if known else []
        keys = _rows_of(columns, first) if known else [None] * len(first)
        places = []
        for row, key in zip(first, keys, strict=True):
            file, shown = ("", self._row(row)) if self.origin is None else self.origin.at(row)
            counted = known and self.what == "members" and self.origin is None and not _no_key(key)
            member = _nth(columns, row, key) if counted else None
            places.append(Place(None if _no_key(key) else key, shown, member, file))
        return tuple(places)

    def _row(self, position: int) -> int:
        """Return a row's number as a spreadsheet shows it: the names are in row 1, and filtered rows keep theirs."""
        if self.kind == "pandas":
            label = self.index[position]
            if isinstance(label, int | np.integer) and not isinstance(label, bool):
                return int(label) + 2
        return position + 2


def _keys_of(places: Iterable[Place]) -> tuple[Any, ...]:
    """Return the keys of rows; what the rows are called where they have none."""
    return tuple(place.key if place.key is not None else place.text() for place in places)


def _rows_of(columns: Sequence[Stored], rows: Sequence[int] | None) -> list[Any]:
    """Return all rows of a key's columns, or some; of several columns they are tuples."""
    listed = [(column if rows is None else column.take(np.asarray(rows, np.int64))).to_list() for column in columns]
    return listed[0] if len(listed) == 1 else list(zip(*listed, strict=True))


def _nth(columns: Sequence[Stored], position: int, key: Any) -> int:
    """Return how many rows have a row's key up to there, itself among them: which member of its household it is."""
    parts = key if len(columns) > 1 else (key,)
    same = np.ones(position + 1, bool)
    for column, part in zip(columns, parts, strict=True):
        if column.holds is Holds.MIXED:  # which Arrow can't compare
            until = column.take(np.arange(position + 1)).to_list()
            same &= np.array([comparable(value) == comparable(part) for value in until])
        else:
            same &= (column.series[: position + 1] == part).to_numpy().astype(bool)
    return int(same.sum())


def _equal(one: Stored, other: Stored) -> Bools:
    """Return where two columns are the same, missing values too."""
    try:
        found = (one.series == other.series) | (one.series.is_null() & other.series.is_null())
        same = np.asarray(found.fill_null(False).to_numpy(), bool)
    except Exception:  # columns of kinds that a library can't compare; each says so differently
        pairs = zip(one.to_list(), other.to_list(), strict=True)
        return np.array([comparable(a) == comparable(b) for a, b in pairs], bool)
    if one.holds in (Holds.FLOATS, Holds.SINGLES):  # of Arrow, NaN is a number that isn't its own equal
        same = same | (np.isnan(one.series.to_numpy()) & np.isnan(other.series.to_numpy()))
    return same


def comparable(value: Any) -> Any:
    """Return what stands for a value of any kind where values are compared or looked up, missing ones being alike."""
    if isinstance(value, np.ndarray | list):
        return tuple(map(comparable, value))
    try:
        hash(value)
    except TypeError:
        return repr(value)
    return None if is_missing(value) else value


def _no_key(key: Any) -> bool:
    parts = key if isinstance(key, tuple) else (key,)
    return any(is_missing(part) or (isinstance(part, str) and not part.strip()) for part in parts)


def open_table(
    data: Any,
    what: str = "table",
    rename: Mapping[str, Any] | None = None,
    codes: Mapping[str, Mapping[Any, Any]] | None = None,
    origin: Origin | None = None,
    as_text: bool = False,
    fold: bool = False,
    whole: bool = True,
    beside: tuple[str, ...] = (),
    keep: Collection[str] | None = None,
) -> Table:
    """Open a dataframe of any kind that narwhals knows, or a dict of equally long arrays.

    Parameters
    ----------
    data
        The table. It is never changed.
    what : str
        What messages call it.
    rename, codes, origin, as_text, fold, whole, beside
        The caller's names and codes, where rows are from, and how keys are read; see :class:`Table`.
    keep : collection of str, optional
        Given if a result keeps the table: then its columns are taken as they are now, whatever becomes of them, but
        those of that name, which whoever asks reads at once.

    Raises
    ------
    BadTable
        If it is none of these, is lazy, or its columns differ in length.
    """
    if isinstance(data, Table):
        return data
    data = nw.to_native(data, pass_through=True)
    opened = _of_arrays(data, what) if isinstance(data, Mapping) else _of_frame(data, what)
    places = {name: place for place, name in enumerate(opened.names)}
    twice: tuple[str, ...] = ()
    if len(places) < len(opened.names):  # pandas and Arrow allow that, and most columns aren't read
        counted = Counter(opened.names)
        twice = tuple(name for name, times in counted.items() if times > 1)
        places = {name: place for name, place in places.items() if counted[name] == 1}
    at = opened.at if keep is None else owned(opened.at, [its for name, its in places.items() if name not in keep])
    return Table(
        what,
        opened.kind,
        opened.index,
        places,
        at,
        opened.rows,
        rename or {},
        codes or {},
        twice,
        as_text,
        origin,
        fold,
        whole,
        beside,
    )


class _Opened(NamedTuple):
    """A table whose columns are found by their places."""

    index: Any
    kind: str
    names: list[str]
    at: Callable[[int], Any]
    rows: int


def _of_frame(data: Any, what: str) -> _Opened:
    if nw.dependencies.is_pandas_dataframe(data):
        return _of_pandas(data, "pandas")
    if nw.dependencies.is_polars_dataframe(data):
        return _Opened(None, "polars", data.columns, data.to_series, data.height)
    if nw.dependencies.is_pyarrow_table(data):
        return _Opened(None, "pyarrow", data.column_names, data.column, data.num_rows)
    try:
        frame = nw.from_native(data)
    except TypeError:
        raise BadTable(
            f"the {what} must be a dataframe (pandas, polars, pyarrow, …) or a dict of arrays, not {shown_kind(data)}"
            + ("; for a list of rows, pandas.DataFrame(rows)" if isinstance(data, list) else "")
        ) from None
    except nw.exceptions.NarwhalsError as error:
        raise BadTable(f"the {what} can't be read: {error}") from None
    if not isinstance(frame, nw.DataFrame):
        kind = frame.implementation
        how = ".pl() or .to_arrow_table()" if kind.is_duckdb() else ".compute()" if kind.is_dask() else ".collect()"
        raise BadTable(f"computing the {what} is still to come (a lazy {type(data).__name__}): call {how} first")
    return _of_pandas(frame.to_pandas(), str(frame.implementation))


def _of_pandas(data: Any, kind: str) -> _Opened:
    # pandas' own way to a column's array, twenty times as fast as the series around it
    at = getattr(data, "_get_column_array", None) or partial(_array_at, data)
    return _Opened(data.index, kind, listed(data.columns), at, len(data))


def _array_at(data: Any, place: int) -> Any:
    return data.iloc[:, place]


def _of_arrays(data: Mapping[str, Any], what: str) -> _Opened:
    arrays = [_column(values, name, what) for name, values in data.items()]
    lengths = dict(zip(data, map(len, arrays), strict=True))
    if len(set(lengths.values())) > 1:
        raise BadTable(f"the columns of the {what} differ in length: {lengths}")
    return _Opened(None, "dict", list(data), arrays.__getitem__, len(arrays[0]) if arrays else 0)


def _unmasked(values: Any) -> Array:
    """Return a masked array as a plain one, with NaN or nothing where it was masked."""
    if values.dtype.kind == "f":
        filled: Array = values.filled(np.nan)
        return filled
    held: Array = values.data.astype(object)
    held[np.ma.getmaskarray(values)] = None
    return held


def _column(values: Any, name: str, what: str) -> Any:
    """Return a list or an array of any kind as a column of pandas, polars or Arrow."""
    import pandas as pd

    if isinstance(values, np.ma.MaskedArray):
        values = _unmasked(values)
    if isinstance(values, np.ndarray) and values.ndim == 1 and values.dtype.kind in "biufO":
        return values
    values = nw.to_native(values, pass_through=True)
    if nw.dependencies.is_polars_series(values):
        return values
    if type(values).__module__.partition(".")[0] == "pyarrow" and hasattr(values, "type"):
        import pyarrow as pa

        return values if hasattr(values, "chunks") else pa.chunked_array([values])
    if hasattr(values, "dtype"):
        if len(getattr(values, "shape", (0,))) != 1 or getattr(values.dtype, "names", None):  # several in each cell
            raise BadTable(f"each column of the {what} is a list or an array of one dimension; {name!r} isn't")
        return pd.Series(values, copy=False)
    if not isinstance(values, Sequence) or isinstance(values, str | bytes):
        raise BadTable(f"the column {name!r} of the {what} must be a list or an array, not {shown_kind(values)}")
    try:
        return pd.Series(list(values), dtype=None if len(values) else object)
    except OverflowError:  # whole numbers beyond any float, in older releases
        return pd.Series(list(values), dtype=object)


__all__ = ["GroupLabel", "Table", "comparable", "open_table", "plain"]
