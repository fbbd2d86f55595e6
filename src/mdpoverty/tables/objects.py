"""Columns of Python objects, as ``read_csv`` and ``read_excel`` leave them: each different object is looked at once.

A column of objects is an array of addresses. Real ones hold few different objects (True, False and one NaN; the same
words again and again), so the addresses are told apart first, as fast as numbers are, and only the few objects behind
them are read in Python.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from mdpoverty.tables.columns import Array

_SAMPLE = 4_096
_ROWS = 1 << 15  # addresses that are compared at a time, in the processor's cache
_FEW = 256  # different objects in a sample from which on a column isn't one of few


def distinct(values: Array) -> tuple[Array, list[Any]] | None:
    """Return for each row which of the column's different objects it holds, and these.

    Objects that are equal and not the same one may be there several times. ``None`` if there are too many different
    ones for this to be of use.
    """
    values = np.ascontiguousarray(values, dtype=object)
    addresses = _addresses(values)
    found = np.unique(addresses[:: max(1, len(addresses) // _SAMPLE)])
    if len(found) > _FEW:
        return None
    while True:
        places = _places(addresses, found)
        if places is not None:
            break
        found = np.unique(addresses)
        if len(found) > max(_FEW, len(addresses) // 16):
            return None
    return places, [ctypes.cast(address, ctypes.py_object).value for address in found.tolist()]


def _addresses(values: Array) -> Array:
    """View an array of objects as the addresses that it consists of."""
    if not len(values):
        return np.zeros(0, np.uintp)
    raw = (ctypes.c_size_t * len(values)).from_address(values.ctypes.data)
    return np.ctypeslib.as_array(raw)  # read at once, while the array of objects is held


def _places(addresses: Array, found: Array) -> Array | None:
    """Return each address's place among the (sorted) found ones; ``None`` if one isn't among them."""
    if len(found) <= 8:  # a comparison each is cheaper than a search
        places: Array = np.empty(len(addresses), np.int8)
        for start in range(0, len(addresses), _ROWS):
            rows = slice(start, start + _ROWS)
            held, at = addresses[rows], places[rows]
            at.fill(-1)
            for place, address in enumerate(found):
                at += (held == address).view(np.int8) * np.int8(place + 1)
            if int(at.min()) < 0:
                return None
        return places
    places = np.searchsorted(found, addresses)
    places[places == len(found)] = 0
    return places if bool((found[places] == addresses).all()) else None
