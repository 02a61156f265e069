"""How much the assistant is used, for admins and auditors: figures without names."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from assistant.api.context import ContextOf
from assistant.api.signed_in import UserOf
from assistant.conversations.usage import MOST_DAYS
from assistant.wire.usage import UsageJson

router = APIRouter(prefix="/api/usage", tags=["usage"])


@router.get("")
def usage(
    context: ContextOf,
    user: UserOf,
    days: Annotated[int, Query(ge=1, le=MOST_DAYS, description="So many days up to today, UTC.")] = 30,
) -> UsageJson:
    """Return what was asked in conversations, by day, mode, model and source; figures of few people are withheld."""
    return UsageJson.of(context.app.usage.report(user, days))
