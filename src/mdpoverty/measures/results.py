"""Results: one tidy table of figures, with errors, covariances, tests, the missing report and a receipt."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from attrs import frozen

from mdpoverty.doors import doors
from mdpoverty.errors import SpecError
from mdpoverty.faces import Face, Faced, Html
from mdpoverty.measures import bounds, change, decomposition, inference, tables
from mdpoverty.measures.estimates import Estimates
from mdpoverty.measures.finding import Rows
from mdpoverty.measures.publication import PAPER, chosen_figures, paper, write
from mdpoverty.measures.showing import Shown
from mdpoverty.measures.weights import Weights
from mdpoverty.numbers import Language, language
from mdpoverty.tables.columns import Array
from mdpoverty.tally import Tally
from mdpoverty.version import VERSION, source_revision
from mdpoverty.words.tables import at_level, told

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@doors
@frozen(eq=False, repr=False, slots=False)
class Measures(Faced):
    """The measures of a tally under a spec; the figures are worked out on first use.

    Made by :meth:`AlkireFoster.measure`, :meth:`AlkireFoster.measure_tally` and :meth:`Tally.measure`.

    Attributes
    ----------
    estimates : Estimates
        The same as arrays, for those who extend the library.
    level : float
        The level of confidence intervals.
    interval : {"logit", "t", "korn-graubard"}
        How intervals of shares are made: on the logit scale, which keeps them in (0, 1); plain, by t; or from the beta
        distribution with the effective size of the sample, for shares of few or nearly all (Korn & Graubard 1998, as R
        ``svyciprop(method="beta")``), which exist at 0 and 1 too. What is no share has plain ones, by t.
    """

    estimates: Estimates
    level: float = 0.95
    interval: str = "logit"

    def __attrs_post_init__(self) -> None:
        """Refuse group columns whose names the table needs, and intervals that are none."""
        inference.check_level(self.level, self.interval)
        tables.refuse_names(self.tally, tables.COLUMNS, "measures")

    @property
    def spec(self) -> Weights:
        """The weights and the cut-off."""
        return self.estimates.spec

    @property
    def tally(self) -> Tally:
        """What was measured, by the groups of the table."""
        return self.estimates.tally

    @property
    def ks(self) -> tuple[Fraction, ...]:
        """The cut-offs, sorted."""
        return self.estimates.ks

    @property
    def policy(self) -> str | None:
        """What was done about unknown indicators."""
        return self.estimates.policy

    @property
    def of(self) -> str:
        """What the figures are shares of: ``"people"``, ``"households"``, or ``"rows"`` without sizes."""
        return self.estimates.of

    # --- what is missing

    @cached_property
    def missing(self) -> pd.DataFrame:
        """Rows and people with unknown indicators, by group: how many there are, and how many the figures
        leave out.

        Columns: group columns; ``n`` and ``population``, all of them; ``n_incomplete`` and
        ``population_incomplete``, with any indicator of the spec unknown; ``n_dropped`` and
        ``population_dropped``, left out; ``share_dropped`` of the population.
        """
        return tables.missing(self.estimates)

    @cached_property
    def without_errors(self) -> pd.DataFrame:
        """Groups of a sample whose figures have no standard errors: the group columns, and the ``reason``."""
        return tables.without_errors(self.estimates)

    @cached_property
    def left_out_replicates(self) -> pd.DataFrame:
        """Figures that don't exist under some of the replicate weights, whose errors are from the others.

        Columns: group columns; ``k``, ``measure``, ``indicator``; ``replicates``, all of them; ``used``.
        """
        return tables.left_out_replicates(self.estimates)

    # --- figures

    @property
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
            Limits at ``level``: by ``interval`` for shares, plain for means and totals. NaN where there is no design,
            or no such number.
        n : int
            Rows behind the figures of the group; rows that the missing policy drops are not counted.
        population : float or int
            The same by weight.
        df : float
            Degrees of freedom.

        Measures
        --------
        ``H`` (share of people who are poor), ``number_poor`` (how many these are), ``A`` (average score of the poor),
        ``M0`` = H·A; ``headcount`` (uncensored) and ``censored_headcount`` (deprived and poor) by indicator;
        ``contribution``, an indicator's share of M0, and ``absolute_contribution``, its part of M0 itself;
        ``dimension_contribution`` and ``absolute_dimension_contribution``; ``share``, the group's share of
        the population, and ``group_contribution``, its share of total M0; ``mean_deprivations`` of everyone
        and ``mean_deprivations_poor``; ``count_share``, share of people by number of deprivations;
        ``class_share`` by class; with gaps ``M1``, ``M2``, ``G`` = M1/M0 and ``S`` = M2/M0. (Alkire et al.
        2015, sections 5.4 to 5.7.) Under ``missing="bounds"`` the columns ``low`` and ``high`` follow
        ``estimate``.
        """
        return self._table.copy()

    @cached_property
    def _table(self) -> pd.DataFrame:
        if self.policy == "bounds" and self.estimates.unknown.any():
            return bounds.table(self.estimates, self.level, self.interval)
        return tables.figures_table(self.estimates, self.level, self.interval)

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
        return Measures(self.estimates.over(by), self.level, self.interval)

    @cached_property
    def deff(self) -> pd.DataFrame:
        """Design effects: how many times the variance is that of a simple random sample of as many rows.

        Columns: group columns; ``k``, ``measure``, ``indicator``; ``deff``, the ratio of variances, and ``deft``, that
        of standard errors. The simple sample is drawn with replacement, as R's ``deff="replace"``. NaN without a
        design, for groups' parts of a whole (``share``, ``group_contribution``), and for figures of gaps.
        """
        if self.policy == "bounds" and self.estimates.unknown.any():
            raise SpecError("Design effects are of estimates; missing='bounds' gives intervals.")
        return tables.design_effects(self.estimates, self._table)

    # --- picking figures

    @cached_property
    def _rows(self) -> Rows:
        """Where figures stand in ``table``."""
        return Rows(self.estimates)

    def find(self, **figure: Any) -> int:
        """Return the row of ``table`` that fits: ``measure``, and as needed ``indicator``, ``k`` and group
        columns.

        ``k`` may be left out where there is one cut-off, and is compared exactly ("1/3").

        Raises
        ------
        SpecError
            No row fits, or several do.
        """
        return self._rows.of(figure)

    def value(self, measure: str, **figure: Any) -> float:
        """Return one estimate; see :meth:`find`.

        Examples
        --------
        >>> from mdpoverty.measures import AlkireFoster
        >>> m = AlkireFoster({"a": 1, "b": 1}, k=1).measure({"a": [1, 0, 0, 0], "b": [1, 1, 0, 0]})
        >>> m.value("headcount", indicator="b")
        0.5
        """
        return float(self._table["estimate"].iloc[self.find(measure=measure, **figure)])

    # --- covariances and tests

    def _at(self, row: int | Mapping[str, Any]) -> int:
        return self.find(**row) if isinstance(row, Mapping) else inference.place(row, len(self._table))

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
        places = [self._rows.place(self.find(**row) if isinstance(row, Mapping) else row) for row in rows]
        return self.estimates.covariance(places)

    def test(
        self, first: int | Mapping[str, Any], second: int | Mapping[str, Any], *, level: float | None = None
    ) -> dict[str, Any]:
        """Test whether two figures differ: groups, cut-offs, or measures, with their covariance.

        Parameters
        ----------
        first, second : int or mapping
            Rows of ``table`` by position, or figures as for :meth:`find`.
        level : float, optional
            Of the interval; that of the measures by default.

        Returns
        -------
        dict
            ``difference`` (first − second), ``se``, ``t``, ``df``, ``p`` (two-sided), ``ci_low``, ``ci_high``,
            and ``reason``: why there is no test (NaN), or "".

        Examples
        --------
        >>> from mdpoverty.measures import AlkireFoster, SurveyDesign
        >>> people = {"a": [1, 0, 1, 1, 0, 0], "area": ["r", "r", "r", "u", "u", "u"]}
        >>> m = AlkireFoster({"a": 1}, k=1).measure(people, by="area", design=SurveyDesign())
        >>> round(m.test({"measure": "H", "area": "r"}, {"measure": "H", "area": "u"})["difference"], 3)
        0.333
        """
        rows = [self._at(row) for row in (first, second)]
        df = self.estimates.df_of([self._rows.place(row)[0] for row in rows])
        estimates = self._table["estimate"].to_numpy()[rows]
        return inference.difference(estimates, self.cov(rows), df, self.level if level is None else level)

    def test_equal(self, rows: Sequence[int | Mapping[str, Any]]) -> dict[str, Any]:
        """Test whether several figures are all equal (Wald test, adjusted F).

        Returns
        -------
        dict
            ``F``, ``df1``, ``df2``, ``p``, and ``reason``: why there is no test (NaN), or "". With d degrees of
            freedom and q equalities (the rank of the covariance), F = W(d − q + 1)/(d·q) on q and d − q + 1
            degrees (Korn & Graubard 1990).
        """
        found = [self._at(row) for row in rows]
        if not found:
            raise SpecError("rows= names no figure: two at least can be equal or not")
        estimates = self._table["estimate"].to_numpy()[found]
        df = self.estimates.df_of([self._rows.place(row)[0] for row in found])
        f, df1, df2, p, reason = inference.wald(estimates, self.cov(found), df)
        return {"F": f, "df1": df1, "df2": df2, "p": p, "reason": reason}

    def change(
        self,
        over: str,
        years: Mapping[Any, float] | None = None,
        pairs: str = "consecutive",
        lang: Language | None = None,
        *,
        level: float | None = None,
    ) -> pd.DataFrame:
        """Return how every figure of every group changed from wave to wave.

        Parameters
        ----------
        over : str
            The group column that holds the wave.
        years : mapping of wave to number, optional
            When each wave was (2018.5 is the middle of 2018): for annual changes, and for the order of the waves,
            which else is that of their labels.
        pairs : {"consecutive", "first", "all"}
            Each wave with the one before it, each with the first, or each with each. A pair of which a group has only
            one wave is left out.
        lang : {"vi", "en"}, optional
            For the reader: names for ids, changes of shares in percentage points as text.
        level : float, optional
            Of the intervals; that of the measures by default.

        Returns
        -------
        pandas.DataFrame
            The other group columns; ``k``, ``measure``, ``indicator``; ``from``, ``to``; ``kind``: ``"absolute"``
            (b − a), ``"relative"`` ((b − a)/a, a fraction of the first level), ``"annual_absolute"`` ((b − a)/years)
            and ``"annual_relative"`` ((b/a)^(1/years) − 1); ``estimate``, ``se``, ``t``, ``p`` (two-sided, of no
            change), ``ci_low``, ``ci_high`` (by t) and ``df``. NaN where there is no design or no such number.

        Raises
        ------
        SpecError
            The measures are not by ``over``, a wave has no year, or the figures are bounds.

        Notes
        -----
        Errors are by the delta method, with the covariance of waves through the sampling units that they share. Waves
        that were sampled independently need strata of their own: see :meth:`Tally.stack`. (Alkire et al. 2015, section
        9.2.)

        Examples
        --------
        >>> from mdpoverty.measures import AlkireFoster
        >>> frame = {"a": [1, 1, 0, 1, 0, 0], "wave": [1, 1, 1, 2, 2, 2]}
        >>> found = AlkireFoster({"a": 1}, k=1).measure(frame, by="wave").change("wave")
        >>> found[found["measure"] == "H"][["kind", "estimate"]].round(3)
                kind  estimate
        10  absolute    -0.333
        11  relative    -0.500
        """
        if self.policy == "bounds" and self.estimates.unknown.any():
            raise SpecError("Changes are of estimates; missing='bounds' gives intervals.")
        level = self.level if level is None else level
        found = change.table(self.estimates, over, years, pairs, level)
        others = [name for name in self.tally.by if name != over]
        return found if lang is None else at_level(told(found, lang, self.tally.names, groups=others), lang, level)

    def decompose_change(
        self,
        over: str,
        among: str | None = None,
        years: Mapping[Any, float] | None = None,
        pairs: str = "consecutive",
        *,
        level: float | None = None,
    ) -> pd.DataFrame:
        """Return what every change of M0 from wave to wave is made of.

        Parameters
        ----------
        over, years, pairs, level
            As in :meth:`change`; years order the waves.
        among : str, optional
            A group column: the change is then split among its groups.

        Returns
        -------
        pandas.DataFrame
            The other group columns; ``k``, ``from``, ``to``; ``part``, ``indicator``; ``estimate``, ``se``, ``t``,
            ``p``, ``ci_low``, ``ci_high``, ``df``; and ``share``, the part over the whole change, with its error
            ``share_se``. Parts are, of each group, the ``"total"``; ``"incidence"``, who is poor, and
            ``"intensity"``, how poor they are, which add up to it; and each ``"indicator"``, which add up to it too.
            With ``among``: the ``"total"``; ``"within"``, changes of M0 within groups, and ``"population"``, of their
            shares of people, which add up to it, first together and then of each group.

        Notes
        -----
        ½(A₁ + A₂)·ΔH and ½(H₁ + H₂)·ΔA; ½(ν₁ + ν₂)·ΔM0 and ½(M0₁ + M0₂)·Δν with population shares ν: products are
        split evenly, as by Shapley (Alkire et al. 2015, section 9.2.3). Where nobody is poor in a wave, all of the
        change is incidence. A group that is in one wave only moves with its people.

        Examples
        --------
        >>> from mdpoverty.measures import AlkireFoster
        >>> frame = {"a": [1, 1, 0, 1, 0, 0], "b": [1, 0, 0, 1, 0, 0], "wave": [1, 1, 1, 2, 2, 2]}
        >>> m = AlkireFoster({"a": 1, "b": 1}, k=1).measure(frame, by="wave")
        >>> m.decompose_change("wave")[["part", "estimate"]].head(3).round(3)
                part  estimate
        0      total    -0.167
        1  incidence    -0.292
        2  intensity     0.125
        """
        if self.policy == "bounds" and self.estimates.unknown.any():
            raise SpecError("Changes are of estimates; missing='bounds' gives intervals.")
        return decomposition.table(self.estimates, over, among, years, pairs, self.level if level is None else level)

    # --- showing

    def to_frame(self, like: Any = "pandas") -> Any:
        """Return ``table`` as another kind of dataframe.

        Parameters
        ----------
        like : str or dataframe
            ``"pandas"``, ``"polars"``, ``"pyarrow"``, …, or a dataframe of the kind that is wanted.
        """
        return tables.of_kind(self.table, like)

    def to_table(self, lang: Language, measures: Sequence[str] | None = None) -> pd.DataFrame:
        """Return ``table`` for the reader: names for ids, shares in per cent, heads in the language.

        Columns in which nothing stands are left out.

        Parameters
        ----------
        lang : {"vi", "en"}
        measures : sequence of str, optional
            Only these, such as ``["H", "A", "M0"]``.

        Examples
        --------
        >>> from mdpoverty.measures import AlkireFoster
        >>> m = AlkireFoster({"a": 1, "b": 1}, k=1).measure({"a": [1, 0, 0, 0], "b": [1, 1, 0, 0]})
        >>> m.to_table("vi", ["H", "M0"])[["Thước đo", "Giá trị"]].values.tolist()
        [['Tỷ lệ nghèo đa chiều (H)', '50,0 %'], ['Chỉ số nghèo đa chiều (M0)', '0,375']]
        """
        frame = self._table
        if measures is not None:
            frame = frame[frame["measure"].isin(chosen_figures(self, measures))].reset_index(drop=True)
        kept = [name for name in frame.columns if name in self.tally.by or frame[name].notna().any()]
        return at_level(told(frame[kept], lang, self.tally.names, groups=self.tally.by), lang, self.level)

    @overload
    def to_paper(
        self, measures: Sequence[str] = PAPER, form: Literal["frame"] = "frame", *, lang: Language = "en"
    ) -> pd.DataFrame: ...
    @overload
    def to_paper(
        self, measures: Sequence[str] = PAPER, form: Literal["latex", "markdown"] = ..., *, lang: Language = "en"
    ) -> str: ...
    def to_paper(
        self,
        measures: Sequence[str] = PAPER,
        form: Literal["frame", "latex", "markdown"] = "frame",
        *,
        lang: Language = "en",
    ) -> pd.DataFrame | str:
        """Return the table of a paper: a column for each figure, with its standard error in brackets and no stars.

        Shares are in per cent with one decimal, M0 and its parts with three; bounds are intervals.

        Parameters
        ----------
        measures : sequence of str
            Figures, such as ``["censored_headcount", "contribution"]``: then there is a row for each indicator.
        form : {"frame", "latex", "markdown"}
            A pandas DataFrame of text, a LaTeX ``tabular`` (needs the package booktabs), or a Markdown table.
        lang : {"vi", "en"}

        Raises
        ------
        SpecError
            If there is no such figure or form.

        Examples
        --------
        >>> from mdpoverty.measures import AlkireFoster, SurveyDesign
        >>> people = {"a": [1, 0, 1, 1, 0, 0], "b": [1, 0, 0, 1, 0, 1], "area": ["r", "r", "r", "u", "u", "u"]}
        >>> m = AlkireFoster({"a": 1, "b": 1}, k=1).measure(people, by="area", design=SurveyDesign())
        >>> print(m.to_paper(["H", "M0"], "markdown"))
        | area | Headcount ratio (H), % | Adjusted headcount ratio (M0) |
        | --- | ---: | ---: |
        | r | 66.7 (29.8) | 0.500 (0.258) |
        | u | 66.7 (29.8) | 0.500 (0.258) |
        <BLANKLINE>
        """
        return paper(self, measures, lang, form)

    def to_excel(self, path: str | Path, *, lang: Language = "vi") -> None:
        """Write a workbook (extra ``excel``).

        A sheet each for the headline, the headcounts and contributions of indicators and dimensions, the groups, the
        cut-offs where there are several, what was measured, and the receipt. Numbers are numbers, shown as they are
        printed.

        Parameters
        ----------
        path : str or pathlib.Path
            The ``.xlsx``.
        lang : {"vi", "en"}
            Of names and heads.

        Raises
        ------
        FileError
            If it can't be written there.
        """
        write(self, path, lang)

    def to_wide(self, values: str = "estimate", lang: Language | None = None) -> pd.DataFrame:
        """Return one row per group and cut-off, one column per figure (``measure`` or ``measure:indicator``).

        Figures without a cut-off are repeated for each.

        Parameters
        ----------
        values : str
            Which column of ``table``.
        lang : {"vi", "en"}, optional
            For the reader: names for ids, figures as they are printed.
        """
        if values not in self._table:
            raise SpecError(f"values={values!r}: the table's columns are {', '.join(map(str, self._table))}")
        return tables.wide(self.estimates, self._table[values].to_numpy(), None if lang is None else language(lang))

    @property
    def receipt(self) -> dict[str, Any]:
        """What was measured and how: library, spec, cut-offs, design, missing policy, counts, and two digests.

        That of the tally is of every sum to its last digit, which the order of rows can change where weights are no
        whole numbers. That of the figures is of nine digits.
        """
        return {
            "library": f"mdpoverty {VERSION}",
            "source": source_revision(),
            "spec": self.spec.to_dict(),
            "ks": [str(k) for k in self.ks],
            "of": self.of,
            "by": list(self.tally.by),
            "design": self.tally.design.to_dict() if self.tally.design else None,
            "missing": self.policy,
            "n": self.tally.n,
            "n_incomplete": int(self.estimates.unknown_rows.sum()),
            "n_dropped": int(self.missing["n_dropped"].sum()),
            "population": self.tally.total(self.estimates.asked),
            "tally": self.tally.digest,
            "figures": self._figures_digest(),
            "meta": {name: value for name, value in self.tally.meta.items() if name != "names"},
        }

    def _figures_digest(self) -> str:
        numbers = ("k", "estimate", "low", "high", "se", "n", "population")
        columns = [[f"{value:.9g}" for value in self._table[name]] for name in numbers if name in self._table]
        return hashlib.sha256("\n".join(map("|".join, zip(*columns, strict=True))).encode()).hexdigest()

    def plot(self, kind: str | None = None, **options: Any) -> Axes:
        """Draw the picture that fits (extra ``plots``).

        The cut-offs where there are several, else the groups ranked, else what M0 is made of.

        Parameters
        ----------
        kind : str, optional
            ``"estimates"``, ``"contributions"``, ``"cut_offs"`` or ``"changes"``, the functions of
            :mod:`mdpoverty.plots`.
        **options
            What the picture takes: ``ax=``, ``lang=``, ``caption=`` …. See :func:`mdpoverty.plots.draw`.

        Returns
        -------
        matplotlib Axes
        """
        from mdpoverty.plots.which import draw  # later: it brings in numpy and what draws

        return draw(self, kind, **options)

    def __repr__(self) -> str:
        """Show the main figures of the first groups, rounded."""
        return Shown(self.estimates, self._table).lines()

    def _face(self, face: Face) -> Html:
        shown = Shown(self.estimates, self._table, face.lang, self.level)
        return shown.page(face, int(self.missing["n_dropped"].sum()))
