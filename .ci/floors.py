"""Print the lowest version of every package that pyproject.toml names, as a constraints file for pip.

``python .ci/floors.py [EXTRA …]``: the project's own dependencies and those of the extras, each as ``name==floor``.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

_REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?(?P<versions>[^;]*)")
_FLOOR = re.compile(r">=\s*([0-9][^,\s]*)")


def floors(project: Path, extras: list[str]) -> dict[str, str]:
    """Return the floor of each package; where several extras name one, the highest."""
    declared = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    optional = declared["optional-dependencies"]
    found: dict[str, str] = {}
    for requirement in [*declared["dependencies"], *(each for extra in extras for each in optional[extra])]:
        match = _REQUIREMENT.match(requirement)
        assert match is not None, requirement
        floor = _FLOOR.search(match["versions"])
        name = match["name"].lower()
        if name == declared["name"]:
            continue
        if floor is None:
            raise SystemExit(f"{requirement!r} has no lowest version: nothing says what it works with")
        found[name] = max(found.get(name, "0"), floor[1], key=lambda text: [int(part) for part in text.split(".")])
    return found


if __name__ == "__main__":
    root = Path(__file__).resolve().parent.parent
    for package, version in sorted(floors(root / "pyproject.toml", sys.argv[1:]).items()):
        print(f"{package}=={version}")
