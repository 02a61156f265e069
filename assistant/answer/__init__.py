"""Answers questions from planned context."""

from assistant.answer.answerer import Answerer, Retriever
from assistant.answer.extractive import MODEL, NOT_FOUND
from assistant.answer.rewrite import Standalone, rewrite

__all__ = ["Answerer", "MODEL", "NOT_FOUND", "Retriever", "Standalone", "rewrite"]
