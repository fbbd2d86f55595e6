"""The HTML that notebooks show of a result: one small style, nothing fetched, everything escaped.

Colours are the page's own, so that a face is read by day and by night; only the bar of classes brings its own. A face
is made of parts: facts, tables, bars, and what is folded away until somebody asks. It is in one language, or has the
law's names in both and all else in English.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any, Protocol, runtime_checkable

from mdpoverty.doors import doors
from mdpoverty.numbers import Language, language, printed
from mdpoverty.ternary import is_missing

__all__ = ["Face", "Faced", "Html"]

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
.mdp table:not(:has(th)) td{overflow-wrap:anywhere}.mdp td+td{min-width:3.5em}.mdp th+th{min-width:3.5em}
.mdp .bar{display:flex;height:1.3em;border:1px solid rgba(128,128,128,.6);margin:.4em 0}
.mdp i.k{display:inline-block;width:1em;height:.8em;border:1px solid rgba(128,128,128,.8);margin-right:.35em}
.mdp .open{background:repeating-linear-gradient(135deg,#fff 0 3px,#555 3px 4px)!important}
.mdp details{margin:.3em 0}.mdp summary{cursor:pointer}.mdp ul{margin:.2em 0;padding-left:1.3em}
""".replace("\n", "")

#: From the poorest to the best-off, as in the pictures.
SHADES = ("#0b2f4f", "#1f78b4", "#f0c75e", "#f4efe1")

_MORE = {"vi": "… và {} dòng nữa", "en": "… and {} more rows"}


class Html(str):
    """Text that is HTML already, and isn't escaped again; a notebook shows it as what it says."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return str(self)


@runtime_checkable
class Bilingual(Protocol):
    """A text in both languages: a :class:`mdpoverty.Label`."""

    @property
    def vi(self) -> str:
        """In Vietnamese."""

    @property
    def en(self) -> str:
        """In English."""


@doors
class Faced(ABC):
    """What shows itself in a notebook."""

    __slots__ = ()

    def to_html(self, *, lang: Language | None = None) -> Html:
        """Return what a notebook shows, in one language: a piece of HTML that fetches nothing and runs nothing.

        Parameters
        ----------
        lang : {"vi", "en"}, optional
            Names, heads, shares and days in that language. Left out: the law's names in both, and all else in English,
            as a notebook shows it unasked.

        Returns
        -------
        str
            In a notebook's cell it is shown as it will look.

        Examples
        --------
        >>> import mdpoverty as mdp
        >>> "Thu nhập bình quân đầu người" in mdp.standards["vn-2022"].fields["income"].to_html(lang="vi")
        True
        """
        return self._face(Face(None if lang is None else language(lang)))

    @abstractmethod
    def _face(self, face: Face) -> Html:
        """Make the face of such parts."""

    def _repr_html_(self) -> str:
        return self.to_html()


class Face:
    """The parts of a face, in one language or with the law's names in both.

    Heads, summaries and paragraphs are texts, or labels that are said in the one language (English where names are in
    both); labels in cells and titles are names.
    """

    __slots__ = ("both", "lang")

    def __init__(self, lang: Language | None = None) -> None:
        self.both, self.lang = lang is None, lang or "en"

    # --- texts

    def say(self, label: Bilingual, *values: Any) -> str:
        """Say something in the one language, with values in its places; numbers are written as the language does."""
        text = label.vi if self.lang == "vi" else label.en
        if not values:
            return text  # which may have braces of its own
        return text.format(*(self.number(each) if isinstance(each, int) else each for each in values))

    def name(self, label: Bilingual) -> Html:
        """Return a name: in the one language; or in the law's own, and the English beside it."""
        if not self.both:
            return Html(escape(self.say(label)))
        vi, en = label.vi, label.en
        return Html(escape(vi) if vi == en else f'{escape(vi)} <span class="s">· {escape(en)}</span>')

    def number(self, value: Any) -> str:
        """Write a number as the language does."""
        return printed(value, self.lang)

    def _said(self, value: Any) -> str:
        return self._html(self.say(value) if isinstance(value, Bilingual) else value)

    def _html(self, value: Any) -> str:
        if isinstance(value, Html):
            return value
        return self.name(value) if isinstance(value, Bilingual) else escape("" if value is None else str(value))

    # --- parts

    def page(self, title: Any, *parts: Html) -> Html:
        """Return the face: its title, and its parts below one another."""
        body = "".join(parts)
        head = f'<p class="t">{self._html(title)}</p>'
        return Html(f'<div class="mdp" lang="{self.lang}"><style>{STYLE}</style>{head}{body}</div>')

    def paragraph(self, text: Any, *, quiet: bool = False) -> Html:
        """Return a paragraph; nothing where there is no text."""
        return Html(f"<p{' class=s' if quiet else ''}>{self._said(text)}</p>" if text else "")

    def table(self, heads: Sequence[Any], rows: Iterable[Sequence[Any]], numbers: Iterable[int] = ()) -> Html:
        """Return a table; the columns in ``numbers`` are set to the right."""
        right, all_rows = set(numbers), list(rows)

        def line(cells: Iterable[str], tag: str) -> str:
            made = (f"<{tag}{' class=n' if i in right else ''}>{cell}</{tag}>" for i, cell in enumerate(cells))
            return f"<tr>{''.join(made)}</tr>"

        head = f"<thead>{line(map(self._said, heads), 'th')}</thead>" if any(heads) else ""
        body = "".join(line(map(self._html, row), "td") for row in all_rows[:MOST])
        more = len(all_rows) - MOST
        rest = f"<p class=s>{_MORE[self.lang].format(self.number(more))}</p>" if more > 0 else ""
        return Html(f'<div class="w"><table>{head}<tbody>{body}</tbody></table></div>{rest}')

    def frame(self, frame: Any) -> Html:
        """Return a dataframe as a table, its index left out; numbers are set to the right, as the language has them."""
        numbers = [i for i, dtype in enumerate(frame.dtypes) if dtype.kind in "iuf"]
        rows = [
            ["" if is_missing(cell) else self.number(cell) if i in numbers else cell for i, cell in enumerate(row)]
            for row in frame.itertuples(index=False, name=None)
        ]
        shares = [i for i in range(frame.shape[1]) if i not in numbers and any("%" in str(row[i]) for row in rows)]
        return self.table(list(frame.columns), rows, [*numbers, *shares])

    def facts(self, pairs: Iterable[tuple[Any, Any]] | Mapping[Any, Any]) -> Html:
        """Return what is known of something, a line each; what is empty is left out."""
        listed = pairs.items() if isinstance(pairs, Mapping) else pairs
        return self.table((), [(Html(self._said(name)), value) for name, value in listed if value or value == 0])

    def listed(self, items: Iterable[Any]) -> Html:
        """Return a list of points."""
        return Html(f"<ul>{''.join(f'<li>{self._html(item)}</li>' for item in items)}</ul>")

    def folded(self, summary: Any, *parts: Html) -> Html:
        """Return parts that are folded away."""
        return Html(f"<details><summary>{self._said(summary)}</summary>{''.join(parts)}</details>")

    def bar(self, parts: Sequence[tuple[Any, float, str]]) -> Html:
        """Return a bar of the whole in parts: each a name, a share, and what is said of it; the last is open."""
        colours = [*(SHADES[min(i, len(SHADES) - 1)] for i in range(len(parts) - 1)), None]
        drawn, keys = [], []
        for (name, share, said), colour in zip(parts, colours, strict=True):
            kind, paint = (" open", "") if colour is None else ("", f"background:{colour}")
            keys.append((Html(f'<i class="k{kind}" style="{paint}"></i>{self._html(name)}'), said))
            if share > 0:
                width = f"width:{100 * share:.2f}%;{paint}"
                drawn.append(f'<div class="p{kind}" style="{width}" title="{escape(str(said))}"></div>')
        legend = self.table((), keys, numbers=(1,))
        return Html(f'<div class="bar">{"".join(drawn)}</div>{legend}')
