"""What `/metrics` shows of the catalog: read now and then, and not shown while the catalog is away."""

from __future__ import annotations

import logging
import math
import threading
import time

from assistant.app import App
from assistant.errors import AssistantError
from assistant.ingest.schedules import overdue_seconds
from assistant.telemetry import Metrics
from assistant.types import LOCAL_OPERATOR

log = logging.getLogger(__name__)
KEPT_SECONDS = 30.0  # they count whole tables, and every process is asked for them every few seconds
_DAY = 86_400.0
_NOT_KNOWN = math.nan  # no alert comes of it, as of a 0 one would


class CatalogFigures:
    """Sets the metrics that are of all processes; several threads may ask for that."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read_at = -math.inf

    def set(self, app: App, metrics: Metrics) -> None:
        """Set them as the catalog says, where that was not read just before; where it does not answer, to nothing."""
        with self._lock:
            if time.monotonic() - self._read_at < KEPT_SECONDS:
                return
            try:
                _read(app, metrics)
            except AssistantError as error:
                log.warning("the metrics lack what the catalog knows: %s", error)
                _forget(metrics)
            else:
                metrics.catalog_up.set(1)
                self._read_at = time.monotonic()


def _read(app: App, metrics: Metrics) -> None:
    now = time.time()
    documents, chunks = app.catalog.documents.count(LOCAL_OPERATOR)
    figures = app.catalog.ingest_figures.since(now - _DAY)
    under_way = {run.source for run in app.catalog.runs.open()}
    waiting = [source for source in app.catalog.sources.all() if source.name not in under_way]
    metrics.documents.set(documents)
    metrics.chunks.set(chunks)
    metrics.overdue_seconds.set(overdue_seconds(waiting, now))
    for state in ("queued", "running", "failed"):
        metrics.jobs.labels(state).set(figures.jobs.get(state, 0))
    metrics.queue_seconds.set(0.0 if figures.queued_since is None else now - figures.queued_since)
    for gauge, values in (
        (metrics.failures, figures.failed),
        (metrics.ingested, figures.outcomes),
        (metrics.ingest_seconds, figures.phases),
    ):
        gauge.clear()  # a cause that is mended is no series any more
        for name, value in values.items():
            gauge.labels(name).set(value)


def _forget(metrics: Metrics) -> None:
    metrics.catalog_up.set(0)
    for gauge in (metrics.documents, metrics.chunks, metrics.queue_seconds, metrics.overdue_seconds):
        gauge.set(_NOT_KNOWN)
    for labelled in (metrics.jobs, metrics.failures, metrics.ingested, metrics.ingest_seconds):
        labelled.clear()
