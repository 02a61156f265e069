"""Results as far as they fit: what is left out, and which documents they rest on all the same."""

from __future__ import annotations

import pytest

from assistant.agent.results import fitted
from assistant.types import ToolUse
from tests.agent.conftest import LEAVE, TRAVEL, passage


def words(texts) -> list[int]:
    return [len(text.split()) for text in texts]


@pytest.mark.parametrize("tokens", [0, 20, 90])
def test_a_text_rests_on_passages_that_there_is_no_room_for(tokens: int) -> None:
    text = "Hotels cost 140 euros, and there are 28 days of leave."
    use = ToolUse("c1", "find", {}, state="done", text=text, passages=(passage(LEAVE), passage(TRAVEL)))
    short = fitted(use, tokens, words)
    assert len(short.passages) < 2
    assert short.rests_on == {LEAVE.ref.id, TRAVEL.ref.id}


def test_what_the_model_is_not_given_is_not_rested_on() -> None:
    found = (passage(LEAVE), passage(TRAVEL))
    use = ToolUse("c1", "search", {}, state="done", text="2 found.", told=True, passages=found)
    assert fitted(use, 400, words) == use
    assert fitted(use, 100, words).rests_on == {LEAVE.ref.id}
