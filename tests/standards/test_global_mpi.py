"""The global MPI, from 0/1 indicators and from raw answers; R's mpindex is the other opinion.

mpindex's article "Getting started" prints, for the sample and the cut-offs below, 198 households, H = 0.379, A = 0.472
and MPI = 0.179. The sample isn't part of this project: it lies in ``shared/reference`` beside a checkout, or where the
environment variable MDPOVERTY_REFERENCE says.
"""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import mdpoverty as mdp
from mdpoverty.scorers import any_member, any_of, column

MPI = mdp.standards["global-mpi"]
LIVING = [name for name, each in MPI.indicators.items() if each.dimension == "living_standards"]


def test_the_weights_are_nested_and_exact() -> None:
    assert sum(each.weight for each in MPI.indicators.values()) == 1
    for dimension in MPI.dimensions:
        within = [each.weight for each in MPI.indicators.values() if each.dimension == dimension]
        assert sum(within) == Fraction(1, 3)
    # every score is so many eighteenths, so no household tells 0.3333 from a third: the number itself is checked
    assert MPI.thresholds["cutoff"].amounts == {None: Fraction(1, 3)}
    assert MPI.thresholds["vulnerable"].amounts == {None: Fraction(1, 5)}


@pytest.mark.parametrize(
    ("lacking", "expected"),
    [
        (["nutrition", "child_mortality"], "poor"),  # exactly a third
        (LIVING, "poor"),  # six eighteenths are a third
        (["nutrition", *LIVING[:3]], "poor"),
        (["nutrition", *LIVING[:2]], "vulnerable"),  # 5/18
        (LIVING[:4], "vulnerable"),  # 2/9
        (LIVING[:3], "not_poor"),  # 1/6
        (["nutrition"], "not_poor"),
        ([], "not_poor"),
    ],
)
def test_a_third_is_a_third(lacking: list[str], expected: str) -> None:
    given = {name: name in lacking for name in MPI.indicators}
    assert MPI.assess(given, given="all").category == expected
    table = {name: [value] for name, value in given.items()}
    assert MPI.classify(table, given="all").category.tolist() == [expected]


_ASSETS = dict.fromkeys(
    ("radio", "television", "phone", "computer", "animal_cart", "bicycle", "motorbike", "refrigerator", "car"), False
)


@pytest.mark.parametrize(
    ("indicator", "answers", "expected"),
    [
        ("assets", {**_ASSETS, "radio": True}, 2),
        ("assets", {**_ASSETS, "radio": True, "phone": True}, 0),
        ("assets", {**_ASSETS, "car": True}, 0),
        ("drinking_water", {"safe_water": True, "water_minutes": 29}, 0),
        ("drinking_water", {"safe_water": True, "water_minutes": 30}, 2),
        ("drinking_water", {"safe_water": False}, 2),
        ("sanitation", {"improved_toilet": True, "shared_toilet": True}, 2),
        ("sanitation", {"improved_toilet": True, "shared_toilet": False}, 0),
        ("housing", {"adequate_floor": True, "adequate_roof": False}, 2),
    ],
)
def test_what_is_asked_of_the_household(indicator: str, answers: dict[str, Any], expected: int) -> None:
    assert MPI.assess(answers).indicators[indicator] == expected


@pytest.mark.parametrize(
    ("indicator", "people", "expected"),
    [
        ("nutrition", [{"age": 69, "undernourished": True}], 2),
        ("nutrition", [{"age": 70, "undernourished": True}], 0),
        ("years_schooling", [{"six_years_schooling": False}, {"six_years_schooling": True}], 0),
        ("years_schooling", [{"six_years_schooling": False}] * 2, 2),
        ("school_attendance", [{"age": 14, "attending_school": False}], 2),
        ("school_attendance", [{"age": 15, "attending_school": False}], 0),
        ("school_attendance", [{"age": 5, "attending_school": False}], 0),
    ],
)
def test_what_is_asked_of_members(indicator: str, people: list[dict[str, Any]], expected: int) -> None:
    assert MPI.assess({}, people).indicators[indicator] == expected


# --------------------------------------------------------------------------------- raw answers: mpindex's own sample


@pytest.fixture(scope="module")
def sample() -> tuple[Any, Any]:
    pd = pytest.importorskip("pandas")
    root = Path(__file__).resolve().parents[2]
    places = [Path(os.environ["MDPOVERTY_REFERENCE"])] if "MDPOVERTY_REFERENCE" in os.environ else []
    places.append(root.parent / "shared" / "reference")
    for place in places:
        if (place / "mpindex_households.csv").exists():
            households = pd.read_csv(place / "mpindex_households.csv")
            members = pd.read_csv(place / "mpindex_roster.csv")
            return households, members
    pytest.skip("mpindex's sample isn't here: set MDPOVERTY_REFERENCE to the folder that has mpindex_households.csv")


def as_mpindex_does() -> mdp.Standard:
    """Put mpindex's cut-offs for its sample in the place of the index's own (article "Getting started")."""
    cited = mdp.Citation("R mpindex, article “Getting started”", note="Its cut-offs for its own sample.")
    small = ["tv", "telephone", "mobile_phone", "computer", "animal_cart", "bicycle", "motorcycle", "refrigerator"]
    count = column("asset_tv")
    for asset in small[1:]:
        count = count + column(f"asset_{asset}")  # type: ignore[assignment]  # numbers both
    label = mdp.Label("câu hỏi", "question")
    numbers = ["with_child_died", "cooking_fuel", "toilet", "drinking_water", "electricity", "roof", "walls", "floor"]
    numbers += [f"asset_{asset}" for asset in (*small, "car", "truck")]
    roster = ["undernourished", "completed_6yrs_schooling", "attending_school"]
    fields = [mdp.Field(name, "household", "number", label, label) for name in numbers]
    fields += [mdp.Field(name, "member", "number", label, label) for name in roster]
    one = {name: column(name).equals(1) for name in ("undernourished", "with_child_died")}
    return MPI.evolve(
        id="global-mpi-mpindex",
        citation=cited,
        fields={field.id: field for field in fields},
        indicators={
            "nutrition": any_member(one["undernourished"] & (column("age") < 70)),
            "child_mortality": one["with_child_died"],
            "years_schooling": any_member(column("completed_6yrs_schooling").equals(2)),
            "school_attendance": any_member(
                column("attending_school").equals(2) & (column("age") >= 5) & (column("age") <= 24)
            ),
            "cooking_fuel": column("cooking_fuel").is_in([4, 5, 6, 9]),
            "sanitation": column("toilet") > 1,
            "drinking_water": column("drinking_water").equals(2),
            "electricity": column("electricity").equals(2),
            # R reads `walls %in% c(5, 8, 9, 99) == 2` as `walls %in% (… == 2)`: no wall is ever inadequate
            "housing": any_of(column("roof").is_in([5, 7, 9]), column("floor").is_in([5, 6, 9])),
            "assets": ~((count > 1) & (column("asset_car") + column("asset_truck") > 0)),
        },
    )


def test_the_raw_sample_gives_mpindexs_figures(sample: tuple[Any, Any]) -> None:
    households, members = sample
    # mpindex counts what wasn't asked as not deprived; here it would stay open
    members = members.assign(
        **{name: members[name].fillna(0) for name in ("undernourished", "completed_6yrs_schooling", "attending_school")}
    )
    assessment = as_mpindex_does().classify(households, members, household_id="uuid")
    assert len(assessment) == 198
    poor = assessment.category == "poor"
    intensity = assessment.deprivations[poor].mean()
    assert round(poor.mean(), 3) == 0.379
    assert round(intensity, 3) == 0.472
    assert round(poor.mean() * intensity, 3) == 0.179


def test_unasked_answers_stay_open_without_a_word_said_for_them(sample: tuple[Any, Any]) -> None:
    households, members = sample
    assessment = as_mpindex_does().classify(households, members, household_id="uuid")
    assert assessment.open.any()
    assert set(assessment.category[~assessment.open]) <= set(MPI.categories)
