"""A law as a notebook shows it: its days, its lines, its dimensions, and what of it isn't confirmed."""

from __future__ import annotations

from collections.abc import Iterator

from mdpoverty.faces import Html, face, facts, folded, listed, paragraph, table, two
from mdpoverty.law.files import digest
from mdpoverty.law.law import Law, within
from mdpoverty.law.parts import Threshold
from mdpoverty.words.units import in_units

__all__ = ["law_face"]


def law_face(law: Law) -> str:
    """Return a law's face."""
    about = {
        "Id": f"{law.id}, revision {law.revision}, SHA-256 {digest(law)[:12]}",
        "In force": f"{law.in_force} to {law.until or 'further notice'}",
        "Where": law.jurisdiction,
        "By": str(law.citation),
        "Provisional": "applied only with provisional=True" if law.provisional else "",
    }
    classes = [(two(each.label), each.id) for each in law.categories.values()]
    lines = [(two(each.label), Html("<br>".join(_amounts(law, each)))) for each in law.thresholds.values()]
    dimensions = [
        (two(each.label), Html("<br>".join(two(i.label) for i in law.indicators.values() if i.dimension == each.id)))
        for each in law.dimensions.values()
    ]
    unsure = list(_unsure(law))
    gaps = folded(
        f"What isn't confirmed, or is a reading of ours: {len(law.gaps)}", listed(two(g.text) for g in law.gaps)
    )
    return face(
        two(law.title),
        facts(about),
        table(("Class", ""), classes),
        folded(f"Amounts: {len(lines)}", table(("Amount", ""), lines)) if lines else Html(""),
        table(("Dimension", "Indicators"), dimensions) if dimensions else Html(""),
        paragraph(f"Not found in a source: {', '.join(unsure)}" if unsure else ""),
        gaps if law.gaps else Html(""),
    )


def _amounts(law: Law, threshold: Threshold) -> Iterator[str]:
    labels = {code.id: code.label for code in law.fields[threshold.by].codes} if threshold.by else {}
    for step in within(threshold.steps, law.in_force, law.until):
        since = f"from {step.since}: " if step.since else ""
        for code, amount in step.amounts:
            whose = f"{labels[code].en if code in labels else code}: " if code else ""
            yield f"{since}{whose}{in_units(amount, threshold.unit, 'en')}"


def _unsure(law: Law) -> Iterator[str]:
    kinds = (law.categories, law.thresholds, law.indicators)
    return (each.label.en for parts in kinds for each in parts.values() if each.citation.found == "nothing")
