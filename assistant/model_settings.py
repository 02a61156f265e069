"""The settings of one model server, a table `[models.NAME]`; see `settings`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

ModelRole = Literal["answer", "long", "fast", "teacher", "vision"]


class AdapterSettings(BaseModel):
    """A LoRA adapter that the server of a model serves as another model: a table `[models.NAME.adapters.NAME]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = Field(default="", description="The adapter's name on the server; empty: the table's name.")
    groups: tuple[str, ...] = Field(
        min_length=1, description="Groups whose members may use it; `everyone` for everybody."
    )
    roles: tuple[ModelRole, ...] = Field(
        default=(), description="What it is taken for by itself; empty: only where chosen."
    )


class ModelSettings(BaseModel):
    """One model behind an OpenAI-compatible server: a table `[models.NAME]`."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    url: str = Field(min_length=1, description="The server's base URL, e.g. `http://vllm:8000/v1`.")
    model: str = Field(default="", description="The model's name on the server; empty: the only one there.")
    api_key: SecretStr = Field(default=SecretStr(""), description="API key of the server.")
    server: Literal["auto", "vllm", "llama.cpp", "ollama", "openai"] = Field(
        default="auto", description="What kind of server it is, where it does not show it."
    )
    roles: tuple[ModelRole, ...] = Field(
        default=("answer",),
        min_length=1,
        description="What it is for: `answer`, `long` (where no answering model fits), `fast` (rewriting, titles), "
        "`teacher` (judging, making questions), `vision` (questions about pictures, describing them).",
    )
    groups: tuple[str, ...] = Field(default=(), description="Groups whose members may use it; empty: everybody.")
    context_tokens: int = Field(
        default=0,
        ge=0,
        description="Longest context to use, or the served one where the server does not say; 0: as it says.",
    )
    max_images: int | None = Field(
        default=None, ge=0, description="Most pictures in a prompt; empty: as the server says."
    )
    tools: bool | None = Field(default=None, description="Whether it takes tools; empty: as the server says.")
    tokenizer: Path | None = Field(default=None, description="A `tokenizer.json`, to count for a server that does not.")
    image_tokens: int = Field(
        default=2600, ge=1, description="What a picture counts, where the server does not count them."
    )
    cost_per_million: float = Field(
        default=0, ge=0, description="Cost of a million tokens read; the cheapest model is taken."
    )
    answer_cost_per_million: float = Field(default=0, ge=0, description="Cost of a million tokens written.")
    extra: dict[str, Any] = Field(
        default={}, description="More fields of every request, e.g. `chat_template_kwargs` for vLLM."
    )
    adapters: dict[str, AdapterSettings] = Field(default={}, description="LoRA adapters that the same server serves.")
