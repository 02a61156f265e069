"""What of a model's words reaches people: no links, told as they are left out."""

from __future__ import annotations

from assistant.types import Question, TextDelta
from tests.answer.test_written import QUESTION, STAFF, House, house, server
from tests.fakes.model_scripts import Reply, Script
from tests.fakes.model_server import ModelServer

__all__ = ["house", "server"]  # fixtures


def test_links_are_left_out_as_it_streams_and_told_of(house: House, server: ModelServer) -> None:
    text = (
        "Ask in [the portal](https://evil.example/?q=28 'x') ![p](https://evil.example/p.png) [1]. See www.e.example."
    )
    server.script = Script(otherwise=Reply(text))
    events = list(house.answerer.stream(Question(QUESTION), STAFF))
    answer = events[-1].answer
    assert answer.text == "Ask in the portal p [1]. See \u2039link left out\u203a."
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == answer.text
    assert "links that are in no document the model was given were left out: 3" in answer.notes
    assert answer.citations[0].number == 1


def test_an_address_that_the_person_named_is_shown_as_text(house: House, server: ModelServer) -> None:
    server.script = Script(otherwise=Reply("It is https://intranet.example/leave [1]."))
    answer = house.answerer.ask(Question("Is https://intranet.example/leave the place?"), STAFF)
    assert answer.text == "It is https[:]//intranet.example/leave [1]."
    assert not any("left out" in note for note in answer.notes)


def test_what_says_that_nothing_was_found_brings_no_link_and_no_mark_joins_two_halves(
    house: House, server: ModelServer
) -> None:
    server.script = Script(otherwise=Reply("NOT_IN_DOCUMENTS See https://evil.example/?q=1 for it."))
    assert house.answerer.ask(Question(QUESTION), STAFF).text == "See \u2039link left out\u203a for it."
    server.script = Script(
        otherwise=Reply("See https[98]://evil.example, www[98].evil.example and http:[98]//e.example [1].")
    )
    text = house.answerer.ask(Question(QUESTION), STAFF).text
    assert "https:" not in text
    assert "http:" not in text
    assert "www." not in text
