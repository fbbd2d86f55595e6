"""The picture that fits a result: what ``.plot()`` draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from mdpoverty.doors import door
from mdpoverty.errors import SpecError
from mdpoverty.extras import need
from mdpoverty.plots import between, canvas, households, measured

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["KINDS", "draw"]

#: The pictures that there are of each kind of result, by its name: the usual one first. Pictures stand below the
#: results, which ask for them.
KINDS: Mapping[str, Mapping[str, Callable[..., Any]]] = {
    "Assessment": {
        "classes": households.classes,
        "deprivations": households.deprivations,
        "margins": households.margins,
    },
    "Tally": {"classes": households.classes},
    "Measures": {
        "estimates": measured.estimates,
        "contributions": measured.contributions,
        "cut_offs": measured.cut_offs,
        "changes": measured.changes,
    },
    "Flows": {"flows": between.flows},
    "Comparison": {"agreement": between.agreement},
}


@door
def draw(result: Any, kind: str | None = None, *args: Any, **options: Any) -> Axes:
    """Draw a result: the picture of that kind, or the one that fits.

    Measures are drawn over their cut-offs where there are several, ranked by group where there are groups, and else by
    what M0 is made of.

    Parameters
    ----------
    result : Assessment, Tally, Measures, Flows or Comparison
    kind : str, optional
        The name of a picture that there is of it: a key of :data:`KINDS`, and a function of this module.
    *args, **options
        What that function takes: ``ax=``, ``lang=``, ``order=``, ``top=``, ``caption=`` ….

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    SpecError
        If there is no such picture.
    MissingExtra
        If matplotlib isn't installed.
    """
    need("matplotlib", "plots", "A picture")
    name = next((each.__name__ for each in type(result).__mro__ if each.__name__ in KINDS), None)
    if name is None:
        raise SpecError(f"there is no picture of {type(result).__name__}, only of {', '.join(KINDS)}")
    known = KINDS[name]
    if kind is None:
        kind = next(iter(known))
        if name == "Measures":
            kind = "cut_offs" if len(result.ks) > 1 else "estimates" if result.tally.by else "contributions"
    canvas.one_of("the picture", kind, list(known))
    drawn: Axes = known[kind](result, *args, **options)
    return drawn
