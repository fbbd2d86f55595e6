"""What the reports read off an assessment: keys, sizes, any column, and classes after repairs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mdpoverty as mdp
from mdpoverty.errors import MissingColumns, UnknownKey
from mdpoverty.examples import commune

vn = mdp.standards["vn-2022"]


def test_keys_sizes_and_columns() -> None:
    households, members = commune(60, gaps=0.1)
    households = households.rename(columns={"household_id": "ma_ho"})
    a = vn.classify(households, members.sample(frac=1, random_state=1), household_id=("ma_ho", "household_id"))
    assert a.key_name == "ma_ho"
    assert a.keys == households["ma_ho"].tolist()
    sizes, known = a.sizes
    assert sizes[known].tolist() == households["household_size"].to_numpy()[known].tolist()
    assert (sizes[~known] == 0).all()
    assert a.answers("village") == households["village"].tolist()  # which no rule reads
    income = [None if pd.isna(value) else value for value in households["income"]]
    assert a.answers("income") == income
    ages = members.groupby("household_id")["age"].apply(lambda its: sorted(its.dropna().tolist()))
    by_home: dict[str, list[int]] = {}
    for home, age in zip(a.member_rows.tolist(), a.answers("age", "member"), strict=True):
        by_home.setdefault(a.keys[home], []).extend([] if age is None else [age])
    assert {home: sorted(its) for home, its in by_home.items()} == ages.to_dict()
    assert a.has("village")
    assert not a.has("village", "member")
    with pytest.raises(MissingColumns, match="nowhere"):
        a.answers("nowhere")


def test_without_keys_or_members() -> None:
    a = vn.classify({"area": ["rural"], "income": [1], **{name: [None] for name in vn.indicators}}, given="all")
    assert (a.key_name, a.keys, a.member_rows.tolist()) == (None, [0], [])
    sizes, known = a.sizes
    assert (sizes.tolist(), known.tolist()) == ([0], [False])


def test_repairing_nothing_changes_nothing() -> None:
    a = vn.classify(*commune(500, gaps=0.05), date="2024-11-15")
    same = a.repaired([])
    assert same.codes.tolist() == a.codes.tolist()
    assert (same.deprivations == a.deprivations).all()
    some = np.arange(len(a)) % 2 == 0
    half = a.repaired(["employment"], some)
    assert half.codes[~some].tolist() == a.codes[~some].tolist()
    assert half.codes[some].tolist() == a.repaired(["employment"]).codes[some].tolist()
    assert half.receipt.options["repaired"] == ["employment"]
    assert half.receipt.inputs_digest != a.receipt.inputs_digest
    with pytest.raises(UnknownKey):
        a.repaired(["roof"])
