"""Verdicts and rules in sentences, in Vietnamese and English."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from mdpoverty.numbers import Operator, printed
from mdpoverty.standard import Label, Language
from mdpoverty.ternary import UNKNOWN, YES

if TYPE_CHECKING:
    from mdpoverty.results.verdict import Ask, Finding, Margin, Verdict

_WORDS = {
    "by": Label("theo", "by"),
    "open": Label("Chưa xác định", "Open"),
    "possible": Label("còn có thể là", "still possible"),
    "deprived": Label("thiếu hụt", "deprived"),
    "unknown": Label("chưa rõ", "not known"),
    "members": Label("thành viên", "member"),
    "none_deprived": Label("không thiếu hụt chỉ số nào", "no deprivation"),
    "to_ask": Label("Cần hỏi thêm", "Still to ask"),
    "unconfirmed": Label("chưa đối chiếu văn bản gốc", "not confirmed in a source"),
    "change": Label("Kết quả sẽ thay đổi nếu", "What would change the class"),
    "not_answered": Label("chưa trả lời", "not answered"),
    "yes": Label("đạt điều kiện", "met"),
    "no": Label("không đạt điều kiện", "not met"),
    "now": Label("nay là", "now"),
    "of": Label("Thành viên", "Member"),
}

_UNITS = {
    "VND/person/month": Label("đồng/người/tháng", "VND per person per month"),
    "VND/person/year": Label("đồng/người/năm", "VND per person per year"),
    "indicators": Label("chỉ số", "indicators"),
    "points": Label("điểm", "points"),
    "completed years": Label("tuổi tròn", "completed years"),
    "years": Label("tuổi", "years"),
    "m²/person": Label("m²/người", "m² per person"),
}


def verdict_text(verdict: Verdict, lang: Language) -> str:
    """Return a verdict as text: the class, each condition, the deprivations, what to ask, what would change it."""
    return "\n".join(_Writer(verdict, lang).lines())


class _Writer:
    def __init__(self, verdict: Verdict, lang: Language) -> None:
        self.verdict, self.lang = verdict, lang

    def word(self, key: str) -> str:
        return _WORDS[key].in_(self.lang)

    def lines(self) -> list[str]:
        verdict, lang = self.verdict, self.lang
        categories = verdict.standard.categories
        if verdict.category is not None:
            category = categories[verdict.category]
            head = category.label.in_(lang)
            cited = category.citation if category.citation.words else verdict.standard.citation
        else:
            names = ", ".join(categories[name].label.in_(lang) for name in verdict.possible)
            head = f"{self.word('open')} – {self.word('possible')}: {names}"
            cited = verdict.standard.citation
        lines = [f"{head} ({self.word('by')} {_cite(cited.instrument, cited.place)})"]
        for finding in verdict.findings:
            lines += self.condition(finding)
        if verdict.ask:
            lines.append(f"{self.word('to_ask')}:")
            lines += [f"  ? {self.question(ask)}" for ask in verdict.ask]
        if verdict.margins:
            lines.append(f"{self.word('change')}:")
            lines += [f"  ~ {self.margin(margin)}" for margin in verdict.margins]
        return lines

    def condition(self, finding: Finding) -> list[str]:
        lang = self.lang
        limit, unit = printed(finding.limit, lang), self.unit(finding.unit)
        value = self.word("not_answered") if finding.value is None else printed(finding.value, lang)
        met = self.word({UNKNOWN: "unknown", YES: "yes"}.get(finding.answer, "no"))
        sign = Operator(finding.operator).sign if finding.operator else ""
        line = f"  {finding.label.in_(lang)}: {value} {sign} {limit} {unit} – {met}"
        lines = [line]
        for dimension in finding.children:
            lines += [self.indicator(dimension, child) for child in dimension.children if self.tells(child)]
        if finding.children and len(lines) == 1:
            lines.append(f"    {self.word('none_deprived')}")
        return lines

    def tells(self, finding: Finding) -> bool:
        """Return whether an indicator is a reason: a deprivation, or one that is open while the class is too."""
        return finding.answer == YES or (finding.answer == UNKNOWN and self.verdict.category is None)

    def indicator(self, dimension: Finding, finding: Finding) -> str:
        state = self.word("deprived" if finding.answer == YES else "unknown")
        who = finding.members if finding.answer == YES else finding.open_members
        people = f" ({self.word('members')} {', '.join(str(i + 1) for i in who)})" if who else ""
        doubt = f" [{self.word('unconfirmed')}]" if finding.citation and not finding.citation.confirmed else ""
        label, its = finding.label.in_(self.lang), dimension.label.in_(self.lang)
        return f"    {'-' if finding.answer == YES else '?'} {its} / {label}: {state}{people}{doubt}"

    def question(self, ask: Ask) -> str:
        whom = f"{self.word('of')} {ask.member + 1}: " if ask.member is not None else ""
        return f"{whom}{ask.question.in_(self.lang)}"

    def margin(self, margin: Margin) -> str:
        lang = self.lang
        label, unit = margin.label.in_(lang), self.unit(margin.unit)
        value, limit = printed(margin.value, lang), printed(margin.limit, lang)
        categories = self.verdict.standard.categories
        becomes = categories[margin.becomes].label.in_(lang) if margin.becomes else self.word("open")
        return f"{label}: {margin.operator.sign} {limit} {unit} ({self.word('now')} {value}) → {becomes}"

    def unit(self, unit: str) -> str:
        return unit_name(unit, self.lang)


def _cite(instrument: str, place: str) -> str:
    return f"{instrument}, {place}" if place else instrument


def unit_name(unit: str, lang: Language) -> str:
    """Return a unit's name in that language; a unit that isn't known here as it stands."""
    return _UNITS[unit].in_(lang) if unit in _UNITS else unit


def in_units(amount: int | Fraction, unit: str, lang: Language) -> str:
    """Write a legal amount exactly, with its unit; a fraction of a year in months where they are whole.

    >>> in_units(1_234_000, "VND/person/month", "vi"), in_units(Fraction(121, 2), "years", "en")
    ('1.234.000 đồng/người/tháng', '60 years 6 months')
    """
    if unit == "years" and isinstance(amount, Fraction) and 12 % amount.denominator == 0:
        years, months = divmod(int(amount * 12), 12)
        return f"{years} {unit_name(unit, lang)} {months} " + ("tháng" if lang == "vi" else "months")
    exact = printed(amount, lang) if isinstance(amount, int) else str(amount)
    return f"{exact} {unit_name(unit, lang)}".rstrip()
