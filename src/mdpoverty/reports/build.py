"""The forms of a review, filled: from an assessment, and from the review before."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date as Date
from pathlib import Path as FilePath
from typing import Any, Literal

import numpy as np
from attrs import evolve, frozen

from mdpoverty.doors import door, doors
from mdpoverty.dynamics import Flows, flows
from mdpoverty.dynamics.places import Path, read_crosswalk
from mdpoverty.dynamics.reviews import IN_NEAR, Meanings, Side, classes_of, key_columns, mapped, read_side
from mdpoverty.errors import BadTable, MissingColumns, Problem, SpecError
from mdpoverty.law.fields import Label
from mdpoverty.law.program import OPEN_CODE
from mdpoverty.numbers import Language
from mdpoverty.reports.areas import Areas
from mdpoverty.reports.checking import check
from mdpoverty.reports.columns import Form, Layout
from mdpoverty.reports.counter import NOTES, Counter, Counts, one_note
from mdpoverty.reports.discrepancies import Discrepancy
from mdpoverty.reports.excel import write
from mdpoverty.reports.forms import CAUSES, CHARACTERISTICS, CLASSES, OFFICIAL, forms
from mdpoverty.reports.lists import LISTS, SUPPORT, household_list
from mdpoverty.reports.official import in_blocks, official_forms
from mdpoverty.reports.paper import Paper
from mdpoverty.reports.residents import PlaceReader, read_residents, spelling_finding
from mdpoverty.reports.tables import Filled, FilledForms, annotate, fill, write_csv
from mdpoverty.reports.web import page
from mdpoverty.results.assessment import Assessment
from mdpoverty.results.digests import of_rows
from mdpoverty.results.receipt import Receipt
from mdpoverty.tables.columns import Distinct
from mdpoverty.tables.spellings import NoneInBoth, Spelling
from mdpoverty.texts import alphabetical, nearest
from mdpoverty.workbooks import write_text

__all__ = ["Forms", "build"]

TO_CHECK = Label("Cần xem lại", "To look at")
GROUPS = ("ethnic_minority", "unable_to_work", "merit")


@doors
@frozen(eq=False, repr=False)
class Forms(FilledForms):
    """The official forms of a review, filled.

    Attributes
    ----------
    standard : Standard
        By which the households were classified.
    filled : mapping of int to Filled
        The forms as rows of exact numbers, by number.
    date : datetime.date or None
        The day of the review.
    flows : Flows or None
        What became of each household since the review before.
    findings : tuple of Discrepancy
        What couldn't be printed as it was: rates over 100 %, impossible residents, households in several groups.
    layout : {"province", "official"}
        As a province's review software prints them, or as the official templates do: see :meth:`official`.
    """

    date: Date | None
    flows: Flows | None
    findings: tuple[Discrepancy, ...]
    _counter: Counter
    layout: Layout = "province"

    @property
    def receipt(self) -> Receipt:
        """What the numbers were computed from, and a digest of the numbers, whatever the order of places."""
        rows = (
            f"{number}|{'/'.join(map(str, row.place.path))}|{row.unit}|{'|'.join(map(str, row.values.values()))}"
            for number, filled in self.filled.items()
            for row in filled.rows
        )
        parts = {"numbers": of_rows(rows)[1]}
        if self.flows is not None:
            parts["movements"] = self.flows.receipt.parts["movements"]
        return evolve(self._counter.assessment.receipt, kind="forms", parts=parts)

    @property
    def available(self) -> tuple[int, ...]:
        """The numbers of the forms and lists that can be had: 2 and 3 need ``before``, 11 needs members."""
        return (*self.filled, *self._lists)

    @property
    def _lists(self) -> tuple[int, ...]:
        return tuple(LISTS) if self.layout == "province" else ()

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
        if number in self._lists:
            return household_list(number, self._counter, lang)
        return self.filled_form(number).to_frame(lang, heading)

    def filled_form(self, number: int) -> Filled:
        """Return a form as rows of exact numbers."""
        if number in self.filled:
            return self.filled[number]
        if self.layout == "official" and number in OFFICIAL and number != 2:
            known = ", ".join(map(str, self.available))
            raise SpecError(f"the official layout of form {number} isn't known, only those of {known}")
        needs = {2: "before=", 3: "before=", 11: "members"}
        if number in needs:
            raise SpecError(f"form {number} can't be made without {needs[number]}: see reports.build")
        raise SpecError(f"there is no form {number!r}, only {', '.join(map(str, self.available))}")

    def official(self, *, people: bool = False, deprivations: bool = False, undetermined: bool = False) -> Forms:
        """Return the forms of which the official template is known, in its layout: 2, 4, 5, 9 and 10.

        Mẫu 7.2, 7.4, 7.5, 7.9 and 7.10 of Annex VII of Circular 07/2021/TT-BLDTBXH (as amended by 02/2022): blocks of
        urban and of rural places (by the households' ``area``) and their sum, households only, minorities before Kinh
        and as the difference from all, causes with rows of classes.

        Parameters
        ----------
        people : bool
            Whether form 2 has rows of people, as some provinces print it.
        deprivations : bool
            Whether form 4 has a column for all deprivations together, as some provinces print it.
        undetermined : bool
            Whether form 2 has columns for households that are left open. Without them, its parts don't add up to its
            end while there are such: a finding of :meth:`check`.

        Returns
        -------
        Forms
            Read, written and checked as the others.

        Examples
        --------
        >>> import mdpoverty as mdp
        >>> from mdpoverty.examples import commune
        >>> households, members = commune(200)
        >>> review = mdp.standards["vn-2022"].classify(households, members, date="2024-11-15")
        >>> official = build(review, area_columns=["province", "commune"]).official()
        >>> official.form(4, heading="numbers")[["tt", "area", "A"]].values.tolist()[-2:]
        [['1', 'Xã Ví Dụ 1', 12], ['III', 'Tổng cộng (I + II)', 13]]
        """
        counter = in_blocks(self._counter)
        options = {"people": people, "deprivations": deprivations, "undetermined": undetermined}
        made = official_forms(self.standard, counter.other_groups(), **options)
        filled, findings = _fill(made, counter)
        unknown = counter.mask("ethnic_unknown")
        lost = 0 if unknown is None else int((unknown & (counter.side.states <= IN_NEAR)).sum())
        if lost:
            findings.append(Discrepancy("ethnic_unknown", 9, column="2", found=lost))
        kept = (each for each in self.findings if each.form in made or each.rule == "spelling")
        return evolve(self, filled=filled, findings=(*kept, *findings), layout="official")

    @property
    def open(self) -> Any:
        """The open households, as a DataFrame: key, place, the classes still possible. On no list, not lost."""
        import pandas as pd

        counter = self._counter
        rows = np.flatnonzero(counter.side.states == OPEN_CODE)
        paths = counter.areas.paths
        may = {name: counter.assessment.in_category(name) for name in self.standard.categories}
        return pd.DataFrame(
            {
                counter.assessment.key_name or "household": counter.side.matched.take(rows).listed(),
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
        paper: Paper | None = None,
        progress: bool = False,
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
        paper : Paper, optional
            The page as an office issues it: the national heading, who issues the form, its number, place and day above;
            what it counts; signatures below. In place of ``authority``.
        progress : bool
            Show how many rows are done, where a terminal looks on: lists of a province are long.
        """
        source = self.receipt.told(lang)
        source += [("JSON", json.dumps(self.receipt.to_dict(), ensure_ascii=False))]  # for mdpoverty.verify
        source += [(TO_CHECK.in_(lang), finding.text(lang)) for finding in self.findings]
        sheets = self._sheets(forms, lang)
        write(
            path, sheets, lang=lang, period=period, authority=authority, paper=paper, source=source, progress=progress
        )

    def to_html(
        self,
        path: str | FilePath | None = None,
        *,
        forms: Iterable[int] | None = None,
        lang: Language = "vi",
        period: str = "",
        authority: str = "",
        paper: Paper | None = None,
    ) -> str:
        """Return the forms as one HTML page that stands alone, and write it where ``path`` says.

        By default the forms 1–13: the lists 14 and 15 name people and are added only when asked for. The other
        parameters are those of :meth:`to_excel`.
        """
        sheets = self._sheets(self.filled if forms is None else forms, lang)
        text = page(sheets, lang, period, authority, paper)
        if path is not None:
            write_text(path, text, ".html", ".htm")
        return text

    def to_csv(
        self,
        folder: str | FilePath,
        *,
        forms: Iterable[int] | None = None,
        lang: Language = "vi",
        bom: bool = True,
        dialect: Literal["international", "vietnamese"] = "international",
    ) -> list[FilePath]:
        """Write each form as a CSV file, UTF-8 with the byte order mark that Excel wants; return the files.

        Text that a spreadsheet would run as a formula gets an apostrophe in front, which :func:`read_csv` takes away.

        Parameters
        ----------
        folder : str or pathlib.Path
            Where to.
        forms : iterable of int, optional
            Which ones; all that are available by default.
        lang : {"vi", "en"}
            The language.
        bom : bool
            Whether the byte order mark stands in front.
        dialect : {"international", "vietnamese"}
            1.5 and commas between the cells; or 1,5 and semicolons, as an Excel with Vietnamese settings reads them.
        """
        if dialect not in ("international", "vietnamese"):
            raise SpecError(f'dialect is "international" or "vietnamese", not {dialect!r}')
        return [
            write_csv(
                self.form(number, lang=lang),
                FilePath(folder) / f"form_{number:02}.csv",
                bom=bom,
                vietnamese=dialect == "vietnamese",
            )
            for number in self._chosen(forms)
        ]

    def _chosen(self, forms: Iterable[int] | None) -> list[int]:
        chosen = list(self.available if forms is None else forms)
        for number in chosen:
            if number not in self._lists:
                self.filled_form(number)  # says what is missing
        return chosen

    def _sheets(self, forms: Iterable[int] | None, lang: Language) -> dict[int, Any]:
        """Return the chosen forms as they are filled, and the chosen lists as tables."""
        chosen = self._chosen(forms)
        return {n: self.form(n, lang=lang) if n in self._lists else self.filled[n] for n in chosen}

    def _repr_html_(self) -> str:
        return self.to_html(forms=[1])

    def __repr__(self) -> str:
        numbers, places = ", ".join(map(str, self.available)), self._counter.areas.leaves
        return f"<Forms {numbers} by {self.standard.id}: {places} places, {len(self.findings)} findings>"


@door
def build(
    assessment: Assessment,
    *,
    before: Any = None,
    area_columns: str | Sequence[str] = (),
    totals: Any = None,
    on: str | Sequence[str] | None = None,
    history: Any = None,
    look_back: int | None = None,
    changes: Any = None,
    columns: Mapping[str, str] | None = None,
    codes: Mapping[str, Meanings] | None = None,
    fold: bool = False,
    before_areas: Any = None,
    producers: Assessment | None = None,
    order: Literal["alphabetical", "appearance"] = "alphabetical",
) -> Forms:
    """Fill the official forms from a review.

    Parameters
    ----------
    assessment : Assessment
        The review.
    before : Assessment or table, optional
        The review before, for the forms of changes (2 and 3): see :func:`mdpoverty.flows`. It needs the area columns.
    area_columns : str or sequence of str
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
    codes : mapping, optional
        What your codes mean in these columns, and in the class of tables: ``{"merit": {"x": True, "": False}}``,
        ``{"ethnic_group": {1: "Kinh", 2: "Tày"}}``, ``{"category": {"A": "poor"}}``.
    fold : bool
        Whether keys and places that differ only by blanks, case, Unicode form or the place of a tone mark (Hòa, Hoà)
        are one. By default they are two, and are findings.
    before_areas : table or mapping, optional
        Where places were merged, renamed or divided between the reviews, as the crosswalk of :func:`mdpoverty.flows`:
        a table of ``old``, ``new`` and, for divided places, ``household``; or the old place to the new one, as names or
        tuples of names. Households of a divided place that neither it nor the later review places are a finding.
    producers : Assessment, optional
        The households in agriculture, forestry, fishery and salt, classified by their own standard
        (``vn-2022-producers``, by the income of twelve months without transfers). Without it, who is of average living
        standard in ``assessment`` and ticked in the column ``producer`` counts.

    order : {"alphabetical", "appearance"}
        Places in the order of the Vietnamese alphabet (numbers by what they amount to, those without a name last), or
        as they first come in ``totals`` and the households.

    Returns
    -------
    Forms

    Raises
    ------
    BadTable
        If ``assessment`` is none.
    MissingColumns, BadValues, SpecError
        If area columns, residents or another column can't be read, keys or places don't match, or an option names
        nothing: the message has the nearest name.

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
    for what, given in (("build", assessment), ("producers=", producers)):
        if not isinstance(given, Assessment) and (given is not None or what == "build"):
            kind = type(given).__name__
            raise BadTable(f"{what} needs an Assessment, as standard.classify(…) returns it, not {kind}")
    if isinstance(totals, str) and totals != "assessed":
        raise SpecError(f'totals is a table or "assessed", not {totals!r}')
    if order not in ("alphabetical", "appearance"):
        raise SpecError(f'order is "alphabetical" or "appearance", not {order!r}')
    key = key_columns(on or assessment.households.key_columns)
    names, meanings = _own_columns(assessment, columns or {}), _own_codes(assessment, columns or {}, codes or {})
    area_columns = [area_columns] if isinstance(area_columns, str) else list(area_columns)
    places = PlaceReader(tuple(area_columns), fold)
    after = read_side(assessment, key, "after") if assessment.key_name or on else _by_position(assessment)
    paths = _paths(after, places)
    residents: dict[Path, tuple[int, int]] = {}
    listed: list[Path] = []
    findings: list[Discrepancy] = []
    if totals is not None and not isinstance(totals, str):
        residents, listed, findings = read_residents(totals, places)
    moves, old = None, None
    if before is not None:
        crosswalk = None if before_areas is None else read_crosswalk(before_areas, area_columns)
        moves = flows(
            before,
            assessment,
            on=key,
            history=history,
            look_back=look_back,
            changes=changes,
            codes={name: its for name, its in meanings.items() if name == "category"},
            fold=fold,
            area_columns=area_columns,
            crosswalk=None if crosswalk is None else evolve(crosswalk, also=tuple(listed)),
        )
        old = _paths(moves.before, places) if moves.places is None else moves.places.paths
        findings += _matching(moves)
    elif before_areas is not None:
        raise SpecError("before_areas= says where the places of before= are today: give before= too")
    findings += places.findings()
    every = list(dict.fromkeys([*listed, *paths.values, *(old.values if old else ())])) or [("",) * len(area_columns)]
    areas = Areas(len(area_columns), sorted(every, key=_alphabetically) if order == "alphabetical" else every)
    at = areas.positions(paths)
    flow_at = (at, at)
    if moves is not None and old is not None:
        flow_at = (_aligned(areas.positions(old), moves.rows_before), _aligned(at, moves.rows_after))
    counter = Counter(assessment, after, areas, at, moves, flow_at, None, names, meanings, producers)
    counter.residents = _by_leaf(residents, areas, counter, totals)
    if totals is not None and not isinstance(totals, str):
        findings += _lacking(areas, residents)
    return _filled(counter, findings)


def _alphabetically(path: Path) -> tuple[Any, ...]:
    return tuple((not name, alphabetical(name or "")) for name in path)


def _filled(counter: Counter, findings: list[Discrepancy]) -> Forms:
    """Fill all forms that can be made."""
    assessment, moves = counter.assessment, counter.flows
    sides = [counter.side, *([moves.before] if moves else [])]
    undetermined = any(bool((side.states == OPEN_CODE).any()) for side in sides)
    made = forms(assessment.standard, counter.other_groups(), undetermined=undetermined)
    filled, faults = _fill(made, counter)
    findings += [*faults, *_overlaps(counter)]
    return Forms(assessment.standard, filled, assessment.date, moves, tuple(findings), counter)


def _fill(made: Mapping[int, Form], counter: Counter) -> tuple[dict[int, Filled], list[Discrepancy]]:
    """Fill forms in their order, and note what a reader must know."""
    missing = {"before": counter.flows is None, "members": not counter.assessment.has("age", "member")}
    filled: dict[int, Filled] = {}
    findings: list[Discrepancy] = []
    for number, form in made.items():
        if not missing.get(form.needs):
            one, faults = fill(form, counter, filled)
            findings += faults
            filled[number] = annotate(one, _notes(form, counter))
    return filled, findings


OF_HOUSEHOLDS = (*CHARACTERISTICS, *CAUSES, *SUPPORT, "ethnic_group")
OF_MEMBERS = ("name", "age", "sex")


def _own_columns(assessment: Assessment, columns: Mapping[str, str]) -> dict[str, str]:
    """Refuse names that mean nothing to the forms, and columns that aren't there."""
    problems = []
    for name, own in columns.items():
        if name not in (*OF_HOUSEHOLDS, *OF_MEMBERS):
            raise SpecError(f"columns= speaks of {name!r}, which no form asks for{_like(name, OF_HOUSEHOLDS)}")
        if not assessment.has(own, "member" if name in OF_MEMBERS else "household"):
            table: Literal["members", "households"] = "members" if name in OF_MEMBERS else "households"
            problems.append(Problem.of("columns_absent", own, {"name": name}, table=table, field=name))
    if problems:
        raise MissingColumns(problems)
    return dict(columns)


def _own_codes(
    assessment: Assessment, columns: Mapping[str, str], codes: Mapping[str, Meanings]
) -> dict[str, Meanings]:
    """Refuse codes of what the forms don't read; take those that are given by the caller's own name of a column."""
    mapped(codes)
    fields = tuple(assessment.standard.fields)
    known = (*OF_HOUSEHOLDS, *OF_MEMBERS, *fields, "category")
    found = {}
    own = {column: name for name, column in columns.items()}
    for given, its in codes.items():
        name = own.get(given, given)
        if name not in known:
            raise SpecError(f"codes= speaks of {given!r}, which no form reads{_like(given, known)}")
        level: Literal["household", "member"] = "member" if name in OF_MEMBERS else "household"
        if name in (*OF_HOUSEHOLDS, *OF_MEMBERS) and not assessment.has(columns.get(name, name), level):
            raise MissingColumns([Problem.of("codes_absent", name, field=name)])
        found[name] = its
    return found


def _like(name: str, names: Iterable[str]) -> str:
    like = nearest(name, names)
    return f"; is it {like!r}?" if like else f": they ask for {', '.join(names)}"


def _by_position(assessment: Assessment) -> Side:
    categories = tuple(assessment.standard.categories)
    return Side(assessment.matching_keys(), classes_of(assessment), categories, *assessment.sizes, assessment)


def _paths(side: Side, places: PlaceReader) -> Distinct:
    absent = [name for name in places.columns if not side.has(name)]
    if absent:
        raise MissingColumns([Problem.of("missing_column", name, field=name) for name in absent])
    return places.read([side.given_column(name) for name in places.columns], len(side))


def _matching(moves: Flows) -> list[Discrepancy]:
    """Return what matching two reviews found: keys in two spellings, households that no crosswalk places."""
    unplaced = moves.places.unplaced if moves.places else {}
    return [
        *(spelling_finding(each, 2) for each in moves.findings if isinstance(each, Spelling)),
        *(
            Discrepancy("none_in_both", 2, why=Label(each.text("vi"), each.text("en")))
            for each in moves.findings
            if isinstance(each, NoneInBoth)
        ),
        *(Discrepancy("crosswalk", 2, place, column="1", found=len(keys)) for place, keys in unplaced.items()),
    ]


def _aligned(positions: Any, rows: Any) -> Any:
    """Return each household's place in the order of the flows; -1 where it isn't in that review."""
    return np.append(positions, -1)[rows]


def _by_leaf(residents: dict[Path, tuple[int, int]], areas: Areas, counter: Counter, totals: Any) -> Counts | None:
    if totals is None:
        return None
    if isinstance(totals, str):
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


def _notes(form: Form, counter: Counter) -> list[Label]:
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
    concerned = {part for column in form.columns for part in column.source.split("&")}
    of_children = [part for part in concerned if part.startswith("children:")]
    concerned |= {f"children:{part.rpartition(':')[2]}" for part in of_children}
    concerned |= {"children"} if of_children else {"producer"} if "producers" in concerned else set()
    for kind in NOTES:
        its = [part for what, part in counter.notes.get(kind, {}).items() if what in concerned]
        if its:
            notes.append(one_note(kind, its))
    if "residents" in concerned:
        notes += _note_of_residents(counter)
    return notes


def _note_of_residents(counter: Counter) -> list[Label]:
    """Say why residents and their rates are blank, where they are."""
    leaves = counter.areas.leaves
    lacking = (
        leaves if counter.residents is None else sum(None in pair for pair in zip(*counter.residents, strict=True))
    )
    if not lacking:
        return []
    where = (
        Label("các địa bàn", "the places") if lacking == leaves else Label(f"{lacking} địa bàn", f"{lacking} places")
    )
    vi = f"Chưa có tổng số hộ, nhân khẩu của {where.vi} tại thời điểm rà soát: các cột dân cư và tỷ lệ ở đó để trống."
    en = f"The residents of {where.en} at the time of the review aren't known: their columns and rates are blank there."
    return [Label(vi, en)]


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
