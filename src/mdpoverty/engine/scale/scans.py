"""What is to be read: two sources of rows, and how they belong together."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from mdpoverty.engine.scale.sources import Source, source
from mdpoverty.errors import SpecError

BLOCK = 262_144
"""Households in a block: enough for what is done once a block not to count, few enough for a block to fit in memory."""


@frozen(eq=False, repr=False)
class Scan:
    """Households and their members, not read yet; made by :func:`mdpoverty.scan`.

    Attributes
    ----------
    households, members : Source
        Where rows come from; ``members`` is ``None`` where there are none.
    aligned : bool
        Whether members come in the order of their households.
    block : int
        How many households are read at a time.
    """

    households: Source
    members: Source | None
    aligned: bool
    block: int

    def __repr__(self) -> str:
        return f"scan({self.households!r}, {self.members!r})"


def scan(households: Any, members: Any = None, *, aligned: bool = True, block: int = BLOCK) -> Any:
    """Name tables that are too large for memory, to be read block by block by ``standard.tally`` and ``classify``.

    Parameters
    ----------
    households, members
        Parquet or CSV files: a path, a pattern such as ``"households/*.parquet"``, a folder, or a list of those; a
        pyarrow dataset; anything with ``__arrow_c_stream__`` (pyarrow, polars, pandas, a DuckDB relation, an ibis
        table); a polars lazy frame. Or two Dask or two Spark frames, which then do the work themselves. In CSV files
        keys and places are read as text, so that ``01`` stays ``01``.
    aligned : bool
        Whether members come in the order of their households, household after household; some households may have
        none. If not, DuckDB sorts them first (on disk where they don't fit), or the frames' own engine brings the two
        together.
    block : int
        How many households to read at a time. Memory grows with it, results don't depend on it.

    Returns
    -------
    Scan

    Raises
    ------
    BadTable
        If something is no source of rows, or no file is there.
    MissingExtra
        If pyarrow isn't installed.

    Examples
    --------
    >>> import mdpoverty as mdp
    >>> from mdpoverty import examples
    >>> households, members = examples.commune(1000, kind="pyarrow")
    >>> tally = mdp.standards["vn-2022"].tally(mdp.scan(households, members, block=100), by="village")
    >>> tally.n
    1000
    """
    if block < 1:
        raise SpecError(f"block={block}: read at least one household at a time")
    of_households = source(households, "households")
    of_members = None if members is None else source(members, "members")
    return Scan(of_households, of_members, aligned, block)
