"""The forms as one HTML page that stands alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from html import escape
from typing import Any

from mdpoverty.law.fields import Label
from mdpoverty.numbers import Language
from mdpoverty.reports.columns import UNITS, Form, Value
from mdpoverty.reports.paper import MOTTO, NATION, SEAL, SIGN, Paper, measure_of, number_of
from mdpoverty.reports.tables import Cell, Filled, header
from mdpoverty.ternary import is_missing

__all__ = ["page"]

STYLE = """
body { font: 11pt "Times New Roman", serif; margin: 1em; }
table { border-collapse: collapse; margin: 0 0 .5em; }
caption { font-weight: bold; font-size: 130%; padding: .6em; text-transform: uppercase; }
th, td { border: 1px solid #000; padding: .15em .4em; }
th { vertical-align: middle; text-align: center; }
td { text-align: right; } td.text { text-align: left; }
tr.numbers th { font-weight: normal; font-style: italic; font-size: 85%; }
tr.sum td { font-weight: bold; }
section { break-after: page; overflow-x: auto; }
div.two { display: flex; justify-content: space-around; text-align: center; break-inside: avoid; }
p.measure { text-align: right; font-style: italic; margin: 0; }
p.note { font-style: italic; font-size: 90%; margin: .2em 0; }
@page { size: A4 landscape; margin: 1cm; }
thead { display: table-header-group; }
"""


def page(sheets: Mapping[int, Any], lang: Language, period: str, paper: Paper | None) -> str:
    """Return forms, and lists as DataFrames, as HTML, in their order."""
    title = Label("Biểu tổng hợp kết quả rà soát", "Forms of the review").in_(lang)
    sections = [
        _form(each, lang, period, paper) if isinstance(each, Filled) else _list(each) for each in sheets.values()
    ]
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}">\n<head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head>\n<body>\n" + "\n".join(sections) + "\n</body>\n</html>\n"
    )


def _form(filled: Filled, lang: Language, period: str, paper: Paper | None) -> str:
    form = filled.form
    units = 1 if form.by_class else len(form.units)
    caption = escape(form.title.in_(lang)) + (f"<br>{escape(period)}" if period else "")
    body = []
    for at, row in enumerate(filled.rows):
        cells = []
        if at % units == 0:
            span = f' rowspan="{units}"' if units > 1 else ""
            number = "" if form.by_class and row.unit else row.place.number
            cells.append(f'<td class="text"{span}>{escape(number)}</td>')
            cells.append(f'<td class="text"{span}>{escape(row.name(form, lang))}</td>')
        if units > 1 and row.unit:
            cells.append(f'<td class="text">{escape(UNITS[row.unit].in_(lang))}</td>')
        cells += [f"<td>{_shown(row.values[id], lang)}</td>" for id in form.ids]
        whole = ' class="sum"' if row.place.whole or row.unit is None else ""
        body.append(f"<tr{whole}>{''.join(cells)}</tr>")
    width = len(form.stubs(lang)) + len(form.columns)
    head = _head(header(form, lang), form.depth(), width)
    notes = "".join(f'<p class="note">{escape(note.in_(lang))}</p>' for note in filled.notes)
    above, below = ("", "") if paper is None else _around(form, lang, paper)
    return (
        f'<section id="form-{form.number}">{above}<table><caption>{caption}</caption>\n'
        f"<thead>\n{head}\n</thead>\n<tbody>\n" + "\n".join(body) + f"\n</tbody></table>{notes}{below}</section>"
    )


def _around(form: Form, lang: Language, paper: Paper) -> tuple[str, str]:
    """Return what stands above and below a form on paper."""
    over, office = paper.issuer(lang)
    above = (
        f'<div class="two"><p>{escape(over)}<br><b>{escape(office)}</b><br>{escape(number_of(form, lang))}</p>'
        f"<p><b>{NATION.in_(lang)}</b><br><b><u>{MOTTO.in_(lang)}</u></b><br><i>{escape(paper.signed(lang))}</i></p></div>"
        f'<p class="measure">{measure_of(form).in_(lang)}</p>'
    )
    names = (paper.preparer, paper.head)
    signed = zip(paper.titles(lang), (SIGN.in_(lang), SEAL.in_(lang)), names, strict=True)
    blocks = (
        f"<p><b>{escape(title)}</b><br><i>{how}</i><br><br><br><br><b>{escape(name)}</b></p>"
        for title, how, name in signed
    )
    return above, f'<div class="two">{"".join(blocks)}</div>'


def _head(cells: Sequence[Cell], depth: int, width: int) -> str:
    rows = []
    for level in range(depth + 1):
        its = sorted((cell for cell in cells if cell.row == level), key=lambda cell: cell.column)
        texts = [
            f'<th rowspan="{cell.rows}" colspan="{cell.columns}" scope="col">{escape(cell.text)}</th>' for cell in its
        ]
        rows.append(f"<tr{' class=numbers' if level == depth else ''}>{''.join(texts)}</tr>")
    return "\n".join(rows)


def _shown(value: Value, lang: Language) -> str:
    """Write a number as its language does: 1.234 and 2,50 in Vietnamese, 1,234 and 2.50 in English."""
    if value is None:
        return ""
    text = f"{value:,.2f}" if isinstance(value, Decimal) else f"{value:,}"
    return text.translate(str.maketrans(",.", ".,")) if lang == "vi" else text


def _list(frame: Any) -> str:
    heads = []
    for level in range(2):
        names = [escape(str(column[level])) for column in frame.columns]
        heads.append(f"<tr>{''.join(f'<th>{name}</th>' for name in names)}</tr>")
    rows = [
        "<tr>" + "".join(f'<td class="text">{"" if is_missing(v) else escape(str(v))}</td>' for v in values) + "</tr>"
        for values in frame.itertuples(index=False, name=None)
    ]
    caption = escape(frame.attrs["title"])
    return (
        f'<section id="form-{frame.attrs["form"]}"><table><caption>{caption}</caption><thead>{"".join(heads)}</thead>'
        f"<tbody>{''.join(rows)}</tbody></table></section>"
    )
