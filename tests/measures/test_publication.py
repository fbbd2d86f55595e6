"""Measures for print: the table of papers and the workbook hold the figures of the table, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

import mdpoverty as mdp
from mdpoverty import examples
from mdpoverty.errors import FileError, SpecError
from mdpoverty.measures import AlkireFoster, Measures, SurveyDesign

vn = mdp.standards["vn-2022"]


@pytest.fixture(scope="module")
def m() -> Measures:
    homes, people = examples.commune(300, seed=3)
    homes["commune"] = np.where(np.arange(300) % 3 == 0, "Xã A", "Xã B & C_1|2")
    homes["psu"] = np.arange(300) // 15
    review = vn.classify(homes, people, date="2024-11-15")
    return review.measure(by="commune", design=SurveyDesign(psu="psu"), missing="drop")


def test_the_table_of_a_paper_by_hand() -> None:
    data = {"a": [1, 0, 1, 1, 0, 0], "b": [1, 0, 0, 1, 0, 1], "area": ["r", "r", "r", "u", "u", "u"]}
    spec = AlkireFoster({"a": 1, "b": 1}, k=1)
    # Without a design there are no errors: H = 2/3, A = 3/4, M0 = 1/2.
    plain = spec.measure(data).to_paper()
    assert plain.to_dict("records") == [
        {
            "Headcount ratio (H), %": "66.7",
            "Intensity (A), %": "75.0",
            "Adjusted headcount ratio (M0)": "0.500",
        }
    ]
    of_parts = spec.measure(data).to_paper(["headcount", "contribution"], lang="vi")
    assert of_parts.values.tolist() == [["a", "50,0", "50,0"], ["b", "50,0", "50,0"]]
    by_k = spec.measure(data, ks=[1, 2]).to_paper("H", lang="vi")
    assert by_k.values.tolist() == [["50,0 %", "66,7"], ["100,0 %", "33,3"]]


def test_the_errors_are_those_of_the_table(m: Measures) -> None:
    frame = m.to_paper(["M0"])
    for row in frame.to_dict("records"):
        estimate, error = m.table.loc[m.find(measure="M0", commune=row["commune"]), ["estimate", "se"]]
        assert row["Adjusted headcount ratio (M0)"] == f"{estimate:.3f} ({error:.3f})"
    assert "*" not in m.to_paper(form="latex") + m.to_paper(form="markdown")


def test_latex_and_markdown_are_sound_whatever_names_hold(m: Measures) -> None:
    latex = m.to_paper(form="latex")
    assert r"Xã B \& C\_1|2 & " in latex
    assert r"\begin{tabular}{lrrr}" in latex
    assert {line.count(" & ") for line in latex.splitlines() if line.endswith(r"\\")} == {3}
    markdown = m.to_paper(form="markdown").splitlines()
    assert r"Xã B & C_1\|2" in markdown[-1] + markdown[-2]
    assert markdown[1] == "| --- | ---: | ---: | ---: |"


def test_bounds_are_intervals() -> None:
    m = AlkireFoster({"a": 1, "b": 1}, k=1).measure({"a": [1, None, 0, 0], "b": [0, 0, 0, 0]}, missing="bounds")
    assert m.to_paper("H").iloc[0, 0] == "25.0–50.0"


def test_what_names_nothing_is_an_error(m: Measures, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="is it 'contribution'"):
        m.to_paper(["contributions"])
    wrong: tuple[tuple[dict[str, Any], str], ...] = (({"form": "word"}, "form is one of"), ({"lang": "fr"}, "lang"))
    for options, says in wrong:
        with pytest.raises(SpecError, match=says):
            m.to_paper(**options)
    with pytest.raises(FileError, match=r"mpi\.xlsx"):
        m.to_excel(tmp_path / "mpi.xls")


@pytest.mark.parametrize(("lang", "first"), [("vi", "Chỉ số chính"), ("en", "Headline")])
def test_the_workbook_has_every_figure_once(m: Measures, tmp_path: Path, lang: Any, first: str) -> None:
    m.to_excel(tmp_path / "mpi.xlsx", lang=lang)
    book = openpyxl.load_workbook(tmp_path / "mpi.xlsx")
    assert book.sheetnames[0] == first
    estimate = {"vi": "Giá trị", "en": "Estimate"}[lang]
    written: list[float] = []
    for sheet in book.worksheets[:-2]:
        head = [cell.value for cell in sheet[1]]
        assert {"vi": "Khoảng tin cậy 95 %, từ", "en": "95% interval, from"}[lang] in head
        at = head.index(estimate)
        written += [row[at] for row in sheet.iter_rows(min_row=2, values_only=True) if row[at] is not None]
    table = m.table
    expected = table["estimate"].dropna().tolist()
    assert sorted(written) == pytest.approx(sorted(expected))
    headline = book[first]
    row = next(row for row in headline.iter_rows(min_row=2) if str(row[1].value).endswith("(M0)"))
    assert row[2].number_format == "0.000"
    assert (
        next(row for row in headline.iter_rows(min_row=2) if str(row[1].value).endswith("(H)"))[2].number_format
        == "0.0%"
    )


def test_the_workbook_says_what_was_measured_and_of_what(m: Measures, tmp_path: Path) -> None:
    m.to_excel(tmp_path / "mpi.xlsx")
    book = openpyxl.load_workbook(tmp_path / "mpi.xlsx")
    told = {row[0].value: [cell.value for cell in row[1:]] for row in book["Đặc tả"].iter_rows()}
    assert told["Bảo hiểm y tế"] == ["1/12", "Y tế"]
    assert told["Ngưỡng k"][0] == "1/4"
    receipt = {row[0].value: row[1].value for row in book["Biên nhận"].iter_rows()}
    assert json.loads(receipt["JSON"]) == json.loads(json.dumps(m.receipt))
    assert receipt["tally"] == m.tally.digest


def test_cut_offs_have_a_sheet_where_there_are_several(tmp_path: Path) -> None:
    people = pd.DataFrame({"a": [1, 0, 1, 1], "b": [1, 0, 0, 1]})
    AlkireFoster({"a": 1, "b": 1}, k=1).measure(people, ks=[1, 2]).to_excel(tmp_path / "k.xlsx", lang="en")
    book = openpyxl.load_workbook(tmp_path / "k.xlsx")
    rows = list(book["Cut-offs"].iter_rows(values_only=True))
    assert [row[:3] for row in rows[1:3]] == [
        ("Headcount ratio (H)", 0.5, 0.75),
        ("Headcount ratio (H)", 1, 0.5),
    ]
