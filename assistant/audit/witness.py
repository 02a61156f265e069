"""Records, before its reader sees them, which documents an answer is given and which tools it calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.audit.noting import origin_now
from assistant.audit.recorder import Recorder
from assistant.catalog import Act, Outcome
from assistant.types import (
    AnswerEvent,
    ApprovalWanted,
    ContextPlan,
    PlanReady,
    ToolFinished,
    ToolStarted,
    ToolUse,
    User,
)

READ, CALLED, WAITS = "documents read for an answer", "tool called", "tool call waits"
_LONGEST = 2_000  # characters of a call's arguments


class AnswerWitness:
    """Is told each event of an answer before it goes on; raises where it cannot be recorded, and the answer ends.

    Args:
        recorder: keeps it.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def __call__(self, event: AnswerEvent, user: User) -> None:
        """Record what the event tells. Raises AuditUnavailableError."""
        match event:
            case PlanReady(plan):
                documents = documents_of(plan)
                if documents:
                    self._record(user, READ, "done", documents, {"mode": plan.mode})
            case ToolStarted(use) if use.writes:  # that it was begun is known whatever becomes of it
                self._record(user, CALLED, "begun", (), self._told(use))
            case ToolFinished(use):
                outcome: Outcome = "done" if use.state == "done" else "refused" if use.state == "rejected" else "failed"
                self._record(user, CALLED, outcome, tuple(use.rests_on), self._told(use))
            case ApprovalWanted(use):
                self._record(user, WAITS, "begun", (), self._told(use))

    def _told(self, use: ToolUse) -> dict[str, Any]:
        told: dict[str, Any] = {"tool": use.name, "call": use.id, "writes": use.writes}
        if use.writes or self._recorder.keeps_questions:  # what was written is to be known; what was looked for is not
            told["arguments"] = _short(use.arguments)
        if use.proposed is not None:
            told["changed_by_person"] = True
        return told

    def _record(
        self, user: User, action: str, outcome: Outcome, documents: tuple[str, ...], details: Mapping[str, Any]
    ) -> None:
        act = Act(action, user.id, outcome, origin_now(), documents=documents, details=details)
        self._recorder.record(act)


def documents_of(plan: ContextPlan) -> tuple[str, ...]:
    """Return the ids of the documents that a plan puts before the answerer."""
    refs = [one.ref for one in plan.documents]
    refs += [one.passage.ref for one in plan.passages]
    refs += [one.place.ref for one in plan.pictures if one.kind != "attachment"]
    return tuple({ref.id for ref in refs})


def _short(arguments: Mapping[str, Any]) -> dict[str, str]:
    """Return the arguments as texts that are not too long; one that was cut says how long it was."""
    texts = {name: value if isinstance(value, str) else repr(value) for name, value in arguments.items()}
    return {
        name: text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"
        for name, text in texts.items()
    }
