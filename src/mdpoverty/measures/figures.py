"""From a tally to totals, and from totals to figures.

Every figure of the field is a ratio of two linear forms in a few *base totals*: the people, the poor, the
deprived in each indicator, and the deprived and poor. So the base totals are taken once per sampling unit and
group, whatever the number of cut-offs, and a figure is two rows of coefficients. Estimates, linearised
errors, replicates and covariances all follow from that one description.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property

import numpy as np
from attrs import evolve, frozen

from mdpoverty.measures.weights import Weights, reaches, whole_numbers
from mdpoverty.tables.columns import Array
from mdpoverty.tally import OPEN, Tally, counting

#: Figures that are no shares: their limits are on the plain scale.
UNBOUNDED = frozenset({"mean_deprivations", "mean_deprivations_poor", "number_poor"})
#: What can be done about rows with an unknown indicator.
POLICIES = ("drop", "reweight", "bounds")

#: Cells per chunk when totals are added up.
CHUNK = 1 << 16


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


def read_profiles(spec: Weights, tally: Tally, ks: Sequence[Fraction], missing: str | None) -> Profiles:
    """Score the profiles of a tally once; rows only look the result up."""
    bits = np.array([tally.indicators.index(name) for name in spec.indicators], np.uint64)
    deprived, unknown = (((tally.profiles[:, word, None] >> bits) & np.uint64(1)).astype(bool) for word in (0, 1))
    known_all: Array = np.asarray(~unknown.any(axis=1))
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


def reweighted(spec: Weights, unknown: Array) -> list[Fraction] | None:
    """Return the weights with those of unknown indicators given to the known of their dimension; None if one
    has none.

    Examples
    --------
    >>> spec = Weights.nested({"health": ["a", "b"], "school": ["c"]}, k="1/2")
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


@frozen(eq=False, slots=False)
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

    A figure without a denominator (all zeros) is a total.
    """

    k: Fraction | None
    measure: list[str]
    indicator: list[str | None]
    numerator: Array
    denominator: Array
    of_all: Array

    @cached_property
    def totals(self) -> Array:
        """Which figures are totals, shape (figures,)."""
        return np.asarray(~self.denominator.any(axis=1))


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

    Features are what a row adds to a total: itself (place 0), then per indicator: where rows are re-weighted,
    whether it is known; its deprivation; where re-weighted, the weight it counts with; where given, its gap
    and the square of that.
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

    @property
    def everyone(self) -> int:
        """Features that a cut-off's figures need over everyone: they are denominators, and come first."""
        return 1 + self.count * self.reweighted

    def known(self, j: int) -> int:
        """Place of the rows where indicator j is known: all of them, unless unknown ones were re-weighted."""
        return 1 + j if self.reweighted else 0

    def deprived(self, j: int) -> int:
        """Place of the deprivation in indicator j."""
        return self.everyone + j

    def effective(self, j: int) -> int:
        """Place of the deprivation in j times the weight it counts with (only where re-weighted)."""
        return self.everyone + self.count + j

    def counted(self, j: int) -> int:
        """Place of what a gap of j counts times: the deprivation, or the weight it counts with."""
        return self.effective(j) if self.reweighted else self.deprived(j)

    def gap(self, j: int, power: int) -> int:
        """Place of the gap of j, or its square (where re-weighted, times the weight it counts with)."""
        return 1 + self.count * (1 + 2 * self.reweighted + power - 1) + j

    @property
    def extras(self) -> int:
        """Number of one-hot totals after the features: rows by number of deprivations, then all rows by class."""
        return self.count + 1 + (len(self.categories) + 1 if self.categories else 0)


def plain_figures(spec: Weights, layout: Layout) -> FigureSet:
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


def poor_figures(spec: Weights, layout: Layout, ks: Sequence[Fraction]) -> list[FigureSet]:
    """Return the figures of each cut-off: the same forms, in other base totals.

    Base totals: some features over everyone, then all over the poor.
    """
    off = layout.everyone
    forms = _Forms(off + layout.features)
    people, poor = forms.form(0), forms.form(off)
    names = range(layout.count)
    # scores in points over those of the whole: with whole weights, only the last division rounds
    numerators, denominator = whole_numbers(list(spec.weights.values()))
    points, whole = [float(p) for p in numerators], float(denominator)
    if layout.reweighted:
        parts = [forms.form(off + layout.effective(j)) * whole for j in names]
    else:
        parts = [forms.form({off + layout.deprived(j): points[j]}) for j in names]
    score = np.sum(parts, axis=0)
    forms.add("H", None, poor, people)
    forms.add("A", None, score, poor * whole)
    forms.add("M0", None, score, people * whole)
    for j, name in enumerate(spec.indicators):
        censored = forms.form(off + layout.deprived(j))
        forms.add("censored_headcount", name, censored, forms.form(layout.known(j)))
    for kind, bottom in (("absolute_contribution", people * whole), ("contribution", score)):
        for name, part in zip(spec.indicators, parts, strict=True):
            forms.add(kind, name, part, bottom)
    if any(len(indicators) > 1 for indicators in spec.dimensions.values()):
        place = {name: j for j, name in enumerate(spec.indicators)}
        ends = (("absolute_dimension_contribution", people * whole), ("dimension_contribution", score))
        for kind, bottom in ends:
            for name, indicators in spec.dimensions.items():
                forms.add(kind, name, np.sum([parts[place[i]] for i in indicators], axis=0), bottom)
    count = forms.form({off + layout.deprived(j): 1.0 for j in names})
    forms.add("mean_deprivations_poor", None, count, poor)
    forms.add("group_contribution", None, score, score, of_all=True)
    forms.add("number_poor", None, poor, poor * 0.0)
    if layout.gaps:
        # where rows are re-weighted, a gap is added up with the weight that it counts with
        scale = [whole] * layout.count if layout.reweighted else points
        gaps = [forms.form({off + layout.gap(j, power): scale[j] for j in names}) for power in (1, 2)]
        forms.add("M1", None, gaps[0], people * whole)
        forms.add("M2", None, gaps[1], people * whole)
        forms.add("G", None, gaps[0], score)
        forms.add("S", None, gaps[1], score)
    found = forms.finish(None)
    return [evolve(found, k=k) for k in ks]


# --- totals


@frozen(eq=False)
class Totals:
    """Base totals of each row of a sample's frame (a sampling unit in a group), or of each group.

    Attributes
    ----------
    plain : float array, shape (features + extras, rows)
        For the figures without a cut-off.
    poor : float array, shape (cut-offs, features of everyone + features, rows)
        For those of each of the sorted cut-offs: what they need over everyone, then everything over its poor.
    """

    plain: Array
    poor: Array

    @classmethod
    def of(cls, reaching: Array, extras: Array, everyone: int) -> Totals:
        """Put together the features of those who reach at least i cut-offs (``reaching[i]``), and the extras."""
        head = np.broadcast_to(reaching[0, :everyone], (len(reaching) - 1, everyone, reaching.shape[2]))
        return cls(np.concatenate([reaching[0], extras]), np.concatenate([head, reaching[1:]], axis=1))

    @property
    def people(self) -> Array:
        """Everyone, shape (rows,)."""
        return np.asarray(self.plain[0])

    def add_up(self, starts: Array) -> Totals:
        """Add up runs of rows that start at ``starts``."""
        return Totals(np.add.reduceat(self.plain, starts, axis=1), np.add.reduceat(self.poor, starts, axis=2))

    def arrange(self, order: Array) -> Totals:
        """Return the rows in another order."""
        if (order == np.arange(len(order))).all():
            return self
        return Totals(self.plain[:, order], self.poor[:, :, order])

    def base(self, number: int) -> Array:
        """Return the base totals of figure set ``number``, shape (base totals, rows): 0 without a cut-off,
        else that cut-off's.
        """
        return self.poor[number - 1] if number else self.plain


def layout_of(spec: Weights, tally: Tally, missing: str | None) -> Layout:
    """Say which base totals a spec, a tally and a policy need."""
    gaps = all(f"weight_gap1:{name}" in tally.sums for name in spec.indicators)
    reweight = missing == "reweight" and tally.has_gaps
    return Layout(spec.indicators, reweight, gaps, tally.categories, bool((tally.cells["category"] == 0).any()))


def feature_columns(layout: Layout, profiles: Profiles) -> list[Array]:
    """Return what a row of each profile adds to each feature but the gaps, shape (profiles,) each."""
    kept = profiles.kept
    columns = [kept]
    if layout.reweighted:
        columns += [kept & ~profiles.unknown[:, j] for j in range(layout.count)]
    columns += [kept & profiles.deprived[:, j] for j in range(layout.count)]
    if layout.reweighted:
        columns += [
            np.where(kept & profiles.deprived[:, j], profiles.effective[:, j], 0.0) for j in range(layout.count)
        ]
    return columns


def profile_totals(layout: Layout, profiles: Profiles, number: int) -> Array:
    """Return what a row of each profile adds to the base totals of a figure set, shape (profiles, base totals).

    Of gaps and classes, which no profile tells, it has nothing (NaN).
    """
    features = np.full((len(profiles.kept), layout.features), np.nan)
    columns = np.column_stack(feature_columns(layout, profiles)).astype(np.float64)
    features[:, : columns.shape[1]] = columns
    if number:
        return np.concatenate([features[:, : layout.everyone], features * (profiles.bucket >= number)[:, None]], axis=1)
    counts = np.full((len(features), layout.extras), np.nan)
    counts[:, : layout.count + 1] = 0
    counts[np.arange(len(features)), profiles.deprived.sum(axis=1)] = profiles.kept
    return np.concatenate([features, counts], axis=1)


def unit_totals(
    layout: Layout, profiles: Profiles, tally: Tally, basis: str, row: Array, rows: int, buckets: int
) -> Totals:
    """Add up the features of all cells, per row and bucket.

    A chunk of cells at a time, which stays in the cache: cells are sorted by sampling unit, so a chunk has few rows.
    """
    columns = feature_columns(layout, profiles)
    # those left out are no count of deprivations at all
    count = np.where(profiles.kept, profiles.deprived.sum(axis=1), layout.count + 1)
    everyone, extras = layout.everyone, slice(layout.features, None)
    plain = np.zeros((layout.features + layout.extras, rows))
    poor = np.zeros((buckets - 1, everyone + layout.features, rows))
    for start in range(0, len(row), CHUNK):
        part = slice(start, start + CHUNK)
        first, last = int(row[part].min()), int(row[part].max())
        chunk = _Chunk(
            tally.cells["profile"][part].astype(np.intp),
            tally.sums[basis][part].astype(np.float64, copy=False),
            row[part].astype(np.int64) - first,
            last - first + 1,
        )
        within = slice(first, last + 1)
        for places, found in chunk.features(columns, profiles.bucket, buckets):
            for number in range(buckets - 2, -1, -1):
                found[number] += found[number + 1]
            plain[places, within] += found[0]
            poor[:, everyone + places.start : everyone + places.stop, within] += found[1:]
        if layout.gaps:
            for power in (1, 2):
                for j, name in enumerate(layout.indicators):
                    gap = tally.sums[f"{basis}_gap{power}:{name}"][part]
                    values = gap * columns[layout.counted(j)][chunk.profile]
                    found = chunk.add(values, profiles.bucket, buckets)
                    found = found[::-1].cumsum(axis=0)[::-1]
                    poor[:, everyone + layout.gap(j, power), within] += found[1:]
        plain[extras][: layout.count + 1, within] += chunk.one_hot(count[chunk.profile], layout.count + 2)[:-1]
        if layout.categories:
            classes = len(layout.categories) + 1
            plain[extras][layout.count + 1 :, within] += chunk.one_hot(tally.cells["category"][part], classes)
    poor[:, :everyone] = plain[:everyone]
    return Totals(plain, poor)


@frozen(eq=False)
class _Chunk:
    """Some cells in a row: their profiles, weights, and rows, counted from the first."""

    profile: Array
    weight: Array
    row: Array
    rows: int

    def code(self, bucket: Array) -> Array:
        """Bucket and row of each cell, as one number."""
        return np.asarray((bucket * self.rows)[self.profile] + self.row)

    def add(self, values: Array, bucket: Array, buckets: int) -> Array:
        """Add up values of cells, shape (buckets, rows)."""
        return np.bincount(self.code(bucket), values, minlength=buckets * self.rows).reshape(buckets, -1)

    def one_hot(self, which: Array, width: int) -> Array:
        """Add up the weight of cells by a code, shape (codes, rows)."""
        code = which.astype(np.int64) * self.rows + self.row
        return np.bincount(code, self.weight, minlength=width * self.rows).reshape(width, -1)

    def features(self, columns: list[Array], bucket: Array, buckets: int) -> Iterator[tuple[slice, Array]]:
        """Add up features, 0/1 ones coming first: places, and sums of shape (buckets, places, rows)."""
        flags = [column for column in columns if column.dtype == bool]
        code, bins = self.code(bucket), buckets * self.rows
        width = 1
        # several 0/1 features in one pass: their patterns multiply the bins, which should not outgrow the cells by much
        while width < 6 and bins << (width + 1) <= 4 * len(code):
            width += 1
        for first in range(0, len(flags), width):
            some = flags[first : first + width]
            sums = self._add_flags(some, code, bins)
            yield slice(first, first + len(some)), sums.reshape(-1, buckets, self.rows).transpose(1, 0, 2)
        for place in range(len(flags), len(columns)):
            yield (
                slice(place, place + 1),
                self.add(self.weight * columns[place][self.profile], bucket, buckets)[:, None],
            )

    def _add_flags(self, flags: list[Array], code: Array, bins: int) -> Array:
        """Count the joint patterns of some flags, then add the patterns that hold each."""
        offset = sum((flag * (bins << i) for i, flag in enumerate(flags)), np.zeros(len(flags[0]), np.int64))
        found = np.bincount(offset[self.profile] + code, self.weight, minlength=bins << len(flags))
        patterns = found.reshape(-1, bins)
        out = np.zeros((len(flags), bins))
        for pattern in range(1, len(patterns)):
            for i in range(len(flags)):
                if pattern >> i & 1:
                    out[i] += patterns[pattern]
        return out


def replicate_totals(layout: Layout, profiles: Profiles, tally: Tally, basis: str, buckets: int) -> Totals:
    """Add up the features under each replicate's weights; the rows are groups within replicates."""
    weights = tally.sums[f"{basis}_rep"]
    profile, groups, drawn = tally.cells["profile"], len(tally.groups), weights.shape[1]
    features = np.column_stack(feature_columns(layout, profiles)).astype(np.float64)
    hot = np.zeros((len(profiles.kept), layout.count + 1))
    hot[np.arange(len(hot)), profiles.deprived.sum(axis=1)] = profiles.kept
    reaching = np.zeros((buckets, layout.features, drawn, groups))
    extras = np.zeros((layout.extras, drawn, groups))
    code = tally.cells["group"].astype(np.int64) * buckets + profiles.bucket[profile]
    order, starts = counting.sort_rows(code, groups * buckets)
    order = np.arange(len(code)) if order is None else order
    for cells in np.split(order, starts[1:]) if len(order) else ():
        group, bucket = divmod(int(code[cells[0]]), buckets)
        own = features[profile[cells]]
        reaching[: bucket + 1, : own.shape[1], :, group] += own.T @ weights[cells]
        if layout.gaps:
            for j, name in enumerate(layout.indicators):
                for power in (1, 2):
                    gap = tally.sums[f"row_gap{power}:{name}"][cells] * own[:, layout.counted(j)]
                    reaching[: bucket + 1, layout.gap(j, power), :, group] += gap @ weights[cells]
        one_hot = hot[profile[cells]]
        if layout.categories:
            one_hot = np.hstack([one_hot, np.eye(len(layout.categories) + 1)[tally.cells["category"][cells]]])
        extras[:, :, group] += one_hot.T @ weights[cells]
    return Totals.of(reaching.reshape(buckets, layout.features, -1), extras.reshape(layout.extras, -1), layout.everyone)
