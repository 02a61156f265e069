"""The form in which documents and errors cross between parser processes and their owner.

Only numbers, strings and tuples cross: a parser process that hostile bytes have taken over can at worst send a wrong
text. It cannot make its owner run code, nor change whose document it is or who may read it.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterable
from dataclasses import astuple, replace
from typing import Any, get_args

from assistant import errors
from assistant.errors import AssistantError, DamagedDocumentError, ParserCrashedError
from assistant.types import (
    Block,
    BlockKind,
    Box,
    Document,
    DocumentRef,
    Hidden,
    HiddenKind,
    Member,
    Metadata,
    Page,
    Picture,
    Place,
)

_KINDS = frozenset(get_args(BlockKind))
_HIDDEN_KINDS = frozenset(get_args(HiddenKind))


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """Refuse every class: plain values need none."""
        raise pickle.UnpicklingError(f"{module}.{name} must not cross between processes")


def dump(value: Any) -> bytes:
    """Return plain values as bytes."""
    return pickle.dumps(value, protocol=5)


def load(data: bytes) -> Any:
    """Return the plain values of `dump`.

    Raises:
        ParserCrashedError: the bytes are something else.
    """
    try:
        return _PlainUnpickler(io.BytesIO(data)).load()
    except Exception as error:
        raise ParserCrashedError(f"the parser process answered with rubbish: {error}") from error


def pack_document(document: Document) -> tuple[Any, ...]:
    """Return a document as plain values; its reference is reduced to the title, the only part a parser may set."""
    blocks = [
        (block.kind, block.start, block.end, block.page, astuple(block.box) if block.box else None, block.level)
        for block in document.blocks
    ]
    pages = [astuple(page) for page in document.pages]
    places = [(place.start, place.end, astuple(place.box), place.turn) for place in document.places]
    members = [(member.name, member.data) for member in document.members]
    pictures = [
        (p.start, p.end, p.media_type, p.data, p.page, astuple(p.box) if p.box else None) for p in document.pictures
    ]
    metadata = astuple(document.metadata)
    hidden = [astuple(one) for one in document.hidden]
    return ("document", document.ref.title, document.text, blocks, pages, places, members, pictures, metadata, hidden)


def pack_error(error: AssistantError) -> tuple[str, str, str, str]:
    """Return an error as plain values."""
    return ("error", type(error).__name__, error.message, error.hint)


def unpack(ref: DocumentRef, answer: Any) -> Document:
    """Return the document that `pack_document` packed, or raise the error that `pack_error` packed.

    Args:
        ref: the document that was asked for.
        answer: what the parser process sent.

    Raises:
        AssistantError: the parser's own error.
        ParserCrashedError: the answer has another form.
    """
    try:
        if answer[0] != "error":
            return _document(ref, answer)
    except (TypeError, ValueError, IndexError, KeyError, AttributeError) as problem:
        raise ParserCrashedError(f"{ref.key}: the parser process answered with rubbish: {problem}") from problem
    raise unpack_error(answer)


def pack_boxes(boxes: Iterable[Box]) -> tuple[Any, ...]:
    """Return boxes as plain values."""
    return ("boxes", [astuple(box) for box in boxes])


def unpack_boxes(key: str, answer: Any) -> tuple[Box, ...]:
    """Return the boxes that `pack_boxes` packed, or raise as `unpack` does."""
    if answer[0] == "error":
        raise unpack_error(answer)
    try:
        _, packed = answer
        return tuple(Box(int(page), *(float(edge) for edge in edges)) for page, *edges in packed)
    except (TypeError, ValueError) as problem:
        raise ParserCrashedError(f"{key}: the parser process answered with rubbish: {problem}") from problem


def pack_outlines(outlines: Iterable[Iterable[Box]]) -> tuple[Any, ...]:
    """Return the boxes of several spans as plain values."""
    return ("outlines", [[astuple(box) for box in boxes] for boxes in outlines])


def unpack_outlines(key: str, answer: Any) -> list[tuple[Box, ...]]:
    """Return the boxes that `pack_outlines` packed, or raise as `unpack` does."""
    if answer[0] == "error":
        raise unpack_error(answer)
    try:
        _, packed = answer
        return [unpack_boxes(key, ("boxes", boxes)) for boxes in packed]
    except (TypeError, ValueError) as problem:
        raise ParserCrashedError(f"{key}: the parser process answered with rubbish: {problem}") from problem


def unpack_image(key: str, answer: Any) -> bytes:
    """Return the image of an answer `("image", bytes)`, or raise as `unpack` does."""
    if answer[0] == "error":
        raise unpack_error(answer)
    if len(answer) != 2 or not isinstance(answer[1], bytes):
        raise ParserCrashedError(f"{key}: the parser process answered with rubbish where an image should be")
    return answer[1]


def unpack_error(answer: Any) -> AssistantError:
    """Return the error that `pack_error` packed; one that this process does not know costs the document only."""
    try:
        _, name, message, hint = answer
    except (TypeError, ValueError):
        return ParserCrashedError("a parser process answered with rubbish where an error should be")
    kind = getattr(errors, str(name), None)
    if not isinstance(kind, type) or not issubclass(kind, AssistantError):
        kind = DamagedDocumentError
    return kind(str(message), str(hint))


def _document(ref: DocumentRef, answer: Any) -> Document:
    _, title, text, packed, pages, places, members, pictures, metadata, hidden = answer
    if not isinstance(text, str):
        raise TypeError("a text that is none")
    blocks = []
    for kind, start, end, page, box, level in packed:
        if kind not in _KINDS:
            raise ValueError(f"a block of kind {kind!r}")
        blocks.append(Block(kind, text[start:end], start, end, page, Box(*box) if box else None, level))
    if not all(isinstance(name, str) and isinstance(data, bytes) for name, data in members):
        raise TypeError("a member that is none")
    return Document(
        replace(ref, title=str(title)),
        text,
        tuple(blocks),
        tuple(Page(*page) for page in pages),
        tuple(Place(start, end, Box(*box), int(turn)) for start, end, box, turn in places),
        tuple(Member(name, data) for name, data in members),
        tuple(map(_picture, pictures)),
        _metadata(metadata),
        tuple(_hidden(*one) for one in hidden),
    )


def _hidden(kind: Any, count: Any, text: Any, start: Any, end: Any) -> Hidden:
    if kind not in _HIDDEN_KINDS or not isinstance(text, str):
        raise TypeError("hidden text that is none")
    return Hidden(kind, int(count), text, int(start), int(end))


def _picture(packed: Any) -> Picture:
    start, end, media_type, data, page, box = packed
    if not isinstance(media_type, str) or not isinstance(data, bytes):
        raise TypeError("a picture that is none")
    return Picture(start, end, media_type, data, page, Box(*box) if box else None)


def _metadata(packed: Any) -> Metadata:
    authors, created, modified, language = packed
    if not all(isinstance(value, str) for value in (*authors, created, modified, language)):
        raise TypeError("metadata that is none")
    return Metadata(tuple(authors), created, modified, language)
