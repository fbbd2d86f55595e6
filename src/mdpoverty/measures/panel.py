"""Households followed from one wave to the next: who became poor, who stayed, and who left poverty.

The same households are in both waves, so what became of each is a fact of a household, and shares of them are means of
one sample, the first wave's: their errors need no covariance of waves. M0's change among them is what those who entered
brought, those who left took along, and those who stayed gained or lost (Alkire et al. 2015, section 9.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from attrs import frozen

from mdpoverty.doors import doors
from mdpoverty.errors import BadValues, Problem, SpecError, first_five
from mdpoverty.measures import inference
from mdpoverty.measures.persons import PersonEstimates, PersonMeasures, Persons, groups_named
from mdpoverty.measures.weights import Weights, reaches
from mdpoverty.tables.columns import Array
from mdpoverty.tables.keys import Keys
from mdpoverty.tables.options import KEY, one_name, several_names
from mdpoverty.tables.reading import Table, open_table
from mdpoverty.tally import SurveyDesign
from mdpoverty.tally import rows as reading

if TYPE_CHECKING:
    import pandas as pd

#: Shares of people by what became of them, and rates of those who could.
SHARES = (
    "never",
    "entered",
    "left",
    "stayed",
    "entry_rate",
    "exit_rate",
    "H_before",
    "H_after",
    "M0_before",
    "M0_after",
)
#: The change of M0, and what each kind of mover adds to it.
CHANGES = ("M0_change", "M0_entered", "M0_left", "M0_stayed")


@frozen(eq=False)
class Wave:
    """What a wave knows of its households.

    Attributes
    ----------
    keys : Keys
    deprived, unknown : bool arrays, shape (households, indicators)
    """

    keys: Keys
    deprived: Array
    unknown: Array

    @classmethod
    def of_words(cls, keys: Keys, deprived: Array, unknown: Array | None, indicators: int) -> Wave:
        """Unpack words of bits, one for each household."""

        def flags(words: Array) -> Array:
            wide = words.astype(np.uint64)[:, None]
            return np.asarray((wide >> np.arange(indicators, dtype=np.uint64)) & np.uint64(1), dtype=bool)

        none = np.zeros((len(deprived), indicators), bool)
        return cls(keys, flags(deprived), none if unknown is None else flags(unknown))


@frozen(eq=False, slots=False)
class PanelEstimates(PersonEstimates):
    """What became of households, as ratios of what each adds to two totals.

    Attributes
    ----------
    persons : Persons
        Of the first wave; who isn't in both weighs nothing.
    top, bottom : float arrays, shape (rows, figures)
    """

    top: Array
    bottom: Array

    @property
    def names(self) -> tuple[str, ...]:
        """The figures."""
        return (*SHARES, *CHANGES)

    def _ratios(self, weights: Array) -> Array:
        out = []
        for members in self.persons.members:
            w = weights[members]
            with np.errstate(divide="ignore", invalid="ignore"):
                out.append((w @ self.top[members]) / (w @ self.bottom[members]))
        return np.array(out)

    @cached_property
    def estimates(self) -> Array:
        """Shape (groups, figures)."""
        return self._ratios(self.persons.weight)

    @cached_property
    def replicated(self) -> Array:
        """Every figure under each replicate, shape (replicates, groups, figures)."""
        assert self.persons.replicates is not None
        return np.array([self._ratios(weights) for weights in self.persons.replicates.T])

    def influence(self, group: int) -> Array:
        """Return the linearised values of a group's figures in each sampling unit, shape (units, figures)."""
        members = self.persons.members[group]
        w = self.persons.weight[members]
        with np.errstate(divide="ignore", invalid="ignore"):
            away = self.top[members] - self.estimates[group] * self.bottom[members]
            linear = w[:, None] * away / (w @ self.bottom[members])
        return np.column_stack([self.persons.to_units(column, members) for column in linear.T])


@doors
@frozen(eq=False, repr=False, slots=False)
class Panel(PersonMeasures):
    """What became of the same people between two waves; made by :meth:`~mdpoverty.AlkireFoster.panel`.

    The measures of ``table``, all of those who are in both waves: ``never`` poor, ``entered`` (poor in the second wave
    only), ``left`` (in the first only) and ``stayed`` (in both) are shares of everyone; ``entry_rate`` is that of those
    not poor before who became so, ``exit_rate`` that of the poor before who no longer are; ``H_before``, ``H_after``,
    ``M0_before``, ``M0_after``; and ``M0_change``, which is ``M0_entered`` + ``M0_left`` + ``M0_stayed``.

    Attributes
    ----------
    estimates : PanelEstimates
        The same as arrays, for those who extend the library.
    level : float
        The level of confidence intervals.
    households : dict of str to int
        Rows in ``"both"`` waves, in ``"before"`` or ``"after"`` only, and ``"unknown"``: in both, and left out because
        an indicator isn't known.
    """

    estimates: PanelEstimates
    level: float = 0.95
    households: dict[str, int] | None = None
    what: ClassVar[str] = "Panel"
    shares: ClassVar[frozenset[str]] = frozenset(SHARES)

    def change(self, over: str, years: Any = None, pairs: str = "consecutive") -> pd.DataFrame:
        """Refuse: a panel is a change already."""
        raise SpecError("A panel is of two waves already; the changes are in its table.")


def panel(
    spec: Weights,
    before: Any,
    after: Any,
    *,
    id: str | Sequence[str],
    by: str | Sequence[str] = (),
    weight: str | None = None,
    size: str | None = None,
    design: SurveyDesign | None = None,
    missing: str | None = None,
    level: float = 0.95,
) -> Panel:
    """Follow households between two tables of 0/1 indicators; see :meth:`~mdpoverty.AlkireFoster.panel`."""
    key: Any = several_names(id, "id=")
    rename = {KEY: key if len(key) > 1 else key[0]} if key else {}
    if not rename:
        raise SpecError("id= names the column (or columns) that a household keeps from one wave to the next.")
    tables = [open_table(frame, what, rename) for frame, what in ((before, "before"), (after, "after"))]
    waves = []
    for table in tables:
        table.require(dict.fromkeys((KEY, *spec.indicators), ("panel",)))
        arrays = reading.read_columns(table, reading.Wanted(spec.indicators))
        waves.append(Wave.of_words(table.keys, arrays["deprived"], arrays["unknown"], len(spec.indicators)))
    return follow(spec, tables[0], waves[0], waves[1], by, weight, one_name(size, "size="), design, missing, level)


def follow(
    spec: Weights,
    table: Table,
    before: Wave,
    after: Wave,
    by: str | Sequence[str],
    weight: str | None,
    size: str | None,
    design: SurveyDesign | None,
    missing: str | None,
    level: float,
    sizes: Array | None = None,
) -> Panel:
    """Follow the households of a table, which has their groups, weights and sampling units."""
    inference.check_level(level)
    if missing not in (None, "drop"):
        raise SpecError(f"missing is {missing!r}, and can be 'drop'.")
    place = _matched(before.keys, after.keys)
    both = place >= 0
    unknown = both & (before.unknown.any(axis=1) | (both & after.unknown[place].any(axis=1)))
    if unknown.any() and missing is None:
        raise SpecError(
            f"{int(unknown.sum()):,} households have an unknown indicator in one of the waves. missing='drop' leaves "
            "them out of the figures.",
            rows=int(unknown.sum()),
        )
    kept = both & ~unknown
    wanted = reading.Wanted((), groups_named(by), reading.one_weight(weight, design), size, design)
    arrays = reading.read_columns(table, wanted)
    if sizes is not None:
        arrays["sizes"] = sizes
    persons = Persons.of(arrays, design, kept)
    if not persons.weight.sum() > 0:
        raise BadValues([Problem.of("none_in_both_waves", table.own(KEY), table=table.what, field=KEY)])
    households = {
        "both": int(both.sum()),
        "before": int((~both).sum()),
        "after": len(after.keys) - int(both.sum()),
        "unknown": int(unknown.sum()),
    }
    top, bottom = _rows(spec, before.deprived, after.deprived[place], kept)
    return Panel(PanelEstimates(persons, top, bottom), level, households)


def _matched(before: Keys, after: Keys) -> Array:
    """Return for each household of the first wave which row of the second it is; -1 for none."""
    problems = []
    for keys, what in ((before, "before"), (after, "after")):
        twice = keys.repeated()
        if len(twice):
            found = first_five([keys.listed()[row] for row in twice[:5].tolist()])
            problems.append(Problem.of("key_duplicate", "id", rows=len(twice), first=found, table=what))
        if keys.missing is not None and keys.missing.any():
            problems.append(Problem.of("key_missing", "id", rows=int(keys.missing.sum()), table=what))
    if problems:
        raise BadValues(problems)
    before.refuse(after, "id", ("before", "after"))
    return after.find(before)


def _rows(spec: Weights, before: Array, after: Array, kept: Array) -> tuple[Array, Array]:
    """Return what each household adds to the two totals of each figure."""
    (first, whole), (second, _) = spec.scores(before), spec.scores(after)
    was, is_now = (reaches(scores, whole, spec.k) for scores in (first, second))
    c1, c2 = (np.where(poor, scores / whole, 0.0).astype(float) for poor, scores in ((was, first), (is_now, second)))
    everyone = np.ones(len(kept))
    entered, left, stayed = ~was & is_now, was & ~is_now, was & is_now
    pairs = {
        "never": (~was & ~is_now, everyone),
        "entered": (entered, everyone),
        "left": (left, everyone),
        "stayed": (stayed, everyone),
        "entry_rate": (entered, ~was),
        "exit_rate": (left, was),
        "H_before": (was, everyone),
        "H_after": (is_now, everyone),
        "M0_before": (c1, everyone),
        "M0_after": (c2, everyone),
        "M0_change": (c2 - c1, everyone),
        "M0_entered": (np.where(entered, c2, 0.0), everyone),
        "M0_left": (np.where(left, -c1, 0.0), everyone),
        "M0_stayed": (np.where(stayed, c2 - c1, 0.0), everyone),
    }
    columns = [pairs[name] for name in (*SHARES, *CHANGES)]
    above, below = zip(*columns, strict=True)
    return np.column_stack(above) * kept[:, None], np.column_stack(below) * kept[:, None]
