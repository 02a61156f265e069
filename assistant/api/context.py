"""What every route needs: the assistant, the queue that takes work, and who is asking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Protocol, cast

from fastapi import Depends, Request

from assistant.app import App
from assistant.telemetry import Metrics
from assistant.types import LOCAL_OPERATOR, User


class SyncQueue(Protocol):
    """Takes work for later; the Celery app is one."""

    def enqueue_sync(self, source: str, trigger: str) -> None:
        """Ask a worker to sync the source."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """The parts behind the API."""

    app: App
    queue: SyncQueue
    metrics: Metrics


def get_context(request: Request) -> Context:
    """Return the parts that `create_api` was given."""
    return cast(Context, request.app.state.context)


def current_user() -> User:
    """Return who is asking: without sign-in, the one at this machine. The server then listens on loopback only."""
    return LOCAL_OPERATOR


ContextOf = Annotated[Context, Depends(get_context)]
UserOf = Annotated[User, Depends(current_user)]
