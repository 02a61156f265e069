"""Server-sent events out of a stream of bytes, as chat servers send them: the `data` of each.

The format: https://html.spec.whatwg.org/multipage/server-sent-events.html. Lines end with CR, LF or both and with
nothing else: the characters that `str.splitlines` takes for line ends as well (U+2028, U+0085) may stand in the JSON.
Two other ways of telling an error in an answer that began well are read too, which llama.cpp's server has used: a field
`error`, and a bare object in a line of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_LINE_END = re.compile(rb"\r\n|\n|\r(?!\Z)")  # a CR at the end of what has come may be half of a CR and LF


class EventReader:
    """Takes bytes as they come; gives the data of the events that are whole."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the data of every event that ends in these bytes."""
        lines = _LINE_END.split(self._rest + data)
        self._rest = lines.pop()
        for line in lines:
            yield from self._take(line)

    def end(self) -> Iterator[bytes]:
        """Yield the data of the event that is open where the stream ended."""
        rest, self._rest = self._rest.rstrip(b"\r"), b""
        yield from self._take(rest)
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
