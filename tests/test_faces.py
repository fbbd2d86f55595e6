"""What a notebook and a prompt show of each thing: escaped, self-contained, short, and what the thing says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from attrs import evolve

import mdpoverty as mdp
from mdpoverty import examples, programmes
from tests.toy import TOY

vn = mdp.standards["vn-2022"]
EVIL = '<script>alert("x")</script>&'


class Checked(HTMLParser):
    """Reads HTML strictly: every element is closed, and in order."""

    VOID = ("br",)

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.tags: set[str] = set()
        self.rows: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not any(name.startswith("on") or name in ("src", "href") for name, _ in attrs)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)
            if {"td", "th"} & set(self.open):
                self.rows[-1][-1] += data


def read(html: str) -> Checked:
    found = Checked()
    found.feed(html)
    found.close()
    assert found.open == []
    assert "http" not in html.replace("http-equiv", "")
    assert "@import" not in html
    assert "url(" not in html
    return found


@pytest.fixture(scope="module")
def things() -> dict[str, Any]:
    households, members = examples.commune(300)
    households = households.assign(place=[EVIL, "B"] * 150)
    a = vn.classify(households, members, date="2024-11-15")
    richer = vn.classify(households.assign(income=households["income"] * 1.2), members, date="2025-11-15")
    ours = vn.evolve(
        id="vn-faces",
        title=mdp.Label(EVIL, EVIL),
        thresholds={"income": {"rural": 1_800_000, "urban": 2_300_000}},
        citation=mdp.Citation(EVIL, words=EVIL),
    )
    poor = next(key for key, name in zip(a.keys, a.category, strict=True) if name == "poor")
    verdict = a.explain(poor)
    plan = programmes.hai_duong_2023
    received = {"household_id": [poor], "entitlement": ["insurance_card"]}
    return {
        "standard": ours,
        "provisional": mdp.standards["vn-2027"],
        "registry": mdp.standards,
        "field": vn.fields["water_source"],
        "assessment": a,
        "verdict": verdict,
        "open verdict": vn.assess({"area": "rural"}),
        "finding": verdict.findings[1],
        "receipt": a.receipt,
        "tally": a.tally("place"),
        "plain tally": mdp.Tally.from_frame({"x": [1, 0]}, ["x"]),
        "spec": mdp.AlkireFoster.from_standard(vn),
        "measures": a.measure("place", missing="drop", design=mdp.SurveyDesign(psu="village")),
        "bounds": a.measure(missing="bounds", ks=[2, 3]),
        "flows": mdp.flows(a, richer),
        "comparison": mdp.compare(vn, ours, households, members, date="2024-11-15"),
        "plan": plan,
        "progress": plan.progress(a, receipts=received),
    }


NAMES = [
    "standard", "provisional", "registry", "field", "assessment", "verdict", "open verdict", "finding", "receipt",
    "tally", "plain tally", "spec", "measures", "bounds", "flows", "comparison", "plan", "progress",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_face_is_sound_html_that_fetches_nothing_and_runs_nothing(name: str, things: dict[str, Any]) -> None:
    found = read(things[name]._repr_html_())
    assert "script" not in found.tags
    assert not {"nan", "NaN", "None", "<NA>"} & {cell for row in found.rows for cell in row}
    assert len("".join(found.text)) > 30


#: What a face says beside names and quotations, which are the law's own or the caller's.
ENGLISH = {
    "Id", "In force", "Instrument", "Classes", "Amounts", "Dimension", "Indicators", "Title", "Days", "provisional",
    "Question", "Whose", "Kind", "Means", "households", "Households", "Households and people", "Open",
    "Day of the review", "Options", "Rows", "Population", "Design", "Weight", "Headcount ratio (H)", "rows",
    "Before ↓ / after →", "Class", "By movement", "Who, and why", "Household", "Target", "Entitlement", "Lead",
    "Reached", "yes", "no", "not known",
}  # fmt: skip
TONES = re.compile("[ăâđêôơưàáảãạèéẻẽẹìíỉĩịòóỏõọùúủũụỳýỷỹỵ]", re.IGNORECASE)


@pytest.mark.parametrize("name", NAMES)
def test_a_face_is_in_the_language_that_is_asked_for(name: str, things: dict[str, Any]) -> None:
    found = read(things[name].to_html(lang="vi"))
    assert not ENGLISH & set(found.text)
    assert not re.search(r"\d\.\d+ ?%|\b[1-9]\d{0,2},\d{3}\b|\d{4}-\d\d-\d\d", " ".join(found.text))
    assert "lang" not in found.tags
    english = read(things[name].to_html(lang="en"))
    assert not re.search(r"\d,\d+ ?%|\b[1-9]\d{0,2}\.\d{3}\b|\d\d/\d\d/\d{4}", " ".join(english.text))
    if name not in ("standard", "verdict", "open verdict", "finding", "provisional"):  # which quote the law
        own = [text for text in english.text if TONES.search(text)]
        names = {*examples.commune(300)[0]["village"], things["plan"].citation.instrument}
        assert not [text for text in own if not any(each in text for each in names)]
    with pytest.raises(mdp.errors.SpecError, match="'vi' or 'en'"):
        things[name].to_html(lang="fr")


def test_a_face_that_is_asked_for_is_shown_by_a_notebook_as_it_stands(things: dict[str, Any]) -> None:
    shown = things["assessment"].to_html(lang="vi")
    assert shown._repr_html_() == shown
    text = read(shown).text
    assert "Số hộ và số người" in text
    assert any("15/11/2024" in each for each in text)
    assert any(re.search(r"\d · \d+,\d %", each) for each in text)
    assert 'lang="vi"' in shown
    assert things["assessment"]._repr_html_() == things["assessment"].to_html()


@pytest.mark.parametrize("name", NAMES)
def test_a_repr_fits_a_few_lines(name: str, things: dict[str, Any]) -> None:
    text = repr(things[name])
    assert len(text) < 600
    assert text.count("\n") <= 5
    assert " object at 0x" not in text


def test_parts_of_a_standard_print_in_a_few_lines_too() -> None:
    for part in (*vn.indicators.values(), *vn.categories.values(), *vn.fields.values()):
        assert part.id in repr(part)
        assert len(repr(part)) < 400


def cells(html: str) -> Iterator[list[str]]:
    yield from read(html).rows


def test_a_standards_face_has_its_days_lines_dimensions_and_what_is_not_confirmed() -> None:
    text = "".join(read(vn._repr_html_()).text)
    assert "2022-01-01 to 2026-12-31" in text
    assert "1,500,000 VND per person per month" in text
    for part in (*vn.categories.values(), *vn.dimensions.values(), *vn.indicators.values()):
        assert part.label.vi in text
        assert part.label.en in text
    assert "Not found in a source: Primary school from, Lower secondary from, Health insurance" in text
    assert f"What isn't confirmed, or is a reading of ours: {len(vn.gaps)}" in text
    assert all(gap.text.vi in text for gap in vn.gaps)
    assert "provisional=True" in mdp.standards["vn-2027"]._repr_html_()


def test_the_registrys_face_has_every_standard() -> None:
    rows = {row[0]: row for row in cells(mdp.standards._repr_html_())}
    assert set(rows) >= set(mdp.standards)
    assert rows["vn-2027"][-1] == "provisional"
    assert repr(mdp.standards).startswith(f"<Registry of {len(mdp.standards)} standards: vn-2016, vn-2022")


def test_an_assessments_face_has_its_classes_and_why_the_open_are_open(things: dict[str, Any]) -> None:
    a = things["assessment"]
    html = a._repr_html_()
    rows, counts = list(cells(html)), a.counts()
    said = [row[1] for row in rows[: len(counts)]]
    assert [text.split(" · ")[0] for text in said] == [f"{n:,}" for n in counts["households"]]
    assert "2024-11-15" in html
    assert 'class="p open"' in html
    widths = [float(part.split("%")[0]) for part in html.split('style="width:')[1:]]
    assert sum(widths) == pytest.approx(100, abs=0.05)
    reasons = {row[0].split(" · ")[0]: int(row[1]) for row in rows if len(row) == 2 and row[1].isdigit()}
    unknown = int(((a.indicator("nutrition") == 1) & a.open).sum())
    assert reasons.get(vn.indicators["nutrition"].label.vi, 0) == unknown
    assert reasons[vn.thresholds["income"].label.vi] <= int(a.open.sum())


def test_an_assessments_face_counts_what_is_not_known_of_the_open() -> None:
    a = vn.classify(*examples.commune(60, gaps=0.15), date="2024-11-15")
    unknown: Counter[str] = Counter()
    for key in [key for key, open in zip(a.keys, a.open, strict=True) if open]:
        found = {each.id: each for top in a.explain(key).findings for each in top.walk()}
        named = {*vn.indicators, "income", "average_living"}
        unknown.update(each.label.en for name, each in found.items() if name in named and each.answer == 1)
    rows = list(cells(a.to_html(lang="en")))
    said = [(row[0], int(row[1])) for row in rows[rows.index(["", "Households"]) + 1 :]]
    assert dict(said) == unknown
    assert [number for _, number in said] == sorted(unknown.values(), reverse=True)
    assert f"{int(a.open.sum())} open" in a.to_html(lang="en")
    assert "<tr><th></th><th class=n>Households</th></tr>" in a.to_html(lang="en")


@pytest.mark.parametrize("name", ["assessment", "flows", "comparison"])
def test_columns_of_figures_are_set_to_the_right(name: str, things: dict[str, Any]) -> None:
    found = re.findall(r"<td( class=n)?>([^<]*)</td>", things[name].to_html(lang="en"))
    figures = [bool(re.fullmatch(r"-?\d[\d.,%· ]*", text)) for _, text in found]
    assert sum(figures) > 4
    assert [bool(right) for right, _ in found] == figures


def test_a_findings_face_has_the_comparison_and_the_words_of_the_law() -> None:
    gear = {"boat": False, "net": True, "hook": True}
    finding = TOY.assess({"coast": "east", "shells": 90, "household_size": 1, "huts": 2, **gear}).findings[0]
    assert "".join(read(finding.to_html(lang="en")).text) == (
        "Line90 ≤ 100 shells: yes“at or under the line, and half of the weight or more” (Toyland Act, article 1)"
    )
    nothing, half = TOY.assess({}).findings
    assert "? ≤ 100–150 shells: chưa rõ" in "".join(read(nothing.to_html(lang="vi")).text)
    quiet = re.findall(r"<p( class=s)?>(“?)", half.to_html(lang="en"))
    assert len(quiet) > 6
    assert all(bool(its) == bool(words) for its, words in quiet), "only the words of the law are quiet"
    text = "".join(read(half.to_html(lang="en")).text)
    assert text.count("not known“at or under") == 1 + 2 + 4
    assert text.index("Sea") < text.index("Swimming") < text.index("Gear") < text.index("Land") < text.index("Room")
    silent = evolve(finding, citation=mdp.Citation("Toyland Act"))
    assert "".join(read(silent.to_html(lang="en")).text) == "Line90 ≤ 100 shells: yes"


def test_measures_face_groups_by_figure_without_empty_columns(things: dict[str, Any]) -> None:
    m = things["measures"]
    rows = list(cells(m._repr_html_()))
    assert rows[0] == ["place", "Headcount ratio (H)", "Intensity (A)", "Adjusted headcount ratio (M0)"]
    groups = [row[0] for row in rows[1:3]]
    assert set(groups) == {EVIL, "B"}
    assert all("[" in cell for cell in rows[1][1:])
    toilet = next(row for row in rows if row[0] == "Toilet")
    assert toilet[1].split(" [")[0] == f"{100 * m.value('headcount', indicator='toilet', place=groups[0]):.1f}%"
    assert "–" in repr(things["bounds"])


def test_faces_of_flows_comparisons_and_progress_say_what_they_count(things: dict[str, Any]) -> None:
    f, c = things["flows"], things["comparison"]
    matrix = next(row[1:] for row in cells(f._repr_html_()) if row[0] == "Poor household")
    assert matrix == [f"{n:,}" for n in f.matrix().loc["poor"]]
    assert f"{len(c.changed):,} of 300 households change class" in c._repr_html_()
    covered = {row[0].split(" · ")[0]: row for row in cells(things["progress"]._repr_html_())}
    frame = things["progress"].coverage.set_index("entitlement")
    label = frame.loc["insurance_card", "label"]
    assert covered[label][4] == str(frame.loc["insurance_card", "received"]) == "1"


def test_a_verdicts_face_has_both_languages_and_an_open_one_says_so(things: dict[str, Any]) -> None:
    text = "".join(read(things["verdict"]._repr_html_()).text)
    assert things["verdict"].text("vi") in text
    assert things["verdict"].text("en") in text
    assert repr(things["verdict"]) == "<Verdict by vn-2022: poor>"
    assert "Open" in things["open verdict"]._repr_html_()
    assert "open, poor or near_poor" in repr(things["open verdict"])


def test_a_receipt_prints_short_and_shows_whole(things: dict[str, Any]) -> None:
    receipt = things["receipt"]
    assert receipt.inputs_digest in receipt._repr_html_()
    assert receipt.inputs_digest[:8] in repr(receipt)
    assert receipt.inputs_digest not in repr(receipt)
