"""Answers that a model writes: over a scripted server by real HTTP."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from assistant.adapters.chat_openai import ModelConfig, OpenAIChatModel
from assistant.adapters.chat_server import ModelServer as Server
from assistant.adapters.chat_server import Patience, ServerAddress
from assistant.answer import MODEL, NOT_FOUND, Answerer, Limits, WrittenAnswerer
from assistant.catalog import Catalog, Keyring
from assistant.errors import ConfigurationError, NotFoundError
from assistant.herd import Herd, Member
from assistant.types import (
    AnswerDone,
    CitationsReady,
    Message,
    ModelProfile,
    Passage,
    PlanReady,
    Question,
    TextDelta,
    User,
)
from tests.answer.memory import MemoryLibrary, make_document
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.model_scripts import Reply, Script, when
from tests.fakes.model_server import ModelServer

KEY = b"k" * 32
STAFF = User("ann", frozenset({"everyone"}))
LEAVE = make_document(
    "leave.md",
    "Employees have 28 days of leave in a year. Part-time staff have leave in proportion.\n\n"
    "Leave is asked for in the portal, two weeks ahead.",
    title="Leave policy",
)
TRAVEL = make_document("travel.md", "Hotels are paid up to 140 euros a night. Trains go before planes.", title="Travel")
SECRET = make_document("pay.md", "The director is paid 300,000 euros a year.", readers=("hr",), title="Pay")
ALL = (LEAVE, TRAVEL, SECRET)


class FixedRetriever:
    """Finds the same passages for every question, as far as the person may read them."""

    def __init__(self, passages) -> None:
        self.passages = list(passages)
        self.further: list[Passage] = []
        self.queries: list[str] = []

    def search(self, query, user, limit, filters=None):
        self.queries.append(query)
        return self.passages[:limit]

    def read_on(self, query, user, documents, tokens, filters=None):
        wanted = {info.ref.id for info in documents}
        return [passage for passage in self.further if passage.ref.id in wanted]


def wait_until(holds, seconds=120.0):
    until = time.monotonic() + seconds
    while not holds() and time.monotonic() < until:
        time.sleep(0.02)
    return holds()


def first_paragraph(document) -> Passage:
    end = (document.text + "\n\n").index("\n\n")
    return Passage(document.ref, 0, end, document.text[:end], score=1.0)


class House:
    """A written answerer with its parts."""

    def __init__(self, server: ModelServer, folder, *, limits: Limits | None = None, roles=("answer",), **more) -> None:
        self.server = server
        self.adapter = Server(ServerAddress(server.url, "", 32, 64, Patience(tries=1)))
        self.catalog = Catalog(f"sqlite:///{folder / 'catalog.sqlite3'}", Keyring(folder / "secret.key"))
        self.embedder = FakeEmbedder()
        self.library = MemoryLibrary(ALL, self.embedder)
        self.retriever = FixedRetriever([first_paragraph(LEAVE), first_paragraph(TRAVEL)])
        self.model = OpenAIChatModel(self.adapter, ModelConfig())
        herd = Herd([Member(ModelProfile("scripted", frozenset(roles)), self.model)])
        quoting = Answerer(self.retriever, self.library, self.embedder)
        self.answerer = WrittenAnswerer(
            quoting, self.retriever, self.library, herd, self.catalog.token_counts, KEY, limits, **more
        )

    def close(self) -> None:
        self.catalog.close()
        self.adapter.close()


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest.fixture
def house(server: ModelServer, tmp_path) -> Iterator[House]:
    house = House(server, tmp_path)
    yield house
    house.close()


def test_a_written_answer_comes_as_events(house: House, server: ModelServer) -> None:
    server.script = Script(when("leave", Reply("Employees have 28 days of leave in a year [1].")))
    events = list(house.answerer.stream(Question("How many days of leave are there?"), STAFF))
    assert [type(event) for event in events[:1] + events[-2:]] == [PlanReady, CitationsReady, AnswerDone]
    assert all(isinstance(event, TextDelta) for event in events[1:-2])
    answer = events[-1].answer
    assert (
        "".join(event.text for event in events[1:-2]) == answer.text == "Employees have 28 days of leave in a year [1]."
    )
    (citation,) = answer.citations
    assert (citation.number, citation.verified, citation.quote) == (
        1,
        True,
        "Employees have 28 days of leave in a year.",
    )
    assert LEAVE.text[citation.passage.start : citation.passage.end] == citation.quote
    assert (answer.model, answer.found, answer.state, answer.fallback) == ("scripted", True, "complete", False)
    assert events[0].plan == answer.plan
    assert (events[0].model, answer.plan.mode) == ("scripted", "chunks")


QUESTION = "How many days of leave are there?"
REPLY = "Employees have 28 days of leave in a year [1]."


def test_the_server_is_told_the_salt_the_reserve_and_only_what_may_be_read(house: House, server: ModelServer) -> None:
    server.script = Script(otherwise=Reply(REPLY))
    house.answerer.ask(Question(QUESTION, mode="corpus"), STAFF)
    body = server.asked[-1].body
    assert body["max_tokens"] == 2048
    assert len(body["cache_salt"]) == 64
    assert "Hotels are paid" in server.asked[-1].prompt
    assert "director" not in server.asked[-1].prompt


def test_no_model_is_asked_where_nothing_may_be_read(house: House, server: ModelServer) -> None:
    server.script = Script(otherwise=Reply(REPLY))
    empty = house.answerer.ask(Question("Zebra?"), User("eve", frozenset({"nobody"})))
    assert (empty.found, empty.text, len(server.asked)) == (False, NOT_FOUND, 0)


def test_the_same_scope_asked_again_is_read_from_the_cache(house: House, server: ModelServer) -> None:
    server.script = Script(otherwise=Reply(REPLY))
    house.answerer.ask(Question(QUESTION, mode="corpus"), STAFF)
    again = house.answerer.ask(Question("What do hotels cost?", mode="corpus"), STAFF)
    assert again.usage.cached_tokens is not None
    assert again.usage.cached_tokens > 0.7 * again.usage.prompt_tokens


def test_a_refusal_is_not_found_and_hides_its_marker(house: House, server: ModelServer) -> None:
    server.script = Script(otherwise=Reply("NOT_IN_DOCUMENTS: The documents do not name the director."))
    events = list(house.answerer.stream(Question("Who is the director?", mode="chunks"), STAFF))
    answer = events[-1].answer
    assert (answer.text, answer.found, answer.citations) == ("The documents do not name the director.", False, ())
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == answer.text


def test_what_the_passages_lack_is_looked_for_in_whole_documents_once(house: House, server: ModelServer) -> None:
    server.script = Script(
        when(r"search found these places", Reply("Leave is asked for in the portal, two weeks ahead [1].")),
        otherwise=Reply("NOT_IN_DOCUMENTS"),
    )
    events = list(house.answerer.stream(Question("Where is leave asked for?"), STAFF))
    plans = [event for event in events if isinstance(event, PlanReady)]
    assert [event.plan.mode for event in plans] == ["chunks", "documents"]
    assert plans[1].notes == ("the passages did not answer it, so whole documents were read in a second step",)
    answer = events[-1].answer
    assert (answer.found, answer.plan, answer.notes) == (True, plans[1].plan, plans[1].notes)
    assert answer.usage.prompt_tokens > answer.plan.tokens + plans[0].plan.tokens
    server.script = Script(otherwise=Reply("NOT_IN_DOCUMENTS"))
    before = len(server.asked)
    assert house.answerer.ask(Question("Where is it?"), STAFF).text == NOT_FOUND
    assert len(server.asked) - before == 2


def test_where_no_document_fits_whole_more_of_them_is_read_in_the_second_step(tmp_path, server: ModelServer) -> None:
    server.script = Script(
        when("two weeks ahead", Reply("Leave is asked for in the portal, two weeks ahead [1].")),
        otherwise=Reply("NOT_IN_DOCUMENTS"),
    )
    house = House(server, tmp_path, limits=Limits(auto_most=60))
    house.retriever.passages = [first_paragraph(LEAVE)]
    start = LEAVE.text.index("Leave is asked")
    house.retriever.further = [Passage(LEAVE.ref, start, len(LEAVE.text), LEAVE.text[start:])]
    long = make_document("leave.md", LEAVE.text + " More of it." * 100, title="Leave policy")
    house.library.put(long)
    answer = house.answerer.ask(Question("Where is leave asked for?"), STAFF)
    house.close()
    assert (answer.found, answer.plan.documents, len(answer.plan.passages)) == (True, (), 1)
    assert answer.notes == ("the passages did not answer it, so more of the documents was read in a second step",)


@pytest.mark.parametrize(
    "failure", [Reply(status=503, message="no"), Reply(status=500, message="no"), Reply(cut_after=0), Reply(text="")]
)
def test_where_no_model_answers_sentences_are_quoted_and_it_says_so(
    house: House, server: ModelServer, failure: Reply
) -> None:
    server.script = Script(otherwise=failure)
    events = list(house.answerer.stream(Question(QUESTION), STAFF))
    answer = events[-1].answer
    assert (answer.model, answer.fallback, answer.found) == (MODEL, True, True)
    assert answer.notes[0].startswith("the language model did not answer, so that sentences")
    last = [event for event in events if isinstance(event, PlanReady)][-1]
    assert (last.fallback, last.notes) == (True, answer.notes)


def test_a_server_that_is_away_is_no_failure(house: House, server: ModelServer) -> None:
    server.__exit__()
    answer = house.answerer.ask(Question(QUESTION), STAFF)
    assert (answer.fallback, answer.found) == (True, True)
    assert "http" not in answer.notes[0]
    server.__exit__ = lambda *_: None  # type: ignore[method-assign]


def test_an_answer_that_breaks_off_keeps_what_came_and_is_marked(house: House, server: ModelServer) -> None:
    server.script = Script(otherwise=Reply("Employees have 28 days of leave in a year [1]. And", cut_after=13))
    answer = house.answerer.ask(Question(QUESTION), STAFF)
    assert (answer.state, answer.fallback) == ("interrupted", False)
    assert answer.text.startswith(REPLY)
    assert [citation.verified for citation in answer.citations] == [True]
    assert "ended the answer in its middle" in answer.notes[-1]


def test_an_answer_that_is_too_long_is_marked(server: ModelServer, tmp_path) -> None:
    house = House(server, tmp_path, limits=Limits(answer_tokens=16))
    server.script = Script(otherwise=Reply("leave " * 40 + "[1]."))
    answer = house.answerer.ask(Question(QUESTION), STAFF)
    assert answer.state == "cut"
    assert "answer_tokens" in answer.notes[0]
    house.close()


def test_marks_that_point_to_nothing_are_dropped_and_counted(house: House, server: ModelServer) -> None:
    server.script = Script(otherwise=Reply("Employees have 28 days of leave in a year [1][9]. Ask the portal [77]."))
    events = list(house.answerer.stream(Question(QUESTION), STAFF))
    answer = events[-1].answer
    assert answer.text == "Employees have 28 days of leave in a year [1]. Ask the portal."
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == answer.text
    assert answer.dropped == 2
    assert "marks of the model that pointed to nothing were left out: 2" in answer.notes


def test_a_stop_by_another_thread_ends_the_model_s_work(house: House, server: ModelServer) -> None:
    server.script = Script(otherwise=Reply("word " * 400, piece_seconds=0.02))
    stream = house.answerer.stream(Question(QUESTION), STAFF)
    came = []
    for event in stream:
        came.append(event)
        if isinstance(event, TextDelta) and len(came) == 3:
            threading.Thread(target=stream.stop).start()
    answer = came[-1].answer
    assert (answer.state, answer.notes[0]) == ("stopped", "stopped; what had come is kept")
    assert 0 < len(answer.text) < 1500
    assert server.chats[-1].pieces < 400


def test_a_stream_that_is_closed_ends_the_model_s_work(house: House, server: ModelServer) -> None:
    server.script = Script(otherwise=Reply("word " * 400, piece_seconds=0.02))
    stream = house.answerer.stream(Question(QUESTION), STAFF)
    for event in stream:
        if isinstance(event, TextDelta):
            break
    stream.close()
    assert list(stream) == []
    assert wait_until(lambda: server.chats[-1].left)


def test_a_follow_up_is_rewritten_by_a_quick_model_where_there_is_one(server: ModelServer, tmp_path) -> None:
    history = [Message("user", "How many days of leave are there?"), Message("assistant", "28 [1].")]
    server.script = Script(
        when("Last question: And for part-time staff", Reply("How many days of leave do part-time staff have?")),
        otherwise=Reply("Part-time staff have leave in proportion [1]."),
    )
    house = House(server, tmp_path, roles=("answer", "fast"))
    events = list(house.answerer.stream(Question("And for part-time staff?", history=history), STAFF))
    rewritten = "How many days of leave do part-time staff have?"
    assert house.retriever.queries == [rewritten]
    assert (events[0].question, events[-1].answer.question) == (rewritten, rewritten)
    assert "user: How many days of leave are there?" in server.asked[-1].last
    assert server.asked[-1].last.endswith(f"Question: {rewritten}")
    house.close()


def test_without_a_quick_model_words_are_carried_over(house: House, server: ModelServer) -> None:
    history = [Message("user", "How many days of leave are there?"), Message("assistant", "28 [1].")]
    server.script = Script(otherwise=Reply("Part-time staff have leave in proportion [1]."))
    answer = house.answerer.ask(Question("And for part-time staff?", history=history), STAFF)
    assert house.retriever.queries == [answer.question] == ["And for part-time staff? days leave"]


def test_a_long_conversation_is_told_in_part_and_it_says_so(server: ModelServer, tmp_path) -> None:
    house = House(server, tmp_path, limits=Limits(history_tokens=30))
    server.script = Script(otherwise=Reply(REPLY))
    history = [Message("user", "elephants " * 30), Message("assistant", "Yes."), Message("user", "And leave?")]
    answer = house.answerer.ask(Question(QUESTION, history=history), STAFF)
    assert answer.notes == ("of the conversation, the first 1 of 3 turns were not told to the model",)
    assert "elephants" not in server.asked[-1].prompt
    house.close()


@pytest.mark.parametrize(("question", "budget"), [("  ", None), (QUESTION, 0)])
def test_what_cannot_be_asked(house: House, question: str, budget: int | None) -> None:
    with pytest.raises(ConfigurationError):
        house.answerer.ask(Question(question, budget=budget), STAFF)


def test_a_model_that_is_chosen_answers_whatever_its_roles(server: ModelServer, tmp_path) -> None:
    house = House(server, tmp_path, roles=("teacher",))
    server.script = Script(otherwise=Reply(REPLY))
    assert house.answerer.models(STAFF) == (MODEL,)
    by_itself = house.answerer.ask(Question(QUESTION), STAFF)
    assert by_itself.fallback
    assert "no model is configured for answers" in by_itself.notes[0]
    assert house.answerer.ask(Question(QUESTION, model="scripted"), STAFF).text == REPLY
    assert house.answerer.choices(STAFF) == ()  # it is for something else
    with pytest.raises(NotFoundError, match="no model 'other' for you"):
        house.answerer.stream(Question(QUESTION, model="other"), STAFF)
    house.close()


def test_those_may_be_chosen_that_answer_and_that_are_for_nothing_else(house: House) -> None:
    profiles = (
        ModelProfile("maverick", frozenset({"answer", "fast"})),
        ModelProfile("scout", frozenset({"long"})),
        ModelProfile("small", frozenset({"fast"})),
        ModelProfile("legal", frozenset(), frozenset({"legal"})),
    )
    house.answerer._herd = Herd([Member(profile, house.model) for profile in profiles])
    assert house.answerer.choices(STAFF) == ("maverick", "scout")
    assert house.answerer.choices(User("lee", frozenset({"legal"}))) == ("maverick", "scout", "legal")


def test_a_question_that_leaves_no_room_is_answered_by_quoting(house: House, server: ModelServer) -> None:
    server.context_tokens = 400
    answer = house.answerer.ask(Question(QUESTION), STAFF)
    assert answer.fallback
    assert "leave no room for documents" in answer.notes[0]
    assert not server.asked


def test_what_was_closed_to_the_person_since_the_search_is_not_told(house: House, server: ModelServer) -> None:
    server.script = Script(otherwise=Reply(REPLY))
    house.retriever.passages.append(first_paragraph(SECRET))
    for mode in ("chunks", "documents", "corpus"):
        house.answerer.ask(Question("What is the director paid?", mode=mode), STAFF)
        assert "300,000" not in server.asked[-1].prompt


def test_what_packs_add_is_told_for_those_who_have_them_and_counted(server: ModelServer, tmp_path) -> None:
    house = House(server, tmp_path, guidance=lambda user: "Name the clause." if "hr" in user.groups else "")
    server.script = Script(when("leave", Reply(REPLY)))
    without = house.answerer.ask(Question(QUESTION), STAFF)
    assert "Name the clause." not in str(server.chats[-1].body)
    with_it = house.answerer.ask(Question(QUESTION), replace(STAFF, groups=STAFF.groups | {"hr"}))
    assert "Name the clause." in str(server.chats[-1].body)
    assert with_it.usage.prompt_tokens > without.usage.prompt_tokens
    house.close()
