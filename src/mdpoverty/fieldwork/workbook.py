"""A workbook that officers fill in: written with headings, help and lists in their language, and read back without a
mapping."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from datetime import date as Date
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Literal, NamedTuple

from attrs import define, field, frozen

from mdpoverty.doors import door
from mdpoverty.errors import BadTable, BadValues, MissingColumns, Place, Problem, SpecError
from mdpoverty.fieldwork.asking import KEY_LABEL, NO, YES, asked, limits, question_of
from mdpoverty.law.fields import Field, Label, unit_name
from mdpoverty.law.law import Law
from mdpoverty.numbers import Language, Level
from mdpoverty.rules.nodes import SIZE
from mdpoverty.tables.meanings import from_writing, refused, two_ways
from mdpoverty.tables.options import KEY
from mdpoverty.ternary import is_missing
from mdpoverty.texts import bare, folded, nearest, tidy
from mdpoverty.workbooks import new_workbook, open_workbook, write_bytes

if TYPE_CHECKING:
    import pandas as pd

SHEETS: Final[Mapping[Level, Label]] = {
    "household": Label("Hộ", "Households"),
    "member": Label("Thành viên", "Members"),
}
EXAMPLES: Final = (Label("Ví dụ 1", "Example 1"), Label("Ví dụ 2", "Example 2"), Label("Ví dụ 3", "Example 3"))
_LISTS: Final = Label("Danh mục", "Lists")
_KEY_HELP: Final = Label(
    "Mã riêng của từng hộ; ghi giống nhau ở hai trang. Xóa ba hộ ví dụ.",
    "A number of its own for each household, the same on both sheets. Delete the three examples.",
)
_CHOOSE: Final = Label("Chọn trong danh sách.", "Choose from the list.")
_BLANK: Final = Label("Để trống nếu không biết.", "Leave it empty if it isn't known.")
_LAST_ROW: Final = 1_048_575
_FORMATS: Final = {"money": "#,##0", "count": "0", "number": "#,##0.##"}
_FIRST_ROWS: Final = 20  # the headings stand in one of these
_UNIT: Final = re.compile(r"\s*(?:đồng|đ|vnđ|vnd|m2|m²|người|tuổi)\.?$", re.IGNORECASE)


class Filled(NamedTuple):
    """The households and members of a workbook, as ``classify`` takes them."""

    households: Any
    members: Any


# ------------------------------------------------------------------------------------------------------------- written


def write(law: Law, path: str | Path | None, lang: Language, date: Date | str | None = None) -> bytes:
    """Return the workbook of a law, and write it; see :meth:`mdpoverty.Standard.template`."""
    if lang not in ("vi", "en"):
        raise SpecError(f'lang is "vi" or "en", not {lang!r}')
    program, held = law.program(date), io.BytesIO()
    with new_workbook(held, "Writing a template") as book:
        columns: dict[Level, list[Field]] = {
            "household": asked(law, program, "household"),
            "member": asked(law, program, "member"),
        }
        sheets = {level: book.add_worksheet(SHEETS[level].in_(lang)) for level, its in columns.items() if its}
        lists = _Lists(book, lang)
        for level, sheet in sheets.items():
            _sheet(book, sheet, level, columns, lists, lang)
    content = held.getvalue()
    if path is not None:
        write_bytes(path, content, ".xlsx")
    return content


@define
class _Lists:
    """The words to choose from, on a hidden sheet: a list in the cell itself may have 255 letters only."""

    book: Any
    lang: Language
    sheet: Any = None
    width: int = 0
    known: dict[tuple[str, ...], str] = field(factory=dict)

    def of(self, words: Sequence[str]) -> str:
        """Return where the list of some words stands."""
        key = tuple(words)
        if key not in self.known:
            if self.sheet is None:
                self.sheet = self.book.add_worksheet(_LISTS.in_(self.lang))
                self.sheet.hide()
            letter = chr(ord("A") + self.width % 26)
            column = letter if self.width < 26 else f"{chr(ord('A') + self.width // 26 - 1)}{letter}"
            for row, word in enumerate(words):
                self.sheet.write_string(row, self.width, word)
            self.known[key] = f"='{_LISTS.in_(self.lang)}'!${column}$1:${column}${len(words)}"
            self.width += 1
        return self.known[key]


def _sheet(
    book: Any, sheet: Any, level: Level, columns: Mapping[Level, Sequence[Field]], lists: _Lists, lang: Language
) -> None:
    font = {"font_name": "Times New Roman", "font_size": 11, "text_wrap": True, "valign": "top"}
    head = book.add_format({**font, "bold": True, "border": 1, "bg_color": "#E2EFDA", "valign": "vcenter"})
    small = book.add_format({**font, "italic": True, "font_size": 9, "border": 1, "font_color": "#595959"})
    made_up: dict[str, Any] = {"font_name": "Times New Roman", "font_size": 11, "italic": True, "font_color": "#7F7F7F"}
    key = book.add_format({"num_format": "@"})
    sheet.set_column(0, 0, 16, key)  # text, so that 007 stays 007
    sheet.write_string(0, 0, KEY_LABEL.in_(lang), head)
    sheet.write_string(1, 0, _KEY_HELP.in_(lang), small)
    for at, each in enumerate(columns[level], 1):
        shown = _FORMATS.get(each.kind)
        sheet.set_column(
            at,
            at,
            max(14, min(34, max(map(len, (each.label.in_(lang), *words_of(each, lang)))))),
            shown and book.add_format({"num_format": shown}),
        )
        sheet.write_string(0, at, each.label.in_(lang), head)
        sheet.write_string(1, at, _help(each, lang), small)
        rule = _validation(each, lists, lang)
        if rule:
            sheet.data_validation(2, at, _LAST_ROW, at, rule)
    sheet.set_row(0, 36)
    sheet.set_row(1, 76)
    sheet.freeze_panes(2, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, 1)
    people = bool(columns["member"])
    for row, (name, values) in enumerate(_examples(level, columns[level], people, lang), 2):
        sheet.write_string(row, 0, name, book.add_format({**made_up, "num_format": "@"}))
        for at, (each, value) in enumerate(zip(columns[level], values, strict=True), 1):
            look = book.add_format(
                {**made_up, **({"num_format": _FORMATS[each.kind]} if each.kind in _FORMATS else {})}
            )
            if value is not None:
                (sheet.write_string if isinstance(value, str) else sheet.write_number)(row, at, value, look)


def _help(its: Field, lang: Language) -> str:
    """Return the line below a heading: the question, the unit, how to answer."""
    unit = f" ({unit_name(its.unit, lang)})" if its.unit else ""
    choose = f" {_CHOOSE.in_(lang)}" if its.kind == "flag" or its.codes else ""
    return f"{question_of(its).in_(lang)}{unit}{choose}"


def _validation(its: Field, lists: _Lists, lang: Language) -> dict[str, Any] | None:
    """Return what a spreadsheet lets be typed into a column."""
    common: dict[str, Any] = {
        "ignore_blank": True,
        "input_title": its.label.in_(lang)[:32],
        "input_message": f"{_help(its, lang)} {_BLANK.in_(lang)}"[:255],
        "error_title": its.label.in_(lang)[:32],
    }
    words = words_of(its, lang)
    if words:
        return {**common, "validate": "list", "source": lists.of(words), "error_message": _CHOOSE.in_(lang)}
    if its.kind not in _FORMATS:
        return None
    edges = [float(each) if each is not None else None for each in (its.minimum, its.maximum)]
    rule: dict[str, Any] = {**common, "validate": "integer" if its.kind == "count" else "decimal"}
    if edges[0] is not None and edges[1] is not None:
        rule |= {"criteria": "between", "minimum": edges[0], "maximum": edges[1]}
    else:
        low, high = (edges[0] if edges[0] is not None else -1e15), edges[1]
        rule |= {"criteria": ">=", "value": low} if high is None else {"criteria": "<=", "value": high}
    return {**rule, "error_message": limits(its).in_(lang)[:255]}


def words_of(its: Field, lang: Language) -> list[str]:
    """Return the words that a column may hold; none for numbers."""
    if its.kind == "flag":
        return [YES.in_(lang), NO.in_(lang)]
    return [code.label.in_(lang) for code in its.codes]


def _examples(level: Level, columns: Sequence[Field], people: bool, lang: Language) -> list[tuple[str, list[Any]]]:
    """Make up rows: three households, and two members of each. They say what an answer looks like, and no more."""
    rows = [(name.in_(lang), at, 0) for at, name in enumerate(EXAMPLES)]
    if level == "member":
        rows = [(name, at, person) for name, at, _ in rows for person in (0, 1)]
    money = [each.id for each in columns if each.kind == "money"]
    numbers = {"money": (1_450_000, 1_900_000, 3_200_000), "count": (41, 36, 68), "number": (38, 45.5, 60)}

    def answer(its: Field, at: int, person: int) -> Any:
        words = words_of(its, lang)
        if words:
            return words[(at + person) % len(words)]
        if its.id == SIZE:
            return 2 if people else 3 + at
        if its.kind not in numbers or (its.kind == "money" and its.id != money[0]):
            return None
        value = numbers[its.kind][at] - (30 * person if its.kind == "count" else 0)
        low, high = its.minimum, its.maximum
        return (
            max(value, float(low))
            if low is not None and value < low
            else value
            if high is None
            else min(value, float(high))
        )

    return [(name, [answer(each, at, person) for each in columns]) for name, at, person in rows]


# ---------------------------------------------------------------------------------------------------------- read back


@door
def read_workbook(
    path: str | Path | BinaryIO,
    standard: Law,
    *,
    lang: Language = "vi",
    households: str | None = None,
    members: str | None = None,
) -> Filled:
    """Read a workbook that was filled in, such as :meth:`Standard.template` made it, as ``classify`` takes it.

    Columns are found by their Vietnamese or English heading or by the library's name for them, in any case, Unicode
    form and place of the tone mark; the words in them likewise. A line of help below the headings is left out, and so
    are the template's own made-up households ("Ví dụ 1" …) and empty rows. Other columns stay as they are, under their
    headings: places, names, and what the forms count by.

    Parameters
    ----------
    path : str, pathlib.Path or binary file
        The ``.xlsx``, or its bytes as an upload or ``io.BytesIO`` holds them.
    standard : Standard
        Whose answers the workbook holds.
    lang : {"vi", "en"}
        How numbers in text are written: ``"1.500.000"`` and ``"40,5"``, or ``"1,500,000"`` and ``"40.5"``. What may be
        read in two ways is an error.
    households, members : str, optional
        The names of the sheets, if they aren't "Hộ" and "Thành viên" (or "Households" and "Members").

    Returns
    -------
    Filled
        ``households`` and ``members``, pandas DataFrames under the library's names; ``members`` is ``None`` where there
        is no such sheet. Keys are text. The index is such that later errors name the rows of the sheet.

    Raises
    ------
    FileError
        If there is no such file.
    BadTable
        If it is no workbook, a sheet has no headings, or two of its columns mean the same.
    MissingColumns
        If a sheet has no column of household numbers.
    BadValues
        If cells hold what can't be an answer, or rows have answers and no household number: all of them at once, with
        the rows as the spreadsheet shows them.
    SpecError
        If there is no sheet of that name.
    """
    if lang not in ("vi", "en"):
        raise SpecError(f'lang is "vi" or "en", not {lang!r}')
    book, formulas = open_workbook(path), open_workbook(path, values=False)
    problems: list[Problem] = []
    found: dict[Level, Any] = {}
    program = standard.program()
    wanted: dict[Level, str | None] = {"household": households, "member": members}
    for level, name in wanted.items():
        title = _title(book.sheetnames, level, name)
        if title is not None:
            columns = _columns_of(standard, asked(standard, program, level), level)
            sheet = _Sheet(_TABLES[level], title, columns, lang)
            found[level] = sheet.read(book[title], formulas[title], problems)
    if problems:
        raise BadValues(problems)
    return Filled(found["household"], found.get("member"))


_TABLES: Final[Mapping[Level, Literal["households", "members"]]] = {"household": "households", "member": "members"}


def _title(titles: Sequence[str], level: Level, name: str | None) -> str | None:
    """Find a sheet: the one that is named, or that is called as the template calls it."""
    known = [name] if name is not None else [SHEETS[level].vi, SHEETS[level].en]
    for title in titles:
        if folded(title) in map(folded, known) or bare(title) in map(bare, known):
            return title
    if name is None and level == "member":
        return None
    if name is None and len(titles) == 1:
        return titles[0]
    like = nearest(known[0], titles)
    hint = f"; is it {like!r}?" if like else f", only {', '.join(map(repr, titles))}"
    raise SpecError(f"there is no sheet {known[0]!r}{hint}; name it with {_TABLES[level]}=")


@frozen
class _Names:
    """Finds a word among those that are known, by what people's spelling doesn't change and then without accents."""

    exact: Mapping[str, str]
    plain: Mapping[str, str]

    @classmethod
    def of(cls, known: Mapping[str, str]) -> _Names:
        """Take the known words and what each means."""
        plain: dict[str, set[str]] = {}
        for word, meant in known.items():
            plain.setdefault(bare(word), set()).add(meant)
        return cls(
            {folded(word): meant for word, meant in known.items()},
            {word: next(iter(meant)) for word, meant in plain.items() if len(meant) == 1},
        )

    def find(self, word: str) -> str | None:
        """Return what a word means; ``None`` where it isn't known."""
        return self.exact.get(folded(word)) or self.plain.get(bare(word))


def _columns_of(standard: Law, needed: Sequence[Field], level: Level) -> dict[str, Field | None]:
    """Return the columns that a sheet may have, by id; the key isn't a field."""
    fields = {each.id: each for each in standard.fields.values() if each.level == level}
    return {KEY: None, **fields, **{each.id: each for each in needed}}


@define
class _Sheet:
    """A sheet being read."""

    table: Literal["households", "members"]
    title: str
    columns: Mapping[str, Field | None]
    lang: Language
    names: dict[int, str] = field(factory=dict)

    def read(self, sheet: Any, formulas: Any, problems: list[Problem]) -> pd.DataFrame:
        """Return the sheet as a table, and note what can't be an answer."""
        import pandas as pd

        rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        head = self.headings(rows)
        key_at = next((at for at, name in self.names.items() if name == KEY), None)
        if key_at is None:
            raise MissingColumns([Problem.of("missing_column", KEY_LABEL.in_(self.lang), table=self.table, field=KEY)])
        kept = [at for at in range(head + 1, len(rows)) if self.has_answers(rows[at], key_at)]
        keys = [_key(rows[at][key_at]) for at in kept]
        places = [Place(key, at + 1) for key, at in zip(keys, kept, strict=True)]
        nobody = [place for place in places if place.key is None]
        if nobody:
            problems.append(self.problem("no_key", KEY, nobody))
        data: dict[str, Any] = {KEY: pd.array(keys, dtype="string")}
        for at, name in self.names.items():
            if name == KEY:
                continue
            cells = [rows[row][at] for row in kept]
            unsaved = [
                place for place, row, cell in zip(places, kept, cells, strict=True)
                if cell is None and formulas.cell(row + 1, at + 1).data_type == "f"
            ]  # fmt: skip
            if unsaved:
                problems.append(self.problem("formula_unsaved", name, unsaved))
            its = self.columns.get(name)
            data[name] = _own(cells) if its is None else self.column(its, cells, places, problems)
        return pd.DataFrame(data, index=[at - 1 for at in kept])  # a table's row is a sheet's less the headings and one

    def headings(self, rows: Sequence[Sequence[Any]]) -> int:
        """Find the row of headings, and what its columns are."""
        words = {KEY_LABEL.vi: KEY, KEY_LABEL.en: KEY, KEY: KEY}
        for name, its in self.columns.items():
            if its is not None:
                words |= {its.label.vi: name, its.label.en: name, name: name}
        known = _Names.of(words)

        def found(row: Sequence[Any]) -> dict[int, str | None]:
            return {at: known.find(str(cell)) for at, cell in enumerate(row) if not _blank(cell)}

        best = max(
            range(min(len(rows), _FIRST_ROWS)), key=lambda at: sum(map(bool, found(rows[at]).values())), default=0
        )
        columns = found(rows[best]) if rows else {}
        if not any(columns.values()):
            raise BadTable(f"the sheet {self.title!r} has no headings such as {KEY_LABEL.in_(self.lang)!r}")
        self.names = {at: name or tidy(str(rows[best][at])) for at, name in columns.items()}
        twice = sorted({name for name in self.names.values() if list(self.names.values()).count(name) > 1})
        if twice:
            raise BadTable(f"the sheet {self.title!r} has several columns for {', '.join(twice)}: leave one of each")
        return best

    def has_answers(self, row: Sequence[Any], key_at: int) -> bool:
        """Return whether a row is a household's or a member's: not empty, no help, no example of ours."""
        key = row[key_at]
        if all(_blank(cell) for cell in row):
            return False
        if _blank(key):
            return any(not _blank(row[at]) for at, name in self.names.items() if name in self.columns)
        said = folded(str(key))
        ours = [label.in_(lang) for label in (_KEY_HELP, *EXAMPLES) for lang in ("vi", "en")]
        return said not in map(folded, ours)

    def column(self, its: Field, cells: Sequence[Any], places: Sequence[Place], problems: list[Problem]) -> Any:
        """Read a column's cells as answers."""
        import pandas as pd

        words = self.words(its)
        read: list[Any] = []
        bad: list[tuple[Place, Any]] = []
        for cell, place in zip(cells, places, strict=True):
            value = None if _blank(cell) else self.answer(its, cell, words)
            if value is None and not _blank(cell):
                bad.append((place, cell))
            read.append(value)
        doubtful = [place for place, cell in bad if isinstance(cell, str) and its.kind in _FORMATS and two_ways(cell)]
        if doubtful:
            problems.append(self.problem("two_ways", its.id, doubtful))
            bad = [(place, cell) for place, cell in bad if place not in doubtful]
        if bad:
            details = refused([cell for _, cell in bad], its, words.exact and [*self.shown(its)])
            if its.kind in ("flag", "code"):
                details["expected"] = Label(*("; ".join(words_of(its, lang)) for lang in ("vi", "en")))
            code = "not_in_list" if its.kind in ("flag", "code") else "not_an_answer"
            problems.append(self.problem(code, its.id, [place for place, _ in bad], details))
        if its.kind == "flag":
            return pd.array(read, dtype="boolean")
        if its.kind == "code":
            return pd.array(read, dtype="string")
        whole = all(value is None or isinstance(value, int) for value in read)
        return pd.array(read, dtype="Int64" if whole else "Float64")

    def shown(self, its: Field) -> list[str]:
        """Return the words of a column as the officer's list has them."""
        return words_of(its, self.lang)

    def words(self, its: Field) -> _Names:
        """Return what the words of a column mean."""
        if its.kind == "flag":
            yes, no = ("yes", "y", "true", "1", "x", YES.vi, "đúng"), ("no", "n", "false", "0", NO.vi, "sai")
            return _Names.of({**dict.fromkeys(yes, "1"), **dict.fromkeys(no, "0")})
        known = {word: code.id for code in its.codes for word in (code.id, code.label.vi, code.label.en)}
        return _Names.of(known)

    def answer(self, its: Field, cell: Any, words: _Names) -> Any:
        """Read one cell; ``None`` where it can't be an answer."""
        if its.kind == "flag":
            said = words.find(str(int(cell)) if isinstance(cell, bool | float | int) and cell in (0, 1) else str(cell))
            return None if said is None else said == "1"
        if its.kind == "code":
            return words.find(str(cell)) if its.codes else tidy(str(cell))
        value = from_writing(_UNIT.sub("", cell), self.lang, its.kind != "number") if isinstance(cell, str) else cell
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if its.kind == "count" and not isinstance(value, int):
            return None
        low, high = its.minimum, its.maximum
        return None if (low is not None and value < low) or (high is not None and value > high) else value

    def problem(
        self, code: str, name: str, places: Sequence[Place], details: Mapping[str, Any] | None = None
    ) -> Problem:
        """Say what is wrong with some rows of a column, under its heading."""
        at = next(column for column, its in self.names.items() if its == name)
        its = self.columns.get(name)
        heading = (
            KEY_LABEL.in_(self.lang) if at is not None and name == KEY else its.label.in_(self.lang) if its else name
        )
        first = tuple(place.key if place.key is not None else place.text() for place in places[:5])
        return Problem.of(
            code,
            heading,
            details,
            rows=len(places),
            first=first,
            places=tuple(places[:5]),
            table=self.table,
            field=name,
        )


def _blank(cell: Any) -> bool:
    return is_missing(cell) or (isinstance(cell, str) and not tidy(cell))


def _key(cell: Any) -> str | None:
    """Return a key as text: a number that somebody typed is the text of it."""
    if _blank(cell):
        return None
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else tidy(str(cell))


def _own(cells: Sequence[Any]) -> list[Any]:
    """Return a column of the officer's own as it is, empty texts as missing."""
    return [None if _blank(cell) else tidy(cell) if isinstance(cell, str) else cell for cell in cells]
