"""The rows of the files: a record as fine-tuning tools take it, or as a question for `assistant eval answers`."""

from __future__ import annotations

import re
from typing import Any

from assistant.distillation.licences import Licence
from assistant.distillation.outcomes import Asked, Part, Record
from assistant.evaluation.cases import AnswerCase, Quote, case_row
from assistant.types import Citation, DocumentRef, Passage

_MARKS = re.compile(r"\s*\[\d{1,3}(?:, ?\d{1,3})*\]")


def chat_row(record: Record, part: Part, teacher: str, licence: Licence) -> dict[str, Any]:
    """Return a record with `messages` as TRL, Axolotl and torchtune take them; other fields say where it comes from."""
    messages = [{"role": message.role, "content": message.text} for message in record.prompt]
    return {
        "messages": [*messages, {"role": "assistant", "content": record.answer}],
        "id": record.asked.id,
        "kind": record.asked.kind,
        "split": part,
        "question": record.asked.question,
        "evidence": [_evidence(citation) for citation in record.citations],
        "made_from": _made_from(record.asked),
        "read": [_place(passage) for passage in record.read],
        "teacher": {"model": teacher, "licence": licence.name},
    }


def question_row(record: Record, teacher: str, licence: Licence) -> dict[str, Any]:
    """Return a record as a case of `evaluation.cases`, with where it comes from."""
    asked = record.asked
    name = _name(asked.ref)
    cited = {(_name(c.passage.ref), c.quote): None for c in record.citations}
    if asked.kind == "answer":
        cited = {(name, asked.evidence): None, **cited}
    case = AnswerCase(
        question=asked.question,
        documents=tuple(dict.fromkeys(document for document, _ in cited)),
        quotes=tuple(Quote(text, document) for document, text in cited),
        gold_answer=_MARKS.sub("", record.answer) if asked.kind == "answer" else "",
        answerable=asked.kind == "answer",
        id=asked.id,
    )
    more = {"made_from": _made_from(asked), "teacher": {"model": teacher, "licence": licence.name}}
    return {**case_row(case), **more}


def _evidence(citation: Citation) -> dict[str, Any]:
    passage = citation.passage
    return {
        "number": citation.number,
        **_place(passage),
        "page": passage.page,
        "quote": citation.quote,
        "statement": list(citation.statement or ()),
        "verified": citation.verified,
        "supported": citation.supported,
    }


def _made_from(asked: Asked) -> dict[str, Any]:
    place = {"start": asked.start, "end": asked.end, "quote": asked.evidence}
    return {"document": _document(asked.ref), **place}


def _place(passage: Passage) -> dict[str, Any]:
    return {"document": _document(passage.ref), "start": passage.start, "end": passage.end}


def _document(ref: DocumentRef) -> dict[str, str]:
    return {"source": ref.source, "key": ref.key, "title": ref.title, "uri": ref.uri, "version": ref.version}


def _name(ref: DocumentRef) -> str:
    return f"{ref.source}:{ref.key}"
