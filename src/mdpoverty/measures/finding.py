"""Where a figure stands in the table of measures: found by its measure, indicator, cut-off and group."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

from attrs import frozen

from mdpoverty.errors import SpecError
from mdpoverty.measures.estimates import Estimates
from mdpoverty.tables.labels import label_key, plain_label

__all__ = ["Rows"]


@frozen(eq=False, repr=False, slots=False)
class Rows:
    """The rows of the table of estimates: group by group, and in each all figures."""

    estimates: Estimates

    def of(self, figure: Mapping[str, Any]) -> int:
        """Return the row of a figure; see :meth:`Measures.find`."""
        by = self.estimates.tally.by
        unknown = set(figure) - {"measure", "indicator", "k", *by}
        if unknown or "measure" not in figure:
            raise SpecError(
                "A figure is named by measure, indicator, k and the group columns "
                f"({', '.join(by) or 'none'}); "
                f"got {', '.join(sorted(figure))}."
            )
        cut = None if figure.get("k") is None else self.estimates.spec.cut_offs(figure["k"])[0]
        width = self._width
        fits = [
            g * width + place
            for place, indicator, k in self._figures.get(figure["measure"], ())
            if ("indicator" not in figure or indicator == figure["indicator"]) and (cut is None or k == cut)
            for g in self._groups_with({name: figure[name] for name in by if name in figure})
        ]
        if len(fits) != 1:
            raise SpecError(
                f"{len(fits) or 'No'} figures fit {figure}; name measure, indicator, k and group so that one does."
            )
        return fits[0]

    def place(self, row: int) -> tuple[int, int, int]:
        """Return the group, the figure set and the figure in it of a row."""
        group, place = divmod(int(row), self._width)
        for number, s in enumerate(self.estimates.sets):
            if place < len(s.measure):
                return group, number, place
            place -= len(s.measure)
        raise AssertionError("a row of the table lies in one of its figure sets")

    @property
    def _width(self) -> int:
        """How many figures a group has."""
        return sum(len(s.measure) for s in self.estimates.sets)

    @cached_property
    def _figures(self) -> dict[str, list[tuple[int, str | None, Fraction | None]]]:
        """Place within a group's block of the table, indicator and cut-off of the figures of each measure."""
        named = [(m, i, s.k) for s in self.estimates.sets for m, i in zip(s.measure, s.indicator, strict=True)]
        out: dict[str, list[tuple[int, str | None, Fraction | None]]] = {}
        for place, (measure, indicator, k) in enumerate(named):
            out.setdefault(measure, []).append((place, indicator, k))
        return out

    @cached_property
    def _groups(self) -> dict[str, dict[Any, list[int]]]:
        """The groups with each label of each group column, by what tells labels apart."""
        out: dict[str, dict[Any, list[int]]] = {}
        for name, labels in self.estimates.tally.group_labels().items():
            found = out.setdefault(name, {})
            for g, label in enumerate(labels):
                found.setdefault(label_key(label), []).append(g)
        return out

    def _groups_with(self, labels: Mapping[str, Any]) -> Sequence[int]:
        """Return the groups with these labels, without going through all groups."""
        if not labels:
            return range(len(self.estimates.tally.groups))
        if not all(isinstance(label, Hashable) for label in labels.values()):
            return ()
        first, *others = sorted((self._groups_of(name, label) for name, label in labels.items()), key=len)
        return sorted(set(first).intersection(*others)) if others else first

    def _groups_of(self, name: str, label: Any) -> list[int]:
        """Return the groups with a label; a flag may be asked for as 1 where no 1 is among the labels."""
        is_flag, value = label_key(plain_label(label))
        known = self._groups[name]
        return known.get((is_flag, value)) or known.get((not is_flag, value)) or []
