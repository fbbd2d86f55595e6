"""The global Multidimensional Poverty Index of OPHI and UNDP: ten indicators, three dimensions, cut-off one third.

Give the ten indicators outright (``given="all"``), or the answers below. Surveys code water, toilets, floors and fuels
differently: the answers here say whether what the index asks for is there, and :meth:`~mdpoverty.Standard.evolve` puts
a survey's own rules in their place.
"""

from __future__ import annotations

from mdpoverty.numbers import Level
from mdpoverty.scorers import any_member, any_of, at_least, column, deprivations, threshold
from mdpoverty.standard import Category, Citation, Dimension, Field, Gap, Indicator, Label, Standard, Threshold

NOTE = "OPHI MPI Methodological Note 49 (2020)"


_QUOTED = Label("Đọc theo trích dẫn của gói R mpindex.", "Read as quoted by the R package mpindex.")


def _note(words: str = "", *, confirmed: bool = True, note: Label = _QUOTED) -> Citation:
    return Citation(NOTE, "", words, confirmed, note)


THRESHOLDS = (
    Threshold("cutoff", Label("Ngưỡng nghèo", "Poverty cut-off"), "1/3", _note(), unit="of the weight"),
    Threshold(
        "vulnerable",
        Label("Ngưỡng dễ bị tổn thương", "Cut-off of the vulnerable"),
        "1/5",
        _note(
            confirmed=False,
            note=Label(
                "20–33,3 % là khoảng dễ bị tổn thương thường dùng; chưa đọc trong nguồn nào.",
                "20–33.3 % is the usual band of the vulnerable; not read in a source.",
            ),
        ),
        unit="of the weight",
    ),
    Threshold(
        "nutrition_age",
        Label("Dinh dưỡng xét dưới", "Nutrition asked below"),
        70,
        _note("under 70 years of age"),
        unit="completed years",
    ),
    Threshold(
        "school_age",
        Label("Tuổi đi học từ", "School age from"),
        6,
        _note(
            confirmed=False,
            note=Label(
                "Tùy từng nước: tuổi bắt đầu đi học.", "Depends on the country: the age at which school begins."
            ),
        ),
        unit="completed years",
    ),
    Threshold(
        "school_until",
        Label("Tuổi đi học đến", "School age until"),
        14,
        _note(
            "up to the age at which he/she would complete class 8",
            confirmed=False,
            note=Label(
                "Tùy từng nước: tám năm sau khi bắt đầu đi học.",
                "Depends on the country: eight years after school begins.",
            ),
        ),
        unit="completed years",
    ),
    Threshold(
        "walk",
        Label("Đi lấy nước (khứ hồi)", "Walk to the water and back"),
        30,
        _note("a 30-minute or longer walk from home, roundtrip"),
        unit="minutes",
    ),
)

DIMENSIONS = (
    Dimension("health", Label("Y tế", "Health"), _note()),
    Dimension("education", Label("Giáo dục", "Education"), _note()),
    Dimension("living_standards", Label("Mức sống", "Living standards"), _note()),
)

_age = column("age")
_school_age = (_age >= threshold("school_age")) & (_age <= threshold("school_until"))
_SMALL_ASSETS = ("radio", "television", "phone", "computer", "animal_cart", "bicycle", "motorbike", "refrigerator")

INDICATORS = (
    Indicator(
        "nutrition",
        "health",
        Label("Dinh dưỡng", "Nutrition"),
        any_member((_age < threshold("nutrition_age")) & column("undernourished")),
        _note("Any person under 70 years of age for whom there is nutritional information is undernourished."),
        "1/6",
    ),
    Indicator(
        "child_mortality",
        "health",
        Label("Tử vong trẻ em", "Child mortality"),
        column("child_died"),
        _note("A child under 18 has died in the household in the five-year period preceding the survey."),
        "1/6",
    ),
    Indicator(
        "years_schooling",
        "education",
        Label("Số năm đi học", "Years of schooling"),
        ~any_member(column("six_years_schooling")),
        _note("No eligible household member has completed six years of schooling."),
        "1/6",
    ),
    Indicator(
        "school_attendance",
        "education",
        Label("Đi học", "School attendance"),
        any_member(_school_age & ~column("attending_school")),
        _note("Any school-aged child is not attending school up to the age at which he/she would complete class 8."),
        "1/6",
    ),
    Indicator(
        "cooking_fuel",
        "living_standards",
        Label("Chất đốt", "Cooking fuel"),
        column("solid_fuel"),
        _note("A household cooks using solid fuel, such as dung, agricultural crop, shrubs, wood, charcoal, or coal."),
        "1/18",
    ),
    Indicator(
        "sanitation",
        "living_standards",
        Label("Nhà tiêu", "Sanitation"),
        ~column("improved_toilet") | column("shared_toilet"),
        _note(
            "The household has unimproved or no sanitation facility or it is improved but shared with other households."
        ),
        "1/18",
    ),
    Indicator(
        "drinking_water",
        "living_standards",
        Label("Nước uống", "Drinking water"),
        ~column("safe_water") | (column("water_minutes") >= threshold("walk")),
        _note(
            "The household's source of drinking water is not safe or safe drinking water is a 30-minute or longer walk from "
            "home, roundtrip."
        ),
        "1/18",
    ),
    Indicator(
        "electricity",
        "living_standards",
        Label("Điện", "Electricity"),
        ~column("electricity_supply"),
        _note("The household has no electricity."),
        "1/18",
    ),
    Indicator(
        "housing",
        "living_standards",
        Label("Nhà ở", "Housing"),
        any_of(~column("adequate_floor"), ~column("adequate_roof"), ~column("adequate_walls")),
        _note("The household has inadequate housing materials in any of the three components: floor, roof, or walls."),
        "1/18",
    ),
    Indicator(
        "assets",
        "living_standards",
        Label("Tài sản", "Assets"),
        ~at_least(2, *(column(asset) for asset in _SMALL_ASSETS)) & ~column("car"),
        _note(
            "The household does not own more than one of these assets: radio, TV, telephone, computer, animal cart, bicycle, "
            "motorbike, or refrigerator, and does not own a car or truck."
        ),
        "1/18",
    ),
)

_poor = deprivations() >= threshold("cutoff")
_vulnerable = deprivations() >= threshold("vulnerable")

CATEGORIES = (
    Category(
        "poor",
        Label("Nghèo đa chiều", "Multidimensionally poor"),
        _poor,
        _note(
            note=Label(
                "Nghèo khi thiếu hụt từ một phần ba tổng trọng số trở lên.", "Poor at a third of the weight or more."
            )
        ),
    ),
    Category(
        "vulnerable",
        Label("Dễ bị tổn thương", "Vulnerable"),
        ~_poor & _vulnerable,
        _note(
            confirmed=False,
            note=Label("Khoảng thường dùng; chưa đọc trong nguồn nào.", "The usual band; not read in a source."),
        ),
    ),
    Category(
        "not_poor",
        Label("Không nghèo", "Not poor"),
        ~_vulnerable,
        _note(note=Label("Các trường hợp còn lại.", "What remains.")),
    ),
)


def _flag(name: str, vi: str, en: str, level: Level = "household") -> Field:
    who = {"household": ("Hộ", "household"), "member": ("Thành viên", "person")}[level]
    question = Label(f"{who[0]}: {vi[0].lower()}{vi[1:]}?", f"Of the {who[1]}: {en[0].lower()}{en[1:]}?")
    return Field(name, level, "flag", Label(vi, en), question)


FIELDS = (
    _flag("child_died", "Có trẻ dưới 18 tuổi tử vong trong 5 năm qua", "A child under 18 died in the last five years"),
    _flag("solid_fuel", "Đun nấu bằng chất đốt rắn", "Cooks with solid fuel"),
    _flag("improved_toilet", "Nhà tiêu hợp vệ sinh", "Improved sanitation facility"),
    _flag("shared_toilet", "Dùng chung nhà tiêu với hộ khác", "Toilet shared with other households"),
    _flag("safe_water", "Nguồn nước uống an toàn", "Safe source of drinking water"),
    Field(
        "water_minutes",
        "household",
        "number",
        Label("Thời gian đi lấy nước (khứ hồi)", "Walk to the water and back"),
        Label(
            "Đi lấy nước mất bao nhiêu phút cả đi lẫn về?",
            "How many minutes does it take to fetch water, there and back?",
        ),
        unit="minutes",
        minimum=0,
        maximum=1440,
        note=Label("0 nếu có nước tại nhà.", "0 where the water is at home."),
    ),
    _flag("electricity_supply", "Có điện", "Has electricity"),
    _flag("adequate_floor", "Nền nhà đạt yêu cầu", "Adequate floor"),
    _flag("adequate_roof", "Mái nhà đạt yêu cầu", "Adequate roof"),
    _flag("adequate_walls", "Tường nhà đạt yêu cầu", "Adequate walls"),
    _flag("radio", "Có radio", "Has a radio"),
    _flag("television", "Có tivi", "Has a television"),
    _flag("phone", "Có điện thoại", "Has a telephone"),
    _flag("computer", "Có máy tính", "Has a computer"),
    _flag("animal_cart", "Có xe súc vật kéo", "Has an animal cart"),
    _flag("bicycle", "Có xe đạp", "Has a bicycle"),
    _flag("motorbike", "Có xe máy", "Has a motorbike"),
    _flag("refrigerator", "Có tủ lạnh", "Has a refrigerator"),
    _flag("car", "Có ô tô hoặc xe tải", "Has a car or truck"),
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
    _flag("undernourished", "Suy dinh dưỡng", "Undernourished", "member"),
    _flag("six_years_schooling", "Đã học xong sáu năm", "Completed six years of schooling", "member"),
    _flag("attending_school", "Đang đi học", "Attends school", "member"),
)

GAPS = (
    Gap(
        "coding",
        Label(
            "Cách xếp loại nước, nhà tiêu, vật liệu và chất đốt của từng cuộc điều tra không có ở đây.",
            "How a survey's codes of water, toilets, materials and fuels are to be read isn't encoded.",
        ),
    ),
    Gap(
        "eligible",
        Label(
            "“Thành viên đủ điều kiện” về số năm đi học không được định nghĩa ở đây: trả lời “không” cho người chưa đến tuổi.",
            "Who is eligible for years of schooling isn't defined here: answer no for those too young.",
        ),
    ),
    Gap(
        "country",
        Label(
            "Tuổi đi học phụ thuộc từng nước: thay ngưỡng school_age và school_until.",
            "The school ages depend on the country: replace school_age and school_until.",
        ),
    ),
    Gap(
        "vulnerable",
        Label("Ngưỡng dễ bị tổn thương (1/5) chưa xác nhận.", "The cut-off of the vulnerable (1/5) isn't confirmed."),
    ),
    Gap(
        "missing",
        Label(
            "Chỉ số toàn cầu loại hộ thiếu câu trả lời; ở đây hộ để ngỏ.",
            "The index drops households with missing indicators; here they are left open.",
        ),
    ),
)

STANDARD = Standard(
    id="global-mpi",
    title=Label("Chỉ số nghèo đa chiều toàn cầu", "Global Multidimensional Poverty Index"),
    citation=_note(),
    in_force="2020-01-01",
    until=None,
    jurisdiction="global",
    fields=FIELDS,
    thresholds=THRESHOLDS,
    dimensions=DIMENSIONS,
    indicators=INDICATORS,
    categories=CATEGORIES,
    gaps=GAPS,
)
