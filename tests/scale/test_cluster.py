"""Dask and Spark give what one table in memory gives: the same kernel on each part, tallies added up."""

from __future__ import annotations

import os
import pickle
import re
import sys
import unicodedata
import warnings
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mdpoverty as mdp
from mdpoverty import examples
from mdpoverty.errors import BadTable, BadValues, MissingColumns, SpecError
from mdpoverty.scale.report import Span, apart
from mdpoverty.scale.stream import Job
from mdpoverty.standard import Standard
from mdpoverty.tables.options import Reading
from tests import strategies
from tests.profiles import costly
from tests.scale.toys import given_homes
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


@costly(15)
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


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


@pytest.mark.parametrize("aligned", [True, False])
def test_names_in_decomposed_form_are_found_in_dask_frames(dd: Any, aligned: bool) -> None:
    homes, people = examples.commune(60)
    called = {"household_id": "Mã hộ", "income": "Thu nhập", "village": "Thôn", "age": "Tuổi"}
    names = {name: decomposed(own) for name, own in called.items()}
    parts = (1, 1) if aligned else (3, 2)
    frames = [
        dd.from_pandas(table.rename(columns=names), npartitions=n)
        for table, n in zip((homes, people), parts, strict=True)
    ]
    columns = {name: called[name] for name in ("income", "age")}
    options: dict[str, Any] = {"household_id": "Mã hộ", "columns": columns, "date": DATE}
    expected = VN.classify(homes, people, date=DATE)
    found = VN.tally(mdp.scan(*frames, aligned=aligned), by="Thôn", **options)
    assert found.counts()["n"].tolist() == expected.tally("village").counts()["n"].tolist()
    classes = VN.classify(mdp.scan(*frames, aligned=aligned), **options).compute()
    same_frames(classes, expected.to_frame().rename(columns={"household_id": decomposed("Mã hộ")}))


def test_keys_in_another_unicode_form_are_shuffled_to_their_household(dd: Any) -> None:
    homes, people = examples.commune(60)
    homes["household_id"] = "Hộ " + homes["household_id"].astype("str")
    people["household_id"] = decomposed("Hộ ") + people["household_id"].astype("str")
    expected = VN.classify(homes, people, date=DATE)
    frames = [dd.from_pandas(table, npartitions=n) for table, n in ((homes, 3), (people, 4))]
    scan = mdp.scan(*frames, aligned=False)
    assert VN.tally(scan, by="village", date=DATE) == expected.tally("village")
    same_frames(VN.classify(scan, date=DATE).compute(), expected.to_frame())


def test_a_key_in_two_parts_in_two_unicode_forms(dd: Any) -> None:
    homes = examples.commune(6)[0]
    homes["household_id"] = ["a", "Hộ", "z", "b", decomposed("Hộ"), "y"]
    homes[list(VN.indicators)] = True
    frames = dd.from_pandas(homes, npartitions=2, sort=False)
    with pytest.raises(BadValues, match="duplicate key"):
        VN.tally(mdp.scan(frames), given="all", date=DATE)


@pytest.mark.parametrize("aligned", [True, False])
def test_frames_without_a_key(dd: Any, aligned: bool) -> None:
    homes, people = examples.commune(20)
    keyless = [table.drop(columns="household_id") for table in (homes, people)]
    for pair in ((keyless[0], people), (homes, keyless[1])):
        frames = [dd.from_pandas(table, npartitions=1) for table in pair]
        scan = mdp.scan(*frames, aligned=aligned)
        for verb in (VN.tally, VN.classify):
            with pytest.raises(MissingColumns, match="no key column"):
                verb(scan, date=DATE)
    given = dict.fromkeys(TOY.indicators, True)
    alone = pd.DataFrame({**given, "shells": range(9), "coast": "east"})
    scan = mdp.scan(dd.from_pandas(alone, npartitions=3), aligned=aligned)
    assert TOY.tally(scan, given="all") == TOY.tally(alone, given="all")


@pytest.mark.parametrize("aligned", [True, False])
def test_frames_with_two_keys_of_one_name(dd: Any, aligned: bool) -> None:
    homes, people = examples.commune(20)
    doubled = pd.concat([homes, homes[["household_id"]]], axis=1)
    frames = [dd.from_pandas(table, npartitions=1) for table in (doubled, people)]
    with pytest.raises(BadTable, match="several columns of the households are called 'household_id'"):
        VN.tally(mdp.scan(*frames, aligned=aligned), date=DATE)


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
def test_names_in_decomposed_form_are_found_in_spark_frames(spark: Any) -> None:
    homes, people = examples.commune(60)
    called = {"household_id": "Mã hộ", "income": "Thu nhập", "age": "Tuổi"}
    names = {name: decomposed(own) for name, own in called.items()}
    texts = {name: str for name in homes.columns if homes[name].dtype == "category"}
    frames = [
        spark.createDataFrame(pa.Table.from_pandas(table.rename(columns=names), preserve_index=False))
        for table in (homes.astype(texts), people.astype({name: str for name in ("sex",) if name in people}))
    ]
    columns = {name: called[name] for name in ("income", "age")}
    options: dict[str, Any] = {"household_id": "Mã hộ", "columns": columns, "date": DATE}
    expected = VN.classify(homes, people, date=DATE)
    assert VN.tally(mdp.scan(*frames), **options).counts()["n"].sum() == len(homes)
    found = VN.classify(mdp.scan(*frames), **options).toArrow().to_pandas()
    same_frames(found, expected.to_frame().rename(columns={"household_id": decomposed("Mã hộ")}))
    with pytest.raises(MissingColumns, match="no key column"):
        VN.tally(mdp.scan(frames[0], frames[1].drop(decomposed("Mã hộ"))), **options)


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


# -------------------------------------------------------------------------------------------------- a key in two parts


@given(st.lists(st.lists(st.integers(0, 12), min_size=1, max_size=4, unique=True), max_size=4))
def test_spans_that_are_apart_share_no_key(parts: list[list[int]]) -> None:
    spans = [Span(keys[0], keys[-1], keys == sorted(keys)) for keys in parts]
    keys = [key for part in parts for key in part]
    if apart(spans):
        assert len(set(keys)) == len(keys)
    elif all(span.increasing for span in spans):
        spreads = sorted((span.first, span.last) for span in spans)
        assert any(one[1] >= other[0] for one, other in pairwise(spreads))
    assert not apart([Span(1, 3, True), Span("4", "5", True)])


def test_a_key_in_two_parts_of_dask_frames(dd: Any) -> None:
    homes, people = examples.commune(60, ids="int", kind="pandas")

    def scan(*rows: slice) -> Any:
        parts = [homes[each] for each in rows]
        theirs = [people[people["household_id"].isin(part["household_id"])] for part in parts]
        return mdp.scan(*(dd.from_map(lambda part: part, side, meta=side[0][:0]) for side in (parts, theirs)))

    assert VN.tally(scan(slice(0, 30), slice(30, 60)), date=DATE).n == 60
    assert VN.tally(scan(slice(0, None, 2), slice(1, None, 2)), date=DATE).n == 60  # interleaved, but each once
    with pytest.raises(BadValues, match=r"duplicate key \(2 rows: 29, 30\)"):
        VN.tally(scan(slice(0, 30), slice(28, 60)), date=DATE)


# ------------------------------------------------------------------------------------------------------ pairs of files


@pytest.fixture(params=["dask", pytest.param("spark", marks=pytest.mark.filterwarnings("ignore"))])
def engine(request: Any) -> Any:
    if request.param == "dask":
        request.getfixturevalue("dd")
        return "dask"
    return request.getfixturevalue("spark")


def frame_of(found: Any) -> pd.DataFrame:
    table: pd.DataFrame = found.compute() if hasattr(found, "compute") else found.toArrow().to_pandas()
    return table


def write(folder: Path, pairs: list[tuple[pa.Table, pa.Table | None]], kind: str = "parquet") -> list[list[str]]:
    """Write pairs of tables, and return the files of each side."""
    files: list[list[str]] = [[], []]
    for i, pair in enumerate(pairs):
        for side, table in enumerate(pair):
            if table is not None:
                files[side].append(f"{folder}/{('households', 'members')[side]}-{i:02}.{kind}")
                (pa.csv.write_csv if kind == "csv" else pq.write_table)(table, files[side][-1])
    return [side for side in files if side]


def commune_in(pairs: int, *, n: int = 60) -> tuple[Any, Any, list[tuple[Any, Any]]]:
    """Return a commune, and the same cut into pairs."""
    homes, people = examples.commune(n, ids="int", kind="pyarrow", gaps=0.05)
    size = n // pairs
    parts = [homes.slice(i * size, size) for i in range(pairs)]
    return homes, people, [(part, members_of(part, people)) for part in parts]


def members_of(homes: pa.Table, people: pa.Table) -> pa.Table:
    ours = homes["household_id"].combine_chunks()
    return people.filter(pa.compute.is_in(people["household_id"], value_set=ours))


def check_pairs(engine: Any, standard: Standard, review: Review, edges: list[int], kind: str, shuffle: Any) -> None:
    homes, people = KINDS["pyarrow"](review.household_columns()), KINDS["pyarrow"](review.member_columns())
    cuts = sorted({0, len(homes)} | {min(edge, len(homes)) for edge in edges})
    pairs = []
    for start, stop in [*pairwise(cuts), (0, 0)]:  # the last pair is empty
        part = Review(review.households[start:stop], review.members[start:stop])
        pairs.append((KINDS["pyarrow"](part.household_columns()), KINDS["pyarrow"](part.member_columns())))
    expected = standard.classify(homes, people)
    with TemporaryDirectory() as folder:
        households, members = write(Path(folder), shuffle(pairs), kind)
        scan = mdp.scan(households, members, engine=engine, block=2)
        found = standard.tally(scan, by="hc")
        if kind == "parquet":
            assert found == expected.tally(by="hc")
            same_frames(frame_of(standard.classify(scan)), expected.to_frame().to_pandas())
        else:
            assert found == standard.tally(mdp.scan(households, members), by="hc")
            keys = frame_of(standard.classify(scan))["household_id"].tolist()
            assert sorted(map(float, keys)) == sorted(homes["household_id"].to_pylist())


PAIRS = {
    "standard": strategies.standards(),
    "review": strategies.reviews(max_households=9),
    "edges": st.lists(st.integers(0, 9), max_size=3),
    "kind": st.sampled_from(["parquet", "csv"]),
    "data": st.data(),
}


@costly(15)
@given(**PAIRS)
def test_dask_over_pairs_gives_what_one_table_gives(dd: Any, data: st.DataObject, **case: Any) -> None:
    check_pairs("dask", **case, shuffle=lambda pairs: data.draw(st.permutations(pairs)))


@pytest.mark.filterwarnings("ignore")  # Spark's own
def test_spark_over_pairs_gives_what_one_table_gives(spark: Any) -> None:
    @settings(max_examples=4, database=None)
    @given(**PAIRS)
    def check(data: st.DataObject, **case: Any) -> None:
        check_pairs(spark, **case, shuffle=lambda pairs: data.draw(st.permutations(pairs)))

    check()


def test_a_commune_in_pairs(engine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    homes, people, pairs = commune_in(4)
    expected = VN.classify(homes, people, date=DATE)
    pairs.insert(2, (homes[:0], people[:0]))
    for name in ("households", "members"):
        (tmp_path / name).mkdir()
    for i, pair in enumerate(pairs):
        for side, table in zip(("households", "members"), pair, strict=True):
            pq.write_table(table, tmp_path / side / f"{i}.parquet")
    monkeypatch.chdir(tmp_path)
    scan = mdp.scan("households/*.parquet", "members", engine=engine, block=7)
    monkeypatch.chdir("/")  # workers have other folders than whoever asks
    assert VN.tally(scan, by=["village", "area"], date=DATE) == expected.tally(["village", "area"])
    found = frame_of(VN.classify(scan, date=DATE))
    assert found["household_id"].tolist() == homes["household_id"].to_pylist()  # in the order of the files
    same_frames(found, expected.to_frame().to_pandas())
    pq.write_table(pairs[1][1].sort_by([("household_id", "descending")]), tmp_path / "members" / "1.parquet")
    unordered = mdp.scan(tmp_path / "households", tmp_path / "members", engine=engine, block=7, aligned=False)
    assert VN.tally(unordered, by=["village", "area"], date=DATE) == expected.tally(["village", "area"])
    with pytest.raises(SpecError, match="sink"):
        VN.classify(scan, sink="out.parquet")
    with pytest.raises(MissingColumns):
        VN.classify(scan, columns={"floor_area": "nowhere"}, date=DATE)


def test_pairs_without_members_and_a_household_larger_than_a_block(engine: Any, tmp_path: Path) -> None:
    flags = pa.table({"household_id": range(9), **dict.fromkeys(TOY.indicators, [True, False, None] * 3)})
    homes = flags.append_column("shells", pa.array([90] * 9)).append_column("coast", pa.array(["east"] * 9))
    [files] = write(tmp_path, [(homes[:4], None), (homes[4:], None)])
    scan = mdp.scan(files, engine=engine)
    assert TOY.tally(scan, given="all") == TOY.tally(homes, given="all")
    same_frames(frame_of(TOY.classify(scan, given="all")), TOY.classify(homes, given="all").to_frame().to_pandas())
    homes, people, pairs = commune_in(3, n=6)
    crowd = pa.concat_tables([pairs[1][1].slice(0, 1)] * 400)
    pairs[1] = (pairs[1][0], pa.concat_tables([crowd, pairs[1][1]]))
    homes = homes.drop_columns("household_size")
    pairs = [(part.drop_columns("household_size"), theirs) for part, theirs in pairs]
    people = pa.concat_tables([theirs for _, theirs in pairs])
    scan = mdp.scan(*write(tmp_path, pairs), engine=engine, block=1)
    assert VN.tally(scan, date=DATE) == VN.classify(homes, people, date=DATE).tally()


def test_a_key_in_two_pairs(engine: Any, tmp_path: Path) -> None:
    homes, people, pairs = commune_in(3)
    pairs[0], pairs[2] = pairs[2], pairs[0]
    assert VN.tally(mdp.scan(*write(tmp_path, pairs), engine=engine), date=DATE).n == 60
    again = homes.slice(18, 3)  # 19 and 20 are in the part before, 21 is not
    pairs = [(homes[:20], members_of(homes[:20], people)), (again, members_of(again, people))]
    scan = mdp.scan(*write(tmp_path / "..", pairs), engine=engine)
    for run in (VN.tally, VN.classify):
        with pytest.raises(BadValues, match=r"duplicate key \(2 rows: 19, 20\)"):
            run(scan, date=DATE)


@pytest.mark.parametrize("keys", [([1, 2], ["a", "b"]), (["a", "b"], [1, 2])])
def test_pairs_whose_keys_are_of_two_types_are_refused(dd: Any, tmp_path: Path, keys: Any) -> None:
    [files] = write(tmp_path, [(given_homes(its), None) for its in keys])
    for run in (TOY.tally, TOY.classify):
        with pytest.raises(BadTable, match=r"different types in .*00\.parquet and .*01\.parquet.*household_id"):
            run(mdp.scan(files, engine="dask"), given="all")


@pytest.mark.parametrize("keys", [[1, 2], [2**63, 2**64 - 1]])
def test_keys_of_unsigned_numbers_in_pairs(dd: Any, tmp_path: Path, keys: list[int]) -> None:
    [files] = write(tmp_path, [(given_homes(pa.array([key], pa.uint64())), None) for key in keys])
    assert TOY.classify(mdp.scan(files, engine="dask"), given="all").compute()["household_id"].tolist() == keys


def test_what_is_wrong_in_a_worker_is_said_here(engine: Any, tmp_path: Path) -> None:
    *_, pairs = commune_in(3)
    files = write(tmp_path, pairs)
    whole = Path(files[1][1]).read_bytes()
    scan = mdp.scan(*files, engine=engine)
    Path(files[1][1]).write_bytes(whole[:-3000])
    with pytest.raises(BadTable, match=r"members-01\.parquet can't be read") as caught:
        VN.tally(scan, date=DATE)
    assert caught.value.file.endswith("members-01.parquet")  # type: ignore[attr-defined]
    with pytest.raises(Exception, match=r"members-01\.parquet can't be read"):
        frame_of(VN.classify(scan, date=DATE))
    Path(files[1][1]).write_bytes(whole)
    negative = pairs[1][0].set_column(pairs[1][0].column_names.index("floor_area"), "floor_area", pa.array([-1.0] * 20))
    pq.write_table(negative, files[0][1])
    with pytest.raises(BadValues, match=r"households-01.parquet, rows 0 to 19; .*members-01") as bad:
        VN.tally(scan, date=DATE)
    assert [problem.column for problem in bad.value.problems] == ["floor_area"]
    pq.write_table(pairs[1][0].drop_columns("floor_area"), files[0][1])
    with pytest.raises(MissingColumns, match=r"households-01\.parquet has no such column, and other files of"):
        VN.tally(scan, date=DATE)
    shifted = mdp.scan(files[0][:1] + files[0][2:], files[1][1:], engine=engine)
    with pytest.raises(BadValues, match="a member of no listed household"):
        VN.tally(shifted, date=DATE)


def test_what_was_left_out_is_added_up_over_pairs(engine: Any, tmp_path: Path) -> None:
    homes, people, pairs = commune_in(3)
    stray = [
        theirs.set_column(0, "household_id", pa.array([1000 + i] * len(theirs))).slice(0, 2 + i)
        for i, (_, theirs) in enumerate(pairs)
    ]
    pairs = [(part, pa.concat_tables([theirs, more])) for (part, theirs), more in zip(pairs, stray, strict=True)]
    files = write(tmp_path, pairs)
    scan = mdp.scan(*files, engine=engine)
    tally = VN.tally(scan, date=DATE, orphans="report")
    assert tally == VN.classify(homes, people, date=DATE).tally()
    (found,) = tally.meta["problems"]
    assert "(9 rows: 1000 (row " in found
    assert re.search(r"1000 \(row \d+ of members-00\.parquet\)", found)
    assert "and 4 more)" in found


def test_what_is_no_pairs_of_files(tmp_path: Path, dd: Any) -> None:
    homes, people, pairs = commune_in(3)
    households, members = write(tmp_path, pairs)
    with pytest.raises(BadTable, match="households are in 3 files and members in 2"):
        mdp.scan(households, members[:2], engine="dask")
    with pytest.raises(SpecError, match="for files"):
        mdp.scan(homes, people, engine="dask")
    with pytest.raises(SpecError, match='pass "dask", or a Spark session'):
        mdp.scan(households, members, engine="spark")
    frame = dd.from_pandas(homes.to_pandas(), npartitions=2)
    with pytest.raises(SpecError, match="these are dask frames"):
        mdp.scan(frame, engine="dask")
    with pytest.raises(SpecError, match="pass"):
        mdp.scan(households, members, engine=frame)


def test_what_goes_to_workers_can_be_pickled(tmp_path: Path) -> None:
    *_, pairs = commune_in(3)
    scan = mdp.scan(*write(tmp_path, pairs), engine="dask")
    assert repr(scan).endswith("by dask")
    job = Job(VN, Reading(), by=("village",))
    again, parts = pickle.loads(pickle.dumps((job, scan.parts())))
    assert again.wanted() == job.wanted()
    assert [part.households.rows() for part in parts] == [20, 20, 20]
