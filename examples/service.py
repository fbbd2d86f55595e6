"""The rules as a service, for software in other languages; then open ``http://localhost:8000/docs``.

    pip install fastapi uvicorn python-multipart pyarrow
    uvicorn --app-dir examples service:app

``POST /assess`` takes a household as a form sends it and gives its class, the reasons and what to ask next.
``POST /classify`` takes two tables as files, CSV or Arrow, and gives a table with a row for each household. ``GET
/standards/{id}`` gives the standard itself. What is wrong with an input comes as a problem (RFC 9457) in the language
that ``Accept-Language`` asks for, Vietnamese or English, with the field, the member and the code of each mistake.

Nothing is stored or logged. Whoever runs it for more than one machine puts it behind what they trust for encryption and
for asking who calls.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from io import BytesIO
from typing import Annotated, Any, Literal

import pyarrow as pa
from fastapi import FastAPI, File, Header, Query, Request, Response, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pyarrow import csv, ipc
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

import mdpoverty as mdp
from mdpoverty import errors
from mdpoverty.messages import sentence

DEFAULT = "vn-2022"
CSV, ARROW, PROBLEM = "text/csv", "application/vnd.apache.arrow.stream", "application/problem+json"
LONGEST = 50_000_000  # bytes of a table
Lang = Literal["vi", "en"]

# what can be wrong: the status, and what it is called
KINDS: tuple[tuple[type[Exception], int, dict[str, str]], ...] = (
    (errors.MissingColumns, 422, {"vi": "Thiếu cột", "en": "Columns are missing"}),
    (errors.BadValues, 422, {"vi": "Có câu trả lời không hợp lệ", "en": "Some values can't be answers"}),
    (errors.UnknownStandard, 404, {"vi": "Không có chuẩn này", "en": "There is no such standard"}),
    (errors.ProvisionalStandard, 422, {"vi": "Chuẩn chưa được xác nhận", "en": "The standard isn't confirmed"}),
    (errors.MdpovertyError, 422, {"vi": "Không đọc được yêu cầu", "en": "The request can't be read"}),
)
MALFORMED = {"vi": "Yêu cầu không đúng dạng", "en": "The request isn't of the right form"}

Standard = Annotated[str, Query(description="The id of the standard, as in `GET /standards`.")]
Day = Annotated[datetime.date | None, Query(description="The day of the review.")]
Provisional = Annotated[bool, Query(description="Use a standard of which parts aren't confirmed, knowingly.")]
Language = Annotated[str, Header(description="`vi` or `en`: the language of texts and problems.")]


class Form(BaseModel):
    """A household as a form sends it; what isn't there, or is null, isn't answered yet."""

    model_config = ConfigDict(extra="forbid")
    household: dict[str, Any]
    members: list[dict[str, Any]] | None = Field(None, max_length=200)


class Problem(BaseModel):
    """One mistake, for the place beside its field."""

    code: str
    field: str
    member: int | None = Field(description="Which member of the household, from 1.")
    rows: int
    text: str


class Problems(BaseModel):
    """What is wrong, by RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    problems: list[Problem] = []


_PROBLEMS = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problems"}}}
_STATUSES = {400: "Not a request", 404: "No such standard", 413: "Too long", 415: "Not a table", 422: "Not an answer"}
REFUSED: dict[int | str, dict[str, Any]] = {
    status: {"model": Problems, "description": what, "content": _PROBLEMS} for status, what in _STATUSES.items()
}

app = FastAPI(title="mdpoverty", version="1", description=__doc__, docs_url="/docs", redoc_url=None)


# ------------------------------------------------------------------------------------------------------------- answers


@app.post("/assess", responses=REFUSED)
def assess(
    form: Form,
    standard: Standard = DEFAULT,
    date: Day = None,
    provisional: Provisional = False,
    accept_language: Language = "vi",
) -> dict[str, Any]:
    """Classify one household: its class, or which are still possible, the reasons, and what to ask next."""
    law = mdp.standards[standard]
    verdict = law.assess(form.household, form.members, date=date, provisional=provisional)
    return {**verdict.to_dict(), "text": verdict.text(language(accept_language))}


TABLE: dict[str, Any] = {
    "content": {CSV: {"schema": {"type": "string"}}, ARROW: {"schema": {"type": "string", "format": "binary"}}},
    "description": "A row for each household: key, class, possible classes, deprivations, indicators.",
}


@app.post("/classify", responses={**REFUSED, 200: TABLE}, response_class=Response)
def classify(
    households: Annotated[UploadFile, File(description="CSV or an Arrow stream, with the columns of `Household`.")],
    members: Annotated[UploadFile | None, File(description="The same, with those of `Member`.")] = None,
    standard: Standard = DEFAULT,
    date: Day = None,
    given: Annotated[list[str], Query(description="Indicators that are columns already; `all` for all.")] = [],  # noqa: B006
    provisional: Provisional = False,
    accept: Annotated[str, Header(description=f"`{CSV}` or `{ARROW}`.")] = CSV,
) -> Response:
    """Classify many households. The answer is of the kind that ``Accept`` asks for: CSV if it asks for nothing."""
    law = mdp.standards[standard]
    named = tuple(law.indicators) if given == ["all"] else tuple(given)
    tables = [None if file is None else table(file, law, named) for file in (households, members)]
    found = law.classify(*tables, date=date, given=named, provisional=provisional).to_frame()
    sink = BytesIO()
    if ARROW in accept:
        with ipc.new_stream(sink, found.schema) as writer:
            writer.write_table(found)
        return Response(sink.getvalue(), media_type=ARROW)
    csv.write_csv(plain(found), sink)
    return Response(sink.getvalue(), media_type=CSV)


@app.get("/standards")
def standards() -> list[dict[str, Any]]:
    """List the standards that are known."""
    return [
        {
            "id": each.id,
            "jurisdiction": each.jurisdiction,
            "in_force": each.in_force.isoformat(),
            "until": each.until.isoformat() if each.until else None,
        }
        for each in mdp.standards.list()
    ]


@app.get("/standards/{id}", responses={404: REFUSED[404]}, response_class=Response)
def standard(id: str) -> Response:
    """Give a standard whole, with its fields, rules and citations, as ``Standard.from_json`` reads it."""
    return Response(mdp.standards[id].to_json(indent=None), media_type="application/json")


# -------------------------------------------------------------------------------------------------------------- tables


def table(file: UploadFile, law: mdp.Standard, given: tuple[str, ...]) -> pa.Table:
    """Read a table; keys and codes are text in CSV, whatever they look like."""
    data = file.file.read(LONGEST + 1)
    if len(data) > LONGEST:
        raise HTTPException(413, f"a table may have {LONGEST:,} bytes")
    try:
        if (file.content_type or "").startswith(ARROW):
            return ipc.open_stream(data).read_all()
        coded = (each.id for each in law.fields.values() if each.kind == "code" and each.id not in given)
        texts = ["household_id", *coded]
        options = csv.ConvertOptions(column_types=dict.fromkeys(texts, pa.string()), strings_can_be_null=True)
        return csv.read_csv(BytesIO(data), convert_options=options)
    except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
        raise HTTPException(415, f"{file.filename or 'the file'} is neither CSV nor an Arrow stream") from error


def plain(found: pa.Table) -> pa.Table:
    """Return a table whose texts are texts, for CSV."""
    fields = [
        pa.field(each.name, each.type.value_type if pa.types.is_dictionary(each.type) else each.type)
        for each in found.schema
    ]
    return found.cast(pa.schema(fields))


# ------------------------------------------------------------------------------------------------------------ problems


def language(accepted: str) -> Lang:
    """Choose Vietnamese or English by what the caller would rather have."""
    wanted: list[tuple[float, Lang]] = []
    for part in accepted.lower().split(","):
        name, _, weight = part.strip().partition(";q=")
        known: Lang | None = "vi" if name.startswith("vi") else "en" if name.startswith("en") else None
        if known is not None and (not weight or weight.replace(".", "", 1).isdecimal()):
            wanted.append((float(weight or 1), known))
    return max(wanted, key=lambda each: each[0], default=(0.0, "vi"))[1]


def refusal(request: Request, status: int, title: Mapping[str, str], detail: str, found: list[Any] = []) -> Response:  # noqa: B006
    """Say what is wrong, by RFC 9457."""
    lang = language(request.headers.get("accept-language", "vi"))
    listed = [
        {"code": each.code, "field": each.field or each.column, "member": member, "rows": each.rows, "text": text}
        for each in found
        for text in [sentence(each.code, lang, each.details) if each.code else each.what]
        for member in ([place.member for place in each.places] or [None])
    ]
    body = {"type": "about:blank", "title": title[lang], "status": status, "detail": detail, "problems": listed}
    return JSONResponse(body, status, {"Content-Language": lang}, PROBLEM)


@app.exception_handler(errors.MdpovertyError)
def mistaken(request: Request, error: Exception) -> Response:
    """Answer what the library refuses."""
    status, title = next((status, title) for kind, status, title in KINDS if isinstance(error, kind))
    if isinstance(error, errors.InvalidInput):
        lang = language(request.headers.get("accept-language", "vi"))
        return refusal(request, status, title, error.text(lang), list(error.problems))
    return refusal(request, status, title, str(error.args[0]) if error.args else title["en"])


@app.exception_handler(RequestValidationError)
def malformed(request: Request, error: Exception) -> Response:
    """Answer a request that isn't of the right form, without repeating what it holds."""
    assert isinstance(error, RequestValidationError)
    detail = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
    return refusal(request, 422, MALFORMED, detail)


@app.exception_handler(HTTPException)
def refused(request: Request, error: Exception) -> Response:
    """Answer everything else in the same shape."""
    assert isinstance(error, HTTPException)
    answer = refusal(request, error.status_code, MALFORMED, str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


# ------------------------------------------------------------------------------------------------------------- OpenAPI


def answers(law: mdp.Standard, level: str) -> dict[str, Any]:
    """Describe the answers of a level: each field with its label, its question and what it may be."""
    read = law.program().reads
    properties = {
        each.id: {"title": f"{each.label.vi} / {each.label.en}", "description": described(each), **allowed(each)}
        for each in law.fields.values()
        if (level, each.id) in read and each.level == level
    }
    if level == "household":
        properties = {"household_id": {"title": "Mã hộ / Key", "type": ["string", "integer", "null"]}, **properties}
    return {"type": "object", "title": level, "properties": properties, "additionalProperties": False}


def described(field: mdp.standard.Field) -> str:
    """Put the question, the unit and the codes' labels into words."""
    codes = "".join(f"\n- `{code.id}`: {code.label.vi} / {code.label.en}" for code in field.codes)
    unit = f" ({field.unit})" if field.unit else ""
    return f"{field.question.vi} / {field.question.en}{unit}{codes}"


def allowed(field: mdp.standard.Field) -> dict[str, Any]:
    """Say what an answer may be, in the words of JSON Schema."""
    if field.kind == "flag":
        return {"type": ["boolean", "null"]}
    if field.kind == "code":
        return {"enum": [*(code.id for code in field.codes), None]}
    bounds = {"minimum": field.minimum, "maximum": field.maximum}
    kept = {name: float(bound) for name, bound in bounds.items() if bound is not None}
    return {"type": ["integer" if field.kind == "count" else "number", "null"], **kept}


def openapi() -> dict[str, Any]:
    """Describe the service once, with the fields of the standard that is used where none is named."""
    if app.openapi_schema is None:
        described = FastAPI.openapi(app)
        law = mdp.standards[DEFAULT]
        schemas = described["components"]["schemas"]
        schemas.update(Household=answers(law, "household"), Member=answers(law, "member"))
        form = schemas["Form"]["properties"]
        form["household"] = {"$ref": "#/components/schemas/Household"}
        form["members"] = {"type": ["array", "null"], "items": {"$ref": "#/components/schemas/Member"}, "maxItems": 200}
        app.openapi_schema = described
    return app.openapi_schema


app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to add to it


def main() -> None:
    """Show what it answers, without serving it."""
    form = Form(household={"area": "rural", "income": 1_200_000}, members=[{"age": 40}])
    found = assess(form, date=datetime.date(2024, 11, 15))
    print(
        f"POST /assess?date=2024-11-15\n{form.model_dump_json()}\n→ {', '.join(found['possible'])}\n{found['text']}\n"
    )
    print(*(f"{', '.join(sorted(path))} {where}" for where, path in openapi()["paths"].items()), sep="\n")
    print("uvicorn --app-dir examples service:app serves it.")


if __name__ == "__main__":
    main()
