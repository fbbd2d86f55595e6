"""What a standard can hardly mean: a line of 1.8 đồng, a class that nobody can reach."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, Final

from mdpoverty.engine import record
from mdpoverty.errors import BadValues, StandardError
from mdpoverty.law.fields import Label
from mdpoverty.law.law import Law
from mdpoverty.numbers import Number

_SMALL: Final = 10_000  # no monthly amount of money in đồng is below it
_MOST: Final = 5_000  # households to try at most
_FAR: Final = (2, 10, 100)  # times the highest line: amounts that are far above all


def doubts(law: Law) -> tuple[Label, ...]:
    """Return what a law can hardly mean: amounts of money that are too small, and classes that nobody can reach."""
    return (*_amounts(law), *_classes(law))


def _amounts(law: Law) -> Iterator[Label]:
    for threshold in law.thresholds.values():
        if not threshold.unit.startswith("VND"):
            continue
        small = {amount for step in threshold.steps for _, amount in step.amounts if 0 < amount < _SMALL}
        if small:
            shown = ", ".join(f"{float(amount):g}" for amount in sorted(small))
            yield Label(
                f"{threshold.id}: {shown} đồng? Số tiền tính bằng đồng: 1,8 triệu là 1800000",
                f"{threshold.id}: {shown} đồng? Amounts are in đồng: 1.8 million is 1800000",
            )


def _classes(law: Law) -> Iterator[Label]:
    """Yield the classes that none of many households can be in, whatever else is true of them."""
    program = law.program(given="all")
    fields = {name: law.fields[name] for level, name in program.reads if level == "household" and name in law.fields}
    lines: dict[str, list[Number]] = {}
    for threshold in law.thresholds.values():
        lines.setdefault(threshold.unit, []).extend(amount for step in threshold.steps for _, amount in step.amounts)
    deciding = {threshold.by for threshold in law.thresholds.values()}
    tried: dict[str, list[Any]] = {}
    for name, field in fields.items():
        if field.kind == "code" and name in deciding:
            tried[name] = [code.id for code in field.codes]
        elif field.kind == "money" and field.unit in lines:
            found = sorted(set(lines[field.unit]))
            beside = (line + step for line in found for step in (-1, 0, 1) if line + step > 0)
            tried[name] = list(dict.fromkeys((0, *beside, *(times * found[-1] for times in _FAR))))
    ways = [name for name in program.ways[1:] if name in tried]
    for name in ways:  # the same thing asked in another way
        del tried[name]
    households = 1
    for values in tried.values():
        households *= len(values)
    if not tried or households > _MOST:
        return
    possible: set[str] = set()
    for answers in product(*tried.values()):
        try:
            case = record.run(program, dict(zip(tried, answers, strict=True)), None)
            possible.update(record.possible_classes(program, case))
        except (BadValues, StandardError):
            return
        if len(possible) == len(law.categories):
            return
    for category in law.categories.values():
        if category.id not in possible:
            yield Label(
                f"không hộ nào có thể thuộc loại {category.label.vi!r}: hãy xem lại các mức ({category.id})",
                f"nobody can be in the class {category.label.en!r}: look at the amounts again ({category.id})",
            )
