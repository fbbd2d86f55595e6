"""Dask: a graph of one task for each part, and a tree of sums above it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mdpoverty.errors import BadTable
from mdpoverty.extras import arrow, need
from mdpoverty.scale import partition, stream
from mdpoverty.scale.blocks import Block
from mdpoverty.scale.report import Report, Span, apart
from mdpoverty.scale.scans import Frames, Pairs, Scan
from mdpoverty.scale.stream import Job
from mdpoverty.texts import composed

if TYPE_CHECKING:
    from mdpoverty.tally import Tally

_BRANCHES = 8  # reports that are merged at once
_WHERE = "a part of the frames (members must be in the part of their household; if not, pass aligned=False to scan(…))"


def _delayed() -> Any:
    return need("dask", "dask", "A scan on Dask").delayed


def _merged(reports: list[Any]) -> Report:
    """Compute reports, merging them as a tree, so that no worker ever holds all of them."""
    delayed = _delayed()
    while len(reports) > 1:
        reports = [delayed(Report.merge)(reports[i : i + _BRANCHES]) for i in range(0, len(reports), _BRANCHES)]
    whole: Report = reports[0].compute()
    return whole


def tally(job: Job, scan: Frames | Pairs) -> Tally:
    """Count every part, and add up as a tree."""
    return _tally_frames(job, scan) if isinstance(scan, Frames) else _tally_pairs(job, scan)


def classify(job: Job, scan: Frames | Pairs) -> Any:
    """Classify every part, lazily, into a frame of the engine."""
    return _classify_frames(job, scan) if isinstance(scan, Frames) else _classify_pairs(job, scan)


# ------------------------------------------------------------------------------------------------------------ frames


def _parts(job: Job, frames: Frames) -> list[Any]:
    """Return both frames with the columns that are needed, part *i* of one belonging to part *i* of the other.

    What is wrong with the columns as such is raised here, before an engine looks for them in its own way.
    """
    parts = [frames.households[job.columns(frames.households, 0)]]
    if frames.members is not None:
        parts.append(frames.members[job.columns(frames.members, 1)])
    keys = job.keys_in(*parts)
    if None in keys:
        metas = [part._meta for part in parts]
        job.assess(Block(metas[0], metas[1] if metas[1:] else None, _WHERE))  # households alone need no key
    elif not frames.aligned:
        count = max(part.npartitions for part in parts)
        parts = [part.shuffle(on=_matched(part[key]), npartitions=count) for part, key in zip(parts, keys, strict=True)]
    if len({part.npartitions for part in parts}) > 1:
        raise BadTable(
            f"households are in {parts[0].npartitions} parts and members in {parts[1].npartitions}, so part i can't "
            "belong to part i: pass aligned=False to scan(…)"
        )
    return parts


def _tally_frames(job: Job, frames: Frames) -> Tally:
    """Count two frames."""
    delayed = _delayed()

    parts = _parts(job, frames)
    key = job.keys_in(parts[0])[0]

    def count(households: Any, members: Any = None) -> Report:
        assessment = job.assess(Block(households, members, _WHERE))
        spans = _spans(_composed(households[key])) if frames.aligned and key is not None else ()
        return Report(job.tally(assessment), assessment.problems, spans)

    found = _merged([delayed(count)(*pair) for pair in zip(*(part.to_delayed() for part in parts), strict=True)])
    if not apart(found.spans):
        assert key is not None
        _refuse_repeated(parts[0], key)
    return found.whole()


def _composed(keys: Any) -> Any:
    """Return a part's keys as they are matched: text in one form, whatever keyboard it is from."""
    if keys.dtype.kind in "biufM":
        return keys
    return keys.map(lambda key: composed(key) if isinstance(key, str) else key)


def _matched(keys: Any) -> Any:
    """Return a column of keys as they are matched."""
    return keys.map_partitions(_composed, meta=_composed(keys._meta))


def _spans(keys: Any) -> tuple[Span, ...]:
    """Return the span of a part's keys, of which none stands twice there."""
    if not len(keys):
        return ()
    first, last = (key.item() if hasattr(key, "item") else key for key in (keys.iloc[0], keys.iloc[-1]))
    return (Span(first, last, bool(keys.is_monotonic_increasing)),)


def _refuse_repeated(households: Any, key: str) -> None:
    """Bring the same keys together, and raise an error if there are any."""
    keys = households[[key]]

    def again(part: Any) -> Any:
        return part[_composed(part[key]).duplicated()]

    matched = keys.shuffle(on=_matched(households[key]))
    found = matched.map_partitions(again, meta=keys._meta).compute()[key].sort_values()
    if len(found):
        raise partition.repeated(key, len(found), found.unique())


def _classify_frames(job: Job, frames: Frames) -> Any:
    """Classify two frames."""
    dd = need("dask.dataframe", "dask", "A scan on Dask")

    def one(households: Any, members: Any = None) -> Any:
        frame = job.assess(Block(households, members, _WHERE)).to_frame()
        return frame.assign(possible=frame["possible"].astype("str"))  # each part has its own sets

    parts = _parts(job, frames)
    meta = one(*(part._meta for part in parts))
    return dd.map_partitions(one, *parts, meta=meta, align_dataframes=False)


# ------------------------------------------------------------------------------------------------------- pairs of files


def _tally_pairs(job: Job, pairs: Pairs) -> Tally:
    """Count pairs of files."""
    delayed = _delayed()
    found = _merged([delayed(stream.report)(job, part) for part in pairs.parts()])
    _look_again(job, pairs, found.spans)
    return found.whole()


def _look_again(job: Job, pairs: Pairs, spans: tuple[Span, ...]) -> None:
    """Have a worker look through all keys, if their spans don't show that none stands twice."""
    if not apart(spans):
        _delayed()(stream.refuse_repeated)(job, pairs.scan).compute()


def _classify_pairs(job: Job, pairs: Pairs) -> Any:
    """Classify pairs of files, after a look at the keys."""
    dask, dd = (need(name, "dask", "A scan on Dask") for name in ("dask", "dask.dataframe"))
    parts = pairs.parts()
    stream.no_classes(job, parts[0])
    found = dask.compute(*(dask.delayed(stream.spans)(job, part) for part in parts))
    spans = tuple(span for each in found for span in each)
    _look_again(job, pairs, spans)
    schema = stream.schema(job, parts[0], spans)

    def one(part: Scan) -> Any:
        pa = arrow()
        return _frame(job, pa.concat_tables(table.cast(schema) for table in stream.classes(job, part)))

    return dd.from_map(one, parts, meta=_frame(job, schema.empty_table()))


def _frame(job: Job, table: Any) -> Any:
    """Return a table of classes as a pandas frame, of the types that classes of pandas frames have."""
    import pandas as pd

    frame = table.to_pandas(types_mapper={arrow().bool_(): pd.BooleanDtype()}.get)
    classes = pd.CategoricalDtype(pd.Index(list(job.law.categories), dtype="str"))
    return frame.astype({"category": classes, "possible": "str"})
