"""A long document does not fill the list where others speak."""

from __future__ import annotations

from assistant.retrieval.diversity import cap_documents
from tests.retrieval.candidates import candidate, keys


def test_what_a_document_has_too_many_of_goes_behind_the_others() -> None:
    found = [candidate(key, start=at) for at, key in enumerate("aaabac")]
    capped = cap_documents(found, 2)
    assert keys(capped) == ["a", "a", "b", "c", "a", "a"]
    assert [one.passage.start for one in capped] == [0, 1, 3, 5, 2, 4]
    assert list(dict.fromkeys(keys(capped))) == list(dict.fromkeys(keys(found)))


def test_nothing_is_lost_and_nothing_is_moved_without_a_cap() -> None:
    found = [candidate("a", start=at) for at in range(5)]
    assert cap_documents(found, 2) == found
    assert cap_documents([*found, candidate("b")], 0) == [*found, candidate("b")]
