"""The short profile leaves out combinations of cases, and no two cases that go together."""

from __future__ import annotations

from itertools import combinations, product

import pytest

from tests import profiles


@pytest.mark.parametrize(
    "sizes", [(1,), (3, 4), (1, 1, 1), (2, 2, 2), (2, 5, 3), (5, 2, 3, 2), (7, 5, 2, 5), (3, 3, 3, 3, 3)], ids=str
)
def test_each_two_cases_of_different_kinds_meet(sizes: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [[f"{kind}{case}" for case in range(size)] for kind, size in enumerate(sizes)]
    monkeypatch.setattr(profiles, "SHORT", False)
    assert profiles.crossed(*cases) == profiles.in_turn(*cases) == list(product(*cases))
    monkeypatch.setattr(profiles, "SHORT", True)
    some = profiles.crossed(*cases)
    assert len(set(some)) == len(some)
    assert all(case in of_kind for row in some for case, of_kind in zip(row, cases, strict=True))
    least = profiles.in_turn(*cases)
    assert len(least) == max(sizes)
    assert all({row[kind] for row in least} == set(of_kind) for kind, of_kind in enumerate(cases))
    for one, other in combinations(range(len(sizes)), 2):
        assert {(row[one], row[other]) for row in some} == set(product(cases[one], cases[other]))


def test_many_kinds_of_cases_need_few_combinations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiles, "SHORT", True)
    assert len(profiles.crossed(range(34), range(5), range(5), range(2))) == 34 * 5
    assert len(profiles.crossed(range(2), range(2), range(2), range(2))) <= 8
