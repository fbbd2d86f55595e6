"""A receipt is enough to run a result again, and to tell whether it would be the same."""

from __future__ import annotations

import json
from typing import Any

import pytest

import mdpoverty as mdp
from mdpoverty import Receipt
from mdpoverty.errors import BadTable, UnknownStandard
from mdpoverty.verification import verify

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
