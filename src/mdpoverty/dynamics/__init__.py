"""Reviews side by side: what became of each household, who has newly escaped poverty, and what became of places.

``reviews`` reads a review, ``places`` what merged and was divided, ``between`` holds two reviews against each other.
"""

from __future__ import annotations

from mdpoverty.dynamics.between import MOVEMENTS, Flows, Movement, flows, newly_escaped
from mdpoverty.dynamics.reviews import Side

__all__ = ["MOVEMENTS", "Flows", "Movement", "Side", "flows", "newly_escaped"]
