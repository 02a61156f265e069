"""Decodes pictures that a text holds as `data:` addresses."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

_HEAD = re.compile(
    r"\s*data:image/(?:png|jpe?g|gif|webp|bmp|tiff)\s*(?P<options>(?:;[^,;]{0,100}){0,5}),", re.IGNORECASE
)
_MAX_CHARACTERS = 60_000_000


def picture_of(address: str) -> bytes | None:
    """Return the picture that a `data:` address holds, None for any other address and for what cannot be decoded."""
    head = _HEAD.match(address[:1000])
    if head is None or len(address) > _MAX_CHARACTERS:
        return None
    body = address[head.end() :]
    if "base64" not in head["options"].lower():
        return unquote_to_bytes(body)
    return unpacked(body if "%" not in body else unquote_to_bytes(body).decode("ascii", "replace"))


def unpacked(base64_text: str) -> bytes | None:
    """Return the bytes of base64, with or without line breaks and padding, None if it is none."""
    packed = "".join(base64_text.split()).rstrip("=")
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True) or None
    except (binascii.Error, ValueError):
        return None
