"""Build the form that works without a network: ``python examples/offline_form/build.py FOLDER``.

It puts into FOLDER a page that a web server or a USB stick serves: ``index.html`` opens in a browser by a double click.
The questions and the rules are those of a standard, by its id or from a file (a province's TOML, for one):

    python examples/offline_form/build.py form --standard examples/province.toml --date 2024-11-15

Python itself lies in the folder (Pyodide, from npm), with this library and what it imports, as they are installed here.
They are scripts that hold data, and nothing is fetched when the page runs: its content security policy allows no
connection at all, not even to where it came from. Needs npm, or ``--pyodide`` with the unpacked package.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from importlib.metadata import files
from pathlib import Path
from tempfile import TemporaryDirectory

import mdpoverty as mdp

PYODIDE = "pyodide@0.29.5"  # the last line whose scripts load from a USB stick, where browsers refuse modules
IMPORTED = ("attrs", "cattrs", "typing_extensions")
PAGE = Path(__file__).parent / "page"


def standard_of(name: str) -> mdp.Standard:
    """Find a standard by its id, or read it from a file."""
    return mdp.Standard.from_file(name) if Path(name).suffix in {".json", ".toml"} else mdp.standards[name]


def unpacked(folder: Path) -> Path:
    """Get Pyodide by npm, and return where it lies."""
    if shutil.which("npm") is None:
        raise SystemExit(f"npm is missing: install it, or unpack {PYODIDE} yourself and name the folder by --pyodide")
    subprocess.run(["npm", "pack", "--silent", PYODIDE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def modules() -> Iterator[tuple[str, bytes]]:
    """Yield the files of this library and of what it imports in a form, each with its place."""
    here = Path(mdp.__file__).parent
    for path in sorted(here.rglob("*.py")):
        yield path.relative_to(here.parent).as_posix(), path.read_bytes()
    for name in IMPORTED:
        for each in files(name) or ():
            if each.suffix == ".py":
                yield each.as_posix(), Path(str(each.locate())).read_bytes()


def library() -> bytes:
    """Pack them as one archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in modules():
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def build(folder: Path, standard: mdp.Standard, date: str | None, pyodide: Path) -> None:
    """Write the page."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in PAGE.iterdir():
        if path.suffix != ".py":
            shutil.copy(path, folder)
    for name in ("pyodide.js", "pyodide.asm.js"):
        text = (pyodide / name).read_text(encoding="utf-8")
        (folder / name).write_text(text.replace("//# sourceMappingURL=", "// from "), encoding="utf-8")
    data = {name: (pyodide / name).read_bytes() for name in ("pyodide.asm.wasm", "python_stdlib.zip")}
    data["pyodide-lock.json"] = json.dumps(
        {**json.loads((pyodide / "pyodide-lock.json").read_bytes()), "packages": {}}
    ).encode()
    data["library.zip"] = library()
    data["bridge.py"] = (PAGE / "bridge.py").read_bytes()
    data["standard.json"] = standard.to_json(indent=None).encode()
    data["settings.json"] = json.dumps({"date": date}).encode()
    for name, each in data.items():
        text = base64.b64encode(each).decode()
        (folder / f"{name}.js").write_text(f'(globalThis.EMBEDDED ??= {{}})["{name}"] = "{text}";\n', encoding="utf-8")


def main() -> None:
    """Read the command line and build."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--standard", default="vn-2022", help="an id, or a .toml or .json file")
    parser.add_argument("--date", help="the day of the review that the form begins with")
    parser.add_argument("--provisional", action="store_true", help="use a standard of which parts aren't confirmed")
    parser.add_argument("--pyodide", type=Path, help=f"the unpacked npm package {PYODIDE}")
    options = parser.parse_args()
    standard = standard_of(options.standard)
    standard.assess({}, date=options.date, provisional=options.provisional)  # what can't be used fails here, not there
    with TemporaryDirectory() as scratch:
        build(options.folder, standard, options.date, options.pyodide or unpacked(Path(scratch)))
    size = sum(path.stat().st_size for path in options.folder.iterdir()) / 1e6
    print(f"{standard.id}: {options.folder / 'index.html'} ({size:.0f} MB)")


if __name__ == "__main__":
    main()
