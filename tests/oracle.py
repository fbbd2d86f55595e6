"""Decree 07/2021, read with a pencil: complete answers of one household in, its class and deprivations out.

Written from the words of the annex alone, with none of the library's code, so that both can be wrong only separately.
"""

from __future__ import annotations

from typing import Any

ORDER = (
    "employment",
    "dependents",
    "nutrition",
    "health_insurance",
    "adult_education",
    "child_schooling",
    "housing_quality",
    "housing_area",
    "water_source",
    "toilet",
    "telecommunication",
    "information_devices",
)
CLASSES = ("poor", "near_poor", "average_living", "above_average")
POVERTY_LINE = {"rural": 1_500_000, "urban": 2_000_000}
AVERAGE_CEILING = {"rural": 2_250_000, "urban": 3_000_000}
ENOUGH = 3  # deprivations that make a household under the line poor
SAFE_WATER = ("piped", "borehole", "protected_well", "protected_spring", "rainwater", "bottled")
HYGIENIC = ("septic", "pour_flush", "vip", "pit_with_seat", "two_vault")
FROM_UPPER = ("upper_secondary", "vocational", "tertiary")
FROM_LOWER = ("lower_secondary", *FROM_UPPER)
DEVICES = ("television", "radio", "desktop", "phone", "laptop", "tablet", "smartphone")
RETIREMENT_MONTHS = {  # Decree 135/2020, by year
    2022: {"male": 60 * 12 + 6, "female": 55 * 12 + 8},
    2023: {"male": 60 * 12 + 9, "female": 56 * 12},
    2024: {"male": 61 * 12, "female": 56 * 12 + 4},
    2025: {"male": 61 * 12 + 3, "female": 56 * 12 + 8},
    2026: {"male": 61 * 12 + 6, "female": 57 * 12},
}


def deprived(household: dict[str, Any], members: list[dict[str, Any]], year: int) -> dict[str, bool]:
    found = dict.fromkeys(ORDER, False)
    dependents = 0
    for who in members:
        age = who["age"]
        if age >= 15 and who["employment"] == "no_contract":
            found["employment"] = True
        retired = age * 12 >= RETIREMENT_MONTHS[year][who["sex"]]
        if age >= 15 and not retired and who["able_to_work"] and who["employment"] == "seeking":
            found["employment"] = True
        if age < 16 or ((age >= 60 or who["disabled"]) and who["social_allowance"]):
            dependents += 1
        if age < 16 and (who["stunted"] or who["underweight"]):
            found["nutrition"] = True
        if age >= 6 and not who["insured"]:
            found["health_insurance"] = True
        if 16 <= age <= 30:
            enough = FROM_LOWER if age < 18 else FROM_UPPER
            if not (who["qualification"] in enough or who["attending"] in enough or who["workplace_training"]):
                found["adult_education"] = True
        if 3 <= age < 16:
            level = ("none", "preschool", "primary", "lower_secondary").index(
                who["attending"]
                if who["attending"] in ("none", "preschool", "primary", "lower_secondary")
                else "lower_secondary"
            )
            if level < (1 if age < 6 else 2 if age < 12 else 3):
                found["child_schooling"] = True
    found["dependents"] = dependents > len(members) / 2
    found["housing_quality"] = sum(not household[part + "_durable"] for part in ("wall", "pillar", "roof")) >= 2
    found["housing_area"] = household["floor_area"] / len(members) < 8
    found["water_source"] = household["water_source"] not in SAFE_WATER
    found["toilet"] = household["toilet"] not in HYGIENIC
    found["telecommunication"] = not any(who["uses_internet"] for who in members)
    found["information_devices"] = not any(household[device] for device in DEVICES)
    return found


def classify(household: dict[str, Any], members: list[dict[str, Any]], year: int) -> str:
    area, income = household["area"], household["income"]
    if income <= POVERTY_LINE[area]:
        count = sum(deprived(household, members, year).values())
        return "poor" if count >= ENOUGH else "near_poor"
    return "average_living" if income <= AVERAGE_CEILING[area] else "above_average"
