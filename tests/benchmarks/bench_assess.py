"""Time one household, as a form sends it: ``python tests/benchmarks/bench_assess.py``.

The mean over a made-up commune of one call of ``assess``, alone and with its reasons, what to ask, its margins, its
text and its data; and beside it the same household as a table of one row.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pandas as pd

import mdpoverty as mdp
from mdpoverty.examples import commune

DATE = "2024-11-15"


def records(n: int) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Return households and their members as plain dicts of what the standard asks, as a form sends them."""
    sample = commune(n, gaps=0.02, ids="int")
    asked = {"household_id", *mdp.standards["vn-2022"].fields}

    def plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
        rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
        return [{str(name): value for name, value in row.items() if name in asked} for row in rows]

    members: dict[Any, list[dict[str, Any]]] = {}
    for row in plain(sample.members):
        members.setdefault(row["household_id"], []).append(row)
    return [(row, members.get(row["household_id"], [])) for row in plain(sample.households)]


def microseconds(call: Callable[[dict[str, Any], list[dict[str, Any]]], Any], pairs: list[Any]) -> float:
    """Return the mean time of a call, in the fastest of five rounds."""
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        for household, members in pairs:
            call(household, members)
        best = min(best, time.perf_counter() - start)
    return best / len(pairs) * 1e6


def main() -> None:
    """Print the times."""
    vn = mdp.standards["vn-2022"]
    pairs = records(1000)
    for name, call in {
        "class": lambda h, m: vn.assess(h, m, date=DATE).category,
        "class and reasons": lambda h, m: vn.assess(h, m, date=DATE).findings,
        "class and what to ask": lambda h, m: vn.assess(h, m, date=DATE).ask,
        "class and margins": lambda h, m: vn.assess(h, m, date=DATE).margins,
        "class and text": lambda h, m: vn.assess(h, m, date=DATE).text("vi"),
        "class and data": lambda h, m: vn.assess(h, m, date=DATE).to_dict(),
    }.items():
        print(f"{name:24}{microseconds(call, pairs):10.1f} µs")
    one = pd.DataFrame([pairs[0][0]]), pd.DataFrame(pairs[0][1])
    table = microseconds(lambda h, m: vn.classify(*one, date=DATE), pairs[:20])
    print(f"{'a table of one row':24}{table:10.1f} µs")


if __name__ == "__main__":
    main()
