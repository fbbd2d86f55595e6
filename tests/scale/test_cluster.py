"""Dask and Spark give what one table in memory gives: the same kernel on each part, tallies added up."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mdpoverty as mdp
from mdpoverty import examples
from mdpoverty.errors import BadTable, BadValues, MissingColumns, SpecError
from mdpoverty.standard import Standard
from tests import strategies
from tests.strategies import Review
from tests.tables import KINDS
from tests.toy import TOY

VN = mdp.standards["vn-2022"]
DATE = "2024-11-15"


def tables(review: Review) -> tuple[pd.DataFrame, pd.DataFrame]:
    homes, people = review.household_columns(), review.member_columns()
    return KINDS["pandas-nullable"](homes), KINDS["pandas-nullable"](people)


def same_frames(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    key = expected.columns[0]
    found, expected = (frame.sort_values(key).reset_index(drop=True) for frame in (found, expected))
    assert list(found.columns) == list(expected.columns)
    for name in expected.columns:
        ours, theirs = ([None if pd.isna(x) else x for x in frame[name].tolist()] for frame in (found, expected))
        assert ours == theirs, name


@pytest.fixture(scope="module")
def dd() -> Iterator[Any]:
    module = pytest.importorskip("dask.dataframe", reason="Dask isn't installed: pip install 'mdpoverty[dask]'")
    import dask

    with dask.config.set(scheduler="synchronous"):
        yield module


@settings(max_examples=15)
@given(
    standard=strategies.standards(),
    review=strategies.reviews(max_households=9),
    parts=st.tuples(st.integers(1, 4), st.integers(1, 4)),
)
def test_dask_gives_what_one_table_gives(dd: Any, standard: Standard, review: Review, parts: Any) -> None:
    homes, people = tables(review)
    frames = [dd.from_pandas(table, npartitions=n) for table, n in zip((homes, people), parts, strict=True)]
    scan = mdp.scan(*frames, aligned=False)
    expected = standard.classify(homes, people)
    assert standard.tally(scan, by="hc") == expected.tally(by="hc")
    same_frames(standard.classify(scan).compute(), expected.to_frame())


def test_dask_parts_that_belong_together_stay_where_they_are(dd: Any) -> None:
    import dask

    homes, people = examples.commune(900, ids="int")
    pieces = [(homes[i : i + 300], people[people["household_id"].between(i + 1, i + 300)]) for i in (0, 300, 600)]
    pieces.append((homes[:0], people[:0]))
    delayed = [[dask.delayed(piece[side]) for piece in pieces] for side in (0, 1)]
    frames = [dd.from_delayed(parts, meta=pieces[0][side][:0]) for side, parts in enumerate(delayed)]
    expected = VN.classify(homes, people, date=DATE)
    assert VN.tally(mdp.scan(*frames), by=["village", "area"], date=DATE) == expected.tally(["village", "area"])
    same_frames(VN.classify(mdp.scan(*frames), date=DATE).compute(), expected.to_frame())
    with pytest.raises(BadValues, match="aligned=False"):
        VN.tally(mdp.scan(frames[0], frames[1].partitions[[1, 0, 2, 3]]), date=DATE)
    with pytest.raises(BadTable, match="4 parts and members in 2"):
        VN.tally(mdp.scan(frames[0], frames[1].partitions[[0, 1]]), date=DATE)
    with pytest.raises(SpecError, match="sink"):
        VN.classify(mdp.scan(*frames), sink="out.parquet")
    with pytest.raises(BadTable, match="one kind"):
        mdp.scan(frames[0], people)


def test_dask_without_members(dd: Any) -> None:
    given = dict.fromkeys(TOY.indicators, True)
    homes = pd.DataFrame({"household_id": range(9), **given, "shells": 1, "coast": "east"})
    scan = mdp.scan(dd.from_pandas(homes, npartitions=3))
    assert TOY.tally(scan, given="all") == TOY.tally(homes, given="all")


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    sql = pytest.importorskip("pyspark.sql", reason="Spark isn't installed: pip install 'mdpoverty[spark]'")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Spark's own, about the versions that it meets
        try:
            session = (
                sql.SparkSession.builder.master("local[2]")
                .config("spark.sql.shuffle.partitions", "3")
                .config("spark.ui.enabled", "false")
                .config("spark.sql.execution.arrow.pyspark.enabled", "true")
                .getOrCreate()
            )
        except Exception as error:  # whatever a machine without Java says
            pytest.skip(f"no Spark session can be had (is Java 17 installed?): {error}")
        yield session
        session.stop()


@pytest.mark.filterwarnings("ignore")  # Spark's own
def test_spark_gives_what_one_table_gives(spark: Any) -> None:
    homes, people = examples.commune(600, kind="pyarrow", gaps=0.05)
    import pyarrow as pa

    def plain(table: Any) -> Any:
        texts = [pa.types.is_dictionary(kind) for kind in table.schema.types]
        fields = zip(table.schema, texts, strict=True)
        return table.cast(pa.schema([(f.name, pa.string() if text else f.type) for f, text in fields]))

    expected = VN.classify(homes, people, date=DATE)
    scan = mdp.scan(spark.createDataFrame(plain(homes)), spark.createDataFrame(plain(people)))
    assert VN.tally(scan, by=["village", "area"], date=DATE) == expected.tally(by=["village", "area"])
    found = VN.classify(scan, date=DATE).toArrow()
    assert found["category"].to_pylist().count(None) == int(expected.open.sum())
    same_frames(found.to_pandas(), expected.to_frame().to_pandas())
    nobody = mdp.scan(spark.createDataFrame(plain(homes)).limit(0), spark.createDataFrame(plain(people)).limit(0))
    assert VN.tally(nobody, date=DATE).n == 0
    with pytest.raises(MissingColumns):
        VN.tally(mdp.scan(spark.createDataFrame(plain(homes)).limit(0).drop("floor_area"), None), date=DATE)


@pytest.mark.filterwarnings("ignore")  # Spark's own
def test_spark_on_random_standards(spark: Any) -> None:
    @settings(max_examples=4, database=None)
    @given(standard=strategies.standards(), review=strategies.reviews(max_households=6))
    def check(standard: Standard, review: Review) -> None:
        homes, people = KINDS["pyarrow"](review.household_columns()), KINDS["pyarrow"](review.member_columns())
        scan = mdp.scan(spark.createDataFrame(homes), spark.createDataFrame(people))
        expected = standard.classify(homes, people)
        assert standard.tally(scan, by="hc") == expected.tally(by="hc")
        same_frames(standard.classify(scan).toArrow().to_pandas(), expected.to_frame().to_pandas())

    check()
