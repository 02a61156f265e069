"""Log lines with request ids, and the metrics that `/metrics` shows."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from contextvars import ContextVar
from typing import Any, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

request_id: ContextVar[str] = ContextVar("request_id", default="-")


_TOKEN = re.compile(r"ast_[A-Za-z0-9_-]{43}")  # what `assistant tokens add` prints


def without_tokens(text: str) -> str:
    """Return the text with a mask in place of what programs sign in with."""
    return _TOKEN.sub("ast_**********", text)


class TextFormatter(logging.Formatter):
    """Lines for people, without tokens."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for `record`."""
        return without_tokens(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line, for machines, without tokens."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for `record`."""
        line: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "request": request_id.get(),
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return without_tokens(json.dumps(line, ensure_ascii=False))


def configure_logging(level: str, form: Literal["text", "json"]) -> None:
    """Send the log of the whole process to stderr, once; a second call replaces the first."""
    handler = logging.StreamHandler(sys.stderr)
    text = TextFormatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s", datefmt="%H:%M:%S")
    handler.setFormatter(JsonFormatter() if form == "json" else text)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("kombu.connection").setLevel(logging.ERROR)  # the in-memory broker has no host, and says so
    for noisy in (
        "httpx",
        "alembic",
        "celery.bootsteps",
        "celery.worker.strategy",
        "celery.app.trace",
        "uvicorn.access",
    ):
        logging.getLogger(noisy).setLevel(logging.WARNING)


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
