"""Plans what a model reads for a question, counts it as the model does, and writes the prompt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant.answer.answerer import Retriever
from assistant.answer.looking import Gallery, Looker, Looking
from assistant.answer.wanted import Limits, Reading, Wanted
from assistant.context import KeptCounts, Library, ModelLengths, plan, with_more
from assistant.errors import PromptTooLongError
from assistant.herd import Herd, Route, answer_room
from assistant.prompts import Asking, Part, Prompt, build, document_frame, passage_frame, pointer_lines, reading_order
from assistant.types import (
    ContextPlan,
    DocumentInfo,
    Message,
    Passage,
    PlannedDocument,
    User,
)

_POINTERS = 5  # passages that point into whole documents
_CLOSE = 0.99  # of what a model takes: from there on the whole prompt is counted
_OVER = 3  # tokens by which a part may be counted too long
_TOOLS_SHARE = 4  # of the room, calls and results have one part of so many at most
_LEAST_FOR_TOOLS = 400  # tokens, without which no call is of use
_NO_ROOM_FOR_TOOLS = "the model was given no tools, as there is no room for them beside the question"
_TRIES = 6  # plans until a prompt fits that was counted as too long


class Planner:
    """Makes readings. Safe to use from several threads.

    Args:
        herd: the models; at least one.
        library: the documents, by who may read them.
        kept: the documents' token counts.
        key: a secret of this installation, for fences and salts.
        limits: see there.
        retriever: finds more of documents that there is room for much of.
        gallery: the documents' pictures; None: they are not shown.
        guidance: returns what is added to the instructions for a user.
    """

    def __init__(
        self,
        herd: Herd,
        library: Library,
        kept: KeptCounts,
        key: bytes,
        limits: Limits,
        retriever: Retriever,
        gallery: Gallery | None = None,
        guidance: Callable[[User], str] = lambda _: "",
    ) -> None:
        self.herd, self.library, self.kept, self.key, self.limits = herd, library, kept, key, limits
        self.guidance = guidance
        self.retriever, self.looker = retriever, Looker(gallery, library, key, limits.pictures)

    def read(self, wanted: Wanted, most: int | None = None) -> Reading:
        """Return what is read for a question: never more than the model takes, with its answer.

        Args:
            wanted: the question.
            most: the most tokens of documents, if it is less than the ceiling.

        Raises:
            ConfigurationError: there is no model for this user, or a limit is below 1.
            NotFoundError: the person may not use the model that was chosen.
            PromptTooLongError: nothing fits beside the question.
            ModelServerError: no model answers.
        """
        ceiling = self.limits.ceiling if most is None else min(most, self.limits.ceiling)
        try:
            return _Planning(self, wanted, ceiling).read()
        except PromptTooLongError:
            if not wanted.tools:
                raise
            reading = _Planning(self, replace(wanted, tools=()), ceiling).read()
            return replace(reading, notes=(*reading.notes, _NO_ROOM_FOR_TOOLS))


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One plan: its reading, None where it is too long; by how much; and how much is left, where that was counted."""

    reading: Reading | None
    tokens: int
    over: int = 0
    left: int = 0


class _Planning:
    """Plans one question, again with less or more where the server counts otherwise than the sum of the parts."""

    def __init__(self, planner: Planner, wanted: Wanted, ceiling: int) -> None:
        self._planner, self._wanted, self._ceiling = planner, wanted, ceiling
        limits = planner.limits
        self._budget, self._auto_most = wanted.question.budget, limits.auto_most
        self._herd = _herd(planner.herd, wanted)
        self._room = self._herd.roomiest(wanted.user, "answer", limits.answer_tokens, limits.question_cost)
        self._model = self._room.member.model
        self._lengths = ModelLengths(
            self._model,
            self._room.info,
            kept=planner.kept,
            library=planner.library,
            user=wanted.user,
            key=planner.key,
        )
        self._tools = wanted.tools if self._room.info.tools else ()
        self._for_tools = min(wanted.for_tools, self._room.tokens // _TOOLS_SHARE) if self._tools else 0
        if self._for_tools < _LEAST_FOR_TOOLS:
            self._tools, self._for_tools = (), 0
        history, self._forgotten = self._history()
        self._pointers = 0
        self._read_on: dict[tuple[str, ...], list[Passage]] = {}
        self._asking = Asking(
            wanted.question.text,
            history,
            wanted.hits[:_POINTERS],
            guidance=planner.guidance(wanted.user),
            tools=bool(self._tools),
            before=wanted.numbers,
        )
        self._looking = Looking()

    def read(self) -> Reading:
        """See `Planner.read`."""
        beside = self._look(self._beside())
        free = min(self._room.tokens - beside, self._ceiling)
        for _ in range(_TRIES):
            if free < 1:
                break
            tried = self._attempt(self._plan(free), beside, self._asking.pointers)
            if tried.reading is not None:
                reading = self._fuller(tried.reading, tried.left, beside)
                told = _with_pictures(self._told(reading.plan, free), self._looking)
                notes = (*self._forgotten, *self._looking.notes, *reading.notes)
                return replace(reading, plan=told, notes=notes)
            free = min(free, tried.tokens) - tried.over
        key = self._room.member.profile.key
        raise PromptTooLongError(
            f"the question and the conversation leave no room for documents: they have {beside:,} tokens, and"
            f" {key} takes {self._room.tokens:,} beside its answer",
            "ask a shorter question, or begin a new conversation",
            limit=self._room.tokens,
            tokens=beside,
        )

    def _attempt(self, planned: ContextPlan, beside: int, pointers: Sequence[Passage]) -> _Attempt:
        """Write the prompt of a plan, and count it where it comes close to what the model takes."""
        parts, planned, notes = self._parts(planned)
        prompt = build(replace(self._asking, pointers=pointers), parts, self._planner.key)
        tokens, left = beside + planned.tokens, 0
        if tokens > self._room.tokens * _CLOSE or self._may_fit_more(planned, tokens, len(parts)):
            tokens = self._model.count_tokens(prompt.messages, self._tools) + self._for_tools
            left = self._room.tokens - tokens
            if left < 0:
                return _Attempt(None, planned.tokens, over=-left)
        route = self._route(tokens, prompt)
        reserve = answer_room(route.info, self._planner.limits.answer_tokens)
        return _Attempt(Reading(planned, prompt, route, reserve, notes, self._tools), planned.tokens, left=left)

    def _may_fit_more(self, planned: ContextPlan, tokens: int, parts: int) -> bool:
        """Whether a document that was left out would fit if all that is only allowed for were not there."""
        allowed = self._pointers + parts * _OVER
        shortest = min((document.tokens for document in planned.left_out), default=None)
        return shortest is not None and self._room.tokens - tokens < shortest <= self._room.tokens - tokens + allowed

    def _fuller(self, reading: Reading, left: int, beside: int) -> Reading:
        """Return a reading with more, where the whole prompt was counted and what was left out fits after all.

        The parts' own counts are a few tokens too many each, which many short documents add up to.
        """
        there = {document.ref.id for document in reading.plan.documents}
        pointers = [passage for passage in self._asking.pointers if passage.ref.id in there]
        for _ in range(_TRIES):
            more = self._more(reading.plan, left)
            if not more:
                break
            tried = self._attempt(with_more(reading.plan, more), beside, pointers)
            if tried.reading is None:
                break
            reading, left = tried.reading, tried.left
        return reading

    def _more(self, planned: ContextPlan, left: int) -> list[PlannedDocument]:
        """Return the documents that were left out and fit in so many tokens."""
        allowed = min(self._ceiling, self._budget or self._ceiling)
        if self._wanted.question.mode == "auto":
            allowed = min(allowed, self._auto_most)
        left = min(left, allowed - planned.tokens)
        found: list[PlannedDocument] = []
        for document in planned.left_out if planned.mode != "chunks" else ():
            if document.tokens <= left:
                found.append(document)
                left -= document.tokens
        return found

    def _plan(self, free: int) -> ContextPlan:
        wanted, question = self._wanted, self._wanted.question
        return plan(
            question.text,
            wanted.user,
            passages=wanted.hits,
            library=self._planner.library,
            lengths=self._lengths,
            mode=question.mode,
            budget=self._budget,
            ceiling=free,
            auto_most=self._auto_most,
            filters=question.filters,
            deeper=self._deeper,
        )

    def _deeper(self, documents: Sequence[DocumentInfo], tokens: int) -> list[Passage]:
        """Return further passages of the documents; searched for once, however often the question is planned."""
        wanted, key = self._wanted, tuple(info.ref.id for info in documents)
        if key not in self._read_on:
            question = wanted.question
            found = self._planner.retriever.read_on(question.text, wanted.user, documents, tokens, question.filters)
            self._read_on[key] = found
        return self._read_on[key]

    def _route(self, tokens: int, prompt: Prompt) -> Route:
        """Return the cheapest model that takes the prompt, unless that costs more than a question may."""
        limits, room = self._planner.limits, self._room
        reserve = answer_room(room.info, limits.answer_tokens)
        images = self._looking.images
        route = self._herd.route(
            self._wanted.user,
            "answer",
            tokens=tokens,
            answer_tokens=reserve,
            sees=bool(images),
            tools=bool(self._tools),
        )
        if route.member is room.member:
            return self._chosen(route)
        affordable = not limits.question_cost or route.cost <= limits.question_cost
        if affordable and images <= route.info.images_per_prompt and self._takes(route, tokens, prompt):
            return self._chosen(route)
        why = f"{room.member.profile.key}: the model that takes the longest prompt for what a question may cost"
        return self._chosen(Route(room.member, room.info, why, room.member.profile.cost(tokens, reserve)))

    def _chosen(self, route: Route) -> Route:
        """Return the route, with its reason where only models that see were to choose from."""
        there = self._planner.herd.offered(self._wanted.user)
        if self._wanted.question.model or not self._wanted.of_pictures or len(self._herd.members) >= len(there):
            return route
        return replace(route, reason=f"{route.reason}; it is asked because it sees pictures")

    def _takes(self, route: Route, tokens: int, prompt: Prompt) -> bool:
        """Whether that model takes the prompt, by its own count where it counts otherwise or it is close."""
        takes = route.info.context_tokens - answer_room(route.info, self._planner.limits.answer_tokens)
        if route.info.tokenizer == self._room.info.tokenizer and tokens <= takes * _CLOSE:
            return True
        return route.member.model.count_tokens(prompt.messages, self._tools) + self._for_tools <= takes

    def _look(self, beside: int) -> int:
        """Choose the pictures, and return the tokens of the prompt with them and without documents."""
        wanted = self._wanted
        free = self._room.tokens - beside
        question = wanted.question
        allowed = min(free, self._ceiling, question.budget or free)
        if question.mode == "auto":
            allowed = min(allowed, self._auto_most)
        looker = self._planner.looker
        looking = looker.look(
            self._room, wanted.user, wanted.hits, question.attachments, free=free - 1, for_documents=allowed
        )
        self._looking, taken = looking, looking.tokens
        self._asking = replace(self._asking, pictures=looking.pictures, attached=looking.attached)
        self._ceiling -= taken
        self._auto_most = max(1, self._auto_most - taken)
        if question.budget is not None:
            self._budget = question.budget - taken
        return beside + looking.beside + taken

    def _beside(self) -> int:
        """Return the tokens of the prompt without documents, and of the pointers that there may be."""
        empty = build(replace(self._asking, pointers=()), (), self._planner.key)  # the pictures are not there yet
        lines = pointer_lines([(9_999, passage) for passage in self._asking.pointers], self._planner.key)
        self._pointers = self._model.count_texts([lines])[0]
        return self._model.count_tokens(empty.messages, self._tools) + self._for_tools + self._pointers + 1

    def _history(self) -> tuple[tuple[Message, ...], tuple[str, ...]]:
        """Return the last turns that fit, and a note on those that do not."""
        turns = self._wanted.question.history
        if not turns:
            return (), ()
        most = min(self._planner.limits.history_tokens, self._room.tokens // 4)
        kept: list[Message] = []
        counts = self._model.count_texts([f"{turn.role}: {turn.content}\n" for turn in turns])
        for turn, tokens in zip(reversed(turns), reversed(counts), strict=True):
            most -= tokens
            if most < 0:
                break
            kept.insert(0, turn)
        gone = len(turns) - len(kept)
        if not gone:
            return tuple(kept), ()
        return tuple(kept), (f"of the conversation, the first {gone} of {len(turns)} turns were not told to the model",)

    def _parts(self, planned: ContextPlan) -> tuple[list[Part], ContextPlan, tuple[str, ...]]:
        """Return what the plan holds as it may be read at this moment, and the plan of exactly that."""
        library, user, key = self._planner.library, self._wanted.user, self._planner.key
        order = reading_order([document.ref for document in planned.documents])
        parts = [Part(info.ref, document_frame(info, key), text) for info, text in library.own_texts(order, user)]
        infos = library.readable([each.passage.ref.id for each in planned.passages], user)
        for each in planned.passages:
            info = infos.get(each.passage.ref.id)
            if info is not None and info.ref.version == each.passage.ref.version:
                parts.append(Part(each.passage, passage_frame(each.passage, info, key), each.passage.own_text))
        if len(parts) == len(planned.documents) + len(planned.passages):
            return parts, planned, ()
        return parts, _of_parts(planned, parts), ("documents changed while they were looked up and were not read",)

    def _told(self, planned: ContextPlan, free: int) -> ContextPlan:
        """Return the plan with what its budget comes from, where neither the person nor a setting set it."""
        if planned.budget < free or free >= self._ceiling or planned.budget == self._budget:
            return planned
        why = "what a question may cost allows" if self._room.by_cost else "takes beside question and answer"
        limit = f" of {planned.budget:,} tokens"
        told = planned.reason.replace(limit, f"{limit} that {self._room.member.profile.key} {why}", 1)
        return replace(planned, reason=told)


def _of_parts(planned: ContextPlan, parts: Sequence[Part]) -> ContextPlan:
    there = {(part.ref.id, part.ref.version) for part in parts}
    documents = tuple(d for d in planned.documents if (d.ref.id, d.ref.version) in there)
    passages = tuple(p for p in planned.passages if (p.passage.ref.id, p.passage.ref.version) in there)
    tokens = sum(d.tokens for d in documents) + sum(p.tokens for p in passages)
    return replace(planned, documents=documents, passages=passages, tokens=tokens)


def _herd(herd: Herd, wanted: Wanted) -> Herd:
    """Return the models that may answer."""
    if wanted.question.model:
        return herd.only(wanted.question.model, wanted.user)
    return herd.sighted(wanted.user) if wanted.of_pictures else herd


def _with_pictures(planned: ContextPlan, looking: Looking) -> ContextPlan:
    """Return the plan with the pictures that are shown, and their tokens."""
    reason, count = planned.reason, len(looking.pictures)
    if count:
        reason += f"; beside them {count} picture{'' if count == 1 else 's'} of {looking.tokens:,} tokens"
    return replace(
        planned,
        reason=reason,
        tokens=planned.tokens + looking.tokens,
        budget=planned.budget + looking.tokens,
        pictures=looking.planned,
    )
