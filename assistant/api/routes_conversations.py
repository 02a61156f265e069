"""Conversations: a person's own, whoever the person is."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Header, Path, Query, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from assistant.api.auditing import note_question
from assistant.api.context import Context, ContextOf
from assistant.api.conversation_schemas import (
    Again,
    Changes,
    DecisionRequest,
    EditedQuestion,
    NewQuestion,
    NextQuestion,
    StartedJson,
)
from assistant.api.events import event_stream
from assistant.api.following import follow
from assistant.api.headers import FILE_HEADERS, download
from assistant.api.routes_pictures import IMAGE
from assistant.api.signed_in import StillOf, UserOf
from assistant.audit import note
from assistant.conversations import markdown, pdf
from assistant.types import Decision, Question, User
from assistant.wire.conversations import ConversationJson, ConversationsJson, ListedConversationJson, TurnJson

router = APIRouter(prefix="/api/conversations", tags=["conversations"])

_STREAM = {
    200: {
        "description": "Server-sent events: `plan`, `text` (`delta`) as it comes, `tool_started`, `tool_finished` and "
        "`approval_wanted` with a call, `citations`, and at the end `turn`, the turn as it is stored; or `error`. "
        "An event's id is the number of characters of text so far.",
        "content": {"text/event-stream": {}},
    }
}
_EXPORT = {
    200: {
        "description": "The conversation.",
        "content": {"text/markdown": {}, "application/json": {}, "application/pdf": {}},
    }
}


@router.get("")
def list_conversations(
    context: ContextOf,
    user: UserOf,
    query: Annotated[
        str, Query(max_length=1000, description="What the title holds, or words that stand in a question or an answer.")
    ] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
) -> ConversationsJson:
    """Return a stretch of the user's conversations, the pinned and then the last used first."""
    return ConversationsJson.of(*context.app.conversations.page(user, query, limit, offset))


@router.post("", status_code=201)
def begin(body: NewQuestion, context: ContextOf, user: UserOf) -> StartedJson:
    """Begin a conversation with a question; follow its answer at the turn's events."""
    record, turn = context.app.conversations.begin(user, _asked(body, context))
    return StartedJson(
        conversation=ListedConversationJson.listed(record), turn=_turn(context, user, record.id, turn.id)
    )


@router.get("/{conversation}")
def get(conversation: str, context: ContextOf, user: UserOf) -> ConversationJson:
    """Return a conversation: the branch that is shown, as the user may read it now."""
    return ConversationJson.of(context.app.conversations.get(user, conversation))


@router.patch("/{conversation}")
def change(conversation: str, body: Changes, context: ContextOf, user: UserOf) -> ConversationJson:
    """Give a conversation another title, pin it, or show the branch through another version of a turn."""
    desk = context.app.conversations
    if body.title is not None:
        desk.rename(user, conversation, body.title)
    if body.shown is not None:
        desk.show(user, conversation, body.shown)
    if body.pinned is not None:
        desk.pin(user, conversation, pinned=body.pinned)
    return get(conversation, context, user)


@router.delete("/{conversation}", status_code=204)
def delete(
    conversation: str,
    context: ContextOf,
    user: UserOf,
    for_good: Annotated[bool, Query(description="At once; else it can be restored for a while.")] = False,
) -> Response:
    """Delete a conversation; what is being answered in it stops."""
    context.app.conversations.delete(user, conversation, for_good=for_good)
    return Response(status_code=204)


@router.post("/{conversation}/restore")
def restore(conversation: str, context: ContextOf, user: UserOf) -> ListedConversationJson:
    """Bring a deleted conversation back."""
    return ListedConversationJson.listed(context.app.conversations.restore(user, conversation))


@router.get("/{conversation}/export", response_class=Response, responses=_EXPORT)  # type: ignore[arg-type]
def export(
    conversation: str,
    context: ContextOf,
    user: UserOf,
    form: Annotated[
        Literal["markdown", "json", "pdf"],
        Query(alias="format", description="JSON has all versions, Markdown and PDF those shown."),
    ] = "markdown",
) -> Response:
    """Return a conversation as a file, as the user may read it now."""
    kept = context.app.conversations.get(user, conversation, whole=form == "json")
    if form == "json":
        whole = ConversationJson.of(kept).model_dump_json(indent=2)
        return download(whole, "application/json", f"{kept.record.title}.json")
    if form == "pdf":
        return download(pdf(kept), "application/pdf", f"{kept.record.title}.pdf")
    return download(markdown(kept), "text/markdown; charset=utf-8", f"{kept.record.title}.md")


@router.post("/{conversation}/turns", status_code=201)
def go_on(conversation: str, body: NextQuestion, context: ContextOf, user: UserOf) -> TurnJson:
    """Ask the next question; it is answered with the turns before it."""
    turn = context.app.conversations.go_on(user, conversation, _asked(body, context), body.follows)
    return _turn(context, user, conversation, turn.id)


@router.get("/{conversation}/turns/{turn}")
def get_turn(conversation: str, turn: str, context: ContextOf, user: UserOf) -> TurnJson:
    """Return a turn, as the user may read it now."""
    return _turn(context, user, conversation, turn)


@router.post("/{conversation}/turns/{turn}/regenerate", status_code=201)
def regenerate(conversation: str, turn: str, body: Again, context: ContextOf, user: UserOf) -> TurnJson:
    """Answer a question again; the former answer stays a version of it."""
    made = context.app.conversations.regenerate(user, conversation, turn, body.mode, body.budget, body.model)
    return _turn(context, user, conversation, made.id)


@router.post("/{conversation}/turns/{turn}/edit", status_code=201)
def edit(conversation: str, turn: str, body: EditedQuestion, context: ContextOf, user: UserOf) -> TurnJson:
    """Ask another question in the place of one; the former one and what followed it stay a version."""
    keeps = {"keep_attachments": body.keep_attachments, "keep_budget": "budget" not in body.model_fields_set}
    made = context.app.conversations.edit(user, conversation, turn, _asked(body, context), **keeps)
    return _turn(context, user, conversation, made.id)


@router.get("/{conversation}/turns/{turn}/attachments/{number}", response_class=Response, responses=IMAGE)
def attachment(
    conversation: str,
    turn: str,
    number: Annotated[int, Path(ge=1, le=2**31, description="From 1.")],
    context: ContextOf,
    user: UserOf,
) -> Response:
    """Return a picture that was attached to a question."""
    found = context.app.conversations.attachment(user, conversation, turn, number)
    return Response(found.data, media_type=found.media_type, headers=FILE_HEADERS)


@router.post("/{conversation}/turns/{turn}/stop")
def stop(conversation: str, turn: str, context: ContextOf, user: UserOf) -> TurnJson:
    """End an answer that is under way; what there is of it is kept."""
    context.app.conversations.stop(user, conversation, turn)
    return _turn(context, user, conversation, turn)


@router.post("/{conversation}/turns/{turn}/calls/{call}/decision")
def decide(
    conversation: str, turn: str, call: str, body: DecisionRequest, context: ContextOf, user: UserOf
) -> TurnJson:
    """Say whether a call that waits is to be made; after the last one the turn is answered on: follow its events."""
    note(approved=body.approved)
    decision = Decision(body.approved, body.arguments, body.reason)
    context.app.conversations.decide(user, conversation, turn, call, decision)
    return _turn(context, user, conversation, turn)


@router.get("/{conversation}/turns/{turn}/events", response_class=StreamingResponse, responses=_STREAM)  # type: ignore[arg-type]
async def events(
    conversation: str,
    turn: str,
    context: ContextOf,
    user: UserOf,
    still: StillOf,
    after: Annotated[int, Query(ge=0, le=2**53, description="Characters of the text that are known already.")] = 0,
    last_event_id: Annotated[str | None, Header(description="The same, as browsers say it.")] = None,
) -> StreamingResponse:
    """Follow an answer from any place on: while it is written, and after it."""
    known = int(last_event_id) if last_event_id and last_event_id.isascii() and last_event_id.isdigit() else after
    desk = context.app.conversations
    await run_in_threadpool(desk.turn, user, conversation, turn)  # NotFoundError before the stream begins
    people = context.app.catalog.people
    events = follow(desk, lambda: people.now(user), conversation, turn, known)
    return event_stream(events, still=still, resumes=True)


def _turn(context: Context, user: User, conversation: str, turn: str) -> TurnJson:
    return TurnJson.of(context.app.conversations.turn(user, conversation, turn))


def _asked(body: NewQuestion, context: Context) -> Question:
    mode = body.mode or context.app.settings.answer_mode
    attached = context.app.attachments.take([(one.name, one.data) for one in body.attachments])
    note_question(context.app.audit, body.question)
    return Question(body.question, mode, body.budget, body.filters(), body.model, attached)
