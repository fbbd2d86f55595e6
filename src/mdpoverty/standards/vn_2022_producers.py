"""Agriculture, forestry, fishery and salt households of average living standard (hộ làm nông nghiệp, lâm nghiệp, ngư
nghiệp, diêm nghiệp có mức sống trung bình): Decision 24/2021/QĐ-TTg with the band of Decree 07/2021.

Another notion of income than the review of the poor: what the household really took in during the 12 months before the
review, net of production costs and without social assistance.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import reduce
from operator import add
from typing import Any

from mdpoverty.errors import BadValues, Problem
from mdpoverty.numbers import Number, number
from mdpoverty.scorers import Rule, Value, column, first_known, threshold
from mdpoverty.standard import Category, Citation, Field, Gap, Label, Standard
from mdpoverty.standards import vn_2022
from mdpoverty.standards._vn_answers import AREA, SIZE
from mdpoverty.texts import nearest

DECISION = "Quyết định 24/2021/QĐ-TTg"
MONTHS = 12
"""The income is that of the last twelve months; the lines are for one."""

_MOST = 10_000_000_000_000


def _money(name: str, vi: str, en: str, note: Label | str = "", minimum: int = 0) -> Field:
    return Field(
        name,
        "household",
        "money",
        Label(vi, en),
        Label(f"{vi} trong 12 tháng qua là bao nhiêu?", f"{en}, in the last 12 months?"),
        unit="VND/household/12 months",
        minimum=minimum,
        maximum=_MOST,
        note=note,
    )


RECEIPTS = (
    _money("crops", "Thu từ trồng trọt", "Receipts from crops"),
    _money("livestock", "Thu từ chăn nuôi", "Receipts from livestock"),
    _money("forestry", "Thu từ lâm nghiệp", "Receipts from forestry"),
    _money("fishery", "Thu từ thủy sản", "Receipts from fishery"),
    _money("salt", "Thu từ nghề muối", "Receipts from salt"),
    _money("wages", "Tiền lương, tiền công", "Wages"),
    _money(
        "other_receipts",
        "Thu khác",
        "Other receipts",
        Label("Không tính trợ cấp, trợ giúp xã hội.", "Without social assistance, which isn't counted."),
    ),
)
"""What a household takes in. The list of items is our reading; the sum is what the law asks for."""

COSTS = _money(
    "production_costs",
    "Chi phí sản xuất",
    "Production costs",
    Label("Của tất cả các hoạt động trên cộng lại.", "Of all the activities above together."),
)
NET = _money(
    "net_income",
    "Thu nhập (đã trừ chi phí, không tính trợ cấp, trợ giúp xã hội)",
    "Net income, without social assistance",
    Label("Thay cho các khoản thu và chi phí.", "In place of receipts and costs."),
    minimum=-_MOST,
)
PRODUCER = Field(
    "producer",
    "household",
    "flag",
    Label("Hộ làm nông, lâm, ngư, diêm nghiệp", "Agriculture, forestry, fishery or salt household"),
    Label(
        "Hộ có làm nông nghiệp, lâm nghiệp, ngư nghiệp hoặc diêm nghiệp không?",
        "Does the household work in agriculture, forestry, fishery or salt making?",
    ),
)


def net_income() -> Value:
    """Return the household's income of twelve months as a value of rules: all receipts less production costs."""
    receipts: Value = reduce(add, (column(field.id) for field in RECEIPTS))
    return receipts - column(COSTS.id)


def income_per_person(answers: Mapping[str, Any], persons: int) -> Number:
    """Return one household's income per person per month, exactly, from its receipts and costs of twelve months.

    Parameters
    ----------
    answers : mapping
        Each of ``RECEIPTS`` and ``production_costs``, in đồng. Social assistance from the state budget (trợ cấp, trợ
        giúp xã hội) is no receipt; an item that isn't there must be given as 0.
    persons : int
        Members of the household.

    Raises
    ------
    BadValues
        If an item is missing or unknown, or there is nobody.

    Examples
    --------
    >>> receipts = {field.id: 0 for field in RECEIPTS} | {"crops": 250_000_000, "production_costs": 70_000_000}
    >>> income_per_person(receipts, 5)
    3000000
    """
    names = [*(field.id for field in RECEIPTS), COSTS.id]
    problems = [Problem.of("item_missing", name, rows=1, field=name) for name in names if answers.get(name) is None]
    problems += [
        Problem.of("item_unknown", str(name), {"meant": nearest(name, names)}, rows=1)
        for name in answers
        if name not in names
    ]
    if persons < 1:
        problems.append(Problem.of("no_members", "household_size", rows=1))
    if problems:
        raise BadValues(problems)
    signed = (number(answers[name]) * (-1 if name == COSTS.id else 1) for name in names)
    return number(Fraction(sum(signed), MONTHS * persons))


def _within(name: str) -> Rule:
    line = MONTHS * threshold(name) * column("household_size")
    return first_known(column(NET.id) <= line, net_income() <= line)


_LINES = tuple(each for each in vn_2022.THRESHOLDS if each.id in ("income", "average_living"))
_in_band = ~_within("income") & _within("average_living")

CATEGORIES = (
    Category(
        "producer_average_living",
        Label(
            "Hộ làm nông nghiệp, lâm nghiệp, ngư nghiệp, diêm nghiệp có mức sống trung bình",
            "Agriculture, forestry, fishery or salt household of average living standard",
        ),
        column(PRODUCER.id) & _in_band,
        Citation(
            DECISION,
            "Điều 2",
            note=Label(
                "Đọc qua bản tiếng Anh: xác định thu nhập của hộ trong 12 tháng trước thời điểm rà soát, không tính trợ cấp hoặc "
                "trợ giúp xã hội từ ngân sách nhà nước. Khoảng thu nhập là của Nghị định 07/2021.",
                "Read in English: “determines the household's income in the 12 months prior to the time of the review, "
                "excluding the social allowance or social assistance from the state budget”. The band is Decree 07/2021's.",
            ),
        ),
    ),
    Category(
        "other",
        Label("Hộ khác", "Other household"),
        ~(column(PRODUCER.id) & _in_band),
        Citation(DECISION, note=Label("Các hộ còn lại.", "What remains.")),
    ),
)

GAPS = (
    Gap(
        "year_2026",
        Label(
            "Nghị định 351/2025 kéo dài Điều 3 Nghị định 07/2021 đến hết năm 2026; việc Quyết định này cũng kéo dài chưa xác nhận.",
            "Decree 351/2025 continues article 3 of Decree 07/2021 through 2026; that this decision goes on too isn't confirmed.",
        ),
    ),
    Gap(
        "items",
        Label(
            "Danh mục khoản thu, chi là cách hiểu; văn bản tìm thấy chỉ nêu thu nhập 12 tháng, không tính trợ cấp, trợ giúp xã hội.",
            "The list of receipts and costs is our reading; found is that the income is of 12 months, without social assistance.",
        ),
    ),
    Gap(
        "share_from_farming",
        Label(
            "Điều kiện về tỷ trọng thu nhập từ nông, lâm, ngư, diêm nghiệp (nếu có) chưa xác nhận và không được áp dụng.",
            "Whether a share of the income must come from these activities isn't confirmed, and isn't asked.",
        ),
    ),
    Gap(
        "points",
        Label(
            "Quyết định 406/QĐ-LĐTBXH (thủ tục) nói “tính điểm” cho các hộ này; văn bản khác xét thu nhập thực tế. Mâu thuẫn chưa "
            "được giải quyết; ở đây xét thu nhập thực tế.",
            "Decision 406/QĐ-LĐTBXH (the procedure) speaks of “tính điểm” for these households, other texts of real income. That is "
            "unresolved; here it is real income.",
        ),
    ),
    Gap(
        "not_poor",
        Label(
            "Hộ đã là hộ nghèo, hộ cận nghèo theo điểm có bị loại trừ hay không chưa xác nhận: đối chiếu với danh sách.",
            "Whether a household that is poor or near-poor by points is excluded isn't confirmed: compare with the list.",
        ),
    ),
)

STANDARD = Standard(
    id="vn-2022-producers",
    title=Label(
        "Hộ làm nông nghiệp, lâm nghiệp, ngư nghiệp, diêm nghiệp có mức sống trung bình (2022–2026)",
        "Agriculture, forestry, fishery and salt households of average living standard (2022–2026)",
    ),
    citation=Citation(
        DECISION,
        "Điều 2",
        note=Label(
            "Theo các mức thu nhập của Nghị định 07/2021/NĐ-CP, Điều 3.",
            "With the income lines of Nghị định 07/2021/NĐ-CP, Điều 3.",
        ),
    ),
    in_force="2022-01-01",
    until="2026-12-31",
    fields=(AREA, SIZE, PRODUCER, *RECEIPTS, COSTS, NET),
    thresholds=_LINES,
    dimensions=(),
    indicators=(),
    categories=CATEGORIES,
    gaps=GAPS,
    revision=2,
)
