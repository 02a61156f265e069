"""Answers questions from planned context: in a model's words, or by quoting sentences."""

from assistant.answer.answerer import Answerer, Retriever
from assistant.answer.extractive import MODEL, NOT_FOUND
from assistant.answer.guarding import GuardedAnswerer
from assistant.answer.rewrite import Standalone, rewrite
from assistant.answer.streams import AnswerStream
from assistant.answer.wanted import Limits
from assistant.answer.written import WrittenAnswerer

__all__ = [
    "AnswerStream",
    "Answerer",
    "GuardedAnswerer",
    "Limits",
    "MODEL",
    "NOT_FOUND",
    "Retriever",
    "Standalone",
    "WrittenAnswerer",
    "rewrite",
]
