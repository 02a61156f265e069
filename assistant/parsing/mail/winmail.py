"""Parser of TNEF files (`winmail.dat`): headers and body of the mail in it, and its attachments as members."""

from __future__ import annotations

from assistant.errors import DocumentTooLargeError, EmptyDocumentError
from assistant.parsing.mail.mapi import headers_of, take
from assistant.parsing.mail.parts import MailReader
from assistant.parsing.mail.tnef import read_tnef
from assistant.types import Document, DocumentRef


class WinmailParser:
    """Reads `application/ms-tnef`."""

    name = "winmail"
    version = "1"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is a mail as Outlook wraps it."""
        return ref.media_type in {"application/ms-tnef", "application/vnd.ms-tnef"}

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return headers and body; attachments are members. See `interfaces.Parser` for what is raised."""
        if not data:
            raise EmptyDocumentError(f"{ref.key}: the file is empty")
        mail, reader = read_tnef(ref.key, data), MailReader(ref)
        try:
            reader.body[:0] = take(reader, ref, mail)
            headers = headers_of(mail)
        except RecursionError as error:
            raise DocumentTooLargeError(f"{ref.key}: the mail is nested too deeply: refused") from error
        if mail.damaged:
            reader.leave_out("the rest", "damaged")
        return reader.letter(headers).document(ref)
