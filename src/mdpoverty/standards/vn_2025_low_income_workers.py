"""Low-income workers (người lao động có thu nhập thấp): Decree 30/2025/NĐ-CP, which amends Decree 07/2021/NĐ-CP.

A tag of persons, not of households: score it with one row for each person, the answers of the household beside the
person's own.
"""

from __future__ import annotations

from mdpoverty.scorers import column, threshold
from mdpoverty.standard import Category, Citation, Code, Field, Gap, Label, Standard, Threshold
from mdpoverty.standards import vn_2022
from mdpoverty.standards._vn_answers import AREA, INCOME

DECREE = "Nghị định 30/2025/NĐ-CP"
PLACE = "Điều 1 khoản 3 (sửa đổi Điều 3 khoản 2 điểm d, đ Nghị định 07/2021/NĐ-CP)"
WORDS = (
    "Người lao động có thu nhập thấp là người lao động thuộc hộ gia đình (không bao gồm người lao động thuộc hộ nghèo, hộ cận "
    "nghèo): Khu vực nông thôn: có mức thu nhập bình quân đầu người/tháng từ 2.250.000 đồng trở xuống. Khu vực thành thị: từ "
    "3.000.000 đồng trở xuống."
)

WORKER = Field(
    "worker",
    "household",
    "flag",
    Label("Người lao động", "Worker"),
    Label("Người này có phải là người lao động không?", "Is this person a worker (người lao động)?"),
    note=Label("Của người ghi ở dòng đó.", "Of the person whose row it is."),
)
CLASS = Field(
    "household_category",
    "household",
    "code",
    Label("Loại hộ", "Class of the household"),
    Label("Hộ của người này thuộc loại nào?", "In which class is this person's household?"),
    codes=tuple(Code(each.id, each.label) for each in vn_2022.CATEGORIES),
    note=Label("Theo kết quả phân loại hộ của vn-2022.", "As vn-2022 classifies the household."),
)

_low_income = (
    column("worker")
    & ~column("household_category").is_in(["poor", "near_poor"])
    & (column("income") <= threshold("income_per_person"))
)

STANDARD = Standard(
    id="vn-2025-low-income-workers",
    title=Label("Người lao động có thu nhập thấp (từ 24/02/2025)", "Low-income workers (from 24 February 2025)"),
    citation=Citation(DECREE, PLACE, WORDS),
    in_force="2025-02-24",
    until="2025-12-31",
    fields=(WORKER, CLASS, AREA, INCOME),
    thresholds=(
        Threshold(
            "income_per_person",
            Label("Mức thu nhập bình quân đầu người", "Income per person"),
            {"rural": 2_250_000, "urban": 3_000_000},
            Citation(DECREE, PLACE, "từ 2.250.000 đồng trở xuống; từ 3.000.000 đồng trở xuống"),
            by="area",
            unit="VND/person/month",
        ),
    ),
    dimensions=(),
    indicators=(),
    categories=(
        Category(
            "low_income_worker",
            Label("Người lao động có thu nhập thấp", "Low-income worker"),
            _low_income,
            Citation(DECREE, PLACE, WORDS),
        ),
        Category(
            "other",
            Label("Người khác", "Other person"),
            ~_low_income,
            Citation(DECREE, PLACE, note=Label("Những người còn lại.", "What remains.")),
        ),
    ),
    gaps=(
        Gap(
            "year_2026",
            Label(
                "Nghị định quy định cho giai đoạn 2022–2025; việc kéo dài sang năm 2026 chưa tìm thấy.",
                "The decree speaks of 2022–2025; that it goes on in 2026 wasn't found.",
            ),
        ),
        Gap(
            "worker",
            Label(
                "“Người lao động” không được định nghĩa ở đây: câu trả lời nói thẳng.",
                "“Người lao động” isn't defined here: the answer says it outright.",
            ),
        ),
    ),
)
