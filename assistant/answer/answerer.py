"""Takes a question through its phases (rewrite, search, plan, answer) and reports them as a stream of events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from assistant.answer.clock import Clock
from assistant.answer.evidence import Desk, gather
from assistant.answer.extractive import MODEL, NOT_FOUND, THRESHOLD, choose, draft
from assistant.answer.markup import labelled
from assistant.answer.processing import Processors, no_processors, processed
from assistant.answer.rewrite import Standalone, rewrite
from assistant.answer.sentences import Sentence
from assistant.answer.traced import tell_plan
from assistant.answer.witnessed import Witness, unseen, witnessed
from assistant.answer.words import read_question
from assistant.citations import resolve
from assistant.context import CatalogLengths, Library, plan
from assistant.errors import ConfigurationError, NotFoundError
from assistant.injection import inert
from assistant.interfaces import Embedder
from assistant.types import (
    EVERYTHING,
    NOTHING_SO_FAR,
    Answer,
    AnswerDone,
    AnswerEvent,
    Attachment,
    Citation,
    CitationsReady,
    ContextPlan,
    Decide,
    DocumentInfo,
    Filters,
    Passage,
    PlanReady,
    Question,
    SoFar,
    TextDelta,
    ToolUse,
    Usage,
    User,
    nobody_to_ask,
)

_NOT_BEGUN = "it was not made: the answer ended before"
_NOT_GONE_ON = "no language model goes on with the answer that waited, so that sentences are quoted instead"
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
        processors: look at finished answers.
        witness: is told each event before it goes on.
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
        processors: Processors = no_processors,
        witness: Witness = unseen,
    ) -> None:
        self._processors, self._witness = processors, witness
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
        self, question: Question, user: User, *, decide: Decide = nobody_to_ask, so_far: SoFar = NOTHING_SO_FAR
    ) -> Iterator[AnswerEvent]:
        """Yield `PlanReady`, one `TextDelta` a sentence, `CitationsReady`, `AnswerDone`.

        Args:
            question: as asked. Of pictures that belong to it the words are searched for, and notes say so.
            user: who asks; only what this user may read is searched, read and cited.
            decide: is not asked, as no tools are called.
            so_far: an answer that waited for a person, and that no model goes on with: its calls are not made.

        Raises:
            ConfigurationError: the question is blank or the budget below 1.
            NotFoundError: another model is to answer.
        """
        del decide
        _check(question)
        events = processed(self._events(question, user, so_far), question, user, self._processors)
        return witnessed(events, user, self._witness)

    def _events(self, question: Question, user: User, so_far: SoFar) -> Iterator[AnswerEvent]:
        clock = Clock()
        with clock.phase("rewrite"):
            standalone = rewrite(question.text, question.history)
        with clock.phase("search"):
            searched = with_words(standalone.text, question.attachments)
            hits = self._retriever.search(searched, user, self._passages, question.filters)
        with clock.phase("plan") as current:
            planned = self._plan(question, standalone, user, hits)
            tell_plan(current, planned)
        notes = ((_UNSEEN,) if question.attachments else ()) + ((_NOT_GONE_ON,) if so_far.tools else ())
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
        tools = not_made(so_far.tools)
        yield AnswerDone(Answer(full, found, cited, planned, MODEL, usage, clock.seconds, other, notes, tools=tools))

    def ask(self, question: Question, user: User, *, decide: Decide = nobody_to_ask) -> Answer:
        """Return the finished answer; arguments and errors as in `stream`."""
        return finished(self.stream(question, user, decide=decide))

    def _plan(self, question: Question, standalone: Standalone, user: User, hits: Sequence[Passage]) -> ContextPlan:
        return plan(
            standalone.text,
            user,
            passages=hits,
            library=self._library,
            lengths=CatalogLengths(self._embedder.count_tokens),
            mode=question.mode,
            budget=question.budget,
            ceiling=self._ceiling,
            filters=question.filters,
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


def not_made(uses: Sequence[ToolUse]) -> tuple[ToolUse, ...]:
    """Return the calls of an answer that has ended; those that were agreed to and not begun will not be made."""
    return tuple(replace(use, state="failed", error=_NOT_BEGUN) if use.state == "approved" else use for use in uses)


def finished(events: Iterable[AnswerEvent]) -> Answer:
    """Take an answer's events to their end, and return the answer."""
    return next(event.answer for event in events if isinstance(event, AnswerDone))


def _check(question: Question) -> None:
    if not question.text.strip():
        raise ConfigurationError("the question is empty", "ask something")
    if question.model not in {"", MODEL}:
        hint = "no language model is configured: see models.md"
        raise NotFoundError(f"there is no model {question.model!r} for you", hint)


def with_words(question: str, attachments: Sequence[Attachment]) -> str:
    """Return what is searched for: the question, with the words in the pictures that are attached to it itself."""
    words = " ".join(" ".join(one.text for one in attachments if not one.carried).split())
    return f"{question} {words[:_WORDS]}".strip()


def _spoken(sentence: Sentence) -> str:
    """Return a sentence as it is said; a table's row with the names of its columns, which are not quoted."""
    text = labelled(sentence.text, sentence.header) if sentence.header else sentence.plain
    text = inert(text)
    return text if text.endswith((".", "!", "?", "…", "。", ":", ";", ")", '"', "”")) else f"{text}."
