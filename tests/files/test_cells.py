"""A column of whatever type is read as its values say, one by one: answers, gaps, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdpoverty.errors import BadValues
from mdpoverty.scorers import column
from mdpoverty.standard import Category, Dimension, Field, Indicator, Standard
from tests.toy import LAW, both, codes

Cells = list[Any]


def _law(kind: Any, **limits: Any) -> Standard:
    field = Field("x", "household", kind, both("x"), both("?"), codes=codes(*CODES) if kind == "code" else (), **limits)
    rule = {"flag": column("x") | column("x"), "code": column("x").equals("b")}.get(kind, column("x") >= 60)
    return Standard(
        **{"id": "cells", "title": both("cells"), "citation": LAW, "in_force": "2020-01-01", "until": None},
        fields=[field],
        thresholds=[],
        dimensions=[Dimension("d", both("d"), LAW)],
        indicators=[Indicator("yes", "d", both("yes"), rule, LAW)],
        categories=[Category("yes", both("yes"), rule, LAW), Category("no", both("no"), ~rule, LAW)],
    )


CODES = ("a", "b", "cc")
LAWS = {
    "count": _law("count", minimum=0, maximum=130),
    "number": _law("number", minimum=-1),
    "money": _law("money", maximum=199),
    "flag": _law("flag"),
    "code": _law("code"),
}


def read_as(kind: str, meanings: dict[Any, Any], cell: Any) -> tuple[Any, bool]:
    """Return what one cell says, and whether it is refused."""
    said = meanings.get(cell, cell)
    if said is None:
        return None, False
    if kind == "flag":
        unlisted = cell not in meanings and not {*meanings} <= {None}
        return (None, True) if unlisted or said not in (0, 1) else (bool(said), False)
    if kind == "code":
        return (said, False) if said in CODES else (None, True)
    low, high = {"count": (0, 130), "number": (-1, 10**9), "money": (-(10**9), 199)}[kind]
    wrong = not low <= said <= high or (kind == "count" and said != int(said))
    return (None, True) if wrong else (said, False)


# ------------------------------------------------------------------------------------------- columns of every type


def _objects(cells: Cells, kind: Callable[[Any], Any]) -> Any:
    return np.array([None if cell is None else kind(cell) for cell in cells] + [None], dtype=object)[:-1]


def _floats(cells: Cells, kind: Any) -> Any:
    return np.array([np.nan if cell is None else cell for cell in cells], kind)


def _later(cells: Cells, kind: Any) -> Any:
    """As part of a longer array, which begins in the middle of a byte."""
    return pa.array([*cells[:1], *cells[:1], *cells[:1], *cells], kind).slice(3 if cells else 0)


def _pieces(cells: Cells, kind: Any) -> Any:
    middle = len(cells) // 3
    return pa.chunked_array([_later(cells[:middle], kind), _later(cells[middle:], kind)], kind)


def _pandas(values: Any) -> pd.DataFrame:
    return pd.DataFrame({"x": values})


def _polars(cells: Cells, kind: Any) -> pl.DataFrame:
    return pl.DataFrame({"x": pl.Series("x", cells, kind)})


def _arrow(values: Any) -> pa.Table:
    return pa.table({"x": values})


def _decimals(cells: Cells) -> Cells:
    return [None if cell is None else Decimal(str(cell)) for cell in cells]


def _mixed(cell: Any) -> Any:
    return (cell, float(cell), Decimal(str(cell)), str(cell))[int(cell) % 4]


WHOLE: dict[str, Callable[[Cells], Any]] = {
    "Int64": lambda c: _pandas(pd.array(c, "Int64")),
    "Int16": lambda c: _pandas(pd.array(c, "Int16")),
    "pandas over Arrow": lambda c: _pandas(pd.array(c, pd.ArrowDtype(pa.int32()))),
    "whole objects": lambda c: _pandas(_objects(c, int)),
    "polars Int16": lambda c: _polars(c, pl.Int16),
    "Arrow int64": lambda c: _arrow(_later(c, pa.int64())),
    "Arrow in pieces": lambda c: _arrow(_pieces(c, pa.int16())),
}
REAL: dict[str, Callable[[Cells], Any]] = {
    "float64": lambda c: _pandas(_floats(c, np.float64)),
    "float32": lambda c: _pandas(_floats(c, np.float32)),
    "Float64": lambda c: _pandas(pd.array(c, "Float64")),
    "decimal objects": lambda c: _pandas(_objects(c, lambda v: Decimal(str(v)))),
    "text": lambda c: _pandas(_objects(c, str)),
    "mixed": lambda c: _pandas(_objects(c, _mixed)),
    "polars Float32": lambda c: _polars(c, pl.Float32),
    "polars Decimal": lambda c: _polars(_decimals(c), pl.Decimal(12, 2)),
    "polars text": lambda c: _polars([None if v is None else str(v) for v in c], pl.String),
    "Arrow double": lambda c: _arrow(_later(c, pa.float64())),
    "Arrow float in pieces": lambda c: _arrow(_pieces(c, pa.float32())),
    "Arrow decimal": lambda c: _arrow(_later(_decimals(c), pa.decimal128(12, 2))),
    "lists": lambda c: {"x": c},
}
FLAGS: dict[str, Callable[[Cells], Any]] = {
    "boolean": lambda c: _pandas(pd.array(c, "boolean")),
    "objects": lambda c: _pandas(_objects(c, bool)),
    "numpy's": lambda c: _pandas(_objects(c, np.bool_)),
    "polars": lambda c: _polars(c, pl.Boolean),
    "Arrow": lambda c: _arrow(_later(c, pa.bool_())),
    "Arrow in pieces": lambda c: _arrow(_pieces(c, pa.bool_())),
    "lists": lambda c: {"x": c},
}
TEXTS: dict[str, Callable[[Cells], Any]] = {
    "objects": lambda c: _pandas(_objects(c, str)),
    "string": lambda c: _pandas(pd.array(c, "string")),
    "categories": lambda c: _pandas(pd.Categorical(c, ["none has this", *sorted({v for v in c if v is not None})])),
    "polars": lambda c: _polars(c, pl.String),
    "polars Categorical": lambda c: _polars(c, pl.Categorical),
    "polars Enum": lambda c: _polars(c, pl.Enum(["none has this", *sorted({v for v in c if v is not None})])),
    "Arrow": lambda c: _arrow(_later(c, pa.string())),
    "Arrow large": lambda c: _arrow(_later(c, pa.large_string())),
    "Arrow dictionary": lambda c: _arrow(_later(c, pa.string()).dictionary_encode()),
    "Arrow dictionaries": lambda c: _arrow(_pieces(c, pa.string()).dictionary_encode()),
    "lists": lambda c: {"x": c},
}


def _holds(kind: str, table: Any, cells: Cells, meanings: dict[Any, Any], refused_all: bool = False) -> None:
    """Check a column against its cells, with and without those that are refused."""
    expected = [read_as(kind, meanings, cell) for cell in cells]
    if refused_all:
        expected = [(None, cell is not None) for cell in cells]
    options: dict[str, Any] = {"codes": {"x": meanings}} if meanings else {}
    wrong = sum(bad for _, bad in expected)
    if wrong:
        with pytest.raises(BadValues) as caught:
            LAWS[kind].classify(table, **options)
        assert sum(problem.rows for problem in caught.value.problems) == wrong
    found = LAWS[kind].classify(table, **options, invalid="missing")
    assert sum(problem.rows for problem in found.problems) == wrong
    assert list(found.answers("x")) == [value for value, _ in expected]
    says = {"flag": bool, "code": "b".__eq__}.get(kind, lambda value: value >= 60)
    assert found.indicator("yes").tolist() == [1 if v is None else 2 * says(v) for v, _ in expected]


SCALARS: dict[str, Callable[[Any], Any]] = {
    "Python": lambda cell: cell,
    "text": str,
    "Decimal": lambda cell: Decimal(str(cell)),
    "numpy's": lambda cell: np.asarray(cell)[()],
    "numpy's single": lambda cell: np.float32(cell),
}


@given(
    st.sampled_from(["count", "number", "money"]),
    st.none() | st.integers(-6, 440).map(lambda twice: twice / 2 if twice % 2 else twice // 2),
    st.sampled_from(sorted(SCALARS)),
)
def test_one_number_of_every_type(kind: str, cell: Any, scalar: str) -> None:
    value, refused = read_as(kind, {}, cell)
    answers = {"x": None if cell is None else SCALARS[scalar](cell)}
    if refused:
        with pytest.raises(BadValues) as caught:
            LAWS[kind].assess(answers)
        assert [(each.code, each.rows) for each in caught.value.problems] == [("not_an_answer", 1)]
    else:
        assert LAWS[kind].assess(answers).indicators["yes"] == (1 if value is None else 2 * (value >= 60))


@pytest.mark.parametrize("value", [True, False, None, np.True_, np.False_, 1, 0.0, float("nan"), pd.NA])
def test_one_flag_of_every_type(value: Any) -> None:
    expected = 1 if pd.isna(value) else 2 * bool(value)
    assert LAWS["flag"].assess({"x": value}).indicators["yes"] == expected
    for wrong in ("true", 2, [True]):
        with pytest.raises(BadValues):
            LAWS["flag"].assess({"x": wrong})


@pytest.mark.parametrize("value", ["a", "b", "cc", None, float("nan"), "zz", 1, ["a"]])
def test_one_code_of_every_type(value: Any) -> None:
    if value in ("a", "b", "cc", None) or value != value:
        expected = 1 if value is None or value != value else 2 * (value == "b")
        assert LAWS["code"].assess({"x": value}).indicators["yes"] == expected
    else:
        with pytest.raises(BadValues):
            LAWS["code"].assess({"x": value})


def _listed(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Cells]:
    return st.lists(st.none() | values, min_size=1, max_size=20)


NUMBERS = st.sampled_from([{}, {}, {-1: 99, -2: None, 5: 70}, {None: 70}, {None: 0, 3: None, 7.5: 8}])
kinds = st.sampled_from(["count", "number", "money"])


@given(_listed(st.integers(-3, 220)), st.sampled_from(sorted(WHOLE)), kinds, NUMBERS)
def test_whole_numbers_of_every_type(cells: Cells, held: str, kind: str, meanings: dict[Any, Any]) -> None:
    _holds(kind, WHOLE[held](cells), cells, meanings)


halves = st.integers(-6, 440).map(lambda twice: twice / 2 if twice % 2 else twice // 2)


@given(_listed(halves), st.sampled_from(sorted(REAL)), kinds, NUMBERS)
def test_numbers_of_every_type(cells: Cells, held: str, kind: str, meanings: dict[Any, Any]) -> None:
    single = ("32" in held or "float in" in held) and kind == "money" and not meanings
    _holds(kind, REAL[held](cells), cells, meanings, refused_all=single)


@given(_listed(st.booleans()), st.sampled_from(sorted(FLAGS)), st.sampled_from([{}, {True: False}, {None: True}]))
def test_flags_of_every_type(cells: Cells, held: str, meanings: dict[Any, Any]) -> None:
    _holds("flag", FLAGS[held](cells), cells, meanings)


@given(
    _listed(st.sampled_from([0, 1, 1, 0, 2])),
    st.sampled_from(
        [*WHOLE.values(), *(make for held, make in REAL.items() if "text" not in held and held != "mixed")]
    ),
    st.sampled_from([{}, {1: True, 2: False}, {0: True, 2: None, None: False}, {None: True}]),
)
def test_flags_that_are_numbers_of_every_type(cells: Cells, make: Any, meanings: dict[Any, Any]) -> None:
    _holds("flag", make(cells), cells, meanings)


@given(
    _listed(st.sampled_from(["a", "b", "cc", "zz"])),
    st.sampled_from(sorted(TEXTS)),
    st.sampled_from([{}, {"zz": "a", "b": None}, {None: "cc"}, {"a": "b", "b": "a", None: "a"}]),
)
def test_codes_of_every_type(cells: Cells, held: str, meanings: dict[Any, Any]) -> None:
    _holds("code", TEXTS[held](cells), cells, meanings)
