"""Health for load balancers, metrics for Prometheus, status for the UI."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

import assistant
from assistant.api.context import Context, ContextOf
from assistant.api.readiness import Checks
from assistant.api.schemas import HealthJson, StatusJson
from assistant.api.signed_in import UserOf
from assistant.app import App
from assistant.types import User

router = APIRouter(tags=["health"])


@router.get("/health")
async def health() -> HealthJson:
    """Say that the process answers."""
    return HealthJson(status="ok")  # in no thread: other requests may have taken all that there are


@router.get("/ready", response_model=HealthJson, responses={503: {"model": HealthJson}})
async def ready(context: ContextOf) -> Response:
    """Say whether catalog, index and embedder answer; 503 if one does not."""
    checks = await context.readiness.checks(lambda: _parts(context.app))
    broken = any(text != "ok" for text in checks.values())
    body = HealthJson(status="unavailable" if broken else "ok", checks=checks)
    return JSONResponse(body.model_dump(), status_code=503 if broken else 200)


def _parts(app: App) -> Checks:
    """Return what each probe asks: none may cost more the more documents there are."""
    return {
        "catalog": app.catalog.database.answers,
        "index": app.index.answers,
        "embedder": lambda: app.embedder.dimension,
    }


@router.get("/metrics", response_class=Response)
def metrics(context: ContextOf) -> Response:
    """Return the metrics in Prometheus' text format; without the catalog's where that does not answer."""
    context.figures.set(context.app, context.metrics)
    return Response(generate_latest(context.metrics.registry), media_type=CONTENT_TYPE_LATEST)


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
