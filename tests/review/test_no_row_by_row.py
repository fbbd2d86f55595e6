"""Two reviews and their forms are computed column by column: no Python object is made of each household."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import pytest

import mdpoverty as mdp
from mdpoverty import reports
from mdpoverty.examples import commune
from mdpoverty.tables import columns, keys

HOUSEHOLDS = 1_500
FEW = 700  # places, values and households of the lists are looked at one by one, and are fewer


def reviews() -> tuple[mdp.Assessment, mdp.Assessment]:
    """The same households in two years, with text keys as they stand in files."""
    homes, people = commune(HOUSEHOLDS, gaps=0.02)
    later = homes.assign(income=(homes["income"].astype("Float64") * 1.1).round())
    first, second = homes[:-40], later[40:]
    one, two = (people[people["household_id"].isin(each["household_id"])] for each in (first, second))
    classify = mdp.standards["vn-2022"].classify
    return classify(first, one, date="2023-11-15"), classify(second, two, date="2024-11-15")


def test_reviews_and_forms_make_no_object_of_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = reviews()
    long: list[tuple[str, int]] = []

    def watch(owner: Any, name: str) -> None:
        own = getattr(owner, name)

        def watched(self: Any, *args: Any, **options: Any) -> Any:
            if len(self) > FEW:
                long.append((f"{owner.__name__}.{name}", len(self)))
            return own(self, *args, **options)

        monkeypatch.setattr(owner, name, watched)

    for owner, name in (
        (nw.Series, "to_list"),
        (pd.Series, "tolist"),
        (columns.Distinct, "objects"),
        (keys.Part, "listed"),
    ):
        watch(owner, name)
    forms = reports.build(before=before, assessment=after, area_columns=["province", "district", "commune"])
    forms.check()
    assert forms.form(1) is not None
    # but the keys in the table of movements, once for each place where households were first met
    rest = [each for each in long if each[0] != "Part.listed"]
    assert rest == []
    assert sum(rows for _, rows in long) <= HOUSEHOLDS
    long.clear()
    assert pd.Series(np.arange(FEW + 1)).tolist()  # which is seen
    assert long == [("Series.tolist", FEW + 1)]
