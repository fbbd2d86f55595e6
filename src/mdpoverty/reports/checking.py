"""Reconciliation: do the numbers of a set of forms, ours or somebody's printed ones, agree with each other?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from attrs import frozen

from mdpoverty.errors import BadTable
from mdpoverty.reports.columns import UNITS, Balance, Column, Form, Ref, Unit, Value, stub
from mdpoverty.reports.forms import AGREEMENTS, SHARED, forms
from mdpoverty.standard import Label, Language, Standard
from mdpoverty.ternary import is_missing

if TYPE_CHECKING:
    from mdpoverty.reports.build import Forms

__all__ = ["RULES", "Discrepancy", "check", "deprivation_bounds", "discrepancies_frame"]

Path = tuple[str | None, ...]

RULES: Mapping[str, Label] = {
    "formula": Label("sai công thức in trên biểu", "not what the printed formula gives"),
    "sum": Label("các phần cộng lại khác tổng", "the parts don't add up to the whole"),
    "part": Label("bộ phận lớn hơn tổng", "a part is larger than its whole"),
    "subtotal": Label("khác tổng của các địa bàn bên dưới", "not the sum of the places below"),
    "agreement": Label("khác số ở biểu kia", "not the number in the other form"),
    "least": Label("ít hơn mức tối thiểu theo chuẩn", "fewer than the standard allows"),
    "most": Label("nhiều hơn mức tối đa theo chuẩn", "more than the standard allows"),
    "people": Label("số nhân khẩu ít hơn số hộ", "fewer people than households"),
    "negative": Label("số âm", "a negative number"),
    "whole": Label("không phải số nguyên", "not a whole number"),
    "rate_over_100": Label("tỷ lệ vượt quá 100 %", "a rate over 100 %"),
    "last_year": Label("đầu kỳ khác cuối kỳ của năm trước", "the beginning isn't last year's end"),
    "place": Label("địa bàn không có ở biểu kia", "a place that isn't in the other form"),
    "duplicate": Label("địa bàn xuất hiện nhiều lần", "a place that stands twice"),
    "residents": Label("số dân cư không hợp lệ hoặc không có", "residents missing or impossible"),
    "overlap": Label("hộ thuộc nhiều nhóm: cột “khác” không đúng", "households in several groups: “others” is wrong"),
}


@frozen
class Discrepancy:
    """Two numbers that don't agree.

    Attributes
    ----------
    rule : str
        Which rule is broken: one of :data:`RULES`.
    form : int
        The form.
    path : tuple of str
        The place, from the top.
    unit : {"households", "people"}
        The row.
    column : str
        The column's number.
    found, expected : number or None
        What stands there, and what should.
    detail : str
        With what it was compared: a formula, or another form's column (``"3:5"`` is column 5 of form 3).
    why : Label, optional
        Why the two must agree.
    """

    rule: str
    form: int
    path: Path
    unit: Unit = "households"
    column: str = ""
    found: Value = None
    expected: Value = None
    detail: str = ""
    why: Label | None = None

    @property
    def difference(self) -> Value:
        """``found - expected``; ``None`` where either is blank."""
        return None if self.found is None or self.expected is None else Decimal(self.found) - Decimal(self.expected)

    def text(self, lang: Language = "en") -> str:
        """Return it as a sentence."""
        form, column, instead = ("Biểu", "cột", "phải là") if lang == "vi" else ("Form", "column", "expected")
        place = " / ".join(name or "?" for name in self.path) or ("Tổng cộng" if lang == "vi" else "Total")
        where = f"{form} {self.form}, {place}, {UNITS[self.unit].in_(lang)}"
        where += f", {column} {self.column}" if self.column else ""
        numbers = f": {self.found}" if self.found is not None else ""
        if self.expected is not None:
            numbers += f", {instead} {self.expected}"
            numbers += f" ({self.difference:+})" if self.difference is not None else ""
        reasons = [self.detail, self.why.in_(lang) if self.why else ""]
        reason = ": ".join(filter(None, reasons))
        return f"{where}{numbers}: {RULES[self.rule].in_(lang)}" + (f" [{reason}]" if reason else "")


def discrepancies_frame(found: Iterable[Discrepancy], lang: Language = "en") -> Any:
    """Return discrepancies as a pandas DataFrame: rule, form, area, unit, column, found, expected, difference, text."""
    import pandas as pd

    rows = [
        (
            each.rule,
            each.form,
            " / ".join(name or "?" for name in each.path),
            UNITS[each.unit].in_(lang),
            each.column,
            each.found,
            each.expected,
            each.difference,
            each.text(lang),
        )
        for each in found
    ]
    columns = ["rule", "form", "area", "unit", "column", "found", "expected", "difference", "text"]
    return pd.DataFrame(rows, columns=columns)


# ------------------------------------------------------------------------------------------------ a printed form, read


@frozen(eq=False)
class _Sheet:
    """A form as numbers: by place, row and column; and which places make up which."""

    form: Form
    columns: tuple[str, ...]
    cells: Mapping[tuple[Path, Unit], Mapping[str, Value]]
    children: Mapping[Path, tuple[Path, ...]]
    faults: tuple[Discrepancy, ...]

    def get(self, path: Path, unit: Unit, column: str) -> Value:
        return self.cells.get((path, unit), {}).get(column)

    def rows(self) -> Iterator[tuple[Path, Unit, Mapping[str, Value]]]:
        for (path, unit), values in self.cells.items():
            yield path, unit, values


def _read(frame: Any, form: Form) -> _Sheet:
    names = [_column_id(name) for name in frame.columns]
    columns = tuple(name for name in names if name in form.ids)
    missing = [name for name in ("area", *(("unit",) if len(form.units) > 1 else ())) if name not in names]
    if missing or not columns:
        raise BadTable(
            f"form {form.number} as a table needs the columns tt, area"
            + (", unit" if len(form.units) > 1 else "")
            + f" and the printed numbers ({', '.join(form.ids)}); got {', '.join(names)}"
        )
    data = {name: frame.iloc[:, at].tolist() for at, name in enumerate(names)}
    areas = [None if is_missing(area) else " ".join(str(area).split()) for area in data["area"]]
    units = [_unit(value, form) for value in data.get("unit", [None] * len(areas))]
    # Only the first of a place's rows need name it: the cells of the others may be merged with it.
    numbers = ["" if is_missing(tt) else str(tt).strip() for tt in data.get("tt", [""] * len(areas))]
    paths = _paths(numbers, areas, units)
    cells: dict[tuple[Path, Unit], dict[str, Value]] = {}
    faults: list[Discrepancy] = []
    for row, (path, unit) in enumerate(zip(paths, units, strict=True)):
        if (path, unit) in cells:
            faults.append(Discrepancy("duplicate", form.number, path, unit))
            continue
        values: dict[str, Value] = {}
        for column in columns:
            values[column], wrong = _number(data[column][row], form.column(column))
            if wrong:
                faults.append(Discrepancy(wrong, form.number, path, unit, column, values[column]))
        cells[path, unit] = values
    return _Sheet(form, columns, cells, _children(list(dict.fromkeys(paths))), tuple(faults))


def _children(paths: list[Path]) -> dict[Path, tuple[Path, ...]]:
    """Return what each place is made up of: the places right below it."""
    known = set(paths)
    children: dict[Path, list[Path]] = {}
    for path in paths:
        above = next((path[:n] for n in range(len(path) - 1, -1, -1) if path[:n] in known), None)
        if path and above is not None:
            children.setdefault(above, []).append(path)
    return {parent: tuple(its) for parent, its in children.items()}


_STUBS = {head: id for lang in ("vi", "en") for id, head in stub(2, lang)} | {"STT": "tt"}


def _column_id(name: Any) -> str:
    """Return a column's id from its name, or from the last level of its heading: ``"4=3/1*100"`` is 4."""
    levels = [str(level).strip() for level in (name if isinstance(name, tuple) else (name,))]
    last = levels[-1] or levels[0]
    return _STUBS.get(last, last.partition("=")[0].strip())


def _unit(value: Any, form: Form) -> Unit:
    if len(form.units) == 1 or is_missing(value):
        return form.units[0]
    text = str(value).strip().casefold()
    for unit, label in UNITS.items():
        if text in (unit, label.vi.casefold(), label.en.casefold()):
            return unit  # type: ignore[return-value]  # the keys of UNITS are the units
    raise BadTable(f"form {form.number}: a row is of {UNITS['households']} or of {UNITS['people']}, not of {value!r}")


_ROMAN = re.compile(r"[IVXLC]+")


def _paths(numbers: list[str], areas: list[str | None], units: list[Unit]) -> list[Path]:
    """Return each row's place from the numbering: 1 and 1.1, or I and 1; a row without a number is the total."""
    if not any(numbers):
        return [() if _is_total(area) else (area,) for area in _filled(areas)]
    paths: list[Path] = []
    names: dict[tuple[str, ...], str | None] = {}
    roman: tuple[str, ...] = ()
    for number, area, unit in zip(numbers, areas, units, strict=True):
        if paths and not number and (area is None or unit == "people") and (area is None or area == _last(paths)):
            paths.append(paths[-1])
            continue
        key: tuple[str, ...] = (*roman, *number.strip(".").split(".")) if number else ()
        if _ROMAN.fullmatch(number):
            key = roman = (number,)
        names.setdefault(key, area)
        if number:
            paths.append(tuple(names.get(key[:n], key[n - 1]) for n in range(1, len(key) + 1)))
        else:
            paths.append(())
    return paths


def _is_total(area: str | None) -> bool:
    return area is not None and area.casefold().startswith(("tổng", "total"))


def _filled(areas: list[str | None]) -> Iterator[str | None]:
    """Yield the names, that of the row above where a row has none."""
    last = None
    for area in areas:
        last = area if area is not None else last
        yield last


def _last(paths: list[Path]) -> str | None:
    return paths[-1][-1] if paths[-1] else None


def _number(value: Any, column: Column) -> tuple[Value, str]:
    """Read a cell; return its number and what is wrong with it."""
    if is_missing(value) or (isinstance(value, str) and not value.strip()):
        return None, ""
    try:
        exact = Decimal(value.strip().replace(",", ".") if isinstance(value, str) else str(value))
    except InvalidOperation:
        raise BadTable(f"column {column.id}: {value!r} is no number") from None
    wrong = "negative" if exact < 0 else ""
    if column.rate:
        return exact, wrong or ("rate_over_100" if exact > 100 else "")
    return (int(exact), wrong) if exact == exact.to_integral_value() else (exact, "whole")


# ------------------------------------------------------------------------------------------------------- the rules


def check(
    printed: Forms | Mapping[int, Any],
    *,
    previous: Forms | Mapping[int, Any] | None = None,
    standard: Standard | None = None,
    tolerance: Decimal | str | float = 0,
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
    standard : Standard, optional
        By which the deprivations are bounded: a poor household has at least so many, a near-poor one at most so many.
        Known from our forms; without it somebody's forms aren't held to the bounds.
    tolerance : number
        How far a printed rate may be from the exact one, rounded half-up: 0.01 where another rounding was used.

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
    law = standard if standard is not None else getattr(printed, "standard", None)
    sheets = _sheets(printed, law)
    found: list[Discrepancy] = []
    for sheet in sheets.values():
        found += sheet.faults
        found += _formulas(sheet, sheets, Decimal(str(tolerance)))
        found += _parts(sheet)
        found += _subtotals(sheet)
        found += _people(sheet)
        if law is not None:
            found += _bounds(sheet, law)
    found += _agreements(sheets)
    if previous is not None:
        found += _last_year(sheets, _sheets(previous, law))
    return tuple(dict.fromkeys(found))


def _sheets(printed: Any, standard: Standard | None) -> dict[int, _Sheet]:
    """Read all forms; forms that a set doesn't have are not asked for."""
    if not isinstance(printed, Mapping):
        return {number: _read(printed.form(number, heading="numbers"), form) for number, form in printed.specs.items()}
    if standard is None:
        from mdpoverty.standards import standards

        standard = standards[
            "vn-2022"
        ]  # for the headings' sake: the bounds are checked only by a standard that is given
    known = forms(standard)
    sheets = {}
    for number, frame in printed.items():
        if number not in known:
            raise BadTable(f"there is no form {number!r} to check, only {', '.join(map(str, known))}")
        sheets[number] = _read(frame, _widened(known[number], frame, standard))
    return sheets


def _widened(form: Form, frame: Any, standard: Standard) -> Form:
    """Give a form the columns that a table has of it: a and b of open households, and those of ethnic groups."""
    from attrs import evolve

    names = {_column_id(name) for name in frame.columns}
    if form.number == 9:  # which ethnic groups it has differs; a column for those not known may be among them
        count = max(sum(name.isdigit() for name in names) // 2 - 3, 0)
        return evolve(forms(standard, [f"{i}" for i in range(1, count + 1)])[9], sums=())
    extra = tuple(Column(id, (Label(id, id),), f"open:{id}") for id in ("a", "b") if id in names and id not in form.ids)
    return evolve(form, columns=(*form.columns, *extra))


def _formulas(sheet: _Sheet, sheets: Mapping[int, _Sheet], tolerance: Decimal) -> Iterator[Discrepancy]:
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
            elif not _near(found, expected, tolerance if column.rate else Decimal(0)):
                detail = f"{column.id}={formula}"
                yield Discrepancy("formula", sheet.form.number, path, unit, column.id, found, expected, detail)
    for whole, parts in sheet.form.sums:
        for path, unit, values in sheet.rows():
            total = parts.value(_getter(sheet, sheets, path, unit))
            if values.get(whole) is not None and total is not None and values[whole] != total:
                yield Discrepancy("sum", sheet.form.number, path, unit, whole, values[whole], total, str(parts))


def _getter(sheet: _Sheet, sheets: Mapping[int, _Sheet], path: Path, unit: Unit) -> Callable[[Ref], Value]:
    def get(ref: Ref) -> Value:
        return (sheet if ref.form is None else sheets[ref.form]).get(path, unit, ref.column)

    return get


def _zeros(get: Callable[[Ref], Value]) -> Callable[[Ref], Value]:
    """Read a blank cell as 0, as printed tables mean it."""
    return lambda ref: 0 if get(ref) is None else get(ref)


def _near(found: Value, expected: Value, tolerance: Decimal) -> bool:
    if found is None or expected is None:
        return found is expected or (found is None and expected == 0)
    return abs(Decimal(found) - Decimal(expected)) <= tolerance


def _parts(sheet: _Sheet) -> Iterator[Discrepancy]:
    for part, whole in sheet.form.wholes:
        for path, unit, values in sheet.rows():
            one, all_ = values.get(part), values.get(whole)
            if one is not None and all_ is not None and one > all_:
                yield Discrepancy("part", sheet.form.number, path, unit, part, one, all_, f"<= {whole}")


def _subtotals(sheet: _Sheet) -> Iterator[Discrepancy]:
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


def _people(sheet: _Sheet) -> Iterator[Discrepancy]:
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


def deprivation_bounds(standard: Standard, category: str) -> tuple[int, int] | None:
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
        verdict = standard.assess(answers, given="all")
        if category in verdict.possible:
            possible.append(count)
    return (min(possible), max(possible)) if possible and program.scale == 1 else None


def _bounds(sheet: _Sheet, standard: Standard) -> Iterator[Discrepancy]:
    category = {4: "poor", 6: "near_poor"}.get(sheet.form.number)
    bounds = deprivation_bounds(standard, category) if category else None
    if bounds is None or not {"A", "B"} <= set(sheet.columns):
        return
    for path, unit, values in sheet.rows():
        households, deprivations = values["A"], values["B"]
        if households is None or deprivations is None:
            continue
        least, most = bounds[0] * int(households), bounds[1] * int(households)
        if deprivations < least:
            yield Discrepancy("least", sheet.form.number, path, unit, "B", deprivations, least, f">= {bounds[0]}*A")
        if deprivations > most:
            yield Discrepancy("most", sheet.form.number, path, unit, "B", deprivations, most, f"<= {bounds[1]}*A")


def _agreements(sheets: Mapping[int, _Sheet]) -> Iterator[Discrepancy]:
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


def _shared(sheets: Mapping[int, _Sheet]) -> Iterator[Discrepancy]:
    """Compare what several forms count with the first form that counts it."""
    first: dict[tuple[str, Unit], tuple[_Sheet, Unit, str]] = {}
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


def _places(sheets: Mapping[int, _Sheet]) -> Iterator[Discrepancy]:
    """Find places that stand in one form and not in another."""
    numbers = sorted(sheets)
    for number in numbers[1:]:
        one, first = ({path for path, _ in sheets[n].cells} for n in (number, numbers[0]))
        for path in sorted(one - first, key=str):
            yield Discrepancy("place", number, path, detail=str(numbers[0]))
        for path in sorted(first - one, key=str):
            yield Discrepancy("place", numbers[0], path, detail=str(number))


def _last_year(sheets: Mapping[int, _Sheet], before: Mapping[int, _Sheet]) -> Iterator[Discrepancy]:
    for number in (2, 3):
        if number not in sheets:
            continue
        ends = _ends(before, number)
        for path, unit, values in sheets[number].rows():
            expected = ends.get((path, unit))
            if expected is not None and "1" in values and (values["1"] or 0) != expected:
                yield Discrepancy("last_year", number, path, unit, "1", values["1"], expected)


def _ends(before: Mapping[int, _Sheet], number: int) -> dict[tuple[Path, Unit], Value]:
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
