"""What the documentation says of the standards, written from the standards themselves, so that it can't drift.

``python docs/generate.py`` rewrites what is generated and kept: README.md's parts and picture, and the page of what
isn't known that it links. MkDocs loads this file as a hook, for the pages of the standards and the changelog.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import mdpoverty as mdp
from mdpoverty.standard import Language
from mdpoverty.words.audit import audit_page

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
MARKS = "<!-- generated: {0}: begin -->", "<!-- generated: {0}: end -->"
LANGUAGES: tuple[Language, ...] = ("en", "vi")
FOUND = ("words", "rule", "nothing")


# --------------------------------------------------------------------------------------------------- the README


def standards_table() -> str:
    """Return README's table of all standards: their days, instrument and place, and whether they are provisional."""
    lines = ["| Standard | Days | By | |", "|---|---|---|---|"]
    for entry in mdp.standards.list():
        standard = mdp.standards[entry.id]
        days = f"{entry.in_force} to {entry.until}" if entry.until else f"from {entry.in_force}"
        remarks = [
            "" if entry.jurisdiction == "VN" else entry.jurisdiction,
            "by its id only" if entry.alternative else "",
            "**provisional**" if standard.provisional else "",
        ]
        instrument = standard.citation.instrument
        lines.append(f"| `{entry.id}` | {days} | {instrument} | {', '.join(filter(None, remarks))} |")
    return "\n".join(lines)


def confirmed_table(standard: mdp.Standard) -> str:
    """Return README's table: which parts' words were found in a source, or only the rule, or neither; and the gaps."""
    parts = (
        ("Classes", standard.categories.values(), lambda part: part.label.en.lower()),
        ("Amounts", standard.thresholds.values(), _amount_in_short),
        ("Indicators", standard.indicators.values(), lambda part: part.label.en.lower()),
    )
    lines = ["| | Words found | Rule found, not its exact words | Not confirmed |", "|---|---|---|---|"]
    for name, things, say in parts:
        cells = [
            "; ".join(say(part) + _remark(part.citation, standard) for part in things if part.citation.found == found)
            for found in FOUND
        ]
        lines.append(f"| {name} | {' | '.join(cell or '–' for cell in cells)} |")
    gaps = [f"- {gap.text.en}" for gap in standard.gaps]
    return "\n".join(
        [*lines, "", f"And where the text leaves something open (`{standard.id}` calls them `gaps`):", "", *gaps]
    )


def _amount_in_short(threshold: mdp.Threshold) -> str:
    amounts = [f"{amount:,}" for amount in dict.fromkeys(threshold.amounts.values())]
    said = " / ".join(amounts) if len(threshold.steps) == 1 else "year by year"
    return f"{threshold.label.en.lower()} ({said})"


def _remark(citation: mdp.Citation, standard: mdp.Standard) -> str:
    """Return a remark on a part that no words of the law stand behind, or only those of another law."""
    note = f"{citation.note.en[:1].lower()}{citation.note.en[1:].rstrip('.')}"
    if citation.instrument != standard.citation.instrument:
        return f" (by {citation.instrument}{': ' * bool(note)}{note})"
    return "" if citation.words else f" ({note})"


def with_tables(readme: str, standard: mdp.Standard) -> str:
    """Return README's text with its generated parts written anew."""
    for name, text in (("standards", standards_table()), (standard.id, confirmed_table(standard))):
        begin, end = (mark.format(name) for mark in MARKS)
        before, found, rest = readme.partition(begin)
        _, closed, after = rest.partition(end)
        if not (found and closed):
            raise ValueError(f"README.md has no part between {begin} and {end}")
        readme = f"{before}{begin}\n{text}\n{end}{after}"
    return readme


# --------------------------------------------------------------------------------------------- a standard's page

INTRO = {
    "en": "This page is written by the library from the standard's own data: what is here is what is computed. "
    "“Words found” means that they stand in a stored copy of the law or in a news report that quotes it; “rule found” "
    "that such a source, or a translation, says the same in other words; “unconfirmed” that neither was found. Nothing "
    "was compared with the Official Gazette. What is open is listed under the last headings.",
    "vi": "Trang này do thư viện viết ra từ chính dữ liệu của chuẩn: điều ghi ở đây là điều được tính. “Đã tìm thấy "
    "nguyên văn” nghĩa là câu chữ có trong một bản lưu của văn bản hoặc một bản tin trích văn bản; “đã tìm thấy quy "
    "định” nghĩa là một nguồn như vậy, hoặc một bản dịch, nói cùng nội dung bằng lời khác; “chưa xác nhận” là chưa tìm "
    "thấy cả hai. Chưa có điều nào được đối chiếu với Công báo. Điều chưa rõ được liệt kê ở các mục cuối.",
}


def standard_page(standard: mdp.Standard, lang: Language) -> str:
    """Return the page of a standard as Markdown: the library's own, with a word on what was found of the law.

    Each mark of something that isn't confirmed leads to the page of all of them.
    """
    title, rest = audit_page(standard, lang).split("\n", 1)
    for mark in MARKS_OF_DOUBT[lang]:
        rest = rest.replace(f"({mark})", f"([{mark}](../{UNKNOWN[lang]}#{standard.id}))")
    return f"{title}\n\n{INTRO[lang]}\n{rest}"


# ------------------------------------------------------------------------------------------ what we don't know

KEPT = ROOT / "docs" / "what-we-dont-know.md"
UNKNOWN = {"en": "what-we-dont-know.md", "vi": "dieu-chua-biet.md"}
MARKS_OF_DOUBT = {
    "en": ("*rule found, not its exact words*", "**unconfirmed**"),
    "vi": ("*đã tìm thấy quy định, chưa thấy nguyên văn*", "**chưa xác nhận**"),
}
_UNKNOWN_WORDS = {
    "en": {
        "title": "What we don't know",
        "intro": "Every value that wasn't found in a source, and every gap and reading of our own, of all standards: "
        "written by the library from the standards themselves. The sources are stored copies of the law and news "
        "reports that quote it; nothing was compared with the Official Gazette. In code: `standard.gaps`, "
        "`standard.audit()`, and `citation.found` of each part.",
        "nothing": "Not found in any source",
        "rule": "The rule or the number was found, not its exact words",
        "gaps": "What the text leaves open, or is a reading of ours",
        "readings": "What can be read in another way (`read_as`)",
        "all found": "Nothing is listed: all of it was found.",
        "page": "its page",
        "provisional": "**Provisional**: applied only with `provisional=True`.",
    },
    "vi": {
        "title": "Những điều chưa biết",
        "intro": "Mọi giá trị chưa tìm thấy trong nguồn nào, mọi chỗ trống và mọi cách hiểu của chúng tôi, ở tất cả "
        "các chuẩn: do thư viện viết ra từ chính các chuẩn. Nguồn là bản lưu của văn bản và bản tin trích văn bản; "
        "chưa điều nào được đối chiếu với Công báo. Trong mã: `standard.gaps`, `standard.audit()`, và `citation.found` "
        "của từng phần.",
        "nothing": "Chưa tìm thấy trong nguồn nào",
        "rule": "Đã tìm thấy quy định hoặc con số, chưa thấy nguyên văn",
        "gaps": "Điều văn bản để ngỏ, hoặc là cách hiểu của chúng tôi",
        "readings": "Điều có thể đọc khác (`read_as`)",
        "all found": "Không có gì: mọi điều đã tìm thấy.",
        "page": "trang của chuẩn",
        "provisional": "**Tạm thời**: chỉ áp dụng với `provisional=True`.",
    },
}


def unknown_page(lang: Language, *, site: bool = True) -> str:
    """Return the page of everything that isn't confirmed, of all standards, as Markdown: for the site, or kept."""
    say = _UNKNOWN_WORDS[lang]
    lines = [f"# {say['title']}", "", say["intro"]]
    for entry in mdp.standards.list():
        standard = mdp.standards[entry.id]
        anchor, page = (
            (f" {{ #{standard.id} }}", f" · [{say['page']}]({_path(standard.id, lang)})") if site else ("", "")
        )
        lines += ["", f"## {standard.title.in_(lang)}{anchor}", "", f"`{standard.id}`{page}"]
        if standard.provisional:
            lines += ["", say["provisional"]]
        listed = [*_unfound(standard, "nothing", lang), *_unfound(standard, "rule", lang)]
        if standard.gaps:
            listed += ["", f"### {say['gaps']}", "", *(f"- {gap.text.in_(lang)}" for gap in standard.gaps)]
        if standard.readings:
            points = (f"- `{point.id}`: {point.label.in_(lang)}" for point in standard.readings.values())
            listed += ["", f"### {say['readings']}", "", *points]
        lines += listed or ["", say["all found"]]
    return "\n".join(lines) + "\n"


def _unfound(standard: mdp.Standard, found: str, lang: Language) -> list[str]:
    """List the parts of which so much was found, with where they should stand and the note on them."""
    lines = []
    for parts in (standard.categories, standard.thresholds, standard.indicators):
        for part in parts.values():
            cited = part.citation
            if cited.found == found:
                where = ", ".join(filter(None, (cited.instrument, cited.place)))
                note = f" – {cited.note.in_(lang)}" if cited.note else ""
                lines.append(f"- **{part.label.in_(lang)}** (`{part.id}`): {where}{note}")
    return ["", f"### {_UNKNOWN_WORDS[lang][found]}", "", *lines] if lines else []


# ------------------------------------------------------------------------------------------------ pages' pictures

PICTURE = re.compile(r"<!-- picture: (.+?) -->")
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def pictures(markdown: str) -> list[tuple[str, bytes]]:
    """Run a page's blocks of Python and return what each of its marks for a picture stands for: its text, and the SVG.

    A picture is that of the axes that the block before its mark called ``ax``.
    """
    os.environ.setdefault("MPLBACKEND", "Agg")
    from matplotlib import pyplot

    found, names = [], {"__name__": "__main__"}
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for match in re.finditer(f"{PYTHON.pattern}|{PICTURE.pattern}", markdown, re.MULTILINE | re.DOTALL):
            if match[1] is not None:
                with contextlib.redirect_stdout(io.StringIO()):
                    exec(compile(match[1], "page", "exec"), names)
                continue
            drawn: Any = names["ax"]
            svg = io.BytesIO()
            with pyplot.rc_context({"svg.hashsalt": match[2]}):  # the same picture is the same file
                drawn.figure.savefig(svg, format="svg", metadata={"Date": None})
            found.append((match[2], svg.getvalue()))
            pyplot.close("all")
    return found


def _with_pictures(files: Any, config: Any) -> None:
    """Draw the pictures of every page that has marks for them, and put them in."""
    from mkdocs.structure.files import File

    for file in [each for each in files.documentation_pages() if each.abs_src_path]:
        text = file.content_string
        if not PICTURE.search(text):
            continue
        stem = file.src_uri.removesuffix(".md")
        links = []
        for number, (said, svg) in enumerate(pictures(text), start=1):
            path = f"{stem}-{number}.svg"
            files.append(File.generated(config, path, content=svg))
            links.append(f"![{said}]({path.rsplit('/', 1)[-1]}){{ .picture }}")
        its = iter(links)
        file.content_string = PICTURE.sub(lambda _, its=its: next(its), text)


# ---------------------------------------------------------------------------------------------- hooks of MkDocs


def on_config(config: Any) -> Any:
    """Put the generated pages of every standard into the navigation, by their titles."""
    lang = config["theme"]["language"]
    for section in config["nav"]:
        for name in {"Standards", "Các chuẩn"} & set(section):
            section[name] = [
                {mdp.standards[entry.id].title.in_(lang): _path(entry.id, lang)} for entry in mdp.standards.list()
            ]
    return config


def on_files(files: Any, config: Any) -> Any:
    """Add the generated pages."""
    from mkdocs.structure.files import File

    lang = config["theme"]["language"]
    for entry in mdp.standards.list():
        text = standard_page(mdp.standards[entry.id], lang)
        files.append(File.generated(config, _path(entry.id, lang), content=text))
    files.append(File.generated(config, UNKNOWN[lang], content=unknown_page(lang)))
    if lang == "en":
        changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
        files.append(File.generated(config, "changelog.md", content=changelog))
    else:  # the Vietnamese site has the same style and script
        for name in ("style.css", "iframe-worker.js", "accessible.js"):
            files.append(File.generated(config, name, content=(ROOT / "docs" / "pages" / name).read_text("utf-8")))
    _with_pictures(files, config)
    return files


def _path(standard: str, lang: str) -> str:
    return f"standards/{standard}.{lang}.md"


# ------------------------------------------------------------------------------------------- README's one picture

PICTURE_OF_README = ROOT / "docs" / "classes.png"


def draw_for_readme() -> None:
    """Draw README's picture: the classes by village."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    from mdpoverty import examples

    a = mdp.standards["vn-2022"].classify(*examples.commune(1200), date="2024-11-15")
    ax = a.plot(by="village", order="value", top=7, lang="en")
    ax.figure.savefig(PICTURE_OF_README, dpi=110, metadata={"Software": None})


if __name__ == "__main__":
    draw_for_readme()
    KEPT.write_text(unknown_page("en", site=False), encoding="utf-8")
    before = README.read_text(encoding="utf-8")
    after = with_tables(before, mdp.standards["vn-2022"])
    README.write_text(after, encoding="utf-8")
    sys.exit(print("README.md " + ("is as it was" if after == before else "written anew")))
