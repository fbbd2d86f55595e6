"""Memory that arrays give back, for the arrays that come next."""

from __future__ import annotations

import numpy as np

_KEPT = (1 << 25) - (1 << 16)  # bytes: the most that glibc learns from is 32 MB, with what it adds of its own


def keep_memory() -> None:
    """Let the C library keep what arrays give back, where it would return it to the system and ask for it again.

    glibc learns from the largest piece that was given back how large pieces are to be kept; this one is never touched.
    """
    np.empty(_KEPT, np.uint8)
