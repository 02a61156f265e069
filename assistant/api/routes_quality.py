"""Evaluations in the background, and questions that got no good answer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from assistant.api.context import ContextOf
from assistant.api.signed_in import UserOf
from assistant.conversations.usage import MOST_DAYS
from assistant.types import Mode
from assistant.wire.measures import EvaluationDetailJson, EvaluationJson, EvaluationsJson, UnansweredJson

evaluations = APIRouter(prefix="/api/evaluations", tags=["evaluations"])
unanswered = APIRouter(prefix="/api/questions/unanswered", tags=["feedback"])


class NewEvaluation(BaseModel):
    """How the kept questions are to be asked."""

    model_config = ConfigDict(extra="forbid")

    mode: Mode | None = Field(None, description="How much context is used; null: as set.")


@unanswered.get("")
def list_unanswered(
    context: ContextOf,
    user: UserOf,
    days: Annotated[int, Query(ge=1, le=MOST_DAYS, description="So many days up to today, UTC.")] = 30,
) -> UnansweredJson:
    """Return how many questions got no good answer and, where the house shows them, the newest with their topics."""
    return UnansweredJson.of(context.app.unanswered.found(user, days))


@evaluations.get("")
def list_evaluations(context: ContextOf, user: UserOf) -> EvaluationsJson:
    """Return the newest evaluations with their figures."""
    return EvaluationsJson(evaluations=[EvaluationJson.of(one) for one in context.app.evaluations.runs(user)])


@evaluations.post("", status_code=201)
def start(body: NewEvaluation, context: ContextOf, user: UserOf) -> EvaluationJson:
    """Ask the kept questions in the background; one run at a time."""
    mode = body.mode or context.app.settings.answer_mode
    return EvaluationJson.of(context.app.evaluations.start(user, mode))


@evaluations.get("/{evaluation}")
def evaluation(evaluation: str, context: ContextOf, user: UserOf) -> EvaluationDetailJson:
    """Return an evaluation with what came of each question, as far as the caller may read what it repeats."""
    return EvaluationDetailJson.shown(*context.app.evaluations.run(user, evaluation))


@evaluations.post("/{evaluation}/cancel")
def cancel(evaluation: str, context: ContextOf, user: UserOf) -> EvaluationJson:
    """Let an evaluation end after the question that it is at."""
    return EvaluationJson.of(context.app.evaluations.cancel(user, evaluation))


@evaluations.delete("/{evaluation}", status_code=204)
def remove(evaluation: str, context: ContextOf, user: UserOf) -> Response:
    """Forget an evaluation."""
    context.app.evaluations.remove(user, evaluation)
    return Response(status_code=204)
