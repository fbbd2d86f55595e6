"""Published counts of the reviews, province by province, through the library: they add up to the national decisions.

The counts are reference data and no part of the project: MDPOVERTY_REFERENCE says where
vietnam_provinces_2021_2024.csv is. Poor and near-poor households by the administrative review; "2021" is the opening
review on the standard of 2022. Two of the 63 provinces are missing, so two of the six regions can't be added up.
"""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

import mdpoverty as mdp

VN = mdp.standards["vn-2022"]
REGIONS = {
    "Đồng bằng sông Hồng": (
        "Hà Nội", "Vĩnh Phúc", "Bắc Ninh", "Quảng Ninh", "Hải Dương", "Hải Phòng", "Hưng Yên", "Thái Bình", "Hà Nam",
        "Nam Định", "Ninh Bình",
    ),
    "Tây Nguyên": ("Kon Tum", "Gia Lai", "Đắk Lắk", "Đắk Nông", "Lâm Đồng"),
    "Đông Nam Bộ": ("Bình Phước", "Tây Ninh", "Bình Dương", "Đồng Nai", "Bà Rịa - Vũng Tàu", "TP. Hồ Chí Minh"),
    "Đồng bằng sông Cửu Long": (
        "Long An", "Tiền Giang", "Bến Tre", "Trà Vinh", "Vĩnh Long", "Đồng Tháp", "An Giang", "Kiên Giang", "Cần Thơ",
        "Hậu Giang", "Sóc Trăng", "Bạc Liêu", "Cà Mau",
    ),
}  # fmt: skip
REGION = {province: region for region, provinces in REGIONS.items() for province in provinces}


@pytest.fixture(scope="module")
def published() -> list[dict[str, str]]:
    beside = Path(__file__).resolve().parents[2].parent / "shared" / "reference"
    file = Path(os.environ.get("MDPOVERTY_REFERENCE", beside)) / "vietnam_provinces_2021_2024.csv"
    if not file.is_file():
        pytest.skip(f"reference data not here: {file.name} (set MDPOVERTY_REFERENCE to its folder)")
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def tallied(rows: list[dict[str, str]]) -> mdp.Tally:
    """Classify one poor and one near-poor household for each row, with as many as there were as their weight."""
    each = [(row, kind) for row in rows for kind in ("poor", "near_poor")]
    poor = [kind == "poor" for _, kind in each]
    households = {
        "household_id": list(range(len(each))),
        "area": ["rural"] * len(each),
        "income": [1_500_000] * len(each),
        **{name: poor if i < 3 else [False] * len(each) for i, name in enumerate(VN.indicators)},
        "year": [row["year"] for row, _ in each],
        "province": [row["name"] for row, _ in each],
        "region": [REGION.get(row["name"], "") for row, _ in each],
        "weight": [int(row[kind]) for row, kind in each],
    }
    return VN.tally(households, given="all", by=["year", "region", "province"], weight="weight")


def counted(tally: mdp.Tally, by: list[str]) -> dict[tuple[str, ...], tuple[int, int]]:
    found: dict[tuple[str, ...], dict[str, int]] = {}
    for row in tally.counts(by).to_dict("records"):
        found.setdefault(tuple(row[name] for name in by), {})[row["category"]] = row["households"]
    assert all(its["open"] == its["average_living"] == its["above_average"] == 0 for its in found.values())
    return {key: (its["poor"], its["near_poor"]) for key, its in found.items()}


@pytest.fixture(scope="module")
def by_63(published: list[dict[str, str]]) -> mdp.Tally:
    return tallied([row for row in published if row["units"] == "63 provinces"])


@pytest.mark.parametrize(
    ("year", "region", "poor", "near_poor", "both"),
    [
        # the decision on 2022, with the near-poor of Tây Nguyên and the sum as corrected (236,766 is a misprint)
        ("2022", "Tây Nguyên", 129_160, 107_487, 236_647),
        ("2022", "Đồng bằng sông Hồng", 69_329, None, None),
        # 134/QĐ-BLĐTBXH, of 2023
        ("2023", "Đồng bằng sông Hồng", None, None, 129_779),
        ("2023", "Tây Nguyên", None, None, 195_795),
        ("2023", "Đông Nam Bộ", None, None, 10_791),
        ("2023", "Đồng bằng sông Cửu Long", None, None, 201_563),
        # 217/QĐ-BLĐTBXH, of 2024
        ("2024", "Đồng bằng sông Hồng", 35_128, None, 97_755),
        ("2024", "Tây Nguyên", None, None, 152_970),
        ("2024", "Đông Nam Bộ", None, None, 7_585),
        ("2024", "Đồng bằng sông Cửu Long", None, None, 153_450),
    ],
)
def test_provinces_add_up_to_the_national_decisions(
    by_63: mdp.Tally, year: str, region: str, poor: int | None, near_poor: int | None, both: int | None
) -> None:
    found = counted(by_63, ["year", "region"])[year, region]
    assert poor in (None, found[0])
    assert near_poor in (None, found[1])
    assert both in (None, sum(found))


def test_hai_duong_year_by_year(by_63: mdp.Tally) -> None:
    found = counted(by_63, ["year", "province"])
    assert found["2021", "Hải Dương"] == (13_823, 14_441)  # the opening review, 2.15 % and 2.24 %
    assert found["2022", "Hải Dương"] == (11_037, 12_593)  # Decision 3584 of the province
    assert found["2023", "Hải Dương"] == (8_695, 10_807)
    assert found["2024", "Hải Dương"] == (6_287, 8_521)


def test_areas_that_merge_add_up_year_by_year(published: list[dict[str, str]], by_63: mdp.Tally) -> None:
    """The new Hải Phòng is the old one with Hải Dương; a zero (none left by the national standard) is a count."""
    merged = counted(tallied([row for row in published if row["units"] == "34 provinces"]), ["year", "province"])
    apart = counted(by_63, ["year", "province"])
    assert apart["2024", "Hải Phòng"] == (0, 5_944)
    for year in ("2021", "2022", "2023", "2024"):
        old = [apart[year, name] for name in ("Hải Phòng", "Hải Dương")]
        assert merged[year, "Hải Phòng"] == tuple(map(sum, zip(*old, strict=True)))


def test_tallies_of_years_are_the_tally_of_all(published: list[dict[str, str]], by_63: mdp.Tally) -> None:
    rows = [row for row in published if row["units"] == "63 provinces"]
    years = [tallied([row for row in rows if row["year"] == year]) for year in ("2021", "2022", "2023", "2024")]
    together = mdp.Tally.merge(years)
    assert counted(together, ["year", "region"]) == counted(by_63, ["year", "region"])
