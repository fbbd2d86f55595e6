"""The library's version, which receipts and files name, and the revision of its source where that is known."""

from __future__ import annotations

import json
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

VERSION: Final = "0.1.0"

_BUILT: Final = Path(__file__).with_name("source.txt")
"""Written when a wheel is built from a checkout."""


@cache
def source_revision() -> str:
    """Return the revision of the source that this library was built or installed from; empty where it isn't known.

    That is what ``git describe`` said when the wheel was built, or the commit that pip installed from a repository.
    """
    if _BUILT.is_file():
        return _BUILT.read_text(encoding="utf-8").strip()
    try:
        told = distribution("mdpoverty").read_text("direct_url.json")
    except PackageNotFoundError:
        return ""
    commit: str = json.loads(told or "{}").get("vcs_info", {}).get("commit_id", "")
    return commit
