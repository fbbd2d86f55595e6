"""Multidimensional poverty: who is poor by law, why, and what a population's answers add up to."""

from __future__ import annotations

from mdpoverty import errors, scorers
from mdpoverty.receipt import Receipt
from mdpoverty.scorers import column
from mdpoverty.standard import (
    Category,
    Citation,
    Code,
    Dimension,
    Field,
    Gap,
    Indicator,
    Label,
    Standard,
    Threshold,
)
from mdpoverty.standards import standards
from mdpoverty.ternary import NO, UNKNOWN, YES
from mdpoverty.verdict import Ask, Finding, Margin, Verdict

__version__ = "0.1.0"

__all__ = [
    "NO",
    "UNKNOWN",
    "YES",
    "Ask",
    "Category",
    "Citation",
    "Code",
    "Dimension",
    "Field",
    "Finding",
    "Gap",
    "Indicator",
    "Label",
    "Margin",
    "Receipt",
    "Standard",
    "Threshold",
    "Verdict",
    "__version__",
    "column",
    "errors",
    "scorers",
    "standards",
]
