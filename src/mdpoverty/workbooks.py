"""Files that are written and read: where they may lie, and Excel workbooks in particular."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Final

from mdpoverty.errors import BadTable, FileError, there, writing
from mdpoverty.extras import need

EXTRA: Final = "excel"
_PLAIN: Final = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}


def writable(path: str | Path, *endings: str) -> Path:
    """Return where a file is to be written.

    Raises
    ------
    FileError
        If its folder isn't there, or it has another ending than those that it may have.
    """
    file = Path(path)
    if not file.name:
        raise FileError(f"{str(path)!r} is no name of a file", file=str(path))
    with writing(file), suppress(OSError):
        os.lstat(file)  # a name that can't be any file's is refused before anything is written
    if endings and file.suffix.lower() not in endings:
        meant = file.with_suffix(endings[0]).name
        raise FileError(f"{file.name} would be written as {', '.join(endings)}: call it {meant!r}", file=str(file))
    if not file.parent.is_dir():
        raise FileError(
            f"there is no folder {str(file.parent)!r} to write {file.name} into: make it first", file=str(file)
        )
    if file.is_dir():
        raise FileError(f"{file.name} is a folder, and not the name of a file", file=str(file))
    return file


def write_text(path: str | Path, text: str, *endings: str) -> None:
    """Write text in UTF-8.

    Raises
    ------
    FileError
        If it can't be written there.
    """
    file = writable(path, *endings)
    with writing(file):
        file.write_text(text, encoding="utf-8")


def write_bytes(path: str | Path, content: bytes, *endings: str) -> None:
    """Write bytes.

    Raises
    ------
    FileError
        If it can't be written there.
    """
    file = writable(path, *endings)
    with writing(file):
        file.write_bytes(content)


@contextmanager
def new_workbook(path: str | Path | BytesIO, what: str, options: Mapping[str, Any] | None = None) -> Iterator[Any]:
    """Open a workbook for writing; it is saved where the block ends.

    Text is never taken for a formula, a number or a link: what looks like one stays the text it is.

    Parameters
    ----------
    path : str, pathlib.Path or BytesIO
        An ``.xlsx``, or where its bytes go.
    what : str
        What is done, for the message if the extra is missing: ``"Writing Excel"``.
    options : mapping, optional
        Other options of ``xlsxwriter.Workbook``.

    Raises
    ------
    FileError
        If it can't be written there.
    MissingExtra
        If xlsxwriter isn't installed.
    """
    file = path if isinstance(path, BytesIO) else writable(path, ".xlsx")
    xlsxwriter = need("xlsxwriter", EXTRA, what)
    book = xlsxwriter.Workbook(file if isinstance(file, BytesIO) else str(file), {**_PLAIN, **(options or {})})
    yield book
    try:
        book.close()
    except xlsxwriter.exceptions.FileCreateError as error:
        name = getattr(file, "name", "")
        raise FileError(f"{name} can't be written: is it open in another program? ({error})", file=str(file)) from error


def open_workbook(path: str | Path | BinaryIO, *, values: bool = True) -> Any:
    """Open an Excel workbook, or its bytes as an open file, with the values saved with formulas or with the formulas.

    Raises
    ------
    FileError
        If there is no such file.
    BadTable
        If it is of another kind, or damaged.
    MissingExtra
        If openpyxl isn't installed.
    """
    openpyxl = need("openpyxl", EXTRA, "Reading Excel")
    file = Path(path) if isinstance(path, str | Path) else path
    if isinstance(file, Path):
        there(file)
    try:
        return openpyxl.load_workbook(file, data_only=values)
    except Exception:  # of openpyxl, of zip files, of XML and of what stands in it; what it repeats isn't shown
        raise BadTable(
            f"{getattr(file, 'name', 'this')} can't be read as an Excel workbook (.xlsx): open it in Excel or "
            "LibreOffice and save it as .xlsx"
        ) from None
