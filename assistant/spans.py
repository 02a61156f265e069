"""Marks what the assistant is at, for whoever traces it (`telemetry.tracing`); where nobody does, next to nothing.

    with span("retrieve", {"assistant.search.limit": limit}) as current:
        found = ...
        current.set("assistant.search.results", len(found))

Own code before OpenTelemetry's, which costs half a second to import and microseconds a span even where it is off, and
whose global tracer every library that knows it would write to: with paths, queries and error messages.

Attributes are numbers and the house's own words: kinds, modes, codes, names of models and tools. Never a text, title,
path, question or anybody's name; those that a trace may hold where its operator says so go through `content`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Literal, Protocol, Self

Value = str | int | float | bool | Sequence[str]
Kind = Literal["internal", "server", "client", "consumer"]
NOT_TRACED: Mapping[str, Value] = {}


class Span(Protocol):
    """Something that takes time, while it is under way."""

    def set(self, name: str, value: Value | None, /) -> None:
        """Say something of it; None says nothing."""
        ...

    def rename(self, name: str, /) -> None:
        """Give it the name that is only known by now."""
        ...

    def content(self, name: str, text: Callable[[], str], /) -> None:
        """Say what people wrote or read; taken down only where the operator wants that, else not even made."""
        ...

    def event(self, name: str, attributes: Mapping[str, Value], /) -> None:
        """Say that something happened at this moment."""
        ...

    def failed(self, code: str, /) -> None:
        """Say that it failed, by the error's class; its message may hold anything."""
        ...


class Tracing(Protocol):
    """Takes spans down."""

    def span(self, name: str, attributes: Mapping[str, Value], kind: Kind) -> AbstractContextManager[Span]:
        """Return a span from `with` on, below the one that is current; an error that leaves it is told by its class."""
        ...

    def carried(self) -> dict[str, str]:
        """Return the headers that let another process go on below the current span; empty where there is none."""
        ...

    def arrived(self, headers: Mapping[str, str]) -> AbstractContextManager[None]:
        """Go on, from `with` on, below the span that the headers name; where they name none, below none."""
        ...

    def trace_id(self) -> str:
        """Return the current trace's id; empty where there is none."""
        ...


class _Nothing:
    """Is no span, and takes nothing down."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        return

    def set(self, *_: object) -> None:
        return

    def rename(self, *_: object) -> None:
        return

    def content(self, *_: object) -> None:
        return

    def event(self, *_: object) -> None:
        return

    def failed(self, *_: object) -> None:
        return


_NOTHING = _Nothing()
_tracing: Tracing | None = None


def install(tracing: Tracing | None) -> None:
    """Let this take down the process's spans from now on; None: nobody does."""
    global _tracing  # noqa: PLW0603 (one for the process, as for its log)
    _tracing = tracing


def is_traced() -> bool:
    """Whether spans are taken down."""
    return _tracing is not None


def span(
    name: str, attributes: Mapping[str, Value] = NOT_TRACED, kind: Kind = "internal"
) -> AbstractContextManager[Span]:
    """Return a span, to be used in a `with` statement; not around a `yield` (see `answer.traced`).

    Args:
        name: what is done, of a small set of names.
        attributes: what is known of it at its begin.
        kind: `server` and `consumer` begin where something arrives, `client` waits for another process.
    """
    return _NOTHING if _tracing is None else _tracing.span(name, attributes, kind)


def no_span() -> AbstractContextManager[Span]:
    """Return what is used as a span and is none."""
    return _NOTHING


def carried() -> dict[str, str]:
    """Return the headers that let another process go on below the current span (W3C's `traceparent`)."""
    return {} if _tracing is None else _tracing.carried()


def arrived(headers: Mapping[str, str]) -> AbstractContextManager[object]:
    """Go on, from `with` on, below the span that the headers name."""
    return _NOTHING if _tracing is None else _tracing.arrived(headers)


def trace_id() -> str:
    """Return the current trace's id, as 32 hexadecimal digits; empty where nothing is traced."""
    return "" if _tracing is None else _tracing.trace_id()
