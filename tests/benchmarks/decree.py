"""The decree's amounts and codes, from the one oracle of the tests, for scripts and tests of this folder alike."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # a script finds its own folder only

from tests.oracle import (
    AVERAGE_CEILING,
    CLASSES,
    DEVICES,
    ENOUGH,
    FROM_LOWER,
    FROM_UPPER,
    HYGIENIC,
    ORDER,
    POVERTY_LINE,
    RETIREMENT_MONTHS,
    SAFE_WATER,
)

YEAR = 2024
DATE = f"{YEAR}-10-01"
RETIREMENT = {sex: months / 12 for sex, months in RETIREMENT_MONTHS[YEAR].items()}

__all__ = [
    "AVERAGE_CEILING",
    "CLASSES",
    "DATE",
    "DEVICES",
    "ENOUGH",
    "FROM_LOWER",
    "FROM_UPPER",
    "HYGIENIC",
    "ORDER",
    "POVERTY_LINE",
    "RETIREMENT",
    "SAFE_WATER",
    "YEAR",
]
