"""Reconciliation: do the numbers of a set of forms, ours or somebody's printed ones, agree with each other?"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from attrs import evolve

from mdpoverty.doors import door
from mdpoverty.dynamics.places import Path, place_spellings, read_crosswalk, respelt
from mdpoverty.errors import BadTable, SpecError
from mdpoverty.law.fields import Label
from mdpoverty.law.law import Law
from mdpoverty.numbers import Number
from mdpoverty.numbers import number as exactly
from mdpoverty.reports.areas import BLOCKS
from mdpoverty.reports.columns import UNITS, Balance, Column, Form, Layout, Ref, Unit, Value
from mdpoverty.reports.discrepancies import Discrepancy
from mdpoverty.reports.forms import AGREEMENTS, SHARED, forms
from mdpoverty.reports.official import official_forms
from mdpoverty.reports.printed import Printed, Sheet, column_id, read_sheet
from mdpoverty.reports.residents import spelling_finding
from mdpoverty.reports.tables import FilledForms
from mdpoverty.results.verdict import assess
from mdpoverty.standards import standards
from mdpoverty.tables.spellings import folded_key
from mdpoverty.texts import bare

__all__ = ["check", "deprivation_bounds"]


@door
def check(
    printed: FilledForms | Mapping[int, Any],
    *,
    previous: FilledForms | Mapping[int, Any] | None = None,
    standard: Law | None = None,
    tolerance: Decimal | str | float = 0,
    fold: bool = False,
    crosswalk: Any = None,
    layout: Layout | None = None,
) -> tuple[Discrepancy, ...]:
    """Find what doesn't agree in a set of forms.

    Parameters
    ----------
    printed : Forms, or mapping of form numbers to tables
        Our forms, or somebody's: tables with the columns ``tt`` (the numbering, which says what is part of what),
        ``area``, ``unit`` (in forms with rows of households and of people) and the printed column numbers, as
        :func:`read_excel` returns them.
    previous : the same, optional
        The forms of the year before: their end must be this year's beginning.
    standard : Law, optional
        By which the deprivations are bounded: a poor household has at least so many, a near-poor one at most so many.
        Known from our forms; without it somebody's forms aren't held to the bounds.
    tolerance : number
        How far a printed rate may be from the exact one, rounded half-up: 0.01 where another rounding was used.
    fold : bool
        Whether places of which the names differ only by blanks, case, Unicode form or the place of a tone mark (Hòa,
        Hoà) are one; either way they are found.
    crosswalk : table or mapping, optional
        Where places of ``previous`` were merged or renamed since: ``old`` and ``new``, as in :func:`mdpoverty.flows`.
        What became of divided places can't be told from counts: they aren't compared.
    layout : {"province", "official"}, optional
        Whether tables have the layout of the official templates (Mẫu 7.2, 7.4, 7.5, 7.9, 7.10; see
        :meth:`Forms.official`) or of a province's software. By default it is told from each table: by blocks of urban
        and rural places, rows of classes in form 10, and the headings of form 9.

    Returns
    -------
    tuple of Discrepancy
        Empty for a sound set. Each says where, what stands there, what should, and by how much it is off.

    Examples
    --------
    >>> import pandas as pd
    >>> numbers = {"1": [30, 10, 19], "3": [3, 2, 1]}
    >>> table = pd.DataFrame({"tt": ["", "1", "2"], "area": ["Tổng", "Xã A", "Xã B"], **numbers})
    >>> [each.text() for each in check({1: table})]
    ['Form 1, Total, Households, column 1: 30, expected 29 (+1): not the sum of the places below']
    """
    law = printed.standard if standard is None and isinstance(printed, FilledForms) else standard
    for what, given in (("check", printed), ("previous=", previous)):
        if not isinstance(given, FilledForms | Mapping) and (given is not None or what == "check"):
            raise BadTable(
                f"{what} needs Forms, or tables by form number as read_excel returns them, not {type(given).__name__}"
            )
    allowed = exactly(tolerance, "tolerance=", SpecError)
    found = _unread(printed)
    sheets, spelt = _one_spelling(_sheets(printed, law, layout), fold)
    found += spelt
    for sheet in sheets.values():
        found += sheet.faults
        found += _formulas(sheet, sheets, allowed)
        found += _parts(sheet)
        found += _subtotals(sheet)
        found += _people(sheet)
        if law is not None:
            found += _bounds(sheet, law)
    found += _agreements(sheets)
    if previous is not None:
        before, spelt = _one_spelling(_sheets(previous, law, layout), fold)
        found += [*_unread(previous), *spelt, *_last_year(sheets, before, crosswalk)]
    return tuple(dict.fromkeys(found))


def _sheets(printed: FilledForms | Mapping[int, Any], standard: Law | None, layout: Layout | None) -> dict[int, Sheet]:
    """Read all forms; forms that a set doesn't have are not asked for."""
    if isinstance(printed, FilledForms):
        return {
            number: read_sheet(each.to_frame("vi", "numbers"), each.form) for number, each in printed.filled.items()
        }
    if standard is None:
        standard = standards["vn-2022"]  # for the headings' sake: only a standard that is given bounds deprivations
    known = forms(standard)
    sheets = {}
    for number, frame in printed.items():
        if not hasattr(frame, "iloc"):
            raise BadTable(f"form {number!r} must be a pandas DataFrame, not {type(frame).__name__}")
        if number not in known:
            raise BadTable(f"there is no form {number!r} to check, only {', '.join(map(str, known))}")
        official = layout_of(number, frame) == "official" if layout is None else layout == "official"
        form = _official(number, frame, standard) if official else _widened(known[number], frame, standard)
        sheets[number] = read_sheet(frame, form)
    return sheets


def layout_of(number: int, frame: Any) -> Layout:
    """Tell whether a form's table has the layout of the official template or that of a province's software."""
    said = frame.attrs.get("layout")
    if said is not None:
        return "official" if said == "official" else "province"
    if number == 9:
        second = (frame.attrs.get("headings", {}).get("2", ""), frame.attrs.get("printed", {}).get("2", ""))
        return "official" if "trừ" in second[0].casefold() or second[1].replace(" ", "") == "2=1-3" else "province"
    words = _CLASS_ROWS if number == 10 else _BLOCKS
    areas = [frame.iloc[:, at] for at, name in enumerate(frame.columns) if column_id(name) == "area"]
    return "official" if any(bare(str(area)).lstrip("-+ ") in words for its in areas for area in its) else "province"


_CLASS_ROWS = {bare(name).lstrip("- ") for unit in ("poor", "near_poor") for name in (UNITS[unit].vi, UNITS[unit].en)}
_BLOCKS = {bare(name) for label in BLOCKS.values() for name in (label.vi, label.en)}


def _official(number: int, frame: Any, standard: Law) -> Form:
    """Return a form of the official layout, with as many ethnic groups and what a province adds, as a table has it."""
    names = {column_id(name) for name in frame.columns}
    groups = [f"{i}" for i in range(1, sum(name.isdigit() for name in names) // 2 - 3)]
    made = official_forms(
        standard, groups, people="unit" in names, deprivations="B" in names, undetermined=bool({"a", "b"} & names)
    )
    if number not in made:
        raise BadTable(f"the official layout of form {number} isn't known, only those of {', '.join(map(str, made))}")
    return made[number]


def _unread(printed: FilledForms | Mapping[int, Any]) -> list[Discrepancy]:
    """Return what reading the forms from files has found."""
    if isinstance(printed, FilledForms):
        return []
    found = list(printed.findings) if isinstance(printed, Printed) else []
    for number, frame in printed.items():
        found += [evolve(each, form=number) for each in getattr(frame, "attrs", {}).get("findings", ())]
    return found


def _one_spelling(sheets: dict[int, Sheet], fold: bool) -> tuple[dict[int, Sheet], list[Discrepancy]]:
    """Find places that are spelt in two ways, and give them one spelling where that is asked for."""
    paths = [path for sheet in sheets.values() for path, _, _ in sheet.rows()]
    levels = ["area"] * max(map(len, paths), default=0)
    found = [
        spelling_finding(each, number, (each.other,))
        for each in place_spellings(paths, levels, as_one=fold)
        for number in [next(n for n, its in sheets.items() if any(each.other in path for path, _, _ in its.rows()))]
    ]
    if not fold:
        return sheets, found
    names: dict[Hashable, str | None] = {}
    return {number: sheet.moved(lambda path: respelt(path, names)) for number, sheet in sheets.items()}, found


def _widened(form: Form, frame: Any, standard: Law) -> Form:
    """Give a form the columns that a table has of it: a and b of open households, and those of ethnic groups."""
    names = {column_id(name) for name in frame.columns}
    if "unit" not in names and "tt" in names:  # a form with no rows of people
        form = evolve(form, units=form.units[:1])
    if form.number == 9:  # which ethnic groups it has differs; a column for those not known may be among them
        count = max(sum(name.isdigit() for name in names) // 2 - 3, 0)
        return evolve(forms(standard, [f"{i}" for i in range(1, count + 1)])[9], sums=(), units=form.units)
    extra = tuple(Column(id, (Label(id, id),), f"open:{id}") for id in ("a", "b") if id in names and id not in form.ids)
    return evolve(form, columns=(*form.columns, *extra))


def _formulas(sheet: Sheet, sheets: Mapping[int, Sheet], tolerance: Number) -> Iterator[Discrepancy]:
    for column in sheet.form.columns:
        if column.formula is None or column.id not in sheet.columns:
            continue
        formula = column.formula.within(sheet.columns) if isinstance(column.formula, Balance) else column.formula
        if any(ref.form not in sheets and ref.form is not None for ref in formula.refs):
            continue
        if any(ref.form is None and ref.column not in sheet.columns for ref in formula.refs):
            continue
        for path, unit, values in sheet.rows():
            get = _getter(sheet, sheets, path, unit)
            blanks, found = [get(ref) is None for ref in formula.refs], values[column.id]
            if all(blanks) or (found is None and any(blanks)):
                continue
            expected = formula.value(_zeros(get))
            if expected is not None and isinstance(expected, Decimal) and expected > 100 and found is None:
                yield Discrepancy("rate_over_100", sheet.form.number, path, unit, column.id, expected, Decimal(100))
            elif not _near(found, expected, tolerance if column.rate else 0):
                detail = f"{column.id}={formula}"
                yield Discrepancy("formula", sheet.form.number, path, unit, column.id, found, expected, detail)
    for whole, parts in sheet.form.sums:
        for path, unit, values in sheet.rows():
            total = parts.value(_getter(sheet, sheets, path, unit))
            if values.get(whole) is not None and total is not None and values[whole] != total:
                yield Discrepancy("sum", sheet.form.number, path, unit, whole, values[whole], total, str(parts))


def _getter(sheet: Sheet, sheets: Mapping[int, Sheet], path: Path, unit: Unit) -> Callable[[Ref], Value]:
    def get(ref: Ref) -> Value:
        return (sheet if ref.form is None else sheets[ref.form]).get(path, unit, ref.column)

    return get


def _zeros(get: Callable[[Ref], Value]) -> Callable[[Ref], Value]:
    """Read a blank cell as 0, as printed tables mean it."""
    return lambda ref: 0 if get(ref) is None else get(ref)


def _near(found: Value, expected: Value, tolerance: Number) -> bool:
    if found is None or expected is None:
        return found is expected or (found is None and expected == 0)
    return abs(Decimal(found) - Decimal(expected)) <= tolerance


def _parts(sheet: Sheet) -> Iterator[Discrepancy]:
    for part, whole in sheet.form.wholes:
        for path, unit, values in sheet.rows():
            one, all_ = values.get(part), values.get(whole)
            if one is not None and all_ is not None and one > all_:
                yield Discrepancy("part", sheet.form.number, path, unit, part, one, all_, f"<= {whole}")


def _subtotals(sheet: Sheet) -> Iterator[Discrepancy]:
    for parent, children in sheet.children.items():
        for unit in sheet.form.units:
            for column in sheet.columns:
                if sheet.form.column(column).rate:
                    continue
                found = sheet.get(parent, unit, column)
                parts = [sheet.get(child, unit, column) for child in children]
                if found is None or all(part is None for part in parts):
                    continue
                total = sum((Decimal(part) for part in parts if part is not None), Decimal(0))
                if Decimal(found) != total:
                    yield Discrepancy("subtotal", sheet.form.number, parent, unit, column, found, _int(total))


def _int(number: Decimal) -> Value:
    return int(number) if number == number.to_integral_value() else number


def _people(sheet: Sheet) -> Iterator[Discrepancy]:
    for path, unit, values in sheet.rows():
        for households, people in sheet.form.pairs:
            few, many = values.get(households), values.get(people)
            if few is not None and many is not None and many < few:
                yield Discrepancy("people", sheet.form.number, path, unit, people, many, few, f">= {households}")
        if unit == "people":
            for column, many in values.items():
                few = sheet.get(path, "households", column)
                if few is not None and many is not None and many < few and not sheet.form.column(column).formula:
                    yield Discrepancy("people", sheet.form.number, path, unit, column, many, few)


@door
def deprivation_bounds(standard: Law, category: str) -> tuple[int, int] | None:
    """Return the fewest and the most indicators in which a household of a class can be deprived.

    Asked of the standard, not written again: for each number of deprivations, is the class possible?

    >>> import mdpoverty as mdp
    >>> vn = mdp.standards["vn-2022"]
    >>> deprivation_bounds(vn, "poor"), deprivation_bounds(vn, "near_poor")
    ((3, 12), (0, 2))
    """
    names = list(standard.indicators)
    if category not in standard.categories or len({each.weight for each in standard.indicators.values()}) > 1:
        return None
    program = standard.program(None, "all")
    possible = []
    for count in range(len(names) + 1):
        answers = {name: position < count for position, name in enumerate(names)}
        verdict = assess(standard, answers, given="all")
        if category in verdict.possible:
            possible.append(count)
    return (min(possible), max(possible)) if possible and program.scale == 1 else None


def _bounds(sheet: Sheet, standard: Law) -> Iterator[Discrepancy]:
    category = {4: "poor", 6: "near_poor"}.get(sheet.form.number)
    bounds = deprivation_bounds(standard, category) if category else None
    if bounds is None or "A" not in sheet.columns:
        return
    lacks = [column.id for column in sheet.form.columns if ":" in column.source and column.id in sheet.columns]
    for path, unit, values in sheet.rows():
        if values["A"] is None:
            continue
        households, deprivations = int(values["A"]), values.get("B")
        where = "B"
        if deprivations is None:  # the official template has no column for all of them
            where, deprivations = "A", sum(int(values[id] or 0) for id in lacks)
        least, most = bounds[0] * households, bounds[1] * households
        if deprivations < least:
            yield Discrepancy("least", sheet.form.number, path, unit, where, deprivations, least, f">= {bounds[0]}*A")
        if deprivations > most:
            yield Discrepancy("most", sheet.form.number, path, unit, where, deprivations, most, f"<= {bounds[1]}*A")


def _agreements(sheets: Mapping[int, Sheet]) -> Iterator[Discrepancy]:
    yield from _places(sheets)
    yield from _shared(sheets)
    for each in AGREEMENTS:
        assert each.left.form is not None
        assert each.right.form is not None
        left, right = sheets.get(each.left.form), sheets.get(each.right.form)
        if left is None or right is None:
            continue
        if each.left.column not in left.columns or each.right.column not in right.columns:
            continue
        for path in dict.fromkeys(path for path, _ in left.cells):
            if (path, each.right_unit) in right.cells:
                found = left.get(path, each.left_unit, each.left.column)
                expected = right.get(path, each.right_unit, each.right.column)
                if (found or 0) != (expected or 0):
                    where = (left.form.number, path, each.left_unit, each.left.column)
                    yield Discrepancy("agreement", *where, found, expected, str(each.right), each.why)


def _shared(sheets: Mapping[int, Sheet]) -> Iterator[Discrepancy]:
    """Compare what several forms count with the first form that counts it."""
    first: dict[tuple[str, Unit], tuple[Sheet, Unit, str]] = {}
    for sheet in sheets.values():
        for column in sheet.form.columns:
            if column.source not in SHARED or column.id not in sheet.columns:
                continue
            for unit in [column.unit] if column.unit else sheet.form.units:
                row: Unit = "households" if column.unit else unit
                other, there, id = first.setdefault((column.source, unit), (sheet, row, column.id))
                if other is sheet:
                    continue
                for path in dict.fromkeys(path for path, _ in sheet.cells):
                    found, expected = sheet.get(path, row, column.id), other.get(path, there, id)
                    if (path, there) in other.cells and (found or 0) != (expected or 0):
                        detail = f"{other.form.number}:{id}"
                        yield Discrepancy("agreement", sheet.form.number, path, row, column.id, found, expected, detail)


def _places(sheets: Mapping[int, Sheet]) -> Iterator[Discrepancy]:
    """Find places that stand in one form and not in another; the two layouts have different rows."""
    for layout in ("province", "official"):
        yield from _places_of([number for number in sorted(sheets) if sheets[number].form.layout == layout], sheets)


def _places_of(numbers: Sequence[int], sheets: Mapping[int, Sheet]) -> Iterator[Discrepancy]:
    for number in numbers[1:]:
        one, first = ({path for path, _ in sheets[n].cells} for n in (number, numbers[0]))
        for here, there, others, other in ((number, one, first, numbers[0]), (numbers[0], first, one, number)):
            spelt = set(map(folded_key, others))  # what is only spelt otherwise is found as that
            for path in sorted(there - others, key=str):
                if folded_key(path) not in spelt:
                    yield Discrepancy("place", here, path, detail=str(other))


def _last_year(sheets: Mapping[int, Sheet], before: Mapping[int, Sheet], crosswalk: Any) -> Iterator[Discrepancy]:
    for number in (2, 3):
        if number not in sheets:
            continue
        ends = _ends(before, number)
        if crosswalk is not None:
            now = [path for path, _, _ in sheets[number].rows()]
            ends = _moved_ends(ends, now, crosswalk)
        for path, unit, values in sheets[number].rows():
            expected = ends.get((path, unit))
            if expected is not None and "1" in values and (values["1"] or 0) != expected:
                yield Discrepancy("last_year", number, path, unit, "1", values["1"], expected)


def _ends(before: Mapping[int, Sheet], number: int) -> dict[tuple[Path, Unit], Value]:
    """Return what a year ended with, from the form of changes or else from the results."""
    if number in before:
        sheet = before[number]
        return {(path, unit): values.get("9") for path, unit, values in sheet.rows()}
    if 1 not in before:
        return {}
    columns: dict[Unit, str] = (
        {"households": "3", "people": "9"} if number == 2 else {"households": "5", "people": "11"}
    )
    return {
        (path, unit): before[1].get(path, "households", column)
        for path in dict.fromkeys(path for path, _ in before[1].cells)
        for unit, column in columns.items()
    }


def _moved_ends(
    ends: Mapping[tuple[Path, Unit], Value], now: Sequence[Path], given: Any
) -> dict[tuple[Path, Unit], Value]:
    """Add up what last year ended with by the places of this year; places that were divided are left out."""
    depth = max((len(path) for path, _ in ends), default=0)
    lowest = [path for path, _ in ends if len(path) == depth]
    crosswalk = read_crosswalk(given, ["area"] * max(depth, 1))
    crosswalk.check(lowest, now)
    sums: dict[tuple[Path, Unit], Value] = {}
    unknown: set[Path] = set()
    for (path, unit), value in ends.items():
        if len(path) < depth:
            continue
        source = crosswalk.source(path)
        parts = [path[:0]] if source is None else list(crosswalk.parts[source])
        rest = path if source is None else path[len(source) :]
        for part in parts:
            new = (*part, *rest)
            for level in range(len(new) + 1):
                if len(parts) > 1 and level >= len(_common(parts)) + 1:
                    unknown.add(new[:level])
                elif part == parts[0]:
                    sums[new[:level], unit] = (sums.get((new[:level], unit)) or 0) + (value or 0)
    return {(path, unit): value for (path, unit), value in sums.items() if path not in unknown}


def _common(paths: Sequence[Path]) -> Path:
    """Return the place that several lie in."""
    level = 0
    while len({path[: level + 1] for path in paths}) == 1 and level < min(map(len, paths)):
        level += 1
    return paths[0][:level]
