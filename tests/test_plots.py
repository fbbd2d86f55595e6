"""Pictures show what the tables say: texts, lengths and order are compared, not pixels."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")

from matplotlib import pyplot as plt  # after the backend is chosen
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import PathPatch, Rectangle

import mdpoverty as mdp
from mdpoverty import examples, plots
from mdpoverty.errors import SpecError
from mdpoverty.numbers import printed, share_printed
from mdpoverty.scorers import column, threshold
from tests.profiles import in_turn

vn = mdp.standards["vn-2022"]
OPEN_HATCH = "////"


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def sample() -> Any:
    return examples.commune(600)


@pytest.fixture(scope="module")
def a(sample: Any) -> mdp.Assessment:
    return vn.classify(*sample, date="2024-11-15")


@pytest.fixture(scope="module")
def later(sample: Any) -> mdp.Assessment:
    households, members = sample
    gone = set(households["household_id"][:20])
    rng = np.random.default_rng(5)
    households = households.assign(income=(households["income"] * rng.uniform(0.8, 1.3, len(households))).round(-3))
    kept = [frame[~frame["household_id"].isin(gone)] for frame in (households, members)]
    return vn.classify(*kept, date="2025-11-15")


@pytest.fixture(scope="module")
def comparison(sample: Any) -> mdp.Comparison:
    lines = {"income": {"rural": 1_800_000, "urban": 2_300_000}}
    ours = vn.evolve(id="vn-drawn", thresholds=lines, citation=mdp.Citation("made up"))
    return mdp.compare(vn, ours, *sample, date="2024-11-15")


def y_labels(ax: Axes) -> list[str]:
    return [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()]


def texts(ax: Axes) -> list[str]:
    return [text.get_text().replace("\n", " ") for text in ax.texts]


def remarks(ax: Axes) -> str:
    return ax.get_xlabel().replace("\n", " ")


def legend(ax: Axes) -> list[str]:
    found = [*ax.figure.legends, *([ax.get_legend()] if ax.get_legend() else [])]
    return [text.get_text().replace("\n", " ") for each in found for text in each.get_texts()]


def bars(ax: Axes) -> list[list[Rectangle]]:
    return [list(container.patches) for container in ax.containers]


def every_picture(a: mdp.Assessment, later: mdp.Assessment, c: mdp.Comparison) -> dict[str, Any]:
    m = a.measure("area", missing="drop")
    by_k = a.measure("area", missing="drop", ks=[1, 2, 3])
    waves = mdp.Tally.stack({"2024": a.tally("area"), "2025": later.tally("area")}, same_units=True)
    changed = mdp.AlkireFoster.from_standard(vn).measure_tally(waves, missing="drop")
    return {
        "classes": (plots.classes, a, {}),
        "classes by": (plots.classes, a, {"by": "village"}),
        "deprivations": (plots.deprivations, a, {}),
        "margins": (plots.margins, a, {}),
        "contributions": (plots.contributions, m, {}),
        "estimates": (plots.estimates, m, {}),
        "cut_offs": (plots.cut_offs, by_k, {}),
        "changes": (plots.changes, changed, {"over": "wave"}),
        "flows": (plots.flows, mdp.flows(a, later), {}),
        "agreement": (plots.agreement, c, {}),
    }


PICTURES = [
    "classes", "classes by", "deprivations", "margins", "contributions", "estimates", "cut_offs", "changes", "flows",
    "agreement",
]  # fmt: skip


@pytest.mark.parametrize(("name", "lang"), in_turn(PICTURES, ["vi", "en"]))
def test_every_picture_is_drawn_on_the_axes_given_in_either_language_without_an_id_or_a_missing_letter(
    name: str, lang: str, a: mdp.Assessment, later: mdp.Assessment, comparison: mdp.Comparison
) -> None:
    draw, result, options = every_picture(a, later, comparison)[name]
    figure, axes = plt.subplots(1, 2, figsize=(16, 8), layout="constrained")
    before = dict(mpl.rcParams)
    ax = draw(result, ax=axes[1], lang=lang, **options)
    assert ax is axes[1]
    assert dict(mpl.rcParams) == before
    figure.canvas.draw()  # a glyph that the font hasn't got is a warning, and warnings are errors here
    said = " ".join([*y_labels(ax), *texts(ax), *legend(ax), ax.get_title(loc="left"), remarks(ax)])
    ids = [*vn.indicators, "near_poor", "above_average", "average_living", "rural", "stays_poor"]
    assert [id for id in ids if f" {id} " in f" {said} " and "_" in id] == []
    own = draw(result, lang=lang, **options).figure
    assert own.get_size_inches()[0] * own.dpi == 600


@pytest.mark.parametrize("name", ["classes", "classes by", "deprivations", "margins", "flows", "agreement"])
def test_who_is_open_is_drawn_with_the_one_hatch(
    name: str, a: mdp.Assessment, later: mdp.Assessment, comparison: mdp.Comparison
) -> None:
    draw, result, options = every_picture(a, later, comparison)[name]
    ax = draw(result, **options)
    hatched = [patch for patch in ax.patches if patch.get_hatch() == OPEN_HATCH]
    assert hatched
    assert all(patch.get_facecolor()[:3] == (1, 1, 1) for patch in hatched)


def test_classes_without_groups_are_the_counts(a: mdp.Assessment) -> None:
    counts, ax = a.counts(), plots.classes(a)
    assert [bar[0].get_width() for bar in bars(ax)] == pytest.approx(counts["households_share"].tolist())
    labels = [*(each.label.vi for each in vn.categories.values()), "Chưa xác định"]
    assert y_labels(ax) == labels
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first class is on top
    row = counts.iloc[0]
    assert texts(ax)[0] == f"{share_printed(row['households_share'], 'vi')} · {printed(row['households'], 'vi')} hộ"
    assert bars(ax)[-1][0].get_hatch() == OPEN_HATCH


def test_classes_by_group_are_bars_of_the_whole_in_the_order_asked_for(a: mdp.Assessment) -> None:
    counts = a.counts("village")
    poor = counts[counts["category"] == "poor"].set_index("village")["households_share"]
    ax = plots.classes(a, by="village", order="value", top=3)
    first = [bar.get_width() for bar in bars(ax)[0]]
    assert first == pytest.approx(sorted(poor, reverse=True)[:3])
    assert y_labels(ax)[0].startswith(str(poor.idxmax()))
    ends = [sum(bar.get_width() for bar in row) for row in zip(*bars(ax), strict=True)]
    assert ends == pytest.approx([1, 1, 1])
    assert f"và {len(poor) - 3} nhóm khác không hiện" in remarks(ax)
    names = sorted(poor.index)[:2][::-1]
    assert [label.rsplit(" (", 1)[0] for label in y_labels(plots.classes(a, by="village", order=names))] == names


def test_classes_of_people_are_of_people_and_of_a_tally_as_of_its_assessment(a: mdp.Assessment) -> None:
    counts = a.counts("area")
    for source in (a, a.tally("area")):
        ax = plots.classes(source, by="area", what="people", lang="en")
        assert [b.get_width() for b in bars(ax)[0]] == pytest.approx(counts[counts.category == "poor"]["people_share"])
        assert y_labels(ax)[0].startswith("Rural (")
        assert ax.get_title(loc="left") == "Classes by Area, share of people"


def test_people_of_unknown_households_are_an_error_not_a_smaller_number() -> None:
    lacks = {name: [False] * 2 for name in vn.indicators}
    small = vn.classify({"area": ["rural"] * 2, "income": [1e6, 2e6], **lacks}, given="all")
    with pytest.raises(SpecError, match="sizes"):
        plots.classes(small, what="people")
    with pytest.raises(SpecError, match="size"):
        plots.deprivations(small, "all", what="people")


def test_deprivations_are_those_of_the_class_with_what_is_not_known_beside(a: mdp.Assessment) -> None:
    frame = a.to_frame()
    poor = frame[frame["category"] == "poor"]
    ax = plots.deprivations(a, lang="en")
    sure = [bar.get_width() for bar in bars(ax)[0]]
    assert sure == pytest.approx([poor[name].fillna(False).mean() for name in vn.indicators])
    unknown = sum(poor[name].isna().sum() for name in vn.indicators) / len(poor)
    drawn = [patch.get_width() for patch in ax.patches if patch.get_hatch() == OPEN_HATCH]
    assert sum(drawn) == pytest.approx(unknown)
    labels = y_labels(ax)
    assert labels[0] == vn.dimensions["jobs"].label.en
    assert labels[1:3] == [vn.indicators[name].label.en for name in ("employment", "dependents")]
    assert f"poor household ({len(poor)} households)" in ax.get_title(loc="left")


def test_deprivations_ranked_and_of_several_classes(a: mdp.Assessment) -> None:
    ax = plots.deprivations(a, ["poor", "all"], order="value", top=4)
    first, everyone = bars(ax)[0], bars(ax)[1] if len(bars(ax)[1]) == 4 else bars(ax)[-1]
    widths = [bar.get_width() for bar in first]
    assert widths == sorted(widths, reverse=True)
    assert len(everyone) in (1, 4)
    assert "và 8 chỉ số khác không hiện" in remarks(ax)
    assert any("mọi hộ" in text.lower() for text in legend(ax))


def test_margins_put_a_household_at_exactly_the_line_below_it_and_at_its_own_line() -> None:
    incomes = [1_500_000, 1_500_001, 2_000_000, 2_000_001, 1_349_999, 750_000, 749_999, None, 3_000_000]
    areas = ["rural", "rural", "urban", "urban", "rural", "rural", "rural", "rural", "rural"]
    lacks = {name: [False] * len(incomes) for name in vn.indicators}
    small = vn.classify({"area": areas, "income": incomes, **lacks}, given="all")
    ax = plots.margins(small, lang="en")
    heights: dict[float, float] = {}
    for row in bars(ax):
        for bar in row:
            middle = round(bar.get_x() + bar.get_width() / 2, 6)
            heights[middle] = heights.get(middle, 0) + bar.get_height()
    # bands of 10 %: number 4 ends at the line, number 5 begins above it; the last bar is of those that can't be placed
    assert {band: n for band, n in heights.items() if n} == {3: 1, 4: 2, 5: 2, 11: 1}
    # exactly −50 % is at the lower edge, so below the bands; 3,000,000 is above them
    assert "3 households outside this span not shown: 2 below, 1 above" in remarks(ax)
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert "line" in labels
    assert labels[-1] == "Not known"


def test_margins_count_by_the_total_income_too_and_by_any_standards_line(a: mdp.Assessment) -> None:
    lacks = {name: [False] * 2 for name in vn.indicators}
    homes = {"area": ["rural"] * 2, "total_income": [4_500_000, 4_500_001], "household_size": [3, 3], **lacks}
    ax = plots.margins(vn.classify(homes, given="all"))
    heights = [sum(row[i].get_height() for row in bars(ax)) for i in (4, 5)]
    assert heights == [1, 1]
    ceiling = plots.margins(a, "average_living")
    assert "trần mức sống trung bình" in ceiling.get_title(loc="left")
    with pytest.raises(SpecError, match="line is 'incme'"):
        plots.margins(a, "incme")
    with pytest.raises(SpecError, match="a band"):
        plots.margins(a, width=0.6)


def test_a_rule_is_scored_on_the_answers_of_an_assessment_as_on_its_tables(a: mdp.Assessment, sample: Any) -> None:
    rule = column("income") <= threshold({"rural": 1_600_000, "urban": 2_100_000}, by="area")
    assert a.score(rule).tolist() == rule.score(*sample).tolist()
    with pytest.raises(SpecError, match="ethnic_minority"):
        a.score(column("ethnic_minority") > 0)


def test_estimates_are_ranked_with_their_intervals(a: mdp.Assessment) -> None:
    m = a.measure("area", missing="drop", design=mdp.SurveyDesign(psu="village"))
    table = m.table[m.table["measure"] == "M0"].sort_values("estimate", ascending=False)
    ax = plots.estimates(m)
    points = next(line for line in ax.lines if line.get_marker() == "o")
    assert list(points.get_xdata()) == pytest.approx(table["estimate"].tolist())
    (intervals,) = ax.collections
    ends = [tuple(segment[:, 0]) for segment in intervals.get_segments()]
    assert np.array(ends) == pytest.approx(table[["ci_low", "ci_high"]].to_numpy())
    assert "khoảng tin cậy 95 %" in remarks(ax)
    assert "không tính" in remarks(ax)  # whom missing="drop" leaves out


def test_estimates_without_a_design_say_so_and_bounds_are_intervals(a: mdp.Assessment) -> None:
    ax = plots.estimates(a.measure("area", missing="drop"), lang="en")
    assert not ax.collections
    assert "No sampling errors" in remarks(ax)
    m = a.measure("area", missing="bounds")
    rows = m.table[m.table["measure"] == "H"].sort_values("high", ascending=False)
    ax = plots.estimates(m, "H")
    assert [bar.get_x() for bar in bars(ax)[0]] == pytest.approx(rows["low"].tolist())
    assert [bar.get_width() for bar in bars(ax)[0]] == pytest.approx((rows["high"] - rows["low"]).tolist())
    assert {bar.get_hatch() for bar in bars(ax)[0]} == {OPEN_HATCH}


def test_levels_of_intervals_are_told_and_numbers_are_written_as_numbers(a: mdp.Assessment) -> None:
    m = a.measure(by="area", missing="drop", design=mdp.SurveyDesign(), level=0.9)

    def written(ax: Axes) -> str:
        return " ".join(text.get_text() for text in ax.findobj(mpl.text.Text))

    assert "90%" in written(plots.estimates(m, "H", lang="en"))
    assert "95" not in written(plots.estimates(m, "H", lang="en"))
    ax = plots.estimates(m, "number_poor", lang="en")
    ax.figure.canvas.draw()
    ticks = [label.get_text() for label in ax.get_xticklabels()]
    assert len(ticks) > 1
    assert all(tick.replace(",", "").isdigit() for tick in ticks)


def test_estimates_of_an_indicator(a: mdp.Assessment) -> None:
    m = a.measure("area", missing="drop")
    ax = plots.estimates(m, "headcount", "toilet")
    assert ax.get_title(loc="left").endswith("Nhà tiêu hợp vệ sinh")
    with pytest.raises(SpecError, match="is it 'toilet'"):
        plots.estimates(m, "headcount", "toilets")
    with pytest.raises(SpecError, match="is it 'headcount'"):
        plots.estimates(m, "headcont")


def test_contributions_add_up_and_one_groups_are_ranked(a: mdp.Assessment) -> None:
    m = a.measure("area", missing="drop")
    ax = plots.contributions(m)
    assert [sum(b.get_width() for b in row) for row in zip(*bars(ax), strict=True)] == pytest.approx([1, 1])
    assert legend(ax) == [each.label.vi for each in vn.dimensions.values()]
    whole = plots.contributions(a.measure(missing="drop"), parts="indicators", lang="en")
    widths = [bar.get_width() for bar in bars(whole)[0]]
    assert widths == sorted(widths, reverse=True)
    assert sum(widths) == pytest.approx(1)
    with pytest.raises(SpecError, match="is it 'dimensions'"):
        plots.contributions(m, parts="dimension")


def test_cut_offs_are_lines_over_k_with_a_band_where_there_are_errors(a: mdp.Assessment) -> None:
    m = a.measure("area", missing="drop", ks=[1, 2, 3, 4], design=mdp.SurveyDesign(psu="village"))
    ax = plots.cut_offs(m, "H")
    lines = [line for line in ax.lines if line.get_marker() not in ("", "None", None)]
    assert len(lines) == 2
    rural = [m.value("H", k=k, area="rural") for k in m.ks]
    assert any(list(line.get_ydata()) == pytest.approx(rural) for line in lines)
    assert len({(line.get_marker(), str(line.get_linestyle())) for line in lines}) == 2
    assert len(ax.collections) == 2
    assert "ngưỡng của chuẩn: 25,0 %" in texts(ax)
    with pytest.raises(SpecError, match="ks="):
        plots.cut_offs(a.measure(missing="drop"))


def test_changes_go_from_the_first_wave_to_the_last(a: mdp.Assessment, later: mdp.Assessment) -> None:
    waves = mdp.Tally.stack({"2024": a.tally("area"), "2025": later.tally("area")}, same_units=True)
    m = mdp.AlkireFoster.from_standard(vn).measure_tally(waves, missing="drop")
    ax = plots.changes(m, "wave", "H", order=["urban", "rural"])
    hollow, full = (line for line in ax.lines if line.get_marker() == "o")
    for line, wave in ((hollow, "2024"), (full, "2025")):
        levels = [m.value("H", wave=wave, area=area) for area in ("urban", "rural")]
        assert list(line.get_xdata()) == pytest.approx(levels)
    assert to_rgba(hollow.get_markerfacecolor())[:3] == (1, 1, 1)
    assert legend(ax) == ["2024", "2025"]
    assert y_labels(ax) == ["Thành thị", "Nông thôn"]
    table = m.change("wave")
    forest = plots.changes(table, measure="H", names=m.tally.names, lang="en")
    of_h = table[(table["measure"] == "H") & (table["kind"] == "absolute")].sort_values("estimate", ascending=False)
    points = next(line for line in forest.lines if line.get_marker() == "o")
    assert list(points.get_xdata()) == pytest.approx(of_h["estimate"].tolist())
    assert all(text.endswith(" points") for text in texts(forest))
    assert set(y_labels(forest)) == {"Rural", "Urban"}
    with pytest.raises(SpecError, match="waves"):
        plots.changes(m)


def test_flows_are_as_wide_as_their_counts_and_say_whom_they_leave_out(
    a: mdp.Assessment, later: mdp.Assessment
) -> None:
    f = mdp.flows(a, later)
    matrix = f.matrix()
    ax = plots.flows(f, lang="en")
    settled = ["average_living", "above_average", "absent"]
    aside = int(matrix.loc[settled, settled].to_numpy().sum())
    assert f"{aside} households neither poor nor near-poor in both" in remarks(ax)
    drawn = matrix.to_numpy().copy()
    at = [list(matrix.index).index(name) for name in settled]
    drawn[np.ix_(at, at)] = 0
    bands = [patch for patch in ax.patches if isinstance(patch, PathPatch)]
    assert len(bands) == np.count_nonzero(drawn)
    heights = sorted(band.get_path().vertices[7][1] - band.get_path().vertices[0][1] for band in bands)
    counts = sorted(drawn[drawn > 0])
    assert np.array(heights) / heights[-1] == pytest.approx(np.array(counts) / counts[-1])
    assert f"Poor household {drawn[0].sum()} households" in texts(ax)
    everyone = plots.flows(f, everyone=True)
    assert len([p for p in everyone.patches if isinstance(p, PathPatch)]) == np.count_nonzero(matrix.to_numpy())
    assert remarks(everyone) == ""


def test_agreement_is_the_table_of_two_standards(comparison: mdp.Comparison) -> None:
    table = comparison.table.to_numpy()
    ax = plots.agreement(comparison, lang="en")
    numbers = [text.split()[0] for text in texts(ax)]
    assert numbers == [printed(int(n), "en") if n else "–" for n in table.ravel()]
    changed = len(comparison.changed)
    assert f"{printed(changed, 'en')} in another" in remarks(ax).replace(" households in another", " in another")
    cells = [p for p in ax.patches if isinstance(p, Rectangle) and p.get_width() == 1 and p.get_hatch() is None]
    moved = np.where(np.eye(len(table), dtype=bool), 0, table)[:-1, :-1].ravel()
    darkness = [1 - sum(cell.get_facecolor()[:3]) / 3 for cell in cells]
    assert darkness[int(moved.argmax())] == max(darkness)


def test_the_receipt_stands_beneath_on_request(a: mdp.Assessment) -> None:
    ax = plots.classes(a, caption=True, lang="en")
    said = remarks(ax)
    assert "vn-2022, revision 2, 2024-11-15" in said
    assert a.receipt.inputs_digest[:8] in said
    assert remarks(plots.classes(a, caption="Made up")) == "Made up"
    assert remarks(plots.classes(a)) == ""


def test_plot_picks_what_fits(a: mdp.Assessment, later: mdp.Assessment, comparison: mdp.Comparison) -> None:
    m = a.measure("area", missing="drop")
    several = a.measure(missing="drop", ks=[1, 2])
    titles = {
        "Nhóm hộ: 600 hộ": a.plot(),
        "Chỉ số nghèo đa chiều (M0)": m.plot(),
        "Chỉ số nghèo đa chiều (M0) theo ngưỡng k": several.plot(),
        "Từ nhóm hộ kỳ trước đến nhóm hộ kỳ sau": mdp.flows(a, later).plot(),
        "Ai đổi nhóm giữa hai chuẩn": comparison.plot(),
    }
    assert [ax.get_title(loc="left") for ax in titles.values()] == list(titles)
    assert a.measure(missing="drop").plot().get_title(loc="left").startswith("M0 gồm những gì (M0 = 0,")
    assert a.plot("deprivations", of="near_poor").get_title(loc="left").startswith("Thiếu hụt của hộ cận nghèo")
    assert a.tally("area").plot(by="area", lang="en").get_title(loc="left") == "Classes by Area, share of households"
    with pytest.raises(SpecError, match="is it 'margins'"):
        a.plot("margin")
    with pytest.raises(SpecError, match="no picture of Receipt"):
        plots.draw(a.receipt)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"order": "valu"}, "is it 'value'"),
        ({"by": "area", "order": ["rurl"]}, "is it 'rural'"),
        ({"by": "area", "top": 0}, "at least 1"),
        ({"what": "peopel"}, "is it 'people'"),
        ({"lang": "fr"}, "'vi' or 'en'"),
    ],
)
def test_options_that_name_nothing_are_errors(a: mdp.Assessment, options: dict[str, Any], match: str) -> None:
    with pytest.raises(SpecError, match=match):
        plots.classes(a, **{"by": "area", **options})


def test_the_whole_library_works_without_matplotlib_and_says_what_a_picture_needs() -> None:
    code = (
        "import sys, mdpoverty.plots\n"
        "print('matplotlib' in sys.modules)\n"
        "sys.modules['matplotlib'] = None\n"
        "import mdpoverty as mdp\n"
        "from mdpoverty import examples\n"
        "from mdpoverty.errors import MissingExtra\n"
        "a = mdp.standards['vn-2022'].classify(*examples.commune(20))\n"
        "a.measure(missing='drop').table, a._repr_html_()\n"
        "try:\n    a.plot()\nexcept MissingExtra as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8")
    assert done.stdout.splitlines() == ["False", "A picture needs matplotlib: pip install 'mdpoverty[plots]'"]


@pytest.mark.parametrize("name", [None, "deprivations", "margins"])
def test_nobody_is_drawn_as_nobody(name: str | None, sample: Any) -> None:
    empty = vn.classify(*(frame.iloc[:0] for frame in sample))
    empty.plot(name).figure.canvas.draw()
    if name is None:
        plots.classes(empty, by="area").figure.canvas.draw()
        mdp.flows(empty, empty).plot().figure.canvas.draw()


def test_a_part_of_nobody_has_no_edge_that_could_be_read_as_a_few(a: mdp.Assessment) -> None:
    for ax in (plots.classes(a, by="village"), plots.margins(a)):
        patches = [patch for row in bars(ax) for patch in row]
        assert any(not (patch.get_width() and patch.get_height()) for patch in patches)
        assert all(patch.get_visible() == bool(patch.get_width() and patch.get_height()) for patch in patches)
        (keys,) = ax.figure.legends
        assert all(patch.get_visible() for patch in keys.get_patches())
        assert keys.get_patches()[-1].get_hatch() == OPEN_HATCH


def test_nobody_poor_leaves_the_figures_that_there_are(a: mdp.Assessment) -> None:
    m = a.measure("area", missing="drop", k="intersection")
    assert set(texts(plots.estimates(m, "H"))) == {"0,0 %"}
    assert set(texts(plots.estimates(m, "A"))) == {""}
    plots.contributions(m).figure.canvas.draw()


def test_a_name_with_dollar_signs_is_no_formula(sample: Any) -> None:
    households, members = sample
    strange = vn.classify(households.assign(village="$a_b$ ^{x}"), members)
    ax = plots.classes(strange, by="village")
    ax.figure.canvas.draw()
    assert y_labels(ax)[0].startswith(r"\$a_b\$ ^{x}")


def test_standards_without_indicators_are_counted_and_drawn() -> None:
    law = mdp.standards["vn-dn-2016"]
    assert not law.indicators
    a = law.classify({"area": ["rural"] * 3, "income": [100_000, None, 90_000_000]})
    counts = a.counts().set_index("category")["households"]
    assert counts.sum() == 3
    assert counts["open"] == 1
    assert [bar[0].get_width() for bar in bars(a.plot())] == pytest.approx((counts / 3).tolist())
    assert "Open" in a._repr_html_()
    with pytest.raises(SpecError, match="no indicators"):
        plots.deprivations(a)


def test_scoring_a_rule_leaves_the_assessment_as_it_was() -> None:
    lacks = {name: [False] for name in vn.indicators}
    home = {"area": ["rural"], "income": [1_450_000], "total_income": [4_900_000], "household_size": [3], **lacks}
    a = vn.classify(home, given="all", invalid="missing")
    before = a.problems
    assert before  # one way says poor, the other doesn't
    a._repr_html_()
    plots.margins(a)
    assert a.problems == before
    assert a.score(column("income") <= threshold({"rural": 1_500_000}, by="area")).tolist() == [2]


def test_every_picture_of_a_notebook_is_shown_not_only_the_first(
    a: mdp.Assessment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first picture brings in the notebook's backend, which turns interactive drawing on; it must stay on."""
    made = plt.subplots

    def first(*args: Any, **options: Any) -> Any:
        plt.interactive(True)  # as a notebook's backend does when it is loaded
        return made(*args, **options)

    monkeypatch.setattr(plt, "subplots", first)
    assert not mpl.is_interactive()
    try:
        a.plot()
        assert mpl.is_interactive()
    finally:
        plt.interactive(False)


def test_a_picture_can_be_written(a: mdp.Assessment, tmp_path: Path) -> None:
    plots.classes(a, by="area").figure.savefig(tmp_path / "classes.svg")
    assert "<svg" in (tmp_path / "classes.svg").read_text(encoding="utf-8")
