"""The HTML that notebooks show of a result: one small style, nothing fetched, everything escaped.

Colours are the page's own, so that a face is read by day and by night; only the bar of classes brings its own. A face
is made of parts: facts, tables, bars, and what is folded away until somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from mdpoverty.ternary import is_missing

__all__ = ["Html", "bar", "face", "facts", "folded", "frame_table", "listed", "paragraph", "table", "two"]

#: How many rows of a table are shown; how many more there are is said.
MOST = 40

STYLE = """
.mdp{font-size:.95em;line-height:1.45;max-width:60em}
.mdp p{margin:.3em 0}.mdp .t{font-weight:600;font-size:1.08em;margin-top:0}.mdp .s{opacity:.75}
.mdp .w{overflow-x:auto}.mdp pre{white-space:pre-wrap;background:none!important;margin:.3em 0}
.mdp table{border-collapse:collapse;margin:.4em 0;font-size:inherit}
.mdp th,.mdp td{padding:.18em .7em .18em 0;text-align:left!important;vertical-align:top;background:none!important;
 border:0;border-bottom:1px solid rgba(128,128,128,.35);white-space:normal}
.mdp th{font-weight:600}.mdp td.n,.mdp th.n{text-align:right!important}
.mdp td.n{white-space:nowrap;font-variant-numeric:tabular-nums}.mdp td:first-child{min-width:7.5em}
.mdp td{overflow-wrap:anywhere}
.mdp .bar{display:flex;height:1.3em;border:1px solid rgba(128,128,128,.6);margin:.4em 0}
.mdp i.k{display:inline-block;width:1em;height:.8em;border:1px solid rgba(128,128,128,.8);margin-right:.35em}
.mdp .open{background:repeating-linear-gradient(135deg,#fff 0 3px,#555 3px 4px)!important}
.mdp details{margin:.3em 0}.mdp summary{cursor:pointer}.mdp ul{margin:.2em 0;padding-left:1.3em}
""".replace("\n", "")

#: From the poorest to the best-off, as in the pictures.
SHADES = ("#0b2f4f", "#1f78b4", "#f0c75e", "#f4efe1")


class Html(str):
    """Text that is HTML already, and isn't escaped again."""

    __slots__ = ()


def _html(value: Any) -> str:
    return value if isinstance(value, Html) else escape("" if value is None else str(value))


def face(title: Any, *parts: Html) -> str:
    """Return a face: its title, and its parts below one another."""
    body = "".join(parts)
    return f'<div class="mdp"><style>{STYLE}</style><p class="t">{_html(title)}</p>{body}</div>'


def paragraph(text: Any, *, quiet: bool = False) -> Html:
    """Return a paragraph; nothing where there is no text."""
    return Html(f"<p{' class=s' if quiet else ''}>{_html(text)}</p>" if text else "")


def two(label: Any) -> Html:
    """Return a law's label: in its own language, and the English beside it."""
    vi, en = label.vi, label.en
    return Html(escape(vi) if vi == en else f'{escape(vi)} <span class="s">· {escape(en)}</span>')


def table(heads: Sequence[Any], rows: Iterable[Sequence[Any]], numbers: Iterable[int] = ()) -> Html:
    """Return a table; the columns in ``numbers`` are set to the right."""
    right, all_rows = set(numbers), list(rows)

    def line(cells: Sequence[Any], tag: str) -> str:
        made = (f"<{tag}{' class=n' if i in right else ''}>{_html(cell)}</{tag}>" for i, cell in enumerate(cells))
        return f"<tr>{''.join(made)}</tr>"

    head = f"<thead>{line(heads, 'th')}</thead>" if any(heads) else ""
    body = "".join(line(row, "td") for row in all_rows[:MOST])
    more = len(all_rows) - MOST
    rest = f"<p class=s>… and {more:,} more rows</p>" if more > 0 else ""
    return Html(f'<div class="w"><table>{head}<tbody>{body}</tbody></table></div>{rest}')


def frame_table(frame: Any) -> Html:
    """Return a dataframe as a table, its index left out; numbers are set to the right and written with commas."""
    numbers = [i for i, dtype in enumerate(frame.dtypes) if dtype.kind in "iuf"]
    rows = [
        ["" if is_missing(cell) else f"{cell:,}" if i in numbers else cell for i, cell in enumerate(row)]
        for row in frame.itertuples(index=False, name=None)
    ]
    shares = [i for i in range(frame.shape[1]) if i not in numbers and any("%" in str(row[i]) for row in rows)]
    return table(list(frame.columns), rows, [*numbers, *shares])


def facts(pairs: Mapping[str, Any]) -> Html:
    """Return what is known of something, a line each; what is empty is left out."""
    return table((), [(name, value) for name, value in pairs.items() if value not in (None, "")])


def listed(items: Iterable[Any]) -> Html:
    """Return a list of points."""
    return Html(f"<ul>{''.join(f'<li>{_html(item)}</li>' for item in items)}</ul>")


def folded(summary: Any, *parts: Html) -> Html:
    """Return parts that are folded away."""
    return Html(f"<details><summary>{_html(summary)}</summary>{''.join(parts)}</details>")


def bar(parts: Sequence[tuple[Any, float, str]]) -> Html:
    """Return a bar of the whole, divided into parts: each a name, a share, and what is said of it; the last is open."""
    colours = [*(SHADES[min(i, len(SHADES) - 1)] for i in range(len(parts) - 1)), None]
    drawn, keys = [], []
    for (name, share, said), colour in zip(parts, colours, strict=True):
        kind, paint = (" open", "") if colour is None else ("", f"background:{colour}")
        keys.append((Html(f'<i class="k{kind}" style="{paint}"></i>{_html(name)}'), said))
        if share > 0:
            width = f"width:{100 * share:.2f}%;{paint}"
            drawn.append(f'<div class="p{kind}" style="{width}" title="{escape(str(said))}"></div>')
    legend = table((), keys, numbers=(1,))
    return Html(f'<div class="bar">{"".join(drawn)}</div>{legend}')
