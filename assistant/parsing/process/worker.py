"""A parser process: reads one document after another from its standard input and answers on its standard output.

Started by the sandbox as `python -P -m assistant.parsing.process.worker PARENT MEMORY_BYTES SECONDS`. A frame is eight
bytes of length (big-endian) and a `messages.dump`; the first frame says that the process is ready, the end of the input
ends it.
"""

from __future__ import annotations

import os
import struct
import sys
from typing import Any, BinaryIO

from assistant.errors import (
    AssistantError,
    DamagedDocumentError,
    ParserCrashedError,
    PluginError,
    UnsupportedFormatError,
)
from assistant.interfaces import PageDrawer, Parser
from assistant.parsing.check import check_document
from assistant.parsing.decrypt import decrypted
from assistant.parsing.hidden import with_hidden
from assistant.parsing.language import with_language
from assistant.parsing.pictures.picture_text import with_picture_text
from assistant.parsing.printing.find import find_boxes
from assistant.parsing.process.limits import confine, resident_bytes, time_limit
from assistant.parsing.process.messages import (
    dump,
    load,
    pack_boxes,
    pack_document,
    pack_error,
    pack_outlines,
    unpack,
)
from assistant.registry import load_from, load_registry
from assistant.types import Access, Box, DocumentRef

LENGTH = struct.Struct(">Q")
READY = ("ready",)


def main() -> None:
    """Serve documents until the input ends."""
    parent, memory_bytes, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    requests = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not break the protocol
    confine(memory_bytes, parent)
    try:
        parsers = {parser.name: parser for parser in load_registry().parsers}
    except AssistantError as error:
        _send(answers, pack_error(error))
        return
    _send(answers, READY)
    while (request := _read(requests)) is not None:
        with time_limit(seconds):
            answer = _answer(parsers, request, memory_bytes)
            del request
        _send(answers, answer)
        del answer


def _send(stream: BinaryIO, answer: tuple[Any, ...]) -> None:
    payload = dump((answer, resident_bytes()))
    stream.write(LENGTH.pack(len(payload)))
    stream.write(payload)
    stream.flush()


def _read(stream: BinaryIO) -> Any:
    header = stream.read(LENGTH.size)
    if len(header) < LENGTH.size:
        return None
    return load(stream.read(LENGTH.unpack(header)[0]))


def _answer(parsers: dict[str, Parser], request: Any, memory_bytes: int) -> tuple[Any, ...]:
    """Do one request; every failure of the parser becomes an error that names the document."""
    name, place, (source, key, version, title, uri, media_type), data, task, passwords = request
    # Who may read the document is none of a parser's business: it never leaves the parent.
    ref = DocumentRef(source, key, version, title, uri, media_type, Access(frozenset()))
    try:
        if name not in parsers and place:
            parsers.update((parser.name, parser) for parser in load_from(place).parsers)
        if name not in parsers:
            raise PluginError(f"{key}: there is no parser called {name!r}", "see `assistant plugins list`")  # noqa: TRY301
        return _done(parsers[name], ref, decrypted(ref, data, passwords), task)
    except AssistantError as error:
        return pack_error(error)
    except MemoryError:
        limit = memory_bytes // (1024 * 1024)
        return pack_error(
            ParserCrashedError(
                f"{key}: the parser {name} needed more than its limit of {limit:,} MB",
                "raise ASSISTANT_PARSE_MEMORY_MB",
            )
        )
    except Exception as error:  # noqa: BLE001 (a parser may raise anything over bytes nobody has seen before)
        cause = f"{type(error).__name__}: {error}".splitlines()[0][:300]
        return pack_error(DamagedDocumentError(f"{key}: the parser {name} could not read it: {cause}"))


def _done(parser: Parser, ref: DocumentRef, data: bytes, task: tuple[Any, ...]) -> tuple[Any, ...]:
    """Parse the document, tell or draw what stands on its pages, or hand it out decrypted, as the task says."""
    match task:
        case ("boxes", packed, start, end) if isinstance(parser, PageDrawer):
            return pack_boxes(parser.boxes(unpack(ref, packed), data, start, end))
        case ("outlines", packed, spans) if isinstance(parser, PageDrawer):
            document = unpack(ref, packed)
            return pack_outlines(parser.boxes(document, data, start, end) for start, end in spans)
        case ("draw", page, highlights, width) if isinstance(parser, PageDrawer):
            return ("image", parser.draw(ref, data, page, [Box(*box) for box in highlights], width))
        case ("find", text, start, end, page):
            return pack_boxes(find_boxes(ref, data, text, start, end, page))
        case ("plain",):
            return ("plain", data)
        case ("parse",):
            document = with_hidden(with_language(with_picture_text(parser.parse(ref, data))), data)
            check_document(document)
            return pack_document(document)
    raise UnsupportedFormatError(f"{ref.key}: pages of {ref.media_type} cannot be shown", "open the original")


if __name__ == "__main__":
    main()
