"""What the reports read off an assessment: keys, sizes, any column, and classes after repairs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import mdpoverty as mdp
from mdpoverty.errors import BadTable, BadValues, MissingColumns, SpecError, UnknownKey
from mdpoverty.examples import commune
from tests.review.reviews import ABOVE, NEAR, OPEN, POOR, review

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


@pytest.mark.parametrize("level", ["household", "member"])
def test_answers_are_those_of_the_tables_whatever_their_order_and_whoever_reads_them(level: Any) -> None:
    sample = commune(40, gaps=0.1)
    homes, people = (
        table.assign(remark=[f"{letter}{row % 7}" for row in range(len(table))]).sample(frac=1, random_state=seed)
        for table, letter, seed in zip(sample, "hm", (1, 2), strict=True)
    )
    a = vn.classify(homes, people, date="2024-11-15")
    table, columns = (homes, ("income", "village", "remark")) if level == "household" else (people, ("age", "remark"))
    order = {key: place for place, key in enumerate(a.keys)}
    wanted = table.iloc[np.argsort([order[key] for key in table["household_id"]], kind="stable")]
    for name in columns:
        plain = [None if pd.isna(value) else value for value in wanted[name]]
        assert a.answers(name, level) == plain
        assert a.distinct(name, level).listed() == plain
    with pytest.raises(MissingColumns, match="nowhere"):
        a.distinct("nowhere", level)
    with pytest.raises(MissingColumns, match="members"):
        review([{"household_id": 1}]).answers("age", "member")


def test_answers_are_what_the_rules_read_and_not_what_was_written() -> None:
    flags = {name: [1, 0] for name in vn.indicators}
    table = {"area": ["TT", "NT"], "income": [-5, 7], "remark": [1, 0], **flags}
    codes = {"area": {"TT": "urban", "NT": "rural"}}
    a = vn.classify(table, given="all", codes=codes, invalid="missing")
    for name, said in (
        ("area", ["urban", "rural"]),
        ("income", [None, 7]),
        ("toilet", [True, False]),
        ("remark", [1, 0]),
    ):
        assert a.answers(name) == said
        assert a.distinct(name).listed() == said
        assert list(map(type, a.answers(name))) == list(map(type, said))


def test_a_repaired_household_is_as_one_that_never_lacked_it() -> None:
    sample = commune(200, gaps=0.1)
    a = vn.classify(*sample, date="2024-11-15")
    before = {name: a.indicator(name) for name in vn.indicators}
    some = np.arange(len(a)) % 3 == 0
    found = a.repaired(["employment", "toilet"], some)
    said = {name: np.where(some & (name in ("employment", "toilet")), 0, codes) for name, codes in before.items()}
    assert (before["toilet"][some] == 2).any()
    assert (before["employment"][some] == 1).any()
    flags = {name: [(False, None, True)[code] for code in codes] for name, codes in said.items()}
    known = {name: sample.households[name] for name in ("household_id", "area", "income", "household_size")}
    by_hand = vn.classify(pd.DataFrame({**known, **flags}), given="all", date="2024-11-15")
    assert found.codes.tolist() == by_hand.codes.tolist()
    assert {name: found.indicator(name).tolist() for name in vn.indicators} == {n: c.tolist() for n, c in said.items()}
    assert found.given == tuple(vn.indicators)
    assert found.receipt.options["repaired_households"] == int(some.sum())
    assert found.repaired(["toilet"]).receipt.options["repaired_households"] == len(a)
    assert [a.indicator(name).tolist() for name in vn.indicators] == [codes.tolist() for codes in before.values()]
    with pytest.raises(BadTable, match="each of the 200 households"):
        a.repaired(["toilet"], some[1:])


def test_classes_of_another_review_by_their_keys() -> None:
    whole = review([{"household_id": f"VD-{n}", **kind} for n, kind in enumerate((POOR, NEAR, ABOVE, OPEN, POOR))])
    part = review([{"household_id": f"VD-{n}", **kind} for n, kind in ((4, NEAR), (3, POOR), (0, OPEN))])
    keys = whole.matching_keys()
    assert part.in_category_of(keys, "poor").tolist() == [1, 0, 0, 2, 0]
    assert part.in_category_of(keys, "near_poor").tolist() == [1, 0, 0, 0, 2]
    assert whole.in_category_of(keys, "poor").tolist() == [2, 0, 0, 1, 2]
    with pytest.raises(UnknownKey, match=r"2 households .* \['VD-1', 'VD-2'\]"):
        whole.in_category_of(part.matching_keys(), "poor")
    numbers = review([{"household_id": n} for n in range(5)]).matching_keys()
    with pytest.raises(BadValues, match="this review") as raised:
        part.in_category_of(numbers, "poor")
    assert [problem.column for problem in raised.value.problems] == ["household_id"]
    renamed = review([{"mã": "VD-1", **POOR}], household_id="mã")
    assert renamed.in_category_of(keys, "poor").tolist() == [0, 2, 0, 0, 0]
    with pytest.raises(BadValues) as raised:
        renamed.in_category_of(numbers, "poor")
    assert [problem.column for problem in raised.value.problems] == ["mã"]


def test_a_rule_is_asked_of_the_answers_that_the_standard_reads() -> None:
    rows = [{"income": income, "household_id": n, "remark": 1} for n, income in enumerate((999_999, 1_000_000, None))]
    a = review(rows)
    assert a.score(mdp.column("income") < 1_000_000).tolist() == [2, 0, 1]
    assert a.score(mdp.column("household_size") > 3).tolist() == [2, 2, 2]
    with pytest.raises(SpecError, match="'vn-2022' doesn't read remark: score the rule on the tables"):
        a.score(mdp.column("remark") > 0)
    again = review([dict(row) for row in rows[:1]] + [{"household_id": 1, **POOR, "income": -5}], invalid="missing")
    problems = again.problems
    assert again.score(mdp.column("income") < 1_000_000).tolist() == [2, 1]
    assert again.problems == problems


def test_without_a_key_column_households_are_asked_for_by_position() -> None:
    kinds = (POOR, ABOVE, NEAR)
    a = review([dict(kind) for kind in kinds])
    assert [a.explain(place).category for place in range(3)] == ["poor", "above_average", "near_poor"]
    assert a.position(np.int64(2)) == 2
    for strange in (-1, 3, True, "0", 1.0):
        with pytest.raises(UnknownKey, match="from 0 to 2"):
            a.position(strange)
    assert a.in_category_of(a.matching_keys(), "poor").tolist() == [2, 0, 0]
    five = review([dict(POOR) for _ in range(5)])
    assert a.in_category_of(five.matching_keys(), "near_poor").tolist() == [0, 0, 2, 0, 0]


def test_a_key_that_nobody_has_says_what_keys_are() -> None:
    several = review([{"commune": "X", "number": n, **POOR} for n in (7, 8)], household_id=["commune", "number"])
    assert (several.position(("X", 7)), several.position(("X", 8))) == (0, 1)
    with pytest.raises(UnknownKey, match="consists of commune, number"):
        several.position("X")
    with pytest.raises(UnknownKey, match=r"keys are number \(7\) here, and this is text \('7'\)"):
        review([{"household_id": 7, **POOR}]).position("7")


def test_persons_are_counted_where_every_size_is_known() -> None:
    sizes = (3, 4, 5)
    rows = [{"household_id": n, **POOR, "weight": n + 1, "so_nguoi": size} for n, size in enumerate(sizes)]
    for row in rows:
        row["household_size"] = row["so_nguoi"]
    a = review(rows)
    assert a.tally().total() == 12
    assert a.tally(weight="household_size") == a.tally()
    assert (a.tally(weight="weight").total("households"), a.tally(weight="weight").total()) == (6, 3 + 8 + 15)
    gap = review([*rows, {"household_id": "VD-9", **POOR, "household_size": None}, {"household_id": 7, **POOR}])
    with pytest.raises(BadValues) as raised:
        gap.tally(weight="household_size")
    (problem,) = raised.value.problems
    assert (problem.code, problem.rows, problem.first) == ("size_needed", 1, ("VD-9",))
    assert gap.tally().total() == gap.tally().total("households") == 5
    flags = {name: [True] * 2 for name in vn.indicators}
    nobody = vn.classify({"area": ["rural"] * 2, "income": [1] * 2, **flags}, given="all")
    with pytest.raises(BadValues) as raised:
        nobody.tally(weight="household_size")
    assert raised.value.problems[0].rows == 2


KEPT = ("household_id", "household_size", "village", "weight")


def test_a_panel_of_reviews_is_one_of_their_tables() -> None:
    sample = commune(120, gaps=0.03)
    homes = sample.households.assign(weight=np.arange(120) % 5 + 1.0)
    first = vn.classify(homes, sample.members, date="2024-11-15")
    other = homes.sample(frac=0.9, random_state=3)
    toilets = np.where(np.arange(len(other)) % 2 == 0, "none", other["toilet"])
    people = sample.members[sample.members["household_id"].isin(other["household_id"])]
    second = vn.classify(other.assign(toilet=toilets), people)

    def table(a: Any, frame: pd.DataFrame) -> pd.DataFrame:
        flags = {name: np.array([0.0, np.nan, 1.0])[a.indicator(name)] for name in vn.indicators}
        return pd.DataFrame({name: frame[name].to_numpy() for name in KEPT} | flags)

    spec = mdp.AlkireFoster.from_standard(vn)
    for options in ({}, {"by": "village"}, {"weight": "weight"}, {"design": mdp.SurveyDesign(psu="village")}):
        ours = first.panel(second, missing="drop", **options)
        known = {"id": "household_id", "size": "household_size", "missing": "drop", **options}
        theirs = spec.panel(table(first, homes), table(second, other), **known)
        pd.testing.assert_frame_equal(ours.table, theirs.table)
        assert ours.households == theirs.households
    assert ours.households is not None
    assert ours.households["unknown"] > 0
    persons = first.panel(second, missing="drop", weight="household_size")
    pd.testing.assert_frame_equal(persons.table, first.panel(second, missing="drop").table)


def test_a_panel_counts_households_where_a_size_is_not_known() -> None:
    rows = [{"household_id": n, **kind, "household_size": n + 1} for n, kind in enumerate((POOR, NEAR, NEAR))]
    after = review([{"household_id": n, **NEAR} for n in range(3)])
    assert review(rows).panel(after).value("left") == pytest.approx(1 / 6)
    rows[2]["household_size"] = None
    assert review(rows).panel(after).value("left") == pytest.approx(1 / 3)


def test_a_panel_needs_keys_and_one_list_of_indicators() -> None:
    keyed, plain = review([{"household_id": 1, **POOR}]), review([dict(POOR)])
    for pair in ((keyed, plain), (plain, keyed), (plain, plain)):
        with pytest.raises(SpecError, match="no key column"):
            pair[0].panel(pair[1])
    old = mdp.standards["vn-2016"]
    flags = {name: [True] for name in old.indicators}
    other = old.classify({"household_id": [1], "area": ["rural"], "income": [1], **flags}, given="all")
    with pytest.raises(SpecError, match="other indicators"):
        keyed.panel(other)
