"""Parser of mails as they travel (RFC 822 and MIME): headers, body, and the attachments as members."""

from __future__ import annotations

import email.policy
from dataclasses import replace
from email.policy import Policy

from assistant.errors import EmptyDocumentError
from assistant.parsing.mail.headers import HEADERS, header
from assistant.parsing.mail.parts import MailReader, read_message
from assistant.types import Document, DocumentRef

_BREAKS = (LookupError, ValueError, TypeError, AttributeError)  # what the library raises nonetheless


class EmlParser:
    """Reads `message/rfc822`."""

    name = "eml"
    version = "3"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is a mail."""
        return ref.media_type == "message/rfc822"

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return headers and body; attachments are members. See `interfaces.Parser` for what is raised."""
        if not data.strip():
            raise EmptyDocumentError(f"{ref.key}: the file is empty")
        try:
            return _read(ref, data, email.policy.default)
        except _BREAKS:  # over headers that break the rules; the older policy reads less out of them
            return _read(ref, data, email.policy.compat32)


def _read(ref: DocumentRef, data: bytes, policy: Policy) -> Document:
    message = read_message(ref.key, data, policy)
    reader = MailReader(ref, policy)
    reader.read(message)
    return reader.letter([(name, header(message, name)) for name in HEADERS]).document(ref)


def body_document(ref: DocumentRef, data: bytes) -> Document:
    """Return what a mail's body shows and nothing else: a web page saved as a mail (MHTML) is one.

    Raises: as `EmlParser.parse` does.
    """
    reader = MailReader(ref)
    reader.read(read_message(ref.key, data))
    return replace(reader.letter([]), members=(), left_out=()).document(ref)
