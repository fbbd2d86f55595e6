"""A population as weighted counts of deprivation profiles: small, additive, and all that measures need.

``population`` has the tally itself, ``design`` how a sample was drawn, ``reading`` turns tables into counts,
``counting`` is how they are counted, and ``storage`` adds tallies up and writes them down.
"""

from __future__ import annotations

from mdpoverty.law.program import OPEN
from mdpoverty.tally.design import SurveyDesign
from mdpoverty.tally.population import Tally

__all__ = ["OPEN", "SurveyDesign", "Tally"]
