"""What is to be read: two sources of rows, and how they belong together."""

from __future__ import annotations

from typing import Any, Literal

from attrs import frozen

from mdpoverty.errors import BadTable, SpecError
from mdpoverty.scale.sources import Source, source

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


@frozen(eq=False, repr=False)
class Frames:
    """Two Dask or two Spark frames; made by :func:`mdpoverty.scan`.

    Attributes
    ----------
    engine : {"dask", "spark"}
        Whose frames they are.
    households, members
        The frames; ``members`` is ``None`` where there are none.
    aligned : bool
        Whether part *i* of the members holds the members of part *i* of the households. Spark doesn't rely on it.
    """

    engine: Literal["dask", "spark"]
    households: Any
    members: Any
    aligned: bool

    def __repr__(self) -> str:
        return f"scan of {self.engine} frames"


def _engine(frame: Any) -> Literal["dask", "spark"] | None:
    module = f"{type(frame).__module__}."
    if module.startswith(("dask.", "dask_expr.")):
        return "dask"
    return "spark" if module.startswith("pyspark.") else None


def scan(households: Any, members: Any = None, *, aligned: bool = True, block: int = BLOCK) -> Scan | Frames:
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
        none. If not, DuckDB and Arrow first write the members of each block to a file of their own, for a while, or the
        frames' own engine brings the two together.
    block : int
        How many households to read at a time. Memory grows with it, results don't depend on it.

    Returns
    -------
    Scan or Frames

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
    engine = _engine(households)
    if engine is not None:
        if members is not None and _engine(members) != engine:
            raise BadTable(f"the households are a {engine} frame, and the members aren't: make both one kind")
        return Frames(engine, households, members, aligned)
    of_households = source(households, "households")
    of_members = None if members is None else source(members, "members")
    return Scan(of_households, of_members, aligned, block)
