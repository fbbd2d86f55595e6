"""Two numbers that don't agree: where, what stands there, and what should."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from attrs import frozen

from mdpoverty.doors import door
from mdpoverty.dynamics.places import Path
from mdpoverty.law.fields import Label
from mdpoverty.numbers import Language
from mdpoverty.reports.columns import UNITS, Unit, Value

__all__ = ["RULES", "Discrepancy", "discrepancies_frame"]

RULES: Mapping[str, Label] = {
    "formula": Label("sai công thức in trên biểu", "not what the printed formula gives"),
    "sum": Label("các phần cộng lại khác tổng", "the parts don't add up to the whole"),
    "part": Label("bộ phận lớn hơn tổng", "a part is larger than its whole"),
    "subtotal": Label("khác tổng của các địa bàn bên dưới", "not the sum of the places below"),
    "agreement": Label("khác số ở biểu kia", "not the number in the other form"),
    "least": Label("ít hơn mức tối thiểu theo chuẩn", "fewer than the standard allows"),
    "most": Label("nhiều hơn mức tối đa theo chuẩn", "more than the standard allows"),
    "people": Label("số nhân khẩu ít hơn số hộ", "fewer people than households"),
    "negative": Label("số âm", "a negative number"),
    "whole": Label("không phải số nguyên", "not a whole number"),
    "rate_over_100": Label("tỷ lệ vượt quá 100 %", "a rate over 100 %"),
    "last_year": Label("đầu kỳ khác cuối kỳ của năm trước", "the beginning isn't last year's end"),
    "place": Label("địa bàn không có ở biểu kia", "a place that isn't in the other form"),
    "duplicate": Label("địa bàn xuất hiện nhiều lần", "a place that stands twice"),
    "residents": Label("số dân cư không hợp lệ hoặc không có", "residents missing or impossible"),
    "unread": Label("chưa được đọc", "not read"),
    "error": Label("ô bị lỗi công thức", "a cell with a spreadsheet's error"),
    "spelling": Label("viết theo hai cách", "written in two ways"),
    "ethnic_unknown": Label(
        "hộ chưa rõ dân tộc được tính là dân tộc thiểu số", "households of unknown ethnicity fall under the minorities"
    ),
    "none_in_both": Label("không có hộ nào ở cả hai kỳ", "no household is in both reviews"),
    "crosswalk": Label(
        "hộ ở địa bàn đã chia, chưa rõ thuộc địa bàn mới nào", "households of a divided place that nothing places"
    ),
    "overlap": Label("hộ thuộc nhiều nhóm: cột “khác” không đúng", "households in several groups: “others” is wrong"),
}


@frozen
class Discrepancy:
    """Two numbers that don't agree.

    Attributes
    ----------
    rule : str
        Which rule is broken: one of :data:`RULES`.
    form : int
        The form; 0 where a sheet tells none.
    path : tuple of str
        The place, from the top.
    unit : {"households", "people"}
        The row.
    column : str
        The column's number.
    found, expected : number or None
        What stands there, and what should.
    detail : str
        With what it was compared: a formula, or another form's column (``"3:5"`` is column 5 of form 3); of what wasn't
        read, the sheet.
    why : Label, optional
        Why the two must agree.
    """

    rule: str
    form: int
    path: Path = ()
    unit: Unit = "households"
    column: str = ""
    found: Value = None
    expected: Value = None
    detail: str = ""
    why: Label | None = None

    @property
    def difference(self) -> Value:
        """``found - expected``; ``None`` where either is blank."""
        return None if self.found is None or self.expected is None else Decimal(self.found) - Decimal(self.expected)

    def text(self, lang: Language = "en") -> str:
        """Return it as a sentence."""
        if self.rule == "unread":
            sheet = f"{'Trang' if lang == 'vi' else 'Sheet'} {self.detail!r}"
            return f"{sheet}: {RULES[self.rule].in_(lang)}" + (f" ({self.why.in_(lang)})" if self.why else "")
        form, column, instead = ("Biểu", "cột", "phải là") if lang == "vi" else ("Form", "column", "expected")
        place = " / ".join(name or "?" for name in self.path) or ("Tổng cộng" if lang == "vi" else "Total")
        where = f"{form} {self.form}, {place}, {UNITS[self.unit].in_(lang)}"
        where += f", {column} {self.column}" if self.column else ""
        numbers = f": {self.found}" if self.found is not None else ""
        if self.expected is not None:
            numbers += f", {instead} {self.expected}"
            numbers += f" ({self.difference:+})" if self.difference is not None else ""
        reasons = [self.detail, self.why.in_(lang) if self.why else ""]
        reason = ": ".join(filter(None, reasons))
        return f"{where}{numbers}: {RULES[self.rule].in_(lang)}" + (f" [{reason}]" if reason else "")


@door
def discrepancies_frame(found: Iterable[Discrepancy], lang: Language = "en") -> Any:
    """Return discrepancies as a pandas DataFrame: rule, form, area, unit, column, found, expected, difference, text."""
    import pandas as pd

    rows = [
        (
            each.rule,
            each.form,
            " / ".join(name or "?" for name in each.path),
            UNITS[each.unit].in_(lang),
            each.column,
            each.found,
            each.expected,
            each.difference,
            each.text(lang),
        )
        for each in found
    ]
    columns = ["rule", "form", "area", "unit", "column", "found", "expected", "difference", "text"]
    return pd.DataFrame(rows, columns=columns)
