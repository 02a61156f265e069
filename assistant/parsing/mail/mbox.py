"""Parser of mailboxes in one file (mbox): each mail is a member, the text lists them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from assistant.errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError
from assistant.parsing.archives.contents import MAX_TOTAL
from assistant.parsing.builder import TextBuilder, clean
from assistant.parsing.mail.headers import header
from assistant.parsing.mail.parts import read_message
from assistant.parsing.member_names import MAX_MEMBERS, clean_name, flat_name
from assistant.types import Document, DocumentRef, Member

_FROM = b"From "
# A mail begins at a line `From …` after a blank one if a header follows: such a line stands in letters as well.
_LINE = re.compile(rb"From [^\n]*\n")
_MAIL = re.compile(rb"\nFrom [^\n]*\n(?=[\x21-\x39\x3b-\x7e]{1,100}[ \t]*:)")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_MAX_HEADERS = 256 * 1024
_MAX_SUBJECT = 80


class MboxParser:
    """Reads `application/mbox`."""

    name = "mbox"
    version = "3"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is a mailbox."""
        return ref.media_type == "application/mbox"

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return a line a mail: date, sender, subject; the mails are members. Raises as `interfaces.Parser` says."""
        if not data.strip():
            raise EmptyDocumentError(f"{ref.key}: the file is empty")
        if not data[:_MAX_HEADERS].lstrip().startswith(_FROM):
            raise DamagedDocumentError(f"{ref.key}: no mailbox: it does not begin with a mail's `From ` line")
        lines: list[str] = []
        members: list[Member] = []
        left = MAX_TOTAL
        for content in _messages(data):
            if len(lines) >= MAX_MEMBERS:
                raise DocumentTooLargeError(
                    f"{ref.key}: the mailbox has over {MAX_MEMBERS:,} mails", "split it into several files"
                )
            left -= len(content)
            if left < 0:
                raise DocumentTooLargeError(f"{ref.key}: the mailbox holds over {MAX_TOTAL:,} bytes", "split it")
            number = f"{len(lines) + 1:04}"
            line, subject = _described(ref.key, content)
            name = clean_name(flat_name(subject)[:_MAX_SUBJECT], "")
            members.append(Member(f"{number} {name}".strip() + ".eml", content))
            lines.append(f"{number} {line}")
        if not members:
            raise DamagedDocumentError(f"{ref.key}: no mailbox: there is no mail in it")
        return _listed(ref, lines, members)


def _listed(ref: DocumentRef, lines: list[str], members: list[Member]) -> Document:
    builder = TextBuilder()
    builder.add("heading", clean(ref.title).strip() or "Mailbox", level=1)
    for number, line in enumerate(lines):
        builder.add("text", line, gap="\n" if number else "\n\n")
    return replace(builder.build(ref), members=tuple(members))


def _messages(data: bytes) -> Iterator[bytes]:
    """Yield each mail without its `From ` line; it is copied out of the mailbox once, and nothing else is."""
    match = _LINE.match(data, data.index(_FROM))
    if match is None:
        return
    starts = (found for found in _MAIL.finditer(data, match.end()) if _after_blank(data, found.start()))
    while match is not None:
        following = next(starts, None)
        content = data[match.end() : following.start() if following else len(data)]
        match = following
        if content.find(b">From ") >= 0:
            content = _QUOTED.sub(rb"\1", content)
        if content.strip():
            yield content


def _after_blank(data: bytes, newline: int) -> bool:
    """Whether the line that the newline at `newline` ends is blank."""
    return data[newline - 1 : newline] == b"\n" or data[newline - 2 : newline] == b"\n\r"


def _described(key: str, content: bytes) -> tuple[str, str]:
    """Return a mail's line for the list and its subject; one that is no mail is listed all the same."""
    try:
        message = read_message(key, _headers(content))
    except (DamagedDocumentError, EmptyDocumentError):
        return "(not readable as a mail)", ""
    date, sender, subject = (" ".join(clean(header(message, name)).split()) for name in ("Date", "From", "Subject"))
    return " | ".join(filter(None, (date, sender, subject))) or "(no headers that tell what it is)", subject


def _headers(content: bytes) -> bytes:
    """Return a mail's headers: what is attached need not be read to list it."""
    end = _END_OF_HEADERS.search(content, 0, _MAX_HEADERS)
    return content[: end.end() if end else _MAX_HEADERS]
