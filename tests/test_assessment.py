"""Results of many households: the same kind of table out, in the same order, with nothing of the caller's changed."""

from __future__ import annotations

import copy
import re
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mdpoverty as mdp
from mdpoverty.examples import commune
from tests.review.reviews import ABOVE, OPEN, POOR, review
from tests.tables import KINDS
from tests.vn_answers import home, person

vn = mdp.standards["vn-2022"]
DATE = "2024-11-15"
KINDS_OF_SAMPLE = ("pandas", "polars", "pyarrow", "dict")


@pytest.fixture(scope="module", params=KINDS_OF_SAMPLE)
def sample(request: pytest.FixtureRequest) -> Any:
    return commune(400, gaps=0.05, kind=request.param)


def as_pandas(table: Any) -> pd.DataFrame:
    if isinstance(table, pl.DataFrame | pa.Table):
        return pd.DataFrame(table.to_pydict() if isinstance(table, pa.Table) else table.to_dict(as_series=False))
    return pd.DataFrame(table)


def test_the_table_that_comes_out(sample: Any) -> None:
    assessment = vn.classify(sample.households, sample.members, date=DATE)
    table = assessment.to_frame()
    assert type(table) is type(sample.households)
    frame = as_pandas(table)
    assert list(frame.columns) == [
        "household_id",
        "category",
        "possible",
        "deprivations",
        "deprivations_max",
        *vn.indicators,
    ]
    assert frame["household_id"].tolist() == as_pandas(sample.households)["household_id"].tolist()
    category = [None if pd.isna(name) else name for name in frame["category"]]
    assert category == assessment.category.tolist()
    assert 0 < category.count(None) < 40
    for settled, possible in zip(category, frame["possible"], strict=True):
        assert (settled == possible) if settled else "|" in possible
    for name in vn.indicators:
        codes = [1 if pd.isna(value) else 2 * bool(value) for value in frame[name]]
        assert codes == assessment.indicator(name).tolist()
    assert (frame["deprivations"] <= frame["deprivations_max"]).all()


def test_types_of_the_table_that_comes_out() -> None:
    pandas = vn.classify(*commune(50, gaps=0.1), date=DATE).to_frame()
    assert isinstance(pandas["category"].dtype, pd.CategoricalDtype)
    assert {str(pandas[name].dtype) for name in vn.indicators} == {"boolean"}
    polars = vn.classify(*commune(50, gaps=0.1, kind="polars"), date=DATE).to_frame()
    assert polars.schema["category"] == pl.Enum(list(vn.categories))
    assert {polars.schema[name] for name in vn.indicators} == {pl.Boolean()}
    arrow = vn.classify(*commune(50, gaps=0.1, kind="pyarrow"), date=DATE).to_frame()
    assert pa.types.is_dictionary(arrow.schema.field("category").type)
    assert pa.types.is_boolean(arrow.schema.field("toilet").type)


def test_every_kind_of_table_gives_one_result_and_one_receipt() -> None:
    assessments = [vn.classify(*commune(300, gaps=0.05, kind=kind), date=DATE) for kind in KINDS_OF_SAMPLE]
    for other in assessments[1:]:
        assert other.category.tolist() == assessments[0].category.tolist()
        assert other.receipt == assessments[0].receipt


def test_inputs_are_not_changed() -> None:
    for kind in KINDS_OF_SAMPLE:
        sample = commune(100, gaps=0.1, kind=kind)
        before = copy.deepcopy([as_pandas(table) for table in sample])
        assessment = vn.classify(*sample, date=DATE)
        assessment.to_frame()
        assessment.counts(by="area")
        for old, new in zip(before, sample, strict=True):
            pd.testing.assert_frame_equal(old, as_pandas(new))


def test_index_and_order_are_kept() -> None:
    households, members = commune(200, gaps=0.05)
    shuffled = households.sample(frac=1, random_state=1).set_index(pd.Index(range(1000, 1200), name="row"))
    frame = vn.classify(shuffled, members.sample(frac=1, random_state=2), date=DATE).to_frame()
    pd.testing.assert_index_equal(frame.index, shuffled.index)
    assert frame["household_id"].tolist() == shuffled["household_id"].tolist()
    straight = vn.classify(households, members, date=DATE).to_frame().set_index("household_id")
    pd.testing.assert_frame_equal(frame.set_index("household_id").loc[straight.index], straight)


def test_changing_what_came_out_changes_nothing_else() -> None:
    households, members = commune(20, gaps=0)
    assessment = vn.classify(households, members, date=DATE)
    frame = assessment.to_frame()
    frame.loc[:, "toilet"] = True
    frame.loc[:, "category"] = "poor"
    assert set(assessment.category) != {"poor"}
    assert assessment.indicator("toilet").tolist() != [2] * 20


@pytest.mark.parametrize("kind", ["pandas", "dict of lists", "dict of arrays"])
def test_a_verdict_of_a_row(kind: str) -> None:
    rows = [home(), home(income=9_000_000), home(toilet=None, wall_durable=None)]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    people = {name: [person()[name]] * 3 for name in person()}
    make = KINDS[kind]
    assessment = vn.classify(
        make({"household_id": ["a", "b", "c"], **columns}), make({"household_id": ["c", "a", "b"], **people}), date=DATE
    )
    assert (
        assessment.explain("a").to_dict()["findings"] == vn.assess(rows[0], [person()], date=DATE).to_dict()["findings"]
    )
    assert assessment.explain("b").category == "above_average"
    assert assessment.explain("c").deprivations_max == 1
    with pytest.raises(mdp.errors.UnknownKey, match="'d'"):
        assessment.explain("d")
    with pytest.raises(KeyError):
        assessment.explain(7)


def test_a_verdict_of_a_row_without_a_key() -> None:
    assessment = vn.classify(
        {"area": ["rural", "urban"], "income": [3_000_001] * 2, **dict.fromkeys(vn.indicators, (True, True))},
        given="all",
    )
    assert assessment.explain(1).category == "above_average"
    with pytest.raises(mdp.errors.UnknownKey, match="from 0 to 1"):
        assessment.explain("x")


def test_counts_of_households_and_people() -> None:
    households = pd.DataFrame(
        {
            "household_id": range(5),
            "commune": ["A", "A", "B", "B", None],
            "area": "rural",
            "income": [1_500_000, 1_500_001, None, 9_000_000, 1_500_000],
            "household_size": [4, 2, 3, None, 1],
            **dict.fromkeys(vn.indicators, False),
        }
    )
    assessment = vn.classify(households, given="all")
    whole = assessment.counts().set_index("category")
    assert whole["households"].to_dict() == {
        "poor": 0,
        "near_poor": 2,
        "average_living": 1,
        "above_average": 1,
        "open": 1,
    }
    assert whole.loc["near_poor", "people"] == 5
    assert whole["size_missing"].sum() == 1
    assert whole["households_share"].sum() == pytest.approx(1)
    grouped = assessment.counts(by="commune")
    assert len(grouped) == 3 * 5
    assert grouped["households"].sum() == 5
    shares = grouped.groupby("commune", dropna=False)["households_share"].sum()
    assert shares.tolist() == pytest.approx([1, 1, 1])
    with pytest.raises(mdp.errors.MissingColumns, match="district"):
        assessment.counts(by=["district"])


def test_counts_by_several_columns_add_up() -> None:
    households, members = commune(500, gaps=0.05)
    assessment = vn.classify(households, members, date=DATE)
    whole = assessment.counts().set_index("category")[["households", "people"]]
    crossed = assessment.counts(by=["area", "village"])
    pd.testing.assert_frame_equal(crossed.groupby("category", observed=False)[["households", "people"]].sum(), whole)
    assert whole["people"].sum() == households["household_size"].sum()


def test_counts_without_sizes_do_not_invent_people() -> None:
    counts = vn.classify(
        {"area": ["rural"], "income": [1], **dict.fromkeys(vn.indicators, (True,))}, given="all"
    ).counts()
    assert counts["people"].isna().all()
    assert counts["size_missing"].sum() == 1


def test_a_receipt_says_what_went_in() -> None:
    households, members = commune(50, gaps=0)
    receipt = vn.classify(households, members, date=DATE).receipt
    assert (receipt.standard, receipt.revision, receipt.digest) == ("vn-2022", vn.revision, vn.digest)
    assert str(receipt.date) == DATE
    assert receipt == vn.classify(households.copy(), members.copy(), date=DATE).receipt
    households.loc[7, "income"] += 1
    assert vn.classify(households, members, date=DATE).receipt.inputs_digest != receipt.inputs_digest
    assert vn.classify(households, members).receipt != receipt


@pytest.mark.parametrize("start", range(10))
def test_a_view_of_an_arrow_table_says_what_a_pandas_table_says(start: int) -> None:
    households, members = commune(40, gaps=0.1, kind="pyarrow", ids="int")
    households = households.slice(start)  # flags stand eight in a byte: a view may begin in the middle of one
    keys = members["household_id"].to_pylist()
    members = members.slice(keys.index(households["household_id"][0].as_py()))
    ours = vn.classify(households, members, date=DATE)
    theirs = vn.classify(households.to_pandas(), members.to_pandas(), date=DATE)
    assert ours.to_frame().to_pylist() == pa.Table.from_pandas(theirs.to_frame(), preserve_index=False).to_pylist()
    assert ours.receipt.inputs_digest == theirs.receipt.inputs_digest
    for key in ours.keys[:3]:
        # pandas holds whole numbers beside gaps as floats
        assert ours.explain(key).to_dict() == theirs.explain(key).to_dict()


def test_what_is_shown_names_the_classes() -> None:
    assessment = vn.classify(*commune(50, gaps=0), date=DATE)
    assert "vn-2022" in repr(assessment)
    assert "near_poor" in repr(assessment)
    assert "<table" in assessment._repr_html_()


def test_open_classes_are_counted_among_what_is_shown() -> None:
    found = review([{"household_id": i, **kind} for i, kind in enumerate((POOR, OPEN, OPEN, ABOVE))])
    assert found.open.tolist() == [False, True, True, False]
    for said in ("poor 1,", "near_poor 0,", "average_living 0,", "above_average 1,", "open 2"):
        assert said in repr(found)
    assert found.has("income")
    assert not found.has("income", "member")
    people = pd.DataFrame({"household_id": range(4), "nickname": list("abcd")})
    met = review([{"household_id": i, **POOR, "household_size": 1} for i in range(4)], members=people)
    assert (met.has("nickname"), met.has("nickname", "member")) == (False, True)
    assert met.answers("nickname", "member") == list("abcd")


def test_what_is_not_known_is_shown_of_open_households_only() -> None:
    rows = [OPEN, OPEN, {**ABOVE, "gaps": 2}, {"income": None}]
    page = review([{"household_id": i, **row} for i, row in enumerate(rows)])._repr_html_()
    table = page.partition("3 open: what")[2].partition("</table>")[0]
    labels = [vn.indicators["nutrition"].label, *(vn.thresholds[id].label for id in ("income", "average_living"))]
    said = re.findall(r"<tr><td>(.*?) <.*?<td class=n>(\d+)</td></tr>", table)
    assert said == [(label.vi, str(n)) for label, n in zip(labels, (2, 1, 1), strict=True)]


def test_large_tables_are_as_small_ones() -> None:
    """Several blocks of both tables, some households without members, in any order of keys."""
    sample = commune(70_000, gaps=0.02, ids="int")
    whole = vn.classify(*sample, date=DATE)
    few = sample.households["household_id"] > 69_000
    of_few = sample.members["household_id"] > 69_000
    part = vn.classify(sample.households[few], sample.members[of_few], date=DATE)
    assert np.array_equal(whole.codes[few.to_numpy()], part.codes)
    rng = np.random.default_rng(1)
    mixed = sample.members.iloc[rng.permutation(len(sample.members))]
    assert np.array_equal(vn.classify(sample.households, mixed, date=DATE).codes, whole.codes)
