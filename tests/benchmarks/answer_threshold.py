"""Chooses and checks the extractive answerer's weights and threshold on questions with and without an answer.

    python -m tests.benchmarks.answer_threshold DATA_DIR [--questions 400] [--precision int8] [--fit]

DATA_DIR holds `xquad_multilingual`, `product_docs_rag` and `scifact` in BEIR layout. Answerable are the questions of
the first two on their own documents; unanswerable are the same questions with every document that answers them hidden,
and the questions of one set, and the claims of scifact, on the other's documents. Every question falls into one of
two halves by its text: `--fit` learns weights on the first, and all figures are given for both.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.answer.evidence import Desk, gather
from assistant.answer.extractive import MAX_SENTENCES, THRESHOLD
from assistant.answer.scoring import BIAS, WEIGHTS, measure
from assistant.answer.words import read_question
from assistant.context import CatalogLengths, plan
from assistant.types import LOCAL_OPERATOR
from tests.answer.memory import HybridRetriever, MemoryLibrary, make_document

PASSAGES = 12  # as in `Answerer`
THRESHOLDS = (0.3, 0.4, 0.5, 0.55, 0.6, 0.7, 0.8)


class CachingEmbedder:
    """Embeds every text once: questions share sentences."""

    def __init__(self, inner):
        self._inner, self._known = inner, {}
        self.dimension, self.name, self.max_tokens = inner.dimension, inner.name, inner.max_tokens

    def count_tokens(self, texts):
        return self._inner.count_tokens(texts)

    def embed_passages(self, texts):
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._inner.embed_passages(new), strict=True))
        return np.stack([self._known[text] for text in texts])

    def embed_query(self, text):
        return self._inner.embed_query(text)


class Corpus:
    """One set's documents, searchable, and its questions with what answers them."""

    def __init__(self, folder: Path, embedder, prefix: str = ""):
        rows = [json.loads(line) for line in (folder / "corpus.jsonl").open(encoding="utf-8")]
        documents = [make_document(r["_id"], r["text"], title=r["title"].replace("_", " ")) for r in rows]
        self.library = MemoryLibrary(documents, embedder)
        self.retriever = HybridRetriever(documents, embedder)
        self.embedder = embedder
        gold: dict[str, set[str]] = {}
        for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
            query, document, _ = line.split("\t")
            gold.setdefault(query, set()).add(document)
        self.questions = [
            (q["text"], frozenset(gold[q["_id"]]), tuple(q["metadata"].get("answers", ())))
            for q in queries(folder)
            if q["_id"] in gold and q["_id"].startswith(prefix)
        ]

    def measured(self, text: str, hidden: frozenset[str] = frozenset()):
        self.retriever.without = hidden
        hits = self.retriever.search(text, LOCAL_OPERATOR, PASSAGES)
        self.retriever.without = frozenset()
        count = self.embedder.count_tokens
        planned = plan(
            text, LOCAL_OPERATOR, passages=hits, library=self.library, lengths=CatalogLengths(count), mode="chunks"
        )
        question = read_question(text)
        candidates = gather(question, planned, hits, Desk(self.library, LOCAL_OPERATOR))
        return measure(question, candidates, self.embedder)


@dataclass(frozen=True, slots=True)
class Case:
    """One question on one corpus: features of its candidates, and which of them hold a true answer."""

    kind: str
    answerable: bool
    half: int
    features: np.ndarray
    right: np.ndarray


def queries(folder: Path):
    return [json.loads(line) for line in (folder / "queries.jsonl").open(encoding="utf-8")]


def case(kind: str, corpus: Corpus, text: str, gold: frozenset[str], answers: tuple[str, ...], *, hide: bool) -> Case:
    found = corpus.measured(text, gold if hide else frozenset())
    features = np.array([f.vector() for _, f, _ in found]).reshape(-1, len(WEIGHTS))
    right = [
        c.document.ref.key in gold and (not answers or any(a in c.sentence.text for a in answers)) for c, _, _ in found
    ]
    answerable = not hide and bool(gold)
    return Case(kind, answerable, zlib.crc32(text.encode()) % 2, features, np.array(right, dtype=bool))


def cases(data: Path, embedder, limit: int) -> Iterator[Case]:
    xquad = Corpus(data / "xquad_multilingual", embedder, "en:")
    product = Corpus(data / "product_docs_rag", embedder)
    step = max(1, len(xquad.questions) // limit)
    general = xquad.questions[::step][:limit]
    for name, corpus, questions in (("xquad", xquad, general), ("product", product, product.questions)):
        for question in questions:
            yield case(f"{name}, answer there", corpus, *question, hide=False)
            yield case(f"{name}, answer hidden", corpus, *question, hide=True)
    none: frozenset[str] = frozenset()
    for text, _, _ in general[: limit // 2]:
        yield case("xquad questions on product docs", product, text, none, (), hide=False)
    for text, _, _ in product.questions:
        yield case("product questions on xquad", xquad, text, none, (), hide=False)
    for row in queries(data / "scifact")[:100]:
        yield case("scifact claims on product docs", product, row["text"], none, (), hide=False)


def fit(all_cases: list[Case], weights: np.ndarray, bias: float, rounds: int = 12) -> tuple[np.ndarray, float]:
    """Learn by the best sentences: of answerable questions the best right one, of the others the best of all."""
    for _ in range(rounds):
        rows, labels, importance = [], [], []
        for one in (c for c in all_cases if c.half == 0 and len(c.features)):
            scores = one.features @ weights + bias
            if one.answerable and one.right.any():
                rows.append(one.features[np.where(one.right, scores, -np.inf).argmax()])
                labels.append(1.0)
                importance.append(4.0 if one.kind.startswith("product") else 2.0)
            wrong = np.where(one.right, -np.inf, scores)
            exact = one.kind.startswith("xquad")  # only there the right sentences are known, not just the document
            if np.isfinite(wrong.max()) and (exact or not one.answerable):
                rows.append(one.features[wrong.argmax()])
                labels.append(0.0)
                importance.append(0.5 if one.answerable else 1.0)
        weights, bias = logistic(np.array(rows), np.array(labels), np.array(importance))
    return weights, bias


def logistic(rows: np.ndarray, labels: np.ndarray, importance: np.ndarray, ridge: float = 0.1):
    """Return the weights and the constant of a logistic regression (Newton's method)."""
    x = np.hstack([rows, np.ones((len(rows), 1))])
    w = np.zeros(x.shape[1])
    penalty = np.diag([ridge] * rows.shape[1] + [0.0])
    for _ in range(30):
        p = 1 / (1 + np.exp(-(x @ w)))
        gradient = x.T @ (importance * (p - labels)) + penalty @ w
        w -= np.linalg.solve((x * (importance * p * (1 - p))[:, None]).T @ x + penalty, gradient)
    return w[:-1], float(w[-1])


def report(all_cases: list[Case], weights: np.ndarray, bias: float) -> None:
    for half, name in ((0, "half used for choosing"), (1, "other half")):
        print(f"\n{name}")
        chosen = [c for c in all_cases if c.half == half]
        for kind in dict.fromkeys(c.kind for c in chosen):
            of_kind = [c for c in chosen if c.kind == kind]
            scores = [1 / (1 + np.exp(-(c.features @ weights + bias))) for c in of_kind]
            best = np.array([s.max() if len(s) else 0.0 for s in scores])
            answerable = of_kind[0].answerable
            shares = [(best >= t).mean() if answerable else (best < t).mean() for t in THRESHOLDS]
            cells = "  ".join(f"{t:.2f}: {share:.3f}" for t, share in zip(THRESHOLDS, shares, strict=True))
            line = f"  {kind:32} {'found' if answerable else 'refused':8} {cells}   n={len(of_kind)}"
            if answerable:
                first = np.mean(
                    [bool(c.right[s.argmax()]) if len(s) else False for c, s in zip(of_kind, scores, strict=True)]
                )
                top = np.mean(
                    [c.right[np.argsort(-s)[:MAX_SENTENCES]].any() for c, s in zip(of_kind, scores, strict=True)]
                )
                line += f"  right sentence first {first:.3f}, among {MAX_SENTENCES} {top:.3f}"
            print(line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--questions", type=int, default=400, help="xquad questions that are asked")
    parser.add_argument("--precision", choices=("int8", "fp32"), default="int8")
    parser.add_argument("--cache", type=Path, help="folder of the exported model; default: a temporary one")
    parser.add_argument("--fit", action="store_true", help="learn weights on the first half and report those too")
    options = parser.parse_args()
    from assistant.adapters.embedder_onnx import load_onnx_embedder

    with tempfile.TemporaryDirectory() as folder:
        embedder = CachingEmbedder(load_onnx_embedder(options.cache or Path(folder), options.precision))
        start = time.perf_counter()
        all_cases = list(cases(options.data, embedder, options.questions))
        print(f"{len(all_cases)} questions in {time.perf_counter() - start:.0f} s; threshold in use {THRESHOLD}")
    report(all_cases, np.array(WEIGHTS), BIAS)
    if options.fit:
        weights, bias = fit(all_cases, np.array(WEIGHTS), BIAS)
        print(f"\nlearned: {np.round(weights, 2).tolist()}, constant {bias:.2f}")
        report(all_cases, weights, bias)


if __name__ == "__main__":
    main()
