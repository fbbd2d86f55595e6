"""Files that are there whole or not at all: written aside, and renamed when the last row is in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType
from typing import Any

from attrs import define, field

from mdpoverty.errors import BadTable, FileError, SpecError, writing
from mdpoverty.extras import arrow

ROWS = 1_048_576
"""Rows from which on a next file is begun."""

ASIDE = ".partial"
WHOLE = "whole"
"""The folder in the hidden one that becomes the sink's."""


@define(eq=False)
class Sink:
    """One Parquet file, or (with a ``*`` in its name) a new folder of them; made by :meth:`open`.

    Everything is written into a hidden folder beside, under names that end in ``.partial``. One step makes the file, or
    the whole folder, appear, and only where nothing is there by then. Whatever ends the work before that, a crash too,
    leaves at most the hidden folder.
    """

    target: Path
    folder: Path | None
    aside: Path
    files: list[Path] = field(factory=list)
    _writer: Any = None
    _schema: Any = None
    _rows: int = 0

    @classmethod
    def open(cls, pattern: str | Path) -> Sink:
        """Get ready to write.

        Raises
        ------
        SpecError
            If the pattern is none of Parquet files.
        BadTable
            If something is there already: nothing is ever overwritten.
        """
        target = Path(pattern)
        no_file = target.suffix.lower() != ".parquet" or "://" in str(pattern)
        if no_file or "*" in str(target.parent) or target.name.count("*") > 1:
            raise SpecError(f"a sink is a file like out.parquet, or a folder of them like out/*.parquet, not {pattern}")
        folder = target.parent if "*" in target.name else None
        with writing(target):
            beside = (folder or target).absolute().parent
            if folder is None and os.path.lexists(target):
                raise BadTable(f"{target} is there already: name another sink, or remove it first")
            if folder is not None and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
                raise BadTable(f"{folder} is there already and not empty: name a new folder for {target.name}")
            beside.mkdir(parents=True, exist_ok=True)
            aside = Path(mkdtemp(prefix=f".{(folder or target).name}-", suffix=ASIDE, dir=beside))
            (aside / WHOLE).mkdir()  # with the permissions that any new folder has
        return cls(target, folder, aside)

    def __enter__(self) -> Sink:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # of a full disk, which was said already
            if self._writer is not None:
                self._writer.close()
        shutil.rmtree(self.aside, ignore_errors=True)

    def write(self, table: Any) -> None:
        """Add rows.

        Raises
        ------
        FileError
            If they can't be written: the disk is full, say.
        """
        with writing(self.folder or self.target):
            if self._schema is None:
                self._schema = table.schema
            if self._writer is None or (self.folder is not None and self._rows >= ROWS):
                self._next_file()
            self._writer.write_table(table.cast(self._schema))
            self._rows += table.num_rows

    def _next_file(self) -> None:
        if self._writer is not None:
            self._writer.close()
        name = self.target.name.replace("*", f"part-{len(self.files):05}")
        self.files.append(self.aside / WHOLE / f"{name}{ASIDE}")
        try:
            self._writer = arrow(".parquet").ParquetWriter(self.files[-1], self._schema, compression="zstd")
        except arrow().ArrowNotImplementedError:  # Arrow has types that no Parquet file has, such as unions; of a
            # result's columns only the keys have a type of the caller's, the others are text, flags and numbers
            kind = self._schema.field(0).type
            raise BadTable(f"Parquet has no type for the households' keys ({kind}): make them text") from None
        self._rows = 0

    def commit(self) -> tuple[Path, ...]:
        """Make what was written appear, all at once, and return the files.

        Raises
        ------
        FileError
            If something appeared there meanwhile. That is left as it is, and what was written appears beside it under
            another name, which ``written`` says.
        """
        with writing(self.folder or self.target):
            self._writer.close()
            self._writer = None
            whole = [path.rename(path.with_name(path.name.removesuffix(ASIDE))) for path in self.files]
            appear, wanted = (_rename, self.folder) if self.folder is not None else (_link, self.target)
            source = self.aside / WHOLE if self.folder is not None else whole[0]
            place = next(each for each in _names(wanted) if appear(source, each))
        files = tuple(place / path.name for path in whole) if self.folder is not None else (place,)
        if place != wanted:
            raise FileError(
                f"{wanted} appeared while this was running, and nothing is overwritten: what was written is in {place}",
                file=str(wanted),
                written=tuple(map(str, files)),
            )
        return files


def _names(path: Path) -> Iterator[Path]:
    """Yield a path, and others beside it for the case that something is there."""
    yield path
    yield from (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in count(2))


def _link(source: Path, target: Path) -> bool:
    """Give a file another name, unless that is taken."""
    try:
        os.link(source, target)
    except FileExistsError:
        return False
    except OSError:  # a file system without links: take the name first
        try:
            target.touch(exist_ok=False)
        except FileExistsError:
            return False
        os.replace(source, target)
    return True


def _rename(source: Path, target: Path) -> bool:
    """Give a folder another name, unless that is taken by anything but an empty folder."""
    try:
        if os.name == "nt" and target.is_dir():
            target.rmdir()  # elsewhere an empty folder is replaced
        os.rename(source, target)
    except OSError:
        if target.exists():
            return False
        raise
    return True
