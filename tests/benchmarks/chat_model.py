"""Measures the chat model's adapter on the real vLLM: counts, prefix cache, and the time that it adds.

`python -m tests.benchmarks.chat_model [URL]`; without a URL the tiny Llama 4 is built and started.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx

from assistant.adapters.chat_openai import ModelConfig, OpenAIChatModel
from assistant.adapters.chat_server import ModelServer, ServerAddress
from assistant.interfaces import ChatModel
from assistant.types import ChatMessage, TextPart
from tests.contracts.chat_model_contract import TEXTS, WEATHER, picture, read
from tests.fakes.model_scripts import Reply, Script
from tests.fakes.model_server import ModelServer as Scripted
from tests.fakes.vllm import build, cache_folder, running_vllm

ROOT = Path(__file__).parents[2]


def main(arguments: list[str]) -> None:
    """Print the figures."""
    with ExitStack() as closing:
        url = arguments[0] if arguments else _start(closing)
        server = ModelServer(ServerAddress(url))
        closing.callback(server.close)
        model = OpenAIChatModel(server, ModelConfig())
        print(model.describe())
        counts(model)
        questions(model)
        added_time(model, url)
    many_at_once()


def _start(closing: ExitStack) -> str:
    build(cache_folder())
    log = Path(closing.enter_context(tempfile.TemporaryDirectory())) / "vllm.log"
    return closing.enter_context(running_vllm(cache_folder(), log)).url


def counts(model: ChatModel, prompts: int = 200) -> None:
    """Compare the count of random prompts, some with pictures and tools, with what the server says it has read."""
    source = random.Random(7)
    pages = sorted((ROOT / "infra/docs").glob("*.md"))
    lines = [line for page in pages for line in page.read_text("utf-8").split("\n")]
    equal = with_pictures = 0
    for number in range(prompts):
        pictures = [picture((source.randint(1, 400), source.randint(1, 400)))] * (number % 4)
        with_pictures += bool(pictures)
        text = "\n".join(source.choices(lines + TEXTS, k=source.randint(1, 60)))
        messages = [ChatMessage.of("system", source.choice(lines)), ChatMessage("user", (*pictures, TextPart(text)))]
        tools = [WEATHER] * (number % 2)
        _, last = read(model.stream(messages, tools=tools, max_tokens=1))
        equal += last.usage is not None and last.usage.prompt_tokens == model.count_tokens(messages, tools)
    print(f"counts equal to the server's usage: {equal} of {prompts} ({with_pictures} with pictures)")


def questions(model: ChatModel, number: int = 10, tokens: int = 7000) -> None:
    """Ask ten questions over the same documents, and print each one's first token and cached share."""
    text = " ".join(f"Section {n}: pump {n * 37 % 101} opens at {n * 7 % 23} bar." for n in range(1000))
    while model.count_texts([text])[0] > tokens:
        text = text[: int(len(text) * 0.95)]
    salt = f"{time.time()}"
    for asked in range(number):
        messages = [ChatMessage.of("system", text), ChatMessage.of("user", f"What opens at {asked} bar?")]
        began = time.perf_counter()
        stream = model.stream(messages, max_tokens=2, cache_salt=salt)
        next(stream)
        seconds = time.perf_counter() - began
        _, last = read(stream)
        assert last.usage is not None
        share = (last.usage.cached_tokens or 0) / last.usage.prompt_tokens
        print(f"question {asked + 1}: {last.usage.prompt_tokens} tokens, {share:.1%} cached, {seconds * 1000:.0f} ms")


def added_time(model: ChatModel, url: str, pairs: int = 60) -> None:
    """Compare the first token through the adapter with that of a bare request, in turn."""
    asked = {"model": model.name, "messages": [{"role": "user", "content": "Time this."}], "temperature": 0}
    body = {**asked, "max_tokens": 1, "stream": True}
    bare, through = [], []
    with httpx.Client(timeout=60) as client:
        for _ in range(pairs):
            bare.append(_bare(client, url, body))
            began = time.perf_counter()
            stream = model.stream([ChatMessage.of("user", "Time this.")], max_tokens=1)
            next(stream)
            through.append(time.perf_counter() - began)
            list(stream)
    medians = [statistics.median(times) * 1000 for times in (bare, through)]
    print(f"first token, median of {pairs}: bare {medians[0]:.1f} ms, through the adapter {medians[1]:.1f} ms")


def _bare(client: httpx.Client, url: str, body: dict[str, object]) -> float:
    began, first = time.perf_counter(), 0.0
    with client.stream("POST", f"{url}/chat/completions", json=body) as response:
        for line in response.iter_lines():
            if not first and '"content":' in line and '"content":""' not in line:
                first = time.perf_counter() - began
    return first


def many_at_once(number: int = 64, words: int = 100) -> None:
    """Stream answers at once from a scripted server; print the longest waits beside what the script takes."""
    reply = Reply("word " * words, first_seconds=0.2, piece_seconds=0.02)
    with Scripted(Script(otherwise=reply)) as scripted:
        server = ModelServer(ServerAddress(scripted.url, at_once=number))
        model = OpenAIChatModel(server, ModelConfig())
        model.describe()

        def ask(_: int) -> tuple[float, float, int]:
            began = time.perf_counter()
            stream = model.stream([ChatMessage.of("user", "?")])
            text = next(stream).text
            first = time.perf_counter() - began
            rest, _last = read(stream)
            return first, time.perf_counter() - began, len((text + rest).split())

        with ThreadPoolExecutor(number) as pool:
            measured = list(pool.map(ask, range(number)))
        server.close()
    whole = sum(count == words for _, _, count in measured)
    firsts, totals = sorted(first for first, _, _ in measured), sorted(total for _, total, _ in measured)
    print(f"{whole} of {number} answers at once are whole")
    print(f"first piece: p50 {firsts[number // 2]:.3f} s, p99 {firsts[-1]:.3f} s, of which the script's 0.2 s")
    print(f"whole answer: p99 {totals[-1]:.2f} s, of which the script's {0.2 + (words - 1) * 0.02:.2f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
