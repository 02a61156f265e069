"""The teacher: writes questions on a document, and answers them from what the assistant would read for them."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.answer.reading import Planner
from assistant.answer.speaking import Spoken, speak
from assistant.answer.streams import Stopping
from assistant.answer.wanted import Limits, Reading, Wanted
from assistant.citations import Reader
from assistant.errors import (
    ModelAccessError,
    ModelNotFoundError,
    ModelServerError,
    ModelUnavailableError,
    PromptTooLongError,
)
from assistant.herd import Member
from assistant.interfaces import ChatModel
from assistant.prompts import QUESTIONS_SCHEMA, Frame, question_messages
from assistant.types import ChatMessage, Passage, Question, User
from assistant.types.chat import Finish

log = logging.getLogger(__name__)
_TOKENS_A_QUESTION = 250
_FENCE = re.compile(r"```(?:json)?\s*(.*?)```", re.DOTALL)
NOT_THIS_REQUEST = (ModelUnavailableError, ModelAccessError, ModelNotFoundError)  # another one would fail as well


@dataclass(frozen=True, slots=True)
class Written:
    """What the teacher wrote on a stretch: questions with the words that answer them, and questions without."""

    answerable: tuple[tuple[str, str], ...]
    unanswerable: tuple[str, ...]


class Teacher:
    """Asks one model. Safe to use from several threads.

    Args:
        member: the model.
        planner: plans for a herd of that model alone.
        library: reads documents.
        limits: of an answer.
    """

    def __init__(self, member: Member, planner: Planner, library: Reader, limits: Limits) -> None:
        self.member, self._planner, self._library, self._limits = member, planner, library, limits
        self.structured = True  # until the server refuses a schema

    @property
    def _model(self) -> ChatModel:
        return self.member.model

    def questions(self, text: str, frame: Frame, answerable: int, unanswerable: int) -> Written | None:
        """Return what the teacher writes on a stretch of a document; None where that is not what it was asked for.

        Args:
            text: the stretch.
            frame: of the document.
            answerable, unanswerable: how many of each are wanted; what is over that is left out.

        Raises:
            ModelServerError: the model does not answer, or refuses.
        """
        messages = question_messages(text, frame, answerable, unanswerable)
        most = self._limits.answer_tokens + _TOKENS_A_QUESTION * (answerable + unanswerable)
        try:
            reply, finish = self._reply(messages, most)
        except (PromptTooLongError, *NOT_THIS_REQUEST):
            raise
        except ModelServerError as error:
            if not self.structured:
                raise
            reply, finish = self._reply(messages, most, schema=False)
            log.warning("the teacher takes no schema, so that its replies are read as they come: %s", error)
            self.structured = False
        found = _read(reply) if finish == "stop" else None
        if found is None:
            return None
        return Written(found.answerable[:answerable], found.unanswerable[:unanswerable])

    def _reply(self, messages: Sequence[ChatMessage], most: int, *, schema: bool = True) -> tuple[str, Finish | None]:
        wanted = QUESTIONS_SCHEMA if schema and self.structured else None
        text, finish = "", None
        with self._model.stream(messages, max_tokens=most, response_schema=wanted) as pieces:
            for piece in pieces:
                text += piece.text
                finish = piece.finish or finish
        return text, finish

    def read(self, question: str, user: User, hits: Sequence[Passage], budget: int) -> Reading:
        """Return what the assistant would give the model for this question: passages, in its own prompt.

        Args:
            question: standalone.
            user: who asks.
            hits: what the search found, best first.
            budget: tokens of passages.

        Raises:
            PromptTooLongError: the model takes no such prompt.
            ModelServerError: it does not answer.
        """
        key = self.member.profile.key
        return self._planner.read(Wanted(Question(question, "chunks", budget, model=key), user, hits))

    def answer(self, reading: Reading, user: User) -> Spoken:
        """Return the teacher's answer to that prompt, with every citation checked as this user may read it now.

        Raises:
            ModelServerError: the model does not answer, or refuses.
        """
        spoken = Spoken()
        pieces: Iterator[str] = speak(
            self._model, reading.prompt, reading.answer_tokens, Stopping(), spoken, user, self._library
        )
        for _ in pieces:
            pass  # what is said is kept in `spoken`
        return spoken


def _read(reply: str) -> Written | None:
    """Return the questions of a reply, which may stand in a code fence or behind other words."""
    fenced = _FENCE.findall(reply)
    opened = reply[reply.find("{") : reply.rfind("}") + 1]
    for text in (reply, *reversed(fenced), opened):
        try:
            told = json.loads(text)
        except ValueError:
            continue
        if isinstance(told, dict) and ("questions" in told or "unanswerable" in told):
            return _written(told)
    return None


def _written(told: dict[str, Any]) -> Written | None:
    asked, unanswerable = told.get("questions") or [], told.get("unanswerable") or []
    if not isinstance(asked, list) or not isinstance(unanswerable, list):
        return None
    pairs = [(row.get("question"), row.get("evidence")) for row in asked if isinstance(row, dict)]
    return Written(
        tuple((q.strip(), e) for q, e in pairs if isinstance(q, str) and q.strip() and isinstance(e, str)),
        tuple(q.strip() for q in unanswerable if isinstance(q, str) and q.strip()),
    )
