"""Places: province, district, commune (since July 2025 province and commune), numbered 1, 1.1, … as the forms do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
from attrs import evolve, field, frozen

from mdpoverty.dynamics.places import Path
from mdpoverty.law.fields import Label
from mdpoverty.numbers import Language
from mdpoverty.tables.columns import Distinct

__all__ = ["Areas", "Blocks", "Place"]

TOTAL = Label("Tổng cộng", "Total")
NOWHERE = Label("(không rõ địa bàn)", "(area not given)")


@frozen
class Place:
    """A row's place.

    Attributes
    ----------
    path : tuple of str
        The names from the top; ``()`` for all places together.
    number : str
        As printed: ``"1.2"``; empty for the first row.
    children : tuple of int
        The places that it is the sum of, by their position; empty for the lowest ones.
    leaf : int
        The position among the lowest places; -1 for others.
    label : Label, optional
        What is printed for a block of places.
    """

    path: Path
    number: str
    children: tuple[int, ...] = ()
    leaf: int = -1
    label: Label | None = None

    def name(self, lang: Language) -> str:
        """Return its name."""
        if self.label is not None:
            return self.label.in_(lang)
        return (self.path[-1] if self.path else None) or (NOWHERE if self.path else TOTAL).in_(lang)

    @property
    def whole(self) -> bool:
        """Whether it is the sum of others, or of all."""
        return bool(self.children) or not self.path or self.label is not None


def _once(paths: Iterable[Path]) -> list[Path]:
    return list(dict.fromkeys(paths))


@frozen(eq=False, slots=False)
class Areas:
    """All places of a set of forms, in the order of their rows.

    Attributes
    ----------
    levels : int
        How many levels there are: province, district and commune are three.
    paths : list of tuple
        The lowest places, each once.

    >>> areas = Areas(2, [("Huyện A", "Xã 1"), ("Huyện B", "Xã 2"), ("Huyện A", "Xã 3")])
    >>> [(place.number, place.name("en")) for place in areas.places]
    [('', 'Total'), ('1', 'Huyện A'), ('1.1', 'Xã 1'), ('1.2', 'Xã 3'), ('2', 'Huyện B'), ('2.1', 'Xã 2')]
    """

    levels: int
    paths: list[Path] = field(converter=_once)

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Every place, a whole before its parts."""
        places: list[Place] = []
        # Where everything lies in one province, its row is the first one and stands for the total.
        top: Path = ()
        tops = dict.fromkeys(path[:1] for path in self.paths)
        if self.levels > 1 and len(tops) == 1:
            top = next(iter(tops))
        _plant(top, "", self.paths, self.levels, self._position, places)
        return tuple(places)

    @cached_property
    def _position(self) -> dict[Path, int]:
        return {path: number for number, path in enumerate(self.paths)}

    @property
    def leaves(self) -> int:
        """How many lowest places there are."""
        return len(self.paths)

    def positions(self, paths: Distinct) -> npt.NDArray[np.int64]:
        """Return the position of each row's path among the lowest places; -1 where it is none."""
        return np.array([*(self._position.get(path, -1) for path in paths.values), -1], np.int64)[paths.places]

    def up(self, leaves: Sequence[int | None]) -> list[int | None]:
        """Return the number of every place from those of the lowest; blank where a part is blank."""
        found: list[int | None] = [None] * len(self.places)
        for at, children, leaf in self._parts_first:
            parts = [found[child] for child in children]
            total = None if None in parts else sum(part for part in parts if part is not None)
            found[at] = leaves[leaf] if leaf >= 0 else total
        return found

    @cached_property
    def _parts_first(self) -> list[tuple[int, tuple[int, ...], int]]:
        """Each place's position, those of its parts, and its own among the lowest; the parts before their whole."""
        deep = sorted(range(len(self.places)), key=lambda at: -len(self.places[at].path))
        return [(at, self.places[at].children, self.places[at].leaf) for at in deep]


def _plant(
    path: Path, number: str, leaves: list[Path], levels: int, position: dict[Path, int], places: list[Place]
) -> int:
    """Add a place and all places in it; return its position."""
    at = len(places)
    if len(path) == levels:
        places.append(Place(path, number, leaf=position.get(path, -1)))
        return at
    places.append(Place(path, number))
    inside: dict[Path, list[Path]] = {}
    for leaf in leaves:
        inside.setdefault(leaf[: len(path) + 1], []).append(leaf)
    children = tuple(
        _plant(child, f"{number}.{i}" if number else str(i), its, levels, position, places)
        for i, (child, its) in enumerate(inside.items(), 1)
    )
    places[at] = Place(path, number, children)
    return at


BLOCKS: Mapping[str | None, Label] = {
    "urban": Label("Khu vực thành thị", "Urban areas"),
    "rural": Label("Khu vực nông thôn", "Rural areas"),
    None: Label("Chưa rõ khu vực", "Area not given"),
}
_ROMANS = ("I", "II", "III", "IV")


class Blocks(Areas):
    """The places of the official layout: those of urban areas, then those of rural ones, then both together.

    The paths begin with ``"urban"`` or ``"rural"``; who is in neither has a block of their own, if there are such.

    >>> blocks = Blocks(2, [("rural", "Xã 1"), ("urban", "Phường 2"), ("rural", "Xã 3")])
    >>> [(place.number, place.name("en")) for place in blocks.places[-3:]]
    [('1', 'Xã 1'), ('2', 'Xã 3'), ('III', 'Total (I + II)')]
    """

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Every place, a whole before its parts, and the total last."""
        places: list[Place] = []
        tops = {path[1:2] for path in self.paths}
        blocks: list[int] = []
        for number, (block, label) in zip(_ROMANS, BLOCKS.items(), strict=False):
            its = [path for path in self.paths if path[0] == block]
            if block is None and not its:
                continue
            # Where everything lies in one province, the block stands for it.
            top: Path = (block, *next(iter(tops))) if self.levels > 2 and len(tops) == 1 else (block,)
            at = _plant(top, "", its, self.levels, self._position, places)
            places[at] = evolve(places[at], number=number, label=label)
            blocks.append(at)
        written = " + ".join(_ROMANS[: len(blocks)])
        total = Label(f"{TOTAL.vi} ({written})", f"{TOTAL.en} ({written})")
        places.append(Place((), _ROMANS[len(blocks)], tuple(blocks), label=total))
        return tuple(places)
