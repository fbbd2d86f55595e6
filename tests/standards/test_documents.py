"""What people read of a standard: every number, operator and quotation is there, in both languages."""

from __future__ import annotations

from typing import Any

import pytest

import mdpoverty as mdp
from mdpoverty import scorers as s
from mdpoverty.errors import BadTable, SpecError
from mdpoverty.words.audit import AUDIT_COLUMNS, audit_page
from mdpoverty.words.rules import words

IDS = list(mdp.standards)


@pytest.fixture(params=IDS)
def standard(request: pytest.FixtureRequest) -> mdp.Standard:
    return mdp.standards[request.param]


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow", "dict"])
def test_the_template_has_every_column_that_is_read(standard: mdp.Standard, kind: str) -> None:
    if kind in ("polars", "pyarrow"):
        pytest.importorskip(kind)
    tables = standard.template(kind)
    names = [
        set(table.column_names if kind == "pyarrow" else list(table) if kind == "dict" else table.columns)
        for table in tables
    ]
    names = [its - {"household_id"} for its in names]
    program = standard.program()
    read = {key for _, rule in (*program.indicators, *program.categories) for key in mdp.standard.reads(rule)}
    assert names == [{name for level, name in read if level == whose} for whose in ("household", "member")]
    assert len(standard.classify(*tables, provisional=True)) == 0


def test_a_template_filled_in_is_classified() -> None:
    vn = mdp.standards["vn-2022"]
    households, members = vn.template()
    households.loc[0, ["household_id", "area", "income"]] = ["HH-1", "rural", 2_300_000]
    members.loc[0, ["household_id", "age"]] = ["HH-1", 40]
    assert vn.classify(households, members).category.tolist() == ["above_average"]


def test_there_is_no_template_in_word() -> None:
    with pytest.raises(BadTable, match="pandas, polars, pyarrow, dict"):
        mdp.standards["vn-2022"].template("word")
    with pytest.raises(SpecError, match="only a workbook"):
        mdp.standards["vn-2022"].template("pandas", "x.xlsx")


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_audit_has_a_row_for_every_amount(standard: mdp.Standard, lang: Any) -> None:
    table = standard.audit(lang)
    assert list(table.columns) == list(AUDIT_COLUMNS)
    amounts = table[table["what"] == "amount"]
    expected = [
        (each.id, code, amount if isinstance(amount, int) else str(amount))
        for each in standard.thresholds.values()
        for step in each.steps
        for code, amount in step.amounts
    ]
    found = [
        (i, None if c != c else c, v) for i, c, v in zip(amounts["id"], amounts["code"], amounts["value"], strict=True)
    ]
    assert found == expected
    assert all(type(value) in (int, str) for value in amounts["value"])
    assert table["value"].dropna().map(type).isin([int, str]).all()


def test_the_audit_has_a_row_for_every_operator(standard: mdp.Standard) -> None:
    table = standard.audit()
    parts = [*standard.indicators.values(), *standard.categories.values()]
    expected = [node.operator for each in parts for node in each.rule.walk() if isinstance(node, s.Compare)]
    assert table[table["what"] == "comparison"]["operator"].tolist() == expected
    joined = [
        "and" if isinstance(n, s.And) else "or" for p in parts for n in p.rule.walk() if isinstance(n, s.And | s.Or)
    ]
    assert table[table["what"] == "connective"]["operator"].tolist() == joined


def test_the_audit_says_what_is_not_confirmed(standard: mdp.Standard) -> None:
    table = standard.audit()
    parts = [*standard.thresholds.values(), *standard.indicators.values(), *standard.categories.values()]
    assert set(table[~table["confirmed"]]["id"]) <= {each.id for each in parts if not each.citation.confirmed}
    doubtful = [each.id for each in standard.thresholds.values() if not each.citation.confirmed]
    assert set(doubtful) <= set(table[~table["confirmed"]]["id"])
    for name, part in {each.id: each for each in parts}.items():
        assert set(table[table["id"] == name]["found"]) <= {part.citation.found}


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_page_holds_everything(standard: mdp.Standard, lang: Any) -> None:
    page = audit_page(standard, lang)
    assert page.startswith(f"# {standard.title.in_(lang)}\n")
    assert standard.digest in page
    parts = [*standard.thresholds.values(), *standard.indicators.values(), *standard.categories.values()]
    for each in parts:
        assert each.label.in_(lang) in page
        assert f"`{each.id}`" in page
        if each.citation.words:
            assert f"“{each.citation.words}”" in page
    for gap in standard.gaps:
        assert gap.text.in_(lang) in page
    marks = {
        "words": {"vi": "(đã tìm thấy nguyên văn)", "en": "(words found)"},
        "rule": {"vi": "(*đã tìm thấy quy định, chưa thấy nguyên văn*)", "en": "(*rule found, not its exact words*)"},
        "nothing": {"vi": "(**chưa xác nhận**)", "en": "(**unconfirmed**)"},
    }
    for found, mark in marks.items():
        assert page.count(mark[lang]) >= sum(each.citation.found == found for each in parts)
    for point in standard.readings.values():
        for way in point.interpretations.values():
            assert f"- `{way.id}`: {way.label.in_(lang)}" in page


# ------------------------------------------------------------------------------------------------ rules in words

VN = mdp.standards["vn-2022"]


@pytest.mark.parametrize(
    ("rule", "vi", "en"),
    [
        (s.column("floor_area") < 8, "diện tích nhà ở dưới 8", "floor area is under 8"),
        (~(s.column("floor_area") < 8), "diện tích nhà ở từ 8 trở lên", "floor area is at least 8"),
        (s.deprivations() >= 3, "số chỉ số thiếu hụt từ 3 trở lên", "the number of deprivations is at least 3"),
        (~(s.deprivations() >= 3), "số chỉ số thiếu hụt dưới 3", "the number of deprivations is under 3"),
        (s.column("floor_area") <= 9_999, "diện tích nhà ở từ 9.999 trở xuống", "floor area is at most 9,999"),
        (s.column("toilet").equals("other"), "nhà tiêu là “Loại khác”", "toilet is “Other”"),
        (~s.column("toilet").equals("none"), "nhà tiêu không phải “Không có”", "toilet isn't “None”"),
        (
            ~s.any_member(s.column("insured")),
            "không có thành viên nào mà: “Có bảo hiểm y tế”",
            "no member with: “Health insurance”",
        ),
        (
            s.at_least(2, ~s.column("phone"), s.column("radio") | s.column("tablet"), s.indicator("toilet")),
            "ít nhất 2 trong các điều sau: không “Điện thoại”; “Radio” hoặc “Máy tính bảng”; "
            "thiếu hụt “Nhà tiêu hợp vệ sinh”",
            "at least 2 of these: not “Telephone”; “Radio” or “Tablet”; deprived in “Toilet”",
        ),
        (
            s.points((s.column("phone"), 10), (s.column("radio"), "1/2")) > 7,
            "tổng điểm (10 điểm nếu “Điện thoại”; 1/2 điểm nếu “Radio”) trên 7",
            "the sum of points (10 if “Telephone”; 1/2 if “Radio”) is over 7",
        ),
        (
            (s.column("phone") | s.column("radio")) & s.column("tablet"),
            "(“Điện thoại” hoặc “Radio”) và “Máy tính bảng”",
            "(“Telephone” or “Radio”) and “Tablet”",
        ),
    ],
)  # fmt: skip
def test_rules_in_words(rule: s.Rule, vi: str, en: str) -> None:
    assert words(rule, VN, "vi") == vi
    assert words(rule, VN, "en") == en
