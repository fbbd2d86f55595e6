"""What is to be read: two sources of rows, and how they belong together."""

from __future__ import annotations

from typing import Any, Literal

from attrs import evolve, frozen

from mdpoverty.doors import door
from mdpoverty.errors import BadTable, SpecError
from mdpoverty.scale.sources import Csv, Parquet, Source, is_relation, source

BLOCK = 131_072
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


@frozen(eq=False, repr=False)
class Pairs:
    """Files that an engine's workers read, each file of households with the file of its members.

    Attributes
    ----------
    engine : {"dask", "spark"}
        Whose workers they are.
    session
        The Spark session; ``None`` for Dask.
    scan : Scan
        All files of both tables.
    """

    engine: Literal["dask", "spark"]
    session: Any
    scan: Scan

    def __repr__(self) -> str:
        return f"{self.scan!r} by {self.engine}"

    def parts(self) -> list[Scan]:
        """Return a scan for each pair."""
        homes, people = self.scan.households, self.scan.members
        assert isinstance(homes, Parquet | Csv)
        if people is None:
            return [evolve(self.scan, households=one) for one in _singly(homes)]
        assert isinstance(people, Parquet | Csv)
        pairs = zip(_singly(homes), _singly(people), strict=True)
        return [evolve(self.scan, households=ours, members=theirs) for ours, theirs in pairs]


def _singly(files: Parquet | Csv) -> list[Source]:
    """Return a source for each file; all are to have the columns that the first has."""
    names = tuple(files.names())
    return [evolve(files, paths=(path,), listed=names) for path in files.paths]


def _pairs(engine: Any, scan: Scan) -> Pairs:
    """Check that there are as many files of households as of members, and write their paths out."""
    session = type(engine)
    if ".connect." in session.__module__:
        raise SpecError("engine= needs a session of Spark itself: one of Spark Connect gives no access to its workers")
    spark = _engine(engine) == "spark" and session.__name__ == "SparkSession"
    if not spark and not (session is str and engine == "dask"):
        raise SpecError(f'engine={engine!r}: pass "dask", or a Spark session')
    sides: list[Parquet | Csv] = []
    for side in (scan.households, scan.members):
        if isinstance(side, Parquet | Csv):
            sides.append(evolve(side, paths=tuple(path.absolute() for path in side.paths)))
        elif side is not None:
            raise SpecError(f"engine= is for files, which its workers open, and {side!r} is none: leave it out")
    counts = [len(side.paths) for side in sides]
    if len(set(counts)) > 1:
        raise BadTable(
            f"households are in {counts[0]} files and members in {counts[1]}, so file i can't belong to file i: write "
            "both in the same parts, or leave engine= out"
        )
    whole = evolve(scan, households=sides[0], members=sides[1] if sides[1:] else None)
    return Pairs("spark", engine, whole) if spark else Pairs("dask", None, whole)


def _engine(frame: Any) -> Literal["dask", "spark"] | None:
    module = f"{type(frame).__module__}."
    if module.startswith(("dask.", "dask_expr.")):
        return "dask"
    return "spark" if module.startswith("pyspark.") else None


@door
def scan(
    households: Any, members: Any = None, *, aligned: bool = True, block: int = BLOCK, engine: Any = None
) -> Scan | Frames | Pairs:
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
        none. If not, up to about a million households are held in memory with all their members; of more, the members
        of each block are first written to a file of their own, for a while, for which DuckDB is needed. Frames are
        brought together by their own engine.
    block : int
        How many households to read at a time. Memory grows with it, results don't depend on it.
    engine : "dask" or a Spark session, optional
        Whose workers read the files. File *i* of the households goes with file *i* of the members, as many of one as of
        the other, and has to hold the members of its households. Files must be where every worker finds them under the
        same path.

    Returns
    -------
    Scan, Frames or Pairs

    Raises
    ------
    BadTable
        If something is no source of rows, no file is there, or files don't go in pairs.
    SpecError
        If ``engine`` is no engine, or is given with something else than files.
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
    if not isinstance(block, int) or block < 1:
        raise SpecError(f"block={block!r}: read at least one household at a time")
    own = _engine(households)
    if own is not None:
        if members is not None and _engine(members) != own:
            raise BadTable(f"the households are a {own} frame, and the members aren't: make both one kind")
        if engine is not None:
            raise SpecError(f"engine= is for files: these are {own} frames, and {own} does the work")
        return Frames(own, households, members, aligned)
    spooled = is_relation(households) and is_relation(members)  # perhaps of one connection, which reads one at a time
    of_households = source(households, "households", spooled=spooled)
    of_members = None if members is None else source(members, "members", spooled=spooled)
    whole = Scan(of_households, of_members, aligned, block)
    return whole if engine is None else _pairs(engine, whole)
