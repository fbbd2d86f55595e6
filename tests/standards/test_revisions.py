"""Standards don't change in place: each revision keeps its digest for good, and stays available for old receipts."""

from __future__ import annotations

from typing import Any

import pytest

import mdpoverty as mdp
from mdpoverty.verification import verify

# As they were published. A line is added for a new revision, none is ever changed.
DIGESTS = {
    ("vn-2016", 1): "bdc9d7fea8a9bb0d7ef9aa7e4daa83288790dedad464ef268458556a3a0bd513",
    ("vn-2022", 1): "382f2aa5bfce8937b02f8c59166d02ef767de2511f200ccf0abb936d10b884d3",
    ("vn-2027", 1): "e916760b302107eb4c6c07ca35cb8f92c8140eec15efac324d850e3afdcb7425",
    ("vn-2022-scores", 1): "5bdcf2afa9b2de3d1f7d6ea774ad408da38ffb064639e88c2e89509011a384ed",
    ("vn-2022-producers", 1): "6ecd619971ee256326646b4e1347cff62eca5df9635cbf1a3d0cd31b1f3567ba",
    ("vn-2025-low-income-workers", 1): "00b5ddc99f1e064ea6bc035c7f4f1c0251e894cf578c967e0a2a068482d5b8d1",
    ("vn-dn-2016", 1): "285d7c5df05b3abc993c13ea0899970d7abc5d46efad563b29213f90db2fda12",
    ("global-mpi", 1): "0279596d25adec8007c35f65e49a4c12a5df4a083ed8dd70b1dd42ee907e13a8",
    ("vn-sg-2026", 1): "bac41c04b0dc6c951f26f92fcb70f201145115ac39850e37aa3c588ddd6f49c9",
    ("vn-2022", 2): "371dade1b4a5dc5173afda4880b73bc905aaeee7ffeacb1e2b74003fd28817f3",
    ("vn-2027", 2): "513ec62a52e87605281d100e5bf43234bbc872de4b49263a0cb8d1e6f088f2aa",
    ("vn-2022-scores", 2): "b2abee4e31ea9daeded333f1ecc0456d7e92c7015482ab9fc81a77240a8cd729",
    ("vn-2022-producers", 2): "c40b704f8938525773f9d3bf80377c2ec58dbc194d893f911c2c06868da397f1",
}


@pytest.mark.parametrize(("id", "revision"), DIGESTS, ids=[f"{id}.{n}" for id, n in DIGESTS])
def test_a_revision_has_the_digest_that_it_was_published_with(id: str, revision: int) -> None:
    standard = mdp.standards.revision(id, revision)
    assert (standard.id, standard.revision) == (id, revision)
    assert standard.digest == DIGESTS[id, revision]


def test_every_revision_that_there_is_has_its_digest_here() -> None:
    for entry in mdp.standards.list():
        for revision in range(1, entry.revision + 1):
            assert (entry.id, revision) in DIGESTS
            assert mdp.standards.revision(entry.id, revision).revision == revision


# Receipts as revision 1 wrote them, with the answers that they are of.
_FAMILY = [
    {"age": 7, "insured": False, "employment": None},
    {"age": 40, "insured": True, "employment": "own_account"},
]
_INDICATORS = [
    "employment", "dependents", "nutrition", "health_insurance", "adult_education", "child_schooling",
    "housing_quality", "housing_area", "water_source", "toilet", "telecommunication", "information_devices",
]  # fmt: skip
_OLD: list[tuple[dict[str, Any], Any, Any]] = [
    (
        {
            "standard": "vn-2022",
            "date": "2024-11-15",
            "inputs_digest": "83eacc9618d558ca910d6236e4ae3cd10ec7fa6f9619374da1642f48678db411",
            "options": {"given": []},
        },
        {"area": "rural", "income": 1_400_000, "household_size": 2},
        _FAMILY,
    ),
    (
        {
            "standard": "vn-2022",
            "date": "2024-11-15",
            "inputs_digest": "05403ca1699bd9056eeed8b62cb85c57515c4664a3fab38def614e657db6459c",
            "options": {
                "given": _INDICATORS,
                "household_id": "household_id",
                "columns": {},
                "codes": {},
                "orphans": "error",
                "invalid": "error",
            },
        },
        {
            "household_id": ["a", "b"],
            "area": ["rural", "urban"],
            "income": [1_500_000, 2_000_001],
            **{name: [True, False] for name in _INDICATORS},
        },
        None,
    ),
    (
        {
            "standard": "vn-2027",
            "date": None,
            "inputs_digest": "aaa4fe7b45783aedbd99986ec42329f242648eb1f48248d45945adfdb72ff132",
            "options": {"given": [], "provisional": True},
        },
        {"area": "rural", "income": 1},
        None,
    ),
    (
        {
            "standard": "vn-2022-scores",
            "date": None,
            "inputs_digest": "e60529d689cd8a86fb92615b29d69dbe9d408b4ddb06e7bee8b8fd1712d0a069",
            "options": {"given": []},
        },
        {"area": "rural", "points_a": 140, "points_b": 30},
        None,
    ),
    (
        {
            "standard": "vn-2022-producers",
            "date": None,
            "inputs_digest": "692ca4693a53790e4f6725f4b9dc7ace5f834b9bf553cbe7dfb8727b2ced86e2",
            "options": {"given": []},
        },
        {"area": "rural", "producer": True, "household_size": 1, "net_income": 20_000_000},
        None,
    ),
]


@pytest.mark.parametrize(
    ("kept", "households", "members"), _OLD, ids=[f"{n}-{o[0]['standard']}" for n, o in enumerate(_OLD)]
)
def test_a_receipt_of_an_old_revision_still_holds(kept: dict[str, Any], households: Any, members: Any) -> None:
    digest = DIGESTS[kept["standard"], 1]
    receipt = {"library": mdp.__version__, "revision": 1, "digest": digest, "schema": 1, **kept}
    again = verify(receipt, households, members)
    assert again
    assert again.differences == ()
    now = again.result.receipt.to_dict()
    assert {name: now[name] for name in receipt} == receipt  # what a receipt has besides since then says more
