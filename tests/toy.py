"""The law of Toyland, so that tests of the engine don't move when a decree does.

A household is *poor* if it is short of money and deprived in at least half of the weight, *short* if only of money, and
*fine* otherwise. The line depends on the coast; from 2030 on sailors retire later.
"""

from __future__ import annotations

from mdpoverty.scorers import any_member, at_least, column, count_members, deprivations, threshold
from mdpoverty.standard import (
    Category,
    Citation,
    Code,
    Dimension,
    Field,
    Indicator,
    Label,
    Standard,
    Threshold,
)

LAW = Citation("Toyland Act", "article 1", "at or under the line, and half of the weight or more")


def both(text: str) -> Label:
    return Label(text, text)


def codes(*names: str) -> tuple[Code, ...]:
    return tuple(Code(name, both(name)) for name in names)


TOY = Standard(
    id="toyland",
    title=both("The law of Toyland"),
    citation=LAW,
    in_force="2020-01-01",
    until=None,
    jurisdiction="TOY",
    fields=[
        Field("coast", "household", "code", both("Coast"), both("Which coast?"), codes=codes("east", "west")),
        Field("shells", "household", "money", both("Shells"), both("How many shells a moon?"), "VND", minimum=0),
        Field("household_size", "household", "count", both("Size"), both("How many?"), minimum=1, maximum=1000),
        Field("huts", "household", "number", both("Huts"), both("How many huts?"), minimum=0),
        Field("boat", "household", "flag", both("Boat"), both("A boat?")),
        Field("net", "household", "flag", both("Net"), both("A net?")),
        Field("hook", "household", "flag", both("Hook"), both("A hook?")),
        Field("age", "member", "count", both("Age"), both("How old?"), minimum=0, maximum=130),
        Field("trade", "member", "code", both("Trade"), both("Which trade?"), codes=codes("sailor", "potter", "none")),
        Field("swims", "member", "flag", both("Swims"), both("Can swim?")),
    ],
    thresholds=[
        Threshold("line", both("Line"), {"east": 100, "west": 150}, LAW, by="coast", unit="shells"),
        Threshold("half", both("Half"), "1/2", LAW, unit="weight"),
        Threshold(
            "rest",
            both("Age of rest"),
            [
                (None, {"sailor": 40, "potter": 60, "none": 50}),
                ("2030-01-01", {"sailor": "45.5", "potter": 60, "none": 50}),
            ],
            LAW,
            by="trade",
            unit="years",
        ),
    ],
    dimensions=[Dimension("sea", both("Sea"), LAW), Dimension("land", both("Land"), LAW)],
    indicators=[
        Indicator(
            "cannot_swim", "sea", both("Swimming"), any_member((column("age") >= 6) & ~column("swims")), LAW, "1/3"
        ),
        Indicator(
            "no_gear",
            "sea",
            both("Gear"),
            at_least(2, ~column("boat"), ~column("net"), ~column("hook")),
            LAW,
            "1/6",
        ),
        Indicator(
            "crowded", "land", both("Room"), column("huts") < threshold(0.5) * column("household_size"), LAW, "1/4"
        ),
        Indicator(
            "idle",
            "land",
            both("Trade"),
            2 * count_members((column("age") < threshold("rest")) & column("trade").equals("none"))
            > column("household_size"),
            LAW,
            "1/4",
        ),
    ],
    categories=[
        Category(
            "poor", both("Poor"), (column("shells") <= threshold("line")) & (deprivations() >= threshold("half")), LAW
        ),
        Category(
            "short",
            both("Short"),
            (column("shells") <= threshold("line")) & ~(deprivations() >= threshold("half")),
            LAW,
        ),
        Category("fine", both("Fine"), ~(column("shells") <= threshold("line")), LAW),
    ],
)
