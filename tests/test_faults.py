"""The weekly job that seeds faults knows the files and tests there are."""

from __future__ import annotations

import pytest

from tests import mutate
from tests.faults import equivalent


@pytest.mark.parametrize("room", mutate.ROOMS)
def test_a_room_has_files_and_tests(room: str) -> None:
    assert [name for name in mutate.tests_of(room) if not (mutate.ROOT / name).exists()] == []


def test_every_fault_that_is_listed_has_a_reason_and_a_room() -> None:
    files = {file for files, _ in mutate.ROOMS.values() for file in files}
    assert {file for file, _, _ in equivalent()} <= files
    assert all(equivalent().values())


def test_every_line_that_is_listed_stands_in_its_file() -> None:
    """A line that was rewritten takes its faults off the list."""
    package = mutate.ROOT / "src" / "mdpoverty"
    files = {file for file, _, _ in equivalent()}
    held = {file: (package / file).read_text(encoding="utf-8") for file in files}
    assert [(file, was) for file, was, _ in equivalent() if was not in held[file]] == []
