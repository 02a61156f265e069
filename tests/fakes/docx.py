"""Writes tiny DOCX files: with python-docx where it can, part by part where a test needs more."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)


def zip_docx(body: str, parts: Mapping[str, str | bytes] | None = None, prologue: str = "") -> bytes:
    """Return a DOCX with this XML in its body, e.g. `<w:p><w:r><w:t>Hi</w:t></w:r></w:p>`.

    Args:
        body: what the body holds.
        parts: further parts by name; they replace those of that name.
        prologue: what stands before the document's root element.
    """
    document = f'{prologue}<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>'
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _RELATIONS,
        "word/document.xml": document,
        **(parts or {}),
    }
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return output.getvalue()


def word_part(root: str, content: str) -> str:
    """Return another part of the same format, e.g. `footnotes`."""
    return f'<w:{root} xmlns:w="{_W}">{content}</w:{root}>'
