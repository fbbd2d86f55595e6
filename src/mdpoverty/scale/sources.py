"""Where rows come from: files, Arrow streams, lazy frames. Each gives pieces of a table, in order, and says which."""

from __future__ import annotations

import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from glob import glob, has_magic
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, NamedTuple, Protocol

from attrs import define, field, frozen

from mdpoverty.errors import BadTable, MdpovertyError, MissingColumns, Problem, named, writing
from mdpoverty.extras import arrow, need
from mdpoverty.tables.arrow_types import is_single, usual_table, widest
from mdpoverty.texts import composed

Role = Literal["key", "label", "code", "flag", "number", "money"]
"""What a column is read for: files of text don't say themselves what is in them."""

Wanted = Mapping[str, Role]

BATCH = 65_536  # rows read at a time
_SUFFIXES = {".parquet": "parquet", ".pq": "parquet", ".csv": "csv"}


class Piece(NamedTuple):
    """Some rows, where they come from, and the place of the first there."""

    table: Any
    name: str
    start: int


class Source(Protocol):
    """Rows of a table, in order."""

    @property
    def once(self) -> bool:
        """Whether they can be read only once."""

    @property
    def as_text(self) -> bool:
        """Whether they come from files that hold nothing but text."""

    def names(self) -> list[str]:
        """Return the columns' names."""

    def rows(self) -> int | None:
        """Return how many rows there are, if that is known without reading them."""

    def pieces(self, wanted: Wanted) -> Iterator[Piece]:
        """Yield the rows of some columns as Arrow tables."""


def source(data: Any, what: str, *, spooled: bool = False) -> Source:
    """Return what reads a table, whatever it is; a relation of DuckDB's through a file where it is ``spooled``."""
    if isinstance(data, str | Path) or (isinstance(data, list | tuple) and data):
        return _files(data, what)
    kind = f"{type(data).__module__}.{type(data).__name__}"
    if kind.startswith("polars.") and kind.endswith(".LazyFrame"):
        if not hasattr(data, "collect_batches"):
            raise BadTable(
                f"{what}: a lazy frame is read in batches, which takes polars 1.37 or newer; or collect() it"
            )
        return Lazy(data, what)
    if kind.startswith("pyarrow._dataset.") and hasattr(data, "get_fragments"):
        return Dataset(data, what)
    if hasattr(data, "__arrow_c_stream__"):
        return Stream(data, what, once=kind.endswith(".RecordBatchReader"), spooled=spooled)
    raise BadTable(
        f"{what} must be files (a path, a pattern or a list), a polars lazy frame, a pyarrow dataset, or something "
        f"with __arrow_c_stream__ (pyarrow, polars, pandas, DuckDB, ibis), not {type(data).__name__}"
    )


@contextmanager
def reading(name: str, row: int | None = None, columns: Iterable[str] = ()) -> Iterator[None]:
    """Turn what goes wrong in a table's own library into an error that names the table and how far it could be read.

    What others say of an error repeats what cells hold, which may name somebody: only the kind of error is passed on,
    which of some columns it speaks of, and of Arrow the sentence without what it quotes. The error behind it isn't
    shown, for the same reason.
    """
    try:
        yield
    except MdpovertyError:
        raise
    except Exception as error:  # whatever a library, or a function of the caller's in a lazy frame, raises
        where = name if row is None else f"{name}, after row {row:,}"
        mixed = re.search(
            r"Conversion failed for column (.+) with type object", str(error.args[-1] if error.args else "")
        )
        if mixed:
            raise not_in_blocks(where, mixed[1], "of objects of several kinds") from None
        if isinstance(error, UnicodeEncodeError):
            raise BadTable(
                f"{where} can't be read: there is text with half a character in it, which nothing can write: read its "
                "file in the encoding that it is in",
                file=name,
                row=row,
            ) from None
        arrows = isinstance(error, arrow().ArrowException | OSError)
        told = _unquoted(str(error)) if arrows else _kind_of_error(error, columns)
        broken = " (a broken or unfinished file?)" if Path(name).suffix else ""
        advice = next((said for sign, said in _ADVICE.items() if sign in told), "")
        if advice:
            raise BadTable(f"{where} can't be read: {told}: {advice}", file=name, row=row) from None
        raise BadTable(f"{where} can't be read{broken}: {told}", file=name, row=row) from None


@contextmanager
def spare_folder() -> Iterator[str]:
    """Make a folder for what memory needn't hold, for a while; a disk that is full is said."""
    with writing("the temporary folder (TMPDIR)"), TemporaryDirectory(prefix="mdpoverty-") as folder:
        yield folder


_ADVICE: Mapping[str, str] = {
    "columns, got": "a file begins with the line of its columns' names, with no title nor sep= above it, every line "
    "has as many cells, and a cell with a comma in it stands between quotes",
    "Empty CSV file": "there is nothing in it but perhaps a line of names that doesn't end",
}
"""What to do about what Arrow says of CSV files."""


def not_in_blocks(table: str, column: str, kind: str) -> BadTable:
    """Return the error that says of a column that Arrow has no type for what it holds."""
    return BadTable(
        f"{table} can't be read in blocks: {column!r} is a column {kind}; make it one kind that files have too, or "
        "classify the tables in memory, without scan(…), which looks at each",
        file=table,
    )


def _kind_of_error(error: Exception, columns: Iterable[str]) -> str:
    """Say what kind of error something is, and of which columns it speaks."""
    said = str(error)
    named = [repr(column) for column in columns if re.search(rf"(?<!\w){re.escape(column)}(?!\w)", said)]
    return type(error).__name__ + (f" in {', '.join(named)}" if named else "")


def _unquoted(message: str) -> str:
    """Leave out what Arrow repeats of a row: it may name somebody."""
    said = re.sub(r"(got \d+): .*", r"\1", message, flags=re.DOTALL)
    said = re.sub(r"""'[^']*'|"[^"]*"|`[^`]*`""", "'…'", said.partition("\n")[0])
    return re.sub(r"\d{5,}", "…", said)


# ------------------------------------------------------------------------------------------------------------- files


def _files(given: Any, what: str) -> Source:
    paths = _expand(given, what)
    kinds = {_SUFFIXES.get(_suffix(path)) for path in paths}
    if kinds == {"parquet"}:
        return Parquet(tuple(paths), what)
    if kinds == {"csv"}:
        return Csv(tuple(paths), what, as_text=True)
    raise BadTable(f"{what}: files must all be Parquet (.parquet, .pq) or all be CSV (.csv, .csv.gz): {paths[0]}, …")


def _suffix(path: Path) -> str:
    return Path(path.stem).suffix.lower() if path.suffix.lower() == ".gz" else path.suffix.lower()


def _expand(given: Any, what: str) -> list[Path]:
    """Return the files that are meant, in order; what begins with a dot or underscore is nobody's data."""
    if isinstance(given, list | tuple):
        return [path for each in given for path in _expand(each, what)]
    if not isinstance(given, str | Path):
        raise BadTable(f"{what}: a list must be one of paths, and has a {type(given).__name__}")
    path = Path(given)
    if os.path.isdir(path):
        found: Iterable[Path] = path.rglob("*")
        paths = sorted(each for each in found if _suffix(each) in _SUFFIXES and _visible(each.relative_to(path)))
    elif has_magic(str(given)) and not os.path.exists(path):
        paths = sorted(each for each in map(Path, glob(str(given), recursive=True)) if _visible(Path(each.name)))
    else:
        paths = [path] if os.path.isfile(path) else []
    if not paths:
        raise BadTable(f"{what}: there is no file {named(given)}", file=named(given).strip("'"))
    return paths


def _visible(path: Path) -> bool:
    return not any(part.startswith((".", "_")) for part in path.parts)


@frozen(eq=False, repr=False)
class Files(ABC):
    """Files of one table, one after the other."""

    paths: tuple[Path, ...]
    what: str
    once: bool = False
    as_text: bool = False
    listed: tuple[str, ...] = ()  # the columns of all files of the table, where these are only some of them
    optional: frozenset[str] = frozenset()  # the columns that a file may lack: then nobody answered there

    def __repr__(self) -> str:
        more = f" and {len(self.paths) - 1} more" if len(self.paths) > 1 else ""
        return f"{self.paths[0]}{more}"

    def names(self) -> list[str]:
        """Return the columns that any of the files has."""
        return list(self.listed or dict.fromkeys(name for path in self.paths for name in self.names_in(path)))

    @abstractmethod
    def names_in(self, path: Path) -> list[str]:
        """Return the columns of one file."""

    def _there(self, path: Path, wanted: Wanted) -> dict[str, Role]:
        """Return the columns that a file has; it must have those that can't be left out, and each once."""
        names = self.names_in(path)
        _refuse_twins(names, wanted, str(path))
        _refuse_lack(self, wanted, names, str(path))
        return {name: role for name, role in wanted.items() if name in names}


def _refuse_lack(table: Files | Dataset, wanted: Wanted, names: Sequence[str], file: str) -> None:
    """Refuse a file without columns that other files of its table have, unless nobody need answer them."""
    optional = set(map(composed, table.optional))
    absent = sorted(name for name in set(wanted) - set(names) if composed(name) not in optional)
    if absent:
        raise MissingColumns(Problem.of("file_lacks", name, {"file": file}, table=table.what) for name in absent)


def _refuse_twins(names: Sequence[str], wanted: Wanted, name: str) -> None:
    """Refuse a table several of whose columns have a name that is asked for."""
    twice = [each for each in wanted if names.count(each) > 1]
    if twice:
        raise BadTable(f"several columns of {name} are called {twice[0]!r}: leave one of them", file=name)


@frozen(eq=False, repr=False)
class Parquet(Files):
    """Parquet files."""

    def names_in(self, path: Path) -> list[str]:
        """Return the columns of one file."""
        return list(self._open(path).schema_arrow.names)

    def rows(self) -> int | None:
        """Return how many rows the files say they have."""
        return sum(int(self._open(path).metadata.num_rows) for path in self.paths)

    def _open(self, path: Path, **options: Any) -> Any:
        with reading(str(path)):
            return arrow(".parquet").ParquetFile(path, **options)

    def pieces(self, wanted: Wanted) -> Iterator[Piece]:
        """Yield the rows of all files."""
        pa = arrow()
        refuse_disagreement(self.what, wanted, ((path, self._open(path).schema_arrow) for path in self.paths))
        for path in self.paths:
            schema = self._open(path).schema_arrow
            there = self._there(path, wanted)
            texts = [name for name, role in there.items() if role != "key" and _coded(schema.field(name).type)]
            row = 0
            with self._open(path, read_dictionary=texts, pre_buffer=False) as file:
                if not file.metadata.num_row_groups:
                    continue  # some releases of pyarrow stumble over that
                batches = file.iter_batches(BATCH, columns=list(there))
                while True:
                    with reading(str(path), row):
                        batch = next(batches, None)
                    if batch is None:
                        break
                    yield Piece(_filled(usual_table(pa.Table.from_batches([batch])), wanted), str(path), row)
                    row += batch.num_rows


def refuse_disagreement(what: str, wanted: Wanted, files: Iterable[tuple[Path | str, Any]]) -> None:
    """Refuse files of which one has text, say, where another has numbers, or amounts in floats of 32 bits."""
    found: dict[str, dict[Any, Path | str]] = {}
    for path, schema in files:
        for name, kind in zip(schema.names, schema.types, strict=True):
            if name not in wanted or arrow().types.is_null(kind):
                continue
            known = found.setdefault(name, {})
            for other, its in known.items() if kind not in known else ():
                trusted = wanted[name] != "money" or is_single(kind) == is_single(other)
                if kind_of(kind) != kind_of(other) or not trusted or not _go_together(kind, other):
                    raise two_types(f"{what}.{name}", (other, its), (kind, path))
            known.setdefault(kind, path)


def two_types(column: str, one: tuple[Any, Path | str], other: tuple[Any, Path | str]) -> BadTable:
    """Return the error that says of which types a column is in two files."""
    (kind, file), (its, there) = one, other
    return BadTable(
        f"columns are of different types in {file} and {there}: {column} is {kind} in one and {its} in the other; make "
        "it one type in all files",
        file=str(there),
    )


def joined(tables: Sequence[Any]) -> Any:
    """Return tables of the same columns as one, in types that hold what each of them holds.

    Raises
    ------
    pyarrow.ArrowException
        If there is no such type.
    """
    pa = arrow()
    tables = list(tables)
    alike = all(table.schema.equals(tables[0].schema) for table in tables[1:])
    for name in () if alike else tables[0].column_names:
        kinds = {table.column(name).type for table in tables}
        if len(kinds) == 1:
            continue
        text = any(map(is_text, kinds))  # from somewhere on a CSV file could be read as text only
        for place, table in enumerate(tables):
            kind = table.column(name).type
            wide = pa.string() if text else widest(kind)
            if wide != kind:
                tables[place] = table.set_column(table.column_names.index(name), name, table.column(name).cast(wide))
    return pa.concat_tables(tables, promote_options="permissive")


def _go_together(one: Any, other: Any) -> bool:
    """Return whether columns of two types can become one."""
    pa = arrow()
    try:
        joined([usual_table(pa.table({"x": pa.nulls(1, kind)})) for kind in (one, other)])
    except pa.ArrowException:
        return False
    return True


def kind_of(type_: Any) -> str:
    """Return what values of an Arrow type are: files of one table may hold numbers of several types."""
    types = arrow().types
    held = type_.value_type if types.is_dictionary(type_) else type_
    if types.is_integer(held) or types.is_floating(held) or types.is_decimal(held):
        return "number"
    return "text" if is_text(held) else str(held)


def _filled(table: Any, wanted: Wanted) -> Any:
    """Return a table with all columns that are wanted; nobody answered what a file doesn't have."""
    if table.num_columns == len(wanted):
        return table
    there, pa = set(table.column_names), arrow()
    return pa.table({n: table.column(n) if n in there else pa.nulls(len(table)) for n in wanted})


def _coded(kind: Any) -> bool:
    """Return whether a file has a column as places in a dictionary of texts, to be read as they lie."""
    return is_text(kind.value_type if arrow().types.is_dictionary(kind) else kind)


def is_text(kind: Any) -> bool:
    """Return whether an Arrow type is one of text."""
    types = arrow().types
    return bool(types.is_string(kind) or types.is_large_string(kind) or str(kind) == "string_view")


@frozen(eq=False, repr=False)
class Csv(Files):
    """CSV files, with a line of names each; ``.gz`` is unpacked."""

    def names_in(self, path: Path) -> list[str]:
        """Return the columns of one file.

        Raises
        ------
        BadTable
            If cells aren't separated by commas, or the file isn't written in UTF-8.
        """
        with reading(str(path)):
            with arrow().input_stream(str(path)) as file:
                head = file.read(2)
            if head in (b"\xff\xfe", b"\xfe\xff") or b"\0" in head:
                raise _not_utf8(path)
            if head in (b"PK", b"\xd0\xcf"):
                raise BadTable(
                    f"{path} is a workbook or an archive, whatever its name: save its sheet as CSV, or read it with "
                    "pandas.read_excel(…)",
                    file=str(path),
                )
            names = list(arrow(".csv").open_csv(path).schema.names)
        for between, called in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
            if len(names) == 1 and between in names[0]:
                raise BadTable(
                    f'{path}: cells are separated by {called}, and a scan reads commas: save it as "CSV UTF-8" with '
                    f"commas and decimal points, or read it with pandas.read_csv(…, sep={between!r}, decimal=…)",
                    file=str(path),
                )
        return names

    def rows(self) -> int | None:
        """Return nothing: that takes reading them."""
        return None

    def pieces(self, wanted: Wanted) -> Iterator[Piece]:
        """Yield the rows of all files, each column read as what it is for.

        From where a value isn't what its column is for on, a file is read as text: whoever reads the columns then says
        what is wrong with which value, as of any table. So it is where money is less than a thousand đồng, which may be
        written 950.000 and mean a thousand times as much.
        """
        for path in self.paths:
            row, as_text = 0, False
            there = self._there(path, wanted)
            reader = self._open(path, there, row, as_text)
            while True:
                try:
                    with reading(str(path), row):
                        batch = next(reader, None)
                except BadTable as error:
                    if "invalid UTF8" in str(error.__context__):
                        raise _not_utf8(path) from error
                    if as_text or "conversion error" not in str(error.__context__):
                        raise
                    as_text = True
                    reader = self._open(path, there, row, as_text)
                    continue
                if batch is None:
                    break
                if not as_text and _in_thousands(batch, there):
                    as_text = True
                    reader = self._open(path, there, row, as_text)
                    continue
                table = _without_blanks(arrow().Table.from_batches([batch]), there)
                yield Piece(_filled(table, wanted), str(path), row)
                row += batch.num_rows

    def _open(self, path: Path, wanted: Wanted, skipped: int, as_text: bool) -> Iterator[Any]:
        """Read a file after some rows; a reader that fails at once fails with its first batch."""
        pa, csv = arrow(), arrow(".csv")
        types = {} if as_text else {"flag": pa.bool_(), "number": pa.float64(), "money": pa.float64()}
        convert = csv.ConvertOptions(
            column_types={name: types.get(role, pa.string()) for name, role in wanted.items()},
            include_columns=list(wanted),
            strings_can_be_null=False,  # a place may be called NA
        )
        options = csv.ReadOptions(block_size=1 << 24, skip_rows_after_names=skipped)
        yield from csv.open_csv(path, convert_options=convert, read_options=options)


def _in_thousands(batch: Any, wanted: Wanted) -> bool:
    """Return whether an amount is so small that a point in it may stand between thousands."""
    pc = arrow(".compute")
    money = [batch.column(name) for name, role in wanted.items() if role == "money"]
    return any(pc.any(pc.and_(pc.greater(its, 0), pc.less(its, 1_000))).as_py() for its in money)


def _not_utf8(path: Path) -> BadTable:
    return BadTable(
        f'{path} isn\'t written in UTF-8: save it as "CSV UTF-8", or read it with pandas.read_csv(…, '
        'encoding="cp1258") or whatever it is in',
        file=str(path),
    )


def _without_blanks(table: Any, wanted: Wanted) -> Any:
    """Return a table in which empty texts are missing."""
    pa, pc = arrow(), arrow(".compute")
    for position, (name, role) in enumerate(wanted.items()):
        column = table.column(name)
        if role in ("key", "label", "code") and is_text(column.type):
            blank = pc.equal(column, "")
            if pc.any(blank).as_py():
                table = table.set_column(position, name, pc.if_else(blank, pa.scalar(None, column.type), column))
    return table


# ----------------------------------------------------------------------------------------------------------- streams


@define(eq=False)
class Stream:
    """Anything that gives an Arrow stream.

    Attributes
    ----------
    spooled : bool
        Whether rows are first written to a file: two relations of one DuckDB connection can't be read side by side.
    """

    data: Any
    what: str
    once: bool = False
    as_text: bool = False
    spooled: bool = False

    def __repr__(self) -> str:
        return f"a {type(self.data).__name__}"

    def names(self) -> list[str]:
        """Return the columns of the stream."""
        if self.once:
            return list(self.data.schema.names)
        schema = getattr(self.data, "columns", None)
        if schema is not None and all(isinstance(name, str) for name in schema):
            return list(schema)
        return list(self._open(None).schema.names)

    def rows(self) -> int | None:
        """Return the number of rows, where the table knows it."""
        return len(self.data) if not self.once and type(self.data).__module__.startswith(_SIZED) else None

    @property
    def in_memory(self) -> bool:
        """Whether rows are those of a table in memory, of a library that tables may be of."""
        return self.rows() is not None

    def odd(self, wanted: Iterable[str]) -> dict[str, str]:
        """Return those columns of a pandas frame that Arrow has no type for, and what they are.

        Of objects of several kinds Arrow refuses some, and makes one kind of others: bytes of text, days of times.
        """
        if not self.in_memory or not type(self.data).__module__.startswith("pandas"):
            return {}
        import pandas as pd

        found: dict[str, str] = {}
        for name in wanted:
            column = self.data[name]
            if isinstance(column, pd.DataFrame):  # several of that name, which is refused elsewhere
                continue
            if isinstance(column.dtype, pd.PeriodDtype | pd.IntervalDtype):
                found[name] = f"of {column.dtype}"
            elif column.dtype == object and not _of_one_kind(column):
                found[name] = "of objects of several kinds"
        return found

    def _open(self, wanted: Wanted | None) -> Any:
        pa = arrow()
        if self.once:
            return self.data
        with reading(self.what):
            data = self.data if wanted is None else _select(self.data, list(wanted))
            return pa.RecordBatchReader.from_stream(_from_polars(data) if _is_polars(data) else data)

    def pieces(self, wanted: Wanted) -> Iterator[Piece]:
        """Yield the stream's rows."""
        _refuse_twins(self.names(), wanted, f"the {self.what}")
        if self.spooled:
            yield from self._from_file(wanted)
            return
        pa = arrow()
        row = 0
        reader = self._open(wanted)
        while True:
            with reading(self.what, row, wanted):
                batch = next(reader, None)
            if batch is None:
                return
            for part in _cut(pa.Table.from_batches([batch]).select(list(wanted))):
                yield Piece(usual_table(part), self.what, row)
                row += part.num_rows

    def _from_file(self, wanted: Wanted) -> Iterator[Piece]:
        quoted = ('"' + name.replace('"', '""') + '"' for name in wanted)
        with spare_folder() as folder:
            path = str(Path(folder, "rows.parquet"))
            with reading(self.what, None, wanted):
                self.data.project(", ".join(quoted)).write_parquet(path)
            row = 0
            with arrow(".parquet").ParquetFile(path) as file:
                for batch in file.iter_batches(BATCH):
                    yield Piece(usual_table(arrow().Table.from_batches([batch])), self.what, row)
                    row += batch.num_rows


_KINDS = {
    *("string", "bytes", "integer", "floating", "mixed-integer-float", "decimal", "boolean", "empty"),
    *("date", "datetime", "datetime64", "time", "timedelta", "timedelta64"),
}
"""What pandas calls objects that Arrow has a type for."""


def _of_one_kind(column: Any) -> bool:
    """Return whether Arrow has a type for a column of Python objects."""
    import pandas as pd

    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind == "integer":
        return all(value.bit_length() < 64 for value in column if isinstance(value, int))
    return kind in _KINDS


def is_relation(data: Any) -> bool:
    """Return whether a table is one of DuckDB's."""
    return type(data).__name__ == "DuckDBPyRelation"


def _is_polars(frame: Any) -> bool:
    return f"{type(frame).__module__}.".startswith("polars.") and hasattr(frame, "to_arrow")


def _from_polars(frame: Any) -> Any:
    """Return a polars frame with texts of a kind that every release of pyarrow can compare."""
    return frame.to_arrow(compat_level=need("polars", "scale", "A polars frame").CompatLevel.oldest())


_SIZED = ("pandas", "polars", "pyarrow")


def _select(data: Any, names: list[str]) -> Any:
    """Leave out columns before they are turned into Arrow's, where that is easy."""
    import narwhals as nw

    try:
        frame = nw.from_native(data, pass_through=True, eager_only=True)
        return frame.select(names).to_native() if isinstance(frame, nw.DataFrame) else data
    except nw.exceptions.DuplicateError:  # among columns that nobody asks for
        return data.select(names) if hasattr(data, "column_names") else data[names]


def _cut(table: Any) -> Iterator[Any]:
    for start in range(0, table.num_rows, BATCH):
        yield table.slice(start, BATCH)


def _schemas(dataset: Any) -> list[tuple[str, Any]]:
    """Return the files of a dataset, and which columns of which types each of them has; none of one in memory."""
    if hasattr(dataset, "children"):
        return [each for child in dataset.children for each in _schemas(child)]
    found = []
    for path in getattr(dataset, "files", ()):
        with reading(path):
            found.append((path, dataset.format.inspect(path, dataset.filesystem)))
    return found


@define(eq=False)
class Dataset:
    """A pyarrow dataset: folders named after values, many formats, remote files.

    By itself a dataset has the columns of its first file, of the types that they have there. Here it has those of all
    its files, each file's of its own types, except where whoever made it names another type.
    """

    data: Any
    what: str
    once: bool = False
    as_text: bool = False
    optional: frozenset[str] = frozenset()  # the columns that a file may lack: then nobody answered there
    _files: list[tuple[str, Any]] = field(init=False)
    _schema: Any = field(init=False)

    @_files.default
    def _of_files(self) -> list[tuple[str, Any]]:
        return _schemas(self.data)

    @_schema.default
    def _of_all(self) -> Any:
        schema = self.data.schema
        for each in (each for _, its in self._files for each in its):
            schema = schema if each.name in schema.names else schema.append(each)
        return schema

    def __repr__(self) -> str:
        return f"a dataset of {len(self._files) or '?'} files"

    def names(self) -> list[str]:
        """Return the dataset's columns."""
        return list(self._schema.names)

    def rows(self) -> int | None:
        """Return how many rows the files say they have."""
        with reading(self.what):
            return int(self.data.count_rows())

    def pieces(self, wanted: Wanted) -> Iterator[Piece]:
        """Yield the dataset's rows, few ahead of those that are asked for."""
        _refuse_twins(self.names(), wanted, f"the {self.what}")
        self._refuse_apart(wanted)
        pa = arrow()
        for name, part, options in self._parts(wanted):
            with reading(name):
                batches = part.to_batches(columns=list(wanted), batch_size=BATCH, batch_readahead=4, **options)
            row = 0
            while True:
                with reading(name, row):
                    batch = next(batches, None)
                if batch is None:
                    break
                yield Piece(usual_table(pa.Table.from_batches([batch])), name, row)
                row += batch.num_rows

    def _refuse_apart(self, wanted: Wanted) -> None:
        """Refuse files that don't have the columns of the others, or have them of other types."""
        of_files = {each for _, schema in self._files for each in schema.names}  # others are named by folders
        asked = {name: role for name, role in wanted.items() if name in of_files}
        for path, schema in self._files:
            _refuse_twins(schema.names, wanted, path)
            _refuse_lack(self, asked, schema.names, path)
        refuse_disagreement(self.what, {n: role for n, role in asked.items() if not self._is_named(n)}, self._files)

    def _is_named(self, name: str) -> bool:
        """Return whether the dataset was made with a type of its own for a column, which isn't its first file's."""
        first = next((schema.field(name).type for _, schema in self._files if name in schema.names), None)
        return bool(first != self._schema.field(name).type)

    def _parts(self, wanted: Wanted) -> Iterator[tuple[str, Any, dict[str, Any]]]:
        """Yield what is read one after the other, what it is called, and how it is read."""
        try:
            fragments = list(self.data.get_fragments())
        except ValueError:  # what is filtered can be read as a whole only, in the types of the first file
            yield self.what, self.data.replace_schema(self._schema), {"fragment_readahead": 1}
            return
        named = {name for name in wanted if self._is_named(name)}
        for fragment in fragments:
            path = getattr(fragment, "path", self.what)
            with reading(path):
                own = {each.name: each for each in fragment.physical_schema if each.name not in named}
            yield path, fragment, {"schema": arrow().schema(own.get(n, self._schema.field(n)) for n in wanted)}


@frozen(eq=False)
class Lazy:
    """A polars lazy frame, through the batches of its streaming engine."""

    data: Any
    what: str
    once: bool = False
    as_text: bool = False

    def __repr__(self) -> str:
        return "a polars lazy frame"

    def names(self) -> list[str]:
        """Return the frame's columns."""
        with reading(self.what):
            return list(self.data.collect_schema().names())

    def rows(self) -> int | None:
        """Return nothing: that takes reading them."""
        return None

    def pieces(self, wanted: Wanted) -> Iterator[Piece]:
        """Yield what the frame computes."""
        row = 0
        frames: Iterator[Any] = iter(())
        with reading(self.what, columns=wanted):
            frames = self.data.select(list(wanted)).collect_batches(chunk_size=BATCH, maintain_order=True)
        while True:
            with reading(self.what, row, wanted):
                frame = next(frames, None)
            if frame is None:
                return
            table = _from_polars(frame)
            yield Piece(table, self.what, row)
            row += table.num_rows
