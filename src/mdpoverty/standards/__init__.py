"""The known standards, each a dated value that is built when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date as Date
from datetime import timedelta
from functools import cache
from html import escape
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from mdpoverty.doors import doors
from mdpoverty.errors import NoStandardInForce, StandardError, UnknownKey, UnknownStandard
from mdpoverty.faces import Face, Faced, Html
from mdpoverty.law.amendments import BASES
from mdpoverty.law.fields import Label, to_date
from mdpoverty.law.readings import without_suffix

if TYPE_CHECKING:
    from mdpoverty.standard import Standard

__all__ = ["Entry", "Hole", "Registry", "standards"]


@frozen
class Entry:
    """One line of the registry: a standard, its days, and where it is kept.

    Attributes
    ----------
    id, jurisdiction, in_force, until, revision
        As the standard has them.
    module, attribute : str
        Where it is built.
    file : str
        Where it is read instead: the file beside this module that an earlier revision is kept in.
    alternative : bool
        Another reading for days that a standard covers already: found by its id, never by :meth:`Registry.on`.
    """

    id: str
    jurisdiction: str
    in_force: Date
    until: Date | None
    module: str = ""
    attribute: str = "STANDARD"
    alternative: bool = False
    revision: int = 1
    file: str = ""
    standard: Standard | None = field(default=None, eq=False, repr=False)

    def covers(self, day: Date) -> bool:
        """Return whether the standard is in force on that day."""
        return self.in_force <= day and (self.until is None or day <= self.until)

    def build(self) -> Standard:
        """Return the standard itself."""
        if self.standard is not None:
            return self.standard
        if self.file:
            return _kept(self.file)
        built: Standard = getattr(import_module(self.module), self.attribute)
        return built

    def __str__(self) -> str:
        return f"{self.id} ({self.jurisdiction}, {self.in_force} to {self.until or 'further notice'})"


@cache
def _kept(file: str) -> Standard:
    from importlib.resources import files

    from mdpoverty.standard import Standard

    return Standard.from_json((files(__name__) / file).read_bytes())


@frozen
class Hole:
    """Days between two standards of a jurisdiction that none covers, and why."""

    jurisdiction: str
    first: Date
    last: Date
    why: str


@doors
class Registry(Faced, Mapping[str, "Standard"]):
    """The standards by id and by day.

    Parameters
    ----------
    entries : iterable of Entry
        The standards, at most one for a day in each jurisdiction.
    holes : iterable of Hole
        The days between them that none covers.
    past : iterable of Entry
        Earlier revisions of standards that have been corrected since.

    Raises
    ------
    StandardError
        If two standards of a jurisdiction overlap, or leave a hole that isn't declared.

    Examples
    --------
    >>> standards.on("2024-11-15").id
    'vn-2022'
    """

    def __init__(self, entries: Iterable[Entry] = (), holes: Iterable[Hole] = (), past: Iterable[Entry] = ()) -> None:
        listed = tuple(entries)
        self._entries = {entry.id: entry for entry in listed}
        if len(self._entries) < len(listed):
            raise StandardError("two standards have the same id")
        self._holes = tuple(holes)
        self._past = {(entry.id, entry.revision): entry for entry in past}
        _check_spans(self._entries.values(), self._holes)

    def list(self) -> tuple[Entry, ...]:
        """Return the known standards with their days, without building them."""
        return tuple(self._entries.values())

    @property
    def holes(self) -> tuple[Hole, ...]:
        """The days between standards that none covers."""
        return self._holes

    def on(self, day: Date | str, jurisdiction: str = "VN", *, fallback: bool = False) -> Standard:
        """Return the standard in force on a day.

        Parameters
        ----------
        day : datetime.date or ISO text
            The day of the review.
        jurisdiction : str
            ``"VN"``, or a province by its ISO 3166-2 code, such as ``"VN-SG"``.
        fallback : bool
            Where the province has no standard of its own on that day, return the national one instead of raising.

        Raises
        ------
        NoStandardInForce
            If no known standard of that jurisdiction covers the day; ``known`` lists those that it has.
        """
        asked = to_date(day)
        if asked is None:
            raise NoStandardInForce("which standard is in force depends on the day: give one", known=self.list())
        here = [each for each in self._entries.values() if each.jurisdiction == jurisdiction and not each.alternative]
        for entry in here:
            if entry.covers(asked):
                return entry.build()
        national = jurisdiction.partition("-")[0]
        if fallback and national != jurisdiction:
            return self.on(asked, national)
        known = "; ".join(map(str, here)) or f"none for {jurisdiction}"
        hint = f" (fallback=True takes the standard of {national})" if national != jurisdiction else ""
        raise NoStandardInForce(f"no standard in force on {asked} for {jurisdiction}: {known}{hint}", known=tuple(here))

    def register(self, standard: Standard, *, alternative: bool = False, hole: str = "") -> Standard:
        """Add a standard, such as a province's own, for :meth:`on` and by id.

        Parameters
        ----------
        standard : Standard
            What to add. Registering the same value again changes nothing.
        alternative : bool
            Another reading for days that a standard covers already, found by its id only.
        hole : str
            Why the days between this standard and its neighbours are covered by none, where that is so.

        Raises
        ------
        StandardError
            If another standard has the id or covers the same days, or if there is a hole that isn't declared.
        """
        known = self._entries.get(standard.id)
        if known is not None:
            if known.build() == standard:
                return standard
            raise StandardError(f"another standard is called {standard.id!r} already")
        added = Entry(
            standard.id,
            standard.jurisdiction,
            standard.in_force,
            standard.until,
            alternative=alternative,
            revision=standard.revision,
            standard=standard,
        )
        entries = {**self._entries, standard.id: added}
        holes = self._holes
        if hole:
            found = _holes_among(each for each in entries.values() if each.jurisdiction == standard.jurisdiction)
            holes += tuple(Hole(standard.jurisdiction, first, last, hole) for first, last in found)
        _check_spans(entries.values(), holes)
        self._entries, self._holes = entries, holes
        standard.warn()
        return standard

    def load(self, path: str | Path, *, alternative: bool = False, hole: str = "") -> Standard:
        """Read a standard from a ``.json`` or ``.toml`` file and register it; see :meth:`register`."""
        from mdpoverty.standard import Standard

        return self.register(Standard.from_file(path), alternative=alternative, hole=hole)

    def revision(self, id: str, revision: int) -> Standard:
        """Return a standard as it stood in a revision, such as a receipt names, read as its id says.

        Raises
        ------
        UnknownStandard
            If there is no such revision.
        """
        own, readings = self._parsed(id)
        if (own, revision) in self._past:
            return self._read(self._past[own, revision], readings)
        current = self[id]
        if current.revision != revision:
            known = sorted({current.revision, *(n for name, n in self._past if name == own)})
            raise UnknownStandard(f"{id!r} has no revision {revision}; there are {known}", known=tuple(known))
        return current

    def _read(self, entry: Entry, readings: Mapping[str, str]) -> Standard:
        """Return the standard of an entry in another reading."""
        try:
            return entry.build().read_as(**readings)
        except (UnknownKey, StandardError) as error:
            asked = ", ".join(f"{name}={chosen}" for name, chosen in readings.items())
            where = f"{entry.id!r}, revision {entry.revision}"
            known = tuple(self._entries)
            raise UnknownStandard(f"{where}, can't be read as {asked}: {error}", known=known) from None

    def _parsed(self, id: str) -> tuple[str, dict[str, str]]:
        """Return the id of an entry, and the readings that :meth:`mdpoverty.Standard.read_as` put behind it."""
        return (id, {}) if id in self._entries else without_suffix(id)

    def __getitem__(self, key: str) -> Standard:
        """Return a standard by its id, also by that of another reading: ``standards["vn-2022+insurance=children"]``."""
        own, readings = self._parsed(key) if isinstance(key, str) else (key, {})
        if own not in self._entries:
            known = ", ".join(self._entries)
            raise UnknownStandard(f"no standard is called {key!r}; there are {known}", known=tuple(self._entries))
        return self._read(self._entries[own], readings)

    def __contains__(self, key: object) -> bool:
        if not isinstance(key, str) or self._parsed(key)[0] not in self._entries:
            return False
        return key in self._entries or self.get(key) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"<Registry of {len(self)} standards: {', '.join(self)}>"

    def _face(self, face: Face) -> Html:
        from mdpoverty.words.faces import span

        by_id = face.say(Label("chỉ theo mã", "by its id only"))
        provisional = face.say(Label("tạm thời", "provisional"))
        rows = []
        for entry in self.list():
            standard = entry.build()
            remarks = (by_id if entry.alternative else "", provisional if standard.provisional else "")
            first, last = span(entry.in_force, entry.until, face)
            days = Html(f'<span style="white-space:nowrap">{escape(first)}</span> {escape(last)}')
            said = (standard.title, days, entry.jurisdiction, ", ".join(filter(None, remarks)))
            rows.append((Html(f"<code>{escape(entry.id)}</code>"), *said))
        heads = (Label("Mã", "Id"), Label("Tên", "Title"), Label("Hiệu lực", "Days"), Label("Phạm vi", "Where"), "")
        return face.page(Label("Các chuẩn", "Standards"), face.table(heads, rows))


def _holes_among(entries: Iterable[Entry]) -> Iterator[tuple[Date, Date]]:
    """Yield the first and the last day of each hole between the standards of one jurisdiction."""
    covering = sorted((entry for entry in entries if not entry.alternative), key=lambda entry: entry.in_force)
    for earlier, later in pairwise(covering):
        if earlier.until is not None and later.in_force - earlier.until > timedelta(days=1):
            yield earlier.until + timedelta(days=1), later.in_force - timedelta(days=1)


def _check_spans(entries: Iterable[Entry], holes: Iterable[Hole]) -> None:
    """Refuse standards of one jurisdiction that overlap, or leave a hole that isn't declared."""
    declared = {(hole.jurisdiction, hole.first, hole.last) for hole in holes}
    by_place: dict[str, list[Entry]] = {}
    for entry in entries:
        if not entry.alternative:
            by_place.setdefault(entry.jurisdiction, []).append(entry)
    for place, its in by_place.items():
        ordered = sorted(its, key=lambda entry: entry.in_force)
        for earlier, later in pairwise(ordered):
            if earlier.until is None or earlier.until >= later.in_force:
                raise StandardError(f"{earlier} and {later} cover the same days")
        for first, last in _holes_among(its):
            if (place, first, last) not in declared:
                raise StandardError(f"no standard of {place} covers {first} to {last}: declare the hole, and why")


def _entry(id: str, first: str, last: str, module: str, **also: Any) -> Entry:
    days = Date.fromisoformat(first), Date.fromisoformat(last)
    return Entry(id, also.pop("jurisdiction", "VN"), *days, f"{__name__}.{module}", **also)


def _as_it_was(entry: Entry, revision: int) -> Entry:
    """Return the line of an earlier revision, which is kept as it was written then: code may change, a file doesn't."""
    return evolve(entry, revision=revision, file=f"past/{entry.id}.{revision}.json")


_ENTRIES = (
    _entry("vn-2016", "2016-01-01", "2021-12-31", "vn_2016"),
    _entry("vn-2022", "2022-01-01", "2026-12-31", "vn_2022", revision=2),
    _entry("vn-2027", "2027-01-01", "2030-12-31", "vn_2027", revision=2),
    _entry("vn-2022-scores", "2022-01-01", "2026-12-31", "vn_2022_scores", alternative=True, revision=2),
    _entry("vn-2022-producers", "2022-01-01", "2026-12-31", "vn_2022_producers", alternative=True, revision=2),
    _entry("vn-2025-low-income-workers", "2025-02-24", "2025-12-31", "vn_2025_low_income_workers", alternative=True),
    _entry("vn-dn-2016", "2016-01-01", "2020-12-31", "local", attribute="VN_DN_2016", jurisdiction="VN-DN"),
    Entry("global-mpi", "global", Date(2020, 1, 1), None, f"{__name__}.global_mpi"),
    _entry("vn-sg-2026", "2026-01-01", "2026-12-31", "local", attribute="VN_SG_2026", jurisdiction="VN-SG"),
)

standards = Registry(
    _ENTRIES,
    past=(_as_it_was(entry, revision) for entry in _ENTRIES for revision in range(1, entry.revision)),
)
BASES.append(standards)
