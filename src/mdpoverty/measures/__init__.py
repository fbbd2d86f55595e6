"""Measures of a population, read off its tally."""

from __future__ import annotations

from mdpoverty.measures.alkire_foster import AlkireFoster
from mdpoverty.measures.money import IncomePoverty, income_poverty
from mdpoverty.measures.panel import Panel
from mdpoverty.measures.results import Measures
from mdpoverty.tally import SurveyDesign, Tally

__all__ = ["AlkireFoster", "IncomePoverty", "Measures", "Panel", "SurveyDesign", "Tally", "income_poverty"]
