"""The family of errors.

Every error of the library is a :class:`MdpovertyError` and, beside that, the built-in error that a caller would expect,
so ``except KeyError`` and ``except MdpovertyError`` both work. What went wrong is in attributes, the message says what
to do, and all of them can be pickled. No error carries a household's data beyond its key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from attrs import frozen


class MdpovertyError(Exception):
    """Root of the family: ``except MdpovertyError`` catches everything that the library raises on purpose."""

    def __init__(self, message: str, **attributes: Any) -> None:
        super().__init__(message)
        self.message = message
        self._attributes = attributes
        for name, value in attributes.items():
            setattr(self, name, value)

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return rebuild, (type(self), self.message, self._attributes)


def rebuild(cls: type[MdpovertyError], message: str, attributes: dict[str, Any]) -> MdpovertyError:
    """Return an error of that kind with those words and attributes."""
    error = cls.__new__(cls)
    MdpovertyError.__init__(error, message, **attributes)
    return error


@frozen
class Problem:
    """One thing that is wrong with an input.

    Attributes
    ----------
    column : str
        The column, by the caller's own name for it.
    what : str
        What is wrong, and what was expected, in one sentence.
    rows : int
        How many rows have it; 0 where the column as a whole is at fault.
    first : tuple
        The keys (or, without a key, the positions) of the first five such rows.
    needed_by : tuple of str
        The indicators and classes that need the column.
    table : str
        ``"households"`` or ``"members"``.
    """

    column: str
    what: str
    rows: int = 0
    first: tuple[Any, ...] = ()
    needed_by: tuple[str, ...] = ()
    table: str = "households"

    def __str__(self) -> str:
        text = f"{self.table}.{self.column}: {self.what}"
        if self.rows:
            listed = ", ".join(str(key) for key in self.first)
            more = ", …" if self.rows > len(self.first) else ""
            text += f" ({self.rows} row{'s' if self.rows != 1 else ''}: {listed}{more})"
        if self.needed_by:
            text += f" [needed by {', '.join(self.needed_by)}]"
        return text


class InvalidInput(MdpovertyError):
    """The answers as given can't be read; ``problems`` lists everything that is wrong, not only the first thing."""

    problems: tuple[Problem, ...]

    def __init__(self, problems: Iterable[Problem], advice: str = "") -> None:
        problems = tuple(problems)
        lines = [f"{len(problems)} problem{'s' if len(problems) != 1 else ''} with the input:"]
        lines += [f"  - {problem}" for problem in problems]
        if advice:
            lines.append(advice)
        super().__init__("\n".join(lines), problems=problems)


class MissingColumns(InvalidInput, KeyError):
    """Columns that the rules need are not there (some values may be bad besides)."""


class BadValues(InvalidInput, ValueError):
    """Values that can't be answers: unknown codes, negative money, text for numbers, double keys, lost members."""


class BadTable(MdpovertyError, TypeError):
    """Something that is no table, or one that can't be read as it is."""


class UnknownKey(MdpovertyError, KeyError):
    """No household, indicator, field or class of that name."""


class RuleError(MdpovertyError, TypeError):
    """A rule is put together in a way that has no meaning; the message says what to write instead."""


class StandardError(MdpovertyError, ValueError):
    """A standard is not sound: an unbound threshold, a dimension without its indicator, two classes of one name."""


class BadDate(MdpovertyError, ValueError):
    """Something that is no day."""


class NoStandardInForce(MdpovertyError, LookupError):
    """No known standard covers that date; ``known`` lists the spans that are."""


class UnknownStandard(MdpovertyError, KeyError):
    """No standard has that id; ``known`` lists the ids."""


class ProvisionalStandard(MdpovertyError, ValueError):
    """A standard rests on what isn't confirmed: pass ``provisional=True`` to use it knowingly; ``gaps`` lists it."""


class SpecError(MdpovertyError, ValueError):
    """Weights, cut-offs or a survey design that can't be meant."""


class MissingExtra(MdpovertyError, ImportError):
    """A feature needs a package that is not installed; the message names the extra to install."""


def first_five(keys: Sequence[Any]) -> tuple[Any, ...]:
    """Return up to five keys as plain Python values, for a :class:`Problem`."""
    return tuple(key.item() if hasattr(key, "item") else key for key in list(keys[:5]))
