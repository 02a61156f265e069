"""A collector of OpenTelemetry for tests: takes spans by OTLP over HTTP, in protobuf, as Jaeger, Tempo and others do.

with Collector() as collector:
    settings = {"otlp_url": collector.url}
    ...
    assert [span.name for span in collector.spans] == ["GET /api/status"]
"""

from __future__ import annotations

import gzip
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


@dataclass(frozen=True, slots=True)
class Taken:
    """A span as it came."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    kind: int
    attributes: dict[str, Any] = field(default_factory=dict)
    events: tuple[str, ...] = ()


class Collector:
    """The receiver, from `with` on.

    Args:
        status: what it answers; 200 takes the spans.
    """

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.spans: list[Taken] = []
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self._http = _Listener(self)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """What `otlp_url` is set to."""
        return f"http://127.0.0.1:{self._http.server_port}"

    def take(self, spans: list[Taken]) -> None:
        """Add what came; whoever got no answer in time sends the same again."""
        known = {(one.trace, one.id) for one in self.spans}
        self.spans += [one for one in spans if (one.trace, one.id) not in known]

    def trace(self, trace: str) -> list[Taken]:
        """Return the spans of one trace."""
        return [one for one in self.spans if one.trace == trace]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, collector: Collector) -> None:
        self.collector = collector
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Listener

    def do_POST(self) -> None:
        collector = self.server.collector
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.path == "/v1/traces"
        assert self.headers["Content-Type"] == "application/x-protobuf"
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        if collector.status == 200:
            collector.bodies.append(body)
            collector.headers.append({name.lower(): value for name, value in self.headers.items()})
            collector.take(_read(body))
        answer = ExportTraceServiceResponse().SerializeToString()
        self.send_response(collector.status)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _read(body: bytes) -> list[Taken]:
    taken = []
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        service = _plain(resource.resource.attributes)["service.name"]
        for scope in resource.scope_spans:
            taken += [
                Taken(
                    service,
                    one.name,
                    one.trace_id.hex(),
                    one.span_id.hex(),
                    one.parent_span_id.hex(),
                    one.kind,
                    _plain(one.attributes),
                    tuple(event.name for event in one.events),
                )
                for one in scope.spans
            ]
    return taken


def _plain(attributes: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}
