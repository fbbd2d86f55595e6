"""A programme's plan as a value: the rate it aims at, and who is entitled to what, from whom, by which text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from attrs import frozen

from mdpoverty.doors import doors
from mdpoverty.dynamics.reviews import PRODUCERS, keyed
from mdpoverty.errors import SpecError
from mdpoverty.programmes.parts import ESCAPED, FARMING, Entitlement, Programme
from mdpoverty.programmes.progress import Progress, measure
from mdpoverty.results.assessment import Assessment
from mdpoverty.tables.keys import keys_of
from mdpoverty.tables.options import KEY
from mdpoverty.ternary import NO, UNKNOWN, YES, is_missing

__all__ = ["Plan"]

Codes = npt.NDArray[np.uint8]


@doors
@frozen(repr=False)
class Plan(Programme):
    """A programme's plan for a year.

    Attributes
    ----------
    id : str
        Its name.
    title : Label
        What it is called.
    citation : Citation
        The document.
    year : int
        For which year.
    targets : Named of Target
        The rates to reach.
    catalogue : Named of Entitlement
        All that it promises.
    """

    def entitled(
        self,
        assessment: Assessment,
        *,
        newly_escaped: Any = None,
        producers: Assessment | str = "producer",
    ) -> dict[str, Codes]:
        """Return who is entitled to what, for every household.

        Parameters
        ----------
        assessment : Assessment
            The review.
        newly_escaped : table or iterable of keys, optional
            The households that newly escaped poverty, as :func:`mdpoverty.dynamics.newly_escaped` returns them. Without
            it nobody is counted as such.
        producers : Assessment or str
            Who counts as a farming household of average living standard: the class that the standard
            ``vn-2022-producers`` gave, by the income of twelve months; or a column that says who lives off farming,
            forestry, fishery or salt, together with the class here. Without such a column it stays open.

        Returns
        -------
        dict of arrays
            0, 1 or 2 (no, open, yes) for each household, by the entitlement's id. A household whose class is open is
            entitled for sure where all classes still possible are.
        """
        whose = _Groups.of(assessment, newly_escaped, producers)
        return {each.id: whose.entitled(each.to) for each in self.catalogue.values()}

    def of_household(self, assessment: Assessment, key: Any, **options: Any) -> tuple[Entitlement, ...]:
        """Return what one household is entitled to for sure; takes the options of :meth:`entitled`."""
        position = assessment.position(key)
        codes = self.entitled(assessment, **options)
        return tuple(each for each in self.catalogue.values() if codes[each.id][position] == YES)

    def progress(
        self,
        assessment: Assessment,
        *,
        receipts: Any = None,
        residents: int | Literal["assessed"] = "assessed",
        newly_escaped: Any = None,
        producers: Assessment | str = "producer",
    ) -> Progress:
        """Hold a review against the plan.

        Parameters
        ----------
        assessment : Assessment
            The review.
        receipts : table, optional
            The key and ``entitlement`` (an id) of everything that a household received.
        residents : int or "assessed"
            How many households live there in all; by default those that were assessed.
        newly_escaped, producers
            As in :meth:`entitled`.

        Returns
        -------
        Progress
            How far each target is, and the coverage of each entitlement with who is still missing it.

        Examples
        --------
        >>> import mdpoverty as mdp
        >>> from mdpoverty.programmes import hai_duong_2023
        >>> vn = mdp.standards["vn-2022"]
        >>> answers = {name: [True, False] for name in vn.indicators}
        >>> homes = {"household_id": ["a", "b"], "area": ["rural"] * 2, "income": [1_200_000] * 2, **answers}
        >>> review = vn.classify(homes, given="all")
        >>> received = {"household_id": ["a"], "entitlement": ["insurance_card"]}
        >>> progress = hai_duong_2023.progress(review, receipts=received, residents=100)
        >>> progress.targets[0].rate, progress.targets[0].reached, progress.missing("insurance_card")
        (Decimal('1.00'), 2, ['b'])
        """
        codes = self.entitled(assessment, newly_escaped=newly_escaped, producers=producers)
        return measure(self, assessment, codes, receipts, residents)


@frozen(eq=False)
class _Groups:
    """Which households are, and may be, in which class and group."""

    may: dict[str, npt.NDArray[np.bool_]]
    farming: Codes
    escaped: Codes
    producers: Codes | None

    @classmethod
    def of(cls, assessment: Assessment, newly_escaped: Any, producers: Assessment | str) -> _Groups:
        may = {name: assessment.in_category(name) != NO for name in assessment.standard.categories}
        escaped = _escaped(assessment, newly_escaped)
        if isinstance(producers, str):
            return cls(may, _flag(assessment, producers), escaped, None)
        own = producers.in_category_of(assessment.matching_keys(), PRODUCERS)
        return cls(may, own, escaped, own)

    def entitled(self, to: tuple[str, ...]) -> Codes:
        """Return whether each household is entitled, given that the groups are."""
        n = len(self.farming)
        no, yes = np.full(n, NO, np.uint8), np.full(n, YES, np.uint8)
        sure, maybe = np.ones(n, bool), np.zeros(n, bool)
        for name, may in self.may.items():
            farming = name == "average_living" and FARMING in to and self.producers is None
            by_class = yes if name in to else self.farming if farming else no
            sure &= ~may | (by_class == YES)
            maybe |= may & (by_class != NO)
        codes = np.where(sure, YES, np.where(maybe, UNKNOWN, NO)).astype(np.uint8)
        codes = np.maximum(codes, self.escaped) if ESCAPED in to else codes
        return np.maximum(codes, self.producers) if FARMING in to and self.producers is not None else codes


def _flag(assessment: Assessment, column: str) -> Codes:
    if not assessment.has(column):
        return np.full(len(assessment), UNKNOWN, np.uint8)
    values = assessment.answers(column)
    wrong = [value for value in values if value is not None and value not in (0, 1)]
    if wrong:
        raise SpecError(f"the column {column!r} must be true or false; {len(wrong)} values are neither")
    return np.array([UNKNOWN if value is None else YES if value else NO for value in values], np.uint8)


def _escaped(assessment: Assessment, given: Any) -> Codes:
    codes = np.full(len(assessment), NO, np.uint8)
    if given is None:
        return codes
    if hasattr(given, "columns") or hasattr(given, "keys"):
        table = keyed(given, "newly_escaped", assessment.households.key_columns, ["newly_escaped"])
        flags = table.column("newly_escaped").to_list()
        listed, said = table.keys, [UNKNOWN if is_missing(flag) else YES if flag else NO for flag in flags]
    elif not isinstance(given, Iterable) or isinstance(given, str | bytes) or getattr(given, "ndim", 1) == 0:
        raise SpecError("newly_escaped= is a table, or the keys of households")
    else:
        keys = list(given)
        listed, said = keys_of(keys, assessment.key_name or KEY, "newly_escaped"), [YES] * len(keys)
    own = assessment.matching_keys()
    own.refuse(listed, assessment.key_name or KEY, ("the review", "newly_escaped"))
    at = listed.find(own)
    return np.where(at >= 0, np.array([*said, NO], np.uint8)[at], codes)
