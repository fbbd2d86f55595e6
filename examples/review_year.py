"""Run a review year on made-up data: ``python examples/review_year.py [FOLDER]``.

In FOLDER (a temporary one by default) afterwards: ``forms.xlsx`` and ``forms.html``, the official forms of a made-up
province, and ``missing_cards.csv``, the households that are entitled to a health-insurance card and haven't received
one.
Nobody here exists. It needs the extra ``mdpoverty[excel]``. The steps are explained in
``docs/pages/how-to/review-year.md``.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import mdpoverty as mdp
from mdpoverty import reports
from mdpoverty.examples import commune
from mdpoverty.programmes import hai_duong_2023

AREAS = ["province", "district", "commune"]


def two_years(n: int = 4_000) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Make up the households of two years, of which some are in one only, and their members."""
    rng = np.random.default_rng(7)
    homes, people = commune(n, gaps=0.01)
    homes["agriculture"] = rng.random(n) < 0.6
    later = homes[n // 100 :].copy()
    later["income"] = (later["income"].astype("Float64") * rng.uniform(0.8, 1.4, len(later))).round(-3)
    return homes[: n - n // 100], later, people


def review(households: pd.DataFrame, people: pd.DataFrame, date: str) -> Any:
    members = people[people["household_id"].isin(households["household_id"])]
    return mdp.standards.on(date).classify(households, members, date=date)


def main(folder: Path) -> None:
    first, second, people = two_years()
    before, after = review(first, people, "2023-11-15"), review(second, people, "2024-11-15")
    residents = second.groupby(AREAS, observed=True)["household_size"].agg(households="size", people="sum")

    forms = reports.build(before=before, assessment=after, area_columns=AREAS, totals=residents.reset_index())
    forms.to_excel(folder / "forms.xlsx", period="Năm 2024", authority="UBND tỉnh Ví Dụ")
    forms.to_html(folder / "forms.html", period="Năm 2024")
    print(forms.form(1, heading="numbers").to_string(index=False))
    print(f"{len(forms.check())} findings; {len(forms.open)} households are open and in columns of their own")

    received = pd.DataFrame({"household_id": second["household_id"][::2], "entitlement": "insurance_card"})
    progress = hai_duong_2023.progress(after, receipts=received)
    print(progress)
    missing = pd.DataFrame({"household_id": progress.missing("insurance_card")})
    missing.to_csv(folder / "missing_cards.csv", index=False, encoding="utf-8-sig")


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="review_year_"))
    target.mkdir(parents=True, exist_ok=True)
    main(target)
    print(f"Written to {target}")
