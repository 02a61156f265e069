"""Asks ten questions over the same scope, whole, and says how much of each prompt came from the server's prefix cache.

`python -m tests.benchmarks.prefix_cache [URL]`; without a URL the tiny Llama 4 is built and started.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from assistant.app import build
from assistant.settings import ModelSettings, load_settings
from assistant.types import LOCAL_OPERATOR, Question
from tests.fakes.vllm import build as build_vllm
from tests.fakes.vllm import cache_folder, running_vllm

TEXT = " ".join(f"Section {n}: pump {n * 37 % 101} opens at {n * 7 % 23} bar." for n in range(1000))
QUESTIONS = [f"At how many bar does pump {number} open?" for number in (3, 14, 15, 92, 65, 35, 89, 79, 32, 38)]


def main(arguments: list[str]) -> None:
    """Print a row a question."""
    with ExitStack() as closing:
        folder = Path(closing.enter_context(tempfile.TemporaryDirectory()))
        url = arguments[0] if arguments else _start(closing, folder)
        docs = folder / "docs"
        docs.mkdir()
        for number in range(14):
            (docs / f"{number}.txt").write_text(TEXT[number * 900 : (number + 1) * 900])
        model = ModelSettings(url=url, extra={"ignore_eos": True})  # the tiny model's random words may end at once
        settings = load_settings(home=folder / "home", models={"model": model}, answer_tokens=16)
        app = closing.enter_context(build(settings))
        app.catalog.sources.add("docs", "folder", {"path": str(docs)}, {})
        app.ingestor.sync("docs", "cli")
        print("| question | prompt tokens | cached | share | first word, s |\n| --- | --- | --- | --- | --- |")
        for number, question in enumerate(QUESTIONS, 1):
            answer = app.answerer.ask(Question(question, mode="corpus"), LOCAL_OPERATOR)
            read, cached = answer.usage.prompt_tokens, answer.usage.cached_tokens or 0
            print(f"| {number} | {read:,} | {cached:,} | {cached / read:.3f} | {answer.timings['first']:.2f} |")
        print(answer.plan.reason)


def _start(closing: ExitStack, folder: Path) -> str:
    build_vllm(cache_folder())
    return closing.enter_context(running_vllm(cache_folder(), folder / "vllm.log")).url


if __name__ == "__main__":
    main(sys.argv[1:])
