"""Keys found in keys: a hash table that is filled and asked by whole arrays, every hit compared in full."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mdpoverty.tables.columns import Bools

Positions = npt.NDArray[np.int64]
Words = list[npt.NDArray[np.uint64]]
"""The words of eight bytes that each row's key consists of."""

_ROUNDS = 8
_SPARSE = 8  # places for each number up to which numbers are looked up by what they are
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


def look_up(ours: Words, theirs: Words, our_gaps: Bools | None = None, their_gaps: Bools | None = None) -> Positions:
    """Return for each of their keys the first of ours that is equal, -1 where there is none.

    Ours are put into a table by some bits of a hash, whoever is first at a place. Theirs look at one place each, and
    compare in full. Who found a place taken goes on to the next round, by other bits, as does who hasn't been found.
    """
    if len(ours) == 1 and our_gaps is None:
        dense = _dense(ours[0], theirs[0], their_gaps)
        if dense is not None:
            return dense
    rows, seekers = np.arange(len(ours[0])), np.arange(0)
    rows = rows if our_gaps is None else rows[~our_gaps]
    found = np.full(len(theirs[0]), -1, np.int64)
    hashes, their_hashes = _hash(ours), _hash(theirs)
    hashes = hashes if our_gaps is None else hashes[rows]
    first = True
    for _ in range(_ROUNDS):
        bits = max(4, (4 * len(rows)).bit_length())
        kind: Any = np.int32 if len(ours[0]) <= np.iinfo(np.int32).max else np.int64
        table: npt.NDArray[Any] = np.full(1 << bits, -1, kind)
        away = np.uint64(64 - bits)
        places = (hashes >> away).view(np.int64)
        table[places[::-1]] = rows[::-1]
        at: npt.NDArray[Any] = table.take((their_hashes >> away).view(np.int64))
        asked = theirs if first else [word[seekers] for word in theirs]
        same = at >= 0
        for word, its in zip(ours, asked, strict=True):
            same &= word.take(at, mode="wrap") == its
        if first:
            np.copyto(found, at, where=same)
            seekers = np.flatnonzero(~same)
        else:
            found[seekers[same]] = at[same]
            seekers = seekers[~same]
        holders = table.take(places)
        rest = holders != rows
        if rest.any():  # but who is the holder's equal has been found already
            again = np.flatnonzero(rest)
            twin = np.ones(len(again), bool)
            for word in ours:
                twin &= word[holders[again]] == word[rows[again]]
            rest[again[twin]] = False
        if not rest.any() or not len(seekers):
            break
        rows, hashes = rows[rest], _again(hashes[rest])
        their_hashes = _again(their_hashes[~same])
        first = False
    else:
        _one_by_one(ours, theirs, rows, seekers, found)
    if their_gaps is not None:
        found[their_gaps] = -1
    return found


def _dense(ours: npt.NDArray[np.uint64], theirs: npt.NDArray[np.uint64], gaps: Bools | None) -> Positions | None:
    """Look numbers up by what they are, where they lie close together; ``None`` where they don't."""
    least = ours.min()
    width = int(ours.max() - least) + 1
    if width > _SPARSE * len(ours) + 1024:
        return None
    table = np.full(width + 1, -1, np.int64)
    table[(ours[::-1] - least).view(np.int64)] = np.arange(len(ours) - 1, -1, -1)
    found: Positions = table.take(np.minimum(theirs - least, np.uint64(width)).view(np.int64))
    if gaps is not None:
        found[gaps] = -1
    return found


def _hash(words: Words) -> npt.NDArray[np.uint64]:
    mixed = words[0] * _SPREAD
    for word in words[1:]:
        mixed ^= mixed >> np.uint64(32)
        mixed += word
        mixed *= _SPREAD
    mixed ^= mixed >> np.uint64(29)
    mixed *= _SPREAD
    return mixed


def _again(hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    return (hashes ^ (hashes >> np.uint64(31))) * _SPREAD


def _one_by_one(ours: Words, theirs: Words, rows: Positions, seekers: Positions, found: Positions) -> None:
    """Find what no round has: only keys made up so as to share their hashes come to that."""
    known: dict[tuple[int, ...], int] = {}
    for row, key in zip(rows.tolist(), zip(*(word[rows].tolist() for word in ours), strict=True), strict=True):
        known.setdefault(key, row)
    for row, key in zip(seekers.tolist(), zip(*(word[seekers].tolist() for word in theirs), strict=True), strict=True):
        found[row] = known.get(key, -1)
