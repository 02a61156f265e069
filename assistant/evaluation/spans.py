"""Measures whether retrieved stretches of text cover the exact places that answer a question.

After Smith and Troynikov, Evaluating Chunking Strategies for Retrieval (Chroma, 2024,
https://research.trychroma.com/evaluating-chunking). With the tokens wanted W, and the tokens R of the first k
stretches, each counted as often as it was retrieved: recall = |W ∩ R| / |W|, precision = |W ∩ R| / |R|,
IoU = |W ∩ R| / (|W| + |R| - |W ∩ R|), where a token of W counts once in W ∩ R. `precision_omega` is theirs too: the
precision if exactly the chunks that hold a wanted token were retrieved, what the cuts alone allow; a question whose
wanted tokens the chunks do not cover has none. Tokens here are words and single signs (theirs are of a model's
tokenizer).

A folder holds `corpora/ID.md` and `questions.jsonl` with `_id`, `text`, `corpus_id` and `references` of `start_index`
and `end_index`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import ConfigurationError
from assistant.evaluation.beir import read_jsonl
from assistant.evaluation.results import SHOWN, Item, OnProgress, QueryResult, Scores, mean, rounded, shortened
from assistant.evaluation.splits import Split, chosen
from assistant.evaluation.timing import percentile
from assistant.evaluation.tokens import TokenPlaces

METRICS = ("recall", "precision", "iou", "precision_omega")


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
    """Means over the questions, each from 0 to 1, for the first `k` stretches; times in milliseconds.

    `precision_omega` is None where the chunks were not given, or cover no question's places. `results` has the
    questions one by one.
    """

    recall: float
    precision: float
    iou: float
    questions: int
    k: int
    precision_omega: float | None = None
    p50_ms: float = 0.0
    p95_ms: float = 0.0
    results: tuple[QueryResult, ...] = ()

    def as_dict(self) -> dict[str, float | int | None]:
        """Return the values by name, shares rounded to four digits."""
        return {
            **{name: rounded(getattr(self, name)) for name in METRICS},
            "questions": self.questions,
            "k": self.k,
            "p50_ms": round(self.p50_ms, 2),
            "p95_ms": round(self.p95_ms, 2),
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
        if not spans:
            raise ConfigurationError(f"{place} has no references", "correct that line")
        if any(corpus not in corpora or not 0 <= s.start < s.end <= len(corpora[corpus]) for s in spans):
            raise ConfigurationError(f"{place} points outside the text {corpus!r}", "correct that line")
        questions.append(question)
    return SpanDataset(folder.name, corpora, tuple(questions))


def evaluate_spans(
    search: SpanSearch,
    dataset: SpanDataset,
    k: int = 5,
    limit_queries: int | None = None,
    *,
    chunks: Iterable[Span] | None = None,
    split: Split = "all",
    on_progress: OnProgress | None = None,
) -> SpanScores:
    """Ask every question and compare the first `k` stretches with its exact places.

    Args:
        search: question and depth to stretches of the texts, best first; ids are the dataset's corpus ids.
        dataset: the test set.
        k: how many stretches count.
        limit_queries: ask only the first so many questions of the split.
        chunks: all stretches that the texts were cut into, for `precision_omega`; None: it is not measured.
        split: ask only one half of the questions; see `splits`.
        on_progress: called after each question.

    Raises:
        ConfigurationError: a stretch is of a text that is not in the set.
    """
    text = _Texts(dataset.corpora)
    cuts = None if chunks is None else text.by_corpus(chunks)
    wanted = set(chosen((question.id for question in dataset.questions), split))
    questions = [question for question in dataset.questions if question.id in wanted][:limit_queries]
    results: list[QueryResult] = []
    for question in questions:
        start = time.perf_counter()
        found = search(question.text, k)[:k]
        seconds = time.perf_counter() - start
        scores = text.scores(question.references, found, cuts)
        results.append(_result(dataset, question, found, scores, seconds))
        if on_progress:
            on_progress(len(results), len(questions))
    return _summary(results, k)


def _summary(results: Sequence[QueryResult], k: int) -> SpanScores:
    times = [result.seconds for result in results]
    means = {name: mean(result.scores[name] for result in results) for name in METRICS}
    return SpanScores(
        recall=means["recall"] or 0.0,
        precision=means["precision"] or 0.0,
        iou=means["iou"] or 0.0,
        questions=len(results),
        k=k,
        precision_omega=means["precision_omega"],
        p50_ms=1000 * percentile(times, 50),
        p95_ms=1000 * percentile(times, 95),
        results=tuple(results),
    )


class _Texts:
    def __init__(self, corpora: Mapping[str, str]) -> None:
        self._places = {key: TokenPlaces(text) for key, text in corpora.items()}

    def by_corpus(self, chunks: Iterable[Span]) -> dict[str, list[range]]:
        """Return the token numbers of each chunk, by text."""
        cuts: dict[str, list[range]] = {}
        for chunk in chunks:
            cuts.setdefault(chunk.corpus, []).append(self._within(chunk))
        return cuts

    def scores(
        self, references: Sequence[Span], found: Sequence[Span], cuts: Mapping[str, Sequence[range]] | None
    ) -> Scores:
        corpus = references[0].corpus
        wanted = {number for span in references for number in self._within(span)}
        spent = sum(len(self._within(span)) for span in found)  # text that is retrieved twice costs twice
        both = len(wanted & {number for span in found if span.corpus == corpus for number in self._within(span)})
        return {
            "recall": both / len(wanted) if wanted else 0.0,
            "precision": both / spent if spent else 0.0,
            "iou": both / (len(wanted) + spent - both) if wanted else 0.0,
            "precision_omega": None if cuts is None else _omega(wanted, cuts.get(corpus, ())),
        }

    def _within(self, span: Span) -> range:
        places = self._places.get(span.corpus)
        if places is None:
            raise ConfigurationError(f"the search returned {span.corpus!r}, which is no text of this set")
        return places.within(span.start, span.end)


def _omega(wanted: set[int], chunks: Sequence[range]) -> float | None:
    held: set[int] = set()
    for chunk in chunks:
        if not wanted.isdisjoint(chunk):
            held.update(chunk)
    return len(wanted) / len(held) if wanted and wanted <= held else None


def _result(
    dataset: SpanDataset, question: SpanQuestion, found: Sequence[Span], scores: Scores, seconds: float
) -> QueryResult:
    def item(span: Span, others: Sequence[Span]) -> Item:
        touches = any(o.corpus == span.corpus and o.start < span.end and span.start < o.end for o in others)
        text = shortened(dataset.corpora[span.corpus][span.start : span.end])
        return Item(span.corpus, f"characters {span.start}-{span.end}", touches, text)

    expected = tuple(item(span, found) for span in question.references)
    shown = tuple(item(span, question.references) for span in found[:SHOWN])
    return QueryResult(question.id, question.text, scores, expected, shown, seconds)
