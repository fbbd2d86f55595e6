"""The tally: a population as weighted counts of deprivation profiles.

Every counting measure depends on the rows only through such counts, per group and per sampling unit. A tally
is small, it adds up (chunks, files, machines, years), and everything else is read off it: headcounts,
intensity, contributions, other cut-offs and weights, standard errors, class counts. Missing answers stay in
the profile as a second word, so what to do about them is decided when measuring, not when counting.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve, field, frozen

from mdpoverty.doors import doors
from mdpoverty.errors import BadValues, Problem, SpecError, there, writing
from mdpoverty.faces import Face, Faced, Html
from mdpoverty.law.fields import Label
from mdpoverty.numbers import Language
from mdpoverty.tables.columns import Array
from mdpoverty.tables.labels import GroupLabel, label_column, plain_label
from mdpoverty.tables.options import one_name, several_names
from mdpoverty.tables.reading import open_table
from mdpoverty.tally import counting, storage
from mdpoverty.tally import rows as reading
from mdpoverty.tally.design import SurveyDesign
from mdpoverty.words.tables import HEADS, Names, told

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from mdpoverty.measures import AlkireFoster, Measures


@doors
@frozen(eq=False, repr=False)
class Tally(Faced):
    """Weighted counts of deprivation profiles, by group and sampling unit; a value that adds up with ``+``.

    Make one with :meth:`from_frame` or :meth:`from_arrays`. The fields are for those who extend the library.

    Attributes
    ----------
    indicators : tuple of str
        Indicator j is bit j of a profile. At most 64.
    by : tuple of str
        The group columns.
    levels : tuple of tuple
        The labels of each group column, sorted, or in the order of their categories; None is a group of its own.
    groups : int32 array, shape (groups, len(by))
        Each group that occurs, as codes into ``levels``.
    strata, psus : tuple
        Labels of strata and sampling units; empty without a design.
    units : int32 array, shape (units, 2)
        Each (stratum, psu) that occurs, as codes; −1 where the design has none.
    profiles : uint64 array, shape (profiles, 2)
        Each (deprived, unknown) pair of words that occurs.
    categories : tuple of str
        Class ids; empty where rows have no class.
    cells : mapping of str to int32 array
        ``unit``, ``group``, ``profile`` (rows of the tables above) and ``category`` (0 open, else 1 + place
        in ``categories``).
    sums : mapping of str to array
        Per cell: ``n`` rows, ``weight``, ``people`` (weight × persons, where sizes were given), their sums of
        squares ``…_sq`` (where rows are the sampling units), replicates ``…_rep``, and gap sums ``…_gap1``,
        ``…_gap2``.
    fpc : float64 array, shape (strata,), or None
    design : SurveyDesign or None
    replicate_products : float64 array, shape (replicates, replicates), or None
        The sums over rows of products of their replicate weights: what tells the rank of these.
    meta : dict
        Whatever should travel with it: spec, receipt. Not part of equality or digest.
    orders : tuple of (tuple or None)
        For each group column the order of its categories, where it has one; empty where parts had different ones.
    """

    indicators: tuple[str, ...]
    by: tuple[str, ...]
    levels: tuple[tuple[GroupLabel, ...], ...]
    groups: Array
    strata: tuple[GroupLabel, ...]
    psus: tuple[GroupLabel, ...]
    units: Array
    profiles: Array
    categories: tuple[str, ...]
    cells: Mapping[str, Array]
    sums: Mapping[str, Array]
    fpc: Array | None = None
    design: SurveyDesign | None = None
    replicate_products: Array | None = None
    meta: dict[str, Any] = field(factory=dict)
    orders: tuple[tuple[GroupLabel, ...] | None, ...] = ()

    # --- making one

    @classmethod
    def from_arrays(
        cls,
        indicators: Sequence[str],
        deprived: Array,
        unknown: Array | None = None,
        *,
        weight: Array | None = None,
        sizes: Array | None = None,
        by: Mapping[str, Any] | None = None,
        strata: Any = None,
        psu: Any = None,
        fpc: Array | None = None,
        replicates: Array | None = None,
        categories: Sequence[str] = (),
        category: Array | None = None,
        gaps: Mapping[str, Array] | None = None,
        design: SurveyDesign | None = None,
        meta: Mapping[str, Any] | None = None,
    ) -> Tally:
        """Count rows whose deprivations are packed in words.

        Parameters
        ----------
        indicators : sequence of str
            Names; indicator j is bit j.
        deprived, unknown : unsigned integer arrays, shape (n,)
            Bit j set: deprived in indicator j; not known. No bit may be set in both.
        weight : int or float array, shape (n,), optional
            How many units of the population a row stands for; 1 if not given. Whole numbers are added up
            exactly.
        sizes : int array, shape (n,), optional
            Persons in the row's household. With it the tally can be measured over people and over households.
        by : mapping of name to labels, shape (n,)
        strata, psu : labels, shape (n,), optional
        fpc : array, shape (n,), optional
            See :class:`~mdpoverty.SurveyDesign`.
        replicates : float array, shape (n, r), optional
        categories : sequence of str, optional
            Class ids.
        category : int8 array, shape (n,), optional
            Place of the row's class in ``categories``; −1 while it is open.
        gaps : mapping of indicator to float array (n,), optional
            Normalised gaps of cardinal indicators, 0 to 1, for M1 and M2.
        design : SurveyDesign, optional
            The policies (``lonely``, ``nested``, …); taken as the defaults when strata or psu are given
            without it.

        Raises
        ------
        BadValues
            Arrays of different lengths, overlapping words, weights that are not numbers of zero or more.

        Examples
        --------
        >>> import numpy as np
        >>> words = np.array([0b01, 0b11, 0b01], np.uint64)
        >>> t = Tally.from_arrays(["health", "school"], words, sizes=np.array([4, 2, 3]))
        >>> t.n, t.total("people"), t.total("households")
        (3, 9, 3)
        """
        rows = reading.Rows(len(deprived))
        indicators = reading.indicator_names(indicators, classes=bool(categories))
        profile = reading.profiles(rows, deprived, unknown, len(indicators))
        levels, orders, group = reading.groups(rows, by or {})
        if design is None and (strata is not None or psu is not None):
            design = SurveyDesign(strata=None if strata is None else "strata", psu=None if psu is None else "psu")
        if gaps and design is not None and psu is None:
            # gaps differ from row to row, so that rows can't be counted together where each is drawn by itself
            psu = np.arange(rows.n, dtype=np.int32), tuple(range(rows.n))
        strata_labels, psu_labels, unit = reading.units(rows, strata, psu)
        code = counting.nothing(rows.n)
        if category is not None:
            code = rows.check("category", category).astype(np.int32) + 1
        sums = reading.row_sums(rows, weight, sizes, replicates, gaps, indicators, design, has_psu=psu is not None)
        fpc_by_stratum = reading.stratum_fpc(rows, fpc, unit.columns[0], len(strata_labels))
        rows.raise_problems()
        klass = reading.Key([code], [len(categories) + 1])
        keys = dict(zip(reading.CELL_COLUMNS, (unit, group, profile, klass), strict=True))
        rest = {
            "indicators": indicators,
            "by": tuple(by or ()),
            "levels": levels,
            "orders": orders,
            "strata": strata_labels,
            "psus": psu_labels,
            "categories": tuple(categories),
            "fpc": fpc_by_stratum,
            "design": design,
            "replicate_products": reading.replicate_products(found)
            if (found := sums.get("weight_rep")) is not None
            else None,
            "meta": dict(meta or {}),
        }
        return cls._from_keys(keys, sums, rest)

    @classmethod
    def _from_keys(
        cls, keys: Mapping[str, reading.Key], sums: Mapping[str, Array | None], rest: Mapping[str, Any]
    ) -> Tally:
        """Add up rows, or cells, by their codes.

        Parameters
        ----------
        keys : mapping of str to Key
            The codes of ``unit`` (stratum and unit), ``group`` (one column for each of ``by``), ``profile`` (the words
            of deprivations and of unknowns) and ``category``.
        sums : mapping of str to array, or None
            What each row adds; None counts rows.
        rest : mapping
            The other fields.
        """
        cells, tables, added = reading.count(keys, sums)
        cells["category"] = tables["category"][cells["category"], 0]
        units = tables["unit"].astype(np.int32, copy=False)
        for place, labels in enumerate((rest["strata"], rest["psus"])):
            if not labels:
                units[:, place] = -1
        return cls(
            cells=cells,
            sums=added,
            units=units,
            groups=tables["group"].astype(np.int32, copy=False),
            profiles=tables["profile"].astype(np.uint64, copy=False),
            **rest,
        )

    @classmethod
    def from_frame(
        cls,
        frame: Any,
        indicators: Sequence[str],
        *,
        by: str | Sequence[str] = (),
        weight: str | None = None,
        size: str | None = None,
        design: SurveyDesign | None = None,
        category: str | None = None,
        categories: Sequence[str] = (),
        gaps: Mapping[str, str] | None = None,
        meta: Mapping[str, Any] | None = None,
    ) -> Tally:
        """Count the rows of a table of 0/1 indicators.

        Parameters
        ----------
        frame : dataframe of any kind, or mapping of name to array
            One row per person or household; it is not changed. Indicators are 0/1 or booleans, empty where
            not known.
        indicators : sequence of str
            The indicator columns.
        by : str or sequence of str
            Columns to group by; measures can later be taken by any of them and by their crossing.
        weight : str, optional
            Column of the weight of a row.
        size : str, optional
            Column of the number of persons in the row's household.
        design : SurveyDesign, optional
        category : str, optional
            Column of class ids, empty while open; ``categories`` gives their order (by default as sorted).
        gaps : mapping of indicator to column, optional

        Raises
        ------
        MissingColumns, BadValues
            All problems at once.

        Examples
        --------
        >>> frame = {"health": [1, 1, 0], "school": [0, 1, None], "region": ["a", "a", "b"]}
        >>> Tally.from_frame(frame, ["health", "school"], by="region")
        Tally: 3 rows in 3 cells, 2 indicators, by region
        """
        by = several_names(by, "by=")
        wanted = reading.Wanted(
            reading.indicator_names(indicators),
            by,
            reading.one_weight(weight, design),
            one_name(size, "size="),
            design,
            one_name(category, "category="),
            tuple(categories),
            {name: str(one_name(column, f"gaps= ({name})")) for name, column in (gaps or {}).items()},
        )
        arrays = reading.read_columns(open_table(frame), wanted)
        return cls.from_arrays(indicators, design=design, meta=meta, **arrays)

    @classmethod
    def from_profiles(
        cls,
        frame: Any,
        indicators: Sequence[str],
        deprived: Array,
        unknown: Array | None = None,
        *,
        by: str | Sequence[str] = (),
        weight: str | None = None,
        design: SurveyDesign | None = None,
        weights: Array | None = None,
        **counted: Any,
    ) -> Tally:
        """Count profiles that are known already, with groups, weights and design from a table of the same rows.

        Parameters
        ----------
        frame, by, weight, design
            As in :meth:`from_frame`; the table needs no indicator columns.
        weights : int or float array, shape (n,), optional
            The weights themselves, in the place of a column of them.
        indicators, deprived, unknown, **counted
            As in :meth:`from_arrays`.
        """
        by = several_names(by, "by=")
        wanted = reading.Wanted((), by, reading.one_weight(weight, design), design=design)
        arrays = reading.read_columns(open_table(frame), wanted)
        if weights is not None:
            arrays["weight"] = weights
        arrays |= {"deprived": deprived, "unknown": unknown} | {k: v for k, v in counted.items() if v is not None}
        return cls.from_arrays(indicators, design=design, **arrays)

    # --- adding up

    def __add__(self, other: Tally) -> Tally:
        """Add up two tallies; see :meth:`merge`."""
        return Tally.merge([self, other])

    def __radd__(self, other: Any) -> Tally:
        """Let ``sum`` add up tallies."""
        # sum() starts from 0
        return self if isinstance(other, int) and other == 0 else NotImplemented

    @classmethod
    def merge(cls, tallies: Iterable[Tally]) -> Tally:
        """Add up tallies of the same indicators, groups and design; the order does not matter.

        Sampling units are told apart by their labels: the same stratum and unit in two tallies is one unit.

        Raises
        ------
        SpecError
            Nothing to add, or tallies that count different things.

        Examples
        --------
        >>> one = Tally.from_frame({"health": [1, 0]}, ["health"])
        >>> (one + one).n
        4
        """
        parts = list(tallies)
        storage.refuse_numbered_rows(parts)
        return cls._from_keys(*storage.merged(parts))

    @classmethod
    def stack(cls, waves: Mapping[GroupLabel, Tally], name: str = "wave", *, same_units: bool) -> Tally:
        """Put tallies of several waves into one, by the wave as the first group column.

        Parameters
        ----------
        waves : mapping of label to Tally
            They count the same, but for the labels of groups and sampling units.
        name : str
            The new group column.
        same_units : bool
            True: a stratum and unit of the same labels in two waves is the same one, so the waves vary together,
            as in a panel. False: each wave was drawn by itself, so its strata are its own.

        Raises
        ------
        SpecError
            Tallies that count different things, a name that is taken, or replicate weights of independent waves.

        Examples
        --------
        >>> one = Tally.from_frame({"health": [1, 0]}, ["health"])
        >>> Tally.stack({2022: one, 2023: one}, same_units=False).group_labels()
        {'wave': [2022, 2023]}
        """
        # texts have no order of their own that waves would be in: that of the mapping is meant
        order = tuple(map(plain_label, waves)) if any(isinstance(label, str) for label in waves) else None
        labelled = [(plain_label(label), each) for label, each in waves.items()]
        parts = [each._as_wave(label, name, order, own=not same_units) for label, each in labelled]
        if same_units:
            storage.refuse_numbered_rows(parts)
        return cls._from_keys(*storage.merged(parts))

    def _as_wave(self, label: GroupLabel, name: str, order: tuple[GroupLabel, ...] | None, *, own: bool) -> Tally:
        if name in self.by:
            raise SpecError(f"The tally is by {name!r} already; give the waves another name=.")
        groups = np.concatenate([np.zeros((len(self.groups), 1), np.int32), self.groups], axis=1)
        orders = (order, *(self.orders or (None,) * len(self.by)))
        waved = evolve(self, by=(name, *self.by), levels=((label,), *self.levels), orders=orders, groups=groups)
        if not own or self.design is None:
            return waved
        if self.design.replicates:
            raise SpecError(
                "Replicates of independent waves don't vary together, and stacked they would: measure the waves apart."
            )
        units = self.units.copy()
        units[:, 0] = np.maximum(units[:, 0], 0)
        strata = tuple(f"{label}: {stratum}" for stratum in self.strata) or (str(label),)
        design = evolve(self.design, strata=self.design.strata or name, nested=True)
        return evolve(waved, strata=strata, units=units, design=design)

    # --- looking at it

    def __repr__(self) -> str:
        """Say how much was counted, and by what."""
        text = f"Tally: {self.n:,} rows in {len(self.cells['unit']):,} cells, {len(self.indicators)} indicators"
        return text + (f", by {', '.join(self.by)}" if self.by else "")

    def _face(self, face: Face) -> Html:
        """Show how much was counted, by what, and the classes where rows have one."""
        everybody = face.say(Label("không có: đếm tất cả", "none: everybody was counted"))
        rows = Label("{} dòng trong {} ô, {} nhóm", "{} in {} cells, {} groups")
        indicators = (self.names.part("", name, face.lang) for name in self.indicators)
        about = (
            (Label("Đã đếm", "Rows"), face.say(rows, self.n, len(self.cells["unit"]), len(self.groups))),
            (Label("Theo", "By"), ", ".join(self.names.column(name, face.lang) for name in self.by)),
            (HEADS["population"], face.number(self.total())),
            (Label("Chỉ số", "Indicators"), ", ".join(indicators)),
            (Label("Thiết kế mẫu", "Design"), everybody if self.design is None else str(self.design.to_dict())),
            (Label("Mã kiểm", "Digest"), self.digest[:16]),
        )
        counted = face.frame(self.regroup(()).counts(lang=face.lang)) if self.categories else Html("")
        return face.page(Label("Bảng đếm", "Tally"), face.facts(about), counted)

    @property
    def n(self) -> int:
        """Rows counted."""
        return int(self.sums["n"].sum())

    @property
    def has_gaps(self) -> bool:
        """Whether any row has an unknown indicator."""
        return bool(self.profiles[:, 1].any())

    def total(self, of: str | None = None) -> int | float:
        """Return the population: ``of="people"``, ``"households"`` (rows by their weight), or the default of
        :meth:`measure`.
        """
        total = self.sums[self.unit_of(of)].sum()
        return int(total) if total.dtype.kind == "i" else float(total)

    def unit_of(self, of: str | None) -> str:
        """Return the sum that ``of`` names: ``"people"`` where sizes were given (the default then), else
        ``"weight"``.
        """
        if of is None:
            return "people" if "people" in self.sums else "weight"
        if of == "people" and "people" not in self.sums:
            raise SpecError(
                "of='people' needs the persons per household, and the tally has none: "
                "count again with size= (or sizes=)."
            )
        if of not in ("people", "households"):
            raise SpecError(f"of is {of!r}, and can be 'people' or 'households'.")
        return "people" if of == "people" else "weight"

    @property
    def digest(self) -> str:
        """SHA-256 of all that was counted, as hex; equal tallies have equal digests."""
        head = [
            self.indicators,
            self.by,
            self.levels,
            self.strata,
            self.psus,
            self.categories,
            self.design.to_dict() if self.design else None,
        ]
        found = hashlib.sha256(json.dumps(head, default=str, ensure_ascii=False).encode())
        fpc = np.zeros(0) if self.fpc is None else self.fpc
        for array in (self.groups, self.units, self.profiles, fpc, *self.cells.values()):
            found.update(np.ascontiguousarray(array).tobytes())
        for name in sorted(self.sums):
            found.update(name.encode() + np.ascontiguousarray(self.sums[name]).tobytes())
        return found.hexdigest()

    def __eq__(self, other: object) -> bool:
        """Whether the same was counted: equal digests. It has no hash, for its arrays: `digest` is the key to use."""
        return self.digest == other.digest if isinstance(other, Tally) else NotImplemented

    def group_labels(self) -> dict[str, list[GroupLabel]]:
        """Return the labels of each group, column by column."""
        return {name: [self.levels[i][code] for code in self.groups[:, i].tolist()] for i, name in enumerate(self.by)}

    def group_frame(self, groups: Sequence[int] | Array | None = None) -> pd.DataFrame:
        """Return the labels of all groups, or of some in that order, as a table with a row for each.

        Whole numbers stay whole beside a missing label, and ordered categories stay a categorical.
        """
        import pandas as pd

        try:
            rows = self.groups if groups is None else self.groups[np.asarray(groups, np.int64)]
        except (ValueError, IndexError):
            raise SpecError(f"groups= are places among the {len(self.groups)} groups, from 0") from None
        orders = self.orders or (None,) * len(self.by)
        columns = {name: label_column(self.levels[i], rows[:, i], orders[i]) for i, name in enumerate(self.by)}
        return pd.DataFrame(columns, index=range(len(rows)))

    def regroup(self, by: str | Sequence[str] | None) -> Tally:
        """Return the same counts with fewer group columns (None keeps them all).

        Examples
        --------
        >>> frame = {"health": [1, 0], "region": ["a", "b"], "area": ["x", "x"]}
        >>> t = Tally.from_frame(frame, ["health"], by=["region", "area"])
        >>> t.regroup("area").group_labels()
        {'area': ['x']}
        """
        by = self.by if by is None else several_names(by, "by=")
        if by == self.by:
            return self
        group, groups = self.group_map(by)
        levels = tuple(self.levels[self.by.index(name)] for name in by)
        orders = tuple(self.orders[self.by.index(name)] for name in by) if self.orders else ()
        cells = {**self.cells, "group": group[self.cells["group"]]}
        return evolve(self, by=by, levels=levels, orders=orders, groups=groups, cells=cells)

    def group_map(self, by: Sequence[str]) -> tuple[Array, Array]:
        """Return which group each group becomes with fewer columns, and the table of those."""
        unknown = [name for name in by if name not in self.by]
        if unknown:
            raise SpecError(
                f"The tally was not counted by {', '.join(map(repr, unknown))} (it was by "
                f"{', '.join(map(repr, self.by)) or 'nothing'}); count again with by=."
            )
        if not by:
            return np.zeros(len(self.groups), np.int32), np.zeros((1, 0), np.int32)
        places = [self.by.index(name) for name in by]
        return counting.combine([self.groups[:, i] for i in places], [len(self.levels[i]) for i in places])

    @property
    def names(self) -> Names:
        """What ids are called in tables for the reader, where the tally is of a standard's classes."""
        return Names.from_dict(self.meta.get("names", {}))

    def counts(self, by: str | Sequence[str] | None = None, lang: Language | None = None) -> pd.DataFrame:
        """Count households and people per class.

        Parameters
        ----------
        by : str or sequence of str, optional
            Group columns, of those counted; all of them by default.
        lang : {"vi", "en"}, optional
            For the reader: names for ids, shares in per cent as text. Programs leave it out.

        Returns
        -------
        pandas.DataFrame
            Per group and class: the group columns; ``category``; ``n`` rows; ``households`` (rows by their
            weight) and ``people`` (households by their persons; only where sizes were given);
            ``households_share`` and ``people_share``, shares of the group's total. Every class is listed, and
            ``"open"``, the rows whose class is still open.

        Examples
        --------
        >>> import numpy as np
        >>> t = Tally.from_arrays(["health"], np.array([1, 0, 0], np.uint64), sizes=np.array([5, 3, 2]),
        ...                       categories=("poor", "not_poor"), category=np.array([0, 1, 1], np.int8))
        >>> t.counts()[["category", "households", "people", "people_share"]]
           category  households  people  people_share
        0      poor           1       5           0.5
        1  not_poor           2       5           0.5
        2      open           0       0           0.0
        """
        tally = self.regroup(by)
        counted = storage.class_counts(tally)
        return counted if lang is None else told(counted, lang, self.names, groups=tally.by)

    def measure(self, spec: AlkireFoster, **options: Any) -> Measures:
        """Measure poverty; the same as ``spec.measure_tally(tally, …)``."""
        return spec.measure_tally(self, **options)

    # --- drawing it

    def plot(self, kind: str | None = None, **options: Any) -> Axes:
        """Draw the classes (extra ``plots``).

        Parameters
        ----------
        kind : str, optional
            ``"classes"``, the only one.
        **options
            What the picture takes: ``ax=``, ``lang=``, ``caption=`` …. See :func:`mdpoverty.plots.draw`.

        Returns
        -------
        matplotlib Axes
        """
        from mdpoverty.plots.which import draw  # later: it brings in numpy and what draws

        return draw(self, kind, **options)

    # --- keeping it

    def to_json(self) -> str:
        """Return all of it as JSON text, with its digest."""
        return storage.as_json(storage.to_plain(self))

    @classmethod
    def from_json(cls, text: str) -> Tally:
        """Read :meth:`to_json` back; a digest that doesn't fit is a :class:`~mdpoverty.errors.BadValues`.

        Examples
        --------
        >>> t = Tally.from_frame({"health": [1, 0]}, ["health"], meta={"source": "census"})
        >>> Tally.from_json(t.to_json()) == t
        True
        """
        with storage.broken():
            return cls._checked(*storage.from_plain(json.loads(text)))

    def to_parquet(self, path: str | Path) -> None:
        """Write the cells as a Parquet file, the rest in its metadata (extra ``arrow``)."""
        with writing(path):
            storage.write_parquet(self, path)

    @classmethod
    def from_parquet(cls, path: str | Path) -> Tally:
        """Read :meth:`to_parquet` back."""
        there(path)
        with storage.broken():
            return cls._checked(*storage.read_parquet(path))

    @classmethod
    def _checked(cls, fields: Mapping[str, Any], digest: str) -> Tally:
        """Put a tally together from its fields, and see that it is the one that was written."""
        tally = cls(**fields)
        if tally.digest != digest:
            raise BadValues([Problem.of("tally_changed", "digest", table="tally")])
        return tally
