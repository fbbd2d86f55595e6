"""The forms of a review, filled: from an assessment, and from the review before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date as Date
from pathlib import Path as FilePath
from typing import Any, Literal

import numpy as np
from attrs import frozen

from mdpoverty.dynamics import IN_NEAR, Flows, Side, flows, read_side
from mdpoverty.errors import BadValues, MissingColumns, Problem, SpecError
from mdpoverty.law.fields import Label
from mdpoverty.law.program import OPEN_CODE
from mdpoverty.numbers import Language
from mdpoverty.reports.areas import Areas, Path, plain
from mdpoverty.reports.checking import check
from mdpoverty.reports.columns import Form
from mdpoverty.reports.counter import Counter, Counts
from mdpoverty.reports.discrepancies import Discrepancy
from mdpoverty.reports.excel import write
from mdpoverty.reports.forms import CLASSES, forms
from mdpoverty.reports.lists import LISTS, household_list
from mdpoverty.reports.tables import Filled, FilledForms, annotate, fill, write_csv
from mdpoverty.reports.web import page
from mdpoverty.results.assessment import Assessment
from mdpoverty.results.receipt import Receipt
from mdpoverty.tables.reading import open_table
from mdpoverty.ternary import is_missing

__all__ = ["Forms", "build"]

GROUPS = ("ethnic_minority", "unable_to_work", "merit")


@frozen(eq=False, repr=False)
class Forms(FilledForms):
    """The official forms of a review, filled.

    Attributes
    ----------
    standard : Law
        By which the households were classified.
    filled : mapping of int to Filled
        The forms as rows of exact numbers, by number.
    date : datetime.date or None
        The day of the review.
    flows : Flows or None
        What became of each household since the review before.
    findings : tuple of Discrepancy
        What couldn't be printed as it was: rates over 100 %, impossible residents, households in several groups.
    """

    date: Date | None
    flows: Flows | None
    findings: tuple[Discrepancy, ...]
    _counter: Counter

    @property
    def receipt(self) -> Receipt:
        """What the numbers were computed from."""
        return self._counter.assessment.receipt

    @property
    def available(self) -> tuple[int, ...]:
        """The numbers of the forms and lists that can be had: 2 and 3 need ``before``, 11 needs members."""
        return (*self.filled, *LISTS)

    @property
    def specs(self) -> dict[int, Form]:
        """The forms as data, by number."""
        return {number: filled.form for number, filled in self.filled.items()}

    def form(self, number: int, *, lang: Language = "vi", heading: Literal["full", "numbers"] = "full") -> Any:
        """Return a form as a pandas DataFrame.

        Parameters
        ----------
        number : int
            1–13, or 14 and 15: the lists of the near-poor and of the poor.
        lang : {"vi", "en"}
            The language of headings and units.
        heading : {"full", "numbers"}
            Headings as column levels with the printed number as the last one; or plain names: ``tt``, ``area``,
            ``unit`` (where rows are of households and of people) and the numbers.

        Returns
        -------
        pandas.DataFrame
            Counts as ``Int64``, rates as ``Float64``; blank cells are null. ``attrs`` has the title and the notes.

        Raises
        ------
        SpecError
            If there is no such form, or it can't be made from what was given.
        """
        if number in LISTS:
            return household_list(number, self._counter, lang)
        return self.filled_form(number).to_frame(lang, heading)

    def filled_form(self, number: int) -> Filled:
        """Return a form as rows of exact numbers."""
        if number in self.filled:
            return self.filled[number]
        needs = {2: "before=", 3: "before=", 11: "members"}
        if number in needs:
            raise SpecError(f"form {number} can't be made without {needs[number]}: see reports.build")
        raise SpecError(f"there is no form {number!r}, only {', '.join(map(str, self.available))}")

    @property
    def open(self) -> Any:
        """The open households, as a DataFrame: key, place, the classes still possible. On no list, not lost."""
        import pandas as pd

        counter = self._counter
        rows = np.flatnonzero(counter.side.states == OPEN_CODE).tolist()
        paths = counter.areas.paths
        may = {name: counter.assessment.in_category(name) for name in self.standard.categories}
        return pd.DataFrame(
            {
                counter.assessment.key_name or "household": [counter.side.keys[row] for row in rows],
                "area": [" / ".join(name or "?" for name in paths[counter.at[row]]) for row in rows],
                "possible": ["|".join(name for name, codes in may.items() if codes[row]) for row in rows],
            }
        )

    def check(self, previous: Forms | Mapping[int, Any] | None = None) -> tuple[Discrepancy, ...]:
        """Return what doesn't agree: see :func:`mdpoverty.reports.check`."""
        return check(self, previous=previous)

    def to_excel(
        self,
        path: str | FilePath,
        *,
        forms: Iterable[int] | None = None,
        lang: Language = "vi",
        period: str = "",
        authority: str = "",
    ) -> None:
        """Write an Excel workbook in the official layout, one sheet for each form.

        Merged headings, Times New Roman, landscape A4; totals, rates and balances are live formulas that carry their
        value, so that every program shows the numbers. Needs the extra ``mdpoverty[excel]``.

        Parameters
        ----------
        path : str or pathlib.Path
            Where to.
        forms : iterable of int, optional
            Which ones; all that are available by default.
        lang : {"vi", "en"}
            The language.
        period, authority : str
            Printed below and above the title: ``"Năm 2024"``, ``"UBND xã Ví Dụ"``.
        """
        receipt = {**self.receipt.to_dict(), "options": ""}
        source = [(name, str(value)) for name, value in receipt.items() if value not in ("", None)]
        source += [(finding.rule, finding.text(lang)) for finding in self.findings]
        write(path, self._sheets(forms, lang), lang=lang, period=period, authority=authority, source=source)

    def to_html(
        self,
        path: str | FilePath | None = None,
        *,
        forms: Iterable[int] | None = None,
        lang: Language = "vi",
        period: str = "",
    ) -> str:
        """Return the forms as one HTML page that stands alone, and write it where ``path`` says.

        By default the forms 1–13: the lists 14 and 15 name people and are added only when asked for.
        """
        text = page(self._sheets(self.filled if forms is None else forms, lang), lang, period)
        if path is not None:
            FilePath(path).write_text(text, encoding="utf-8")
        return text

    def to_csv(
        self,
        folder: str | FilePath,
        *,
        forms: Iterable[int] | None = None,
        lang: Language = "vi",
        bom: bool = True,
    ) -> list[FilePath]:
        """Write each form as a CSV file, UTF-8 with the byte order mark that Excel wants; return the files.

        Text that a spreadsheet would run as a formula gets an apostrophe in front, which :func:`read_csv` takes away.
        """
        return [
            write_csv(self.form(number, lang=lang), FilePath(folder) / f"form_{number:02}.csv", bom)
            for number in self._chosen(forms)
        ]

    def _chosen(self, forms: Iterable[int] | None) -> list[int]:
        chosen = list(self.available if forms is None else forms)
        for number in chosen:
            if number not in LISTS:
                self.filled_form(number)  # says what is missing
        return chosen

    def _sheets(self, forms: Iterable[int] | None, lang: Language) -> dict[int, Any]:
        """Return the chosen forms as they are filled, and the chosen lists as tables."""
        chosen = self._chosen(forms)
        return {n: self.form(n, lang=lang) if n in LISTS else self.filled[n] for n in chosen}

    def _repr_html_(self) -> str:
        return self.to_html(forms=[1])

    def __repr__(self) -> str:
        numbers, places = ", ".join(map(str, self.available)), self._counter.areas.leaves
        return f"<Forms {numbers} by {self.standard.id}: {places} places, {len(self.findings)} findings>"


def build(
    assessment: Assessment,
    *,
    before: Any = None,
    area_columns: Sequence[str] = (),
    totals: Any = None,
    on: str | None = None,
    history: Any = None,
    look_back: int | None = None,
    changes: Any = None,
    columns: Mapping[str, str] | None = None,
    before_areas: Mapping[tuple[str, ...], tuple[str, ...]] | None = None,
    producers: Assessment | None = None,
) -> Forms:
    """Fill the official forms from a review.

    Parameters
    ----------
    assessment : Assessment
        The review.
    before : Assessment or table, optional
        The review before, for the forms of changes (2 and 3): see :func:`mdpoverty.flows`. It needs the area columns.
    area_columns : sequence of str
        Columns of the households from the top: province, district, commune; since July 2025 province and commune.
    totals : table or "assessed", optional
        All households and people who live in each place: the area columns, ``households`` and ``people``. Without it
        the columns of residents and their rates are blank. ``"assessed"``: all residents are in the assessment.
    on : str, optional
        The key that a household keeps from review to review; the assessment's own by default.
    history, look_back, changes
        As in :func:`mdpoverty.flows`.
    columns : mapping, optional
        Your columns for what the forms count by and no rule reads, where they are named differently: ``producer``,
        ``ethnic_group``, ``ethnic_minority``, ``local_ethnic``, ``unable_to_work``, ``merit``, ``female_head``,
        ``cause_land`` … ``cause_other``; for the lists also ``name`` (of members) and ``support_health`` ….
    before_areas : mapping, optional
        Where places were merged or renamed between the reviews: the old path to the new one, as tuples.
    producers : Assessment, optional
        The households in agriculture, forestry, fishery and salt, classified by their own standard
        (``vn-2022-producers``, by the income of twelve months without transfers). Without it, who is of average living
        standard in ``assessment`` and ticked in the column ``producer`` counts.

    Returns
    -------
    Forms

    Raises
    ------
    MissingColumns, BadValues
        If area columns or the residents can't be read.

    Examples
    --------
    >>> import mdpoverty as mdp
    >>> from mdpoverty.examples import commune
    >>> households, members = commune(200)
    >>> review = mdp.standards["vn-2022"].classify(households, members, date="2024-11-15")
    >>> filled = build(review, area_columns=["province", "commune"], totals="assessed")
    >>> filled.form(1, heading="numbers")[["area", "1", "3", "4"]].values.tolist()
    [['Tỉnh Ví Dụ 1', 200, 13, 6.5], ['Xã Ví Dụ 1', 200, 13, 6.5]]
    """
    key = on or assessment.key_name or "household_id"
    names = dict(columns or {})
    after = read_side(assessment, key, "after") if assessment.key_name or on else _by_position(assessment)
    moves = None
    if before is not None:
        moves = flows(before, assessment, on=key, history=history, look_back=look_back, changes=changes)
    paths = _paths(after, area_columns)
    old = _renamed(_paths(moves.before, area_columns), before_areas) if moves else []
    residents, listed, findings = _residents(totals, area_columns)
    areas = Areas(len(area_columns), [*listed, *paths, *old] or [("",) * len(area_columns)])
    at = areas.positions(paths)
    flow_at = (at, at)
    if moves is not None:
        flow_at = (_aligned(areas.positions(old), moves.rows_before), _aligned(at, moves.rows_after))
    counter = Counter(assessment, after, areas, at, moves, flow_at, None, names, producers)
    counter.residents = _by_leaf(residents, areas, counter, totals)
    if isinstance(counter.residents, tuple) and not isinstance(totals, str):
        findings += _lacking(areas, residents)
    undetermined = bool((after.states == OPEN_CODE).any()) or (
        moves is not None and bool((moves.before.states == OPEN_CODE).any())
    )
    filled: dict[int, Filled] = {}
    for number, form in forms(assessment.standard, counter.other_groups(), undetermined=undetermined).items():
        if (form.needs == "before" and moves is None) or (
            form.needs == "members" and not assessment.has("age", "member")
        ):
            continue
        made, faults = fill(form, counter, filled)
        findings += faults
        filled[number] = annotate(made, _notes(form, counter, undetermined))
    findings += _overlaps(counter)
    return Forms(assessment.standard, filled, assessment.date, moves, tuple(findings), counter)


def _by_position(assessment: Assessment) -> Side:
    return Side(
        assessment.keys, assessment.category, tuple(assessment.standard.categories), *assessment.sizes, assessment
    )


def _paths(side: Side, area_columns: Sequence[str]) -> list[Path]:
    absent = [name for name in area_columns if not side.has(name)]
    if absent:
        raise MissingColumns([Problem(name, "there is no such area column in a review") for name in absent])
    if not area_columns:
        return [()] * len(side.keys)
    read = [[plain(value) for value in side.column(name)] for name in area_columns]
    return list(zip(*read, strict=True))


def _renamed(paths: list[Path], renamed: Mapping[tuple[str, ...], tuple[str, ...]] | None) -> list[Path]:
    known = {
        tuple(plain(name) for name in old): tuple(plain(name) for name in new) for old, new in (renamed or {}).items()
    }
    return [known.get(path, path) for path in paths]


def _aligned(positions: Any, rows: Any) -> Any:
    """Return each household's place in the order of the flows; -1 where it isn't in that review."""
    return np.append(positions, -1)[rows]


def _residents(
    totals: Any, area_columns: Sequence[str]
) -> tuple[dict[Path, tuple[int, int]], list[Path], list[Discrepancy]]:
    """Read the table of residents; impossible numbers are found and left out."""
    if totals is None or (isinstance(totals, str) and totals == "assessed"):
        return {}, [], []
    table = open_table(totals, "totals")
    absent = [name for name in (*area_columns, "households", "people") if name not in table]
    if absent:
        raise MissingColumns([Problem(name, "totals has no such column", table="totals") for name in absent])
    read = [[plain(value) for value in table.column(name).to_list()] for name in area_columns]
    paths: list[Path] = list(zip(*read, strict=True)) if read else [()] * len(table)
    twice = len(paths) - len(set(paths))
    if twice:
        raise BadValues([Problem(", ".join(area_columns) or "totals", "a place stands twice", twice, table="totals")])
    found: dict[Path, tuple[int, int]] = {}
    wrong: list[Discrepancy] = []
    rows = zip(table.column("households").to_list(), table.column("people").to_list(), strict=True)
    for path, (households, people) in zip(paths, rows, strict=True):
        sound = not is_missing(households) and not is_missing(people)
        sound = sound and households == int(households) and people == int(people) and 0 <= households <= people
        if sound:
            found[path] = (int(households), int(people))
        else:
            wrong.append(Discrepancy("residents", 1, path, "households", "1"))
    return found, paths, wrong


def _by_leaf(residents: dict[Path, tuple[int, int]], areas: Areas, counter: Counter, totals: Any) -> Counts | None:
    if totals is None:
        return None
    if isinstance(totals, str):
        if totals != "assessed":
            raise SpecError(f'totals is a table or "assessed", not {totals!r}')
        _, known = counter.assessment.sizes
        households, people = counter.add_up(counter.at, counter.side.sizes)
        return households, people if bool(known.all()) else _blank_where(people, counter.at[~known])
    pairs = [residents.get(path, (None, None)) for path in areas.paths]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def _blank_where(people: list[int | None], at: Any) -> list[int | None]:
    """Blank the people of places where a household's size isn't known: they would be too few to divide by."""
    unknown = set(at.tolist())
    return [None if leaf in unknown else number for leaf, number in enumerate(people)]


def _lacking(areas: Areas, residents: dict[Path, tuple[int, int]]) -> list[Discrepancy]:
    return [
        Discrepancy("residents", 1, place.path, "households", "1", detail="totals")
        for place in areas.places
        if place.leaf >= 0 and place.path not in residents
    ]


def _notes(form: Form, counter: Counter, undetermined: bool) -> list[Label]:
    notes = []
    is_open = counter.side.states == OPEN_CODE
    if is_open.any():
        n, people = int(is_open.sum()), int(counter.side.sizes[is_open].sum())
        own = any(column.id == "a" for column in form.columns)
        vi, en = (
            ("đứng ở cột riêng", "they have columns of their own")
            if own
            else ("không thuộc biểu này", "not in this form")
        )
        notes.append(
            Label(
                f"{n} hộ ({people} nhân khẩu) chưa xác định được vì còn câu trả lời để ngỏ: {vi}. Số liệu tạm tính.",
                f"{n} households ({people} people) are open, answers being missing: {en}. Numbers are provisional.",
            )
        )
    lacking = int((~counter.assessment.sizes[1] & (counter.side.states <= IN_NEAR)).sum())
    if lacking and ("people" in form.units or any(column.unit == "people" for column in form.columns)):
        notes.append(
            Label(
                f"{lacking} hộ nghèo, cận nghèo chưa rõ số nhân khẩu: nhân khẩu của các hộ này không được tính.",
                f"The size of {lacking} poor or near-poor households isn't known: their people aren't counted.",
            )
        )
    concerned = {term for column in form.columns for part in column.source.split("&") for term in part.split(":")}
    concerned |= {"age"} if "children" in concerned else {"producer"} if "producers" in concerned else set()
    notes += [note for name, note in counter.notes.items() if name.split(":")[-1] in concerned]
    return notes


def _overlaps(counter: Counter) -> list[Discrepancy]:
    """Find places where form 8's column “others” is wrong, since households are in several of its groups."""
    found = []
    masks = [counter.mask(group) for group in GROUPS]
    if any(mask is None for mask in masks):
        return []
    several = np.sum(np.array(masks), axis=0)
    for (category, _), column in zip(CLASSES.items(), ("5", "10"), strict=True):
        of_class = counter.mask(category)
        assert of_class is not None
        for place in counter.areas.places:
            here = of_class & (counter.at == place.leaf)
            if place.leaf >= 0 and (several[here] > 1).any():
                others = int((several[here] == 0).sum())
                printed = int(here.sum() - several[here].sum())
                found.append(Discrepancy("overlap", 8, place.path, "households", column, printed, others))
    return found
