"""What is wanted of a reading, what limits it, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answer.looking import BEST
from assistant.context import question_scope
from assistant.herd import Route
from assistant.prompts import Prompt
from assistant.types import ContextPlan, Passage, Question, ToolSpec, User


@dataclass(frozen=True, slots=True)
class Limits:
    """What the settings allow a question.

    Attributes:
        ceiling: tokens of documents, of any question.
        auto_most: tokens that `auto` spends without being asked to.
        answer_tokens: of the longest answer.
        history_tokens: of the conversation that is told.
        question_cost: what a question may cost; 0: anything.
        passages: how many are searched for.
        passages_across: the same, for a question over several documents: none of them may be missed.
        pictures: of documents, how many are shown to a model that sees.
    """

    ceiling: int = 10_000_000
    auto_most: int = 200_000
    answer_tokens: int = 2048
    history_tokens: int = 4000
    question_cost: float = 0.0
    passages: int = 12
    passages_across: int = 60
    pictures: int = 5

    def search_depth(self, question: str) -> int:
        """Return how many passages are searched for."""
        return self.passages_across if question_scope(question) == "across" else self.passages


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question as it is planned: standalone, with what was found, and what the person asked for.

    `tools` are offered to a model that takes them; `for_tools` tokens are kept free then for calls and results. Numbers
    up to `numbers` stand for something already.
    """

    question: Question
    user: User
    hits: Sequence[Passage]
    tools: tuple[ToolSpec, ...] = ()
    for_tools: int = 0
    numbers: int = 0

    @property
    def of_pictures(self) -> bool:
        """Whether it is about pictures: some are attached, or the best passages of a pinpoint question show some."""
        asked = self.question
        if asked.attachments:
            return True
        pinpoint = asked.mode == "chunks" or (asked.mode == "auto" and question_scope(asked.text) == "pinpoint")
        return pinpoint and any(hit.pictures for hit in self.hits[:BEST])


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read, by which model, which may call `tools`; `notes` are what could not be read or told."""

    plan: ContextPlan
    prompt: Prompt
    route: Route
    answer_tokens: int
    notes: tuple[str, ...]
    tools: tuple[ToolSpec, ...] = ()

    @property
    def most_tokens(self) -> int:
        """The longest prompt that the model takes beside its answer."""
        return self.route.info.context_tokens - self.answer_tokens
