"""The Alkire–Foster specification: weights and a cut-off that can measure tables and tallies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from attrs import evolve, frozen

from mdpoverty.doors import doors
from mdpoverty.errors import SpecError
from mdpoverty.law.law import Law
from mdpoverty.measures.estimates import Estimates
from mdpoverty.measures.panel import Panel, panel
from mdpoverty.measures.results import Measures
from mdpoverty.measures.weights import AnyNumber, Weights, exact
from mdpoverty.tally import SurveyDesign, Tally


@doors
@frozen(init=False, hash=False, repr=False)
class AlkireFoster(Weights):
    """Weights and a cut-off: a person is poor when the weights of what they are deprived in add up to ``k``
    or more.

    Parameters
    ----------
    weights : mapping of indicator to int, Fraction, str or float
        Either shares that sum to exactly 1 (``"1/6"``, ``"0.25"``), or whole numbers, which are points of
        their total. A float is the simple fraction that it stands for (1/6 is one sixth), else the
        decimal that it prints as.
    k : int, Fraction, str or float
        The cut-off, in (0, 1], as a share: ``"1/3"``; or, where weights are points, an int counts points:
        ``k=3``. ``"union"``: deprived in anything; ``"intersection"``: deprived in everything.
    dimensions : mapping of dimension to sequence of indicators, optional
        For dimension figures and re-weighting; by default each indicator is its own dimension.

    Attributes
    ----------
    weights : dict of str to Fraction
        Sum to 1.
    k : Fraction
        As a share.
    dimensions : dict of str to tuple of str
    points : Fraction
        What an int counts as a cut-off: a point of this total where weights were points, else a share (1).

    Raises
    ------
    SpecError
        Weights that are no numbers, don't sum to 1, or are not above zero; a cut-off outside (0, 1].

    Notes
    -----
    Identification is in whole numbers: weights and k are brought to one denominator, so someone exactly at
    the cut-off is poor, however the sum is ordered (Alkire & Foster 2011: ρ_k = 1 when c_i ≥ k).

    Examples
    --------
    >>> AlkireFoster(weights={"nutrition": "1/2", "school": "1/4", "water": "1/4"}, k="1/3").k
    Fraction(1, 3)
    >>> AlkireFoster(weights={"nutrition": 1, "school": 1, "water": 1}, k=2).k
    Fraction(2, 3)
    """

    @classmethod
    def from_standard(cls, standard: Law, k: AnyNumber | None = None) -> AlkireFoster:
        """Take indicators, dimensions and weights of a standard.

        Parameters
        ----------
        standard : Standard
        k : int, Fraction, str or float, optional
            The standard's own threshold ``"cutoff"`` if not given. Where the standard's weights are whole numbers they
            are points, and an int counts them: 3 of 12 indicators. Other weights are taken as shares of their total.

        Examples
        --------
        >>> import mdpoverty as mdp
        >>> AlkireFoster.from_standard(mdp.standards["vn-2022"], k=3).k
        Fraction(1, 4)
        """
        indicators = standard.indicators
        raw = {name: exact(indicator.weight, f"the weight of {name!r}") for name, indicator in indicators.items()}
        total = sum(raw.values(), Fraction(0))
        dimensions: dict[str, list[str]] = {}
        for name, indicator in indicators.items():
            dimensions.setdefault(indicator.dimension, []).append(name)
        points = all(value.denominator == 1 for value in raw.values())
        weights: dict[str, AnyNumber] = {name: int(value) if points else value / total for name, value in raw.items()}
        if k is None:
            if "cutoff" not in standard.thresholds:
                raise SpecError(f"{standard.id!r} has no threshold called 'cutoff': pass k=.")
            k = exact(standard.thresholds["cutoff"].amounts[None], "the cut-off") / total
        return cls(weights, k, dimensions=dimensions)

    # --- measuring

    def measure(
        self,
        frame: Any,
        *,
        by: str | Sequence[str] = (),
        weight: str | None = None,
        size: str | None = None,
        design: SurveyDesign | None = None,
        missing: str | None = None,
        ks: AnyNumber | Iterable[AnyNumber] | None = None,
        of: str | None = None,
        gaps: Mapping[str, str] | None = None,
        level: float = 0.95,
        interval: str = "logit",
    ) -> Measures:
        """Measure poverty in a table of 0/1 indicators.

        Parameters
        ----------
        frame : dataframe of any kind, or mapping of name to array
            A row per person or household, a column per indicator: 1 deprived, 0 not, empty where not known.
            Not changed.
        by : str or sequence of str
            Group columns; several are crossed.
        weight : str, optional
            Column: how many units of the population a row stands for.
        size : str, optional
            Column: persons in the household, where rows are households. Figures are then of people, unless
            ``of="households"``.
        design : SurveyDesign, optional
            How the rows were sampled. Without it there are no standard errors: the rows are the population.
        missing : {"drop", "reweight", "bounds"}, optional
            What to do with rows that have an unknown indicator; needed if there are any. ``"drop"`` leaves
            them out of the figures (not of the design); ``"reweight"`` gives an unknown indicator's weight to
            the known ones of its dimension, and drops rows where a whole dimension is unknown; ``"bounds"``
            gives the interval that holds every completion.
        ks : cut-off or several, optional
            Shares, "union" or "intersection"; the spec's own by default.
        of : {"people", "households"}, optional
        gaps : mapping of indicator to column, optional
            Normalised gaps, 0 to 1, for M1 and M2.
        level : float
            The level of confidence intervals.
        interval : {"logit", "t", "korn-graubard"}
            How intervals of shares are made; see :class:`~mdpoverty.Measures`.

        Returns
        -------
        Measures

        Raises
        ------
        MissingColumns, BadValues
            All problems of the table at once.
        SpecError
            Unknown indicators and no policy, or options that can't be meant.

        Examples
        --------
        >>> people = {"health": [1, 1, 0, 0], "school": [0, 1, 0, 1]}
        >>> m = AlkireFoster({"health": 1, "school": 1}, k=2).measure(people)
        >>> m.value("H"), m.value("M0")
        (0.25, 0.25)
        """
        without = [name for name in self.weights if name not in gaps] if gaps else []
        if without:
            raise SpecError(
                f"M1 and M2 need the gap of every indicator, and {', '.join(without)} have none in gaps=. "
                "(An indicator without a scale has no gap; measure it without gaps=.)"
            )
        tally = Tally.from_frame(
            frame,
            self.indicators,
            by=by,
            weight=weight,
            size=size,
            design=design,
            gaps=gaps,
            meta={"spec": self.to_dict()},
        )
        return self.measure_tally(tally, missing=missing, ks=ks, of=of, level=level, interval=interval)

    def panel(
        self,
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
        """Follow the same households (or people) from one wave to the next: who became poor, stayed, or left poverty.

        Parameters
        ----------
        before, after : dataframe of any kind, or mapping of name to array
            As in :meth:`measure`: a row per household in each, in any order.
        id : str or sequence of str
            The column (or columns) that a household keeps from one wave to the next.
        by, weight, size, design
            As in :meth:`measure`; columns of ``before``, whose households are followed.
        missing : {"drop"}, optional
            Leave households out that have an unknown indicator in one of the waves; needed if there are any.
        level : float
            The level of confidence intervals.

        Returns
        -------
        Panel

        Raises
        ------
        MissingColumns, BadValues
            A key of several rows, keys that are text here and numbers there, nobody in both waves.
        SpecError
            Unknown indicators and no policy, or options that can't be meant.

        Examples
        --------
        >>> before = {"id": [1, 2, 3, 4], "a": [1, 1, 0, 0]}
        >>> after = {"id": [4, 3, 2, 1, 5], "a": [0, 1, 1, 0, 1]}
        >>> found = AlkireFoster({"a": 1}, k=1).panel(before, after, id="id")
        >>> [found.value(name) for name in ("entered", "left", "stayed", "exit_rate")], found.households["after"]
        ([0.25, 0.25, 0.25, 0.5], 1)
        """
        return panel(
            self,
            before,
            after,
            id=id,
            by=by,
            weight=weight,
            size=size,
            design=design,
            missing=missing,
            level=level,
        )

    def measure_tally(
        self,
        tally: Tally,
        *,
        by: str | Sequence[str] | None = None,
        missing: str | None = None,
        ks: AnyNumber | Iterable[AnyNumber] | None = None,
        of: str | None = None,
        lonely: str | None = None,
        level: float = 0.95,
        interval: str = "logit",
    ) -> Measures:
        """Measure poverty from a tally that holds (at least) the spec's indicators; options as in
        :meth:`measure`.

        Parameters
        ----------
        tally : Tally
        by : str or sequence of str, optional
            Of the tally's group columns; all of them by default, ``()`` for the whole population.
        lonely : str, optional
            Another policy for lonely sampling units than the design's.
        """
        absent = [name for name in self.weights if name not in tally.indicators]
        if absent:
            raise SpecError(f"The tally does not hold {', '.join(absent)}; it has {', '.join(tally.indicators)}.")
        if lonely is not None and tally.design is not None:
            tally = evolve(tally, design=evolve(tally.design, lonely=lonely))
        return Measures(Estimates(self, tally.regroup(by), self.cut_offs(ks), missing, of), level, interval)
