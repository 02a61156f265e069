"""Checks what a parser returned before anything is built on it."""

from __future__ import annotations

from assistant.errors import DamagedDocumentError, EmptyDocumentError
from assistant.types import Document


def check_document(document: Document) -> None:
    """Make sure that the document has text and that its blocks, pages, places and pictures point into it.

    Raises:
        EmptyDocumentError: there is nothing but white space.
        DamagedDocumentError: a block or page does not fit the text, or the text cannot be stored: a bug of the parser,
            which costs this document and not the run.
    """
    key, text = document.ref.key, document.text
    if not text or text.isspace():
        raise EmptyDocumentError(f"{key}: no text was found in it", "check that the file opens and shows text")
    position = text.find("\0")
    if position >= 0:
        raise DamagedDocumentError(f"{key}: the parser left a NUL character at {position}")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise DamagedDocumentError(f"{key}: the parser left a lone surrogate at {error.start}") from error
    length = len(text)
    for block in document.blocks:
        if not 0 <= block.start <= block.end <= length or text[block.start : block.end] != block.text:
            raise DamagedDocumentError(
                f"{key}: the parser's {block.kind} block at {block.start} does not stand in the text"
            )
    last = 0
    for number, page in enumerate(document.pages, start=1):
        if page.number != number or not last <= page.start <= page.end <= length:
            raise DamagedDocumentError(f"{key}: the parser's page {page.number} at {page.start} is out of order")
        last = page.end
    last = 0
    for place in document.places:
        if not last <= place.start < place.end <= length:
            raise DamagedDocumentError(f"{key}: the parser's place at {place.start} is out of order")
        last = place.end
    last = 0
    for picture in document.pictures:
        if not last <= picture.start <= picture.end <= length or not picture.data:
            raise DamagedDocumentError(f"{key}: the parser's picture at {picture.start} is out of order or empty")
        last = picture.start
