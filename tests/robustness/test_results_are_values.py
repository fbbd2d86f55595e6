"""Results are values: nothing that the caller can still change decides what they say."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mdpoverty as mdp
from mdpoverty.measures import income_poverty
from mdpoverty.tables import keeping
from tests.vn_answers import home, person

vn = mdp.standards["vn-2022"]
INCOMES = [1_000_000, 1_000_000, 9_000_000, 9_000_000]
OTHERWISE: dict[str, Any] = {
    **dict.fromkeys(("able_to_work", "insured", "uses_internet"), False),
    **dict.fromkeys(("disabled", "social_allowance", "workplace_training"), True),
    **{"employment": "own_account", "qualification": "none", "sex": "male"},
}
"""What members of the last household answer otherwise, so that whatever is copied from their rows is seen."""
Columns = dict[str, Any]


def columns() -> tuple[Columns, Columns]:
    """Return four households with two members each, column by column, as arrays."""
    homes = [
        {"household_id": i, "village": i % 2, "household_size": 2, **home(income=income)}
        for i, income in enumerate(INCOMES)
    ]
    people = [
        {"household_id": i, "number": n, "floor_area": 10 * i + n, **person(age=age, **(OTHERWISE if i == 3 else {}))}
        for i in range(4)
        for n, age in ((1, 34), (2, 40))
    ]
    return tuple({name: np.array([row[name] for row in rows]) for name in rows[0]} for rows in (homes, people))  # type: ignore[return-value]


def _change_arrays(table: Columns) -> None:
    for name, values in table.items():
        table[name][:] = [values[-1]] * len(values)


def _change_lists(table: Any) -> None:
    for values in table.values():
        values[0] = values[-1]


def _change_pandas(table: pd.DataFrame) -> None:
    for position in range(table.shape[1]):
        table.iloc[0, position] = table.iloc[-1, position]
    table["income" if "income" in table else "age"] = 7
    table.index = pd.Index([f"row {i}" for i in range(len(table))])
    table.index.name = "changed"


def _change_polars(table: pl.DataFrame) -> None:
    for name in table.columns:
        table[0, name] = table[-1, name]
    table.drop_in_place("village" if "village" in table.columns else "sex")


def _gaps(table: Columns) -> pd.DataFrame:
    """Return a table of pandas' nullable columns in memory that is nobody else's, the last row's flags missing."""
    frame = pd.DataFrame(table).convert_dtypes()
    flags = frame.select_dtypes("boolean").columns
    frame.loc[len(frame) - 1, flags] = pd.NA
    return frame.copy()


def _held(table: Columns, made: Any) -> tuple[Any, Callable[[], None]]:
    """Return a table made over the caller's arrays, and what changes the numbers in these."""

    def change() -> None:
        for values in table.values():
            if values.dtype.kind in "iufb":
                values[:] = ~values if values.dtype == bool else values[::-1] + 7

    return made, change


KINDS: dict[str, Callable[[Columns], tuple[Any, Callable[[], None]]]] = {
    "dict of arrays": lambda c: (c, lambda: _change_arrays(c)),
    "dict of lists": lambda c: (t := {n: v.tolist() for n, v in c.items()}, lambda: _change_lists(t)),
    "dict of series": lambda c: (
        t := {n: pd.Series(v) for n, v in c.items()},
        lambda: [s.__setitem__(0, s.iloc[-1]) for s in t.values()] and None,
    ),
    "pandas": lambda c: (t := pd.DataFrame(c), lambda: _change_pandas(t)),
    "pandas nullable": lambda c: (t := pd.DataFrame(c).convert_dtypes(), lambda: _change_pandas(t)),
    "pandas nullable with gaps": lambda c: (t := _gaps(c), lambda: _change_pandas(t)),
    "dict of floats": lambda c: (
        t := {n: v.astype(float) if n in ("age", "income") else v.copy() for n, v in c.items()},
        lambda: _change_arrays(t),
    ),
    "pandas objects": lambda c: (t := pd.DataFrame(c).astype(object), lambda: _change_pandas(t)),
    "pandas over arrays": lambda c: _held(c, pd.DataFrame(c, copy=False)),
    "polars": lambda c: (t := pl.DataFrame(c), lambda: _change_polars(t)),
    "pandas of Arrow over arrays": lambda c: _held(c, pa.table(c).to_pandas(types_mapper=pd.ArrowDtype)),
    "polars over arrays": lambda c: _held(c, pl.DataFrame(c)),
    "pyarrow over arrays": lambda c: _held(c, pa.table(c)),
    "dict of polars over arrays": lambda c: _held(c, {n: pl.Series(v) for n, v in c.items()}),
    "dict of Arrow over arrays": lambda c: _held(c, {n: pa.array(v) for n, v in c.items()}),
}


def _names(table: Any) -> list[str]:
    if isinstance(table, pa.Table):
        return list(table.column_names)
    return list(table if isinstance(table, dict) else table.columns)


def said(found: mdp.Assessment) -> list[Any]:
    """Return everything that an assessment says."""
    frame = found.to_frame()
    return [
        found.category.tolist(),
        found.keys,
        [found.explain(key).to_dict() for key in found.keys],
        found.counts(by="village").to_dict("list"),
        found.tally(by="village").counts().to_dict("list"),
        {name: np.asarray(frame[name]).tolist() for name in _names(frame)},
        list(frame.index) if isinstance(frame, pd.DataFrame) else None,
        frame.index.name if isinstance(frame, pd.DataFrame) else None,
        found.answers("income"),
        found.answers("floor_area"),
        found.answers("sex", "member"),
        found.answers("number", "member"),
        found.answers("floor_area", "member"),
        found.answers("household_id", "member"),
        found.measure(weight="household_size", missing="drop").table.to_csv(),
        found.repaired(["toilet"]).category.tolist(),
        found.receipt.to_dict(),
    ]


@pytest.mark.parametrize(
    ("kind", "long"), [*((kind, keeping._LONG) for kind in KINDS), ("polars over arrays", 1), ("polars", 1)]
)
def test_what_becomes_of_the_tables_changes_nothing_that_was_found(
    kind: str, long: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "_LONG", long)
    codes: dict[str, dict[Any, Any]] = {"sex": {"f": "female"}}
    names = {"floor_area": "floor_area"}
    options: dict[str, Any] = {"codes": codes, "columns": names, "date": "2024-11-15"}

    def classified() -> tuple[mdp.Assessment, list[Callable[[], None]]]:
        opened = [KINDS[kind](its) for its in columns()]
        return vn.classify(*(table for table, _ in opened), **options), [change for _, change in opened]

    expected = said(classified()[0])
    found, changes = classified()
    for change in changes:
        change()
    codes["sex"]["m"] = "male"
    codes["age"] = {1: 100}
    names["income"] = "village"
    assert said(found) == expected
    assert found.category.tolist() == ["near_poor", "near_poor", "above_average", "above_average"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_becomes_of_the_table_of_results_changes_nothing_that_was_found(kind: str) -> None:
    found = vn.classify(*(KINDS[kind](its)[0] for its in columns()), date="2024-11-15")
    expected, frame = said(found), found.to_frame()
    if isinstance(frame, pd.DataFrame):
        for position in range(frame.shape[1]):
            frame.iloc[0, position] = frame.iloc[-1, position]
        frame.index.name = "changed"
    elif isinstance(frame, pl.DataFrame):
        for name in frame.columns:
            frame[0, name] = frame[-1, name]
    elif isinstance(frame, dict):
        for values in frame.values():
            if not isinstance(values, pa.Array):  # which can't be changed
                values[0] = values[len(values) - 1]
    assert said(found) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_found_is_the_same_elsewhere(kind: str) -> None:
    found = vn.classify(*(KINDS[kind](its)[0] for its in columns()), date="2024-11-15")
    assert said(pickle.loads(pickle.dumps(found))) == said(found)


def test_an_assessments_own_arrays_cannot_be_changed() -> None:
    found = vn.classify(*columns(), date="2024-11-15")
    with pytest.raises(ValueError, match="read-only"):
        found.codes[0] = 3


def test_a_verdict_keeps_what_it_was_asked() -> None:
    record, members = home(), [person()]
    verdict = vn.assess(record, members)
    expected = verdict.to_dict(), verdict.text()
    record["income"], members[0]["age"] = 9_000_000, 3
    members.append(person())
    verdict.indicators.update(toilet=2)  # type: ignore[attr-defined]
    assert (verdict.to_dict(), verdict.text()) == expected


def test_a_receipt_keeps_what_it_was_read_from() -> None:
    data = vn.classify(*columns(), date="2024-11-15", codes={"sex": {"f": "female"}}).receipt.to_dict()
    receipt = mdp.Receipt.from_dict(data)
    expected = receipt.to_dict()
    data["options"]["codes"]["sex"]["f"] = "male"
    data["options"]["given"], data["parts"]["before"] = ["toilet"], "another"
    assert receipt.to_dict() == expected


def test_what_becomes_of_a_results_table_changes_nothing_that_it_says() -> None:
    """Whoever sorts a table in place, or adds a column of their own, still asks the same figures."""
    a, b = (vn.classify(*columns(), date=f"{year}-11-15") for year in (2023, 2024))
    villages = [{"income": income, "village": place} for income, place in zip(INCOMES, "xyyx", strict=True)]
    lines = {"income": {"rural": 900_000, "urban": 2_000_000}}
    other = vn.evolve(id="x", thresholds=lines, citation=mdp.Citation("made up"))
    results: list[tuple[Any, str, Callable[[Any], Any]]] = [
        (a.measure(by="village", missing="drop"), "table", lambda m: [m.value(measure="H", village=i) for i in (0, 1)]),
        (
            income_poverty(pd.DataFrame(villages), income="income", line=2_000_000, by="village"),
            "table",
            lambda m: [m.value("FGT1", village=place) for place in "xy"],
        ),
        (mdp.flows(a, b), "table", lambda f: [f.keys, f.receipt.to_dict(), f.counts().to_csv()]),
        (mdp.compare(vn, other, *columns()), "changed", lambda c: c.to_changed("en").to_csv()),
    ]
    for result, name, say in results:
        expected = say(result)
        table = getattr(result, name)
        for position in range(table.shape[1]):
            table.iloc[:, position] = table.iloc[::-1, position].tolist()
        table["mine"] = 1
        assert say(result) == expected
        assert "mine" not in getattr(result, name)
