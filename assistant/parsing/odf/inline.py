"""Reads the text within a paragraph of an OpenDocument file, and what is anchored in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant.parsing.builder import clean
from assistant.parsing.comment_text import comment_line, comment_time
from assistant.parsing.ooxml.package import attribute, find_child, local_name
from assistant.types import Box

if TYPE_CHECKING:
    from lxml.etree import _Element

SKIPPED = frozenset(
    {"tracked-changes", "note-citation", "forms", "sequence-decls", "settings", "content-validations", "page-thumbnail"}
)
DRAWN = frozenset({"frame", "g", "custom-shape", "rect", "ellipse", "line", "connector", "polygon", "path", "caption"})
_POINTS = {"cm": 72 / 2.54, "mm": 72 / 25.4, "in": 72.0, "pt": 1.0, "pc": 12.0, "px": 0.75}
_LENGTH = re.compile(r"(-?\d{1,7}(?:\.\d{1,9})?)(cm|mm|in|pt|pc|px)")


@dataclass(slots=True)
class Inline:
    """What was found in a paragraph: its text, the frames anchored in it and the comments on it."""

    parts: list[str] = field(default_factory=list)
    frames: list[_Element] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The paragraph's text."""
        return clean("".join(self.parts)).strip()


def read_inline(element: _Element) -> Inline:
    """Return what a paragraph holds."""
    found = Inline()
    _collect(element, found)
    return found


def _collect(element: _Element, found: Inline) -> None:
    found.parts.append(element.text or "")
    for child in element:
        name = local_name(child)
        if name == "s":
            count = attribute(child, "c") or "1"
            found.parts.append(" " * (min(int(count), 100) if count.isdecimal() and len(count) < 6 else 1))
        elif name in {"tab", "line-break"}:
            found.parts.append("\t" if name == "tab" else "\n")
        elif name in DRAWN:
            found.frames.append(child)
        elif name == "annotation":
            found.comments.append(comment(child))
        elif name == "note-body":
            found.parts.append(f" [{' '.join(plain_paragraphs(child))}]")
        elif name not in SKIPPED:
            _collect(child, found)
        found.parts.append(child.tail or "")


def plain_paragraphs(element: _Element) -> Iterator[str]:
    """Yield the text of the paragraphs below `element` that has any."""
    for child in element.iter():
        if local_name(child) in {"p", "h"}:
            text = read_inline(child).text
            if text:
                yield text


def comment(annotation: _Element) -> str:
    """Return a comment with its author and time in front."""
    stated = {name: find_child(annotation, name) for name in ("creator", "date")}
    author, time = ((one.text or "") if one is not None else "" for one in stated.values())
    return comment_line("\n".join(plain_paragraphs(annotation)), author, comment_time(time))


def words(frame: _Element) -> str:
    """Return the title and the description of a frame."""
    found: list[str] = []
    for child in frame:
        text = clean("".join(str(part) for part in child.itertext())).strip()
        if local_name(child) in {"title", "desc"} and text and text not in found:
            found.append(text)
    return "\n".join(found)


def box_of(frame: _Element, page: int | None) -> Box | None:
    """Return where a frame stands on its page, where the file says so."""
    if page is None:
        return None
    sides: list[float] = []
    for name in ("x", "y", "width", "height"):
        length = _LENGTH.fullmatch(attribute(frame, name) or "")
        if length is None:
            return None
        sides.append(float(length[1]) * _POINTS[length[2]])
    left, top, width, height = sides
    if width <= 0 or height <= 0:
        return None
    return Box(page, *(round(value, 2) for value in (left, top, left + width, top + height)))
