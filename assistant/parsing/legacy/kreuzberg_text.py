"""Reads old office formats with kreuzberg: the nodes of its document structure become blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from assistant.errors import DamagedDocumentError, EmptyDocumentError
from assistant.parsing.builder import TextBuilder, clean
from assistant.parsing.tables import markdown_table
from assistant.types import Document, DocumentRef, Metadata

_MAX_CELLS = 1_000_000


def read_nodes(
    ref: DocumentRef, data: bytes, media_type: str, title: str = "", metadata: Metadata | None = None
) -> Document:
    """Return the document that kreuzberg reads.

    Args:
        ref: the document.
        data: the whole file.
        media_type: what kreuzberg shall take it for.
        title: the document's own title; without one it is the first heading.
        metadata: what the document says of itself.

    Raises:
        EmptyDocumentError: no text was found.
        DamagedDocumentError: kreuzberg could not read it.
    """
    from kreuzberg import ExtractionConfig, extract_bytes_sync

    if not data:
        raise EmptyDocumentError(f"{ref.key}: the file is empty")
    config = ExtractionConfig(  # type: ignore[call-arg]  # its stub lacks disable_ocr
        use_cache=False, disable_ocr=True, output_format="plain", include_document_structure=True
    )
    try:
        result = extract_bytes_sync(data, media_type, config=config)
    except BaseException as error:  # a panic in Rust arrives as a BaseException
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        cause = " ".join(str(error).split())[:200]
        raise DamagedDocumentError(f"{ref.key}: cannot be read: {cause}", "open and save it again") from error
    builder = TextBuilder()
    structure: Any = result.document
    write_nodes(builder, structure["nodes"] if structure else ())
    if not builder:
        builder.add("text", clean(result.content).strip())
    if not builder:
        raise EmptyDocumentError(f"{ref.key}: the document has no text", "pictures of text need OCR")
    return builder.build(ref, title or builder.first_heading(), metadata=metadata)


def write_nodes(builder: TextBuilder, nodes: Iterable[Mapping[str, Any]]) -> None:
    """Write the nodes of kreuzberg's document structure, which stand in the document's order."""
    ordered: dict[int, bool] = {}
    counted: dict[int, int] = {}
    last_list = -1
    for index, node in enumerate(nodes):
        content, parent = node["content"], int(node.get("parent") or 0)
        kind, text = content.get("node_type"), clean(content.get("text") or "").strip()
        if kind == "list":
            ordered[index] = bool(content.get("ordered"))
        elif kind == "list_item" and text:
            number = counted[parent] = counted.get(parent, 0) + 1
            mark = f"{number}. " if ordered.get(parent) else "- "
            builder.add("text", mark + text, gap="\n" if last_list == parent else "\n\n")
            last_list = parent
        elif kind == "table":
            builder.add("table", markdown_table(_grid(content.get("grid") or {})))
            last_list = -1
        elif kind == "heading" and text:
            level = content.get("level") or 1
            builder.add("heading", " ".join(text.split()), level=min(max(int(level), 1), 9))
            last_list = -1
        elif kind != "group" and text:
            builder.add("code" if kind == "code" else "text", text)
            last_list = -1


def _grid(grid: Mapping[str, Any]) -> list[list[str]]:
    rows, columns = int(grid.get("rows") or 0), int(grid.get("cols") or 0)
    if rows * columns > _MAX_CELLS:
        columns = 0
    table = [[""] * columns for _ in range(rows)]
    for cell in grid.get("cells") or ():
        row, column = int(cell.get("row") or 0), int(cell.get("col") or 0)
        if row < rows and column < columns:
            table[row][column] = clean(cell.get("content") or "")
    return table
