"""Seed faults and see whether the tests notice: ``python tests/mutate.py [--each N] [--seed N] [ROOM …]``.

A fault is one changed comparison, boundary, logical or arithmetical operator, constant, or one statement left out, in a
file of what decides classes and counts. It is noticed if any of the room's tests fails. The tests named for a room run
from quick to slow, until one fails. The package itself is never touched: each fault goes into a copy.

Made for a weekly job: prints the share of faults noticed by room, and every one that wasn't.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "src/mdpoverty"
FUZZ = ["tests/test_fuzz.py"]
READING = ["tests/robustness/test_who_and_how_many.py", "tests/test_input.py", "tests/files/test_codes.py"]
TALLY = ["tests/measures/test_tally.py", "tests/measures/test_af_properties.py", "tests/measures/test_af_spec.py"]
ROOMS: dict[str, tuple[list[str], list[str]]] = {
    "roster": (["engine/roster.py"], [*READING, "tests/test_keys.py", *FUZZ, "tests/test_engines.py"]),
    "inputs": (["engine/inputs.py"], [*READING, "tests/test_assessment.py", *FUZZ, "tests/files/test_problems.py"]),
    "kernel": (
        ["engine/kernel.py", "engine/lifts.py", "engine/arrays.py"],
        ["tests/test_engines.py", "tests/robustness/test_who_and_how_many.py", "tests/test_scorers.py", *FUZZ],
    ),
    "record": (["engine/record.py"], ["tests/test_engines.py", "tests/test_verdict.py", *FUZZ, "tests/test_input.py"]),
    "cells": (
        ["tables/cells.py", "tables/meanings.py", "tables/columns.py", "tables/objects.py", "tables/stored.py"],
        [*READING, "tests/test_dirty_twins.py", "tests/files/test_problems.py", *FUZZ, "tests/robustness"],
    ),
    "keys": (["tables/keys.py"], ["tests/test_keys.py", *READING, *FUZZ]),
    "tally reading": (["tally/rows.py"], [*TALLY, "tests/measures/test_af_survey.py", "tests/measures"]),
    "tally counting": (["tally/counting.py", "tally/storage.py"], [*TALLY, "tests/measures"]),
    "report counting": (
        ["reports/counter.py", "reports/tables.py"],
        ["tests/review/test_official.py", "tests/review/test_forms.py", "tests/review"],
    ),
}


class Fault(NamedTuple):
    """A change of one place of a file: what stands there, and what is put there."""

    file: str
    line: int
    start: int  # in bytes of the file, as ast counts columns
    stop: int
    what: str
    new: str


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
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
    ast.BitXor: ("^", "|"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
}


def faults(file: str, source: bytes) -> Iterator[Fault]:
    """Yield all faults that can be seeded in a file."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def at(line: int, column: int) -> int:
        return starts[line - 1] + column

    def between(left: ast.expr, right: ast.expr, sign: str, new: str) -> Iterator[Fault]:
        begin = at(left.end_lineno or 0, left.end_col_offset or 0)
        end = at(right.lineno, right.col_offset)
        place = source.find(sign.encode(), begin, end)
        if place >= 0:
            yield Fault(file, left.end_lineno or 0, place, place + len(sign), f"{sign} → {new}", new)

    tree = ast.parse(source)
    hints = {id(part) for node in ast.walk(tree) for hint in _hints(node) for part in ast.walk(hint)}
    for node in ast.walk(tree):
        if id(node) in hints:
            continue
        if isinstance(node, ast.Compare):
            operands = [node.left, *node.comparators]
            for operator, left, right in zip(node.ops, operands, operands[1:], strict=False):
                sign, others = _COMPARED[type(operator)]
                for new in others:
                    yield from between(left, right, sign, new)
        elif isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
            sign, new = _ARITHMETIC[type(node.op)]
            yield from between(node.left, node.right, sign, new)
        elif isinstance(node, ast.BoolOp):
            sign, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
            for left, right in zip(node.values, node.values[1:], strict=False):
                yield from between(left, right, sign, new)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.Invert):
            place = at(node.lineno, node.col_offset)
            sign = "not " if isinstance(node.op, ast.Not) else "~"
            if source[place : place + len(sign)] == sign.encode():
                yield Fault(file, node.lineno, place, place + len(sign), f"{sign.strip()} left out", "")
        elif isinstance(node, ast.Constant) and type(node.value) in (int, bool):
            begin, end = at(node.lineno, node.col_offset), at(node.end_lineno or 0, node.end_col_offset or 0)
            new = str(not node.value) if isinstance(node.value, bool) else str(node.value + 1)
            yield Fault(file, node.lineno, begin, end, f"{node.value} → {new}", new)
        elif isinstance(node, ast.Assign | ast.AugAssign | ast.Expr) and not isinstance(node, ast.Expr):
            if isinstance(node, ast.AugAssign):  # a plain assignment left out is a name that isn't there
                begin, end = at(node.lineno, node.col_offset), at(node.end_lineno or 0, node.end_col_offset or 0)
                yield Fault(file, node.lineno, begin, end, f"left out: {ast.unparse(node)[:60]}", "pass")
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            begin, end = at(node.lineno, node.col_offset), at(node.end_lineno or 0, node.end_col_offset or 0)
            yield Fault(file, node.lineno, begin, end, f"left out: {ast.unparse(node)[:60]}", "pass")


def _hints(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the type hints of a node, in which nothing is computed."""
    for name in ("annotation", "returns"):
        hint = getattr(node, name, None)
        if hint is not None:
            yield hint


def noticed(copy: Path, tests: list[str], seconds: float) -> bool:
    """Return whether any of the tests fails; one that doesn't end counts as noticed."""
    environment = {**os.environ, "PYTHONPATH": str(copy / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    begun = time.monotonic()
    for path in dict.fromkeys(tests):
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", path]
        try:
            done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, timeout=seconds)
        except subprocess.TimeoutExpired:
            return True
        if done.returncode not in (0, 5):
            return True
        if time.monotonic() - begun > seconds:
            break
    return False


def main() -> int:
    """Read the command line, seed the faults and print what became of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rooms", nargs="*", choices=[[], *ROOMS], default=[])
    parser.add_argument("--each", type=int, default=20, help="faults in each room")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--least", type=float, default=0.95, help="share that must be noticed in every room")
    parser.add_argument("--seconds", type=float, default=600, help="for the tests of one fault")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    score: dict[str, list[bool]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy")
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", "site"))
        for room in options.rooms or ROOMS:
            files, tests = ROOMS[room]
            sources = {file: (ROOT / PACKAGE / file).read_bytes() for file in files}
            listed = [fault for file, source in sources.items() for fault in faults(file, source)]
            for fault in rng.sample(listed, min(options.each, len(listed))):
                path, source = copy / PACKAGE / fault.file, sources[fault.file]
                path.write_bytes(source[: fault.start] + fault.new.encode() + source[fault.stop :])
                score[room].append(noticed(copy, tests, options.seconds))
                path.write_bytes(source)
                if not score[room][-1]:
                    print(f"not noticed: {fault.file}:{fault.line}: {fault.what}", flush=True)
            print(f"{room:16} {sum(score[room])} of {len(score[room])} noticed", flush=True)
    return int(any(sum(each) < options.least * len(each) for each in score.values()))


if __name__ == "__main__":
    raise SystemExit(main())
