"""How tables are read: the options that every verb takes, as one value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date as Date
from typing import Any, Literal

from attrs import field, frozen

from mdpoverty.errors import SpecError
from mdpoverty.law.fields import to_date

KEY = "household_id"
"""The library's name for the key column of both tables."""


def _named(given: Any) -> tuple[str, ...]:
    if isinstance(given, str):
        return (given,)
    if not isinstance(given, Iterable):
        raise SpecError(f'given= names indicators, or is "all"; it can\'t be {given!r}')
    return tuple(given)


def one_name(value: Any, option: str) -> str | None:
    """Return a column's name, or None; refuse values in the place of a name."""
    if value is None:
        return None
    if isinstance(value, str):
        return str(value)
    raise _no_name(value, option)


def several_names(value: Any, option: str) -> tuple[str, ...]:
    """Return the names of columns: of one, of several, or none (None); refuse values in the place of names."""
    if value is None:
        return ()
    if isinstance(value, str):
        return (str(value),)
    # a column of values knows what its values are; a list of names doesn't
    of_values = type(value).__name__ in ("Series", "ChunkedArray")
    if of_values or not isinstance(value, Iterable) or getattr(value, "ndim", 1) == 0:
        raise _no_name(value, option)
    listed = list(value)
    if not all(isinstance(name, str) for name in listed):
        raise _no_name(value, option)
    twice = sorted({str(name) for name in listed if listed.count(name) > 1})
    if twice:
        raise SpecError(f"{option} names columns twice: {', '.join(twice)}.")
    return tuple(map(str, listed))


def _no_name(value: Any, option: str) -> SpecError:
    name = getattr(value, "name", None)
    how = f"name it: {name!r}" if isinstance(name, str) else "put the values into the table, and name the column"
    shown = repr(value) if isinstance(value, int | float) else f"a {type(value).__name__}"
    return SpecError(f"{option} takes the name of a column of the table, not {shown}; {how}.")


def _key(given: Any) -> Any:
    """Return the names of the key's columns: one, a pair of single ones, or a pair of several."""
    if isinstance(given, str):
        return given
    whole = "household_id is a column's name, a list of names that make a key together, or a pair (a tuple) of these"
    if isinstance(given, list):
        given = (given, given)
    if not isinstance(given, tuple) or len(given) != 2:
        raise SpecError(f"{whole} for the two tables, not {given!r}")
    sides = tuple(
        (side,) if isinstance(side, str) else tuple(side) if isinstance(side, list | tuple) else () for side in given
    )
    if not all(side and all(isinstance(name, str) for name in side) for side in sides):
        raise SpecError(f"{whole} for the two tables, not {given!r}")
    if len(sides[0]) != len(sides[1]):
        raise SpecError(
            f"household_id names {len(sides[0])} columns of the households and {len(sides[1])} of the members"
        )
    if any(len(set(side)) < len(side) for side in sides):
        raise SpecError(f"household_id names a column twice: {given!r}")
    if len(sides[0]) > 1:
        return sides
    return sides[0][0] if sides[0] == sides[1] else (sides[0][0], sides[1][0])


def _mapping(value: Mapping[str, Any] | None) -> dict[str, Any]:
    if value is not None and not isinstance(value, Mapping):
        raise SpecError(f"columns= and codes= are mappings by column, not {type(value).__name__}")
    return dict(value or {})


def _mappings(value: Mapping[str, Any] | None) -> dict[str, Any]:
    columns = _mapping(value)
    for name, its in columns.items():
        if not isinstance(its, Mapping):
            raise SpecError(f"codes= say for each column what each code means: {name!r} has a {type(its).__name__}")
    return {name: dict(its) for name, its in columns.items()}


@frozen
class Reading:
    """How the tables of a review are read.

    Attributes
    ----------
    household_id : str, (str, str), or pair of tuples of str
        The key column of both tables, or of one and the other; of a key of several columns always those of both.
    given : tuple of str
        Indicators that are columns of the households already; ``("all",)`` for all of them.
    date : datetime.date or None
        The day of the review.
    columns : mapping
        The caller's names for columns, by ours.
    codes : mapping
        What the caller's codes mean, by our names of columns.
    orphans : {"error", "report"}
        What becomes of members of no listed household.
    fold : bool
        Whether keys that differ only by blanks, case, Unicode form or the place of a tone mark are one.
    invalid : {"error", "missing"}
        What becomes of values that can't be answers.

    Raises
    ------
    SpecError
        If an option is none that there is.
    """

    household_id: str | tuple[str, str] | tuple[tuple[str, ...], tuple[str, ...]] = field(default=KEY, converter=_key)
    given: tuple[str, ...] = field(default=(), converter=_named)
    date: Date | None = field(default=None, converter=to_date)
    columns: Mapping[str, str] = field(factory=dict, converter=_mapping, hash=False)
    codes: Mapping[str, Mapping[Any, Any]] = field(factory=dict, converter=_mappings, hash=False)
    orphans: Literal["error", "report"] = "error"
    fold: bool = False
    invalid: Literal["error", "missing"] = "error"

    def __attrs_post_init__(self) -> None:
        """Refuse what can't be meant."""
        if self.orphans not in ("error", "report"):
            raise SpecError(f'orphans is "error" or "report", not {self.orphans!r}')
        if self.invalid not in ("error", "missing"):
            raise SpecError(f'invalid is "error" or "missing", not {self.invalid!r}')
        if self.composite and KEY in self.columns:
            raise SpecError("household_id names several columns, and columns= another one for it: leave that out")

    @property
    def all_given(self) -> Iterable[str] | Literal["all"]:
        """What a program takes as ``given``."""
        return "all" if self.given == ("all",) else self.given

    @property
    def composite(self) -> bool:
        """Whether the key consists of several columns."""
        return not isinstance(self.household_id, str) and not isinstance(self.household_id[0], str)

    def names(self, side: int) -> dict[str, Any]:
        """Return the caller's names of the households' columns (0) or of the members' (1), by ours.

        The key's is a tuple where it consists of several columns.
        """
        key = self.household_id if isinstance(self.household_id, str) else self.household_id[side]
        return {KEY: key, **self.columns}

    def to_dict(self) -> dict[str, Any]:
        """Return the options as a receipt keeps them, codes as text."""
        return {
            "given": list(self.given),
            "household_id": self.household_id,
            "columns": dict(self.columns),
            "codes": {name: {str(code): means for code, means in its.items()} for name, its in self.codes.items()},
            "orphans": self.orphans,
            "invalid": self.invalid,
            **({"fold": True} if self.fold else {}),
        }
