"""Standards of provinces, each as data: what their texts say and no more."""

from __future__ import annotations

from attrs import evolve

from mdpoverty.scorers import Rule, column, first_known, threshold
from mdpoverty.standard import Category, Citation, Gap, Label, Standard, Threshold
from mdpoverty.standards._vn_answers import AREA, HOUSEHOLD, INCOME, SIZE
from mdpoverty.standards._vn_rules import income_within

TOTAL = HOUSEHOLD[2]

# ------------------------------------------------------------------------------------ Ho Chi Minh City (VN-SG)

_SG = "Chuẩn hộ nghèo, hộ cận nghèo của Thành phố Hồ Chí Minh (rà soát năm 2025)"
ANNUAL_INCOME = evolve(
    INCOME,
    id="annual_income",
    label=Label("Thu nhập bình quân đầu người một năm", "Income per person per year"),
    question=Label(
        "Thu nhập bình quân đầu người một năm của hộ là bao nhiêu?",
        "What is the household's income per person per year?",
    ),
    unit="VND/person/year",
    maximum=12 * INCOME.maximum if INCOME.maximum is not None else None,
    note=Label(
        "Hoặc income, total_income một tháng: so sánh sau khi nhân mười hai.",
        "Or income, or total_income, a month: compared twelvefold.",
    ),
)


def _annually_within(name: str) -> Rule:
    """Return the rule "within that line in đồng a year", from income a year or, twelvefold, from income a month."""
    return first_known(column("annual_income") <= threshold(name), income_within(name, months=12))


def _sg(words: str = "", note: Label | str = "") -> Citation:
    return Citation(_SG, "", words, note=note)


_sg_poor, _sg_near = _annually_within("poor"), _annually_within("near_poor")

VN_SG_2026 = Standard(
    id="vn-sg-2026",
    title=Label(
        "Chuẩn thu nhập của Thành phố Hồ Chí Minh, rà soát năm 2025 (tạm thời)",
        "Ho Chi Minh City's income lines, review of 2025 (provisional)",
    ),
    citation=_sg(
        note=Label(
            "Đọc qua báo chí; văn bản của Thành phố chưa tìm thấy.",
            "Read in press reports; the city's own text wasn't found.",
        )
    ),
    in_force="2026-01-01",
    until="2026-12-31",
    jurisdiction="VN-SG",
    fields=(INCOME, TOTAL, SIZE, ANNUAL_INCOME),
    thresholds=(
        Threshold(
            "poor",
            Label("Mức hộ nghèo", "Line of the poor"),
            46_000_000,
            _sg("từ 46 triệu đồng/năm trở xuống"),
            unit="VND/person/year",
        ),
        Threshold(
            "near_poor",
            Label("Mức hộ cận nghèo", "Line of the near-poor"),
            54_000_000,
            _sg("trên 46 … đến 54 triệu đồng/năm"),
            unit="VND/person/year",
        ),
    ),
    dimensions=(),
    indicators=(),
    categories=(
        Category("poor", Label("Hộ nghèo", "Poor household"), _sg_poor, _sg("từ 46 triệu đồng/năm trở xuống")),
        Category(
            "near_poor",
            Label("Hộ cận nghèo", "Near-poor household"),
            ~_sg_poor & _sg_near,
            _sg("trên 46 … đến 54 triệu đồng/năm"),
        ),
        Category(
            "not_poor",
            Label("Hộ không thuộc diện nghèo, cận nghèo", "Neither poor nor near-poor"),
            ~_sg_near,
            _sg(note=Label("Các hộ còn lại.", "What remains.")),
        ),
    ),
    gaps=(
        Gap(
            "deprivations",
            Label(
                "Điều kiện về chỉ số thiếu hụt của Thành phố chưa tìm thấy: ở đây chỉ xét thu nhập.",
                "The city's condition on deprivations wasn't found: only income is asked here.",
            ),
        ),
        Gap(
            "dates",
            Label(
                "Thời gian áp dụng chưa xác nhận: mức của kỳ rà soát năm 2025 được hiểu là cho danh sách năm 2026.",
                "The dates aren't confirmed: the lines of the review of 2025 are read as those of the list of 2026.",
            ),
        ),
    ),
    provisional=True,
)

# --------------------------------------------------------------------------------------------- Da Nang (VN-DN)

_DN = "Chuẩn hộ nghèo, hộ cận nghèo của thành phố Đà Nẵng giai đoạn 2016–2020"


_REPORTED = Label(
    "Đọc qua một báo cáo, ghi là thu nhập từ … đến …; nguyên văn của thành phố chưa tìm thấy.",
    "Read in a report, as income from … to …; the city's own words weren't found.",
)


def _dn(note: Label = _REPORTED) -> Citation:
    return Citation(_DN, "", note=note)


_dn_poor, _dn_near = income_within("poor"), income_within("near_poor")

VN_DN_2016 = Standard(
    id="vn-dn-2016",
    title=Label("Chuẩn nghèo về thu nhập của thành phố Đà Nẵng 2016–2020", "Da Nang's income lines 2016–2020"),
    citation=_dn(),
    in_force="2016-01-01",
    until="2020-12-31",
    jurisdiction="VN-DN",
    fields=(AREA, INCOME, TOTAL, SIZE),
    thresholds=(
        Threshold(
            "poor",
            Label("Mức hộ nghèo", "Line of the poor"),
            {"rural": 1_100_000, "urban": 1_300_000},
            _dn(),
            by="area",
            unit="VND/person/month",
        ),
        Threshold(
            "near_poor",
            Label("Mức hộ cận nghèo", "Line of the near-poor"),
            {"rural": 1_430_000, "urban": 1_690_000},
            _dn(Label("Bằng 1,3 lần mức hộ nghèo.", "1.3 times the line of the poor.")),
            by="area",
            unit="VND/person/month",
        ),
    ),
    dimensions=(),
    indicators=(),
    categories=(
        Category("poor", Label("Hộ nghèo", "Poor household"), _dn_poor, _dn()),
        Category("near_poor", Label("Hộ cận nghèo", "Near-poor household"), ~_dn_poor & _dn_near, _dn()),
        Category(
            "not_poor",
            Label("Hộ không thuộc diện nghèo, cận nghèo", "Neither poor nor near-poor"),
            ~_dn_near,
            _dn(Label("Các hộ còn lại.", "What remains.")),
        ),
    ),
    gaps=(
        Gap(
            "words",
            Label("Nguyên văn của thành phố chưa tìm thấy.", "The city's own words weren't found."),
        ),
    ),
)
