"""Measures from a table of 0/1 indicators: this library against hand-written polars and DuckDB, results
checked equal.

    python tests/benchmarks/bench_measures.py [--rows 1000000] [--repeat 5] [--only mdpoverty] [--rivals]

Twelve 0/1 columns, a weight, five regions, 126 strata and (one per 25 rows, at most 40,000) sampling units.
Rivals compute H, A, M0, headcounts, censored headcounts and contributions by region and for the country; they
give no standard errors. With ``--rivals``, PyPI's mpitb and svy as well, where installed; svy's standard errors are
checked to be ours. The best wall time of the repeats is shown, of whole calls from the columns in memory.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

from mdpoverty.measures import AlkireFoster, Measures, SurveyDesign, Tally

INDICATORS = [f"i{j}" for j in range(12)]
SPEC = AlkireFoster(dict.fromkeys(INDICATORS, 1), k=4)
DESIGN = SurveyDesign(strata="stratum", psu="psu", weight="w")
CUT_OFFS = list(range(1, 9))
Results = dict[tuple[Any, str], float]


def make(rows: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(1)
    units = min(max(rows // 25, 252), 40_000)
    psu = np.sort(random.integers(0, units, rows)).astype(np.int32)
    stratum = (psu.astype(np.int64) * 126 // units).astype(np.int32)
    columns = {
        name: (random.random(rows, dtype=np.float32) < 0.05 + 0.025 * j).astype(np.uint8)
        for j, name in enumerate(INDICATORS)
    }
    weight = random.uniform(0.5, 2, rows)
    return columns | {
        "w": weight,
        "psu": psu,
        "stratum": stratum,
        "region": (stratum * 5 // 126).astype(np.int8),
    }


def best(run: Callable[[], Any], repeat: int) -> tuple[float, Any]:
    times, found = [], None
    for _ in range(repeat):
        start = perf_counter()
        found = run()
        times.append(perf_counter() - start)
    return min(times), found


def flat(*measured: Measures, column: str = "estimate") -> Results:
    out: Results = {}
    for m in measured:
        values = m.table[column].to_numpy()
        for g in m.tally.group_labels().get("region", ["all"]):
            group = {} if g == "all" else {"region": g}
            out |= {(g, name): values[m.find(measure=name, **group)] for name in ("H", "A", "M0")}
            for name in INDICATORS:
                for measure in ("headcount", "censored_headcount", "contribution"):
                    out[g, f"{measure}:{name}"] = values[m.find(measure=measure, indicator=name, **group)]
    return out


def by_polars(frame: Any) -> Results:
    import polars as pl

    count = pl.sum_horizontal(INDICATORS)
    rows = frame.lazy().with_columns(count.alias("count")).with_columns((pl.col("count") >= 4).alias("poor"))
    w = pl.col("w")
    poor = w.filter(pl.col("poor"))
    sums = [
        w.sum().alias("all"),
        poor.sum().alias("poor"),
        (w * pl.col("count")).filter(pl.col("poor")).sum().alias("score"),
        *(w.filter(pl.col(i) == 1).sum().alias(i) for i in INDICATORS),
        *(w.filter(pl.col("poor") & (pl.col(i) == 1)).sum().alias(f"c_{i}") for i in INDICATORS),
    ]
    found = rows.group_by("region").agg(sums).sort("region").collect().to_dicts()
    return from_sums(found)


def by_duckdb(frame: Any) -> Results:
    import duckdb

    total = " + ".join(INDICATORS)
    sums = ['sum(w) as "all"', "sum(w) filter (n >= 4) as poor", "sum(w * n) filter (n >= 4) as score"]
    sums += [f"sum(w) filter ({i} = 1) as {i}" for i in INDICATORS]
    sums += [f"sum(w) filter (n >= 4 and {i} = 1) as c_{i}" for i in INDICATORS]
    relation = duckdb.from_arrow(frame.to_arrow())
    rows = f"select *, {total} as n from rel"
    query = f"select region, {', '.join(sums)} from ({rows}) group by region order by region"
    return from_sums(relation.query("rel", query).pl().to_dicts())


def from_sums(groups: list[dict[str, Any]]) -> Results:
    out: Results = {}
    whole = {name: sum(g[name] for g in groups) for name in groups[0] if name != "region"}
    for g in [whole | {"region": "all"}, *groups]:
        score = g["score"] / len(INDICATORS)
        out |= {
            (g["region"], "H"): g["poor"] / g["all"],
            (g["region"], "A"): score / g["poor"],
            (g["region"], "M0"): score / g["all"],
        }
        for i in INDICATORS:
            out[g["region"], f"headcount:{i}"] = g[i] / g["all"]
            out[g["region"], f"censored_headcount:{i}"] = g[f"c_{i}"] / g["all"]
            out[g["region"], f"contribution:{i}"] = g[f"c_{i}"] / len(INDICATORS) / score
    return out


def by_mpitb(frame: Any) -> Results:
    """PyPI mpitb: the same figures (its standard errors leave out strata and units)."""
    import mpitb

    box = mpitb.MPIToolbox()
    box.svyset(weight="w")
    box.set("all", dimensions=[([name], name) for name in INDICATORS])
    # 30 percent picks the same people as four of twelve, which a float score may miss
    found = box.est(frame.copy(), "all", klist=[30], over=["region"], svy=True)
    names = {"hd": "headcount", "hdk": "censored_headcount", "pctb": "contribution"}
    out: Results = {}
    for row in found:
        group = row.get("subg", "all")
        if row["measure"] in ("H", "A", "M0"):
            out[group, row["measure"]] = row["b"]
        elif row["measure"] in names:
            out[group, f"{names[row['measure']]}:{row['indicator']}"] = row["b"]
    return out


def by_svy(frame: Any) -> tuple[Results, Results]:
    """PyPI svy: means and ratios with linearised errors; estimates, and standard errors."""
    import polars as pl
    import svy

    poor = pl.sum_horizontal(INDICATORS) >= 4
    frame = frame.with_columns(
        poor.cast(pl.Float64).alias("H"),
        (poor * pl.sum_horizontal(INDICATORS) / len(INDICATORS)).alias("M0"),
        *((poor & (pl.col(i) == 1)).cast(pl.Float64).alias(f"censored_headcount:{i}") for i in INDICATORS),
        *(pl.col(i).cast(pl.Float64).alias(f"headcount:{i}") for i in INDICATORS),
    )
    kinds = ("headcount", "censored_headcount")
    means = ["H", "M0", *(f"{kind}:{i}" for kind in kinds for i in INDICATORS)]
    estimation = svy.Sample(frame, svy.Design(stratum="stratum", psu="psu", wgt="w")).estimation
    values: Results = {}
    errors: Results = {}

    def keep(name: str, found: Any, factor: float = 1) -> None:
        for row in found.to_polars().to_dicts():
            key = row.get("region", "all"), name
            values[key], errors[key] = row["est"] * factor, row["se"] * factor

    for by in (None, "region"):
        for name, found in zip(means, estimation.mean(means, by=by), strict=True):
            keep(name, found)
        keep("A", estimation.ratio("M0", "H", by=by))
        for i in INDICATORS:
            share = estimation.ratio(f"censored_headcount:{i}", "M0", by=by)
            keep(f"contribution:{i}", share, 1 / len(INDICATORS))
    return values, errors


def measure_all(tally: Tally, ks: Any = None) -> tuple[Measures, Measures]:
    region = tally.measure(SPEC, ks=ks)
    both = region.over(()), region
    for m in both:
        _ = m.table
    return both


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--only", choices=["mdpoverty", "polars", "duckdb"])
    parser.add_argument("--rivals", action="store_true", help="also PyPI's mpitb and svy, where installed")
    options = parser.parse_args()
    columns = make(options.rows)
    print(f"{options.rows:,} rows, best of {options.repeat}")

    def report(name: str, run: Callable[[], Any]) -> Any:
        seconds, found = best(run, options.repeat)
        print(f"{name:58} {1000 * seconds:9.1f} ms")
        return found

    def tally(design: SurveyDesign | None) -> Tally:
        weight = None if design else "w"
        return Tally.from_frame(columns, INDICATORS, by="region", weight=weight, design=design)

    results: dict[str, Results] = {}
    if options.only in (None, "mdpoverty"):
        plain = report("mdpoverty: tally, no design", lambda: tally(None))
        report("mdpoverty: all measures, country and region, no errors", lambda: measure_all(plain))
        results["mdpoverty"] = flat(*report("mdpoverty: both together", lambda: measure_all(tally(None))))
        full = report("mdpoverty: tally with strata and units", lambda: tally(DESIGN))
        report("mdpoverty: all measures with errors, country and region", lambda: measure_all(full))
        report("mdpoverty: the same for eight cut-offs", lambda: measure_all(full, CUT_OFFS))
        one = report("mdpoverty: both together, one cut-off", lambda: measure_all(tally(DESIGN)))
        report("mdpoverty: both together, eight cut-offs", lambda: measure_all(tally(DESIGN), CUT_OFFS))
        results["mdpoverty with a design"] = flat(*one)
    for name, run in (("polars", by_polars), ("duckdb", by_duckdb)):
        if options.only in (None, name):
            import polars as pl

            frame = pl.DataFrame(columns)
            results[name] = report(
                f"{name}: H, A, M0, headcounts, contributions", lambda run=run, frame=frame: run(frame)
            )
    if options.rivals:
        errors = flat(*one, column="se")
        pandas = frame.to_pandas()
        results["mpitb"] = report("mpitb (PyPI): the same, wrong errors", lambda: by_mpitb(pandas))
        results["svy"], found = report("svy (PyPI): the same with errors", lambda: by_svy(frame))
        assert np.allclose([found[key] for key in errors], list(errors.values()), rtol=1e-6, atol=0)
        print("standard errors equal svy's")
    first = next(iter(results.values()))
    for name, found in results.items():
        assert found.keys() == first.keys(), name
        assert np.allclose(list(found.values()), [first[key] for key in found], rtol=1e-9, atol=0), name
    print(f"results equal: {', '.join(results)} ({len(first)} figures)")


if __name__ == "__main__":
    main()
