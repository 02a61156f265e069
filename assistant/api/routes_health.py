"""Health for load balancers, metrics for Prometheus, status for the UI."""

from __future__ import annotations

import time
from collections.abc import Callable

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

import assistant
from assistant.api.context import Context, ContextOf
from assistant.api.schemas import HealthJson, StatusJson
from assistant.api.signed_in import UserOf
from assistant.errors import AssistantError
from assistant.types import LOCAL_OPERATOR, User

router = APIRouter(tags=["health"])
_DAY = 86_400.0


@router.get("/health")
async def health() -> HealthJson:
    """Say that the process answers."""
    return HealthJson(status="ok")  # in no thread: other requests may have taken all that there are


@router.get("/ready", response_model=HealthJson, responses={503: {"model": HealthJson}})
def ready(context: ContextOf) -> Response:
    """Say whether catalog, index and embedder answer; 503 if one does not."""
    checks: dict[str, str] = {}
    parts: dict[str, Callable[[], object]] = {  # asked by each probe: none may cost more the more documents there are
        "catalog": context.app.catalog.database.answers,
        "index": context.app.index.answers,
        "embedder": lambda: context.app.embedder.dimension,
    }
    for name, check in parts.items():
        try:
            check()
        except AssistantError as error:
            checks[name] = str(error)
        else:
            checks[name] = "ok"
    broken = any(text != "ok" for text in checks.values())
    body = HealthJson(status="unavailable" if broken else "ok", checks=checks)
    return JSONResponse(body.model_dump(), status_code=503 if broken else 200)


@router.get("/metrics", response_class=Response)
def metrics(context: ContextOf) -> Response:
    """Return the metrics in Prometheus' text format."""
    documents, chunks = context.app.catalog.documents.count(LOCAL_OPERATOR)
    context.metrics.documents.set(documents)
    context.metrics.chunks.set(chunks)
    _set_ingestion(context)
    return Response(generate_latest(context.metrics.registry), media_type=CONTENT_TYPE_LATEST)


def _set_ingestion(context: Context) -> None:
    """Set what is of all processes, and read from the catalog."""
    metrics, now = context.metrics, time.time()
    figures = context.app.catalog.ingest_figures.since(now - _DAY)
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


@router.get("/api/status")
def status(context: ContextOf, user: UserOf) -> StatusJson:
    """Return what this assistant has that the user may read."""
    documents, chunks = context.app.library.count(user)
    sign_in = context.app.settings.sign_in
    person = None if sign_in == "none" else context.app.accounts.get(user.id, user)
    return StatusJson(
        user=user.id,
        name=person.name if person else "",
        role=user.role,
        curates=user.manages or bool(user.curates),
        has_password=person is not None and person.has_password,
        sign_in=sign_in,
        documents=documents,
        chunks=chunks,
        sources=len(_sources(context, user)),
        embedder=context.app.embedder.name,
        index=context.app.served.name,
        model=", ".join(context.app.answerer.models(user)),
        models=list(context.app.answerer.choices(user)),
        searches_pictures=bool(context.app.settings.picture_embedder),
        version=assistant.__version__,
    )


def _sources(context: Context, user: User) -> set[str]:
    """Return the sources that the user may know of: those that the user reads something of or looks after."""
    known = {source.name for source in context.app.catalog.sources.all() if user.looks_after(source.name)}
    return known if user.manages else known | context.app.library.sources(user)
