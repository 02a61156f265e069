"""Measures retrieval, the places it finds, and answers; compares runs and reports them."""

from assistant.evaluation.answers import AnswerScores, evaluate_answers
from assistant.evaluation.beir import BeirDataset, BeirDocument, load_beir
from assistant.evaluation.cases import AnswerCase, Quote, load_cases
from assistant.evaluation.results import Item, QueryResult
from assistant.evaluation.retrieval import RetrievalScores, evaluate_retrieval
from assistant.evaluation.runs import Run, load_run, save_run
from assistant.evaluation.spans import Span, SpanDataset, SpanScores, evaluate_spans, load_spans

__all__ = [
    "AnswerCase",
    "AnswerScores",
    "BeirDataset",
    "BeirDocument",
    "Item",
    "QueryResult",
    "Quote",
    "RetrievalScores",
    "Run",
    "Span",
    "SpanDataset",
    "SpanScores",
    "evaluate_answers",
    "evaluate_retrieval",
    "evaluate_spans",
    "load_beir",
    "load_cases",
    "load_run",
    "load_spans",
    "save_run",
]
