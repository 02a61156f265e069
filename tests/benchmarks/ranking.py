"""Measures every stage of the ranking: each search alone, ways of fusing them, and what each stage is worth.

    python -m tests.benchmarks.ranking BEIR_FOLDER[:LANGUAGE] ... [--pdfs FOLDER] [--cache DIR] [--json FILE]

A folder in BEIR's layout is indexed as `assistant eval retrieval` does, into a home below `--cache` that is kept, so
that another run embeds nothing. With `:LANGUAGE`, `corpus_LANGUAGE.jsonl` and the queries `LANGUAGE:...` are taken, as
the set xquad names them (`:en` is `corpus.jsonl`). `--pdfs` takes a folder's files in place of the corpus texts; a
document's id is its file's name without the ending. A document ranks where its best passage does.

Queries are parted by `evaluation.splits`: what is chosen is chosen on the half `dev`, the other one is `held`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.app import App, build
from assistant.evaluation.sources import KIND, NoConfig, TextsSource
from assistant.evaluation.splits import split_of
from assistant.retrieval import Retriever, Stages
from assistant.settings import load_settings
from assistant.telemetry import configure_logging
from assistant.types import LOCAL_OPERATOR
from tests.benchmarks.beir import ndcg, read_qrels, read_texts

DEPTH = 10
PASSAGES = 100  # asked for, to see ten documents
ALL = Stages()
BARE = Stages("scores", exact=False, familiarity=False, literal=False)
VARIANTS = {
    "meaning": replace(BARE, fusion="meaning"),
    "words": replace(BARE, fusion="words"),
    "words+exact": replace(BARE, fusion="words", exact=True),
    "rrf": replace(BARE, fusion="ranks"),
    "scores": BARE,
    "all": ALL,
    "-exact": replace(ALL, exact=False),
    "-familiar": replace(ALL, familiarity=False),
    "-literal": replace(ALL, literal=False),
}


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """Texts by id (or a folder of files), queries by id, and their judged documents."""

    name: str
    texts: Mapping[str, str]
    files: Path | None
    queries: Mapping[str, str]
    qrels: Mapping[str, Mapping[str, int]]


def read_set(given: str, files: Path | None, limit: int) -> JudgedSet:
    """Read a test set; of more than `limit` queries, those with the lowest hashes."""
    path, _, language = given.partition(":")
    folder = Path(path)
    queries, qrels = read_texts(folder / "queries.jsonl"), read_qrels(folder / "qrels.tsv")
    corpus = folder / ("corpus.jsonl" if language in {"", "en"} else f"corpus_{language}.jsonl")
    if language:  # judged against the English paragraphs, which have the same numbers
        queries = {query: text for query, text in queries.items() if query.startswith(f"{language}:")}
        qrels = {q: {language + d.removeprefix("en"): g for d, g in qrels[q].items()} for q in queries}
    judged = sorted((q for q in queries if any(g > 0 for g in qrels.get(q, {}).values())), key=digest)[:limit]
    name = f"{folder.name}{f'-{language}' if language else ''}{'-files' if files else ''}"
    return JudgedSet(name, read_texts(corpus), files, {query: queries[query] for query in judged}, qrels)


def digest(query: str) -> str:
    """Return the hash that orders the queries."""
    return hashlib.sha256(query.encode()).hexdigest()


@contextmanager
def indexed(test_set: JudgedSet, cache: Path) -> Iterator[App]:
    """Yield the assistant on the set's home, indexed."""
    settings = load_settings(home=cache / test_set.name)
    configure_logging("ERROR", settings.log_format)
    with build(settings) as app:
        app.registry.add_source(KIND, NoConfig, lambda _: TextsSource({k: ("", t) for k, t in test_set.texts.items()}))
        if app.catalog.sources.find("set") is None:
            if test_set.files is None:
                app.catalog.sources.add("set", KIND, {}, {})
            else:
                app.catalog.sources.add("set", "folder", {"path": str(test_set.files)}, {})
            app.ingestor.sync("set", "cli")
        app.ingestor.renew()
        yield app


def score(app: App, test_set: JudgedSet, stages: Stages) -> dict[str, float]:
    """Return nDCG@10 by query."""
    retriever = Retriever(app.index, app.embedder, app.library, stages=stages)
    scores = {}
    for query, text in test_set.queries.items():
        passages = retriever.search(text, LOCAL_OPERATOR, PASSAGES)
        keys = (p.ref.key if test_set.files is None else Path(p.ref.key).stem for p in passages)
        scores[query] = ndcg(list(dict.fromkeys(keys))[:DEPTH], test_set.qrels[query])
    return scores


def mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else float("nan")


def measure(test_set: JudgedSet, cache: Path) -> dict[str, dict[str, float]]:
    """Return the means of all, of the development and of the held-out queries, by variant."""
    result = {}
    with indexed(test_set, cache) as app:
        for name, stages in VARIANTS.items():
            scores = score(app, test_set, stages)
            held = [value for query, value in scores.items() if split_of(query) == "heldout"]
            dev = [value for query, value in scores.items() if split_of(query) == "dev"]
            result[name] = {"all": mean(list(scores.values())), "dev": mean(dev), "held": mean(held)}
    return result


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--pdfs", type=Path, help="files in place of the texts of the (one) set")
    parser.add_argument("--limit", type=int, default=600, help="queries of a set, at most")
    parser.add_argument("--cache", type=Path, default=Path("ranking-homes"), help="folder of the homes that are kept")
    parser.add_argument("--json", type=Path, help="write the figures there")
    options = parser.parse_args()
    print(f"{'':28}" + "".join(f"{name:>12}" for name in VARIANTS), flush=True)
    figures = {}
    for given in options.sets:
        test_set = read_set(given, options.pdfs, options.limit)
        figures[test_set.name] = found = measure(test_set, options.cache)
        for half in ("all", "dev", "held"):
            label = f"{test_set.name} {half}" if half != "all" else f"{test_set.name} ({len(test_set.queries)})"
            print(f"{label:28}" + "".join(f"{found[name][half]:>12.4f}" for name in VARIANTS), flush=True)
        better = max(found["meaning"]["all"], found["words"]["all"])
        print(f"{'':28}all - better search alone: {found['all']['all'] - better:+.4f}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
