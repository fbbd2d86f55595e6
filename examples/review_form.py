"""Embed the library in a review form: ``python examples/review_form.py``.

``review`` is all that the software behind a form needs: a mapping in, plain data for JSON out. It is fast enough to be
called after every answer. ``interview`` plays the officer: it sends what it has, reads the next question from ``ask``,
answers it and sends again, until no open answer can change the class. The households are made up.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import mdpoverty as mdp
from mdpoverty import examples

REVIEW_DAY = "2024-11-15"
STANDARD = mdp.standards.on(REVIEW_DAY)


def review(form: Mapping[str, Any]) -> dict[str, Any]:
    """Return the verdict on a form as plain data, or what is wrong with its answers.

    ``form`` has ``"household"`` (answers by column), and ``"members"`` once they are known. An answer that isn't there
    yet is left out or ``None``.
    """
    try:
        verdict = STANDARD.assess(form["household"], form.get("members"), date=REVIEW_DAY)
    except mdp.errors.BadValues as error:
        return {"problems": [beside_its_field(problem) for problem in error.problems]}
    return {**verdict.to_dict(), "text": verdict.text("vi")}


def beside_its_field(problem: mdp.errors.Problem) -> dict[str, Any]:
    """Return what a form shows beside the field (and, of members, the person) that a problem is with, in Vietnamese."""
    return {
        "code": problem.code,
        "field": problem.field,
        "members": [place.member for place in problem.places if place.member is not None],  # counted from 1
        "text": problem.text("vi"),
    }


def interview(household: Mapping[str, Any], members: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Ask what the library asks until the class is settled; ``household`` and ``members`` are what people would say."""
    form: dict[str, Any] = {"household": {"area": household["area"]}}
    asked = 0
    while True:
        sent = json.dumps(form, ensure_ascii=False)  # what goes to the server …
        reply = json.loads(json.dumps(review(json.loads(sent)), ensure_ascii=False))  # … and what comes back
        if not reply["ask"]:
            break
        ask = reply["ask"][0]
        asked += 1
        if ask["field"] == "members":
            form["members"] = [{"age": member["age"]} for member in members]
            answer: Any = f"{len(members)} người, {', '.join(str(member['age']) for member in members)} tuổi"
        elif ask["level"] == "member":
            answer = form["members"][ask["member"]][ask["field"]] = members[ask["member"]][ask["field"]]
        else:
            answer = form["household"][ask["field"]] = household[ask["field"]]
        whom = f"Thành viên {ask['member'] + 1}: " if ask["member"] is not None else ""
        print(f"  {asked:>2}. {whom}{ask['question']['vi']} – {spoken(ask['field'], answer)}")
    print(f"  Đã rõ sau {asked} câu hỏi.\n")
    print(reply["text"])
    return reply


def spoken(field: str, answer: Any) -> str:
    """Return an answer as the officer would hear it."""
    if isinstance(answer, bool):
        return "Có" if answer else "Không"
    if isinstance(answer, int):
        return f"{answer:,}".replace(",", ".")
    codes = STANDARD.fields[field].codes if field in STANDARD.fields else ()
    return next((code.label.vi for code in codes if code.id == answer), str(answer))


def people(n: int = 300) -> list[tuple[dict[str, Any], list[Mapping[str, Any]]]]:
    """Make up households with everything answered, as plain mappings."""
    households, members = map(_rows, examples.commune(n, gaps=0, kind="dict"))
    by_household: dict[str, list[Mapping[str, Any]]] = {}
    for member in members:
        told = {name: value for name, value in member.items() if value is not None and value == value}  # NaN isn't
        by_household.setdefault(member["household_id"], []).append({**told, "age": int(member["age"])})
    return [({**one, "income": int(one["income"])}, by_household[one["household_id"]]) for one in households]


def _rows(table: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(table, row, strict=True)) for row in zip(*(each.tolist() for each in table.values()), strict=True)]


def main() -> None:
    """Interview one household of each of three classes."""
    waiting = ["above_average", "near_poor", "poor"]
    for household, members in people():
        category = STANDARD.assess(household, members, date=REVIEW_DAY, unknown_keys="ignore").category
        if category in waiting:
            waiting.remove(category)
            print(f"Hộ {household['household_id']} (không có thật), {spoken('area', household['area']).lower()}:")
            interview(household, members)
            print()
    print("Một câu trả lời sai (a slip of the keyboard):")
    slips = {"household": {"area": "rural", "income": -5, "toilet": "septik"}, "members": [{"age": 40}, {"age": 400}]}
    wrong = review(json.loads(json.dumps(slips)))
    print(json.dumps(wrong, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
