"""One small review, complete and right, for tests that spoil a part of it."""

from __future__ import annotations

from typing import Any

import pandas as pd

import mdpoverty as mdp

VN = mdp.standards["vn-2022"]
DATE = "2024-11-15"
DEVICES = ("television", "radio", "desktop", "phone", "laptop", "tablet", "smartphone")


def households(**spoilt: Any) -> pd.DataFrame:
    """Three households, A of two members, B of two, C of one; keywords replace or add columns."""
    right: dict[str, Any] = {
        "household_id": ["A", "B", "C"],
        "area": ["rural", "urban", "rural"],
        "income": [1_400_000, 9_000_000, 2_000_000],
        "household_size": [2, 2, 1],
        "wall_durable": [True, True, True],
        "pillar_durable": [True, True, True],
        "roof_durable": [True, True, True],
        "floor_area": [40.5, 60.0, 30.0],
        "water_source": ["piped", "piped", "rainwater"],
        "toilet": ["septic", "septic", "vip"],
        **{device: [False, False, False] for device in DEVICES},
    }
    return pd.DataFrame({**right, **spoilt})


def members(**spoilt: Any) -> pd.DataFrame:
    """Their five members."""
    right: dict[str, Any] = {
        "household_id": ["A", "A", "B", "B", "C"],
        "age": [40, 10, 30, 35, 50],
        "sex": ["male", "female", "male", "female", "female"],
        "able_to_work": [True, None, True, True, True],
        "employment": ["own_account", None, "contract", "contract", "contract"],
        "disabled": [False] * 5,
        "social_allowance": [False] * 5,
        "stunted": [None, False, None, None, None],
        "underweight": [None, False, None, None, None],
        "insured": [True] * 5,
        "qualification": ["tertiary", None, "tertiary", "tertiary", "primary"],
        "attending": ["none", "primary", "none", "none", "none"],
        "workplace_training": [False, None, False, False, False],
        "uses_internet": [True] * 5,
    }
    return pd.DataFrame({**right, **spoilt})


def lists(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """The columns as Python's own values, ``None`` where one is missing."""
    return {str(name): column.astype(object).where(column.notna(), None).tolist() for name, column in frame.items()}


def texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Write every cell out, as a sheet read as text has it; a missing one stays missing."""
    return frame.astype(object).where(frame.notna(), None).map(lambda value: value if value is None else str(value))
