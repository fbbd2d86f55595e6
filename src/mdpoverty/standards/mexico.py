"""The shape of Mexico's official measure (CONEVAL): two income lines and six deprivations make five classes.

The shape is here, the lines aren't: they change every month, and you bring those that you have.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date as Date

from mdpoverty.numbers import Number
from mdpoverty.scorers import column, deprivations, threshold
from mdpoverty.standard import (
    Category,
    Citation,
    Code,
    Dimension,
    Field,
    Gap,
    Indicator,
    Label,
    Standard,
    Threshold,
)

__all__ = ["coneval"]

_LACKS = (
    ("education", "Tụt hậu giáo dục", "Educational lag"),
    ("health_services", "Thiếu tiếp cận dịch vụ y tế", "No access to health services"),
    ("social_security", "Thiếu an sinh xã hội", "No access to social security"),
    ("housing", "Nhà ở kém chất lượng", "Poor quality and space of the dwelling"),
    ("basic_services", "Thiếu dịch vụ cơ bản trong nhà", "No basic services in the dwelling"),
    ("food", "Thiếu lương thực", "No access to food"),
)


def coneval(
    *,
    income: Mapping[str, Number],
    extreme: Mapping[str, Number],
    citation: Citation,
    in_force: Date | str,
    until: Date | str | None = None,
    id: str = "mx-coneval",
) -> Standard:
    """Return a standard of CONEVAL's shape with your income lines.

    Poor: income under the line and at least one of six deprivations; extremely poor: under the lower line and at least
    three. Who is only under the line, or only deprived, is vulnerable. Income is compared with ``<``, as CONEVAL does.

    Parameters
    ----------
    income, extreme : mapping
        The two lines for ``"rural"`` and ``"urban"``, in pesos per person per month.
    citation : Citation
        Where the lines stand.
    in_force, until
        The days for which they hold.
    id : str
        The standard's name.

    Examples
    --------
    >>> lines = Citation("Made-up lines")
    >>> mx = coneval(
    ...     income={"rural": 3000, "urban": 4000}, extreme={"rural": 1500, "urban": 2000},
    ...     citation=lines, in_force="2024-01-01",
    ... )
    >>> lacking = {"education": True, **dict.fromkeys(list(mx.indicators)[1:], False)}
    >>> mx.assess({"area": "rural", "income": 2999, **lacking}).category
    'poor'
    >>> mx.assess({"area": "rural", "income": 3000, **lacking}).category
    'vulnerable_by_deprivation'
    """
    shape = Citation(
        "CONEVAL",
        note=Label(
            "Khung của cách đo chính thức; điều kiện của từng thiếu hụt là câu trả lời.",
            "The shape of the official measure; the conditions of each deprivation are answers.",
        ),
    )

    def line(name: str, vi: str, en: str, amounts: Mapping[str, Number]) -> Threshold:
        return Threshold(name, Label(vi, en), amounts, citation, by="area", unit="MXN/person/month")

    under, under_extreme = (column("income") < threshold(name) for name in ("income", "extreme_income"))
    deprived, severely = (deprivations() >= threshold(name) for name in ("deprived", "severely_deprived"))
    extremely = under_extreme & severely
    classes = (
        ("extremely_poor", "Nghèo cùng cực", "Extremely poor", extremely),
        ("poor", "Nghèo", "Poor, not extremely", under & deprived & ~extremely),
        ("vulnerable_by_deprivation", "Dễ tổn thương do thiếu hụt", "Vulnerable by deprivation", ~under & deprived),
        ("vulnerable_by_income", "Dễ tổn thương do thu nhập", "Vulnerable by income", under & ~deprived),
        ("not_poor", "Không nghèo, không dễ tổn thương", "Neither poor nor vulnerable", ~under & ~deprived),
    )
    areas = (Code("rural", Label("Nông thôn", "Rural")), Code("urban", Label("Thành thị", "Urban")))
    return Standard(
        id=id,
        title=Label("Đo lường nghèo theo kiểu CONEVAL (Mexico)", "Poverty in the shape of Mexico's CONEVAL"),
        citation=citation,
        in_force=in_force,
        until=until,
        jurisdiction="MX",
        fields=(
            Field("area", "household", "code", Label("Khu vực", "Area"), Label("Khu vực?", "Which area?"), codes=areas),
            Field(
                "income",
                "household",
                "money",
                Label("Thu nhập bình quân đầu người", "Income per person"),
                Label("Thu nhập bình quân đầu người một tháng?", "Income per person per month?"),
                unit="MXN/person/month",
                minimum=0,
            ),
            *(Field(name, "household", "flag", Label(vi, en), Label(f"{vi}?", f"{en}?")) for name, vi, en in _LACKS),
        ),
        thresholds=(
            line("income", "Chuẩn thu nhập", "Income line", income),
            line("extreme_income", "Chuẩn thu nhập cùng cực", "Line of extreme poverty by income", extreme),
            Threshold("deprived", Label("Thiếu hụt từ", "Deprived from"), 1, shape, unit="deprivations"),
            Threshold(
                "severely_deprived", Label("Thiếu hụt nặng từ", "Severely deprived from"), 3, shape, unit="deprivations"
            ),
        ),
        dimensions=tuple(Dimension(name, Label(vi, en), shape) for name, vi, en in _LACKS),
        indicators=tuple(Indicator(name, name, Label(vi, en), column(name), shape) for name, vi, en in _LACKS),
        categories=tuple(Category(name, Label(vi, en), rule, shape) for name, vi, en, rule in classes),
        gaps=(
            Gap(
                "deprivations",
                Label(
                    "Điều kiện của từng thiếu hụt không có ở đây: câu trả lời nói thẳng.",
                    "The conditions of each deprivation aren't encoded: the answers say them outright.",
                ),
            ),
        ),
    )
