"""Who may read what and why, and documents opened by break-glass: for those who look after that."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from assistant.access import parse_readers
from assistant.access.openings import LEAST_REASON, MOST_MINUTES, MOST_REASON
from assistant.api.context import ContextOf
from assistant.api.signed_in import UserOf
from assistant.audit import note
from assistant.types import document_id
from assistant.wire.access import OpeningJson, OpeningsJson, PreviewJson, SeesJson, WhyJson

router = APIRouter(prefix="/api/access", tags=["access"])

SubjectOf = Annotated[str, Query(max_length=300, description="`user:ID`, a person's id, or `group:NAME`.")]


class RuleToPreview(BaseModel):
    """A rule of readers that a source might get."""

    model_config = ConfigDict(extra="forbid")

    source: str
    readers: dict[str, Any] = Field(description='`{"default": [...], "rules": [{"glob", "readers", "deny"?}, ...]}`.')


class DocumentToOpen(BaseModel):
    """A document to open by a break-glass act."""

    model_config = ConfigDict(extra="forbid")

    source: str
    key: str
    reason: Annotated[str, Field(min_length=LEAST_REASON, max_length=MOST_REASON, description="Why; kept for good.")]
    minutes: Annotated[int, Field(ge=1, le=MOST_MINUTES)] = 15


@router.get("/why")
def why(
    context: ContextOf,
    user: UserOf,
    subject: SubjectOf,
    source: Annotated[str, Query()],
    key: Annotated[str, Query()],
) -> WhyJson:
    """Explain why somebody may read a document, or may not: to admins, curators of its source, and the person."""
    return WhyJson.of(context.app.rights.explainer.why(subject, source, key, user))


@router.get("/sees")
def sees(
    context: ContextOf,
    user: UserOf,
    subject: SubjectOf,
    source: Annotated[str | None, Query(description="Only this source.")] = None,
    folder: Annotated[str, Query(description="Only what is below it, such as `hr/pay`.")] = "",
    limit: Annotated[int, Query(ge=0, le=1000)] = 50,
    offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
) -> SeesJson:
    """Return what somebody may read: how much of which folder, and the names of a stretch of it."""
    return SeesJson.of(context.app.rights.overlook.sees(subject, user, source, folder, limit, offset))


@router.post("/preview")
def preview(body: RuleToPreview, context: ContextOf, user: UserOf) -> PreviewJson:
    """Return who would read more or less of a source by this rule; nothing is changed."""
    rule = parse_readers(body.readers, "readers")
    return PreviewJson.of(context.app.rights.overlook.preview(body.source, rule, user))


@router.post("/open", status_code=201)
def open_document(body: DocumentToOpen, context: ContextOf, user: UserOf) -> OpeningJson:
    """Open a document, with its members, to the admin who calls, for a while, from the next request on."""
    openings = context.app.rights.openings
    note([document_id(body.source, body.key)], source=body.source, key=body.key, minutes=body.minutes)
    return OpeningJson.of(openings.open(body.source, body.key, body.reason, body.minutes, user))


@router.get("/openings")
def openings(
    context: ContextOf,
    user: UserOf,
    open_only: Annotated[bool, Query(description="Only those that hold now.")] = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
) -> OpeningsJson:
    """Return all that was ever opened by break-glass, the newest first."""
    return OpeningsJson.of(*context.app.rights.openings.page(user, open_only=open_only, limit=limit, offset=offset))


@router.delete("/openings/{opening}")
def end_opening(opening: str, context: ContextOf, user: UserOf) -> OpeningJson:
    """End an opening before its time."""
    return OpeningJson.of(context.app.rights.openings.end(opening, user))
