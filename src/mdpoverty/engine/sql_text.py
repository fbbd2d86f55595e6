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
Item: TypeAlias = tuple[str, str, str]
"""A column of a SELECT: its name, its expression and a comment."""

LONG = 32  # characters of an expression from which on it is named rather than repeated
WIDE = 100  # characters of a line
# the words that are no plain names in some place, in DuckDB or in PostgreSQL: a test asks both
_KEYWORDS = frozenset(
    re.findall(
        r"\w+",
        """
        all analyse analyze and anti any array as asc asof asymmetric at authorization between bigint binary bit
        boolean both by case cast char character check coalesce collate collation column columns concurrently
        constraint create cross current_catalog current_date current_role current_schema current_time
        current_timestamp current_user dec decimal default deferrable desc describe distinct do else end except
        exists extract false fetch float for foreign freeze from full generated glob grant greatest group grouping
        grouping_id having ilike in initially inner inout int integer intersect interval into is isnull join json
        json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize
        json_table json_value lambda lateral leading least left like limit localtime localtimestamp map merge_action
        national natural nchar none normalize not notnull null nullif numeric offset on only or order out outer
        overlaps overlay pivot pivot_longer pivot_wider placing position positional precision primary qualify real
        references returning right row select semi session_user setof show similar smallint some struct substring
        summarize symmetric system_user table tablesample then time timestamp to trailing treat trim true try_cast
        tuple union unique unpack unpivot user using values varchar variadic verbose when where window with
        xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize
        xmltable
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
    plain = re.fullmatch(r"[a-z_][a-z0-9_]*", name) and name not in _KEYWORDS
    return name if plain else '"' + name.replace('"', '""') + '"'


def text_literal(value: str) -> str:
    r"""Return text as SQL writes it on one line; a backslash is one whatever the server's settings.

    >>> print(text_literal("chị Hoa's"), text_literal("a\\b"))
    'chị Hoa''s' E'a\\b'
    """
    doubled = value.replace("'", "''")
    if "\\" not in value and "\n" not in value:
        return f"'{doubled}'"
    escaped = doubled.replace("\\", "\\\\").replace("\n", "\\n")
    return f"E'{escaped}'"


def number_literal(value: Number) -> str:
    """Write a number as data hold it: a fraction as its nearest double, never as a decimal of SQL's own rounding."""
    number = machine(value)
    return str(number) if isinstance(number, int) else _literal_of(number)[0]


def tight(text: Text, needed: int) -> str:
    """Return an expression in brackets where its place asks for them."""
    return text[0] if text[1] >= needed else f"({text[0]})"


def written(side: End) -> Text:
    """Return one side of a number as an expression."""
    return (str(side), ATOM if side >= 0 else PRODUCT) if isinstance(side, int) else side


def double(text: Text) -> str:
    """Return an expression as a double: a quotient of whole numbers is cut off in some databases."""
    return f"{tight(text, ATOM)}::FLOAT8"


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
    a, b = (Range(times(x.low, scale // x.scale), times(x.high, scale // x.scale), scale) for x in (a, b))
    return a, b


def _divided(interval: Range) -> Range:
    def side(value: End) -> End:
        if isinstance(value, int):
            return _literal_of(value / interval.scale)
        return f"{double(value)} / {interval.scale}", PRODUCT

    if interval.scale == 1:
        return interval
    return Range(side(interval.low), side(interval.high), 1, True)


def _literal_of(value: float) -> Text:
    written = repr(value)
    return f"{written if 'e' in written else f'{written}e0'}::FLOAT8", ATOM if value >= 0 else PRODUCT


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


_TOKEN = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\w+""")


def layers(columns: Iterable[Item]) -> list[list[Item]]:
    """Part the columns of a SELECT into layers, of which each uses the names of those before it.

    SQL knows no name of a column beside that column. A word that only looks like a name costs a layer, no more.

    >>> layers([("low", "h.x + 1", ""), ("high", "low + 1", ""), ("text", "'high'", "")])
    [[('low', 'h.x + 1', ''), ('text', "'high'", '')], [('high', 'low + 1', '')]]
    """
    depth: dict[str, int] = {}
    found: list[list[Item]] = []
    for column in columns:
        below = 1 + max((depth[word] for word in _TOKEN.findall(column[1]) if word in depth), default=-1)
        depth[quoted(column[0])] = below
        if below == len(found):
            found.append([])
        found[below].append(column)
    return found


_PIECE = re.compile(r"""--[^\n]*|'(?:[^']|'')*'|"(?:[^"]|"")*"|\n""")


def indented(text: str, by: str = "  ") -> str:
    r"""Move the lines of an expression to the right, all but the first; a line's end in a name isn't one.

    >>> indented('SELECT\nx, "a\nb"')
    'SELECT\n  x, "a\nb"'
    """
    return _PIECE.sub(lambda found: f"\n{by}" if found.group() == "\n" else found.group(), text)


def joined(word: str, bind: int, parts: list[str]) -> Text:
    """Join conditions, on several lines where one would be too long."""
    line = f" {word} ".join(parts)
    if len(line) <= WIDE and "\n" not in line:
        return line, bind
    return f"\n{word} ".join(indented(part) for part in parts), bind


def comment_lines(text: str, indent: str = "") -> str:
    """Return a comment in lines of a readable width."""
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + len(word) > WIDE:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return "".join(f"{indent}-- {each}\n" for each in (*lines, line) if each)


def items(columns: Iterable[Item]) -> str:
    """Return the columns of a SELECT, one below the other, each with its comment above."""
    items = []
    for name, text, comment in columns:
        expression = indented(_broken(text), "    ")
        items.append(f"{comment_lines(comment, '  ')}  {expression} AS {quoted(name)}")
    return ",\n".join(items)


def _broken(text: str) -> str:
    """Break a long line before its alternatives or terms, never inside quotes."""
    if len(text) <= WIDE or "\n" in text:
        return text
    parts = re.split(r"""('(?:[^']|'')*'|"(?:[^"]|"")*")""", text)
    parts[::2] = [re.sub(r" (?=WHEN |ELSE |\+ \()", "\n", part) for part in parts[::2]]
    return "".join(parts)
