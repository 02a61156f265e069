"""Finds out what a server is and what its model can do: vLLM, llama.cpp's server, Ollama, or another of their kind."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from assistant.adapters.chat_server import ModelServer
from assistant.adapters.chat_wire import messages_json, tools_json
from assistant.errors import ModelNotFoundError, ModelServerError, ModelUnavailableError
from assistant.types.chat import ChatMessage, ImagePart, Origin, ServerKind, ToolSpec

T = TypeVar("T")
_OWNERS: Mapping[str, ServerKind] = {"vllm": "vllm", "llamacpp": "llama.cpp", "library": "ollama"}
_MOST_IMAGES = 16  # asked for to learn the limit; a server that takes so many is not asked for more
_LONGEST = 10_000_000  # tokens, of any context
_AT_MOST = re.compile(r"[Aa]t most (\d+) (?:image|item)")
_NUM_CTX = re.compile(r"^num_ctx\s+(\d+)", re.MULTILINE)
# a picture of one white pixel
_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d494844520000000100000001080200000090"
    "7753de0000000c49444154789c63f8ffff3f0005fe02fe0def46b80000000049454e44ae426082"
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a server says of its model; None where it does not say."""

    name: str
    server: ServerKind
    context_tokens: int | None = None
    images_per_prompt: int | None = None
    tools: bool | None = None
    adapters: tuple[str, ...] = ()


def settled(found: T | None, configured: T | None, assumed: T) -> tuple[T, Origin]:
    """Return what holds of what the server says, what the settings say and what is assumed, and which one that was."""
    if configured is not None:
        return configured, "configured"
    return (assumed, "assumed") if found is None else (found, "discovered")


async def find_model(
    server: ModelServer, name: str, kind: ServerKind | None
) -> tuple[str, ServerKind, Mapping[str, Any]]:
    """Return the model's name, the server's kind and the model's entry in `/v1/models`, with its `adapters` there.

    Args:
        name: as the settings have it; empty: the server's only model.
        kind: as the settings have it; None: as the entry says.

    Raises:
        ModelNotFoundError: there is no such model, or several and none was named.
        ModelServerError: see `ModelServer.ask`.
    """
    response = await server.ask("GET", "models", model=name)
    try:
        entries: dict[str, Mapping[str, Any]] = {str(entry["id"]): entry for entry in response.json()["data"]}
    except (ValueError, KeyError, TypeError) as error:
        raise ModelServerError(
            f"{server.api}/models does not answer as an OpenAI-compatible server: {response.text[:200]}",
            "correct the model's url",
        ) from error
    entry = _entry(server, name, entries)
    owner = str(entry.get("owned_by", ""))
    parent = entries.get(str(entry.get("parent")))  # of a LoRA adapter at vLLM; it may not repeat the length
    if parent and not entry.get("max_model_len"):
        entry = {**entry, "max_model_len": parent.get("max_model_len")}
    adapters = [key for key, other in entries.items() if other.get("parent") == entry["id"]]
    entry = {**entry, "adapters": sorted(adapters)}
    return str(entry["id"]), kind or _OWNERS.get(owner, "openai"), entry


def _entry(server: ModelServer, name: str, entries: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    bases = [entry for entry in entries.values() if not entry.get("parent")]
    if not name and len(bases) == 1:
        return bases[0]
    for wanted in (name, f"{name}:latest"):  # the second as Ollama does
        if wanted in entries:
            return entries[wanted]
    named = ", ".join(sorted(entries)[:20]) or "none"
    if name:
        raise ModelNotFoundError(
            f"the model server {server.api} has no model {name!r}; it has {named}", "correct the model's name"
        )
    raise ModelNotFoundError(
        f"the model server {server.api} has not one model but these: {named}", "say which in the model's settings"
    )


async def discover(server: ModelServer, name: str, kind: ServerKind | None) -> Found:
    """Return what the server says of the model.

    Raises:
        ModelServerError: see `find_model`.
    """
    found, server_kind, entry = await find_model(server, name, kind)
    if server_kind == "vllm":
        images, tools = await asyncio.gather(
            _vllm_images(server, found), _vllm_tools(server, found, int(entry.get("max_model_len") or _LONGEST))
        )
        return Found(found, "vllm", entry.get("max_model_len"), images, tools, tuple(entry["adapters"]))
    if server_kind == "llama.cpp":
        return await _llama_cpp(server, found, entry)
    if server_kind == "ollama":
        return await _ollama(server, found)
    context = entry.get("max_model_len") or entry.get("context_length") or entry.get("context_window")
    return Found(found, "openai", context)


async def _vllm_images(server: ModelServer, name: str) -> int | None:
    """Count how many pictures a prompt may have: `/tokenize` refuses more, and says how many."""
    for number in (_MOST_IMAGES, 1):
        message = ChatMessage.of("user", "?", *([ImagePart(_PIXEL)] * number))
        try:
            await server.ask(
                "POST", "/tokenize", body={"model": name, "messages": messages_json([message])}, model=name
            )
        except ModelUnavailableError:
            raise
        except ModelServerError as error:
            limit = _AT_MOST.search(error.message)
            if limit:
                return int(limit[1])
        else:
            return number
    return 0


async def _vllm_tools(server: ModelServer, name: str, context: int) -> bool:
    """Ask for a longer answer than there can be, with a tool: refused at once, and with which words tells."""
    tool = ToolSpec("nothing", "Does nothing.", {"type": "object", "properties": {}})
    body = {
        "model": name,
        "messages": messages_json([ChatMessage.of("user", "?")]),
        "tools": tools_json([tool]),
        "max_tokens": context + 1,
    }
    try:
        await server.ask("POST", "chat/completions", body=body, model=name)
    except ModelUnavailableError:
        raise
    except ModelServerError as error:
        return "tool" not in error.message  # without a parser for calls it refuses tools before it looks at lengths
    return True


async def _llama_cpp(server: ModelServer, name: str, entry: Mapping[str, Any]) -> Found:
    """Read `/props`: the context of one slot, which is what a prompt gets, and whether it sees."""
    props = (await server.ask("GET", "/props", model=name)).json()
    context = (props.get("default_generation_settings") or {}).get("n_ctx") or props.get("n_ctx")
    if not context:
        context = (entry.get("meta") or {}).get("n_ctx")
    sees = (props.get("modalities") or {}).get("vision")
    capabilities = props.get("chat_template_caps") or {}
    tools = capabilities.get("supports_tools")
    return Found(name, "llama.cpp", context, None if sees is None else (_MOST_IMAGES if sees else 0), tools)


async def _ollama(server: ModelServer, name: str) -> Found:
    """Read how the model runs, not how long it was trained: Ollama cuts longer prompts without a word.

    `/api/ps` has the context of a loaded model, so it is loaded first; older versions do not tell it, and there
    `num_ctx` of `/api/show` is what a model file sets. The trained length (`….context_length` there) is a ceiling.
    """
    shown = (await server.ask("POST", "/api/show", body={"model": name}, model=name)).json()
    context = await _ollama_running(server, name)
    if context is None:
        await server.ask("POST", "/api/generate", body={"model": name, "stream": False}, model=name)  # loads it
        context = await _ollama_running(server, name)
    if context is None and (set_to := _NUM_CTX.search(str(shown.get("parameters") or ""))):
        context = int(set_to[1])
    told = shown.get("model_info") or {}
    trained = [int(value) for key, value in told.items() if key.endswith(".context_length")]
    if context is not None:
        context = min([context, *trained])
    capabilities: Sequence[str] | None = shown.get("capabilities")
    if capabilities is None:
        return Found(name, "ollama", context)
    return Found(name, "ollama", context, _MOST_IMAGES if "vision" in capabilities else 0, "tools" in capabilities)


async def _ollama_running(server: ModelServer, name: str) -> int | None:
    running = (await server.ask("GET", "/api/ps", model=name)).json().get("models") or ()
    for model in running:
        if name in {model.get("name"), model.get("model")} and model.get("context_length"):
            return int(model["context_length"])
    return None
