"""Reading ahead: the next rows of a file are read by a thread of their own while those before are worked on."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from mdpoverty.scale.sources import Files, Piece, Source, Wanted

AHEAD = 1, 8
"""Pieces of households and of members that are read before they are asked for: about a block."""


def ahead(source: Source, wanted: Wanted, count: int) -> Iterator[Piece]:
    """Yield a source's pieces; of files, so many are read ahead.

    What else gives rows may not like to be asked by another thread than the one that made it.
    """
    pieces = source.pieces(wanted)
    if not count or not isinstance(source, Files):
        yield from pieces
        return
    with ThreadPoolExecutor(1) as reader:
        waiting = deque(reader.submit(next, pieces, None) for _ in range(count))
        try:
            while (piece := waiting.popleft().result()) is not None:
                waiting.append(reader.submit(next, pieces, None))
                yield piece
        finally:
            reader.shutdown(cancel_futures=True)
