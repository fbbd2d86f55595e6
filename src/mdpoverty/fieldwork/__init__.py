"""Questionnaires for tablets (ODK, KoboToolbox) that a standard writes, and what comes back from them."""
