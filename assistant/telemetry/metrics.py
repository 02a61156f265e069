"""The metrics that `/metrics` shows."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class Metrics:
    """The process's Prometheus metrics, in a registry of their own so that two apps can live in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "assistant_requests",
            "API requests by route and status.",
            ["route", "method", "status"],
            registry=self.registry,
        )
        self.request_seconds = Histogram(
            "assistant_request_seconds",
            "Seconds until the response began, by route.",
            ["route"],
            registry=self.registry,
        )
        self.answers = Counter(
            "assistant_answers",
            "Answers by plan mode and whether something was found.",
            ["mode", "found"],
            registry=self.registry,
        )
        self.citations = Counter(
            "assistant_citations", "Citations by whether the quote was verified.", ["verified"], registry=self.registry
        )
        self.tool_calls = Counter(
            "assistant_tool_calls",
            "Calls of tools in answers, by tool and how they ended; waiting: a person is asked.",
            ["tool", "state"],
            registry=self.registry,
        )
        self.documents = Gauge("assistant_documents", "Current documents.", registry=self.registry)
        self.chunks = Gauge("assistant_chunks", "Chunks of the current documents.", registry=self.registry)
        self.jobs = Gauge("assistant_jobs", "Ingestion jobs by state.", ["state"], registry=self.registry)
