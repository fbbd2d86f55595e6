"""Ethnic groups by their official names, and the words that people write for them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from mdpoverty.errors import BadValues, Place, Problem
from mdpoverty.law.fields import Label
from mdpoverty.tables.columns import Distinct
from mdpoverty.tables.keys import Keys
from mdpoverty.texts import bare, folded, nearest

__all__ = ["ETHNIC_GROUPS", "KINH", "OTHER_GROUP", "read_ethnic_groups"]

KINH = "Kinh"
OTHER_GROUP = "Khác"
"""A minority that isn't named."""

ETHNIC_GROUPS: Mapping[str, tuple[str, ...]] = {
    KINH: ("Việt", "Kinh (Việt)"),
    "Tày": (),
    "Thái": (),
    "Hoa": ("Hán",),
    "Khmer": ("Khơ me", "Khơ-me"),
    "Mường": (),
    "Nùng": (),
    "Mông": ("Hmông", "H'Mông", "H’Mông", "Mèo"),
    "Dao": (),
    "Gia Rai": ("Gia-rai", "Jrai", "Giơ-rai", "Jarai"),
    "Ngái": (),
    "Ê Đê": ("Ê-đê", "Êđê", "Rađê", "Rhađê"),
    "Ba Na": ("Ba-na", "Bana", "Bahnar"),
    "Xơ Đăng": ("Xơ-đăng", "Xơđăng", "Sedang"),
    "Sán Chay": ("Cao Lan", "Sán Chỉ", "Cao Lan - Sán Chỉ"),
    "Cơ Ho": ("Cơ-ho", "Cơho", "K'Ho", "K’Ho"),
    "Chăm": ("Chàm",),
    "Sán Dìu": (),
    "Hrê": (),
    "Mnông": ("M'Nông", "M’Nông", "Pnông"),
    "Ra Glai": ("Ra-glai", "Raglay", "Raglai", "Ra-glây"),
    "Xtiêng": ("Stiêng", "X'tiêng"),
    "Bru - Vân Kiều": ("Bru-Vân Kiều", "Bru Vân Kiều", "Vân Kiều", "Bru"),
    "Thổ": (),
    "Giáy": (),
    "Cơ Tu": ("Cơ-tu", "Cơtu", "Ca-tu"),
    "Gié Triêng": ("Gié-Triêng", "Gié - Triêng", "Giẻ Triêng", "Giẻ-Triêng"),
    "Mạ": ("Châu Mạ",),
    "Khơ Mú": ("Khơ-mú", "Khơmú"),
    "Co": ("Cor",),
    "Tà Ôi": ("Tà-ôi", "Ta Ôi", "Ta-ôi", "Pa-cô", "Pa Cô"),
    "Chơ Ro": ("Chơ-ro", "Chơro"),
    "Kháng": (),
    "Xinh Mun": ("Xinh-mun", "Xinhmun"),
    "Hà Nhì": (),
    "Chu Ru": ("Chu-ru", "Churu"),
    "Lào": (),
    "La Chí": (),
    "La Ha": (),
    "Phù Lá": (),
    "La Hủ": (),
    "Lự": (),
    "Lô Lô": (),
    "Chứt": (),
    "Mảng": (),
    "Pà Thẻn": (),
    "Cơ Lao": ("Cờ Lao",),
    "Cống": (),
    "Bố Y": (),
    "Si La": (),
    "Pu Péo": (),
    "Brâu": (),
    "Ơ Đu": ("Ơ-đu",),
    "Rơ Măm": ("Rơ-măm",),
}
"""The 54 groups by the names of the official list (Decision 121-TCTK/PPCĐ of 1979), with other usual spellings."""

_PREFIXES = ("dân tộc ", "dt ", "người ")
_UNNAMED = (OTHER_GROUP, "Dân tộc khác", "Other", "DTTS", "Dân tộc thiểu số", "Thiểu số")


def read_ethnic_groups(given: Distinct, column: str, keys: Keys) -> Distinct:
    """Read a column of ethnic groups as the names of :data:`ETHNIC_GROUPS`.

    Case, blanks, accents and Unicode form don't count, nor "dân tộc" or "người" in front. "Khác" (others) and "DTTS"
    are a minority that isn't named.

    Raises
    ------
    BadValues
        If a word isn't known: nobody is counted to a minority because of a word that nobody understands.

    Examples
    --------
    >>> from mdpoverty.tables.keys import keys_of
    >>> words = Distinct(np.array([0, 1, 2, 3, -1]), ["KINH", "kinh ", "Dân tộc H'Mông", "tay"])
    >>> read_ethnic_groups(words, "ethnic_group", keys_of(range(5))).listed()
    ['Kinh', 'Kinh', 'Mông', 'Tày', None]
    """

    def read(value: Any) -> str | None:
        return ethnic_group(value) if isinstance(value, str) else None

    unknown = [value for value in given.values if read(value) is None]
    if unknown:
        raise BadValues([_problem(given, unknown, column, keys)])
    return given.map(read)


def ethnic_group(word: str) -> str | None:
    """Return the official name of the group that a word stands for; ``None`` where it isn't known."""
    exact, plain = _words()
    text = folded(word)
    for prefix in ("", *_PREFIXES):
        if text.startswith(folded(prefix)):
            rest = text[len(folded(prefix)) :].strip() if prefix else text
            found = exact.get(rest) or plain.get(bare(rest))
            if found:
                return found
    return None


@cache
def _words() -> tuple[dict[str, str], dict[str, str]]:
    """Return every known word folded, and without accents where that is one group's only."""
    own = {name: name for name in ETHNIC_GROUPS} | dict.fromkeys(_UNNAMED, OTHER_GROUP)
    others = {also: name for name, its in ETHNIC_GROUPS.items() for also in its}
    exact = {folded(word): name for word, name in (others | own).items()}
    plain: dict[str, str] = {}
    doubtful: set[str] = set()
    for words in (own, others):  # a group's own name goes before another's second name
        here: dict[str, set[str]] = {}
        for word, name in words.items():
            here.setdefault(bare(word), set()).add(name)
        for word, names in here.items():
            if word not in plain and word not in doubtful:
                if len(names) == 1:
                    plain[word] = next(iter(names))
                else:
                    doubtful.add(word)
    return exact, plain


def _problem(given: Distinct, unknown: list[Any], column: str, keys: Keys) -> Problem:
    # A column of very many words may be one of names, and those are never repeated.
    many = Label(f"{len(unknown)} từ khác nhau", f"{len(unknown)} different words")
    few = len(unknown) <= 12
    details: dict[str, Any] = {
        "column": column,
        "got": tuple(map(repr, unknown)) if few else (many,),
        "meant": nearest(unknown[0], (*ETHNIC_GROUPS, OTHER_GROUP)) if few else None,
    }
    rows = np.flatnonzero(given.where(unknown.__contains__))
    first = tuple(keys.take(rows[:5]).listed())
    return Problem.of(
        "ethnic_unknown", column, details, rows=len(rows), first=first, places=tuple(map(Place, first)), field=column
    )
