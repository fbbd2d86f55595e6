"""Pictures of two reviews, and of two standards: from class to class."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from mdpoverty.doors import door
from mdpoverty.extras import need
from mdpoverty.law.fields import Label
from mdpoverty.law.program import OPEN as OPEN_CLASS
from mdpoverty.numbers import Language, language, printed, share_printed
from mdpoverty.plots import canvas
from mdpoverty.plots.households import receipt_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mdpoverty.comparison import Comparison
    from mdpoverty.dynamics import Flows
    from mdpoverty.dynamics.between import Counted

__all__ = ["agreement", "flows"]

ABSENT = "absent"
LISTED = ("poor", "near_poor")
_NODE = 0.05  # how wide a class is drawn, of the picture
_GAP = 0.025  # between classes
_LINE = 0.047  # of text

_SAY = {
    "flows": Label("Từ nhóm hộ kỳ trước đến nhóm hộ kỳ sau", "From class to class between two reviews"),
    "before": Label("Kỳ trước", "Before"),
    "after": Label("Kỳ sau", "After"),
    "households": Label("hộ", "households"),
    "people": Label("người", "people"),
    "left out": Label(
        "{} không nghèo, không cận nghèo ở cả hai kỳ, không vẽ", "{} neither poor nor near-poor in both: not drawn"
    ),
    "same": Label("{} cùng nhóm theo cả hai chuẩn, {} khác nhóm", "{} in the same class by both, {} in another"),
    "rows": Label("Hàng: {} ({})", "Rows: {} ({})"),
    "columns": Label("Cột: {} ({})", "Columns: {} ({})"),
    "agreement": Label("Ai đổi nhóm giữa hai chuẩn", "Who changes class between two standards"),
}


def _say(key: str, lang: Language) -> str:
    return _SAY[key].in_(lang)


@door
def flows(
    f: Flows,
    *,
    what: Counted = "households",
    everyone: bool = False,
    lang: Language = "vi",
    ax: Axes | None = None,
    caption: bool | str = False,
) -> Axes:
    """Draw from which class to which households went: a band for each way, as wide as its count.

    Parameters
    ----------
    f : Flows
    what : {"households", "people_before", "people_after"}
        What is counted, as in ``f.matrix()``.
    everyone : bool
        Draw those too who were neither poor nor near-poor in both reviews. By default only their number is said: they
        are so many that the others would be threads.
    lang, ax, caption
        As in :func:`classes`.

    Returns
    -------
    matplotlib Axes
    """
    lang = language(lang)
    matrix = f.matrix(what)
    names = f.names()
    unit = _SAY["households" if what == "households" else "people"]
    table = matrix.to_numpy(float)
    ids = matrix.index.tolist(), matrix.columns.tolist()
    aside = 0.0
    if not everyone:
        settled = [[id not in (*LISTED, OPEN_CLASS) for id in its] for its in ids]
        neither = np.outer(np.array(settled[0]), np.array(settled[1]))
        aside = float(table[neither].sum())
        table = np.where(neither, 0.0, table)
    total = float(table.sum())
    with canvas.lettering():
        ax = canvas.open_axes(ax, 4.2)
        fills = [_fills(its) for its in ids]
        sums = [table.sum(axis=1), table.sum(axis=0)]
        room = 1 - _GAP * (max(int((its > 0).sum()) for its in sums) - 1)  # for everybody together, on either side
        sides = [_stacked(its, room / total if total else 0) for its in sums]
        starts = [{i: low for i, (low, _) in side.items()} for side in sides]
        for row, column in zip(*np.nonzero(table), strict=True):
            height = table[row, column] / total * room
            left, right = starts[0][row], starts[1][column]
            starts[0][row] += height
            starts[1][column] += height
            _band(ax, left, right, height, fills[0][row], stays=ids[0][row] == ids[1][column])
        for axis, side in enumerate(sides):
            x = -_NODE if axis == 0 else 1.0
            at, align = ((-_NODE - 0.02, "right"), (1 + _NODE + 0.02, "left"))[axis]
            called = {i: canvas.wrapped(names.category(ids[axis][i], lang), 22) for i in side}
            texts = {i: f"{name}\n{canvas.counted(sums[axis][i], unit, lang)}" for i, name in called.items()}
            middles = [(low + high) / 2 for low, high in side.values()]
            heights = _apart(middles, [text.count("\n") + 1 for text in texts.values()])
            for (i, (low, high)), y in zip(side.items(), heights, strict=True):
                ax.bar(x, high - low, _NODE, bottom=low, align="edge", **fills[axis][i])
                ax.text(at, y, texts[i], ha=align, va="center", color=canvas.INK)
        ax.set_xlim(-0.55, 1.55)
        ax.set_ylim(1.02, -0.07)
        for at, key, align in ((-_NODE, "before", "left"), (1 + _NODE, "after", "right")):
            ax.text(at, -0.02, _say(key, lang), ha=align, va="bottom", color=canvas.PALE)
        ax.set_axis_on()
        ax.set_xticks([])
        ax.set_yticks([])
        ax.spines["bottom"].set_visible(False)
        canvas.title(ax, _say("flows", lang))
        canvas.note(ax, [_say("left out", lang).format(canvas.counted(aside, unit, lang)) if aside else ""])
        canvas.caption_under(ax, caption, lambda: _receipts(f, lang))
    return ax


def _receipts(f: Flows, lang: Language) -> str:
    sources = [side.source for side in (f.before, f.after)]
    return " → ".join(receipt_of(each, lang) for each in sources if hasattr(each, "receipt"))


def _fills(ids: list[Any]) -> list[Mapping[str, Any]]:
    """Return how classes are filled: by their order; the open and the absent by hatches of their own."""
    classes = [id for id in ids if id not in (OPEN_CLASS, ABSENT)]
    fills = dict(zip(classes, canvas.shades(len(classes)), strict=True))
    edged = {id: {**fill, "edgecolor": "#555555", "linewidth": 0.6} for id, fill in fills.items()}
    absent = {"facecolor": "#e4e4e4", "edgecolor": "#777777", "hatch": "....", "linewidth": 0.6}
    known: dict[Any, Mapping[str, Any]] = {**edged, OPEN_CLASS: canvas.OPEN, ABSENT: absent}
    return [known[id] for id in ids]


def _stacked(counts: Any, unit: float) -> dict[int, tuple[float, float]]:
    """Return where the classes of one side are drawn, from the top; those with nobody aren't."""
    low, found = 0.0, {}
    for i in np.flatnonzero(counts).tolist():
        height = counts[i] * unit
        found[i] = (low, low + height)
        low += height + _GAP
    return found


def _apart(heights: list[float], lines: list[int]) -> list[float]:
    """Move texts that would cover each other apart: down from the top, and then up from the bottom."""
    room = [_LINE * (above + below) / 2 for above, below in pairwise(lines)]
    placed = list(heights)
    for i, gap in enumerate(room):
        placed[i + 1] = max(placed[i + 1], placed[i] + gap)
    if placed:
        placed[-1] = min(placed[-1], 1 - _LINE * lines[-1] / 2)
    for i in range(len(room) - 1, -1, -1):
        placed[i] = min(placed[i], placed[i + 1] - room[i])
    return placed


def _band(ax: Axes, left: float, right: float, height: float, fill: Mapping[str, Any], *, stays: bool) -> None:
    path, patches = (need(f"matplotlib.{name}", "plots", "A picture") for name in ("path", "patches"))
    codes = [path.Path.MOVETO, *[path.Path.CURVE4] * 3, path.Path.LINETO, *[path.Path.CURVE4] * 3, path.Path.CLOSEPOLY]
    points = [
        (0, left), (0.5, left), (0.5, right), (1, right),
        (1, right + height), (0.5, right + height), (0.5, left + height), (0, left + height), (0, left),
    ]  # fmt: skip
    hatch = {"hatch": fill["hatch"], "edgecolor": fill["edgecolor"]} if fill.get("hatch") else {"edgecolor": "#8a8a8a"}
    ax.add_patch(
        patches.PathPatch(
            path.Path(points, codes), facecolor=fill["facecolor"], linewidth=0.5, alpha=0.35 if stays else 0.75, **hatch
        )
    )


@door
def agreement(
    c: Comparison,
    *,
    lang: Language = "vi",
    ax: Axes | None = None,
    caption: bool | str = False,
) -> Axes:
    """Draw how two standards class the same households: a grid, darker where there are more who change class.

    Parameters
    ----------
    c : Comparison
    lang, ax, caption
        As in :func:`classes`.

    Returns
    -------
    matplotlib Axes
    """
    lang = language(lang)
    matrix, named = c.table, c.to_table(lang)
    ids = matrix.index.tolist(), matrix.columns.tolist()
    table = matrix.to_numpy(float)
    total, same = table.sum(), np.array([[one == other for other in ids[1]] for one in ids[0]])
    moved = table[~same].max(initial=1.0)
    with canvas.lettering():
        ax = canvas.open_axes(ax, 0.62 * len(ids[0]) + 1.7)
        patches = need("matplotlib.patches", "plots", "A picture")
        for (y, x), count in np.ndenumerate(table):
            is_open = OPEN_CLASS in (ids[0][y], ids[1][x])
            shade = 0.0 if same[y, x] or not count else 0.25 + 0.75 * count / moved
            colour = tuple(1 - shade * (1 - part) for part in (0.043, 0.184, 0.31))
            fill: dict[str, Any] = {"facecolor": colour, "edgecolor": "#9a9a9a", "linewidth": 0.6}
            if is_open:
                fill = {**canvas.OPEN, "edgecolor": "#9a9a9a"}
            ax.add_patch(patches.Rectangle((x - 0.5, y - 0.5), 1, 1, **fill))
            if same[y, x]:
                frame = {"fill": False, "edgecolor": canvas.INK, "linewidth": 1.4, "zorder": 3}
                ax.add_patch(patches.Rectangle((x - 0.46, y - 0.46), 0.92, 0.92, **frame))
            box = {"facecolor": "white" if is_open else colour, "edgecolor": "none", "pad": 1.5}
            text = printed(int(count), lang) if count else "–"
            if count and total:
                text += f"\n{share_printed(float(count / total), lang)}"
            ink = canvas.INK if is_open else canvas.ink_on(colour)
            ax.text(x, y, text, ha="center", va="center", color=ink, bbox=box, zorder=4)
        ax.set_xlim(-0.5, len(ids[1]) - 0.5)
        ax.set_ylim(len(ids[0]) - 0.5, -0.5)
        ax.xaxis.tick_top()
        ax.set_xticks(range(len(ids[1])), [canvas.wrapped(each, 12) for each in named.columns])
        ax.set_yticks(range(len(ids[0])), [canvas.wrapped(each, 22) for each in named.index])
        ax.tick_params(length=0)
        ax.spines["bottom"].set_visible(False)
        canvas.title(ax, _say("agreement", lang))
        stay, move = float(table[same].sum()), float(table[~same].sum())
        counts = [canvas.counted(each, _SAY["households"], lang) for each in (stay, move)]
        rows, columns = (each.standard.title.in_(lang) for each in (c.before, c.after))
        canvas.note(
            ax,
            [
                _say("same", lang).format(*counts),
                _say("rows", lang).format(rows, c.before.standard.id),
                _say("columns", lang).format(columns, c.after.standard.id),
            ],
        )
        canvas.caption_under(ax, caption, lambda: " → ".join(receipt_of(each, lang) for each in (c.before, c.after)))
    return ax
