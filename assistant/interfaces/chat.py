"""Chat models: what the house asks of a language model behind a server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, runtime_checkable

from assistant.types.chat import ChatMessage, Delta, ModelInfo, ServerLoad, ToolSpec


@runtime_checkable
class ChatStream(Iterator[Delta], AbstractContextManager["ChatStream"], Protocol):
    """The pieces of one answer, as they come: an iterator, and a context manager that closes it.

    Nothing is asked of the server before the first piece is. One thread iterates; any thread may close.

    Raises:
        PromptTooLongError: the prompt and the answer's reserve are over what the server takes.
        ModelAccessError, ModelNotFoundError, ModelServerError: it refuses the key, the model, or this request.
        ModelOverloadedError, ModelUnavailableError: before anything of the answer came, and after every try.
        ModelInterruptedError: the answer ended in its middle; it carries what had come.
    """

    def close(self) -> None:
        """End the request, so that the server stops writing; nothing more comes. Closing it again does nothing."""
        ...


@runtime_checkable
class ChatModel(Protocol):
    """A language model that answers messages. All methods may be called by several threads at once."""

    @property
    def name(self) -> str:
        """The model's name on its server; empty until `describe` was called where the settings do not name it."""
        ...

    def describe(self) -> ModelInfo:
        """Return what the model can do, as its server says; asked again after a while.

        Raises:
            ModelUnavailableError: the server does not answer.
            ModelAccessError, ModelNotFoundError: it refuses the key, or has no such model.
            ModelServerError: it does not say how long its context is, and neither do the settings.
        """
        ...

    def stream(
        self,
        messages: Sequence[ChatMessage],
        *,
        tools: Sequence[ToolSpec] = (),
        max_tokens: int | None = None,
        temperature: float = 0.0,
        response_schema: Mapping[str, Any] | None = None,
        cache_salt: str = "",
        stop: Sequence[str] = (),
    ) -> ChatStream:
        """Return the answer, piece by piece; errors come with the pieces.

        Args:
            messages: the prompt, in order.
            tools: functions that the model may call.
            max_tokens: the longest answer; None: as long as the context allows.
            temperature: 0 takes the likeliest token each time.
            response_schema: a JSON schema that the answer's text has to meet.
            cache_salt: prompts share the server's prefix cache only with those of the same salt; empty: with all others
                without one. Left out where the server knows no salts.
            stop: texts that end the answer and are not part of it.
        """
        ...

    def count_tokens(self, messages: Sequence[ChatMessage], tools: Sequence[ToolSpec] = ()) -> int:
        """Return how many tokens the prompt has, with what the chat template adds; not fewer than the server counts.

        Exact where `describe().counting` is `server`; pictures are over-estimated where it is not.

        Raises:
            ModelUnavailableError, ModelAccessError, ModelNotFoundError, ModelServerError: as in `describe`.
        """
        ...

    def count_texts(self, texts: Sequence[str]) -> list[int]:
        """Return each text's own tokens, without those that begin a prompt, in the order of the texts.

        Together they may be a few more or fewer than those of the texts as one: tokens do not stop where a text does.

        Raises:
            ModelUnavailableError, ModelAccessError, ModelNotFoundError, ModelServerError: as in `describe`.
        """
        ...


@runtime_checkable
class Overseen(Protocol):
    """What a chat model implements as well where its server can be looked at."""

    def forget(self) -> None:
        """Ask the server anew with the next `describe`."""
        ...

    def load(self) -> ServerLoad:
        """Return how busy the server is; what it does not tell is None. Waits for the server a few seconds at most."""
        ...
