"""Server-sent events out of a stream of bytes: its lines, and the `data` of each event as chat servers send them.

The format: https://html.spec.whatwg.org/multipage/server-sent-events.html. Lines end with CR, LF or both and with
nothing else: the characters that `str.splitlines` takes for line ends as well (U+2028, U+0085) may stand in the JSON.
Two other ways of telling an error in an answer that began well are read too, which llama.cpp's server has used: a field
`error`, and a bare object in a line of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_LINE_END = re.compile(rb"\r\n|\n|\r(?!\Z)")  # a CR at the end of what has come may be half of a CR and LF


class LineReader:
    """Takes bytes as they come; gives the lines that are whole, without their ends."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that end in these bytes."""
        *whole, self._rest = _LINE_END.split(self._rest + data)
        return whole

    def rest(self) -> bytes:
        """Return what came after the last of them, with the CR that may be its end, and forget it."""
        rest, self._rest = self._rest, b""
        return rest


def lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Yield the stream's complete lines, without their ends; a last line that was cut off is dropped.

    Args:
        chunks: the body's bytes in UTF-8, cut anywhere.
    """
    reader = LineReader()
    for chunk in chunks:
        for line in reader.feed(chunk):
            yield line.decode("utf-8", "replace")  # no character has a line end's byte in it
    rest = reader.rest()
    if rest.endswith(b"\r"):
        yield rest[:-1].decode("utf-8", "replace")


class EventReader:
    """Takes bytes as they come; gives the data of the events that are whole."""

    def __init__(self) -> None:
        self._lines = LineReader()
        self._data: list[bytes] = []

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the data of every event that ends in these bytes."""
        for line in self._lines.feed(data):
            yield from self._take(line)

    def end(self) -> Iterator[bytes]:
        """Yield the data of the event that is open where the stream ended."""
        yield from self._take(self._lines.rest().rstrip(b"\r"))
        yield from self._take(b"")

    def _take(self, line: bytes) -> Iterator[bytes]:
        if line.startswith(b"data:"):
            self._data.append(line[5:].removeprefix(b" "))
        elif line.startswith(b"error:"):
            yield b'{"error":' + line[6:] + b"}"
        elif line.startswith(b"{"):
            yield line
        elif not line and self._data:
            yield b"\n".join(self._data)
            self._data = []
