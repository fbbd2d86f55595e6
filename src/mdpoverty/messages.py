"""What can be wrong with an input, by a stable code, in Vietnamese and English: what forms and officers are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

Lang = Literal["vi", "en"]

MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    "missing_column": ("không có cột này", "there is no such column"),
    "missing_members": ("không có bảng thành viên", "there is no members table"),
    "missing_household_key": (
        "không có cột khóa để tìm thành viên của hộ",
        "there is no key column to find the members by",
    ),
    "missing_member_key": (
        "không có cột khóa để tìm hộ của thành viên",
        "there is no key column to find the households by",
    ),
    "key_missing": ("hộ phải có khóa", "a household needs a key"),
    "key_duplicate": ("khóa bị trùng", "duplicate key"),
    "key_inexact": (
        "số này quá lớn để kiểu float giữ chính xác: hãy đọc cột khóa dưới dạng số nguyên hoặc chữ",
        "a float can't hold a key this large exactly: read the column as integers (int64) or text",
    ),
    "orphan": ("thành viên không thuộc hộ nào trong danh sách", "a member of no listed household"),
    "maybe_orphan": (
        "thành viên không thuộc hộ nào trong danh sách, hoặc không theo thứ tự của các hộ",
        "a member of no listed household, or out of the households' order",
    ),
    "orphan_types": (
        "thành viên không thuộc hộ nào trong danh sách (khóa là {ours} ở bảng hộ và {theirs} ở bảng thành viên)",
        "a member of no listed household (the keys are {ours} in one table and {theirs} in the other)",
    ),
    "key_types": (
        "khóa là {ours} trong {here} và {theirs} trong {there} nên không khớp nhau: hãy đọc cả hai cùng một kiểu",
        "the keys are {ours} in {here} and {theirs} in {there}, so that none of these match: read both as the same "
        "type",
    ),
    "key_spelt_twice": (
        "các khóa này chỉ khác nhau ở cách viết",
        "these keys are the same but for their spelling",
    ),
    "not_a_size": ("cần số người là số nguyên", "expected a whole number of persons"),
    "rows_twice": ("khóa bị trùng: dòng giống hệt một dòng khác", "duplicate key: an exact copy of another row"),
    "size_differs": (
        "số nhân khẩu đã ghi khác số dòng thành viên",
        "the stated size differs from the number of member rows",
    ),
    "size_stated": (
        "số nhân khẩu đã ghi là {stated}, nhưng có {counted} thành viên",
        "the stated size is {stated}, and there are {counted} members",
    ),
    "contradiction": (
        "hai câu trả lời cho cùng một điều mâu thuẫn nhau: hãy bỏ một câu",
        "answers that say the same in two ways contradict each other: leave one of them out",
    ),
    "not_an_answer": ("cần {expected}", "expected {expected}"),
    "is_text": ("cần {expected}", "expected {expected}"),
    "float32": (
        "float32 không giữ chính xác được mọi số tiền (24 bit): hãy dùng số nguyên hoặc float64",
        "float32 can't hold every amount of money exactly (it has 24 bits): give integers or float64",
    ),
    "unknown_key": ("không có câu hỏi nào tên như vậy", "there is no such answer"),
    "key_of_member": (
        "câu này hỏi từng thành viên: hãy đưa vào câu trả lời của thành viên",
        "it is asked of each member: put it among the members' answers",
    ),
    "key_of_household": (
        "câu này hỏi cả hộ: hãy đưa vào câu trả lời của hộ",
        "it is asked of the household: put it among the household's answers",
    ),
    "key_not_given": (
        "đây là một chỉ số: nếu đã biết kết quả của nó, hãy ghi given=",
        "it is an indicator: if it is known already, say so with given=",
    ),
    "two_ways": (
        "số này có thể đọc theo hai cách (dấu chấm hay dấu phẩy thập phân): hãy nhập vào ô kiểu số",
        "this number may be read in two ways, by its mark of thousands or of decimals: type it into a cell of numbers",
    ),
    "no_key": (
        "dòng này có câu trả lời nhưng không có mã hộ",
        "there are answers in this row, and no household number",
    ),
    "not_in_list": ("cần chọn trong danh sách: {expected}", "expected one of the list: {expected}"),
    "formula_unsaved": (
        "công thức chưa lưu giá trị: hãy mở bằng Excel rồi lưu lại",
        "a formula without a saved value: open the workbook in Excel and save it",
    ),
    "unlisted": (
        "mã không có trong codes= cũng không phải {expected}",
        "neither a code that codes= lists nor {expected}",
    ),
}
"""Each code's sentence, first in Vietnamese; what stands in braces is filled in."""

_TABLES: Final[Mapping[str, str]] = {
    "households": "hộ",
    "members": "thành viên",
    "review before": "kỳ rà soát trước",
    "review after": "kỳ rà soát sau",
    "history": "các kỳ rà soát trước nữa",
    "changes": "biến động",
    "crosswalk": "bảng đối chiếu địa bàn",
    "receipts": "danh sách đã nhận",
    "newly_escaped": "hộ mới thoát nghèo",
}


def sentence(code: str, lang: Lang, details: Mapping[str, Any]) -> str:
    """Say what is wrong.

    >>> sentence("not_an_answer", "en", {"expected": "true or false", "got": ("'x'",), "meant": "no"})
    "expected true or false, got 'x' (did you mean 'no'?)"
    """
    filled = {name: _in(value, lang) for name, value in details.items()}
    text = MESSAGES[code][lang == "en"].format(**filled)
    got = details.get("got")
    if isinstance(got, tuple) and got:
        text += (", gặp " if lang == "vi" else ", got ") + ", ".join(str(_in(each, lang)) for each in got)
    if details.get("meant"):
        text += f" (có phải {details['meant']!r}?" if lang == "vi" else f" (did you mean {details['meant']!r}?"
        if details.get("blanks"):
            text += " thừa dấu cách" if lang == "vi" else " there is a blank too many"
        text += ")"
    return text


def _in(value: Any, lang: Lang) -> Any:
    """Return a value that says itself in two languages in one of them."""
    return value.in_(lang) if hasattr(value, "in_") else value


def table_name(table: str, lang: Lang) -> str:
    """Name a table."""
    return table if lang == "en" else _TABLES.get(table, table)


def counted(rows: int, lang: Lang) -> str:
    """Count rows."""
    return f"{rows} dòng" if lang == "vi" else f"{rows} row{'s' if rows != 1 else ''}"


WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "row": ("dòng {}", "row {}"),
    "member": ("thành viên {}", "member {}"),
    "of_file": (" của {}", " of {}"),
    "more": ("và {} dòng khác", "and {} more"),
    "needed": ("cần cho {}", "needed by {}"),
}


def word(name: str, lang: Lang, *filled: object) -> str:
    """Return one of the phrases that messages are put together from."""
    return WORDS[name][lang == "en"].format(*filled)
