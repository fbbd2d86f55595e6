"""The form that works without a network, in a real browser: it says what ``assess`` says, and connects to nothing."""

from __future__ import annotations

import http.server
import importlib.util
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pandas as pd
import pytest

import mdpoverty as mdp
from mdpoverty.standard import Standard
from tests import vn_answers

playwright = pytest.importorskip(
    "playwright.sync_api", reason="a browser is driven by playwright: pip install playwright"
)

EXAMPLE = Path(__file__).parents[2] / "examples" / "offline_form"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--js-flags=--no-wasm-tier-up",  # each page is used for seconds: to compile it again costs more than it gives
]
DATE = "2024-11-15"
VN = mdp.standards["vn-2022"]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here: apt-get install chromium")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build", EXAMPLE / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pyodide(script: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where Pyodide lies: MDPOVERTY_PYODIDE, or as npm gives it."""
    given = os.environ.get("MDPOVERTY_PYODIDE")
    if given:
        return Path(given)
    if shutil.which("npm") is None:
        pytest.skip(
            "Pyodide is too large to keep here: install npm, which fetches it, or name its folder by MDPOVERTY_PYODIDE"
        )
    try:
        found: Path = script.unpacked(tmp_path_factory.mktemp("pyodide"))
    except subprocess.CalledProcessError as error:  # without a network: what else goes wrong is an error
        pytest.skip(f"npm can't fetch Pyodide here, which takes a network: {error}")
    return found


Build = Callable[..., Path]


@pytest.fixture(scope="module")
def build(script: ModuleType, pyodide: Path, tmp_path_factory: pytest.TempPathFactory) -> Build:
    def built(standard: Standard) -> Path:
        folder = tmp_path_factory.mktemp(standard.id)
        script.build(folder, standard, DATE, pyodide)
        return folder

    return built


@pytest.fixture(scope="module")
def folder(build: Build) -> Path:
    return build(VN)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def errors() -> Iterator[list[str]]:
    found: list[str] = []
    yield found
    assert found == []


class Form(NamedTuple):
    """The form in a browser, what went wrong in it, and all that it asked for when it was opened."""

    page: Any
    errors: list[str]
    asked: tuple[str, ...]


@pytest.fixture(scope="module")
def form(browser: Any, folder: Path) -> Iterator[Form]:
    """Open the form in a browser without a network, by a double click, once for the tests that follow."""
    context = browser.new_context(accept_downloads=True)
    context.set_offline(True)
    errors: list[str] = []
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = opened(context, folder, errors)
    yield Form(page, errors, tuple(asked))
    context.close()


@pytest.fixture
def page(form: Form) -> Iterator[Any]:
    page, errors, _ = form
    page.set_viewport_size({"width": 360, "height": 740})
    page.evaluate("localStorage.clear(); lang = 'vi'; take(empty()); say('')")
    page.uncheck("#all")
    yield page
    assert errors == []
    page.emulate_media(media="null")


def opened(context: Any, folder: Path, errors: list[str], address: str = "") -> Any:
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(address or (folder / "index.html").as_uri())
    page.wait_for_selector("#class", timeout=60_000)
    return page


def until(page: Any, condition: str) -> None:
    """Wait until something is so; playwright's own way evaluates text, which the page's policy forbids."""
    for _ in range(100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never: {condition}")


def place(ask: dict[str, Any]) -> str:
    if ask["field"] in ("members", "household_size"):
        return "#size"
    return f"#{'h' if ask['member'] is None else 'm' + str(ask['member'])}-{ask['field']}"


def answer(page: Any, selector: str, value: Any) -> None:
    """Answer with the keyboard, in the place that has the focus or gets it."""
    if isinstance(value, bool):
        page.locator(f"input[name={selector[1:]}][value={str(value).lower()}]").focus()
        page.keyboard.press("Space")
    elif page.locator(selector).evaluate("each => each.tagName") == "SELECT":
        page.select_option(selector, value)
    else:
        page.locator(selector).focus()
        page.keyboard.press("Control+a")
        page.keyboard.type(str(value))
        page.keyboard.press("Enter")


def interview(page: Any, household: dict[str, Any], members: list[dict[str, Any]]) -> int:
    """Answer what the form asks next until it asks no more, or what isn't known; return how many answers it took."""
    answer(page, "#h-household_id", household["household_id"])
    for asked in range(200):
        asks = page.evaluate("verdict.ask")
        known = [
            ask
            for ask in asks
            if ask["field"] in ("members", "household_size")
            or (members[ask["member"]] if ask["level"] == "member" else household).get(ask["field"]) is not None
        ]
        if not known:
            return asked
        ask = known[0]
        if ask["field"] in ("members", "household_size"):
            answer(page, "#size", len(members))
        else:
            row = f"#row-{place(ask)[1:]}"
            assert page.locator(row).is_visible()
            if ask is asks[0]:
                page.locator("#next").focus()
                page.keyboard.press("Enter")
                assert page.evaluate("row => document.querySelector(row).contains(document.activeElement)", row)
            answer(page, place(ask), (members[ask["member"]] if ask["level"] == "member" else household)[ask["field"]])
    raise AssertionError("the form asks without end")


def fill(page: Any, household: dict[str, Any], members: list[dict[str, Any]]) -> None:
    """Answer all at once, as what was saved is opened: an interview takes long, and has a test of its own."""
    home, *people = (
        {name: value for name, value in each.items() if value is not None} for each in (household, *members)
    )
    page.evaluate("saved => take(saved)", {"date": DATE, "household": home, "members": people})


def record(page: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    found = page.evaluate("record")
    return {name: value for name, value in found["household"].items() if name != "household_id"}, found["members"]


def agrees(page: Any, standard: Standard = VN) -> Any:
    """The page shows what ``assess`` says of the answers in it."""
    household, members = record(page)
    verdict = standard.assess(household, members or None, date=DATE)
    found = page.evaluate("verdict")
    expected = json.loads(json.dumps(verdict.to_dict()))
    assert {name: value for name, value in found.items() if name != "text"} == expected
    shown = page.inner_text("#summary")
    classes = [verdict.category] if verdict.category else verdict.possible
    assert all(standard.categories[name].label.vi in shown for name in classes)
    lines = [line.strip() for line in verdict.text("vi").splitlines()]
    assert [line.strip() for line in page.locator("#reasons li").all_inner_texts()] == lines
    return verdict


HOME = {**vn_answers.home(), "household_id": "VD-1", "area": "rural"}
PERSON = vn_answers.person()
POOR = {"income": 1_200_000, "toilet": "none", "water_source": "surface", "floor_area": 8.5}
NEAR = {"income": 1_500_000, "floor_area": 60}
OPEN = {"income": 1_500_000, "floor_area": 7.9, "toilet": None, "water_source": "surface"}
CASES = {
    "poor": ({**HOME, **POOR}, [PERSON, {**PERSON, "age": 3}]),
    "near_poor": ({**HOME, **NEAR}, [{**PERSON, "age": 40}]),
    "open": ({**HOME, **OPEN}, [{**PERSON, "age": 40}]),
}


@pytest.mark.parametrize("category", CASES)
def test_the_form_asks_until_the_class_is_settled_and_says_what_assess_says(page: Any, category: str) -> None:
    household, members = CASES[category]
    whole = {name: value for name, value in household.items() if name not in ("household_id", "household_size")}
    expected = VN.assess(whole, members, date=DATE)
    assert (expected.category or "open") == category
    asked = interview(page, household, members)
    verdict = agrees(page)
    assert verdict.category == expected.category
    assert asked < len(VN.fields)
    if category != "open":
        assert verdict.ask == ()
        hidden = page.locator("#form .row.skipped")
        assert hidden.count() > 10
        assert not hidden.first.is_visible(), "what can't change the class isn't asked"
        page.check("#all")
        assert hidden.first.is_visible(), "unless the officer wants to see it"
    else:
        assert [ask.field for ask in verdict.ask] == ["toilet"]
        assert set(verdict.possible) == {"poor", "near_poor"}


def test_words_of_the_law_stand_below_the_reasons(page: Any) -> None:
    fill(page, *CASES["poor"])
    page.click("#words-title")
    words = page.inner_text("#words")
    assert VN.indicators["toilet"].citation.words in words
    assert str(VN.indicators["toilet"].citation.instrument) in words


def test_mistakes_stand_beside_their_field_in_the_language_of_the_page(page: Any) -> None:
    answer(page, "#size", 2)
    answer(page, "#m1-age", 400)
    answer(page, "#h-income", "nhiều")
    for language, said in (("vi", "cần số nguyên từ 0 đến 130"), ("en", "expected a whole number from 0 to 130")):
        assert page.evaluate("document.documentElement.lang") == language
        assert said in page.inner_text("#m1-age-wrong")
        assert page.inner_text("#h-income-wrong") != ""
        assert page.locator("#m1-age").get_attribute("aria-invalid") == "true"
        assert page.locator("#m1-age").get_attribute("aria-describedby") == "m1-age-wrong"
        assert page.locator("#m0-age").get_attribute("aria-invalid") is None
        page.click("#language")
    answer(page, "#m1-age", 40)
    answer(page, "#h-income", "1.200.000")
    assert page.locator("[aria-invalid]").count() == 0
    assert record(page)[0]["income"] == 1_200_000
    agrees(page)


@pytest.mark.parametrize(
    ("field", "written", "read"),
    [
        ("income", "1.500.000", 1_500_000),
        ("income", "1 500 000", 1_500_000),
        ("income", "1500000", 1_500_000),
        ("income", "1,5", 1.5),
        ("income", "1.500.00", "1.500.00"),
        ("income", "", None),
        ("floor_area", "12,5", 12.5),
        ("floor_area", "12.5", 12.5),
        ("floor_area", "-3", -3),
        ("floor_area", "12.500", "12.500 ?"),  # twelve and a half, or twelve thousand five hundred?
    ],
)
def test_numbers_are_read_as_people_write_them(page: Any, field: str, written: str, read: Any) -> None:
    answer(page, f"#h-{field}", written)
    assert page.evaluate("name => record.household[name] ?? null", field) == read


def test_members_come_and_go(page: Any) -> None:
    answer(page, "#size", 3)
    answer(page, "#m1-age", 7)
    page.click("#remove-0")
    assert page.evaluate("record.members") == [{"age": 7}, {}]
    page.click("#add")
    assert page.input_value("#size") == "3"
    answer(page, "#size", 1)
    assert page.evaluate("record.members") == [{"age": 7}], "of whom something is known stays"
    agrees(page)


def test_what_is_saved_is_there_again_and_goes_out_as_tables_that_classify_reads(page: Any, tmp_path: Path) -> None:
    for number, case in enumerate(CASES.values()):
        fill(page, {**case[0], "household_id": f"VD-{number}"}, case[1])
        page.click("#tool-save")
        page.click("#tool-fresh")
    page.click("[aria-label='Mở VD-0']")
    before = page.evaluate("saved()")
    assert list(before) == ["VD-0", "VD-1", "VD-2"]
    page.reload()
    page.wait_for_selector("#class", timeout=60_000)
    assert page.evaluate("saved()") == before
    assert page.input_value("#h-household_id") == "VD-0", "what was on the screen is on it again"

    def downloads(button: str, many: int) -> list[Path]:
        files: list[Any] = []

        def arrived(download: Any) -> None:
            files.append(download)

        page.on("download", arrived)
        page.click(button)
        page.wait_for_timeout(300)
        while len(files) < many:
            page.wait_for_timeout(100)
        page.remove_listener("download", arrived)
        for each in files:
            each.save_as(tmp_path / each.suggested_filename)
        return [tmp_path / each.suggested_filename for each in files]

    homes, people = downloads("#tool-csv", 2)
    found = VN.classify(pd.read_csv(homes), pd.read_csv(people), date=DATE)
    expected = [VN.assess(*record_of(each), date=DATE) for each in before.values()]
    assert found.category.tolist() == [verdict.category for verdict in expected]
    assert found.to_frame()["deprivations_max"].tolist() == [verdict.deprivations_max for verdict in expected]
    (whole,) = downloads("#tool-json", 1)
    for files in ([whole], [homes, people]):
        page.click("#tool-clear")
        assert page.evaluate("saved()") == {}
        page.set_input_files("#file", files)
        until(page, "Object.keys(saved()).length === 3")
        assert page.evaluate("saved()") == before
    page.set_input_files("#file", [{"name": "x.json", "mimeType": "application/json", "buffer": b"{]"}])
    until(page, "document.getElementById('said').textContent === t('unreadable')")
    assert page.evaluate("saved()") == before


def record_of(saved: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    return {name: value for name, value in saved["household"].items() if name != "household_id"}, saved["members"]


def test_a_household_without_a_number_is_not_saved(page: Any) -> None:
    page.click("#tool-save")
    assert page.evaluate("saved()") == {}
    assert page.inner_text("#h-household_id-wrong") != ""
    assert page.evaluate("document.activeElement.id") == "h-household_id"


def test_what_a_file_says_is_text_and_never_part_of_the_page(page: Any) -> None:
    nasty = "<img src=x onerror=\"document.title='run'\">"
    text = json.dumps(
        {
            "households": [
                {"household": {"household_id": key, "area": nasty, nasty: 1}, "members": [{"age": nasty}]}
                for key in ("__proto__", nasty)
            ]
        }
    )
    page.set_input_files("#file", [{"name": "x.json", "mimeType": "application/json", "buffer": text.encode()}])
    until(page, "document.getElementById('said').textContent !== ''")
    assert page.locator("img").count() == 0
    assert page.title() != "run"
    assert set(page.evaluate("Object.keys(saved())")) == {"__proto__", nasty}
    page.click("#tool-clear")


# ------------------------------------------------------------------------------------------------------- no connection

TRIES = """async (address) => {
  const seen = [], done = {};
  document.addEventListener("securitypolicyviolation", (event) => seen.push(event.effectiveDirective));
  const loads = (each, put) => new Promise((yes, no) => {
    each.onload = each.onopen = yes;
    each.onerror = no;
    put(each);
  });
  const added = (tag, from = address) =>
    loads(document.createElement(tag), (each) => document.body.append(Object.assign(each, { src: from })));
  const ways = {
    fetch: () => fetch(address),
    request: () => loads(new XMLHttpRequest(), (each) => { each.open("GET", address); each.send(); }),
    socket: () => loads(new WebSocket(address.replace("http", "ws")), () => {}),
    events: () => loads(new EventSource(address), () => {}),
    image: () => added("img"),
    script: () => added("script", address.replace("127.0.0.1", "localhost")),
  };
  for (const [name, way] of Object.entries(ways)) {
    try { await way(); done[name] = "went out"; } catch (error) { done[name] = "stopped"; }
  }
  // these three don't tell whoever tries: the violations do, and the server
  navigator.sendBeacon(address, "x");
  added("iframe");
  const form = Object.assign(document.createElement("form"), { action: address });
  document.body.append(form);
  form.submit();
  await new Promise((yes) => setTimeout(yes, 200));
  return [done, seen];
}"""


class _Server(http.server.ThreadingHTTPServer):
    asked: list[str]


class _Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments: Any) -> None:
        assert isinstance(self.server, _Server)
        self.server.asked.append(self.path)


SCORES = mdp.standards["vn-2022-scores"]


class Served(NamedTuple):
    """A form in a browser, of a standard that asks members nothing, and the server that it is from.

    Its last test has it try to send something away, after which it is of no more use.
    """

    page: Any
    server: _Server
    files: set[str]


@pytest.fixture(scope="module")
def served(browser: Any, build: Build) -> Iterator[Served]:
    folder, errors = build(SCORES), []
    with _Server(("127.0.0.1", 0), partial(_Handler, directory=str(folder))) as server:
        server.asked = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        context = browser.new_context()
        page = opened(context, folder, errors, f"http://127.0.0.1:{server.server_port}/index.html")
        yield Served(page, server, {path.name for path in folder.iterdir()})
        context.close()
        server.shutdown()
    assert errors == []


def answer_scores(page: Any) -> None:
    answer(page, "#h-household_id", "VD-1")
    answer(page, "#h-area", "rural")
    answer(page, "#h-points_a", 120)
    answer(page, "#h-points_b", 40)


def test_a_standard_that_asks_members_nothing_has_no_members(served: Served) -> None:
    assert served.page.locator("#size").count() == 0
    assert served.page.locator("#add").count() == 0
    answer_scores(served.page)
    agrees(served.page, SCORES)
    assert served.page.evaluate("verdict.category") is not None


def test_nothing_leaves_the_page_even_to_where_it_came_from(served: Served) -> None:
    page, server, files = served
    answer_scores(page)
    page.click("#tool-save")
    assert set(server.asked) - {"/favicon.ico"} <= {f"/{name}" for name in files}
    server.asked.clear()
    done, seen = page.evaluate(TRIES, f"http://127.0.0.1:{server.server_port}/stolen?income=1200000")
    assert set(done.values()) == {"stopped"}
    assert {"connect-src", "img-src", "script-src-elem", "frame-src", "form-action"} <= set(seen)
    assert server.asked == [], "no attempt reached the server"


def test_without_a_network_only_the_folder_is_read(form: Form, folder: Path) -> None:
    assert len(form.asked) > 10
    assert all(url.startswith(folder.as_uri()) for url in form.asked)


# ------------------------------------------------------------------------------------------------- phones, eyes, paper

CONTRASTS = """() => {
  const channel = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = parts(getComputedStyle(each).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.offsetParent) continue;
    const [a, b] = [light(parts(getComputedStyle(element).color)), light(behind(element))].sort((x, y) => y - x);
    found.push([(a + 0.05) / (b + 0.05), element.outerHTML.slice(0, 80)]);
  }
  return found;
}"""


def test_it_fits_a_phone_and_can_be_read(page: Any) -> None:
    fill(page, *CASES["open"])
    answer(page, "#m0-age", 400)
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width
        contrasts = page.evaluate(CONTRASTS)
        assert len(contrasts) > 20
        assert [each for each in contrasts if each[0] < 4.5] == []
    unnamed = "each => !each.labels?.length && !each.textContent.trim() && each.type !== 'file'"
    small = "each => each.offsetParent && each.type !== 'radio' && each.type !== 'checkbox' && each.offsetHeight < 44"
    for wrong in (unnamed, small):
        found = f"[...document.querySelectorAll('input, select, button')].filter({wrong}).map(each => each.outerHTML)"
        assert page.evaluate(found) == [], "each has its name, and a thumb hits it"


def test_everything_is_reached_by_the_tab_key(page: Any) -> None:
    fill(page, *CASES["near_poor"])
    page.evaluate("document.activeElement.blur()")
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.name"))
    assert {"language", "h-household_id", "date", "size", "h-income", "add", "all", "tool-save", "tool-print"} <= set(
        reached
    )


def test_a_household_prints_on_one_page(page: Any) -> None:
    page.check("#all")
    household = {**HOME, "income": 1_500_000}
    people = [{**PERSON, "age": age} for age in (70, 45, 43, 20, 17, 12, 5, 2)]
    fill(page, household, people)
    pdf = page.pdf(prefer_css_page_size=True)
    assert pdf.count(b"/Type /Page\n") == 1
    page.emulate_media(media="print")
    sheet = page.inner_text("#sheet")
    assert VN.categories["near_poor"].label.vi in sheet
    assert "VD-1" in sheet
    assert not page.locator("header").is_visible()


# ------------------------------------------------------------------------------------------------------ other standards


def test_a_provinces_own_standard_in_english(browser: Any, build: Build, errors: list[str]) -> None:
    standard = Standard.from_file(EXAMPLE.parent / "province.toml")
    context = browser.new_context()
    page = opened(context, build(standard), errors)
    page.click("#language")
    assert standard.title.en in page.inner_text("#law")
    answer(page, "#h-income", 1_600_000)
    household, members = record(page)
    verdict = standard.assess(household, members or None, date=DATE)
    assert tuple(page.evaluate("verdict.possible")) == verdict.possible
    assert all(standard.categories[name].label.en in page.inner_text("#class") for name in verdict.possible)
    context.close()


def test_what_may_not_be_used_is_not_built(script: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.argv", ["build.py", str(tmp_path / "form"), "--standard", "vn-2027"])
    with pytest.raises(mdp.errors.ProvisionalStandard):
        script.main()
    assert not (tmp_path / "form").exists()
