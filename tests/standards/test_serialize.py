"""Standards as files: what is written reads back, what differs has another digest, what is wrong is said cleanly."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdpoverty as mdp
from mdpoverty import scorers as s
from mdpoverty.errors import StandardError
from mdpoverty.law.files import digest, from_plain, plain
from mdpoverty.law.schema import json_schema
from tests.profiles import SHORT

IDS = list(mdp.standards)
Path = tuple[str | int, ...]


@pytest.fixture(params=IDS)
def standard(request: pytest.FixtureRequest) -> mdp.Standard:
    return mdp.standards[request.param]


def test_a_standard_reads_back_as_itself(standard: mdp.Standard) -> None:
    again = mdp.Standard.from_json(standard.to_json())
    assert again == standard
    assert again.digest == standard.digest
    assert again.to_json(indent=None) == standard.to_json(indent=None)


def test_the_file_fits_the_published_schema(standard: mdp.Standard) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(json_schema())
    jsonschema.Draft202012Validator(json_schema()).validate(json.loads(standard.to_json()))


def test_named_thresholds_are_written_by_name_only() -> None:
    data = plain(mdp.standards["vn-2022"])
    amounts = [
        node for path, node in _walk(data["categories"]) if isinstance(node, dict) and node.get("kind") == "amount"
    ]
    assert amounts
    assert all(set(node) == {"kind", "name"} for node in amounts)


def test_a_changed_line_moves_every_rule_that_names_it() -> None:
    data = plain(mdp.standards["vn-2022"])
    line = next(each for each in data["thresholds"] if each["id"] == "income")
    line["steps"][0]["amounts"]["rural"] = 1_600_000
    moved = from_plain(data, mdp.Standard)
    answers = {"area": "rural", "income": 1_600_000, **dict.fromkeys(moved.indicators, True)}
    assert moved.assess(answers, given="all").category == "poor"
    assert mdp.standards["vn-2022"].assess(answers, given="all").category == "average_living"


# ------------------------------------------------------------------------------------------------- the digest


def _walk(data: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    yield path, data
    for key, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield from _walk(value, (*path, key))


def _put(data: Any, path: Path, value: Any) -> Any:
    """Return the data with another value at a path; what isn't on the way there is shared."""
    if not path:
        return value
    changed = copy.copy(data)
    changed[path[0]] = _put(data[path[0]], path[1:], value)
    return changed


_SWAPPED = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">",
    "conjunction": "disjunction", "disjunction": "conjunction",
}  # fmt: skip


def _changes(data: Any) -> Iterator[Any]:
    """Every standard that differs by one number, operator or connective."""
    for path, value in _walk(data):
        if isinstance(value, bool):
            yield _put(data, path, not value)
        elif isinstance(value, int):
            yield _put(data, path, value + 1)
        elif path and path[-1] in ("operator", "kind") and value in _SWAPPED:
            yield _put(data, path, _SWAPPED[value])


def test_any_changed_number_operator_or_connective_changes_the_digest(standard: mdp.Standard) -> None:
    seen = {standard.digest}
    changed = 0
    for data in islice(_changes(plain(standard)), None, None, 4 if SHORT else 1):
        try:
            other = from_plain(data, mdp.Standard)
        except StandardError:  # two minimums above their maximum and the like
            continue
        assert other != standard
        assert other.digest not in seen
        seen.add(other.digest)
        changed += 1
    assert changed >= (2 if SHORT else 6)


def test_and_is_not_or() -> None:
    both = mdp.column("a") & mdp.column("b")
    either = mdp.column("a") | mdp.column("b")
    assert digest(_toy(both)) != digest(_toy(either))


@pytest.mark.parametrize("part", ["title", "words", "note", "confirmed"])
def test_the_words_of_the_law_are_in_the_digest(part: str) -> None:
    data = plain(mdp.standards["vn-2022"])
    if part == "title":
        data["title"]["vi"] += "."
    elif part == "confirmed":
        data["citation"]["confirmed"] = False
    else:
        data["citation"][part] = "other"
    assert from_plain(data, mdp.Standard).digest != mdp.standards["vn-2022"].digest


def test_a_note_may_be_one_text_or_two_and_only_the_english_is_digested() -> None:
    data = plain(mdp.standards["vn-2022"])
    note = data["citation"]["note"]
    assert set(note) == {"vi", "en"}
    data["citation"]["note"] = note["en"]
    plainly = from_plain(data, mdp.Standard)
    assert plainly.citation.note == mdp.Label(note["en"], note["en"])
    assert plain(plainly)["citation"]["note"] == note["en"]
    assert plainly.digest == mdp.standards["vn-2022"].digest
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator(json_schema()).validate(data)
    data["citation"]["note"] = {"vi": note["vi"]}
    with pytest.raises(StandardError, match=r"citation\.note\.en: missing"):
        from_plain(data, mdp.Standard)
    data["citation"]["note"] = 5
    with pytest.raises(
        StandardError, match=r"citation\.note: expected text, or an object with vi and en, got a number"
    ):
        from_plain(data, mdp.Standard)
    assert mdp.Citation("A made-up law", note="").note == mdp.Citation("A made-up law").note


def test_a_revision_is_another_digest() -> None:
    vn = mdp.standards["vn-2022"]
    assert from_plain({**plain(vn), "revision": vn.revision + 1}, mdp.Standard).digest != vn.digest


def test_the_digest_of_this_small_standard_never_changes() -> None:
    # Receipts of years ago are checked against it: if this fails, the canonical form has changed.
    assert digest(_toy(mdp.column("a") & ~mdp.column("b"))) == (
        "67dace32bfb89e36e6c1fde12e22f300c1e33f0e2a137d420c58e4791ec9a0c2"
    )


def _toy(rule: s.Rule, **also: Any) -> mdp.Standard:
    label, cited = mdp.Label("một", "one"), mdp.Citation("A made-up law")
    flags = [mdp.Field(name, "household", "flag", label, label) for name in "ab"]
    parts: dict[str, Any] = {
        "id": "toy",
        "title": label,
        "citation": cited,
        "in_force": "2020-01-01",
        "until": None,
        "fields": [*flags, mdp.Field("x", "household", "number", label, label)],
        "thresholds": [],
        "dimensions": [mdp.Dimension("d", label, cited)],
        "indicators": [mdp.Indicator("i", "d", label, rule, cited)],
        "categories": [
            mdp.Category("poor", label, s.indicator("i"), cited),
            mdp.Category("rest", label, ~s.indicator("i"), cited),
        ],
    }
    return mdp.Standard(**{**parts, **also})


# --------------------------------------------------------------------------------------------- rules, written and read

_flags = st.sampled_from([mdp.column("a"), mdp.column("b")])
_numbers = st.integers(-(10**18), 10**18) | st.fractions(max_denominator=1000)
_values = st.recursive(
    st.just(mdp.column("x")),
    lambda inner: st.builds(lambda v, n: v * n, inner, _numbers) | st.builds(lambda v, n: v + n, inner, _numbers)
    | st.builds(lambda v, w: v - w, inner, inner),
    max_leaves=4,
)  # fmt: skip
_compared = st.builds(
    lambda v, n, op: {"<": v < n, "<=": v <= n, ">": v > n, ">=": v >= n}[op],
    _values,
    _numbers,
    st.sampled_from(["<", "<=", ">", ">="]),
)
_rules = st.recursive(
    st.builds(lambda flag: ~~flag, _flags) | _compared,
    lambda inner: (
        st.builds(lambda r: ~r, inner)
        | st.lists(inner, min_size=1, max_size=3).map(lambda rules: s.all_of(*rules))
        | st.lists(inner, min_size=1, max_size=3).map(lambda rules: s.any_of(*rules))
        | st.lists(inner, min_size=2, max_size=3).map(lambda rules: s.at_least(2, *rules))
        | st.lists(st.tuples(inner, _numbers), min_size=1, max_size=3).map(lambda terms: s.points(*terms) <= 7)
    ),
    max_leaves=8,
)


@given(_rules)
def test_any_rule_reads_back_as_itself(rule: s.Rule) -> None:
    toy = _toy(rule)
    again = mdp.Standard.from_json(toy.to_json(indent=None))
    assert again == toy
    assert again.digest == toy.digest


@given(_rules, _rules)
def test_different_rules_have_different_digests(one: s.Rule, other: s.Rule) -> None:
    assert (_toy(one) == _toy(other)) == (digest(_toy(one)) == digest(_toy(other)))


@given(st.lists(st.text(min_size=1, max_size=5) | st.integers() | st.fractions(), min_size=1, max_size=4, unique=True))
def test_codes_keep_being_text_or_number(codes: list[Any]) -> None:
    # "1/2" as a code is text, and one half is a number
    rule = s.column("a").is_in(codes)
    fields = [mdp.Field("a", "household", "number", mdp.Label("", ""), mdp.Label("", ""))]
    try:
        toy = _toy(rule, fields=fields)
    except StandardError:  # text codes of a number
        fields = [mdp.Field("a", "household", "code", mdp.Label("", ""), mdp.Label("", ""), codes=_codes(codes))]
        try:
            toy = _toy(rule, fields=fields)
        except StandardError:
            return
    assert mdp.Standard.from_json(toy.to_json()) == toy


def _codes(codes: list[Any]) -> tuple[mdp.Code, ...]:
    return tuple(mdp.Code(code, mdp.Label("", "")) for code in codes if isinstance(code, str))


def test_thirds_stay_thirds() -> None:
    toy = _toy(s.column("x") <= Fraction(1, 3))
    assert '"value": "1/3"' in toy.to_json()
    assert mdp.Standard.from_json(toy.to_json()) == toy


def test_a_decimal_in_a_file_is_exact() -> None:
    text = _toy(s.column("x") <= Fraction(1, 10)).to_json().replace('"1/10"', "0.1")
    assert mdp.Standard.from_json(text) == _toy(s.column("x") <= Fraction(1, 10))


# ----------------------------------------------------------------------------------------------------- TOML

TOML = """
format = 1
id = "toy"
in_force = 2020-01-01
title = { vi = "một", en = "one" }
citation = { instrument = "A made-up law" }
dimensions = [{ id = "d", label = { vi = "một", en = "one" }, citation = { instrument = "A made-up law" } }]
thresholds = []

[[fields]]
id = "x"
level = "household"
kind = "number"
label = { vi = "một", en = "one" }
question = { vi = "một", en = "one" }

[[indicators]]
id = "i"
dimension = "d"
label = { vi = "một", en = "one" }
citation = { instrument = "A made-up law" }
[indicators.rule]
kind = "compare"
left = { kind = "column", name = "x" }
operator = "<"
right = { kind = "constant", value = 7.6 }

[[categories]]
id = "poor"
label = { vi = "một", en = "one" }
citation = { instrument = "A made-up law" }
rule = { kind = "indicator", name = "i" }

[[categories]]
id = "rest"
label = { vi = "một", en = "one" }
citation = { instrument = "A made-up law" }
rule = { kind = "negation", rule = { kind = "indicator", name = "i" } }
"""


def test_a_province_may_keep_its_standard_in_toml(tmp_path: Any) -> None:
    file = tmp_path / "toy.toml"
    file.write_text(TOML, encoding="utf-8")
    label = mdp.Label("một", "one")
    expected = _toy(s.column("x") < "38/5", fields=[mdp.Field("x", "household", "number", label, label)])
    assert mdp.Standard.from_file(file) == expected
    assert mdp.Standard.from_file(file).until is None
    assert mdp.Standard.from_file(file).in_force == date(2020, 1, 1)


def test_or_in_json(tmp_path: Any, standard: mdp.Standard) -> None:
    file = tmp_path / "standard.json"
    file.write_text(standard.to_json(), encoding="utf-8")
    assert mdp.Standard.from_file(file) == standard


# --------------------------------------------------------------------------------------------------- bad files


def test_every_mistake_is_named_with_its_place() -> None:
    data = plain(mdp.standards["vn-2022"])
    data["in_force"] = "yesterday"
    data["thresholds"][0]["steps"][0]["amounts"]["rural"] = None
    del data["indicators"][3]["rule"]["rule"]["rules"][0]["left"]["name"]
    data["indicators"][4]["colour"] = "red"
    data["indicators"][6]["rule"]["minimum"] = 9
    data["categories"][0]["rule"] = {"kind": "column", "name": "area"}
    with pytest.raises(StandardError) as raised:
        mdp.Standard.from_json(json.dumps(data))
    said = str(raised.value).splitlines()[1:]
    assert [line.split(": ")[0].strip(" -") for line in said] == [
        "in_force",
        "thresholds[0].steps[0]",
        "indicators[3].rule.rule.rules[0].left.name",
        "indicators[4]",
        "indicators[6].rule",
        "categories[0].rule",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no JSON"),
        ("[]", "expected an object, got a list"),
        ('{"id": 1, "id": 2}', "'id' is there twice"),
        ('{"id": NaN}', "NaN is no number"),
        ("[" * 100_000, "no JSON"),
        ("1" * 5_000, "no JSON"),
        ('{"format": 2}', "reads format 1"),
    ],
)
def test_what_is_no_standard(text: str, said: str) -> None:
    with pytest.raises(StandardError, match="(?s).*" + said):
        mdp.Standard.from_json(text)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"kind": "amount", "name": "income", "steps": [{"amounts": 1}]}, "either a name or steps"),
        ({"kind": "amount"}, "needs the name of a threshold"),
        ({"kind": "constant", "value": True}, "expected a number"),
        ({"kind": "constant", "value": "1/0"}, "must be a finite number"),
        ({"kind": "constant", "value": "1e999999999"}, "no number that a law would write"),
        ({"kind": "points", "rules": [], "worths": []}, "points takes pairs"),
        ({"kind": "product", "left": {"kind": "disjunction", "rules": []}, "right": {}}, "expected a number, and"),
        ({"kind": ["column"]}, "kind must be one of"),
        ({"kind": "column", "name": ""}, "a column needs a name"),
        ({"kind": "column", "name": "x", "own_level": "village"}, "village"),
    ],
)
def test_rules_that_python_would_refuse_are_refused_in_files(rule: Any, said: str) -> None:
    data = plain(_toy(s.column("x") < 1))
    data["indicators"][0]["rule"]["right"] = rule
    with pytest.raises(StandardError) as raised:
        from_plain(data, mdp.Standard)
    assert said in str(raised.value)
    assert "indicators[0].rule.right" in str(raised.value)


def test_a_file_in_another_encoding(tmp_path: Any) -> None:
    file = tmp_path / "old.json"
    file.write_bytes('{"id": "Hải Dương"}'.encode("utf-16"))
    with pytest.raises(StandardError, match=r"old\.json: the file isn't UTF-8"):
        mdp.Standard.from_file(file)


_anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.floats(allow_nan=False)
    | st.just("1e99999999"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.data())
def test_a_file_with_one_wrong_place_is_a_standard_or_a_clean_error(data: st.DataObject) -> None:
    whole = plain(mdp.standards[data.draw(st.sampled_from(IDS))])
    places = [path for path, _ in _walk(whole) if path]
    path = data.draw(st.sampled_from(places))
    changed = _put(whole, path, data.draw(_anything))
    try:
        read = mdp.Standard.from_json(json.dumps(changed))
    except StandardError:
        return
    assert mdp.Standard.from_json(read.to_json()) == read


def test_a_deep_rule_is_read_at_once_or_refused() -> None:
    data = plain(_toy(s.column("x") < 1))
    for depth in (50, 5_000):
        rule: Any = {"kind": "flag", "column": {"kind": "column", "name": "a"}}
        for _ in range(depth):
            rule = {"kind": "at_least", "minimum": 1, "rules": [rule]}
        data["indicators"][0]["rule"] = rule
        if depth < 100:
            assert from_plain(data, mdp.Standard).digest
        else:
            with pytest.raises(StandardError, match="nested too deeply"):
                from_plain(data, mdp.Standard)


@given(_anything)
def test_a_file_of_anything_is_a_clean_error(anything: Any) -> None:
    with pytest.raises(StandardError):
        mdp.Standard.from_json(json.dumps(anything))


@given(st.text() | st.binary())
def test_text_of_any_kind_is_a_clean_error(text: str | bytes) -> None:
    with pytest.raises(StandardError):
        mdp.Standard.from_json(text)
