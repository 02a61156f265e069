"""Measures whether retrieved stretches of text cover the exact places that answer a question.

Token recall, precision and IoU after Smith and Troynikov, Evaluating Chunking Strategies for Retrieval (Chroma, 2024);
tokens here are words and single signs, so that the figures do not hang on a model. A folder holds
`corpora/ID.md` and `questions.jsonl` with `text`, `corpus_id` and `references` of `start_index` and `end_index`.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import ConfigurationError
from assistant.evaluation.beir import read_jsonl

_TOKEN = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` (exclusive) of one text."""

    corpus: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SpanQuestion:
    """A question and the places that answer it."""

    id: str
    text: str
    references: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class SpanDataset:
    """Texts by id, and questions on them."""

    name: str
    corpora: dict[str, str]
    questions: tuple[SpanQuestion, ...]


@dataclass(frozen=True, slots=True)
class SpanScores:
    """Means over the questions, each from 0 to 1, for the first `k` stretches."""

    recall: float
    precision: float
    iou: float
    questions: int
    k: int

    def as_dict(self) -> dict[str, float | int]:
        """Return the values by name, rounded to four digits."""
        return {
            "recall": round(self.recall, 4),
            "precision": round(self.precision, 4),
            "iou": round(self.iou, 4),
            "questions": self.questions,
            "k": self.k,
        }


SpanSearch = Callable[[str, int], list[Span]]


def load_spans(folder: Path) -> SpanDataset:
    """Read a folder in the layout above.

    Raises:
        ConfigurationError: a file is missing, or a reference points outside its text; the message names it.
    """
    corpora = {path.stem: path.read_text(encoding="utf-8") for path in sorted((folder / "corpora").glob("*.md"))}
    if not corpora:
        raise ConfigurationError(
            f"{folder}/corpora holds no .md files", "give a folder with corpora and questions.jsonl"
        )
    questions = []
    for place, row in read_jsonl(folder / "questions.jsonl"):
        try:
            corpus = str(row["corpus_id"])
            spans = tuple(Span(corpus, int(r["start_index"]), int(r["end_index"])) for r in row["references"])
            question = SpanQuestion(str(row["_id"]), str(row["text"]), spans)
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigurationError(f"{place}: {error!r} is missing or wrong", "correct that line") from error
        if any(corpus not in corpora or not 0 <= s.start < s.end <= len(corpora[corpus]) for s in spans):
            raise ConfigurationError(f"{place} points outside the text {corpus!r}", "correct that line")
        questions.append(question)
    return SpanDataset(folder.name, corpora, tuple(questions))


def evaluate_spans(
    search: SpanSearch, dataset: SpanDataset, k: int = 5, limit_queries: int | None = None
) -> SpanScores:
    """Ask every question and compare the first `k` stretches with its exact places.

    Args:
        search: question and depth to stretches of the texts, best first; ids are the dataset's corpus ids.
        dataset: the test set.
        k: how many stretches count.
        limit_queries: ask only the first so many questions.
    """
    counters = {key: _Tokens(text) for key, text in dataset.corpora.items()}
    chosen = dataset.questions[:limit_queries]
    recall = precision = iou = 0.0
    for question in chosen:
        found = search(question.text, k)[:k]
        wanted = _places(question.references, counters)
        got = _places(found, counters)
        # Text that is retrieved twice costs twice, as it would in a prompt.
        spent = sum(len(_places([span], counters)) for span in found)
        both = len(wanted & got)
        recall += both / len(wanted) if wanted else 0.0
        precision += both / spent if spent else 0.0
        iou += both / len(wanted | got) if wanted | got else 0.0
    count = max(1, len(chosen))
    return SpanScores(recall / count, precision / count, iou / count, len(chosen), k)


class _Tokens:
    def __init__(self, text: str) -> None:
        spans = [match.span() for match in _TOKEN.finditer(text)]
        self._starts = [start for start, _ in spans]
        self._ends = [end for _, end in spans]

    def within(self, start: int, end: int) -> range:
        """Return the numbers of the tokens that overlap `start` to `end`."""
        return range(bisect.bisect_right(self._ends, start), bisect.bisect_left(self._starts, end))


def _places(spans: Iterable[Span], counters: dict[str, _Tokens]) -> set[tuple[str, int]]:
    places: set[tuple[str, int]] = set()
    for span in spans:
        counter = counters.get(span.corpus)
        if counter is None:
            raise ConfigurationError(f"the search returned {span.corpus!r}, which is no text of this set")
        places.update((span.corpus, number) for number in counter.within(span.start, span.end))
    return places
