"""What counts as no answer: ``None``, NaN, NaT, ``pandas.NA`` and their like, told apart without importing pandas."""

from __future__ import annotations

from typing import Any

_PANDAS_MISSING = ("NAType", "NaTType")


def is_missing(value: Any) -> bool:
    """Return whether a value is no answer.

    >>> [is_missing(value) for value in (None, float("nan"), 0, False, "")]
    [True, True, False, False, False]
    """
    if value is None:
        return True
    if isinstance(value, bool | int | str):
        return False
    if type(value).__name__ in _PANDAS_MISSING:
        return True
    try:
        return bool(value != value)  # NaN of any kind of number, and numpy's NaT
    except (TypeError, ValueError):
        return False
