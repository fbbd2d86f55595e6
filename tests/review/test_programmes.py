"""Plans: who is entitled, how far the target is, who is still missing, and what to repair first."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdpoverty as mdp
from mdpoverty import reports
from mdpoverty.dynamics import newly_escaped
from mdpoverty.errors import BadValues, MissingColumns, SpecError, UnknownKey
from mdpoverty.programmes import hai_duong_2023 as plan
from mdpoverty.programmes import ranking, what_if
from mdpoverty.ternary import NO, UNKNOWN, YES
from tests.review.reviews import ABOVE, AVERAGE, KINDS, NAMES, NEAR, OPEN, POOR, review


def households(*kinds: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    return [{"household_id": key, **kind, **more} for key, kind in enumerate(kinds)]


def test_the_plan_as_printed() -> None:
    assert plan.targets["poverty_rate"].rate == Fraction(16, 1000)
    assert len(plan.catalogue) == 21
    by_group = {
        group: {each.id for each in plan.entitlements(group)} for group in ("poor", "near_poor", "newly_escaped")
    }
    assert by_group["poor"] - by_group["near_poor"] == {"local_jobs"}
    assert by_group["near_poor"] < by_group["poor"]
    assert {"insurance_card", "tuition"} & by_group["newly_escaped"] == set()  # the plan gives E neither
    assert "credit" in by_group["newly_escaped"]
    assert [each.id for each in plan.entitlements("farming_average")] == ["insurance_support"]
    every = {each.id for each in plan.catalogue.values() if each.goal == 1}
    assert every == {"credit", "insurance_card", "insurance_support", "tuition", "clean_water", "legal_aid"}
    tuition = plan.catalogue["tuition"].citation
    assert tuition is not None
    assert tuition.instrument == "Nghị định 81/2021/NĐ-CP ngày 27/8/2021"
    assert plan.catalogue["clean_water"].citation is None  # the plan cites none
    assert plan.entitlements("average_living") == plan.entitlements("above_average") == ()
    with pytest.raises(UnknownKey):
        plan.entitlements("rich")


def test_a_household_whose_class_is_open_is_entitled_where_every_class_is() -> None:
    a = review(households(POOR, NEAR, OPEN, AVERAGE, ABOVE, producer=True))
    codes = plan.entitled(a)
    assert codes["insurance_card"].tolist() == [YES, YES, YES, NO, NO]
    assert codes["local_jobs"].tolist() == [YES, NO, UNKNOWN, NO, NO]
    assert codes["insurance_support"].tolist() == [NO, NO, NO, YES, NO]
    assert {each.id for each in plan.of_household(a, 3)} == {"insurance_support"}
    with pytest.raises(UnknownKey):
        plan.of_household(a, 99)


def test_whether_someone_farms_is_open_where_nobody_said() -> None:
    a = review(households(AVERAGE, ABOVE))
    assert plan.entitled(a)["insurance_support"].tolist() == [UNKNOWN, NO]
    said = review([{"household_id": 1, **AVERAGE, "nong": None}, {"household_id": 2, **AVERAGE, "nong": False}])
    assert plan.entitled(said, producers="nong")["insurance_support"].tolist() == [UNKNOWN, NO]


def test_producers_by_their_own_standard() -> None:
    a = review(households(AVERAGE, AVERAGE, POOR, ABOVE))
    own = {"household_id": [0, 1, 3], "area": ["rural"] * 3, "household_size": [4] * 3, "producer": [True, True, False]}
    income = 12 * 4 * 2_000_000
    producers = mdp.standards["vn-2022-producers"].classify({**own, "net_income": [income, None, income]})
    codes = plan.entitled(a, producers=producers)["insurance_support"]
    assert codes.tolist() == [YES, UNKNOWN, NO, NO]
    form = reports.build(a, producers=producers).form(1, heading="numbers")
    assert form["7"].tolist() == [1]
    assert any("1 hộ còn để ngỏ" in note for note in reports.build(a, producers=producers).form(1).attrs["notes"])
    with pytest.raises(UnknownKey, match="aren't in this one"):
        plan.entitled(review(households(AVERAGE)), producers=producers)


def test_newly_escaped_households() -> None:
    a = review(households(ABOVE, ABOVE, POOR))
    history = {
        "2022-12-20": {"household_id": [0, 1], "category": ["poor", None]},
        "2023-12-20": {"household_id": [0, 1], "category": ["above_average", "above_average"]},
    }
    escaped = newly_escaped(history, "2024-06-01")
    assert plan.entitled(a, newly_escaped=escaped)["credit"].tolist() == [YES, UNKNOWN, YES]
    assert plan.entitled(a, newly_escaped=[1])["credit"].tolist() == [NO, YES, YES]
    assert plan.entitled(a)["credit"].tolist() == [NO, NO, YES]


def test_progress() -> None:
    a = review(households(*[POOR] * 20, *[NEAR] * 10, *[OPEN] * 2))
    receipts = pd.DataFrame(
        {
            "household_id": [*range(15), 0, 25, 31, 40],
            "entitlement": [*["insurance_card"] * 16, "local_jobs", "local_jobs", "credit"],
        }
    )
    progress = plan.progress(a, receipts=receipts, residents=1_000)
    (target,) = progress.targets
    assert (target.rate, target.rate_max) == (Decimal("2.00"), Decimal("2.20"))
    assert (target.allowed, target.to_leave, target.to_leave_max, target.reached) == (16, 4, 6, NO)
    coverage = progress.coverage.set_index("entitlement")
    assert coverage.loc["insurance_card", ["entitled", "received", "missing", "open"]].tolist() == [32, 15, 17, 0]
    assert coverage.loc["insurance_card", ["goal", "covered"]].tolist() == [100.0, 46.88]  # 15/32 is 46.875 %
    assert pd.isna(coverage.loc["insurance_support", "covered"])
    assert progress.missing("insurance_card") == list(range(15, 32))
    assert progress.open("local_jobs") == [30, 31]
    assert progress.not_entitled.to_numpy().tolist() == [[25, "local_jobs"]]
    assert progress.unmatched.to_numpy().tolist() == [[40, "credit"]]


@pytest.mark.parametrize(("poor", "residents", "leave"), [(16, 1_000, 0), (17, 1_000, 1), (16, 999, 1), (0, 10, 0)])
def test_the_target_is_held_to_the_count_and_not_the_rounded_rate(poor: int, residents: int, leave: int) -> None:
    (target,) = plan.progress(review(households(*[POOR] * poor, ABOVE)), residents=residents).targets
    assert target.to_leave == leave


def test_what_doesnt_fit_is_refused() -> None:
    a = review(households(POOR))
    with pytest.raises(BadValues, match="got a text of 4 characters"):
        plan.progress(a, receipts={"household_id": [0], "entitlement": ["gold"]})
    with pytest.raises(MissingColumns, match="entitlement"):
        plan.progress(a, receipts={"household_id": [0]})
    with pytest.raises(SpecError, match="at least the 1"):
        plan.progress(a, residents=0)


# ------------------------------------------------------------------------------------------------ what to repair


def test_repairs_by_hand() -> None:
    first, second = NAMES[:2]
    rows = [
        {"household_id": 1, "lacks": 3, "commune": "Xã 1", "household_size": 2},
        {"household_id": 2, "lacks": 3, "commune": "Xã 1", "household_size": 5},
        {"household_id": 3, "lacks": 4, "commune": "Xã 2"},
        {"household_id": 4, "lacks": 2, "commune": "Xã 2"},
    ]
    a = review(rows)
    assert what_if(a, repair=[first]).category.tolist() == ["near_poor", "near_poor", "poor", "near_poor"]
    assert what_if(a, [first], households=np.array([True, False, True, True])).category[:2].tolist() == [
        "near_poor",
        "poor",
    ]
    assert a.category.tolist() == ["poor", "poor", "poor", "near_poor"]
    table = ranking(a, "commune")
    best = table[table["rank"] == 1].set_index("commune")
    assert best.loc["Xã 1", ["repair", "leave", "people", "deprived"]].tolist() == [first, 2, 7, 2]
    assert best.loc["Xã 2", "leave"] == 0
    both = ranking(a, "commune", together=2)
    assert both[both["commune"] == "Xã 2"].iloc[0][["repair", "leave"]].tolist() == [f"{first}+{second}", 1]
    assert len(ranking(a)) == len(NAMES)
    with pytest.raises(SpecError):
        ranking(a, together=13)
    with pytest.raises(UnknownKey):
        what_if(a, ["roof"])


@given(st.lists(st.sampled_from(KINDS), max_size=6), st.sets(st.sampled_from(NAMES)))
def test_a_repair_is_answering_no(kinds: list[dict[str, Any]], repair: set[str]) -> None:
    rows = households(*kinds)
    mended = review([{**row, **dict.fromkeys(repair, False)} for row in rows])
    assert what_if(review(rows), sorted(repair)).codes.tolist() == mended.codes.tolist()
    assert what_if(review(rows), []).codes.tolist() == review(rows).codes.tolist()


@given(st.lists(st.sampled_from(KINDS), min_size=1, max_size=6))
def test_entitlements_hold_in_every_completion(kinds: list[dict[str, Any]]) -> None:
    rows = households(*kinds, producer=True)
    open_at = NAMES[OPEN["lacks"]]
    codes = plan.entitled(review(rows))
    gaps = [row for row in rows if row.get("gaps")]
    seen: dict[str, list[set[int]]] = {name: [set() for _ in rows] for name in codes}
    for answers in product([True, False], repeat=min(len(gaps), 1)):
        whole = [{**row, open_at: answers[0]} if row.get("gaps") else row for row in rows]
        for name, settled in plan.entitled(review(whole)).items():
            for position, code in enumerate(settled.tolist()):
                seen[name][position].add(code)
    for name, its in seen.items():
        for code, found in zip(codes[name].tolist(), its, strict=True):
            assert code == (found.pop() if len(found) == 1 else UNKNOWN)
