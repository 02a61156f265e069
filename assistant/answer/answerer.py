"""Takes a question through its phases (rewrite, search, plan, answer) and reports them as a stream of events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from assistant.answer.clock import Clock
from assistant.answer.evidence import Desk, gather
from assistant.answer.extractive import MODEL, NOT_FOUND, THRESHOLD, choose, draft
from assistant.answer.markup import labelled
from assistant.answer.rewrite import Standalone, rewrite
from assistant.answer.sentences import Sentence
from assistant.answer.words import read_question
from assistant.citations import resolve
from assistant.context import CatalogLengths, Library, plan
from assistant.errors import ConfigurationError, NotFoundError
from assistant.interfaces import Embedder
from assistant.types import (
    EVERYTHING,
    Answer,
    AnswerDone,
    AnswerEvent,
    Attachment,
    Citation,
    CitationsReady,
    ContextPlan,
    DocumentInfo,
    Filters,
    Message,
    Mode,
    Passage,
    PlanReady,
    TextDelta,
    Usage,
    User,
)

_UNSEEN = "the attached pictures were not looked at; the words that were recognised in them were searched for"
_WORDS = 500  # characters of attached pictures that are searched for


class Retriever(Protocol):
    """Searches what a user may read."""

    def search(self, query: str, user: User, limit: int, filters: Filters = EVERYTHING) -> list[Passage]:
        """Return the best passages, best first; every one is current and the user may read it."""
        ...

    def read_on(
        self, query: str, user: User, documents: Sequence[DocumentInfo], tokens: int, filters: Filters = EVERYTHING
    ) -> list[Passage]:
        """Return passages to fill so many tokens with, of these documents, those first around which most was found."""
        ...


class Answerer:
    """Answers questions with quoted sentences, without a language model. Safe to use from several threads.

    Args:
        retriever: finds passages.
        library: reads documents for a user.
        embedder: compares sentences with the question and counts tokens.
        ceiling: the most tokens that a question may put in its context.
        passages: how many passages are searched for.
        threshold: how well the best sentence must support an answer, 0 to 1; see `scoring` for how it was chosen.
    """

    def __init__(
        self,
        retriever: Retriever,
        library: Library,
        embedder: Embedder,
        *,
        ceiling: int = 10_000_000,
        passages: int = 12,
        threshold: float = THRESHOLD,
    ) -> None:
        self._retriever, self._library, self._embedder = retriever, library, embedder
        self._ceiling, self._passages, self._threshold = ceiling, passages, threshold

    def models(self, user: User) -> tuple[str, ...]:
        """Return what may answer this user: no language model."""
        del user
        return (MODEL,)

    def choices(self, user: User) -> tuple[str, ...]:
        """Return the models that this user may choose from: none."""
        del user
        return ()

    def stream(
        self,
        question: str,
        user: User,
        *,
        mode: Mode = "auto",
        budget: int | None = None,
        history: Sequence[Message] = (),
        filters: Filters = EVERYTHING,
        model: str = "",
        attachments: Sequence[Attachment] = (),
    ) -> Iterator[AnswerEvent]:
        """Yield `PlanReady`, one `TextDelta` a sentence, `CitationsReady`, `AnswerDone`.

        Args:
            question: as asked.
            user: who asks; only what this user may read is searched, read and cited.
            mode: how much context is used; see `context.plan`.
            budget: tokens of context for this question, None for the ceiling.
            history: earlier turns, oldest first.
            filters: only documents that these allow are answered from.
            model: what is to answer; there is nothing to choose.
            attachments: pictures that belong to the question: the words in them are searched for, and notes say so.

        Raises:
            ConfigurationError: the question is blank or the budget below 1.
            NotFoundError: another model is to answer.
        """
        _check(question, model)
        clock = Clock()
        with clock.phase("rewrite"):
            standalone = rewrite(question, history)
        with clock.phase("search"):
            searched = with_words(standalone.text, attachments)
            hits = self._retriever.search(searched, user, self._passages, filters)
        with clock.phase("plan"):
            planned = self._plan(standalone, user, hits, mode, budget, filters)
        notes = (_UNSEEN,) if attachments else ()
        yield PlanReady(planned, question=standalone.other, notes=notes)
        with clock.phase("answer"):
            said = self._answer(standalone, user, planned, hits)
        for number, (text, _) in enumerate(said):
            yield TextDelta(text if number == 0 else f" {text}")
        cited = tuple(citation for _, citation in said if citation is not None)
        yield CitationsReady(cited)
        full = " ".join(text for text, _ in said)
        usage = Usage(planned.tokens, self._embedder.count_tokens([full])[0])
        found, other = bool(cited), standalone.other
        yield AnswerDone(Answer(full, found, cited, planned, MODEL, usage, clock.seconds, other, notes))

    def ask(
        self,
        question: str,
        user: User,
        *,
        mode: Mode = "auto",
        budget: int | None = None,
        history: Sequence[Message] = (),
        filters: Filters = EVERYTHING,
        model: str = "",
        attachments: Sequence[Attachment] = (),
    ) -> Answer:
        """Return the finished answer; arguments and errors as in `stream`."""
        events = self.stream(
            question,
            user,
            mode=mode,
            budget=budget,
            history=history,
            filters=filters,
            model=model,
            attachments=attachments,
        )
        return next(event.answer for event in events if isinstance(event, AnswerDone))

    def _plan(
        self,
        standalone: Standalone,
        user: User,
        hits: Sequence[Passage],
        mode: Mode,
        budget: int | None,
        filters: Filters,
    ) -> ContextPlan:
        return plan(
            standalone.text,
            user,
            passages=hits,
            library=self._library,
            lengths=CatalogLengths(self._embedder.count_tokens),
            mode=mode,
            budget=budget,
            ceiling=self._ceiling,
            filters=filters,
        )

    def _answer(
        self, standalone: Standalone, user: User, planned: ContextPlan, hits: Sequence[Passage]
    ) -> list[tuple[str, Citation | None]]:
        """Return the sentences with their citations, or the one sentence that says that nothing was found."""
        question = read_question(standalone.question, standalone.carried)
        candidates = gather(question, planned, hits, Desk(self._library, user))
        chosen = choose(question, candidates, self._embedder, self._threshold)
        citations = resolve([draft(number, s) for number, s in enumerate(chosen, 1)], user, self._library)
        # A document that changed or was closed to the user in the last moment gives no sentence.
        kept = [(s, c) for s, c in zip(chosen, citations, strict=True) if c.verified]
        if not kept:
            return [(NOT_FOUND, None)]
        return [(f"{_spoken(scored.candidate.sentence)} [{citation.number}]", citation) for scored, citation in kept]


def _check(question: str, model: str) -> None:
    if not question.strip():
        raise ConfigurationError("the question is empty", "ask something")
    if model not in {"", MODEL}:
        raise NotFoundError(f"there is no model {model!r} for you", "no language model is configured: see models.md")


def with_words(question: str, attachments: Sequence[Attachment]) -> str:
    """Return what is searched for: the question, with the words in the pictures that are attached to it itself."""
    words = " ".join(" ".join(one.text for one in attachments if not one.carried).split())
    return f"{question} {words[:_WORDS]}".strip()


def _spoken(sentence: Sentence) -> str:
    """Return a sentence as it is said; a table's row with the names of its columns, which are not quoted."""
    text = labelled(sentence.text, sentence.header) if sentence.header else sentence.plain
    return text if text.endswith((".", "!", "?", "…", "。", ":", ";", ")", '"', "”")) else f"{text}."
