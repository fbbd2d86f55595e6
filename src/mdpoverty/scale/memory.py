"""Memory that was used and isn't any more, given back to the system: allocators keep it, and merging needs room."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from functools import cache

from mdpoverty.extras import arrow


def give_back() -> None:
    """Give back what Arrow's allocator and the C library hold and nobody uses; where the library can't, only Arrow's.

    Tallies grow: where one lay, the next is too large to lie, and what was left between them stayed this process's.
    """
    arrow().default_memory_pool().release_unused()
    _trim()(0)


@cache
def _trim() -> Callable[[int], object]:
    """Return glibc's ``malloc_trim``, or what does nothing where the C library is another."""
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    return getattr(library, "malloc_trim", lambda room: None)
