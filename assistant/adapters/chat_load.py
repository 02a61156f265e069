"""How busy a vLLM server says it is, from its metrics."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from assistant.adapters.chat_server import ModelServer
from assistant.errors import ModelServerError
from assistant.types.chat import ServerLoad

_SECONDS = 3.0
# vLLM's older name of the cache's use, and today's
_NAMES = {
    "vllm:num_requests_running": "running",
    "vllm:num_requests_waiting": "queued",
    "vllm:kv_cache_usage_perc": "cache",
    "vllm:gpu_cache_usage_perc": "cache",
}


async def told_load(server: ModelServer, own: ServerLoad, model: str) -> ServerLoad:
    """Return the load of this process with what the server's metrics tell besides; as it is where they tell nothing.

    Args:
        server: is asked.
        own: what this process has there.
        model: its name on the server, which may serve several.
    """
    try:
        async with asyncio.timeout(_SECONDS):
            told = (await server.ask("GET", "/metrics")).text
    except (TimeoutError, ModelServerError):
        return own  # a server may well answer questions and keep its metrics to itself
    return with_metrics(own, told, model)


def with_metrics(own: ServerLoad, told: str, model: str) -> ServerLoad:
    """Return the load with what a text in Prometheus' format says of the model; engines of one model are added up."""
    found: dict[str, float] = {}
    for line in told.splitlines():
        name, _, rest = line.partition("{")
        field = _NAMES.get(name)
        labels, _, value = rest.rpartition("} ")
        if field is None or f'model_name="{model}"' not in labels:
            continue
        try:
            number = float(value.split()[0])
        except (ValueError, IndexError):
            continue
        found[field] = max(found.get(field, 0.0), number) if field == "cache" else found.get(field, 0.0) + number
    return replace(
        own,
        running=int(found["running"]) if "running" in found else None,
        queued=int(found["queued"]) if "queued" in found else None,
        cache=found.get("cache"),
    )
