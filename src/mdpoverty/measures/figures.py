"""From a tally to totals, and from totals to figures.

Every figure of the field is a ratio of two linear forms in a few *base totals*: the people, the poor, the deprived in each
indicator, and the deprived and poor. So the base totals are taken once per sampling unit and group, whatever the number
of cut-offs, and a figure is two rows of coefficients. Estimates, linearised errors, replicates and covariances all
follow from that one description.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
from attrs import frozen

from mdpoverty import _cells
from mdpoverty._cells import Array
from mdpoverty.errors import SpecError
from mdpoverty.measures.alkire_foster import AlkireFoster, reaches, whole_numbers
from mdpoverty.tally import OPEN, Tally

#: What can be done about rows with an unknown indicator.
POLICIES = ("drop", "reweight", "bounds")


@frozen(eq=False)
class Profiles:
    """What a spec makes of each profile of a tally.

    Attributes
    ----------
    deprived, unknown : bool arrays, shape (profiles, indicators)
        In the order of the spec's weights.
    kept : bool array, shape (profiles,)
        False where the policy leaves the rows out.
    score : float array, shape (profiles,)
    bucket : int array, shape (profiles,)
        How many of the (sorted) cut-offs the score reaches, exactly.
    effective : float array, shape (profiles, indicators)
        The weight that each deprivation counts with.
    """

    deprived: Array
    unknown: Array
    kept: Array
    score: Array
    bucket: Array
    effective: Array


def read_profiles(spec: AlkireFoster, tally: Tally, ks: Sequence[Fraction], missing: str | None) -> Profiles:
    """Score the profiles of a tally once; rows only look the result up."""
    bits = np.array([tally.indicators.index(name) for name in spec.indicators], np.uint64)
    deprived, unknown = (
        ((tally.profiles[:, word, None] >> bits) & np.uint64(1)).astype(bool) for word in (0, 1)
    )
    known_all = ~unknown.any(axis=1)
    weights = np.array([float(w) for w in spec.weights.values()])
    scores, whole = spec.scores(deprived)
    score = np.asarray(scores / whole, dtype=np.float64)
    bucket = sum((reaches(scores, whole, k).astype(np.int64) for k in ks), np.zeros(len(scores), np.int64))
    effective = np.broadcast_to(weights, deprived.shape)
    if missing != "reweight" or known_all.all():
        return Profiles(deprived, unknown, known_all, score, bucket, effective)
    effective, kept = effective.copy(), known_all.copy()
    patterns, place = np.unique(unknown, axis=0, return_inverse=True)
    for i, pattern in enumerate(patterns):
        rows = np.flatnonzero(place.reshape(-1) == i)
        shares = reweighted(spec, pattern)
        if shares is None or not pattern.any():
            continue
        points, whole = whole_numbers(shares)
        scores = deprived[rows].astype(points.dtype) @ points
        kept[rows] = True
        effective[rows] = [float(share) for share in shares]
        score[rows] = np.asarray(scores / whole, dtype=np.float64)
        bucket[rows] = sum((reaches(scores, whole, k).astype(np.int64) for k in ks), np.int64(0))
    return Profiles(deprived, unknown, kept, score, bucket, effective)


def reweighted(spec: AlkireFoster, unknown: Array) -> list[Fraction] | None:
    """Return the weights with those of unknown indicators given to the known of their dimension; None if one has none.

    Examples
    --------
    >>> spec = AlkireFoster.nested({"health": ["a", "b"], "school": ["c"]}, k="1/2")
    >>> reweighted(spec, np.array([True, False, False]))
    [Fraction(0, 1), Fraction(1, 2), Fraction(1, 2)]
    """
    gone = {name for name, lost in zip(spec.indicators, unknown, strict=True) if lost}
    shares = dict.fromkeys(spec.indicators, Fraction(0))
    for names in spec.dimensions.values():
        known = [name for name in names if name not in gone]
        if not known:
            return None
        whole = sum((spec.weights[name] for name in names), Fraction(0))
        left = sum((spec.weights[name] for name in known), Fraction(0))
        shares.update({name: spec.weights[name] * whole / left for name in known})
    return list(shares.values())


@frozen(eq=False)
class FigureSet:
    """The figures of one cut-off, or (k None) those that have none, as linear forms in base totals.

    Attributes
    ----------
    k : Fraction or None
    measure, indicator : lists of str
        ``indicator`` is None for figures of a whole.
    numerator, denominator : float arrays, shape (figures, base totals)
    of_all : bool array, shape (figures,)
        True: the denominator is taken over the whole population, not the group.
    """

    k: Fraction | None
    measure: list[str]
    indicator: list[str | None]
    numerator: Array
    denominator: Array
    of_all: Array


class _Forms:
    """Collects figures as they are named."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.rows: list[tuple[str, str | None, Array, Array, bool]] = []

    def form(self, coefficients: Mapping[int, float] | int) -> Array:
        """Write a linear form: one base total, or several with their coefficients."""
        out = np.zeros(self.width)
        for place, value in ({coefficients: 1.0} if isinstance(coefficients, int) else coefficients).items():
            out[place] = value
        return out

    def add(self, measure: str, indicator: str | None, top: Array, bottom: Array, of_all: bool = False) -> None:
        self.rows.append((measure, indicator, top, bottom, of_all))

    def finish(self, k: Fraction | None) -> FigureSet:
        measure, indicator, top, bottom, of_all = (list(column) for column in zip(*self.rows, strict=True))
        return FigureSet(k, measure, indicator, np.array(top), np.array(bottom), np.array(of_all))


@frozen(eq=False)
class Layout:
    """Which base total stands where.

    Features are what a row adds to a total: itself (``people``, place 0), then per indicator its deprivation, and where
    they are needed whether it is known, the weight it counts with, and its gaps.
    """

    indicators: tuple[str, ...]
    reweighted: bool
    gaps: bool
    categories: tuple[str, ...]
    has_open: bool

    @property
    def count(self) -> int:
        """Number of indicators."""
        return len(self.indicators)

    @property
    def features(self) -> int:
        """Number of features."""
        return 1 + self.count * (1 + 2 * self.reweighted + 2 * self.gaps)

    def deprived(self, j: int) -> int:
        """Place of the deprivation in indicator j."""
        return 1 + j

    def known(self, j: int) -> int:
        """Place of the rows where indicator j is known: all of them, unless unknown ones were re-weighted."""
        return 1 + self.count + j if self.reweighted else 0

    def effective(self, j: int) -> int:
        """Place of the deprivation in j times the weight it counts with (only where re-weighted)."""
        return 1 + 2 * self.count + j

    def gap(self, j: int, power: int) -> int:
        """Place of the gap of j, or its square."""
        return 1 + self.count * (1 + 2 * self.reweighted + power - 1) + j

    @property
    def extras(self) -> int:
        """Number of one-hot totals after the features: rows by number of deprivations, then all rows by class."""
        return self.count + 1 + (len(self.categories) + 1 if self.categories else 0)


def plain_figures(spec: AlkireFoster, layout: Layout) -> FigureSet:
    """Return the figures without a cut-off: share, headcounts, number of deprivations, classes."""
    forms = _Forms(layout.features + layout.extras)
    people = forms.form(0)
    forms.add("share", None, people, people, of_all=True)
    for j, name in enumerate(spec.indicators):
        forms.add("headcount", name, forms.form(layout.deprived(j)), forms.form(layout.known(j)))
    count = {layout.deprived(j): 1.0 for j in range(layout.count)}
    forms.add("mean_deprivations", None, forms.form(count), people)
    for c in range(layout.count + 1):
        forms.add("count_share", str(c), forms.form(layout.features + c), people)
    if layout.categories:
        first = layout.features + layout.count + 1
        everyone = forms.form({first + c: 1.0 for c in range(len(layout.categories) + 1)})
        for c, name in enumerate(layout.categories):
            forms.add("class_share", name, forms.form(first + 1 + c), everyone)
        if layout.has_open:
            forms.add("class_share", OPEN, forms.form(first), everyone)
    return forms.finish(None)


def poor_figures(spec: AlkireFoster, layout: Layout, k: Fraction) -> FigureSet:
    """Return the figures of one cut-off. Base totals: the features over everyone, then over the poor."""
    off = layout.features
    forms = _Forms(2 * off)
    people, poor = forms.form(0), forms.form(off)
    weights = [float(w) for w in spec.weights.values()]
    names = range(layout.count)
    if layout.reweighted:
        parts = [forms.form(off + layout.effective(j)) for j in names]
    else:
        parts = [forms.form({off + layout.deprived(j): weights[j]}) for j in names]
    score = np.sum(parts, axis=0)
    forms.add("H", None, poor, people)
    forms.add("A", None, score, poor)
    forms.add("M0", None, score, people)
    for j, name in enumerate(spec.indicators):
        censored = forms.form(off + layout.deprived(j))
        forms.add("censored_headcount", name, censored, forms.form(layout.known(j)))
    for kind, bottom in (("absolute_contribution", people), ("contribution", score)):
        for name, part in zip(spec.indicators, parts, strict=True):
            forms.add(kind, name, part, bottom)
    if any(len(indicators) > 1 for indicators in spec.dimensions.values()):
        place = {name: j for j, name in enumerate(spec.indicators)}
        for kind, bottom in (("absolute_dimension_contribution", people), ("dimension_contribution", score)):
            for name, indicators in spec.dimensions.items():
                forms.add(kind, name, np.sum([parts[place[i]] for i in indicators], axis=0), bottom)
    count = forms.form({off + layout.deprived(j): 1.0 for j in names})
    forms.add("mean_deprivations_poor", None, count, poor)
    forms.add("group_contribution", None, score, score, of_all=True)
    if layout.gaps:
        gaps = [forms.form({off + layout.gap(j, power): weights[j] for j in names}) for power in (1, 2)]
        forms.add("M1", None, gaps[0], people)
        forms.add("M2", None, gaps[1], people)
        forms.add("G", None, gaps[0], score)
        forms.add("S", None, gaps[1], score)
    return forms.finish(k)


# --- totals --------------------------------------------------------------------------------------------------------


@frozen(eq=False)
class Totals:
    """Base totals of each row of a sample's frame (a sampling unit in a group), or of each group.

    Attributes
    ----------
    by_bucket : float array, shape (rows, cut-offs + 1, features)
        ``[:, b]`` are those who reach exactly b of the cut-offs.
    extras : float array, shape (rows, extras)
    """

    by_bucket: Array
    extras: Array

    def base(self, number: int) -> Array:
        """Return the base totals of figure set ``number``: 0 without a cut-off, else cut-off number − 1."""
        everyone = self.by_bucket.sum(axis=-2)
        if number == 0:
            return np.concatenate([everyone, self.extras], axis=-1)
        # cut-off number i is reached by those who reach at least i of them
        return np.concatenate([everyone, self.by_bucket[..., number:, :].sum(axis=-2)], axis=-1)


def layout_of(spec: AlkireFoster, tally: Tally, missing: str | None) -> Layout:
    """Say which base totals a spec, a tally and a policy need."""
    gaps = all(f"weight_gap1:{name}" in tally.sums for name in spec.indicators)
    reweight = missing == "reweight" and tally.has_gaps
    if gaps and reweight:
        raise SpecError("M1 and M2 are not defined for re-weighted rows; use missing='drop', or count without gaps.")
    return Layout(spec.indicators, reweight, gaps, tally.categories, bool((tally.cells["category"] == 0).any()))


def feature_columns(layout: Layout, profiles: Profiles) -> list[Array]:
    """Return what a row of each profile adds to each feature but the gaps, shape (profiles,) each."""
    kept = profiles.kept
    columns = [kept] + [kept & profiles.deprived[:, j] for j in range(layout.count)]
    if layout.reweighted:
        columns += [kept & ~profiles.unknown[:, j] for j in range(layout.count)]
        columns += [
            np.where(kept & profiles.deprived[:, j], profiles.effective[:, j], 0.0) for j in range(layout.count)
        ]
    return columns


def unit_totals(
    layout: Layout, profiles: Profiles, tally: Tally, basis: str, row: Array, rows: int, buckets: int
) -> Totals:
    """Add up the features of all cells, per row of the frame and bucket."""
    profile, weight = tally.cells["profile"], tally.sums[basis].astype(np.float64)
    code = row * buckets + profiles.bucket[profile] if buckets > 1 else row
    out = np.zeros((rows * buckets, layout.features))
    columns = feature_columns(layout, profiles)
    for place, column in enumerate(columns):
        values = weight * column[profile]
        out[:, place] = np.bincount(code, values, minlength=rows * buckets)
    if layout.gaps:
        for power in (1, 2):
            for j, name in enumerate(layout.indicators):
                values = tally.sums[f"{basis}_gap{power}:{name}"] * columns[1 + j][profile]
                out[:, layout.gap(j, power)] = np.bincount(code, values, minlength=rows * buckets)
    return Totals(out.reshape(rows, buckets, -1), _extras(layout, profiles, tally, weight, row, rows))


def _extras(layout: Layout, profiles: Profiles, tally: Tally, weight: Array, row: Array, rows: int) -> Array:
    counts = layout.count + 1
    # those left out go to a place of their own, which is then dropped
    number = np.where(profiles.kept, profiles.deprived.sum(axis=1), counts)
    code = row * (counts + 1) + number[tally.cells["profile"]]
    found = np.bincount(code, weight, minlength=rows * (counts + 1)).reshape(rows, -1)[:, :counts]
    if not layout.categories:
        return found
    classes = len(layout.categories) + 1
    code = row * classes + tally.cells["category"]
    by_class = np.bincount(code, weight, minlength=rows * classes).reshape(rows, -1)
    return np.concatenate([found, by_class], axis=1)


def replicate_totals(layout: Layout, profiles: Profiles, tally: Tally, basis: str, buckets: int) -> Totals:
    """Add up the features under each replicate's weights: arrays of shape (replicates, groups, …)."""
    if layout.gaps:
        raise SpecError("Errors of M1 and M2 are linearised; replicate weights can't be used with gaps.")
    weights = tally.sums[f"{basis}_rep"]
    group, profile = tally.cells["group"], tally.cells["profile"]
    groups = len(tally.groups)
    counts = layout.count + 1
    features = np.column_stack(feature_columns(layout, profiles)).astype(np.float64)
    ones = np.zeros((len(profiles.kept), counts))
    ones[np.arange(len(ones)), profiles.deprived.sum(axis=1)] = profiles.kept
    classes = len(layout.categories) + 1 if layout.categories else 0
    by_bucket = np.zeros((weights.shape[1], groups, buckets, layout.features))
    extras = np.zeros((weights.shape[1], groups, layout.extras))
    code = group.astype(np.int64) * buckets + profiles.bucket[profile]
    order, starts = _cells.sort_rows(code, groups * buckets)
    order = np.arange(len(code)) if order is None else order
    for cells in np.split(order, starts[1:]):
        g, b = divmod(int(code[cells[0]]), buckets)
        drawn = weights[cells].T
        by_bucket[:, g, b] = drawn @ features[profile[cells]]
        extras[:, g, :counts] += drawn @ ones[profile[cells]]
        if classes:
            extras[:, g, counts:] += drawn @ np.eye(classes)[tally.cells["category"][cells]]
    return Totals(by_bucket, extras)
