"""Tells whether a colour is so pale that nobody reads it on white."""

from __future__ import annotations

import re

_PALE = 0xEC  # of 255, in each of red, green and blue
_HEX = re.compile(r"#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})\Z", re.IGNORECASE)
_SHORT = re.compile(r"#([0-9a-f])([0-9a-f])([0-9a-f])\Z", re.IGNORECASE)
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})(?:[\s,/]+([\d.]+))?\s*\)\Z", re.IGNORECASE)
_NAMED = frozenset({"white", "snow", "ivory", "ghostwhite", "floralwhite", "whitesmoke", "mintcream", "azure"})


def is_pale(red: int, green: int, blue: int) -> bool:
    """Whether a colour, 0 to 255 each, is next to white."""
    return min(red, green, blue) >= _PALE


def pale_hex(text: str) -> bool:
    """Whether `RRGGBB` is next to white; False where it is no colour."""
    found = _HEX.match(text.strip())
    return found is not None and is_pale(*(int(part, 16) for part in found.groups()))


def pale_css(text: str) -> bool:
    """Whether a colour of CSS is next to white or transparent; False where it is none that is known here."""
    value = text.strip().lower()
    if value == "transparent" or value in _NAMED:
        return True
    if short := _SHORT.match(value):
        return is_pale(*(int(part * 2, 16) for part in short.groups()))
    if found := _RGB.match(value):
        red, green, blue, alpha = found.groups()
        return is_pale(int(red), int(green), int(blue)) or (alpha is not None and float(alpha or 1) < 0.1)
    return value.startswith("#") and pale_hex(value)
