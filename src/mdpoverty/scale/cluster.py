"""Frames of Dask and of Spark: their engine brings households and members together and runs the kernel on each part."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any, Literal

from mdpoverty.assessment import Assessment
from mdpoverty.errors import BadTable
from mdpoverty.scale.blocks import Block
from mdpoverty.scale.extras import arrow, need
from mdpoverty.scale.scans import Frames
from mdpoverty.scale.stream import Job, add_up

if TYPE_CHECKING:
    from mdpoverty.tally import Tally

_BUCKET = "_mdpoverty_bucket"
_BRANCHES = 8  # tallies that are added up at once
_APART = "a part of the frames (members must be in the part of their household; if not, pass aligned=False to scan(…))"


def tally(job: Job, frames: Frames) -> Tally:
    """Count frames: the kernel on each part, tallies added up as a tree."""
    return _dask_tally(job, frames) if frames.engine == "dask" else _spark_tally(job, frames)


def classify(job: Job, frames: Frames) -> Any:
    """Classify frames, lazily, into a frame of the same engine."""
    return _dask_classify(job, frames) if frames.engine == "dask" else _spark_classify(job, frames)


def _assess(job: Job, households: Any, members: Any) -> Assessment:
    return job.assess(Block(households, members, _APART))


def _columns(job: Job, frame: Any, side: Literal[0, 1]) -> list[str]:
    return [name for name in job.wanted()[side] if name in frame.columns]


# -------------------------------------------------------------------------------------------------------------- Dask


def _dask_parts(job: Job, frames: Frames) -> list[Any]:
    """Return both frames with the columns that are needed, part *i* of one belonging to part *i* of the other."""
    parts = [frames.households[_columns(job, frames.households, 0)]]
    if frames.members is not None:
        parts.append(frames.members[_columns(job, frames.members, 1)])
    if not frames.aligned:
        count = max(part.npartitions for part in parts)
        parts = [part.shuffle(on=key, npartitions=count) for part, key in zip(parts, job.keys, strict=False)]
    if len({part.npartitions for part in parts}) > 1:
        raise BadTable(
            f"households are in {parts[0].npartitions} parts and members in {parts[1].npartitions}, so part i can't "
            "belong to part i: pass aligned=False to scan(…)"
        )
    return parts


def _dask_tally(job: Job, frames: Frames) -> Tally:
    delayed = need("dask", "dask", "A scan of Dask frames").delayed

    def count(households: Any, members: Any = None) -> Tally:
        return job.tally(_assess(job, households, members))

    parts = [part.to_delayed() for part in _dask_parts(job, frames)]
    tallies = [delayed(count)(*pair) for pair in zip(*parts, strict=True)]
    while len(tallies) > 1:  # a tree, so that no worker ever holds all of them
        tallies = [delayed(add_up)(tallies[i : i + _BRANCHES]) for i in range(0, len(tallies), _BRANCHES)]
    whole: Tally = tallies[0].compute()
    return whole


def _dask_classify(job: Job, frames: Frames) -> Any:
    dd = need("dask.dataframe", "dask", "A scan of Dask frames")

    def one(households: Any, members: Any = None) -> Any:
        frame = _assess(job, households, members).to_frame()
        return frame.assign(possible=frame["possible"].astype("str"))  # each part has its own sets

    parts = _dask_parts(job, frames)
    meta = one(*(part._meta for part in parts))
    return dd.map_partitions(one, *parts, meta=meta, align_dataframes=False)


# ------------------------------------------------------------------------------------------------------------- Spark


def _spark_apply(job: Job, frames: Frames, work: Any, schema: Any) -> Any:
    """Run a function over buckets of households and their members, made by Spark's own hash of their keys."""
    functions = need("pyspark.sql.functions", "spark", "A scan of Spark frames")
    homes = frames.households.select(*_columns(job, frames.households, 0))
    kind = homes.schema[job.keys[0]].dataType
    count = int(homes.sparkSession.conf.get("spark.sql.shuffle.partitions"))

    def bucket(key: str) -> Any:
        # two types of whole numbers would have two hashes
        return functions.pmod(functions.hash(functions.col(key).cast(kind)), functions.lit(count)).alias(_BUCKET)

    def alone(households: Any) -> Any:
        return work(households.drop_columns([_BUCKET]), None)

    def both(households: Any, members: Any) -> Any:
        return work(households.drop_columns([_BUCKET]), members.drop_columns([_BUCKET]))

    grouped = homes.select("*", bucket(job.keys[0])).groupBy(_BUCKET)
    if frames.members is None:
        return grouped.applyInArrow(alone, schema)
    people = frames.members.select(*_columns(job, frames.members, 1))
    others = people.select("*", bucket(job.keys[1])).groupBy(_BUCKET)
    return grouped.cogroup(others).applyInArrow(both, schema)


def _spark_tally(job: Job, frames: Frames) -> Tally:
    def work(households: Any, members: Any) -> Any:
        pa = arrow()
        counted = job.tally(_assess(job, households, members))
        return pa.table({"tally": pa.array([pickle.dumps(counted)], pa.binary())})

    parts = _spark_apply(job, frames, work, "tally binary").rdd.map(lambda row: pickle.loads(row[0]))
    if parts.isEmpty():
        empty = [None if frame is None else frame.limit(0).toArrow() for frame in (frames.households, frames.members)]
        return job.tally(_assess(job, *empty))
    whole: Tally = parts.treeReduce(lambda a, b: add_up([a, b]))
    return whole


def _spark_classify(job: Job, frames: Frames) -> Any:
    types = need("pyspark.sql.types", "spark", "A scan of Spark frames")
    key = frames.households.schema[job.keys[0]]
    whole = job.standard.program(job.options["date"], job.options["given"]).scale == 1
    number = types.LongType() if whole else types.DoubleType()
    schema = types.StructType(
        [
            types.StructField(key.name, key.dataType),
            *(types.StructField(name, types.StringType()) for name in ("category", "possible")),
            *(types.StructField(name, number) for name in ("deprivations", "deprivations_max")),
            *(types.StructField(name, types.BooleanType()) for name in job.standard.indicators),
        ]
    )

    def work(households: Any, members: Any) -> Any:
        pa = arrow()
        table = _assess(job, households, members).to_frame()
        texts = {name: table[name].cast(pa.string()) for name in ("category", "possible")}
        return pa.table({name: texts.get(name, table[name]) for name in table.column_names})

    return _spark_apply(job, frames, work, schema)
