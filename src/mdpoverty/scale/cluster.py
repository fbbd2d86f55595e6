"""What Dask and Spark share; how each runs the kernel on parts of frames and on pairs of files has its own module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from mdpoverty.errors import BadTable
from mdpoverty.extras import arrow
from mdpoverty.results.assessment import Assessment
from mdpoverty.scale import stream
from mdpoverty.scale.blocks import Block
from mdpoverty.scale.report import Span
from mdpoverty.scale.scans import Scan
from mdpoverty.scale.stream import Job

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def assess(job: Job, households: Any, members: Any, where: str) -> Assessment:
    """Classify a part of frames."""
    return job.assess(Block(households, members, where))


def columns(job: Job, frame: Any, side: Literal[0, 1]) -> list[str]:
    """Return the columns of a frame that are needed."""
    return [name for name in job.wanted()[side] if name in frame.columns]


# ------------------------------------------------------------------------------------------------ classes of file pairs


def schema(job: Job, first: Scan, spans: Iterable[Span]) -> Any:
    """Return the Arrow schema that the classes of all pairs have: the keys' type is the keys' own."""
    pa = arrow()
    try:
        kind = pa.infer_type([span.first for span in spans])
    except pa.ArrowException as error:
        raise BadTable(f"keys are of different types in different files: {error}") from error
    found = stream.no_classes(job, first).schema
    texts = {"category", "possible"}
    fields = [(name, pa.string() if name in texts else found.field(name).type) for name in found.names[1:]]
    return pa.schema([(found.names[0], pa.string() if pa.types.is_null(kind) else kind), *fields])


def classes(job: Job, scan: Scan, schema: Any) -> Iterator[Any]:
    """Yield a pair's classes, block by block, as tables of that schema."""
    for table in stream.classes(job, scan):
        yield table.cast(schema)
