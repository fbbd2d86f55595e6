"""The official forms of a review: filled, written, and held against each other.

``build`` fills the forms 1–13 and the lists 14–15 from an assessment; ``check`` finds what doesn't agree in a set of
forms, ours or somebody's printed ones.
"""

from __future__ import annotations

from mdpoverty.dynamics.places import Crosswalk, read_crosswalk
from mdpoverty.reports.build import Forms, build
from mdpoverty.reports.checking import check, deprivation_bounds
from mdpoverty.reports.discrepancies import RULES, Discrepancy, discrepancies_frame
from mdpoverty.reports.ethnic import ETHNIC_GROUPS
from mdpoverty.reports.forms import AGREEMENTS, CAUSES, CHARACTERISTICS, OFFICIAL, forms
from mdpoverty.reports.lists import SUPPORT
from mdpoverty.reports.paper import Paper
from mdpoverty.reports.people import read_list
from mdpoverty.reports.printed import Printed, read_csv, read_excel

__all__ = [
    "AGREEMENTS",
    "CAUSES",
    "CHARACTERISTICS",
    "ETHNIC_GROUPS",
    "OFFICIAL",
    "RULES",
    "SUPPORT",
    "Crosswalk",
    "Discrepancy",
    "Forms",
    "Paper",
    "Printed",
    "build",
    "check",
    "deprivation_bounds",
    "discrepancies_frame",
    "forms",
    "read_crosswalk",
    "read_csv",
    "read_excel",
    "read_list",
]
