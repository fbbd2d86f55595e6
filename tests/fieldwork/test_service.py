"""The service: it says what the library says, in the asked language, however many ask at once, whatever they send."""

from __future__ import annotations

import importlib.util
import io
import json
import shutil
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import pandas as pd
import pyarrow as pa
import pytest

import mdpoverty as mdp
from mdpoverty import examples
from tests.profiles import scaled

NEEDS = "the service needs fastapi, uvicorn and python-multipart: pip install fastapi uvicorn python-multipart"
for package in ("fastapi", "python_multipart"):
    pytest.importorskip(package, reason=NEEDS)
uvicorn = pytest.importorskip("uvicorn", reason=NEEDS)

DATE = "2024-11-15"
VN = mdp.standards["vn-2022"]
CSV, ARROW = "text/csv", "application/vnd.apache.arrow.stream"
SCHEMATHESIS = shutil.which("schemathesis", path=str(Path(sys.executable).parent))


@pytest.fixture(scope="module")
def module() -> ModuleType:
    path = Path(__file__).parents[2] / "examples" / "service.py"
    spec = importlib.util.spec_from_file_location("service", path)
    assert spec is not None
    assert spec.loader is not None
    service = importlib.util.module_from_spec(spec)
    sys.modules["service"] = service  # FastAPI looks up annotations there
    spec.loader.exec_module(service)
    return service


@pytest.fixture(scope="module")
def host(module: ModuleType) -> Iterator[str]:
    """Run the service on a free port of this machine."""
    config = uvicorn.Config(module.app, host="127.0.0.1", port=0, log_level="critical", ws="none", backlog=512)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


def ask(address: str, body: bytes | None = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
    sent = urllib.request.Request(address, body, {name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(sent, timeout=60) as answer:
            return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {name.lower(): value for name, value in error.headers.items()}, error.read()


def assess(host: str, form: Any, query: str = f"date={DATE}", **headers: str) -> tuple[int, dict[str, str], Any]:
    status, got, body = ask(
        f"{host}/assess?{query}", json.dumps(form).encode(), Content_Type="application/json", **headers
    )
    return status, got, json.loads(body)


def classify(
    host: str, files: dict[str, tuple[str, bytes]], query: str = f"date={DATE}", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    boundary = uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
        f"Content-Type: {kind}\r\n\r\n".encode()
        + data
        + b"\r\n"
        for name, (kind, data) in files.items()
    ]
    body = b"".join(parts) + f"--{boundary}--\r\n".encode()
    return ask(f"{host}/classify?{query}", body, Content_Type=f"multipart/form-data; boundary={boundary}", **headers)


def forms(n: int) -> list[dict[str, Any]]:
    households, members = examples.commune(n, gaps=0.1, kind="pyarrow")
    people: dict[Any, list[dict[str, Any]]] = {}
    for each in members.to_pylist():
        people.setdefault(each.pop("household_id"), []).append(each)
    read = {name for level, name in VN.program().reads if level == "household"}
    found = []
    for home in households.to_pylist():
        answers = {name: value for name, value in home.items() if name in read and name != "household_size"}
        found.append({"household": answers, "members": people.get(home["household_id"])})
    return found


# ---------------------------------------------------------------------------------------------------------- households


def test_it_says_what_assess_says(host: str) -> None:
    for form in forms(20):
        status, _, found = assess(host, form, Accept_Language="en")
        verdict = VN.assess(form["household"], form["members"], date=DATE)
        assert status == 200
        assert found.pop("text") == verdict.text("en")
        assert found == json.loads(json.dumps(verdict.to_dict()))


@pytest.mark.parametrize(
    ("accepted", "lang", "text"),
    [
        ("", "vi", "cần số nguyên từ 0 đến 130, gặp 400"),
        ("en", "en", "expected a whole number from 0 to 130, got 400"),
        ("vi-VN,vi;q=0.9,en;q=0.8", "vi", "cần số nguyên từ 0 đến 130, gặp 400"),
        ("fr, en-GB;q=0.7, vi;q=0.2", "en", "expected a whole number from 0 to 130, got 400"),
        ("*;q=x,,;", "vi", "cần số nguyên từ 0 đến 130, gặp 400"),
    ],
)
def test_problems_come_with_field_member_and_code_in_the_asked_language(
    host: str, accepted: str, lang: str, text: str
) -> None:
    form = {"household": {"area": "rural"}, "members": [{"age": 40}, {"age": 400}]}
    status, headers, found = assess(host, form, **({"Accept_Language": accepted} if accepted else {}))
    assert (status, found["status"]) == (422, 422)
    assert headers["content-type"] == "application/problem+json"
    assert headers["content-language"] == lang
    assert found["problems"] == [{"code": "not_an_answer", "field": "age", "member": 2, "rows": 1, "text": text}]
    assert found["title"]


@pytest.mark.parametrize(
    ("form", "query", "status"),
    [
        ({"household": {"no_such": 1}}, "", 422),
        ({"household": {}}, "standard=vn-2023", 404),
        ({"household": {}}, "standard=vn-2027", 422),
        ({"household": {}}, "standard=vn-2027&provisional=true", 200),
        ({"household": {}}, "date=2024-13-01", 422),
        ({"household": []}, "", 422),
        ({"members": []}, "", 422),
        ({"household": {}, "other": 1}, "", 422),
        ([], "", 422),
    ],
)
def test_what_cannot_be_answered_is_a_problem(host: str, form: Any, query: str, status: int) -> None:
    found, headers, body = assess(host, form, query)
    assert found == status
    if status != 200:
        assert headers["content-type"] == "application/problem+json"
        assert body["status"] == status
        assert body["detail"]


def test_a_malformed_body_is_not_repeated(host: str) -> None:
    status, _, body = ask(f"{host}/assess", b'{"household": {"income": "Secret', Content_Type="application/json")
    assert status in (400, 422)
    assert b"Secret" not in body


def test_two_hundred_at_once(host: str) -> None:
    """Each gets its own answer, mistakes among them, and tables that take longer."""
    asked = forms(180)
    asked[::9] = [{**form, "members": [{"age": 131 + i}]} for i, form in enumerate(asked[::9])]
    homes, people = examples.commune(500, gaps=0.1)
    files = {
        "households": (CSV, homes.to_csv(index=False).encode()),
        "members": (CSV, people.to_csv(index=False).encode()),
    }
    gate = threading.Barrier(200)

    def one(i: int) -> Any:
        gate.wait(60)
        return classify(host, files)[2] if i % 10 == 9 else assess(host, asked[i - i // 10])[2]

    with ThreadPoolExecutor(200) as pool:
        found = list(pool.map(one, range(200)))
    tables = {found[i] for i in range(9, 200, 10)}
    assert len(tables) == 1
    answers = [each for i, each in enumerate(found) if i % 10 != 9]
    for i, (form, answer) in enumerate(zip(asked, answers, strict=True)):
        if i % 9 == 0:
            assert str(131 + i // 9) in answer["problems"][0]["text"]
        else:
            verdict = VN.assess(form["household"], form["members"], date=DATE)
            assert answer["receipt"] == json.loads(json.dumps(verdict.to_dict()))["receipt"]
            assert (answer["category"], tuple(answer["possible"])) == (verdict.category, verdict.possible)


# -------------------------------------------------------------------------------------------------------------- tables


def arrow(table: pa.Table) -> tuple[str, bytes]:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return ARROW, sink.getvalue()


@pytest.mark.parametrize("out", [CSV, ARROW])
@pytest.mark.parametrize("into", [CSV, ARROW])
def test_tables_go_in_and_out_as_csv_or_arrow(host: str, into: str, out: str) -> None:
    homes, people = examples.commune(300, gaps=0.1, kind="pyarrow")
    expected = VN.classify(homes, people, date=DATE).to_frame()
    if into == ARROW:
        files = {"households": arrow(homes), "members": arrow(people)}
    else:
        files = {
            "households": (CSV, homes.to_pandas().to_csv(index=False).encode()),
            "members": (CSV, people.to_pandas().to_csv(index=False).encode()),
        }
    status, headers, body = classify(host, files, Accept=out)
    assert status == 200
    assert headers["content-type"].startswith(out)
    if out == ARROW:
        found = pa.ipc.open_stream(body).read_all()
        assert found.to_pydict() == expected.to_pydict()
    else:
        read = pd.read_csv(io.BytesIO(body))
        assert read["household_id"].tolist() == expected["household_id"].to_pylist()
        assert (
            read["category"].astype(object).replace({float("nan"): None}).tolist() == expected["category"].to_pylist()
        )
        assert read["possible"].tolist() == expected["possible"].to_pylist()


def test_keys_keep_their_zeros(host: str) -> None:
    names = ",".join(VN.indicators)
    text = f"household_id,area,income,{names}\n007,rural,1000000,{','.join('1' * 12)}\n"
    status, _, body = classify(host, {"households": (CSV, text.encode())}, "given=all")
    assert status == 200
    assert b'"007"' in body or b"\n007," in body


def test_problems_of_tables_name_the_field_and_how_many_rows(host: str) -> None:
    homes, people = examples.commune(20, gaps=0)
    homes["income"] = -5
    files = {
        "households": (CSV, homes.drop(columns="toilet").to_csv(index=False).encode()),
        "members": (CSV, people.to_csv(index=False).encode()),
    }
    status, headers, body = classify(host, files)
    found = json.loads(body)
    assert (status, headers["content-type"]) == (422, "application/problem+json")
    assert {each["field"] for each in found["problems"]} >= {"toilet"}
    files["households"] = (CSV, homes.to_csv(index=False).encode())
    found = json.loads(classify(host, files, Accept_Language="en")[2])
    assert {(each["field"], each["rows"]) for each in found["problems"]} == {("income", 20)}


@pytest.mark.parametrize("kind", [CSV, ARROW])
@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"PK\x03\x04 a workbook", b"a,b\n1\n"])
def test_what_is_no_table_is_a_problem(host: str, kind: str, data: bytes) -> None:
    status, headers, _ = classify(host, {"households": (kind, data)})
    assert status in (415, 422)
    assert headers["content-type"] == "application/problem+json"


# ----------------------------------------------------------------------------------------------------------- standards


def test_a_standard_comes_whole(host: str) -> None:
    status, _, body = ask(f"{host}/standards/vn-2022")
    assert status == 200
    assert mdp.Standard.from_json(body) == VN
    listed = json.loads(ask(f"{host}/standards")[2])
    assert [each["id"] for each in listed] == [each.id for each in mdp.standards.list()]
    assert ask(f"{host}/standards/nothing")[0] == 404


def test_openapi_has_each_field_with_its_label(host: str) -> None:
    described = json.loads(ask(f"{host}/openapi.json")[2])
    schemas = described["components"]["schemas"]
    for level, name in VN.program().reads:
        its = VN.fields[name]
        said = schemas[level.title()]["properties"][name]
        assert its.label.vi in said["title"]
        assert its.label.en in said["title"]
        assert its.question.vi in said["description"]
        if its.codes:
            assert said["enum"] == [*(code.id for code in its.codes), None]


@pytest.mark.skipif(
    SCHEMATHESIS is None, reason="schemathesis isn't installed beside this Python: pip install '.[test]'"
)
def test_it_keeps_to_its_own_openapi(host: str, tmp_path: Path) -> None:
    """Whatever is sent by the description, or a little beside it, the answers are those that are described."""
    tries = str(scaled(40))
    checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
    done = subprocess.run(
        [str(SCHEMATHESIS), "run", f"{host}/openapi.json", "--checks", checks, "--seed", "15", "--max-examples", tries],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout[-6000:]
