"""Pictures of measures: composition, ranked estimates with their errors, cut-offs, changes between waves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from attrs import frozen

from mdpoverty.doors import door
from mdpoverty.errors import SpecError
from mdpoverty.law.fields import Label
from mdpoverty.numbers import Language, decimal_printed, language, share_printed
from mdpoverty.plots import canvas
from mdpoverty.words.tables import FIGURES, HEADS, Names, change_printed, decimals, figure_printed, level_told

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from mdpoverty.measures import Measures
    from mdpoverty.measures.weights import AnyNumber

__all__ = ["changes", "contributions", "cut_offs", "estimates"]

_SAY = {
    "parts": Label("phần", "parts"),
    "whole": Label("Tổng thể", "The whole"),
    "composition": Label("M0 gồm những gì", "What M0 is made of"),
    "per part": Label("{} (M0 = {})", "{} (M0 = {})"),
    "interval": Label("Vạch ngang: khoảng tin cậy 95 %", "Bars: 95% confidence intervals"),
    "no errors": Label("Không có sai số mẫu: mọi hộ đều được tính", "No sampling errors: everybody was counted"),
    "no errors for": Label("Không tính được sai số cho: {}", "No error can be computed for: {}"),
    "bounds": Label("Vạch gạch chéo: mọi giá trị có thể khi biết đủ câu trả lời",
                    "Hatched: every value that full answers could give"),
    "at k": Label("ngưỡng {}", "cut-off {}"),
    "cut-offs": Label("{} theo ngưỡng k", "{} by cut-off k"),
    "own k": Label("ngưỡng của chuẩn", "the spec's own"),
    "band": Label("Dải: khoảng tin cậy 95 %", "Band: 95% confidence interval"),
    "from to": Label("{}: từ {} đến {}", "{}: from {} to {}"),
    "change": Label("Thay đổi của {}: từ {} đến {}", "Change in {}: from {} to {}"),
    "dropped": Label("{} của tổng thể không tính: chưa đủ câu trả lời", "{} of the population left out: open answers"),
}  # fmt: skip


def _say(key: str, lang: Language) -> str:
    return _SAY[key].in_(lang)


def receipt_of(m: Measures, lang: Language) -> str:
    """Return the receipt's short form: what was measured, by which version."""
    receipt = m.receipt
    standard = receipt["meta"].get("standard", "")
    return " · ".join(filter(None, (standard, f"tally {receipt['tally'][:8]}", str(receipt["library"]))))


@frozen
class _Rows:
    """The chosen figure of every group: a row each."""

    labels: list[str]
    own: list[Any]
    frame: pd.DataFrame
    has_errors: bool
    has_bounds: bool


def _groups(m: Measures, lang: Language) -> tuple[list[str], list[Any]]:
    """Return what the groups are called, and their values; a whole has one name."""
    names, by = m.tally.names, m.tally.by
    rows: list[Any] = list(zip(*m.tally.group_labels().values(), strict=True)) if by else [()]
    return [_named(by, row, names, lang) for row in rows], [row[0] if len(by) == 1 else row for row in rows]


def _named(by: Sequence[str], values: Sequence[Any], names: Names, lang: Language) -> str:
    """Return what a group is called; a whole has one name."""
    called = (names.group(name, value, lang) for name, value in zip(by, values, strict=True))
    return ", ".join(called) or _say("whole", lang)


def _chosen(m: Measures, measure: str, indicator: str | None, k: AnyNumber | None, lang: Language) -> _Rows:
    """Pick a figure of every group."""
    frame = m.table
    there = list(dict.fromkeys(frame["measure"]))
    canvas.one_of("measure", measure, there)
    frame = frame[frame["measure"] == measure]
    parts = [each for each in dict.fromkeys(frame["indicator"]) if isinstance(each, str)]
    if parts:
        canvas.one_of("indicator", indicator, parts)
        frame = frame[frame["indicator"] == indicator]
    if frame["k"].notna().any():
        if k is None and len(m.ks) > 1:
            raise SpecError(f"The measures have the cut-offs {', '.join(map(str, m.ks))}: say which by k=.")
        cut = float(m.ks[0] if k is None else m.spec.cut_offs(k)[0])
        frame = frame[np.isclose(frame["k"].astype(float), cut, rtol=1e-12, atol=0)]
        if not len(frame):
            raise SpecError(f"The measures have no cut-off {k}, only {', '.join(map(str, m.ks))}.")
    labels, own = _groups(m, lang)
    bounds = "low" in frame and bool((frame["high"] > frame["low"]).any())
    return _Rows(labels, own, frame.reset_index(drop=True), bool(frame["ci_low"].notna().any()), bounds)


def _called(m: Measures, measure: str, indicator: str | None, lang: Language) -> str:
    part = m.tally.names.part(measure, indicator, lang)
    label = FIGURES[measure].in_(lang)
    return f"{label}: {part}" if part else label


def _dropped(m: Measures, lang: Language) -> str:
    """Return a remark on those whom a policy leaves out."""
    missing = m.missing
    whole = float(missing["population"].sum())
    dropped = float(missing["population_dropped"].sum())
    return _say("dropped", lang).format(share_printed(dropped / whole, lang)) if whole and dropped else ""


def _figure_axis(ax: Axes, measure: str, lang: Language, which: str = "x") -> None:
    """Write an axis as the figure is written."""
    axis, (_, high) = (ax.xaxis, ax.get_xlim()) if which == "x" else (ax.yaxis, ax.get_ylim())
    places = decimals(measure)
    if places is None:
        axis.set_major_formatter(lambda value, _: share_printed(round(float(value), 9), lang, int(high <= 0.05)))
    else:
        axis.set_major_formatter(
            lambda value, _: decimal_printed(round(float(value), 9), lang, max(places - int(high > 0.05), 0))
        )
    ax.grid(axis="x" if which == "x" else "y", color=canvas.GRID, linewidth=0.6)
    ax.set_axisbelow(True)


@door
def estimates(
    m: Measures,
    measure: str = "M0",
    indicator: str | None = None,
    *,
    k: AnyNumber | None = None,
    order: str | Sequence[Any] = "value",
    top: int | None = None,
    lang: Language = "vi",
    ax: Axes | None = None,
    caption: bool | str = False,
) -> Axes:
    """Draw a figure of every group, ranked, with its 95 % interval where it has one.

    Parameters
    ----------
    m : Measures
    measure, indicator
        The figure, as in ``m.table``.
    k : cut-off, optional
        Where there are several.
    order : {"value", "label"} or sequence of groups
        The greatest first, as groups are sorted, or as they are listed.
    top, lang, ax, caption
        As in :func:`classes`.

    Returns
    -------
    matplotlib Axes
    """
    lang = language(lang)
    rows = _chosen(m, measure, indicator, k, lang)
    values = rows.frame["high" if rows.has_bounds else "estimate"].astype(float).tolist()
    places, left = canvas.arranged(rows.labels, values, order, top, lang, rows.own)
    frame = rows.frame.iloc[places]
    with canvas.lettering():
        ax = canvas.open_axes(ax, 0.3 * len(places) + 1.3)
        at = np.arange(len(places))
        ends = np.zeros(len(places))
        if rows.has_bounds:
            low, high = frame["low"].to_numpy(float), frame["high"].to_numpy(float)
            ax.barh(at, high - low, left=low, height=0.5, **canvas.OPEN)
            texts = [
                "–".join(figure_printed(measure, value, lang) for value in dict.fromkeys(pair))
                for pair in zip(low, high, strict=True)
            ]
            ends = high
        else:
            points = frame["estimate"].to_numpy(float)
            texts, ends = [figure_printed(measure, value, lang) for value in points], points.copy()
            if rows.has_errors:
                ci = frame[["ci_low", "ci_high"]].to_numpy(float)
                ax.hlines(at, ci[:, 0], ci[:, 1], color=canvas.PALE, linewidth=2)
                ends = np.fmax(points, ci[:, 1])
            ax.plot(points, at, "o", color=canvas.EMPHASIS, markersize=6)
        for y, (end, text) in enumerate(zip(ends, texts, strict=True)):
            ax.annotate(
                text, (end if end == end else 0, y), (7, 0), textcoords="offset points", va="center", color=canvas.INK
            )
        ax.set_yticks(at, [canvas.wrapped(rows.labels[i], 30) for i in places])
        ax.set_ylim(max(len(places), 1) - 0.4, -0.6)
        highest = float(np.nanmax(ends)) if len(ends) and not np.isnan(ends).all() else 0.0
        ax.set_xlim(0, highest * (1.35 if rows.has_bounds else 1.2) or 1)
        _figure_axis(ax, measure, lang)
        canvas.title(ax, _called(m, measure, indicator, lang))
        canvas.note(ax, [_about_errors(m, rows, [rows.labels[i] for i in places], lang), _dropped(m, lang), left])
        canvas.caption_under(ax, caption, lambda: receipt_of(m, lang))
    return ax


def _about_errors(m: Measures, rows: _Rows, shown: Sequence[str], lang: Language) -> str:
    """Say what the bars mean, and which groups have none."""
    if rows.has_bounds:
        return _say("bounds", lang)
    if m.tally.design is None:
        return _say("no errors", lang)
    lacking = [
        label
        for label, value in zip(rows.labels, rows.frame["ci_low"], strict=True)
        if value != value and label in shown
    ]
    text = level_told(_say("interval", lang), m.level) if rows.has_errors else ""
    return ". ".join(filter(None, [text, _say("no errors for", lang).format("; ".join(lacking)) if lacking else ""]))


@door
def contributions(
    m: Measures,
    *,
    parts: str = "",
    k: AnyNumber | None = None,
    order: str | Sequence[Any] = "label",
    top: int | None = None,
    lang: Language = "vi",
    ax: Axes | None = None,
    caption: bool | str = False,
) -> Axes:
    """Draw what M0 is made of: a bar of the whole for each group, or ranked bars where there is one group.

    Parameters
    ----------
    m : Measures
    parts : {"dimensions", "indicators"}, optional
        By dimension; where dimensions are single indicators, by indicator.
    k : cut-off, optional
        Where there are several.
    order : {"label", "value"} or sequence of groups
        As groups are sorted, by M0, or as they are listed. Of one group the parts are ranked.
    top, lang, ax, caption
        As in :func:`classes`.

    Returns
    -------
    matplotlib Axes
    """
    lang = language(lang)
    has_dimensions = "dimension_contribution" in set(m.table["measure"])
    parts = parts or ("dimensions" if has_dimensions else "indicators")
    canvas.one_of("parts", parts, ("dimensions", "indicators") if has_dimensions else ("indicators",))
    measure = "dimension_contribution" if parts == "dimensions" else "contribution"
    ids = list(m.spec.dimensions if parts == "dimensions" else m.spec.weights)
    values = np.array([_chosen(m, measure, id, k, lang).frame["estimate"].to_numpy(float) for id in ids])
    levels = _chosen(m, "M0", None, k, lang).frame["estimate"].to_numpy(float)
    labels, own = _groups(m, lang)
    names = [m.tally.names.part(measure, id, lang) for id in ids]
    with canvas.lettering():
        if len(labels) == 1:
            ax, left = _ranked(values[:, 0], names, top, lang, ax), ""
            canvas.title(ax, f"{_say('composition', lang)} (M0 = {figure_printed('M0', float(levels[0]), lang)})")
        else:
            places, left = canvas.arranged(labels, levels.tolist(), order, top, lang, own)
            ax = canvas.open_axes(ax, 0.36 * len(places) + 0.17 * len(ids) + 1.2)
            ax.set_xlim(0, 1)
            before = np.zeros(len(places))
            handles = []
            for row, fill in zip(values, canvas.shades(len(ids), hatched=True), strict=True):
                its = np.nan_to_num(row[places])
                handles.append(ax.barh(range(len(places)), its, left=before, height=0.78, **fill))
                canvas.hide_nothing(handles[-1])
                for y, (value, start) in enumerate(zip(its, before, strict=True)):
                    if value >= 0.075:
                        colour = fill["facecolor"]
                        text = share_printed(float(value), lang, 0)
                        box = {"facecolor": colour, "edgecolor": "none", "pad": 1.2}
                        ink = canvas.ink_on(colour)
                        ax.text(start + value / 2, y, text, ha="center", va="center", color=ink, bbox=box)
                before = before + its
            said = [
                _say("per part", lang).format(labels[i], figure_printed("M0", float(levels[i]), lang)) for i in places
            ]
            ax.set_yticks(range(len(places)), [canvas.wrapped(each, 26) for each in said])
            ax.set_ylim(max(len(places), 1) - 0.5, -0.5)
            canvas.percent_axis(ax, lang, top=1.005)
            canvas.legend_below(ax, handles, names)
            canvas.title(ax, _say("composition", lang))
        canvas.note(ax, [_dropped(m, lang), left])
        canvas.caption_under(ax, caption, lambda: receipt_of(m, lang))
    return ax


def _ranked(values: Any, names: Sequence[str], top: int | None, lang: Language, ax: Axes | None) -> Axes:
    places, left = canvas.arranged(names, values.tolist(), "value", top, lang, what=_SAY["parts"])
    ax = canvas.open_axes(ax, 0.28 * len(places) + 0.9)
    its = values[places]
    ax.barh(range(len(places)), its, height=0.7, color=canvas.EMPHASIS)
    for y, value in enumerate(its):
        text = share_printed(float(value), lang)
        ax.annotate(text, (value if value == value else 0, y), (4, 0), textcoords="offset points", va="center")
    ax.set_yticks(range(len(places)), [canvas.wrapped(names[i], 34) for i in places])
    ax.set_ylim(max(len(places), 1) - 0.5, -0.5)
    highest = float(np.nan_to_num(its).max()) if len(its) else 0
    canvas.percent_axis(ax, lang, top=min(1.15, highest * 1.18) or 1)
    canvas.note(ax, [left])
    return ax


@door
def cut_offs(
    m: Measures,
    measure: str = "M0",
    indicator: str | None = None,
    *,
    order: str | Sequence[Any] = "value",
    top: int | None = None,
    lang: Language = "vi",
    ax: Axes | None = None,
    caption: bool | str = False,
) -> Axes:
    """Draw a figure over the cut-offs k, a line for each group, with a band where it has errors.

    Parameters
    ----------
    m : Measures
        Of several cut-offs: ``a.measure(ks=[…])``.
    measure, indicator
        The figure, as in ``m.table``; one that has a cut-off.
    order : {"value", "label"} or sequence of groups
        Which groups come first, by the figure at the first cut-off; it matters with ``top``.
    top : int, optional
        Only so many groups; by default eight, as many as lines can be told apart.
    lang, ax, caption
        As in :func:`classes`.

    Returns
    -------
    matplotlib Axes
    """
    lang = language(lang)
    if len(m.ks) < 2:
        raise SpecError("There is one cut-off only: measure several with ks=, such as ks=[1, 2, 3].")
    rows = [_chosen(m, measure, indicator, cut, lang) for cut in m.ks]
    if rows[0].frame["k"].isna().any():
        raise SpecError(f"{measure!r} has no cut-off.")
    labels, own = rows[0].labels, rows[0].own
    estimate, low, high = (
        np.array([each.frame[name].to_numpy(float) for each in rows]) for name in ("estimate", "ci_low", "ci_high")
    )
    most = len(canvas.SERIES)
    places, left = canvas.arranged(labels, estimate[0].tolist(), order, min(top or most, most), lang, own)
    ks = [float(k) for k in m.ks]
    with canvas.lettering():
        ax = canvas.open_axes(ax, 3.4)
        ax.spines["bottom"].set_color(canvas.PALE)
        handles = []
        for (colour, marker, dashes), i in zip(canvas.SERIES, places, strict=False):
            if not np.isnan(low[:, i]).all():
                ax.fill_between(ks, low[:, i], high[:, i], color=colour, alpha=0.16, linewidth=0)
            (drawn,) = ax.plot(
                ks, estimate[:, i], color=colour, marker=marker, linestyle=dashes, linewidth=1.6, markersize=5
            )
            handles.append(drawn)
        ax.set_ylim(0, None)
        own_k = float(m.spec.k)
        if min(ks) <= own_k <= max(ks):
            ax.axvline(own_k, color=canvas.PALE, linewidth=1, linestyle=":")
            ax.annotate(
                f"{_say('own k', lang)}: {share_printed(m.spec.k, lang)}",
                (own_k, 1), (3, -2), xycoords=("data", "axes fraction"), textcoords="offset points",
                va="top", color=canvas.PALE,
            )  # fmt: skip
        ax.set_xticks(ks, [share_printed(k, lang, 0) for k in ks] if len(ks) <= 9 else None)
        if len(ks) > 9:
            canvas.percent_axis(ax, lang)
        _figure_axis(ax, measure, lang, "y")
        ax.set_xlabel(HEADS["k"].in_(lang), loc="left", color=canvas.INK)
        if len(labels) > 1:
            canvas.legend_below(ax, handles, [labels[i] for i in places])
        canvas.title(ax, _say("cut-offs", lang).format(_called(m, measure, indicator, lang)))
        banded = not np.isnan(low[:, places]).all()
        canvas.note(ax, [level_told(_say("band", lang), m.level) if banded else "", _dropped(m, lang), left])
        canvas.caption_under(ax, caption, lambda: receipt_of(m, lang))
    return ax


@door
def changes(
    c: Measures | pd.DataFrame,
    over: str = "",
    measure: str = "M0",
    indicator: str | None = None,
    *,
    k: AnyNumber | None = None,
    kind: str = "absolute",
    order: str | Sequence[Any] = "value",
    top: int | None = None,
    names: Names | None = None,
    lang: Language = "vi",
    ax: Axes | None = None,
    caption: bool | str = False,
) -> Axes:
    """Draw how a figure changed between two waves.

    Of measures by wave, a dumbbell for each group: from an open ring (first wave) to a full one (last). Of a table of
    :meth:`mdpoverty.Measures.change`, the change itself with its 95 % interval, against a line at no change.

    Parameters
    ----------
    c : Measures, or the table of its changes
    over : str
        The group column that holds the wave; needed with measures.
    measure, indicator
        The figure.
    k : cut-off, optional
        Where there are several.
    kind : str
        Which change, of a table: ``"absolute"``, ``"relative"``, ``"annual_absolute"`` or ``"annual_relative"``.
    order : {"value", "label"} or sequence of groups
        By the last level, or the change, the greatest first; as groups are sorted; or as they are listed.
    names : Names, optional
        What ids are called, for a table; ``m.tally.names``. Measures have them.
    top, lang, ax, caption
        As in :func:`classes`.

    Returns
    -------
    matplotlib Axes
    """
    lang = language(lang)
    if hasattr(c, "tally"):  # measures, and not a table of changes
        return _dumbbells(cast("Measures", c), over, measure, indicator, k, order, top, lang, ax, caption)
    return _forest(
        cast("pd.DataFrame", c), measure, indicator, k, kind, order, top, names or Names(), lang, ax, caption
    )


def _dumbbells(
    m: Measures,
    over: str,
    measure: str,
    indicator: str | None,
    k: AnyNumber | None,
    order: str | Sequence[Any],
    top: int | None,
    lang: Language,
    ax: Axes | None,
    caption: bool | str,
) -> Axes:
    by = m.tally.by
    if over not in by:
        raise SpecError(f"over= names the column of the waves, and the measures are by {', '.join(by) or 'nothing'}.")
    waves = m.tally.levels[by.index(over)]
    if len(waves) < 2:
        raise SpecError(f"There is one wave only, {waves[0]!r}: nothing changed yet.")
    rows, labels = _chosen(m, measure, indicator, k, lang), m.tally.group_labels()
    others = [name for name in by if name != over]
    rest = list(zip(*(labels[name] for name in others), strict=True)) if others else [()] * len(rows.labels)
    frame = rows.frame
    level = {(group, wave): i for i, (group, wave) in enumerate(zip(rest, labels[over], strict=True))}
    pairs = [
        (group, level[group, waves[0]], level[group, waves[-1]])
        for group in dict.fromkeys(rest)
        if (group, waves[0]) in level and (group, waves[-1]) in level
    ]
    names = m.tally.names
    called = [_named(others, group, names, lang) for group, _, _ in pairs]
    own = [group[0] if len(others) == 1 else group for group, _, _ in pairs]
    estimate = frame["estimate"].to_numpy(float)
    places, left = canvas.arranged(called, [estimate[last] for _, _, last in pairs], order, top, lang, own)
    with canvas.lettering():
        ax = canvas.open_axes(ax, 0.46 * len(places) + 1.3)
        rings: dict[str, Any] = {"markersize": 8, "markeredgewidth": 1.6, "linestyle": "none", "color": canvas.EMPHASIS}
        ends = []
        for y, place in enumerate(places):
            _, first, last = pairs[place]
            a, b = estimate[first], estimate[last]
            ax.annotate("", (b, y), (a, y), arrowprops={"arrowstyle": "-|>", "color": canvas.PALE, "shrinkB": 5})
            if rows.has_errors:
                for row, dy in ((first, -0.28), (last, 0.28)):
                    limits = frame.loc[row, ["ci_low", "ci_high"]].to_numpy(float)
                    ax.hlines(y + dy, *limits, color="#b5b5b5", linewidth=1.3)
                    ends.append(limits[1])
            ends += [a, b]
            for value, other in ((a, b), (b, a)):
                right = value > other or (value == other)
                ax.annotate(
                    figure_printed(measure, value, lang), (value, y), (8 if right else -8, 0),
                    textcoords="offset points", va="center", ha="left" if right else "right", color=canvas.INK,
                )  # fmt: skip
        firsts, lasts = ([estimate[pairs[p][i]] for p in places] for i in (1, 2))
        at = range(len(places))
        hollow = ax.plot(firsts, at, "o", markerfacecolor="white", zorder=3, **rings)[0]
        full = ax.plot(lasts, at, "o", zorder=4, **rings)[0]
        ax.set_yticks(at, [canvas.wrapped(called[i], 30) for i in places])
        ax.set_ylim(max(len(places), 1) - 0.4, -0.6)
        high = float(np.nanmax(ends)) if ends else 1.0
        ax.set_xlim(-0.12 * high, high * 1.2)
        _figure_axis(ax, measure, lang)
        ax.set_xticks([tick for tick in ax.get_xticks() if 0 <= tick <= high * 1.2])
        canvas.legend_below(ax, [hollow, full], [names.group(over, wave, lang) for wave in (waves[0], waves[-1])])
        canvas.title(ax, _called(m, measure, indicator, lang))
        bars = level_told(_say("interval", lang), m.level) if rows.has_errors else ""
        canvas.note(ax, [bars, _dropped(m, lang), left])
        canvas.caption_under(ax, caption, lambda: receipt_of(m, lang))
    return ax


def _forest(
    table: pd.DataFrame,
    measure: str,
    indicator: str | None,
    k: AnyNumber | None,
    kind: str,
    order: str | Sequence[Any],
    top: int | None,
    names: Names,
    lang: Language,
    ax: Axes | None,
    caption: bool | str,
) -> Axes:
    needed = ["measure", "indicator", "from", "to", "kind", "estimate", "ci_low", "ci_high"]
    if not {*needed} <= set(getattr(table, "columns", ())):
        raise SpecError("changes() draws measures by wave, with over=, or the table that m.change(…) returns.")
    for name, value in (("measure", measure), ("kind", kind)):
        canvas.one_of(name, value, list(dict.fromkeys(table[name])))
    groups = list(table.columns)[: list(table.columns).index("k")]
    chosen = table[(table["measure"] == measure) & (table["kind"] == kind)]
    chosen = chosen[chosen["indicator"] == indicator] if indicator else chosen[chosen["indicator"].isna()]
    if k is not None:
        chosen = chosen[np.isclose(chosen["k"].astype(float), float(k))]
    spans = list(dict.fromkeys(zip(chosen["from"], chosen["to"], strict=True)))
    chosen = chosen[(chosen["from"] == spans[-1][0]) & (chosen["to"] == spans[-1][1])].reset_index(drop=True)
    rows: list[tuple[Any, ...]] = [tuple(row) for row in chosen[groups].to_numpy(object).tolist()]
    called = [_named(groups, row, names, lang) for row in rows]
    if len(set(called)) < len(called):
        raise SpecError("Several rows are of one group: say which by indicator= and k=.")
    values = chosen["estimate"].astype(float).tolist()
    places, left = canvas.arranged(
        called, values, order, top, lang, [row[0] if len(groups) == 1 else row for row in rows]
    )
    frame = chosen.iloc[places]
    with canvas.lettering():
        ax = canvas.open_axes(ax, 0.3 * len(places) + 1.3)
        at = np.arange(len(places))
        points = frame["estimate"].to_numpy(float)
        limits = frame[["ci_low", "ci_high"]].to_numpy(float)
        ax.axvline(0, color=canvas.INK, linewidth=1)
        ax.hlines(at, limits[:, 0], limits[:, 1], color=canvas.PALE, linewidth=2)
        ax.plot(points, at, "o", color=canvas.EMPHASIS, markersize=6)
        ends = np.fmax(points, limits[:, 1])
        for y, (end, value) in enumerate(zip(ends, points, strict=True)):
            text = change_printed(measure, value, kind, lang)
            ax.annotate(text, (max(end, 0) if end == end else 0, y), (7, 0), textcoords="offset points", va="center")
        ax.set_yticks(at, [canvas.wrapped(called[i], 30) for i in places])
        ax.set_ylim(max(len(places), 1) - 0.4, -0.6)
        known = np.concatenate([points, limits.ravel(), [0.0]])
        low, high = float(np.nanmin(known)), float(np.nanmax(known))
        room = (high - low) or 1.0
        ax.set_xlim(low - 0.06 * room, high + 0.3 * room)
        ax.xaxis.set_major_formatter(lambda value, _: change_printed(measure, round(float(value), 9), kind, lang))
        ax.xaxis.set_major_locator(_few())
        ax.grid(axis="x", color=canvas.GRID, linewidth=0.6)
        ax.set_axisbelow(True)
        label = FIGURES[measure].in_(lang) + (f": {names.part(measure, indicator, lang)}" if indicator else "")
        canvas.title(
            ax, _say("change", lang).format(f"{label[:1].lower()}{label[1:]}" if measure != "H" else label, *spans[-1])
        )
        bars = level_told(_say("interval", lang), float(table.attrs.get("level", 0.95)))
        canvas.note(ax, [bars if not np.isnan(limits).all() else "", left])
        canvas.caption_under(ax, caption, lambda: "")
    return ax


def _few() -> Any:
    from mdpoverty.extras import need

    return need("matplotlib.ticker", "plots", "A picture").MaxNLocator(5)
