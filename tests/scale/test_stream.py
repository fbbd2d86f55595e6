"""Blocks give what the whole table gives: for random rules and data with gaps, from every source, at every edge."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import textwrap
import time
import unicodedata
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdpoverty as mdp
from mdpoverty import examples
from mdpoverty.errors import BadTable, BadValues, MissingColumns, SpecError
from mdpoverty.scale import blocks as blocks_module
from mdpoverty.scale import partition, sources
from mdpoverty.scale.report import add_up
from mdpoverty.standard import Standard
from tests import strategies
from tests.profiles import SHORT, costly, in_turn
from tests.scale.paths import ONCE, PATHS
from tests.scale.toys import toy, type_of, write
from tests.strategies import Review
from tests.tables import KINDS
from tests.toy import TOY

VN = mdp.standards["vn-2022"]
DATE = "2024-11-15"
HUGE = 140_000 if SHORT else 400_000  # members of one household, in several pieces of what is read


def whole(standard: Standard, review: Review, **options: Any) -> mdp.Assessment:
    return standard.classify(
        KINDS["polars"](review.household_columns()), KINDS["polars"](review.member_columns()), **options
    )


def in_order(review: Review) -> Review:
    """Sort households by key, their members with them, as a census office's files are."""
    order = sorted(range(len(review.households)), key=lambda i: review.households[i]["household_id"])
    return Review([review.households[i] for i in order], [review.members[i] for i in order])


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
@pytest.mark.parametrize("block", [1, 2, 9])
def test_keys_keep_their_type_in_the_files_of_classes(kind: pa.DataType, block: int, tmp_path: Path) -> None:
    homes, people = (each.to_arrow() for each in toy([1, 2, 1]))
    homes, people = (each.set_column(0, "household_id", each["household_id"].cast(kind)) for each in (homes, people))
    found = TOY.classify(mdp.scan(homes, people, block=block), sink=tmp_path / "classes.parquet")
    assert pq.read_schema(found.files[0]).field("household_id").type == kind


@pytest.mark.parametrize("path", PATHS)
@costly()
@given(
    standard=strategies.standards(),
    review=strategies.reviews(max_households=9).map(in_order),
    block=st.integers(1, 5),
    batch=st.integers(1, 4),
)
def test_every_source_gives_the_tally_of_the_whole(
    path: str, standard: Standard, review: Review, block: int, batch: int
) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "BATCH", batch)
        homes = PATHS[path](review.household_columns(), Path(folder), "households")
        people = PATHS[path](review.member_columns(), Path(folder), "members")
        tally = standard.tally(mdp.scan(homes, people, block=block), by="hc")
    assert tally == whole(standard, review).tally(by="hc")


@pytest.mark.parametrize("path", PATHS)
@costly(15)
@given(
    standard=strategies.standards(),
    review=strategies.reviews(max_households=9),
    block=st.integers(1, 5),
    limits=st.tuples(st.integers(1, 3), st.integers(1, 9), st.integers(1, 4), st.sampled_from([0, 3, 1 << 20])),
    data=st.data(),
)
def test_households_and_members_in_any_order(
    path: str, standard: Standard, review: Review, block: int, limits: tuple[int, int, int, int], data: st.DataObject
) -> None:
    """All may be held; else blocks share a file of members, and are told by ranges of keys or by looking members up."""
    rows = sum(map(len, review.members))
    ordered = in_order(review) if data.draw(st.booleans()) else review
    shuffled = ordered.member_columns(data.draw(st.permutations(range(rows))))
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        for (module, name), limit in zip(
            ((partition, "PARTS"), (partition, "RANGES"), (sources, "BATCH"), (partition, "TOGETHER")),
            limits,
            strict=True,
        ):
            patch.setattr(module, name, limit)
        homes = PATHS["parquet" if path in ONCE else path](ordered.household_columns(), Path(folder), "households")
        people = PATHS[path](shuffled, Path(folder), "members")
        tally = standard.tally(mdp.scan(homes, people, block=block, aligned=False), by="hc")
    assert tally == whole(standard, ordered).tally(by="hc")


@given(standard=strategies.standards(), review=strategies.reviews(max_households=9), block=st.integers(1, 4))
def test_files_of_classes_hold_what_the_frame_holds(standard: Standard, review: Review, block: int) -> None:
    expected = whole(standard, review)
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("mdpoverty.scale.sink.ROWS", 2)
        homes = PATHS["several files"](review.household_columns(), Path(folder), "households")
        people = PATHS["several files"](review.member_columns(), Path(folder), "members")
        scan = mdp.scan(homes, people, block=block)
        several = standard.classify(scan, sink=f"{folder}/out/*.parquet", threads=2)
        one = standard.classify(scan, sink=f"{folder}/out.parquet")
        assert several.tally == one.tally == expected.tally()
        assert pl.read_parquet(several.files).equals(pl.read_parquet(one.files))
        assert sorted(os.listdir(folder)) == ["households", "members", "out", "out.parquet"]
        assert set(Path(folder, "out").iterdir()) == set(several.files)
        found = pl.read_parquet(one.files)
    frame = expected.to_frame()
    assert found.columns == frame.columns
    for name in frame.columns:
        assert found[name].cast(pl.String).to_list() == frame[name].cast(pl.String).to_list(), name
    assert one.households == len(expected)
    classes = Counter("open" if name is None else name for name in expected.category.tolist())
    counts = one.counts()
    assert {name: n for name, n in zip(counts["category"], counts["n"], strict=True) if n} == classes


def test_a_commune_from_every_source(tmp_path: Path) -> None:
    homes, people = examples.commune(2000, kind="pyarrow", gaps=0.05)
    expected = VN.classify(homes, people, date=DATE).tally(by=["village", "area"])
    (tmp_path / "h").mkdir()
    for i in range(4):
        pq.write_table(homes.slice(500 * i, 500), tmp_path / "h" / f"{i}.parquet")
    pq.write_table(people, tmp_path / "p.parquet", row_group_size=777)
    pl.from_arrow(homes).write_csv(tmp_path / "h.csv")
    pl.from_arrow(people).write_csv(tmp_path / "p.csv")
    for scan in (
        mdp.scan(tmp_path / "h", tmp_path / "p.parquet", block=300),
        mdp.scan([tmp_path / "h" / f"{i}.parquet" for i in range(4)], people, block=2000),
        mdp.scan(tmp_path / "h.csv", tmp_path / "p.csv", block=700),
        mdp.scan(pl.scan_csv(tmp_path / "h.csv"), pl.scan_csv(tmp_path / "p.csv"), block=1999),
    ):
        assert VN.tally(scan, by=["village", "area"], date=DATE) == expected
        assert VN.tally(scan, by=["village", "area"], date=DATE, threads=3) == expected
    assert VN.tally(homes, people, by=["village", "area"], date=DATE) == expected


def test_weights_sizes_and_designs_pass_through() -> None:
    homes, people = examples.commune(900, kind="polars")
    homes = homes.with_columns(w=pl.int_range(1, 901), psu=pl.col("village").cast(pl.String))
    design = mdp.SurveyDesign(psu="psu", weight="w")
    expected = VN.classify(homes, people, date=DATE).tally("area", design=design)
    assert VN.tally(mdp.scan(homes, people, block=100), by="area", design=design, date=DATE) == expected
    by_persons = VN.tally(mdp.scan(homes, people, block=100), weight="household_size", date=DATE)
    assert by_persons.total("people") == homes["household_size"].sum()


def test_persons_are_counted_only_if_every_block_can() -> None:
    homes = pl.DataFrame(
        {"household_id": [1, 2, 3], **dict.fromkeys(TOY.indicators, True), "shells": 1.0, "coast": "east"}
    )
    people = pl.DataFrame({"household_id": [1, 1, 3]})
    tally = TOY.tally(mdp.scan(homes, people, block=1), given="all")
    assert tally == TOY.classify(homes, people, given="all").tally()
    assert "people" not in tally.sums
    both = pl.DataFrame({"household_id": [1, 2, 3, 2]}).sort("household_id")
    assert TOY.tally(mdp.scan(homes, both, block=1), given="all").total("people") == 4


# ------------------------------------------------------------------------------------------------------------- edges


@pytest.mark.parametrize("block", [1, 2, 1000])
@pytest.mark.parametrize(
    "sizes",
    [[], [0, 0, 0], [0, 3, 0], [1, 1], [5, 0, 0, 2], [3] * 50],
    ids=["nothing", "nobody", "gaps", "ones", "empty in between", "even"],
)
def test_sizes_of_every_kind_at_every_edge(sizes: list[int], block: int) -> None:
    check_sizes(sizes, block)


@pytest.mark.parametrize("block", [2] if SHORT else [1, 2, 1000])
def test_a_household_larger_than_what_is_read_at_once(block: int) -> None:
    check_sizes([1, HUGE, 2], block)


def check_sizes(sizes: list[int], block: int) -> None:
    homes, people = toy(sizes)
    assert (
        TOY.tally(mdp.scan(homes, people, block=block), by="coast").regroup(()) == TOY.classify(homes, people).tally()
    )


@given(strategies.standards(), strategies.reviews(min_households=3, max_households=9), st.data())
def test_tallies_add_up_in_any_order_and_grouping(standard: Standard, review: Review, data: st.DataObject) -> None:
    homes = KINDS["polars"](review.household_columns())
    people = KINDS["polars"](review.member_columns())
    cuts = sorted(data.draw(st.lists(st.integers(0, len(homes)), min_size=2, max_size=2)))
    parts = []
    for start, stop in zip([0, *cuts], [*cuts, len(homes)], strict=True):  # empty ones among them
        ours = homes.slice(start, stop - start)
        theirs = people.filter(pl.col("household_id").is_in(ours["household_id"].implode()))
        parts.append(standard.tally(ours, theirs, by="hc"))
    a, b, c = parts
    one = add_up([a, b, c])
    assert (
        one == add_up([add_up([a, b]), c]) == add_up([a, add_up([b, c])]) == add_up(data.draw(st.permutations(parts)))
    )
    assert one == standard.classify(homes, people).tally(by="hc")


# ------------------------------------------------------------------------------------------------------------ errors


def test_bad_values_are_named_with_their_file_and_rows(tmp_path: Path) -> None:
    homes, people = toy([2] * 40)
    scan = write(
        tmp_path, homes.with_columns(shells=pl.when(pl.col("household_id") == 44).then(-1.0).otherwise(1.0)), people
    )
    with pytest.raises(BadValues, match=r"homes.2\.parquet, rows 10 to 19.*people.2\.parquet, rows 20 to 39") as caught:
        TOY.tally(scan)
    assert caught.value.problems[0].first == (44,)
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    with pytest.raises(BadValues, match="shells"):
        TOY.classify(scan, sink=tmp_path / "out.parquet")
    assert not (tmp_path / "out.parquet").exists()
    tally = TOY.tally(scan, invalid="missing")
    assert "44" in tally.meta["problems"][0]


def test_a_broken_file_is_named_with_how_far_it_could_be_read(tmp_path: Path) -> None:
    homes, people = toy([2] * 4000)
    write(tmp_path, homes, people)
    broken = tmp_path / "people" / "2.parquet"
    content = broken.read_bytes()
    broken.write_bytes(content[: len(content) // 2])
    with pytest.raises(BadTable, match=r"people.2\.parquet.*can't be read"):
        TOY.tally(mdp.scan(tmp_path / "homes", tmp_path / "people"))
    pq.write_table(pa.table({"household_id": list(range(4000)), "age": list(range(4000))}), broken, row_group_size=500)
    with pytest.raises(MissingColumns, match=r"2\.parquet has no such column"):
        TOY.tally(mdp.scan(tmp_path / "homes", tmp_path / "people"))


def test_a_csv_file_that_says_nonsense_is_named(tmp_path: Path) -> None:
    homes, people = toy([1, 1])
    homes.write_csv(tmp_path / "h.csv")
    (tmp_path / "p.csv").write_text("household_id,age,trade,swims\n10,20,none,true\n11,x,none,true\n")
    with pytest.raises(BadValues, match=r"members\.age: .*got 'x' \(1 row: 11 \(row 3 of p\.csv\)\)"):
        TOY.tally(mdp.scan(tmp_path / "h.csv", tmp_path / "p.csv"))
    people.write_csv(tmp_path / "p.csv")
    assert TOY.tally(mdp.scan(tmp_path / "h.csv", tmp_path / "p.csv")).n == 2


@pytest.mark.parametrize("first", ["", "2000000.5", "12.5"])
def test_points_between_thousands_of_money_in_a_csv_file_are_no_decimal_points(first: str, tmp_path: Path) -> None:
    homes, people = examples.commune(40, kind="polars")
    people.write_csv(tmp_path / "p.csv")
    amounts = [first, "950.000", "1.999", "7.5", *["2500000"] * 36]
    written = homes.with_columns(income=pl.Series(amounts))
    written.write_csv(tmp_path / "h.csv")
    scan = mdp.scan(tmp_path / "h.csv", tmp_path / "p.csv", block=7)
    with pytest.raises(BadValues, match=r"got '950.000', '1.999' \(2 rows: VD-000002 \(row 3 of h.csv\), VD-000003"):
        VN.tally(scan, date=DATE)
    known = homes.with_columns(
        income=pl.Series([float(first or "nan"), None, None, 7.5, *[2_500_000] * 36]).fill_nan(None)
    )
    assert VN.tally(scan, date=DATE, invalid="missing") == VN.tally(known, people, date=DATE)


def test_zeros_in_front_of_a_csv_key_stay(tmp_path: Path) -> None:
    (tmp_path / "h.csv").write_text("household_id,place," + ",".join(TOY.indicators) + ",shells,coast\n")
    with (tmp_path / "h.csv").open("a") as file:
        file.write("01,007,1,0,,0,5,east\n1,7,1,0,1,0,500,east\n")
    tally = TOY.tally(mdp.scan(tmp_path / "h.csv"), given="all", by="place")
    assert tally.levels == (("007", "7"),)
    classified = TOY.classify(mdp.scan(tmp_path / "h.csv"), given="all", sink=tmp_path / "o.parquet")
    assert pl.read_parquet(classified.files)["household_id"].to_list() == ["01", "1"]


@pytest.mark.parametrize("kind", [pl.Int64, pl.String])
def test_members_out_of_order_are_an_error_that_says_what_to_do(kind: Any) -> None:
    homes, people = (frame.with_columns(pl.col("household_id").cast(kind)) for frame in toy([1, 2, 3, 4, 5, 6]))
    swapped = pl.concat([people[5:], people[:5]])
    with pytest.raises(BadValues, match="aligned=False"):
        TOY.tally(mdp.scan(homes, swapped, block=2))
    assert TOY.tally(mdp.scan(homes, swapped, block=2, aligned=False)) == TOY.tally(homes, people)
    assert TOY.tally(mdp.scan(homes[::-1], people, block=2, aligned=False)) == TOY.tally(homes, people)


def test_members_of_nobody_are_an_error_or_a_report() -> None:
    homes, people = toy([1, 2, 1, 2])
    lost = pl.concat([people, people.with_columns(household_id=pl.lit(99, pl.Int64))[:2]])
    for aligned in (True, False):
        with pytest.raises(BadValues, match="99"):
            TOY.tally(mdp.scan(homes, lost, block=2, aligned=aligned))
    between = pl.concat([people[:3], people.with_columns(household_id=pl.lit(11, pl.Int64))[:1], people[3:]])
    between = between.with_columns(household_id=pl.col("household_id") * 10)
    between = between.with_columns(household_id=pl.col("household_id") + (pl.int_range(pl.len()) == 3).cast(pl.Int64))
    tens = homes.with_columns(household_id=pl.col("household_id") * 10)
    for scan, text in (
        (mdp.scan(homes, lost, block=2, aligned=False), "(2 rows: 99 (row 8), 99 (row 9))"),
        (mdp.scan(homes, lost, block=2), "(2 rows: 99 (row 8), 99 (row 9))"),
        (mdp.scan(tens, between, block=3), "(1 row: 111 (row 5))"),
    ):
        tally = TOY.tally(scan, orphans="report")
        assert tally == TOY.tally(homes, people)
        assert text in tally.meta["problems"][0]
    with pytest.raises(BadValues, match="aligned=False"):
        TOY.tally(mdp.scan(homes[::-1], lost, block=2), orphans="report")
    amid = pl.concat([people[:1], lost[-1:], people[1:]])  # who comes after a stranger may have a household
    late = pl.concat([people[1:], people[:1]])  # so may who comes after the others
    for unordered, block in ((amid, 1), (amid, 2), (amid, 9), (late, 1), (late, 2)):
        rows = unordered.to_arrow()  # in one piece, and in as many as rows
        for table in (unordered, rows, pa.concat_tables([rows.slice(row, 1) for row in range(len(rows))])):
            with pytest.raises(BadValues, match="aligned=False"):
                TOY.tally(mdp.scan(homes, table, block=block), orphans="report")


@pytest.mark.parametrize("kind", [int, str])
def test_a_member_is_nobodys_only_if_its_household_cannot_come_later(
    kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "BATCH", 1)
    given = dict.fromkeys(TOY.indicators, True) | {"shells": 1, "coast": "east"}
    homes = pa.Table.from_pylist([{"household_id": kind(key), **given} for key in (0, 2, 1)])
    people = pa.table({"household_id": [kind(1)]})
    expected = TOY.classify(homes, people, given="all").tally()
    for block in (1, 2, 3):
        assert TOY.tally(mdp.scan(homes, people, block=block), given="all") == expected
    assert TOY.tally(mdp.scan(homes, people, block=3), given="all", orphans="report") == expected
    for block in (1, 2):  # left out when only 0 and 2 were known, before 1 came
        with pytest.raises(BadValues, match=r"(?s)or out of the households' order.*aligned=False") as raised:
            TOY.tally(mdp.scan(homes, people, block=block), given="all", orphans="report")
        assert {each.code for each in raised.value.problems} == {"maybe_orphan"}


@pytest.mark.parametrize("kind", [int, str])
def test_a_stranger_does_not_make_all_later_members_wait(kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "BATCH", 4)
    taken = []
    take = blocks_module._Queue.take
    monkeypatch.setattr(blocks_module._Queue, "take", lambda queue, rows: taken.append(rows) or take(queue, rows))
    given = dict.fromkeys(TOY.indicators, True) | {"shells": 1, "coast": "east"}
    homes = pa.Table.from_pylist([{"household_id": kind(key), **given} for key in range(100, 300, 2)])
    people = pa.table({"household_id": [kind(key) for key in [*range(100, 140, 2), 139, *range(140, 300, 2)]]})
    with pytest.raises(BadValues, match="a member of no listed household"):
        TOY.tally(mdp.scan(homes, people, block=1), given="all")
    assert sum(taken) < 3 * (len(homes) + len(people))
    tally = TOY.tally(mdp.scan(homes, people, block=1), given="all", orphans="report")
    assert tally.n == 100
    assert "139" in tally.meta["problems"][0]


def test_what_is_missing_is_said_as_for_tables_in_memory() -> None:
    homes, people = toy([1, 1])
    with pytest.raises(MissingColumns, match="crowded"):
        TOY.tally(mdp.scan(homes.drop("huts"), people))
    with pytest.raises(MissingColumns, match="household_id"):
        TOY.tally(mdp.scan(homes, people.drop("household_id")))
    with pytest.raises(MissingColumns, match="nowhere"):
        TOY.tally(mdp.scan(homes, people), by="nowhere")
    with pytest.raises(MissingColumns, match="huts"):
        TOY.tally(mdp.scan(homes[:0].drop("huts"), people[:0]))


def test_a_column_that_is_perhaps_meant_is_named_also_where_it_is_not_read(tmp_path: Path) -> None:
    homes, people = toy([1, 1])
    path = tmp_path / "h.parquet"
    homes.rename({"huts": "huts "}).write_parquet(path)
    for scan in (mdp.scan(path, people), mdp.scan(homes.rename({"huts": "HUTS"}), people)):
        with pytest.raises(MissingColumns, match=r"huts.*did you mean '(huts |HUTS)'"):
            TOY.tally(scan)


@pytest.mark.parametrize("kind", ["polars", "Parquet", "CSV", "lazy"])
@pytest.mark.parametrize("aligned", [True, False])
def test_names_in_decomposed_form_are_found(kind: str, aligned: bool, tmp_path: Path) -> None:
    """What a Mac or a web form writes, as tables in memory have it."""
    homes, people = examples.commune(60, kind="polars")
    ours = {"household_id": "Mã hộ", "income": "Thu nhập", "village": "Thôn", "age": "Tuổi"}
    names = {name: unicodedata.normalize("NFD", called) for name, called in ours.items()}
    tables = [table.rename(names, strict=False) for table in (homes, people)]
    expected = VN.tally(homes, people, by="village", date=DATE)

    def source(table: pl.DataFrame, name: str) -> Any:
        if kind == "Parquet":
            table.write_parquet(tmp_path / f"{name}.parquet")
        elif kind == "CSV":
            table.write_csv(tmp_path / f"{name}.csv")
        else:
            return table.lazy() if kind == "lazy" else table
        return tmp_path / f"{name}.{kind.lower()}"

    columns = {name: ours[name] for name in ("income", "age")}
    options: dict[str, Any] = {"household_id": ours["household_id"], "columns": columns, "by": "Thôn", "date": DATE}
    scan = mdp.scan(*map(source, tables, "hm"), block=7, aligned=aligned)
    found = VN.tally(scan, **options)
    assert found.counts()["n"].tolist() == expected.counts()["n"].tolist()
    assert found.counts().to_dict("list") == VN.tally(*tables, **options).counts().to_dict("list")
    del options["by"]
    done = VN.classify(mdp.scan(*map(source, tables, "hm"), aligned=aligned), sink=tmp_path / "out.parquet", **options)
    whole = VN.classify(homes, people, date=DATE)
    assert done.counts()["households"].tolist() == whole.counts()["households"].tolist()


def test_objects_of_several_kinds_are_named_by_their_column(tmp_path: Path) -> None:
    homes, people = examples.commune(5)
    people.to_parquet(tmp_path / "people.parquet")
    mixed = homes.astype({"income": object})
    mixed.loc[:1, "income"] = ["1.500.000", 2_000_000]
    with pytest.raises(BadTable, match="'income' is a column of objects of several kinds") as caught:
        VN.tally(mdp.scan(mixed, tmp_path / "people.parquet"), date=DATE)
    assert "1.500.000" not in str(caught.value)
    halved = homes.astype({"toilet": object})
    halved.loc[0, "toilet"] = "Hộ\udce1"
    with pytest.raises(BadTable, match="half a character") as caught:
        VN.tally(mdp.scan(halved, people), date=DATE)
    assert "Hộ" not in str(caught.value)


@pytest.mark.parametrize("aligned", [True, False])
@pytest.mark.parametrize("block", [1, 2, 100])
@pytest.mark.parametrize("row", [0, 1, 3])
def test_a_household_without_a_key_is_named_beside_its_members(row: int, block: int, aligned: bool) -> None:
    homes, people = examples.commune(4)
    homes.loc[row, "household_id"] = None
    with pytest.raises(BadValues, match="a household needs a key") as caught:
        VN.tally(mdp.scan(homes, people, block=block, aligned=aligned), date=DATE)
    (missing, *_) = caught.value.problems
    assert (missing.table, missing.rows, [place.row for place in missing.places]) == ("households", 1, [row + 2])


ODD: dict[str, list[Any]] = {
    "dicts": [{"a": 1}, {"a": "x"}],
    "lists": [[1], ["x"]],
    "tuples": [(1, 2)],
    "sets": [{1}],
    "texts and numbers": ["x", 1],
    "bytes and texts": [b"x", "x"],
    "decimals and texts": [Decimal(1), "x"],
    "flags and numbers": [True, 5],
    "times and texts": [pd.Timestamp("2020"), "x"],
    "large numbers": [2**70],
    "fractions": [Fraction(1, 3)],
    "arrays": [np.array([1, 2])],
    "periods": [pd.Period("2020")],
    "intervals": [pd.Interval(0, 1)],
}


@pytest.mark.parametrize(("kind", "column"), in_turn([*ODD], ["toilet", "income", "age"]))
def test_what_no_arrow_type_holds_is_said_as_of_tables_in_memory(kind: str, column: str) -> None:
    tables = list(examples.commune(5))
    side = int(column == "age")
    values = (ODD[kind] * len(tables[side]))[: len(tables[side])]
    tables[side] = tables[side].assign(**{column: pd.Series(values, dtype=object).infer_objects()})
    with pytest.raises(BadValues) as expected:
        VN.classify(*tables, date=DATE)
    for verb in (VN.tally, partial(VN.classify, sink="nowhere.parquet")):
        with pytest.raises(BadValues) as caught:
            verb(mdp.scan(*tables), date=DATE)
        told = [(each.column, each.rows, each.what) for each in caught.value.problems]
        assert told == [(each.column, each.rows, each.what) for each in expected.value.problems]
    assert not Path("nowhere.parquet").exists()


@pytest.mark.parametrize("kind", ODD)
def test_groups_that_no_arrow_type_holds_are_no_groups_of_another_kind(kind: str) -> None:
    homes, people = examples.commune(6)
    odd = homes.assign(village=pd.Series((ODD[kind] * 6)[:6], dtype=object).infer_objects())
    with pytest.raises(BadTable, match=r"'village' is a column of (objects|period|interval)|holds lists") as caught:
        VN.tally(mdp.scan(odd, people), by="village", date=DATE)
    assert "broken" not in str(caught.value)
    assert VN.tally(mdp.scan(odd, people), date=DATE).n == 6, "what isn't asked for doesn't matter"


def test_what_is_no_source_is_refused(tmp_path: Path) -> None:
    homes, people = toy([1])
    (tmp_path / "notes.txt").write_text("x")
    for wrong in (3, [4], tmp_path / "nothing.parquet", f"{tmp_path}/*.parquet", tmp_path, tmp_path / "notes.txt"):
        with pytest.raises(BadTable):
            mdp.scan(wrong)
    for wrong in (lambda: mdp.scan(homes, block=0), lambda: TOY.tally(mdp.scan(homes, people), threads=0)):
        with pytest.raises(SpecError):
            wrong()
    with pytest.raises(BadTable, match="knows the members"):
        TOY.tally(mdp.scan(homes), people)


# -------------------------------------------------------------------------------------------------------------- sinks


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    homes, people = toy([1, 2])
    scan = mdp.scan(homes, people)
    TOY.classify(scan, sink=tmp_path / "out.parquet")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    (tmp_path / "empty").mkdir()
    for taken in ("out.parquet", "full/*.parquet"):
        with pytest.raises(BadTable, match="there already"):
            TOY.classify(scan, sink=tmp_path / taken)
    assert len(TOY.classify(scan, sink=tmp_path / "empty" / "*.parquet").files) == 1
    for wrong in ("out.csv", "a*/b.parquet", "*-*.parquet"):
        with pytest.raises(SpecError, match="a sink is a file"):
            TOY.classify(scan, sink=tmp_path / wrong)
    with pytest.raises(SpecError, match="sink"):
        TOY.classify(scan)
    with pytest.raises(SpecError, match="scan"):
        TOY.classify(homes, people, sink=tmp_path / "x.parquet")  # type: ignore[call-overload]  # on purpose
    assert not any(".partial" in name for name in os.listdir(tmp_path))


@pytest.mark.parametrize("sink", ["out.parquet", "out/*.parquet"])
def test_a_killed_run_leaves_nothing_that_looks_complete(tmp_path: Path, sink: str) -> None:
    script = f"""
        import pyarrow as pa, time, mdpoverty as mdp
        from mdpoverty import examples

        def slowly(which):
            def rows():
                for i, sample in enumerate(examples.population(5000, block=100, kind="pyarrow", ids="int")):
                    if i == 20:
                        print("half way", flush=True)
                        time.sleep(60)
                    yield from sample[which].to_batches()
            schema = examples.commune(1, kind="pyarrow", ids="int")[which].schema
            return pa.RecordBatchReader.from_batches(schema, rows())

        mdp.scale.sink.ROWS = 200
        mdp.standards["vn-2022"].classify(mdp.scan(slowly(0), slowly(1), block=100), sink={str(tmp_path / sink)!r})
    """
    script = "import mdpoverty.scale.sink\n" + textwrap.dedent(script)
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"half way\n"
        time.sleep(0.3)
        process.send_signal(signal.SIGKILL)
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert left, "some rows were written by then"
    assert all(path.name.endswith(".partial") for path in left)
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "out.parquet").exists()
    with pytest.raises(BadTable, match="no file"):
        mdp.scan(tmp_path)


def test_a_run_that_ends_in_an_error_leaves_nothing_at_all(tmp_path: Path) -> None:
    homes, people = toy([1] * 30)
    bad = homes.with_columns(shells=pl.when(pl.col("household_id") == 35).then(-1.0).otherwise(1.0))
    for sink in ("out.parquet", "out/*.parquet"):
        with pytest.raises(BadValues):
            TOY.classify(mdp.scan(bad, people, block=2), sink=tmp_path / sink, threads=2)
    assert os.listdir(tmp_path) == []


def test_progress_is_quiet_where_no_terminal_looks_on(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tqdm", reason="progress bars are tqdm's: pip install tqdm")
    homes, people = toy([1] * 30)
    assert TOY.tally(mdp.scan(homes, people, block=2), progress=True).n == 30
    assert capsys.readouterr() == ("", "")


def test_what_can_be_read_once_is_read_once() -> None:
    assert set(PATHS) > ONCE
    homes, people = toy([1, 2])
    reader = pa.RecordBatchReader.from_stream(homes.to_arrow())
    with pytest.raises(BadTable, match="only once"):
        TOY.tally(mdp.scan(reader, people, aligned=False))


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("block", [1, 2, 9])
def test_each_table_has_its_own_names_and_its_own_rows_in_messages(tmp_path: Path, suffix: str, block: int) -> None:
    homes, people = toy([2, 1, 3])
    homes = homes.rename({"household_id": "hộ"})
    people = people.rename({"household_id": "của hộ"}).with_columns(pl.Series("swims", [True] * 6))

    def scanned(homes: pl.DataFrame, people: pl.DataFrame) -> Any:
        for name, table in (("homes", homes), ("people", people)):
            path = tmp_path / f"{name}.{suffix}"
            table.write_csv(path) if suffix == "csv" else table.write_parquet(path)
        return mdp.scan(tmp_path / f"homes.{suffix}", tmp_path / f"people.{suffix}", block=block)

    key = {"household_id": ("hộ", "của hộ")}
    expected = TOY.tally(homes, people, **key)
    assert TOY.tally(scanned(homes, people), **key) == expected
    first = 2 if suffix == "csv" else 1  # a CSV file begins with a line of names
    wrong: list[tuple[pl.DataFrame, pl.DataFrame, str, str, int, Any]] = [
        (homes.with_columns(huts=pl.Series([1.0, -1.0, 1.0])), people, "households", "homes", 1, 11),
        (homes, people.with_columns(age=pl.Series([1, 2, 3, 4, 200, 6])), "members", "people", 4, 12),
    ]
    for these, those, table, name, row, owner in wrong:
        with pytest.raises(BadValues) as raised:
            TOY.tally(scanned(these, those), **key)
        (problem,) = raised.value.problems
        (place,) = problem.places
        assert (problem.table, problem.rows) == (table, 1)
        assert (place.file, place.row, str(place.key)) == (f"{name}.{suffix}", row + first, str(owner))


@pytest.mark.parametrize("kind", [int, str])
@pytest.mark.parametrize("owners", [[0, None, 1], [None, 0, 1], [0, 1, 2, None], [None]])
@pytest.mark.parametrize("block", [1, 2, 9])
def test_a_member_without_a_key_is_nobodys(kind: type, owners: list[int | None], block: int) -> None:
    given = dict.fromkeys(TOY.indicators, True) | {"shells": 1, "coast": "east"}
    homes = pa.Table.from_pylist([{"household_id": kind(key), **given} for key in range(3)])
    people = pa.table({"household_id": pa.array([None if key is None else kind(key) for key in owners], type_of(kind))})
    with pytest.raises(BadValues, match=r"(?s)or out of the households' order.*aligned=False"):
        TOY.tally(mdp.scan(homes, people, block=block), given="all")
    for options, code in (({"orphans": "report"}, None), ({}, "a member of no listed household")):
        scan = mdp.scan(homes, people, block=block, aligned=False)
        if code is None:
            assert TOY.tally(scan, given="all", **options).n == 3
        else:
            with pytest.raises(BadValues, match=rf"{code} \(1 row"):
                TOY.tally(scan, given="all", **options)
