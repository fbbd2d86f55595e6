"""Expressions of SQL as text: names, numbers, intervals, and how they are put together and broken into lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import lcm
from typing import TypeAlias

from attrs import frozen

from mdpoverty.numbers import Number, Operator, machine
from mdpoverty.rules import nodes as s

# How tightly SQL binds, loosest first: a part that binds looser than its place needs brackets.
OR, AND, NOT, COMPARE, SUM, PRODUCT, ATOM = range(7)
Text: TypeAlias = tuple[str, int]
End: TypeAlias = int | Text

LONG = 32  # characters of an expression from which on it is named rather than repeated
WIDE = 100  # characters of a line
# the words of which DuckDB allows no plain use as a name
_RESERVED = frozenset(
    re.findall(
        r"\w+",
        """
        all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create
        default deferrable desc describe distinct do else end except false fetch for foreign from group having in
        initially intersect into lambda lateral leading limit not null offset on only or order pivot placing primary
        qualify references returning select show some summarize symmetric table then to trailing true union unique
        unpivot using variadic when where window with
        """,
    )
)


@frozen
class Range:
    """A number between ``low / scale`` and ``high / scale``; NULL where not even that is known."""

    low: End
    high: End
    scale: int = 1
    floating: bool = False
    positive: bool = False

    @property
    def exact(self) -> bool:
        """Whether both ends are one."""
        return self.low == self.high


def quoted(name: str) -> str:
    """Return a name as SQL writes it: in quotes unless it is a plain word.

    >>> quoted("age"), quoted("Thu nhập"), quoted("order")
    ('age', '"Thu nhập"', '"order"')
    """
    plain = re.fullmatch(r"[a-z_][a-z0-9_]*", name) and name not in _RESERVED
    return name if plain else '"' + name.replace('"', '""') + '"'


def text_literal(value: str) -> str:
    """Return text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"


def number_literal(value: Number) -> str:
    """Write a number as data hold it: a fraction as its nearest double, never as a decimal of SQL's own rounding."""
    number = machine(value)
    written = repr(number)
    return written if isinstance(number, int) or "e" in written else f"{written}e0"


def tight(text: Text, needed: int) -> str:
    """Return an expression in brackets where its place asks for them."""
    return text[0] if text[1] >= needed else f"({text[0]})"


def written(side: End) -> Text:
    """Return one side of a number as an expression."""
    return (str(side), ATOM if side >= 0 else PRODUCT) if isinstance(side, int) else side


def times(a: End, b: End) -> End:
    """Return a product, computed where it can be."""
    if isinstance(a, int) and isinstance(b, int):
        return a * b
    if a == 1 or b == 1:
        return b if a == 1 else a
    return f"{tight(written(a), PRODUCT)} * {tight(written(b), ATOM)}", PRODUCT


def plus(a: End, b: End) -> End:
    """Return a sum, computed where it can be."""
    if isinstance(a, int) and isinstance(b, int):
        return a + b
    if a == 0 or b == 0:
        return b if a == 0 else a
    return f"{tight(written(a), SUM)} + {tight(written(b), PRODUCT)}", SUM


def added(a: Range, b: Range) -> Range:
    """Return the sum of two numbers."""
    a, b = same_scale(a, b)
    floating = a.floating or b.floating
    low = plus(a.low, b.low)
    return Range(low, low if a.exact and b.exact else plus(a.high, b.high), a.scale, floating)


def same_scale(a: Range, b: Range) -> tuple[Range, Range]:
    """Bring two numbers to one scale: exactly in integers; beside doubles, a fraction is its nearest double."""
    if a.scale == b.scale:
        return a, b
    if a.floating or b.floating:
        return _divided(a), _divided(b)
    scale = lcm(a.scale, b.scale)
    return tuple(  # type: ignore[return-value]  # two go in
        Range(times(x.low, scale // x.scale), times(x.high, scale // x.scale), scale) for x in (a, b)
    )


def _divided(interval: Range) -> Range:
    def side(value: End) -> End:
        if isinstance(value, int):
            return _literal_of(value / interval.scale)
        return f"{tight(value, ATOM)} / {interval.scale}", PRODUCT

    if interval.scale == 1:
        return interval
    return Range(side(interval.low), side(interval.high), 1, True)


def _literal_of(value: float) -> Text:
    written = repr(value)
    return written if "e" in written else f"{written}e0", ATOM if value >= 0 else PRODUCT


def denominators(node: s.Amount) -> list[int]:
    """Return the denominators of all that an amount may be."""
    return [number.denominator for case in node.cases for number in case[1:]]


def fixed(low: Number, high: Number) -> Range:
    """Return a number that lies between two known ones."""
    scale = lcm(low.denominator, high.denominator)
    return Range(int(low * scale), int(high * scale), scale, positive=low >= 0)


def worth_of(holds: Text, worth: End, outwards: str) -> End:
    """Return what a rule adds to a sum at least (outwards is "<") or at most (">")."""
    rule = tight(holds, SUM)
    if isinstance(worth, int):
        widens = worth < 0 if outwards == "<" else worth > 0
        return f"CASE WHEN {f'{rule} IS NOT FALSE' if widens else holds[0]} THEN {worth} ELSE 0 END", ATOM
    text = tight(worth, PRODUCT)
    # a product, since least(NULL, 0) would be 0
    perhaps = f"WHEN {rule} IS NULL THEN {text} * ({worth[0]} {outwards} 0)::INT"
    return f"CASE WHEN {holds[0]} THEN {worth[0]} {perhaps} ELSE 0 END", ATOM


def compared(a: Range, operator: Operator, b: Range) -> Text:
    """Return a comparison; with an interval, one that is known only where the whole interval agrees."""
    hard, easy = ((a.high, b.low), (a.low, b.high)) if operator in ("<", "<=") else ((a.low, b.high), (a.high, b.low))

    def text(pair: tuple[End, End], sign: str) -> str:
        return f"{tight(written(pair[0]), SUM)} {sign} {tight(written(pair[1]), SUM)}"

    if hard == easy:
        return text(hard, operator), COMPARE
    return three_valued(text(hard, operator), text(easy, operator.opposite))


def three_valued(sure: str, excluded: str) -> Text:
    """Return what is TRUE in one case, FALSE in another, and not known otherwise."""
    return f"CASE WHEN {sure} THEN TRUE WHEN {excluded} THEN FALSE END", ATOM


def joined(word: str, bind: int, parts: list[str]) -> Text:
    """Join conditions, on several lines where one would be too long."""
    line = f" {word} ".join(parts)
    if len(line) <= WIDE and "\n" not in line:
        return line, bind
    return f"\n{word} ".join(part.replace("\n", "\n  ") for part in parts), bind


def comment_lines(text: str, indent: str = "") -> str:
    """Return a comment in lines of a readable width."""
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + len(word) > WIDE:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return "".join(f"{indent}-- {each}\n" for each in (*lines, line) if each)


def items(columns: Iterable[tuple[str, str, str]]) -> str:
    """Return the columns of a SELECT, one below the other, each with its comment above."""
    items = []
    for name, text, comment in columns:
        expression = _broken(text).replace("\n", "\n      ")
        items.append(f"{comment_lines(comment, '    ')}    {expression} AS {quoted(name)}")
    return ",\n".join(items)


def _broken(text: str) -> str:
    """Break a long line before its alternatives or terms, never inside quotes."""
    if len(text) <= WIDE or "\n" in text:
        return text
    parts = re.split(r"('(?:[^']|'')*')", text)
    parts[::2] = [re.sub(r" (?=WHEN |ELSE |\+ \()", "\n", part) for part in parts[::2]]
    return "".join(parts)
