"""The keeper of answers under way, over a real catalog."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.catalog import Catalog, NewTurn, Progress
from assistant.conversations.live import Keeper, Live
from assistant.types import TextDelta, User
from tests.conversations.conftest import Office

ANN = User("ann", frozenset({"everyone"}))


class Gate:
    """A lock that tells who has come to it.

    Args:
        lock: what it is, which may be held already.
    """

    def __init__(self, lock: threading.Lock) -> None:
        self._lock = lock
        self.came = threading.Semaphore(0)

    def __enter__(self) -> None:
        self.came.release()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def under_way(catalog: Catalog, keeper: Keeper, text: str) -> tuple[str, Live]:
    """Begin an answer and take its first words; return its conversation too."""
    new = NewTurn(None, "asked", "When?", {"mode": "auto"}, {"history": {}})
    record, turn = catalog.conversations.begin(ANN, None, new, 60, "When?")
    live = Live(turn.id)
    live.take(TextDelta(text))
    keeper.add(live)
    return record.id, live


def test_answers_that_end_while_others_are_stored_are_stored_together(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = office.system.catalog
    keeper = Keeper(catalog.conversations, store_seconds=3600)
    began, may_go_on, written = threading.Event(), threading.Event(), []
    write = catalog.conversations.write

    def slowly(progress: Sequence[Progress], lease_seconds: float) -> set[str]:
        written.append(len(progress))
        began.set()
        assert may_go_on.wait(60)
        return write(progress, lease_seconds)

    monkeypatch.setattr(catalog.conversations, "write", slowly)
    _, first = under_way(catalog, keeper, "first")
    holding = threading.Thread(target=keeper.store)
    holding.start()
    assert began.wait(60)
    gate = Gate(keeper._storing)
    monkeypatch.setattr(keeper, "_storing", gate)
    later = [under_way(catalog, keeper, f"later {number}") for number in range(5)]
    for _, live in later:
        live.end("complete")
    with ThreadPoolExecutor(5) as threads:
        stores = [threads.submit(keeper.store) for _ in later]
        for _ in stores:
            assert gate.came.acquire(timeout=60)  # it waits
        may_go_on.set()
        for store in stores:
            store.result(60)
    holding.join()
    assert written == [1, 6]  # by the one at work, and by the first of those who waited
    assert all(live.stored.is_set() for _, live in later)
    assert not first.stored.is_set()
    for record, _ in later:
        assert catalog.conversations.turns(ANN, record)[0].state == "complete"
    keeper.close()
