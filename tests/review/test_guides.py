"""The guides of the review year run as they stand and print what they say; so does the example."""

from __future__ import annotations

import contextlib
import io
import re
import runpy
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
GUIDES = ROOT / "docs" / "guide"
BLOCK = re.compile(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```\n)?", re.DOTALL)


@pytest.mark.parametrize("name", ["review-year.md", "nam-ra-soat.md"])
def test_guide(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (GUIDES / name).read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", text)
    namespace: dict[str, Any] = {"__name__": "guide"}
    blocks = BLOCK.findall(text)
    assert len(blocks) > 10
    for code, said in blocks:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, name, "exec"), namespace)
        assert stripped(printed.getvalue()) == stripped(said)


def stripped(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").splitlines()]


def test_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["review_year.py", str(tmp_path)])
    runpy.run_path(str(ROOT / "examples" / "review_year.py"), run_name="__main__")
    assert "0 findings" in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["forms.html", "forms.xlsx", "missing_cards.csv"]
