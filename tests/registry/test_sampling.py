"""A first look at what a source would list."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant.errors import PluginError, SourceUnreachableError
from assistant.registry.sampling import tried
from assistant.types import Change, Changed, Checkpoint, Deleted, RawDocument


class Shelf:
    """Lists `keys`, and remembers how far it was read."""

    def __init__(self, *keys: str, error: Exception | None = None) -> None:
        self.keys, self.error, self.listed, self.is_closed = keys, error, 0, False

    def changes(self, cursor: str | None) -> Iterator[Change]:
        assert cursor is None
        try:
            yield Deleted("old")
            for key in self.keys:
                self.listed += 1
                yield Changed(key)
            if self.error:
                raise self.error
            yield Checkpoint("end", complete=True)
        finally:
            self.is_closed = True

    def fetch(self, key: str) -> RawDocument:
        raise AssertionError(key)


class Probed(Shelf):
    def probe(self) -> str:
        return "3 shelves"


def test_only_so_much_is_listed_and_the_listing_is_closed() -> None:
    shelf = Shelf(*"abcdef")
    trial = tried(shelf, 2)
    assert ([one.key for one in trial.listed], trial.more) == (["a", "b"], True)
    assert (shelf.listed, shelf.is_closed) == (3, True)
    assert tried(Shelf(*"ab"), 2).more is False


def test_a_probe_alone_is_enough_where_no_key_is_wanted() -> None:
    shelf = Probed(*"ab")
    assert (tried(shelf, 0).found, shelf.is_closed) == ("3 shelves", False)
    assert [one.key for one in tried(shelf, 5).listed] == ["a", "b"]
    plain = Shelf(*"ab")
    assert (tried(plain, 0).listed, plain.is_closed, plain.listed) == ((), True, 0)


def test_what_is_slow_is_not_waited_for() -> None:
    shelf = Shelf(*"abcdef")
    trial = tried(shelf, 5, seconds=-1)
    assert (trial.listed, trial.more, shelf.is_closed) == ((), True, True)


def test_errors_are_said_in_words() -> None:
    with pytest.raises(SourceUnreachableError, match="gone"):
        tried(Shelf(error=SourceUnreachableError("gone")), 5)
    with pytest.raises(PluginError, match="ZeroDivisionError"):
        tried(Shelf(error=ZeroDivisionError("no")), 5)
