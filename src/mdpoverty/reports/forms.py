"""The forms 1–13 as data: titles, numbered columns, headings in both languages, printed formulas, and what must agree.

Titles, columns and formulas are those of a province's review software (facts sheet, §5.4). What it doesn't say is ours:
the letters A, B of columns that it prints without a number; a, b for households left open, which stand in a form only
while there are such households; and the arrangement of forms 9, 10 and 11 in a block for each class.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count as counting

from attrs import evolve, frozen

from mdpoverty.doors import door
from mdpoverty.law.fields import Label
from mdpoverty.law.law import Law
from mdpoverty.reports.columns import Balance, Column, Form, Ref, Unit

__all__ = ["AGREEMENTS", "CAUSES", "CHARACTERISTICS", "OFFICIAL", "SHARED", "Agreement", "forms", "numbered"]

POOR, NEAR = Label("Hộ nghèo", "Poor households"), Label("Hộ cận nghèo", "Near-poor households")
CLASSES: Mapping[str, Label] = {"poor": POOR, "near_poor": NEAR}
TOTAL = Label("Tổng số", "Total")
SHARE = Label("Tỷ lệ (%)", "Rate (%)")
COUNT: Mapping[Unit, Label] = {
    "households": Label("Số hộ", "Households"),
    "people": Label("Số nhân khẩu", "People"),
}
UNDETERMINED = Label("Chưa xác định (còn câu trả lời để ngỏ)", "Undetermined (answers are open)")

# Columns of `households` that the forms count by, all flags but the ethnic group. None of them decides a class.
CHARACTERISTICS: Mapping[str, Label] = {
    "producer": Label("Làm nông, lâm, ngư nghiệp", "Farming, forestry, fishery"),
    "ethnic_minority": Label("Hộ dân tộc thiểu số", "Ethnic minority"),
    "local_ethnic": Label("Hộ dân tộc thiểu số tại chỗ", "Local ethnic minority"),
    "unable_to_work": Label("Hộ không có khả năng lao động", "Nobody able to work"),
    "merit": Label("Hộ có thành viên là người có công với cách mạng", "With a person of merit"),
    "female_head": Label("Chủ hộ là nữ", "Female head"),
}
CAUSES: Mapping[str, Label] = {
    "cause_land": Label("Thiếu đất sản xuất", "Lack of land"),
    "cause_capital": Label("Thiếu vốn sản xuất, kinh doanh", "Lack of capital"),
    "cause_labour": Label("Thiếu lao động", "Lack of labour"),
    "cause_tools": Label("Thiếu công cụ, phương tiện sản xuất", "Lack of tools"),
    "cause_knowledge": Label("Thiếu kiến thức về sản xuất", "Lack of production knowledge"),
    "cause_skills": Label("Thiếu kỹ năng lao động", "Lack of skills"),
    "cause_illness": Label("Ốm đau, bệnh nặng, tai nạn", "Illness or accident"),
    "cause_other": Label("Nguyên nhân khác", "Other causes"),
}


OFFICIAL: Mapping[int, tuple[str, bool]] = {
    **{number: (f"7.{number}", number in (2, 4, 5, 9, 10)) for number in range(1, 11)},
    **dict.fromkeys(range(11, 16), ("", False)),
}
"""The official number of each form, and whether it stands on a template that was read; 11–15 are a province's own."""


def numbered(form: Form) -> Form:
    """Return a form with its official number."""
    official, confirmed = OFFICIAL[form.number]
    return evolve(form, official=official, confirmed=confirmed)


@door
def forms(standard: Law, ethnic_groups: Iterable[str | None] = (), *, undetermined: bool = False) -> dict[int, Form]:
    """Return the forms 1–13 for a standard's indicators.

    Parameters
    ----------
    standard : Law
        Whose indicators head the forms 4–7, in the order of the law.
    ethnic_groups : iterable of str
        The groups that form 9 has a column for, Kinh apart; ``None`` among them stands for those not known.
    undetermined : bool
        Whether there are households left open, so that forms 1–3 need columns for them.

    Examples
    --------
    >>> import mdpoverty as mdp
    >>> made = forms(mdp.standards["vn-2022"])
    >>> made[2].column("9").number(made[2].ids)
    '9=1-2-3-4+5+6+7+8'
    """
    made = [
        _results(undetermined),
        *(_changes(number, category, undetermined) for number, category in ((2, "poor"), (3, "near_poor"))),
        *_deprivations(standard),
        _target_groups(),
        _ethnic(tuple(ethnic_groups)),
        _causes(),
        _children(),
        *(_multidimensional(number, category) for number, category in ((12, "poor"), (13, "near_poor"))),
    ]
    return {form.number: numbered(form) for form in sorted(made, key=lambda form: form.number)}


def _results(undetermined: bool) -> Form:
    asked = Label("Tổng số hộ, nhân khẩu tại thời điểm rà soát", "Residents at the time of the review")
    kinds = (
        ("poor", POOR),
        ("near_poor", NEAR),
        (
            "producers",
            Label(
                "Hộ làm nông, lâm, ngư nghiệp có mức sống trung bình",
                "Farming, forestry and fishery households of average living standard",
            ),
        ),
    )
    columns = [
        Column("1", (asked, Label("Số hộ dân cư", "Households")), "residents", "households"),
        Column("2", (asked, Label("Số nhân khẩu", "People")), "residents", "people"),
    ]
    sections: tuple[tuple[Unit, str, Label], ...] = (
        ("households", "1", Label("Kết quả rà soát theo hộ", "Households by result")),
        ("people", "2", Label("Kết quả rà soát theo nhân khẩu", "People by result")),
    )
    number = counting(3)
    for unit, whole, section in sections:
        for source, kind in kinds:
            of = str(next(number))
            columns.append(Column(of, (section, kind, COUNT[unit]), source, unit))
            columns.append(Column(str(next(number)), (section, kind, SHARE), formula=f"{of}/{whole}*100"))
    if undetermined:
        columns += [
            Column("a", (UNDETERMINED, COUNT["households"]), "open", "households"),
            Column("b", (UNDETERMINED, COUNT["people"]), "open", "people"),
        ]
    title = Label(
        "Tổng hợp kết quả chính thức rà soát hộ nghèo; hộ cận nghèo; "
        "hộ làm nông, lâm, ngư nghiệp có mức sống trung bình",
        "Official results of the review: poor, near-poor, and farming households of average living standard",
    )
    return Form(1, title, tuple(columns))


def _changes(number: int, category: str, undetermined: bool) -> Form:
    poor = category == "poor"
    begin = Label("Số hộ, nhân khẩu đầu kỳ", "At the beginning")
    left = Label("Diễn biến giảm trong kỳ", "Decrease")
    came = Label("Diễn biến tăng trong kỳ", "Increase")
    end = Label("Số hộ, nhân khẩu cuối kỳ", "At the end")
    above = Label("Vượt chuẩn cận nghèo", "Above the near-poor line")
    to_near = Label("Trở thành hộ cận nghèo", "Became near-poor")
    to_poor = Label("Trở thành hộ nghèo", "Became poor")
    escaped = Label("Thoát nghèo", "Left poverty")
    added = Label("Bổ sung trong kỳ", "Added")
    less = Label(
        "Giảm khác (thay đổi nhân khẩu, hộ đơn thân chết, chuyển đi, tách, nhập hộ…)",
        "Other decrease (changed size, died, moved out, split, merged)",
    )
    more = Label("Tăng khác (chuyển đến, tách, nhập hộ…)", "Other increase (moved in, split, merged)")
    again = Label("Tái nghèo", "Fell back") if poor else Label("Tái cận nghèo", "Fell back to near-poor")
    fresh = Label("Phát sinh mới", "New")
    from_near = Label("Hộ cận nghèo trở thành hộ nghèo", "Near-poor that became poor")
    from_poor = Label("Hộ nghèo trở thành hộ cận nghèo", "Poor that became near-poor")
    out = (
        [("2", (left, escaped, to_near), "to_other"), ("3", (left, escaped, above), "to_above")]
        if poor
        else [
            ("2", (left, Label("Thoát cận nghèo", "Left near-poverty")), "to_above"),
            ("3", (left, to_poor), "to_other"),
        ]
    )
    listed = [
        ("1", (begin,), "begin"),
        *out,
        ("4", (left, less), "decrease"),
        ("5", (came, from_near if poor else from_poor), "from_other"),
        ("6", (came, added, again), "fell_back"),
        ("7", (came, added, fresh), "new"),
        ("8", (came, more), "increase"),
    ]
    columns = [Column(id, heading, f"flow:{category}:{what}") for id, heading, what in listed]
    # The end is counted as the formula prints it; check() compares it with form 1, where it is counted anew.
    columns.append(Column("9", (end,), formula="1-2-3-4+5+6+7+8-a+b"))
    if undetermined:
        gone, come = (
            Label("Đầu kỳ có trong danh sách, cuối kỳ chưa xác định", "On the list, now undetermined"),
            Label("Đầu kỳ chưa xác định, cuối kỳ có trong danh sách", "Undetermined, now on the list"),
        )
        columns += [
            Column("a", (UNDETERMINED, gone), f"flow:{category}:to_open"),
            Column("b", (UNDETERMINED, come), f"flow:{category}:from_open"),
        ]
    name = CLASSES[category]
    title = Label(f"Tổng hợp diễn biến {name.vi.lower()}", f"Changes of {name.en.lower()}")
    return Form(number, title, tuple(columns), ("households", "people"), "before")


def _deprivations(standard: Law) -> list[Form]:
    indicators = list(standard.indicators.values())
    numbers = [str(number) for number in range(1, len(indicators) + 1)]
    lacking = Label("Số hộ thiếu hụt theo từng chỉ số", "Households deprived in each indicator")
    rates = Label("Tỷ lệ thiếu hụt các chỉ số (%)", "Deprived in each indicator (%)")
    whole = Label("Tổng số thiếu hụt", "All deprivations")
    made = []
    for first, category in ((4, "poor"), (6, "near_poor")):
        name = CLASSES[category]
        households = Label(f"Tổng số {name.vi.lower()}", name.en)
        of = [Column("A", (households,), category, "households")]
        counts = [*of, Column("B", (whole,), formula="+".join(numbers))]
        shares = [*of]
        for id, indicator in zip(numbers, indicators, strict=True):
            counts.append(Column(id, (lacking, indicator.label), f"{category}&deprived:{indicator.id}", "households"))
            shares.append(Column(id, (rates, indicator.label), formula=f"{first}:{id}/{first}:A*100"))
        vi, en = name.vi.lower(), name.en.lower()
        title = Label(f"Phân tích các chỉ số thiếu hụt của {vi}", f"Deprivations of {en}")
        made.append(Form(first, title, tuple(counts)))
        title = Label(f"Phân tích tỷ lệ các chỉ số thiếu hụt của {vi}", f"Shares of {en} deprived in each indicator")
        made.append(Form(first + 1, title, tuple(shares)))
    return made


def _target_groups() -> Form:
    columns: list[Column] = []
    number = counting(1)
    for category, name in CLASSES.items():
        ids = [str(next(number)) for _ in range(5)]
        columns.append(Column(ids[0], (name, TOTAL), category))
        for id, group in zip(ids[1:4], ("ethnic_minority", "unable_to_work", "merit"), strict=True):
            columns.append(Column(id, (name, CHARACTERISTICS[group]), f"{category}&{group}"))
        columns.append(Column(ids[4], (name, Label("Hộ khác", "Others")), formula="-".join(ids[:4])))
    title = Label(
        "Phân tích hộ nghèo, hộ cận nghèo theo các nhóm đối tượng", "Poor and near-poor households by target group"
    )
    return Form(8, title, tuple(columns), ("households", "people"))


def _ethnic(groups: tuple[str | None, ...]) -> Form:
    columns: list[Column] = []
    number = counting(1)
    minority = Label("Tổng dân tộc thiểu số", "All ethnic minorities")
    unknown = Label("Chưa rõ dân tộc", "Ethnicity not known")
    sums: list[tuple[str, Balance]] = []
    for category, name in CLASSES.items():
        whole, kinh, minorities = (str(next(number)) for _ in range(3))
        columns += [
            Column(whole, (name, TOTAL), category),
            Column(kinh, (name, Label("Kinh", "Kinh")), f"{category}&kinh"),
            Column(minorities, (name, minority), f"{category}&ethnic_minority"),
        ]
        parts = {str(next(number)): group for group in groups if group is not None}
        columns += [
            Column(id, (name, Label(group, group)), f"{category}&ethnic:{group}") for id, group in parts.items()
        ]
        if parts:
            sums.append((minorities, _sum(parts)))
        rest = [str(next(number))] if None in groups else []
        columns += [Column(id, (name, unknown), f"{category}&ethnic_unknown") for id in rest]
        sums.append((whole, _sum([kinh, minorities, *rest])))
    title = Label("Phân tích hộ nghèo, hộ cận nghèo theo dân tộc", "Poor and near-poor households by ethnic group")
    return Form(9, title, tuple(columns), ("households", "people"), sums=tuple(sums))


def _sum(columns: Iterable[str]) -> Balance:
    return Balance(tuple((1, Ref(id)) for id in columns))


def _causes() -> Form:
    columns: list[Column] = []
    number = counting(1)
    for category, name in CLASSES.items():
        columns.append(Column(str(next(number)), (name, TOTAL), category))
        for cause, label in CAUSES.items():
            columns.append(Column(str(next(number)), (name, label), f"{category}&{cause}"))
    title = Label("Phân tích hộ nghèo, hộ cận nghèo theo nguyên nhân nghèo", "Poor and near-poor households by cause")
    return Form(10, title, tuple(columns), ("households", "people"))


def _children() -> Form:
    columns: list[Column] = []
    number = counting(1)
    in_poor = {
        "poor": Label("Trẻ em thuộc hộ nghèo", "Children in poor households"),
        "near_poor": Label("Trẻ em thuộc hộ cận nghèo", "Children in near-poor households"),
    }
    health = Label("Thiếu hụt về y tế", "Deprived in health")
    asked = (
        ("health_insurance", (health, Label("Bảo hiểm y tế", "Health insurance"))),
        ("nutrition", (health, Label("Dinh dưỡng", "Nutrition"))),
        ("child_schooling", (Label("Thiếu hụt về giáo dục", "Deprived in education"),)),
    )
    for category, name in in_poor.items():
        columns.append(Column(str(next(number)), (name, TOTAL), f"children:{category}", "people"))
        for indicator, heading in asked:
            source = f"children:{category}:{indicator}"
            columns.append(Column(str(next(number)), (name, *heading), source, "people"))
    title = Label("Tổng hợp trẻ em thuộc hộ nghèo, hộ cận nghèo", "Children in poor and near-poor households")
    return Form(11, title, tuple(columns), ("people",), "members")


def _multidimensional(number: int, category: str) -> Form:
    name = CLASSES[category]
    residents = Label("Tổng số dân cư", "Residents")
    among = Label(f"Trong đó: {name.vi.lower()} là", f"Among the {name.en.lower()}")
    columns = [
        Column("1", (residents, COUNT["households"]), "residents", "households"),
        Column("2", (residents, COUNT["people"]), "residents", "people"),
        Column("3", (name, COUNT["households"]), category, "households"),
        Column("4", (name, Label("Tỷ lệ hộ (%)", "Households (%)")), formula="3/1*100"),
        Column("5", (name, COUNT["people"]), category, "people"),
        Column("6", (name, Label("Tỷ lệ nhân khẩu (%)", "People (%)")), formula="5/2*100"),
        Column("7", (among, Label("Hộ dân tộc Kinh", "Kinh")), f"{category}&kinh", "households"),
    ]
    groups = ("ethnic_minority", "local_ethnic", "merit", "unable_to_work", "female_head")
    for id, group in enumerate(groups, 8):
        columns.append(Column(str(id), (among, CHARACTERISTICS[group]), f"{category}&{group}", "households"))
    title = Label(
        f"Tổng hợp kết quả rà soát {name.vi.lower()} theo chuẩn nghèo đa chiều",
        f"{name.en} by the multidimensional standard",
    )
    return Form(number, title, tuple(columns))


@frozen
class Agreement:
    """Two columns of two forms that must hold the same number in every place.

    Attributes
    ----------
    left, right : Ref
        The columns, each with its form.
    left_unit, right_unit : {"households", "people"}
        The rows in which they are compared.
    why : Label
        Why they must agree.
    """

    left: Ref
    right: Ref
    why: Label
    left_unit: Unit = "households"
    right_unit: Unit = "households"


def _agree(left: str, right: str, vi: str, en: str, unit: Unit = "households", other: Unit | None = None) -> Agreement:
    (first, a), (second, b) = (text.split(":") for text in (left, right))
    return Agreement(Ref(a, int(first)), Ref(b, int(second)), Label(vi, en), unit, other or unit)


_SAME_FLOW = ("cùng những hộ chuyển giữa hai danh sách", "the same households move between the two lists")
_SAME_LIST = ("cùng một danh sách hộ", "the same list of households")

# A form with one row for each place holds people in columns of their own: its row's unit is "households" throughout.
AGREEMENTS: tuple[Agreement, ...] = (
    *(_agree("2:2", "3:5", *_SAME_FLOW, unit=unit) for unit in ("households", "people")),
    *(_agree("2:5", "3:3", *_SAME_FLOW, unit=unit) for unit in ("households", "people")),
    _agree("2:9", "1:3", *_SAME_LIST),
    _agree("2:9", "1:9", *_SAME_LIST, unit="people", other="households"),
    _agree("3:9", "1:5", *_SAME_LIST),
    _agree("3:9", "1:11", *_SAME_LIST, unit="people", other="households"),
)

# What several forms count must be one number in all of them.
SHARED = ("residents", "poor", "near_poor")
