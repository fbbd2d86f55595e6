"""How a standard's answers are asked for, whatever they are asked on: questions, limits, words for yes and no."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from mdpoverty.law.fields import Field, Label
from mdpoverty.law.law import Law
from mdpoverty.law.program import Program
from mdpoverty.numbers import Language, Level, printed
from mdpoverty.rules.nodes import SIZE

KEY_LABEL: Final = Label("Mã hộ", "Household number")
YES: Final = Label("Có", "Yes")
NO: Final = Label("Không", "No")
_SIZE: Final = Label("Hộ có bao nhiêu nhân khẩu?", "How many persons live in the household?")


def asked(law: Law, program: Program, level: Level) -> list[Field]:
    """Return what the rules read of a household or of a member, in the order of the law's fields."""
    needed = dict.fromkeys(program.reads)
    listed: Iterable[tuple[Level, str]] = (*((each.level, each.id) for each in law.fields.values()), *needed)
    return [program.field(*key) for key in dict.fromkeys(listed) if key in needed and key[0] == level]


def question_of(field: Field) -> Label:
    """Return how an answer is asked for; the size of a household, where no standard says how, too."""
    return _SIZE if field.id == SIZE and field.question.vi == SIZE else field.question


def limits(its: Field) -> Label:
    """Say between which numbers an answer lies."""

    def said(lang: Language) -> str:
        low, high = (None if limit is None else printed(limit, lang) for limit in (its.minimum, its.maximum))
        words = ("Từ", "đến", "trở lên", "Nhiều nhất") if lang == "vi" else ("From", "to", "upwards", "At most")
        if low is None:
            return f"{words[3]} {high}"
        return f"{words[0]} {low} {words[1]} {high}" if high is not None else f"{words[0]} {low} {words[2]}"

    return Label(said("vi"), said("en"))
