"""Faults to seed: one changed comparison, boundary, operator or constant, or one statement left out."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

LISTED = Path(__file__).with_name("equivalent_faults.toml")


class Fault(NamedTuple):
    """A change of one place of a file."""

    file: str
    line: int
    span: range  # the lines of its statement
    was: str  # its line, or all lines of a statement that is left out
    becomes: str
    source: bytes  # the whole file with it


_COMPARED = {
    ast.Lt: ("<", ("<=", ">=")),
    ast.LtE: ("<=", ("<", ">")),
    ast.Gt: (">", (">=", "<=")),
    ast.GtE: (">=", (">", "<")),
    ast.Eq: ("==", ("!=",)),
    ast.NotEq: ("!=", ("==",)),
    ast.Is: ("is", ("is not",)),
    ast.IsNot: ("is not", ("is",)),
    ast.In: ("in", ("not in",)),
    ast.NotIn: ("not in", ("in",)),
}
_ARITHMETIC = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "+"),
    ast.FloorDiv: ("//", "*"),
    ast.Div: ("/", "*"),
    ast.Mod: ("%", "+"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
    ast.BitXor: ("^", "|"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
}
_LEFT_OUT = ast.AugAssign | ast.Raise | ast.Continue | ast.Break | ast.Delete
_HEADED = ast.If | ast.While | ast.For | ast.With | ast.Try | ast.FunctionDef | ast.ClassDef | ast.Match


class _Seeding:
    def __init__(self, file: str, source: bytes) -> None:
        self.file, self.source, self.tree = file, source, ast.parse(source)
        self.starts = [0]
        for line in source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.span = range(0)

    def at(self, line: int, column: int) -> int:
        return self.starts[line - 1] + column

    def change(self, line: int, begin: int, end: int, new: str) -> Fault:
        """Return the fault of other text from one byte of the file up to another."""
        last = self.source.count(b"\n", 0, end) + 1
        first, stop = self.starts[line - 1], self.starts[last]
        was, becomes = self.source[first:stop], self.source[first:begin] + new.encode() + self.source[end:stop]
        changed = self.source[:first] + becomes + self.source[stop:]
        return Fault(self.file, line, self.span, was.decode().strip(), becomes.decode().strip(), changed)

    def node(self, node: ast.expr | ast.stmt, new: str) -> Fault:
        end = self.at(node.end_lineno or 0, node.end_col_offset or 0)
        return self.change(node.lineno, self.at(node.lineno, node.col_offset), end, new)

    def between(self, left: ast.expr, right: ast.expr, sign: str, new: str) -> Iterator[Fault]:
        begin = self.at(left.end_lineno or 0, left.end_col_offset or 0)
        place = self.source.find(sign.encode(), begin, self.at(right.lineno, right.col_offset))
        if place >= 0:
            line = self.source.count(b"\n", 0, place) + 1
            yield self.change(line, place, place + len(sign), new)

    def all(self) -> Iterator[Fault]:
        hints = {id(part) for node in ast.walk(self.tree) for hint in _uncomputed(node) for part in ast.walk(hint)}
        for statement in ast.walk(self.tree):
            if not isinstance(statement, ast.stmt):
                continue
            last = statement.end_lineno or 0
            if isinstance(statement, _HEADED):
                inner = statement.cases[0].pattern if isinstance(statement, ast.Match) else statement.body[0]
                last = max(statement.lineno, inner.lineno - 1)
            self.span = range(statement.lineno, last + 1)
            yield from self.left_out(statement)
            for expression in _own(statement):
                if id(expression) not in hints:
                    yield from self.of_expression(expression)

    def left_out(self, statement: ast.stmt) -> Iterator[Fault]:
        """Leave out a statement; a name's only assignment, left out, is merely a name that isn't there."""
        call = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
        stored = isinstance(statement, ast.Assign) and not isinstance(statement.targets[0], ast.Name | ast.Tuple)
        if call or stored or isinstance(statement, _LEFT_OUT):
            yield self.node(statement, "pass")
        if isinstance(statement, ast.If) and isinstance(statement.body[-1], ast.Return):  # a case that is told apart
            yield self.node(statement.test, "False")

    def of_expression(self, node: ast.expr) -> Iterator[Fault]:
        if isinstance(node, ast.Compare):
            operands = [node.left, *node.comparators]
            for operator, left, right in zip(node.ops, operands, operands[1:], strict=False):
                sign, others = _COMPARED[type(operator)]
                for new in others:
                    yield from self.between(left, right, sign, new)
        elif isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
            yield from self.between(node.left, node.right, *_ARITHMETIC[type(node.op)])
        elif isinstance(node, ast.BoolOp):
            sign, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
            for left, right in zip(node.values, node.values[1:], strict=False):
                yield from self.between(left, right, sign, new)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.Invert):
            begin = self.at(node.lineno, node.col_offset)
            yield self.change(node.lineno, begin, self.at(node.operand.lineno, node.operand.col_offset), "")
        elif isinstance(node, ast.Constant) and type(node.value) in (int, bool):
            yield self.node(node, str(not node.value if isinstance(node.value, bool) else node.value + 1))


def _own(statement: ast.stmt) -> Iterator[ast.expr]:
    """Yield the expressions of a statement that are of none of the statements in it."""
    waiting = [child for child in ast.iter_child_nodes(statement) if not isinstance(child, ast.stmt)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.expr):
            yield node
        waiting.extend(child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt))


def _uncomputed(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a node that compute nothing: hints, how a class is made, what is checked, how much is kept."""
    for name in ("annotation", "returns"):
        hint = getattr(node, name, None)
        if hint is not None:
            yield hint
    if isinstance(node, ast.ClassDef):
        yield from node.decorator_list
    if isinstance(node, ast.keyword) and node.arg in ("strict", "init", "repr", "eq", "maxsize", "series_only"):
        yield node.value


def faults(file: str, source: bytes) -> list[Fault]:
    """Return all faults that can be seeded in a file."""
    return list(_Seeding(file, source).all())


def equivalent() -> dict[tuple[str, str, str], str]:
    """Return the faults that were shown to change no answer, as file, line and what becomes of it, with the reason."""
    listed = tomllib.loads(LISTED.read_text(encoding="utf-8"))["fault"]
    return {(each["file"], each["was"], new): each["why"] for each in listed for new in each["becomes"]}
