"""What comes back from KoboToolbox or ODK, as the tables that standards classify."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mdpoverty.doors import door
from mdpoverty.engine.xpath import MEMBERS
from mdpoverty.errors import BadTable, there
from mdpoverty.ternary import is_missing
from mdpoverty.workbooks import open_workbook

if TYPE_CHECKING:
    import pandas as pd

KEY = "household_id"
_EMPTY = ("", "n/a")  # and nothing else: "none" is an answer, and pandas would take it for a gap
_PARENTS = (("_index", "_parent_index"), ("KEY", "PARENT_KEY"), ("_uuid", "_submission__uuid"))
_NAMES = frozenset({KEY, *(name for pair in _PARENTS for name in pair)})  # stay as they are: 007 isn't 7


class Submissions(NamedTuple):
    """Households and members as a form collected them."""

    households: Any
    members: Any


@door
def read_kobo(
    path: str | Path,
    members: str | Path | None = None,
    *,
    repeat: str = MEMBERS,
    multiple: Mapping[str, Sequence[str]] | None = None,
) -> Submissions:
    """Read an export of KoboToolbox or ODK Central into households and members, as ``classify`` takes them.

    Columns go by the last part of their name: ``dwelling/area`` and ``dwelling-area`` are ``area``, so that groups
    don't matter. Export "XML values and headers", not labels.

    Parameters
    ----------
    path : str or Path
        The ``.xlsx`` with a sheet for the repeat, or the ``.csv`` of the submissions.
    members : str or Path, optional
        The ``.csv`` of the repeat.
    repeat : str
        What the repeat of members is called.
    multiple : mapping, optional
        For each select-multiple its choices, which become flags: ``{"devices": ["television", "radio"]}``. Not needed
        where the export has a column for each choice.

    Returns
    -------
    Submissions
        Two pandas DataFrames, ``households`` and ``members`` (``None`` where there is no such sheet or file), joined by
        ``household_id``: the form's own, or the number of the submission where the form has none. What was not asked or
        not answered, ``n/a`` too, is missing.

    Raises
    ------
    BadTable
        If two columns end in the same name, or nothing joins members to households.
    """
    homes, people = _tables(_file(path), None if members is None else _file(members), repeat)
    homes = _keyed(_plain(homes, multiple))
    if people is None:
        return Submissions(homes, None)
    people = _plain(people, multiple)
    pair = next((pair for pair in _PARENTS if pair[0] in homes and pair[1] in people), None)
    if pair is None:
        wanted = " or ".join(f"{child} (beside {parent} of households)" for parent, child in _PARENTS)
        raise BadTable(f"nothing joins the members to their households: export them with {wanted}")
    keys = dict(zip(homes[pair[0]], homes[KEY], strict=True))
    strangers = sum(parent not in keys for parent in people[pair[1]])
    if strangers:
        raise BadTable(f"{strangers:,} member rows belong to no submission of the export: export both anew")
    return Submissions(homes, people.assign(**{KEY: [keys[parent] for parent in people[pair[1]]]}))


def _file(path: str | Path) -> Path:
    if not isinstance(path, str | Path):
        raise BadTable(f"an export is read from a file's path, not from {type(path).__name__}")
    return there(path)


def _tables(path: Path, members: Path | None, repeat: str) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Open the export; an empty text and ``n/a`` are missing, ``none`` is an answer."""
    import pandas as pd

    if path.suffix.lower() == ".csv":
        return _csv(path), None if members is None else _csv(members)
    open_workbook(path)  # says what is wrong with a file that is none
    options: dict[str, Any] = {"sheet_name": None, "engine": "openpyxl", "keep_default_na": False}
    heads = pd.read_excel(path, header=None, nrows=1, dtype=str, **options)
    sheets = pd.read_excel(path, na_values=list(_EMPTY), **options)
    sheets = {name: _named(sheet, heads[name]) for name, sheet in sheets.items()}
    homes = next(iter(sheets.values()))
    return homes, next((sheet for name, sheet in sheets.items() if _last(name) == repeat), None)


def _csv(path: Path) -> pd.DataFrame:
    import pandas as pd

    # everything as text, or the key 007 would become 7
    try:
        options: dict[str, Any] = {"header": None, "dtype": str, "keep_default_na": False, "encoding": "utf-8-sig"}
        # without a header, or pandas takes a row's field too many for its name, and moves all the others
        rows = pd.read_csv(path, na_values=list(_EMPTY), **options)
        return _named(rows[1:].reset_index(drop=True), pd.read_csv(path, nrows=1, **options))
    except ValueError as error:  # of the encoding, of no columns, of the number of fields: what it repeats isn't shown
        raise BadTable(f"{path.name} can't be read as CSV in UTF-8 ({type(error).__name__}): export it anew") from None


def _named(table: pd.DataFrame, head: pd.DataFrame) -> pd.DataFrame:
    """Name columns as the first row does, also where two have one name, which pandas would number."""
    names = ["" if is_missing(each) else str(each) for each in head.iloc[0]] if len(head) else []
    if len(names) != table.shape[1]:
        return table
    return table.set_axis([name or str(own) for name, own in zip(names, table.columns, strict=True)], axis=1)


def _last(name: object) -> str:
    """Return a column's name without the groups before it."""
    return re.split(r"[/-]", str(name))[-1].strip()


def _plain(table: pd.DataFrame, multiple: Mapping[str, Sequence[str]] | None) -> pd.DataFrame:
    """Name columns by their last part, turn texts of numbers into numbers, and spread out select-multiples."""
    names = [_last(name) for name in table.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadTable(f"several columns of the export end in the same name: {', '.join(twice)}; rename or remove one")
    table = table.set_axis(names, axis=1)
    columns = {name: table[name] if name in _NAMES else _numbers(table[name]) for name in names}
    for name, choices in (multiple or {}).items():
        if name in columns:
            columns |= _spread(table[name], choices)
    return table.assign(**columns)


def _numbers(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column of texts that are all numbers as numbers, another as it is."""
    import pandas as pd

    if not pd.api.types.is_object_dtype(column) and not pd.api.types.is_string_dtype(column):
        return column
    numbers = pd.to_numeric(column, errors="coerce")
    return numbers if (numbers.notna() == column.notna()).all() else column


def _spread(column: pd.Series[Any], choices: Sequence[str]) -> dict[str, pd.Series[Any]]:
    """Return a flag for each choice of a select-multiple; not answered, none of them is known."""
    chosen = column.astype("string").str.split()
    return {
        choice: chosen.map(lambda these, choice=choice: choice in these, na_action="ignore").astype("boolean")
        for choice in choices
    }


def _keyed(homes: pd.DataFrame) -> pd.DataFrame:
    """Give households their key: the form's own, or the number of the submission."""
    if KEY in homes:
        return homes
    number = next((name for name in ("_index", "KEY", "_uuid", "_id") if name in homes), None)
    if number is None:
        raise BadTable(f"the export has neither {KEY} nor a number of the submission, as _index or KEY")
    return homes.assign(**{KEY: homes[number]})
