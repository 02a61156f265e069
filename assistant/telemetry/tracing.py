"""Takes the process's spans down by OpenTelemetry; imported only where that is wanted, as it costs a second.

The tracer is the house's own and never the global one of OpenTelemetry: what FastAPI, MCP's library and others would
write to that (paths, queries, messages of errors) leaves no process.
"""

from __future__ import annotations

import atexit
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token

from opentelemetry.context import Context
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, get_current_span, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from assistant import spans
from assistant.spans import Kind, Value
from assistant.telemetry.sending import Collector, let_end, make_provider, make_sender

__all__ = ["Collector", "Traces", "start"]

log = logging.getLogger(__name__)
_KINDS: Mapping[Kind, SpanKind] = {
    "internal": SpanKind.INTERNAL,
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "consumer": SpanKind.CONSUMER,
}
_PROPAGATOR = TraceContextTextMapPropagator()
_current: ContextVar[Span | None] = ContextVar("current_span", default=None)


class Traces:
    """Implements `spans.Tracing` for one process, until it is closed.

    Args:
        service: what the process is, e.g. `assistant-api`.
        version: of the assistant.
        collector: where spans go, and which.
        exporter: takes the spans in place of the collector, each at once.
    """

    def __init__(self, service: str, version: str, collector: Collector, exporter: SpanExporter | None = None) -> None:
        self._provider = make_provider(service, version, collector)
        self._sender = None if exporter is not None else make_sender(collector)
        self._provider.add_span_processor(self._sender or SimpleSpanProcessor(exporter))  # type: ignore[arg-type]
        self._tracer = self._provider.get_tracer("assistant", version)
        self._content = collector.content

    def span(self, name: str, attributes: Mapping[str, Value], kind: Kind) -> _Opened:
        """See `spans.Tracing`."""
        return _Opened(self._tracer, name, attributes, kind, content=self._content)

    def carried(self) -> dict[str, str]:
        """See `spans.Tracing`."""
        headers: dict[str, str] = {}
        if _current.get() is not None:
            _PROPAGATOR.inject(headers, _context())
        return headers

    @contextmanager
    def arrived(self, headers: Mapping[str, str]) -> Iterator[None]:
        """See `spans.Tracing`. `tracestate` stays where it came from: others write it, and it may say anything."""
        named = {name: value for name, value in headers.items() if name == "traceparent"}
        parent = get_current_span(_PROPAGATOR.extract(named, Context()))
        token = _current.set(parent if parent.get_span_context().is_valid else None)
        try:
            yield
        finally:
            _leave(token)

    def trace_id(self) -> str:
        """See `spans.Tracing`."""
        current = _current.get()
        return "" if current is None else f"{current.get_span_context().trace_id:032x}"

    def close(self) -> None:
        """Send what waits, for some seconds at most, and take no more down. Closing it again does nothing."""
        spans.install(None)
        if self._sender is not None:
            let_end(self._sender)
        self._provider.shutdown()


def start(service: str, version: str, collector: Collector, exporter: SpanExporter | None = None) -> Traces:
    """Take down this process's spans from now on, until what is returned is closed or the process ends.

    Args:
        service, version, collector, exporter: as in `Traces`.
    """
    traces = Traces(service, version, collector, exporter)
    spans.install(traces)
    if exporter is None:
        atexit.register(traces.close)
        content = "with questions and answers" if collector.content else "without content"
        log.info("traces go to %s, %s", collector.endpoint, content)
    return traces


class _Opened:
    """A span of OpenTelemetry; implements `spans.Span` from `with` on."""

    __slots__ = ("_attributes", "_content", "_kind", "_name", "_span", "_token", "_tracer")

    def __init__(
        self, tracer: Tracer, name: str, attributes: Mapping[str, Value], kind: Kind, *, content: bool
    ) -> None:
        self._tracer, self._name, self._attributes, self._kind = tracer, name, attributes, kind
        self._content = content

    def __enter__(self) -> _Opened:
        # the message of an exception may hold anything: it is never taken down
        self._span: Span = self._tracer.start_span(self._name, _context(), _KINDS[self._kind], self._attributes)
        self._token = _current.set(self._span)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if kind is not None and issubclass(kind, Exception):  # a generator that is closed has not failed
            self.failed(kind.__name__)
        _leave(self._token)
        self._span.end()

    def set(self, name: str, value: Value | None) -> None:
        """See `spans.Span`."""
        if value is not None:
            self._span.set_attribute(name, value)

    def rename(self, name: str) -> None:
        """See `spans.Span`."""
        self._span.update_name(name)

    def content(self, name: str, text: Callable[[], str]) -> None:
        """See `spans.Span`."""
        if self._content:
            self._span.set_attribute(name, text())

    def event(self, name: str, attributes: Mapping[str, Value]) -> None:
        """See `spans.Span`."""
        self._span.add_event(name, attributes)

    def failed(self, code: str) -> None:
        """See `spans.Span`."""
        self._span.set_status(StatusCode.ERROR)
        self._span.set_attribute("error.type", code)


def _context() -> Context:
    """Return OpenTelemetry's context with the current span, and nothing else of what its global one may hold."""
    current = _current.get()
    return Context() if current is None else set_span_in_context(current, Context())


def _leave(token: Token[Span | None]) -> None:
    """Go back to the span before; what was begun in one context and ended in another leaves nothing to go back to."""
    try:
        _current.reset(token)
    except ValueError:
        log.debug("a span ended in another context than it began in")
