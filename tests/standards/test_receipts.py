"""A receipt is enough to run a result again, and to tell whether it would be the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdpoverty as mdp
from mdpoverty import Receipt, examples, reports
from mdpoverty.errors import BadTable, UnknownStandard
from mdpoverty.verification import verify
from tests.profiles import costly

VN = mdp.standards["vn-2022"]
HOUSEHOLDS = {
    "hh": ["a", "b"],
    "kv": [1, 2],
    "income": [1_500_000, 2_000_001],
    **{name: [True, False] for name in VN.indicators if name != "health_insurance"},
}
MEMBERS = {"id": ["a", "b"], "age": [6, 30], "insured": [False, True]}
OPTIONS: dict[str, Any] = {
    "household_id": ("hh", "id"),
    "columns": {"area": "kv"},
    "codes": {"area": {1: "rural", 2: "urban"}},
    "given": [name for name in VN.indicators if name != "health_insurance"],
    "date": "2024-11-15",
}


def test_a_classification_is_verified_from_its_receipt() -> None:
    assessment = VN.classify(HOUSEHOLDS, MEMBERS, **OPTIONS)
    stored = json.loads(json.dumps(assessment.receipt.to_dict()))
    again = verify(stored, HOUSEHOLDS, MEMBERS, codes=OPTIONS["codes"])
    assert again
    assert again.differences == ()
    assert again.result.category.tolist() == assessment.category.tolist()


def test_other_answers_are_found_out() -> None:
    receipt = VN.classify(HOUSEHOLDS, MEMBERS, **OPTIONS).receipt
    other = {**HOUSEHOLDS, "income": [1_500_000, 2_000_000]}
    again = verify(receipt, other, MEMBERS, codes=OPTIONS["codes"])
    assert not again
    assert again.differences == ("the answers are not those of the receipt",)


def test_another_standard_of_that_name_is_found_out() -> None:
    receipt = VN.assess({"area": "rural", "income": 1}).receipt
    fake = VN.evolve(id="vn-2022", citation=VN.citation, thresholds={"cutoff": 4})
    again = verify(receipt, {"area": "rural", "income": 1}, standard=fake)
    assert not again
    assert "its rules differ" in again.differences[0]
    assert again.result is None


def test_one_household_is_verified_too() -> None:
    answers = {"area": "rural", "income": 1_400_000}
    people = [{"age": 4, "stunted": True}]
    verdict = VN.assess(answers, people, date="2024-11-15")
    stored = json.loads(json.dumps(verdict.to_dict()))["receipt"]
    again = verify(stored, answers, people)
    assert again
    assert again.result == verdict
    assert not verify(stored, answers, [{"age": 5, "stunted": True}])


def test_a_provisional_result_says_so_and_is_verified() -> None:
    receipt = mdp.standards["vn-2027"].assess({"area": "rural", "income": 1}, provisional=True).receipt
    assert receipt.to_dict()["options"]["provisional"] is True
    assert verify(receipt, {"area": "rural", "income": 1})


def test_a_newer_library_is_named_and_does_not_count() -> None:
    answers = {"area": "rural", "income": 1}
    data = {**VN.assess(answers).receipt.to_dict(), "library": "0.0.1"}
    again = verify(data, answers)
    assert again
    assert again.differences == (f"the library is {mdp.__version__}, and was 0.0.1",)


def test_a_revision_that_is_not_there() -> None:
    data = {**VN.assess({}).receipt.to_dict(), "revision": 99}
    with pytest.raises(UnknownStandard, match="no revision 99"):
        verify(data, {})


@pytest.mark.parametrize("data", [{}, {"schema": 1}, {"schema": 2}, []])
def test_what_is_no_receipt(data: Any) -> None:
    with pytest.raises(BadTable, match="no receipt"):
        Receipt.from_dict(data)


def test_a_receipt_comes_back_from_its_dict() -> None:
    receipt = VN.assess({}, date="2024-11-15").receipt
    assert Receipt.from_dict(json.loads(json.dumps(receipt.to_dict()))) == receipt


# ---------------------------------------------------------------------- another order, and receipts of what came of it


@given(st.randoms(use_true_random=False), st.integers(0, 3))
@costly(10)
def test_rows_in_another_order_verify(random: Any, seed: int) -> None:
    homes, people = examples.commune(30, seed=seed)
    receipt = VN.classify(homes, people, date="2024-11-15").receipt
    order, members = list(range(len(homes))), list(range(len(people)))
    random.shuffle(order)
    random.shuffle(members)
    again = verify(receipt.to_dict(), homes.iloc[order], people.iloc[members])
    assert again
    assert set(again.differences) <= {"the rows stand in another order"}
    assert again.differences or order == sorted(order)
    assert again.result.receipt.unordered_digest == receipt.unordered_digest


@given(st.data())
@costly(20)
def test_any_other_answer_changes_the_digest_that_no_order_changes(data: st.DataObject) -> None:
    homes, people = examples.commune(12, seed=1, gaps=0)
    receipt = VN.classify(homes, people).receipt
    table = data.draw(st.sampled_from(["homes", "people"]))
    frame = (homes if table == "homes" else people).copy()
    column = data.draw(st.sampled_from(["floor_area", "income"] if table == "homes" else ["age"]))
    row = data.draw(st.integers(0, len(frame) - 1))
    frame.loc[row, column] = frame.loc[row, column] + 1
    other = VN.classify(*((frame, people) if table == "homes" else (homes, frame))).receipt
    assert other.unordered_digest != receipt.unordered_digest


def test_two_households_that_swap_their_answers_are_others() -> None:
    table = {
        "household_id": ["A", "B"],
        "area": ["rural", "rural"],
        "income": [1, 2],
        **{name: [0, 0] for name in VN.indicators},
    }
    one = VN.classify(table, given="all").receipt
    two = VN.classify({**table, "income": [2, 1]}, given="all").receipt
    assert one.unordered_digest != two.unordered_digest
    turned = {name: list(values)[::-1] for name, values in table.items()}
    assert VN.classify(turned, given="all").receipt.unordered_digest == one.unordered_digest


def test_one_households_members_in_another_order_verify() -> None:
    people = [{"age": 4}, {"age": 40, "insured": True}]
    receipt = VN.assess({"area": "rural"}, people).receipt
    again = verify(receipt, {"area": "rural"}, people[::-1])
    assert again
    assert again.differences == ("the rows stand in another order",)


def test_receipts_from_before_there_was_such_a_digest_still_hold() -> None:
    answers = {"area": "rural", "income": 1}
    kept = VN.assess(answers).receipt.to_dict()
    old = {name: kept[name] for name in kept if name not in ("unordered_digest", "source", "kind", "parts")}
    assert verify(old, answers)
    assert not verify(old, {**answers, "income": 2})


def test_measures_verify_in_any_order_of_rows() -> None:
    homes, people = examples.commune(80, seed=2)
    measured = VN.classify(homes, people).measure(missing="drop")
    stored = json.loads(json.dumps(measured.receipt))
    turned = VN.classify(homes.iloc[::-1], people).measure(missing="drop")
    assert verify(stored, turned)
    weighted = homes.assign(w=[0.1 + at / 7 for at in range(80)])
    sums = VN.classify(weighted, people).measure(weight="w", missing="drop", of="households")
    around = VN.classify(weighted.iloc[::-1], people).measure(weight="w", missing="drop", of="households")
    assert verify(json.loads(json.dumps(sums.receipt)), around)
    heavier = weighted.assign(w=weighted["w"].where(weighted.index > 0, 0.2))
    assert not verify(sums.receipt, VN.classify(heavier, people).measure(weight="w", missing="drop", of="households"))
    half = VN.classify(homes.iloc[:40], people, orphans="report").measure(missing="drop")
    assert verify(stored, half).differences == ("the counts are not those of the receipt",)
    other = VN.classify(homes, people).measure(missing="drop", k="1/2")
    assert "the weights or the cut-off of the spec are others" in verify(stored, other).differences
    with pytest.raises(BadTable, match="verified by measures"):
        verify(stored, homes, people)


def test_flows_and_forms_verify(tmp_path: Path) -> None:
    homes, people = examples.commune(80, seed=2)
    now, then = (VN.classify(homes.iloc[rows], people, orphans="report") for rows in (slice(0, 70), slice(10, 80)))
    turned = VN.classify(homes.iloc[:70].iloc[::-1], people, orphans="report")
    moves = mdp.flows(then, now)
    stored = json.loads(json.dumps(moves.receipt.to_dict()))
    assert stored["kind"] == "flows"
    assert verify(stored, mdp.flows(then, turned))
    assert not verify(stored, mdp.flows(now, now))
    with pytest.raises(BadTable, match="verified by flows"):
        verify(stored, homes, people)
    forms = reports.build(now, before=then, area_columns="commune", totals="assessed")
    kept = json.loads(json.dumps(forms.receipt.to_dict()))
    again = reports.build(turned, before=then, area_columns="commune", totals="assessed")
    assert verify(kept, again)
    assert verify(kept, reports.build(now, area_columns="commune")).differences[:1] == (
        "numbers: not those of the receipt",
    )
    only_classes = verify(kept, homes.iloc[:70], people)
    assert only_classes
    assert "hand them over" in only_classes.differences[-1]
    assert not verify(kept, now)  # an assessment is no forms


def test_the_receipt_printed_in_a_workbook_verifies(tmp_path: Path) -> None:
    homes, people = examples.commune(60, seed=4)
    review = VN.classify(homes, people, date="2024-11-15")
    forms = reports.build(review, area_columns="commune")
    forms.to_excel(tmp_path / "forms.xlsx")
    assert verify(tmp_path / "forms.xlsx", homes, people)
    assert verify(tmp_path / "forms.xlsx", forms)
    assert not verify(str(tmp_path / "forms.xlsx"), homes.assign(income=5), people)
    measured = review.measure(missing="drop")
    measured.to_excel(tmp_path / "mpi.xlsx")
    assert verify(tmp_path / "mpi.xlsx", measured)
    VN.template("excel", tmp_path / "other.xlsx")
    with pytest.raises(BadTable, match="holds no receipt"):
        verify(tmp_path / "other.xlsx", homes, people)


def test_a_receipt_says_which_source_it_was(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from mdpoverty import version

    (tmp_path / "source.txt").write_text("v0.1.0-7-gabcdef0\n", encoding="utf-8")
    monkeypatch.setattr(version, "_BUILT", tmp_path / "source.txt")
    version.source_revision.cache_clear()
    try:
        receipt = VN.assess({}).receipt
        assert receipt.source == "v0.1.0-7-gabcdef0"
    finally:
        version.source_revision.cache_clear()
        monkeypatch.undo()
    later = verify(receipt, {})
    assert later
    assert later.differences == ("the library's source is not known, and was v0.1.0-7-gabcdef0",)
