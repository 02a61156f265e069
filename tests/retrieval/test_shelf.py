"""Documents are found with their places, in an order that is asked for, and counted by what narrows the search."""

from __future__ import annotations

import pytest

from assistant.retrieval import Shelf as Finder
from assistant.retrieval import shelf as module
from assistant.types import Filters
from tests.retrieval.shelf import EVE, HANNA, Shelf

HOTELS = "hotels cost 140 euros a night"


@pytest.fixture
def shelf() -> Shelf:
    shelf = Shelf()
    shelf.put("travel/hotels.txt", HOTELS, "breakfast in hotels is included", date="2025-03-01T00:00:00Z")
    shelf.put("travel/old/hotels.txt", "hotels cost 90 euros", date="2019-05-01T00:00:00Z")
    shelf.put("hr/grades.txt", "hotels for the board cost 400 euros", group="hr")
    return shelf


def finder(shelf: Shelf) -> Finder:
    return Finder(shelf.retriever(), shelf)


def test_a_document_is_shown_once_with_its_places(shelf: Shelf) -> None:
    found = finder(shelf).find("hotels cost 140 euros night", EVE)
    first = found.documents[0]
    assert (first.info.ref.key, found.total, found.is_cut) == ("travel/hotels.txt", 2, False)
    assert [place.text for place in first.places] == [HOTELS, "breakfast in hotels is included"]
    assert [place.start for place in first.places] == [0, 100]
    assert [place.marks for place in first.places][1] == ((113, 119),)


def test_the_last_changed_first_and_the_undated_last(shelf: Shelf) -> None:
    found = finder(shelf).find("hotels", HANNA, sort="date")
    assert [document.info.ref.key for document in found.documents] == [
        "travel/hotels.txt",
        "travel/old/hotels.txt",
        "hr/grades.txt",
    ]


def test_counts_are_of_what_may_be_read_and_ignore_their_own_filter(shelf: Shelf) -> None:
    assert finder(shelf).find("hotels", EVE).folders == (("travel", 2),)
    found = finder(shelf).find("hotels", HANNA, Filters(paths=("travel",), modified_from="2020-01-01"))
    assert (found.total, found.years) == (1, (("2025", 1), ("2019", 1)))
    assert found.folders == (("travel", 1),)  # the undated and the old one are left out by the date
    found = finder(shelf).find("hotels", HANNA, Filters(paths=("travel",)))
    assert found.folders == (("travel", 2), ("hr", 1), ("travel/old", 1))
    assert (found.sources, found.media_types) == ((("s", 2),), (("text/plain", 2),))


def test_an_index_that_lags_shows_nothing_of_what_was_closed(shelf: Shelf) -> None:
    shelf.infos.pop(next(key for key, info in shelf.infos.items() if "old" in info.ref.key))
    found = finder(shelf).find("hotels", EVE)
    assert (found.total, found.folders, found.years) == (1, (("travel", 1),), (("2025", 1),))


def test_a_page_of_many(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOKED_AT", 2)
    found = finder(shelf).find("hotels", HANNA, limit=1, offset=1)
    assert (len(found.documents), found.is_cut) == (1, True)


def test_nothing_is_found_by_no_words(shelf: Shelf) -> None:
    assert finder(shelf).find(" ", EVE).total == 0
