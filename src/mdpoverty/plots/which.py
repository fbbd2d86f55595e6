"""The picture that fits a result: what ``.plot()`` draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from mdpoverty.comparison import Comparison
from mdpoverty.dynamics import Flows
from mdpoverty.errors import SpecError
from mdpoverty.measures import Measures
from mdpoverty.plots import between, canvas, households, measured
from mdpoverty.results.assessment import Assessment
from mdpoverty.tally import Tally

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["KINDS", "draw"]

#: The pictures that there are of each kind of result, the usual one first.
KINDS: Mapping[type, Mapping[str, Callable[..., Any]]] = {
    Assessment: {
        "classes": households.classes,
        "deprivations": households.deprivations,
        "margins": households.margins,
    },
    Tally: {"classes": households.classes},
    Measures: {
        "estimates": measured.estimates,
        "contributions": measured.contributions,
        "cut_offs": measured.cut_offs,
        "changes": measured.changes,
    },
    Flows: {"flows": between.flows},
    Comparison: {"agreement": between.agreement},
}


def draw(result: Any, kind: str | None = None, *args: Any, **options: Any) -> Axes:
    """Draw a result: the picture of that kind, or the one that fits.

    Measures are drawn over their cut-offs where there are several, ranked by group where there are groups, and else by
    what M0 is made of.

    Parameters
    ----------
    result : Assessment, Tally, Measures, Flows or Comparison
    kind : str, optional
        The name of a picture that there is of it: a key of :data:`KINDS`.
    *args, **options
        What that function takes.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    SpecError
        If there is no such picture.
    """
    known = next((its for each, its in KINDS.items() if isinstance(result, each)), None)
    if known is None:
        drawable = ", ".join(each.__name__ for each in KINDS)
        raise SpecError(f"there is no picture of {type(result).__name__}, only of {drawable}")
    if kind is None:
        kind = next(iter(known))
        if isinstance(result, Measures):
            kind = "cut_offs" if len(result.ks) > 1 else "estimates" if result.tally.by else "contributions"
    canvas.one_of("the picture", kind, list(known))
    drawn: Axes = known[kind](result, *args, **options)
    return drawn
