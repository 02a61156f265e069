"""Requests of OpenAI's Chat Completions, as far as the assistant has a meaning for them.

https://platform.openai.com/docs/api-reference/chat/create
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

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
_CHOICES = {"tools": "tool_choice", "functions": "function_call"}  # each with what "none" of them is said by
_TOLD_NOTHING = frozenset(
    {"user", "metadata", "store", "tool_choice", "function_call", "safety_identifier", "service_tier"}
)

_LONGEST_QUESTION = 100_000  # characters, as of a question that is asked elsewhere


class ImageUrl(BaseModel):
    """Where a picture is."""

    url: str = Field(max_length=40_000_000, description="`data:image/png;base64,…`; nothing is fetched from elsewhere.")


def _whole(value: Any) -> Any:
    """Return a text without halves of surrogate pairs: programs that cut a text leave them, and no model takes them."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _kind(content: Any) -> str | None:
    if isinstance(content, str):
        return "text"
    return "parts" if isinstance(content, list) else None


_Words = Annotated[str, BeforeValidator(_whole), Field(max_length=1_000_000)]


class Part(BaseModel):
    """A part of a message: words, a picture, or what other assistants know beside, of which only the type is kept."""

    type: str = Field(max_length=100, description="`text` and `image_url` are read.")
    text: _Words | None = None
    image_url: ImageUrl | None = None

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("type") not in ("text", "image_url"):
            return {"type": value["type"]} if "type" in value else {}
        return value

    def unread(self) -> bool:
        """Say whether there is nothing in it that the assistant reads."""
        return self.type != "text" and self.image_url is None


# by its kind, so that what is wrong in a part is not told as a text's fault
_Content = Annotated[
    Annotated[_Words, Tag("text")] | Annotated[list[Part], Tag("parts"), Field(max_length=1_000_000)],
    Discriminator(_kind, custom_error_type="content", custom_error_message="Input should be a text or a list of parts"),
]


class ChatMessage(BaseModel):
    """A message of the conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: _Content | None = None

    def parts(self) -> list[Part]:
        """Return what it consists of."""
        if self.content is None or isinstance(self.content, str):
            return [Part(type="text", text=self.content or "")]
        return self.content

    def words(self) -> str:
        """Return the message's text."""
        return "\n".join(part.text or "" for part in self.parts() if part.type == "text")

    def pictures(self) -> list[str]:
        """Return the addresses of its pictures."""
        return [part.image_url.url for part in self.parts() if part.image_url is not None]


class StreamOptions(BaseModel):
    """How a stream is sent."""

    include_usage: bool | None = None


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
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    assistant: Extension = Field(default_factory=lambda: Extension.model_validate({}))

    @model_validator(mode="after")
    def _answerable(self) -> ChatRequest:
        for name in self._asked_for():
            raise ValueError(f"{name} is not supported: the assistant answers with one cited text")
        _answerable(self.messages[-1])
        return self

    def _asked_for(self) -> list[str]:
        """Return what an answer would not be without; tools that are not to be called are none of it."""
        given = self.model_extra or {}
        idle = {tools for tools, choice in _CHOICES.items() if given.get(choice) == "none"}
        return [name for name, no in _NONE_OF.items() if name not in idle and given.get(name) not in no]

    def ignored(self) -> list[str]:
        """Return the names of parameters that were sent and change nothing, such as `temperature`."""
        given = self.model_extra or {}
        harmless = {name for name, values in _NONE_OF.items() if given.get(name) in values}
        return sorted(given.keys() - _TOLD_NOTHING - harmless)


def _answerable(last: ChatMessage) -> None:
    """Raise ValueError where the last message asks nothing that can be answered."""
    words = last.words()
    if last.role in ("system", "developer"):
        raise ValueError(
            f"messages: the last one is of the role {last.role!r}, which is not told to the model:"
            " end with the user's question"
        )
    if last.role != "user":
        raise ValueError(f"messages: the last one has to be the user's question; its role is {last.role!r}")
    for part in last.parts():
        if part.unread():
            raise ValueError(
                f"messages: the last one has a part {part.type!r} that is not read: send words or pictures"
            )
    if not words.strip():
        missing = "shows a picture and asks nothing" if last.pictures() else "is empty"
        raise ValueError(f"messages: the last one {missing}: it has to be the user's question, in words")
    if len(words) > _LONGEST_QUESTION:
        raise ValueError(f"messages: the last one may have {_LONGEST_QUESTION:,} characters")


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
