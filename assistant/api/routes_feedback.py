"""Feedback on answers, and the questions that admins keep of it to measure answers with."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from assistant.api.context import ContextOf
from assistant.api.signed_in import UserOf
from assistant.errors import ConfigurationError
from assistant.evaluation.cases import AnswerCase, Quote
from assistant.wire.evaluation import (
    Cause,
    CitedJson,
    FeedbackJson,
    KeptQuestionJson,
    KeptQuestionsJson,
    OwnFeedbackJson,
    QuoteJson,
)

feedback = APIRouter(prefix="/api/feedback", tags=["feedback"])
of_turns = APIRouter(prefix="/api/conversations", tags=["feedback"])
questions = APIRouter(prefix="/api/questions", tags=["feedback"])

_QUESTION = 100_000  # characters, as of a question that is asked
_ANSWER = 200_000


class Said(BaseModel):
    """What a person says of an answer of a conversation."""

    model_config = ConfigDict(extra="forbid")

    verdict: Literal["up", "down"]
    cause: Cause = Field("", description="What was wrong.")
    reason: str = Field("", max_length=10_000)


class NewFeedback(Said):
    """What a person says of an answer."""

    question: str = Field(min_length=1, max_length=_QUESTION, pattern=r"\S")
    answer: str = Field(max_length=_ANSWER)
    cited: list[CitedJson] = Field(max_length=200, description="The documents that the answer cited; may be empty.")


class OwnFeedbackListJson(BaseModel):
    """What you said of the answers of a conversation."""

    feedback: list[OwnFeedbackJson]


class FeedbackListJson(BaseModel):
    """A stretch of the feedback, newest first; `total` is how much there is."""

    feedback: list[FeedbackJson]
    total: int


class NewQuestion(BaseModel):
    """A question to keep, and what its answer should be."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(
        "", max_length=_QUESTION, description="May be empty with `feedback_id`: the one that was asked."
    )
    feedback_id: str | None = Field(None, description="Keep the question of this feedback, asked as by its asker.")
    documents: list[str] = Field(default_factory=list, max_length=1000)
    quotes: list[QuoteJson] = Field(default_factory=list, max_length=1000)
    facts: list[str] = Field(default_factory=list, max_length=1000)
    gold_answer: str = Field("", max_length=_ANSWER)
    answerable: bool = True

    def case(self) -> AnswerCase:
        """Return it as it is measured."""
        return AnswerCase(
            question=self.question,
            documents=tuple(self.documents),
            facts=tuple(self.facts),
            answerable=self.answerable,
            quotes=tuple(Quote(quote.quote, quote.document) for quote in self.quotes),
            gold_answer=self.gold_answer,
        )


@feedback.post("", status_code=201)
def give(body: NewFeedback, context: ContextOf, user: UserOf) -> FeedbackJson:
    """Say whether an answer was good; it is kept with the question, the answer, and who asked."""
    cited = [(document.source, document.key) for document in body.cited]
    desk = context.app.question_desk
    made = desk.give(user, body.question, body.answer, body.verdict, body.reason, cited, cause=body.cause)
    return FeedbackJson.of(made)


@of_turns.get("/{conversation}/feedback")
def own_feedback(conversation: str, context: ContextOf, user: UserOf) -> OwnFeedbackListJson:
    """Return what the caller said of the answers of a conversation of the caller's."""
    turns = context.app.conversations.turn_ids(user, conversation)
    said = context.app.question_desk.own(user, turns)
    return OwnFeedbackListJson(feedback=[OwnFeedbackJson.own(one) for one in said])


@of_turns.put("/{conversation}/turns/{turn}/feedback")
def say(conversation: str, turn: str, body: Said, context: ContextOf, user: UserOf) -> OwnFeedbackJson:
    """Say whether an answer was good, in place of what was said of it before.

    Question, answer and citations are kept with it as the caller may read them now; without the answer where it may
    repeat what was attached, or what a tool said that rests on no document: for that, no rights of others tell.
    """
    conversations = context.app.conversations
    shown = conversations.turn(user, conversation, turn)
    if shown.record.state in {"answering", "waiting"}:
        raise ConfigurationError("the answer has not come to its end yet", "say what you think of it when it has")
    refs = [one.document for one in shown.citations if one.citation is not None and one.citation.kind != "attachment"]
    rests_on = conversations.rests_on(user, shown)
    made = context.app.question_desk.give(
        user,
        shown.record.question,
        "" if rests_on is None else shown.record.text,
        body.verdict,
        body.reason,
        [(ref.source, ref.key) for ref in refs if ref is not None],
        turn=turn,
        cause=body.cause,
        rests_on=rests_on or (),
    )
    return OwnFeedbackJson.own(made)


@of_turns.delete("/{conversation}/turns/{turn}/feedback", status_code=204)
def take_back(conversation: str, turn: str, context: ContextOf, user: UserOf) -> Response:
    """Take back what was said of an answer."""
    context.app.conversations.turn(user, conversation, turn)  # NotFoundError
    context.app.question_desk.take_back(user, turn)
    return Response(status_code=204)


@feedback.get("")
def list_feedback(
    context: ContextOf,
    user: UserOf,
    verdict: Annotated[Literal["up", "down"] | None, Query(description="Only this verdict.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
) -> FeedbackListJson:
    """Return a stretch of the feedback, newest first, for admins."""
    desk = context.app.question_desk
    shown = desk.feedback(user, limit, verdict, offset)
    return FeedbackListJson(
        feedback=[FeedbackJson.shown(each) for each in shown], total=desk.feedback_count(user, verdict)
    )


@feedback.delete("/{feedback_id}", status_code=204)
def forget(feedback_id: str, context: ContextOf, user: UserOf) -> Response:
    """Delete feedback, for admins. A question that was kept of it stays."""
    context.app.question_desk.forget(user, feedback_id)
    return Response(status_code=204)


@questions.get("")
def list_questions(context: ContextOf, user: UserOf) -> KeptQuestionsJson:
    """Return the kept questions, for admins."""
    kept = context.app.question_desk.questions(user)
    return KeptQuestionsJson(questions=[KeptQuestionJson.of(each) for each in kept])


@questions.post("", status_code=201)
def keep(body: NewQuestion, context: ContextOf, user: UserOf) -> KeptQuestionJson:
    """Keep a question to measure answers with, of feedback or of one's own."""
    desk = context.app.question_desk
    if body.feedback_id is not None:
        return KeptQuestionJson.of(desk.keep_feedback(user, body.feedback_id, body.case()))
    if not body.question.strip():
        raise ConfigurationError("question: it is empty", "give the question, or the feedback_id of one")
    return KeptQuestionJson.of(desk.keep(user, [body.case()])[0])


@questions.delete("/{question_id}", status_code=204)
def remove(question_id: str, context: ContextOf, user: UserOf) -> Response:
    """Forget a kept question."""
    context.app.question_desk.remove(user, question_id)
    return Response(status_code=204)
