"""The table “Which program prints what”: every row has a test, and what no other file tests is here.

Numbers of R `survey` 4.1.1 are from tests/reference/intervals.Rout and survey.Rout.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mdpoverty.measures import AlkireFoster, SurveyDesign

ROOT = Path(__file__).parents[2]
SPEC = AlkireFoster({"a": "1/2", "b": "1/4", "c": "1/4"}, k="1/2")


@pytest.fixture(scope="module")
def sample() -> pd.DataFrame:
    return pd.read_csv(ROOT / "tests" / "reference" / "survey_sample.csv")


def design(**more: Any) -> SurveyDesign:
    return SurveyDesign(strata="stratum", psu="psu", weight="w", **more)


def test_every_row_has_a_test() -> None:
    page = (ROOT / "docs" / "pages" / "explanation" / "conventions.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith("| What")]
    assert len(rows) > 15
    files = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py")]
    there = {name for text in files for name in re.findall(r"^def (test_\w+)", text, re.MULTILINE)}
    for row in rows:
        named = re.findall(r"`(test_\w+)`", row)
        assert named, row
        assert set(named) <= there, row


def test_a_group_is_no_sample_of_its_own(sample: pd.DataFrame) -> None:
    by_area = SPEC.measure(sample, by="area", design=design())
    row = by_area.table.iloc[by_area.find(measure="number_poor", area="rural")]
    # R: svytotal(~poor, subset(full, area == "rural")) prints 42.83, 4.995027527452
    assert (row["estimate"], row["se"]) == (pytest.approx(42.83), pytest.approx(4.995027527452, rel=1e-9))
    few = sample.assign(group=np.where(sample["psu"].isin([1, 2, 3]), "few", "others"))
    domain = SPEC.measure(few, by="group", design=design())
    alone = SPEC.measure(few[few["group"] == "few"], design=design(lonely="zero"))
    errors = [m.table["se"][m.find(measure="H", **group)] for m, group in ((domain, {"group": "few"}), (alone, {}))]
    assert errors[0] > 1.05 * errors[1]  # without the empty unit of its stratum, unit 3 seems to be without variance


def test_degrees_of_freedom_that_programs_print(sample: pd.DataFrame) -> None:
    # R: degf(full) is 6, and that of a subset is units − strata of those that hold anyone of it
    for name, expected in (("design", 6), ("strata", 6), ("units", 6)):
        m = SPEC.measure(sample, by="area", design=design(df=name))
        assert m.table["df"][m.find(measure="H", area="rural")] == expected
    few = sample.assign(group=np.where(sample["psu"].isin([1, 2, 3]), "few", "others"))
    for name, expected in (("design", 6), ("strata", 2), ("units", 1)):
        m = SPEC.measure(few, by="group", design=design(df=name))
        assert m.table["df"][m.find(measure="H", group="few")] == expected


def test_the_normal_interval_of_confint(sample: pd.DataFrame) -> None:
    # R: confint(svymean(~poor, full)) prints 0.458609214925 0.727402026042
    m = SPEC.measure(sample, design=design(df=math.inf), interval="t")
    row = m.table.iloc[m.find(measure="H")]
    assert [row["ci_low"], row["ci_high"]] == pytest.approx([0.458609214925, 0.727402026042], abs=1e-11)


def test_the_design_effect_without_replacement(sample: pd.DataFrame) -> None:
    # R: deff(svymean(~poor, full, deff = TRUE)) prints 2.473411793501; there are 60 rows for 112.09 people
    m = SPEC.measure(sample, design=design())
    found = m.deff["deff"][m.find(measure="H")] / (1 - 60 / 112.09)
    assert found == pytest.approx(2.473411793501, rel=1e-9)


def test_who_is_at_the_cut_off_is_poor() -> None:
    thirds = AlkireFoster({"a": "1/6", "b": "1/6", "c": "1/6", "d": "1/2"}, k="1/3")
    floats = AlkireFoster({"a": 1 / 6, "b": 1 / 6, "c": 1 / 6, "d": 0.5}, k=1 / 3)
    frame = {"a": [1, 1, 0], "b": [1, 0, 1], "c": [0, 1, 1], "d": [0, 0, 0]}
    assert thirds.measure(frame).value("H") == floats.measure(frame).value("H") == 1
