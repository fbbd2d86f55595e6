"""From rows to the parts of a tally: checks first, all problems at once, then codes, then counting in blocks."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mdpoverty.errors import BadValues, Problem, SpecError, first_five
from mdpoverty.tally import counting
from mdpoverty.tally.counting import Array, Columns, Label
from mdpoverty.tally.design import SurveyDesign


def indicator_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names as a tuple; from 1 to 64 of them, none twice."""
    found = (names,) if isinstance(names, str) else tuple(names)
    if not found or len(found) > 64:
        raise SpecError(f"A tally takes from 1 to 64 indicators, and there are {len(found)}.")
    twice = sorted({name for name in found if found.count(name) > 1})
    if twice:
        raise SpecError(f"Indicators named twice: {', '.join(twice)}.")
    return found


class Rows:
    """Collects what is wrong with the arrays of one call, so that one error can say it all."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.problems: list[Problem] = []

    def check(self, name: str, values: Any) -> Array:
        """Return the values as an array of the right length, or zeros and a problem."""
        found = values if isinstance(values, np.ndarray) else np.asarray(values)
        if len(found) == self.n:
            return found
        self.problems.append(Problem(name, f"has {len(found)} rows where there are {self.n}"))
        return np.zeros((self.n, *found.shape[1:]), found.dtype)

    def numbers(self, name: str, values: Any, what: str) -> Array:
        """Return finite numbers of zero or more."""
        return counting.read_numbers(self.check(name, values), name, self.problems, what=what)

    def codes(self, name: str, values: Any) -> tuple[Array, tuple[Label, ...]]:
        """Return labels as codes; values may be such a pair already."""
        if isinstance(values, tuple) and len(values) == 2 and isinstance(values[1], tuple):
            return self.check(name, values[0]), values[1]
        return counting.encode(self.check(name, values))

    def raise_problems(self) -> None:
        """Raise what was found, if anything."""
        if self.problems:
            raise BadValues(self.problems)


def read_frame(
    columns: Columns,
    indicators: tuple[str, ...],
    by: tuple[str, ...],
    weight: str | None,
    size: str | None,
    design: SurveyDesign | None,
    category: str | None,
    categories: tuple[str, ...],
    gaps: Mapping[str, str],
) -> dict[str, Any]:
    """Read the columns that a tally needs; return the arguments of ``Tally.from_arrays``."""
    if design is not None and design.weight is not None:
        if weight not in (None, design.weight):
            raise SpecError(f"weight={weight!r} and the design's weight={design.weight!r} differ; give one of them.")
        weight = design.weight
    wanted: dict[str, tuple[str, ...]] = {name: (name,) for name in indicators}
    wanted |= dict.fromkeys(by, ("by",))
    named = {weight: "weight", size: "size", category: "category"}
    wanted |= {name: (part,) for name, part in named.items() if name is not None}
    wanted |= {column: (f"gap of {name}",) for name, column in gaps.items()}
    wanted |= design.columns() if design is not None else {}
    columns.require(wanted)
    problems: list[Problem] = []
    deprived, unknown = _read_flags(columns, indicators, problems)

    def number(name: str | None, what: str) -> Array | None:
        return None if name is None else counting.read_numbers(columns[name], name, problems, what=what)

    def labels(name: str | None) -> tuple[Array, tuple[Label, ...]] | None:
        return None if name is None else counting.encode(columns[name])

    out: dict[str, Any] = {
        "deprived": deprived,
        "unknown": unknown,
        "weight": number(weight, "a weight"),
        "sizes": number(size, "a number of persons"),
        "by": {name: labels(name) for name in by},
        "gaps": {name: number(column, "a gap") for name, column in gaps.items()},
    }
    if design is not None:
        out |= {"strata": labels(design.strata), "psu": labels(design.psu)}
        out["fpc"] = number(design.fpc, "a number or share of sampling units")
        found = [counting.read_numbers(columns[name], name, problems) for name in design.replicates]
        out["replicates"] = np.column_stack(found) if found else None
    if category is not None:
        out |= _read_category(columns, category, categories, problems)
    if problems:
        raise BadValues(problems)
    return out


def _read_flags(columns: Columns, indicators: tuple[str, ...], problems: list[Problem]) -> tuple[Array, Array | None]:
    read = [counting.read_flags(columns[name], name, problems) for name in indicators]
    if problems:
        raise BadValues(problems)
    unknown = None
    if any(null is not None for _, null in read):
        nothing = np.zeros(columns.rows, np.uint8)
        unknown = counting.pack([nothing if null is None else null.view(np.uint8) for _, null in read])
    return counting.pack([ones for ones, _ in read]), unknown


def _read_category(columns: Columns, name: str, categories: tuple[str, ...], problems: list[Problem]) -> dict[str, Any]:
    codes, labels = counting.encode(columns[name])
    order = categories or tuple(label for label in labels if label is not None)
    strange = [label for label in labels if label is not None and label not in order]
    if strange:
        problems.append(Problem(name, f"classes that are not in categories=: {', '.join(map(repr, strange))}"))
    place = {label: i for i, label in enumerate(order)}
    lookup = np.array([place.get(label, -1) for label in labels] or [-1], np.int8)
    return {"category": lookup[codes], "categories": order}


def profiles(rows: Rows, deprived: Any, unknown: Any, count: int) -> tuple[Array, Array]:
    """Number the (deprived, unknown) pairs: a code for each row, and the table of pairs (some may not occur)."""
    deprived = _words(rows, "deprived", deprived, count)
    unknown = None if unknown is None else _words(rows, "unknown", unknown, count)
    if unknown is not None and not unknown.any():
        unknown = None
    if unknown is None and count <= 16:
        table = np.zeros((1 << count, 2), np.uint64)
        table[:, 0] = np.arange(1 << count)
        return deprived, table
    if unknown is None:
        found, code = _distinct(deprived)
        return code, np.column_stack([found, np.zeros_like(found)])
    both = np.flatnonzero(deprived & unknown)
    if len(both):
        rows.problems.append(
            Problem("deprived", "bits that are also set in unknown", len(both), first_five(both.tolist()))
        )
    found_d, code_d = _distinct(deprived)
    found_u, code_u = _distinct(unknown)
    code, pairs = counting.combine([code_d, code_u], [len(found_d), len(found_u)])
    return code, np.column_stack([found_d[pairs[:, 0]], found_u[pairs[:, 1]]])


def _words(rows: Rows, name: str, values: Any, count: int) -> Array:
    found = rows.check(name, values)
    if found.dtype.kind not in "ui":
        rows.problems.append(Problem(name, f"words of bits are unsigned integers, not {found.dtype}"))
        return np.zeros(rows.n, np.uint64)
    if len(found) and count < 64 and int(found.max()) >> count:
        rows.problems.append(Problem(name, f"bits beyond the {count} indicators"))
        return np.zeros(rows.n, np.uint64)
    return found


def _distinct(words: Array) -> tuple[Array, Array]:
    """Return the words that occur, sorted, and each row's place among them."""
    if words.dtype.itemsize <= 2 or (len(words) and int(words.max()) < counting.DENSE):
        found, code = counting.renumber(words.astype(np.int64), int(words.max(initial=0)) + 1)
        return found.astype(np.uint64), code
    import pandas as pd

    code, seen = pd.factorize(words)
    order = np.argsort(seen)
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return seen[order].astype(np.uint64), rank[code]


def groups(rows: Rows, by: Mapping[str, Any]) -> tuple[tuple[tuple[Label, ...], ...], Array, Array]:
    """Number the crossings of the group columns that occur: their labels, the table of codes, each row's group."""
    if not by:
        return (), np.zeros((1, 0), np.int32), counting.nothing(rows.n)
    encoded = [rows.codes(name, values) for name, values in by.items()]
    levels = tuple(labels for _, labels in encoded)
    code, table = counting.combine([codes for codes, _ in encoded], [len(labels) for labels in levels])
    return levels, table, code


def units(rows: Rows, strata: Any, psu: Any) -> tuple[tuple[Label, ...], tuple[Label, ...], Array, Array, Array]:
    """Number the (stratum, sampling unit) pairs: both label sets, the table, each row's unit and stratum."""
    nothing: tuple[Array, tuple[Label, ...]] = (counting.nothing(rows.n), ())
    stratum, strata_labels = nothing if strata is None else rows.codes("strata", strata)
    unit, psu_labels = nothing if psu is None else rows.codes("psu", psu)
    for name, codes, labels in (("strata", stratum, strata_labels), ("psu", unit, psu_labels)):
        if None in labels:
            where = np.flatnonzero(codes == len(labels) - 1)
            rows.problems.append(
                Problem(name, "must be known in every row of a sample", len(where), first_five(where.tolist()))
            )
    code, table = counting.combine([stratum, unit], [max(len(strata_labels), 1), max(len(psu_labels), 1)])
    if strata is None:
        table[:, 0] = -1
    if psu is None:
        table[:, 1] = -1
    return strata_labels, psu_labels, table, code, stratum


def stratum_fpc(rows: Rows, fpc: Any, stratum: Array, strata: int) -> Array | None:
    """Return the finite population correction of each stratum; it must be one number within a stratum."""
    if fpc is None:
        return None
    values = rows.numbers("fpc", fpc, "a number or share of sampling units").astype(np.float64)
    low = np.full(max(strata, 1), np.inf)
    high = np.zeros(max(strata, 1))
    np.minimum.at(low, stratum, values)
    np.maximum.at(high, stratum, values)
    if (low != high).any():
        rows.problems.append(Problem("fpc", "differs within a stratum", int((low != high).sum())))
    if (low <= 0).any():
        rows.problems.append(Problem("fpc", "must be above zero"))
    if (high < 1).any() and (high > 1).any():
        rows.problems.append(
            Problem("fpc", "shares (below 1) in some strata and numbers of units in others; use one of the two")
        )
    return low


def row_sums(
    rows: Rows,
    weight: Any,
    sizes: Any,
    replicates: Any,
    gaps: Mapping[str, Any] | None,
    indicators: tuple[str, ...],
    design: SurveyDesign | None,
    *,
    has_psu: bool,
) -> dict[str, Array | None]:
    """Return what each row adds to its cell, by the names of ``Tally.sums`` (None counts rows)."""
    own = None if weight is None else rows.numbers("weight", weight, "a weight")
    sums: dict[str, Array | None] = {"n": None, "weight": own}
    bases: dict[str, Array | None] = {"weight": own}
    if sizes is not None:
        persons = rows.numbers("size", sizes, "a number of persons")
        sums["people"] = bases["people"] = persons if own is None else own * persons
    rows_are_units = design is not None and not design.replicates and not has_psu
    if rows_are_units:
        for name, base in bases.items():
            sums[f"{name}_sq"] = base if base is None else base.astype(np.float64) ** 2
    if replicates is not None:
        found = rows.check("replicates", np.asarray(replicates, dtype=np.float64))
        sums["weight_rep"] = found
        if sizes is not None:
            sums["people_rep"] = found * persons[:, None]
    for name, values in (gaps or {}).items():
        if name not in indicators:
            raise SpecError(f"gaps= names {name!r}, which is no indicator of this tally.")
        if design is not None and not has_psu:
            raise SpecError(
                "Gaps in a sample need sampling units: name a psu, the household's key if there is no other."
            )
        gap = rows.numbers(f"gap of {name}", values, "a gap").astype(np.float64)
        if gap.max(initial=0) > 1:
            where = np.flatnonzero(gap > 1)
            rows.problems.append(
                Problem(
                    f"gap of {name}",
                    "a gap is a share of the line, 0 to 1",
                    len(where),
                    first_five(where.tolist()),
                )
            )
        for base_name, base in bases.items():
            weighted = gap if base is None else gap * base
            sums[f"{base_name}_gap1:{name}"] = weighted
            sums[f"{base_name}_gap2:{name}"] = weighted * gap
    return sums


def count(
    columns: Mapping[str, Array], sizes: Sequence[int], sums: Mapping[str, Array | None]
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Add up rows that agree in all columns of codes; return the sorted cells and their sums."""
    codes = list(columns.values())
    width = sum(map(counting.bits_for, sizes))
    if width > 62:
        # so many units, groups and profiles that the codes don't fit side by side: number the first two
        # together
        pair, table = counting.combine(codes[:2], sizes[:2])
        rest, added = count({"pair": pair, **dict(list(columns.items())[2:])}, (len(table), *sizes[2:]), sums)
        first = table[rest.pop("pair")]
        return {"unit": first[:, 0], "group": first[:, 1], **rest}, added
    parts = []
    # few cells: blocks that stay in the cache; many: blocks that make the most of a sort
    block = counting.BLOCK // 4 if 1 << width <= counting.BLOCK // 16 else counting.BLOCK
    for part in itertools.starmap(slice, itertools.pairwise(counting.block_edges(codes[0], block))):
        key, total = counting.join_bits([code[part] for code in codes], sizes)
        parts.append(counting.add_up(key, total, {n: None if v is None else v[part] for n, v in sums.items()}))
    follow = all(a[-1] < b[0] for (a, _), (b, _) in itertools.pairwise(parts))
    if len(parts) > 1 and not follow:
        key = np.concatenate([key for key, _ in parts])
        together = {name: np.concatenate([part[name] for _, part in parts]) for name in sums}
        parts = [counting.add_up(key, total, together)]
    split = [counting.split_bits(key, sizes) for key, _ in parts]
    cells = {name: np.concatenate([part[i] for part in split]) for i, name in enumerate(columns)}
    return cells, {name: np.concatenate([part[name] for _, part in parts]) for name in sums}
