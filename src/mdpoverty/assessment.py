"""Many households: the class of each, as arrays, as the caller's kind of table, and as the verdict of any one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date as Date
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from mdpoverty.engine import arrays
from mdpoverty.engine.frames import Answers, Codes, Flags, build_frame
from mdpoverty.engine.inputs import Inputs, open_inputs
from mdpoverty.errors import BadValues, MissingColumns, Problem, UnknownKey
from mdpoverty.receipt import Receipt
from mdpoverty.scorers import SIZE
from mdpoverty.standard import Standard
from mdpoverty.ternary import to_codes

if TYPE_CHECKING:
    from mdpoverty.measures import Measures
    from mdpoverty.survey import SurveyDesign
    from mdpoverty.tally import Tally
    from mdpoverty.verdict import Verdict

__all__ = ["OPEN", "Assessment", "classify"]

OPEN = 255
"""The class code of a household that open answers leave open."""


@frozen(eq=False, repr=False)
class Assessment:
    """The classes of many households by one standard.

    Attributes
    ----------
    standard : Standard
        By which standard.
    date : datetime.date or None
        The day of the review, where one was given.
    problems : tuple of Problem
        What was wrong with the input and was left out or counted as missing, because the caller chose to go on.
    """

    standard: Standard
    date: Date | None
    given: tuple[str, ...]
    options: Mapping[str, Any]
    _inputs: Inputs
    _results: arrays.Results
    _cache: dict[str, Any] = field(factory=dict, init=False)

    def __len__(self) -> int:
        return self._inputs.households

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was wrong with the input, where the caller chose to go on."""
        return tuple(self._inputs.problems)

    @property
    def codes(self) -> npt.NDArray[np.uint8]:
        """Each household's class as its position among ``standard.categories``; 255 while it is open."""
        if "codes" not in self._cache:
            possible = self._results.possible
            codes = np.full(len(possible), OPEN, np.uint8)
            for position in range(len(self.standard.categories)):
                codes[possible == possible.dtype.type(1 << position)] = position
            self._cache["codes"] = codes
        codes_: npt.NDArray[np.uint8] = self._cache["codes"]
        return codes_

    @property
    def category(self) -> npt.NDArray[np.object_]:
        """Each household's class by its id; ``None`` while it is open. Shape (households,), dtype object."""
        names = np.array([*self.standard.categories, None], dtype=object)
        return names[np.minimum(self.codes, len(self.standard.categories))]

    @property
    def open(self) -> npt.NDArray[np.bool_]:
        """Where open answers could still change the class."""
        return np.equal(self.codes, OPEN)

    @property
    def deprivations(self) -> npt.NDArray[Any]:
        """The (weighted) number of deprivations that each household has for sure."""
        return self._counted(self._results.sure)

    @property
    def deprivations_max(self) -> npt.NDArray[Any]:
        """The (weighted) number of deprivations that each household may have at most."""
        return self._counted(self._results.maybe)

    def _counted(self, deprived: npt.NDArray[np.bool_]) -> npt.NDArray[Any]:
        program = self.standard.program(self.date, self.given)
        total = np.zeros(len(self), np.int64)
        for weight, row in zip(program.weights, deprived, strict=True):
            total += row if weight == 1 else row * np.int64(weight)
        return total if program.scale == 1 else total / program.scale

    def indicator(self, name: str) -> npt.NDArray[np.uint8]:
        """Return 0, 1 or 2 for each household: deprived in that indicator?"""
        position = list(self.standard.indicators).index(self.standard.indicators[name].id)
        return to_codes(self._results.sure[position], self._results.maybe[position])

    def in_category(self, name: str) -> npt.NDArray[np.uint8]:
        """Return 0, 1 or 2 for each household: in that class?"""
        position = list(self.standard.categories).index(self.standard.categories[name].id)
        bit = self._results.possible.dtype.type(1 << position)
        may: npt.NDArray[np.bool_] = (self._results.possible & bit) != 0
        return to_codes(may & (self.codes == position), may)

    def to_frame(self) -> Any:
        """Return the results as a table of the same kind as the households, in the same order (and index).

        Returns
        -------
        dataframe or dict of arrays
            The key; ``category`` (a categorical, null while open); ``possible`` (the possible classes, joined by
            ``"|"``); ``deprivations`` and ``deprivations_max``; and a nullable boolean for each indicator.
        """
        categories = tuple(self.standard.categories)
        codes = self.codes
        possible, which = np.unique(self._results.possible, return_inverse=True)
        sets = ["|".join(name for i, name in enumerate(categories) if int(bits) >> i & 1) for bits in possible]
        columns: dict[str, Answers | npt.NDArray[Any]] = {
            "category": Codes(np.where(codes == OPEN, np.int8(-1), codes.astype(np.int8)), categories, True),
            "possible": Codes(which.astype(np.int32), tuple(sets), False),
            "deprivations": self.deprivations,
            "deprivations_max": self.deprivations_max,
        }
        for name, sure, maybe in zip(self.standard.indicators, self._results.sure, self._results.maybe, strict=True):
            columns[name] = Flags(sure, sure != maybe)
        return build_frame(self._inputs.table, self._inputs.key, columns)

    def counts(self, by: str | Sequence[str] = ()) -> Any:
        """Count households and people in each class.

        Parameters
        ----------
        by : str or sequence of str
            Columns of ``households`` to count within; a missing value is a group of its own.

        Returns
        -------
        pandas.DataFrame
            ``by``, ``category`` (every class, and ``"open"``), ``households``, ``households_share``, ``people``,
            ``people_share`` (of the group, between 0 and 1) and ``size_missing``: the households whose size isn't known
            and whose people are therefore not counted.
        """
        import pandas as pd

        names = [by] if isinstance(by, str) else list(by)
        table = self._inputs.table
        absent = [name for name in names if name not in table]
        if absent:
            raise MissingColumns(Problem(name, "there is no such column to count by") for name in absent)
        order = [*self.standard.categories, "open"]
        sizes = self._inputs.sizes
        known = np.zeros(len(self), bool) if sizes is None else np.ones(len(self), bool)
        if sizes is not None and sizes.missing is not None:
            known = ~sizes.missing
        frame = pd.DataFrame({name: table.column(name).to_list() for name in names})
        frame["category"] = pd.Categorical.from_codes(
            np.minimum(self.codes, len(order) - 1).astype(np.int8), pd.Index(order)
        )
        frame["households"] = 1
        frame["people"] = np.where(known, 0 if sizes is None else sizes.values, 0).astype(np.int64)
        frame["size_missing"] = (~known).astype(np.int64)
        sums = frame.groupby([*names, "category"], observed=False, dropna=False, sort=True).sum()
        if names:  # only groups that occur, each with every class
            occurring = frame[names].drop_duplicates()
            sums = sums.reset_index().merge(occurring, on=names, how="inner")
        else:
            sums = sums.reset_index()
        for what in ("households", "people"):
            whole = sums.groupby(names, dropna=False)[what].transform("sum") if names else sums[what].sum()
            sums[f"{what}_share"] = sums[what] / whole
        if sizes is None:
            sums[["people", "people_share"]] = None
        columns = ["category", "households", "households_share", "people", "people_share", "size_missing"]
        return sums[[*names, *columns]]

    def tally(
        self, by: str | Sequence[str] = (), *, weight: str | None = None, design: SurveyDesign | None = None
    ) -> Tally:
        """Return the households' deprivations and classes as a tally: small, additive, and all that measures need.

        Parameters
        ----------
        by : str or sequence of str
            Columns of ``households`` to count within.
        weight : str, optional
            Column of ``households``: how many households of the population each stands for. ``"household_size"`` says
            that persons are meant: they are counted besides wherever every size is known, and here they must be.
        design : SurveyDesign, optional
            How the households were sampled, by the names of columns of ``households``.

        Returns
        -------
        Tally
        """
        from mdpoverty.tally import Tally

        sizes = self._inputs.sizes
        known = sizes.values if sizes is not None and sizes.missing is None else None
        if weight == SIZE and known is None:
            rows = len(self) if sizes is None or sizes.missing is None else int(sizes.missing.sum())
            raise BadValues([Problem(SIZE, "every household needs its size to be counted by persons", rows)])
        deprived, unknown = (
            self._word(flags) for flags in (self._results.sure, self._results.maybe & ~self._results.sure)
        )
        return Tally.from_profiles(
            self._inputs.table.native,
            tuple(self.standard.indicators),
            deprived,
            unknown,
            by=by,
            weight=None if weight == SIZE else weight,
            design=design,
            sizes=known,
            categories=tuple(self.standard.categories),
            category=np.where(self.open, np.int8(-1), self.codes.astype(np.int8)),
            meta={"standard": self.standard.id, "revision": self.standard.revision, "digest": self.standard.digest},
        )

    def _word(self, flags: npt.NDArray[np.bool_]) -> npt.NDArray[Any]:
        from mdpoverty._cells import pack

        return pack([row.view(np.uint8) for row in flags])

    def measure(
        self,
        by: str | Sequence[str] = (),
        *,
        weight: str | None = None,
        k: Any = None,
        design: SurveyDesign | None = None,
        **options: Any,
    ) -> Measures:
        """Measure multidimensional poverty with the standard's indicators, weights and cut-off (Alkire–Foster).

        This counts deprivations alone. Who is poor by the law's income test besides is what :meth:`counts` says.

        Parameters
        ----------
        by, weight, design
            As in :meth:`tally`. Figures are of people where every size is known, unless ``of="households"``.
        k : number or str, optional
            The cut-off as a share of the total weight, instead of the standard's own.
        **options
            As in :meth:`mdpoverty.AlkireFoster.measure_tally`; ``missing=`` is needed where indicators are open.

        Returns
        -------
        Measures
        """
        from mdpoverty.measures import AlkireFoster

        spec = AlkireFoster.from_standard(self.standard, k)
        return spec.measure_tally(self.tally(by, weight=weight, design=design), **options)

    def explain(self, key: Any) -> Verdict:
        """Return the verdict of one household, from the same answers and the same rules.

        Parameters
        ----------
        key
            The household's key; its position where there is no key column.

        Raises
        ------
        UnknownKey
            If no household has that key.
        """
        position = self._position(key)
        inputs = self._inputs
        record = {
            name: value_at(answers, position)
            for (level, name), answers in inputs.answers.items()
            if level == "household"
        }
        if self._results.conflict is not None and self._results.conflict[position]:
            record = {name: value for name, value in record.items() if name not in ("income", "total_income")}
        members = None
        if inputs.roster is not None and inputs.roster.sizes[position]:
            its = {name: answers for (level, name), answers in inputs.answers.items() if level == "member"}
            members = [
                {name: value_at(answers, row) for name, answers in its.items()} for row in inputs.roster.of(position)
            ]
        return self.standard.assess(record, members, date=self.date, given=self.given, provisional=True)

    def _position(self, key: Any) -> int:
        if self._inputs.key is None:
            if isinstance(key, int | np.integer) and 0 <= key < len(self):
                return int(key)
            raise UnknownKey(f"the households have no key column: ask by position, from 0 to {len(self) - 1}")
        series = self._inputs.table.column(self._inputs.key)
        numeric = series.dtype.is_numeric()
        keys = series.to_numpy() if numeric else np.array([*series.to_list(), None], dtype=object)[:-1]
        found = np.flatnonzero(keys == key)
        if not len(found):
            raise UnknownKey(f"no household has the key {key!r}")
        return int(found[0])

    @property
    def receipt(self) -> Receipt:
        """What the result was computed from. The digest of the inputs is computed when first asked for."""
        from mdpoverty import __version__

        if "receipt" not in self._cache:
            self._cache["receipt"] = Receipt(
                library=__version__,
                standard=self.standard.id,
                revision=self.standard.revision,
                digest=self.standard.digest,
                date=self.date,
                inputs_digest=_digest(self._inputs),
                options={"given": list(self.given), **_provisional(self.standard), **self.options},
            )
        receipt: Receipt = self._cache["receipt"]
        return receipt

    def __repr__(self) -> str:
        counted = np.bincount(
            np.minimum(self.codes, len(self.standard.categories)), minlength=len(self.standard.categories) + 1
        )
        listed = ", ".join(f"{name} {n}" for name, n in zip([*self.standard.categories, "open"], counted, strict=True))
        return f"<Assessment by {self.standard.id} of {len(self)} households: {listed}>"

    def _repr_html_(self) -> str:
        html: str = self.counts()._repr_html_()
        return html


def value_at(answers: Answers, position: int) -> Any:
    """Return one answer as a plain Python value, ``None`` where it is missing."""
    if isinstance(answers, Codes):
        code = int(answers.codes[position])
        return None if code < 0 else answers.names[code]
    if answers.missing is not None and answers.missing[position]:
        return None
    return answers.values[position].item()


def classify(
    standard: Standard,
    households: Any,
    members: Any = None,
    *,
    household_id: str | tuple[str, str] = "household_id",
    given: Iterable[str] | Literal["all"] = (),
    date: Date | None = None,
    columns: Mapping[str, str] | None = None,
    codes: Mapping[str, Mapping[Any, Any]] | None = None,
    orphans: Literal["error", "report"] = "error",
    invalid: Literal["error", "missing"] = "error",
) -> Assessment:
    """Classify many households; see :meth:`mdpoverty.Standard.classify`."""
    named = tuple(standard.indicators) if given == "all" else tuple(given)
    program = standard.program(date, named)
    inputs = open_inputs(
        [*program.indicators, *program.categories],
        households,
        members,
        fields=program.fields,
        household_id=household_id,
        columns=columns,
        codes=codes,
        orphans=orphans,
        invalid=invalid,
    )
    results = arrays.run(program, inputs)
    inputs.refuse_conflict(results.conflict)
    options = {
        "household_id": household_id,
        "columns": dict(columns or {}),
        "codes": {name: {str(code): meaning for code, meaning in its.items()} for name, its in (codes or {}).items()},
        "orphans": orphans,
        "invalid": invalid,
    }
    return Assessment(standard, date, named, options, inputs, results)


def _provisional(standard: Standard) -> dict[str, bool]:
    return {"provisional": True} if standard.provisional else {}


def _digest(inputs: Inputs) -> str:
    """Return the SHA-256 of the answers read, whatever kind of table and of numbers held them."""
    digest = hashlib.sha256()
    if inputs.key is not None:
        digest.update("\n".join(map(str, inputs.table.column(inputs.key).to_list())).encode())
    if inputs.roster is not None:
        digest.update(inputs.roster.sizes.astype("<i8").tobytes())
    for (level, name), answers in sorted(inputs.answers.items()):
        digest.update(f"\n{level}.{name}:".encode())
        for part in _canonical(answers):
            digest.update(part.tobytes())
    return digest.hexdigest()


def _canonical(answers: Answers) -> list[npt.NDArray[Any]]:
    if isinstance(answers, Flags):
        return [to_codes(*answers.pair())]
    if isinstance(answers, Codes):
        occurring = sorted(answers.names[code] for code in np.unique(answers.codes).tolist() if code >= 0)
        place = [occurring.index(name) if name in occurring else -1 for name in answers.names]
        listed = np.frombuffer("|".join(occurring).encode(), np.uint8)
        return [listed, np.array([*place, -1], dtype="<i4")[answers.codes]]
    values = answers.values.astype("<f8")
    if answers.missing is not None:
        values = np.where(answers.missing, np.nan, values)
    return [values]
