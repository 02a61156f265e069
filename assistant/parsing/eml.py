"""Parser of mails as they travel (RFC 822 and MIME): headers, body, and the attachments as members."""

from __future__ import annotations

import codecs
import email
import email.policy
import re
from email.message import EmailMessage, Message
from typing import Any

from assistant.errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError, EncryptedDocumentError
from assistant.parsing.decode import decode
from assistant.parsing.mail import MAX_MEMBERS, Names, letter
from assistant.types import Document, DocumentRef, Member

HEADERS = ("From", "To", "Cc", "Date", "Subject")
_START = re.compile(rb"\A\s*(?:From [^\n]*\n)?[\x21-\x39\x3b-\x7e]{1,100}[ \t]*:")
_WIDE_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_MAX_PARTS = 20_000
_EXTENSIONS = {"text/plain": ".txt", "text/html": ".html", "text/calendar": ".ics", "image/jpeg": ".jpg",
               "image/png": ".png", "image/gif": ".gif", "application/pdf": ".pdf"}  # fmt: skip


class EmlParser:
    """Reads `message/rfc822`."""

    name = "eml"
    version = "1"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is a mail."""
        return ref.media_type == "message/rfc822"

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return headers and body; attachments are members. See `interfaces.Parser` for what is raised."""
        if not data.strip():
            raise EmptyDocumentError(f"{ref.key}: the file is empty")
        message = read_message(ref.key, data)
        reader = _Reader(ref.key)
        try:
            reader.read(message)
        except RecursionError as error:
            raise DocumentTooLargeError(f"{ref.key}: the mail's parts are nested too deeply: refused") from error
        headers = [(name, header(message, name)) for name in HEADERS]
        plain = "\n\n".join(reader.plain)
        return letter(ref, headers, plain, "\n".join(reader.html), reader.members)


def read_message(key: str, data: bytes) -> EmailMessage:
    """Return the mail in `data`, whose text may be UTF-16 as well.

    Raises:
        DamagedDocumentError: it has no headers: this is no mail.
    """
    if data.startswith(_WIDE_BOMS) or b"\0" in data[:200]:
        data = decode(data, key).encode("utf-8", "replace")
    data = data.removeprefix(codecs.BOM_UTF8).lstrip()
    if _START.match(data) is None:
        raise DamagedDocumentError(f"{key}: no mail: it does not begin with headers", "correct the file's name or type")
    try:
        message: Any = email.message_from_bytes(data, policy=email.policy.default)
    except RecursionError as error:
        raise DocumentTooLargeError(f"{key}: the mail's parts are nested too deeply: refused") from error
    if not message.keys():
        raise DamagedDocumentError(f"{key}: no mail: it has no headers", "correct the file's name or type")
    found: EmailMessage = message
    return found


def header(message: Message[str, str], name: str) -> str:
    """Return a header's decoded value, as it was written where it cannot be decoded, or an empty string."""
    raw = next((str(value) for known, value in message.raw_items() if known.lower() == name.lower()), "")
    repaired = _repaired(raw)
    if repaired != raw:  # bytes beyond ASCII, which the library would replace by question marks
        return repaired
    try:
        value = message.get(name)
        return _repaired(str(value)) if value is not None else ""
    except Exception:  # noqa: BLE001 (the library raises nearly anything over headers that break the rules)
        return repaired


def _repaired(value: str) -> str:
    """Return `value` with its raw bytes beyond ASCII, which the library keeps as surrogates, as text."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raw = value.encode("utf-8", "surrogateescape")
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw.decode("cp1252", "replace")
    return value


class _Reader:
    """Collects a mail's text and members."""

    def __init__(self, key: str) -> None:
        self.plain: list[str] = []
        self.html: list[str] = []
        self.members: list[Member] = []
        self._key = key
        self._names = Names()
        self._parts = 0

    def read(self, part: Message[str, str]) -> None:
        """Take a part and those below it; an attached mail is a member as a whole."""
        self._parts += 1
        if self._parts > _MAX_PARTS:
            raise DocumentTooLargeError(f"{self._key}: the mail has over {_MAX_PARTS:,} parts: refused")
        media_type = part.get_content_type()
        self._refuse_encrypted(part, media_type)
        if media_type == "message/rfc822":
            self._attached_mail(part)
        elif media_type == "multipart/alternative":
            self._alternatives(part)
        elif part.is_multipart():
            for child in _children(part):
                self.read(child)
        else:
            self._leaf(part, media_type)

    def _alternatives(self, part: Message[str, str]) -> None:
        """Take the best form of a body: text where it is not blank, else HTML; other forms are members."""
        start = len(self.plain), len(self.html)
        for child in _children(part):
            self.read(child)
        if any(text.strip() for text in self.plain[start[0] :]):
            del self.html[start[1] :]

    def _refuse_encrypted(self, part: Message[str, str], media_type: str) -> None:
        pkcs7 = media_type in {"application/pkcs7-mime", "application/x-pkcs7-mime"}
        sealed = pkcs7 and (str(part.get_param("smime-type") or "enveloped-data").lower() in
                            {"enveloped-data", "authenveloped-data"})  # fmt: skip
        if sealed or media_type == "multipart/encrypted":
            raise EncryptedDocumentError(f"{self._key}: the mail is encrypted", "store a copy that is not")

    def _leaf(self, part: Message[str, str], media_type: str) -> None:
        name = _file_name(part)
        payload = part.get_payload(decode=True)
        data = payload if isinstance(payload, bytes) else b""
        attached = part.get_content_disposition() == "attachment"
        if media_type in {"text/plain", "text/html", "text/enriched"} and not attached and not name:
            text = self._text(data, str(part.get_content_charset() or ""))
            if media_type == "text/html":
                self.html.append(text)
            elif text:
                self.plain.append(text)
            return
        if data:
            self._add(name or f"part {len(self.members) + 1}{_EXTENSIONS.get(media_type, '')}", data)

    def _text(self, data: bytes, charset: str) -> str:
        """Return a body's text; one in no known encoding costs its odd characters and not the mail."""
        try:
            return decode(data, self._key, charset)
        except EmptyDocumentError:
            return ""
        except DamagedDocumentError:
            return data.decode("utf-8", "replace") if b"\0" not in data else ""

    def _attached_mail(self, part: Message[str, str]) -> None:
        children = _children(part)
        if not children:
            self._leaf(part, "message/rfc822")
            return
        inner = children[0]
        try:
            data = inner.as_bytes(policy=email.policy.compat32)
        except Exception:  # noqa: BLE001 (the library cannot write every broken mail that it reads)
            data = inner.as_string(policy=email.policy.compat32).encode("utf-8", "surrogateescape")
        title = header(inner, "Subject").replace("/", "_")
        name = _file_name(part) or f"{title or 'message'}.eml"
        self._add(name if name.lower().endswith(".eml") else f"{name}.eml", data)

    def _add(self, name: str, data: bytes) -> None:
        if len(self.members) >= MAX_MEMBERS:
            raise DocumentTooLargeError(f"{self._key}: the mail has over {MAX_MEMBERS:,} attachments: refused")
        self.members.append(Member(self._names.unique(name), data))


def _children(part: Message[str, str]) -> list[Message[str, str]]:
    payload: Any = part.get_payload()
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []


def _file_name(part: Message[str, str]) -> str:
    """Return what the part's headers call it, or an empty string; a mail's client may have written anything."""
    try:
        return _repaired(part.get_filename() or "").replace("/", "_").replace("\\", "_")
    except Exception:  # noqa: BLE001 (as for headers)
        return ""
