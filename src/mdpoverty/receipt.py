"""What a result was computed from: enough to compute it again, and to tell whether it would be the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date as Date
from typing import Any

from attrs import asdict, field, frozen

SCHEMA = 1
"""Version of every dict that results turn into."""


@frozen
class Receipt:
    """What a result was computed from.

    Attributes
    ----------
    library : str
        Version of this library.
    standard, revision, digest
        The standard: its id, the revision of our reading, and the SHA-256 of its rules.
    date : datetime.date or None
        The day of the review that was given.
    inputs_digest : str
        SHA-256 of the answers that the rules read, in their order; the same whatever kind of table they came in.
    options : mapping
        What else was asked for: which indicators were given, how columns and codes were translated.
    """

    library: str
    standard: str
    revision: int
    digest: str
    date: Date | None
    inputs_digest: str
    options: Mapping[str, Any] = field(factory=dict, hash=False)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data for JSON."""
        return {**asdict(self), "date": self.date.isoformat() if self.date else None, "schema": SCHEMA}
