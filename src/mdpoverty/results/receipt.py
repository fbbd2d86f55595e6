"""What a result was computed from: enough to compute it again, and to tell whether it would be the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date as Date
from typing import Any, Literal

from attrs import asdict, field, fields, frozen

from mdpoverty.doors import doors
from mdpoverty.errors import BadTable
from mdpoverty.faces import Face, Faced, Html
from mdpoverty.law.fields import Label, to_date
from mdpoverty.law.files import digest
from mdpoverty.law.law import Law
from mdpoverty.numbers import Language
from mdpoverty.version import VERSION, source_revision
from mdpoverty.words.units import day_name

SCHEMA = 1
"""Version of every dict that results turn into."""


_DIGEST = Label("Mã kiểm", "Digest of")
_TITLES = {
    "classes": Label("Nguồn số liệu của kết quả phân loại", "Receipt of classes"),
    "flows": Label("Nguồn số liệu của biến động", "Receipt of flows"),
    "forms": Label("Nguồn số liệu của các biểu", "Receipt of forms"),
}
_ADDED = ("unordered_digest", "source", "kind", "parts")


_SOURCES: Mapping[str, Label] = {
    "library": Label("Thư viện mdpoverty", "Library mdpoverty"),
    "source": Label("Mã nguồn", "Its source"),
    "standard": Label("Chuẩn", "Standard"),
    "revision": Label("Lần sửa của chuẩn", "Its revision"),
    "digest": Label("Mã kiểm của chuẩn", "Digest of the standard"),
    "date": Label("Ngày rà soát", "Day of the review"),
    "inputs_digest": Label("Mã kiểm của câu trả lời", "Digest of the answers"),
    "unordered_digest": Label("… không kể thứ tự", "… in any order"),
}
"""What the parts of a receipt are called that say where numbers are from."""


@doors
@frozen
class Receipt(Faced):
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
    unordered_digest : str
        A digest of the same answers that the order of households and of members doesn't change.
    source : str
        The revision of the source that the library was built from, where that is known.
    kind : {"classes", "flows", "forms"}
        Of what result it is.
    parts : mapping
        Digests of what else went in or came out: the review before, the movements, the numbers of the forms.
    """

    library: str
    standard: str
    revision: int
    digest: str
    date: Date | None
    inputs_digest: str
    options: Mapping[str, Any] = field(factory=dict, hash=False)
    unordered_digest: str = ""
    source: str = ""
    kind: Literal["classes", "flows", "forms"] = "classes"
    parts: Mapping[str, str] = field(factory=dict, hash=False)

    def __repr__(self) -> str:
        day = f", {self.date}" if self.date else ""
        digests = f"standard {self.digest[:8]}…, answers {self.inputs_digest[:8]}…"
        return f"<Receipt of {self.standard}, revision {self.revision}{day}: {digests}, mdpoverty {self.library}>"

    def _face(self, face: Face) -> Html:
        known = self.told(face.lang)
        known += [(f"{face.say(_DIGEST)} {name}", value) for name, value in self.parts.items()]
        chosen = {name: value for name, value in self.options.items() if value not in (None, (), [], {}, "")}
        options = face.folded(
            Label("Tùy chọn", "Options"), face.facts({name: str(value) for name, value in chosen.items()})
        )
        return face.page(_TITLES[self.kind], face.facts(known), options if chosen else Html(""))

    def told(self, lang: Language) -> list[tuple[str, str]]:
        """Return what says where numbers are from, each with what it is called; what isn't known is left out."""
        known = {**self.to_dict(), "date": day_name(self.date, lang) if self.date else ""}
        return [(label.in_(lang), str(known[name])) for name, label in _SOURCES.items() if known[name] != ""]

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data for JSON."""
        own = {"date": self.date.isoformat() if self.date else None, "schema": SCHEMA}
        return {**asdict(self, recurse=False), **own, "options": _copied(self.options), "parts": dict(self.parts)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Receipt:
        """Read a receipt from what :meth:`to_dict` made, as it comes back from JSON.

        Raises
        ------
        BadTable
            If it is none, or one of another version.
        """
        names = {each.name for each in fields(cls)}
        needed = {each.name for each in fields(cls) if each.name not in _ADDED}  # older receipts lack the others
        known = isinstance(data, Mapping) and needed <= set(data) <= {*names, "schema"}
        if not known or data.get("schema") != SCHEMA:
            raise BadTable(f"this is no receipt of version {SCHEMA}")
        return cls(**{**{name: _copied(data[name]) for name in names & set(data)}, "date": to_date(data["date"])})


def _copied(value: Any) -> Any:
    """Return options as data of their own, such as JSON has."""
    if isinstance(value, Mapping):
        return {name: _copied(each) for name, each in value.items()}
    return list(map(_copied, value)) if isinstance(value, list | tuple) else value


def receipt_of(law: Law, day: Date | None, inputs: str, unordered: str, options: Mapping[str, Any]) -> Receipt:
    """Return the receipt of a law applied on a day to answers with these digests."""
    return Receipt(
        library=VERSION,
        source=source_revision(),
        standard=law.id,
        revision=law.revision,
        digest=digest(law),
        date=day,
        inputs_digest=inputs,
        unordered_digest=unordered,
        options=options,
    )


def knowing(law: Law, day: Date | None) -> dict[str, Any]:
    """Return the options by which a standard was applied knowingly: parts not confirmed, or a day outside its own."""
    found: dict[str, Any] = {"provisional": True} if law.provisional else {}
    return found if day is None or law.covers(day) else {**found, "outside": "accept"}
