"""The law as a value: its parts bound to each other, checked whenever one is made, and made into another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date as Date
from typing import Any, Literal, Self

from attrs import evolve, field, frozen

from mdpoverty.doors import doors
from mdpoverty.errors import MdpovertyError, StandardError
from mdpoverty.law.fields import Field, Gap, Label, Named, named, to_date
from mdpoverty.law.parts import Category, Citation, Dimension, Indicator, Threshold
from mdpoverty.law.program import Outside, Program, common_scale, reads
from mdpoverty.law.readings import Ambiguity, suffix
from mdpoverty.rules.nodes import (
    Amount,
    Column,
    Constant,
    Deprivations,
    IndicatorRef,
    IsIn,
    Node,
    Rule,
    Step,
    household_rule,
)


@doors
@frozen(cache_hash=True, repr=False)
class Law:
    """What a standard says: who is poor, by which answers, from which day to which.

    A value: immutable, hashable, equal to any law with the same rules. :meth:`evolve` makes another from it.
    :class:`~mdpoverty.Standard` adds what is done with it; its docstring says what the parts are.
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
    readings: Named[Ambiguity] = field(factory=Named, converter=named)
    _program: Program = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Check the parts against each other, and bind the thresholds' names in the rules."""
        wrong = _unsound(self)
        if wrong:
            raise StandardError(
                f"the standard {self.id!r} is not sound:\n" + "\n".join(f"  - {each}" for each in wrong)
            )
        indicators = {each.id: self._bound(each.rule) for each in self.indicators.values()}
        categories = {each.id: self._bound(each.rule) for each in self.categories.values()}
        weights = [each.weight for each in self.indicators.values()]
        scale = common_scale(weights)
        program = Program(
            law=self.id,
            indicators=tuple(indicators.items()),
            categories=tuple(_each_once(categories.items())),
            weights=tuple(int(weight * scale) for weight in weights),
            scale=scale,
            dimensions=tuple(each.dimension for each in self.indicators.values()),
            fields=self.fields,
            given_fields=Named(map(_given, self.indicators.values())),
            unconfirmed=self.gaps if self.provisional else None,
            asked_elsewhere=tuple(
                (its.level, its.id)
                for ambiguity in self.readings.values()
                for each in ambiguity.interpretations.values()
                for its in each.fields.values()
                if its.id not in self.fields
            ),
            in_force=self.in_force,
            until=self.until,
        )
        bound = {
            "indicators": (evolve(it, rule=indicators[it.id], program=program) for it in self.indicators.values()),
            "categories": (evolve(it, rule=categories[it.id], program=program) for it in self.categories.values()),
            "dimensions": (evolve(it, program=program) for it in self.dimensions.values()),
        }
        # The one place where a frozen value is written to: rules are given with the names of thresholds, and what a
        # name amounts to is only known once all parts are here.
        for name, value in {"_program": program, **{name: Named(parts) for name, parts in bound.items()}}.items():
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        days = f"{self.in_force} to {self.until or 'further notice'}"
        parts = f"{len(self.indicators)} indicators, {len(self.categories)} classes"
        state = "provisional, " if self.provisional else ""
        return f"<{type(self).__name__} {self.id}, revision {self.revision}: {self.title.vi}; {state}{days}; {parts}>"

    def _bound(self, rule: Rule) -> Rule:
        """Put the amounts that the law's days can see behind each threshold's name."""

        def bind(node: Node) -> Node:
            if not isinstance(node, Amount) or not node.name:
                return node.with_parts(bind)
            legal = self.thresholds[node.name]
            by = Column(legal.by, self.fields[legal.by].level) if legal.by else None
            return Amount(node.name, by, within(legal.steps, self.in_force, self.until))

        return household_rule(rule.with_parts(bind))

    def program(self, date: Date | str | None = None, given: Iterable[str] | Literal["all"] = ()) -> Program:
        """Return the rules as an interpreter runs them.

        Parameters
        ----------
        date : datetime.date or str, optional
            The day whose amounts apply. Without it, amounts that change during the law's life stay intervals.
        given : iterable of str, or "all"
            Indicators that are answers already: flags of the household under the indicator's own name.
        """
        return self._program.prepared(to_date(date), given if isinstance(given, str) else tuple(given))

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
        until: Date | str | Literal["inherited"] | None = "inherited",
        jurisdiction: str | None = None,
        revision: int = 1,
        provisional: bool | None = None,
    ) -> Self:
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
            Replace this standard's own; ``until=None`` where no end is known.

        What changes a part that a reading of :attr:`readings` would replace settles that point: it is no longer among
        them.

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

        made = evolve(
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
            until=self.until if until == "inherited" else until,
            jurisdiction=jurisdiction or self.jurisdiction,
            revision=revision,
            provisional=self.provisional if provisional is None else provisional,
            readings=(
                each
                for each in self.readings.values()
                if not each.touches((*(indicators or ()), *(thresholds or ()), *(fields or ())))
            ),
        )
        made.warn()
        return made

    def warn(self) -> None:
        """Warn of what can hardly be meant; what a law alone can't find out, a standard does."""

    def read_as(self, **chosen: str) -> Self:
        """Return the standard with disputed points read in another way, to see which households that touches.

        Parameters
        ----------
        **chosen : str
            Interpretations by the id of the ambiguity, from :attr:`readings`.

        Returns
        -------
        Standard
            Its id says how it is read, and so does every receipt: ``"vn-2022+insurance=children"``. Its revision is
            this one's.

        Raises
        ------
        UnknownKey
            If there is no such ambiguity, or no such interpretation of it.
        StandardError
            If it is read in another way than the default already.

        Examples
        --------
        >>> import mdpoverty as mdp
        >>> vn = mdp.standards["vn-2022"]
        >>> {point.id: list(point.interpretations) for point in vn.readings.values()}
        {'insurance': ['any_person', 'children'], 'school_age': ['completed_years', 'calendar_year']}
        >>> other = vn.read_as(insurance="children")
        >>> other.id, other.readings["insurance"].used
        ('vn-2022+insurance=children', 'children')
        >>> home, people = {"area": "rural", "income": 1_000_000}, [{"age": 40, "insured": False}]
        >>> [law.assess(home, people).indicators["health_insurance"] for law in (vn, other)]
        [2, 0]
        """
        if not chosen:
            return self
        for name in chosen:
            _ = self.readings[name]
        changes = [each.change_to(chosen[each.id]) for each in self.readings.values() if each.id in chosen]
        readings = Named(evolve(each, used=chosen.get(each.id, each.used)) for each in self.readings.values())
        read = self.evolve(
            id=self.id.removesuffix(suffix(self.readings.values())) + suffix(readings.values()),
            citation=self.citation,
            title=self.title,
            fields={part.id: part for change in changes for part in change.fields.values()},
            thresholds={part.id: part for change in changes for part in change.thresholds.values()},
            indicators={part.id: part for change in changes for part in change.indicators.values()},
            revision=self.revision,
        )
        return evolve(read, readings=readings)

    def refuse_provisional(self, provisional: bool) -> None:
        """Raise ``ProvisionalStandard`` if parts aren't confirmed and the caller didn't say that they know."""
        if self.provisional and not provisional:
            self.program().refuse_provisional(provisional)

    def covers(self, day: Date | str) -> bool:
        """Return whether the standard is in force on that day."""
        asked = to_date(day)
        assert asked is not None
        return self._program.covers(asked)

    def refuse_outside(self, day: Date | str | None, outside: Outside) -> None:
        """Raise ``BadDate``, or warn, if the standard isn't in force on a day."""
        self._program.refuse_outside(to_date(day), outside)

    def _admit(self, provisional: bool, day: Date | None, outside: Outside) -> None:
        """Refuse to be asked, if it isn't confirmed and the caller doesn't know that, or isn't in force on that day."""
        self._program.refuse_provisional(provisional)
        self._program.refuse_outside(day, outside)


def _each_once(categories: Iterable[tuple[str, Rule]]) -> Iterator[tuple[str, Rule]]:
    """Let nobody be in a class that repeats an earlier one's rule: it is never the first that holds."""
    seen: set[Rule] = set()
    for name, rule in categories:
        yield name, Constant(0) > Constant(0) if rule in seen else rule
        seen.add(rule)


def _given(indicator: Indicator) -> Field:
    """Describe the answer that says outright whether a household is deprived in an indicator."""
    question = Label(
        f"Hộ có thiếu hụt chỉ số “{indicator.label.vi}” không?",
        f"Is the household deprived in “{indicator.label.en}”?",
    )
    return Field(indicator.id, "household", "flag", indicator.label, question)


def within(steps: tuple[Step, ...], first: Date, last: Date | None) -> tuple[Step, ...]:
    """Keep the steps that hold on some day from the first to the last."""
    begun = [i for i, step in enumerate(steps) if step.since is None or step.since <= first]
    start = begun[-1] if begun else 0
    later = (step for step in steps[start + 1 :] if last is None or (step.since is not None and step.since <= last))
    return (*steps[start : start + 1], *later)


# ---------------------------------------------------------------------------------------------------- soundness


def _unsound(law: Law) -> list[str]:
    """Return everything that is wrong with the law's parts as they stand to each other."""
    return [*_spans(law), *_parts(law), *_rules(law)]


def _spans(law: Law) -> Iterator[str]:
    if law.until is not None and law.until < law.in_force:
        yield f"it ends on {law.until}, before it begins on {law.in_force}"
    if not law.categories:
        yield "it has no class to put a household into"


def _parts(law: Law) -> Iterator[str]:
    for indicator in law.indicators.values():
        if indicator.dimension not in law.dimensions:
            yield f"indicator {indicator.id!r} belongs to {indicator.dimension!r}, which is none of its dimensions"
        if indicator.weight < 0:
            yield f"indicator {indicator.id!r} has a negative weight"
    for threshold in law.thresholds.values():
        if threshold.by and threshold.by not in law.fields:
            yield f"threshold {threshold.id!r} depends on {threshold.by!r}, which is none of its fields"
        elif threshold.by:
            known = {code.id for code in law.fields[threshold.by].codes}
            given = {code for step in threshold.steps for code, _ in step.amounts if code is not None}
            if known and given != known:
                have, want = ", ".join(sorted(given)), ", ".join(sorted(known))
                yield f"threshold {threshold.id!r} has amounts for {have}, and {threshold.by!r} has the codes {want}"
        days = [step.since for step in threshold.steps]
        if None in days[1:] or sorted(day for day in days if day) != [day for day in days if day]:
            yield f"threshold {threshold.id!r} has its steps out of order"
        codes = {tuple(code for code, _ in step.amounts) for step in threshold.steps}
        if len(codes) > 1 or (codes and (None in next(iter(codes))) == bool(threshold.by)):
            yield f"threshold {threshold.id!r} must have one amount for each code of its `by`, the same in every step"
    for each in law.fields.values():
        if (each.kind == "code") != bool(each.codes):
            yield f"field {each.id!r} needs codes if it is a code, and only then"


def _rules(law: Law) -> Iterator[str]:
    for indicator in law.indicators.values():
        yield from _rule(law, f"indicator {indicator.id!r}", indicator.rule, nested=False)
    for category in law.categories.values():
        yield from _rule(law, f"class {category.id!r}", category.rule, nested=True)


def _rule(law: Law, what: str, rule: Rule, *, nested: bool) -> Iterator[str]:
    if rule.level == "member":
        yield f"{what} speaks of one member: lift its rule with any_member(…)"
        return
    for node in rule.walk():
        if isinstance(node, Amount) and node.name and node.name not in law.thresholds:
            yield f"{what} names the threshold {node.name!r}, which it doesn't have"
        if isinstance(node, IndicatorRef | Deprivations) and not nested:
            yield f"{what} counts the standard's own indicators, which only a class can"
        if isinstance(node, IndicatorRef) and node.name not in law.indicators:
            yield f"{what} names the indicator {node.name!r}, which it doesn't have"
        if isinstance(node, Deprivations) and node.dimension and node.dimension not in law.dimensions:
            yield f"{what} counts in the dimension {node.dimension!r}, which it doesn't have"
    try:
        columns = reads(rule.at("household"))
    except MdpovertyError as error:
        yield f"{what}: {error}"
        return
    for (level, name), kind in columns.items():
        field = law.fields.get(name)
        if field is None:
            yield f"{what} reads {name!r}, which is none of its fields"
        elif field.level != level:
            yield f"{what} reads {name!r} as a {level}'s answer, and it is a {field.level}'s" + (
                f": inside a member rule write column({name!r}, level='household')" if level == "member" else ""
            )
        elif (kind if kind in ("flag", "code") else "number") != (
            field.kind if field.kind in ("flag", "code") else "number"
        ):
            yield f"{what} reads {name!r} as a {kind}, and it is a {field.kind}"
    for node in rule.walk():
        if isinstance(node, IsIn) and node.column.name in law.fields:
            known = {code.id for code in law.fields[node.column.name].codes}
            for code in node.codes:
                if known and code not in known:
                    yield f"{what} matches {node.column.name!r} with {code!r}, which is none of its codes"
