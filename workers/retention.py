"""Forgets what is older than it is to be kept, each kind by itself, so that one that fails leaves the others be."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from assistant.app import App
from assistant.errors import AssistantError

log = logging.getLogger(__name__)
_HOUR, _DAY = 3600.0, 86400.0


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that is kept for a time.

    Attributes:
        name: what it is, in words.
        told: what the log says of how many went.
        forget: removes what is too old, and returns how many that were.
    """

    name: str
    told: str
    forget: Callable[[], int]


def prune(app: App) -> None:
    """Forget what is too old of every kind; no index is needed for it.

    Args:
        app: the parts.

    Raises:
        Exception: that of the first kind that failed, after all others had their turn; each is in the log.
    """
    failures: list[Exception] = []
    for kind in _kinds(app, time.time()):
        try:
            count = kind.forget()
        except Exception as error:  # whatever is wrong with one kind, the others are due; it is raised below
            is_known = isinstance(error, AssistantError)
            cause = str(error) if is_known else f"{type(error).__name__}: {error}"
            log.error("%s that are too old stay until the next try: %s", kind.name, cause, exc_info=not is_known)
            failures.append(error)
            continue
        if count:
            log.info(kind.told, count)
    if failures:
        raise failures[0]


def _kinds(app: App, now: float) -> Iterator[Kind]:
    settings, catalog = app.settings, app.catalog
    yield Kind(
        "records of runs",
        "%d records of old runs were removed",
        lambda: catalog.runs.prune(now - settings.runs_keep_days * _DAY),
    )
    if settings.conversation_days:
        yield Kind(
            "conversations",
            "%d conversations were deleted, as nobody went on with them",
            lambda: catalog.conversations.retire(now - settings.conversation_days * _DAY),
        )
    yield Kind(
        "deleted conversations",
        "%d deleted conversations were removed for good",
        lambda: app.conversations.prune(now - settings.undo_hours * _HOUR),
    )
    if settings.feedback_days:
        yield Kind(
            "judgements of answers",
            "what was said on %d answers was removed",
            lambda: catalog.feedback.prune(now - settings.feedback_days * _DAY),
        )
    yield Kind(
        "deliveries of webhooks",
        "%d records of what webhooks were sent were removed",
        lambda: catalog.deliveries.prune(now - settings.webhook_days * _DAY),
    )
    yield Kind("sessions", "%d ended sessions were removed", catalog.sessions.prune)
    yield Kind(
        "entries of the audit log",
        "%d old entries of the audit log were removed",
        lambda: catalog.audit.prune(now - settings.audit_days * _DAY),
    )
