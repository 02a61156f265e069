"""Reads old office formats with kreuzberg, whose Markdown becomes the document's text and blocks."""

from __future__ import annotations

from assistant.errors import DamagedDocumentError, EmptyDocumentError, EncryptedDocumentError
from assistant.parsing.builder import clean
from assistant.parsing.markdown import MarkdownParser
from assistant.types import Document, DocumentRef

_PASSWORD = "store a copy without password"  # noqa: S105 (a hint, no secret)


def read_markdown(ref: DocumentRef, data: bytes, media_type: str) -> Document:
    """Return the document that kreuzberg's Markdown of `data` makes.

    Args:
        ref: the document.
        data: the whole file.
        media_type: what kreuzberg shall take it for.

    Raises:
        EmptyDocumentError: no text was found.
        DamagedDocumentError: kreuzberg could not read it.
    """
    from kreuzberg import ExtractionConfig, extract_bytes_sync

    if not data:
        raise EmptyDocumentError(f"{ref.key}: the file is empty")
    config = ExtractionConfig(use_cache=False, disable_ocr=True, output_format="markdown")  # type: ignore[call-arg]  # its stub lacks disable_ocr
    try:
        text = clean(extract_bytes_sync(data, media_type, config=config).content)
    except BaseException as error:  # a panic in Rust arrives as a BaseException
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        cause = " ".join(str(error).split())[:200]
        raise DamagedDocumentError(f"{ref.key}: cannot be read: {cause}", "open and save it again") from error
    if not text.strip():
        raise EmptyDocumentError(f"{ref.key}: the document has no text", "pictures of text need OCR")
    return MarkdownParser().parse(ref, text.encode("utf-8"))


def check_ole(ref: DocumentRef, data: bytes, stream: str) -> bytes:
    """Return the stream `stream` of an OLE file.

    Raises:
        EmptyDocumentError, EncryptedDocumentError: as named.
        DamagedDocumentError: it is no OLE file, or has no such stream.
    """
    import olefile

    if not data:
        raise EmptyDocumentError(f"{ref.key}: the file is empty")
    try:
        with olefile.OleFileIO(data) as ole:
            locked = ole.exists("EncryptedPackage") or ole.exists("EncryptedSummary")
            content: bytes = b"" if locked else ole.openstream(stream).read()
    except Exception as error:  # olefile raises many kinds on broken files
        raise DamagedDocumentError(f"{ref.key}: not such a file: {error}", "open and save it again") from error
    if locked:
        raise encrypted(ref)
    return content


def encrypted(ref: DocumentRef) -> EncryptedDocumentError:
    """Return the error for a file that asks for a password."""
    return EncryptedDocumentError(f"{ref.key}: the file asks for a password", _PASSWORD)
