"""How the cost of a streamed tally grows with rows, indicators and groups; writes the figures, and a plot of them.

    python tests/benchmarks/bench_growth.py FOLDER [--millions 1 2 5 10] [--repeat 3] [--plot growth.svg]

Made-up files with gaps are kept in FOLDER, as ``bench_scale.py`` keeps them. Each measurement is a process of its own
that imports everything first: wall time of the tally, and the peak memory of the process.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from bench_scale import DATE, make

GAPS = 0.02
PLACES = ("province", "district", "commune", "village")
GROUPS: tuple[tuple[str, ...], ...] = ((), ("area",), *(PLACES[: i + 1] for i in range(4)))
INDICATORS = (1, 2, 3, 4, 6, 8, 10, 12)
BY = ("province", "area")


def measure(data: Path, by: list[str], indicators: int) -> dict[str, Any]:
    """Count the files in this process, by the first of the standard's indicators, and say what it took."""
    for module in ("pandas", "pyarrow.parquet", "pyarrow.compute", "mdpoverty.scale"):
        import_module(module)  # imports aren't the work
    import mdpoverty as mdp

    standard = mdp.standards["vn-2022"]
    left_out = list(standard.indicators)[indicators:]
    empty = {each.dimension for each in standard.indicators.values()} - {
        each.dimension for each in standard.indicators.values() if each.id not in left_out
    }
    standard = standard.evolve(
        id="vn-2022-part",
        citation=mdp.Citation("none", "-", "the first of its indicators, to see what each costs"),
        indicators=dict.fromkeys(left_out),
        dimensions=dict.fromkeys(empty),
    )
    start = time.perf_counter()
    tally = standard.tally(mdp.scan(data / "households", data / "members"), by=by, date=DATE)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "peak": peak, "groups": len(tally.groups), "cells": len(tally.cells["group"])}


def best(data: Path, by: tuple[str, ...], indicators: int, repeat: int) -> dict[str, Any]:
    """Return the best of several processes."""
    command = [sys.executable, __file__, str(data), "--run", json.dumps([list(by), indicators])]
    found = [
        json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout) for _ in range(repeat)
    ]
    return min(found, key=lambda each: float(each["seconds"]))


def plot(path: Path, figures: dict[str, list[dict[str, Any]]]) -> None:
    """Draw the three curves."""
    import matplotlib as mpl
    from matplotlib import pyplot as plt

    mpl.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": "growth", "font.family": "sans-serif", "font.size": 9}
    figure, axes = plt.subplots(1, 3, figsize=(9, 2.9), layout="constrained")
    for axis, (name, label, scale) in zip(
        axes,
        (
            ("rows", "million households", "linear"),
            ("indicators", "indicators", "linear"),
            ("groups", "groups", "symlog"),
        ),
        strict=True,
    ):
        points = figures[name]
        axis.plot([p["x"] for p in points], [p["seconds"] for p in points], "o-", color="#00796b", ms=3)
        axis.set(xlabel=label, ylabel="seconds", ylim=(0, None), xscale=scale)
        memory = axis.twinx()
        memory.plot([p["x"] for p in points], [p["peak"] / 1000 for p in points], "s--", color="#b26a00", ms=3, lw=0.8)
        memory.set(ylim=(0, 1.2), ylabel="GB")
        axis.spines["top"].set_visible(False)
        memory.spines["top"].set_visible(False)
    figure.legend(
        handles=[
            plt.Line2D([], [], color="#00796b", marker="o", ms=3, label="seconds"),
            plt.Line2D([], [], color="#b26a00", marker="s", ms=3, ls="--", label="peak memory"),
        ],
        loc="outside upper center",
        ncols=2,
        frameon=False,
    )
    figure.savefig(path, metadata={"Date": None}, transparent=False)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--millions", type=int, nargs="+", default=[1, 2, 5, 10])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--run", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        print(json.dumps(measure(options.folder, *json.loads(options.run))))
        return
    data = {millions: make(options.folder, millions, GAPS) for millions in sorted({1, *options.millions})}
    figures: dict[str, list[dict[str, Any]]] = {"rows": [], "indicators": [], "groups": []}
    for millions in options.millions:
        figures["rows"].append({"x": millions, **best(data[millions], BY, 12, options.repeat)})
    for count in INDICATORS:
        figures["indicators"].append({"x": count, **best(data[1], BY, count, options.repeat)})
    for by in GROUPS:
        found = best(data[1], by, 12, options.repeat)
        figures["groups"].append({"x": found["groups"], **found})
    for name, points in figures.items():
        print(f"\n{name:>12}{'seconds':>9}{'peak MB':>9}{'cells':>10}")
        for point in points:
            print(f"{point['x']:>12,}{point['seconds']:9.2f}{point['peak']:9.0f}{point['cells']:>10,}")
    if options.plot:
        plot(options.plot, figures)


if __name__ == "__main__":
    main()
