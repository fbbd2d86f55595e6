"""What stands in the forms' columns: households and people counted for every lowest place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from attrs import define, field

from mdpoverty.dynamics import Flows
from mdpoverty.dynamics.reviews import (
    ABOVE,
    ABSENT,
    IN_NEAR,
    IN_POOR,
    NEAR_POOR,
    POOR,
    PRODUCERS,
    Meanings,
    Side,
    translated,
)
from mdpoverty.errors import BadValues, Place, Problem
from mdpoverty.law.fields import Label
from mdpoverty.law.program import OPEN_CODE
from mdpoverty.reports.areas import Areas
from mdpoverty.reports.ethnic import KINH, read_ethnic_groups
from mdpoverty.reports.forms import CAUSES, CHARACTERISTICS
from mdpoverty.results.assessment import Assessment
from mdpoverty.tables.columns import Distinct
from mdpoverty.tables.keys import Keys
from mdpoverty.tables.meanings import shown
from mdpoverty.ternary import UNKNOWN, YES
from mdpoverty.texts import alphabetical

__all__ = ["Counter", "flags"]

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Counts = tuple[list[int | None], list[int | None]]  # households and people, for every lowest place

STATE = {POOR: IN_POOR, NEAR_POOR: IN_NEAR}


def of_households(code: str, name: str, given: Distinct, bad: Ints, keys: Keys, **details: Any) -> Problem:
    """Say what is wrong with a column in some households, and what stands there."""
    first = tuple(keys.take(bad[:5]).listed())
    details["got"] = tuple(dict.fromkeys(map(shown, given.take(bad).occurring().values)))[:3]
    return Problem.of(code, name, details, rows=len(bad), first=first, places=tuple(map(Place, first)), field=name)


def flags(given: Distinct, name: str, keys: Keys) -> tuple[Bools, Bools]:
    """Read a column of yes and no; return where it says yes, and where it says anything.

    Raises
    ------
    BadValues
        If a value is neither true nor false.
    """
    bad = np.flatnonzero(given.where(lambda value: value not in (0, 1)))
    if len(bad):
        raise BadValues([of_households("yes_or_no", name, given, bad, keys, column=name)])
    return given.where(bool), ~given.missing


NOTES: Mapping[str, Label] = {
    "absent": Label(
        "Không có thông tin về: {}. Các cột tương ứng để trống.", "Not known: {}. The columns that need it are blank."
    ),
    "unknown": Label(
        "{}. Các hộ này không được tính vào cột tương ứng.", "{}. These households aren't counted in that column."
    ),
    "members": Label(
        "{}. Các nhân khẩu này không được tính là trẻ em.", "{}. These people aren't counted as children."
    ),
}
"""The notes below a form, by kind; in the braces the parts."""


def one_note(kind: str, parts: Iterable[Label]) -> Label:
    """Put the parts of a note together."""
    listed = list(dict.fromkeys(parts))
    vi, en = ("; ".join(part.in_(lang) for part in listed) for lang in ("vi", "en"))
    return Label(NOTES[kind].vi.format(vi), NOTES[kind].en.format(en))


@define(eq=False, slots=False)
class Counter:
    """Counts households by what the forms ask, and notes what it couldn't count.

    Attributes
    ----------
    assessment, side : Assessment, Side
        The review that the forms are about.
    areas : Areas
        The places.
    at : array of int
        Each household's place.
    flows : Flows or None
        The movements since the review before.
    flow_at : (array, array)
        Each row's place in the review before and in this one; -1 where it isn't in it.
    residents : (list, list) or None
        All households and people of each place.
    names : mapping
        The caller's columns for characteristics and causes.
    codes : mapping
        What the caller's codes in these columns mean.
    producers : Assessment or None
        The households in agriculture, forestry, fishery and salt, classified by their own standard.
    notes : dict of dict
        What couldn't be counted: by kind of :data:`NOTES`, and in it by the source that it concerns, one part of the
        note. Of the sources of children, whichever list they are of, ``"children"`` and ``"children:"`` with the
        indicator.
    """

    assessment: Assessment
    side: Side
    areas: Areas
    at: Ints
    flows: Flows | None
    flow_at: tuple[Ints, Ints]
    residents: Counts | None
    names: Mapping[str, str]
    codes: Mapping[str, Meanings] = field(factory=dict)
    producers: Assessment | None = None
    notes: dict[str, dict[str, Label]] = field(factory=dict, init=False)
    _masks: dict[str, Bools | None] = field(
        factory=dict, init=False
    )  # forms ask for the same households again and again
    _people: dict[str, dict[str, int]] = field(factory=dict, init=False)  # of whom something is open, by what and list

    def count(self, source: str) -> Counts | None:
        """Return households and people for every lowest place; ``None`` where the answers for it weren't given."""
        if source == "residents":
            return self.residents
        if source.startswith("flow:"):
            _, category, what = source.split(":")
            return self.movements[category][what]
        if source.startswith("children:"):
            return self._children(*source.split(":")[1:])
        mask = np.ones(len(self.at), bool)
        for term in source.split("&"):
            its = self.mask(term)
            if its is None:
                return None
            mask = mask & its
        return self.add_up(self.at[mask], self.side.sizes[mask])

    def add_up(self, at: Ints, people: Ints) -> Counts:
        """Return households and people by place, from each household's place and size."""
        leaves = self.areas.leaves
        households = np.bincount(at, minlength=leaves).tolist()
        # bincount adds floats: whole numbers stay exact up to 2**53 people
        return households, np.bincount(at, people, minlength=leaves).astype(np.int64).tolist()

    # -- of one review

    def of_class(self, category: str) -> Bools:
        """Return which households are in a class."""
        return self.side.classes.where(lambda name: name == category)

    def mask(self, term: str) -> Bools | None:
        """Return which households something holds of; ``None`` where the answers for it weren't given."""
        if term not in self._masks:
            self._masks[term] = self._find(term)
        return self._masks[term]

    def _find(self, term: str) -> Bools | None:
        if term == "open":
            return np.equal(self.side.states, OPEN_CODE)
        if term == "producers":
            return self._producers()
        if term.startswith("deprived:"):
            return self._deprived(term.partition(":")[2])
        if term in CAUSES or term in CHARACTERISTICS:
            return self._flag(term)
        if term == "kinh" or term.startswith("ethnic"):
            return self._ethnic(term)
        return self.of_class(term)

    def _producers(self) -> Bools | None:
        """Return the farming households of average living standard: by their own standard, or by class and a column."""
        if self.producers is not None:
            codes = self.producers.in_category_of(self.side.matched, PRODUCERS)
            label = self.producers.standard.categories[PRODUCERS].label
            self._note_unknown(label, np.equal(codes, UNKNOWN), "producers")
            return np.equal(codes, YES)
        farms = self.mask("producer")
        return None if farms is None else farms & self.of_class("average_living")

    def _deprived(self, indicator: str) -> Bools:
        codes = self.assessment.indicator(indicator)
        listed = self.side.states <= IN_NEAR
        label = self.assessment.standard.indicators[indicator].label
        self._note_unknown(label, listed & (codes == UNKNOWN), f"deprived:{indicator}")
        return np.equal(codes, YES)

    def _flag(self, name: str) -> Bools | None:
        label = CAUSES.get(name) or CHARACTERISTICS[name]
        if not self.has(name):
            if name == "ethnic_minority" and self.has("ethnic_group"):
                return self._ethnic("ethnic_minority")
            self._note_absent(label, name)
            return None
        values, known = flags(self.column(name), name, self.side.matched)
        concerned = self.side.states <= IN_NEAR
        if name == "producer":  # asked of households of average living standard only
            concerned = np.equal(self.side.states, ABOVE)
        self._note_unknown(label, concerned & ~known, name)
        return values

    def has(self, name: str) -> bool:
        """Return whether the households have a column for something that no rule reads."""
        return self.side.has(self.names.get(name, name))

    def column(self, name: str) -> Distinct:
        """Return that column, by the caller's codes for it."""
        return translated(self.side.distinct(self.names.get(name, name)), self.codes.get(name))

    def member_column(self, name: str, level: Literal["household", "member"] = "member") -> Distinct | None:
        """Return a column of the members, by the caller's codes for it; ``None`` where there is none."""
        own = self.names.get(name, name)
        if not self.assessment.has(own, level):
            return None
        return translated(self.assessment.distinct(own, level), self.codes.get(name))

    def _ethnic(self, term: str) -> Bools | None:
        if not self.has("ethnic_group"):
            if not self.has("ethnic_minority"):
                return None
            minority, known = flags(self.column("ethnic_minority"), "ethnic_minority", self.side.matched)
            return ~known if term == "ethnic_unknown" else known & ~minority
        groups = self.ethnic_groups
        if term == "ethnic_unknown":
            return groups.missing
        if term == "ethnic_minority":
            return groups.where(lambda group: group != KINH)
        wanted = KINH if term == "kinh" else term.partition(":")[2]
        return groups.where(lambda group: group == wanted)

    @cached_property
    def ethnic_groups(self) -> Distinct:
        """Each household's ethnic group by its official name."""
        return read_ethnic_groups(self.column("ethnic_group"), "ethnic_group", self.side.matched)

    def other_groups(self) -> list[str | None]:
        """Return the ethnic groups of the listed households, Kinh apart; ``None`` among them if some aren't known."""
        listed = self.side.states <= IN_NEAR
        if not self.has("ethnic_group"):
            unknown = self.mask("ethnic_unknown")
            return [None] if unknown is not None and (unknown & listed).any() else []
        groups = self.ethnic_groups.take(np.flatnonzero(listed)).occurring()
        named = sorted((group for group in groups.values if group != KINH), key=alphabetical)
        return [*named, *([None] if groups.missing.any() else [])]

    def _note(self, kind: str, name: str, part: Label) -> None:
        self.notes.setdefault(kind, {})[name] = part

    def _note_absent(self, label: Label, name: str) -> None:
        self._note("absent", name, label)

    def _note_unknown(self, label: Label, rows: Bools, name: str) -> None:
        count = int(rows.sum())
        if count:
            part = Label(f"{label.vi}: {count} hộ còn để ngỏ", f"{label.en}: open in {count} households")
            self._note("unknown", name, part)

    # -- children

    def _children(self, category: str, indicator: str = "") -> Counts | None:
        a = self.assessment
        limit = a.standard.thresholds["child_age"].amounts[None]
        ages, homes = self.ages, a.member_rows
        listed = self.of_class(category)[homes]
        child = ages.where(lambda age: age < limit) & listed
        unknown = listed & ages.missing
        self._note_people("children", category, int(unknown.sum()), Label("Tuổi", "Age"))
        if indicator:
            codes = self._each_alone(indicator, np.flatnonzero(child))
            if codes is None:
                return None
            label = a.standard.indicators[indicator].label
            self._note_people(f"children:{indicator}", category, int((codes == UNKNOWN).sum()), label)
            child[np.flatnonzero(child)[codes != YES]] = False
        at = self.at[homes[child]]
        households, _ = self.add_up(at, np.ones(len(at), np.int64))
        return households, households

    @cached_property
    def ages(self) -> Distinct:
        """Each member's age, by the caller's codes for it."""
        return translated(self.assessment.distinct(self.names.get("age", "age"), "member"), self.codes.get("age"))

    def _each_alone(self, indicator: str, members: Ints) -> npt.NDArray[np.uint8] | None:
        """Return whether each of these members is deprived: whether a household of that member alone would be.

        So the rule is the standard's own; it must be one that some member makes true (“ít nhất một”).
        """
        from mdpoverty.law.program import reads

        a = self.assessment
        if indicator not in a.standard.indicators:
            return None
        household: dict[str, Any] = {"household_id": np.arange(len(members))}
        member: dict[str, Any] = {"household_id": np.arange(len(members))}
        for level, name in reads(a.standard.indicators[indicator].rule):
            values = self.member_column(name, level)
            if values is None:
                return None
            rows = members if level == "member" else a.member_rows[members]
            (member if level == "member" else household)[name] = values.take(rows).listed()
        if not len(members):
            return np.zeros(0, np.uint8)
        return a.standard.indicators[indicator].score(household, member, date=a.date)

    def _note_people(self, name: str, category: str, found: int, label: Label) -> None:
        """Note people of one list of whom something is open, together with those of the other list."""
        its = self._people.setdefault(name, {})
        its[category] = found
        count = sum(its.values())
        if count:
            part = Label(f"{label.vi}: {count} nhân khẩu còn để ngỏ", f"{label.en}: open of {count} people")
            self._note("members", name, part)

    # -- of two reviews

    @cached_property
    def movements(self) -> Mapping[str, Mapping[str, Counts]]:
        """The movements of both lists, by class and by what the forms of changes ask."""
        return {category: self._flow(category) for category in STATE}

    def _flow(self, category: str) -> dict[str, Counts]:
        """Count the movements of one list.

        A household first changes its size and then moves with its new size, so that who leaves one list for the other
        is as many people in both forms. What a household has gained or lost in size is other increase or decrease of
        the list it was on; so is one that moved from one place to another, there and here.
        """
        assert self.flows is not None
        own, other = STATE[category], STATE[NEAR_POOR if category == POOR else POOR]
        b, a = self.flows.states_before, self.flows.states_after
        sizes = [self.flows.table[f"size_{which}"].fillna(0).to_numpy(dtype=np.int64) for which in ("before", "after")]
        here, there = self.flow_at
        stays = (b != ABSENT) & (a != ABSENT) & (here == there)
        was, is_ = b == own, a == own
        gone, come = was & ~stays, is_ & ~stays
        grown = sizes[1] - sizes[0]
        again = self.flows.table["last_listed"].notna().to_numpy()

        def out(mask: Bools, which: int = 1) -> Counts:
            return self.add_up((here if which == 0 else there)[mask], sizes[which][mask])

        changed = was & stays & (grown != 0)
        return {
            "begin": out(was, 0),
            "to_other": out(was & stays & (a == other)),
            "to_above": out(was & stays & (a == ABOVE)),
            "to_open": out(was & stays & (a == OPEN_CODE)),
            "from_other": out(is_ & stays & (b == other)),
            "fell_back": out(is_ & stays & (b == ABOVE) & again),
            "new": out(is_ & stays & (b == ABOVE) & ~again),
            "from_open": out(is_ & stays & (b == OPEN_CODE)),
            "decrease": self._with_people(out(gone, 0), here[changed], np.maximum(-grown[changed], 0)),
            "increase": self._with_people(out(come), here[changed], np.maximum(grown[changed], 0)),
        }

    def _with_people(self, counts: Counts, at: Ints, people: Ints) -> Counts:
        _, more = self.add_up(at, people)
        return counts[0], [(a or 0) + (b or 0) for a, b in zip(counts[1], more, strict=True)]
