"""A scan that is one of many: what it reports to whoever adds up, its classes, and what is asked of frames."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import mdpoverty as mdp
from mdpoverty.errors import BadValues, SpecError
from mdpoverty.scale import sources, stream
from mdpoverty.scale.blocks import Block
from mdpoverty.scale.report import Span
from mdpoverty.tables.options import Reading
from mdpoverty.tally import SurveyDesign
from tests.scale.toys import given_homes, toy
from tests.toy import TOY


def job(**options: Any) -> stream.Job:
    return stream.Job(TOY, Reading(given="all", **options))


@pytest.mark.parametrize("block", [1, 2, 9])
def test_a_span_is_told_by_the_keys_alone(block: int) -> None:
    for keys in ([1, 2, 5], ["a", "b", "c"]):
        assert stream.spans(job(), mdp.scan(pa.table({"household_id": keys}), block=block)) == (
            Span(keys[0], keys[-1], True),
        )
        (span,) = stream.spans(job(), mdp.scan(pa.table({"household_id": keys[::-1]}), block=block))
        assert (span.first, span.increasing) == (keys[-1], False)
    (span,) = stream.spans(job(), mdp.scan(pa.table({"household_id": [1, 1]}), block=block))
    assert not span.increasing
    assert stream.spans(job(), mdp.scan(pa.table({"household_id": pa.array([], pa.int64())}), block=block)) == ()


@pytest.mark.parametrize("block", [1, 2, 9])
def test_a_part_is_counted_and_reports_its_span_and_who_was_left_out(block: int) -> None:
    people = pa.table({"household_id": [1, 2, 2, 3, 7, 8], "name": list("abcdef")})
    found = stream.report(job(orphans="report"), mdp.scan(given_homes([1, 2, 3]), people, block=block))
    assert found.tally == TOY.classify(given_homes([1, 2, 3]), people.slice(0, 4), given="all").tally()
    assert found.spans == (Span(1, 3, True),)
    (problem,) = found.problems
    assert (problem.code, problem.rows, problem.first) == ("orphan", 2, (7, 8))


def test_a_part_shows_no_bar_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)  # as where it isn't installed
    assert stream.report(job(), mdp.scan(given_homes([1, 2, 3]), block=1)).tally.n == 3
    assert len(list(stream.classes(job(), mdp.scan(given_homes([1, 2, 3]), block=1)))) == 3


@pytest.mark.parametrize("block", [1, 2, 9])
@pytest.mark.parametrize("keys", [[1, 2, 3, 4], ["a", "b", "c", "d"], []])
def test_classes_of_parts_have_one_schema(keys: list[Any], block: int) -> None:
    whole = mdp.scan(given_homes(keys), block=block)
    schema = stream.schema(job(), whole, stream.spans(job(), whole))
    expected = TOY.classify(given_homes(keys), given="all").to_frame()
    assert schema.names == expected.column_names
    kind = pa.string() if not keys or isinstance(keys[0], str) else pa.int64()
    assert schema.field("household_id").type == kind
    assert {schema.field(name).type for name in ("category", "possible")} == {pa.string()}
    others = [name for name in schema.names[1:] if name not in ("category", "possible")]
    assert others
    assert all(schema.field(name).type == expected.schema.field(name).type for name in others)
    tables = list(stream.classes(job(), whole))
    assert [len(table) for table in tables] == [len(keys[i : i + block]) for i in range(0, len(keys), block)] or [0]
    assert pa.concat_tables(table.cast(schema) for table in tables).to_pylist() == expected.cast(schema).to_pylist()


@pytest.mark.parametrize(("last", "kind"), [(2**63 - 1, pa.int64()), (2**63, pa.uint64()), (2**64 - 1, pa.uint64())])
@pytest.mark.parametrize("large", [0, 1])
def test_keys_beyond_signed_numbers_are_keys(last: int, kind: pa.DataType, large: int) -> None:
    """As hashes are: the first key of a part, and the first part, need not show it."""
    parts = [given_homes(pa.array(keys, pa.uint64())) for keys in ([1, last], [2, 3])[:: 1 if large else -1]]
    found = [span for homes in parts for span in stream.spans(job(), mdp.scan(homes, block=1))]
    schema = stream.schema(job(), mdp.scan(parts[0]), found)
    assert schema.field("household_id").type == kind
    classes = [table.cast(schema) for homes in parts for table in stream.classes(job(), mdp.scan(homes))]
    assert sorted(pa.concat_tables(classes)["household_id"].to_pylist()) == [1, 2, 3, last]


def test_the_columns_of_a_part_are_looked_at_before_its_rows() -> None:
    """With members and without."""
    homes, people = toy([1, 2])
    rules = stream.Job(TOY, Reading())
    expected = TOY.classify(homes, people).to_frame().columns
    assert stream.no_classes(rules, mdp.scan(homes, people)).column_names == expected
    assert len(stream.no_classes(rules, mdp.scan(homes, people))) == 0
    assert stream.no_classes(job(), mdp.scan(given_homes([1]))).column_names[0] == "household_id"
    with pytest.raises(mdp.errors.MissingColumns, match="swims"):
        stream.no_classes(rules, mdp.scan(homes, people.drop("swims")))
    with pytest.raises(mdp.errors.InvalidInput):
        stream.no_classes(rules, mdp.scan(homes))


def test_classes_are_refused_if_a_household_may_have_come_after_its_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "BATCH", 1)
    homes, people = given_homes([0, 2, 1]), pa.table({"household_id": [1]})
    tables = stream.classes(job(orphans="report"), mdp.scan(homes, people, block=1))
    with pytest.raises(BadValues, match="aligned=False") as raised:
        list(tables)
    assert [(each.code, each.rows) for each in raised.value.problems] == [("maybe_orphan", 1)]
    assert raised.value.sure is False  # type: ignore[attr-defined]


def test_a_part_is_read_one_block_ahead() -> None:
    """The next block is read while one is worked on, and no more of them are held."""
    read = []

    def rows() -> Iterator[pa.RecordBatch]:
        for key in range(6):
            read.append(key)
            yield from given_homes([key]).to_batches()

    reader = pa.RecordBatchReader.from_batches(given_homes([0]).schema, rows())
    done = []
    for number, table in enumerate(stream.classes(job(), mdp.scan(reader, block=1))):
        done += table["household_id"].to_pylist()
        assert len(read) == min(number + 2, 6)
    assert done == list(range(6))


# -------------------------------------------------------------------------------------------------------------- frames


def test_frames_are_asked_for_the_columns_that_are_needed_by_the_names_that_they_have() -> None:
    asked = stream.Job(
        TOY,
        Reading(household_id=("hộ", "của hộ"), columns={"shells": "vỏ", "age": "tuổi", "village": "xóm"}),
        by=("village",),
        weight="w",
        design=SurveyDesign(strata="s", psu="p", fpc="f"),
    )
    assert asked.keys == ("hộ", "của hộ")
    assert (asked.key_columns(0), asked.key_columns(1)) == (("hộ",), ("của hộ",))
    homes = pd.DataFrame(
        columns=["more", "hộ", "vỏ", "coast", "huts", "boat", "net", "hook", "xóm", "w", "s", "p", "f"]
    )
    people = pd.DataFrame(columns=["của hộ", "tuổi", "swims", "trade", "name"])
    assert set(asked.columns(homes, 0)) == {*homes.columns} - {"more"}
    assert set(asked.columns(people, 1)) == {*people.columns} - {"name"}
    roles = asked.wanted()[0]
    assert {name: roles[name] for name in ("hộ", "vỏ", "coast", "boat", "xóm", "w", "s", "p", "f")} == {
        "hộ": "key",
        "vỏ": "money",
        "coast": "code",
        "boat": "flag",
        "xóm": "label",
        "w": "number",
        "s": "label",
        "p": "label",
        "f": "number",
    }
    assert set(stream.Job(TOY, Reading()).wanted()[0]) == {
        *("household_id", "shells", "coast", "huts", "boat", "net", "hook", "household_size")
    }


@pytest.mark.parametrize("options", [{"fold": True}, {"household_id": ["commune", "code"]}])
def test_engines_match_keys_of_one_column_as_they_are_spelt(options: Any) -> None:
    with pytest.raises(SpecError, match="Dask and Spark match keys of one column as they are spelt"):
        _ = job(**options).keys
    with pytest.raises(SpecError, match="Dask and Spark match"):
        stream.spans(job(**options), mdp.scan(pa.table({"household_id": ["a"], "commune": ["b"], "code": [1]})))


def test_what_is_wrong_in_a_part_of_frames_is_said_with_the_part() -> None:
    """Texts of a frame are what they say: ``NA`` is no answer there, as it would be in a CSV file."""
    homes, people = (table.to_arrow() for table in toy([1, 2]))
    at = homes.column_names.index("boat")
    wrong = homes.set_column(at, "boat", pa.array(["NA", "NA"]))
    rules = stream.Job(TOY, Reading())
    with pytest.raises(BadValues, match=r"^In a part: ") as raised:
        rules.assess(Block(wrong, people, "a part"))
    assert [each.column for each in raised.value.problems] == ["boat"]
    at = people.column_names.index("swims")
    with pytest.raises(BadValues, match=r"^In a part: ") as raised:
        rules.assess(Block(homes, people.set_column(at, "swims", pa.array(["NA"] * 3)), "a part"))
    assert [each.column for each in raised.value.problems] == ["swims"]
    with pytest.raises(BadValues, match=r"^(?!In )") as raised:
        rules.assess(Block(wrong, people, ""))
    assert [each.column for each in raised.value.problems] == ["boat"]


def test_people_who_look_alike_are_not_reported_where_a_part_has_not_all_columns() -> None:
    homes, people = (table.to_arrow() for table in toy([2]))
    people = people.take([0, 0])
    rules = stream.Job(TOY, Reading())
    assert rules.assess(Block(homes, people, "a part")).problems == ()
    (problem,) = rules.assess(Block(homes, people, "a part", whole=True)).problems
    assert problem.code == "members_alike"
