"""The Alkire–Foster specification: weights and cut-off as exact numbers, and who is poor.

Sources: S. Alkire and J. Foster, "Counting and multidimensional poverty measurement", Journal of Public
Economics 95 (2011); S. Alkire, J. Foster, S. Seth, M. E. Santos, J. M. Roche and P. Ballon, *Multidimensional
Poverty Measurement and Analysis* (2015), chapter 5.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from attrs import evolve, field, frozen

from mdpoverty.errors import SpecError
from mdpoverty.tally import SurveyDesign, Tally
from mdpoverty.tally.counting import Array

if TYPE_CHECKING:
    from mdpoverty.measures.results import Measures

Number: TypeAlias = int | float | str | Fraction

#: Floats are read as fractions up to this denominator; what lies further off than rounding is refused.
SIMPLE_DENOMINATOR = 10_000


def exact(value: Number, what: str) -> Fraction:
    """Read a number as an exact fraction; a float must be one with a small denominator, up to its own
    rounding.

    Examples
    --------
    >>> exact("1/3", "k"), exact("0.26", "k"), exact(1 / 6, "k")
    (Fraction(1, 3), Fraction(13, 50), Fraction(1, 6))
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Fraction, np.integer, np.floating)):
        raise SpecError(f"{what} is {value!r}; write an int, a Fraction, or text such as '1/3' or '0.26'.")
    if isinstance(value, (str, Fraction)):
        try:
            return Fraction(value)
        except (ValueError, ZeroDivisionError):
            raise SpecError(f"{what} is {value!r}, which is no number; write '1/3' or '0.26'.") from None
    if isinstance(value, (int, np.integer)):
        return Fraction(int(value))
    number = float(value)
    if not math.isfinite(number):
        raise SpecError(f"{what} is {number}.")
    simple = Fraction(number).limit_denominator(SIMPLE_DENOMINATOR)
    if abs(float(simple) - number) > 4 * math.ulp(number):
        raise SpecError(
            f"{what} is the float {number!r}, which is no simple fraction (the nearest is {simple}); "
            f"write what is meant as text, such as '{simple}'."
        )
    return simple


@frozen(init=False, hash=False)
class AlkireFoster:
    """Weights and a cut-off: a person is poor when the weights of what they are deprived in add up to ``k``
    or more.

    Parameters
    ----------
    weights : mapping of indicator to int, Fraction, str or float
        Either shares that sum to exactly 1 (``"1/6"``, ``"0.25"``), or whole numbers, which are points of
        their total. Floats are read as the simple fraction they stand for (1/6 as one sixth), and refused if
        they are none.
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
        Weights that are no simple fractions, don't sum to 1, or are not above zero; a cut-off outside (0, 1].

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

    weights: dict[str, Fraction]
    k: Fraction
    dimensions: dict[str, tuple[str, ...]] = field(factory=dict)
    points: Fraction = field(default=Fraction(1), eq=False)

    def __init__(
        self,
        weights: Mapping[str, Number],
        k: Number,
        *,
        dimensions: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Read everything as exact shares, and refuse what can't be meant."""
        if not weights:
            raise SpecError("There are no weights.")
        read = {str(name): exact(value, f"the weight of {name!r}") for name, value in weights.items()}
        low = [name for name, value in read.items() if value <= 0]
        if low:
            raise SpecError(f"Weights must be above zero: {', '.join(low)}.")
        total = sum(read.values(), Fraction(0))
        points = all(isinstance(value, (int, np.integer)) for value in weights.values())
        if total != 1 and not points:
            raise SpecError(f"The weights sum to {total} ({float(total):.12g}), not to 1.")
        shares = {name: value / total for name, value in read.items()}
        unit = total if points else Fraction(1)
        self._set(shares, _cut_off(k, shares, unit), _dimensions(shares, dimensions), unit)

    def _set(self, *values: Any) -> AlkireFoster:
        # attrs writes this method for classes that bring their own __init__
        self.__attrs_init__(*values)
        return self

    @classmethod
    def nested(
        cls,
        dimensions: Mapping[str, Sequence[str]],
        *,
        k: Number,
        dimension_weights: Mapping[str, Number] | None = None,
    ) -> AlkireFoster:
        """Weigh dimensions equally (or as given), and indicators equally within each.

        Parameters
        ----------
        dimensions : mapping of dimension to sequence of indicators
            Sizes may differ or be the same.
        k : int, Fraction, str or float
        dimension_weights : mapping of dimension to number, optional
            Shares that sum to 1, or points.

        Examples
        --------
        >>> dimensions = {"health": ["nutrition"], "education": ["years", "attendance"]}
        >>> AlkireFoster.nested(dimensions, k="1/2").weights
        {'nutrition': Fraction(1, 2), 'years': Fraction(1, 4), 'attendance': Fraction(1, 4)}
        """
        empty = [name for name, indicators in dimensions.items() if isinstance(indicators, str) or not indicators]
        if empty:
            raise SpecError(f"A dimension needs a list of indicators: {', '.join(map(str, empty))}.")
        given = dimension_weights or dict.fromkeys(dimensions, 1)
        if set(given) != set(dimensions):
            raise SpecError("dimension_weights must name each dimension once, and no other.")
        shares = cls(given, "intersection").weights
        weights: dict[str, Number] = {}
        for name, indicators in dimensions.items():
            for indicator in indicators:
                if indicator in weights:
                    raise SpecError(f"The indicator {indicator!r} is in two places.")
                weights[indicator] = shares[name] / len(indicators)
        return cls(weights, k, dimensions=dimensions)

    @classmethod
    def from_standard(cls, standard: Any, k: Number | None = None) -> AlkireFoster:
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
        weights: dict[str, Number] = {name: int(value) if points else value / total for name, value in raw.items()}
        if k is None:
            if "cutoff" not in standard.thresholds:
                raise SpecError(f"{standard.id!r} has no threshold called 'cutoff': pass k=.")
            k = exact(standard.thresholds["cutoff"].amounts[None], "the cut-off") / total
        return cls(weights, k, dimensions=dimensions)

    @property
    def indicators(self) -> tuple[str, ...]:
        """Names of the indicators, in the order of the weights."""
        return tuple(self.weights)

    def with_k(self, k: Number) -> AlkireFoster:
        """Return the same weights with another cut-off."""
        cut = _cut_off(k, self.weights, self.points)
        return AlkireFoster.__new__(AlkireFoster)._set(self.weights, cut, self.dimensions, self.points)

    def cut_offs(self, ks: Number | Iterable[Number] | None) -> tuple[Fraction, ...]:
        """Read cut-offs (by default the spec's own) as exact shares, sorted, each once."""
        if ks is None:
            return (self.k,)
        several = [ks] if isinstance(ks, (int, float, str, Fraction)) else list(ks)
        if not several:
            raise SpecError("ks= is empty; name at least one cut-off.")
        return tuple(sorted({_cut_off(k, self.weights, self.points) for k in several}))

    def to_dict(self) -> dict[str, Any]:
        """Return the spec as plain values, for receipts."""
        return {
            "weights": {name: str(value) for name, value in self.weights.items()},
            "k": str(self.k),
            "dimensions": {name: list(value) for name, value in self.dimensions.items()},
        }

    # --- identification

    def scores(self, deprived: Array, unknown: Array | None = None) -> tuple[Array, int]:
        """Add up weights in whole numbers.

        Parameters
        ----------
        deprived : bool array, shape (n, indicators)
            In the order of ``weights``.
        unknown : bool array, optional
            Counted as not deprived here.

        Returns
        -------
        scores : int array, shape (n,)
            Python integers in an object array where 64 bits could overflow.
        whole : int
            The score of someone deprived in everything: scores / whole are shares.

        Examples
        --------
        >>> spec = AlkireFoster({"a": "1/2", "b": "1/3", "c": "1/6"}, k="1/3")
        >>> spec.scores(np.array([[0, 1, 0], [1, 0, 1]], bool))
        (array([2, 4]), 6)
        """
        points, whole = whole_numbers(list(self.weights.values()))
        known = deprived if unknown is None else deprived & ~unknown
        return known.astype(points.dtype) @ points, whole

    def is_poor(self, deprived: Array, k: Number | None = None) -> Array:
        """Return who is poor among rows of booleans, shape (n, indicators); exact at the cut-off."""
        scores, whole = self.scores(np.asarray(deprived, dtype=bool))
        return reaches(scores, whole, self.k if k is None else _cut_off(k, self.weights, self.points))

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
        ks: Number | Iterable[Number] | None = None,
        of: str | None = None,
        gaps: Mapping[str, str] | None = None,
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
        return self.measure_tally(tally, missing=missing, ks=ks, of=of)

    def measure_tally(
        self,
        tally: Tally,
        *,
        by: str | Sequence[str] | None = None,
        missing: str | None = None,
        ks: Number | Iterable[Number] | None = None,
        of: str | None = None,
        lonely: str | None = None,
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
        from mdpoverty.measures.results import Measures

        absent = [name for name in self.weights if name not in tally.indicators]
        if absent:
            raise SpecError(f"The tally does not hold {', '.join(absent)}; it has {', '.join(tally.indicators)}.")
        if lonely is not None and tally.design is not None:
            tally = evolve(tally, design=evolve(tally.design, lonely=lonely))
        return Measures(self, tally.regroup(by), self.cut_offs(ks), missing=missing, of=of)


def _cut_off(k: Number, shares: Mapping[str, Fraction], points: Fraction) -> Fraction:
    """Read a cut-off as a share; an int counts points when the weights were points."""
    if isinstance(k, str) and k in ("union", "intersection"):
        return min(shares.values()) if k == "union" else Fraction(1)
    cut = exact(k, "the cut-off k")
    if isinstance(k, (int, np.integer)):
        cut /= points
    if not 0 < cut <= 1:
        raise SpecError(f"The cut-off k is {k!r}, and must lie above 0 and be at most {points}.")
    return cut


def _dimensions(
    shares: Mapping[str, Fraction], dimensions: Mapping[str, Sequence[str]] | None
) -> dict[str, tuple[str, ...]]:
    found = {str(n): tuple(v) for n, v in (dimensions or {name: (name,) for name in shares}).items()}
    listed = [indicator for indicators in found.values() for indicator in indicators]
    if sorted(listed) != sorted(shares):
        raise SpecError("dimensions= must list each indicator that has a weight once, and no other.")
    return found


def whole_numbers(fractions: Sequence[Fraction]) -> tuple[Array, int]:
    """Bring shares to one denominator: ``int64`` numerators (Python integers if they could overflow) and the
    denominator.
    """
    whole = math.lcm(*(f.denominator for f in fractions))
    points = [f.numerator * (whole // f.denominator) for f in fractions]
    return np.array(points, dtype=np.int64 if whole < 1 << 62 else object), whole


def reaches(scores: Array, whole: int, k: Fraction) -> Array:
    """Return whether score / whole ≥ k, in whole numbers."""
    # the smallest whole number at or above k × whole: no product that could overflow
    least = -(-k.numerator * whole // k.denominator)
    return np.asarray(scores >= least, dtype=bool)
