"""What is kept of searches: by who asks, until anything changes, and never shown unconfirmed."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from assistant.retrieval import Caches
from assistant.retrieval.caches import Kept
from assistant.types import LOCAL_OPERATOR, Access, DocumentRef, Filters, Passage, User
from tests.retrieval.shelf import EVE, HANNA, WORDS, Shelf


@pytest.fixture
def shelf() -> Shelf:
    shelf = Shelf()
    shelf.put("open", "the wage table")
    shelf.put("secret", "the wage of the boss", group="hr")
    return shelf


def keys(passages: list[Passage]) -> list[str]:
    return sorted(passage.ref.key for passage in passages)


def test_the_same_search_is_not_done_twice(shelf: Shelf) -> None:
    retriever = shelf.retriever(caches=Caches())
    first, second = (retriever.explained("wage", EVE, 5) for _ in range(2))
    assert first.passages == second.passages != ()
    assert (first.trace.cached, second.trace.cached) == (False, True)
    assert [s.name for s in second.trace.stages] == [s.name for s in first.trace.stages]
    assert shelf.searches == ["wage"]


def test_another_reader_filter_limit_or_question_is_another_search(shelf: Shelf) -> None:
    retriever = shelf.retriever(caches=Caches())
    assert keys(retriever.search("wage", HANNA, 5)) == ["open", "secret"]
    assert keys(retriever.search("wage", EVE, 5)) == ["open"]
    assert keys(retriever.search("wage", LOCAL_OPERATOR, 5)) == ["open", "secret"]
    assert keys(retriever.search("wage", HANNA, 1)) != keys(retriever.search("wage", HANNA, 5))
    assert retriever.search("wage", HANNA, 5, Filters(sources=("other",))) == []
    assert keys(retriever.search("boss wage", HANNA, 5)) == ["open", "secret"]
    same = User("hanna", HANNA.groups, role="admin")  # an admin reads as a reader
    assert keys(retriever.search("wage", same, 5)) == ["open", "secret"]


def test_a_change_of_anything_ends_what_is_kept(shelf: Shelf) -> None:
    retriever = shelf.retriever(caches=Caches())
    assert keys(retriever.search("wage", EVE, 5)) == ["open"]
    shelf.put("new", "wage news")
    assert keys(retriever.search("wage", EVE, 5)) == ["new", "open"]


def test_a_result_is_not_kept_where_something_changed_since_the_number_was_read(shelf: Shelf) -> None:
    """The index may have been asked before the change, though the hits were confirmed after it."""
    retriever = shelf.retriever(caches=Caches())
    retriever.search("wage", EVE, 5)
    shelf.number += 1  # by another process; the index lags behind
    assert keys(retriever.search("news", EVE, 5)) == ["open"]
    shelf.put("new", "wage news")
    shelf.number -= 1
    assert keys(retriever.search("news", EVE, 5)) == ["new", "open"]


def test_that_nothing_was_found_is_not_kept_for_longer(shelf: Shelf) -> None:
    retriever = shelf.retriever(caches=Caches())
    guest = User("guest", frozenset({"guests"}))
    assert [retriever.search("news", guest, 5) for _ in range(2)] == [[], []]
    assert shelf.searches == ["news"]
    shelf.put("new", "wage news", group="guests")
    assert keys(retriever.search("news", guest, 5)) == ["new"]


@pytest.mark.parametrize("change", ["readers", "version", "deleted"])
def test_a_kept_result_is_confirmed_even_if_no_generation_ended(shelf: Shelf, change: str) -> None:
    """The last line of defence: the number did not grow, and still nothing is shown that may not be."""
    retriever = shelf.retriever(caches=Caches())
    assert keys(retriever.search("wage", HANNA, 5)) == ["open", "secret"]
    ref = next(i.ref for i in shelf.infos.values() if i.ref.key == "secret")
    changed = {
        "readers": replace(ref, access=Access(frozenset({"group:board"}))),
        "version": replace(ref, version="2"),
        "deleted": None,
    }[change]
    if changed is None:
        del shelf.infos[ref.id]
    else:
        shelf.infos[ref.id] = replace(shelf.infos[ref.id], ref=changed)
    assert keys(retriever.search("wage", HANNA, 5)) == ["open"]


def test_a_document_that_is_only_named_is_confirmed_too(shelf: Shelf) -> None:
    for key in ("one", "two"):
        shelf.put(key, "a long and quite particular sentence about pensions", group="hr")
    retriever = shelf.retriever(caches=Caches())
    first = retriever.search("pensions", HANNA, 1)
    also: DocumentRef = first[0].also[0]
    del shelf.infos[also.id]
    assert retriever.search("pensions", HANNA, 1)[0].also == ()


def test_results_grow_old(shelf: Shelf) -> None:
    retriever = shelf.retriever(caches=Caches(seconds=0.01))
    retriever.search("wage", EVE, 5)
    time.sleep(0.02)
    retriever.search("wage", EVE, 5)
    assert shelf.searches == ["wage", "wage"]


def test_vectors_of_questions_are_kept_by_embedder(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    embedded: list[str] = []
    embed = WORDS.embed_query
    monkeypatch.setattr(WORDS, "embed_query", lambda text: (embedded.append(text), embed(text))[1])
    caches = Caches()
    retriever = shelf.retriever(caches=caches)
    for user in (EVE, HANNA):
        retriever.search("wage", user, 5)
    assert embedded == ["wage"]
    assert caches.vector(WORDS.name, "wage") is not None
    assert caches.vector("another", "wage") is None
    shelf.retriever().search("wage", EVE, 5)  # without caches
    assert embedded == ["wage", "wage"]


def test_memory_is_bounded() -> None:
    kept: Kept[int] = Kept(2)
    for number in (1, 2):
        kept.put(number, number)
    assert kept.get(1) == 1
    kept.put(3, 3)
    assert (kept.get(1), kept.get(2), kept.get(3), len(kept)) == (1, None, 3, 2)
    caches = Caches()
    caches.keep_vector("e", "x" * 3000, WORDS.embed_query("x"))
    assert caches.vector("e", "x" * 3000) is None
