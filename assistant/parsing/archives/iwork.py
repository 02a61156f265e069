"""Recognises Apple's iWork documents (Pages, Numbers, Keynote), of whose own form only the preview can be read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from assistant.errors import EmptyDocumentError, EncryptedDocumentError

NOTICE = (
    "An Apple iWork document: only the preview that it carries is read. For all of it, export it as PDF or as an Office"
    " file."
)
_ENCRYPTED_PARTS = frozenset({".iwpv2", ".iwph"})  # the verifier of a password, and its hint
_CONTENT = frozenset({"index.xml", "index.apxl", "Index.zip"})
_PREVIEWS = ("QuickLook/Preview.pdf", "preview.jpg", "QuickLook/Thumbnail.jpg")


def is_iwork(names: Sequence[str]) -> bool:
    """Whether an archive's files are the parts of an iWork document, of the form before or since 2013."""
    found = set(names)
    if any(PurePosixPath(name).parts[:1] == ("Index",) and name.endswith(".iwa") for name in names):
        return True
    versions = {"buildVersionHistory.plist", "Metadata/BuildVersionHistory.plist"}
    return bool(found & _CONTENT and (found & versions or found & _ENCRYPTED_PARTS))


def preview_of(names: Sequence[str]) -> str | None:
    """Return the name of the best preview that such a document carries, None if it carries none."""
    return next((name for name in _PREVIEWS if name in names), None)


def no_preview(key: str, names: Sequence[str]) -> EmptyDocumentError | EncryptedDocumentError:
    """Return the error for such a document that carries no preview: those with a password carry none."""
    if _ENCRYPTED_PARTS.intersection(names):
        return EncryptedDocumentError(f"{key}: the iWork document asks for a password", "export it as PDF without one")
    return EmptyDocumentError(
        f"{key}: an Apple iWork document without a preview, as those with a password are",
        "export it as PDF or as an Office file",
    )
