"""What a change of M0 is made of: who is poor and how poor they are, each indicator, and each group of people.

Each part is a smooth function of figures of both waves, so its variance is gᵀ·Σ·g, with its slopes g and the covariance
of the figures, as for changes themselves. Products are split evenly between their factors (Shapley): the order in which
one thing changes after the other plays no part. (Alkire et al. 2015, section 9.2.3; Shorrocks 2013.)
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve, frozen

from mdpoverty.errors import SpecError
from mdpoverty.measures import change, inference
from mdpoverty.tables.columns import Array
from mdpoverty.tables.labels import label_column

if TYPE_CHECKING:
    import pandas as pd

#: A figure: its group, figure set, and place there.
Place = tuple[int, int, int]
#: Columns of the table, beside those of groups.
COLUMNS = (
    "k",
    "from",
    "to",
    "part",
    "indicator",
    "estimate",
    "se",
    "t",
    "p",
    "ci_low",
    "ci_high",
    "df",
    "share",
    "share_se",
)


NOTHING = (math.nan, math.nan)


@frozen
class Part:
    """A part of a change, with its slopes by the figures that it is made of.

    Attributes
    ----------
    name : str
    estimate : float
    slopes : dict of place to float
    indicator : str or None
    group : int or None
        The code of the group that it is the part of.
    """

    name: str
    estimate: float
    slopes: dict[Place, float]
    indicator: str | None = None
    group: int | None = None

    def over(self, whole: Part) -> Part:
        """Return the part as a share of the whole."""
        if not whole.estimate:
            return evolve(self, estimate=math.nan, slopes=dict.fromkeys(self.slopes, math.nan))
        share = self.estimate / whole.estimate
        slopes = {
            place: (self.slopes.get(place, 0.0) - share * whole.slopes.get(place, 0.0)) / whole.estimate
            for place in {**self.slopes, **whole.slopes}
        }
        return evolve(self, estimate=share, slopes=slopes)


def table(
    found: change.Levels, over: str, among: str | None, years: Mapping[Any, float] | None, pairs: str, level: float
) -> pd.DataFrame:
    """Return the parts of every change of M0; see :meth:`Measures.decompose_change`."""
    import pandas as pd

    inference.check_level(level)
    by = found.tally.by
    if among is not None and (among not in by or among == over):
        raise SpecError(f"among={among!r} is none of the other group columns: {', '.join(by) or 'none'}.")
    taken = [name for name in by if name != over and name in COLUMNS]
    if taken:
        raise SpecError(
            f"{', '.join(map(repr, taken))} is a column of the table of parts too. Rename the group column."
        )
    codes = found.tally.groups
    wave_of = codes[:, by.index(over)].tolist() if over in by else []
    fixed = [name for name in by if name not in (over, among)]
    rest = [tuple(row) for row in codes[:, [by.index(name) for name in fixed]].tolist()]
    rows: list[tuple[Any, ...]] = []
    groups: list[tuple[int, int]] = []
    places: list[int] = []
    for others, waves in itertools.product(dict.fromkeys(rest), change.pairs_of_waves(found, over, years, pairs)):
        ends = [[g for g, its in enumerate(rest) if its == others and wave_of[g] == wave] for wave in waves]
        if not all(ends):
            continue
        df = found.df_of([*ends[0], *ends[1]]) if found.tally.design is not None and found.tally.n else math.nan
        for number, figures in enumerate(found.sets):
            if figures.k is None:
                continue
            if among is None:
                made = _own_parts(found, number, ends[0][0], ends[1][0])
            else:
                own = [{int(codes[g, by.index(among)]): g for g in end} for end in ends]
                made = _group_parts(found, number, own[0], own[1])
            total, shares = made[0].estimate, [part.over(made[0]) for part in made]
            errors = zip(_errors(found, made), _errors(found, shares), strict=True)
            for part, share, (of_part, of_share) in zip(made, shares, errors, strict=True):
                told = change.described(part.estimate, *of_part, df, level)
                _, share_se, *_ = change.described(share.estimate, *of_share, df, level)
                # the whole is all of itself, and nothing of it varies
                known = (share.estimate, 0.0 if part is made[0] and told[1] == told[1] else share_se)
                rows.append((float(figures.k), part.name, part.indicator, *told, *(known if total else NOTHING)))
                groups.append((ends[0][0], ends[1][0]))
                places.append(-1 if part.group is None else part.group)
    made_of = pd.DataFrame(rows, columns=[name for name in COLUMNS if name not in ("from", "to")])
    first, last = (found.tally.group_frame(ends) for ends in np.array(groups, np.int64).reshape(-1, 2).T)
    made_of.insert(1, "from", first[over])
    made_of.insert(2, "to", last[over])
    heads = first[fixed]
    if among is not None:
        labels = found.tally.levels[by.index(among)]
        # the parts of all groups together have none
        whose = label_column((*labels, None), np.where(np.array(places) < 0, len(labels), places))
        heads = heads.assign(**{among: whose})
    made_of = pd.concat([heads, made_of], axis=1)
    made_of.attrs["level"] = level
    return made_of


def _errors(found: change.Levels, made: Sequence[Part]) -> list[tuple[Array, Array]]:
    """Return for each part its slopes, and the covariance matrix of what they belong to."""
    every = list(dict.fromkeys(place for part in made for place in part.slopes))
    sampled = found.tally.design is not None and found.tally.n > 0
    whole = found.covariance(every) if sampled and every else np.full((len(every), len(every)), math.nan)
    at = {place: i for i, place in enumerate(every)}
    out = []
    for part in made:
        used = {place: slope for place, slope in part.slopes.items() if slope != 0}
        chosen = [at[place] for place in used]
        out.append((np.array(list(used.values())), whole[np.ix_(chosen, chosen)]))
    return out


def _places(found: change.Levels, number: int) -> dict[tuple[str, str | None], int]:
    s = found.sets[number]
    return {name: f for f, name in enumerate(zip(s.measure, s.indicator, strict=True))}


def _own_parts(found: change.Levels, number: int, first: int, last: int) -> list[Part]:
    """Split a change of M0 = H·A into that of H, that of A, and those of the indicators' parts."""
    names, values = _places(found, number), found.ratios[0][number]

    def pair(measure: str, indicator: str | None = None) -> tuple[Place, Place, float, float]:
        f = names[measure, indicator]
        return (first, number, f), (last, number, f), float(values[first, f]), float(values[last, f])

    def difference(name: str, measure: str, indicator: str | None = None) -> Part:
        one, two, a, b = pair(measure, indicator)
        return Part(name, b - a, {one: -1.0, two: 1.0}, indicator)

    h_first, h_last, h1, h2 = pair("H")
    a_first, a_last, a1, a2 = pair("A")
    # where nobody is poor there is no intensity, and all of the change is of who is poor
    a1, a2 = (a2 if math.isnan(a1) else a1), (a1 if math.isnan(a2) else a2)
    if math.isnan(a1):
        a1 = a2 = 0.0
    incidence = {a_first: (h2 - h1) / 2, a_last: (h2 - h1) / 2, h_first: -(a1 + a2) / 2, h_last: (a1 + a2) / 2}
    intensity = {h_first: (a2 - a1) / 2, h_last: (a2 - a1) / 2, a_first: -(h1 + h2) / 2, a_last: (h1 + h2) / 2}
    return [
        difference("total", "M0"),
        Part("incidence", (a1 + a2) / 2 * (h2 - h1), incidence),
        Part("intensity", (h1 + h2) / 2 * (a2 - a1), intensity),
        *(
            difference("indicator", measure, indicator)
            for measure, indicator in names
            if measure == "absolute_contribution"
        ),
    ]


def _group_parts(found: change.Levels, number: int, first: Mapping[int, int], last: Mapping[int, int]) -> list[Part]:
    """Split a change of M0 into changes within groups, and of the groups' shares of the population.

    ``first`` and ``last`` are the groups of each wave by their codes; a group may be in one of them only.
    """
    m0, share = _places(found, number)["M0", None], _places(found, 0)["share", None]
    codes = sorted({*first, *last})
    # levels and shares, by wave and group
    m, nu = np.full((2, len(codes)), np.nan), np.zeros((2, len(codes)))
    of_m: list[list[Place | None]] = [[None] * len(codes), [None] * len(codes)]
    of_nu: list[list[Place | None]] = [[None] * len(codes), [None] * len(codes)]
    for wave, groups in enumerate((first, last)):
        for i, code in enumerate(codes):
            if code in groups:
                of_m[wave][i], of_nu[wave][i] = (groups[code], number, m0), (groups[code], 0, share)
                m[wave, i] = found.ratios[0][number][groups[code], m0]
                nu[wave, i] = found.ratios[0][0][groups[code], share]
    sums = nu.sum(axis=1)
    nu = nu / sums[:, None]
    m = np.where(np.isnan(m), m[::-1], m)  # who is nowhere in a wave comes or goes with the level of the other
    weights, step = nu.mean(axis=0), m[1] - m[0]
    level, moved = m.mean(axis=0), nu[1] - nu[0]

    def slopes(by_m: Array, by_nu: Array) -> dict[Place, float]:
        """Return slopes by figures, from those by levels and by shares within the wave."""
        # a group's share of the wave falls as another's grows
        by_share = (by_nu - (by_nu * nu).sum(axis=1, keepdims=True)) / sums[:, None]
        out: dict[Place, float] = {}
        for wave, i in itertools.product((0, 1), range(len(codes))):
            for place, value in ((of_m[wave][i], by_m[wave, i]), (of_nu[wave][i], by_share[wave, i])):
                if place is not None:
                    out[place] = out.get(place, 0.0) + float(value)
        return out

    made = []
    own_within, own_moved = [], []
    for i, code in enumerate(codes):
        unit = np.zeros(len(codes))
        unit[i] = 1.0
        by_m = np.array([-unit * weights, unit * weights]), np.array([unit, unit]) * moved / 2
        by_nu = np.array([unit, unit]) * step / 2, np.array([-unit * level, unit * level])
        own_within.append((by_m[0], by_nu[0]))
        own_moved.append((by_m[1], by_nu[1]))
        made.append(Part("within", float(weights[i] * step[i]), slopes(by_m[0], by_nu[0]), group=code))
        made.append(Part("population", float(level[i] * moved[i]), slopes(by_m[1], by_nu[1]), group=code))

    def together(own: Sequence[tuple[Array, Array]]) -> tuple[Array, Array]:
        return np.sum([by_m for by_m, _ in own], axis=0), np.sum([by_nu for _, by_nu in own], axis=0)

    within, population = together(own_within), together(own_moved)
    return [
        Part("total", float((nu[1] * m[1]).sum() - (nu[0] * m[0]).sum()), slopes(*together([within, population]))),
        Part("within", float(weights @ step), slopes(*within)),
        Part("population", float(level @ moved), slopes(*population)),
        *made,
    ]
