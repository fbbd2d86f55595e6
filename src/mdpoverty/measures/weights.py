"""Weights and a cut-off as exact numbers: who is poor.

Sources: S. Alkire and J. Foster, "Counting and multidimensional poverty measurement", Journal of Public
Economics 95 (2011); S. Alkire, J. Foster, S. Seth, M. E. Santos, J. M. Roche and P. Ballon, *Multidimensional
Poverty Measurement and Analysis* (2015), chapter 5.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Self, TypeAlias

import numpy as np
from attrs import field, frozen

from mdpoverty.doors import door, doors
from mdpoverty.errors import SpecError
from mdpoverty.faces import Face, Faced, Html
from mdpoverty.law.fields import Label
from mdpoverty.numbers import number
from mdpoverty.tables.columns import Array

#: Whatever :func:`mdpoverty.numbers.number` reads as an exact number.
AnyNumber: TypeAlias = int | float | str | Fraction | Decimal


def exact(value: object, what: str) -> Fraction:
    """Read a number as an exact fraction, or raise a :class:`~mdpoverty.errors.SpecError` that says what it is.

    Examples
    --------
    >>> exact("1/3", "k"), exact("0.26", "k"), exact(1 / 6, "k")
    (Fraction(1, 3), Fraction(13, 50), Fraction(1, 6))
    """
    return Fraction(number(value, what, SpecError))


@doors
@frozen(init=False, hash=False, repr=False)
class Weights(Faced):
    """Weights and a cut-off, which tell who is poor; :class:`~mdpoverty.AlkireFoster` measures with them.

    Its docstring says what they may be, and what their parts are.

    Examples
    --------
    >>> Weights({"nutrition": "1/2", "school": "1/4", "water": "1/4"}, "1/3").k
    Fraction(1, 3)
    """

    weights: dict[str, Fraction]
    k: Fraction
    dimensions: dict[str, tuple[str, ...]]
    points: Fraction = field(eq=False)

    @door
    def __init__(
        self,
        weights: Mapping[str, AnyNumber],
        k: AnyNumber,
        *,
        dimensions: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Read everything as exact shares, and refuse what can't be meant."""
        if not isinstance(weights, Mapping):
            raise SpecError(f"Weights are a mapping by indicator, not {type(weights).__name__}.")
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
        self._set(shares, cut_off(k, shares, unit), dimensions_of(shares, dimensions), unit)

    def _set(self, *values: Any) -> Self:
        # attrs writes this method for classes that bring their own __init__
        self.__attrs_init__(*values)
        return self

    @classmethod
    def nested(
        cls,
        dimensions: Mapping[str, Sequence[str]],
        *,
        k: AnyNumber,
        dimension_weights: Mapping[str, AnyNumber] | None = None,
    ) -> Self:
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
        >>> Weights.nested(dimensions, k="1/2").weights
        {'nutrition': Fraction(1, 2), 'years': Fraction(1, 4), 'attendance': Fraction(1, 4)}
        """
        empty = [name for name, indicators in dimensions.items() if isinstance(indicators, str) or not indicators]
        if empty:
            raise SpecError(f"A dimension needs a list of indicators: {', '.join(map(str, empty))}.")
        given = dimension_weights or dict.fromkeys(dimensions, 1)
        if set(given) != set(dimensions):
            raise SpecError("dimension_weights must name each dimension once, and no other.")
        shares = cls(given, "intersection").weights
        weights: dict[str, AnyNumber] = {}
        for name, indicators in dimensions.items():
            for indicator in indicators:
                if indicator in weights:
                    raise SpecError(f"The indicator {indicator!r} is in two places.")
                weights[indicator] = shares[name] / len(indicators)
        return cls(weights, k, dimensions=dimensions)

    def __repr__(self) -> str:
        parts = f"{len(self.weights)} indicators in {len(self.dimensions)} dimensions"
        return f"<{type(self).__name__} of {parts}, k = {self.k}>"

    def _face(self, face: Face) -> Html:
        rows = [
            (dimension if place == 0 else "", name, self.weights[name])
            for dimension, names in self.dimensions.items()
            for place, name in enumerate(names)
        ]
        heads = (Label("Chiều", "Dimension"), Label("Chỉ số", "Indicator"), Label("Trọng số", "Weight"))
        poor = Label("nghèo từ điểm k = {} trở lên", "poor from a score of k = {} on")
        return face.page(
            "Alkire–Foster",
            face.paragraph(face.say(poor, str(self.k))),
            face.table(heads, rows, numbers=(2,)),
        )

    @property
    def indicators(self) -> tuple[str, ...]:
        """Names of the indicators, in the order of the weights."""
        return tuple(self.weights)

    def with_k(self, k: AnyNumber) -> Self:
        """Return the same weights with another cut-off."""
        cut = cut_off(k, self.weights, self.points)
        return type(self).__new__(type(self))._set(self.weights, cut, self.dimensions, self.points)

    def cut_offs(self, ks: AnyNumber | Iterable[AnyNumber] | None) -> tuple[Fraction, ...]:
        """Read cut-offs (by default the spec's own) as exact shares, sorted, each once."""
        if ks is None:
            return (self.k,)
        several = list(ks) if isinstance(ks, Iterable) and not isinstance(ks, str) else [ks]
        if not several:
            raise SpecError("ks= is empty; name at least one cut-off.")
        return tuple(sorted({cut_off(k, self.weights, self.points) for k in several}))

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
        >>> spec = Weights({"a": "1/2", "b": "1/3", "c": "1/6"}, k="1/3")
        >>> spec.scores(np.array([[0, 1, 0], [1, 0, 1]], bool))
        (array([2, 4]), 6)
        """
        points, whole = whole_numbers(list(self.weights.values()))
        if deprived.ndim != 2 or deprived.shape[1] != len(points):
            raise SpecError(f"deprived= must have a row each and {len(points)} columns, not the shape {deprived.shape}")
        known = deprived if unknown is None else deprived & ~np.asarray(unknown, bool)
        return known.astype(points.dtype) @ points, whole

    def is_poor(self, deprived: Array, k: AnyNumber | None = None) -> Array:
        """Return who is poor among rows of booleans, shape (n, indicators); exact at the cut-off."""
        scores, whole = self.scores(np.asarray(deprived, dtype=bool))
        return reaches(scores, whole, self.k if k is None else cut_off(k, self.weights, self.points))


def cut_off(k: AnyNumber, shares: Mapping[str, Fraction], points: Fraction) -> Fraction:
    """Read a cut-off as a share; an int counts points when the weights were points."""
    if isinstance(k, str) and k in ("union", "intersection"):
        return min(shares.values()) if k == "union" else Fraction(1)
    cut = exact(k, "the cut-off k")
    if isinstance(k, int | np.integer):
        cut /= points
    if not 0 < cut <= 1:
        raise SpecError(f"The cut-off k is {k!r}, and must lie above 0 and be at most {points}.")
    return cut


def dimensions_of(
    shares: Mapping[str, Fraction], dimensions: Mapping[str, Sequence[str]] | None
) -> dict[str, tuple[str, ...]]:
    """Read which indicators each dimension has: by default each indicator is its own."""
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
