"""Members of no household are told exactly, wherever they stand and in whatever pieces both tables come."""

from __future__ import annotations

import pickle
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import mdpoverty as mdp
from mdpoverty.errors import BadValues
from mdpoverty.scale import sources, stream
from mdpoverty.scale.blocks import LostMembers
from mdpoverty.tables.options import Reading
from tests.profiles import closely
from tests.scale.toys import given_homes, type_of
from tests.toy import TOY


def told(homes: pa.Table, people: pa.Table, batch: int, **options: Any) -> Any:
    """What a scan says of members of nobody: the problem, or the one that is reported."""
    orphans = options.pop("orphans")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "BATCH", batch)
        scan = mdp.scan(homes, people, **options)
        if orphans == "report":
            return TOY.tally(scan, given="all", orphans="report").meta.get("problems")
        try:
            TOY.tally(scan, given="all")
        except BadValues as error:
            (problem,) = error.problems
            return problem
    return None


@given(
    st.lists(st.integers(0, 20), min_size=1, max_size=8, unique=True).map(sorted),
    st.lists(st.integers(0, 22), max_size=14).map(sorted),
    st.integers(1, 5),
    st.integers(1, 5),
    st.sampled_from([int, lambda key: f"{key:02}"]),
)
def test_members_in_order_of_no_household_are_told_exactly(
    keys: list[int], owners: list[int], block: int, batch: int, kind: Any
) -> None:
    homes = given_homes([kind(key) for key in keys])
    text = type_of(type(homes["household_id"][0].as_py()))
    people = pa.table({"household_id": pa.array(map(kind, owners), text), "name": range(len(owners))})
    strangers = [(row + 2, kind(owner)) for row, owner in enumerate(owners) if owner not in keys]
    rows = "1 row" if len(strangers) == 1 else f"{len(strangers)} rows"
    for aligned in (True, False):
        problem = told(homes, people, batch, block=block, aligned=aligned, orphans="error")
        reported = told(homes, people, batch, block=block, aligned=aligned, orphans="report")
        if not strangers:
            assert problem is reported is None
            continue
        assert (problem.code, problem.rows) == ("orphan", len(strangers))
        assert problem.first == tuple(key for _, key in strangers[:5])
        shown = [f"{key!r}".strip("'") + f" (row {row})" for row, key in strangers[:5]]
        more = [f"and {len(strangers) - 5} more"] if len(strangers) > 5 else []
        assert reported == [
            f"members.household_id: a member of no listed household ({rows}: {', '.join([*shown, *more])})"
        ]
        assert [(place.key, place.row) for place in problem.places] == [(k, r) for r, k in strangers[:5]]


def test_who_cannot_be_told_from_others_is_said_to_be_either() -> None:
    """Households that can be read once have gone by when a stranger is known to be none of theirs."""
    people = pa.table({"household_id": [1, 2, 3, 3], "name": range(4)})
    homes = pa.RecordBatchReader.from_stream(given_homes([1, 3]))
    problem = told(homes, people, 9, block=1, orphans="error")
    assert (problem.code, problem.rows, problem.first) == ("maybe_orphan", 3, (2, 3, 3))
    homes = pa.RecordBatchReader.from_stream(given_homes([1, 2]))
    problem = told(homes, people, 9, block=1, orphans="error")
    assert (problem.code, problem.rows, problem.first) == ("orphan", 2, (3, 3))


@pytest.mark.parametrize("block", [1, 2, 9])
@pytest.mark.parametrize("owners", [[1, 3, 2], [3, 1, 2], [1, 2, 7, 3], [7, 1, 2, 3], [1, 3, 2, 7]])
def test_members_out_of_order_are_never_said_to_be_nobodys_for_sure(owners: list[int], block: int) -> None:
    people = pa.table({"household_id": owners, "name": range(len(owners))})
    for keys in ([1, 2, 3], [1, 2]):
        problem = told(given_homes(keys), people, 1, block=block, orphans="error")
        if problem is not None:
            assert problem.code == ("orphan" if owners == sorted(owners) else "maybe_orphan")


@closely()
@example([0, 1, 2, 3, 4], [1, 4, 2, 3, 4], 1, 1)  # out of order behind one who waits
@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=8, unique=True).map(sorted),
    st.lists(st.integers(0, 10), max_size=9),
    st.integers(1, 3),
    st.integers(1, 3),
)
def test_nobody_who_has_a_household_is_left_out(keys: list[int], owners: list[int], block: int, batch: int) -> None:
    """Members in any order are counted, or refused, or those of nobody are left out."""
    homes = given_homes(keys)
    people = pa.table({"household_id": pa.array(owners, pa.int64()), "name": range(len(owners))})
    problem = told(homes, people, batch, block=block, orphans="error")
    strangers = [owner for owner in owners if owner not in keys]
    if problem is None or problem.code == "orphan":
        assert (0 if problem is None else problem.rows) == len(strangers)
    else:
        assert problem.code == "maybe_orphan"
        assert owners != sorted(owners)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "BATCH", batch)
        job = stream.Job(TOY, Reading(given="all", orphans="report"))
        found, refused = None, None
        try:
            found = stream.report(job, mdp.scan(homes, people, block=block))
        except LostMembers as error:
            refused = error
    if found is None:
        assert refused is not None
        assert not refused.sure
        assert owners != sorted(owners)
        return
    assert sum(each.rows for each in found.problems) == len(strangers)
    assert found.tally == TOY.classify(homes, people, given="all", orphans="report").tally()


@pytest.mark.parametrize("aligned", [True, False])
@pytest.mark.parametrize("kind", [int, str])
def test_without_households_all_members_are_nobodys(aligned: bool, kind: type) -> None:
    people = pa.table({"household_id": [kind(key) for key in (1, 1, 2)], "name": range(3)})
    for keys in (pa.array([], type_of(kind)), pa.nulls(0)):
        problem = told(given_homes(keys), people, 9, aligned=aligned, orphans="error")
        assert (problem.code, problem.rows, problem.first) == ("orphan", 3, (kind(1), kind(1), kind(2)))


def test_keys_of_several_columns_are_shown_as_they_were_given() -> None:
    homes = given_homes([1, 2]).append_column("commune", pa.array(["x", "x"]))
    people = pa.table({"commune": ["x", "x", "y"], "household_id": [1, 2, 3]})
    with pytest.raises(LostMembers) as raised:
        TOY.tally(mdp.scan(homes, people), given="all", household_id=["commune", "household_id"])
    (problem,) = raised.value.problems
    assert (problem.column, problem.first) == ("commune, household_id", (("y", 3),))
    again = pickle.loads(pickle.dumps(raised.value))
    assert (again.sure, again.problems, str(again)) == (True, raised.value.problems, str(raised.value))
