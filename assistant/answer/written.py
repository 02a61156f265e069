"""Answers questions in a language model's words, cited; by quoted sentences where no model answers, and says so."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from assistant.answer.answerer import Answerer, Retriever, finished, not_made, with_words
from assistant.answer.clock import Clock
from assistant.answer.extractive import NOT_FOUND
from assistant.answer.looking import Gallery
from assistant.answer.processing import Processors, no_processors, processed
from assistant.answer.reading import Planner
from assistant.answer.rewrite import Standalone
from assistant.answer.speaking import Speaker, Spoken, as_sources
from assistant.answer.standalone import stand_alone
from assistant.answer.streams import AnswerStream, Stopping
from assistant.answer.telling import told
from assistant.answer.traced import tell_plan
from assistant.answer.wanted import Limits, Reading, Wanted
from assistant.answer.witnessed import Witness, unseen, witnessed
from assistant.citations import ClaimReader, Claims, Source
from assistant.context import KeptCounts, Library
from assistant.errors import ConfigurationError, ModelServerError
from assistant.herd import Herd
from assistant.interfaces import Agent, Job
from assistant.types import (
    NOTHING_SO_FAR,
    Answer,
    AnswerDone,
    AnswerEvent,
    Citation,
    CitationsReady,
    Decide,
    Mode,
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

log = logging.getLogger(__name__)
_ENDINGS = {
    "interrupted": "the model's server ended the answer in its middle; what had come is kept",
    "cut": "the answer ends where the longest answer ends (answer_tokens)",
    "stopped": "stopped; what had come is kept",
}


@dataclass(slots=True)
class _Asked:
    """One question while it is answered."""

    question: Question
    user: User
    stopping: Stopping
    decide: Decide
    so_far: SoFar
    uses: list[ToolUse] = field(default_factory=list)
    clock: Clock = field(default_factory=Clock)
    notes: list[str] = field(default_factory=list)
    usage: Usage | None = None
    standalone: Standalone = field(default_factory=lambda: Standalone("", ""))
    said: bool = False

    def count(self, spoken: Spoken) -> None:
        """Add what a request used."""
        used = spoken.usage
        if used is None:
            return
        before = self.usage or Usage(0, 0, None)
        cached = before.cached_tokens
        if used.cached_tokens is not None:
            cached = (cached or 0) + used.cached_tokens
        self.usage = Usage(
            before.prompt_tokens + used.prompt_tokens, before.completion_tokens + used.completion_tokens, cached
        )


class WrittenAnswerer:
    """Answers by the models of a herd. Safe to use from several threads.

    Args:
        quoting: answers where no model does.
        retriever: finds passages.
        library: reads documents for a user.
        herd: the models; at least one.
        kept: the documents' token counts.
        key: a secret of this installation; see `prompts`.
        limits: what the settings allow a question.
        gallery: the documents' pictures, for models that see; None: they are not shown.
        guidance: returns what is added to the instructions for a user.
        agent: lets models that can call tools do so; None: they are given none.
        processors: look at finished answers.
        witness: is told each event before it goes on.
    """

    def __init__(
        self,
        quoting: Answerer,
        retriever: Retriever,
        library: Library,
        herd: Herd,
        kept: KeptCounts,
        key: bytes,
        limits: Limits | None = None,
        gallery: Gallery | None = None,
        guidance: Callable[[User], str] = lambda _: "",
        agent: Agent | None = None,
        processors: Processors = no_processors,
        witness: Witness = unseen,
    ) -> None:
        self._agent, self._processors, self._witness = agent, processors, witness
        self._quoting, self._retriever, self._library, self._herd = quoting, retriever, library, herd
        self._limits = limits or Limits()
        self._planner = Planner(herd, library, kept, key, self._limits, retriever, gallery, guidance)

    def models(self, user: User) -> tuple[str, ...]:
        """Return the models that answer this user by themselves, or what does where there is none for them."""
        named = [m.profile.key for m in self._herd.offered(user) if m.profile.roles & {"answer", "long"}]
        return tuple(named) or self._quoting.models(user)

    def choices(self, user: User) -> tuple[str, ...]:
        """Return the models that this user may choose from: those for answers, and those that are for nothing else."""
        offered = (member.profile for member in self._herd.offered(user))
        return tuple(profile.key for profile in offered if not profile.roles or profile.roles & {"answer", "long"})

    def stream(
        self, question: Question, user: User, *, decide: Decide = nobody_to_ask, so_far: SoFar = NOTHING_SO_FAR
    ) -> AnswerStream:
        """Return the events: `PlanReady` (again where the plan changes), `TextDelta`s, `CitationsReady`, `AnswerDone`.

        Where the model calls tools, `ToolStarted`, `ToolFinished` and `ApprovalWanted` come between the texts.

        Args:
            question: as asked.
            user: who asks; only what this user may read is searched, read and cited.
            decide: is asked before a tool changes something; where it gives None, the answer ends `waiting`.
            so_far: an answer that waited and goes on; the texts that come follow its text.

        Raises:
            ConfigurationError: the question is blank or the budget below 1.
            NotFoundError: there is no such model for this user.
        """
        if not question.text.strip():
            raise ConfigurationError("the question is empty", "ask something")
        if question.budget is not None and question.budget < 1:
            raise ConfigurationError(f"a token budget of {question.budget} is too small", "give at least 1 token")
        if question.model:
            self._herd.get(question.model, user)

        def begin(stopping: Stopping) -> Iterator[AnswerEvent]:
            asked = _Asked(question, user, stopping, decide, so_far, list(so_far.tools))
            events = processed(self._events(asked), question, user, self._processors)
            return witnessed(events, user, self._witness)

        return AnswerStream(begin)

    def ask(self, question: Question, user: User, *, decide: Decide = nobody_to_ask) -> Answer:
        """Return the finished answer; arguments and errors as in `stream`."""
        return finished(self.stream(question, user, decide=decide))

    def _events(self, asked: _Asked) -> Iterator[AnswerEvent]:
        try:
            yield from self._written(asked)
        except (ModelServerError, ConfigurationError) as error:
            shown = told(error, asked.user) if isinstance(error, ModelServerError) else error
            if asked.said:
                raise shown from error
            log.warning("a question is answered by quoting: %s", error)
            yield from self._quoted(asked, str(shown))

    def _written(self, asked: _Asked) -> Iterator[AnswerEvent]:
        with asked.clock.phase("rewrite"):
            asked.standalone, _ = stand_alone(
                asked.question.text, asked.question.history, asked.user, self._herd, asked.stopping
            )
        with asked.clock.phase("search"):
            depth = self._limits.search_depth(asked.standalone.text)
            searched = with_words(asked.standalone.text, asked.question.attachments)
            hits = self._retriever.search(searched, asked.user, depth, asked.question.filters)
        with asked.clock.phase("plan") as current:
            reading = self._planner.read(self._wanted(asked, asked.question.mode, hits))
            tell_plan(current, reading.plan)
        yield self._announced(asked, reading)
        if not reading.prompt.sources and not reading.tools:
            yield from self._finished(asked, reading, Spoken(refused=""))
            return
        spoken = Spoken()
        yield from self._spoken(asked, reading, spoken)
        more = self._more(asked, reading, spoken, hits)
        if more is not None:
            reading, spoken = more, Spoken()
            yield self._announced(asked, reading)
            yield from self._spoken(asked, reading, spoken)
        yield from self._finished(asked, reading, spoken)

    def _wanted(self, asked: _Asked, mode: Mode, hits: Sequence[Passage]) -> Wanted:
        question = replace(asked.question, text=asked.standalone.text, mode=mode)
        if self._agent is None:
            return Wanted(question, asked.user, hits)
        tools = self._agent.offered(asked.user)
        return Wanted(question, asked.user, hits, tools, self._agent.tokens, _numbers(asked.so_far))

    def _announced(self, asked: _Asked, reading: Reading) -> PlanReady:
        notes = (*asked.notes, *reading.notes)
        key = reading.route.member.profile.key
        return PlanReady(reading.plan, key, reading.route.reason, asked.standalone.other, notes)

    def _spoken(self, asked: _Asked, reading: Reading, spoken: Spoken) -> Iterator[AnswerEvent]:
        sources = as_sources(reading.prompt.sources)
        speaker = Speaker(
            reading.route.member.model,
            reading.prompt,
            reading.answer_tokens,
            asked.stopping,
            spoken,
            ClaimReader(sources, asked.user, self._library),
            len(asked.so_far.text),
        )
        with asked.clock.phase("answer"):
            events = self._going_on(asked, reading, speaker, sources)
            for event in events if reading.prompt.sources else _called_first(events):
                asked.said = asked.said or isinstance(event, TextDelta)
                yield event
            rest = speaker.finish()
            if not reading.prompt.sources and not asked.uses:  # what it said rests on nothing
                spoken.refused, spoken.claims = "", Claims((), 0, "")
            elif rest:
                asked.said = True
                yield TextDelta(rest)
        asked.clock.seconds["first"] = spoken.first
        asked.count(spoken)
        if any(use.state == "waiting" for use in asked.uses):
            spoken.state = "waiting"
        elif speaker.calls and asked.stopping.stopped:  # between two stretches
            spoken.state = "stopped"
        elif not spoken.claims.text and spoken.refused is None and spoken.state in {"complete", "cut"}:
            raise ModelServerError("the model wrote no answer", "raise answer_tokens if it thinks for long")

    def _going_on(
        self, asked: _Asked, reading: Reading, speaker: Speaker, sources: dict[int, Source]
    ) -> Iterator[AnswerEvent]:
        if self._agent is None or not reading.tools:
            yield from speaker.write(reading.prompt.messages, ())
            return
        messages, most = reading.prompt.messages, reading.most_tokens
        job = Job(asked.user, messages, reading.tools, sources, most, asked.decide, asked.so_far)
        yield from self._agent.run(job, speaker, asked.uses, asked.notes)

    def _more(self, asked: _Asked, reading: Reading, spoken: Spoken, hits: Sequence[Passage]) -> Reading | None:
        """Return the one step that is taken where the model misses the answer in passages of its own choosing."""
        if (
            spoken.refused is None
            or asked.uses
            or asked.question.mode != "auto"
            or reading.plan.mode != "chunks"
            or asked.stopping.stopped
        ):
            return None
        with asked.clock.phase("plan") as current:
            more = self._planner.read(self._wanted(asked, "documents", hits), most=self._limits.auto_most)
            tell_plan(current, more.plan)
        if more.plan.tokens <= reading.plan.tokens:  # there is no more to read
            return None
        what = "whole documents were" if more.plan.documents else "more of the documents was"
        asked.notes.append(f"the passages did not answer it, so {what} read in a second step")
        return more

    def _finished(self, asked: _Asked, reading: Reading, spoken: Spoken) -> Iterator[AnswerEvent]:
        before = asked.so_far
        text = before.text + spoken.claims.text
        if spoken.refused is not None:
            refusal = spoken.refused.strip(" \n\t:.*_`\"'-\u2013\u2014") or NOT_FOUND
            refusal = refusal if refusal.endswith((".", "!", "?", "\u3002")) else f"{refusal}."
            refusal = f"\n\n{refusal}" if text else refusal
            text += refusal
            yield TextDelta(refusal)
        citations = (*before.citations, *(_later(one, len(before.text)) for one in spoken.claims.citations))
        yield CitationsReady(citations)
        found = spoken.refused is None and bool(text.strip())
        yield AnswerDone(
            Answer(
                text,
                found,
                citations,
                reading.plan,
                reading.route.member.profile.key,
                asked.usage or Usage(reading.plan.tokens, 0),
                asked.clock.seconds,
                asked.standalone.other,
                (*asked.notes, *reading.notes, *_ending(spoken, found=found, cited=bool(citations))),
                state=spoken.state,
                dropped=spoken.claims.dropped,
                tools=not_made(asked.uses),
            )
        )

    def _quoted(self, asked: _Asked, why: str) -> Iterator[AnswerEvent]:
        """Answer by quoting, and say why."""
        note = f"the language model did not answer, so that sentences of the documents are quoted instead: {why}"
        notes = (*asked.notes, note)
        for event in self._quoting.stream(replace(asked.question, model=""), asked.user):
            match event:
                case PlanReady():
                    yield replace(event, notes=(*notes, *event.notes), fallback=True)
                case AnswerDone(answer):
                    yield AnswerDone(
                        replace(answer, notes=(*notes, *answer.notes), fallback=True, tools=not_made(asked.uses))
                    )
                case _:
                    yield event


def _ending(spoken: Spoken, *, found: bool, cited: bool) -> Iterator[str]:
    """Yield what has to be said of how the answer came to its end."""
    if spoken.state in _ENDINGS:
        yield _ENDINGS[spoken.state]
    if spoken.claims.dropped:
        yield f"marks of the model that pointed to nothing were left out: {spoken.claims.dropped}"
    if spoken.links_left_out:
        yield f"links that are in no document the model was given were left out: {spoken.links_left_out}"
    if found and not cited and spoken.state != "waiting":
        yield "nothing in this answer is cited: check it before you rely on it"


def _called_first(events: Iterator[AnswerEvent]) -> Iterator[AnswerEvent]:
    """Yield the events from the first call on; text before it comes with it, and where there is none, nothing does."""
    held: list[AnswerEvent] = []
    for event in events:
        held.append(event)
        if not isinstance(event, TextDelta):
            yield from held
            break
    yield from events


def _numbers(so_far: SoFar) -> int:
    """Return the last number that stands for something in an answer that goes on."""
    cited = [citation.number for citation in so_far.citations]
    given = [use.first + len(use.passages) - 1 for use in so_far.tools if use.passages]
    return max((*cited, *given), default=0)


def _later(citation: Citation, by: int) -> Citation:
    """Return a citation whose statement stands that many characters later."""
    if citation.statement is None:
        return citation
    start, end = citation.statement
    return replace(citation, statement=(start + by, end + by))
