"""The JSON Schema of a standard's file, made from the classes themselves, for editors and other programs."""

from __future__ import annotations

from datetime import date as Date
from fractions import Fraction
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs

from mdpoverty.law.amendments import Amendment
from mdpoverty.law.fields import Label, Named, remark
from mdpoverty.law.files import FORMAT, KIND, KINDS
from mdpoverty.law.law import Law
from mdpoverty.numbers import Operator
from mdpoverty.rules import nodes as s

__all__ = ["json_schema"]

_NUMBER = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?\d+(/[1-9]\d*|\.\d+)?$"}]}
_DAY = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_STEP = {
    "type": "object",
    "properties": {
        "since": {"anyOf": [_DAY, {"type": "null"}]},
        "amounts": {
            "anyOf": [_NUMBER, {"type": "object", "minProperties": 1, "additionalProperties": _NUMBER}],
        },
    },
    "required": ["amounts"],
    "additionalProperties": False,
}
_TEXT = {"type": "string", "minLength": 1, "description": "a condition as people write it: not waste_collected"}
_FAMILIES = {s.Rule: "rule", s.Value: "value", s.Column: "column"}


def json_schema(of: Literal["standard", "amendment"] = "standard") -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the files that :func:`mdpoverty.law.files.from_json` reads.

    It describes the shape; whether the parts of a standard fit each other is checked when it is read.

    Parameters
    ----------
    of : {"standard", "amendment"}
        Of whole standards, or of what a standard changes in another (``based_on``).

    Examples
    --------

    >>> json_schema()["properties"]["format"]
    {'const': 1}
    """
    definitions: dict[str, Any] = {}
    whole = _object(Law if of == "standard" else Amendment, definitions)
    if of == "amendment":  # nobody's citation is confirmed because nothing was said of it
        definitions["Citation"]["required"].append("confirmed")
    for family, name in _FAMILIES.items():
        definitions[name] = {
            "anyOf": [_TEXT] * (family is s.Rule)
            + [_part(cls, definitions) for cls in KINDS.values() if issubclass(cls, family)],
        }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A multidimensional poverty {of}, as mdpoverty reads it",
        **whole,
        "properties": {"format": {"const": FORMAT}, **whole["properties"]},
        "required": [name for name in whole["required"] if name != "until"],
        "$defs": definitions,
    }


def _object(cls: type, definitions: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(cls)
    kept = [each for each in attrs.fields(cls) if each.init and each.eq]
    return {
        "type": "object",
        "properties": {
            each.name: _remark(definitions) if each.converter is remark else _type(hints[each.name], definitions)
            for each in kept
        },
        "required": [each.name for each in kept if each.default is attrs.NOTHING],
        "additionalProperties": False,
    }


def _remark(definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a remark: in two languages, or one text that stands in both."""
    return {"anyOf": [{"type": "string"}, _type(Label, definitions)]}


def _part(cls: type[s.Node], definitions: dict[str, Any]) -> dict[str, Any]:
    shape = _object(cls, definitions)
    required = [] if cls is s.Amount else shape["required"]  # a name, or steps of its own
    return {
        **shape,
        "properties": {KIND: {"const": cls._method}, **shape["properties"]},
        "required": [KIND, *required],
    }


def _type(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a type."""
    plain: dict[Any, dict[str, Any]] = {
        str: {"type": "string"},
        bool: {"type": "boolean"},
        int: {"type": "integer"},
        Date: _DAY,
        s.Step: _STEP,
    }
    if hint in plain:
        return dict(plain[hint])
    if hint is Operator:
        return {"enum": [str(each) for each in Operator]}
    if hint is Fraction:
        return _NUMBER
    origin, inside = get_origin(hint), get_args(hint)
    if origin in (tuple, Named):
        return {"type": "array", "items": _type(inside[0], definitions)}
    if origin is Literal:
        return {"enum": list(inside)}
    if origin in (UnionType, Union):
        return _union(inside, definitions)
    if issubclass(hint, s.Node):
        return {"$ref": f"#/$defs/{_FAMILIES[hint]}"}
    if hint.__name__ not in definitions:
        definitions[hint.__name__] = {}  # so that a type that holds itself ends
        definitions[hint.__name__] = _object(hint, definitions)
    return {"$ref": f"#/$defs/{hint.__name__}"}


def _union(inside: tuple[Any, ...], definitions: dict[str, Any]) -> dict[str, Any]:
    choices: list[dict[str, Any]] = []
    if Fraction in inside:
        choices.append(_NUMBER)
        inside = tuple(each for each in inside if each not in (int, Fraction))
        if str in inside:  # a code: text is text there, so a fraction says that it is one
            choices.append({"type": "object", "properties": {"number": _NUMBER}, "required": ["number"]})
    choices += [{"type": "null"} if each is type(None) else _type(each, definitions) for each in inside]
    return {"anyOf": choices}
