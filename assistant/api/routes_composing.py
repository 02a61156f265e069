"""What leads to a question: what it can be narrowed to, what it would read, and what could be asked."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field

from assistant.answer.estimating import estimate
from assistant.api.auditing import note_question
from assistant.api.context import ContextOf
from assistant.api.signed_in import UserOf
from assistant.conversations.suggesting import first_suggestions, follow_ups, sections_of
from assistant.errors import ConfigurationError
from assistant.ingest.uploads import source_names
from assistant.types import Question
from assistant.wire import FiltersJson
from assistant.wire.suggestions import EstimateJson, ScopeJson, SuggestionsJson

router = APIRouter(prefix="/api", tags=["answers"])

_OF_EACH, _CANDIDATES = 8, 40  # documents that suggestions are looked for in: of a source, and in all
_FOLDERS = 500


class PlanRequest(FiltersJson):
    """A question that may be asked."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field("", max_length=100_000, description="Empty: only what is within the filters is counted.")
    mode: Literal["auto", "chunks", "documents", "corpus"] | None = Field(None, description="null: as configured.")
    budget: int | None = Field(None, ge=1, le=2**53, description="Tokens of context; null: as configured.")
    model: str = Field("", max_length=200, description="Which model is to answer; empty: the cheapest that can.")


@router.post("/plan")
def plan(body: PlanRequest, context: ContextOf, user: UserOf) -> EstimateJson:
    """Return what an answer would read, without answering.

    It is searched and planned as for an answer; what was said before the question is not looked at.
    """
    app = context.app
    note_question(app.audit, body.question)
    mode = body.mode or app.settings.answer_mode
    asked = Question(body.question, mode, body.budget, body.filters(), body.model)
    return EstimateJson.of(estimate(asked, user, app.answerer, app.library))


@router.get("/scope")
def scope(context: ContextOf, user: UserOf) -> ScopeJson:
    """Return what a question can be narrowed to, of what the user may read."""
    scopes = context.app.catalog.scopes
    folders = scopes.folders(user, _FOLDERS + 1)
    return ScopeJson.of(scopes.sources(user), scopes.types(user), folders, _FOLDERS, source_names(user.id))


@router.get("/suggestions")
def suggestions(
    context: ContextOf,
    user: UserOf,
    source: Annotated[str | None, Query(description="With `key`: only sections of this document.")] = None,
    key: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=20)] = 4,
) -> SuggestionsJson:
    """Return what could be asked first: sections of the newest documents of each source that the user may read."""
    library = context.app.library
    if (source is None) != (key is None):
        raise ConfigurationError("`source` and `key` belong together", "give both or neither")
    if source is not None and key is not None:
        info = library.info(source, key, user)
        return SuggestionsJson.of(sections_of(info, user, library, limit))
    newest = context.app.catalog.scopes.newest(user, _OF_EACH, _CANDIDATES)
    return SuggestionsJson.of(first_suggestions(newest, user, library, limit))


@router.get("/conversations/{conversation}/turns/{turn}/suggestions")
def next_suggestions(
    conversation: str,
    turn: str,
    context: ContextOf,
    user: UserOf,
    limit: Annotated[int, Query(ge=1, le=20)] = 3,
) -> SuggestionsJson:
    """Return what could be asked after an answer: sections next to those that it cites."""
    shown = context.app.conversations.turn(user, conversation, turn)
    return SuggestionsJson.of(follow_ups(shown, user, context.app.library, limit))
