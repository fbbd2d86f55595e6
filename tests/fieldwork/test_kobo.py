"""Exports of KoboToolbox and ODK Central, made up as they write them, read into what ``classify`` takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mdpoverty as mdp
from mdpoverty import examples
from mdpoverty.errors import BadTable

pytest.importorskip("openpyxl", reason="exports in Excel are read with openpyxl: pip install 'mdpoverty[excel]'")

VN = mdp.standards["vn-2022"]


def submissions() -> tuple[pd.DataFrame, pd.DataFrame]:
    """A commune's answers as a form sends them: flags as the texts 1 and 0, a gap as an empty text or n/a."""
    homes, people = examples.commune(120, gaps=0.05)

    def text(value: Any) -> Any:
        return "" if pd.isna(value) else str(int(value)) if isinstance(value, bool | np.bool_) else value

    def texts(table: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({name: [text(value) for value in table[name]] for name in table}, dtype=object)

    return texts(homes), texts(people)


def grouped(table: pd.DataFrame, sign: str) -> pd.DataFrame:
    return table.rename(columns={name: f"group{sign}inner{sign}{name}" for name in table.columns if name[0] != "_"})


def written(table: pd.DataFrame, empty: str) -> pd.DataFrame:
    return grouped(table.mask(table.eq(""), empty), "/")


def kobo(tmp_path: Path, empty: str = "") -> Path:
    homes, people = submissions()
    index = {key: place for place, key in enumerate(homes["household_id"], start=1)}
    homes["_index"] = range(1, len(homes) + 1)
    people["_parent_index"] = people.pop("household_id").map(index)
    with pd.ExcelWriter(tmp_path / "export.xlsx") as book:
        written(homes, empty).to_excel(book, sheet_name="Rà soát 2026", index=False)
        written(people, empty).to_excel(book, sheet_name="members", index=False)
    return tmp_path / "export.xlsx"


def expected() -> pd.DataFrame:
    return VN.classify(*examples.commune(120, gaps=0.05), date="2024-11-15").to_frame()


def same(found: Any) -> None:
    frame = VN.classify(found.households, found.members, date="2024-11-15").to_frame()
    pd.testing.assert_frame_equal(frame, expected(), check_dtype=False, check_categorical=False)


@pytest.mark.parametrize("empty", ["", "n/a"])
def test_an_export_of_kobo_is_classified_as_its_households_are(tmp_path: Path, empty: str) -> None:
    same(mdp.read_kobo(kobo(tmp_path, empty)))


def test_two_files_of_odk_central(tmp_path: Path) -> None:
    homes, people = submissions()
    uuid = {key: f"uuid:{place:04}" for place, key in enumerate(homes["household_id"])}
    homes["KEY"] = homes["household_id"].map(uuid)
    people["PARENT_KEY"] = people.pop("household_id").map(uuid)
    homes = homes.rename(columns={name: f"g-{name}" for name in homes.columns if name != "KEY"})
    homes.to_csv(tmp_path / "form.csv", index=False)
    people.to_csv(tmp_path / "form-members.csv", index=False)
    same(mdp.read_kobo(tmp_path / "form.csv", tmp_path / "form-members.csv"))


def test_none_is_an_answer_and_a_key_keeps_its_zeros(tmp_path: Path) -> None:
    (tmp_path / "homes.csv").write_text("household_id,toilet,g/income,_index\n007,none,1500000,1\n008,n/a,,2\n")
    found = mdp.read_kobo(tmp_path / "homes.csv").households
    assert found["household_id"].tolist() == ["007", "008"]
    assert found["toilet"].tolist()[0] == "none"
    assert found["toilet"].isna().tolist() == [False, True]
    assert found["income"].tolist()[0] == 1_500_000


def test_choices_of_a_select_multiple_become_flags(tmp_path: Path) -> None:
    (tmp_path / "homes.csv").write_text("household_id,devices\n1,radio phone\n2,\n3,none\n")
    found = mdp.read_kobo(tmp_path / "homes.csv", multiple={"devices": ["radio", "phone", "tablet"]}).households
    read = {name: found[name].astype(object).where(found[name].notna(), None).tolist() for name in ("radio", "tablet")}
    assert read == {"radio": [True, None, False], "tablet": [False, None, False]}


def test_a_submission_without_a_key_goes_by_its_number(tmp_path: Path) -> None:
    (tmp_path / "homes.csv").write_text("area,_index\nrural,1\nurban,2\n")
    (tmp_path / "people.csv").write_text("age,_parent_index\n40,2\n7,2\n30,1\n")
    found = mdp.read_kobo(tmp_path / "homes.csv", tmp_path / "people.csv")
    assert found.households["household_id"].tolist() == ["1", "2"]
    assert found.members["household_id"].tolist() == ["2", "2", "1"]


@pytest.mark.parametrize(
    ("homes", "people", "message"),
    [
        ("a/phone,b/phone,_index\n1,0,1\n", "age,_parent_index\n4,1\n", "same name: phone"),
        ("area,_index\nrural,1\n", "age\n4\n", "nothing joins"),
        ("area,_index\nrural,1\n", "age,_parent_index\n4,9\n", "1 member rows belong to no submission"),
        ("area\nrural\n", "age,_parent_index\n4,1\n", "neither household_id nor"),
        ("phone,area,phone,_index\n1,rural,0,1\n", "age,_parent_index\n4,1\n", "same name: phone"),
        ("_index,area\n1,rural,2\n", "age,_parent_index\n4,1\n", "homes.csv can't be read"),
        ("_index,area\n1,rural\n", "age,_parent_index\n4,1,1\n", "people.csv can't be read"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, homes: str, people: str, message: str) -> None:
    (tmp_path / "homes.csv").write_text(homes)
    (tmp_path / "people.csv").write_text(people)
    with pytest.raises(BadTable, match=message):
        mdp.read_kobo(tmp_path / "homes.csv", tmp_path / "people.csv")


def test_two_columns_of_one_name_in_a_workbook_are_refused(tmp_path: Path) -> None:
    twice = pd.DataFrame([["rural", "urban", 1, "x", "y"]], columns=["area", "area", "_index", "", ""])
    twice.to_excel(tmp_path / "export.xlsx", index=False)
    with pytest.raises(BadTable, match="same name: area;"):
        mdp.read_kobo(tmp_path / "export.xlsx")


def test_columns_without_a_name_are_left_as_they_are(tmp_path: Path) -> None:
    text = "\ufeff_index,area,,,household_id\n1,rural,x,y,007\n"
    (tmp_path / "export.csv").write_text(text, encoding="utf-8")
    found = mdp.read_kobo(tmp_path / "export.csv").households
    assert found[["_index", "area", "household_id"]].to_numpy().tolist() == [["1", "rural", "007"]]
    assert found.shape == (1, 5)
