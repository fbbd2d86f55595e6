"""Whatever comes in, what goes out is an answer or an error of the family: never another library's, or Python's."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq
import pytest

import mdpoverty as mdp
from mdpoverty import reports
from mdpoverty.errors import BadTable, BadValues, FileError, MdpovertyError
from mdpoverty.measures import income
from tests.files.answers import DATE, VN
from tests.files.answers import households as H
from tests.files.answers import members as M
from tests.vn_answers import home, person

HOME = home()


def c(homes: Any, people: Any = None, **options: Any) -> Any:
    return VN.classify(homes, M() if people is None else people, date=DATE, **options)


def found() -> mdp.Assessment:
    return c(H())


def given() -> pd.DataFrame:
    return H()[["area", "income"]].assign(**dict.fromkeys(VN.indicators, True))


def w(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def zipped(parts: dict[str, bytes]) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return made.getvalue()


def spoilt(part: str, old: bytes, new: bytes = b"") -> bytes:
    """Return a workbook one of whose parts is damaged."""
    template = VN.template("excel")
    assert isinstance(template, bytes)
    with ZipFile(BytesIO(template)) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    assert old in parts[part] or part == "[Content_Types].xml"
    return zipped({**parts, part: parts[part].replace(old, new) if old in parts[part] else old})


def polars(**columns: Any) -> pl.DataFrame:
    return pl.from_pandas(H()).with_columns(**columns)


BAD: dict[str, Callable[[Path], Any]] = {
    "assess None": lambda tmp: VN.assess(None),
    "assess list": lambda tmp: VN.assess([1, 2]),
    "assess text": lambda tmp: VN.assess("abc"),
    "assess pairs": lambda tmp: VN.assess([("area", "rural")]),
    "members dict": lambda tmp: VN.assess(HOME, {"age": 3}),
    "members int": lambda tmp: VN.assess(HOME, 3),
    "members [None]": lambda tmp: VN.assess(HOME, [None]),
    "list as answer": lambda tmp: VN.assess({**HOME, "toilet": ["septic"]}),
    "dict as answer": lambda tmp: VN.assess({**HOME, "income": {}}),
    "list flag": lambda tmp: VN.assess({**HOME, "phone": [True]}),
    "array as answer": lambda tmp: VN.assess({**HOME, "income": np.array([1, 2])}),
    "inf": lambda tmp: VN.assess({**HOME, "income": float("inf")}),
    "inf age": lambda tmp: VN.assess(HOME, [person(age=float("inf"))]),
    "Dec inf": lambda tmp: VN.assess({**HOME, "income": Decimal("Infinity")}),
    "-inf area": lambda tmp: VN.assess({**HOME, "floor_area": -float("inf")}),
    "NaT": lambda tmp: VN.assess(HOME, date=pd.NaT),
    "complex": lambda tmp: VN.assess({**HOME, "income": 1j}),
    "int keys": lambda tmp: VN.assess({1: 2}),
    "mixed keys": lambda tmp: VN.assess({**HOME, 1: 2, None: 3}),
    "member int key": lambda tmp: VN.assess(HOME, [{1: 2}]),
    "classify dicts": lambda tmp: VN.classify(HOME, person()),
    "classify None": lambda tmp: VN.classify(None),
    "classify list": lambda tmp: VN.classify([1]),
    "classify int": lambda tmp: VN.classify(3),
    "classify text": lambda tmp: VN.classify("h.csv"),
    "classify path": lambda tmp: VN.classify(Path("h.csv")),
    "dict None": lambda tmp: c({**H().to_dict("list"), "toilet": None}),
    "dict 0d": lambda tmp: c({**H().to_dict("list"), "toilet": np.array("septic")}),
    "dict 2d": lambda tmp: c({**H().to_dict("list"), "toilet": np.array([["septic"] * 3])}),
    "dict 2d b": lambda tmp: c({**H().to_dict("list"), "income": np.zeros((3, 2))}),
    "dict gen": lambda tmp: c({**H().to_dict("list"), "toilet": (x for x in "abc")}),
    "dict set": lambda tmp: c({**H().to_dict("list"), "toilet": {"septic", "vip", "none"}}),
    "dict dict": lambda tmp: c({**H().to_dict("list"), "toilet": {"a": 1}}),
    "dict str": lambda tmp: c({**H().to_dict("list"), "toilet": "abc"}),
    "dict int": lambda tmp: c({**H().to_dict("list"), "toilet": 3}),
    "dict npfloat": lambda tmp: c({**H().to_dict("list"), "income": np.float64(3)}),
    "dict frame col": lambda tmp: c({**H().to_dict("list"), "income": pd.DataFrame({"a": [1, 2, 3]})}),
    "10**400 assess": lambda tmp: VN.assess({**HOME, "income": 10**400}),
    "10**400 age": lambda tmp: VN.assess(HOME, [person(age=10**400)]),
    "10**400 col": lambda tmp: c(H(income=pd.Series([10**400, 1, 2], dtype=object))),
    "10**400 list": lambda tmp: c({**H().to_dict("list"), "income": [10**400, 1, 2]}),
    "10**5000 col": lambda tmp: c(H(income=pd.Series([10**5000, 1, 2], dtype=object))),
    "10**5000 assess": lambda tmp: VN.assess({**HOME, "income": 10**5000}),
    "10**400 flag": lambda tmp: c(H(phone=pd.Series([10**400, 1, 0], dtype=object))),
    "10**400 code": lambda tmp: c(H(toilet=pd.Series([10**400, 1, 0], dtype=object))),
    "10**5000 code": lambda tmp: c(H(toilet=pd.Series([10**5000, 1, 0], dtype=object))),
    "10**5000 codes=": lambda tmp: c(H(phone=pd.Series([10**5000, 1, 0], dtype=object)), codes={"phone": {5: True}}),
    "10**5000 in codes=": lambda tmp: c(H(phone=[5, 1, 0]), codes={"phone": {10**5000: True}}),
    "10**5000 income, codes=": lambda tmp: c(
        H(income=pd.Series([10**5000, 1, 2], dtype=object)), codes={"income": {5: 7}}
    ),
    "10**400 key": lambda tmp: c(H(household_id=pd.Series([10**400, 1, 0], dtype=object))),
    "10**5000 key": lambda tmp: c(H(household_id=pd.Series([10**5000, 1, 0], dtype=object))),
    "Fraction col": lambda tmp: c(H(income=pd.Series([Fraction(1, 3), 1, 2], dtype=object))),
    "Dec col sNaN": lambda tmp: c(H(income=pd.Series([Decimal("sNaN"), 1, 2], dtype=object))),
    "Dec col inf": lambda tmp: c(H(income=pd.Series([Decimal("Infinity"), Decimal(1), Decimal(2)], dtype=object))),
    "sNaN flagcol": lambda tmp: c(H(phone=pd.Series([Decimal("sNaN"), 1, 0], dtype=object))),
    "sNaN flagcol, later": lambda tmp: c(H(phone=pd.Series([1, 0, Decimal("sNaN")], dtype=object))),
    "sNaN codecol": lambda tmp: c(H(toilet=pd.Series([Decimal("sNaN"), "vip", "vip"], dtype=object))),
    "sNaN keycol": lambda tmp: c(H(household_id=pd.Series([Decimal("sNaN"), "B", "C"], dtype=object))),
    "complex col": lambda tmp: c(H(income=[1j, 1, 2])),
    "complex obj": lambda tmp: c(H(income=pd.Series([1j, 1, "x"], dtype=object))),
    "td col": lambda tmp: c(H(income=pd.to_timedelta([1, 2, 3]))),
    "dt col": lambda tmp: c(H(income=pd.to_datetime(["2024-01-01"] * 3))),
    "dt code": lambda tmp: c(H(toilet=pd.to_datetime(["2024-01-01"] * 3))),
    "dt key": lambda tmp: c(
        H(household_id=pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03"])),
        M(household_id=pd.to_datetime(["2024-01-01"] * 5)),
    ),
    "period": lambda tmp: c(H(income=pd.period_range("2024", "2026", freq="Y"))),
    "interval": lambda tmp: c(H(toilet=pd.interval_range(0, 3))),
    "bytes col": lambda tmp: c(H(toilet=[b"septic"] * 3)),
    "lists codes": lambda tmp: c(H(toilet=[["septic"], ["vip"], ["none"]])),
    "dicts codes": lambda tmp: c(H(toilet=[{"a": 1}, {}, None])),
    "lists keys": lambda tmp: c(H(household_id=[["A"], ["B"], ["C"]])),
    "lists keys m": lambda tmp: c(H(), M(household_id=[["A"]] * 5)),
    "lists in polars code": lambda tmp: c(pl.from_pandas(H()).with_columns(toilet=pl.Series([["septic"]] * 3))),
    "lists in polars key": lambda tmp: c(
        pl.from_pandas(H()).with_columns(household_id=pl.Series([["A"], ["B"], ["C"]]))
    ),
    "struct polars": lambda tmp: c(pl.from_pandas(H()).with_columns(toilet=pl.struct("area"))),
    "object polars": lambda tmp: c(pl.from_pandas(H()).with_columns(toilet=pl.Series([object()] * 3, dtype=pl.Object))),
    "object polars num": lambda tmp: c(
        pl.from_pandas(H()).with_columns(income=pl.Series([object()] * 3, dtype=pl.Object))
    ),
    "Int128 big": lambda tmp: c(pl.from_pandas(H()).with_columns(income=pl.Series([2**100, 1, 2], dtype=pl.Int128))),
    "Int128 key": lambda tmp: c(
        pl.from_pandas(H()).with_columns(household_id=pl.Series([2**100, 1, 2], dtype=pl.Int128)),
        pl.from_pandas(M()).with_columns(household_id=pl.Series([2**100, 1, 1, 2, 2], dtype=pl.Int128)),
    ),
    "NaN keys polars": lambda tmp: c(
        pl.from_pandas(H()).with_columns(household_id=pl.Series([float("nan"), 1.0, 2.0])),
        pl.from_pandas(M()).with_columns(household_id=pl.Series([float("nan"), 1.0, 1.0, 2.0, 2.0])),
    ),
    "NaN keys polars m": lambda tmp: c(
        pl.from_pandas(H()).with_columns(household_id=pl.Series([0.0, 1.0, 2.0])),
        pl.from_pandas(M()).with_columns(household_id=pl.Series([float("nan"), 1.0, 0.0, 2.0, 2.0])),
    ),
    "nw lazy": lambda tmp: c(nw.from_native(pl.from_pandas(H()).lazy())),
    "pl lazy": lambda tmp: c(pl.from_pandas(H()).lazy()),
    "series": lambda tmp: c(H()["income"]),
    "plseries": lambda tmp: c(pl.Series([1])),
    "dict of records": lambda tmp: c({**H().to_dict("list"), "income": np.zeros(3, [("a", int), ("b", int)])}),
    "np 2d": lambda tmp: c(np.zeros((3, 3))),
    "np rec": lambda tmp: c(H().to_records()),
    "recbatch": lambda tmp: c(pa.RecordBatch.from_pandas(H()), pa.RecordBatch.from_pandas(M())),
    "multiindex cols": lambda tmp: c(pd.concat({"a": H()}, axis=1)),
    "read_excel garbage": lambda tmp: reports.read_excel(w(tmp, "g.xlsx", b"garbage")),
    "read_excel zip": lambda tmp: reports.read_excel(w(tmp, "g2.xlsx", b"PK\x03\x04garbage")),
    "read_excel empty": lambda tmp: reports.read_excel(w(tmp, "g3.xlsx", b"")),
    "read_excel without parts": lambda tmp: reports.read_excel(w(tmp, "g4.xlsx", zipped({}))),
    "read_excel no types": lambda tmp: reports.read_excel(w(tmp, "g5.xlsx", spoilt("[Content_Types].xml", b"<Types>"))),
    "read_excel types": lambda tmp: reports.read_excel(
        w(tmp, "g6.xlsx", spoilt("[Content_Types].xml", b" ContentType=", b" ContentTyp1e="))
    ),
    "read_excel book": lambda tmp: reports.read_excel(w(tmp, "g7.xlsx", spoilt("xl/workbook.xml", b"<sheet ", b"<"))),
    "read_excel encoding": lambda tmp: reports.read_excel(
        w(tmp, "g8.xlsx", spoilt("xl/workbook.xml", b"UTF-8", b"UTF-9"))
    ),
    "workbook book": lambda tmp: mdp.read_workbook(w(tmp, "g9.xlsx", spoilt("xl/workbook.xml", b"</")), VN),
    "kobo book": lambda tmp: mdp.read_kobo(w(tmp, "k5.xlsx", spoilt("xl/workbook.xml", b"</"))),
    "read_list book": lambda tmp: reports.read_list(w(tmp, "g10.xlsx", spoilt("xl/workbook.xml", b"</"))),
    "read_excel absent": lambda tmp: reports.read_excel(tmp / "none.xlsx"),
    "read_excel folder": lambda tmp: reports.read_excel(tmp),
    "read_csv latin": lambda tmp: reports.read_csv(w(tmp, "l.csv", "é,ê,ộ".encode("utf-16"))),
    "read_csv bytes": lambda tmp: reports.read_csv(w(tmp, "l2.csv", bytes(range(256)))),
    "read_csv null": lambda tmp: reports.read_csv(w(tmp, "l3.csv", b"\0\0\0")),
    "read_csv empty": lambda tmp: reports.read_csv(w(tmp, "l4.csv", b"")),
    "read_csv absent": lambda tmp: reports.read_csv(tmp / "none.csv"),
    "read_csv folder": lambda tmp: reports.read_csv(tmp),
    "read_csv enc": lambda tmp: reports.read_csv(w(tmp, "l5.csv", b"a,b"), encoding="nonsense"),
    "read_csv quote": lambda tmp: reports.read_csv(w(tmp, "l6.csv", b'"a,b\n' * 5)),
    "kobo garbage": lambda tmp: mdp.read_kobo(w(tmp, "k.xlsx", b"garbage")),
    "kobo bytes": lambda tmp: mdp.read_kobo(w(tmp, "k.csv", bytes(range(128, 256)))),
    "kobo empty": lambda tmp: mdp.read_kobo(w(tmp, "k2.csv", b"")),
    "kobo absent": lambda tmp: mdp.read_kobo(tmp / "nok.csv"),
    "kobo absent x": lambda tmp: mdp.read_kobo(tmp / "nok.xlsx"),
    "kobo folder": lambda tmp: mdp.read_kobo(tmp),
    "kobo None": lambda tmp: mdp.read_kobo(None),
    "kobo quote": lambda tmp: mdp.read_kobo(w(tmp, "k4.csv", b'a,b\n1,2,3\n"x')),
    "toml 5000": lambda tmp: mdp.standards.load(w(tmp, "a.toml", "revision = " + "9" * 5000)),
    "toml garbage": lambda tmp: mdp.standards.load(w(tmp, "a.toml", b"\xff\xfe")),
    "toml nul": lambda tmp: mdp.standards.load(w(tmp, "a.toml", b"\0")),
    "toml date": lambda tmp: mdp.standards.load(w(tmp, "a.toml", b"id = 2024-01-01T00:00:00")),
    "toml deep": lambda tmp: mdp.standards.load(w(tmp, "a.toml", "id = " + "[" * 5000 + "]" * 5000)),
    "json 5000": lambda tmp: mdp.standards.load(w(tmp, "a.json", '{"revision": ' + "9" * 5000 + "}")),
    "json deep": lambda tmp: mdp.standards.load(w(tmp, "a.json", "[" * 100000)),
    "json nan": lambda tmp: mdp.Standard.from_json('{"revision": NaN}'),
    "json surrogate": lambda tmp: mdp.Standard.from_json('{"id": "\\ud800"}'),
    "json None": lambda tmp: mdp.Standard.from_json(None),
    "json bytes": lambda tmp: mdp.Standard.from_json(b"\xff"),
    "json 1e999": lambda tmp: mdp.Standard.from_json('{"revision": 1e999999999}'),
    "load folder": lambda tmp: mdp.standards.load(tmp),
    "load None": lambda tmp: mdp.standards.load(None),
    "load absent": lambda tmp: mdp.standards.load(tmp / "no.json"),
    "load nul": lambda tmp: mdp.standards.load("a\0b.json"),
    "tally garbage": lambda tmp: mdp.Tally.from_parquet(w(tmp, "t.parquet", b"garbage")),
    "tally absent": lambda tmp: mdp.Tally.from_parquet(tmp / "no.parquet"),
    "tally other": lambda tmp: (
        pq.write_table(pa.table({"a": [1]}), tmp / "o.parquet"),
        mdp.Tally.from_parquet(tmp / "o.parquet"),
    ),
    "tally json garbage": lambda tmp: mdp.Tally.from_json("garbage"),
    "tally json []": lambda tmp: mdp.Tally.from_json("[]"),
    "tally json {}": lambda tmp: mdp.Tally.from_json("{}"),
    "tally json None": lambda tmp: mdp.Tally.from_json(None),
    "tally json part": lambda tmp: mdp.Tally.from_json(found().tally().to_json()[:200]),
    "tally json odd": lambda tmp: mdp.Tally.from_json(found().tally().to_json().replace('"cells"', '"cellz"')),
    "tally no folder": lambda tmp: found().tally().to_parquet(tmp / "x" / "y.parquet"),
    "excel no folder": lambda tmp: reports.build(found(), area_columns=[]).to_excel(tmp / "x" / "f.xlsx"),
    "excel into folder": lambda tmp: reports.build(found(), area_columns=[]).to_excel(tmp),
    "html no folder": lambda tmp: reports.build(found(), area_columns=[]).to_html(tmp / "x1" / "f.html"),
    "csv file": lambda tmp: reports.build(found(), area_columns=[]).to_csv(w(tmp, "afile", "x")),
    "xls no folder": lambda tmp: VN.to_xlsform(tmp / "x2" / "f.xlsx"),
    "scan none": lambda tmp: mdp.scan(None),
    "scan garbage": lambda tmp: VN.tally(mdp.scan(w(tmp, "s.parquet", b"x"))),
    "scan empty csv": lambda tmp: VN.tally(mdp.scan(w(tmp, "s.csv", b""))),
    "scan gz": lambda tmp: VN.tally(mdp.scan(w(tmp, "s.csv.gz", b"x"))),
    "explain list": lambda tmp: found().explain([1, 2, 3]),
    "explain dict": lambda tmp: found().explain({}),
    "explain None": lambda tmp: found().explain(None),
    "explain nan": lambda tmp: found().explain(float("nan")),
    "explain arr": lambda tmp: found().explain(np.array(["A"])),
    "explain bool": lambda tmp: c(H(household_id=[0, 1, 2]), M(household_id=[0, 0, 1, 1, 2])).explain(True),
    "explain nokey": lambda tmp: VN.classify(
        H()[["area", "income"]].assign(**dict.fromkeys(VN.indicators, True)), given="all"
    ).explain([0]),
    "explain nokey True": lambda tmp: VN.classify(
        H()[["area", "income"]].assign(**dict.fromkeys(VN.indicators, True)), given="all"
    ).explain(True),
    "explain tuple": lambda tmp: found().explain(("A", "B")),
    "explain obj": lambda tmp: found().explain(object()),
    "by int": lambda tmp: found().counts(by=3),
    "by absent": lambda tmp: found().counts(by="nothing"),
    "indicator absent": lambda tmp: found().indicator("nothing"),
    "columns list": lambda tmp: c(H(), columns=["a"]),
    "columns int": lambda tmp: c(H(), columns={"income": 3}),
    "codes list": lambda tmp: c(H(), codes={"toilet": ["a"]}),
    "codes int": lambda tmp: c(H(), codes=3),
    "codes unhash": lambda tmp: c(H(), codes={"toilet": 3}),
    "given int": lambda tmp: c(H(), given=3),
    "given None": lambda tmp: c(H(), given=None),
    "given wrong": lambda tmp: c(H(), given=["nothing"]),
    "orphans": lambda tmp: c(H(), orphans=3),
    "hid int": lambda tmp: c(H(), household_id=3),
    "hid None": lambda tmp: c(H(), household_id=None),
    "threads": lambda tmp: VN.tally(
        mdp.scan(pa.Table.from_pandas(H()), pa.Table.from_pandas(M())), date=DATE, threads="x"
    ),
    "block": lambda tmp: mdp.scan(H(), M(), block="x"),
    "af weights": lambda tmp: mdp.AlkireFoster(weights=3, k=1),
    "af k": lambda tmp: mdp.AlkireFoster(weights={"a": 1}, k=None),
    "af k sNaN": lambda tmp: mdp.AlkireFoster(weights={"a": 1}, k=Decimal("sNaN")),
    "af frame None": lambda tmp: mdp.AlkireFoster(weights={"a": 1}, k=1).measure(None),
    "verify None": lambda tmp: mdp.verify(None, {}),
    "verify {}": lambda tmp: mdp.verify({}, {}),
    "flows None": lambda tmp: mdp.flows(None, None),
    "flows int": lambda tmp: mdp.flows(1, 2),
    "std key": lambda tmp: mdp.standards[3],
    "std on": lambda tmp: mdp.standards.on(3),
    "reports None": lambda tmp: reports.build(None),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_is_an_error_of_the_family(name: str, tmp_path: Path) -> None:
    with pytest.raises(MdpovertyError) as caught:
        BAD[name](tmp_path)
    assert str(caught.value)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again)) == (type(caught.value), str(caught.value))


def _rare(kind: str) -> Any:
    """Return three values of an Arrow type that few tables have."""
    if kind == "union":
        places = pa.array([0, 0, 1], pa.int8())
        return pa.UnionArray.from_sparse(places, [pa.array([1, 2, 3]), pa.array(["x", "y", "z"])])
    made = {"periods": pd.period_range("2024-01-01", periods=3, freq="D"), "intervals": pd.interval_range(0, 3)}
    return pa.array(made[kind])


@pytest.mark.parametrize("kind", ["union", "periods", "intervals"])
@pytest.mark.parametrize("scanned", [False, True])
def test_types_that_few_tables_have_are_names_and_no_answers(kind: str, scanned: bool) -> None:
    def tally(name: str) -> Any:
        table = pa.Table.from_pandas(H(g=1))
        table = table.set_column(table.column_names.index(name), name, _rare(kind))
        tables = (mdp.scan(table, M()),) if scanned else (table, M())
        return VN.tally(*tables, by="g", date=DATE, orphans="report")

    for name in ("income", "toilet"):
        with pytest.raises(BadValues, match=name):
            tally(name)
    assert len(tally("g").group_labels()["g"]) == 3
    if scanned and kind == "union":
        with pytest.raises(BadTable, match="keys of several kinds"):
            tally("household_id")
    else:
        assert tally("household_id").n == 3


def test_keys_that_no_file_can_hold_are_told(tmp_path: Path) -> None:
    homes = pa.Table.from_pandas(H())
    own = homes["household_id"].combine_chunks()
    keys = pa.UnionArray.from_sparse(pa.array([0] * len(homes), pa.int8()), [own, own])
    homes = homes.set_column(homes.column_names.index("household_id"), "household_id", keys)
    with pytest.raises(BadTable, match="no type for the households' keys"):
        VN.classify(mdp.scan(homes, M()), sink=tmp_path / "out.parquet", date=DATE)
    assert not list(tmp_path.iterdir())


def test_members_of_nobody_are_told_by_keys_of_mixed_types() -> None:
    people = pa.Table.from_pandas(M())
    keys = pa.UnionArray.from_sparse(
        pa.array([0] * (len(people) - 1) + [1], pa.int8()),
        [people["household_id"].combine_chunks(), pa.array(["x"] * len(people))],
    )
    people = people.set_column(people.column_names.index("household_id"), "household_id", keys)
    with pytest.raises(BadValues, match="household_id") as caught:
        c(pa.Table.from_pandas(H()), people)
    assert [(place.key, place.member) for problem in caught.value.problems for place in problem.places] == [("x", 1)]


@pytest.mark.parametrize("value", [float("inf"), -float("inf"), Decimal("Infinity")])
def test_what_is_infinite_is_no_code_and_no_amount(value: Any) -> None:
    for name in ("area", "income", "toilet"):
        odd = H().astype({name: object})
        odd.loc[0, name] = value
        with pytest.raises(BadValues, match=name):
            c(odd, codes={name: {1: None}})
    assert VN.tally(H(g=[value, 1, value]), M(), by="g", date=DATE).counts(by="g")["g"].nunique() == 2


def test_labels_of_groups_are_put_in_order_or_refused() -> None:
    places = ["9" * 5_000, "x", "8" * 5_000]
    assert len(reports.build(c(H(place=places)), area_columns=["place"]).form(1))
    with pytest.raises(BadTable, match="without an order"):
        VN.tally(H(g=[1j, 2j, 3j]), M(), by="g", date=DATE)


def test_what_is_odd_and_can_be_read_is_read() -> None:
    runs = pa.RunEndEncodedArray.from_arrays
    table, people = pa.Table.from_pandas(H()), pa.Table.from_pandas(M())
    at = table.column_names.index
    encoded = table.set_column(at("toilet"), "toilet", runs([2, 3], ["septic", "vip"]))
    encoded = encoded.set_column(at("income"), "income", runs([1, 3], [1_400_000, 9_000_000]))
    same = H(toilet=["septic", "septic", "vip"], income=[1_400_000, 9_000_000, 9_000_000])
    expected = c(same).category.tolist()
    assert c(encoded, people).category.tolist() == expected
    wide = polars(income=pl.Series([1_400_000, 9_000_000, 9_000_000], dtype=pl.Int128))
    assert c(wide).category.tolist() == expected
    for library in (pd.DataFrame, pl.from_pandas):
        wrapped = c(nw.from_native(library(same)), nw.from_native(library(M())))
        assert type(wrapped.to_frame()) is type(library(same))
        assert wrapped.category.tolist() == expected
    rows = {name: column.tolist() for name, column in same.items()}
    for column in (
        tuple(rows["income"]),
        np.array(rows["income"]),
        pl.Series(rows["income"]),
        pa.array(rows["income"]),
    ):
        assert c({**rows, "income": column}).category.tolist() == expected


def _viewed(column: Any) -> Any:
    return (
        pa.chunked_array([pa.array(column.to_pylist(), pa.string_view())])
        if pa.types.is_string(column.type)
        else column
    )


def _run_by_run(column: Any) -> Any:
    return pa.chunked_array([pa.compute.run_end_encode(chunk) for chunk in column.chunks])


def _words_of_views(column: Any) -> Any:
    if not pa.types.is_string(column.type):
        return column
    words = column.dictionary_encode().combine_chunks()
    made = pa.DictionaryArray.from_arrays(words.indices, pa.array(words.dictionary.to_pylist(), pa.string_view()))
    return pa.chunked_array([made])


ODD_TYPES: dict[str, Callable[[Any], Any]] = {
    "views of texts": _viewed,
    "runs": _run_by_run,
    "dictionaries of views": _words_of_views,
    "short decimals": lambda c: c.cast(pa.decimal32(8, 2)) if pa.types.is_floating(c.type) else c,
    "small flags": lambda c: c.cast(pa.int8()).cast(pa.bool8()) if pa.types.is_boolean(c.type) else c,
}


NEWER = {"short decimals": "decimal32", "small flags": "bool8"}


@pytest.mark.parametrize("kind", [kind for kind in ODD_TYPES if hasattr(pa, NEWER.get(kind, "table"))])
@pytest.mark.parametrize("way", ["memory", "scan", "scan in any order", "Parquet"])
def test_rare_types_of_arrow_are_read_by_every_way(kind: str, way: str, tmp_path: Path) -> None:
    def written(frame: pd.DataFrame) -> Any:
        table = pa.Table.from_pandas(frame, preserve_index=False)
        plain = [c.cast(pa.string()) if pa.types.is_large_string(c.type) else c for c in table.columns]
        return pa.table({name: ODD_TYPES[kind](c) for name, c in zip(table.column_names, plain, strict=True)})

    people = M().iloc[[4, 1, 3, 0, 2]] if "any order" in way or way == "memory" else M()
    odd = written(H()), written(people)
    if way == "memory":
        assert c(*odd).category.tolist() == found().category.tolist()
        with pytest.raises(BadValues, match=r"A \(row 3, member 1\)"):  # who finds rows again, takes them
            c(written(H()[1:]), odd[1])
        with pytest.raises(BadValues, match="duplicate key: an exact copy"):
            c(written(pd.concat([H(), H()[:1]])), odd[1])
        return
    if way == "Parquet":
        try:
            for name, table in zip("hm", odd, strict=True):
                pq.write_table(table, tmp_path / f"{name}.parquet")
        except pa.ArrowNotImplementedError:
            pytest.skip("pyarrow writes none to Parquet")
        odd = tmp_path / "h.parquet", tmp_path / "m.parquet"
    tally = VN.tally(mdp.scan(*odd, aligned="any" not in way, block=2), date=DATE)
    assert tally == VN.tally(H(), M(), date=DATE)


def test_rows_of_a_table_that_was_cut_and_cast_are_told_by_their_keys() -> None:
    cut = H(household_id=["A1", "B11", "C111"])[1:]
    kinds = {name: pa.string() for name in ("household_id", "area", "water_source", "toilet")}
    table = pa.Table.from_pandas(cut, preserve_index=False)
    table = table.cast(pa.schema([each.with_type(kinds.get(each.name, each.type)) for each in table.schema]))
    people = M(household_id=["A1", "A1", "B11 ", "b11", "C111"])
    with pytest.raises(BadValues, match="household_id"):
        c(table, people)
    read = c(table, people, fold=True, orphans="report")
    assert read.category.tolist() == c(cut, people, fold=True, orphans="report").category.tolist()
    assert [each.rows for each in read.problems if each.code == "orphan"] == [2]


@pytest.mark.skipif(not hasattr(pa, "uuid"), reason="pyarrow has no type for them")
def test_keys_that_are_uuids_are_matched_by_every_way() -> None:
    ids = {name: UUID(int=number << 100) for number, name in enumerate("CAB")}  # whose order isn't that of the rows
    storage = [pa.array([ids[key].bytes for key in frame["household_id"]], pa.binary(16)) for frame in (H(), M())]
    odd = [
        pa.Table.from_pandas(frame, preserve_index=False).set_column(
            0, "household_id", pa.ExtensionArray.from_storage(pa.uuid(), its)
        )
        for frame, its in zip((H(), M()), storage, strict=True)
    ]
    expected = VN.tally(H(), M(), date=DATE)
    assert VN.tally(*odd, date=DATE) == expected
    for aligned in (True, False):
        assert VN.tally(mdp.scan(*odd, block=1, aligned=aligned), date=DATE) == expected
    assert c(*odd).explain(str(ids["A"])).category == "near_poor"


def test_masked_arrays_keep_their_gaps() -> None:
    homes = {name: column.to_numpy() for name, column in H().items()}
    people = {name: column.to_numpy() for name, column in M().items()}
    gaps = {"income": [1, 0, 0], "floor_area": [1, 0, 0], "television": [0, 0, 1], "toilet": [1, 0, 0]}
    masked = {name: np.ma.array(homes[name], mask=mask) for name, mask in gaps.items()}
    masked["area"] = np.ma.array(homes["area"].astype("U"), mask=[0, 0, 1])
    gaps["area"] = [0, 0, 1]
    missing = {name: np.where(gaps[name], None, homes[name].astype(object)) for name in gaps}
    expected = c({**homes, **missing}, people)
    assert expected.category[0] is None
    read = c({**homes, **masked}, people)
    assert read.to_frame()["possible"].tolist() == expected.to_frame()["possible"].tolist()
    assert read.explain("A").to_dict()["indicators"] == expected.explain("A").to_dict()["indicators"]
    lines = [2.0, 2.0, 2.0]
    with pytest.raises(MdpovertyError):
        income.fgt(np.ma.array([1.0, 2.0, 9.0], mask=[1, 0, 0]), lines, 0)
    with pytest.raises(BadValues, match="float32"):
        c({**homes, "income": np.ma.array(homes["income"].astype("f4"), mask=[1, 0, 0])}, people)


@pytest.mark.parametrize("kind", [">i8", ">f8", ">i2"])
def test_numbers_of_another_kind_of_machine_are_read(kind: str) -> None:
    homes, people = H(), M()
    for frame in (homes, {name: column.to_numpy() for name, column in homes.items()}):
        frame["income"] = np.array([14_000, 9_000, 20_000]).astype(kind)
        frame["household_id"] = np.array([1, 2, 3]).astype(kind)
        with pytest.raises(BadValues, match="the stated size differs"):  # a row is found again by its key
            c({**frame, "household_size": np.array([2, 9, 1])}, people.assign(household_id=[1, 1, 2, 2, 3]))
        assert c(frame, people.assign(household_id=[1, 1, 2, 2, 3])).category.tolist() == ["near_poor"] * 3


@pytest.mark.parametrize("nested", [pa.array([[1], None, [2]]), pa.array([{"a": 1}, None, None])])
def test_lists_in_a_column_are_no_groups_and_no_answers_by_any_way(nested: Any) -> None:
    homes, people = pa.Table.from_pandas(H()), pa.Table.from_pandas(M())
    grouped = homes.append_column("g", nested)
    spoilt = homes.set_column(homes.column_names.index("toilet"), "toilet", nested)
    for tables in ((grouped, people), (mdp.scan(grouped, people),), (mdp.scan(grouped, people, aligned=False),)):
        with pytest.raises(BadTable, match="holds lists or the like"):
            VN.tally(*tables, by="g", date=DATE)
        with pytest.raises(BadValues, match=r"got a (list|dict)"):
            VN.tally(*tables, weight="g", date=DATE)
    for tables in ((spoilt, people), (mdp.scan(spoilt, people),)):
        with pytest.raises(BadValues, match="toilet: expected one of"):
            VN.tally(*tables, date=DATE)


def test_it_is_said_how_to_compute_what_is_still_to_come() -> None:
    dask = pytest.importorskip("dask.dataframe")
    for lazy, how in ((pl.from_pandas(H()).lazy(), "collect"), (dask.from_pandas(H(), npartitions=1), "compute")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # narwhals speaks of its plans
            with pytest.raises(BadTable, match=rf"\.{how}\(\) first"):
                c(lazy)


@pytest.mark.parametrize("kind", ["pandas", "pyarrow"])
def test_columns_named_twice_are_refused_where_they_are_needed(kind: str) -> None:
    def twice(name: str) -> Any:
        frame = pd.concat([H(village=1), H(village=1)[[name]]], axis=1)
        if kind == "pandas":
            return frame
        return pa.Table.from_arrays([pa.array(frame.iloc[:, i]) for i in range(frame.shape[1])], names=list(frame))

    people = pa.Table.from_pandas(M())
    expected = VN.tally(H(), M(), date=DATE)
    assert VN.tally(twice("village"), M(), date=DATE) == expected
    assert VN.tally(mdp.scan(twice("village"), people), date=DATE) == expected
    for name in ("income", "household_id"):
        for call in (lambda: c(twice(name)), lambda: VN.tally(mdp.scan(twice(name), people), date=DATE)):  # noqa: B023
            with pytest.raises(BadTable, match=f"several columns of the households are called '{name}'"):
                call()


@pytest.mark.parametrize(
    "nothing",
    [None, float("nan"), Decimal("NaN"), Decimal("sNaN"), pd.NA, pd.NaT, np.float32("nan"), np.ma.masked],
)
def test_what_stands_for_nothing_is_no_answer(nothing: Any) -> None:
    expected = VN.assess({**HOME, "income": None, "phone": None, "toilet": None}, date=DATE).to_dict()
    assert VN.assess({**HOME, "income": nothing, "phone": nothing, "toilet": nothing}, date=DATE).to_dict() == expected


def test_a_file_that_is_not_there_or_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    absent, under = tmp_path / "none", tmp_path / "file" / "under"
    calls: list[Callable[[], Any]] = [
        lambda: mdp.Tally.from_parquet(absent.with_suffix(".parquet")),
        lambda: mdp.read_kobo(absent.with_suffix(".csv")),
        lambda: mdp.read_kobo(absent.with_suffix(".xlsx")),
        lambda: reports.read_csv(absent.with_suffix(".csv")),
        lambda: reports.read_excel(absent.with_suffix(".xlsx")),
        lambda: found().tally().to_parquet(under / "t.parquet"),
        lambda: reports.build(found(), area_columns=[]).to_csv(under),
        lambda: reports.build(found(), area_columns=[]).to_excel(under / "f.xlsx"),
        lambda: reports.build(found(), area_columns=[]).to_html(under / "f.html"),
        lambda: VN.to_xlsform(under / "f.xlsx"),
    ]
    for call in calls:
        with pytest.raises(FileError) as caught:
            call()
        assert isinstance(caught.value, OSError)
        assert caught.value.file


@pytest.mark.parametrize("name", ["x" * 300, "x" * 9_000, "a\0b"])
def test_what_is_no_name_of_a_file_is_said(name: str) -> None:
    calls: list[Callable[[str], Any]] = [
        mdp.Tally.from_parquet,
        mdp.read_kobo,
        reports.read_csv,
        reports.read_excel,
        lambda path: mdp.read_workbook(f"{path}.xlsx", VN),
        mdp.scan,
    ]
    for call in calls:
        with pytest.raises((FileError, BadTable), match="there is no file"):
            call(name)
