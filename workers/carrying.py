"""Carries along, in the headers of messages, which request a task comes from and which trace it belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any

from celery import Celery

from assistant.spans import Span, arrived, carried, no_span, span
from assistant.telemetry import request_id

_REQUEST, _TRACE = "assistant_request", "traceparent"
_NO_REQUEST = "-"
_onward: ContextVar[Mapping[str, str] | None] = ContextVar("onward", default=None)


class CarryingCelery(Celery):  # type: ignore[misc]  # Celery has no types
    """Celery whose messages say what they come from."""

    def send_task(self, name: str, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        """Send a task by its name; see `Celery.send_task`."""
        headers = {**_passed_on(), **(options.pop("headers", None) or {})}
        return super().send_task(name, args, kwargs, headers=headers, **options)


def _passed_on() -> Mapping[str, str]:
    onward = _onward.get()
    if onward is not None:
        return onward
    request = request_id.get()
    return carried() if request == _NO_REQUEST else {**carried(), _REQUEST: request}


@contextmanager
def received(task: Any, queue: str) -> Iterator[Span]:
    """Do a task as a part of what its message comes from: in its trace, its request named in the log.

    A turn at a stage asks for the next one: those lie beside each other in the trace, below what asked for the first,
    and not a thousand levels deep. The log keeps the request's id until the thread's next task, for what Celery says of
    this one's end.

    Args:
        task: Celery's, while it runs.
        queue: that it came by.
    """
    headers = _text_headers(task.request.headers)
    request_id.set(headers.get(_REQUEST, _NO_REQUEST))
    known = {
        "messaging.system": "celery",
        "messaging.operation.type": "process",
        "messaging.destination.name": queue,
        "assistant.request.id": headers.get(_REQUEST, ""),
    }
    token = _onward.set(None if queue == "sync" else headers)
    try:
        with arrived(headers), _span(queue, known) as current:
            yield current
    finally:
        _onward.reset(token)


def _span(queue: str, known: Mapping[str, str]) -> AbstractContextManager[Span]:
    # what beat asks for every few seconds, and finds nothing to do at, is no trace worth keeping
    return no_span() if queue == "maintenance" else span(f"process {queue}", known, "consumer")


def _text_headers(headers: Mapping[str, Any] | None) -> dict[str, str]:
    given = headers or {}
    return {name: value for name in (_REQUEST, _TRACE) if isinstance(value := given.get(name), str)}
