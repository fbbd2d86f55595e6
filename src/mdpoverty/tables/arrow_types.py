"""Arrow's rarer types, brought into those that every release of pyarrow can compare, cast and take rows of."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from mdpoverty.extras import arrow


def usual(column: Any) -> Any:
    """Return a column, in one piece or several, of a usual type, with the same values.

    Views of texts become texts, runs are written out, decimals have the room of 128 bits and floats that of 32 at
    least, UUIDs are written as people do, and whatever else is an extension of Arrow's with its name.
    """
    while (change := unusual(column.type)) is not None:
        column = change(column)
    return column


def usual_table(table: Any) -> Any:
    """Return a table all of whose columns are of usual types."""
    for place, kind in enumerate(table.schema.types):
        if unusual(kind) is not None:
            table = table.set_column(place, table.column_names[place], usual(table.column(place)))
    return table


def widest(kind: Any) -> Any:
    """Return the type of decimals with all the room that 128 bits have, doubles for floats, any other as it is."""
    pa = arrow()
    if pa.types.is_decimal(kind) and kind.precision <= 38:
        return pa.decimal128(38, kind.scale)
    return pa.float64() if is_single(kind) else kind


def is_single(kind: Any) -> bool:
    """Return whether a type is one of floats of less than 64 bits, which money isn't trusted to."""
    types = arrow().types
    return bool(types.is_float32(kind) or types.is_float16(kind))


def is_union(kind: Any) -> bool:
    """Return whether a type is one of columns each of whose values has one of several types."""
    return bool(arrow().types.is_union(kind))


@lru_cache(maxsize=1024)
def unusual(kind: Any) -> Callable[[Any], Any] | None:
    """Return what brings columns of an Arrow type into a more usual one; ``None`` where that is one already."""
    types, name = arrow().types, str(kind)
    if hasattr(kind, "run_end_type"):
        return _without_runs
    if name in ("string_view", "binary_view"):
        return _without_views
    if name == "halffloat":
        return lambda column: column.cast(arrow().float32())
    if name.startswith(("decimal32(", "decimal64(", "decimal256(")) and kind.precision <= 38:
        return lambda column: column.cast(arrow().decimal128(kind.precision, kind.scale))
    if name == "extension<arrow.bool8>":
        return lambda column: column.cast(arrow().bool_())
    if name == "extension<arrow.uuid>":
        return _written
    if hasattr(kind, "storage_type"):  # days of pandas', say, which lie there as numbers and are no amounts
        return lambda column: _written(column, f" ({kind.extension_name})")
    if types.is_dictionary(kind) and unusual(kind.value_type) is not None:
        return _of_usual_words
    return None


def _chunks(column: Any) -> list[Any]:
    return list(getattr(column, "chunks", [column]))


def _without_runs(column: Any) -> Any:
    pa, pc = arrow(), arrow(".compute")
    return pa.chunked_array([pc.run_end_decode(chunk) for chunk in _chunks(column)], column.type.value_type)


def _without_views(column: Any) -> Any:
    pa = arrow()
    kind = pa.large_string() if str(column.type) == "string_view" else pa.large_binary()
    try:
        return column.cast(kind)
    except pa.ArrowNotImplementedError:  # pyarrow 16.1, the oldest we support, can't cast views
        return pa.chunked_array([pa.array(column.to_pylist(), kind)])


def _written(column: Any, mark: str = "") -> Any:
    texts = [None if each is None else f"{each}{mark}" for each in column.to_pylist()]
    return arrow().chunked_array([arrow().array(texts, arrow().string())])


def _of_usual_words(column: Any) -> Any:
    pa, kind = arrow(), column.type
    pieces = []
    for chunk in _chunks(column):
        words = usual(chunk.dictionary)
        words = words.combine_chunks() if hasattr(words, "chunks") else words
        pieces.append(pa.DictionaryArray.from_arrays(chunk.indices, words, ordered=kind.ordered))
    if not pieces:
        empty = usual(pa.chunked_array([], kind.value_type)).type
        return pa.chunked_array([], pa.dictionary(kind.index_type, empty, kind.ordered))
    return pa.chunked_array(pieces)
