"""A file that is read block by block tells nobody's name either, when it can't be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import mdpoverty as mdp
from tests.files.answers import DATE, VN, households, members, texts
from tests.files.test_problems import NAMES, PEOPLE, named, said, with_person
from tests.profiles import in_turn


@pytest.mark.parametrize(
    ("kind", "name", "person", "invalid"),
    in_turn(["csv", "parquet"], NAMES, PEOPLE, ["error", "error", "missing", "missing"]),
)
def test_no_scan_tells_who_somebody_is(kind: str, name: str, person: str, invalid: Any, tmp_path: Path) -> None:
    tables = {"households": texts(households()), "members": texts(members())}
    for what, frame in tables.items():
        if name in frame:
            frame = with_person(frame, name, person)
        path = tmp_path / f"{what}.{kind}"
        frame.to_csv(path, index=False) if kind == "csv" else frame.to_parquet(path)
    scan = mdp.scan(tmp_path / f"households.{kind}", tmp_path / f"members.{kind}")
    text = said(lambda: VN.tally(scan, date=DATE, invalid=invalid))
    assert named(text) == [], text
