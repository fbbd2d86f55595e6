"""A scan to a tally, or to files of classes: block by block, in as much memory as a few blocks take."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from attrs import evolve, frozen

from mdpoverty.engine.inputs import TABLES
from mdpoverty.errors import InvalidInput, Problem, SpecError, rebuild
from mdpoverty.extras import arrow, progress_bar
from mdpoverty.law.fields import Kind
from mdpoverty.law.law import Law
from mdpoverty.law.program import Program
from mdpoverty.messages import sentence
from mdpoverty.numbers import Language
from mdpoverty.results.assessment import Assessment
from mdpoverty.results.assessment import classify as classify_tables
from mdpoverty.rules.nodes import SIZE
from mdpoverty.scale import partition
from mdpoverty.scale.ahead import AHEAD
from mdpoverty.scale.blocks import Block, Blocks, LostMembers
from mdpoverty.scale.keyed import MATCHED, Keyed
from mdpoverty.scale.memory import give_back
from mdpoverty.scale.report import Problems, Report, Span, add_up
from mdpoverty.scale.scans import Scan
from mdpoverty.scale.sink import Sink
from mdpoverty.scale.sources import Dataset, Files, Role, Source, Stream, Wanted, not_in_blocks
from mdpoverty.tables.options import KEY, Reading, several_names
from mdpoverty.tables.reading import open_table
from mdpoverty.texts import composed

if TYPE_CHECKING:
    import pandas as pd

    from mdpoverty.tally import SurveyDesign, Tally

T = TypeVar("T")
_ROLES: dict[Kind, Role] = {"flag": "flag", "code": "code", "count": "number", "number": "number", "money": "money"}
_MERGE = 16  # tallies that are added up at once, at least


@frozen(eq=False)
class Job:
    """What is asked of each block.

    Attributes
    ----------
    law : Law
    reading : Reading
        How the tables are read.
    by, weight, design
        What ``assessment.tally`` takes.
    """

    law: Law
    reading: Reading
    by: tuple[str, ...] = ()
    weight: str | None = None
    design: SurveyDesign | None = None

    @property
    def program(self) -> Program:
        """The rules that are asked."""
        return self.law.program(self.reading.date, self.reading.all_given)

    @property
    def keys(self) -> tuple[str, str]:
        """The key columns of households and members, by the caller's names, for engines that match them themselves.

        Raises
        ------
        SpecError
            If keys are of several columns, or their spelling doesn't count: engines match single columns exactly.
        """
        if self.reading.composite or self.reading.fold:
            raise SpecError(
                "Dask and Spark match keys of one column as they are spelt: make the key one column, spelt in one way, "
                "in both tables, or scan files without engine="
            )
        return self.reading.names(0)[KEY], self.reading.names(1)[KEY]

    def key_columns(self, side: Literal[0, 1]) -> tuple[str, ...]:
        """Return the columns of a table's key, by the caller's names."""
        own = self.reading.names(side)[KEY]
        return own if isinstance(own, tuple) else (own,)

    def keyed(self, scan: Scan) -> Scan:
        """Return a scan whose tables have their keys beside them as they are matched."""

        def beside(source: Source, side: Literal[0, 1], what: str) -> Keyed:
            return Keyed(
                source, tuple(_own(source.names(), self.key_columns(side))), self.reading.fold, what, AHEAD[side]
            )

        people = scan.members
        return evolve(
            scan,
            households=beside(scan.households, 0, TABLES["household"]),
            members=None if people is None else beside(people, 1, TABLES["member"]),
        )

    def wanted(self) -> tuple[dict[str, Role], dict[str, Role]]:
        """Return the columns to read of households and of members, as far as they are there."""
        own = self.reading.columns
        homes: dict[str, Role] = dict.fromkeys(self.key_columns(0), "key")
        people: dict[str, Role] = dict.fromkeys(self.key_columns(1), "key")
        for level, name in dict.fromkeys([("household", SIZE), *self.program.reads]):
            role = "label" if name in self.reading.codes else _ROLES[self.program.field(level, name).kind]
            (homes if level == "household" else people).setdefault(own.get(name, name), role)
        for name in self.by:
            homes.setdefault(own.get(name, name), "label")
        if self.weight is not None:
            homes.setdefault(own.get(self.weight, self.weight), "number")
        if self.design is not None:
            labels = {*several_names(self.design.strata, "strata="), *several_names(self.design.psu, "psu=")}
            for name in self.design.columns():
                homes.setdefault(own.get(name, name), "label" if name in labels else "number")
        return homes, people

    def optional(self) -> frozenset[str]:
        """Return the households' answers, by the caller's names, that some of several files may lack."""
        return frozenset(self.reading.columns.get(name, name) for name in self.program.optional)

    def columns(self, frame: Any, side: Literal[0, 1]) -> list[str]:
        """Return the columns of an engine's frame that are needed, as the frame writes them."""
        there = list(frame.columns)
        return [name for name in _own(there, self.wanted()[side]) if name in there]

    def keys_in(self, *frames: Any) -> list[str | None]:
        """Return the key column of each of an engine's frames, as it writes it; ``None`` where it doesn't have one."""
        found = []
        for frame, key in zip(frames, self.keys, strict=False):
            there = list(frame.columns)
            own = _own(there, [key])[0]
            found.append(own if there.count(own) == 1 else None)
        return found

    def assess(self, block: Block) -> Assessment:
        """Classify a block; what is wrong with it is said with the files and rows that it is from."""
        with _in(block.where):
            tables = [
                open_table(
                    table,
                    what,
                    self.reading.names(side),
                    self.reading.codes,
                    block.origins[side],
                    block.as_text[side],
                    fold=self.reading.fold,
                    whole=block.whole,
                    beside=block.beside[side],
                )
                for (side, table), what in zip(block.sides, TABLES.values(), strict=True)
                if table is not None
            ]
            homes, people = (*tables, None)[:2]
            return classify_tables(self.law, self.reading, homes, people, block.roster)

    def tally(self, assessment: Assessment) -> Tally:
        """Count a block."""
        return assessment.tally(self.by, weight=self.weight, design=self.design)


@contextmanager
def _in(where: str) -> Iterator[None]:
    try:
        yield
    except InvalidInput as error:
        if not where:
            raise
        text = f"In {where}: {error.message}"
        again = rebuild(type(error), text, {"problems": error.problems, "where": where})
        raise again from None


# --------------------------------------------------------------------------------------------------------- running


def _own(there: Iterable[Any], names: Iterable[str]) -> list[str]:
    """Return names as a table with these columns writes them: keyboards write one Vietnamese letter in two ways."""
    if not set(names) - set(there):
        return list(names)
    by_form = {composed(name): name for name in there if isinstance(name, str)}
    return [name if name in there else by_form.get(composed(name), name) for name in names]


def _refuse_odd(job: Job, scan: Scan) -> None:
    """Refuse columns that Arrow has no type for, with what is wrong with them as tables in memory, if anything is."""
    sides = [side for side in (scan.households, scan.members) if side is not None]
    odd = [
        (side, side.odd(name for name in _own(there, names) if name in there) if isinstance(side, Stream) else {})
        for side, names in zip(sides, job.wanted(), strict=False)
        for there in [side.names()]
    ]
    found = [(side, name, kind) for side, columns in odd for name, kind in columns.items()]
    if not found:
        return
    if all(isinstance(side, Stream) and side.in_memory for side in sides):
        tables = [side.data for side in sides if isinstance(side, Stream)]
        job.tally(job.assess(Block(tables[0], tables[1] if tables[1:] else None, "", whole=True)))
    side, name, kind = found[0]
    raise not_in_blocks(side.what if isinstance(side, Stream) else repr(side), name, kind)


def _blocks(job: Job, scan: Scan) -> Blocks:
    """Open the two streams."""
    if isinstance(scan.households, Files | Dataset):
        scan = evolve(scan, households=evolve(scan.households, optional=job.optional()))
    _refuse_odd(job, scan)
    scan = job.keyed(scan)
    wanted: list[Wanted] = []
    beside: list[tuple[str, ...]] = []
    for source, names in zip((scan.households, scan.members), job.wanted(), strict=True):
        there = set(source.names()) if source is not None else set()
        own = dict(zip(_own(there, names), names.values(), strict=True))
        asked: dict[str, Role] = {**own, MATCHED: "key"}
        wanted.append({name: role for name, role in asked.items() if name in there})
        beside.append(tuple(sorted(there - set(asked))))
    homes = scan.households.pieces(wanted[0])
    members, key = scan.members, scan.members.key if isinstance(scan.members, Keyed) else job.key_columns(1)
    if members is None:
        return Blocks(scan, homes, None, (wanted[0], wanted[1]), key)
    shuffled = not scan.aligned and MATCHED in wanted[0] and MATCHED in wanted[1]
    together = shuffled and partition.counted(scan.households) <= partition.TOGETHER
    parted = shuffled and not together
    if parted:
        people = partition.by_block(scan.households, members, wanted[1], scan.block)
    else:
        people = members.pieces(wanted[1])
    skip = job.reading.orphans == "report"
    whole = set(members.names()) <= set(wanted[1])
    others = beside[0], beside[1]
    return Blocks(scan, homes, people, (wanted[0], wanted[1]), key, together, parted, skip, whole, others)


def _run(
    job: Job, blocks: Blocks, work: Callable[[Block], T], problems: Problems, threads: int = 1, progress: bool = False
) -> Iterator[T]:
    """Yield what becomes of each block, in order, while the next ones are read and worked on."""
    if not isinstance(threads, int) or threads < 1:
        raise SpecError(f"threads={threads!r}: one at least has to do the work")
    running: deque[tuple[Future[T], int]] = deque()
    at_end: list[Problem] = []
    total = blocks.scan.households.rows() if progress else None
    with ThreadPoolExecutor(threads) as pool, progress_bar(progress, total, "households") as done:
        try:
            for block in _lost_or_reported(blocks, job, at_end):
                running.append((pool.submit(work, block), block.households.num_rows))
                if len(running) > threads:
                    future, rows = running.popleft()
                    yield future.result()
                    done(rows)
            while running:
                future, rows = running.popleft()
                yield future.result()
                done(rows)
        except LostMembers as error:
            keyless = _without_key(future for future, _ in running)
            raise LostMembers([*keyless, *error.problems], error.sure) from None
        finally:
            pool.shutdown(cancel_futures=True)
            blocks.close()
    problems.add(at_end)
    lost = [
        evolve(each, what=sentence("maybe_orphan", "en", {}), code="maybe_orphan")
        for each in problems.all
        if each.code == "orphan"
    ]
    if lost and blocks.may_repeat and not blocks.parted:
        # left out as nobody's while keys increased; since they no longer do, their household may have come later
        raise LostMembers(lost, sure=False)


def _without_key(running: Iterable[Future[Any]]) -> Iterator[Problem]:
    """Yield what is wrong with households' keys in blocks: whoever lost the key loses its members."""
    for future in running:
        try:
            future.result()
        except InvalidInput as error:
            yield from (each for each in error.problems if each.code == "key_missing")


def _lost_or_reported(blocks: Blocks, job: Job, at_end: list[Problem]) -> Iterator[Block]:
    """Yield blocks; members of nobody at the end are reported where that was asked for and they are it for sure."""
    try:
        yield from blocks
    except LostMembers as error:
        if job.reading.orphans != "report" or not error.sure:
            raise
        at_end += error.problems


def _look_again(job: Job, blocks: Blocks) -> None:
    """Refuse keys that stand in two blocks, where increasing keys don't show that none does."""
    if blocks.may_repeat:
        refuse_repeated(job, blocks.scan)


def refuse_repeated(job: Job, scan: Scan) -> None:
    """Refuse keys that stand twice in households too many to look at as a whole."""
    partition.refuse_repeated(job.keyed(scan).households, ", ".join(job.key_columns(0)))


def _gather(parts: list[Tally], part: Tally) -> None:
    """Add a tally to those that wait to be added up: until they are many, and not few beside what is whole already."""
    parts.append(part)
    cells = [len(each.cells["unit"]) for each in parts]
    if len(parts) >= _MERGE and 3 * sum(cells[1:]) >= cells[0]:
        for some in (slice(1, None), slice(None)):  # the small ones first: what is added up is in memory twice
            parts[some] = [_whole(parts[some])]
        give_back()


def _whole(parts: list[Tally]) -> Tally:
    """Add up tallies where what was read has made room."""
    give_back()
    return add_up(parts)


def _report(job: Job, blocks: Blocks, threads: int = 1, progress: bool = False) -> Report:
    """Count blocks."""
    problems = Problems()

    def work(block: Block) -> tuple[Tally, tuple[Problem, ...]]:
        assessment = job.assess(block)
        with _in(block.where):
            return job.tally(assessment), assessment.problems

    parts: list[Tally] = []
    for part, wrong in _run(job, blocks, work, problems, threads, progress):
        problems.add(wrong)
        _gather(parts, part)
    return Report(_whole(parts), problems.all, blocks.spans)


def tally(job: Job, scan: Scan, *, threads: int, progress: bool) -> Tally:
    """Count a scan; see :meth:`mdpoverty.Standard.tally`."""
    blocks = _blocks(job, scan)
    whole = _report(job, blocks, threads, progress).whole()
    _look_again(job, blocks)
    return whole


@frozen(eq=False)
class Classified:
    """What became of a scan that was classified into files.

    Attributes
    ----------
    files : tuple of Path
        The files, in the order of the households.
    households : int
        How many rows they hold.
    tally : Tally
        What was counted on the way; measures and tables of the whole are read off it.
    problems : tuple of Problem
        What was wrong with the input and was left out or counted as missing, because the caller chose to go on.
    """

    files: tuple[Path, ...]
    households: int
    tally: Tally
    problems: tuple[Problem, ...]

    def counts(self, lang: Language | None = None) -> pd.DataFrame:
        """Count households and people in each class; see :meth:`mdpoverty.Tally.counts`."""
        return self.tally.counts(lang=lang)


def classify(job: Job, scan: Scan, sink: str | Path, *, threads: int, progress: bool) -> Classified:
    """Classify a scan into files; see :meth:`mdpoverty.Standard.classify`."""
    problems = Problems()
    parts: list[Tally] = []

    def work(block: Block) -> tuple[Any, Tally, tuple[Problem, ...]]:
        assessment = job.assess(block)
        return assessment.to_frame(), job.tally(assessment), assessment.problems

    with Sink.open(sink) as out:
        blocks = _blocks(job, scan)
        for table, part, wrong in _run(job, blocks, work, problems, threads, progress):
            problems.add(wrong)
            out.write(table)
            _gather(parts, part)
        _look_again(job, blocks)
        files = out.commit()
    whole = _whole(parts)
    return Classified(files, whole.n, whole, problems.all)


# ------------------------------------------------------------------------------------------- a scan that is one of many


def report(job: Job, scan: Scan) -> Report:
    """Count a part; whether a key stands in it twice is for the caller to look, who has all the parts' spans."""
    return _report(job, _blocks(job, scan))


def classes(job: Job, scan: Scan) -> Iterator[Any]:
    """Yield a part's classes, block by block, as Arrow tables; about keys the same holds as for :func:`report`."""
    problems = Problems()

    def work(block: Block) -> Any:
        assessment = job.assess(block)
        problems.add(assessment.problems)
        return assessment.to_frame()

    return _run(job, _blocks(job, scan), work, problems)


def spans(job: Job, scan: Scan) -> tuple[Span, ...]:
    """Read nothing of a part but its households' keys."""
    wanted: Wanted = {MATCHED: "key"}
    scan = job.keyed(scan)
    blocks = Blocks(scan, scan.households.pieces(wanted), None, (wanted, {}), job.keys[1:])
    for _ in blocks:
        pass
    return blocks.spans


def no_classes(job: Job, scan: Scan) -> Any:
    """Return the table of classes of no household; raises what is wrong with the columns as such."""
    blocks = _blocks(job, scan)
    nothing = Blocks(scan, iter(()), None if blocks.members is None else iter(()), blocks.wanted, blocks.key)
    return job.assess(next(iter(nothing))).to_frame()


def schema(job: Job, first: Scan, found: Iterable[Span]) -> Any:
    """Return the Arrow schema that the classes of all parts have: the keys' type is the keys' own."""
    pa = arrow()
    edges = [edge for span in found for edge in (span.first, span.last) if edge is not None]
    kind = pa.infer_type(edges)
    if pa.types.is_integer(kind) and max(edges) >= 1 << 63:  # as hashes may be: Arrow infers that of no number
        kind = pa.uint64()
    made = no_classes(job, first).schema
    texts = {"category", "possible"}
    fields = [(name, pa.string() if name in texts else made.field(name).type) for name in made.names[1:]]
    return pa.schema([(made.names[0], pa.string() if pa.types.is_null(kind) else kind), *fields])
