"""Who runs a scan: this process, block by block, or an engine's workers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mdpoverty.errors import SpecError
from mdpoverty.law.law import Law
from mdpoverty.scale.scans import Frames, Pairs, Scan
from mdpoverty.scale.stream import Job, classify, tally
from mdpoverty.tables.options import Reading, one_name, several_names

if TYPE_CHECKING:
    from mdpoverty.tally import SurveyDesign, Tally


def _engine(scan: Frames | Pairs) -> Any:
    """Return the module that runs a scan on its engine."""
    from mdpoverty.scale import on_dask, on_spark

    return on_dask if scan.engine == "dask" else on_spark


def tally_scan(
    law: Law,
    reading: Reading,
    scan: Scan | Frames | Pairs,
    *,
    by: str | Sequence[str],
    weight: str | None,
    design: SurveyDesign | None,
    threads: int,
    progress: bool,
) -> Tally:
    """Count a scan; see :meth:`mdpoverty.Standard.tally`."""
    job = Job(law, reading, several_names(by, "by="), one_name(weight, "weight="), design)
    if not isinstance(scan, Scan):
        whole: Tally = _engine(scan).tally(job, scan)
        return whole
    return tally(job, scan, threads=threads, progress=progress)


def classify_scan(
    law: Law, reading: Reading, scan: Any, sink: str | Path | None, *, threads: int, progress: bool
) -> Any:
    """Classify a scan; see :meth:`mdpoverty.Standard.classify`."""
    job = Job(law, reading)
    if isinstance(scan, Frames | Pairs):
        if sink is not None:
            raise SpecError(f"{scan.engine} itself writes files: leave sink= out, and write the frame that you get")
        return _engine(scan).classify(job, scan)
    if not isinstance(scan, Scan):
        raise SpecError("sink= goes with a scan; for tables in memory to_frame() gives the classes")
    if sink is None:
        raise SpecError('say where the classes go: sink="classes.parquet", or sink="classes/*.parquet"')
    return classify(job, scan, sink, threads=threads, progress=progress)
