"""Digests of the answers behind an assessment: of all in their order, and one that no order changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from mdpoverty.engine.inputs import Inputs
from mdpoverty.tables.columns import Answers, Codes, Flags, PackedFlags
from mdpoverty.ternary import to_codes

Words = npt.NDArray[np.uint64]


def of_inputs(inputs: Inputs) -> str:
    """Return the SHA-256 of the answers read, whatever kind of table and of numbers held them."""
    digest = hashlib.sha256()
    if inputs.key is not None:
        digest.update("\n".join(map(str, inputs.table.key_values())).encode(errors="surrogatepass"))
    if inputs.roster is not None:
        digest.update(inputs.roster.sizes.astype("<i8").tobytes())
    for (level, name), answers in sorted(inputs.answers.items()):
        digest.update(f"\n{level}.{name}:".encode(errors="surrogatepass"))
        for part in _canonical(inputs.in_order(level, answers)):
            digest.update(part.tobytes())
    return digest.hexdigest()


def unordered(inputs: Inputs) -> str:
    """Return a digest of the same answers that neither the households' order nor that of a household's members changes.

    A word of 64 bits is made of each household: of its key, its answers and those of its members. The digest is the
    SHA-256 of these words, sorted. So it tells slips and mix-ups, and is no seal against somebody who forges answers.
    """
    homes = _keys(inputs)
    people = np.zeros(0 if inputs.roster is None else int(inputs.roster.sizes.sum()), np.uint64)
    for (level, name), answers in sorted(inputs.answers.items()):
        words = _mixed(_words(inputs.in_order(level, answers)) + _word(f"{level}.{name}"))
        if level == "household":
            homes = _mixed(homes + words)
        else:
            people = _mixed(people + words)
    if inputs.roster is not None:
        ends = np.cumsum(inputs.roster.sizes)
        sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(_mixed(people), dtype=np.uint64)])
        own = sums[ends] - sums[ends - inputs.roster.sizes]
        homes = _mixed(homes + _mixed(own + inputs.roster.sizes.astype(np.uint64)))
    return hashlib.sha256(np.sort(homes).astype("<u8").tobytes()).hexdigest()


def of_rows(rows: Iterable[str]) -> tuple[str, str]:
    """Return the digests of rows of text: in their order, and in any."""
    listed = list(rows)
    one, other = (
        hashlib.sha256("\n".join(each).encode(errors="surrogatepass")).hexdigest() for each in (listed, sorted(listed))
    )
    return one, other


def _canonical(answers: Answers) -> list[npt.NDArray[Any]]:
    if isinstance(answers, Flags | PackedFlags):
        return [to_codes(*answers.pair())]
    if isinstance(answers, Codes):
        occurring = sorted(answers.names[code] for code in np.unique(answers.codes).tolist() if code >= 0)
        place = [occurring.index(name) if name in occurring else -1 for name in answers.names]
        listed = np.frombuffer("|".join(occurring).encode(errors="surrogatepass"), np.uint8)
        return [listed, np.array([*place, -1], dtype="<i4")[answers.codes]]
    values = answers.values.astype("<f8")
    if answers.missing is not None:
        values = np.where(answers.missing, np.nan, values)
    return [values]


def _keys(inputs: Inputs) -> Words:
    """Return a word for each household's key."""
    if inputs.key is None:
        return np.zeros(inputs.households, np.uint64)
    import pandas as pd

    keys = np.array([*map(str, inputs.table.key_values()), ""], dtype=object)[:-1]
    return _mixed(np.asarray(pd.util.hash_array(keys, categorize=False), np.uint64))


def _words(answers: Answers) -> Words:
    """Return a word for each answer."""
    if isinstance(answers, Codes):
        return np.array([*map(_word, answers.names), 0], np.uint64)[answers.codes]
    (values,) = _canonical(answers)
    if values.dtype != np.float64:
        return values.astype(np.uint64)
    values = np.where(np.isnan(values), np.nan, values + 0.0)  # one kind of missing, and no minus zero
    return np.ascontiguousarray(values).view(np.uint64)


def _word(text: str) -> np.uint64:
    return np.uint64(int.from_bytes(hashlib.sha256(text.encode(errors="surrogatepass")).digest()[:8], "little"))


def _mixed(words: Words) -> Words:
    """Spread every bit over the word: the last steps of splitmix64, on which arrays of numpy wrap around."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))
