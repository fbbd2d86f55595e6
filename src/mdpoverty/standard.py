"""A legal standard: a law with verbs. What it imports is the map of the house."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date as Date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self, overload

from attrs import frozen

from mdpoverty.doors import doors, warn_caller
from mdpoverty.errors import BadTable, SpecError
from mdpoverty.faces import Face, Faced, Html
from mdpoverty.law import files
from mdpoverty.law.fields import (
    Code,
    Field,
    Gap,
    Kind,
    Label,
    Lookalike,
    Named,
    doubts,
    known_columns,
    to_date,
)
from mdpoverty.law.law import Law
from mdpoverty.law.parts import Category, Citation, Dimension, Indicator, Threshold
from mdpoverty.law.program import Outside, Program, reads
from mdpoverty.law.readings import Ambiguity, Interpretation
from mdpoverty.numbers import HouseholdId, Language, Level
from mdpoverty.results import verdict
from mdpoverty.tables.options import Reading

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from mdpoverty.engine.record import UnknownKeys
    from mdpoverty.results.assessment import Assessment
    from mdpoverty.results.verdict import Verdict
    from mdpoverty.scale import Frames, Pairs, Scan
    from mdpoverty.tables.making import TableKind
    from mdpoverty.tally import SurveyDesign, Tally

__all__ = [
    "Ambiguity",
    "Category",
    "Citation",
    "Code",
    "Dimension",
    "Field",
    "Gap",
    "Indicator",
    "Interpretation",
    "Kind",
    "Label",
    "Language",
    "Lookalike",
    "Named",
    "Program",
    "Standard",
    "Template",
    "Threshold",
    "reads",
    "to_date",
]


class Template(NamedTuple):
    """Empty tables with every column that a standard reads."""

    households: Any
    members: Any


@doors
@frozen(cache_hash=True, repr=False)
class Standard(Law, Faced):
    """A legal standard: who is poor, by which answers, from which day to which.

    A value: immutable, hashable, equal to any standard with the same rules. :meth:`evolve` makes another from it,
    :meth:`classify` applies it to a table of households and :meth:`assess` to one household.

    Attributes
    ----------
    id : str
        Its name, as in ``"vn-2022"``.
    title : Label
        What it is called.
    citation : Citation
        The instrument that sets it.
    in_force, until : datetime.date
        The first and the last day; ``until=None`` while no end is known.
    jurisdiction : str
        ``"VN"``, or a province's ISO 3166-2 code.
    revision : int
        Counts the corrections of our reading; the law's own changes make a new standard.
    provisional : bool
        Whether parts of the law that decide classes are missing, as ``gaps`` tells: such a standard is applied only
        with ``provisional=True``, and every receipt says so.
    fields, thresholds, dimensions, indicators, categories : Named
        Its parts, by id, in the order of the law.
    gaps : tuple of Gap
        What the text says and the standard can't confirm or express.
    readings : Named of Ambiguity
        What the text lets be read in several ways, with the interpretation that is used; :meth:`read_as` takes another.
    """

    @overload
    def classify(
        self,
        households: Scan | Frames | Pairs,
        members: None = None,
        *,
        household_id: HouseholdId = ...,
        given: Iterable[str] | Literal["all"] = ...,
        date: Date | str | None = ...,
        columns: Mapping[str, str] | None = ...,
        codes: Mapping[str, Mapping[Any, Any]] | None = ...,
        orphans: Literal["error", "report"] = ...,
        fold: bool = ...,
        invalid: Literal["error", "missing"] = ...,
        provisional: bool = ...,
        outside: Outside = ...,
        sink: str | Path | None = ...,
        threads: int = ...,
        progress: bool = ...,
    ) -> Any: ...

    @overload
    def classify(
        self,
        households: Any,
        members: Any = None,
        *,
        household_id: HouseholdId = ...,
        given: Iterable[str] | Literal["all"] = ...,
        date: Date | str | None = ...,
        columns: Mapping[str, str] | None = ...,
        codes: Mapping[str, Mapping[Any, Any]] | None = ...,
        orphans: Literal["error", "report"] = ...,
        fold: bool = ...,
        invalid: Literal["error", "missing"] = ...,
        provisional: bool = ...,
        outside: Outside = ...,
    ) -> Assessment: ...

    def classify(
        self,
        households: Any,
        members: Any = None,
        *,
        household_id: HouseholdId = "household_id",
        given: Iterable[str] | Literal["all"] = (),
        date: Date | str | None = None,
        columns: Mapping[str, str] | None = None,
        codes: Mapping[str, Mapping[Any, Any]] | None = None,
        orphans: Literal["error", "report"] = "error",
        fold: bool = False,
        invalid: Literal["error", "missing"] = "error",
        provisional: bool = False,
        outside: Outside = "error",
        sink: str | Path | None = None,
        threads: int = 1,
        progress: bool = False,
    ) -> Any:
        """Classify many households.

        Parameters
        ----------
        households : dataframe or dict of arrays, one row for each household
            pandas, polars, pyarrow, or anything else that narwhals reads eagerly. :attr:`fields` says which columns are
            read and what they may hold; others are ignored. Never changed.
        members : the same, one row for each person, in any order
            May be left out when nothing needs it.
        household_id : str, list of str, or a pair of these
            The key column of both tables. A list names several columns that make a key together, where codes begin
            again in each place: ``["commune", "code"]``. A pair (a tuple) names those of households and members.
        given : iterable of str, or "all"
            Indicators that are columns of ``households`` already, under their own names.
        date : datetime.date or ISO text
            The day of the review, where the law's ages depend on it. Left out, nothing is assumed: the few whose
            answer depends on the day stay open.
        columns : mapping
            The names of your columns, where they differ: ``{"income": "thu_nhap"}``. A name that is known to mean
            something else is a ``UserWarning``.
        codes : mapping
            What your codes mean: ``{"water_source": {1: "piped"}, "insured": {"Có": True, "": None}}``.
        orphans : {"error", "report"}
            Members of no listed household are an error, or are left out and listed in ``assessment.problems``.
        fold : bool
            Whether keys are one that differ only by blanks, case, Unicode form or the place of a tone mark (``"A1 "``
            and ``"a1"``, Hòa and Hoà); which were read so is in ``assessment.problems``.
        invalid : {"error", "missing"}
            Values that can't be answers are an error, or count as not answered and are listed in
            ``assessment.problems``.
        provisional : bool
            Use a standard of which parts aren't confirmed, knowingly.
        outside : {"error", "warn", "accept"}
            A day on which the standard isn't in force is an error; or a ``UserWarning``, or accepted knowingly: then
            the receipt says so.
        sink : str or Path
            Where the classes of a :func:`mdpoverty.scan` are written: ``"classes.parquet"``, or ``"classes/*.parquet"``
            for a new folder of several files. It appears when all of it is there.
        threads : int
            For a scan in this process: how many threads work on blocks, besides the one that reads.
        progress : bool
            For a scan in this process: show how far it is, where a terminal looks on.

        Returns
        -------
        Assessment
            For a scan: ``Classified``, which names the files and counts the classes; on Dask or Spark a lazy frame of
            theirs.

        Raises
        ------
        MissingColumns, BadValues
            With everything that is wrong with the input, not only the first thing.
        BadDate
            If the standard isn't in force on that day.

        Examples
        --------
        >>> import mdpoverty as mdp
        >>> vn = mdp.standards["vn-2022"]
        >>> answers = {name: [1] for name in vn.indicators}
        >>> vn.classify({"area": ["rural"], "income": [1_200_000], **answers}, given="all").category.tolist()
        ['poor']
        """
        _warn_of_names(self, columns)
        reading = Reading(
            household_id=household_id,
            given=given,
            date=date,
            columns=columns,
            codes=codes,
            orphans=orphans,
            fold=fold,
            invalid=invalid,
        )
        self._admit(provisional, reading.date, outside)
        if _is_scan(households, members) or sink is not None:
            from mdpoverty.scale.dispatch import classify_scan

            return classify_scan(self, reading, households, sink, threads=threads, progress=progress)
        from mdpoverty.results.assessment import classify

        return classify(self, reading, households, members)

    def tally(
        self,
        households: Any,
        members: Any = None,
        *,
        by: str | Sequence[str] = (),
        weight: str | None = None,
        design: SurveyDesign | None = None,
        household_id: HouseholdId = "household_id",
        given: Iterable[str] | Literal["all"] = (),
        date: Date | str | None = None,
        columns: Mapping[str, str] | None = None,
        codes: Mapping[str, Mapping[Any, Any]] | None = None,
        orphans: Literal["error", "report"] = "error",
        fold: bool = False,
        invalid: Literal["error", "missing"] = "error",
        provisional: bool = False,
        outside: Outside = "error",
        threads: int = 1,
        progress: bool = False,
    ) -> Tally:
        """Classify households of any number and count what measures and tables are read off.

        The same as ``classify(…).tally(…)``, for tables in memory and for those that don't fit there.

        Parameters
        ----------
        households : Scan, or a dataframe
            What :func:`mdpoverty.scan` returns, which knows the members too; it is read in blocks, in as much memory as
            a few blocks take. Or tables as in :meth:`classify`.
        members
            As in :meth:`classify`; a scan has them already.
        by, weight, design
            As in :meth:`mdpoverty.Assessment.tally`.
        household_id, given, date, columns, codes, orphans, fold, invalid, provisional, outside
            As in :meth:`classify`. What was left out or counted as missing is in ``tally.meta["problems"]``.
        threads : int
            For a scan in this process: how many threads work on blocks, besides the one that reads.
        progress : bool
            For a scan in this process: show how far it is, where a terminal looks on.

        Returns
        -------
        Tally

        Raises
        ------
        BadTable
            If a file is broken or no table, or members don't come in the order of households.
        MissingColumns, BadValues
            As in :meth:`classify`, with the files and rows of the block.

        Examples
        --------
        >>> import mdpoverty as mdp
        >>> from mdpoverty import examples
        >>> homes, people = examples.commune(500, kind="pyarrow")
        >>> tally = mdp.standards["vn-2022"].tally(mdp.scan(homes, people), by="area", date="2024-11-15")
        >>> tally.n, tally.by
        (500, ('area',))
        """
        _warn_of_names(self, columns)
        reading = Reading(
            household_id=household_id,
            given=given,
            date=date,
            columns=columns,
            codes=codes,
            orphans=orphans,
            fold=fold,
            invalid=invalid,
        )
        self._admit(provisional, reading.date, outside)
        if _is_scan(households, members):
            from mdpoverty.scale.dispatch import tally_scan

            return tally_scan(
                self, reading, households, by=by, weight=weight, design=design, threads=threads, progress=progress
            )
        from mdpoverty.results.assessment import classify

        assessment = classify(self, reading, households, members)
        tally = assessment.tally(by, weight=weight, design=design)
        if assessment.problems:
            tally.meta["problems"] = [str(problem) for problem in assessment.problems]
        return tally

    def assess(
        self,
        record: Mapping[str, Any],
        members: Sequence[Mapping[str, Any]] | None = None,
        *,
        date: Date | str | None = None,
        given: Iterable[str] | Literal["all"] = (),
        unknown_keys: UnknownKeys = "error",
        provisional: bool = False,
        outside: Outside = "error",
    ) -> Verdict:
        """Classify one household, with the reasons.

        Parameters
        ----------
        record : mapping
            The household's answers, as a form sends them. What isn't there, or is ``None`` or NaN, is not answered.
        members : sequence of mappings
            The members' answers; without any, what depends on them is unknown.
        date, given, provisional, outside
            As in :meth:`classify`.
        unknown_keys : {"error", "ignore"}
            What becomes of names that no answer of the standard has: a mistyped ``"toilt"`` would be as if nobody had
            answered. Say ``"ignore"`` where a form sends more than the standard asks for.

        Returns
        -------
        Verdict

        Raises
        ------
        BadValues
            If a value can't be an answer, or a name isn't that of one; with all such values and names, and the
            nearest name that there is.
        BadDate
            As in :meth:`classify`.

        Examples
        --------
        >>> import mdpoverty as mdp
        >>> verdict = mdp.standards["vn-2022"].assess({"area": "rural", "income": 2_300_000})
        >>> verdict.category
        'above_average'
        """
        day = to_date(date)
        self._admit(provisional, day, outside)
        return verdict.assess(self, record, members, date=day, given=given, unknown_keys=unknown_keys)

    def known_columns(self, names: Iterable[str]) -> dict[str, str]:
        """Return which of a table's columns are known to mean an answer that the standard reads: for ``columns=``.

        Parameters
        ----------
        names : iterable of str
            The names of the table's columns. Case, marks and signs don't count.

        Returns
        -------
        dict
            The table's name by ours. An answer for which several names would do is left out, and one that the table has
            under our name.

        Examples
        --------
        >>> import mdpoverty as mdp
        >>> mdp.standards["vn-2022-scores"].known_columns(["area", "PhieuA", "b1Point", "Điểm B2"])
        {'points_a': 'b1Point', 'points_b': 'Điểm B2'}
        """
        return known_columns(self.fields.values(), names)

    def score(self, households: Any, members: Any = None, **options: Any) -> npt.NDArray[np.uint8]:
        """Return 0, 1 or 2 for each household: in the first class (poor)? Takes what :meth:`classify` takes."""
        return self.categories[next(iter(self.categories))].score(households, members, **options)

    @property
    def digest(self) -> str:
        """SHA-256 of everything that decides or documents a class: any changed number or operator changes it."""
        return files.digest(self)

    def to_json(self, *, indent: int | None = 2) -> str:
        """Write the standard as JSON, which :meth:`from_json` reads back to an equal value with the same digest."""
        return files.to_json(self, indent=indent)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read a standard from JSON.

        Raises
        ------
        StandardError
            If the text is no standard, with the place of each mistake.
        """
        return files.from_json(text, cls)

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read a standard from a ``.json`` or ``.toml`` file, whole or as what it changes in another (``based_on``).

        ``standards.load`` reads it and makes it known by its id and days, too.

        Raises
        ------
        StandardError
            If the file holds no standard, with the place of each mistake.
        """
        made = files.load(path, cls)
        made.warn()
        return made

    def to_sql(
        self,
        dialect: Literal["duckdb", "postgresql"] = "duckdb",
        *,
        kind: Literal["query", "view", "function"] = "query",
        name: str | Sequence[str] | None = None,
        households: str | Sequence[str] = "households",
        members: str | Sequence[str] | None = "members",
        household_id: str = "household_id",
        given: Iterable[str] | Literal["all"] = (),
        date: Date | str | None = None,
        provisional: bool = False,
        outside: Outside = "error",
    ) -> str:
        """Return the rules as one SQL statement, with the citations beside them, for a database or an auditor to run.

        It gives what ``classify(…).to_frame()`` gives, missing answers as the library treats them. A value that can't
        be an answer stops it with the column's name. Counts are whole numbers, amounts of money and other numbers
        doubles. Answers that may be asked in another way, and the stated size, may lack their column.

        Parameters
        ----------
        dialect : {"duckdb", "postgresql"}
            Whose SQL; PostgreSQL 13 or newer in UTF-8, for a function 14.
        kind : {"query", "view", "function"}
            A SELECT; a view of all households; or, in PostgreSQL, a function that classifies the one household whose
            key it is given. A view keeps the citations as comments of its columns.
        name : str, or list of str
            The name of the view or function.
        households, members : str, or list of str
            The names of the tables; ``members=None`` where there is none. A dot parts a schema from a name; where it is
            part of the name, write a list: ``["review", "households.2024"]``.
        household_id : str
            The key column of both. Keys are matched as :meth:`classify` matches them: text in either Unicode form, its
            blanks and case as they are, and never with a number. Only a function takes the key as it is written, so
            that an index finds its rows: keep text keys in one form there (``CHECK (household_id IS NORMALIZED)``).
        given, date, provisional, outside
            As in :meth:`classify`.

        Raises
        ------
        SpecError
            If the rules ask members and there is no table of them, if a name can't be one in a database, or if there is
            no such dialect or kind.

        Examples
        --------
        >>> import mdpoverty as mdp
        >>> text = mdp.standards["vn-2022"].to_sql(date="2024-11-15")
        >>> [line.strip() for line in text.splitlines() if "floor_area < 8" in line]
        ['h.floor_area < 8 * h.household_size AS housing_area,']
        """
        from mdpoverty.engine.sql_statement import to_sql

        self._admit(provisional, to_date(date), outside)
        return to_sql(
            self,
            dialect,
            kind=kind,
            name=name,
            households=households,
            members=members,
            household_id=household_id,
            given=given,
            date=date,
        )

    def to_xlsform(
        self,
        path: str | Path,
        *,
        lang: Language | Sequence[Language] = ("vi", "en"),
        date: Date | str | None = None,
        provisional: bool = False,
        outside: Outside = "error",
    ) -> None:
        """Write the questionnaire as an XLSForm for ODK and KoboToolbox, with the rules in it.

        The tablet shows the class and the deprivations after every answer, gaps and all, and skips the questions on
        which no rule depends for such a person. An answer may be left empty. :func:`mdpoverty.read_kobo` reads what
        comes back.

        Parameters
        ----------
        path : str or Path
            The ``.xlsx`` to write.
        lang : {"vi", "en"}, or several
            The languages of the form; the first is shown first.
        date, provisional, outside
            As in :meth:`classify`.

        Raises
        ------
        SpecError
            If a name or a code of the standard can't be one in a form.
        """
        from mdpoverty.fieldwork.xlsform import write

        self._admit(provisional, to_date(date), outside)
        write(self, path, lang=lang, date=date)

    @overload
    def template(self, kind: Literal["excel"], path: str | Path | None = None, *, lang: Language = "vi") -> bytes: ...
    @overload
    def template(self, kind: TableKind = "pandas", path: None = None, *, lang: Language = "vi") -> Template: ...
    def template(
        self, kind: TableKind | Literal["excel"] = "pandas", path: str | Path | None = None, *, lang: Language = "vi"
    ) -> Template | bytes:
        """Make empty, typed tables ``(households, members)`` with every column that the rules read, to be filled.

        Flags are nullable booleans, codes are categories (text in Arrow), counts and money whole numbers.

        As a workbook they are for officers: a sheet of households and one of members, with headings, a line of help and
        lists to choose from in their language, the limits of numbers, and three made-up households to delete.
        :func:`mdpoverty.read_workbook` reads it back.

        Parameters
        ----------
        kind : {"pandas", "polars", "pyarrow", "dict", "excel"}
            What the tables are; ``"dict"`` gives numpy arrays, ``"excel"`` the bytes of a workbook.
        path : str or pathlib.Path, optional
            The ``.xlsx`` to write the workbook to besides.
        lang : {"vi", "en"}
            The language of the workbook.

        Raises
        ------
        MissingExtra
            If that kind of table needs a package that isn't installed.
        BadTable
            If there is no such kind.
        FileError
            If the workbook can't be written there.

        Examples
        --------
        >>> import mdpoverty as mdp
        >>> list(mdp.standards["vn-2022"].template().households)[:4]
        ['household_id', 'area', 'income', 'total_income']
        """
        if kind == "excel":
            from mdpoverty.fieldwork.workbook import write

            return write(self, path, lang)
        from mdpoverty.tables.making import empty

        if path is not None:
            raise SpecError(f"only a workbook is written to a file: template('excel', path), not {kind!r}")
        read = self.program().reads
        levels: tuple[Level, Level] = ("household", "member")
        return Template(
            *(
                empty(kind, [each for each in self.fields.values() if (level, each.id) in read and each.level == level])
                for level in levels
            )
        )

    def doubts(self) -> tuple[Label, ...]:
        """Return what can hardly be meant, in plain words: a line of 1.8 đồng, a class that nobody can reach.

        :meth:`evolve`, :meth:`from_file` and registering a standard warn of the same (``UserWarning``).

        Examples
        --------
        >>> import mdpoverty as mdp
        >>> mdp.standards["vn-2022"].doubts()
        ()
        """
        from mdpoverty.results.doubts import doubts

        return doubts(self)

    def warn(self) -> None:
        """Warn of :meth:`doubts`."""
        for doubt in self.doubts():
            warn_caller(f"{self.id}: {doubt.en}")

    def _face(self, face: Face) -> Html:
        from mdpoverty.words.faces import law_face

        return law_face(self, face)

    def audit(self, lang: Language = "en") -> Any:
        """Return a pandas DataFrame with one row for every number and operator: its words, source, and if confirmed."""
        from mdpoverty.words.audit import audit

        return audit(self, lang)


def _warn_of_names(law: Law, columns: Mapping[str, str] | None) -> None:
    """Warn of columns that are read as something else than what their names are known to mean."""
    for doubt in doubts(law.fields.values(), columns if isinstance(columns, Mapping) else {}):
        warn_caller(doubt)


def _is_scan(households: Any, members: Any) -> bool:
    """Return whether tables are to be read in blocks, without importing what does that."""
    if type(households).__module__ != "mdpoverty.scale.scans":
        return False
    if members is not None:
        raise BadTable("a scan knows the members already: scan(households, members)")
    return True
