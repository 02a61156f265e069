"""Reads what a picture's file says of itself: its description, who made it and when (EXIF, XMP, PNG's texts)."""

from __future__ import annotations

import contextlib
import re
import struct
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from assistant.errors import DamagedDocumentError
from assistant.parsing.builder import clean
from assistant.parsing.metadata import iso_time
from assistant.parsing.ooxml.package import attribute, local_name
from assistant.parsing.safe_xml import safe_root
from assistant.types import Metadata

if TYPE_CHECKING:
    from lxml.etree import _Element
    from PIL.Image import Image

_DESCRIPTION, _ARTIST, _CHANGED, _EXIF = 0x010E, 0x013B, 0x0132, 0x8769
_TAKEN, _TAKEN_ZONE, _CHANGED_ZONE = 0x9003, 0x9011, 0x9010
_WINDOWS_TITLE, _WINDOWS_COMMENT, _WINDOWS_AUTHOR = 0x9C9B, 0x9C9C, 0x9C9D
_XMP_TAG = 700
_TIME = re.compile(r"(\d{4}):(\d{2}):(\d{2}) (\d{2}:\d{2}:\d{2})")
# What cameras and programs write where nobody said anything.
_JUNK = re.compile(
    r"(?:(?:olympus|minolta|samsung|sony|nikon|kodak|konica)\b.{0,30}|dcim\W.*|sdim\d*|default|untitled|unknown"
    r"|screenshot|created with .*|charset=.*|image|photo|picture|title|description|user comments?)",
    re.IGNORECASE,
)
_MAX_WORDS = 2000  # characters
_MAX_XMP = 1_000_000
_ERRORS = (
    DamagedDocumentError,
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    RuntimeError,
    struct.error,
)


@dataclass(frozen=True, slots=True)
class About:
    """What a picture's file says: `words` are its title and description, each once."""

    words: tuple[str, ...] = ()
    metadata: Metadata = field(default_factory=Metadata)


@dataclass(slots=True)
class _Said:
    words: list[str] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    modified: list[str] = field(default_factory=list)


def about_picture(image: Image) -> About:
    """Return what the file of an opened picture says of itself; what cannot be read there says nothing."""
    said = _Said()
    for read in (_read_exif, _read_xmp, _read_texts):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Pillow's of notes that it skips
                read(image, said)
        except _ERRORS:  # broken notes beside a picture cost the notes alone
            continue
    words = [word for word in _lines(said.words) if not _JUNK.fullmatch(word)]
    metadata = Metadata(tuple(_lines(said.authors)), _first(said.created), _first(said.modified))
    return About(tuple(words), metadata)


def _read_exif(image: Image, said: _Said) -> None:
    tags = image.getexif()
    more = tags.get_ifd(_EXIF)
    said.words += [
        _utf16(tags.get(_WINDOWS_TITLE)), _text(tags.get(_DESCRIPTION)), _utf16(tags.get(_WINDOWS_COMMENT)),
    ]  # fmt: skip
    said.authors += re.split(r"\s*;\s*", _text(tags.get(_ARTIST)) or _utf16(tags.get(_WINDOWS_AUTHOR)))
    said.created.append(_time(more.get(_TAKEN), more.get(_TAKEN_ZONE)))
    said.modified.append(_time(tags.get(_CHANGED), more.get(_CHANGED_ZONE)))


def _read_xmp(image: Image, said: _Said) -> None:
    packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or _tiff_tag(image, _XMP_TAG)
    data = packet.encode("utf-8", "replace") if isinstance(packet, str) else bytes(packet or b"")
    data = data.strip(b"\0 \n\r\t")
    if not data or len(data) > _MAX_XMP:
        return
    for element in safe_root(data, "the picture's XMP packet").iter():
        match local_name(element):
            case "title" | "description":
                said.words += _items(element)
            case "creator":
                said.authors += _items(element)
            case "CreateDate" | "DateCreated":
                said.created.append(iso_time(element.text))
            case "ModifyDate":
                said.modified.append(iso_time(element.text))
            case "Description":
                said.created += [iso_time(attribute(element, name)) for name in ("DateCreated", "CreateDate")]
                said.modified.append(iso_time(attribute(element, "ModifyDate")))


def _read_texts(image: Image, said: _Said) -> None:
    texts = getattr(image, "text", None)
    named = {str(name).lower(): _text(value) for name, value in texts.items()} if isinstance(texts, dict) else {}
    said.words += [named.get(name, "") for name in ("title", "description", "comment")]
    said.authors.append(named.get("author", ""))
    said.created.append(_written(named.get("creation time", "")))


def _tiff_tag(image: Image, tag: int) -> Any:
    tags = getattr(image, "tag_v2", None)
    return tags.get(tag) if tags is not None else None


def _items(element: _Element) -> Iterator[str]:
    """Yield the texts of a list of alternatives or names; of alternatives the first is the default."""
    found = [one.text or "" for one in element.iter() if local_name(one) == "li"]
    alternatives = any(local_name(one) == "Alt" for one in element)
    yield from found[:1] if alternatives else found
    if not found:
        yield element.text or ""


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        try:
            value = value.decode("utf-8")
        except UnicodeDecodeError:
            value = value.decode("cp1252", "replace")
    if not isinstance(value, str):
        return ""
    text = value
    with contextlib.suppress(
        UnicodeEncodeError, UnicodeDecodeError
    ):  # Pillow reads EXIF as Latin-1, phones write UTF-8
        text = value.encode("latin-1").decode("utf-8")
    return text.split("\0", 1)[0]


def _utf16(value: Any) -> str:
    data = bytes(value) if isinstance(value, (bytes, tuple, list)) else b""
    return data.decode("utf-16-le", "replace").split("\0", 1)[0]


def _time(value: Any, zone: Any) -> str:
    found = _TIME.fullmatch(_text(value).strip())
    if not found:
        return ""
    stated = f"{found[1]}-{found[2]}-{found[3]}T{found[4]}"
    return iso_time(stated + _text(zone).strip()) or iso_time(stated)


def _written(value: str) -> str:
    """Return a time as PNG files have it: as mails do, or in ISO 8601."""
    readers: tuple[Callable[[str], datetime], ...] = (parsedate_to_datetime, datetime.fromisoformat)
    for read in readers:
        try:
            return iso_time(read(value))
        except (ValueError, TypeError, IndexError):
            continue
    return ""


def _lines(values: Iterable[str]) -> Iterator[str]:
    """Yield each text once, on one line, none that is blank."""
    lines = (" ".join(clean(value).split())[:_MAX_WORDS] for value in values)
    return iter(dict.fromkeys(filter(None, lines)))


def _first(values: Iterable[str]) -> str:
    return next(filter(None, values), "")
