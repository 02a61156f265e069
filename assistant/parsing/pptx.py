"""Parser of PPTX: slides in order as pages, with titles, lists, tables, charts and notes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from assistant.errors import DamagedDocumentError, EmptyDocumentError
from assistant.parsing.builder import TextBuilder, clean, clean_title
from assistant.parsing.ooxml import Package, local_name
from assistant.parsing.tables import markdown_table
from assistant.types import Document, DocumentRef, Page

_MACRO = "application/vnd.ms-powerpoint.presentation.macroenabled"
_FAMILY = "application/vnd.openxmlformats-officedocument.presentationml."


class PptxParser:
    """Reads PPTX and its macro and show variants; each slide is a page named by its title."""

    name = "pptx"
    version = "1"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is a PowerPoint presentation of the XML kind."""
        return ref.media_type.startswith((_FAMILY, _MACRO))

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the slides' text. See `interfaces.Parser` for what is raised."""
        with Package(ref.key, data) as package:
            package.xml(package.main_part())  # refuses bombs and entities before the library unpacks anything
        try:
            return _read(ref, data)
        except (EmptyDocumentError, MemoryError):  # who runs the parser knows its limit of memory
            raise
        except Exception as error:  # python-pptx and lxml raise many kinds on broken files
            raise DamagedDocumentError(f"{ref.key}: cannot be read: {error}", "open and save it again") from error


def _read(ref: DocumentRef, data: bytes) -> Document:
    from pptx import Presentation

    deck = Presentation(io.BytesIO(data))
    builder = TextBuilder()
    pages: list[Page] = []
    for number, slide in enumerate(deck.slides, start=1):
        before = builder.length
        name = _slide(builder, slide, number)
        pages.append(builder.page_since(before, number, name))
    if not builder:
        raise EmptyDocumentError(f"{ref.key}: the presentation has no text", "pictures of text need OCR")
    return builder.build(ref, deck.core_properties.title or builder.first_heading(), pages)


def _slide(builder: TextBuilder, slide: Any, number: int) -> str:
    """Write a slide and return its title."""
    title = slide.shapes.title
    name = clean_title(title.text_frame.text.replace("\v", " ")) if title is not None else ""
    builder.add("heading", name, level=1, page=number)
    for shape in _shapes(slide.shapes):
        if title is None or shape.shape_id != title.shape_id:
            _shape(builder, shape, number)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        builder.add("text", clean(slide.notes_slide.notes_text_frame.text.replace("\v", "\n")).strip(), page=number)
    for comment in _comments(slide):
        builder.add("text", comment, page=number)
    return name


def _comments(slide: Any) -> Iterator[str]:
    """Yield the text of a slide's comments, of the older and the newer kind."""
    from lxml import etree

    reader = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    for relation in slide.part.rels.values():
        if relation.is_external or not relation.reltype.endswith("/comments"):
            continue
        for element in etree.fromstring(relation.target_part.blob, reader).iter():
            if local_name(element) in {"text", "t"}:
                yield clean(element.text or "").strip()


def _shapes(shapes: Any) -> Iterator[Any]:
    """Yield the shapes, those in groups included."""
    for shape in shapes:
        if hasattr(shape, "shapes"):
            yield from _shapes(shape.shapes)
        else:
            yield shape


def _shape(builder: TextBuilder, shape: Any, number: int) -> None:
    if getattr(shape, "has_table", False):
        rows = [[clean(cell.text.replace("\v", " ")) for cell in row.cells] for row in shape.table.rows]
        builder.add("table", markdown_table(rows), page=number)
    elif getattr(shape, "has_chart", False):
        builder.add("table", markdown_table(_chart(shape.chart)), page=number)
    elif shape.has_text_frame:
        written = [
            "  " * paragraph.level + clean(paragraph.text.replace("\v", "\n")).strip()
            for paragraph in shape.text_frame.paragraphs
        ]
        builder.add("text", "\n".join(line for line in written if line.strip()).strip(), page=number)
    else:
        properties = shape._element.xpath(".//p:cNvPr/@descr")
        builder.add("image", clean(properties[0]).strip() if properties else "", page=number)


def _chart(chart: Any) -> list[list[str]]:
    """Return a chart's categories and values as rows, from the XML: the library knows some kinds of chart only."""
    names: list[str] = []
    rows: dict[int, list[str]] = {}
    for column, series in enumerate(chart._chartSpace.xpath("//c:ser"), start=1):
        names.append(" ".join(series.xpath("./c:tx//c:v/text()")))
        for tags, at in (("./c:cat//c:pt|./c:xVal//c:pt", 0), ("./c:val//c:pt|./c:yVal//c:pt", column)):
            for point in series.xpath(tags):
                row = rows.setdefault(int(point.get("idx", "0")), [""])
                row += [""] * (at + 1 - len(row))
                row[at] = clean(" ".join(point.xpath("./c:v/text()")))
    return [["", *names], *(rows[index] for index in sorted(rows))]
