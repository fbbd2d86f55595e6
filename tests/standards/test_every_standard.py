"""What holds of every standard that the library knows."""

from __future__ import annotations

import operator
import re
import unicodedata
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import chain
from typing import Any

import attrs
import pytest

import mdpoverty as mdp
from mdpoverty import scorers as s
from mdpoverty.law.files import plain
from mdpoverty.numbers import Language, Number
from mdpoverty.programmes import hai_duong_2023
from mdpoverty.rules.nodes import SIZE
from mdpoverty.standards.mexico import coneval
from mdpoverty.testing import boundaries, check_standard
from mdpoverty.words.audit import audit_page
from tests.profiles import scaled

# What is better when there is more of it, where the law says so.
BETTER: dict[str, dict[str, Any]] = {
    "vn-2016": {"income": "more", "total_income": "more"},
    "vn-2022": {"income": "more", "total_income": "more"},
    "vn-2027": {"income": "more", "total_income": "more"},
    "vn-2022-scores": {"points_a": "more", "points_b": "less"},
    "vn-2025-low-income-workers": {"income": "more"},
    "vn-dn-2016": {"income": "more", "total_income": "more"},
    "vn-sg-2026": {"income": "more", "annual_income": "more", "total_income": "more"},
}


@pytest.fixture(params=list(mdp.standards))
def standard(request: pytest.FixtureRequest) -> mdp.Standard:
    return mdp.standards[request.param]


def test_it_is_total_exclusive_ordered_monotone_and_cited(standard: mdp.Standard) -> None:
    check_standard(standard, better=BETTER.get(standard.id), examples=scaled(100))


def test_so_is_the_shape_of_coneval() -> None:
    lines = mdp.Citation("Made-up lines", note="made up")
    mx = coneval(
        income={"rural": 3000, "urban": 4000},
        extreme={"rural": 1500, "urban": 2000},
        citation=lines,
        in_force="2024-01-01",
    )
    check_standard(
        mx, better={"income": "more"}, ordered=False, examples=scaled(100)
    )  # vulnerable in two ways: no order


# ------------------------------------------------------------------------------------------- one below, on, one above

_OPERATORS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_ALL = [(id, *found) for id in mdp.standards for found in boundaries(mdp.standards[id])]


def _linear(node: s.Node, columns: dict[str, Any], code: Any) -> Any:
    """Work out a number by hand; the reference that the engines are held against."""
    if isinstance(node, s.Constant):
        return node.value
    if isinstance(node, s.Column):
        return columns.get(node.name, 0)
    if isinstance(node, s.Amount):
        return dict(node.steps[-1].amounts)[code]
    if isinstance(node, s.Product):
        return _linear(node.left, columns, code) * _linear(node.right, columns, code)
    assert isinstance(node, s.Total)
    return _linear(node.left, columns, code) + _linear(node.right, columns, code)


def _on_step(rule: s.Compare, code: str | None, amount: Number) -> s.Compare:
    """Return the comparison on a day on which it is made with that amount."""

    def pick(node: s.Node) -> s.Node:
        if isinstance(node, s.Amount) and node.name:
            return s.Amount(
                node.name, node.by, tuple(step for step in node.steps if (code, amount) in step.amounts)[:1]
            )
        return node.with_parts(pick)

    return pick(rule)  # type: ignore[return-value]  # picking keeps a comparison a comparison


@pytest.mark.parametrize(
    ("id", "rule", "code", "amount"), _ALL, ids=[f"{i}-{c or 'all'}-{a}-{n}" for n, (i, _, c, a) in enumerate(_ALL)]
)
def test_every_threshold_one_below_on_it_and_one_above(
    id: str, rule: s.Compare, code: str | None, amount: Number
) -> None:
    if any(isinstance(node, s.Deprivations) for node in rule.left.walk()):
        _count_at_the_cutoff(mdp.standards[id], rule, amount)
        return
    dated = _on_step(rule, code, amount)
    columns = [node for node in dated.left.walk() if isinstance(node, s.Column)]
    answer, others = columns[0], {column.name: 0 for column in columns[1:]}
    fixed = {**others, SIZE: 1}
    limit = _linear(dated.right, fixed, code)
    offset = _linear(dated.left, fixed | {answer.name: 0}, code)
    slope = _linear(dated.left, fixed | {answer.name: 1}, code) - offset
    at = Fraction(limit - offset) / slope
    for value in (at.__floor__() - 1, at.__floor__(), at.__ceil__(), at.__ceil__() + 1):
        expected = _OPERATORS[rule.operator](offset + slope * value, limit)
        by = next((n.by.name for n in dated.right.walk() if isinstance(n, s.Amount) and n.by is not None), None)
        row = {**fixed, answer.name: value, **({by: code} if by else {})}
        if dated.level == "member":
            people = {"household_id": [1], **{name: [each] for name, each in row.items() if name != SIZE}}
            got = s.any_member(dated).score({"household_id": [1]}, people)
        else:
            got = dated.score({name: [each] for name, each in row.items()})
        assert got.tolist() == [2 * expected], f"{rule!r} with {row}"


def _count_at_the_cutoff(standard: mdp.Standard, rule: s.Compare, amount: Number) -> None:
    """Deprive a household of one indicator more at a time, and compare the count with the cut-off by hand."""
    names = list(standard.indicators)
    for n in range(len(names) + 1):
        lacking = names[:n]
        weight = sum((standard.indicators[name].weight for name in lacking), Fraction(0))
        held = {name: name in lacking for name in names}
        categories = standard.assess(held, given="all", provisional=True).possible
        enough = _OPERATORS[rule.operator](weight, amount)
        if "near_poor" not in standard.categories:  # classes by the count alone
            decided = next((name for name, each in standard.categories.items() if rule in each.rule.walk()), None)
            first = list(standard.categories).index(str(decided))
            assert (list(standard.categories).index(categories[0]) <= first) == enough
        else:  # poor is still possible, whatever the income, exactly from the cut-off on (or by income alone)
            assert ("near_poor" not in categories) == enough
            assert "poor" in categories or not enough


# ------------------------------------------------------------------------------------------------- words and marks

_WORDS = {"trở xuống": "<=", "dưới": "<", "nhỏ hơn": "<", "lớn hơn": ">"}


def _operators(rule: s.Rule) -> set[str]:
    found: set[str] = set()

    def note(node: s.Node, straight: bool) -> None:
        opposite = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
        if isinstance(node, s.Compare):
            found.add(node.operator if straight else opposite[node.operator])
        for part in node.parts:
            note(part, straight != isinstance(node, s.Not))

    note(rule, True)
    return found


def test_the_quoted_words_fix_the_operators_of_the_classes(standard: mdp.Standard) -> None:
    for category in standard.categories.values():
        for words, sign in _WORDS.items():
            if words in category.citation.words:
                assert sign in _operators(category.rule), f"{category.id} says “{words}” and doesn't use {sign}"


def test_what_is_not_confirmed_has_its_mark_and_is_told(standard: mdp.Standard) -> None:
    parts = [*standard.thresholds.values(), *standard.indicators.values(), *standard.categories.values()]
    doubtful = [each for each in parts if not each.citation.confirmed]
    for each in doubtful:
        assert each.citation.note or each.citation.words, f"{each.id} is doubtful and doesn't say what is"
    assert standard.gaps or not doubtful
    page = audit_page(standard, "vi")
    assert page.count("**chưa xác nhận**") >= len(doubtful)


def _remarks(part: object) -> Iterator[mdp.Label]:
    """Find every remark within a part of a standard, however deep: on citations and on answers."""
    if attrs.has(type(part)):
        for each in attrs.fields(type(part)):
            value = getattr(part, each.name)
            if each.name == "note":
                yield value
            elif each.name != "program":
                yield from _remarks(value)
    elif isinstance(part, Mapping):
        yield from chain.from_iterable(map(_remarks, part.values()))
    elif isinstance(part, tuple):
        yield from chain.from_iterable(map(_remarks, part))


def test_every_remark_is_in_both_languages(standard: mdp.Standard) -> None:
    said = [each for part in (standard, hai_duong_2023) for each in _remarks(part) if each]
    assert len(said) > 5
    for each in said:
        assert each.en != each.vi
        assert each.en
        assert re.search("[àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]", each.vi), each


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_page_and_an_audit_have_the_remarks_of_their_language(standard: mdp.Standard, lang: Language) -> None:
    page, table = audit_page(standard, lang), standard.audit(lang)
    other: Language = "en" if lang == "vi" else "vi"
    for kind, parts in (("threshold", standard.thresholds), ("class", standard.categories)):
        for part in parts.values():
            note = part.citation.note
            assert note.in_(lang) in page
            assert set(table.loc[(table["id"] == part.id) & (table["part"] == kind), "note"]) <= {note.in_(lang)}
            assert not note or note.in_(other) not in page


# Facts that were found in a source, by their place in a standard; everything else must be marked (facts as of writing).
_FOUND_2016 = {"poverty_line", "near_poverty_line", "cutoff", "poor", "above_average"}
_FOUND_2027 = {"income", "cutoff", "poor", "near_poor", "not_poor"}


@pytest.mark.parametrize(("id", "found"), [("vn-2016", _FOUND_2016), ("vn-2027", _FOUND_2027)])
def test_only_what_was_found_is_unmarked(id: str, found: set[str]) -> None:
    standard = mdp.standards[id]
    parts = [*standard.thresholds.values(), *standard.indicators.values(), *standard.categories.values()]
    assert {each.id for each in parts if each.citation.confirmed} == found


def test_nothing_is_dated_before_its_text(standard: mdp.Standard) -> None:
    parts = [*standard.thresholds.values(), *standard.indicators.values(), *standard.categories.values()]
    cited = [standard.citation, *(each.citation for each in parts)]
    for citation in cited:
        for year in re.findall(r"/(\d{4})/", citation.instrument):
            assert int(year) <= standard.in_force.year


def test_every_text_is_composed_unicode(standard: mdp.Standard) -> None:
    def texts(data: Any) -> list[str]:
        if isinstance(data, dict):
            return [text for value in data.values() for text in texts(value)]
        if isinstance(data, list):
            return [text for value in data for text in texts(value)]
        return [data] if isinstance(data, str) else []

    for text in texts(plain(standard)):
        assert unicodedata.normalize("NFC", text) == text


def test_a_provisional_standard_is_applied_only_knowingly(standard: mdp.Standard) -> None:
    if not standard.provisional:
        assert standard.assess({}).possible == standard.assess({}, provisional=True).possible
        assert "provisional" not in standard.assess({}).receipt.options
        return
    tables = standard.template("dict")
    for apply in (lambda **how: standard.assess({}, **how), lambda **how: standard.classify(*tables, **how)):
        with pytest.raises(mdp.errors.ProvisionalStandard, match="provisional=True") as raised:
            apply()
        assert raised.value.gaps == standard.gaps
        assert apply(provisional=True).receipt.options["provisional"] is True
