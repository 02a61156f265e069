"""Finds what an HTML page holds and does not show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from assistant.parsing.decode import decode
from assistant.parsing.hidden.colours import pale_css
from assistant.types import HiddenKind

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_COMMENT = re.compile(r"<!--(.*?)(?:-->|\Z)", re.DOTALL)
_CONDITIONAL = re.compile(r"\s*(?:\[if |<!\[endif)", re.IGNORECASE)  # what Office writes into mails
_LENGTH = re.compile(r"(-?\d+(?:\.\d+)?)\s*(px|pt|em|rem|%|vw|vh)?")
_POINTS = {"px": 0.75, "pt": 1.0, "em": 12.0, "rem": 12.0}
_TINY = 2.0  # points
_AWAY = -200.0  # points beside the page
_SEEN_BEHIND = ("background:", "background-color:", "background-image:")
_MOST_COMMENT = 20_000


def html_hidden(key: str, data: bytes) -> Iterator[tuple[HiddenKind, str]]:
    """Yield why something is not seen, and what it says.

    Only what the elements themselves say of their style is looked at: style sheets are not computed.
    """
    from selectolax.lexbor import LexborHTMLParser

    text = decode(data, key)
    for comment in _COMMENT.finditer(text):
        if not _CONDITIONAL.match(comment[1]):
            yield "comment", comment[1][:_MOST_COMMENT]
    tree = LexborHTMLParser(text)
    for node in tree.css("[hidden], [style], font[color], [aria-hidden=true]"):
        if node.tag in {"html", "body", "svg", "path"}:
            continue
        if kind := _kind(node):
            yield kind, node.text(separator=" ")
    for node in tree.css("noscript, template"):
        yield "not_shown", node.text(separator=" ") or node.inner_html or ""


def _kind(node: LexborNode) -> HiddenKind | None:
    attributes = node.attributes
    if "hidden" in attributes:
        return "not_shown"
    style = _style(attributes.get("style") or "")
    if kind := _of_style(style):
        return kind
    colour = style.get("color") or (attributes.get("color") or "" if node.tag == "font" else "")
    if colour and pale_css(colour) and not _has_background(node):
        return "pale"
    return "not_shown" if attributes.get("aria-hidden") == "true" and not node.css_first("svg, i") else None


def _of_style(style: dict[str, str]) -> HiddenKind | None:
    if style.get("display") == "none" or style.get("visibility") in {"hidden", "collapse"}:
        return "not_shown"
    if _number(style.get("opacity", "1")) < 0.1 or "inset(100%)" in style.get("clip-path", ""):
        return "invisible"
    if "font-size" in style and _points(style["font-size"]) < _TINY:
        return "tiny"
    if any(_points(style.get(side, "0")) <= _AWAY for side in ("left", "top", "text-indent", "margin-left", "right")):
        return "off_page"
    no_room = any(style.get(side) in {"0", "0px", "1px"} for side in ("width", "height"))
    return "off_page" if no_room and "hidden" in style.get("overflow", "") else None


def _has_background(node: LexborNode | None) -> bool:
    """Whether the element, or one around it, says what lies behind it: then a pale letter may well be seen."""
    while node is not None:
        attributes = node.attributes
        style = (attributes.get("style") or "").replace(" ", "").lower()
        if "bgcolor" in attributes or "class" in attributes or any(part in style for part in _SEEN_BEHIND):
            return not pale_css(_style(style).get("background-color", "") or _style(style).get("background", ""))
        node = node.parent
    return False


def _style(text: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in text.lower().split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in pairs if value}


def _points(text: str) -> float:
    found = _LENGTH.match(text.strip())
    return float(found[1]) * _POINTS.get(found[2] or "px", 12.0) if found else 12.0


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 1.0
