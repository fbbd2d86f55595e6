"""From rows to the parts of a tally: checks first, all problems at once, then codes, then counting in blocks."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

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


class Key(NamedTuple):
    """Columns of codes, or of words, that tell rows apart together, and how many values each can have.

    A key of one column may have a table besides: of what its codes are the places.
    """

    columns: Sequence[Array]
    sizes: Sequence[int]
    table: Array | None = None

    def numbered(self, rows: int) -> tuple[Array, Array]:
        """Number the combinations that occur, in order: each row's number, and the table of combinations."""
        if not self.columns:
            return np.zeros(rows, np.int32), np.zeros((1, 0), np.int32)
        if sum(map(counting.bits_for, self.sizes)) > 62:  # two words of many indicators
            found = [np.unique(column, return_inverse=True) for column in self.columns]
            code, table = Key([place for _, place in found], [len(values) for values, _ in found]).numbered(rows)
            return code, np.column_stack([values[table[:, i]].astype(np.uint64) for i, (values, _) in enumerate(found)])
        values, code = counting.renumber(*counting.join_bits(self.columns, self.sizes))
        table = np.column_stack(counting.split_bits(values, self.sizes))
        return code.astype(np.int32, copy=False), table if self.table is None else self.table[table[:, 0]]


def profiles(rows: Rows, deprived: Any, unknown: Any, count: int) -> Key:
    """Check the words of what each row is deprived in and of what isn't known."""
    deprived = _words(rows, "deprived", deprived, count)
    if unknown is not None:
        unknown = _words(rows, "unknown", unknown, count)
    if unknown is None or not unknown.any():
        return Key([deprived, counting.nothing(rows.n)], [1 << count, 1])
    both = np.flatnonzero(deprived & unknown)
    if len(both):
        rows.problems.append(
            Problem("deprived", "bits that are also set in unknown", len(both), first_five(both.tolist()))
        )
    return Key([deprived, unknown], [1 << count, 1 << count])


def _words(rows: Rows, name: str, values: Any, count: int) -> Array:
    found = rows.check(name, values)
    if found.dtype.kind not in "ui":
        rows.problems.append(Problem(name, f"words of bits are unsigned integers, not {found.dtype}"))
        return np.zeros(rows.n, np.uint64)
    if len(found) and count < 64 and int(found.max()) >> count:
        rows.problems.append(Problem(name, f"bits beyond the {count} indicators"))
        return np.zeros(rows.n, np.uint64)
    return found


def groups(rows: Rows, by: Mapping[str, Any]) -> tuple[tuple[tuple[Label, ...], ...], Key]:
    """Read the group columns: their labels, and each row's codes."""
    encoded = [rows.codes(name, values) for name, values in by.items()]
    levels = tuple(labels for _, labels in encoded)
    return levels, Key([codes for codes, _ in encoded], [len(labels) for labels in levels])


def units(rows: Rows, strata: Any, psu: Any) -> tuple[tuple[Label, ...], tuple[Label, ...], Key]:
    """Read the strata and sampling units: the labels of both, and each row's codes."""
    nothing: tuple[Array, tuple[Label, ...]] = (counting.nothing(rows.n), ())
    stratum, strata_labels = nothing if strata is None else rows.codes("strata", strata)
    unit, psu_labels = nothing if psu is None else rows.codes("psu", psu)
    for name, codes, labels in (("strata", stratum, strata_labels), ("psu", unit, psu_labels)):
        if None in labels:
            where = np.flatnonzero(codes == len(labels) - 1)
            rows.problems.append(
                Problem(name, "must be known in every row of a sample", len(where), first_five(where.tolist()))
            )
    return strata_labels, psu_labels, Key([stratum, unit], [max(len(strata_labels), 1), max(len(psu_labels), 1)])


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
    keys: Mapping[str, Key], sums: Mapping[str, Array | None]
) -> tuple[dict[str, Array], dict[str, Array], dict[str, Array]]:
    """Add up rows that agree in all keys, and number what occurs then: cells are far fewer than rows.

    Returns
    -------
    cells : dict of int32 arrays, shape (cells,)
        For each key a row of its table; cells are sorted by the keys.
    tables : dict of arrays, shape (combinations, columns of the key)
        The combinations that occur, sorted.
    sums : dict of arrays
        What the rows of each cell add up to.
    """
    flat = [pair for key in keys.values() for pair in zip(key.columns, key.sizes, strict=True)]
    columns, added = _count([column for column, _ in flat], [size for _, size in flat], sums)
    rest = iter(columns)
    cells, tables = {}, {}
    for name, key in keys.items():
        its = key._replace(columns=[next(rest) for _ in key.columns])
        cells[name], tables[name] = its.numbered(len(columns[0]))
    return cells, tables, added


def _count(
    columns: list[Array], sizes: list[int], sums: Mapping[str, Array | None]
) -> tuple[list[Array], dict[str, Array]]:
    """Add up rows that agree in all columns of codes; return the sorted cells and their sums."""
    if sum(map(counting.bits_for, sizes)) > 62:  # codes that don't fit side by side in one word
        widest = max(range(len(sizes)), key=sizes.__getitem__)
        values, place = np.unique(columns[widest], return_inverse=True)
        if counting.bits_for(len(values)) < counting.bits_for(sizes[widest]):
            before, after = slice(widest), slice(widest + 1, None)
            narrower = [*columns[before], place, *columns[after]]
            cells, added = _count(narrower, [*sizes[before], len(values), *sizes[after]], sums)
            cells[widest] = values[cells[widest]]
            return cells, added
        pair, table = counting.combine(columns[:2], sizes[:2])
        (first, *rest), added = _count([pair, *columns[2:]], [len(table), *sizes[2:]], sums)
        return [table[first, 0], table[first, 1], *rest], added
    parts = []
    width = sum(map(counting.bits_for, sizes))
    # few cells: blocks that stay in the cache; many: blocks that make the most of a sort
    block = counting.BLOCK // 4 if 1 << width <= counting.BLOCK // 16 else counting.BLOCK
    leading = next((column for column, size in zip(columns, sizes, strict=True) if size > 1), columns[0])
    for part in itertools.starmap(slice, itertools.pairwise(counting.block_edges(leading, block))):
        key, total = counting.join_bits([column[part] for column in columns], sizes)
        parts.append(counting.add_up(key, total, {n: None if v is None else v[part] for n, v in sums.items()}))
    follow = all(a[-1] < b[0] for (a, _), (b, _) in itertools.pairwise(parts))
    if len(parts) > 1 and not follow:
        key = np.concatenate([key for key, _ in parts])
        together = {name: np.concatenate([part[name] for _, part in parts]) for name in sums}
        parts = [counting.add_up(key, total, together)]
    split = [counting.split_bits(key, sizes) for key, _ in parts]
    cells = [np.concatenate([part[i] for part in split]) for i in range(len(sizes))]
    return cells, {name: np.concatenate([part[name] for _, part in parts]) for name in sums}
