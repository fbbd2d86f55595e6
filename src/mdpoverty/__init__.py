"""Multidimensional poverty: who is poor by law, why, and what a population's answers add up to."""

from __future__ import annotations

__version__ = "0.1.0"
