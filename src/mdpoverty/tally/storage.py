"""What can be done with tallies as wholes: add them up, count classes, write them down and read them back."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mdpoverty.errors import BadValues, MdpovertyError, Problem, SpecError
from mdpoverty.extras import need
from mdpoverty.law.program import OPEN
from mdpoverty.tables.columns import Array
from mdpoverty.tables.labels import GroupLabel, label_key, label_order
from mdpoverty.tally.design import SurveyDesign
from mdpoverty.tally.rows import CELL_COLUMNS, Key

if TYPE_CHECKING:
    import pandas as pd

    from mdpoverty.tally.population import Tally

#: Version of the written form.
FORMAT = 1


def merged(tallies: list[Tally]) -> tuple[dict[str, Key], dict[str, Array], dict[str, Any]]:
    """Put the cells of tallies below each other, by the labels of all: their keys, sums, and the other fields."""
    if not tallies:
        raise SpecError("There is no tally to add up.")
    first = tallies[0]
    for other in tallies[1:]:
        _same(first, other)
    orders = [_order([tally.orders[i] for tally in tallies if tally.orders]) for i in range(len(first.by))]
    levels = [_union([tally.levels[i] for tally in tallies], orders[i]) for i in range(len(first.by))]
    strata, psus = (_union([getattr(tally, name) for tally in tallies]) for name in ("strata", "psus"))
    words = [1 << len(first.indicators)] * 2
    category = np.concatenate([tally.cells["category"] for tally in tallies])
    keys = {
        "unit": _key(tallies, "unit", *_recoded([strata, psus], [tally.units for tally in tallies])),
        "group": _key(tallies, "group", *_recoded(levels, [tally.groups for tally in tallies])),
        "profile": _key(tallies, "profile", [tally.profiles for tally in tallies], words),
        "category": Key([category], [len(first.categories) + 1]),
    }
    rest = {
        "indicators": first.indicators,
        "by": first.by,
        "levels": tuple(labels for labels, _ in levels),
        "orders": tuple(orders),
        "strata": strata[0],
        "psus": psus[0],
        "categories": first.categories,
        "fpc": _merge_fpc(tallies, strata[0]),
        "design": first.design,
        "replicate_products": _added([tally.replicate_products for tally in tallies]),
        "meta": {k: v for k, v in first.meta.items() if all(t.meta.get(k) == v for t in tallies)},
    }
    once: dict[tuple[int, ...], Array] = {}  # one array where it has two names: without weights they are the counts
    sums = {}
    for name in first.sums:
        its = [tally.sums[name] for tally in tallies]
        which = tuple(map(id, its))
        sums[name] = once[which] = once[which] if which in once else np.concatenate(its)
    return keys, sums, rest


def _added(products: list[Array | None]) -> Array | None:
    known = [each for each in products if each is not None]
    return np.sum(known, axis=0) if known and len(known) == len(products) else None


def refuse_numbered_rows(tallies: list[Tally]) -> None:
    """Refuse to add up tallies whose rows are sampling units that go by their numbers, which start again in each."""
    if len(tallies) > 1 and any(t.psus and t.design is not None and t.design.psu is None for t in tallies):
        raise SpecError(
            "Tallies with gaps, in which each row is a sampling unit of its own, can't be added up: the rows have no "
            "names. Name a psu, the household's key if there is no other."
        )


def _same(first: Tally, other: Tally) -> None:
    for name in ("indicators", "by", "categories", "design"):
        ours, theirs = getattr(first, name), getattr(other, name)
        if ours != theirs:
            raise SpecError(
                f"Tallies add up when they count the same; {name} is {ours} in one and {theirs} in another."
            )
    if set(first.sums) != set(other.sums) or (first.fpc is None) != (other.fpc is None):
        raise SpecError(
            "Tallies add up when they count the same; one has sums that another lacks: "
            f"{', '.join(sorted(set(first.sums) ^ set(other.sums))) or 'fpc'}."
        )


Union = tuple[tuple[GroupLabel, ...], list[Array]]


def _order(parts: list[tuple[GroupLabel, ...] | None]) -> tuple[GroupLabel, ...] | None:
    """Return the order of categories that tallies have; empty, for good, where two differ."""
    known = {part for part in parts if part is not None}
    return None if not known else known.pop() if len(known) == 1 else ()


def _union(parts: list[tuple[GroupLabel, ...]], order: tuple[GroupLabel, ...] | None = None) -> Union:
    """Return the union of the tallies' labels, and for each tally its old code → new code (−1, none, becomes 0)."""
    every = {label_key(label): label for part in parts for label in part}
    rank = {label_key(label): i for i, label in enumerate(order or ())}
    keys = sorted(every, key=lambda key: (rank.get(key, len(rank)), label_order(every[key])))
    place = {key: i for i, key in enumerate(keys)}
    codes = [np.array([*(place[label_key(label)] for label in part), 0], np.int32) for part in parts]
    return tuple(every[key] for key in keys), codes


def _recoded(unions: Sequence[Union], tables: Sequence[Array]) -> tuple[list[Array], list[int]]:
    """Return the tallies' tables by the labels of all, and how many labels each column has."""
    found = [
        np.stack([new[k][table[:, i]] for i, (_, new) in enumerate(unions)], axis=1) if unions else table
        for k, table in enumerate(tables)
    ]
    return found, [max(len(labels), 1) for labels, _ in unions]


def _key(tallies: Sequence[Tally], cell: str, tables: Sequence[Array], sizes: Sequence[int]) -> Key:
    """Return the key of all cells, in the one table that the tallies' tables make: tables are much the shorter."""
    rows = np.concatenate(tables)
    code, union = Key(list(rows.T), sizes).numbered(len(rows))
    places = np.split(code, np.cumsum([len(each) for each in tables])[:-1])
    column = [place.take(tally.cells[cell]) for place, tally in zip(places, tallies, strict=True)]
    return Key([np.concatenate(column)], [len(union)], union)


def _merge_fpc(tallies: list[Tally], strata: tuple[GroupLabel, ...]) -> Array | None:
    if tallies[0].fpc is None:
        return None
    known: dict[GroupLabel, float] = {}
    for tally in tallies:
        assert tally.fpc is not None
        for label, value in zip(tally.strata or (None,), tally.fpc.tolist(), strict=True):
            if known.setdefault(label, value) != value:
                raise SpecError(f"The finite population correction of stratum {label!r} differs between tallies.")
    return np.array([known[label] for label in strata or (None,)])


def class_counts(tally: Tally) -> pd.DataFrame:
    """Count households and people per class and group; see :meth:`Tally.counts`."""
    import pandas as pd

    if not tally.categories:
        raise SpecError("The rows of this tally have no class; count it from an assessment, or with category=.")
    columns_of_counts = {"category", "n", "households", "people", "households_share", "people_share"}
    taken = [name for name in tally.by if name in columns_of_counts]
    if taken:
        raise SpecError(
            f"{', '.join(map(repr, taken))} is a column of the table of counts too. Rename the group column."
        )
    classes, group_count = len(tally.categories) + 1, len(tally.groups)
    key = tally.cells["group"].astype(np.int64) * classes + tally.cells["category"]
    wanted = {"n": "n", "households": "weight"} | ({"people": "people"} if "people" in tally.sums else {})
    table = {
        # the open ones come last
        name: np.roll(_exact_bins(key, tally.sums[source], group_count * classes).reshape(-1, classes), -1, axis=1)
        for name, source in wanted.items()
    }
    labels = tally.group_frame(np.repeat(np.arange(group_count), classes))
    columns: dict[str, Any] = {name: labels[name] for name in tally.by}
    order = [*tally.categories, OPEN]  # as a categorical, so that pivots and charts keep it
    columns["category"] = pd.Categorical(order * group_count, categories=order)
    columns |= {name: values.ravel() for name, values in table.items()}
    for name, rate in (("households", "households_share"), ("people", "people_share")):
        if name in table:
            whole = table[name].sum(axis=1, keepdims=True)
            shares = np.divide(table[name], whole, where=whole > 0, out=np.full(table[name].shape, np.nan))
            columns[rate] = shares.ravel()
    return pd.DataFrame(columns)


def _exact_bins(key: Array, values: Array, bins: int) -> Array:
    out = np.zeros(bins, values.dtype)
    np.add.at(out, key, values)
    return out


# --- the written form


def _label_out(label: GroupLabel) -> Any:
    if label is None or isinstance(label, (bool, int, float, str)):
        return label
    if isinstance(label, (datetime.datetime, datetime.date)):
        return {"date" if type(label) is datetime.date else "time": label.isoformat()}
    raise SpecError(f"A label of type {type(label).__name__} can't be written down; make it text first.")


def _label_in(label: Any) -> GroupLabel:
    if not isinstance(label, dict):
        return label
    if "date" in label:
        return datetime.date.fromisoformat(label["date"])
    return datetime.datetime.fromisoformat(label["time"])


def _head(tally: Tally) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "digest": tally.digest,
        "indicators": tally.indicators,
        "by": tally.by,
        "levels": [[_label_out(x) for x in labels] for labels in tally.levels],
        "orders": [None if order is None else [_label_out(x) for x in order] for order in tally.orders],
        "strata": [_label_out(x) for x in tally.strata],
        "psus": [_label_out(x) for x in tally.psus],
        "categories": tally.categories,
        "groups": tally.groups.tolist(),
        "units": tally.units.tolist(),
        "profiles": tally.profiles.tolist(),
        "fpc": None if tally.fpc is None else tally.fpc.tolist(),
        "design": tally.design.to_dict() if tally.design else None,
        "replicate_products": None if tally.replicate_products is None else tally.replicate_products.tolist(),
        "meta": tally.meta,
    }


def as_json(plain: Mapping[str, Any]) -> str:
    """Write plain values as JSON, and what people keep beside a tally: numpy's scalars and arrays, paths, days."""
    return json.dumps(plain, ensure_ascii=False, default=_plainer)


def _plainer(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Path | Fraction | Decimal):
        return str(value)
    raise SpecError(f"A tally's meta can't be written down with a {type(value).__name__} in it; make it text first.")


def to_plain(tally: Tally) -> dict[str, Any]:
    """Return the tally as values that JSON can hold."""
    return _head(tally) | {
        "cells": {name: values.tolist() for name, values in tally.cells.items()},
        "sums": {name: values.tolist() for name, values in tally.sums.items()},
        "types": {name: values.dtype.str for name, values in tally.sums.items()},
    }


#: The fields of a tally, and its digest.
Written = tuple[dict[str, Any], str]


def _rebuild(head: Mapping[str, Any], cells: dict[str, Array], sums: dict[str, Array]) -> Written:
    if head.get("format") != FORMAT:
        details = {"found": repr(head.get("format")), "known": FORMAT}
        raise BadValues([Problem.of("tally_format", "format", details, table="tally")])
    fields = {
        "indicators": tuple(head["indicators"]),
        "by": tuple(head["by"]),
        "levels": tuple(tuple(map(_label_in, labels)) for labels in head["levels"]),
        "orders": tuple(None if order is None else tuple(map(_label_in, order)) for order in head.get("orders", ())),
        "groups": np.array(head["groups"], np.int32).reshape(len(head["groups"]), len(head["by"])),
        "strata": tuple(map(_label_in, head["strata"])),
        "psus": tuple(map(_label_in, head["psus"])),
        "units": np.array(head["units"], np.int32).reshape(-1, 2),
        "profiles": np.array(head["profiles"], np.uint64).reshape(-1, 2),
        "categories": tuple(head["categories"]),
        "cells": cells,
        "sums": sums,
        "fpc": None if head["fpc"] is None else np.array(head["fpc"]),
        "design": SurveyDesign(**head["design"]) if head["design"] else None,
        "replicate_products": None if (found := head.get("replicate_products")) is None else np.array(found),
        "meta": head["meta"],
    }
    return fields, head["digest"]


def from_plain(plain: Mapping[str, Any]) -> Written:
    """Undo :func:`to_plain`."""
    cells = {name: np.array(values, np.int32) for name, values in plain["cells"].items()}
    sums = {name: np.array(values, plain["types"][name]) for name, values in plain["sums"].items()}
    return _rebuild(plain, cells, sums)


@contextmanager
def broken() -> Iterator[None]:
    """Say of whatever can't be read as a tally that it is none."""
    try:
        yield
    except MdpovertyError:
        raise
    except Exception as error:  # text, JSON or Parquet of any other kind fails in as many ways
        details = {"how": type(error).__name__}
        raise BadValues([Problem.of("tally_broken", "(file)", details, table="tally")]) from None


def _arrow() -> tuple[Any, Any]:
    what = "A tally as Parquet"
    return need("pyarrow", "arrow", what), need("pyarrow.parquet", "arrow", what)


def write_parquet(tally: Tally, path: str | Path) -> None:
    """Write one row per cell, codes and sums, and everything else as JSON in the file's metadata."""
    pa, parquet = _arrow()
    columns: dict[str, Any] = dict(tally.cells)
    for name, values in tally.sums.items():
        columns[name] = values if values.ndim == 1 else list(values)
    table = pa.table(columns).replace_schema_metadata({"mdpoverty": as_json(_head(tally))})
    parquet.write_table(table, str(path), compression="zstd")


def read_parquet(path: str | Path) -> Written:
    """Undo :func:`write_parquet`."""
    _, parquet = _arrow()
    table = parquet.read_table(str(path))
    head = (table.schema.metadata or {}).get(b"mdpoverty")
    if head is None:
        raise BadValues([Problem.of("no_tally", "(file)", table="tally")])
    columns = {}
    for name in table.column_names:
        column = table.column(name)
        values = column.to_numpy()
        columns[name] = np.stack(values.tolist()) if values.dtype == object else values
    cells = {name: columns.pop(name) for name in CELL_COLUMNS}
    return _rebuild(json.loads(head), cells, columns)
