"""Made-up reviews: households with gaps that come, go, move, split and merge between two years. Nobody here exists."""

from __future__ import annotations

from typing import Any

import pandas as pd
from attrs import frozen
from hypothesis import strategies as st

import mdpoverty as mdp
from mdpoverty import Assessment

vn = mdp.standards["vn-2022"]
NAMES = tuple(vn.indicators)
PLACES = (("Huyện A", "Xã 1"), ("Huyện A", "Xã 2"), ("Huyện B", "Xã 3"))
AREAS = ["district", "commune"]
LINE = vn.thresholds["income"].amounts["rural"]
CEILING = vn.thresholds["average_living"].amounts["rural"]


def review(rows: list[dict[str, Any]], date: str = "2024-11-15", **options: Any) -> Assessment:
    """Classify households that lack the first indicators (``lacks`` of them) and left the next open (``gaps``)."""
    columns = ["household_id", "area", "income", "household_size", *NAMES, *AREAS]
    made = []
    for row in rows:
        lacks, gaps = row.get("lacks", 0), row.get("gaps", 0)
        answers = {name: True if at < lacks else None if at < lacks + gaps else False for at, name in enumerate(NAMES)}
        rest = {name: value for name, value in row.items() if name not in ("lacks", "gaps")}
        made.append({"area": "rural", "income": LINE, "household_size": 4, **answers, **rest})
    frame = pd.DataFrame(made) if made else pd.DataFrame(columns=columns)
    types = {**dict.fromkeys(NAMES, "boolean"), "household_size": "Int64", "income": "Int64"}
    return vn.classify(frame.astype(types), options.pop("members", None), given="all", date=date, **options)


POOR = {"lacks": 4}
NEAR = {"lacks": 1}
AVERAGE = {"income": LINE + 1}
ABOVE = {"income": CEILING + 1}
OPEN = {"lacks": 2, "gaps": 1}
KINDS = (POOR, NEAR, AVERAGE, ABOVE, OPEN)


@frozen
class Pair:
    """Two reviews of one place, the households behind them, and what is recorded of who came and went."""

    before: Assessment
    after: Assessment
    rows_before: list[dict[str, Any]]
    rows_after: list[dict[str, Any]]
    changes: pd.DataFrame
    history: dict[str, pd.DataFrame]


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    """Two reviews with gaps, of households some of which are in one only."""
    n = draw(st.integers(0, 12))
    old: list[dict[str, Any]] = []
    new: list[dict[str, Any]] = []
    changes: list[tuple[str, str]] = []
    listed: list[str] = []
    for number in range(n):
        key = f"VD-{number:03}"
        where = draw(st.sampled_from(("both", "both", "both", "before", "after")))
        place = draw(st.sampled_from(PLACES))
        if where in ("both", "before"):
            old.append(draw(_household(key, place)))
        if where in ("both", "after"):
            moved = draw(st.booleans()) and draw(st.booleans())
            new.append(draw(_household(key, draw(st.sampled_from(PLACES)) if moved else place)))
        possible = {"before": ("moved_out", "split", "merged", "dissolved"), "after": ("moved_in", "split", "merged")}
        if where in possible and draw(st.booleans()):
            changes.append((key, draw(st.sampled_from(possible[where]))))
        if draw(st.booleans()):
            listed.append(key)
    history = pd.DataFrame({"household_id": listed, "category": ["poor"] * len(listed)})
    return Pair(
        review(old, "2023-11-15"),
        review(new, "2024-11-15"),
        old,
        new,
        pd.DataFrame(changes, columns=["household_id", "change"]),
        {"2022-11-15": history},
    )


@st.composite
def _household(draw: st.DrawFn, key: str, place: tuple[str, str]) -> dict[str, Any]:
    return {
        "household_id": key,
        **dict(zip(AREAS, place, strict=True)),
        **draw(st.sampled_from(KINDS)),
        "household_size": draw(st.integers(1, 9) | st.none()),
    }


def kind(row: dict[str, Any]) -> str | None:
    """Return a household's class, from how it was made up."""
    if row.get("gaps"):
        return None
    if row.get("income", LINE) > CEILING:
        return "above_average"
    if row.get("income", LINE) > LINE:
        return "average_living"
    return "poor" if row["lacks"] == POOR["lacks"] else "near_poor"
