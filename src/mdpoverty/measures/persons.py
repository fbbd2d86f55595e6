"""Figures that need each row of a sample, not only counts of profiles: incomes, and households followed over time.

Whoever is counted in them says what each row adds (its influence); here these are added up to sampling units, and
become errors as those of all other figures do.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from attrs import frozen

from mdpoverty.doors import doors
from mdpoverty.errors import SpecError
from mdpoverty.measures import change, inference
from mdpoverty.tables.columns import Array
from mdpoverty.tables.options import several_names
from mdpoverty.tally import SurveyDesign, Tally, counting
from mdpoverty.texts import nearest

if TYPE_CHECKING:
    import pandas as pd

#: Columns of the tables, which no group column may be named like.
COLUMNS = ("measure", "estimate", "se", "ci_low", "ci_high", "n", "population", "df")


def groups_named(by: str | Sequence[str]) -> tuple[str, ...]:
    """Return the names of group columns; none may be that of a column of the table."""
    names = several_names(by, "by=")
    taken = [name for name in names if name in COLUMNS]
    if taken:
        raise SpecError(
            f"{', '.join(map(repr, taken))} is a column of the table of measures too. Rename the group column."
        )
    return names


@frozen(eq=False, slots=False)
class Persons:
    """The rows of a sample: their weights, groups and sampling units.

    Attributes
    ----------
    tally : Tally
        The rows without any deprivation: what groups, sampling units and the design are read from.
    weight : float array, shape (rows,)
        0 for those who are left out of figures (but not of the design).
    replicates : float array, shape (rows, replicates), or None
    group, unit : int arrays, shape (rows,)
    """

    tally: Tally
    weight: Array
    replicates: Array | None
    group: Array
    unit: Array

    @classmethod
    def of(cls, arrays: Mapping[str, Any], design: SurveyDesign | None, kept: Array) -> Persons:
        """Set up rows from the columns that a tally is counted from (``tally.rows.read_columns``)."""
        n = len(kept)
        weight = np.ones(n) if arrays["weight"] is None else arrays["weight"].astype(np.float64)
        sizes = np.ones(n) if arrays["sizes"] is None else arrays["sizes"].astype(np.float64)
        weight = np.where(kept, weight * sizes, 0.0)
        sampled = design is not None and not design.replicates
        stratum, psu, replicates = (arrays.get(name) for name in ("strata", "psu", "replicates"))
        if sampled and psu is None:  # each row is its own
            psu = np.arange(n, dtype=np.int32), tuple(range(n))
        tally = Tally.from_arrays(
            ["anything"],
            np.zeros(n, np.uint8),
            weight=weight,
            by=arrays["by"],
            strata=stratum if sampled else None,
            psu=psu if sampled else None,
            fpc=arrays.get("fpc") if sampled else None,
            replicates=replicates,
            design=design,
        )
        by = [(codes, len(labels)) for codes, labels, *_ in arrays["by"].values()]
        units = [(codes, len(labels)) for codes, labels, *_ in filter(None, (stratum, psu))] if sampled else []
        if replicates is not None:
            replicates = replicates * (kept * sizes)[:, None]
        return cls(tally, weight, replicates, _numbered(by, n), _numbered(units, n))

    @cached_property
    def members(self) -> list[Array]:
        """The rows of each group, whoever weighs something."""
        counted = self.weight > 0
        if self.replicates is not None:
            counted = counted | (self.replicates != 0).any(axis=1)
        rows = np.flatnonzero(counted)
        order = rows[np.argsort(self.group[rows], kind="stable")]
        return np.split(order, np.searchsorted(self.group[order], np.arange(1, len(self.tally.groups))))

    @cached_property
    def frame(self) -> inference.Frame:
        """The sampling units."""
        return inference.read_sample(self.tally, "weight")

    def to_units(self, values: Array, rows: Array | None = None) -> Array:
        """Add up values of all rows, or of some, to their sampling units."""
        return np.bincount(self.unit if rows is None else self.unit[rows], values, minlength=self.frame.units)

    @cached_property
    def sizes(self) -> tuple[Array, Array]:
        """Rows and population behind the figures, per group."""
        n = np.array([int((self.weight[members] > 0).sum()) for members in self.members], np.int64)
        return n, np.array([float(self.weight[members].sum()) for members in self.members])


def _numbered(columns: Sequence[tuple[Array, int]], rows: int) -> Array:
    """Number the combinations of codes that occur, as a tally does."""
    if not columns:
        return np.zeros(rows, np.int64)
    return counting.combine([codes for codes, _ in columns], [size for _, size in columns])[0]


@frozen(eq=False, slots=False)
class PersonEstimates(ABC):
    """Figures of groups that need each row; who makes them says what ``estimates``, ``influence``, ``replicated`` are.

    Attributes
    ----------
    persons : Persons
    """

    persons: Persons

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """The figures."""

    @property
    @abstractmethod
    def estimates(self) -> Array:
        """Shape (groups, figures)."""

    @abstractmethod
    def influence(self, group: int) -> Array:
        """Return the linearised values of a group's figures in each sampling unit, shape (units, figures)."""

    @property
    @abstractmethod
    def replicated(self) -> Array:
        """Every figure of every group under each replicate, shape (replicates, groups, figures)."""

    @property
    def tally(self) -> Tally:
        """The groups, and the design."""
        return self.persons.tally

    @property
    def ratios(self) -> tuple[list[Array], None]:
        """The estimates, as of one set of figures."""
        return [self.estimates], None

    @property
    def sets(self) -> list[change.Named]:
        """The names of the figures."""
        return [change.Named(None, list(self.names), [None] * len(self.names))]

    @cached_property
    def errors(self) -> tuple[Array, Array]:
        """Standard errors, shape (groups, figures), and degrees of freedom, shape (groups,)."""
        design, groups = self.tally.design, len(self.estimates)
        if design is None or not self.tally.n:
            return np.full(self.estimates.shape, np.nan), np.full(groups, np.nan)
        if design.replicates:
            deviations = inference.replicate_deviations(design, self.estimates, self.replicated)
            variance = (deviations**2).sum(axis=0)
            df = np.full(groups, inference.replicate_degrees(design, self.tally.replicate_products))
        else:
            frame = self.persons.frame
            # group by group, since units may be as many as rows
            variance = np.array([np.diag(frame.cross_product(self.influence(g))) for g in range(groups)])
            variance = np.where(frame.lone[:, None], np.nan, np.maximum(variance, 0))
            df = frame.df
        finite = np.isfinite(self.estimates) & (df[:, None] > 0)
        return np.where(finite, np.sqrt(variance), np.nan), df

    def covariance(self, places: Sequence[tuple[int, int, int]]) -> Array:
        """Return the covariance matrix of figures, each named by its group, 0, and its place among the figures."""
        design = self.tally.design
        if design is not None and design.replicates:
            chosen = np.column_stack([self.replicated[:, g, f] for g, _, f in places])
            chosen[~np.isfinite(chosen).all(axis=1)] = np.nan
            estimate = np.array([self.estimates[g, f] for g, _, f in places])
            deviations = inference.replicate_deviations(design, estimate, chosen)
            return np.asarray(deviations.T @ deviations)
        frame = self.persons.frame
        of_group = {g: self.influence(g) for g in {g for g, _, _ in places}}
        values = np.column_stack([of_group[g][:, f] for g, _, f in places])
        lone = [bool(frame.lone[g]) or not math.isfinite(self.estimates[g, f]) for g, _, f in places]
        values[:, lone] = np.nan
        return frame.cross_product(values)

    def df_of(self, groups: Sequence[int]) -> float:
        """Degrees of freedom of a comparison: as of one group that holds all that are compared."""
        design, several = self.tally.design, sorted(set(groups))
        if design is None or design.replicates or len(several) == 1:
            return float(self.errors[1][several[0]])
        return self.persons.frame.degrees(design, several)


@doors
@frozen(eq=False, repr=False, slots=False)
class PersonMeasures:
    """Measures of groups that need each row, as a tidy table, with their covariances and tests.

    Attributes
    ----------
    estimates : PersonEstimates
    level : float
        The level of confidence intervals.
    """

    estimates: PersonEstimates
    level: float = 0.95
    #: What they are, in words.
    what: ClassVar[str] = "Measures"
    #: The measures that lie between 0 and 1; the others' limits are on the plain scale.
    shares: ClassVar[frozenset[str]] = frozenset()

    @property
    def tally(self) -> Tally:
        """The rows counted, by the groups of the table."""
        return self.estimates.tally

    @property
    def table(self) -> pd.DataFrame:
        """The measures, tidy: one row for each measure of each group.

        Columns
        -------
        (group columns)
            None without ``by``.
        measure : str
        estimate, se, ci_low, ci_high : float
            Limits by the logit for shares, plain for the rest, both by t. NaN where there is no design, or no such
            number.
        n : int
            Rows behind the measures, whoever weighs something.
        population : float
            The same by weight.
        df : float
            Degrees of freedom.
        """
        return self._table.copy()

    @cached_property
    def _table(self) -> pd.DataFrame:
        import pandas as pd

        found = self.estimates
        se, df = found.errors
        groups, width = found.estimates.shape
        df_rows = np.repeat(df, width)
        bounded = np.tile([name in self.shares for name in found.names], groups)
        low, high = inference.intervals(found.estimates.ravel(), se.ravel(), df_rows, bounded, self.level)
        n, population = found.persons.sizes
        figures = {
            "measure": np.tile(np.array(found.names, object), groups),
            "estimate": found.estimates.ravel(),
            "se": se.ravel(),
            "ci_low": low,
            "ci_high": high,
            "n": np.repeat(n, width),
            "population": np.repeat(population, width),
            "df": df_rows,
        }
        heads = self.tally.group_frame(np.repeat(np.arange(groups), width))
        return pd.concat([heads, pd.DataFrame(figures)], axis=1)

    @cached_property
    def without_errors(self) -> pd.DataFrame:
        """Groups of a sample whose measures have no standard errors: the group columns, and the ``reason``."""
        import pandas as pd

        design, found = self.tally.design, self.estimates
        reasons: dict[int, str] = {}
        if design is not None and self.tally.n:
            df = found.errors[1]
            lone = np.zeros(len(df), bool) if design.replicates else found.persons.frame.lone
            for g in range(len(df)):
                if not df[g] > 0:
                    reasons[g] = inference.NO_DEGREES
                elif lone[g]:
                    reasons[g] = inference.ONE_UNIT
        told = pd.DataFrame({"reason": list(reasons.values())}, dtype=object)
        return pd.concat([self.tally.group_frame(list(reasons)), told], axis=1)

    def find(self, **figure: Any) -> int:
        """Return the row of ``table`` that fits: ``measure``, and group columns as needed.

        Raises
        ------
        SpecError
            No row fits, or several do.
        """
        unknown = set(figure) - {"measure", *self.tally.by}
        if unknown or "measure" not in figure:
            names = ", ".join(self.tally.by) or "none"
            raise SpecError(f"A figure is named by measure and the group columns ({names}); got {', '.join(figure)}.")
        measures = self.estimates.names
        if figure["measure"] not in measures:
            guess = nearest(str(figure["measure"]), measures)
            raise SpecError(
                f"measure is {figure['measure']!r}, and can be {', '.join(measures)}"
                + (f"; is {guess!r} meant?" if guess else ".")
            )
        labels = self.tally.group_labels()
        wanted = {name: value for name, value in figure.items() if name != "measure"}
        groups = [
            g for g in range(len(self.tally.groups)) if all(labels[name][g] == value for name, value in wanted.items())
        ]
        if len(groups) != 1:
            raise SpecError(f"{len(groups) or 'No'} groups fit {wanted}; name the group so that one does.")
        return groups[0] * len(measures) + measures.index(figure["measure"])

    def value(self, measure: str, **group: Any) -> float:
        """Return one estimate; see :meth:`find`."""
        return float(self.estimates.estimates.ravel()[self.find(measure=measure, **group)])

    def _at(self, row: int | Mapping[str, Any]) -> int:
        return self.find(**row) if isinstance(row, Mapping) else inference.place(row, len(self._table))

    def cov(self, rows: Sequence[int | Mapping[str, Any]]) -> Array:
        """Return the covariance matrix of chosen figures: rows of ``table``, or figures as for :meth:`find`."""
        if self.tally.design is None:
            raise SpecError(
                "Without a design the rows are the whole population: there is no sampling error. Give design=."
            )
        found = [self._at(row) for row in rows]
        width = len(self.estimates.names)
        return self.estimates.covariance([(row // width, 0, row % width) for row in found])

    def test(self, first: int | Mapping[str, Any], second: int | Mapping[str, Any]) -> dict[str, Any]:
        """Test whether two figures differ, with their covariance; returns what :meth:`Measures.test` does."""
        rows = [self._at(row) for row in (first, second)]
        df = self.estimates.df_of([row // len(self.estimates.names) for row in rows])
        return inference.difference(self.estimates.estimates.ravel()[rows], self.cov(rows), df, self.level)

    def change(self, over: str, years: Mapping[Any, float] | None = None, pairs: str = "consecutive") -> pd.DataFrame:
        """Return how every figure of every group changed from wave to wave; as :meth:`Measures.change`."""
        return change.table(self.estimates, over, years, pairs, self.level)

    def __repr__(self) -> str:
        """Show the table, rounded."""
        by = f" by {', '.join(self.tally.by)}" if self.tally.by else ""
        shown = self._table.drop(columns=["population", "df"]).round(4)
        return f"{self.what}{by}: {self.tally.n:,} rows\n{shown.to_string(index=False)}"
