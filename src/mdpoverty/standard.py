"""A legal standard as a value: in force from one day to another, applied to households, made into another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date as Date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from attrs import Factory, evolve, field, frozen
from attrs import fields as attrs_fields

from mdpoverty.errors import BadTable, ProvisionalStandard, StandardError
from mdpoverty.law.parts import (
    Category,
    Citation,
    Code,
    Dimension,
    Field,
    Gap,
    Indicator,
    Kind,
    Label,
    Named,
    Threshold,
    named,
    reads,
    to_date,
)
from mdpoverty.numbers import Language
from mdpoverty.rules.nodes import (
    Amount,
    Column,
    Flag,
    Node,
    Rule,
    Step,
    any_of,
    household_rule,
    on_day,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from mdpoverty.results.assessment import Assessment
    from mdpoverty.results.verdict import Verdict
    from mdpoverty.scale import Frames, Pairs, Scan
    from mdpoverty.tally import SurveyDesign, Tally

__all__ = [
    "Category",
    "Citation",
    "Code",
    "Dimension",
    "Field",
    "Gap",
    "Indicator",
    "Kind",
    "Label",
    "Language",
    "Named",
    "Program",
    "Standard",
    "Threshold",
    "reads",
    "to_date",
]


@frozen(cache_hash=True)
class Program:
    """The rules of a standard on a day, ready for an interpreter: what the engines run.

    Attributes
    ----------
    indicators, categories : tuple of (str, Rule)
        The rules by id, as household rules with every amount bound.
    weights : tuple of int
        What each indicator counts for, in units of ``1 / scale``.
    scale : int
        The units in one whole.
    dimensions : tuple of str
        The dimension of each indicator.
    fields : Named of Field
        What the answers must be.
    """

    indicators: tuple[tuple[str, Rule], ...]
    categories: tuple[tuple[str, Rule], ...]
    weights: tuple[int, ...]
    scale: int
    dimensions: tuple[str, ...]
    fields: Named[Field]


@frozen
class Standard:
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
    """

    id: str
    title: Label
    citation: Citation
    in_force: Date = field(converter=to_date)
    until: Date | None = field(converter=to_date)
    fields: Named[Field] = field(converter=named)
    thresholds: Named[Threshold] = field(converter=named)
    dimensions: Named[Dimension] = field(converter=named)
    indicators: Named[Indicator] = field(converter=named)
    categories: Named[Category] = field(converter=named)
    gaps: tuple[Gap, ...] = ()
    jurisdiction: str = "VN"
    revision: int = 1
    provisional: bool = False
    _cache: dict[object, Any] = field(init=False, eq=False, repr=False, default=Factory(dict))

    def __attrs_post_init__(self) -> None:
        """Check the parts against each other, and bind the thresholds' names in the rules."""
        from mdpoverty.law.soundness import problems

        wrong = problems(self)
        if wrong:
            raise StandardError(
                f"the standard {self.id!r} is not sound:\n" + "\n".join(f"  - {each}" for each in wrong)
            )
        bound = {
            "indicators": Named(
                evolve(each, rule=self._bind(each.rule), fields=self.fields) for each in self.indicators.values()
            ),
            "categories": Named(
                evolve(each, rule=self._bind(each.rule), standard=self) for each in self.categories.values()
            ),
        }
        for name, value in bound.items():
            object.__setattr__(self, name, value)
        within = {
            dimension: [each.rule for each in self.indicators.values() if each.dimension == dimension]
            for dimension in self.dimensions
        }
        dimensions = (
            evolve(each, rule=any_of(*within[each.id]) if within[each.id] else None, fields=self.fields)
            for each in self.dimensions.values()
        )
        object.__setattr__(self, "dimensions", Named(dimensions))

    def __getstate__(self) -> dict[str, Any]:
        """Return what makes the standard; what was computed from it is computed again."""
        return {each.name: getattr(self, each.name) for each in attrs_fields(Standard) if each.init}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take it up again."""
        for name, value in {**state, "_cache": {}}.items():
            object.__setattr__(self, name, value)

    def _bind(self, rule: Rule) -> Rule:
        """Put the amounts that the standard's days can see behind each threshold's name."""

        def bind(node: Node) -> Node:
            if not isinstance(node, Amount) or not node.name:
                return node.with_parts(bind)
            legal = self.thresholds[node.name]
            by = Column(legal.by, self.fields[legal.by].level) if legal.by else None
            return Amount(node.name, by, within(legal.steps, self.in_force, self.until))

        return household_rule(bind(rule))  # type: ignore[arg-type]  # binding keeps a rule a rule

    def given(self, given: Iterable[str] | str) -> tuple[str, ...]:
        """Return the indicators that ``given=`` names: ``"all"``, one, or several."""
        if isinstance(given, str):
            return tuple(self.indicators) if given == "all" else (given,)
        return tuple(given)

    def program(self, date: Date | str | None = None, given: Iterable[str] | Literal["all"] = ()) -> Program:
        """Return the rules as an interpreter runs them.

        Parameters
        ----------
        date : datetime.date or str, optional
            The day whose amounts apply. Without it, amounts that change during the standard's life stay intervals.
        given : iterable of str, or "all"
            Indicators that are answers already: flags of the household under the indicator's own name.
        """
        day = to_date(date)
        named = self.given(given)
        for name in named:
            self.indicators[name]  # an unknown name is an error
        key = (day, named)
        if key not in self._cache:
            indicators = tuple(
                (each.id, Flag(Column(each.id, "household")) if each.id in named else on_day(each.rule, day))
                for each in self.indicators.values()
            )
            weights = [each.weight for each in self.indicators.values()]
            scale = _common_scale(weights)
            self._cache[key] = Program(
                indicators=indicators,
                categories=tuple((each.id, on_day(each.rule, day)) for each in self.categories.values()),
                weights=tuple(int(weight * scale) for weight in weights),
                scale=scale,
                dimensions=tuple(each.dimension for each in self.indicators.values()),
                fields=Named({**self.fields, **{name: _given(self.indicators[name]) for name in named}}.values()),
            )
        program: Program = self._cache[key]
        return program

    @overload
    def classify(
        self,
        households: Scan | Frames | Pairs,
        members: None = None,
        *,
        household_id: str | tuple[str, str] = ...,
        given: Iterable[str] | Literal["all"] = ...,
        date: Date | str | None = ...,
        columns: Mapping[str, str] | None = ...,
        codes: Mapping[str, Mapping[Any, Any]] | None = ...,
        orphans: Literal["error", "report"] = ...,
        invalid: Literal["error", "missing"] = ...,
        provisional: bool = ...,
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
        household_id: str | tuple[str, str] = ...,
        given: Iterable[str] | Literal["all"] = ...,
        date: Date | str | None = ...,
        columns: Mapping[str, str] | None = ...,
        codes: Mapping[str, Mapping[Any, Any]] | None = ...,
        orphans: Literal["error", "report"] = ...,
        invalid: Literal["error", "missing"] = ...,
        provisional: bool = ...,
    ) -> Assessment: ...

    def classify(
        self,
        households: Any,
        members: Any = None,
        *,
        household_id: str | tuple[str, str] = "household_id",
        given: Iterable[str] | Literal["all"] = (),
        date: Date | str | None = None,
        columns: Mapping[str, str] | None = None,
        codes: Mapping[str, Mapping[Any, Any]] | None = None,
        orphans: Literal["error", "report"] = "error",
        invalid: Literal["error", "missing"] = "error",
        provisional: bool = False,
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
        household_id : str or (str, str)
            The key column of both tables, or of one and the other.
        given : iterable of str, or "all"
            Indicators that are columns of ``households`` already, under their own names.
        date : datetime.date or ISO text
            The day of the review, where the law's ages depend on it. Left out, nothing is assumed: the few whose
            answer depends on the day stay open.
        columns : mapping
            The names of your columns, where they differ: ``{"income": "thu_nhap"}``.
        codes : mapping
            What your codes mean: ``{"water_source": {1: "piped"}, "insured": {"Có": True, "": None}}``.
        orphans : {"error", "report"}
            Members of no listed household are an error, or are left out and listed in ``assessment.problems``.
        invalid : {"error", "missing"}
            Values that can't be answers are an error, or count as not answered and are listed in
            ``assessment.problems``.
        provisional : bool
            Use a standard of which parts aren't confirmed, knowingly.
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

        Examples
        --------
        >>> import mdpoverty as mdp
        >>> vn = mdp.standards["vn-2022"]
        >>> answers = {name: [1] for name in vn.indicators}
        >>> vn.classify({"area": ["rural"], "income": [1_500_000], **answers}, given="all").category.tolist()
        ['poor']
        """
        from mdpoverty.results.assessment import classify

        self.refuse_provisional(provisional)
        if _is_scan(households, members) or sink is not None:
            from mdpoverty.scale.dispatch import classify_scan

            return classify_scan(
                self,
                households,
                sink,
                threads=threads,
                progress=progress,
                household_id=household_id,
                given=given,
                date=to_date(date),
                columns=columns,
                codes=codes,
                orphans=orphans,
                invalid=invalid,
            )
        return classify(
            self,
            households,
            members,
            household_id=household_id,
            given=given,
            date=to_date(date),
            columns=columns,
            codes=codes,
            orphans=orphans,
            invalid=invalid,
        )

    def tally(
        self,
        households: Any,
        members: Any = None,
        *,
        by: str | Sequence[str] = (),
        weight: str | None = None,
        design: SurveyDesign | None = None,
        household_id: str | tuple[str, str] = "household_id",
        given: Iterable[str] | Literal["all"] = (),
        date: Date | str | None = None,
        columns: Mapping[str, str] | None = None,
        codes: Mapping[str, Mapping[Any, Any]] | None = None,
        orphans: Literal["error", "report"] = "error",
        invalid: Literal["error", "missing"] = "error",
        provisional: bool = False,
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
        household_id, given, date, columns, codes, orphans, invalid, provisional
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
        options: dict[str, Any] = {
            "household_id": household_id,
            "given": given,
            "date": to_date(date),
            "columns": columns,
            "codes": codes,
            "orphans": orphans,
            "invalid": invalid,
        }
        self.refuse_provisional(provisional)
        if _is_scan(households, members):
            from mdpoverty.scale.dispatch import tally_scan

            counted = {"by": by, "weight": weight, "design": design}
            return tally_scan(self, households, threads=threads, progress=progress, **counted, **options)
        assessment: Assessment = self.classify(households, members, provisional=True, **options)
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
        provisional: bool = False,
    ) -> Verdict:
        """Classify one household, with the reasons.

        Parameters
        ----------
        record : mapping
            The household's answers, as a form sends them. What isn't there, or is ``None`` or NaN, is not answered.
        members : sequence of mappings
            The members' answers; without any, what depends on them is unknown.
        date, given, provisional
            As in :meth:`classify`.

        Returns
        -------
        Verdict

        Raises
        ------
        BadValues
            If a value can't be an answer, with all such values.

        Examples
        --------
        >>> import mdpoverty as mdp
        >>> verdict = mdp.standards["vn-2022"].assess({"area": "rural", "income": 2_300_000})
        >>> verdict.category
        'above_average'
        """
        from mdpoverty.results.verdict import assess

        self.refuse_provisional(provisional)
        return assess(self, record, members, date=to_date(date), given=given)

    def score(self, households: Any, members: Any = None, **options: Any) -> npt.NDArray[np.uint8]:
        """Return 0, 1 or 2 for each household: in the first class (poor)? Takes what :meth:`classify` takes."""
        return self.categories[next(iter(self.categories))].score(households, members, **options)

    def evolve(
        self,
        *,
        id: str,
        citation: Citation,
        title: Label | None = None,
        thresholds: Mapping[str, Any] | None = None,
        indicators: Mapping[str, Indicator | Rule | None] | None = None,
        categories: Mapping[str, Category | Rule | None] | None = None,
        dimensions: Mapping[str, Dimension | None] | None = None,
        fields: Mapping[str, Field | None] | None = None,
        gaps: Iterable[Gap] | None = None,
        in_force: Date | str | None = None,
        until: Date | str | None = None,
        jurisdiction: str | None = None,
        revision: int = 1,
        provisional: bool | None = None,
    ) -> Standard:
        """Return another standard made from this one: a province's own, or next year's.

        Parameters
        ----------
        id, citation
            Its own name, and the instrument that sets it, which what changes is cited from.
        thresholds : mapping
            Amounts by the threshold's id, as in ``{"income": {"rural": 1_800_000, "urban": 2_300_000}}``, or whole
            thresholds.
        indicators, categories : mapping
            By id: a new rule for one that exists, a whole one to put in its place or add, ``None`` to take it out.
        dimensions, fields : mapping
            By id: a whole one to put in its place or add, ``None`` to take it out.
        title, gaps, in_force, until, jurisdiction, revision, provisional
            Replace this standard's own.

        Examples
        --------
        >>> import mdpoverty as mdp
        >>> mine = mdp.standards["vn-2022"].evolve(
        ...     id="vn-example-2024",
        ...     thresholds={"income": {"rural": 1_800_000, "urban": 2_300_000}},
        ...     citation=mdp.Citation("A made-up resolution of a made-up province"),
        ... )
        >>> mine.thresholds["income"].amounts
        {'rural': 1800000, 'urban': 2300000}
        """

        def changed(kind: str, change: Mapping[str, Any] | None, amend: Any) -> dict[str, Any]:
            parts = dict(getattr(self, kind))
            for key, new in (change or {}).items():
                if new is None:
                    parts.pop(key, None)
                elif hasattr(new, "id"):
                    parts[key] = new
                elif key in parts:
                    parts[key] = amend(parts[key], new)
                else:
                    raise StandardError(f"{self.id!r} has no {key!r} among its {kind}: pass a whole one to add it")
            return parts

        def new_amounts(old: Threshold, amounts: Any) -> Threshold:
            return evolve(old, steps=amounts, citation=citation)

        def new_rule(old: Any, rule: Rule) -> Any:
            return evolve(old, rule=rule, citation=citation)

        return evolve(
            self,
            id=id,
            citation=citation,
            title=title or Label(f"{self.title.vi}: {id}", f"{self.title.en}: {id}"),
            thresholds=changed("thresholds", thresholds, new_amounts).values(),
            indicators=changed("indicators", indicators, new_rule).values(),
            categories=changed("categories", categories, new_rule).values(),
            dimensions=changed("dimensions", dimensions, None).values(),
            fields=changed("fields", fields, None).values(),
            gaps=self.gaps if gaps is None else tuple(gaps),
            in_force=in_force or self.in_force,
            until=until or self.until,
            jurisdiction=jurisdiction or self.jurisdiction,
            revision=revision,
            provisional=self.provisional if provisional is None else provisional,
        )

    def refuse_provisional(self, provisional: bool) -> None:
        """Raise ``ProvisionalStandard`` if parts aren't confirmed and the caller didn't say that they know."""
        if self.provisional and not provisional:
            missing = "\n".join(f"  - {gap.text.en}" for gap in self.gaps)
            raise ProvisionalStandard(
                f"{self.id!r} is provisional: pass provisional=True to apply it all the same. What is open:\n{missing}",
                gaps=self.gaps,
            )

    def covers(self, day: Date | str) -> bool:
        """Return whether the standard is in force on that day."""
        asked = to_date(day)
        assert asked is not None
        return self.in_force <= asked and (self.until is None or asked <= self.until)

    @property
    def digest(self) -> str:
        """SHA-256 of everything that decides or documents a class: any changed number or operator changes it."""
        if "digest" not in self._cache:
            from mdpoverty.law.files import digest

            self._cache["digest"] = digest(self)
        text: str = self._cache["digest"]
        return text

    def to_json(self, *, indent: int | None = 2) -> str:
        """Return the standard as JSON, which :meth:`from_json` reads back to an equal value with the same digest."""
        from mdpoverty.law.files import to_json

        return to_json(self, indent=indent)

    @classmethod
    def from_json(cls, text: str) -> Standard:
        """Read a standard from JSON.

        Raises
        ------
        StandardError
            If the text is no standard, with the place of each mistake.
        """
        from mdpoverty.law.files import from_json

        return from_json(text)

    def to_sql(
        self,
        dialect: Literal["duckdb"] = "duckdb",
        *,
        households: str = "households",
        members: str | None = "members",
        household_id: str = "household_id",
        given: Iterable[str] | Literal["all"] = (),
        date: Date | str | None = None,
        provisional: bool = False,
    ) -> str:
        """Return the rules as one SQL statement, with the citations beside them, for a database or an auditor to run.

        It gives what ``classify(…).to_frame()`` gives, missing answers as the library treats them. A value that can't
        be an answer stops it with the column's name. Counts are whole numbers, amounts of money and other numbers
        doubles. Answers that may be asked in another way, and the stated size, may lack their column.

        Parameters
        ----------
        dialect : {"duckdb"}
            Whose SQL.
        households, members : str
            The names of the tables; ``members=None`` where there is none.
        household_id : str
            The key column of both.
        given, date, provisional
            As in :meth:`classify`.

        Raises
        ------
        SpecError
            If the rules ask members and there is no table of them.

        Examples
        --------
        >>> import mdpoverty as mdp
        >>> text = mdp.standards["vn-2022"].to_sql(date="2024-11-15")
        >>> [line.strip() for line in text.splitlines() if "floor_area < 8" in line]
        ['h.floor_area < 8 * h.household_size AS housing_area,']
        """
        from mdpoverty.engine.sql import to_sql

        self.refuse_provisional(provisional)
        return to_sql(
            self,
            dialect,
            households=households,
            members=members,
            household_id=household_id,
            given=given,
            date=date,
        )

    def template(self, kind: str = "pandas") -> Any:
        """Return empty tables ``(households, members)`` with every column that the rules read, to be filled.

        Parameters
        ----------
        kind : {"pandas", "polars", "pyarrow", "dict"}
            What the tables are.
        """
        from mdpoverty.words.audit import template

        return template(self, kind)

    def audit(self, lang: Language = "en") -> Any:
        """Return a pandas DataFrame with one row for every number and operator: its words, source, and if confirmed."""
        from mdpoverty.words.audit import audit

        return audit(self, lang)


def _given(indicator: Indicator) -> Field:
    """Return the answer that says outright whether a household is deprived in an indicator."""
    question = Label(
        f"Hộ có thiếu hụt chỉ số “{indicator.label.vi}” không?",
        f"Is the household deprived in “{indicator.label.en}”?",
    )
    return Field(indicator.id, "household", "flag", indicator.label, question)


def _is_scan(households: Any, members: Any) -> bool:
    """Return whether tables are to be read in blocks, without importing what does that."""
    if type(households).__module__ != "mdpoverty.scale.scans":
        return False
    if members is not None:
        raise BadTable("a scan knows the members already: scan(households, members)")
    return True


def within(steps: tuple[Step, ...], first: Date, last: Date | None) -> tuple[Step, ...]:
    """Keep the steps that hold on some day from the first to the last."""
    begun = [i for i, step in enumerate(steps) if step.since is None or step.since <= first]
    start = begun[-1] if begun else 0
    later = (step for step in steps[start + 1 :] if last is None or (step.since is not None and step.since <= last))
    return (*steps[start : start + 1], *later)


def _common_scale(weights: Sequence[Fraction]) -> int:
    from math import lcm

    return lcm(*(weight.denominator for weight in weights)) if weights else 1
