"""Time the main job against hand-written ways to do it: ``python tests/benchmarks/bench_classify.py FOLDER``.

The made-up data are kept as Parquet in FOLDER for the next run. What is timed is answers in memory, in the engine's own
kind, to class and indicators in memory. All results are checked equal, bit by bit.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from decree import CLASSES
from decree import ORDER as INDICATORS
from rivals import RIVALS, Rival, Tables, make


def measure(rival: Rival, tables: Tables, repeat: int) -> tuple[list[float], tuple[np.ndarray, np.ndarray]]:
    """Return the seconds of each run, after one that isn't counted, and the result."""
    data = rival.prepare(tables)
    result = rival.run(*data)
    seconds = []
    for _ in range(repeat):
        gc.collect()
        start = time.perf_counter()
        result = rival.run(*data)
        seconds.append(time.perf_counter() - start)
    return seconds, result.words()


def compare(tables: Tables, rivals: Sequence[Rival] = RIVALS, repeat: int = 5) -> None:
    """Print a table of times, the first rival being the measure, and stop at the first result that differs."""
    print(f"{len(tables[0]):,} households, {len(tables[1]):,} members, median of {repeat}")
    print(f"{'':24}{'median ms':>10}{'least':>8}{'most':>8}{'×':>8}")
    base, agreed = 0.0, None
    for rival in rivals:
        seconds, result = measure(rival, tables, repeat)
        median = statistics.median(seconds)
        base = base or median
        line = (median, min(seconds), max(seconds))
        print(f"{rival.name:24}{line[0] * 1e3:10.1f}{line[1] * 1e3:8.1f}{line[2] * 1e3:8.1f}{median / base:8.1f}")
        if agreed is None:
            agreed = result
        for what, one, other in zip(("classes", "indicators"), agreed, result, strict=True):
            if not np.array_equal(one, other):
                row = int(np.flatnonzero(one != other)[0])
                raise SystemExit(
                    f"{rival.name}: {what} differ in {np.count_nonzero(one != other):,} rows, "
                    f"first {row}: {one[row]:b} and {other[row]:b}"
                )
    if agreed is not None:
        classes, words = agreed
        print("all equal:", ", ".join(f"{name} {np.mean(classes == code):.2%}" for code, name in enumerate(CLASSES)))
        print(", ".join(f"{name} {np.mean(words >> bit & 1):.1%}" for bit, name in enumerate(INDICATORS)))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the made-up data are kept")
    parser.add_argument("--households", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    compare(make(options.households, options.folder), repeat=options.repeat)


if __name__ == "__main__":
    main()
