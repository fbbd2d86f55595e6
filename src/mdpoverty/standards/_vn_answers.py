"""The answers that Vietnam's reviews ask for, shared by its standards: columns, codes, units and form questions."""

from __future__ import annotations

from attrs import evolve

from mdpoverty.numbers import Level
from mdpoverty.standard import Code, Field, Label


def _flag(name: str, level: Level, vi: str, en: str, ask_vi: str, ask_en: str, note: Label | str = "") -> Field:
    return Field(name, level, "flag", Label(vi, en), Label(ask_vi, ask_en), note=note)


def _codes(*codes: tuple[str, str, str]) -> tuple[Code, ...]:
    return tuple(Code(name, Label(vi, en)) for name, vi, en in codes)


_MOST_MONEY = 1_000_000_000_000  # a thousand billion đồng a month: what lies above is a slip of the keyboard

HOUSEHOLD = (
    Field(
        "area",
        "household",
        "code",
        Label("Khu vực", "Area"),
        Label("Hộ cư trú ở khu vực nào?", "In which kind of area does the household live?"),
        codes=_codes(("rural", "Nông thôn", "Rural"), ("urban", "Thành thị", "Urban")),
        note=Label(
            "Xã: nông thôn; phường, thị trấn: thành thị. Trả lời theo tình trạng của đơn vị hành chính trong năm đó, không suy ra từ tên gọi.",
            "xã = rural; phường, thị trấn = urban. An answer about the commune in that year, not derived from its name.",
        ),
    ),
    Field(
        "income",
        "household",
        "money",
        Label("Thu nhập bình quân đầu người", "Income per person"),
        Label(
            "Thu nhập bình quân đầu người một tháng của hộ là bao nhiêu?",
            "What is the household's income per person per month?",
        ),
        unit="VND/person/month",
        minimum=0,
        maximum=_MOST_MONEY,
        note=Label(
            "Hoặc total_income; nếu có cả hai thì phải khớp nhau.",
            "Or total_income; where both are given they must agree.",
        ),
    ),
    Field(
        "total_income",
        "household",
        "money",
        Label("Tổng thu nhập của hộ", "Household income"),
        Label("Tổng thu nhập một tháng của cả hộ là bao nhiêu?", "What is the whole household's income per month?"),
        unit="VND/household/month",
        minimum=0,
        maximum=_MOST_MONEY,
        note=Label(
            "Dùng khi không có thu nhập bình quân đầu người: so với mức chuẩn nhân household_size, không chia.",
            "Used where income per person isn't given: compared with the line times household_size, without dividing.",
        ),
    ),
    Field(
        "household_size",
        "household",
        "count",
        Label("Số nhân khẩu", "Household size"),
        Label("Hộ có bao nhiêu nhân khẩu?", "How many persons live in the household?"),
        unit="persons",
        minimum=1,
        maximum=1000,
        note=Label("Đếm từ danh sách thành viên nếu có.", "Counted from the members where they are given."),
    ),
    _flag(
        "wall_durable",
        "household",
        "Tường bền chắc",
        "Durable walls",
        "Tường nhà có làm bằng vật liệu bền chắc không?",
        "Are the walls of durable material?",
    ),
    _flag(
        "pillar_durable",
        "household",
        "Cột bền chắc",
        "Durable pillars",
        "Cột nhà có làm bằng vật liệu bền chắc không?",
        "Are the pillars of durable material?",
    ),
    _flag(
        "roof_durable",
        "household",
        "Mái bền chắc",
        "Durable roof",
        "Mái nhà có làm bằng vật liệu bền chắc không?",
        "Is the roof of durable material?",
    ),
    Field(
        "floor_area",
        "household",
        "number",
        Label("Diện tích nhà ở", "Floor area"),
        Label("Tổng diện tích nhà ở của hộ là bao nhiêu?", "What is the floor area of the whole dwelling?"),
        unit="m²",
        minimum=0,
        maximum=100_000,
    ),
    Field(
        "water_source",
        "household",
        "code",
        Label("Nguồn nước sinh hoạt", "Water source"),
        Label("Nguồn nước sinh hoạt chính của hộ là gì?", "What is the household's main source of water?"),
        codes=_codes(
            ("piped", "Nước máy", "Piped water"),
            ("borehole", "Giếng khoan", "Borehole"),
            ("protected_well", "Giếng đào được bảo vệ", "Protected dug well"),
            ("protected_spring", "Nước khe/mó được bảo vệ", "Protected spring"),
            ("rainwater", "Nước mưa", "Rainwater"),
            ("bottled", "Nước đóng chai, bình", "Bottled water"),
            ("unprotected_well", "Giếng đào không được bảo vệ", "Unprotected dug well"),
            ("unprotected_spring", "Nước khe/mó không được bảo vệ", "Unprotected spring"),
            ("surface", "Nước sông, suối, ao, hồ", "Surface water"),
            ("other", "Nguồn khác", "Other"),
        ),
    ),
    Field(
        "toilet",
        "household",
        "code",
        Label("Nhà tiêu", "Toilet"),
        Label("Hộ sử dụng loại nhà tiêu nào?", "What kind of toilet does the household use?"),
        codes=_codes(
            ("septic", "Tự hoại/bán tự hoại", "Septic or semi-septic"),
            ("pour_flush", "Thấm dội nước (Suilabh)", "Pour-flush (Sulabh)"),
            ("vip", "Cải tiến có ống thông hơi (VIP)", "Ventilated improved pit (VIP)"),
            ("pit_with_seat", "Hố xí đào có bệ ngồi", "Dug pit with a seat"),
            ("two_vault", "Hai ngăn", "Two-vault"),
            ("other", "Loại khác", "Other"),
            ("none", "Không có", "None"),
        ),
    ),
    *(
        _flag(
            name,
            "household",
            vi,
            en,
            f"Hộ có {vi[0].lower()}{vi[1:]} không?",
            f"Does the household have a {en[0].lower()}{en[1:]}?",
        )
        for name, vi, en in (
            ("television", "Tivi", "Television"),
            ("radio", "Radio", "Radio"),
            ("desktop", "Máy tính để bàn", "Desktop computer"),
            ("phone", "Điện thoại", "Telephone"),
            ("laptop", "Máy tính xách tay", "Laptop"),
            ("tablet", "Máy tính bảng", "Tablet"),
            ("smartphone", "Điện thoại thông minh", "Smartphone"),
        )
    ),
)

_LEVELS = (
    ("primary", "Tiểu học", "Primary"),
    ("lower_secondary", "Trung học cơ sở", "Lower secondary"),
    ("upper_secondary", "Trung học phổ thông", "Upper secondary"),
    ("vocational", "Sơ cấp, trung cấp, cao đẳng nghề", "Vocational"),
    ("tertiary", "Cao đẳng, đại học trở lên", "Tertiary"),
)

MEMBER = (
    Field(
        "age",
        "member",
        "count",
        Label("Tuổi", "Age"),
        Label("Người này bao nhiêu tuổi (tròn tuổi)?", "How old is this person, in completed years?"),
        unit="completed years",
        minimum=0,
        maximum=130,
    ),
    Field(
        "sex",
        "member",
        "code",
        Label("Giới tính", "Sex"),
        Label("Giới tính của người này?", "What is this person's sex?"),
        codes=_codes(("female", "Nữ", "Female"), ("male", "Nam", "Male")),
        note=Label("Chỉ dùng để xác định tuổi nghỉ hưu.", "Only the retirement age depends on it."),
    ),
    _flag(
        "able_to_work",
        "member",
        "Có khả năng lao động",
        "Able to work",
        "Người này có khả năng lao động không?",
        "Is this person able to work?",
        Label("Hỏi người trong độ tuổi lao động.", "Asked of persons of working age."),
    ),
    Field(
        "employment",
        "member",
        "code",
        Label("Việc làm", "Employment"),
        Label("Tình trạng việc làm của người này?", "What is this person's work?"),
        codes=_codes(
            ("contract", "Làm công ăn lương, có hợp đồng lao động", "Wage work with a contract"),
            ("no_contract", "Làm công ăn lương, không có hợp đồng lao động", "Wage work without a contract"),
            ("own_account", "Tự làm (kể cả nông nghiệp)", "Own account, farming included"),
            ("seeking", "Không có việc làm, mong muốn làm việc", "No job and wants one"),
            ("not_seeking", "Không có nhu cầu tìm việc", "No job and seeks none"),
        ),
        note=Label(
            "Hỏi mọi người từ đủ tuổi lao động tối thiểu trở lên.",
            "Asked of everybody from the first working age on.",
        ),
    ),
    _flag(
        "disabled",
        "member",
        "Khuyết tật",
        "Disabled",
        "Người này có phải là người khuyết tật không?",
        "Is this person disabled?",
    ),
    _flag(
        "social_allowance",
        "member",
        "Hưởng trợ cấp xã hội hằng tháng",
        "Monthly social allowance",
        "Người này có đang hưởng trợ cấp xã hội hằng tháng không?",
        "Does this person receive a monthly social allowance?",
        Label("Hỏi người cao tuổi và người khuyết tật.", "Asked of the elderly and the disabled."),
    ),
    _flag(
        "stunted",
        "member",
        "Suy dinh dưỡng chiều cao theo tuổi",
        "Stunted",
        "Trẻ có bị suy dinh dưỡng chiều cao theo tuổi không?",
        "Is the child too short for its age?",
        Label(
            "Hỏi trẻ em dưới 16 tuổi; trạm y tế xã xác nhận.",
            "Asked of children under 16; the commune health station certifies it.",
        ),
    ),
    _flag(
        "underweight",
        "member",
        "Suy dinh dưỡng cân nặng theo tuổi",
        "Underweight",
        "Trẻ có bị suy dinh dưỡng cân nặng theo tuổi không?",
        "Is the child too light for its age?",
        Label(
            "Hỏi trẻ em dưới 16 tuổi; trạm y tế xã xác nhận.",
            "Asked of children under 16; the commune health station certifies it.",
        ),
    ),
    _flag(
        "insured",
        "member",
        "Có bảo hiểm y tế",
        "Health insurance",
        "Người này hiện có bảo hiểm y tế không?",
        "Does this person have health insurance now?",
        Label("Thẻ hết hạn coi như không có.", "A card that has expired is none."),
    ),
    Field(
        "qualification",
        "member",
        "code",
        Label("Bằng cấp cao nhất", "Highest qualification"),
        Label("Bằng cấp cao nhất của người này?", "What is this person's highest qualification?"),
        codes=_codes(("none", "Chưa có", "None"), *_LEVELS),
        note=Label("Hỏi người từ 16 đến 30 tuổi.", "Asked from 16 to 30."),
    ),
    Field(
        "attending",
        "member",
        "code",
        Label("Đang học", "Attending"),
        Label("Người này đang học cấp nào?", "Which level of education does this person attend?"),
        codes=_codes(("none", "Không đi học", "None"), ("preschool", "Mầm non", "Preschool"), *_LEVELS),
        note=Label("Hỏi người từ 3 đến 30 tuổi.", "Asked from 3 to 30."),
    ),
    _flag(
        "workplace_training",
        "member",
        "Được chứng nhận đào tạo nghề tại chỗ",
        "Certified on-the-job training",
        "Người này có được doanh nghiệp tuyển dụng và chứng nhận đào tạo nghề tại chỗ không?",
        "Has an employer certified this person's training on the job?",
        Label("Hỏi người từ 16 đến 30 tuổi.", "Asked from 16 to 30."),
    ),
    _flag(
        "uses_internet",
        "member",
        "Sử dụng internet",
        "Uses the internet",
        "Người này có sử dụng dịch vụ internet không?",
        "Does this person use the internet?",
    ),
)

# --------------------------------------------------------------------------- what other standards ask for besides


def _chosen(fields: tuple[Field, ...], *names: str) -> tuple[Field, ...]:
    by_name = {field.id: field for field in fields}
    return tuple(by_name[name] for name in names)


HOUSEHOLD_2016 = (
    *_chosen(HOUSEHOLD, "area", "income", "total_income", "household_size"),
    Field(
        "dwelling",
        "household",
        "code",
        Label("Loại nhà ở", "Kind of dwelling"),
        Label("Nhà ở của hộ thuộc loại nào?", "Of which kind is the household's dwelling?"),
        codes=_codes(
            ("solid", "Kiên cố", "Solid"),
            ("semi_solid", "Bán kiên cố", "Semi-solid"),
            ("weak", "Thiếu kiên cố", "Not solid"),
            ("simple", "Đơn sơ", "Simple"),
        ),
    ),
    *_chosen(HOUSEHOLD, "floor_area"),
    _flag(
        "hygienic_water",
        "household",
        "Nguồn nước hợp vệ sinh",
        "Hygienic water",
        "Hộ có sử dụng nguồn nước hợp vệ sinh không?",
        "Does the household use a hygienic source of water?",
    ),
    _flag(
        "hygienic_toilet",
        "household",
        "Nhà tiêu hợp vệ sinh",
        "Hygienic toilet",
        "Hộ có sử dụng hố xí/nhà tiêu hợp vệ sinh không?",
        "Does the household use a hygienic toilet?",
    ),
    *_chosen(HOUSEHOLD, "television", "radio", "desktop", "laptop"),
    _flag(
        "loudspeaker",
        "household",
        "Nghe được loa đài truyền thanh",
        "Hears the loudspeaker",
        "Hộ có nghe được hệ thống loa đài truyền thanh xã/thôn không?",
        "Can the household hear the loudspeaker of the commune or village?",
    ),
)

BIRTH_YEAR = Field(
    "birth_year",
    "member",
    "count",
    Label("Năm sinh", "Year of birth"),
    Label("Người này sinh năm nào?", "In which year was this person born?"),
    unit="year",
    minimum=1870,
    maximum=2100,
    note=Label("Hỏi người từ 15 tuổi trở lên.", "Asked from 15 on."),
)
BIRTH_YEAR_OF_PUPILS = evolve(
    BIRTH_YEAR,
    note=Label(
        "Hỏi trẻ em sắp vào một cấp học: 5, 6, 11 và 12 tuổi.",
        "Asked of children about to begin a school level: of 5, 6, 11 and 12.",
    ),
)

MEMBER_2016 = (
    *_chosen(MEMBER, "age"),
    BIRTH_YEAR,
    _flag(
        "ill_untreated",
        "member",
        "Bị ốm đau nhưng không khám chữa bệnh",
        "Ill and not treated",
        "Người này có bị ốm đau đến mức phải nằm một chỗ, nghỉ việc hoặc nghỉ học mà không đi khám chữa bệnh không?",
        "Was this person so ill as to be bedridden or to stop work or school, without seeking care?",
    ),
    *_chosen(MEMBER, "insured"),
    *(evolve(field, note="") for field in _chosen(MEMBER, "qualification", "attending")),  # asked of other ages
    _flag(
        "uses_telephone",
        "member",
        "Sử dụng thuê bao điện thoại",
        "Uses a telephone subscription",
        "Người này có sử dụng thuê bao điện thoại không?",
        "Does this person use a telephone subscription?",
    ),
    *_chosen(MEMBER, "uses_internet"),
)

AREA = HOUSEHOLD[0]

WASTE = _flag(
    "waste_treated",
    "household",
    "Rác thải được xử lý",
    "Waste treated",
    "Rác thải của hộ có được xử lý theo yêu cầu của chỉ số không?",
    "Is the household's waste treated as the indicator asks?",
    Label("Yêu cầu của chỉ số này chưa biết.", "What the indicator asks isn't known yet."),
)

INCOME, SIZE = HOUSEHOLD[1], HOUSEHOLD[3]
