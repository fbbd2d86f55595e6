"""Multidimensional poverty: who is poor by law, why, and what a population's answers add up to."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from mdpoverty.assessment import Assessment
    from mdpoverty.engine.scale import scan
    from mdpoverty.measures import AlkireFoster, Measures, SurveyDesign, Tally

# What needs numpy is imported when it is first asked for: one household is assessed without it.
_LATER = {
    "Assessment": "mdpoverty.assessment",
    "AlkireFoster": "mdpoverty.measures",
    "scan": "mdpoverty.engine.scale",
    "Measures": "mdpoverty.measures",
    "SurveyDesign": "mdpoverty.measures",
    "Tally": "mdpoverty.measures",
}

__all__ = [
    "NO",
    "UNKNOWN",
    "YES",
    "AlkireFoster",
    "Ask",
    "Assessment",
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
    "Measures",
    "Receipt",
    "Standard",
    "SurveyDesign",
    "Tally",
    "Threshold",
    "Verdict",
    "__version__",
    "column",
    "errors",
    "scan",
    "scorers",
    "standards",
]


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
