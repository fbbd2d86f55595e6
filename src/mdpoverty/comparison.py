"""Two standards on the same households: who changes class, and why."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from attrs import evolve, frozen

from mdpoverty.doors import door, doors
from mdpoverty.faces import Face, Faced, Html
from mdpoverty.law.conditions import conditions, line_of
from mdpoverty.law.fields import Label, to_date
from mdpoverty.law.program import OPEN
from mdpoverty.numbers import Language, Operator, language, machine
from mdpoverty.results.assessment import Assessment
from mdpoverty.rules import nodes as s
from mdpoverty.standard import Standard
from mdpoverty.words.tables import Names, told

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["Comparison", "compare"]

Ternary = npt.NDArray[np.uint8]


@door
def compare(before: Standard, after: Standard, households: Any, members: Any = None, **options: Any) -> Comparison:
    """Classify the same households by two standards.

    Parameters
    ----------
    before, after : Standard
        The standards, such as a national one and a province's, or this year's and the next.
    households, members, options
        As in :meth:`mdpoverty.Standard.classify`; the tables must have what both standards read. A ``date`` may be
        outside the life of one of the two, and of both only with ``outside``.

    Returns
    -------
    Comparison

    Raises
    ------
    BadDate
        If neither standard is in force on that day; and what ``classify`` raises.

    Examples
    --------
    >>> import mdpoverty as mdp
    >>> vn = mdp.standards["vn-2022"]
    >>> ours = vn.evolve(
    ...     id="vn-example-2024",
    ...     thresholds={"income": {"rural": 1_800_000, "urban": 2_300_000}},
    ...     citation=mdp.Citation("A made-up resolution of a made-up province"),
    ... )
    >>> answers = {name: [True, False] for name in vn.indicators}
    >>> change = compare(vn, ours, {"area": ["rural"] * 2, "income": [1_700_000] * 2, **answers}, given="all")
    >>> change.changed[["before", "after", "why"]].values.tolist()
    [['average_living', 'poor', 'income'], ['average_living', 'near_poor', 'income']]
    """

    day = to_date(options.get("date"))
    either = day is None or before.covers(day) or after.covers(day)

    def side(standard: Standard) -> _Applied:
        applied = {
            "outside": "accept" if either else "error",
            **options,
            **named(standard),
        }  # one of the two isn't in force on any one day
        return _Applied(standard.classify(households, members, **applied))

    def named(standard: Standard) -> dict[str, Any]:
        """Leave each standard the names and codes that it knows; what neither knows is an error with the second."""
        other = before if standard is after else after
        found = {}
        for option in ("columns", "codes"):
            given = options.get(option)
            if given is not None:
                found[option] = {n: v for n, v in given.items() if n in standard.fields or n not in other.fields}
        return found

    return Comparison((side(before), side(after)))


@frozen(eq=False)
class _Applied:
    """The households by one standard, and how its conditions stand for them."""

    assessment: Assessment

    def parts(self) -> dict[str, Ternary]:
        """Return 0, 1 or 2 for each household, for each condition of the classes and each indicator: does it hold?

        A condition goes by the name of its threshold.
        """
        assessment = self.assessment
        found = {name: self._condition(rule) for name, rule in conditions(assessment.standard).items()}
        return {**found, **{name: assessment.indicator(name) for name in assessment.standard.indicators}}

    def counted(self) -> dict[str, s.Compare]:
        """Return the conditions on the number of deprivations, each by its threshold."""
        found = conditions(self.assessment.standard).items()
        return {n: rule for n, rule in found if isinstance(rule, s.Compare) and isinstance(rule.left, s.Deprivations)}

    def _condition(self, rule: s.Rule) -> Ternary:
        if not isinstance(rule, s.Compare) or not isinstance(rule.left, s.Deprivations):
            return self.assessment.score(rule)
        limit = machine(self.assessment.standard.thresholds[line_of(rule)].amounts[None])
        holds = rule.operator.holds
        bounds = holds(self.assessment.deprivations, limit), holds(self.assessment.deprivations_max, limit)
        codes: Ternary = bounds[0].astype(np.uint8) + bounds[1].astype(np.uint8)
        return codes


@doors
@frozen(eq=False, repr=False)
class Comparison(Faced):
    """The classes of the same households by two standards."""

    _sides: tuple[_Applied, _Applied]

    @property
    def before(self) -> Assessment:
        """The households by the first standard."""
        return self._sides[0].assessment

    @property
    def after(self) -> Assessment:
        """The households by the second standard."""
        return self._sides[1].assessment

    @property
    def names(self) -> Names:
        """What ids are called in tables for the reader: the classes, amounts and indicators of both standards."""
        sides = [each.standard for each in (self.after, self.before)]
        parts = {id: each.label for law in sides for id, each in law.thresholds.items()}
        parts |= {id: each.label for law in sides for id, each in law.indicators.items()}
        return evolve(Names.of(sides[1]), indicators=parts).with_categories(Names.of(sides[0]))

    def to_table(self, lang: Language) -> pd.DataFrame:
        """Return :attr:`table` for the reader: the classes by their names, the standards by their titles."""
        import pandas as pd

        found, names, lang = self.table, self.names, language(lang)
        found.index = pd.Index(
            [names.category(id, lang) for id in found.index], name=self.before.standard.title.in_(lang)
        )
        found.columns = pd.Index(
            [names.category(id, lang) for id in found.columns], name=self.after.standard.title.in_(lang)
        )
        return found

    def to_changed(self, lang: Language) -> pd.DataFrame:
        """Return :attr:`changed` for the reader: classes, amounts and indicators by their names."""
        return told(self._changed, lang, self.names)

    @property
    def table(self) -> pd.DataFrame:
        """How many households go from each class (rows) to each class (columns); ``"open"`` where it is open."""
        import pandas as pd

        sides = [each.codes.view(np.int8) for each in (self.before, self.after)]  # the open ones last, at -1
        names = [[*each.standard.categories, OPEN] for each in (self.before, self.after)]
        counts = np.zeros((len(names[0]), len(names[1])), np.int64)
        np.add.at(counts, tuple(sides), 1)
        ids = [each.standard.id for each in (self.before, self.after)]
        return pd.DataFrame(counts, pd.Index(names[0], name=ids[0]), pd.Index(names[1], name=ids[1]))

    @property
    def changed(self) -> pd.DataFrame:
        """The households whose class isn't the same, in their order.

        Columns: ``household`` (its key, or its position), ``before``, ``after``, ``deprivations_before``,
        ``deprivations_after``, and ``why``: the thresholds of the classes and the indicators that the two standards
        settle differently for it, joined by ``"|"``; what a standard hasn't got counts as not holding there. A
        household that both leave open isn't listed.
        """
        return self._changed.copy()

    @cached_property
    def _changed(self) -> pd.DataFrame:
        import pandas as pd

        classes = [
            np.array([*each.standard.categories, OPEN], dtype=object)[each.codes.view(np.int8)]
            for each in (self.before, self.after)
        ]
        rows = np.flatnonzero(classes[0] != classes[1])
        keys = self.before.keys
        return pd.DataFrame(
            {
                "household": [keys[row] for row in rows.tolist()],
                "before": classes[0][rows],
                "after": classes[1][rows],
                "deprivations_before": self.before.deprivations[rows],
                "deprivations_after": self.after.deprivations[rows],
                "why": self._why(rows),
            }
        )

    def _why(self, rows: npt.NDArray[np.int64]) -> list[str]:
        parts = [side.parts() for side in self._sides]
        absent = np.zeros(len(self.before), np.uint8)
        counts = [{(name, _limit(side, name)) for name in side.counted()} for side in self._sides]
        same = {name for name, _ in counts[0] & counts[1]}  # the count differs by the indicators, which are named
        names = [name for name in dict.fromkeys((*parts[0], *parts[1])) if name not in same]
        differs = [(parts[0].get(name, absent) != parts[1].get(name, absent))[rows] for name in names]
        return ["|".join(name for name, its in zip(names, differs, strict=True) if its[i]) for i in range(len(rows))]

    def why(self, household: Any, lang: Language = "vi") -> str:
        """Return why one household is in the class that each standard puts it into, as text.

        Parameters
        ----------
        household
            Its key, or its position where there is no key column.
        lang : {"vi", "en"}
            In Vietnamese or in English.
        """
        return "\n\n".join(
            f"{each.standard.id}: {each.explain(household).text(lang)}" for each in (self.before, self.after)
        )

    def plot(self, kind: str | None = None, **options: Any) -> Axes:
        """Draw who changes class (extra ``plots``).

        Parameters
        ----------
        kind : str, optional
            ``"agreement"``, the only one.
        **options
            What the picture takes: ``ax=``, ``lang=``, ``caption=`` …. See :func:`mdpoverty.plots.draw`.

        Returns
        -------
        matplotlib Axes
        """
        from mdpoverty.plots.which import draw  # later: it brings in numpy and what draws

        return draw(self, kind, **options)

    def _face(self, face: Face) -> Html:
        ids = [each.standard.id for each in (self.before, self.after)]
        counted = self.to_table(face.lang).reset_index(names=f"{ids[0]} ↓ / {ids[1]} →")
        changed, whole = len(self._changed), len(self.before)
        said = Label("{} → {}: {} trong {} hộ đổi loại", "{} → {}: {} of {} households change class")
        who = Label("Hộ nào, và vì sao", "Who, and why")
        return face.page(
            face.say(said, *ids, changed, whole),
            *(face.paragraph(face.name(each.standard.title)) for each in (self.before, self.after)),
            face.frame(counted),
            face.folded(who, face.frame(self.to_changed(face.lang))) if changed else Html(""),
        )

    def __repr__(self) -> str:
        ids = f"{self.before.standard.id} and {self.after.standard.id}"
        return f"<Comparison by {ids}: {len(self._changed)} of {len(self.before)} households change class>"


def _limit(side: _Applied, name: str) -> tuple[Operator, Any]:
    return side.counted()[name].operator, side.assessment.standard.thresholds[name].amounts[None]
