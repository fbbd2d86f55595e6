"""From rows to the parts of a tally: checks first, all problems at once, then codes, then counting in blocks."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from attrs import evolve, field, frozen

from mdpoverty.errors import BadTable, BadValues, Problem, SpecError, first_five
from mdpoverty.law.fields import Field, Label, any_field
from mdpoverty.tables.columns import Array, Flags, Numbers, PackedFlags
from mdpoverty.tables.labels import GroupLabel, declared_order, encode_labels, renumber
from mdpoverty.tables.options import one_name, several_names
from mdpoverty.tables.reading import Table, open_table
from mdpoverty.tally import counting
from mdpoverty.tally.design import SurveyDesign

#: The columns of codes that make a cell, in the order in which cells are sorted.
CELL_COLUMNS = ("unit", "group", "profile", "category")


def indicator_names(names: Sequence[str], *, classes: bool = False) -> tuple[str, ...]:
    """Return the names as a tuple; from 1 to 64 of them, none twice. Where there are classes to count, none will do."""
    found = (names,) if isinstance(names, str) else tuple(names)
    if not (found or classes) or len(found) > 64:
        raise SpecError(f"A tally takes from 1 to 64 indicators, and there are {len(found)}.")
    twice = sorted({name for name in found if found.count(name) > 1})
    if twice:
        raise SpecError(f"Indicators named twice: {', '.join(twice)}.")
    return found


WEIGHT = Field("weight", "household", "number", Label("Quyền số", "Weight"), Label("", ""), minimum=0)
PERSONS = Field("size", "household", "number", Label("Số nhân khẩu", "Persons"), Label("", ""), minimum=0)
UNITS = Field("fpc", "household", "number", Label("Số đơn vị mẫu", "Sampling units"), Label("", ""), minimum=0)
REPLICATE = Field("replicate", "household", "number", Label("Quyền số lặp", "Replicate weight"), Label("", ""))
GAP = Field("gap", "household", "number", Label("Khoảng cách", "Gap"), Label("", ""), minimum=0, maximum=1)
"""What numbers of a tally may be; none of them may be missing."""


class Rows:
    """Collects what is wrong with the columns of one call, so that one error can say it all."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.problems: list[Problem] = []

    def check(self, name: str, values: Any) -> Array:
        """Return the values as an array of the right length, or zeros and a problem."""
        found = values if isinstance(values, np.ndarray) else np.asarray(values)
        if found.ndim and len(found) == self.n:
            return found
        if not found.ndim:
            raise BadTable(f"{name!r} must be a list or an array with a value for each row")
        self.problems.append(Problem.of("rows_differ", name, {"found": len(found), "expected": self.n}, table="table"))
        return np.zeros((self.n, *found.shape[1:]), found.dtype)

    def array(self, name: str, values: Any, expected: Field) -> Array:
        """Read an array of finite numbers, none missing."""
        return self.numbers(open_table({name: self.check(name, values)}), name, expected)

    def numbers(
        self,
        table: Table,
        name: str,
        expected: Field,
        needed_by: tuple[str, ...] = (),
        unneeded: Array | None = None,
    ) -> Array:
        """Read finite numbers, none missing (but where unneeded): ``int64`` if whole by type, else ``float64``."""
        answers, problems = table.read(name, expected, needed_by)
        assert isinstance(answers, Numbers)
        if answers.missing is not None and unneeded is not None and not problems:
            lacking = answers.missing & ~unneeded
            answers = Numbers(np.where(answers.missing, 0, answers.values), lacking if lacking.any() else None)
        if answers.missing is not None:  # whatever can't be read, too
            missing = np.flatnonzero(answers.missing)
            found = table.problem("not_an_answer", name, missing, {"expected": expected.expectation}, needed_by)
            told = {each: getattr(problems[0], each) for each in ("what", "code", "details")} if problems else {}
            self.problems.append(evolve(found, **told))
        values = answers.values if answers.missing is None else np.where(answers.missing, 1, answers.values)
        return values.astype(np.float64 if values.dtype.kind == "f" else np.int64, copy=False)

    def labels(self, name: str, values: Any) -> tuple[Array, tuple[GroupLabel, ...]]:
        """Return labels as codes; values may be such a pair already, or one with their order besides."""
        if isinstance(values, tuple) and len(values) in (2, 3) and isinstance(values[1], tuple):
            return self.check(name, values[0]), values[1]
        found = self.check(name, values)
        if found.ndim > 1:
            raise BadTable(f"{name!r} must have one dimension, a value for each row")
        return encode_labels(found)

    def raise_problems(self) -> None:
        """Raise what was found, if anything."""
        if self.problems:
            raise BadValues(self.problems)


@frozen
class Wanted:
    """Which columns of a table a tally is counted from, by the caller's names or the library's.

    Attributes
    ----------
    indicators, by : tuple of str
    weight, size, category : str or None
    design : SurveyDesign or None
    categories : tuple of str
        The order of the classes.
    gaps : mapping of indicator to column
    """

    indicators: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    weight: str | None = None
    size: str | None = None
    design: SurveyDesign | None = None
    category: str | None = None
    categories: tuple[str, ...] = ()
    gaps: Mapping[str, str] = field(factory=dict)

    def columns(self) -> dict[str, tuple[str, ...]]:
        """Return the columns that must be there, each with who needs it."""
        named = {self.weight: "weight", self.size: "size", self.category: "category"}
        wanted: dict[str, tuple[str, ...]] = {name: (name,) for name in self.indicators}
        wanted |= dict.fromkeys(self.by, ("by",))
        wanted |= {name: (part,) for name, part in named.items() if name is not None}
        wanted |= {column: (f"gap of {name}",) for name, column in self.gaps.items()}
        return wanted | (self.design.columns() if self.design is not None else {})


def one_weight(weight: str | None, design: SurveyDesign | None) -> str | None:
    """Return the weight, which may be named beside the design or in it, but not differently."""
    if design is not None and not isinstance(design, SurveyDesign):
        raise SpecError(
            f"design= is a SurveyDesign, not a {type(design).__name__}: SurveyDesign(strata=…, psu=…, weight=…)."
        )
    weight = one_name(weight, "weight=")
    if design is None or design.weight is None:
        if design is not None:
            design.refuse_full_weight(weight)
        return weight
    if weight not in (None, design.weight):
        raise SpecError(f"weight={weight!r} and the design's weight={design.weight!r} differ; give one of them.")
    return design.weight


def read_columns(table: Table, wanted: Wanted) -> dict[str, Any]:
    """Read the columns that a tally needs; return the arguments of ``Tally.from_arrays``."""
    table.require(wanted.columns())
    for name in wanted.columns():
        table.ours(name)  # a name that means two columns is an error
    rows = Rows(len(table))
    deprived, unknown = _read_flags(table, wanted.indicators, rows)

    def number(name: str | None, expected: Field, what: str) -> Array | None:
        return None if name is None else rows.numbers(table, name, expected, (what,))

    def labels(names: str | tuple[str, ...] | None, option: str) -> tuple[Array, tuple[GroupLabel, ...]] | None:
        several = several_names(names, option)
        return _crossed(table, several) if len(several) > 1 else table.labels(several[0]) if several else None

    out: dict[str, Any] = {
        "deprived": deprived,
        "unknown": unknown,
        "weight": number(wanted.weight, WEIGHT, "weight"),
        "sizes": number(wanted.size, PERSONS, "size"),
        "by": {name: (*table.labels(name), table.order(name)) for name in wanted.by},
        "gaps": _read_gaps(table, wanted, unknown, rows),
    }
    design = wanted.design
    if design is not None:
        out |= {"strata": labels(design.strata, "strata="), "psu": labels(design.psu, "psu=")}
        out["fpc"] = number(design.fpc, UNITS, "design fpc")
        found = [rows.numbers(table, name, REPLICATE, ("design replicates",)) for name in design.replicates]
        out["replicates"] = np.column_stack(found) if found else None
    if wanted.category is not None:
        out |= _read_category(table, wanted.category, wanted.categories, rows.problems)
    rows.raise_problems()
    return out


def _read_gaps(table: Table, wanted: Wanted, unknown: Array | None, rows: Rows) -> dict[str, Array]:
    """Read gaps; where an indicator isn't known its gap needn't be."""
    found = {}
    for name, column in wanted.gaps.items():
        unneeded = None
        if unknown is not None and name in wanted.indicators:
            bit = unknown.dtype.type(1 << wanted.indicators.index(name))
            unneeded = (unknown & bit) != 0
        found[name] = rows.numbers(table, column, GAP, (f"gap of {name}",), unneeded)
    return found


def _crossed(table: Table, names: tuple[str, ...]) -> tuple[Array, tuple[GroupLabel, ...]]:
    """Read what several columns name together, as texts that say so; what one of them lacks is missing."""
    encoded = [table.labels(name) for name in names]
    code, found = counting.combine([codes for codes, _ in encoded], [len(labels) for _, labels in encoded])
    texts: list[GroupLabel] = []
    for places in found.tolist():
        parts = [labels[place] for (_, labels), place in zip(encoded, places, strict=True)]
        known = all(part is not None for part in parts)
        texts.append(", ".join(f"{n}={part!r}" for n, part in zip(names, parts, strict=True)) if known else None)
    labels = tuple(sorted({text for text in texts if text is not None})) + ((None,) if None in texts else ())
    place_of = {text: place for place, text in enumerate(labels)}
    return np.array([place_of[text] for text in texts], np.int32)[code], labels


def _read_flags(table: Table, indicators: tuple[str, ...], rows: Rows) -> tuple[Array, Array | None]:
    pairs = []
    for name in indicators:
        answers, problems = table.read(name, any_field(name, "household", "flag"))
        rows.problems += problems
        assert isinstance(answers, Flags | PackedFlags)
        pairs.append(answers.pair())
    deprived = counting.pack([sure.view(np.uint8) for sure, _ in pairs])
    if all(sure is maybe for sure, maybe in pairs):
        return deprived, None
    return deprived, counting.pack([maybe.view(np.uint8) for _, maybe in pairs]) ^ deprived


def _read_category(table: Table, name: str, categories: tuple[str, ...], problems: list[Problem]) -> dict[str, Any]:
    codes, labels = table.labels(name)
    order = categories or tuple(label for label in labels if label is not None)
    strange = [label for label in labels if label is not None and label not in order]
    if strange:
        details = {"words": ", ".join(map(repr, strange))}
        problems.append(Problem.of("not_in_categories", table.own(name), details, table=table.what, field=name))
    place = {label: i for i, label in enumerate(order)}
    lookup = np.array([place.get(label, -1) for label in labels], np.int8)
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
        if sum(map(counting.bits_for, self.sizes)) > 62:  # two words of many indicators, or many columns
            found = [np.unique(column, return_inverse=True) for column in self.columns]
            code, table = counting.combine([place for _, place in found], [len(values) for values, _ in found])
            return code, np.column_stack([values[table[:, i]].astype(np.uint64) for i, (values, _) in enumerate(found)])
        values, code = renumber(*counting.join_bits(self.columns, self.sizes))
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
            Problem.of("bits_in_both", "deprived", rows=len(both), first=first_five(both.tolist()), table="table")
        )
    return Key([deprived, unknown], [1 << count, 1 << count])


def _words(rows: Rows, name: str, values: Any, count: int) -> Array:
    found = rows.check(name, values)
    if found.dtype.kind not in "ui":
        rows.problems.append(Problem.of("bits_type", name, {"found": str(found.dtype)}, table="table"))
        return np.zeros(rows.n, np.uint64)
    found = found.view(found.dtype.str.replace("i", "u"))  # the same bits: a sign is the highest
    if len(found) and int(found.max()) >> count:
        rows.problems.append(Problem.of("bits_beyond", name, {"count": count}, table="table"))
        return np.zeros(rows.n, np.uint64)
    return found


def groups(
    rows: Rows, by: Mapping[str, Any]
) -> tuple[tuple[tuple[GroupLabel, ...], ...], tuple[tuple[GroupLabel, ...] | None, ...], Key]:
    """Read the group columns: their labels, the order of their categories, and each row's codes."""
    encoded = [rows.labels(name, values) for name, values in by.items()]
    levels = tuple(labels for _, labels in encoded)
    orders = tuple(
        (values[2] if len(values) == 3 else None) if isinstance(values, tuple) else declared_order(values)
        for values in by.values()
    )
    return levels, orders, Key([codes for codes, _ in encoded], [len(labels) for labels in levels])


def units(rows: Rows, strata: Any, psu: Any) -> tuple[tuple[GroupLabel, ...], tuple[GroupLabel, ...], Key]:
    """Read the strata and sampling units: the labels of both, and each row's codes."""
    nothing: tuple[Array, tuple[GroupLabel, ...]] = (counting.nothing(rows.n), ())
    stratum, strata_labels = nothing if strata is None else rows.labels("strata", strata)
    unit, psu_labels = nothing if psu is None else rows.labels("psu", psu)
    for name, codes, labels in (("strata", stratum, strata_labels), ("psu", unit, psu_labels)):
        if None in labels:
            where = np.flatnonzero(codes == len(labels) - 1)
            rows.problems.append(
                Problem.of("sample_known", name, rows=len(where), first=first_five(where.tolist()), table="table")
            )
    return strata_labels, psu_labels, Key([stratum, unit], [max(len(strata_labels), 1), max(len(psu_labels), 1)])


def stratum_fpc(rows: Rows, fpc: Any, stratum: Array, strata: int) -> Array | None:
    """Return the finite population correction of each stratum; it must be one number within a stratum."""
    if fpc is None:
        return None
    before = len(rows.problems)
    values = rows.array("fpc", fpc, UNITS).astype(np.float64)
    if len(rows.problems) > before:
        return None
    low = np.full(max(strata, 1), np.inf)
    high = np.zeros(max(strata, 1))
    np.minimum.at(low, stratum, values)
    np.maximum.at(high, stratum, values)
    if (low != high).any():
        rows.problems.append(Problem.of("fpc_differs", "fpc", rows=int((low != high).sum()), table="table"))
    if (low <= 0).any():
        rows.problems.append(Problem.of("fpc_zero", "fpc", table="table"))
    if (high < 1).any() and (high > 1).any():
        rows.problems.append(Problem.of("fpc_mixed", "fpc", table="table"))
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
    own = None if weight is None else rows.array("weight", weight, WEIGHT)
    sums: dict[str, Array | None] = {"n": None, "weight": own}
    bases: dict[str, Array | None] = {"weight": own}
    if sizes is not None:
        persons = rows.array("size", sizes, PERSONS)
        if own is not None and not fits(own.astype(np.float64) * persons):
            rows.problems.append(Problem.of("too_much", "size", table="table"))
        sums["people"] = bases["people"] = persons if own is None else own * persons
    rows_are_units = design is not None and not design.replicates and not has_psu
    if rows_are_units:
        for name, base in bases.items():
            sums[f"{name}_sq"] = base if base is None else base.astype(np.float64) ** 2
    if replicates is not None:
        found = rows.check("replicates", np.asarray(replicates, dtype=np.float64))
        if not rows.problems:
            _refuse_factors(found, own, rows.n)
        sums["weight_rep"] = found
        if sizes is not None:
            sums["people_rep"] = found * persons[:, None]
    for name, values in (gaps or {}).items():
        if name not in indicators:
            raise SpecError(f"gaps= names {name!r}, which is no indicator of this tally.")
        gap = rows.array(f"gap of {name}", values, GAP).astype(np.float64)
        for base_name, base in bases.items():
            weighted = gap if base is None else gap * base
            sums[f"{base_name}_gap1:{name}"] = weighted
            sums[f"{base_name}_gap2:{name}"] = weighted * gap
        if replicates is not None:  # each cell is one row, whose gap counts with each replicate's weight
            sums[f"row_gap1:{name}"], sums[f"row_gap2:{name}"] = gap, gap**2
    return sums


def fits(values: Array) -> bool:
    """Return whether whole numbers (or their values as floats) add up to less than 2**63."""
    return float(values.sum(dtype=np.float64)) < 2.0**63


def _refuse_factors(replicates: Array, weight: Array | None, n: int) -> None:
    """Refuse replicates whose totals are far from the full weight's: factors, or weights without the full one."""
    whole = float(n if weight is None else weight.sum(dtype=np.float64))
    middle = float(np.median(replicates.sum(axis=0))) if replicates.size else whole
    hint = "If the replicates are factors, multiply them by the full weight; if it was not named, give weight=."
    if whole > 0 and not 1 / 20 < middle / whole < 20:
        raise SpecError(
            f"The replicate weights add up to {middle:.6g} (the middle one), and the full weight to {whole:.6g}. {hint}"
        )
    if weight is None or n < 50 or replicates.shape[1] < 10:  # too few to tell
        return
    middle, whole = middle / n, whole / n
    away = weight - whole
    spread = float(away @ away)
    if not (spread > 0.01 * whole**2 * n and abs(middle - 1) < 0.1 and abs(whole - 1) > 0.25):
        return
    # factors are 1 on average, and weights rise with the full weight, one for one but for chance
    slopes = (away @ replicates) / spread
    if abs(slopes.mean()) < 0.25 and slopes.mean() + 3 * slopes.std() / len(slopes) ** 0.5 < 0.5:
        raise SpecError(f"The replicate weights are not higher where the full weight is. {hint}")


def replicate_products(replicates: Array) -> Array:
    """Return the products of all pairs of replicates, which add up over tallies and tell the rank of the matrix."""
    return np.asarray(replicates.T @ replicates)


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
    too_much = [name for name, each in sums.items() if each is not None and each.dtype.kind == "i" and not fits(each)]
    if too_much:
        named = ["weight" if name == "weight" else "size" for name in too_much]
        raise BadValues(Problem.of("too_much", name, table="table") for name in named)
    flat = [pair for key in keys.values() for pair in zip(key.columns, key.sizes, strict=True)]
    once = {str(id(values)): values for values in sums.values()}  # without weights, what they add up to are the counts
    columns, added = _count([column for column, _ in flat], [size for _, size in flat], once)
    rest = iter(columns)
    cells, tables = {}, {}
    for name, key in keys.items():
        its = key._replace(columns=[next(rest) for _ in key.columns])
        cells[name], tables[name] = its.numbered(len(columns[0]))
    return cells, tables, {name: added[str(id(values))] for name, values in sums.items()}


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
    if all(values is not None for values in sums.values()):
        block = max(block, len(columns[0]))  # cells, of which few are the same: blocks of them would hardly be shorter
    leading = next((column for column, size in zip(columns, sizes, strict=True) if size > 1), columns[0])
    for part in itertools.starmap(slice, itertools.pairwise(counting.block_edges(leading, block))):
        its_sums = {name: None if values is None else values[part] for name, values in sums.items()}
        parts.append(counting.add_up(*counting.join_bits([column[part] for column in columns], sizes), its_sums))
    if not all(a[-1] < b[0] for (a, _), (b, _) in itertools.pairwise(parts)):
        key = np.concatenate([key for key, _ in parts])
        together = {name: np.concatenate([part[name] for _, part in parts]) for name in sums}
        parts = [counting.add_up(key, 1 << width, together)]
    if len(parts) == 1:
        return counting.split_bits(parts[0][0], sizes), parts[0][1]
    split = [counting.split_bits(key, sizes) for key, _ in parts]
    cells = [np.concatenate([part[i] for part in split]) for i in range(len(sizes))]
    return cells, {name: np.concatenate([part[name] for _, part in parts]) for name in sums}
