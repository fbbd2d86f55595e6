"""Classify a made-up commune under Decree 07/2021 and print one household's reasons: ``python examples/commune.py``.

Nobody in it exists. The counts are not findings about any place.
"""

from __future__ import annotations

import sys

import mdpoverty as mdp
from mdpoverty import examples

REVIEW_DAY = "2024-11-15"


def main(n: int = 1200) -> None:
    """Make up ``n`` households, classify them, and print the counts and one household's reasons."""
    standard = mdp.standards.on(REVIEW_DAY)
    households, members = examples.commune(n)
    assessment = standard.classify(households, members, date=REVIEW_DAY)

    print(f"{households['commune'].iloc[0]} (số liệu tự tạo, không có thật / made-up data)")
    print(f"{standard.title.vi}\n{standard.title.en}\n")
    print(f"{'':<48}{'hộ':>8}{'%':>8}{'người':>8}{'%':>8}")
    for row in assessment.counts().itertuples():
        category = standard.categories.get(row.category)  # none for the open ones: an answer that matters is missing
        label = f"{category.label.vi if category else 'Chưa xác định'} ({row.category})"
        shares = f"{row.households:>8}{row.households_share:>8.1%}{row.people:>8}{row.people_share:>8.1%}"
        print(f"{label:<48}{shares}")

    results = assessment.to_frame()
    poor = results[results["category"] == "poor"]
    if len(poor):
        key = poor.sort_values("deprivations", ascending=False, kind="stable")["household_id"].iloc[0]
        print(f"\nVì sao hộ {key} được xếp loại như vậy? (One poor household's reasons, as an officer reads them:)\n")
        print(assessment.explain(key).text("vi"))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1200)
