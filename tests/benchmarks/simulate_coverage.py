"""How often 95 % intervals hold the truth: samples drawn again and again from a population that is known.

    python tests/benchmarks/simulate_coverage.py [samples]

The population is made up: 30 strata of 60 sampling units of 20 people, in two waves (the same units, other people),
with deprivations and incomes that units share. A sample draws 4 units of each stratum and everyone in them; both waves
are asked in the same units. For each figure the share of samples whose interval holds the population's figure is
printed, with that of groups in a fifth and in a twentieth of the units, by how degrees of freedom are counted.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from typing import Any

import numpy as np

from mdpoverty.measures import AlkireFoster, SurveyDesign, income_poverty

STRATA, UNITS, PEOPLE, DRAWN = 30, 60, 20, 4
SPEC = AlkireFoster({"a": "1/3", "b": "1/3", "c": "1/6", "d": "1/6"}, k="1/3")


def population(random: np.random.Generator) -> dict[str, np.ndarray[Any, Any]]:
    """Return everyone, sorted by wave, stratum and unit."""
    units = STRATA * UNITS
    level = np.repeat(random.normal(0, 0.5, STRATA), UNITS) + random.normal(0, 0.5, units)
    unit = np.tile(np.repeat(np.arange(units), PEOPLE), 2)
    wave = np.repeat([1, 2], units * PEOPLE)
    own = random.normal(0, 1, len(unit))
    frame = {"unit": unit, "stratum": unit // UNITS, "wave": wave}
    for j, name in enumerate("abcd"):
        frame[name] = (level[unit] + own + random.normal(0, 1, len(unit)) > 0.6 + 0.2 * j + 0.15 * wave).astype(int)
    frame["income"] = np.exp(7 - 0.4 * level[unit] + random.normal(0, 0.6, len(unit)))
    place = np.random.default_rng(3).random(units)[unit]
    frame["group"] = np.where(place < 0.05, "a twentieth", np.where(place < 0.25, "a fifth", "the rest"))
    return frame


def draw(frame: dict[str, Any], random: np.random.Generator) -> dict[str, Any]:
    """Draw units with replacement within strata, and name each draw anew."""
    rows = np.arange(STRATA * UNITS * PEOPLE).reshape(STRATA, UNITS, PEOPLE)
    chosen = random.integers(0, UNITS, (STRATA, DRAWN))
    own = np.concatenate([rows[s, chosen[s]].ravel() for s in range(STRATA)])
    both = np.concatenate([own, own + STRATA * UNITS * PEOPLE])
    out = {name: values[both] for name, values in frame.items()}
    out["psu"] = np.tile(np.repeat(np.arange(STRATA * DRAWN), PEOPLE), 2)
    out["w"] = np.full(len(both), UNITS / DRAWN)
    return out


def figures(frame: dict[str, Any], df: str | None, **more: Any) -> dict[str, tuple[float, float, float]]:
    """Return estimate and limits of each figure that is looked at."""
    out = {}

    def keep(name: str, row: Any) -> None:
        out[name] = (float(row["estimate"]), float(row["ci_low"]), float(row["ci_high"]))

    design = SurveyDesign(strata="stratum", psu="psu", weight="w", df=df) if "psu" in frame else None
    m = SPEC.measure(frame, by=["wave", "group"], design=design)
    if df is None:
        waves = m.over("wave")
        last = {"wave": 2}
        for measure in ("H", "A", "M0", "number_poor"):
            keep(measure, waves.table.iloc[waves.find(measure=measure, **last)])
        keep("contribution of d", waves.table.iloc[waves.find(measure="contribution", indicator="d", **last)])
        for _, row in waves.change("wave").query("measure == 'M0'").iterrows():
            keep(f"change of M0, {row['kind']}", row)
        for _, row in waves.decompose_change("wave").iterrows():
            if row["part"] in ("incidence", "intensity"):
                keep(f"change of M0, {row['part']}", row)
        for _, row in m.decompose_change("wave", "group").iterrows():
            if row["part"] == "within" and row["group"] == "a fifth":
                keep(f"change of M0, {row['part']} a fifth", row)
        incomes = {name: np.asarray(values)[frame["wave"] == 2] for name, values in frame.items()}
        for line in (700, "60% median"):
            found = income_poverty(incomes, income="income", line=line, design=design).table
            for _, row in found.iterrows():
                if line != 700 or row["measure"] in ("FGT0", "FGT1", "sen", "sst"):
                    keep(f"{row['measure']}, line {line}", row)
    for group in ("a fifth", "a twentieth"):
        name = f"H of {group}, df={df or 'strata'}"
        there = bool(((np.asarray(frame["group"]) == group) & (frame["wave"] == 2)).any())
        row = m.table.iloc[m.find(measure="H", wave=2, group=group)] if there else None
        if row is None:  # a sample without anyone of the group has no interval
            out[name] = (np.nan, np.nan, np.nan)
        else:
            keep(name, row)
    return out


def main(samples: int) -> None:
    """Draw samples, and print how many of the intervals hold the truth."""
    random = np.random.default_rng(2024)
    everyone = population(random)
    options = (None, "design", "units")
    truth = {df: figures(everyone | {"w": np.ones(len(everyone["unit"]))}, df) for df in options}
    held: dict[str, list[float]] = defaultdict(list)
    for _ in range(samples):
        sample = draw(everyone, random)
        for df in options:
            for name, (_, low, high) in figures(sample, df).items():
                value = truth[df][name][0]
                held[name].append(np.nan if np.isnan(low) else float(low <= value <= high))
    for name, found in held.items():
        known = [each for each in found if not np.isnan(each)]
        none = f"  ({len(found) - len(known)} without an interval)" if len(known) < len(found) else ""
        print(f"{name:42} {np.mean(known):.3f}{none}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
