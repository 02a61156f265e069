"""A search goes through the stages that are on, and says what each did."""

from __future__ import annotations

import pytest

from assistant.errors import ModelUnavailableError
from assistant.retrieval import Rewordings, Stages
from assistant.types import Found, Passage
from tests.fakes.query_expander import FakeQueryExpander
from tests.fakes.reranker import FakeReranker
from tests.retrieval.shelf import EVE, HANNA, Shelf

RULE = "Everyone has a right to thirty days of holiday a year and may take them when the team agrees."


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def keys(found: Found) -> list[str]:
    return [passage.ref.key for passage in found.passages]


def stage(found: Found, name: str) -> str:
    return next(one.note for one in found.trace.stages if one.name == name)


def test_copies_leave_their_places_to_others(shelf: Shelf) -> None:
    for number in range(6):
        shelf.put(f"copy{number}", RULE)
    shelf.put("other", "holiday plans of the office")
    found = shelf.retriever().explained("days of holiday", EVE, 4)
    assert len(found.passages) == 2
    assert {"other"} < set(keys(found))
    (merged,) = (passage for passage in found.passages if passage.ref.key != "other")
    assert len(merged.also) == 5
    plain = shelf.retriever(stages=Stages(merge_duplicates=False)).search("days of holiday", EVE, 2)
    assert [p.also for p in plain] == [(), ()]


def test_a_copy_that_the_user_may_not_read_is_not_named(shelf: Shelf) -> None:
    shelf.put("open", RULE)
    shelf.put("secret", RULE, group="hr")
    search = shelf.retriever().search
    assert [ref.key for ref in search("holiday", EVE, 5)[0].also] == []
    (passage,) = search("holiday", HANNA, 5)
    assert {passage.ref.key, *(ref.key for ref in passage.also)} == {"open", "secret"}


def test_newer_documents_come_forward_only_when_asked_for(shelf: Shelf) -> None:
    shelf.put("old", "travel rules travel rules", date="2019-01-01T00:00:00Z")
    shelf.put("new", "rules for travel by train", date="2024-01-01T00:00:00Z")
    plain = shelf.retriever(stages=Stages(prefer_recent=False))
    search = shelf.retriever().explained
    for question in ("travel rules", "latest travel rules"):
        assert keys(plain.explained(question, EVE, 2)) == ["old", "new"]
    assert keys(search("travel rules", EVE, 2)) == ["old", "new"]
    assert keys(search("latest travel rules", EVE, 2)) == ["new", "old"]
    assert keys(search("latest travel rules", EVE, 1)) == ["new"]
    assert stage(search("latest travel rules", EVE, 2), "prefer recent") == "2 moved"


def test_no_document_fills_the_list(shelf: Shelf) -> None:
    shelf.put("long", *(f"wage table {number} wage" for number in range(9)))
    shelf.put("short", "a wage is paid")
    assert keys(shelf.retriever().explained("wage", EVE, 3)) == ["long"] * 3
    found = shelf.retriever(stages=Stages(per_document=2)).explained("wage", EVE, 3)
    assert keys(found) == ["long", "long", "short"]
    assert stage(found, "spread over documents") == "1 moved"


def test_a_reranker_orders_the_best_and_sees_titles(shelf: Shelf) -> None:
    shelf.put("a", "pay pay")
    shelf.put("b", "pay on the first day of the month")
    reranker = FakeReranker()
    found = shelf.retriever(stages=Stages(reranker=reranker)).explained("pay first day month", EVE, 2)
    assert keys(found) == ["b", "a"]
    assert set(reranker.asked[0][1]) == {"a\npay pay", "b\npay on the first day of the month"}
    scores = [passage.score for passage in found.passages]
    assert scores == sorted(scores, reverse=True)


def test_a_reranker_that_fails_costs_a_warning(shelf: Shelf) -> None:
    class Away(FakeReranker):
        def score(self, query: str, texts: object) -> list[float]:
            raise ModelUnavailableError("the reranker is away")

    shelf.put("a", "pay")
    found = shelf.retriever(stages=Stages(reranker=Away())).explained("pay", EVE, 2)
    assert keys(found) == ["a"]
    assert found.trace.warnings == ("the passages were not reranked: the reranker is away",)


def test_other_wordings_find_more_and_fail_softly(shelf: Shelf) -> None:
    shelf.put("a", "annual leave entitlement")
    for number in range(30):
        shelf.put(f"n{number}", f"holiday party {number}")
    expander = FakeQueryExpander({"holiday": ["annual leave"]})
    retriever = shelf.retriever(stages=Stages(rewordings=Rewordings(expander), merge_duplicates=False))
    found = retriever.explained("holiday", EVE, 40)
    assert "a" in keys(found)[:15]
    assert shelf.searches == ["holiday", "annual leave"]
    assert stage(found, "reword") == "annual leave"
    expander.fails = ModelUnavailableError("the model is away")
    found = retriever.explained("holiday", EVE, 3)
    assert len(found.passages) == 3
    assert found.trace.warnings == ("the question was not reworded: the model is away",)
    asked = len(expander.asked)
    again = retriever.explained("holiday", EVE, 3)
    assert again.passages == found.passages
    assert len(expander.asked) == asked  # it is not waited for at every search
    assert "asked again in" in again.trace.warnings[0]


def test_the_trace_names_the_stages_with_their_counts(shelf: Shelf) -> None:
    shelf.put("a", RULE)
    shelf.put("b", RULE)
    stages = shelf.retriever().explained("holiday", EVE, 3).trace.stages
    assert [(s.name, s.before, s.after) for s in stages] == [
        ("embed", 0, 0),
        ("search", 0, 2),
        ("merge duplicates", 2, 1),
    ]
    assert all(s.milliseconds >= 0 for s in stages)
    assert shelf.retriever().explained(" ", EVE, 3) == Found((), shelf.retriever().explained("", EVE, 3).trace)


def test_every_passage_is_where_it_says(shelf: Shelf) -> None:
    shelf.put("a", "one two", "three four")
    found: list[Passage] = shelf.retriever().search("three", EVE, 1)
    assert (found[0].start, found[0].end, found[0].text) == (100, 110, "three four")
