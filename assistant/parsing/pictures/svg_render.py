"""Draws an SVG as a picture with resvg, which loads nothing but what the drawing itself holds."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING

from assistant.parsing.ooxml.package import local_name
from assistant.parsing.shown import MAX_BYTES, drawn_anew

if TYPE_CHECKING:
    from lxml.etree import _Element

_SIDE = 1200  # pixels; both sides are always given, else a drawing could ask for any size
_OWN = re.compile(r"\s*(?:#|data:image/(?:png|jpe?g|gif|webp)\s*[;,])", re.IGNORECASE)
_LEFT_OUT = frozenset({"script", "foreignObject", "metadata"})


def svg_picture(root: _Element) -> tuple[str, bytes]:
    """Return the media type and the bytes of the drawing on white, both empty if it cannot be drawn or shows nothing.

    Args:
        root: the `svg` element; what names anything outside of it is removed from it.
    """
    from lxml import etree
    from PIL import Image

    try:
        from resvg_py import svg_to_bytes
    except ImportError:  # no wheel for this machine: drawings are there by their text then
        return "", b""
    _closed(root)
    try:
        data = svg_to_bytes(
            svg_string=etree.tostring(root, encoding="unicode", with_tail=False),
            background="white",
            width=_SIDE,
            height=_SIDE,
        )
    except ValueError:
        return "", b""
    with Image.open(BytesIO(data), formats=["PNG"]) as drawn:
        plain = drawn.convert("RGB")
    if all(low == high for low, high in plain.getextrema()):  # type: ignore[misc]
        return "", b""
    return ("image/png", data) if len(data) <= MAX_BYTES else drawn_anew(plain)


def _closed(root: _Element) -> None:
    """Remove code and every address outside the drawing: resvg would read files of this machine."""
    for element in list(root.iter()):
        if local_name(element) in _LEFT_OUT and (parent := element.getparent()) is not None:
            parent.remove(element)
            continue
        for name, value in list(element.attrib.items()):
            if str(name).rpartition("}")[2] in {"href", "src", "base"} and not _OWN.match(str(value)):
                del element.attrib[name]
