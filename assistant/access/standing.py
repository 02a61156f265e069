"""Whether somebody may still read what an answer is made from, while it is written."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from assistant.errors import RightsLostError
from assistant.types import DocumentInfo, User

Now = Callable[[User], User]  # who somebody is at this moment; raises NotSignedInError
SECONDS = 0.25  # between two looks while text comes


class Reader(Protocol):
    """Says what may be read; `Library` does."""

    def readable(self, document_ids: Iterable[str], user: User) -> Mapping[str, DocumentInfo]:
        """Return those of the documents that are current and that the user may read, by id."""
        ...


def as_given(user: User) -> User:
    """Return the user as it is: for those whom no catalog knows."""
    return user


class Standing:
    """One person's rights on what one answer rests on. Not safe to share between threads.

    Args:
        user: who asked.
        reader: says what may be read.
        now: says who that is at this moment, with groups and whether the account holds.
    """

    def __init__(self, user: User, reader: Reader, now: Now) -> None:
        self._user, self._reader, self._now = user, reader, now
        self._plan: frozenset[str] = frozenset()
        self._told: set[str] = set()
        self._due = 0.0

    def planned(self, documents: Iterable[str]) -> None:
        """Say what the answer is made from, by ids; another plan takes the place of the one before."""
        self._plan = frozenset(documents)

    def told(self, documents: Iterable[str]) -> None:
        """Say what a tool told of besides, by ids."""
        self._told.update(documents)

    def check(self, *, at_once: bool) -> None:
        """See whether all of it may be read still.

        Args:
            at_once: now, whenever it was looked last.

        Raises:
            RightsLostError: one of the documents may not be read any more, or is gone.
            NotSignedInError: the person's account is disabled.
        """
        if not at_once and time.monotonic() < self._due:
            return
        rests_on = self._plan | self._told
        if not rests_on <= self._reader.readable(rests_on, self._now(self._user)).keys():
            raise RightsLostError(
                "the answer ends here: a document that it rests on may not be read any more", "ask again"
            )
        self._due = time.monotonic() + SECONDS
