"""One document's lesson: questions on it, the passages that the assistant would read, the answers, and the check."""

from __future__ import annotations

import logging
from typing import Protocol

from assistant.answer import Retriever
from assistant.answer.wanted import Reading
from assistant.distillation.checking import fault_of_answer, fault_of_refusal, is_vague, place_of
from assistant.distillation.outcomes import Asked, Options, Record, Yield
from assistant.distillation.stretches import Stretch, stretches
from assistant.distillation.teacher import NOT_THIS_REQUEST, Teacher
from assistant.errors import ModelServerError, NotFoundError, PromptTooLongError
from assistant.prompts import NOT_IN_DOCUMENTS, document_frame
from assistant.types import Document, DocumentInfo, Filters, Passage, User

log = logging.getLogger(__name__)
_DEEPER = 4  # times as many passages are searched for, as those of the other part are left out


class Reader(Protocol):
    """Reads documents for a user."""

    def read(self, source: str, key: str, user: User) -> Document:
        """Return a document's current text. Raises NotFoundError."""
        ...


class Lesson:
    """What is done with each document; see `Distiller` for the arguments. Safe to use from several threads."""

    def __init__(
        self,
        teacher: Teacher,
        retriever: Retriever,
        library: Reader,
        key: bytes,
        depth: int,
        options: Options,
        user: User,
    ) -> None:
        self._teacher, self._retriever, self._library, self._key = teacher, retriever, library, key
        self._depth, self._options, self._user = depth, options, user

    def teach(self, info: DocumentInfo) -> Yield:
        """Return what the document gives.

        Raises:
            ModelUnavailableError, ModelAccessError, ModelNotFoundError: the teacher does not answer any request.
        """
        found = Yield(info.ref)
        try:
            document = self._library.read(info.ref.source, info.ref.key, self._user)
        except NotFoundError:
            return found  # it is gone, or may not be read any more
        found.ref = document.ref
        for stretch in stretches(document, self._options):
            for asked in self._questions(document, info, stretch, found):
                self._answer(asked, found)
        return found

    def _questions(self, document: Document, info: DocumentInfo, stretch: Stretch, found: Yield) -> list[Asked]:
        text = document.own_text[stretch.start : stretch.end]
        wanted = stretch.answerable + stretch.unanswerable
        try:
            written = self._teacher.questions(
                text, document_frame(info, self._key), stretch.answerable, stretch.unanswerable
            )
        except NOT_THIS_REQUEST:
            raise
        except ModelServerError as error:
            log.warning("no questions on %s: %s", document.ref.key, error)
            found.drop("too_long" if isinstance(error, PromptTooLongError) else "server", wanted)
            return []
        if written is None:
            found.drop("unreadable", wanted)
            return []
        asked = [Asked(question, "refusal", document.ref) for question in written.unanswerable]
        for question, quote in written.answerable:
            place = place_of(quote, document, stretch.start)
            if place is None:
                found.drop("invented")
                continue
            asked.append(Asked(question, "answer", document.ref, *place, document.text[slice(*place)]))
        clear = [each for each in asked if not is_vague(each.question)]
        found.drop("vague", len(asked) - len(clear))
        return clear

    def _answer(self, asked: Asked, found: Yield) -> None:
        """Have the question answered from what the assistant would read for it; keep the answer if it is good."""
        try:
            reading = self._teacher.read(asked.question, self._user, self._hits(asked), self._options.budget)
            passages = tuple(source for source in reading.prompt.sources.values() if isinstance(source, Passage))
            if not passages or (asked.kind == "answer" and not _hold(passages, asked)):
                found.drop("not_found")
                return
            record, fault = self._spoken(asked, reading, passages)
        except NOT_THIS_REQUEST:
            raise
        except ModelServerError as error:
            log.warning("no answer to a question on %s: %s", asked.ref.key, error)
            found.drop("too_long" if isinstance(error, PromptTooLongError) else "server")
            return
        if fault:
            found.drop(fault)
        else:
            found.records.append(record)

    def _spoken(self, asked: Asked, reading: Reading, passages: tuple[Passage, ...]) -> tuple[Record, str]:
        spoken = self._teacher.answer(reading, self._user)
        messages = reading.prompt.messages
        if asked.kind == "answer":
            claims = spoken.claims
            fault = fault_of_answer(spoken, keep_unknown=self._options.keep_unknown)
            return Record(asked, messages, claims.text.strip(), claims.citations, passages), fault
        refusal = f"{NOT_IN_DOCUMENTS}{spoken.refused or ''}".strip()
        return Record(asked, messages, refusal, (), passages), fault_of_refusal(spoken)

    def _hits(self, asked: Asked) -> list[Passage]:
        """Return the best passages of the chosen sources that are of the same part as the question's document.

        A passage that stands in a document of the other part as well is left out: no text is to be in both.
        """
        options, user = self._options, self._user
        part = options.part_of(asked.ref.id)
        hits = self._retriever.search(
            asked.question, user, self._depth * _DEEPER, Filters(sources=tuple(options.sources))
        )
        mine = [hit for hit in hits if all(options.part_of(ref.id) == part for ref in (hit.ref, *hit.also))]
        return mine[: self._depth]


def _hold(passages: tuple[Passage, ...], asked: Asked) -> bool:
    """Whether one of the passages holds the words that answer the question, or a copy of them in another document."""
    return any(
        (passage.ref.id == asked.ref.id and passage.start <= asked.start and asked.end <= passage.end)
        or asked.evidence in passage.text
        for passage in passages
    )
