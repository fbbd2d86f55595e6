"""Rules as sentences in Vietnamese and English."""

from __future__ import annotations

from mdpoverty.law.law import Law
from mdpoverty.numbers import Language, Number, printed
from mdpoverty.rules import nodes as s
from mdpoverty.rules.source import AND, ATOM, COMPARE, NOT, OR, PRODUCT, SUM, Text, tight


def words(node: s.Node, standard: Law, lang: Language = "vi") -> str:
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


_LIMITS = {
    "<": ("dưới {}", "under {}"),
    "<=": ("từ {} trở xuống", "at most {}"),
    ">": ("trên {}", "over {}"),
    ">=": ("từ {} trở lên", "at least {}"),
}


def within(operator: str, limit: str, lang: Language) -> str:
    """Return the words for the numbers on that side of a limit.

    >>> within(">=", "3", "vi"), within("<", "8", "en")
    ('từ 3 trở lên', 'under 8')
    """
    return _LIMITS[operator][lang == "en"].format(limit)


_PHRASES = {
    **{sign: (f"{{}} {vi}", f"{{}} is {en}") for sign, (vi, en) in _LIMITS.items()},
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


def _opposite(rule: s.Rule) -> s.Rule:
    if isinstance(rule, s.Compare):
        return s.Compare(rule.left, rule.operator.opposite, rule.right)
    if isinstance(rule, s.FirstKnown):
        return s.FirstKnown(tuple(map(_opposite, rule.rules)))
    return ~rule


class _Words:
    """Sentences; the second of each pair says how tightly it binds, as for Python's text."""

    def __init__(self, standard: Law, lang: Language) -> None:
        self.standard, self.lang = standard, lang

    def say(self, phrase: str, *parts: str) -> str:
        return _PHRASES[phrase][self.lang == "en"].format(*parts)

    def number(self, value: Number) -> str:
        whole = isinstance(value, int)
        return printed(value, self.lang) if whole else f"{value.numerator}/{value.denominator}"

    def name(self, column: s.Column) -> str:
        fields = self.standard.fields
        label = fields[column.name].label.in_(self.lang) if column.name in fields else column.name
        return label[:1].lower() + label[1:] if label[1:2].islower() else label

    def quoted(self, column: s.Column) -> str:
        fields = self.standard.fields
        return f"“{fields[column.name].label.in_(self.lang) if column.name in fields else column.name}”"

    def column(self, node: s.Column) -> Text:
        return self.name(node), ATOM

    def constant(self, node: s.Constant) -> Text:
        return self.number(node.value), ATOM

    def amount(self, node: s.Amount) -> Text:
        amounts = node.steps[-1].amounts if node.steps else ()
        if node.by is None and len(node.steps) == 1:
            year = bool(node.name) and self.standard.thresholds[node.name].unit == "year"
            return str(amounts[0][1]) if year else self.number(amounts[0][1]), ATOM
        if node.name:
            return f"“{self.standard.thresholds[node.name].label.in_(self.lang)}”", ATOM
        assert node.by is not None  # only a named amount has no amounts of its own
        codes = {code.id: code.label.in_(self.lang) for code in self.standard.fields[node.by.name].codes}
        return " / ".join(f"{self.number(each)} ({codes.get(str(code), code)})" for code, each in amounts), ATOM

    def product(self, node: s.Product, left: Text, right: Text) -> Text:
        return f"{tight(left, PRODUCT)} × {tight(right, NOT)}", PRODUCT

    def total(self, node: s.Total, left: Text, right: Text) -> Text:
        return f"{tight(left, SUM)} + {tight(right, PRODUCT)}", SUM

    def points(self, node: s.Points, rules: tuple[Text, ...], worths: tuple[Text, ...]) -> Text:
        terms = (self.say("worth", worth[0], rule[0]) for rule, worth in zip(rules, worths, strict=True))
        return self.say("points", "; ".join(terms)), ATOM

    def count_members(self, node: s.CountMembers, rule: Text) -> Text:
        return self.say("count_members", rule[0]), ATOM

    def deprivations(self, node: s.Deprivations) -> Text:
        if node.dimension is None:
            return self.say("deprivations"), ATOM
        return self.say("deprivations_in", self.standard.dimensions[node.dimension].label.in_(self.lang)), ATOM

    def flag(self, node: s.Flag) -> Text:
        return self.quoted(node.column), ATOM

    def compare(self, node: s.Compare, left: Text, right: Text) -> Text:
        return self.say(node.operator, tight(left, SUM), tight(right, SUM)), NOT

    def is_in(self, node: s.IsIn, phrase: str = "is_in") -> Text:
        fields = self.standard.fields
        labels = (
            {code.id: code.label.in_(self.lang) for code in fields[node.column.name].codes}
            if node.column.name in fields
            else {}
        )
        codes = [f"“{labels.get(c, c)}”" if isinstance(c, str) else self.number(c) for c in node.codes]
        return self.say(phrase, self.name(node.column), self.say("or").join(codes)), NOT

    def negation(self, node: s.Not, rule: Text) -> Text:
        inner = node.rule
        if isinstance(inner, s.Compare | s.FirstKnown):  # "not at least 3" is "under 3", of intervals too
            opposite: Text = _opposite(inner).fold(self)
            return opposite
        if isinstance(inner, s.IsIn):
            return self.is_in(inner, "is_not_in")
        if isinstance(inner, s.AnyMember):
            return self.say("no_member", inner.rule.fold(self)[0]), COMPARE
        return self.say("not", tight(rule, ATOM)), NOT

    def conjunction(self, node: s.And, rules: tuple[Text, ...]) -> Text:
        return self.say("and").join(tight(rule, SUM) for rule in rules), AND

    def disjunction(self, node: s.Or, rules: tuple[Text, ...]) -> Text:
        return self.say("or").join(tight(rule, SUM) for rule in rules), OR

    def at_least(self, node: s.AtLeast, rules: tuple[Text, ...]) -> Text:
        return self.say("at_least", str(node.minimum), "; ".join(rule[0] for rule in rules)), COMPARE

    def first_known(self, node: s.FirstKnown, rules: tuple[Text, ...]) -> Text:
        text = rules[-1][0]
        for rule in reversed(rules[:-1]):
            text = self.say("first_known", rule[0], text)
        return text, NOT

    def any_member(self, node: s.AnyMember, rule: Text) -> Text:
        return self.say("any_member", rule[0]), COMPARE

    def indicator(self, node: s.IndicatorRef) -> Text:
        return self.say("indicator", self.standard.indicators[node.name].label.in_(self.lang)), ATOM
