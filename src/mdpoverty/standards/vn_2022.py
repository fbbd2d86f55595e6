"""Decree 07/2021/NĐ-CP, article 3: the national standard of 2022–2025, continued through 2026 by Decree 351/2025/NĐ-CP."""

from __future__ import annotations

from fractions import Fraction

from mdpoverty.law.fields import remarks
from mdpoverty.scorers import (
    any_member,
    any_of,
    at_least,
    column,
    count_members,
    deprivations,
    threshold,
)
from mdpoverty.standard import Category, Citation, Dimension, Gap, Indicator, Label, Standard, Threshold
from mdpoverty.standards._vn_answers import HOUSEHOLD, MEMBER
from mdpoverty.standards._vn_readings import readings
from mdpoverty.standards._vn_rules import income_within

DECREE = "Nghị định 07/2021/NĐ-CP"


def _article(place: str, words: str = "", *, confirmed: bool = True, note: Label | str = "") -> Citation:
    return Citation(DECREE, f"Điều 3, {place}" if place else "Điều 3", words, confirmed, note)


def _annex(words: str = "", *, confirmed: bool = True, note: Label | str = "", rule_only: bool = False) -> Citation:
    return Citation(DECREE, "Phụ lục", words, confirmed, note, rule_only)


_TRANSLATED = Label(
    "Quy định được tìm thấy qua bản dịch đồ họa thông tin của VietnamPlus về Nghị định đã ban hành (Đại học Ngoại ngữ Tokyo, "
    "ngày 03/5/2021); nguyên văn chưa tìm thấy.",
    "Its rule is found in a translation of VietnamPlus' infographic on the decree as enacted (Tokyo University of Foreign "
    "Studies, 3 May 2021); the exact sentence isn't.",
)


def retirement_ages(first: int, last: int) -> tuple[tuple[str, dict[str, Fraction]], ...]:
    """Return the retirement ages of Decree 135/2020/NĐ-CP, in years, from the 1st of January of each year.

    60 years and 3 months for men and 55 years and 4 months for women in 2021; then 3 and 4 months more each year, up to
    62 (2028) and 60 (2035).
    """
    return tuple(
        (
            f"{year}-01-01",
            {
                "male": min(60 + Fraction(3, 12) * (year - 2020), Fraction(62)),
                "female": min(55 + Fraction(4, 12) * (year - 2020), Fraction(60)),
            },
        )
        for year in range(first, last + 1)
    )


_BANDS = Label(
    "Chưa tìm thấy các khoảng tuổi của Phụ lục. Luật Giáo dục 2019, Điều 28 khoản 1: lớp một 06 tuổi, lớp sáu 11 tuổi, “được "
    "tính theo năm”.",
    "The annex's own bands weren't found. Luật Giáo dục 2019, Điều 28 khoản 1: lớp một 06 tuổi, lớp sáu 11 tuổi, “được tính "
    "theo năm”.",
)

THRESHOLDS = (
    Threshold(
        "income",
        Label("Chuẩn nghèo về thu nhập", "Income line"),
        {"rural": 1_500_000, "urban": 2_000_000},
        _article("khoản 1", "từ 1.500.000 đồng trở xuống (nông thôn); từ 2.000.000 đồng trở xuống (thành thị)"),
        by="area",
        unit="VND/person/month",
    ),
    Threshold(
        "average_living",
        Label("Trần mức sống trung bình", "Ceiling of the average living standard"),
        {"rural": 2_250_000, "urban": 3_000_000},
        _article("khoản 2 điểm c", "trên 1,5 triệu đồng đến 2,25 triệu đồng; trên 2 triệu đồng đến 3 triệu đồng"),
        by="area",
        unit="VND/person/month",
    ),
    Threshold(
        "cutoff",
        Label("Số chỉ số thiếu hụt của hộ nghèo", "Deprivations of a poor household"),
        3,
        _article("khoản 2 điểm a, b", "thiếu hụt từ 03 chỉ số trở lên / dưới 03 chỉ số"),
        unit="indicators",
    ),
    Threshold(
        "working_age",
        Label("Tuổi lao động từ", "First working age"),
        15,
        Citation(
            "Bộ luật Lao động (45/2019/QH14)",
            "Điều 3",
            "Độ tuổi lao động tối thiểu của người lao động là đủ 15 tuổi",
            note=Label(
                "Nghị định viết “độ tuổi lao động”, không nêu con số; việc lấy tuổi này là cách hiểu của chúng tôi.",
                "The decree says “độ tuổi lao động” without a number, and that it means this one is our reading.",
            ),
        ),
        unit="completed years",
    ),
    Threshold(
        "retirement_age",
        Label("Tuổi nghỉ hưu", "Retirement age"),
        retirement_ages(2021, 2035),
        Citation(
            "Nghị định 135/2020/NĐ-CP",
            "Điều 4 khoản 1",
            "đủ 60 tuổi 03 tháng đối với lao động nam và đủ 55 tuổi 04 tháng đối với lao động nữ; cứ mỗi năm tăng thêm 03 "
            "tháng … cho đến khi đủ 62 tuổi vào năm 2028 và … 04 tháng … đủ 60 tuổi vào năm 2035",
            note=Label(
                "Việc “độ tuổi lao động” kết thúc ở đây là cách hiểu của chúng tôi; quy ước của Thông tư chưa tìm thấy. Nguyên "
                "văn là của năm 2021.",
                "That “độ tuổi lao động” ends here is our reading, the circular's own convention wasn't found. The words are of "
                "2021.",
            ),
        ),
        by="sex",
        unit="years",
    ),
    Threshold(
        "elderly_age",
        Label("Người cao tuổi từ", "Elderly from"),
        60,
        Citation("Luật Người cao tuổi (39/2009/QH12)", "Điều 2", "từ đủ 60 tuổi trở lên"),
        unit="completed years",
    ),
    Threshold(
        "child_age",
        Label("Trẻ em dưới", "Child below"),
        16,
        _annex("trẻ em dưới 16 tuổi"),
        unit="completed years",
    ),
    Threshold(
        "insured_from",
        Label("Bảo hiểm y tế xét từ", "Insurance asked from"),
        6,
        _annex("từ đủ 6 tuổi trở lên", note=_TRANSLATED, rule_only=True),
        unit="completed years",
    ),
    Threshold(
        "upper_secondary_age",
        Label("Bằng trung học phổ thông xét từ", "Upper secondary asked from"),
        18,
        _annex("từ 16 tuổi đến dưới 18 tuổi …; từ 18 tuổi đến 30 tuổi …"),
        unit="completed years",
    ),
    Threshold(
        "adult_education_until",
        Label("Trình độ người lớn xét đến", "Adult education asked until"),
        30,
        _annex(
            "từ 16 tuổi đến 30 tuổi", note=Label("Người 30 tuổi được xét, 31 tuổi thì không.", "30 is in, 31 is not.")
        ),
        unit="completed years",
    ),
    Threshold(
        "preschool_age",
        Label("Mầm non từ", "Preschool from"),
        3,
        _annex("từ 3 tuổi đến dưới 16 tuổi"),
        unit="completed years",
    ),
    Threshold(
        "primary_age",
        Label("Tiểu học từ", "Primary school from"),
        6,
        _annex("từ 6 đến dưới 12: tiểu học", confirmed=False, note=_BANDS),
        unit="completed years",
    ),
    Threshold(
        "lower_secondary_age",
        Label("Trung học cơ sở từ", "Lower secondary from"),
        12,
        _annex("từ 12 đến dưới 16: trung học cơ sở", confirmed=False, note=_BANDS),
        unit="completed years",
    ),
    Threshold(
        "floor_area",
        Label("Diện tích bình quân đầu người", "Floor area per person"),
        8,
        _annex("nhỏ hơn 8m2"),
        unit="m²/person",
    ),
)

DIMENSIONS = tuple(
    Dimension(name, Label(vi, en), _article("khoản 1", vi.lower()))
    for name, vi, en in (
        ("jobs", "Việc làm", "Jobs"),
        ("health", "Y tế", "Health"),
        ("education", "Giáo dục", "Education"),
        ("housing", "Nhà ở", "Housing"),
        ("water_sanitation", "Nước sinh hoạt và vệ sinh", "Water and sanitation"),
        ("information", "Thông tin", "Information"),
    )
)

# ------------------------------------------------------------------------------------------ the twelve indicators

_age, _employment = column("age"), column("employment")
_qualification, _attending = column("qualification"), column("attending")
_size = column("household_size")

_child = _age < threshold("child_age")
_of_working_age = (_age >= threshold("working_age")) & (_age < threshold("retirement_age"))

# A person deprives in one of two ways; only the first is about age and ability to work in the decree's words.
_without_a_job = _of_working_age & column("able_to_work") & _employment.equals("seeking")
_without_a_contract = (_age >= threshold("working_age")) & _employment.equals("no_contract")

_dependent = _child | (((_age >= threshold("elderly_age")) | column("disabled")) & column("social_allowance"))

# "Has the diploma, or studies for it": what satisfies from 16 to under 18, and what from 18 to 30.
_LOWER = ["lower_secondary", "upper_secondary", "vocational", "tertiary"]
_UPPER = ["upper_secondary", "vocational", "tertiary"]
_lacks_lower = ~_qualification.is_in(_LOWER) & ~_attending.is_in(_LOWER) & ~column("workplace_training")
_lacks_upper = ~_qualification.is_in(_UPPER) & ~_attending.is_in(_UPPER) & ~column("workplace_training")
_from_16 = (_age >= threshold("child_age")) & (_age < threshold("upper_secondary_age"))
_from_18 = (_age >= threshold("upper_secondary_age")) & (_age <= threshold("adult_education_until"))

# At the level of one's age or above is "đúng bậc, cấp học"; below it is not.
_from_3 = (_age >= threshold("preschool_age")) & (_age < threshold("primary_age"))
_from_6 = (_age >= threshold("primary_age")) & (_age < threshold("lower_secondary_age"))
_from_12 = (_age >= threshold("lower_secondary_age")) & (_age < threshold("child_age"))

_CLEAN_WATER = ["piped", "borehole", "protected_well", "protected_spring", "rainwater", "bottled"]
_HYGIENIC_TOILET = ["septic", "pour_flush", "vip", "pit_with_seat", "two_vault"]
_DEVICES = ["television", "radio", "desktop", "phone", "laptop", "tablet", "smartphone"]

INDICATORS = (
    Indicator(
        "employment",
        "jobs",
        Label("Việc làm", "Employment"),
        any_member(_without_a_job | _without_a_contract),
        _annex(
            "Hộ gia đình có ít nhất một người không có việc làm (người trong độ tuổi lao động, có khả năng lao động, "
            "sẵn sàng/mong muốn làm việc nhưng không tìm được việc làm); hoặc có việc làm công ăn lương nhưng không có "
            "hợp đồng lao động",
            note=remarks(
                _TRANSLATED,
                Label(
                    "Hợp đồng lao động chỉ xét với việc làm công ăn lương: nông dân, người tự làm không bị tính thiếu hụt vì "
                    "không có hợp đồng.",
                    "The contract is asked only of wage work: a farmer or own-account worker isn't deprived by having none.",
                ),
            ),
            rule_only=True,
        ),
    ),
    Indicator(
        "dependents",
        "jobs",
        Label("Người phụ thuộc trong hộ gia đình", "Dependents"),
        2 * count_members(_dependent) > _size,
        _annex(
            "tỷ lệ người phụ thuộc trong tổng số nhân khẩu lớn hơn 50%. Người phụ thuộc bao gồm: trẻ em dưới 16 tuổi; "
            "người cao tuổi hoặc người khuyết tật đang hưởng trợ cấp xã hội hằng tháng",
            note=Label(
                "Quy định có trong ba nguồn; nguyên văn tiếng Việt chưa thấy ở nguồn nào.",
                "The rule is found in three sources, the exact Vietnamese sentence in none.",
            ),
            rule_only=True,
        ),
    ),
    Indicator(
        "nutrition",
        "health",
        Label("Dinh dưỡng", "Nutrition"),
        any_member(_child & (column("stunted") | column("underweight"))),
        _annex(
            "ít nhất một trẻ em dưới 16 tuổi suy dinh dưỡng chiều cao theo tuổi hoặc suy dinh dưỡng cân nặng theo tuổi"
        ),
    ),
    Indicator(
        "health_insurance",
        "health",
        Label("Bảo hiểm y tế", "Health insurance"),
        any_member((_age >= threshold("insured_from")) & ~column("insured")),
        _annex(
            "ít nhất một người từ đủ 6 tuổi trở lên hiện không có bảo hiểm y tế",
            confirmed=False,
            note=Label(
                "Chưa nguồn nào có chữ “một người”: cả hai nguồn công khai đều viết là trẻ em (xem mục “insurance”).",
                "“một người” stands in no source found: both public paraphrases speak of children (the gap “insurance”).",
            ),
        ),
    ),
    Indicator(
        "adult_education",
        "education",
        Label("Trình độ giáo dục của người lớn", "Adult education"),
        any_member((_from_16 & _lacks_lower) | (_from_18 & _lacks_upper)),
        _annex(
            "ít nhất một người trong độ tuổi từ 16 tuổi đến 30 tuổi không tham gia các khóa đào tạo hoặc không có bằng "
            "cấp, chứng chỉ giáo dục đào tạo so với độ tuổi tương ứng [Người từ 16 tuổi đến dưới 18 tuổi đang học hoặc "
            "đã tốt nghiệp trung học cơ sở; từ 18 tuổi đến 30 tuổi đang học hoặc đã tốt nghiệp trung học phổ thông hoặc "
            "sơ cấp/trung cấp/cao đẳng nghề; hoặc người từ 16 tuổi đến 30 tuổi được doanh nghiệp tuyển dụng và chứng "
            "nhận đào tạo nghề tại chỗ (hình thức vừa học vừa làm)]"
        ),
    ),
    Indicator(
        "child_schooling",
        "education",
        Label("Tình trạng đi học của trẻ em", "Child schooling"),
        any_member(
            (_from_3 & _attending.equals("none"))
            | (_from_6 & _attending.is_in(["none", "preschool"]))
            | (_from_12 & _attending.is_in(["none", "preschool", "primary"]))
        ),
        _annex("ít nhất 1 trẻ em từ 3 tuổi đến dưới 16 tuổi không được học đúng bậc, cấp học phù hợp với độ tuổi"),
    ),
    Indicator(
        "housing_quality",
        "housing",
        Label("Chất lượng nhà ở", "Housing quality"),
        at_least(2, ~column("wall_durable"), ~column("pillar_durable"), ~column("roof_durable")),
        _annex(
            "trong ba kết cấu chính là tường, cột, mái thì có ít nhất hai kết cấu được làm bằng vật liệu không bền chắc"
        ),
    ),
    Indicator(
        "housing_area",
        "housing",
        Label("Diện tích nhà ở bình quân đầu người", "Housing area"),
        column("floor_area") < threshold("floor_area") * _size,
        _annex("Diện tích nhà ở bình quân đầu người của hộ gia đình nhỏ hơn 8m2"),
    ),
    Indicator(
        "water_source",
        "water_sanitation",
        Label("Nguồn nước sinh hoạt", "Water source"),
        ~column("water_source").is_in(_CLEAN_WATER),
        _annex(
            "không tiếp cận được nguồn nước sạch trong sinh hoạt (gồm: nước máy, giếng khoan, giếng đào được bảo vệ, "
            "nước khe/mó được bảo vệ và nước mưa, nước đóng chai bình)"
        ),
    ),
    Indicator(
        "toilet",
        "water_sanitation",
        Label("Nhà tiêu hợp vệ sinh", "Toilet"),
        ~column("toilet").is_in(_HYGIENIC_TOILET),
        _annex(
            "không sử dụng hố xí/nhà tiêu hợp vệ sinh (gồm: tự hoại/bán tự hoại, thấm dội nước (Suilabh), cải tiến có "
            "ống thông hơi (VIP), hố xí đào có bệ ngồi, hai ngăn)"
        ),
    ),
    Indicator(
        "telecommunication",
        "information",
        Label("Sử dụng dịch vụ viễn thông", "Telecommunication"),
        ~any_member(column("uses_internet")),
        _annex(
            "không có thành viên nào sử dụng dịch vụ internet",
            note=remarks(
                _TRANSLATED,
                Label("Nơi khác viết “Không có ai sử dụng Internet”.", "Elsewhere as “Không có ai sử dụng Internet”."),
            ),
            rule_only=True,
        ),
    ),
    Indicator(
        "information_devices",
        "information",
        Label("Phương tiện phục vụ tiếp cận thông tin", "Information devices"),
        ~any_of(*(column(device) for device in _DEVICES)),
        _annex(
            "không có phương tiện nào trong số các phương tiện phục vụ tiếp cận thông tin: Phương tiện dùng chung: "
            "Tivi, radio, máy tính để bàn, điện thoại; Phương tiện cá nhân: Máy tính xách tay, máy tính bảng, điện "
            "thoại thông minh"
        ),
    ),
)

# ------------------------------------------------------------------------------------------------ the four classes

_within_line = income_within("income")
_within_average = income_within("average_living")
_deprived = deprivations() >= threshold("cutoff")

CATEGORIES = (
    Category(
        "poor",
        Label("Hộ nghèo", "Poor household"),
        _within_line & _deprived,
        _article(
            "khoản 2 điểm a",
            "có thu nhập bình quân đầu người/tháng từ 1,5 triệu đồng trở xuống và thiếu hụt từ 3 chỉ số đo lường mức độ "
            "thiếu hụt dịch vụ xã hội cơ bản trở lên",
            note=Label(
                "“và”: phải có cả hai điều kiện. Bản tin tiếng Anh viết “hoặc” là sai.",
                "“và”: both conditions. English press reports that say “or” are wrong.",
            ),
        ),
    ),
    Category(
        "near_poor",
        Label("Hộ cận nghèo", "Near-poor household"),
        _within_line & ~_deprived,
        _article(
            "khoản 2 điểm b",
            "có thu nhập bình quân đầu người/tháng từ 1,5 triệu đồng trở xuống và thiếu hụt dưới 3 chỉ số",
            note=Label(
                "Cùng mức thu nhập với hộ nghèo; hộ không thiếu hụt chỉ số nào cũng là hộ cận nghèo.",
                "The same line as the poor; no deprivation at all is near-poor too.",
            ),
        ),
    ),
    Category(
        "average_living",
        Label("Hộ có mức sống trung bình", "Household of average living standard"),
        ~_within_line & _within_average,
        _article(
            "khoản 2 điểm c",
            "trên 1,5 triệu đồng đến 2,25 triệu đồng ở khu vực nông thôn; trên 2 triệu đồng đến 3 triệu đồng ở khu vực "
            "thành thị",
            note=Label("Không xét chỉ số thiếu hụt.", "Deprivations aren't asked."),
        ),
    ),
    Category(
        "above_average",
        Label("Hộ có mức sống trên trung bình", "Household above the average living standard"),
        ~_within_line & ~_within_average,
        _article(
            "", note=Label("Các hộ còn lại; Nghị định không đặt tên.", "What remains; the decree doesn't name it.")
        ),
    ),
)

REVIEW_2026 = Gap(
    "review_2026",
    Label(
        "Kỳ rà soát tháng 9–12/2026 lập danh sách năm 2027 theo chuẩn nào (2022–2026 hay 2027–2030) chưa tìm thấy văn bản nêu.",
        "By which standard the review of September to December 2026 draws up the list of 2027, that of 2022–2026 or that "
        "of 2027–2030, is stated nowhere found.",
    ),
)

GAPS = (
    Gap(
        "wording",
        Label(
            "Nguyên văn của các chỉ số việc làm, người phụ thuộc, bảo hiểm y tế và viễn thông chưa tìm thấy; quy định về việc "
            "làm, người phụ thuộc, viễn thông và tuổi từ 6 của bảo hiểm y tế đã tìm thấy qua bản dịch.",
            "The exact sentences of employment, dependents, health insurance and telecommunication weren't found; the rules "
            "of employment, dependents and telecommunication, and age 6 of insurance, were, in translation.",
        ),
    ),
    Gap(
        "insurance",
        Label(
            "Bảo hiểm y tế: ở đây xét mọi người từ đủ 6 tuổi; hai nguồn công khai lại viết là trẻ em từ 6 tuổi. Cách hiểu này "
            'quyết định với hộ chỉ có người lớn không có bảo hiểm y tế: read_as(insurance="children").',
            "Health insurance is asked here of any person of 6 and over; both public paraphrases speak of children of 6 and "
            'over. It matters to households whose only uninsured are adults: read_as(insurance="children").',
        ),
    ),
    Gap(
        "working_age",
        Label(
            "“Độ tuổi lao động” không có con số trong Nghị định: ở đây từ 15 tuổi (Bộ luật Lao động, Điều 3) đến tuổi nghỉ hưu "
            "(Nghị định 135/2020, Điều 4); việc Phụ lục dùng các tuổi này là cách hiểu.",
            "The decree puts no number to “độ tuổi lao động”: here from 15 (Labour Code, article 3) to the retirement age "
            "(Decree 135/2020, article 4), as parameters (working_age, retirement_age); that the annex means these is our "
            "reading.",
        ),
    ),
    Gap(
        "contract_age",
        Label(
            "Vế “không có hợp đồng lao động” không nêu tuổi: ở đây xét người từ 15 tuổi, không giới hạn trên.",
            "The no-contract limb states no age: here it is asked of everybody from 15 on, without an upper end.",
        ),
    ),
    Gap(
        "elderly",
        Label(
            "“Người cao tuổi” từ đủ 60 tuổi theo Luật Người cao tuổi, Điều 2; Nghị định không nhắc lại.",
            "“Người cao tuổi” means 60 and over by the Law on the Elderly, article 2; the decree doesn't repeat it.",
        ),
    ),
    Gap(
        "social_pension",
        Label(
            "Từ ngày 01/07/2025 có trợ cấp hưu trí xã hội (từ 75 tuổi) bên cạnh trợ cấp xã hội hằng tháng; khoản này có được tính "
            "là “trợ cấp xã hội hằng tháng” của người phụ thuộc hay không chưa tìm thấy: liên quan các kỳ rà soát 2025 và 2026.",
            "Since 1 July 2025 the social pension (from 75) stands beside the monthly allowance; whether it counts as “trợ cấp "
            "xã hội hằng tháng” of a dependent wasn't found: it touches the reviews of 2025 and 2026.",
        ),
    ),
    Gap(
        "school_levels",
        Label(
            "Các khoảng tuổi của bậc học (3–5, 6–11, 12–15) và việc học vượt cấp không coi là thiếu hụt là cách hiểu.",
            "The age bands of the school levels (3–5, 6–11, 12–15), and that a level above one's age is no deprivation, are "
            "our reading.",
        ),
    ),
    Gap(
        "school_age",
        Label(
            "Bậc học phải theo: ở đây theo tuổi tròn; Luật Giáo dục tính tuổi vào lớp một, lớp sáu theo năm. Trong rà soát hằng "
            "tháng trước tháng 9, trẻ vừa tròn 6 tuổi còn học mầm non đúng luật vẫn bị tính thiếu hụt: "
            'read_as(school_age="calendar_year").',
            "Which school level is asked goes here by completed years; the Education Law counts the ages of the first and the "
            "sixth grade by the year. In a monthly review before September a child that has turned 6 and is lawfully still in "
            'preschool is flagged: read_as(school_age="calendar_year").',
        ),
    ),
    Gap(
        "adult_attending",
        Label(
            "“Đang học” của người từ 16 tuổi: đang học bậc mà độ tuổi đòi hỏi hoặc cao hơn, hoặc học nghề.",
            "“Đang học” from 16 on: attending the level that the age asks for or above, or a vocational course.",
        ),
    ),
    Gap(
        "ages",
        Label(
            "Tuổi là số năm tròn tại ngày rà soát; Nghị định không nêu cách tính.",
            "Ages are completed years on the day of the review; the decree doesn't say how to count.",
        ),
    ),
    Gap(
        "nobody_concerned",
        Label(
            "Hộ không có người thuộc diện xét của một chỉ số thì không thiếu hụt chỉ số đó (theo chữ “ít nhất một”).",
            "A household without anybody whom an indicator concerns isn't deprived in it; it follows from “ít nhất một”.",
        ),
    ),
    Gap(
        "malnutrition",
        Label(
            "Ngưỡng suy dinh dưỡng không có trong Phụ lục: dùng xác nhận của trạm y tế xã.",
            "The annex gives no cut-off for malnutrition: the commune health station's evidence is taken as it is.",
        ),
    ),
    Gap(
        "insurance_expired",
        Label(
            "Thẻ bảo hiểm y tế hết hạn được hiểu là “hiện không có”.",
            "An insurance card that has expired is read as “hiện không có”.",
        ),
    ),
    Gap(
        "missing",
        Label(
            "Pháp luật không có quy định về câu trả lời còn thiếu: hộ để ngỏ khi câu trả lời có thể thay đổi kết quả.",
            "The law has no rule for missing answers: a household is left open where they could change its class.",
        ),
    ),
    REVIEW_2026,
    Gap(
        "scores",
        Label(
            "Rà soát thực tế ước lượng thu nhập bằng điểm (Thông tư 07/2021); ở đây so trực tiếp thu nhập bằng đồng.",
            "Reviews estimate income by points (Circular 07/2021); this standard compares income in đồng.",
        ),
    ),
)

STANDARD = Standard(
    id="vn-2022",
    title=Label(
        "Chuẩn nghèo đa chiều quốc gia giai đoạn 2022–2025 (kéo dài hết năm 2026)",
        "National multidimensional poverty standard 2022–2025 (continued through 2026)",
    ),
    citation=_article(
        "",
        note=Label(
            "Được Nghị định 351/2025/NĐ-CP kéo dài từ ngày 01/01/2026 đến hết ngày 31/12/2026.",
            "Continued from 2026-01-01 to 2026-12-31 by Nghị định 351/2025/NĐ-CP.",
        ),
    ),
    in_force="2022-01-01",
    until="2026-12-31",
    fields=(*HOUSEHOLD, *MEMBER),
    thresholds=THRESHOLDS,
    dimensions=DIMENSIONS,
    indicators=INDICATORS,
    categories=CATEGORIES,
    gaps=GAPS,
    readings=readings(INDICATORS, 2021, 2026),
    revision=2,
)
