"""The weekly job that seeds faults knows the files and tests there are."""

from __future__ import annotations

import pytest

from tests import mutate
from tests.faults import equivalent, faults


@pytest.mark.parametrize("room", mutate.ROOMS)
def test_a_room_has_files_and_tests(room: str) -> None:
    assert [name for name in mutate.tests_of(room) if not (mutate.ROOT / name).exists()] == []


def test_every_fault_that_is_listed_as_equivalent_can_be_seeded() -> None:
    listed = equivalent()
    seeded = {
        (fault.file, fault.was, fault.becomes)
        for file in {file for file, _, _ in listed}
        for fault in faults(file, (mutate.ROOT / mutate.PACKAGE / file).read_bytes())
    }
    assert [each for each in listed if each not in seeded] == []
