"""Answers that a model writes: over a scripted server by real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant.adapters.chat_openai import ModelConfig, OpenAIChatModel
from assistant.adapters.chat_server import ModelServer as Server
from assistant.adapters.chat_server import Patience, ServerAddress
from assistant.answer import Answerer, Limits, WrittenAnswerer
from assistant.catalog import Catalog, Keyring
from assistant.herd import Herd, Member
from assistant.types import (
    AnswerDone,
    CitationsReady,
    ModelProfile,
    Passage,
    PlanReady,
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
        self.queries: list[str] = []

    def search(self, query, user, limit, filters=None):
        self.queries.append(query)
        return self.passages[:limit]


def first_paragraph(document) -> Passage:
    end = (document.text + "\n\n").index("\n\n")
    return Passage(document.ref, 0, end, document.text[:end], score=1.0)


class House:
    """A written answerer with its parts."""

    def __init__(self, server: ModelServer, folder, *, limits: Limits | None = None, roles=("answer",)) -> None:
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
            quoting, self.retriever, self.library, herd, self.catalog.token_counts, KEY, limits
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
    events = list(house.answerer.stream("How many days of leave are there?", STAFF))
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


def test_what_the_plan_counts_is_what_the_server_counts(house: House, server: ModelServer) -> None:
    server.script = Script(otherwise=Reply("Yes [1]."))
    answer = house.answerer.ask("How many days of leave are there?", STAFF)
    beside = len(server.asked[-1].prompt)
    assert beside
    assert 0 <= answer.usage.prompt_tokens - answer.plan.tokens < 700
