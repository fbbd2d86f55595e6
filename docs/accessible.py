"""Look through the built site for what shuts people out: ``python docs/accessible.py SITE [--all]``.

A page of each kind (or all of them) is opened in Chromium, on a desktop by day and on a telephone by night, and checked
by axe. Violations that are serious or critical are listed, and make the exit status 1. Where there is no browser,
nothing is checked, and that is said.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SCREENS = (({"width": 1280, "height": 900}, "light"), ({"width": 390, "height": 844}, "dark"))
WEIGHTY = ("serious", "critical")
KINDS = (
    "index", "what-we-dont-know", "how-to/pictures", "how-to/scale", "explanation/architecture",
    "standards/vn-2022.en", "reference/standard", "reference/rules-in-files", "vi/index", "vi/nam-ra-soat",
    "vi/quy-tac", "vi/standards/vn-2027.vi",
)  # fmt: skip


def main(site: Path, everything: bool) -> int:
    """Check the pages of a built site."""
    browser = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    try:
        from axe_playwright_python.sync_playwright import Axe
        from playwright.sync_api import sync_playwright
    except ImportError:
        browser = None
    if browser is None:
        print("no Chromium, or no axe-playwright-python: the pages weren't checked")
        return 0
    found: dict[str, list[str]] = {}
    site = site.resolve()
    pages = list(_pages(site)) if everything else [site / f"{kind}.html" for kind in KINDS]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        for screen, scheme in SCREENS:
            tab = chromium.new_page(viewport=screen, color_scheme=scheme)
            for page in pages:
                tab.goto(page.as_uri())
                for violation in Axe().run(tab).response["violations"]:
                    if violation["impact"] in WEIGHTY:
                        node = violation["nodes"][0]
                        where = (
                            f"{page.relative_to(site)}, {screen['width']} px: {node['target']} {node['failureSummary']}"
                        )
                        found.setdefault(f"{violation['id']}: {violation['help']}", []).append(where)
        chromium.close()
    for what, places in found.items():
        print(what, *places[:5], f"({len(places)} pages)", sep="\n  ")
    print(f"{len(pages)} pages, {len(found)} kinds of violations")
    return 1 if found else 0


def _pages(site: Path) -> Iterator[Path]:
    return (page for page in sorted(site.rglob("*.html")) if page.name != "404.html")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), "--all" in sys.argv))
