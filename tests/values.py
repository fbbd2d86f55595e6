"""What several tests of columns and values need: a field that may be anything, and values with their types."""

from __future__ import annotations

from typing import Any

from mdpoverty.standard import Field
from tests.toy import both, codes

NAN = float("nan")


def field(kind: Any, **limits: Any) -> Field:
    return Field(
        "x", "household", kind, both("x"), both("?"), codes=codes("a", "b") if kind == "code" else (), **limits
    )


def kinds(values: list[Any]) -> list[tuple[type, Any]]:
    return [(type(each), each) for each in values]
