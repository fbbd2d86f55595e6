"""Spark: a task for each pair of files, or for each bucket of frames that Spark makes by its own hash of the key."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from mdpoverty.engine.inputs import TABLES
from mdpoverty.errors import MdpovertyError, MissingColumns, Problem
from mdpoverty.extras import arrow, need
from mdpoverty.scale import stream
from mdpoverty.scale.blocks import Block
from mdpoverty.scale.report import Report, Span, apart
from mdpoverty.scale.scans import Frames, Pairs
from mdpoverty.scale.stream import Job
from mdpoverty.tables.options import KEY

if TYPE_CHECKING:
    from mdpoverty.tally import Tally

_BUCKET = "_mdpoverty_bucket"
_WHERE = "a bucket of the frames' households"


def _told(work: Callable[..., Any], *given: Any) -> Any:
    """Return what a worker finds, or the library's own error: raised there, Spark would make text of it, after trying
    four times.
    """
    try:
        return work(*given)
    except MdpovertyError as error:
        return error


def _heard(found: Any) -> Any:
    """Raise in the driver what a worker has told."""
    if isinstance(found, MdpovertyError):
        raise found
    return found


def _both(one: Any, other: Any) -> Any:
    """Merge two reports; the first error stands for all."""
    wrong = [each for each in (one, other) if isinstance(each, MdpovertyError)]
    return wrong[0] if wrong else Report.merge([one, other])


def tally(job: Job, scan: Frames | Pairs) -> Tally:
    """Count every part, and add up as a tree."""
    return _tally_frames(job, scan) if isinstance(scan, Frames) else _tally_pairs(job, scan)


def classify(job: Job, scan: Frames | Pairs) -> Any:
    """Classify every part, lazily, into a frame of the engine."""
    return _classify_frames(job, scan) if isinstance(scan, Frames) else _classify_pairs(job, scan)


# ------------------------------------------------------------------------------------------------------------ frames


def _apply(job: Job, frames: Frames, work: Any, schema: Any) -> Any:
    """Run a function over buckets of households and their members: a key has one bucket, so none is missed."""
    functions = need("pyspark.sql.functions", "spark", "A scan on Spark")
    homes = frames.households.select(*job.columns(frames.households, 0))
    key, its = _keys(job, frames)
    kind = homes.schema[key].dataType
    count = int(homes.sparkSession.conf.get("spark.sql.shuffle.partitions"))

    def bucket(key: str) -> Any:
        # two types of whole numbers would have two hashes
        return functions.pmod(functions.hash(functions.col(key).cast(kind)), functions.lit(count)).alias(_BUCKET)

    def alone(households: Any) -> Any:
        return work(households.drop_columns([_BUCKET]), None)

    def both(households: Any, members: Any) -> Any:
        return work(households.drop_columns([_BUCKET]), members.drop_columns([_BUCKET]))

    grouped = homes.select("*", bucket(key)).groupBy(_BUCKET)
    if frames.members is None:
        return grouped.applyInArrow(alone, schema)
    people = frames.members.select(*job.columns(frames.members, 1))
    others = people.select("*", bucket(its)).groupBy(_BUCKET)
    return grouped.cogroup(others).applyInArrow(both, schema)


def _keys(job: Job, frames: Frames) -> tuple[str, str]:
    """Return the key columns as the frames write them: without a key there are no buckets.

    Raises
    ------
    MissingColumns
        If a frame has none.
    """
    tables = [frames.households] if frames.members is None else [frames.households, frames.members]
    keys = job.keys_in(*tables)
    codes = ("missing_household_key", "missing_member_key")
    absent = [
        Problem.of(code, name, table=table, field=KEY)
        for key, name, code, table in zip(keys, job.keys, codes, TABLES.values(), strict=False)
        if key is None
    ]
    if absent:
        raise MissingColumns(absent)
    return keys[0] or "", keys[-1] or ""


def _tally_frames(job: Job, frames: Frames) -> Tally:
    """Count two frames."""

    def count(households: Any, members: Any) -> Report:
        assessment = job.assess(Block(households, members, _WHERE))
        return Report(job.tally(assessment), assessment.problems)

    def work(households: Any, members: Any) -> Any:
        pa = arrow()
        found = pickle.dumps(_told(count, households, members))
        return pa.table({"report": pa.array([found], pa.binary())})

    parts = _apply(job, frames, work, "report binary").rdd.map(lambda row: pickle.loads(row[0]))
    if parts.isEmpty():
        empty = [None if frame is None else frame.limit(0).toArrow() for frame in (frames.households, frames.members)]
        return count(*empty).whole()
    whole: Report = _heard(parts.treeReduce(_both))
    return whole.whole()


def _classify_frames(job: Job, frames: Frames) -> Any:
    """Classify two frames."""
    types = need("pyspark.sql.types", "spark", "A scan on Spark")
    key = frames.households.schema[_keys(job, frames)[0]]
    whole = job.program.scale == 1
    number = types.LongType() if whole else types.DoubleType()
    schema = types.StructType(
        [
            types.StructField(key.name, key.dataType),
            *(types.StructField(name, types.StringType()) for name in ("category", "possible")),
            *(types.StructField(name, number) for name in ("deprivations", "deprivations_max")),
            *(types.StructField(name, types.BooleanType()) for name in job.law.indicators),
        ]
    )

    def work(households: Any, members: Any) -> Any:
        pa = arrow()
        table = job.assess(Block(households, members, _WHERE)).to_frame()
        texts = {name: table[name].cast(pa.string()) for name in ("category", "possible")}
        return pa.table({name: texts.get(name, table[name]) for name in table.column_names})

    return _apply(job, frames, work, schema)


# ------------------------------------------------------------------------------------------------------- pairs of files


def _tasks(pairs: Pairs, given: list[Any]) -> Any:
    """Return things that workers are to do something with, one task each."""
    return pairs.session.sparkContext.parallelize(given, len(given))


def _tally_pairs(job: Job, pairs: Pairs) -> Tally:
    """Count pairs of files."""
    parts = _tasks(pairs, pairs.parts()).map(lambda part: _told(stream.report, job, part))
    found: Report = _heard(parts.treeReduce(_both))
    _look_again(job, pairs, found.spans)
    return found.whole()


def _look_again(job: Job, pairs: Pairs, spans: tuple[Span, ...]) -> None:
    """Have a worker look through all keys, if their spans don't show that none stands twice."""
    if not apart(spans):
        look = _tasks(pairs, [pairs.scan])
        _heard(look.map(lambda scan: _told(stream.refuse_repeated, job, scan)).first())


def _classify_pairs(job: Job, pairs: Pairs) -> Any:
    """Classify pairs of files, after a look at the keys."""
    types = need("pyspark.sql.pandas.types", "spark", "A scan on Spark")
    parts = pairs.parts()
    stream.no_classes(job, parts[0])
    found = _tasks(pairs, parts).map(lambda part: _told(stream.spans, job, part)).collect()
    spans = tuple(span for each in found for span in _heard(each))
    _look_again(job, pairs, spans)
    schema = stream.schema(job, parts[0], spans)

    def work(batches: Iterable[Any]) -> Iterator[Any]:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                for table in stream.classes(job, parts[number]):
                    yield from table.cast(schema).to_batches()

    numbers = pairs.session.range(0, len(parts), 1, len(parts))
    return numbers.mapInArrow(work, types.from_arrow_schema(schema))
