"""Rules over one household: plain Python values in, an answer for every rule out, fast enough for every keystroke.

This is the reading of the rules to check the others against. A rule becomes a function of the household's answers ``h``
and, inside a lift, a member's answers ``m``; it returns NO, UNKNOWN or YES. A number is an ``int``, ``float`` or
``Fraction``, an interval ``(low, high)``, or ``None`` where it is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import count
from typing import Any, Final, Literal

from attrs import define, evolve, field, frozen

from mdpoverty.errors import BadTable, BadValues, Place, Problem, SpecError
from mdpoverty.law.fields import Field
from mdpoverty.law.program import Program, no_class
from mdpoverty.numbers import Level, Number, Operator, machine
from mdpoverty.rules import nodes as s
from mdpoverty.tables.meanings import from_text, refused, shown_kind
from mdpoverty.tables.options import KEY
from mdpoverty.ternary import NO, UNKNOWN, YES, is_missing
from mdpoverty.texts import nearest

UnknownKeys = Literal["error", "ignore"]
"""What becomes of names that no answer has."""

Member = dict[str, Any]


@define
class Case:
    """One household being read: what was answered, and what the rules have found so far.

    Attributes
    ----------
    answers : dict
        The household's answers; flags as their codes, ``None`` where missing.
    members : list of dict
        The members' answers, likewise.
    codes : dict
        0, 1 or 2 for each indicator, once they are asked.
    counted : dict
        The number of deprivations by dimension (``None``: of all): several classes ask for it, and the reasons again.
    told : dict
        What ways of asking the household the same thing told, by the number of the alternative.
    key : object
        The household's key, where one was given.
    """

    answers: dict[str, Any]
    members: list[Member] = field(factory=list)
    codes: dict[str, int] = field(factory=dict)
    counted: dict[str | None, Any] = field(factory=dict, eq=False, repr=False)
    told: dict[int, int] = field(factory=dict, eq=False, repr=False)
    key: Any = None


Answerer = Callable[[Case, Any], int]
Measurer = Callable[[Case, Any], Any]


class _Python:
    """The interpretation over one household: each node becomes a function."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._alternatives: dict[s.Node, int] = {}
        self._numbers = count()  # of which no two threads get the same

    # -- numbers

    def column(self, node: s.Column) -> Measurer:
        name = node.name
        if node.own_level == "member":
            return lambda h, m: m[name]
        return lambda h, m: h.answers[name]

    def constant(self, node: s.Constant) -> Measurer:
        value = node.value
        return lambda h, m: value

    def amount(self, node: s.Amount) -> Measurer:
        cases: dict[str | None, Any] = {code: low if low == high else (low, high) for code, low, high in node.cases}
        whole = (min(low for _, low, _ in node.cases), max(high for _, _, high in node.cases))
        everywhere = whole[0] if whole[0] == whole[1] else whole
        if node.by is None:
            return lambda h, m: everywhere
        name = node.by.name
        if node.by.own_level == "member":
            return lambda h, m: cases.get(m[name], everywhere)
        return lambda h, m: cases.get(h.answers[name], everywhere)

    def product(self, node: s.Product, left: Measurer, right: Measurer) -> Measurer:
        def measure(h: Case, m: Any) -> Any:
            a, b = left(h, m), right(h, m)
            if type(a) is int and type(b) is int:  # the usual case, told quickly
                return a * b
            if a is None or b is None:
                return None
            if type(a) is tuple or type(b) is tuple:
                corners = [_times(x, y) for x in _ends(a) for y in _ends(b)]
                return min(corners), max(corners)
            return _times(a, b)

        return measure

    def total(self, node: s.Total, left: Measurer, right: Measurer) -> Measurer:
        def measure(h: Case, m: Any) -> Any:
            a, b = left(h, m), right(h, m)
            if a is None or b is None:
                return None
            if type(a) is tuple or type(b) is tuple:
                (low_a, high_a), (low_b, high_b) = _ends(a), _ends(b)
                return low_a + low_b, high_a + high_b
            return a + b

        return measure

    def points(self, node: s.Points, rules: tuple[Answerer, ...], worths: tuple[Measurer, ...]) -> Measurer:
        def measure(h: Case, m: Any) -> Any:
            low: Any = 0
            high: Any = 0
            for rule, worth in zip(rules, worths, strict=True):
                holds = rule(h, m)
                if holds == NO:
                    continue
                amount = worth(h, m)
                if amount is None:
                    return None
                least, most = _ends(amount)
                low += least if holds == YES else min(least, 0)
                high += most if holds == YES else max(most, 0)
            return low if low == high else (low, high)

        return measure

    def count_members(self, node: s.CountMembers, rule: Answerer) -> Measurer:
        def measure(h: Case, m: Any) -> Any:
            members = h.members
            if not members:
                return None
            low = high = 0
            for member in members:
                holds = rule(h, member)
                if holds:
                    high += 1
                    if holds == YES:
                        low += 1
            return low if low == high else (low, high)

        return measure

    def deprivations(self, node: s.Deprivations) -> Measurer:
        counted, scale, dimension = self._program.counted(node.dimension), self._program.scale, node.dimension

        def measure(h: Case, m: Any) -> Any:
            if dimension not in h.counted:
                h.counted[dimension] = count(h.codes)
            return h.counted[dimension]

        def count(codes: dict[str, int]) -> Any:
            low = high = 0
            for name, weight in counted:
                code = codes[name]
                if code:
                    high += weight
                    if code == YES:
                        low += weight
            if scale == 1:
                return low if low == high else (low, high)
            return Fraction(low, scale) if low == high else (Fraction(low, scale), Fraction(high, scale))

        return measure

    # -- rules

    def flag(self, node: s.Flag) -> Answerer:
        name = node.column.name
        if node.column.own_level == "member":
            return lambda h, m: m[name]  # a flag is read as its code
        return lambda h, m: h.answers[name]

    def compare(self, node: s.Compare, left: Measurer, right: Measurer) -> Answerer:
        operator = node.operator
        fixed = _fixed(node.right)
        if isinstance(node.left, s.Column) and fixed is not None:
            return _column_against(node.left, operator, fixed)
        if operator in (">", ">="):
            left, right = right, left
        strict = operator in ("<", ">")

        def answer(h: Case, m: Any) -> int:
            a, b = left(h, m), right(h, m)
            if type(a) is int and type(b) is int:  # the usual case, told quickly
                return YES if (a < b if strict else a <= b) else NO
            if a is None or b is None:
                return UNKNOWN
            if type(a) is tuple or type(b) is tuple:
                (low_a, high_a), (low_b, high_b) = _ends(a), _ends(b)
                if _below(high_a, low_b, strict):
                    return YES
                return UNKNOWN if _below(low_a, high_b, strict) else NO
            return YES if _below(a, b, strict) else NO

        return answer

    def is_in(self, node: s.IsIn) -> Answerer:
        name = node.column.name
        answers: dict[Any, int] = {None: UNKNOWN}
        answers |= {code if isinstance(code, str) else machine(code): YES for code in node.codes}
        if node.column.own_level == "member":
            return lambda h, m: answers.get(m[name], NO)
        return lambda h, m: answers.get(h.answers[name], NO)

    def negation(self, node: s.Not, rule: Answerer) -> Answerer:
        return lambda h, m: YES - rule(h, m)

    def conjunction(self, node: s.And, rules: tuple[Answerer, ...]) -> Answerer:
        if len(rules) == 2:  # as most are: without a loop
            first, second = rules

            def both(h: Case, m: Any) -> int:
                one = first(h, m)
                if not one:
                    return NO
                other = second(h, m)
                return one if one < other else other

            return both

        def answer(h: Case, m: Any) -> int:
            least = YES
            for rule in rules:
                holds = rule(h, m)
                if holds < least:
                    if not holds:
                        return NO
                    least = holds
            return least

        return answer

    def disjunction(self, node: s.Or, rules: tuple[Answerer, ...]) -> Answerer:
        if len(rules) == 2:
            first, second = rules

            def either(h: Case, m: Any) -> int:
                one = first(h, m)
                if one == YES:
                    return YES
                other = second(h, m)
                return one if one > other else other

            return either

        def answer(h: Case, m: Any) -> int:
            most = NO
            for rule in rules:
                holds = rule(h, m)
                if holds > most:
                    if holds == YES:
                        return YES
                    most = holds
            return most

        return answer

    def at_least(self, node: s.AtLeast, rules: tuple[Answerer, ...]) -> Answerer:
        minimum = node.minimum

        def answer(h: Case, m: Any) -> int:
            low = high = 0
            for rule in rules:
                holds = rule(h, m)
                if holds:
                    high += 1
                    if holds == YES:
                        low += 1
            return YES if low >= minimum else UNKNOWN if high >= minimum else NO

        return answer

    def first_known(self, node: s.FirstKnown, rules: tuple[Answerer, ...]) -> Answerer:
        number = self._alternatives.setdefault(node, next(self._numbers))

        def answer(h: Case, m: Any) -> int:
            if m is None and number in h.told:
                return h.told[number]
            found = UNKNOWN
            for rule in rules:
                holds = rule(h, m)
                if holds == UNKNOWN:
                    continue
                if found not in (UNKNOWN, holds):
                    raise _Conflict
                found = holds
            if m is None:
                h.told[number] = found
            return found

        return answer

    def any_member(self, node: s.AnyMember, rule: Answerer) -> Answerer:
        def answer(h: Case, m: Any) -> int:
            members = h.members
            if not members:
                return UNKNOWN
            most = NO
            for member in members:
                holds = rule(h, member)
                if holds > most:
                    if holds == YES:
                        return YES
                    most = holds
            return most

        return answer

    def indicator(self, node: s.IndicatorRef) -> Answerer:
        name = node.name
        return lambda h, m: h.codes[name]


def _fixed(value: s.Value) -> int | None:
    """Return the whole number that a value always is, if it is one."""
    if isinstance(value, s.Constant):
        number: Number = value.value
    elif isinstance(value, s.Amount) and value.by is None and value.cases[0][1] == value.cases[0][2]:
        number = value.cases[0][1]
    else:
        return None
    return number if isinstance(number, int) else None


def _column_against(column: s.Column, operator: Operator, fixed: int) -> Answerer:
    """Compare an answer with a whole number: most of what is asked of members, so without detours."""
    name = column.name
    if column.own_level == "member":
        by_operator: dict[Operator, Answerer] = {
            Operator.LESS: lambda h, m: UNKNOWN if (value := m[name]) is None else YES if value < fixed else NO,
            Operator.AT_MOST: lambda h, m: UNKNOWN if (value := m[name]) is None else YES if value <= fixed else NO,
            Operator.MORE: lambda h, m: UNKNOWN if (value := m[name]) is None else YES if value > fixed else NO,
            Operator.AT_LEAST: lambda h, m: UNKNOWN if (value := m[name]) is None else YES if value >= fixed else NO,
        }
        return by_operator[operator]
    holds = operator.holds

    def answer(h: Case, m: Any) -> int:
        value = h.answers[name]
        if value is None:
            return UNKNOWN
        return YES if holds(value, fixed) else NO

    return answer


class _Conflict(Exception):
    """Two ways of asking the same thing gave contradicting answers."""


def _ends(value: Any) -> tuple[Any, Any]:
    return value if type(value) is tuple else (value, value)


def _times(a: Any, b: Any) -> Any:
    """Multiply exactly; beside a float, by a fraction's two whole numbers in turn, as arrays do."""
    if type(a) is float and type(b) is Fraction:
        return a * b.numerator / b.denominator
    if type(b) is float and type(a) is Fraction:
        return a.numerator * b / a.denominator
    return a * b


def _below(a: Any, b: Any, strict: bool) -> bool:
    """Compare exactly; beside a float, a fraction is its nearest double, as everywhere in the library."""
    if type(a) is float and type(b) is Fraction:
        b = float(b)
    elif type(b) is float and type(a) is Fraction:
        a = float(a)
    return bool(a < b) if strict else bool(a <= b)


# ---------------------------------------------------------------------------------------------- reading a record

_FLAGS = {True: YES, False: NO, None: UNKNOWN}


def _flag_reader(field: Field) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if _hashable(value) and value in _FLAGS:
            return _FLAGS[value]
        raise ValueError

    return read


def _code_reader(field: Field) -> Callable[[Any], Any]:
    known = _known_codes(field)

    def read(value: Any) -> Any:
        if _hashable(value) and value in known:
            return known[value]
        if not field.codes and isinstance(value, str):
            return value
        raise ValueError

    return read


def _known_codes(field: Field) -> dict[Any, Any]:
    return {code.id: code.id for code in field.codes} | {None: None}


def _hashable(value: Any) -> bool:
    return getattr(value, "__hash__", None) is not None


def _bounds(field: Field) -> tuple[float | Number, float | Number]:
    """Return between what an answer is, both included."""
    return (
        float("-inf") if field.minimum is None else field.minimum,
        float("inf") if field.maximum is None else field.maximum,
    )


def _number_reader(field: Field) -> Callable[[Any], Any]:
    minimum, maximum = _bounds(field)
    whole = field.kind == "count"

    def read(value: Any) -> Any:
        if is_missing(value):
            return None
        number = _plain_number(value)
        if not minimum <= number <= maximum or number in (float("inf"), float("-inf")):
            raise ValueError
        if number == int(number):
            return int(number) if whole or isinstance(value, Decimal) else number
        if whole:
            raise ValueError
        return number

    return read


def _plain_number(value: Any) -> int | float:
    """Return numpy's scalars and decimals as Python's numbers; text and flags are none."""
    if isinstance(value, str):
        value = from_text(value)
    if value is None or isinstance(value, bool):
        raise ValueError
    if isinstance(value, float | int):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if hasattr(value, "dtype") and hasattr(value, "item"):
        plain = value.item()
        if isinstance(plain, float | int) and not isinstance(plain, bool):
            return plain
    raise ValueError


_READERS: dict[str, Callable[[Field], Callable[[Any], Any]]] = {
    "flag": _flag_reader,
    "code": _code_reader,
    "count": _number_reader,
    "number": _number_reader,
    "money": _number_reader,
}


@frozen(eq=False)
class Readers:
    """How the answers of one level are read: all at once where each is plain, one by one where any isn't.

    ``known`` are the names that answers of the level may have, whether a rule reads them or not.
    """

    known: frozenset[str]
    every: tuple[tuple[str, Callable[[Any], Any]], ...]
    tables: tuple[tuple[str, dict[Any, Any]], ...]
    numbers: tuple[tuple[str, float | Number, float | Number, Callable[[Any], Any]], ...]

    def read(self, answers: Mapping[str, Any], wrong: Callable[[str, Any], None]) -> dict[str, Any]:
        """Return the answers as the rules read them, calling ``wrong`` with each that can't be one."""
        get = answers.get
        try:
            read = {name: table[get(name)] for name, table in self.tables}
            for name, least, most, number in self.numbers:
                value = get(name)
                read[name] = value if type(value) is int and least <= value <= most else number(value)
            return read
        except (KeyError, TypeError, ValueError, ArithmeticError):
            read = {}
        for name, reader in self.every:
            try:
                read[name] = reader(None if is_missing(get(name)) else get(name))
            except (ValueError, TypeError, ArithmeticError):
                wrong(name, answers[name])
        return read


@frozen(eq=False)
class Compiled:
    """A program as functions, and the readers of the answers that it needs.

    ``alternatives`` and ``of_members`` are the ways of asking the same thing, of the household and of each member: all
    are asked, whether the class hangs on them or not, so that no contradiction is passed over.
    """

    household: Readers
    member: Readers
    indicators: tuple[tuple[str, Answerer], ...]
    categories: tuple[tuple[str, Answerer], ...]
    alternatives: tuple[Answerer, ...]
    of_members: tuple[Answerer, ...]
    algebra: _Python


@lru_cache(maxsize=256)
def compile_program(program: Program) -> Compiled:
    """Turn a program into functions."""
    needed = dict.fromkeys([*program.reads, ("household", s.SIZE)])
    fields = [(level, program.field(level, name)) for level, name in needed]
    algebra = _Python(program)
    found = dict.fromkeys(each for _, rule in program.rules for each in _alternatives(rule))
    return Compiled(
        household=_readers("household", program, (field for level, field in fields if level == "household")),
        member=_readers("member", program, (field for level, field in fields if level == "member")),
        indicators=tuple((name, rule.fold(algebra)) for name, rule in program.indicators),
        categories=tuple((name, rule.fold(algebra)) for name, rule in program.categories),
        alternatives=tuple(node.fold(algebra) for lifted, node in found if not lifted),
        of_members=tuple(node.fold(algebra) for lifted, node in found if lifted),
        algebra=algebra,
    )


def _alternatives(node: s.Node, lifted: bool = False) -> Iterator[tuple[bool, s.FirstKnown]]:
    """Yield the alternatives of a rule, and whether they are asked of each member."""
    if isinstance(node, s.FirstKnown):
        yield lifted, node
    for part in node.parts:
        yield from _alternatives(part, lifted or isinstance(node, s.AnyMember | s.CountMembers))


def _readers(own: Level, program: Program, fields: Iterable[Field]) -> Readers:
    listed = list(fields)
    asked = [field.id for field in program.fields.values() if field.level == own]
    asked += [name for level, name in program.asked_elsewhere if level == own]
    return Readers(
        known=frozenset((KEY, *asked, *(field.id for field in listed))),
        every=tuple((field.id, _READERS[field.kind](field)) for field in listed),
        tables=tuple(
            (field.id, _FLAGS if field.kind == "flag" else _known_codes(field))
            for field in listed
            if field.kind in ("flag", "code")
        ),
        numbers=tuple((f.id, *_bounds(f), _number_reader(f)) for f in listed if f.kind not in ("flag", "code")),
    )


def read_record(
    program: Program,
    record: Mapping[str, Any],
    members: Sequence[Mapping[str, Any]] | None,
    unknown_keys: UnknownKeys = "error",
) -> Case:
    """Read one household's answers, or raise everything that is wrong with them at once."""
    _refuse_shapes(record, members)
    compiled = compile_program(program)
    problems: list[Problem] = []
    if unknown_keys not in ("error", "ignore"):
        raise SpecError(f'unknown_keys is "error" or "ignore", not {unknown_keys!r}')
    if unknown_keys == "error":
        people = compiled.member.known.issuperset
        if not compiled.household.known.issuperset(record) or not all(map(people, members or ())):
            problems += _unknown_keys(program, compiled, record, members or ())

    def wrong_answer(name: str, value: Any) -> None:
        _note(problems, program, "household", name, Place(record.get(KEY)), value)

    case = Case(compiled.household.read(record, wrong_answer), key=record.get(KEY))
    for position, answers in enumerate(members or (), start=1):

        def wrong(name: str, value: Any, position: int = position) -> None:
            _note(problems, program, "member", name, Place(member=position), value)

        case.members.append(compiled.member.read(answers, wrong))
    if case.members:
        stated = case.answers.get(s.SIZE)
        if stated is not None and stated != len(case.members):
            details = {"stated": stated, "counted": len(case.members)}
            problems.append(_of_household("size_stated", s.SIZE, case.key, details))
        case.answers[s.SIZE] = len(case.members)
    if problems:
        raise BadValues(problems)
    return case


_DICTS: Final = frozenset({dict})


def _refuse_shapes(record: Any, members: Any) -> None:
    """Raise an error if the answers aren't mappings, as forms send them."""
    if (
        type(record) is dict
        and (members is None or type(members) is list)
        and _DICTS.issuperset(map(type, members or ()))
    ):
        return  # what nearly all forms send, told quickly
    if not isinstance(record, Mapping):
        raise BadTable(
            f"one household's answers are a mapping such as {{'area': 'rural'}}, not {shown_kind(record)}; for a table "
            "of households use classify"
        )
    if members is None:
        return
    if isinstance(members, Mapping | str | bytes) or not isinstance(members, Sequence):
        raise BadTable(f"the members are a list of mappings, one for each person, not {shown_kind(members)}")
    for position, member in enumerate(members, start=1):
        if not isinstance(member, Mapping):
            raise BadTable(f"member {position}'s answers are a mapping, not {shown_kind(member)}")


def _unknown_keys(
    program: Program, compiled: Compiled, record: Mapping[str, Any], members: Sequence[Mapping[str, Any]]
) -> list[Problem]:
    """Find names that no answer has, such as mistyped ones: they would be as if nobody had answered."""
    strange: dict[tuple[Level, str], list[Place]] = {}
    for key in record.keys() - compiled.household.known:
        strange.setdefault(("household", str(key)), []).append(Place(record.get(KEY)))
    for position, answers in enumerate(members, start=1):
        for key in answers.keys() - compiled.member.known:
            strange.setdefault(("member", str(key)), []).append(Place(member=position))
    problems = []
    for (level, name), places in sorted(strange.items()):
        own, other = (compiled.household, compiled.member)[:: 1 if level == "household" else -1]
        details: dict[str, Any] = {}
        if level == "household" and name in program.given_fields:
            code = "key_not_given"
        elif name in other.known:
            code = "key_of_member" if level == "household" else "key_of_household"
        else:
            code, details = "unknown_key", {"meant": nearest(name, sorted(own.known))}
        first = tuple(filter(None, (place.text() for place in places[:5])))
        table = "households" if level == "household" else "members"
        problems.append(
            Problem.of(code, name, details, rows=len(places), first=first, places=tuple(places[:5]), table=table)
        )
    return problems


def _note(problems: list[Problem], program: Program, level: Level, name: str, place: Place, value: Any) -> None:
    table = "households" if level == "household" else "members"
    keys = tuple(filter(None, (place.text(),)))
    for position, problem in enumerate(problems):
        if (problem.column, problem.table) == (name, table):
            first, places = (*problem.first, *keys)[:5], (*problem.places, place)[:5]
            problems[position] = evolve(problem, rows=problem.rows + 1, first=first, places=places)
            return
    field = program.field(level, name)
    details = refused([value], field, [code.id for code in field.codes])
    also: dict[str, Any] = {"needed_by": program.readers.get((level, name), ()), "table": table, "field": name}
    problems.append(Problem.of("not_an_answer", name, details, rows=1, first=keys, places=(place,), **also))


def _of_household(code: str, name: str, key: Any, details: Mapping[str, Any] | None = None) -> Problem:
    """Say what is wrong with the household's answers as a whole."""
    first = () if key is None else (str(key),)
    return Problem.of(code, name, details, rows=1, first=first, places=(Place(key),), field=name)


def run(
    program: Program,
    record: Mapping[str, Any],
    members: Sequence[Mapping[str, Any]] | None,
    unknown_keys: UnknownKeys = "error",
) -> Case:
    """Read one household and ask what the indicators say of it."""
    case = read_record(program, record, members, unknown_keys)
    compiled = compile_program(program)
    try:
        case.codes = {name: answer(case, None) for name, answer in compiled.indicators}
        for answer in compiled.alternatives:
            answer(case, None)
        for answer in compiled.of_members:
            for member in case.members:
                answer(case, member)
    except _Conflict:
        raise BadValues([_of_household("contradiction", ", ".join(program.ways), case.key)]) from None
    return case


def possible_classes(program: Program, case: Case) -> tuple[str, ...]:
    """Return the classes that may be the first that holds.

    Raises
    ------
    StandardError
        If no class can hold: the classes leave something out.
    """
    possible = first_that_holds(compile_program(program).categories, case)
    if not possible:
        raise no_class(program, 1)
    return possible


def first_that_holds(categories: tuple[tuple[str, Answerer], ...], case: Case) -> tuple[str, ...]:
    """Return the classes that may be the first that holds: none after one that surely does."""
    possible = []
    for name, answer in categories:
        holds = answer(case, None)
        if holds:
            possible.append(name)
            if holds == YES:
                break
    return tuple(possible)
