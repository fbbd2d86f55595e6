"""A table and its dirty twin: the same answers as another program writes them give the same classes, or an error.

The error, of the library's own family, must name the column (or the key) that differs. What may never happen is another
class, a lost row or an error from somewhere below.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdpoverty as mdp
from mdpoverty.errors import InvalidInput, Problem
from mdpoverty.examples import commune
from tests.profiles import costly

VN = mdp.standards["vn-2022"]
HOMES, PEOPLE = commune(40, seed=3, gaps=0.08)
KEY = "household_id"
TYPES = {name: field.kind for name, field in VN.fields.items()}
Frame = pd.DataFrame
Tables = tuple[Frame, Frame]
Twin = Callable[[Frame, Frame], Tables]


def classes(homes: Any, people: Any, **options: Any) -> dict[str, tuple[str | None, str]]:
    found = VN.classify(homes, people, date="2024-10-01", **options).to_frame()
    category = found["category"].astype(object).where(found["category"].notna(), None)
    return dict(
        zip(found[KEY].astype(str).str.strip(), zip(category, found["possible"].astype(str), strict=True), strict=True)
    )


EXPECTED = classes(HOMES, PEOPLE)


def each(change: Callable[[pd.Series], pd.Series]) -> Twin:
    """A twin from a change of every column but the key."""
    return lambda *tables: tuple(
        table.assign(**{name: change(table[name]) for name in table if name != KEY}) for table in tables
    )  # type: ignore[return-value]  # two tables in, two tables out


def objects(gap: Any) -> Twin:
    return each(
        lambda column: pd.Series([gap if pd.isna(value) else value for value in column], column.index, dtype=object)
    )


def of_kind(*kinds: str, change: Callable[[Any], Any]) -> Twin:
    """Change the values that are there of all columns of these kinds, which become objects."""
    return each(
        lambda column: (
            pd.Series([None if pd.isna(v) else change(v) for v in column], column.index, dtype=object)
            if TYPES.get(str(column.name)) in kinds
            else column
        )
    )


def csv(**options: Any) -> Twin:
    return lambda *tables: tuple(  # type: ignore[return-value]
        pd.read_csv(io.StringIO(table.to_csv(index=False)), **options) for table in tables
    )


def excel(homes: Frame, people: Frame) -> Tables:
    pytest.importorskip("openpyxl")
    file = io.BytesIO()
    with pd.ExcelWriter(file) as book:
        homes.to_excel(book, sheet_name="households", index=False)
        people.to_excel(book, sheet_name="members", index=False)
    sheets = pd.read_excel(file, sheet_name=None)
    return sheets["households"], sheets["members"]


def shuffled(homes: Frame, people: Frame) -> Tables:
    return homes.sample(frac=1, random_state=1), people.sample(frac=1, random_state=2)


def keys(change: Callable[[pd.Series], Any], *, both: bool = True) -> Twin:
    """Keys written in another way: as numbers first, changed in both tables or in that of the members alone."""

    def twin(homes: Frame, people: Frame) -> Tables:
        plain = [table.assign(**{KEY: table[KEY].str[3:].astype("int64")}) for table in (homes, people)]
        if both:
            plain[0] = plain[0].assign(**{KEY: change(plain[0][KEY])})
        return plain[0], plain[1].assign(**{KEY: change(plain[1][KEY])})

    return twin


def spaced(blank: str) -> Twin:
    return of_kind("code", change=lambda value: f"{value}{blank}")


SAME: dict[str, Twin] = {
    "shuffled": shuffled,
    "objects with None": objects(None),
    "objects with nan": objects(np.nan),
    "objects with pd.NA": objects(pd.NA),
    "categories as text": each(lambda c: c.astype("string") if isinstance(c.dtype, pd.CategoricalDtype) else c),
    "all nullable": each(lambda c: c.convert_dtypes()),
    "CSV": csv(),
    "CSV, objects": csv(dtype=object),
    "CSV, arrow": csv(dtype_backend="pyarrow"),
    "CSV, as text": csv(dtype=str, keep_default_na=False),
    "Excel": excel,
    "flags 0/1": of_kind("flag", change=int),
    "flags 0.0/1.0": of_kind("flag", change=float),
    "flags as Decimal": of_kind("flag", change=lambda v: Decimal(int(v))),
    "flags of numpy": of_kind("flag", change=np.bool_),
    "flags as text": of_kind("flag", change=lambda v: str(bool(v))),
    "flags in capitals": of_kind("flag", change=lambda v: str(bool(v)).upper()),
    "numbers as floats": of_kind("money", "count", "number", change=float),
    "numbers as Decimal": of_kind("money", "count", "number", change=lambda v: Decimal(str(v))),
    "numbers as text": of_kind("money", "count", "number", change=str),
    "numbers, a blank after": of_kind("money", "count", "number", change=lambda v: f"{v} "),
    "numbers, thousands": of_kind("money", change=lambda v: f"{int(v):,}"),
    "numbers, dotted": of_kind("money", change=lambda v: f"{int(v):,}".replace(",", ".")),
    "codes, a blank after": spaced(" "),
    "codes, a no-break space after": spaced("\u00a0"),
    "codes in capitals": of_kind("code", change=str.upper),
    "gaps as empty text": objects(""),
    "gaps as a blank": objects(" "),
    "an index of its own": lambda *tables: tuple(t.set_index(np.arange(len(t)) + 7) for t in tables),  # type: ignore[dict-item, return-value]
}
KEYS: dict[str, Twin] = {
    "integers": keys(lambda c: c),
    "text in one table": keys(lambda c: c.astype(str), both=False),
    "floats in one table": keys(lambda c: c.astype(float), both=False),
    "text of floats in one table": keys(lambda c: c.astype(float).astype(str), both=False),
    # every rounded key is another household's, and without a stated size nothing else tells
    "floats beyond 2**53 in one table": lambda homes, people: keys(lambda c: c.astype(float), both=False)(
        *(
            table.drop(columns="household_size", errors="ignore").assign(
                **{KEY: table[KEY].map(lambda key: f"VD-{2**53 + 2 + int(key[3:])}")}
            )
            for table in (homes, people)
        )
    ),
    "objects": keys(lambda c: c.astype(object)),
    "int32 in one table": keys(lambda c: c.astype("int32"), both=False),
    "Int64 in one table": keys(lambda c: c.astype("Int64"), both=False),
    "Decimal in one table": keys(lambda c: c.map(lambda v: Decimal(int(v))), both=False),
    "leading zeros lost": lambda homes, people: (
        homes.assign(**{KEY: homes[KEY].str[3:]}),
        people.assign(**{KEY: people[KEY].str[3:].astype("int64")}),
    ),
    "a blank in one table": lambda homes, people: (homes, people.assign(**{KEY: people[KEY] + " "})),
    "capitals in one table": lambda homes, people: (homes, people.assign(**{KEY: people[KEY].str.lower()})),
    "composed in one table": lambda homes, people: tuple(  # type: ignore[dict-item, return-value]
        table.assign(**{KEY: [unicodedata.normalize(form, "Hộ " + key) for key in table[KEY]]})
        for table, form in ((homes, "NFC"), (people, "NFD"))
    ),
}


def outcome(*tables: Any, **options: Any) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """Return the classes, or what is wrong; an error that names no column or is none of the family's goes through."""
    try:
        return classes(*tables, **options), ()
    except InvalidInput as error:
        return {}, error.problems


def same_or_says_what_differs(tables: Tables, expected: dict[str, Any], **options: Any) -> None:
    before = [table.copy(deep=True) for table in tables]
    found, problems = outcome(*tables, **options)
    if problems:
        assert {each.column for each in problems} <= {*HOMES, *PEOPLE, *options.get("columns", {}).values()}
        assert {each.table for each in problems} <= {"households", "members"}
    else:
        assert list(found.values()) == list(expected.values())
    for table, was in zip(tables, before, strict=True):
        pd.testing.assert_frame_equal(table, was)


@pytest.mark.parametrize("name", SAME)
def test_a_dirty_twin_has_the_same_classes_or_is_refused_by_name(name: str) -> None:
    homes, people = SAME[name](HOMES, PEOPLE)
    order = [EXPECTED[key] for key in homes[KEY]]
    same_or_says_what_differs((homes, people), dict(zip(homes[KEY], order, strict=True)))


LOSSLESS = [
    "shuffled", "objects with None", "objects with nan", "objects with pd.NA", "categories as text", "all nullable",
    "CSV", "CSV, arrow", "Excel", "flags 0/1", "flags 0.0/1.0", "flags as Decimal", "flags of numpy",
    "numbers as floats", "numbers as Decimal", "an index of its own",
]  # fmt: skip


@pytest.mark.parametrize("name", LOSSLESS)
def test_what_loses_nothing_is_read(name: str) -> None:
    homes, people = SAME[name](HOMES, PEOPLE)
    assert classes(homes, people) == EXPECTED


@pytest.mark.parametrize("name", KEYS)
def test_keys_of_another_kind_match_exactly_or_are_refused(name: str) -> None:
    same_or_says_what_differs(KEYS[name](HOMES, PEOPLE), EXPECTED)


@pytest.mark.parametrize("name", ["text in one table", "floats in one table", "floats beyond 2**53 in one table"])
def test_an_error_about_keys_names_both_kinds(name: str) -> None:
    found, problems = outcome(*KEYS[name](HOMES, PEOPLE))
    if not problems:
        assert list(found.values()) == list(EXPECTED.values())
        return
    text = " ".join(map(str, problems)).lower()
    assert "int" in text or "number" in text
    assert "float" in text or "str" in text or "text" in text


@pytest.mark.parametrize("forms", [("NFC", "NFD"), ("NFD", "NFC")])
def test_names_and_codes_in_another_unicode_form_are_the_same(forms: tuple[str, str]) -> None:
    table, asked = forms
    column, yes = "Bảo hiểm y tế", "Có"
    words = {True: yes, False: "Không"}

    def written(text: str) -> str:
        return unicodedata.normalize(table, text)

    people = PEOPLE.drop(columns="insured").assign(
        **{written(column): [None if pd.isna(v) else written(words[bool(v)]) for v in PEOPLE["insured"]]}
    )
    options = {
        "columns": {"insured": unicodedata.normalize(asked, column)},
        "codes": {"insured": {unicodedata.normalize(asked, word): flag for flag, word in words.items()}},
    }
    same_or_says_what_differs((HOMES, people), EXPECTED, **options)
    assert classes(HOMES, people, **options) == EXPECTED


@costly(15)
@given(st.lists(st.sampled_from(LOSSLESS), min_size=2, max_size=3, unique=True))
def test_a_twin_of_a_twin_is_still_the_same(names: list[str]) -> None:
    tables: Tables = (HOMES, PEOPLE)
    for name in names:
        tables = SAME[name](*tables)
    same_or_says_what_differs(tables, {key: EXPECTED[key] for key in tables[0][KEY]})
