"""Chat completions and the list of models, for clients of OpenAI's API."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from assistant.api.answer_events import Answered, answered
from assistant.api.auditing import note_question
from assistant.api.context import Context, ContextOf
from assistant.api.errors import OPENAI, OPENAI_RESPONSES, error_line
from assistant.api.events import ending_in_errors, event_stream
from assistant.api.gathering import gathered
from assistant.api.openai.completing import Completing, carried, model_ids, no_model, pictures_of, question_of
from assistant.api.openai.schemas import ChatRequest, Completion, Model, Models
from assistant.api.signed_in import StillOf, UserOf
from assistant.errors import AccessDeniedError
from assistant.telemetry import request_id
from assistant.types import AnswerEvent, Question, User

router = APIRouter(prefix=OPENAI, tags=["openai"], responses=OPENAI_RESPONSES)
_STREAM = {
    "description": "The completion; with `stream`, its chunks as events, and `[DONE]`.",
    "content": {"text/event-stream": {}},
}


@router.get("/models")
def models(context: ContextOf, user: UserOf) -> Models:
    """Return the ways to be answered: `assistant`, its modes, and the models that the user may choose."""
    return Models(data=[Model(id=one) for one in model_ids(list(context.app.answerer.choices(user)))])


@router.get("/models/{model:path}")
def model(model: str, context: ContextOf, user: UserOf) -> Model:
    """Return one of the ways to be answered, as `GET /v1/models` lists them."""
    if model not in model_ids(list(context.app.answerer.choices(user))):
        raise no_model(model)
    return Model(id=model)


@router.post("/chat/completions", response_model=Completion, responses={200: _STREAM})
async def complete(request: Request, body: ChatRequest, context: ContextOf, user: UserOf, still: StillOf) -> Response:
    """Answer the last message from the documents that the user may read; `assistant` tells of citations and plan."""
    question, completing = await run_in_threadpool(_begun, body, context, user)
    note_question(context.app.audit, question.text)
    answer = answered(context, lambda: question, user)
    if body.stream:
        return _streamed(completing, answer, still)
    try:
        whole = await gathered(_whole(completing, answer.events), request.receive, answer.leave)
    finally:
        answer.end()
    if still is not None and not await run_in_threadpool(still):
        raise AccessDeniedError("what you may do has changed meanwhile", "ask again")
    return Response(whole, media_type="application/json")


def _begun(body: ChatRequest, context: Context, user: User) -> tuple[Question, Completing]:
    app = context.app
    *before, last = body.messages
    attachments = app.attachments.take(pictures_of(last)) or carried(before, app.attachments.take)
    question = question_of(body, list(app.answerer.choices(user)), app.settings.answer_mode, attachments)
    return question, Completing(body, len(attachments), holds_back=bool(app.registry.post_processors))


def _whole(completing: Completing, events: Iterator[AnswerEvent]) -> Iterator[str]:
    yield completing.whole(events).model_dump_json()


def _streamed(completing: Completing, answer: Answered, still: Callable[[], bool] | None) -> StreamingResponse:
    lines = ending_in_errors(completing.chunks(answer.events), request_id.get(), error_line)
    return event_stream(lines, answer.leave, on_end=answer.end, still=still, as_error=error_line)
