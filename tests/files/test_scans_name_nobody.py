"""A file that is read block by block tells nobody's name either, when it can't be read."""

from __future__ import annotations

from pathlib import Path

import pytest

import mdpoverty as mdp
from tests.files.answers import DATE, VN, households, members, texts
from tests.files.test_problems import ANSWERS, OF_MEMBERS, PEOPLE, named, said, with_person


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("name", [*ANSWERS, *OF_MEMBERS])
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_no_scan_tells_who_somebody_is(kind: str, name: str, person: str, tmp_path: Path) -> None:
    tables = {"households": texts(households()), "members": texts(members())}
    for what, frame in tables.items():
        if name in frame:
            frame = with_person(frame, name, person)
        path = tmp_path / f"{what}.{kind}"
        frame.to_csv(path, index=False) if kind == "csv" else frame.to_parquet(path)
    scan = mdp.scan(tmp_path / f"households.{kind}", tmp_path / f"members.{kind}")
    for call in (lambda: VN.tally(scan, date=DATE), lambda: VN.tally(scan, date=DATE, invalid="missing")):
        text = said(call)
        assert named(text) == [], text
