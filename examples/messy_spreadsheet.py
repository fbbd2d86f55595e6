"""Read a commune's messy spreadsheet, CSV and Excel: ``python examples/messy_spreadsheet.py [FOLDER]``.

It writes the files of ``make_messy_spreadsheet.py`` into FOLDER (a temporary one by default) and then

1. reads them and says, with ``columns=`` and ``codes=``, what the officer's headers and codes mean;
2. shows the error: everything that is wrong, at once;
3. goes on: doubled rows are set aside for a human, values that can't be answers count as not answered
   (``invalid="missing"``), members of no listed household are reported (``orphans="report"``);
4. prints what was wrong, and checks that no row was lost.

Everybody in it is made up. Excel needs the extra ``mdpoverty[excel]``.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import make_messy_spreadsheet as sheet
import pandas as pd

import mdpoverty as mdp

REVIEW_DAY = "2024-11-15"
NUMBERS = ("household_size", "income", "floor_area", "age")
FLAGS = ("wall_durable", "pillar_durable", "roof_durable", "able_to_work", "disabled", "social_allowance", "stunted")
FLAGS += ("underweight", "insured", "workplace_training", "uses_internet")

# What the officer's headers mean: our name, then theirs.
COLUMNS = {**sheet.HOUSEHOLDS, **sheet.MEMBERS}

# What the officer's codes mean: theirs, then ours. None says "not answered"; what isn't listed is reported.
CODES: dict[str, dict[Any, Any]] = {
    "area": {"nông thôn": "rural", "nt": "rural", "thành thị": "urban", "tt": "urban"},
    **{name: {"có": True, "không": False} for name in FLAGS},
    **{name: {"x": True, "": False, "?": None} for name in sheet.TICKED},  # for a tick, blank means no
    **{name: {str(number): ours for number, ours in codes.items()} for name, codes in sheet.CODES.items()},
    **{name: {theirs.lower(): ours for ours, theirs in words.items()} for name, words in sheet.WORDS.items()},
}


def read_csv(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read both CSV files, every cell as the text that stands there."""
    files = ("ho_gia_dinh.csv", "thanh_vien.csv")
    households, members = (pd.read_csv(folder / file, dtype=str, encoding="utf-8-sig") for file in files)
    return households, members


def read_excel(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read both sheets below their titles, every cell as Excel holds it."""
    book = pd.read_excel(folder / "ra_soat.xlsx", sheet_name=list(sheet.SHEETS), header=sheet.TITLE_ROWS, dtype=object)
    return book[sheet.SHEETS[0]], book[sheet.SHEETS[1]]


def tidy(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with blanks around words and the looks of numbers straightened; no value is guessed."""
    table = table.copy()
    for ours, theirs in COLUMNS.items():
        if theirs not in table:
            continue
        if ours == "household_id":
            table[theirs] = table[theirs].str.strip()
        elif ours in NUMBERS:
            table[theirs] = table[theirs].map(number).astype(object)
        elif ours in CODES:
            blank = "" if ours in sheet.TICKED else None
            table[theirs] = table[theirs].map(lambda cell, blank=blank: blank if pd.isna(cell) else word(cell))
    return table


def word(cell: Any) -> str:
    """Return a cell's word as CODES has it: without blanks around it, in lower case; 3.0 as "3"."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell).strip().lower()


def number(cell: Any) -> Any:
    """Return the number that Vietnamese text such as "2.450.000" or "45,5" writes; anything else as it stands."""
    if not isinstance(cell, str):
        return cell
    text = cell.strip()
    if re.fullmatch(r"-?\d+|-?\d{1,3}(\.\d{3})+", text):
        return int(text.replace(".", ""))
    if re.fullmatch(r"-?\d+,\d+", text):
        return float(text.replace(",", "."))
    return cell


def review(source: str, households: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Classify what was read, printing what was wrong, and return the results."""
    standard = mdp.standards.on(REVIEW_DAY)
    households, members = tidy(households), tidy(members)
    print(f"== {source}: {len(households)} rows of households, {len(members)} of members\n")
    try:
        standard.classify(households, members, columns=COLUMNS, codes=CODES, date=REVIEW_DAY)
    except mdp.errors.BadValues as error:
        print(f"Refused, because nothing is guessed. {error}\n")

    # Which of two rows of one household counts, only a human can say: both are set aside, and stay on the list.
    key = COLUMNS["household_id"]
    doubled = households[key].duplicated(keep=False)
    aside, listed = households[doubled], households[~doubled]
    theirs = members[key].isin(aside[key])
    assessment = standard.classify(
        listed,
        members[~theirs],
        columns=COLUMNS,
        codes=CODES,
        date=REVIEW_DAY,
        invalid="missing",
        orphans="report",
    )
    print("Went on. Set aside, for the officer to decide:")
    for household_id, rows in aside.groupby(key):
        print(f"  {household_id}: {len(rows)} rows, {int((members[key] == household_id).sum())} members")
    print("Counted as not answered, or reported:")
    for problem in assessment.problems:
        print(f"  {problem}")
    results = assessment.to_frame()
    assert len(results) + len(aside) == len(households), "no row is lost"
    print("\n" + assessment.counts()[["category", "households", "people"]].to_string(index=False) + "\n")
    return results


def main(folder: Path) -> None:
    """Write the files, read them both ways, and check that both say the same."""
    sheet.main(folder)
    print()
    by_csv = review("CSV", *read_csv(folder))
    by_excel = review("Excel", *read_excel(folder))
    pd.testing.assert_frame_equal(by_csv, by_excel, check_dtype=False)
    print("CSV and Excel give the same classes.")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(Path(temporary))
