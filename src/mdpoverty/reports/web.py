"""The forms as one HTML page that stands alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from html import escape
from typing import Any

from attrs import frozen

from mdpoverty.law.fields import Label
from mdpoverty.numbers import Language
from mdpoverty.reports.columns import UNITS, Form, Value
from mdpoverty.reports.lists import TEXTS, begins, list_header
from mdpoverty.reports.paper import MOTTO, NATION, SEAL, SIGN, Paper, measure_of, number_note, number_of
from mdpoverty.reports.tables import Cell, Filled, header
from mdpoverty.ternary import is_missing

__all__ = ["page"]

STYLE = """
body { font: 11pt "Times New Roman", "Liberation Serif", serif; margin: 1em; }
section { break-after: page; }
section:last-child { break-after: auto; }
div.table { overflow-x: auto; }
table { border-collapse: collapse; margin: .6em auto; }
h2 { font-size: 130%; text-align: center; text-transform: uppercase; margin: .8em 0 .2em; }
p.period { text-align: center; font-style: italic; margin: .2em 0; }
th, td { border: 1px solid #000; padding: .15em .4em; }
th { vertical-align: middle; text-align: center; }
td { text-align: right; } td.text { text-align: left; white-space: nowrap; } td.mark { text-align: center; }
td.place { text-align: left; min-width: 9em; } td.name { text-align: left; min-width: 13em; }
tr.numbers th { font-weight: normal; font-style: italic; font-size: 85%; white-space: nowrap; }
tr.numbers th.long { white-space: normal; overflow-wrap: anywhere; }
tr.sum td { font-weight: bold; }
div.two { text-align: center; break-inside: avoid; }
div.two p { display: inline-block; width: 48%; vertical-align: top; margin: .6em 0; }
p.measure { text-align: right; font-style: italic; margin: 0; }
p.note { font-style: italic; font-size: 90%; margin: .2em 0; }
thead { display: table-header-group; }
tbody, tfoot { break-inside: avoid; }
tfoot { display: table-row-group; break-before: avoid; }
tfoot td { border: 0; padding: .3em 0; text-align: left; }
div.end { position: sticky; left: 0; width: 0; min-width: 100%; }
@page { size: A4 landscape; margin: 1cm; }
@media print { body { margin: 0; font-size: 9pt; } div.table { overflow: visible; } }
@media screen and (max-width: 40em) { body { font-size: 10pt; margin: .5em; } div.two p { width: 100%; }
 div.end { min-width: calc(100vw - 1.5em); } }
"""


def page(sheets: Mapping[int, Any], lang: Language, period: str, authority: str, paper: Paper | None) -> str:
    """Return forms, and lists as DataFrames, as HTML, in their order."""
    title = Label("Biểu tổng hợp kết quả rà soát", "Forms of the review").in_(lang)
    around = _Around(lang, period, authority, paper)
    sections = [_form(each, around) if isinstance(each, Filled) else _list(each, around) for each in sheets.values()]
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}">\n<head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head>\n<body>\n" + "\n".join(sections) + "\n</body>\n</html>\n"
    )


@frozen
class _Around:
    """What stands around every table of a page."""

    lang: Language
    period: str
    authority: str
    paper: Paper | None

    def section(
        self,
        number: int,
        title: str,
        heading: Sequence[Cell],
        bodies: Sequence[Sequence[str]],
        notes: Sequence[str],
        form: Form | None = None,
    ) -> str:
        """Return a form with who issues it above, its notes, and who signs it below."""
        period = f'<p class="period">{escape(self.period)}</p>' if self.period else ""
        return (
            f'<section id="form-{number}">{self.above(form)}<h2>{escape(title)}</h2>{period}{self.measure(form)}'
            f'<div class="table"><table>{_head(heading)}\n{_bodies(bodies)}{self.foot(heading, notes)}</table></div>'
            "</section>"
        )

    def foot(self, heading: Sequence[Cell], notes: Sequence[str]) -> str:
        """Return the notes and who signs, as the foot of the table: browsers keep it on a page with the last rows."""
        written = "".join(f'<p class="note">{escape(note)}</p>' for note in notes)
        columns = max(cell.column + cell.columns for cell in heading)
        below = f'<div class="end">{written}{self.below()}</div>'
        return f'<tfoot><tr><td colspan="{columns}">{below}</td></tr></tfoot>' if written or self.paper else ""

    def above(self, form: Form | None) -> str:
        """Return who issues the form, its number, the nation, place and day; or the authority alone."""
        if self.paper is None:
            return f"<p><b>{escape(self.authority)}</b></p>" if self.authority else ""
        over, office = self.paper.issuer(self.lang)
        number = f"<br><i>{escape(number_of(form, self.lang))}</i>" if form is not None else ""
        nation, motto = NATION.in_(self.lang), MOTTO.in_(self.lang)
        return (
            f'<div class="two"><p><b>{escape(over)}<br>{escape(office)}</b>{number}</p>'
            f"<p><b>{nation}</b><br><b><u>{motto}</u></b><br><i>{escape(self.paper.signed(self.lang))}</i></p></div>"
        )

    def measure(self, form: Form | None) -> str:
        """Return the line that says what the form counts."""
        if self.paper is None or form is None:
            return ""
        return f'<p class="measure">{escape(measure_of(form).in_(self.lang))}</p>'

    def below(self) -> str:
        """Return who signs."""
        if self.paper is None:
            return ""
        names = (self.paper.preparer, self.paper.head)
        signed = zip(self.paper.titles(self.lang), (SIGN.in_(self.lang), SEAL.in_(self.lang)), names, strict=True)
        blocks = (
            f"<p><b>{escape(title)}</b><br><i>{how}</i><br><br><br><br><b>{escape(name)}</b></p>"
            for title, how, name in signed
        )
        return f'<div class="two">{"".join(blocks)}</div>'


def _form(filled: Filled, around: _Around) -> str:
    form, lang = filled.form, around.lang
    units = 1 if form.by_class else len(form.units)
    places: list[list[str]] = []
    for at, row in enumerate(filled.rows):
        cells = []
        if at % units == 0:
            span = f' rowspan="{units}"' if units > 1 else ""
            number = "" if form.by_class and row.unit else row.place.number
            cells.append(f'<td class="mark"{span}>{escape(number)}</td>')
            cells.append(f'<td class="place"{span}>{escape(row.name(form, lang))}</td>')
        if units > 1 and row.unit:
            cells.append(f'<td class="text">{escape(UNITS[row.unit].in_(lang))}</td>')
        cells += [f"<td>{_shown(row.values[id], lang)}</td>" for id in form.ids]
        whole = ' class="sum"' if row.place.whole or row.unit is None else ""
        if at % form.height == 0:
            places.append([])
        places[-1].append(f"<tr{whole}>{''.join(cells)}</tr>")
    notes = [note.in_(lang) for note in (*filled.notes, number_note(form))]
    return around.section(form.number, form.title.in_(lang), header(form, lang), places, notes, form)


def _bodies(blocks: Sequence[Sequence[str]]) -> str:
    """Return rows in a body for each place or household, which a page's end doesn't cut."""
    return "\n".join(f"<tbody>{''.join(rows)}</tbody>" for rows in blocks)


def _head(cells: Sequence[Cell]) -> str:
    """Return the heading, which every printed page repeats; its last row numbers the columns."""
    rows, depth = [], max(cell.row for cell in cells)
    for level in range(depth + 1):
        its = sorted((cell for cell in cells if cell.row == level), key=lambda cell: cell.column)
        texts = [
            f'<th rowspan="{cell.rows}" colspan="{cell.columns}" scope="col"{_LONG if len(cell.text) > 12 else ""}>'
            f"{escape(cell.text)}</th>"
            for cell in its
        ]
        rows.append(f"<tr{' class=numbers' if level == depth else ''}>{''.join(texts)}</tr>")
    return f"<thead>{''.join(rows)}</thead>"


_LONG = ' class="long"'


def _shown(value: Value, lang: Language) -> str:
    """Write a number as its language does: 1.234 and 2,50 in Vietnamese, 1,234 and 2.50 in English."""
    if value is None:
        return ""
    text = f"{value:,.2f}" if isinstance(value, Decimal) else f"{value:,}"
    return text.translate(str.maketrans(",.", ".,")) if lang == "vi" else text


_LOOKS = dict(zip(TEXTS, ("place", "text", "name"), strict=True))


def _list(frame: Any, around: _Around) -> str:
    starts = {*begins(frame)}
    homes: list[list[str]] = []
    for at, values in enumerate(frame.itertuples(index=False, name=None)):
        cells = (
            f'<td class="{_LOOKS.get(column, "mark")}">{"" if is_missing(v) else escape(str(v))}</td>'
            for column, v in enumerate(values)
        )
        if at in starts or not homes:
            homes.append([])
        homes[-1].append(f"<tr>{''.join(cells)}</tr>")
    about = frame.attrs
    return around.section(about["form"], about["title"], list_header(frame), homes, about["notes"])
