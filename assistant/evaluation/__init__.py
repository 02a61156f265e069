"""Measures retrieval, the places it finds, and answers."""

from assistant.evaluation.answers import AnswerCase, AnswerScores, evaluate_answers, load_cases
from assistant.evaluation.beir import BeirDataset, BeirDocument, load_beir
from assistant.evaluation.retrieval import RetrievalScores, evaluate_retrieval
from assistant.evaluation.spans import Span, SpanDataset, SpanScores, evaluate_spans, load_spans

__all__ = [
    "AnswerCase",
    "AnswerScores",
    "BeirDataset",
    "BeirDocument",
    "RetrievalScores",
    "Span",
    "SpanDataset",
    "SpanScores",
    "evaluate_answers",
    "evaluate_retrieval",
    "evaluate_spans",
    "load_beir",
    "load_cases",
    "load_spans",
]
