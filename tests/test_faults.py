"""The weekly job that seeds faults knows the files and tests there are."""

from __future__ import annotations

import pytest

from tests import mutate


@pytest.mark.parametrize("room", mutate.ROOMS)
def test_a_room_has_files_and_tests(room: str) -> None:
    assert [name for name in mutate.tests_of(room) if not (mutate.ROOT / name).exists()] == []
