"""Lets the post-processors of plugins look at a finished answer; its citations stay where they belong."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from assistant.injection import inert
from assistant.interfaces import PostProcessor
from assistant.types import Answer, AnswerDone, AnswerEvent, Citation, Question, User

log = logging.getLogger(__name__)
_MARK = re.compile(r"\[\d{1,3}(?:, ?\d{1,3})*\]")
Processors = Callable[[], Sequence[PostProcessor]]


def no_processors() -> tuple[PostProcessor, ...]:
    """Return none."""
    return ()


def processed(
    events: Iterator[AnswerEvent], question: Question, user: User, processors: Processors
) -> Iterator[AnswerEvent]:
    """Yield the events, the answer as the post-processors leave it; one that fails is noted and changes nothing."""
    for event in events:
        if not isinstance(event, AnswerDone) or event.answer.state == "waiting":
            yield event
            continue
        answer = event.answer
        for processor in processors():
            answer = _processed(answer, question, user, processor)
        yield AnswerDone(answer)


def _processed(answer: Answer, question: Question, user: User, processor: PostProcessor) -> Answer:
    try:
        text = processor.process(question.text, answer.text, user)
        text = inert(text) if isinstance(text, str) else text  # what it adds is no link either
    except Exception:
        log.exception("the post-processor %s failed", processor.name)
        return _noted(answer, f"the post-processor {processor.name} failed and changed nothing")
    if not isinstance(text, str) or Counter(_MARK.findall(text)) != Counter(_MARK.findall(answer.text)):
        log.error("the post-processor %s did not leave the marks of the citations in the text", processor.name)
        return _noted(answer, f"what the post-processor {processor.name} returned was not used: it lost citations")
    if text == answer.text:
        return answer
    citations = tuple(_moved(citation, answer.text, text) for citation in answer.citations)
    changed = replace(answer, text=text, citations=citations)
    return _noted(changed, f"the post-processor {processor.name} changed the answer")


def _noted(answer: Answer, note: str) -> Answer:
    return replace(answer, notes=(*answer.notes, note))


def _moved(citation: Citation, before: str, after: str) -> Citation:
    """Return the citation with the place of its statement in the new text; None where the statement was changed."""
    if citation.statement is None:
        return citation
    start, end = citation.statement
    said = before[start:end]
    if after[start:end] == said:
        return citation
    at = after.find(said) if after.count(said) == 1 else -1
    return replace(citation, statement=None if at < 0 else (at, at + len(said)))
