"""Rules as text: the Python that builds them, sentences in Vietnamese and English; and rates as forms print them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from mdpoverty.rules import nodes as s

if TYPE_CHECKING:
    from mdpoverty.standard import Standard

Language = Literal["vi", "en"]


def per_cent(part: int, whole: int) -> Decimal | None:
    """Return ``part / whole`` in per cent, rounded half-up to two decimals; ``None`` where the whole is 0.

    In whole numbers throughout: 1 of 16,000 is 0.00625 % and prints as 0.01.

    >>> per_cent(1, 3), per_cent(1, 16_000), per_cent(5, 0)
    (Decimal('33.33'), Decimal('0.01'), None)
    """
    if whole == 0:
        return None
    return Decimal((20_000 * part + whole) // (2 * whole)).scaleb(-2)


def source(node: s.Node) -> str:
    """Return the Python expression that builds the node; it is every scorer's ``repr``.

    >>> from mdpoverty.scorers import any_member, column
    >>> source(any_member((column("age") < 16) & (column("stunted") | column("underweight"))))
    'any_member((column("age") < 16) & (column("stunted") | column("underweight")))'
    """
    text: str = node.fold(_Source())[0]
    return text


# How tightly Python binds, loosest first: a part that binds looser than its place needs brackets.
_COMPARE, _OR, _AND, _SUM, _PRODUCT, _NOT, _ATOM = range(7)
_Text = tuple[str, int]


def _tight(text: _Text, needed: int) -> str:
    return text[0] if text[1] >= needed else f"({text[0]})"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _literal(value: s.Number) -> str:
    """Write a number so that it reads back as itself."""
    return str(value) if isinstance(value, int) else f"Fraction({value.numerator}, {value.denominator})"


class _Source:
    def column(self, node: s.Column) -> _Text:
        implied = "member" if self._inside else "household"
        level = f", level={_quoted(node.own_level)}" if node.own_level not in (None, implied) else ""
        return f"column({_quoted(node.name)}{level})", _ATOM

    _inside = False

    def constant(self, node: s.Constant) -> _Text:
        return _literal(node.value), _ATOM if node.value >= 0 else _PRODUCT

    def amount(self, node: s.Amount) -> _Text:
        if node.name:
            return f"threshold({_quoted(node.name)})", _ATOM
        amounts = node.steps[-1].amounts
        if node.by is None:
            return f"threshold({_literal(amounts[0][1])})", _ATOM
        cases = ", ".join(f"{_quoted(str(code))}: {_literal(amount)}" for code, amount in amounts)
        return f"threshold({{{cases}}}, by={_quoted(node.by.name)})", _ATOM

    def product(self, node: s.Product, left: _Text, right: _Text) -> _Text:
        return f"{_tight(left, _PRODUCT)} * {_tight(right, _NOT)}", _PRODUCT

    def total(self, node: s.Total, left: _Text, right: _Text) -> _Text:
        return f"{_tight(left, _SUM)} + {_tight(right, _PRODUCT)}", _SUM

    def points(self, node: s.Points, rules: tuple[_Text, ...], worths: tuple[_Text, ...]) -> _Text:
        pairs = zip(rules, worths, strict=True)
        return "points(" + ", ".join(f"({rule[0]}, {worth[0]})" for rule, worth in pairs) + ")", _ATOM

    def count_members(self, node: s.CountMembers, rule: _Text) -> _Text:
        return f"count_members({_inner(node.rule)})", _ATOM

    def deprivations(self, node: s.Deprivations) -> _Text:
        return f"deprivations({_quoted(node.dimension) if node.dimension else ''})", _ATOM

    def flag(self, node: s.Flag) -> _Text:
        return self.column(node.column)

    def compare(self, node: s.Compare, left: _Text, right: _Text) -> _Text:
        return f"{_tight(left, _OR)} {node.operator} {_tight(right, _OR)}", _COMPARE

    def is_in(self, node: s.IsIn) -> _Text:
        column = self.column(node.column)[0]
        codes = ", ".join(_quoted(code) if isinstance(code, str) else str(code) for code in node.codes)
        return f"{column}.equals({codes})" if len(node.codes) == 1 else f"{column}.is_in([{codes}])", _ATOM

    def negation(self, node: s.Not, rule: _Text) -> _Text:
        return f"~{_tight(rule, _NOT)}", _NOT

    def conjunction(self, node: s.And, rules: tuple[_Text, ...]) -> _Text:
        return " & ".join(_tight(rule, _SUM) for rule in rules), _AND

    def disjunction(self, node: s.Or, rules: tuple[_Text, ...]) -> _Text:
        return " | ".join(_tight(rule, _AND) for rule in rules), _OR

    def at_least(self, node: s.AtLeast, rules: tuple[_Text, ...]) -> _Text:
        return f"at_least({', '.join([str(node.minimum), *(rule[0] for rule in rules)])})", _ATOM

    def first_known(self, node: s.FirstKnown, rules: tuple[_Text, ...]) -> _Text:
        return f"first_known({', '.join(rule[0] for rule in rules)})", _ATOM

    def any_member(self, node: s.AnyMember, rule: _Text) -> _Text:
        return f"any_member({_inner(node.rule)})", _ATOM

    def indicator(self, node: s.IndicatorRef) -> _Text:
        return f"indicator({_quoted(node.name)})", _ATOM


class _MemberSource(_Source):
    _inside = True


def _inner(rule: s.Rule) -> str:
    text: str = rule.fold(_MemberSource())[0]
    return text


# ----------------------------------------------------------------------------------------- sentences for people


def words(node: s.Node, standard: Standard, lang: Language = "vi") -> str:
    """Return a rule in words, with the names that the standard gives its answers, amounts and indicators.

    >>> import mdpoverty as mdp
    >>> vn = mdp.standards["vn-2022"]
    >>> words(vn.indicators["health_insurance"].rule, vn, "en")
    'at least one member with: age is at least 6 and not “Health insurance”'
    >>> words(vn.indicators["health_insurance"].rule, vn, "vi")
    'có ít nhất một thành viên mà: tuổi từ 6 trở lên và không “Có bảo hiểm y tế”'
    """
    text: str = node.fold(_Words(standard, lang))[0]
    return text


_PHRASES = {
    "<": ("{} dưới {}", "{} is under {}"),
    "<=": ("{} từ {} trở xuống", "{} is at most {}"),
    ">": ("{} trên {}", "{} is over {}"),
    ">=": ("{} từ {} trở lên", "{} is at least {}"),
    "and": (" và ", " and "),
    "or": (" hoặc ", " or "),
    "not": ("không {}", "not {}"),
    "is_in": ("{} là {}", "{} is {}"),
    "is_not_in": ("{} không phải {}", "{} isn't {}"),
    "at_least": ("ít nhất {} trong các điều sau: {}", "at least {} of these: {}"),
    "any_member": ("có ít nhất một thành viên mà: {}", "at least one member with: {}"),
    "no_member": ("không có thành viên nào mà: {}", "no member with: {}"),
    "count_members": ("số thành viên mà ({})", "the number of members with ({})"),
    "first_known": ("{} (hoặc, nếu câu đó không có trả lời: {})", "{} (or, where that isn't answered: {})"),
    "deprivations": ("số chỉ số thiếu hụt", "the number of deprivations"),
    "deprivations_in": ("số chỉ số thiếu hụt về “{}”", "the number of deprivations in “{}”"),
    "indicator": ("thiếu hụt “{}”", "deprived in “{}”"),
    "points": ("tổng điểm ({})", "the sum of points ({})"),
    "worth": ("{} điểm nếu {}", "{} if {}"),
}


_OPPOSITE: dict[s.Operator, s.Operator] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def _opposite(rule: s.Rule) -> s.Rule:
    if isinstance(rule, s.Compare):
        return s.Compare(rule.left, _OPPOSITE[rule.operator], rule.right)
    if isinstance(rule, s.FirstKnown):
        return s.FirstKnown(tuple(map(_opposite, rule.rules)))
    return ~rule


class _Words:
    """Sentences; the second of each pair says how tightly it binds, as for Python's text."""

    def __init__(self, standard: Standard, lang: Language) -> None:
        self.standard, self.lang = standard, lang

    def say(self, phrase: str, *parts: str) -> str:
        return _PHRASES[phrase][self.lang == "en"].format(*parts)

    def number(self, value: s.Number) -> str:
        whole = isinstance(value, int)
        return number(value, self.lang) if whole else f"{value.numerator}/{value.denominator}"

    def name(self, column: s.Column) -> str:
        fields = self.standard.fields
        label = fields[column.name].label.in_(self.lang) if column.name in fields else column.name
        return label[:1].lower() + label[1:] if label[1:2].islower() else label

    def quoted(self, column: s.Column) -> str:
        fields = self.standard.fields
        return f"“{fields[column.name].label.in_(self.lang) if column.name in fields else column.name}”"

    def column(self, node: s.Column) -> _Text:
        return self.name(node), _ATOM

    def constant(self, node: s.Constant) -> _Text:
        return self.number(node.value), _ATOM

    def amount(self, node: s.Amount) -> _Text:
        amounts = node.steps[-1].amounts if node.steps else ()
        if node.by is None and len(node.steps) == 1:
            year = bool(node.name) and self.standard.thresholds[node.name].unit == "year"
            return str(amounts[0][1]) if year else self.number(amounts[0][1]), _ATOM
        if node.name:
            return f"“{self.standard.thresholds[node.name].label.in_(self.lang)}”", _ATOM
        assert node.by is not None  # only a named amount has no amounts of its own
        codes = {code.id: code.label.in_(self.lang) for code in self.standard.fields[node.by.name].codes}
        return " / ".join(f"{self.number(each)} ({codes.get(str(code), code)})" for code, each in amounts), _ATOM

    def product(self, node: s.Product, left: _Text, right: _Text) -> _Text:
        return f"{_tight(left, _PRODUCT)} × {_tight(right, _NOT)}", _PRODUCT

    def total(self, node: s.Total, left: _Text, right: _Text) -> _Text:
        return f"{_tight(left, _SUM)} + {_tight(right, _PRODUCT)}", _SUM

    def points(self, node: s.Points, rules: tuple[_Text, ...], worths: tuple[_Text, ...]) -> _Text:
        terms = (self.say("worth", worth[0], rule[0]) for rule, worth in zip(rules, worths, strict=True))
        return self.say("points", "; ".join(terms)), _ATOM

    def count_members(self, node: s.CountMembers, rule: _Text) -> _Text:
        return self.say("count_members", rule[0]), _ATOM

    def deprivations(self, node: s.Deprivations) -> _Text:
        if node.dimension is None:
            return self.say("deprivations"), _ATOM
        return self.say("deprivations_in", self.standard.dimensions[node.dimension].label.in_(self.lang)), _ATOM

    def flag(self, node: s.Flag) -> _Text:
        return self.quoted(node.column), _ATOM

    def compare(self, node: s.Compare, left: _Text, right: _Text) -> _Text:
        return self.say(node.operator, _tight(left, _SUM), _tight(right, _SUM)), _NOT

    def is_in(self, node: s.IsIn, phrase: str = "is_in") -> _Text:
        fields = self.standard.fields
        labels = (
            {code.id: code.label.in_(self.lang) for code in fields[node.column.name].codes}
            if node.column.name in fields
            else {}
        )
        codes = [f"“{labels.get(c, c)}”" if isinstance(c, str) else self.number(c) for c in node.codes]
        return self.say(phrase, self.name(node.column), self.say("or").join(codes)), _NOT

    def negation(self, node: s.Not, rule: _Text) -> _Text:
        inner = node.rule
        if isinstance(inner, s.Compare | s.FirstKnown):  # "not at least 3" is "under 3", of intervals too
            opposite: _Text = _opposite(inner).fold(self)
            return opposite
        if isinstance(inner, s.IsIn):
            return self.is_in(inner, "is_not_in")
        if isinstance(inner, s.AnyMember):
            return self.say("no_member", inner.rule.fold(self)[0]), _COMPARE
        return self.say("not", _tight(rule, _ATOM)), _NOT

    def conjunction(self, node: s.And, rules: tuple[_Text, ...]) -> _Text:
        return self.say("and").join(_tight(rule, _SUM) for rule in rules), _AND

    def disjunction(self, node: s.Or, rules: tuple[_Text, ...]) -> _Text:
        return self.say("or").join(_tight(rule, _SUM) for rule in rules), _OR

    def at_least(self, node: s.AtLeast, rules: tuple[_Text, ...]) -> _Text:
        return self.say("at_least", str(node.minimum), "; ".join(rule[0] for rule in rules)), _COMPARE

    def first_known(self, node: s.FirstKnown, rules: tuple[_Text, ...]) -> _Text:
        text = rules[-1][0]
        for rule in reversed(rules[:-1]):
            text = self.say("first_known", rule[0], text)
        return text, _NOT

    def any_member(self, node: s.AnyMember, rule: _Text) -> _Text:
        return self.say("any_member", rule[0]), _COMPARE

    def indicator(self, node: s.IndicatorRef) -> _Text:
        return self.say("indicator", self.standard.indicators[node.name].label.in_(self.lang)), _ATOM


def number(value: Any, lang: Language) -> str:
    """Write a number as the language does: 1.500.000,5 in Vietnamese, 1,500,000.5 in English; an interval as "2–4".

    >>> number(1_500_000, "vi"), number((2, 4), "en"), number(7.5, "vi")
    ('1.500.000', '2–4', '7,5')
    """
    if isinstance(value, tuple):
        return "–".join(number(each, lang) for each in value)
    if value is None:
        return ""
    if isinstance(value, Fraction):
        value = int(value) if value.denominator == 1 else float(value)
    if isinstance(value, float):
        value = int(value) if value.is_integer() else round(value, 2)
    text = f"{value:,}"
    return text.translate(str.maketrans(",.", ".,")) if lang == "vi" else text
