"""Standards as files: JSON and TOML in and out, the canonical form, and its digest.

A file says no more than Python could: every rule in it is built by the constructors of :mod:`mdpoverty.scorers`, and
every standard passes the same checks. Each part of a rule names its kind, so *and* is never mistaken for *or*; what a
named threshold amounts to is written once, with the threshold.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date as Date
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TypeVar, cast, get_args, get_origin

import attrs
from cattrs import Converter, transform_error
from cattrs.errors import BaseValidationError, ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from mdpoverty import scorers as s
from mdpoverty.errors import MdpovertyError, RuleError, StandardError
from mdpoverty.law.amendments import BASED_ON, BASES, Amendment
from mdpoverty.law.fields import Label, Named, remark, to_date
from mdpoverty.law.law import Law
from mdpoverty.numbers import Number, Operator, number
from mdpoverty.rules.conditions import condition

__all__ = ["FORMAT", "KINDS", "digest", "from_json", "load", "plain", "to_json"]

L = TypeVar("L", bound=Law)

FORMAT = 1
"""Version of the files' shape, written under ``"format"``."""

DEEPEST = 150
"""How many levels of lists and objects a file may have; the deepest rule of any law has some thirty."""

KIND = "kind"
"""The key that says what a part of a rule is."""

KINDS: dict[str, type[s.Node]] = {
    cls._method: cls
    for cls in (
        s.Column,
        s.Constant,
        s.Amount,
        s.Product,
        s.Total,
        s.Points,
        s.CountMembers,
        s.Deprivations,
        s.Flag,
        s.IsIn,
        s.Compare,
        s.Not,
        s.And,
        s.Or,
        s.AtLeast,
        s.FirstKnown,
        s.AnyMember,
        s.IndicatorRef,
    )
}
"""The kinds of parts that a rule is made of, by the name that a file gives them."""


def to_json(law: Law, indent: int | None = 2) -> str:
    """Return a standard as JSON, which :func:`from_json` reads back to an equal value with the same digest.

    >>> import mdpoverty as mdp
    >>> vn = mdp.standards["vn-2022"]
    >>> from_json(to_json(vn), mdp.Standard) == vn
    True
    """
    return json.dumps({"format": FORMAT, **plain(law)}, ensure_ascii=False, indent=indent)


@lru_cache(maxsize=64)
def digest(law: Law) -> str:
    """Return the SHA-256 of a standard's canonical form: its plain data as compact JSON with sorted keys, in UTF-8.

    Everything that decides or documents a class is in it; of a remark in two languages the English alone, so that a
    translation leaves the digest as it was. What has its default isn't written, so the digest of an old standard stays
    the same when the library learns something new.

    >>> import mdpoverty as mdp
    >>> len(digest(mdp.standards["vn-2022"]))
    64
    """
    text = json.dumps(_plain(law, canonical=True), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def plain(law: Law) -> dict[str, Any]:
    """Return a standard as dicts, lists, text and whole numbers; fractions are text such as ``"1/3"``."""
    return _plain(law)


def _plain(law: Law, *, canonical: bool = False) -> dict[str, Any]:
    try:
        data: dict[str, Any] = _converter(canonical=canonical).unstructure(law)
    except RecursionError:
        raise StandardError(
            f"{law.id!r} has a rule that is nested too deeply to be written: name a part of it an indicator, say"
        ) from None
    return data


def from_json(text: str | bytes, kind: type[L]) -> L:
    """Read a standard from JSON.

    Parameters
    ----------
    text : str or bytes
        What :func:`to_json` wrote, or a file of what changes in another standard.
    kind : type
        What is made of it: a ``Law``, or a ``Standard``.

    Raises
    ------
    StandardError
        If the text is no standard; the message lists every mistake with its place, as in
        ``indicators[3].rule.left.name: missing``.

    Examples
    --------
    >>> from_json('{"id": 5}', Law)
    Traceback (most recent call last):
        ...
    mdpoverty.errors.StandardError: this is no standard:
      - id: expected text, got a number
      - title: missing
      - citation: missing
      - in_force: missing
      - fields: missing
      - thresholds: missing
      - dimensions: missing
      - indicators: missing
      - categories: missing
    """
    try:
        data = json.loads(text, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_without_doubles)
    except (TypeError, ValueError, RecursionError) as error:
        raise StandardError(f"this is no JSON: {error}") from None
    return from_plain(data, kind)


def load(path: str | Path, kind: type[L]) -> L:
    """Read a standard from a ``.json`` or ``.toml`` file, such as a province keeps for its own.

    With ``based_on`` the file holds only what changes, and says of each citation whether it is ``confirmed``: see
    :class:`mdpoverty.law.amendments.Amendment`.
    TOML has no null: leave out ``until`` where no end is known.

    Raises
    ------
    StandardError
        If the file holds no standard; the message lists every mistake with its place.
    """
    try:
        file = Path(path)
        content = file.read_bytes()
    except OSError as error:
        raise StandardError(f"{file.name}: there is no such file that can be read ({error.strerror})") from None
    except (TypeError, ValueError):
        raise StandardError(f"a standard is read from a file's path, not from {path!r}") from None
    try:
        text = content.decode("utf-8-sig")  # Windows' editors begin a file with a mark of byte order
        if file.suffix.lower() == ".toml":
            return from_plain(_toml(text), kind)
        return from_json(text, kind)
    except UnicodeDecodeError:
        raise StandardError(f"{file.name}: the file isn't UTF-8") from None
    except StandardError as error:
        raise StandardError(f"{file.name}: {error.message}") from None


def _toml(content: str) -> Any:
    try:
        return tomllib.loads(content, parse_float=Decimal)
    except ValueError as error:  # TOML's own, and a number of more digits than Python reads
        raise StandardError(f"this is no TOML: {error}") from None
    except RecursionError:
        raise StandardError("this is no TOML that can be read: it is nested too deeply") from None


def from_plain(data: Any, kind: type[L]) -> L:
    """Read a standard from plain data, as :func:`plain` writes it, or from what it changes in another."""
    if _deeper_than(data, DEEPEST):
        raise StandardError(f"this is no standard: it is nested too deeply (more than {DEEPEST} levels)")
    if isinstance(data, Mapping):
        data = dict(data)
        version = data.pop("format", FORMAT)
        if version != FORMAT:
            raise StandardError(f"format: this library reads format {FORMAT}, and the file says {version!r}")
        if BASED_ON not in data:
            data.setdefault("until", None)
    try:
        if isinstance(data, Mapping) and BASED_ON in data:
            amendment = _converter().structure(data, Amendment)
            unsaid = list(_unconfirmed(data))
            if unsaid:
                raise StandardError("this is no standard:\n" + "\n".join(f"  - {line}" for line in unsaid))
            return cast(L, _amended(amendment))  # of the base's own kind
        law: L = _converter().structure(data, kind)
    except BaseValidationError as error:
        raise StandardError("this is no standard:\n" + "\n".join(f"  - {line}" for line in _lines(error))) from None
    except StandardError as error:  # an amendment that doesn't fit its base
        head = "" if error.message.startswith("this is no standard") else "this is no standard:\n  - "
        raise StandardError(f"{head}{error.message}") from None
    except (ValueError, TypeError) as error:
        raise StandardError(f"this is no standard: {error}") from None
    return law


def _unconfirmed(data: Any, place: str = "") -> Iterator[str]:
    """Find the citations of a province's file that don't say whether anybody has seen their words."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            inner = f"{place}.{key}" if place else str(key)
            if key == "citation" and isinstance(value, Mapping) and "confirmed" not in value:
                yield f"{inner}.confirmed: missing; true if you have read the words in the published text, else false"
            yield from _unconfirmed(value, inner)
    elif isinstance(data, list):
        for position, value in enumerate(data):
            yield from _unconfirmed(value, f"{place}[{position}]")


def _amended(amendment: Amendment) -> Law:
    """Apply what a file changes to the standard that it names, if that is the one that it means."""
    base = next((known[amendment.based_on] for known in BASES if amendment.based_on in known), None)
    if base is None:
        listed = ", ".join(name for known in BASES for name in known)
        raise StandardError(f"{BASED_ON}: no standard is called {amendment.based_on!r}; there are {listed}")
    if amendment.digest and amendment.digest != digest(base):
        raise StandardError(f"digest: {base.id!r} (revision {base.revision}) has another: {digest(base)}")
    return amendment.apply(base)


def _deeper_than(data: Any, deepest: int) -> bool:
    level = [data]
    for _ in range(deepest):
        held = [
            each.values() if isinstance(each, Mapping) else each for each in level if isinstance(each, Mapping | list)
        ]
        level = [part for parts in held for part in parts]
    return bool(level)


# ----------------------------------------------------------------------------------------------------- errors


def _lines(error: BaseValidationError) -> Iterator[str]:
    """Say what is wrong, each with its place first."""
    for line in transform_error(error, path="", format_exception=_told):
        what, _, place = line.rpartition(" @ ")
        place = place.removeprefix(".")
        yield f"{place}: {what}" if place else what


def _told(error: BaseException, type_: type | None) -> str:
    if isinstance(error, ForbiddenExtraKeysError):
        return f"unknown key {', '.join(sorted(map(repr, error.extra_fields)))}"
    if isinstance(error, MdpovertyError):
        return error.message
    if isinstance(error, KeyError):
        return "missing"
    return str(error)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)!r} is there twice")
    return data


_NAMES = {
    dict: "an object",
    list: "a list",
    str: "text",
    bool: "true or false",
    int: "a number",
    Decimal: "a number",
    type(None): "null",
}


def _expected(what: str, value: Any) -> TypeError:
    return TypeError(f"expected {what}, got {_NAMES.get(type(value), type(value).__name__)}")


# -------------------------------------------------------------------------------------------------- converter


@lru_cache(maxsize=2)
def _converter(*, canonical: bool = False) -> Converter:
    """Return what turns a law into plain data and back; ``canonical`` is the form that is digested."""
    converter = Converter(forbid_extra_keys=True, omit_if_default=True)
    for type_, write, read in (
        (str, None, _text),
        (int, None, _whole),
        (bool, None, _flag),
        (Fraction, _write_number, lambda value, _: Fraction(_number(value))),
        (Date, Date.isoformat, _day),
        (s.Step, _write_step, _read_step),
        (Operator, str, _operator),
    ):
        converter.register_structure_hook(type_, read)
        if write is not None:
            converter.register_unstructure_hook(type_, write)
    converter.register_structure_hook(Date | None, lambda value, _: None if value is None else _day(value, None))
    converter.register_structure_hook(int | Fraction, lambda value, _: _number(value))
    converter.register_structure_hook(int | Fraction | None, lambda value, _: None if value is None else _number(value))
    converter.register_structure_hook(str | int | Fraction, lambda value, _: _read_code(value))
    for union in (int | Fraction, int | Fraction | None):
        converter.register_unstructure_hook(union, _write_number)
    converter.register_unstructure_hook(str | int | Fraction, _write_code)
    converter.register_structure_hook_factory(_is_tuple, _tuple_reader)
    converter.register_structure_hook_factory(_is_named, _named_reader)
    converter.register_unstructure_hook_factory(
        _is_named, lambda type_: lambda named: [converter.unstructure(each) for each in named.values()]
    )
    converter.register_structure_hook_factory(_is_part, _class_reader)
    converter.register_unstructure_hook_factory(_is_part, lambda cls: _class_writer(cls, converter, canonical))
    writers: dict[type, Callable[[Any], dict[str, Any]]] = {}  # filled once the hooks know every kind of part
    readers: dict[type, Callable[[Any, Any], Any]] = {}
    converter.register_unstructure_hook_func(_is_node, partial(_write_node, writers))  # a frame less for each level
    converter.register_structure_hook_func(_is_node, lambda value, wanted: _read_node(value, wanted, readers))
    for cls in KINDS.values():
        writers[cls] = _class_writer(cls, converter, canonical)
        readers[cls] = _class_reader(cls, converter, KIND)
    return converter


def _is_node(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, s.Node)


def _is_part(type_: Any) -> bool:
    return isinstance(type_, type) and attrs.has(type_) and not _is_node(type_) and type_ is not s.Step


def _is_tuple(type_: Any) -> bool:
    return get_origin(type_) is tuple and get_args(type_)[-1:] == (...,)


def _is_named(type_: Any) -> bool:
    return get_origin(type_) is Named


def _listed(value: Any, type_: Any, converter: Converter) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise _expected("a list", value)
    element: Any = get_args(type_)[0]
    listed: list[Any] = converter.structure(value, list[element])
    return listed


def _tuple_reader(type_: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    return lambda value, _: tuple(_listed(value, type_, converter))


def _named_reader(type_: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    return lambda value, _: Named(_listed(value, type_, converter))


def _overrides(cls: type, converter: Converter, canonical: bool = False) -> dict[str, Any]:
    """Leave out what a standard binds for itself, which takes no part in equality either; let a remark be one text."""

    def read(value: Any, _: Any) -> Label:
        if not isinstance(value, str | Mapping):
            raise _expected("text, or an object with vi and en", value)
        return remark(value if isinstance(value, str) else converter.structure(value, Label))

    def write(said: Label) -> Any:
        return said.en if canonical or said.vi == said.en else converter.unstructure(said)

    a_remark = override(struct_hook=read, unstruct_hook=write)
    fields = attrs.fields(cls)
    return {
        **{each.name: a_remark for each in fields if each.converter is remark},
        **{each.name: override(omit=True) for each in fields if not each.eq},
    }


def _class_writer(cls: type, converter: Converter, canonical: bool) -> Callable[[Any], dict[str, Any]]:
    hooks = _overrides(cls, converter, canonical)
    return make_dict_unstructure_fn(cls, converter, _cattrs_omit_if_default=True, **hooks)


def _class_reader(cls: type, converter: Converter, *also: str) -> Callable[[Any, Any], Any]:
    """Return what reads an object of that class; ``also`` are keys that it may have besides."""
    read: Any = make_dict_structure_fn(cls, converter, _cattrs_forbid_extra_keys=True, **_overrides(cls, converter))

    def reader(value: Any, _: Any) -> Any:
        if not isinstance(value, Mapping):
            raise _expected("an object", value)
        return read({key: each for key, each in value.items() if key not in also}, cls)

    return reader


def _text(value: Any, _: Any) -> str:
    if not isinstance(value, str):
        raise _expected("text", value)
    return value


def _whole(value: Any, _: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _expected("a whole number", value)
    return value


def _flag(value: Any, _: Any) -> bool:
    if not isinstance(value, bool):
        raise _expected("true or false", value)
    return value


def _day(value: Any, _: Any) -> Date:
    if isinstance(value, datetime) or not isinstance(value, str | Date):  # TOML has days of its own
        raise _expected("a day such as 2024-11-15", value)
    day = to_date(value)
    assert day is not None
    return day


def _number(value: Any) -> Number:
    """Read a number exactly: a whole number, a decimal, or text such as ``"1/3"``."""
    if isinstance(value, float | bool) or not isinstance(value, int | str | Decimal):
        raise _expected('a number, or a fraction as text such as "1/3"', value)
    if not _PLAIN_NUMBER.fullmatch(str(value)):
        raise ValueError(
            f"{str(value)[:40]!r} is no number that a law would write"
        )  # 1e999999999 would fill the memory
    return number(value)


def _operator(value: Any, _: Any) -> Operator:
    if value not in list(Operator):
        raise ValueError(f"expected one of {', '.join(Operator)}, not {value!r}")
    return Operator(value)


_PLAIN_NUMBER = re.compile(r"-?\d{1,60}(\.\d{1,60}|/\d{1,60})?")


def _write_number(value: Any) -> Any:
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else f"{value.numerator}/{value.denominator}"
    return value


def _read_code(value: Any) -> str | Number:
    if isinstance(value, Mapping) and set(value) == {"number"}:
        return _number(value["number"])
    return value if isinstance(value, str) else _number(value)


def _write_code(code: Any) -> Any:
    return {"number": _write_number(code)} if isinstance(code, Fraction) else code  # "1/2" alone would be text


def _write_step(step: s.Step) -> dict[str, Any]:
    amounts = {code: _write_number(amount) for code, amount in step.amounts}
    since = {} if step.since is None else {"since": step.since.isoformat()}
    return {**since, "amounts": amounts.get(None, amounts)}


def _read_step(value: Any, _: Any) -> s.Step:
    if not isinstance(value, Mapping):
        raise _expected("an object", value)
    unknown = sorted(set(value) - {"since", "amounts"})
    if unknown:
        raise ValueError(f"unknown key {', '.join(map(repr, unknown))}")
    if "amounts" not in value:
        raise ValueError("amounts: missing")
    since = value.get("since")
    amounts = value["amounts"]
    if isinstance(amounts, Mapping):
        if not amounts:
            raise ValueError("amounts: there must be at least one")
        pairs: tuple[tuple[str | None, Number], ...] = tuple((c, _number(each)) for c, each in amounts.items())
    else:
        pairs = ((None, _number(amounts)),)
    return s.Step(None if since is None else _day(since, None), pairs)


# ------------------------------------------------------------------------------------------------------ rules


def _write_node(writers: Mapping[type, Callable[[Any], dict[str, Any]]], node: s.Node) -> dict[str, Any]:
    tag = {KIND: node._method}
    if isinstance(node, s.Amount) and node.name:
        return {**tag, "name": node.name}  # what it amounts to stands with the threshold
    if isinstance(node, s.Amount):
        return {**tag, **{key: each for key, each in writers[s.Amount](node).items() if key != "name"}}
    return {**tag, **writers[type(node)](node)}


def _read_node(value: Any, wanted: type[s.Node], readers: Mapping[type, Callable[[Any, Any], Any]]) -> s.Node:
    if isinstance(value, str) and wanted is s.Rule:
        return condition(value)  # as people write it; what is kept, and digested, is the tree
    if not isinstance(value, Mapping):
        raise _expected("an object", value)
    kind = value.get(KIND)
    cls = KINDS.get(kind) if isinstance(kind, str) else None
    if cls is None:
        raise ValueError(f"{KIND} must be one of {', '.join(KINDS)}, not {kind!r}")
    if not issubclass(cls, wanted):
        raise ValueError(f"expected {_KIND_OF[wanted]}, and {kind!r} is {_KIND_OF[_family(cls)]}")
    if cls is s.Amount:
        value = {"name": "", **value}
    node: s.Node = readers[cls](value, cls)
    return _REBUILT[cls](node) if cls in _REBUILT else node


_KIND_OF: dict[type[s.Node], str] = {s.Rule: "a rule", s.Value: "a number", s.Column: "a column", s.Node: "a rule"}


def _family(cls: type[s.Node]) -> type[s.Node]:
    return s.Rule if issubclass(cls, s.Rule) else s.Value


def _rebuild_amount(node: s.Amount) -> s.Amount:
    if node.name and (node.steps or node.by is not None):
        raise RuleError("a named amount has its amounts with the threshold: write either a name or steps")
    if not node.name and not node.steps:
        raise RuleError("an amount needs the name of a threshold, or steps of its own")
    return node


def _rebuild_points(node: s.Points) -> s.Value:
    if len(node.rules) != len(node.worths):
        raise RuleError(f"points has {len(node.rules)} rules and {len(node.worths)} worths")
    return s.points(*zip(node.rules, node.worths, strict=True))


def _rebuild_is_in(node: s.IsIn) -> s.IsIn:
    if not node.codes:
        raise RuleError("is_in needs at least one code")
    return node


# What the public constructors would have made of it, or what they refuse.
_REBUILT: dict[type[s.Node], Callable[[Any], s.Node]] = {
    s.Amount: _rebuild_amount,
    s.AnyMember: lambda node: s.any_member(node.rule),
    s.And: lambda node: s.all_of(*node.rules),
    s.AtLeast: lambda node: s.at_least(node.minimum, *node.rules),
    s.Column: lambda node: s.column(node.name, level=node.own_level),
    s.CountMembers: lambda node: s.count_members(node.rule),
    s.FirstKnown: lambda node: s.first_known(*node.rules),
    s.IsIn: _rebuild_is_in,
    s.Or: lambda node: s.any_of(*node.rules),
    s.Points: _rebuild_points,
}
