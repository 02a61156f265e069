"""Ask and search."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from assistant.api.context import Context, ContextOf, UserOf
from assistant.api.events import event as sse
from assistant.api.events import event_stream
from assistant.api.schemas import AskRequest, SearchRequest
from assistant.errors import AssistantError
from assistant.retrieval import Shown
from assistant.telemetry import request_id
from assistant.types import AnswerDone, AnswerEvent, CitationsReady, Message, PlanReady, TextDelta, User
from assistant.wire import AnswerJson, CitationJson, PlanJson, SearchJson

log = logging.getLogger(__name__)
router = APIRouter(prefix="/api", tags=["answers"])

_STREAM = {
    200: {
        "description": "Server-sent events: `plan`, then `text` (`delta`) as it comes, `citations`, and `usage` "
        "with the whole answer; or `error`.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


@router.post("/ask", response_class=StreamingResponse, responses=_STREAM)  # type: ignore[arg-type]
def ask(body: AskRequest, context: ContextOf, user: UserOf) -> StreamingResponse:
    """Answer a question from the documents that the user may read, as a stream of events."""
    return event_stream(_events(body, context, user, request_id.get()))


@router.post("/search", response_model=SearchJson)
def search(body: SearchRequest, context: ContextOf, user: UserOf) -> Response:
    """Return the best passages that the user may read, best first."""
    started = time.perf_counter()
    limit = body.limit or context.app.settings.search_limit
    shown = Shown(focused=body.focus, context=body.context)
    found = context.app.retriever.explained(body.query, user, limit, body.filters(), shown)
    trace = found.trace if body.explain else None
    answer = SearchJson.of(found.passages, time.perf_counter() - started, trace)
    # written here, in the thread that searched: FastAPI would check it again and hand it to another thread for that
    return Response(answer.model_dump_json(), media_type="application/json")


def _events(body: AskRequest, context: Context, user: User, request: str) -> Iterator[str]:
    try:
        stream = context.app.answerer.stream(
            body.question,
            user,
            mode=body.mode or context.app.settings.answer_mode,
            budget=body.budget,
            history=[Message(turn.role, turn.content) for turn in body.history],
            filters=body.filters(),
        )
        for event in stream:
            yield _event(event, context)
    except AssistantError as error:
        yield sse("error", {"error": error.message, "hint": error.hint, "code": error.code})
    except Exception:
        log.exception("an answer failed (request %s)", request)
        hint = f"the server's log has it as {request}"
        yield sse("error", {"error": "the answer failed", "hint": hint, "code": "InternalError"})


def _event(event: AnswerEvent, context: Context) -> str:
    match event:
        case PlanReady(plan):
            return sse("plan", PlanJson.of(plan).model_dump())
        case TextDelta(text):
            return sse("text", {"delta": text})
        case CitationsReady(citations):
            for citation in citations:
                context.metrics.citations.labels(str(citation.verified).lower()).inc()
            return sse("citations", {"citations": [CitationJson.of(citation).model_dump() for citation in citations]})
        case AnswerDone(answer):
            context.metrics.answers.labels(answer.plan.mode, str(answer.found).lower()).inc()
            fields = {"answer", "found", "usage", "model", "timings"}
            return sse("usage", AnswerJson.of(answer).model_dump(include=fields))
