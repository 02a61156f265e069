"""How much of what should be read is read, for how many tokens: passages, whole documents, everything.

    python -m tests.benchmarks.evidence meetings|filings|tables|charts DATA_DIR --home HOME [--plot FILE.svg]

`meetings` takes `qmsum_meetings`: of each question's gold turns, the share of tokens that is read of its transcript
within a share of the transcript's tokens. `filings` takes `sec10q_multidoc`: the gold filings among those that a
plan loads. `tables` (`tatqa_tables`, each question over its own table and text) and `charts` (`chart_report`) are smoke
tests. Searches and plans are the product's. Questions fall into two halves by a hash of their ids; what was tuned was
tuned on `dev`. HOME keeps the index for the next run.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assistant.answer import Limits
from assistant.app import App, build
from assistant.context import CatalogLengths, plan
from assistant.evaluation.plots import curves, standing_alone
from assistant.evaluation.sources import KIND, NoConfig
from assistant.evaluation.splits import split_of
from assistant.evaluation.tokens import TokenPlaces
from assistant.retrieval import LONG_READING, Shown
from assistant.settings import load_settings
from assistant.types import (
    LOCAL_OPERATOR,
    Change,
    Changed,
    Checkpoint,
    ContextPlan,
    DocumentInfo,
    Filters,
    Mode,
    Passage,
    RawDocument,
)
from assistant.types import document_id as id_of

SHARES = (0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.01)  # of a transcript's tokens
BUDGETS = (3_000, 10_000, 30_000, 60_000, 100_000, 200_000, 1_000_000)
MODES: tuple[Mode, ...] = ("chunks", "documents", "corpus", "auto")
LIMITS = Limits()

Texts = dict[str, Callable[[], tuple[str, bytes, str]]]
Row = dict[str, object]


class FilesSource:
    """A `DataSource` over what functions return: title, bytes and media type by key."""

    def __init__(self, files: Texts):
        self._files = files

    def changes(self, cursor: str | None) -> Iterator[Change]:
        yield from map(Changed, self._files)
        yield Checkpoint("", complete=True)

    def fetch(self, key: str) -> RawDocument:
        title, data, media_type = self._files[key]()
        return RawDocument(key, data, media_type, title, f"evaluation:{key}")


@contextmanager
def indexed(files: Texts, home: Path) -> Iterator[App]:
    """Index the files in the home, unless they are."""
    with build(load_settings(home=home, parse_seconds=600)) as app:
        app.registry.add_source(KIND, NoConfig, lambda _: FilesSource(files))
        if app.catalog.sources.find(KIND) is None:
            app.catalog.sources.add(KIND, KIND, {}, {})
        report = app.ingestor.sync(KIND, "cli")
        if report.failed:
            sys.exit(f"{report.failed} documents were not indexed: {report.failures[0]}")
        yield app


def planned(
    app: App,
    question: str,
    budgets: Sequence[int | None],
    *,
    mode: Mode,
    passages: int | None = None,
    shown: Shown = LONG_READING,
    within: Sequence[str] = (),
) -> list[ContextPlan]:
    """Return what the product would put before a model for a question and each budget, within some documents or all.

    Args:
        app, question, budgets, mode: what is asked.
        passages: how many are searched for; None: as many as the product does for such a question.
        shown: in what order long documents are read on; the product's.
        within: keys of documents; none: all.
    """
    filters = Filters(documents=tuple(id_of(KIND, key) for key in within))
    found = app.retriever.search(question, LOCAL_OPERATOR, passages or LIMITS.search_depth(question), filters)

    def read_on(documents: Sequence[DocumentInfo], tokens: int) -> Sequence[Passage]:
        return app.retriever.read_on(question, LOCAL_OPERATOR, documents, tokens, filters, shown)

    lengths = CatalogLengths(remembering(app.embedder.count_tokens))
    return [
        plan(
            question,
            LOCAL_OPERATOR,
            passages=found,
            library=app.library,
            lengths=lengths,
            mode=mode,
            budget=budget,
            auto_most=LIMITS.auto_most,
            filters=filters,
            deeper=read_on,
        )
        for budget in budgets
    ]


def remembering(count: Callable[[Sequence[str]], list[int]]) -> Callable[[Sequence[str]], list[int]]:
    """Return the counter, asked once for each text: many budgets are planned with the same passages."""
    known: dict[str, int] = {}

    def counted(texts: Sequence[str]) -> list[int]:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(new, count(new) if new else [], strict=True))
        return [known[text] for text in texts]

    return counted


def rows_of(path: Path) -> list[dict]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@dataclass(frozen=True, slots=True)
class Transcript:
    """A meeting's text: where its turns stand, and its tokens."""

    turns: dict[int, tuple[int, int]]
    places: TokenPlaces
    tokens: int

    @classmethod
    def of(cls, app: App, key: str) -> Transcript:
        text = app.library.read(KIND, key, LOCAL_OPERATOR).text
        marks = [(int(m[1]), m.start()) for m in re.finditer(r"^\[(\d+)\] ", text, re.MULTILINE)]
        ends = [start for _, start in marks[1:]] + [len(text)]
        turns = {number: (start, end) for (number, start), end in zip(marks, ends, strict=True)}
        return cls(turns, TokenPlaces(text), app.library.info(KIND, key, LOCAL_OPERATOR).tokens)

    def gold(self, spans: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
        return [self.turns[n] for first, last in spans for n in range(first, last + 1) if n in self.turns]


def meetings(data: Path, home: Path, plot: Path | None, limit: int | None) -> Iterator[Row]:
    """Yield, for each mode and each share of a transcript, how much of the gold turns is held.

    `chunks, as found` is what gathering is compared with: the same room, filled with the best single passages.
    """
    folder = data / "qmsum_meetings"
    documents = rows_of(folder / "docs.jsonl")
    files: Texts = {d["_id"]: (lambda d=d: (d["title"], d["text"].encode(), "text/plain")) for d in documents}
    drawn: dict[str, list[tuple[float, float]]] = {}
    ways = {mode: (mode, LONG_READING) for mode in MODES} | {"chunks, as found": ("chunks", Shown())}
    with indexed(files, home) as app:
        transcripts = {key: Transcript.of(app, key) for key in files}
        questions = rows_of(folder / "questions.jsonl")[:limit]
        for name, (mode, shown) in ways.items():
            held = [_held(app, q, transcripts[q["doc_id"]], mode, shown) for q in questions]
            for at, share in enumerate(SHARES):
                row: Row = {"mode": name, "share": share}
                for half in ("dev", "heldout", "all"):
                    own = [h[at] for q, h in zip(questions, held, strict=True) if half in {"all", split_of(q["_id"])}]
                    row[half] = {"held": _mean(h[0] for h in own), "any turn": _mean(h[1] for h in own)}
                row["tokens"] = _mean(h[at][2] for h in held)
                row["whole"] = _mean(h[at][3] for h in held)
                drawn.setdefault(name, []).append((row["tokens"], row["all"]["held"]))
                yield row
    if plot:
        _draw(plot, drawn, "tokens, in lengths of the transcript", "gold turns' tokens held")


def _held(
    app: App, question: dict, transcript: Transcript, mode: Mode, shown: Shown
) -> list[tuple[float, float, float, float]]:
    """Return, for each share, what is held of the gold tokens, whether any is, what is read, and whether all is."""
    budgets = [int(share * transcript.tokens) for share in SHARES]
    key = question["doc_id"]
    gold = transcript.places.of(transcript.gold(question["relevant_turns"]))
    everything = transcript.places.of([(0, sys.maxsize)])
    held = []
    for found in planned(app, question["question"], budgets, mode=mode, shown=shown, within=[key]):
        read = transcript.places.of([(p.passage.start, p.passage.end) for p in found.passages])
        read = everything if found.documents else read
        tokens = found.tokens / transcript.tokens
        held.append((len(gold & read) / max(1, len(gold)), float(bool(gold & read)), tokens, len(found.documents)))
    return held


def filings(data: Path, home: Path, plot: Path | None, limit: int | None) -> Iterator[Row]:
    """Yield, for each mode and budget, how often all the gold filings are among those that are loaded."""
    folder = data / "sec10q_multidoc"
    files: Texts = {
        p.stem: (lambda p=p: (p.stem, p.read_bytes(), "application/pdf")) for p in (folder / "pdfs").iterdir()
    }
    questions = [q for q in rows_of(folder / "queries.jsonl") if len(q["metadata"]["source_docs"]) > 1][:limit]
    drawn: dict[str, list[tuple[float, float]]] = defaultdict(list)
    with indexed(files, home) as app:
        for mode in MODES:
            plans = [planned(app, q["text"], BUDGETS, mode=mode) for q in questions]
            for at, budget in enumerate(BUDGETS):
                tokens = _mean(p[at].tokens for p in plans)
                row: Row = {"mode": mode, "budget": budget, "tokens": tokens}
                loaded = [_loaded(p[at], q) for p, q in zip(plans, questions, strict=True)]
                for half in ("dev", "heldout", "all"):
                    own = [h for q, h in zip(questions, loaded, strict=True) if half in {"all", split_of(q["_id"])}]
                    row[half] = {
                        "all whole": _mean(o[0] == 1 for o in own),
                        "whole": _mean(o[0] for o in own),
                        "all read": _mean(o[1] == 1 for o in own),
                        "read": _mean(o[1] for o in own),
                    }
                drawn[mode].append((tokens, row["all"]["all read"]))
                if mode in {"documents", "auto"}:  # passages are never whole, and everything is much like documents
                    drawn[f"{mode}: share of the gold filings that is whole"].append((tokens, row["all"]["whole"]))
                yield row
    if plot:
        _draw(plot, drawn, "tokens", "questions with all gold filings read, whole or in part")


def _loaded(found: ContextPlan, question: dict) -> tuple[float, float]:
    """Return the shares of the gold filings that are loaded whole, and of which anything is read."""
    gold = set(question["metadata"]["source_docs"])
    whole = {d.ref.key for d in found.documents}
    return len(gold & whole) / len(gold), len(gold & (whole | {p.passage.ref.key for p in found.passages})) / len(gold)


def tables(data: Path, home: Path, plot: Path | None, limit: int | None) -> Iterator[Row]:
    """Yield how often the answer's words are among what is read of the question's own table and text."""
    folder = data / "tatqa_tables"
    groups: dict[str, list[str]] = defaultdict(list)
    for row in rows_of(folder / "corpus.jsonl"):
        groups[row["metadata"]["group"]].append(row["text"])
    questions = [q for q in rows_of(folder / "queries.jsonl") if q["metadata"]["answer_type"] == "span"][: limit or 200]
    wanted = {q["metadata"]["group"] for q in questions}
    files: Texts = {
        key: (lambda key=key: (key, "\n\n".join(groups[key]).encode(), "text/markdown")) for key in sorted(wanted)
    }
    with indexed(files, home) as app:
        for mode in ("chunks", "documents"):
            held, tokens = [], []
            for q in questions:
                key = q["metadata"]["group"]
                (found,) = planned(app, q["text"], [None], mode=mode, within=[key], passages=3)
                text = " ".join(_text(app, found))
                held.append(all(" ".join(str(a).split()) in text for a in q["metadata"]["answer"]))
                tokens.append(found.tokens)
            yield {"mode": mode, "questions": len(questions), "answer is read": _mean(held), "tokens": _mean(tokens)}


def _text(app: App, found: ContextPlan) -> Iterator[str]:
    texts = [app.library.read(d.ref.source, d.ref.key, LOCAL_OPERATOR).text for d in found.documents]
    for text in (*texts, *(p.passage.text for p in found.passages)):
        yield " ".join(text.split())


def charts(data: Path, home: Path, plot: Path | None, limit: int | None) -> Iterator[Row]:
    """Yield how often the page of the chart that is asked for is among those that are read."""
    folder = data / "chart_report"
    files: Texts = {
        p.stem: (lambda p=p: (p.stem, p.read_bytes(), "application/pdf"))
        for p in folder.iterdir()
        if p.suffix == ".pdf"
    }
    gold: dict[str, set[int]] = defaultdict(set)
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, page, _ = line.split("\t")
        gold[query].add(int(re.findall(r"\d+", page)[-1]))
    with indexed(files, home) as app:
        for passages in (1, 3, 5):
            hits = []
            for q in rows_of(folder / "queries.jsonl"):
                (found,) = planned(app, q["text"], [None], mode="chunks", passages=passages)
                hits.append(bool(_pages(app, found) & gold[q["_id"]]))
            yield {"passages": passages, "questions": len(hits), "gold page is read": _mean(hits)}


def _pages(app: App, found: ContextPlan) -> set[int]:
    """Return the pages that the passages stand on."""
    pages: set[int] = set()
    for place in (p.passage for p in found.passages):
        document = app.library.read(place.ref.source, place.ref.key, LOCAL_OPERATOR)
        first, last = document.page_at(place.start), document.page_at(place.end - 1)
        pages.update(range(first or 0, (last or 0) + 1))
    return pages


def _mean(values) -> float:
    held = [float(v) for v in values]
    return round(sum(held) / max(1, len(held)), 4)


def _draw(path: Path, drawn: dict[str, list[tuple[float, float]]], across: str, up: str) -> None:
    """Draw the lines; those that lie on one another are one."""
    together: dict[tuple[tuple[float, float], ...], list[str]] = defaultdict(list)
    for name, points in drawn.items():
        together[tuple(points)].append(name)
    drawn = {", ".join(names): list(points) for points, names in together.items()}
    path.write_text(standing_alone(curves(drawn, across, up)), encoding="utf-8")


def main() -> None:
    """Print one line of JSON a row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["meetings", "filings", "tables", "charts"])
    parser.add_argument("data", type=Path)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--limit", type=int, help="Ask the first questions only.")
    given = parser.parse_args()
    work = {"meetings": meetings, "filings": filings, "tables": tables, "charts": charts}[given.what]
    for row in work(given.data, given.home, given.plot, given.limit):
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    sys.exit(main())
