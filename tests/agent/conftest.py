"""An answerer with an agent, over documents in memory and a chat model by script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from assistant.agent import AgentLimits, ToolAgent
from assistant.answer import Answerer, WrittenAnswerer
from assistant.catalog import Catalog, Keyring
from assistant.herd import Herd, Member
from assistant.registry import allowed
from assistant.types import Answer, AnswerDone, AnswerEvent, ModelProfile, Passage, Question, ToolUse, User
from tests.answer.memory import MemoryLibrary, make_document
from tests.fakes.chat_model import FakeChatModel
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.model_scripts import Reply, Script, in_turn
from tests.fakes.tools import ScriptedTool

KEY = b"k" * 32
STAFF = User("ann", frozenset({"everyone"}))
LEAVE = make_document("leave.md", "Employees have 28 days of leave in a year.", title="Leave policy")
TRAVEL = make_document("travel.md", "Hotels are paid up to 140 euros a night.", title="Travel")
QUESTION = "How many days of leave are there?"


class OnePassage:
    """Finds all of the policy on leave, whatever is asked."""

    def search(self, query, user, limit, filters=None):
        return [Passage(LEAVE.ref, 0, len(LEAVE.text), LEAVE.text, score=1.0)]

    def read_on(self, query, user, documents, tokens, filters=None):
        return []


class Study:
    """A written answerer with its parts; `tools` may be changed while it answers."""

    def __init__(self, folder: Path) -> None:
        self.tools: dict[str, ScriptedTool] = {}
        self.library = MemoryLibrary([LEAVE, TRAVEL], FakeEmbedder())
        self.catalog = Catalog(f"sqlite:///{folder / 'catalog.sqlite3'}", Keyring(folder / "secret.key"))
        self.model = FakeChatModel()
        self.limits = AgentLimits()

    def answerer(self) -> WrittenAnswerer:
        agent = ToolAgent(lambda user: allowed(self.tools, user), self.library, KEY, self.limits)
        herd = Herd([Member(ModelProfile("scripted", frozenset({"answer"})), self.model)])
        quoting = Answerer(OnePassage(), self.library, FakeEmbedder())
        counts = self.catalog.token_counts
        return WrittenAnswerer(quoting, OnePassage(), self.library, herd, counts, KEY, agent=agent)

    def has(self, *tools: ScriptedTool) -> None:
        self.tools = {tool.name: tool for tool in tools}

    def says(self, *replies: Reply) -> None:
        """Let the model reply so, one after another."""
        self.model.script = Script(in_turn(*replies))

    def events(self, user: User = STAFF, **options) -> list[AnswerEvent]:
        return list(self.answerer().stream(Question(QUESTION), user, **options))

    def ask(self, user: User = STAFF, **options) -> Answer:
        return next(event.answer for event in self.events(user, **options) if isinstance(event, AnswerDone))

    def told(self, number: int = -1) -> Sequence[str]:
        """Return what the model was told by tools, in one of its requests."""
        return [message["content"] for message in self.model.asked[number].messages if message["role"] == "tool"]


def passage(document: Any, length: int | None = None) -> Passage:
    end = length or len(document.text)
    return Passage(document.ref, 0, end, document.text[:end])


def states(uses: Sequence[ToolUse]) -> list[tuple[str, str]]:
    """Return the names and states of calls."""
    return [(use.name, use.state) for use in uses]


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    study = Study(tmp_path)
    yield study
    study.catalog.close()
