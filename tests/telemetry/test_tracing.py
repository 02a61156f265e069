"""Spans nest, cross processes by W3C's header, are sampled, and say of errors no more than the class."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextvars import copy_context

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from assistant import spans
from assistant.telemetry.tracing import Collector, start

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def taken() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    traces = start("test", "1", Collector(), exporter)
    yield exporter
    traces.close()


def by_name(taken: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {one.name: one for one in taken.get_finished_spans()}


def test_a_span_lies_below_the_one_around_it(taken: InMemorySpanExporter) -> None:
    with spans.span("outer") as outer, spans.span("inner", {"a": 1}):
        outer.set("b", "two")
        outer.set("c", None)
    found = by_name(taken)
    assert found["inner"].parent is not None
    assert found["inner"].parent.span_id == found["outer"].context.span_id
    assert dict(found["inner"].attributes or {}) == {"a": 1}
    assert dict(found["outer"].attributes or {}) == {"b": "two"}
    assert spans.trace_id() == ""


def test_another_process_goes_on_in_the_same_trace(taken: InMemorySpanExporter) -> None:
    with spans.span("asks"):
        headers = spans.carried()
        trace = spans.trace_id()
    assert headers["traceparent"].split("-")[1] == trace
    with spans.arrived(headers), spans.span("answers", kind="consumer"):
        assert spans.trace_id() == trace
    found = by_name(taken)
    assert found["answers"].parent is not None
    assert found["answers"].parent.span_id == found["asks"].context.span_id


@pytest.mark.parametrize("header", ["", "nonsense", "00-" + "0" * 32 + "-b7ad6b7169203331-01"])
def test_a_header_that_names_nothing_begins_a_trace(taken: InMemorySpanExporter, header: str) -> None:
    with spans.span("around"), spans.arrived({"traceparent": header}), spans.span("fresh"):
        pass
    found = by_name(taken)
    assert found["fresh"].parent is None
    assert found["fresh"].context.trace_id != found["around"].context.trace_id


def test_what_others_wrote_into_the_trace_state_goes_no_further(taken: InMemorySpanExporter) -> None:
    with spans.arrived({"traceparent": PARENT, "tracestate": "vendor=canary"}), spans.span("here"):
        assert set(spans.carried()) == {"traceparent"}
    assert by_name(taken)["here"].context.trace_id == int(PARENT.split("-")[1], 16)


def test_an_error_is_told_by_its_class_only(taken: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="canary"), spans.span("fails"):
        raise ValueError("canary")
    (found,) = taken.get_finished_spans()
    assert found.status.status_code is StatusCode.ERROR
    assert dict(found.attributes or {}) == {"error.type": "ValueError"}
    assert not found.events
    assert "canary" not in found.to_json()


def test_a_generator_that_is_closed_has_not_failed(taken: InMemorySpanExporter) -> None:
    def numbers() -> Iterator[int]:
        with spans.span("numbers"):
            yield 1

    made = numbers()
    next(made)
    made.close()
    assert by_name(taken)["numbers"].status.status_code is StatusCode.UNSET


def test_a_span_may_end_in_another_context_than_it_began_in(taken: InMemorySpanExporter) -> None:
    opened = spans.span("wanders")
    copy_context().run(opened.__enter__)
    ended = threading.Thread(target=opened.__exit__, args=(None, None, None))
    ended.start()
    ended.join()
    assert set(by_name(taken)) == {"wanders"}


def test_content_is_not_even_made_unless_wanted(taken: InMemorySpanExporter) -> None:
    def text() -> str:
        raise AssertionError("it was asked for")

    with spans.span("silent") as current:
        current.content("text", text)


def test_content_is_taken_down_where_it_is_wanted() -> None:
    exporter = InMemorySpanExporter()
    traces = start("test", "1", Collector(content=True), exporter)
    with spans.span("talks") as current:
        current.content("text", lambda: "x" * 20_000)
    traces.close()
    (found,) = exporter.get_finished_spans()
    assert dict(found.attributes or {}) == {"text": "x" * 10_000}


def test_what_is_not_sampled_is_not_taken_down_but_keeps_its_trace() -> None:
    exporter = InMemorySpanExporter()
    traces = start("test", "1", Collector(sample=0.0), exporter)
    with spans.span("dropped"):
        assert not int(spans.carried()["traceparent"].split("-")[3], 16) & 1
    with spans.arrived({"traceparent": PARENT}), spans.span("kept, as was decided where it began"):
        pass
    traces.close()
    assert [one.name for one in exporter.get_finished_spans()] == ["kept, as was decided where it began"]


def test_nothing_is_known_of_the_machine_or_of_who_runs_it(taken: InMemorySpanExporter) -> None:
    with spans.span("one"):
        pass
    (found,) = taken.get_finished_spans()
    assert set(found.resource.attributes) == {"service.name", "service.version", "service.instance.id"}


def test_after_the_end_nobody_takes_spans_down() -> None:
    exporter = InMemorySpanExporter()
    traces = start("test", "1", Collector(), exporter)
    traces.close()
    with spans.span("late") as current:
        current.set("a", 1)
        current.event("b", {})
        current.rename("c")
        current.failed("d")
    assert not spans.is_traced()
    assert spans.carried() == {}
    assert not exporter.get_finished_spans()


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("http://c:4318", "http://c:4318/v1/traces"),
        ("http://c:4318/", "http://c:4318/v1/traces"),
        ("https://c/otlp/v1/traces", "https://c/otlp/v1/traces"),
        ("https://c/otlp", "https://c/otlp/v1/traces"),
    ],
)
def test_spans_go_where_receivers_of_otlp_listen(url: str, endpoint: str) -> None:
    assert Collector(url).endpoint == endpoint
