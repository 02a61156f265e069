"""Runs parsers in warm processes of their own, with limits of memory and time, so that no document can do harm."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, replace
from types import TracebackType
from typing import Any

from assistant.errors import DocumentTooLargeError, ParserCrashedError, ServiceError
from assistant.parsing.check import check_document
from assistant.parsing.decrypt import may_be_encrypted
from assistant.parsing.printing.office import PDF, convert
from assistant.parsing.process.child import Child
from assistant.parsing.process.messages import (
    dump,
    load,
    pack_document,
    unpack,
    unpack_boxes,
    unpack_error,
    unpack_image,
    unpack_outlines,
)
from assistant.parsing.process.worker import LENGTH, READY
from assistant.types import Box, Document, DocumentRef

_DOCUMENTS_PER_PROCESS = 500
_START_SECONDS = 60.0


class ParserPool:
    """Parser processes that start when needed. Safe to use from several threads; a context manager.

    Args:
        workers: at most so many processes, each parsing one document at a time.
        memory_bytes: address space of one process.
        seconds: wall-clock and CPU seconds for one document.
        max_bytes: a larger document is refused unread.
        place_of: says where a parser's plugin is, by the parser's name; empty for a built-in one. See `registry.Place`.
    """

    def __init__(
        self,
        workers: int,
        memory_bytes: int,
        seconds: float,
        max_bytes: int,
        place_of: Callable[[str], str] = lambda _: "",
    ) -> None:
        self._place_of = place_of
        self._memory_bytes = memory_bytes
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._slots: queue.LifoQueue[_Process | None] = queue.LifoQueue()
        self._workers = max(1, workers)
        for _ in range(self._workers):
            self._slots.put(None)
        self._lock = threading.Lock()
        self._living: set[_Process] = set()
        self._closed = False
        # The kernel ends a child when the *thread* that started it ends, so that one thread starts them all.
        self._starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="parser-starter")

    def __enter__(self) -> ParserPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def parse(self, parser: str, ref: DocumentRef, data: bytes, passwords: Sequence[str] = ()) -> Document:
        """Return the document, parsed in another process and checked.

        Args:
            parser: the parser's name in the registry.
            ref: the document; the result carries it with a better title where the content has one.
            data: its bytes.
            passwords: tried where it is encrypted; see `parsing.decrypt`.

        Raises:
            DocumentTooLargeError: more than `max_bytes`.
            EncryptedDocumentError: it is encrypted, and none of the passwords opens it.
            ParserCrashedError: the process died, or ran over its time or memory; the message says which.
            ServiceError: the pool is closed or no process can be started.
            AssistantError: whatever the parser raised.
        """
        document = unpack(ref, self._ask(parser, ref, data, ("parse",), passwords))
        check_document(document)
        return document

    def boxes(
        self, parser: str, document: Document, data: bytes, start: int, end: int, passwords: Sequence[str] = ()
    ) -> tuple[Box, ...]:
        """Return where a span of the document's text stands on its pages; see `interfaces.PageDrawer`.

        Raises:
            UnsupportedFormatError: documents of this type have no pages to look at.
            AssistantError: as `parse`.
        """
        task = ("boxes", pack_document(_bare(document)), start, end)
        return unpack_boxes(document.ref.key, self._ask(parser, document.ref, data, task, passwords))

    def outlines(
        self,
        parser: str,
        document: Document,
        data: bytes,
        spans: Sequence[tuple[int, int]],
        passwords: Sequence[str] = (),
    ) -> list[tuple[Box, ...]]:
        """Return for each span what `boxes` returns. Raises as that does."""
        task = ("outlines", pack_document(_bare(document)), [list(span) for span in spans])
        return unpack_outlines(document.ref.key, self._ask(parser, document.ref, data, task, passwords))

    def draw(
        self,
        parser: str,
        ref: DocumentRef,
        data: bytes,
        page: int,
        highlights: Sequence[Box],
        width: int,
        passwords: Sequence[str] = (),
    ) -> bytes:
        """Return a page as a PNG; see `interfaces.PageDrawer`. Raises as `boxes` does, and NotFoundError."""
        task = ("draw", page, [astuple(box) for box in highlights], width)
        return unpack_image(ref.key, self._ask(parser, ref, data, task, passwords))

    def printed(self, parser: str, ref: DocumentRef, data: bytes, passwords: Sequence[str] = ()) -> bytes:
        """Return an Office file as the PDF that LibreOffice prints, in a process of its own.

        Raises:
            UnsupportedFormatError, DamagedDocumentError: see `office_pages.convert`.
            AssistantError: as `parse`.
        """
        if may_be_encrypted(ref, data):
            data = unpack_image(ref.key, self._ask(parser, ref, data, ("plain",), passwords))
        return convert(data, ref.media_type, self._seconds, self._memory_bytes, ref.key)

    def find(self, document: Document, pdf: bytes, start: int, end: int, page: int | None) -> tuple[Box, ...]:
        """Return where a span of the document's text stands in a PDF that was printed of it; see `office_find`.

        Raises:
            AssistantError: as `parse`.
        """
        ref = replace(document.ref, media_type=PDF)
        return unpack_boxes(ref.key, self._ask("pdf", ref, pdf, ("find", document.text, start, end, page), ()))

    def _ask(self, parser: str, ref: DocumentRef, data: bytes, task: tuple[Any, ...], passwords: Sequence[str]) -> Any:
        """Let a process do the task and return its answer, still packed."""
        if len(data) > self._max_bytes:
            raise DocumentTooLargeError(
                f"{ref.key}: {len(data):,} bytes, over the limit of {self._max_bytes:,}",
                "raise ASSISTANT_MAX_DOCUMENT_BYTES",
            )
        about = (ref.source, ref.key, ref.version, ref.title, ref.uri, ref.media_type)
        request = dump((parser, self._place_of(parser), about, data, task, tuple(passwords)))
        process = self._slots.get()
        try:
            if process is None or not process.alive:
                self._bury(process)
                process = None  # the slot is given back empty if the start fails
                process = self._start()
            answer, resident = process.ask(request, ref.key, parser, self._seconds)
            if process.served >= _DOCUMENTS_PER_PROCESS or resident > self._memory_bytes // 2:
                self._bury(process)
        except BaseException:
            self._bury(process)
            raise
        finally:
            self._slots.put(process if process is not None and process.alive else None)
        return answer

    def close(self) -> None:
        """End all processes; a document that is being parsed fails with ParserCrashedError."""
        with self._lock:
            self._closed = True
            for process in self._living:
                process.kill()
        # A thread that waits for an answer now sees its process dead and gives the slot back.
        for slot in [self._slots.get() for _ in range(self._workers)]:
            self._bury(slot)
        for _ in range(self._workers):
            self._slots.put(None)  # whoever still waits for a slot is told that the pool is closed
        self._starter.shutdown()

    def _start(self) -> _Process:
        with self._lock:
            if self._closed:
                raise ServiceError("the parser pool is closed")
            try:
                process = self._starter.submit(_Process, self._memory_bytes, self._seconds).result()
            except OSError as error:
                raise ServiceError(f"a parser process cannot be started: {error}") from error
            self._living.add(process)
        try:
            process.wait_until_ready()
        except BaseException:
            self._bury(process)
            raise
        return process

    def _bury(self, process: _Process | None) -> None:
        if process is not None:
            process.end()
            with self._lock:
                self._living.discard(process)


class _Process(Child):
    """One parser process."""

    def __init__(self, memory_bytes: int, seconds: float) -> None:
        super().__init__("assistant.parsing.process.worker", [str(memory_bytes), str(seconds)], memory_bytes)

    def wait_until_ready(self) -> None:
        """Return when the process has loaded its parsers.

        Raises:
            ServiceError: it does not start.
            PluginError: a plugin cannot be loaded in it.
        """
        try:
            answer, _ = load(self._frame(b"", _START_SECONDS))
        except TimeoutError as error:
            raise ServiceError(f"a parser process did not start within {_START_SECONDS:g} seconds") from error
        except (EOFError, OSError, ValueError) as error:
            raise ServiceError(f"a parser process did not start: it {self.cause()}") from error
        if answer != READY:
            raise unpack_error(answer)

    def ask(self, request: bytes, key: str, parser: str, seconds: float) -> tuple[object, int]:
        """Send a request and return the answer and the memory that the process holds then, in bytes."""
        self.served += 1
        try:
            frame = self._frame(LENGTH.pack(len(request)) + request, seconds)
        except TimeoutError as error:
            raise ParserCrashedError(
                f"{key}: the parser {parser} ran over its limit of {seconds:g} seconds", "raise ASSISTANT_PARSE_SECONDS"
            ) from error
        except (EOFError, OSError, ValueError) as error:
            raise ParserCrashedError(f"{key}: the parser {parser} {self.cause()}") from error
        answer, resident = load(frame)
        return answer, resident

    def _frame(self, outgoing: bytes, seconds: float) -> bytes:
        return self.exchange(outgoing, time.monotonic() + seconds, lambda got: _complete(got, self.memory_bytes))


def _complete(incoming: bytearray, longest: int) -> bytes | None:
    """Return the frame's content once all of it is there; who announces more than `longest` bytes is not believed."""
    if len(incoming) < LENGTH.size:
        return None
    length = LENGTH.unpack_from(incoming)[0]
    if length > longest:
        raise ValueError("an answer longer than the memory of who gives it")
    return bytes(memoryview(incoming)[LENGTH.size :]) if len(incoming) >= LENGTH.size + length else None


def _bare(document: Document) -> Document:
    """Return all that is needed to find characters again."""
    return replace(document, blocks=(), members=(), pictures=())
