"""Puts the API together: routes, what stands before them, and errors as JSON."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException

import assistant
from assistant.access import Caller
from assistant.answer.telling import told
from assistant.api.addresses import networks
from assistant.api.answer_events import count, count_search
from assistant.api.auditing import Auditing
from assistant.api.bounding import Bounded
from assistant.api.context import Context, SyncQueue
from assistant.api.errors import error_response
from assistant.api.observing import Observing
from assistant.api.openai.routes import router as openai
from assistant.api.rights import see_that_all_are_ruled
from assistant.api.routes_access import router as access
from assistant.api.routes_answers import router as answers
from assistant.api.routes_audit import router as audit
from assistant.api.routes_composing import router as composing
from assistant.api.routes_conversations import router as conversations
from assistant.api.routes_documents import router as documents
from assistant.api.routes_feedback import feedback, of_turns, questions
from assistant.api.routes_groups import router as groups
from assistant.api.routes_health import router as health
from assistant.api.routes_index import router as index
from assistant.api.routes_inventory import router as inventory
from assistant.api.routes_models import router as models
from assistant.api.routes_oidc import router as oidc
from assistant.api.routes_people import people, sessions, tokens
from assistant.api.routes_personal import router as personal
from assistant.api.routes_pictures import router as pictures
from assistant.api.routes_plugins import router as plugins
from assistant.api.routes_quality import evaluations, unanswered
from assistant.api.routes_runs import router as runs
from assistant.api.routes_settings import router as settings
from assistant.api.routes_shares import router as shares
from assistant.api.routes_shelf import router as shelf
from assistant.api.routes_sign_in import router as sign_in
from assistant.api.routes_sources import router as sources
from assistant.api.routes_structure import router as structure
from assistant.api.routes_tools import router as tools
from assistant.api.routes_uploads import router as uploads
from assistant.api.routes_usage import router as usage
from assistant.api.routes_warnings import router as warnings
from assistant.api.routes_webhooks import router as webhooks
from assistant.api.schemas import ErrorJson
from assistant.api.scim import PREFIX as SCIM
from assistant.api.scim import router as scim
from assistant.api.scim import scim_error
from assistant.api.signed_in import caller_of
from assistant.app import App, Rebuilding
from assistant.errors import (
    AccessDeniedError,
    AlreadyDecidedError,
    AssistantError,
    ChangedMeanwhileError,
    ConfigurationError,
    ConversationBusyError,
    DocumentChangedError,
    DocumentTooLargeError,
    EvaluationBusyError,
    IndexBusyError,
    IngestError,
    ModelServerError,
    NotFoundError,
    NotSignedInError,
    PluginError,
    SourceBusyError,
    SourceError,
    SourceUnreachableError,
    ToolError,
    TooManyAttemptsError,
)
from assistant.telemetry import Metrics, request_id

log = logging.getLogger(__name__)

_STATUS: tuple[tuple[type[AssistantError], int], ...] = (
    (NotFoundError, 404),
    (NotSignedInError, 401),
    (TooManyAttemptsError, 429),
    (AccessDeniedError, 403),
    (SourceBusyError, 409),
    (IndexBusyError, 409),
    (ConversationBusyError, 409),
    (EvaluationBusyError, 409),
    (AlreadyDecidedError, 409),
    (ChangedMeanwhileError, 409),
    (ToolError, 422),
    (ConfigurationError, 422),
    (SourceUnreachableError, 503),
    (SourceError, 422),
    (PluginError, 422),
    (DocumentChangedError, 503),
    (DocumentTooLargeError, 413),
    (IngestError, 422),  # what is asked of the document cannot be done with it
)
_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorJson, "description": text}
    for status, text in (
        (401, "Nobody is signed in by what the request brought."),
        (403, "The caller's role or the request's Host or Origin does not allow this."),
        (404, "There is no such thing, or none that this user may read."),
        (408, "The request's body did not come in time."),
        (409, "Work on the same thing goes on, or what the request is about has changed since it was looked at."),
        (413, "The request's body is too large."),
        (422, "The request is wrong; the error names the field."),
        (429, "Too many wrong tokens or passwords; try again later."),
        (500, "A fault of the server; the log has it under the request id."),
        (503, "A part does not answer now; try again."),
    )
}

# FastAPI's own spans and logs hold paths, queries and messages of errors, and go where `OTEL_…` variables say.
_NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}

_ROUTERS = (
    answers,
    composing,
    conversations,
    shares,
    feedback,
    of_turns,
    questions,
    unanswered,
    evaluations,
    usage,
    settings,
    documents,
    structure,
    inventory,
    pictures,
    shelf,
    sources,
    uploads,
    warnings,
    runs,
    plugins,
    tools,
    webhooks,
    models,
    index,
    audit,
    personal,
    groups,
    access,
    scim,
    openai,
    health,
    sign_in,
    oidc,
    sessions,
    tokens,
    people,
)


def create_api(app: App, queue: SyncQueue, metrics: Metrics | None = None) -> FastAPI:
    """Return the API over the assistant `app`.

    Args:
        app: the parts; the caller closes it.
        queue: takes syncs that are asked for.
        metrics: counted into, shown at `/metrics`; default: new ones.
    """
    api = routed()
    put_over(api, app, queue, metrics)
    return api


def put_over(api: FastAPI, app: App, queue: SyncQueue, metrics: Metrics | None = None) -> None:
    """Have the API answer for the assistant `app`; arguments as in `create_api`."""
    networks(app.settings.trusted_proxies)  # a wrong one is said at the start
    context = Context(app, queue, metrics or Metrics(), Rebuilding(app))
    api.state.context = context
    app.conversations.watch(lambda event: count(event, context.metrics))
    app.watch_searches(lambda trace: count_search(trace, context.metrics))


def routed() -> FastAPI:
    """Return the API with all its routes, over nothing yet."""
    api = FastAPI(
        title="Assistant",
        version=assistant.__version__,
        docs_url=None,  # those pages load scripts from elsewhere; /openapi.json describes everything
        redoc_url=None,
        redirect_slashes=False,  # a redirect would name the Host that a request brought
        description="Ask, search and read a company's documents, with rights applied to every read.",
        responses=_ERRORS,
        lifespan=_lifespan,
        telemetry=_NO_TELEMETRY,
    )
    see_that_all_are_ruled(route for router in _ROUTERS for route in router.routes)
    for router in _ROUTERS:
        api.include_router(router, dependencies=[Depends(caller_of)])
    api.add_middleware(Bounded)
    api.add_middleware(Auditing)  # stands before it
    api.add_middleware(Observing)  # stands before both
    api.add_exception_handler(AssistantError, _known_error)
    api.add_exception_handler(RequestValidationError, _wrong_request)
    api.add_exception_handler(HTTPException, _no_such_route)
    return api


@asynccontextmanager
async def _lifespan(api: FastAPI) -> AsyncIterator[None]:
    _make_routes(api)
    yield
    await run_in_threadpool(api.state.context.rebuilding.close)  # an index that is built is not pulled from below it


def _make_routes(api: FastAPI) -> None:
    """Let FastAPI make all routes before it serves: else it does so at the first request, which waits for a second.

    Not in a thread of its own: FastAPI makes a route twice where a request comes meanwhile, and stumbles over that.
    """
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "root_path": "",
        "query_string": b"",
        "headers": [],
        "app": api,
    }
    for route in api.router.routes:
        route.matches(scope)


async def _no_such_route(request: Request, error: Exception) -> Response:
    if request.url.path.startswith(f"{SCIM}/"):
        return scim_error(error)
    status, detail = (error.status_code, error.detail) if isinstance(error, HTTPException) else (500, str(error))
    status = 422 if status == 400 else status  # a body that cannot be read is as wrong as one that does not fit
    code = NotFoundError.__name__ if status == 404 else ConfigurationError.__name__
    answer = error_response(request.url.path, status, detail, "see /openapi.json", code)
    answer.headers.update(getattr(error, "headers", None) or {})  # such as Allow
    return answer


async def _known_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, AssistantError):
        raise error
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), 503 if error.retryable else 500)
    if status >= 500:
        log.error("%s: %s", error.code, error)
    caller: Caller | None = getattr(request.state, "caller", None)
    if isinstance(error, ModelServerError) and caller is not None:
        error = told(error, caller.user)
    hint = error.hint
    if status >= 500:
        hint = f"{hint}{'; ' if hint else ''}the log has it as {request_id.get()}"
    response = error_response(request.url.path, status, error.message, hint, error.code)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="assistant"'
    return response


async def _wrong_request(request: Request, error: Exception) -> Response:
    first = error.errors()[0] if isinstance(error, RequestValidationError) else {"loc": (), "msg": str(error)}
    field = ".".join(str(part) for part in first["loc"][1:]) or "request"
    return error_response(request.url.path, 422, f"{field}: {first['msg']}", "see /openapi.json", "ConfigurationError")
