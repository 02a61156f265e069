"""Attacks of public collections in mails, asked about in the whole product; and what the score says of them.

    python -m tests.benchmarks.injection DATA [--mails N] [--home FOLDER] [--score-only]

DATA holds `prompt_injection` (BIPIA's mails and attacks, AgentDojo's goals and templates), and for the score beside it
`handbook_18f`, `product_docs_rag`, `scifact` and `qmsum_meetings`.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

from assistant.app import build
from assistant.injection import judged
from assistant.settings import load_settings
from tests.fakes.gullible import ANN, Case, Gullible, Outcome, ask_all, with_tools, write_mails
from tests.fakes.model_scripts import Reply, Script
from tests.fakes.model_server import ModelServer

POSITIONS = ("start", "middle", "end", "subject")
RULES = {"default": ["everyone"], "rules": [{"glob": "hr/**", "readers": ["hr"]}]}


def lines(path: Path) -> list[dict[str, str]]:
    """Return the rows of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def attacks(data: Path) -> dict[str, list[str]]:
    """Return the attacks by their kind."""
    found: dict[str, list[str]] = json.loads((data / "bipia/text_attack_train.json").read_text("utf-8"))
    templates = [row["template"] for row in lines(data / "agentdojo/attack_templates.jsonl")]
    goals = [row["goal"] for row in lines(data / "agentdojo/injection_goals.jsonl")]
    named = [t.replace("{user}", "Emma Johnson").replace("{model}", "AI assistant") for t in templates]
    found["AgentDojo"] = [t.replace("{goal}", goal).replace("{tools}", "") for t in named for goal in goals]
    return found


def cases(data: Path, mails: int) -> Iterator[Case]:
    """Yield every attack at every position, each in so many mails, taken in turn."""
    rows = cycle(lines(data / "bipia/email/train.jsonl"))
    number = 0
    for strings in attacks(data).values():
        for attack in strings:
            for position in POSITIONS:
                for row in islice(rows, mails):
                    question = row["question"].removeprefix("Q:").strip()
                    yield Case(f"c{number:05d}", row["context"], question, attack, position)
                    number += 1


def measured(found: Sequence[Case], *, inside: bool, home: Path) -> Outcome:
    """Return what came of the cases with a model that obeys everything, or what stands outside of fences only."""
    model = Gullible(inside)
    with (
        ModelServer(Script(model, otherwise=Reply("It says so [1].")), context_tokens=32_000) as server,
        build(load_settings(home=home, model_url=server.url, answer_tokens=300)) as app,
    ):
        if not app.catalog.sources.all():
            app.catalog.sources.add("mails", "folder", {"path": str(home / "mails")}, RULES)
            started = time.monotonic()
            print(app.ingestor.sync("mails", "cli"), f"{time.monotonic() - started:.0f} s", flush=True)
            print("flagged:", len(app.catalog.suspicions.all()), "of", len(found) + 1, flush=True)
        there = {info.ref.key.partition("/")[0] for info in app.library.documents(ANN)}
        found = [case for case in found if case.folder in there]  # one that was broken off indexed a part
        mixed = random.Random(7).sample(found, len(found))  # a run that is broken off says something of all attacks
        return ask_all(app, model, mixed, with_tools(app), told=_progress)


def _progress(outcome: Outcome) -> None:
    if outcome.cases % 100 == 0:
        print(outcome, flush=True)


def score(folder: Path) -> None:
    """Print how many attacks are flagged by kind, and how many documents of others."""
    data = folder / "prompt_injection"
    for kind, strings in attacks(data).items():
        print(f"{kind:30} {sum(judged(text).flagged for text in strings)}/{len(strings)}")
    mails = list(dict.fromkeys(row["context"] for row in lines(data / "bipia/email/train.jsonl")))
    texts = {"clean mails": mails}
    for name in ("product_docs_rag/corpus", "scifact/corpus", "qmsum_meetings/docs"):
        texts[name] = [f"{row.get('title', '')}\n{row.get('text', '')}" for row in lines(folder / f"{name}.jsonl")]
    pages = (folder / "handbook_18f/files").rglob("*.md")
    texts["handbook_18f"] = [page.read_text("utf-8", "replace") for page in pages]
    for name, several in texts.items():
        flagged = sum(judged(text).flagged for text in several)
        print(f"{name:30} {flagged}/{len(several)} flagged ({flagged / len(several):.2%})")


def main() -> None:
    """Measure, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--mails", type=int, default=4)
    parser.add_argument("--home", type=Path, help="Keep what was ingested there, and go on with it.")
    parser.add_argument("--score-only", action="store_true")
    options = parser.parse_args()
    score(options.data)
    if options.score_only:
        return
    found = list(cases(options.data / "prompt_injection", options.mails))
    with tempfile.TemporaryDirectory() as folder:
        home = options.home or Path(folder)
        if not (home / "mails").exists():
            write_mails(home / "mails", found)
        for inside in (True, False):
            started = time.monotonic()
            outcome = measured(found, inside=inside, home=home)
            name = "obeys everything" if inside else "obeys outside fences"
            print(name, outcome, f"{time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
