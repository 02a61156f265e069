"""What every route needs: the assistant, the queue that takes work, and who is asking."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Annotated, Protocol, cast

from fastapi import Depends, Request

from assistant.app import App
from assistant.errors import AccessDeniedError, BrokerUnavailableError
from assistant.telemetry import Metrics
from assistant.types import LOCAL_OPERATOR, User

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


async def current_user() -> User:
    """Return who is asking: without sign-in, the one at this machine. The server then listens on loopback only."""
    return LOCAL_OPERATOR


def must_manage(user: User) -> None:
    """Raise AccessDeniedError unless `user` manages sources, plugins and tools."""
    if user.role not in {"admin", "operator"}:
        raise AccessDeniedError("only admins manage sources, plugins and tools", "ask an admin")


# Neither waits for anything; being coroutines, they cost no trip through the pool of threads in every request.
ContextOf = Annotated[Context, Depends(get_context)]
UserOf = Annotated[User, Depends(current_user)]
