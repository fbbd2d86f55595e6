"""Seed faults and see whether the tests notice: ``python tests/mutate.py [--each N] [--seed N] [ROOM …]``.

A fault is one changed comparison, boundary, logical or arithmetical operator, constant, or one statement left out, in a
file of what decides classes and counts. It is noticed if one of the room's tests fails, or doesn't end. The tests run
once as they are, to tell which lines each runs; for a fault only those run that reach it, from the most telling and
quickest on, until one fails. The package itself is never touched: each fault goes into a copy.

Faults that change no answer can't be noticed. Those that were shown to are listed in ``equivalent_faults.toml``, with
the reason, and don't count. ``--at FILE:LINE`` seeds every fault of one line, and says of the listed ones too what
became of them.

Made for a weekly job: prints the share of faults noticed by room, and every one that wasn't.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from attrs import define, field
from hypothesis import Phase, settings

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
if not __package__:  # run as a script: tests are a package, and what stands beside this file is nobody's top level
    sys.path[0] = str(ROOT)
from tests.faults import Fault, equivalent, faults  # noqa: E402

PACKAGE = "src/mdpoverty"
FUZZ = ["tests/test_fuzz.py"]
COPIES = "tests/files/test_keys_and_copies.py"
RECORDS = ["tests/files/test_cells.py", "tests/robustness/test_foreign_errors.py"]
VALUES = "tests/robustness/test_results_are_values.py"
READING = ["tests/robustness/test_who_and_how_many.py", "tests/test_input.py", "tests/files/test_codes.py"]
TALLY = [
    "tests/measures/test_tally_rows.py",
    "tests/measures/test_tally.py",
    "tests/measures/test_af_properties.py",
    "tests/measures/test_af_spec.py",
]
COLUMNS = [
    *("tests/test_columns.py", "tests/test_columns_as_fields.py", "tests/test_columns_as_stored.py"),
    *("tests/test_single_values.py", "tests/test_encoding.py"),
]
SCANS = [
    *("tests/scale/test_stream.py", "tests/scale/test_blocks.py", "tests/scale/test_strangers.py"),
    *("tests/scale/test_any_order.py", "tests/scale/test_running.py", "tests/scale/test_one_of_many.py"),
]
ENGINES = ["tests/test_engines.py", "tests/test_scorers.py", *READING, *FUZZ]
ROOMS: dict[str, tuple[list[str], list[str]]] = {
    "roster": (["engine/roster.py"], ["tests/test_rosters.py", *READING, "tests/test_keys.py", *FUZZ, COPIES]),
    "inputs": (
        ["engine/inputs.py"],
        ["tests/test_opening.py", *READING, "tests/test_assessment.py", *FUZZ, COPIES, VALUES, "tests/test_engines.py"],
    ),
    "kernel": (
        ["engine/kernel.py", "engine/lifts.py", "engine/arrays.py"],
        ["tests/test_kernel.py", "tests/test_records.py", "tests/test_opening.py", *ENGINES],
    ),
    "record": (
        ["engine/record.py"],
        ["tests/test_records.py", *ENGINES, "tests/test_verdict.py", "tests/test_missing.py", *RECORDS],
    ),
    "cells": (
        ["tables/cells.py", "tables/meanings.py", "tables/columns.py", "tables/objects.py", "tables/stored.py"],
        [
            *COLUMNS,
            *READING,
            *RECORDS,
            "tests/test_dirty_twins.py",
            "tests/files/test_csv_scans.py",
            "tests/files/test_problems.py",
            *FUZZ,
        ],
    ),
    "keys": (
        ["tables/keys.py", "tables/lookup.py", "tables/arrow_text.py"],
        ["tests/test_key_columns.py", "tests/test_keys.py", *READING, *FUZZ, COPIES],
    ),
    "rules": (
        ["rules/nodes.py", "ternary.py", "numbers.py"],
        [
            "tests/test_rule_parts.py",
            *ENGINES,
            "tests/test_ternary.py",
            "tests/standards/test_serialize.py",
            "tests/test_verdict.py",
        ],
    ),
    "results": (
        ["results/assessment.py", "results/reasons.py", "results/doubts.py", "results/verdict.py"],
        [
            "tests/test_assessment.py",
            "tests/test_verdict.py",
            "tests/files/test_doubts.py",
            "tests/test_missing.py",
            "tests/test_faces.py",
            "tests/review/test_accessors.py",
            "tests/measures/test_panel.py",
            "tests/standards/test_scores.py",
            "tests/test_vn_2022.py",
            VALUES,
            *READING,
            *FUZZ,
        ],
    ),
    "tally reading": (["tally/rows.py"], [*TALLY, "tests/measures/test_af_survey.py", "tests/measures"]),
    "tally counting": (["tally/counting.py", "tally/storage.py"], [*TALLY, "tests/measures", *RECORDS[1:]]),
    "estimates": (
        ["measures/estimates.py", "measures/figures.py", "measures/weights.py"],
        [*TALLY, "tests/measures"],
    ),
    "flows": (
        ["dynamics/between.py", "dynamics/escaped.py", "dynamics/matching.py"],
        ["tests/review/test_flows.py", "tests/review/test_real_tables.py", *READING],
    ),
    "merging": (
        ["scale/blocks.py", "scale/partition.py", "scale/stream.py"],
        [*SCANS, *FUZZ, "tests/robustness/test_several_files.py", COPIES],
    ),
    "report counting": (
        ["reports/counter.py", "reports/tables.py"],
        ["tests/review/test_official.py", "tests/review/test_forms.py", "tests/review"],
    ),
}
WARM = ("numpy", "pandas", "pyarrow", "pyarrow.parquet", "polars", "duckdb", "narwhals", "cattrs", "openpyxl")
PATIENCE = 10  # times as long as a test computed, and as many seconds: what takes longer doesn't end
GRACE = 60  # seconds, and twenty times what all tests computed, for what waits and doesn't compute
_NAP = 0.02  # seconds, after which to see whether tests have ended


def tests_of(room: str) -> list[str]:
    """Return the tests of a room: those named for it, and the examples in its files."""
    files, tests = ROOMS[room]
    return [*tests, *(f"{PACKAGE}/{file}" for file in files)]


class Unshrunk:
    """A plugin: the first example that fails is enough."""

    def pytest_configure(self) -> None:
        usual = settings()
        settings.register_profile("unshrunk", usual, phases=[Phase.explicit, Phase.reuse, Phase.generate])
        settings.load_profile("unshrunk")


class Mapping(Unshrunk):
    """A plugin: which lines of the package each test runs, and how long it computes.

    What a fixture runs that several tests share is of each of them, not only of the first.
    """

    def __init__(self, package: Path) -> None:
        self.package, self.test = f"{package}{os.sep}", ""
        self.lines: dict[tuple[str, int], set[str]] = defaultdict(set)
        self.sharing: dict[str, set[str]] = defaultdict(set)
        self.seconds: Counter[str] = Counter()

    def trace(self, frame: FrameType, event: str, arg: Any) -> Any:
        file = frame.f_code.co_filename
        if not file.startswith(self.package):
            return None
        name, lines = file.removeprefix(self.package), self.lines

        def local(frame: FrameType, event: str, arg: Any) -> Any:
            lines[name, frame.f_lineno].add(self.test)
            return local

        lines[name, frame.f_lineno].add(self.test)
        return local

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        sys.settrace(self.trace)  # a trace that fails once, as where a test recurses too deeply, is off from then on
        self.test, begun = item.nodeid, time.process_time()
        for name, definitions in item._fixtureinfo.name2fixturedefs.items():  # type: ignore[attr-defined]
            self.sharing[f"{definitions[-1].baseid} {name}"].add(item.nodeid)
        result = yield
        self.seconds[item.nodeid] += time.process_time() - begun
        self.test = ""
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Iterator[None]:
        test = self.test
        if fixturedef.scope != "function":
            self.test = f"{fixturedef.baseid} {fixturedef.argname}"
        try:
            return (yield)
        finally:
            self.test = test

    def of_tests(self, run: set[str]) -> list[str]:
        """Return the tests that run a line, by themselves or by a fixture."""
        return sorted(set().union(*(self.sharing.get(each, {each}) for each in run)))


class Chosen(Unshrunk):
    """A plugin: some tests in an order, and which of them failed first."""

    def __init__(self, order: list[str], seconds: dict[str, float], told: Path) -> None:
        self.place = {test: place for place, test in enumerate(order)}
        self.seconds, self.told = seconds, told

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted((each for each in items if each.nodeid in self.place), key=lambda i: self.place[i.nodeid])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """End the process where a test computes much longer than ever."""
        signal.setitimer(signal.ITIMER_PROF, PATIENCE * (1 + self.seconds[item.nodeid]))
        result = yield
        signal.setitimer(signal.ITIMER_PROF, 0)
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.told.write_text(report.nodeid)


@define
class Bench:
    """A copy of the project, and its tests."""

    copy: Path
    lines: dict[tuple[str, int], set[str]] = field(factory=dict)
    seconds: dict[str, float] = field(factory=dict)
    telling: Counter[str] = field(factory=Counter)

    @property
    def said(self) -> Path:
        """What the last run of tests printed."""
        return self.copy.with_name("said")

    def apart(self, seconds: float, work: Callable[[], int]) -> int | None:
        """Do something in a process of its own, which has the large libraries already; ``None`` if it doesn't end."""
        sys.stdout.flush()
        child = os.fork()
        if not child:
            code = 1
            try:
                os.setsid()
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                os.chdir(self.copy)
                with self.said.open("w") as file:
                    os.dup2(file.fileno(), 1)
                    os.dup2(file.fileno(), 2)
                source = str(self.copy / "src")
                os.environ["PYTHONPATH"] = source
                for each in [name for name in sys.modules if name.split(".")[0] in ("tests", "mdpoverty")]:
                    del sys.modules[each]
                sys.path[:1] = [str(self.copy), source]
                code = work()
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        try:
            for _ in range(int(seconds / _NAP)):  # not by the clock, which goes on where both are stopped
                ended, status = os.waitpid(child, os.WNOHANG)
                if ended:
                    return os.waitstatus_to_exitcode(status)
                time.sleep(_NAP)
            return None
        finally:  # also what its tests have started
            with suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(child, 0)

    def run(self, tests: list[str], plugin: object) -> int:
        options = ["-q", "-x", "-n", "0", "-p", "no:cacheprovider", "--assert=plain", "--doctest-modules"]
        return int(pytest.main([*options, *tests], plugins=[plugin]))

    def learn(self, tests: list[str], told: Path) -> None:
        """Run the tests as they are, and keep which lines each runs."""

        def work() -> int:
            plugin = Mapping(self.copy / PACKAGE)
            threading.settrace(plugin.trace)
            sys.settrace(plugin.trace)
            code = self.run(tests, plugin)
            sys.settrace(None)
            lines = [[*place, plugin.of_tests(run)] for place, run in plugin.lines.items()]
            told.write_text(json.dumps([digest, lines, plugin.seconds]))
            return code

        sources = sorted(each for part in (PACKAGE, "tests") for each in (self.copy / part).rglob("*.py"))
        digest = hashlib.sha256(b"".join(each.read_bytes() for each in sources)).hexdigest()
        kept = told.exists() and json.loads(told.read_text())[0] == digest
        code = 0 if kept else self.apart(3600, work)
        if code:
            raise SystemExit(f"the tests fail as they are: {code}\n{self.said.read_text()[-2000:]}")
        _, lines, self.seconds = json.loads(told.read_text())
        self.lines = {(file, line): set(run) for file, line, run in lines}

    def reaching(self, fault: Fault, tests: list[str]) -> list[str]:
        """Return the tests that run a fault's statement: those that told most and are quickest first.

        What runs on import is of every test.
        """
        run = set().union(*(self.lines.get((fault.file, line), set()) for line in fault.span))
        asked = [test for test in self.seconds if any(test.startswith(each) for each in tests)]
        chosen = [test for test in asked if test in run or "" in run]
        return sorted(chosen, key=lambda t: (t not in run, self.seconds[t] / (1 + 4 * self.telling[t])))

    def noticed(self, fault: Fault, tests: list[str], budget: float) -> str | None:
        """Return which test fails with a fault, ``None`` if none does."""
        order, spent = [], 0.0
        for test in self.reaching(fault, tests):
            spent += self.seconds[test]
            if order and spent > budget:
                break
            order.append(test)
        if not order:
            return None
        path, told = self.copy / PACKAGE / fault.file, self.copy.with_name("failed")
        told.unlink(missing_ok=True)
        sound = path.read_bytes()
        for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
            compiled.unlink()  # which is told from its source by the second and the size alone
        path.write_bytes(fault.source)
        files = list(dict.fromkeys(test.split("::")[0] for test in order))
        try:
            code = self.apart(GRACE + 20 * spent, lambda: self.run(files, Chosen(order, self.seconds, told)))
        finally:
            path.write_bytes(sound)
            for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
                compiled.unlink()
        if code == 0:
            return None
        failed = told.read_text() if told.exists() else "doesn't end" if code is None or code < 0 else "on import"
        self.telling[failed] += 1
        return failed


def main() -> int:
    """Read the command line, seed the faults and print what became of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rooms", nargs="*", choices=[[], *ROOMS], default=[])
    parser.add_argument("--each", type=int, default=20, help="faults in each room")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--at", action="append", default=[], metavar="FILE:LINE", help="every fault of a line")
    parser.add_argument("--least", type=float, default=0.95, help="share that must be noticed in every room")
    parser.add_argument("--seconds", type=float, default=120, help="of computing, of the tests for one fault")
    parser.add_argument("--lines", type=Path, help="a file that keeps which lines each test runs, for the next time")
    parser.add_argument("--verbose", action="store_true", help="also say what noticed each fault")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    asked = {place.split(":")[0] for place in options.at}
    rooms = options.rooms or [room for room, (files, _) in ROOMS.items() if not asked or asked & {*files}]
    for name in WARM:
        with suppress(ImportError):
            importlib.import_module(name)
    rng, shown, reached = random.Random(options.seed), equivalent(), True
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder).resolve() / "copy"
        ignored = (".git", ".venv", "__pycache__", ".*_cache", "site", ".hypothesis")
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*ignored))
        bench = Bench(copy)
        named = dict.fromkeys(test for room in rooms for test in tests_of(room))
        bench.learn(list(named), (options.lines or copy.with_name("lines.json")).absolute())
        for room in rooms:
            files, tests = ROOMS[room][0], tests_of(room)
            listed = [fault for file in files for fault in faults(file, (copy / PACKAGE / file).read_bytes())]
            known = {(fault.file, fault.was, fault.becomes) for fault in listed}
            for gone in [each for each in shown if each[0] in files and each not in known]:
                print("listed as equivalent, and no longer there:", *gone, sep="\n    ", flush=True)
            if options.at:
                drawn = [fault for fault in listed if f"{fault.file}:{fault.line}" in options.at]
            else:
                drawn = rng.sample(listed, min(options.each, len(listed)))
            score: Counter[str] = Counter()
            begun = time.monotonic()
            for fault in drawn:
                why = shown.get((fault.file, fault.was, fault.becomes))
                if why and not options.at:
                    score["equivalent"] += 1
                    continue
                failed = bench.noticed(fault, tests, options.seconds)
                score["noticed" if failed else "missed"] += 1
                if not failed or options.verbose:
                    print(f"{fault.file}:{fault.line}: {failed or 'NOT NOTICED'}", flush=True)
                    print("   ", fault.was, "\n   ", fault.becomes, f"\n    ({why})" if why else "", flush=True)
            told = len(drawn) - score["equivalent"]
            share = score["noticed"] / told if told else 1
            reached &= share >= options.least
            print(
                f"{room:16} {len(drawn)} seeded, {score['equivalent']} shown to be equivalent, "
                f"{score['noticed']} of {told} noticed: {share:.0%} ({time.monotonic() - begun:.0f} s)",
                flush=True,
            )
    return int(not reached)


if __name__ == "__main__":
    raise SystemExit(main())
