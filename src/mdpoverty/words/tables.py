"""Tables in the reader's language: names for ids, heads as people say them, numbers as the language writes them.

Programs read ids and numbers, so tables are made of these; here one is told in words. It is the same for every table of
the library, so that a class or a figure has one name in all of them, and in the pictures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Self

from attrs import evolve, field, frozen

from mdpoverty.law.fields import Label
from mdpoverty.law.law import Law
from mdpoverty.numbers import Language, decimal_printed, language, share_printed

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ABSENT_LABEL",
    "FIGURES",
    "HEADS",
    "OPEN_LABEL",
    "Names",
    "at_level",
    "change_printed",
    "decimals",
    "figure_printed",
    "level_told",
    "told",
]

OPEN_LABEL = Label("Chưa xác định", "Open")
ABSENT_LABEL = Label("Không có trong kỳ", "Not in that review")
MISSING_LABEL = Label("Không rõ", "Not known")

#: What the figures of the field are called.
FIGURES: Mapping[str, Label] = {
    "H": Label("Tỷ lệ nghèo đa chiều (H)", "Headcount ratio (H)"),
    "number_poor": Label("Số người nghèo đa chiều", "Number of the poor"),
    "A": Label("Mức thiếu hụt bình quân của người nghèo (A)", "Intensity (A)"),
    "M0": Label("Chỉ số nghèo đa chiều (M0)", "Adjusted headcount ratio (M0)"),
    "M1": Label("Chỉ số khoảng cách nghèo (M1)", "Adjusted poverty gap (M1)"),
    "M2": Label("Chỉ số bình phương khoảng cách nghèo (M2)", "Adjusted squared gap (M2)"),
    "G": Label("Khoảng cách bình quân (G)", "Average gap (G)"),
    "S": Label("Mức nghiêm trọng bình quân (S)", "Average severity (S)"),
    "headcount": Label("Tỷ lệ thiếu hụt", "Uncensored headcount"),
    "censored_headcount": Label("Tỷ lệ nghèo và thiếu hụt", "Censored headcount"),
    "contribution": Label("Đóng góp vào M0", "Contribution to M0"),
    "absolute_contribution": Label("Phần trong M0", "Part of M0"),
    "dimension_contribution": Label("Đóng góp của chiều vào M0", "Dimension's contribution to M0"),
    "absolute_dimension_contribution": Label("Phần của chiều trong M0", "Dimension's part of M0"),
    "share": Label("Tỷ trọng trong tổng thể", "Share of the population"),
    "group_contribution": Label("Tỷ trọng trong M0 chung", "Share of overall M0"),
    "mean_deprivations": Label("Số thiếu hụt bình quân", "Mean deprivations"),
    "mean_deprivations_poor": Label("Số thiếu hụt bình quân của người nghèo", "Mean deprivations of the poor"),
    "count_share": Label("Tỷ lệ theo số thiếu hụt", "Share by number of deprivations"),
    "class_share": Label("Tỷ lệ theo nhóm hộ", "Share by class"),
}

# Figures that are written as numbers, and with how many decimals; all others are shares, written in per cent.
_DECIMALS = {
    **dict.fromkeys(("M0", "M1", "M2", "absolute_contribution", "absolute_dimension_contribution"), 3),
    **dict.fromkeys(("mean_deprivations", "mean_deprivations_poor"), 2),
    "number_poor": 0,
}

#: What the columns of the tables are called.
HEADS: Mapping[str, Label] = {
    "category": Label("Nhóm hộ", "Class"),
    "households": Label("Số hộ", "Households"),
    "households_share": Label("Tỷ lệ hộ", "Share of households"),
    "people": Label("Số người", "People"),
    "people_share": Label("Tỷ lệ người", "Share of people"),
    "size_missing": Label("Số hộ chưa rõ nhân khẩu", "Households of unknown size"),
    "movement": Label("Biến động", "Movement"),
    "people_before": Label("Số người kỳ trước", "People before"),
    "people_after": Label("Số người kỳ sau", "People after"),
    "before": Label("Trước", "Before"),
    "after": Label("Sau", "After"),
    "k": Label("Ngưỡng k", "Cut-off k"),
    "measure": Label("Thước đo", "Measure"),
    "indicator": Label("Chỉ số", "Indicator"),
    "estimate": Label("Giá trị", "Estimate"),
    "low": Label("Ít nhất", "At least"),
    "high": Label("Nhiều nhất", "At most"),
    "se": Label("Sai số chuẩn", "Standard error"),
    "ci_low": Label("Khoảng tin cậy 95 %, từ", "95% interval, from"),
    "ci_high": Label("Khoảng tin cậy 95 %, đến", "95% interval, to"),
    "n": Label("Số quan sát", "Observations"),
    "population": Label("Quy mô tổng thể", "Population"),
    "df": Label("Bậc tự do", "Degrees of freedom"),
    "spec": Label("Bộ trọng số", "Weighting"),
    "from": Label("Từ", "From"),
    "to": Label("Đến", "To"),
    "kind": Label("Cách tính thay đổi", "Kind of change"),
    "t": Label("Thống kê t", "t statistic"),
    "p": Label("Giá trị p", "p-value"),
    "kendall": Label("Tương quan hạng Kendall", "Kendall's rank correlation"),
    "spearman": Label("Tương quan hạng Spearman", "Spearman's rank correlation"),
    "pairs_kept": Label("Cặp giữ nguyên thứ tự", "Pairs in the same order"),
    "kendall_se": Label("Sai số chuẩn (Kendall)", "Standard error (Kendall)"),
    "spearman_se": Label("Sai số chuẩn (Spearman)", "Standard error (Spearman)"),
    "pairs_kept_se": Label("Sai số chuẩn (cặp)", "Standard error (pairs)"),
    "first": Label("Nghèo hơn", "More poverty"),
    "second": Label("Ít nghèo hơn", "Less poverty"),
    "share_robust": Label("Tỷ lệ phương án giữ thứ tự", "Alternatives that agree"),
    "certainty": Label("Mức chắc chắn", "Certainty"),
    "household": Label("Hộ", "Household"),
    "deprivations_before": Label("Số thiếu hụt trước", "Deprivations before"),
    "deprivations_after": Label("Số thiếu hụt sau", "Deprivations after"),
    "why": Label("Vì", "Because of"),
}

_KINDS: Mapping[str, Label] = {
    "absolute": Label("Tuyệt đối", "Absolute"),
    "relative": Label("Tương đối", "Relative"),
    "annual_absolute": Label("Tuyệt đối, mỗi năm", "Absolute, a year"),
    "annual_relative": Label("Tương đối, mỗi năm", "Relative, a year"),
}

_SHARES = ("k", "households_share", "people_share", "pairs_kept", "pairs_kept_se", "share_robust", "certainty")
_PLAIN = {"t": 2, "p": 3, "df": 0, "kendall": 2, "spearman": 2, "kendall_se": 2, "spearman_se": 2}
_OF_A_FIGURE = ("estimate", "low", "high", "se", "ci_low", "ci_high")
_CLASSES = ("category", "before", "after")


@frozen
class Names:
    """What ids are called: a law's parts, the caller's group columns, and the codes in them.

    Attributes
    ----------
    indicators, dimensions, categories : mapping of id to Label
        A law's parts.
    columns : mapping of str to Label
        Group columns that hold an answer that the law knows, by the caller's name.
    codes : mapping of str to mapping
        The labels of that answer's codes.
    """

    indicators: Mapping[str, Label] = field(factory=dict)
    dimensions: Mapping[str, Label] = field(factory=dict)
    categories: Mapping[str, Label] = field(factory=dict)
    columns: Mapping[str, Label] = field(factory=dict)
    codes: Mapping[str, Mapping[str, Label]] = field(factory=dict)

    @classmethod
    def of(cls, law: Law, columns: Mapping[str, str] | None = None) -> Self:
        """Return the names that a law gives; ``columns`` says which of its answers the caller's columns hold."""
        held = {own: law.fields[name] for own, name in (columns or {}).items() if name in law.fields}
        return cls(
            {part.id: part.label for part in law.indicators.values()},
            {part.id: part.label for part in law.dimensions.values()},
            {part.id: part.label for part in law.categories.values()},
            {own: each.label for own, each in held.items()},
            {own: {code.id: code.label for code in each.codes} for own, each in held.items() if each.codes},
        )

    def to_dict(self) -> dict[str, Any]:
        """Return them as plain data for JSON."""

        def plain(labels: Mapping[str, Label]) -> dict[str, list[str]]:
            return {id: [label.vi, label.en] for id, label in labels.items()}

        return {
            "indicators": plain(self.indicators),
            "dimensions": plain(self.dimensions),
            "categories": plain(self.categories),
            "columns": plain(self.columns),
            "codes": {name: plain(codes) for name, codes in self.codes.items()},
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_dict` made."""

        def labels(plain: Mapping[str, Any]) -> dict[str, Label]:
            return {id: Label(*pair) for id, pair in plain.items()}

        codes = {name: labels(its) for name, its in data.get("codes", {}).items()}
        indicators, dimensions, categories, columns = (
            labels(data.get(kind, {})) for kind in ("indicators", "dimensions", "categories", "columns")
        )
        return cls(indicators, dimensions, categories, columns, codes)

    def with_categories(self, other: Names) -> Self:
        """Return the names with another law's classes beside."""
        return evolve(self, categories={**other.categories, **self.categories})

    def category(self, id: Any, lang: Language) -> str:
        """Return a class's name, also that of those who are open or absent."""
        known = {"open": OPEN_LABEL, "absent": ABSENT_LABEL, **self.categories}
        return known[id].in_(lang) if id in known else MISSING_LABEL.in_(lang) if _is_none(id) else str(id)

    def part(self, measure: str, id: Any, lang: Language) -> str:
        """Return the name of what a figure is of: an indicator, a dimension, a class, a number of deprivations."""
        if _is_none(id):
            return ""
        if measure == "class_share":
            return self.category(id, lang)
        labels = self.dimensions if measure.endswith("dimension_contribution") else self.indicators
        return labels[id].in_(lang) if id in labels else str(id)

    def group(self, column: str, value: Any, lang: Language) -> str:
        """Return the name of a group: its code's label, or the value as it is."""
        if _is_none(value):
            return MISSING_LABEL.in_(lang)
        labels = self.codes.get(column, {})
        return labels[value].in_(lang) if isinstance(value, str) and value in labels else str(value)

    def column(self, name: str, lang: Language) -> str:
        """Return the head of a group column: what the law calls that answer, or the caller's own name."""
        return self.columns[name].in_(lang) if name in self.columns else name


def _is_none(value: Any) -> bool:
    return value is None or value != value


def decimals(measure: str) -> int | None:
    """Return with how many decimals a figure is written; ``None`` of a share, which is written in per cent."""
    return _DECIMALS.get(measure)


def figure_printed(measure: str, value: float, lang: Language) -> str:
    """Write a figure as it is printed: shares in per cent, M0 and its parts with three decimals, means with two.

    >>> figure_printed("H", 0.0265, "vi"), figure_printed("M0", 0.0265, "vi")
    ('2,7 %', '0,027')
    """
    if measure in _DECIMALS:
        return decimal_printed(value, lang, _DECIMALS[measure])
    return share_printed(value, lang)


def at_level(printed: pd.DataFrame, lang: Language, level: float) -> pd.DataFrame:
    """Return a table in words with the level of its intervals in their heads, which say 95 %."""
    heads = [HEADS[name].in_(lang) for name in ("ci_low", "ci_high")]
    return printed.rename(columns={head: level_told(head, level) for head in heads})


def level_told(text: str, level: float) -> str:
    """Return a text that says 95 % with another level.

    >>> level_told("95% interval, from", 0.9)
    '90% interval, from'
    """
    return text.replace("95", f"{100 * level:.4g}")


def told(
    frame: pd.DataFrame,
    lang: str,
    names: Names,
    *,
    groups: Iterable[str] = (),
    movements: Mapping[str, Label] | None = None,
) -> pd.DataFrame:
    """Return a table of the library's in words: heads, classes, figures and groups by their names, shares in per cent.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table, with ids; it is not changed.
    lang : {"vi", "en"}
        The language.
    names : Names
        What ids are called.
    groups : iterable of str
        Its group columns.
    movements : mapping, optional
        What became of households.
    """
    lang, out, groups = language(lang), frame.copy(), tuple(groups)
    measured = frame["measure"].tolist() if "measure" in frame else []
    for name in frame.columns:
        values = frame[name].tolist()
        if name in groups:
            told = [names.group(name, value, lang) for value in values]
        elif name in _CLASSES:
            told = [names.category(value, lang) for value in values]
        elif name == "movement":
            told = [(movements or {})[value].in_(lang) for value in values]
        elif name == "measure":
            told = [FIGURES[value].in_(lang) for value in values]
        elif name == "indicator":
            told = [names.part(which, value, lang) for which, value in zip(measured, values, strict=True)]
        elif name == "kind":
            told = [_KINDS[value].in_(lang) for value in values]
        elif name == "why":
            told = [", ".join(names.part("", each, lang) for each in value.split("|") if each) for value in values]
        elif name in _OF_A_FIGURE and measured:
            kinds = frame["kind"].tolist() if "kind" in frame else [""] * len(values)
            told = [
                change_printed(which, value, kind, lang)
                for which, value, kind in zip(measured, values, kinds, strict=True)
            ]
        elif name in _SHARES:
            told = [share_printed(value, lang) for value in values]
        elif name in _PLAIN:
            told = [decimal_printed(value, lang, _PLAIN[name]) for value in values]
        elif name == "population" and frame[name].dtype.kind == "f":
            told = [decimal_printed(value, lang, 0) for value in values]
        else:
            continue
        out[name] = told
    heads = {name: names.column(name, lang) if name in groups else _head(name, lang) for name in frame.columns}
    return out.set_axis([heads[name] for name in frame.columns], axis=1)


def _head(name: str, lang: Language) -> str:
    return HEADS[name].in_(lang) if name in HEADS else str(name)


def change_printed(measure: str, value: float, kind: str, lang: Language) -> str:
    """Write a change: of a share in percentage points, a relative one in per cent.

    >>> change_printed("H", -0.012, "absolute", "vi"), change_printed("H", -0.012, "relative", "en")
    ('−1,2 điểm %', '−1.2%')
    """
    if kind.endswith("relative"):
        return share_printed(value, lang)
    text = figure_printed(measure, value, lang)
    if not kind or not text.endswith("%"):
        return text
    return text.removesuffix("%").rstrip() + (" điểm %" if lang == "vi" else " points")
