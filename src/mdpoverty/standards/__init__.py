"""The known standards, each a dated value that is built when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date as Date
from importlib import import_module
from typing import TYPE_CHECKING

from attrs import frozen

from mdpoverty.errors import NoStandardInForce, UnknownStandard

if TYPE_CHECKING:
    from mdpoverty.standard import Standard

__all__ = ["Entry", "Registry", "standards"]


@frozen
class Entry:
    """One line of the registry: a standard, its days, and the module that holds it."""

    id: str
    jurisdiction: str
    in_force: Date
    until: Date | None
    module: str

    def covers(self, day: Date) -> bool:
        """Return whether the standard is in force on that day."""
        return self.in_force <= day and (self.until is None or day <= self.until)

    def __str__(self) -> str:
        return f"{self.id} ({self.jurisdiction}, {self.in_force} to {self.until or 'further notice'})"


class Registry(Mapping[str, "Standard"]):
    """The standards by id and by day.

    >>> standards.on("2024-11-15").id
    'vn-2022'
    """

    def __init__(self, entries: tuple[Entry, ...]) -> None:
        self._entries = {entry.id: entry for entry in entries}

    def list(self) -> tuple[Entry, ...]:
        """Return the known standards with their days, without building them."""
        return tuple(self._entries.values())

    def on(self, day: Date | str, jurisdiction: str = "VN") -> Standard:
        """Return the standard in force on a day.

        Raises
        ------
        NoStandardInForce
            If no known standard of that jurisdiction covers the day; ``known`` lists those that it has.
        """
        from mdpoverty.standard import to_date

        asked = to_date(day)
        assert asked is not None
        here = [entry for entry in self._entries.values() if entry.jurisdiction == jurisdiction]
        for entry in here:
            if entry.covers(asked):
                return self[entry.id]
        known = "; ".join(map(str, here)) or f"none for {jurisdiction}"
        raise NoStandardInForce(f"no standard in force on {asked} for {jurisdiction}: {known}", known=tuple(here))

    def __getitem__(self, key: str) -> Standard:
        try:
            entry = self._entries[key]
        except KeyError:
            known = ", ".join(self._entries)
            raise UnknownStandard(
                f"no standard is called {key!r}; there are {known}", known=tuple(self._entries)
            ) from None
        standard: Standard = import_module(entry.module).STANDARD
        return standard

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


standards = Registry(
    (Entry("vn-2022", "VN", Date(2022, 1, 1), Date(2026, 12, 31), "mdpoverty.standards.vn_2022"),),
)
