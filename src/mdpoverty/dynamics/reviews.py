"""A review, read: keys, classes and sizes of its households, whoever classified them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from mdpoverty.errors import BadTable, BadValues, MdpovertyError, MissingColumns, Problem, SpecError, UnknownKey
from mdpoverty.law.fields import Label
from mdpoverty.law.law import Law
from mdpoverty.law.program import OPEN_CODE
from mdpoverty.numbers import number
from mdpoverty.results.assessment import Assessment
from mdpoverty.standards import standards
from mdpoverty.tables.matching import EXACT_FLOATS, exact, exact_keys, folded_key, refuse_two_types
from mdpoverty.tables.meanings import shown_en
from mdpoverty.tables.reading import Table, open_table
from mdpoverty.ternary import NO, is_missing
from mdpoverty.texts import bare, composed, nearest
from mdpoverty.words.tables import Names

__all__ = [
    "ABOVE",
    "ABSENT",
    "IN_NEAR",
    "IN_POOR",
    "LISTED",
    "NEAR_POOR",
    "POOR",
    "PRODUCERS",
    "Meanings",
    "Side",
    "distinct",
    "in_category_of",
    "mapped",
    "objects",
    "read_classes",
    "read_keys",
    "read_side",
    "require",
    "translated",
    "whole",
    "word",
]

Meanings = Mapping[Any, Any]

PRODUCERS = "producer_average_living"  # a class of vn-2022-producers
POOR, NEAR_POOR, NOT_POOR = "poor", "near_poor", "not_poor"
LISTED = (POOR, NEAR_POOR)

# What a household is in one review: on one of the two lists, on neither, left open (OPEN_CODE), or not in it at all.
IN_POOR, IN_NEAR, ABOVE, ABSENT = range(4)

# What people write for a class, beside its id and its labels. Case, blanks, accents and _ or - don't count.
WORDS: Mapping[str, tuple[str, ...]] = {
    POOR: ("nghèo", "hộ nghèo", "HN", "poor households"),
    NEAR_POOR: ("cận nghèo", "hộ cận nghèo", "HCN", "near poor", "nearpoor", "near-poor households"),
    NOT_POOR: ("không nghèo", "hộ không nghèo", "non-poor", "nonpoor", "not poor", "non-poor households"),
    "average_living": ("mức sống trung bình", "hộ có mức sống trung bình"),
}


def objects(values: Sequence[Any]) -> npt.NDArray[np.object_]:
    """Return values of any kind as an array of as many objects."""
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


@frozen(eq=False, repr=False, slots=False)
class Side:
    """One of the reviews that are compared, read: keys, classes and sizes of its households, in its own order.

    Attributes
    ----------
    keys : list
        The households, as they are matched: text composed (NFC), whole numbers as ``int``.
    category : array of object, shape (households,)
        Class ids; ``None`` while open.
    categories : tuple of str
        The classes there are, in the order of the standard.
    sizes : array of int64
        Persons; 0 where not known.
    known : array of bool
        Whether the size is known.
    given : mapping
        Keys that were given in another Unicode form, by the key.
    """

    keys: list[Any]
    category: npt.NDArray[np.object_]
    categories: tuple[str, ...]
    sizes: npt.NDArray[np.int64]
    known: npt.NDArray[np.bool_]
    source: Any
    given: Mapping[Any, Any] = field(factory=dict)

    @cached_property
    def states(self) -> npt.NDArray[np.uint8]:
        """Where each household stands: on the list of the poor, of the near-poor, on neither, or open."""
        by_name = {POOR: IN_POOR, NEAR_POOR: IN_NEAR, None: OPEN_CODE}
        return np.array([by_name.get(name, ABOVE) for name in self.category.tolist()], np.uint8)

    def column(self, name: str) -> list[Any]:
        """Return a column of the households, ``None`` where missing; text in the composed form (NFC)."""
        return [composed(value) if isinstance(value, str) else value for value in self.given_column(name)]

    def given_column(self, name: str) -> list[Any]:
        """Return a column of the households as it was given, ``None`` where missing."""
        if isinstance(self.source, Assessment):
            return self.source.answers(name)
        if name not in self.source:
            raise MissingColumns([Problem(name, "there is no such column")])
        return [None if is_missing(value) else value for value in self.source.column(name).to_list()]

    def names(self, groups: Iterable[str] = ()) -> Names:
        """Return what ids are called in tables for the reader; a table's classes as registered standards call them."""
        if isinstance(self.source, Assessment):
            return self.source.names(name for name in groups if self.has(name))
        known = {NOT_POOR: Label("Hộ không nghèo", "Not poor")}
        for id in standards:
            for each in standards[id].categories.values() if set(self.categories) - set(known) else ():
                known.setdefault(each.id, each.label)
        return Names(categories={id: known[id] for id in self.categories if id in known})

    def has(self, name: str) -> bool:
        """Return whether there is a column of that name."""
        return self.source.has(name) if isinstance(self.source, Assessment) else name in self.source


def read_side(
    review: Any, on: str, what: str, codes: Mapping[str, Meanings] | None = None, law: Law | None = None
) -> Side:
    """Read a review: an assessment, or a table with the key, ``category`` and perhaps ``household_size``.

    Parameters
    ----------
    review : Assessment or table
        The review.
    on : str
        The key.
    what : str
        Which review it is, for messages: ``"before"``.
    codes : mapping, optional
        ``{"category": {code: class id, or None for open}}``: what the caller's codes for classes mean.
    law : Law, optional
        Whose classes are known besides those of the registered standards.

    Raises
    ------
    MissingColumns, BadValues
        If the key or the class is missing, a key is missing or stands twice, or a class isn't known.
    """
    if isinstance(review, Assessment):
        given = review.keys if on == review.key_name else review.answers(on)
        keys = exact_keys(given, on, f"the review {what}")
        categories = tuple(review.standard.categories)
        side = Side(keys, review.category, categories, *review.sizes, review, _other_form(given, keys))
    else:
        side = _read_table(review, on, what, codes or {}, law)
    refuse_bad_keys(side, on, what)
    return side


def refuse_bad_keys(side: Side, on: str, what: str, *, as_one: bool = False) -> None:
    """Refuse keys that are missing or stand more than once; with ``as_one`` also those that differ only in spelling."""
    folded = [None if key is None else folded_key(key) for key in side.keys] if as_one else side.keys
    distinct = set(folded)
    if len(distinct) == len(folded) and None not in distinct:
        return
    rows: dict[Any, list[int]] = {}
    for row, key in enumerate(folded):
        rows.setdefault(key, []).append(row)
    problems = []
    if None in rows:
        problems.append(Problem(on, f"a household of the review {what} has no key", len(rows.pop(None))))
    copied, doubled, spelt = [], [], []
    for its in rows.values():
        if len(its) == 1:
            continue
        if len({side.keys[row] for row in its}) > 1:
            spelt += [side.keys[row] for row in its]
        elif isinstance(side.source, Table) and _are_copies(side.source, its):
            copied.append(side.keys[its[0]])
        else:
            doubled.append(side.keys[its[0]])
    for keys, said in (
        (copied, "an exact copy of a household's row: this key stands more than once"),
        (doubled, "this key stands more than once"),
        (spelt, "these keys are the same but for their spelling"),
    ):
        if keys:
            problems.append(Problem(on, f"{said} in the review {what}", len(keys), tuple(keys[:5])))
    if problems:
        raise BadValues(problems)


def _are_copies(table: Table, rows: Sequence[int]) -> bool:
    """Return whether rows are equal in every column."""
    part = table.frame[list(rows)]
    return all(len({str(value) for value in part.get_column(name).to_list()}) == 1 for name in part.columns)


def _read_table(review: Any, on: str, what: str, codes: Mapping[str, Meanings], law: Law | None) -> Side:
    table = open_table(review, f"review {what}")
    require(table, (on, "category"), f"the review {what}")
    category = read_classes(table.column("category").to_list(), what, codes.get("category"), law)
    sizes, known = _read_sizes(table, on, what)
    names = [name for name in dict.fromkeys(category) if name is not None and name not in LISTED]
    keys = read_keys(table, on, f"the review {what}")
    given = _other_form(table.column(on).to_list(), keys)
    return Side(keys, objects(category), (*LISTED, *sorted(names)), sizes, known, table, given)


def _other_form(given: Sequence[Any], keys: Sequence[Any]) -> dict[Any, Any]:
    return {key: one for one, key in zip(given, keys, strict=True) if isinstance(one, str) and one != key}


def read_keys(table: Table, on: str, where: str) -> list[Any]:
    """Return a table's keys as they are matched."""
    column = table.column(on)
    limit = 2**24 if str(column.dtype) == "Float32" else EXACT_FLOATS
    return exact_keys(column.to_list(), on, where, limit=limit)


def require(table: Table, names: Iterable[str], where: str, kind: str = "households") -> None:
    """Refuse a table that lacks columns; the message has the nearest name of each."""
    absent = [name for name in names if name not in table]
    if absent:
        what = f"{where} has no such column"
        raise MissingColumns([Problem(name, what + _is_it(nearest(name, table.names)), table=kind) for name in absent])


def _is_it(like: str | None) -> str:
    return f"; is it {like!r}?" if like else ""


def _read_sizes(table: Table, on: str, what: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return persons, 0 where not known, and whether they are known."""
    n, name = len(table), "household_size"
    if name not in table:
        return np.zeros(n, np.int64), np.zeros(n, bool)
    values = table.column(name).to_list()
    read = {value: 0 if is_missing(value) else whole(value) for value in distinct(values, name)}
    counted = [read[value] for value in values]
    known = np.array([not is_missing(value) for value in values], bool)
    bad = [row for row, value in enumerate(counted) if value is None] if None in read.values() else []
    if bad:
        keys = table.column(on).to_list()
        expected = f"expected a whole number of persons, got {shown_en(values[bad[0]])}, in the review {what}"
        raise BadValues([Problem(name, expected, len(bad), tuple(exact(keys[row]) for row in bad[:5]))])
    return np.array(counted, np.int64), known


def in_category_of(assessment: Assessment, keys: Sequence[Any], name: str) -> npt.NDArray[np.uint8]:
    """Return 0, 1 or 2 for each of these households: in that class by another review? Who isn't in it is 0.

    Raises
    ------
    BadValues
        If the keys are text here and numbers there.
    UnknownKey
        If somebody of the other review isn't among ``keys``, so that they would be lost.
    """
    on = assessment.key_name or "household"
    own = exact_keys(assessment.keys, on, "the other review")
    refuse_two_types(keys, own, on, ("this review", "the other review"))
    at = {key: position for position, key in enumerate(keys)}
    lost = [key for key in own if key not in at]
    if lost:
        raise UnknownKey(f"{len(lost)} households of the other review aren't in this one: {lost[:5]}")
    codes = np.full(len(keys), NO, np.uint8)
    codes[[at[key] for key in own]] = assessment.in_category(name)
    return codes


def translated(values: Sequence[Any], meanings: Meanings | None) -> list[Any]:
    """Return values by the caller's codes for them; those that no code is given for stay as they are.

    >>> translated(["x", "", None, 2.0], {"x": True, "": None, 2: False})
    [True, None, None, False]
    """
    if not meanings:
        return list(values)
    own = {_code(code): None if is_missing(meaning) else meaning for code, meaning in meanings.items()}
    return [own.get(code, value) for code, value in zip(map(_code, values), values, strict=True)]


def distinct(values: Sequence[Any], name: str) -> set[Any]:
    """Return the values of a column, each once.

    Raises
    ------
    BadTable
        If they are lists or the like.
    """
    try:
        return set(values)
    except TypeError:
        raise BadTable(f"{name} holds lists or the like, and not one value in each row") from None


def whole(value: Any) -> int | None:
    """Read a count: a whole number that isn't negative, also as text; ``None`` where it is none.

    >>> whole("4"), whole(4.0), whole("4,5"), whole("bốn"), whole(-1)
    (4, 4, None, None, None)
    """
    try:
        exactly = number(value.strip() if isinstance(value, str) else value)
    except MdpovertyError:
        return None
    return exactly if isinstance(exactly, int) and exactly >= 0 else None


# --------------------------------------------------------------------------------------------------- words for classes


def mapped(codes: Mapping[str, Meanings] | None) -> None:
    """Refuse codes that aren't a mapping for each column."""
    for name, its in (codes or {}).items():
        if not isinstance(its, Mapping):
            raise SpecError(f"codes={{{name!r}: {its!r}}}: give a mapping of codes to what they mean")


def read_classes(
    values: Sequence[Any], what: str, meanings: Meanings | None = None, law: Law | None = None
) -> list[str | None]:
    """Read a column of classes: ids, labels in both languages, usual words, and the caller's codes.

    Parameters
    ----------
    values : sequence
        The column. A missing value is an open class.
    what : str
        Which review it is, for the message.
    meanings : mapping, optional
        The caller's codes: a class (by id or word), or ``None`` for open. ``{None: …}`` says what a missing value
        means.
    law : Law, optional
        Whose classes are known besides those of the registered standards.

    Raises
    ------
    BadValues
        If a word isn't known; the message lists the words that aren't, and those that are.
    SpecError
        If a code's meaning is no class.
    """
    known = class_words(law)
    own = {_code(code): _meaning(code, meaning, known) for code, meaning in (meanings or {}).items()}
    read: dict[str | None, str | None] = {None: None, **own}
    unknown: dict[str, Any] = {}
    codes = {value: _code(value) for value in distinct(values, "category")}
    for value, code in codes.items():
        if code is not None and code not in read:
            read[code] = known.get(word(value)) if isinstance(value, str) else None
            if read[code] is None:
                unknown[code] = value
    if unknown:
        first = {code: None for value in values if (code := codes[value]) in unknown}
        rows = sum(codes[value] in unknown for value in values)
        raise BadValues([Problem("category", _unknown([unknown[code] for code in first], what, known), rows)])
    return [read[codes[value]] for value in values]


def _code(value: Any) -> str | None:
    return None if is_missing(value) else str(exact(value))


def _meaning(code: Any, meaning: Any, known: Mapping[str, str]) -> str | None:
    if is_missing(meaning):
        return None
    id = known.get(word(meaning))
    if id is None:
        raise SpecError(f"codes= gives {code!r} the class {meaning!r}, which isn't known: {_expected(known)}")
    return id


def _unknown(words: list[Any], what: str, known: Mapping[str, str]) -> str:
    # Classes are few: a column of many different words may be one of names, and those are never repeated.
    listed = ", ".join(shown_en(each, known) for each in words) if len(words) <= 12 else f"{len(words)} different words"
    like = nearest(words[0], known.values()) if len(words) == 1 else None
    hint = f" (is it {like!r}?)" if like else ""
    return f"not known as a class in the review {what}: {listed}{hint}; {_expected(known)}"


def _expected(known: Mapping[str, str]) -> str:
    ids = ", ".join(dict.fromkeys(known.values()))
    return f'expected {ids}, their labels, "Hộ nghèo", "Hộ cận nghèo", "Hộ không nghèo", or codes={{"category": {{…}}}}'


def word(value: Any) -> str:
    """Return what a word for a class is looked up by."""
    return bare(str(value).replace("_", " ").replace("-", " "))


def class_words(law: Law | None = None) -> dict[str, str]:
    """Return every word for a class that is known, as it is looked up, with the class's id.

    >>> words = class_words()
    >>> [words[word(each)] for each in ("poor", "Poor ", "HỘ NGHÈO", "ho can ngheo", "Hộ không nghèo")]
    ['poor', 'poor', 'poor', 'near_poor', 'not_poor']
    """
    known: dict[str, str] = {}
    for each in ([law] if law else []) + list(standards.values()):
        for id, category in each.categories.items():
            for name in (id, category.label.vi, category.label.en):
                known.setdefault(word(name), id)
    for id, names in WORDS.items():
        for name in names:
            known.setdefault(word(name), id)
    return known
