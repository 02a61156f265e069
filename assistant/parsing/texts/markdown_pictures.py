"""Takes the pictures out of a Markdown file that holds them as base64: the text keeps what it says of them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from assistant.parsing.data_uri import picture_of
from assistant.parsing.shown import shown_type
from assistant.types import Picture

_ADDRESS = re.compile(r"data:image/[\w.+-]{1,20}(?:;[\w=.-]{0,40}){0,4};base64,(?P<body>[A-Za-z0-9+/=%_-]{64,})")
_BEFORE = 1000  # characters before an address in which its alternative text is looked for
_INLINE = re.compile(r"!\[(?P<words>[^\[\]]*)\]\(\s*<?\Z")
_DEFINITION = re.compile(r"(?:^|[\r\n]) {0,3}\[(?P<label>[^\[\]\r\n]+)\]:[ \t]*<?\Z")
_ELEMENT = re.compile(r"<img\b[^<>]*\bsrc\s*=\s*[\"']?\Z", re.IGNORECASE)
_ALT = re.compile(r"\balt\s*=\s*(?:\"([^\"<>]*)\"|'([^'<>]*)')", re.IGNORECASE)
_USE = re.compile(r"!\[(?P<words>[^\[\]]*)\](?:\[(?P<label>[^\[\]]*)\])?")

Finder = Callable[[str], bytes | None]


@dataclass(slots=True)
class _Found:
    """A picture: where its words stand, or, with a label, where it is defined."""

    data: bytes
    start: int
    end: int
    label: str = ""


def take_pictures(text: str) -> tuple[str, tuple[Picture, ...]]:
    """Return the text without the bytes of its pictures, and these, in the order in which they are shown.

    Of `![words](data:image/png;base64,iVBORw0...)` the text keeps all but what follows the comma. The same goes for
    definitions (`[label]: <data:...>`) and for `img` elements.
    """
    if "data:image/" not in text:
        return text, ()
    parts: list[str] = []
    found: list[_Found] = []
    at = length = 0
    for match in _ADDRESS.finditer(text):
        body = match.start("body")
        moved = length - at  # what stands at `x` in the old text stands at `x + moved` in the new one
        place = _place(text, match.start(), match.end())
        data = picture_of(match[0]) if place else None
        if place is None or data is None:
            continue
        start, end, label = place
        cut = len(match["body"]) if start > body else 0  # the words follow the picture
        found.append(_Found(data, start + moved - cut, end + moved - cut, label))
        parts.append(text[at:body])
        length += body - at
        at = match.end()
    text = "".join([*parts, text[at:]])
    return text, tuple(_pictures(text, found))


def found_pictures(text: str, find: Finder) -> tuple[Picture, ...]:
    """Return the pictures that a text names as `![words](address)` and that `find` has by their address."""
    found = []
    for match in re.finditer(r"!\[(?P<words>[^\[\]]*)\]\(\s*<?(?P<address>[^\s()<>]{1,300})", text):
        data = find(match["address"])
        if data:
            found.append(_Found(data, *match.span("words")))
    return tuple(_pictures(text, found))


def _place(text: str, start: int, end: int) -> tuple[int, int, str] | None:
    """Return where the words of the picture at an address stand, and its label if it is defined there."""
    first = max(0, start - _BEFORE)
    before = text[first:start]
    if inline := _INLINE.search(before):
        return first + inline.start("words"), first + inline.end("words"), ""
    if definition := _DEFINITION.search(before):
        return start, start, _folded(definition["label"])
    if element := _ELEMENT.search(before):
        rest = text[end : end + _BEFORE].partition(">")[0]
        for offset, piece in ((first + element.start(), element[0]), (end, rest)):
            if words := _ALT.search(piece):
                group = 1 if words[1] is not None else 2
                return offset + words.start(group), offset + words.end(group), ""
        return start, start, ""
    return None


def _pictures(text: str, found: list[_Found]) -> Iterator[Picture]:
    """Yield the pictures worth keeping in the order of their places; a defined one stands where it is first used."""
    labels = {one.label for one in found if one.label}
    uses: dict[str, tuple[int, int]] = {}
    for use in _USE.finditer(text) if labels else ():
        label = _folded(use["label"] or use["words"])
        if label in labels:
            uses.setdefault(label, use.span("words"))
    for one in found:
        one.start, one.end = uses.get(one.label, (one.start, one.end))
    seen: set[bytes] = set()
    for one in sorted(found, key=lambda one: one.start):
        kind, digest = shown_type(one.data), hashlib.sha256(one.data).digest()
        if kind and digest not in seen:
            seen.add(digest)
            yield Picture(one.start, one.end, kind, one.data)


def _folded(label: str) -> str:
    return " ".join(label.split()).casefold()
