"""Who runs a scan: this process, block by block, or the engine that the frames belong to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mdpoverty.errors import SpecError
from mdpoverty.scale.scans import Frames, Scan
from mdpoverty.scale.stream import classify, job_for, tally
from mdpoverty.standard import Standard

if TYPE_CHECKING:
    from mdpoverty.tally import Tally


def tally_scan(standard: Standard, scan: Scan | Frames, *, threads: int, progress: bool, **options: Any) -> Tally:
    """Count a scan; see :meth:`mdpoverty.Standard.tally`."""
    job = job_for(standard, **options)
    if isinstance(scan, Frames):
        from mdpoverty.scale import cluster

        return cluster.tally(job, scan)
    return tally(job, scan, threads=threads, progress=progress)


def classify_scan(
    standard: Standard, scan: Any, sink: str | Path | None, *, threads: int, progress: bool, **options: Any
) -> Any:
    """Classify a scan; see :meth:`mdpoverty.Standard.classify`."""
    if isinstance(scan, Frames):
        if sink is not None:
            raise SpecError("these frames' own engine writes files: leave sink= out, and write the frame that you get")
        from mdpoverty.scale import cluster

        return cluster.classify(job_for(standard, **options), scan)
    if not isinstance(scan, Scan):
        raise SpecError("sink= goes with a scan; for tables in memory to_frame() gives the classes")
    if sink is None:
        raise SpecError('say where the classes go: sink="classes.parquet", or sink="classes/*.parquet"')
    return classify(job_for(standard, **options), scan, sink, threads=threads, progress=progress)
