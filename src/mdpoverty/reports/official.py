"""The forms as the official templates print them: Mẫu 7.2, 7.4, 7.5, 7.9 and 7.10 of the annex on reports.

Annex VII of Circular 07/2021/TT-BLDTBXH; 7.9 and 7.10 as Circular 02/2022/TT-BLDTBXH has them. The templates have no
rows of people, and blocks of urban and of rural places with their sum below.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
from attrs import evolve

from mdpoverty.dynamics.reviews import Side
from mdpoverty.errors import BadValues
from mdpoverty.law.fields import Label
from mdpoverty.law.law import Law
from mdpoverty.reports.areas import Areas, Blocks
from mdpoverty.reports.columns import Balance, Column, Form, Ref, Unit, formula
from mdpoverty.reports.counter import Counter, of_households
from mdpoverty.reports.ethnic import OTHER_GROUP
from mdpoverty.reports.forms import CAUSES, CLASSES, numbered
from mdpoverty.tables.columns import Distinct, combined
from mdpoverty.texts import bare

__all__ = ["in_blocks", "official_forms"]

_CAUSES: Mapping[str, Label] = {
    "cause_land": Label("Không có đất sản xuất", "No land"),
    "cause_capital": Label("Không có vốn sản xuất, kinh doanh", "No capital"),
    "cause_labour": Label("Không có lao động", "No labour"),
    "cause_tools": Label("Không có công cụ/ phương tiện sản xuất", "No tools"),
    "cause_knowledge": Label("Không có kiến thức về sản xuất", "No production knowledge"),
    "cause_skills": Label("Không có kỹ năng lao động, sản xuất", "No skills"),
    "cause_illness": Label("Có người ốm đau, bệnh nặng, tai nạn...", "Somebody ill or injured"),
    "cause_other": Label("Nguyên nhân khác (ghi rõ)", "Other causes (say which)"),
}
assert list(_CAUSES) == list(CAUSES)


def official_forms(
    standard: Law,
    ethnic_groups: Iterable[str | None] = (),
    *,
    people: bool = False,
    deprivations: bool = False,
    undetermined: bool = False,
) -> dict[int, Form]:
    """Return the forms of which the official layout is known: 2, 4, 5, 9 and 10.

    Parameters
    ----------
    standard : Law
        Whose indicators head the forms 4 and 5, in the order of the law.
    ethnic_groups : iterable of str
        The groups that form 9 has a column for, Kinh apart.
    people : bool
        Whether form 2 has rows of people too, as some provinces print it.
    deprivations : bool
        Whether form 4 has a column for all deprivations together, as some provinces print it.
    undetermined : bool
        Whether form 2 has columns for households that are left open, as no official template has.

    Examples
    --------
    >>> import mdpoverty as mdp
    >>> made = official_forms(mdp.standards["vn-2022"], ["Tày"])
    >>> [column.number(made[9].ids) for column in made[9].columns]
    ['1', '2=1-3', '3', '4', '5', '6', '7=6-8', '8', '9', '10']
    """
    named = [group for group in ethnic_groups if group not in (None, OTHER_GROUP)]
    made = [
        _changes(people, undetermined),
        *_deprivations(standard, deprivations),
        _ethnic([*named, OTHER_GROUP]),
        _causes(),
    ]
    return {form.number: evolve(form, layout="official") for form in map(numbered, made)}


def _changes(people: bool, undetermined: bool) -> Form:
    approved = Label("theo Quyết định phê duyệt của cấp có thẩm quyền", "by the decision of approval")
    begin = Label(f"Tổng số hộ nghèo đầu năm ({approved.vi})", f"Poor at the beginning of the year ({approved.en})")
    end = Label(f"Tổng số hộ nghèo cuối năm ({approved.vi})", f"Poor at the end of the year ({approved.en})")
    less = Label("Diễn biến giảm số hộ nghèo trong năm", "Decrease in the year")
    more = Label("Diễn biến tăng số hộ nghèo trong năm", "Increase in the year")
    left = Label("Số hộ thoát nghèo", "Left poverty")
    outside = Label(
        "Số hộ ngoài danh sách hộ nghèo, hộ cận nghèo gặp khó khăn đột xuất trong năm",
        "On neither list, and fallen into difficulty in the year",
    )
    out = Label(
        "Nguyên nhân: thay đổi nhân khẩu, hộ nghèo đơn thân chết đi, chuyển đi nơi khác, tách, nhập với hộ khác,…",
        "Reasons: changed size, alone and died, moved away, split, merged, …",
    )
    come = Label(
        "Nguyên nhân: thay đổi nhân khẩu, chuyển đến, tách, nhập với hộ khác,...",
        "Reasons: changed size, moved in, split, merged, …",
    )
    listed = [
        ("1", (begin,), "begin"),
        ("2", (less, left, Label("Trở thành hộ cận nghèo", "Became near-poor")), "to_other"),
        ("3", (less, left, Label("Vượt chuẩn cận nghèo", "Above the near-poor line")), "to_above"),
        ("4", (less, out), "decrease"),
        ("5", (more, Label("Số hộ cận nghèo trở thành hộ nghèo", "Near-poor that became poor")), "from_other"),
        ("6", (more, outside, Label("Tái nghèo", "Fell back")), "fell_back"),
        ("7", (more, outside, Label("Phát sinh mới", "New")), "new"),
        ("8", (more, come), "increase"),
    ]
    columns = [Column(id, heading, f"flow:poor:{what}") for id, heading, what in listed]
    # The template prints no formula: the end is counted, and the sum is for the check.
    columns.append(Column("9", (end,), "poor"))
    balance = "1-2-3-4+5+6+7+8"
    if undetermined:
        still = Label("Chưa xác định (còn câu trả lời để ngỏ)", "Undetermined (answers are open)")
        columns += [
            Column("a", (still, Label("Đầu năm có trong danh sách", "On the list before")), "flow:poor:to_open"),
            Column("b", (still, Label("Cuối năm có trong danh sách", "On the list now")), "flow:poor:from_open"),
        ]
        balance += "-a+b"
    title = Label("Tổng hợp diễn biến kết quả giảm số hộ nghèo trong năm", "Changes of poor households in the year")
    units: tuple[Unit, ...] = ("households", "people") if people else ("households",)
    parts = formula(balance)
    assert isinstance(parts, Balance)
    return Form(2, title, tuple(columns), units, "before", sums=(("9", parts),))


def _deprivations(standard: Law, deprivations: bool) -> list[Form]:
    numbers = [str(number) for number in range(1, len(standard.indicators) + 1)]
    whole = Column("A", (Label("Tổng số hộ nghèo", "Poor households"),), "poor", "households")
    lacking = Label("Số hộ nghèo thiếu hụt các chỉ số", "Poor households deprived in each indicator")
    rates = Label("Tỷ lệ thiếu hụt các chỉ số so với tổng số hộ nghèo (%)", "Deprived in each indicator (%)")
    counts, shares = [whole], [whole]
    if deprivations:
        counts.append(Column("B", (Label("Tổng số thiếu hụt", "All deprivations"),), formula="+".join(numbers)))
    for id, indicator in zip(numbers, standard.indicators.values(), strict=True):
        counts.append(Column(id, (lacking, indicator.label), f"poor&deprived:{indicator.id}", "households"))
        shares.append(Column(id, (rates, indicator.label), formula=f"4:{id}/4:A*100"))
    four = Label("Phân tích các chỉ số thiếu hụt dịch vụ xã hội cơ bản của hộ nghèo", "Deprivations of the poor")
    five = Label(
        "Phân tích tỷ lệ các chỉ số thiếu hụt dịch vụ xã hội cơ bản của hộ nghèo", "Shares of the poor deprived"
    )
    return [Form(4, four, tuple(counts)), Form(5, five, tuple(shares))]


def _ethnic(groups: list[str | None]) -> Form:
    columns: list[Column] = []
    sums: list[tuple[str, Balance]] = []
    for category, name in CLASSES.items():
        first = len(columns) + 1
        whole, minority, kinh = (str(first + i) for i in range(3))
        its = {str(first + 3 + i): group for i, group in enumerate(groups)}
        columns += [
            Column(whole, (name, Label(f"Tổng số {name.vi.lower()}", "Total")), category, "households"),
            Column(minority, (name, Label("Tổng số (trừ DT Kinh)", "All but Kinh")), formula=f"{whole}-{kinh}"),
            Column(kinh, (name, Label("Kinh", "Kinh")), f"{category}&kinh", "households"),
            *(
                Column(id, (name, Label(group or "", "Others" if group == OTHER_GROUP else group or "")),
                       f"{category}&ethnic:{group}", "households")
                for id, group in its.items()
            ),
        ]  # fmt: skip
        sums.append((minority, Balance(tuple((1, Ref(id)) for id in its))))
    title = Label("Phân tích hộ nghèo, hộ cận nghèo theo các dân tộc", "Poor and near-poor households by ethnic group")
    return Form(9, title, tuple(columns), sums=tuple(sums))


def _causes() -> Form:
    columns = tuple(Column(str(i), (label,), cause) for i, (cause, label) in enumerate(_CAUSES.items(), 1))
    title = Label("Phân tích hộ nghèo, hộ cận nghèo theo các nguyên nhân nghèo", "Poor and near-poor by cause")
    return Form(10, title, columns, ("poor", "near_poor"))


# ------------------------------------------------------------------------------------------------------------- blocks

_AREAS = {
    word: area
    for area, words in {
        "urban": ("urban", "thành thị", "đô thị", "khu vực thành thị"),
        "rural": ("rural", "nông thôn", "khu vực nông thôn"),
    }.items()
    for word in map(bare, words)
}


def in_blocks(counter: Counter) -> Counter:
    """Return what counts by blocks of urban and rural places.

    A household that stays where it was is in today's block in both reviews, so that a commune that became urban is no
    movement of its households.
    """
    now, order = _blocks(counter.side), {path: position for position, path in enumerate(counter.areas.paths)}
    paths = _in_block(now, counter.areas, counter.at)
    every, then, since = paths.values, paths, paths
    if counter.flows is not None:
        here, there = counter.flow_at
        before, after = _blocks(counter.flows.before), now.take(counter.flows.rows_after)
        stays = (here == there) & (here >= 0)
        then = _in_block(_chosen(stays, after, before.take(counter.flows.rows_before)), counter.areas, here)
        since = _in_block(after, counter.areas, there)
        every = [*paths.values, *then.values]
    areas = Blocks(counter.areas.levels + 1, sorted(every, key=lambda path: order[path[1:]]))
    at = areas.positions(paths)
    return evolve(counter, areas=areas, at=at, flow_at=(areas.positions(then), areas.positions(since)), residents=None)


def _in_block(blocks: Distinct, areas: Areas, at: npt.NDArray[np.int64]) -> Distinct:
    """Return each row's block and place as a path; none where it has no place."""
    rows = np.flatnonzero(at >= 0)
    paths = combined([blocks.take(rows), Distinct(at[rows], list(areas.paths))], len(rows))
    places = np.full(len(at), -1)
    places[rows] = paths.places
    return Distinct(places, [(block, *path) for block, path in paths.values])


def _chosen(first: npt.NDArray[np.bool_], one: Distinct, other: Distinct) -> Distinct:
    """Return one column's values in some rows, and another's in the rest."""
    places = np.where(other.places < 0, -1, other.places.astype(np.int64) + len(one.values))
    return Distinct(np.where(first, one.places, places), [*one.values, *other.values]).map(lambda value: value)


def _blocks(side: Side) -> Distinct:
    """Return whether each household is urban or rural, as far as that is known."""
    if not side.has("area"):
        return Distinct(np.full(len(side), -1, np.int8), [])
    given = side.distinct("area")
    read = given.map(lambda value: _AREAS.get(bare(str(value)), ""))
    bad = np.flatnonzero(read.where(lambda block: block == ""))
    if len(bad):
        raise BadValues([of_households("urban_or_rural", "area", given, bad, side.matched)])
    return read
