"""Files that are there whole or not at all: written aside, and renamed when the last row is in."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType
from typing import Any

from attrs import define, field

from mdpoverty.errors import BadTable, SpecError
from mdpoverty.extras import arrow

ROWS = 1_048_576
"""Rows from which on a next file is begun."""

ASIDE = ".partial"


@define(eq=False)
class Sink:
    """One Parquet file, or (with a ``*`` in its name) a new folder of them; made by :meth:`open`.

    Everything is written into a hidden folder beside, under names that end in ``.partial``. One rename of the file, or
    of the whole folder, makes it appear. Whatever ends the work before that, a crash too, leaves at most the hidden
    folder.
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
        if target.suffix.lower() != ".parquet" or "*" in str(target.parent) or target.name.count("*") > 1:
            raise SpecError(f"a sink is a file like out.parquet, or a folder of them like out/*.parquet, not {pattern}")
        folder = target.parent if "*" in target.name else None
        if folder is None and target.exists():
            raise BadTable(f"{target} is there already: name another sink, or remove it first")
        if folder is not None and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise BadTable(f"{folder} is there already and not empty: name a new folder for {target.name}")
        beside = (folder or target).absolute().parent
        beside.mkdir(parents=True, exist_ok=True)
        aside = Path(mkdtemp(prefix=f".{(folder or target).name}-", suffix=ASIDE, dir=beside))
        return cls(target, folder, aside)

    def __enter__(self) -> Sink:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.close()
        shutil.rmtree(self.aside, ignore_errors=True)

    def write(self, table: Any) -> None:
        """Add rows."""
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
        self.files.append(self.aside / f"{name}{ASIDE}")
        self._writer = arrow(".parquet").ParquetWriter(self.files[-1], self._schema, compression="zstd")
        self._rows = 0

    def commit(self) -> tuple[Path, ...]:
        """Make what was written appear, all at once, and return the files."""
        self._writer.close()
        self._writer = None
        whole = [path.rename(path.with_name(path.name.removesuffix(ASIDE))) for path in self.files]
        if self.folder is None:
            os.replace(whole[0], self.target)
            return (self.target,)
        if self.folder.exists():
            self.folder.rmdir()  # it was empty; if it is no longer, nothing is moved
        self.aside.chmod(0o755 & ~_umask())
        os.rename(self.aside, self.folder)
        return tuple(self.folder / path.name for path in whole)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
