"""Made-up households and their members, in any number, to learn, test and measure with.

Nobody here exists. There are no names of people, places are called *Ví Dụ* ("example"), and every answer is drawn
from a seed. What is meant to be like life is how the answers hang together: sizes, ages, schooling and work fit each
other, a poor household lacks more, neighbours are alike, and the shares of households that lack something are near
those of Viet Nam's living standards survey. Don't quote numbers from it as findings.
"""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Integral
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import numpy as np

from mdpoverty.doors import door
from mdpoverty.errors import SpecError
from mdpoverty.examples.draw import GRAIN, VILLAGES, Drawn, below, cut, grain
from mdpoverty.tables.columns import Array
from mdpoverty.tables.making import MAKERS, Made, make

__all__ = ["Sample", "commune", "population"]

Kind: TypeAlias = Literal["pandas", "polars", "pyarrow", "dict"]
Ids: TypeAlias = Literal["text", "int"]

COMMUNES: Final = 10  # in a district
DISTRICTS: Final = 40  # in a province


class Sample(NamedTuple):
    """A table of households and a table of their members; ``households, members = sample`` unpacks it.

    Attributes
    ----------
    households, members : frame
        Of the kind that was asked for; members stand in the order of their households.
    """

    households: Any
    members: Any


@door
def commune(n: int = 1000, *, seed: int = 2024, gaps: float = 0.02, kind: Kind = "pandas", ids: Ids = "text") -> Sample:
    """Make up a commune: ``n`` households and the people who live in them.

    The same seed gives the same households on every machine and in every kind of frame, and a smaller ``n`` gives the
    first of the larger one's. All people are made up.

    Parameters
    ----------
    n : int
        Households.
    seed : int
        Any whole number from 0.
    gaps : float
        Share of answers that the officer forgot, more in yes-or-no questions than in others; a few households then
        have no member rows at all. With 0, everything that is asked is answered. What a form doesn't ask of someone
        (is an adult stunted, does a child work) is missing either way. The answers that are there don't depend on it.
    kind : {"pandas", "polars", "pyarrow", "dict"}
        The kind of both tables. ``"dict"`` is a dict of numpy arrays: None is a missing word or flag, NaN a missing
        number.
    ids : {"text", "int"}
        Household ids like ``"VD-000123"``, or the plain number, which is faster and smaller.

    Returns
    -------
    Sample
        ``households`` and ``members``, with the columns and codes that ``standard.fields`` describes. Households also
        have the made-up `province`, `district`, `commune` and `village`, and `ethnic_minority`. `income` is in đồng
        per person per month, `floor_area` in m². Area, size and places are never missing.

    Raises
    ------
    SpecError
        If an argument is out of range.
    MissingExtra
        If the package of that kind of frame is not installed.

    Examples
    --------
    >>> households, members = commune(3, kind="dict")
    >>> households["household_id"].tolist()
    ['VD-000001', 'VD-000002', 'VD-000003']
    >>> households["household_size"].tolist()
    [6, 2, 3]
    """
    _check(n, seed, gaps, kind, ids)
    return _sample(0, n, n, seed, gaps, kind, ids)


@door
def population(
    n: int,
    *,
    seed: int = 2024,
    block: int = 100_000,
    gaps: float = 0.02,
    kind: Kind = "pandas",
    ids: Ids = "text",
) -> Iterator[Sample]:
    """Make up ``n`` households block by block, so that a whole country fits in little memory.

    Household ids run on from block to block. The data don't depend on ``block``: together the blocks are
    ``commune(n, seed=seed, …)``.

    Parameters
    ----------
    n : int
        Households.
    block : int
        Households per block; multiples of 10,000 are fastest.
    seed, gaps, kind, ids
        As in :func:`commune`.

    Yields
    ------
    Sample
        The next households with all of their members.

    Examples
    --------
    >>> [len(households) for households, members in population(2500, block=1000)]
    [1000, 1000, 500]
    """
    _check(n, seed, gaps, kind, ids)
    if block < 1:
        raise SpecError(f"block={block}: give at least one household per block.")
    return (_sample(start, min(start + block, n), n, seed, gaps, kind, ids) for start in range(0, n, block))


_MOST = 10**9  # more households than any country has


def _check(n: int, seed: int, gaps: float, kind: str, ids: str) -> None:
    if not 0 <= n <= _MOST:
        raise SpecError(f"n=: give a number of households from 0 to {_MOST:,}.")
    if not isinstance(seed, Integral) or seed < 0:
        raise SpecError("seed= is a whole number, 0 or more.")
    if not 0 <= gaps <= 1:
        raise SpecError(f"gaps={gaps}: give a share from 0 (nothing missing) to 1.")
    if kind not in MAKERS:
        raise SpecError(f"kind={kind!r}: choose one of {', '.join(MAKERS)}.")
    if ids not in ("text", "int"):
        raise SpecError(f"ids={ids!r}: choose 'text' or 'int'.")


def _sample(start: int, stop: int, total: int, seed: int, gaps: float, kind: Kind, ids: Ids) -> Sample:
    grains = range(start // GRAIN, max(start, stop - 1) // GRAIN + 1)
    parts = [_part(one, start, stop, seed, gaps) for one in grains]
    number = np.arange(start, stop)
    owner = np.repeat(number, np.concatenate([rows for _, _, rows in parts]))
    households = _places(number, total) | below([households for households, _, _ in parts])
    members = below([members for _, members, _ in parts])
    if ids == "int":
        return Sample(
            make(kind, {"household_id": Made(number + 1)} | households),
            make(kind, {"household_id": Made(owner + 1)} | members),
        )
    names = _names(number + 1, max(6, len(str(total))))
    text = names[owner - start]
    return Sample(
        make(kind, {"household_id": Made(names)} | households), make(kind, {"household_id": Made(text)} | members)
    )


def _part(number: int, start: int, stop: int, seed: int, gaps: float) -> tuple[Drawn, Drawn, Array]:
    households, members, rows = grain(number, seed, float(gaps))
    first, last = max(start - number * GRAIN, 0), min(stop - number * GRAIN, GRAIN)
    before, after = int(rows[:first].sum()), int(rows[:last].sum())
    return (
        {name: cut(column, slice(first, last)) for name, column in households.items()},
        {name: cut(column, slice(before, after)) for name, column in members.items()},
        rows[first:last],
    )


def _places(number: Array, total: int) -> Drawn:
    commune = number // VILLAGES.sum()
    district = commune // COMMUNES
    province = district // DISTRICTS
    provinces = max(total - 1, 0) // (int(VILLAGES.sum()) * COMMUNES * DISTRICTS) + 1

    def named(what: str, codes: Array, count: int) -> Made:
        labels = tuple(f"{what} Ví Dụ {one + 1}" for one in range(count))
        return Made(codes.astype(np.uint16 if count > 255 else np.uint8), None, labels)

    return {
        "province": named("Tỉnh", province, provinces),
        "district": named("Huyện", district % DISTRICTS, DISTRICTS),
        "commune": named("Xã", commune % COMMUNES, COMMUNES),
    }


def _names(number: Array, width: int) -> Array:
    """Write ids such as VD-000123, digit by digit, as a loop over millions of numbers would take seconds."""
    characters = np.empty((len(number), width + 3), dtype=np.uint32)
    characters[:, :3] = [ord(letter) for letter in "VD-"]
    for place in range(width):
        characters[:, -1 - place] = number // 10**place % 10 + ord("0")
    return characters.view(f"U{width + 3}")[:, 0]
