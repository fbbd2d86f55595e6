"""Keys that households are matched by from table to table: exact, of one type, and close spellings shown."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from numbers import Number
from typing import Any

from attrs import frozen

from mdpoverty.errors import BadTable, BadValues, Problem
from mdpoverty.numbers import Language
from mdpoverty.ternary import is_missing
from mdpoverty.texts import Difference, composed, differences, folded

__all__ = ["NoneInBoth", "Spelling", "exact", "exact_keys", "folded_key", "refuse_two_types", "spellings"]

EXACT_FLOATS = 2**53
"""From here on a float stands for more than one whole number."""

_DIFFERENCES: dict[Difference, tuple[str, str]] = {
    "blanks": ("khoảng trắng", "blanks"),
    "case": ("chữ hoa, chữ thường", "case"),
    "tone": ("vị trí dấu thanh", "the tone mark's place"),
    "form": ("dạng mã Unicode", "the Unicode form"),
}


@frozen
class Spelling:
    """Two keys, or two names of places, that differ only by blanks, case, Unicode form or the tone mark's place.

    Attributes
    ----------
    column : str
        Where they stand.
    one, other : str, or tuple of str
        The two, as they were given.
    as_one : bool
        Whether they were read as one.
    """

    column: str
    one: Any
    other: Any
    as_one: bool

    @property
    def differences(self) -> tuple[Difference, ...]:
        """In what they differ: ``"blanks"``, ``"case"``, ``"form"``, ``"tone"``."""
        pairs = zip(_parts(self.one), _parts(self.other), strict=True)
        found = (each for one, other in pairs if isinstance(one, str) for each in differences(one, str(other)))
        return tuple(dict.fromkeys(found))

    def text(self, lang: Language = "en") -> str:
        """Write it as a sentence."""
        at = 0 if lang == "vi" else 1
        kinds = ", ".join(_DIFFERENCES[each][at] for each in self.differences)
        if lang == "vi":
            read = "được đọc là một" if self.as_one else "được đọc là hai"
            return f"{self.column}: {self.one!r} và {self.other!r} chỉ khác nhau ở {kinds}; {read}"
        read = "read as one" if self.as_one else "read as two"
        return f"{self.column}: {self.one!r} and {self.other!r} differ only by {kinds}; {read}"


@frozen
class NoneInBoth:
    """Two reviews that have no household in common: perhaps their keys are written differently.

    Attributes
    ----------
    column : str
        The key.
    one, other : object
        A key of each.
    """

    column: str
    one: Any
    other: Any

    def text(self, lang: Language = "en") -> str:
        """Write it as a sentence."""
        if lang == "vi":
            return f"{self.column}: không có hộ nào ở cả hai kỳ; mã được viết như {self.one!r} và {self.other!r}"
        return f"{self.column}: no household is in both reviews; keys look like {self.one!r} and {self.other!r}"


def _parts(key: Any) -> tuple[Any, ...]:
    return key if isinstance(key, tuple) else (key,)


def exact(key: Any) -> Any:
    """Return a key as it is matched: text composed, whole numbers as ``int`` whatever type held them.

    >>> exact(120000000001.0), exact("Ho\u0300a") == "Hòa", exact(("A", 1.0))
    (120000000001, True, ('A', 1))
    """
    if hasattr(key, "dtype") and hasattr(key, "item"):
        key = key.item()
    if isinstance(key, str):
        return composed(key)
    if isinstance(key, tuple):
        return tuple(map(exact, key))
    if isinstance(key, float | Decimal | Fraction) and math.isfinite(key) and key == int(key):
        return int(key)
    return key


def exact_keys(keys: Sequence[Any], name: str, where: str, *, limit: int = EXACT_FLOATS) -> list[Any]:
    """Return keys as they are matched, ``None`` where there is none (or a blank); see :func:`exact`.

    Raises
    ------
    BadTable
        If keys are lists or the like.
    BadValues
        If a number went through a float that can't hold it: ``limit`` is the first that may be another.
    """
    kinds = set(map(type, keys))
    if kinds <= {int}:
        return list(keys)
    if kinds & {list, dict, set} or any(hasattr(kind, "__array__") for kind in kinds if not hasattr(kind, "item")):
        raise BadTable(f"{name} in {where} holds lists, and not one value in each row")
    rounded = [key for key in keys if isinstance(key, float) and abs(key) >= limit and key - key == 0]
    if rounded:
        what = f"a float can't hold keys this large exactly, in {where}: read the column as text or whole numbers"
        raise BadValues([Problem(name, what, len(rounded), tuple(f"{key:.0f}" for key in rounded[:5]))])
    return [None if is_missing(key) or (isinstance(key, str) and not key.strip()) else exact(key) for key in keys]


def _kind(key: Any) -> str:
    if isinstance(key, tuple):
        return " + ".join(map(_kind, key))
    if isinstance(key, Number) and not isinstance(key, bool):
        return "number"
    return "text" if isinstance(key, str) else type(key).__name__


def refuse_two_types(one: Collection[Any], other: Collection[Any], name: str, where: tuple[str, str]) -> None:
    """Refuse keys that can't match because one table has them as text and the other as numbers.

    Tables may have both kinds (12 beside "12A"), as long as none of them means the other's key.

    Raises
    ------
    BadValues
        The message names both types.
    """
    types = {each for each in (*set(map(type, one)), *set(map(type, other))) if each is not type(None)}
    if len(types) < 2 and types != {tuple}:
        return
    first, second = _by_kind(one), _by_kind(other)
    if not first or not second or (first.keys() == second.keys() and len(first) == 1):
        return
    apart = not first.keys() & second.keys()
    pair = (next(iter(first)), next(iter(second))) if apart else _same_but_for_type(first, second)
    if pair is None:
        return
    shown = [
        f"{kind} ({next(iter(side[kind]))!r}) in {place}"
        for kind, side, place in zip(pair, (first, second), where, strict=True)
    ]
    what = f"the keys are {' and '.join(shown)}, so that none of these match: read both as the same type"
    raise BadValues([Problem(name, what)])


def _by_kind(keys: Iterable[Any]) -> dict[str, dict[Any, None]]:
    found: dict[str, dict[Any, None]] = {}
    for key in keys:
        if key is not None:
            found.setdefault(_kind(key), {})[key] = None
    return found


def _same_but_for_type(first: dict[str, dict[Any, None]], second: dict[str, dict[Any, None]]) -> tuple[str, str] | None:
    """Return the types of a text that is written as a number of the other table is."""
    for one, other in (("text", "number"), ("number", "text")):
        written = {_written(key) for key in first.get(one, ())}
        if written & {_written(key) for key in second.get(other, ())}:
            return one, other
    return None


def _written(key: Any) -> str:
    return str(key).strip().lstrip("0")


def folded_key(key: Any) -> Hashable:
    """Return what a key, or a path of names, is compared by where spelling doesn't count."""
    if isinstance(key, tuple):
        return tuple(map(folded_key, key))
    return folded(key) if isinstance(key, str) else key


def spellings(keys: Iterable[Any], column: str, *, as_one: bool) -> list[Spelling]:
    """Find keys that differ only in spelling, each with the first that is spelt otherwise.

    >>> [each.text() for each in spellings(["Xã Hòa", "Xã Hoà", "Xã B"], "commune", as_one=False)]
    ["commune: 'Xã Hòa' and 'Xã Hoà' differ only by the tone mark's place; read as two"]
    """
    first: dict[Hashable, Any] = {}
    found = []
    for key in dict.fromkeys(keys):
        one = first.setdefault(folded_key(key), key)
        if one != key:
            found.append(Spelling(column, one, key, as_one))
    return found
