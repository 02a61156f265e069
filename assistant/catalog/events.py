"""Records events for the webhooks that want them, in the transaction in which they happen: none is lost, none made up.

What is recorded names things and counts them. It holds no word of a question, an answer, a reason or a document, and
nothing of people or of what they uploaded for themselves.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any, Literal, get_args

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from assistant.catalog.models import FeedbackRow, RunRow, SourceRow
from assistant.catalog.models_webhooks import DeliveryRow, WebhookRow
from assistant.catalog.uploads import UPLOADS

Event = Literal["run.started", "run.finished", "run.failed", "feedback.given", "source.paused", "source.resumed"]
EVENTS: tuple[Event, ...] = get_args(Event)
TEST = "webhook.test"  # what a test sends; no webhook asks for it
WAITING = "waiting"

_COUNTS = ("seen", "added", "updated", "unchanged", "deleted", "failed")


def run_started(session: Session, row: RunRow) -> None:
    """Record that a run began."""
    if _is_of_the_house(session, row.source):
        _announce(session, "run.started", row.id, {**_of_run(row), "started_at": row.started_at})


def run_over(session: Session, run_id: str) -> None:
    """Record that a run has come to its end, as the transaction has it now: `run.failed`, or `run.finished`."""
    row = session.get(RunRow, run_id, populate_existing=True)
    if row is None or not _is_of_the_house(session, row.source):
        return
    counts = {name: getattr(row, name) or 0 for name in _COUNTS}
    ended = {"state": row.state, "started_at": row.started_at, "finished_at": row.finished_at, "documents": counts}
    _announce(session, "run.failed" if row.state == "failed" else "run.finished", run_id, {**_of_run(row), **ended})


def run_unsaid(session: Session, run_id: str, event: Event) -> None:
    """Take back what was recorded of a run, as far as nobody began to send it."""
    unsent = DeliveryRow.about == run_id, DeliveryRow.event == event, DeliveryRow.tries == 0
    session.execute(delete(DeliveryRow).where(DeliveryRow.state == WAITING, *unsent))


def feedback_given(session: Session, row: FeedbackRow) -> None:
    """Record that somebody said what an answer was like; neither who it was nor the words."""
    data = {"feedback": row.id, "verdict": row.verdict, "cause": row.cause, "page": "/quality"}
    _announce(session, "feedback.given", row.id, data)


def source_switched(session: Session, source: str, state: str) -> None:
    """Record that a source was paused, or goes on."""
    if _is_of_the_house(session, source):
        event: Event = "source.paused" if state == "paused" else "source.resumed"
        _announce(session, event, "", {"source": source, "page": "/sources"})


def new_delivery(webhook: str, event: str, message: str, about: str, data: Mapping[str, Any]) -> DeliveryRow:
    """Return a delivery that is due at once."""
    now = time.time()
    return DeliveryRow(
        id=str(uuid.uuid4()),
        webhook=webhook,
        message=message,
        event=event,
        about=about,
        data=dict(data),
        state=WAITING,
        tries=0,
        next_at=now,
        created_at=now,
        answer="",
    )


def new_message() -> str:
    """Return an id for an event, as receivers know it."""
    return f"msg_{uuid.uuid4().hex}"


def _of_run(row: RunRow) -> dict[str, Any]:
    return {"run": row.id, "source": row.source, "trigger": row.trigger, "page": f"/runs?run={row.id}"}


def _announce(session: Session, event: Event, about: str, data: Mapping[str, Any]) -> None:
    wanted = select(WebhookRow.name, WebhookRow.events).where(WebhookRow.enabled.is_(True))
    # none is removed before this transaction has ended: it would fail with it
    found = session.execute(wanted.with_for_update(read=True, key_share=True)).all()
    message = new_message()
    session.add_all(new_delivery(name, event, message, about, data) for name, events in found if event in events)


def _is_of_the_house(session: Session, source: str) -> bool:
    """Whether the source is there, and is not what a person uploaded."""
    return session.scalar(select(SourceRow.kind).where(SourceRow.name == source)) not in {None, UPLOADS}
