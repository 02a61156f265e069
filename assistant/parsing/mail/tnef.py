"""Reads TNEF (MS-OXTNEF), in which Outlook wraps a mail's body and attachments: the `winmail.dat` of other programs."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from assistant.errors import DamagedDocumentError
from assistant.parsing.mail.code_pages import encoding_of
from assistant.parsing.mail.letter import body_text

MAGIC = b"\x78\x9f\x3e\x22"
# Attributes, by the lower half of their numbers.
_FROM, _SUBJECT, _SENT, _CLASS, _BODY = 0x8000, 0x8004, 0x8005, 0x8008, 0x800C
_CONTENT, _NAME, _NEW, _PROPERTIES, _PEOPLE, _OF_ATTACHMENT, _CODEPAGE = (
    *(0x800F, 0x8010, 0x9002, 0x9003, 0x9004, 0x9005, 0x9007),
)
# What older writers say in an attribute only is a property here: its number, and its type.
_AS_PROPERTY = {_SUBJECT: (0x0037, 0x1E), _CLASS: (0x001A, 0x1E), _BODY: (0x1000, 0x1E),
                _CONTENT: (0x3701, 0x0102), _NAME: (0x3704, 0x1E)}  # fmt: skip
_SENDER, _SENDER_ADDRESS, _SENT_AT, _FILE, _PAGES = 0x0C1A, 0x0C1F, 0x0039, 0x3701, (0x3FDE, 0x3FFD)
_ANSI, _UNICODE, _BINARY, _OBJECT, _CLSID, _MANY = 0x1E, 0x1F, 0x0102, 0x0D, 0x48, 0x1000
_SIZES = {0x01: 4, 0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, _CLSID: 16}
_NAMED = 0x8000
_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")  # the interface of an object that is a mail
_ATTRIBUTE = struct.Struct("<BHHI")  # level, number, type, length
_ATTACHED = 2  # the level of what is said of attachments
_MAX_ITEMS = 10_000
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)

_Properties = dict[int, tuple[int, bytes]]  # by number: type and value


class TnefItem:
    """A mail in TNEF, somebody who receives it or what is attached to it: an `Item` of `mapi`.

    Args:
        key: names the file in errors.
    """

    def __init__(self, key: str) -> None:
        self.key = key
        self.properties: _Properties = {}
        self.files: list[TnefItem] = []
        self.receivers: list[TnefItem] = []
        self.default_encoding = ""
        self.is_object = True
        self.damaged = False

    @property
    def encoding(self) -> str:
        """The encoding of texts that are not Unicode."""
        return encoding_of(*map(self.number, _PAGES)) or self.default_encoding

    def text(self, *properties: int) -> str:
        """Return the first of these properties that is there as text, an empty string if none is."""
        for number in properties:
            kind, raw = self.properties.get(number, (0, b""))
            found = ""
            if kind == _UNICODE:
                found = raw.decode("utf-16-le", "replace")
            elif kind == _ANSI:
                found = body_text(raw.rstrip(b"\0"), self.key, self.encoding)
            if found := found.replace("\0", "").strip("\ufeff"):
                return found
        return ""

    def binary(self, number: int) -> bytes:
        """Return a property of bytes, none if it is not there."""
        kind, raw = self.properties.get(number, (0, b""))
        return raw if kind == _BINARY else b""

    def number(self, number: int) -> int | None:
        """Return a property that is a number, None if it is not there."""
        kind, raw = self.properties.get(number, (0, b""))
        return int.from_bytes(raw[:4], "little") if kind in _SIZES else None

    def time(self, number: int) -> datetime | None:
        """Return a property that is a time, None if it is not there."""
        kind, raw = self.properties.get(number, (0, b""))
        ticks = int.from_bytes(raw, "little") if kind == 0x40 else 0
        try:
            return _EPOCH + timedelta(seconds=ticks // 10_000_000) if ticks else None
        except OverflowError:
            return None

    def people(self) -> list[TnefItem]:
        """Return those who receive this mail."""
        return self.receivers

    def attached(self) -> list[TnefItem]:
        """Return what is attached to this mail."""
        return self.files

    def inner(self) -> TnefItem | None:
        """Return the mail, or the other program's object, that this attachment is, None if it is a file."""
        kind, raw = self.properties.get(_FILE, (0, b""))
        if kind != _OBJECT:
            return None
        if raw.startswith(_MESSAGE + MAGIC):
            return read_tnef(self.key, raw[len(_MESSAGE) :])
        other = TnefItem(self.key)
        other.is_object = False
        return other


def read_tnef(key: str, data: bytes) -> TnefItem:
    """Return the mail in `data`; of a damaged file, what stands before the damage, and `damaged` says so.

    Args:
        key: names the file in errors.
        data: the whole file.

    Raises:
        DamagedDocumentError: it is no TNEF, or nothing in it can be read.
    """
    if not data.startswith(MAGIC):
        raise DamagedDocumentError(f"{key}: no TNEF (winmail.dat)", "correct the file's name or type")
    mail = TnefItem(key)
    try:
        _read(mail, data)
    except (ValueError, struct.error, OverflowError):
        mail.damaged = True
    if not mail.properties and not mail.files:
        raise DamagedDocumentError(f"{key}: the TNEF (winmail.dat) is damaged", "ask for the mail again")
    for one in (*mail.files, *mail.receivers):
        one.default_encoding = mail.encoding
    return mail


def _read(mail: TnefItem, data: bytes) -> None:
    for level, number, value in _attributes(data):
        if number == _NEW:
            if len(mail.files) >= _MAX_ITEMS:
                raise ValueError("too many attachments")
            mail.files.append(TnefItem(mail.key))
        elif level != _ATTACHED:
            _of_mail(mail, number, value)
        elif mail.files:
            _of_attachment(mail.files[-1], number, value)


def _attributes(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield level, number and value of each attribute. Their checksums are not looked at: writers get them wrong."""
    at = 6
    while at + _ATTRIBUTE.size <= len(data):
        level, number, _, length = _ATTRIBUTE.unpack_from(data, at)
        at += _ATTRIBUTE.size
        if level not in {1, _ATTACHED} or at + length > len(data):
            raise ValueError(f"no attribute at {at}")
        yield level, number, data[at : at + length]
        at += length + 2


def _of_mail(mail: TnefItem, number: int, value: bytes) -> None:
    if number == _PROPERTIES:
        mail.properties.update(_Reader(value).properties())
    elif number == _CODEPAGE:
        mail.default_encoding = encoding_of(int.from_bytes(value[:4], "little"))
    elif number == _PEOPLE:
        reader = _Reader(value)
        for _ in range(min(reader.number(), _MAX_ITEMS)):
            person = TnefItem(mail.key)
            person.properties = reader.properties()
            mail.receivers.append(person)
    elif number == _FROM:
        _, _, name, address = struct.unpack_from("<4H", value)
        mail.properties.setdefault(_SENDER, (_ANSI, value[8 : 8 + name]))
        plain = value[8 + name : 8 + name + address].partition(b":")[2]
        mail.properties.setdefault(_SENDER_ADDRESS, (_ANSI, plain))
    elif number == _SENT:
        year, month, day, hour, minute, second = struct.unpack_from("<6H", value)
        sent = datetime(year, month, day, hour, minute, second, tzinfo=UTC) - _EPOCH
        ticks = max(int(sent.total_seconds()), 0) * 10_000_000
        mail.properties.setdefault(_SENT_AT, (0x40, ticks.to_bytes(8, "little")))
    elif number in _AS_PROPERTY:
        known, kind = _AS_PROPERTY[number]
        mail.properties.setdefault(known, (kind, value))


def _of_attachment(item: TnefItem, number: int, value: bytes) -> None:
    if number == _OF_ATTACHMENT:
        own = item.properties.get(_FILE)
        item.properties.update(_Reader(value).properties())
        if own is not None and own[1] and item.properties[_FILE][0] != _OBJECT:
            item.properties[_FILE] = own
    elif number in _AS_PROPERTY:
        known, kind = _AS_PROPERTY[number]
        item.properties.setdefault(known, (kind, value))


class _Reader:
    """Reads lists of properties, in which everything begins at multiples of four bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self) -> int:
        """Return the next number."""
        return int.from_bytes(self._take(4), "little")

    def properties(self) -> _Properties:
        """Return the next list of properties by their numbers; of one with many values, and of named ones, none."""
        found: _Properties = {}
        for _ in range(self.number()):
            kind, number = struct.unpack("<HH", self._take(4))
            if number >= _NAMED:
                self._skip_name()
            values = list(self._values(kind))
            if number < _NAMED and not kind & _MANY and values:
                found[number] = (kind, values[0])
        return found

    def _values(self, kind: int) -> Iterator[bytes]:
        many, plain = kind & _MANY, kind & ~_MANY
        if plain in _SIZES:
            for _ in range(self.number() if many else 1):
                yield self._take(_SIZES[plain])
        elif plain in {_ANSI, _UNICODE, _BINARY, _OBJECT}:
            for _ in range(self.number()):
                length = self.number()
                yield self._take(length)
        else:
            raise ValueError(f"a property of the unknown type {kind:#x}")

    def _skip_name(self) -> None:
        self._take(16)
        if self.number():
            self._take(self.number())
        else:
            self._take(4)

    def _take(self, length: int) -> bytes:
        start, end = self._at, self._at + length
        if end > len(self._data):
            raise ValueError("the list of properties ends too soon")
        self._at = end + -length % 4
        return self._data[start:end]
