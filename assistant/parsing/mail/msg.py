"""Parser of Outlook mails (MSG): headers, body, and the attachments as members."""

from __future__ import annotations

from assistant.errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError
from assistant.parsing.mail.mapi import headers_of, take
from assistant.parsing.mail.msg_file import BROKEN, open_msg
from assistant.parsing.mail.parts import MailReader
from assistant.types import Document, DocumentRef


class MsgParser:
    """Reads `application/vnd.ms-outlook`."""

    name = "msg"
    version = "2"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is a mail that Outlook stored."""
        return ref.media_type == "application/vnd.ms-outlook"

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return headers and body; attachments are members. See `interfaces.Parser` for what is raised."""
        if not data:
            raise EmptyDocumentError(f"{ref.key}: the file is empty")
        reader = MailReader(ref)
        with open_msg(ref.key, data) as mail:
            try:
                headers = headers_of(mail)
                body = take(reader, ref, mail)
                reader.body[:0] = body
            except BROKEN as error:
                cause = " ".join(f"{type(error).__name__}: {error}".split())[:200]
                raise DamagedDocumentError(f"{ref.key}: no readable Outlook mail: {cause}", "save it again") from error
            except RecursionError as error:
                raise DocumentTooLargeError(f"{ref.key}: the mail is nested too deeply: refused") from error
        return reader.letter(headers).document(ref)
