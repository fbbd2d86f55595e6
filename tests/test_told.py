"""Tables in the reader's language say what the tables of ids and numbers say."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdpoverty as mdp
from mdpoverty import examples
from mdpoverty.errors import SpecError
from mdpoverty.measures.sensitivity import rank_robustness, sweep
from mdpoverty.numbers import decimal_printed, share_printed

vn = mdp.standards["vn-2022"]


@pytest.fixture(scope="module")
def assessment() -> mdp.Assessment:
    households, members = examples.commune(300)
    return vn.classify(households, members, date="2024-11-15")


@given(st.fractions(0, 1, max_denominator=10_000), st.integers(0, 4))
def test_a_share_is_rounded_half_up_and_written_with_its_languages_comma(share: Fraction, places: int) -> None:
    unit = Fraction(1, 10**places)
    expected = (share * 100 / unit + Fraction(1, 2)).__floor__() * unit
    text = share_printed(share, "vi", places)
    assert text.endswith(" %")
    assert Fraction(text[:-2].replace(".", "").replace(",", ".")) == expected
    assert share_printed(share, "en", places) == text[:-2].replace(",", ".") + "%"


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [
        (1234567.5, "1.234.567,50", "1,234,567.50"),
        (-0.005, "−0,01", "−0.01"),
        (Decimal("0.004"), "0,00", "0.00"),
        (-0.001, "0,00", "0.00"),  # what rounds to nothing has no sign
        (math.nan, "", ""),
        (None, "", ""),
        (math.inf, "∞", "∞"),
    ],
)
def test_numbers_are_written_as_the_language_does(value: float | None, vi: str, en: str) -> None:
    assert (decimal_printed(value, "vi", 2), decimal_printed(value, "en", 2)) == (vi, en)


def test_counts_in_words_are_the_counts(assessment: mdp.Assessment) -> None:
    plain, told = assessment.counts("area"), assessment.counts("area", lang="vi")
    assert list(told)[:4] == ["Khu vực", "Nhóm hộ", "Số hộ", "Số người"]
    assert told["Số hộ"].tolist() == plain["households"].tolist()
    assert told["Tỷ lệ hộ"].tolist() == [share_printed(share, "vi") for share in plain["households_share"]]
    assert set(told["Khu vực"]) == {"Nông thôn", "Thành thị"}
    assert told["Nhóm hộ"].tolist()[:5] == [*(each.label.vi for each in vn.categories.values()), "Chưa xác định"]


def test_a_group_column_of_the_callers_keeps_its_name_and_its_missing_group_is_said(
    assessment: mdp.Assessment,
) -> None:
    households, members = examples.commune(20)
    households = households.rename(columns={"area": "khu_vuc"}).assign(thon=["A", None] * 10)
    a = vn.classify(households, members, columns={"area": "khu_vuc"})
    told = a.counts(["khu_vuc", "thon"], lang="vi")
    assert list(told)[:2] == ["Khu vực", "thon"]
    assert set(told["thon"]) == {"A", "Không rõ"}


def test_a_tally_knows_the_names_after_it_was_kept_and_merged(assessment: mdp.Assessment) -> None:
    tally = mdp.Tally.from_json((assessment.tally("area") + assessment.tally("area")).to_json())
    told = tally.counts(lang="en")
    assert told["Class"].tolist()[0] == "Poor household"
    assert set(told["Area"]) == {"Rural", "Urban"}


def test_measures_in_words_leave_out_what_is_empty_and_write_each_figure_as_it_is_printed(
    assessment: mdp.Assessment,
) -> None:
    m = assessment.measure("area", missing="drop")
    told = m.to_table("vi", ["H", "M0", "censored_headcount"])
    assert not {"Sai số chuẩn", "Bậc tự do"} & set(told)
    assert told["Thước đo"].unique().tolist()[:2] == ["Tỷ lệ nghèo đa chiều (H)", "Chỉ số nghèo đa chiều (M0)"]
    assert told["Giá trị"].iloc[0] == share_printed(m.value("H", area="rural"), "vi")
    assert told["Giá trị"].iloc[1] == decimal_printed(m.value("M0", area="rural"), "vi", 3)
    assert "Nhà tiêu hợp vệ sinh" in told["Chỉ số"].tolist()
    with pytest.raises(SpecError, match="is it 'headcount'"):
        m.to_table("vi", ["headcuont"])
    wide = m.to_wide(lang="en")
    assert wide.loc[("Rural", "25.0%"), "Headcount ratio (H)"] == share_printed(m.value("H", area="rural"), "en")
    assert "names" not in m.receipt["meta"]


def test_errors_are_shown_where_there_is_a_design(assessment: mdp.Assessment) -> None:
    m = assessment.measure(missing="drop", design=mdp.SurveyDesign(psu="village"))
    told = m.to_table("en", ["M0"])
    assert {"Standard error", "95% interval, from", "Degrees of freedom"} <= set(told)


def test_changes_sweeps_and_rankings_in_words(assessment: mdp.Assessment) -> None:
    waves = mdp.Tally.stack({"2023": assessment.tally("area"), "2024": assessment.tally("area")}, same_units=True)
    spec = mdp.AlkireFoster.from_standard(vn)
    changes = spec.measure_tally(waves, missing="drop").change("wave", lang="vi")
    assert {"Khu vực", "Từ", "Đến", "Cách tính thay đổi"} <= set(changes)
    of_h = changes[changes["Thước đo"].str.endswith("(H)") & (changes["Khu vực"] == "Nông thôn")]
    assert of_h["Giá trị"].tolist() == ["0,0 điểm %", "0,0 %"]
    swept = sweep(assessment.tally("area"), spec, ks=["1/4"], missing="drop", lang="en")
    assert list(swept)[:3] == ["Weighting", "Area", "Cut-off k"]
    summary, pairs = rank_robustness(assessment.tally(["area", "village"]), spec, ks=["1/6"], missing="drop", lang="vi")
    assert summary["Ngưỡng k"].tolist() == ["25,0 %", "16,7 %"]
    assert all(name.split(", ")[0] in ("Nông thôn", "Thành thị") for name in pairs["Nghèo hơn"])


def test_flows_in_words(assessment: mdp.Assessment) -> None:
    keys = assessment.keys
    before = pd.DataFrame({"household_id": keys[1:], "category": "not_poor"})
    found = mdp.flows(before, assessment)
    plain, told = found.matrix(), found.matrix(lang="vi")
    assert told.to_numpy().tolist() == plain.to_numpy().tolist()
    assert told.index.tolist()[2:] == ["Hộ không nghèo", "Chưa xác định", "Không có trong kỳ"]
    assert told.columns.tolist()[0] == "Hộ nghèo"
    counted = found.counts("area", lang="en")
    assert set(counted["Area"]) <= {"Rural", "Urban"}
    assert "Newly poor" in counted["Movement"].tolist()


def test_comparisons_in_words() -> None:
    households, members = examples.commune(300)
    lines = {"income": {"rural": 1_800_000, "urban": 2_300_000}}
    ours = vn.evolve(
        id="vn-told",
        title=mdp.Label("Chuẩn của tỉnh", "The province's"),
        thresholds=lines,
        citation=mdp.Citation("made up"),
    )
    change = mdp.compare(vn, ours, households, members)
    told = change.to_table("en")
    assert told.to_numpy().tolist() == change.table.to_numpy().tolist()
    assert (told.columns.name, told.columns[0], told.index[-1]) == ("The province's", "Poor household", "Open")
    changed = change.to_changed("vi")
    assert changed["Sau"].tolist() == [
        ours.categories[id].label.vi if id != "open" else "Chưa xác định" for id in change.changed["after"]
    ]
    assert set(changed["Vì"]) == {vn.thresholds["income"].label.vi}


@pytest.mark.parametrize("lang", ["fr", "VI", ""])
def test_a_language_that_there_is_not_is_an_error(assessment: mdp.Assessment, lang: str) -> None:
    for ask in (assessment.counts, assessment.tally().counts, assessment.measure(missing="drop").to_wide):
        with pytest.raises(SpecError, match="'vi' or 'en'"):
            ask(lang=lang)  # type: ignore[operator]
