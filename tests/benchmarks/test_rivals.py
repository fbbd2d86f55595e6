"""The hand-written ways agree, on the frames that the library itself would be given."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from decree import CLASSES, ORDER, YEAR
from polars.testing import assert_frame_equal
from rivals import RIVALS, Rival, Tables, as_pandas, as_polars, make
from tests import oracle
from tests.profiles import scaled

from mdpoverty import examples

MANY = scaled(12_000)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    return make(MANY, tmp_path_factory.mktemp("data"), seed=5)


@pytest.mark.parametrize("rival", RIVALS[1:], ids=lambda rival: rival.name)
def test_all_rivals_agree(tables: Tables, rival: Rival) -> None:
    expected = RIVALS[0].run(*RIVALS[0].prepare(tables)).words()
    for ours, theirs in zip(rival.run(*rival.prepare(tables)).words(), expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: rival.name)
def test_a_rival_reads_the_decree_as_the_oracle_does(rival: Rival, tmp_path: Path) -> None:
    tables = make(400, tmp_path, seed=3)
    households, members = (table.to_pylist() for table in tables)
    classes, words = rival.run(*rival.prepare(tables)).words()
    assert len(set(classes.tolist())) == len(CLASSES)
    for household, found, word in zip(households, classes, words, strict=True):
        people = [member for member in members if member["household_id"] == household["household_id"]]
        assert CLASSES[found] == oracle.classify(household, people, YEAR)
        lacks = {name: bool(word >> bit & 1) for bit, name in enumerate(ORDER)}
        assert lacks == oracle.deprived(household, people, YEAR)


def test_a_household_cut_by_no_block(tables: Tables) -> None:
    kernel = RIVALS[0]
    whole = kernel.run(*kernel.prepare(tables)).words()
    for one, other in zip(kernel.run(*kernel.prepare(tables), block=7).words(), whole, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_file_gives_the_frames_that_were_made(tables: Tables, tmp_path: Path) -> None:
    for ours, made in zip(as_pandas(tables), examples.commune(MANY, seed=5, gaps=0, ids="int"), strict=True):
        pd.testing.assert_frame_equal(ours, made)
    made_polars = examples.commune(MANY, seed=5, gaps=0, ids="int", kind="polars")
    for ours_polars, other in zip(as_polars(tables), made_polars, strict=True):
        assert_frame_equal(ours_polars, other)
    assert make(50, tmp_path)[1].equals(make(50, tmp_path)[1])
