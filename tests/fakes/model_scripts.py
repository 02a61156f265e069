"""What a scripted chat model says: replies by rule, counts of tokens, and a prefix cache like vLLM's.

Both `tests.fakes.model_server` (over HTTP) and `tests.fakes.chat_model` (in this process) answer by a `Script`:

    script = Script(when("capital of France", Reply("Paris [1].")), obeying(), otherwise=Reply("Not in the documents."))

The first rule that has a reply gives it. A rule is any function from what was asked to a `Reply` or None.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.types import ToolCall

IMAGE_TOKENS = 7
BLOCK = 16  # tokens that the prefix cache keeps together


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered, how fast, and what goes wrong with it.

    Attributes:
        text: streamed a word at a time.
        reasoning: streamed before the text, apart from it.
        tool_calls: streamed after the text, the arguments in two pieces.
        finish: why it ends; empty: as it is.
        first_seconds, piece_seconds: waits before the first piece and between the others.
        cut_after: the connection breaks after so many pieces.
        error_after: an error comes in the stream after so many pieces.
        raw: is sent as the whole body instead of a stream.
        status: another than 200 refuses the request, with `message` and, if it is set, `Retry-After`.
    """

    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    finish: str = ""
    first_seconds: float = 0.0
    piece_seconds: float = 0.0
    cut_after: int | None = None
    error_after: int | None = None
    raw: str = ""
    status: int = 200
    message: str = ""
    retry_after: str = ""

    @property
    def pieces(self) -> list[str]:
        """The text as it is streamed."""
        return words(self.text)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as rules see it."""

    body: Mapping[str, Any]

    @property
    def messages(self) -> Sequence[Mapping[str, Any]]:
        """The messages as they came."""
        messages: Sequence[Mapping[str, Any]] = self.body.get("messages") or ()
        return messages

    @property
    def prompt(self) -> str:
        """The text of all messages, one after another."""
        return "\n".join(message_text(message) for message in self.messages)

    @property
    def last(self) -> str:
        """The text of the last message."""
        return message_text(self.messages[-1]) if self.messages else ""

    @property
    def images(self) -> list[bytes]:
        """The pictures' data URLs, in their order."""
        return [url.encode() for message in self.messages for url in _urls(message)]


Rule = Callable[[Asked], Reply | None]


def when(pattern: str, reply: Reply | Callable[[re.Match[str]], Reply], *, anywhere: bool = False) -> Rule:
    """Return the rule that replies so where the pattern is found in the last message, or anywhere in the prompt."""

    def rule(asked: Asked) -> Reply | None:
        found = re.search(pattern, asked.prompt if anywhere else asked.last, re.IGNORECASE)
        if found is None:
            return None
        return reply(found) if callable(reply) else reply

    return rule


def obeying() -> Rule:
    """Return the rule of a gullible model: it says what any text of the prompt tells it to say, a document's too.

    It looks for `ignore ... instructions ... say "..."` (or `answer`, `reply`), as attacks in documents put it.
    """
    pattern = r"ignore\b[^.\n]*\binstructions\b.{0,80}?\b(?:say|answer|reply)\b[^\"\n]*\"([^\"\n]+)\""
    return when(pattern, lambda found: Reply(found[1]), anywhere=True)


def in_turn(*replies: Reply) -> Rule:
    """Return the rule that gives these replies one after another, and then none."""
    left = list(replies)
    lock = threading.Lock()

    def rule(asked: Asked) -> Reply | None:
        with lock:
            return left.pop(0) if left else None

    return rule


@dataclass(slots=True)
class Script:
    """Rules, tried in their order; `rules` may be changed while a server runs."""

    rules: list[Rule] = field(default_factory=list)
    otherwise: Reply = field(default_factory=lambda: Reply("I do not know."))

    def __init__(self, *rules: Rule, otherwise: Reply | None = None) -> None:
        self.rules = list(rules)
        self.otherwise = otherwise or Reply("I do not know.")

    def reply(self, body: Mapping[str, Any]) -> Reply:
        """Return what is answered to this request."""
        asked = Asked(body)
        found = next((reply for rule in self.rules if (reply := rule(asked)) is not None), self.otherwise)
        schema = (body.get("response_format") or {}).get("json_schema", {}).get("schema")
        if schema is not None and found.status == 200 and not _is_json(found.text):
            return Reply(json.dumps(example(schema)))
        return found


def words(text: str) -> list[str]:
    """Return the text's tokens, each with the blanks before it; together they are the text."""
    return re.findall(r"\s*\w+|\s*[^\w\s]|\s+\Z", text)


def prompt_tokens(body: Mapping[str, Any]) -> list[str]:
    """Return the tokens of a request's prompt, with those of its template."""
    tokens = ["<begin>"]
    for tool in body.get("tools") or ():
        tokens += words(json.dumps(tool))
    for message in body.get("messages") or ():
        tokens.append(f"<{message['role']}>")
        tokens += words(message_text(message))
        for url in _urls(message):
            tokens += [f"<{hashlib.sha256(url.encode()).hexdigest()}>"] * IMAGE_TOKENS
        for call in message.get("tool_calls") or ():
            tokens += words(json.dumps(call["function"]))
        tokens.append("<end>")
    return [*tokens, "<assistant>"]


def message_text(message: Mapping[str, Any]) -> str:
    """Return the text of a message, whichever way it is written."""
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "".join(part["text"] for part in content if part["type"] == "text")


def _urls(message: Mapping[str, Any]) -> list[str]:
    content = message.get("content") or ""
    return [] if isinstance(content, str) else [p["image_url"]["url"] for p in content if p["type"] == "image_url"]


class PrefixCache:
    """Says how many tokens of a prompt the model has read before, in whole blocks, apart for each salt."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: set[bytes] = set()

    def take(self, tokens: Sequence[str], salt: str) -> int:
        """Return how many tokens of this prompt are cached; cache all of it."""
        chain, cached, met = salt.encode(), 0, True
        with self._lock:
            for start in range(0, len(tokens) - BLOCK + 1, BLOCK):
                chain = hashlib.sha256(chain + "\0".join(tokens[start : start + BLOCK]).encode()).digest()
                met = met and chain in self._known
                cached += BLOCK * met
                self._known.add(chain)
        return min(cached, len(tokens) - 1)  # the last token is always read


def example(schema: Mapping[str, Any]) -> Any:
    """Return the simplest value that meets a JSON schema of objects, arrays, strings, numbers and choices."""
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {name: example(part) for name, part in schema.get("properties", {}).items()}
        case "array":
            return [example(schema.get("items", {"type": "string"}))]
        case "integer" | "number":
            return 1
        case "boolean":
            return True
        case _:
            return "text"


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
