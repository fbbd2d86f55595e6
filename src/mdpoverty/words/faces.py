"""A law as a notebook shows it: its days, its lines, its dimensions, and what of it isn't confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date as Date
from html import escape

from mdpoverty.faces import Face, Html
from mdpoverty.law.fields import Label
from mdpoverty.law.files import digest
from mdpoverty.law.law import Law, within
from mdpoverty.law.parts import Threshold
from mdpoverty.words.audit import SAID
from mdpoverty.words.units import day_name, in_units

__all__ = ["law_face", "span"]


def law_face(law: Law, face: Face) -> Html:
    """Return a law's face."""
    about = (
        (
            Label("Mã", "Id"),
            f"{law.id}, {face.say(SAID['revision']).lower()} {law.revision}, SHA-256 {digest(law)[:12]}",
        ),
        (SAID["period"], " ".join(span(law.in_force, law.until, face))),
        (SAID["where"], law.jurisdiction),
        (SAID["instrument"], law.citation.in_(face.lang)),
        (Label("Tạm thời", "Provisional"), face.say(_PROVISIONAL) if law.provisional else ""),
    )
    classes = [(each.label, each.id) for each in law.categories.values()]
    lines = [(each.label, Html("<br>".join(_amounts(law, each, face)))) for each in law.thresholds.values()]
    dimensions = [
        (each.label, Html("<br>".join(face.name(i.label) for i in law.indicators.values() if i.dimension == each.id)))
        for each in law.dimensions.values()
    ]
    unsure = ", ".join(_unsure(law, face))
    amounts, gaps = face.say(SAID["amounts"]), face.say(SAID["gaps"])
    return face.page(
        law.title,
        face.facts(about),
        face.table((SAID["classes"], ""), classes),
        face.folded(f"{amounts}: {len(lines)}", face.table((SAID["amount"], ""), lines)) if lines else Html(""),
        face.table((Label("Chiều", "Dimension"), SAID["indicators"]), dimensions) if dimensions else Html(""),
        face.paragraph(f"{face.say(_UNFOUND)}: {unsure}" if unsure else ""),
        face.folded(f"{gaps}: {len(law.gaps)}", face.listed(gap.text for gap in law.gaps)) if law.gaps else Html(""),
    )


_UNFOUND = Label("Chưa tìm thấy trong nguồn", "Not found in a source")
_PROVISIONAL = Label("chỉ áp dụng với provisional=True", "applied only with provisional=True")


def span(first: Date, last: Date | None, face: Face) -> tuple[str, str]:
    """Return from when to when something is in force, as two texts to stand beside each other."""
    end = day_name(last, face.lang) if last else face.say(SAID["open_end"])
    return face.say(Label("{} đến", "{} to"), day_name(first, face.lang)), end


def _amounts(law: Law, threshold: Threshold, face: Face) -> Iterator[str]:
    labels = {code.id: code.label for code in law.fields[threshold.by].codes} if threshold.by else {}
    for step in within(threshold.steps, law.in_force, law.until):
        since = face.say(Label("từ {}: ", "from {}: "), day_name(step.since, face.lang)) if step.since else ""
        for code, amount in step.amounts:
            whose = f"{face.say(labels[code]) if code in labels else code}: " if code else ""
            yield escape(f"{since}{whose}{in_units(amount, threshold.unit, face.lang)}")


def _unsure(law: Law, face: Face) -> Iterator[str]:
    kinds = (law.categories, law.thresholds, law.indicators)
    parts = (each for parts in kinds for each in parts.values())
    return (face.say(each.label) for each in parts if each.citation.found == "nothing")
