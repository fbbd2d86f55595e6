"""A country's own standard in forty lines: write it, prove it sound, use it, keep it as a file.

Ruritania is made up: a household is poor if its income is under the line of its area *and* it lacks at least two of
three things, vulnerable if only one of these holds.
"""

from __future__ import annotations

import mdpoverty as mdp
from mdpoverty.scorers import any_member, column, deprivations, threshold
from mdpoverty.testing import check_standard

LAW = mdp.Citation(
    "Ruritania Poverty Act", "section 2", "income under the line and two or more of the three deprivations"
)


def both(vi: str, en: str) -> mdp.Label:
    return mdp.Label(vi, en)


def codes(**names: mdp.Label) -> tuple[mdp.Code, ...]:
    return tuple(mdp.Code(name, label) for name, label in names.items())


area, income = both("Khu vực", "Area"), both("Thu nhập", "Income")
water, school, crowded = both("Nước sạch", "Safe water"), both("Đi học", "Schooling"), both("Chật chội", "Crowding")
size, rooms, age = both("Số người", "Persons"), both("Số phòng", "Rooms"), both("Tuổi", "Age")
places = codes(hills=both("Đồi núi", "Hills"), coast=both("Ven biển", "Coast"))

UNDER_THE_LINE = column("income") < threshold("line")
LACKING = deprivations() >= threshold("cutoff")

RURITANIA = mdp.Standard(
    id="ruritania-2024",
    title=both("Chuẩn nghèo Ruritania", "Poverty standard of Ruritania"),
    citation=LAW,
    in_force="2024-01-01",
    until=None,
    jurisdiction="Ruritania",
    fields=[
        mdp.Field("area", "household", "code", area, area, codes=places),
        mdp.Field("income", "household", "money", income, income, unit="crowns", minimum=0),
        mdp.Field("household_size", "household", "count", size, size, minimum=1),
        mdp.Field("rooms", "household", "count", rooms, rooms, minimum=0),
        mdp.Field("safe_water", "household", "flag", water, water),
        mdp.Field("age", "member", "count", age, age, minimum=0, maximum=130),
        mdp.Field("at_school", "member", "flag", school, school),
    ],
    thresholds=[
        mdp.Threshold("line", both("Chuẩn", "Line"), {"hills": 80, "coast": 100}, LAW, by="area", unit="crowns"),
        mdp.Threshold("cutoff", both("Số thiếu hụt", "Cut-off"), 2, LAW),
    ],
    dimensions=[mdp.Dimension("life", both("Đời sống", "Life"), LAW)],
    indicators=[
        mdp.Indicator("water", "life", water, ~column("safe_water"), LAW),
        mdp.Indicator(
            "schooling",
            "life",
            school,
            any_member((column("age") >= 6) & (column("age") < 14) & ~column("at_school")),
            LAW,
        ),
        mdp.Indicator("crowding", "life", crowded, column("household_size") > 3 * column("rooms"), LAW),
    ],
    categories=[
        mdp.Category("poor", both("Nghèo", "Poor"), UNDER_THE_LINE & LACKING, LAW),
        mdp.Category(
            "vulnerable",
            both("Dễ tổn thương", "Vulnerable"),
            UNDER_THE_LINE & ~LACKING | ~UNDER_THE_LINE & LACKING,
            LAW,
        ),
        mdp.Category("not_poor", both("Không nghèo", "Not poor"), ~UNDER_THE_LINE & ~LACKING, LAW),
    ],
)

check_standard(RURITANIA, better={"income": "more"}, examples=50)

household = {"area": "hills", "income": 79, "rooms": 1, "safe_water": False}
members = [{"age": 41}, {"age": 39}, {"age": 9, "at_school": True}, {"age": 4}]
print(RURITANIA.assess(household, members).text("en"))

assert mdp.Standard.from_json(RURITANIA.to_json()).digest == RURITANIA.digest
print(RURITANIA.audit()[["id", "what", "operator", "value"]].dropna(how="any").to_string(index=False))
