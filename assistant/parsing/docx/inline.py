"""Reads what a Word paragraph says: its runs, links, insertions, fields, formulas and references to notes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant.parsing.builder import clean
from assistant.parsing.docx.math import latex
from assistant.parsing.docx.numbering import roman
from assistant.parsing.docx.styles import number_of, value_of
from assistant.parsing.ooxml.package import attribute, find_child, local_name

if TYPE_CHECKING:
    from lxml.etree import _Element

# What wraps paragraphs, rows and runs without being one.
CONTAINERS = frozenset({"sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"})
# Deleted or moved text, and the properties of what is read.
_LEFT_OUT = frozenset({"del", "moveFrom", "delText", "rPr", "pPr", "rt", "binData", "sdtPr", "sectPr"})
_CHARACTERS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}
_GRAPHICS = frozenset({"drawing", "pict", "object"})
_NOTES = {"footnoteReference": "footnote", "endnoteReference": "endnote"}
_PAGE_FIELDS = frozenset({"PAGE", "NUMPAGES", "SECTIONPAGES"})
_ON = frozenset({"", "1", "true", "on"})
# Signs of the fonts that Word inserts symbols from, by their place in the font.
_WINGDINGS = {
    0x6C: "●", 0x6E: "■", 0x6F: "☐", 0x71: "❑", 0x76: "❖", 0xA7: "▪", 0xA8: "☐", 0xD8: "➢", 0xDF: "←", 0xE0: "→",
    0xE1: "↑", 0xE2: "↓", 0xE8: "➔", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
}  # fmt: skip
_SYMBOL = dict(zip(range(0x61, 0x7B), "αβχδεφγηιϕκλμνοπθρστυϖωξψζ", strict=True)) | {
    0x44: "Δ", 0x46: "Φ", 0x47: "Γ", 0x4C: "Λ", 0x50: "Π", 0x51: "Θ", 0x53: "Σ", 0x57: "Ω", 0x58: "Ξ", 0x59: "Ψ",
    0xA3: "≤", 0xA5: "∞", 0xAB: "↔", 0xAC: "←", 0xAE: "→", 0xB0: "°", 0xB1: "±", 0xB3: "≥", 0xB4: "\u00d7", 0xB7: "•",
    0xB9: "≠", 0xBB: "≈", 0xD2: "®", 0xD3: "©", 0xD4: "™", 0xD6: "√", 0xDE: "⇒",
}  # fmt: skip


class NoteNumbers:
    """Numbers foot- and endnotes in the order in which they are first referred to, as Word shows them."""

    def __init__(self) -> None:
        self._numbers: dict[str, dict[str, int]] = defaultdict(dict)

    def mark(self, kind: str, identity: str) -> str:
        """Return how a note is called in the text, such as `[1]`; endnotes have Roman numbers."""
        known = self._numbers[kind]
        number = known.setdefault(identity, len(known) + 1)
        return f"[{number if kind == 'footnote' or number > 3999 else roman(number)}]"

    def referred_to(self, kind: str) -> list[str]:
        """Return the notes of a kind that were referred to, in their order."""
        return list(self._numbers[kind])


@dataclass(slots=True)
class Inline:
    """What a paragraph says, and what hangs on it: drawings before and after its text, comments by their ids.

    `pictures` are files that hang on a cell.
    """

    text: str = ""
    before: list[_Element] = field(default_factory=list)
    after: list[_Element] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    pictures: list[bytes] = field(default_factory=list)
    counts_pages: bool = False


def read_inline(paragraph: _Element, notes: NoteNumbers, *, running: bool = False) -> Inline:
    """Return what a paragraph says.

    Args:
        paragraph: the element.
        notes: what numbers its notes.
        running: whether it is part of a header or footer, where the numbers of pages are left out.
    """
    reader = _InlineReader(notes, running)
    reader.read(paragraph)
    return reader.result()


def chosen(element: _Element) -> Iterator[_Element]:
    """Yield an element's children, of alternatives the one that a current Word shows."""
    for child in element:
        if local_name(child) != "AlternateContent":
            yield child
            continue
        shown = find_child(child, "Choice")
        shown = shown if shown is not None else find_child(child, "Fallback")
        if shown is not None:
            yield from chosen(shown)


class _InlineReader:
    def __init__(self, notes: NoteNumbers, running: bool) -> None:
        self._notes = notes
        self._running = running
        self._found = Inline()
        self._parts: list[str] = []
        self._formulas: list[int] = []  # places in the parts
        self._fields: list[tuple[list[str], list[bool]]] = []  # the code of each open field, and whether it is over

    def result(self) -> Inline:
        """Return what was read so far."""
        others = "".join(part for place, part in enumerate(self._parts) if place not in self._formulas)
        if self._formulas and not others.strip():
            text = "\n".join(f"$${self._parts[place].strip('$ ')}$$" for place in self._formulas)
        else:
            text = "".join(self._parts)
        self._found.text = clean(text).strip()
        return self._found

    def read(self, element: _Element) -> None:
        """Add what stands below `element`; lxml bounds the depth at 256."""
        for child in chosen(element):
            name = local_name(child)
            if name == "t":
                self._say(child.text or "")
            elif name in _CHARACTERS:
                self._say(_CHARACTERS[name])
            elif name in _GRAPHICS:
                self._attach(child)
            elif name == "oMath":
                self._formula(child)
            elif name not in _LEFT_OUT:
                self._other(child, name)

    def _other(self, element: _Element, name: str) -> None:
        if name == "sym":
            self._say(_symbol(element))
        elif name in _NOTES:
            self._say(self._notes.mark(_NOTES[name], attribute(element, "id") or ""))
        elif name == "commentReference":
            self._found.comments.append(attribute(element, "id") or "")
        elif name == "fldChar":
            self._field(element)
        elif name == "instrText":
            if self._fields:
                self._fields[-1][0].append(element.text or "")
        elif name == "fldSimple":
            self._fields.append(([attribute(element, "instr") or ""], [True]))
            self.read(element)
            self._fields.pop()
        else:
            self.read(element)

    def _say(self, text: str) -> None:
        if self._running and any(over and _is_page(code) for code, over in self._fields):
            self._found.counts_pages = True
        else:
            self._parts.append(text)

    def _attach(self, element: _Element) -> None:
        inline = find_child(element, "inline") is not None
        (self._found.before if inline and not "".join(self._parts).strip() else self._found.after).append(element)

    def _formula(self, element: _Element) -> None:
        text = latex(element)
        if text:
            if self._formulas and self._formulas[-1] == len(self._parts) - 1:
                self._parts.append(" ")
            self._formulas.append(len(self._parts))
            self._parts.append(f"${text}$")

    def _field(self, element: _Element) -> None:
        kind = attribute(element, "fldCharType")
        if kind == "begin":
            self._fields.append(([], []))
            self._say(_form(find_child(element, "ffData")))
        elif kind == "separate" and self._fields:
            self._fields[-1][1].append(True)
        elif kind == "end" and self._fields:
            self._fields.pop()


def _is_page(code: list[str]) -> bool:
    return "".join(code).strip().partition(" ")[0].upper() in _PAGE_FIELDS


def _form(data: _Element | None) -> str:
    """Return the state of an old form's checkbox or list, which has no text of its own."""
    box, choice = find_child(data, "checkBox"), find_child(data, "ddList")
    if box is not None:
        stated = find_child(box, "checked")
        stated = stated if stated is not None else find_child(box, "default")
        return "☒" if stated is not None and value_of(stated) in _ON else "☐"
    if choice is None:
        return ""
    stated = find_child(choice, "result")
    stated = stated if stated is not None else find_child(choice, "default")
    entries = [value_of(entry) for entry in choice if local_name(entry) == "listEntry"]
    place = number_of(value_of(stated))
    return entries[place] if place < len(entries) else ""


def _symbol(element: _Element) -> str:
    """Return a sign that is stated as its place in a font of symbols, as far as there is such a sign in Unicode."""
    try:
        code = int(attribute(element, "char") or "", 16)
    except ValueError:
        return ""
    font = (attribute(element, "font") or "").lower()
    place = code - 0xF000 if 0xF000 <= code <= 0xF0FF else code
    if "wingdings" in font:
        return _WINGDINGS.get(place, "")
    if font == "symbol":
        return _SYMBOL.get(place, chr(place) if 0x20 < place < 0x7F else "")
    return chr(place) if 0x20 <= place < 0xD800 else ""
