"""A review, read: keys, classes and sizes of its households, whoever classified them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import evolve, field, frozen

from mdpoverty.engine import roster as rosters
from mdpoverty.errors import BadValues, MdpovertyError, MissingColumns, Problem, SpecError
from mdpoverty.law.fields import Label
from mdpoverty.law.law import Law
from mdpoverty.law.program import OPEN_CODE
from mdpoverty.numbers import number
from mdpoverty.results.assessment import Assessment
from mdpoverty.standards import standards
from mdpoverty.tables.columns import Distinct
from mdpoverty.tables.keys import Keys, exact, recomposed
from mdpoverty.tables.meanings import shown
from mdpoverty.tables.options import KEY
from mdpoverty.tables.reading import Table, open_table
from mdpoverty.ternary import is_missing
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
    "class_codes",
    "classes_of",
    "key_columns",
    "keyed",
    "mapped",
    "read_classes",
    "read_side",
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


@frozen(eq=False, repr=False, slots=False)
class Side:
    """One of the reviews that are compared, read: keys, classes and sizes of its households, in its own order.

    Attributes
    ----------
    matched : Keys
        The households, as they are matched: text composed (NFC), whole numbers as ``int``.
    classes : Distinct
        Class ids; none while open.
    categories : tuple of str
        The classes there are, in the order of the standard.
    sizes : array of int64
        Persons; 0 where not known.
    known : array of bool
        Whether the size is known.
    given : mapping
        Keys that were given in another Unicode form, by the key.
    """

    matched: Keys
    classes: Distinct
    categories: tuple[str, ...]
    sizes: npt.NDArray[np.int64]
    known: npt.NDArray[np.bool_]
    source: Any
    given: Mapping[Any, Any] = field(factory=dict)

    def __len__(self) -> int:
        return len(self.matched)

    @cached_property
    def keys(self) -> list[Any]:
        """The households' keys as plain values."""
        return self.matched.listed()

    @property
    def category(self) -> npt.NDArray[np.object_]:
        """Class ids, ``None`` while open. Shape (households,), dtype object."""
        return self.classes.objects()

    @cached_property
    def states(self) -> npt.NDArray[np.uint8]:
        """Where each household stands: on the list of the poor, of the near-poor, on neither, or open."""
        by_name = {POOR: IN_POOR, NEAR_POOR: IN_NEAR}
        table = [by_name.get(name, ABOVE) for name in self.classes.values]
        return np.array([*table, OPEN_CODE], np.uint8)[self.classes.places]

    def column(self, name: str) -> list[Any]:
        """Return a column of the households, ``None`` where missing; text in the composed form (NFC)."""
        return self.distinct(name).listed()

    def distinct(self, name: str) -> Distinct:
        """Return a column of the households as its different values, text in the composed form (NFC)."""
        return self.given_column(name).map(lambda value: composed(value) if isinstance(value, str) else value)

    def given_column(self, name: str) -> Distinct:
        """Return a column of the households as it was given."""
        if not self.has(name):
            raise MissingColumns(
                [(self.source if isinstance(self.source, Table) else self.source.households).absent(name)]
            )
        found: Distinct = self.source.distinct(name)
        return found

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
    review: Any, on: Sequence[str], what: str, codes: Mapping[str, Meanings] | None = None, law: Law | None = None
) -> Side:
    """Read a review: an assessment, or a table with the key, ``category`` and perhaps ``household_size``.

    Parameters
    ----------
    review : Assessment or table
        The review.
    on : sequence of str
        The columns of the key.
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
        table = keyed(review.households, f"review {what}", on)
        classes, sizes = classes_of(review), review.sizes
        categories = tuple(review.standard.categories)
    else:
        table = keyed(review, f"review {what}", on, ["category"])
        classes = read_classes(table, (codes or {}).get("category"), law)
        categories = (*LISTED, *sorted(name for name in classes.values if name not in LISTED))
        sizes = _read_sizes(table)
    refuse_bad_keys(table)
    source = review if isinstance(review, Assessment) else table
    return Side(table.keys, classes, categories, *sizes, source, _other_form(table))


def classes_of(review: Assessment) -> Distinct:
    """Return the class of each household by its id, as different values."""
    return Distinct(review.codes.view(np.int8), list(review.standard.categories))


def refuse_bad_keys(table: Table) -> None:
    """Refuse keys that are missing or stand more than once."""
    problems = rosters.check_keys(table)
    if problems:
        raise BadValues(problems)


def refuse_spelt_twice(side: Side, on: Sequence[str], what: str) -> None:
    """Refuse keys of one review that differ only in spelling, where spelling doesn't count."""
    folded = side.matched.folded()
    again = folded.repeated()
    spelt = side.matched.take(np.flatnonzero(folded.take(again).find(folded) >= 0)).listed()
    if spelt:
        name, first_five = ", ".join(on), tuple(spelt[:5])
        raise BadValues(
            [Problem.of("key_spelt_twice", name, rows=len(spelt), first=first_five, table=f"review {what}", field=KEY)]
        )


def _other_form(table: Table) -> dict[Any, Any]:
    """Return the keys that were given in another form than the composed one, as they were given."""
    rows = [recomposed(part) for part in table.key_parts()]
    its = np.unique(np.concatenate(rows))
    return dict(zip(table.keys.take(its).listed(), table.key_values(its.tolist()), strict=True)) if len(its) else {}


def key_columns(on: Any, *reviews: Any) -> tuple[str, ...]:
    """Return the columns of a key: those that assessments have, where they are several and no others are named.

    Raises
    ------
    SpecError
        If that names no columns.
    """
    names = (on,) if isinstance(on, str) else tuple(on) if isinstance(on, list | tuple) else ()
    if not names or not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        raise SpecError(f"on= is the name of a column, or a list of names that make a key together, not {on!r}")
    if names == (KEY,):
        own = [each.households.key_columns for each in reviews if isinstance(each, Assessment)]
        return next((each for each in own if len(each) > 1), names)
    return names


def keyed(data: Any, what: str, on: Sequence[str], columns: Iterable[str] = ()) -> Table:
    """Open a table with keys in the columns ``on``, and with other columns that it needs.

    Raises
    ------
    MissingColumns
        If it lacks one of them.
    BadValues
        If keys went through floats that can't hold them.
    """
    rename = {KEY: on[0] if len(on) == 1 else tuple(on)}
    if isinstance(data, Table):
        known = tuple(on) in ((KEY,), data.key_columns)
        table = data if known else evolve(data, rename={**data.rename, **rename})
    else:
        table = open_table(data, what, rename)
    table.require(dict.fromkeys((KEY, *columns), ()))
    inexact = rosters.check_exact(table)
    if inexact:
        raise BadValues(inexact)
    return table


def _read_sizes(table: Table) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return persons, 0 where not known, and whether they are known."""
    n, name = len(table), "household_size"
    if name not in table:
        return np.zeros(n, np.int64), np.zeros(n, bool)
    given = table.distinct(name)
    sizes = [whole(value) for value in given.values]
    bad = np.flatnonzero(np.array([*(size is None for size in sizes), False])[given.places])
    if len(bad):
        got = tuple(dict.fromkeys(map(shown, given.take(bad[:5]).listed())))
        raise BadValues([table.problem("not_a_size", name, bad, {"got": got})])
    return np.array([*sizes, 0], np.int64)[given.places], ~given.missing


def translated(values: Distinct, meanings: Meanings | None) -> Distinct:
    """Return values by the caller's codes for them; those that no code is given for stay as they are.

    >>> given = Distinct(np.array([0, 1, -1, 2]), ["x", "", 2.0])
    >>> translated(given, {"x": True, "": None, 2: False}).listed()
    [True, None, None, False]
    """
    if not meanings:
        return values
    own = {_code(code): None if is_missing(meaning) else meaning for code, meaning in meanings.items()}
    return values.map(lambda value: own.get(_code(value), value), own.get(None))


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


def class_codes(codes: Mapping[str, Meanings] | None) -> Mapping[str, Meanings]:
    """Return what codes for classes mean; refuse codes of columns that aren't read."""
    strange = [name for name in codes or {} if name != "category"]
    if strange:
        raise SpecError(f"codes= speaks of {strange[0]!r}, but only codes of category are read here")
    mapped(codes)
    return codes or {}


def read_classes(table: Table, meanings: Meanings | None = None, law: Law | None = None) -> Distinct:
    """Read the column of classes: ids, labels in both languages, usual words, and the caller's codes.

    Parameters
    ----------
    table : Table
        The review. A missing ``category`` is an open class.
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
    given = table.distinct("category")
    known = class_words(law)
    own = {_code(code): _meaning(code, meaning, known) for code, meaning in (meanings or {}).items()}

    def read(value: Any) -> str | None:
        code = _code(value)
        return own[code] if code in own else known.get(word(value)) if isinstance(value, str) else None

    unknown = [value for value in given.values if read(value) is None and _code(value) not in own]
    if unknown:
        rows = np.flatnonzero(given.where(unknown.__contains__))
        words = list({_code(value): value for value in reversed(unknown)}.values())[::-1]
        raise BadValues([table.problem("class_unknown", "category", rows, _unknown(words, known))])
    return given.map(read, own.get(None))


def _code(value: Any) -> str | None:
    return None if is_missing(value) else str(exact(value))


def _meaning(code: Any, meaning: Any, known: Mapping[str, str]) -> str | None:
    if is_missing(meaning):
        return None
    id = known.get(word(meaning))
    if id is None:
        raise SpecError(f"codes= gives {code!r} the class {meaning!r}, which isn't known: {_expected(known)}")
    return id


def _unknown(words: list[Any], known: Mapping[str, str]) -> dict[str, Any]:
    # Classes are few: a column of many different words may be one of names, and those are never repeated.
    many = Label(f"{len(words)} từ khác nhau", f"{len(words)} different words")
    return {
        "expected": ", ".join(dict.fromkeys(known.values())),
        "got": tuple(shown(each, known) for each in words) if len(words) <= 12 else (many,),
        "meant": nearest(words[0], known.values()) if len(words) == 1 else None,
    }


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
