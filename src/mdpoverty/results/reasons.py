"""The reasons for a class: findings, what is still to be asked, and what would change it.

All of it comes from the functions that gave the class, asked once more of the parts of the rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

from attrs import define, field, frozen, setters

from mdpoverty.engine import record as engine
from mdpoverty.engine.record import Case
from mdpoverty.faces import Face, Faced, Html
from mdpoverty.law.fields import Label, unit_name
from mdpoverty.law.law import Law
from mdpoverty.law.parts import Citation, Indicator
from mdpoverty.law.program import Program, reads
from mdpoverty.numbers import Level, Operator
from mdpoverty.rules import nodes as s
from mdpoverty.ternary import NAMES, NO, UNKNOWN, YES

# The values here refuse assignment instead of being `frozen`, which lets them be made three times as fast; a form makes
# some twenty of them at every keystroke.


_STANDS = {NO: Label("không", "no"), UNKNOWN: Label("chưa rõ", "not known"), YES: Label("có", "yes")}


@define(on_setattr=setters.frozen, unsafe_hash=True)
class Finding(Faced):
    """One reason: a condition of a class, a dimension or an indicator, and how this household stands to it.

    Attributes
    ----------
    id, label
        What it is about.
    answer : int
        0 no, 1 unknown, 2 yes. Of an indicator, yes means deprived.
    citation : Citation or None
        The words of the law.
    value, operator, limit, unit
        The comparison behind a condition; ``value`` is ``(low, high)`` while answers are open, ``None`` if unknown.
    members, open_members : tuple of int
        The members of whom an indicator's rule holds, and of whom it is open, by their position from 0.
    answers : mapping
        The household's answers that were read.
    children : tuple of Finding
        The reasons for this one.
    """

    id: str
    label: Label
    answer: int
    citation: Citation | None = None
    value: Any = None
    operator: str = ""
    limit: Any = None
    unit: str = ""
    members: tuple[int, ...] = ()
    open_members: tuple[int, ...] = ()
    answers: Mapping[str, Any] = field(factory=dict, hash=False)
    children: tuple[Finding, ...] = ()

    def __repr__(self) -> str:
        compared = f" ({self.value} {self.operator} {self.limit})" if self.operator else ""
        rest = f", {len(self.children)} reasons" if self.children else ""
        return f"<Finding {self.id}: {NAMES[self.answer]}{compared}{rest}>"

    def _face(self, face: Face) -> Html:
        return face.page(self.label, self._reasons(face))

    def _reasons(self, face: Face) -> Html:
        """Show how the household stands to it, the words of the law, and the reasons below."""
        stands = face.say(_STANDS[self.answer])
        parts = [face.paragraph(stands)]
        if self.operator:
            sign = Operator(self.operator).sign
            limit = f"{face.number(self.limit)} {unit_name(self.unit, face.lang)}"
            value = "?" if self.value is None else face.number(self.value)
            parts = [face.paragraph(f"{value} {sign} {limit}: {stands}")]
        if self.citation is not None and self.citation.words:
            cited = self.citation.in_(face.lang)
            parts.append(face.paragraph(f"“{self.citation.words}” ({cited})", quiet=True))
        parts += [face.folded(face.name(child.label), child._reasons(face)) for child in self.children]
        return Html("".join(parts))

    def walk(self) -> Iterator[Finding]:
        """Yield this finding and all its reasons, outermost first."""
        yield self
        for child in self.children:
            yield from child.walk()

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data for JSON."""
        plain: dict[str, Any] = {
            "id": self.id,
            "label": {"vi": self.label.vi, "en": self.label.en},
            "answer": NAMES[self.answer],
        }
        if self.citation is not None:
            plain["citation"] = {
                "instrument": self.citation.instrument,
                "place": self.citation.place,
                "words": self.citation.words,
                "found": self.citation.found,
                "confirmed": self.citation.confirmed,
            }
        if self.operator:
            plain["comparison"] = {
                "value": jsonable(self.value),
                "operator": str(self.operator),
                "limit": jsonable(self.limit),
                "unit": self.unit,
            }
        if self.members or self.open_members:
            plain["members"], plain["open_members"] = list(self.members), list(self.open_members)
        if self.answers:
            plain["answers"] = dict(self.answers)
        if self.children:
            plain["children"] = [child.to_dict() for child in self.children]
        return plain


@define(on_setattr=setters.frozen, unsafe_hash=True)
class Ask:
    """An open answer that could still change the class.

    Attributes
    ----------
    field : str
        The column; ``"members"`` where there are no member rows at all, ``"date"`` where the day of the review matters.
    level : {"household", "member"}
        Whose answer it is.
    member : int or None
        The member's position, from 0.
    label, question : Label
        What it is, and how the form asks for it.
    decides : tuple of str
        The indicators and conditions that wait for it.
    """

    field: str
    level: Level
    member: int | None
    label: Label
    question: Label
    decides: tuple[str, ...] = ()


@define(on_setattr=setters.frozen, unsafe_hash=True)
class Margin:
    """How far a household is from a line or cut-off that its class hangs on.

    Attributes
    ----------
    id, label, unit
        The line or cut-off.
    value, limit : number
        Where the household stands, and where the limit is.
    distance : number
        ``limit - value``: positive below the limit, 0 exactly on it.
    operator : str
        How a value compares with the limit on its other side: ``">"`` where being at the limit changes nothing.
    becomes : str or None
        The class on the other side, everything else as it is.
    """

    id: str
    label: Label
    unit: str
    value: Any
    limit: Any
    distance: Any
    operator: Operator
    becomes: str | None


def jsonable(value: Any) -> Any:
    """Return exact numbers as JSON has them: integers as they are, fractions as text."""
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, tuple):
        return [jsonable(each) for each in value]
    return value


# ------------------------------------------------------------------------------------------------------- reasons


@frozen(eq=False)
class _Way:
    """One way of asking a condition: a comparison and the functions behind it."""

    answer: engine.Answerer
    compared: tuple[engine.Measurer, Operator, engine.Measurer] | None  # its sides, where it is a comparison
    columns: tuple[tuple[str, bool], ...]
    limit: str
    counts: s.Deprivations | None


@frozen(eq=False)
class _Condition:
    """A condition that the classes are put together from: a comparison, or several ways of asking for one."""

    rule: s.Rule
    sides: tuple[_Way, ...]

    def side(self, case: Case) -> _Way:
        """Return the first way of asking that has an answer, or the first of all."""
        return next((side for side in self.sides if side.answer(case, None) != UNKNOWN), self.sides[0])


@frozen(eq=False)
class _Evidence:
    """What an indicator's reasons are: the household's answers, and the members of whom its rule holds."""

    name: str
    indicator: Indicator
    settled: Finding  # that it isn't deprived, which needs no reasons
    columns: tuple[tuple[str, bool], ...]  # and whether it is a flag
    lifted: tuple[tuple[bool, engine.Answerer], ...]  # and whether it holds, or doesn't, of a member who deprives


@lru_cache(maxsize=256)
def _conditions(program: Program) -> tuple[_Condition, ...]:
    algebra = engine.compile_program(program).algebra
    found: dict[s.Rule, None] = {}

    def gather(rule: s.Node) -> None:
        if isinstance(rule, s.And | s.Or | s.Not):
            for part in rule.parts:
                gather(part)
        elif isinstance(rule, s.Rule):
            found.setdefault(rule)

    for _, rule in program.categories:
        gather(rule)

    def side(rule: s.Rule) -> _Way:
        counts = next((node for node in rule.walk() if isinstance(node, s.Deprivations)), None)
        compared = None
        if isinstance(rule, s.Compare):
            compared = rule.left.fold(algebra), rule.operator, rule.right.fold(algebra)
        return _Way(rule.fold(algebra), compared, _columns(rule), _limit(rule), counts)

    return tuple(
        _Condition(rule, tuple(map(side, rule.rules if isinstance(rule, s.FirstKnown) else (rule,)))) for rule in found
    )


@lru_cache(maxsize=256)
def _classes_if(program: Program) -> Mapping[tuple[s.Rule, int], tuple[tuple[str, engine.Answerer], ...]]:
    """Return the classes' rules as they are with one condition replaced by an answer, for each condition and answer."""
    algebra = engine.compile_program(program).algebra
    return {
        (condition.rule, instead): tuple(
            (name, _replaced(rule, condition.rule, instead).fold(algebra)) for name, rule in program.categories
        )
        for condition in _conditions(program)
        for instead in (NO, YES)
    }


@lru_cache(maxsize=256)
def _evidence(law: Law, program: Program) -> tuple[tuple[Finding, tuple[_Evidence, ...]], ...]:
    """Return each dimension as it is found without a deprivation, and the evidence of its indicators."""
    algebra = engine.compile_program(program).algebra
    rules = dict(program.indicators)

    def evidence(each: Indicator) -> _Evidence:
        settled = Finding(each.id, each.label, NO, each.citation)
        rule = rules[each.id]
        return _Evidence(each.id, each, settled, _columns(rule), tuple(_lifts(rule, algebra)))

    found = []
    for its in law.dimensions.values():
        within = tuple(evidence(each) for each in law.indicators.values() if each.dimension == its.id)
        children = tuple(each.settled for each in within)
        found.append((Finding(its.id, its.label, NO, its.citation, children=children), within))
    return tuple(found)


def _lifts(node: s.Node, algebra: Any, straight: bool = True) -> Iterator[tuple[bool, engine.Answerer]]:
    """Yield what a rule asks of members; ``straight`` where that it holds of a member is what deprives."""
    if isinstance(node, s.AnyMember | s.CountMembers):
        yield straight, node.rule.fold(algebra)
        return
    for part in node.parts:
        yield from _lifts(part, algebra, straight != isinstance(node, s.Not))


class Reasons:
    """Findings and margins, from the same functions that gave the class."""

    def __init__(self, law: Law, program: Program, case: Case) -> None:
        self.law, self.program, self.case = law, program, case

    def findings(self) -> tuple[Finding, ...]:
        """Return how the household stands to each condition of the classes."""
        return tuple(self._condition(condition) for condition in _conditions(self.program))

    def _condition(self, condition: _Condition) -> Finding:
        side = condition.side(self.case)
        limit = self.law.thresholds.get(side.limit)
        name = limit.id if limit else repr(condition.rule)
        left, operator, right = side.compared or (None, "", None)
        return Finding(
            id=name,
            label=limit.label if limit else Label(name, name),
            answer=side.answer(self.case, None),
            citation=limit.citation if limit else None,
            value=left(self.case, None) if left else None,
            operator=operator,
            limit=right(self.case, None) if right else None,
            unit=limit.unit if limit else "",
            answers=self._answers(side.columns),
            children=self._dimensions(side.counts.dimension) if side.counts is not None else (),
        )

    def _answers(self, columns: tuple[tuple[str, bool], ...]) -> dict[str, Any]:
        """Return those answers that were given, flags as they were and not as the codes they are read as."""
        given, said = self.case.answers, {}
        for name, flag in columns:
            value = given[name]
            if flag:
                if value != UNKNOWN:
                    said[name] = value == YES
            elif value is not None:
                said[name] = value
        return said

    def _dimensions(self, only: str | None) -> tuple[Finding, ...]:
        found, codes = [], self.case.codes
        for settled, evidence in _evidence(self.law, self.program):
            if only is None or only == settled.id:
                answer = max([codes[each.name] for each in evidence], default=NO)
                if answer == NO:
                    found.append(settled)
                    continue
                children = tuple([self._indicator(each) for each in evidence])
                found.append(Finding(settled.id, settled.label, answer, settled.citation, children=children))
        return tuple(found)

    def _indicator(self, evidence: _Evidence) -> Finding:
        indicator = evidence.indicator
        code = self.case.codes[evidence.name]
        if code == NO:
            return evidence.settled
        members: list[int] = []
        open_members: list[int] = []
        for straight, answer in evidence.lifted:
            for position, member in enumerate(self.case.members):
                holds = answer(self.case, member)
                if holds == UNKNOWN and code == UNKNOWN:
                    open_members.append(position)
                elif holds == YES and straight:
                    members.append(position)
        return Finding(
            indicator.id,
            indicator.label,
            code,
            indicator.citation,
            members=tuple(sorted(set(members))) if members else (),
            open_members=tuple(sorted(set(open_members))) if open_members else (),
            answers=self._answers(evidence.columns) if evidence.columns else _NOTHING,
        )

    def margins(self, category: str | None) -> tuple[Margin, ...]:
        """Return the limits on whose other side the class is another one."""
        found = []
        for condition in _conditions(self.program):
            side = condition.side(self.case)
            limit = self.law.thresholds.get(side.limit)
            if limit is None or side.compared is None:
                continue
            left, operator, right = side.compared
            value, amount = left(self.case, None), right(self.case, None)
            if value is None or isinstance(value, tuple) or isinstance(amount, tuple):
                continue
            holds = side.answer(self.case, None)
            becomes = self._crossed(condition, YES - holds)
            if becomes != category:
                across = operator.opposite if holds == YES else operator
                found.append(Margin(limit.id, limit.label, limit.unit, value, amount, amount - value, across, becomes))
        return tuple(found)

    def _crossed(self, condition: _Condition, instead: int) -> str | None:
        """Return the class if that one condition had the other answer and the others stood as they are."""
        possible = engine.first_that_holds(_classes_if(self.program)[condition.rule, instead], self.case)
        return possible[0] if len(possible) == 1 else None


_NOTHING: Mapping[str, Any] = {}


def _replaced(node: Any, rule: s.Rule, instead: int) -> Any:
    if node == rule:
        return s.And(()) if instead == YES else s.Or(())  # all of nothing hold always, any of nothing never
    connects = isinstance(node, s.And | s.Or | s.Not)
    return node.with_parts(lambda part: _replaced(part, rule, instead)) if connects else node


def _limit(rule: s.Rule) -> str:
    """Return the name of the amount that a condition compares with, or nothing."""
    return next((node.name for node in rule.walk() if isinstance(node, s.Amount) and node.name), "")


def _columns(rule: s.Rule) -> tuple[tuple[str, bool], ...]:
    """Return the household's answers that a rule reads, and whether each is a flag."""
    return tuple((name, kind == "flag") for (level, name), kind in reads(rule).items() if level == "household")


# ----------------------------------------------------------------------------------------------------- questions


class Questions:
    """The open answers on which the class hangs: those under a rule that is open, under one that is open, and so on.

    What lies under a settled rule can't change anything, and all of what is found here together settles the class.
    """

    def __init__(self, program: Program, case: Case) -> None:
        self.program, self.case = program, case
        self.algebra = engine.compile_program(program).algebra
        self.found: dict[tuple[Level, str, int | None], dict[str, None]] = {}

    def asks(self) -> tuple[Ask, ...]:
        """Return the open answers on which the class hangs, those first that decide most."""
        for condition in _conditions(self.program):
            self._rule(condition.rule, None, (condition.sides[0].limit or repr(condition.rule),))
        waiting = Counter(what for decides in self.found.values() for what in decides)

        def usefulness(item: tuple[Any, dict[str, None]]) -> tuple[bool, float]:
            direct = any(what not in self.case.codes for what in item[1])
            return not direct, -sum(1 / waiting[what] for what in item[1])

        return tuple(self._ask(key, tuple(decides)) for key, decides in sorted(self.found.items(), key=usefulness))

    def _ask(self, key: tuple[Level, str, int | None], decides: tuple[str, ...]) -> Ask:
        level, name, member = key
        field = self.program.field(level, name)
        label, question = _SPECIAL.get(name, (field.label, field.question))
        return Ask(name, level, member, label, question, decides)

    def _note(self, level: Level, name: str, position: int | None, decides: tuple[str, ...]) -> None:
        self.found.setdefault((level, name, position), {}).update(dict.fromkeys(decides))

    def _open(self, rule: s.Rule, member: Any) -> bool:
        answer: int = rule.fold(self.algebra)(self.case, member)
        return answer == UNKNOWN

    def _rule(self, rule: s.Node, position: int | None, decides: tuple[str, ...]) -> None:
        member = None if position is None else self.case.members[position]
        if isinstance(rule, s.Rule) and not self._open(rule, member):
            return
        if isinstance(rule, s.Column):
            self._column(rule, position, decides)
        elif isinstance(rule, s.Flag | s.IsIn):
            self._column(rule.column, position, decides)
        elif isinstance(rule, s.Amount):
            self._amount(rule, position, decides)
        elif isinstance(rule, s.FirstKnown):
            self._rule(min(rule.rules, key=self._lacking), position, decides)
        elif isinstance(rule, s.AnyMember | s.CountMembers):
            for each in range(len(self.case.members)):
                self._rule(rule.rule, each, decides)
            if not self.case.members:
                self._note("household", "members", None, decides)
        elif isinstance(rule, s.Deprivations):
            for (name, its), dimension in zip(self.program.indicators, self.program.dimensions, strict=True):
                if rule.dimension in (None, dimension):
                    self._rule(its, None, (name,))
        elif isinstance(rule, s.IndicatorRef):
            self._rule(dict(self.program.indicators)[rule.name], None, (*decides, rule.name))
        else:
            for part in rule.parts:
                self._rule(part, position, decides)

    def _column(self, column: s.Column, position: int | None, decides: tuple[str, ...]) -> None:
        its = position if column.own_level == "member" else None
        answers = self.case.answers if its is None else self.case.members[its]
        value = answers[column.name]
        if self._is_missing(column.name, value):
            self._note("household" if its is None else "member", column.name, its, decides)

    def _is_missing(self, name: str, value: Any) -> bool:
        return value is None or (value == UNKNOWN and self.program.fields[name].kind == "flag")

    def _amount(self, amount: s.Amount, position: int | None, decides: tuple[str, ...]) -> None:
        if amount.by is not None:
            self._column(amount.by, position, decides)
        if any(low != high for _, low, high in amount.cases):
            self._note("household", "date", None, decides)

    def _lacking(self, rule: s.Rule) -> int:
        """Return how many of the household's answers a way of asking lacks."""
        return sum(self._is_missing(name, self.case.answers.get(name)) for name, _ in _columns(rule))


_SPECIAL = {
    "members": (
        Label("Danh sách thành viên", "Members"),
        Label("Hộ gồm những ai?", "Who are the members of the household?"),
    ),
    "date": (
        Label("Ngày rà soát", "Day of the review"),
        Label("Rà soát vào ngày nào?", "On which day is the review?"),
    ),
}
