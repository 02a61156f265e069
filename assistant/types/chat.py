"""What passes between the house and a chat model: messages with pictures, tools, answers, what a model can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

ChatRole = Literal["system", "user", "assistant", "tool"]
Finish = Literal["stop", "length", "tool_calls", "content_filter"]
Origin = Literal["discovered", "configured", "assumed"]
Counting = Literal["server", "tokenizer", "estimate"]
ServerKind = Literal["vllm", "llama.cpp", "ollama", "openai"]
ModelRole = Literal["answer", "long", "fast", "teacher", "vision"]


@dataclass(frozen=True, slots=True)
class TextPart:
    """A stretch of a message's text."""

    text: str


@dataclass(frozen=True, slots=True)
class ImagePart:
    """A picture in a message, as the bytes of a file that the server decodes (PNG or JPEG, to be safe)."""

    data: bytes
    media_type: str = "image/png"


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A function that the model may call; `parameters` is a JSON schema of an object."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that the model asks for. `arguments` is the text that it wrote: JSON, if it did well."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a prompt.

    `tool_calls` are what an assistant's message asked for; `tool_call_id` says which one a tool's message answers.
    """

    role: ChatRole
    parts: tuple[TextPart | ImagePart, ...]
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""

    @classmethod
    def of(cls, role: ChatRole, text: str, *images: ImagePart) -> ChatMessage:
        """Return a message of pictures, in their order, and a text after them."""
        return cls(role, (*images, TextPart(text)))

    @property
    def text(self) -> str:
        """Its text parts, one after another."""
        return "".join(part.text for part in self.parts if isinstance(part, TextPart))

    @property
    def images(self) -> tuple[ImagePart, ...]:
        """Its pictures."""
        return tuple(part for part in self.parts if isinstance(part, ImagePart))


@dataclass(frozen=True, slots=True)
class ChatUsage:
    """Tokens read and written by one request.

    `cached_tokens` is how many of those read came from the server's prefix cache; None where it does not say.
    """

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of an answer. Every stream ends with one whose `finish` is set; that one carries calls and usage.

    `reasoning` is what a model thinks aloud where the server parts it from the answer: never part of it. `usage` is
    None where the server does not count.
    """

    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    finish: Finish | None = None
    usage: ChatUsage | None = None


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What a served model can do, and how that is known.

    Attributes:
        name: the model's name on its server.
        server: what kind of server it is.
        context_tokens: the most tokens of prompt and answer together that this server takes now.
        images_per_prompt: the most pictures in one prompt; 0 where it does not see.
        tools: whether it takes tools.
        counting: who counts tokens: the server exactly, a local tokenizer (texts exactly, what the chat template adds
            over-estimated), or an over-estimate.
        tokenizer: under which name counts may be kept: the same name, the same counts.
        adapters: names on that server of the LoRA adapters of this model, which are models of their own there.
        origins: for `context_tokens`, `images_per_prompt` and `tools`: who said it, server or settings, or nobody.
    """

    name: str
    server: ServerKind
    context_tokens: int
    images_per_prompt: int
    tools: bool
    counting: Counting
    tokenizer: str
    adapters: tuple[str, ...] = ()
    origins: Mapping[str, Origin] = field(default_factory=dict)

    @property
    def vision(self) -> bool:
        """Whether it takes pictures."""
        return self.images_per_prompt > 0


@dataclass(frozen=True, slots=True)
class ServerLoad:
    """How busy a model server is: what this process has there, and what the server tells of itself.

    Attributes:
        at_work, waiting: answers that this process has written now, and requests of it that wait for their turn.
        most: so many answers it lets be written at once.
        running, queued: all requests that the server works on, and that wait there; None where it does not tell.
        cache: the share of its key-value cache that is in use, 0 to 1; None likewise.
    """

    at_work: int
    waiting: int
    most: int
    running: int | None = None
    queued: int | None = None
    cache: float | None = None


@dataclass(frozen=True, slots=True)
class ModelProfile:
    """A model as the settings have it, beside what its server says.

    Attributes:
        key: its name in the settings: what people choose and answers name.
        roles: what it is for.
        groups: whose members may use it; empty: everybody.
        prompt_cost, answer_cost: of a million tokens, in whatever the settings count in.
        adapter_of: the key of the model that it adapts, if it is a LoRA adapter.
    """

    key: str
    roles: frozenset[ModelRole]
    groups: frozenset[str] = frozenset()
    prompt_cost: float = 0.0
    answer_cost: float = 0.0
    adapter_of: str = ""

    def cost(self, prompt_tokens: int, answer_tokens: int) -> float:
        """Return what a request of so many tokens costs, all of its prompt read anew."""
        return (prompt_tokens * self.prompt_cost + answer_tokens * self.answer_cost) / 1_000_000
