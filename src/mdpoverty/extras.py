"""Packages that only large tables need, imported when they are used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


@contextmanager
def progress_bar(shown: bool, total: int | None, unit: str) -> Iterator[Callable[[int], object]]:
    """Show how much is done and the time left, as what it yields is told; nothing where no terminal looks on."""
    if not shown:
        yield lambda done: None
        return
    tqdm = need("tqdm", "progress", "A progress bar").tqdm
    with tqdm(total=total, unit=f" {unit}", unit_scale=True, disable=None) as bar:
        yield bar.update
