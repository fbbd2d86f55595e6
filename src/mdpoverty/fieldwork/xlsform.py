"""A standard's questionnaire as an XLSForm, with the rules in it: the tablet shows the class at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date as Date
from pathlib import Path
from typing import Final

from attrs import define, field

from mdpoverty.engine.xpath import MEMBERS, Calculations, calculations, decimal, reference
from mdpoverty.errors import SpecError
from mdpoverty.fieldwork.asking import KEY_LABEL, NO, YES, asked, limits, question_of
from mdpoverty.law.fields import Field, Label, to_date, unit_name
from mdpoverty.law.files import digest
from mdpoverty.law.law import Law
from mdpoverty.law.program import Key, Program
from mdpoverty.numbers import Language
from mdpoverty.rules.nodes import SIZE
from mdpoverty.workbooks import new_workbook

LANGUAGES: Final[dict[Language, str]] = {"vi": "Tiếng Việt (vi)", "en": "English (en)"}
KEY: Final = "household_id"
YES_NO: Final = "yes_no"
TYPES: Final = {"count": "integer", "number": "decimal", "money": "decimal"}  # an integer of ODK ends at nine digits

_MEMBER = Label("Thành viên", "Member")
_RESULT = Label("Kết quả", "Result")
_BLANK = Label("Để trống nếu không biết.", "Leave it empty if it isn't known.")
_OPEN = Label("Chưa đủ câu trả lời để xếp loại hộ.", "The answers don't decide the class yet.")
_FLAGS = (("1", YES), ("0", NO))
_RESERVED = (KEY, MEMBERS, "result", "standard", "standard_digest", "meta")


@define
class _Workbook:
    """The three sheets of an XLSForm in the making."""

    languages: tuple[Language, ...]
    survey: list[dict[str, str]] = field(factory=list)
    choices: list[dict[str, str]] = field(factory=list)
    settings: list[dict[str, str]] = field(factory=list)

    def said(self, column: str, label: Label) -> dict[str, str]:
        """Return a text in every language of the form; what would be a reference to a field is none."""
        return {f"{column}::{LANGUAGES[each]}": label.in_(each).replace("${", "$ {") for each in self.languages}

    def row(self, kind: str, name: str = "", **cells: str) -> dict[str, str]:
        """Add a row to the survey."""
        added = {"type": kind, "name": name, **cells}
        self.survey.append(added)
        return added


def write(
    law: Law,
    path: str | Path,
    *,
    lang: Language | Sequence[Language] = ("vi", "en"),
    date: Date | str | None = None,
) -> None:
    """Write the XLSForm of a law; see :meth:`mdpoverty.Standard.to_xlsform`."""
    languages = (lang,) if isinstance(lang, str) else tuple(lang)
    if not languages or any(each not in LANGUAGES for each in languages):
        raise SpecError(f"lang is {lang!r}, expected one or several of {', '.join(map(repr, LANGUAGES))}")
    book = _book(law, law.program(date), languages, to_date(date))
    with new_workbook(path, "Writing an XLSForm") as file:
        heading = file.add_format({"bold": True})
        for name in ("survey", "choices", "settings"):
            rows: list[dict[str, str]] = getattr(book, name)
            sheet = file.add_worksheet(name)
            columns = list(dict.fromkeys(column for row in rows for column in row))
            sheet.write_row(0, 0, columns, heading)
            sheet.freeze_panes(1, 0)
            for line, row in enumerate(rows, start=1):
                for place, column in enumerate(columns):
                    if row.get(column):
                        sheet.write_string(line, place, row[column])


def _book(law: Law, program: Program, languages: tuple[Language, ...], day: Date | None) -> _Workbook:
    household, members = _questions(law, program)
    questions: list[Key] = [(each.level, each.id) for each in (*household, *members)]
    rules = calculations(program, questions, [*_RESERVED, *(f"result_{name}" for name in _results(law))])
    book = _Workbook(languages)
    book.row("text", KEY, **book.said("label", KEY_LABEL), required="yes")
    for each in household:
        _ask(book, each, rules.asked_if.get(("household", each.id), ""))
    if members:
        _ask_members(book, members, rules)
    for calculation in rules.household:
        book.row("calculate", calculation.name, calculation=calculation.expression)
    _show(book, law, rules)
    book.row("calculate", "standard", calculation=f"'{law.id}'")
    book.row("calculate", "standard_digest", calculation=f"'{digest(law)}'")
    _choices(book, [*household, *members])
    settings = {
        "form_title": law.title.in_(languages[0]),
        "form_id": re.sub(r"\W", "_", law.id),
        "version": f"{law.revision}-{digest(law)[:12]}" + (f"-{day}" if day else ""),
        "default_language": LANGUAGES[languages[0]],
    }
    book.settings.append(settings)
    return book


def _results(law: Law) -> list[str]:
    return [*law.categories, *law.indicators, "open"]


def _questions(law: Law, program: Program) -> tuple[list[Field], list[Field]]:
    """Return what is asked of a household and of each member, in the order of the law's fields; the size first."""
    members = asked(law, program, "member")
    household = [each for each in asked(law, program, "household") if each.id != SIZE]
    if members or ("household", SIZE) in program.reads:
        household.insert(0, program.field("household", SIZE))
    names = [each.id for each in (*household, *members)]
    for name in names:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) or name in _RESERVED or names.count(name) > 1:
            raise SpecError(
                f"a form can't have a question {name!r}: a name is letters without accents, digits and _, unique over "
                f"households and members, and none of {', '.join(_RESERVED)}"
            )
    return household, members


def _ask(book: _Workbook, its: Field, relevant: str) -> None:
    """Add the question for an answer."""
    kind = {"flag": f"select_one {YES_NO}", "code": f"select_one {its.id}"}.get(its.kind) or TYPES[its.kind]
    if its.kind == "code" and not its.codes:
        kind = "text"
    question = question_of(its)
    hint = Label(_hint(its, "vi"), _hint(its, "en"))
    row = book.row(kind, its.id, **book.said("label", question), **book.said("hint", hint), relevant=relevant)
    edges = [(">=", its.minimum), ("<=", its.maximum)]
    tests = [f". {sign} {decimal(limit)}" for sign, limit in edges if limit is not None]
    if tests and its.kind in TYPES:
        row["constraint"] = " and ".join(tests)
        row.update(book.said("constraint_message", limits(its)))


def _hint(its: Field, lang: Language) -> str:
    unit = f", {unit_name(its.unit, lang)}" if its.unit else ""
    return f"{its.label.in_(lang)}{unit}. {_BLANK.in_(lang)}"


def _ask_members(book: _Workbook, members: Iterable[Field], rules: Calculations) -> None:
    """Add the repeat: as many members as the household has."""
    book.row("begin_repeat", MEMBERS, **book.said("label", _MEMBER), repeat_count=reference(SIZE))
    for each in members:
        _ask(book, each, rules.asked_if.get(("member", each.id), ""))
    for calculation in rules.members:
        book.row("calculate", calculation.name, calculation=calculation.expression)
    book.row("end_repeat")


def _show(book: _Workbook, law: Law, rules: Calculations) -> None:
    """Show the class, or that it is open, and the deprivations that are sure."""
    book.row("begin_group", "result", **book.said("label", _RESULT))
    for name, category in law.categories.items():
        relevant = f"{reference(rules.category)} = '{name}'"
        book.row("note", f"result_{name}", **book.said("label", category.label), relevant=relevant)
    book.row("note", "result_open", **book.said("label", _OPEN), relevant=f"{reference(rules.category)} = ''")
    for name, indicator in law.indicators.items():
        label = Label(f"Thiếu hụt: {indicator.label.vi}", f"Deprived: {indicator.label.en}")
        relevant = f"{reference(rules.indicators[name])} = 2"
        note = f"result_{name}" if name not in law.categories else f"result_deprived_{name}"
        book.row("note", note, **book.said("label", label), relevant=relevant)
    book.row("end_group")


def _choices(book: _Workbook, fields: Iterable[Field]) -> None:
    lists: dict[str, tuple[tuple[str, Label], ...]] = {YES_NO: _FLAGS}
    lists |= {each.id: tuple((code.id, code.label) for code in each.codes) for each in fields if each.kind == "code"}
    for name, codes in lists.items():
        for code, label in codes:
            if re.search(r"\s", code):
                raise SpecError(f"a choice in a form can't hold a space, as {code!r} of {name!r} does")
            book.choices.append({"list_name": name, "name": code, **book.said("label", label)})
