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
    "orphan_spelling": (
        "thành viên không thuộc hộ nào trong danh sách, nhưng khóa chỉ khác cách viết: {pairs}",
        "a member of no listed household, but the keys differ only in spelling: {pairs}",
    ),
    "key_folded": (
        "các khóa chỉ khác cách viết được đọc là một: {pairs}",
        "keys that differ only in spelling are read as one: {pairs}",
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
    "member_twice": (
        "cùng một người hai lần: dòng giống hệt một dòng khác của hộ",
        "the same person twice: an exact copy of another row of the household",
    ),
    "members_alike": (
        "dòng giống hệt một dòng khác của hộ, được tính là người khác vì không có cột nào phân biệt và không có số "
        "nhân khẩu nào khác",
        "an exact copy of another row of the household, counted as another person: no column tells people apart, and "
        "no stated size says otherwise",
    ),
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
    "must_be_numbers": ("cần là các số", "must be numbers"),
    "line_numbers": (
        "cần là một số lớn hơn 0, hoặc mỗi thu nhập một số",
        "must be a number above zero, or one for each income",
    ),
    "other_index": (
        "có chỉ mục khác với thu nhập: hãy đưa cả hai về cùng một thứ tự",
        "has another index than the incomes: bring both in one order",
    ),
    "income_known": ("phải biết hết và không âm", "must be known, and zero or more"),
    "no_incomes": ("không ai có cả thu nhập và trọng số", "nobody has both an income and a weight"),
    "too_small": (
        "phần lớn số tiền trên 0 dưới một phần trăm mức thấp nhất ({line} đồng): có phải tính bằng nghìn, triệu đồng?",
        "most amounts above 0 are below a hundredth of the lowest line ({line} đồng): are they thousands or millions?",
    ),
    "weight_each": (
        "phải không âm, mỗi thu nhập một số, và không phải tất cả bằng 0",
        "must be zero or more for each income, and not all zero",
    ),
    "line_above": (
        "phải lớn hơn 0: một số, hoặc mỗi thu nhập một số",
        "must be above zero: one number, or one for each income",
    ),
    "class_unknown": (
        'cần một loại hộ ({expected}), tên gọi của chúng, "Hộ nghèo", "Hộ cận nghèo", "Hộ không nghèo", hoặc '
        'codes={{"category": {{…}}}}',
        'expected a class ({expected}), their labels, "Hộ nghèo", "Hộ cận nghèo", "Hộ không nghèo", or '
        'codes={{"category": {{…}}}}',
    ),
    "change_of_nobody": ("hộ không có trong kỳ nào", "a household of neither review"),
    "change_not_here": (
        "{what} của hộ {stands}, chỉ có thể là {allowed}",
        "{what} of a household in {stands}, where it may be {allowed}",
    ),
    "change_twice": ("hai biến động khác nhau của cùng một hộ", "two different changes of one household"),
    "place_not_before": ("{place} không phải địa bàn của kỳ trước", "{place} is no place of the earlier review"),
    "place_not_after": (
        "{place} không phải địa bàn của kỳ sau (hay của totals)",
        "{place} is no place of the later review (nor of totals)",
    ),
    "place_gone": (
        "{place} không còn nữa mà bảng đối chiếu không có dòng nào (nơi giữ nguyên cũng cần một dòng)",
        "{place} is gone, and the crosswalk has no row for it (give one also where a place stays as it is)",
    ),
    "crosswalk_row": ("mỗi dòng cần cả hai địa bàn", "a row needs both places"),
    "crosswalk_household": (
        "bảng đối chiếu ghi hộ ở nơi khác với kỳ trước, hoặc kỳ trước không có hộ này",
        "the crosswalk says of it another place than the earlier review, or the earlier review doesn't have it",
    ),
    "household_in_two": ("đứng ở hai địa bàn", "stands in two places"),
    "share_range": (
        "tỷ lệ của {place} phải lớn hơn 0 và không quá 1",
        "the share of {place} must be over 0 and at most 1",
    ),
    "shares_sum": (
        "các tỷ lệ của {place} cộng lại bằng {total} chứ không phải 1, hoặc thiếu một tỷ lệ",
        "the shares of {place} add up to {total} and not to 1, or one is missing",
    ),
    "place_twice": ("một địa bàn đứng hai lần", "a place stands twice"),
    "not_whole": (
        "cần số nguyên không có dấu phân cách hàng nghìn",
        "expected a whole number without signs between the thousands",
    ),
    "ethnic_unknown": (
        "cần một dân tộc như trong reports.ETHNIC_GROUPS, hoặc codes={{{column!r}: {{…}}}}",
        "expected an ethnic group as in reports.ETHNIC_GROUPS, or codes={{{column!r}: {{…}}}}",
    ),
    "yes_or_no": (
        "cần đúng hoặc sai; nếu không, ghi codes={{{column!r}: {{…}}}}",
        "expected true or false; or give codes={{{column!r}: {{…}}}}",
    ),
    "urban_or_rural": ("cần thành thị hoặc nông thôn", "expected urban or rural"),
    "columns_absent": (
        "columns= ghi cột này cho {name!r}, nhưng không có cột đó",
        "columns= gives it for {name!r}, but there is no such column",
    ),
    "codes_absent": (
        "codes= nói đến cột này, nhưng không có cột đó",
        "codes= speaks of it, but there is no such column",
    ),
    "entitlement_unknown": ("cần một trong {expected}", "expected one of {expected}"),
    "size_needed": (
        "mỗi hộ cần có số nhân khẩu để tính theo người",
        "every household needs its size to be counted by persons",
    ),
    "item_missing": ("chưa trả lời: ghi 0 nếu không có", "not answered: give 0 where there was none"),
    "item_unknown": (
        "không phải một khoản thu nhập của mười hai tháng",
        "is no item of the twelve months' income",
    ),
    "no_members": ("hộ có ít nhất một người", "a household has at least one member"),
    "file_lacks": (
        "{file} không có cột này, các tệp khác của bảng thì có",
        "{file} has no such column, and other files of the table have it",
    ),
    "tally_changed": (
        "không khớp với nội dung: tệp đã bị sửa hoặc cắt ngắn",
        "does not fit what is written; the file was changed or cut short",
    ),
    "tally_format": ("là {found}, bản này đọc được {known}", "is {found}, and this release reads {known}"),
    "no_tally": (
        "không phải bảng đếm: không có dữ liệu mô tả của thư viện này",
        "is no tally: it has no metadata of this library",
    ),
    "tally_broken": (
        "không phải bảng đếm, hoặc bị cắt ngắn ({how})",
        "is no tally, or was cut short ({how})",
    ),
    "none_in_both_waves": (
        "không có hộ nào có trọng số ở cả hai kỳ",
        "no household with a weight is in both waves",
    ),
    "rows_differ": ("có {found} dòng trong khi cần {expected}", "has {found} rows where there are {expected}"),
    "not_in_categories": (
        "các loại không có trong categories=: {words}",
        "classes that are not in categories=: {words}",
    ),
    "bits_in_both": ("các bit cũng bật trong unknown", "bits that are also set in unknown"),
    "bits_type": (
        "từ gồm các bit phải là số nguyên không dấu, không phải {found}",
        "words of bits are unsigned integers, not {found}",
    ),
    "bits_beyond": ("các bit vượt quá {count} chỉ số", "bits beyond the {count} indicators"),
    "sample_known": ("phải biết ở mọi dòng của mẫu", "must be known in every row of a sample"),
    "fpc_differs": ("khác nhau trong cùng một tầng", "differs within a stratum"),
    "fpc_zero": ("phải lớn hơn 0", "must be above zero"),
    "fpc_mixed": (
        "tầng thì tỷ lệ (dưới 1), tầng thì số đơn vị: chỉ dùng một cách",
        "shares (below 1) in some strata and numbers of units in others; use one of the two",
    ),
    "too_much": (
        "các số nguyên cộng lại từ 2**63 trở lên thì không cộng chính xác được: hãy dùng số thực, hoặc đơn vị khác",
        "whole numbers that add up to 2**63 or more can't be added exactly: give floats, or another unit",
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
    if details.get("as_text"):
        text += (
            " (là chữ, chưa phải đúng hoặc sai)" if lang == "vi" else " (which are texts, and not yet true or false)"
        )
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
