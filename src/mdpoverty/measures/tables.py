"""The tables of measures: the figures, long and wide, what is missing from them, and what their errors leave out."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from mdpoverty.errors import SpecError
from mdpoverty.measures import figures, inference
from mdpoverty.measures.estimates import Estimates
from mdpoverty.numbers import Language
from mdpoverty.tables.columns import Array
from mdpoverty.tally import Tally
from mdpoverty.words.tables import FIGURES, figure_printed, told

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "COLUMNS",
    "design_effects",
    "figures_table",
    "left_out_replicates",
    "missing",
    "of_kind",
    "refuse_names",
    "wide",
    "without_errors",
]

#: Columns of the tables, which no group column may be named like.
COLUMNS = frozenset(
    ("spec", "k", "measure", "indicator", "estimate", "low", "high", "se", "ci_low", "ci_high", "n", "population", "df")
) | {f"{name}_{part}" for name in ("n", "population", "share") for part in ("incomplete", "dropped")}


def refuse_names(tally: Tally, columns: Iterable[str], what: str) -> None:
    """Refuse group columns whose names a table needs."""
    taken = [name for name in tally.by if name in columns]
    if taken:
        raise SpecError(
            f"{', '.join(map(repr, taken))} is a column of the table of {what} too. Rename the group column."
        )


# ------------------------------------------------------------------------------------------------------ what is missing


def missing(found: Estimates) -> pd.DataFrame:
    """Return how many rows and people have unknown indicators; see :attr:`Measures.missing`."""
    import pandas as pd

    tally = found.tally
    profile, group = tally.cells["profile"], tally.cells["group"]
    incomplete = np.asarray(found.unknown.any(axis=1))[profile]
    dropped = incomplete & ~found.profiles.kept[profile] & (found.policy != "bounds")
    out: dict[str, Any] = {}
    groups = len(tally.groups)
    for suffix, chosen in (
        ("", np.ones(len(profile), bool)),
        ("_incomplete", incomplete),
        ("_dropped", dropped),
    ):
        for name, basis in (("n", "n"), ("population", found.basis)):
            values = tally.sums[basis]
            sums = np.bincount(group, values * chosen, minlength=groups)
            out[name + suffix] = sums.astype(np.int64) if values.dtype.kind == "i" else sums
    whole = out["population"]
    out["share_dropped"] = np.divide(
        out["population_dropped"], whole, where=whole > 0, out=np.zeros(groups, np.float64)
    )
    return pd.concat([tally.group_frame(), pd.DataFrame(out)], axis=1)


def without_errors(found: Estimates) -> pd.DataFrame:
    """Return the groups whose figures have no standard errors; see :attr:`Measures.without_errors`."""
    import pandas as pd

    tally = found.tally
    refuse_names(tally, ("reason",), "reasons")
    groups = len(tally.groups)
    reasons: list[str] = [""] * groups
    if tally.design is not None and tally.n:
        df = found.errors[1]
        lone = found.lone
        for g in range(groups):
            if not df[g] > 0:
                reasons[g] = inference.NO_DEGREES
            elif lone[g]:
                reasons[g] = inference.ONE_UNIT
    chosen = [g for g in range(groups) if reasons[g]]
    why = pd.DataFrame({"reason": [reasons[g] for g in chosen]})
    return pd.concat([tally.group_frame(chosen), why], axis=1)


def left_out_replicates(found: Estimates) -> pd.DataFrame:
    """Return the figures that lack under some replicate weights; see :attr:`Measures.left_out_replicates`."""
    import pandas as pd

    tally = found.tally
    refuse_names(tally, ("replicates", "used"), "replicates")
    rows: list[tuple[Any, ...]] = []
    groups: list[int] = []
    if tally.design is not None and tally.design.replicates and tally.n:
        values = np.concatenate(found.replicates, axis=2)
        exists = np.isfinite(np.concatenate(found.ratios[0], axis=1))
        used = np.isfinite(values).sum(axis=0)
        names = [(_share(s), m, i) for s in found.sets for m, i in zip(s.measure, s.indicator, strict=True)]
        for g, f in zip(*np.nonzero(exists & (used < len(values))), strict=True):
            groups.append(int(g))
            rows.append((*names[f], len(values), int(used[g, f])))
    figures_of = pd.DataFrame(rows, columns=["k", "measure", "indicator", "replicates", "used"])
    return pd.concat([tally.group_frame(groups), figures_of], axis=1)


# ---------------------------------------------------------------------------------------------------------- the figures


def figures_table(found: Estimates, level: float, interval: str) -> pd.DataFrame:
    """Return the figures of estimates, group by group; see :attr:`Measures.table`."""
    import pandas as pd

    tally, sets = found.tally, found.sets
    estimate = np.concatenate(found.ratios[0], axis=1)
    se, df = found.errors
    groups, width = estimate.shape
    names = [name for s in sets for name in s.measure]
    bounded = np.tile([name not in figures.UNBOUNDED for name in names], groups)
    df_rows = np.repeat(df, width)
    n, population = found.sizes
    low, high = inference.intervals(
        estimate.ravel(), se.ravel(), df_rows, bounded, level, interval, np.repeat(n, width)
    )
    labels = tally.group_frame(np.repeat(np.arange(groups), width))
    columns: dict[str, Any] = {name: labels[name] for name in tally.by}
    columns["k"] = np.tile([_share(s) for s in sets for _ in s.measure], groups)
    columns["measure"] = np.tile(np.array(names, object), groups)
    columns["indicator"] = np.tile(np.array([name for s in sets for name in s.indicator], object), groups)
    columns["estimate"] = estimate.ravel()
    if found.policy == "bounds":
        columns |= {"low": estimate.ravel(), "high": estimate.ravel()}
    columns |= {"se": se.ravel(), "ci_low": low, "ci_high": high}
    columns |= {"n": np.repeat(n, width), "population": np.repeat(population, width), "df": df_rows}
    return pd.DataFrame(columns)


def _share(s: figures.FigureSet) -> float:
    """Return the cut-off of figures as a share, NaN where they have none."""
    return math.nan if s.k is None else float(s.k)


def design_effects(found: Estimates, table: pd.DataFrame) -> pd.DataFrame:
    """Return the design effects of the figures of a table; see :attr:`Measures.deff`."""
    import pandas as pd

    refuse_names(found.tally, ("deff", "deft"), "design effects")
    with np.errstate(divide="ignore", invalid="ignore"):
        effects = (found.errors[0] ** 2 / found.simple_variances).ravel()
    heads = table[[*found.tally.by, "k", "measure", "indicator"]]
    return pd.concat([heads, pd.DataFrame({"deff": effects, "deft": np.sqrt(effects)})], axis=1)


# --------------------------------------------------------------------------------------------------------- other shapes


def of_kind(table: pd.DataFrame, like: Any) -> Any:
    """Return a table as another kind of dataframe; see :meth:`Measures.to_frame`."""
    import narwhals as nw
    import pandas as pd

    try:
        backend = like if isinstance(like, str) else nw.from_native(like, eager_only=True).implementation
        if backend in ("pandas", nw.Implementation.PANDAS):
            return table
        nw.from_dict({"": []}, backend=cast(Any, backend))
    except (TypeError, ValueError):
        raise SpecError('like= is "pandas", "polars", "pyarrow", or a dataframe of such a kind') from None
    columns = {
        name: [None if (isinstance(x, float) and text) or x is pd.NA else x for x in table[name].to_list()]
        for name, text in zip(table.columns, table.dtypes == "str", strict=True)
    }
    return nw.from_dict(columns, backend=cast(Any, backend)).to_native()


def wide(found: Estimates, values: Array, lang: Language | None) -> pd.DataFrame:
    """Return a column of the table by group and cut-off, a column per figure; see :meth:`Measures.to_wide`."""
    import pandas as pd

    plain, *by_cut_off = found.sets
    own, ks, groups = len(plain.measure), [float(s.k or 0) for s in by_cut_off], len(found.tally.groups)
    blocks = values.reshape(groups, -1)
    whole = np.broadcast_to(blocks[:, None, :own], (groups, len(ks), own))
    poor = blocks[:, own:].reshape(groups, len(ks), -1)
    heads = [
        m if i is None else f"{m}:{i}"
        for s in (plain, by_cut_off[0])
        for m, i in zip(s.measure, s.indicator, strict=True)
    ]
    shown = np.concatenate([whole, poor], axis=2).reshape(-1, len(heads))
    keys = found.tally.group_frame(np.repeat(np.arange(groups), len(ks)))
    keys["k"] = ks * groups
    frame = pd.concat([keys, pd.DataFrame(shown, columns=heads).infer_objects()], axis=1)
    return frame.set_index(list(keys)) if lang is None else _wide_in_words(frame, found.tally, lang)


def _wide_in_words(frame: pd.DataFrame, tally: Tally, lang: Language) -> pd.DataFrame:
    names, keys, heads = tally.names, [*tally.by, "k"], {}
    for name in frame.columns.difference(keys, sort=False):
        measure, _, part = name.partition(":")
        frame[name] = [figure_printed(measure, value, lang) for value in frame[name].tolist()]
        label = FIGURES[measure].in_(lang)
        heads[name] = f"{label}: {names.part(measure, part, lang)}" if part else label
    told_keys = told(frame[keys], lang, names, groups=tally.by)
    return frame.drop(columns=keys).rename(columns=heads).set_index([told_keys[name] for name in told_keys.columns])
