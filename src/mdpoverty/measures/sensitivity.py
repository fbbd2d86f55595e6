"""How much a result hangs on its choices: cut-offs, weights, and indicators that say the same thing twice.

All of it is read off one tally. Sources: Alkire et al. (2015), chapter 7 (redundancy) and chapter 8
(robustness).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from mdpoverty.errors import SpecError
from mdpoverty.measures import inference
from mdpoverty.measures.alkire_foster import AlkireFoster
from mdpoverty.measures.results import Measures
from mdpoverty.measures.weights import AnyNumber
from mdpoverty.numbers import Language
from mdpoverty.tables.columns import Array
from mdpoverty.tally import Tally
from mdpoverty.words.tables import told

if TYPE_CHECKING:
    import pandas as pd

#: What every bootstrap's seed begins with.
SALT = 0x6D64706F
#: Figures that differ by less than this share of them differ by rounding.
ROUNDING = 1e-12


def sweep(
    tally: Tally,
    specs: AlkireFoster | Mapping[str, AlkireFoster],
    *,
    ks: Iterable[AnyNumber] | None = None,
    by: str | Sequence[str] | None = None,
    missing: str | None = None,
    of: str | None = None,
    lang: Language | None = None,
) -> pd.DataFrame:
    """Measure under several cut-offs and weightings, from the same tally.

    Parameters
    ----------
    tally : Tally
    specs : AlkireFoster, or mapping of name to AlkireFoster
        The weightings.
    ks : cut-offs, optional
        By default every score that a profile of the tally has: the figures change nowhere else.
    by, missing, of
        As in :meth:`AlkireFoster.measure_tally`.
    lang : {"vi", "en"}, optional
        For the reader: names for ids, shares in per cent as text.

    Returns
    -------
    pandas.DataFrame
        The tables of :attr:`Measures.table` one below the other, with a first column ``spec``.

    Examples
    --------
    >>> t = Tally.from_frame({"a": [1, 1, 0], "b": [1, 0, 0]}, ["a", "b"])
    >>> found = sweep(t, AlkireFoster({"a": 1, "b": 1}, k=1))
    >>> found[found["measure"] == "H"]["k"].tolist()
    [0.5, 1.0]
    """
    import pandas as pd

    named = {"spec": specs} if isinstance(specs, AlkireFoster) else dict(specs)
    chosen = None if ks is None else list(ks)
    tables = []
    for name, spec in named.items():
        m = spec.measure_tally(
            tally, by=by, missing=missing, of=of, ks=attainable(tally, spec) if chosen is None else chosen
        )
        tables.append(m.table.assign(spec=name))
    whole = pd.concat(tables, ignore_index=True)
    found = whole[["spec", *(name for name in whole.columns if name != "spec")]]
    return found if lang is None else told(found, lang, tally.names, groups=tally.regroup(by).by)


def attainable(tally: Tally, spec: AlkireFoster) -> list[Fraction]:
    """Return the scores above zero that complete profiles of the tally have, sorted.

    Examples
    --------
    >>> t = Tally.from_frame({"a": [1, 0], "b": [1, 1]}, ["a", "b"])
    >>> attainable(t, AlkireFoster({"a": "2/3", "b": "1/3"}, k=1))
    [Fraction(1, 3), Fraction(1, 1)]
    """
    bits = np.array([tally.indicators.index(name) for name in spec.indicators], np.uint64)
    words = tally.profiles[tally.profiles[:, 1] == 0, 0]
    scores, whole = spec.scores(((words[:, None] >> bits) & np.uint64(1)).astype(bool))
    return [Fraction(int(s), whole) for s in sorted(set(scores.tolist())) if s > 0] or [spec.k]


def redundancy(tally: Tally, spec: AlkireFoster, *, k: AnyNumber | None = None, of: str | None = None) -> pd.DataFrame:
    """Compare indicators two by two: do they tell different people apart?

    Parameters
    ----------
    tally : Tally
        Pairs are taken over the people for whom both indicators are known.
    spec : AlkireFoster
        Its indicators are compared.
    k : cut-off, optional
        Compare censored deprivations, of those who are poor by this cut-off (people with any unknown
        indicator are left out); by default uncensored ones.
    of : {"people", "households"}, optional

    Returns
    -------
    pandas.DataFrame
        Per pair ``first``, ``second``: the shares of people deprived in ``both``, ``only_first``,
        ``only_second``, ``neither``; ``cramers_v``, the association with its sign, −1 to 1; and ``r0`` = both
        / min(first, second), the share of the rarer deprivation that the other covers (Alkire et al. 2015,
        section 7.3). NaN where undefined.

    Examples
    --------
    >>> t = Tally.from_frame({"a": [1, 1, 0, 0], "b": [1, 0, 0, 0]}, ["a", "b"])
    >>> redundancy(t, AlkireFoster({"a": 1, "b": 1}, k=1))[["first", "second", "both", "r0"]]
      first second  both   r0
    0     a      b  0.25  1.0
    """
    import pandas as pd

    weight = np.bincount(tally.cells["profile"], tally.sums[tally.unit_of(of)], minlength=len(tally.profiles))
    bits = np.array([tally.indicators.index(name) for name in spec.indicators], np.uint64)
    deprived, unknown = (((tally.profiles[:, i, None] >> bits) & np.uint64(1)).astype(bool) for i in (0, 1))
    if k is not None:
        complete = ~unknown.any(axis=1)
        weight = weight * complete
        deprived = deprived & spec.is_poor(deprived, spec.cut_offs(k)[0])[:, None]
    rows = []
    for (i, first), (j, second) in itertools.combinations(enumerate(spec.indicators), 2):
        w = weight * ~(unknown[:, i] | unknown[:, j])
        x, y = deprived[:, i], deprived[:, j]
        parts = [float(w @ part) for part in (x & y, x & ~y, ~x & y, ~x & ~y)]
        rows.append([first, second, *_association(*parts)])
    names = ["first", "second", "both", "only_first", "only_second", "neither", "cramers_v", "r0"]
    return pd.DataFrame(rows, columns=names)


def _association(both: float, first: float, second: float, neither: float) -> list[float]:
    total = both + first + second + neither
    if not total > 0:
        return [math.nan] * 6
    x, y = both + first, both + second
    spread = math.sqrt(x * (total - x) * y * (total - y))
    v = (both * neither - first * second) / spread if spread > 0 else math.nan
    r0 = both / min(x, y) if min(x, y) > 0 else math.nan
    return [both / total, first / total, second / total, neither / total, v, r0]


def bootstrap(
    measures: Measures, measure: str = "M0", *, replicates: int = 1000, seed: int | np.random.Generator = 0
) -> Array:
    """Draw a figure of every group again and again, by resampling the sampling units.

    Rao and Wu's rescaled bootstrap (1988): in each stratum n − 1 of the n units are drawn with replacement,
    and a unit drawn r times counts r·n/(n − 1) times. Where a share f of a stratum's units was drawn, these
    multipliers are drawn towards 1 by √(1 − f). The draws are multipliers of units, so all of them are
    one matrix product over the units' totals; no row is touched again.

    Parameters
    ----------
    measures : Measures
        With a design of strata and sampling units. A lonely unit is kept as it is.
    measure : str
        A figure without an indicator: ``"H"``, ``"A"``, ``"M0"``, ``"share"``, …
    replicates : int
    seed : int or numpy Generator

    Returns
    -------
    float array, shape (replicates, groups, cut-offs)

    Examples
    --------
    >>> from mdpoverty.measures import SurveyDesign
    >>> frame = {"a": [1, 0, 1, 0], "psu": [1, 2, 3, 4]}
    >>> m = AlkireFoster({"a": 1}, k=1).measure(frame, design=SurveyDesign(psu="psu"))
    >>> bootstrap(m, "H", replicates=50).shape
    (50, 1, 1)
    """
    tally = measures.tally
    if tally.design is None or tally.design.replicates or len(tally.psus) == 0:
        raise SpecError("A bootstrap of sampling units needs a design with psu=, and no replicate weights.")
    # a salt, so that the draws are none that people make their data with
    random = seed if isinstance(seed, np.random.Generator) else np.random.default_rng([SALT, seed])
    found = measures.estimates
    frame = found.frame
    drawn = _multipliers(random, tally, replicates)[:, frame.unit]
    out = []
    sets = found.sets
    wanted = [i for i, s in enumerate(sets) if measure in s.measure]
    if not wanted:
        raise SpecError(f"There is no figure {measure!r} without an indicator.")
    for number in wanted:
        f = sets[number].measure.index(measure)
        base = found.totals.base(number)
        parts = []
        for form in (sets[number].numerator[f], sets[number].denominator[f]):
            values = inference.along(form, base)
            parts.append(
                np.column_stack([drawn[:, r] @ values[r] for r in map(frame.of, range(len(frame.starts) - 1))])
            )
        top, bottom = parts
        if sets[number].of_all[f]:
            bottom = bottom.sum(axis=1, keepdims=True)
        with np.errstate(divide="ignore", invalid="ignore"):
            out.append(top / bottom)
    return np.stack(out, axis=2)


def _multipliers(random: np.random.Generator, tally: Tally, replicates: int) -> Array:
    """How often each sampling unit counts in each replicate, shape (replicates, units)."""
    out = np.ones((replicates, len(tally.units)))
    stratum = tally.units[:, 0]
    left = 1 - inference.sampling_fractions(tally, np.bincount(np.maximum(stratum, 0)))
    starts = np.flatnonzero(np.concatenate([[True], stratum[1:] != stratum[:-1]]))
    for first, last in itertools.pairwise([*starts.tolist(), len(stratum)]):
        n = last - first
        if n > 1:
            found = random.multinomial(n - 1, np.full(n, 1 / n), size=replicates) * (n / (n - 1))
            out[:, first:last] = 1 + math.sqrt(left[max(int(stratum[first]), 0)]) * (found - 1)
    return out


def rank_robustness(
    tally: Tally,
    specs: AlkireFoster | Mapping[str, AlkireFoster],
    *,
    ks: Iterable[AnyNumber] | None = None,
    measure: str = "M0",
    by: str | Sequence[str] | None = None,
    missing: str | None = None,
    of: str | None = None,
    replicates: int = 0,
    seed: int = 0,
    lang: Language | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare the ranking of groups under other cut-offs and weights with that of the first.

    Parameters
    ----------
    tally : Tally
        By the groups to rank.
    specs : AlkireFoster, or mapping of name to AlkireFoster
        The first one, at its own cut-off, is the baseline.
    ks : cut-offs, optional
        Each spec is taken at each of them, beside its own.
    measure : str
    by, missing, of
        As in :meth:`AlkireFoster.measure_tally`.
    replicates : int
        Draws of the :func:`bootstrap`, for the errors; 0 for none.
    seed : int
        The same draws are used for every alternative.
    lang : {"vi", "en"}, optional
        For the reader: heads and groups by their names, shares in per cent as text.

    Returns
    -------
    summary : pandas.DataFrame
        Per alternative (``spec``, ``k``): Kendall's ``kendall`` (τ_b) and Spearman's ``spearman`` correlation
        with the baseline, ``pairs_kept``, the share of the baseline's (strict) pairwise orders that hold, and
        with replicates the standard errors ``…_se``.
    pairs : pandas.DataFrame
        Per pair of groups, the one with more poverty in the baseline first: ``share_robust`` of the other
        alternatives that agree (strictly; NaN if there are none), and with replicates ``certainty``, the share
        of draws of the baseline that do.

    Notes
    -----
    Alkire et al. (2015), section 8.1: a comparison is robust if it holds under all alternatives.

    Examples
    --------
    >>> frame = {"a": [1, 1, 1, 0, 0, 0], "b": [0, 1, 0, 1, 0, 0], "g": ["x", "x", "y", "y", "z", "z"]}
    >>> spec = AlkireFoster({"a": 1, "b": 1}, k=1)
    >>> summary, pairs = rank_robustness(Tally.from_frame(frame, ["a", "b"], by="g"), spec, ks=["1"])
    >>> summary["k"].tolist(), [round(x, 2) for x in summary["kendall"]]
    ([0.5, 1.0], [1.0, 0.82])
    """
    import pandas as pd

    named = {"spec": specs} if isinstance(specs, AlkireFoster) else dict(specs)
    extra = list(ks or ())
    rows, levels, draws = [], [], []
    for name, spec in named.items():
        own = spec.cut_offs([spec.k, *extra])
        m = spec.measure_tally(tally, by=by, missing=missing, of=of, ks=own)
        order = sorted(range(len(own)), key=lambda i: (own[i] != spec.k, own[i]))
        found = np.column_stack([_estimates(m, i + 1, measure) for i in order])
        levels.append(found)
        rows += [(name, float(own[i])) for i in order]
        if replicates:
            draws.append(bootstrap(m, measure, replicates=replicates, seed=seed)[:, :, order])
    table = _tied(np.concatenate(levels, axis=1))
    labels = list(zip(*m.tally.group_labels().values(), strict=True))
    summary = pd.DataFrame(rows, columns=["spec", "k"])
    for column, values in _agreement(table).items():
        summary[column] = values
    drawn = np.concatenate(draws, axis=2) if draws else None
    if drawn is not None:
        each = [_agreement(one) for one in drawn]
        for column in each[0]:
            summary[f"{column}_se"] = np.nanstd([one[column] for one in each], axis=0, ddof=1)
    pairs = _pairs(table, labels, drawn)
    if lang is None:
        return summary, pairs
    return told(summary, lang, tally.names), told(_named(pairs, m.tally, lang), lang, tally.names)


def _named(pairs: pd.DataFrame, tally: Tally, lang: Language) -> pd.DataFrame:
    """Name the groups of pairs: a code's label, or several columns' values joined."""

    def name(group: Any) -> str:
        values = group if len(tally.by) > 1 else (group,)
        return ", ".join(tally.names.group(by, value, lang) for by, value in zip(tally.by, values, strict=True))

    return pairs.assign(first=pairs["first"].map(name), second=pairs["second"].map(name))


def _estimates(m: Measures, number: int, measure: str) -> Array:
    """Return a figure of every group, from one of the figure sets."""
    return np.asarray(m.estimates.ratios[0][number][:, m.estimates.sets[number].measure.index(measure)])


def _tied(table: Array) -> Array:
    """Give figures of a column that differ by rounding only the same value: ties stay ties."""
    out = table.copy()
    for column in out.T:
        order = np.argsort(column)
        values = column[order]
        new = np.concatenate([[True], np.diff(values) > ROUNDING * np.abs(values[1:])])
        column[order] = values[np.flatnonzero(new)][np.cumsum(new) - 1]
    return out


def _agreement(table: Array) -> dict[str, Array]:
    """Kendall, Spearman and kept orders of each column with the first."""
    i, j = np.triu_indices(len(table), 1)
    sign = np.sign(table[i] - table[j])
    base = sign[:, :1]
    with np.errstate(divide="ignore", invalid="ignore"):
        untied = np.sqrt((base != 0).sum() * (sign != 0).sum(axis=0))
        kendall = (base * sign).sum(axis=0) / untied
        kept = ((base * sign) > 0).sum(axis=0) / (base != 0).sum()
        ranks = np.apply_along_axis(_midranks, 0, table)
        centred = ranks - ranks.mean(axis=0)
        norm = np.sqrt((centred**2).sum(axis=0) * (centred[:, 0] ** 2).sum())
        spearman = (centred * centred[:, :1]).sum(axis=0) / norm
    return {"kendall": kendall, "spearman": spearman, "pairs_kept": kept}


def _midranks(values: Array) -> Array:
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return np.asarray((last - (count - 1) / 2)[place])


def _pairs(table: Array, labels: list[tuple[Any, ...]], drawn: Array | None) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for i, j in itertools.combinations(range(len(table)), 2):
        high, low = (i, j) if table[i, 0] >= table[j, 0] else (j, i)
        row: dict[str, Any] = {
            "first": labels[high][0] if len(labels[high]) == 1 else labels[high],
            "second": labels[low][0] if len(labels[low]) == 1 else labels[low],
            "share_robust": float((table[high, 1:] > table[low, 1:]).mean()) if table.shape[1] > 1 else math.nan,
        }
        if drawn is not None:
            row["certainty"] = float((drawn[:, high, 0] > drawn[:, low, 0]).mean())
        rows.append(row)
    return pd.DataFrame(rows)
