"""A day on which a standard isn't in force."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mdpoverty as mdp
from mdpoverty import examples
from mdpoverty.errors import BadDate, SpecError

vn = mdp.standards["vn-2022"]
TABLES = examples.commune(20, kind="pyarrow")
WAYS: dict[str, Callable[..., Any]] = {
    "classify": lambda path, **options: vn.classify(*TABLES, **options),
    "tally": lambda path, **options: vn.tally(*TABLES, **options),
    "scan": lambda path, **options: vn.tally(mdp.scan(*TABLES), **options),
    "sink": lambda path, **options: vn.classify(mdp.scan(*TABLES), sink=path / "o.parquet", **options),
    "assess": lambda path, **options: vn.assess({"area": "rural"}, **options),
    "sql": lambda path, **options: vn.to_sql(**options),
    "indicator": lambda path, **options: vn.indicators["housing_area"].score(*TABLES, **options),
    "dimension": lambda path, **options: vn.dimensions["housing"].score(*TABLES, **options),
    "class": lambda path, **options: vn.categories["poor"].score(*TABLES, **options),
    "first class": lambda path, **options: vn.score(*TABLES, **options),
    "form": lambda path, **options: vn.to_xlsform(path / "form.xlsx", **options),
}


@pytest.mark.parametrize("way", WAYS)
def test_such_a_day_is_an_error_unless_it_is_meant(tmp_path: Path, way: str) -> None:
    apply = WAYS[way]
    for number, day in enumerate(["1999-01-01", "2021-12-31", "2027-01-01", "2030-01-01"]):
        folder = tmp_path / str(number)
        folder.mkdir()
        with pytest.raises(BadDate, match=rf"{day}: it is from 2022-01-01 to 2026-12-31.*outside="):
            apply(folder, date=day)
        with pytest.warns(UserWarning, match=rf"isn't in force on {day}"):
            apply(folder, date=day, outside="warn")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        apply(tmp_path, date="2030-01-01", outside="accept")
    for number, day in enumerate(["2022-01-01", "2026-12-31"]):
        (tmp_path / f"in {number}").mkdir()
        apply(tmp_path / f"in {number}", date=day)
    with pytest.raises(SpecError, match="outside is 'error', 'warn', 'accept', not 'ignore'"):
        apply(tmp_path, date="2024-01-01", outside="ignore")


def test_the_receipt_says_so_and_verifies() -> None:
    for given in ((), "all"):
        record = {"area": "rural", "income": 1_000_000}
        verdict = vn.assess(record, date="2030-01-01", outside="accept", given=given)
        assert verdict.receipt.options["outside"] == "accept"
        assert mdp.verify(verdict.receipt.to_dict(), record)
        assert "outside" not in vn.assess(record, date="2024-01-01", outside="accept", given=given).receipt.options
    found = vn.classify(*TABLES, date="1999-01-01", outside="accept")
    assert found.receipt.options["outside"] == "accept"
    assert mdp.verify(found.receipt.to_dict(), *TABLES)
    assert found.explain(found.keys[0]).receipt.options["outside"] == "accept"


def test_two_standards_of_different_days_are_compared_on_one() -> None:
    answers = {name: [True] for name in vn.indicators}
    other = vn.evolve(id="vn-later", in_force="2027-01-01", until="2030-12-31", citation=mdp.Citation("made up"))
    households = {"area": ["rural"], "income": [1], **answers}
    assert len(mdp.compare(vn, other, households, given="all", date="2028-01-01").changed) == 0
    with pytest.raises(BadDate, match="2035-01-01"):
        mdp.compare(vn, other, households, given="all", date="2035-01-01")
    with pytest.warns(UserWarning, match="isn't in force on 2035-01-01"):
        mdp.compare(vn, other, households, given="all", date="2035-01-01", outside="warn")


@pytest.mark.parametrize("day", [pd.NaT, np.datetime64("NaT", "D"), float("nan"), 20240101, "today", ["2024-01-01"]])
def test_what_is_no_day_is_said(day: Any) -> None:
    for apply in (WAYS["classify"], WAYS["assess"], WAYS["sql"]):
        with pytest.raises(BadDate, match="a day is"):
            apply(Path(), date=day)
