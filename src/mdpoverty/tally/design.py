"""How a sample was drawn: what standard errors need to know, as one small value."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from numbers import Real
from typing import Any

from attrs import asdict, field, frozen

from mdpoverty.errors import SpecError
from mdpoverty.tables.meanings import is_flag, shown_kind
from mdpoverty.tables.options import one_name, several_names

#: What a lone sampling unit in its stratum adds to the variance; see :class:`SurveyDesign`.
LONELY = ("error", "zero", "center", "average")
#: Kinds of replicate weights, with the factor that their squared deviations take.
REPLICATES = ("jk1", "jkn", "brr", "fay", "bootstrap", "sdr")
#: Kinds whose variance is a mean over replicates, not a sum over what each leaves out.
MEANS = ("brr", "fay", "bootstrap", "sdr")
#: Whose units and strata the degrees of freedom of a group are counted over.
DEGREES = ("strata", "design", "units")


def _one_or_several(value: Any, option: str) -> str | tuple[str, ...] | None:
    names = several_names(value, option)
    return names if len(names) > 1 else names[0] if names else None


def _strata(value: Any) -> str | tuple[str, ...] | None:
    return _one_or_several(value, "strata=")


def _psu(value: Any) -> str | tuple[str, ...] | None:
    return _one_or_several(value, "psu=")


def _weight(value: Any) -> str | None:
    return one_name(value, "weight=")


def _fpc(value: Any) -> str | None:
    return one_name(value, "fpc=")


def _replicates(value: Any) -> tuple[str, ...]:
    return several_names(value, "replicates=")


def _number(value: Any, option: str) -> Any:
    """Return a number as Python's own: numpy's scalars can't be written down."""
    own = value.item() if getattr(value, "ndim", None) == 0 else value
    try:
        if isinstance(own, bool | str | bytes) or not isinstance(own, Real | Decimal):
            raise TypeError
        float(own)  # no number so large, and no signalling NaN
    except (TypeError, ValueError, OverflowError):
        raise SpecError(f"{option} is a number, not {shown_kind(value)}") from None
    return own


def _fay(value: Any) -> Any:
    return _number(value, "fay=")


def _scale(value: Any) -> Any:
    return None if value is None else _number(value, "scale=")


def _df(value: Any) -> Any:
    return value if value is None or isinstance(value, str) else _number(value, "df=")


def _rscales(values: Any) -> tuple[float, ...]:
    if isinstance(values, str | bytes) or not isinstance(values, Iterable) or getattr(values, "ndim", 1) != 1:
        raise SpecError(f"rscales= is a list of numbers, not {shown_kind(values)}")
    return tuple(_number(each, "each of rscales=") for each in values)


def _whole_units(value: Any) -> bool:
    return _flag(value, "whole_units=")


def _nested(value: Any) -> bool:
    return _flag(value, "nested=")


def _flag(value: Any, option: str) -> bool:
    if isinstance(value, Decimal) or not is_flag(value):
        raise SpecError(f"{option} is True or False, not {shown_kind(value)}")
    return bool(value)


@frozen(kw_only=True)
class SurveyDesign:
    """How the rows were sampled, by the names of the columns that say so.

    ``SurveyDesign()`` with nothing in it is a simple random sample of rows; without a design at all the rows
    are the whole population and have no sampling error.

    Parameters
    ----------
    strata : str or sequence of str, optional
        Column of the strata; of several columns every combination is a stratum.
    psu : str or sequence of str, optional
        Column of the primary sampling units (clusters), or several that name them together. Without it, each row is
        its own.
    weight : str, optional
        Column of the sampling weight: how many units of the population a row stands for. The same thing as
        ``weight=`` of :meth:`~mdpoverty.measures.AlkireFoster.measure`; give it in one place.
    fpc : str, optional
        Column for the finite population correction of the first stage, constant within a stratum: the number
        of sampling units in the stratum (above 1), or the share of them that was drawn (at most 1).
    whole_units : bool
        True: everyone in a sampling unit that was drawn was asked. It is needed where all units of a stratum were
        drawn: then there is no error, and otherwise it would be that of a second stage, which isn't told here.
    lonely : {"error", "zero", "center", "average"}
        A stratum with one sampling unit has no variance of its own. ``"error"`` raises; ``"zero"`` adds
        nothing, as if the unit had been certain to be drawn; ``"center"`` takes its distance from the mean of
        all strata; ``"average"`` gives it the mean variance of the other strata of the design. (R `survey`:
        ``"fail"``, ``"certainty"``, ``"adjust"`` and ``"average"``; Stata: ``missing``, ``certainty``, ``centered``
        and ``scaled``.)
    nested : bool
        True: unit numbers start again in each stratum, so unit 1 of stratum A is not unit 1 of stratum B.
        False: numbers are unique, and one that is met in two strata is an error.
    replicates : sequence of str
        Columns of replicate weights. Given these, standard errors come from them, and strata and units are
        not needed.
    kind : {"jk1", "jkn", "brr", "fay", "bootstrap", "sdr"}, optional
        How the replicates were made; needed with ``replicates``. With R replicates the squared deviations are
        multiplied by (R − 1)/R for ``jk1``, 1 for ``jkn`` (with ``rscales``), 1/R for ``brr``, 1/(R(1 − ρ)²)
        for ``fay``, 1/(R − 1) for ``bootstrap``, and 4/R for ``sdr`` (successive differences, as in ACS files).
        Where a group is empty in some replicates the others are used, and what is a mean over replicates (all but
        the jackknives, without ``scale``) is one over these: see :attr:`~mdpoverty.Measures.left_out_replicates`.
    fay : float
        Fay's ρ, for ``kind="fay"``.
    scale : float, optional
        The factor itself, where it is another one.
    rscales : sequence of float
        One factor more for each replicate; for ``jkn`` it is (n_h − 1)/n_h of the stratum that the replicate
        leaves a unit out of.
    center : {"estimate", "mean"}
        Deviations are taken from the full-sample estimate (the safe choice) or from the mean of the
        replicates (R `survey`'s default, ``mse=FALSE``).
    df : {"strata", "design", "units"} or float, optional
        Degrees of freedom, which programs count differently for a group: sampling units − strata, over the
        strata that hold anyone of it (``"strata"``, the default), over the whole design (``"design"``, as
        Stata's ``over``), or over the units that hold anyone of it (``"units"``, as R's ``degf`` of a
        subset); or the number itself. With replicates, the rank of their matrix − 1, as R's ``degf`` counts: for
        ``jkn`` that is replicates − strata.

    Examples
    --------
    >>> SurveyDesign(strata="stratum", psu="cluster", lonely="center").lonely
    'center'
    """

    strata: str | tuple[str, ...] | None = field(default=None, converter=_strata)
    psu: str | tuple[str, ...] | None = field(default=None, converter=_psu)
    weight: str | None = field(default=None, converter=_weight)
    fpc: str | None = field(default=None, converter=_fpc)
    whole_units: bool = field(default=False, converter=_whole_units)
    lonely: str = field(default="error")
    nested: bool = field(default=True, converter=_nested)
    replicates: tuple[str, ...] = field(default=(), converter=_replicates)
    kind: str | None = None
    fay: float = field(default=0.0, converter=_fay)
    scale: float | None = field(default=None, converter=_scale)
    rscales: tuple[float, ...] = field(default=(), converter=_rscales)
    center: str = "estimate"
    df: float | str | None = field(default=None, converter=_df)

    def __attrs_post_init__(self) -> None:
        """Refuse what can't be meant."""
        if not isinstance(self.lonely, str) or self.lonely not in LONELY:
            raise SpecError(f"lonely is {self.lonely!r}, and can be {', '.join(map(repr, LONELY))}.")
        if not isinstance(self.center, str) or self.center not in ("estimate", "mean"):
            raise SpecError(f"center is {self.center!r}, and can be 'estimate' or 'mean'.")
        if self.kind is not None and not isinstance(self.kind, str):
            raise SpecError(f"kind= is one of {', '.join(map(repr, REPLICATES))}, not {shown_kind(self.kind)}")
        if self.replicates and self.kind not in REPLICATES:
            raise SpecError(f"Say how the replicates were made: kind= {', '.join(map(repr, REPLICATES))}.")
        if self.kind is not None and not self.replicates:
            raise SpecError("kind= says how replicate weights were made; name their columns in replicates=.")
        if self.kind == "fay" and not 0 < self.fay < 1:
            raise SpecError("kind='fay' needs fay=, Fay's ρ, above 0 and below 1.")
        if self.kind == "jkn" and not self.rscales and self.scale is None:
            raise SpecError("kind='jkn' needs rscales=, (n − 1)/n of the stratum of each replicate.")
        if self.rscales and len(self.rscales) != len(self.replicates):
            raise SpecError(f"{len(self.replicates)} replicates have {len(self.rscales)} rscales.")
        self._check_replicates()
        self._check_df()

    def _check_replicates(self) -> None:
        self.refuse_full_weight(self.weight)
        for name, values in (("scale", () if self.scale is None else (self.scale,)), ("rscales", self.rscales)):
            if not all(math.isfinite(value) and value >= 0 for value in values):
                raise SpecError(f"{name} multiplies squares: it must be zero or more.")

    def _check_df(self) -> None:
        if isinstance(self.df, str):
            if self.df not in DEGREES:
                raise SpecError(f"df is {self.df!r}, and can be {', '.join(map(repr, DEGREES))}, or a number.")
            if self.replicates and self.df != "design":
                raise SpecError(f"df={self.df!r} needs sampling units; with replicates give a number, or nothing.")
        elif self.df is not None and not self.df >= 0:
            raise SpecError(f"df is {self.df!r}, and must be zero or more.")

    def refuse_full_weight(self, weight: str | None) -> None:
        """Refuse replicates that the full weight is one of."""
        if weight is not None and weight in self.replicates:
            raise SpecError(f"{weight!r} is the full weight, and no replicate: leave it out of replicates=.")

    @property
    def means(self) -> bool:
        """Whether the variance is a mean over replicates."""
        return self.kind in MEANS and self.scale is None and not self.rscales

    @property
    def replicate_factors(self) -> tuple[float, ...]:
        """What each replicate's squared deviation is multiplied by, before they are added up."""
        count = len(self.replicates)
        usual = {
            "jk1": (count - 1) / count if count else 1.0,
            "jkn": 1.0,
            "brr": 1 / count if count else 1.0,
            "fay": 1 / (count * (1 - self.fay) ** 2) if count else 1.0,
            "bootstrap": 1 / (count - 1) if count > 1 else 1.0,
            "sdr": 4 / count if count else 1.0,
        }
        scale = self.scale if self.scale is not None else usual[self.kind or "jkn"]
        return tuple(scale * r for r in (self.rscales or (1.0,) * count))

    def columns(self) -> dict[str, tuple[str, ...]]:
        """Return the columns that the design reads, each with the part of the design that needs it."""
        named = {"strata": self.strata, "psu": self.psu, "weight": self.weight, "fpc": self.fpc}
        wanted: dict[str, tuple[str, ...]] = {
            name: (f"design {part}",) for part, names in named.items() for name in several_names(names, part)
        }
        return wanted | dict.fromkeys(self.replicates, ("design replicates",))

    def to_dict(self) -> dict[str, Any]:
        """Return the design as plain values; ``SurveyDesign(**that)`` gives it back."""
        return asdict(self)
