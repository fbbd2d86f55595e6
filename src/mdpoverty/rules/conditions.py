"""Conditions as people write them, in a spreadsheet or a file, read into rules."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any, NoReturn

from mdpoverty.errors import RuleError
from mdpoverty.numbers import Operator
from mdpoverty.rules import nodes as s

__all__ = ["condition"]


def condition(text: str) -> s.Rule:
    """Read a condition as people write it in a spreadsheet.

    Names are answers; ``and``, ``or``, ``not``; ``<``, ``<=``, ``>``, ``>=``, ``==``, ``!=``, also in a row as in
    ``20 <= floor_area < 30``; ``in`` and ``not in`` with codes; ``+``, ``-``, ``*`` with numbers; ``any(…)``,
    ``all(…)`` and ``count(…)`` of the members.

    Raises
    ------
    RuleError
        If the text isn't such a condition. It is never run as a program.

    Examples
    --------
    >>> condition("any(age < 15 or age > 60) and not refrigerator")
    any_member((column("age") < 15) | (column("age") > 60)) & ~column("refrigerator")
    """
    if not isinstance(text, str) or not text.strip():
        raise RuleError(f'a condition is text such as "household_size == 1", not {text!r}')
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise RuleError(f"{text!r} can't be read as a condition") from None
    try:
        return _as_rule(_read(tree), text)
    except RecursionError:
        raise RuleError(f"{text[:40]!r}… is nested too deeply") from None


def _as_rule(read: Any, text: str) -> s.Rule:
    if isinstance(read, s.Column):
        return s.Flag(read)
    if isinstance(read, s.Rule):
        return read
    raise RuleError(f"{text!r} is a number or a code, not a condition: compare it with something")


def _refuse(node: ast.AST) -> NoReturn:
    raise RuleError(f"{ast.unparse(node)!r} has no meaning in a condition")


_LIFTS: dict[str, Callable[[Any], Any]] = {
    "any": lambda rule: s.AnyMember(s.member_rule(rule, "any")),
    "all": lambda rule: ~s.AnyMember(s.member_rule(~rule, "all")),
    "count": lambda rule: s.CountMembers(s.member_rule(rule, "count")),
}
_COMPARISONS: dict[type[ast.cmpop], Operator] = {
    ast.Lt: Operator.LESS,
    ast.LtE: Operator.AT_MOST,
    ast.Gt: Operator.MORE,
    ast.GtE: Operator.AT_LEAST,
}
_SUMS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}


def _read(node: ast.AST) -> Any:
    """Return the rule, number or codes that a piece of a condition stands for."""
    if isinstance(node, ast.Name):
        return s.Column(node.id)
    if isinstance(node, ast.Constant) and type(node.value) in (int, float, str):
        return node.value
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return [_read(each) for each in node.elts]
    if isinstance(node, ast.BoolOp):
        rules = [_as_rule(_read(each), ast.unparse(each)) for each in node.values]
        return s.all_of(*rules) if isinstance(node.op, ast.And) else s.any_of(*rules)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return ~_as_rule(_read(node.operand), ast.unparse(node.operand))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _read(node.operand)
        return -value if isinstance(value, int | float | s.Value) else _refuse(node)
    if isinstance(node, ast.BinOp) and type(node.op) in _SUMS:
        sides = _read(node.left), _read(node.right)
        return (
            _SUMS[type(node.op)](*sides) if all(isinstance(x, int | float | s.Value) for x in sides) else _refuse(node)
        )
    if isinstance(node, ast.Compare):
        return _compared(node)
    if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        lift = _LIFTS.get(node.func.id) if isinstance(node.func, ast.Name) else None
        if lift is not None:
            return lift(_as_rule(_read(node.args[0]), ast.unparse(node.args[0])))
    _refuse(node)


def _compared(node: ast.Compare) -> s.Rule:
    sides = [_read(each) for each in (node.left, *node.comparators)]
    rules = [_pair(node, left, op, right) for left, op, right in zip(sides, node.ops, sides[1:], strict=False)]
    return s.all_of(*rules)


def _pair(node: ast.AST, left: Any, op: ast.cmpop, right: Any) -> s.Rule:
    if isinstance(op, ast.In | ast.NotIn):
        if not isinstance(left, s.Column) or not isinstance(right, list) or not right:
            _refuse(node)
        rule = left.is_in(right)
        return rule if isinstance(op, ast.In) else ~rule
    sign = _COMPARISONS.get(type(op))
    if not isinstance(left, s.Value):
        left, right, sign = right, left, sign and sign.mirror
    if not isinstance(left, s.Value):
        _refuse(node)
    if isinstance(op, ast.Eq | ast.NotEq):
        rule = _equal(node, left, right)
        return rule if isinstance(op, ast.Eq) else ~rule
    if sign is None or not isinstance(right, int | float | s.Value):
        _refuse(node)
    compared: s.Rule = sign.holds(left, right)
    return compared


def _equal(node: ast.AST, left: s.Value, right: Any) -> s.Rule:
    if isinstance(right, str):
        return left.equals(right) if isinstance(left, s.Column) else _refuse(node)
    if not isinstance(right, int | float | s.Value):
        _refuse(node)
    return (left >= right) & (left <= right)
