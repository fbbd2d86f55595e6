"""Decision 59/2015/QĐ-TTg: the national standard of 2016–2020, kept for 2021 by article 2 of Decree 07/2021/NĐ-CP."""

from __future__ import annotations

from mdpoverty.law.fields import remarks
from mdpoverty.scorers import any_member, any_of, column, deprivations, threshold
from mdpoverty.standard import Category, Citation, Dimension, Gap, Indicator, Label, Standard, Threshold
from mdpoverty.standards._vn_answers import HOUSEHOLD_2016, MEMBER_2016
from mdpoverty.standards._vn_rules import income_within

DECISION = "Quyết định 59/2015/QĐ-TTg"


def _article(place: str, words: str = "", *, confirmed: bool = True, note: Label | str = "") -> Citation:
    return Citation(DECISION, place, words, confirmed, note)


def _listed(vi: str = "", en: str = "") -> Citation:
    """Cite an indicator: that it is one of the ten is confirmed, its threshold isn't."""
    said = Label(
        "Quyết định có nêu chỉ số này; ngưỡng (Quyết định 1614/QĐ-TTg, Thông tư 17/2016/TT-BLĐTBXH) chưa tìm thấy.",
        "The decision lists the indicator; its threshold (Decision 1614/QĐ-TTg, Circular 17/2016) wasn't found.",
    )
    return _article("Điều 1", confirmed=False, note=remarks(said, Label(vi, en)))


THRESHOLDS = (
    Threshold(
        "poverty_line",
        Label("Chuẩn nghèo", "Poverty line"),
        {"rural": 700_000, "urban": 900_000},
        _article("Điều 2", "từ đủ 700.000 đồng trở xuống; từ đủ 900.000 đồng trở xuống"),
        by="area",
        unit="VND/person/month",
    ),
    Threshold(
        "near_poverty_line",
        Label("Chuẩn cận nghèo", "Near-poverty line"),
        {"rural": 1_000_000, "urban": 1_300_000},
        _article("Điều 2", "trên 700.000 đồng đến 1.000.000 đồng; trên 900.000 đồng đến 1.300.000 đồng"),
        by="area",
        unit="VND/person/month",
    ),
    Threshold(
        "average_living",
        Label("Trần mức sống trung bình", "Ceiling of the average living standard"),
        {"rural": 1_500_000, "urban": 1_950_000},
        _article(
            "Điều 2",
            confirmed=False,
            note=Label(
                "Khoảng thu nhập của mức sống trung bình chưa tìm thấy trong nguồn nào.",
                "The band of the average living standard wasn't found in a source.",
            ),
        ),
        by="area",
        unit="VND/person/month",
    ),
    Threshold(
        "cutoff",
        Label("Số chỉ số thiếu hụt của hộ nghèo", "Deprivations of a poor household"),
        3,
        _article("Điều 2", "thiếu hụt từ 03 chỉ số … trở lên / thiếu hụt dưới 03 chỉ số"),
        unit="indicators",
    ),
    Threshold(
        "insured_from",
        Label("Bảo hiểm y tế xét từ", "Insurance asked from"),
        6,
        _listed(),
        unit="completed years",
    ),
    Threshold("adult_age", Label("Người lớn xét từ", "Adults from"), 15, _listed(), unit="completed years"),
    Threshold(
        "born_from",
        Label("Trình độ người lớn xét người sinh từ năm", "Adult education asked of those born from"),
        1986,
        _listed(),
        unit="year",
    ),
    Threshold("school_age", Label("Tuổi đi học từ", "School age from"), 5, _listed(), unit="completed years"),
    Threshold("school_until", Label("Tuổi đi học dưới", "School age under"), 15, _listed(), unit="completed years"),
    Threshold(
        "floor_area",
        Label("Diện tích bình quân đầu người", "Floor area per person"),
        8,
        _listed(),
        unit="m²/person",
    ),
)

DIMENSIONS = tuple(
    Dimension(
        name,
        Label(vi, en),
        _article("Điều 1", note=Label("Đọc qua bản dịch tiếng Anh.", "Read in an English translation.")),
    )
    for name, vi, en in (
        ("health", "Y tế", "Health"),
        ("education", "Giáo dục", "Education"),
        ("housing", "Nhà ở", "Housing"),
        ("water_sanitation", "Nước sạch và vệ sinh", "Clean water and sanitation"),
        ("information", "Thông tin", "Information"),
    )
)

_age, _qualification, _attending = column("age"), column("qualification"), column("attending")
_LOWER = ["lower_secondary", "upper_secondary", "vocational", "tertiary"]
_not_studying = _attending.equals("none")
_of_school_age = (_age >= threshold("school_age")) & (_age < threshold("school_until"))

INDICATORS = (
    Indicator(
        "health_access",
        "health",
        Label("Tiếp cận các dịch vụ y tế", "Access to health services"),
        any_member(column("ill_untreated")),
        _listed(),
    ),
    Indicator(
        "health_insurance",
        "health",
        Label("Bảo hiểm y tế", "Health insurance"),
        any_member((_age >= threshold("insured_from")) & ~column("insured")),
        _listed(),
    ),
    Indicator(
        "adult_education",
        "education",
        Label("Trình độ giáo dục của người lớn", "Adult education"),
        any_member(
            (_age >= threshold("adult_age"))
            & (column("birth_year") >= threshold("born_from"))
            & ~_qualification.is_in(_LOWER)
            & _not_studying
        ),
        _listed(),
    ),
    Indicator(
        "child_schooling",
        "education",
        Label("Tình trạng đi học của trẻ em", "Child schooling"),
        any_member(_of_school_age & _not_studying),
        _listed("Trẻ học mầm non được coi là đi học.", "A child in preschool counts as going to school."),
    ),
    Indicator(
        "housing_quality",
        "housing",
        Label("Chất lượng nhà ở", "Housing quality"),
        column("dwelling").is_in(["weak", "simple"]),
        _listed(),
    ),
    Indicator(
        "housing_area",
        "housing",
        Label("Diện tích nhà ở bình quân đầu người", "Housing area"),
        column("floor_area") < threshold("floor_area") * column("household_size"),
        _listed(),
    ),
    Indicator(
        "water_source",
        "water_sanitation",
        Label("Nguồn nước sinh hoạt", "Water source"),
        ~column("hygienic_water"),
        _listed(
            "Nguồn nước nào hợp vệ sinh là do câu trả lời nói.", "Which sources are hygienic is left to the answer."
        ),
    ),
    Indicator(
        "toilet",
        "water_sanitation",
        Label("Hố xí/nhà tiêu hợp vệ sinh", "Hygienic toilet"),
        ~column("hygienic_toilet"),
        _listed("Nhà tiêu nào hợp vệ sinh là do câu trả lời nói.", "Which toilets are hygienic is left to the answer."),
    ),
    Indicator(
        "telecommunication",
        "information",
        Label("Sử dụng dịch vụ viễn thông", "Telecommunication"),
        ~any_member(column("uses_telephone") | column("uses_internet")),
        _listed(
            "Thiếu hụt nếu không ai sử dụng thuê bao điện thoại hay internet.",
            "Deprived if nobody uses either, a telephone subscription or the internet.",
        ),
    ),
    Indicator(
        "information_assets",
        "information",
        Label("Tài sản phục vụ tiếp cận thông tin", "Assets for information"),
        ~any_of(*(column(asset) for asset in ("television", "radio", "desktop", "laptop", "loudspeaker"))),
        _listed(
            "Tính mọi loại máy tính, và cả loa đài truyền thanh xã, thôn.",
            "Any computer counts, and so does the loudspeaker of the commune or village.",
        ),
    ),
)

_within_poverty = income_within("poverty_line")
_within_near = income_within("near_poverty_line")
_within_average = income_within("average_living")
_deprived = deprivations() >= threshold("cutoff")

CATEGORIES = (
    Category(
        "poor",
        Label("Hộ nghèo", "Poor household"),
        _within_poverty | (_within_near & _deprived),
        _article(
            "Điều 2",
            "là hộ đáp ứng một trong hai tiêu chí: từ đủ 700.000 đồng trở xuống; trên 700.000 đồng đến 1.000.000 đồng và "
            "thiếu hụt từ 03 chỉ số … trở lên",
            note=Label(
                "Từ chuẩn nghèo trở xuống, dù thiếu hụt ít chỉ số; khoảng cận nghèo bắt đầu trên chuẩn nghèo nên đầu dưới của "
                "khoảng không thêm gì vào quy định.",
                "At or under the poverty line, however few the deprivations; the band begins above it, so that its lower "
                "end adds nothing to the rule.",
            ),
        ),
    ),
    Category(
        "near_poor",
        Label("Hộ cận nghèo", "Near-poor household"),
        ~_within_poverty & _within_near & ~_deprived,
        _article(
            "Điều 2",
            "trên 700.000 đồng đến 1.000.000 đồng và thiếu hụt dưới 03 chỉ số; trên 900.000 đồng đến 1.300.000 đồng",
            confirmed=False,
            note=Label(
                "Việc “dưới 03” áp dụng cả cho khu vực thành thị chưa xác nhận: nguồn bị cắt ở chỗ này.",
                "That “dưới 03” holds for urban areas too is not confirmed: the source is cut off there.",
            ),
        ),
    ),
    Category(
        "average_living",
        Label("Hộ có mức sống trung bình", "Household of average living standard"),
        ~_within_near & _within_average,
        _article(
            "Điều 2",
            confirmed=False,
            note=Label("Khoảng thu nhập chưa tìm thấy trong nguồn nào.", "The band wasn't found in a source."),
        ),
    ),
    Category(
        "above_average",
        Label("Hộ có mức sống trên trung bình", "Household above the average living standard"),
        ~_within_average,
        _article(
            "", note=Label("Các hộ còn lại; Quyết định không đặt tên.", "What remains; the decision doesn't name it.")
        ),
    ),
)

GAPS = (
    Gap(
        "indicators",
        Label(
            "Ngưỡng thiếu hụt của mười chỉ số (Quyết định 1614/QĐ-TTg, Thông tư 17/2016/TT-BLĐTBXH) chưa đối chiếu được với văn bản.",
            "The thresholds of the ten indicators (Decision 1614/QĐ-TTg, Circular 17/2016) weren't compared with the text.",
        ),
    ),
    Gap(
        "average_living",
        Label(
            "Mức sống trung bình (đến 1.500.000 và 1.950.000 đồng) chưa tìm thấy trong nguồn.",
            "The band of the average living standard (to 1,500,000 and 1,950,000) wasn't found in a source.",
        ),
    ),
    Gap(
        "hygienic",
        Label(
            "Danh mục nguồn nước và nhà tiêu hợp vệ sinh không có ở đây: câu trả lời nói thẳng có hợp vệ sinh hay không.",
            "Which water sources and toilets are hygienic isn't encoded: the answer says it outright.",
        ),
    ),
    Gap(
        "scores",
        Label(
            "Rà soát thực tế ước lượng thu nhập bằng điểm (Thông tư 17/2016); ở đây so trực tiếp thu nhập bằng đồng.",
            "Reviews estimated income by points (Circular 17/2016); this standard compares income in đồng.",
        ),
    ),
    Gap(
        "ages",
        Label(
            "Tuổi là số năm tròn tại ngày rà soát.",
            "Ages are completed years on the day of the review.",
        ),
    ),
)

STANDARD = Standard(
    id="vn-2016",
    title=Label(
        "Chuẩn nghèo tiếp cận đa chiều giai đoạn 2016–2020 (áp dụng đến hết năm 2021)",
        "National multidimensional poverty standard 2016–2020 (kept through 2021)",
    ),
    citation=_article(
        "Điều 1, Điều 2",
        note=Label(
            "Được Nghị định 07/2021/NĐ-CP, Điều 2, giữ áp dụng từ ngày 01/01/2021 đến khi chuẩn của Nghị định đó bắt đầu ngày "
            "01/01/2022.",
            "Kept from 2021-01-01 by Nghị định 07/2021/NĐ-CP, Điều 2, until that decree's own standard began on 2022-01-01.",
        ),
    ),
    in_force="2016-01-01",
    until="2021-12-31",
    fields=(*HOUSEHOLD_2016, *MEMBER_2016),
    thresholds=THRESHOLDS,
    dimensions=DIMENSIONS,
    indicators=INDICATORS,
    categories=CATEGORIES,
    gaps=GAPS,
)
