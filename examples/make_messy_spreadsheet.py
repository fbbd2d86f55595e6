"""Write a commune's review as an officer would keep it: ``python examples/make_messy_spreadsheet.py FOLDER``.

Made up, and messy in the ways that real ones are. In FOLDER afterwards:

- ``ho_gia_dinh.csv`` and ``thanh_vien.csv``: UTF-8 with a byte order mark, as Excel saves them, decimal comma;
- ``ra_soat.xlsx``: the same as sheets "Hộ gia đình" and "Thành viên" under a title of two rows, and a sheet "Mã" that
  says what the numbers stand for. It needs the extra ``mdpoverty[excel]``.

How the officer writes:

- "Có" and "Không", in any case and now and then with a space after it; blank is *not asked or forgotten*;
- devices are ticked: "x" is yes, blank is **no**, "?" is forgotten;
- water, toilet and work by number (``CODES``), school and certificate in words (``WORDS``);
- the area as "Nông thôn", "nông thôn", "NT", "Thành thị", "TT";
- incomes as 2450000, and every eighth as the text "2.450.000".

What is wrong on purpose is listed in ``MISTAKES``. The rest is sound, but for answers that are missing.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Any

from mdpoverty import examples

TITLE_ROWS = 2
SHEETS = ("Hộ gia đình", "Thành viên")

HOUSEHOLDS = {
    "household_id": "Mã hộ",
    "village": "Thôn/Tổ dân phố",
    "area": "Khu vực",
    "household_size": "Số nhân khẩu",
    "income": "Thu nhập BQĐN (đồng/tháng)",
    "wall_durable": "Tường bền chắc",
    "pillar_durable": "Cột bền chắc",
    "roof_durable": "Mái bền chắc",
    "floor_area": "Diện tích nhà ở (m2)",
    "water_source": "Nguồn nước (mã)",
    "toilet": "Nhà tiêu (mã)",
    "television": "Ti vi",
    "radio": "Radio/cát-xét",
    "desktop": "Máy tính để bàn",
    "phone": "Điện thoại",
    "laptop": "Máy tính xách tay",
    "tablet": "Máy tính bảng",
    "smartphone": "Điện thoại thông minh",
}
MEMBERS = {
    "household_id": "Mã hộ",
    "age": "Tuổi",
    "sex": "Giới tính",
    "able_to_work": "Có khả năng lao động",
    "employment": "Việc làm (mã)",
    "disabled": "Khuyết tật",
    "social_allowance": "Hưởng TCXH hằng tháng",
    "stunted": "SDD chiều cao theo tuổi",
    "underweight": "SDD cân nặng theo tuổi",
    "insured": "Có thẻ BHYT",
    "qualification": "Bằng cấp cao nhất",
    "attending": "Đang học",
    "workplace_training": "Đào tạo nghề tại chỗ",
    "uses_internet": "Dùng internet",
}
TICKED = ("television", "radio", "desktop", "phone", "laptop", "tablet", "smartphone")

CODES = {
    "water_source": {
        1: "piped",
        2: "borehole",
        3: "protected_well",
        4: "protected_spring",
        5: "rainwater",
        6: "bottled",
        7: "unprotected_well",
        8: "unprotected_spring",
        9: "surface",
        10: "other",
    },
    "toilet": {1: "septic", 2: "pour_flush", 3: "vip", 4: "pit_with_seat", 5: "two_vault", 6: "other", 7: "none"},
    "employment": {1: "contract", 2: "no_contract", 3: "own_account", 4: "seeking", 5: "not_seeking"},
}
MEANINGS = {
    "water_source": (
        "Nước máy",
        "Giếng khoan",
        "Giếng đào được bảo vệ",
        "Nước khe/mó được bảo vệ",
        "Nước mưa",
        "Nước đóng chai, bình",
        "Giếng đào không được bảo vệ",
        "Nước khe/mó không được bảo vệ",
        "Nước ao, hồ, sông, suối",
        "Khác",
    ),
    "toilet": (
        "Tự hoại/bán tự hoại",
        "Thấm dội nước (Suilabh)",
        "Cải tiến có ống thông hơi (VIP)",
        "Hố xí đào có bệ ngồi",
        "Hai ngăn",
        "Khác",
        "Không có",
    ),
    "employment": (
        "Làm công ăn lương, có hợp đồng",
        "Làm công ăn lương, không có hợp đồng",
        "Tự làm, nông nghiệp, kinh doanh hộ",
        "Không có việc, đang tìm việc",
        "Không làm việc, không tìm việc",
    ),
}
WORDS = {
    "sex": {"female": "Nữ", "male": "Nam"},
    "qualification": {
        "none": "Không",
        "primary": "Tiểu học",
        "lower_secondary": "THCS",
        "upper_secondary": "THPT",
        "vocational": "Sơ cấp/Trung cấp/CĐ nghề",
        "tertiary": "Cao đẳng, đại học trở lên",
    },
    "attending": {
        "none": "Không đi học",
        "preschool": "Mầm non",
        "primary": "Tiểu học",
        "lower_secondary": "THCS",
        "upper_secondary": "THPT",
        "vocational": "Học nghề",
        "tertiary": "Cao đẳng, đại học",
    },
}
AREAS = {"rural": ("Nông thôn", "Nông thôn", "nông thôn", "NT"), "urban": ("Thành thị", "Thành thị", "TT")}
YES, NO = ("Có", "Có", "có", "Có ", "CÓ"), ("Không", "Không", "không", "Không ")

# What is wrong, and where. Row numbers are those of the tables, from 0, without titles and headers.
MISTAKES = {
    "VD-000012": "income -1200000: a minus sign that doesn't belong there",
    "VD-000031": 'income "khoảng 2 triệu": text instead of a number',
    "VD-000047": "stands in the list of households twice, the second time with another income",
    "VD-000058": "its first member is 400 years old",
    "VD-000063": "water source 99, which is no code",
    "VD-000070": "says one person more than the list of members has",
    "VD-999999": "a member of a household that isn't in the list",
}

Row = dict[str, Any]


def make(n: int = 200, *, seed: int = 2024) -> tuple[list[Row], list[Row]]:
    """Return the rows of both sheets, by Vietnamese header; blank cells are None. Give at least 100 households."""
    households, members = examples.commune(n, seed=seed, gaps=0.02, kind="dict")
    household_rows = [_household(number, row) for number, row in enumerate(_rows(households))]
    member_rows = [_member(number, row) for number, row in enumerate(_rows(members))]
    _spoil(household_rows, member_rows)
    return household_rows, member_rows


def _rows(table: dict[str, Any]) -> list[Row]:
    lists = {name: [None if value != value else value for value in column.tolist()] for name, column in table.items()}
    return [dict(zip(lists, values, strict=True)) for values in zip(*lists.values(), strict=True)]


def _vary(spellings: tuple[str, ...], number: int) -> str:
    # Mostly the first two, the others now and then; by row, so that it is the same each time.
    return spellings[number % 2 if number % 11 else number // 11 % len(spellings)]


def _flag(value: bool | None, number: int) -> str | None:
    return None if value is None else _vary(YES if value else NO, number)


def _code(name: str, word: str | None) -> int | None:
    return next((number for number, meant in CODES[name].items() if meant == word), None)


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _household(number: int, row: Row) -> Row:
    income = _whole(row["income"])
    written: Row = {
        "household_id": row["household_id"] + (" " if number % 37 == 36 else ""),
        "village": row["village"],
        "area": _vary(AREAS[row["area"]], number),
        "household_size": int(row["household_size"]),
        "income": f"{income:,}".replace(",", ".") if income is not None and number % 8 == 5 else income,
        "floor_area": row["floor_area"],
    }
    for name in ("wall_durable", "pillar_durable", "roof_durable"):
        written[name] = _flag(row[name], number)
    for name in ("water_source", "toilet"):
        written[name] = _code(name, row[name])
    for name in TICKED:
        written[name] = "?" if row[name] is None else "x" if row[name] else None
    return {header: written[name] for name, header in HOUSEHOLDS.items()}


def _member(number: int, row: Row) -> Row:
    written: Row = {
        "household_id": row["household_id"],
        "age": _whole(row["age"]),
        "employment": _code("employment", row["employment"]),
    }
    for name, words in WORDS.items():
        written[name] = None if row[name] is None else words[row[name]]
    for name in MEMBERS:
        if name not in written:
            written[name] = _flag(row[name], number)
    return {header: written[name] for name, header in MEMBERS.items()}


def _spoil(households: list[Row], members: list[Row]) -> None:
    """Make the mistakes that MISTAKES lists."""
    key, income = HOUSEHOLDS["household_id"], HOUSEHOLDS["income"]
    by_key = {row[key].strip(): row for row in households}
    by_key["VD-000012"][income] = -1_200_000
    by_key["VD-000031"][income] = "khoảng 2 triệu"
    by_key["VD-000063"][HOUSEHOLDS["water_source"]] = 99
    by_key["VD-000070"][HOUSEHOLDS["household_size"]] += 1
    households.append(by_key["VD-000047"] | {income: 1_500_000})
    first = next(row for row in members if row[key] == "VD-000058")
    first[MEMBERS["age"]] = 400
    members.append(members[0] | {key: "VD-999999"})


def write_csv(path: Path, rows: list[Row]) -> None:
    """Write as Excel with Vietnamese settings would: byte order mark, decimal comma, blank for nothing."""

    def cell(value: Any) -> Any:
        if isinstance(value, float):
            return f"{value:g}".replace(".", ",")
        return "" if value is None else value

    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(rows[0])
        writer.writerows([cell(value) for value in row.values()] for row in rows)


def write_excel(path: Path, households: list[Row], members: list[Row]) -> None:
    """Write both sheets under a title, and the sheet of codes."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in zip(SHEETS, (households, members), strict=True):
        sheet = book.create_sheet(title)
        sheet.append(["UBND XÃ VÍ DỤ 1"])
        sheet.append([f"RÀ SOÁT HỘ NGHÈO, HỘ CẬN NGHÈO NĂM 2024: {title.upper()}"])
        sheet.append(list(rows[0]))
        for row in rows:
            sheet.append(list(row.values()))
        sheet.freeze_panes = "B4"
    codes = book.create_sheet("Mã")
    codes.append(["Cột", "Mã", "Ý nghĩa"])
    for name, meanings in MEANINGS.items():
        for number, meaning in enumerate(meanings, start=1):
            codes.append([(HOUSEHOLDS | MEMBERS)[name], number, meaning])
    book.save(path)


def main(folder: Path) -> None:
    """Write all three files."""
    folder.mkdir(parents=True, exist_ok=True)
    households, members = make()
    write_csv(folder / "ho_gia_dinh.csv", households)
    write_csv(folder / "thanh_vien.csv", members)
    write_excel(folder / "ra_soat.xlsx", households, members)
    print(f"{len(households)} rows of households and {len(members)} of members in {folder}. Wrong on purpose:")
    for key, what in MISTAKES.items():
        print(f"  {key}: {what}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
