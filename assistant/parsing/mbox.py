"""Parser of mailboxes in one file (mbox): each mail is a member, the text lists them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace

from assistant.errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError
from assistant.parsing.builder import TextBuilder, clean
from assistant.parsing.eml import header, read_message
from assistant.parsing.mail import MAX_MEMBERS, clean_name
from assistant.types import Document, DocumentRef, Member

_FROM = b"From "
_QUOTED = re.compile(rb"\A>(>*From )")
_MAX_SUBJECT = 80


class MboxParser:
    """Reads `application/mbox`."""

    name = "mbox"
    version = "1"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is a mailbox."""
        return ref.media_type == "application/mbox"

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return a line a mail: date, sender, subject; the mails are members. Raises as `interfaces.Parser` says."""
        if not data.strip():
            raise EmptyDocumentError(f"{ref.key}: the file is empty")
        if not data.lstrip().startswith(_FROM):
            raise DamagedDocumentError(f"{ref.key}: no mailbox: it does not begin with a mail's `From ` line")
        lines: list[str] = []
        members: list[Member] = []
        for content in _messages(data):
            if len(members) >= MAX_MEMBERS:
                raise DocumentTooLargeError(
                    f"{ref.key}: the mailbox has over {MAX_MEMBERS:,} mails", "split it into several files"
                )
            line, subject = _described(ref.key, content)
            number = f"{len(members) + 1:04}"
            name = clean_name(subject.replace("/", "_").replace("\\", "_")[:_MAX_SUBJECT], "")
            members.append(Member(f"{number} {name}".strip() + ".eml", content))
            lines.append(f"{number} {line}")
        if not members:
            raise DamagedDocumentError(f"{ref.key}: no mailbox: there is no mail in it")
        builder = TextBuilder()
        builder.add("heading", clean(ref.title) or "Mailbox", level=1)
        for line in lines:
            builder.add("text", line, gap="\n" if builder.length > len(ref.title or "Mailbox") else "\n\n")
        return replace(builder.build(ref), members=tuple(members))


def _messages(data: bytes) -> Iterator[bytes]:
    """Yield each mail without its `From ` line; a mail begins at such a line after a blank one."""
    current: list[bytes] = []
    blank = True
    inside = False
    for line in io.BytesIO(data.lstrip()):
        if blank and line.startswith(_FROM):
            if inside and b"".join(current).strip():
                yield b"".join(current)
            current, inside, blank = [], True, False
            continue
        current.append(_QUOTED.sub(rb"\1", line))
        blank = not line.strip()
    if inside and b"".join(current).strip():
        yield b"".join(current)


def _described(key: str, content: bytes) -> tuple[str, str]:
    """Return a mail's line for the list and its subject; one that is no mail is listed all the same."""
    try:
        message = read_message(key, content)
    except (DamagedDocumentError, EmptyDocumentError):
        return "(not readable as a mail)", ""
    date, sender, subject = (" ".join(clean(header(message, name)).split()) for name in ("Date", "From", "Subject"))
    return " | ".join(filter(None, (date, sender, subject))) or "(no headers that tell what it is)", subject
