"""Which standard is in force when: no day twice, no hole without a word, nothing built before it is asked for."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdpoverty as mdp
from mdpoverty.errors import NoStandardInForce, StandardError, UnknownStandard
from mdpoverty.standards import Entry, Hole, Registry

VN = mdp.standards["vn-2022"]
CITED = mdp.Citation("A made-up resolution of a made-up province")


def province(id: str = "vn-xx-2023", first: Any = "2023-01-01", last: Any = "2023-12-31") -> mdp.Standard:
    return VN.evolve(id=id, citation=CITED, jurisdiction="VN-XX", in_force=first, until=last)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2016-01-01", "vn-2016"),
        ("2020-12-31", "vn-2016"),
        ("2021-01-01", "vn-2016"),  # Decree 07/2021, article 2
        ("2021-03-15", "vn-2016"),  # the decree itself is in force, its standard isn't
        ("2021-12-31", "vn-2016"),
        ("2022-01-01", "vn-2022"),
        ("2025-12-31", "vn-2022"),
        ("2026-01-01", "vn-2022"),  # Decree 351/2025
        ("2026-12-31", "vn-2022"),
        ("2027-01-01", "vn-2027"),
        ("2030-12-31", "vn-2027"),
    ],
)
def test_the_national_standard_of_a_day(day: str, expected: str) -> None:
    assert mdp.standards.on(day).id == expected
    assert mdp.standards.on(date.fromisoformat(day)).covers(day)


@pytest.mark.parametrize("day", ["2015-12-31", "2031-01-01"])
def test_a_day_that_no_standard_covers(day: str) -> None:
    with pytest.raises(NoStandardInForce, match="2022-01-01 to 2026-12-31") as raised:
        mdp.standards.on(day)
    assert [entry.id for entry in raised.value.known] == ["vn-2016", "vn-2022", "vn-2027"]


def test_no_day_is_no_question() -> None:
    with pytest.raises(NoStandardInForce, match="give one"):
        mdp.standards.on(None)  # type: ignore[arg-type]  # what a form without a date sends


def test_an_unknown_id_names_those_that_there_are() -> None:
    with pytest.raises(UnknownStandard, match=r"there are vn-2016, vn-2022"):
        mdp.standards["vn-1999"]
    assert "vn-1999" not in mdp.standards
    assert mdp.standards.get("vn-1999") is None


@pytest.mark.parametrize("entry", mdp.standards.list(), ids=lambda entry: entry.id)
def test_an_entry_says_what_its_standard_says(entry: Entry) -> None:
    standard = mdp.standards[entry.id]
    assert entry.id == standard.id
    assert (entry.in_force, entry.until) == (standard.in_force, standard.until)
    assert (entry.jurisdiction, entry.revision) == (standard.jurisdiction, standard.revision)


def test_nothing_is_built_before_it_is_asked_for() -> None:
    code = (
        "import sys, mdpoverty; mdpoverty.standards.list();"
        "built = [m for m in sys.modules if m.startswith('mdpoverty.standards.')];"
        "assert not built, built; assert 'pandas' not in sys.modules and 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# ------------------------------------------------------------------------------------------- a province's own


def test_a_province_has_its_own_and_falls_back_only_when_asked() -> None:
    registry = Registry(mdp.standards.list())
    registry.register(province())
    assert registry.on("2023-06-01", "VN-XX").id == "vn-xx-2023"
    assert registry.on("2023-06-01").id == "vn-2022"
    with pytest.raises(NoStandardInForce, match=r"vn-xx-2023 .*fallback=True"):
        registry.on("2024-06-01", "VN-XX")
    assert registry.on("2024-06-01", "VN-XX", fallback=True).id == "vn-2022"
    with pytest.raises(NoStandardInForce, match="none for VN-YY"):
        registry.on("2024-06-01", "VN-YY")


def test_registering_twice_changes_nothing_and_another_of_that_name_is_refused() -> None:
    registry = Registry()
    registry.register(province())
    registry.register(province())
    assert len(registry) == 1
    with pytest.raises(StandardError, match="called 'vn-xx-2023' already"):
        registry.register(province(last="2024-12-31"))


def test_a_province_loads_its_own_file(tmp_path: Any) -> None:
    file = tmp_path / "ours.json"
    file.write_text(province().to_json(), encoding="utf-8")
    registry = Registry(mdp.standards.list())
    assert registry.load(file) == province()
    assert registry["vn-xx-2023"].digest == province().digest


def test_overlaps_are_refused() -> None:
    registry = Registry()
    registry.register(province())
    with pytest.raises(StandardError, match="cover the same days"):
        registry.register(province("vn-xx-2", "2023-12-31", "2024-12-31"))
    registry.register(province("vn-xx-2", "2023-12-31", "2024-12-31"), alternative=True)
    assert registry.on("2023-12-31", "VN-XX").id == "vn-xx-2023"
    open_end = Entry("b", "X", date(2021, 1, 1), None)
    with pytest.raises(StandardError, match="cover the same days"):
        Registry([open_end, Entry("c", "X", date(2030, 1, 1), None)])


def test_holes_are_refused_until_somebody_says_why() -> None:
    registry = Registry()
    registry.register(province())
    later = province("vn-xx-2", "2024-01-02", "2024-12-31")
    with pytest.raises(StandardError, match="covers 2024-01-01 to 2024-01-01"):
        registry.register(later)
    assert "vn-xx-2" not in registry
    registry.register(later, hole="New Year's Day")
    assert registry.holes == (Hole("VN-XX", date(2024, 1, 1), date(2024, 1, 1), "New Year's Day"),)
    with pytest.raises(NoStandardInForce):
        registry.on("2024-01-01", "VN-XX")


def test_an_old_revision_stays_available() -> None:
    corrected = VN.evolve(id="vn-2022", citation=VN.citation, title=VN.title, revision=2)
    now = Entry("vn-2022", "VN", VN.in_force, VN.until, revision=2, standard=corrected)
    registry = Registry([now], past=[Entry("vn-2022", "VN", VN.in_force, VN.until, standard=VN)])
    assert registry["vn-2022"].revision == 2
    assert registry.revision("vn-2022", 1) == VN
    assert registry.revision("vn-2022", 2) == corrected
    with pytest.raises(UnknownStandard, match=r"no revision 3; there are \[1, 2\]"):
        registry.revision("vn-2022", 3)


_days = st.dates(date(2000, 1, 1), date(2002, 12, 31))


@given(st.lists(st.tuples(_days, st.integers(0, 400)), max_size=4))
def test_a_registry_never_gives_two_standards_for_a_day(spans: list[tuple[date, int]]) -> None:
    entries = [Entry(f"s{i}", "X", day, day + timedelta(days=n)) for i, (day, n) in enumerate(spans)]
    days = [date(2000, 1, 1) + timedelta(days=n) for n in range(0, 1500)]
    covered = [sum(entry.covers(day) for entry in entries) for day in days]
    inside = [
        day for day in days if entries and min(e.in_force for e in entries) <= day <= max(e.until for e in entries)
    ]
    sound = max(covered, default=0) <= 1 and all(any(e.covers(day) for e in entries) for day in inside)
    try:
        Registry(entries)
    except StandardError:
        assert not sound
    else:
        assert sound
