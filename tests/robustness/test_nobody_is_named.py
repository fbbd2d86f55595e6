"""Canaries: made-up people go through every reader in every place, and no error, warning or log may name them.

What errors say of tables and of one household's answers is held in ``tests/files``; here are all other doors, and what
a traceback shows: the errors that caused an error are in every log.
"""

from __future__ import annotations

import logging
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mdpoverty as mdp
from mdpoverty import examples
from mdpoverty.errors import MdpovertyError
from mdpoverty.measures import income
from mdpoverty.programmes.hai_duong import hai_duong_2023 as PLAN
from mdpoverty.reports import check, read_csv, read_excel
from tests.files.answers import DATE, VN, households, members, texts
from tests.profiles import in_turn
from tests.review.reviews import AREAS, PLACES, POOR, review

CANARIES = (
    "Nguyễn Thị Chim Vàng",
    "nguyenthichim",
    "nguyen_thi_chim",
    "0912345678",
    "079123456789",
    "079.123.456-789",
    "chim.vang@vidu.vn",
    "Thơ",
    "linh",
    "NỤ",
    "linh85",
)
Door = Callable[[str, Path], Any]


def said(call: Callable[[], Any], caplog: pytest.LogCaptureFixture) -> str:
    """Return all that a call says: the error with all those behind it, warnings, logs, the problems it reports."""
    parts: list[str] = []
    with warnings.catch_warnings(record=True) as warned, caplog.at_level(logging.DEBUG):
        warnings.simplefilter("always")
        try:
            result = call()
            parts += [f"{each} {each.text('vi')} {each.to_dict()}" for each in getattr(result, "problems", ())]
            parts += map(str, getattr(result, "meta", {}).get("problems", ()))
        except MdpovertyError as error:
            parts += [repr(error), str(vars(error)), *traceback.format_exception(error)]
    parts += [str(each.message) for each in warned]
    return "\n".join([*parts, caplog.text])


def _review(**columns: Any) -> mdp.Assessment:
    rows = [{"household_id": f"VD-{i}", **dict(zip(AREAS, PLACES[0], strict=True)), **POOR} for i in range(3)]
    return review([{**row, **{name: values[i] for name, values in columns.items()}} for i, row in enumerate(rows)])


def _scanned(data: Any) -> Any:
    return VN.tally(mdp.scan(data, pa.Table.from_pandas(members())), date=DATE)


def _csv_rows(canary: str, folder: Path) -> Any:
    """A row with a field too many: a comma in somebody's name."""
    texts(households()).to_csv(folder / "h.csv", index=False)
    with (folder / "h.csv").open("a") as file:
        file.write(f"D,rural,{canary},{canary}" + ",1" * 40 + "\n")
    return _scanned(folder / "h.csv")


def _csv_quotes(canary: str, folder: Path) -> Any:
    texts(households()).to_csv(folder / "h.csv", index=False)
    with (folder / "h.csv").open("a") as file:
        file.write(f'D,"{canary}\n{canary}')
    return _scanned(folder / "h.csv")


def _csv_bytes(canary: str, folder: Path) -> Any:
    texts(households(area=["rural", canary, "rural"])).to_csv(folder / "h.csv", index=False, encoding="utf-16")
    return _scanned(folder / "h.csv")


def _lazy(canary: str, folder: Path) -> Any:
    frame = pl.from_pandas(texts(households(income=["1", canary, "3"]))).lazy()
    return _scanned(frame.with_columns(pl.col("income").cast(pl.Int64)))


def _lazy_assertion(canary: str, folder: Path) -> Any:
    def work(value: str) -> str:
        if value == canary:
            raise ValueError(f"what to do with {value}?")
        return value

    frame = pl.from_pandas(texts(households(income=["1", canary, "3"]))).lazy()
    return _scanned(frame.with_columns(pl.col("income").map_elements(work, return_dtype=pl.String)))


def _duckdb(canary: str, folder: Path) -> Any:
    import duckdb

    frame = texts(households(income=["1", canary, "3"]))
    connection = duckdb.connect()
    connection.register("homes", frame)
    return _scanned(connection.sql("SELECT * REPLACE (income::BIGINT AS income) FROM homes"))


def _stream(canary: str, folder: Path) -> Any:
    table = pa.Table.from_pandas(households())

    def batches() -> Iterator[pa.RecordBatch]:
        yield from table.to_batches()
        raise ValueError(f"a broken line of {canary}")

    return _scanned(pa.RecordBatchReader.from_batches(table.schema, batches()))


def _stream_invalid(canary: str, folder: Path) -> Any:
    table = pa.Table.from_pandas(texts(households(income=["1", canary, "3"])))

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in table.to_batches():
            yield pa.RecordBatch.from_arrays([column.cast(pa.int64()) for column in batch.columns], batch.schema.names)

    return _scanned(pa.RecordBatchReader.from_batches(table.schema, batches()))


def _unaligned(canary: str, folder: Path) -> Any:
    people = pl.from_pandas(texts(members(age=["40", canary, "30", "35", "50"])))
    people = people.lazy().with_columns(pl.col("age").cast(pl.Int64))
    return VN.tally(mdp.scan(pa.Table.from_pandas(households()), people, aligned=False), date=DATE)


def _kobo(canary: str, folder: Path) -> Any:
    frame = texts(households(television=["1", canary, "0"]))
    frame["_index"], frame["name"] = canary, canary
    frame.to_csv(folder / "k.csv", index=False)
    found = mdp.read_kobo(folder / "k.csv", multiple={"area": ["rural", canary]})
    return VN.classify(found.households, given="all", date=DATE)


def _kobo_members(canary: str, folder: Path) -> Any:
    frame = texts(households()).drop(columns="household_id")
    frame["KEY"] = [f"uuid:{i}" for i in range(3)]
    frame.to_csv(folder / "k.csv", index=False)
    people = texts(members(age=["40", canary, "30", "35", "50"])).drop(columns="household_id")
    people["PARENT_KEY"] = ["uuid:0", canary, "uuid:1", "uuid:2", "uuid:2"]
    people.to_csv(folder / "m.csv", index=False)
    found = mdp.read_kobo(folder / "k.csv", folder / "m.csv")
    return VN.classify(found.households, found.members, date=DATE)


def _form_csv(canary: str, folder: Path) -> Any:
    files = mdp.reports.build(_review(), area_columns=AREAS).to_csv(folder)
    path = Path(files[0] if isinstance(files, list | tuple) else next(iter(folder.glob("*.csv"))))
    text = path.read_text(encoding="utf-8-sig").splitlines()
    cells = text[-1].split(",")
    path.write_text("\n".join([*text[:-1], ",".join([canary if cell.isdigit() else cell for cell in cells])]))
    return check({1: read_csv(path)})


def _form_excel(canary: str, folder: Path) -> Any:
    import openpyxl

    mdp.reports.build(_review(), area_columns=AREAS).to_excel(folder / "forms.xlsx")
    book = openpyxl.load_workbook(folder / "forms.xlsx")
    for sheet in book:
        for row in sheet.iter_rows(min_row=4):
            for cell in row[3:5]:
                if isinstance(cell.value, int | float):
                    cell.value = canary
    book.save(folder / "forms.xlsx")
    return check(read_excel(folder / "forms.xlsx"))


DOORS: dict[str, Door] = {
    "a row with too many fields": _csv_rows,
    "a quote that doesn't end": _csv_quotes,
    "bytes that aren't UTF-8": _csv_bytes,
    "a lazy frame that fails": _lazy,
    "a function in a lazy frame": _lazy_assertion,
    "a query that fails": _duckdb,
    "a stream that fails": _stream,
    "a stream that doesn't fit": _stream_invalid,
    "members brought to households": _unaligned,
    "an export of a form": _kobo,
    "an export of members": _kobo_members,
    "an official form in CSV": _form_csv,
    "an official form in Excel": _form_excel,
    "classes of another review": lambda c, _: mdp.flows(
        pd.DataFrame({"household_id": ["VD-1", "VD-2"], "category": ["poor", c]}), _review()
    ),
    "codes of another review": lambda c, _: mdp.flows(
        pd.DataFrame({"household_id": ["VD-1", "VD-2"], "category": [1, c]}), _review(), codes={"category": {1: "poor"}}
    ),
    "recorded changes": lambda c, _: mdp.flows(
        _review(), _review(), changes=pd.DataFrame({"household_id": ["VD-1"], "change": [c]})
    ),
    "earlier reviews": lambda c, _: mdp.newly_escaped(
        _review(), {"2022-11-15": pd.DataFrame({"household_id": ["VD-1"], "category": [c]})}
    ),
    "days of earlier reviews": lambda c, _: mdp.newly_escaped(
        _review(), pd.DataFrame({"household_id": ["VD-1"], "category": ["poor"], "date": [c]})
    ),
    "what a file holds": lambda c, _: mdp.read_kobo(f"name,age\n{c},40"),
    "what a file of a scan holds": lambda c, _: mdp.scan(f"household_id,name\n1,{c}"),
    "what a file of a form holds": lambda c, _: read_csv(f"1,2,3\n{c},4,5"),
    "a day": lambda c, _: VN.assess({}, date=c),
    "codes that mean nothing": lambda c, _: VN.classify(households(), members(), codes={"toilet": {"a": c}}),
    "codes of what means nothing": lambda c, _: VN.classify(households(), members(), codes={"toilet": {c: "vib"}}),
    "totals of residents": lambda c, _: mdp.reports.build(
        _review(),
        area_columns=AREAS,
        totals=pd.DataFrame({AREAS[0]: ["Huyện A"], AREAS[1]: ["Xã 1"], "households": [c]}),
    ),
    "a column that forms read": lambda c, _: mdp.reports.build(
        _review(ethnic_minority=["true", c, "false"]),
        area_columns=AREAS,
        columns={"ethnic_minority": "ethnic_minority"},
    ).form(2),
    "codes of a form's column": lambda c, _: mdp.reports.build(
        _review(), area_columns=AREAS, codes={"ethnic_minority": {c: True}}
    ),
    "what households received": lambda c, _: PLAN.progress(
        _review(), receipts=pd.DataFrame({"household_id": ["VD-1"], "entitlement": [c]})
    ),
    "who newly escaped": lambda c, _: PLAN.entitled(
        _review(), newly_escaped=pd.DataFrame({"household_id": ["VD-1"], "newly_escaped": [c]})
    ),
    "a place as a weight": lambda c, _: _review(w=[1, c, 2]).measure(weight="w"),
    "a place in a group": lambda c, _: _review(w=[["x"], [c], ["y"]]).counts(by="w"),
    "objects as answers": lambda c, _: VN.classify(households(toilet=[[c], {c: 1}, "vip"]), members(), date=DATE),
    "what the codes mean": lambda c, _: VN.classify(
        households(), members(), date=DATE, codes={"toilet": {"septic": "septic", "vip": "vip"}}, given=()
    ),
    "incomes": lambda c, _: income.fgt([1, c, 3], 2, 0),
    "lines": lambda c, _: income.fgt([1, 2, 3], [1, c, 2], 0),
    "a receipt that is compared": lambda c, _: mdp.verify(
        VN.classify(households(), members(), date=DATE).receipt,
        households(income=[1, c, 3]),
        members(),
    ),
    "lists as answers of one": lambda c, _: VN.assess({"toilet": [c], "income": {c: 1}}, [{"age": (c,)}], date=DATE),
    "a member that is a text": lambda c, _: VN.assess({"area": "rural"}, [c], date=DATE),  # type: ignore[list-item]
    "members that are a text": lambda c, _: VN.assess({"area": "rural"}, c, date=DATE),  # type: ignore[arg-type]
    "a household that is a text": lambda c, _: VN.assess(c, date=DATE),  # type: ignore[arg-type]
    "a table that is a list": lambda c, _: VN.classify([c], date=DATE),
    "a table of one column": lambda c, _: VN.classify({"toilet": c}, date=DATE),
    "a standard's score sheet": lambda c, _: mdp.standards["vn-2022-scores"].classify(
        pd.DataFrame({"household_id": [1, 2], "area": ["rural", "rural"], "points_a": [10, c], "points_b": [1, 2]})
    ),
}
assert examples  # the tables of examples are drawn, and name nobody


@pytest.mark.parametrize(("door", "canary"), in_turn([*DOORS], CANARIES))
def test_no_reader_names_anybody(door: str, canary: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    text = said(lambda: DOORS[door](canary, tmp_path), caplog)
    found = [part for part in (canary, canary.lstrip("0"), "Chim") if part in text]
    assert not found, text
