"""A chat model in this process, by script: `interfaces.ChatModel` without a server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

from assistant.adapters.chat_wire import messages_json, tools_json
from assistant.errors import ModelInterruptedError, ModelOverloadedError, PromptTooLongError
from assistant.types import ChatMessage, ChatUsage, Delta, ModelInfo, ToolSpec
from tests.fakes.model_scripts import Asked, PrefixCache, Reply, Script, prompt_tokens, words


class FakeStream:
    """Implements `interfaces.ChatStream` over pieces that are there."""

    def __init__(self, pieces: Iterator[Delta]) -> None:
        self._pieces = pieces
        self.closed = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Delta:
        if self.closed:
            raise StopIteration
        return next(self._pieces)

    def close(self) -> None:
        self.closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class FakeChatModel:
    """Answers by a script; counts words; keeps what it was asked in `asked`, and its streams in `streams`.

    Args:
        script: what it says.
        name: what it calls itself.
        context_tokens, images, tools: what it can do.
    """

    def __init__(
        self,
        script: Script | None = None,
        *,
        name: str = "fake",
        context_tokens: int = 100_000,
        images: int = 4,
        tools: bool = True,
    ) -> None:
        self.script = script or Script()
        self.name = name
        self.asked: list[Asked] = []
        self.streams: list[FakeStream] = []
        self._info = ModelInfo(name, "vllm", context_tokens, images, tools, "server", f"fake {name}")
        self._cache = PrefixCache()

    def describe(self) -> ModelInfo:
        return self._info

    def count_tokens(self, messages: Sequence[ChatMessage], tools: Sequence[ToolSpec] = ()) -> int:
        return len(prompt_tokens({"messages": messages_json(messages), "tools": tools_json(tools)}))

    def count_texts(self, texts: Sequence[str]) -> list[int]:
        return [len(words(text)) for text in texts]

    def count_tokens_of(self, asked: Asked) -> int:
        """Return how many tokens the prompt of a request has."""
        return len(prompt_tokens(asked.body))

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
    ) -> FakeStream:
        body: dict[str, Any] = {"messages": messages_json(messages), "tools": tools_json(tools), "stop": list(stop)}
        body |= {"max_tokens": max_tokens, "temperature": temperature, "cache_salt": cache_salt}
        if response_schema is not None:
            body["response_format"] = {"json_schema": {"schema": response_schema}}
        self.streams.append(FakeStream(self._pieces(body)))
        return self.streams[-1]

    def _pieces(self, body: Mapping[str, Any]) -> Iterator[Delta]:
        self.asked.append(Asked(body))
        tokens, limit, most = prompt_tokens(body), self._info.context_tokens, body["max_tokens"]
        if len(tokens) + (most or 1) > limit:
            raise PromptTooLongError(f"the prompt has {len(tokens)} tokens of {limit}", limit=limit, tokens=len(tokens))
        reply: Reply = self.script.reply(body)
        if reply.status != 200:
            raise ModelOverloadedError(f"the model refuses: {reply.status} {reply.message}")
        written = reply.pieces[:most]
        for number, word in enumerate(written):
            if number in {reply.cut_after, reply.error_after}:
                raise ModelInterruptedError("the answer was cut off", text="".join(written[:number]))
            yield Delta(text=word)
        usage = ChatUsage(len(tokens), len(written), self._cache.take(tokens, body["cache_salt"]))
        finish = "length" if most is not None and len(reply.pieces) > most else "stop"
        yield Delta(tool_calls=reply.tool_calls, finish="tool_calls" if reply.tool_calls else finish, usage=usage)
