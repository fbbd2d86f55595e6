"""What the page asks of the library: plain JSON in, plain JSON out."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import mdpoverty as mdp
from mdpoverty.messages import sentence
from mdpoverty.words.units import unit_name

STANDARD = mdp.Standard.from_json(Path("standard.json").read_text(encoding="utf-8"))
READ = STANDARD.program().reads
FIELDS = [each for each in STANDARD.fields.values() if (each.level, each.id) in READ]
KEY = "household_id"
WORDS = {"true": True, "false": False, "1": True, "0": False, "1.0": True, "0.0": False}


def both(label: Any) -> dict[str, str]:
    return {"vi": label.vi, "en": label.en}


def describe() -> str:
    """Return what the form is made of."""
    fields = [
        {
            "id": each.id,
            "level": each.level,
            "kind": each.kind,
            "label": both(each.label),
            "question": both(each.question),
            "unit": {lang: unit_name(each.unit, lang) if each.unit else "" for lang in ("vi", "en")},
            "codes": [{"id": code.id, "label": both(code.label)} for code in each.codes],
        }
        for each in FIELDS
    ]
    return json.dumps(
        {
            "id": STANDARD.id,
            "title": both(STANDARD.title),
            "digest": STANDARD.digest,
            "provisional": STANDARD.provisional,
            "categories": {name: both(each.label) for name, each in STANDARD.categories.items()},
            "fields": fields,
        }
    )


def assess(form: str) -> str:
    """Return the verdict on a form with its text, or what is wrong with the answers, in both languages."""
    asked = json.loads(form)
    try:
        verdict = STANDARD.assess(
            asked["household"], asked["members"] or None, date=asked["date"] or None, provisional=True
        )
    except mdp.errors.BadValues as error:
        problems = [
            {
                "field": each.field,
                "members": [place.member - 1 for place in each.places if place.member is not None],
                "text": {lang: sentence(each.code, lang, each.details) for lang in ("vi", "en")},
            }
            for each in error.problems
        ]
        return json.dumps({"problems": problems})
    return json.dumps({**verdict.to_dict(), "text": {lang: verdict.text(lang) for lang in ("vi", "en")}})


def to_csv(records: str) -> str:
    """Write households and their members as the two tables that ``classify`` reads."""
    homes: list[dict[str, Any]] = []
    people: list[dict[str, Any]] = []
    for record in json.loads(records):
        key = record["household"][KEY]
        size = {"household_size": len(record["members"])} if record["members"] else {}
        homes.append({**record["household"], **size})
        people += [{KEY: key, **member} for member in record["members"]]
    return json.dumps([_table(homes, "household"), _table(people, "member")])


def from_csv(texts: str) -> str:
    """Read them back: the table with an answer of members is theirs."""
    homes: dict[str, dict[str, Any]] = {}
    people: dict[str, list[dict[str, Any]]] = {}
    asked_of_members = {each.id for each in FIELDS if each.level == "member"}
    for text in json.loads(texts):
        rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
        theirs = bool(asked_of_members & set(rows.fieldnames or ()))
        for row in rows:
            answers = {name: _value(name, value) for name, value in row.items() if name and value}
            key = str(answers.pop(KEY, ""))
            if theirs:
                people.setdefault(key, []).append(answers)
            else:
                homes[key] = {KEY: key, **answers}
    keys = [*homes, *(key for key in people if key not in homes)]
    for key in people:
        homes.get(key, {}).pop("household_size", None)  # they are counted
    return json.dumps([{"household": homes.get(key, {KEY: key}), "members": people.get(key, [])} for key in keys])


def _table(rows: list[dict[str, Any]], level: str) -> str:
    names = [KEY, *(each.id for each in FIELDS if each.level == level)]
    if level == "household" and "household_size" not in names:
        names.append("household_size")
    text = io.StringIO()
    writer = csv.DictWriter(text, names, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: str(value).lower() if isinstance(value, bool) else value for name, value in row.items()})
    return "\ufeff" + text.getvalue()


def _value(name: str, value: str) -> Any:
    its = STANDARD.fields.get(name)
    if its is None or its.kind == "code":
        return value
    if its.kind == "flag":
        return WORDS.get(value.lower(), value)
    try:
        number = float(value)
    except ValueError:
        return value
    return int(number) if number.is_integer() else number
