from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_reference() -> Path:
    """The folder of reference data beside the checkout (or where MDPOVERTY_REFERENCE says)."""
    beside = Path(__file__).parents[2].parent / "shared" / "reference"
    folder = Path(os.environ.get("MDPOVERTY_REFERENCE", beside))
    if not folder.is_dir():
        pytest.skip("others' results aren't part of this repository: name their folder by MDPOVERTY_REFERENCE")
    return folder
