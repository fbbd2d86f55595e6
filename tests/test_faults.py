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
