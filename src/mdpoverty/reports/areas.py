"""Places: province, district, commune (since July 2025 province and commune), numbered 1, 1.1, … as the forms do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from mdpoverty.places import Path
from mdpoverty.standard import Label

__all__ = ["Areas", "Place"]

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
    """

    path: Path
    number: str
    children: tuple[int, ...] = ()
    leaf: int = -1

    def name(self, lang: str) -> str:
        """Return its name."""
        label = TOTAL if not self.path else NOWHERE
        return (self.path[-1] if self.path else None) or (label.vi if lang == "vi" else label.en)


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

    def positions(self, paths: Iterable[Path]) -> npt.NDArray[np.int64]:
        """Return the position of each path among the lowest places; -1 where it is none."""
        return np.array([self._position.get(path, -1) for path in paths], np.int64)

    def up(self, leaves: Sequence[int | None]) -> list[int | None]:
        """Return the number of every place from those of the lowest; blank where a part is blank."""
        found: list[int | None] = [0] * len(self.places)
        for at in range(len(self.places) - 1, -1, -1):
            place = self.places[at]
            if place.leaf >= 0:
                found[at] = leaves[place.leaf]
                continue
            parts = [found[child] for child in place.children]
            found[at] = None if None in parts else sum(part for part in parts if part is not None)
        return found


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
