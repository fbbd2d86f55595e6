"""Files are read ahead by a thread of their own: in order, as far as was asked for, and errors come in their place."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pyarrow as pa
import pytest
from attrs import field, frozen

from mdpoverty.scale.ahead import ahead
from mdpoverty.scale.keyed import MATCHED, Keyed
from mdpoverty.scale.sources import Files, Piece, Wanted, source

ROWS = {"id": "key"}


@frozen(eq=False, repr=False)
class Toy(Files):
    """Files of one row each, that note who read them and how far."""

    paths: tuple = ()
    what: str = "households"
    broken_at: int | None = None
    read: list = field(factory=list)
    threads: set = field(factory=set)

    def names_in(self, path):
        return list(ROWS)

    def names(self):
        return list(ROWS)

    def rows(self):
        return None

    def pieces(self, wanted: Wanted) -> Iterator[Piece]:
        for row in range(20):
            self.threads.add(threading.get_ident())
            if row == self.broken_at:
                raise ValueError("broken")
            self.read.append(row)
            yield Piece(pa.table({"id": [row]}), "toy", row)


def test_pieces_come_in_order_and_from_a_thread_of_their_own():
    toy = Toy()
    assert [piece.start for piece in ahead(toy, ROWS, 3)] == list(range(20))
    assert len(toy.threads) == 1
    assert toy.threads != {threading.get_ident()}


def test_keys_beside_rows_of_files_are_read_ahead_too():
    toy = Toy()
    keyed = Keyed(toy, ("id",), False, "households", 3)
    wanted = {**ROWS, MATCHED: "key"}
    assert [piece.table[MATCHED].to_pylist() for piece in keyed.pieces(wanted)] == [[row] for row in range(20)]
    assert toy.threads != {threading.get_ident()}


def test_nothing_is_read_ahead_where_that_is_not_asked_for():
    toy = Toy()
    assert next(ahead(toy, ROWS, 0)).start == 0
    assert toy.read == [0]
    assert toy.threads == {threading.get_ident()}


def test_no_more_is_read_than_so_many_ahead():
    toy = Toy()
    pieces = ahead(toy, ROWS, 3)
    next(pieces)
    pieces.close()
    assert len(toy.read) <= 1 + 3
    again = Toy()
    pieces = ahead(again, ROWS, 3)
    for _ in range(10):
        next(pieces)
    pieces.close()
    assert 10 <= len(again.read) <= 10 + 3


def test_an_error_comes_after_the_pieces_before_it():
    pieces = ahead(Toy(broken_at=5), ROWS, 8)
    assert [next(pieces).start for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="broken"):
        next(pieces)


def test_no_thread_is_left_behind():
    before = threading.active_count()
    list(ahead(Toy(), ROWS, 3))
    pieces = ahead(Toy(), ROWS, 3)
    next(pieces)
    pieces.close()
    with pytest.raises(ValueError, match="broken"):
        list(ahead(Toy(broken_at=0), ROWS, 3))
    assert threading.active_count() == before


def test_what_is_no_file_is_asked_by_the_thread_that_asks():
    asked = set()

    class Reader:
        def __arrow_c_stream__(self, requested_schema=None):
            asked.add(threading.get_ident())
            return pa.table({"id": [1, 2]}).__arrow_c_stream__()

    pieces = ahead(source(Reader(), "households"), ROWS, 3)
    assert sum(piece.table.num_rows for piece in pieces) == 2
    assert asked == {threading.get_ident()}
