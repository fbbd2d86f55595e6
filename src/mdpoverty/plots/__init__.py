"""Pictures of results: classes, deprivations, measures and their errors, changes, flows (extra ``plots``: matplotlib).

Each function returns the ``Axes`` that it drew on, its own or the caller's (``ax=``). Names stand for ids, numbers are
written as the language does, and households whose class is open have a hatch of their own. All are drawn to be read at
600 pixels, in grey, and by people who don't see colours.
"""

from __future__ import annotations

from mdpoverty.plots.between import agreement, flows
from mdpoverty.plots.households import classes, deprivations, margins
from mdpoverty.plots.measured import changes, contributions, cut_offs, estimates
from mdpoverty.plots.which import KINDS, draw

__all__ = [
    "KINDS",
    "agreement",
    "changes",
    "classes",
    "contributions",
    "cut_offs",
    "deprivations",
    "draw",
    "estimates",
    "flows",
    "margins",
]
