"""Somebody's standing on what an answer is made from: as the person and the documents are now."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from assistant.access import standing
from assistant.access.standing import Standing, as_given
from assistant.errors import NotSignedInError, RightsLostError
from assistant.types import User

ANN = User("ann", frozenset({"hr"}))


class Shelf:
    """Documents by the group that reads them."""

    def __init__(self, **groups: str) -> None:
        self.groups = groups
        self.looks = 0

    def readable(self, document_ids: Iterable[str], user: User) -> dict[str, None]:
        self.looks += 1
        return {one: None for one in document_ids if self.groups.get(one) in user.groups}


def test_it_holds_until_a_document_is_closed() -> None:
    shelf = Shelf(a="hr", b="hr", c="it")
    mine = Standing(ANN, shelf, as_given)  # type: ignore[arg-type]
    mine.check(at_once=True)  # it rests on nothing yet
    mine.planned(["a"])
    mine.told(["b"])
    mine.check(at_once=True)
    shelf.groups["b"] = "it"
    with pytest.raises(RightsLostError, match="may not be read any more"):
        mine.check(at_once=True)
    shelf.groups["b"] = "hr"
    mine.planned(["c"])  # another plan takes the place of the one before
    with pytest.raises(RightsLostError):
        mine.check(at_once=True)


def test_the_groups_and_the_account_are_those_of_now() -> None:
    people = [ANN, User("ann", frozenset({"it"}))]

    def now(_: User) -> User:
        if not people:
            raise NotSignedInError("the account is disabled")
        return people.pop(0)

    mine = Standing(ANN, Shelf(a="hr"), now)  # type: ignore[arg-type]
    mine.planned(["a"])
    mine.check(at_once=True)
    with pytest.raises(RightsLostError):
        mine.check(at_once=True)
    with pytest.raises(NotSignedInError):
        mine.check(at_once=True)


def test_while_text_comes_it_is_looked_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(standing.time, "monotonic", lambda: clock[0])
    shelf = Shelf(a="hr")
    mine = Standing(ANN, shelf, as_given)  # type: ignore[arg-type]
    mine.planned(["a"])
    for _ in range(10):
        mine.check(at_once=False)
    assert shelf.looks == 1
    clock[0] += standing.SECONDS
    mine.check(at_once=False)
    assert shelf.looks == 2
