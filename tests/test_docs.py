"""The documentation is true: its code runs and prints what it says, and what is generated is up to date."""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import inspect
import io
import json
import os
import pprint
import re
import runpy
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pandas as pd
import pytest

import mdpoverty as mdp
from mdpoverty import dynamics, measures, plots, programmes, reports, scorers
from tests import profiles

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "pages"
VIETNAMESE = ROOT / "docs" / "vi"
TEXTS = [ROOT / "README.md", *sorted(PAGES.rglob("*.md")), *sorted(VIETNAMESE.rglob("*.md"))]
FENCE = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """Some Python of a page, and what it is said to print (None: nothing is said)."""

    line: int
    code: str
    prints: str | None


def blocks(page: Path) -> list[Block]:
    """Return a page's blocks of ``python``; a block of ``text`` right after one is what it prints."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in FENCE.finditer(text):
        if match[1] != "python":
            continue
        after = FENCE.match(text, match.end() + 2) if text[match.end() :].startswith("\n\n") else None
        line = text[: match.start()].count("\n") + 1
        found.append(Block(line, match[2], after[2] if after and after[1] == "text" else None))
    return found


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").splitlines()]


def outputs(page: Path) -> Iterator[tuple[Block, str]]:
    """Run a page's blocks one after another, sharing their names, and yield what each prints.

    They run in a folder of their own, and what they register is forgotten afterwards.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    known = mdp.standards._entries
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        try:
            for block in blocks(page):
                code = compile("\n" * block.line + block.code, str(page), "exec")  # a traceback points into the page
                printed = io.StringIO()
                with contextlib.redirect_stdout(printed):
                    exec(code, names)
                yield block, printed.getvalue()
        finally:
            mdp.standards._entries = known
            if "matplotlib" in sys.modules:
                plt = importlib.import_module("matplotlib.pyplot")
                plt.close("all")


@pytest.mark.parametrize("page", [page for page in TEXTS if blocks(page)], ids=lambda page: page.stem)
def test_the_code_of_a_page_runs_and_prints_what_it_says(page: Path) -> None:
    for block, printed in outputs(page):
        if block.prints is not None:
            where = f"{page.relative_to(ROOT)}, line {block.line}"
            advice = "if the page is wrong and the code right: python tests/test_docs.py"
            assert lines(printed) == lines(block.prints), f"{where} prints something else; {advice}"


def test_the_links_of_readme_lead_somewhere() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)]+)\)", readme)
    assert len(targets) > 10
    for target in targets:
        assert (ROOT / target).is_file(), f"README.md links to {target}, which isn't there"


@pytest.mark.parametrize("page", TEXTS, ids=lambda page: page.stem)
def test_a_page_is_in_the_composed_form_of_unicode(page: Path) -> None:
    assert unicodedata.is_normalized("NFC", page.read_text(encoding="utf-8"))


def test_the_blocks_are_found() -> None:
    assert len(blocks(ROOT / "README.md")) == 1
    assert sum(block.prints is not None for page in TEXTS for block in blocks(page)) > 80


# ----------------------------------------------------------------------------------------------- what is generated


def script(name: str) -> ModuleType:
    """Import a script of docs/."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    return script("generate")


def test_the_picture_of_the_house_has_every_room() -> None:
    house = script("house")
    source = Path(mdp.__file__).parent
    there = {path.stem for path in source.glob("*.py")} | {path.parent.name for path in source.glob("*/__init__.py")}
    page = house.on_page_markdown((PAGES / "explanation" / "architecture.md").read_text(encoding="utf-8"))
    picture = ElementTree.fromstring(page[page.index("<svg") : page.index("</svg>") + len("</svg>")])
    boxes = {box.attrib["data-room"]: box for box in picture.iter() if "data-room" in box.attrib}
    assert set(boxes) == there - {"__init__"}
    tops = {name: float(next(part.attrib["y"] for part in box if "y" in part.attrib)) for name, box in boxes.items()}
    texts = {name: " ".join(part.text or "" for part in box) for name, box in boxes.items()}
    doors = set(house.doors())
    assert doors == {("rules", "engine")}
    rooms = house.rooms()
    for name, room in rooms.items():
        assert name in texts[name]
        assert room.purpose.split()[0] in texts[name]
        for imported in room.imports:
            assert tops[imported] >= tops[name] or (name, imported) in doors, f"{name} imports {imported} above it"
    assert {"law", "tables", "rules"} <= set(rooms["engine"].imports)
    listed = re.findall(r"^\| `(\w+)/?` \|", page[page.index("## The rooms") :], re.MULTILINE)
    assert sorted(listed) == sorted(boxes)
    assert "<!-- the" not in page


def test_readme_says_of_each_part_what_was_found_of_it(generate: ModuleType) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    standard = mdp.standards["vn-2022"]
    assert readme == generate.with_tables(readme, standard), "run: python docs/generate.py"
    rows = dict(re.findall(r"^\| (Classes|Amounts|Indicators) \| (.*) \|$", readme, re.MULTILINE))
    parts = {"Classes": standard.categories, "Amounts": standard.thresholds, "Indicators": standard.indicators}
    for name, things in parts.items():
        cells = dict(zip(("words", "rule", "nothing"), rows[name].split(" | "), strict=True))
        for part in things.values():
            assert part.label.en.lower() in cells[part.citation.found]
            others = [cell.split("; ") for found, cell in cells.items() if found != part.citation.found]
            assert not any(part.label.en.lower() in other for other in others)


def test_readme_lists_every_standard_and_says_which_are_provisional() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([^`]+)` \| (.*) \|$", readme, re.MULTILINE))
    assert list(rows) == list(mdp.standards)
    assert [name for name in rows if "provisional" in rows[name]] == [
        name for name in mdp.standards if mdp.standards[name].provisional
    ]


def test_the_changelog_names_every_standard() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert [name for name in mdp.standards if f"`{name}`" not in changelog] == []


@pytest.mark.parametrize("lang", ["en", "vi"])
@pytest.mark.parametrize("name", list(mdp.standards))
def test_a_standards_page_has_every_part(generate: ModuleType, name: str, lang: str) -> None:
    standard = mdp.standards[name]
    page = generate.standard_page(standard, lang)
    for kind in ("categories", "thresholds", "indicators", "fields"):
        for part in getattr(standard, kind).values():
            assert f"`{part.id}`" in page
    for kind in ("categories", "thresholds", "indicators"):
        for part in getattr(standard, kind).values():
            assert part.label.in_(lang) in page
            assert part.citation.words in page
    for gap in standard.gaps:
        assert gap.text.in_(lang) in page


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_the_page_of_what_is_not_known_has_every_gap_and_every_unconfirmed_part(
    generate: ModuleType, lang: str
) -> None:
    page = generate.unknown_page(lang)
    sections = dict(zip(mdp.standards, re.split(r"^## .* \{ #[\w-]+ \}$", page, flags=re.MULTILINE)[1:], strict=True))
    for name, section in sections.items():
        standard = mdp.standards[name]
        assert all(gap.text.in_(lang) in section for gap in standard.gaps)
        for parts in (standard.categories, standard.thresholds, standard.indicators):
            for part in parts.values():
                listed = f"**{part.label.in_(lang)}** (`{part.id}`)" in section
                assert listed == (part.citation.found != "words"), f"{name}, {part.id}"
        marked = generate.standard_page(standard, lang)
        for mark in generate.MARKS_OF_DOUBT[lang]:
            assert f"({mark})" not in marked
            assert marked.count(f"[{mark}]") == marked.count(f"[{mark}](../{generate.UNKNOWN[lang]}#{name})")


def test_the_page_that_readme_links_is_the_one_of_today(generate: ModuleType) -> None:
    kept = ROOT / "docs" / "what-we-dont-know.md"
    assert kept.read_text(encoding="utf-8") == generate.unknown_page("en", site=False), "run: python docs/generate.py"
    assert "](docs/what-we-dont-know.md)" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_vietnamese_page_is_in_its_menu_and_its_code_speaks_vietnamese() -> None:
    menu = (ROOT / "docs" / "mkdocs.vi.yml").read_text(encoding="utf-8")
    for page in VIETNAMESE.glob("*.md"):
        assert f": {page.name}" in menu
        for block in blocks(page):
            for comment in re.findall(r"(?:^|\s)# (.+)$", block.code, re.MULTILINE):
                assert re.search(r"[^\x00-\x7f]", comment), f"{page.name}, line {block.line}: {comment}"


def test_every_picture_of_a_page_is_drawn(generate: ModuleType) -> None:
    for page, least in ((PAGES / "how-to" / "pictures.md", 14), (VIETNAMESE / "hinh-ve.md", 8)):
        text = page.read_text(encoding="utf-8")
        drawn = generate.pictures(text)
        assert len(drawn) == len(generate.PICTURE.findall(text)) >= least
        assert all(b"<svg" in svg for _, svg in drawn)


# -------------------------------------------------------------------------------------------- what is documented

ROOMS = (scorers, measures, dynamics, plots, reports, programmes)
REFERENCE = "\n".join(page.read_text(encoding="utf-8") for page in (PAGES / "reference").glob("*.md"))
DOCUMENTED = set(re.findall(r"^::: ([\w.]+)$", REFERENCE, re.MULTILINE))


@pytest.mark.parametrize(
    "name",
    [f"mdpoverty.{name}" for name in mdp.__all__ if name not in ("errors", "scorers", "__version__")]
    + [f"{module.__name__}.{name}" for module in ROOMS for name in module.__all__],
)
def test_the_reference_has_every_public_name(name: str) -> None:
    value: Any = mdp
    for step in name.split(".")[1:]:
        value = getattr(value, step)
    ways = {name, f"mdpoverty.{name.split('.')[-1]}"}
    if inspect.isclass(value) or inspect.isfunction(value):
        ways.add(f"{value.__module__}.{value.__qualname__}")
    said = ways & DOCUMENTED or f"`{name}`" in REFERENCE
    assert said, f"add a line “::: {name}” to a page of docs/pages/reference/"


def test_the_reference_has_every_error() -> None:
    for name, value in vars(mdp.errors).items():
        if inspect.isclass(value) and issubclass(value, Exception) and value.__module__ == mdp.errors.__name__:
            assert f"mdpoverty.errors.{name}" in DOCUMENTED


def public_things() -> list[tuple[str, Any]]:
    """Return the classes and functions behind the public names, and their public methods and properties."""
    found: list[tuple[str, Any]] = []
    for module in (mdp, *ROOMS, mdp.errors):
        listed = getattr(module, "__all__", None) or [name for name in vars(module) if not name.startswith("_")]
        for name in listed:
            value = getattr(module, name)
            if not str(getattr(value, "__module__", "")).startswith("mdpoverty"):
                continue
            if inspect.isfunction(value):
                found.append((name, value))
            elif inspect.isclass(value):
                found.append((name, value))
                for key, part in vars(value).items():
                    if not key.startswith("_") and isinstance(part, property | classmethod | staticmethod):
                        found.append((f"{name}.{key}", getattr(part, "__func__", part)))
                    elif not key.startswith("_") and inspect.isfunction(part):
                        found.append((f"{name}.{key}", part))
    return list(dict(found).items())


@pytest.mark.parametrize(("name", "value"), public_things(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_public_class_and_function_says_what_it_is(name: str, value: Any) -> None:
    text = value.__doc__ or ""
    assert len(text.strip()) > 10, f"{name} has no docstring"
    assert not text.startswith("Method generated by attrs"), f"{name} has no docstring of its own"


# -------------------------------------------------------------------------------------- what importing brings along


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own, with warnings as errors."""
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        capture_output=True,
        check=False,
        cwd=cwd,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
        timeout=600,
    )


def test_importing_the_library_imports_neither_pandas_nor_numpy() -> None:
    code = (
        "import sys, mdpoverty; print(*sorted({'pandas', 'numpy', 'narwhals', 'polars', 'pyarrow'} & set(sys.modules)))"
    )
    done = run("-c", code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_one_household_is_assessed_without_pandas_or_numpy() -> None:
    code = (
        "import sys, mdpoverty as mdp\n"
        "verdict = mdp.standards['vn-2022'].assess({'area': 'rural', 'income': 1_400_000}, [{'age': 40}])\n"
        "verdict.text('vi'), verdict.ask, verdict.margins\n"
        "print(*sorted({'pandas', 'numpy'} & set(sys.modules)))"
    )
    done = run("-c", code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_a_form_needs_no_more_than_readme_says() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    advised = re.search(r"--no-deps --target form \. ([\w ]+)`", readme)
    assert advised is not None
    code = (
        "import sys, json, mdpoverty as mdp\n"
        "before = {name.split('.')[0] for name in sys.modules}\n"
        "verdict = mdp.standards['vn-2022'].assess({'area': 'rural', 'income': 1_400_000}, [{'age': 40}])\n"
        "verdict.text('vi'), verdict.ask, json.dumps(verdict.to_dict()), verdict._repr_html_()\n"
        "used = {name.split('.')[0] for name in sys.modules if getattr(sys.modules[name], '__file__', None)}\n"
        "sites = [name for name in used if 'site-packages' in (sys.modules[name].__file__ or '')]\n"
        "print(*sorted(sites))"
    )
    done = run("-c", code)
    assert done.returncode == 0, done.stderr
    allowed = {*advised[1].split(), "attr", "mdpoverty"}
    loaded = {name for name in done.stdout.split() if not name.startswith(("_", "sitecustomize", "coverage"))}
    assert loaded <= allowed


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(mdp.__file__).parent / "py.typed").is_file()


# ----------------------------------------------------------------------------------------------------- the examples

SAYS = {
    "commune.py": ["Hộ nghèo (poor)", "Chưa xác định (open)", "Kết quả sẽ thay đổi nếu:"],
    "review_form.py": [
        "Đã rõ sau 1 câu hỏi.",
        "Hộ cận nghèo",
        '"field": "income"',
        "gặp 'septik' (có phải 'septic'?)",
        "cần số nguyên từ 0 đến 130, gặp 400 (1 dòng: thành viên 2)",
    ],
    "messy_spreadsheet.py": [
        "Refused, because nothing is guessed.",
        "VD-000047: 2 rows",
        "got '99' (1 row: VD-000063 (row 64))",
        "a member of no listed household (1 row: VD-999999 (row 721, member 1))",
        "CSV and Excel give the same classes.",
    ],
    "make_messy_spreadsheet.py": ["Wrong on purpose:"],
    "new_country.py": ["Poor (by Ruritania Poverty Act, section 2)", "schooling comparison        <    14"],
    "notebook.py": ["Poor household", "inputs_digest: "],
    "review_year.py": ["0 findings; 30 households are open"],
    "service.py": ["→ poor, near_poor", "Cần hỏi thêm:", "post /classify"],
}


WRITES = {
    "review_year.py": {"forms.html", "forms.xlsx", "missing_cards.csv"},
}


def test_the_notebook_runs_and_says_what_it_shows() -> None:
    """Run the notebook's cells as a kernel does, and compare what each shows as text."""
    notebook = json.loads((ROOT / "examples" / "commune.ipynb").read_text(encoding="utf-8"))
    names: dict[str, Any] = {"__name__": "__main__"}
    shown = 0
    for number, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] != "code":
            continue
        source = "".join(cell["source"])
        tree = ast.parse(source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, f"cell {number}", "exec"), names)
        value = eval(compile(ast.Expression(last.value), f"cell {number}", "eval"), names) if last else None
        said = ["".join(out["data"]["text/plain"]) for out in cell["outputs"] if out["output_type"] == "execute_result"]
        quiet = source.rstrip().endswith(";")
        if value is not None and not quiet:
            shown += 1
            assert lines(said[0]) == lines(pretty(value)), f"cell {number} shows something else; run the notebook again"
        if quiet:
            assert any("image/png" in out["data"] for out in cell["outputs"])
    assert shown > 6
    importlib.import_module("matplotlib.pyplot").close("all")


def pretty(value: Any) -> str:
    """Write a value as a kernel's text does."""
    if isinstance(value, list):
        return pprint.pformat(value, width=79)
    with pd.option_context("display.max_columns", 20, "display.width", 80):
        return repr(value)


def printed_by(script: Path, *arguments: str, folder: Path) -> str:
    """Run a script in a folder and return what it prints.

    In the short profile it runs here, where the packages are imported already, and otherwise in a process of its own.
    """
    if not profiles.SHORT:
        done = run(str(script), *arguments, cwd=folder)
        assert done.returncode == 0, done.stderr
        return done.stdout
    known, modules, printed = mdp.standards._entries, set(sys.modules), io.StringIO()
    with pytest.MonkeyPatch.context() as here, contextlib.chdir(folder), contextlib.redirect_stdout(printed):
        here.setattr(sys, "argv", [str(script), *arguments])
        here.syspath_prepend(script.parent)
        try:
            runpy.run_path(str(script), run_name="__main__")
        finally:
            mdp.standards._entries = known
            for beside in {path.stem for path in script.parent.glob("*.py")} - modules:
                sys.modules.pop(beside, None)
    return printed.getvalue()


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "examples").glob("*.py")))
def test_an_example_runs(name: str, tmp_path: Path) -> None:
    printed = printed_by(ROOT / "examples" / name, *(["."] if name in WRITES else []), folder=tmp_path)
    for said in SAYS[name]:
        assert said in printed
    assert {path.name for path in tmp_path.iterdir()} >= WRITES.get(name, set())


def write_outputs() -> None:
    """Write into the pages what their code prints now."""
    for page in TEXTS:
        text = page.read_text(encoding="utf-8")
        for block, printed in outputs(page):
            if block.prints is not None:
                said = f"```python\n{block.code}```\n\n```text\n"
                assert said in text
                text = text.replace(f"{said}{block.prints}```", said + "\n".join(lines(printed)) + "\n```")
        page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_outputs()
