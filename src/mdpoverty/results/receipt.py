"""What a result was computed from: enough to compute it again, and to tell whether it would be the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date as Date
from typing import TYPE_CHECKING, Any

from attrs import asdict, field, fields, frozen

from mdpoverty.errors import BadTable

if TYPE_CHECKING:
    from mdpoverty.results.assessment import Assessment
    from mdpoverty.results.verdict import Verdict
    from mdpoverty.standard import Standard

SCHEMA = 1
"""Version of every dict that results turn into."""


@frozen
class Receipt:
    """What a result was computed from.

    Attributes
    ----------
    library : str
        Version of this library.
    standard, revision, digest
        The standard: its id, the revision of our reading, and the SHA-256 of its rules.
    date : datetime.date or None
        The day of the review that was given.
    inputs_digest : str
        SHA-256 of the answers that the rules read, in their order; the same whatever kind of table they came in.
    options : mapping
        What else was asked for: which indicators were given, how columns and codes were translated.
    """

    library: str
    standard: str
    revision: int
    digest: str
    date: Date | None
    inputs_digest: str
    options: Mapping[str, Any] = field(factory=dict, hash=False)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data for JSON."""
        return {**asdict(self), "date": self.date.isoformat() if self.date else None, "schema": SCHEMA}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Receipt:
        """Read a receipt from what :meth:`to_dict` made, as it comes back from JSON.

        Raises
        ------
        BadTable
            If it is none, or one of another version.
        """
        from mdpoverty.standard import to_date

        names = {each.name for each in fields(cls)}
        if not isinstance(data, Mapping) or set(data) != {*names, "schema"} or data["schema"] != SCHEMA:
            raise BadTable(f"this is no receipt of version {SCHEMA}")
        return cls(**{**{name: data[name] for name in names}, "date": to_date(data["date"])})


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
    from mdpoverty import __version__
    from mdpoverty.standards import standards

    known = receipt if isinstance(receipt, Receipt) else Receipt.from_dict(receipt)
    law = standard if standard is not None else standards.revision(known.standard, known.revision)
    if (law.id, law.digest) != (known.standard, known.digest):
        return Verification(False, (f"the standard {law.id!r} is not the one of the receipt: its rules differ",))
    result = _again(law, known, households, members, codes)
    same = result.receipt.inputs_digest == known.inputs_digest
    differences: tuple[str, ...] = () if same else ("the answers are not those of the receipt",)
    if known.library != __version__:
        differences += (f"the library is {__version__}, and was {known.library}",)
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
            provisional=options.get("provisional", False),
        )
    if isinstance(options["household_id"], list):  # JSON has no tuples
        options["household_id"] = tuple(options["household_id"])
    if codes is not None:
        options["codes"] = codes
    assessment: Assessment = law.classify(households, members, date=receipt.date, **options)
    return assessment
