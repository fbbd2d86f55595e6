"""Circular 07/2021/TT-BLĐTBXH: the standard of Decree 07/2021 by points A (income) and B (deprivations).

The two totals are what a review's form ends with. How the answers make points A is a table of the circular that isn't in
this library: :class:`mdpoverty.standards.scoresheet.ScoreSheet` takes the one that you have. Points are never turned into đồng.
"""

from __future__ import annotations

from mdpoverty.law.fields import Lookalike
from mdpoverty.scorers import Rule, column, threshold
from mdpoverty.standard import Category, Citation, Field, Gap, Label, Standard, Threshold
from mdpoverty.standards._vn_answers import AREA

CIRCULAR = "Thông tư 07/2021/TT-BLĐTBXH"


def _circular(words: str = "", note: Label | str = "") -> Citation:
    return Citation(CIRCULAR, "", words, note=note)


THRESHOLDS = (
    Threshold(
        "points_a",
        Label("Mức điểm A", "Line in points A"),
        {"rural": 140, "urban": 175},
        _circular(
            "ở khu vực nông thôn, 140 điểm tương đương mức thu nhập bình quân đầu người 1.500.000 đồng/người/tháng; ở khu vực "
            "thành thị, 175 điểm tương đương … 2.000.000; điểm A <= 140; A <=175"
        ),
        by="area",
        unit="points",
    ),
    Threshold(
        "points_b",
        Label("Mức điểm B", "Cut-off in points B"),
        30,
        _circular("điểm B >= 30; B < 30"),
        unit="points",
    ),
    Threshold(
        "points_per_indicator",
        Label("Điểm B của một chỉ số thiếu hụt", "Points B of one deprivation"),
        10,
        _circular("10 điểm tương đương với 01 chỉ số"),
        unit="points",
    ),
)

POINTS_A = Field(
    "points_a",
    "household",
    "count",
    Label("Điểm A", "Points A"),
    Label("Tổng điểm A (thu nhập) của hộ là bao nhiêu?", "What is the household's total of points A (income)?"),
    unit="points",
    minimum=0,
    maximum=10_000,
    note=Label(
        "Các phần mềm rà soát gọi là B1. Phiếu A, phiếu nhận dạng nhanh ở Phụ lục II cho hộ có giấy đề nghị, là việc khác.",
        "Review systems call them B1. Phiếu A, the quick form of Annex II for households that asked for a review, is something "
        "else.",
    ),
    known_as=("B1", "Điểm A", "Điểm B1", "b1Point", "scoreB1", "PhieuB1", "Phiếu B1"),
    lookalikes=(
        Lookalike(
            "Phiếu A",
            "Phiếu A is the quick form of Annex II for households that asked for a review, not points A, which review systems "
            "call B1",
        ),
    ),
)

POINTS_B = Field(
    "points_b",
    "household",
    "count",
    Label("Điểm B", "Points B"),
    Label("Tổng điểm B (thiếu hụt) của hộ là bao nhiêu?", "What is the household's total of points B (deprivations)?"),
    unit="points",
    minimum=0,
    maximum=120,
    note=Label(
        "Mỗi chỉ số thiếu hụt trong mười hai chỉ số được 10 điểm. Các phần mềm rà soát gọi là B2.",
        "Ten for each of the twelve indicators that the household is deprived in. Review systems call them B2.",
    ),
    known_as=("B2", "Điểm B", "Điểm B2", "b2Point", "scoreB2", "PhieuB2", "Phiếu B2"),
)


def classes(within_line: Rule, deprived: Rule) -> tuple[Category, ...]:
    """Return the circular's classes, from what "A within the line" and "B at the cut-off" are."""
    return (
        Category(
            "poor",
            Label("Hộ nghèo", "Poor household"),
            within_line & deprived,
            _circular("điểm A <= 140 và điểm B >= 30 ở khu vực nông thôn hoặc A <=175 và B >= 30 ở thành thị"),
        ),
        Category(
            "near_poor",
            Label("Hộ cận nghèo", "Near-poor household"),
            within_line & ~deprived,
            _circular("A <= 140 và B < 30 … hoặc A <=175 và B < 30"),
        ),
        Category(
            "not_poor",
            Label("Hộ không thuộc diện nghèo, cận nghèo", "Neither poor nor near-poor"),
            ~within_line,
            _circular(
                note=Label(
                    "Các hộ còn lại: điểm không có mốc cho mức sống trung bình, mức này xét theo thu nhập thực tế.",
                    "What remains: points have no line for the average living standard, which goes by real income.",
                )
            ),
        ),
    )


GAPS = (
    Gap(
        "score_sheet",
        Label(
            "Bảng điểm A theo vùng giai đoạn 2022–2025 chưa tìm thấy: người dùng tự cung cấp.",
            "The table of points A by region of 2022–2025 wasn't found: bring your own.",
        ),
    ),
    Gap(
        "amendment",
        Label(
            "Thông tư 02/2022/TT-BLĐTBXH sửa đổi ít nhất Mẫu 7.8, 7.9, 7.10 của Phụ lục VII; có sửa đổi gì về điểm hay không chưa "
            "tìm thấy.",
            "Circular 02/2022 changes at least the forms 7.8, 7.9 and 7.10 of Annex VII; whether it changes anything about points "
            "wasn't found.",
        ),
    ),
    Gap(
        "year_2026",
        Label(
            "Nghị định 351/2025 kéo dài Điều 3 Nghị định 07/2021 đến hết năm 2026; việc Thông tư cũng kéo dài chưa xác nhận.",
            "Decree 351/2025 continues article 3 of Decree 07/2021 through 2026; that the circular goes on too isn't confirmed.",
        ),
    ),
    Gap(
        "average_living",
        Label(
            "Điểm không có mốc cho mức sống trung bình; không quy đổi điểm ra đồng.",
            "Points have no anchor for the average living standard, and aren't converted to đồng.",
        ),
    ),
)

STANDARD = Standard(
    id="vn-2022-scores",
    title=Label(
        "Chuẩn nghèo đa chiều 2022–2026 theo điểm A và điểm B",
        "Standard of 2022–2026 by points A and points B",
    ),
    citation=_circular(
        note=Label("Theo văn bản hợp nhất 1315/VBHN-BLĐTBXH.", "As in the consolidated text 1315/VBHN-BLĐTBXH.")
    ),
    in_force="2022-01-01",
    until="2026-12-31",
    fields=(AREA, POINTS_A, POINTS_B),
    thresholds=THRESHOLDS,
    dimensions=(),
    indicators=(),
    categories=classes(
        column("points_a") <= threshold("points_a"),
        column("points_b") >= threshold("points_b"),
    ),
    gaps=GAPS,
    revision=2,
)
