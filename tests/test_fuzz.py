"""Random reviews of vn-2022, with gaps, go through every door of the library and agree with the pencil each time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import mdpoverty as mdp
from tests import oracle_with_gaps as pencil
from tests.oracle import CLASSES, DEVICES, ORDER, POVERTY_LINE
from tests.profiles import SHORT

vn = mdp.standards["vn-2022"]
YEAR, DATE = 2024, "2024-11-15"
HOUSEHOLDS = 300 if SHORT else 1_000_000
BLOCK = 5_000
PARTS = 2 if HOUSEHOLDS <= BLOCK else 8
FLAGS = (*pencil.MATERIALS, *DEVICES)
PERSONAL = ("able_to_work", "disabled", "social_allowance", "stunted", "underweight", "insured")
PERSONAL = (*PERSONAL, "workplace_training", "uses_internet")
LINES = (1_500_000, 2_000_000, 2_250_000, 3_000_000)
AMOUNTS = sorted({line + d for line in LINES for d in (-1, 0, 1)} | {0, 9_000_000})
Rows = list[dict[str, Any]]


class Review:
    """Households with gaps and their members, as rows and as Arrow tables."""

    def __init__(self, rng: np.random.Generator, n: int) -> None:
        gaps = rng.choice([0.0, 0.02, 0.1, 0.4], n)
        sizes = np.where(rng.random(n) < 0.05, 0, rng.integers(1, 8, n))
        homes = np.repeat(np.arange(n), sizes)

        def drawn(choices: Any, odds: Any, chances: Any = None) -> list[Any]:
            values = np.array(choices, dtype=object)[rng.choice(len(choices), len(odds), p=chances)]
            values[rng.random(len(odds)) < odds] = None
            return values.tolist()

        lost = gaps[homes]
        keys = rng.permutation(n) * 7 + 10**11
        total = np.where(sizes > 0, rng.choice(AMOUNTS, n) * np.maximum(sizes, 1) + rng.integers(-1, 2, n), 0)
        by_total = rng.random(n) < 0.2
        income = [None if by else each for by, each in zip(by_total, drawn(AMOUNTS, gaps), strict=True)]
        households = {
            "household_id": keys.tolist(),
            "area": drawn(["rural", "urban"], gaps),
            "income": income,
            "total_income": [max(int(t), 0) if by else None for by, t in zip(by_total, total, strict=True)],
            **{name: drawn([False, True], gaps, [0.8, 0.2] if name in DEVICES else [0.4, 0.6]) for name in FLAGS},
            "floor_area": drawn([0.0, 7.9, 8.0, 15.9, 16.0, 24.0, 40.0, 55.9, 56.0, 90.0], gaps),
            "water_source": drawn(pencil.WATER, gaps),
            "toilet": drawn(pencil.TOILETS, gaps),
        }
        members = {
            "household_id": keys[homes].tolist(),
            "age": drawn(pencil.AGES, lost),
            "sex": drawn(["female", "male"], lost),
            "employment": drawn(pencil.EMPLOYMENT, lost),
            **{name: drawn([False, True], lost) for name in PERSONAL},
            "qualification": drawn(pencil.LEVELS, lost),
            "attending": drawn(pencil.MAY_BE["attending"], lost),
        }
        types = {"household_id": pa.int64(), "age": pa.int16(), "income": pa.int64(), "total_income": pa.int64()}
        types |= {name: pa.bool_() for name in (*FLAGS, *PERSONAL)} | {"floor_area": pa.float64()}
        self.homes, self.people = (
            pa.table({name: pa.array(values, types.get(name, pa.string())) for name, values in table.items()})
            for table in (households, members)
        )
        self.order = rng.permutation(len(homes))
        self.rows: Rows = self.homes.to_pylist()
        people: Rows = self.people.to_pylist()
        edges = np.cumsum(sizes)
        self.members = [people[end - size : end] for end, size in zip(edges.tolist(), sizes.tolist(), strict=True)]

    @property
    def shuffled(self) -> pa.Table:
        return self.people.take(self.order)

    def expected(self) -> tuple[np.ndarray, np.ndarray]:
        """Return what the pencil says: indicators as 0, 1 or 2, and the possible classes as bits."""
        codes = np.empty((len(self.rows), len(ORDER)), np.uint8)
        bits = np.empty(len(self.rows), np.uint8)
        for row, (household, members) in enumerate(zip(self.rows, self.members, strict=True)):
            found = pencil.indicators(household, members, YEAR)
            codes[row] = list(found.values())
            classes = pencil.possible(household, members, found)
            bits[row] = sum(1 << place for place, name in enumerate(CLASSES) if name in classes)
        return codes, bits


def of_frame(frame: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return what a table of results says, in the same way."""
    if isinstance(frame, pl.DataFrame):
        frame = frame.to_arrow()
    table = frame if isinstance(frame, pa.Table) else pa.table(pd.DataFrame(frame))
    told = [[pencil.UNKNOWN if v is None else 2 * bool(v) for v in table[name].to_pylist()] for name in ORDER]
    listed = [text.split("|") for text in table["possible"].to_pylist()]
    bits = [sum(1 << CLASSES.index(name) for name in names) for names in listed]
    return np.array(told, np.uint8).T, np.array(bits, np.uint8)


def by_scan(review: Review, folder: Path, *, aligned: bool) -> Any:
    pq.write_table(review.homes, folder / "homes.parquet", row_group_size=700)
    pq.write_table(review.people if aligned else review.shuffled, folder / "people.parquet", row_group_size=900)
    scan = mdp.scan(folder / "homes.parquet", folder / "people.parquet", block=997, aligned=aligned)
    return pq.read_table(vn.classify(scan, date=DATE, sink=folder / "out.parquet").files[0])


def by_sql(review: Review, folder: Path) -> Any:
    with duckdb.connect() as database:
        database.register("households", review.homes)
        database.register("members", review.shuffled)
        found = database.sql(vn.to_sql(date=DATE)).df().set_index("household_id")
    return found.loc[[row["household_id"] for row in review.rows]].reset_index()


def in_codes(review: Review, folder: Path) -> Any:
    """Somebody's own names and codes: numbers for words, 1 and 2 for yes and no, -9 for no answer."""
    names = {name: f"c_{name}" for name in (*review.homes.column_names[1:], *review.people.column_names[1:])}
    codes: dict[str, dict[Any, Any]] = {}
    frames = []
    for table in (review.homes, review.people):
        frame = table.to_pandas().astype(object)
        for name in table.column_names[1:]:
            values = {**dict.fromkeys(("area", "sex"), ()), **pencil.MAY_BE, "area": ("rural", "urban")}.get(name)
            if name in ("age", "floor_area", "income", "total_income"):
                continue
            listed = [True, False] if values is None else list(values)
            codes[name] = {**dict(enumerate(listed, 1)), -9: None}
            back = {value: number for number, value in enumerate(listed, 1)}
            frame[name] = [back.get(value, -9) if value is not None else -9 for value in frame[name]]
        frames.append(frame.rename(columns=names))
    return vn.classify(*frames, date=DATE, columns=names, codes=codes).to_frame()


WAYS: dict[str, Any] = {
    "pandas": lambda r, _: vn.classify(
        r.homes.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}.get),
        r.shuffled.to_pandas(types_mapper={pa.int16(): pd.Int16Dtype(), pa.bool_(): pd.BooleanDtype()}.get),
        date=DATE,
    ).to_frame(),
    "pandas objects": lambda r, _: vn.classify(
        pd.DataFrame(r.rows, dtype=object), pd.DataFrame([w for m in r.members for w in m], dtype=object), date=DATE
    ).to_frame(),
    "polars": lambda r, _: vn.classify(pl.from_arrow(r.homes), pl.from_arrow(r.people), date=DATE).to_frame(),
    "arrow in pieces": lambda r, _: vn.classify(
        pa.concat_tables([r.homes.slice(0, 13), r.homes.slice(13)]),
        pa.concat_tables([r.shuffled.slice(0, 11), r.shuffled.slice(11)]),
        date=DATE,
    ).to_frame(),
    "lists": lambda r, _: vn.classify(r.homes.to_pydict(), r.shuffled.to_pydict(), date=DATE).to_frame(),
    "own codes": in_codes,
    "scan": lambda r, folder: by_scan(r, folder, aligned=True),
    "scan in any order": lambda r, folder: by_scan(r, folder, aligned=False),
    "SQL": by_sql,
}


@pytest.mark.parametrize("part", range(PARTS))
def test_every_way_says_what_the_pencil_says(part: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(20240 + part)
    done = 0
    while done < HOUSEHOLDS // PARTS:
        n = min(BLOCK, HOUSEHOLDS // PARTS - done)
        review = Review(rng, n)
        codes, bits = review.expected()
        for name, way in WAYS.items():
            folder = tmp_path / f"{done} {name}"
            folder.mkdir()
            told = of_frame(way(review, folder))
            for what, ours, theirs in zip(("indicators", "classes"), (codes, bits), told, strict=True):
                wrong = np.flatnonzero((ours != theirs) if ours.ndim == 1 else (ours != theirs).any(axis=1))
                first = int(wrong[0]) if len(wrong) else 0
                shown = (review.rows[first], review.members[first], ours[first], theirs[first])
                assert not len(wrong), f"{name}: {what} of {len(wrong)} households differ: {shown}"
        self_said = vn.classify(review.homes, review.people, date=DATE)
        counted = vn.tally(mdp.scan(review.homes, review.people, block=311), date=DATE).counts()
        classes = [CLASSES[int(b).bit_length() - 1] if int(b).bit_count() == 1 else "open" for b in bits]
        expected = pd.Series(classes).value_counts().to_dict()
        assert {name: n for name, n in zip(counted["category"], counted["n"], strict=True) if n} == expected
        for row in rng.choice(n, min(n, 50), replace=False).tolist():
            verdict = vn.assess(review.rows[row], review.members[row] or None, date=DATE)
            assert list(verdict.indicators.values()) == codes[row].tolist(), review.rows[row]
            assert sum(1 << CLASSES.index(name) for name in verdict.possible) == bits[row]
            again = self_said.explain(review.rows[row]["household_id"]).to_dict()
            assert {**again, "receipt": None} == {**verdict.to_dict(), "receipt": None}
        done += n


def test_the_pencil_itself_is_not_idle() -> None:
    """Of random reviews, some households are settled in every class, and some are open in every way."""
    _, bits = Review(np.random.default_rng(1), 2_000).expected()
    assert {1, 2, 4, 8} <= set(bits.tolist())
    assert len(set(bits.tolist())) >= 8
    assert POVERTY_LINE["rural"] in AMOUNTS
