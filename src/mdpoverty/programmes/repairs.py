"""What would take households out of poverty: classes after repairs, and which repairs reach the most, where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from mdpoverty.doors import door
from mdpoverty.errors import SpecError
from mdpoverty.results.assessment import Assessment
from mdpoverty.ternary import NO, YES

__all__ = ["ranking", "what_if"]


@door
def what_if(
    assessment: Assessment, repair: Iterable[str], *, households: npt.NDArray[np.bool_] | None = None
) -> Assessment:
    """Classify the same households again without some deprivations.

    Parameters
    ----------
    assessment : Assessment
        The review.
    repair : iterable of str
        The indicators that nobody is deprived in any more.
    households : array of bool, optional
        For whom; all by default.

    Returns
    -------
    Assessment

    Examples
    --------
    >>> import mdpoverty as mdp
    >>> vn = mdp.standards["vn-2022"]
    >>> lacks = {name: [name in ("toilet", "nutrition", "employment")] for name in vn.indicators}
    >>> review = vn.classify({"area": ["rural"], "income": [1_200_000], **lacks}, given="all")
    >>> what_if(review, repair=["toilet"]).category.tolist()
    ['near_poor']
    """
    return assessment.repaired([repair] if isinstance(repair, str) else repair, households)


@door
def ranking(assessment: Assessment, by: str | Sequence[str] = (), *, category: str = "poor", together: int = 1) -> Any:
    """Rank the indicators whose repair would take the most households out of poverty, place by place.

    Parameters
    ----------
    assessment : Assessment
        The review.
    by : str or sequence of str
        Columns of the households, such as the commune; none for all of them together.
    category : str
        The class to leave.
    together : int
        Repair so many indicators at once: 2 ranks all pairs.

    Returns
    -------
    pandas.DataFrame
        ``by``, ``rank``, ``repair`` (the indicators, joined by ``"+"``), ``leave`` (households that would surely leave
        the class), ``people`` in them (where their size is known), ``deprived`` (households of the class deprived in
        any of these indicators now). Within a place the most effective repair comes first; of equals the one in more
        homes.

    Examples
    --------
    >>> import mdpoverty as mdp
    >>> vn = mdp.standards["vn-2022"]
    >>> lacks = {name: [name in ("toilet", "nutrition", "employment")] * 2 for name in vn.indicators}
    >>> homes = {"area": ["rural"] * 2, "income": [1_200_000] * 2, "household_size": [4, 2], **lacks}
    >>> ranking(vn.classify(homes, given="all")).iloc[0].to_dict()
    {'rank': 1, 'repair': 'employment', 'leave': 2, 'people': 6, 'deprived': 2}
    """
    import pandas as pd

    names = list(assessment.standard.indicators)
    if not 1 <= together <= len(names):
        raise SpecError(f"together={together}: from 1 to {len(names)} indicators can be repaired at once")
    places = [by] if isinstance(by, str) else list(by)
    columns = {name: assessment.answers(name) for name in places}
    inside = assessment.in_category(category) == YES
    sizes, _ = assessment.sizes
    parts = []
    for repair in combinations(names, together):
        gone = inside & (assessment.repaired(repair).in_category(category) == NO)
        lacking = np.any([assessment.indicator(name) == YES for name in repair], axis=0)
        counted = {"leave": gone, "people": np.where(gone, sizes, 0), "deprived": inside & lacking}
        frame = pd.DataFrame({**columns, **{name: its.astype(np.int64) for name, its in counted.items()}})
        sums = (
            frame.groupby(places, dropna=False, sort=True).sum().reset_index() if places else frame.sum().to_frame().T
        )
        parts.append(sums.assign(repair="+".join(repair)))
    table = pd.concat(parts, ignore_index=True)
    order = [*places, "leave", "deprived"]
    table = table.sort_values(order, ascending=[*[True] * len(places), False, False], kind="stable", ignore_index=True)
    ranks = table.groupby(places, dropna=False).cumcount() if places else pd.Series(range(len(table)))
    table["rank"] = ranks + 1
    return table[[*places, "rank", "repair", "leave", "people", "deprived"]]
