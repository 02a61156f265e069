"""Reads what Outlook knows of a mail, by its properties: headers, body, what is attached; in MSG and TNEF alike."""

from __future__ import annotations

import email.policy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage, Message
from email.parser import HeaderParser
from email.utils import format_datetime
from typing import Protocol

from assistant.errors import DamagedDocumentError, EmptyDocumentError
from assistant.parsing.builder import clean
from assistant.parsing.legacy.rtf import RtfParser
from assistant.parsing.mail.headers import HEADERS, header
from assistant.parsing.mail.letter import Part, best_form, body_text, encrypted, html_part
from assistant.parsing.mail.packed_rtf import unpacked_rtf
from assistant.parsing.member_names import flat_name
from assistant.types import DocumentRef

# Properties by their numbers in MS-OXPROPS.
_CLASS, _SUBJECT, _HEADERS, _BODY, _HTML, _RTF = 0x001A, 0x0037, 0x007D, 0x1000, 0x1013, 0x1009
_TIMES = (0x0039, 0x0E06)  # sent, delivered
_SENDERS = ((0x0042, (0x5D02, 0x0065)), (0x0C1A, (0x5D01, 0x0C1F)))  # name, addresses: on whose behalf, then by whom
_RECEIVERS = {"To": (1, 0x0E04), "Cc": (2, 0x0E03)}  # their kind, and their names in one text
_KIND, _NAME, _ADDRESSES = 0x0C15, 0x3001, (0x39FE, 0x3003)
_FILE_NAMES, _CONTENT, _METHOD, _CONTENT_ID, _MIME = (0x3707, 0x3704, 0x3001), 0x3701, 0x3705, 0x3712, 0x370E
_LINKED = {2, 3, 4, 7}
_MAX_DEPTH = 3  # of mails in mails: each is packed into the one around it, and grows
_PREAMBLE = re.compile(r"\AMicrosoft Mail Internet Headers[^\n]*\n")
_SPECIAL = re.compile(r'[][\\()<>@,:;".]')  # what a name must be quoted for
_PLAIN_ID = re.compile(r"[\w.@$+-]{1,200}\Z", re.ASCII)


class Item(Protocol):
    """A mail, somebody who receives it or what is attached to it, with properties by their numbers in MS-OXPROPS."""

    @property
    def is_object(self) -> bool:
        """Whether this has properties: an attached document of another program has none."""

    @property
    def encoding(self) -> str:
        """The encoding of texts that are not Unicode, empty if unknown."""

    def text(self, *properties: int) -> str:
        """Return the first of these properties that is there as text, an empty string if none is."""

    def binary(self, number: int) -> bytes:
        """Return a property of bytes, none if it is not there."""

    def number(self, number: int) -> int | None:
        """Return a property that is a number, None if it is not there."""

    def time(self, number: int) -> datetime | None:
        """Return a property that is a time, None if it is not there."""

    def people(self) -> Sequence[Item]:
        """Return those who receive this mail."""

    def attached(self) -> Sequence[Item]:
        """Return what is attached to this mail."""

    def inner(self) -> Item | None:
        """Return the mail, or the other program's object, that this attachment is, None if it is a file."""


class Taker(Protocol):
    """Collects what is attached to a mail, and what was signed."""

    def add(self, name: str, data: bytes, content_id: str = "") -> None:
        """Take what is attached, or shown in the body under `content_id`."""

    def leave_out(self, name: str, reason: str) -> None:
        """Name what is attached and cannot be a member."""

    def read_signed(self, data: bytes) -> bool:
        """Take a mail that was signed. Returns whether it could be read."""


@dataclass(frozen=True, slots=True)
class _Attached:
    """What is attached: its content, or why it has none."""

    name: str
    data: bytes
    media_type: str
    content_id: str
    reason: str = ""


def take(taker: Taker, ref: DocumentRef, mail: Item) -> list[Part]:
    """Return a mail's body, and hand over what is attached to it; a signed mail's body is handed over too.

    Raises:
        EncryptedDocumentError: it is encrypted.
    """
    kind = mail.text(_CLASS).lower()
    sent_as = header(_transport(mail), "Content-Type").lower()
    if "rpmsg" in kind or sent_as.startswith("multipart/encrypted"):
        raise encrypted(ref.key)
    body, opened = _body(ref, mail), False
    signed = kind.startswith("ipm.note.smime")
    for item in _attached(mail, 0):
        if item.name.lower().endswith(".rpmsg") or (item.media_type == "application/pgp-encrypted" and not body):
            raise encrypted(ref.key)
        if signed and item.data and taker.read_signed(item.data):
            opened = True  # what was signed is the mail; the rest only says so
        elif signed and item.name.lower().endswith(".p7m"):
            taker.leave_out(item.name, "an S/MIME envelope that cannot be opened")
        elif item.reason:
            taker.leave_out(item.name, item.reason)
        else:
            taker.add(item.name, item.data, item.content_id)
    if opened:
        return []
    packed = unpacked_rtf(mail.binary(_RTF))
    if packed and not any(part.text.strip() for part in body):
        return [*body, _rich_text(taker, ref, packed)]
    return body


def _body(ref: DocumentRef, mail: Item) -> list[Part]:
    return best_form([[Part(mail.text(_BODY))], [html_part(ref, _html(ref.key, mail))]])


def _html(key: str, mail: Item) -> str:
    raw = mail.binary(_HTML)
    return body_text(raw, key, mail.encoding) if raw else mail.text(_HTML)


def _rich_text(taker: Taker, ref: DocumentRef, rtf: bytes) -> Part:
    try:
        return Part(page=RtfParser().parse(ref, rtf))
    except EmptyDocumentError:
        return Part()
    except DamagedDocumentError:
        taker.leave_out("body.rtf", "rich text that is damaged")
        return Part()


def _transport(mail: Item) -> Message[str, str]:
    """Return the headers with which the mail travelled, none if it was not sent."""
    text = _PREAMBLE.sub("", mail.text(_HEADERS))
    return HeaderParser(policy=email.policy.compat32).parsestr(text)


def headers_of(mail: Item) -> list[tuple[str, str]]:
    """Return the headers that matter, as the mail travelled where it did, else as Outlook knows them."""
    known = _transport(mail)
    found = {name: header(known, name) for name in HEADERS}
    if not found["From"]:
        found["From"] = next(filter(None, (_person(mail, name, addresses) for name, addresses in _SENDERS)), "")
    receivers = [(person.number(_KIND), person) for person in mail.people()]
    for name, (wanted, displayed) in _RECEIVERS.items():
        people = (_person(person, _NAME, _ADDRESSES) for kind, person in receivers if kind == wanted)
        found[name] = found[name] or ", ".join(filter(None, people)) or mail.text(displayed)
    time = next(filter(None, map(mail.time, _TIMES)), None)
    found["Date"] = found["Date"] or (format_datetime(time) if time else "")
    found["Subject"] = mail.text(_SUBJECT) or found["Subject"]
    return [(name, " ".join(clean(value).split())) for name, value in found.items()]


def _person(storage: Item, name: int, addresses: tuple[int, ...]) -> str:
    """Return somebody in the form of a mail's headers; an address of Exchange's own says nothing to anybody."""
    called = storage.text(name).strip()
    address = next((found for found in map(storage.text, addresses) if "@" in found), "")
    if not address or address in called:
        return called
    if _SPECIAL.search(called):
        called = f'"{called.replace(chr(34), "")}"'
    return f"{called} <{address}>" if called else address


def _attached(mail: Item, depth: int) -> Iterator[_Attached]:
    """Yield what is attached in its order; an attached mail is written anew, as mails travel."""
    for number, storage in enumerate(mail.attached(), start=1):
        name = flat_name(storage.text(*_FILE_NAMES)) or f"attachment {number}"
        media_type, content_id = storage.text(_MIME).lower(), storage.text(_CONTENT_ID).strip().strip("<>")
        inner = storage.inner()
        data, reason = b"", ""
        if inner is None:
            data = storage.binary(_CONTENT)
            reason = "a link to where it is" if not data and storage.number(_METHOD) in _LINKED else ""
        elif not inner.is_object:
            reason = "an object of another program"
        elif depth >= _MAX_DEPTH:
            reason = "mails nested too deeply"
        else:
            data, media_type = _as_mail(inner, depth + 1), "message/rfc822"
            name = name if name.lower().endswith(".eml") else f"{name.removesuffix('.msg')}.eml"
        yield _Attached(name, data, media_type, content_id, reason)


def _as_mail(mail: Item, depth: int) -> bytes:
    """Return a mail that is attached as it would travel: no library writes it as Outlook does."""
    found = EmailMessage()
    plain, html = clean(mail.text(_BODY)), clean(_html("", mail))
    if plain.strip() or not html.strip():
        found.set_content(plain)
    if html.strip():
        (found.add_alternative if plain.strip() else found.set_content)(html, subtype="html")
    missing = []
    for item in _attached(mail, depth):
        if item.reason:
            missing.append(f"{item.name} ({item.reason}, not read)")
        else:
            _attach(found, item)
    rtf = unpacked_rtf(mail.binary(_RTF))
    if rtf and not plain.strip() and not html.strip():
        _attach(found, _Attached("body.rtf", rtf, "application/rtf", ""))
    if missing:
        note = EmailMessage()
        note.set_content(clean("Attachments: " + ", ".join(missing)))
        if found.get_content_type() != "multipart/mixed":
            found.make_mixed()
        found.attach(note)
    headers = "".join(f"{name}: {value}\n" for name, value in headers_of(mail) if value)
    return headers.encode() + found.as_bytes()


def _attach(mail: EmailMessage, item: _Attached) -> None:
    main, _, sub = item.media_type.partition("/")
    if main not in {"application", "image"} or not _PLAIN_ID.match(sub):
        main, sub = "application", "octet-stream"  # the name and the content tell what it is
    cid = f"<{item.content_id}>" if _PLAIN_ID.match(item.content_id) else None
    mail.add_attachment(item.data, main, sub, filename=" ".join(clean(item.name).split()), cid=cid)
