"""Proof that a standard is sound: strategies for its answers, and one check of everything that can be checked.

Needs the ``testing`` extra (hypothesis).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import partial
from typing import Any, Literal

from attrs import frozen

from mdpoverty.doors import door
from mdpoverty.engine.record import compile_program, run
from mdpoverty.errors import BadValues, StandardError
from mdpoverty.extras import need
from mdpoverty.law.fields import Field
from mdpoverty.law.program import Program, reads
from mdpoverty.numbers import Level, Number
from mdpoverty.rules import nodes as s
from mdpoverty.standard import Standard
from mdpoverty.ternary import UNKNOWN, YES

try:
    from hypothesis import HealthCheck, assume, given, settings
    from hypothesis import strategies as st
except ImportError:
    need("hypothesis", "testing", "Testing standards")  # an error that names the extra
    raise

__all__ = ["Record", "boundaries", "check_standard", "records"]


@frozen
class Record:
    """Made-up answers of one household and its members, as :meth:`mdpoverty.Standard.assess` takes them."""

    household: dict[str, Any]
    members: list[dict[str, Any]]


@door
def records(standard: Standard, *, gaps: bool = True, most_members: int = 4) -> st.SearchStrategy[Record]:
    """Return a strategy for answers that a standard reads, many of them exactly at a threshold or one beside it.

    Parameters
    ----------
    standard : Standard
        Whose answers.
    gaps : bool
        Whether answers may be missing, and a household may have no member rows.
    most_members : int
        How many members there are at most.

    Examples
    --------
    >>> import mdpoverty as mdp
    >>> from hypothesis import find
    >>> scores = mdp.standards["vn-2022-scores"]
    >>> line = scores.thresholds["points_a"]["rural"]
    >>> find(records(scores, gaps=False), lambda it: it.household["points_a"] == line).household["area"]
    'rural'
    """
    needed = _needed(standard)
    household = {f.id: _answers(standard, f) for f in needed["household"] if f.id != s.SIZE}
    member = {f.id: _answers(standard, f) for f in needed["member"]}
    if gaps:
        household = {name: st.none() | values for name, values in household.items()}
        member = {name: st.none() | values for name, values in member.items()}
    people = st.lists(st.fixed_dictionaries(member), min_size=0 if gaps else 1, max_size=most_members)
    sizes = st.integers(1, 8) if not gaps else st.none() | st.integers(1, 8)

    ways = _ways(standard)

    def whole(answers: dict[str, Any], its: list[dict[str, Any]], size: int | None, chosen: tuple[int, ...]) -> Record:
        other = [names for way, each in zip(chosen, ways, strict=True) for i, names in enumerate(each) if i != way]
        unasked = dict.fromkeys(name for names in other for name in names)
        return Record({**answers, **unasked, s.SIZE: len(its) if its else size}, its)

    chosen = st.tuples(*(st.integers(0, len(each) - 1) for each in ways))
    made = st.builds(whole, st.fixed_dictionaries(household), people if member else st.just([]), sizes, chosen)
    return made.filter(lambda record: _readable(standard, record))


@door
def boundaries(standard: Standard) -> Iterator[tuple[s.Compare, str | None, Number]]:
    """Return every comparison with a threshold in a standard, with each code and amount that it is made with.

    >>> import mdpoverty as mdp
    >>> [(code, amount) for _, code, amount in boundaries(mdp.standards["vn-2022-scores"])][:3]
    [('rural', 140), ('urban', 175), (None, 30)]
    """
    return _boundaries(standard.program())


def _boundaries(program: Program) -> Iterator[tuple[s.Compare, str | None, Number]]:
    seen: set[s.Compare] = set()
    for _, rule in (*program.categories, *program.indicators):
        for node in rule.walk():
            if isinstance(node, s.Compare) and node not in seen:
                seen.add(node)
                for part in node.right.walk():
                    if isinstance(part, s.Amount) and part.name:
                        for step in part.steps:
                            yield from ((node, code, amount) for code, amount in step.amounts)


@door
def check_standard(
    standard: Standard,
    *,
    better: Mapping[str, Literal["more", "less"]] | None = None,
    ordered: bool = True,
    examples: int = 300,
) -> None:
    """Check that a standard is sound, on made-up answers: a test of a country's own standard in one line.

    - *total*: with every answer given, some class holds; with answers missing, some is possible;
    - *exclusive*: never two;
    - *ordered*: the classes go from worst to best: another deprivation never makes a household's class better;
    - *monotone*: for each answer in ``better``, more (or less) of it never makes the class worse;
    - *settled classes stay*: filling a gap never contradicts a class that was settled;
    - *cited*: each threshold, indicator, dimension and class names its instrument, and quotes it or says why not;
    - *told in both languages*, and *the same after JSON*.

    Parameters
    ----------
    standard : Standard
        What to check.
    better : mapping, optional
        The household's answers that are better when there is more of them (``{"income": "more"}``) or less.
    ordered : bool
        Whether the classes are in order from worst to best.
    examples : int
        How many made-up households to try for each check.

    Raises
    ------
    AssertionError
        With the first household that shows that something is wrong, made as small as can be.

    Examples
    --------
    >>> import mdpoverty as mdp
    >>> check_standard(mdp.standards["vn-2022"], better={"income": "more"}, examples=20)
    """
    _check_cited(standard)
    assert Standard.from_json(standard.to_json()) == standard, "it isn't the same after JSON"
    whole, partly, data = records(standard, gaps=False), records(standard), st.data()
    _try(examples, partial(_check_one_class, standard), whole)
    _try(examples, partial(_check_gaps, standard), partly, data)
    if ordered and standard.indicators:
        _try(examples, partial(_check_order, standard), whole, data)
    for name, direction in (better or {}).items():
        check = partial(_check_better, standard, name, direction)
        _try(examples, check, whole, _answers(standard, standard.fields[name]))


def _try(examples: int, check: Callable[..., None], *strategies: st.SearchStrategy[Any]) -> None:
    slow = [HealthCheck.too_slow, HealthCheck.filter_too_much]

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=slow)
    @given(st.tuples(*strategies))
    def run(drawn: tuple[Any, ...]) -> None:
        check(*drawn)

    run()


# ------------------------------------------------------------------------------------------------------ checks


def _check_cited(standard: Standard) -> None:
    parts: list[Any] = [standard, *standard.thresholds.values(), *standard.dimensions.values()]
    parts += [*standard.indicators.values(), *standard.categories.values()]
    for part in parts:
        citation = part.citation
        assert citation.instrument.strip(), f"{part.id!r} names no instrument"
        if part is not standard and part.id not in standard.dimensions:
            assert citation.words or citation.note, f"{part.id!r} neither quotes its instrument nor says why not"
    labels = [(part.id, getattr(part, "label", None) or standard.title) for part in parts]
    labels += [(gap.id, gap.text) for gap in standard.gaps]
    labels += [(f.id, text) for f in standard.fields.values() for text in (f.label, f.question)]
    labels += [(code.id, code.label) for f in standard.fields.values() for code in f.codes]
    for name, label in labels:
        assert label.vi.strip(), f"{name!r} has no Vietnamese"
        assert label.en.strip(), f"{name!r} has no English"


def _classes(standard: Standard, record: Record, given: tuple[str, ...] = ()) -> dict[str, int]:
    """Return 0, 1 or 2 for every class, without stopping at the first that holds."""
    program = standard.program(None, given)
    case = run(program, record.household, record.members, "ignore")
    return {name: answer(case, None) for name, answer in compile_program(program).categories}


def _check_one_class(standard: Standard, record: Record) -> None:
    classes = _classes(standard, record)
    holding = [name for name, answer in classes.items() if answer == YES]
    assert len(holding) <= 1, f"{record} is in several classes: {', '.join(holding)}"
    if UNKNOWN not in classes.values():  # amounts that change with the day may leave one open
        assert holding, f"{record} is in no class"


def _possible(standard: Standard, record: Record, given: tuple[str, ...] = ()) -> tuple[str, ...]:
    verdict = standard.assess(
        record.household, record.members, given=given, unknown_keys="ignore", provisional=True
    )  # records have flags of indicators that aren't given
    return verdict.possible


def _check_gaps(standard: Standard, record: Record, data: st.DataObject) -> None:
    before = _possible(standard, record)
    assert before, f"{record} can be in no class"
    fields = {(f.level, f.id): f for level in _needed(standard).values() for f in level}
    places: list[tuple[Level, dict[str, Any]]] = [
        ("household", record.household),
        *(("member", member) for member in record.members),
    ]
    open_ = [
        (its, name, fields[level, name])
        for level, its in places
        for name in its
        if its[name] is None and name != s.SIZE
    ]
    if not open_:
        return
    its, name, field = data.draw(st.sampled_from(open_))
    its[name] = data.draw(_answers(standard, field))
    assume(_readable(standard, record))
    after = _possible(standard, record)
    assert set(after) <= set(before), f"answering {name!r} made {after} of {before}: {record}"


def _check_order(standard: Standard, record: Record, data: st.DataObject) -> None:
    names = tuple(standard.indicators)
    lacking = data.draw(st.fixed_dictionaries({name: st.booleans() for name in names}))
    better = Record({**record.household, **lacking}, record.members)
    more = data.draw(st.sampled_from(names))
    worse = Record({**better.household, more: True}, record.members)
    ranks = [_rank(standard, each, names) for each in (worse, better)]
    assert None in ranks or ranks[0] <= ranks[1], f"deprived in {more!r} too, {better} is in a better class"


def _check_better(standard: Standard, name: str, direction: str, record: Record, value: Any) -> None:
    assume(record.household[name] is not None)
    other = Record({**record.household, name: value}, record.members)
    assume(_readable(standard, other))
    pair = sorted((record, other), key=lambda each: each.household[name], reverse=direction == "less")
    ranks = [_rank(standard, each) for each in pair]
    assert None in ranks or ranks[0] <= ranks[1], f"{direction} {name!r} puts a household into a worse class: {pair}"


def _rank(standard: Standard, record: Record, given: tuple[str, ...] = ()) -> Any:
    possible = _possible(standard, record, given)
    return list(standard.categories).index(possible[0]) if len(possible) == 1 else None


# -------------------------------------------------------------------------------------------------- made-up answers


def _needed(standard: Standard) -> dict[Level, list[Field]]:
    read, fields = standard.program().reads, standard.fields.values()
    return {
        level: [f for f in fields if f.level == level and (level, f.id) in read] for level in ("household", "member")
    }


def _ways(standard: Standard) -> list[list[set[str]]]:
    """Return, for each thing that may be asked in several ways, the answers that only one way reads.

    A made-up household answers in one way, as people do; two would contradict each other most of the time.
    """
    program = standard.program()
    asked = {node for _, rule in program.categories for node in rule.walk() if isinstance(node, s.FirstKnown)}
    found: list[list[set[str]]] = []
    for node in sorted(asked, key=repr):
        read = [{name for level, name in reads(rule) if level == "household"} for rule in node.rules]
        alone = [names - set().union(*(other for other in read if other is not names)) for names in read]
        if alone not in found:  # the same question about another line is answered in the same way
            found.append(alone)
    return found


def _readable(standard: Standard, record: Record) -> bool:
    """Return whether the answers don't contradict each other, as two ways of giving income can."""
    try:
        standard.assess(record.household, record.members, unknown_keys="ignore", provisional=True)
    except BadValues:
        return False
    except StandardError:  # in no class, which is for the checks to find
        return True
    return True


def _answers(standard: Standard, field: Field) -> st.SearchStrategy[Any]:
    if field.kind == "flag":
        return st.booleans()
    if field.kind == "code":
        return st.sampled_from([code.id for code in field.codes])
    low = 0 if field.minimum is None else field.minimum
    high = 10**9 if field.maximum is None else field.maximum
    near = {amount + step for amount in _amounts(standard, field) for step in (-1, 0, 1)}
    believable = sorted(int(value) for value in near if low <= value <= high and Fraction(value).denominator == 1)
    anything = st.integers(int(low), int(min(high, max([*believable, 100]) * 2)))
    return st.sampled_from(believable) | anything if believable else anything


def _amounts(standard: Standard, field: Field) -> set[Number]:
    """Return the amounts that an answer is compared with somewhere, and their multiples by a household's size."""
    found: set[Number] = set()
    for compared, _, amount in boundaries(standard):
        if any(isinstance(node, s.Column) and node.name == field.id for node in compared.left.walk()):
            times = range(1, 9) if any(n == s.Column(s.SIZE, "household") for n in compared.right.walk()) else (1,)
            found.update(amount * n for n in times)
    return found
