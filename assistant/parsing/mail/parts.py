"""Collects what a mail holds, part by part (MIME): its body, and what is attached."""

from __future__ import annotations

import codecs
import email
import email.policy
import re
from email.message import Message
from email.policy import Policy
from typing import Any

from assistant.errors import DamagedDocumentError, DocumentTooLargeError
from assistant.parsing.decode import decode
from assistant.parsing.mail import tnef
from assistant.parsing.mail.headers import decoded, header
from assistant.parsing.mail.letter import Letter, Part, best_form, body_text, encrypted, html_part
from assistant.parsing.mail.mapi import take
from assistant.parsing.member_names import MAX_MEMBERS, Names, flat_name, repaired
from assistant.parsing.shown import shown_type
from assistant.types import DocumentRef, Member

_START = re.compile(rb"\A\s*(?:From [^\n]*\n)?[\x21-\x39\x3b-\x7e]{1,100}[ \t]*:")
_WIDE_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_MAX_PARTS = 20_000
_MAX_WRAPPINGS = 20
_TEXTS = {"text/plain", "text/html", "text/enriched"}
_MAILS = {"message/rfc822", "message/global", "message/news"}
_SEALED = {"application/pkcs7-mime", "application/x-pkcs7-mime"}
_SIGNATURES = {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
_PICTURE_STARTS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM", b"II*\0", b"MM\0*")
_EXTENSIONS = {"text/plain": ".txt", "text/html": ".html", "text/calendar": ".ics", "image/jpeg": ".jpg",
               "image/png": ".png", "image/gif": ".gif", "application/pdf": ".pdf"}  # fmt: skip


def read_message(key: str, data: bytes, policy: Policy = email.policy.compat32) -> Message[str, str]:
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
        message: Message[str, str] = email.message_from_bytes(data, policy=policy)
    except RecursionError as error:
        raise _too_deep(key) from error
    if not message.keys():
        raise DamagedDocumentError(f"{key}: no mail: it has no headers", "correct the file's name or type")
    return message


def _too_deep(key: str) -> DocumentTooLargeError:
    return DocumentTooLargeError(f"{key}: the mail's parts are nested too deeply: refused")


class MailReader:
    """Collects a mail's body and what is attached, part by part."""

    def __init__(self, ref: DocumentRef, policy: Policy = email.policy.compat32) -> None:
        self._policy = policy
        self.body: list[Part] = []
        self._ref = ref
        self._files: list[tuple[str, bytes, str, str]] = []  # name, content, id, address
        self._left_out: list[str] = []
        self._names = Names()
        self._parts = 0
        self._wrapped: list[Part] = []  # bodies that Outlook wrapped
        self._wrappings = 0

    def read(self, part: Message[str, str]) -> None:
        """Take a part and those below it; an attached mail is a member as a whole.

        Raises:
            DocumentTooLargeError: too many parts, or one in the other too deep.
            EncryptedDocumentError: it is encrypted.
        """
        try:
            self.body += self._read(part)
        except RecursionError as error:
            raise _too_deep(self._ref.key) from error

    def read_signed(self, data: bytes) -> bool:
        """Take a mail that was signed, with or without its envelope. Returns whether it could be read.

        Raises: as `read` does.
        """
        inner = data if _START.match(data) else opened(self._ref.key, data)
        if inner is None:
            return False
        try:
            self.body += self._entity(inner)
        except RecursionError as error:
            raise _too_deep(self._ref.key) from error
        return True

    def add(self, name: str, data: bytes, content_id: str = "", location: str = "") -> None:
        """Take what is attached, or shown in the body under its id or address.

        Raises:
            DocumentTooLargeError: there are too many.
        """
        if len(self._files) >= MAX_MEMBERS:
            raise DocumentTooLargeError(f"{self._ref.key}: the mail has over {MAX_MEMBERS:,} attachments: refused")
        if data.startswith(tnef.MAGIC):
            self._unwrap(name, data)
        elif data:
            self._files.append((name, data, content_id, location))
        else:
            self.leave_out(name, "0 bytes")

    def leave_out(self, name: str, reason: str) -> None:
        """Name what is attached and cannot be a member."""
        self._left_out.append(f"{self._names.unique(name)} ({reason}, not read)")

    def letter(self, headers: list[tuple[str, str]]) -> Letter:
        """Return what was read: files that the body shows as its pictures, the others as members."""
        body = self._whole_body()
        shown = {name: name for part in body for name, _ in part.shows}
        ends = {name.rpartition("/")[2]: name for name in shown}
        pictures: dict[str, bytes] = {}
        members: list[Member] = []
        for name, data, content_id, location in self._files:
            end = ends.get(location.rpartition("/")[2], "")  # the body may give the end of an address only
            found = shown.get(content_id) or shown.get(location) or (end if location.endswith(f"/{end}") else "")
            # What no browser shows, or is damaged, is a file to be reported on; an ornament is neither.
            if found and (shown_type(data) or data.startswith(_PICTURE_STARTS)):
                pictures.setdefault(found, data)
            else:
                members.append(Member(self._names.unique(name), data))
        return Letter(headers, body, pictures, members, self._left_out)

    def _unwrap(self, name: str, data: bytes) -> None:
        """Take what Outlook wrapped in TNEF."""
        if self._wrappings >= _MAX_WRAPPINGS:
            self.leave_out(name, "wrapped by Outlook too often")
            return
        self._wrappings += 1
        try:
            mail = tnef.read_tnef(self._ref.key, data)
        except DamagedDocumentError:
            self.leave_out(name, "damaged")
            return
        self._wrapped += take(self, self._ref, mail)
        if mail.damaged:
            self.leave_out(name, "its damaged rest")

    def _whole_body(self) -> list[Part]:
        """Return the body: what Outlook wrapped is another form of it, and all of it where there is nothing else."""
        told = [part for part in self.body if part.text.strip()]
        if not told:
            return [*self.body, *self._wrapped]
        if len(told) == 1 and told[0].page is None and len(self._wrapped) == 1:
            return best_form([self.body, self._wrapped])
        return self.body

    def _read(self, part: Message[str, str]) -> list[Part]:
        self._parts += 1
        if self._parts > _MAX_PARTS:
            raise DocumentTooLargeError(f"{self._ref.key}: the mail has over {_MAX_PARTS:,} parts: refused")
        media_type = part.get_content_type()
        if media_type == "multipart/encrypted":
            raise encrypted(self._ref.key)
        if media_type in _SEALED:
            return self._sealed(part)
        if media_type in _MAILS:
            self._attached_mail(part)
            return []
        if media_type == "multipart/alternative":
            return best_form([self._read(child) for child in _children(part)])
        if part.is_multipart():
            if media_type.startswith("message/"):  # a report, for example that a mail was not delivered
                return [Part("\n\n".join(_fields(child) for child in _children(part)))]
            return [found for child in _children(part) for found in self._read(child)]
        return self._leaf(part, media_type)

    def _sealed(self, part: Message[str, str]) -> list[Part]:
        """Read what is inside of an S/MIME envelope that is signed and no more."""
        inner = opened(self._ref.key, _payload(part))
        if inner is not None:
            return self._entity(inner)
        if str(part.get_param("smime-type") or "enveloped-data").lower() in {"enveloped-data", "authenveloped-data"}:
            raise encrypted(self._ref.key)
        self.leave_out(_file_name(part) or "smime.p7m", "an S/MIME envelope that cannot be opened")
        return []

    def _entity(self, data: bytes) -> list[Part]:
        """Read what was signed: a part with headers of its own, or a text without any."""
        if _START.match(data):
            return self._read(read_message(self._ref.key, data, self._policy))
        return [Part(body_text(data, self._ref.key, ""))]

    def _leaf(self, part: Message[str, str], media_type: str) -> list[Part]:
        name = _file_name(part)
        data = _payload(part)
        attached = part.get_content_disposition() == "attachment"
        if media_type in _TEXTS and not attached and not name:
            text = body_text(data, self._ref.key, str(part.get_content_charset() or ""))
            return [html_part(self._ref, text) if media_type == "text/html" else Part(text)] if text else []
        if media_type in _SIGNATURES:
            self.leave_out(name or "signature", "a signature")
        elif data or name:
            content_id = header(part, "Content-ID").strip().strip("<>")
            location = "".join(header(part, "Content-Location").split())
            named = name or f"part {len(self._files) + 1}{_EXTENSIONS.get(media_type, '')}"
            self.add(named, data, content_id, location)
        return []

    def _attached_mail(self, part: Message[str, str]) -> None:
        children = _children(part)
        if not children:
            self.add(_file_name(part) or "message.eml", _payload(part))
            return
        inner = children[0]
        try:
            data = inner.as_bytes(policy=email.policy.compat32)
        except Exception:  # noqa: BLE001 (the library cannot write every broken mail that it reads)
            data = inner.as_string(policy=email.policy.compat32).encode("utf-8", "surrogateescape")
        name = _file_name(part) or f"{flat_name(header(inner, 'Subject')) or 'message'}.eml"
        self.add(name if name.lower().endswith(".eml") else f"{name}.eml", data)


def opened(key: str, data: bytes) -> bytes | None:
    """Return the mail inside of an S/MIME envelope that is signed, None where there is none to be had.

    The signature is not checked: who wrote a mail is no question here.

    Raises:
        EncryptedDocumentError: it is encrypted.
    """
    from asn1crypto import cms

    try:
        envelope = cms.ContentInfo.load(data)
        kind = str(envelope["content_type"].native)
        if kind == "signed_data":
            content = envelope["content"]["encap_content_info"]["content"].native
            return content if isinstance(content, bytes) else None
    except (ValueError, TypeError, KeyError, AttributeError, IndexError):  # no envelope, or a damaged one
        return None
    if kind in {"enveloped_data", "authenticated_enveloped_data", "encrypted_data"}:
        raise encrypted(key)
    return None


def _payload(part: Message[str, str]) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _children(part: Message[str, str]) -> list[Message[str, str]]:
    payload: Any = part.get_payload()
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []


def _fields(part: Message[str, str]) -> str:
    return "\n".join(f"{name}: {' '.join(repaired(str(value)).split())}" for name, value in part.raw_items())


def _file_name(part: Message[str, str]) -> str:
    """Return what the part's headers call it, or an empty string; a mail's client may have written anything."""
    try:
        name = repaired(part.get_filename() or "")
        return flat_name(decoded("Subject", name) if "=?" in name else name)
    except Exception:  # noqa: BLE001 (as for headers)
        return ""
