from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdpoverty import standards
from mdpoverty.errors import SpecError
from mdpoverty.measures import AlkireFoster


def test_numbers_are_read_as_what_they_stand_for() -> None:
    sixth = Fraction(1, 6)
    for six in ("1/6", 1 / 6, Fraction(1, 6), 0.5 / 3):
        spec = AlkireFoster({"a": six, "b": "5/6"}, k="1/3")
        assert spec.weights == {"a": sixth, "b": 5 * sixth}
    assert AlkireFoster({"a": 0.1, "b": 0.2, "c": 0.7}, k=0.3).k == Fraction(3, 10)
    # no simple fraction, so the decimal that it prints as
    assert AlkireFoster({"a": 0.1666667, "b": 0.8333333}, k=1).weights["a"] == Fraction(1666667, 10**7)
    assert AlkireFoster({"a": "0.1", "b": "0.9"}, k="0.26").k == Fraction(13, 50)


@pytest.mark.parametrize(
    ("weights", "k", "says"),
    [
        ({"a": 0.1666667, "b": 0.83333}, "1/3", "not to 1"),
        ({"a": 0.333, "b": 0.333, "c": 0.333}, "1/3", "sum to 999/1000"),
        ({"a": "1/3", "b": "1/3"}, "1/3", "sum to 2/3"),
        ({"a": 1, "b": 0}, 1, "above zero"),
        ({"a": "-1/2", "b": "3/2"}, "1/3", "above zero"),
        ({"a": float("nan")}, 1, "nan"),
        (["a"], 1, "Weights are a mapping by indicator, not list"),
        ({"a": "half"}, 1, "weight of 'a' must be a finite number"),
        ({"a": True}, 1, "True"),
        ({}, 1, "no weights"),
        ({"a": 1, "b": 1}, 0, "above 0"),
        ({"a": 1, "b": 1}, 3, "above 0"),
        ({"a": "1/2", "b": "1/2"}, 2, "above 0"),
        ({"a": 1}, "most", "cut-off k must be a finite number"),
    ],
)
def test_what_cannot_be_meant_is_refused(weights: dict[str, Any], k: Any, says: str) -> None:
    with pytest.raises(SpecError, match=says):
        AlkireFoster(weights, k)


def test_cut_offs_as_shares_points_and_names() -> None:
    points = AlkireFoster({"a": 2, "b": 1, "c": 1}, k=3)
    assert points.k == Fraction(3, 4)
    assert points.cut_offs([1, "1/3", "intersection", "union"]) == (
        Fraction(1, 4),
        Fraction(1, 3),
        Fraction(1),
    )
    assert points.with_k(2).with_k(3) == points
    shares = AlkireFoster({"a": "1/2", "b": "1/2"}, k=1)
    assert shares.k == 1
    assert AlkireFoster({"a": "2/3", "b": "1/3"}, k="union").k == Fraction(1, 3)
    with pytest.raises(SpecError, match="empty"):
        points.cut_offs([])


def test_nested_weights() -> None:
    spec = AlkireFoster.nested({"x": ["a", "b"], "y": ["c"]}, k="1/3", dimension_weights={"x": "2/3", "y": "1/3"})
    assert set(spec.weights.values()) == {Fraction(1, 3)}
    assert spec.dimensions == {"x": ("a", "b"), "y": ("c",)}
    points = AlkireFoster.nested({"x": ["a"], "y": ["b"]}, k="1/3", dimension_weights={"x": 3, "y": 1})
    assert points.weights == {"a": Fraction(3, 4), "b": Fraction(1, 4)}
    wrong: tuple[tuple[Any, str], ...] = (
        ({"x": "ab"}, "list"),
        ({"x": []}, "list"),
        ({"x": ["a"], "y": ["a"]}, "two places"),
    )
    for dimensions, says in wrong:
        with pytest.raises(SpecError, match=says):
            AlkireFoster.nested(dimensions, k=1)
    with pytest.raises(SpecError, match="each dimension"):
        AlkireFoster.nested({"x": ["a"]}, k=1, dimension_weights={"z": 1})
    with pytest.raises(SpecError, match="list each indicator"):
        AlkireFoster({"a": 1, "b": 1}, k=1, dimensions={"x": ["a"]})


def test_from_a_standard() -> None:
    twelve = {f"i{j}": SimpleNamespace(dimension=f"d{j // 2}", weight=Fraction(1)) for j in range(12)}
    spec = AlkireFoster.from_standard(SimpleNamespace(indicators=twelve), k="1/4")
    assert set(spec.weights.values()) == {Fraction(1, 12)}
    assert len(spec.dimensions) == 6
    assert AlkireFoster.from_standard(SimpleNamespace(indicators=twelve), k=3) == spec
    thirds = {n: SimpleNamespace(dimension="d", weight=Fraction(w, 3)) for n, w in {"a": 1, "b": 2, "c": 3}.items()}
    assert AlkireFoster.from_standard(SimpleNamespace(indicators=thirds), k="1/2").weights["a"] == Fraction(1, 6)
    with pytest.raises(SpecError, match="cutoff"):
        AlkireFoster.from_standard(SimpleNamespace(indicators=twelve, thresholds={}, id="x"))
    assert AlkireFoster.from_standard(standards["vn-2022"]) == AlkireFoster.from_standard(standards["vn-2022"], k=3)


shares = st.lists(st.integers(1, 9), min_size=1, max_size=7)


@settings(deadline=None)
@given(shares, st.data())
def test_someone_exactly_at_the_cut_off_is_poor(points: list[int], data: st.DataObject) -> None:
    """For any weights: with k set to the score of a profile, that profile is poor, and lighter ones are
    not."""
    total = sum(points)
    spec = AlkireFoster({f"i{j}": Fraction(p, total) for j, p in enumerate(points)}, k="union")
    flags = data.draw(st.lists(st.booleans(), min_size=len(points), max_size=len(points)).filter(any))
    score = sum((Fraction(p, total) for p, d in zip(points, flags, strict=True) if d), Fraction(0))
    masks = (np.arange(1 << len(points))[:, None] >> np.arange(len(points)) & 1).astype(bool)
    exact = [
        sum((Fraction(p, total) for p, d in zip(points, m, strict=True) if d), Fraction(0)) >= score for m in masks
    ]
    assert spec.is_poor(masks, k=score).tolist() == exact


def test_weights_too_fine_for_64_bits() -> None:
    primes = [2305843009213693951, 2147483647, 524287]
    parts = [Fraction(1, p) for p in primes]
    spec = AlkireFoster({"a": parts[0], "b": parts[1], "c": parts[2], "d": 1 - sum(parts, Fraction(0))}, k="union")
    flags = np.array([[1, 1, 0, 0], [1, 0, 0, 0], [0, 1, 1, 1]], bool)
    assert spec.is_poor(flags, k=parts[0] + parts[1]).tolist() == [True, False, True]
    frame = {name: flags[:, j] for j, name in enumerate("abcd")}
    assert spec.measure(frame, ks=[parts[0] + parts[1]]).value("H") == pytest.approx(2 / 3)


def test_what_a_spec_says_of_itself() -> None:
    spec = AlkireFoster({"a": "1/2", "b": "1/4", "c": "1/4"}, "1/3", dimensions={"x": ["a"], "y": ["b", "c"]})
    assert repr(spec) == "<AlkireFoster of 3 indicators in 2 dimensions, k = 1/3>"
    assert spec.indicators == ("a", "b", "c")
    assert spec.to_dict() == {
        "weights": {"a": "1/2", "b": "1/4", "c": "1/4"},
        "k": "1/3",
        "dimensions": {"x": ["a"], "y": ["b", "c"]},
    }
    html = spec.to_html(lang="en")
    assert "poor from a score of k = 1/3 on" in html
    assert "<th>Dimension</th><th>Indicator</th><th class=n>Weight</th>" in html
    rows = [("x", "a", "1/2"), ("y", "b", "1/4"), ("", "c", "1/4")]
    body = "".join(f"<tr><td>{dimension}</td><td>{name}</td><td class=n>{w}</td></tr>" for dimension, name, w in rows)
    assert body in html
    scores, whole = spec.scores(np.array([[1, 0, 1], [0, 1, 1]], bool), np.array([[0, 0, 1], [0, 0, 0]], bool))
    assert (scores.tolist(), whole) == ([2, 2], 4)


@pytest.mark.parametrize(
    ("k", "poor"),
    [("union", 4), (1, 4), ("1/4", 4), ("1/3", 3), (2, 3), ("1/2", 3), (3, 2), ("3/4", 2), (4, 1), ("intersection", 1)],
)
def test_cut_offs_of_points_and_of_shares_are_told_apart(k: Any, poor: int) -> None:
    spec = AlkireFoster({"a": 2, "b": 1, "c": 1}, k)
    flags = np.array([[1, 1, 1], [1, 1, 0], [0, 1, 1], [0, 0, 1], [0, 0, 0]], bool)
    assert spec.is_poor(flags).sum() == spec.with_k(1).is_poor(flags, k=k).sum() == poor
    assert spec.cut_offs(k) == spec.cut_offs(None) == (spec.k,)


@pytest.mark.parametrize("k", [0, 5, "0", "5/4", -1])
def test_a_cut_off_that_nobody_or_everybody_reaches_says_how_high_it_may_be(k: Any) -> None:
    with pytest.raises(SpecError, match=r"must lie above 0 and be at most 4\."):
        AlkireFoster({"a": 2, "b": 1, "c": 1}, k)
