"""The library's main job written by hand, once for each engine: raw answers in, class and twelve indicators out.

These are what the library is measured against, so each is written as someone who knows that engine would, and none
shares code with the library; the amounts and codes are those of the tests' oracle. They know nothing of missing
answers: their data are complete (``gaps=0``), with nulls only where a question isn't asked.

What each gets is in its own kind and prepared beforehand, and each answers with a :class:`Result` in that kind too;
``result.words()``, outside the timing, brings all to one form, so that they can be checked equal.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from decree import AVERAGE_CEILING as CEILING
from decree import (
    DATE,
    DEVICES,
    ENOUGH,
    FROM_LOWER,
    FROM_UPPER,
    HYGIENIC,
    RETIREMENT,
    SAFE_WATER,
)
from decree import ORDER as INDICATORS
from decree import POVERTY_LINE as LINE

import mdpoverty as mdp
from mdpoverty import examples

Tables = tuple[pa.Table, pa.Table]


class Result(NamedTuple):
    """Positions in CLASSES, and either a word of twelve bits per household or a frame of twelve columns of flags."""

    classes: Any
    deprived: Any

    def words(self) -> tuple[np.ndarray, np.ndarray]:
        """Return classes and indicator bits as arrays, whatever the engine."""
        if isinstance(self.deprived, np.ndarray):
            return np.asarray(self.classes, dtype=np.uint8), self.deprived
        word = np.zeros(len(self.classes), dtype=np.uint16)
        for bit, name in enumerate(INDICATORS):
            word |= np.asarray(self.deprived[name]).astype(np.uint16) << bit
        return np.asarray(self.classes).astype(np.uint8), word


# ---- data ------------------------------------------------------------------------------------------------------------


def make(n: int, folder: Path, *, seed: int = 2024) -> Tables:
    """Make ``n`` complete households and their members up, or read them from ``folder`` if they are there already."""
    paths = [folder / f"{table}-{n}-{seed}.parquet" for table in ("households", "members")]
    if not all(path.exists() for path in paths):
        folder.mkdir(parents=True, exist_ok=True)
        empty = examples.commune(0, gaps=0, kind="pyarrow", ids="int")
        writers = [pq.ParquetWriter(path, table.schema) for path, table in zip(paths, empty, strict=True)]
        for block in examples.population(n, seed=seed, gaps=0, kind="pyarrow", ids="int"):
            for writer, table in zip(writers, block, strict=True):
                writer.write_table(table)
        for writer in writers:
            writer.close()
    households, members = (_in_order(pq.read_table(path), _labels(n)) for path in paths)
    return households, members


def _labels(n: int) -> dict[str, pa.Array]:
    words = {}
    for table in next(examples.population(n, block=1, gaps=0, kind="pyarrow")):
        for name, column in zip(table.column_names, table.columns, strict=True):
            if pa.types.is_dictionary(column.type):
                words[name] = column.combine_chunks().dictionary
    return words


def _in_order(table: pa.Table, words: dict[str, pa.Array]) -> pa.Table:
    """Give coded columns the codes in their own order again: a file keeps them in order of appearance."""
    for name, labels in words.items():
        if name in table.column_names:
            text = table[name].cast(pa.string()).combine_chunks()
            codes = pc.index_in(text, labels).cast(pa.int8())
            coded = pa.DictionaryArray.from_arrays(codes, labels)
            table = table.set_column(table.column_names.index(name), name, coded)
    return table


def as_pandas(tables: Tables) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The frames of ``commune(kind="pandas")``: flags that aren't asked of everyone are nullable booleans."""
    frames = []
    for table in tables:
        frame = table.to_pandas()
        for name, column in zip(table.column_names, table.columns, strict=True):
            if pa.types.is_boolean(column.type) and column.null_count:
                frame[name] = frame[name].astype("boolean")
        frames.append(frame)
    return frames[0], frames[1]


def as_polars(tables: Tables) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The frames of ``commune(kind="polars")``, codes as Enum."""
    labels = _labels(len(tables[0]))
    frames = []
    for table in tables:
        frame = pl.DataFrame(pl.from_arrow(table))
        coded = [name for name in frame.columns if name in labels]
        frames.append(
            frame.with_columns(pl.col(name).cast(pl.Enum(labels[name].to_pylist())) for name in coded).rechunk()
        )
    return frames[0], frames[1]


def as_arrays(tables: Tables) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Bytes as the hand-tuned kernel wants them: codes by position, what isn't asked is 0."""
    dicts: list[dict[str, np.ndarray]] = []
    for table in tables:
        arrays = {}
        for name, column in zip(table.column_names, table.columns, strict=True):
            one = column.combine_chunks()
            if pa.types.is_dictionary(one.type):
                one = one.indices
            if pa.types.is_boolean(one.type):
                one = one.cast(pa.uint8())
            if one.null_count:
                one = one.fill_null(0)
            values = one.to_numpy(zero_copy_only=False)
            arrays[name] = values if name in ("household_id", "income", "floor_area") else values.astype(np.uint8)
        dicts.append(arrays)
    return dicts[0], dicts[1]


def as_duckdb(tables: Tables) -> tuple[duckdb.DuckDBPyConnection, None]:
    """Two tables in DuckDB's own memory, codes as text, which it keeps in dictionaries of its own."""
    connection = duckdb.connect()
    for name, table in zip(("households", "members"), tables, strict=True):
        connection.register("arrow", table)
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM arrow")
        connection.unregister("arrow")
    return connection, None


# ---- numpy -----------------------------------------------------------------------------------------------------------


def numpy_kernel(households: dict[str, np.ndarray], members: dict[str, np.ndarray], *, block: int = 70_000) -> Result:
    """By hand for speed: uint8 all through, a bit per rule, blocks that stay in the cache.

    Members stand in the order of their households. A household's bits are gathered by segmented doubling: after the
    step with k, a row holds the bits of itself and of the 2k - 1 rows after it in the same household. Dependents are
    counted by a running sum modulo 256.
    """
    size = households["household_size"]
    n = len(size)
    ends = np.cumsum(size, dtype=np.int64)
    classes, words = np.empty(n, dtype=np.uint8), np.empty(n, dtype=np.uint16)
    for first in range(0, n, block):
        last = min(first + block, n)
        low, high = int(ends[first - 1]) if first else 0, int(ends[last - 1])
        starts = ends[first:last] - size[first:last] - low
        m = {name: array[low:high] for name, array in members.items()}
        h = {name: array[first:last] for name, array in households.items()}
        bits, dependent = _person_bits(m)
        key = m["household_id"].astype(np.uint8)  # neighbours differ in the lowest byte too
        longest = int(h["household_size"].max())
        k = 1
        while k < longest:
            bits[:-k] |= bits[k:] * (key[k:] == key[:-k]).view(np.uint8)
            k *= 2
        running = np.cumsum(dependent, dtype=np.uint8)
        until = running[ends[first:last] - low - 1]
        dependents = until.copy()
        dependents[1:] -= until[:-1]
        word = _household_word(h, bits[starts], dependents)
        words[first:last] = word
        classes[first:last] = _classes(h, word)
    return Result(classes, words)


def _u8(flags: np.ndarray) -> np.ndarray:
    return flags.view(np.uint8)


def _person_bits(m: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    # employment: 0 contract, 1 no contract, 2 own account, 3 seeking, 4 not seeking. Schools by rising level: as a
    # certificate 2 is lower secondary and 3 to 5 satisfy an adult; attended, 3 is lower secondary and 4 to 6 satisfy.
    age, job, attending, certificate = m["age"], m["employment"], m["attending"], m["qualification"]
    young = _u8(age < 16)
    woman, man = (ceil(RETIREMENT[sex]) for sex in ("female", "male"))  # ages are whole years
    working_age = _u8(age < woman) | (_u8(age < man) & m["sex"])
    jobless = _u8(job == 3) & m["able_to_work"] & working_age
    bits = (jobless | _u8(job == 1)) & _u8(age >= 15)
    bits |= (m["stunted"] | m["underweight"]) * young * np.uint8(4)
    bits |= ((m["insured"] ^ 1) & _u8(age >= 6)) * np.uint8(8)
    grown = _u8(age >= 18)
    trained = m["workplace_training"] | _u8(certificate >= 3) | _u8(attending >= 4)
    trained |= (_u8(certificate == 2) | _u8(attending == 3)) & (grown ^ 1)
    bits |= ((young ^ 1) & _u8(age <= 30) & (trained ^ 1)) * np.uint8(16)
    behind = _u8(age >= 3) & _u8(attending == 0)
    behind |= _u8(age >= 6) & _u8(attending <= 1)
    behind |= _u8(age >= 12) & _u8(attending <= 2)
    bits |= (behind & young) * np.uint8(32)
    bits |= m["uses_internet"] * np.uint8(128)
    dependent = young | ((_u8(age >= 60) | m["disabled"]) & m["social_allowance"])
    return bits, dependent


def _household_word(h: dict[str, np.ndarray], bits: np.ndarray, dependents: np.ndarray) -> np.ndarray:
    size = h["household_size"]
    low = bits & np.uint8(0b111101)
    low |= _u8(dependents * np.uint8(2) > size) * np.uint8(2)
    low |= _u8(h["wall_durable"] + h["pillar_durable"] + h["roof_durable"] < 2) * np.uint8(64)
    low |= _u8(h["floor_area"] < 8.0 * size) * np.uint8(128)
    high = _u8(h["water_source"] >= 6) | _u8(h["toilet"] >= 5) * np.uint8(2)
    high |= _u8(bits < 128) * np.uint8(4)
    device = h["television"].copy()
    for name in DEVICES[1:]:
        device |= h[name]
    high |= (device ^ 1) * np.uint8(8)
    word = np.empty(len(low), dtype=np.uint16)
    pair = word.view(np.uint8)
    pair[0::2], pair[1::2] = low, high  # little-endian, as every machine it will be timed on
    return word


def _classes(h: dict[str, np.ndarray], word: np.ndarray) -> np.ndarray:
    income, urban = h["income"], h["area"]
    low = _u8(income <= LINE["rural"]) | (_u8(income <= LINE["urban"]) & urban)
    middle = _u8(income <= CEILING["rural"]) | (_u8(income <= CEILING["urban"]) & urban)
    poor = low & _u8(np.bitwise_count(word) >= ENOUGH)
    return np.uint8(3) - middle - low - poor


_ANY = ("employment", "nutrition", "health_insurance", "adult_education", "child_schooling", "uses_internet")

# ---- pandas ----------------------------------------------------------------------------------------------------------


def _pandas_flags(m: pd.DataFrame) -> pd.DataFrame:
    age, job = m["age"], m["employment"]
    man = m["sex"] == "male"
    working_age = (age >= 15) & ((man & (age < RETIREMENT["male"])) | (~man & (age < RETIREMENT["female"])))
    jobless = working_age & m["able_to_work"].fillna(False) & (job == "seeking")
    undernourished = m["stunted"].fillna(False) | m["underweight"].fillna(False)
    trained = m["workplace_training"].fillna(False)
    at_16 = m["qualification"].isin(FROM_LOWER) | m["attending"].isin(FROM_LOWER) | trained
    at_18 = m["qualification"].isin(FROM_UPPER) | m["attending"].isin(FROM_UPPER) | trained
    return pd.DataFrame(
        {
            "employment": jobless | ((job == "no_contract") & (age >= 15)),
            "nutrition": undernourished & (age < 16),
            "health_insurance": (age >= 6) & ~m["insured"],
            "adult_education": (age.between(16, 17) & ~at_16) | (age.between(18, 30) & ~at_18),
            "child_schooling": (age.between(3, 5) & (m["attending"] == "none"))
            | (age.between(6, 11) & m["attending"].isin(["none", "preschool"]))
            | (age.between(12, 15) & m["attending"].isin(["none", "preschool", "primary"])),
            "uses_internet": m["uses_internet"],
            "dependent": (age < 16) | (((age >= 60) | m["disabled"]) & m["social_allowance"]),
        }
    ).astype(bool)


def pandas_naive(households: pd.DataFrame, members: pd.DataFrame) -> Result:
    """As it is mostly written: indicator by indicator, each with its own group-by, merged to the households."""
    flags, house = _pandas_flags(members), households
    for name in flags:
        how = "sum" if name == "dependent" else "any"
        one = flags[name].groupby(members["household_id"]).agg(how).rename(f"member_{name}")
        house = house.merge(one, left_on="household_id", right_index=True, how="left")
    return _pandas_household(house, house.filter(like="member_").rename(columns=lambda name: name[len("member_") :]))


def pandas_tidy(households: pd.DataFrame, members: pd.DataFrame) -> Result:
    """As an analyst who has measured it writes it: one group-by for all flags, one look-up."""
    flags = _pandas_flags(members)
    groups = flags.groupby(members["household_id"])
    house = groups[list(_ANY)].any()
    house["dependent"] = groups["dependent"].sum()
    house = house.reindex(households["household_id"]).reset_index(drop=True)
    return _pandas_household(households, house)


def _pandas_household(h: pd.DataFrame, house: pd.DataFrame) -> Result:
    size = h["household_size"]
    flimsy = (~h[["wall_durable", "pillar_durable", "roof_durable"]]).sum(axis=1)
    deprived = pd.DataFrame(
        {
            "employment": house["employment"],
            "dependents": house["dependent"] * 2 > size,
            "nutrition": house["nutrition"],
            "health_insurance": house["health_insurance"],
            "adult_education": house["adult_education"],
            "child_schooling": house["child_schooling"],
            "housing_quality": flimsy >= 2,
            "housing_area": h["floor_area"] < 8 * size,
            "water_source": ~h["water_source"].isin(SAFE_WATER),
            "toilet": ~h["toilet"].isin(HYGIENIC),
            "telecommunication": ~house["uses_internet"],
            "information_devices": ~h[list(DEVICES)].any(axis=1),
        }
    )
    count = deprived.sum(axis=1)
    urban = h["area"] == "urban"
    low = h["income"] <= np.where(urban, LINE["urban"], LINE["rural"])
    middle = h["income"] <= np.where(urban, CEILING["urban"], CEILING["rural"])
    return Result(np.select([low & (count >= ENOUGH), low, middle], [0, 1, 2], 3), deprived)


# ---- polars ----------------------------------------------------------------------------------------------------------


def _polars_flags() -> list[pl.Expr]:
    age, job = pl.col("age"), pl.col("employment")
    retires = pl.when(pl.col("sex") == "male").then(RETIREMENT["male"]).otherwise(RETIREMENT["female"])
    working_age = (age >= 15) & (age < retires)
    trained = pl.col("workplace_training")
    at_16 = pl.col("qualification").is_in(FROM_LOWER) | pl.col("attending").is_in(FROM_LOWER) | trained
    at_18 = pl.col("qualification").is_in(FROM_UPPER) | pl.col("attending").is_in(FROM_UPPER) | trained
    attending = pl.col("attending")
    return [
        ((working_age & pl.col("able_to_work") & (job == "seeking")) | ((job == "no_contract") & (age >= 15))).alias(
            "employment"
        ),
        ((pl.col("stunted") | pl.col("underweight")) & (age < 16)).alias("nutrition"),
        ((age >= 6) & ~pl.col("insured")).alias("health_insurance"),
        ((age.is_between(16, 17) & ~at_16) | (age.is_between(18, 30) & ~at_18)).alias("adult_education"),
        (
            (age.is_between(3, 5) & (attending == "none"))
            | (age.is_between(6, 11) & attending.is_in(["none", "preschool"]))
            | (age.is_between(12, 15) & attending.is_in(["none", "preschool", "primary"]))
        ).alias("child_schooling"),
        pl.col("uses_internet"),
        ((age < 16) | (((age >= 60) | pl.col("disabled")) & pl.col("social_allowance"))).alias("dependent"),
    ]


def _polars_household(house: pl.DataFrame) -> Result:
    size = pl.col("household_size")
    flimsy = sum((~pl.col(part)).cast(pl.UInt8) for part in ("wall_durable", "pillar_durable", "roof_durable"))
    deprived = house.with_columns(
        dependents=pl.col("dependent") * 2 > size,
        housing_quality=flimsy >= 2,
        housing_area=pl.col("floor_area") < 8 * size,
        water_source=~pl.col("water_source").is_in(SAFE_WATER),
        toilet=~pl.col("toilet").is_in(HYGIENIC),
        telecommunication=~pl.col("uses_internet"),
        information_devices=~pl.any_horizontal(DEVICES),
    )
    urban = pl.col("area") == "urban"
    low = pl.col("income") <= pl.when(urban).then(LINE["urban"]).otherwise(LINE["rural"])
    middle = pl.col("income") <= pl.when(urban).then(CEILING["urban"]).otherwise(CEILING["rural"])
    poor = low & (pl.sum_horizontal(INDICATORS) >= ENOUGH)
    classes = deprived.select(pl.when(poor).then(0).when(low).then(1).when(middle).then(2).otherwise(3).alias("class"))
    return Result(classes["class"], deprived.select(INDICATORS))


def polars_eager(households: pl.DataFrame, members: pl.DataFrame) -> Result:
    """As an analyst writes it: group by household and join."""
    house = (
        members.select("household_id", *_polars_flags())
        .group_by("household_id")
        .agg(pl.col(_ANY).any(), pl.col("dependent").sum())
    )
    return _polars_household(households.join(house, on="household_id", how="left", maintain_order="left"))


def polars_sorted(households: pl.DataFrame, members: pl.DataFrame) -> Result:
    """For those who know that members stand in the order of their households, and that no household is without.

    Six flags in one byte, gathered by bitwise or: with sorted keys faster than six times ``any``.
    """
    flags = members.select(pl.col("household_id").set_sorted(), *_polars_flags())
    byte = pl.sum_horizontal(pl.col(name).fill_null(False).cast(pl.UInt8) * 2**bit for bit, name in enumerate(_ANY))
    house = (
        flags.select("household_id", "dependent", byte=byte.cast(pl.UInt8))
        .with_columns(pl.col("household_id").set_sorted())
        .group_by("household_id")
        .agg(pl.col("byte").bitwise_or(), pl.col("dependent").sum())
        .select("dependent", *((pl.col("byte") & 2**bit != 0).alias(name) for bit, name in enumerate(_ANY)))
    )
    return _polars_household(households.hstack(house.get_columns()))


# ---- DuckDB ----------------------------------------------------------------------------------------------------------

_SQL = f"""
WITH house AS (
    SELECT household_id,
        bool_or((employment = 'seeking' AND able_to_work AND age >= 15
                AND (age < {RETIREMENT["female"]} OR (age < {RETIREMENT["male"]} AND sex = 'male')))
            OR (employment = 'no_contract' AND age >= 15)) AS employment,
        count(*) FILTER (age < 16 OR ((age >= 60 OR disabled) AND social_allowance)) AS dependents,
        bool_or(age < 16 AND (stunted OR underweight)) AS nutrition,
        bool_or(age >= 6 AND NOT insured) AS health_insurance,
        bool_or(NOT workplace_training AND (
            (age BETWEEN 16 AND 17 AND qualification NOT IN {FROM_LOWER} AND attending NOT IN {FROM_LOWER})
            OR (age BETWEEN 18 AND 30 AND qualification NOT IN {FROM_UPPER} AND attending NOT IN {FROM_UPPER}))
        ) AS adult_education,
        bool_or((age BETWEEN 3 AND 5 AND attending = 'none')
            OR (age BETWEEN 6 AND 11 AND attending IN ('none', 'preschool'))
            OR (age BETWEEN 12 AND 15 AND attending IN ('none', 'preschool', 'primary'))) AS child_schooling,
        bool_or(uses_internet) AS uses_internet
    FROM members GROUP BY household_id
), deprived AS (
    SELECT h.household_id, area, income,
        coalesce(m.employment, false) AS employment, m.dependents * 2 > household_size AS dependents,
        coalesce(m.nutrition, false) AS nutrition, coalesce(m.health_insurance, false) AS health_insurance,
        coalesce(m.adult_education, false) AS adult_education, coalesce(m.child_schooling, false) AS child_schooling,
        wall_durable::INT + pillar_durable::INT + roof_durable::INT < 2 AS housing_quality,
        floor_area < 8 * household_size AS housing_area,
        water_source NOT IN {SAFE_WATER} AS water_source, toilet NOT IN {HYGIENIC} AS toilet,
        NOT m.uses_internet AS telecommunication, NOT ({" OR ".join(DEVICES)}) AS information_devices
    FROM households h JOIN house m USING (household_id)
)
SELECT CASE WHEN income > CASE area WHEN 'urban' THEN {CEILING["urban"]} ELSE {CEILING["rural"]} END THEN 3
        WHEN income > CASE area WHEN 'urban' THEN {LINE["urban"]} ELSE {LINE["rural"]} END THEN 2
        WHEN {" + ".join(f"{name}::INT" for name in INDICATORS)} < {ENOUGH} THEN 1 ELSE 0 END AS class,
    {", ".join(INDICATORS)}
FROM deprived ORDER BY household_id
"""


def duckdb_sql(connection: duckdb.DuckDBPyConnection, _: None = None) -> Result:
    """One query, answered in numpy arrays."""
    columns = connection.execute(_SQL).fetchnumpy()
    return Result(columns.pop("class"), columns)


class Rival(NamedTuple):
    """A way to do the job: ``run(*prepare(tables))``, of which only ``run`` is timed."""

    name: str
    prepare: Callable[[Tables], tuple[Any, Any]]
    run: Callable[..., Result]


class _Deprived:
    """An assessment's indicators as flags, asked for after the time is taken, as a word of bits is taken apart."""

    def __init__(self, assessment: Any) -> None:
        self.assessment = assessment

    def __getitem__(self, name: str) -> Any:
        return self.assessment.indicator(name) == mdp.YES


def library(households: Any, members: Any) -> Result:
    """The library itself, from its rule trees: answers checked, missing ones allowed for."""
    assessment = mdp.standards["vn-2022"].classify(households, members, date=DATE)
    return Result(assessment.codes, _Deprived(assessment))


RIVALS = (
    Rival("numpy, hand-tuned", as_arrays, numpy_kernel),
    Rival("mdpoverty, pandas", as_pandas, library),
    Rival("mdpoverty, polars", as_polars, library),
    Rival("polars, sorted", as_polars, polars_sorted),
    Rival("polars, eager", as_polars, polars_eager),
    Rival("duckdb, SQL", as_duckdb, duckdb_sql),
    Rival("pandas, tidy", as_pandas, pandas_tidy),
    Rival("pandas, naive", as_pandas, pandas_naive),
)
