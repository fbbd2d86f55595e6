"""The house as a picture, drawn from the code: its layers, what each room is for, and what each imports.

The layers are those of the contract in pyproject.toml, what a room is for is the first sentence of its docstring, and
imports are read from the source. MkDocs loads this file as a hook that puts the picture and the list of rooms into the
page on the architecture, so they can't drift. ``python docs/house.py`` prints the picture.
"""

from __future__ import annotations

import ast
import functools
import textwrap
import tomllib
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "mdpoverty"
MARKS = {"<!-- the house -->": "picture", "<!-- the rooms -->": "listing"}

WIDTH, GAP, PAD, DOOR = 360, 5, 8, 14  # in the picture's own units; it is as wide as a telephone
NAME, TEXT = 14, 11  # sizes of letters
NARROW = 0.52  # how wide a letter is on average, of its size


class Room(NamedTuple):
    """A folder or a file at the top of the package."""

    name: str
    purpose: str
    imports: tuple[str, ...]


# ------------------------------------------------------------------------------------------------------ the code


def layers() -> list[list[str]]:
    """The contract's layers from the face down to the ground, each the names of its rooms."""
    return [[name.strip() for name in layer.split("|")] for layer in _contract()["layers"]]


def doors() -> list[tuple[str, str]]:
    """The imports that the contract lets point up, as pairs of rooms."""
    ends = [line.split(" -> ") for line in _contract()["ignore_imports"]]
    return [(importer.split(".")[1], imported.split(".")[1]) for importer, imported in ends]


def _contract() -> dict[str, Any]:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    contract: dict[str, Any] = tomllib.loads(text)["tool"]["importlinter"]["contracts"][0]
    return contract


@functools.cache
def rooms() -> dict[str, Room]:
    """Every room of the package by name."""
    found = {}
    for path in sorted(PACKAGE.iterdir()):
        if path.is_dir() and (path / "__init__.py").exists():
            name, front, files = path.name, path / "__init__.py", sorted(path.rglob("*.py"))
        elif path.suffix == ".py" and path.stem != "__init__":
            name, front, files = path.stem, path, [path]
        else:
            continue
        imported = {room for file in files for room in _imports(ast.parse(file.read_text(encoding="utf-8")).body)}
        found[name] = Room(name, _sentence(front), tuple(sorted(imported - {name})))
    return found


def _sentence(path: Path) -> str:
    """What a module is for: the first paragraph of its docstring, without the full stop."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(text.split("\n\n")[0].split()).rstrip(".")


def _imports(body: list[ast.stmt]) -> Iterator[str]:
    """The rooms that statements import, wherever they stand; what only a type checker sees is none."""
    for statement in body:
        if isinstance(statement, ast.If) and ast.unparse(statement.test).endswith("TYPE_CHECKING"):
            continue
        if isinstance(statement, ast.ImportFrom) and statement.module == PACKAGE.name:
            yield from (alias.name for alias in statement.names if _is_room(alias.name))
        elif isinstance(statement, ast.ImportFrom) and (statement.module or "").startswith(f"{PACKAGE.name}."):
            yield str(statement.module).split(".")[1]
        elif isinstance(statement, ast.Import):
            parts = [alias.name.split(".") for alias in statement.names]
            yield from (part[1] for part in parts if part[0] == PACKAGE.name and len(part) > 1)
        for inner in ("body", "orelse", "finalbody"):
            yield from _imports(getattr(statement, inner, []))
        for handler in getattr(statement, "handlers", []):
            yield from _imports(handler.body)


def _is_room(name: str) -> bool:
    return (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").exists()


# --------------------------------------------------------------------------------------------------- the picture

STYLE = """
svg.house { display: block; width: 100%; max-width: min(100%, 480px) !important; height: auto; margin: 1em auto; }
.house text { fill: var(--md-default-fg-color, CanvasText); font-family: inherit; }
.house .name { font-weight: 700; }
.house .imports { fill: var(--md-default-fg-color--light, GrayText); }
.house rect { fill: var(--md-code-bg-color, Canvas); stroke: var(--md-primary-fg-color, teal); }
.house path { fill: none; stroke: var(--md-accent-fg-color, teal); stroke-width: 1.5; }
.house .head { fill: var(--md-accent-fg-color, teal); stroke: none; }
"""


def picture() -> str:
    """The house as SVG, to stand in a page, whose colours it takes by day and by night."""
    known, shown, parts = rooms(), layers(), []
    ground = {name for layer in shown[_ground(shown) :] for name in layer}
    top, middles = 1.0, {}
    for layer in shown:
        for start in range(0, len(layer), 2):
            row = layer[start : start + 2]
            width = (WIDTH - DOOR - 1 - GAP * (len(row) - 1)) / len(row)
            lines = [_lines(known[name], width, ground) for name in row]
            height = max(sum(size + 3 for _, size, _ in its) for its in lines) + PAD
            for place, (name, its) in enumerate(zip(row, lines, strict=True)):
                left = 1 + place * (width + GAP)
                middles[name] = top + height / 2
                parts.append(_box(known[name], left, top, width, height, its))
            top += height + GAP
    parts += [_door(middles[importer], middles[imported]) for importer, imported in doors()]
    label = "The rooms of the package from the face down to the ground; what is lower imports nothing that is higher"
    body = "".join(parts)
    return (
        f'<svg class="house" viewBox="0 0 {WIDTH} {top:.0f}" role="img" aria-label="{label}" '
        f'xmlns="http://www.w3.org/2000/svg"><style>{STYLE}</style>{body}</svg>'
    )


def _ground(shown: list[list[str]]) -> int:
    """Where the small things begin that everything may import, and that would only make the picture fuller."""
    return next(position for position, layer in enumerate(shown) if "numbers" in layer)


def _lines(room: Room, width: float, ground: set[str]) -> list[tuple[str, int, str]]:
    """A box's lines of text: what they say, the size of letters, and the class."""
    found = [(room.name, NAME, "name")]
    letters = int((width - 2 * PAD) / (TEXT * NARROW))
    purpose = room.purpose.split(":")[0].split(";")[0]
    found += [(line, TEXT, "purpose") for line in textwrap.wrap(purpose, letters)]
    imports = [name for name in room.imports if name not in ground]
    if imports:
        found += [(line, TEXT - 1, "imports") for line in textwrap.wrap("imports " + ", ".join(imports), letters + 2)]
    return found


def _box(room: Room, left: float, top: float, width: float, height: float, lines: list[tuple[str, int, str]]) -> str:
    text, at = [], top + PAD / 2
    for line, size, kind in lines:
        at += size + 3
        text.append(
            f'<text class="{kind}" x="{left + PAD:.1f}" y="{at - 3:.1f}" font-size="{size}">{escape(line)}</text>'
        )
    box = f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" rx="4"/>'
    return f'<g data-room="{room.name}"><title>{escape(room.purpose)}</title>{box}{"".join(text)}</g>'


def _door(low: float, high: float) -> str:
    """The one import that points up, as a dashed line beside the boxes."""
    edge, out = WIDTH - DOOR, WIDTH - 3
    line = f'<path stroke-dasharray="4 3" d="M{edge} {low:.1f}H{out}V{high:.1f}H{edge + 5}"/>'
    return f'{line}<path class="head" d="M{edge} {high:.1f}l7 -4v8z"/>'


def listing() -> str:
    """What each room is for, and what it imports, as Markdown."""
    known = rooms()
    lines = ["| Room | What it is for | Imports |", "|---|---|---|"]
    for name in (name for layer in layers() for name in layer):
        room = known[name]
        folder = f"`{name}/`" if (PACKAGE / name).is_dir() else f"`{name}`"
        lines.append(f"| {folder} | {room.purpose} | {', '.join(room.imports) or '–'} |")
    return "\n".join(lines)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the picture and the list where a page asks for them."""
    for mark, name in MARKS.items():
        if mark in markdown:
            markdown = markdown.replace(mark, {"picture": picture, "listing": listing}[name]())
    return markdown


if __name__ == "__main__":
    print(picture())
