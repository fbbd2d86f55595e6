"""Measures of a population, read off its tally."""

from __future__ import annotations

from mdpoverty.measures.alkire_foster import AlkireFoster
from mdpoverty.measures.results import Measures
from mdpoverty.tally import SurveyDesign, Tally

__all__ = ["AlkireFoster", "Measures", "SurveyDesign", "Tally"]
