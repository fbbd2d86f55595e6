"""Texts as Arrow holds them: in one piece, composed, folded, and as the words of eight bytes that they consist of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mdpoverty.extras import arrow
from mdpoverty.tables.arrow_types import usual
from mdpoverty.tables.columns import Array
from mdpoverty.tables.lookup import Positions, Words
from mdpoverty.texts import composed, folded

_NUMBER = 18  # digits that fit into a word
_COUNTED = 16  # digits after a beginning that texts have in common
_LONG = 128  # bytes of a text from which on its words would take more room than it is worth
_REACHED = np.iinfo(np.int32).max  # bytes of text that offsets in 32 bits reach
_ROWS = 1 << 15  # rows whose words are put together at a time, in the processor's cache
_ALL, _ZEROS, _SIXES, _NIBBLES = (int(each * 8, 16) for each in ("ff", "30", "06", "0f"))
_STEPS = ((1 + (10 << 8), 0x00FF00FF00FF00FF), (1 + (100 << 16), 0x0000FFFF0000FFFF), (1 + (10_000 << 32), 0xFFFFFFFF))
_FEWER = np.array([max(10**held - 10, 0) // 9 for held in range(_COUNTED + 1)], np.uint64)
MASKS = np.array([(1 << 8 * held) - 1 for held in range(9)], np.uint64)


def one_array(values: Any) -> Any:
    """Return Arrow text in one piece."""
    pa = arrow()
    if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)) or values.nbytes > _REACHED:
        values = usual(values).cast(pa.large_string())
    if isinstance(values, pa.ChunkedArray):
        pieces = values.chunks
        values = pieces[0] if len(pieces) == 1 else pa.concat_arrays([pa.array([], values.type), *pieces])
    return values


def in_composed_form(values: Any) -> Any:
    """Return texts in the composed form, also where Arrow takes letters apart instead, as older releases do."""
    pa, pc = arrow(), arrow(".compute")
    if pc.utf8_normalize(pa.array(["a\u0301"]), form="NFC")[0].as_py() == "\u00e1":
        return pc.utf8_normalize(values, form="NFC")
    return pa.array([None if text is None else composed(text) for text in values.to_pylist()], values.type)


def folded_texts(values: Any) -> Any:
    """Fold texts as :func:`mdpoverty.texts.folded` does; plain ones at once, since only their case and blanks count."""
    pa, pc = arrow(), arrow(".compute")
    _, data = edges_and_bytes(values)
    if len(data) and data.max() > 127:
        places = values.dictionary_encode()
        return pa.array(list(map(folded, places.dictionary.to_pylist())), pa.large_string()).take(places.indices)
    # Arrow's quick way writes beyond its memory where texts begin late in theirs, as those of a slice that was cast do
    lower = pc.utf8_lower(values) if _begins_late(values) else pc.ascii_lower(values)
    if len(data) and data.min() <= ord(" "):
        lower = pc.ascii_trim(pc.replace_substring_regex(lower, "[\\t-\\r\\x1c-\\x20]+", " "), " ")
    return lower


def _begins_late(values: Any) -> bool:
    kind = np.int64 if arrow().types.is_large_string(values.type) else np.int32
    offsets = values.buffers()[1]
    return bool(len(values) and offsets is not None and np.frombuffer(offsets, kind, values.offset + 1)[-1])


def edges_and_bytes(values: Any) -> tuple[Array, npt.NDArray[np.uint8]]:
    """Return where each text begins and the last one ends, and the bytes of all."""
    kind = np.int64 if arrow().types.is_large_string(values.type) else np.int32
    _, offsets, data = values.buffers()
    if not len(values) or offsets is None:
        return np.zeros(1, np.int64), np.zeros(0, np.uint8)
    edges = np.frombuffer(offsets, kind, len(values) + 1, values.offset * np.dtype(kind).itemsize)
    first, last = int(edges[0]), int(edges[-1])
    held = np.frombuffer(data, np.uint8, last - first, first) if last > first else np.zeros(0, np.uint8)
    return np.subtract(edges, first, dtype=kind) if first else edges, held


def text_words(one: Any, other: Any, widths: tuple[int, int]) -> tuple[Words, Words]:
    """Return the words of two columns of text, as many for each, so that equal texts and no others have equal ones.

    ``widths`` says how many bytes each text of a column has, if all have as many; else it is 0.
    """
    if one is other:
        words, _ = text_words(one, other[:0], (widths[0], 0))
        return words, words
    held = [edges_and_bytes(side) for side in (one, other)]
    if widths[0] and widths[0] == widths[1]:
        numbers = _digits([(data, len(edges) - 1) for edges, data in held], widths[0])
    else:
        numbers = _counted(held)
    if numbers is not None:
        return numbers
    lengths = [np.diff(edges).astype(np.int64, copy=False) for edges, _ in held]
    longest = max(int(each.max(initial=0)) for each in lengths)
    if longest > _LONG:
        return _places(one, other)
    count = max(1, -(-longest // 8))
    first, second = (
        _fixed(data, len(each), count) if width else _varied(edges.astype(np.int64, copy=False), data, each, count)
        for width, (edges, data), each in zip(widths, held, lengths, strict=True)
    )
    if any(len(data) and not data.min() for _, data in held):  # what fills up a text isn't part of it
        first, second = ([*words, each.view(np.uint64)] for words, each in zip((first, second), lengths, strict=True))
    return first, second


def _digits(sides: Sequence[tuple[npt.NDArray[np.uint8], int]], width: int) -> tuple[Words, Words] | None:
    """Return texts of one length that differ in digits only as the numbers that these are; ``None`` if ours don't.

    Eight digits are read at a time, in pairs, fours and all. A text that isn't one of ours but for its digits gets a
    number that none of ours has.
    """
    if not 0 < width <= _NUMBER:
        return None
    # (where a word begins, its bytes that count, how many these are): the last eight, those before them, and the rest
    ends = range(width, 0, -8)
    windows = [(max(end - 8, 0), _ALL >> 8 * (8 - min(end, 8)), min(end, 8)) for end in reversed(ends)]
    loads = [[words_at(data, rows, width, begin) for begin, _, _ in windows] for data, rows in sides]
    codes = []  # of each word: what its bytes are but for the digits, and which of them are digits
    for word, (_, mask, _) in zip(loads[0], windows, strict=True):
        varied = int(np.bitwise_or.reduce(word ^ word[0])) & mask
        digits = sum((0xFF << at for at in range(0, 64, 8) if varied >> at & 0xFF), 0)
        codes.append((int(word[0]) & mask & ~digits | _ZEROS & digits, digits))
    found: list[npt.NDArray[np.uint64]] = []
    for words, (_, rows) in zip(loads, sides, strict=True):
        numbers = np.empty(rows, np.uint64)
        for start in range(0, rows, _ROWS):
            part, odd = slice(start, start + _ROWS), np.zeros(1, np.uint64)
            number: Any = None
            for word, (_, mask, held), (plain, digits) in zip(words, windows, codes, strict=True):
                value = word[part] ^ np.uint64(plain)
                if held < 8:
                    value &= np.uint64(mask)
                if not digits:
                    odd = odd | value
                    continue
                high = value + np.uint64(_SIXES & digits)
                high |= value
                high &= np.uint64(~(_NIBBLES & digits) & _ALL)
                odd = odd | high
                if held < 8:
                    value <<= np.uint64(8 * (8 - held))
                ends_in = _number(value)
                number = ends_in if number is None else number * np.uint64(10**held) + ends_in
            numbers[part] = 0 if number is None else number
            if odd.any():
                if not found:
                    return None
                np.copyto(numbers[part], np.uint64(_ALL), where=odd != 0)
        found.append(numbers)
    return [found[0]], [found[1]]


def _counted(sides: Sequence[tuple[Array, npt.NDArray[np.uint8]]]) -> tuple[Words, Words] | None:
    """Return texts of one beginning and a number after it as numbers, no two of them the same; ``None`` if ours aren't.

    07 isn't 7: numbers of more digits come after all that have fewer. A text that isn't such gets a number that none of
    ours has.
    """
    edges, data = sides[0]
    head = bytes(data[: edges[1]]).rstrip(b"0123456789")
    if len(head) > 8:
        return None
    found: list[npt.NDArray[np.uint64]] = []
    for ours, (edges, data) in zip((True, False), sides, strict=True):
        anywhere = _anywhere(data, 16)
        numbers = np.empty(len(edges) - 1, np.uint64)
        for start in range(0, len(numbers), _ROWS):
            begin, end = (side[start : start + _ROWS] for side in (edges[:-1], edges[1:]))
            digits = end - begin - len(head)
            wrong = (anywhere[begin + 16] & MASKS[len(head)]) != int.from_bytes(head, "little")
            wrong |= (digits < 1) | (digits > _COUNTED)
            number, odd = _ending(anywhere[end + 8], np.clip(digits, 0, 8))
            if (digits > 8).any():
                more, others = _ending(anywhere[end], np.clip(digits - 8, 0, 8))
                number += more * np.uint64(10**8)
                odd |= others
            wrong |= odd != 0
            number += _FEWER.take(digits, mode="clip")
            if wrong.any():
                if ours:
                    return None
                number[wrong] = _ALL
            numbers[start : start + _ROWS] = number
        found.append(numbers)
    return [found[0]], [found[1]]


def _ending(word: npt.NDArray[np.uint64], held: Array) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Return the number that the last bytes of a word are, and what isn't 0 where one of them is no digit; in place."""
    word ^= np.uint64(_ZEROS)
    word &= ~MASKS.take(8 - held)
    odd = word + np.uint64(_SIXES)
    odd |= word
    odd &= np.uint64(~_NIBBLES & _ALL)
    return _number(word), odd


def _anywhere(data: npt.NDArray[np.uint8], ahead: int) -> npt.NDArray[np.uint64]:
    """Return the eight bytes that follow each place, from some places ahead of the data on."""
    room = np.concatenate([np.zeros(ahead, np.uint8), data, np.zeros(16, np.uint8)])
    return np.ndarray(len(room) - 8, np.uint64, room.data, 0, (1,))


def words_at(data: npt.NDArray[np.uint8], rows: int, width: int, begin: int) -> npt.NDArray[np.uint64]:
    """Return the eight bytes of each text from a place on, as they lie; what follows a shorter text is read with it."""
    data = data if width >= 8 else np.concatenate([data, np.zeros(8, np.uint8)])
    return np.ndarray(rows, np.uint64, data.data, begin, (width,))


def _number(digits: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return the number that eight digits are, one in each byte, the first in the lowest; in place."""
    for places, (factor, kept) in enumerate(_STEPS):
        digits *= np.uint64(factor)
        digits >>= np.uint64(8 << places)
        digits &= np.uint64(kept)
    return digits


def _fixed(data: npt.NDArray[np.uint8], rows: int, count: int) -> Words:
    """Return the words of texts that all have one length."""
    width = len(data) // rows
    words = []
    for start in range(0, 8 * count, 8):
        held = min(8, width - start)
        if held <= 0:
            words.append(np.zeros(rows, np.uint64))
        elif held == 8:
            words.append(words_at(data, rows, width, start).copy())
        elif width < 8:
            words.append(words_at(data, rows, width, 0) & MASKS[held])
        else:  # the last word is the end of the text, without what was read
            words.append(words_at(data, rows, width, width - 8) >> np.uint64(8 * (8 - held)))
    return words


def _varied(edges: Positions, data: npt.NDArray[np.uint8], lengths: Positions, count: int) -> Words:
    """Return the words of texts of several lengths."""
    anywhere, last = _anywhere(data, 0), len(data)
    words = [np.empty(len(lengths), np.uint64) for _ in range(count)]
    for start in range(0, len(lengths), _ROWS):
        rows = slice(start, start + _ROWS)
        for i, word in enumerate(words):
            held = anywhere[np.minimum(edges[:-1][rows] + 8 * i, last)]
            word[rows] = held & MASKS.take(np.clip(lengths[rows] - 8 * i, 0, 8))
    return words


def _places(one: Any, other: Any) -> tuple[Words, Words]:
    """Return long texts as places among the first side's, those that aren't there as one that no text has."""
    pa, pc = arrow(), arrow(".compute")
    one, other = (side.cast(pa.large_string()) for side in (one, other))
    known = one.drop_null().unique()
    first, second = (
        [pc.index_in(side, value_set=known).fill_null(-1).cast("int64").to_numpy().view(np.uint64)]
        for side in (one, other)
    )
    return first, second
