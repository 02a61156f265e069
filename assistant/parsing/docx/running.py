"""Reads what stands beside a Word document's text: headers and footers, comments, foot- and endnotes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from assistant.parsing.comment_text import comment_line, comment_time
from assistant.parsing.docx.inline import NoteNumbers, chosen, read_inline
from assistant.parsing.docx.styles import value_of
from assistant.parsing.ooxml.package import attribute, find_child, local_name

if TYPE_CHECKING:
    from lxml.etree import _Element

_OFF = frozenset({"0", "false", "off"})
_MIN_WORDS = 3  # `Page 3 of 7` is no text
_UNREAD = frozenset({"del", "moveFrom", "rPr", "pPr"})


class Comments:
    """The comments of a document."""

    def __init__(self, root: _Element | None, notes: NoteNumbers) -> None:
        self._lines: dict[str, str] = {}
        for element in root if root is not None else ():
            if local_name(element) == "comment":
                about = attribute(element, "author") or attribute(element, "initials") or ""
                line = comment_line(_text(element, notes), about, comment_time(attribute(element, "date")))
                self._lines[attribute(element, "id") or ""] = line

    def take(self, identities: Iterable[str]) -> Iterator[str]:
        """Yield these comments, each once in the document, with their authors and times."""
        for identity in identities:
            line = self._lines.pop(identity, "")
            if line:
                yield line


class RunningTexts:
    """The headers and footers of a document's sections; each text is given once in the document.

    Args:
        body: the document's.
        part: returns the header or footer that a reference names.
        even: whether even pages have their own.
        notes: what numbers notes.
    """

    def __init__(self, body: _Element, part: Callable[[str], _Element | None], even: bool, notes: NoteNumbers) -> None:
        self._sections = [
            element
            for element in body.iter()
            if local_name(element) == "sectPr" and local_name(_parent(element)) != "sectPrChange"
        ]
        self._part = part
        self._even = even
        self._notes = notes
        self._place = 0
        self._read: set[str] = set()
        self._seen: set[str] = set()

    def headers(self) -> Iterator[str]:
        """Yield the headers of the section that begins."""
        yield from self._texts("headerReference")

    def footers(self) -> Iterator[str]:
        """Yield the footers of the section that ends; the next one begins."""
        yield from self._texts("footerReference")
        self._place += 1

    def _texts(self, kind: str) -> Iterator[str]:
        section = self._sections[self._place] if self._place < len(self._sections) else None
        if section is None:
            return
        first = find_child(section, "titlePg")
        shown = {"default", *(["even"] if self._even else [])}
        shown |= {"first"} if first is not None and value_of(first) not in _OFF else set()
        for reference in section:
            if local_name(reference) != kind or (attribute(reference, "type") or "default") not in shown:
                continue
            identity = attribute(reference, "id") or ""
            root = self._part(identity) if identity not in self._read else None
            self._read.add(identity)
            text = _text(root, self._notes, running=True) if root is not None else ""
            if text and text not in self._seen:
                self._seen.add(text)
                yield text


def note_lines(root: _Element | None, kind: str, notes: NoteNumbers) -> Iterator[str]:
    """Yield the notes of a kind that the text refers to, with what it calls them in front."""
    known = {
        attribute(note, "id") or "": note
        for note in (root if root is not None else ())
        if local_name(note) == kind and attribute(note, "type") in {None, "normal"}
    }
    for identity in notes.referred_to(kind):
        note = known.get(identity)
        text = " ".join(_text(note, notes).split()) if note is not None else ""
        if text:
            yield f"{notes.mark(kind, identity)} {text}"


def _text(root: _Element, notes: NoteNumbers, *, running: bool = False) -> str:
    """Return the paragraphs below `root`, a line each; in headers and footers without what only counts pages."""
    lines = []
    for paragraph in _paragraphs(root):
        found = read_inline(paragraph, notes, running=running)
        line = "\t".join(filter(None, (field.strip() for field in found.text.split("\t"))))
        if line and not (found.counts_pages and len(line.split()) < _MIN_WORDS):
            lines.append(line)
    return "\n".join(lines)


def _paragraphs(element: _Element) -> Iterator[_Element]:
    """Yield the paragraphs below `element`, those in text boxes after the one they hang on."""
    for child in chosen(element):
        name = local_name(child)
        if name == "p":
            yield child
        if name not in _UNREAD:
            yield from _paragraphs(child)


def _parent(element: _Element) -> _Element:
    parent = element.getparent()
    return parent if parent is not None else element
