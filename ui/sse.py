"""Reads server-sent events (WHATWG HTML, section 9.2) from a stream of bytes."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# `assistant.adapters.server_events` has the same for the client and for models' servers; the UI imports nothing of the
# house, and tests/adapters/test_event_fuzzing.py holds both to the same lines.
# Only these end a line of an event stream. str.splitlines (and so httpx's iter_lines) also splits at U+2028, U+0085
# and others, which stand unescaped inside JSON strings.
_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event: its name (`message` if the server gave none) and its data."""

    name: str
    data: str


def lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Yield the stream's complete lines, without their ends; a last line that was cut off is dropped."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    rest = ""
    for chunk in chunks:
        rest += decoder.decode(chunk)
        held = ""
        if rest.endswith("\r"):  # its \n may be in the next chunk
            rest, held = rest[:-1], "\r"
        *complete, rest = _LINE_END.split(rest)
        rest += held
        yield from complete
    if rest.endswith("\r"):
        yield rest[:-1]


def events(chunks: Iterable[bytes]) -> Iterator[ServerEvent]:
    """Yield the events of the stream as they complete; comments and unknown fields are ignored, as the format asks.

    Args:
        chunks: the body's bytes, cut anywhere.
    """
    name = ""
    data: list[str] = []
    for line in lines(chunks):
        if not line:
            if data:
                yield ServerEvent(name or "message", "\n".join(data))
            name, data = "", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)
