"""What the documentation says of a standard, written from the standard itself, so that it can't drift.

``python docs/generate.py`` rewrites the generated part of README.md. MkDocs loads this file as a hook, for the pages of
the standards and the changelog.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import mdpoverty as mdp

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
BEGIN, END = "<!-- generated from the standard: begin -->", "<!-- generated from the standard: end -->"
LANGUAGES = ("en", "vi")

WORDS = {
    "standard": ("Standard", "Chuẩn"),
    "in_force": ("In force", "Hiệu lực"),
    "to": ("to", "đến"),
    "revision": ("Revision of our reading", "Lần sửa cách đọc"),
    "instrument": ("Instrument", "Văn bản"),
    "classes": ("Classes", "Phân loại"),
    "thresholds": ("Amounts", "Ngưỡng"),
    "indicators": ("Indicators", "Chỉ số"),
    "gaps": ("Gaps", "Điều chưa rõ"),
    "answers": ("Answers", "Câu trả lời"),
    "household": ("Of the household", "Của hộ"),
    "member": ("Of each member", "Của từng thành viên"),
    "class": ("Class", "Loại hộ"),
    "indicator": ("Deprived when", "Thiếu hụt khi"),
    "what": ("What", "Tên"),
    "id": ("Id", "Mã"),
    "amount": ("Amount", "Giá trị"),
    "words": ("Words of the law", "Câu chữ"),
    "source": ("Source", "Nguồn"),
    "confirmed": ("confirmed", "đã đối chiếu"),
    "unconfirmed": ("**not confirmed**", "**chưa đối chiếu**"),
    "question": ("Question", "Câu hỏi"),
    "expected": ("Expected", "Giá trị nhận"),
    "from": ("from", "từ"),
    "years": (" years", " tuổi"),
    "months": (" months", " tháng"),
}
INTRO = {
    "en": "This page is written by the library from the standard's own data: what is here is what is computed. "
    "“Confirmed” means that the words or the number were found in a stored copy of the law or in a news report that "
    "quotes it; nothing was compared with the Official Gazette.",
    "vi": "Trang này do thư viện viết ra từ chính dữ liệu của chuẩn: điều ghi ở đây là điều được tính. “Đã đối chiếu” "
    "nghĩa là câu chữ hoặc con số đã tìm thấy trong một bản lưu của văn bản hoặc một bản tin trích văn bản; chưa có "
    "điều nào được đối chiếu với Công báo.",
}
GAPS_INTRO = {
    "en": "What the text says and the standard can't confirm or express, and how we read it meanwhile.",
    "vi": "Điều văn bản nói mà chuẩn này chưa đối chiếu hoặc chưa diễn đạt được, và cách hiểu tạm thời.",
}


# --------------------------------------------------------------------------------------------------- the README


def confirmed_table(standard: mdp.Standard) -> str:
    """Return README's table: which parts of a standard were found in a source and which weren't, and the gaps."""
    parts = (
        ("Classes", standard.categories.values(), lambda part: part.label.en.lower()),
        ("Amounts", standard.thresholds.values(), _amount_in_short),
        ("Indicators", standard.indicators.values(), lambda part: part.label.en.lower()),
    )
    lines = ["| | Found in a source | Not confirmed |", "|---|---|---|"]
    for name, things, say in parts:
        found = [say(part) + _unnamed(part.citation) for part in things if part.citation.confirmed]
        doubtful = [say(part) for part in things if not part.citation.confirmed]
        lines.append(f"| {name} | {'; '.join(found) or '–'} | {'; '.join(doubtful) or '–'} |")
    gaps = [f"- {gap.text.en}" for gap in standard.gaps]
    return "\n".join(
        [*lines, "", f"And where the text leaves something open (`{standard.id}` calls them `gaps`):", "", *gaps]
    )


def _amount_in_short(threshold: mdp.Threshold) -> str:
    amounts = [_number(amount) for amount in dict.fromkeys(threshold.amounts.values())]
    said = " / ".join(amounts) if len(threshold.steps) == 1 else "year by year"
    return f"{threshold.label.en.lower()} ({said})"


def _unnamed(citation: mdp.Citation) -> str:
    """Return a remark on a part that no words of the law stand behind."""
    return "" if citation.words else f" ({citation.note.rstrip('.')[:1].lower()}{citation.note.rstrip('.')[1:]})"


def with_table(readme: str, standard: mdp.Standard) -> str:
    """Return README's text with its generated part written anew."""
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    if not pattern.search(readme):
        raise ValueError(f"README.md has no part between {BEGIN} and {END}")
    return pattern.sub(lambda _: f"{BEGIN}\n{confirmed_table(standard)}\n{END}", readme)


# --------------------------------------------------------------------------------------------- a standard's page


def standard_page(standard: mdp.Standard, lang: str) -> str:
    """Return the page of a standard as Markdown: every number, rule and class, with its words and its source."""

    def say(key: str) -> str:
        return WORDS[key][LANGUAGES.index(lang)]

    def named(part: Any) -> str:
        return f"{part.label.in_(lang)}<br>`{part.id}`"

    def cited(citation: mdp.Citation) -> list[str]:
        words = f"“{citation.words}”" if citation.words else ""
        note = f"*{citation.note}*" if citation.note else ""
        source = ", ".join(filter(None, (citation.instrument, citation.place)))
        state = say("confirmed" if citation.confirmed else "unconfirmed")
        return ["<br>".join(filter(None, (words, note))), f"{source}<br>{state}"]

    lines = [
        f"# {standard.title.in_(lang)}",  # type: ignore[arg-type]
        "",
        INTRO[lang],
        "",
        f"- {say('standard')}: `{standard.id}`",
        f"- {say('in_force')}: {standard.in_force} {say('to')} {standard.until or '…'}",
        f"- {say('instrument')}: {standard.citation}"
        + (f" – {standard.citation.note}" if standard.citation.note else ""),
        f"- {say('revision')}: {standard.revision}",
        "",
        f"## {say('classes')}",
        "",
    ]
    rows = [[named(each), *cited(each.citation)] for each in standard.categories.values()]
    lines += _table([say("class"), say("words"), say("source")], rows)
    lines += ["", *_rules(standard.categories.values()), "", f"## {say('thresholds')}", ""]
    rows = [
        [named(each), _amounts(standard, each, lang), *cited(each.citation)] for each in standard.thresholds.values()
    ]
    lines += _table([say("what"), say("amount"), say("words"), say("source")], rows)
    lines += ["", f"## {say('indicators')}", ""]
    for dimension in standard.dimensions.values():
        its = [each for each in standard.indicators.values() if each.dimension == dimension.id]
        lines += [f"### {dimension.label.in_(lang)}", ""]  # type: ignore[arg-type]
        rows = [[named(each), *cited(each.citation)] for each in its]
        lines += [*_table([say("indicator"), say("words"), say("source")], rows), "", *_rules(its), ""]
    lines += [f"## {say('gaps')}", "", GAPS_INTRO[lang], ""]
    lines += [f"- {gap.text.in_(lang)}" for gap in standard.gaps]  # type: ignore[arg-type]
    lines += ["", f"## {say('answers')}", ""]
    for level in ("household", "member"):
        fields = [each for each in standard.fields.values() if each.level == level]
        rows = [[f"`{each.id}`", each.question.in_(lang), _expected(each, lang)] for each in fields]  # type: ignore[arg-type]
        lines += [f"### {say(level)}", "", *_table([say("id"), say("question"), say("expected")], rows), ""]
    return "\n".join(lines)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |"


def _rules(parts: Iterable[Any]) -> list[str]:
    """Return the rules as the Python that builds them. (``py``, not ``python``: nobody runs them as they stand.)"""
    return ["```py", *(f"{part.id} = {part.rule!r}" for part in parts), "```"]


def _number(amount: Any, lang: str = "en") -> str:
    """Write an amount; a fraction of a year in months, as retirement ages are."""
    if isinstance(amount, int):
        return f"{amount:,}" if lang == "en" else f"{amount:,}".replace(",", ".")
    years, months = divmod(amount * 12, 12)
    if months.denominator == 1:
        said = [WORDS[word][LANGUAGES.index(lang)] for word in ("years", "months")]
        return f"{years}{said[0]} {months}{said[1]}"
    return str(amount)


def _amounts(standard: mdp.Standard, threshold: mdp.Threshold, lang: str) -> str:
    first = WORDS["from"][LANGUAGES.index(lang)]
    texts = []
    for step in _in_force(standard, threshold):
        by_code = ", ".join(
            (f"{_code(standard.fields[threshold.by], code, lang)} " if code else "") + _number(amount, lang)
            for code, amount in step.amounts
        )
        texts.append(f"{first} {step.since}: {by_code}" if step.since else by_code)
    return "<br>".join([*texts, UNITS.get(threshold.unit, {}).get(lang, threshold.unit)])


def _in_force(standard: mdp.Standard, threshold: mdp.Threshold) -> list[Any]:
    """Return the amounts that apply on some day of the standard's life, as its rules see them."""
    steps = [step for step in threshold.steps if not (step.since and standard.until and step.since > standard.until)]
    begun = [i for i, step in enumerate(steps) if step.since is None or step.since <= standard.in_force]
    return steps[begun[-1] if begun else 0 :]


UNITS = {
    "VND/person/month": {"vi": "đồng/người/tháng"},
    "indicators": {"vi": "chỉ số"},
    "completed years": {"vi": "tuổi tròn"},
    "years": {"vi": "tuổi"},
    "m²/person": {"vi": "m²/người"},
}


def _code(field: mdp.Field, code: str, lang: str) -> str:
    text: str = next(each.label for each in field.codes if each.id == code).in_(lang)  # type: ignore[arg-type]
    return text.lower()


def _expected(field: mdp.Field, lang: str) -> str:
    if field.codes:
        said = ", ".join(f"`{code.id}` ({code.label.in_(lang)})" for code in field.codes)  # type: ignore[arg-type]
    else:
        said = field.expected if lang == "en" else _KINDS[field.kind]
    return said + (f", {field.unit}" if field.unit else "") + (f". {field.note}" if field.note and lang == "en" else "")


_KINDS = {"flag": "`True` (có), `False` (không)", "count": "số nguyên", "number": "số", "money": "số tiền"}


# ---------------------------------------------------------------------------------------------- hooks of MkDocs


def on_config(config: Any) -> Any:
    """Put the generated pages of every standard into the navigation."""
    for section in config["nav"]:
        if "Standards" in section:
            section["Standards"] = [
                {f"{entry.id} ({lang})": _path(entry.id, lang)} for entry in mdp.standards.list() for lang in LANGUAGES
            ]
    return config


def on_files(files: Any, config: Any) -> Any:
    """Add the generated pages."""
    from mkdocs.structure.files import File

    for entry in mdp.standards.list():
        for lang in LANGUAGES:
            text = standard_page(mdp.standards[entry.id], lang)
            files.append(File.generated(config, _path(entry.id, lang), content=text))
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    files.append(File.generated(config, "changelog.md", content=changelog))
    return files


def _path(standard: str, lang: str) -> str:
    return f"standards/{standard}.{lang}.md"


if __name__ == "__main__":
    before = README.read_text(encoding="utf-8")
    after = with_table(before, mdp.standards["vn-2022"])
    README.write_text(after, encoding="utf-8")
    sys.exit(print("README.md " + ("is as it was" if after == before else "written anew")))
