"""Whoever leaves stops the answer, also before there is what could be stopped."""

from __future__ import annotations

import pytest
from fastapi import FastAPI

from assistant.api.answer_events import answered
from assistant.types import LOCAL_OPERATOR, AnswerDone, Question
from tests.fakes.answering import StoppableAnswerer
from tests.fakes.system import System


@pytest.mark.parametrize("begun", [True, False])
def test_whoever_leaves_stops_the_answer(api: FastAPI, system: System, begun: bool) -> None:
    system.answerer = answerer = StoppableAnswerer(system.library)
    answerer.gate.clear()
    events, leave = answered(api.state.context, lambda: Question("When?"), LOCAL_OPERATOR)
    if begun:
        next(events)
    leave()
    *_, last = events
    assert isinstance(last, AnswerDone)
    assert last.answer.state == "stopped"
