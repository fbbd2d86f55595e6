"""The family of errors.

Every error of the library is a :class:`MdpovertyError` and, beside that, the built-in error that a caller would expect,
so ``except KeyError`` and ``except MdpovertyError`` both work. What went wrong is in attributes, the message says what
to do, and all of them can be pickled. No error carries a household's data beyond its key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import field as attrs_field
from attrs import frozen

from mdpoverty import messages


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
class Place:
    """Where something stands, as an officer looks for it in the file.

    Attributes
    ----------
    key : object
        The household's key; ``None`` where there is none.
    row : int or None
        The row as a spreadsheet shows it, the line of names being row 1.
    member : int or None
        Which member of the household, from 1.
    file : str
        The file, where it is known.
    """

    key: Any = None
    row: int | None = None
    member: int | None = None
    file: str = ""

    def text(self, lang: messages.Lang = "en") -> str:
        """Say it: the key, the member's number and the row, as far as they are known."""
        row = "" if self.row is None else messages.word("row", lang, self.row)
        if row and self.file:
            row += messages.word("of_file", lang, self.file)
        member = "" if self.member is None else messages.word("member", lang, self.member)
        where = ", ".join(filter(None, (row, member)))
        return where if self.key is None else f"{self.key} ({where})" if where else str(self.key)


@frozen
class Problem:
    """One thing that is wrong with an input.

    Attributes
    ----------
    column : str
        The column, by the caller's own name for it.
    what : str
        What is wrong, and what was expected, in one English sentence.
    rows : int
        How many rows have it; 0 where the column as a whole is at fault.
    first : tuple
        The keys (or, without a key, the rows) of the first five such rows.
    needed_by : tuple of str
        The indicators and classes that need the column.
    table : str
        ``"households"``, ``"members"``, or what else the table is called.
    code : str
        What kind of thing is wrong, for programs; see :data:`mdpoverty.messages.MESSAGES`.
    field : str
        The column, by the library's name for it.
    places : tuple of Place
        Where the first five rows are.
    details : mapping
        What the sentence is filled in with.
    """

    column: str
    what: str
    rows: int = 0
    first: tuple[Any, ...] = ()
    needed_by: tuple[str, ...] = ()
    table: str = "households"
    code: str = ""
    field: str = ""
    places: tuple[Place, ...] = ()
    details: Mapping[str, Any] = attrs_field(factory=dict, hash=False, repr=False)

    @classmethod
    def of(cls, code: str, column: str, details: Mapping[str, Any] | None = None, **also: Any) -> Problem:
        """Make a problem of a known kind, whose sentence comes from its code."""
        filled = dict(details or {})
        return cls(column, messages.sentence(code, "en", filled), code=code, details=filled, **also)

    def text(self, lang: messages.Lang = "en") -> str:
        """Say it in Vietnamese or English; what has no code is English in both."""
        what = messages.sentence(self.code, lang, self.details) if self.code else self.what
        text = f"{messages.table_name(self.table, lang)}.{self.column}: {what}"
        places = [place.text(lang) for place in self.places] or [str(key) for key in self.first]
        if self.rows:
            listed = [each for each in places if each]
            more = self.rows - len(listed)
            if listed and more > 0:
                listed.append(messages.word("more", lang, more))
            text += f" ({messages.counted(self.rows, lang)}{': ' if listed else ''}{', '.join(listed)})"
        if self.needed_by:
            text += f" [{messages.word('needed', lang, ', '.join(self.needed_by))}]"
        return text

    def __str__(self) -> str:
        return self.text("en")

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data for a form, with its text in both languages."""
        return {
            "code": self.code,
            "table": self.table,
            "column": self.column,
            "field": self.field or self.column,
            "rows": self.rows,
            "places": [{"key": p.key, "row": p.row, "member": p.member, "file": p.file} for p in self.places],
            "needed_by": list(self.needed_by),
            "text": {"vi": self.text("vi"), "en": self.text("en")},
        }


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

    def text(self, lang: messages.Lang = "en") -> str:
        """Say everything that is wrong, a line each, in Vietnamese or English."""
        return "\n".join(problem.text(lang) for problem in self.problems)

    def to_dict(self) -> list[dict[str, Any]]:
        """Return the problems as plain data for a form."""
        return [problem.to_dict() for problem in self.problems]


class MissingColumns(InvalidInput, KeyError):
    """Columns that the rules need are not there (some values may be bad besides)."""


class BadValues(InvalidInput, ValueError):
    """Values that can't be answers: unknown codes, negative money, text for numbers, double keys, lost members."""


class BadTable(MdpovertyError, TypeError):
    """Something that is no table, or one that can't be read as it is."""


class BadArgument(MdpovertyError, TypeError, ValueError):
    """An argument is none that the call takes; the message says which, and what it may be."""


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


class FileError(MdpovertyError, OSError):
    """A file or folder that can't be opened, read or written; ``file`` names it."""

    file: str


class MissingExtra(MdpovertyError, ImportError):
    """A feature needs a package that is not installed; the message names the extra to install."""


@contextmanager
def writing(path: object) -> Iterator[None]:
    """Say which file couldn't be written, and why: a full disk, a folder that isn't there, no permission."""
    try:
        yield
    except FileError:
        raise
    except OSError as error:
        why = error.strerror or str(error).partition("\n")[0]
        raise FileError(f"{path} can't be written: {why}", file=str(path)) from error
    except ValueError:
        if not any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in str(path)):
            raise
        raise FileError(f"{str(path)!r} can't be the name of a file", file=str(path)) from None


def there(path: str | Path) -> Path:
    """Return the path of a file that is there and can be opened.

    Raises
    ------
    FileError
        If it isn't, or no file could have that name.
    """
    try:
        with Path(path).open("rb"):
            return Path(path)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", "") or "no file can have that name"
    raise FileError(f"there is no file {named(path)} that can be read ({why})", file=named(path).strip("'"))


def named(path: object) -> str:
    """Write the name of a file; of what can't be a name, but perhaps is what a file holds, only how long it is."""
    name = str(path)
    return f"(a text of {len(name)} characters)" if "\n" in name or len(name) > _LONGEST else repr(name)


_LONGEST = 4_096  # letters in a path


def first_five(keys: Sequence[Any]) -> tuple[Any, ...]:
    """Return up to five keys as plain Python values, for a :class:`Problem`."""
    return tuple(key.item() if hasattr(key, "item") else key for key in list(keys[:5]))
