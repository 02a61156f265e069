"""Writes tiny DOCX files: with python-docx where it can, part by part where a test needs more."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_SPACES = {
    "w": _W,
    "r": f"{_OFFICE}/relationships",
    "m": f"{_OFFICE}/math",
    "wp": f"{_DRAWING}/wordprocessingDrawing",
    "a": f"{_DRAWING}/main",
    "pic": f"{_DRAWING}/picture",
    "c": f"{_DRAWING}/chart",
    "dgm": f"{_DRAWING}/diagram",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "v": "urn:schemas-microsoft-com:vml",
}
SPACES = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _SPACES.items())
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)


def zip_docx(
    body: str,
    parts: Mapping[str, str | bytes] | None = None,
    prologue: str = "",
    related: Mapping[str, tuple[str, str]] | None = None,
) -> bytes:
    """Return a DOCX with this XML in its body, e.g. `<w:p><w:r><w:t>Hi</w:t></w:r></w:p>`.

    Args:
        body: what the body holds.
        parts: further parts by name; they replace those of that name.
        prologue: what stands before the document's root element.
        related: the kinds and targets of the document's relations by their ids, e.g. `("image", "media/a.png")`.
    """
    document = f"{prologue}<w:document {SPACES}><w:body>{body}</w:body></w:document>"
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _RELATIONS,
        "word/document.xml": document,
        "word/_rels/document.xml.rels": _relations(related or {}),
        **(parts or {}),
    }
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return output.getvalue()


def word_part(root: str, content: str) -> str:
    """Return another part of the same format, e.g. `footnotes`."""
    return f"<w:{root} {SPACES}>{content}</w:{root}>"


def run(text: str) -> str:
    """Return a run of text."""
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(text: str, properties: str = "") -> str:
    """Return a paragraph with this text and these properties."""
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{run(text)}</w:p>"


def _relations(related: Mapping[str, tuple[str, str]]) -> str:
    found = "".join(
        f'<Relationship Id="{identity}" Type="{_OFFICE}/relationships/{kind}" Target="{target}"/>'
        for identity, (kind, target) in related.items()
    )
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{found}</Relationships>'
    )
