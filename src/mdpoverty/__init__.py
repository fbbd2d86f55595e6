"""Multidimensional poverty: who is poor by law, why, and what a population's answers add up to."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mdpoverty import errors, scorers
from mdpoverty.results.receipt import Receipt
from mdpoverty.results.verdict import Ask, Finding, Margin, Verdict
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
from mdpoverty.verification import Verification, verify
from mdpoverty.version import VERSION

__version__ = VERSION

if TYPE_CHECKING:
    from mdpoverty import measures, plots, programmes, reports
    from mdpoverty.comparison import Comparison, compare
    from mdpoverty.dynamics import Flows, flows, newly_escaped
    from mdpoverty.fieldwork.kobo import read_kobo
    from mdpoverty.fieldwork.workbook import read_workbook
    from mdpoverty.measures import AlkireFoster, Measures, SurveyDesign, Tally
    from mdpoverty.results.assessment import Assessment
    from mdpoverty.scale import scan
    from mdpoverty.standards.scoresheet import ScoreSheet

# What needs numpy is imported when it is first asked for: one household is assessed without it.
_LATER = {
    "Assessment": "mdpoverty.results.assessment",
    "Comparison": "mdpoverty.comparison",
    "Flows": "mdpoverty.dynamics",
    "AlkireFoster": "mdpoverty.measures",
    "scan": "mdpoverty.scale",
    "Measures": "mdpoverty.measures",
    "ScoreSheet": "mdpoverty.standards.scoresheet",
    "SurveyDesign": "mdpoverty.measures",
    "Tally": "mdpoverty.measures",
    "compare": "mdpoverty.comparison",
    "flows": "mdpoverty.dynamics",
    "newly_escaped": "mdpoverty.dynamics",
    "read_kobo": "mdpoverty.fieldwork.kobo",
    "read_workbook": "mdpoverty.fieldwork.workbook",
    "measures": "",  # a module itself
    "plots": "",
    "programmes": "",
    "reports": "",
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
    "Comparison",
    "Dimension",
    "Field",
    "Finding",
    "Flows",
    "Gap",
    "Indicator",
    "Label",
    "Margin",
    "Measures",
    "Receipt",
    "ScoreSheet",
    "Standard",
    "SurveyDesign",
    "Tally",
    "Threshold",
    "Verdict",
    "Verification",
    "__version__",
    "column",
    "compare",
    "errors",
    "flows",
    "measures",
    "newly_escaped",
    "plots",
    "programmes",
    "read_kobo",
    "read_workbook",
    "reports",
    "scan",
    "scorers",
    "standards",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name in _LATER:
        module = _LATER[name]
        return getattr(import_module(module), name) if module else import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
