"""A desk over a real catalog and library, and an answerer by script."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from assistant.conversations import ConversationDesk, ShownTurn
from assistant.types import Access, Question, User
from tests.fakes.answering import ScriptedAnswerer
from tests.fakes.system import System

ANN = User("ann", frozenset({"everyone", "hr"}))
BOB = User("bob", frozenset({"everyone"}), "admin")


@dataclass
class Office:
    """What the tests look at."""

    system: System
    answerer: ScriptedAnswerer

    @property
    def desk(self) -> ConversationDesk:
        return self.system.conversations

    def begin(self, question: str = "When?", user: User = ANN) -> tuple[str, ShownTurn]:
        """Ask the first question, and return its conversation and its turn when it is answered."""
        record, turn = self.desk.begin(user, Question(question))
        return record.id, self.answered(record.id, turn.id, user)

    def go_on(self, conversation: str, question: str, after: str | None = None, user: User = ANN) -> ShownTurn:
        turn = self.desk.go_on(user, conversation, Question(question), after)
        return self.answered(conversation, turn.id, user)

    def answered(self, conversation: str, turn: str, user: User = ANN) -> ShownTurn:
        """Return a turn when its end is stored."""
        live = self.desk.live(user, conversation, turn)
        assert live is None or live.stored.wait(60)
        return self.desk.turn(user, conversation, turn)

    def change(self, key: str, text: str | None = None, readers: tuple[str, ...] | None = None) -> None:
        """Change a document's text or readers, or with neither delete it."""
        if text is None and readers is None:
            del self.system.source.texts[key]
        if text is not None:
            self.system.source.texts[key] = text
        if readers is not None:
            self.system.source.access[key] = Access(frozenset(f"group:{name}" for name in readers))
        self.system.ingestor.sync("s", "cli")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    system = System(tmp_path)
    system.source.texts = {
        "travel.txt": "Tickets are booked 21 days before the trip.\nHotels cost 140 euros.\n",
        "salary.txt": "Grade K7 is paid 4,310 euros.\n",
    }
    system.source.access = {
        "travel.txt": Access(frozenset({"group:everyone"})),
        "salary.txt": Access(frozenset({"group:hr"})),
    }
    system.ingestor.sync("s", "cli")
    answerer = ScriptedAnswerer(system.library)
    system.answerer = answerer
    yield Office(system, answerer)
    answerer.gate.set()
    system.close()
