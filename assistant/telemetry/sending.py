"""Sends spans to an OpenTelemetry collector by OTLP over HTTP: some at a time, from a thread of its own."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import requests
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

_PATH = "/v1/traces"
_SEND_SECONDS = 5.0  # for one parcel of spans, and for what is left at the end
_WAITING = 4096  # spans; with more, the newest are dropped
_PARCEL = 512
_EVERY_MILLISECONDS = 2000
_LONGEST_TEXT = 10_000  # characters of an attribute
_EVENTS = 512  # of one span: documents that are written together
_QUIET_SECONDS = 60.0
_COMPLAINERS = (OTLPSpanExporter.__module__, "opentelemetry.sdk._shared_internal")


@dataclass(frozen=True, slots=True)
class Collector:
    """Where spans go, and which.

    Args:
        url: of an OTLP/HTTP receiver, with or without `/v1/traces`.
        headers: that it asks for.
        sample: the part of the traces that is kept, 0 to 1. What belongs to a trace that began elsewhere is kept or not
            as was decided there.
        content: whether questions and answers are in them.
    """

    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    sample: float = 1.0
    content: bool = False

    @property
    def endpoint(self) -> str:
        """The address that spans are sent to."""
        url = self.url.rstrip("/")
        return url if url.endswith(_PATH) else f"{url}{_PATH}"


def make_provider(service: str, version: str, collector: Collector) -> TracerProvider:
    """Return what makes a process's spans; nothing is done with them yet.

    Args:
        service: what the process is.
        version: of the assistant.
        collector: says how many are kept.
    """
    # All is said here: what is left out is read from variables, or found out about the machine and its user.
    resource = Resource({"service.name": service, "service.version": version, "service.instance.id": uuid.uuid4().hex})
    limits = SpanLimits(
        max_attributes=128,
        max_span_attributes=128,
        max_events=_EVENTS,
        max_event_attributes=32,
        max_links=8,
        max_link_attributes=8,
        max_attribute_length=_LONGEST_TEXT,
        max_span_attribute_length=_LONGEST_TEXT,
    )
    sampler = ParentBased(TraceIdRatioBased(collector.sample))
    return TracerProvider(sampler=sampler, resource=resource, shutdown_on_exit=False, span_limits=limits)


def make_sender(collector: Collector) -> BatchSpanProcessor:
    """Return what sends spans to the collector; its `shutdown` sends what waits, and takes some seconds at most."""
    for name in _COMPLAINERS:
        logging.getLogger(name).filters[:] = [_Seldom()]
    return BatchSpanProcessor(
        _Sender(collector),
        max_queue_size=_WAITING,
        schedule_delay_millis=_EVERY_MILLISECONDS,
        max_export_batch_size=_PARCEL,
        export_timeout_millis=1000 * _SEND_SECONDS,
    )


class _Sender(SpanExporter):
    """OpenTelemetry's own, which at the end of the process gives up soon where the collector hangs."""

    def __init__(self, collector: Collector) -> None:
        session = requests.Session()
        session.trust_env = False  # neither a proxy nor ~/.netrc: only what the settings name
        self._exporter = OTLPSpanExporter(
            endpoint=collector.endpoint,
            headers=dict(collector.headers),
            timeout=_SEND_SECONDS,
            compression=Compression.Gzip,
            session=session,
        )
        self.ends_at: float | None = None

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send them. See `SpanExporter`."""
        if self.ends_at is not None and time.monotonic() > self.ends_at:
            return SpanExportResult.FAILURE
        return self._exporter.export(spans)

    def shutdown(self) -> None:
        """See `SpanExporter`."""
        self._exporter.shutdown()  # type: ignore[no-untyped-call]  # the SDK has no types here

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """See `SpanExporter`."""
        return self._exporter.force_flush(timeout_millis)


class _Seldom(logging.Filter):
    """Lets a complaint through once a minute: a collector that is away is told of with every parcel, and every span."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """See `logging.Filter`."""
        now = time.monotonic()
        if now - self._said.get(record.msg, -_QUIET_SECONDS) < _QUIET_SECONDS:
            return False
        self._said[record.msg] = now
        return True


def let_end(processor: BatchSpanProcessor) -> None:
    """Send what waits, for some seconds at most, and send no more."""
    sender = processor.span_exporter
    if isinstance(sender, _Sender):
        sender.ends_at = time.monotonic() + _SEND_SECONDS
    processor.shutdown()  # type: ignore[no-untyped-call]
