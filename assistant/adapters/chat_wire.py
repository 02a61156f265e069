"""The JSON of OpenAI's chat completions: messages and tools as servers take them, and the pieces that they stream.

The format: https://platform.openai.com/docs/api-reference/chat; `cache_salt` and `reasoning` are vLLM's.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.types.chat import ChatMessage, ChatUsage, Delta, Finish, ImagePart, TextPart, ToolCall, ToolSpec

_FINISHES: Mapping[str, Finish] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}


def encoded(body: Mapping[str, Any]) -> bytes:
    """Return a request as JSON in UTF-8; halves of characters that no text may have become question marks."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def messages_json(messages: Sequence[ChatMessage]) -> list[dict[str, Any]]:
    """Return the messages as servers take them: a message of one text as that text, pictures as data URLs."""
    return [_message_json(message) for message in messages]


def tools_json(tools: Sequence[ToolSpec]) -> list[dict[str, Any]]:
    """Return the tools as servers take them."""
    return [
        {
            "type": "function",
            "function": {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)},
        }
        for tool in tools
    ]


def schema_json(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `response_format` for answers that meet a JSON schema."""
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": dict(schema), "strict": True}}


def _message_json(message: ChatMessage) -> dict[str, Any]:
    told: dict[str, Any] = {"role": message.role}
    if message.images:
        told["content"] = [_part_json(part) for part in message.parts]
    else:
        told["content"] = message.text
    if message.tool_calls:
        told["content"] = message.text or None
        told["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.tool_calls
        ]
    if message.tool_call_id:
        told["tool_call_id"] = message.tool_call_id
    return told


def _part_json(part: TextPart | ImagePart) -> dict[str, Any]:
    if isinstance(part, TextPart):
        return {"type": "text", "text": part.text}
    data = base64.b64encode(part.data).decode("ascii")
    return {"type": "image_url", "image_url": {"url": f"data:{part.media_type};base64,{data}"}}


@dataclass(slots=True)
class _Call:
    """A tool call whose pieces come one by one."""

    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)


class Assembler:
    """Puts the chunks of one answer together: text at once, tool calls and usage when they are whole."""

    def __init__(self) -> None:
        self._calls: dict[int, _Call] = {}
        self._finish: Finish | None = None
        self._usage: ChatUsage | None = None
        self._text: list[str] = []
        self._thought = False

    @property
    def text(self) -> str:
        """The text that has come."""
        return "".join(self._text)

    @property
    def began(self) -> bool:
        """Whether anything of the answer has come, a tool call's first piece too."""
        return bool(self._text or self._thought or self._calls)

    @property
    def finished(self) -> bool:
        """Whether the server said why the answer ends."""
        return self._finish is not None

    def take(self, chunk: Mapping[str, Any]) -> Delta | None:
        """Take one `chat.completion.chunk`; return what is to be passed on at once.

        Raises:
            KeyError, TypeError, ValueError, AttributeError: it is none.
        """
        if chunk.get("usage"):
            self._usage = _usage(chunk["usage"])
        text, reasoning = "", ""
        for choice in chunk.get("choices") or ():
            delta = choice.get("delta") or {}
            text += delta.get("content") or ""
            reasoning += delta.get("reasoning") or delta.get("reasoning_content") or ""
            for place, piece in enumerate(delta.get("tool_calls") or ()):
                self._take_call(piece, place)
            if choice.get("finish_reason"):
                self._finish = _FINISHES.get(choice["finish_reason"], "stop")
        if text:
            self._text.append(text)
        self._thought = self._thought or bool(reasoning)
        return Delta(text=text, reasoning=reasoning) if text or reasoning else None

    def _take_call(self, piece: Mapping[str, Any], place: int) -> None:
        function = piece.get("function") or {}
        call = self._calls.setdefault(int(piece.get("index", place)), _Call())
        call.id = piece.get("id") or call.id
        call.name = function.get("name") or call.name
        call.arguments.append(function.get("arguments") or "")

    def last(self) -> Delta:
        """Return the piece that ends the answer."""
        calls = tuple(
            ToolCall(call.id or f"call_{number}", call.name, "".join(call.arguments))
            for number, call in sorted(self._calls.items())
        )
        finish = self._finish or "stop"
        return Delta(tool_calls=calls, finish="tool_calls" if calls and finish == "stop" else finish, usage=self._usage)


def _usage(usage: Mapping[str, Any]) -> ChatUsage:
    details = usage.get("prompt_tokens_details") or {}
    cached = details.get("cached_tokens")
    return ChatUsage(
        prompt_tokens=int(usage["prompt_tokens"]),
        completion_tokens=int(usage.get("completion_tokens") or 0),
        cached_tokens=None if cached is None else int(cached),
    )
