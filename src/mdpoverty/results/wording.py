"""Verdicts in sentences, in Vietnamese and English."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mdpoverty.law.fields import Label, unit_name
from mdpoverty.law.law import Law
from mdpoverty.numbers import Language, printed
from mdpoverty.results.reasons import Ask, Finding, Margin
from mdpoverty.ternary import UNKNOWN, YES
from mdpoverty.words.rules import within
from mdpoverty.words.tables import OPEN_LABEL

_WORDS = {
    "by": Label("theo", "by"),
    "open": OPEN_LABEL,
    "possible": Label("còn có thể là", "still possible"),
    "deprived": Label("thiếu hụt", "deprived"),
    "unknown": Label("chưa rõ", "not known"),
    "members": Label("thành viên", "member"),
    "none_deprived": Label("không thiếu hụt chỉ số nào", "no deprivation"),
    "to_ask": Label("Cần hỏi thêm", "Still to ask"),
    "found rule": Label("đã tìm thấy quy định, chưa thấy nguyên văn", "rule found, not its exact words"),
    "found nothing": Label("chưa tìm thấy trong nguồn nào", "not confirmed in a source"),
    "change": Label("Kết quả sẽ thay đổi nếu", "What would change the class"),
    "not_answered": Label("chưa trả lời", "not answered"),
    "needed": Label("cần {}", "{} needed"),
    "yes": Label("đạt", "met"),
    "no": Label("không đạt", "not met"),
    "now": Label("nay là", "now"),
    "of": Label("Thành viên", "Member"),
}


class Writer:
    """Writes verdicts by a law in one language."""

    def __init__(self, law: Law, lang: Language) -> None:
        self.law, self.lang = law, lang

    def word(self, key: str) -> str:
        """Return one of the words that verdicts are told in."""
        return _WORDS[key].in_(self.lang)

    def text(
        self,
        possible: tuple[str, ...],
        findings: Iterable[Finding],
        asks: Sequence[Ask],
        margins: Sequence[Margin],
    ) -> str:
        """Tell a verdict: the class, each condition, the deprivations, what to ask, what would change it."""
        lang, categories = self.lang, self.law.categories
        settled = len(possible) == 1
        if settled:
            category = categories[possible[0]]
            head = category.label.in_(lang)
            cited = category.citation if category.citation.words else self.law.citation
        else:
            names = ", ".join(categories[name].label.in_(lang) for name in possible)
            head = f"{self.word('open')} – {self.word('possible')}: {names}"
            cited = self.law.citation
        lines = [f"{head} ({self.word('by')} {_cite(cited.instrument, cited.place)})"]
        for finding in findings:
            lines += self.condition(finding, settled)
        if asks:
            lines.append(f"{self.word('to_ask')}:")
            lines += [f"  ? {self.question(ask)}" for ask in asks]
        if margins:
            lines.append(f"{self.word('change')}:")
            lines += [f"  ~ {self.margin(margin)}" for margin in margins]
        return "\n".join(lines)

    def condition(self, finding: Finding, settled: bool) -> list[str]:
        """Tell how the household stands to a condition, and the deprivations behind it."""
        lang = self.lang
        unit = unit_name(finding.unit, lang)
        known = finding.value is not None
        told = [f"{printed(finding.value, lang)} {unit}".strip() if known else self.word("not_answered")]
        if finding.operator:
            limit = printed(finding.limit, lang) if known else f"{printed(finding.limit, lang)} {unit}".strip()
            told.append(self.word("needed").format(within(finding.operator, limit, lang)))
        met = self.word({UNKNOWN: "unknown", YES: "yes"}.get(finding.answer, "no"))
        lines = [f"  {finding.label.in_(lang)}: {', '.join(told)} – {met}"]
        for dimension in finding.children:
            lines += [self.indicator(dimension, child) for child in dimension.children if _tells(child, settled)]
        if finding.children and len(lines) == 1:
            lines.append(f"    {self.word('none_deprived')}")
        return lines

    def indicator(self, dimension: Finding, finding: Finding) -> str:
        """Tell of one deprivation, and of whom it is."""
        state = self.word("deprived" if finding.answer == YES else "unknown")
        who = finding.members if finding.answer == YES else finding.open_members
        people = f" ({self.word('members')} {', '.join(str(i + 1) for i in who)})" if who else ""
        found = finding.citation.found if finding.citation else "words"
        doubt = f" [{self.word(f'found {found}')}]" if found != "words" else ""
        label, its = finding.label.in_(self.lang), dimension.label.in_(self.lang)
        return f"    {'-' if finding.answer == YES else '?'} {its} / {label}: {state}{people}{doubt}"

    def question(self, ask: Ask) -> str:
        """Put a question, and say to whom."""
        whom = f"{self.word('of')} {ask.member + 1}: " if ask.member is not None else ""
        return f"{whom}{ask.question.in_(self.lang)}"

    def margin(self, margin: Margin) -> str:
        """Tell what would change the class."""
        lang = self.lang
        label, unit = margin.label.in_(lang), unit_name(margin.unit, lang)
        value, limit = printed(margin.value, lang), printed(margin.limit, lang)
        categories = self.law.categories
        becomes = categories[margin.becomes].label.in_(lang) if margin.becomes else self.word("open")
        return f"{label}: {margin.operator.sign} {limit} {unit} ({self.word('now')} {value}) → {becomes}"


def _tells(finding: Finding, settled: bool) -> bool:
    """Return whether an indicator is a reason: a deprivation, or one that is open while the class is too."""
    return finding.answer == YES or (finding.answer == UNKNOWN and not settled)


def _cite(instrument: str, place: str) -> str:
    return f"{instrument}, {place}" if place else instrument
