"""Figures and their errors as arrays: what a table of measures is made from.

Everything is worked out on first use, and once.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property

import numpy as np
from attrs import frozen

from mdpoverty.errors import SpecError
from mdpoverty.measures import figures, inference
from mdpoverty.measures.weights import Weights
from mdpoverty.tables.columns import Array
from mdpoverty.tally import Tally


@frozen(eq=False, repr=False, slots=False)
class Estimates:
    """The figures of a tally under weights and cut-offs.

    Attributes
    ----------
    spec : Weights
    tally : Tally
        What was measured, by the groups of the figures.
    ks : tuple of Fraction
        The cut-offs, sorted.
    policy : str or None
        What is done about unknown indicators.
    asked : str or None
        ``"people"`` or ``"households"``, where it was said.
    finer : Estimates or None
        The same by more groups, whose totals can be added up.
    """

    spec: Weights
    tally: Tally
    ks: tuple[Fraction, ...]
    policy: str | None = None
    asked: str | None = None
    finer: Estimates | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse unknown policies, and unknown indicators without a policy."""
        self.tally.unit_of(self.asked)  # refuses what isn't there
        if self.policy is not None and self.policy not in figures.POLICIES:
            raise SpecError(f"missing is {self.policy!r}, and can be {', '.join(map(repr, figures.POLICIES))}.")
        if self.policy is None and self.unknown_rows.any():
            names = [
                f"{name} {n:,}" for name, n in zip(self.spec.indicators, self.unknown_by_indicator, strict=True) if n
            ]
            raise SpecError(
                f"{int(self.unknown_rows.sum()):,} of {self.tally.n:,} rows have an unknown indicator "
                f"({', '.join(names)}). Say what to do about them: missing='drop' leaves the rows out; "
                "missing='reweight' gives an unknown indicator's weight to the others of its dimension; "
                "missing='bounds' gives the interval that holds every completion.",
                rows=int(self.unknown_rows.sum()),
            )

    @cached_property
    def profiles(self) -> figures.Profiles:
        """What the spec makes of each profile of the tally."""
        return figures.read_profiles(self.spec, self.tally, self.ks, self.policy)

    @cached_property
    def unknown_rows(self) -> Array:
        """Rows of each cell that have an unknown indicator of the spec."""
        if not self.unknown.any():
            return np.zeros(1, np.int64)
        return self.tally.sums["n"] * self.unknown[self.tally.cells["profile"]].any(axis=1)

    @cached_property
    def unknown(self) -> Array:
        """Where a profile has an indicator of the spec unknown, shape (profiles, indicators)."""
        bits = np.array([self.tally.indicators.index(name) for name in self.spec.indicators], np.uint64)
        return np.asarray((self.tally.profiles[:, 1, None] >> bits) & np.uint64(1), dtype=bool)

    @cached_property
    def unknown_by_indicator(self) -> list[int]:
        """Rows where each indicator is unknown."""
        n, profile = self.tally.sums["n"], self.tally.cells["profile"]
        by_profile = np.bincount(profile, n, minlength=len(self.unknown))
        return [int(x) for x in by_profile @ self.unknown]

    @property
    def basis(self) -> str:
        """The sum of the tally that is measured: ``"people"`` or ``"weight"``."""
        return self.tally.unit_of(self.asked)

    @property
    def of(self) -> str:
        """What the figures are shares of: ``"people"``, ``"households"``, or ``"rows"`` where the tally has
        no sizes.
        """
        if "people" not in self.tally.sums:
            return "rows" if self.asked is None else self.asked
        return "people" if self.basis == "people" else "households"

    @cached_property
    def layout(self) -> figures.Layout:
        """Which base total stands where."""
        return figures.layout_of(self.spec, self.tally, self.policy)

    @cached_property
    def sets(self) -> list[figures.FigureSet]:
        """The figures without a cut-off, then those of each."""
        plain = figures.plain_figures(self.spec, self.layout)
        return [plain, *figures.poor_figures(self.spec, self.layout, self.ks)]

    @cached_property
    def sample(self) -> tuple[inference.Frame, figures.Totals]:
        """The sampling units, and their base totals."""
        design, finer = self.tally.design, self.finer
        if finer is not None and design is not None and not design.replicates:
            new_group, _ = finer.tally.group_map(self.tally.by)
            return inference.coarser(*finer.sample, design, new_group, len(self.tally.groups))
        frame = inference.read_sample(self.tally, self.basis)
        totals = figures.unit_totals(
            self.layout, self.profiles, self.tally, self.basis, frame.place, frame.rows, len(self.ks) + 1
        )
        return frame, totals.arrange(frame.order)

    @property
    def frame(self) -> inference.Frame:
        """The sampling units."""
        return self.sample[0]

    @property
    def totals(self) -> figures.Totals:
        """The base totals of sampling units."""
        return self.sample[1]

    @property
    def bases(self) -> list[Array]:
        """The base totals of each figure set."""
        return self._of_each(self.totals)

    def _of_each(self, totals: figures.Totals) -> list[Array]:
        return [totals.base(number) for number in range(len(self.sets))]

    @cached_property
    def squares(self) -> list[Array]:
        """What products of base totals add up to in each group: those of the finer groups, if no unit is in two."""
        if self.finer is None or self.finer.frame.rows > self.frame.rows:
            return inference.squares(self.frame, self.bases)
        new_group, table = self.finer.tally.group_map(self.tally.by)
        found = [np.zeros((len(table), *each.shape[1:])) for each in self.finer.squares]
        for whole, parts in zip(found, self.finer.squares, strict=True):
            np.add.at(whole, new_group, parts)
        return found

    @cached_property
    def runs(self) -> inference.Runs:
        """The strata of each group."""
        return inference.Runs.of(self.frame)

    @cached_property
    def run_totals(self) -> figures.Totals:
        """The base totals of the strata of each group."""
        if self.finer is None:
            return self.totals.add_up(self.runs.first)
        new_group, _ = self.finer.tally.group_map(self.tally.by)
        return inference.coarser_runs(self.finer.runs, self.finer.run_totals, new_group)

    @cached_property
    def group_totals(self) -> figures.Totals:
        """The base totals of groups."""
        if self.finer is None:
            return self.totals.add_up(self.frame.starts[:-1])
        new_group, table = self.finer.tally.group_map(self.tally.by)
        order = np.argsort(new_group, kind="stable")
        starts = np.searchsorted(new_group[order], np.arange(len(table)))
        return self.finer.group_totals.arrange(order).add_up(starts)

    def over(self, by: str | Sequence[str]) -> Estimates:
        """Return the same figures by fewer of the group columns."""
        finer = self if self.tally.n else None
        return Estimates(self.spec, self.tally.regroup(by), self.ks, self.policy, self.asked, finer)

    @cached_property
    def ratios(self) -> tuple[list[Array], list[Array]]:
        """Estimates and denominators of each figure set, shape (groups, figures)."""
        estimates, bottoms = [], []
        for number, figure_set in enumerate(self.sets):
            sums = self.group_totals.base(number).T
            bottom = sums @ figure_set.denominator.T
            estimates.append(inference.ratios(sums @ figure_set.numerator.T, bottom, figure_set))
            bottoms.append(bottom)
        return estimates, bottoms

    @cached_property
    def replicates(self) -> list[Array]:
        """Every figure under every replicate: arrays of shape (replicates, groups, figures), per figure set."""
        totals = figures.replicate_totals(self.layout, self.profiles, self.tally, self.basis, len(self.ks) + 1)
        return inference.replicated(totals, self.sets, len(self.tally.groups))

    @cached_property
    def errors(self) -> tuple[Array, Array]:
        """Standard errors, shape (groups, all figures), and degrees of freedom, shape (groups,)."""
        estimates = np.concatenate(self.ratios[0], axis=1)
        design = self.tally.design
        if design is None or not self.tally.n:
            return np.full(estimates.shape, np.nan), np.full(len(estimates), np.nan)
        if design.replicates:
            values = np.concatenate(self.replicates, axis=2)
            variance = (inference.replicate_deviations(design, estimates, values) ** 2).sum(axis=0)
            df = np.full(len(estimates), inference.replicate_degrees(design, self.tally.replicate_products))
        else:
            sums = self._of_each(self.run_totals)
            found = inference.linearised(self.frame, self.runs, self.bases, sums, self.squares, self.sets)
            variance = np.concatenate(found, axis=1)
            df = self.frame.df
        of_all = np.concatenate([s.of_all for s in self.sets])
        variance = np.where(self._lone(variance)[:, None] & ~of_all, np.nan, variance)
        # without degrees of freedom there is no error to speak of, not one of zero
        return np.where(df[:, None] > 0, np.sqrt(variance), np.nan), df

    def _lone(self, variance: Array) -> Array:
        """Groups that live in one sampling unit: with replicates, those that others of these say nothing of."""
        if self.tally.design is None or not self.tally.design.replicates:
            return self.frame.lone
        ratios = np.concatenate([~s.of_all & ~s.totals for s in self.sets])
        exists = np.isfinite(np.concatenate(self.ratios[0], axis=1)) & ratios
        return np.asarray(exists.any(axis=1) & ~(exists & np.isfinite(variance)).any(axis=1))

    @cached_property
    def lone(self) -> Array:
        """Groups that live in one sampling unit, shape (groups,)."""
        return self._lone(self.errors[0])

    @cached_property
    def simple_variances(self) -> Array:
        """Variances in a simple random sample (with replacement) of as many rows, shape (groups, all figures).

        NaN for groups' parts of a whole, and for figures of gaps.
        """
        groups, size = len(self.tally.groups), len(self.tally.profiles)
        key = self.tally.cells["group"].astype(np.int64) * size + self.tally.cells["profile"]
        weights = np.bincount(key, self.tally.sums[self.basis], minlength=groups * size).reshape(groups, size)
        weights = weights * self.profiles.kept
        people, n = weights.sum(axis=1), self.rows.astype(np.float64)
        out = []
        with np.errstate(divide="ignore", invalid="ignore"):
            for number, s in enumerate(self.sets):
                adds = figures.profile_totals(self.layout, self.profiles, number)
                found = np.full((groups, len(s.measure)), np.nan)
                for f, measure in enumerate(s.measure):
                    estimate = self.ratios[0][number][:, f]
                    if measure == "class_share":
                        found[:, f] = estimate * (1 - estimate) / (n - 1)
                    elif not s.of_all[f]:
                        top, bottom = (inference.along(form[f], adds.T) for form in (s.numerator, s.denominator))
                        scale = people if s.totals[f] else people / (weights @ bottom)
                        middle = estimate / people if s.totals[f] else estimate
                        away = top - middle[:, None] * (1.0 if s.totals[f] else bottom)
                        found[:, f] = (weights * away**2).sum(axis=1) / people * scale**2 / (n - 1)
                out.append(found)
        return np.concatenate(out, axis=1)

    @cached_property
    def rows(self) -> Array:
        """Rows behind the figures, per group."""
        groups = len(self.tally.groups)
        if self.finer is not None:
            new_group, _ = self.finer.tally.group_map(self.tally.by)
            return np.bincount(new_group, self.finer.rows, minlength=groups).astype(np.int64)
        n, kept = self.tally.sums["n"], self.profiles.kept
        if not kept.all() and self.policy != "bounds":
            n = n * kept[self.tally.cells["profile"]]
        return np.bincount(self.tally.cells["group"], n, minlength=groups).astype(np.int64)

    @cached_property
    def sizes(self) -> tuple[Array, Array]:
        """Rows and population behind the figures, per group."""
        rows = self.rows
        if self.policy == "bounds":
            group, values = self.tally.cells["group"], self.tally.sums[self.basis]
            return rows, np.bincount(group, values, minlength=len(self.tally.groups))
        population = self.group_totals.people
        whole = self.tally.sums[self.basis].dtype.kind == "i" and population.max(initial=0) < 2**53
        return rows, population.astype(np.int64) if whole else population

    def covariance(self, places: Sequence[tuple[int, int, int]]) -> Array:
        """Return the covariance matrix of figures, each named by its group, figure set and place there."""
        design = self.tally.design
        if design is not None and design.replicates:
            chosen = np.column_stack([self.replicates[s][:, g, f] for g, s, f in places])
            chosen[~np.isfinite(chosen).all(axis=1)] = np.nan
            estimate = np.array([self.ratios[0][s][g, f] for g, s, f in places])
            deviations = inference.replicate_deviations(design, estimate, chosen)
            return np.asarray(deviations.T @ deviations)
        return self.frame.cross_product(np.column_stack([self.influence(*place) for place in places]))

    def influence(self, group: int, number: int, figure: int) -> Array:
        """Return the linearised value of a figure in each sampling unit."""
        s, base, rows = self.sets[number], self.totals.base(number), self.frame.of(group)
        ratio, bottom = self.ratios[0][number][group, figure], self.ratios[1][number][group, figure]
        if not bottom > 0 or (self.frame.lone[group] and not s.of_all[figure]):
            return np.full(self.frame.units, np.nan)
        top = self.frame.to_units(inference.along(s.numerator[figure], base[:, rows])[:, None], rows)[:, 0]
        under = slice(None) if s.of_all[figure] else rows
        below = self.frame.to_units(inference.along(s.denominator[figure], base[:, under])[:, None], under)[:, 0]
        return np.asarray((top - ratio * below) / bottom)

    def df_of(self, groups: Sequence[int]) -> float:
        """Degrees of freedom of a comparison: as of one group that holds all that are compared."""
        design, several = self.tally.design, sorted(set(groups))
        if design is None or design.replicates or len(several) == 1:
            return float(self.errors[1][several[0]])
        return self.frame.degrees(design, several)
