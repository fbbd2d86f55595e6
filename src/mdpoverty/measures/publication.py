"""Measures for print: a workbook with a sheet for each question, and the "estimate (se)" table of papers."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from attrs import define, field

from mdpoverty.errors import SpecError
from mdpoverty.law.fields import Label
from mdpoverty.numbers import Language, decimal_printed, language
from mdpoverty.texts import nearest
from mdpoverty.words.tables import FIGURES, HEADS, decimals, level_told
from mdpoverty.workbooks import new_workbook

if TYPE_CHECKING:
    import pandas as pd

    from mdpoverty.measures.results import Measures

__all__ = ["PAPER", "chosen_figures", "paper", "write"]

PAPER: Final = ("H", "A", "M0")
_FORMS: Final = ("frame", "latex", "markdown")
_SHEETS: Final[tuple[tuple[Label, tuple[str, ...]], ...]] = (
    (Label("Chỉ số chính", "Headline"), ("H", "number_poor", "A", "M0", "M1", "M2", "G", "S")),
    (Label("Tỷ lệ thiếu hụt", "Headcounts"), ("headcount", "censored_headcount")),
    (Label("Đóng góp theo chỉ số", "Contributions"), ("contribution", "absolute_contribution")),
    (
        Label("Đóng góp theo chiều", "Dimensions"),
        ("dimension_contribution", "absolute_dimension_contribution"),
    ),
    (Label("Theo nhóm", "Groups"), ("share", "group_contribution")),
    (
        Label("Phân bố thiếu hụt", "Deprivation counts"),
        ("mean_deprivations", "mean_deprivations_poor", "count_share"),
    ),
    (Label("Nhóm hộ", "Classes"), ("class_share",)),
)
_CUT_OFFS: Final = Label("Theo ngưỡng k", "Cut-offs")
_SPEC: Final = Label("Đặc tả", "Specification")
_RECEIPT: Final = Label("Biên nhận", "Receipt")
_NUMBERS: Final = ("estimate", "low", "high", "se", "ci_low", "ci_high")
_SPECIFIED: Final[Mapping[str, Label]] = {
    "k": Label("Ngưỡng k", "Cut-offs k"),
    "of": Label("Tính theo", "Shares of"),
    "by": Label("Chia nhóm theo", "By"),
    "missing": Label("Xử lý chỉ số chưa rõ", "Unknown indicators"),
    "design": Label("Thiết kế mẫu", "Sampling design"),
    "level": Label("Khoảng tin cậy", "Intervals"),
    "n": Label("Số quan sát", "Observations"),
    "n_incomplete": Label("… có chỉ số chưa rõ", "… with unknown indicators"),
    "n_dropped": Label("… không được tính", "… left out"),
    "population": Label("Quy mô tổng thể", "Population"),
}
_OF: Final[Mapping[str, Label]] = {
    "people": Label("người", "people"),
    "households": Label("hộ", "households"),
    "rows": Label("dòng", "rows"),
}
_WEIGHTS: Final = (Label("Chỉ số", "Indicator"), Label("Trọng số", "Weight"), Label("Chiều", "Dimension"))


# --------------------------------------------------------------------------------------------------------------- papers


def paper(
    m: Measures, measures: Sequence[str], lang: str, form: Literal["frame", "latex", "markdown"]
) -> pd.DataFrame | str:
    """Return the table of a paper; see :meth:`Measures.to_paper`."""
    if form not in _FORMS:
        raise SpecError(f"form is one of {', '.join(map(repr, _FORMS))}, not {form!r}.")
    frame = _paper_frame(m, chosen_figures(m, measures), language(lang))
    if form == "frame":
        return frame
    return _latex(frame) if form == "latex" else _markdown(frame)


def chosen_figures(m: Measures, measures: Iterable[str]) -> list[str]:
    """Return the names of figures, or refuse those that there are not."""
    there, chosen = set(m.table["measure"]), [measures] if isinstance(measures, str) else list(measures)
    for name in chosen:
        if name not in there:
            like = nearest(name, sorted(there))
            raise SpecError(f"There is no figure {name!r}" + (f"; is it {like!r}?" if like else "."))
    return chosen


def _paper_frame(m: Measures, measures: Sequence[str], lang: Language) -> pd.DataFrame:
    import pandas as pd

    names, by, table = m.tally.names, list(m.tally.by), m.table
    several = len(m.ks) > 1
    rows: dict[tuple[Any, ...], dict[str, str]] = {}
    for record in cast(list[dict[str, Any]], table[table["measure"].isin(measures)].to_dict("records")):
        which = record["measure"]
        cuts = [float(k) for k in m.ks] if math.isnan(record["k"]) else [record["k"]]
        for k in cuts if several else cuts[:1]:  # what has no cut-off of its own stands beside each
            part = names.part(which, record["indicator"], lang)
            groups = tuple(names.group(name, record[name], lang) for name in by)
            rows.setdefault((*groups, k, part), {})[which] = _cell(record, lang)
    heads = [names.column(name, lang) for name in by]
    listed = []
    for (*its, k, part), cells in rows.items():
        made: dict[str, str] = dict(zip(heads, its, strict=True))
        if several:
            made[HEADS["k"].in_(lang)] = f"{_rounded(k * 100, 1, lang)} %"
        if any(key[-1] for key in rows):
            made[HEADS["indicator"].in_(lang)] = part
        listed.append(made | {_head(which, lang): cells.get(which, "") for which in measures})
    return pd.DataFrame(listed)


def _head(measure: str, lang: Language) -> str:
    return FIGURES[measure].in_(lang) + (", %" if decimals(measure) is None else "")


def _cell(record: Mapping[str, Any], lang: Language) -> str:
    """Write a figure and in brackets its standard error; bounds as an interval."""
    digits = decimals(record["measure"])
    scale, digits = (100, 1) if digits is None else (1, digits)
    if "low" in record and record["low"] != record["high"]:
        return "–".join(_rounded(record[end] * scale, digits, lang) for end in ("low", "high"))
    text = _rounded(record["estimate"] * scale, digits, lang)
    error = record["se"]
    return text if error is None or math.isnan(error) else f"{text} ({_rounded(error * scale, digits, lang)})"


def _rounded(value: float, digits: int, lang: Language) -> str:
    return decimal_printed(value, lang, digits)


_LATEX: Final = {
    **{mark: f"\\{mark}" for mark in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def _latex(frame: pd.DataFrame) -> str:
    """Write a table with the rules of booktabs."""

    def line(cells: Iterable[Any]) -> str:
        return " & ".join("".join(_LATEX.get(mark, mark) for mark in str(cell)) for cell in cells) + r" \\"

    texts = [name for name in frame.columns if not _of_numbers(frame[name])]
    lines = [
        rf"\begin{{tabular}}{{{'l' * len(texts)}{'r' * (len(frame.columns) - len(texts))}}}",
        r"\toprule",
        line(frame.columns),
        r"\midrule",
        *(line(row) for row in frame.itertuples(index=False, name=None)),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def _markdown(frame: pd.DataFrame) -> str:
    """Write a table as Markdown."""

    def line(cells: Iterable[Any]) -> str:
        return "| " + " | ".join(str(cell).replace("|", r"\|").replace("\n", " ") for cell in cells) + " |"

    rules = ["---:" if _of_numbers(frame[name]) else "---" for name in frame.columns]
    rows = (line(row) for row in frame.itertuples(index=False, name=None))
    return "\n".join([line(frame.columns), line(rules), *rows]) + "\n"


def _of_numbers(column: Any) -> bool:
    return all(str(cell)[:1].isdigit() or str(cell)[:1] in "-−" or not cell for cell in column)


# ------------------------------------------------------------------------------------------------------------- workbook


def write(m: Measures, path: str | Path, lang: str) -> None:
    """Write the workbook; see :meth:`Measures.to_excel`."""
    told = language(lang)
    with new_workbook(path, "Writing measures to Excel") as file:
        book = _Book(file, m, told)
        table = m.table
        for title, measures in _SHEETS:
            rows = table[table["measure"].isin(measures)]
            if len(rows):
                book.figures(title, rows, measures)
        if len(m.ks) > 1:
            book.figures(_CUT_OFFS, table[table["measure"].isin(PAPER)], PAPER)
        book.specification()
        book.receipt()


@define
class _Book:
    """A workbook of measures being written."""

    book: Any
    m: Measures
    lang: Language
    looks: dict[tuple[Any, ...], Any] = field(factory=dict)

    def look(self, **properties: Any) -> Any:
        """Return a format."""
        key = tuple(sorted(properties.items()))
        if key not in self.looks:
            self.looks[key] = self.book.add_format(properties)
        return self.looks[key]

    def sheet(self, title: Label, heads: Sequence[str], widths: Sequence[int]) -> Any:
        """Begin a sheet with its heads."""
        sheet = self.book.add_worksheet(title.in_(self.lang))
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.set_row(0, 48)  # heads of three lines
        for at, (head, width) in enumerate(zip(heads, widths, strict=True)):
            sheet.set_column(at, at, width)
            sheet.write_string(0, at, head, self.look(bold=True, text_wrap=True, bottom=1, valign="top"))
        return sheet

    def figures(self, title: Label, rows: pd.DataFrame, measures: Sequence[str]) -> None:
        """Write figures: numbers as numbers, which look as they are printed."""
        by, names = list(self.m.tally.by), self.m.tally.names
        several = len(self.m.ks) > 1 and rows["k"].notna().any()
        parts = rows["indicator"].notna().any()
        order = {name: at for at, name in enumerate(measures)}
        if title is _CUT_OFFS:
            rows = rows.assign(_order=rows["measure"].map(order)).sort_values([*by, "_order", "k"], kind="stable")
        texts = [*by, "measure", *(["indicator"] if parts else [])]
        numbers = [
            *(["k"] if several else []),
            *(name for name in _NUMBERS if name in rows and rows[name].notna().any()),
        ]
        numbers += ["n", "population"]
        heads = [
            names.column(name, self.lang) if name in by else HEADS[name].in_(self.lang) for name in (*texts, *numbers)
        ]
        ends = [HEADS[name].in_(self.lang) for name in ("ci_low", "ci_high")]
        heads = [level_told(head, self.m.level) if head in ends else head for head in heads]
        sheet = self.sheet(title, heads, [*[18] * len(by), 34, *[34] * bool(parts), *[12] * len(numbers)])
        for row, record in enumerate(rows.to_dict("records"), 1):
            which = record["measure"]
            words = [names.group(name, record[name], self.lang) for name in by] + [FIGURES[which].in_(self.lang)]
            words += [names.part(which, record["indicator"], self.lang)] if parts else []
            for at, word in enumerate(words):
                sheet.write_string(row, at, word)
            for at, name in enumerate(numbers, len(words)):
                value = record[name]
                if value is not None and value == value:
                    sheet.write_number(row, at, float(value), self.look(num_format=_format(name, which)))

    def specification(self) -> None:
        """Write what was measured: the weights, the cut-off, the design, what was left out."""
        m, lang = self.m, self.lang
        sheet = self.sheet(_SPEC, [label.in_(lang) for label in _WEIGHTS], (44, 16, 44))
        names, spec = m.tally.names, m.spec
        dimensions = {part: name for name, parts in (spec.dimensions or {}).items() for part in parts}
        row = 1
        for indicator, weight in spec.weights.items():
            cells = (
                names.part("", indicator, lang),
                str(weight),
                names.part("dimension_contribution", dimensions.get(indicator), lang),
            )
            for at, cell in enumerate(cells):
                sheet.write_string(row, at, cell)
            row += 1
        receipt = m.receipt
        told = {
            "k": ", ".join(map(str, m.ks)),
            "of": _OF[m.of].in_(lang),
            "by": ", ".join(names.column(name, lang) for name in m.tally.by),
            "missing": m.policy or "",
            "design": ", ".join(
                f"{name}={value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
                for name, value in (receipt["design"] or {}).items()
                if value
            ),
            "level": f"{100 * m.level:.4g} %" if receipt["design"] else "",
            **{name: f"{receipt[name]:,}" for name in ("n", "n_incomplete", "n_dropped", "population")},
        }
        for name, text in told.items():
            if text:
                row += 1
                sheet.write_string(row, 0, _SPECIFIED[name].in_(lang), self.look(bold=True))
                sheet.write_string(row, 1, text)

    def receipt(self) -> None:
        """Write the receipt, to look at and, as JSON, to verify."""
        sheet = self.book.add_worksheet(_RECEIPT.in_(self.lang))
        sheet.set_column(0, 0, 20)
        sheet.set_column(1, 1, 100)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        receipt = self.m.receipt
        lines = [
            (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
            for name, value in receipt.items()
        ]
        lines.append(("JSON", json.dumps(receipt, ensure_ascii=False)))
        for row, (name, value) in enumerate(lines):
            sheet.write_string(row, 0, name, self.look(bold=True, valign="top"))
            sheet.write_string(row, 1, value, self.look(text_wrap=True, valign="top"))


def _format(column: str, measure: str) -> str:
    if column in ("n", "population"):
        return "#,##0"
    digits = None if column == "k" else decimals(measure)
    return "0.0%" if digits is None else "#,##0" if digits == 0 else f"0.{'0' * digits}"
