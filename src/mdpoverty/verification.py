"""A result again, from its receipt: is it the same?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from mdpoverty.results.receipt import Receipt
from mdpoverty.standards import standards
from mdpoverty.version import VERSION

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
        What isn't the same; a newer version of the library is named here too, and doesn't count.
    result : Assessment or Verdict, or None
        The result of the new run; ``None`` where the standard isn't the same one.
    """

    same: bool
    differences: tuple[str, ...]
    result: Any = field(default=None, eq=False, repr=False)

    def __bool__(self) -> bool:
        return self.same


def verify(
    receipt: Receipt | Mapping[str, Any],
    households: Any,
    members: Any = None,
    *,
    standard: Standard | None = None,
    codes: Mapping[str, Mapping[Any, Any]] | None = None,
) -> Verification:
    """Run again what a receipt describes, and say whether the standard and the answers are the same.

    Parameters
    ----------
    receipt : Receipt or dict
        The receipt of a result, or its dict.
    households, members
        What was classified or assessed: tables, or one household's answers and those of its members.
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
    known = receipt if isinstance(receipt, Receipt) else Receipt.from_dict(receipt)
    law = standard if standard is not None else standards.revision(known.standard, known.revision)
    if (law.id, law.digest) != (known.standard, known.digest):
        return Verification(False, (f"the standard {law.id!r} is not the one of the receipt: its rules differ",))
    result = _again(law, known, households, members, codes)
    same = result.receipt.inputs_digest == known.inputs_digest
    differences: tuple[str, ...] = () if same else ("the answers are not those of the receipt",)
    if known.library != VERSION:
        differences += (f"the library is {VERSION}, and was {known.library}",)
    return Verification(same, differences, result)


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
