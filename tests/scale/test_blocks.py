"""Two streams of rows become blocks of households with all of their members, and say where those stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdpoverty as mdp
from mdpoverty.errors import BadTable, BadValues
from mdpoverty.scale import blocks as blocks_module
from mdpoverty.scale import sources, stream
from mdpoverty.scale.keyed import MATCHED
from mdpoverty.scale.report import Span
from mdpoverty.tables.options import Reading
from tests.profiles import closely
from tests.scale.toys import toy
from tests.toy import TOY


def test_blocks_hold_no_more_than_they_must() -> None:
    homes, people = toy([3] * 100)
    scan = stream.Job(TOY, Reading()).keyed(mdp.scan(homes, people, block=10))
    wanted: Any = ({"household_id": "key", MATCHED: "key"}, {"household_id": "key", MATCHED: "key"})
    cut = blocks_module.Blocks(
        scan,
        scan.households.pieces(wanted[0]),
        scan.members.pieces(wanted[1]),
        wanted,
        ("household_id",),
    )
    assert [(block.households.num_rows, block.members.num_rows) for block in cut] == [(10, 30)] * 10


def cut(columns: dict[str, list[Any]], edges: list[int], name: str) -> list[sources.Piece]:
    """Rows in pieces, of two files: the first half of the pieces is of one, the rest of the other."""
    table = pa.table(columns)
    places = [0, *sorted(min(edge, len(table)) for edge in edges), len(table)]
    spans = list(pairwise(places))
    half = places[(len(spans) + 1) // 2]
    return [
        sources.Piece(table.slice(a, b - a), f"{name}-{int(a >= half)}.parquet", a - half * (a >= half))
        for a, b in spans
    ]


def blocks_of(
    homes: Iterable[sources.Piece], people: Iterable[sources.Piece], block: int, **options: Any
) -> blocks_module.Blocks:
    """The blocks of two tables, and, if households are a list, these to be read again."""
    known = [piece.table for piece in homes] if isinstance(homes, list) else []
    again = pa.concat_tables(known) if known else pa.table({"household_id": [1]})
    scan = stream.Job(TOY, Reading()).keyed(mdp.scan(again, pa.table({"household_id": [1]}), block=block))
    wanted: Any = ({"household_id": "key", MATCHED: "key"}, {"household_id": "key", "n": "number", MATCHED: "key"})
    return blocks_module.Blocks(scan, iter(homes), iter(people), wanted, ("household_id",), **options)


def where_of(pieces: list[sources.Piece], rows: range) -> dict[str, list[int]]:
    """Which rows of which file the rows of a table are."""
    found: dict[str, list[int]] = {}
    start = 0
    for piece in pieces:
        its = [row - start + piece.start for row in rows if start <= row < start + len(piece.table)]
        if its:
            found.setdefault(piece.name, []).extend(its)
        start += len(piece.table)
    return found


@closely()
@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=9),
    st.integers(1, 4),
    st.lists(st.integers(0, 20), max_size=3),
    st.lists(st.integers(0, 20), max_size=3),
    st.sampled_from([int, lambda key: f"k{key:02}"]),
)
def test_each_block_has_its_households_with_their_members_and_says_where_they_are(
    sizes: list[int], block: int, first: list[int], second: list[int], kind: Any
) -> None:
    keys = [kind(3 * key + 1) for key in range(len(sizes))]
    owners = [key for key, size in zip(keys, sizes, strict=True) for _ in range(size)]
    homes = cut({"household_id": keys, MATCHED: keys}, first, "homes")
    rows = list(range(len(owners)))
    text = pa.string() if isinstance(keys[0], str) else pa.int64()
    theirs = pa.array(owners, text)
    people = cut({"household_id": theirs, "n": pa.array(rows, pa.int64()), MATCHED: theirs}, second, "people")
    opened = blocks_of(homes, people, block)
    done = 0
    for number, found in enumerate(opened):
        span = range(number * block, min((number + 1) * block, len(keys)))
        assert found.households.column("household_id").to_pylist() == keys[span.start : span.stop]
        its = [row for row in rows if owners[row] in keys[span.start : span.stop]]
        assert found.members.column("n").to_pylist() == its
        where = where_of(homes, span) | where_of(people, range(its[0], its[-1] + 1) if its else range(0))
        assert found.where == "; ".join(f"{name}, rows {at[0]:,} to {at[-1]:,}" for name, at in where.items())
        if its:
            assert found.roster is not None
            assert found.roster.sizes.tolist() == sizes[span.start : span.stop]
        for origin, pieces, at in ((found.origins[0], homes, span), (found.origins[1], people, its)):
            told = [origin.at(row) for row in range(len(at))]
            expected = [where_of(pieces, range(row, row + 1)) for row in at]
            assert [(file, row) for file, row in told] == [(n, r + 1) for each in expected for n, (r,) in each.items()]
        done = span.stop
        assert opened.ordered
        assert (found.whole, found.as_text) == (False, (False, False))
    assert done == len(keys)
    assert opened.spans == (Span(keys[0], keys[-1], True),)
    assert not opened.may_repeat


@closely()
@given(st.permutations(range(6)), st.permutations(range(6)), st.integers(1, 6), st.lists(st.integers(0, 9), max_size=3))
def test_members_in_any_order_come_with_their_block_or_are_refused(
    homes: list[int], people: list[int], block: int, edges: list[int]
) -> None:
    theirs = [key for key in people for _ in range(2)]
    columns = {"household_id": theirs, "n": list(range(12)), MATCHED: theirs}
    opened = blocks_of(
        cut({"household_id": homes, MATCHED: homes}, edges, "homes"), cut(columns, edges, "people"), block
    )
    chunks = [set(homes[i : i + block]) for i in range(0, 6, block)]
    blocks_in_turn = [next(i for i, chunk in enumerate(chunks) if key in chunk) for key in theirs]
    possible = blocks_in_turn == sorted(blocks_in_turn)
    if not possible:
        with pytest.raises(BadValues, match="aligned=False") as raised:
            list(opened)
        assert {each.code for each in raised.value.problems} == {"maybe_orphan"}
        return
    found = [each.members.column("household_id").to_pylist() for each in opened]
    assert found == [[key for key in theirs if key in chunk] for chunk in chunks]
    assert opened.may_repeat == (homes != sorted(homes) and len(chunks) > 1)


def test_members_of_nobody_at_the_end_are_said_with_their_first_five() -> None:
    people = {"household_id": [1, 2, *range(7, 14)], "n": [0] * 9}
    pieces = cut(people | {MATCHED: people["household_id"]}, [1, 4, 5], "people")
    with pytest.raises(blocks_module.LostMembers) as raised:
        list(blocks_of(cut({"household_id": [1, 2], MATCHED: [1, 2]}, [], "homes"), pieces, 1))
    (problem,) = raised.value.problems
    assert (problem.code, problem.rows, problem.first) == ("orphan", 7, (7, 8, 9, 10, 11))
    assert [(each.file, each.row) for each in problem.places] == [
        ("people-0.parquet", 3),
        ("people-0.parquet", 4),
        ("people-1.parquet", 1),
        ("people-1.parquet", 2),
        ("people-1.parquet", 3),
    ]
    assert raised.value.sure


def test_households_of_which_none_is_there_give_one_empty_block() -> None:
    nobody = {
        "household_id": pa.array([], pa.int64()),
        "n": pa.array([], pa.int64()),
        MATCHED: pa.array([], pa.int64()),
    }
    for homes in ([], cut({name: nobody[name] for name in ("household_id", MATCHED)}, [], "homes")):
        (found,) = blocks_of(homes, [], 3)
        assert (found.households.num_rows, found.members.num_rows, found.where) == (0, 0, "")
        assert found.households.column_names == ["household_id", MATCHED]
        assert found.members.column_names == ["household_id", "n", MATCHED]
        assert found.members.schema.field("n").type == pa.int64()


def test_pieces_of_one_block_must_go_together() -> None:
    wanted: Any = {"n": "number", "word": "code"}
    one = sources.Piece(pa.table({"n": [1], "word": ["x"]}), "b.parquet", 0)
    other = sources.Piece(pa.table({"n": [2.5], "word": pa.array([7])}), "a.parquet", 0)
    together = blocks_module._together([one, other], wanted)
    assert together.to_pylist() == [{"n": 1.0, "word": "x"}, {"n": 2.5, "word": "7"}]
    lists = sources.Piece(pa.table({"n": pa.array([[1]]), "word": ["y"]}), "a.parquet", 0)
    with pytest.raises(
        BadTable, match=r"different types in b\.parquet and a\.parquet: n is int64 in one and list<item: int64> in"
    ):
        blocks_module._together([one, lists], wanted)


def pieces_of(keys: Iterable[Any], name: str, kind: Any = None, *, each: int = 1) -> list[sources.Piece]:
    """Rows in pieces of as many as that."""
    theirs = pa.array(keys, kind)
    table = pa.table({"household_id": theirs, "n": range(len(theirs)), MATCHED: theirs})
    return [sources.Piece(table.slice(at, each), name, at) for at in range(0, len(table), each)]


def told(pieces: list[sources.Piece], what: str, said: list[str]) -> Iterator[sources.Piece]:
    """Pieces, each of which is noted when it is read."""
    for piece in pieces:
        said.append(what)
        yield piece


@pytest.mark.parametrize("parted", [False, True])
def test_which_table_is_opened_first(parted: bool) -> None:
    """Households, unless members were brought to them, for which both had to be read: some can't be open twice.

    Of those no more are read than those of a block.
    """
    said: list[str] = []
    homes, people = pieces_of([1, 2, 3], "homes"), pieces_of([1, 2, 3], "people")
    options = {"parted": True} if parted else {}
    found = blocks_of(told(homes, "homes", said), told(people, "people", said), 1, **options)
    assert (found.ordered, found.spans, found.may_repeat) == (True, (), False)  # nothing was read yet
    for number, block in enumerate(found):
        assert (block.whole, block.as_text) == (False, (False, False))
        assert block.members["n"].to_pylist() == [number]
        assert said.count("people") == min(number + (1 if parted else 2), 3)
    assert said[:2] == (["people", "homes"] if parted else ["homes", "people"])


@closely()
@given(
    st.lists(st.integers(0, 9), min_size=1, unique=True).map(sorted),
    st.lists(st.integers(0, 9), max_size=12),
    st.integers(1, 4),
    st.booleans(),
    st.sampled_from([int, str]),
)
def test_members_are_read_no_further_than_to_the_first_of_a_later_household(
    keys: list[int], owners: list[int], block: int, skip: bool, kind: type
) -> None:
    """In whatever order they are, whoever is among them."""
    said: list[str] = []
    ours, theirs = map(kind, keys), pa.array(map(kind, owners), pa.string() if kind is str else pa.int64())
    people = told(pieces_of(theirs, "people"), "people", said)
    found = blocks_of(pieces_of(ours, "homes"), people, block, skip=skip)
    taken: list[int] = []
    try:
        for number, each in enumerate(found):
            last = keys[: (number + 1) * block][-1]
            later = next((row for row, owner in enumerate(owners) if owner > last), len(owners))
            assert len(said) <= later + 1
            taken += each.members["n"].to_pylist()
    except blocks_module.LostMembers:
        assert len(taken) < len(owners)
    else:
        assert len(taken) == len(owners)
    assert taken == sorted(taken)
    if owners == sorted(owners):
        assert {owners[row] for row in taken} >= {key for key in keys if key in owners} or not skip


def typed(values: list[Any], kind: pa.DataType) -> pa.Array:
    return pa.array(values, kind.value_type).cast(kind) if pa.types.is_dictionary(kind) else pa.array(values, kind)


@pytest.mark.parametrize("block", [1, 2, 9])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (pa.int32(), pa.int64()),
        (pa.int64(), pa.int8()),
        (pa.uint8(), pa.int64()),
        (pa.uint64(), pa.uint64()),
        (pa.string(), pa.large_string()),
        (pa.large_string(), pa.string()),
        (pa.dictionary(pa.int8(), pa.string()), pa.string()),
        (pa.string(), pa.dictionary(pa.int32(), pa.string())),
    ],
)
def test_keys_of_one_kind_are_one_in_whatever_type_they_lie(ours: Any, theirs: Any, block: int) -> None:
    base = 2**63 if ours == pa.uint64() else 0
    keys = [base + key for key in (1, 2, 5)]
    owners = [base + key for key in (1, 1, 5)]
    if not pa.types.is_integer(ours):
        keys, owners = [f"k{key}" for key in keys], [f"k{key}" for key in owners]
    homes = [piece for key in keys for piece in pieces_of(typed([key], ours), "homes")]
    people = [piece for owner in owners for piece in pieces_of(typed([owner], theirs), "people")]
    opened = blocks_of(homes, people, block)
    found = [row for each in opened for row in each.members["household_id"].to_pylist()]
    assert found == owners
    assert opened.ordered
    assert opened.spans == (Span(keys[0], keys[-1], True),)


@pytest.mark.parametrize("block", [1, 2, 3])
@pytest.mark.parametrize("keys", [[1, 1, 2], [1, 2, 2], [2, 1, 3], [1, None, 2], ["a", "a", "b"], ["b", "a", "c"]])
def test_households_whose_keys_do_not_increase_may_stand_twice(keys: list[Any], block: int) -> None:
    kind = pa.string() if isinstance(keys[0], str) else pa.int64()
    for each in (1, 2, 3):
        opened = blocks_of(pieces_of(keys, "homes", kind, each=each), [], block)
        assert [key for found in opened for key in found.households["household_id"].to_pylist()] == keys
        assert not opened.ordered
        assert opened.may_repeat == (block < 3)
        (span,) = opened.spans
        assert (span.first, span.increasing) == (keys[0], False)


def test_members_out_of_order_are_not_all_read_to_find_whose_they_are() -> None:
    """Nobody of the first household shows that order must be looked at; from where it ends, no more are taken."""
    said: list[str] = []
    people = told(pieces_of([1, 0, 9, 9, 9], "people"), "people", said)
    found = iter(blocks_of(pieces_of([0, 1, 2, 9], "homes"), people, 1))
    assert [next(found).members["n"].to_pylist() for _ in range(3)] == [[], [0], []]
    assert len(said) == 2


def test_who_is_nobodys_waits_unless_it_is_left_to_whoever_classifies() -> None:
    homes, people = pieces_of([1, 3], "homes"), pieces_of([1, 2, 3], "people")
    with pytest.raises(blocks_module.LostMembers):
        list(blocks_of(homes, people, 1))
    found = [each.members["household_id"].to_pylist() for each in blocks_of(homes, people, 1, skip=True)]
    assert found == [[1], [2, 3]]


@pytest.mark.parametrize("each", [1, 2, 9])
def test_members_who_are_held_together_are_all_there_but_for_strangers(each: int) -> None:
    homes, people = pieces_of([3, 1, 2], "homes"), pieces_of([2, 9, 3, 3, 1, 8, 3], "people", each=each)
    found = iter(blocks_of(homes, people, 1, together=True))
    assert next(found).members["n"].to_pylist() == [0, 2, 3, 4, 6]
    with pytest.raises(blocks_module.LostMembers) as raised:
        next(found)
    (problem,) = raised.value.problems
    assert (problem.code, problem.rows, problem.first) == ("orphan", 2, (9, 8))


@pytest.mark.parametrize("missing", [0, 1])
def test_a_table_without_its_key_is_left_to_whoever_says_so(missing: int) -> None:
    """The first block, with a member if there is one, shows what isn't there; nothing is looked at again."""
    pieces = [pieces_of([1, 2], "homes"), pieces_of([1, 2, 2], "people")]
    lacking = [piece._replace(table=piece.table.select(["n"])) for piece in pieces[missing]]
    scan = mdp.scan(pa.table({"household_id": [1]}), pa.table({"household_id": [1]}), block=1)
    all_: Any = {"household_id": "key", "n": "number", MATCHED: "key"}
    wanted = [all_, all_]
    pieces[missing], wanted[missing] = lacking, {"n": "number"}
    opened = blocks_module.Blocks(scan, iter(pieces[0]), iter(pieces[1]), (wanted[0], wanted[1]), ("household_id",))
    found = list(opened)
    assert [(each.households.num_rows, each.members.num_rows, each.roster) for each in found] == [(1, 1, None)] * 2
    assert not opened.may_repeat
