"""Rules that several of Vietnam's standards share."""

from __future__ import annotations

from mdpoverty.scorers import Rule, Value, column, first_known, threshold


def income_within(name: str, *, months: int = 1) -> Rule:
    """Return the rule "income per person is at or under that line": from income per person, or exactly from the total.

    Parameters
    ----------
    name : str
        The threshold that is the line.
    months : int
        How many months the line is for: 12 for a line in đồng a year, beside answers in đồng a month.
    """
    line = threshold(name)
    per_person: Value = column("income")
    total: Value = column("total_income")
    size = column("household_size")
    if months != 1:
        per_person, total = months * per_person, months * total
    return first_known(per_person <= line, total <= line * size)
