"""Many streamed answers at once through the API, beside the model's server alone: none lost, and what the API adds.

    ASSISTANT_HOME=HOME assistant ingest FOLDER --source handbook
    python -m tests.benchmarks.streams HOME [--clients 64] [--over 6] [--gap 0.1]

The API runs in a process of its own with the real embedder and index; the model is `scripted_stream`, which keeps a
pace and tells when it sent each piece. Every client asks another question, so that nothing comes from a cache, and
reads its answer to the end, which must be what was scripted, sign for sign. `--over`: the clients begin one after the
other within so many seconds; 0: all at once. Prints one JSON object; times in milliseconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from tests.benchmarks.api_load import served
from tests.fakes.ports import free_port

FIRST = 0.5  # seconds, of the scripted model
TOPICS = ("travel", "leave", "security", "hiring", "laptops", "meetings", "invoices", "training", "slack", "email")


@dataclass
class Heard:
    """What one client got."""

    question: str
    begun: float = 0.0
    first_byte: float = 0.0
    text: str = ""
    at: list[tuple[int, float]] = field(default_factory=list)  # characters that there were, and when
    failed: str = ""

    def add(self, text: str) -> None:
        """Take in a piece of text."""
        self.text += text
        self.at.append((len(self.text), time.monotonic()))


def questions(count: int, run: str) -> list[str]:
    """Return distinct questions."""
    return [
        f"What does the handbook say of {TOPICS[n % len(TOPICS)]} in case {run}{n} for team {n * 13 % 97}?"
        for n in range(count)
    ]


@contextmanager
def scripted(gap: float) -> Iterator[str]:
    """Start the scripted model on a free port, with so many seconds between words; yield its address."""
    port = free_port()
    command = [sys.executable, "-m", "tests.benchmarks.scripted_stream", str(port)]
    with subprocess.Popen([*command, "--first", str(FIRST), "--gap", str(gap)]) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            until = time.monotonic() + 60
            while time.monotonic() < until:
                try:
                    httpx.get(f"{address}/v1/models", timeout=2)
                    break
                except httpx.HTTPError:
                    time.sleep(0.2)
            yield address
        finally:
            process.terminate()


async def raw(client: httpx.AsyncClient, heard: Heard) -> None:
    """Ask the model's server itself."""
    body = {
        "model": "scripted",
        "messages": [{"role": "user", "content": f"Question: {heard.question}"}],
        "stream": True,
    }
    async with client.stream("POST", "/v1/chat/completions", json=body) as response:
        async for line in response.aiter_lines():
            heard.first_byte = heard.first_byte or time.monotonic()
            if line.startswith("data: {"):
                choices = json.loads(line[6:])["choices"]
                if choices and (text := choices[0]["delta"].get("content")):
                    heard.add(text)


async def through_api(client: httpx.AsyncClient, heard: Heard) -> None:
    """Ask the API."""
    name = ""
    async with client.stream("POST", "/api/ask", json={"question": heard.question, "mode": "chunks"}) as response:
        async for line in response.aiter_lines():
            heard.first_byte = heard.first_byte or time.monotonic()
            if line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: "):
                told = json.loads(line[6:])
                if name == "text":
                    heard.add(told["delta"])
                elif name == "error" or (name == "plan" and told["fallback"]):
                    heard.failed = json.dumps(told)[:300]


async def ask_all(address: str, asked: list[str], ask: Any, over: float) -> list[Heard]:
    """Let every client ask its question; return what each got."""
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=address, timeout=300, limits=limits) as client:

        async def one(number: int, question: str) -> Heard:
            await asyncio.sleep(over * number / len(asked))
            heard = Heard(question, begun=time.monotonic())
            try:
                await ask(client, heard)
            except httpx.HTTPError as error:
                heard.failed = repr(error)
            return heard

        return await asyncio.gather(*(one(number, question) for number, question in enumerate(asked)))


def figures(heard: list[Heard], sent: dict[str, list[tuple[str, float]]]) -> dict[str, Any]:
    """Return what is lost, and how much later than it was sent each word came."""
    lost = [h for h in heard if h.failed or h.text != "".join(word for word, _ in sent.get(h.question, ()))]
    for each in lost[:3]:
        sys.stderr.write(f"lost: {each.failed or each.text[:200]!r}\n")
    late, gaps, first, begun = [], [], [], []
    for each in heard:
        if each in lost:
            continue
        told = sent[each.question]
        came = [_when(each, int(end)) for end in np.cumsum([len(word) for word, _ in told])]
        late += [1000 * (at - left) for at, (_, left) in zip(came, told, strict=True)]
        gaps += [1000 * (later - earlier) for earlier, later in pairwise(came)]
        first.append(1000 * (came[0] - each.begun - FIRST))
        begun.append(1000 * (each.first_byte - each.begun))
    return {
        "answers": len(heard),
        "lost": len(lost),
        "first_byte": _percentiles(begun),
        "first_word_less_the_model_s_own": _percentiles(first),
        "between_words": _percentiles(gaps),
        "each_word_after_it_was_sent": _percentiles(late),
    }


def _when(heard: Heard, characters: int) -> float:
    return next(at for length, at in heard.at if length >= characters)


def _percentiles(values: list[float]) -> dict[str, float]:
    return {f"p{of}": round(float(np.percentile(values, of)), 1) for of in (50, 95, 99)} if values else {}


def measure(home: Path, clients: int, over: float, gap: float) -> dict[str, Any]:
    """Return the figures of both."""
    with scripted(gap) as model:
        os.environ |= {"ASSISTANT_MODEL_URL": f"{model}/v1", "ASSISTANT_MODEL_REQUESTS": str(max(32, clients))}
        alone = asyncio.run(ask_all(model, questions(clients, "raw"), raw, over))
        with served(home) as (address, process):
            asyncio.run(ask_all(address, questions(4, "warm"), through_api, 0))
            before = sum(process.cpu_times()[:2])
            answers = asyncio.run(ask_all(address, questions(clients, "api"), through_api, over))
            cpu = sum(process.cpu_times()[:2]) - before
        sent = httpx.get(f"{model}/sent", timeout=30).json()
    return {
        "clients": clients,
        "begun_over_seconds": over,
        "model": {
            "first_ms": 1000 * FIRST,
            "gap_ms": 1000 * gap,
            "words": int(np.median([len(sent[h.question]) for h in answers if h.question in sent])),
        },
        "model_alone": figures(alone, sent),
        "through_the_api": figures(answers, sent),
        "api_cpu_ms_an_answer": round(1000 * cpu / clients, 1),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path, help="a home with documents")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--over", type=float, default=6.0)
    parser.add_argument("--gap", type=float, default=0.1)
    given = parser.parse_args()
    found = measure(given.home, given.clients, given.over, given.gap)
    print(json.dumps(found, indent=2))
    if found["model_alone"]["lost"] or found["through_the_api"]["lost"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
