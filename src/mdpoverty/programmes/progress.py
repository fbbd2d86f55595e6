"""A review held against a plan: how far the targets are, who has what they are entitled to and who still lacks it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from attrs import frozen

from mdpoverty.doors import doors
from mdpoverty.dynamics.reviews import keyed
from mdpoverty.errors import BadValues, SpecError
from mdpoverty.faces import Face, Faced, Html
from mdpoverty.law.fields import Label
from mdpoverty.numbers import per_cent, share_printed
from mdpoverty.programmes.parts import TARGET, Programme, Target
from mdpoverty.results.assessment import Assessment
from mdpoverty.tables.meanings import shown
from mdpoverty.ternary import NO, UNKNOWN, YES
from mdpoverty.texts import nearest
from mdpoverty.words.tables import OPEN_LABEL

__all__ = ["Distance", "Progress", "measure"]


@frozen
class Distance:
    """How far a target is.

    Attributes
    ----------
    target : Target
        Which.
    residents : int
        All households.
    households : int
        Those in the class for sure.
    open : int
        Those that may be, their answers being open.
    rate, rate_max : Decimal or None
        In per cent, rounded half-up to two decimals; with none and with all of the open ones. ``None`` if nobody lives
        there.
    to_leave, to_leave_max : int
        How many households must leave the class to reach the target; likewise.
    """

    target: Target
    residents: int
    households: int
    open: int

    @property
    def rate(self) -> Decimal | None:
        """The rate without the open households."""
        return per_cent(self.households, self.residents)

    @property
    def rate_max(self) -> Decimal | None:
        """The rate with all of them."""
        return per_cent(self.households + self.open, self.residents)

    @property
    def allowed(self) -> int:
        """The most households that the target allows: not the rounded rate, but the count itself is held to it."""
        return int(self.target.rate * self.residents)

    @property
    def to_leave(self) -> int:
        """How many households must leave at least."""
        return max(0, self.households - self.allowed)

    @property
    def to_leave_max(self) -> int:
        """How many must leave if all open households are in the class."""
        return max(0, self.households + self.open - self.allowed)

    @property
    def reached(self) -> int:
        """Whether the target is reached: 0 no, 1 open, 2 yes."""
        return NO if self.to_leave else UNKNOWN if self.to_leave_max else YES


_HEADS = {
    "label": Label("Chính sách", "Entitlement"),
    "goal": Label("Mục tiêu, %", "Goal, %"),
    "covered": Label("Đã bảo đảm, %", "Covered, %"),
    "entitled": Label("Được hưởng", "Entitled"),
    "received": Label("Đã nhận", "Received"),
    "missing": Label("Chưa nhận", "Missing"),
    "open": OPEN_LABEL,
    "lead": Label("Chủ trì", "Lead"),
}
_REACHED = {NO: Label("không", "no"), UNKNOWN: OPEN_LABEL, YES: Label("có", "yes")}


@doors
@frozen(eq=False, repr=False)
class Progress(Faced):
    """A review held against a plan.

    Attributes
    ----------
    plan : Plan
        The plan.
    targets : tuple of Distance
        How far each target is.
    coverage : pandas.DataFrame
        One row for each entitlement: ``entitlement``, ``label`` (vi), ``goal`` and ``covered`` (per cent; null where
        the plan names no share, or nobody is entitled), ``entitled``, ``received``, ``missing``, ``open`` (households
        whose entitlement is open), ``lead``.
    not_entitled : pandas.DataFrame
        Receipts of households that are surely not entitled: the key and ``entitlement``.
    unmatched : pandas.DataFrame
        Receipts of households that the review doesn't have.
    """

    plan: Programme
    targets: tuple[Distance, ...]
    coverage: Any
    not_entitled: Any
    unmatched: Any
    _keys: npt.NDArray[np.object_]
    _codes: dict[str, npt.NDArray[np.uint8]]
    _has: dict[str, npt.NDArray[np.bool_]]

    def missing(self, entitlement: str) -> list[Any]:
        """Return the keys of the households that are entitled to something and haven't received it.

        Raises
        ------
        UnknownKey
            If the plan has no such entitlement.
        """
        self.plan.catalogue[entitlement]
        lacking = (self._codes[entitlement] == YES) & ~self._has[entitlement]
        return list(self._keys[lacking])

    def open(self, entitlement: str) -> list[Any]:
        """Return the keys of the households whose entitlement to something is open."""
        self.plan.catalogue[entitlement]
        return list(self._keys[self._codes[entitlement] == UNKNOWN])

    def _face(self, face: Face) -> Html:
        def span(low: Any, high: Any, write: Callable[[Any], str]) -> str:
            return write(low) if low == high else f"{write(low)}–{write(high)}"

        def share(per_cent: Decimal | None) -> str:
            return share_printed(None if per_cent is None else Fraction(per_cent) / 100, face.lang, 2)

        rows = [
            (
                each.target.label,
                share_printed(each.target.rate, face.lang, 2),
                span(each.rate, each.rate_max, share),
                span(each.to_leave, each.to_leave_max, face.number),
                face.say(_REACHED[each.reached]),
            )
            for each in self.targets
        ]
        coverage = self.coverage.drop(columns="entitlement").astype({"label": object, "lead": object})  # HTML, not text
        for row, promised in enumerate(self.plan.catalogue.values()):
            coverage.at[row, "label"], coverage.at[row, "lead"] = face.name(promised.label), face.name(promised.lead)
        heads = (
            TARGET,
            Label("Nhiều nhất", "At most"),
            Label("Hiện nay", "Now"),
            Label("Số hộ phải thoát", "Must leave"),
            Label("Đã đạt", "Reached"),
        )
        return face.page(
            self.plan.title,
            face.table(heads, rows, numbers=(1, 2, 3)),
            face.frame(coverage.rename(columns={name: face.say(label) for name, label in _HEADS.items()})),
        )

    def __repr__(self) -> str:
        listed = ", ".join(f"{each.target.id} {each.rate} %, {each.to_leave} to leave" for each in self.targets)
        return f"<Progress of {self.plan.id}: {listed}>"


def measure(
    plan: Programme,
    assessment: Assessment,
    codes: dict[str, npt.NDArray[np.uint8]],
    receipts: Any,
    residents: int | Literal["assessed"],
) -> Progress:
    """Hold a review against a plan: see :meth:`Plan.progress`."""
    import pandas as pd

    keys = np.empty(len(assessment), dtype=object)
    keys[:] = assessment.keys
    has, not_entitled, unmatched = _received(plan, assessment, codes, receipts)
    rows = []
    for each in plan.catalogue.values():
        entitled = codes[each.id] == YES
        got, total = int((entitled & has[each.id]).sum()), int(entitled.sum())
        rows.append(
            {
                "entitlement": each.id,
                "label": each.label.vi,
                "goal": None if each.goal is None else float(each.goal * 100),
                "covered": _percent(got, total),
                "entitled": total,
                "received": got,
                "missing": total - got,
                "open": int((codes[each.id] == UNKNOWN).sum()),
                "lead": each.lead.vi,
            }
        )
    coverage = pd.DataFrame(rows).astype({"goal": "Float64", "covered": "Float64"})
    targets = tuple(_distance(target, assessment, residents) for target in plan.targets.values())
    return Progress(plan, targets, coverage, not_entitled, unmatched, keys, codes, has)


def _percent(part: int, whole: int) -> float | None:
    exact = per_cent(part, whole)
    return None if exact is None else float(exact)


def _distance(target: Target, assessment: Assessment, residents: int | str) -> Distance:
    codes = assessment.in_category(target.category)
    sure, maybe = int((codes == YES).sum()), int((codes == UNKNOWN).sum())
    total = len(assessment) if residents == "assessed" else residents
    if not isinstance(total, int) or isinstance(total, bool) or total < sure + maybe:
        raise SpecError(
            f'residents is "assessed" or the number of all households: at least the {sure + maybe} of class '
            f"{target.category!r}, not {residents!r}"
        )
    return Distance(target, total, sure, maybe)


def _received(
    plan: Programme, assessment: Assessment, codes: dict[str, npt.NDArray[np.uint8]], receipts: Any
) -> tuple[dict[str, npt.NDArray[np.bool_]], Any, Any]:
    """Return who received what, and the receipts that don't fit."""
    import pandas as pd

    key = assessment.key_name or "household_id"
    has = {name: np.zeros(len(assessment), bool) for name in plan.catalogue}
    wrong: dict[str, list[tuple[Any, str]]] = {"not_entitled": [], "unmatched": []}
    if receipts is not None:
        table = keyed(receipts, "receipts", assessment.households.key_columns, ["entitlement"])
        said = table.column("entitlement").to_list()
        unknown = [name for name in said if name not in plan.catalogue]
        if unknown:
            details: dict[str, Any] = {"expected": ", ".join(plan.catalogue)}
            details["got"] = tuple(dict.fromkeys(shown(name, plan.catalogue) for name in unknown))[:5]
            details["meant"] = nearest(unknown[0], plan.catalogue)
            rows = np.array([row for row, name in enumerate(said) if name not in plan.catalogue])
            raise BadValues([table.problem("entitlement_unknown", "entitlement", rows, details)])
        own = assessment.matching_keys()
        own.refuse(table.keys, key, ("the review", "receipts"))
        for each, name, at in zip(table.keys.listed(), said, own.find(table.keys).tolist(), strict=True):
            if at < 0:
                wrong["unmatched"].append((each, name))
                continue
            has[name][at] = True
            if codes[name][at] == NO:
                wrong["not_entitled"].append((each, name))
    frames = [pd.DataFrame(rows, columns=[key, "entitlement"]) for rows in wrong.values()]
    return has, frames[0], frames[1]
