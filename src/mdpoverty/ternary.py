"""Three answers: NO < UNKNOWN < YES.

A rule about a household with open answers is neither met nor unmet. It has a third answer, and the three are ordinary
integers in this order, so that *and* is ``min``, *or* is ``max`` and *not* is ``2 - x`` (Kleene's strong logic). The
same arithmetic holds for a Python ``int``, a ``uint8`` array and a column in a database.

In bulk the library carries the same thing as two booleans, ``sure`` (the answer is YES) and ``maybe`` (it is YES or
UNKNOWN): *and* and *or* act on each alone, *not* swaps and flips them, and a column without gaps has ``sure is maybe``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

NO: Final = 0
UNKNOWN: Final = 1
YES: Final = 2

NAMES: Final = ("no", "unknown", "yes")


def to_codes(sure: npt.NDArray[np.bool_], maybe: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
    """Turn the pair *sure*, *maybe* into codes 0, 1, 2.

    >>> import numpy as np
    >>> to_codes(np.array([True, False, False]), np.array([True, True, False])).tolist()
    [2, 1, 0]
    """
    import numpy as np

    return sure.view(np.uint8) + maybe.view(np.uint8)


_MISSING = ("NAType", "NaTType", "MaskedConstant")  # of pandas and numpy


def is_missing(value: Any) -> bool:
    """Return whether a value is no answer: ``None``, NaN, NaT, ``pandas.NA``, ``numpy.ma.masked``.

    >>> [is_missing(value) for value in (None, float("nan"), 0, False, "")]
    [True, True, False, False, False]
    """
    if value is None:
        return True
    if isinstance(value, bool | int | str):
        return False
    if type(value).__name__ in _MISSING:
        return True
    try:
        return bool(value != value)  # NaN of any kind of number, and numpy's NaT
    except ArithmeticError:  # a signalling NaN
        return True
    except (TypeError, ValueError):
        return False


_SURELY_KNOWN = {str, int, bool, type(None)}


def or_none(values: Sequence[Any]) -> Sequence[Any]:
    """Return values with ``None`` for those that are missing; the same list where their types show that all are plain.

    >>> or_none([1, float("nan"), "a"])
    [1, None, 'a']
    """
    if set(map(type, values)) <= _SURELY_KNOWN:
        return values
    return [None if is_missing(value) else value for value in values]
