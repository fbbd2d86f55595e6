"""Memory that was used for a while doesn't stay this process's while a nation is read."""

from __future__ import annotations

import platform
import subprocess
import sys
import textwrap

import pytest

from mdpoverty.scale.memory import give_back


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no malloc_trim")
def test_what_lies_free_between_what_is_used_is_given_back() -> None:
    code = """
        from pathlib import Path

        from mdpoverty.scale.memory import give_back

        def resident():
            return int(Path("/proc/self/statm").read_text().split()[1])

        give_back()
        before = resident()
        blocks = [bytes(100_000) for _ in range(2_000)]
        full = resident()
        used = blocks[::50]
        del blocks
        freed = resident()
        give_back()
        print(full - before, freed - before, resident() - before)
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    full, freed, given = map(int, found.split())
    assert freed > full // 2  # the C library keeps it
    assert given < full // 5


def test_elsewhere_nothing_is_trimmed(monkeypatch: pytest.MonkeyPatch) -> None:
    from mdpoverty.scale import memory

    memory._trim.cache_clear()
    monkeypatch.setattr(sys, "platform", "darwin")
    give_back()
    assert memory._trim()(0) is None
    memory._trim.cache_clear()
