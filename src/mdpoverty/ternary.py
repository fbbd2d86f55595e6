"""Three answers: NO < UNKNOWN < YES.

A rule about a household with open answers is neither met nor unmet. It has a third answer, and the three are ordinary
integers in this order, so that *and* is ``min``, *or* is ``max`` and *not* is ``2 - x`` (Kleene's strong logic). The
same arithmetic holds for a Python ``int``, a ``uint8`` array and a column in a database.

In bulk the library carries the same thing as two booleans, ``sure`` (the answer is YES) and ``maybe`` (it is YES or
UNKNOWN): *and* and *or* act on each alone, *not* swaps and flips them, and a column without gaps has ``sure is maybe``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

NO: Final = 0
UNKNOWN: Final = 1
YES: Final = 2

NAMES: Final = ("no", "unknown", "yes")


def negate(answer: Any) -> Any:
    """Return *not* of an answer or of an array of them.

    >>> negate(YES), negate(UNKNOWN), negate(NO)
    (0, 1, 2)
    """
    return YES - answer


def both(first: Any, second: Any) -> Any:
    """Return *and* of two answers, or of two arrays element by element.

    >>> both(YES, UNKNOWN), both(NO, UNKNOWN)
    (1, 0)
    """
    if isinstance(first, int) and isinstance(second, int):
        return min(first, second)
    import numpy as np

    return np.minimum(first, second)


def either(first: Any, second: Any) -> Any:
    """Return *or* of two answers, or of two arrays element by element.

    >>> either(YES, UNKNOWN), either(NO, UNKNOWN)
    (2, 1)
    """
    if isinstance(first, int) and isinstance(second, int):
        return max(first, second)
    import numpy as np

    return np.maximum(first, second)


def to_codes(sure: npt.NDArray[np.bool_], maybe: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
    """Turn the pair *sure*, *maybe* into codes 0, 1, 2.

    >>> import numpy as np
    >>> to_codes(np.array([True, False, False]), np.array([True, True, False])).tolist()
    [2, 1, 0]
    """
    import numpy as np

    return sure.view(np.uint8) + maybe.view(np.uint8)


def to_flags(codes: npt.ArrayLike) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Turn codes 0, 1, 2 into the pair *sure*, *maybe*.

    >>> sure, maybe = to_flags([2, 1, 0])
    >>> sure.tolist(), maybe.tolist()
    ([True, False, False], [True, True, False])
    """
    import numpy as np

    array = np.asarray(codes)
    return array == YES, array >= UNKNOWN
