"""Packages that only large tables need, imported when they are used."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from mdpoverty.errors import MissingExtra


def need(package: str, extra: str, what: str) -> Any:
    """Import a package of an extra.

    Raises
    ------
    MissingExtra
        If it isn't installed; the message says what to install, and for what.
    """
    try:
        return import_module(package)
    except ImportError as error:
        raise MissingExtra(
            f"{what} needs {package.partition('.')[0]}: pip install 'mdpoverty[{extra}]'", extra=extra
        ) from error


def arrow(module: str = "") -> Any:
    """Return pyarrow, or one of its modules."""
    return need(f"pyarrow{module}", "arrow", "Reading tables in blocks")
