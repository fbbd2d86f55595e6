"""What single values mean: as the caller's codes say, or as they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from difflib import SequenceMatcher
from math import inf, log10
from typing import Any, Final

from attrs import define, field

from mdpoverty.errors import SpecError
from mdpoverty.law.fields import Field, Label
from mdpoverty.numbers import Language
from mdpoverty.ternary import is_missing
from mdpoverty.texts import bare, composed, differences, folded, nearest, tidy, written

_IN_GROUPS = re.compile(r"[+-]?\d{1,3}\.\d{3}")
_PLAIN_NUMBER = re.compile(r"[+-]?\d{1,18}(\.\d{1,18})?")
_FEW_DIGITS: Final = 4  # more may be somebody's number; a year or an age has fewer
_FEW_OF_MONEY: Final = 8  # the numbers of telephones and of persons have nine and more
_SIGNS = re.compile(r"(?!.*[^\W\d_].*[^\W\d_]).{0,3}")  # with one letter at most: people's names have two and more
_OF_A_FORMULA = re.compile(r"#(REF!|DIV/0!|N/A|NAME\?|VALUE!|NUM!|NULL!)")  # what spreadsheets write for a result
_NUMBER_BY_PEOPLE = re.compile(r"\s*[+-]?(\d{1,3}([.,\s]\d{3})+|\d+)([.,]\d+)?\s*")  # a day has other groups
_FLAG_WORDS: Final[Mapping[str, bool]] = {
    **{folded(word): True for word in ("yes", "y", "true", "1", "có")},
    **{folded(word): False for word in ("no", "n", "false", "0", "không")},
}
_COMMON_WORDS: Final = frozenset(
    folded(word)
    for word in (
        *("other", "none", "unknown", "maybe", "missing", "null", "NA", "n/a", "nan", "all", "poor", "near poor"),
        *(
            "khác",
            "không có",
            "không rõ",
            "chưa rõ",
            "không biết",
            "chưa có",
            "đã có",
            "đúng",
            "sai",
            "hộ nghèo",
            "cận nghèo",
        ),
    )
)
"""Answers that people give to whatever they are asked."""

_ALIKE: Final = 0.75  # of a word with four letters one may be another
TRUE, FALSE = ("true", "1"), ("false", "0")
NO_VALUE: Final = frozenset({"", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "#N/A", "<NA>", "None"})
"""What stands for a missing answer in files of text, as their readers take it."""


def is_number(value: Any) -> bool:
    """Return whether a value is a number, which a flag isn't."""
    return (isinstance(value, int | float | Decimal) and not isinstance(value, bool)) or _kind(value) in ("i", "u", "f")


def is_flag(value: Any) -> bool:
    """Return whether a value is true or false, or the number for it."""
    return _is_bool(value) or (is_number(value) and value in (0, 1))


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool) or _kind(value) == "b"


def _kind(value: Any) -> str:
    """Return what kind of scalar of numpy's a value is; empty if it is none. numpy isn't imported for this."""
    return getattr(getattr(value, "dtype", None), "kind", "") if getattr(value, "ndim", None) == 0 else ""


def hashable(value: Any) -> bool:
    """Return whether a value can be looked up."""
    return getattr(value, "__hash__", None) is not None


def from_text(value: str, by_people: bool = True) -> int | float | None:
    """Read a number written plainly; ``None`` if the text is none, or may be read in two ways.

    Programs write 1.500 for one and a half, and people here for one thousand five hundred: by people it isn't read.

    >>> from_text("1234500"), from_text(" 40.5"), from_text("1.234.500"), from_text("1.500"), from_text("x")
    (1234500, 40.5, None, None, None)
    >>> from_text("1.500", by_people=False)
    1.5
    """
    plain = value.strip()
    if not _PLAIN_NUMBER.fullmatch(plain) or (by_people and _IN_GROUPS.fullmatch(plain)):
        return None
    return float(plain) if "." in plain else int(plain)


_GROUPED = {
    mark: re.compile(rf"[+-]?[1-9]\d{{0,2}}(?:([{re.escape(mark)} ])\d{{3}})(?:\1\d{{3}})*") for mark in (".", ",")
}
_ONE_GROUP = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")


def two_ways(text: str) -> bool:
    """Return whether a written number has one mark that may stand between thousands or before decimals."""
    return _ONE_GROUP.fullmatch(tidy(text)) is not None


def from_writing(value: str, lang: Language, whole: bool = False) -> int | float | None:
    """Read a number as people write it in a language; ``None`` if the text is none, or may be read in two ways.

    In Vietnamese points stand between thousands and a comma before decimals. A number is read the other way round only
    where it can't be meant otherwise. Whether 40.125 is forty thousand or forty and an eighth only a column of
    ``whole`` numbers can tell, such as one of đồng.

    >>> [from_writing(text, "vi") for text in ("1.234.500", "40,5", "1 234 500,5", "40.5", "1,234,500")]
    [1234500, 40.5, 1234500.5, 40.5, 1234500]
    >>> from_writing("1.500", "vi", whole=True), from_writing("1.500", "vi"), from_writing("1,500", "vi", whole=True)
    (1500, None, None)
    """
    text = tidy(value)
    if two_ways(text) and not whole:
        return None
    marks = (".", ",") if lang == "vi" else (",", ".")
    for thousands, decimals in (marks, marks[::-1]):
        before, mark, rest = text.partition(decimals)
        if mark and thousands == marks[0] and two_ways(text):
            return None  # somebody who writes the other way round means a thousandfold
        if _GROUPED[thousands].fullmatch(before):
            before = before.replace(thousands, "").replace(" ", "")
        read = from_text(f"{before}.{rest}" if mark else before, by_people=False)
        if read is not None:
            return read
    return None


@define
class Meanings:
    """The caller's codes of one column, by whatever type the same code has in a file.

    A code given as text is found in a column of numbers and the other way round (``"-99"`` and −99); texts compare in
    composed form. True and 1 are two codes. A blank is a missing value or an empty text: ``None`` and ``""`` say what
    both mean.
    """

    given: Mapping[Any, Any]
    _by_key: dict[tuple[str, Any], Any] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        """Index the codes."""
        for code, meaning in self.given.items():
            self._by_key[_key(code)] = meaning

    @property
    def of_blanks(self) -> bool:
        """Whether they say only what a blank means: then everything else is read as ever."""
        return all(is_missing(code) or code == "" for code in self.given)

    def of(self, value: Any) -> tuple[bool, Any]:
        """Return whether the codes list a value, and what it means."""
        if is_missing(value):
            for blank in (("none", None), ("text", "")):
                if blank in self._by_key:
                    return True, self._by_key[blank]
            return False, None
        if not hashable(value):
            return False, value
        for key in _keys(value):
            if key in self._by_key:
                return True, self._by_key[key]
        return False, value


def _key(value: Any) -> tuple[str, Any]:
    if is_missing(value):
        return "none", None
    if _is_bool(value):
        return "flag", bool(value)
    if is_number(value):
        return "number", value
    return "text", composed(value) if isinstance(value, str) else value


def _keys(value: Any) -> Iterable[tuple[str, Any]]:
    """Yield what a value may be listed as, itself first."""
    own = _key(value)
    yield own
    if own == ("text", ""):
        yield "none", None
    elif own[0] == "number":
        yield "text", written(int(value) if abs(value) != inf and value == int(value) else value)
    elif isinstance(value, str):
        number = from_text(value)
        if number is not None:
            yield "number", number


def refuse_meanings(name: str, expected: Field, meanings: Mapping[Any, Any]) -> None:
    """Raise an error if codes mean something that a column can't be.

    Raises
    ------
    SpecError
        With the code, and the nearest word where a code's id is mistyped.
    """
    ids = [code.id for code in expected.codes]
    for code, meaning in meanings.items():
        if is_missing(meaning):
            continue
        if expected.kind == "flag":
            right = is_flag(meaning)
        elif expected.kind == "code":
            right = isinstance(meaning, str) and (not ids or meaning in ids)
        else:
            right = is_number(meaning)
        if not right:
            guess = _FLAG_WORDS.get(folded(str(meaning))) if expected.kind == "flag" else nearest(str(meaning), ids)
            hint = "" if guess is None else f" (did you mean {guess!r}?)"
            raise SpecError(
                f"codes= say that {shown_en(code)} of {name!r} means {shown_en(meaning, ids)}, and it can only be "
                f"{expected.expected}, or None for a missing answer{hint}"
            )


def shown(value: Any, words: Iterable[str] = (), digits: int = _FEW_DIGITS) -> str | Label:
    """Write a refused value as a message may repeat it: never one that could name or number a person.

    Words that are like those expected, words for yes, no and the like, signs, errors of formulas, and numbers of few
    digits are shown, also where they are texts; of anything else only what it is. A short word may be somebody's name.

    >>> shown(1984), shown("septik", ["septic"]), shown("A1 "), shown("không"), shown("#DIV/0!")
    ('1984', "'septik'", "'A1 '", "'không'", "'#DIV/0!'")
    >>> print(*(shown(each, ["septic"]).en for each in ("Nguyễn", "nam", 912345678)), sep="; ")
    a text of 6 characters; a text of 3 characters; a number of 9 digits
    """
    if is_number(value) and isinstance(value, int) and abs(value) >= 2**63:
        found = int(log10(abs(value))) + 1
        return Label(f"một số có {found} chữ số", f"a number of {found} digits")
    if is_number(value) and value == value and abs(value) < 2**63 and float(value).is_integer():
        value = int(value)
    found = sum(map(str.isdigit, str(value)))
    if isinstance(value, str):
        harmless = (
            _SIGNS.fullmatch(value.strip())
            or _OF_A_FORMULA.fullmatch(value.strip())
            or folded(value) in _FLAG_WORDS
            or folded(value) in _COMMON_WORDS
            or _NUMBER_BY_PEOPLE.fullmatch(value)
            or _like(value, words)
        )
        if found <= digits and harmless:
            return repr(value)
        return Label(f"một chuỗi {len(value)} ký tự", f"a text of {len(value)} characters")
    if is_number(value) or _is_bool(value):
        return str(value) if found <= digits else Label(f"một số có {found} chữ số", f"a number of {found} digits")
    return Label(f"một giá trị kiểu {type(value).__name__}", shown_kind(value))


def _like(value: str, words: Iterable[str]) -> bool:
    """Return whether a text is one of some words, or was meant to be one that is no shorter than most given names."""
    plain = bare(value)
    for word in words:
        known = bare(word)
        alike = min(len(plain), len(known)) >= 4 and SequenceMatcher(None, plain, known).ratio() >= _ALIKE
        if alike or folded(word) == folded(value):
            return True
    return False


def shown_en(value: Any, words: Iterable[str] = ()) -> str:
    """Write a refused value into an English sentence, as :func:`shown` allows."""
    found = shown(value, words)
    return found if isinstance(found, str) else found.en


def shown_kind(value: Any) -> str:
    """Say what kind of thing something is.

    >>> shown_kind([1]), shown_kind(None), shown_kind(3)
    ('a list', 'None', 'an int')
    """
    kind = type(value).__name__
    return "None" if value is None else f"{'an' if kind[:1].lower() in 'aeiou' else 'a'} {kind}"


def refused(values: Iterable[Any], expected: Field, words: Iterable[str] = ()) -> dict[str, Any]:
    """Describe refused values for a problem: what was expected, what was got, and what was perhaps meant."""
    listed, known = list(values), list(words)
    digits = _FEW_OF_MONEY if expected.kind == "money" else _FEW_DIGITS
    labels = [label for code in expected.codes for label in (code.label.vi, code.label.en)]
    got = tuple(dict.fromkeys(shown(value, [*known, *labels], digits) for value in listed[:5]))
    found: dict[str, Any] = {"expected": expected.expectation, "got": got}
    for value in listed:
        if not isinstance(value, str):
            continue
        if expected.kind == "flag" and set(known) <= {"true", "false"} and folded(value) in _FLAG_WORDS:
            return {**found, "as_text": True}
        same = next((word for word in known if folded(word) == folded(value)), None)
        if same is not None and "blanks" in differences(value, same):
            return {**found, "blanks": True, "meant": same}
        guess = same or nearest(value, known)
        if guess is not None:
            return {**found, "meant": guess}
    return found
