"""The keeper of answers under way, over a real catalog."""

from __future__ import annotations

from assistant.catalog import Catalog, NewTurn
from assistant.conversations.live import Keeper, Live
from assistant.types import TextDelta, User
from tests.conversations.conftest import Office

ANN = User("ann", frozenset({"everyone"}))


def under_way(catalog: Catalog, keeper: Keeper, text: str) -> tuple[str, Live]:
    """Begin an answer and take its first words; return its conversation too."""
    new = NewTurn(None, "asked", "When?", {"mode": "auto"}, {"history": {}})
    record, turn = catalog.conversations.begin(ANN, None, new, 60, "When?")
    live = Live(turn.id)
    live.take(TextDelta(text))
    keeper.add(live)
    return record.id, live


def test_an_answer_that_ends_is_stored_without_the_others(office: Office) -> None:
    catalog = office.system.catalog
    keeper = Keeper(catalog.conversations, store_seconds=3600)
    (one, first), (two, second) = (under_way(catalog, keeper, text) for text in ("a", "b"))
    first.end("complete")
    keeper.store(first.turn)
    assert first.stored.is_set()
    assert (keeper.get(first.turn), keeper.get(second.turn)) == (None, second)
    stored = [catalog.conversations.turns(ANN, record)[0] for record in (one, two)]
    assert [(turn.state, turn.text) for turn in stored] == [("complete", "a"), ("answering", "")]
    keeper.store()
    assert catalog.conversations.turns(ANN, two)[0].text == "b"
    keeper.close()
