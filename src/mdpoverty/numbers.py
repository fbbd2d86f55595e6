"""Exact numbers: read once, printed once; and the operators that compare them.

Money, points, weights and cut-offs are whole numbers or exact fractions from end to end, so that a household at exactly
a line or a cut-off is on the side where the law puts it, however a sum was ordered.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, Literal

from mdpoverty.errors import MdpovertyError, RuleError, SpecError

Number = int | Fraction
Level = Literal["household", "member"]
Language = Literal["vi", "en"]
HouseholdId = str | Sequence[str] | tuple[str | Sequence[str], str | Sequence[str]]
"""How key columns are named: one, a list of several, or a pair of these for households and members."""

SIMPLE_DENOMINATOR = 10_000
"""A float stands for a simple fraction if that has a denominator up to this."""


class Operator(StrEnum):
    """How two numbers compare, by the words of a law: ``<=`` is "từ … trở xuống", ``<`` is "dưới".

    >>> Operator("<=").opposite, Operator("<=").mirror, Operator("<=").sign
    (<Operator.MORE: '>'>, <Operator.AT_LEAST: '>='>, '≤')
    """

    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="

    @property
    def opposite(self) -> Operator:
        """The operator that holds exactly where this one doesn't."""
        return _OPPOSITE[self]

    @property
    def mirror(self) -> Operator:
        """The operator that says the same once both sides change places."""
        return _MIRROR[self]

    @property
    def sign(self) -> str:
        """The sign that people write: ``≤``."""
        return _SIGNS[self]

    @property
    def holds(self) -> Callable[[Any, Any], Any]:
        """The comparison itself, of two numbers or of arrays element by element."""
        return _HOLDS[self]


_OPPOSITE = {
    Operator.LESS: Operator.AT_LEAST,
    Operator.AT_MOST: Operator.MORE,
    Operator.MORE: Operator.AT_MOST,
    Operator.AT_LEAST: Operator.LESS,
}
_MIRROR = {
    Operator.LESS: Operator.MORE,
    Operator.AT_MOST: Operator.AT_LEAST,
    Operator.MORE: Operator.LESS,
    Operator.AT_LEAST: Operator.AT_MOST,
}
_SIGNS = {Operator.LESS: "<", Operator.AT_MOST: "≤", Operator.MORE: ">", Operator.AT_LEAST: "≥"}
_HOLDS: dict[Operator, Callable[[Any, Any], Any]] = {
    Operator.LESS: operator.lt,
    Operator.AT_MOST: operator.le,
    Operator.MORE: operator.gt,
    Operator.AT_LEAST: operator.ge,
}


# ------------------------------------------------------------------------------------------------------- reading


def number(value: object, what: str = "a number", error: type[MdpovertyError] = RuleError) -> Number:
    """Read a number exactly: an ``int`` where it is whole, a ``Fraction`` otherwise.

    Takes ints, fractions, decimals, text such as ``"1/3"`` or ``"2.5"``, and floats (numpy's scalars too). A float is
    the simple fraction that it stands for (1/6 is one sixth, up to rounding), and else the decimal that it prints as.

    Parameters
    ----------
    value : int, float, Fraction, Decimal or str
        What is to be read.
    what : str
        What it is, for the message.
    error : type
        What to raise.

    Raises
    ------
    RuleError, or ``error``
        If it is no finite number.

    Examples
    --------
    >>> number("1/3"), number(1 / 6), number(7.6), number(0.123456789), number(8.0)
    (Fraction(1, 3), Fraction(1, 6), Fraction(38, 5), Fraction(123456789, 1000000000), 8)
    """
    single = getattr(value, "dtype", None) == "float32"
    if hasattr(value, "dtype") and hasattr(value, "item"):  # a scalar of numpy's, which isn't imported for this
        value = float(str(value)) if single else value.item()
    if isinstance(value, bool) or not isinstance(value, int | Fraction | Decimal | float | str):
        raise error(f"{what} must be a number such as 3, 0.26 or '1/3', not {value!r}")
    try:
        exact = _stands_for(value, single) if isinstance(value, float) else Fraction(value)
    except (ValueError, OverflowError, ZeroDivisionError):
        raise error(f"{what} must be a finite number such as 3, 0.26 or '1/3', not {value!r}") from None
    return exact.numerator if exact.denominator == 1 else exact


def _stands_for(value: float, single: bool) -> Fraction:
    """Return the simple fraction nearest to a float if rounding explains the rest, and else its decimal.

    Nearly every number lies close to some fraction if denominators may grow: only where a fraction this near is no
    coincidence (rounding, squared denominator and all, is small) is it what was meant.
    """
    simple = Fraction(value).limit_denominator(SIMPLE_DENOMINATOR)
    rounding = 4 * math.ulp(value) * (2**29 if single else 1)  # a single float has 29 bits less
    near = abs(float(simple) - value) <= rounding
    return simple if near and simple and rounding * simple.denominator**2 < 0.01 else Fraction(repr(value))


def machine(value: Number) -> int | float:
    """Return the number that interpreters compare with: the int itself, or the double nearest to a fraction.

    Data hold decimals as their nearest double too, so an area of 7.6 m² equals a threshold of 7.6 m² on every path.
    """
    return value if isinstance(value, int) else float(value)


# ------------------------------------------------------------------------------------------------------ printing


def language(lang: str) -> Language:
    """Return a language, or refuse one that there is not."""
    if lang not in ("vi", "en"):
        raise SpecError(f"lang is {lang!r}, and can be 'vi' or 'en'.")
    return "vi" if lang == "vi" else "en"


def per_cent(part: int, whole: int) -> Decimal | None:
    """Return ``part / whole`` in per cent, rounded half-up to two decimals; ``None`` where the whole is 0.

    In whole numbers throughout: 1 of 16,000 is 0.00625 % and prints as 0.01.

    >>> per_cent(1, 3), per_cent(1, 16_000), per_cent(5, 0)
    (Decimal('33.33'), Decimal('0.01'), None)
    """
    if whole == 0:
        return None
    return Decimal((20_000 * part + whole) // (2 * whole)).scaleb(-2)


def printed(value: Any, lang: Language) -> str:
    """Write a number as the language does: 1.234.500,5 in Vietnamese, 1,234,500.5 in English; an interval as "2–4".

    >>> printed(1_234_500, "vi"), printed((2, 4), "en"), printed(7.5, "vi")
    ('1.234.500', '2–4', '7,5')
    """
    if isinstance(value, tuple):
        return "–".join(printed(each, lang) for each in value)
    if value is None:
        return ""
    if isinstance(value, Fraction):
        value = int(value) if value.denominator == 1 else float(value)
    if isinstance(value, float):
        value = int(value) if value.is_integer() else round(value, 2)
    text = f"{value:,}"
    return text.translate(str.maketrans(",.", ".,")) if lang == "vi" else text


def decimal_printed(value: int | float | Fraction | Decimal | None, lang: Language, places: int) -> str:
    """Write a number with so many decimals, rounded half-up, as the language does; nothing where it is missing.

    >>> decimal_printed(1234.5, "vi", 2), decimal_printed(-0.05, "en", 1), decimal_printed(float("nan"), "en", 1)
    ('1.234,50', '−0.1', '')
    """
    if value is None or value != value:
        return ""
    if isinstance(value, Fraction):
        exact = Decimal(value.numerator) / Decimal(value.denominator)
    else:
        exact = Decimal(str(value))
    if not exact.is_finite():
        return "∞" if exact > 0 else "−∞"
    exact = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{abs(exact):,}"
    text = text.translate(str.maketrans(",.", ".,")) if lang == "vi" else text
    return f"−{text}" if exact < 0 else text


def share_printed(share: float | Fraction | None, lang: Language, places: int = 1) -> str:
    """Write a share in per cent as the language does: 2,7 % in Vietnamese, 2.7% in English.

    >>> share_printed(0.0265, "vi"), share_printed(0.0265, "en"), share_printed(None, "vi")
    ('2,7 %', '2.7%', '')
    """
    if share is None or share != share:
        return ""
    exact = share if isinstance(share, Fraction) else Decimal(str(share))
    text = decimal_printed(exact * 100, lang, places)
    return f"{text} %" if lang == "vi" else f"{text}%"
