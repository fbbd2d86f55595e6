"""What a scan writes appears whole, and never in the place of something else."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import mdpoverty as mdp
from mdpoverty import examples
from mdpoverty.errors import BadTable, FileError, MdpovertyError, SpecError

vn = mdp.standards["vn-2022"]
HOMES, PEOPLE = examples.commune(60, kind="pyarrow")
SINKS = ["out.parquet", "out/*.parquet"]


def meanwhile(happens: Any) -> mdp.scale.Scan:  # type: ignore[name-defined]
    """Return a scan in the middle of whose rows something happens."""

    def batches() -> Iterator[pa.RecordBatch]:
        for position, batch in enumerate(HOMES.to_batches(max_chunksize=30)):
            if position:
                happens()
            yield batch

    return mdp.scan(pa.RecordBatchReader.from_batches(HOMES.schema, batches()), PEOPLE, block=30)


@pytest.mark.parametrize("sink", SINKS)
def test_what_appears_meanwhile_is_left_as_it_is(tmp_path: Path, sink: str) -> None:
    target = tmp_path / sink
    other = target if sink == "out.parquet" else target.parent / "part-00000.parquet"

    def appear() -> None:
        other.parent.mkdir(exist_ok=True)
        other.write_text("theirs")

    with pytest.raises(FileError, match=r"appeared while this was running.*out-2") as caught:
        vn.classify(meanwhile(appear), sink=target)
    assert other.read_text() == "theirs"
    assert isinstance(caught.value, OSError)
    assert [pq.read_metadata(path).num_rows for path in caught.value.written] == [60]  # type: ignore[attr-defined]
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".partial")]


@pytest.mark.parametrize("sink", SINKS)
def test_of_two_that_write_to_one_place_one_is_told(tmp_path: Path, sink: str) -> None:
    together, ends = threading.Barrier(2), []

    def work() -> None:
        try:
            ends.append(vn.classify(meanwhile(together.wait), sink=tmp_path / sink).files)
        except MdpovertyError as error:
            ends.append(error)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = [end for end in ends if isinstance(end, FileError)]
    assert len(told) == 1, ends
    written = [*told[0].written, *next(end for end in ends if end is not told[0])]  # type: ignore[attr-defined]
    assert [pq.read_metadata(path).num_rows for path in written] == [60, 60]


def test_an_empty_folder_is_filled_and_has_the_permissions_of_any_new_one(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "like").mkdir()
    files = vn.classify(mdp.scan(HOMES, PEOPLE), sink=tmp_path / "out" / "*.parquet").files
    assert [path.parent for path in files] == [tmp_path / "out"]
    if os.name != "nt":
        assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == stat.S_IMODE((tmp_path / "like").stat().st_mode)


def test_a_file_system_without_links_is_written_to_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: Any) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", none)
    assert vn.classify(mdp.scan(HOMES, PEOPLE), sink=tmp_path / "out.parquet").files == (tmp_path / "out.parquet",)
    assert pq.read_metadata(tmp_path / "out.parquet").num_rows == 60
    with pytest.raises(FileError, match="again-2"):
        vn.classify(meanwhile((tmp_path / "again.parquet").touch), sink=tmp_path / "again.parquet")


def test_a_place_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for wrong in (tmp_path / "file" / "out.parquet", tmp_path / "file" / "out" / "*.parquet"):
        with pytest.raises((FileError, BadTable), match="file"):
            vn.classify(mdp.scan(HOMES, PEOPLE), sink=wrong)


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's, and so is the limit on files")
def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    script = """
        import os, resource, signal, sys
        import mdpoverty as mdp
        from mdpoverty import examples
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        tables = examples.commune(2000, kind="pyarrow")
        resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
        for sink in sys.argv[1:]:
            try:
                mdp.standards["vn-2022"].classify(mdp.scan(*tables), sink=sink)
            except mdp.errors.FileError as error:
                print(str(error).replace("\\n", " "))
            print(os.listdir())
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *(str(tmp_path / sink) for sink in SINKS)],
        capture_output=True,
        cwd=tmp_path,
        text=True,
    )
    said = done.stdout.splitlines()
    assert len(said) == 2 * len(SINKS), done.stderr
    for error, left in zip(said[::2], said[1::2], strict=True):
        assert "can't be written: " in error
        assert left == "[]"


@pytest.mark.skipif(sys.platform != "linux", reason="the limit on files is Linux's")
def test_a_full_disk_is_said_where_members_are_brought_to_their_households(tmp_path: Path) -> None:
    script = """
        import resource, signal
        import mdpoverty as mdp
        from mdpoverty import examples
        from mdpoverty.scale import partition
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        partition.TOGETHER = 0
        scan = mdp.scan(*examples.commune(2000, kind="pyarrow"), aligned=False)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
        try:
            mdp.standards["vn-2022"].tally(scan)
        except mdp.errors.FileError as error:
            print(error)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True)
    assert "TMPDIR" in done.stdout, done.stderr


def test_what_is_no_place_for_a_sink_is_said_before_anything_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link.parquet").symlink_to(tmp_path / "nothing")
    for wrong, kind in ((tmp_path / "link.parquet", BadTable), ("s3://bucket/out.parquet", SpecError)):
        with pytest.raises(kind, match=r"is there already|a sink is a file"):
            vn.classify(meanwhile(lambda: pytest.fail("it was read")), sink=wrong)
    if os.name != "nt":
        (tmp_path / "gone").mkdir()
        monkeypatch.chdir(tmp_path / "gone")
        (tmp_path / "gone").rmdir()
        with pytest.raises(FileError, match="can't be written"):
            vn.classify(mdp.scan(HOMES, PEOPLE), sink="out.parquet")
