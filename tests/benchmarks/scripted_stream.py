"""A chat model's server for load: answers at a fixed pace, by the clock, and keeps when it sent which piece.

    python -m tests.benchmarks.scripted_stream PORT --first 0.5 --gap 0.03

Unlike `tests.fakes.model_server` it is one event loop without threads, so that it can keep its pace for many at once.
An answer takes sentences of the first passage, as a good one would, and ends with the words of its question, so that
every answer is another one. `GET /sent` tells the pieces of each and when they were sent, by this machine's monotonic
clock.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

from tests.fakes.model_scripts import prompt_tokens, words

SENTENCES = 5
_SENTENCE = re.compile(r"[A-Z][\w ,'’-]{60,160}\.(?=\s)")


def answer_to(prompt: str) -> str:
    """Return the answer that is written to a prompt."""
    said = " ".join(prompt.rpartition("Question: ")[2].strip(" ?").split()[-8:])
    found = [sentence for sentence in _SENTENCE.findall(prompt) if "[" not in sentence]
    told = [*found[: SENTENCES - 1], *(f"Part {n} is of the same kind." for n in range(SENTENCES))][: SENTENCES - 1]
    return " ".join(f"{sentence[:-1]} [1]." for sentence in [*told, f"That is all on {said}."])


def create(first: float, gap: float) -> FastAPI:
    """Return the server.

    Args:
        first: seconds before the first piece.
        gap: seconds between two pieces.
    """
    app = FastAPI()
    sent: dict[str, list[tuple[str, float]]] = {}

    @app.get("/v1/models")
    async def models() -> dict[str, Any]:
        entry = {"id": "scripted", "object": "model", "owned_by": "vllm", "max_model_len": 100_000}
        return {"object": "list", "data": [entry]}

    @app.post("/tokenize")
    async def tokenize(request: Request) -> dict[str, Any]:
        body = await request.json()
        count = len(prompt_tokens(body) if "messages" in body else words(body["prompt"]))
        return {"count": count, "max_model_len": 100_000, "tokens": list(range(count))}

    @app.get("/sent")
    async def told() -> dict[str, list[tuple[str, float]]]:
        return sent

    @app.post("/v1/chat/completions")
    async def chat(request: Request) -> StreamingResponse:
        began = time.monotonic()
        body = await request.json()
        prompt = body["messages"][-1]["content"]
        left = sent[prompt.rpartition("Question: ")[2]] = []
        return StreamingResponse(pieces(prompt, left, began), media_type="text/event-stream")

    async def pieces(prompt: str, left: list[tuple[str, float]], began: float) -> AsyncIterator[str]:
        for number, word in enumerate(words(answer_to(prompt))):
            await asyncio.sleep(max(0.0, began + first + number * gap - time.monotonic()))
            left.append((word, time.monotonic()))
            yield _event({"choices": [{"index": 0, "delta": {"content": word}, "finish_reason": None}]})
        yield _event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        yield _event({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": len(left)}})
        yield "data: [DONE]\n\n"

    return app


def _event(told: dict[str, Any]) -> str:
    return f"data: {json.dumps({'id': 'c', 'object': 'chat.completion.chunk', 'model': 'scripted', **told})}\n\n"


def main() -> None:
    """Serve until a signal ends it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--first", type=float, default=0.5)
    parser.add_argument("--gap", type=float, default=0.03)
    given = parser.parse_args()
    uvicorn.run(create(given.first, given.gap), host="127.0.0.1", port=given.port, log_config=None, access_log=False)


if __name__ == "__main__":
    main()
