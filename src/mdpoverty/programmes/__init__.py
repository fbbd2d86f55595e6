"""Targets and entitlements: a programme's plan as a value, a review held against it, and what to repair first."""

from __future__ import annotations

from mdpoverty.programmes.hai_duong import hai_duong_2023
from mdpoverty.programmes.parts import GROUPS, Entitlement, Group, Target
from mdpoverty.programmes.plan import Plan
from mdpoverty.programmes.progress import Distance, Progress
from mdpoverty.programmes.repairs import ranking, what_if

__all__ = [
    "GROUPS",
    "Distance",
    "Entitlement",
    "Group",
    "Plan",
    "Progress",
    "Target",
    "hai_duong_2023",
    "ranking",
    "what_if",
]
