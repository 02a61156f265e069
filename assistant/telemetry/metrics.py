"""The metrics that `/metrics` shows."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_STAGE_BUCKETS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)

_RETRIEVAL_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


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
        self._of_answers()
        self._of_searches()
        self._of_ingestion()

    def _of_answers(self) -> None:
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
        self.stage_seconds = Histogram(
            "assistant_stage_seconds",
            "Seconds of an answer by stage; first: until its first word.",
            ["stage"],
            buckets=_STAGE_BUCKETS,
            registry=self.registry,
        )
        self.model_seconds = Histogram(
            "assistant_model_seconds",
            "Seconds that an answer's model took, by model: until the first word, and as a whole.",
            ["model", "until"],
            buckets=_STAGE_BUCKETS,
            registry=self.registry,
        )
        self.tokens = Counter(
            "assistant_tokens",
            "Tokens of answers by model: prompt, those of it that the server had cached, and completion.",
            ["model", "kind"],
            registry=self.registry,
        )
        self.endings = Counter(
            "assistant_answer_endings",
            "Answers by how they ended, and whether sentences are quoted because no model answered.",
            ["state", "fallback"],
            registry=self.registry,
        )

    def _of_searches(self) -> None:
        self.searches = Counter(
            "assistant_searches",
            "Searches, those of answers too, by whether the result was kept of an earlier one.",
            ["cached"],
            registry=self.registry,
        )
        self.retrieval_seconds = Histogram(
            "assistant_retrieval_seconds",
            "Seconds of a search by stage; none of those whose result was kept.",
            ["stage"],
            buckets=_RETRIEVAL_BUCKETS,
            registry=self.registry,
        )

    def _of_ingestion(self) -> None:
        self.catalog_up = Gauge(
            "assistant_catalog_up",
            "Whether the catalog answered when this process last read figures of it; 0: they are not known.",
            registry=self.registry,
        )
        self.overdue_seconds = Gauge(
            "assistant_overdue_seconds",
            "For how long the source that is due longest has been so, without a run of it.",
            registry=self.registry,
        )
        self.documents = Gauge("assistant_documents", "Current documents.", registry=self.registry)
        self.chunks = Gauge("assistant_chunks", "Chunks of the current documents.", registry=self.registry)
        self.jobs = Gauge("assistant_jobs", "Ingestion jobs by state.", ["state"], registry=self.registry)
        self.queue_seconds = Gauge(
            "assistant_queue_seconds", "Age of the oldest run of which something is queued.", registry=self.registry
        )
        self.failures = Gauge(
            "assistant_failures", "Documents that could not be read, by cause.", ["code"], registry=self.registry
        )
        self.ingested = Gauge(
            "assistant_ingested", "Documents of the last day's runs by outcome.", ["outcome"], registry=self.registry
        )
        self.ingest_seconds = Gauge(
            "assistant_ingest_seconds",
            "Seconds of work of the last day's runs by phase, added up over workers.",
            ["phase"],
            registry=self.registry,
        )
