"""What people check a standard by: the audit table, and its page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mdpoverty.law.fields import KINDS, LEVELS, Label, unit_name
from mdpoverty.law.files import digest
from mdpoverty.law.law import Law, within
from mdpoverty.law.parts import Citation, Threshold
from mdpoverty.law.readings import Interpretation
from mdpoverty.numbers import Language, Number
from mdpoverty.rules import nodes as s
from mdpoverty.words.rules import words
from mdpoverty.words.units import day_name, in_units

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SAID", "audit", "audit_page"]

# -------------------------------------------------------------------------------------------------- audit table

AUDIT_COLUMNS = (
    "standard",
    "part",
    "id",
    "label",
    "what",
    "operator",
    "value",
    "code",
    "since",
    "unit",
    "rule",
    "words",
    "source",
    "place",
    "found",
    "confirmed",
    "note",
)


def audit(standard: Law, lang: Language = "en") -> pd.DataFrame:
    """Return every number and operator of a standard, each with the words that fix it.

    Parameters
    ----------
    standard : Standard
        Which standard.
    lang : {"en", "vi"}
        The language of labels, notes and rules in words; quotations stay in the law's language.

    Returns
    -------
    pandas.DataFrame
        One row for each amount of each threshold (by code and first day), and for each comparison, list of codes,
        count, connective and weight in each indicator and class. ``value`` is exact: a whole number, or text such as
        ``"1/3"``. ``found`` says what was found in a source: the exact ``"words"``, only the ``"rule"`` or the number,
        or ``"nothing"``, for which ``confirmed`` is false.

    Examples
    --------
    >>> import mdpoverty as mdp
    >>> table = audit(mdp.standards["vn-2022"])
    >>> table.loc[table["id"] == "income", ["code", "unit"]].values.tolist()[0]
    ['rural', 'VND/person/month']
    """
    import pandas as pd

    rows = [{"standard": standard.id, **row} for row in _rows(standard, lang)]
    table = pd.DataFrame(rows, columns=list(AUDIT_COLUMNS), dtype=object)  # pandas would make whole numbers floats
    return table.astype({"confirmed": bool})


def _exact(value: Number) -> int | str:
    return value if isinstance(value, int) else str(value)


def _cited(citation: Citation, lang: Language) -> dict[str, Any]:
    return {
        "words": citation.words,
        "source": citation.instrument,
        "place": citation.place,
        "found": citation.found,
        "confirmed": citation.confirmed,
        "note": citation.note.in_(lang),
    }


def _rows(standard: Law, lang: Language) -> Iterator[dict[str, Any]]:
    for threshold in standard.thresholds.values():
        for step in threshold.steps:
            for code, amount in step.amounts:
                yield {
                    "part": "threshold",
                    "id": threshold.id,
                    "label": threshold.label.in_(lang),
                    "what": "amount",
                    "value": _exact(amount),
                    "code": code,
                    "since": step.since,
                    "unit": threshold.unit,
                    **_cited(threshold.citation, lang),
                }
    for indicator in standard.indicators.values():
        about = {"part": "indicator", "id": indicator.id, "label": indicator.label.in_(lang)}
        weight = indicator.weight.numerator if indicator.weight.denominator == 1 else str(indicator.weight)
        cited = _cited(indicator.citation, lang)
        yield {**about, "what": "weight", "value": weight, **cited}
        for row in _rule_rows(indicator.rule, standard, lang):
            yield {**about, **row, **cited}
    for category in standard.categories.values():
        about = {"part": "class", "id": category.id, "label": category.label.in_(lang)}
        for row in _rule_rows(category.rule, standard, lang):
            yield {**about, **row, **_cited(category.citation, lang)}


def _rule_rows(rule: s.Rule, standard: Law, lang: Language) -> Iterator[dict[str, Any]]:
    """Yield a row for each part of a rule that an auditor has to compare with the text, outermost first."""
    for node in rule.walk():
        row: dict[str, Any]
        if isinstance(node, s.Compare):
            row = {"what": "comparison", "operator": node.operator}
            if isinstance(node.right, s.Amount) and node.right.name:
                row["code"] = node.right.name
            elif isinstance(node.right, s.Constant):
                row["value"] = _exact(node.right.value)
        elif isinstance(node, s.IsIn):
            row = {"what": "codes", "operator": "in", "value": ", ".join(map(str, node.codes))}
        elif isinstance(node, s.AtLeast):
            row = {"what": "count", "operator": ">=", "value": node.minimum}
        elif isinstance(node, s.And | s.Or):
            row = {"what": "connective", "operator": "and" if isinstance(node, s.And) else "or"}
        elif isinstance(node, s.Points):
            worths = [each.value for each in node.worths if isinstance(each, s.Constant)]
            row = {"what": "points", "operator": "+", "value": ", ".join(str(_exact(each)) for each in worths)}
        else:
            continue
        yield {**row, "rule": words(node, standard, lang)}


# --------------------------------------------------------------------------------------------------- audit page

SAID: Mapping[str, Label] = {
    "classes": Label("Các nhóm hộ", "Classes"),
    "amounts": Label("Các mức và ngưỡng", "Amounts"),
    "indicators": Label("Các chỉ số", "Indicators"),
    "answers": Label("Thông tin cần có", "Answers it reads"),
    "gaps": Label("Những điều chưa xác nhận hoặc là cách hiểu", "What isn't confirmed, or is a reading of ours"),
    "readings": Label("Những điểm có thể đọc khác", "What can be read in another way"),
    "used": Label("**dùng ở đây**", "**used here**"),
    "period": Label("Hiệu lực", "In force"),
    "from": Label("từ {} đến hết {}", "from {} to {}"),
    "open_end": Label("chưa xác định", "further notice"),
    "instrument": Label("Văn bản", "Instrument"),
    "where": Label("Phạm vi", "Jurisdiction"),
    "revision": Label("Bản", "Revision"),
    "holds": Label("Điều kiện", "Holds if"),
    "deprived": Label("Thiếu hụt nếu", "Deprived if"),
    "weight": Label("Trọng số", "Weight"),
    "words": Label("Nguyên văn", "Words of the law"),
    "source": Label("Nguồn", "Source"),
    "note": Label("Ghi chú", "Note"),
    "provisional": Label(
        "**Tạm thời**: một phần quy định chưa tìm thấy; chỉ áp dụng với `provisional=True`, xem mục cuối",
        "**Provisional**: parts of the law weren't found; applied only with `provisional=True`, see the last heading",
    ),
    "found words": Label("đã tìm thấy nguyên văn", "words found"),
    "found rule": Label("*đã tìm thấy quy định, chưa thấy nguyên văn*", "*rule found, not its exact words*"),
    "found nothing": Label("**chưa xác nhận**", "**unconfirmed**"),
    "quoted": Label("Câu thường được dẫn", "As commonly quoted"),
    "amount": Label("Mức", "Amount"),
    "value": Label("Giá trị", "Value"),
    "since": Label("Từ ngày", "From"),
    "status": Label("Tình trạng", "Status"),
    "column": Label("Cột", "Column"),
    "meaning": Label("Ý nghĩa", "Meaning"),
    "may_be": Label("Giá trị nhận được", "May be"),
    "whose": Label("Của", "Of the"),
    "none": Label("Không có.", "None."),
}


def audit_page(standard: Law, lang: Language = "en") -> str:
    """Return a Markdown page with everything that a standard says, for people who check it against the law.

    >>> import mdpoverty as mdp
    >>> audit_page(mdp.standards["vn-2022"], "vi").splitlines()[0]
    '# Chuẩn nghèo đa chiều quốc gia giai đoạn 2022–2025 (kéo dài hết năm 2026)'
    """
    return "\n".join(_Page(standard, lang).lines()) + "\n"


class _Page:
    def __init__(self, standard: Law, lang: Language) -> None:
        self.standard, self.lang = standard, lang

    def say(self, key: str) -> str:
        return SAID[key].in_(self.lang)

    def lines(self) -> Iterator[str]:
        standard = self.standard
        yield f"# {standard.title.in_(self.lang)}"
        yield ""
        last = day_name(standard.until, self.lang) if standard.until else self.say("open_end")
        yield f"- `{standard.id}` · {self.say('revision')} {standard.revision} · SHA-256 `{digest(standard)}`"
        if standard.provisional:
            yield f"- {self.say('provisional')}"
        yield f"- {self.say('where')}: {standard.jurisdiction}"
        yield f"- {self.say('period')}: {self.say('from').format(day_name(standard.in_force, self.lang), last)}"
        yield f"- {self.say('instrument')}: {self.cited(standard.citation)}"
        yield from self.classes()
        yield from self.amounts()
        yield from self.indicators()
        yield from self.answers()
        yield from self.gaps()
        yield from self.readings()

    def cited(self, citation: Citation) -> str:
        where = ", ".join(filter(None, (citation.instrument, citation.place)))
        text = f"{where} ({self.say(f'found {citation.found}')})"
        return f"{text}. {citation.note.in_(self.lang)}" if citation.note else text

    def quotation(self, citation: Citation) -> Iterator[str]:
        if citation.words:
            yield f"- {self.say('words' if citation.found == 'words' else 'quoted')}: “{citation.words}”"
        yield f"- {self.say('source')}: {self.cited(citation)}"

    def classes(self) -> Iterator[str]:
        yield from ("", f"## {self.say('classes')}")
        for category in self.standard.categories.values():
            yield from ("", f"### {category.label.in_(self.lang)} (`{category.id}`)", "")
            yield f"- {self.say('holds')}: {words(category.rule, self.standard, self.lang)}"
            yield from self.quotation(category.citation)

    def amounts(self) -> Iterator[str]:
        if not self.standard.thresholds:
            return
        yield from ("", f"## {self.say('amounts')}", "")
        yield from self.table("amount", "value", "words", "source")
        for threshold in self.standard.thresholds.values():
            name = f"{threshold.label.in_(self.lang)}<br>`{threshold.id}`"
            quoted = f"“{threshold.citation.words}”" if threshold.citation.words else ""
            yield self.row(name, "<br>".join(self.values(threshold)), quoted, self.cited(threshold.citation))

    def values(self, threshold: Threshold) -> Iterator[str]:
        """Yield the amounts that apply on some day of the standard's life, a line for each day on which they change."""
        lang = self.lang
        labels = {code.id: code.label for code in self.standard.fields[threshold.by].codes} if threshold.by else {}
        for step in within(threshold.steps, self.standard.in_force, self.standard.until):
            since = f"{self.say('since')} {day_name(step.since, lang)}: " if step.since else ""
            amounts = [
                (f"{labels[code].in_(lang) if code in labels else code}: " if code else "")
                + in_units(amount, threshold.unit, lang)
                for code, amount in step.amounts
            ]
            yield since + "; ".join(amounts)

    def indicators(self) -> Iterator[str]:
        if not self.standard.indicators:
            return
        yield from ("", f"## {self.say('indicators')}")
        for dimension in self.standard.dimensions.values():
            yield from ("", f"### {dimension.label.in_(self.lang)} (`{dimension.id}`)")
            for indicator in self.standard.indicators.values():
                if indicator.dimension != dimension.id:
                    continue
                yield from ("", f"#### {indicator.label.in_(self.lang)} (`{indicator.id}`)", "")
                yield f"- {self.say('deprived')}: {words(indicator.rule, self.standard, self.lang)}"
                if indicator.weight != 1:
                    yield f"- {self.say('weight')}: {indicator.weight}"
                yield from self.quotation(indicator.citation)

    def answers(self) -> Iterator[str]:
        yield from ("", f"## {self.say('answers')}", "")
        yield from self.table("column", "whose", "meaning", "may_be", "note")
        for field in self.standard.fields.values():
            if field.codes:
                may_be = ", ".join(f"`{code.id}` {code.label.in_(self.lang)}" for code in field.codes)
            else:
                may_be = ", ".join(filter(None, (KINDS[field.kind].in_(self.lang), unit_name(field.unit, self.lang))))
            asked, note = field.question.in_(self.lang), field.note.in_(self.lang)
            yield self.row(f"`{field.id}`", LEVELS[field.level].in_(self.lang), asked, may_be, note)

    def gaps(self) -> Iterator[str]:
        yield from ("", f"## {self.say('gaps')}", "")
        if not self.standard.gaps:
            yield self.say("none")
        for gap in self.standard.gaps:
            yield f"- `{gap.id}`: {gap.text.in_(self.lang)}"

    def readings(self) -> Iterator[str]:
        """Yield what can be read in several ways: the one that is used, and what the others would ask."""
        if not self.standard.readings:
            return
        yield from ("", f"## {self.say('readings')}")
        for point in self.standard.readings.values():
            yield from ("", f"### {point.label.in_(self.lang)} (`{point.id}`)", "")
            for way in point.interpretations.values():
                used = f" ({self.say('used')})" if way.id == point.used else ""
                yield f"- `{way.id}`: {way.label.in_(self.lang)}{used}"
                if point.used == point.default and way.parts:
                    yield from self.read_otherwise(self.standard.read_as(**{point.id: way.id}), way)

    def read_otherwise(self, law: Law, way: Interpretation) -> Iterator[str]:
        for indicator in map(law.indicators.__getitem__, way.indicators):
            label = indicator.label.in_(self.lang)
            yield f"    - {label}, {self.say('deprived').lower()}: {words(indicator.rule, law, self.lang)}"
            yield f"    - {self.say('source')}: {self.cited(indicator.citation)}"
        for threshold in way.thresholds.values():
            label = threshold.label.in_(self.lang)
            yield f"    - {label}: {'; '.join(_Page(law, self.lang).values(threshold))}"
            yield f"    - {self.say('source')}: {self.cited(threshold.citation)}"

    def table(self, *heads: str) -> Iterator[str]:
        yield self.row(*map(self.say, heads))
        yield self.row(*("---" for _ in heads))

    def row(self, *cells: str) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
