"""Units in words, and amounts with their units."""

from __future__ import annotations

from datetime import date as Date
from fractions import Fraction

from mdpoverty.law.fields import unit_name
from mdpoverty.numbers import Language, printed


def day_name(day: Date, lang: Language) -> str:
    """Write a day as people read it: 15/11/2024 in Vietnamese, 2024-11-15 in English.

    >>> day_name(Date(2024, 11, 15), "vi"), day_name(Date(2024, 11, 15), "en")
    ('15/11/2024', '2024-11-15')
    """
    return f"{day:%d/%m/%Y}" if lang == "vi" else day.isoformat()


def in_units(amount: int | Fraction, unit: str, lang: Language) -> str:
    """Write a legal amount exactly, with its unit; a fraction of a year in months where they are whole.

    >>> in_units(1_234_000, "VND/person/month", "vi"), in_units(Fraction(121, 2), "years", "en")
    ('1.234.000 đồng/người/tháng', '60 years 6 months')
    >>> in_units(1986, "year", "en")
    '1986'
    """
    if unit == "year":  # one of the calendar, not a number of them
        return str(amount)
    if unit == "years" and isinstance(amount, Fraction) and 12 % amount.denominator == 0:
        years, months = divmod(int(amount * 12), 12)
        return f"{years} {unit_name(unit, lang)} {months} " + ("tháng" if lang == "vi" else "months")
    exact = printed(amount, lang) if isinstance(amount, int) else str(amount)
    return f"{exact} {unit_name(unit, lang)}".rstrip()
