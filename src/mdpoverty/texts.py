"""Texts that people mean to be the same: composed form, blanks, case, and where a Vietnamese tone mark stands.

Keyboards, spreadsheets and systems write one name in several ways: "Hòa" and "Hoà", "Hoà" in one code point or in
two, "Xã 1" with a no-break space, "XÃ 1". What a text is matched by is decided here, once.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Literal

__all__ = ["Difference", "alphabetical", "bare", "composed", "differences", "folded", "nearest", "tidy", "written"]

Difference = Literal["blanks", "form", "case", "tone"]

# Soft hyphen, spaces and joiners of no width, byte order mark.
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_TONES = "\u0300\u0301\u0303\u0309\u0323"  # huyền, sắc, ngã, hỏi, nặng
_DICTIONARY_TONES = "\u0300\u0309\u0303\u0301\u0323"  # in the order of dictionaries: huyền, hỏi, ngã, sắc, nặng
_ETH = str.maketrans("ÐðƉɖ", "ĐđĐđ")  # letters that look like Đ and come from other keyboards
# A run of vowels with all their marks. A tone mark stands on one of them, and people disagree on which.
_VOWELS = re.compile(r"(?:[aeiouy][\u0300-\u036f]*)+", re.IGNORECASE)


def composed(text: str) -> str:
    r"""Compose a text (Unicode's NFC) and leave it otherwise as it is.

    >>> len("Hoa\u0300"), len(composed("Hoa\u0300"))
    (4, 3)
    """
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def written(value: Any) -> str:
    """Write any value as text: whole numbers of thousands of digits, which Python writes in hexadecimal only, in that.

    >>> written(12), written(10**5000)[:4]
    ('12', '0x31')
    """
    try:
        return str(value)
    except ValueError:
        return hex(value)


def tidy(text: str) -> str:
    r"""Compose a text, with one ordinary space for each run of blanks, none around, and nothing invisible.

    >>> tidy("\ufeffXã\u00a0 1 ")
    'Xã 1'
    """
    return " ".join(composed(text).translate(_INVISIBLE).split())


def folded(text: str) -> str:
    """Fold a text into what it is compared by where blanks, case, Unicode form and the tone mark's place don't count.

    Accents count: "Hòa" and "Hoa" are two names. For comparing only, not for showing.

    >>> folded(" HOÀ  Bình") == folded("Hòa Bình"), folded("Hòa") == folded("Hoa"), folded("Ðức") == folded("Đức")
    (True, False, True)
    >>> folded("Thuỷ") == folded("Thủy"), folded("Qúy") == folded("Quý"), folded("Mùa") == folded("Muà")
    (True, True, True)
    """
    if text.isascii():
        return " ".join(text.casefold().split())
    return _folded_marks(text)


@lru_cache(maxsize=1 << 14)  # names of places come again and again
def _folded_marks(text: str) -> str:
    return _toned(tidy(text).translate(_ETH).casefold())


def _toned(text: str) -> str:
    """Put every tone mark at the end of its run of vowels."""
    return _VOWELS.sub(_last, unicodedata.normalize("NFD", text))


def _last(vowels: re.Match[str]) -> str:
    letters: list[str] = []
    tones: list[str] = []
    for mark in vowels.group():
        (tones if mark in _TONES else letters).append(mark)
    return "".join(letters + tones)


_ALPHABET = {letter: place for place, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")}
_PIECES = re.compile(r"\d+|.", re.DOTALL)
_DIGITS = 4_000  # of a number in a text: Python reads none of many more


def alphabetical(text: str) -> tuple[Any, ...]:
    """Return what a text is sorted by in Vietnamese: a, ă, â, b, c, d, đ, e, ê …; numbers by what they amount to.

    Letters go before tones (ngang, huyền, hỏi, ngã, sắc, nặng), and tones before case, as spreadsheets sort.

    >>> sorted(["Xã 10", "Xã Đạo", "Xã Dào", "Xã Âu", "Xã 2", "Xã An", "Phường Ô", "Xã Dao"], key=alphabetical)
    ['Phường Ô', 'Xã 2', 'Xã 10', 'Xã An', 'Xã Âu', 'Xã Dao', 'Xã Dào', 'Xã Đạo']
    """
    letters: list[tuple[int, int, str]] = []
    tones: list[int] = []
    for piece in _PIECES.findall(unicodedata.normalize("NFD", tidy(text).translate(_ETH).casefold())):
        if piece in _DICTIONARY_TONES:
            if tones:
                tones[-1] = _DICTIONARY_TONES.index(piece) + 1
            continue
        if unicodedata.combining(piece[0]) and letters:
            whole = unicodedata.normalize("NFC", letters[-1][2] + piece)
            letters[-1] = (2, _ALPHABET.get(whole, letters[-1][1]), whole)
            continue
        if piece.isdecimal():
            letters.append((1, int(piece[:_DIGITS]), ""))
        elif piece in _ALPHABET:
            letters.append((2, _ALPHABET[piece], piece))
        else:
            letters.append((0 if piece.isspace() else 3, 0 if piece.isspace() else ord(piece), ""))
        tones.append(0)
    return tuple(each[:2] for each in letters), tuple(tones), text


def bare(text: str) -> str:
    """Take all marks off a text, in small letters: what remains where somebody typed without accents.

    >>> bare("Hộ  CẬN NGHÈO"), bare("Đắk Lắk")
    ('ho can ngheo', 'dak lak')
    """
    letters = unicodedata.normalize("NFD", tidy(text).translate(_ETH).casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).replace("đ", "d")


def nearest(word: object, words: Iterable[str]) -> str | None:
    """Find the word that a mistyped one is most like; ``None`` where none is like it.

    >>> nearest("household_sze", ["household_id", "household_size"]), nearest("xyz", ["income"])
    ('household_size', None)
    >>> nearest("Ho ngheo", ["Hộ nghèo", "Hộ cận nghèo"])
    'Hộ nghèo'
    """
    known: dict[str, str] = {}
    for each in words:
        known.setdefault(bare(each), each)
    found = get_close_matches(bare(str(word)), known, n=1, cutoff=0.7)
    return known[found[0]] if found else None


def differences(one: str, other: str) -> tuple[Difference, ...]:
    r"""Say in what two texts differ that are the same when folded; empty where they are equal or aren't the same.

    >>> differences("Xã Hòa\u00a01", "xã Hoà 1"), differences("A", "B"), differences("Hoà", "Hoa\u0300")
    (('blanks', 'case', 'tone'), (), ('form',))
    """
    if one == other or folded(one) != folded(other):
        return ()
    # A kind of difference is there if folding everything else doesn't make the texts equal.
    letters, others = composed(one).translate(_ETH), composed(other).translate(_ETH)
    kept: dict[Difference, Callable[[str], str]] = {
        "blanks": lambda text: _toned(text.casefold()),
        "case": lambda text: _toned(tidy(text)),
        "tone": lambda text: tidy(text).casefold(),
    }
    found: list[Difference] = [kind for kind, fold in kept.items() if fold(letters) != fold(others)]
    if not found or (one == letters) != (other == others):
        found.append("form")
    return tuple(found)
