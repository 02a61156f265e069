"""What every route needs: the assistant, and the queue that takes work."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Annotated, Protocol, cast

from fastapi import Depends, Request

from assistant.access import Attempts
from assistant.api.catalog_figures import CatalogFigures
from assistant.api.readiness import Readiness
from assistant.app import App, Rebuilding
from assistant.errors import AccessDeniedError, BrokerUnavailableError, NotFoundError
from assistant.telemetry import Metrics
from assistant.types import User

log = logging.getLogger(__name__)


class SyncQueue(Protocol):
    """Takes work for later; raises BrokerUnavailableError. The Celery app is one."""

    def enqueue_sync(self, source: str, trigger: str, *, full: bool = False, asked: bool = False) -> None:
        """Ask a worker to sync the source; `full`: to fetch all of it; `asked`: if the recorded wish is still open."""
        ...

    def enqueue_work(self) -> None:
        """Ask workers to do what is recorded."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """The parts behind the API."""

    app: App
    queue: SyncQueue
    metrics: Metrics
    rebuilding: Rebuilding
    attempts: Attempts = field(default_factory=Attempts)  # of wrong tokens
    figures: CatalogFigures = field(default_factory=CatalogFigures)
    readiness: Readiness = field(default_factory=Readiness)


def ask_for_sync(context: Context, source: str, trigger: str, *, full: bool = False, asked: bool = False) -> None:
    """Ask a worker to take up what is recorded; where the broker does not answer, the reconciler finds it."""
    try:
        context.queue.enqueue_sync(source, trigger, full=full, asked=asked)
    except BrokerUnavailableError as error:
        log.warning("%s", error)


def ask_for_work(context: Context) -> None:
    """Ask workers to do what is recorded; where the broker does not answer, the reconciler finds it."""
    try:
        context.queue.enqueue_work()
    except BrokerUnavailableError as error:
        log.warning("%s", error)


async def get_context(request: Request) -> Context:
    """Return the parts that `create_api` was given."""
    return cast(Context, request.app.state.context)


def must_manage(user: User) -> None:
    """Raise AccessDeniedError unless `user` manages sources, plugins and tools."""
    if not user.manages:
        raise AccessDeniedError("only admins manage sources, plugins and tools", "ask an admin")


def must_look_after(user: User, source: str) -> None:
    """Raise NotFoundError unless `user` manages sources, or curates this one: others are not told that there is one."""
    if not user.looks_after(source):
        raise NotFoundError(f"there is no source {source!r} that you look after", "ask an admin")


# It waits for nothing; being a coroutine, it costs no trip through the pool of threads in every request.
ContextOf = Annotated[Context, Depends(get_context)]
