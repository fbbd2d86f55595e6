"""The conditions that a law's classes are put together from: its lines and cut-offs, each by its threshold."""

from __future__ import annotations

from mdpoverty.law.law import Law
from mdpoverty.rules import nodes as s

__all__ = ["conditions", "line_of"]


def line_of(rule: s.Rule) -> str:
    """Return the first threshold that a rule names, or nothing."""
    return next((node.name for node in rule.walk() if isinstance(node, s.Amount) and node.name), "")


def conditions(law: Law) -> dict[str, s.Rule]:
    """Return the conditions that the classes are put together from, each by its threshold, that can be scored alone."""
    found: dict[str, s.Rule] = {}

    def gather(rule: s.Node) -> None:
        if isinstance(rule, s.And | s.Or | s.Not):
            for part in rule.parts:
                gather(part)
            return
        counts = [node for node in rule.walk() if isinstance(node, s.Deprivations | s.IndicatorRef)]
        plain = isinstance(rule, s.Compare) and counts == [s.Deprivations()] and isinstance(rule.left, s.Deprivations)
        if isinstance(rule, s.Rule) and line_of(rule) and (not counts or plain):
            found.setdefault(line_of(rule), rule)

    for category in law.categories.values():
        gather(category.rule)
    return found
