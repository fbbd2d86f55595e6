"""Many households: the class of each, as arrays, as the caller's kind of table, and as the verdict of any one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date as Date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
from attrs import evolve, field, frozen

from mdpoverty.doors import doors
from mdpoverty.engine import arrays
from mdpoverty.engine.inputs import TABLES, Inputs, open_inputs
from mdpoverty.engine.roster import Roster
from mdpoverty.errors import BadTable, BadValues, MissingColumns, Problem, SpecError, UnknownKey
from mdpoverty.faces import Face, Faced, Html
from mdpoverty.law.conditions import conditions
from mdpoverty.law.fields import Label
from mdpoverty.law.files import digest
from mdpoverty.law.law import Law
from mdpoverty.law.program import OPEN, Program
from mdpoverty.measures import AlkireFoster
from mdpoverty.measures.panel import Wave, follow
from mdpoverty.numbers import Language
from mdpoverty.results.digests import of_inputs, unordered
from mdpoverty.results.receipt import Receipt, knowing, receipt_of
from mdpoverty.results.verdict import Verdict, assess
from mdpoverty.rules.nodes import SIZE, Deprivations, Rule
from mdpoverty.tables.columns import Answers, Distinct, Flags, Numbers, distinct, plain, plain_at
from mdpoverty.tables.keys import Keys, keys_of
from mdpoverty.tables.making import Made, build_frame
from mdpoverty.tables.options import KEY, Reading, one_name, several_names
from mdpoverty.tables.reading import Table
from mdpoverty.tally import Tally
from mdpoverty.tally.counting import pack
from mdpoverty.ternary import UNKNOWN, to_codes
from mdpoverty.words.tables import HEADS, OPEN_LABEL, Names, told
from mdpoverty.words.units import day_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mdpoverty.measures import Measures, Panel
    from mdpoverty.tally import SurveyDesign

__all__ = ["Assessment", "classify"]


@doors
@frozen(eq=False, repr=False)
class Assessment(Faced):
    """The classes of many households by one standard.

    Attributes
    ----------
    standard : Standard
        By which standard.
    reading : Reading
        How the tables were read.
    """

    standard: Law
    reading: Reading
    _inputs: Inputs
    _results: arrays.Results
    _also: Mapping[str, Any] = field(factory=dict)

    def __len__(self) -> int:
        return self._inputs.households

    @property
    def date(self) -> Date | None:
        """The day of the review, where one was given."""
        return self.reading.date

    @property
    def given(self) -> tuple[str, ...]:
        """The indicators that were columns already."""
        return self.reading.given

    @property
    def program(self) -> Program:
        """The rules that the classes come from."""
        return self.standard.program(self.date, self.given)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was wrong with the input and was left out or counted as missing, where the caller chose to go on."""
        return tuple(self._inputs.problems)

    @property
    def codes(self) -> npt.NDArray[np.uint8]:
        """Each household's class as its position among ``standard.categories``; 255 while it is open."""
        return self._results.classes

    @property
    def category(self) -> npt.NDArray[np.object_]:
        """Each household's class by its id; ``None`` while it is open. Shape (households,), dtype object."""
        return np.array([*self.standard.categories, None], dtype=object)[self.codes.view(np.int8)]

    @property
    def open(self) -> npt.NDArray[np.bool_]:
        """Where open answers could still change the class."""
        return self.codes.view(np.int8) < 0

    @property
    def deprivations(self) -> npt.NDArray[Any]:
        """The (weighted) number of deprivations that each household has for sure."""
        return self._counted(self._results.sure)

    @property
    def deprivations_max(self) -> npt.NDArray[Any]:
        """The (weighted) number of deprivations that each household may have at most."""
        return self._counted(self._results.maybe)

    def _counted(self, deprived: Sequence[npt.NDArray[np.bool_]]) -> npt.NDArray[Any]:
        program = self.program
        total = np.zeros(len(self), np.int64)
        for weight, row in zip(program.weights, deprived, strict=True):
            total += row if weight == 1 else row * np.int64(weight)
        return total if program.scale == 1 else total / program.scale

    def indicator(self, name: str) -> npt.NDArray[np.uint8]:
        """Return 0, 1 or 2 for each household: deprived in that indicator?"""
        position = list(self.standard.indicators).index(self.standard.indicators[name].id)
        return to_codes(self._results.sure[position], self._results.maybe[position])

    def in_category(self, name: str) -> npt.NDArray[np.uint8]:
        """Return 0, 1 or 2 for each household: in that class?"""
        return self._results.in_class(list(self.standard.categories).index(self.standard.categories[name].id))

    def score(self, rule: Rule) -> npt.NDArray[np.uint8]:
        """Return 0, 1 or 2 for each household: does a rule hold, by the answers that the classes were made from?

        Parameters
        ----------
        rule : Rule
            Of answers that the standard reads. It may name the standard's thresholds where these are bound to amounts,
            as in the rules of its classes. Where two ways of asking the same contradict each other, it is unknown.

        Raises
        ------
        SpecError
            If it reads another answer; ``rule.score(households, members)`` scores any rule.

        Examples
        --------
        >>> import mdpoverty as mdp
        >>> vn = mdp.standards["vn-2022"]
        >>> lacks = {name: [0, 0] for name in vn.indicators}
        >>> a = vn.classify({"area": ["rural"] * 2, "income": [9e5, 2e6], **lacks}, given="all")
        >>> a.score(mdp.column("income") < 1_000_000).tolist()
        [2, 0]
        """
        program = self.standard.program().narrowed(rule).prepared(self.date)
        known = {*self.program.reads, *self._inputs.answers, ("household", SIZE)}
        strange = [name for level, name in program.reads if (level, name) not in known]
        if strange:
            raise SpecError(f"{self.standard.id!r} doesn't read {', '.join(strange)}: score the rule on the tables")
        # as a copy, which takes note of contradictions in the place of the assessment
        lenient = evolve(self._inputs, reading=evolve(self.reading, invalid="missing"), problems=[])
        return arrays.settle(program, lenient)

    @property
    def keys(self) -> list[Any]:
        """The households' keys in their order; their positions from 0 where there is no key column.

        Keys of several columns are tuples.
        """
        if self._inputs.key is None:
            return list(range(len(self)))
        return self._inputs.table.key_values()

    @property
    def key_name(self) -> str | None:
        """The caller's own name of the key column, of several their names joined; ``None`` where there is none."""
        return None if self._inputs.key is None else self._inputs.table.own(self._inputs.key)

    @property
    def sizes(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        """Persons in each household, and whether that is known; a size that isn't known stands as 0 beside False."""
        sizes = self._inputs.sizes
        if sizes is None:
            return np.zeros(len(self), np.int64), np.zeros(len(self), bool)
        known = np.ones(len(self), bool) if sizes.missing is None else ~sizes.missing
        return np.where(known, sizes.values, 0).astype(np.int64), known

    def has(self, name: str, level: Literal["household", "member"] = "household") -> bool:
        """Return whether the table of households (or of members) has a column of that name."""
        table = self._inputs.table if level == "household" else self._inputs.people
        return table is not None and name in table

    def answers(self, name: str, level: Literal["household", "member"] = "household") -> list[Any]:
        """Return any column of the input as plain values, ``None`` where missing, whether the rules read it or not.

        Parameters
        ----------
        name : str
            The column, by the library's name for it or the caller's.
        level : {"household", "member"}
            From which table. Members stand in the order of their households: see :attr:`member_rows`.

        Raises
        ------
        MissingColumns
            If there is no such column.
        """
        table, read, order = self._asked(name, level)
        if read is not None:
            return plain(read)
        values = table.plain(name)
        return values if order is None else [values[row] for row in order.tolist()]

    def distinct(self, name: str, level: Literal["household", "member"] = "household") -> Distinct:
        """Return any column of the input as :meth:`answers` does, as the different values that occur."""
        table, read, order = self._asked(name, level)
        if read is not None:
            return distinct(read)
        found = table.distinct(name)
        return found if order is None else found.take(order)

    def _asked(
        self, name: str, level: Literal["household", "member"]
    ) -> tuple[Table, Answers | None, npt.NDArray[np.int64] | None]:
        """Return the table of a column, its answers in order where rules read it, and else the order of its rows."""
        table = self._inputs.table if level == "household" else self._inputs.people
        if table is None or name not in table:
            absent = Problem.of("missing_column", name, table=TABLES[level]) if table is None else table.absent(name)
            raise MissingColumns([absent])
        read = self._inputs.answers.get((level, table.ours(name)))
        roster = self._inputs.roster if level == "member" else None
        answers = None if read is None else self._inputs.in_order(level, read)
        return table, answers, None if roster is None else roster.order

    @property
    def member_rows(self) -> npt.NDArray[np.int64]:
        """The position of the household that each member belongs to, in the order of ``answers(…, "member")``."""
        roster = self._inputs.roster
        return np.zeros(0, np.int64) if roster is None else np.repeat(np.arange(len(self)), roster.sizes)

    def repaired(self, indicators: Iterable[str], rows: npt.NDArray[np.bool_] | None = None) -> Assessment:
        """Return the classes that the same households would have without some deprivations.

        Parameters
        ----------
        indicators : iterable of str
            The indicators in which nobody is deprived any more.
        rows : array of bool, shape (households,), optional
            The households that this is done for; all of them by default.

        Returns
        -------
        Assessment
            Of the same answers, with every indicator given as it was found here or as repaired. Its receipt says which.
        """
        named = tuple(indicators)
        for name in named:
            self.standard.indicators[name]  # an unknown name is an error
        mended = np.ones(len(self), bool) if rows is None else np.asarray(rows, bool)
        if mended.shape != (len(self),):
            raise BadTable(f"rows= is true or false for each of the {len(self)} households")
        answers = dict(self._inputs.answers)
        for position, name in enumerate(self.standard.indicators):
            sure, maybe = self._results.sure[position], self._results.maybe[position]
            if name in named:
                sure, maybe = sure & ~mended, maybe & ~mended
            answers["household", name] = Flags(sure, sure != maybe)
        inputs = evolve(self._inputs, answers=answers, problems=list(self._inputs.problems))
        reading = evolve(self.reading, given=tuple(self.standard.indicators))
        results = arrays.run(self.standard.program(reading.date, reading.given), inputs)
        also = {**self._also, "repaired": list(named), "repaired_households": int(mended.sum())}
        return Assessment(self.standard, reading, inputs, results, also)

    @property
    def households(self) -> Table:
        """The table of households, as it was read."""
        return self._inputs.table

    def matching_keys(self) -> Keys:
        """Return the households' keys as they are matched; positions from 0 where there is no key column."""
        return keys_of(range(len(self))) if self._inputs.key is None else self.households.keys

    def in_category_of(self, keys: Keys, name: str) -> npt.NDArray[np.uint8]:
        """Return 0, 1 or 2 for each household of another review: in that class here? Who isn't here is 0.

        Raises
        ------
        BadValues
            If the keys are text here and numbers there.
        UnknownKey
            If somebody here isn't among ``keys``, so that they would be lost.
        """
        own = self.matching_keys()
        keys.refuse(own, self.key_name or KEY, ("this review", "the other review"))
        at = keys.find(own)
        if (at < 0).any():
            lost = own.take(np.flatnonzero(at < 0)).listed()
            raise UnknownKey(f"{len(lost)} households of the other review aren't in this one: {lost[:5]}")
        codes = np.zeros(len(keys), np.uint8)
        codes[at] = self.in_category(name)
        return codes

    def to_frame(self) -> Any:
        """Return the results as a table of the same kind as the households, in the same order (and index).

        Returns
        -------
        dataframe or dict of arrays
            The key; ``category`` (a categorical, null while open); ``possible`` (the possible classes, joined by
            ``"|"``); ``deprivations`` and ``deprivations_max``; and a nullable boolean for each indicator.
        """
        categories = tuple(self.standard.categories)
        possible, which = np.unique(self._results.possible, return_inverse=True)
        sets = ["|".join(name for i, name in enumerate(categories) if int(bits) >> i & 1) for bits in possible]
        columns = {
            "category": Made(self.codes.view(np.int8), None, categories),
            "possible": Made(which.astype(np.int32), None, tuple(sets)),
            "deprivations": Made(self.deprivations),
            "deprivations_max": Made(self.deprivations_max),
        }
        for name, sure, maybe in zip(self.standard.indicators, self._results.sure, self._results.maybe, strict=True):
            columns[name] = Made(sure, sure != maybe)
        return build_frame(self._inputs.table, self._inputs.key, columns)

    def counts(self, by: str | Sequence[str] = (), lang: Language | None = None) -> Any:
        """Count households and people in each class.

        Parameters
        ----------
        by : str or sequence of str
            Columns of ``households`` to count within; a missing value is a group of its own.
        lang : {"vi", "en"}, optional
            For the reader: classes and the answers' codes by their names, shares in per cent as text. Programs leave
            it out.

        Returns
        -------
        pandas.DataFrame
            ``by``, ``category`` (every class, and ``"open"``), ``households``, ``households_share``, ``people``,
            ``people_share`` (of the group, between 0 and 1) and ``size_missing``: the households whose size isn't known
            and whose people are therefore not counted.
        """
        sizes = self._inputs.sizes
        counted = self._tally(by, sizes=None if sizes is None else _filled(sizes, 0)).counts().drop(columns="n")
        if sizes is None:
            counted[["people", "people_share"]] = None
        unsized = np.ones(len(self), bool) if sizes is None else sizes.missing
        counted["size_missing"] = 0
        if unsized is not None:
            # the same households once more, each standing for itself if its size isn't known and for nobody else
            counted["size_missing"] = self._tally(by, weights=unsized.astype(np.int64)).counts()["households"]
        if lang is None:
            return counted
        groups = (by,) if isinstance(by, str) else tuple(by)
        return told(counted, lang, self.names(groups), groups=groups)

    def names(self, groups: Iterable[str] = ()) -> Names:
        """Return what ids are called in tables for the reader: the standard's parts, and the codes of group columns."""
        return Names.of(self.standard, {name: self._inputs.table.ours(name) for name in groups})

    def tally(
        self, by: str | Sequence[str] = (), *, weight: str | None = None, design: SurveyDesign | None = None
    ) -> Tally:
        """Return the households' deprivations and classes as a tally: small, additive, and all that measures need.

        Parameters
        ----------
        by : str or sequence of str
            Columns of ``households`` to count within.
        weight : str, optional
            Column of ``households``: how many households of the population each stands for. The household size (by the
            library's name or yours) says that persons are meant: they are counted besides wherever every size is
            known, and here they must be.
        design : SurveyDesign, optional
            How the households were sampled, by the names of columns of ``households``.

        Returns
        -------
        Tally
        """
        sizes = self._inputs.sizes
        known = sizes.values if sizes is not None and sizes.missing is None else None
        weight = one_name(weight, "weight=")
        persons = weight is not None and self._inputs.table.ours(weight) == SIZE
        if persons and known is None:
            without = np.ones(len(self), bool) if sizes is None or sizes.missing is None else sizes.missing
            raise BadValues([self.households.problem("size_needed", SIZE, np.flatnonzero(without))])
        return self._tally(by, weight=None if persons else weight, design=design, sizes=known)

    def _tally(
        self,
        by: str | Sequence[str] = (),
        *,
        weight: str | None = None,
        design: SurveyDesign | None = None,
        sizes: npt.NDArray[Any] | None = None,
        weights: npt.NDArray[Any] | None = None,
    ) -> Tally:
        deprived = self._word(self._results.sure)
        unknown = None if self._results.settled else self._word(self._results.maybe) ^ deprived
        return Tally.from_profiles(
            self._inputs.table,
            tuple(self.standard.indicators),
            deprived,
            unknown,
            by=by,
            weight=weight,
            design=design,
            sizes=sizes,
            weights=weights,
            categories=tuple(self.standard.categories),
            category=self.codes.view(np.int8),
            meta={
                "standard": self.standard.id,
                "revision": self.standard.revision,
                "digest": digest(self.standard),
                "names": self.names(several_names(by, "by=")).to_dict(),
            },
        )

    def _word(self, flags: Sequence[npt.NDArray[np.bool_]]) -> npt.NDArray[Any]:
        return pack([row.view(np.uint8) for row in flags]) if len(flags) else np.zeros(len(self), np.uint8)

    def measure(
        self,
        by: str | Sequence[str] = (),
        *,
        weight: str | None = None,
        k: Any = None,
        design: SurveyDesign | None = None,
        **options: Any,
    ) -> Measures:
        """Measure multidimensional poverty with the standard's indicators, weights and cut-off (Alkire–Foster).

        This counts deprivations alone. Who is poor by the law's income test besides is what :meth:`counts` says.

        Parameters
        ----------
        by, weight, design
            As in :meth:`tally`. Figures are of people where every size is known, unless ``of="households"``.
        k : number or str, optional
            The cut-off as a share of the total weight, instead of the standard's own.
        **options
            As in :meth:`mdpoverty.AlkireFoster.measure_tally`; ``missing=`` is needed where indicators are open.

        Returns
        -------
        Measures
        """
        spec = AlkireFoster.from_standard(self.standard, k)
        return spec.measure_tally(self.tally(by, weight=weight, design=design), **options)

    def panel(
        self,
        after: Assessment,
        *,
        by: str | Sequence[str] = (),
        weight: str | None = None,
        k: Any = None,
        design: SurveyDesign | None = None,
        missing: str | None = None,
        level: float = 0.95,
    ) -> Panel:
        """Follow the same households to a later review: who became multidimensionally poor, stayed, or left poverty.

        Parameters
        ----------
        after : Assessment
            Of the later review, under the same standard; households have the same keys.
        by, weight, design
            As in :meth:`tally`: columns of the earlier review. Figures are of people where every size is known.
        k, missing, level
            As in :meth:`measure` and :meth:`mdpoverty.AlkireFoster.panel`.

        Returns
        -------
        Panel

        Notes
        -----
        This counts deprivations alone. What became of households by their classes, :func:`mdpoverty.flows` tells.
        """
        if tuple(after.standard.indicators) != tuple(self.standard.indicators):
            raise SpecError("The two reviews are of standards with other indicators: nobody can be followed.")
        tables = [each._inputs.table for each in (self, after)]
        if self._inputs.key is None or after._inputs.key is None:
            raise SpecError("Households are followed by their key, and one of the reviews has no key column.")
        waves = []
        for each, opened in zip((self, after), tables, strict=True):
            deprived, maybe = each._word(each._results.sure), each._word(each._results.maybe)
            waves.append(Wave.of_words(opened.keys, deprived, maybe ^ deprived, len(self.standard.indicators)))
        sizes = self._inputs.sizes
        known = sizes.values if sizes is not None and sizes.missing is None else None
        spec = AlkireFoster.from_standard(self.standard, k)
        if weight is not None and tables[0].ours(str(one_name(weight, "weight="))) == SIZE:
            weight = None  # persons are counted anyway
        return follow(spec, tables[0], waves[0], waves[1], by, weight, None, design, missing, level, known)

    def explain(self, key: Any) -> Verdict:
        """Return the verdict of one household, from the same answers and the same rules.

        Parameters
        ----------
        key
            The household's key; its position where there is no key column.

        Raises
        ------
        UnknownKey
            If no household has that key.
        """
        position = self.position(key)
        inputs = self._inputs
        record = {
            name: plain_at(answers, position)
            for (level, name), answers in inputs.answers.items()
            if level == "household"
        }
        if self._results.conflict is not None and self._results.conflict[position]:
            record = {name: value for name, value in record.items() if name not in inputs.ways}
        members = None
        if inputs.roster is not None and inputs.roster.sizes[position]:
            its = {name: answers for (level, name), answers in inputs.answers.items() if level == "member"}
            members = [
                {name: plain_at(answers, row) for name, answers in its.items()} for row in inputs.roster.of(position)
            ]
        return assess(self.standard, record, members, date=self.date, given=self.given)

    def position(self, key: Any) -> int:
        """Return a household's position among all, from 0, by its key.

        Raises
        ------
        UnknownKey
            If no household has that key.
        """
        if self._inputs.key is None:
            if isinstance(key, int | np.integer) and not isinstance(key, bool) and 0 <= key < len(self):
                return int(key)
            raise UnknownKey(f"the households have no key column: ask by position, from 0 to {len(self) - 1}")
        table = self._inputs.table
        values = key if isinstance(key, tuple) else (key,)
        if len(values) != len(table.key_columns):
            raise UnknownKey(f"a key consists of {', '.join(table.key_columns)}: no household has the key {key!r}")
        asked = keys_of([values]).folded() if table.fold else keys_of([values])
        found = table.keys.find(asked)
        if found[0] < 0:
            clash = table.keys.type_clash(asked)
            hint = "" if clash is None else f": keys are {clash[0].in_('en')} here, and this is {clash[1].in_('en')}"
            raise UnknownKey(f"no household has the key {key!r}{hint}")
        return int(found[0])

    @cached_property
    def receipt(self) -> Receipt:
        """What the result was computed from. The digest of the inputs is computed when first asked for."""
        options = {**self.reading.to_dict(), **knowing(self.standard, self.date), **self._also}
        return receipt_of(self.standard, self.date, of_inputs(self._inputs), unordered(self._inputs), options)

    def plot(self, kind: str | None = None, **options: Any) -> Axes:
        """Draw the classes, or another picture of them (extra ``plots``).

        Parameters
        ----------
        kind : str, optional
            ``"classes"``, ``"deprivations"`` or ``"margins"``, the functions of :mod:`mdpoverty.plots`.
        **options
            What the picture takes: ``ax=``, ``lang=``, ``caption=`` …. See :func:`mdpoverty.plots.draw`.

        Returns
        -------
        matplotlib Axes
        """
        from mdpoverty.plots.which import draw  # later: it brings in numpy and what draws

        return draw(self, kind, **options)

    def __repr__(self) -> str:
        counted = np.bincount(self.codes, minlength=256)
        names = [*self.standard.categories, OPEN]
        listed = ", ".join(
            f"{name} {counted[code]}" for code, name in zip([*range(len(names) - 1), -1], names, strict=True)
        )
        return f"<Assessment by {self.standard.id} of {len(self)} households: {listed}>"

    def _face(self, face: Face) -> Html:
        counts, told = self.counts(), self.counts(lang=face.lang)
        names = [*(each.label for each in self.standard.categories.values()), OPEN_LABEL]
        shares = counts["households_share"].fillna(0.0).tolist()
        told_shares = told[face.say(HEADS["households_share"])]
        said = [f"{face.number(n)} · {share}" for n, share in zip(counts["households"], told_shares, strict=True)]
        day = f" · {day_name(self.date, face.lang)}" if self.date else ""
        number = int(self.open.sum())
        reasons = [(label, face.number(n)) for label, n in self._open_reasons()]
        left_out = [problem.text(face.lang) for problem in self.problems]
        return face.page(
            Html(f"{face.name(self.standard.title)}{day}"),
            face.paragraph(face.say(Label("{} hộ theo {}", "{} households by {}"), len(self), self.standard.id)),
            face.bar(list(zip(names, shares, said, strict=True))),
            face.folded(Label("Số hộ và số người", "Households and people"), face.frame(told)),
            face.folded(
                face.say(Label("{} hộ chưa xác định: chưa rõ điều gì", "{} open: what isn't known of them"), number),
                face.table(("", HEADS["households"]), reasons, numbers=(1,)),
            )
            if number
            else Html(""),
            face.folded(
                face.say(Label("Coi như thiếu, hoặc bỏ ra: {}", "Counted as missing, or left out: {}"), len(left_out)),
                face.listed(left_out),
            )
            if left_out
            else Html(""),
        )

    def _open_reasons(self) -> list[tuple[Label, int]]:
        """List what isn't known of open households, most often first: lines, cut-offs aside, and indicators."""
        found = []
        for name, rule in conditions(self.standard).items():
            if not any(isinstance(node, Deprivations) for node in rule.walk()):
                unknown = int(((self.score(rule) == UNKNOWN) & self.open).sum())
                found.append((self.standard.thresholds[name].label, unknown))
        for name, part in self.standard.indicators.items():
            found.append((part.label, int(((self.indicator(name) == UNKNOWN) & self.open).sum())))
        return sorted((each for each in found if each[1]), key=lambda each: -each[1])


def _filled(numbers: Numbers, value: int) -> npt.NDArray[Any]:
    """Return the numbers with something in the place of those that are missing."""
    return numbers.values if numbers.missing is None else np.where(numbers.missing, value, numbers.values)


def classify(
    law: Law, reading: Reading, households: Any, members: Any = None, roster: Roster | None = None
) -> Assessment:
    """Classify many households; see :meth:`mdpoverty.Standard.classify`. A roster says who belongs to whom already."""
    program = law.program(reading.date, reading.all_given)
    reading = evolve(reading, given=program.given)
    inputs = open_inputs(program, reading, households, members, roster, keep=True)
    inputs.problems.extend(_too_small(law, inputs))
    results = arrays.run(program, inputs)
    inputs.refuse_conflict(results.conflict)
    return Assessment(law, reading, inputs, results)


_MANY = 10  # incomes that say something together


def _too_small(law: Law, inputs: Inputs) -> list[Problem]:
    """Return the columns of money in which most amounts are far below every line, as amounts in thousands are.

    Amounts of zero say nothing: some households have no income.
    """
    found: list[Problem] = []
    for (level, name), answers in inputs.answers.items() if inputs.households >= _MANY else ():
        field = law.fields.get(name)
        if level != "household" or field is None or field.kind != "money" or not isinstance(answers, Numbers):
            continue
        lines = [
            amount
            for threshold in law.thresholds.values()
            if threshold.unit and threshold.unit == field.unit
            for step in threshold.steps
            for _, amount in step.amounts
        ]
        known = answers.values if answers.missing is None else answers.values[~answers.missing]
        some = known > 0
        small = int(np.count_nonzero(some & (known < float(min(lines)) / 100))) if lines else 0
        if small >= _MANY and 2 * small > np.count_nonzero(some):
            details = {"line": f"{min(lines):,}"}
            found.append(Problem.of("too_small", str(inputs.table.own(name)), details, rows=small, field=name))
    return found
