"""What stands around a form on paper: who issues it, its number, place and day above; who signs it below."""

from __future__ import annotations

from datetime import date as Date

from attrs import field, frozen

from mdpoverty.law.fields import Label, to_date
from mdpoverty.numbers import Language
from mdpoverty.reports.columns import Form

__all__ = ["MOTTO", "NATION", "SEAL", "SIGN", "Paper", "measure_of", "number_note", "number_of"]

NATION = Label("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "SOCIALIST REPUBLIC OF VIET NAM")
MOTTO = Label("Độc lập - Tự do - Hạnh phúc", "Independence - Freedom - Happiness")
SIGN = Label("(Ký, ghi rõ họ tên)", "(Signature and full name)")
SEAL = Label("(Ký, đóng dấu, ghi rõ họ tên)", "(Signature, seal and full name)")


def _day(given: Date | str | None) -> Date | None:
    return to_date(given)


@frozen
class Paper:
    """A form's page as an office issues it; what isn't given is left blank, to be filled in by hand.

    Attributes
    ----------
    authority : str
        The body above the one that issues it: ``"UBND huyện A"``.
    office : str
        The body that issues it: ``"UBND xã Ví Dụ"``.
    place : str
        Where it is signed.
    date : datetime.date or ISO text, optional
        When.
    preparer, head : str
        The names of those who sign.
    preparer_title, head_title : str
        As what; "Người lập biểu" and "Thủ trưởng đơn vị" by default.

    Examples
    --------
    >>> Paper(place="Xã Ví Dụ", date="2024-12-14").signed("vi"), Paper().signed("vi")
    ('Xã Ví Dụ, ngày 14 tháng 12 năm 2024', '…………, ngày …… tháng …… năm ………')
    """

    authority: str = ""
    office: str = ""
    place: str = ""
    date: Date | None = field(default=None, converter=_day)
    preparer: str = ""
    head: str = ""
    preparer_title: str = ""
    head_title: str = ""

    def signed(self, lang: Language) -> str:
        """Return the line of place and day."""
        place = self.place or "…………"
        if lang == "en":
            return f"{place}, {self.date.isoformat() if self.date else '……/……/………'}"
        if self.date is None:
            return f"{place}, ngày …… tháng …… năm ………"
        # By Decree 30/2020 days under 10 and the months 1 and 2 have two digits.
        month = f"{self.date.month:02}" if self.date.month < 3 else str(self.date.month)
        return f"{place}, ngày {self.date.day:02} tháng {month} năm {self.date.year}"

    def titles(self, lang: Language) -> tuple[str, str]:
        """Return as what the two sign."""
        preparer = self.preparer_title or Label("Người lập biểu", "Prepared by").in_(lang)
        return preparer, self.head_title or Label("Thủ trưởng đơn vị", "Head of the unit").in_(lang)

    def issuer(self, lang: Language) -> tuple[str, str]:
        """Return the body above and the body that issues it, with dots for those that aren't given."""
        return self.authority or "…………………………", self.office or "…………………………"


def number_of(form: Form, lang: Language) -> str:
    """Return the number that is printed on a form: the official one where it is confirmed, else the library's."""
    if form.official and form.confirmed:
        return Label(f"Mẫu số {form.official}", f"Form {form.official}").in_(lang)
    return Label(f"Biểu số {form.number}", f"Form {form.number}").in_(lang)


def measure_of(form: Form) -> Label:
    """Return the line that says what a form counts."""
    units = {column.unit or unit for column in form.columns if not column.rate for unit in form.units}
    vi, en = [], []
    if units & {"households", "poor", "near_poor"}:
        vi.append("hộ")
        en.append("households")
    if "people" in units:
        vi.append("người")
        en.append("people")
    if any(column.rate for column in form.columns):
        vi.append("%")
        en.append("%")
    return Label(f"Đơn vị tính: {', '.join(vi)}", f"Unit: {', '.join(en)}")


def number_note(form: Form) -> Label:
    """Return what a reader must know of a form's number."""
    if not form.official:
        return Label(
            f"Biểu {form.number} là biểu riêng của địa phương, không có trong mẫu của Trung ương.",
            f"Form {form.number} is a province's own; the official annex has none for it.",
        )
    if form.confirmed:
        return Label(
            f"Biểu {form.number} ứng với Mẫu {form.official} (Phụ lục VII, Thông tư 07/2021/TT-BLĐTBXH, "
            "sửa đổi bởi Thông tư 02/2022/TT-BLĐTBXH).",
            f"Form {form.number} is Mẫu {form.official} (Annex VII, Circular 07/2021/TT-BLDTBXH, amended by 02/2022).",
        )
    return Label(
        f"Biểu {form.number} theo thứ tự là Mẫu {form.official}; số hiệu này chưa được xác nhận.",
        f"Form {form.number} is Mẫu {form.official} by the order of the annex; that number isn't confirmed.",
    )
