"""Writes the drawings of a Word document: pictures with their words, charts, diagrams, text boxes and lettering."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from assistant.errors import DamagedDocumentError, DocumentTooLargeError
from assistant.parsing.builder import TextBuilder, clean
from assistant.parsing.docx.inline import chosen
from assistant.parsing.ooxml.drawings import chart_axes, chart_rows, chart_title, diagram_lines
from assistant.parsing.ooxml.package import Package, attribute, find_child, local_name
from assistant.parsing.ooxml.relations import Relation
from assistant.parsing.tables import markdown_table

if TYPE_CHECKING:
    from lxml.etree import _Element

_FRAMES = frozenset({"inline", "anchor"})
_FILE = re.compile(r"[^\n]*\.(?:png|jpe?g|jfif|gif|bmp|tiff?|emf|wmf|svg|webp)\Z", re.IGNORECASE)
_GENERATED = re.compile(
    r"\s*(?:Description automatically generated(?: with \w+ confidence)?|AI-generated content may be incorrect)\.?\Z",
    re.IGNORECASE,
)


class Graphics:
    """Writes drawings of one part into the text.

    Args:
        package: the document.
        relations: the part's.
        builder: what is written to.
        read_box: writes what a text box holds.
    """

    def __init__(
        self,
        package: Package,
        relations: Mapping[str, Relation],
        builder: TextBuilder,
        read_box: Callable[[_Element], None],
    ) -> None:
        self._package = package
        self._relations = relations
        self._builder = builder
        self._read_box = read_box
        self._words = ""
        self._taken: set[str] = set()

    def write(self, element: _Element) -> None:
        """Write what a drawing shows; alternative text also where that cannot be shown."""
        self._words = ""
        self._walk(element)
        self._flush()

    def _walk(self, element: _Element) -> None:
        for child in chosen(element):
            name = local_name(child)
            if name == "txbxContent":
                self._flush()
                self._read_box(child)
            elif name == "textpath":
                self._builder.add("text", clean(attribute(child, "string") or "").strip())
            elif name == "pic" and find_child(child, "blipFill") is not None:
                self._picture(child)
            elif name == "blip":  # what a shape is filled with
                self._show(attribute(child, "embed"), self._words)
            elif name == "imagedata":
                self._show(attribute(child, "id"), alternative_text(element) or self._words)
            elif name == "chart":
                self._chart(attribute(child, "id"))
            elif name == "relIds":
                self._diagram(attribute(child, "dm"))
            else:
                if name == "docPr":
                    self._words = alternative_text(child)
                self._walk(child)
            if name in _FRAMES:
                self._flush()

    def _flush(self) -> None:
        """Write the words for what was none of the known kinds of drawing."""
        self._builder.add("image", self._words)
        self._words = ""

    def _picture(self, element: _Element) -> None:
        """Write a picture; its own words go before those of the whole drawing, which mostly are the same."""
        own = alternative_text(find_child(element, "nvPicPr", "cNvPr"))
        if own and self._words and own != self._words:
            self._flush()
        blip = find_child(element, "blipFill", "blip")
        self._show(attribute(blip, "embed") if blip is not None else None, own or self._words)

    def _show(self, identity: str | None, words: str) -> None:
        self._builder.add_picture(self._data(identity), text=words)
        self._words = ""

    def _target(self, identity: str | None) -> str | None:
        relation = self._relations.get(identity or "")
        return relation.target if relation is not None else None

    def _data(self, identity: str | None) -> bytes:
        """Return an image file; nothing where it was returned before, lies elsewhere, or is broken.

        A broken picture is not worth the document, which says that it is missing.
        """
        target = self._target(identity)
        if target is None or target in self._taken:
            return b""
        self._taken.add(target)
        try:
            return self._package.part(target) or b""
        except (DamagedDocumentError, DocumentTooLargeError):
            self._builder.miss_picture("damaged")
            return b""

    def _chart(self, identity: str | None) -> None:
        target = self._target(identity)
        root = self._package.xml(target) if target else None
        self._flush()
        if root is not None:
            self._builder.add("text", chart_title(root))
            self._builder.add("table", markdown_table(chart_rows(root)))
            self._builder.add("text", chart_axes(root))

    def _diagram(self, identity: str | None) -> None:
        target = self._target(identity)
        root = self._package.xml(target) if target else None
        self._flush()
        if root is not None:
            self._builder.add("text", diagram_lines(root))


def alternative_text(element: _Element | None) -> str:
    """Return what an author wrote in place of a picture, else its title; neither file names nor generated remarks."""
    if element is None:
        return ""
    for name in ("descr", "alt", "title"):
        words = _GENERATED.sub("", clean(attribute(element, name) or "")).strip()
        if words and not _FILE.fullmatch(words):
            return words
    return ""
