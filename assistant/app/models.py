"""Makes the herd of chat models that the settings describe, and the answerer that it writes for."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from assistant.errors import AssistantError
from assistant.herd import Herd, Member
from assistant.settings import ModelSettings, Settings
from assistant.types import ModelProfile, ModelRole, User

if TYPE_CHECKING:
    from assistant.access import Gallery, Library
    from assistant.access.standing import Now
    from assistant.adapters.chat_openai import ModelConfig
    from assistant.adapters.chat_server import ModelServer, ServerAddress
    from assistant.agent import ToolAgent
    from assistant.answer import GuardedAnswerer, Limits
    from assistant.catalog import Catalog
    from assistant.interfaces import Embedder, PostProcessor, Tool
    from assistant.retrieval import Retriever

ToolsFor = Callable[[User], "Mapping[str, Tool]"]
log = logging.getLogger(__name__)
SINGLE = "default"
_ALL_ROLES: tuple[ModelRole, ...] = ("answer", "long", "fast", "teacher", "vision")
_LLAMA_4 = ("llama-4", "llama4", "maverick", "scout")


def make_herd(settings: Settings, closing: Callable[[Callable[[], None]], object]) -> Herd:
    """Return the configured models; their servers are first asked when one is used.

    Args:
        settings: with `model_url` or `models`, or neither: the herd is empty then.
        closing: is given what closes each server's connections.

    Raises:
        ConfigurationError: a URL is none.
    """
    from assistant.adapters.chat_server import ModelServer

    servers: dict[tuple[str, str], ModelServer] = {}

    def server(model: ModelSettings) -> ModelServer:
        key = (model.url, model.api_key.get_secret_value())
        if key not in servers:
            servers[key] = ModelServer(_address(settings, *key))
            closing(servers[key].close)
        return servers[key]

    configured = settings.models or _single(settings)
    return Herd([member for key, model in configured.items() for member in _members(key, model, server(model))])


def _single(settings: Settings) -> dict[str, ModelSettings]:
    if not settings.model_url:
        return {}
    model = ModelSettings(
        url=settings.model_url,
        model=settings.model_name,
        api_key=settings.model_api_key,
        context_tokens=settings.model_context_tokens,
        roles=_ALL_ROLES,
    )
    return {settings.model_name or SINGLE: model}


def _address(settings: Settings, url: str, api_key: str) -> ServerAddress:
    from assistant.adapters.chat_server import Patience, ServerAddress

    patience = Patience(
        connect=settings.model_connect_seconds,
        first=settings.model_first_seconds,
        between=settings.model_between_seconds,
        total=settings.model_total_seconds,
        tries=settings.model_tries,
    )
    return ServerAddress(url, api_key, settings.model_requests, settings.model_waiting, patience)


def _members(key: str, model: ModelSettings, server: ModelServer) -> Iterator[Member]:
    from assistant.adapters.chat_openai import OpenAIChatModel

    costs = (model.cost_per_million, model.answer_cost_per_million)
    profile = ModelProfile(key, frozenset(model.roles), frozenset(model.groups), *costs)
    yield Member(profile, OpenAIChatModel(server, _config(model, model.model)))
    for name, adapter in model.adapters.items():
        profile = ModelProfile(name, frozenset(adapter.roles), frozenset(adapter.groups), *costs, adapter_of=key)
        yield Member(profile, OpenAIChatModel(server, _config(model, adapter.model or name)))


def _config(model: ModelSettings, name: str) -> ModelConfig:
    from assistant.adapters.chat_openai import ModelConfig

    return ModelConfig(
        name=name,
        server=None if model.server == "auto" else model.server,
        context_tokens=model.context_tokens or None,
        images_per_prompt=model.max_images,
        tools=model.tools,
        tokenizer=model.tokenizer,
        image_tokens=model.image_tokens,
        extra=model.extra,
    )


def make_answerer(
    settings: Settings,
    catalog: Catalog,
    herd: Herd,
    embedder: Embedder,
    retriever: Retriever,
    library: Library,
    gallery: Gallery,
    guidance: Callable[[User], str],
    plugged: tuple[ToolsFor, Callable[[], Sequence[PostProcessor]]],
) -> GuardedAnswerer:
    """Return what answers: the models, or what quotes where there are none; rights are looked at while it does.

    Args:
        settings: say what a question may use.
        catalog: keeps token counts, and knows who somebody is at a moment.
        herd: the models.
        embedder, retriever, library: see `Answerer`.
        gallery, guidance: see `WrittenAnswerer`.
        plugged: the tools that a user may use at a moment, and the post-processors.
    """
    from assistant.answer import Answerer, GuardedAnswerer, WrittenAnswerer

    now = catalog.people.now
    tools, processors = plugged
    if not herd:
        ceiling = settings.context_budget
        plain = Answerer(retriever, library, embedder, ceiling=ceiling, processors=processors)
        return GuardedAnswerer(plain, library, now)
    quoting = Answerer(retriever, library, embedder, ceiling=settings.context_budget)
    limits, key = make_limits(settings), _prompt_key(catalog)
    agent = make_agent(settings, library, key, tools, now)
    parts = (catalog.token_counts, key, limits, gallery, guidance, agent, processors)
    return GuardedAnswerer(WrittenAnswerer(quoting, retriever, library, herd, *parts), library, now)


def make_agent(settings: Settings, library: Library, key: bytes, tools: ToolsFor, now: Now) -> ToolAgent:
    """Return what lets models call tools."""
    from assistant.agent import AgentLimits, ToolAgent

    limits = AgentLimits(
        steps=settings.agent_steps,
        tokens=settings.agent_tokens,
        seconds=settings.agent_seconds,
        result_tokens=settings.tool_result_tokens,
        call_seconds=settings.tool_seconds,
    )
    return ToolAgent(tools, library, key, limits, now)


def make_limits(settings: Settings) -> Limits:
    """Return what the settings allow a question."""
    from assistant.answer import Limits

    return Limits(
        ceiling=settings.context_budget,
        auto_most=settings.context_auto,
        answer_tokens=settings.answer_tokens,
        history_tokens=settings.history_tokens,
        question_cost=settings.question_cost,
        pictures=settings.answer_pictures,
    )


def _prompt_key(catalog: Catalog) -> bytes:
    """Return what fences and salts of prompts come of: the same for all processes of this home."""
    try:
        return catalog.keyring.derived("prompts")
    except AssistantError as error:
        log.warning("prompts are fenced by a key of this process alone, so that caches are not shared: %s", error)
        return os.urandom(32)


def licence_note(name: str) -> str:
    """Return what has to be known of the licence of a model of that name; empty where nothing is known here."""
    if not any(part in name.lower() for part in _LLAMA_4):
        return ""
    return "Llama 4 licence: no multimodal use by licensees domiciled in the EU; see models.md"
