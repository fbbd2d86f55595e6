"""Who runs a scan: this process, block by block, or the engine that the frames belong to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mdpoverty.engine.scale.scans import Scan
from mdpoverty.engine.scale.stream import classify, job_for, tally
from mdpoverty.errors import SpecError
from mdpoverty.standard import Standard

if TYPE_CHECKING:
    from mdpoverty.tally import Tally


def tally_scan(standard: Standard, scan: Scan, *, threads: int, progress: bool, **options: Any) -> Tally:
    """Count a scan; see :meth:`mdpoverty.Standard.tally`."""
    return tally(job_for(standard, **options), scan, threads=threads, progress=progress)


def classify_scan(
    standard: Standard, scan: Any, sink: str | Path | None, *, threads: int, progress: bool, **options: Any
) -> Any:
    """Classify a scan; see :meth:`mdpoverty.Standard.classify`."""
    if not isinstance(scan, Scan):
        raise SpecError("sink= goes with a scan; for tables in memory to_frame() gives the classes")
    if sink is None:
        raise SpecError('say where the classes go: sink="classes.parquet", or sink="classes/*.parquet"')
    return classify(job_for(standard, **options), scan, sink, threads=threads, progress=progress)
