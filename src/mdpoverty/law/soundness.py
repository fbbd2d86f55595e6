"""What a standard must be like to be applied at all: checked whenever one is made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mdpoverty.errors import MdpovertyError
from mdpoverty.rules.nodes import Amount, Deprivations, IndicatorRef, IsIn, Rule

if TYPE_CHECKING:
    from mdpoverty.standard import Standard


def problems(standard: Standard) -> list[str]:
    """Return everything that is wrong with the standard's parts as they stand to each other."""
    return [*_spans(standard), *_parts(standard), *_rules(standard)]


def _spans(standard: Standard) -> Iterator[str]:
    if standard.until is not None and standard.until < standard.in_force:
        yield f"it ends on {standard.until}, before it begins on {standard.in_force}"
    if not standard.categories:
        yield "it has no class to put a household into"


def _parts(standard: Standard) -> Iterator[str]:
    for indicator in standard.indicators.values():
        if indicator.dimension not in standard.dimensions:
            yield f"indicator {indicator.id!r} belongs to {indicator.dimension!r}, which is none of its dimensions"
        if indicator.weight < 0:
            yield f"indicator {indicator.id!r} has a negative weight"
    for threshold in standard.thresholds.values():
        if threshold.by and threshold.by not in standard.fields:
            yield f"threshold {threshold.id!r} depends on {threshold.by!r}, which is none of its fields"
        elif threshold.by:
            known = {code.id for code in standard.fields[threshold.by].codes}
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
    for field in standard.fields.values():
        if (field.kind == "code") != bool(field.codes):
            yield f"field {field.id!r} needs codes if it is a code, and only then"


def _rules(standard: Standard) -> Iterator[str]:
    for indicator in standard.indicators.values():
        yield from _rule(standard, f"indicator {indicator.id!r}", indicator.rule, nested=False)
    for category in standard.categories.values():
        yield from _rule(standard, f"class {category.id!r}", category.rule, nested=True)


def _rule(standard: Standard, what: str, rule: Rule, *, nested: bool) -> Iterator[str]:
    from mdpoverty.standard import reads

    if rule.level == "member":
        yield f"{what} speaks of one member: lift its rule with any_member(…)"
        return
    for node in rule.walk():
        if isinstance(node, Amount) and node.name and node.name not in standard.thresholds:
            yield f"{what} names the threshold {node.name!r}, which it doesn't have"
        if isinstance(node, IndicatorRef | Deprivations) and not nested:
            yield f"{what} counts the standard's own indicators, which only a class can"
        if isinstance(node, IndicatorRef) and node.name not in standard.indicators:
            yield f"{what} names the indicator {node.name!r}, which it doesn't have"
        if isinstance(node, Deprivations) and node.dimension and node.dimension not in standard.dimensions:
            yield f"{what} counts in the dimension {node.dimension!r}, which it doesn't have"
    try:
        columns = reads(rule.at("household"))
    except MdpovertyError as error:
        yield f"{what}: {error}"
        return
    for (level, name), kind in columns.items():
        field = standard.fields.get(name)
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
        if isinstance(node, IsIn) and node.column.name in standard.fields:
            known = {code.id for code in standard.fields[node.column.name].codes}
            for code in node.codes:
                if known and code not in known:
                    yield f"{what} matches {node.column.name!r} with {code!r}, which is none of its codes"
