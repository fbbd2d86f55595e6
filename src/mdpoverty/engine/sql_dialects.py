"""Where databases part: the few places at which one statement isn't enough for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from attrs import frozen

from mdpoverty.engine.sql_text import quoted, text_literal
from mdpoverty.errors import SpecError

DialectId: TypeAlias = Literal["duckdb", "postgresql"]
Kind: TypeAlias = Literal["query", "view", "function"]
Name: TypeAlias = str | Sequence[str]


@frozen
class Dialect:
    """A database's own ways.

    Attributes
    ----------
    id : str
        Its name, as in ``to_sql("postgresql")``.
    fence : str
        What keeps the planner from writing a named expression out again wherever it is used.
    single : str
        Whether ``{x}`` isn't a number of 24 bits, which can't hold every amount.
    flag : str
        How a flag ``{x}`` is read: what isn't one is the ``{error}``, and NaN is missing.
    matched : str
        A key ``{x}`` as it is matched, in a text: text in one Unicode form, whole numbers whole whatever type holds
        them, and no text the same as a number. A blank one is none.
    longest : int, optional
        The bytes that a name may have.
    """

    id: str
    fence: str
    single: str
    flag: str
    matched: str
    longest: int | None = None

    def error(self, message: str, kind: str, beside: str) -> str:
        """Return an expression of a type that stops the statement with a message, once it is evaluated.

        PostgreSQL has no such function. There it is a cast that fails; ``beside``, an expression that needs a row,
        keeps it from being evaluated beforehand.
        """
        if self.id == "duckdb":
            return f"error({text_literal(message)})"
        text = f"concat({text_literal(message)}, left({beside}::TEXT, 0))"
        return f"{text}::BOOLEAN::TEXT" if kind == "TEXT" else f"{text}::{kind}"

    def name(self, name: Name, of: str) -> str:
        """Return a name as SQL writes it, with the schema's before it where there is one.

        Raises
        ------
        SpecError
            If it can't be a name here.
        """
        parts = name.split(".") if isinstance(name, str) else list(name) if isinstance(name, list | tuple) else [name]
        for part in parts:
            self.check(part, of)
        if not parts:
            raise SpecError(f"{of} has no name")
        return ".".join(map(quoted, parts))

    def check(self, name: object, of: str) -> str:
        """Return a name that can be one here.

        Raises
        ------
        SpecError
            If it is empty, no text, holds a NUL, or is cut off by the database.
        """
        if not isinstance(name, str) or not name or "\0" in name:
            raise SpecError(f"{of} is {name!r}, which can't be a name in a database")
        if self.longest is not None and len(name.encode()) > self.longest:
            raise SpecError(f"{of} is {name!r}: {self.id} cuts names off after {self.longest} bytes")
        return name


_DUCKDB_NUMBERS = "^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL.*)$"

DIALECTS: Final = {
    each.id: each
    for each in (
        Dialect(
            "duckdb",
            fence="",
            single="typeof({x}) <> 'FLOAT'",
            flag="CASE WHEN {x}::FLOAT8 IN (0, 1) THEN {x}::BOOLEAN WHEN {x}::FLOAT8 <> 'NaN'::FLOAT8 THEN {error} END",
            matched=(
                f"CASE WHEN regexp_matches(typeof({{x}}), '{_DUCKDB_NUMBERS}') "
                "THEN nullif(regexp_replace({x}::VARCHAR, '\\.0+$', ''), 'nan') "
                "WHEN trim({x}::VARCHAR) <> '' THEN '_' || nfc_normalize({x}::VARCHAR) END"
            ),
        ),
        Dialect(
            "postgresql",
            fence="OFFSET 0",
            single="pg_typeof({x}) <> 'real'::REGTYPE",
            flag=(
                "CASE {x}::TEXT WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE WHEN '1' THEN TRUE WHEN '0' THEN FALSE "
                "WHEN 'NaN' THEN NULL ELSE CASE WHEN {x} IS NOT NULL THEN {error} END END"
            ),
            matched=(
                "CASE WHEN pg_typeof({x})::TEXT IN ('smallint', 'integer', 'bigint', 'numeric', 'real', "
                "'double precision') THEN nullif(trim_scale({x}::TEXT::NUMERIC)::TEXT, 'NaN') "
                "WHEN btrim({x}::TEXT) <> '' THEN '_' || normalize({x}::TEXT, NFC) END"
            ),
            longest=63,
        ),
    )
}
