"""Reviews side by side: what became of each household, who has newly escaped poverty, and what became of places.

``reviews`` reads a review, ``places`` what merged and was divided, ``matching`` finds the same household in several
reviews; ``between`` holds two reviews against each other, ``escaped`` looks at all of them.
"""

from __future__ import annotations

from mdpoverty.dynamics.between import MOVEMENTS, Flows, Movement, flows
from mdpoverty.dynamics.escaped import newly_escaped
from mdpoverty.dynamics.reviews import Side

__all__ = ["MOVEMENTS", "Flows", "Movement", "Side", "flows", "newly_escaped"]
