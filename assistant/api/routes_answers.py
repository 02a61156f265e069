"""Ask and search."""

from __future__ import annotations

import time

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from assistant.api.answer_events import answered, sent
from assistant.api.auditing import note_question
from assistant.api.context import Context, ContextOf
from assistant.api.events import ending_in_errors, event_stream
from assistant.api.schemas import AskRequest, SearchRequest
from assistant.api.signed_in import StillOf, UserOf
from assistant.audit import note
from assistant.retrieval import Shown
from assistant.telemetry import request_id
from assistant.types import Message, Question
from assistant.wire import SearchJson

router = APIRouter(prefix="/api", tags=["answers"])

_STREAM = {
    200: {
        "description": "Events: `plan` (again where it changes before the answer), then `text` (`delta`) as "
        "it comes, with `tool_started` and `tool_finished` between, `citations`, and `usage` with the whole answer; "
        "or `error`. Calls that write are refused here, as nobody is asked: see conversations.",
        "content": {"text/event-stream": {}},
    }
}


@router.post("/ask", response_class=StreamingResponse, responses=_STREAM)  # type: ignore[arg-type]
def ask(body: AskRequest, context: ContextOf, user: UserOf, still: StillOf) -> StreamingResponse:
    """Answer a question from the documents that the user may read, as a stream of events."""
    note_question(context.app.audit, body.question)
    answer = answered(context, lambda: _question(body, context), user)
    events = ending_in_errors((sent(one) for one in answer.events), request_id.get())
    return event_stream(events, answer.leave, on_end=answer.end, still=still)


@router.post("/search", response_model=SearchJson)
def search(body: SearchRequest, context: ContextOf, user: UserOf) -> Response:
    """Return the best passages that the user may read, best first."""
    started = time.perf_counter()
    limit = body.limit or context.app.settings.search_limit
    shown = Shown(focused=body.focus, context=body.context)
    note_question(context.app.audit, body.query)
    found = context.app.retriever.explained(body.query, user, limit, body.filters(), shown)
    note(passage.ref.id for passage in found.passages)
    trace = found.trace if body.explain else None
    answer = SearchJson.of(found.passages, time.perf_counter() - started, trace)
    # written here, in the thread that searched: FastAPI would check it again and hand it to another thread for that
    return Response(answer.model_dump_json(), media_type="application/json")


def _question(body: AskRequest, context: Context) -> Question:
    return Question(
        body.question,
        mode=body.mode or context.app.settings.answer_mode,
        budget=body.budget,
        filters=body.filters(),
        model=body.model,
        attachments=context.app.attachments.take([(one.name, one.data) for one in body.attachments]),
        history=[Message(turn.role, turn.content) for turn in body.history],
    )
