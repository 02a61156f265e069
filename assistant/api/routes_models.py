"""The models, for admins: whether they answer, what they can do, how busy they are; and a trial of one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from assistant.api.context import Context, ContextOf, must_manage
from assistant.api.events import error_event, event, event_stream
from assistant.api.signed_in import StillOf, UserOf
from assistant.app.overseeing import model_addresses, model_parts
from assistant.audit import note
from assistant.errors import AssistantError
from assistant.herd import Member, Trial, standings, tried
from assistant.types import ChatMessage
from assistant.wire.models import HerdModelJson, ModelPartJson, ModelsJson, TrialJson

router = APIRouter(prefix="/api/models", tags=["models"])
_STREAM = {
    200: {
        "description": "Events `text` (`delta`, `thought`), then `trial` (a TrialJson) or `error`.",
        "content": {"text/event-stream": {}},
    }
}


class ModelTrial(BaseModel):
    """What a model is asked in a trial."""

    model_config = ConfigDict(extra="forbid")

    model: Annotated[str, Field(min_length=1, max_length=300, description="Its name in the settings.")]
    prompt: Annotated[str, Field(min_length=1, max_length=20_000)]
    max_tokens: Annotated[int, Field(ge=1, le=4096, description="The longest answer.")] = 256


@router.get("")
def models(context: ContextOf, user: UserOf) -> ModelsJson:
    """Return all models; what their servers said in the last minutes is not asked again."""
    must_manage(user)
    return _models(context, fresh=False)


@router.post("/check")
def check(context: ContextOf, user: UserOf) -> ModelsJson:
    """Ask all servers now, and return all models."""
    must_manage(user)
    return _models(context, fresh=True)


@router.post("/try", response_class=StreamingResponse, responses=_STREAM)  # type: ignore[arg-type]
def try_out(body: ModelTrial, context: ContextOf, user: UserOf, still: StillOf) -> StreamingResponse:
    """Have a model answer to nothing but what is sent, as it comes, with the times that it took."""
    must_manage(user)
    note(model=body.model)
    member = next((one for one in context.app.herd.members if one.profile.key == body.model), None)
    member = member or context.app.herd.get(body.model, user)  # which says which ones there are
    return event_stream(_trial(member, body), still=still)


def _trial(member: Member, body: ModelTrial) -> Iterator[str]:
    try:
        for piece in tried(member, [ChatMessage.of("user", body.prompt)], body.max_tokens):
            if isinstance(piece, Trial):
                yield event("trial", TrialJson.of(piece).model_dump())
            else:
                yield event("text", {"delta": piece.text, "thought": piece.thought})
    except AssistantError as error:
        yield error_event(error.message, error.hint, error.code)


def _models(context: Context, *, fresh: bool) -> ModelsJson:
    app = context.app
    addresses = model_addresses(app.settings)
    return ModelsJson(
        herd=[
            HerdModelJson.of(one, addresses.get(one.member.profile.key, "")) for one in standings(app.herd, fresh=fresh)
        ],
        parts=[ModelPartJson.of(one) for one in model_parts(app)],
        checked_at=time.time(),
    )
