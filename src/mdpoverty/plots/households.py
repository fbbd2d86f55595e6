"""Pictures of households: their classes, what they lack, and how near to a line they are."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
import numpy.typing as npt
from attrs import evolve

from mdpoverty.doors import door
from mdpoverty.errors import SpecError
from mdpoverty.law.conditions import conditions
from mdpoverty.law.fields import Label
from mdpoverty.law.program import OPEN as OPEN_CLASS
from mdpoverty.law.program import OPEN_CODE
from mdpoverty.numbers import Language, language, printed, share_printed
from mdpoverty.plots import canvas
from mdpoverty.rules import nodes as s
from mdpoverty.ternary import UNKNOWN, YES
from mdpoverty.words.tables import Names

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mdpoverty.results.assessment import Assessment
    from mdpoverty.tally import Tally

__all__ = ["What", "classes", "deprivations", "margins", "receipt_of"]

What = Literal["households", "people"]

_COUNTED = {"households": Label("hộ", "households"), "people": Label("người", "people")}
_SAY = {
    "classes": Label("Nhóm hộ", "Classes"),
    "classes by": Label("Nhóm hộ theo {}", "Classes by {}"),
    "of households": Label("tỷ lệ hộ", "share of households"),
    "of people": Label("tỷ lệ người", "share of people"),
    "sizes": Label("{} chưa rõ nhân khẩu, không tính vào số người", "{} of unknown size aren't counted as people"),
    "deprived": Label("Thiếu hụt", "Deprived"),
    "unknown": Label("Chưa rõ", "Not known"),
    "lacks": Label("Thiếu hụt của {}", "Deprivations of {}"),
    "all": Label("mọi hộ", "all households"),
    "count": Label("{} ({})", "{} ({})"),
    "near": Label("Hộ quanh mức “{}”", "Households near “{}”"),
    "beside": Label("Chênh lệch so với mức", "Distance from the line"),
    "indicators": Label("chỉ số", "indicators"),
    "at": Label("mức", "line"),
    "unsettled": Label("Không rõ", "Not known"),
    "outside": Label(
        "{} ngoài khoảng này không vẽ: {} dưới, {} trên", "{} outside this span not shown: {} below, {} above"
    ),
    "households axis": Label("Số hộ", "Households"),
}


def receipt_of(assessment: Assessment, lang: Language) -> str:
    """Return the receipt's short form: by which standard, which answers, which version."""
    receipt = assessment.receipt
    day = f", {receipt.date.isoformat()}" if receipt.date else ""
    edition = Label("bản", "revision").in_(lang)
    answers = Label("câu trả lời", "answers").in_(lang)
    return (
        f"{receipt.standard}, {edition} {receipt.revision}{day} · {answers} {receipt.inputs_digest[:8]} · "
        f"mdpoverty {receipt.library}"
    )


def _say(key: str, lang: Language) -> str:
    return _SAY[key].in_(lang)


@door
def classes(
    a: Assessment | Tally,
    by: str | Sequence[str] = (),
    *,
    what: What = "households",
    order: str | Sequence[Any] = "label",
    top: int | None = None,
    lang: Language = "vi",
    ax: Axes | None = None,
    caption: bool | str = False,
) -> Axes:
    """Draw the classes: bars of each class, or with ``by`` a bar of the whole for each group.

    Parameters
    ----------
    a : Assessment or Tally
        The review, or what was counted of it.
    by : str or sequence of str
        Group columns. One bar for each group, divided by class; the poorest first.
    what : {"households", "people"}
        What is counted.
    order : {"label", "value"} or sequence of groups
        Groups as they are sorted, by the share of the first class, or as they are listed.
    top : int, optional
        Only so many groups; how many aren't drawn is said.
    lang : {"vi", "en"}
        The language of everything that is written.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.
    caption : bool or str
        Whether the receipt's short form stands beneath, or other words.

    Returns
    -------
    matplotlib Axes
    """
    lang = language(lang)
    canvas.one_of("what", what, tuple(_COUNTED))
    groups = (by,) if isinstance(by, str) else tuple(by)
    counts = a.counts(groups)
    if what == "people" and ("people" not in counts or counts["people"].isna().any()):
        raise SpecError("People can't be counted: the sizes of the households aren't known.")
    names: Names = a.names(groups) if callable(a.names) else a.names
    remarks = []
    if what == "people" and "size_missing" in counts:
        unsized = int(counts["size_missing"].sum())
        if unsized:
            remarks.append(_say("sizes", lang).format(canvas.counted(unsized, _COUNTED["households"], lang)))
    ids = list(counts["category"].cat.categories)
    table = counts[what].to_numpy(float).reshape(-1, len(ids))
    fills = dict(zip(ids, [*canvas.shades(len(ids) - 1), canvas.OPEN], strict=True))
    with canvas.lettering():
        if groups:
            heads = counts[list(groups)].iloc[:: len(ids)]
            own = [row[0] if len(groups) == 1 else row for row in heads.itertuples(index=False, name=None)]
            labels = [_label(groups, row, names, lang) for row in heads.itertuples(index=False, name=None)]
            ax, left = _parts(table, ids, fills, labels, own, names, order, top, what, lang, ax)
            remarks.append(left)
            by_what = ", ".join(names.column(name, lang) for name in groups)
            canvas.title(ax, f"{_say('classes by', lang).format(by_what)}, {_say(f'of {what}', lang)}")
        else:
            ax = _bars(table[0], ids, fills, names, what, lang, ax)
            whole = canvas.counted(table.sum(), _COUNTED[what], lang)
            canvas.title(ax, f"{_say('classes', lang)}: {whole}")
        canvas.note(ax, remarks)
        canvas.caption_under(ax, caption, lambda: _told(a, lang))
    return ax


def _told(a: Assessment | Tally, lang: Language) -> str:
    """Return what says where a picture comes from: the receipt's short form, or the tally's digest."""
    return receipt_of(cast("Assessment", a), lang) if hasattr(a, "receipt") else a.digest[:12]


def _label(groups: Sequence[str], values: Sequence[Any], names: Names, lang: Language) -> str:
    return ", ".join(names.group(name, value, lang) for name, value in zip(groups, values, strict=True))


def _bars(
    counts: npt.NDArray[np.float64],
    ids: Sequence[str],
    fills: dict[str, Any],
    names: Names,
    what: str,
    lang: Language,
    ax: Axes | None,
) -> Axes:
    ax = canvas.open_axes(ax, 0.42 * len(ids) + 0.9)
    whole = counts.sum()
    shares = counts / whole if whole else counts
    for place, (id, share, count) in enumerate(zip(ids, shares, counts, strict=True)):
        fill = fills[id] if id == OPEN_CLASS else {**fills[id], "edgecolor": "#555555", "linewidth": 0.6}
        ax.barh(place, share, height=0.68, **fill)
        text = f"{share_printed(float(share), lang)} · {canvas.counted(count, _COUNTED[what], lang)}"
        ax.annotate(text, (share, place), (4, 0), textcoords="offset points", va="center", color=canvas.INK)
    ax.set_yticks(range(len(ids)), [canvas.wrapped(names.category(id, lang)) for id in ids])
    ax.set_ylim(len(ids) - 0.5, -0.5)
    canvas.percent_axis(ax, lang, top=min(1.35, float(shares.max()) * 1.38) if whole else 1)
    return ax


def _parts(
    table: npt.NDArray[np.float64],
    ids: Sequence[str],
    fills: dict[str, Any],
    labels: Sequence[str],
    own: Sequence[Any],
    names: Names,
    order: str | Sequence[Any],
    top: int | None,
    what: str,
    lang: Language,
    ax: Axes | None,
) -> tuple[Axes, str]:
    """Draw a bar of the whole for each group, divided by class."""
    whole = table.sum(axis=1, keepdims=True)
    shares = np.divide(table, whole, where=whole > 0, out=np.zeros_like(table))
    places, left = canvas.arranged(labels, shares[:, 0].tolist(), order, top, lang, own)
    ax = canvas.open_axes(ax, 0.34 * len(places) + 1.7)
    handles = []
    before = np.zeros(len(places))
    for column, id in enumerate(ids):
        values = shares[places, column]
        bars = ax.barh(range(len(places)), values, left=before, height=0.74, **fills[id])
        handles.append(bars)
        canvas.hide_nothing(bars)
        for row, (value, start) in enumerate(zip(values, before, strict=True)):
            if value >= 0.07:  # as much of the number as there is room for
                ink = canvas.INK if id == OPEN_CLASS else canvas.ink_on(fills[id]["facecolor"])
                text = share_printed(float(value), lang, 1 if value >= 0.11 else 0)
                ax.text(start + value / 2, row, text, ha="center", va="center", color=ink)
        before = before + values
    counts = [f"{canvas.wrapped(labels[i], 26)} ({printed(round(float(whole[i, 0])), lang)})" for i in places]
    ax.set_yticks(range(len(places)), counts)
    ax.set_ylim(max(len(places), 1) - 0.5, -0.5)
    ax.set_xlim(0, 1)
    canvas.percent_axis(ax, lang, top=1.005)
    canvas.legend_below(ax, handles, [names.category(id, lang) for id in ids])
    return ax, left


@door
def deprivations(
    a: Assessment,
    of: str | Sequence[str] = "poor",
    *,
    what: What = "households",
    order: str | Sequence[Any] = "label",
    top: int | None = None,
    lang: Language = "vi",
    ax: Axes | None = None,
    caption: bool | str = False,
) -> Axes:
    """Draw what households lack, indicator by indicator; what isn't known of them is added as a hatch.

    Parameters
    ----------
    a : Assessment
    of : str or sequence of str
        Of whom: a class, several side by side, or ``"all"``. Only households that are in the class for sure.
    what : {"households", "people"}
        Shares of households, or of the people in them.
    order : {"label", "value"} or sequence of indicators
        By dimension in the order of the law; by the share of the first of ``of``; or as they are listed.
    top : int, optional
        Only so many indicators; how many aren't drawn is said.
    lang, ax, caption
        As in :func:`classes`.

    Returns
    -------
    matplotlib Axes
    """
    lang = language(lang)
    canvas.one_of("what", what, tuple(_COUNTED))
    chosen = (of,) if isinstance(of, str) else tuple(of)
    for each in chosen or (None,):
        canvas.one_of("of", each, (*a.standard.categories, "all"))
    law = a.standard
    if not law.indicators:
        raise SpecError(f"{law.id!r} has no indicators: there are no deprivations to draw.")
    sizes, known = a.sizes
    if what == "people" and not known.all():
        raise SpecError("People can't be counted: the size of a household isn't known.")
    weight = sizes if what == "people" else np.ones(len(a), np.int64)
    codes = {name: a.indicator(name) for name in law.indicators}
    sure: list[list[float]] = []
    maybe: list[list[float]] = []
    totals = []
    for each in chosen:
        rows = np.ones(len(a), bool) if each == "all" else a.codes == list(law.categories).index(each)
        total = weight[rows].sum()
        totals.append(total)
        for found, answer in ((sure, YES), (maybe, UNKNOWN)):
            found.append([weight[rows & (its == answer)].sum() / total if total else 0.0 for its in codes.values()])
    ids = list(law.indicators)
    labels = [law.indicators[id].label.in_(lang) for id in ids]
    places, left = canvas.arranged(labels, sure[0], order, top, lang, ids, what=_SAY["indicators"])
    by_dimension = isinstance(order, str) and order == "label"
    rows_of, ticks = _rows([ids[i] for i in places], law, by_dimension, lang)
    with canvas.lettering():
        ax = canvas.open_axes(ax, 0.24 * len(ticks) + 0.16 * len(chosen) * len(places) ** 0.5 + 1.3)
        height = 0.74 / len(chosen)
        shades = dict(zip(law.categories, canvas.shades(len(law.categories)), strict=True))
        fills = [shades.get(each, {"facecolor": canvas.PALE}) for each in chosen]
        handles: list[Any] = []
        for number, fill in enumerate(fills if len(chosen) > 1 else [{"facecolor": canvas.EMPHASIS}]):
            at = [rows_of[ids[i]] + (number - (len(chosen) - 1) / 2) * height for i in places]
            values = [sure[number][i] for i in places]
            handles.append(ax.barh(at, values, height=height * 0.94, **fill))
            unknown = [maybe[number][i] for i in places]
            for y, value, extra in zip(at, values, unknown, strict=True):
                if extra:
                    ax.barh(y, extra, left=value, height=height * 0.94, **canvas.OPEN)
            for y, value, extra in zip(at, values, unknown, strict=True):
                text = share_printed(float(value), lang)
                ax.annotate(text, (value + extra, y), (3, 0), textcoords="offset points", va="center", color=canvas.INK)
        ax.set_yticks([y for y, _, _ in ticks], [canvas.wrapped(text, 34) for _, text, _ in ticks])
        for tick, (_, _, is_head) in zip(ax.get_yticklabels(), ticks, strict=True):
            if is_head:
                tick.set_fontweight("bold")
                tick.set_color(canvas.PALE)
        ax.set_ylim(max(y for y, _, _ in ticks) + 0.6, -0.6)
        highest = max((s + m for row in zip(sure, maybe, strict=True) for s, m in zip(*row, strict=True)), default=0)
        canvas.percent_axis(ax, lang, top=min(1.12, max(highest * 1.15, 0.05)))
        called = [_say("all", lang) if each == "all" else law.categories[each].label.in_(lang) for each in chosen]
        whole = [canvas.counted(float(total), _COUNTED[what], lang) for total in totals]
        heads = [_say("count", lang).format(*pair) for pair in zip(called, whole, strict=True)]
        if len(chosen) == 1:
            canvas.title(ax, _say("lacks", lang).format(heads[0][:1].lower() + heads[0][1:]))
            heads = [_say("deprived", lang)]
        else:
            canvas.title(ax, f"{_say('deprived', lang)}, {_say(f'of {what}', lang)}")
        patch, _ = canvas.open_patch(lang)
        canvas.legend_below(ax, [*handles, patch], [*heads, _say("unknown", lang)])
        canvas.note(ax, [left])
        canvas.caption_under(ax, caption, lambda: receipt_of(a, lang))
    return ax


def _rows(
    ids: Sequence[str], law: Any, by_dimension: bool, lang: Language
) -> tuple[dict[str, float], list[tuple[float, str, bool]]]:
    """Return at which height each indicator is drawn, and all labels with their heights; dimensions are heads."""
    rows: dict[str, float] = {}
    ticks: list[tuple[float, str, bool]] = []
    y, dimension = 0.0, None
    for id in ids:
        part = law.indicators[id]
        if by_dimension and part.dimension != dimension:
            dimension = part.dimension
            ticks.append((y, law.dimensions[dimension].label.in_(lang), True))
            y += 1
        rows[id] = y
        ticks.append((y, part.label.in_(lang), False))
        y += 1
    return rows, ticks


@door
def margins(
    a: Assessment,
    line: str = "income",
    *,
    width: float = 0.1,
    span: float = 0.5,
    lang: Language = "vi",
    ax: Axes | None = None,
    caption: bool | str = False,
) -> Axes:
    """Draw how many households are near a line, in bands of its amount; open ones as a hatch.

    A household at exactly the line is on the side where the law puts it, and each household is held against its own
    line (rural or urban). A band is below its upper edge as the law is below its line.

    Parameters
    ----------
    a : Assessment
    line : str
        The threshold.
    width : float
        How wide a band is, as a share of the line.
    span : float
        How far the picture goes below and above the line.
    lang, ax, caption
        As in :func:`classes`.

    Returns
    -------
    matplotlib Axes
    """
    lang = language(lang)
    law = a.standard
    scored = conditions(law)
    if line not in scored:
        lines = [name for name, rule in scored.items() if name in law.thresholds and _is_line(rule)]
        canvas.one_of("line", line, lines)
    if not 0 < width <= span <= 1:
        raise SpecError(
            f"width={width} and span={span}: a band is above 0, and no wider than the span, which is up to 1."
        )
    steps = round(span / width)
    factors = [1 + Fraction(i, steps) * Fraction(str(span)) for i in range(-steps, steps + 1)]
    within = np.stack([a.score(_scaled(scored[line], line, factor)) for factor in factors])
    unsettled = (within == UNKNOWN).any(axis=0)
    if (np.diff(within.astype(np.int8), axis=0) < 0).any():  # it holds upwards, from the line on: take its opposite
        within = np.uint8(2) - within
    band = (within != YES).sum(axis=0)  # how many edges it is above
    ids = [*law.categories, OPEN_CLASS]
    place = np.where(a.codes == OPEN_CODE, len(law.categories), a.codes)
    fills = [*canvas.shades(len(law.categories)), canvas.OPEN]
    drawn = unsettled | ((band > 0) & (band < len(factors)))
    used = [i for i in range(len(ids)) if ids[i] == OPEN_CLASS or (drawn & (place == i)).any()]
    with canvas.lettering():
        ax = canvas.open_axes(ax, 3.6)
        ax.spines["bottom"].set_color(canvas.PALE)
        bands = list(range(1, len(factors)))
        at = [*range(len(bands)), len(bands) + 1.0]
        bottom = np.zeros(len(at))
        handles = []
        for i in used:
            its = (place == i) & ~unsettled
            counts = np.array([*(int((its & (band == b)).sum()) for b in bands), int(((place == i) & unsettled).sum())])
            handles.append(ax.bar(at, counts, bottom=bottom, width=0.86, **fills[i]))
            canvas.hide_nothing(handles[-1])
            bottom = bottom + counts
        for x, total in zip(at, bottom, strict=True):
            if total:
                ax.annotate(
                    printed(int(total), lang), (x, total), (0, 2), textcoords="offset points", ha="center", va="bottom"
                )
        ax.axvline(steps - 0.5, color=canvas.INK, linewidth=1.4)
        ends = [_signed(factor - 1, lang) for factor in factors]
        marks = [i - 0.5 for i in range(len(ends))]
        every = max(1, len(ends) // 5)
        shown = [i for i in range(len(ends)) if (i - steps) % every == 0]
        labels = [_say("at", lang) if i == steps else ends[i] for i in shown]
        ax.set_xticks([*(marks[i] for i in shown), at[-1]], [*labels, _say("unsettled", lang)])
        ax.set_yticks([])
        ax.set_ylim(0, max(float(bottom.max()), 1) * 1.14)
        label = law.thresholds[line].label.in_(lang)
        canvas.title(ax, _say("near", lang).format(f"{label[:1].lower()}{label[1:]}"))
        ax.set_xlabel(_say("beside", lang), loc="left", color=canvas.INK)
        below, above = int(((band == 0) & ~unsettled).sum()), int(((band == len(factors)) & ~unsettled).sum())
        remark = _say("outside", lang).format(
            canvas.counted(below + above, _COUNTED["households"], lang), printed(below, lang), printed(above, lang)
        )
        names = Names.of(law)
        canvas.legend_below(ax, handles, [names.category(ids[i], lang) for i in used])
        canvas.note(ax, [remark if below + above else ""])
        canvas.caption_under(ax, caption, lambda: receipt_of(a, lang))
    return ax


def _is_line(rule: s.Rule) -> bool:
    return not any(isinstance(node, s.Deprivations) for node in rule.walk())


def _signed(share: Fraction, lang: Language) -> str:
    text = share_printed(share, lang, 0)
    return f"+{text}" if share > 0 else text


def _scaled(rule: Any, line: str, factor: Fraction) -> Any:
    """Return a rule with a line's amounts multiplied."""

    def scale(node: Any) -> Any:
        if isinstance(node, s.Amount) and node.name == line:
            steps = tuple(
                evolve(step, amounts=tuple((code, _whole(amount * factor)) for code, amount in step.amounts))
                for step in node.steps
            )
            return evolve(node, steps=steps)
        return node.with_parts(scale)

    return scale(rule)


def _whole(number: Fraction) -> int | Fraction:
    exact = Fraction(number)
    return exact.numerator if exact.denominator == 1 else exact
