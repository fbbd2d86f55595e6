"""A province's short file: the national standard, with what it changes."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

import mdpoverty as mdp
from mdpoverty.errors import StandardError
from mdpoverty.law.files import from_plain
from mdpoverty.law.schema import json_schema
from mdpoverty.standards import Registry

FILE = Path(__file__).resolve().parents[2] / "examples" / "province.toml"
VN = mdp.standards["vn-2022"]


@pytest.fixture
def data() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def test_the_made_up_province() -> None:
    ours = mdp.Standard.from_file(FILE)
    assert len(ours.indicators) == 13
    lacking = dict.fromkeys(ours.indicators, False)
    three = {**lacking, "waste": True, "toilet": True, "water_source": True}
    assert ours.assess({"area": "rural", "income": 1_800_000, **three}, given="all").category == "poor"
    assert ours.assess({"area": "rural", "income": 1_800_001, **three}, given="all").category == "average_living"
    assert ours.assess({"area": "urban", "income": 3_450_001, **lacking}, given="all").category == "above_average"
    assert {gap.id for gap in ours.gaps} >= {gap.id for gap in VN.gaps}
    assert ours.thresholds["income"].citation.instrument.startswith("Nghị quyết 01/2023")


def test_it_is_found_by_its_days() -> None:
    registry = Registry(mdp.standards.list())
    registry.load(FILE)
    assert registry.on("2024-06-01", "VN-XX").id == "vn-xx-2024"
    assert registry.on("2023-06-01", "VN-XX", fallback=True).id == "vn-2022"


def test_it_is_a_standard_like_any_other() -> None:
    ours = mdp.Standard.from_file(FILE)
    assert mdp.Standard.from_json(ours.to_json()) == ours


def test_the_same_in_json(data: dict[str, Any]) -> None:
    text = json.dumps(data, default=str)
    assert mdp.Standard.from_json(text) == mdp.Standard.from_file(FILE)


def test_it_fits_the_published_schema(data: dict[str, Any]) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json_schema("amendment")
    jsonschema.Draft202012Validator.check_schema(schema)
    plain = json.loads(json.dumps(data, default=str))
    jsonschema.Draft202012Validator(schema).validate(plain)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate({**plain, "colour": "red"})


TREE = {
    "kind": "negation",
    "rule": {"kind": "flag", "column": {"kind": "column", "name": "waste_collected"}},
}


def test_a_rule_in_text_is_the_tree_that_it_stands_for(data: dict[str, Any]) -> None:
    assert data["indicators"][0]["rule"] == "not waste_collected"
    in_text = from_plain(data, mdp.Standard)
    data["indicators"][0]["rule"] = TREE
    in_tree = from_plain(data, mdp.Standard)
    assert in_text == in_tree
    assert in_text.digest == in_tree.digest
    assert '"not waste_collected"' not in in_text.to_json()


def test_a_rule_in_text_knows_members_amounts_and_codes(data: dict[str, Any]) -> None:
    data["indicators"][0]["rule"] = "not waste_collected and toilet in ['none', 'other'] and any(age < 6)"
    ours = from_plain(data, mdp.Standard)
    home = {"waste_collected": False, "toilet": "none", "area": "rural", "income": 9_000_000}
    for age, found in ((5, 2), (6, 0)):
        assert ours.assess(home, [{"age": age}]).indicators["waste"] == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not waste_colected", "'waste_colected'"),
        ("not", "can't be read as a condition"),
        ("waste_collected + 1", "is a number or a code, not a condition"),
        ("__import__('os').system('true')", "has no meaning in a condition"),
        ("toilet == 'golden'", "'golden'"),
    ],
)
def test_what_is_no_rule_is_told_with_its_place(data: dict[str, Any], text: str, said: str) -> None:
    data["indicators"][0]["rule"] = text
    with pytest.raises(StandardError) as caught:
        from_plain(data, mdp.Standard)
    assert said in str(caught.value)
    assert "indicator" in str(caught.value)


def test_an_indicator_may_go(data: dict[str, Any]) -> None:
    ours = from_plain({**data, "without_indicators": ["housing_area"]}, mdp.Standard)
    assert "housing_area" not in ours.indicators
    assert len(ours.indicators) == 12


def test_the_base_may_be_pinned(data: dict[str, Any]) -> None:
    assert from_plain({**data, "digest": VN.digest}, mdp.Standard) == mdp.Standard.from_file(FILE)
    with pytest.raises(StandardError, match="digest: 'vn-2022'"):
        from_plain({**data, "digest": "0" * 64}, mdp.Standard)


def test_its_end_is_its_own(data: dict[str, Any]) -> None:
    del data["until"]
    ours = from_plain(data, mdp.Standard)
    assert VN.until is not None
    assert ours.until is None
    assert ours.covers("2031-01-01")
    later = from_plain({**data, "in_force": "2027-06-01"}, mdp.Standard)  # after the national one has ended
    assert later.in_force > VN.until
    assert VN.evolve(id="vn-x", citation=VN.citation).until == VN.until  # in Python it is what isn't said
    assert VN.evolve(id="vn-x", citation=VN.citation, until=None).until is None


def test_every_citation_says_whether_it_is_confirmed(data: dict[str, Any]) -> None:
    del data["citation"]["confirmed"]
    del data["indicators"][0]["citation"]["confirmed"]
    with pytest.raises(StandardError) as raised:
        from_plain(data, mdp.Standard)
    lines = str(raised.value).splitlines()[1:]
    assert [line.split(":")[0].strip(" -") for line in lines] == [
        "citation.confirmed",
        "indicators[0].citation.confirmed",
    ]
    jsonschema = pytest.importorskip("jsonschema")
    with pytest.raises(jsonschema.ValidationError, match="confirmed"):
        jsonschema.validate(json.loads(json.dumps(data, default=str)), json_schema("amendment"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"based_on": "vn-1999"}, "based_on: no standard is called 'vn-1999'"),
        ({"based_on": 5}, "based_on: expected text, got a number"),
        ({"without_indicators": ["colour"]}, "indicators: 'vn-2022' has no 'colour'"),
        ({"thresholds": [{"id": "colour", "steps": [{"amounts": 1}]}]}, "thresholds: 'vn-2022' has no 'colour'"),
        (
            {"thresholds": [{"id": "income", "steps": [{"amounts": {"rural": 1}}, {"amounts": 2}]}]},
            "one amount for each code",
        ),
        (
            {"thresholds": [{"id": "income", "steps": [{"amounts": "many"}]}]},
            "thresholds[0].steps[0]: 'many' is no number",
        ),
        ({"colour": "red"}, "unknown key 'colour'"),
        ({"until": "2023-01-01"}, "before it begins"),
        ({"citation": {}}, "citation.instrument: missing"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(data: dict[str, Any], change: dict[str, Any], said: str) -> None:
    with pytest.raises(StandardError) as raised:
        from_plain({**data, **change}, mdp.Standard)
    assert said in str(raised.value)
