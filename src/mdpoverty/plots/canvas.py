"""What all pictures share: the axes, the colours and hatches, the order of groups, captions."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mdpoverty.errors import SpecError
from mdpoverty.extras import need
from mdpoverty.law.fields import Label
from mdpoverty.numbers import Language, printed, share_printed
from mdpoverty.texts import nearest
from mdpoverty.words.tables import OPEN_LABEL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "EMPHASIS",
    "INK",
    "OPEN",
    "PALE",
    "SERIES",
    "arranged",
    "caption_under",
    "counted",
    "hide_nothing",
    "ink_on",
    "legend_below",
    "lettering",
    "note",
    "one_of",
    "open_axes",
    "open_patch",
    "percent_axis",
    "shades",
    "title",
    "wrapped",
]

WIDTH = 6.0  # inches: 600 pixels at 100 dots an inch
LETTERS = 9.0
INK, PALE, GRID = "#222222", "#6b6b6b", "#dddddd"
EMPHASIS = "#0b3c5d"

#: From the poorest to the best-off: dark to light, so that the order is seen in grey too, and blue to yellow, which is
#: told apart by people who confuse red and green.
RAMP = ("#0b2f4f", "#1f78b4", "#f0c75e", "#f4efe1")

#: How the open are drawn, in every picture.
OPEN: Mapping[str, Any] = {"facecolor": "white", "edgecolor": "#555555", "hatch": "////", "linewidth": 0.6}

#: Colours, marks and dashes of lines, told apart by any one of the three.
SERIES = (
    ("#0b2f4f", "o", "-"),
    ("#d07a00", "s", "--"),
    ("#1f78b4", "^", "-."),
    ("#7a7a7a", "D", ":"),
    ("#7b3f8c", "v", (0, (5, 1))),
    ("#2a7f62", "P", (0, (1, 1))),
    ("#a33b20", "X", (0, (3, 1, 1, 1, 1, 1))),
    ("#444444", "*", (0, (8, 2))),
)

_NOT_SHOWN = Label("và {} {} khác không hiện", "and {} more {} not shown")
_GROUPS = Label("nhóm", "groups")


#: The sizes of letters and lines while a picture is drawn. DejaVu Sans comes with matplotlib, and has every Vietnamese
#: letter.
_SETTINGS: Mapping[str, Any] = {
    "font.size": LETTERS,
    "font.family": ["DejaVu Sans"],
    "axes.titlesize": LETTERS + 1,
    "axes.titleweight": "bold",
    "axes.labelsize": LETTERS,
    "xtick.labelsize": LETTERS,
    "ytick.labelsize": LETTERS,
    "legend.fontsize": LETTERS,
    "hatch.linewidth": 0.8,
    "axes.edgecolor": GRID,
    "axes.labelcolor": INK,
    "xtick.color": PALE,
    "ytick.color": GRID,
    "ytick.labelcolor": INK,
    "xtick.labelcolor": INK,
}


@contextmanager
def lettering() -> Iterator[None]:
    """Set the sizes of letters and lines while a picture is drawn, and put back what the caller had.

    Only these settings are put back, unlike by matplotlib's ``rc_context``: the first picture of a notebook brings in
    its backend, whose own settings must stay.
    """
    current = need("matplotlib", "plots", "A picture").rcParams
    before = {name: current[name] for name in _SETTINGS}
    current.update(_SETTINGS)
    try:
        yield
    finally:
        current.update(before)


def open_axes(ax: Axes | None, height: float) -> Axes:
    """Return the caller's axes, or those of a new figure of that height in inches; without a frame."""
    pyplot = need("matplotlib.pyplot", "plots", "A picture")
    if ax is None:
        _, ax = pyplot.subplots(figsize=(WIDTH, height), dpi=100, layout="constrained")
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    return ax


def percent_axis(ax: Axes, lang: Language, which: str = "x", top: float | None = None) -> None:
    """Write an axis in per cent, from 0."""
    axis = ax.xaxis if which == "x" else ax.yaxis
    low, high = ax.get_xlim() if which == "x" else ax.get_ylim()
    high = top if top is not None else high
    places = 0 if high > 0.05 else 1
    axis.set_major_locator(need("matplotlib.ticker", "plots", "A picture").MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(lambda value, _: share_printed(round(value, 6), lang, places))
    if top is not None:
        (ax.set_xlim if which == "x" else ax.set_ylim)(min(low, 0), top)
    ax.grid(axis="x" if which == "x" else "y", color=GRID, linewidth=0.6)
    ax.set_axisbelow(True)


def shades(count: int, *, hatched: bool = False) -> list[dict[str, Any]]:
    """Return how to fill so many parts of a whole: dark to light; hatched in turn where there are many."""
    if count <= len(RAMP) and not hatched:
        chosen = RAMP if count == len(RAMP) else [RAMP[round(i * 2 / max(count - 1, 1))] for i in range(count)]
        return [{"facecolor": each, "edgecolor": "white", "linewidth": 0.8} for each in chosen]
    cividis = need("matplotlib", "plots", "A picture").colormaps["cividis"]
    marks = ("", "\\\\\\", "", "...", "", "xxx")
    found = []
    for i in range(count):
        colour = cividis(i / max(count - 1, 1))
        mark = marks[i % len(marks)]
        found.append(
            {"facecolor": colour, "edgecolor": ink_on(colour) if mark else "white", "hatch": mark, "linewidth": 0.5}
        )
    return found


def ink_on(colour: Any) -> str:
    """Return black or white, whichever is read on a colour."""
    red, green, blue, _ = need("matplotlib.colors", "plots", "A picture").to_rgba(colour)
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 0.55 else INK


def one_of(name: str, value: Any, known: Sequence[Any]) -> None:
    """Refuse an option that names nothing, with the nearest name."""
    if value not in known:
        guess = nearest(value, map(str, known))
        listed = ", ".join(map(repr, known))
        raise SpecError(f"{name} is {value!r}, and can be {listed}" + (f"; is it {guess!r}?" if guess else "."))


def wrapped(text: str, width: int = 30) -> str:
    """Break a long name into lines; a dollar sign in it isn't the beginning of a formula."""
    return ("\n".join(textwrap.wrap(text, width, break_long_words=False)) or text).replace("$", r"\$")


def title(ax: Axes, text: str, width: int = 74) -> None:
    """Write the title over the left edge."""
    ax.set_title(wrapped(text, width), loc="left", color=INK, pad=8)


def note(ax: Axes, lines: Iterable[str]) -> None:
    """Write remarks under the picture: who isn't in it, and why."""
    text = "\n".join(wrapped(line, 72) for line in lines if line)
    if text:
        known = ax.get_xlabel()
        ax.set_xlabel(f"{known}\n{text}" if known else text, loc="left", color=PALE, fontsize=LETTERS - 1)


def caption_under(ax: Axes, caption: bool | str, of: Callable[[], str]) -> None:
    """Write the receipt's short form under the picture, or the caller's own words."""
    if caption:
        note(ax, [of() if caption is True else str(caption)])


def hide_nothing(bars: Iterable[Any]) -> None:
    """Hide the edges of bars without length, which would be read as a little of it."""
    for bar in bars:
        bar.set_visible(bool(bar.get_width() and bar.get_height()))


def legend_below(ax: Axes, handles: Sequence[Any], labels: Sequence[str], columns: int = 2) -> None:
    """Put the legend below the picture, in the order of the parts."""
    called, handles = [wrapped(label, 38) for label in labels], [_key(handle) for handle in handles]
    style: dict[str, Any] = {"ncols": columns, "frameon": False, "handlelength": 1.6, "handleheight": 1.1}
    if ax.figure.get_layout_engine() is not None and len(ax.figure.axes) == 1:
        ax.figure.legend(handles, called, loc="outside lower left", **style)
    else:  # among other pictures, or in a figure that makes no room: beneath the axes themselves
        ax.legend(handles, called, loc="upper left", bbox_to_anchor=(0, -0.14), **style)


def _key(handle: Any) -> Any:
    """Return how a series looks in a legend; of bars, which may be hidden, a patch like them."""
    if not getattr(handle, "patches", None):
        return handle
    patch = need("matplotlib.patches", "plots", "A picture").Patch()
    patch.update_from(handle.patches[0])
    patch.set_visible(True)
    return patch


def arranged(
    labels: Sequence[str],
    values: Sequence[float],
    order: str | Sequence[Any],
    top: int | None,
    lang: Language,
    own: Sequence[Any] = (),
    what: Label = _GROUPS,
) -> tuple[list[int], str]:
    """Return which groups are drawn and in which order, and what to say of those that aren't.

    Parameters
    ----------
    labels, own
        What the groups are called, and the values behind, by which ``order`` may name them too.
    values
        By which ``order="value"`` sorts, the greatest first.
    order : {"value", "label"} or sequence
        ``"label"`` keeps the order that they came in.
    top : int, optional
        Only so many, the first.
    what : Label
        What they are, to say of how many there are more.
    """
    if isinstance(order, str):
        if order not in ("value", "label"):
            one_of("order", order, ("value", "label", "a list of groups"))
        places = list(range(len(labels)))
        if order == "value":
            places.sort(key=lambda i: -values[i] if values[i] == values[i] else float("inf"))
    else:
        known = {**{label: i for i, label in enumerate(labels)}, **{value: i for i, value in enumerate(own)}}
        asked = list(order)
        strange = [each for each in asked if not _among(known, each)]
        if strange or not asked:
            one_of("a group in order", strange[0] if strange else None, list(known))
        places = list(dict.fromkeys(known[each] for each in asked))
    if top is not None and (not isinstance(top, int) or isinstance(top, bool) or top < 1):
        raise SpecError(f"top is the number of groups to draw, at least 1, not {top!r}")
    shown = places[:top]
    left = len(labels) - len(shown)
    return shown, _NOT_SHOWN.in_(lang).format(left, what.in_(lang)) if left else ""


def _among(known: Mapping[Any, int], each: Any) -> bool:
    try:
        return each in known
    except TypeError:  # a list, which names nothing
        return False


def counted(count: float, what: Label, lang: Language) -> str:
    """Write a count with what is counted: "1.200 hộ"."""
    return f"{printed(round(count), lang)} {what.in_(lang)}"


def open_patch(lang: Language) -> tuple[Any, str]:
    """Return the legend's entry of the open."""
    patch = need("matplotlib.patches", "plots", "A picture").Patch(**OPEN)
    return patch, OPEN_LABEL.in_(lang)
