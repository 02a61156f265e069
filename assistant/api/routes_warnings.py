"""Documents that read like orders to an assistant: listed for admins and curators, and noted as looked at."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from assistant.access.subjects import must_be_told
from assistant.api.context import ContextOf
from assistant.api.signed_in import UserOf
from assistant.audit import note
from assistant.errors import NotFoundError
from assistant.injection import FLAGGED
from assistant.types import document_id
from assistant.wire import WarningJson, WarningsJson

router = APIRouter(prefix="/api/documents/warnings", tags=["documents"])


class ReviewedBody(BaseModel):
    """Which document was looked at."""

    model_config = ConfigDict(extra="forbid")

    source: str
    key: str


@router.get("")
def warnings(
    context: ContextOf,
    user: UserOf,
    source: Annotated[str | None, Query(description="Only this source.")] = None,
    least: Annotated[float, Query(ge=0, le=1, description="Only from this score on.")] = FLAGGED,
    reviewed: Annotated[bool, Query(description="Also those that somebody looked at.")] = False,
) -> WarningsJson:
    """Return the documents of the sources that the user looks after, without their text and titles."""
    sources = None if user.manages else sorted(user.curates)
    if source is not None:
        must_be_told(context.app.catalog, source, user)
        sources = [source]
    found = context.app.catalog.suspicions.all(sources, least=least, reviewed=reviewed, uploads=user.reads_everything)
    return WarningsJson(warnings=[WarningJson.of(one) for one in found])


@router.post("/review")
def review(context: ContextOf, user: UserOf, body: ReviewedBody) -> WarningsJson:
    """Note that the user looked at a document: nobody is warned of it any more, until its content changes."""
    must_be_told(context.app.catalog, body.source, user)
    note([document_id(body.source, body.key)], source=body.source, key=body.key)
    table = context.app.catalog.suspicions
    if not table.review(body.source, body.key, user.id):
        raise NotFoundError(f"there is no warning of {body.key!r}", "see GET /api/documents/warnings")
    found = table.all([body.source], least=0.0, reviewed=True)
    return WarningsJson(warnings=[WarningJson.of(one) for one in found if one.key == body.key])
