"""Decree 351/2025/NĐ-CP: the national standard of 2027–2030, as far as it is known. Provisional."""

from __future__ import annotations

from attrs import evolve

from mdpoverty.law.fields import UNSAID, remarks
from mdpoverty.scorers import column, deprivations, threshold
from mdpoverty.standard import Category, Citation, Dimension, Gap, Indicator, Label, Standard, Threshold
from mdpoverty.standards import vn_2022
from mdpoverty.standards._vn_answers import HOUSEHOLD, MEMBER, WASTE
from mdpoverty.standards._vn_readings import readings
from mdpoverty.standards._vn_rules import income_within

DECREE = "Nghị định 351/2025/NĐ-CP"
DRAFT = "Dự thảo Nghị định chuẩn nghèo đa chiều giai đoạn 2026–2030 (tháng 9/2025)"


def _decree(words: str = "", *, confirmed: bool = True, note: Label | str = "") -> Citation:
    return Citation(DECREE, "", words, confirmed, note)


STATEMENT = "theo phát biểu của Phó Chánh Văn phòng Quốc gia về giảm nghèo"
"""Where the list of indicators is from: the deputy head of the National Office for Poverty Reduction, of the enacted decree."""

_SAID = Label(
    "Phó Chánh Văn phòng Quốc gia về giảm nghèo nói về Nghị định đã ban hành (VietnamNet, bản tiếng Anh, 2484119)",
    "The deputy head of the National Office for Poverty Reduction says of the enacted decree (VietnamNet, in English, 2484119)",
)


def _worded(citation: Citation) -> Label:
    """Say whose words a citation quotes, if it quotes any."""
    if not citation.words:
        return UNSAID
    return Label(f"Nguyên văn của {citation.instrument}.", f"Words of {citation.instrument}.")


def _carried(citation: Citation) -> Citation:
    """Cite a value of Decree 07/2021 that is carried on because the new one wasn't found."""
    carried = Label(
        "Lấy tiếp từ chuẩn 2022–2026: các ngưỡng đã ban hành chưa tìm thấy.",
        "Carried on from the standard of 2022–2026: the enacted thresholds weren't found.",
    )
    return Citation(DRAFT, "", citation.words, confirmed=False, note=remarks(carried, _worded(citation)))


def _listed(citation: Citation, note: Label) -> Citation:
    """Cite an indicator of Decree 07/2021 that the list of the new one keeps, as far as that is known."""
    said = Label(
        f"{_SAID.vi}, nêu những chỉ số được bỏ và được thêm: chỉ số này vẫn giữ.",
        f"{_SAID.en} what is taken from the list and what is added: this indicator stays.",
    )
    carried = Label(
        "Ngưỡng lấy tiếp từ chuẩn 2022–2026: ngưỡng đã ban hành chưa tìm thấy.",
        "Its threshold is carried on from the standard of 2022–2026: the enacted one wasn't found.",
    )
    return Citation(DECREE, STATEMENT, citation.words, False, remarks(said, note, carried, _worded(citation)))


THRESHOLDS = (
    Threshold(
        "income",
        Label("Chuẩn nghèo về thu nhập", "Income line"),
        {"rural": 2_200_000, "urban": 2_800_000},
        _decree(
            "từ 2.200.000 … trở xuống (khu vực nông thôn); 2.800.000 (khu vực đô thị)",
            note=Label("Nghị định gọi thành thị là “đô thị”.", "The decree says “đô thị” for urban."),
        ),
        by="area",
        unit="VND/person/month",
    ),
    Threshold(
        "cutoff",
        Label("Số chỉ số thiếu hụt của hộ nghèo", "Deprivations of a poor household"),
        3,
        _decree("thiếu hụt từ 3 chỉ số … trở lên / dưới 3 chỉ số"),
        unit="indicators",
    ),
    *(
        evolve(each, citation=_carried(each.citation))
        for each in vn_2022.THRESHOLDS
        if each.id not in ("income", "average_living", "cutoff")
    ),
)

_found = {
    "jobs": "Chiều thiếu hụt việc làm gồm: chỉ số việc làm, chỉ số người phụ thuộc trong hộ gia đình",
    "health": "Chiều thiếu hụt y tế",
}

DIMENSIONS = tuple(
    Dimension(
        name,
        Label(vi, en),
        _decree(_found[name]) if name in _found else Citation(DRAFT, confirmed=False),
    )
    for name, vi, en in (
        ("jobs", "Việc làm", "Jobs"),
        ("health", "Y tế", "Health"),
        ("education", "Giáo dục", "Education"),
        ("housing", "Nhà ở", "Housing"),
        ("information", "Thông tin", "Information"),
        ("water_sanitation", "Nước sinh hoạt, vệ sinh và môi trường", "Water, sanitation and environment"),
    )
)

_REWORDED = Label(
    "Chỉ số này có thể đã được viết lại và kém chắc chắn nhất trong các chỉ số lấy tiếp: danh mục có thêm “dịch vụ số, tiếp "
    "cận internet”.",
    "It may be reworded, and is the least safe of those carried on: “digital services, internet access” are added to the list.",
)

INDICATORS = (
    *(
        evolve(each, citation=_listed(each.citation, _REWORDED if each.id == "telecommunication" else UNSAID))
        for each in vn_2022.INDICATORS
        if each.id != "information_devices"  # which the decree removes
    ),
    Indicator(
        "waste_treatment",
        "water_sanitation",
        Label("Xử lý rác thải", "Waste treatment"),
        ~column("waste_treated"),
        Citation(
            DECREE,
            STATEMENT,
            "xử lý rác thải",
            confirmed=False,
            note=Label(
                f"{_SAID.vi}, nêu rằng rác thải sinh hoạt được thêm; câu chữ là của dự thảo. Ngưỡng chưa tìm thấy nên câu "
                "trả lời nói thẳng có đạt hay không.",
                f"{_SAID.en} that domestic waste is added; the words are the draft's. The threshold wasn't found, so the answer "
                "says outright whether it is met.",
            ),
        ),
    ),
)

_within_line = income_within("income")
_deprived = deprivations() >= threshold("cutoff")

CATEGORIES = (
    Category(
        "poor",
        Label("Hộ nghèo", "Poor household"),
        _within_line & _deprived,
        _decree(
            "hộ gia đình cư trú ở khu vực nông thôn, có thu nhập bình quân đầu người từ 2.200.000 … trở xuống và thiếu hụt từ 3 "
            "chỉ số đo lường tiếp cận dịch vụ xã hội cơ bản trở lên"
        ),
    ),
    Category(
        "near_poor",
        Label("Hộ cận nghèo", "Near-poor household"),
        _within_line & ~_deprived,
        _decree(
            "và thiếu hụt dưới 3 chỉ số",
            note=Label("Cùng điều kiện thu nhập với hộ nghèo.", "The same income condition as the poor."),
        ),
    ),
    Category(
        "not_poor",
        Label("Hộ không thuộc diện nghèo, cận nghèo", "Neither poor nor near-poor"),
        ~_within_line,
        _decree(
            note=Label(
                "Các hộ còn lại. Mức sống trung bình giai đoạn 2027–2030 chưa tìm thấy nên không tách riêng.",
                "What remains. An average living standard of 2027–2030 wasn't found, so it isn't told apart.",
            )
        ),
    ),
)

GAPS = (
    Gap(
        "indicators",
        Label(
            "Danh mục 12 chỉ số theo phát biểu của Phó Chánh Văn phòng Quốc gia về giảm nghèo về Nghị định đã ban hành (bỏ phương "
            "tiện tiếp cận thông tin; thêm dịch vụ số, tiếp cận internet và rác thải sinh hoạt), phù hợp với dự thảo tháng 9/2025; "
            "nguyên văn danh mục chưa tìm thấy.",
            "The list of twelve indicators follows what the deputy head of the National Office for Poverty Reduction says of the "
            "enacted decree (information devices out; digital services, internet access and domestic waste in), and agrees with "
            "the draft of September 2025; the decree's own list wasn't found.",
        ),
    ),
    Gap(
        "telecommunication",
        Label(
            "Chỉ số sử dụng dịch vụ viễn thông có thể đã được viết lại (dịch vụ số, tiếp cận internet): kém chắc chắn nhất trong các "
            "chỉ số được giữ.",
            "Telecommunication may be reworded (digital services, internet access): it is the least safe of the indicators that "
            "are carried on.",
        ),
    ),
    Gap(
        "thresholds",
        Label(
            "Ngưỡng thiếu hụt của các chỉ số được giữ như giai đoạn 2022–2026; ngưỡng đã ban hành chưa tìm thấy.",
            "The thresholds of the indicators are carried on from 2022–2026; those enacted weren't found.",
        ),
    ),
    Gap(
        "waste_treatment",
        Label(
            "Ngưỡng của chỉ số xử lý rác thải chưa tìm thấy: câu trả lời nói thẳng có đạt hay không.",
            "The threshold of waste treatment wasn't found: the answer says outright whether it is met.",
        ),
    ),
    Gap(
        "average_living",
        Label(
            "Mức sống trung bình giai đoạn 2027–2030 chưa tìm thấy và không được suy ra.",
            "The average living standard of 2027–2030 wasn't found, and isn't inferred.",
        ),
    ),
    Gap(
        "in_force",
        Label(
            "Ngày có hiệu lực của Nghị định chưa xác nhận; chuẩn này áp dụng từ ngày 01/01/2027.",
            "The day on which the decree itself takes force isn't confirmed; its standard applies from 1 January 2027.",
        ),
    ),
    vn_2022.REVIEW_2026,
    Gap(
        "readings",
        Label(
            "Những điều là cách hiểu trong chuẩn 2022–2026 (vn-2022) cũng là cách hiểu ở đây.",
            "What is a reading of ours in the standard of 2022–2026 (vn-2022) is one here too.",
        ),
    ),
    Gap(
        "review",
        Label(
            "Thông tư hướng dẫn và quy trình rà soát cho 2027–2030 chưa tìm thấy.",
            "The guiding circular and the review procedure for 2027–2030 weren't found.",
        ),
    ),
)

STANDARD = Standard(
    id="vn-2027",
    title=Label(
        "Chuẩn nghèo đa chiều quốc gia giai đoạn 2027–2030 (tạm thời)",
        "National multidimensional poverty standard 2027–2030 (provisional)",
    ),
    citation=_decree(),
    in_force="2027-01-01",
    until="2030-12-31",
    fields=(*HOUSEHOLD, WASTE, *MEMBER),
    thresholds=THRESHOLDS,
    dimensions=DIMENSIONS,
    indicators=INDICATORS,
    categories=CATEGORIES,
    gaps=GAPS,
    readings=readings(INDICATORS, 2026, 2030),
    revision=2,
    provisional=True,
)
