"""Plans what a model reads for a question, counts it as the model does, and writes the prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.context import KeptCounts, Library, ModelLengths, plan
from assistant.errors import PromptTooLongError
from assistant.herd import Herd, Room, Route, answer_room
from assistant.prompts import Asking, Part, Prompt, build, document_frame, passage_frame, pointer_lines, reading_order
from assistant.types import (
    ContextPlan,
    Filters,
    Message,
    Mode,
    Passage,
    User,
)

_POINTERS = 8  # passages that point into whole documents
_CLOSE = 0.99  # of what a model takes: from there on the whole prompt is counted
_TRIES = 6  # plans until a prompt fits that was counted as too long


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
    """

    ceiling: int = 10_000_000
    auto_most: int = 200_000
    answer_tokens: int = 2048
    history_tokens: int = 4000
    question_cost: float = 0.0
    passages: int = 12


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question as it is planned: standalone, with what was found, and what the person asked for."""

    question: str
    user: User
    mode: Mode
    budget: int | None
    filters: Filters
    history: Sequence[Message]
    hits: Sequence[Passage]


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read, by which model; `notes` are what could not be read or told."""

    plan: ContextPlan
    prompt: Prompt
    route: Route
    answer_tokens: int
    notes: tuple[str, ...]


class Planner:
    """Makes readings. Safe to use from several threads.

    Args:
        herd: the models; at least one.
        library: the documents, by who may read them.
        kept: the documents' token counts.
        key: a secret of this installation, for fences and salts.
        limits: see there.
    """

    def __init__(self, herd: Herd, library: Library, kept: KeptCounts, key: bytes, limits: Limits) -> None:
        self._herd, self._library, self._kept, self._key, self._limits = herd, library, kept, key, limits

    def read(self, wanted: Wanted, most: int | None = None) -> Reading:
        """Return what is read for a question: never more than the model takes, with its answer.

        Args:
            wanted: the question.
            most: the most tokens of documents, if it is less than the ceiling.

        Raises:
            ConfigurationError: there is no model for this user, or a limit is below 1.
            PromptTooLongError: nothing fits beside the question.
            ModelServerError: no model answers.
        """
        limits = self._limits
        room = self._herd.roomiest(wanted.user, "answer", limits.answer_tokens, limits.question_cost)
        lengths = ModelLengths(
            room.member.model, room.info, kept=self._kept, library=self._library, user=wanted.user, key=self._key
        )
        history, forgotten = self._history(wanted, room)
        asking = Asking(wanted.question, history, wanted.hits[:_POINTERS])
        beside = self._beside(asking, room)
        free = min(room.tokens - beside, limits.ceiling if most is None else most)
        for _ in range(_TRIES):
            if free < 1:
                raise PromptTooLongError(
                    f"the question and the conversation leave no room for documents: they have {beside:,} tokens, and"
                    f" {room.member.profile.key} takes {room.tokens:,} beside its answer",
                    "ask a shorter question, or begin a new conversation",
                    limit=room.tokens,
                    tokens=beside,
                )
            reading, over = self._attempt(wanted, asking, lengths, room, beside, free)
            if over <= 0:
                reading = self._fuller(reading, -over, wanted, asking, lengths, room, beside, free)
                return replace(reading, notes=(*forgotten, *reading.notes))
            free = min(free, reading.plan.tokens) - over
        raise PromptTooLongError(f"no plan was found that {room.member.profile.key} takes", "ask with a smaller budget")

    def _attempt(
        self, wanted: Wanted, asking: Asking, lengths: ModelLengths, room: Room, beside: int, ceiling: int
    ) -> tuple[Reading, int]:
        """Plan once. Returns the reading, and by how many tokens it is too long."""
        planned = self._plan(wanted, lengths, ceiling)
        parts, planned, notes = self._parts(planned, wanted.user)
        prompt = build(asking, parts, self._key)
        tokens = beside + planned.tokens
        route = self._route(wanted.user, tokens, room)
        reserve = answer_room(route.info, self._limits.answer_tokens)
        takes = route.info.context_tokens - reserve
        over = 0
        if tokens > takes * _CLOSE or route.info.tokenizer != room.info.tokenizer:
            over = route.member.model.count_tokens(prompt.messages) - takes
        told = self._told(planned, wanted, room, ceiling)
        return Reading(told, prompt, route, reserve, notes), over

    def _fuller(
        self,
        reading: Reading,
        left: int,
        wanted: Wanted,
        asking: Asking,
        lengths: ModelLengths,
        room: Room,
        beside: int,
        ceiling: int,
    ) -> Reading:
        """Return a reading with more, where the whole prompt was counted and one that was left out fits after all.

        The parts' own counts are a few tokens too many each, which many short documents add up to.
        """
        if not left or min((document.tokens for document in reading.plan.left_out), default=left + 1) > left:
            return reading
        more, over = self._attempt(wanted, asking, lengths, room, beside, min(self._limits.ceiling, ceiling + left))
        return more if over <= 0 else reading

    def _plan(self, wanted: Wanted, lengths: ModelLengths, ceiling: int) -> ContextPlan:
        return plan(
            wanted.question,
            wanted.user,
            passages=wanted.hits,
            library=self._library,
            lengths=lengths,
            mode=wanted.mode,
            budget=wanted.budget,
            ceiling=ceiling,
            auto_most=self._limits.auto_most,
            filters=wanted.filters,
        )

    def _route(self, user: User, tokens: int, room: Room) -> Route:
        """Return the cheapest model that takes so many tokens, unless that costs more than a question may."""
        limits = self._limits
        reserve = answer_room(room.info, limits.answer_tokens)
        route = self._herd.route(user, "answer", tokens=tokens, answer_tokens=reserve)
        if limits.question_cost and route.cost > limits.question_cost:
            key = room.member.profile.key
            cost = room.member.profile.cost(tokens, reserve)
            return Route(room.member, room.info, f"{key}: the model that takes most for what a question may cost", cost)
        return route

    def _beside(self, asking: Asking, room: Room) -> int:
        """Return the tokens of the prompt without documents, and of the pointers that there may be."""
        model = room.member.model
        empty = build(replace(asking, pointers=()), (), self._key)
        lines = pointer_lines([(9_999, passage) for passage in asking.pointers])
        return model.count_tokens(empty.messages) + model.count_texts([lines])[0] + 1

    def _history(self, wanted: Wanted, room: Room) -> tuple[tuple[Message, ...], tuple[str, ...]]:
        """Return the last turns that fit, and a note on those that do not."""
        if not wanted.history:
            return (), ()
        most = min(self._limits.history_tokens, room.tokens // 4)
        kept: list[Message] = []
        counts = room.member.model.count_texts([f"{turn.role}: {turn.content}\n" for turn in wanted.history])
        for turn, tokens in zip(reversed(wanted.history), reversed(counts), strict=True):
            most -= tokens
            if most < 0:
                break
            kept.insert(0, turn)
        gone = len(wanted.history) - len(kept)
        if not gone:
            return tuple(kept), ()
        return tuple(kept), (f"the first {gone} turns of the conversation were too long to be told to the model",)

    def _parts(self, planned: ContextPlan, user: User) -> tuple[list[Part], ContextPlan, tuple[str, ...]]:
        """Return what the plan holds as it may be read at this moment, and the plan of exactly that."""
        order = reading_order([document.ref for document in planned.documents])
        parts = [
            Part(info.ref, document_frame(info, self._key), text) for info, text in self._library.own_texts(order, user)
        ]
        infos = self._library.readable([each.passage.ref.id for each in planned.passages], user)
        for each in planned.passages:
            info = infos.get(each.passage.ref.id)
            if info is not None and info.ref.version == each.passage.ref.version:
                frame = passage_frame(each.passage, info, self._key)
                parts.append(Part(each.passage, frame, each.passage.own_text))
        gone = len(planned.documents) + len(planned.passages) - len(parts)
        if not gone:
            return parts, planned, ()
        return parts, _of_parts(planned, parts), ("documents changed while they were looked up and were not read",)

    def _told(self, planned: ContextPlan, wanted: Wanted, room: Room, ceiling: int) -> ContextPlan:
        """Return the plan with what its budget comes from, where neither the person nor the ceiling set it."""
        if planned.budget < ceiling or ceiling >= self._limits.ceiling or planned.budget == wanted.budget:
            return planned
        why = "what a question may cost allows" if room.by_cost else "takes beside question and answer"
        return replace(planned, reason=f"{planned.reason} that {room.member.profile.key} {why}")


def _of_parts(planned: ContextPlan, parts: Sequence[Part]) -> ContextPlan:
    there = {(part.ref.id, part.ref.version) for part in parts}
    documents = tuple(d for d in planned.documents if (d.ref.id, d.ref.version) in there)
    passages = tuple(p for p in planned.passages if (p.passage.ref.id, p.passage.ref.version) in there)
    tokens = sum(d.tokens for d in documents) + sum(p.tokens for p in passages)
    return replace(planned, documents=documents, passages=passages, tokens=tokens)
