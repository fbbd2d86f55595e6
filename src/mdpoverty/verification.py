"""A result again, from its receipt: is it the same?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from mdpoverty.doors import door
from mdpoverty.errors import BadTable
from mdpoverty.results.receipt import Receipt
from mdpoverty.standards import standards
from mdpoverty.version import VERSION, source_revision
from mdpoverty.workbooks import open_workbook

if TYPE_CHECKING:
    from mdpoverty.results.assessment import Assessment
    from mdpoverty.results.verdict import Verdict
    from mdpoverty.standard import Standard

__all__ = ["Verification", "verify"]


@frozen
class Verification:
    """What running it again showed.

    Attributes
    ----------
    same : bool
        Whether the standard and the answers are those that the receipt names.
    differences : tuple of str
        What isn't the same. Another order of the rows and another version of the library are named here too, and
        don't count.
    result : Assessment, Verdict, or what was handed over; or None
        The result of the new run; ``None`` where the standard isn't the same one.
    """

    same: bool
    differences: tuple[str, ...]
    result: Any = field(default=None, eq=False, repr=False)

    def __bool__(self) -> bool:
        return self.same


@door
def verify(
    receipt: Receipt | Mapping[str, Any] | str | Path,
    households: Any,
    members: Any = None,
    *,
    standard: Standard | None = None,
    codes: Mapping[str, Mapping[Any, Any]] | None = None,
) -> Verification:
    """Run again what a receipt describes, and say whether the standard and the answers are the same.

    Households and members in another order are the same, and the order is named. Measures, flows and forms are made
    again by you and handed over in the place of the households: ``verify(receipt, flows(…))``. Then what came out is
    compared as well.

    Parameters
    ----------
    receipt : Receipt, dict, or path
        The receipt of a result, its dict, or the workbook of forms or measures in which it is printed.
    households, members
        What was classified or assessed: tables, or one household's answers and those of its members. Or the result that
        was made again: an assessment, measures, flows or forms.
    standard : Standard, optional
        The standard, where the registry doesn't know it. By default its id and revision are looked up.
    codes : mapping, optional
        What codes meant, where they weren't text: a receipt keeps them as text.

    Returns
    -------
    Verification
        True in a condition if everything is the same.

    Raises
    ------
    UnknownStandard
        If the registry has no such standard, or not in that revision.
    BadTable
        If it is no receipt, or that of measures or flows and no result was handed over.

    Examples
    --------
    >>> import mdpoverty as mdp
    >>> answers = {"area": "rural", "income": 2_300_000}
    >>> receipt = mdp.standards["vn-2022"].assess(answers).receipt
    >>> bool(verify(receipt, answers))
    True
    >>> verify(receipt, {**answers, "income": 2_200_000}).differences
    ('the answers are not those of the receipt',)
    """
    given = _printed(receipt) if isinstance(receipt, str | Path) else receipt
    made_again = getattr(households, "receipt", None)
    if isinstance(given, Mapping) and "tally" in given:
        return _of_measures(given, households, made_again)
    known = given if isinstance(given, Receipt) else Receipt.from_dict(given)
    if isinstance(made_again, Receipt):
        return _compared(known, made_again, households)
    if known.kind == "flows":
        raise BadTable("a receipt of flows is verified by flows: verify(receipt, mdp.flows(…))")
    law = standard if standard is not None else standards.revision(known.standard, known.revision)
    if (law.id, law.digest) != (known.standard, known.digest):
        return Verification(False, (_OTHER_RULES.format(law.id),))
    result = _again(law, known, households, members, codes)
    compared = _compared(
        evolve(known, kind="classes", parts={}, options={}), evolve(result.receipt, options={}), result
    )
    if not known.parts:
        return compared
    untold = f"the {known.kind} were not made again: hand them over to compare their numbers too"
    return evolve(compared, differences=(*compared.differences, untold))


_OTHER_RULES = "the standard {!r} is not the one of the receipt: its rules differ"
_ANSWERS = "the answers are not those of the receipt"
_ORDER = "the rows stand in another order"


def _compared(known: Receipt, now: Receipt, result: Any) -> Verification:
    """Compare two receipts."""
    if (now.standard, now.digest) != (known.standard, known.digest):
        return Verification(False, (_OTHER_RULES.format(now.standard),))
    wrong: list[str] = []
    notes: list[str] = []
    if now.kind != known.kind:
        wrong.append(f"this is the receipt of {now.kind}, and the other one of {known.kind}")
    if now.inputs_digest != known.inputs_digest:
        reordered = now.unordered_digest and now.unordered_digest == known.unordered_digest
        (notes if reordered else wrong).append(_ORDER if reordered else _ANSWERS)
    if now.date != known.date:
        wrong.append(f"the day is {now.date}, and was {known.date}")
    pairs = ((name, known.options.get(name), now.options.get(name)) for name in {**known.options, **now.options})
    wrong += [f"the option {name} is another one" for name, one, other in pairs if _plain(one) != _plain(other)]
    wrong += [f"{name}: not those of the receipt" for name, its in known.parts.items() if now.parts.get(name) != its]
    return Verification(not wrong, (*wrong, *notes, *_library(known.library, known.source)), result)


def _plain(value: Any) -> Any:
    """Return an option as JSON has it."""
    return json.loads(json.dumps(value, default=str))


def _library(version: str, source: str) -> Iterator[str]:
    """Say which library it was, where it is another one now."""
    if version != VERSION:
        yield f"the library is {VERSION}, and was {version}"
    elif source != source_revision():
        yield f"the library's source is {source_revision() or 'not known'}, and was {source or 'not known'}"


def _of_measures(receipt: Mapping[str, Any], result: Any, now: Any) -> Verification:
    """Compare the receipt of measures with that of measures made again."""
    if not isinstance(now, Mapping) or "tally" not in now:
        raise BadTable("a receipt of measures is verified by measures: verify(receipt, spec.measure(…))")
    told = {
        "spec": "the weights or the cut-off of the spec are others",
        "ks": "the cut-offs are others",
        "of": "the shares are of something else",
        "by": "the groups are others",
        "design": "the sampling design is another one",
        "missing": "unknown indicators are treated otherwise",
        "tally": "the counts are not those of the receipt",
        "meta": "the standard is not the one of the receipt",
    }
    other = [name for name in told if _plain(receipt.get(name)) != _plain(now.get(name))]
    notes: list[str] = []
    if other == ["tally"] and receipt.get("figures") == now["figures"]:
        other, notes = [], ["sums differ in their last digits, as they do in another order of the rows"]
    wrong = [told[name] for name in other]
    version = str(receipt.get("library", "")).removeprefix("mdpoverty ")
    return Verification(not wrong, (*wrong, *notes, *_library(version, receipt.get("source", ""))), result)


def _printed(path: str | Path) -> Any:
    """Return the receipt that a workbook of ours holds."""
    for sheet in open_workbook(path).worksheets:
        for row in sheet.iter_rows(max_col=2, values_only=True):
            if row[0] == "JSON" and isinstance(row[1], str):
                return json.loads(row[1])
    raise BadTable(f"{Path(path).name} holds no receipt")


def _again(
    law: Standard, receipt: Receipt, households: Any, members: Any, codes: Mapping[str, Mapping[Any, Any]] | None
) -> Assessment | Verdict:
    options = dict(receipt.options)
    if "household_id" not in options:  # one household
        return law.assess(
            households,
            members,
            date=receipt.date,
            given=options["given"],
            unknown_keys="ignore",  # they are no part of what a receipt is of
            provisional=options.get("provisional", False),
            outside=options.get("outside", "error"),
        )
    if isinstance(options["household_id"], list):  # JSON has no tuples
        options["household_id"] = tuple(options["household_id"])
    if codes is not None:
        options["codes"] = codes
    assessment: Assessment = law.classify(households, members, date=receipt.date, **options)
    return assessment
