"""Results: one tidy table of figures, with errors, covariances, tests, the missing report and a receipt."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from attrs import field, frozen

from mdpoverty.errors import SpecError
from mdpoverty.measures import bounds, figures, inference
from mdpoverty.measures.alkire_foster import AlkireFoster
from mdpoverty.measures.distributions import f_tail, t_quantile, t_tail
from mdpoverty.tally import Tally
from mdpoverty.tally.counting import Array
from mdpoverty.version import VERSION

if TYPE_CHECKING:
    import pandas as pd

#: Figures that are no shares: their limits are on the plain scale.
UNBOUNDED = frozenset({"mean_deprivations", "mean_deprivations_poor"})


@frozen(eq=False, repr=False, slots=False)
class Measures:
    """The measures of a tally under a spec; the figures are worked out on first use.

    Made by :meth:`AlkireFoster.measure`, :meth:`AlkireFoster.measure_tally` and :meth:`Tally.measure`.

    Attributes
    ----------
    spec : AlkireFoster
    tally : Tally
        What was measured, by the groups of the table.
    ks : tuple of Fraction
        The cut-offs, sorted.
    policy : str or None
        ``"drop"``, ``"reweight"``, ``"bounds"``, or None where nothing is missing.
    of : str
        ``"people"`` or ``"households"`` where the tally has sizes; else ``"rows"`` by their weight.
    """

    spec: AlkireFoster
    tally: Tally
    ks: tuple[Fraction, ...]
    policy: str | None = field(alias="missing")
    _of: str | None = None
    _finer: Measures | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse unknown policies, and unknown indicators without a policy."""
        self.tally.unit_of(self._of)
        if self.policy is not None and self.policy not in figures.POLICIES:
            raise SpecError(f"missing is {self.policy!r}, and can be {', '.join(map(repr, figures.POLICIES))}.")
        if self.policy is None and self._unknown_rows.any():
            names = [
                f"{name} {n:,}" for name, n in zip(self.spec.indicators, self._unknown_by_indicator, strict=True) if n
            ]
            raise SpecError(
                f"{int(self._unknown_rows.sum()):,} of {self.tally.n:,} rows have an unknown indicator "
                f"({', '.join(names)}). Say what to do about them: missing='drop' leaves the rows out; "
                "missing='reweight' gives an unknown indicator's weight to the others of its dimension; "
                "missing='bounds' gives the interval that holds every completion.",
                rows=int(self._unknown_rows.sum()),
            )

    # --- what is missing

    @cached_property
    def _profiles(self) -> figures.Profiles:
        return figures.read_profiles(self.spec, self.tally, self.ks, self.policy)

    @cached_property
    def _unknown_rows(self) -> Array:
        """Rows of each cell that have an unknown indicator of the spec."""
        if not self._unknown.any():
            return np.zeros(1, np.int64)
        return self.tally.sums["n"] * self._unknown[self.tally.cells["profile"]].any(axis=1)

    @cached_property
    def _unknown(self) -> Array:
        bits = np.array([self.tally.indicators.index(name) for name in self.spec.indicators], np.uint64)
        return np.asarray((self.tally.profiles[:, 1, None] >> bits) & np.uint64(1), dtype=bool)

    @cached_property
    def _unknown_by_indicator(self) -> list[int]:
        n, profile = self.tally.sums["n"], self.tally.cells["profile"]
        by_profile = np.bincount(profile, n, minlength=len(self._unknown))
        return [int(x) for x in by_profile @ self._unknown]

    @cached_property
    def missing(self) -> pd.DataFrame:
        """Rows and people with unknown indicators, by group: how many there are, and how many the figures
        leave out.

        Columns: group columns; ``n`` and ``population``, all of them; ``n_incomplete`` and
        ``population_incomplete``, with any indicator of the spec unknown; ``n_dropped`` and
        ``population_dropped``, left out; ``share_dropped`` of the population.
        """
        import pandas as pd

        profile, group = self.tally.cells["profile"], self.tally.cells["group"]
        incomplete = np.asarray(self._unknown.any(axis=1))[profile]
        dropped = incomplete & ~self._profiles.kept[profile] & (self.policy != "bounds")
        out: dict[str, Any] = dict(self.tally.group_labels())
        groups = len(self.tally.groups)
        for suffix, chosen in (
            ("", np.ones(len(profile), bool)),
            ("_incomplete", incomplete),
            ("_dropped", dropped),
        ):
            for name, basis in (("n", "n"), ("population", self._basis)):
                values = self.tally.sums[basis]
                found = np.bincount(group, values * chosen, minlength=groups)
                out[name + suffix] = found.astype(np.int64) if values.dtype.kind == "i" else found
        whole = out["population"]
        out["share_dropped"] = np.divide(
            out["population_dropped"], whole, where=whole > 0, out=np.zeros(groups, np.float64)
        )
        return pd.DataFrame(out)

    # --- figures

    @property
    def _basis(self) -> str:
        return self.tally.unit_of(self._of)

    @property
    def of(self) -> str:
        """What the figures are shares of: ``"people"``, ``"households"``, or ``"rows"`` where the tally has
        no sizes.
        """
        if "people" not in self.tally.sums:
            return "rows" if self._of is None else self._of
        return "people" if self._basis == "people" else "households"

    @cached_property
    def _layout(self) -> figures.Layout:
        return figures.layout_of(self.spec, self.tally, self.policy)

    @cached_property
    def _sets(self) -> list[figures.FigureSet]:
        plain = figures.plain_figures(self.spec, self._layout)
        return [plain, *(figures.poor_figures(self.spec, self._layout, k) for k in self.ks)]

    @cached_property
    def _sample(self) -> tuple[inference.Frame, figures.Totals]:
        """The sampling units, and their base totals."""
        design, finer = self.tally.design, self._finer
        if finer is not None and design is not None and not design.replicates:
            new_group, _ = finer.tally.group_map(self.tally.by)
            return inference.coarser(*finer._sample, design, new_group, len(self.tally.groups))
        frame = inference.read_sample(self.tally, self._basis)
        totals = figures.unit_totals(
            self._layout, self._profiles, self.tally, self._basis, frame.place, frame.rows, len(self.ks) + 1
        )
        return frame, totals.arrange(frame.order)

    @property
    def _frame(self) -> inference.Frame:
        return self._sample[0]

    @property
    def _totals(self) -> figures.Totals:
        return self._sample[1]

    @cached_property
    def _group_totals(self) -> figures.Totals:
        if self._finer is None:
            return self._totals.add_up(self._frame.starts[:-1])
        new_group, table = self._finer.tally.group_map(self.tally.by)
        order = np.argsort(new_group, kind="stable")
        starts = np.searchsorted(new_group[order], np.arange(len(table)))
        return self._finer._group_totals.arrange(order).add_up(starts)

    def over(self, by: str | Sequence[str]) -> Measures:
        """Return the same measures by fewer of the group columns, ``()`` for the whole population.

        Like measuring the tally again, but the totals of sampling units are added up, not counted anew.

        Examples
        --------
        >>> from mdpoverty.measures import AlkireFoster
        >>> m = AlkireFoster({"a": 1}, k=1).measure({"a": [1, 0, 0], "g": ["x", "x", "y"]}, by="g")
        >>> round(m.over(()).value("H"), 3)
        0.333
        """
        finer = self if self.tally.n else None
        return Measures(self.spec, self.tally.regroup(by), self.ks, missing=self.policy, of=self._of, finer=finer)

    @cached_property
    def _estimates(self) -> tuple[list[Array], list[Array]]:
        """Estimates and denominators of each figure set, shape (groups, figures)."""
        estimates, bottoms = [], []
        for number, figure_set in enumerate(self._sets):
            sums = self._group_totals.base(number).T
            bottom = sums @ figure_set.denominator.T
            estimates.append(inference.ratios(sums @ figure_set.numerator.T, bottom, figure_set))
            bottoms.append(bottom)
        return estimates, bottoms

    @cached_property
    def _replicates(self) -> list[Array]:
        totals = figures.replicate_totals(self._layout, self._profiles, self.tally, self._basis, len(self.ks) + 1)
        return inference.replicated(totals, self._sets, len(self.tally.groups))

    @cached_property
    def _errors(self) -> tuple[Array, Array]:
        """Standard errors, shape (groups, all figures), and degrees of freedom, shape (groups,)."""
        estimates = np.concatenate(self._estimates[0], axis=1)
        design = self.tally.design
        if design is None or not self.tally.n:
            return np.full(estimates.shape, np.nan), np.full(len(estimates), np.nan)
        if design.replicates:
            values = np.concatenate(self._replicates, axis=2)
            variance = (inference.replicate_deviations(design, estimates, values) ** 2).sum(axis=0)
            df = np.full(len(estimates), float(len(design.replicates) - 1 if design.df is None else design.df))
        else:
            variance = np.concatenate(inference.linearised(self._frame, self._totals, self._sets), axis=1)
            df = self._frame.df
        # without degrees of freedom there is no error to speak of, not one of zero
        return np.where(df[:, None] > 0, np.sqrt(variance), np.nan), df

    @cached_property
    def table(self) -> pd.DataFrame:
        """The figures, tidy: one row per figure, group by group.

        Columns
        -------
        (group columns)
            None without ``by``.
        k : float
            The cut-off as a share; NaN for figures that have none.
        measure, indicator : str
            ``indicator`` names the indicator, dimension, number of deprivations or class; None for figures of
            a whole.
        estimate, se, ci_low, ci_high : float
            Limits at 95 %: by the logit for shares, plain for means. NaN where there is no design, or no such
            number.
        n : int
            Rows behind the figures of the group; rows that the missing policy drops are not counted.
        population : float or int
            The same by weight.
        df : float
            Degrees of freedom.

        Measures
        --------
        ``H`` (share of people who are poor), ``A`` (average score of the poor), ``M0`` = H·A; ``headcount``
        (uncensored) and ``censored_headcount`` (deprived and poor) by indicator; ``contribution``, an
        indicator's share of M0, and ``absolute_contribution``, its part of M0 itself;
        ``dimension_contribution`` and ``absolute_dimension_contribution``; ``share``, the group's share of
        the population, and ``group_contribution``, its share of total M0; ``mean_deprivations`` of everyone
        and ``mean_deprivations_poor``; ``count_share``, share of people by number of deprivations;
        ``class_share`` by class; with gaps ``M1``, ``M2``, ``G`` = M1/M0 and ``S`` = M2/M0. (Alkire et al.
        2015, sections 5.4 to 5.7.) Under ``missing="bounds"`` the columns ``low`` and ``high`` follow
        ``estimate``.
        """
        import pandas as pd

        if self.policy == "bounds" and self._unknown.any():
            return bounds.table(self)
        estimate = np.concatenate(self._estimates[0], axis=1)
        se, df = self._errors
        groups, width = estimate.shape
        names = [name for s in self._sets for name in s.measure]
        bounded = np.tile([name not in UNBOUNDED for name in names], groups)
        df_rows = np.repeat(df, width)
        low, high = inference.intervals(estimate.ravel(), se.ravel(), df_rows, bounded)
        n, population = self._sizes
        columns: dict[str, Any] = {
            name: pd.Series(labels).repeat(width).to_numpy() for name, labels in self.tally.group_labels().items()
        }
        columns["k"] = np.tile([math.nan if s.k is None else float(s.k) for s in self._sets for _ in s.measure], groups)
        columns["measure"] = np.tile(np.array(names, object), groups)
        columns["indicator"] = np.tile(np.array([name for s in self._sets for name in s.indicator], object), groups)
        columns["estimate"] = estimate.ravel()
        if self.policy == "bounds":
            columns |= {"low": estimate.ravel(), "high": estimate.ravel()}
        columns |= {"se": se.ravel(), "ci_low": low, "ci_high": high}
        columns |= {"n": np.repeat(n, width), "population": np.repeat(population, width), "df": df_rows}
        return pd.DataFrame(columns)

    @cached_property
    def _rows(self) -> Array:
        """Rows behind the figures, per group."""
        groups = len(self.tally.groups)
        if self._finer is not None:
            new_group, _ = self._finer.tally.group_map(self.tally.by)
            return np.bincount(new_group, self._finer._rows, minlength=groups).astype(np.int64)
        n, kept = self.tally.sums["n"], self._profiles.kept
        if not kept.all() and self.policy != "bounds":
            n = n * kept[self.tally.cells["profile"]]
        return np.bincount(self.tally.cells["group"], n, minlength=groups).astype(np.int64)

    @cached_property
    def _sizes(self) -> tuple[Array, Array]:
        """Rows and population behind the figures, per group."""
        rows = self._rows
        if self.policy == "bounds":
            group, values = self.tally.cells["group"], self.tally.sums[self._basis]
            return rows, np.bincount(group, values, minlength=len(self.tally.groups))
        population = self._group_totals.reaching[0, 0]
        whole = self.tally.sums[self._basis].dtype.kind == "i" and population.max(initial=0) < 2**53
        return rows, population.astype(np.int64) if whole else population

    # --- picking figures

    def find(self, **figure: Any) -> int:
        """Return the row of ``table`` that fits: ``measure``, and as needed ``indicator``, ``k`` and group
        columns.

        ``k`` may be left out where there is one cut-off, and is compared exactly ("1/3").

        Raises
        ------
        SpecError
            No row fits, or several do.
        """
        unknown = set(figure) - {"measure", "indicator", "k", *self.tally.by}
        if unknown or "measure" not in figure:
            raise SpecError(
                "A figure is named by measure, indicator, k and the group columns "
                f"({', '.join(self.tally.by) or 'none'}); "
                f"got {', '.join(sorted(figure))}."
            )
        cut = None if figure.get("k") is None else self.spec.cut_offs(figure["k"])[0]
        fits = []
        labels = self.tally.group_labels()
        groups = [
            g
            for g in range(len(self.tally.groups))
            if all(labels[name][g] == figure[name] for name in self.tally.by if name in figure)
        ]
        width = sum(len(s.measure) for s in self._sets)
        place = 0
        for s in self._sets:
            for measure, indicator in zip(s.measure, s.indicator, strict=True):
                if (
                    measure == figure["measure"]
                    and ("indicator" not in figure or indicator == figure["indicator"])
                    and (cut is None or s.k == cut)
                ):
                    fits += [g * width + place for g in groups]
                place += 1
        if len(fits) != 1:
            raise SpecError(
                f"{len(fits) or 'No'} figures fit {figure}; name measure, indicator, k and group so that one does."
            )
        return fits[0]

    def value(self, measure: str, **figure: Any) -> float:
        """Return one estimate; see :meth:`find`.

        Examples
        --------
        >>> from mdpoverty.measures import AlkireFoster
        >>> m = AlkireFoster({"a": 1, "b": 1}, k=1).measure({"a": [1, 0, 0, 0], "b": [1, 1, 0, 0]})
        >>> m.value("headcount", indicator="b")
        0.5
        """
        return float(self.table["estimate"].iloc[self.find(measure=measure, **figure)])

    def _place(self, row: int) -> tuple[int, int, int]:
        """Group, figure set and figure of a row of the table."""
        group, place = divmod(int(row), sum(len(s.measure) for s in self._sets))
        for number, s in enumerate(self._sets):
            if place < len(s.measure):
                return group, number, place
            place -= len(s.measure)
        raise AssertionError("a row of the table lies in one of its figure sets")

    # --- covariances and tests

    def cov(self, rows: Sequence[int | Mapping[str, Any]]) -> Array:
        """Return the covariance matrix of chosen estimates, of any groups, cut-offs and figures.

        Parameters
        ----------
        rows : sequence of int or mapping
            Rows of ``table`` by position, or figures as for :meth:`find`.

        Returns
        -------
        float array, shape (rows, rows)

        Raises
        ------
        SpecError
            There is no design, or the figures are bounds.
        """
        design = self.tally.design
        if design is None:
            raise SpecError(
                "Without a design the rows are the whole population: there is no sampling error. Give design=."
            )
        if self.policy == "bounds":
            raise SpecError("Covariances are of estimates; missing='bounds' gives intervals.")
        places = [self._place(self.find(**row) if isinstance(row, Mapping) else row) for row in rows]
        if design.replicates:
            chosen = np.column_stack([self._replicates[s][:, g, f] for g, s, f in places])
            estimate = np.array([self._estimates[0][s][g, f] for g, s, f in places])
            deviations = inference.replicate_deviations(design, estimate, chosen)
            return np.asarray(deviations.T @ deviations)
        z = np.column_stack([self._influence(*place) for place in places])
        return self._frame.cross_product(z)

    def _influence(self, group: int, number: int, figure: int) -> Array:
        """Return the linearised value of a figure in each sampling unit."""
        s, base, rows = self._sets[number], self._totals.base(number), self._frame.of(group)
        ratio, bottom = self._estimates[0][number][group, figure], self._estimates[1][number][group, figure]
        if not bottom > 0:
            return np.full(self._frame.units, np.nan)
        top = self._frame.to_units(inference.along(s.numerator[figure], base[:, rows])[:, None], rows)[:, 0]
        under = slice(None) if s.of_all[figure] else rows
        below = self._frame.to_units(inference.along(s.denominator[figure], base[:, under])[:, None], under)[:, 0]
        return np.asarray((top - ratio * below) / bottom)

    def _df(self, groups: Sequence[int]) -> float:
        """Degrees of freedom of a comparison: the groups' own if it is one, else the whole design's."""
        if len(set(groups)) > 1 and self.tally.design is not None and not self.tally.design.replicates:
            return self._frame.df_all
        return float(self._errors[1][groups[0]])

    def test(self, first: int | Mapping[str, Any], second: int | Mapping[str, Any]) -> dict[str, float]:
        """Test whether two figures differ: groups, cut-offs, or measures, with their covariance.

        Returns
        -------
        dict
            ``difference`` (first − second), ``se``, ``t``, ``df``, ``p`` (two-sided), ``ci_low``, ``ci_high``
            (95 %).

        Examples
        --------
        >>> from mdpoverty.measures import AlkireFoster, SurveyDesign
        >>> people = {"a": [1, 0, 1, 1, 0, 0], "area": ["r", "r", "r", "u", "u", "u"]}
        >>> m = AlkireFoster({"a": 1}, k=1).measure(people, by="area", design=SurveyDesign())
        >>> round(m.test({"measure": "H", "area": "r"}, {"measure": "H", "area": "u"})["difference"], 3)
        0.333
        """
        rows = [self.find(**row) if isinstance(row, Mapping) else row for row in (first, second)]
        matrix = self.cov(rows)
        estimates = self.table["estimate"].to_numpy()[rows]
        difference = float(estimates[0] - estimates[1])
        se = math.sqrt(max(matrix[0, 0] - 2 * matrix[0, 1] + matrix[1, 1], 0.0))
        df = self._df([self._place(row)[0] for row in rows])
        t = difference / se if se > 0 else math.nan
        half = t_quantile(0.95, df) * se
        return {
            "difference": difference,
            "se": se,
            "t": t,
            "df": df,
            "p": t_tail(t, df),
            "ci_low": difference - half,
            "ci_high": difference + half,
        }

    def test_equal(self, rows: Sequence[int | Mapping[str, Any]]) -> dict[str, float]:
        """Test whether several figures are all equal (Wald test, adjusted F).

        Returns
        -------
        dict
            ``F``, ``df1``, ``df2``, ``p``. With d degrees of freedom and q equalities, F = W(d − q + 1)/(d·q)
            on q and d − q + 1 degrees (Korn & Graubard 1990).
        """
        found = [self.find(**row) if isinstance(row, Mapping) else row for row in rows]
        estimates = self.table["estimate"].to_numpy()[found]
        contrast = np.eye(len(found))[1:] - np.eye(len(found))[0]
        difference = contrast @ estimates
        wald = float(difference @ np.linalg.pinv(contrast @ self.cov(found) @ contrast.T) @ difference)
        q, df = len(found) - 1, self._df([self._place(row)[0] for row in found])
        f = wald * (df - q + 1) / (df * q)
        return {"F": f, "df1": float(q), "df2": df - q + 1, "p": f_tail(f, q, df - q + 1)}

    # --- showing

    def to_frame(self, like: Any = "pandas") -> Any:
        """Return ``table`` as another kind of dataframe.

        Parameters
        ----------
        like : str or dataframe
            ``"pandas"``, ``"polars"``, ``"pyarrow"``, …, or a dataframe of the kind that is wanted.
        """
        import narwhals as nw

        backend = like if isinstance(like, str) else nw.from_native(like, eager_only=True).implementation
        if backend in ("pandas", nw.Implementation.PANDAS):
            return self.table
        columns = {
            name: [None if isinstance(x, float) and text else x for x in self.table[name].to_list()]
            for name, text in zip(self.table.columns, self.table.dtypes == "str", strict=True)
        }
        return nw.from_dict(columns, backend=cast(Any, backend)).to_native()

    def to_wide(self, values: str = "estimate") -> pd.DataFrame:
        """Return one row per group and cut-off, one column per figure (``measure`` or ``measure:indicator``).

        Figures without a cut-off are repeated for each.
        """
        import pandas as pd

        keys = list(self.tally.by)
        width = sum(len(s.measure) for s in self._sets)
        blocks = []
        plain = len(self._sets[0].measure)
        block = self.table[values].to_numpy()
        for g in range(len(self.tally.groups)):
            whole = block[g * width : (g + 1) * width]
            start = plain
            for s in self._sets[1:]:
                labels = [
                    m if i is None else f"{m}:{i}"
                    for t in (self._sets[0], s)
                    for m, i in zip(t.measure, t.indicator, strict=True)
                ]
                row = dict(zip(labels, [*whole[:plain], *whole[start : start + len(s.measure)]], strict=True))
                start += len(s.measure)
                group = {name: values_[g] for name, values_ in self.tally.group_labels().items()}
                blocks.append({**group, "k": float(s.k or 0), **row})
        return pd.DataFrame(blocks).set_index([*keys, "k"])

    @property
    def receipt(self) -> dict[str, Any]:
        """What was measured and how: library, spec, cut-offs, design, missing policy, counts and the tally's digest."""
        return {
            "library": f"mdpoverty {VERSION}",
            "spec": self.spec.to_dict(),
            "ks": [str(k) for k in self.ks],
            "of": self.of,
            "by": list(self.tally.by),
            "design": self.tally.design.to_dict() if self.tally.design else None,
            "missing": self.policy,
            "n": self.tally.n,
            "n_incomplete": int(self._unknown_rows.sum()),
            "n_dropped": int(self.missing["n_dropped"].sum()),
            "population": self.tally.total(self._of),
            "tally": self.tally.digest,
            "meta": dict(self.tally.meta),
        }

    def __repr__(self) -> str:
        """Show the main figures, rounded."""
        ks = ", ".join(map(str, self.ks))
        by = f" by {', '.join(self.tally.by)}" if self.tally.by else ""
        head = f"Measures of {self.of}{by}, k = {ks}: {self.tally.n:,} rows"
        return f"{head}\n{self._rounded().to_string(index=False)}"

    def _repr_html_(self) -> str:
        return str(self._rounded().to_html(index=False))

    def _rounded(self) -> pd.DataFrame:
        """Rounded for the eye, and only there."""
        chosen = self.table[self.table["measure"].isin(["H", "A", "M0", "share"])]
        return chosen.drop(columns="indicator").round({"k": 4, "estimate": 4, "se": 4, "ci_low": 4, "ci_high": 4})
