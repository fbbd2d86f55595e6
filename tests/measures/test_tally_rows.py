"""What a tally refuses, with the rows and the words; and its cells, against cells counted one row at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from mdpoverty.errors import BadTable, BadValues, MissingColumns, SpecError
from mdpoverty.measures import SurveyDesign, Tally
from mdpoverty.tally import counting
from mdpoverty.tally.rows import Key, count, fits

U8 = np.uint8


def told(**arrays: Any) -> list[tuple[Any, ...]]:
    """What is wrong with the arrays of a tally of two indicators: code, column, rows, the first of them, and more."""
    arrays = {"indicators": ["a", "b"], "deprived": np.array([1, 0, 3, 0], U8), **arrays}
    with pytest.raises(BadValues) as raised:
        Tally.from_arrays(**arrays)
    return [(each.code, each.column, each.rows, each.first, dict(each.details)) for each in raised.value.problems]


CASES: list[tuple[dict[str, Any], tuple[Any, ...]]] = [
    ({"unknown": np.array([1, 2, 2, 1], U8)}, ("bits_in_both", "deprived", 2, (0, 2), {})),
    ({"deprived": np.array([1, 0, 4, 0], U8)}, ("bits_beyond", "deprived", None, (), {"count": 2})),
    ({"unknown": np.array([0, 0, 0, 4], U8)}, ("bits_beyond", "unknown", None, (), {"count": 2})),
    ({"deprived": np.array([1, 0, -1, 0])}, ("bits_beyond", "deprived", None, (), {"count": 2})),
    ({"deprived": np.array([1, 0, 3, 0])}, None),
    ({"deprived": np.array([1, 0, 3, 0.0])}, ("bits_type", "deprived", None, (), {"found": "float64"})),
    ({"weight": [1, 2]}, ("rows_differ", "weight", None, (), {"found": 2, "expected": 4})),
    ({"by": {"g": ["x"] * 5}}, ("rows_differ", "g", None, (), {"found": 5, "expected": 4})),
    (
        {"category": np.array([0]), "categories": ["x"]},
        ("rows_differ", "category", None, (), {"found": 1, "expected": 4}),
    ),
    ({"strata": ["x", None, "y", None]}, ("sample_known", "strata", 2, (1, 3), {})),
    ({"psu": [None, 7, 8, 9]}, ("sample_known", "psu", 1, (0,), {})),
    ({"fpc": [9, 9, 9, 8]}, ("fpc_differs", "fpc", 1, (), {})),
    ({"fpc": [0, 0, 0, 0]}, ("fpc_zero", "fpc", None, (), {})),
    ({"strata": list("xyxy"), "fpc": [0.5, 1.5, 0.5, 1.5]}, ("fpc_mixed", "fpc", None, (), {})),
    ({"weight": [2**62] * 4}, ("too_much", "weight", None, (), {})),
    ({"sizes": [2**62] * 4}, ("too_much", "size", None, (), {})),
    ({"weight": [2**40] * 4, "sizes": [2**21] * 4}, ("too_much", "size", None, (), {})),
]


@pytest.mark.parametrize(("arrays", "expected"), [case for case in CASES if case[1]])
def test_what_is_wrong_is_said_with_its_rows(arrays: dict[str, Any], expected: tuple[Any, ...]) -> None:
    (found,) = told(**arrays)
    assert found[:2] == expected[:2]
    assert found[2] in (expected[2], 0 if expected[2] is None else expected[2])
    assert (found[3], found[4]) == expected[3:]


SOUND: list[dict[str, Any]] = [
    {"unknown": np.array([2, 3, 0, 1], U8)},
    {"deprived": np.array([1, 0, 3, 0], np.int64)},
    {"deprived": np.array([1, 0, 2, 0], np.int64), "unknown": np.array([2, 3, 0, 1], np.uint64)},
    {"deprived": np.array([1, 0, 3, 0], ">i4")},
    {"strata": list("xyxy"), "fpc": [0.5, 1, 0.5, 1]},
    {"strata": list("xyxy"), "fpc": [1, 9, 1, 9]},
    {"fpc": [0.1] * 4},
    {"weight": [2**61] * 3 + [2**61 - 2**12]},
    {"weight": [2**40] * 4, "sizes": [2**20] * 4},
    {"weight": [0, 0, 0, 0]},
]


@pytest.mark.parametrize("arrays", SOUND)
def test_what_is_just_sound_is_counted(arrays: dict[str, Any]) -> None:
    found = Tally.from_arrays(**{"indicators": ["a", "b"], "deprived": np.array([1, 0, 3, 0], U8), **arrays})
    assert found.n == 4


@pytest.mark.parametrize("count", [8, 16, 32, 64])
def test_words_of_signed_numbers_are_their_bits(count: int) -> None:
    words = np.array([-1, 0, 1, -1], f"i{count // 8}")
    found = Tally.from_arrays([f"i{j}" for j in range(count)], words)
    assert found.profiles.tolist() == [[0, 0], [1, 0], [(1 << count) - 1, 0]]
    assert found.sums["n"].tolist() == [1, 1, 2]
    with pytest.raises(BadValues, match=f"bits beyond the {count - 1} indicators"):
        Tally.from_arrays([f"i{j}" for j in range(count - 1)], words)


def test_all_that_is_wrong_is_said_at_once() -> None:
    found = told(weight=[-1, 1, float("nan"), 1], sizes=[1, 2], fpc=[9, 9, 9, 8], strata=["x", None, "x", "x"])
    assert [each[:3] for each in found if each[0] != "rows_differ"] == [
        ("sample_known", "strata", 1),
        ("not_an_answer", "weight", 2),
        ("fpc_differs", "fpc", 1),
    ]
    assert ("rows_differ", "size") in [each[:2] for each in found]


@pytest.mark.parametrize("name", ["weight", "sizes", "fpc"])
@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -1, None])
def test_a_number_that_is_none_is_the_one_problem(name: str, wrong: Any) -> None:
    (found,) = told(**{name: [9, wrong, 9, 9], "strata": list("xxyy")})
    assert found[:4] == ("not_an_answer", {"sizes": "size"}.get(name, name), 1, ("row 3",))
    (found,) = told(**{"sizes": [2] * 4, "weight": [2] * 4, name: [9, wrong, 9, 9], "strata": list("xxyy")})
    assert found[0] == "not_an_answer"


def test_a_size_that_is_missing_is_not_too_much_besides() -> None:
    found = told(weight=[2**62, 1, 1, 1], sizes=[float("nan"), 1, 1, 1])
    assert [each[:3] for each in found] == [("not_an_answer", "size", 1)]


def test_arrays_of_another_shape_are_refused() -> None:
    one = {"indicators": ["a"], "deprived": np.array([1, 0], U8)}
    with pytest.raises(BadTable, match="'weight' must be a list or an array"):
        Tally.from_arrays(**one, weight=3)
    for rows in (2, 3):
        with pytest.raises(BadTable, match="'g' must have one dimension"):
            Tally.from_arrays(**one, by={"g": np.zeros((rows, 2))})
    with pytest.raises(BadValues, match="has 3 rows where there are 2"):
        Tally.from_arrays(**one, replicates=np.ones((3, 2)), design=SurveyDesign(replicates=["r1", "r2"], kind="jk1"))


def test_labels_are_any_sequence_or_codes_with_their_labels() -> None:
    one, two = np.array([1], U8), np.array([1, 1], U8)
    for labels in (
        ["x"],
        np.array(["x"]),
        ("x",),
        (np.zeros(1, np.int32), ("x",)),
        (np.zeros(1, np.int32), ("x",), None),
    ):
        assert Tally.from_arrays(["a"], one, by={"g": labels}).group_labels() == {"g": ["x"]}
    for labels in (["x", "y"], ("x", "y"), (np.array([0, 1], np.int32), ("x", "y"))):
        assert Tally.from_arrays(["a"], two, by={"g": labels}).group_labels() == {"g": ["x", "y"]}
    ordered = Tally.from_arrays(["a"], two, by={"g": (np.array([1, 0]), ("x", "y"), ("y", "x", "z"))})
    assert ordered.orders == (("y", "x", "z"),)


def test_names_of_indicators() -> None:
    flags = {f"i{j}": [1] for j in range(65)}
    assert Tally.from_frame(flags, list(flags)[:64]).n == 1
    assert Tally.from_frame(flags, "i3").indicators == ("i3",)
    for several in ([], list(flags)):
        with pytest.raises(SpecError, match=f"from 1 to 64 indicators, and there are {len(several)}"):
            Tally.from_frame(flags, several)
    with pytest.raises(SpecError, match=r"named twice: i1, i2\."):
        Tally.from_frame(flags, ["i2", "i1", "i3", "i2", "i1"])


def test_a_weight_is_named_once_or_alike() -> None:
    frame = {"a": [1, 0], "w": [2, 3], "v": [4, 5]}
    for weight, design in (
        ("w", None),
        (None, SurveyDesign(weight="w")),
        ("w", SurveyDesign(weight="w")),
        ("w", SurveyDesign()),
    ):
        assert Tally.from_frame(frame, ["a"], weight=weight, design=design).total() == 5
    with pytest.raises(SpecError, match=r"weight='v' and the design's weight='w' differ"):
        Tally.from_frame(frame, ["a"], weight="v", design=SurveyDesign(weight="w"))
    as_people_pass_it: Any = "w"
    with pytest.raises(SpecError, match="is a SurveyDesign, not a str"):
        Tally.from_frame(frame, ["a"], design=as_people_pass_it)


def test_sampling_units_of_several_columns() -> None:
    frame = {"a": [1, 0, 1, 0], "p": ["x", "y", "x", "x"], "q": [2, 1, 2, 1]}
    t = Tally.from_frame(frame, ["a"], design=SurveyDesign(psu=["p", "q"]))
    assert t.psus == ("p='x', q=1", "p='x', q=2", "p='y', q=1")
    assert t.units[:, 1].tolist() == [0, 1, 2]
    assert {t.psus[unit]: n for unit, n in zip(t.units[t.cells["unit"], 1], t.sums["n"], strict=True)} == {
        "p='x', q=1": 1,
        "p='x', q=2": 2,
        "p='y', q=1": 1,
    }
    with pytest.raises(BadValues) as raised:
        Tally.from_frame(frame | {"q": [2, None, 2, 1]}, ["a"], design=SurveyDesign(psu=["p", "q"]))
    (problem,) = raised.value.problems
    assert (problem.code, problem.column, problem.rows, problem.first) == ("sample_known", "psu", 1, (1,))


def test_classes_by_their_order() -> None:
    frame = {"a": [1, 0, 1, 0], "class": ["y", None, "x", "y"]}
    assert Tally.from_frame(frame, ["a"], category="class").categories == ("x", "y")
    t = Tally.from_frame(frame, ["a"], category="class", categories=["z", "y", "x"])
    assert t.counts()["n"].tolist() == [0, 2, 1, 1]
    with pytest.raises(BadValues) as raised:
        Tally.from_frame(frame, ["a"], category="class", categories=["z"])
    (problem,) = raised.value.problems
    assert (problem.code, problem.column, dict(problem.details)) == (
        "not_in_categories",
        "class",
        {"words": "'x', 'y'"},
    )


def test_sums_of_weights_persons_squares_and_gaps() -> None:
    one = {"indicators": ["a"], "deprived": np.array([1, 1, 1], U8)}
    drawn = Tally.from_arrays(**one, weight=[1, 2, 3], sizes=[4, 5, 6], design=SurveyDesign())
    assert {name: values.tolist() for name, values in drawn.sums.items()} == {
        "n": [3],
        "weight": [6],
        "people": [4 + 10 + 18],
        "weight_sq": [1 + 4 + 9],
        "people_sq": [16 + 100 + 324],
    }
    plain = Tally.from_arrays(**one, sizes=[4, 5, 6], design=SurveyDesign())
    assert {name: values.tolist() for name, values in plain.sums.items()} == {
        "n": [3],
        "weight": [3],
        "people": [15],
        "weight_sq": [3],
        "people_sq": [16 + 25 + 36],
    }
    gaps = Tally.from_arrays(**one, weight=[1, 2, 3], sizes=[4, 5, 6], gaps={"a": np.array([0.5, 0.25, 1])})
    assert {name: values.tolist() for name, values in gaps.sums.items() if "gap" in name} == {
        "weight_gap1:a": [0.5 + 0.5 + 3],
        "weight_gap2:a": [0.25 + 0.125 + 3],
        "people_gap1:a": [2 + 2.5 + 18],
        "people_gap2:a": [1 + 0.625 + 18],
    }
    own = Tally.from_arrays(**one, gaps={"a": np.array([0.5, 0.25, 1])})
    assert (own.sums["weight_gap1:a"].tolist(), own.sums["weight_gap2:a"].tolist()) == ([1.75], [1.3125])


def test_a_gap_is_needed_where_its_indicator_is_known() -> None:
    frame = {"b": [1, 1, 1], "a": [1, None, 0], "gap": [0.5, None, 0.0]}
    t = Tally.from_frame(frame, ["b", "a"], gaps={"a": "gap"})
    assert t.sums["weight_gap1:a"].sum() == 0.5
    with pytest.raises(BadValues) as raised:
        Tally.from_frame(frame, ["a", "b"], gaps={"b": "gap"})
    (problem,) = raised.value.problems
    assert (problem.column, problem.rows, problem.first) == ("gap", 1, ("row 3",))
    with pytest.raises(BadValues, match="from 0 to 1"):
        Tally.from_frame(frame | {"gap": [0.5, 1.5, 0.0]}, ["a"], gaps={"a": "gap"})


@pytest.mark.parametrize(
    ("ratio", "sound"), [(19.9, True), (20, False), (1 / 19.9, True), (1 / 20, False), (1 / 20.1, False)]
)
def test_replicates_near_the_full_weight(ratio: float, sound: bool) -> None:
    design = SurveyDesign(replicates=["r1", "r2", "r3"], weight="w", kind="jk1")
    frame = {"a": [1, 0], "w": [3, 5], "r1": [8.0, 0], "r2": [4 * ratio, 4 * ratio], "r3": [8.0 * ratio**2, 0]}
    if sound:
        assert Tally.from_frame(frame, ["a"], design=design).n == 2
    else:
        with pytest.raises(SpecError, match=f"add up to {8 * ratio:.6g} .*the middle one.* and the full weight to 8"):
            Tally.from_frame(frame, ["a"], design=design)


def test_replicates_of_weights_that_add_up_to_little_or_nothing() -> None:
    design = SurveyDesign(replicates=["r1", "r2"], weight="w", kind="jk1")
    frame = {"a": [1, 0], "w": [0.25, 0.5], "r1": [0.5, 0.5], "r2": [0.5, 0.5]}
    assert Tally.from_frame(frame, ["a"], design=design).n == 2
    with pytest.raises(SpecError, match=r"and the full weight to 0\.75\."):
        Tally.from_frame(frame | {"r1": [9, 9], "r2": [9, 9]}, ["a"], design=design)
    assert Tally.from_frame(frame | {"w": [0, 0]}, ["a"], design=design).total() == 0


def replicated(
    slopes: list[float], whole: float = 3.0, spread: float = 0.5, level: float = 1.0
) -> tuple[dict[str, Any], SurveyDesign]:
    """Fifty rows with weights around their mean, and replicates that rise with them by so much, around a level."""
    away = np.resize([-spread, spread], 50) * whole
    replicates = {f"r{j}": level + slope * away for j, slope in enumerate(slopes)}
    design = SurveyDesign(weight="w", replicates=[*replicates], kind="jk1")
    return {"a": np.ones(50), "w": whole + away, **replicates}, design


@pytest.mark.parametrize(
    ("how", "factors"),
    [
        ({"slopes": [0.0] * 10}, True),
        ({"slopes": [0.0] * 9}, False),
        ({"slopes": [0.24] * 10}, True),
        ({"slopes": [0.26] * 10}, False),
        ({"slopes": [-0.24] * 10}, True),
        ({"slopes": [-0.26] * 10}, False),
        ({"slopes": [0.52, -0.52] * 5}, True),
        ({"slopes": [0.53, -0.53] * 5}, False),
        ({"slopes": [0.51, -0.11] * 5}, True),
        ({"slopes": [0.52, -0.12] * 5}, False),
        ({"slopes": [0.25] * 10, "whole": 4.0, "spread": 0.25}, False),  # each just at its limit, exactly
        ({"slopes": [0.625, -0.375] * 8, "whole": 4.0, "spread": 0.25}, False),
        ({"slopes": [0.0] * 10, "whole": 10.0, "spread": 0.1}, False),
        ({"slopes": [0.0] * 10, "level": 1.09}, True),
        ({"slopes": [0.0] * 10, "level": 1.11}, False),
        ({"slopes": [0.0] * 10, "level": 0.91}, True),
        ({"slopes": [0.0] * 10, "level": 0.89}, False),
        ({"slopes": [0.0] * 10, "whole": 1.26}, True),
        ({"slopes": [0.0] * 10, "whole": 1.24}, False),
        ({"slopes": [0.0] * 10, "whole": 1.25}, False),
        ({"slopes": [0.0] * 10, "whole": 0.75}, False),
        ({"slopes": [0.0] * 10, "whole": 0.74}, True),
        ({"slopes": [0.0] * 10, "whole": 0.76}, False),
        ({"slopes": [0.0] * 10, "spread": 0.101}, True),
        ({"slopes": [0.0] * 10, "spread": 0.099}, False),
    ],
)
def test_replicates_that_do_not_rise_with_the_weight_are_factors(how: dict[str, Any], factors: bool) -> None:
    frame, design = replicated(**how)
    if factors:
        with pytest.raises(SpecError, match=r"not higher where the full weight is\. If the replicates are factors"):
            Tally.from_frame(frame, ["a"], design=design)
    else:
        assert Tally.from_frame(frame, ["a"], design=design).n == 50


def test_columns_that_are_missing_say_what_for() -> None:
    design = SurveyDesign(strata="s", psu="p", fpc="f", replicates=["r1", "r2"], kind="jk1", weight="w")
    with pytest.raises(MissingColumns) as raised:
        Tally.from_frame(
            {"x": [1]}, ["a", "b"], by=["g"], size="n", category="c", gaps={"a": "d"}, design=evolve(design, psu=None)
        )
    asked = {each.column: each.needed_by for each in raised.value.problems}
    assert {name: asked[name] for name in "abgncd"} == {
        "a": ("a",),
        "b": ("b",),
        "g": ("by",),
        "n": ("size",),
        "c": ("category",),
        "d": ("gap of a",),
    }
    assert {"s", "f", "r1", "r2", "w"} <= set(asked)


def test_flags_and_weights_are_wrong_together() -> None:
    with pytest.raises(BadValues) as raised:
        Tally.from_frame({"a": [1, 2], "b": [0, 1], "w": [1, -1], "g": [0, 5]}, ["a", "b"], weight="w", gaps={"b": "g"})
    assert [(each.column, each.rows) for each in raised.value.problems] == [("a", 1), ("w", 1), ("g", 1)]


def test_whole_numbers_fit_below_two_to_the_63() -> None:
    assert fits(np.array([2**62, 2**62 - 2**12]))
    assert not fits(np.array([2**62, 2**62]))


# ----------------------------------------------------------------------------------------------------------- counting


@st.composite
def keyed(draw: st.DrawFn) -> tuple[list[np.ndarray], list[int], np.ndarray]:
    """Columns of codes whose ranges fill about one word, or more, and what to add."""
    widths = draw(st.lists(st.sampled_from([0, 1, 2, 7, 15, 16, 30, 31, 32, 46, 47]), min_size=2, max_size=4))
    widths += [1] * draw(st.sampled_from([0, 0, 0, 60, 62, 63]))
    sizes = [1 << width for width in widths]
    n = draw(st.integers(1, 12))
    ends = [st.sampled_from(sorted({0, 1 % size, size // 2, size - 1})) for size in sizes]
    columns = [np.array(draw(st.lists(end, min_size=n, max_size=n)), np.int64) for end in ends]
    if draw(st.booleans()):
        order = np.lexsort(columns[::-1])
        columns = [column[order] for column in columns]
    return columns, sizes, np.array(draw(st.lists(st.integers(0, 9), min_size=n, max_size=n)), np.int64)


@given(keyed(), st.sampled_from([4, 16, 1 << 20]), st.booleans())
def test_cells_are_the_rows_that_agree(drawn: Any, block: int, floats: bool) -> None:
    columns, sizes, values = drawn
    expected: dict[tuple[int, ...], list[float]] = {}
    for row in zip(*(column.tolist() for column in columns), values.tolist(), strict=True):
        found = expected.setdefault(row[:-1], [0, 0])
        found[0] += 1
        found[1] += row[-1]
    keys = {str(i): Key([column], [size]) for i, (column, size) in enumerate(zip(columns, sizes, strict=True))}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "BLOCK", block)
        cells, tables, sums = count(keys, {"n": None, "v": values.astype(float) if floats else values})
    named = [tables[name][cells[name], 0].tolist() for name in keys]
    told = list(zip(*named, strict=True))
    assert told == sorted(expected)
    assert [list(pair) for pair in zip(sums["n"].tolist(), sums["v"].tolist(), strict=True)] == [
        expected[k] for k in told
    ]
    assert sums["v"].dtype == (np.float64 if floats else np.int64)
    code, table = Key(columns, sizes).numbered(len(values))
    assert table[code].tolist() == [list(row) for row in zip(*columns, strict=True)]
    assert table.tolist() == sorted(map(list, expected))


def test_groups_of_more_columns_than_bits_fit_a_word() -> None:
    names = [f"g{j}" for j in range(70)]
    frame = {"a": [1, 0, 1], **{name: ["x", "y", "x"] if j % 2 else [1, 1, 2] for j, name in enumerate(names)}}
    t = Tally.from_frame(frame, ["a"], by=names)
    assert t.group_frame().iloc[:, :2].to_numpy().tolist() == [[1, "x"], [1, "y"], [2, "x"]]
    assert t.sums["n"].tolist() == [1, 1, 1]


def test_a_cell_at_the_end_of_one_block_and_the_beginning_of_the_next_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "BLOCK", 4)
    for codes in ([1, 0, 1, 0, 1, 1, 1, 1], [1, 0, 1, 0, 2, 2, 1, 2], [1, 0, 1, 0, 3, 2, 3, 2]):
        keys = {"unit": Key([np.array(codes)], [4]), "group": Key([np.zeros(8, np.int64)], [1])}
        cells, tables, sums = count(keys, {"n": None})
        assert tables["unit"][cells["unit"], 0].tolist() == sorted(set(codes))
        assert sums["n"].tolist() == [codes.count(code) for code in sorted(set(codes))]


@given(st.lists(st.lists(st.integers(0, 1), min_size=13, max_size=13), min_size=0, max_size=70))
def test_flags_are_packed_in_the_smallest_word(flags: list[list[int]]) -> None:
    if len(flags) > 64:
        with pytest.raises(StopIteration):
            counting.pack([np.array(column, U8) for column in flags])
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "BLOCK", 16)
        words = counting.pack([np.array(column, U8) for column in flags])
    width = next(bits for bits in (8, 16, 32, 64) if len(flags) <= bits)
    assert words.dtype == np.dtype(f"uint{width}")
    expected = [sum(column[row] << j for j, column in enumerate(flags)) for row in range(13 if flags else 0)]
    assert words.tolist() == expected


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 0), st.integers(0, 6)), min_size=1, max_size=20))
def test_combinations_are_numbered_in_order(rows: list[tuple[int, int, int]]) -> None:
    columns = [np.array(column, np.int32) for column in zip(*rows, strict=True)]
    code, table = counting.combine(columns, [5, 1, 7])
    assert table.tolist() == sorted(map(list, set(rows)))
    assert [tuple(table[each]) for each in code] == rows
    alone, one = counting.combine([columns[1], columns[1]], [1, 1])
    assert (alone.tolist(), one.tolist()) == ([0] * len(rows), [[0, 0]])
    nobody, none = counting.combine([columns[1][:0]], [1])
    assert (nobody.tolist(), none.shape) == ([], (0, 1))


@given(
    st.lists(st.integers(0, 2**20 - 1), min_size=0, max_size=30),
    st.sampled_from([20, 57, 58, 59, 62]),
    st.sampled_from(["as drawn", "up", "down"]),
)
@example([2, 1, 0], 20, "down")
def test_sorting_keeps_the_order_of_equals(keys: list[int], bits: int, order_of_keys: str) -> None:
    drawn = keys if order_of_keys == "as drawn" else sorted(keys, reverse=order_of_keys == "down")
    key = np.array(drawn, np.int64) << (bits - 20)
    order, starts = counting.sort_rows(key, 1 << bits)
    expected = np.argsort(key, kind="stable")
    if order is None:
        assert expected.tolist() == list(range(len(key)))
    else:
        assert order.tolist() == expected.tolist()
    in_order = key[expected].tolist()
    assert starts.tolist() == [i for i, each in enumerate(in_order) if not i or each != in_order[i - 1]]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.integers(1, 9))
def test_blocks_end_between_two_codes_where_codes_come_sorted(codes: list[int], block: int) -> None:
    for first in (np.array(codes, np.int32), np.array(sorted(codes), np.int32)):
        edges = counting.block_edges(first, block)
        assert (edges[0], edges[-1]) == (0, len(first))
        assert edges == sorted(set(edges))
        cuts = edges[1:-1]
        if (np.diff(first) >= 0).all():
            assert all(first[cut - 1] < first[cut] for cut in cuts)
            assert cuts == sorted(
                {int(np.flatnonzero(first == first[at])[0]) for at in range(block, len(first), block)} - {0}
            )
        else:
            assert cuts == list(range(block, len(first), block))


def test_whole_numbers_are_added_exactly_and_fractions_as_they_come() -> None:
    key = np.array([1, 0, 1, 1])
    big = np.array([2**53, 5, 1, 1])
    keys, sums = counting.add_up(key, 2, {"n": None, "w": big, "f": np.array([0.5, 1, 2, 4])})
    assert (keys.tolist(), sums["n"].tolist(), sums["w"].tolist()) == ([0, 1], [1, 3], [5, 2**53 + 2])
    assert sums["f"].tolist() == [1, 6.5]
    wide = np.arange(8.0).reshape(4, 2)
    assert counting.add_up(key, 2, {"r": wide})[1]["r"].tolist() == [[2, 3], [0 + 4 + 6, 1 + 5 + 7]]
    far = counting.add_up(np.array([2**61, 5, 2**61]), 2**62, {"n": None, "w": big[1:]})
    assert (far[0].tolist(), far[1]["n"].tolist(), far[1]["w"].tolist()) == ([5, 2**61], [1, 2], [1, 6])
    nobody = counting.add_up(key[:0], 2**40, {"n": None, "r": wide[:0]})
    assert (nobody[0].tolist(), nobody[1]["n"].tolist(), nobody[1]["r"].shape) == ([], [], (0, 2))


@pytest.mark.parametrize("total", [8, 1 << 23])
def test_a_last_place_of_floats_is_not_asked_of_whole_numbers(total: int) -> None:
    """Four numbers of which only the sum is too large for a float to hold it exactly."""
    values = np.array([2**51 + 1, 2**51 + 1, 2**51, 2**51 + 1])
    assert counting.add_up(np.zeros(4, np.int64), total, {"w": values})[1]["w"].tolist() == [2**53 + 3]


@pytest.mark.parametrize("kinds", [1, 300, 9_000, 30_000])
@pytest.mark.parametrize("rows", [16_383, 16_384, 40_000])
@pytest.mark.parametrize("floats", [False, True])
def test_many_rows_are_added_up_however_often_their_keys_repeat(
    monkeypatch: pytest.MonkeyPatch, rows: int, kinds: int, floats: bool
) -> None:
    rng = np.random.default_rng(kinds)
    keys = rng.permutation(rng.integers(0, 1 << 40, kinds)[np.arange(rows) % kinds])
    people, weights = rng.integers(1, 9, rows), rng.integers(1, 9, rows) / (4 if floats else 1)
    weights = weights if floats else weights.astype(np.int64)
    expected: dict[int, list[float]] = {}
    for key, size, weight in zip(keys.tolist(), people.tolist(), weights.tolist(), strict=True):
        cell = expected.setdefault(key, [0, 0, 0])
        cell[:] = [cell[0] + 1, cell[1] + size, cell[2] + weight]
    sums = {"n": None, "people": people, "weight": weights}
    for sample in (counting._SAMPLE, 1 << 30):  # hashed where keys repeat, and sorted
        monkeypatch.setattr(counting, "_SAMPLE", sample)
        found, added = counting.add_up(keys, 1 << 40, sums)
        assert found.tolist() == sorted(expected)
        assert [list(cell) for cell in zip(*(added[name].tolist() for name in sums), strict=True)] == [
            expected[key] for key in sorted(expected)
        ]
        assert [each.dtype for each in added.values()] == [np.int64, np.int64, np.float64 if floats else np.int64]


@pytest.mark.parametrize("how", ["replicates", "large weights"])
def test_many_rows_of_few_kinds_are_added_up_in_any_order(how: str) -> None:
    """Sums that are no plain column of floats aren't hashed: whole numbers stay exact, and replicates are counted."""
    rng = np.random.default_rng(8)
    n, indicators = 20_000, [f"i{j}" for j in range(24)]
    kinds = rng.integers(0, 2**24, 40).astype(np.uint32)
    rows = np.repeat(np.arange(40), n // 40)
    arrays: dict[str, Any] = {"weight": np.full(n, 2**45 + 1)}
    options: dict[str, Any] = {}
    if how == "replicates":
        arrays = {"weight": rng.integers(1, 9, n) * 1.0}
        arrays["replicates"] = arrays["weight"][:, None] * np.array([1.5, 0.5])
        options["design"] = SurveyDesign(weight="w", replicates=["r1", "r2"], kind="jk1")
    found = []
    for order in (np.argsort(kinds[rows], kind="stable"), rng.permutation(n)):
        its = {name: values[order] for name, values in arrays.items()}
        found.append(Tally.from_arrays(indicators, kinds[rows][order], **its, **options))
    one, other = found
    for name in one.sums:
        assert np.array_equal(one.sums[name], other.sums[name]), name
    assert all(np.array_equal(one.cells[name], other.cells[name]) for name in one.cells)
    assert int(other.sums["weight"].sum()) == int(arrays["weight"].sum())
