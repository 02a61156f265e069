"""Requests of OpenAI's Chat Completions, as far as the assistant has a meaning for them.

https://platform.openai.com/docs/api-reference/chat/create
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from assistant.wire import CitationJson, FiltersJson, PlanJson

_NONE_OF = {  # what an answer would not be without, by what it may hold all the same
    "n": (None, 1),
    "tools": (None, []),
    "functions": (None, []),
    "logprobs": (None, False),
    "audio": (None,),
    "modalities": (None, ["text"]),
    "response_format": (None, {"type": "text"}),
}
_TOLD_NOTHING = frozenset({"user", "metadata", "store", "tool_choice", "safety_identifier", "service_tier"})

_LONGEST_QUESTION = 100_000  # characters, as of a question that is asked elsewhere


class ImageUrl(BaseModel):
    """Where a picture is."""

    url: str = Field(max_length=40_000_000, description="`data:image/png;base64,…`; nothing is fetched from elsewhere.")


class Part(BaseModel):
    """A part of a message: words or a picture."""

    type: Literal["text", "image_url"]
    text: str = Field("", max_length=1_000_000)
    image_url: ImageUrl | None = None


class ChatMessage(BaseModel):
    """A message of the conversation."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[Part] | None = Field(None, max_length=1_000_000)

    def words(self) -> str:
        """Return the message's text."""
        if self.content is None or isinstance(self.content, str):
            return self.content or ""
        return "\n".join(part.text for part in self.content if part.type == "text")

    def pictures(self) -> list[str]:
        """Return the addresses of its pictures."""
        parts = [] if self.content is None or isinstance(self.content, str) else self.content
        return [part.image_url.url for part in parts if part.image_url is not None]


class StreamOptions(BaseModel):
    """How a stream is sent."""

    include_usage: bool = False


class Extension(FiltersJson):
    """What this assistant knows to do beside."""

    model_config = ConfigDict(extra="forbid")

    mode: Literal["auto", "chunks", "documents", "corpus"] | None = Field(None, description="null: as configured.")
    budget: int | None = Field(None, ge=1, description="Tokens of context; null: as configured.")
    list_sources: bool = Field(True, description="End the text with the list of what its numbers cite.")


class ChatRequest(BaseModel):
    """A question, as a chat client sends it: the last message, with those before it as its history."""

    model_config = ConfigDict(extra="allow")

    model: str = Field(max_length=200, description="One of `/v1/models`.")
    messages: list[ChatMessage] = Field(min_length=1, max_length=10_000)
    stream: bool = False
    stream_options: StreamOptions | None = None
    assistant: Extension = Field(default_factory=lambda: Extension.model_validate({}))

    @model_validator(mode="after")
    def _answerable(self) -> ChatRequest:
        given = self.model_extra or {}
        for name, harmless in _NONE_OF.items():
            if given.get(name) not in harmless:
                raise ValueError(f"{name} is not supported: the assistant answers with one cited text")
        if self.messages[-1].role != "user" or not self.messages[-1].words().strip():
            raise ValueError("messages: the last one has to be the user's question")
        if len(self.messages[-1].words()) > _LONGEST_QUESTION:
            raise ValueError(f"messages: the last one may have {_LONGEST_QUESTION:,} characters")
        return self

    def ignored(self) -> list[str]:
        """Return the names of parameters that were sent and change nothing, such as `temperature`."""
        given = self.model_extra or {}
        return sorted(name for name in given if name not in _TOLD_NOTHING and name not in _NONE_OF)


class Told(BaseModel):
    """What the assistant says of an answer beside its text."""

    found: bool = Field(description="Whether the documents say something on the question.")
    citations: list[CitationJson]
    plan: PlanJson = Field(description="What was read for it.")
    model: str = Field(description="The model that wrote it.")
    notes: list[str] = Field(description="What the reader has to know of how the answer came to be.")
    ignored: list[str] = Field(description="Parameters of the request that change nothing here.")


class Usage(BaseModel):
    """Tokens that the answer took."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Written(BaseModel):
    """The message that was written."""

    role: Literal["assistant"] = "assistant"
    content: str


class Choice(BaseModel):
    """The answer; there is one."""

    index: Literal[0] = 0
    message: Written
    finish_reason: Literal["stop", "length"]


class Completion(BaseModel):
    """An answer as OpenAI's API has it."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: Usage
    assistant: Told


class Model(BaseModel):
    """A way to be answered."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: Literal["assistant"] = "assistant"


class Models(BaseModel):
    """The ways to be answered."""

    object: Literal["list"] = "list"
    data: list[Model]


Chunk = dict[str, Any]
