"""Look for bytes that a reader can't bear, led by the code that they reach: ``python tests/fuzz_readers.py --help``.

Any bytes give a value or an error of the library's family. Never another error, never a hang, and never a message that
holds what could name a person. Each reader is fuzzed in a process of its own; the first inputs are files that the
library writes or the tests read. Needs ``pip install atheris``, which is no part of the suite's own needs.

Made for a weekly job: prints what each reader did, and how many inputs and edges it saw; exits 1 if anything was found.
"""

from __future__ import annotations

import argparse
import json
import logging
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
SLOW = 5.0
"""Seconds of the processor that no input of a few kilobytes may take; what hangs is ended after two minutes."""

CANARIES = ("Nguyễn Thị Chim Vàng", "0912345678", "079123456789")
"""A made-up person, who stands in the first inputs, and may stand in no message."""


class Reader(NamedTuple):
    """What reads bytes, and what it is given first."""

    read: Callable[[bytes, Path], Any]
    seeds: Callable[[], Iterator[bytes]]
    names_nobody: bool = True  # a standard's file is law: what stands in it may be repeated


def _standard(content: bytes, file: Path) -> Any:
    import mdpoverty as mdp

    file.write_bytes(content)
    return mdp.Standard.from_file(file)


def _json(content: bytes, file: Path) -> Any:
    return _standard(content, file.with_suffix(".json"))


def _toml(content: bytes, file: Path) -> Any:
    return _standard(content, file.with_suffix(".toml"))


def _tally(content: bytes, file: Path) -> Any:
    import mdpoverty as mdp

    return mdp.Tally.from_json(content.decode("utf-8", "surrogateescape")).counts()


def _scan(content: bytes, file: Path) -> Any:
    import mdpoverty as mdp

    path = file.with_suffix(".csv")
    path.write_bytes(content)
    return mdp.standards["vn-2022"].tally(mdp.scan(path), date="2024-11-15", given="all").counts()


def _csv(content: bytes, file: Path) -> Any:
    from mdpoverty import reports

    path = file.with_suffix(".csv")
    path.write_bytes(content)
    return reports.check(reports.Printed({1: reports.read_csv(path)}))


def _list(content: bytes, file: Path) -> Any:
    from mdpoverty import reports

    path = file.with_suffix(".csv")
    path.write_bytes(content)
    return reports.read_list(path)


def _kobo(content: bytes, file: Path) -> Any:
    import mdpoverty as mdp

    path = file.with_suffix(".csv")
    path.write_bytes(content)
    homes = mdp.read_kobo(path).households
    return mdp.standards["vn-2022"].classify(homes, date="2024-11-15", given="all", invalid="missing")


def _zipped(content: bytes) -> bytes:
    """Put parts of a workbook, which are what is fuzzed, into a file that holds them compressed, as Excel does."""
    from zipfile import ZIP_DEFLATED, ZipFile

    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as book:
        for part in content.split(b"\x00=="):
            name, _, text = part.partition(b"==\n")
            book.writestr(name.decode("latin-1") or "x", text)
    return made.getvalue()


def _unzipped(book: bytes) -> bytes:
    from zipfile import ZipFile

    with ZipFile(BytesIO(book)) as opened:
        return b"\x00==".join(name.encode() + b"==\n" + opened.read(name) for name in opened.namelist())


def _workbook(content: bytes, file: Path) -> Any:
    import mdpoverty as mdp

    book = content if content[:2] == b"PK" else _zipped(content)
    return mdp.read_workbook(BytesIO(book), mdp.standards["vn-2022"])


def _forms(content: bytes, file: Path) -> Any:
    from mdpoverty import reports

    path = file.with_suffix(".xlsx")
    path.write_bytes(content if content[:2] == b"PK" else _zipped(content))
    return reports.check(reports.read_excel(path))


def _laws(suffix: str) -> Iterator[bytes]:
    sys.path.insert(0, str(ROOT))
    from tests.toy import TOY

    if suffix == ".json":
        yield TOY.to_json(indent=None).encode()
        amended = {"based_on": "vn-2022", "id": "x", "citation": {"instrument": "y", "confirmed": True}}
        yield json.dumps({**amended, "thresholds": [{"id": "income", "steps": [{"amounts": [["rural", 3]]}]}]}).encode()
    else:
        yield (ROOT / "examples" / "province.toml").read_bytes()
        yield b'id = "x"\nin_force = 2020-01-01\n[citation]\ninstrument = "y"\n[[fields]]\nid = "a"\n'


def _tallies() -> Iterator[bytes]:
    import mdpoverty as mdp

    yield mdp.Tally.from_frame({"a": [1, 0], "b": [1, None], "g": ["x", None]}, ["a", "b"], by="g").to_json().encode()


def _tables() -> Iterator[bytes]:
    import mdpoverty as mdp

    vn = mdp.standards["vn-2022"]
    names = ["household_id", "area", "income", *vn.indicators, "note"]
    rows = [[str(key), "rural", "1500000", *["true", "false"] * 6, canary] for key, canary in enumerate(CANARIES)]
    for sign in (",", ";"):
        yield "\n".join(map(sign.join, [names, *rows])).encode()
    yield "\ufeff".encode("utf-16") + "\n".join(map(",".join, [names, *rows])).encode("utf-16-le")


def _printed() -> Iterator[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        for path in _filled().to_csv(folder, forms=[1]):
            yield path.read_bytes()


def _lists() -> Iterator[bytes]:
    yield f"Mã hộ,Họ và tên,Quan hệ với chủ hộ,Tuổi\n1,{CANARIES[0]},chủ hộ,40\n,{CANARIES[1]},con,3\n".encode()


def _books() -> Iterator[bytes]:
    import mdpoverty as mdp

    book = mdp.standards["vn-2022"].template("excel")
    assert isinstance(book, bytes)
    yield _unzipped(book)


def _filled() -> Any:
    import mdpoverty as mdp
    from mdpoverty import examples, reports

    found = mdp.standards["vn-2022"].classify(*examples.commune(20), date="2024-11-15")
    return reports.build(found, area_columns=["commune"])


def _printed_books() -> Iterator[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "forms.xlsx")
        _filled().to_excel(path, forms=[1])
        yield _unzipped(path.read_bytes())


READERS = {
    "json": Reader(_json, lambda: _laws(".json"), names_nobody=False),
    "toml": Reader(_toml, lambda: _laws(".toml"), names_nobody=False),
    "tally": Reader(_tally, _tallies, names_nobody=False),
    "scan": Reader(_scan, _tables),
    "kobo": Reader(_kobo, _tables),
    "csv": Reader(_csv, _printed),
    "list": Reader(_list, _lists),
    "workbook": Reader(_workbook, _books),
    "forms": Reader(_forms, _printed_books),
}


class Watch:
    """What a reader is watched for, and what was found."""

    def __init__(self, reader: Reader, folder: Path) -> None:
        self.reader, self.folder = reader, folder
        self.found: dict[str, bytes] = {}
        self.refused = self.read = 0

    def __call__(self, content: bytes) -> None:
        """Read bytes, and note what must not be."""
        from mdpoverty.errors import MdpovertyError

        said, begun = "", time.process_time()
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                self.reader.read(content, self.folder / "input")
                self.read += 1
            except MdpovertyError as error:
                self.refused += 1
                said = "".join(traceback.format_exception_only(error)) + repr(vars(error))
            except (Exception, RecursionError) as error:
                place = traceback.extract_tb(error.__traceback__)
                own = next((each for each in reversed(place) if "mdpoverty" in each.filename), place[-1])
                self.note(f"{type(error).__name__} at {Path(own.filename).name}:{own.lineno}: {error!s:.150}", content)
        if time.process_time() - begun > SLOW:
            self.note(f"slow ({time.process_time() - begun:.0f} s)", content)
        said += " ".join(str(each.message) for each in warned)
        if self.reader.names_nobody and not _as_key_or_name(content):
            for canary in CANARIES:
                if canary in said or canary.lstrip("0") in said:
                    self.note(f"a message names somebody: {said[:150]}", content)

    def note(self, what: str, content: bytes) -> None:
        """Keep one input of each kind of finding."""
        kind = what.partition(":")[0] if "at " not in what else what.rpartition(": ")[0]
        if kind not in self.found:
            self.found[kind] = content
            path = self.folder / f"finding-{len(self.found)}"
            path.write_bytes(content)
            print(f"FOUND {what} ({path})", flush=True)


def _as_key_or_name(content: bytes) -> bool:
    """Return whether a canary stands where messages show what stands: among the names of columns, or as a key."""
    text = content.decode("utf-8", "replace").replace("\r", "\n")
    first, *rest = text.split("\n")
    cells = [first, *(row.replace(";", ",").partition(",")[0] for row in rest)]
    return any(canary in cell for canary in CANARIES for cell in cells)


def work(name: str, seconds: int, folder: Path) -> None:
    """Fuzz one reader until the time is up."""
    import atheris

    with atheris.instrument_imports(include=["mdpoverty", "tomllib"], enable_loader_override=False):
        for followed in ("fieldwork.kobo", "fieldwork.workbook", "law.files", "reports", "scale.stream", "standard"):
            import_module(f"mdpoverty.{followed}")
    logging.disable(logging.CRITICAL)
    reader = READERS[name]
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(reader.seeds()):
        (corpus / str(number)).write_bytes(seed)
    longest = max(path.stat().st_size for path in corpus.iterdir()) * 2
    options = [f"-max_total_time={seconds}", "-timeout=120", "-rss_limit_mb=4096", "-print_final_stats=1"]
    watch = Watch(reader, folder)
    for seed in sorted(corpus.iterdir()):
        watch(seed.read_bytes())
    print(f"SEEDS read {watch.read}, refused {watch.refused}", flush=True)
    atheris.Setup([sys.argv[0], *options, f"-max_len={longest}", str(corpus)], watch)
    atheris.Fuzz()


def main() -> int:
    """Fuzz the readers one by one, and print what became of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reader", action="append", choices=list(READERS), help="all of them by default")
    parser.add_argument("--seconds", type=int, default=600, help="for each reader")
    parser.add_argument("--keep", type=Path, help="the folder that inputs which were found are kept in")
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if find_spec("atheris") is None:
        parser.exit(2, "atheris isn't installed: pip install atheris\n")
    if options.work:
        work(options.reader[0], options.seconds, options.work)
    keep = options.keep or Path(tempfile.mkdtemp(prefix="fuzz-"))
    bad = 0
    for name in options.reader or READERS:
        folder = keep / name
        folder.mkdir(parents=True)
        command = [sys.executable, __file__, "--reader", name, "--seconds", str(options.seconds), "--work", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
        told = done.stderr + done.stdout
        edges = [line.split("cov: ")[1].split()[0] for line in told.splitlines() if "cov: " in line]
        runs = [line.split()[-1] for line in told.splitlines() if "number_of_executed_units" in line]
        findings = [line for line in told.splitlines() if line.startswith("FOUND")]
        ended = "" if done.returncode == 0 else f"; ended with {done.returncode}: {told[-500:]}"
        seen = f"{(runs or ['?'])[-1]} inputs, {(edges or ['?'])[-1]} edges, {len(findings)} findings"
        print(f"{name:9} {seen}{ended}", *findings, sep="\n  ", flush=True)
        bad += bool(findings or done.returncode)
    return int(bad > 0)


if __name__ == "__main__":
    raise SystemExit(main())
