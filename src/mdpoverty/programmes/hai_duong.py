"""Hai Duong's plan for sustainable poverty reduction in 2023, read from the plan itself.

The plan's number and day are blank in the copy that was read ("Số: /KH-UBND … ngày tháng 3 năm 2023").
"""

from __future__ import annotations

from fractions import Fraction

from mdpoverty.law.fields import Label
from mdpoverty.programmes.parts import ESCAPED, FARMING, NEAR_POOR, POOR, Entitlement, Target
from mdpoverty.programmes.plan import Plan
from mdpoverty.standard import Citation

DOCUMENT = "Kế hoạch thực hiện Chương trình mục tiêu quốc gia giảm nghèo bền vững năm 2023 (tỉnh Hải Dương)"
ALL = Fraction(1)

LABOUR = Label("Sở Lao động - Thương binh và Xã hội", "Department of Labour, Invalids and Social Affairs")
HEALTH = Label("Sở Y tế", "Department of Health")
INSURANCE = Label(
    "Sở Y tế; Bảo hiểm xã hội tỉnh cấp thẻ", "Department of Health; cards by the provincial Social Insurance"
)
EDUCATION = Label("Sở Giáo dục và Đào tạo", "Department of Education and Training")
AGRICULTURE = Label("Sở Nông nghiệp và Phát triển nông thôn", "Department of Agriculture and Rural Development")
MEDIA = Label("Sở Thông tin và Truyền thông", "Department of Information and Communications")
BANK = Label("Ngân hàng Chính sách xã hội chi nhánh tỉnh", "Provincial branch of the Bank for Social Policies")

_LISTED = (POOR, NEAR_POOR)
_AND_ESCAPED = (POOR, NEAR_POOR, ESCAPED)


_UNREAD = Label(
    "Theo cách Kế hoạch viện dẫn; chưa đọc chính văn bản.", "As the plan cites it; the text itself was not read."
)
_UNNAMED = Label("Kế hoạch không nêu tên văn bản.", "The plan names no text.")


def _cited(instrument: str, note: Label = _UNREAD) -> Citation:
    """Return what the plan cites, as it is printed there; the text itself was not read."""
    return Citation(instrument, confirmed=False, note=note)


_TELECOM = "Quyết định 2269/QĐ-TTg ngày 31/12/2021"

CATALOGUE = (
    Entitlement(
        "credit",
        Label("Vay vốn tín dụng chính sách", "Policy credit"),
        _AND_ESCAPED,
        Label(f"{BANK.vi} (phối hợp {LABOUR.vi})", f"{BANK.en} (with the {LABOUR.en})"),
        "I.2; II.5; IV.16",
        goal=ALL,
        condition=Label(
            "có nhu cầu và đủ điều kiện; II.5: có sức lao động, có nhu cầu vay vốn",
            "in need and eligible; II.5: able to work and wanting to borrow",
        ),
        others=Label("Các đối tượng chính sách khác", "Other policy groups"),
    ),
    Entitlement(
        "insurance_card",
        Label("Thẻ bảo hiểm y tế", "Health-insurance card"),
        _LISTED,
        INSURANCE,
        "I.2; II.6; IV.14",
        goal=ALL,
        citation=_cited("Luật Bảo hiểm y tế, Luật Bảo hiểm y tế sửa đổi, bổ sung"),
    ),
    Entitlement(
        "insurance_support",
        Label("Hỗ trợ mua thẻ bảo hiểm y tế", "Support to buy health insurance"),
        (FARMING,),
        INSURANCE,
        "I.2; II.6; IV.14",
        goal=ALL,
        condition=Label("khi có nhu cầu", "on demand"),
        citation=_cited("Quy định của Trung ương và của Tỉnh", _UNNAMED),
    ),
    Entitlement(
        "tuition",
        Label("Miễn, giảm học phí và các khoản đóng góp", "Tuition exemption or reduction, and contributions"),
        _LISTED,
        EDUCATION,
        "I.2; II.7; IV.6",
        goal=ALL,
        condition=Label("học sinh, sinh viên", "pupils and students"),
        citation=_cited(
            "Nghị định 81/2021/NĐ-CP ngày 27/8/2021",
            Label(
                "Cùng nghị quyết của Hội đồng nhân dân tỉnh về học phí.",
                "With the provincial people's council's resolution on tuition.",
            ),
        ),
    ),
    Entitlement(
        "clean_water",
        Label("Nước sạch, nước hợp vệ sinh", "Clean, hygienic water"),
        _LISTED,
        AGRICULTURE,
        "I.2; IV.4",
        goal=ALL,
    ),
    Entitlement(
        "information",
        Label("Tiếp cận viễn thông, thông tin", "Telecommunication and information"),
        _AND_ESCAPED,
        Label(f"{MEDIA.vi} (phối hợp {LABOUR.vi}, …)", f"{MEDIA.en} (with the {LABOUR.en}, …)"),
        "II.1.1",
        others=Label("Người dân", "Residents"),
        citation=_cited(f"{_TELECOM}; Thông tư 14/2022/TT-BTTTT ngày 28/10/2022"),
    ),
    Entitlement(
        "tablets",
        Label("Máy tính bảng và dịch vụ viễn thông công ích", "Tablets and public telecommunication service"),
        _LISTED,
        MEDIA,
        "IV.12",
        others=Label("Gia đình chính sách xã hội", "Families of social policy"),
        citation=_cited("Quyết định 2269/QĐ-TTg"),
    ),
    Entitlement(
        "television_receiver",
        Label("Đầu thu truyền hình số", "Digital television receivers"),
        _LISTED,
        MEDIA,
        "IV.12",
        condition=Label("theo quy định", "as provided"),
    ),
    Entitlement(
        "nutrition",
        Label("Cải thiện dinh dưỡng", "Nutrition"),
        _AND_ESCAPED,
        HEALTH,
        "II.2.2",
        condition=Label("bà mẹ, trẻ em dưới 5 tuổi", "mothers, children under 5"),
        others=Label("Bữa ăn học đường: trẻ từ 5 đến dưới 16 tuổi", "School meals: children from 5 to under 16"),
    ),
    Entitlement(
        "extension_training",
        Label("Tập huấn khuyến nông, hỗ trợ giống, vốn", "Extension training, seed and stock"),
        _AND_ESCAPED,
        AGRICULTURE,
        "I.2; II.2.1",
        quantity=Label("khoảng 700 lượt người", "about 700 person-times"),
    ),
    Entitlement(
        "livelihood_models",
        Label("Mô hình sinh kế", "Livelihood models"),
        _AND_ESCAPED,
        Label("Khuyến nông", "Agricultural extension"),
        "I.2",
        quantity=Label("02 mô hình, 10 hộ", "2 models, 10 households"),
    ),
    Entitlement(
        "vocational_training",
        Label("Đào tạo nghề", "Vocational training"),
        _AND_ESCAPED,
        LABOUR,
        "II.3",
        others=Label("Người lao động có thu nhập thấp", "Workers of low income"),
    ),
    Entitlement(
        "work_abroad",
        Label("Hỗ trợ đi làm việc ở nước ngoài", "Work abroad: costs and priority"),
        _AND_ESCAPED,
        LABOUR,
        "II.3",
        others=Label("Người dân tộc thiểu số", "Ethnic minorities"),
    ),
    Entitlement(
        "livelihood_diversification",
        Label("Đa dạng hóa sinh kế", "Livelihood diversification"),
        _AND_ESCAPED,
        LABOUR,
        "II.3",
    ),
    Entitlement(
        "housing",
        Label("Hỗ trợ nhà ở", "Housing"),
        _LISTED,
        Label("Sở Xây dựng; Mặt trận Tổ quốc", "Department of Construction; Fatherland Front"),
        "II.4; IV.8",
        condition=Label("ưu tiên hộ nghèo có người có công", "poor households with a person of merit first"),
        citation=_cited("Chính sách hỗ trợ hộ nghèo về nhà ở giai đoạn 2021-2025", _UNNAMED),
    ),
    Entitlement(
        "student_credit",
        Label("Tín dụng học sinh, sinh viên", "Student credit"),
        _LISTED,
        Label(f"{BANK.vi}; {EDUCATION.vi}", f"{BANK.en}; {EDUCATION.en}"),
        "IV.6; IV.16",
        others=Label("Hộ có hoàn cảnh kinh tế khó khăn", "Households in economic hardship"),
    ),
    Entitlement(
        "legal_aid",
        Label("Trợ giúp pháp lý", "Legal aid"),
        _LISTED,
        Label("Sở Tư pháp", "Department of Justice"),
        "II.8",
        goal=ALL,
        condition=Label("khi có nhu cầu", "on demand"),
        citation=_cited("Luật Trợ giúp pháp lý 2017"),
    ),
    Entitlement(
        "tet_gifts",
        Label("Quà Tết", "Tết gifts"),
        _LISTED,
        Label(f"{LABOUR.vi}; Sở Tài chính", f"{LABOUR.en}; Department of Finance"),
        "IV.1",
        condition=Label("thăm hỏi: chỉ hộ nghèo", "visits: poor households only"),
    ),
    Entitlement(
        "medical_examination",
        Label("Khám, chữa bệnh miễn phí", "Free medical examination"),
        _LISTED,
        Label(f"{HEALTH.vi}; Quỹ khám chữa bệnh người nghèo", f"{HEALTH.en}; the fund for treating the poor"),
        "IV.5",
    ),
    Entitlement(
        "culture_sport",
        Label("Ưu tiên về văn hóa, thể thao", "Priority in culture and sport"),
        _LISTED,
        Label("Sở Văn hóa, Thể thao và Du lịch", "Department of Culture, Sports and Tourism"),
        "IV.10",
    ),
    Entitlement(
        "local_jobs",
        Label("Việc làm tại doanh nghiệp địa phương", "Jobs in local enterprises"),
        (POOR,),
        Label("Ủy ban nhân dân huyện", "District people's committee"),
        "IV.18",
    ),
)

hai_duong_2023 = Plan(
    id="vn-hd-2023",
    title=Label(
        "Kế hoạch giảm nghèo bền vững tỉnh Hải Dương năm 2023",
        "Hai Duong's plan for sustainable poverty reduction, 2023",
    ),
    citation=Citation(
        DOCUMENT,
        note=Label("Số và ngày để trống trong bản đã đọc.", "Its number and day are blank in the copy that was read."),
    ),
    year=2023,
    targets=(
        Target(
            "poverty_rate",
            Label("Tỷ lệ hộ nghèo đa chiều còn 1,6 %", "Multidimensional poverty rate down to 1.6 %"),
            POOR,
            Fraction(16, 1000),
            Citation(DOCUMENT, "I"),
        ),
    ),
    catalogue=CATALOGUE,
)
