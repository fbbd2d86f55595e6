"""Rows with their key beside them as it is matched: one column of it, whatever columns a key consists of.

Streams are brought together by that column, in order or out of it, here and on disk. So keys of files match as those of
tables in memory do: text composed, whole numbers whole, spelling folded where that is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from mdpoverty.errors import BadTable, first_five
from mdpoverty.extras import arrow
from mdpoverty.scale.ahead import ahead
from mdpoverty.scale.sources import Piece, Source, Wanted, kind_of
from mdpoverty.tables.keys import Keys, Part, arrow_part

MATCHED = "key, as it is matched"
"""The column of keys as they are matched."""

_BETWEEN, _ESCAPE = "\x1f", "\x1e"


@frozen(eq=False, repr=False)
class Keyed:
    """A source of rows with :data:`MATCHED` among its columns.

    Attributes
    ----------
    rows_of : Source
        Where rows come from.
    key : tuple of str
        The columns that a key consists of.
    fold : bool
        Whether keys are one that differ only in spelling.
    what : str
        What messages call the table.
    ahead : int
        How many pieces of files are read before they are asked for.
    """

    rows_of: Source
    key: tuple[str, ...]
    fold: bool
    what: str
    ahead: int = 0

    def __repr__(self) -> str:
        return repr(self.rows_of)

    @property
    def once(self) -> bool:
        """Whether rows can be read only once."""
        return self.rows_of.once

    @property
    def as_text(self) -> bool:
        """Whether rows come from files that hold nothing but text."""
        return self.rows_of.as_text

    def names(self) -> list[str]:
        """Return the columns' names."""
        names = self.rows_of.names()
        return [*names, MATCHED] if set(self.key) <= set(names) else names

    def rows(self) -> int | None:
        """Return how many rows there are, if that is known without reading them."""
        return self.rows_of.rows()

    def pieces(self, wanted: Wanted) -> Iterator[Piece]:
        """Yield the rows of some columns as Arrow tables."""
        if MATCHED not in wanted:
            yield from self.rows_of.pieces(wanted)
            return
        asked: Mapping[str, Any] = {
            **dict.fromkeys(self.key, "key"),
            **{name: role for name, role in wanted.items() if name != MATCHED},
        }
        for piece in ahead(self.rows_of, asked, self.ahead):
            table = piece.table.append_column(MATCHED, [self._matched(piece.table)])
            yield piece._replace(table=table.select(list(wanted)))

    def _matched(self, table: Any) -> Any:
        pa = arrow()
        columns = [table.column(name) for name in self.key]
        if len(columns) == 1 and pa.types.is_integer(columns[0].type):
            return columns[0].combine_chunks() if columns[0].num_chunks != 1 else columns[0].chunk(0)
        keys = Keys(tuple(arrow_part(column) for column in columns))
        keys.refuse_inexact(", ".join(self.key), self.what)
        parts = (keys.folded() if self.fold else keys).parts
        return _values(parts[0]) if len(parts) == 1 else _joined(parts)


def _values(part: Part) -> Any:
    """Return keys as an Arrow array, with gaps where there are none."""
    pa = arrow()
    if part.kind == "text":
        if part.missing is None:
            return part.values
        return arrow(".compute").if_else(pa.array(part.missing), pa.scalar(None, part.values.type), part.values)
    if part.kind == "object":
        try:
            return pa.array(part.listed())
        except pa.ArrowException:
            raise BadTable("a key column holds keys of several kinds: make them all text, or all numbers") from None
    return pa.array(part.values, mask=part.missing)


def _joined(parts: tuple[Part, ...]) -> Any:
    """Return keys of several columns as texts, of which no two are the same for different keys."""
    pa, pc = arrow(), arrow(".compute")
    columns = []
    for part in parts:
        if part.kind in ("text", "whole"):
            text = _values(part).cast(pa.large_string())
        else:
            text = pa.array([None if key is None else str(key) for key in part.listed()], pa.large_string())
        for letter, code in ((_ESCAPE, "0"), (_BETWEEN, "1")):
            text = pc.replace_substring(text, letter, _ESCAPE + code)
        columns.append(text)
    return pc.binary_join_element_wise(*columns, pa.scalar(_BETWEEN, pa.large_string()))


def refuse_two_kinds(ours: Any, theirs: Any) -> None:
    """Refuse keys of which one is text, say, and the other a number; a table without rows has no type."""
    none = arrow().types.is_null
    if kind_of(ours) != kind_of(theirs) and not none(ours) and not none(theirs):
        raise two_kinds(ours, theirs)


def two_kinds(ours: Any, theirs: Any, where: str = "") -> BadTable:
    """Return the error that says of which types keys are."""
    return BadTable(f"the keys are {ours} in the households and {theirs} in the members{where}: make them one type")


def shown(keys: list[Any]) -> tuple[Any, ...]:
    """Return up to five keys as messages show them, those of several columns as tuples."""
    first = first_five(keys)
    return tuple(tuple(key.split(_BETWEEN)) if isinstance(key, str) and _BETWEEN in key else key for key in first)
