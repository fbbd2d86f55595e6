"""Spellings: keys and names of places that differ only by blanks, case, Unicode form or the tone mark's place."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from attrs import frozen

from mdpoverty.numbers import Language
from mdpoverty.texts import Difference, differences, folded

__all__ = ["NoneInBoth", "Pairs", "Spelling", "folded_key", "spellings"]

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
class Pairs:
    """Pairs of keys that are the same but for their spelling, as a message shows them.

    Attributes
    ----------
    pairs : tuple of pairs
        What stands in one table, and what in the other.
    """

    pairs: tuple[tuple[Any, Any], ...]

    def in_(self, lang: Language) -> str:
        """Say it in a language: both of each, and in what they differ."""
        at = 0 if lang == "vi" else 1
        said = []
        for one, other in self.pairs:
            kinds = ", ".join(_DIFFERENCES[each][at] for each in Spelling("", one, other, False).differences)
            said.append(f"{one!r} {('và', 'and')[at]} {other!r} ({kinds})")
        return "; ".join(said)


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
