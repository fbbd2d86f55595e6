"""Writes into the wheel from which revision of the source it was built, as receipts say it."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FILE = Path("mdpoverty", "source.txt")


class SourceRevision(BuildHookInterface):
    """Asks git; where there is no checkout, what the source archive says stays."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the file to what is built."""
        root = Path(self.root)
        if version == "editable" or not (root / ".git").exists() or (root / "src" / FILE).exists():
            return
        said = subprocess.run(
            ["git", "describe", "--tags", "--always", "--dirty"], cwd=root, capture_output=True, text=True, check=False
        )
        if said.returncode == 0 and said.stdout.strip():
            held = Path(tempfile.mkdtemp()) / FILE.name
            held.write_text(said.stdout.strip() + "\n", encoding="utf-8")
            into = FILE if self.target_name == "wheel" else Path("src", FILE)
            build_data.setdefault("force_include", {})[str(held)] = into.as_posix()
